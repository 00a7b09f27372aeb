//! Priors, and the distributions of measured quantities: functions such as `normal(mean, sd)`.

use std::fmt;

use allocative::Allocative;
use counterplay_game::expression::{ExprId, Expressions};
use counterplay_math::{ln, normal_quantile};
use starlark::any::ProvidesStaticType;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::starlark_simple_value;
use starlark::values::tuple::AllocTuple;
use starlark::values::{Heap, NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};

use crate::arithmetic::expressions::{must_be_quantity, quantity};
use crate::host::{Purpose, keep, purpose, with_expressions, words_of_call};
use crate::values::quantity::Quantity;
use crate::values::unpack::{entries, items, must_be, number, text};
use counterplay::problem::Problem;
use counterplay_inference::distribution::{Concrete, Distribution};
use counterplay_inference::prior::Prior;

/// A prior, or the distribution of a measured quantity.
#[derive(Clone, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct Law {
    #[allocative(skip)]
    pub(crate) prior: Prior,
    /// It as the scenario writes it.
    pub(crate) words: String,
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

starlark_simple_value!(Law);

#[starlark_value(type = "prior")]
impl<'v> StarlarkValue<'v> for Law {}

/// An argument as it is shown: a number, or what the scenario calls a quantity by is not known here.
fn argument_words(value: Value<'_>) -> String {
    match number(value) {
        Some(number) => number.to_string(),
        None => "...".to_owned(),
    }
}

/// The call as it stands in the scenario, or put together from its arguments if a function makes it.
fn words<'v>(eval: &mut Evaluator<'v, '_, '_>, name: &str, arguments: &[Value<'v>], more: &str) -> String {
    if !matches!(purpose(eval), Purpose::Reading(_)) {
        return String::new();
    }
    words_of_call(eval).unwrap_or_else(|| {
        let arguments: Vec<String> = arguments.iter().map(|a| argument_words(*a)).collect();
        format!("{name}({}{more})", arguments.join(", "))
    })
}

/// A law, or if there is something wrong with it and reading goes on, some other law in its place.
pub(crate) fn law_or_keep<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    prior: Result<Prior, Problem>,
    words: impl FnOnce(&mut Evaluator<'v, '_, '_>) -> String,
) -> starlark::Result<Value<'v>> {
    let prior = match prior {
        Ok(prior) => prior,
        Err(problem) => {
            keep(eval, problem)?;
            Prior::Categorical(vec![(0.0, 1.0)])
        }
    };
    let words = words(eval);
    Ok(eval.heap().alloc(Law { prior, words }))
}

/// The law that `make` makes of arguments which are quantities or numbers.
fn single<'v, const N: usize>(
    eval: &mut Evaluator<'v, '_, '_>,
    name: &str,
    arguments: [(&str, Value<'v>); N],
    make: impl FnOnce([ExprId; N]) -> Distribution,
) -> starlark::Result<Value<'v>> {
    let values = arguments.map(|a| a.1);
    let prior = quantities(eval, name, &arguments).and_then(|ids| {
        let ids = ids.try_into().expect("an expression for each argument");
        let distribution = make(ids);
        with_expressions(eval, |e| distribution.check(e).map_err(|e| Problem::new(e.to_string())))??;
        with_expressions(eval, |e| extreme(e, name, &arguments, &distribution))?.map_or(Ok(()), Err)?;
        Ok(Prior::Single(distribution))
    });
    law_or_keep(eval, prior, |eval| words(eval, name, &values, ""))
}

/// Beyond these shapes a law is one known number, or two, to the last digit.
const SHAPES: std::ops::RangeInclusive<f64> = 1e-6..=1e12;

