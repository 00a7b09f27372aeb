//! What is asked of a scenario: what-ifs, factors, rival explanations, claims.

use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneType;
use starlark::values::tuple::{TupleRef, UnpackTuple};

use crate::arithmetic::laws::Law;
use crate::declarations::interventions::collect;
use crate::declarations::parameters::quantity;
use crate::declarations::queries::QuantityValue;
use crate::host::draft::{ClaimDraft, Draft, check_name};
use crate::host::{declare, words_of_call};
use crate::values::players::Whom;
use crate::values::quantity::Quantity;
use crate::values::unpack::{entries, must_be, name_of, number, text};
use counterplay::problem::{Place, Problem};
use counterplay::scenario::{Act, Explanation, Factor, Foresight, Intervention, Luck, Question};
use counterplay::story::event::check_player;
use counterplay_inference::distribution::Distribution;
use counterplay_inference::prior::Prior;

fn luck(value: Option<Value<'_>>) -> Result<Luck, Problem> {
    let Some(value) = value else { return Ok(Luck::default()) };
    let word = text(value, "`luck`")?;
    // Scenarios that were written before the words changed are read as well.
    let now = match word {
        "rethrown" => Luck::Redrawn.word(),
        "rethrown_after" => Luck::RedrawnAfter.word(),
        word => word,
    };
    let kinds = [Luck::Held, Luck::RedrawnAfter, Luck::Redrawn];
    kinds.into_iter().find(|luck| luck.word() == now).ok_or_else(|| {
        Problem::new(format!("`luck` cannot be `{word}`")).hint(
            "it is `held`, `redrawn_after` (after the first event that the change touches) or `redrawn`",
        )
    })
}

fn foresight(draft: &Draft, value: Option<Value<'_>>) -> Result<Foresight, Problem> {
    let Some(value) = value else { return Ok(Foresight::ByKind) };
    let whom = Whom::read(value, "`foreseen_by`")?;
    let known = draft.players()?;
    let named = whom.names(known);
    for name in &named {
        check_player(name, known)?;
    }
    // In the order of the players, so that the order in which they are named does not matter.
    let names: Vec<String> = known.iter().filter(|k| named.contains(k)).cloned().collect();
    Ok(match names.len() {
        0 => Foresight::Nobody,
        count if count == known.len() => Foresight::All,
        _ => Foresight::Only(names),
    })
}

/// What to write where a quantity stands in the place of interventions.
const ASK: &str = "a quantity is asked for by `query(name, probability({...}))`, and by `ask --query`; what it would be if a parameter \
                   were another, by `set(param, x)`";

/// Whether a value is something that could be asked for.
fn is_asked(value: Value<'_>) -> bool {
    Quantity::from_value(value).is_some() || QuantityValue::from_value(value).is_some()
}

fn question<'v>(
    draft: &mut Draft,
    name: Value<'v>,
    interventions: &[Value<'v>],
    settings: (Option<Value<'v>>, Option<Value<'v>>),
    place: Option<Place>,
) -> Result<(), Problem> {
    let name = name_of(name, "the name of a what-if")?;
    check_name(name, "what-if", draft.questions.iter().map(|q| q.name.as_str()))?;
    let mut all = Vec::new();
    for value in interventions {
        collect(*value, &format!("what `{name}` makes different"), &mut all)
            .map_err(|problem| if is_asked(*value) { problem.hint(ASK) } else { problem })?;
    }
    if interventions.is_empty() {
        return Err(Problem::new(format!("`{name}` makes nothing different"))
            .hint("add an intervention, for example `do({\"answer\": \"resist\"})`"));
    }
    let (foresight, luck) = (foresight(draft, settings.0)?, luck(settings.1)?);
    draft.questions.push(Question { name: name.to_owned(), interventions: all, foresight, luck, place });
    Ok(())
}

fn interventions(value: Option<Value<'_>>, what: &str) -> Result<Vec<Intervention>, Problem> {
    let mut all = Vec::new();
    if let Some(value) = value {
        collect(value, what, &mut all)?;
    }
    Ok(all)
}

/// The block of priors that a key of `change` stands for: a parameter, or the tuple of a whole Dirichlet's shares.
fn block(draft: &Draft, key: Value<'_>) -> Result<usize, Problem> {
    let single = TupleRef::from_value(key).and_then(|t| t.content().first().copied()).unwrap_or(key);
    let quantity = Quantity::from_value(single).filter(|q| !q.negated);
    let parameter = quantity.and_then(|q| draft.parameter(q.id));
    let parameter = parameter.ok_or_else(|| {
        must_be("a key of `change`", "a parameter", key).hint("give it the value that `param(...)` returned")
    })?;
    Ok(draft.parameters[parameter.index()].block)
}

fn changed_prior(draft: &mut Draft, value: Value<'_>) -> Result<(Prior, String), Problem> {
    if let Some(law) = Law::from_value(value) {
        return Ok((law.prior.clone(), law.words.clone()));
    }
    let id = quantity(draft, value, "what `change` puts in place")?;
    Ok((Prior::Single(Distribution::Point(id)), number(value).map_or("...".to_owned(), |x| x.to_string())))
}

