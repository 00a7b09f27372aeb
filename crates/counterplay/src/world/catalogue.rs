//! The outcomes and measured quantities of all worlds, each by a number.

/// The outcomes and measured quantities of all worlds, each by a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// Each outcome with its values.
    pub outcomes: Vec<(String, Vec<String>)>,
    /// The measured quantities.
    pub measures: Vec<String>,
}

/// A value of an outcome, by the positions of both in the [`Catalogue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutcomeIndex {
    /// The outcome.
    pub outcome: usize,
    /// The value, among those of the outcome.
    pub value: usize,
}

impl Catalogue {
    /// The number of an outcome.
    pub fn outcome(&self, name: &str) -> Option<usize> {
        self.outcomes.iter().position(|o| o.0 == name)
    }

    /// The numbers of an outcome and one of its values.
    pub fn value(&self, outcome: &str, value: &str) -> Option<OutcomeIndex> {
        let outcome = self.outcome(outcome)?;
        let value = self.outcomes[outcome].1.iter().position(|v| v == value)?;
        Some(OutcomeIndex { outcome, value })
    }

    /// The number of a measured quantity.
    pub fn measure(&self, name: &str) -> Option<usize> {
        self.measures.iter().position(|m| m == name)
    }

    pub(crate) fn intern(&mut self, outcome: &str, value: &str) -> OutcomeIndex {
        let outcome = self.outcome(outcome).unwrap_or_else(|| {
            self.outcomes.push((outcome.to_owned(), Vec::new()));
            self.outcomes.len() - 1
        });
        let values = &mut self.outcomes[outcome].1;
        let value = values.iter().position(|v| v == value).unwrap_or_else(|| {
            values.push(value.to_owned());
            values.len() - 1
        });
        OutcomeIndex { outcome, value }
    }

    pub(crate) fn intern_measure(&mut self, name: &str) -> usize {
        self.measure(name).unwrap_or_else(|| {
            self.measures.push(name.to_owned());
            self.measures.len() - 1
        })
    }
}
