//! KTAB's spatial model of politics, SMP (Wise, Lester and Efird 2015, *Multidimensional Bargaining Using KTAB*).
//!
//! Actors stand in a space of one or several dimensions, each with a scale. In every round each actor finds the other whose challenge
//! promises it most, as it sees things, and proposes a bargain to it that is interpolated between their positions. Each actor then
//! takes part in one of the bargains that involve it, or in none: an election among these, in which all actors vote, gives each a
//! probability. See [`Settings`] for the choices within the model; the names are KTAB's, and so are the defaults.

mod bargain;
mod challenge;
mod state;

pub use bargain::{Offer, Proposal};
pub use challenge::Prospect;
pub use state::State;

use std::fmt;

use rand::{Rng, RngExt};

use super::election::{Election, Victory, Voting};
use super::rounds::{BargainingPath, Kind, Move, Round, Stop, longest, seen_before};
use super::{Actor, Actors, Positions};

/// Which bargain of an actor comes about, given the probability of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transitions {
    /// The most probable one; of several the first.
    Deterministic,
    /// One drawn with these probabilities.
    Stochastic,
}

/// The range of risk attitudes that the probabilities of winning, from the lowest to the highest, are spread over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskRange {
    /// \[0, 1\].
    Min,
    /// \[-½, 1\].
    Mid,
    /// \[-1, 1\].
    Max,
}

/// How an actor sees the risk attitude of another: between its own, $r_h$, and what it is, $r_i$.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskAdjust {
    /// As its own: $r_h$.
    None,
    /// $(2 r_h + r_i) / 3$.
    OneThird,
    /// $(r_h + r_i) / 2$.
    Half,
    /// $(r_h + 2 r_i) / 3$.
    TwoThirds,
    /// As it is: $r_i$.
    Full,
}

impl RiskAdjust {
    fn seen(self, own: f64, other: f64) -> f64 {
        let share = match self {
            Self::None => 0.0,
            Self::OneThird => 1.0 / 3.0,
            Self::Half => 0.5,
            Self::TwoThirds => 2.0 / 3.0,
            Self::Full => 1.0,
        };
        (1.0 - share) * own + share * other
    }
}

/// What a third party that supports one side has at stake itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commitment {
    /// Nothing: it keeps its position whoever wins.
    None,
    /// If its side loses, it has to adopt the position of the winner.
    Semi,
    /// Whoever wins, it has to adopt the winner's position.
    Full,
}

/// How a bargain is interpolated between two positions, with salience $s$ and the probability $p$ of winning on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// With weights $s p$.
    S1P1,
    /// With weights $s^2 p^2$.
    S2P2,
    /// Only the weaker side moves, by the difference of the probabilities and the squares of salience.
    S2PMax,
}

/// Whose view of the probabilities makes the bargain that is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bargaining {
    /// The initiator's.
    Initiator,
    /// Both: two bargains are proposed.
    Both,
    /// Their mean, weighted by capability times salience: one bargain.
    Compromise,
}

/// How the model is played.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The ends of the scale of all dimensions.
    pub scale: (f64, f64),
    /// How strength makes victory.
    pub victory: Victory,
    /// How difference in utility makes support.
    pub voting: Voting,
    /// How elections are decided.
    pub election: Election,
    /// How bargains are chosen.
    pub transitions: Transitions,
    /// The range of risk attitudes.
    pub risk_range: RiskRange,
    /// How they are seen by others.
    pub risk_adjust: RiskAdjust,
    /// What third parties have at stake.
    pub commitment: Commitment,
    /// How bargains lie between positions.
    pub interpolation: Interpolation,
    /// Who makes them.
    pub bargaining: Bargaining,
    /// How ideals follow positions: the weight of each actor's position (column) in the next ideal of each (row), the rest being its
    /// present ideal; rows sum to at most 1. If there is none, the ideal is always the own position.
    pub accommodation: Option<Vec<Vec<f64>>>,
    /// The fewest rounds.
    pub least_rounds: usize,
    /// The most rounds.
    pub most_rounds: usize,
    /// It has settled once positions move, in sum, by less than this share of what they moved in the first round.
    pub quiet: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            scale: (0.0, 100.0),
            victory: Victory::Linear,
            voting: Voting::PropCbc,
            election: Election::MarkovIncentive,
            transitions: Transitions::Stochastic,
            risk_range: RiskRange::Mid,
            risk_adjust: RiskAdjust::OneThird,
            commitment: Commitment::Semi,
            interpolation: Interpolation::S2P2,
            bargaining: Bargaining::Initiator,
            accommodation: None,
            least_rounds: 2,
            most_rounds: 100,
            quiet: 0.02,
        }
    }
}

