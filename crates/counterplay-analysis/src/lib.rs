//! The record of everything found about a case.
//!
//! An [`Analysis`] is plain data, the same for the terminal summary, the HTML report and JSON, so that they
//! cannot disagree. It holds no clock reading and no path of a machine: the same scenario, settings and seed
//! give the same bytes. Probabilities are numbers in \[0, 1\]; every interval is the central 90%.

mod chain;
mod comparison;
mod equilibria;
pub mod interval;
pub mod printable;
mod process;
mod questions;
mod rank;
mod stress;
mod variants;
mod why;

use serde::{Deserialize, Serialize};

pub use chain::{
    Chain, ChainInput, Converged, Extract, Extracted, ExtractedAnswer, ExtractedCase, ExtractedDistribution,
    ExtractedMeasure, ExtractedOutcome, ExtractedQuery, ExtractedQuestions, ExtractedValue, ExtractedWorld,
};
pub use comparison::{AveragedAnswer, AveragedClaim, ComparedExplanation, Comparison, EvidenceItem};
pub use equilibria::{
    EquilibriumAnswer, OffBranch, OffBranchAnswer, OffBranchPart, OtherEquilibria, OtherEquilibrium,
    PlayDifference, PlayEquilibria, WorldName,
};
pub use process::{FirstTrue, OutcomeSeries, ProcessSummary, SeriesPoint, StateSummary, WorldSeries};
pub use questions::{
    Expectations, LARGEST_PARETO_K, PlayerView, Prediction, PredictionStep, QueryAnswer, QueryEstimate,
    QueryValue, Questions, Reweighting, Scale, SweepAnswer,
};
pub use rank::{BEYOND_ERROR, Rank};
pub use stress::{
    Assumption, ClaimStress, Confirmation, Finding, GlobalSensitivity, Learning, Quantity, Robustness,
    Sensitivity, ShareInterval, ShiftTest, Stress, TippingPoint, VarianceShare,
};
pub use variants::{VariantAnswer, VariantClaim, VariantSummary, Variants};
pub use why::{
    ActualCauses, Bounds, CausationBounds, CausingEvent, Interaction, MonteCarlo, TurningPoint,
    TurningPointStep,
};

/// The version of the JSON form. It grows by one whenever a field changes its name or meaning; a new field does not change it.
pub const SCHEMA_VERSION: u32 = 2;

/// Everything found about a case; see the [module](self).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// [`SCHEMA_VERSION`] of the program that wrote this.
    pub schema_version: u32,
    /// The version of Counterplay that wrote this.
    pub counterplay_version: String,
    /// What the scenario says of itself.
    pub case: Case,
    /// The settings that gave these numbers.
    pub settings: RunSettings,
    /// The unfolded game.
    pub game: GameSummary,
    /// How well play was solved.
    pub play: PlaySummary,
    /// How well the posterior was sampled.
    pub sampling: SamplingSummary,
    /// Every uncertain quantity, in the order of the scenario.
    pub parameters: Vec<ParameterSummary>,
    /// What is known to have happened, in the order of play.
    pub timeline: Vec<TimelineStep>,
    /// The probability of the outcome that the case is about before the first step of the timeline, with the uncertain quantities as
    /// the whole record leaves them: what the steps start from. `None` without steps.
    #[serde(default)]
    pub timeline_start: Option<Interval>,
    /// Measured quantities that the record gives.
    pub measured: Vec<MeasuredValue>,
    /// The world as it was: histories that agree with the record.
    pub factual: World,
    /// What was to be expected before anything of the record was known.
    pub prior_prediction: World,
    /// The what-ifs, in the order of the scenario.
    pub answers: Vec<Answer>,
    /// Answers to queries and sweeps, predictions as of a moment, and what the players expected on the way.
    #[serde(default)]
    pub questions: Questions,
    /// For each outcome asked about, how much of it each factor carries.
    pub attributions: Vec<Attribution>,
    /// Rival explanations, in the order of the scenario.
    pub explanations: Vec<ExplanationSummary>,
    /// How they compare: the evidence for each, and the answers under each; `None` without explanations.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// The claims, in the order of the scenario.
    pub claims: Vec<ClaimSummary>,
    /// What is found under variants of the story; `None` if the scenario declares none.
    #[serde(default)]
    pub variants: Option<Variants>,
    /// How much each answer and claim rests on each assumption.
    #[serde(default)]
    pub stress: Stress,
    /// The upper part of the game tree with the probabilities of play.
    pub tree: TreeNode,
    /// What a reader must know before trusting the numbers, most serious first.
    pub warnings: Vec<Warning>,
    /// The states of a process without an end, and how it goes on; `None` where the story ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<ProcessSummary>,
    /// The path of the outcome's probability along what happened, and where it moved most; `None` without a
    /// record of events.
    #[serde(default)]
    pub turning_point: Option<TurningPoint>,
    /// What was an actual cause of the outcome; `None` if no history that was drawn has it.
    #[serde(default)]
    pub actual_causes: Option<ActualCauses>,
    /// What it was made from: its own files, and other analyses.
    #[serde(default)]
    pub chain: Chain,
}

