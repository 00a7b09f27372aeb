//! Actual causes in the models of the literature, against the published verdicts.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeMap;

use common::Dice;
use common::reference::{entry, json};
use counterplay::causality::actual_cause::{CausalModel, Search, VariableId, causes, judge, responsibility};
use serde_json::Value;

/// A truth function of named variables: `A and not (B or C)`.
#[derive(Clone, Debug)]
enum Formula {
    Is(String),
    Known(bool),
    Not(Box<Formula>),
    And(Box<Formula>, Box<Formula>),
    Or(Box<Formula>, Box<Formula>),
}

impl Formula {
    fn read(text: &str) -> Self {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let (formula, rest) = Self::or(&words);
        assert!(rest.is_empty(), "{rest:?} is left over");
        formula
    }

    fn or<'a>(words: &'a [&'a str]) -> (Self, &'a [&'a str]) {
        let (mut left, mut rest) = Self::and(words);
        while let Some((&"or", more)) = rest.split_first() {
            let (right, after) = Self::and(more);
            (left, rest) = (Self::Or(left.into(), right.into()), after);
        }
        (left, rest)
    }

    fn and<'a>(words: &'a [&'a str]) -> (Self, &'a [&'a str]) {
        let (mut left, mut rest) = Self::not(words);
        while let Some((&"and", more)) = rest.split_first() {
            let (right, after) = Self::not(more);
            (left, rest) = (Self::And(left.into(), right.into()), after);
        }
        (left, rest)
    }

    fn not<'a>(words: &'a [&'a str]) -> (Self, &'a [&'a str]) {
        match words.split_first().expect("a word") {
            (&"not", rest) => {
                let (inner, rest) = Self::not(rest);
                (Self::Not(inner.into()), rest)
            }
            (&"(", rest) => {
                let (inner, rest) = Self::or(rest);
                (inner, rest.split_first().expect("a closing bracket").1)
            }
            (&"False", rest) => (Self::Known(false), rest),
            (&"True", rest) => (Self::Known(true), rest),
            (&name, rest) => (Self::Is(name.to_owned()), rest),
        }
    }

    fn holds(&self, of: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Is(name) => of(name),
            Self::Known(truth) => *truth,
            Self::Not(a) => !a.holds(of),
            Self::And(a, b) => a.holds(of) && b.holds(of),
            Self::Or(a, b) => a.holds(of) || b.holds(of),
        }
    }

    fn names(&self) -> Vec<&str> {
        match self {
            Self::Is(name) => vec![name],
            Self::Known(_) => Vec::new(),
            Self::Not(a) => a.names(),
            Self::And(a, b) | Self::Or(a, b) => [a.names(), b.names()].concat(),
        }
    }
}

/// A model whose variables are true or false, in an order in which each needs only those before it.
struct Named {
    names: Vec<String>,
    equations: Vec<Formula>,
    context: BTreeMap<String, bool>,
}

impl Named {
    fn new(equations: &[(String, Formula)], context: &Value) -> Self {
        let context: BTreeMap<String, bool> =
            context.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.as_bool().unwrap())).collect();
        let mut named = Self { names: Vec::new(), equations: Vec::new(), context };
        while named.names.len() < equations.len() {
            let known = |n: &str| named.context.contains_key(n) || named.names.iter().any(|m| m == n);
            let next = equations
                .iter()
                .find(|(name, formula)| {
                    !named.names.contains(name) && formula.names().iter().all(|n| known(n))
                })
                .expect("the equations have no cycle");
            named.names.push(next.0.clone());
            named.equations.push(next.1.clone());
        }
        named
    }

    fn of_json(model: &Value, context: &Value) -> Self {
        let equations = model["eq"].as_object().unwrap().iter();
        let equations: Vec<_> =
            equations.map(|(name, text)| (name.clone(), Formula::read(text.as_str().unwrap()))).collect();
        Self::new(&equations, context)
    }

    fn value(&self, name: &str, values: &[usize]) -> bool {
        let at = self.names.iter().position(|n| n == name);
        at.map_or_else(|| self.context[name], |index| values[index] == 1)
    }

