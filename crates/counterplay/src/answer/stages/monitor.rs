//! Conditions followed along a process: what of a history so far bears on whether they hold.
//!
//! An outcome is what was stated last. An event is meant at its occurrence, counted from the beginning over all stages,
//! and so is the state in which a stage is entered: `year #2`. A measured quantity without an occurrence is what was measured
//! last.

use counterplay_game::id::{EndId, NodeId};
use counterplay_game::tree::{Game, Kind};

use crate::answer::query::{Bound, Shape};
use crate::model::demands::Vocabulary;
use crate::problem::{Problem, did_you_mean};
use crate::scenario::query::{Condition, Fact, Is};
use crate::story::terms::EventName;
use crate::story::unfolded::{State, Unfolded};
use crate::world::catalogue::{Catalogue, OutcomeIndex};
use crate::world::history::MeasuredHistory;
use crate::world::history::ReplayedStage;

/// A fact that is looked up.
#[derive(Clone, Debug, PartialEq)]
enum WatchedFact {
    /// The value of an outcome that was stated last.
    Outcome(OutcomeIndex),
    /// How an occurrence of a watched event or stage turned out.
    Turned { watched: usize, occurrence: u32, label: String },
    /// What was measured, at an occurrence or last.
    Measured(MeasuredQuantity, Bound),
}

/// A measured quantity at an occurrence, or last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MeasuredQuantity {
    measure: usize,
    occurrence: Option<u32>,
}

/// What an end of a stage does to the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// A watched event or stage comes up, and turns out as these atoms say.
    CameUp { watched: usize, as_said: u64 },
    /// Outcomes are stated: these atoms hold now, of those.
    Stated { of: u64, hold: u64 },
}

/// Histories of a stage that come to the same: they lead on to the same state, and do the same to the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// The state that follows.
    pub(crate) onward: Option<usize>,
    effects: Vec<Effect>,
}

/// The classes of a state, and for each node at which its game ends the class.
pub(crate) struct Classes {
    pub(crate) list: Vec<Class>,
    of_node: Vec<u32>,
}

impl Classes {
    /// The class of a node at which the game ends.
    pub(crate) fn of(&self, node: NodeId) -> usize {
        self.of_node[node.index()] as usize
    }
}

/// What bears on the conditions of a history so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MonitorState {
    /// How often each watched event has come up, as far as that matters.
    counts: Vec<u32>,
    /// The same of each watched quantity.
    measured: Vec<u32>,
    /// Which atoms hold.
    held: u64,
}

/// The most facts that one query can speak of.
const MOST_FACTS: usize = 64;

/// Conditions made ready to be followed along a process.
pub(crate) struct Monitor {
    atoms: Vec<WatchedFact>,
    watched: Vec<String>,
    /// For each watched name, the last occurrence that matters.
    last: Vec<u32>,
    /// The quantities that are watched at an occurrence, each with the last that matters.
    measured: Vec<(usize, u32)>,
    /// For each state.
    pub(crate) classes: Vec<Classes>,
    /// The conditions.
    pub(crate) shapes: Vec<Shape>,
}

impl Monitor {
    /// Makes conditions ready.
    ///
    /// # Errors
    /// If one speaks of what no stage has.
    pub(crate) fn new(
        unfolded: &Unfolded,
        catalogue: &Catalogue,
        conditions: &[&Condition],
    ) -> Result<Self, Problem> {
        let mut monitor = Self {
            atoms: Vec::new(),
            watched: Vec::new(),
            last: Vec::new(),
            measured: Vec::new(),
            classes: Vec::new(),
            shapes: Vec::new(),
        };
        let known = Vocabulary::of(unfolded);
        for condition in conditions {
            let shape = Shape::of(condition, &mut |fact| monitor.number(fact, &known, catalogue))?;
            monitor.shapes.push(shape);
        }
        monitor.classes =
            unfolded.states.iter().map(|told| monitor.classes(unfolded, told, catalogue)).collect();
        Ok(monitor)
    }

    fn number(
        &mut self,
        fact: &Fact,
        known: &Vocabulary<'_>,
        catalogue: &Catalogue,
    ) -> Result<usize, Problem> {
        let atom = self.atom(fact, known, catalogue)?;
        if let Some(known) = self.atoms.iter().position(|a| *a == atom) {
            return Ok(known);
        }
        if self.atoms.len() == MOST_FACTS {
            return Err(Problem::new(format!("a query can speak of {MOST_FACTS} facts at most")));
        }
        self.atoms.push(atom);
        Ok(self.atoms.len() - 1)
    }

