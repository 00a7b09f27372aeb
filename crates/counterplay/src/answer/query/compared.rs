//! What replayed histories say of a quantity, and how much of that is luck.

use super::cases::CaseShare;
use super::weighted::WeightedAnswer;

/// A quantity over replayed histories that count alike.
pub(crate) struct ReplayedValue {
    pub(crate) said: WeightedAnswer,
    /// How far each history moves the value: $(Y_h - \bar Y) 1(G_h) / \sum 1(G)$.
    pub(crate) influence: Vec<f64>,
}

impl ReplayedValue {
    /// The quantity from what each history contributes; its quantile where one is asked for.
    pub(crate) fn of(mut parts: Vec<CaseShare>, quantile: Option<f64>) -> Self {
        if let Some(p) = quantile {
            around_quantile(&mut parts, p);
        }
        let mut sum = CaseShare::default();
        for part in &parts {
            sum.given += part.given;
            sum.of += part.of;
        }
        let value = sum.of / sum.given;
        let move_of = |part: &CaseShare| {
            if sum.given > 0.0 { (part.of - value * part.given) / sum.given } else { 0.0 }
        };
        let influence: Vec<f64> = parts.iter().map(move_of).collect();
        let noise = influence.iter().map(|x| x * x).sum();
        let weight = sum.given / parts.len().max(1) as f64;
        Self { said: WeightedAnswer { value, weight, noise }, influence }
    }

    /// The variance of how far it is from the same over the same replays of another world.
    pub(crate) fn noise_of_change(&self, then: &Self) -> f64 {
        self.influence.iter().zip(&then.influence).map(|(a, b)| (a - b).powi(2)).sum()
    }
}

/// The share of the histories in which the condition holds.
pub(crate) fn holding(parts: &[CaseShare]) -> WeightedAnswer {
    let count = parts.len() as f64;
    let value = parts.iter().map(|p| p.given).sum::<f64>() / count;
    WeightedAnswer { value, weight: 1.0, noise: value * (1.0 - value) / count }
}

/// What histories contribute, each as much as its gate lets through.
pub(crate) fn gated(mut parts: Vec<CaseShare>, gates: &[f64]) -> Vec<CaseShare> {
    for (part, gate) in parts.iter_mut().zip(gates) {
        *part = CaseShare { given: part.given * gate, of: part.of * gate };
    }
    parts
}

/// Puts in the place of each value of a quantity the quantile of all, moved by how far the value moves it:
/// $q + (p - 1(x \le q)) / f(q)$, where the density $f$ is taken from the quantiles a standard error apart.
fn around_quantile(parts: &mut [CaseShare], p: f64) {
    let mut values: Vec<f64> = parts.iter().filter(|x| x.given > 0.0).map(|x| x.of / x.given).collect();
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return };
    // The smallest value with at least probability p at or below it.
    let at = |p: f64| values[((p * values.len() as f64).ceil() as usize).clamp(1, last + 1) - 1];
    let (quantile, width) = (at(p), (p * (1.0 - p) / values.len() as f64).sqrt());
    let (low, high) = ((p - width).max(0.0), (p + width).min(1.0));
    let slope = (at(high) - at(low)) / (high - low);
    let reached = values.iter().filter(|x| **x <= quantile).count() as f64 / values.len() as f64;
    for part in parts.iter_mut().filter(|x| x.given > 0.0) {
        let below = f64::from(u8::from(part.of / part.given <= quantile));
        part.of = part.given * (quantile + (reached - below) * slope);
    }
}
