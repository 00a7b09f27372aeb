//! Weighted histories, and what a quantity is over them.
//!
//! With histories $h$ of weights $w_h$, a quantity $Y$ and a condition $G$, the value is
//! $\sum_h w_h E[Y 1(G) \mid h] / \sum_h w_h P(G \mid h)$. What is left uncertain within a history are its measured
//! quantities, which are independent of each other given the history; conditions cut their laws into cells.

use counterplay_game::id::NodeId;
use counterplay_game::tree::Kind;

use super::measured::{MeasuredCell, cells};
use super::test::Test;
use crate::world::scene::Scene;
use counterplay_inference::distribution::Concrete;

/// A history with its weight, and the laws of what it measures.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) end: NodeId,
    pub(crate) weight: f64,
    pub(crate) measures: Vec<(usize, Concrete)>,
}

/// What is averaged over histories.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// One where a condition holds, else zero.
    Holds(Test),
    /// A measured quantity, over the histories that measure it.
    Measured(usize),
    /// The payoff of a player.
    Payoff(usize),
}

/// What one history contributes: the probability of the condition, and the target there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct CaseShare {
    pub(crate) given: f64,
    pub(crate) of: f64,
}

/// Histories of one scene at one draw.
pub(crate) struct Cases<'a> {
    pub(crate) scene: &'a Scene,
    /// The values of the expressions at the draw.
    pub(crate) values: &'a [f64],
    pub(crate) list: Vec<Case>,
}

impl Cases<'_> {
    /// What each history contributes to `target` where all `conditions` hold.
    pub(crate) fn parts(&self, target: &Target, conditions: &[&Test]) -> Vec<CaseShare> {
        let mut cuts: Vec<(usize, f64)> = conditions.iter().flat_map(|c| c.thresholds()).collect();
        if let Target::Holds(test) = target {
            cuts.extend(test.thresholds());
        }
        cuts.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        cuts.dedup();
        self.list.iter().map(|case| self.part(case, target, conditions, &cuts)).collect()
    }

    fn part(&self, case: &Case, target: &Target, conditions: &[&Test], cuts: &[(usize, f64)]) -> CaseShare {
        let cut_up = |(measure, law): &(usize, Concrete)| {
            let own: Vec<f64> = cuts.iter().filter(|c| c.0 == *measure).map(|c| c.1).collect();
            let wanted = !own.is_empty() || matches!(target, Target::Measured(m) if m == measure);
            wanted.then(|| (*measure, cells(law, &own)))
        };
        let cut: Vec<(usize, Vec<MeasuredCell>)> = case.measures.iter().filter_map(cut_up).collect();
        let mut part = CaseShare::default();
        let mut at = vec![0usize; cut.len()];
        loop {
            self.add_cell(case, target, conditions, &cut, &at, &mut part);
            // The next combination of cells, the last quantity first.
            let Some(step) = (0..cut.len()).rev().find(|&k| at[k] + 1 < cut[k].1.len()) else { break };
            at[step] += 1;
            at[step + 1..].fill(0);
        }
        part
    }

    fn add_cell(
        &self,
        case: &Case,
        target: &Target,
        conditions: &[&Test],
        cut: &[(usize, Vec<MeasuredCell>)],
        at: &[usize],
        part: &mut CaseShare,
    ) {
        let cell = |measure: usize| cut.iter().zip(at).find(|(c, _)| c.0 == measure).map(|(c, &k)| c.1[k]);
        let value = |measure: usize| cell(measure).map(|c| c.value);
        if !conditions.iter().all(|c| c.holds(case.end, &value)) {
            return;
        }
        let probability: f64 = cut.iter().zip(at).map(|(c, &k)| c.1[k].probability).product();
        match target {
            Target::Holds(test) => {
                part.given += probability;
                part.of += if test.holds(case.end, &value) { probability } else { 0.0 };
            }
            Target::Payoff(player) => {
                part.given += probability;
                part.of += probability * self.payoff(case.end, *player);
            }
            Target::Measured(measure) => {
                if let Some(own) = cell(*measure) {
                    part.given += probability;
                    part.of += probability / own.probability * own.moment;
                }
            }
        }
    }

    fn payoff(&self, end: NodeId, player: usize) -> f64 {
        let game = self.scene.model().game();
        match game.kind(end) {
            Kind::End(end) => self.values[game.end(end).payoffs[player].index()],
            Kind::Chance(_) | Kind::Decision(_) => unreachable!("the history has ended"),
        }
    }

    /// For a measured quantity, in the histories in which all `conditions` hold: law and weight, laws that are equal
    /// taken together.
    pub(crate) fn mixture(&self, measure: usize, conditions: &[&Test]) -> Vec<(Concrete, f64)> {
        let given = self.parts(&Target::Measured(measure), conditions);
        let mut mixture: Vec<(Concrete, f64)> = Vec::new();
        for (case, part) in self.list.iter().zip(given) {
            let law = case.measures.iter().find(|m| m.0 == measure).map(|m| m.1);
            let Some(law) = law.filter(|_| part.given > 0.0) else { continue };
            match mixture.iter_mut().find(|m| m.0 == law) {
                Some(known) => known.1 += case.weight * part.given,
                None => mixture.push((law, case.weight * part.given)),
            }
        }
        mixture
    }
}

/// The sums of weighted parts: of the condition, and of the target.
pub(crate) fn total(cases: &[Case], parts: &[CaseShare]) -> CaseShare {
    let mut sum = CaseShare::default();
    for (case, part) in cases.iter().zip(parts) {
        sum.given += case.weight * part.given;
        sum.of += case.weight * part.of;
    }
    sum
}

/// The smallest value with at least probability `p` at or below it under a mixture of laws; not a number of none.
///
/// Found between the least and the largest of the laws' own quantiles, by halving until floating-point numbers end.
pub(crate) fn mixture_quantile(mixture: &[(Concrete, f64)], p: f64) -> f64 {
    let whole: f64 = mixture.iter().map(|m| m.1).sum();
    if whole <= 0.0 {
        return f64::NAN;
    }
    let own: Vec<f64> = mixture.iter().map(|m| m.0.quantile(p)).collect();
    let mut low = own.iter().copied().fold(f64::INFINITY, f64::min);
    let mut high = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let reaches = |x: f64| mixture.iter().map(|m| m.1 * m.0.cdf(x)).sum::<f64>() >= p * whole * (1.0 - 1e-12);
    if reaches(low) {
        return low;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if reaches(middle) { high = middle } else { low = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixtures_quantile_is_where_its_distribution_reaches_the_probability() {
        let mixture = [(Concrete::Normal { mean: 0.0, sd: 1.0 }, 3.0), (Concrete::Point(2.0), 1.0)];
        let median = mixture_quantile(&mixture, 0.5);
        let reached = 0.75 * Concrete::Normal { mean: 0.0, sd: 1.0 }.cdf(median);
        assert!((reached - 0.5).abs() < 1e-12);
        assert!((mixture_quantile(&mixture, 0.9) - 2.0).abs() < 1e-12);
        let counts = [(Concrete::Poisson { rate: 2.0 }, 1.0)];
        assert_eq!(mixture_quantile(&counts, 0.5), 2.0);
    }
}
