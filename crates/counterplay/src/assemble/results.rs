//! Everything that was found, before it is put together.

use crate::answer::attribution::FactorWorlds;
use crate::answer::gather::DrawGathered;
use crate::answer::gather::Gathering;
use crate::answer::query::Refit;
use crate::answer::timeline::Timeline;
use crate::memory::Memory;
use crate::model::centre::Centre;
use crate::posterior::Posterior;
use crate::robustness::averaged::Effort;
use crate::robustness::averaged::ExplanationAnswers;
use crate::robustness::explanations::WeighedExplanations;
use crate::settings::Settings;
use crate::watch::Watch;
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::Inquiry;
use counterplay_analysis::OtherEquilibria;
use counterplay_analysis::OutcomeValue;
use counterplay_analysis::SweepAnswer;
use counterplay_analysis::Variants;
use counterplay_inference::prior::JointPrior;
/// Everything that was found.
pub(crate) struct Results<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) posterior: &'a Posterior,
    pub(crate) prior: &'a JointPrior,
    pub(crate) explained: &'a WeighedExplanations,
    pub(crate) answered: &'a [ExplanationAnswers],
    pub(crate) effort: Effort,
    pub(crate) variants: Option<&'a Variants>,
    pub(crate) centre: &'a Centre,
    pub(crate) about: OutcomeIndex,
    pub(crate) gathering: &'a Gathering<'a>,
    pub(crate) sweeps: Vec<SweepAnswer>,
    pub(crate) refit: &'a Refit<'a>,
    pub(crate) factors: &'a FactorWorlds,
    /// The steps of what happened, in a story that ends.
    pub(crate) timeline: Option<&'a Timeline>,
    pub(crate) gathered: &'a [DrawGathered],
    pub(crate) unsolved: usize,
    /// The answers at draws from the prior; nothing where neither claims nor what-ifs need them.
    pub(crate) before_the_record: Option<&'a ExplanationAnswers>,
    /// Other equilibria beside those of the answers; nothing if none were searched for.
    pub(crate) others: Option<OtherEquilibria>,
    pub(crate) memory: &'a dyn Memory,
    pub(crate) watch: &'a dyn Watch,
}

/// An outcome and its value by their names.
pub(crate) fn subject(inquiry: &Inquiry<'_>, OutcomeIndex { outcome, value }: OutcomeIndex) -> OutcomeValue {
    let (name, values) = &inquiry.catalogue.outcomes[outcome];
    OutcomeValue { outcome: name.clone(), value: values[value].clone() }
}
