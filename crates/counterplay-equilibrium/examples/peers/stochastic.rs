//! A point of the logit branch of a stochastic game that is stated as a table.

use counterplay_equilibrium::markov::{Settings, Solver, Status};
use counterplay_equilibrium::referee::stationary::certify;
use serde_json::{Value, json};

use crate::Outcome;
use crate::measure::repeated;
use crate::processes::process;

/// Solves a game of `payoffs` by state, player and profile of actions, `transitions` by state, profile and next state, and a
/// `discount`, at a `precision`; play is by state, player and action.
pub(crate) fn solve(game: &Value) -> Outcome<Value> {
    let states = game["payoffs"].as_array().ok_or("no payoffs")?;
    let actions: Vec<usize> = sizes(&states[0][0]);
    let payoffs: Vec<Vec<Vec<f64>>> =
        states.iter().map(|state| state.as_array().into_iter().flatten().map(numbers).collect()).collect();
    let onward: Vec<Vec<f64>> = game["transitions"].as_array().into_iter().flatten().map(numbers).collect();
    let discount = game["discount"].as_f64().ok_or("no discount")?;
    let count = states.len();
    let (process, own) = process(
        count,
        &actions,
        discount,
        |state, profile, player| payoffs[state][player][profile],
        |state, profile| onward[state][profile * count..(profile + 1) * count].to_vec(),
    );
    let precisions = vec![game["precision"].as_f64().ok_or("no precision")?; actions.len()];
    let (found, took) = repeated(|| Solver::new(&process, Settings::default()).solve(&own, &precisions));
    if !matches!(found.status, Status::Converged) {
        return Err(format!("the branch was not followed to that precision: {:?}", found.status).into());
    }
    let referee = certify(&process, &own, &precisions, &found).map_err(|_| "a player forgets")?;
    Ok(json!({
        "took": took,
        "states": count,
        "residual": referee.residual,
        "strategies": found.play,
    }))
}

/// The lengths of nested lists.
fn sizes(nested: &Value) -> Vec<usize> {
    nested.as_array().map_or_else(Vec::new, |own| {
        let mut all = vec![own.len()];
        all.extend(own.first().map_or_else(Vec::new, sizes));
        all
    })
}

/// The numbers in nested lists, the last index the fastest.
fn numbers(nested: &Value) -> Vec<f64> {
    match nested {
        Value::Array(own) => own.iter().flat_map(numbers).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            nested.as_f64().into_iter().collect()
        }
    }
}
