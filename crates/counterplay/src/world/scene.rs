//! A model made ready for replaying.

use crate::model::Model;
use crate::model::odds::LogOdds;
use crate::scenario::Record;
use crate::story::terms::EventName;
use crate::world::catalogue::{Catalogue, OutcomeIndex};
use crate::world::history::ReplayedStage;
use crate::world::keys::{AT_HAND, LuckKeys};
use crate::world::luck::{Luck, taken};
use counterplay_game::id::NodeId;
use counterplay_game::tree::event_name;
use counterplay_inference::distribution::{Concrete, Distribution};
use counterplay_inference::key::Key;

/// What holds at an ending, by numbers of the [`Catalogue`].
#[derive(Clone, Debug)]
struct NumberedEnding {
    outcomes: Vec<OutcomeIndex>,
    /// Number and distribution.
    measures: Vec<(usize, Distribution)>,
}

/// What a record says of measured quantities: the number of each, the occurrence, and the value.
#[derive(Clone, Debug, Default)]
pub struct RecordedMeasures(Vec<(usize, u32, f64)>);

impl RecordedMeasures {
    /// Those of a record, by numbers of the catalogue.
    pub fn new(record: &Record, catalogue: &Catalogue) -> Self {
        let one = |(name, value): (&String, &f64)| {
            let whole = catalogue.measure(name).map(|measure| (measure, 1, *value));
            let event = EventName::parse(name);
            whole.or_else(|| Some((catalogue.measure(&event.name)?, event.occurrence, *value)))
        };
        Self(record.measured.iter().filter_map(one).collect())
    }

    /// The value of a quantity the first time that it is measured.
    pub(crate) fn first(&self, measure: usize) -> Option<f64> {
        self.value(measure, 1)
    }

    /// Whether a quantity is recorded, whenever it is measured.
    pub(crate) fn names(&self, measure: usize) -> bool {
        self.0.iter().any(|r| r.0 == measure)
    }

    /// The value of a quantity at an occurrence.
    pub(crate) fn value(&self, measure: usize, occurrence: u32) -> Option<f64> {
        self.0.iter().find(|r| (r.0, r.1) == (measure, occurrence)).map(|r| r.2)
    }
}

/// A model made ready for replaying.
#[derive(Clone, Debug)]
pub struct Scene {
    model: Model,
    keys: LuckKeys,
    /// For each state.
    endings: Vec<Vec<NumberedEnding>>,
    /// For each measured quantity of the catalogue and its first occurrences, the key of its rank.
    measures: Vec<Vec<u64>>,
}

