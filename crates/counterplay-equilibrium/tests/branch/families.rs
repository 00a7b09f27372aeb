//! Games drawn at random, each a function of its family, its number and a seed.

use crate::random::Random;
use crate::reference::bimatrix::Bimatrix;
use crate::reference::stochastic::{State, Stochastic};
use crate::reference::tree::{Node, Set, Tree};

/// Whole payoffs in two to eight strategies each; ranges of 2 make ties.
pub(crate) fn bimatrix(number: usize, seed: u64) -> Bimatrix {
    let mut random = Random::new("bimatrix", number, seed);
    let (rows, columns) = (2 + random.below(7), 2 + random.below(7));
    let highest = [2, 9, 9, 99, 99, 99][random.below(6)];
    Bimatrix::new(rows, columns, |_, _| (random.whole(0, highest), random.whole(0, highest)))
}

/// The precisions at which the largest difference between payoffs makes these logits.
pub(crate) fn bimatrix_precisions(range: f64) -> Vec<f64> {
    [1.0, 3.0, 7.0, 12.0, 20.0, 35.0, 60.0].iter().map(|l| l / range).collect()
}

/// A sender of one of several types sends a message, and a receiver answers; all types are equally likely, and payoffs
/// are whole numbers from 0 to 4.
pub(crate) fn signalling(number: usize, seed: u64) -> Tree {
    let mut random = Random::new("signalling", number, seed);
    let sizes = [(2, 2, 2), (2, 2, 2), (2, 3, 2), (3, 2, 2), (3, 3, 2), (2, 2, 3), (3, 3, 3), (4, 2, 2)];
    let (types, messages, answers) = sizes[random.below(sizes.len())];
    let mut nodes = vec![Node::Chance { odds: vec![1.0 / types as f64; types], children: Vec::new() }];
    let mut sets = vec![Set { player: 0, actions: messages }; types];
    sets.extend(vec![Set { player: 1, actions: answers }; messages]);
    for kind in 0..types {
        let sender = grow(&mut nodes, 0, Node::Decision { set: kind, children: Vec::new() });
        for message in 0..messages {
            let set = types + message;
            let receiver = grow(&mut nodes, sender, Node::Decision { set, children: Vec::new() });
            for _ in 0..answers {
                let payoffs = vec![random.whole(0, 4), random.whole(0, 4)];
                grow(&mut nodes, receiver, Node::End { payoffs });
            }
        }
    }
    Tree::new(2, nodes, sets)
}

pub(crate) const SIGNALLING_PRECISIONS: [f64; 4] = [2.0, 5.0, 15.0, 50.0];

/// Adds a node after another, and says where it is.
pub(crate) fn grow(nodes: &mut Vec<Node>, parent: usize, node: Node) -> usize {
    let at = nodes.len();
    nodes.push(node);
    let (Node::Chance { children, .. } | Node::Decision { children, .. }) = &mut nodes[parent] else {
        unreachable!("nothing comes after an end")
    };
    children.push(at);
    at
}

/// Textbook games with several equilibria, symmetric random games, and near ties between two equilibria, each with an
/// asymmetry of 1e-6 to 0.3 in one payoff or in all.
pub(crate) fn nearly_symmetric(number: usize, seed: u64) -> Bimatrix {
    let mut random = Random::new("nearly symmetric", number, seed);
    let mut game = match number % 7 {
        0 => of_two([3.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 3.0]),
        1 => symmetric(2, &[random.whole(5, 9), 0.0, 3.0, 3.0]),
        2 => symmetric(2, &[-4.0, random.whole(2, 5), 0.0, 1.0]),
        3 => {
            // Risk-dominance nearly undecided: what stag pays is near twice what hare pays.
            let near = (random.unit() - 0.5) * 10f64.powf(-random.unit() * 4.0);
            symmetric(2, &[6.0 + near, 0.0, 3.0, 3.0])
        }
        4 => {
            let diagonal = [random.whole(1, 4), random.whole(1, 4), random.whole(1, 4)];
            symmetric(3, &[diagonal[0], 0.0, 0.0, 0.0, diagonal[1], 0.0, 0.0, 0.0, diagonal[2]])
        }
        5 => {
            let actions = 2 + random.below(3);
            let payoffs: Vec<f64> = (0..actions * actions).map(|_| random.whole(0, 9)).collect();
            symmetric(actions, &payoffs)
        }
        _ => {
            // Each prefers another of two or three meeting places.
            let actions = 2 + random.below(2);
            let high = random.whole(2, 5);
            Bimatrix::new(actions, actions, |i, j| match (i == j, i) {
                (true, 0) => (high, 1.0),
                (true, k) if k + 1 == actions => (1.0, high),
                (true, _) => (1.5, 1.5),
                (false, _) => (0.0, 0.0),
            })
        }
    };
    let size = 0.3 * 10f64.powf(-random.unit() * 5.477);
    if random.below(2) == 0 {
        let k = random.below(game.row.len());
        game.row[k] += if random.below(2) == 0 { size } else { -size };
    } else {
        for u in game.row.iter_mut().chain(&mut game.column) {
            *u += size * (2.0 * random.unit() - 1.0);
        }
    }
    Bimatrix::new(game.rows, game.columns, |i, j| {
        let k = i * game.columns + j;
        (rounded(game.row[k]), rounded(game.column[k]))
    })
}

/// To nine decimals, so that a game file says the same.
fn rounded(x: f64) -> f64 {
    (x * 1e9).round() / 1e9
}

fn of_two(row: [f64; 4], column: [f64; 4]) -> Bimatrix {
    Bimatrix::new(2, 2, |i, j| (row[2 * i + j], column[2 * i + j]))
}

/// The game in which both have the payoffs of the first, with the roles exchanged.
pub(crate) fn symmetric(actions: usize, payoffs: &[f64]) -> Bimatrix {
    Bimatrix::new(actions, actions, |i, j| (payoffs[i * actions + j], payoffs[j * actions + i]))
}

/// Two players in two to four states, with two or three actions each.
pub(crate) fn stochastic(number: usize, seed: u64) -> Stochastic {
    let mut random = Random::new("stochastic", number, seed);
    let states = 2 + random.below(3);
    let discount = [0.5, 0.8, 0.9, 0.95][random.below(4)];
    let state = |random: &mut Random| {
        let (rows, columns) = (2 + random.below(2), 2 + random.below(2));
        let profiles = rows * columns;
        let mut payoffs = || (0..profiles).map(|_| random.whole(0, 9)).collect::<Vec<_>>();
        let (row, column) = (payoffs(), payoffs());
        let weights = (0..profiles).map(|_| {
            let raw: Vec<f64> = (0..states).map(|_| random.whole(0, 3)).collect();
            let sum: f64 = raw.iter().sum::<f64>().max(1.0);
            raw.iter().map(|w| discount * w / sum).collect()
        });
        State { rows, columns, weights: weights.collect(), row, column }
    };
    Stochastic::new((0..states).map(|_| state(&mut random)).collect())
}
