//! Which explanation is more probable than which, as far as the errors of the marginal likelihoods tell, and whether the record says
//! anything of them.

use counterplay_analysis::{BEYOND_ERROR, Rank};
use counterplay_inference::marginal::MarginalLikelihood;
use counterplay_math::ln;

/// The log of a Bayes factor, and its error over the runs, which the two have in common.
fn log_factor(a: &MarginalLikelihood, b: &MarginalLikelihood) -> (f64, f64) {
    let factor = a.bayes_factor(b);
    (ln(factor.value), factor.error / factor.value)
}

/// A log Bayes factor below this is shown as 1.
const NOTHING: f64 = 0.005;

/// An error of a log Bayes factor above which it cannot be said to be 1.
const SMALL: f64 = 0.1;

/// Whether the Bayes factors of these explanations against each other are all 1, within small errors.
pub(crate) fn record_says_nothing(explanations: &[&MarginalLikelihood]) -> bool {
    let equal = |a: &MarginalLikelihood, b: &MarginalLikelihood| {
        let (log, error) = log_factor(a, b);
        error <= SMALL && log.abs() <= (BEYOND_ERROR * error).max(NOTHING)
    };
    explanations.iter().enumerate().all(|(k, a)| explanations[..k].iter().all(|b| equal(a, b)))
}

/// Probabilities that differ by a smaller log ratio are equal.
const EQUAL: f64 = 1e-9;

/// The ranks of the explanations by their probabilities; nothing where the record says nothing of them.
pub(super) fn ranks(probabilities: &[f64], explanations: &[&MarginalLikelihood]) -> Option<Vec<Rank>> {
    if record_says_nothing(explanations) {
        return None;
    }
    let exceeds = |a: usize, b: usize| {
        let apart = ln(probabilities[a]) - ln(probabilities[b]);
        // What is ruled out has no error that could bring it back.
        let ruled_out = probabilities[b] == 0.0 && probabilities[a] > 0.0;
        let (_, error) = log_factor(explanations[a], explanations[b]);
        ruled_out || apart > (BEYOND_ERROR * error).max(EQUAL)
    };
    Some(Rank::of(probabilities.len(), exceeds))
}
