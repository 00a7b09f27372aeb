//! How much of an outcome each factor carries, and how necessary and sufficient it was.
//!
//! A set of factors has a world: each factor in it is present, each other is absent. The worth of the set is the
//! probability of the outcome there, with the luck of what happened. The probability of *necessity* is that the
//! outcome would not have followed without the factor, given that it did with it; of *sufficiency*, that the
//! factor would have brought the outcome about, given that without it there was none; both as Pearl (1999)
//! defines them, the second over histories of which nothing is known.

use crate::analysis::{Attribution, FactorShare, OutcomeValue};
use crate::inquiry::{Inquiry, WorldId};
use crate::interval::interval;
use crate::problem::Problem;
use crate::question::Plan;
use crate::replays::Replays;
use crate::scenario::{Intervention, Luck, Scenario};
use crate::shapley::shapley;
use crate::world::Replayed;

/// More factors than this have too many sets to go through them all.
pub const MAX_FACTORS: usize = 12;

/// The worlds of all sets of factors.
#[derive(Clone, Debug)]
pub(crate) struct FactorWorlds {
    /// For each set of factors, as a number whose bits say which are present.
    sets: Vec<WorldId>,
}

impl FactorWorlds {
    /// Enters the worlds of all sets of factors.
    ///
    /// # Errors
    /// If there are too many factors, or a changed story is wrong.
    pub(crate) fn new(inquiry: &mut Inquiry<'_>) -> Result<Self, Problem> {
        let scenario = inquiry.scenario();
        let factors = scenario.factors.len();
        if factors > MAX_FACTORS {
            return Err(Problem::new(format!(
                "there are {factors} factors; at most {MAX_FACTORS} can be weighed"
            ))
            .at(scenario.factors[MAX_FACTORS].place.clone()));
        }
        let count = if factors == 0 { 0 } else { 1 << factors };
        let plan = |set: usize| Plan::new(&interventions(scenario, set), None, Luck::Held);
        let sets = (0..count).map(|set| inquiry.world(&plan(set)?)).collect::<Result<_, _>>()?;
        Ok(Self { sets })
    }

    /// The world in which all factors are present.
    pub(crate) fn all_present(&self) -> Option<WorldId> {
        self.sets.last().copied()
    }

    /// The worlds in which one factor alone is absent.
    pub(crate) fn without_one(&self) -> Vec<WorldId> {
        let all = self.sets.len().saturating_sub(1);
        (0..self.sets.len().max(1).ilog2()).map(|f| self.sets[all & !(1 << f)]).collect()
    }
}

/// What makes the factors of a set present, and the others absent, in the order of the scenario.
pub(crate) fn interventions(scenario: &Scenario, set: usize) -> Vec<Intervention> {
    let of = |(index, factor): (usize, &crate::scenario::Factor)| {
        if set >> index & 1 == 1 { factor.present.clone() } else { factor.absent.clone() }
    };
    scenario.factors.iter().enumerate().flat_map(of).collect()
}

/// What one draw says about the factors of one outcome.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FactorDraw {
    pub(crate) all_present: f64,
    pub(crate) all_absent: f64,
    pub(crate) shapley: Vec<f64>,
    pub(crate) necessity: Vec<f64>,
    pub(crate) sufficiency: Vec<f64>,
    pub(crate) both: Vec<f64>,
}

/// Which of the replays have the outcome.
pub(crate) fn having(
    inquiry: &Inquiry<'_>,
    world: WorldId,
    replays: &[Replayed],
    outcome: (usize, usize),
) -> Vec<bool> {
    let scene = &inquiry.scenes[inquiry.plays[inquiry.worlds[world.0].play].scene];
    replays.iter().map(|r| scene.outcomes(r.end).contains(&outcome)).collect()
}

fn share(of: &[bool]) -> f64 {
    if of.is_empty() { f64::NAN } else { of.iter().filter(|x| **x).count() as f64 / of.len() as f64 }
}

/// The share of those where `given` holds at which `what` holds too; not a number if it never holds.
fn share_given(given: impl Iterator<Item = bool>, what: impl Iterator<Item = bool>) -> f64 {
    let (mut all, mut both) = (0usize, 0usize);
    for (given, what) in given.zip(what) {
        all += usize::from(given);
        both += usize::from(given && what);
    }
    if all == 0 { f64::NAN } else { both as f64 / all as f64 }
}

impl FactorWorlds {
    /// What one draw says about the factors of an outcome, where `free` are the replays with free luck of the
    /// world of all factors and then of each world without one.
    pub(crate) fn draw(
        &self,
        inquiry: &Inquiry<'_>,
        replays: &Replays,
        outcome: (usize, usize),
    ) -> FactorDraw {
        // A world that answers a question too may have been replayed more often than the others.
        let lucks = self.sets.iter().map(|w| replays.held[w.0].len()).min().unwrap_or(0);
        let had = |world: WorldId| having(inquiry, world, &replays.held[world.0][..lucks], outcome);
        let held: Vec<Vec<bool>> = self.sets.iter().map(|&w| had(w)).collect();
        let freely = self.all_present().into_iter().chain(self.without_one()).zip(&replays.free);
        let free: Vec<Vec<bool>> = freely.map(|(w, r)| having(inquiry, w, r, outcome)).collect();
        FactorDraw::of(&held, &free)
    }
}

impl FactorDraw {
    /// What a draw says, where `held` tells for each set of factors which of the lucks of what happened lead to the
    /// outcome, and `free` which of the free ones do: with all factors, and then without each.
    pub(crate) fn of(held: &[Vec<bool>], free: &[Vec<bool>]) -> Self {
        let worth: Vec<f64> = held.iter().map(|had| share(had)).collect();
        let all = held.len() - 1;
        let with = &held[all];
        let count = free.len() - 1;
        let without_held: Vec<&Vec<bool>> = (0..count).map(|f| &held[all & !(1 << f)]).collect();
        let (free_with, free_without) = (&free[0], &free[1..]);
        let necessity = |w: &&Vec<bool>| share_given(with.iter().copied(), w.iter().map(|x| !x));
        let sufficiency = |w: &Vec<bool>| share_given(w.iter().map(|x| !x), free_with.iter().copied());
        let both = |w: &Vec<bool>| {
            let only: Vec<bool> = free_with.iter().zip(w).map(|(with, without)| *with && !without).collect();
            share(&only)
        };
        FactorDraw {
            all_present: worth[worth.len() - 1],
            all_absent: worth[0],
            shapley: shapley(count, &worth),
            necessity: without_held.iter().map(necessity).collect(),
            sufficiency: free_without.iter().map(sufficiency).collect(),
            both: free_without.iter().map(both).collect(),
        }
    }
}

/// The attribution of an outcome over all draws.
pub(crate) fn summarise(scenario: &Scenario, of: OutcomeValue, draws: &[FactorDraw]) -> Attribution {
    let over = |f: &dyn Fn(&FactorDraw) -> f64| interval(&draws.iter().map(f).collect::<Vec<_>>());
    let factors = scenario.factors.iter().enumerate().map(|(index, factor)| FactorShare {
        name: factor.name.clone(),
        absent: factor.absent.iter().map(|i| i.text.clone()).collect(),
        shapley: over(&|d| d.shapley[index]),
        necessity: over(&|d| d.necessity[index]),
        sufficiency: over(&|d| d.sufficiency[index]),
        necessity_and_sufficiency: over(&|d| d.both[index]),
    });
    Attribution {
        of,
        all_present: over(&|d| d.all_present),
        all_absent: over(&|d| d.all_absent),
        factors: factors.collect(),
    }
}
