//! Play of players without perfect recall: what they could gain by pure strategies, and what they see.
//!
//! Best responses are not found information set by information set here, since what a player does at one changes what
//! it believes at another. They are found by trying every strategy. This file shares no code with any solver.

use std::collections::BTreeMap;

use counterplay_game::id::{InfoSetId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

use super::best_response::{Gains, expected_payoffs};
use super::certify::{AtSet, Examination, all_values};

/// A player has more strategies than may be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooManyStrategies {
    /// Its name.
    pub player: String,
    /// How many are tried at most.
    pub allowed: usize,
}

/// What the players get in the profile `play`, and what each could get by a pure strategy, an action for each of its
/// information sets, against the others. A mixture of pure strategies gets no more than the best of them. Behaviour strategies do
/// not either, unless their player is absent-minded: at one information set twice, it may take an action once and not again.
///
/// The absent-minded driver of Piccione and Rubinstein (1997): one who cannot tell two
/// exits apart gets 0 at the first, 4 at the second and 1 beyond. Going on is the best pure strategy.
///
/// ```
/// use counterplay_equilibrium::referee::forgetful::pure_gains;
/// use counterplay_game::gambit::read_efg;
/// let text = r#"EFG 2 R "Driver" { "Driver" } p "" 1 1 "" { "exit" "go on" } 0 t "" 1 "" { 0 }
/// p "" 1 1 "" { "exit" "go on" } 0 t "" 2 "" { 4 } t "" 3 "" { 1 }"#;
/// let driver = read_efg(text)?.tree();
/// let numbers = driver.at(&driver.expressions().evaluate(&[]));
/// let found = pure_gains(&driver, &numbers, &[0.5, 0.5], 100).expect("two strategies");
/// assert_eq!((found.payoffs[0], found.best_responses[0]), (1.25, 1.0));
/// # Ok::<(), counterplay_game::gambit::ParseError>(())
/// ```
///
/// # Errors
/// If a player has more than `max_strategies` pure strategies, not counting what its own actions and the others' play rule
/// out.
pub fn pure_gains(
    game: &Game,
    numbers: &Valuation,
    play: &[f64],
    max_strategies: usize,
) -> Result<Gains, TooManyStrategies> {
    let players = (0..game.players().len()).map(PlayerId::new);
    let best = players.map(|player| {
        best_pure(game, numbers, play, player, max_strategies).ok_or_else(|| TooManyStrategies {
            player: game.players()[player.index()].clone(),
            allowed: max_strategies,
        })
    });
    Ok(Gains {
        payoffs: expected_payoffs(game, numbers, play),
        best_responses: best.collect::<Result<_, _>>()?,
    })
}

/// The most that a player gets by a pure strategy; `None` if more than `most` would have to be tried.
fn best_pure(game: &Game, numbers: &Valuation, play: &[f64], player: PlayerId, most: usize) -> Option<f64> {
    let sets: Vec<InfoSetId> =
        game.info_set_ids().filter(|set| game.info_set(*set).player == player).collect();
    let counts: Vec<usize> = sets.iter().map(|set| game.actions(*set).len()).collect();
    let shares = shares(game, numbers, play, player, &sets);
    let mut trial = Trial { counts, chosen: vec![None; sets.len()], left: most };
    trial.best(&shares.iter().collect::<Vec<_>>())
}

/// What an end adds to a payoff, and what its player has to do on the way to it, in the order of the way: at which of its
/// information sets which action.
type Share = (Vec<(usize, usize)>, f64);

/// Strategies being tried: an action at each information set that those chosen before do not rule out.
struct Trial {
    counts: Vec<usize>,
    chosen: Vec<Option<usize>>,
    /// How many more may be tried.
    left: usize,
}

impl Trial {
    /// The most that can be had of the shares that what is chosen leaves.
    fn best(&mut self, shares: &[&Share]) -> Option<f64> {
        let undecided = |k: usize| self.chosen[k].is_none();
        let next = shares.iter().flat_map(|(way, _)| way).map(|step| step.0).find(|k| undecided(*k));
        let Some(set) = next else {
            self.left = self.left.checked_sub(1)?;
            return Some(shares.iter().map(|(_, share)| share).sum());
        };
        let mut best = f64::NEG_INFINITY;
        for action in 0..self.counts[set] {
            self.chosen[set] = Some(action);
            let follows = |way: &[(usize, usize)]| way.iter().all(|step| step.0 != set || step.1 == action);
            let rest: Vec<&Share> = shares.iter().copied().filter(|(way, _)| follows(way)).collect();
            best = best.max(self.best(&rest)?);
        }
        self.chosen[set] = None;
        Some(best)
    }
}

