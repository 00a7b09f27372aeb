//! What the functions of the language act on while a scenario runs.

pub(crate) mod analyses;
pub(crate) mod budget;
pub(crate) mod direct_evidence;
pub(crate) mod draft;
pub(crate) mod settings;

use counterplay_game::expression::Expressions;
use starlark::any::ProvidesStaticType;
use starlark::codemap::FileSpan;
use starlark::eval::Evaluator;

use crate::host::budget::Budget;
use crate::host::draft::Draft;
use crate::host::settings::Settings;
use crate::limits::ReadLimits;
use crate::values::failure::fail;
use counterplay::problem::{Place, Problem};
use counterplay::scenario::DrawAnswers;
use counterplay::story::telling::Telling;

/// What a scenario is run for.
pub(crate) enum Purpose<'e> {
    /// Reading its declarations.
    Reading(&'e mut Draft),
    /// Telling its story along one history.
    Telling(&'e mut (dyn Tell + 'e)),
    /// Testing a claim against one draw's answers.
    Testing(&'e (dyn DrawAnswers + 'e)),
}

/// A telling whose own lifetime does not matter.
pub(crate) trait Tell {
    fn with(&mut self, act: &mut dyn FnMut(&mut Telling<'_>));
}

impl Tell for Telling<'_> {
    fn with(&mut self, act: &mut dyn FnMut(&mut Telling<'_>)) {
        act(self);
    }
}

/// What an evaluator carries.
#[derive(ProvidesStaticType)]
pub(crate) struct Host<'e> {
    pub(crate) purpose: Purpose<'e>,
    pub(crate) budget: Budget,
    /// The settings of the story, where they are not its own.
    pub(crate) settings: Settings,
}

impl<'e> Host<'e> {
    /// The host of a run that begins now.
    pub(crate) fn new(purpose: Purpose<'e>, limits: &ReadLimits, settings: &Settings) -> Self {
        Self { purpose, budget: Budget::of(limits), settings: settings.clone() }
    }
}

fn host<'s, 'e>(eval: &'s mut Evaluator<'_, '_, 'e>) -> &'s mut Host<'e> {
    let host = eval.extra_mut.as_mut().and_then(|extra| extra.downcast_mut::<Host<'e>>());
    host.expect("every evaluation of a scenario carries its host")
}

/// What an evaluator runs for.
pub(crate) fn purpose<'s, 'e>(eval: &'s mut Evaluator<'_, '_, 'e>) -> &'s mut Purpose<'e> {
    &mut host(eval).purpose
}

/// What the run may still do.
pub(crate) fn budget<'s>(eval: &'s mut Evaluator<'_, '_, '_>) -> &'s mut Budget {
    &mut host(eval).budget
}

/// The settings of the story.
pub(crate) fn settings<'s>(eval: &'s mut Evaluator<'_, '_, '_>) -> &'s Settings {
    &host(eval).settings
}

/// The arena that quantities are made in.
pub(crate) fn with_expressions<R>(
    eval: &mut Evaluator<'_, '_, '_>,
    act: impl FnOnce(&mut Expressions) -> R,
) -> Result<R, Problem> {
    match purpose(eval) {
        Purpose::Reading(draft) => Ok(act(&mut draft.expressions)),
        Purpose::Telling(telling) => Ok(tell_to(*telling, |g| act(&mut g.expressions))),
        Purpose::Testing(_) => {
            Err(Problem::new("a claim's test computes with answers, not with uncertain quantities")
                .hint("ask for numbers: `a.probability(...)`, `a.mean(...)`, `a.share(...)`"))
        }
    }
}

fn tell_to<R>(telling: &mut (dyn Tell + '_), act: impl FnOnce(&mut Telling<'_>) -> R) -> R {
    let (mut act, mut result) = (Some(act), None);
    telling.with(&mut |g| {
        if let Some(act) = act.take() {
            result = Some(act(g));
        }
    });
    result.expect("a telling acts once")
}

/// Acts on the telling of the story; `name` is the call that asks for it.
pub(crate) fn tell<R>(
    eval: &mut Evaluator<'_, '_, '_>,
    name: &str,
    act: impl FnOnce(&mut Telling<'_>) -> Result<R, Problem>,
) -> starlark::Result<R> {
    match purpose(eval) {
        Purpose::Telling(telling) => tell_to(*telling, act).map_err(fail),
        Purpose::Reading(_) | Purpose::Testing(_) => Err(fail(
            Problem::new(format!("`g.{name}` is called while no story is told"))
                .hint("call it in `play(g)`, or in a function that `play` calls"),
        )),
    }
}

/// Acts on the declarations, with the place of the call `name`. What goes wrong is kept, so that reading goes on.
pub(crate) fn declare<R>(
    eval: &mut Evaluator<'_, '_, '_>,
    name: &str,
    act: impl FnOnce(&mut Draft, Option<Place>) -> Result<R, Problem>,
) -> starlark::Result<Option<R>> {
    let span = eval.call_stack_top_location();
    match purpose(eval) {
        Purpose::Reading(draft) => {
            let place = span.and_then(|span| draft.sources.place(&span));
            match act(draft, place.clone()) {
                Ok(done) => Ok(Some(done)),
                Err(problem) => draft.keep(problem.at(place)).map(|()| None).map_err(fail),
            }
        }
        Purpose::Telling(_) | Purpose::Testing(_) => Err(fail(
            Problem::new(format!("`{name}` is called while the story is told"))
                .hint("declare it at the top of the file, outside `play`"),
        )),
    }
}

/// Keeps a problem if declarations are being read; else it ends the run.
pub(crate) fn keep(eval: &mut Evaluator<'_, '_, '_>, problem: Problem) -> starlark::Result<()> {
    let span = eval.call_stack_top_location();
    match purpose(eval) {
        Purpose::Reading(draft) => {
            let place = span.and_then(|span| draft.sources.place(&span));
            draft.keep(problem.at(place)).map_err(fail)
        }
        Purpose::Telling(_) | Purpose::Testing(_) => Err(fail(problem)),
    }
}

/// The present call as the scenario writes it, if it stands at the top of a file and not in a function.
pub(crate) fn words_of_call(eval: &mut Evaluator<'_, '_, '_>) -> Option<String> {
    let top: Option<FileSpan> = eval.call_stack_top_location();
    // One frame for the file and one for the native function.
    let in_function = eval.call_stack_count() > 2;
    match purpose(eval) {
        Purpose::Reading(draft) if !in_function => draft.sources.words(&top?),
        Purpose::Reading(_) | Purpose::Telling(_) | Purpose::Testing(_) => None,
    }
}
