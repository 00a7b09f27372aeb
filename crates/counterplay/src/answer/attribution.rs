//! How much of an outcome each factor carries, and how necessary and sufficient it was.
//!
//! A set of factors has a world: each factor in it is present, each other is absent. The worth of the set is the
//! probability of the outcome there, with the luck of what happened. The probability of *necessity* is that the
//! outcome would not have followed without the factor, given that it did with it; of *sufficiency*, that the
//! factor would have brought the outcome about, given that without it there was none; both as Pearl (1999)
//! defines them, the second over histories of which nothing is known.

mod ranks;

use counterplay_math::{hypot, normal_quantile};

use crate::answer::having::{having, share};
use crate::answer::replays::Replays;
use crate::answer::summed::TwoOutcomes;
use crate::causality::causation::{Causation, Range};
use crate::causality::owen::Groups;
use crate::causality::shapley::{ShapleyMethod, pairs};
use crate::problem::Problem;
use crate::scenario::plan::Plan;
use crate::scenario::{Factor, Intervention, Luck, Scenario, as_written};
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::{Inquiry, WorldId};
use counterplay_analysis::interval::{estimate, interval, interval_beside_noise};
use counterplay_analysis::{
    Attribution, Bounds, CausationBounds, FactorShare, GroupShare, Interaction, Interval, MonteCarlo,
    OutcomeValue, Rank,
};
use counterplay_inference::distribution::student_quantile;
use counterplay_math::statistics::{moments, to_twelve_digits};

/// More factors than this cannot be weighed: each needs worlds of its own in every sampled order.
pub const MAX_FACTORS: usize = 48;

/// The worlds of the sets of factors whose worth is needed.
#[derive(Clone, Debug)]
pub(crate) struct FactorWorlds {
    method: ShapleyMethod,
    /// The groups of factors, where some are declared and all sets are gone through.
    groups: Option<Groups>,
    /// The world of each set that the method needs, in its order.
    sets: Vec<WorldId>,
    /// The worlds with all factors, and with none.
    ends: Option<(WorldId, WorldId)>,
    /// The worlds in which one factor alone is absent.
    without_one: Vec<WorldId>,
    /// For each factor, the worlds in which it is present, and absent, and the others are left as they come; empty if to be present is to
    /// be as the story has it, so that there is no difference.
    alone: Vec<(WorldId, WorldId)>,
}

impl FactorWorlds {
    /// Enters the worlds of all sets of factors, or where they are too many, of those that sampled orders pass.
    ///
    /// # Errors
    /// If there are too many factors, or a changed story is wrong.
    pub(crate) fn new(inquiry: &mut Inquiry<'_>, seed: u64) -> Result<Self, Problem> {
        Self::entered(inquiry.scenario(), seed, &mut |plan| inquiry.world(&plan))
    }

    /// The same, where `enter` gives the world of a plan.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn entered(
        scenario: &Scenario,
        seed: u64,
        enter: &mut dyn FnMut(Plan) -> Result<WorldId, Problem>,
    ) -> Result<Self, Problem> {
        let factors = scenario.factors.len();
        if factors > MAX_FACTORS {
            return Err(Problem::new(format!(
                "there are {factors} factors; at most {MAX_FACTORS} can be weighed"
            ))
            .at(scenario.factors[MAX_FACTORS].place.clone()));
        }
        let method = ShapleyMethod::of(factors, seed);
        let mut world = |set: u64| {
            enter(Plan::new(&interventions(scenario, set), &scenario.factor_foresight, Luck::Held)?)
        };
        let groups = named_groups(scenario).filter(|_| method.is_exact());
        if factors == 0 {
            let (sets, without_one, alone) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(Self { method, groups, sets, ends: None, without_one, alone });
        }
        let all = (1 << factors) - 1;
        let sets = method.sets().into_iter().map(&mut world).collect::<Result<_, _>>()?;
        let without_one = (0..factors).map(|f| world(all & !(1 << f))).collect::<Result<_, _>>()?;
        let ends = Some((world(all)?, world(0)?));
        let mut by_itself = |interventions: &[Intervention]| {
            enter(Plan::new(interventions, &scenario.factor_foresight, Luck::Held)?)
        };
        let factors =
            scenario.factors.iter().filter(|_| scenario.factors.iter().any(|f| !f.present.is_empty()));
        let alone =
            factors.map(|f| Ok((by_itself(&f.present)?, by_itself(&f.absent)?))).collect::<Result<_, _>>()?;
        Ok(Self { method, groups, sets, ends, without_one, alone })
    }

    /// How many sets of factors are weighed.
    pub(crate) fn count(&self) -> usize {
        self.sets.len()
    }

    /// The world in which all factors are present.
    pub(crate) fn all_present(&self) -> Option<WorldId> {
        self.ends.map(|ends| ends.0)
    }

    /// For each factor, the worlds in which it is present, and absent, and the others are left as they come; empty if that is no
    /// difference.
    pub(crate) fn alone(&self) -> &[(WorldId, WorldId)] {
        &self.alone
    }

    /// The worlds in which one factor alone is absent.
    pub(crate) fn without_one(&self) -> &[WorldId] {
        &self.without_one
    }
}

