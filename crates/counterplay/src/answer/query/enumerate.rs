//! All histories at one draw, with their exact weights.

use std::collections::BTreeMap;

use counterplay_game::id::NodeId;
use counterplay_game::tree::Kind;
use counterplay_math::exp;

use super::cases::{Case, Cases};
use super::measured::MeasuredLaw;
use crate::model::consistent::Weights;
use crate::model::odds::LogOdds;
use crate::world::catalogue::Catalogue;
use crate::world::scene::Scene;
use counterplay_inference::distribution::Concrete;

/// The histories that agree with the record, weighed by their probability given it; what it measures is certain.
pub(crate) fn given_record<'a>(
    scene: &'a Scene,
    values: &'a [f64],
    weights: &Weights,
    recorded: &BTreeMap<String, f64>,
    catalogue: &Catalogue,
) -> Cases<'a> {
    let game = scene.model().game();
    let known: Vec<(usize, f64)> =
        recorded.iter().filter_map(|(name, x)| Some((catalogue.measure(name)?, *x))).collect();
    let nodes = scene.model().consistent().into_iter().flat_map(|c| c.passing(weights));
    let ends = nodes.filter(|(_, node, weight)| matches!(game.kind(*node), Kind::End(_)) && *weight > 0.0);
    let case = |(_, end, weight): (usize, NodeId, f64)| {
        let law = |(measure, law): (usize, Concrete)| {
            let certain = known.iter().find(|k| k.0 == measure).map(|k| Concrete::Point(k.1));
            (measure, MeasuredLaw::free(certain.unwrap_or(law)))
        };
        Case { end, weight, measures: scene.laws(end, values).map(law).collect() }
    };
    Cases { scene, values, list: ends.map(case).collect() }
}

/// The histories that `weight` gives a weight, of which nothing that is measured is known; the laws of what they measure
/// are left out unless they are `measured`.
pub(crate) fn weighed<'a>(
    scene: &'a Scene,
    values: &'a [f64],
    weight: impl Fn(NodeId) -> f64,
    measured: bool,
) -> Cases<'a> {
    let game = scene.model().game();
    let ends = game.nodes().filter(|n| matches!(game.kind(*n), Kind::End(_)));
    let case = |end: NodeId| {
        let weight = weight(end);
        let free = |(measure, law): (usize, Concrete)| (measure, MeasuredLaw::free(law));
        let laws = || if measured { scene.laws(end, values).map(free).collect() } else { Vec::new() };
        (weight > 0.0).then(|| Case { end, weight, measures: laws() })
    };
    Cases { scene, values, list: ends.filter_map(case).collect() }
}

/// Each player's expected payoff at each node: node by node, player by player.
pub(crate) fn expected_payoffs(scene: &Scene, odds: &LogOdds, values: &[f64]) -> Vec<f64> {
    let game = scene.model().game();
    let players = game.players().len();
    let mut expected = vec![0.0; players * game.node_count()];
    for node in game.nodes().rev() {
        let own = node.index() * players;
        if let Kind::End(end) = game.kind(node) {
            for (player, payoff) in game.end(end).payoffs.iter().enumerate() {
                expected[own + player] = values[payoff.index()];
            }
            continue;
        }
        for (child, log) in game.children(node).zip(odds.at(game, node)) {
            let probability = exp(*log);
            for player in 0..players {
                expected[own + player] += probability * expected[child.index() * players + player];
            }
        }
    }
    expected
}
