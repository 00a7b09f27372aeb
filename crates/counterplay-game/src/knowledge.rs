//! What players know: sequences of events with their values, stored as a tree of prefixes.

use std::collections::HashMap;

use crate::id::{KnowledgeId, TextId};

/// One step of knowledge: after `before`, the player saw `event` turn out as `value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Step {
    before: KnowledgeId,
    event: TextId,
    value: TextId,
}

/// An arena of sequences of seen events, in which equal sequences have equal ids.
///
/// ```
/// use counterplay_game::knowledge::Knowledge;
/// use counterplay_game::text::Texts;
/// let (mut texts, mut knowledge) = (Texts::default(), Knowledge::default());
/// let [weather, rain, sun] = ["weather", "rain", "sun"].map(|text| texts.intern(text));
/// let wet = knowledge.after(Knowledge::nothing(), weather, rain);
/// assert_eq!(knowledge.after(Knowledge::nothing(), weather, rain), wet); // equal knowledge, one id
/// assert_ne!(knowledge.after(Knowledge::nothing(), weather, sun), wet);
/// assert_eq!(knowledge.sequence(wet), [(weather, rain)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    steps: Vec<Step>,
    ids: HashMap<Step, KnowledgeId>,
}

impl Knowledge {
    /// Knowing nothing.
    pub fn nothing() -> KnowledgeId {
        KnowledgeId::new(0)
    }

    /// What a player knows who knew `before` and then saw `event` turn out as `value`.
    pub fn after(&mut self, before: KnowledgeId, event: TextId, value: TextId) -> KnowledgeId {
        let step = Step { before, event, value };
        let next = KnowledgeId::new(self.steps.len() + 1);
        let id = *self.ids.entry(step).or_insert(next);
        if id == next {
            self.steps.push(step);
        }
        id
    }

    /// The events seen, in order, with their values.
    pub fn sequence(&self, mut id: KnowledgeId) -> Vec<(TextId, TextId)> {
        let mut sequence = Vec::new();
        while id != Self::nothing() {
            let step = self.steps[id.index() - 1];
            sequence.push((step.event, step.value));
            id = step.before;
        }
        sequence.reverse();
        sequence
    }
}
