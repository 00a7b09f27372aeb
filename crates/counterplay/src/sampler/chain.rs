//! One chain: the bridge to `nuts-rs`.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use nuts_rs::{
    Chain as _, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError, Settings as _,
};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use super::{Chain, Counter, LogDensity, Missing, NoDensity, SamplerError, SamplerSettings};

/// How many starting points are tried.
const TRIES: usize = 100;

/// Runs the chain with the given number.
pub(super) fn run<D: LogDensity>(
    chain: usize,
    mut density: D,
    initial: &impl Fn(usize, &mut ChaCha8Rng) -> Vec<f64>,
    settings: &SamplerSettings,
    counter: &Counter<'_>,
) -> Result<Chain, SamplerError> {
    if density.dimension() == 0 {
        return empty(settings, counter);
    }
    let mut generator = settings.generator(chain);
    let start = starting_point(chain, &mut density, initial, &mut generator, counter)?;
    let broken = |error: &dyn fmt::Display| {
        // A stack backtrace may follow.
        let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
        SamplerError::Broken { chain, reason }
    };
    let last = Arc::new(Mutex::new(NoDensity::Unsolved));
    let math = CpuMath::new(Bridge { density, last: last.clone() });
    let nuts = nuts_settings(settings);
    let mut sampler = nuts.new_chain(chain as u64, math, &mut generator).map_err(|e| broken(&e))?;
    sampler.set_position(&start).map_err(|e| broken(&e))?;
    let mut found = Chain {
        draws: Vec::new(),
        divergences: 0,
        cut_short: Missing::new(),
        depths: Vec::new(),
        step_size: 0.0,
    };
    for index in 0..settings.warmup + settings.draws {
        counter.check()?;
        let (draw, _, statistics, state) = sampler.expanded_draw().map_err(|e| broken(&e))?;
        counter.advance();
        if index >= settings.warmup {
            found.draws.push(draw.into_vec());
            let energy = statistics.divergence.divergence_energy_error;
            found.divergences += usize::from(state.diverging && energy.is_some());
            if state.diverging && energy.is_none() {
                let why = last.lock().unwrap_or_else(PoisonError::into_inner).clone();
                *found.cut_short.entry(why).or_default() += 1;
            }
            found.depths.push(statistics.depth);
            found.step_size = state.step_size;
        }
    }
    Ok(found)
}

/// The draws of a density without coordinates: each is the empty point.
fn empty(settings: &SamplerSettings, counter: &Counter<'_>) -> Result<Chain, SamplerError> {
    counter.check()?;
    (0..settings.warmup + settings.draws).for_each(|_| counter.advance());
    let (draws, depths) = (vec![Vec::new(); settings.draws], vec![0; settings.draws]);
    Ok(Chain { draws, divergences: 0, cut_short: Missing::new(), depths, step_size: 0.0 })
}

/// The first of the points that `initial` gives at which the density is finite, moved off the coordinates at
/// which it is level.
fn starting_point<D: LogDensity>(
    chain: usize,
    density: &mut D,
    initial: &impl Fn(usize, &mut ChaCha8Rng) -> Vec<f64>,
    generator: &mut ChaCha8Rng,
    counter: &Counter<'_>,
) -> Result<Vec<f64>, SamplerError> {
    let mut gradient = vec![0.0; density.dimension()];
    let mut tried = Missing::new();
    for _ in 0..TRIES {
        counter.check()?;
        let mut point = initial(chain, generator);
        assert_eq!(point.len(), density.dimension(), "a starting point needs every coordinate");
        if let Err(why) = finite(density, &point, &mut gradient) {
            *tried.entry(why).or_default() += 1;
            continue;
        }
        if gradient.iter().all(|&g| g != 0.0) {
            return Ok(point);
        }
        // The sampler takes its first metric from the gradient, and refuses a point where a part of it is zero.
        let level = point.iter_mut().zip(&gradient).filter(|(_, g)| **g == 0.0);
        level.for_each(|(x, _)| *x += 0.1 * (1.0 - 0.5 * generator.random::<f64>()));
        match finite(density, &point, &mut gradient) {
            Ok(_) if gradient.iter().all(|&g| g != 0.0) => return Ok(point),
            Ok(_) => *tried.entry(NoDensity::BadNumber(LEVEL.to_owned())).or_default() += 1,
            Err(why) => *tried.entry(why).or_default() += 1,
        }
    }
    Err(SamplerError::NoStart { chain, tried })
}

/// Why a point is refused at which a part of the gradient is zero.
const LEVEL: &str = "the density is level";

/// The log density, if it and its gradient are finite.
fn finite<D: LogDensity>(density: &mut D, z: &[f64], gradient: &mut [f64]) -> Result<f64, NoDensity> {
    gradient.fill(0.0);
    let value = density.evaluate(z, gradient)?;
    if value == f64::NEG_INFINITY {
        return Err(NoDensity::Zero);
    }
    if !value.is_finite() {
        return Err(NoDensity::not_a_number());
    }
    if gradient.iter().any(|g| !g.is_finite()) {
        return Err(NoDensity::BadNumber("the density has no finite slope".to_owned()));
    }
    Ok(value)
}

fn nuts_settings(settings: &SamplerSettings) -> DiagNutsSettings {
    let mut nuts = DiagNutsSettings {
        num_tune: settings.warmup as u64,
        num_draws: settings.draws as u64,
        num_chains: settings.chains,
        maxdepth: settings.max_depth,
        seed: settings.seed,
        ..DiagNutsSettings::default()
    };
    nuts.adapt_options.step_size_settings.target_accept = settings.target_accept;
    nuts
}

/// A density as `nuts-rs` wants it.
struct Bridge<D> {
    density: D,
    /// Why there was no density, the last time.
    last: Arc<Mutex<NoDensity>>,
}

/// The density could not be evaluated, which only ends the trajectory.
#[derive(Debug)]
struct NotFinite;

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the density is not finite")
    }
}

impl std::error::Error for NotFinite {}

impl LogpError for NotFinite {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl<D: LogDensity> HasDims for Bridge<D> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("unconstrained_parameter".to_owned(), self.density.dimension() as u64)])
    }
}

impl<D: LogDensity> CpuLogpFunc for Bridge<D> {
    type LogpError = NotFinite;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        self.density.dimension()
    }

    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, NotFinite> {
        finite(&mut self.density, position, gradient).map_err(|why| {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = why;
            NotFinite
        })
    }

    fn expand_vector<R: Rng + ?Sized>(&mut self, _: &mut R, _: &[f64]) -> Result<Vec<f64>, CpuMathError> {
        Ok(Vec::new())
    }
}
