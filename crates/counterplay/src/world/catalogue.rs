//! The outcomes and measured quantities of all worlds, each by a number.

/// The outcomes and measured quantities of all worlds, each by a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// Each outcome with its values.
    pub outcomes: Vec<(String, Vec<String>)>,
    /// The measured quantities.
    pub measures: Vec<String>,
}

impl Catalogue {
    /// The number of an outcome.
    pub fn outcome(&self, name: &str) -> Option<usize> {
        self.outcomes.iter().position(|o| o.0 == name)
    }

    /// The numbers of an outcome and one of its values.
    pub fn value(&self, outcome: &str, value: &str) -> Option<(usize, usize)> {
        let index = self.outcome(outcome)?;
        Some((index, self.outcomes[index].1.iter().position(|v| v == value)?))
    }

    /// The number of a measured quantity.
    pub fn measure(&self, name: &str) -> Option<usize> {
        self.measures.iter().position(|m| m == name)
    }

    pub(crate) fn intern(&mut self, outcome: &str, value: &str) -> (usize, usize) {
        let index = self.outcome(outcome).unwrap_or_else(|| {
            self.outcomes.push((outcome.to_owned(), Vec::new()));
            self.outcomes.len() - 1
        });
        let values = &mut self.outcomes[index].1;
        let position = values.iter().position(|v| v == value).unwrap_or_else(|| {
            values.push(value.to_owned());
            values.len() - 1
        });
        (index, position)
    }

    pub(crate) fn intern_measure(&mut self, name: &str) -> usize {
        self.measure(name).unwrap_or_else(|| {
            self.measures.push(name.to_owned());
            self.measures.len() - 1
        })
    }
}
