//! What the record says about the parameters.
//!
//! The posterior density is the prior times the likelihood of the record, both with exact gradients, and is
//! drawn from by the No-U-Turn sampler. Parameters with finitely many values are summed over exactly and drawn
//! afterwards, given the others. Without a record the posterior is the prior.

pub(crate) mod evidence;
mod likelihood;

use crate::error::Error;
use crate::model::play::{ROUGH_SETTINGS, SAMPLING_SETTINGS};
use crate::model::{Evaluator, Model};
use crate::watch::{Stage, StageProgress, Watch};
use counterplay_inference::diagnostics::Diagnostics;
use counterplay_inference::key::Key;
use counterplay_inference::prior::{Combination, JointPrior, Workspace};
use counterplay_inference::sampler::{
    Draws, LogDensity, Missing, NoDensity, SamplerError, SamplerSettings, sample,
};
use counterplay_inference::tempering;
use counterplay_inference::tempering::{Count, Tempering};
use counterplay_math::{exp, ln};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Draws from the posterior.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Posterior {
    /// The parameter values of each draw, chain by chain.
    pub chains: Vec<Vec<Vec<f64>>>,
    /// Divergent transitions after warm-up.
    pub divergences: usize,
    /// Transitions after warm-up whose trajectory ended where play could not be solved.
    pub cut_short: usize,
    /// Transitions after warm-up whose trajectory ended at a point that is ruled out, by the reason.
    pub ruled_out: Vec<(String, usize)>,
    /// The diagnostics of each parameter; those of a number that does not vary are perfect.
    pub diagnostics: Vec<Diagnostics>,
    /// Whether every parameter is known beforehand, so that nothing was sampled.
    pub known: bool,
    /// The chains whose place these draws took, if there were any.
    pub replaced: Option<UnmixedChains>,
}

/// Chains of the No-U-Turn sampler that did not mix.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnmixedChains {
    /// The parameter on which the chains differed most.
    pub parameter: usize,
    /// Its R-hat.
    pub r_hat: f64,
}

/// How well the posterior was sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// The largest R-hat of any parameter.
    pub max_r_hat: f64,
    /// The smallest bulk effective sample size.
    pub min_bulk_ess: f64,
    /// The smallest tail effective sample size.
    pub min_tail_ess: f64,
    /// Divergent transitions.
    pub divergences: usize,
    /// The share of transitions whose trajectory ended where play could not be solved. The posterior leaves such
    /// points out, which at this share matters little: a trajectory visits several points.
    pub cut_short: f64,
    /// Whether every parameter is known, so that there is nothing to judge.
    pub known: bool,
}

impl Quality {
    /// Whether all is well: R-hat at most 1.01, 400 effective draws in bulk and tails (Vehtari et al. 2021),
    /// no divergence, and at most one transition in a hundred cut short. What is known needs no sampling.
    pub fn good(&self) -> bool {
        self.known
            || self.max_r_hat <= 1.01
                && self.min_bulk_ess >= 400.0
                && self.min_tail_ess >= 400.0
                && self.divergences == 0
                && self.cut_short <= 0.01
    }
}

/// Chains whose R-hat is above this are in different places.
const LARGEST_R_HAT: f64 = 1.05;

/// Of chains that pass from one place to another too seldom, fewer than one draw in this number is effective.
const LONGEST_TIME: f64 = 20.0;

impl Posterior {
    fn new(chains: Vec<Vec<Vec<f64>>>, prior: &JointPrior, divergences: usize, missing: &Missing) -> Self {
        let one = |p: usize| {
            Diagnostics::of(&chains.iter().map(|c| c.iter().map(|d| d[p]).collect()).collect::<Vec<_>>())
        };
        let diagnostics = (0..prior.parameters()).map(one).collect();
        let cut_short = missing.get(&NoDensity::Unsolved).copied().unwrap_or(0);
        let others = missing.iter().filter(|m| *m.0 != NoDensity::Unsolved);
        let ruled_out = others.map(|(why, count)| (why.to_string(), *count)).collect();
        let known = prior.coordinates() == 0 && prior.combination_count() == 1;
        Self { chains, divergences, cut_short, ruled_out, diagnostics, known, replaced: None }
    }

