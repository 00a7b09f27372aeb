//! What changes do to an event that is about to be decided.

use counterplay_game::expression::ExprId;
use counterplay_game::id::{EventId, TextId};

use crate::problem::{Problem, did_you_mean};
use crate::story::change::{Arithmetic, Change};
use crate::story::progress::Call;
use crate::story::progress::Draft;
use crate::story::telling::Telling;
use crate::story::terms::EventName;
use crate::story::unaware::normalise;

/// The position of a label that the story does not list where an intervention brings it about.
const NOT_LISTED: usize = usize::MAX;

impl Telling<'_> {
    /// The call after a change that is about its event.
    pub(super) fn edited(&mut self, layer: usize, mut call: Call) -> Result<Call, Problem> {
        let told = &self.changes[layer];
        match told.change.bare() {
            // Where nobody expects it, what is forced and cannot be done here is not done.
            Change::Force { event, action }
                if told.expected
                    || self.can_bring_about(event, &call.draft, action)
                    || self.find_branch(event, &call.draft, action).is_ok() =>
            {
                call.draft = self.force(event, &call.draft, action)?;
                call.decided = true;
            }
            Change::Forbid { event, action } => call = self.forbid(event, call, action)?,
            Change::Rule { event, player, odds } => {
                call.draft = self.rule(event, &call.draft, player, odds)?;
                call.decided = true;
            }
            _ => {}
        }
        Ok(call)
    }

    fn force(&mut self, event: &EventName, draft: &Draft, action: &str) -> Result<Draft, Problem> {
        let (label, original) = match self.find_branch(event, draft, action) {
            Err(_) if self.can_bring_about(event, draft, action) => {
                (self.builder.texts.intern(action), NOT_LISTED)
            }
            found => found?,
        };
        let one = self.expressions.constant(1.0);
        Ok(Draft::Chance { branches: vec![(label, original, one)] })
    }

    /// Whether chance decides, and gives the event this label elsewhere.
    fn can_bring_about(&self, event: &EventName, draft: &Draft, action: &str) -> bool {
        let known = || self.labels.is_some_and(|labels| labels.has(&event.name, action));
        matches!(draft, Draft::Chance { .. }) && known()
    }

    fn forbid(&mut self, event: &EventName, mut call: Call, action: &str) -> Result<Call, Problem> {
        let label = match self.find_branch(event, &call.draft, action) {
            Ok((label, _)) => label,
            // What was decided before leaves it no room.
            Err(_) if call.decided => return Ok(call),
            Err(problem) => return Err(problem),
        };
        let known_zero = |p| self.expressions.known(p) == Some(0.0);
        let left = match &mut call.draft {
            Draft::Decision { actions, .. } => {
                actions.retain(|a| a.0 != label);
                actions.len()
            }
            Draft::Chance { branches } => {
                branches.retain(|b| b.0 != label && !known_zero(b.2));
                self.normalise(branches);
                branches.len()
            }
        };
        if left == 0 {
            return Err(Problem::new(format!(
                "forbidding `{action}` leaves nothing at `{event}`, {}",
                self.so_far()
            ))
            .hint("an event must turn out somehow: leave an action, or `remove` the event"));
        }
        Ok(call)
    }

    fn normalise(&mut self, branches: &mut [(TextId, usize, ExprId)]) {
        let mut odds: Vec<ExprId> = branches.iter().map(|b| b.2).collect();
        normalise(&mut self.expressions, &mut odds);
        for (branch, odd) in branches.iter_mut().zip(odds) {
            branch.2 = odd;
        }
    }

    fn rule(
        &mut self,
        event: &EventName,
        draft: &Draft,
        player: &str,
        odds: &[(String, ExprId)],
    ) -> Result<Draft, Problem> {
        match draft {
            Draft::Decision { player: mover, .. } if self.players[mover.index()] == player => {}
            Draft::Decision { player: mover, .. } => {
                let mover = &self.players[mover.index()];
                return Err(Problem::new(format!("`{mover}`, not `{player}`, moves at `{event}`")));
            }
            Draft::Chance { .. } => {
                return Err(Problem::new(format!("chance, not `{player}`, decides at `{event}`")));
            }
        }
        let mut branches = Vec::with_capacity(odds.len());
        for (action, odd) in odds {
            let (label, original) = self.find_branch(event, draft, action)?;
            branches.push((label, original, *odd));
        }
        self.normalise(&mut branches);
        Ok(Draft::Chance { branches })
    }

    fn find_branch(
        &self,
        event: &EventName,
        draft: &Draft,
        action: &str,
    ) -> Result<(TextId, usize), Problem> {
        let branches = draft.labels();
        let wanted = self.builder.texts.find(action);
        branches.iter().copied().find(|b| Some(b.0) == wanted).ok_or_else(|| {
            let labels: Vec<&str> = branches.iter().map(|b| self.builder.texts.get(b.0)).collect();
            Problem::new(format!("`{event}` cannot be `{action}`, {}", self.so_far()))
                .hint(did_you_mean(action, labels.iter().copied()))
        })
    }

    /// What is decided at a call, with the probabilities of chance as the changes of parameters make them.
    pub(super) fn draft_as_told(&mut self, call: &Call) -> Result<Draft, Problem> {
        let mut draft = call.draft.clone();
        let Draft::Chance { branches } = &mut draft else { return Ok(draft) };
        let event = self.builder.texts.get(call.name).to_owned();
        for branch in branches.iter_mut() {
            let told = self.revalue_from(call.from, branch.2, Some(call.id));
            if told != branch.2 {
                self.check_probability(&event, self.builder.texts.get(branch.0), told)?;
            }
            branch.2 = told;
        }
        self.without_impossible(&mut draft);
        Ok(draft)
    }

    /// A quantity as the changes of parameters that hold now make it.
    pub(crate) fn as_told(&mut self, quantity: ExprId) -> ExprId {
        self.revalue_from(0, quantity, None)
    }

    /// A quantity as the changes of parameters make it that hold at `now`, from one layer on. The last change is put in
    /// first, so that it changes what the ones before it have made of the parameter.
    fn revalue_from(&mut self, from: usize, quantity: ExprId, now: Option<EventId>) -> ExprId {
        let changes = self.changes;
        let mut told = quantity;
        for (layer, change) in changes.iter().map(|t| &t.change).enumerate().skip(from).rev() {
            if matches!(change.bare(), Change::Parameter { .. }) && self.holds(change, now) {
                told = self.revalue(layer, told);
            }
        }
        told
    }

    /// A quantity after one change of a parameter.
    fn revalue(&mut self, layer: usize, quantity: ExprId) -> ExprId {
        self.changes_used[layer] = true;
        let changes = self.changes;
        let Change::Parameter { parameter, how, amount } = changes[layer].change.bare() else {
            return quantity;
        };
        if let Some(&known) = self.revalued.get(&(layer, quantity)) {
            return known;
        }
        let amount = match self.as_were {
            Some(first) => self.expressions.replace(*amount, |e, p| Some(e.parameter(p.after(first)))),
            None => *amount,
        };
        let told = self.expressions.replace(quantity, |e, p| {
            let old = (p == *parameter).then(|| e.parameter(p))?;
            Some(match how {
                Arithmetic::Set => amount,
                Arithmetic::Shift => e.add(old, amount),
                Arithmetic::Scale => e.multiply(old, amount),
            })
        });
        self.revalued.insert((layer, quantity), told);
        told
    }
}