/// What the scenario says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// A short name for files: `hanoi-2019`.
    pub name: String,
    /// The title.
    pub title: String,
    /// The question that the case asks; may be empty.
    pub question: String,
    /// The period that it covers; may be empty.
    pub period: String,
    /// The players, in the order of the scenario.
    pub players: Vec<String>,
    /// The outcome that the case is about: what the what-ifs and factors are measured by.
    pub about: OutcomeValue,
    /// The scenario's text, so that the record is complete.
    pub text: String,
    /// The bibliography entries that are cited.
    pub sources: Vec<Source>,
}

/// One bibliography entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The key by which the scenario cites it.
    pub key: String,
    /// Who wrote it; may be empty.
    pub author: String,
    /// Its title.
    pub title: String,
    /// When it appeared, as the entry says; may be empty.
    pub date: String,
    /// Where it appeared: journal, newspaper, publisher; may be empty.
    pub place: String,
    /// Its address; may be empty.
    pub url: String,
}

/// The settings that gave these numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSettings {
    /// The seed of all randomness.
    pub seed: u64,
    /// Chains of the sampler.
    pub chains: usize,
    /// Kept draws per chain.
    pub draws: usize,
    /// Warm-up draws per chain, which are not kept.
    pub warmup: usize,
    /// Posterior draws that the what-ifs use, spread evenly over all kept draws.
    pub answer_draws: usize,
    /// Histories with their luck drawn for each of those.
    pub replays: usize,
    /// Particles behind each marginal likelihood, over all its runs.
    pub evidence_draws: usize,
    /// Points of the design that shares out the variance of the prior prediction.
    #[serde(default)]
    pub stress_points: usize,
    /// Starting points of each search for other equilibria; none, and they were not searched for.
    #[serde(default)]
    pub equilibria: usize,
}

/// The size and the events of the unfolded game.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GameSummary {
    /// Histories from the root to an end.
    pub histories: usize,
    /// Nodes of the tree.
    pub nodes: usize,
    /// Information sets of all players.
    pub information_sets: usize,
    /// Actions over all information sets.
    pub actions: usize,
    /// The events, in the order in which they first occur.
    pub events: Vec<EventSummary>,
}

/// One named event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventSummary {
    /// Its name.
    pub name: String,
    /// Who decides; `None` for chance.
    pub player: Option<String>,
    /// Every action or label that it can have.
    pub actions: Vec<String>,
    /// In how many information sets it is met (0 for chance).
    pub information_sets: usize,
}

/// How well play was solved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaySummary {
    /// The method in words, for example "logit quantal response equilibrium, principal branch".
    pub method: String,
    /// Whether an equilibrium was reached wherever the answers need one; whether it is that of the principal branch is said
    /// by `off_branch`.
    pub converged: bool,
    /// How many equilibria were solved and certified for the answers.
    pub certified: usize,
    /// The largest residual over them: $|\lambda U - \text{logits}|$, centred in each information set.
    pub residual: f64,
    /// The largest error of a belief from Bayes' rule over them; `None` where it is not measured, as of stationary play.
    pub belief_error: Option<f64>,
    /// The largest regret at an information set at the posterior mean, in payoff units: what a player would
    /// gain there by its best action; positive, as quantal response is not perfect play. `None` where it is not measured.
    pub regret: Option<f64>,
    /// Play at the posterior mean, by information set, for the events on the recorded path.
    pub points: Vec<PlayPoint>,
    /// Draws in which play was not on the principal branch, and what difference they make; `None` if there are none.
    #[serde(default)]
    pub off_branch: Option<OffBranch>,
    /// Other equilibria beside those of the answers; `None` if none were searched for.
    #[serde(default)]
    pub others: Option<OtherEquilibria>,
}

