//! Derivatives of functions of stationary play and values, through the equilibrium (implicit function theorem).
//!
//! With the multipliers $\mu$ of the values, $(I - G)^\top \mu = w_V + {}$ the weights on logits through the
//! values that follow, one adjoint sweep for each state gives the derivatives with respect to all its numbers.

use counterplay_game::valuation::Valuation;

use super::{Numbers, Solver, StageNumbers};

/// The derivatives of a function with respect to play and values.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// For each state, with respect to the logits of each action.
    pub logits: Vec<Vec<f64>>,
    /// With respect to the values: player by player, state by state.
    pub values: Vec<f64>,
}

/// The derivatives of a function with respect to the numbers of the process.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// With respect to probabilities, payoffs and the weights of links.
    pub numbers: Numbers,
    /// With respect to the precision of each player.
    pub precisions: Vec<f64>,
}

impl Solver {
    /// The derivatives through the equilibrium of a function with these derivatives. To be called right after solving at
    /// these precisions; the caller adds derivatives that do not go through play and values. `None` where the
    /// equilibrium is not a differentiable function of the numbers.
    pub fn gradient(&mut self, precisions: &[f64], values: &[f64], weights: &Weights) -> Option<Gradient> {
        let (n, count) = (self.players, self.states.len());
        let mut unused = vec![0.0; values.len()];
        self.linearise(precisions, &mut unused, precisions)?;
        let none = vec![0.0; n];
        let mut rhs = weights.values.clone();
        for (state, weights) in self.states.iter_mut().zip(&weights.logits) {
            let multipliers = state.multipliers(precisions, weights, &none);
            let d_payoffs = state.derivatives(precisions, &multipliers, &none).numbers.payoffs.clone();
            state.add_back(&d_payoffs, &mut rhs);
        }
        let multipliers = self.collapsed.solve_transposed(&rhs)?;
        let mut gradient = Gradient { numbers: Numbers::default(), precisions: vec![0.0; n] };
        for (index, (state, weights)) in self.states.iter_mut().zip(&weights.logits).enumerate() {
            let root: Vec<f64> = multipliers.iter().skip(index).step_by(count).copied().collect();
            let own = state.multipliers(precisions, weights, &root);
            let through = state.derivatives(precisions, &own, &root).clone();
            for (sum, d) in gradient.precisions.iter_mut().zip(&through.precisions) {
                *sum += d;
            }
            let Valuation { chance, payoffs } = through.numbers;
            let of_link = |(end, to, _): (usize, usize, f64)| {
                (0..n).map(|i| payoffs[end * n + i] * values[i * count + to]).sum()
            };
            let weights = state.links().map(of_link).collect();
            gradient.numbers.stages.push(StageNumbers { valuation: Valuation { chance, payoffs }, weights });
        }
        Some(gradient)
    }
}