/// A beta or gamma law whose known shape leaves nothing that could be learned.
fn extreme(
    expressions: &Expressions,
    name: &str,
    arguments: &[(&str, Value<'_>)],
    law: &Distribution,
) -> Option<Problem> {
    let shapes: &[ExprId] = match law {
        Distribution::Beta { alpha, beta } => &[*alpha, *beta],
        Distribution::Gamma { shape, .. } => &[*shape],
        _ => &[],
    };
    let known = shapes.iter().map(|id| expressions.known(*id));
    let (at, shape) = known.enumerate().find_map(|(at, x)| Some((at, x.filter(|x| !SHAPES.contains(x))?)))?;
    let what = arguments[at].0;
    let (problem, hint) = if shape > *SHAPES.end() {
        ("leaves nothing uncertain", "where a number is known write the number itself, or `point(x)`")
    } else {
        (
            "puts all probability at the ends",
            "what is one of two numbers is a `categorical({0: 0.5, 1: 0.5})`",
        )
    };
    Some(Problem::new(format!("`{what}` of `{name}` is {shape:e}, which {problem}")).hint(hint))
}

fn quantities<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    name: &str,
    arguments: &[(&str, Value<'v>)],
) -> Result<Vec<ExprId>, Problem> {
    let argument = |&(argument, value): &(&str, Value<'v>)| match quantity(eval, value)? {
        Some(id) => Ok(id),
        None => Err(must_be(&format!("`{argument}` of `{name}`"), "a quantity or a number", value)),
    };
    arguments.iter().map(argument).collect()
}

/// The prior of a distribution whose arguments are numbers.
pub(crate) fn known_law(eval: &mut Evaluator<'_, '_, '_>, law: Concrete) -> Result<Prior, Problem> {
    with_expressions(eval, |e| Prior::Single(law.map(|x| e.constant(x))))
}

/// The prior whose central 90% reach from `lo` to `hi`.
fn between_law<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    lo: Value<'v>,
    hi: Value<'v>,
    kind: &str,
) -> Result<Prior, Problem> {
    let end = |value: Value<'v>, what| number(value).ok_or_else(|| must_be(what, "a known number", value));
    let (lo, hi) = (end(lo, "`lo` of `between`")?, end(hi, "`hi` of `between`")?);
    if lo >= hi {
        return Err(Problem::new(format!(
            "`lo` of `between` must be below `hi`, but `lo` is {lo} and `hi` is {hi}"
        )));
    }
    let (low, high) = match kind {
        "normal" => (lo, hi),
        "lognormal" if lo > 0.0 => (ln(lo), ln(hi)),
        "lognormal" => {
            return Err(Problem::new(format!(
                "`lo` of `between` is {lo}, but a lognormal quantity is above zero"
            )));
        }
        "share" if lo > 0.0 && hi < 1.0 => (ln(lo / (1.0 - lo)), ln(hi / (1.0 - hi))),
        "share" => {
            return Err(Problem::new(format!(
                "`between({lo}, {hi})` does not lie within 0 and 1, as a share does"
            ))
            .hint("give two numbers above 0 and below 1"));
        }
        other => {
            return Err(Problem::new(format!("`between` knows no kind `{other}`"))
                .hint("there are `normal`, `lognormal` and `share`"));
        }
    };
    let middle = f64::midpoint(low, high);
    let spread = (high - low) / (2.0 * normal_quantile(0.95));
    let (mu, sigma) = with_expressions(eval, |e| (e.constant(middle), e.constant(spread)))?;
    Ok(Prior::Single(match kind {
        "normal" => Distribution::Normal { mean: mu, sd: sigma },
        "lognormal" => Distribution::Lognormal { mu, sigma },
        _ => Distribution::LogitNormal { mu, sigma },
    }))
}

fn mixture_law(parts: Value<'_>) -> Result<Prior, Problem> {
    let mut mixture = Vec::new();
    for part in items(parts, "what `mixture` is made of")? {
        let [weight, law] = items(*part, "a part of `mixture`")? else {
            return Err(Problem::new("a part of `mixture` must be a weight and a prior")
                .hint("for example `mixture([(0.3, normal(0, 1)), (0.7, normal(5, 1))])`"));
        };
        let weight = number(*weight).ok_or_else(|| must_be("a weight of `mixture`", "a number", *weight))?;
        let law = Law::from_value(*law).ok_or_else(|| must_be("a part of `mixture`", "a prior", *law))?;
        match &law.prior {
            Prior::Single(distribution) => mixture.push((weight, *distribution)),
            Prior::Mixture(_) | Prior::Categorical(_) | Prior::Dirichlet(_) => {
                return Err(Problem::new(format!("`{}` cannot be a part of a mixture", law.words))
                    .hint("its parts are continuous distributions, or points"));
            }
        }
    }
    Ok(Prior::Mixture(mixture))
}

fn categorical_law(choices: Value<'_>) -> Result<Prior, Problem> {
    let mut categories = Vec::new();
    for (value, probability) in entries(choices, "what `categorical` is given")? {
        let value = number(value).ok_or_else(|| must_be("a value of `categorical`", "a number", value))?;
        let what = "a probability of `categorical`";
        let probability = number(probability).ok_or_else(|| must_be(what, "a number", probability))?;
        if !(0.0..=1.0).contains(&probability) {
            return Err(Problem::new(format!(
                "the probability of {value} in `categorical` is {probability}"
            ))
            .hint("a probability lies between 0 and 1"));
        }
        categories.push((value, probability));
    }
    if categories.is_empty() {
        return Err(Problem::new("`categorical` is given no values")
            .hint("give each value its probability: `categorical({0: 0.3, 1: 0.7})`"));
    }
    let sum: f64 = categories.iter().map(|c| c.1).sum();
    if (sum - 1.0).abs() > 1e-9 {
        let sum = (sum * 1e6).round() / 1e6;
        return Err(Problem::new(format!("the probabilities of `categorical` sum to {sum}, not to 1")));
    }
    Ok(Prior::Categorical(categories))
}

#[starlark_module]
pub(crate) fn laws(builder: &mut GlobalsBuilder) {
    fn normal<'v>(
        mean: Value<'v>,
        sd: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        single(eval, "normal", [("mean", mean), ("sd", sd)], |[mean, sd]| Distribution::Normal { mean, sd })
    }

    fn lognormal<'v>(
        mu: Value<'v>,
        sigma: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let arguments = [("mu", mu), ("sigma", sigma)];
        single(eval, "lognormal", arguments, |[mu, sigma]| Distribution::Lognormal { mu, sigma })
    }

    fn beta<'v>(a: Value<'v>, b: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
        single(eval, "beta", [("a", a), ("b", b)], |[alpha, beta]| Distribution::Beta { alpha, beta })
    }

    fn gamma<'v>(
        shape: Value<'v>,
        rate: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let arguments = [("shape", shape), ("rate", rate)];
        single(eval, "gamma", arguments, |[shape, rate]| Distribution::Gamma { shape, rate })
    }

    fn exponential<'v>(rate: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
        single(eval, "exponential", [("rate", rate)], |[rate]| Distribution::Exponential { rate })
    }

    fn uniform<'v>(
        lo: Value<'v>,
        hi: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        single(eval, "uniform", [("lo", lo), ("hi", hi)], |[low, high]| Distribution::Uniform { low, high })
    }

    fn half_normal<'v>(sd: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
        single(eval, "half_normal", [("sd", sd)], |[sd]| Distribution::HalfNormal { sd })
    }

    fn point<'v>(x: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
        single(eval, "point", [("x", x)], |[x]| Distribution::Point(x))
    }

    fn poisson<'v>(rate: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
        single(eval, "poisson", [("rate", rate)], |[rate]| Distribution::Poisson { rate })
    }

    fn neg_binomial<'v>(
        mean: Value<'v>,
        dispersion: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let arguments = [("mean", mean), ("dispersion", dispersion)];
        single(eval, "neg_binomial", arguments, |[mean, dispersion]| Distribution::NegBinomial {
            mean,
            dispersion,
        })
    }

    fn bernoulli<'v>(p: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
        single(eval, "bernoulli", [("p", p)], |[p]| Distribution::Bernoulli { p })
    }

    fn between<'v>(
        lo: Value<'v>,
        hi: Value<'v>,
        kind: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let kind = kind.map_or(Ok("normal"), |kind| text(kind, "`kind` of `between`"));
        let more = kind.as_ref().map_or(String::new(), |kind| format!(", kind = \"{kind}\""));
        let prior = kind.and_then(|kind| between_law(eval, lo, hi, kind));
        law_or_keep(eval, prior, |eval| words(eval, "between", &[lo, hi], &more))
    }

    fn mixture<'v>(parts: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
        law_or_keep(eval, mixture_law(parts), |eval| words(eval, "mixture", &[parts], ""))
    }

    fn categorical<'v>(choices: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
        law_or_keep(eval, categorical_law(choices), |eval| words(eval, "categorical", &[choices], ""))
    }

    fn dirichlet<'v>(
        concentrations: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let prior = items(concentrations, "what `dirichlet` is given").and_then(|list| {
            let one = |v: &Value<'v>| must_be_quantity(eval, *v, "a concentration of `dirichlet`");
            list.iter().map(one).collect::<Result<Vec<_>, Problem>>().map(Prior::Dirichlet)
        });
        law_or_keep(eval, prior, |eval| words(eval, "dirichlet", &[concentrations], ""))
    }
}

/// A quantity for each expression: one alone, or a tuple of several.
pub(crate) fn quantities_value<'v>(heap: Heap<'v>, ids: &[ExprId]) -> Value<'v> {
    let values: Vec<Value<'v>> = ids.iter().map(|&id| heap.alloc(Quantity::new(id))).collect();
    match values.as_slice() {
        [one] => *one,
        several => heap.alloc(AllocTuple(several.iter().copied())),
    }
}
