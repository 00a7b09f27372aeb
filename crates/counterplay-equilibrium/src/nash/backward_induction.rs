//! Subgame-perfect equilibria of games with perfect information, by backward induction.

use counterplay_game::id::{InfoSetId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

/// A game in which everyone who moves knows all that happened before, at given numbers.
///
/// An ultimatum over two units: the proposer keeps both or offers one. A responder who is offered nothing is indifferent,
/// and what it does then decides what is best to offer:
///
/// ```
/// use counterplay_equilibrium::nash::backward_induction::{PerfectInformation, Status};
/// use counterplay_game::gambit::read_efg;
/// let text = r#"EFG 2 R "" { "P" "R" } p "" 1 1 "" { "keep" "share" } 0 p "" 2 1 "" { "yes" "no" } 0
/// t "" 1 "" { 2 0 } t "" 0 p "" 2 2 "" { "yes" "no" } 0 t "" 2 "" { 1 1 } t "" 0"#;
/// let game = read_efg(text).expect("a game file").game().expect("perfect recall");
/// let numbers = game.at(&game.expressions().evaluate(&[]));
/// let all = PerfectInformation::of(&game, &numbers).expect("all moves are seen").all(10);
/// let payoffs: Vec<_> = all.found.iter().map(|one| one.payoffs.clone()).collect();
/// assert_eq!((payoffs, all.status), (vec![vec![2.0, 0.0], vec![1.0, 1.0]], Status::Complete));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PerfectInformation<'a> {
    game: &'a Game,
    numbers: &'a Valuation,
}

/// Why backward induction does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// At this information set the mover does not know where in the tree it is.
    HiddenMoves(InfoSetId),
    /// A payoff or probability is infinite or not a number.
    NotFinite,
}

/// A subgame-perfect equilibrium in pure strategies.
#[derive(Clone, Debug, PartialEq)]
pub struct PureEquilibrium {
    /// What is chosen at each information set, by the position of the action there. Sets that no history leads to
    /// have the first action.
    pub choices: Vec<usize>,
    /// The actions at each information set that are best, given what is chosen below: more than one is a tie.
    pub optimal: Vec<Vec<usize>>,
    /// The expected payoff of each player.
    pub payoffs: Vec<f64>,
}

/// Whether all were listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// These are all.
    Complete,
    /// There are more than the limit.
    LimitReached,
}

/// Subgame-perfect equilibria in pure strategies.
#[derive(Clone, Debug, PartialEq)]
pub struct PureEquilibria {
    /// The equilibria; where players are indifferent, earlier actions come first.
    pub found: Vec<PureEquilibrium>,
    /// Whether these are all.
    pub status: Status,
}

impl<'a> PerfectInformation<'a> {
    /// The game with these numbers, if it is one of perfect information.
    ///
    /// # Errors
    /// If an information set has several members, or a number is not finite.
    pub fn of(game: &'a Game, numbers: &'a Valuation) -> Result<Self, Unfit> {
        if let Some(set) = game.info_set_ids().find(|&set| game.members(set).len() > 1) {
            return Err(Unfit::HiddenMoves(set));
        }
        let finite = numbers.chance.iter().chain(&numbers.payoffs).all(|x| x.is_finite());
        if finite { Ok(Self { game, numbers }) } else { Err(Unfit::NotFinite) }
    }

    /// The subgame-perfect equilibrium in which everyone who is indifferent takes the first of its best actions
    /// (Zermelo 1913; Kuhn 1953). It is the only one if no information set has several optimal actions.
    ///
    /// Payoffs are compared as floating-point numbers, exactly: a tie is one of equal numbers.
    pub fn solve(&self) -> PureEquilibrium {
        let mut induction = Induction::new(*self);
        induction.sweep(self.game.node_count());
        induction.equilibrium()
    }

    /// All subgame-perfect equilibria in pure strategies, up to `limit` of them. Every tie is followed both ways, since
    /// what an indifferent player does can change what is best above.
    pub fn all(&self, limit: usize) -> PureEquilibria {
        let mut induction = Induction::new(*self);
        induction.sweep(self.game.node_count());
        let mut found = Vec::new();
        loop {
            if found.len() == limit {
                return PureEquilibria { found, status: Status::LimitReached };
            }
            found.push(induction.equilibrium());
            if !induction.advance() {
                return PureEquilibria { found, status: Status::Complete };
            }
        }
    }
}

/// The state of a sweep up the tree: payoffs at each node, and which of the optimal actions is taken.
struct Induction<'a> {
    on: PerfectInformation<'a>,
    players: usize,
    values: Vec<f64>,
    optimal: Vec<Vec<usize>>,
    taken: Vec<usize>,
}

impl<'a> Induction<'a> {
    fn new(on: PerfectInformation<'a>) -> Self {
        let players = on.game.players().len();
        let sets = on.game.info_set_count();
        let values = vec![0.0; on.game.node_count() * players];
        Self { on, players, values, optimal: vec![vec![0]; sets], taken: vec![0; sets] }
    }

    /// Solves all nodes before `end`, those below first; ties are taken the first way.
    fn sweep(&mut self, end: usize) {
        for node in (0..end).rev().map(NodeId::new) {
            match self.on.game.kind(node) {
                Kind::End(id) => {
                    for player in 0..self.players {
                        self.values[node.index() * self.players + player] =
                            self.on.numbers.payoff(id, PlayerId::new(player), self.players);
                    }
                }
                Kind::Chance(chance) => {
                    let odds = &self.on.numbers.chance[self.on.game.branches(chance)];
                    for player in 0..self.players {
                        let of_child = |child: NodeId| self.values[child.index() * self.players + player];
                        let sum = self.on.game.children(node).zip(odds).map(|(c, p)| p * of_child(c)).sum();
                        self.values[node.index() * self.players + player] = sum;
                    }
                }
                Kind::Decision(set) => {
                    self.optimal[set.index()] = self.best_actions(node, set);
                    self.taken[set.index()] = 0;
                    self.take(node, set);
                }
            }
        }
    }

    fn best_actions(&self, node: NodeId, set: InfoSetId) -> Vec<usize> {
        let mover = self.on.game.info_set(set).player.index();
        let payoff = |child: NodeId| self.values[child.index() * self.players + mover];
        let payoffs: Vec<f64> = self.on.game.children(node).map(payoff).collect();
        let best = payoffs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (0..payoffs.len()).filter(|&a| payoffs[a] == best).collect()
    }

    /// Gives a decision node the payoffs of the action that is taken there.
    fn take(&mut self, node: NodeId, set: InfoSetId) {
        let action = self.optimal[set.index()][self.taken[set.index()]];
        let from = self.on.game.child(node, action).index() * self.players;
        self.values.copy_within(from..from + self.players, node.index() * self.players);
    }

    /// Continues with the next equilibrium: the next action at the last tie that has one, and everything above it again.
    fn advance(&mut self) -> bool {
        for node in self.on.game.nodes() {
            if let Kind::Decision(set) = self.on.game.kind(node)
                && self.taken[set.index()] + 1 < self.optimal[set.index()].len()
            {
                self.taken[set.index()] += 1;
                self.take(node, set);
                self.sweep(node.index());
                return true;
            }
        }
        false
    }

    fn equilibrium(&self) -> PureEquilibrium {
        let choices = self.optimal.iter().zip(&self.taken).map(|(best, &k)| best[k]).collect();
        let payoffs = self.values[..self.players].to_vec();
        PureEquilibrium { choices, optimal: self.optimal.clone(), payoffs }
    }
}
