//! What a claim is tested against: the value `a` of `lambda a: ...`.

use std::fmt;

use allocative::Allocative;
use starlark::any::ProvidesStaticType;
use starlark::environment::{Methods, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::values::{NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};
use starlark::{starlark_module, starlark_simple_value};

use crate::host::{Purpose, purpose};
use crate::values::failure::fail;
use crate::values::unpack::{label, outcome_value, text};
use counterplay::problem::Problem;
use counterplay::scenario::DrawAnswers;

/// The value `a`.
#[derive(Clone, Copy, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct AnswersValue;

impl fmt::Display for AnswersValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("answers")
    }
}

starlark_simple_value!(AnswersValue);
starlark::methods_static!(METHODS = methods);

#[starlark_value(type = "answers")]
impl<'v> StarlarkValue<'v> for AnswersValue {
    fn get_methods() -> Option<&'static Methods> {
        Some(METHODS.methods())
    }
}

fn ask(
    eval: &mut Evaluator<'_, '_, '_>,
    act: impl FnOnce(&dyn DrawAnswers) -> Result<f64, Problem>,
) -> starlark::Result<f64> {
    match purpose(eval) {
        Purpose::Testing(answers) => act(*answers).map_err(fail),
        Purpose::Reading(_) | Purpose::Telling(_) => Err(fail(
            Problem::new("answers are asked for before there are any").hint("ask in the test of a `claim`"),
        )),
    }
}

fn of_factor<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    factor: Value<'v>,
    of: Value<'v>,
    act: impl FnOnce(&dyn DrawAnswers, &str, &str, &str) -> Result<f64, Problem>,
) -> starlark::Result<f64> {
    let factor = text(factor, "the name of a factor").map_err(fail)?;
    let (outcome, value) = outcome_value(of, "`of`").map_err(fail)?;
    ask(eval, |answers| act(answers, factor, &outcome, &value))
}

fn under_name(under: Option<Value<'_>>) -> Result<Option<&str>, Problem> {
    under.filter(|u| !u.is_none()).map(|u| text(u, "`under`, the name of a what-if")).transpose()
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn probability<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        outcome: Value<'v>,
        value: Value<'v>,
        under: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<f64> {
        let outcome = text(outcome, "the name of an outcome").map_err(fail)?;
        let value = label(value, "the value of an outcome").map_err(fail)?;
        let under = under_name(under).map_err(fail)?;
        ask(eval, |answers| answers.probability(outcome, &value, under))
    }

    fn mean<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        measure: Value<'v>,
        under: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<f64> {
        let measure = text(measure, "the name of a measured quantity").map_err(fail)?;
        let under = under_name(under).map_err(fail)?;
        ask(eval, |answers| answers.mean(measure, under))
    }

    fn query<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        name: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<f64> {
        let name = text(name, "the name of a query").map_err(fail)?;
        ask(eval, |answers| answers.query(name))
    }

    fn shapley<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        factor: Value<'v>,
        of: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<f64> {
        of_factor(eval, factor, of, |answers, f, o, v| answers.shapley(f, o, v))
    }

    fn share<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        factor: Value<'v>,
        of: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<f64> {
        of_factor(eval, factor, of, |answers, f, o, v| answers.share(f, o, v))
    }

    fn necessity<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        factor: Value<'v>,
        of: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<f64> {
        of_factor(eval, factor, of, |answers, f, o, v| answers.necessity(f, o, v))
    }

    fn sufficiency<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        factor: Value<'v>,
        of: Value<'v>,
        others: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<f64> {
        match others.map(|o| text(o, "`others` of `sufficiency`")).transpose().map_err(fail)? {
            None | Some("present") => of_factor(eval, factor, of, |answers, f, o, v| answers.sufficiency(f, o, v)),
            Some("free") => of_factor(eval, factor, of, |answers, f, o, v| answers.sufficiency_alone(f, o, v)),
            Some(other) => Err(fail(
                Problem::new(format!("`others` of `sufficiency` cannot be `{other}`"))
                    .hint("it is `present`, which holds the other factors present, or `free`, which leaves them as they come"),
            )),
        }
    }
}
