//! Weighted histories, and what a quantity is over them.
//!
//! With histories $h$ of weights $w_h$, a quantity $Y$ and a condition $G$, the value is
//! $\sum_h w_h E[Y 1(G) \mid h] / \sum_h w_h P(G \mid h)$. What is left uncertain within a history are its measured
//! quantities, which are independent of each other given the history; conditions cut their laws into cells.

use counterplay_game::id::NodeId;
use counterplay_game::tree::Kind;
use counterplay_math::powi;

use super::measured::{MeasuredCell, MeasuredLaw, RankRange};
use super::test::Test;
use crate::world::scene::Scene;
use counterplay_inference::distribution::Concrete;

/// A history with its weight, and the laws of what it measures.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) end: NodeId,
    pub(crate) weight: f64,
    pub(crate) measures: Vec<(usize, MeasuredLaw)>,
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

    /// The sums over all histories, each by its weight: of the condition, and of the target.
    pub(crate) fn total(&self, target: &Target, conditions: &[&Test]) -> CaseShare {
        total(&self.list, &self.parts(target, conditions))
    }

    /// Values that stand for the distribution of a measured quantity, each as likely as the others: `count` of them if all histories
    /// measure it, and fewer if not. They are taken at even steps over the histories, at ranks that fill each history's law evenly
    /// (van der Corput 1935), all moved by `shift`, between 0 and 1.
    pub(crate) fn values_of(&self, measure: usize, count: usize, shift: f64) -> Vec<f64> {
        let own = |case: &Case| case.measures.iter().find(|m| m.0 == measure).map(|m| m.1);
        spread(self.list.iter().map(|case| (own(case), case.weight)), count, shift)
    }

    /// The same of the histories in which all `conditions` hold.
    pub(crate) fn values_within(
        &self,
        measure: usize,
        conditions: &[&Test],
        count: usize,
        shift: f64,
    ) -> Vec<f64> {
        let mut cut = self.cut(measure, conditions);
        let parts = cut.parts(&Target::Measured(measure), conditions);
        let whole = total(&cut.list, &parts).given;
        if whole.is_nan() || whole <= 0.0 {
            return Vec::new();
        }
        for (case, part) in cut.list.iter_mut().zip(parts) {
            case.weight *= part.given / whole;
        }
        cut.values_of(measure, count, shift)
    }

    /// The same histories, each once for every stretch of the values of a measured quantity on which all `conditions` say the same.
    fn cut(&self, measure: usize, conditions: &[&Test]) -> Self {
        let mut cuts: Vec<f64> =
            conditions.iter().flat_map(|c| c.thresholds()).filter(|c| c.0 == measure).map(|c| c.1).collect();
        cuts.sort_by(f64::total_cmp);
        let stretches = |case: &Case| -> Vec<Case> {
            let Some(own) = case.measures.iter().position(|m| m.0 == measure).filter(|_| !cuts.is_empty())
            else {
                return vec![case.clone()];
            };
            let law = case.measures[own].1;
            let stretch = |(value, ranks): (f64, RankRange)| {
                let mut part = case.clone();
                part.weight *= if law.ranks.width() > 0.0 { ranks.width() / law.ranks.width() } else { 1.0 };
                // A cut by itself is a value that is certain.
                let certain = cuts.contains(&value).then(|| MeasuredLaw::free(Concrete::Point(value)));
                part.measures[own].1 = certain.unwrap_or(MeasuredLaw::within(law.law, ranks));
                part
            };
            law.stretches(&cuts).into_iter().map(stretch).collect()
        };
        Self { scene: self.scene, values: self.values, list: self.list.iter().flat_map(stretches).collect() }
    }

    fn part(&self, case: &Case, target: &Target, conditions: &[&Test], cuts: &[(usize, f64)]) -> CaseShare {
        let cut_up = |(measure, law): &(usize, MeasuredLaw)| {
            let own: Vec<f64> = cuts.iter().filter(|c| c.0 == *measure).map(|c| c.1).collect();
            let wanted = !own.is_empty() || matches!(target, Target::Measured(m) if m == measure);
            wanted.then(|| (*measure, law.cells(&own)))
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
    pub(crate) fn mixture(&self, measure: usize, conditions: &[&Test]) -> Vec<(MeasuredLaw, f64)> {
        let given = self.parts(&Target::Measured(measure), conditions);
        let mut mixture: Vec<(MeasuredLaw, f64)> = Vec::new();
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

/// Values that stand for a mixture of laws, as [`Cases::values_of`] takes them: fewer than `count` where the weights sum to less than
/// one.
pub(crate) fn values_of_mixture(mixture: &[(MeasuredLaw, f64)], count: usize, shift: f64) -> Vec<f64> {
    spread(mixture.iter().map(|(law, weight)| (Some(*law), *weight)), count, shift)
}

fn spread(laws: impl Iterator<Item = (Option<MeasuredLaw>, f64)>, count: usize, shift: f64) -> Vec<f64> {
    let (mut values, mut upto, mut taken) = (Vec::new(), 0.0, 0usize);
    for (law, weight) in laws {
        upto += weight * count as f64;
        while (taken as f64 + shift) < upto && taken < count {
            values.extend(law.map(|law| law.value_at((van_der_corput(taken) + shift).fract())));
            taken += 1;
        }
    }
    values
}

/// The binary digits of a number behind the point, in the other order.
fn van_der_corput(number: usize) -> f64 {
    (number as u64).reverse_bits() as f64 / powi(2.0, 64)
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
pub(crate) fn mixture_quantile(mixture: &[(MeasuredLaw, f64)], p: f64) -> f64 {
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
        let free = MeasuredLaw::free;
        let mixture =
            [(free(Concrete::Normal { mean: 0.0, sd: 1.0 }), 3.0), (free(Concrete::Point(2.0)), 1.0)];
        let median = mixture_quantile(&mixture, 0.5);
        let reached = 0.75 * Concrete::Normal { mean: 0.0, sd: 1.0 }.cdf(median);
        assert!((reached - 0.5).abs() < 1e-12);
        assert!((mixture_quantile(&mixture, 0.9) - 2.0).abs() < 1e-12);
        let counts = [(free(Concrete::Poisson { rate: 2.0 }), 1.0)];
        assert_eq!(mixture_quantile(&counts, 0.5), 2.0);
    }
}
