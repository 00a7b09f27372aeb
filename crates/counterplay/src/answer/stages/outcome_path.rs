//! The course of the probability of what a case is about, as the record comes to be known item by item.

use super::chain::Chain;
use super::cuts::{CutDraw, Cuts};
use super::lead_in::LeadIn;
use super::monitor::{Monitor, MonitorState};
use crate::model::odds::LogOdds;
use crate::problem::Problem;
use crate::scenario::query::{Condition, Fact, Is};
use crate::story::unfolded::Unfolded;
use crate::world::catalogue::{Catalogue, OutcomeIndex};

/// An outcome's probability, exact at each draw: given nothing, and given more and more of the record.
pub(crate) struct OutcomePath {
    chain: Chain,
    /// For each cut of the record.
    lead_ins: Vec<LeadIn>,
}

impl OutcomePath {
    /// The course of the probability that an outcome ends with a value.
    ///
    /// # Errors
    /// If too much would have to be remembered.
    pub(crate) fn new(
        unfolded: &Unfolded,
        catalogue: &Catalogue,
        OutcomeIndex { outcome, value }: OutcomeIndex,
        cuts: &Cuts,
        horizon: usize,
    ) -> Result<Self, Problem> {
        let (name, values) = &catalogue.outcomes[outcome];
        let fact = Fact { name: name.clone(), is: Is::Value(values[value].clone()) };
        let monitor = Monitor::new(unfolded, catalogue, &[&Condition::All(vec![fact])])?;
        let mut chain = Chain::new(monitor, horizon)?;
        let lead_ins = cuts
            .histories
            .iter()
            .map(|histories| LeadIn::new(histories, &mut chain))
            .collect::<Result<_, _>>()?;
        Ok(Self { chain, lead_ins })
    }

    /// The probability before anything is known.
    pub(crate) fn unknowing(&self, unfolded: &Unfolded, odds: &[LogOdds]) -> f64 {
        let values =
            self.chain.values(&self.chain.shares(unfolded, odds), &[&|m: &MonitorState| self.holds(m)]);
        values.at(Chain::START, self.chain.stages)[0]
    }

    /// The probability given each cut.
    pub(crate) fn path(&self, unfolded: &Unfolded, odds: &[LogOdds], cuts: &[CutDraw]) -> Vec<f64> {
        let values =
            self.chain.values(&self.chain.shares(unfolded, odds), &[&|m: &MonitorState| self.holds(m)]);
        let told = |(lead_in, cut): (&LeadIn, &CutDraw)| lead_in.tell(&cut.weights, &self.chain, &values)[0];
        self.lead_ins.iter().zip(cuts).map(told).collect()
    }

    fn holds(&self, memory: &MonitorState) -> bool {
        self.chain.monitor.holds(0, memory)
    }
}