/// Values that hold no noise.
fn exact(values: Vec<f64>) -> Vec<Noisy> {
    values.into_iter().map(|value| Noisy { value: to_twelve_digits(value), variance: 0.0 }).collect()
}

/// The groups of the factors, if any is named.
fn named_groups(scenario: &Scenario) -> Option<Groups> {
    let names: Vec<Option<&str>> = scenario.factors.iter().map(|f| f.group.as_deref()).collect();
    names.iter().any(Option::is_some).then(|| Groups::new(&names))
}

/// What makes the factors of a set present, and the others absent, in the order of the scenario.
fn interventions(scenario: &Scenario, set: u64) -> Vec<Intervention> {
    let of = |(index, factor): (usize, &Factor)| {
        if set >> index & 1 == 1 { factor.present.clone() } else { factor.absent.clone() }
    };
    scenario.factors.iter().enumerate().flat_map(of).collect()
}

/// A value at one draw, and the variance that the luck drawn there leaves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Noisy {
    pub(crate) value: f64,
    variance: f64,
}

/// What one draw says about the factors of one outcome.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FactorDraw {
    pub(crate) all_present: f64,
    pub(crate) all_absent: f64,
    pub(crate) shapley: Vec<Noisy>,
    /// For each group, and then for each factor within its group; empty without groups.
    groups: Vec<Noisy>,
    owen: Vec<Noisy>,
    /// For each pair of factors.
    interactions: Vec<Noisy>,
    /// The worth of each set.
    worth: Vec<f64>,
    pub(crate) necessity: Vec<f64>,
    pub(crate) sufficiency: Vec<f64>,
    /// The same with the other factors left as they come; not a number where that is too much to sum over.
    pub(crate) sufficiency_alone: Vec<f64>,
    pub(crate) both: Vec<f64>,
    bounds: Vec<Causation<Range>>,
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

/// How many replays with free luck have the outcome with all factors, and without one of them.
fn counted(with: &[bool], without: &[bool]) -> TwoOutcomes {
    let only: Vec<bool> = with.iter().zip(without).map(|(with, without)| *with && !without).collect();
    TwoOutcomes { without: share(without), with_only: share(&only) }
}

impl FactorWorlds {
    /// What one draw says about the factors of an outcome, where `asked` is its position among those that are asked about. Nothing
    /// without factors.
    pub(crate) fn draw(
        &self,
        inquiry: &Inquiry<'_>,
        replays: &Replays,
        outcome: OutcomeIndex,
        asked: usize,
    ) -> Option<FactorDraw> {
        let bounds = replays.bounds.get(asked).cloned().unwrap_or_default();
        if self.sets.iter().all(|w| replays.is_summed(*w)) {
            return self.summed(inquiry, replays, outcome, asked, bounds);
        }
        // A world that answers a question too may have been replayed more often than the others.
        let replayed = self.sets.iter().filter(|w| !replays.held[w.0].is_empty());
        let count = replayed.map(|w| replays.held[w.0].len()).min().unwrap_or(0);
        let had = |world: WorldId| having(inquiry, world, &replays.held[world.0][..count], outcome);
        self.weigh(&had, &self.freely(inquiry, replays, outcome), bounds)
    }

    /// Which of the free replays lead to the outcome: with all factors, and then without each.
    fn freely(&self, inquiry: &Inquiry<'_>, replays: &Replays, outcome: OutcomeIndex) -> Vec<Vec<bool>> {
        let worlds = self.all_present().into_iter().chain(self.without_one.iter().copied());
        worlds.zip(&replays.free).map(|(w, r)| having(inquiry, w, r, outcome)).collect()
    }

