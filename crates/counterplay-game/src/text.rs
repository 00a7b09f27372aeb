//! Texts stored once: names of events, actions and labels; labels told apart.

use std::collections::HashMap;

use crate::id::TextId;

/// An arena of distinct texts.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    texts: Vec<String>,
    ids: HashMap<String, TextId>,
}

impl Texts {
    /// The id of `text`, stored now if it is new.
    pub fn intern(&mut self, text: &str) -> TextId {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = TextId::new(self.texts.len());
        self.texts.push(text.to_owned());
        self.ids.insert(text.to_owned(), id);
        id
    }

    /// The id of `text` if it is stored.
    pub fn find(&self, text: &str) -> Option<TextId> {
        self.ids.get(text).copied()
    }

    /// All texts, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// The text of `id`.
    pub fn get(&self, id: TextId) -> &str {
        &self.texts[id.index()]
    }
}

/// Labels by which branches can be told apart: what is empty or met before is numbered, `l`, `l` as `l_1`, `l_2`.
pub(crate) fn distinct_labels<'a>(labels: impl Iterator<Item = &'a str>) -> Vec<String> {
    let labels: Vec<_> = labels.collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for label in &labels {
        *counts.entry(label).or_default() += 1;
    }
    let clear = |label: &str| !label.is_empty() && counts.get(label) == Some(&1);
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut numbered = |label| {
        let number = numbers.entry(label).or_default();
        loop {
            *number += 1;
            let name = format!("{label}_{number}");
            if !counts.contains_key(name.as_str()) {
                return name;
            }
        }
    };
    labels.iter().map(|&label| if clear(label) { label.to_owned() } else { numbered(label) }).collect()
}
