//! How much work an analysis is, and from which seed.

use counterplay_inference::sampler::SamplerSettings;

use crate::story::limits::Limits;

/// How the posterior is drawn from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// By the No-U-Turn sampler.
    #[default]
    NoUTurn,
    /// By sequential Monte Carlo over tempered posteriors, where there are several modes.
    Tempering,
}

impl Method {
    /// It in words.
    pub fn words(self) -> &'static str {
        match self {
            Method::NoUTurn => "No-U-Turn sampler",
            Method::Tempering => "sequential Monte Carlo over tempered posteriors",
        }
    }
}

/// How much is told besides the answers to what is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All that can be found.
    #[default]
    Everything,
    /// The answers alone: no actual causes, nothing of what each player expected.
    Answers,
}

/// How much work to do, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The seed of all randomness.
    pub seed: u64,
    /// How the posterior is drawn from.
    pub method: Method,
    /// Chains of the sampler.
    pub chains: usize,
    /// Kept draws per chain.
    pub draws: usize,
    /// Warm-up draws per chain.
    pub warmup: usize,
    /// Posterior draws that the what-ifs use.
    pub answer_draws: usize,
    /// Histories with their luck, for each of those whose histories are not summed over: of processes, and of trees too large.
    pub replays: usize,
    /// Particles behind each marginal likelihood, over eight independent runs; as many draws from the prior
    /// foretell what was to be expected.
    pub evidence_draws: usize,
    /// Whether to run the variants that the scenario declares.
    pub variants: bool,
    /// Points of the design that shares out the variance of the prior prediction among the priors; play is solved
    /// once for each point and parameter. None, and it is left out.
    pub stress_points: usize,
    /// Starting points of each search for other equilibria, at the posterior mean and at some draws; none, and they are not
    /// searched for.
    pub equilibria: usize,
    /// How many tipping points are confirmed by a new fit; `None` for as many, up to five, as take little time.
    pub confirmations: Option<usize>,
    /// How much is told besides the answers.
    pub scope: Scope,
    /// Bounds on unfolding.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            method: Method::default(),
            chains: 4,
            draws: 600,
            warmup: 300,
            answer_draws: 400,
            replays: 100,
            evidence_draws: 800,
            variants: false,
            stress_points: 64,
            equilibria: 24,
            confirmations: None,
            scope: Scope::default(),
            limits: Limits::default(),
        }
    }
}

impl Settings {
    /// The settings of the sampler.
    pub(crate) fn sampler(&self) -> SamplerSettings {
        SamplerSettings {
            seed: self.seed,
            chains: self.chains,
            warmup: self.warmup,
            draws: self.draws,
            // Where the leapfrog integrator gets furthest for its work (Beskos et al. 2013).
            target_accept: 0.65,
            ..SamplerSettings::default()
        }
    }

    pub(crate) fn everything(&self) -> bool {
        self.scope == Scope::Everything
    }
}