    /// The same from sums over all histories, or over pairs of states.
    fn summed(
        &self,
        inquiry: &Inquiry<'_>,
        replays: &Replays,
        outcome: OutcomeIndex,
        asked: usize,
        bounds: Vec<Causation<Range>>,
    ) -> Option<FactorDraw> {
        let (all, none) = self.ends?;
        let probability = |world: WorldId| replays.probability(inquiry, world, outcome);
        let worth: Vec<f64> = self.sets.iter().map(|w| probability(*w)).collect();
        let free = self.freely(inquiry, replays, outcome);
        let counted = |index: usize| counted(&free[0], &free[index + 1]);
        let unknowing =
            |index: usize| replays.unknowing[index].as_ref().map_or_else(|| counted(index), |two| two[asked]);
        let sufficiency = |index: usize| unknowing(index).sufficiency();
        let factors = 0..self.without_one.len();
        Some(FactorDraw {
            all_present: probability(all),
            all_absent: probability(none),
            shapley: exact(self.method.shapley(&worth)),
            groups: exact(self.group_shares(&worth)),
            owen: exact(self.owen(&worth)),
            interactions: exact(self.method.interactions(&worth)),
            worth,
            necessity: self
                .without_one
                .iter()
                .map(|w| self.necessity(inquiry, replays, *w, outcome, asked))
                .collect(),
            sufficiency: factors.clone().map(sufficiency).collect(),
            sufficiency_alone: self
                .sufficiency_alone(replays, asked)
                .unwrap_or_else(|| factors.clone().map(sufficiency).collect()),
            both: factors.map(|index| to_twelve_digits(unknowing(index).with_only)).collect(),
            bounds,
        })
    }

    /// Sufficiency with the other factors left as they come; `None` if that is no difference.
    fn sufficiency_alone(&self, replays: &Replays, asked: usize) -> Option<Vec<f64>> {
        let of =
            |two: &Option<Vec<TwoOutcomes>>| two.as_ref().map_or(f64::NAN, |two| two[asked].sufficiency());
        (!self.alone.is_empty()).then(|| replays.unknowing_alone.iter().map(of).collect())
    }

    /// The probability that the outcome is lost without a factor, given that it followed with all.
    fn necessity(
        &self,
        inquiry: &Inquiry<'_>,
        replays: &Replays,
        without: WorldId,
        outcome: OutcomeIndex,
        asked: usize,
    ) -> f64 {
        let by_stages = replays.stage_necessity.iter().find(|n| n.0 == without).and_then(|n| n.1.as_ref());
        if let Some(by_stages) = by_stages {
            return by_stages[asked];
        }
        let ends =
            replays.sums.as_ref().and_then(|sums| Some((&sums.classes, sums.worlds[without.0].as_ref()?)));
        let (Some((classes, ends)), Some(WorldId::FACTUAL)) = (ends, self.all_present()) else {
            // Three worlds share their luck, which is drawn.
            let [with, lost] = [self.all_present().unwrap_or(without), without]
                .map(|w| having(inquiry, w, &replays.held[w.0], outcome));
            return share_given(with.iter().copied(), lost.iter().map(|x| !x));
        };
        let scene = inquiry.scene_of(without);
        let followed = ends.iter().filter(|end| classes.list[end.class].outcomes[asked]);
        let (mut all, mut lost) = (0.0, 0.0);
        for end in followed {
            all += end.probability;
            lost += if scene.outcomes(end.end).contains(&outcome) { 0.0 } else { end.probability };
        }
        to_twelve_digits(lost / all)
    }

    /// The same, where `had` tells which of the replays of what happened lead to the outcome in a world, and `free` which of
    /// the free ones do: with all factors, and then without each.
    pub(crate) fn weigh(
        &self,
        had: &dyn Fn(WorldId) -> Vec<bool>,
        free: &[Vec<bool>],
        bounds: Vec<Causation<Range>>,
    ) -> Option<FactorDraw> {
        let (all, none) = self.ends?;
        let sets: Vec<Vec<bool>> = self.sets.iter().map(|&w| had(w)).collect();
        let worth: Vec<f64> = sets.iter().map(|had| share(had)).collect();
        let with = had(all);
        let without_held: Vec<Vec<bool>> = self.without_one.iter().map(|&w| had(w)).collect();
        let (free_with, free_without) = free.split_first()?;
        let necessity = |w: &Vec<bool>| share_given(with.iter().copied(), w.iter().map(|x| !x));
        let sufficiency = |w: &Vec<bool>| share_given(w.iter().map(|x| !x), free_with.iter().copied());
        let both = |w: &Vec<bool>| {
            let only: Vec<bool> = free_with.iter().zip(w).map(|(with, without)| *with && !without).collect();
            share(&only)
        };
        Some(FactorDraw {
            all_present: share(&with),
            all_absent: share(&had(none)),
            shapley: noisy(&sets, &worth, |worth| self.method.shapley(worth)),
            groups: noisy(&sets, &worth, |worth| self.group_shares(worth)),
            owen: noisy(&sets, &worth, |worth| self.owen(worth)),
            interactions: noisy(&sets, &worth, |worth| self.method.interactions(worth)),
            worth,
            necessity: without_held.iter().map(necessity).collect(),
            sufficiency: free_without.iter().map(sufficiency).collect(),
            sufficiency_alone: if self.alone.is_empty() {
                free_without.iter().map(sufficiency).collect()
            } else {
                vec![f64::NAN; self.without_one.len()]
            },
            both: free_without.iter().map(both).collect(),
            bounds,
        })
    }

