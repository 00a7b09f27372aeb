//! Checking a scenario as a whole: that its story can be told, that its numbers are sound over the priors, and
//! that its record, its what-ifs and its claims speak of what there is.

mod asked;
mod bearing;
mod changed_numbers;
mod changes;
mod misspelt;
mod notices;
mod numbers;
mod passage;
mod queries;
mod record;
mod reuse;
mod stages;

pub use asked::{asked_outcomes, leave_out};
pub use changed_numbers::UnsoundWhatIf;
pub(crate) use stages::sound as stages_sound;

use changed_numbers::changed_numbers;

use crate::problem::{Problem, Problems};
use crate::scenario::unfold::unfold;
use crate::scenario::{Scenario, Variant};
use crate::story::limits::Limits;
use crate::story::telling::Retelling;
use crate::story::unfolded::Unfolded;
use crate::watch::Watch;

/// What a check finds.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What is wrong: nothing can be computed before it is put right.
    pub problems: Vec<Problem>,
    /// What-ifs whose numbers are wrong somewhere in the prior; all else can be answered without them
    /// ([`leave_out`]).
    pub unsound: Vec<UnsoundWhatIf>,
    /// What an author should know.
    pub notices: Vec<Problem>,
    /// The parameters that rest on judgement alone.
    pub judgement: Vec<Problem>,
    /// The story unfolded, if it can be told.
    pub unfolded: Option<Unfolded>,
}

/// Checks a scenario.
pub fn check(scenario: &Scenario, limits: Limits, watch: &dyn Watch) -> Checked {
    let unfolded = match unfold(scenario, Retelling::default(), limits, watch) {
        Ok(unfolded) => unfolded,
        Err(problem) => return Checked { problems: vec![problem], ..Checked::default() },
    };
    let mut problems = numbers::problems(scenario, &unfolded);
    if unfolded.has_stages() {
        problems.extend(stages::problems(scenario, &unfolded, problems.is_empty(), limits, watch));
    } else {
        problems.extend(record::problems(scenario, &unfolded));
        problems.extend(changes::problems(scenario, &unfolded, limits, watch));
        problems.extend(queries::problems(scenario, &unfolded));
    }
    problems.extend(asked::problems(scenario, &unfolded));
    problems.extend(unread(scenario));
    let mut unsound = Vec::new();
    if problems.is_empty() {
        let numbers = changed_numbers(scenario, &unfolded, limits, watch);
        problems = numbers.problems;
        unsound = numbers.what_ifs;
    }
    problems.extend(variants(scenario, &unsound, limits, watch));
    let mut notices = notices::notices(scenario, &unfolded);
    notices.extend(reuse::remarks(scenario, &unfolded));
    let judgement = notices::judgement_alone(scenario);
    let problems = Problems::new(problems).map_or_else(Vec::new, |p| p.list().to_vec());
    Checked { problems, unsound, notices, judgement, unfolded: Some(unfolded) }
}

/// What is wrong with the variants, beyond what-ifs that are unsound in the scenario itself.
fn variants(
    scenario: &Scenario,
    unsound: &[UnsoundWhatIf],
    limits: Limits,
    watch: &dyn Watch,
) -> Vec<Problem> {
    let told = |name: &str| unsound.iter().any(|u| u.name == name);
    let of = |variant: &Variant| {
        let checked = check(&variant.scenario, limits, watch);
        let own = checked.unsound.into_iter().filter(|u| !told(&u.name)).map(|u| u.problem);
        let problems = checked.problems.into_iter().chain(own);
        let placed = |p: Problem| if p.place.is_none() { p.at(variant.place.clone()) } else { p };
        problems.map(|p| placed(p).in_variant(&variant.name)).collect::<Vec<_>>()
    };
    scenario.variants.iter().flat_map(of).collect()
}

/// A setting that was given, and that the story, once told, has not asked for.
pub fn unread(scenario: &Scenario) -> Option<Problem> {
    let unread = scenario.story.unread_settings();
    let name = unread.first()?;
    let problem = Problem::new(format!("nothing asks for the story's setting `{name}`"));
    Some(problem.hint(format!("ask for it where it counts: `setting(\"{name}\", default)`")))
}

/// A number for a message, with three digits.
fn short(number: f64) -> String {
    let rounded = format!("{number:.2e}").parse::<f64>();
    rounded.map_or_else(|_| number.to_string(), |rounded| rounded.to_string())
}