    fn atom(
        &mut self,
        fact: &Fact,
        known: &Vocabulary<'_>,
        catalogue: &Catalogue,
    ) -> Result<WatchedFact, Problem> {
        if let Some(outcome) = catalogue.outcome(&fact.name) {
            let Is::Value(value) = &fact.is else { return Err(unbounded(&fact.name)) };
            let values = &catalogue.outcomes[outcome].1;
            let found = values.iter().position(|v| v == value);
            return found.map(|value| WatchedFact::Outcome(OutcomeIndex { outcome, value })).ok_or_else(
                || {
                    Problem::new(format!("`{}` cannot be `{value}`", fact.name))
                        .hint(did_you_mean(value, values.iter().map(String::as_str)))
                },
            );
        }
        if let Some(measured) = MeasuredQuantity::named(&fact.name, catalogue) {
            self.watch(measured);
            let bound = match &fact.is {
                Is::Above(x) => Bound::Above(*x),
                Is::Below(x) => Bound::Below(*x),
                Is::Value(value) => Bound::Equal(value.parse().map_err(|_| {
                    Problem::new(format!("`{}` is measured, and `{value}` is not a number", fact.name))
                })?),
            };
            return Ok(WatchedFact::Measured(measured, bound));
        }
        self.turned(fact, known, catalogue)
    }

    fn turned(
        &mut self,
        fact: &Fact,
        known: &Vocabulary<'_>,
        catalogue: &Catalogue,
    ) -> Result<WatchedFact, Problem> {
        let event = EventName::parse(&fact.name);
        let Some((_, possible)) = known.events.iter().find(|k| k.0 == event.name) else {
            let names = known.events.iter().map(|k| k.0).chain(known.measures.iter().copied());
            let names = names.chain(catalogue.outcomes.iter().map(|o| o.0.as_str()));
            return Err(Problem::new(format!(
                "no stage has an outcome, event or measured quantity `{}`",
                fact.name
            ))
            .hint(did_you_mean(&event.name, names)));
        };
        let Is::Value(label) = &fact.is else { return Err(unbounded(&fact.name)) };
        if !possible.contains(label) {
            return Err(Problem::new(format!("`{}` cannot be `{label}`", fact.name))
                .hint(did_you_mean(label, possible.iter().map(String::as_str))));
        }
        let at = self.watched.iter().position(|w| *w == event.name).unwrap_or_else(|| {
            self.watched.push(event.name.clone());
            self.last.push(0);
            self.watched.len() - 1
        });
        self.last[at] = self.last[at].max(event.occurrence);
        Ok(WatchedFact::Turned { watched: at, occurrence: event.occurrence, label: label.clone() })
    }

    /// Whether what is measured bears on the conditions.
    pub(crate) fn measures(&self) -> bool {
        self.atoms.iter().any(|a| matches!(a, WatchedFact::Measured(..)))
    }

    /// Counts how often a quantity is measured, if it is asked about at an occurrence.
    pub(crate) fn watch(&mut self, quantity: MeasuredQuantity) {
        let Some(occurrence) = quantity.occurrence else { return };
        match self.measured.iter_mut().find(|m| m.0 == quantity.measure) {
            Some(known) => known.1 = known.1.max(occurrence),
            None => self.measured.push((quantity.measure, occurrence)),
        }
    }

    fn classes(&self, unfolded: &Unfolded, told: &State, catalogue: &Catalogue) -> Classes {
        let game = &told.game;
        let entered = told.stage.and_then(|s| self.comes_up(&unfolded.stages[s], &told.value.to_string()));
        let mut classes = Classes { list: Vec::new(), of_node: vec![0; game.node_count()] };
        for node in game.nodes() {
            let Kind::End(end) = game.kind(node) else { continue };
            let path = game.path(node).into_iter().filter_map(|(node, branch)| {
                let name = game.text(game.event(game.event_id(node)).name);
                self.comes_up(name, game.text(game.branch_label(node, branch)))
            });
            let effects = entered.into_iter().chain(path).chain(self.stated(told, end, catalogue)).collect();
            let class = Class { onward: told.onward(node), effects };
            let at = classes.list.iter().position(|known| *known == class).unwrap_or_else(|| {
                classes.list.push(class);
                classes.list.len() - 1
            });
            classes.of_node[node.index()] = at as u32;
        }
        classes
    }

    fn comes_up(&self, name: &str, label: &str) -> Option<Effect> {
        let watched = self.watched.iter().position(|w| w == name)?;
        let says =
            |atom: &WatchedFact| matches!(atom, WatchedFact::Turned { label: own, .. } if own == label);
        Some(Effect::CameUp { watched, as_said: self.mask(&says) })
    }

    fn stated(&self, told: &State, end: EndId, catalogue: &Catalogue) -> Option<Effect> {
        let game: &Game = &told.game;
        let ending = &told.endings[game.end(end).tag as usize];
        let stated: Vec<OutcomeIndex> =
            ending.outcomes.iter().filter_map(|o| catalogue.value(game.text(o.0), game.text(o.1))).collect();
        let of = self.mask(
            &|a| matches!(a, WatchedFact::Outcome(of) if stated.iter().any(|s| s.outcome == of.outcome)),
        );
        let hold = self.mask(&|a| matches!(a, WatchedFact::Outcome(of) if stated.contains(of)));
        (of > 0).then_some(Effect::Stated { of, hold })
    }

    /// The atoms of which something is so, bit by bit.
    fn mask(&self, is: &dyn Fn(&WatchedFact) -> bool) -> u64 {
        self.atoms.iter().enumerate().filter(|a| is(a.1)).map(|a| 1 << a.0).sum()
    }

