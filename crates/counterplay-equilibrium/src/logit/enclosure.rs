//! A proof that a game has one logit equilibrium: a box that holds all of them, made smaller by interval sweeps.
//!
//! The sweep of the [module](super::sweep) is repeated with ranges in the place of numbers: reach, beliefs, values and
//! responses become ranges that hold theirs for all play within the box (Moore, Kearfott and Cloud 2009). The response of the
//! box holds all equilibria that the box holds, and so does their intersection. Where a box that starts as all of play
//! shrinks to a point, there is one equilibrium and no other. The principal branch passes every precision, so this is its
//! point, however it was found.
//!
//! Where it does not shrink, nothing is shown: ranges forget that numbers depend on each other.

use counterplay_game::valuation::Valuation;

use super::corrector::Corrector;
use super::equilibrium::{Equilibrium, Status};
use super::layout::{InfoSet, Layout};
use super::schedule::SweepStep;

/// The numbers from one to another.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn point(x: f64) -> Self {
        Self { low: x, high: x }
    }

    fn width(self) -> f64 {
        self.high - self.low
    }
}

/// By this share ranges of probabilities are widened, so that rounding cannot make them too narrow.
const ROUNDING: f64 = 1e-12;

/// How wide the box may be, in probabilities, to count as a point.
const POINT: f64 = 1e-7;

/// A sweep that leaves more than this share of the width is one of two before the proof is given up; and the most sweeps.
const STALLED: f64 = 0.9;
const MAX_SWEEPS: usize = 60;

/// The box.
#[derive(Clone, Debug, Default)]
pub(super) struct Enclosure {
    /// Of the probabilities of chance, then of play.
    odds: Vec<Range>,
    /// Of expected payoffs, place by place, player by player.
    values: Vec<Range>,
    /// Of the probability that chance and the other players lead to each inner node, node by node, player by player.
    reach: Vec<Range>,
    /// Whose each action is.
    owner: Vec<usize>,
    /// Of the members of an information set.
    weights: Vec<Range>,
    /// Values with the ranges of their weights.
    weighed: Vec<(f64, Range)>,
}

impl Enclosure {
    /// The only logit equilibrium at these numbers and precisions; none where there may be others.
    pub(super) fn only_equilibrium(
        &mut self,
        corrector: &mut Corrector,
        numbers: &Valuation,
        precisions: &[f64],
    ) -> Option<Equilibrium> {
        corrector.response.forget();
        corrector.begin(numbers);
        corrector.set_least_share(numbers, precisions);
        self.start(corrector.layout(), numbers);
        if !self.shrinks_to_a_point(corrector.layout(), precisions) {
            return None;
        }
        let mut logits = self.logits(corrector.layout());
        let corrections = corrector.response.settings().max_corrections;
        let found = corrector.response.iterate(precisions, &mut logits, 0.0, corrections);
        let found = found.then(|| corrector.equilibrium(precisions, logits, Status::Converged));
        // The iteration may have ended at a point outside only if the proof is wrong.
        found.filter(|e| e.status == Status::Converged && self.holds(corrector.layout(), &e.play))
    }

    /// The box of all play.
    fn start(&mut self, layout: &Layout, numbers: &Valuation) {
        let n = layout.players;
        self.odds.clear();
        self.odds.extend(numbers.chance.iter().map(|&p| Range::point(p)));
        self.odds.resize(layout.branches + layout.actions, Range { low: 0.0, high: 1.0 });
        self.values.clear();
        self.values.resize(layout.inner_count * n, Range::point(0.0));
        self.values.extend(numbers.payoffs.iter().map(|&u| Range::point(u)));
        self.reach.clear();
        self.reach.resize(layout.inner_count * n, Range::point(1.0));
        self.owner.resize(layout.actions, 0);
        for set in &layout.sets {
            self.owner[set.actions()].fill(set.player);
        }
    }

    fn play(&self, layout: &Layout) -> &[Range] {
        &self.odds[layout.branches..]
    }

    fn holds(&self, layout: &Layout, play: &[f64]) -> bool {
        self.play(layout).iter().zip(play).all(|(r, p)| r.low - POINT <= *p && *p <= r.high + POINT)
    }