    /// The share of each group; nothing without groups.
    fn group_shares(&self, worth: &[f64]) -> Vec<f64> {
        self.groups.as_ref().map_or_else(Vec::new, |groups| groups.shares(worth))
    }

    /// The share of each factor within its group; nothing without groups.
    fn owen(&self, worth: &[f64]) -> Vec<f64> {
        self.groups.as_ref().map_or_else(Vec::new, |groups| groups.values(self.without_one.len(), worth))
    }

    /// The groups over all draws, those with more than one factor or a name of their own.
    fn summarise_groups(&self, scenario: &Scenario, draws: &[FactorDraw]) -> Vec<GroupShare> {
        let Some(groups) = &self.groups else { return Vec::new() };
        let named: Vec<usize> = (0..groups.count())
            .filter(|&g| groups.members(g).next().is_some_and(|f| scenario.factors[f].group.is_some()))
            .collect();
        let of = |group: &usize| draws.iter().map(|d| d.groups[*group].value).collect::<Vec<_>>();
        let ranks = ranks::ranks(&named.iter().map(of).collect::<Vec<_>>(), &vec![0.0; named.len()]);
        let share = |(group, rank): (usize, Rank)| {
            let members: Vec<&Factor> = groups.members(group).map(|f| &scenario.factors[f]).collect();
            let value = |d: &FactorDraw| d.groups[group];
            Some(GroupShare {
                name: members[0].group.clone()?,
                members: members.iter().map(|f| f.name.clone()).collect(),
                shapley: interval_beside_noise(
                    &draws.iter().map(|d| value(d).value).collect::<Vec<_>>(),
                    &draws.iter().map(|d| value(d).variance).collect::<Vec<_>>(),
                ),
                rank: Some(rank),
            })
        };
        named.into_iter().zip(ranks).filter_map(share).collect()
    }

    /// The attribution of an outcome over all draws.
    pub(crate) fn summarise(
        &self,
        scenario: &Scenario,
        of: OutcomeValue,
        draws: &[FactorDraw],
    ) -> Attribution {
        let over = |f: &dyn Fn(&FactorDraw) -> f64| interval(&draws.iter().map(f).collect::<Vec<_>>());
        let orders = OrderErrors::of(&self.method, draws);
        let share = |factor: usize| draws.iter().map(|d| d.shapley[factor].value).collect::<Vec<_>>();
        let shares: Vec<Vec<f64>> = (0..scenario.factors.len()).map(share).collect();
        let ranks = ranks::ranks(&shares, &orders.shapley);
        let factors = scenario.factors.iter().enumerate().map(|(index, factor)| {
            let beside = |of: &dyn Fn(&FactorDraw) -> Noisy| {
                let (values, noise): (Vec<f64>, Vec<f64>) =
                    draws.iter().map(|d| (of(d).value, of(d).variance)).unzip();
                interval_beside_noise(&values, &noise)
            };
            let shapley = beside(&|d| d.shapley[index]);
            let noise = draws.iter().map(|d| d.shapley[index].variance);
            FactorShare {
                name: factor.name.clone(),
                absent: as_written(&factor.absent),
                group: factor.group.clone(),
                owen: self.groups.as_ref().map(|_| beside(&|d| d.owen[index])),
                shapley,
                rank: Some(ranks[index]),
                necessity: over(&|d| d.necessity[index]),
                sufficiency: over(&|d| d.sufficiency[index]),
                sufficiency_alone: (!self.alone.is_empty()).then(|| over(&|d| d.sufficiency_alone[index])),
                necessity_and_sufficiency: over(&|d| d.both[index]),
                monte_carlo: Some(orders.monte_carlo(shapley.mean, noise, orders.shapley[index])),
                bounds: bounds(draws, index),
            }
        });
        Attribution {
            of,
            all_present: over(&|d| d.all_present),
            all_absent: over(&|d| d.all_absent),
            factors: factors.collect(),
            groups: self.summarise_groups(scenario, draws),
            interactions: interactions(scenario, draws, &orders),
            orders: orders.count,
        }
    }
}