    fn model(&self) -> CausalModel<'_> {
        let equation = |formula| -> counterplay::causality::actual_cause::Equation<'_> {
            let formula: &Formula = formula;
            Box::new(move |values: &[usize]| usize::from(formula.holds(&|n| self.value(n, values))))
        };
        CausalModel::from_equations(self.equations.iter().map(|f| (2, equation(f))).collect())
    }

    fn variable(&self, name: &str) -> VariableId {
        VariableId::new(self.names.iter().position(|n| n == name).unwrap())
    }

    /// The events of `{"A": true, "B": false}`.
    fn events(&self, of: &Value) -> Vec<(VariableId, usize)> {
        let event =
            |(name, value): (&String, &Value)| (self.variable(name), usize::from(value.as_bool().unwrap()));
        let mut events: Vec<_> = of.as_object().unwrap().iter().map(event).collect();
        events.sort_unstable();
        events
    }

    fn all_causes(&self, effect: &str) -> Vec<Vec<(VariableId, usize)>> {
        let effect = Formula::read(effect);
        let holds = |values: &[usize]| effect.holds(&|n| self.value(n, values));
        let found = causes(&self.model(), &holds, Search::EXACT);
        let mut sets: Vec<_> = found.into_iter().map(|c| c.events).collect();
        sets.sort();
        sets
    }
}

#[test]
fn every_published_verdict_on_every_condition_is_met() {
    let Some(reference) = json("actual_causality.json") else { return };
    let queries = reference["queries"].as_array().unwrap();
    for query in queries {
        let model = &reference["models"][query["model"].as_str().unwrap()];
        let named = Named::of_json(model, &query["context"]);
        let effect = Formula::read(query["effect"].as_str().unwrap());
        let holds = |values: &[usize]| effect.holds(&|n| named.value(n, values));
        let found = judge(&named.model(), &named.events(&query["cause"]), &holds);
        let verdicts = [found.factual, found.witness.is_some(), found.minimal, found.is_cause()];
        let published = ["AC1", "AC2m", "AC3", "is_actual_cause"].map(|key| query[key].as_bool().unwrap());
        assert_eq!(verdicts, published, "{query}");
    }
    assert_eq!(queries.len(), 73);
}

#[test]
fn all_causes_of_rock_throwing_are_the_published_ones() {
    let Some(reference) = json("actual_causality.json") else { return };
    let item = entry(&reference["all_causes"], "rock_throwing_all");
    let named = Named::of_json(&reference["models"][item["model"].as_str().unwrap()], &item["context"]);
    let mut published: Vec<_> =
        item["all_actual_causes"].as_array().unwrap().iter().map(|c| named.events(c)).collect();
    published.sort();
    assert_eq!(named.all_causes(item["effect"].as_str().unwrap()), published);
}

/// The model is given in words: `BPT=BGU and ESU; EE=ESU and not BPT; ...`; its two first variables have no
/// equation, and are variables all the same.
#[test]
fn all_causes_of_double_prevention_are_the_published_ones() {
    let Some(reference) = json("actual_causality.json") else { return };
    let item = entry(&reference["all_causes"], "double_prevention_all");
    let text = item["model"].as_str().unwrap();
    let mut equations: Vec<(String, Formula)> = text
        .split(';')
        .filter_map(|part| part.split_once('='))
        .map(|(name, formula)| (name.trim().to_owned(), Formula::read(formula)))
        .collect();
    assert_eq!(equations.len(), 5);
    let mut context = serde_json::Map::new();
    for (name, value) in item["context"].as_object().unwrap() {
        let outside = format!("{name}_outside");
        equations.push((name.clone(), Formula::Is(outside.clone())));
        context.insert(outside, value.clone());
    }
    let named = Named::new(&equations, &Value::Object(context));
    let mut published: Vec<_> =
        item["all_actual_causes"].as_array().unwrap().iter().map(|c| named.events(c)).collect();
    published.sort();
    assert_eq!(named.all_causes(item["effect"].as_str().unwrap()), published);
}

/// Voters, and the winner by strict majority: 0 and 1 are candidates, 2 is a tie.
fn vote(votes: &[usize]) -> CausalModel<'_> {
    let count = votes.len();
    let cast = |&v: &usize| -> (usize, counterplay::causality::actual_cause::Equation<'_>) {
        (2, Box::new(move |_| v))
    };
    let mut equations: Vec<_> = votes.iter().map(cast).collect();
    let winner = move |values: &[usize]| {
        let ones: usize = values.iter().sum();
        if 2 * ones > count { 1 } else { 2 * usize::from(2 * ones == count) }
    };
    equations.push((3, Box::new(winner)));
    CausalModel::from_equations(equations)
}

