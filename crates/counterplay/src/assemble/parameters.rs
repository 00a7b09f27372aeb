//! Every uncertain quantity before and after the record.

use counterplay_analysis::interval::distribution;
use counterplay_analysis::{Distribution, ParameterSummary};
use counterplay_game::expression::ExprId;
use counterplay_inference::distribution::Concrete;
use counterplay_inference::prior::{JointPrior, Prior};
use counterplay_math::hypot;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::answer::query::{MeasuredLaw, mixture_quantile};
use crate::posterior::Posterior;
use crate::scenario::{Parameter, Scenario};

/// Draws from the prior for its curves.
const PRIOR_DRAWS: usize = 4000;

/// What is told of each parameter.
pub(crate) fn parameter_summaries(
    scenario: &Scenario,
    prior: &JointPrior,
    posterior: &Posterior,
    seed: u64,
) -> Vec<ParameterSummary> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::MAX);
    let prior: Vec<Vec<f64>> = (0..PRIOR_DRAWS).map(|_| prior.sample(&mut rng).theta).collect();
    let summary = |parameter: &Parameter| {
        let index = parameter.id.index();
        let drawn = distribution(&prior.iter().map(|d| d[index]).collect::<Vec<_>>());
        let before = match known_prior(scenario, parameter) {
            Some(laws) => exact(&laws, drawn),
            None => drawn,
        };
        let after = distribution(&posterior.parameter(index).concat());
        let diagnostics = &posterior.diagnostics[index];
        ParameterSummary {
            name: parameter.name.clone(),
            unit: parameter.unit.clone(),
            prior: parameter.prior_text.clone(),
            evidence: parameter.evidence.clone(),
            judgement_only: parameter.judgement_only(),
            shrinkage: (before.sd > 0.0).then(|| after.sd / before.sd),
            before,
            after,
            r_hat: diagnostics.rhat,
            bulk_ess: diagnostics.ess_bulk,
            tail_ess: diagnostics.ess_tail,
        }
    };
    scenario.parameters.iter().map(summary).collect()
}

/// The prior of a parameter as a mixture of distributions with known numbers, their weights adding up to one; `None` where a number is
/// uncertain itself.
fn known_prior(scenario: &Scenario, parameter: &Parameter) -> Option<Vec<(Concrete, f64)>> {
    let known = |argument: ExprId| scenario.expressions.known(argument);
    let prior = &scenario.priors[parameter.block];
    let concentrations: Vec<f64> = prior.arguments().into_iter().map(known).collect::<Option<_>>()?;
    let concrete = |law: &counterplay_inference::distribution::Distribution<ExprId>| {
        law.map(|argument| known(argument).unwrap_or(f64::NAN))
    };
    let mut laws: Vec<(Concrete, f64)> = match prior {
        Prior::Single(law) => vec![(concrete(law), 1.0)],
        Prior::Mixture(laws) => laws.iter().map(|(weight, law)| (concrete(law), *weight)).collect(),
        Prior::Categorical(values) => values.iter().map(|(value, p)| (Concrete::Point(*value), *p)).collect(),
        // Each share of a Dirichlet distribution has a beta distribution.
        Prior::Dirichlet(_) => {
            let first = scenario.parameters.iter().position(|p| p.block == parameter.block)?;
            let alpha = concentrations[parameter.id.index() - scenario.parameters[first].id.index()];
            let beta = concentrations.iter().sum::<f64>() - alpha;
            vec![(Concrete::Beta { alpha, beta }, 1.0)]
        }
    };
    let whole: f64 = laws.iter().map(|law| law.1).sum();
    for law in &mut laws {
        law.1 /= whole;
    }
    Some(laws)
}

/// The numbers of a mixture, with the histogram of draws from it.
fn exact(laws: &[(Concrete, f64)], drawn: Distribution) -> Distribution {
    let mean = laws.iter().map(|(law, weight)| weight * law.mean()).sum::<f64>();
    let square = |(law, weight): &(Concrete, f64)| weight * hypot(law.sd(), law.mean() - mean).powi(2);
    let mixture: Vec<(MeasuredLaw, f64)> =
        laws.iter().map(|(law, weight)| (MeasuredLaw::free(*law), *weight)).collect();
    let found = Distribution {
        mean,
        sd: if let [(law, _)] = laws { law.sd() } else { laws.iter().map(square).sum::<f64>().sqrt() },
        quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|p| mixture_quantile(&mixture, p)),
        histogram: drawn.histogram.clone(),
    };
    // Without a mean or a standard deviation of its own it is told by its draws.
    if found.mean.is_finite() && found.sd.is_finite() { found } else { drawn }
}