/// What the ends add to a player's payoff, by what the player has to do to come there: payoffs times the probabilities of
/// what chance and the others do. Ends to which no pure strategy leads are left out.
fn shares(
    game: &Game,
    numbers: &Valuation,
    play: &[f64],
    player: PlayerId,
    sets: &[InfoSetId],
) -> Vec<Share> {
    let mut shares: BTreeMap<Vec<(usize, usize)>, f64> = BTreeMap::new();
    for node in game.nodes() {
        let Kind::End(end) = game.kind(node) else { continue };
        let mut odds = 1.0;
        let mut way = Vec::new();
        for (before, branch) in game.path(node) {
            match game.kind(before) {
                Kind::Chance(chance) => odds *= numbers.chance[game.branches(chance).start + branch],
                Kind::Decision(set) => match sets.iter().position(|own| *own == set) {
                    Some(k) => way.push((k, branch)),
                    None => odds *= play[game.actions(set).start + branch],
                },
                Kind::End(_) => unreachable!("nothing follows an end"),
            }
        }
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for step in way {
            if !taken.contains(&step) {
                taken.push(step);
            }
        }
        // Whoever is at one information set twice does there what it did before.
        let once = |at: usize| taken[..at].iter().all(|step| step.0 != taken[at].0);
        if odds > 0.0 && (0..taken.len()).all(once) {
            *shares.entry(taken).or_insert(0.0) += odds * numbers.payoff(end, player, game.players().len());
        }
    }
    shares.into_iter().collect()
}

/// Examines the profile `play` of players who need not have perfect recall.
///
/// Beliefs are by Bayes' rule from the probabilities of reaching the members of an information set, the mover's own play
/// included, since it may not remember that; so there are none where play does not lead. Actions are worth what follows
/// under these beliefs, play elsewhere being as it is. Where the mover is absent-minded there are no beliefs here.
pub fn examine(game: &Game, numbers: &Valuation, play: &[f64]) -> Examination {
    let values = all_values(game, numbers, play);
    let mut reach = vec![1.0; game.node_count()];
    for node in game.nodes() {
        let odds = match game.kind(node) {
            Kind::End(_) => continue,
            Kind::Chance(chance) => &numbers.chance[game.branches(chance)],
            Kind::Decision(set) => &play[game.actions(set)],
        };
        for (child, p) in game.children(node).zip(odds) {
            reach[child.index()] = reach[node.index()] * p;
        }
    }
    let sets = game.info_set_ids().map(|set| at_set(game, play, &values, &reach, set)).collect();
    Examination { sets, values }
}

/// Whether the mover can come to an information set and later to the same one again.
pub fn is_absent_minded(game: &Game, set: InfoSetId) -> bool {
    game.members(set).iter().any(|node| is_there_before(game, *node, set))
}

fn is_there_before(game: &Game, node: NodeId, set: InfoSetId) -> bool {
    game.path(node)
        .into_iter()
        .any(|(before, _)| matches!(game.kind(before), Kind::Decision(other) if other == set))
}

fn at_set(game: &Game, play: &[f64], values: &[Vec<f64>], reach: &[f64], set: InfoSetId) -> AtSet {
    let player = game.info_set(set).player;
    let members = game.members(set);
    // Whoever is there twice has been reached once.
    let first = members.iter().filter(|node| !is_there_before(game, **node, set));
    let total: f64 = first.map(|node| reach[node.index()]).sum();
    let reachable = total > 0.0;
    if !reachable || is_absent_minded(game, set) {
        return AtSet { set, reach: total, reachable, beliefs: None, payoffs: None, regret: 0.0 };
    }
    let beliefs: Vec<f64> = members.iter().map(|node| reach[node.index()] / total).collect();
    let odds = &play[game.actions(set)];
    let payoffs: Vec<f64> = (0..odds.len())
        .map(|action| {
            let of_member = |node: &NodeId| values[game.child(*node, action).index()][player.index()];
            members.iter().zip(&beliefs).map(|(node, belief)| belief * of_member(node)).sum()
        })
        .collect();
    let best = payoffs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let regret = best - odds.iter().zip(&payoffs).map(|(p, worth)| p * worth).sum::<f64>();
    AtSet { set, reach: total, reachable, beliefs: Some(beliefs), payoffs: Some(payoffs), regret }
}
