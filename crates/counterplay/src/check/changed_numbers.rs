//! Whether the numbers of the worlds that are asked about are sound over the prior: those of the what-ifs, the factors, the sweeps and
//! the explanations.

use counterplay_game::expression::ExprId;
use counterplay_inference::prior::JointPrior;

use super::numbers::{self, Points, points_of};
use super::short;
use crate::model::Model;
use crate::problem::{Place, Problem};
use crate::scenario::plan::{Plan, apply};
use crate::scenario::{Act, Foresight, Intervention, Luck, Scenario};
use crate::story::change::Change;
use crate::story::limits::Limits;
use crate::story::unfolded::Unfolded;
use crate::watch::Watch;
use crate::world::inquiry::{Inquiry, WorldId, point};

const BOUND: &str = "a probability lies between 0 and 1: change it by less, or bound what it becomes, as in `set(p, min(p + 0.4, 1))`";

/// A what-if whose numbers are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsoundWhatIf {
    /// The what-if.
    pub name: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with the numbers of changed worlds.
#[derive(Default)]
pub(super) struct ChangedNumbers {
    /// The what-ifs whose numbers are wrong; the others can be answered all the same.
    pub(super) what_ifs: Vec<UnsoundWhatIf>,
    /// What is wrong with factors, sweeps and explanations.
    pub(super) problems: Vec<Problem>,
}

/// Looks at the numbers of a scenario that is otherwise sound.
pub(super) fn changed_numbers(
    scenario: &Scenario,
    unfolded: &Unfolded,
    limits: Limits,
    watch: &dyn Watch,
) -> ChangedNumbers {
    let mut found = ChangedNumbers::default();
    let Ok(draws) = scenario.joint_prior(&[]).map(|joint| points_of(&joint)) else { return found };
    let numbers = Numbers { scenario, unfolded, draws };
    found.problems.extend(numbers.sweeps());
    found.problems.extend(numbers.explanations());
    if !asks_for_numbers(scenario) {
        return found;
    }
    let Ok(model) = Model::new(scenario, limits, watch) else { return found };
    let mut inquiry = Inquiry::new(scenario, model, limits, watch);
    for question in &scenario.questions {
        let world = World {
            interventions: &question.interventions,
            foresight: &question.foresight,
            luck: question.luck,
            who: &format!("the what-if `{}`", question.name),
            place: question.place.as_ref(),
        };
        if let Some(problem) = numbers.world(&mut inquiry, &world) {
            found.what_ifs.push(UnsoundWhatIf { name: question.name.clone(), problem });
        }
    }
    found.problems.extend(numbers.factors(&mut inquiry));
    found
}

/// Whether anything is changed whose numbers could be wrong.
fn asks_for_numbers(scenario: &Scenario) -> bool {
    let questions = scenario.questions.iter().flat_map(|q| &q.interventions);
    let factors = scenario.factors.iter().flat_map(|f| f.absent.iter().chain(&f.present));
    questions.chain(factors).any(|i| !quantities(&i.act).is_empty())
}

/// The numbers that an intervention speaks of.
fn quantities(act: &Act) -> Vec<ExprId> {
    match act {
        Act::Set(_, x) | Act::Shift(_, x) | Act::Scale(_, x) => vec![*x],
        Act::Change(change) => change.quantities(),
    }
}

/// A world that is asked about.
struct World<'a> {
    interventions: &'a [Intervention],
    foresight: &'a Foresight,
    luck: Luck,
    who: &'a str,
    place: Option<&'a Place>,
}

struct Numbers<'a> {
    scenario: &'a Scenario,
    unfolded: &'a Unfolded,
    /// The centre of the prior, and draws from it.
    draws: Vec<Vec<f64>>,
}

