//! The events of a story: chance, choices, and simultaneous choices.

use counterplay_game::expression::ExprId;
use counterplay_game::id::{EventId, NodeId, PlayerId, TextId};
use counterplay_game::tree::{Kind, event_name};

use crate::change::{Change, EventName};
use crate::problem::{Problem, did_you_mean};
use crate::story::{Happened, Seen, Share, Telling, unknown_player};

/// An event on the present path through the tree, with the branch that is being told.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    node: NodeId,
    event: EventId,
    /// For each branch: its label, and its position in the list that the story gave.
    kept: Vec<(TextId, usize)>,
    pub(crate) taken: usize,
}

impl Frame {
    pub(crate) fn branches(&self) -> usize {
        self.kept.len()
    }
}

/// A choice among others that are made at the same time.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// Who decides.
    pub player: &'a str,
    /// The event's name.
    pub event: &'a str,
    /// The actions.
    pub actions: &'a [String],
}

/// Who decides at an event, and among what.
enum Draft {
    Decision { player: PlayerId, actions: Vec<(TextId, usize)> },
    Chance { branches: Vec<(TextId, usize, ExprId)> },
}

impl Telling<'_> {
    /// Chance decides. Returns the position of the label that it falls on, or `None` if an intervention has
    /// removed the event.
    ///
    /// # Errors
    /// If the probabilities cannot be probabilities, or a bound is met.
    pub fn chance(
        &mut self,
        event: &str,
        branches: &[(String, Share)],
        seen_by: Seen,
    ) -> Result<Option<usize>, Problem> {
        self.happen(event, Some(seen_by), None, |g| g.chance_draft(event, branches))
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
        self.happen(event, Some(seen_by), Some(mover), |g| g.decision_draft(event, mover, actions))
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
            taken.push(self.happen(choice.event, None, Some(mover), draft)?);
            if let (Some(_), Some(last)) = (taken.last().copied().flatten(), self.happened.last()) {
                to_tell.push((self.happened.len() - 1, *last, mover));
            }
        }
        for (index, happened, mover) in to_tell {
            let name = self.name_of(happened.event);
            let seen = self.changed_view(&name, seen_by, Some(mover))?;
            self.tell(happened.name, happened.value, seen.without(mover));
            self.happened[index].seen = seen.with(mover);
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

    /// Lets an event happen: takes the branch of the path being told, or grows the tree by a new node. Where
    /// `seen_by` is `None` the mover alone learns of it for now.
    fn happen(
        &mut self,
        event: &str,
        seen_by: Option<Seen>,
        mover: Option<PlayerId>,
        draft: impl FnOnce(&mut Self) -> Result<Draft, Problem>,
    ) -> Result<Option<usize>, Problem> {
        self.going_on()?;
        let name = self.builder.texts.intern(event);
        let id = self.next_occurrence(name);
        if !self.changes.is_empty() && self.is_removed(id) {
            self.removed.push(name);
            return Ok(None);
        }
        match self.frames.get(self.position) {
            Some(frame) if frame.event != id => return Err(not_a_function(event)),
            Some(_) => {}
            None => {
                let draft = draft(self)?;
                let draft = self.changed(id, draft)?;
                self.grow(id, draft)?;
            }
        }
        let frame = &self.frames[self.position];
        let (value, original) = frame.kept[frame.taken];
        self.place = Some((frame.node, frame.taken));
        self.position += 1;
        let seen = match seen_by {
            Some(seen) if self.changes.is_empty() => seen,
            Some(seen) => self.changed_view(&self.name_of(id), seen, mover)?,
            None => Seen::NOBODY,
        };
        let seen = mover.map_or(seen, |m| seen.with(m));
        self.tell(name, value, seen);
        self.happened.push(Happened { event: id, name, value, seen });
        Ok(Some(original))
    }

    /// The event that a call to `name` is along the present history; removed occurrences count.
    fn next_occurrence(&mut self, name: TextId) -> EventId {
        let happened = self.happened.iter().filter(|h| h.name == name).count();
        let removed = self.removed.iter().filter(|&&r| r == name).count();
        let occurrence = u32::try_from(happened + removed).expect("bounded by the limit on events") + 1;
        self.builder.event(name, occurrence)
    }

    fn is_removed(&mut self, id: EventId) -> bool {
        let event = self.name_of(id);
        let removal = |change: &Change| matches!(change, Change::Remove { .. }) && *change.event() == event;
        let Some(index) = self.changes.iter().position(removal) else { return false };
        self.changes_used[index] = true;
        true
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
        self.frames.push(Frame { node, event, kept, taken: 0 });
        Ok(())
    }

    fn decision_draft(
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

    fn chance_draft(&mut self, event: &str, branches: &[(String, Share)]) -> Result<Draft, Problem> {
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
            if self.expressions.known(probability) != Some(0.0) {
                kept.push((self.builder.texts.intern(label), index, probability));
            }
        }
        if kept.is_empty() {
            return Err(Problem::new(format!("no label of `{event}` has any probability")));
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

    fn check_probability(&self, event: &str, label: &str, probability: ExprId) -> Result<(), Problem> {
        match self.expressions.known(probability) {
            Some(p) if !(-1e-12..=1.0 + 1e-12).contains(&p) => {
                Err(Problem::new(format!("the probability of `{label}` at `{event}` is {p}"))
                    .hint("a probability lies between 0 and 1"))
            }
            _ => Ok(()),
        }
    }

    /// The draft of an event after all changes to it.
    fn changed(&mut self, id: EventId, mut draft: Draft) -> Result<Draft, Problem> {
        let event = self.name_of(id);
        for index in 0..self.changes.len() {
            let change = &self.changes[index];
            if *change.event() != event {
                continue;
            }
            self.changes_used[index] = true;
            draft = match change {
                Change::Show { .. } | Change::Hide { .. } | Change::Remove { .. } => draft,
                Change::Force { action, .. } => self.force(&event, &draft, action)?,
                Change::Forbid { action, .. } => self.forbid(&event, draft, action)?,
                Change::Rule { player, odds, .. } => self.rule(&event, &draft, player, odds)?,
            };
        }
        Ok(draft)
    }

    fn force(&mut self, event: &EventName, draft: &Draft, action: &str) -> Result<Draft, Problem> {
        let (label, original) = self.find_branch(event, draft, action)?;
        let one = self.expressions.constant(1.0);
        Ok(Draft::Chance { branches: vec![(label, original, one)] })
    }

    fn forbid(&mut self, event: &EventName, mut draft: Draft, action: &str) -> Result<Draft, Problem> {
        let (label, _) = self.find_branch(event, &draft, action)?;
        let left = match &mut draft {
            Draft::Decision { actions, .. } => {
                actions.retain(|a| a.0 != label);
                actions.len()
            }
            Draft::Chance { branches } => {
                branches.retain(|b| b.0 != label);
                self.normalise(branches);
                branches.len()
            }
        };
        if left == 0 {
            return Err(Problem::new(format!("forbidding `{action}` leaves nothing at `{event}`")));
        }
        Ok(draft)
    }

    fn normalise(&mut self, branches: &mut [(TextId, usize, ExprId)]) {
        let mut sum = self.expressions.constant(0.0);
        for branch in branches.iter() {
            sum = self.expressions.add(sum, branch.2);
        }
        for branch in branches {
            branch.2 = self.expressions.divide(branch.2, sum);
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
        let branches: Vec<(TextId, usize)> = match draft {
            Draft::Decision { actions, .. } => actions.clone(),
            Draft::Chance { branches } => branches.iter().map(|b| (b.0, b.1)).collect(),
        };
        let wanted = self.builder.texts.find(action);
        branches.iter().copied().find(|b| Some(b.0) == wanted).ok_or_else(|| {
            let labels: Vec<&str> = branches.iter().map(|b| self.builder.texts.get(b.0)).collect();
            Problem::new(format!("`{event}` cannot be `{action}`, {}", self.so_far()))
                .hint(did_you_mean(action, labels.iter().copied()))
        })
    }

    /// Who sees an event, after all changes to that.
    fn changed_view(&self, event: &EventName, seen: Seen, mover: Option<PlayerId>) -> Result<Seen, Problem> {
        let mut seen = seen;
        for change in self.changes {
            if change.event() != event {
                continue;
            }
            match change {
                Change::Show { to, .. } => {
                    for name in to {
                        seen = seen.with(self.player(name)?);
                    }
                }
                Change::Hide { from, .. } => {
                    for name in from {
                        let player = self.player(name)?;
                        if mover == Some(player) {
                            return Err(Problem::new(format!(
                                "`{name}` cannot forget its own move at `{event}`"
                            ))
                            .hint("a player always knows what it did; hide the event from others only"));
                        }
                        seen = seen.without(player);
                    }
                }
                Change::Force { .. }
                | Change::Forbid { .. }
                | Change::Rule { .. }
                | Change::Remove { .. } => {}
            }
        }
        Ok(seen)
    }

    /// Explains how a player could tell from its actions what it has not seen.
    fn leak(
        &self,
        player: PlayerId,
        event: TextId,
        set: counterplay_game::id::InfoSetId,
        now: &[TextId],
    ) -> Problem {
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
                    "`{mover}` moves at `{event}` without knowing `{leaked}`, yet its actions hang on it: \
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

fn not_a_function(event: &str) -> Problem {
    Problem::new(format!("told twice along the same history, the story differs at `{event}`"))
        .hint("a story must be a function of how its events turn out: no randomness, no clock, no memory")
}

/// Whether `name` is a player, for declarations outside a telling.
pub(crate) fn check_player(name: &str, players: &[String]) -> Result<PlayerId, Problem> {
    players.iter().position(|p| p == name).map(PlayerId::new).ok_or_else(|| unknown_player(name, players))
}
