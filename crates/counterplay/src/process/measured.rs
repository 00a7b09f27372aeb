//! Quantities that are measured along a process: their values under given luck, and luck behind recorded values.
//!
//! Luck is keyed by the quantity and its occurrence, counted over all stages from the beginning: the third `missile tests` has
//! the same rank in every world, in its own distribution there.

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Kind, event_name};

use super::Process;
use super::replay::Step;
use crate::scenario::Record;
use crate::story::terms::EventName;
use crate::world::Catalogue;
use crate::world::luck::Luck;
use counterplay_inference::distribution::{Concrete, Distribution};
use counterplay_inference::key::Key;

/// How many occurrences have their keys at hand.
const AT_HAND: u32 = 64;

/// So many histories of a draw stand for all where their values are kept one by one.
const KEPT: usize = 16;

/// For each ending of a state, each measured quantity there with its law.
type LawsOfState<T> = Vec<Vec<(usize, T)>>;

/// The same for each state.
type Laws<T> = Vec<LawsOfState<T>>;

/// The measured quantities of a process.
pub(super) struct Measures {
    laws: Laws<Distribution>,
    names: Vec<String>,
    /// For each quantity and its first occurrences, the key of its luck.
    keys: Vec<Vec<u64>>,
}

/// The laws of all measured quantities in one world at one draw.
pub(super) struct LawsAt(Laws<Concrete>);

/// What is measured in a history: for each stage, the numbers of quantities and their values.
pub(super) type MeasuredHistory = Vec<Vec<(usize, f64)>>;

/// What histories measure in one stage of one quantity.
#[derive(Clone, Debug, Default)]
pub(super) struct MeasuredStage {
    /// The share of histories that measure it.
    pub(super) share: f64,
    /// The mean of what they measure.
    pub(super) mean: f64,
    /// Values from the first of the histories.
    pub(super) some: Vec<f64>,
}

impl Measures {
    /// The quantities that stages measure, entered into the catalogue.
    pub(super) fn new(process: &Process, catalogue: &mut Catalogue) -> Self {
        let of_state = |told: &super::StateTold| {
            let text = |id| told.unfolded.game.text(id);
            let one =
                |m: &(_, Distribution), catalogue: &mut Catalogue| (catalogue.intern_measure(text(m.0)), m.1);
            let endings = told.unfolded.endings.iter();
            endings.map(|e| e.measures.iter().map(|m| one(m, catalogue)).collect()).collect()
        };
        let laws = process.states.iter().map(of_state).collect();
        let names = catalogue.measures.clone();
        let keys = |name: &String| (1..=AT_HAND).map(|k| Key::of_text(&event_name(name, k))).collect();
        Self { laws, keys: names.iter().map(keys).collect(), names }
    }

    /// The laws where the expressions of each state have these values.
    pub(super) fn at(&self, values: &[Vec<f64>]) -> LawsAt {
        let of_state = |(laws, values): (&LawsOfState<Distribution>, &Vec<f64>)| {
            laws.iter().map(|e| e.iter().map(|(m, law)| (*m, law.at(values))).collect()).collect()
        };
        if self.names.is_empty() {
            return LawsAt(Vec::new());
        }
        LawsAt(self.laws.iter().zip(values).map(of_state).collect())
    }

    fn key(&self, measure: usize, occurrence: u32) -> u64 {
        let known = self.keys[measure].get(occurrence as usize - 1);
        known.copied().unwrap_or_else(|| Key::of_text(&event_name(&self.names[measure], occurrence)))
    }

    /// What is measured along a history: with `anew` from where luck was thrown anew, with `luck` before.
    pub(super) fn along(
        &self,
        process: &Process,
        laws: &LawsAt,
        history: &[Step],
        luck: &Luck,
        anew: &Luck,
    ) -> MeasuredHistory {
        if self.names.is_empty() {
            return Vec::new();
        }
        let mut counts = vec![0u32; self.names.len()];
        let of_step = |step: &Step| {
            let now = if step.thrown_anew { anew } else { luck };
            let value = |(measure, law): &(usize, Concrete)| {
                counts[*measure] += 1;
                (*measure, law.value_at(now.rank(self.key(*measure, counts[*measure]))))
            };
            laws.of_end(process, step.state, step.end).iter().map(value).collect()
        };
        history.iter().map(of_step).collect()
    }

    /// Lets luck know the ranks of what is recorded to have been measured on the way.
    pub(super) fn know(
        &self,
        process: &Process,
        laws: &LawsAt,
        record: &Record,
        way: &[(usize, NodeId)],
        luck: &mut Luck,
    ) {
        let mut counts = vec![0u32; self.names.len()];
        let recorded: Vec<(EventName, f64)> =
            record.measured.iter().map(|(name, x)| (EventName::parse(name), *x)).collect();
        for &(state, end) in way.iter().filter(|_| !recorded.is_empty()) {
            for (measure, law) in laws.of_end(process, state, end) {
                counts[*measure] += 1;
                let (name, occurrence) = (&self.names[*measure], counts[*measure]);
                let value = recorded.iter().find(|r| r.0.name == *name && r.0.occurrence == occurrence);
                if let Some((_, value)) = value {
                    let key = self.key(*measure, occurrence);
                    luck.know_rank(key, law.rank_of(*value, luck.within_jump(key)));
                }
            }
        }
    }

    /// For each quantity, the values that histories measure last.
    pub(super) fn last(&self, measured: &[MeasuredHistory]) -> Vec<Vec<f64>> {
        let mut all = vec![Vec::new(); self.names.len()];
        for history in measured {
            let mut last = vec![None; self.names.len()];
            for &(measure, value) in history.iter().flatten() {
                last[measure] = Some(value);
            }
            for (values, value) in all.iter_mut().zip(last) {
                values.extend(value);
            }
        }
        all
    }

    /// For each stage and each quantity, what the histories measure.
    pub(super) fn by_stage(&self, stages: usize, measured: &[MeasuredHistory]) -> Vec<Vec<MeasuredStage>> {
        let mut all = vec![vec![MeasuredStage::default(); self.names.len()]; stages];
        for (index, history) in measured.iter().enumerate() {
            for (stage, values) in all.iter_mut().zip(history) {
                for &(measure, value) in values {
                    let own = &mut stage[measure];
                    own.share += 1.0;
                    own.mean += value;
                    own.some.extend((index < KEPT).then_some(value));
                }
            }
        }
        for own in all.iter_mut().flatten() {
            own.mean /= own.share;
            own.share /= measured.len().max(1) as f64;
        }
        all
    }
}

impl LawsAt {
    fn of_end(&self, process: &Process, state: usize, end: NodeId) -> &[(usize, Concrete)] {
        let game = &process.states[state].unfolded.game;
        match (self.0.get(state), game.kind(end)) {
            (Some(laws), Kind::End(e)) => &laws[game.end(e).tag as usize],
            _ => &[],
        }
    }
}
