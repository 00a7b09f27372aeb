//! How following the branch ended, in words.

use counterplay_equilibrium::logit::Status;

/// What a solver's status says.
pub(crate) fn in_words(status: Status) -> String {
    match status {
        Status::Converged => "play converged".to_owned(),
        Status::Jumped { at } => format!(
            "play converged, but not along the principal branch: it was left at a turn at {:.1}% of the precisions",
            100.0 * at
        ),
        Status::OutOfBudget { reached } => {
            format!(
                "play did not converge: the budget was spent at {:.1}% of the precisions",
                100.0 * reached
            )
        }
        Status::Stuck { reached } => {
            format!("play did not converge: no way on at {:.1}% of the precisions", 100.0 * reached)
        }
    }
}
