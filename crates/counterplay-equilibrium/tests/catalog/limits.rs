//! The limits of the principal branches of the games in the catalog.

use counterplay_equilibrium::logit::trace::{Trace, TraceEnd, TraceSettings};
use counterplay_equilibrium::logit::{Settings, Solver};
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

/// The certified regret at which a limit counts as reached, as a share of the range of payoffs.
pub(crate) const REGRET: f64 = 1e-6;

/// The principal branch as far as it leads by itself.
pub(crate) fn limit(game: &Game, numbers: &Valuation) -> Trace {
    let precisions = vec![1.0; game.players().len()];
    Solver::new(game, Settings::default())
        .trace(numbers, &precisions, &TraceSettings::default(), &mut |_| false)
}

/// The referee's regret of the last point, as a share of the range of payoffs: on the path and off it.
pub(crate) fn regret(game: &Game, numbers: &Valuation, trace: &Trace) -> f64 {
    let players = game.players().len();
    let certificate = certify(game, numbers, &vec![trace.last.precision; players], &trace.last.play);
    let range = (0..players).map(|p| {
        let own = numbers.payoffs.iter().skip(p).step_by(players);
        let (low, high) =
            own.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (f64::min(l, *x), f64::max(h, *x)));
        high - low
    });
    certificate.regret.max(certificate.regret_off_path) / range.fold(0.0, f64::max)
}

/// What there is to say of a trace that does not end at a limit, leaves the branch, or meets other branches on the way.
pub(crate) fn description(trace: &Trace) -> Option<String> {
    let end = (trace.end != TraceEnd::Limit).then(|| format!("{:?}", trace.end));
    let left = trace.leaps.first().map(|at| format!("left at {at:.0e}"));
    let crossed = trace.crossings.first().map(|at| format!("crossed at {at:.3}"));
    let parts: Vec<String> = [crossed, left, end].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
