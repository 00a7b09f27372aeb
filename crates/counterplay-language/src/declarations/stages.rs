//! Stages: `stage` and `horizon`.

use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneType;

use crate::host::declare;
use crate::host::draft::StageDraft;
use crate::values::unpack::{must_be, name_of, number};
use counterplay::problem::Problem;

/// The most stages that a process can be followed for.
const MAX_HORIZON: f64 = 10_000.0;

#[starlark_module]
pub(crate) fn stages(builder: &mut GlobalsBuilder) {
    fn stage<'v>(
        name: Value<'v>,
        function: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let module = eval.module();
        declare(eval, "stage", |draft, place| {
            let name = name_of(name, "the name of a stage")?;
            if draft.stages.iter().any(|s| s.name == name) {
                return Err(Problem::new(format!("there is already a stage `{name}`")));
            }
            if function.get_type() != "function" {
                return Err(must_be(&format!("what the stage `{name}` is told by"), "a function", function)
                    .hint(format!("for example `def {name}(g, state):`, then `stage(\"{name}\", {name})`")));
            }
            let file = place.as_ref().map_or(String::new(), |p| p.file.clone());
            // A name that no scenario can write keeps the function alive in the module.
            let slot = format!("stage {}", draft.stages.len());
            module.set(&slot, function);
            draft.stages.push(StageDraft { name: name.to_owned(), file, slot, place });
            Ok(())
        })?;
        Ok(NoneType)
    }

    fn horizon<'v>(
        #[starlark(require = pos)] stages: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "horizon", |draft, _| {
            let count = number(stages).filter(|n| n.fract() == 0.0 && (1.0..=MAX_HORIZON).contains(n));
            let count = count.ok_or_else(|| {
                Problem::new(format!("the horizon must be a whole number from 1 to {MAX_HORIZON}, but it is {stages}"))
                    .hint("it says for how many stages the process is followed in the answers; play looks ahead without end")
            })?;
            draft.horizon = Some(count as usize);
            Ok(())
        })?;
        Ok(NoneType)
    }
}
