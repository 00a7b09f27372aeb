//! How much each answer and claim rests on each assumption.

use serde::{Deserialize, Serialize};

use super::{Estimate, OutcomeValue};

/// How much each answer and claim rests on each assumption.
///
/// Shifts are in prior standard deviations on the scale on which the parameter has no bounds: itself for a normal
/// prior, its logarithm for a positive one, its log odds for a share.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stress {
    /// The posterior draws that were reweighted.
    pub draws: usize,
    /// How far priors were moved to either side, in prior standard deviations.
    pub range: f64,
    /// The sensitivity from which on there is said to be one.
    pub threshold: f64,
    /// The priors, in the order of the scenario; numbers alone are left out.
    pub priors: Vec<Assumption>,
    /// What power-scaling says of every claim, what-if and parameter, in this order.
    pub sensitivities: Vec<Sensitivity>,
    /// What would overturn each claim, in the order of the scenario.
    pub claims: Vec<ClaimStress>,
    /// Where the variance of the prior prediction comes from; `None` where that was not asked.
    pub global: Option<GlobalSensitivity>,
    /// For each what-if whose answer varies, which parameters one would have to learn to be surer of it.
    pub learning: Vec<Learning>,
}

/// A prior: an assumption about one parameter, or about shares that add up to one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    /// The parameter's name, or the names of the shares.
    pub name: String,
    /// Whether its evidence is judgement alone.
    pub judgement_only: bool,
}

/// What a sensitivity is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Quantity {
    /// Whether a claim holds.
    Claim(String),
    /// The probability, under a what-if, of the outcome that the case is about.
    WhatIf(String),
    /// A parameter.
    Parameter(String),
}

/// What power-scaling says of one quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// The quantity.
    pub of: Quantity,
    /// The sensitivity to all priors together.
    pub prior: f64,
    /// The sensitivity to the likelihood of the record.
    pub likelihood: f64,
    /// The sensitivity to each prior, in the order of [`Stress::priors`]; of a parameter only [`own_prior`].
    ///
    /// [`own_prior`]: Self::own_prior
    pub by_prior: Vec<f64>,
    /// The sensitivity of a parameter to its own prior.
    pub own_prior: Option<f64>,
    /// Whether the weighed draws can be relied on.
    pub reliable: bool,
    /// What follows.
    pub finding: Finding,
}

/// What sensitivities say, by the table of Kallioinen et al. (2023, section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Neither the priors' weight nor anything else moves it.
    Insensitive,
    /// The record settles it: it moves with the likelihood and not with the priors.
    RecordSettles,
    /// It moves with the priors and not with the likelihood: the priors are strong, or the record says little.
    WeakLikelihood,
    /// It moves with both: priors and record may pull apart.
    PriorDataConflict,
    /// The draws cannot tell.
    Unreliable,
}

/// What would overturn one claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimStress {
    /// The claim in words.
    pub claim: String,
    /// The posterior probability that it holds, with an error that takes the chains' memory into account.
    pub probability: Estimate,
    /// What was found.
    pub robustness: Robustness,
    /// What moving each prior does, those first that tip the claim: judgement alone before evidence, near before far.
    pub shifts: Vec<ShiftTest>,
}

/// Whether a claim stands when priors are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Robustness {
    /// No prior moved within the range makes it as likely as not.
    Robust,
    /// None does as far as the draws reach, which is not the whole range for all.
    RobustWithinReach,
    /// A prior moved by one standard deviation or more does, none by less.
    Moderate,
    /// A prior moved by less than one standard deviation does.
    Fragile,
}

/// What moving one prior does to one claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShiftTest {
    /// The parameter.
    pub parameter: String,
    /// Whether its prior rests on judgement alone.
    pub judgement_only: bool,
    /// How far down the draws could be reweighted, in prior standard deviations; at most 0.
    pub lowest: f64,
    /// How far up.
    pub highest: f64,
    /// The claim's probability with the prior moved that far down.
    pub probability_at_lowest: f64,
    /// The claim's probability with the prior moved that far up.
    pub probability_at_highest: f64,
    /// The smallest shift that makes the claim as likely as not.
    pub tipping: Option<TippingPoint>,
}

/// The smallest shift of a prior that makes a claim as likely as not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TippingPoint {
    /// The shift, in prior standard deviations.
    pub shift: Estimate,
    /// The shape of the weights' tail there.
    pub pareto_k: f64,
    /// The prior's median as it is, in the parameter's unit.
    pub median_before: f64,
    /// The prior's median when moved.
    pub median_after: f64,
    /// What a new fit with the moved prior says; `None` where there was none.
    pub confirmation: Option<Confirmation>,
}

/// What a new fit says of a tipping point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The claim's probability in the new fit.
    pub probability: Estimate,
    /// Whether that is one half within three standard errors, the tipping point's own among them.
    pub confirmed: bool,
    /// The new fit's largest R-hat.
    pub max_r_hat: f64,
}

/// Where the variance of a prediction comes from: variance-based indices over the priors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlobalSensitivity {
    /// The outcome whose probability is predicted, before anything of the record is known.
    pub of: OutcomeValue,
    /// The mean of that probability over the priors.
    pub mean: f64,
    /// Its standard deviation over the priors.
    pub sd: f64,
    /// Prior draws behind the first-order indices.
    pub draws: usize,
    /// Points of the design behind the total indices.
    pub points: usize,
    /// Points at which play could not be solved; they are left out.
    pub unsolved: usize,
    /// Each prior's share, in the order of the scenario.
    pub shares: Vec<VarianceShare>,
}

/// How much of a variance one parameter carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VarianceShare {
    /// The parameter.
    pub parameter: String,
    /// Whether its prior rests on judgement alone.
    pub judgement_only: bool,
    /// The share that knowing it would take away.
    pub first_order: ShareInterval,
    /// The share that would be left if all others were known.
    pub total: ShareInterval,
}

/// A share of a variance with the central 90% over resamples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareInterval {
    /// The estimate; a little below 0 by chance if there is none.
    pub value: f64,
    /// The 5% quantile.
    pub low: f64,
    /// The 95% quantile.
    pub high: f64,
}

/// Which parameters one would have to learn to be surer of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learning {
    /// The what-if.
    pub what_if: String,
    /// The parameters that would take most away of the posterior variance of the probability, the largest first: at
    /// most three whose 90% interval leaves out zero.
    pub parameters: Vec<(String, ShareInterval)>,
}
