//! What one posterior draw answers to each query.

use super::as_of::{AsOf, AsOfDraw};
use super::cases::{Case, Cases, Target, mixture_quantile, total};
use super::compared::{ReplayedValue, gated, holding};
use super::enumerate;
use super::measured::MeasuredLaw;
use super::targets::targets;
use super::test::Test;
use super::weighted::WeightedAnswer;
use super::worth::Worth;
use crate::answer::replays::Replays;
use crate::problem::Problem;
use crate::scenario::query::{Condition, ConditionalQuantity, Quantity};
use crate::world::inquiry::{Inquiry, WorldId};
use counterplay_inference::distribution::Concrete;
use counterplay_math::statistics::to_twelve_digits;

/// Values that stand for the distribution of a measured quantity at each draw.
const SAMPLES: usize = 64;

/// All queries, made ready.
pub(crate) struct TreeQueries {
    queries: Vec<PreparedQuery>,
    /// The conditions by which queries under a what-if let histories as they were through.
    pub(crate) gates: Vec<Test>,
    pub(crate) as_of: AsOf,
}

/// What one draw says.
#[derive(Default)]
pub(crate) struct QueryDraw {
    /// For each query; `None` for those as of a moment.
    pub(crate) said: Vec<Option<Drawn>>,
    pub(crate) as_of: AsOfDraw,
}

/// What one draw says of one query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawn {
    /// The probability of the condition.
    pub(crate) condition: WeightedAnswer,
    pub(crate) here: Vec<WeightedAnswer>,
    pub(crate) factual: Vec<WeightedAnswer>,
    pub(crate) change: Vec<WeightedAnswer>,
    /// Values of a measured quantity, here and as it was.
    pub(crate) samples: Vec<f64>,
    pub(crate) factual_samples: Vec<f64>,
    /// Whether histories were replayed for it.
    pub(crate) replayed: bool,
}

impl Drawn {
    /// Adds a target over the histories of the world that is asked about, beside the same over the world as it was; `noise` is the
    /// variance that their difference has because finitely many histories were replayed.
    pub(crate) fn compare(&mut self, now: WeightedAnswer, then: WeightedAnswer, noise: f64) {
        let weight = if then.weight > 0.0 { now.weight } else { 0.0 };
        self.change.push(WeightedAnswer { value: now.value - then.value, weight, noise });
        self.here.push(now);
        self.factual.push(then);
    }

    /// The first value.
    pub(crate) fn first(&self) -> f64 {
        self.here.first().map_or(f64::NAN, |said| said.value)
    }
}

enum PreparedQuery {
    AsOf,
    Worth(Worth),
    Asked(Box<Ready>),
}

/// A query made ready for the scene that it is asked in and for that of the world as it was.
pub(crate) struct Ready {
    world: Option<WorldId>,
    given: Option<Test>,
    /// Which of the gates of the histories as they were it is.
    gate: Option<usize>,
    here: SceneQuery,
    factual: SceneQuery,
    quantile: Option<f64>,
    sampled: Option<usize>,
}

/// What a query asks of one scene.
struct SceneQuery {
    within: Option<Test>,
    targets: Vec<Target>,
}

impl SceneQuery {
    fn new(asked: &ConditionalQuantity, inquiry: &Inquiry<'_>, world: WorldId) -> Self {
        let scene = inquiry.scene_of(world);
        let test = |condition: &Condition| Test::new(condition, scene, &inquiry.catalogue);
        Self { within: asked.within.as_ref().map(test), targets: targets(&asked.quantity, inquiry, scene) }
    }
}

impl TreeQueries {
    /// Enters the worlds that the queries need.
    ///
    /// # Errors
    /// If a changed story is wrong.
    pub(crate) fn enter(inquiry: &mut Inquiry<'_>) -> Result<Vec<Option<Worth>>, Problem> {
        let scenario = inquiry.scenario();
        scenario.queries.iter().map(|query| Worth::enter(inquiry, query)).collect()
    }

