//! A game in sequence form, flat, in the order in which an iteration reads it.
//!
//! A *sequence* of a player is the empty one or an action at one of its information sets, which with perfect recall
//! stands for all its own actions up to that one. The *realisation plan* $x_i$ gives each sequence the product of the
//! player's own probabilities along it, so that expected payoffs are multilinear in the plans,
//! $$ u_i(x) = \sum_z c(z)\\, u_i(z) \prod_j x_j(s_j(z)), $$
//! where $c(z)$ is chance's part in reaching the end $z$, and $s_j(z)$ the last sequence of player $j$ before it (von
//! Stengel 1996). An iteration never walks over the tree: it goes once through the terms of this sum, in which ends
//! that the same sequences lead to are one term.

use std::ops::Range;

use counterplay_game::id::{ActionId, InfoSetId, PlayerId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

use super::terms::Terms;
use crate::numeric::index::narrow;

/// An information set in terms of sequences.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SequenceSet {
    /// The sequence of its first action; those of the others follow.
    pub(crate) first: u32,
    /// The number of its actions.
    pub(crate) count: u32,
    /// The player's sequence that leads to it, with a smaller number than any of its own.
    pub(crate) parent: u32,
}

impl SequenceSet {
    /// The sequences of its actions.
    #[inline]
    pub(crate) fn sequences(&self) -> Range<usize> {
        self.first as usize..(self.first + self.count) as usize
    }
}

/// The sequence form; see the [module](self). Sequences are numbered player by player, the empty one first, and each
/// before those that go on from it.
#[derive(Clone, Debug)]
pub(crate) struct FlatForm {
    /// The information sets that nodes are in, player by player, each before those below it.
    sets: Vec<SequenceSet>,
    /// Which of them are each player's.
    set_ranges: Vec<Range<usize>>,
    /// Each player's information sets by how often the player has moved before, as stretches of `sets`.
    levels: Vec<Vec<Range<usize>>>,
    /// Each player's sequences.
    sequence_ranges: Vec<Range<usize>>,
    /// The sequence of each of the game's actions; `NONE` where the information set has no members.
    sequence_of: Vec<u32>,
    /// The terms of the sum, by the sequence of the player whose payoff they count.
    pub(crate) terms: Terms,
}

const NONE: u32 = u32::MAX;

impl FlatForm {
    /// The sequence form of a game with perfect recall.
    pub(crate) fn new(game: &Game, numbers: &Valuation) -> Self {
        let players = game.players().len();
        let mut last = last_actions(game);
        let order = order_of_sets(game, &last);
        let mut form = Self {
            sets: Vec::with_capacity(order.len()),
            set_ranges: Vec::with_capacity(players),
            levels: Vec::with_capacity(players),
            sequence_ranges: Vec::with_capacity(players),
            sequence_of: vec![NONE; game.action_count()],
            terms: Terms::default(),
        };
        let mut next = 0;
        for player in 0..players {
            let (first_set, first_sequence) = (form.sets.len(), next);
            next += 1;
            let own = order.iter().filter(|id| game.info_set(**id).player.index() == player);
            for &id in own {
                let parent = last[game.members(id)[0].index() * players + player];
                let parent =
                    if parent == NONE { narrow(first_sequence) } else { form.sequence_of[parent as usize] };
                let count = game.actions(id).len();
                form.sets.push(SequenceSet { first: narrow(next), count: narrow(count), parent });
                for action in game.actions(id) {
                    form.sequence_of[action] = narrow(next);
                    next += 1;
                }
            }
            form.set_ranges.push(first_set..form.sets.len());
            form.levels.push(levels(&form.sets, first_set));
            form.sequence_ranges.push(first_sequence..next);
        }
        for (place, action) in last.iter_mut().enumerate() {
            *action = match *action {
                NONE => narrow(form.sequence_ranges[place % players].start),
                action => form.sequence_of[action as usize],
            };
        }
        form.terms = Terms::new(game, numbers, &last, next);
        form
    }

    /// The number of players.
    pub(crate) fn players(&self) -> usize {
        self.set_ranges.len()
    }

    /// The number of sequences of all players.
    pub(crate) fn sequence_count(&self) -> usize {
        self.sequence_ranges.last().map_or(0, |r| r.end)
    }

