//! Games in normal (strategic) form, with exact payoffs.

use crate::build::TreeBuilder;
use crate::expression::Expressions;
use crate::id::{KnowledgeId, NodeId, PlayerId};
use crate::knowledge::Knowledge;
use crate::rational::{Rational, to_f64};
use crate::text::distinct_labels;
use crate::tree::{End, Game, Kind};
use crate::valuation::ExactGame;

/// A game in which every player chooses one strategy, all at once.
///
/// Rock, paper, scissors: what one wins the other loses.
///
/// ```
/// use counterplay_game::normal::NormalForm;
/// use counterplay_game::rational::Rational;
/// let labels = vec![["rock", "paper", "scissors"].map(String::from).to_vec(); 2];
/// // The second player's strategy is the row, the first player's the column.
/// let first = [0, 1, -1, -1, 0, 1, 1, -1, 0];
/// let payoffs = first.iter().flat_map(|&x: &i32| [x, -x]).map(|x| Rational::from_integer(x.into()));
/// let game = NormalForm::new(vec!["A".into(), "B".into()], labels, payoffs.collect());
/// assert_eq!((game.profile_count(), game.profile_index(&[1, 2])), (9, 7));
/// assert_eq!(game.payoff(&[1, 0], 0), &Rational::from_integer(1.into())); // paper beats rock
/// assert_eq!(game.game().info_set_count(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NormalForm {
    /// What it is called.
    pub title: String,
    /// A remark on it.
    pub comment: String,
    /// The players' names.
    pub players: Vec<String>,
    /// The labels of each player's strategies; each player has at least one.
    pub strategies: Vec<Vec<String>>,
    /// Every player's payoff in every profile: profile by profile, the first player's strategy varying fastest.
    payoffs: Vec<Rational>,
}

impl NormalForm {
    /// A game with these players, strategies and payoffs: profile by profile, the first player's strategy varying
    /// fastest, a payoff for each player.
    ///
    /// # Panics
    /// If a player has no strategy, or the number of payoffs does not fit.
    pub fn new(players: Vec<String>, strategies: Vec<Vec<String>>, payoffs: Vec<Rational>) -> Self {
        let profiles: usize = strategies.iter().map(Vec::len).product();
        assert!(players.len() == strategies.len() && profiles > 0, "every player needs a strategy");
        assert!(payoffs.len() == profiles * players.len(), "every profile needs a payoff for each player");
        Self { title: String::new(), comment: String::new(), players, strategies, payoffs }
    }

    /// The number of profiles of strategies.
    pub fn profile_count(&self) -> usize {
        self.strategies.iter().map(Vec::len).product()
    }

    /// The position of a profile, which names a strategy for each player.
    pub fn profile_index(&self, profile: &[usize]) -> usize {
        self.strategies.iter().zip(profile).rev().fold(0, |index, (own, &chosen)| index * own.len() + chosen)
    }

    /// The profile at a position.
    pub fn profile(&self, mut index: usize) -> Vec<usize> {
        let digit = |own: &Vec<String>| {
            let chosen = index % own.len();
            index /= own.len();
            chosen
        };
        self.strategies.iter().map(digit).collect()
    }

    /// What a player gets in a profile.
    pub fn payoff(&self, profile: &[usize], player: usize) -> &Rational {
        &self.payoffs[self.profile_index(profile) * self.players.len() + player]
    }

    /// The same game in extensive form: the players move one after the other, and nobody sees anything. The
    /// information set of each player has the player's index, and its actions are the strategies in order.
    ///
    /// # Panics
    /// If there are more nodes than 32 bits can number.
    pub fn game(&self) -> Game {
        self.tree(|_| 0)
    }

    /// The same tree together with the payoffs as fractions: each profile has an end of its own, so that none are taken
    /// for one whose payoffs differ by less than floating point can tell.
    ///
    /// # Panics
    /// If there are more nodes than 32 bits can number.
    pub fn exact_game(&self) -> ExactGame {
        let mut payoffs = Vec::with_capacity(self.payoffs.len());
        let mut ends = 0..=u32::MAX;
        let game = self.tree(|profile| {
            payoffs.extend((0..self.players.len()).map(|player| self.payoff(profile, player).clone()));
            ends.next().expect("fewer than 2^32 profiles")
        });
        ExactGame { game, chance: Vec::new(), payoffs }
    }

    /// The tree, with a tag for the end of each profile.
    fn tree(&self, mut tag: impl FnMut(&[usize]) -> u32) -> Game {
        let mut builder = TreeBuilder::new(self.players.clone());
        let mut expressions = Expressions::new();
        let mut level = vec![(None, Vec::new())];
        for (player, labels) in self.strategies.iter().enumerate() {
            // The event is named after the player, so that two players of one name are still told apart.
            let name = builder.texts.intern(&format!("{} ({})", self.players[player], player + 1));
            let event = builder.event(name, 1);
            let labels = distinct_labels(labels.iter().map(String::as_str));
            let labels: Vec<_> = labels.iter().map(|l| builder.texts.intern(l)).collect();
            let nothing: KnowledgeId = Knowledge::nothing();
            let set = builder.info_set(PlayerId::new(player), name, nothing, &labels);
            let set = set.expect("the information set is met once");
            let mut next = Vec::with_capacity(level.len() * labels.len());
            for (place, profile) in level {
                let node = builder.add(place, Kind::Decision(set), event);
                next.extend((0..labels.len()).map(|a| (Some((node, a)), [&profile[..], &[a]].concat())));
            }
            level = next;
        }
        for (place, profile) in level {
            let payoffs = (0..self.players.len())
                .map(|player| expressions.constant(to_f64(self.payoff(&profile, player))))
                .collect();
            let end = builder.end(End { payoffs, tag: tag(&profile) });
            let _: NodeId = builder.add(place, Kind::End(end), crate::id::EventId::new(0));
        }
        builder.finish(expressions).expect("every branch has a node")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_without_labels_or_with_equal_ones_are_told_apart() {
        let payoffs = (0..5).map(|x| Rational::from_integer(x.into())).collect();
        let labels = ["up", "", "up", "", "down"].map(str::to_owned).to_vec();
        let game = NormalForm::new(vec!["A".into()], vec![labels], payoffs).game();
        let shown: Vec<&str> = game.labels(NodeId::new(0)).map(|l| game.text(l)).collect();
        assert_eq!(shown, ["up_1", "_1", "up_2", "_2", "down"]);
    }

    fn labels(n: usize) -> Vec<String> {
        (1..=n).map(|k| k.to_string()).collect()
    }

    #[test]
    fn profiles_are_numbered_with_the_first_player_fastest() {
        let payoffs = (0..24).map(|k| Rational::from_integer(k.into())).collect();
        let game = NormalForm::new(vec!["A".into(), "B".into()], vec![labels(3), labels(4)], payoffs);
        assert_eq!(game.profile(1), [1, 0]);
        assert_eq!(game.profile_index(&[2, 1]), 5);
        assert_eq!(game.payoff(&[2, 1], 1), &Rational::from_integer(11.into()));
        let tree = game.game();
        assert_eq!((tree.info_set_count(), tree.action_count(), tree.history_count()), (2, 7, 12));
    }
}
