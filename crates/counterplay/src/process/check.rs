//! Whether a process makes sense as a whole, before anything is computed.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::Process;
use super::draws::Asked;
use super::model::ProcessModel;
use super::trail::Trail;
use crate::analyse::Settings;
use crate::check::Checked;
use crate::problem::{Problem, Problems};
use crate::scenario::Scenario;
use crate::story::Limits;
use crate::watch::Watch;

/// Checks a scenario with stages.
pub fn check(scenario: &Scenario, limits: Limits, watch: &dyn Watch) -> Checked {
    let process = match Process::unfold(scenario, limits, watch) {
        Ok(process) => process,
        Err(problem) => return Checked { problems: vec![problem], ..Checked::default() },
    };
    let mut problems: Vec<Problem> = Vec::new();
    for told in &process.states {
        for problem in crate::check::number_problems(scenario, &told.unfolded) {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    problems.extend(discount(scenario, &process));
    let sound = sound(scenario, &process)
        .and_then(|()| Trail::new(&process, &scenario.record, scenario.horizon).map(|_| ()));
    problems.extend(sound.err());
    if problems.is_empty() {
        problems.extend(
            ProcessModel::new(scenario, limits, watch)
                .and_then(|model| {
                    let mut asked = Asked::new(scenario, &model, 1, 1);
                    super::analysed::enter(&mut asked, &Settings::default())
                })
                .err(),
        );
    }
    let problems = Problems::new(problems).map_or_else(Vec::new, |p| p.list().to_vec());
    let notices = crate::check::judgement_alone(scenario);
    let unfolded = process.states.first().map(|told| (*told.unfolded).clone());
    Checked { problems, notices, unfolded }
}

/// So many draws from the prior are looked at.
const LOOKED_AT: usize = 200;

/// A discount that the prior lets leave its range.
fn discount(scenario: &Scenario, process: &Process) -> Option<Problem> {
    let prior = scenario.joint_prior(&[]).ok()?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let draws: Vec<Vec<f64>> = (0..LOOKED_AT).map(|_| prior.sample(&mut rng).theta).collect();
    for (index, told) in process.states.iter().enumerate() {
        let expressions = told.unfolded.game.expressions();
        let uncertain: Vec<_> =
            told.onward.iter().flatten().filter(|o| expressions.known(o.1).is_none()).collect();
        for draw in draws.iter().filter(|_| !uncertain.is_empty()) {
            let values = expressions.evaluate(draw);
            let out = uncertain.iter().find(|o| !(0.0..=1.0).contains(&values[o.1.index()]));
            if let Some((_, discount)) = out {
                let stage = told.stage.and_then(|s| scenario.stages.get(s));
                return Some(
                    Problem::new(format!(
                        "the discount in `{}` can be {:.3}: it must lie between 0 and 1 wherever the prior puts it",
                        process.name(index),
                        values[discount.index()]
                    ))
                    .hint("give what it is made of a prior on shares, such as `beta(9, 1)`")
                    .at(stage.and_then(|s| s.place.clone())),
                );
            }
        }
    }
    None
}

/// Refuses what a process cannot have.
///
/// # Errors
/// What it has.
pub(super) fn sound(scenario: &Scenario, process: &Process) -> Result<(), Problem> {
    if process.states.len() == 1 {
        return Err(Problem::new("there are stages, but `play` hands over to none of them")
            .hint("end `play` with `g.next(stage, state)`")
            .at(scenario.stages.first().and_then(|s| s.place.clone())));
    }
    if let Some(stage) =
        scenario.stages.iter().enumerate().find(|s| process.states.iter().all(|t| t.stage != Some(s.0)))
    {
        return Err(Problem::new(format!("nothing hands over to the stage `{}`", stage.1.name))
            .at(stage.1.place.clone()));
    }
    if let Some(explanation) = scenario.explanations.iter().find(|e| !e.interventions.is_empty()) {
        return Err(Problem::new("of a process an explanation can change priors only")
            .hint("give the parameters' new priors or values in `change`")
            .at(explanation.place.clone()));
    }
    unanswered(scenario).map_or(Ok(()), Err)
}

/// What is asked that is answered only of stories that end.
fn unanswered(scenario: &Scenario) -> Option<Problem> {
    let refuse = |what: String, hint: &str| Some(Problem::new(what).hint(hint));
    let queries = "queries and sweeps are answered of stories that end; a process is followed stage by stage";
    if let Some(query) = scenario.queries.first() {
        return refuse(format!("the query `{}` asks about a process", query.name), queries);
    }
    if let Some(sweep) = scenario.sweeps.first() {
        return refuse(format!("the sweep `{}` asks about a process", sweep.name), queries);
    }
    if let Some(item) = scenario.evidence.first() {
        let what = format!("the evidence `{}` is given for explanations of a process", item.name);
        let hint = "explanations of a process are weighed by the record alone; put what else is known into their \
                    `weight`";
        return refuse(what, hint).map(|p| p.at(item.place.clone()));
    }
    if let Some(variant) = scenario.variants.first() {
        let what = format!("the variant `{}` is of a process", variant.name);
        let hint = "variants are told of stories that end; write a scenario of its own for each";
        return refuse(what, hint).map(|p| p.at(variant.place.clone()));
    }
    None
}