/// Play at one information set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayPoint {
    /// Who moves.
    pub player: String,
    /// The event.
    pub event: String,
    /// What the player knows there, in order: event and value.
    pub knows: Vec<(String, String)>,
    /// The probability that play reaches it.
    pub reach_probability: f64,
    /// Actions with their probabilities.
    pub actions: Vec<(String, f64)>,
}

/// How well the posterior was sampled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SamplingSummary {
    /// The method in words.
    pub method: String,
    /// Whether all diagnostics are good.
    pub converged: bool,
    /// The largest rank-normalised R-hat.
    pub max_r_hat: f64,
    /// The smallest bulk effective sample size.
    pub min_bulk_ess: f64,
    /// The smallest tail effective sample size.
    pub min_tail_ess: f64,
    /// Divergent transitions after warm-up.
    pub divergences: usize,
    /// Transitions after warm-up whose trajectory ended where play could not be solved; such points are left out.
    pub cut_short: usize,
    /// Transitions after warm-up whose trajectory ended at a point that is ruled out, by the reason; such points are rightly
    /// left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ruled_out: Vec<(String, usize)>,
    /// Whether every number is known beforehand: nothing is sampled then, and nothing is judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
    /// The chains of the No-U-Turn sampler whose place these draws took, since they did not mix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<ReplacedChains>,
    /// Total kept draws.
    pub draws: usize,
    /// Log marginal likelihood of the record; `None` without a record.
    pub log_marginal_likelihood: Option<Estimate>,
}

/// Chains that did not mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplacedChains {
    /// The parameter on which they differed most.
    pub parameter: String,
    /// Its R-hat.
    #[serde(deserialize_with = "questions::or_nan")]
    pub r_hat: f64,
}

/// A Monte Carlo estimate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its Monte Carlo standard error.
    pub error: f64,
}

/// A quantity that varies over the posterior.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The posterior mean.
    pub mean: f64,
    /// The 5% quantile over the posterior.
    pub low: f64,
    /// The 95% quantile over the posterior.
    pub high: f64,
    /// The Monte Carlo standard error of the mean.
    pub error: f64,
}

/// One uncertain quantity, before and after the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterSummary {
    /// Its name, as readers see it.
    pub name: String,
    /// The unit; may be empty.
    pub unit: String,
    /// The prior as the scenario writes it: `beta(2, 2)`.
    pub prior: String,
    /// The evidence for the prior.
    pub evidence: Vec<Evidence>,
    /// Whether the evidence is judgement alone.
    pub judgement_only: bool,
    /// The prior.
    pub before: Distribution,
    /// The posterior.
    pub after: Distribution,
    /// Posterior standard deviation over prior standard deviation; `None` for a fixed number.
    pub shrinkage: Option<f64>,
    /// Rank-normalised R-hat.
    pub r_hat: f64,
    /// Bulk effective sample size.
    pub bulk_ess: f64,
    /// Tail effective sample size.
    pub tail_ess: f64,
}

/// A shift of a parameter's mean below this share of its prior standard deviation counts as none.
pub const MOVED: f64 = 0.25;

impl ParameterSummary {
    /// Whether the record moved its mean by more than a quarter of a prior standard deviation.
    pub fn moved(&self) -> bool {
        (self.after.mean - self.before.mean).abs() > MOVED * self.before.sd
    }

    /// Whether it is uncertain at all.
    pub fn is_uncertain(&self) -> bool {
        self.before.sd > 0.0
    }
}

/// Why a prior is what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// A source.
    Cite {
        /// Its key among the case's sources.
        key: String,
        /// The place in it; may be empty.
        at: String,
        /// What it says, paraphrased; may be empty.
        says: String,
        /// Whether another source disputes it.
        disputed: bool,
    },
    /// Plain judgement.
    Judgement {
        /// The reason given.
        why: String,
    },
}

/// A one-dimensional distribution as summary and as a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
    /// Quantiles at 5, 25, 50, 75 and 95%.
    pub quantiles: [f64; 5],
    /// A histogram as (left edge, right edge, density), in the units of the quantity.
    pub histogram: Vec<(f64, f64, f64)>,
}

