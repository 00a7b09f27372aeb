//! A variant of a process: unfolded, fitted in a short run, and asked what the scenario as it stands is asked.

use super::analysed::{Centre, enter};
use super::asked::Asked;
use super::asker::Asker;
use super::check::sound;
use super::cuts::Cuts;
use super::drawn::Gathering;
use super::model::ProcessModel;
use crate::check::asked_outcomes;
use crate::posterior::likelihood::Likelihood;
use crate::problem::Problem;
use crate::robustness::explanations::{RUNS, Weighing};
use crate::robustness::variants::Side;
use crate::scenario::Variant;
use crate::watch::{Stage, StageProgress};
use counterplay_analysis::VariantSummary;
use counterplay_inference::tempering::Count;

/// What was found of a variant; `None` if cancelled.
///
/// # Errors
/// If its story, priors or questions are wrong.
pub(super) fn run(side: &Side<'_>, variant: &Variant) -> Result<Option<VariantSummary>, Problem> {
    let scenario = &variant.scenario;
    let Weighing { limits, watch, .. } = side.weighing;
    let model = ProcessModel::new(scenario, limits, watch)?;
    sound(scenario, model.process())?;
    let prior = scenario.joint_prior(&[]).map_err(|e| Problem::new(e.to_string()))?;
    let likelihood = Likelihood::Process(Box::new(model.evaluator()));
    let weighed = side.weighing.weigh(
        &likelihood,
        &prior,
        &Count::new(RUNS, &StageProgress { stage: Stage::Weigh, watch }),
    );
    if weighed.runs.is_empty() {
        return Ok(None);
    }
    let mut asked = Asked::new(scenario, &model, side.effort.seed, side.effort.lucks);
    enter(&mut asked, side.effort.draws)?;
    let about = asked.catalogue.value(&side.about.outcome, &side.about.value);
    let shared = asked_outcomes(scenario);
    let shared = shared.iter().filter_map(|(o, v)| asked.catalogue.value(o, v));
    asked.weighed = about.into_iter().chain(shared).collect();
    let draws = weighed.draws(side.effort.draws);
    // The record comes about in the same order wherever play can be solved.
    let centre = draws.iter().find_map(|draw| Centre::new(&model, draw).ok());
    let way = centre.map_or_else(Vec::new, |c| c.likeliest_way(&model));
    let cuts = Cuts::new(model.process(), &scenario.record, scenario.horizon, &way)?;
    let asker = Asker::new(&asked, &cuts)?;
    let gathering = Gathering { asked: &asked, cuts: &cuts, asker: &asker, course: None, work: asked.work };
    let Some(answered) = gathering.answered(&draws, side.effort, watch) else { return Ok(None) };
    let histories = super::histories_told(model.process());
    side.summary(variant, histories, &weighed, (&answered, about)).map(Some)
}
