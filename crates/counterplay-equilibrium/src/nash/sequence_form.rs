//! The sequence form of a two-player game (Koller, Megiddo and von Stengel 1996).
//!
//! A strategy is a realisation plan: the product of the player's own probabilities along each sequence of its actions.
//! Plans obey one linear equation for each information set, and payoffs are bilinear in them, so that the size
//! of a solver's problem is that of the tree.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Mul, Range};

use counterplay_game::id::{ActionId, InfoSetId, NodeId, PlayerId};
use counterplay_game::recall::ImperfectRecall;
use counterplay_game::tree::Game;
use num_traits::{One, Zero};

use crate::nash::sequences::{Sequences, histories, sets_by_player};

/// The sequences of one player. Sequence 0 is the empty one; each other ends with an action.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    /// The information sets, those on the way to others first.
    pub(crate) sets: Vec<InfoSetId>,
    /// The sequence that leads to each information set.
    pub(crate) before: Vec<usize>,
    /// The sequences that end with an action of each information set.
    pub(crate) after: Vec<Range<usize>>,
    /// The number of sequences.
    pub(crate) count: usize,
    /// The sequence that ends with each action of the game; 0 for the other player's.
    by_action: Vec<usize>,
}

/// Both players' sequences, and where they lead.
#[derive(Clone, Debug)]
pub(crate) struct SequenceForm {
    pub(crate) sides: [Side; 2],
    sequences: Sequences,
}

/// Payoffs by pairs of sequences, times the probability of chance; one of each player.
pub(crate) type Payoffs<N> = BTreeMap<(usize, usize), [N; 2]>;

impl SequenceForm {
    /// The sequence form of a game of two players.
    pub(crate) fn of(game: &Game) -> Result<Self, ImperfectRecall> {
        let sequences = Sequences::of(game)?;
        let mut sets = sets_by_player(game).into_iter();
        let mut side = || Side::of(game, &sequences, sets.next().unwrap_or_default());
        Ok(Self { sides: [side(), side()], sequences })
    }

    /// The payoffs at these numbers: probabilities of branches of chance, and payoffs end by end for both players.
    pub(crate) fn payoffs<N>(&self, game: &Game, chance: &[N], payoffs: &[N]) -> Payoffs<N>
    where
        N: Clone + One + Zero + AddAssign,
        for<'a> &'a N: Mul<&'a N, Output = N>,
    {
        let mut sums: Payoffs<N> = BTreeMap::new();
        for (node, odds, end) in histories(game, chance) {
            let at = sums.entry((self.sequence(node, 0), self.sequence(node, 1)));
            let entry = at.or_insert_with(|| [N::zero(), N::zero()]);
            for (player, sum) in entry.iter_mut().enumerate() {
                *sum += &odds * &payoffs[end.index() * 2 + player];
            }
        }
        sums
    }

    fn sequence(&self, node: NodeId, player: usize) -> usize {
        let last = self.sequences.before_node(node, PlayerId::new(player));
        last.map_or(0, |action| self.sides[player].by_action[action.index()])
    }
}

impl Side {
    fn of(game: &Game, sequences: &Sequences, sets: Vec<InfoSetId>) -> Self {
        let mut by_action = vec![0; game.action_count()];
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let mut count = 1;
        for &set in &sets {
            let actions = game.actions(set);
            let own = count..count + actions.len();
            for (action, sequence) in actions.zip(own.clone()) {
                by_action[action] = sequence;
            }
            // The set of that action comes earlier in the list.
            before.push(sequences.before_set(set).map_or(0, |action: ActionId| by_action[action.index()]));
            count = own.end;
            after.push(own);
        }
        Self { sets, before, after, count, by_action }
    }

    /// The most that a player can get if `payoffs` are those of its sequences where play ends with them, and the
    /// realisation plan does not matter: by induction from the last information sets.
    pub(crate) fn best(&self, payoffs: &[f64]) -> f64 {
        let mut values = payoffs.to_vec();
        for (before, after) in self.before.iter().zip(&self.after).rev() {
            let best = values[after.clone()].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            values[*before] += best;
        }
        values[0]
    }

    /// Writes the behaviour strategy of a realisation plan into `play`; where the plan does not lead, all actions equally
    /// often. Returns the plan that this behaviour strategy has.
    pub(crate) fn behave(&self, game: &Game, plan: &[f64], play: &mut [f64]) -> Vec<f64> {
        let mut clean = vec![1.0; self.count];
        for ((&set, &before), after) in self.sets.iter().zip(&self.before).zip(&self.after) {
            let weights: Vec<f64> = plan[after.clone()].iter().map(|&x| x.max(0.0)).collect();
            let total: f64 = weights.iter().sum();
            let even = 1.0 / weights.len() as f64;
            for (k, weight) in weights.into_iter().enumerate() {
                let odds = if total > 0.0 { weight / total } else { even };
                play[game.actions(set).start + k] = odds;
                clean[after.start + k] = clean[before] * odds;
            }
        }
        clean
    }
}
