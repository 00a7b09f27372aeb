//! Draws from a distribution known by its log density, by the No-U-Turn sampler.
//!
//! The sampler is that of Hoffman and Gelman (2014) with multinomial trajectories (Betancourt 2017), and with the diagonal metric
//! adapted to draws and gradients and the warm-up of nuts-rs (Seyboldt 2021). Chains run in parallel on the current `rayon`
//! pool; each has its own generator, seeded from the seed and its number, and every number is computed in a fixed order with the
//! functions of [`counterplay_math`]. So the same seed gives the same draws to the last bit, on any number of threads and on any
//! machine, if the density does.
//!
//! ```
//! use counterplay_inference::sampler::{sample, LogDensity, NoDensity, SamplerSettings, Silent};
//!
//! /// A normal quantity with mean 3 and standard deviation 1.
//! #[derive(Clone)]
//! struct Normal;
//!
//! impl LogDensity for Normal {
//!     fn dimension(&self) -> usize {
//!         1
//!     }
//!     fn evaluate(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, NoDensity> {
//!         gradient[0] = 3.0 - z[0];
//!         Ok(-0.5 * (z[0] - 3.0).powi(2))
//!     }
//! }
//!
//! let settings = SamplerSettings { warmup: 200, draws: 200, ..SamplerSettings::default() };
//! let draws = sample(&Normal, |_, _| vec![0.0], &settings, &Silent)?;
//! let mean = draws.coordinate(0).concat().iter().sum::<f64>() / 800.0;
//! assert!((mean - 3.0).abs() < 0.3);
//! # Ok::<(), counterplay_inference::sampler::SamplerError>(())
//! ```

mod chain;
mod step_size;
mod trajectory;
mod warmup;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A density to draw from, known up to a factor.
///
/// Each chain draws from its own clone, which may therefore keep what helps it evaluate the next point.
pub trait LogDensity: Clone + Send {
    /// The number of coordinates.
    fn dimension(&self) -> usize;

    /// The log density at `z`, with its gradient written into `gradient`, which comes filled with zeros.
    ///
    /// Minus infinity says that the density is zero.
    ///
    /// # Errors
    /// If there is no density there. The trajectory ends, as it does where the density is zero, and the chain goes on
    /// from a point where it is not.
    fn evaluate(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, NoDensity>;
}

/// Why there is nothing to draw at a point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NoDensity {
    /// The density is zero: the point is ruled out, as where the record is impossible.
    Zero,
    /// A number that the density needs is not what it should be; says which one.
    BadNumber(String),
    /// The density could not be computed, although it may be above zero.
    Unsolved,
}

impl NoDensity {
    /// The density is not a number.
    pub fn not_a_number() -> Self {
        Self::BadNumber("the likelihood is not a number".to_owned())
    }
}

impl fmt::Display for NoDensity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero => f.write_str("the record is impossible"),
            Self::BadNumber(which) => f.write_str(which),
            Self::Unsolved => f.write_str("play could not be solved"),
        }
    }
}

/// How often there was nothing to draw, by the reason.
pub type Missing = BTreeMap<NoDensity, usize>;

/// How to sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplerSettings {
    /// The seed of all randomness.
    pub seed: u64,
    /// The number of chains.
    pub chains: usize,
    /// Draws of each chain that only adapt the step size and the metric, and are not kept.
    pub warmup: usize,
    /// Draws of each chain that are kept.
    pub draws: usize,
    /// The acceptance rate that the step size aims at, between 0 and 1: higher means smaller steps.
    pub target_accept: f64,
    /// A trajectory has fewer than 2 to this power steps.
    pub max_depth: u64,
}

impl Default for SamplerSettings {
    fn default() -> Self {
        Self { seed: 0, chains: 4, warmup: 1000, draws: 1000, target_accept: 0.8, max_depth: 10 }
    }
}

impl SamplerSettings {
    fn check(&self) -> Result<(), SamplerError> {
        let bad = |setting, must_be| Err(SamplerError::BadSetting { setting, must_be });
        if self.chains == 0 {
            return bad("chains", "at least 1");
        }
        if self.draws == 0 {
            return bad("draws", "at least 1");
        }
        if !(0.0 < self.target_accept && self.target_accept < 1.0) {
            return bad("target_accept", "above 0 and below 1");
        }
        if !(1..=30).contains(&self.max_depth) {
            return bad("max_depth", "between 1 and 30");
        }
        Ok(())
    }

    /// The generator of a chain.
    fn generator(&self, chain: usize) -> ChaCha8Rng {
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        generator.set_stream(chain as u64);
        generator
    }
}

/// Who watches the sampler, and may stop it. Called from several threads.
pub trait Progress: Sync {
    /// `done` of `total` draws are made, over all chains and with those of the warm-up.
    fn advance(&self, done: usize, total: usize);

