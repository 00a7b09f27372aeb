//! Taking distributions from the analyses of other scenarios.

use std::fmt::Write as _;

use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::dict::AllocDict;

use super::posterior;
use crate::arithmetic::laws::{known_law, law_or_keep};
use crate::host::analyses::not_an_analysis;
use crate::host::declare;
use crate::host::draft::Draft;
use crate::values::failure::fail;
use crate::values::tuple_label::tuples;
use crate::values::unpack::{label, text, truth_value};
use counterplay::problem::{Problem, did_you_mean};
use counterplay_analysis::{ChainInput, Extract, Extracted, ExtractedQuery, ExtractedWorld, Scale};
use counterplay_inference::distribution::Concrete;

/// Probabilities whose sum is so near to one leave nothing that is not said.
const ROUNDING: f64 = 1e-9;
/// The most names that a hint lists.
const MOST_LISTED: usize = 8;

/// Which of an analysis's worlds is asked about.
enum Wanted<'v> {
    Factual,
    BeforeTheRecord,
    Under(&'v str),
}

impl<'v> Wanted<'v> {
    fn read(call: &str, under: Option<Value<'v>>, given_record: Option<Value<'v>>) -> Result<Self, Problem> {
        let given = given_record
            .map_or(Ok(true), |v| truth_value(Some(v), &format!("`given_record` of `{call}`")))?;
        match under.filter(|under| !under.is_none()) {
            None if given => Ok(Self::Factual),
            None => Ok(Self::BeforeTheRecord),
            Some(under) if given => Ok(Self::Under(text(under, &format!("`under` of `{call}`"))?)),
            Some(_) => Err(Problem::new("a what-if is asked of the world that the record tells of")
                .hint("leave out either `under` or `given_record = False`")),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Factual => "as it was, given its record".to_owned(),
            Self::BeforeTheRecord => "before anything of its record was known".to_owned(),
            Self::Under(name) => format!("under “{name}”"),
        }
    }

    fn of<'a>(&self, file: &str, extract: &'a Extract) -> Result<&'a ExtractedWorld, Problem> {
        let Self::Under(name) = self else {
            return Ok(if matches!(self, Self::Factual) {
                &extract.factual
            } else {
                &extract.prior_prediction
            });
        };
        let found = extract.answers.iter().find(|a| a.name == *name);
        let names = extract.answers.iter().map(|a| a.name.as_str());
        Ok(&found.ok_or_else(|| missing(file, "what-if", name, names))?.world)
    }
}

/// There is nothing of that name in the analysis; what there is instead.
fn missing<'a>(file: &str, what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Problem {
    let problem = Problem::new(format!("`{file}` has no {what} `{name}`"));
    let names: Vec<&str> = known.clone().collect();
    if names.is_empty() {
        return problem.hint(format!("that analysis has no {what} at all"));
    }
    let mut hint = if names.len() > MOST_LISTED { did_you_mean(name, known) } else { String::new() };
    if hint.is_empty() {
        let listed: Vec<String> = names.iter().take(MOST_LISTED).map(|n| format!("`{n}`")).collect();
        let more = if names.len() > MOST_LISTED { ", ..." } else { "" };
        let _ = write!(hint, "it has {}{more}", listed.join(", "));
    }
    problem.hint(hint)
}

type Numbers = Vec<(String, Extracted)>;

/// Probabilities that can be those of a chance event: finite, between 0 and 1, with the sum 1. What they leave is that of
/// `otherwise`.
fn distribution(
    file: &str,
    quantity: &str,
    mut numbers: Numbers,
    otherwise: Option<&str>,
) -> Result<Numbers, Problem> {
    let sound = |p: f64| p.is_finite() && (-ROUNDING..=1.0 + ROUNDING).contains(&p);
    if let Some((value, _)) = numbers.iter().find(|(_, p)| !sound(p.mean)) {
        return Err(not_an_analysis(
            file,
            &format!("the probability of `{quantity}` = `{value}` is not between 0 and 1"),
        ));
    }
    let sum: f64 = numbers.iter().map(|(_, p)| p.mean).sum();
    if sum > 1.0 + 1e-6 {
        return Err(not_an_analysis(file, &format!("the probabilities of `{quantity}` have the sum {sum}")));
    }
    let left = 1.0 - sum;
    if left <= 1e-6 {
        for (_, p) in &mut numbers {
            p.mean /= sum;
        }
        return Ok(numbers);
    }
    let Some(otherwise) = otherwise else {
        return Err(Problem::new(format!(
            "`{file}` does not say `{quantity}` in every history: {:.1}% have none",
            100.0 * left
        ))
        .hint("say what holds there: `outcome_of(..., otherwise = \"none\")`"));
    };
    if let Some((_, p)) = numbers.iter_mut().find(|(value, _)| value == otherwise) {
        p.mean += left;
    } else {
        let unknown = f64::NAN;
        numbers.push((
            otherwise.to_owned(),
            Extracted { mean: left, low: unknown, high: unknown, error: unknown },
        ));
    }
    Ok(numbers)
}

