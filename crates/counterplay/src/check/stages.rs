//! Whether a story with stages makes sense, beyond what is asked of every story.

use counterplay_inference::prior::JointPrior;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::answer::attribution::FactorWorlds;
use crate::answer::stages::conditions;
use crate::model::Model;
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::story::limits::Limits;
use crate::story::unfolded::Unfolded;
use crate::watch::Watch;
use crate::world::inquiry::Inquiry;
use crate::world::inquiry::enter_questions;

/// This many draws from the prior are looked at.
const LOOKED_AT: usize = 200;

/// Refuses what a story with stages cannot have.
///
/// # Errors
/// What it has.
pub(crate) fn sound(scenario: &Scenario, unfolded: &Unfolded) -> Result<(), Problem> {
    if scenario.stages.is_empty() {
        return Ok(());
    }
    if unfolded.states.len() == 1 {
        return Err(Problem::new("there are stages, but `play` hands over to none of them")
            .hint("end `play` with `g.next(stage, state)`")
            .at(scenario.stages.first().and_then(|s| s.place.clone())));
    }
    let unused = |stage: &usize| unfolded.states.iter().all(|state| state.stage != Some(*stage));
    if let Some(stage) = (0..scenario.stages.len()).find(unused) {
        let stage = &scenario.stages[stage];
        return Err(
            Problem::new(format!("nothing hands over to the stage `{}`", stage.name)).at(stage.place.clone())
        );
    }
    if let Some(explanation) = scenario.explanations.iter().find(|e| !e.interventions.is_empty()) {
        return Err(Problem::new("of a process an explanation can change priors only")
            .hint("give the parameters' new priors or values in `change`")
            .at(explanation.place.clone()));
    }
    Ok(())
}

/// What is wrong with a story with stages; what is asked of it is looked at only if its numbers are `sound_so_far`, as all else.
pub(super) fn problems(
    scenario: &Scenario,
    unfolded: &Unfolded,
    sound_so_far: bool,
    limits: Limits,
    watch: &dyn Watch,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> = discount(scenario, unfolded).into_iter().collect();
    problems.extend(sound(scenario, unfolded).err());
    if sound_so_far && problems.is_empty() {
        problems.extend(asked(scenario, limits, watch).unwrap_or_else(|problem| vec![problem]));
    }
    problems
}

/// What is wrong with the record, the worlds that are asked about, and the queries.
///
/// # Errors
/// The first thing that keeps the queries from being looked at.
fn asked(scenario: &Scenario, limits: Limits, watch: &dyn Watch) -> Result<Vec<Problem>, Problem> {
    let model = Model::new(scenario, limits, watch)?;
    let mut inquiry = Inquiry::new(scenario, model, limits, watch);
    enter_questions(&mut inquiry)?;
    let place = scenario.factors.first().and_then(|f| f.place.clone());
    FactorWorlds::new(&mut inquiry, 1).map_err(|p| if p.place.is_none() { p.at(place) } else { p })?;
    let unfolded = inquiry.factual().model().unfolded();
    Ok(conditions::problems(scenario, unfolded, &inquiry.catalogue))
}

/// A discount that the prior lets leave its range.
fn discount(scenario: &Scenario, unfolded: &Unfolded) -> Option<Problem> {
    let prior: JointPrior = scenario.joint_prior(&[]).ok()?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let draws: Vec<Vec<f64>> = (0..LOOKED_AT).map(|_| prior.sample(&mut rng).theta).collect();
    for (index, state) in unfolded.states.iter().enumerate() {
        let expressions = state.game.expressions();
        let uncertain: Vec<_> =
            state.onward.iter().flatten().filter(|o| expressions.known(o.1).is_none()).collect();
        for draw in draws.iter().filter(|_| !uncertain.is_empty()) {
            let values = expressions.evaluate(draw);
            let out = uncertain.iter().find(|o| !(0.0..=1.0).contains(&values[o.1.index()]));
            if let Some((_, discount)) = out {
                let stage = state.stage.and_then(|s| scenario.stages.get(s));
                return Some(
                    Problem::new(format!(
                        "the discount in `{}` can be {:.3}: it must lie between 0 and 1 wherever the prior puts it",
                        unfolded.name(index),
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