    /// What is known before anything has happened.
    pub(crate) fn start(&self) -> MonitorState {
        MonitorState { counts: vec![0; self.watched.len()], measured: vec![0; self.measured.len()], held: 0 }
    }

    /// What is known after a stage has ended as those of a class do.
    pub(crate) fn step(&self, memory: &mut MonitorState, state: usize, class: usize) {
        for effect in &self.classes[state].list[class].effects {
            match *effect {
                Effect::Stated { of, hold } => memory.held = memory.held & !of | hold,
                Effect::CameUp { watched, as_said } => {
                    let count = (memory.counts[watched] + 1).min(self.last[watched] + 1);
                    memory.counts[watched] = count;
                    let now = |a: &WatchedFact| {
                        matches!(a, WatchedFact::Turned { watched: w, occurrence, .. }
                            if *w == watched && *occurrence == count)
                    };
                    memory.held |= self.mask(&now) & as_said;
                }
            }
        }
    }

    /// Whether a condition holds.
    pub(crate) fn holds(&self, condition: usize, memory: &MonitorState) -> bool {
        self.shapes[condition].holds(&|atom| memory.held >> atom & 1 == 1)
    }

    /// Whether it matters how often a quantity has been measured.
    pub(crate) fn counts(&self, measure: usize) -> bool {
        self.measured.iter().any(|m| m.0 == measure)
    }

    /// How often a quantity has been measured, as far as that matters; 0 if it does not.
    fn times(&self, measure: usize, memory: &MonitorState) -> u32 {
        self.measured.iter().position(|m| m.0 == measure).map_or(0, |at| memory.measured[at])
    }

    /// What is known after a quantity has been measured.
    pub(crate) fn measure(&self, memory: &mut MonitorState, measure: usize, value: f64) {
        if let Some(at) = self.measured.iter().position(|m| m.0 == measure) {
            memory.measured[at] = (memory.measured[at] + 1).min(self.measured[at].1 + 1);
        }
        let times = self.times(measure, memory);
        let now = |of: &MeasuredQuantity| of.measure == measure && of.occurrence.is_none_or(|k| k == times);
        let of = self.mask(&|a| matches!(a, WatchedFact::Measured(of, _) if now(of)));
        let hold =
            self.mask(&|a| matches!(a, WatchedFact::Measured(of, bound) if now(of) && bound.holds(value)));
        memory.held = memory.held & !of | hold;
    }

    /// The numbers that a quantity is compared with when it is measured next, sorted.
    pub(crate) fn cuts(&self, memory: &MonitorState, measure: usize) -> Vec<f64> {
        let next = self.times(measure, memory) + 1;
        let of = |atom: &WatchedFact| match atom {
            WatchedFact::Measured(of, bound) if of.measure == measure => {
                of.occurrence.is_none_or(|k| k == next).then(|| bound.at())
            }
            _ => None,
        };
        let mut cuts: Vec<f64> = self.atoms.iter().filter_map(of).collect();
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        cuts
    }

    /// Whether a quantity that has just been measured is the one that is meant.
    pub(crate) fn is_meant(&self, memory: &MonitorState, quantity: MeasuredQuantity) -> bool {
        quantity.occurrence.is_none_or(|k| k == self.times(quantity.measure, memory))
    }

    /// Which conditions hold of a whole history.
    pub(crate) fn judge(&self, history: &[ReplayedStage], measured: &MeasuredHistory) -> Vec<bool> {
        let mut memory = self.start();
        for (stage, step) in history.iter().enumerate() {
            self.step(&mut memory, step.state, self.classes[step.state].of(step.end));
            for &(measure, value) in measured.get(stage).into_iter().flatten() {
                self.measure(&mut memory, measure, value);
            }
        }
        (0..self.shapes.len()).map(|condition| self.holds(condition, &memory)).collect()
    }
}

impl MeasuredQuantity {
    /// A quantity as it is measured last.
    pub(crate) fn last(measure: usize) -> Self {
        Self { measure, occurrence: None }
    }

    /// The number of what is measured.
    pub(crate) fn measure(self) -> usize {
        self.measure
    }

    /// The quantity of a name, `tests` or `tests #3`; `None` if none is measured under it.
    pub(crate) fn named(name: &str, catalogue: &Catalogue) -> Option<Self> {
        if let Some(measure) = catalogue.measure(name) {
            return Some(Self { measure, occurrence: None });
        }
        let event = EventName::parse(name);
        let occurrence = (event.name != name).then_some(event.occurrence);
        catalogue.measure(&event.name).map(|measure| Self { measure, occurrence })
    }

    /// Its value in a history.
    pub(crate) fn value(self, measured: &MeasuredHistory) -> Option<f64> {
        let mut own = measured.iter().flatten().filter(|m| m.0 == self.measure).map(|m| m.1);
        match self.occurrence {
            None => own.next_back(),
            Some(occurrence) => own.nth(occurrence as usize - 1),
        }
    }
}

fn unbounded(name: &str) -> Problem {
    Problem::new(format!("`{name}` is bounded, but it is not a measured quantity"))
        .hint("`above` and `below` are for what `g.measure` measures; else name the value")
}