    /// How many independent draws `count` of the draws stand for: as many, unless some parameter has fewer effective
    /// draws in the bulk.
    pub fn effective(&self, count: usize) -> f64 {
        if self.known { count as f64 } else { self.quality().min_bulk_ess.min(count as f64).max(1.0) }
    }

    /// Whether the chains agree at least roughly, and move: R-hat is at most 1.05, and at least one draw in twenty is
    /// effective. Otherwise they are in different places, and more draws like these are no remedy.
    pub fn mixed(&self) -> bool {
        let quality = self.quality();
        let moves = quality.min_bulk_ess * LONGEST_TIME >= self.draws().count() as f64;
        self.known || quality.max_r_hat <= LARGEST_R_HAT && moves
    }

    /// The parameter on which the chains differ most.
    fn worst(&self) -> Option<UnmixedChains> {
        let all =
            self.diagnostics.iter().enumerate().map(|(p, d)| UnmixedChains { parameter: p, r_hat: d.rhat });
        all.max_by(|a, b| a.r_hat.total_cmp(&b.r_hat).then(b.parameter.cmp(&a.parameter)))
    }

    /// These draws, or others, if the chains of these have not mixed and the others agree better: first as many, then
    /// twice as many if those are not good.
    fn unless_better(
        self,
        settings: &SamplerSettings,
        other: impl Fn(&SamplerSettings) -> Result<Self, NoPosterior>,
    ) -> Result<Self, NoPosterior> {
        if self.mixed() {
            return Ok(self);
        }
        let worst = self.worst();
        let mut best = self;
        for times in [1, 2] {
            let found = match other(&SamplerSettings { draws: times * settings.draws, ..*settings }) {
                Err(NoPosterior::Sampler(_)) => return Ok(best),
                found => found?,
            };
            if found.quality().max_r_hat < best.quality().max_r_hat {
                best = Self { replaced: worst, ..found };
            }
            if best.quality().good() {
                break;
            }
        }
        Ok(best)
    }

    /// All draws, chain after chain.
    pub fn draws(&self) -> impl Iterator<Item = &[f64]> {
        self.chains.iter().flatten().map(Vec::as_slice)
    }

    /// `count` draws, spread evenly over all.
    pub fn spread(&self, count: usize) -> Vec<&[f64]> {
        let all: Vec<&[f64]> = self.draws().collect();
        let count = count.min(all.len());
        (0..count).map(|k| all[(2 * k + 1) * all.len() / (2 * count)]).collect()
    }

    /// The chains of one parameter.
    pub fn parameter(&self, index: usize) -> Vec<Vec<f64>> {
        self.chains.iter().map(|chain| chain.iter().map(|draw| draw[index]).collect()).collect()
    }

    /// The mean of each parameter.
    pub fn mean(&self) -> Vec<f64> {
        let count = self.draws().count() as f64;
        let mut mean = vec![0.0; self.diagnostics.len()];
        for draw in self.draws() {
            for (m, x) in mean.iter_mut().zip(draw) {
                *m += x / count;
            }
        }
        mean
    }

    /// How well it was sampled.
    pub fn quality(&self) -> Quality {
        let of = |f: fn(&Diagnostics) -> f64| self.diagnostics.iter().map(f);
        Quality {
            max_r_hat: of(|d| d.rhat).fold(1.0, f64::max),
            min_bulk_ess: of(|d| d.ess_bulk).fold(f64::INFINITY, f64::min),
            min_tail_ess: of(|d| d.ess_tail).fold(f64::INFINITY, f64::min),
            divergences: self.divergences,
            cut_short: self.cut_short as f64 / self.draws().count().max(1) as f64,
            known: self.known,
        }
    }
}

/// Why there is no posterior.
#[derive(Clone, Debug, PartialEq)]
pub enum NoPosterior {
    /// Someone stopped it.
    Cancelled,
    /// The sampler found no way.
    Sampler(String),
}

