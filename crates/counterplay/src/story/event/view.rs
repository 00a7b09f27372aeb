//! Who sees an event, after all changes to that.

use counterplay_game::id::{EventId, PlayerId};

use crate::problem::Problem;
use crate::story::change::Change;
use crate::story::progress::Call;
use crate::story::telling::Telling;
use crate::story::terms::Seen;

impl Telling<'_> {
    /// Who sees the event of a call. A player who keeps the rules that it had sees what these rules speak of.
    pub(super) fn view(&mut self, call: &Call) -> Result<Seen, Problem> {
        let keeping = self.keeping();
        let (mut seen, mut as_expected) = (call.seen, call.seen);
        let changes = self.changes;
        for (layer, told) in changes.iter().enumerate() {
            let (Change::Show { event, .. } | Change::Hide { event, .. }) = told.change.bare() else {
                continue;
            };
            if !self.is(call.id, event) || !self.holds(&told.change, Some(call.id)) {
                continue;
            }
            self.changes_used[layer] = true;
            if told.expected {
                as_expected = self.seen_after(&told.change, as_expected, call.mover)?;
            } else {
                self.check_unexpected(&told.change, as_expected)?;
            }
            seen = self.seen_after(&told.change, seen, call.mover)?;
        }
        if !call.expected {
            as_expected = Seen::NOBODY;
        }
        Ok(seen.where_not(keeping).or(as_expected.and(keeping)))
    }

    /// The players who keep the rules that they had.
    pub(super) fn keeping(&self) -> Seen {
        self.kept.map_or(Seen::NOBODY, |kept| kept.keeping)
    }

    fn seen_after(&self, change: &Change, seen: Seen, mover: Option<PlayerId>) -> Result<Seen, Problem> {
        match change.bare() {
            Change::Show { to, .. } => Ok(seen.or(self.seen_by(to.iter().map(String::as_str))?)),
            Change::Hide { event, from } => {
                let from = self.seen_by(from.iter().map(String::as_str))?;
                match mover.filter(|m| from.has(*m)) {
                    None => Ok(seen.where_not(from)),
                    Some(mover) => {
                        let name = &self.players[mover.index()];
                        Err(Problem::new(format!("`{name}` cannot forget its own move at `{event}`"))
                            .hint("a player always knows what it did; hide the event from others only"))
                    }
                }
            }
            _ => Ok(seen),
        }
    }

    /// Refuses to hide an event from a player whose kept rules need it.
    fn check_unexpected(&self, change: &Change, expected: Seen) -> Result<(), Problem> {
        let Change::Hide { event, from } = change.bare() else { return Ok(()) };
        for name in from {
            let player = self.player(name)?;
            if self.keeping().has(player) && expected.has(player) {
                return Err(Problem::new(format!(
                    "`{event}` is hidden from `{name}`, who does not foresee it and whose rules need it"
                ))
                .hint(format!("let it foresee the change: add \"{name}\" to `foreseen_by`")));
            }
        }
        Ok(())
    }

    /// Shows what has happened already to those whom a change shows it from now on, because its condition has come
    /// true only now.
    pub(super) fn show_late(&mut self, now: Option<EventId>) -> Result<(), Problem> {
        let changes = self.changes;
        for (layer, told) in changes.iter().enumerate() {
            let (Change::If { .. }, Change::Show { event, to }) = (&told.change, told.change.bare()) else {
                continue;
            };
            let Some(index) = self.happened.iter().position(|h| self.is(h.event, event)) else { continue };
            if !self.holds(&told.change, now) {
                continue;
            }
            self.changes_used[layer] = true;
            let mut to = self.seen_by(to.iter().map(String::as_str))?;
            if !told.expected {
                to = to.where_not(self.keeping());
            }
            let happened = self.happened[index];
            self.tell(happened.name, happened.value, to.where_not(happened.seen));
            self.happened[index].seen = happened.seen.or(to);
        }
        Ok(())
    }
}
