//! The answer in sentences, generated from the numbers.

use crate::{lookup, number};
use counterplay_analysis::{
    Analysis, Answer, BEYOND_ERROR, ClaimSummary, Estimate, ExplanationSummary, FactorShare, Interval,
};
use counterplay_math::hypot;

/// The probability from which a claim counts as holding, and its complement as failing.
const FIRM: f64 = 0.9;

/// What was found, a sentence or two on each question that the analysis asked.
pub(crate) fn sentences(analysis: &Analysis) -> Vec<String> {
    [
        expected(analysis),
        largest_change(analysis),
        heaviest_factor(analysis),
        best_explanation(analysis),
        claims_held(analysis),
        reservations(analysis),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What was to be expected before the record, what the record says, and how many of the uncertain quantities it moved.
fn expected(analysis: &Analysis) -> Option<String> {
    let about = &analysis.case.about;
    let prior = lookup::probability(&analysis.prior_prediction, about)?;
    let factual = lookup::probability(&analysis.factual, about)?;
    let record = if factual.mean >= 1.0 {
        "that is how it went".to_owned()
    } else {
        format!("given the record it is {}", number::percent(factual.mean, factual.error))
    };
    let learned = moved(analysis).map_or_else(String::new, |moved| {
        format!(" With the record {}.", moved.replace(" sd", " standard deviation"))
    });
    Some(format!(
        "The outcome in question is “{}”. Before anything of the record is known, the model gives it a \
         probability of {}; {record}.{learned}",
        lookup::phrase(about),
        with_range(prior),
    ))
}

/// The what-if that moves the outcome most, and how many move it at all.
fn largest_change(analysis: &Analysis) -> Option<String> {
    let answers = &analysis.answers;
    let open = answers.iter().filter(|answer| !settles(answer));
    let largest = open.max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let clear = answers.iter().filter(|answer| changes_surely(answer)).count();
    let change = &largest.about_change;
    let apart = if answers.iter().any(settles) { "Apart from what settles it outright, the" } else { "The" };
    Some(format!(
        "Of the {}, {} the outcome’s probability with 90% certainty. {apart} largest change comes with “{}”: to \
         {}, a change of {} points (90% interval {}).",
        plural(answers.len(), "what-if"),
        if clear == 1 { "one changes".to_owned() } else { format!("{} change", number_word(clear)) },
        largest.name,
        number::percent(largest.about_probability.mean, largest.about_probability.error),
        number::points(change.mean, change.error),
        number::points_range(change),
    ))
}

/// Whether the intervention leaves nothing open: the outcome then follows in every draw alike, or in none.
fn settles(answer: &Answer) -> bool {
    let alike = answer.about_change.low == answer.about_change.high && answer.about_change.mean != 0.0;
    answer.by_construction || alike
}

fn size(answer: &Answer) -> f64 {
    answer.about_change.mean.abs()
}

/// Whether the 90% interval of the change leaves out zero.
pub(crate) fn changes_surely(answer: &Answer) -> bool {
    answer.about_change.low > 0.0 || answer.about_change.high < 0.0
}

/// The factor that carries most, or those of which it cannot be told which does.
fn heaviest_factor(analysis: &Analysis) -> Option<String> {
    let attribution = analysis.attributions.iter().find(|a| a.of == analysis.case.about)?;
    let factors = lookup::heaviest_factors(analysis);
    let first = factors.first()?;
    let total = attribution.all_present.mean - attribution.all_absent.mean;
    let all = format!(
        "With all factors the outcome is {} points {} likely than with none.",
        number::size_in_points(total, first.shapley.error),
        if total < 0.0 { "less" } else { "more" }
    );
    let which = match lookup::leaders(&factors, |f| f.rank) {
        [_] => carries_most(first, factors.get(1).copied()),
        leaders => level(leaders, factors.len()),
    };
    Some(format!("{all} {which}"))
}

fn carries_most(first: &FactorShare, second: Option<&FactorShare>) -> String {
    let overlap = second.is_some_and(|second| largest_size(&second.shapley) >= least_size(&first.shapley));
    let caution = if overlap {
        " Its interval overlaps with the next factor’s, so the order is not settled."
    } else {
        ""
    };
    let way = if first.shapley.mean < 0.0 { "away" } else { "to it" };
    let verb = if first.shapley.mean < 0.0 { "takes most" } else { "adds most" };
    format!(
        "“{}” {verb} {way}: {} points (90% interval {}).{caution}",
        first.name,
        number::points(first.shapley.mean, first.shapley.error),
        number::points_range(&first.shapley),
    )
}

/// At most this many that are level are named.
const NAMED: usize = 4;

/// Shares that differ by less are equal.
const EQUAL: f64 = 1e-9;

/// Factors of which none is shown to carry the most, and how many factors there are.
fn level(leaders: &[&FactorShare], of: usize) -> String {
    let share = |f: &&FactorShare| number::points(f.shapley.mean, f.shapley.error);
    if leaders.len() > NAMED {
        return format!(
            "Which of {} of them carries most is within the error of simulation.",
            if leaders.len() == of { "all".to_owned() } else { number_word(leaders.len()) }
        );
    }
    let apart = |f: &&FactorShare| (f.shapley.mean - leaders[0].shapley.mean).abs() > EQUAL;
    if leaders.iter().any(apart) {
        let named: Vec<String> = leaders.iter().map(|f| format!("“{}” ({})", f.name, share(f))).collect();
        format!("Which carries most is within the error of simulation: {} points.", listed(&named))
    } else {
        let named: Vec<String> = leaders.iter().map(|f| format!("“{}”", f.name)).collect();
        format!(
            "{} carry the same, and no other carries more: {} points each.",
            listed(&named),
            share(&leaders[0])
        )
    }
}

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        names => names.concat(),
    }
}

