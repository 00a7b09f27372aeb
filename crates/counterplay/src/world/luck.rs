//! Luck: the exogenous noise behind a history, drawn so that it explains what happened.
//!
//! At every event the branch taken is the one for which log probability plus Gumbel noise is largest; this is
//! the noise of logit play, and chance is treated in the same way (the Gumbel-max structural causal model;
//! Oberst and Sontag 2019). *Abduction* draws the noise given the branch that was taken: the largest sum is a
//! standard Gumbel number, as the probabilities sum to one, and belongs to that branch; the others are truncated
//! below it (Maddison, Tarlow and Minka 2014). Where the history did not go, noise is fresh. Noise is keyed by
//! event, occurrence and action.

use crate::model::odds::LogOdds;
use crate::world::keys::{Before, LuckKeys};
use counterplay_game::id::NodeId;
use counterplay_game::tree::Game;
use counterplay_inference::distribution::Rank;
use counterplay_inference::key::Key;
use counterplay_math::{exp, ln};

/// The luck behind one history.
#[derive(Clone, Debug)]
pub struct Luck {
    fresh: Key,
    /// The noise at the events of the history: event, label, noise.
    known: Vec<(u64, u64, f64)>,
    /// The ranks of measured quantities that are known.
    ranks: Vec<(u64, Rank)>,
}

const NOISE: u64 = 1;

const RANK: u64 = 2;

const TOP: u64 = 3;

const BELOW: u64 = 4;

impl Luck {
    /// Luck of which nothing is known.
    pub(crate) fn fresh(key: Key) -> Self {
        Self { fresh: key, known: Vec::new(), ranks: Vec::new() }
    }

    /// Draws the noise at the events on the way to an end of the game of a state, under these log probabilities.
    pub(crate) fn explain_path(
        &mut self,
        game: &Game,
        keys: &LuckKeys,
        state: usize,
        before: &Before,
        odds: &LogOdds,
        end: NodeId,
    ) {
        let path = game.path(end);
        self.known.reserve(path.iter().map(|step| game.child_count(step.0)).sum());
        for (node, taken) in path {
            let event = keys.event(keys.occurrence(state, game.event_id(node), before));
            let label = |branch| keys.label(game, state, node, branch);
            self.explain(event, label, odds.at(game, node), taken);
        }
    }

    /// Draws the noise at an event, given which branch was taken under these log probabilities.
    pub(crate) fn explain(&mut self, event: u64, label: impl Fn(usize) -> u64, scores: &[f64], taken: usize) {
        let top = self.fresh.with(TOP).with(event).gumbel();
        for (branch, &score) in scores.iter().enumerate() {
            let label = label(branch);
            let own = self.fresh.with(BELOW).with(event).with(label).gumbel();
            let noise = if branch == taken {
                top - score
            } else if score == f64::NEG_INFINITY {
                // A branch that cannot be taken says nothing about its noise.
                own
            } else {
                -ln(exp(-top) + exp(-(score + own))) - score
            };
            self.known.push((event, label, noise));
        }
    }

    /// Fixes the rank of a measured quantity, by name.
    pub(crate) fn know_rank(&mut self, name: u64, rank: Rank) {
        self.ranks.push((name, rank));
    }

    /// The noise at an event for a label.
    pub(crate) fn noise(&self, event: u64, label: u64) -> f64 {
        let known = self.known.iter().find(|k| k.0 == event && k.1 == label);
        known.map_or_else(|| self.fresh.with(NOISE).with(event).with(label).gumbel(), |k| k.2)
    }

    /// The rank of a measured quantity.
    pub(crate) fn rank(&self, name: u64) -> Rank {
        let known = self.ranks.iter().find(|r| r.0 == name);
        known.map_or_else(|| Rank::from_below(self.within_jump(name)), |r| r.1)
    }

    /// A number that chooses where in its jump a recorded count lies.
    pub(crate) fn within_jump(&self, name: u64) -> f64 {
        self.fresh.with(RANK).with(name).uniform()
    }
}