impl From<NoPosterior> for Error {
    fn from(error: NoPosterior) -> Self {
        match error {
            NoPosterior::Cancelled => Self::CANCELLED,
            NoPosterior::Sampler(_) => Self::nothing(error.to_string()),
        }
    }
}

impl fmt::Display for NoPosterior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoPosterior::Cancelled => f.write_str("stopped"),
            NoPosterior::Sampler(message) => write!(f, "the posterior could not be sampled: {message}"),
        }
    }
}

impl std::error::Error for NoPosterior {}

impl From<SamplerError> for NoPosterior {
    fn from(error: SamplerError) -> Self {
        match error {
            SamplerError::Cancelled => NoPosterior::Cancelled,
            other => NoPosterior::Sampler(other.to_string()),
        }
    }
}

/// Draws from the posterior of a model that has its record.
///
/// # Errors
/// If it was cancelled, or no point was found where the record has a probability.
pub fn fit(
    model: &Model,
    prior: &Arc<JointPrior>,
    settings: &SamplerSettings,
    watch: &dyn Watch,
) -> Result<Posterior, NoPosterior> {
    fit_to(&model.evaluator(SAMPLING_SETTINGS), prior, settings, watch)
}

/// Draws by the No-U-Turn sampler; if its chains do not mix, by sequential Monte Carlo in their place, as long as its
/// runs agree better ([`Posterior::replaced`] then says so).
///
/// A chain that starts in one of several modes seldom leaves it, and nothing but another sampler helps: each run of
/// [`fit_tempered`] starts from the whole prior and finds the modes with their weights. If those draws are not good, it
/// is tried once more with twice as many.
///
/// # Errors
/// As [`fit`].
pub fn fit_mixed(
    model: &Model,
    prior: &Arc<JointPrior>,
    settings: &SamplerSettings,
    watch: &dyn Watch,
) -> Result<Posterior, NoPosterior> {
    let chains = fit(model, prior, settings, watch)?;
    chains.unless_better(settings, |settings| fit_tempered(model, prior, settings, watch))
}

fn fit_to(
    likelihood: &Evaluator,
    prior: &Arc<JointPrior>,
    settings: &SamplerSettings,
    watch: &dyn Watch,
) -> Result<Posterior, NoPosterior> {
    let target = PosteriorDensity::new(likelihood, prior).bounded(settings.seed);
    let start = |_: usize, rng: &mut ChaCha8Rng| target.clone().start(rng);
    let found = sample(&target, start, settings, &StageProgress { stage: Stage::Sample, watch })?;
    let chains = target.parameters_of(&found, settings.seed);
    Ok(Posterior::new(chains, prior, found.divergences(), &found.cut_short()))
}

/// Draws by sequential Monte Carlo over tempered posteriors, for posteriors with several modes that no chain would
/// leave: each chain is a run of its own, and finds the modes by itself.
///
/// There is no warm-up; `draws` is the number of particles. A parameter that has not mixed shows in R-hat, as with
/// any chains.
///
/// # Errors
/// If it was cancelled, or the record is impossible at every draw from the prior.
pub fn fit_tempered(
    model: &Model,
    prior: &JointPrior,
    settings: &SamplerSettings,
    watch: &dyn Watch,
) -> Result<Posterior, NoPosterior> {
    temper(&model.evaluator(ROUGH_SETTINGS), prior, settings, watch)
}

fn temper(
    likelihood: &Evaluator,
    prior: &JointPrior,
    settings: &SamplerSettings,
    watch: &dyn Watch,
) -> Result<Posterior, NoPosterior> {
    let how = Tempering {
        seed: settings.seed,
        runs: settings.chains,
        particles: settings.draws,
        rounds: LAST_ROUNDS,
    };
    let runs = tempering::climb_to(
        likelihood,
        prior,
        &how,
        &Count::new(how.runs, &StageProgress { stage: Stage::Sample, watch }),
    );
    if runs.is_empty() {
        return Err(NoPosterior::Cancelled);
    }
    if runs.iter().any(|run| run.log_marginal == f64::NEG_INFINITY) {
        return Err(NoPosterior::Sampler("the record is impossible at every draw from the prior".into()));
    }
    let mut missing = Missing::new();
    for (why, count) in runs.iter().flat_map(|run| &run.missing) {
        *missing.entry(why.clone()).or_default() += count;
    }
    let chains = runs.into_iter().map(|run| run.particles).collect();
    Ok(Posterior::new(chains, prior, 0, &missing))
}

