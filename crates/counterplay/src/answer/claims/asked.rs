//! The numbers that the test of a claim asks for, with the words for them.

/// A number that the test of a claim asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AskedNumber {
    /// What it is.
    pub(crate) words: String,
    /// Its value in the draw.
    pub(crate) value: f64,
    pub(super) is_probability: bool,
    /// Whether no luck was drawn for it.
    pub(super) exact: bool,
}

/// For which numbers of a draw no luck was drawn.
#[derive(Clone, Debug)]
pub(crate) struct Exact {
    /// For the factual world and then each what-if: the probabilities of outcomes.
    pub(crate) worlds: Vec<bool>,
    /// The means of measured quantities, and what queries say. What factors carry is never taken to be.
    pub(crate) rest: bool,
}

/// What readers see the numbers as.
pub(super) mod words {
    /// `, under "name"`, or nothing for the world as it was.
    fn under_words(under: Option<&str>) -> String {
        under.map_or_else(String::new, |name| format!(", under \u{201c}{name}\u{201d}"))
    }

    pub(in super::super) fn probability(outcome: &str, value: &str, under: Option<&str>) -> String {
        format!("the probability of {outcome}: {value}{}", under_words(under))
    }

    pub(in super::super) fn mean(measure: &str, under: Option<&str>) -> String {
        format!("the mean of {measure}{}", under_words(under))
    }

    pub(in super::super) fn query(name: &str) -> String {
        format!("the query \u{201c}{name}\u{201d}")
    }

    pub(in super::super) fn shapley(factor: &str) -> String {
        format!("what \u{201c}{factor}\u{201d} carries")
    }

    pub(in super::super) fn share(factor: &str) -> String {
        format!("the share of \u{201c}{factor}\u{201d}")
    }

    pub(in super::super) fn necessity(factor: &str) -> String {
        format!("how necessary \u{201c}{factor}\u{201d} was")
    }

    pub(in super::super) fn sufficiency(factor: &str) -> String {
        format!("how sufficient \u{201c}{factor}\u{201d} was")
    }

    pub(in super::super) fn sufficiency_alone(factor: &str) -> String {
        format!("how sufficient \u{201c}{factor}\u{201d} was by itself")
    }
}