/// One step of what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineStep {
    /// The event.
    pub event: String,
    /// Which occurrence of it, from 1.
    pub occurrence: usize,
    /// Who decided; `None` for chance.
    pub player: Option<String>,
    /// What happened, where the record says so; else the most probable value given the record.
    pub action: String,
    /// Whether the record says so.
    pub recorded: bool,
    /// The probability of each action at this point, given the record; sums to the probability that the event
    /// occurred.
    pub given_record: Vec<(String, f64)>,
    /// The probability of each action at this point as play foresaw it, over the histories that agree with the
    /// record up to here.
    pub foreseen: Vec<(String, f64)>,
    /// The probability, at this point of the story, of the outcome that the case is about: after this step,
    /// before anything later is known.
    pub about_probability: Interval,
}

/// A measured quantity that the record gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredValue {
    /// Its name.
    pub name: String,
    /// The value.
    pub value: f64,
}

/// An outcome and a value that it can have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeValue {
    /// The outcome's name.
    pub outcome: String,
    /// The value, as text.
    pub value: String,
}

/// What follows in one world: distributions over outcomes and measured quantities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// Every named outcome.
    pub outcomes: Vec<OutcomeSummary>,
    /// Every measured quantity.
    pub measures: Vec<MeasureSummary>,
}

/// The distribution of one outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeSummary {
    /// Its name.
    pub outcome: String,
    /// Each value with its probability; one minus their sum is the probability that the story does not say.
    pub values: Vec<(String, Interval)>,
}

/// The distribution of one measured quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureSummary {
    /// Its name.
    pub name: String,
    /// The probability that the story measures it at all.
    pub measured_probability: f64,
    /// Its distribution where it is measured.
    pub distribution: Distribution,
    /// Its mean with posterior interval and Monte Carlo error.
    pub mean: Interval,
}

/// The answer to one what-if.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The question's name.
    pub name: String,
    /// The interventions as the scenario writes them.
    pub interventions: Vec<String>,
    /// Whether all players foresee the change.
    pub foreseen: bool,
    /// The players who foresee the change, where some do and others do not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreseen_by: Vec<String>,
    /// What is done with luck: `held`, `redrawn_after` or `redrawn`.
    pub luck: String,
    /// The probability of the outcome that the case is about.
    pub about_probability: Interval,
    /// The change of that probability against the factual world, paired by draw and luck.
    pub about_change: Interval,
    /// Everything that follows.
    pub world: World,
    /// The share of histories in which the intervention changed nothing at all.
    pub unchanged_share: f64,
    /// Whether some draws were answered from replays of finitely many histories, because there are too many to sum over; the
    /// intervals leave out what this adds to them.
    #[serde(default)]
    pub replayed: bool,
    /// Whether the outcome is certain, or out of the question, whatever the uncertain quantities are: at every draw from the
    /// posterior and from the prior.
    #[serde(default)]
    pub by_construction: bool,
}

/// How much of one outcome each factor carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// The outcome that is explained.
    pub of: OutcomeValue,
    /// Its probability with all factors present.
    pub all_present: Interval,
    /// Its probability with all factors absent.
    pub all_absent: Interval,
    /// The factors, in the order of the scenario.
    pub factors: Vec<FactorShare>,
    /// The groups of factors that the scenario names.
    #[serde(default)]
    pub groups: Vec<GroupShare>,
    /// What each pair of factors carries only together.
    #[serde(default)]
    pub interactions: Vec<Interaction>,
    /// How many orders of the factors were sampled; 0 if all sets of factors were gone through.
    #[serde(default)]
    pub orders: usize,
}

/// What one factor carries of an outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactorShare {
    /// The factor's name.
    pub name: String,
    /// What its absence means, as the scenario writes it.
    pub absent: Vec<String>,
    /// The group that it belongs to, if the scenario names one.
    #[serde(default)]
    pub group: Option<String>,
    /// Its Shapley value, in probability; the values sum to `all_present - all_absent`.
    pub shapley: Interval,
    /// Its place among the factors by the size of that, whichever way it goes.
    #[serde(default)]
    pub rank: Option<Rank>,
    /// Its share of what its group carries (Owen value), in probability; `None` without groups. The values of a group's members sum to the
    /// group's share.
    #[serde(default)]
    pub owen: Option<Interval>,
    /// The probability of necessity: that the outcome would not have followed without the factor, given that it
    /// did follow with it.
    pub necessity: Interval,
    /// The probability of sufficiency: that the factor would bring the outcome about where both are absent. The other factors are
    /// present.
    pub sufficiency: Interval,
    /// The same with the other factors left as they come; `None` where no factor's presence is an intervention, so that there is no
    /// difference.
    #[serde(default)]
    pub sufficiency_alone: Option<Interval>,
    /// The probability of necessity and sufficiency.
    pub necessity_and_sufficiency: Interval,
    /// What simulation alone could have moved the Shapley value.
    #[serde(default)]
    pub monte_carlo: Option<MonteCarlo>,
    /// Bounds on these probabilities that hold whatever the mechanism of luck; `None` where they do not apply in
    /// any draw.
    #[serde(default)]
    pub bounds: Option<CausationBounds>,
}