fn explain<'v>(
    draft: &mut Draft,
    name: Value<'v>,
    change: Option<Value<'v>>,
    interventions: Vec<Intervention>,
    weight: Option<Value<'v>>,
    place: Option<Place>,
) -> Result<(), Problem> {
    let name = name_of(name, "the name of an explanation")?;
    check_name(name, "explanation", draft.explanations.iter().map(|e| e.name.as_str()))?;
    let (mut priors, mut texts) = (Vec::new(), Vec::new());
    for (key, value) in change.map_or(Ok(Vec::new()), |change| entries(change, "`change`"))? {
        let block = block(draft, key)?;
        let (prior, words) = changed_prior(draft, value)?;
        if prior.parameters() != draft.priors[block].parameters() {
            return Err(Problem::new(format!("`{words}` is not a prior for as many shares as there are")));
        }
        let parameter = draft.parameters.iter().find(|p| p.block == block);
        let parameter = parameter.map_or(String::new(), |p| p.name.trim_end_matches("[1]").to_owned());
        texts.push(format!("{parameter}: {words}"));
        priors.push((block, prior));
    }
    draft.check_priors(&priors)?;
    if let Some(wrong) = interventions.iter().find(|i| !matches!(i.act, Act::Change(_))) {
        return Err(Problem::new(format!(
            "an explanation changes parameters by their priors, not by `{}`",
            wrong.text
        ))
        .hint("put it into `change`: `change = {param: point(x)}`"));
    }
    texts.extend(interventions.iter().map(|i| i.text.clone()));
    let weight = weight.map_or(Ok(1.0), |w| number(w).ok_or_else(|| must_be("`weight`", "a number", w)))?;
    if !(weight.is_finite() && weight > 0.0) {
        return Err(Problem::new(format!(
            "the weight of an explanation must be above zero, but it is {weight}"
        )));
    }
    draft.explanations.push(Explanation {
        name: name.to_owned(),
        priors,
        interventions,
        weight,
        texts,
        place,
    });
    Ok(())
}

/// The second argument of a call, as it is written.
fn second_argument(call: &str) -> Option<&str> {
    let inside = call.split_once('(')?.1.strip_suffix(')')?;
    let (mut depth, mut quote, mut commas) = (0, None, Vec::new());
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => commas.push(at),
            (Some(_) | None, _) => {}
        }
    }
    let words = inside[commas.first()? + 1..].trim();
    let words = words
        .strip_prefix("test")
        .map_or(words, |rest| rest.trim_start().trim_start_matches('=').trim_start());
    Some(words.trim_end_matches(',').trim_end())
}

#[starlark_module]
pub(crate) fn questions(builder: &mut GlobalsBuilder) {
    fn what_if<'v>(
        #[starlark(require = pos)] name: Value<'v>,
        #[starlark(args)] interventions: UnpackTuple<Value<'v>>,
        #[starlark(require = named)] foreseen_by: Option<Value<'v>>,
        #[starlark(require = named)] luck: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "what_if", |draft, place| {
            question(draft, name, &interventions.items, (foreseen_by, luck), place)
        })?;
        Ok(NoneType)
    }

    fn factor<'v>(
        name: Value<'v>,
        absent: Value<'v>,
        present: Option<Value<'v>>,
        group: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "factor", |draft, place| {
            let name = name_of(name, "the name of a factor")?;
            check_name(name, "factor", draft.factors.iter().map(|f| f.name.as_str()))?;
            let present = self::interventions(present, "`present` of `factor`")?;
            let absent = self::interventions(Some(absent), "`absent` of `factor`")?;
            let group = group.map(|g| name_of(g, "`group` of `factor`").map(str::to_owned)).transpose()?;
            draft.factors.push(Factor { name: name.to_owned(), absent, present, group, place });
            Ok(())
        })?;
        Ok(NoneType)
    }

    fn factors<'v>(foreseen_by: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<NoneType> {
        declare(eval, "factors", |draft, _| {
            draft.factor_foresight = foresight(draft, Some(foreseen_by))?;
            Ok(())
        })?;
        Ok(NoneType)
    }

    fn explanation<'v>(
        name: Value<'v>,
        change: Option<Value<'v>>,
        interventions: Option<Value<'v>>,
        weight: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "explanation", |draft, place| {
            let interventions = self::interventions(interventions, "`interventions` of `explanation`")?;
            explain(draft, name, change, interventions, weight, place)
        })?;
        Ok(NoneType)
    }

    fn claim<'v>(
        name: Value<'v>,
        test: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let words = words_of_call(eval);
        let module = eval.module();
        declare(eval, "claim", |draft, place| {
            let name = name_of(name, "the name of a claim")?;
            check_name(name, "claim", draft.claims.iter().map(|c| c.name.as_str()))?;
            if !matches!(test.get_type(), "function" | "native_function") {
                return Err(must_be(&format!("the test of `{name}`"), "a function", test)
                    .hint("for example `lambda a: a.probability(\"war\", True) > 0.5`"));
            }
            let text = words.as_deref().and_then(second_argument).unwrap_or("a function").to_owned();
            let file = place.as_ref().map_or(String::new(), |p| p.file.clone());
            // A name that no scenario can write keeps the test alive in the module.
            let slot = format!("claim {}", draft.claims.len());
            module.set(&slot, test);
            draft.claims.push(ClaimDraft { name: name.to_owned(), text, file, slot, place });
            Ok(())
        })?;
        Ok(NoneType)
    }
}

#[cfg(test)]
mod tests {
    use super::second_argument;

    #[test]
    fn the_second_argument_is_found_past_commas_in_quotes_and_brackets() {
        let call = "claim(\"a, b\", lambda a: f(a, [1, 2]) and a.x(\")\"))";
        assert_eq!(second_argument(call), Some("lambda a: f(a, [1, 2]) and a.x(\")\")"));
        assert_eq!(second_argument("claim(\"n\", test = f)"), Some("f"));
    }
}
