//! Whether a process makes sense as a whole, before anything is computed.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::Process;
use super::asked::Asked;
use super::model::ProcessModel;
use super::trail::Trail;
use crate::check::Checked;
use crate::problem::{Problem, Problems};
use crate::scenario::Scenario;
use crate::story::limits::Limits;
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
        problems.extend(asked(scenario, limits, watch).unwrap_or_else(|problem| vec![problem]));
    }
    let problems = Problems::new(problems).map_or_else(Vec::new, |p| p.list().to_vec());
    let notices = crate::check::judgement_alone(scenario);
    let unfolded = process.states.first().map(|told| (*told.unfolded).clone());
    Checked { problems, notices, unfolded }
}

/// What is wrong with what is asked.
fn asked(scenario: &Scenario, limits: Limits, watch: &dyn Watch) -> Result<Vec<Problem>, Problem> {
    let model = ProcessModel::new(scenario, limits, watch)?;
    let mut asked = Asked::new(scenario, &model, 1, 1);
    super::analysed::enter(&mut asked, 1)?;
    Ok(super::conditions::problems(scenario, model.process(), &asked.catalogue))
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
    Ok(())
}
