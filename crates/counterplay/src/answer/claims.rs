//! Claims, tested in every posterior draw.

use crate::answer::attribution::FactorDraw;
use crate::answer::query::{Drawn, QueryDraw};
use crate::problem::{Problem, did_you_mean};
use crate::scenario::query::known_query;
use crate::scenario::{DrawAnswers, Scenario};
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
        let OutcomeIndex { outcome, value } = self.outcome(outcome, value)?;
        Ok(self.probabilities[self.world(under)?][outcome][value])
    }

    fn mean(&self, measure: &str, under: Option<&str>) -> Result<f64, Problem> {
        let index = self.catalogue.measure(measure).ok_or_else(|| {
            Problem::new(format!("the story measures no `{measure}`"))
                .hint(did_you_mean(measure, self.catalogue.measures.iter().map(String::as_str)))
        })?;
        Ok(self.means[self.world(under)?][index])
    }

    fn query(&self, name: &str) -> Result<f64, Problem> {
        let index = known_query(self.scenario, name)?;
        Ok(self.queries.said[index].as_ref().map_or(f64::NAN, Drawn::first))
    }

    fn shapley(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(draw.shapley[index].value)
    }

    fn share(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        let total: f64 = draw.shapley.iter().map(|s| s.value).sum();
        Ok(if total == 0.0 { 0.0 } else { draw.shapley[index].value / total })
    }

    fn necessity(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(draw.necessity[index])
    }

    fn sufficiency(&self, factor: &str, outcome: &str, value: &str) -> Result<f64, Problem> {
        let (index, draw) = self.factor(factor, outcome, value)?;
        Ok(draw.sufficiency[index])
    }
}
