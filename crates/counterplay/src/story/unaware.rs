//! Rules that players keep: how those who do not foresee a change play on.
//!
//! A player who does not foresee a change decides as it would have in the story that it takes to be told: at an event,
//! knowing what it knows, by the probabilities that play there gives its actions. So in the changed story its moves
//! are chance events, and these probabilities are numbers of the story, as its parameters are.

use std::collections::HashMap;

use counterplay_game::expression::{ExprId, Expressions, ParameterId};
use counterplay_game::id::{ActionId, PlayerId};
use counterplay_game::tree::Game;

use crate::story::terms::Seen;

/// A situation: the event, and the events that the player saw with how they turned out.
pub(crate) type Situation = (PlayerId, String, Vec<(String, String)>);

/// The rules of players who do not foresee a change, taken from play of the story that they take to be told.
#[derive(Clone, Debug)]
pub struct KeptRules {
    /// Whose rules they are.
    pub(crate) keeping: Seen,
    /// For each situation, its actions with their positions in play.
    situations: HashMap<Situation, Vec<(String, usize)>>,
    /// The parameter that stands for the probability of the first action of play.
    first_parameter: usize,
    /// Whether they respond where they have no rule.
    pub(crate) responding: bool,
}

impl KeptRules {
    /// The rules of all players but those who foresee the change, in play of `game`. The probability of the `k`-th
    /// action of play is parameter number `first_parameter + k`.
    pub fn new(game: &Game, foreseeing: &[String], first_parameter: usize) -> Self {
        let mut keeping = Seen::NOBODY;
        for (index, _) in game.players().iter().enumerate().filter(|(_, name)| !foreseeing.contains(name)) {
            keeping = keeping.with(PlayerId::new(index));
        }
        let mut situations = HashMap::new();
        for set in game.info_set_ids() {
            let info = game.info_set(set);
            let knows = game.knows(set).into_iter().map(|(e, v)| (e.to_owned(), v.to_owned())).collect();
            let label = |action| game.text(game.action_label(ActionId::new(action))).to_owned();
            let actions = game.actions(set).map(|action| (label(action), action)).collect();
            situations.insert((info.player, game.text(info.event).to_owned(), knows), actions);
        }
        Self { keeping, situations, first_parameter, responding: false }
    }

    /// The same of players who respond to what they find, as in any game, in situations that they never knew; otherwise such a situation
    /// is an error.
    #[must_use]
    pub fn responding(self, responding: bool) -> Self {
        Self { responding, ..self }
    }

    /// The probabilities of these actions in a situation, as expressions; `None` if the player never knew the
    /// situation, or one of the actions. Where other actions are forbidden these take their share.
    pub(crate) fn at(
        &self,
        situation: &Situation,
        actions: &[&str],
        expressions: &mut Expressions,
    ) -> Option<Vec<ExprId>> {
        let rule = self.situations.get(situation)?;
        let position = |action: &&str| rule.iter().find(|r| r.0 == *action).map(|r| r.1);
        let positions: Option<Vec<usize>> = actions.iter().map(position).collect();
        let of = |k: usize| expressions.parameter(ParameterId::new(self.first_parameter + k));
        let mut odds: Vec<ExprId> = positions?.into_iter().map(of).collect();
        if odds.len() < rule.len() {
            normalise(expressions, &mut odds);
        }
        Some(odds)
    }
}

/// Divides odds by their sum.
pub(crate) fn normalise(expressions: &mut Expressions, odds: &mut [ExprId]) {
    let zero = expressions.constant(0.0);
    let sum = odds.iter().fold(zero, |sum, odd| expressions.add(sum, *odd));
    for odd in odds {
        *odd = expressions.divide(*odd, sum);
    }
}
