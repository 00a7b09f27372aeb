//! How far plans are from an equilibrium, on the layout that iterations use.

use super::flat_form::FlatForm;

/// Each player's expected payoff, and the most that it could get against the others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evaluation {
    pub(crate) payoffs: Vec<f64>,
    pub(crate) best: Vec<f64>,
}

impl Evaluation {
    /// The sum over the players of what they could gain.
    pub(crate) fn nash_conv(&self) -> f64 {
        self.best.iter().zip(&self.payoffs).map(|(b, p)| b - p).sum()
    }
}

/// Evaluates realisation plans.
pub(crate) fn evaluate(form: &FlatForm, plans: &[f64]) -> Evaluation {
    let player = |player| match form.terms.width {
        1 => evaluate_one::<1>(form, plans, player),
        _ => evaluate_one::<0>(form, plans, player),
    };
    let (payoffs, best) = (0..form.players()).map(player).unzip();
    Evaluation { payoffs, best }
}

fn evaluate_one<const W: usize>(form: &FlatForm, plans: &[f64], player: usize) -> (f64, f64) {
    let range = form.sequences(player);
    let start = range.start;
    let marginals: Vec<f64> = range.map(|s| form.terms.marginal::<W>(s, plans)).collect();
    let payoff = marginals.iter().zip(&plans[start..]).map(|(m, x)| m * x).sum();
    let mut best = marginals;
    for set in form.sets(player).iter().rev() {
        let own = set.sequences();
        let most = best[own.start - start..own.end - start].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        best[set.parent as usize - start] += most;
    }
    (payoff, best[0])
}