#[test]
fn in_a_tied_vote_each_voter_and_the_result_itself_is_a_cause() {
    let Some(reference) = json("actual_causality.json") else { return };
    let item = entry(&reference["all_causes"], "voting_2_2_tie");
    assert_eq!(item["all_actual_causes"], serde_json::json!(["each single voter", "W"]));
    let model = vote(&[0, 0, 1, 1]);
    let found = causes(&model, &|values| values[4] == 2, Search::EXACT);
    let sets: Vec<Vec<usize>> =
        found.iter().map(|c| c.events.iter().map(|e| e.0.index()).collect()).collect();
    assert_eq!(sets, [vec![0], vec![1], vec![2], vec![3], vec![4]]);
}

/// With 11 to 0 each voter is responsible to 1/6, with 6 to 5 each of the six fully (Chockler and Halpern 2004,
/// introduction).
#[test]
fn a_voter_is_the_less_responsible_the_larger_the_majority() {
    for (against, degree) in [(0, 1.0 / 6.0), (1, 1.0 / 5.0), (3, 1.0 / 3.0), (5, 1.0)] {
        let votes: Vec<usize> = (0..11).map(|voter| usize::from(voter >= against)).collect();
        let model = vote(&votes);
        let found = causes(&model, &|values| values[11] == 1, Search { most_events: 6, most_held: 0 });
        for voter in 0..11 {
            let expected = if voter >= against { degree } else { 0.0 };
            assert_eq!(responsibility(&found, VariableId::new(voter)), expected, "{against} against");
        }
    }
}

/// With ten executioners of whom one has the bullet, that one alone is responsible (Chockler and Halpern 2004,
/// example 3.5).
#[test]
fn of_ten_marksmen_the_one_with_the_bullet_is_the_cause() {
    let mut equations: Vec<(usize, counterplay::causality::actual_cause::Equation<'_>)> = (0..10)
        .map(|_| -> (usize, counterplay::causality::actual_cause::Equation<'_>) { (2, Box::new(|_| 1)) })
        .collect();
    equations.push((2, Box::new(|values| values[3])));
    let model = CausalModel::from_equations(equations);
    let found = causes(&model, &|values| values[10] == 1, Search { most_events: 3, most_held: 3 });
    let degrees: Vec<f64> = model.variables().map(|v| responsibility(&found, v)).collect();
    let expected = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    assert_eq!(degrees, expected);
}

/// Random models: each variable a random truth table of two earlier ones.
fn random_model(dice: &mut Dice, count: usize) -> CausalModel<'static> {
    let mut equations: Vec<(usize, counterplay::causality::actual_cause::Equation<'static>)> = Vec::new();
    for index in 0..count {
        let table: Vec<usize> = (0..4).map(|_| dice.below(2)).collect();
        let parents = (index > 0).then(|| (dice.below(index), dice.below(index)));
        let equation =
            move |values: &[usize]| parents.map_or(table[0], |(a, b)| table[2 * values[a] + values[b]]);
        equations.push((2, Box::new(equation)));
    }
    CausalModel::from_equations(equations)
}

#[test]
fn causes_are_exactly_the_sets_that_are_judged_to_be_causes() {
    let mut dice = Dice::new(4);
    for _ in 0..60 {
        let model = random_model(&mut dice, 6);
        let actual = model.actual();
        let effect = |values: &[usize]| values[5] == actual[5];
        let found = causes(&model, &effect, Search::EXACT);
        for set in 1..64usize {
            let events: Vec<_> = model
                .variables()
                .filter(|v| set >> v.index() & 1 == 1)
                .map(|v| (v, actual[v.index()]))
                .collect();
            let judged = judge(&model, &events, &effect);
            let listed = found.iter().find(|c| c.events == events);
            assert_eq!(judged.is_cause(), listed.is_some(), "{events:?}");
            if let Some(cause) = listed {
                assert_eq!(judged.witness.as_ref(), Some(&cause.witness));
            }
        }
    }
}

/// What an effect depends on but for it is a cause by itself, with nothing held and full responsibility.
#[test]
fn a_but_for_cause_is_an_actual_cause_with_full_responsibility() {
    let mut dice = Dice::new(5);
    let mut met = 0;
    for _ in 0..200 {
        let model = random_model(&mut dice, 5);
        let actual = model.actual();
        let effect = |values: &[usize]| values[4] == actual[4];
        let found = causes(&model, &effect, Search::EXACT);
        for variable in model.variables() {
            let flipped = model.under(&[(variable, 1 - actual[variable.index()])]);
            if effect(&flipped) {
                assert!(responsibility(&found, variable) < 1.0);
            } else {
                met += 1;
                assert_eq!(responsibility(&found, variable), 1.0);
            }
        }
    }
    assert!(met > 200);
}
