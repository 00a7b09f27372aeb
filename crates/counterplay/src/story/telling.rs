//! Telling a story along every history, and unfolding it into a game.
//!
//! A [`Story`] tells itself once, along one history, to a [`Telling`] that answers each event. Unfolding runs
//! it again and again, each time taking the next untaken branch depth first, until every history is told.

use crate::problem::{Place, Problem, did_you_mean};
use crate::story::change::{Change, ToldChange};
use crate::story::labels::EventLabels;
use crate::story::limits::Limits;
use crate::story::progress::{Ahead, Frame, Lookahead, Looking};
use crate::story::state::Next;
use crate::story::state::StateValue;
use crate::story::terms::EventName;
use crate::story::terms::EventSoFar;
use crate::story::terms::Seen;
use crate::story::unaware::KeptRules;
use crate::story::unfolded::Ending;
use counterplay_game::build::TreeBuilder;
use counterplay_game::expression::{ExprId, Expressions};
use counterplay_game::id::{EventId, KnowledgeId, NodeId, PlayerId, TextId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Kind};
use counterplay_inference::distribution::Distribution;
use std::collections::{BTreeSet, HashMap};

/// A story that can be told along any history.
pub trait Story: Sync {
    /// Tells the story once, asking `g` how each event turns out. It must be a function of those answers.
    ///
    /// # Errors
    /// What is wrong with the story, for its author.
    fn tell(&self, g: &mut Telling<'_>) -> Result<(), Problem>;

    /// Where the story tells of an event of this name, if that is known.
    fn place_of(&self, event: &str) -> Option<Place> {
        let _ = event;
        None
    }

    /// Settings that the story was given and has not asked for so far.
    fn unread_settings(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<F: Fn(&mut Telling<'_>) -> Result<(), Problem> + Sync> Story for F {
    fn tell(&self, g: &mut Telling<'_>) -> Result<(), Problem> {
        self(g)
    }
}

/// The telling of a story along one history: what a scenario calls `g`.
pub struct Telling<'a> {
    /// The quantities of the scenario; a story may make new ones.
    pub expressions: Expressions,
    pub(crate) builder: TreeBuilder,
    pub(crate) players: Vec<String>,
    pub(crate) changes: &'a [ToldChange],
    pub(crate) changes_used: Vec<bool>,
    /// The rules of those who do not know of all changes.
    pub(crate) kept: Option<&'a KeptRules>,
    /// The first of the parameters that stand for the parameters as they were, if they stand apart.
    pub(crate) as_were: Option<usize>,
    /// The labels that an intervention can bring about where the story does not have them.
    pub(crate) labels: Option<&'a EventLabels>,
    /// The labels that chance events are given without any probability: event and label.
    pub(crate) impossible: BTreeSet<(TextId, TextId)>,
    /// Quantities after a change of a parameter.
    pub(crate) revalued: HashMap<(usize, ExprId), ExprId>,
    /// What was computed of votes before.
    pub(crate) vote_chances: crate::story::vote::VoteChances,
    pub(crate) lookaheads: Vec<Lookahead>,
    pub(crate) looking: Vec<Looking>,
    pub(crate) ahead: Vec<Ahead>,
    /// Whether this telling was given up, to be told again.
    pub(crate) given_up: bool,
    pub(crate) limits: Limits,
    pub(crate) frames: Vec<Frame>,
    pub(crate) position: usize,
    pub(crate) place: Option<(NodeId, usize)>,
    pub(crate) knowledge: Vec<KnowledgeId>,
    pub(crate) happened: Vec<EventSoFar>,
    pub(crate) removed: Vec<TextId>,
    /// How many events were removed since the last that was decided.
    pub(crate) removed_since: usize,
    /// The nodes before which, after the event before them, an event was removed.
    pub(crate) after_removal: Vec<NodeId>,
    payoffs: Vec<ExprId>,
    paid: bool,
    ended: bool,
    outcomes: Vec<(TextId, TextId)>,
    measures: Vec<(TextId, Distribution)>,
    /// The names of the stages that it can hand over to.
    stages: &'a [String],
    next: Option<Next>,
    pub(super) endings: Vec<Ending>,
    ending_tags: HashMap<Ending, u32>,
}

/// How a story is told otherwise than it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Retelling<'a> {
    /// The changes to it, in order.
    pub changes: &'a [ToldChange],
    /// The rules of players who do not know of all changes.
    pub kept: Option<&'a KeptRules>,
    /// Where the parameters as they were stand apart from the parameters as they are now: the first of the parameters
    /// that stand for them.
    pub as_were: Option<usize>,
    /// The labels that an intervention can bring about where the story does not have them: those of chance events of the story as
    /// it is.
    pub labels: Option<&'a EventLabels>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(
        stages: &'a [String],
        players: &[String],
        expressions: Expressions,
        how: Retelling<'a>,
        limits: Limits,
    ) -> Self {
        Self {
            expressions,
            builder: TreeBuilder::new(players.to_vec()),
            players: players.to_vec(),
            changes: how.changes,
            changes_used: vec![false; how.changes.len()],
            kept: how.kept,
            as_were: how.as_were,
            labels: how.labels,
            impossible: BTreeSet::new(),
            revalued: HashMap::new(),
            vote_chances: HashMap::new(),
            lookaheads: Vec::new(),
            looking: Vec::new(),
            ahead: Vec::new(),
            given_up: false,
            limits,
            frames: Vec::new(),
            position: 0,
            place: None,
            knowledge: Vec::new(),
            happened: Vec::new(),
            removed: Vec::new(),
            removed_since: 0,
            after_removal: Vec::new(),
            payoffs: Vec::new(),
            paid: false,
            ended: false,
            outcomes: Vec::new(),
            measures: Vec::new(),
            stages,
            next: None,
            endings: Vec::new(),
            ending_tags: HashMap::new(),
        }
    }

