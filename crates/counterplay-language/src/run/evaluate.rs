//! Running a scenario's code, within bounds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use starlark::environment::{FrozenModule, Module};
use starlark::eval::{Evaluator, FileLoader};
use starlark::syntax::AstModule;
use starlark::values::OwnedFrozenValue;

use crate::host::settings::Settings;
use crate::host::{Host, Purpose};
use crate::limits::ReadLimits;
use crate::run::explain::{self, Running};
use crate::run::globals::globals;
use crate::telling::answers::AnswersValue;
use crate::telling::game::GameValue;
use crate::telling::states::state_value;
use crate::text::source::Sources;
use crate::values::size;
use counterplay::problem::{Place, Problem};
use counterplay::scenario::{ClaimTest, DrawAnswers};
use counterplay::story::state::StateValue;
use counterplay::story::telling::StageStory;
use counterplay::story::telling::{Story, Telling};

/// An evaluator with bounds.
fn evaluator<'v, 'a, 'e>(
    module: &'a Module<'v>,
    limits: &'a ReadLimits,
    host: &'a mut Host<'e>,
) -> Evaluator<'v, 'a, 'e> {
    let mut eval = Evaluator::new(module);
    // Each setting is made once, and none is zero.
    let set = eval
        .set_max_tick_count(limits.max_steps.max(1))
        .and_then(|()| eval.set_max_heap_size(limits.max_memory.max(1)))
        .and_then(|()| eval.set_max_callstack_size(limits.max_depth.max(1) + 2));
    set.expect("the bounds of a new evaluator can be set");
    let stop = host.budget.stop_sign();
    eval.set_check_cancelled(Box::new(move || stop()));
    // A collection would recurse into nested values; a run is short, and its memory bounded.
    eval.disable_gc();
    eval.extra_mut = Some(host);
    eval
}

/// Runs `act`; a panic within becomes a problem.
fn caught<R>(running: &Running<'_>, act: impl FnOnce() -> Result<R, Problem>) -> Result<R, Problem> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|payload| {
        // A panic of a program has a text; that of the standard library when memory runs out has none.
        let has_text = payload.is::<&str>() || payload.is::<String>();
        Err(if has_text { explain::panicked(running) } else { explain::out_of_memory(running) })
    })
}

/// Runs a file's declarations.
///
/// The sources are given apart from the purpose because the purpose holds them while the file runs.
pub(crate) fn run_file(
    file: &str,
    ast: AstModule,
    purpose: Purpose<'_>,
    loader: &dyn FileLoader,
    limits: &ReadLimits,
    sources: &Sources,
    settings: &Settings,
) -> Result<FrozenModule, Problem> {
    let running = Running { what: format!("`{file}`"), limits };
    caught(&running, || {
        Module::with_temp_heap(|module| {
            let mut host = Host::new(purpose, limits, settings);
            {
                let mut eval = evaluator(&module, limits, &mut host);
                eval.set_loader(loader);
                eval.eval_module(ast, globals()).map_err(|e| explain::error(&e, sources, &running))?;
            }
            check_depth(&module, sources.hides_values())?;
            module.freeze().map_err(|e| Problem::new(format!("`{file}` cannot be kept: {e:?}")))
        })
    })
}

/// Refuses values that are nested so deep that keeping them would exhaust the stack.
fn check_depth(module: &Module<'_>, hides_values: bool) -> Result<(), Problem> {
    for name in module.names() {
        let name = name.as_str();
        if module.get(name).is_some_and(size::too_deep_to_keep) {
            return Err(Problem::new(format!("`{name}` is nested too deep, or holds itself"))
                .hint("does a loop put a list or a dictionary into itself?"));
        }
    }
    // What a function within a function holds cannot be seen from outside. But nothing is deeper than there are values.
    if hides_values && size::nesting_values(module.heap()) > size::MOST_BEHIND_FUNCTIONS {
        let problem = format!(
            "this file makes more than {} lists, tuples, dictionaries and functions, and functions or methods can hide them",
            size::MOST_BEHIND_FUNCTIONS
        );
        return Err(Problem::new(problem).hint(
            "functions within functions, defaults and methods taken as values could hold each other without an end: make fewer values at the top of the file",
        ));
    }
    Ok(())
}

/// The story that a scenario's `play` tells.
pub(crate) struct PlayStory {
    pub(crate) play: OwnedFrozenValue,
    pub(crate) sources: Arc<Sources>,
    pub(crate) limits: ReadLimits,
    pub(crate) settings: Settings,
}

impl Story for PlayStory {
    fn place_of(&self, event: &str) -> Option<Place> {
        self.sources.place_of_event(event)
    }

    fn unread_settings(&self) -> Vec<String> {
        self.settings.unread()
    }

    fn tell(&self, g: &mut Telling<'_>) -> Result<(), Problem> {
        let running = Running { what: "`play`".to_owned(), limits: &self.limits };
        caught(&running, || {
            Module::with_temp_heap(|module| {
                let mut host = Host::new(Purpose::Telling(g), &self.limits, &self.settings);
                let mut eval = evaluator(&module, &self.limits, &mut host);
                let play = module.heap().access_owned_frozen_value(&self.play);
                let told = eval.eval_function(play, &[module.heap().alloc(GameValue)], &[]);
                told.map(|_| ()).map_err(|e| explain::error(&e, &self.sources, &running))
            })
        })
    }
}

/// A stage that is told by a function of `g` and the state.
pub(crate) struct FunctionStage {
    pub(crate) name: String,
    pub(crate) tell: OwnedFrozenValue,
    pub(crate) sources: Arc<Sources>,
    pub(crate) limits: ReadLimits,
    pub(crate) settings: Settings,
}

impl StageStory for FunctionStage {
    fn tell(&self, g: &mut Telling<'_>, state: &StateValue) -> Result<(), Problem> {
        let running = Running { what: format!("the stage `{}`", self.name), limits: &self.limits };
        caught(&running, || {
            Module::with_temp_heap(|module| {
                let mut host = Host::new(Purpose::Telling(g), &self.limits, &self.settings);
                let mut eval = evaluator(&module, &self.limits, &mut host);
                let tell = module.heap().access_owned_frozen_value(&self.tell);
                let arguments = [module.heap().alloc(GameValue), state_value(module.heap(), state)];
                let told = eval.eval_function(tell, &arguments, &[]);
                told.map(|_| ()).map_err(|e| explain::error(&e, &self.sources, &running))
            })
        })
    }
}

/// A claim's test.
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) function: OwnedFrozenValue,
    pub(crate) sources: Arc<Sources>,
    pub(crate) limits: ReadLimits,
    pub(crate) settings: Settings,
}

impl ClaimTest for Test {
    fn holds(&self, answers: &dyn DrawAnswers) -> Result<bool, Problem> {
        let running = Running { what: format!("the test of `{}`", self.name), limits: &self.limits };
        caught(&running, || {
            Module::with_temp_heap(|module| {
                let mut host = Host::new(Purpose::Testing(answers), &self.limits, &self.settings);
                let mut eval = evaluator(&module, &self.limits, &mut host);
                let test = module.heap().access_owned_frozen_value(&self.function);
                let result = eval.eval_function(test, &[module.heap().alloc(AnswersValue)], &[]);
                let result = result.map_err(|e| explain::error(&e, &self.sources, &running))?;
                result.unpack_bool().ok_or_else(|| explain::no_truth_value(&self.name, result))
            })
        })
    }
}
