//! From a normal form to an extensive form in which nobody sees anything.

use super::{ExtensiveForm, InformationSet, Malformed, Node, Outcome, Turn};
use crate::id::{InfoSetId, OutcomeId, PlayerId};
use crate::normal::NormalForm;

impl ExtensiveForm {
    /// The same game with the players moving one after the other, none of them seeing anything. Information sets
    /// have the indices of their players, actions those of the strategies, and each profile has an outcome.
    ///
    /// # Errors
    /// If a payoff is too large or has too many digits.
    ///
    /// # Panics
    /// If there are more profiles than 32 bits can number.
    pub fn of_normal(game: &NormalForm) -> Result<Self, Malformed> {
        let players = game.players.len();
        let set = |player: usize| InformationSet {
            player: PlayerId::new(player),
            number: 1,
            label: String::new(),
            actions: game.strategies[player].clone(),
        };
        let (mut nodes, mut outcomes) = (Vec::new(), Vec::new());
        let mut stack = vec![Vec::new()];
        while let Some(chosen) = stack.pop() {
            let label = String::new();
            if chosen.len() < players {
                let turn = Turn::Decision(InfoSetId::new(chosen.len()));
                nodes.push(Node { label, turn, outcome: None });
                let next = (0..game.strategies[chosen.len()].len()).rev();
                stack.extend(next.map(|strategy| [&chosen[..], &[strategy]].concat()));
            } else {
                let number = u32::try_from(outcomes.len() + 1).expect("fewer than 2^32 profiles");
                let payoffs = (0..players).map(|player| game.payoff(&chosen, player).clone()).collect();
                nodes.push(Node { label, turn: Turn::End, outcome: Some(OutcomeId::new(outcomes.len())) });
                outcomes.push(Outcome { number, label: String::new(), payoffs });
            }
        }
        let sets = (0..players).map(set).collect();
        let mut form = Self::new(game.players.clone(), nodes, sets, Vec::new(), outcomes)?;
        (form.title, form.comment) = (game.title.clone(), game.comment.clone());
        Ok(form)
    }
}
