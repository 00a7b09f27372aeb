//! Claims, tested in every posterior draw.

mod asked;
mod by_construction;

use std::cell::RefCell;

use counterplay_analysis::Scale;

use crate::answer::attribution::FactorDraw;
use crate::answer::claims::asked::words;
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
    /// Which of these, and of what queries say, no luck was drawn for.
    exact: Exact,
    /// What the draw says of the factors of each outcome asked about.
    pub(crate) factors: &'a [(OutcomeIndex, FactorDraw)],
    /// What the draw says to each query.
    pub(crate) queries: &'a QueryDraw,
    /// What the test of a claim has asked for so far.
    asked: RefCell<Vec<AskedNumber>>,
}

pub(crate) use asked::{AskedNumber, Exact};
pub(crate) use by_construction::{claim_by_construction, settled};

/// What one draw says of a claim.
#[derive(Clone, Debug)]
pub(crate) struct ClaimDraw {
    /// Whether it holds.
    pub(crate) holds: Result<bool, Problem>,
    /// The numbers that its test asks for.
    asked: Vec<AskedNumber>,
}

impl ClaimDraw {
    /// The probability that it is about: the one number that its test asks for, if that is a probability.
    pub(crate) fn about(&self) -> Option<&AskedNumber> {
        self.asked.first().filter(|first| self.asked.len() == 1 && first.is_probability)
    }
}

impl<'a> NamedAnswers<'a> {
    /// The answers of one draw; the arguments are the fields of the same names.
    pub(crate) fn new(
        scenario: &'a Scenario,
        catalogue: &'a Catalogue,
        (probabilities, means): (&'a [Vec<Vec<f64>>], &'a [Vec<f64>]),
        exact: Exact,
        factors: &'a [(OutcomeIndex, FactorDraw)],
        queries: &'a QueryDraw,
    ) -> Self {
        Self { scenario, catalogue, probabilities, means, exact, factors, queries, asked: RefCell::default() }
    }

    /// Tests a claim.
    pub(crate) fn test(&self, claim: &Claim) -> ClaimDraw {
        self.asked.borrow_mut().clear();
        let holds = claim.test.holds(self);
        let mut asked = self.asked.borrow_mut();
        asked.dedup();
        ClaimDraw { holds, asked: std::mem::take(&mut *asked) }
    }

    fn note(&self, words: String, value: f64, is_probability: bool, exact: bool) -> f64 {
        self.asked.borrow_mut().push(AskedNumber { words, value, is_probability, exact });
        value
    }
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
        let words = words::probability(outcome, value, under);
        let OutcomeIndex { outcome, value } = self.outcome(outcome, value)?;
        let world = self.world(under)?;
        Ok(self.note(words, self.probabilities[world][outcome][value], true, self.exact.worlds[world]))
    }

    fn mean(&self, measure: &str, under: Option<&str>) -> Result<f64, Problem> {
        let index = self.catalogue.measure(measure).ok_or_else(|| {
            Problem::new(format!("the story measures no `{measure}`"))
                .hint(did_you_mean(measure, self.catalogue.measures.iter().map(String::as_str)))
        })?;
        let value = self.means[self.world(under)?][index];
        Ok(self.note(words::mean(measure, under), value, false, self.exact.rest))
    }

    fn query(&self, name: &str) -> Result<f64, Problem> {
        let index = known_query(self.scenario, name)?;
        let value = self.queries.said[index].as_ref().map_or(f64::NAN, Drawn::first);
        let scale = self.scenario.queries[index].asked.quantity.scale();
        Ok(self.note(words::query(name), value, scale == Scale::Probability, self.exact.rest))
    }

    fn shapley(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(self.note(words::shapley(factor), draw.shapley[index].value, false, false))
    }

    fn share(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        let total: f64 = draw.shapley.iter().map(|s| s.value).sum();
        let share = if total == 0.0 { 0.0 } else { draw.shapley[index].value / total };
        Ok(self.note(words::share(factor), share, false, false))
    }

    fn necessity(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(self.note(words::necessity(factor), draw.necessity[index], true, false))
    }

    fn sufficiency(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(self.note(words::sufficiency(factor), draw.sufficiency[index], true, false))
    }

    fn sufficiency_alone(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(self.note(words::sufficiency_alone(factor), draw.sufficiency_alone[index], true, false))
    }
}
