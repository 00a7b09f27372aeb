//! An event on its way through the changes to the story.
//!
//! Changes are layers, in the order given. What the story asks for passes through one after the other; each may alter
//! it, drop it, put something beside it or hold it back, and what comes out at the end is decided.

use super::not_a_function;
use crate::problem::Problem;
use crate::story::change::{Beside, Change, ChangeCondition, ToldChange};
use crate::story::progress::{Call, EventResult};
use crate::story::telling::Telling;
use crate::story::terms::EventName;
use crate::story::terms::Seen;
use counterplay_game::id::EventId;

/// What a layer makes of a call.
pub(super) enum LayerResult {
    /// It goes on to the next layer.
    On(Call),
    /// It is done with: how it turned out, or that it does not happen.
    Done(Option<EventResult>),
}

impl Telling<'_> {
    /// Passes a call through the layers from one on.
    pub(super) fn pass(&mut self, from: usize, mut call: Call) -> Result<Option<EventResult>, Problem> {
        for layer in from..self.changes.len() {
            match self.through(layer, call)? {
                LayerResult::On(next) => call = next,
                LayerResult::Done(turned) => return Ok(turned),
            }
        }
        self.decide(&call)
    }

    fn through(&mut self, layer: usize, call: Call) -> Result<LayerResult, Problem> {
        let changes = self.changes;
        let ToldChange { change, .. } = &changes[layer];
        match change.bare() {
            Change::Swap { first, second } => return self.reorder(layer, call, first, second),
            Change::Insert { beside: Beside::After(event), .. } if self.is(call.id, event) => {
                let turned = self.pass(layer + 1, call)?;
                // Its condition may depend on the event that it follows.
                if self.holds(change, None) {
                    self.insert(layer)?;
                }
                return Ok(LayerResult::Done(turned));
            }
            _ => {}
        }
        if !self.holds(change, Some(call.id)) {
            return Ok(LayerResult::On(call));
        }
        match change.bare() {
            Change::Insert { beside: Beside::Before(event), .. } if self.is(call.id, event) => {
                self.insert(layer)?;
            }
            Change::Remove { event } if self.is(call.id, event) => {
                self.changes_used[layer] = true;
                self.removed.push(call.name);
                self.removed_since += 1;
                return Ok(LayerResult::Done(None));
            }
            Change::Force { event, .. } | Change::Forbid { event, .. } | Change::Rule { event, .. }
                if self.is(call.id, event) =>
            {
                self.changes_used[layer] = true;
                return Ok(LayerResult::On(self.edited(layer, call)?));
            }
            _ => {}
        }
        Ok(LayerResult::On(call))
    }

    /// Lets the event happen that a layer inserts.
    fn insert(&mut self, layer: usize) -> Result<(), Problem> {
        let changes = self.changes;
        let ToldChange { change, expected } = &changes[layer];
        let Change::Insert { event, branches, seen_by, .. } = change.bare() else { return Ok(()) };
        self.changes_used[layer] = true;
        let seen = match seen_by {
            None => Seen::ALL,
            Some(names) => self.seen_by(names.iter().map(String::as_str))?,
        };
        let draft = self.chance_draft(&event.name, branches)?;
        let name = self.builder.texts.intern(&event.name);
        let id = self.next_occurrence(name);
        let (expected, from) = (*expected, layer + 1);
        let call = Call { name, id, draft, seen, at_once: true, mover: None, expected, decided: false, from };
        self.pass(from, call).map(|_| ())
    }

    /// Refuses an event of the story that has the name of an inserted one.
    pub(super) fn check_inserted(&self, event: &str) -> Result<(), Problem> {
        let inserted = |told: &ToldChange| match told.change.bare() {
            Change::Insert { event: inserted, .. } => inserted.name == event,
            _ => false,
        };
        if self.changes.iter().any(inserted) {
            return Err(Problem::new(format!(
                "`{event}` is inserted, but the story has an event of that name"
            ))
            .hint("give the inserted event a name of its own"));
        }
        Ok(())
    }

    /// A call that has passed all layers is decided.
    fn decide(&mut self, call: &Call) -> Result<Option<EventResult>, Problem> {
        self.show_late(Some(call.id))?;
        let view = self.view(call)?;
        match self.frames.get(self.position) {
            Some(frame) if frame.event != call.id => {
                return Err(not_a_function(self.builder.texts.get(call.name)));
            }
            Some(_) => {}
            None => {
                let draft = self.draft_as_told(call)?;
                self.grow(call.id, draft)?;
            }
        }
        let turned = self.turn(call.name, call.id, view, call.at_once, call.mover);
        self.show_late(None)?;
        Ok(Some(turned))
    }

    /// Whether `id` is the event of that name.
    pub(super) fn is(&self, id: EventId, event: &EventName) -> bool {
        let known = self.builder.event_of(id);
        known.occurrence == event.occurrence && self.builder.texts.get(known.name) == event.name
    }

    /// Whether a change holds, where `now` is the event that is about to be decided.
    pub(super) fn holds(&self, change: &Change, now: Option<EventId>) -> bool {
        let mut change = change;
        while let Change::If { condition, change: within } = change {
            if !self.is_met(condition, now) {
                return false;
            }
            change = within;
        }
        true
    }

    fn is_met(&self, condition: &ChangeCondition, now: Option<EventId>) -> bool {
        match condition {
            ChangeCondition::From(event) => {
                now.is_some_and(|id| self.is(id, event))
                    || self.happened.iter().any(|h| self.is(h.event, event))
            }
            ChangeCondition::Turned(events) => events.iter().all(|(event, action)| {
                let same = |value| self.builder.texts.get(value) == action;
                self.happened.iter().any(|h| same(h.value) && self.is(h.event, event))
            }),
        }
    }
}
