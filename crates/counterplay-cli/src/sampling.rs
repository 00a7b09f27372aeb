//! How much work an analysis does.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use counterplay::settings::{Method, Settings};

const SAMPLING: &str = "Sampling";

/// How to draw from the posterior.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Sampler {
    /// The No-U-Turn sampler: sharp where there is one mode
    #[default]
    Nuts,
    /// Sequential Monte Carlo: where there are several modes
    Smc,
}

/// The settings of an analysis; what is not given has the library's default.
#[derive(Clone, Debug, Args)]
pub(crate) struct Sampling {
    /// A first look: few draws, rough numbers
    #[arg(long, help_heading = SAMPLING)]
    quick: bool,

    /// Seed of all randomness: the same seed gives the same bytes
    #[arg(long, help_heading = SAMPLING, value_name = "N")]
    seed: Option<u64>,

    /// Threads to work with; the result is the same with any number [default: one for each core]
    #[arg(long, help_heading = SAMPLING, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Compute all of it again, and keep nothing: the user's cache folder is left alone
    #[arg(long, help_heading = SAMPLING)]
    pub(crate) no_cache: bool,

    /// How to draw from the posterior
    #[arg(long, help_heading = SAMPLING, value_enum, default_value_t, hide_short_help = true)]
    sampler: Sampler,

    /// Chains of the sampler
    #[arg(long, help_heading = SAMPLING, value_name = "N", hide_short_help = true)]
    chains: Option<NonZeroUsize>,

    /// Draws that each chain keeps
    #[arg(long, help_heading = SAMPLING, value_name = "N", hide_short_help = true)]
    draws: Option<NonZeroUsize>,

    /// Draws of each chain before those, by which it adapts
    #[arg(long, help_heading = SAMPLING, value_name = "N", hide_short_help = true)]
    warmup: Option<NonZeroUsize>,

    /// Posterior draws that the what-ifs are answered for
    #[arg(long, help_heading = SAMPLING, value_name = "N", hide_short_help = true)]
    answer_draws: Option<NonZeroUsize>,

    /// Histories with their luck that are replayed for each of those, where they cannot be summed over
    #[arg(long, alias = "lucks", help_heading = SAMPLING, value_name = "N", hide_short_help = true)]
    replays: Option<NonZeroUsize>,

    /// Particles behind each marginal likelihood
    #[arg(long, help_heading = SAMPLING, value_name = "N", hide_short_help = true)]
    evidence_draws: Option<NonZeroUsize>,

    /// Points of the design that shares out the variance of the prior prediction; 0 leaves it out
    #[arg(long, help_heading = SAMPLING, value_name = "N", hide_short_help = true)]
    stress_points: Option<usize>,

    /// Starting points of each search for other equilibria, at the posterior mean and at some draws; 0 searches for none
    /// [default: 24]
    #[arg(long, help_heading = SAMPLING, value_name = "N", hide_short_help = true)]
    equilibria: Option<usize>,

    /// How many tipping points of claims to confirm by a new fit each [default: as many, up to 5, as take little time]
    #[arg(long, help_heading = SAMPLING, value_name = "N", hide_short_help = true)]
    confirm: Option<usize>,
}

impl Sampling {
    /// The settings, with these bounds on the story.
    pub(crate) fn settings(&self, limits: counterplay::story::limits::Limits) -> Settings {
        let base = if self.quick { quick() } else { Settings::default() };
        let or = |given: Option<NonZeroUsize>, base: usize| given.map_or(base, usize::from);
        Settings {
            seed: self.seed.unwrap_or(base.seed),
            method: match self.sampler {
                Sampler::Nuts => Method::NoUTurn,
                Sampler::Smc => Method::Tempering,
            },
            chains: or(self.chains, base.chains),
            draws: or(self.draws, base.draws),
            warmup: or(self.warmup, base.warmup),
            answer_draws: or(self.answer_draws, base.answer_draws),
            replays: or(self.replays, base.replays),
            evidence_draws: or(self.evidence_draws, base.evidence_draws),
            variants: base.variants,
            stress_points: self.stress_points.unwrap_or(base.stress_points),
            equilibria: self.equilibria.unwrap_or(base.equilibria),
            confirmations: self.confirm.or(base.confirmations),
            scope: base.scope,
            limits,
        }
    }
}

/// Enough for a first look at the answers, and for the diagnostics of a small scenario.
fn quick() -> Settings {
    Settings {
        draws: 250,
        warmup: 250,
        answer_draws: 100,
        replays: 20,
        evidence_draws: 200,
        stress_points: 16,
        ..Settings::default()
    }
}
