//! Tipping points: how far a prior must be moved until a claim is as likely as not.
//!
//! With the distribution of one coordinate moved up by $\delta$, a draw has the importance ratio
//! $p(z - \delta) / p(z)$. MarginalLikelihood by the smoothed ratios, the draws give the probability of a claim under the moved
//! prior, as long as they reach so far: while the ratios' tail shape says that means can be relied on. The shift is
//! raised from zero, downwards and upwards, until the probability passes one half or the draws reach no further.
//!
//! Far from zero few draws carry the weight, and with dozens of priors some probability passes one half by chance. So
//! a prior tips a claim only if its effect is told from chance: if at some shift on the same side, within reach, the
//! probability has moved that way by three standard errors of the difference or more.

use counterplay_inference::importance::Weighing;

/// How far priors are moved to either side, in prior standard deviations.
pub const RANGE: f64 = 2.0;
/// The steps in which they are moved, before the crossing is bisected.
const STEP: f64 = 0.25;
/// To how much a crossing is bisected.
const FINEST: f64 = 1e-3;
/// A move of this many standard errors is told from chance.
const TOLD_FROM_CHANCE: f64 = 3.0;
/// At a tipping point a claim is as likely as not.
const EVEN: f64 = 0.5;

/// The shift that makes a claim as likely as not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tipping {
    /// The shift, in prior standard deviations.
    pub shift: f64,
    /// Its Monte Carlo error: that of the probability there over the probability's slope.
    pub error: f64,
    /// The tail shape of the ratios there.
    pub pareto_k: f64,
}

/// Draws weighed for shifts of one prior, as far as they reach.
pub struct Reach<W> {
    /// Shift and weighing, upwards; zero is among them.
    steps: Vec<(f64, Weighing)>,
    weigh: W,
}

impl<W: Fn(f64) -> Weighing> Reach<W> {
    /// Weighs draws for shifts within the [range](RANGE); `weigh` gives the weighing for a shift in prior standard
    /// deviations.
    pub fn new(weigh: W) -> Self {
        let count = (RANGE / STEP).round() as usize;
        let side = |direction: f64| {
            let steps = (1..=count).map(move |k| direction * STEP * k as f64);
            let weighed: Vec<(f64, Weighing)> =
                steps.map(|shift| (shift, weigh(shift))).take_while(|step| step.1.reliable()).collect();
            weighed
        };
        let mut steps = side(-1.0);
        steps.reverse();
        steps.push((0.0, weigh(0.0)));
        steps.extend(side(1.0));
        Self { steps, weigh }
    }

    /// The lowest and the highest shift that the draws reach, each with the claim's probability there; `holds` is 1
    /// where the claim holds in a draw, else 0.
    pub fn ends(&self, holds: &[f64]) -> [(f64, f64); 2] {
        let at = |step: &(f64, Weighing)| (step.0, step.1.mean(holds));
        [at(&self.steps[0]), at(&self.steps[self.steps.len() - 1])]
    }

    /// Whether the draws reach the whole range.
    pub fn is_whole(&self) -> bool {
        self.steps[0].0 <= -RANGE && self.steps[self.steps.len() - 1].0 >= RANGE
    }

    /// The smallest shift, in either direction, at which the claim is as likely as not; `None` if there is none within
    /// reach.
    pub fn tipping(&self, holds: &[f64]) -> Option<Tipping> {
        let zero = self.steps.iter().position(|step| step.0 == 0.0)?;
        let down = self.crossing(self.steps[..=zero].iter().rev(), holds);
        let up = self.crossing(self.steps[zero..].iter(), holds);
        match (down, up) {
            (Some(down), Some(up)) => Some(if up.shift <= -down.shift { up } else { down }),
            (down, up) => down.or(up),
        }
    }