    /// Logits within the box.
    fn logits(&self, layout: &Layout) -> Vec<f64> {
        let middle = |r: &Range| (0.5 * (r.low + r.high)).max(f64::MIN_POSITIVE);
        let mut logits: Vec<f64> =
            self.play(layout).iter().map(|r| counterplay_math::ln(middle(r))).collect();
        for set in &layout.sets {
            let own = &mut logits[set.actions()];
            let mean = own.iter().sum::<f64>() / set.count as f64;
            for z in own {
                *z -= mean;
            }
        }
        logits
    }

    /// Sweeps while the box shrinks; whether it became a point.
    fn shrinks_to_a_point(&mut self, layout: &Layout, precisions: &[f64]) -> bool {
        let (mut before, mut stalled) = (f64::INFINITY, 0);
        for _ in 0..MAX_SWEEPS {
            self.contract(layout, precisions);
            let width = self.play(layout).iter().map(|r| r.width()).fold(0.0, f64::max);
            if width <= POINT {
                return true;
            }
            stalled += usize::from(width.is_nan() || width > STALLED * before);
            if stalled == 2 {
                return false;
            }
            before = width;
        }
        false
    }

    /// One interval sweep.
    fn contract(&mut self, layout: &Layout, precisions: &[f64]) {
        self.descend(layout);
        for &step in &layout.steps {
            match step {
                SweepStep::Chance(node) | SweepStep::Pass(node) => self.mix(layout, node),
                SweepStep::Respond(index) => {
                    let set = &layout.sets[index];
                    self.respond(layout, set, precisions[set.player]);
                    for &node in layout.members(set) {
                        self.mix(layout, node as usize);
                    }
                }
                SweepStep::RespondLate(index) => {
                    let set = &layout.sets[index];
                    self.respond(layout, set, precisions[set.player]);
                }
            }
        }
    }

    /// The reach of each node by chance and all but one player, whose own part cancels in its beliefs.
    fn descend(&mut self, layout: &Layout) {
        let n = layout.players;
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1) {
            let (before, odds) = (before as usize, odds as usize);
            let own = odds.checked_sub(layout.branches).map(|a| self.owner[a]);
            for player in 0..n {
                let above = self.reach[before * n + player];
                let p = if own == Some(player) { Range::point(1.0) } else { self.odds[odds] };
                self.reach[node * n + player] = Range { low: above.low * p.low, high: above.high * p.high };
            }
        }
    }

    fn mix(&mut self, layout: &Layout, node: usize) {
        let n = layout.players;
        let children = layout.children(node);
        let odds = &self.odds[layout.odds(node)];
        for player in 0..n {
            let of = |c: &u32| self.values[*c as usize * n + player];
            let low = least(odds, children.iter().map(|c| of(c).low), &mut self.weighed);
            let high = -least(odds, children.iter().map(|c| -of(c).high), &mut self.weighed);
            self.values[node * n + player] = Range { low, high };
        }
    }

    /// The ranges of an information set's play: one over the sum of the odds of all actions to each.
    fn respond(&mut self, layout: &Layout, set: &InfoSet, precision: f64) {
        let n = layout.players;
        let members = layout.members(set);
        self.weights.clear();
        self.weights.extend(members.iter().map(|&m| self.reach[m as usize * n + set.player]));
        let (mut low_sums, mut high_sums) = (vec![1.0; set.count], vec![1.0; set.count]);
        for a in 0..set.count {
            for b in 0..a {
                let gain = |m: &u32| {
                    let children = layout.children(*m as usize);
                    let value = |action: usize| self.values[children[action] as usize * n + set.player];
                    let (x, y) = (value(b), value(a));
                    Range { low: x.low - y.high, high: x.high - y.low }
                };
                let high =
                    highest_mean(&self.weights, members.iter().map(|m| gain(m).high), &mut self.weighed);
                let low =
                    -highest_mean(&self.weights, members.iter().map(|m| -gain(m).low), &mut self.weighed);
                let odds = |gain: f64| counterplay_math::exp(precision * gain);
                low_sums[a] += odds(high);
                high_sums[a] += odds(low);
                low_sums[b] += odds(-low);
                high_sums[b] += odds(-high);
            }
        }
        for (a, action) in set.actions().enumerate() {
            let old = &mut self.odds[layout.branches + action];
            let (low, high) = ((1.0 - ROUNDING) / low_sums[a], (1.0 + ROUNDING) / high_sums[a]);
            *old = Range { low: old.low.max(low), high: old.high.min(high) };
        }
    }
}