/// Why actors and settings are no politics of this model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NotPolitics {
    /// The scale has no length, or its ends are no numbers.
    Scale,
    /// This actor stands outside the scale, in this dimension.
    Outside {
        /// The actor.
        actor: usize,
        /// The dimension.
        dimension: usize,
    },
    /// This actor has no salience in any dimension, so that no position is nearer to it than another.
    Indifferent(usize),
    /// The saliences of this actor sum to more than 1.
    Overstretched(usize),
    /// The accommodation has not one row and column for each actor, or a row with negative weights or a sum above 1.
    Accommodation,
}

impl fmt::Display for NotPolitics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scale => f.write_str("the scale does not go from one number up to another"),
            Self::Outside { actor, dimension } => {
                write!(f, "actor {} stands outside the scale in dimension {}", actor + 1, dimension + 1)
            }
            Self::Indifferent(actor) => write!(f, "actor {} has no salience in any dimension", actor + 1),
            Self::Overstretched(actor) => write!(f, "the saliences of actor {} sum to more than 1", actor + 1),
            Self::Accommodation => f.write_str(
                "the accommodation needs one row and one column for each actor, with weights from 0 that sum to at most 1",
            ),
        }
    }
}

impl std::error::Error for NotPolitics {}

/// Actors with settings under which the model is defined.
///
/// ```
/// use counterplay_collective::spatial::politics::{NotPolitics, Politics, Settings};
/// use counterplay_collective::spatial::{Actor, Actors};
/// let actor = |capability, x| Actor { capability, position: vec![x], salience: vec![0.5] };
/// let actors = |x| Actors::new(vec![actor(2.0, 0.0), actor(1.0, x)]).expect("two actors");
/// let of = |x| Politics::new(actors(x), Settings::default());
/// assert_eq!(of(120.0), Err(NotPolitics::Outside { actor: 1, dimension: 0 }));
/// let politics = of(25.0)?;
/// // A position a quarter of the scale away from its ideal is worth 3/4 to a risk-neutral actor.
/// assert_eq!(politics.start().value(), [[1.0, 0.75], [0.75, 1.0]]);
/// // Where all take the first option, which is to stay, nobody moves.
/// let path = politics.play_choosing(|_, _, _| 0);
/// assert!(path.settled() && path.last().positions == [[0.0], [25.0]]);
/// # Ok::<(), NotPolitics>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Politics {
    actors: Actors,
    settings: Settings,
    /// Capabilities, the largest being 100: the little that every coalition has must not weigh more where the units are large.
    capability: Vec<f64>,
    /// The sum of saliences of each actor.
    attention: Vec<f64>,
}

impl Politics {
    /// The politics of these actors.
    ///
    /// # Errors
    /// If somebody stands outside the scale, has no salience or more than 1 in sum, or the scale or accommodation is none.
    pub fn new(actors: Actors, settings: Settings) -> Result<Self, NotPolitics> {
        // Shares that were stated as decimals sum to one only within rounding.
        const ROUNDING: f64 = 1e-9;
        let (low, high) = settings.scale;
        if !(low.is_finite() && high.is_finite() && low < high) {
            return Err(NotPolitics::Scale);
        }
        for (at, actor) in actors.list().iter().enumerate() {
            if let Some(dimension) = actor.position.iter().position(|x| !(low..=high).contains(x)) {
                return Err(NotPolitics::Outside { actor: at, dimension });
            }
            let attention: f64 = actor.salience.iter().sum();
            if attention <= 0.0 {
                return Err(NotPolitics::Indifferent(at));
            }
            if attention > 1.0 + ROUNDING {
                return Err(NotPolitics::Overstretched(at));
            }
        }
        let sound = |row: &Vec<f64>| {
            row.len() == actors.len()
                && row.iter().all(|&w| w >= 0.0)
                && row.iter().sum::<f64>() <= 1.0 + ROUNDING
        };
        if let Some(rows) = &settings.accommodation
            && !(rows.len() == actors.len() && rows.iter().all(sound))
        {
            return Err(NotPolitics::Accommodation);
        }
        let largest = actors.list().iter().map(|actor| actor.capability).fold(0.0, f64::max);
        let capability = actors.list().iter().map(|actor| 100.0 * (actor.capability / largest)).collect();
        let attention = actors.list().iter().map(|a| a.salience.iter().sum::<f64>().min(1.0)).collect();
        Ok(Self { actors, settings, capability, attention })
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The state in which the positions are those stated, and the ideals as well.
    pub fn start(&self) -> State<'_> {
        State::at(self, self.start_positions(), self.start_positions())
    }

    fn start_positions(&self) -> Positions {
        let (low, high) = self.settings.scale;
        let unit = |x: &f64| (x - low) / (high - low);
        self.actors.list().iter().map(|actor| actor.position.iter().map(unit).collect()).collect()
    }

