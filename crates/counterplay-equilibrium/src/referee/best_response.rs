//! Best responses, and how much the players could gain by them.
//!
//! This file shares no code with any solver. It reads a best response off the tree: nodes are passed in the order of
//! how often the player has moved before them, so that when its choice at an information set is due, everything that
//! follows each of its actions is known.

use counterplay_game::id::{InfoSetId, NodeId, PlayerId};
use counterplay_game::recall::ImperfectRecall;
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

/// The best that a player can do against the others' play.
#[derive(Clone, Debug, PartialEq)]
pub struct BestResponse {
    /// What it gets.
    pub value: f64,
    /// The branch to take at each information set of the game; `None` at those of others. Of equally good ones, the
    /// first; so too where chance and the others never lead.
    pub choices: Vec<Option<usize>>,
}

/// What each player gets in a profile, and what it could get.
#[derive(Clone, Debug, PartialEq)]
pub struct Gains {
    /// Each player's expected payoff.
    pub payoffs: Vec<f64>,
    /// Each player's payoff by its best response to the others.
    pub best_responses: Vec<f64>,
}

impl Gains {
    /// NashConv: the sum of what the players could gain, $\sum_i \max_{\sigma'\_i} u_i(\sigma'\_i, \sigma_{-i}) -
    /// u_i(\sigma)$ (Lanctot et al. 2017); zero exactly at Nash equilibria.
    pub fn nash_conv(&self) -> f64 {
        self.best_responses.iter().zip(&self.payoffs).map(|(best, own)| best - own).sum()
    }

    /// NashConv per player. In a game of two whose payoffs sum to zero, what a player is exploited for on average
    /// over the two seats.
    pub fn exploitability(&self) -> f64 {
        self.nash_conv() / self.payoffs.len() as f64
    }
}

/// What the players get and could get in the profile `play`, which holds a probability for each action.
///
/// ```
/// use counterplay_equilibrium::referee::best_response::gains;
/// use counterplay_game::gambit::read_nfg;
/// let text = r#"NFG 1 R "Pennies" { "Even" "Odd" } { { "h" "t" } { "h" "t" } } 1 -1 -1 1 -1 1 1 -1"#;
/// let game = read_nfg(text).expect("a game file").game();
/// let numbers = game.at(&game.expressions().evaluate(&[]));
/// // Against heads Odd would win with tails.
/// let found = gains(&game, &numbers, &[1.0, 0.0, 1.0, 0.0])?;
/// assert_eq!((&found.payoffs[..], &found.best_responses[..]), (&[1.0, -1.0][..], &[1.0, 1.0][..]));
/// assert_eq!((found.nash_conv(), found.exploitability()), (2.0, 1.0));
/// assert_eq!(gains(&game, &numbers, &[0.5; 4])?.nash_conv(), 0.0);
/// # Ok::<(), counterplay_game::recall::ImperfectRecall>(())
/// ```
///
/// # Errors
/// If a player has no perfect recall.
pub fn gains(game: &Game, numbers: &Valuation, play: &[f64]) -> Result<Gains, ImperfectRecall> {
    game.recall()?;
    let players = (0..game.players().len()).map(PlayerId::new);
    Ok(Gains {
        payoffs: expected_payoffs(game, numbers, play),
        best_responses: players.map(|p| best_choices(game, numbers, play, p).value).collect(),
    })
}

/// NashConv of the profile `play`: see [`Gains::nash_conv`].
///
/// # Errors
/// If a player has no perfect recall.
pub fn nash_conv(game: &Game, numbers: &Valuation, play: &[f64]) -> Result<f64, ImperfectRecall> {
    Ok(gains(game, numbers, play)?.nash_conv())
}

/// Each player's expected payoff in the profile `play`.
pub fn expected_payoffs(game: &Game, numbers: &Valuation, play: &[f64]) -> Vec<f64> {
    let players = game.players().len();
    let reach = reach(game, numbers, play, None);
    let mut payoffs = vec![0.0; players];
    for node in game.nodes() {
        if let Kind::End(end) = game.kind(node) {
            for (player, sum) in payoffs.iter_mut().enumerate() {
                *sum += reach[node.index()] * numbers.payoff(end, PlayerId::new(player), players);
            }
        }
    }
    payoffs
}

/// The best response of `player` to the others' part of the profile `play`.
///
/// # Errors
/// If a player has no perfect recall.
pub fn best_response(
    game: &Game,
    numbers: &Valuation,
    play: &[f64],
    player: PlayerId,
) -> Result<BestResponse, ImperfectRecall> {
    game.recall()?;
    Ok(best_choices(game, numbers, play, player))
}

