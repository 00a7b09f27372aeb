//! What a record demands of a story: how events turned out, in which states stages were entered, what was measured.

use std::collections::HashMap;

use counterplay_inference::distribution::Distribution;

use crate::model::recorded::demands;
use crate::problem::{Problem, did_you_mean};
use crate::scenario::Record;
use crate::story::terms::EventName;
use crate::story::unfolded::Unfolded;

/// What is recorded, by name: events and stages first, then measured quantities.
pub(crate) struct Demands {
    names: Vec<String>,
    /// For each name of an event or a stage, what each occurrence turned out as.
    values: Vec<HashMap<u32, String>>,
    measures: Vec<String>,
    /// For each measured quantity, the value of each occurrence.
    numbers: Vec<HashMap<u32, f64>>,
    /// For each name, the last occurrence that is recorded.
    last: Vec<u32>,
    /// How much is recorded in all.
    total: usize,
}

/// How often what is recorded has come up, and how much of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Counts {
    come_up: Vec<u32>,
    met: usize,
}

impl Demands {
    pub(crate) fn new(record: &Record) -> Self {
        let mut demands = Self {
            names: Vec::new(),
            values: Vec::new(),
            measures: Vec::new(),
            numbers: Vec::new(),
            last: Vec::new(),
            total: record.events.len() + record.measured.len(),
        };
        let mut last = Vec::new();
        for (event, action) in &record.events {
            let at = position(&mut demands.names, &event.name);
            demands.values.resize_with(demands.names.len(), HashMap::new);
            last.resize(demands.names.len(), 0);
            demands.values[at].insert(event.occurrence, action.clone());
            last[at] = event.occurrence.max(last[at]);
        }
        demands.last = last;
        let mut last = Vec::new();
        for (name, value) in &record.measured {
            let event = EventName::parse(name);
            let at = position(&mut demands.measures, &event.name);
            demands.numbers.resize_with(demands.measures.len(), HashMap::new);
            last.resize(demands.measures.len(), 0);
            demands.numbers[at].insert(event.occurrence, *value);
            last[at] = event.occurrence.max(last[at]);
        }
        demands.last.extend(last);
        demands
    }

    /// Counts of what is recorded, before anything has come up.
    pub(crate) fn none(&self) -> Counts {
        Counts { come_up: vec![0; self.last.len()], met: 0 }
    }

    /// The position of an event or a stage that is recorded.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// The event or stage at a position comes up for the `occurrence`-th time since `base` was counted: counts it, and gives what it
    /// is recorded to have turned out as. That is taken to be met.
    pub(crate) fn come_up(
        &self,
        at: usize,
        base: &Counts,
        occurrence: u32,
        counts: &mut Counts,
    ) -> Option<&str> {
        self.count(at, base.come_up[at] + occurrence, counts);
        let wanted = self.values[at].get(&counts.come_up[at]);
        counts.met += usize::from(wanted.is_some());
        wanted.map(String::as_str)
    }

    /// The distributions of what is recorded among the measured quantities of an end, each with the value that is recorded of it; counts
    /// them.
    pub(crate) fn measured_at<'b>(
        &self,
        measures: impl Iterator<Item = (&'b str, Distribution)>,
        counts: &mut Counts,
    ) -> Vec<(Distribution, f64)> {
        measures.filter_map(|(name, law)| Some((law, self.measured(name, counts)?))).collect()
    }

    /// Counts one more occurrence of a measured quantity; the value that is recorded of it.
    fn measured(&self, name: &str, counts: &mut Counts) -> Option<f64> {
        let own = self.measures.iter().position(|n| n == name)?;
        let at = self.names.len() + own;
        self.count(at, counts.come_up[at] + 1, counts);
        let value = self.numbers[own].get(&counts.come_up[at]).copied();
        counts.met += usize::from(value.is_some());
        value
    }

    /// What has come up more often than anything is recorded of it need not be counted further.
    fn count(&self, at: usize, count: u32, counts: &mut Counts) {
        counts.come_up[at] = count.min(self.last[at] + 1);
    }

    /// Whether all that is recorded has come up.
    pub(crate) fn met(&self, counts: &Counts) -> bool {
        counts.met == self.total
    }

    /// Every recorded name must be that of an event, a stage or a measured quantity, and every value one that it can have.
    ///
    /// # Errors
    /// The first that is not.
    pub(crate) fn check(&self, unfolded: &Unfolded, record: &Record) -> Result<(), Problem> {
        if unfolded.has_stages() {
            self.check_stages(unfolded)
        } else {
            demands(unfolded.game(), record).map(|_| ())
        }
    }

    fn check_stages(&self, unfolded: &Unfolded) -> Result<(), Problem> {
        let known = Vocabulary::of(unfolded);
        for (name, values) in self.names.iter().zip(&self.values) {
            let Some((_, possible)) = known.events.iter().find(|k| k.0 == name) else {
                return Err(Problem::new(format!("the record names `{name}`, which no stage has"))
                    .hint(did_you_mean(name, known.events.iter().map(|k| k.0))));
            };
            let mut wrong: Vec<&String> = values.values().filter(|v| !possible.contains(v)).collect();
            wrong.sort();
            if let Some(value) = wrong.first() {
                return Err(Problem::new(format!("`{name}` cannot be `{value}`"))
                    .hint(did_you_mean(value, possible.iter().map(String::as_str))));
            }
        }
        let missing = self.measures.iter().find(|name| !known.measures.contains(&name.as_str()));
        missing.map_or(Ok(()), |name| {
            Err(Problem::new(format!("the record measures `{name}`, which no stage measures"))
                .hint(did_you_mean(name, known.measures.iter().copied())))
        })
    }
}

/// The position of a name, entered if it is new.
fn position(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|n| n == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// What the stages have.
pub(crate) struct Vocabulary<'a> {
    /// Events and stages, with the values that they can have somewhere.
    pub(crate) events: Vec<(&'a str, Vec<String>)>,
    pub(crate) measures: Vec<&'a str>,
}

impl<'a> Vocabulary<'a> {
    pub(crate) fn of(unfolded: &'a Unfolded) -> Self {
        let mut known = Self { events: Vec::new(), measures: Vec::new() };
        for state in &unfolded.states {
            let game = &state.game;
            if let Some(stage) = state.stage {
                known.note(&unfolded.stages[stage], state.value.to_string());
            }
            for node in game.nodes().filter(|&n| game.child_count(n) > 0) {
                let event = game.event_id(node);
                for label in game.labels(node) {
                    known.note(game.text(game.event(event).name), game.text(label).to_owned());
                }
            }
            for (name, _) in state.endings.iter().flat_map(|e| &e.measures) {
                if !known.measures.contains(&game.text(*name)) {
                    known.measures.push(game.text(*name));
                }
            }
        }
        known
    }

    fn note(&mut self, name: &'a str, value: String) {
        let at = self.events.iter().position(|k| k.0 == name).unwrap_or_else(|| {
            self.events.push((name, Vec::new()));
            self.events.len() - 1
        });
        if !self.events[at].1.contains(&value) {
            self.events[at].1.push(value);
        }
    }
}