    /// A coordinate in the units of the scale: to the last digit the one that was stated, where nothing has moved.
    fn on_scale(&self, now: f64, start: f64, stated: f64) -> f64 {
        let (low, high) = self.settings.scale;
        if now == start { stated } else { low + now * (high - low) }
    }

    /// The rounds of bargaining, from the positions as stated; `luck` decides where transitions are stochastic.
    ///
    /// They end once positions are quiet ([`Settings::quiet`]) or nobody has anything to propose; or after
    /// [`Settings::most_rounds`]. Where nothing is left to luck they also end when nobody moves, and as soon as positions come back to
    /// those of an earlier round.
    pub fn play(&self, luck: &mut impl Rng) -> BargainingPath {
        let certain = self.settings.transitions == Transitions::Deterministic;
        self.play_with(certain, |_, probabilities, _| match self.settings.transitions {
            Transitions::Deterministic => most_probable(probabilities),
            Transitions::Stochastic => drawn(probabilities, luck.random()),
        })
    }

    /// The rounds of bargaining, in which `choose` says for each actor which of its bargains comes about: given the actor, the
    /// probabilities of the bargains, the first of which is to stay, and where each of them would take it, on the unit scale.
    pub fn play_choosing(&self, choose: impl FnMut(usize, &[f64], &[Vec<f64>]) -> usize) -> BargainingPath {
        self.play_with(false, choose)
    }

    fn play_with(
        &self,
        certain: bool,
        mut choose: impl FnMut(usize, &[f64], &[Vec<f64>]) -> usize,
    ) -> BargainingPath {
        let mut state = self.start();
        let mut rounds = vec![self.round(&state, Vec::new())];
        let (mut first, mut change) = (None, 0.0);
        // Ideals that lag behind are part of the state, so that the same positions need not lead to the same ones again.
        let repeats = certain && self.settings.accommodation.is_none();
        while rounds.len() <= self.settings.most_rounds {
            let proposals = state.proposals();
            if proposals.is_empty() {
                return BargainingPath { rounds, stop: Stop::Settled };
            }
            let (next, moves) = state.next(&proposals, &mut choose);
            let moved = way(state.positions(), next.positions());
            let first = *first.get_or_insert(moved + LEAST_FIRST);
            let round = self.round(&next, moves);
            change = longest(&rounds[rounds.len() - 1].positions, &round.positions);
            if repeats && moved == 0.0 {
                return BargainingPath { rounds, stop: Stop::Settled };
            }
            let since = seen_before(&rounds, &round.positions, 0.0).filter(|_| repeats);
            let length = since.map(|since| rounds.len() - since);
            rounds.push(round);
            if let (Some(since), Some(length)) = (since, length) {
                return BargainingPath { rounds, stop: Stop::Cycle { since, length } };
            }
            if rounds.len() > self.settings.least_rounds && moved / first < self.settings.quiet {
                return BargainingPath { rounds, stop: Stop::Settled };
            }
            state = next;
        }
        BargainingPath { rounds, stop: Stop::OutOfRounds { change } }
    }

    fn round(&self, state: &State<'_>, moves: Vec<Move>) -> Round {
        let start = self.start_positions();
        let of = |((now, start), actor): ((&Vec<f64>, &Vec<f64>), &Actor)| -> Vec<f64> {
            let coordinates = now.iter().zip(start).zip(&actor.position);
            coordinates.map(|((now, start), stated)| self.on_scale(*now, *start, *stated)).collect()
        };
        let positions = state.positions().iter().zip(&start).zip(self.actors.list()).map(of).collect();
        let round = Round::at(&self.actors, positions, moves);
        Round { win_probability: Some(state.win_probability()), ..round }
    }
}

/// The first round is taken to have moved by this much more, so that one without a move can be compared with.
const LEAST_FIRST: f64 = 1e-4;

/// The sum of the distances that the actors went.
fn way(before: &Positions, after: &Positions) -> f64 {
    let distance =
        |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    before.iter().zip(after).map(distance).sum()
}

fn most_probable(probabilities: &[f64]) -> usize {
    let mut best = 0;
    for (at, p) in probabilities.iter().enumerate() {
        if *p > probabilities[best] {
            best = at;
        }
    }
    best
}

fn drawn(probabilities: &[f64], uniform: f64) -> usize {
    let mut sum = 0.0;
    let hit = probabilities.iter().position(|p| {
        sum += p;
        uniform <= sum
    });
    hit.unwrap_or(probabilities.len() - 1)
}

impl Move {
    fn bargain(actor: usize, other: usize) -> Self {
        Self { actor, other, kind: Kind::Bargain }
    }
}
