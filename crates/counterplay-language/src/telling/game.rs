//! What a story is told to: the value `g` of `play(g)`.

use std::fmt;

use allocative::Allocative;
use starlark::any::ProvidesStaticType;
use starlark::environment::{Methods, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::values::none::NoneType;
use starlark::values::{NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};
use starlark::{starlark_module, starlark_simple_value};

use crate::arithmetic::laws::Law;
use crate::host::tell;
use crate::telling::arguments::{quantity, seen, whom};
use crate::telling::states::state_of;
use crate::telling::voting::voting;
use crate::values::failure::fail;
use crate::values::players::Rest;
use crate::values::unpack::{entries, items, label, must_be, name_of, text, try_items};
use counterplay::problem::Problem;
use counterplay::story::state::StateValue;
use counterplay::story::telling::Telling;
use counterplay::story::terms::{Choice, Share};
use counterplay_inference::prior::Prior;

/// The value `g`.
#[derive(Clone, Copy, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct GameValue;

impl fmt::Display for GameValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("g")
    }
}

starlark_simple_value!(GameValue);
starlark::methods_static!(METHODS = all_methods);

#[starlark_value(type = "g")]
impl<'v> StarlarkValue<'v> for GameValue {
    fn get_methods() -> Option<&'static Methods> {
        Some(METHODS.methods())
    }
}

fn share(g: &mut Telling<'_>, event: &str, label: &str, value: Value<'_>) -> Result<Share, Problem> {
    if Rest::from_value(value).is_some() {
        return Ok(Share::Rest);
    }
    quantity(g, value, || format!("the probability of `{label}` at `{event}`")).map(Share::Of)
}

fn action_labels(actions: &[Value<'_>]) -> Result<Vec<String>, Problem> {
    actions.iter().map(|action| label(*action, "an action")).collect()
}

/// The parts of a choice in `g.together`.
fn choice<'v>(value: Value<'v>) -> Result<(&'v str, &'v str, &'v [Value<'v>]), Problem> {
    let what = "a choice in `g.together`";
    match items(value, what)? {
        [player, event, actions] => Ok((
            text(*player, "the player of a choice")?,
            name_of(*event, "the event of a choice")?,
            items(*actions, "the actions of a choice")?,
        )),
        other => Err(Problem::new(format!("{what} has {} parts", other.len()))
            .hint("it is a player, an event and a list of actions: `(\"A\", \"bid\", [1, 2])`")),
    }
}

fn pay_all(g: &mut Telling<'_>, payoffs: Option<Value<'_>>) -> Result<(), Problem> {
    let Some(payoffs) = payoffs else { return Ok(()) };
    for (player, amount) in entries(payoffs, "`payoffs`")? {
        let player = text(player, "a player in `payoffs`")?;
        let amount = quantity(g, amount, || format!("the payoff of `{player}`"))?;
        g.pay(player, amount)?;
    }
    Ok(())
}

fn state_all(g: &mut Telling<'_>, outcomes: Option<Value<'_>>) -> Result<(), Problem> {
    let Some(outcomes) = outcomes else { return Ok(()) };
    for (name, value) in entries(outcomes, "`outcomes`")? {
        let name = name_of(name, "the name of an outcome")?;
        g.outcome(name, &label(value, "the value of an outcome")?)?;
    }
    Ok(())
}

/// A label that the event has elsewhere, as a value like those that it has here.
fn alike<'v>(
    eval: &Evaluator<'v, '_, '_>,
    event: &str,
    labels: &[(Value<'v>, Value<'v>)],
    label: &str,
) -> Result<Value<'v>, Problem> {
    let here = labels.first().map(|l| l.0);
    let number = || label.parse::<i32>().ok().map(|n| eval.heap().alloc(n));
    let found = match here.map(Value::get_type) {
        Some("string") => Some(eval.heap().alloc(label)),
        Some("bool") if label == "True" || label == "False" => Some(Value::new_bool(label == "True")),
        Some("int") => number(),
        _ => None,
    };
    found.ok_or_else(|| {
        Problem::new(format!(
            "`{event}` cannot be `{label}` here: the labels that it has here are of another type"
        ))
        .hint("give the event the same kind of labels everywhere: texts, numbers, or True and False")
    })
}