    /// The first crossing on the way outwards from zero.
    fn crossing<'a>(
        &self,
        outwards: impl Iterator<Item = &'a (f64, Weighing)>,
        holds: &[f64],
    ) -> Option<Tipping> {
        let outwards: Vec<&(f64, Weighing)> = outwards.collect();
        let path: Vec<(f64, f64)> = outwards.iter().map(|step| (step.0, step.1.mean(holds))).collect();
        let towards = (EVEN - path[0].1).signum();
        let told = outwards.iter().any(|step| towards * step.1.errors_moved(holds) >= TOLD_FROM_CHANCE);
        let pair = path.windows(2).find(|pair| (pair[0].1 - EVEN) * (pair[1].1 - EVEN) <= 0.0)?;
        let slope = ((pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0)).abs();
        let (mut near, mut far) = (pair[0].0, pair[1].0);
        let before = pair[0].1 - EVEN;
        while (far - near).abs() > FINEST {
            let middle = 0.5 * (near + far);
            let crossed = ((self.weigh)(middle).mean(holds) - EVEN) * before <= 0.0;
            if crossed { far = middle } else { near = middle }
        }
        let shift = 0.5 * (near + far);
        let weighing = (self.weigh)(shift);
        let error = (weighing.error(holds) / slope.max(f64::MIN_POSITIVE)).min(RANGE);
        (told && weighing.reliable()).then_some(Tipping { shift, error, pareto_k: weighing.pareto_k })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterplay_inference::distribution::Concrete;
    use counterplay_inference::importance::pareto_smoothed;

    const DRAWS: usize = 2000;

    /// Draws of the posterior N(0.9, 1/2) of a parameter with the prior N(0, 1), seen once, at 1.8, with sd 1.
    fn draws() -> Vec<f64> {
        let posterior = Concrete::Normal { mean: 0.9, sd: 0.5_f64.sqrt() };
        (0..DRAWS).map(|s| posterior.quantile((s as f64 + 0.5) / DRAWS as f64)).collect()
    }

    /// With the prior N(s, 1) the posterior is N(0.9 + s / 2, 1/2): "the parameter is above t" tips at s = 2 (t - 0.9).
    #[test]
    fn the_tipping_point_of_a_threshold_is_the_closed_form() {
        let draws = draws();
        let weigh = |s: f64| pareto_smoothed(&draws.iter().map(|z| s * z - 0.5 * s * s).collect::<Vec<_>>());
        let reach = Reach::new(weigh);
        for (threshold, exact) in [(0.5, -0.8), (0.7, -0.4), (1.3, 0.8)] {
            let holds: Vec<f64> = draws.iter().map(|z| f64::from(u8::from(*z > threshold))).collect();
            let found = reach.tipping(&holds).unwrap();
            assert!((found.shift - exact).abs() < 0.03, "{found:?} is not {exact}");
            assert!(found.error > 0.0 && found.error < 0.15, "{found:?}");
        }
        let holds: Vec<f64> = draws.iter().map(|z| f64::from(u8::from(*z > -2.0))).collect();
        assert_eq!(reach.tipping(&holds), None);
    }

    /// The prior of a parameter that the claim has nothing to do with cannot tip it.
    #[test]
    fn a_parameter_that_does_nothing_tips_nothing() {
        let draws = draws();
        // Any value of the one goes with every value of the other.
        let standard = Concrete::Normal { mean: 0.0, sd: 1.0 };
        let other: Vec<f64> = (0..DRAWS)
            .map(|s| standard.quantile(((s * 617) % DRAWS) as f64 / DRAWS as f64 + 0.5 / DRAWS as f64))
            .collect();
        let weigh = |s: f64| pareto_smoothed(&other.iter().map(|z| s * z - 0.5 * s * s).collect::<Vec<_>>());
        let reach = Reach::new(weigh);
        let holds: Vec<f64> = draws.iter().map(|z| f64::from(u8::from(*z > 0.6))).collect();
        let share = holds.iter().sum::<f64>() / DRAWS as f64;
        assert_eq!(reach.tipping(&holds), None);
        for (shift, probability) in reach.ends(&holds) {
            assert!(
                shift.abs() >= 0.5 && (probability - share).abs() < 0.05,
                "{shift} {probability} {share}"
            );
        }
    }

    #[test]
    fn shifts_that_the_draws_do_not_reach_are_left_out() {
        // A coordinate that the record has made ten times narrower than its prior has no draws two deviations off; one
        // whose ratios are wild is out of reach at once.
        let wild: Vec<f64> = (0..DRAWS).map(|s| -2.0 * ((s as f64 + 0.5) / DRAWS as f64).ln()).collect();
        let weigh = |s: f64| pareto_smoothed(&wild.iter().map(|l| s * l).collect::<Vec<_>>());
        let reach = Reach::new(weigh);
        let [low, high] = reach.ends(&vec![1.0; DRAWS]);
        assert!(!reach.is_whole() && high.0 < 0.5 && low.0 == -RANGE, "{low:?} {high:?}");
    }
}
