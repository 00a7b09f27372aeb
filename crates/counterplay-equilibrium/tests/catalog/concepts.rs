//! The concepts of equilibrium, read off their definitions.

use std::collections::BTreeSet;

use counterplay_game::rational::Rational;
use num_traits::{One, Zero};

use crate::tree::{Node, Play, Tree};

/// A strategy of the reduced normal form: an action at each of a player's information sets that its own earlier
/// actions do not exclude.
pub(crate) type Reduced = Vec<Option<usize>>;

/// A way through the tree, and what it pays.
pub(crate) type Outcome = (Vec<String>, Vec<Rational>);

/// The most profiles of the reduced normal form that are gone through.
const MOST_PROFILES: usize = 20_000;

/// Whether nobody could gain from `start` on, which begins a subgame.
pub(crate) fn nash_from(tree: &Tree, start: usize, play: &Play) -> Result<(), String> {
    let value = tree.value(start, play);
    for (player, own) in value.iter().enumerate() {
        let best = tree.best_reply(start, player, play);
        if best != *own {
            return Err(format!(
                "player {} gets {own} and could get {best} from node {start} on",
                player + 1
            ));
        }
    }
    Ok(())
}

/// Whether play is in equilibrium in every subgame.
pub(crate) fn subgame_perfect(tree: &Tree, play: &Play) -> Result<(), String> {
    tree.subgames().into_iter().try_for_each(|start| nash_from(tree, start, play))
}

/// Whether play is best at every information set under the beliefs that are the limit of those of fully mixed play, in
/// which an action of order $k$ has a probability in proportion to $\epsilon^k$ (Kreps and Wilson 1982). With
/// consistent beliefs, nobody can gain if nobody can by a change at one information set.
pub(crate) fn sequential(tree: &Tree, play: &Play, orders: &[Vec<u32>]) -> Result<(), String> {
    for (set, odds) in play.iter().enumerate() {
        if (0..odds.len()).any(|a| odds[a].is_zero() == (orders[set][a] == 0)) {
            return Err(format!("trembles of information set {set} are not those of actions without play"));
        }
    }
    for (index, set) in tree.sets.iter().enumerate() {
        let beliefs = beliefs(tree, index, play, orders);
        if beliefs.iter().sum::<Rational>() != Rational::one() {
            return Err(format!("beliefs at information set {index} do not sum to one"));
        }
        let payoffs: Vec<Rational> = (0..set.actions.len())
            .map(|action| {
                let payoff =
                    |&member: &usize| tree.value(tree.children(member)[action], play)[set.player].clone();
                set.members
                    .iter()
                    .zip(&beliefs)
                    .filter(|(_, b)| !b.is_zero())
                    .map(|(m, b)| b * payoff(m))
                    .sum()
            })
            .collect();
        let own: Rational = payoffs.iter().zip(&play[index]).map(|(u, p)| u * p).sum();
        if let Some(action) = (0..payoffs.len()).find(|&a| payoffs[a] > own) {
            return Err(format!("at information set {index} `{}` pays more", set.actions[action]));
        }
    }
    Ok(())
}

fn beliefs(tree: &Tree, set: usize, play: &Play, orders: &[Vec<u32>]) -> Vec<Rational> {
    let weights: Vec<(u32, Rational)> =
        tree.sets[set].members.iter().map(|&m| reach(tree, m, play, orders)).collect();
    let lowest = weights.iter().map(|w| w.0).min().unwrap_or(0);
    let leading = |(order, weight): &(u32, Rational)| {
        if *order == lowest { weight.clone() } else { Rational::zero() }
    };
    let total: Rational = weights.iter().map(leading).sum();
    weights.iter().map(|w| leading(w) / &total).collect()
}

/// The order and the weight of the probability of reaching a node.
fn reach(tree: &Tree, node: usize, play: &Play, orders: &[Vec<u32>]) -> (u32, Rational) {
    let (mut order, mut weight) = (0, Rational::one());
    let mut at = node;
    while let Some((before, branch)) = tree.parents[at] {
        match &tree.nodes[before] {
            Node::Decision { set, .. } if play[*set][branch].is_zero() => order += orders[*set][branch],
            Node::Decision { .. } | Node::Chance(_) => weight *= tree.odds(before, branch, play),
            Node::End(_) => unreachable!("nothing follows an end"),
        }
        at = before;
    }
    (order, weight)
}

