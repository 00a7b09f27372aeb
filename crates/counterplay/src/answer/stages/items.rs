//! What a record tells, item by item, in the order in which it came about.

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};

use crate::model::demands::Vocabulary;
use crate::problem::{Problem, did_you_mean};
use crate::scenario::Record;
use crate::story::terms::EventName;
use crate::story::unfolded::Unfolded;

/// One thing that a record tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    /// The event, the stage or the measured quantity, and which occurrence of it.
    pub(crate) name: EventName,
    /// Who decided; `None` for chance, states and measured quantities.
    pub(crate) player: Option<String>,
    /// How it turned out.
    pub(crate) action: String,
    /// Whether it is a measured quantity.
    pub(crate) measured: bool,
}

/// An occurrence of an event, a stage or a measured quantity.
struct CameUp {
    name: EventName,
    measured: bool,
    /// How many recorded items came before.
    before: usize,
}

/// What comes up along a way through a process, in order, and what the record tells of it.
pub(crate) struct Items {
    /// Everything that comes up.
    came_up: Vec<CameUp>,
    /// What is recorded.
    pub(crate) recorded: Vec<Item>,
}

impl Items {
    /// What the record tells along a way that agrees with it.
    pub(crate) fn along(unfolded: &Unfolded, record: &Record, way: &[(usize, NodeId)]) -> Self {
        let mut items = Self { came_up: Vec::new(), recorded: Vec::new() };
        for &(state, end) in way {
            let told = &unfolded.states[state];
            let game: &Game = &told.game;
            for (node, branch) in game.path(end) {
                let player = match game.kind(node) {
                    Kind::Decision(set) => Some(game.players()[game.info_set(set).player.index()].clone()),
                    Kind::Chance(_) | Kind::End(_) => None,
                };
                let label = game.text(game.branch_label(node, branch));
                items.come_up(record, game.text(game.event(game.event_id(node)).name), player, label);
            }
            for (name, _) in told.ending(end).into_iter().flat_map(|e| &e.measures) {
                items.measure(record, game.text(*name));
            }
            let next = told.onward(end).map(|next| &unfolded.states[next]);
            if let Some((stage, next)) = next.and_then(|next| Some((next.stage?, next))) {
                items.come_up(record, &unfolded.stages[stage], None, &next.value.to_string());
            }
        }
        items
    }

    /// Notes that something comes up; which occurrence it is.
    fn note(&mut self, name: &str, measured: bool) -> EventName {
        let same = |c: &&CameUp| c.measured == measured && c.name.name == name;
        let occurrence = self.came_up.iter().filter(same).count() as u32 + 1;
        let name = EventName { name: name.to_owned(), occurrence };
        self.came_up.push(CameUp { name: name.clone(), measured, before: self.recorded.len() });
        name
    }

    fn come_up(&mut self, record: &Record, name: &str, player: Option<String>, label: &str) {
        let name = self.note(name, false);
        if record.events.iter().any(|e| e.0 == name) {
            self.recorded.push(Item { name, player, action: label.to_owned(), measured: false });
        }
    }

    fn measure(&mut self, record: &Record, name: &str) {
        let name = self.note(name, true);
        let value = record.measured.iter().find(|m| EventName::parse(m.0) == name);
        if let Some((_, value)) = value {
            self.recorded.push(Item { name, player: None, action: value.to_string(), measured: true });
        }
    }

    /// How many items of the record are known right before an event or stage comes up; all of them if that comes later
    /// than what is recorded.
    ///
    /// # Errors
    /// If no stage has it.
    pub(crate) fn known_before(&self, unfolded: &Unfolded, event: &EventName) -> Result<usize, Problem> {
        if let Some(found) = self.came_up.iter().find(|c| !c.measured && c.name == *event) {
            return Ok(found.before);
        }
        let known = Vocabulary::of(unfolded);
        let names = || known.events.iter().map(|k| k.0);
        if names().any(|name| name == event.name) {
            return Ok(self.recorded.len());
        }
        Err(Problem::new(format!("no stage has an event `{}`", event.name))
            .hint(did_you_mean(&event.name, names())))
    }

    /// The record of the first items alone.
    pub(crate) fn cut(&self, record: &Record, known: usize) -> Record {
        let kept = |name: &EventName| self.recorded[..known].iter().any(|i| i.name == *name);
        Record {
            events: record.events.iter().filter(|e| kept(&e.0)).cloned().collect(),
            measured: (record.measured.iter())
                .filter(|m| kept(&EventName::parse(m.0)))
                .map(|(name, value)| (name.clone(), *value))
                .collect(),
            place: record.place.clone(),
        }
    }
}
