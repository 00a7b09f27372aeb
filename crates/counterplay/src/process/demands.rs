//! What a record demands of a process: how events turned out, in which states stages were entered, what was measured.

use std::collections::HashMap;

use super::Process;
use crate::problem::{Problem, did_you_mean};
use crate::scenario::Record;
use crate::story::terms::EventName;

/// What is recorded, by name: events and stages first, then measured quantities.
pub(super) struct Demands {
    names: Vec<String>,
    /// For each name of an event or a stage, what each occurrence turned out as.
    values: Vec<HashMap<u32, String>>,
    measures: Vec<String>,
    /// For each measured quantity, the value of each occurrence.
    numbers: Vec<HashMap<u32, f64>>,
    /// For each name, the last occurrence that is recorded.
    last: Vec<u32>,
}

impl Demands {
    pub(super) fn new(record: &Record) -> Self {
        let mut demands = Self {
            names: Vec::new(),
            values: Vec::new(),
            measures: Vec::new(),
            numbers: Vec::new(),
            last: Vec::new(),
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
    pub(super) fn none(&self) -> Vec<u32> {
        vec![0; self.last.len()]
    }

    /// The position of an event or a stage that is recorded.
    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// Counts one more occurrence of the event or stage at a position; what it is recorded to have turned out as.
    pub(super) fn come_up(&self, at: usize, counts: &mut [u32]) -> Option<&str> {
        self.count(at, counts);
        self.values[at].get(&counts[at]).map(String::as_str)
    }

    /// Counts one more occurrence of a measured quantity; the value that is recorded of it.
    pub(super) fn measured(&self, name: &str, counts: &mut [u32]) -> Option<f64> {
        let at = self.measures.iter().position(|n| n == name)?;
        self.count(self.names.len() + at, counts);
        self.numbers[at].get(&counts[self.names.len() + at]).copied()
    }

    /// What has come up more often than anything is recorded of it need not be counted further.
    fn count(&self, at: usize, counts: &mut [u32]) {
        counts[at] = (counts[at] + 1).min(self.last[at] + 1);
    }

    /// Whether all that is recorded has come up.
    pub(super) fn met(&self, counts: &[u32]) -> bool {
        counts.iter().zip(&self.last).all(|(count, last)| count >= last)
    }

    /// Every recorded name must be that of an event, a stage or a measured quantity, and every value one that it can have.
    ///
    /// # Errors
    /// The first that is not.
    pub(super) fn check(&self, process: &Process) -> Result<(), Problem> {
        let known = Known::of(process);
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
pub(super) struct Known<'a> {
    /// Events and stages, with the values that they can have somewhere.
    pub(super) events: Vec<(&'a str, Vec<String>)>,
    pub(super) measures: Vec<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) fn of(process: &'a Process) -> Self {
        let mut known = Self { events: Vec::new(), measures: Vec::new() };
        for told in &process.states {
            let game = &told.unfolded.game;
            if let Some(stage) = told.stage {
                known.note(&process.stages[stage], told.state.to_string());
            }
            for node in game.nodes().filter(|&n| game.child_count(n) > 0) {
                let event = game.event_id(node);
                for label in game.labels(node) {
                    known.note(game.text(game.event(event).name), game.text(label).to_owned());
                }
            }
            for (name, _) in told.unfolded.endings.iter().flat_map(|e| &e.measures) {
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