/// The least and the largest size that a number can have.
fn least_size(interval: &Interval) -> f64 {
    if interval.low <= 0.0 && interval.high >= 0.0 {
        0.0
    } else {
        interval.low.abs().min(interval.high.abs())
    }
}

fn largest_size(interval: &Interval) -> f64 {
    interval.low.abs().max(interval.high.abs())
}

/// A change of a probability below which it counts as none: too small for the digits that are told.
const UNMOVED: f64 = 5e-4;

/// The explanation that the record favours, if any; where others may be as probable, all of these.
fn best_explanation(analysis: &Analysis) -> Option<String> {
    let sorted = lookup::likeliest_explanations(analysis);
    let rivals = plural(sorted.len(), "rival explanation");
    let first = sorted.first()?;
    let moved = |e: &&ExplanationSummary| (e.posterior_probability - e.prior_probability).abs() >= UNMOVED;
    if lookup::record_says_nothing(analysis) {
        let why = if sorted.iter().any(moved) {
            "their probabilities differ by what the scenario states of them, and not by what happened"
        } else {
            "their probabilities stay as they were"
        };
        return Some(format!(
            "The record says nothing of the {rivals} (Bayes factors of 1), so that none is ranked: {why}."
        ));
    }
    if !sorted.iter().any(moved) {
        return Some(format!(
            "The record does not tell the {rivals} apart: their probabilities stay as they were."
        ));
    }
    match lookup::leaders(&sorted, |e| e.rank) {
        [_] => Some(favoured(first, analysis, &rivals)),
        leaders if leaders.len() > NAMED => Some(format!(
            "Which of the {rivals} is most probable is within the error of simulation for {} of them.",
            number_word(leaders.len())
        )),
        leaders => {
            let named =
                leaders.iter().map(|e| format!("“{}” ({})", e.name, lookup::probability_of(e, analysis)));
            Some(format!(
                "Which of the {rivals} is most probable is within the error of simulation, or they are equal: {}.",
                listed(&named.collect::<Vec<_>>())
            ))
        }
    }
}

/// The explanation that is most probable, and whether it is so by the record.
fn favoured(best: &ExplanationSummary, analysis: &Analysis, rivals: &str) -> String {
    let direct = analysis.comparison.as_ref().is_some_and(|c| c.evidence.iter().any(|item| !item.computed));
    let favours = if direct { "the record and what is stated of them favour" } else { "the record favours" };
    format!(
        "Among the {rivals}, {favours} “{}”: its probability moves from {} to {}. Set against the scenario \
         as it stands, the record {} (Bayes factor {}).{}",
        best.name,
        number::odds(best.prior_probability),
        number::odds(best.posterior_probability),
        strength(best.bayes_factor.value),
        number::estimate(&best.bayes_factor),
        otherwise_from_the_record(best, analysis),
    )
}

/// Another explanation that the record by itself makes more probable beyond the errors, if one is.
fn otherwise_from_the_record(best: &ExplanationSummary, analysis: &Analysis) -> String {
    let compared = || analysis.comparison.iter().flat_map(|c| &c.explanations);
    let Some(own) = compared().find(|e| e.name == best.name).map(|e| e.after_record) else {
        return String::new();
    };
    let largest = compared().max_by(|a, b| a.after_record.value.total_cmp(&b.after_record.value));
    let beyond = |other: &Estimate| other.value - own.value > BEYOND_ERROR * hypot(other.error, own.error);
    largest.filter(|e| beyond(&e.after_record)).map_or_else(String::new, |other| {
        format!(
            " From the record alone “{}” would be the most probable, with {}.",
            other.name,
            number::percent(other.after_record.value, other.after_record.error)
        )
    })
}

/// A Bayes factor in words, by the grades of Kass and Raftery (1995, p. 777).
pub(crate) fn strength(bayes_factor: f64) -> &'static str {
    let (grade, supports) = (bayes_factor.max(1.0 / bayes_factor), bayes_factor >= 1.0);
    match (grade, supports) {
        (g, _) if !g.is_finite() => "cannot be weighed",
        (g, _) if g < 3.0 => "says little either way",
        (g, true) if g < 20.0 => "speaks for it",
        (g, true) if g < 150.0 => "speaks strongly for it",
        (_, true) => "speaks very strongly for it",
        (g, false) if g < 20.0 => "speaks against it",
        (g, false) if g < 150.0 => "speaks strongly against it",
        (_, false) => "speaks very strongly against it",
    }
}

