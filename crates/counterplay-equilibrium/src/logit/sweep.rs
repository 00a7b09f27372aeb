//! One sweep over the tree: down for reach probabilities, up for values and responses; and its derivatives.
//!
//! The map $H$ takes the logits $z$ of all actions to the logits of the response to them: beliefs follow from
//! the play $\pi = \mathrm{softmax}(z)$, and the response is found from the deepest information sets up, each
//! with the responses below it already in place,
//! $$ H(z)\_{Ia} = \lambda_i U_i(a \mid I) - \text{mean over } a, \qquad
//!    U_i(a \mid I) = \frac{\sum_{h \in I} q_i(h)\\, v_i(ha)}{\sum_{h \in I} q_i(h)}. $$
//! Here $q_i(h)$ is the counterfactual reach of $h$: the probability of chance and of everybody but $i$ to lead
//! there. With perfect recall the player's own part is the same for all members and cancels, so that the plain
//! reach probability is used; where that is too small for a division, its logarithm is, so that beliefs far off
//! the path of play are those of the trembles that lead there. Fixed points of
//! $H$ are the agent quantal response equilibria (McKelvey and Palfrey 1998). In a game without hidden
//! information $H$ does not depend on $z$, and one sweep is the solution.
//!
//! A sweep goes through several points at once, one [lane](crate::numeric::lanes) for each: the tree is read once for all of them.
//! Arrays hold the lanes of a number side by side; `L` of them, by default one.

mod adjoint;
mod logarithms;
mod softmax;
mod tangent;
#[cfg(test)]
mod tests;
mod value;

use counterplay_game::valuation::Valuation;

use crate::logit::layout::Layout;
use crate::numeric::lanes::{Lanes, lanes};

use logarithms::Logarithms;

pub(crate) use softmax::{softmax, softmax_one};

/// Below this the reach of an information set is found by logarithms.
const TOO_SMALL: f64 = 1e-250;

/// The state of a sweep, and of its derivatives. Reused from sweep to sweep.
#[derive(Clone, Debug)]
pub(crate) struct Sweep<const L: usize = 1> {
    /// The probabilities of chance, then the play that the sweep started from.
    odds: Vec<Lanes<L>>,
    /// The probabilities of chance, then the play of the response.
    new_odds: Vec<Lanes<L>>,
    /// The response's logits, action by action, lane by lane.
    pub(crate) response: Vec<f64>,
    /// Expected payoffs of actions to their player, action by action, lane by lane.
    pub(crate) action_values: Vec<f64>,
    /// Expected payoffs, place by place, player by player.
    values: Vec<Lanes<L>>,
    /// The probability of reaching each inner node.
    reach: Vec<Lanes<L>>,
    /// The weight of each member of each information set, in its set; sums to one in a set.
    beliefs: Vec<Lanes<L>>,
    /// One over the sum of reach in each information set; zero where the reach is too small to be used.
    scale: Vec<Lanes<L>>,
    logs: Logarithms<L>,
    d_odds: Vec<Lanes<L>>,
    d_new_odds: Vec<Lanes<L>>,
    d_values: Vec<Lanes<L>>,
    d_reach: Vec<Lanes<L>>,
}

/// What linear systems need of a sweep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    /// The probabilities of chance, then the play that the sweep started from.
    pub(crate) odds: &'a [f64],
    /// The probabilities of chance, then the play of the response.
    pub(crate) new_odds: &'a [f64],
    /// Expected payoffs, place by place, player by player.
    pub(crate) values: &'a [f64],
    /// The weight of each member of each information set, in its set.
    pub(crate) beliefs: &'a [f64],
    /// Expected payoffs of actions to their player.
    pub(crate) action_values: &'a [f64],
}

/// The adjoints of a sweep's inputs, each lane by lane.
#[derive(Clone, Debug, Default)]
pub(crate) struct Adjoint<const L: usize = 1> {
    /// Of the logits.
    pub(crate) logits: Vec<f64>,
    /// Of the precision of each player.
    pub(crate) precisions: Vec<f64>,
    /// Of probabilities and payoffs.
    pub(crate) numbers: Valuation,
}