impl Scene {
    /// Makes a model ready; its outcomes and measures are entered in the catalogue.
    pub fn new(model: Model, catalogue: &mut Catalogue) -> Self {
        let mut endings = Vec::with_capacity(model.unfolded().states.len());
        for state in &model.unfolded().states {
            let text = |id| state.game.text(id);
            let mut of_state = Vec::with_capacity(state.endings.len());
            for ending in &state.endings {
                of_state.push(NumberedEnding {
                    outcomes: ending
                        .outcomes
                        .iter()
                        .map(|o| catalogue.intern(text(o.0), text(o.1)))
                        .collect(),
                    measures: (ending.measures.iter())
                        .map(|m| (catalogue.intern_measure(text(m.0)), m.1))
                        .collect(),
                });
            }
            endings.push(of_state);
        }
        let occurrences = if model.unfolded().has_stages() { AT_HAND } else { 1 };
        let keys = |name: &String| (1..=occurrences).map(|k| Key::of_text(&event_name(name, k))).collect();
        let measures = catalogue.measures.iter().map(keys).collect();
        Self { keys: LuckKeys::new(model.unfolded()), model, endings, measures }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The keys by which it finds luck.
    pub fn keys(&self) -> &LuckKeys {
        &self.keys
    }

    /// The outcomes that are stated at an end of the game of a state, each with its value.
    pub fn stated(&self, state: usize, end: NodeId) -> &[OutcomeIndex] {
        &self.ending(state, end).outcomes
    }

    /// The outcomes at an end of the game of the first state: of a story that ends, of all of it.
    pub fn outcomes(&self, end: NodeId) -> &[OutcomeIndex] {
        self.stated(0, end)
    }

    /// The branch that luck takes at a node of the first state.
    pub(crate) fn taken(&self, odds: &LogOdds, node: NodeId, luck: &Luck) -> usize {
        let game = self.model.game();
        let event = self.keys.event(self.keys.first_occurrence(game.event_id(node)));
        taken(odds.at(game, node), event, |branch| self.keys.label(game, 0, node, branch), luck)
    }

    /// For each outcome the value that is stated last along a history.
    pub(crate) fn last_stated(&self, history: &[ReplayedStage], outcomes: usize) -> Vec<Option<usize>> {
        let mut last = vec![None; outcomes];
        for &OutcomeIndex { outcome, value } in
            history.iter().flat_map(|step| self.stated(step.state, step.end))
        {
            last[outcome] = Some(value);
        }
        last
    }

    /// Whether an outcome has a value at the end of a history.
    pub(crate) fn ends_with(
        &self,
        history: &[ReplayedStage],
        OutcomeIndex { outcome, value }: OutcomeIndex,
    ) -> bool {
        let stated = history.iter().rev().map(|step| self.stated(step.state, step.end));
        stated.flatten().find(|o| o.outcome == outcome).is_some_and(|o| o.value == value)
    }

    fn ending(&self, state: usize, end: NodeId) -> &NumberedEnding {
        let own = &self.model.unfolded().states[state];
        match own.game.kind(end) {
            counterplay_game::tree::Kind::End(e) => &self.endings[state][own.game.end(e).tag as usize],
            counterplay_game::tree::Kind::Chance(_) | counterplay_game::tree::Kind::Decision(_) => {
                unreachable!("the node is an end")
            }
        }
    }

    /// The key of the rank of a measured quantity.
    fn measure_key(&self, catalogue: &Catalogue, measure: usize, occurrence: u32) -> u64 {
        let known = self.measures.get(measure).and_then(|keys| keys.get(occurrence as usize - 1));
        known.copied().unwrap_or_else(|| Key::of_text(&event_name(&catalogue.measures[measure], occurrence)))
    }

    /// The laws of what is measured at an end of the game of the first state, where `values` are those of its expressions: number and
    /// law.
    pub(crate) fn laws<'a>(
        &'a self,
        end: NodeId,
        values: &'a [f64],
    ) -> impl Iterator<Item = (usize, Concrete)> + 'a {
        self.laws_of(0, end, values)
    }

    /// The same at an end of the game of a state.
    pub(crate) fn laws_of<'a>(
        &'a self,
        state: usize,
        end: NodeId,
        values: &'a [f64],
    ) -> impl Iterator<Item = (usize, Concrete)> + 'a {
        self.ending(state, end).measures.iter().map(|(number, law)| (*number, law.at(values)))
    }

    /// What is measured along a history, step by step: number and value. `values` are those of the expressions of each state; `redrawn`
    /// takes the place of the luck from where the history was redrawn.
    pub fn measured(
        &self,
        catalogue: &Catalogue,
        history: &[ReplayedStage],
        values: &[Vec<f64>],
        luck: &Luck,
        redrawn: &Luck,
    ) -> Vec<Vec<(usize, f64)>> {
        if catalogue.measures.is_empty() {
            return Vec::new();
        }
        let mut counts = vec![0u32; catalogue.measures.len()];
        let of_step = |step: &ReplayedStage| {
            let now = if step.redrawn { redrawn } else { luck };
            let value = |(measure, law): &(usize, Distribution)| {
                counts[*measure] += 1;
                let rank = now.rank(self.measure_key(catalogue, *measure, counts[*measure]));
                (*measure, law.at(&values[step.state]).value_at(rank))
            };
            self.ending(step.state, step.end).measures.iter().map(value).collect()
        };
        history.iter().map(of_step).collect()
    }

    /// Luck that explains a history, given for each of its stages by the state and the end of its game, and the recorded values of
    /// measured quantities. `odds` and `values` are those of each state.
    pub fn abduct(
        &self,
        key: LuckKey,
        odds: &[LogOdds],
        values: &[Vec<f64>],
        history: &[(usize, NodeId)],
        recorded: &RecordedMeasures,
        catalogue: &Catalogue,
    ) -> Luck {
        let mut luck = Luck::fresh(key.0);
        let mut before = self.keys.nothing_before();
        let mut counts = vec![0u32; catalogue.measures.len()];
        for &(state, end) in history {
            let game = &self.model.unfolded().states[state].game;
            luck.explain_path(game, &self.keys, state, &before, &odds[state], end);
            self.keys.count(game, state, end, &mut before);
            for (measure, law) in self.ending(state, end).measures.iter().filter(|_| !recorded.0.is_empty()) {
                counts[*measure] += 1;
                if let Some(value) = recorded.value(*measure, counts[*measure]) {
                    let key = self.measure_key(catalogue, *measure, counts[*measure]);
                    let rank = law.at(&values[state]).rank_of(value, luck.within_jump(key));
                    luck.know_rank(key, rank);
                }
            }
        }
        luck
    }
}

/// A key of luck, to be passed on without looking into it.
#[derive(Clone, Copy, Debug)]
pub struct LuckKey(pub(crate) Key);

impl LuckKey {
    /// The key of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Key::new(seed))
    }

    /// Luck of which nothing is known.
    pub fn luck(self) -> Luck {
        Luck::fresh(self.0)
    }
}