/// How many claims hold, fail and stay open, and how many are no findings.
fn claims_held(analysis: &Analysis) -> Option<String> {
    let (constructed, found): (Vec<&ClaimSummary>, Vec<&ClaimSummary>) =
        analysis.claims.iter().partition(|claim| claim.by_construction);
    if analysis.claims.is_empty() {
        return None;
    }
    let constructed = match (constructed.len(), found.is_empty()) {
        (0, _) => String::new(),
        (1, false) => {
            " One more is settled by construction, whatever the uncertain quantities are.".to_owned()
        }
        (n, false) => format!(
            " {} more are settled by construction, whatever the uncertain quantities are.",
            capital(&number_word(n))
        ),
        (n, true) => {
            let (claims, verb) = (plural(n, "claim"), if n == 1 { "is" } else { "are" });
            return Some(format!(
                "The {claims} {verb} settled by construction, whatever the uncertain quantities are."
            ));
        }
    };
    let count =
        |verdict: Verdict| found.iter().filter(|c| self::verdict(c.probability.value) == verdict).count();
    let (holding, failing) = (count(Verdict::Holds), count(Verdict::Fails));
    let resting = match found.iter().filter(|claim| claim.rests_on_priors).count() {
        0 => String::new(),
        1 => " One rests on priors: the record leaves it as probable as it was.".to_owned(),
        n => format!(
            " {} rest on priors: the record leaves them as probable as they were.",
            capital(&number_word(n))
        ),
    };
    Some(format!(
        "Of the {}, {} in at least 90% of the draws, {} in as many, and {} open.{resting}{constructed}",
        plural(found.len(), "claim"),
        if holding == 1 { "one holds".to_owned() } else { format!("{} hold", number_word(holding)) },
        if failing == 1 { "one fails".to_owned() } else { format!("{} fail", number_word(failing)) },
        match found.len() - holding - failing {
            1 => "one stays".to_owned(),
            open => format!("{} stay", number_word(open)),
        },
    ))
}

/// A word with a capital letter.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How many of the uncertain quantities the record moved by more than a quarter of a prior standard deviation; nothing if every
/// number is known.
pub(crate) fn moved(analysis: &Analysis) -> Option<String> {
    let uncertain = || analysis.parameters.iter().filter(|p| p.is_uncertain());
    let (moved, all) = (uncertain().filter(|p| p.moved()).count(), uncertain().count());
    (all > 0)
        .then(|| format!("{moved} of {all} uncertain quantities moved by more than a quarter of a prior sd"))
}

/// What the draws say of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It holds in at least 90% of them.
    Holds,
    /// It fails in at least 90% of them.
    Fails,
    /// Neither.
    Open,
}

/// The verdict on a claim that holds with this probability.
pub(crate) fn verdict(probability: f64) -> Verdict {
    match probability {
        p if p >= FIRM => Verdict::Holds,
        p if p <= 1.0 - FIRM => Verdict::Fails,
        _ => Verdict::Open,
    }
}

/// What to keep in mind: convergence, judgement, warnings.
fn reservations(analysis: &Analysis) -> Option<String> {
    let judged = analysis.parameters.iter().filter(|parameter| parameter.judgement_only).count();
    let mut parts = Vec::new();
    if !analysis.play.converged {
        parts.push("play did not converge everywhere".to_owned());
    }
    if !analysis.sampling.converged {
        parts.push("the posterior was not sampled well".to_owned());
    }
    if judged > 0 {
        let all = plural(analysis.parameters.len(), "uncertain quantity");
        parts.push(format!("{judged} of the {all} rest on judgement alone"));
    }
    match analysis.warnings.len() {
        0 => {}
        1 => parts.push("there is one warning to read".to_owned()),
        n => parts.push(format!("there are {} warnings to read", number_word(n))),
    }
    if parts.is_empty() { None } else { Some(format!("Before relying on this: {}.", parts.join("; "))) }
}

/// `41% (90% interval 22–63%)`.
fn with_range(interval: &Interval) -> String {
    format!(
        "{} (90% interval {})",
        number::percent(interval.mean, interval.error),
        number::percent_range(interval)
    )
}

/// `12 what-ifs`, `one claim`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    let many = noun.strip_suffix("ty").map_or_else(|| format!("{noun}s"), |stem| format!("{stem}ties"));
    format!("{} {}", number_word(count), if count == 1 { noun } else { &many })
}

/// Small counts in words.
pub(crate) fn number_word(count: usize) -> String {
    const WORDS: [&str; 13] = [
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    WORDS.get(count).map_or_else(|| number::count(count), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bayes_factors_are_graded_alike_on_both_sides() {
        assert_eq!(strength(2.9), strength(1.0 / 2.9));
        assert_eq!(strength(4.0), "speaks for it");
        assert_eq!(strength(1.0 / 200.0), "speaks very strongly against it");
        assert_eq!(strength(f64::NAN), "cannot be weighed");
    }

    #[test]
    fn counts_read_as_words() {
        assert_eq!(plural(1, "claim"), "one claim");
        assert_eq!(plural(24, "uncertain quantity"), "24 uncertain quantities");
    }
}
