//! Uncertain parameters: `param` and `precision`, and parameters as arguments of other declarations.

use counterplay_game::expression::{ExprId, ParameterId};
use counterplay_game::id::PlayerId;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;

use crate::arithmetic::laws::{Law, quantities_value};
use crate::declarations::evidence::evidence_list;
use crate::host::declare;
use crate::host::draft::{Draft, ParameterDraft};
use crate::values::players::Whom;
use crate::values::quantity::Quantity;
use crate::values::unpack::{kind, must_be, name_of, number, optional_text};
use counterplay::problem::{Place, Problem};
use counterplay::story::event::check_player;
use counterplay_inference::distribution::Distribution;
use counterplay_inference::prior::Prior;

/// A quantity or a number in the draft's arena.
pub(crate) fn quantity(draft: &mut Draft, value: Value<'_>, what: &str) -> Result<ExprId, Problem> {
    if let Some(&quantity) = Quantity::from_value(value) {
        return Ok(quantity.expression(&mut draft.expressions));
    }
    let number = number(value).ok_or_else(|| must_be(what, "a number or a quantity", value))?;
    Ok(draft.expressions.constant(number))
}

/// The parameter that a value is; `call` is what changes it.
pub(crate) fn parameter(draft: &Draft, value: Value<'_>, call: &str) -> Result<ParameterId, Problem> {
    let what = format!("what `{call}` changes");
    let hint = "give it the value that `param(...)` returned";
    let Some(quantity) = Quantity::from_value(value) else {
        return Err(must_be(&what, "a parameter", value).hint(hint));
    };
    let parameter = if quantity.negated { None } else { draft.parameter(quantity.id) };
    parameter.ok_or_else(|| {
        Problem::new(format!("{what} must be a parameter itself, not something computed from it")).hint(hint)
    })
}

fn parameter_draft(
    name: Value<'_>,
    prior: Value<'_>,
    unit: Option<Value<'_>>,
    (evidence, reuse): (Option<Value<'_>>, Option<Value<'_>>),
    place: Option<Place>,
) -> Result<ParameterDraft, Problem> {
    let name = name_of(name, "the name of a parameter")?;
    let Some(law) = Law::from_value(prior) else {
        let problem = Problem::new(format!("`{name}` needs a prior, but it is given {}", kind(prior)));
        return Err(match number(prior) {
            Some(x) => problem.hint(format!("for a number that is certain write `point({x})`")),
            None => problem.hint("for example `between(0.1, 0.7)` or `beta(2, 2)`"),
        });
    };
    Ok(ParameterDraft {
        name: name.to_owned(),
        unit: optional_text(unit, "`unit`")?,
        prior: law.prior.clone(),
        prior_text: law.words.clone(),
        evidence: evidence_list(evidence, "`evidence`")?,
        reuse: optional_text(reuse, "`reuse`")?,
        place,
    })
}

/// Whether a prior plainly reaches below zero, where no precision lies.
fn reaches_below_zero(prior: &Prior, draft: &Draft) -> bool {
    let known_below = |id| draft.expressions.known(id).is_some_and(|x| x < 0.0);
    match prior {
        Prior::Single(Distribution::Normal { .. }) => true,
        Prior::Single(Distribution::Uniform { low, .. }) => known_below(*low),
        Prior::Single(Distribution::Point(x)) => known_below(*x),
        Prior::Categorical(choices) => choices.iter().any(|c| c.0 < 0.0),
        Prior::Single(_) | Prior::Mixture(_) | Prior::Dirichlet(_) => false,
    }
}

fn declare_precision(
    draft: &mut Draft,
    parameter: ParameterDraft,
    whom: &Whom<'_>,
) -> Result<Vec<ExprId>, Problem> {
    let name = parameter.name.clone();
    let players = draft.players()?.to_vec();
    if reaches_below_zero(&parameter.prior, draft) {
        return Err(Problem::new(format!("the precision `{name}` could be below zero"))
            .hint("use a prior over positive numbers, for example `lognormal(1.5, 0.5)`"));
    }
    let whose: Result<Vec<usize>, Problem> =
        whom.names(&players).iter().map(|name| check_player(name, &players).map(PlayerId::index)).collect();
    let whose = whose?;
    let ids = draft.add_parameter(parameter)?;
    let [id] = ids.as_slice() else {
        return Err(Problem::new(format!("the precision `{name}` is several numbers, not one")));
    };
    for player in whose {
        if draft.precisions[player].is_some() {
            return Err(Problem::new(format!("`{}` has two precisions", players[player]))
                .hint("say with `players = [...]` whose precision each one is"));
        }
        draft.precisions[player] = Some(*id);
    }
    Ok(ids)
}

#[starlark_module]
pub(crate) fn parameters(builder: &mut GlobalsBuilder) {
    fn param<'v>(
        name: Value<'v>,
        prior: Value<'v>,
        unit: Option<Value<'v>>,
        evidence: Option<Value<'v>>,
        reuse: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let ids = declare(eval, "param", |draft, place| {
            draft.add_parameter(parameter_draft(name, prior, unit, (evidence, reuse), place)?)
        })?;
        let ids = match ids {
            Some(ids) => ids,
            None => declare(eval, "param", |draft, place| Ok(draft.stand_in(place)))?.unwrap_or_default(),
        };
        Ok(quantities_value(eval.heap(), &ids))
    }

    fn precision<'v>(
        name: Value<'v>,
        prior: Value<'v>,
        players: Option<Value<'v>>,
        evidence: Option<Value<'v>>,
        reuse: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let ids = declare(eval, "precision", |draft, place| {
            let whom = players.map_or(Ok(Whom::All), |p| Whom::read(p, "`players` of `precision`"))?;
            declare_precision(draft, parameter_draft(name, prior, None, (evidence, reuse), place)?, &whom)
        })?;
        let ids = match ids {
            Some(ids) => ids,
            None => declare(eval, "precision", |draft, place| Ok(draft.stand_in(place)))?.unwrap_or_default(),
        };
        Ok(quantities_value(eval.heap(), &ids))
    }
}
