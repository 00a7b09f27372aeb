//! What is asked of a scenario besides its what-ifs: quantities, on conditions, in a world, as of a moment.
//!
//! A [`Query`] asks for one [`Quantity`]: a probability, a mean, a quantile, a whole distribution, an expected payoff, or
//! what knowing or controlling something would be worth to a player. It is asked of the world as it was or of a
//! what-if's world; given that something held in the world as it was; among the histories in which something holds
//! in the world that it is asked of; and, instead, as of a moment of the record. A [`Sweep`] asks for a
//! quantity at each of a row of values of a parameter.
//!
//! | what | how it is computed |
//! |---|---|
//! | the world as it was, or as of a moment | enumerated: exact in each draw |
//! | a what-if's world | summed over all pairs of a history as it was and one with the same luck there: exact in each draw |
//! | a value of information, commitment or control | enumerated: the expected payoffs of two games, exact in each draw |

mod as_of;
mod bound;
mod cases;
mod compared;
mod draw;
mod enumerate;
mod expectations;
mod measured;
mod reweigh;
mod shape;
mod summarise;
mod sweep;
mod targets;
mod test;
mod weighted;
mod words;
mod worth;

pub(crate) use as_of::{AsOfDraw, MomentDraw};
pub(crate) use bound::Bound;
pub(crate) use cases::{Case, CaseShare, Cases, Target, mixture_quantile, values_of_mixture};
pub(crate) use compared::{ReplayedValue, gated, holding};
pub(crate) use draw::{Drawn, QueryDraw, TreeQueries};
pub(crate) use enumerate::weighed;
pub(crate) use expectations::{ExpectationDraw, ExpectationPlan};
pub(crate) use measured::{MeasuredLaw, RankRange};
pub(crate) use shape::Shape;
pub(crate) use summarise::{Foretelling, Moment, PosteriorSample, RecordItem, Refit, answer, value_labels};
pub(crate) use sweep::Sweeping;
pub(crate) use test::Test;
pub(crate) use weighted::WeightedAnswer;
pub(crate) use worth::Worth;
