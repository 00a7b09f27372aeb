//! Claims, tested in every posterior draw.

use std::cell::RefCell;

use counterplay_analysis::Scale;

use crate::answer::attribution::FactorDraw;
use crate::answer::query::{Drawn, QueryDraw};
use crate::problem::{Problem, did_you_mean};
use crate::scenario::query::known_query;
use crate::scenario::{Claim, DrawAnswers, Scenario};
use crate::world::catalogue::{Catalogue, OutcomeIndex};

/// The answers of one draw, by the names of the scenario.
pub(crate) struct NamedAnswers<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) catalogue: &'a Catalogue,
    /// For the factual world and then each what-if: the probability of each value of each outcome.
    pub(crate) probabilities: &'a [Vec<Vec<f64>>],
    /// For the factual world and then each what-if: the mean of each measured quantity.
    pub(crate) means: &'a [Vec<f64>],
    /// What the draw says of the factors of each outcome asked about.
    pub(crate) factors: &'a [(OutcomeIndex, FactorDraw)],
    /// What the draw says to each query.
    pub(crate) queries: &'a QueryDraw,
    /// What the test of a claim has asked for so far.
    asked: RefCell<Vec<AskedNumber>>,
}

/// What one draw says of a claim.
#[derive(Clone, Debug)]
pub(crate) struct ClaimDraw {
    /// Whether it holds.
    pub(crate) holds: Result<bool, Problem>,
    /// The probability that it is about: the one number that its test asks for, if that is a probability.
    pub(crate) about: Option<AskedNumber>,
}

/// A number that the test of a claim asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AskedNumber {
    /// What it is.
    pub(crate) words: String,
    /// Its value in the draw.
    pub(crate) value: f64,
    is_probability: bool,
}

impl<'a> NamedAnswers<'a> {
    /// The answers of one draw; the arguments are the fields of the same names.
    pub(crate) fn new(
        scenario: &'a Scenario,
        catalogue: &'a Catalogue,
        (probabilities, means): (&'a [Vec<Vec<f64>>], &'a [Vec<f64>]),
        factors: &'a [(OutcomeIndex, FactorDraw)],
        queries: &'a QueryDraw,
    ) -> Self {
        Self { scenario, catalogue, probabilities, means, factors, queries, asked: RefCell::default() }
    }

    /// Tests a claim.
    pub(crate) fn test(&self, claim: &Claim) -> ClaimDraw {
        self.asked.borrow_mut().clear();
        let holds = claim.test.holds(self);
        let mut asked = self.asked.borrow_mut();
        asked.dedup();
        let about = if asked.len() == 1 { asked.pop().filter(|a| a.is_probability) } else { None };
        ClaimDraw { holds, about }
    }

    fn note(&self, words: String, value: f64, is_probability: bool) -> f64 {
        self.asked.borrow_mut().push(AskedNumber { words, value, is_probability });
        value
    }
}

/// `, under "name"`, or nothing for the world as it was.
fn under_words(under: Option<&str>) -> String {
    under.map_or_else(String::new, |name| format!(", under \u{201c}{name}\u{201d}"))
}

impl NamedAnswers<'_> {
    fn world(&self, under: Option<&str>) -> Result<usize, Problem> {
        let Some(name) = under else { return Ok(0) };
        let questions = &self.scenario.questions;
        questions.iter().position(|q| q.name == name).map(|k| k + 1).ok_or_else(|| {
            Problem::new(format!("there is no what-if `{name}`"))
                .hint(did_you_mean(name, questions.iter().map(|q| q.name.as_str())))
        })
    }

    fn outcome(&self, outcome: &str, value: &str) -> Result<OutcomeIndex, Problem> {
        self.catalogue.value(outcome, value).ok_or_else(|| {
            let names: Vec<String> = self
                .catalogue
                .outcomes
                .iter()
                .flat_map(|o| o.1.iter().map(move |v| format!("{} = {v}", o.0)))
                .collect();
            let asked = format!("{outcome} = {value}");
            Problem::new(format!("the story has no outcome `{asked}`"))
                .hint(did_you_mean(&asked, names.iter().map(String::as_str)))
        })
    }

    fn factor(&self, factor: &str, outcome: &str, value: &str) -> Result<(usize, &FactorDraw), Problem> {
        let factors = &self.scenario.factors;
        let index = factors.iter().position(|f| f.name == factor).ok_or_else(|| {
            Problem::new(format!("there is no factor `{factor}`"))
                .hint(did_you_mean(factor, factors.iter().map(|f| f.name.as_str())))
        })?;
        let wanted = self.outcome(outcome, value)?;
        let draw = self.factors.iter().find(|f| f.0 == wanted).map(|f| &f.1);
        let draw = draw.ok_or_else(|| {
            Problem::new(format!("the factors of `{outcome}` = `{value}` were not weighed"))
        })?;
        Ok((index, draw))
    }
}

impl DrawAnswers for NamedAnswers<'_> {
    fn probability(&self, outcome: &str, value: &str, under: Option<&str>) -> Result<f64, Problem> {
        let words = format!("the probability of {outcome}: {value}{}", under_words(under));
        let OutcomeIndex { outcome, value } = self.outcome(outcome, value)?;
        Ok(self.note(words, self.probabilities[self.world(under)?][outcome][value], true))
    }

    fn mean(&self, measure: &str, under: Option<&str>) -> Result<f64, Problem> {
        let index = self.catalogue.measure(measure).ok_or_else(|| {
            Problem::new(format!("the story measures no `{measure}`"))
                .hint(did_you_mean(measure, self.catalogue.measures.iter().map(String::as_str)))
        })?;
        Ok(self.note(
            format!("the mean of {measure}{}", under_words(under)),
            self.means[self.world(under)?][index],
            false,
        ))
    }

    fn query(&self, name: &str) -> Result<f64, Problem> {
        let index = known_query(self.scenario, name)?;
        let value = self.queries.said[index].as_ref().map_or(f64::NAN, Drawn::first);
        let scale = self.scenario.queries[index].asked.quantity.scale();
        Ok(self.note(format!("the query \u{201c}{name}\u{201d}"), value, scale == Scale::Probability))
    }

    fn shapley(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(self.note(format!("what \u{201c}{factor}\u{201d} carries"), draw.shapley[index].value, false))
    }

    fn share(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        let total: f64 = draw.shapley.iter().map(|s| s.value).sum();
        let share = if total == 0.0 { 0.0 } else { draw.shapley[index].value / total };
        Ok(self.note(format!("the share of \u{201c}{factor}\u{201d}"), share, false))
    }

    fn necessity(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(self.note(format!("how necessary \u{201c}{factor}\u{201d} was"), draw.necessity[index], true))
    }

    fn sufficiency(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(self.note(format!("how sufficient \u{201c}{factor}\u{201d} was"), draw.sufficiency[index], true))
    }

    fn sufficiency_alone(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        let words = format!("how sufficient “{factor}” was by itself");
        Ok(self.note(words, draw.sufficiency_alone[index], true))
    }
}