impl Numbers<'_> {
    /// What is wrong with the numbers of a world; what else is wrong with it is told elsewhere.
    fn world(&self, inquiry: &mut Inquiry<'_>, world: &World<'_>) -> Option<Problem> {
        if world.interventions.iter().all(|i| quantities(&i.act).is_empty()) {
            return None;
        }
        if let Some(problem) = world.interventions.iter().find_map(|i| self.own(&i.act, world.who)) {
            return Some(problem.at(world.place.cloned()));
        }
        let plan = Plan::new(world.interventions, world.foresight, world.luck).ok()?;
        let id = inquiry.world(&plan).ok()?;
        let points = self.points(inquiry, id);
        let unfolded = inquiry.scene_of(id).model().unfolded();
        self.first_problem(unfolded, &points, world.who, world.place)
    }

    /// What an intervention says by itself that cannot be.
    fn own(&self, act: &Act, who: &str) -> Option<Problem> {
        let expressions = self.unfolded.game().expressions();
        let first = |id: ExprId, wrong: &dyn Fn(f64) -> bool| {
            self.draws.iter().map(|draw| expressions.evaluate(draw)[id.index()]).find(|x| wrong(*x))
        };
        let amount = |parameter: usize, x: ExprId| {
            let value = first(x, &|x| !x.is_finite())?;
            let name = &self.scenario.parameters[parameter].name;
            Some(
                Problem::new(format!("{who} changes `{name}` with {value}, which is no finite number"))
                    .hint("give a finite number, or a quantity that is one wherever the priors put it"),
            )
        };
        match act {
            Act::Set(p, x) | Act::Shift(p, x) | Act::Scale(p, x) => amount(p.index(), *x),
            Act::Change(change) => match change.bare() {
                Change::Parameter { parameter, amount: x, .. } => amount(parameter.index(), *x),
                Change::Rule { event, odds, .. } => odds.iter().find_map(|(action, id)| {
                    let value = first(*id, &|x| !(x.is_finite() && x >= 0.0))?;
                    Some(
                        Problem::new(format!("{who} gives `{action}` at `{event}` odds of {}", short(value)))
                            .hint("odds are zero or above: bound them, as by `max(0, ...)`"),
                    )
                }),
                _ => None,
            },
        }
    }

    /// The points of the prior as a world's story is told at them.
    fn points(&self, inquiry: &Inquiry<'_>, world: WorldId) -> Vec<Vec<f64>> {
        let world = &inquiry.worlds[world.0];
        let play = &inquiry.plays[world.play];
        // Whoever keeps its rules is taken to move in any way: what the rules are is found only by solving.
        let rules: Vec<f64> = play.kept.map_or_else(Vec::new, |kept| {
            let game = inquiry.scenes[inquiry.plays[kept].scene].model().game();
            let alike = |set| {
                let count = game.actions(set).len();
                std::iter::repeat_n(1.0 / count as f64, count)
            };
            game.info_set_ids().flat_map(alike).collect()
        });
        let expressions = self.unfolded.game().expressions();
        let at = |draw: &Vec<f64>| {
            let changed = apply(&world.plan.all_parameters, draw, &expressions.evaluate(draw));
            let mut all = point(&changed, draw, None);
            all.extend_from_slice(&rules);
            all
        };
        self.draws.iter().map(at).collect()
    }

    /// The first thing that is wrong with the numbers of a story at some points.
    fn first_problem(
        &self,
        unfolded: &Unfolded,
        points: &[Vec<f64>],
        who: &str,
        place: Option<&Place>,
    ) -> Option<Problem> {
        let of = |state| Points::new(self.scenario, state, points.to_vec()).problems().into_iter().next();
        let problem = unfolded.states.iter().find_map(of)?;
        let message = format!("under {who}: {}", problem.message);
        let hint = problem.hint.map(|hint| match hint.strip_prefix(numbers::OVER_THE_PRIORS) {
            Some(_) => BOUND.to_owned(),
            None => hint,
        });
        // The place that matters is that of the change: as the story is, the number is sound.
        Some(Problem { message, hint, place: place.cloned().or(problem.place) })
    }

    fn factors(&self, inquiry: &mut Inquiry<'_>) -> Vec<Problem> {
        let scenario = self.scenario;
        let mut problems = Vec::new();
        for factor in &scenario.factors {
            for (interventions, how) in [(&factor.absent, "absence"), (&factor.present, "presence")] {
                let world = World {
                    interventions,
                    foresight: &scenario.factor_foresight,
                    luck: Luck::Held,
                    who: &format!("the {how} of the factor `{}`", factor.name),
                    place: factor.place.as_ref(),
                };
                problems.extend(self.world(inquiry, &world));
            }
        }
        if problems.is_empty() && scenario.factors.len() > 1 {
            let all: Vec<Intervention> = scenario.factors.iter().flat_map(|f| f.absent.clone()).collect();
            let world = World {
                interventions: &all,
                foresight: &scenario.factor_foresight,
                luck: Luck::Held,
                who: "the absence of all factors together",
                place: scenario.factors[0].place.as_ref(),
            };
            problems.extend(self.world(inquiry, &world));
        }
        problems
    }

    /// The parameter of a sweep at each of its values, in the story as it is.
    fn sweeps(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for sweep in &self.scenario.sweeps {
            let of = |&(value, _): &(f64, ExprId)| {
                let set = |draw: &Vec<f64>| {
                    let mut draw = draw.clone();
                    draw[sweep.parameter.index()] = value;
                    draw
                };
                let points: Vec<Vec<f64>> = self.draws.iter().map(set).collect();
                let who = format!("the sweep `{}` at {value}", sweep.name);
                self.first_problem(self.unfolded, &points, &who, sweep.place.as_ref())
            };
            problems.extend(sweep.values.iter().find_map(of));
        }
        problems
    }

    /// The other priors of the explanations.
    fn explanations(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for explanation in self.scenario.explanations.iter().filter(|e| !e.priors.is_empty()) {
            let joint: Option<JointPrior> = self.scenario.joint_prior(&explanation.priors).ok();
            let Some(points) = joint.map(|joint| points_of(&joint)) else { continue };
            let who = format!("the explanation `{}`", explanation.name);
            problems.extend(self.first_problem(self.unfolded, &points, &who, explanation.place.as_ref()));
        }
        problems
    }
}