/// Rounds of moves at the posterior, by which particles that were copied part.
const LAST_ROUNDS: usize = 4;

/// How many likely points the bound on the gradient is taken from, and how many times the steepest it is.
const STEEP_POINTS: u64 = 8;

const STEEPEST: f64 = 4.0;

/// How many draws from the prior a chain's start is chosen from.
const START_CANDIDATES: usize = 25;

/// The posterior density over the coordinates of the prior.
#[derive(Clone)]
struct PosteriorDensity {
    prior: Arc<JointPrior>,
    parts: Vec<PosteriorPart>,
    /// The longest gradient that is passed on; see [`PosteriorDensity::bounded`].
    longest: f64,
}

/// The posterior density at one combination of values of the categorical parameters.
#[derive(Clone)]
struct PosteriorPart {
    log_weight: f64,
    workspace: Workspace,
    likelihood: Evaluator,
    parameters: Vec<f64>,
    adjoint: Vec<f64>,
}

impl PosteriorDensity {
    fn new(likelihood: &Evaluator, prior: &Arc<JointPrior>) -> Self {
        let part = |combination: Combination| PosteriorPart {
            log_weight: ln(combination.probability),
            workspace: prior.workspace(&combination),
            likelihood: likelihood.clone(),
            parameters: Vec::new(),
            adjoint: vec![0.0; prior.parameters()],
        };
        Self { prior: prior.clone(), parts: prior.combinations().map(part).collect(), longest: f64::INFINITY }
    }

    /// The same with a bound on the gradient's length: this many times that at the steepest of some likely points.
    ///
    /// Where the branch turns, play changes at a rate without bound, and one step of a trajectory would throw it out of
    /// all bounds. Leapfrog steps stay reversible and keep volume whatever function of the position drives them (Neal
    /// 2011, section 5.5), so that a bounded gradient leaves the distribution that is drawn from as it is.
    fn bounded(mut self, seed: u64) -> Self {
        let mut gradient = vec![0.0; self.dimension()];
        let mut steepest = (self.dimension() as f64).sqrt();
        for k in 0..STEEP_POINTS {
            // The chains have the first streams.
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(u64::MAX - k);
            let z = self.start(&mut rng);
            if self.evaluate(&z, &mut gradient).is_ok() {
                let length = length(&gradient);
                steepest = if length.is_finite() { steepest.max(length) } else { steepest };
            }
        }
        self.longest = STEEPEST * steepest;
        self
    }

    fn shorten(&self, gradient: &mut [f64]) {
        let length = length(gradient);
        if length > self.longest {
            for g in gradient {
                *g *= self.longest / length;
            }
        }
    }

    /// One of some draws from the prior, chosen by the likelihood: near to a draw from the posterior.
    fn start(&mut self, rng: &mut (impl Rng + ?Sized)) -> Vec<f64> {
        let prior = self.prior.clone();
        let mut candidates: Vec<Vec<f64>> = (0..START_CANDIDATES).map(|_| prior.sample(rng).z).collect();
        let logs: Vec<f64> = candidates.iter().map(|z| self.log_likelihood(z)).collect();
        candidates.swap_remove(choose(&logs, rng.random()))
    }

    /// The log likelihood, summed over the parts.
    fn log_likelihood(&mut self, z: &[f64]) -> f64 {
        let prior = self.prior.clone();
        let logs: Vec<f64> = self.parts.iter_mut().map(|p| p.log_likelihood(&prior, z)).collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if top == f64::NEG_INFINITY { top } else { top + ln(logs.iter().map(|l| exp(l - top)).sum::<f64>()) }
    }

