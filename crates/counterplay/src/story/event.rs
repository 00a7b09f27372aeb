//! The events of a story: chance, choices, and simultaneous choices.

use crate::story::terms::Choice;
mod call;
mod draft;
mod edit;
mod leak;
mod order;
mod view;

use crate::story::progress::{Call, Draft, EventResult, Frame};
use counterplay_game::expression::ExprId;
use counterplay_game::id::{EventId, PlayerId, TextId};
use counterplay_game::tree::Kind;

use crate::problem::Problem;
use crate::story::telling::{Telling, unknown_player};
use crate::story::terms::EventName;
use crate::story::terms::{EventSoFar, Seen, Share};
use crate::story::unaware::Situation;

impl Telling<'_> {
    /// Chance decides. Returns the position of the label that it falls on, or `None` if an intervention has
    /// removed the event. The position is past the end where an intervention brings about a label that the event has elsewhere; see
    /// [`last_label`](Self::last_label).
    ///
    /// # Errors
    /// If the probabilities cannot be probabilities, or a bound is met.
    pub fn chance(
        &mut self,
        event: &str,
        branches: &[(String, Share)],
        seen_by: Seen,
    ) -> Result<Option<usize>, Problem> {
        let turned = self.happen(event, seen_by, true, None, |g| g.chance_draft(event, branches))?;
        Ok(turned.map(|t| t.branch))
    }

    /// As [`chance`](Self::chance), but a label without a chance is there for an intervention to force.
    pub(crate) fn chance_with_all(
        &mut self,
        event: &str,
        branches: &[(String, Share)],
        seen_by: Seen,
    ) -> Result<Option<usize>, Problem> {
        let draft = |g: &mut Self| g.draft_with_all(event, branches);
        let turned = self.happen(event, seen_by, true, None, draft)?;
        Ok(turned.map(|t| t.branch))
    }

    /// A player decides. Returns the position of the action, or `None` if an intervention has removed the event.
    ///
    /// # Errors
    /// If the player is unknown, has no actions, or could tell from its actions what it has not seen.
    pub fn choose(
        &mut self,
        player: &str,
        event: &str,
        actions: &[String],
        seen_by: Seen,
    ) -> Result<Option<usize>, Problem> {
        let mover = self.player(player)?;
        let draft = |g: &mut Self| g.decision_draft(event, mover, actions);
        let turned = self.happen(event, seen_by, true, Some(mover), draft)?;
        Ok(turned.map(|t| t.branch))
    }

    /// Several players decide at the same time: each without seeing what the others choose.
    ///
    /// # Errors
    /// As [`choose`](Self::choose).
    pub fn together(&mut self, choices: &[Choice<'_>], seen_by: Seen) -> Result<Vec<Option<usize>>, Problem> {
        let mut taken = Vec::with_capacity(choices.len());
        let mut to_tell = Vec::with_capacity(choices.len());
        for choice in choices {
            let mover = self.player(choice.player)?;
            // Each mover learns its own move at once; the others learn it when all have moved.
            let draft = |g: &mut Self| g.decision_draft(choice.event, mover, choice.actions);
            let turned = self.happen(choice.event, seen_by, false, Some(mover), draft)?;
            taken.push(turned.map(|t| t.branch));
            to_tell.extend(turned.map(|t| (t, mover)));
        }
        for (turned, mover) in to_tell {
            let happened = self.happened[turned.index];
            self.tell(happened.name, happened.value, turned.view.where_not(happened.seen));
            self.happened[turned.index].seen = happened.seen.or(turned.view).with(mover);
        }
        Ok(taken)
    }

    fn name_of(&self, event: EventId) -> EventName {
        let event = self.builder.event_of(event);
        EventName { name: self.builder.texts.get(event.name).to_owned(), occurrence: event.occurrence }
    }

    fn tell(&mut self, event: TextId, value: TextId, seen: Seen) {
        for index in 0..self.players.len() {
            let player = PlayerId::new(index);
            if seen.has(player) {
                self.learn(player, event, value);
            }
        }
    }

    /// Lets an event happen: takes the branch of the path being told, or grows the tree by a new node. With who sees
    /// it comes whether they see it at once; if not, the mover alone learns of it for now.
    fn happen(
        &mut self,
        event: &str,
        seen: Seen,
        at_once: bool,
        mover: Option<PlayerId>,
        draft: impl FnOnce(&mut Self) -> Result<Draft, Problem>,
    ) -> Result<Option<EventResult>, Problem> {
        self.going_on()?;
        let name = self.builder.texts.intern(event);
        let id = self.next_occurrence(name);
        if self.changes.is_empty() {
            match self.frames.get(self.position) {
                Some(frame) if frame.event != id => return Err(not_a_function(event)),
                Some(_) => {}
                None => {
                    let mut draft = draft(self)?;
                    self.without_impossible(&mut draft);
                    self.grow(id, draft)?;
                }
            }
            return Ok(Some(self.turn(name, id, seen, at_once, mover)));
        }
        self.check_inserted(event)?;
        let draft = draft(self)?;
        self.pass(0, Call { name, id, draft, seen, at_once, mover, expected: true, decided: false, from: 0 })
    }

    /// Takes the branch that is being told of the event at the present position.
    fn turn(
        &mut self,
        name: TextId,
        event: EventId,
        view: Seen,
        at_once: bool,
        mover: Option<PlayerId>,
    ) -> EventResult {
        let frame = &self.frames[self.position];
        let (value, branch) = frame.kept[frame.taken];
        self.place = Some((frame.node, frame.taken));
        self.position += 1;
        self.removed_since = 0;
        let seen = if at_once { view } else { Seen::NOBODY };
        let seen = mover.map_or(seen, |m| seen.with(m));
        self.tell(name, value, seen);
        self.happened.push(EventSoFar { event, name, value, seen });
        EventResult { branch, index: self.happened.len() - 1, view }
    }

    /// The event that a call to `name` is along the present history; removed occurrences count, and what was decided
    /// before its turn does not.
    fn next_occurrence(&mut self, name: TextId) -> EventId {
        let happened = self.happened.iter().filter(|h| h.name == name).count();
        let removed = self.removed.iter().filter(|&&r| r == name).count();
        let ahead = self.ahead.iter().filter(|a| a.is_counted(name)).count();
        let occurrence =
            u32::try_from(happened + removed - ahead).expect("bounded by the limit on events") + 1;
        self.builder.event(name, occurrence)
    }

    /// Adds a node for an event that is met for the first time on this path.
    fn grow(&mut self, event: EventId, draft: Draft) -> Result<(), Problem> {
        if self.frames.len() >= self.limits.events {
            return Err(Problem::new(format!("a history has more than {} events", self.limits.events))
                .hint("raise the setting `max_events`, or end the story earlier"));
        }
        if self.builder.node_count() >= self.limits.nodes {
            return Err(Problem::new(format!("the game has more than {} nodes", self.limits.nodes))
                .hint("raise the setting `max_nodes`, or give the players coarser choices"));
        }
        let draft = match draft {
            Draft::Decision { player, actions } if self.keeping().has(player) => {
                self.kept_draft(self.builder.event_of(event).name, player, actions)?
            }
            draft => draft,
        };
        let (kind, kept) = match draft {
            Draft::Chance { branches } => {
                let labelled: Vec<(TextId, ExprId)> = branches.iter().map(|b| (b.0, b.2)).collect();
                let kept = branches.iter().map(|b| (b.0, b.1)).collect();
                (Kind::Chance(self.builder.chance(&labelled)), kept)
            }
            Draft::Decision { player, actions } => {
                let name = self.builder.event_of(event).name;
                let labels: Vec<TextId> = actions.iter().map(|a| a.0).collect();
                let knowledge = self.knowledge[player.index()];
                let set = self
                    .builder
                    .info_set(player, name, knowledge, &labels)
                    .map_err(|different| self.leak(player, name, different.set, &labels))?;
                (Kind::Decision(set), actions)
            }
        };
        let node = self.builder.add(self.place, kind, event);
        self.builder.note_views(&self.knowledge);
        if self.removed_since > 0 {
            self.after_removal.push(node);
        }
        self.frames.push(Frame { node, event, kept, taken: 0 });
        Ok(())
    }

    /// The moves of a player who keeps the rules that it had, as chance makes them; its decision, if it responds where it has none.
    fn kept_draft(
        &mut self,
        event: TextId,
        player: PlayerId,
        actions: Vec<(TextId, usize)>,
    ) -> Result<Draft, Problem> {
        let texts = &self.builder.texts;
        let sequence = self.builder.knowledge.sequence(self.knowledge[player.index()]);
        let knows =
            sequence.iter().map(|(e, v)| (texts.get(*e).to_owned(), texts.get(*v).to_owned())).collect();
        let situation = (player, texts.get(event).to_owned(), knows);
        let labels: Vec<&str> = actions.iter().map(|a| texts.get(a.0)).collect();
        let odds = self.kept.and_then(|kept| kept.at(&situation, &labels, &mut self.expressions));
        let odds = match odds {
            Some(odds) => odds,
            None if self.kept.is_some_and(|kept| kept.responding) => {
                return Ok(Draft::Decision { player, actions });
            }
            None => return Err(self.never_known(&situation)),
        };
        Ok(Draft::Chance { branches: actions.iter().zip(odds).map(|(a, odd)| (a.0, a.1, odd)).collect() })
    }

    fn never_known(&self, (player, event, knows): &Situation) -> Problem {
        let name = &self.players[player.index()];
        let knows: Vec<String> = knows.iter().map(|(e, v)| format!("`{e}` = `{v}`")).collect();
        let knowing = if knows.is_empty() { "nothing".to_owned() } else { knows.join(", ") };
        Problem::new(format!(
            "`{name}` does not foresee the change, and has no rule for `{event}` knowing {knowing}: it never knew that \
             situation"
        ))
        .hint(format!("let it foresee the change: add \"{name}\" to `foreseen_by`"))
    }
}

fn not_a_function(event: &str) -> Problem {
    Problem::new(format!("told twice along the same history, the story differs at `{event}`"))
        .hint("a story must be a function of how its events turn out: no randomness, no clock, no memory")
}

/// The player called `name`, for declarations outside a telling.
///
/// # Errors
///
/// A problem that lists the players, where `name` is none of them.
pub fn check_player(name: &str, players: &[String]) -> Result<PlayerId, Problem> {
    players.iter().position(|p| p == name).map(PlayerId::new).ok_or_else(|| unknown_player(name, players))
}
