//! Random stochastic games whose stages are games in normal form.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::sync::Arc;

use counterplay_equilibrium::markov::{Link, Numbers, Stage, StageNumbers, StochasticGame};
use counterplay_game::build::TreeBuilder;
use counterplay_game::expression::Expressions;
use counterplay_game::id::{EndId, EventId, NodeId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Game, Kind};
use counterplay_game::valuation::Valuation;

use super::common::Lcg;

/// The tree of a simultaneous move: each profile of actions, the first player's slowest, has an end of its own in order.
pub fn simultaneous(actions: &[usize]) -> Game {
    let names = (0..actions.len()).map(|p| format!("player {p}")).collect();
    let (mut builder, mut expressions) = (TreeBuilder::new(names), Expressions::new());
    let zero = expressions.constant(0.0);
    let mut open = vec![(None, 0, 0u32)];
    while let Some((place, player, profile)) = open.pop() {
        if player == actions.len() {
            let end = builder.end(End { payoffs: vec![zero; player], tag: profile });
            builder.add(place, Kind::End(end), EventId::new(0));
            continue;
        }
        let name = builder.texts.intern(&format!("move {player}"));
        let labels: Vec<_> = (0..actions[player]).map(|a| builder.texts.intern(&a.to_string())).collect();
        let set = builder.info_set(PlayerId::new(player), name, Knowledge::nothing(), &labels);
        let event = builder.event(name, 1);
        let node: NodeId = builder.add(place, Kind::Decision(set.expect("the same actions")), event);
        for action in (0..actions[player]).rev() {
            let profile = profile * actions[player] as u32 + action as u32;
            open.push((Some((node, action)), player + 1, profile));
        }
    }
    builder.finish(expressions).expect("every branch was grown")
}

/// A process of simultaneous moves from payoffs and odds: `payoff(state, profile, player)`,
/// `odds(state, profile)` over the states, and a discount.
pub fn process(
    states: usize,
    actions: &[usize],
    discount: f64,
    mut payoff: impl FnMut(usize, usize, usize) -> f64,
    mut odds: impl FnMut(usize, usize) -> Vec<f64>,
) -> (StochasticGame, Numbers) {
    let game = Arc::new(simultaneous(actions));
    let profiles: usize = actions.iter().product();
    let (mut stages, mut numbers) = (Vec::new(), Numbers::default());
    for state in 0..states {
        let (mut links, mut own) = (Vec::new(), StageNumbers::default());
        own.valuation = Valuation { chance: Vec::new(), payoffs: vec![0.0; profiles * actions.len()] };
        for end in 0..profiles {
            let profile = game.end(EndId::new(end)).tag as usize;
            for player in 0..actions.len() {
                own.valuation.payoffs[end * actions.len() + player] = payoff(state, profile, player);
            }
            for (to, p) in odds(state, profile).into_iter().enumerate().filter(|o| o.1 > 0.0) {
                links.push(Link { end: EndId::new(end), state: to });
                own.weights.push(discount * p);
            }
        }
        stages.push(Stage { game: Arc::clone(&game), links });
        numbers.stages.push(own);
    }
    (StochasticGame::new(stages).expect("sound"), numbers)
}

/// Payoffs between 0 and 1, and every state possible after every profile.
pub fn random_process(
    seed: u64,
    states: usize,
    actions: &[usize],
    discount: f64,
) -> (StochasticGame, Numbers) {
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let mut odds_random = Lcg(seed.wrapping_mul(0xD1B5_4A32_D192_ED03) + 7);
    process(
        states,
        actions,
        discount,
        |_, _, _| random.next(),
        |_, _| {
            let raw: Vec<f64> = (0..states).map(|_| odds_random.next()).collect();
            let sum: f64 = raw.iter().sum();
            raw.iter().map(|x| x / sum).collect()
        },
    )
}
