//! How the calls of the language are written, for hints.

/// Each call with its arguments.
const USAGE: [&str; 46] = [
    "scenario(title, players, question = \"\", period = \"\", about = {outcome: value})",
    "param(name, prior, unit = \"\", evidence = [...])",
    "precision(name, prior, players = ALL, evidence = [...])",
    "cite(key, at = \"\", says = \"\", disputed = False)",
    "judgement(why)",
    "record({event: action, ...}, measured = {name: value})",
    "what_if(name, intervention, ..., foreseen_by = ALL or NOBODY, luck = \"held\")",
    "factor(name, absent = [...], present = [...])",
    "explanation(name, change = {param: prior}, interventions = [...], weight = 1)",
    "claim(name, lambda a: ...)",
    "do({event: action, ...})",
    "forbid(event, action)",
    "set(param, x)",
    "shift(param, by)",
    "scale(param, by)",
    "show(event, to = [...])",
    "hide(event, from_ = [...])",
    "rule(player, event, {action: odds, ...})",
    "remove(event)",
    "normal(mean, sd)",
    "lognormal(mu, sigma)",
    "beta(a, b)",
    "gamma(shape, rate)",
    "exponential(rate)",
    "uniform(lo, hi)",
    "half_normal(sd)",
    "point(x)",
    "between(lo, hi, kind = \"normal\")",
    "mixture([(weight, prior), ...])",
    "categorical({value: probability, ...})",
    "dirichlet([concentration, ...])",
    "poisson(rate)",
    "neg_binomial(mean, dispersion)",
    "bernoulli(p)",
    "where(lt(a, b), x, y)",
    "lt(a, b)",
    "gt(a, b)",
    "chance(event, {label: probability, ...}, seen_by = ALL)",
    "choose(player, event, actions, seen_by = ALL)",
    "together([(player, event, actions), ...], seen_by = ALL)",
    "reveal(event, to = [...])",
    "pay(player, amount)",
    "outcome(name, value)",
    "measure(name, distribution)",
    "end(payoffs = {...}, outcomes = {...})",
    "probability(outcome, value, under = what_if)",
];

/// How a call is written, if it is one of the language's.
pub(super) fn usage(function: &str) -> Option<String> {
    let call = USAGE.iter().find(|usage| usage.split('(').next() == Some(function))?;
    Some(format!("write `{call}`"))
}