/// The branch that luck takes: where log probability plus noise is largest. `event` is the key of the event, and `label` gives those of the
/// labels.
pub(crate) fn taken(scores: &[f64], event: u64, label: impl Fn(usize) -> u64, luck: &Luck) -> usize {
    if scores.len() == 1 {
        return 0;
    }
    let mut best = (f64::NEG_INFINITY, 0);
    for (branch, score) in scores.iter().enumerate() {
        let sum = score + luck.noise(event, label(branch));
        if sum > best.0 {
            best = (sum, branch);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use counterplay_game::expression::{Expressions, ParameterId};
    use counterplay_game::tree::Kind;

    use super::*;
    use crate::problem::Problem;
    use crate::story::limits::Limits;
    use crate::story::telling::Telling;
    use crate::story::terms::{Seen, Share};
    use crate::story::unfold::unfold;
    use crate::watch::Unwatched;

    /// A drawing among three, then a move among two that depends on it.
    fn story(g: &mut Telling<'_>) -> Result<(), Problem> {
        let (half, tenth) = (g.expressions.constant(0.5), g.expressions.constant(0.1));
        let share = |label: &str, share| (label.to_owned(), share);
        let drawing = [share("a", Share::Of(half)), share("b", Share::Of(tenth)), share("c", Share::Rest)];
        let drawn = g.chance("draw", &drawing, Seen::ALL)?;
        g.choose("A", "move", &["x".to_owned(), "y".to_owned()], Seen::ALL)?;
        let stake = g.expressions.parameter(ParameterId::new(0));
        g.pay("A", if drawn == Some(0) { stake } else { half })?;
        g.end()
    }

    /// The largest distance between the distribution of `values` and the standard Gumbel one, times the root of
    /// their number.
    fn kolmogorov_smirnov(mut values: Vec<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        let count = values.len() as f64;
        let gap = |(k, x): (usize, &f64)| {
            let exact = (-(-x).exp()).exp();
            (exact - k as f64 / count).abs().max((exact - (k + 1) as f64 / count).abs())
        };
        values.iter().enumerate().map(gap).fold(0.0, f64::max) * count.sqrt()
    }

    /// Over histories as likely as the game makes them, each noise is standard Gumbel, and any two are independent.
    #[test]
    fn noise_abducted_from_the_games_own_histories_is_standard_gumbel_and_independent() {
        let players = ["A".to_owned()];
        let told = unfold(&story, &players, &Expressions::new(), &[], Limits::default(), &Unwatched);
        let game = told.unwrap_or_else(|p| panic!("{p}")).states[0].game.clone();
        let odds = LogOdds {
            chance: game.at(&game.expressions().evaluate(&[1.0])).chance.iter().map(|p| p.ln()).collect(),
            play: vec![0.9_f64.ln(), 0.1_f64.ln(), 0.5_f64.ln(), 0.5_f64.ln(), 0.2_f64.ln(), 0.8_f64.ln()],
        };
        let keys = LuckKeys::of_games(std::iter::once(game.as_ref()));
        let names = [("draw", "a"), ("draw", "b"), ("draw", "c"), ("move", "x"), ("move", "y")];
        let mut noise = vec![Vec::new(); names.len()];
        for index in 0..20_000 {
            let mut end = NodeId::new(Game::ROOT);
            let mut step = Key::new(7).with(index);
            while !matches!(game.kind(end), Kind::End(_)) {
                step = step.with(1);
                let mut left = step.uniform();
                let branch = odds.at(&game, end).iter().position(|score| {
                    left -= score.exp();
                    left < 0.0
                });
                end = game.child(end, branch.unwrap_or(0));
            }
            let mut luck = Luck::fresh(Key::new(8).with(index));
            luck.explain_path(&game, &keys, 0, &keys.nothing_before(), &odds, end);
            for ((event, label), values) in names.iter().zip(&mut noise) {
                values.push(luck.noise(Key::of_text(event), Key::of_text(label)));
            }
        }
        for (index, values) in noise.iter().enumerate() {
            // Exceeded with probability 1e-4.
            assert!(kolmogorov_smirnov(values.clone()) < 2.225, "{:?}", names[index]);
            for other in &noise[..index] {
                assert!(correlation(values, other).abs() < 4.0 / (values.len() as f64).sqrt());
            }
        }
    }

    /// The correlation of the ranks that two lists of Gumbel numbers have.
    fn correlation(left: &[f64], right: &[f64]) -> f64 {
        let rank = |x: &f64| (-(-x).exp()).exp() - 0.5;
        let products = left.iter().zip(right).map(|(l, r)| rank(l) * rank(r));
        12.0 * products.sum::<f64>() / left.len() as f64
    }
}