/// What a group of factors carries of an outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupShare {
    /// The group's name.
    pub name: String,
    /// The factors in it.
    pub members: Vec<String>,
    /// Its Shapley value among the groups, in probability; a factor without a group counts as one.
    pub shapley: Interval,
    /// Its place among the groups that are named, by the size of that.
    #[serde(default)]
    pub rank: Option<Rank>,
}

/// A rival explanation and what the record says about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplanationSummary {
    /// Its name.
    pub name: String,
    /// What it changes, as the scenario writes it.
    pub changes: Vec<String>,
    /// Its prior weight, normalised over the explanations.
    pub prior_probability: f64,
    /// Log marginal likelihood of the record.
    pub log_marginal_likelihood: Estimate,
    /// The Bayes factor against the scenario as it stands.
    pub bayes_factor: Estimate,
    /// The probability of the explanation after the record and the evidence given for explanations directly.
    pub posterior_probability: f64,
    /// Its place among the explanations by that; `None` where the record says nothing of them.
    #[serde(default)]
    pub rank: Option<Rank>,
}

/// One claim and how often it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimSummary {
    /// The claim in words.
    pub name: String,
    /// Its test as the scenario writes it.
    pub test: String,
    /// The posterior probability that the claim holds, over the draws.
    pub probability: Estimate,
    /// The same over draws from the prior, at which the record could have come about: with the numbers as they were before it. `None`
    /// where it was not asked.
    pub prior_probability: Option<Estimate>,
    /// Whether the record has no bearing on it: it holds with the same probability before and after, as far as draws can tell.
    #[serde(default)]
    pub rests_on_priors: bool,
    /// Whether it holds, or fails, whatever the uncertain quantities are: at every draw from the posterior and from the prior, and with
    /// any other values of what varies from draw to draw among the numbers that its test asks for.
    #[serde(default)]
    pub by_construction: bool,
    /// The probability that the claim is about, where its test asks for one and nothing else.
    #[serde(default)]
    pub about: Option<ClaimedProbability>,
}

/// The probability that a claim is about. It is not the probability of the claim: that is the share of draws in which this one
/// passes the claim's test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimedProbability {
    /// What it is: `the probability of deal: False, under "he stays"`.
    pub words: String,
    /// Its value over the posterior.
    pub value: Interval,
}

/// A node of the drawn tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TreeNode {
    /// The event here; empty at an end or where branches are collapsed.
    pub event: String,
    /// Who decides; `None` for chance and at an end.
    pub player: Option<String>,
    /// The probability that play reaches this node, at the posterior mean.
    pub reach_probability: f64,
    /// The probability of the outcome that the case is about, from here on.
    pub about_probability: f64,
    /// Histories below this node.
    pub histories: usize,
    /// Whether the recorded history may pass here.
    pub on_record: bool,
    /// Outcomes, at an end.
    pub outcomes: Vec<OutcomeValue>,
    /// Expected payoff of each player from here on, in the order of the case's players.
    pub payoffs: Vec<f64>,
    /// The branches; empty at an end, and where the tree is collapsed.
    pub branches: Vec<TreeBranch>,
}

/// A branch of the drawn tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TreeBranch {
    /// The action or label.
    pub action: String,
    /// Its probability at the posterior mean.
    pub probability: f64,
    /// What it leads to.
    pub node: TreeNode,
}

/// Something that a reader must know before trusting the numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// A sentence.
    pub message: String,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// An equilibrium did not converge, or is not on the principal branch.
    Equilibrium,
    /// The posterior was not sampled well.
    Sampling,
    /// There are other equilibria, on which answers differ.
    OtherEquilibria,
    /// A Monte Carlo error is too large for the conclusion drawn.
    Precision,
    /// An assumption that rests on judgement alone.
    Judgement,
    /// Something in the scenario that a reader should know.
    Scenario,
}
