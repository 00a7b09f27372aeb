//! Settings of the story: those with which a scenario is read, and which of them it asked for.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::values::plain::Plain;

/// The settings with which a file is read and its story told, and which of them were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    values: Vec<(String, Plain)>,
    asked: Mutex<BTreeSet<String>>,
}

impl Settings {
    pub(crate) fn new(values: Vec<(String, Plain)>) -> Self {
        Self(Arc::new(Inner { values, asked: Mutex::default() }))
    }

    /// Settings by name and value, as a scenario writes it; of two of one name the last holds.
    pub(crate) fn given(settings: &[(String, String)]) -> Self {
        let mut values: Vec<(String, Plain)> = Vec::new();
        for (name, value) in settings {
            values.retain(|v| v.0 != *name);
            values.push((name.clone(), Plain::parse(value)));
        }
        Self::new(values)
    }

    /// These settings, and those of the others that are not among them; nobody has asked for any yet.
    pub(crate) fn before(&self, others: &Self) -> Self {
        let mut values = self.0.values.clone();
        let own = |name: &str| self.0.values.iter().any(|v| v.0 == name);
        values.extend(others.0.values.iter().filter(|v| !own(&v.0)).cloned());
        Self::new(values)
    }

    /// The value of a setting, if it is not the story's own.
    pub(crate) fn ask(&self, name: &str) -> Option<&Plain> {
        let (_, value) = self.0.values.iter().find(|v| v.0 == name)?;
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if !asked.contains(name) {
            asked.insert(name.to_owned());
        }
        Some(value)
    }

    /// The settings that nobody has asked for.
    pub(crate) fn unread(&self) -> Vec<String> {
        let asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.values.iter().map(|v| v.0.clone()).filter(|name| !asked.contains(name)).collect()
    }

    /// Each as a scenario writes it.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.values.iter().map(|(name, value)| format!("{name} = {value}")).collect()
    }
}
