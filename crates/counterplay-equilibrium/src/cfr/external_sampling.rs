//! External sampling: walks along drawn histories instead of over the whole game.

use counterplay_game::id::{InfoSetId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

use super::flat_form::normalise;
use super::random::SplitMix;

/// Regrets and average play, by the game's actions.
#[derive(Clone, Debug)]
pub(crate) struct ExternalSampling {
    regrets: Vec<f64>,
    /// The sum of the play at each visit.
    sums: Vec<f64>,
    /// Odds and payoffs at the nodes between the root and where the walk is.
    stack: Vec<f64>,
    random: SplitMix,
}

/// What a walk is about.
#[derive(Clone, Copy)]
struct Traversal<'g> {
    game: &'g Game,
    numbers: &'g Valuation,
    /// Whose regrets it measures.
    player: usize,
}

impl ExternalSampling {
    pub(crate) fn new(game: &Game, seed: u64) -> Self {
        let zeros = vec![0.0; game.action_count()];
        Self { regrets: zeros.clone(), sums: zeros, stack: Vec::new(), random: SplitMix::new(seed) }
    }

    /// One iteration: a walk for each player.
    pub(crate) fn iterate(&mut self, game: &Game, numbers: &Valuation) {
        if game.node_count() == 0 {
            return;
        }
        for player in 0..game.players().len() {
            self.walk(Traversal { game, numbers, player }, NodeId::new(Game::ROOT));
        }
    }

    /// The average play.
    pub(crate) fn average(&self, game: &Game) -> Vec<f64> {
        let mut play = self.sums.clone();
        for set in game.info_set_ids() {
            normalise(&mut play[game.actions(set)]);
        }
        play
    }

    /// The payoff of the walk's player from `node` on: expected over its own actions, sampled over all others.
    fn walk(&mut self, walk: Traversal<'_>, node: NodeId) -> f64 {
        match walk.game.kind(node) {
            Kind::End(end) => walk.numbers.payoff(end, PlayerId::new(walk.player), walk.game.players().len()),
            Kind::Chance(chance) => {
                let branch = self.random.draw(&walk.numbers.chance[walk.game.branches(chance)]);
                self.walk(walk, walk.game.child(node, branch))
            }
            Kind::Decision(set) if walk.game.info_set(set).player.index() == walk.player => {
                self.try_all(walk, node, set)
            }
            Kind::Decision(set) => self.draw_one(walk, node, set),
        }
    }

    /// Puts the odds that regret matching gives at an information set on the stack.
    fn push_odds(&mut self, game: &Game, set: InfoSetId) -> usize {
        let bottom = self.stack.len();
        self.stack.extend(self.regrets[game.actions(set)].iter().map(|r| r.max(0.0)));
        normalise(&mut self.stack[bottom..]);
        bottom
    }

    fn try_all(&mut self, walk: Traversal<'_>, node: NodeId, set: InfoSetId) -> f64 {
        let actions = walk.game.actions(set);
        let bottom = self.push_odds(walk.game, set);
        let mut expected = 0.0;
        for branch in 0..actions.len() {
            let payoff = self.walk(walk, walk.game.child(node, branch));
            expected += self.stack[bottom + branch] * payoff;
            self.stack.push(payoff);
        }
        let payoffs = &self.stack[bottom + actions.len()..];
        for (regret, payoff) in self.regrets[actions].iter_mut().zip(payoffs) {
            *regret += payoff - expected;
        }
        self.stack.truncate(bottom);
        expected
    }

    fn draw_one(&mut self, walk: Traversal<'_>, node: NodeId, set: InfoSetId) -> f64 {
        let game = walk.game;
        let bottom = self.push_odds(game, set);
        let odds = &self.stack[bottom..];
        let branch = self.random.draw(odds);
        // One walk in each iteration counts for a player's average: that of the player before it.
        if game.info_set(set).player.index() == (walk.player + 1) % game.players().len() {
            for (sum, p) in self.sums[game.actions(set)].iter_mut().zip(odds) {
                *sum += p;
            }
        }
        self.stack.truncate(bottom);
        self.walk(walk, game.child(node, branch))
    }
}
