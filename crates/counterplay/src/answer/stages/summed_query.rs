//! Queries of a world of a process, and of what it measures, summed over pairs of states.

use super::conditions::StageTarget;
use super::monitor::{MeasuredQuantity, MonitorState};
use super::world_query::WorldQuery;
use crate::answer::query::{Drawn, MeasuredLaw, WeightedAnswer, mixture_quantile, values_of_mixture};
use crate::answer::stage_sums::{Course, Followed, StageSums, mixture_mean};
use crate::world::inquiry::WorldId;
use crate::world::joint::JointWalk;

/// Values that stand for the distribution of a measured quantity at each draw.
const SAMPLES: usize = 64;

/// A query, and the world that it is asked of.
#[derive(Clone, Copy)]
pub(crate) struct StageAsk<'a> {
    pub(crate) query: &'a WorldQuery,
    pub(crate) world: WorldId,
    /// Whether what comes of the world as it was is wanted beside it.
    pub(crate) compared: bool,
}

/// What is asked, over what comes of a world beside the world as it was.
struct Summing<'q> {
    query: &'q WorldQuery,
    /// Whether the two are the same, so that what is asked of the world as it was can be asked of the other.
    same: bool,
    course: Course,
}

impl StageAsk<'_> {
    /// What one draw says; `None` where histories have to be replayed. `shift`, between 0 and 1, moves values that stand for
    /// distributions.
    pub(crate) fn summed(self, sums: &StageSums<'_>, walk: &mut JointWalk, shift: f64) -> Option<Drawn> {
        let here = self.query.summing(sums, walk, self.world)?;
        let mut drawn = Drawn {
            condition: WeightedAnswer { value: here.holding(), weight: 1.0, noise: 0.0 },
            samples: here.samples(shift),
            ..Drawn::default()
        };
        let targets = &self.query.asked.targets;
        if self.world == WorldId::FACTUAL || !self.compared {
            drawn.here = targets.iter().map(|target| here.value(target)).collect();
            return Some(drawn);
        }
        let then = self.query.summing(sums, walk, WorldId::FACTUAL)?;
        for target in targets {
            drawn.compare(here.value(target), then.value(target), 0.0);
        }
        drawn.factual_samples = then.samples(shift);
        Some(drawn)
    }
}

impl WorldQuery {
    fn summing(&self, sums: &StageSums<'_>, walk: &mut JointWalk, world: WorldId) -> Option<Summing<'_>> {
        let same = world == WorldId::FACTUAL;
        let quantities = self.quantities();
        let followed = Followed {
            first: Some(&self.monitor).filter(|_| self.asked.given.is_some() && !same),
            second: Some(&self.monitor),
            quantities: &quantities,
            ..Followed::default()
        };
        Some(Summing { query: self, same, course: sums.given_record(walk, world, followed)? })
    }

    /// The quantities whose distribution is asked for, in the order of the targets.
    fn quantities(&self) -> Vec<MeasuredQuantity> {
        let targets = self.asked.targets.iter().filter_map(|target| match target {
            StageTarget::Measured(of) => Some(*of),
            StageTarget::Holds(_) => None,
        });
        targets.chain(self.asked.sampled).collect()
    }
}

impl Summing<'_> {
    /// Whether a history counts.
    fn counts(&self, first: &MonitorState, second: &MonitorState) -> bool {
        let (asked, monitor) = (&self.query.asked, &self.query.monitor);
        let then = if self.same { second } else { first };
        asked.given.is_none_or(|given| monitor.holds(given, then))
            && asked.within.is_none_or(|within| monitor.holds(within, second))
    }

    /// The probability of the condition.
    fn holding(&self) -> f64 {
        self.course.probability(&|first, second| self.counts(first, second))
    }

    fn value(&self, target: &StageTarget) -> WeightedAnswer {
        match target {
            StageTarget::Holds(own) => {
                let both = |first: &MonitorState, second: &MonitorState| {
                    self.counts(first, second) && self.query.monitor.holds(*own, second)
                };
                let weight = self.holding();
                WeightedAnswer { value: self.course.probability(&both) / weight, weight, noise: 0.0 }
            }
            StageTarget::Measured(of) => {
                let mixture = self.mixture(*of);
                let (weight, mean) = mixture_mean(&mixture);
                let quantile = |p| mixture_quantile(&mixture, p);
                WeightedAnswer { value: self.query.asked.quantile.map_or(mean, quantile), weight, noise: 0.0 }
            }
        }
    }

    /// By which laws a quantity is measured in the histories that count.
    fn mixture(&self, of: MeasuredQuantity) -> Vec<(MeasuredLaw, f64)> {
        let place = self.query.quantities().iter().position(|q| *q == of);
        let counts = |first: &MonitorState, second: &MonitorState| self.counts(first, second);
        place.map_or_else(Vec::new, |place| self.course.measured(place, &counts))
    }

    fn samples(&self, shift: f64) -> Vec<f64> {
        let Some(of) = self.query.asked.sampled else { return Vec::new() };
        let (mut mixture, whole) = (self.mixture(of), self.holding());
        for part in &mut mixture {
            part.1 /= whole;
        }
        values_of_mixture(&mixture, SAMPLES, shift)
    }
}
