//! Watching long work, and stopping it.

use counterplay_inference::sampler::Progress;

/// A stage of the work, for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Telling the story along every history.
    Unfold,
    /// Drawing from the posterior.
    Sample,
    /// Weighing the explanations by their marginal likelihoods.
    Weigh,
    /// Answering the what-ifs.
    Answer,
    /// Sharing the outcome among the factors.
    Attribute,
    /// Trying how far answers and claims rest on the priors.
    Stress,
    /// Drawing worlds, and fitting each to its record.
    Calibrate,
}

/// Someone who watches long work and may stop it. Called from several threads.
pub trait Watch: Sync {
    /// `done` of `total` steps of a stage are done; `total` is `None` where it is not known.
    fn advance(&self, stage: Stage, done: usize, total: Option<usize>);

    /// Whether the work should stop as soon as it can.
    fn cancelled(&self) -> bool;
}

/// One stage of the work, as samplers see who watches them.
#[derive(Clone, Copy)]
pub(crate) struct StageProgress<'a> {
    /// The stage.
    pub(crate) stage: Stage,
    /// Who watches.
    pub(crate) watch: &'a dyn Watch,
}

impl Progress for StageProgress<'_> {
    fn advance(&self, done: usize, total: usize) {
        self.watch.advance(self.stage, done, Some(total));
    }

    fn cancelled(&self) -> bool {
        self.watch.cancelled()
    }
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn advance(&self, _: Stage, _: usize, _: Option<usize>) {}

    fn cancelled(&self) -> bool {
        false
    }
}