/// All outcomes of subgame-perfect equilibria in pure strategies, from a node of a game of perfect information on. Ways
/// end where chance decides; what it pays on average is kept.
pub(crate) fn perfect_outcomes(tree: &Tree, node: usize) -> BTreeSet<Outcome> {
    match &tree.nodes[node] {
        Node::End(payoffs) => [(Vec::new(), payoffs.clone())].into(),
        Node::Chance(branches) => {
            let mut sums: BTreeSet<Vec<Rational>> = [vec![Rational::zero(); tree.players]].into();
            for (p, child) in branches {
                let payoffs: BTreeSet<_> = perfect_outcomes(tree, *child).into_iter().map(|o| o.1).collect();
                let add = |sum: &Vec<Rational>, u: &Vec<Rational>| {
                    sum.iter().zip(u).map(|(s, u)| s + p * u).collect()
                };
                sums = sums.iter().flat_map(|sum| payoffs.iter().map(move |u| add(sum, u))).collect();
            }
            sums.into_iter().map(|sum| (Vec::new(), sum)).collect()
        }
        Node::Decision { set, children } => {
            let player = tree.sets[*set].player;
            let outcomes: Vec<_> = children.iter().map(|&c| perfect_outcomes(tree, c)).collect();
            let worst = |after: &BTreeSet<Outcome>| after.iter().map(|o| o.1[player].clone()).min();
            // An outcome can follow if every other action may be answered by something no better.
            let floor = outcomes.iter().filter_map(worst).max();
            let labelled = outcomes.into_iter().zip(&tree.sets[*set].actions).flat_map(|(after, label)| {
                after.into_iter().map(move |(way, u)| ([vec![label.clone()], way].concat(), u))
            });
            labelled.filter(|(_, u)| Some(&u[player]) >= floor.as_ref()).collect()
        }
    }
}

/// The strategies of a player in the reduced normal form.
pub(crate) fn reduced_strategies(tree: &Tree, player: usize) -> Vec<Reduced> {
    let mut complete = Vec::new();
    let mut partial: Vec<Reduced> = vec![vec![None; tree.sets.len()]];
    while let Some(strategy) = partial.pop() {
        let Some(open) = first_open(tree, 0, player, &strategy) else {
            complete.push(strategy);
            continue;
        };
        for action in 0..tree.sets[open].actions.len() {
            let mut longer = strategy.clone();
            longer[open] = Some(action);
            partial.push(longer);
        }
    }
    complete
}

/// The first information set of the player that its strategy leads to without saying what to do there.
fn first_open(tree: &Tree, node: usize, player: usize, strategy: &Reduced) -> Option<usize> {
    if let Node::Decision { set, children } = &tree.nodes[node]
        && tree.sets[*set].player == player
    {
        let Some(action) = strategy[*set] else { return Some(*set) };
        return first_open(tree, children[action], player, strategy);
    }
    tree.children(node).into_iter().find_map(|child| first_open(tree, child, player, strategy))
}

/// All equilibria in pure strategies of the reduced normal form: the label of an action for each information set, `*`
/// where none is needed.
pub(crate) fn pure_equilibria(tree: &Tree) -> Result<BTreeSet<Vec<String>>, String> {
    let strategies: Vec<Vec<Reduced>> = (0..tree.players).map(|p| reduced_strategies(tree, p)).collect();
    let profiles: usize = strategies.iter().map(Vec::len).product();
    if profiles > MOST_PROFILES {
        return Err(format!("{profiles} profiles are too many to go through"));
    }
    let digits = |mut index: usize| -> Vec<usize> {
        let mut digit = |own: &Vec<Reduced>| {
            let chosen = index % own.len();
            index /= own.len();
            chosen
        };
        strategies.iter().map(&mut digit).collect()
    };
    let payoffs: Vec<Vec<Rational>> =
        (0..profiles).map(|i| pure_value(tree, &strategies, &digits(i))).collect();
    let stable = |&index: &usize| {
        let chosen = digits(index);
        let mut stride = 1;
        (0..tree.players).all(|player| {
            let base = index - chosen[player] * stride;
            let best = (0..strategies[player].len()).map(|s| &payoffs[base + s * stride][player]).max();
            stride *= strategies[player].len();
            best == Some(&payoffs[index][player])
        })
    };
    Ok((0..profiles).filter(stable).map(|i| labels(tree, &strategies, &digits(i))).collect())
}

fn pure_value(tree: &Tree, strategies: &[Vec<Reduced>], chosen: &[usize]) -> Vec<Rational> {
    let row = |(index, set): (usize, &crate::tree::Set)| {
        let action = strategies[set.player][chosen[set.player]][index];
        let odds = |a: usize| if Some(a) == action { Rational::one() } else { Rational::zero() };
        (0..set.actions.len()).map(odds).collect()
    };
    tree.value(0, &tree.sets.iter().enumerate().map(row).collect())
}

fn labels(tree: &Tree, strategies: &[Vec<Reduced>], chosen: &[usize]) -> Vec<String> {
    let label = |(index, set): (usize, &crate::tree::Set)| {
        let action = strategies[set.player][chosen[set.player]][index];
        action.map_or_else(|| "*".to_owned(), |a| set.actions[a].clone())
    };
    tree.sets.iter().enumerate().map(label).collect()
}