/// What each pair of factors carries only together.
fn interactions(scenario: &Scenario, draws: &[FactorDraw], orders: &OrderErrors) -> Vec<Interaction> {
    let name = |factor: usize| scenario.factors[factor].name.clone();
    let one = |(index, (first, second)): (usize, (usize, usize))| {
        let values: Vec<f64> = draws.iter().map(|d| d.interactions[index].value).collect();
        let value: Option<Interval> = values.iter().any(|v| !v.is_nan()).then(|| interval(&values));
        let noise = draws.iter().map(|d| d.interactions[index].variance);
        Interaction {
            first: name(first),
            second: name(second),
            value,
            monte_carlo: value.map(|v| orders.monte_carlo(v.mean, noise, orders.interactions[index])),
        }
    };
    pairs(scenario.factors.len()).enumerate().map(one).collect()
}

/// Values with the variance of their mean over luck, from the worth of each set under each luck.
fn noisy(sets: &[Vec<bool>], worth: &[f64], values: impl Fn(&[f64]) -> Vec<f64>) -> Vec<Noisy> {
    let count = sets.first().map_or(0, Vec::len);
    let under = |luck: usize| {
        let worth: Vec<f64> = sets.iter().map(|had| f64::from(u8::from(had[luck]))).collect();
        values(&worth)
    };
    let by_luck: Vec<Vec<f64>> = (0..count).map(under).collect();
    let variance = |index: usize| {
        let (_, sd) = moments(&by_luck.iter().map(|values| values[index]).collect::<Vec<_>>());
        sd * sd / count.max(1) as f64
    };
    let noisy = |(index, value): (usize, f64)| Noisy { value, variance: variance(index) };
    values(worth).into_iter().enumerate().map(noisy).collect()
}

/// What the sampled orders leave open: standard errors, and the quantile of the 90% interval that goes with them.
struct OrderErrors {
    count: usize,
    shapley: Vec<f64>,
    interactions: Vec<f64>,
    quantile: f64,
}

impl OrderErrors {
    fn of(method: &ShapleyMethod, draws: &[FactorDraw]) -> Self {
        let factors = draws.first().map_or(0, |d| d.shapley.len());
        let normal = normal_quantile(0.95);
        let ShapleyMethod::Sampled(orders) = method else {
            let none = vec![0.0; factors * factors];
            return Self { count: 0, shapley: none.clone(), interactions: none, quantile: normal };
        };
        // The values are linear in the worth, so the errors of their means are those at the mean worth.
        let mean = |set: usize| draws.iter().map(|d| d.worth[set]).sum::<f64>() / draws.len().max(1) as f64;
        let worth: Vec<f64> = (0..orders.sets().len()).map(mean).collect();
        let freedom = (orders.count() / 2).saturating_sub(1).max(1) as f64;
        let student = student_quantile(0.95, freedom);
        Self {
            count: orders.count(),
            shapley: orders.errors(&worth),
            interactions: orders.interactions(&worth).iter().map(|e| e.error).collect(),
            quantile: student,
        }
    }

    /// The error of a mean from luck, with these variances at the draws, and from orders.
    fn monte_carlo(&self, mean: f64, variances: impl Iterator<Item = f64>, order_error: f64) -> MonteCarlo {
        let (mut count, mut sum) = (0usize, 0.0);
        for variance in variances {
            count += 1;
            sum += variance;
        }
        let replay_error = sum.sqrt() / count.max(1) as f64;
        let half = self.quantile * hypot(replay_error, order_error);
        MonteCarlo { replay_error, order_error, low: mean - half, high: mean + half }
    }
}

/// The means of the bounds for a factor; `None` where a draw has none, or they do not apply in any.
fn bounds(draws: &[FactorDraw], factor: usize) -> Option<CausationBounds> {
    let all: Vec<&Causation<Range>> = draws.iter().filter_map(|d| d.bounds.get(factor)).collect();
    let mean = |of: &dyn Fn(&Causation<Range>) -> f64| {
        let values: Vec<f64> = all.iter().map(|c| of(c)).filter(|v| !v.is_nan()).collect();
        (!values.is_empty()).then(|| estimate(&values).value)
    };
    let range = |of: &dyn Fn(&Causation<Range>) -> Range| {
        Some(Bounds { low: mean(&|c| of(c).low)?, high: mean(&|c| of(c).high)? })
    };
    Some(CausationBounds {
        necessity: range(&|c| c.necessity)?,
        sufficiency: range(&|c| c.sufficiency)?,
        necessity_and_sufficiency: range(&|c| c.both)?,
    })
}