fn all_methods(builder: &mut MethodsBuilder) {
    methods(builder);
    voting(builder);
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn chance<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        event: Value<'v>,
        probabilities: Value<'v>,
        seen_by: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let event = name_of(event, "the name of an event").map_err(fail)?;
        let labels = entries(probabilities, "what `g.chance` is given").map_err(fail)?;
        let whom = whom(seen_by, "`seen_by`")?;
        let taken = tell(eval, "chance", |g| {
            let mut branches = Vec::with_capacity(labels.len());
            for (value, probability) in &labels {
                let label = label(*value, "a label")?;
                let share = share(g, event, &label, *probability)?;
                branches.push((label, share));
            }
            let seen = seen(g, &whom)?;
            let taken = g.chance(event, &branches, seen)?;
            let listed = taken.is_none_or(|index| index < labels.len());
            Ok((taken, g.last_label().filter(|_| !listed).map(str::to_owned)))
        })?;
        match taken {
            (_, Some(brought_about)) => alike(eval, event, &labels, &brought_about).map_err(fail),
            (taken, None) => Ok(taken.map_or(Value::new_none(), |index| labels[index].0)),
        }
    }

    fn choose<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        player: Value<'v>,
        event: Value<'v>,
        actions: Value<'v>,
        seen_by: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let player = text(player, "the player of `g.choose`").map_err(fail)?;
        let event = name_of(event, "the name of an event").map_err(fail)?;
        let actions = try_items(actions)
            .ok_or_else(|| fail(must_be(&format!("the actions at `{event}`"), "a list", actions)))?;
        let whom = whom(seen_by, "`seen_by`")?;
        let taken = tell(eval, "choose", |g| {
            let seen = seen(g, &whom)?;
            g.choose(player, event, &action_labels(actions)?, seen)
        })?;
        Ok(taken.map_or(Value::new_none(), |index| actions[index]))
    }

    fn together<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        choices: Value<'v>,
        seen_by: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let choices = items(choices, "what `g.together` is given").map_err(fail)?;
        let choices: Result<Vec<_>, Problem> = choices.iter().map(|c| choice(*c)).collect();
        let choices = choices.map_err(fail)?;
        let labels: Result<Vec<Vec<String>>, Problem> = choices.iter().map(|c| action_labels(c.2)).collect();
        let labels = labels.map_err(fail)?;
        let whom = whom(seen_by, "`seen_by`")?;
        let taken = tell(eval, "together", |g| {
            let seen = seen(g, &whom)?;
            let parts = choices.iter().zip(&labels);
            let parts: Vec<Choice<'_>> =
                parts.map(|(c, actions)| Choice { player: c.0, event: c.1, actions }).collect();
            g.together(&parts, seen)
        })?;
        let values = taken.iter().zip(&choices).map(|(t, c)| t.map_or(Value::new_none(), |index| c.2[index]));
        Ok(eval.heap().alloc(values.collect::<Vec<Value<'v>>>()))
    }

    fn reveal<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        event: Value<'v>,
        to: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let event = name_of(event, "the name of an event").map_err(fail)?;
        let whom = whom(to, "`to` of `g.reveal`")?;
        tell(eval, "reveal", |g| {
            let to = seen(g, &whom)?;
            g.reveal(event, to)
        })?;
        Ok(NoneType)
    }

    fn pay<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        player: Value<'v>,
        amount: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let player = text(player, "the player of `g.pay`").map_err(fail)?;
        tell(eval, "pay", |g| {
            let amount = quantity(g, amount, || format!("the payoff of `{player}`"))?;
            g.pay(player, amount)
        })?;
        Ok(NoneType)
    }

    fn outcome<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        name: Value<'v>,
        value: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let name = name_of(name, "the name of an outcome").map_err(fail)?;
        let value = label(value, "the value of an outcome").map_err(fail)?;
        tell(eval, "outcome", |g| g.outcome(name, &value))?;
        Ok(NoneType)
    }

    fn measure<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        name: Value<'v>,
        distribution: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let name = name_of(name, "the name of a measured quantity").map_err(fail)?;
        let law = match Law::from_value(distribution) {
            Some(Law { prior: Prior::Single(law), .. }) => *law,
            Some(_) => {
                return Err(fail(
                    Problem::new(format!("`{name}` cannot be measured by a mixture, a choice or shares"))
                        .hint("use a single distribution, for example `normal(5, 2)` or `poisson(3)`"),
                ));
            }
            None => {
                let what = format!("what `{name}` is drawn from");
                return Err(fail(
                    must_be(&what, "a distribution", distribution).hint("for a known number, `point(x)`"),
                ));
            }
        };
        tell(eval, "measure", |g| g.measure(name, law))?;
        Ok(NoneType)
    }

    fn next<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        stage: Value<'v>,
        state: Option<Value<'v>>,
        payoffs: Option<Value<'v>>,
        outcomes: Option<Value<'v>>,
        discount: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let stage = text(stage, "the stage of `g.next`").map_err(fail)?;
        let state = state.map_or(Ok(StateValue::Tuple(Vec::new())), state_of).map_err(fail)?;
        tell(eval, "next", |g| {
            pay_all(g, payoffs)?;
            state_all(g, outcomes)?;
            let discount = match discount {
                Some(value) => quantity(g, value, || "the discount of `g.next`".to_owned())?,
                None => g.expressions.constant(1.0),
            };
            g.next(stage, state, discount)
        })?;
        Ok(NoneType)
    }

    fn end<'v>(
        #[allow(unused_variables)] this: Value<'v>,
        payoffs: Option<Value<'v>>,
        outcomes: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        tell(eval, "end", |g| {
            pay_all(g, payoffs)?;
            state_all(g, outcomes)?;
            g.end()
        })?;
        Ok(NoneType)
    }
}
