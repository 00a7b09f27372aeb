//! Explaining how a player could tell from its actions what it has not seen.

use counterplay_game::id::{InfoSetId, PlayerId, TextId};
use counterplay_game::tree::event_name;

use crate::problem::Problem;
use crate::story::telling::Telling;

impl Telling<'_> {
    /// Explains how a player could tell from its actions what it has not seen.
    pub(super) fn leak(&self, player: PlayerId, event: TextId, set: InfoSetId, now: &[TextId]) -> Problem {
        let mover = &self.players[player.index()];
        let event = self.builder.texts.get(event);
        let first = self.builder.first_member(set).map(|n| self.builder.way_to(n)).unwrap_or_default();
        let leaked = self.happened.iter().find_map(|h| {
            let other = first.iter().find(|f| f.0 == h.event).map(|f| f.1);
            (other != Some(h.value) && !h.seen.has(player)).then_some((h.event, h.name))
        });
        let list = |labels: &[TextId]| {
            let names: Vec<String> =
                labels.iter().map(|&l| format!("`{}`", self.builder.texts.get(l))).collect();
            names.join(", ")
        };
        let (before, after) = (list(self.builder.actions_of(set)), list(now));
        match leaked {
            Some((id, name)) => {
                let leaked = event_name(self.builder.texts.get(name), self.builder.event_of(id).occurrence);
                Problem::new(format!(
                    "`{mover}` moves at `{event}` without knowing `{leaked}`, yet its actions depend on it: \
                     {before} or {after}"
                ))
                .hint(format!("add \"{mover}\" to `seen_by` of `{leaked}`, or drop the `if` on it"))
            }
            None => Problem::new(format!(
                "`{mover}` has different actions at `{event}` where it knows the same: {before} or {after}"
            ))
            .hint("give the event another name where its actions differ"),
        }
    }
}
