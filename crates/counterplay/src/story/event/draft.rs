//! Who decides at an event, and among what.

use crate::problem::Problem;
use crate::story::progress::Draft;
use crate::story::telling::Telling;
use crate::story::terms::Share;
use counterplay_game::expression::ExprId;
use counterplay_game::id::{PlayerId, TextId};

impl Telling<'_> {
    pub(super) fn decision_draft(
        &mut self,
        event: &str,
        player: PlayerId,
        actions: &[String],
    ) -> Result<Draft, Problem> {
        if actions.is_empty() {
            let name = &self.players[player.index()];
            return Err(Problem::new(format!("`{name}` has no actions at `{event}`")));
        }
        let mut kept: Vec<(TextId, usize)> = Vec::with_capacity(actions.len());
        for (index, action) in actions.iter().enumerate() {
            let label = self.builder.texts.intern(action);
            if kept.iter().any(|k| k.0 == label) {
                return Err(Problem::new(format!("the action `{action}` is listed twice at `{event}`")));
            }
            kept.push((label, index));
        }
        Ok(Draft::Decision { player, actions: kept })
    }

    /// What chance decides among. Labels without any probability are there for an intervention to force, until it is decided.
    pub(super) fn chance_draft(
        &mut self,
        event: &str,
        branches: &[(String, Share)],
    ) -> Result<Draft, Problem> {
        let draft = self.draft_with_all(event, branches)?;
        let impossible = |branch: &&(TextId, usize, ExprId)| self.expressions.known(branch.2) == Some(0.0);
        let Draft::Chance { branches } = &draft else { return Ok(draft) };
        let none: Vec<TextId> = branches.iter().filter(impossible).map(|b| b.0).collect();
        if none.len() == branches.len() {
            return Err(Problem::new(format!("no label of `{event}` has any probability")));
        }
        if !none.is_empty() {
            let event = self.builder.texts.intern(event);
            self.impossible.extend(none.into_iter().map(|label| (event, label)));
        }
        Ok(draft)
    }

    /// A draft without the labels that have no chance.
    pub(super) fn without_impossible(&self, draft: &mut Draft) {
        if let Draft::Chance { branches } = draft {
            branches.retain(|b| self.expressions.known(b.2) != Some(0.0));
        }
    }

    /// What chance decides among, with the labels that have no chance.
    pub(super) fn draft_with_all(
        &mut self,
        event: &str,
        branches: &[(String, Share)],
    ) -> Result<Draft, Problem> {
        let rests = branches.iter().filter(|b| b.1 == Share::Rest).count();
        if rests > 1 {
            return Err(Problem::new(format!("`{event}` has `rest` more than once"))
                .hint("only one label can take what the others leave"));
        }
        let mut given = self.expressions.constant(0.0);
        for (_, share) in branches {
            if let Share::Of(p) = share {
                given = self.expressions.add(given, *p);
            }
        }
        let one = self.expressions.constant(1.0);
        let rest = self.expressions.subtract(one, given);
        if rests == 0 {
            self.check_sum(event, given)?;
        }
        let mut kept = Vec::with_capacity(branches.len());
        for (index, (label, share)) in branches.iter().enumerate() {
            let probability = match share {
                Share::Of(p) => *p,
                Share::Rest => rest,
            };
            self.check_probability(event, label, probability)?;
            kept.push((self.builder.texts.intern(label), index, probability));
        }
        Ok(Draft::Chance { branches: kept })
    }

    fn check_sum(&self, event: &str, sum: ExprId) -> Result<(), Problem> {
        match self.expressions.known(sum) {
            Some(sum) if (sum - 1.0).abs() > 1e-9 => {
                Err(Problem::new(format!("the probabilities of `{event}` sum to {sum}, not to 1"))
                    .hint("let one of them be `rest`"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_probability(
        &self,
        event: &str,
        label: &str,
        probability: ExprId,
    ) -> Result<(), Problem> {
        match self.expressions.known(probability) {
            Some(p) if !(-1e-12..=1.0 + 1e-12).contains(&p) => {
                Err(Problem::new(format!("the probability of `{label}` at `{event}` is {p}"))
                    .hint("a probability lies between 0 and 1"))
            }
            _ => Ok(()),
        }
    }
}