    /// The parameter values of all draws; those with finitely many values are drawn given the others.
    fn parameters_of(&self, draws: &Draws, seed: u64) -> Vec<Vec<Vec<f64>>> {
        let mut target = self.clone();
        let key = Key::new(seed).with(Key::of_text("categorical parameters"));
        let mut chains = Vec::with_capacity(draws.chains.len());
        for (c, chain) in draws.chains.iter().enumerate() {
            let point = |(d, z): (usize, &Vec<f64>)| {
                let uniform = key.with(c as u64).with(d as u64).uniform();
                target.parameters_at(z, uniform)
            };
            chains.push(chain.draws.iter().enumerate().map(point).collect());
        }
        chains
    }

    fn parameters_at(&mut self, z: &[f64], uniform: f64) -> Vec<f64> {
        let chosen = if self.parts.len() == 1 { 0 } else { self.choose_part(z, uniform) };
        let mut parameters = Vec::new();
        let part = &mut self.parts[chosen];
        self.prior.constrain(&mut part.workspace, z, &mut parameters);
        parameters
    }

    fn choose_part(&mut self, z: &[f64], uniform: f64) -> usize {
        let mut scrap = vec![0.0; z.len()];
        let prior = self.prior.clone();
        let logs: Vec<f64> = self
            .parts
            .iter_mut()
            .map(|p| p.evaluate(&prior, z, &mut scrap).unwrap_or(f64::NEG_INFINITY))
            .collect();
        choose(&logs, uniform)
    }
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// One of these by its log weight, at a uniform draw; the first if no weight is finite.
fn choose(logs: &[f64], uniform: f64) -> usize {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return 0;
    }
    let mut left = uniform * logs.iter().map(|l| exp(l - top)).sum::<f64>();
    let crossed = logs.iter().position(|l| {
        left -= exp(l - top);
        left < 0.0
    });
    crossed.unwrap_or(logs.len() - 1)
}

impl PosteriorPart {
    fn log_likelihood(&mut self, prior: &JointPrior, z: &[f64]) -> f64 {
        prior.constrain(&mut self.workspace, z, &mut self.parameters);
        let found = self.likelihood.log_likelihood(&self.parameters).ok().filter(|l| !l.is_nan());
        self.log_weight + found.unwrap_or(f64::NEG_INFINITY)
    }

    /// The log density here, and its gradient, added to `gradient`.
    fn evaluate(&mut self, prior: &JointPrior, z: &[f64], gradient: &mut [f64]) -> Result<f64, NoDensity> {
        prior.constrain(&mut self.workspace, z, &mut self.parameters);
        self.adjoint.fill(0.0);
        let likelihood = self.likelihood.log_likelihood_gradient(&self.parameters, &mut self.adjoint)?;
        let density = prior.gradient(&mut self.workspace, z, &self.adjoint, gradient);
        Ok(self.log_weight + likelihood + density)
    }
}

impl LogDensity for PosteriorDensity {
    fn dimension(&self) -> usize {
        self.prior.coordinates()
    }

    fn evaluate(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, NoDensity> {
        gradient.fill(0.0);
        if let [part] = self.parts.as_mut_slice() {
            let density = part.evaluate(&self.prior, z, gradient)?;
            self.shorten(gradient);
            return Ok(density);
        }
        let mut found = Vec::with_capacity(self.parts.len());
        let mut missing = NoDensity::Zero;
        for part in &mut self.parts {
            let mut own = vec![0.0; z.len()];
            match part.evaluate(&self.prior, z, &mut own) {
                Ok(log) if log > f64::NEG_INFINITY => found.push((log, own)),
                // A part that rules the point out, or whose log is not a number, has no share in it.
                Ok(_) => {}
                Err(why) => missing = why,
            }
        }
        if found.is_empty() {
            return Err(missing);
        }
        let top = found.iter().map(|f| f.0).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = found.iter().map(|f| exp(f.0 - top)).sum();
        for (log, own) in &found {
            let share = exp(log - top) / sum;
            for (g, o) in gradient.iter_mut().zip(own) {
                *g += share * o;
            }
        }
        self.shorten(gradient);
        Ok(top + ln(sum))
    }
}