/// As [`best_response`], where recall is known to be perfect.
fn best_choices(game: &Game, numbers: &Valuation, play: &[f64], player: PlayerId) -> BestResponse {
    let mut search = BestResponseSearch {
        game,
        numbers,
        player,
        reach: reach(game, numbers, play, Some(player)),
        values: vec![0.0; game.node_count()],
        choices: vec![None; game.info_set_count()],
    };
    let own_sets = |id: &InfoSetId| game.info_set(*id).player == player && !game.members(*id).is_empty();
    let mut sets_by_moves: Vec<Vec<InfoSetId>> = Vec::new();
    let moves = own_moves(game, player);
    for set in game.info_set_ids().filter(own_sets) {
        let before = moves[game.members(set)[0].index()] as usize;
        sets_by_moves.resize(sets_by_moves.len().max(before + 1), Vec::new());
        sets_by_moves[before].push(set);
    }
    let mut nodes_by_moves = vec![Vec::new(); sets_by_moves.len() + 1];
    game.nodes().for_each(|node| nodes_by_moves[moves[node.index()] as usize].push(node));
    for (before, nodes) in nodes_by_moves.iter().enumerate().rev() {
        for &set in sets_by_moves.get(before).into_iter().flatten() {
            search.choose(set);
        }
        for &node in nodes.iter().rev() {
            search.values[node.index()] = search.value(node, play);
        }
    }
    let value = search.values.first().copied().unwrap_or(0.0);
    BestResponse { value, choices: search.choices }
}

struct BestResponseSearch<'g> {
    game: &'g Game,
    numbers: &'g Valuation,
    player: PlayerId,
    reach: Vec<f64>,
    values: Vec<f64>,
    choices: Vec<Option<usize>>,
}

impl BestResponseSearch<'_> {
    /// Takes the branch with the highest counterfactual value, all of whose children's values are known.
    fn choose(&mut self, set: InfoSetId) {
        let value_of = |branch: usize| -> f64 {
            let of_member =
                |h: &NodeId| self.reach[h.index()] * self.values[self.game.child(*h, branch).index()];
            self.game.members(set).iter().map(of_member).sum()
        };
        let (mut chosen, mut most) = (0, value_of(0));
        for branch in 1..self.game.actions(set).len() {
            let value = value_of(branch);
            if value > most {
                (chosen, most) = (branch, value);
            }
        }
        self.choices[set.index()] = Some(chosen);
    }

    /// What the player gets from a node on.
    fn value(&self, node: NodeId, play: &[f64]) -> f64 {
        let child = |branch| self.values[self.game.child(node, branch).index()];
        let mean = |odds: &[f64]| odds.iter().enumerate().map(|(b, p)| p * child(b)).sum();
        match self.game.kind(node) {
            Kind::End(end) => self.numbers.payoff(end, self.player, self.game.players().len()),
            Kind::Chance(chance) => mean(&self.numbers.chance[self.game.branches(chance)]),
            Kind::Decision(set) => match self.choices[set.index()] {
                Some(branch) => child(branch),
                None => mean(&play[self.game.actions(set)]),
            },
        }
    }
}

/// The probability of reaching each node; of chance and the other players alone, where a player is left out.
fn reach(game: &Game, numbers: &Valuation, play: &[f64], left_out: Option<PlayerId>) -> Vec<f64> {
    let mut reach = vec![1.0; game.node_count()];
    for node in game.nodes() {
        let odds = match game.kind(node) {
            Kind::End(_) => continue,
            Kind::Chance(chance) => Some(&numbers.chance[game.branches(chance)]),
            Kind::Decision(set) if Some(game.info_set(set).player) == left_out => None,
            Kind::Decision(set) => Some(&play[game.actions(set)]),
        };
        for (branch, child) in game.children(node).enumerate() {
            reach[child.index()] = reach[node.index()] * odds.map_or(1.0, |o| o[branch]);
        }
    }
    reach
}

/// How often the player has moved before each node.
fn own_moves(game: &Game, player: PlayerId) -> Vec<u32> {
    let mut moves = vec![0u32; game.node_count()];
    for node in game.nodes() {
        let own = matches!(game.kind(node), Kind::Decision(set) if game.info_set(set).player == player);
        for child in game.children(node) {
            moves[child.index()] = moves[node.index()] + u32::from(own);
        }
    }
    moves
}