    /// A player's information sets, each before those below it.
    #[inline]
    pub(crate) fn sets(&self, player: usize) -> &[SequenceSet] {
        &self.sets[self.set_ranges[player].clone()]
    }

    /// A player's information sets by how often it has moved before: from the first to the last moves, stretches of
    /// information sets none of which lies below another.
    pub(crate) fn levels(&self, player: usize) -> impl DoubleEndedIterator<Item = &[SequenceSet]> {
        self.levels[player].iter().map(|level| &self.sets[level.clone()])
    }

    /// A player's sequences, the empty one first.
    pub(crate) fn sequences(&self, player: usize) -> Range<usize> {
        self.sequence_ranges[player].clone()
    }

    /// The realisation plans of a profile of behaviour strategies.
    pub(crate) fn plans(&self, play: &[f64]) -> Vec<f64> {
        let mut plans = vec![0.0; self.sequence_count()];
        for (&sequence, &p) in self.sequence_of.iter().zip(play).filter(|(s, _)| **s != NONE) {
            plans[sequence as usize] = p;
        }
        for player in 0..self.players() {
            plans[self.sequence_ranges[player].start] = 1.0;
            for set in self.sets(player) {
                let before = plans[set.parent as usize];
                plans[set.sequences()].iter_mut().for_each(|p| *p *= before);
            }
        }
        plans
    }

    /// The behaviour strategies whose realisation plans are `plans` up to a factor for each player; uniform where a
    /// player's own plan does not lead.
    pub(crate) fn behaviour(&self, game: &Game, plans: &[f64]) -> Vec<f64> {
        let mut play = vec![0.0; game.action_count()];
        for id in game.info_set_ids() {
            let actions = game.actions(id);
            for action in actions.clone() {
                play[action] = plans.get(self.sequence_of[action] as usize).copied().unwrap_or(0.0);
            }
            normalise(&mut play[actions]);
        }
        play
    }
}

/// The levels of the sets from `first` on, which are those of one player.
fn levels(sets: &[SequenceSet], first: usize) -> Vec<Range<usize>> {
    let mut levels: Vec<Range<usize>> = Vec::new();
    for (index, set) in sets.iter().enumerate().skip(first) {
        match levels.last_mut() {
            // A set below one of this level comes after an action of it.
            Some(level) if set.parent < sets[level.start].first => level.end = index + 1,
            _ => levels.push(index..index + 1),
        }
    }
    levels
}

/// Scales to a sum of one; uniform where all are zero.
#[inline]
pub(crate) fn normalise(weights: &mut [f64]) {
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        for w in weights {
            *w /= sum;
        }
    } else {
        weights.fill(1.0 / weights.len() as f64);
    }
}

/// For each node and player, the last action that the player took before it, or `NONE`.
fn last_actions(game: &Game) -> Vec<u32> {
    let players = game.players().len();
    let mut last = vec![NONE; game.node_count() * players];
    for node in game.nodes() {
        let own = node.index() * players;
        for (branch, child) in game.children(node).enumerate() {
            let below = child.index() * players;
            last.copy_within(own..own + players, below);
            if let Kind::Decision(set) = game.kind(node) {
                let action = game.actions(set).start + branch;
                last[below + game.info_set(set).player.index()] = narrow(action);
            }
        }
    }
    last
}

/// The information sets that nodes are in: by player, by the number of the player's own moves before, by the number of
/// actions, and as the tree meets them. So the sets of one shape follow each other.
fn order_of_sets(game: &Game, last: &[u32]) -> Vec<InfoSetId> {
    let players = game.players().len();
    let mut sets: Vec<InfoSetId> = game.info_set_ids().filter(|s| !game.members(*s).is_empty()).collect();
    // The first member comes after the member of the set before that leads to it, so that sets come in order of moves.
    sets.sort_unstable_by_key(|s| game.members(*s)[0]);
    let mut moves = vec![0u32; game.info_set_count()];
    for &set in &sets {
        let player: PlayerId = game.info_set(set).player;
        let parent = last[game.members(set)[0].index() * players + player.index()];
        if parent != NONE {
            moves[set.index()] = moves[game.action_set(ActionId::new(parent as usize)).index()] + 1;
        }
    }
    let shape = |s: &InfoSetId| (game.info_set(*s).player, moves[s.index()], game.actions(*s).len());
    sets.sort_by_key(shape);
    sets
}
