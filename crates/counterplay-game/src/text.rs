//! Texts stored once: names of events, actions and labels.

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
