//! Queries of a what-if's world beside the world as it was, and of what is measured; and how they are answered from replays, where the two
//! worlds come out of step.

use super::conditions::{Conditions, StageTarget, conditions, sound};
use super::monitor::Monitor;
use crate::answer::query::{CaseShare, Drawn, ReplayedValue, WeightedAnswer, gated, holding};
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::story::unfolded::Unfolded;
use crate::world::catalogue::Catalogue;
use crate::world::history::{MeasuredHistory, Replayed as History};

/// The replays of a world at one draw, and what is measured in them.
#[derive(Clone, Copy)]
pub(crate) struct ReplayedWorld<'a> {
    pub(crate) replays: &'a [History],
    pub(crate) measured: &'a [MeasuredHistory],
}

/// A query of a world, or of what is measured in it.
pub(crate) struct WorldQuery {
    pub(crate) asked: Conditions,
    pub(crate) monitor: Monitor,
    /// The position of the what-if whose world it is asked of, from 1; 0 for the world as it was.
    pub(crate) world: usize,
}

impl WorldQuery {
    /// A query made ready for a sweep, whose worlds are given at each draw.
    ///
    /// # Errors
    /// If it asks for what a process does not answer.
    pub(crate) fn new(
        asked: &crate::scenario::query::ConditionalQuantity,
        scenario: &Scenario,
        unfolded: &Unfolded,
        catalogue: &Catalogue,
    ) -> Result<Self, Problem> {
        sound(asked, scenario, unfolded, catalogue)?;
        let (asked, monitor) = conditions(asked, unfolded, catalogue)?;
        Ok(Self { asked, monitor, world: 0 })
    }

    /// The first value in one world.
    pub(crate) fn first(&self, here: ReplayedWorld<'_>, factual: ReplayedWorld<'_>) -> WeightedAnswer {
        let gates = self.gates(&self.judged(factual));
        let judged = self.judged(here);
        let parts = |target| gated(self.parts(target, here, &judged), &gates);
        self.asked
            .targets
            .first()
            .map_or(WeightedAnswer::default(), |t| ReplayedValue::of(parts(t), self.asked.quantile).said)
    }

    /// What one draw says, from the histories of the world that is asked about and of the world as it was.
    pub(crate) fn draw(&self, here: ReplayedWorld<'_>, factual: ReplayedWorld<'_>) -> Drawn {
        let then = self.judged(factual);
        let gates = self.gates(&then);
        let now = if self.world == 0 { then.clone() } else { self.judged(here) };
        let parts = |target: &StageTarget, histories, judged: &[Vec<bool>]| {
            ReplayedValue::of(gated(self.parts(target, histories, judged), &gates), self.asked.quantile)
        };
        let all: Vec<CaseShare> = now.iter().map(|j| CaseShare { given: self.counts(j), of: 0.0 }).collect();
        let mut drawn = Drawn {
            condition: holding(&gated(all, &gates)),
            samples: self.samples(here, &now, &gates),
            replayed: true,
            ..Drawn::default()
        };
        for target in &self.asked.targets {
            let own = parts(target, here, &now);
            if self.world == 0 {
                drawn.here.push(own.said);
            } else {
                let before = parts(target, factual, &then);
                drawn.compare(own.said, before.said, own.noise_of_change(&before));
            }
        }
        if self.world > 0 {
            drawn.factual_samples = self.samples(factual, &then, &gates);
        }
        drawn
    }

    /// Which conditions hold in each history.
    fn judged(&self, histories: ReplayedWorld<'_>) -> Vec<Vec<bool>> {
        let both = histories.replays.iter().enumerate();
        let none = MeasuredHistory::new();
        both.map(|(k, replay)| self.monitor.judge(&replay.steps, histories.measured.get(k).unwrap_or(&none)))
            .collect()
    }

    /// Which replays count, by what held in the world as it was.
    fn gates(&self, factual: &[Vec<bool>]) -> Vec<f64> {
        let gate = |judged: &Vec<bool>| f64::from(u8::from(self.asked.given.is_none_or(|g| judged[g])));
        factual.iter().map(gate).collect()
    }

    fn counts(&self, judged: &[bool]) -> f64 {
        f64::from(u8::from(self.asked.within.is_none_or(|w| judged[w])))
    }

    fn parts(
        &self,
        target: &StageTarget,
        histories: ReplayedWorld<'_>,
        judged: &[Vec<bool>],
    ) -> Vec<CaseShare> {
        let part = |(k, judged): (usize, &Vec<bool>)| {
            let given = self.counts(judged);
            match target {
                StageTarget::Holds(own) => CaseShare { given, of: given * f64::from(u8::from(judged[*own])) },
                StageTarget::Measured(of) => match of.value(&histories.measured[k]) {
                    Some(value) => CaseShare { given, of: given * value },
                    None => CaseShare::default(),
                },
            }
        };
        judged.iter().enumerate().map(part).collect()
    }

    fn samples(&self, histories: ReplayedWorld<'_>, judged: &[Vec<bool>], gates: &[f64]) -> Vec<f64> {
        let Some(of) = self.asked.sampled else { return Vec::new() };
        let kept =
            judged.iter().zip(gates).enumerate().filter(|(_, (j, gate))| self.counts(j) * **gate > 0.0);
        kept.filter_map(|(k, _)| of.value(&histories.measured[k])).collect()
    }
}