    pub(super) fn begin_history(&mut self) {
        let zero = self.expressions.constant(0.0);
        self.position = 0;
        self.place = None;
        self.knowledge.clear();
        self.knowledge.resize(self.players.len(), Knowledge::nothing());
        self.happened.clear();
        self.removed.clear();
        self.removed_since = 0;
        self.looking.clear();
        self.ahead.clear();
        self.given_up = false;
        self.payoffs.clear();
        self.payoffs.resize(self.players.len(), zero);
        (self.paid, self.ended) = (false, false);
        self.outcomes.clear();
        self.measures.clear();
        self.next = None;
    }

    /// What the last event turned out as: of a chance event whose position is past the end of the labels that it was given, the label
    /// that an intervention brings about all the same.
    pub fn last_label(&self) -> Option<&str> {
        self.happened.last().map(|event| self.builder.texts.get(event.value))
    }

    /// The names of the players.
    pub fn players(&self) -> &[String] {
        &self.players
    }

    /// The player of that name.
    ///
    /// # Errors
    /// If there is none.
    pub fn player(&self, name: &str) -> Result<PlayerId, Problem> {
        let found = self.players.iter().position(|p| p == name).map(PlayerId::new);
        found.ok_or_else(|| unknown_player(name, &self.players))
    }

    /// The set of the players of these names.
    ///
    /// # Errors
    /// If one is unknown.
    pub fn seen_by<'b>(&self, names: impl Iterator<Item = &'b str>) -> Result<Seen, Problem> {
        let mut seen = Seen::NOBODY;
        for name in names {
            seen = seen.with(self.player(name)?);
        }
        Ok(seen)
    }

    /// These players now see what `event` turned out as.
    ///
    /// # Errors
    /// If the event has not happened.
    pub fn reveal(&mut self, event: &str, to: Seen) -> Result<(), Problem> {
        self.going_on()?;
        self.check_not_looking(&format!("`{event}` is revealed first"))?;
        let known = self.builder.texts.find(event);
        let Some(index) = self.happened.iter().rposition(|h| Some(h.name) == known) else {
            let hint = if self.stages.is_empty() {
                "an event can be revealed only after the call that decides it"
            } else {
                "a stage knows of what happened since its state was entered; what is to be known later goes into the state"
            };
            return Err(Problem::new(format!("`{event}` is revealed but has not happened yet")).hint(hint));
        };
        let happened = self.happened[index];
        for index in 0..self.players.len() {
            let player = PlayerId::new(index);
            if to.has(player) && !happened.seen.has(player) {
                self.learn(player, happened.name, happened.value);
            }
        }
        self.happened[index].seen = Seen(happened.seen.0 | to.0);
        Ok(())
    }

    pub(crate) fn learn(&mut self, player: PlayerId, event: TextId, value: TextId) {
        let before = self.knowledge[player.index()];
        self.knowledge[player.index()] = self.builder.knowledge.after(before, event, value);
    }

    /// Adds to a player's payoff.
    ///
    /// # Errors
    /// If the player is unknown or the history has ended.
    pub fn pay(&mut self, player: &str, amount: ExprId) -> Result<(), Problem> {
        self.going_on()?;
        let player = self.player(player)?.index();
        let amount = self.as_told(amount);
        self.payoffs[player] = self.expressions.add(self.payoffs[player], amount);
        self.paid = true;
        Ok(())
    }

    /// States a named fact of how it went.
    ///
    /// # Errors
    /// If the history has ended or the fact was stated before with another value.
    pub fn outcome(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        self.going_on()?;
        let (name_id, value_id) = (self.builder.texts.intern(name), self.builder.texts.intern(value));
        match self.outcomes.iter().find(|o| o.0 == name_id) {
            None => self.outcomes.push((name_id, value_id)),
            Some(o) if o.1 == value_id => {}
            Some(o) => {
                let first = self.builder.texts.get(o.1);
                return Err(Problem::new(format!("the outcome `{name}` is `{first}` and then `{value}`"))
                    .hint("an outcome is stated once along a history; put the condition before the call"));
            }
        }
        Ok(())
    }

    /// A quantity that is drawn at the end of the history.
    ///
    /// # Errors
    /// If the history has ended or the quantity was measured before.
    pub fn measure(&mut self, name: &str, distribution: Distribution) -> Result<(), Problem> {
        self.going_on()?;
        let name_id = self.builder.texts.intern(name);
        if self.measures.iter().any(|m| m.0 == name_id) {
            return Err(Problem::new(format!("`{name}` is measured twice along one history")));
        }
        let distribution = distribution.map(|argument| self.as_told(argument));
        self.measures.push((name_id, distribution));
        Ok(())
    }

    /// Ends the history.
    ///
    /// # Errors
    /// If it has ended already.
    pub fn end(&mut self) -> Result<(), Problem> {
        self.going_on()?;
        self.ended = true;
        Ok(())
    }

    /// Ends the telling of this stage, and hands over to a stage in a state. What is paid there counts for `discount` of
    /// itself here.
    ///
    /// # Errors
    /// If the history has ended already, there is no such stage, or the discount cannot be one.
    pub fn next(&mut self, stage: &str, state: StateValue, discount: ExprId) -> Result<(), Problem> {
        self.going_on()?;
        let Some(stage) = self.stages.iter().position(|s| s == stage) else {
            let hint = if self.stages.is_empty() {
                format!("declare it: `stage(\"{stage}\", {stage})`, after `def {stage}(g, state):`")
            } else {
                did_you_mean(stage, self.stages.iter().map(String::as_str))
            };
            return Err(Problem::new(format!("there is no stage `{stage}`")).hint(hint));
        };
        match self.expressions.known(discount) {
            Some(d) if !(0.0..=1.0).contains(&d) => {
                return Err(Problem::new(format!("the discount is {d}")).hint(
                    "it says what a payoff in the next stage counts for in this one: between 0 and 1",
                ));
            }
            _ => {}
        }
        self.next = Some(Next { stage, state, discount });
        self.ended = true;
        Ok(())
    }

    pub(crate) fn going_on(&self) -> Result<(), Problem> {
        if self.next.is_some() {
            return Err(Problem::new("the story goes on after `g.next`")
                .hint("write `return g.next(...)`, so that nothing follows it"));
        }
        if self.ended {
            return Err(Problem::new("the story goes on after `g.end`")
                .hint("write `return g.end(...)`, so that nothing follows it"));
        }
        Ok(())
    }

    /// The present history as a sentence part: `offer` = `high`, `answer` = `no`.
    pub(crate) fn so_far(&self) -> String {
        let steps: Vec<String> = self
            .happened
            .iter()
            .map(|h| {
                let event = self.builder.event_of(h.event);
                let name =
                    counterplay_game::tree::event_name(self.builder.texts.get(h.name), event.occurrence);
                format!("`{name}` = `{}`", self.builder.texts.get(h.value))
            })
            .collect();
        if steps.is_empty() { "before any event".into() } else { format!("along {}", steps.join(", ")) }
    }

    /// Adds the end of the present history to the tree.
    pub(super) fn finish_history(&mut self) -> Result<(), Problem> {
        self.check_not_looking("the story ends")?;
        if !self.paid && self.next.is_none() {
            return Err(Problem::new(format!("a history ends without payoffs, {}", self.so_far()))
                .hint("give them with `g.end(payoffs = {...})` or `g.pay(player, amount)`"));
        }
        let ending = Ending {
            outcomes: self.outcomes.clone(),
            measures: self.measures.clone(),
            next: self.next.clone(),
        };
        let next = u32::try_from(self.endings.len()).expect("fewer than 2^32 endings");
        let tag = *self.ending_tags.entry(ending.clone()).or_insert(next);
        if tag == next {
            self.endings.push(ending);
        }
        let end = self.builder.end(End { payoffs: self.payoffs.clone(), tag });
        self.builder.add(self.place, Kind::End(end), EventId::new(0));
        self.builder.note_views(&self.knowledge);
        Ok(())
    }

    /// Steps to the next untaken branch, deepest first; `false` when all are taken.
    pub(super) fn step(&mut self) -> bool {
        while let Some(last) = self.frames.last_mut() {
            last.taken += 1;
            if last.taken < last.branches() {
                // What was found out below the branch that is left does not hold for the next one.
                let depth = self.frames.len();
                self.lookaheads.retain(|l| l.position < depth);
                return true;
            }
            self.frames.pop();
        }
        false
    }

    pub(super) fn check_changes_used(&self) -> Result<(), Problem> {
        let unused = self.changes.iter().zip(&self.changes_used).find(|(_, used)| !**used);
        unused.map_or(Ok(()), |(told, _)| Err(self.unused(&told.change)))
    }

    fn unused(&self, change: &Change) -> Problem {
        let names: Vec<&str> = self.builder.events().iter().map(|e| self.builder.texts.get(e.name)).collect();
        let conditions = change.conditions();
        let beside = match change.bare() {
            Change::Insert { beside, .. } => Some(beside.event()),
            Change::Swap { second, .. } => Some(second),
            _ => None,
        };
        let own = if matches!(change.bare(), Change::Insert { .. }) { None } else { change.event() };
        let on = conditions.iter().flat_map(|c| c.events());
        let all: Vec<&EventName> = own.into_iter().chain(beside).chain(on).collect();
        if let Some(event) = all.iter().find(|e| !names.contains(&e.name.as_str())) {
            return Problem::new(format!("the story has no event `{event}`"))
                .hint(did_you_mean(&event.name, names.iter().copied()));
        }
        let Some(event) = beside.or(change.event()).filter(|_| conditions.is_empty()) else {
            let event = beside.or(change.event());
            let what = event.map_or("a change of a parameter".to_owned(), |e| format!("a change at `{e}`"));
            return Problem::new(format!("the condition of {what} never holds when it should"))
                .hint("a condition must be met before the event that it is for is decided");
        };
        Problem::new(format!("`{event}` never occurs with what is asked of it"))
            .hint("check the action's name, and which occurrence of the event is meant")
    }
}

pub(crate) fn unknown_player(name: &str, players: &[String]) -> Problem {
    Problem::new(format!("there is no player `{name}`"))
        .hint(did_you_mean(name, players.iter().map(String::as_str)))
}

/// A story that can be told in any state, along any history.
pub trait StageStory: Sync {
    /// As [`Story::tell`], in `state`.
    ///
    /// # Errors
    /// What is wrong with the story, for its author.
    fn tell(&self, g: &mut Telling<'_>, state: &StateValue) -> Result<(), Problem>;
}

impl<F: Fn(&mut Telling<'_>, &StateValue) -> Result<(), Problem> + Sync> StageStory for F {
    fn tell(&self, g: &mut Telling<'_>, state: &StateValue) -> Result<(), Problem> {
        self(g, state)
    }
}