    /// Makes the queries ready; `worths` are those that were [entered](Self::enter), `questions` the worlds of the what-ifs.
    ///
    /// # Errors
    /// If a query names a what-if that there is not, or a moment that never came.
    pub(crate) fn new(
        inquiry: &Inquiry<'_>,
        worths: Vec<Option<Worth>>,
        questions: &[WorldId],
    ) -> Result<Self, Problem> {
        let scenario = inquiry.scenario();
        let (mut queries, mut gates) = (Vec::with_capacity(scenario.queries.len()), Vec::new());
        for (query, worth) in scenario.queries.iter().zip(worths) {
            queries.push(match worth {
                Some(worth) => PreparedQuery::Worth(worth),
                None if query.as_of.is_some() => PreparedQuery::AsOf,
                None => {
                    names_known(inquiry, &query.asked).map_err(|p| p.at(query.place.clone()))?;
                    let world =
                        under(inquiry, &query.asked, questions).map_err(|p| p.at(query.place.clone()))?;
                    PreparedQuery::Asked(Box::new(Ready::new(&query.asked, inquiry, world, &mut gates)))
                }
            });
        }
        Ok(Self { queries, gates, as_of: AsOf::new(inquiry)? })
    }

    /// What the draw says to each query.
    pub(crate) fn draw(
        &self,
        inquiry: &Inquiry<'_>,
        replays: &Replays,
        key: counterplay_inference::key::Key,
    ) -> QueryDraw {
        let said = |prepared: &PreparedQuery| match prepared {
            PreparedQuery::AsOf => None,
            PreparedQuery::Worth(worth) => Some(gained(&worth.gains(inquiry, &replays.solved), worth.player)),
            PreparedQuery::Asked(ready) => Some(ready.draw(inquiry, replays)),
        };
        let factual = &replays.solved[0];
        QueryDraw {
            said: self.queries.iter().map(said).collect(),
            as_of: self.as_of.draw(inquiry, &factual.odds[0], &factual.values[0], key),
        }
    }
}

/// Whether some world of the inquiry has each name that a query speaks of: a what-if may add one to the story's.
fn names_known(inquiry: &Inquiry<'_>, asked: &ConditionalQuantity) -> Result<(), Problem> {
    let own = match &asked.quantity {
        Quantity::Probability(condition) => Some(condition),
        _ => None,
    };
    let conditions = own.into_iter().chain(&asked.given).chain(&asked.within);
    let known = |name: &str| {
        let event = crate::story::terms::EventName::parse(name).to_string();
        inquiry.catalogue.outcome(name).is_some()
            || inquiry.catalogue.measure(name).is_some()
            || inquiry.scenes.iter().any(|s| s.model().game().find_event(&event).is_some())
    };
    match conditions.flat_map(Condition::facts).find(|fact| !known(&fact.name)) {
        None => Ok(()),
        Some(fact) => {
            Err(Problem::new(format!("no world has an outcome, event or measured quantity `{}`", fact.name)))
        }
    }
}

/// The world of the what-if that a query is asked under.
pub(crate) fn under(
    inquiry: &Inquiry<'_>,
    asked: &ConditionalQuantity,
    questions: &[WorldId],
) -> Result<Option<WorldId>, Problem> {
    let Some(name) = &asked.under else { return Ok(None) };
    let all = &inquiry.scenario().questions;
    let at = all.iter().position(|q| q.name == *name);
    at.map(|k| Some(questions[k])).ok_or_else(|| Problem::new(format!("there is no what-if `{name}`")))
}

fn gained((gains, before): &(Vec<f64>, Vec<f64>), player: usize) -> Drawn {
    let exact = |value: f64| WeightedAnswer { value, weight: 1.0, noise: 0.0 };
    // The player who is asked about first, then the others in the order of the case.
    let order = || std::iter::once(player).chain((0..gains.len()).filter(move |&p| p != player));
    Drawn {
        condition: exact(1.0),
        here: order().map(|p| exact(gains[p])).collect(),
        factual: order().map(|p| exact(before[p])).collect(),
        ..Drawn::default()
    }
}