/// Notes what was taken, and from where.
fn note(draft: &mut Draft, file: &str, extract: &Extract, quantity: &str, world: String, values: &Numbers) {
    let input = ChainInput {
        file: file.to_owned(),
        case: extract.case.name.clone(),
        title: extract.case.title.clone(),
        counterplay_version: extract.counterplay_version.clone(),
        seed: extract.settings.seed,
        content_hash: extract.chain.content_hash.clone(),
        converged: extract.converged(),
        quantity: quantity.to_owned(),
        world,
        values: values.clone(),
    };
    // NaN is no reason to list the same thing twice.
    let inputs = &mut draft.analyses.chain.inputs;
    let same =
        |i: &ChainInput| (&i.file, &i.quantity, &i.world) == (&input.file, &input.quantity, &input.world);
    if !inputs.iter().any(same) {
        inputs.push(input);
    }
}

fn outcome(
    draft: &mut Draft,
    file: Value<'_>,
    outcome: Value<'_>,
    wanted: &Wanted<'_>,
    otherwise: Option<Value<'_>>,
) -> Result<Numbers, Problem> {
    let file = text(file, "the file of an analysis")?;
    let name = text(outcome, "the name of an outcome")?;
    let otherwise = otherwise.map(|v| label(v, "`otherwise` of `outcome_of`")).transpose()?;
    let extract = draft.analyses.find(file)?;
    let world = wanted.of(file, &extract)?;
    let found = world.outcomes.iter().find(|o| o.outcome == name);
    let names = world.outcomes.iter().map(|o| o.outcome.as_str());
    let found = found.ok_or_else(|| missing(file, "outcome", name, names))?;
    let values = distribution(file, name, found.values.clone(), otherwise.as_deref())?;
    note(draft, file, &extract, name, wanted.words(), &values);
    Ok(values)
}

fn measure(
    draft: &mut Draft,
    file: Value<'_>,
    measure: Value<'_>,
    wanted: &Wanted<'_>,
) -> Result<Numbers, Problem> {
    let file = text(file, "the file of an analysis")?;
    let name = text(measure, "the name of a measured quantity")?;
    let extract = draft.analyses.find(file)?;
    let world = wanted.of(file, &extract)?;
    let found = world.measures.iter().find(|m| m.name == name);
    let names = world.measures.iter().map(|m| m.name.as_str());
    let found = found.ok_or_else(|| missing(file, "measured quantity", name, names))?;
    let of = |mean: f64, error: f64| Extracted { mean, low: f64::NAN, high: f64::NAN, error };
    let d = &found.distribution;
    let quantile = |k: usize| d.quantiles[k].unwrap_or(f64::NAN);
    let values: Numbers = [
        ("mean", of(d.mean, found.mean.error)),
        ("sd", of(d.sd, f64::NAN)),
        ("low", of(quantile(0), f64::NAN)),
        ("high", of(quantile(4), f64::NAN)),
        ("measured", of(found.measured_probability, f64::NAN)),
    ]
    .map(|(label, value)| (label.to_owned(), value))
    .to_vec();
    if let Some((label, _)) = values.iter().find(|(_, v)| !v.mean.is_finite()) {
        return Err(Problem::new(format!("`{file}` knows no {label} of `{name}` {}", wanted.words()))
            .hint("is it ever measured in that world?"));
    }
    note(draft, file, &extract, name, wanted.words(), &values);
    Ok(values)
}

/// The query of that name.
fn find_query<'a>(file: &str, extract: &'a Extract, name: &str) -> Result<&'a ExtractedQuery, Problem> {
    let mut all = extract.questions.queries.iter().chain(&extract.questions.predictions);
    let names = all.clone().map(|q| q.name.as_str());
    all.find(|q| q.name == name).ok_or_else(|| missing(file, "query", name, names))
}

/// In which world a query is asked, in words.
fn world_of(query: &ExtractedQuery) -> String {
    match (&query.as_of, &query.under) {
        (Some(event), _) => format!("as of `{event}`"),
        (None, Some(under)) => format!("under “{under}”"),
        (None, None) => "as it was, given its record".to_owned(),
    }
}

