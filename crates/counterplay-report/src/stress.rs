//! How much claims and answers rest on each assumption, in sentences.

use crate::summary::{number_word, plural};
use crate::{lookup, number};
use counterplay_analysis::{
    Analysis, ClaimStress, Confirmation, Finding, Robustness, Sensitivity, ShiftTest, Stress, TippingPoint,
};

/// At most this many tipping points are named in one sentence.
const NAMED: usize = 3;

/// Whether a claim is robust, and to what it is not: judgement alone first.
pub(crate) fn sentence(analysis: &Analysis, claim: &ClaimStress) -> String {
    let range = analysis.stress.range;
    if lookup::by_construction(analysis, &claim.claim) {
        return "Settled by construction: nothing uncertain bears on it.".to_owned();
    }
    let tipping: Vec<&ShiftTest> = claim.shifts.iter().filter(|test| test.tipping.is_some()).collect();
    if tipping.is_empty() {
        return untipped(claim, range);
    }
    let named: Vec<String> = tipping
        .iter()
        .take(NAMED)
        .filter_map(|test| Some(tip(analysis, test, test.tipping.as_ref()?)))
        .collect();
    let rest = match tipping.len().saturating_sub(NAMED) {
        0 => String::new(),
        1 => "; one more parameter tips it further on".to_owned(),
        n => format!("; {} more tip it further on", number_word(n)),
    };
    let word = if claim.robustness == Robustness::Fragile { "Fragile" } else { "Not robust" };
    format!("{word}: as likely as not with {}{rest}.", named.join("; or with "))
}

fn untipped(claim: &ClaimStress, range: f64) -> String {
    let short = claim.shifts.iter().filter(|test| test.lowest > -range || test.highest < range).count();
    if claim.robustness == Robustness::Robust {
        format!("Robust: no prior, moved by up to {range} prior sd either way, makes it as likely as not.")
    } else {
        format!(
            "Robust as far as the draws reach: no prior makes it as likely as not; for {} of {} the draws do not \
             reach the whole of ±{range} prior sd.",
            number_word(short),
            plural(claim.shifts.len(), "prior")
        )
    }
}

/// `“impatience” (judgement alone) up by 0.6 prior sd (median 0.45 to 0.61 points; a new fit agrees)`.
fn tip(analysis: &Analysis, test: &ShiftTest, tipping: &TippingPoint) -> String {
    let judged = if test.judgement_only { " (judgement alone)" } else { "" };
    format!(
        "“{}”{judged} {} prior sd ({}; {})",
        test.parameter,
        moved(tipping),
        medians(analysis, test, tipping),
        confirmed(tipping.confirmation.as_ref())
    )
}

/// `up by 0.6`.
pub(crate) fn moved(tipping: &TippingPoint) -> String {
    let shift = tipping.shift.value;
    format!("{} by {}", if shift < 0.0 { "down" } else { "up" }, size(tipping))
}

/// A shift without its sign, to a tenth.
pub(crate) fn size(tipping: &TippingPoint) -> String {
    format!("{:.1}", tipping.shift.value.abs())
}

/// `median 0.45 to 0.61 points`.
pub(crate) fn medians(analysis: &Analysis, test: &ShiftTest, tipping: &TippingPoint) -> String {
    let unit = analysis.parameters.iter().find(|p| p.name == test.parameter).map_or("", |p| p.unit.as_str());
    let [before, after] = [tipping.median_before, tipping.median_after].map(|x| number::within_spread(x, x));
    format!("median {before} to {after}{}{unit}", if unit.is_empty() { "" } else { " " })
}

/// What a new fit says.
pub(crate) fn confirmed(confirmation: Option<&Confirmation>) -> String {
    let Some(confirmation) = confirmation else { return "not confirmed by a new fit".to_owned() };
    let probability = &confirmation.probability;
    let found = number::percent(probability.value, probability.error);
    if confirmation.confirmed {
        format!("confirmed by a new fit: {found}")
    } else {
        format!("a new fit disagrees: {found}")
    }
}

/// A robustness in a word.
pub(crate) fn word(robustness: Robustness) -> &'static str {
    match robustness {
        Robustness::Robust => "robust",
        Robustness::RobustWithinReach => "robust within reach",
        Robustness::Moderate => "not robust",
        Robustness::Fragile => "fragile",
    }
}

/// What sensitivities mean together, in words.
pub(crate) fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::Insensitive => "neither priors nor record move it",
        Finding::RecordSettles => "the record settles it",
        Finding::WeakLikelihood => "rests on the priors: they are strong, or the record says little",
        Finding::PriorDataConflict => "rests on priors and record; they may pull apart",
        Finding::Unreliable => "the draws cannot tell",
    }
}

/// The priors that a quantity is sensitive to, the strongest first.
pub(crate) fn sensitive_to<'a>(stress: &'a Stress, of: &Sensitivity) -> Vec<(&'a str, f64)> {
    let pairs = stress.priors.iter().zip(&of.by_prior).map(|(prior, s)| (prior.name.as_str(), *s));
    let mut sensitive: Vec<(&str, f64)> = pairs.filter(|pair| pair.1 >= stress.threshold).collect();
    sensitive.sort_by(|a, b| b.1.total_cmp(&a.1));
    sensitive
}

/// Those claims first that a judgement tips, then those that anything tips, then the rest; in each the fragile first. Claims that are
/// settled by construction are left out.
pub(crate) fn weakest_first(analysis: &Analysis) -> Vec<&ClaimStress> {
    let claims = analysis.stress.claims.iter();
    let mut claims: Vec<&ClaimStress> =
        claims.filter(|claim| !lookup::by_construction(analysis, &claim.claim)).collect();
    claims.sort_by_key(|claim| {
        let first = claim.shifts.first().filter(|test| test.tipping.is_some());
        let judged = first.is_some_and(|test| test.judgement_only);
        (!judged, std::cmp::Reverse(claim.robustness as u8))
    });
    claims
}