/// The least mean of values by probabilities within ranges that sum to one: the rest of them goes to the lowest values.
fn least(odds: &[Range], values: impl Iterator<Item = f64>, weighed: &mut Vec<(f64, Range)>) -> f64 {
    weighed.clear();
    weighed.extend(values.zip(odds.iter().copied()));
    let mut left = 1.0 - weighed.iter().map(|w| w.1.low).sum::<f64>();
    let mut sum: f64 = weighed.iter().map(|w| w.0 * w.1.low).sum();
    weighed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    for (value, range) in weighed.iter() {
        let more = range.width().min(left).max(0.0);
        sum += more * value;
        left -= more;
    }
    sum
}

/// The highest mean of values by weights within ranges, of whatever sum: the high weights for values above it, the low ones for
/// those below (Dinkelbach 1967, whose iteration rises to it in finitely many steps).
fn highest_mean(
    weights: &[Range],
    values: impl Iterator<Item = f64>,
    weighed: &mut Vec<(f64, Range)>,
) -> f64 {
    weighed.clear();
    weighed.extend(values.zip(weights.iter().copied()));
    let top = weighed.iter().map(|w| w.0).fold(f64::NEG_INFINITY, f64::max);
    let mut mean = f64::NEG_INFINITY;
    for _ in 0..=weighed.len() {
        let (mut sum, mut weight) = (0.0, 0.0);
        for (value, range) in weighed.iter() {
            let w = if *value > mean { range.high } else { range.low };
            sum += w * value;
            weight += w;
        }
        if weight <= SMALLEST {
            return top;
        }
        let next = sum / weight;
        if next <= mean {
            return mean.min(top);
        }
        mean = next;
    }
    top
}

/// Weights below this are too small for a mean.
const SMALLEST: f64 = 1e-290;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common;
    use crate::logit::{Settings, Solver};

    #[test]
    fn where_a_box_shrinks_to_a_point_it_is_that_of_the_branch() {
        let mut proved = 0;
        for seed in 0..60 {
            let game = common::random_game(seed, 4, 3);
            for precision in [0.1, 0.5, 2.0, 8.0] {
                let numbers = game.at(&game.expressions().evaluate(&[0.3, -0.6, 0.8]));
                let precisions = vec![precision; game.players().len()];
                let mut solver = Solver::new(&game, Settings::default());
                let Some(only) = solver.only_equilibrium(&numbers, &precisions) else { continue };
                proved += 1;
                let arcs = solver.arcs(&numbers, &precisions);
                assert_eq!(arcs.status, Status::Converged, "seed {seed}, precision {precision}");
                let apart = only.play.iter().zip(&arcs.play).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(apart < 1e-8, "seed {seed}, precision {precision}: {apart}");
            }
        }
        assert!(proved > 60, "{proved}");
    }

    #[test]
    fn means_by_ranges_of_weights_are_those_of_the_best_corner() {
        let range = |low: f64, high: f64| Range { low, high };
        let (weights, values) = ([range(0.1, 0.5), range(0.2, 0.3), range(0.0, 1.0)], [1.0, 3.0, 2.0]);
        let mut best = f64::NEG_INFINITY;
        for corner in 0..8 {
            let w: Vec<f64> =
                (0..3).map(|k| if corner >> k & 1 == 1 { weights[k].high } else { weights[k].low }).collect();
            let sum: f64 = w.iter().sum();
            best = f64::max(best, w.iter().zip(values).map(|(w, v)| w * v).sum::<f64>() / sum);
        }
        let found = highest_mean(&weights, values.into_iter(), &mut Vec::new());
        assert!((found - best).abs() < 1e-12, "{found} {best}");
    }
}