impl<const L: usize> Adjoint<L> {
    pub(crate) fn zero(layout: &Layout) -> Self {
        Self {
            logits: vec![0.0; layout.actions * L],
            precisions: vec![0.0; layout.players * L],
            numbers: Valuation {
                chance: vec![0.0; layout.branches * L],
                payoffs: vec![0.0; layout.end_count * layout.players * L],
            },
        }
    }
}

/// Calls a method that is compiled for the number of players, so that loops over them are unrolled; 0 stands
/// for any number. Several lanes fill the registers by themselves, so that there the loops may stay as they are.
macro_rules! for_players {
    ($sweep:ident . $method:ident ( $layout:expr $(, $argument:expr)* )) => {
        match if L == 1 { $layout.players } else { 0 } {
            2 => $sweep.$method::<2>($layout $(, $argument)*),
            3 => $sweep.$method::<3>($layout $(, $argument)*),
            4 => $sweep.$method::<4>($layout $(, $argument)*),
            _ => $sweep.$method::<0>($layout $(, $argument)*),
        }
    };
}
pub(crate) use for_players;

/// A number of players or of actions: the one known to the compiler, or where that is 0 the other.
#[inline]
fn count<const N: usize>(otherwise: usize) -> usize {
    if N == 0 { otherwise } else { N }
}

impl<const L: usize> Sweep<L> {
    pub(crate) fn new(layout: &Layout) -> Self {
        let odds = vec![[0.0; L]; layout.branches + layout.actions];
        let places = layout.inner_count + layout.end_count;
        Self {
            response: vec![0.0; layout.actions * L],
            action_values: vec![0.0; layout.actions * L],
            values: vec![[0.0; L]; places * layout.players],
            reach: vec![[0.0; L]; layout.inner_count],
            beliefs: vec![[0.0; L]; layout.inner_count],
            scale: vec![[0.0; L]; layout.sets.len()],
            logs: Logarithms::default(),
            d_odds: odds.clone(),
            d_new_odds: odds.clone(),
            d_values: Vec::new(),
            d_reach: Vec::new(),
            new_odds: odds.clone(),
            odds,
        }
    }

    /// Puts the probabilities of chance and the payoffs of one point into its lane; to be called whenever they change.
    pub(crate) fn load_lane(&mut self, layout: &Layout, lane: usize, numbers: &Valuation) {
        for ((odds, new_odds), p) in self.odds.iter_mut().zip(&mut self.new_odds).zip(&numbers.chance) {
            (odds[lane], new_odds[lane]) = (*p, *p);
        }
        let ends = &mut self.values[layout.inner_count * layout.players..];
        for (value, payoff) in ends.iter_mut().zip(&numbers.payoffs) {
            value[lane] = *payoff;
        }
    }

    /// The expected payoff of each player at an inner node, in the order of inner nodes.
    pub(crate) fn values(&self) -> &[f64] {
        self.values.as_flattened()
    }

    /// Puts what the last sweep found for one lane into a sweep of a single point, as if that had found it.
    #[cfg_attr(not(test), expect(dead_code, reason = "for Newton's method at one lane's point"))]
    pub(crate) fn take_lane(&self, lane: usize, into: &mut Sweep) {
        let pairs = [
            (&mut into.odds, &self.odds),
            (&mut into.new_odds, &self.new_odds),
            (&mut into.values, &self.values),
            (&mut into.reach, &self.reach),
            (&mut into.beliefs, &self.beliefs),
            (&mut into.scale, &self.scale),
        ];
        for (to, from) in pairs {
            to.clear();
            to.extend(from.iter().map(|x| [x[lane]]));
        }
        into.response.clear();
        into.response.extend(lanes::<L>(&self.response).iter().map(|x| x[lane]));
        into.action_values.clear();
        into.action_values.extend(lanes::<L>(&self.action_values).iter().map(|x| x[lane]));
        self.logs.take_lane(lane, &mut into.logs);
    }
}

impl Sweep {
    /// Puts in the probabilities of chance and the payoffs; to be called whenever they change.
    pub(crate) fn load(&mut self, layout: &Layout, numbers: &Valuation) {
        self.load_lane(layout, 0, numbers);
    }

    /// What linear systems need of the last sweep.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            odds: self.odds.as_flattened(),
            new_odds: self.new_odds.as_flattened(),
            values: self.values.as_flattened(),
            beliefs: self.beliefs.as_flattened(),
            action_values: &self.action_values,
        }
    }
}
