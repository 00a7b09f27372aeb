//! Counterfactual regret minimisation as the papers state it, by recursion over the tree.

use counterplay_equilibrium::cfr::Variant;
use counterplay_game::id::{InfoSetId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

/// A run; each number is found again by recursion, which is too slow for all but small games.
pub struct Textbook<'g> {
    game: &'g Game,
    numbers: &'g Valuation,
    regrets: Vec<f64>,
    play: Vec<f64>,
    sums: Vec<f64>,
}

impl<'g> Textbook<'g> {
    pub fn new(game: &'g Game, numbers: &'g Valuation) -> Self {
        let zeros = vec![0.0; game.action_count()];
        let mut textbook = Self { game, numbers, regrets: zeros.clone(), play: zeros.clone(), sums: zeros };
        game.info_set_ids().for_each(|set| textbook.match_regrets(set));
        textbook
    }

    fn value(&self, node: NodeId, player: PlayerId) -> f64 {
        let odds = match self.game.kind(node) {
            Kind::End(end) => return self.numbers.payoff(end, player, self.game.players().len()),
            Kind::Chance(chance) => &self.numbers.chance[self.game.branches(chance)],
            Kind::Decision(set) => &self.play[self.game.actions(set)],
        };
        self.game.children(node).zip(odds).map(|(child, p)| p * self.value(child, player)).sum()
    }

    /// The probability that the player alone (or everybody else) leads to a node.
    fn reach(&self, node: NodeId, player: PlayerId, alone: bool) -> f64 {
        let step = |(before, branch): (NodeId, usize)| {
            let (p, own) = match self.game.kind(before) {
                Kind::Chance(chance) => {
                    (self.numbers.chance[self.game.branches(chance).start + branch], false)
                }
                Kind::Decision(set) => (
                    self.play[self.game.actions(set).start + branch],
                    self.game.info_set(set).player == player,
                ),
                Kind::End(_) => unreachable!("nothing follows an end"),
            };
            if own == alone { p } else { 1.0 }
        };
        self.game.path(node).into_iter().map(step).product()
    }

    fn own_sets(&self, player: PlayerId) -> Vec<InfoSetId> {
        let met =
            |s: &InfoSetId| self.game.info_set(*s).player == player && !self.game.members(*s).is_empty();
        self.game.info_set_ids().filter(met).collect()
    }

    fn match_regrets(&mut self, set: InfoSetId) {
        let actions = self.game.actions(set);
        let sum: f64 = self.regrets[actions.clone()].iter().map(|r| r.max(0.0)).sum();
        for a in actions.clone() {
            self.play[a] =
                if sum > 0.0 { self.regrets[a].max(0.0) / sum } else { 1.0 / actions.len() as f64 };
        }
    }

    fn regret(&mut self, player: PlayerId) {
        for set in self.own_sets(player) {
            let actions = self.game.actions(set);
            let members = self.game.members(set);
            let value = |branch| -> f64 {
                let of_member = |h: &NodeId| {
                    self.reach(*h, player, false) * self.value(self.game.child(*h, branch), player)
                };
                members.iter().map(of_member).sum()
            };
            let values: Vec<f64> = (0..actions.len()).map(value).collect();
            let mean: f64 = values.iter().zip(&self.play[actions.clone()]).map(|(v, p)| v * p).sum();
            actions.zip(values).for_each(|(a, v)| self.regrets[a] += v - mean);
        }
    }

    fn average(&mut self, player: PlayerId, weight: f64) {
        for set in self.own_sets(player) {
            let reach = self.reach(self.game.members(set)[0], player, true);
            self.game.actions(set).for_each(|a| self.sums[a] += weight * reach * self.play[a]);
        }
    }

    pub fn iterate(&mut self, variant: Variant, t: f64) {
        let players: Vec<PlayerId> = (0..self.game.players().len()).map(PlayerId::new).collect();
        if variant == Variant::Vanilla {
            for &player in &players {
                self.average(player, 1.0);
                self.regret(player);
            }
            self.game.info_set_ids().for_each(|set| self.match_regrets(set));
            return;
        }
        for player in players {
            let before = self.regrets.clone();
            self.regret(player);
            let after = self.regrets.clone();
            for set in self.own_sets(player) {
                self.game.actions(set).for_each(|a| self.regrets[a] = kept(variant, after[a], t));
                if variant == Variant::Predictive {
                    // What regrets would be if the last were met with once more.
                    self.game.actions(set).for_each(|a| self.regrets[a] += after[a] - before[a]);
                }
                self.match_regrets(set);
                self.game.actions(set).for_each(|a| self.regrets[a] = kept(variant, after[a], t));
            }
            self.average(player, if variant == Variant::Plus { t } else { t * t });
        }
    }

    pub fn average_play(&self) -> Vec<f64> {
        let mut play = self.sums.clone();
        for set in self.game.info_set_ids() {
            let sum: f64 = play[self.game.actions(set)].iter().sum();
            let uniform = 1.0 / self.game.actions(set).len() as f64;
            play[self.game.actions(set)]
                .iter_mut()
                .for_each(|p| *p = if sum > 0.0 { *p / sum } else { uniform });
        }
        play
    }
}

/// What is kept of a regret after iteration `t`.
fn kept(variant: Variant, regret: f64, t: f64) -> f64 {
    match variant {
        Variant::Vanilla | Variant::ExternalSampling => regret,
        Variant::Plus | Variant::Predictive => regret.max(0.0),
        Variant::Discounted { .. } if regret > 0.0 => regret * t.powf(1.5) / (t.powf(1.5) + 1.0),
        Variant::Discounted { .. } => regret * 0.5,
    }
}