fn answer(draft: &mut Draft, file: Value<'_>, query: Value<'_>) -> Result<Numbers, Problem> {
    let file = text(file, "the file of an analysis")?;
    let name = text(query, "the name of a query")?;
    let extract = draft.analyses.find(file)?;
    let found = find_query(file, &extract, name)?;
    if found.scale != Scale::Probability || found.values.len() < 2 {
        return Err(Problem::new(format!("the answer to `{name}` in `{file}` is no distribution"))
            .hint("ask there for one: `query(name, distribution(\"an outcome or an event\"))`"));
    }
    let values = found.values.iter().map(|v| (v.label.clone(), v.here)).collect();
    let values = distribution(file, name, values, None)?;
    note(draft, file, &extract, name, world_of(found), &values);
    Ok(values)
}

/// The answer to a query, or the part of it with this label, as a distribution.
fn posterior(
    draft: &mut Draft,
    file: Value<'_>,
    query: Value<'_>,
    wanted: Option<Value<'_>>,
) -> Result<Concrete, Problem> {
    let file = text(file, "the file of an analysis")?;
    let name = text(query, "the name of a query")?;
    let wanted = wanted.map(|v| label(v, "`label` of `posterior_of`")).transpose()?;
    let extract = draft.analyses.find(file)?;
    let found = find_query(file, &extract, name)?;
    let values = found.values.as_slice();
    let value = match (&wanted, values) {
        (None, [one]) => one,
        (None, _) => {
            let labels = values.iter().map(|v| format!("`{}`", v.label)).collect::<Vec<_>>().join(", ");
            return Err(Problem::new(format!("`{name}` in `{file}` has several answers"))
                .hint(format!("say which: `posterior_of(file, query, label = ...)` with one of {labels}")));
        }
        (Some(wanted), _) => {
            let labels = values.iter().map(|v| v.label.as_str());
            let found = values.iter().find(|v| v.label == *wanted);
            found.ok_or_else(|| missing(file, &format!("answer to `{name}` that is"), wanted, labels))?
        }
    };
    let law = posterior::law(file, name, found.scale, &value.here)?;
    let values = vec![(value.label.clone(), value.here)];
    note(draft, file, &extract, name, world_of(found), &values);
    Ok(law)
}

/// What is found, or the problem with its place.
fn found<'v, T>(
    eval: &mut Evaluator<'v, '_, '_>,
    call: &str,
    take: impl FnOnce(&mut Draft) -> Result<T, Problem>,
) -> starlark::Result<T> {
    let found = declare(eval, call, |draft, place| Ok(take(draft).map_err(|p| p.at(place))))?;
    found.expect("what is found, or why not").map_err(fail)
}

/// The numbers as a dictionary, or the problem: nothing could stand in their place. Values that are told by the labels of tuples are
/// tuples again.
fn taken<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    call: &str,
    take: impl FnOnce(&mut Draft) -> Result<Numbers, Problem>,
) -> starlark::Result<Value<'v>> {
    let numbers = found(eval, call, take)?;
    let heap = eval.heap();
    let keys = match tuples(numbers.iter().map(|n| n.0.as_str())) {
        Some(tuples) => tuples.iter().map(|told| told.value(heap)).collect(),
        None => numbers.iter().map(|n| heap.alloc(n.0.as_str())).collect::<Vec<Value<'v>>>(),
    };
    let entries = keys.into_iter().zip(numbers.iter().map(|n| n.1.mean));
    Ok(heap.alloc(AllocDict(entries)))
}

#[starlark_module]
pub(crate) fn chaining(builder: &mut GlobalsBuilder) {
    fn outcome_of<'v>(
        #[starlark(require = pos)] file: Value<'v>,
        #[starlark(require = pos)] outcome: Value<'v>,
        under: Option<Value<'v>>,
        given_record: Option<Value<'v>>,
        otherwise: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let wanted = Wanted::read("outcome_of", under, given_record).map_err(fail)?;
        taken(eval, "outcome_of", |draft| self::outcome(draft, file, outcome, &wanted, otherwise))
    }

    fn measure_of<'v>(
        #[starlark(require = pos)] file: Value<'v>,
        #[starlark(require = pos)] measure: Value<'v>,
        under: Option<Value<'v>>,
        given_record: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let wanted = Wanted::read("measure_of", under, given_record).map_err(fail)?;
        taken(eval, "measure_of", |draft| self::measure(draft, file, measure, &wanted))
    }

    fn answer_of<'v>(
        #[starlark(require = pos)] file: Value<'v>,
        #[starlark(require = pos)] query: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        taken(eval, "answer_of", |draft| self::answer(draft, file, query))
    }

    fn posterior_of<'v>(
        #[starlark(require = pos)] file: Value<'v>,
        #[starlark(require = pos)] query: Value<'v>,
        label: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let law = found(eval, "posterior_of", |draft| posterior(draft, file, query, label))?;
        let words = posterior::words(&law);
        let prior = known_law(eval, law);
        law_or_keep(eval, prior, |_| words)
    }
}