    /// Whether to stop; asked before each draw.
    fn cancelled(&self) -> bool;
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _done: usize, _total: usize) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// What the sampler found, without the warm-up.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    /// The chains, in order.
    pub chains: Vec<Chain>,
}

/// One chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// The draws in order, each with as many coordinates as the density.
    pub draws: Vec<Vec<f64>>,
    /// How many of the draws came from a trajectory that diverged. Any at all is a warning that part of the
    /// distribution may be out of reach.
    pub divergences: usize,
    /// How many of the draws came from a trajectory that ended at a point where there is no density, by the reason. The
    /// draws leave such points out.
    pub cut_short: Missing,
    /// The depth of each draw's trajectory; at most [`max_depth`](SamplerSettings::max_depth), and if often
    /// equal to it, the chain moves too slowly.
    pub depths: Vec<u64>,
    /// The step size that the warm-up arrived at, in units of the metric.
    pub step_size: f64,
}

impl Draws {
    /// The chains of one coordinate, as [`diagnostics`](crate::diagnostics) takes them.
    pub fn coordinate(&self, index: usize) -> Vec<Vec<f64>> {
        self.chains.iter().map(|chain| chain.draws.iter().map(|draw| draw[index]).collect()).collect()
    }

    /// All draws, chain after chain.
    pub fn all(&self) -> impl Iterator<Item = &[f64]> {
        self.chains.iter().flat_map(|chain| chain.draws.iter().map(Vec::as_slice))
    }

    /// Divergences over all chains.
    pub fn divergences(&self) -> usize {
        self.chains.iter().map(|chain| chain.divergences).sum()
    }

    /// Trajectories over all chains that were cut short, by the reason.
    pub fn cut_short(&self) -> Missing {
        let mut all = Missing::new();
        for (why, count) in self.chains.iter().flat_map(|chain| &chain.cut_short) {
            *all.entry(why.clone()).or_default() += count;
        }
        all
    }
}

/// Why there are no draws.
#[derive(Clone, Debug, PartialEq)]
pub enum SamplerError {
    /// [`Progress::cancelled`] said so.
    Cancelled,
    /// A setting is out of its range.
    BadSetting {
        /// The setting's name.
        setting: &'static str,
        /// What it must be, in words.
        must_be: &'static str,
    },
    /// No point to start a chain from was found.
    NoStart {
        /// The number of the chain, from 0.
        chain: usize,
        /// What was found at the points that were tried.
        tried: Missing,
    },
}

impl fmt::Display for SamplerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => write!(f, "sampling was cancelled"),
            Self::BadSetting { setting, must_be } => write!(f, "`{setting}` must be {must_be}"),
            Self::NoStart { chain, tried } => {
                let total: usize = tried.values().sum();
                write!(f, "no starting point for chain {}: of {total} points tried, ", chain + 1)?;
                for (place, (why, count)) in tried.iter().enumerate() {
                    let and = if place == 0 { "" } else { ", and " };
                    write!(f, "{and}at {count} {why}")?;
                }
                f.write_str("; is the record possible under the priors?")
            }
        }
    }
}

impl std::error::Error for SamplerError {}

/// Draws from `density`.
///
/// Each chain starts where `initial` says, given the chain's number and generator; if the density cannot be
/// evaluated there it is asked again, up to a hundred times. The sampler can only be asked for a finite
/// amount of work: `chains * (warmup + draws)` trajectories of fewer than $2^\text{max depth}$ evaluations each.
///
/// # Errors
/// If a setting is out of range, no starting point is found, or `progress` cancels.
///
/// # Panics
/// If `initial` gives a point of another dimension.
pub fn sample<D: LogDensity>(
    density: &D,
    initial: impl Fn(usize, &mut ChaCha8Rng) -> Vec<f64> + Sync,
    settings: &SamplerSettings,
    progress: &dyn Progress,
) -> Result<Draws, SamplerError> {
    settings.check()?;
    let counter = Counter {
        done: AtomicUsize::new(0),
        total: settings.chains * (settings.warmup + settings.draws),
        progress,
    };
    let own: Vec<(usize, D)> = (0..settings.chains).map(|chain| (chain, density.clone())).collect();
    let run = |(chain, density): (usize, D)| chain::run(chain, density, &initial, settings, &counter);
    // Collected before the first error is looked for, so that it is the same one every time.
    let chains: Vec<Result<Chain, SamplerError>> = own.into_par_iter().map(run).collect();
    Ok(Draws { chains: chains.into_iter().collect::<Result<_, _>>()? })
}

/// Counts the draws of all chains.
struct Counter<'a> {
    done: AtomicUsize,
    total: usize,
    progress: &'a dyn Progress,
}

impl Counter<'_> {
    fn check(&self) -> Result<(), SamplerError> {
        if self.progress.cancelled() { Err(SamplerError::Cancelled) } else { Ok(()) }
    }

    fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.progress.advance(done, self.total);
    }
}

#[cfg(test)]
mod tests;