impl Ready {
    /// A query made ready, where `gates` are the conditions by which histories as they were are let through so far; its own is
    /// added if it has one.
    pub(crate) fn new(
        asked: &ConditionalQuantity,
        inquiry: &Inquiry<'_>,
        world: Option<WorldId>,
        gates: &mut Vec<Test>,
    ) -> Self {
        let factual = inquiry.factual();
        let given = asked.given.as_ref().map(|c| Test::new(c, factual, &inquiry.catalogue));
        let gate = given.as_ref().filter(|_| world.is_some()).map(|test| {
            gates.push(test.clone());
            gates.len() - 1
        });
        Self {
            world,
            gate,
            given,
            here: SceneQuery::new(asked, inquiry, world.unwrap_or(WorldId::FACTUAL)),
            factual: SceneQuery::new(asked, inquiry, WorldId::FACTUAL),
            quantile: match asked.quantity {
                Quantity::Quantile(_, p) => Some(p),
                _ => None,
            },
            sampled: match &asked.quantity {
                Quantity::Distribution(name) if inquiry.catalogue.outcome(name).is_none() => {
                    inquiry.catalogue.measure(name)
                }
                _ => None,
            },
        }
    }

    pub(crate) fn draw(&self, inquiry: &Inquiry<'_>, replays: &Replays) -> Drawn {
        let Some(world) = self.world else { return self.enumerated(inquiry, replays) };
        let gated = |world: WorldId| {
            replays.summed(inquiry, world, &|class| self.gate.is_none_or(|g| class.gates[g]))
        };
        if let (Some(here), Some(factual)) = (gated(world), gated(WorldId::FACTUAL)) {
            return self.summed(&here, &factual, replays.shift);
        }
        let factual = replayed(inquiry, replays, WorldId::FACTUAL);
        let gates: Vec<f64> = match &self.given {
            Some(given) => factual.parts(&Target::Payoff(0), &[given]).iter().map(|p| p.given).collect(),
            None => vec![1.0; factual.list.len()],
        };
        self.compared(&replayed(inquiry, replays, world), &factual, &gates)
    }

    /// A what-if's world beside the world as it was, over all histories that the gate lets through.
    fn summed(&self, here: &Cases<'_>, factual: &Cases<'_>, shift: f64) -> Drawn {
        let within: Vec<&Test> = self.here.within.iter().collect();
        let before: Vec<&Test> = self.factual.within.iter().collect();
        let value = |cases: &Cases<'_>, target: &Target, conditions: &[&Test]| {
            let sum = cases.total(target, conditions);
            let value = match (self.quantile, target) {
                (Some(p), Target::Measured(measure)) => {
                    mixture_quantile(&cases.mixture(*measure, conditions), p)
                }
                _ => sum.of / sum.given,
            };
            WeightedAnswer { value: to_twelve_digits(value), weight: sum.given, noise: 0.0 }
        };
        let holds = here.total(&Target::Payoff(0), &within).given;
        let samples = |cases: &Cases<'_>, conditions: &[&Test]| {
            let values = |m| cases.values_within(m, conditions, SAMPLES, shift);
            self.sampled.map_or_else(Vec::new, values)
        };
        let mut drawn = Drawn {
            condition: WeightedAnswer { value: to_twelve_digits(holds), weight: 1.0, noise: 0.0 },
            samples: samples(here, &within),
            factual_samples: samples(factual, &before),
            ..Drawn::default()
        };
        for (target, old) in self.here.targets.iter().zip(&self.factual.targets) {
            drawn.compare(value(here, target, &within), value(factual, old, &before), 0.0);
        }
        drawn
    }

    /// The world as it was.
    fn enumerated(&self, inquiry: &Inquiry<'_>, replays: &Replays) -> Drawn {
        let recorded = &inquiry.scenario().record.measured;
        let values = &replays.solved[0].values[0];
        let cases = enumerate::given_record(
            inquiry.factual(),
            values,
            &replays.weights,
            recorded,
            &inquiry.catalogue,
        );
        let conditions: Vec<&Test> = self.given.iter().chain(&self.factual.within).collect();
        let condition = total(&cases.list, &cases.parts(&Target::Payoff(0), &conditions)).given;
        let said = |target: &Target| {
            let sum = total(&cases.list, &cases.parts(target, &conditions));
            let value = match (self.quantile, target) {
                (Some(p), Target::Measured(measure)) => {
                    mixture_quantile(&cases.mixture(*measure, &conditions), p)
                }
                _ => sum.of / sum.given,
            };
            WeightedAnswer { value: to_twelve_digits(value), weight: sum.given, noise: 0.0 }
        };
        Drawn {
            condition: WeightedAnswer { value: to_twelve_digits(condition), weight: 1.0, noise: 0.0 },
            here: self.factual.targets.iter().map(said).collect(),
            samples: self
                .sampled
                .map_or_else(Vec::new, |m| cases.values_within(m, &conditions, SAMPLES, replays.shift)),
            ..Drawn::default()
        }
    }

    /// A what-if's world beside the world as it was, luck by luck.
    fn compared(&self, here: &Cases<'_>, factual: &Cases<'_>, gates: &[f64]) -> Drawn {
        let within: Vec<&Test> = self.here.within.iter().collect();
        let before: Vec<&Test> = self.factual.within.iter().collect();
        let mut drawn = Drawn {
            condition: holding(&gated(here.parts(&Target::Payoff(0), &within), gates)),
            samples: self.samples(here, &self.here, gates),
            factual_samples: self.samples(factual, &self.factual, gates),
            ..Drawn::default()
        };
        for (target, old) in self.here.targets.iter().zip(&self.factual.targets) {
            let then = self.replayed(factual, old, &before, gates);
            let now = self.replayed(here, target, &within, gates);
            drawn.compare(now.said, then.said, now.noise_of_change(&then));
        }
        drawn
    }

    /// A target over replayed histories, where `gates` say how much each counts.
    fn replayed(
        &self,
        cases: &Cases<'_>,
        target: &Target,
        conditions: &[&Test],
        gates: &[f64],
    ) -> ReplayedValue {
        ReplayedValue::of(gated(cases.parts(target, conditions), gates), self.quantile)
    }

    fn samples(&self, cases: &Cases<'_>, side: &SceneQuery, gates: &[f64]) -> Vec<f64> {
        let Some(measure) = self.sampled else { return Vec::new() };
        let conditions: Vec<&Test> = side.within.iter().collect();
        let parts = cases.parts(&Target::Measured(measure), &conditions);
        let kept = parts.iter().zip(gates).filter(|(part, gate)| part.given * *gate > 0.0);
        kept.map(|(part, _)| part.of / part.given).collect()
    }
}

/// The replays of a world with the luck of what happened, each counting alike.
fn replayed<'a>(inquiry: &'a Inquiry<'_>, replays: &'a Replays, world: WorldId) -> Cases<'a> {
    let (ends, measures) = (&replays.held[world.0], &replays.measures[world.0]);
    let case = |(index, replayed): (usize, &crate::world::history::Replayed)| {
        let certain = |&(measure, x): &(usize, f64)| (measure, MeasuredLaw::free(Concrete::Point(x)));
        let measures = measures.get(index).map_or(Vec::new(), |m| m.iter().flatten().map(certain).collect());
        // Of weight one, so that sums of equal weights are exact.
        Case { end: replayed.end(), weight: 1.0, measures }
    };
    let list = ends.iter().enumerate().map(case).collect();
    Cases { scene: inquiry.scene_of(world), values: &replays.solved[world.0].values[0], list }
}
