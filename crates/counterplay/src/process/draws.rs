//! What one posterior draw says of a process: play solved in every world, and the process replayed with many lucks.

use std::cell::RefCell;
use std::collections::BTreeMap;

use counterplay_equilibrium::markov::Equilibrium;

use super::Process;
use super::first;
use super::measured::{LawsAt, MeasuredHistory, MeasuredStage, Measures};
use super::model::{ProcessEvaluator, ProcessModel};
use super::replay::{ProcessKeys, ReplayWorld, Step};
use super::trail::TrailWeights;
use crate::agreement::LogOdds;
use crate::attribution::{FactorDraw, FactorWorlds};
use crate::claims::NamedAnswers;
use crate::hash::Key;
use crate::inquiry::WorldId;
use crate::luck::Luck;
use crate::model::NoValue;
use crate::problem::Problem;
use crate::question::{Plan, apply};
use crate::scenario::{Act, Luck as LuckRule, Scenario};
use crate::tally::WorldDraw;
use crate::world::Catalogue;

/// A world: what is changed in it, and by which play.
pub(super) struct ProcessWorld {
    pub(super) plan: Plan,
    pub(super) play: usize,
}

/// All that is asked of a process.
pub(super) struct Asked<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) model: &'a ProcessModel,
    pub(super) keys: ProcessKeys,
    pub(super) catalogue: Catalogue,
    /// For each state and ending, the outcomes that are stated.
    stated: Vec<Vec<Vec<(usize, usize)>>>,
    pub(super) measures: Measures,
    /// The outcomes that are true or false, with the number of `True`.
    pub(super) truths: Vec<(usize, usize)>,
    /// Changed parameters that are foreseen, for each play; none for the factual one.
    pub(super) plays: Vec<Vec<Act>>,
    /// The factual world, those of the what-ifs, then those of the sets of factors.
    pub(super) worlds: Vec<ProcessWorld>,
    /// For each what-if its world.
    pub(super) questions: Vec<usize>,
    /// The worlds of the sets of factors.
    pub(super) factors: Option<FactorWorlds>,
    /// The outcomes whose factors are weighed.
    pub(super) weighed: Vec<(usize, usize)>,
    pub(super) seed: u64,
    pub(super) lucks: usize,
    pub(super) attribution_lucks: usize,
}

/// What one draw says of one world, stage by stage up to the horizon.
pub(super) struct Series {
    /// For each stage, each outcome and each value, the share of histories that state it.
    pub(super) outcomes: Vec<Vec<Vec<f64>>>,
    /// For each stage, each measured quantity.
    pub(super) measures: Vec<Vec<MeasuredStage>>,
    /// For each outcome that is true or false and each stage, the share of histories in which it has been true by then.
    pub(super) first_true: Vec<Vec<f64>>,
}

/// What one draw says.
pub(super) struct ProcessDraw {
    /// The factual world and then each what-if.
    pub(super) worlds: Vec<WorldDraw>,
    pub(super) series: Vec<Series>,
    pub(super) unchanged: Vec<f64>,
    pub(super) factors: Vec<((usize, usize), FactorDraw)>,
    pub(super) claims: Vec<Result<bool, Problem>>,
    pub(super) residual: f64,
    pub(super) solved: usize,
}

/// A world solved at a draw.
struct Solved {
    odds: Vec<LogOdds>,
    values: Vec<f64>,
    laws: LawsAt,
}

const HISTORY: u64 = 11;
const HELD: u64 = 12;
const ANEW: u64 = 13;
const FREE: u64 = 14;

impl<'a> Asked<'a> {
    /// Only the factual world, to begin with.
    pub(super) fn new(scenario: &'a Scenario, model: &'a ProcessModel, seed: u64, lucks: usize) -> Self {
        let mut catalogue = Catalogue::default();
        let stated = stated(model.process(), &mut catalogue);
        let measures = Measures::new(model.process(), &mut catalogue);
        Self {
            scenario,
            model,
            keys: ProcessKeys::new(model.process()),
            truths: first::truths(&catalogue),
            catalogue,
            stated,
            measures,
            plays: vec![Vec::new()],
            worlds: vec![ProcessWorld { plan: Plan::default(), play: 0 }],
            questions: Vec::new(),
            factors: None,
            weighed: Vec::new(),
            seed,
            lucks,
            attribution_lucks: lucks,
        }
    }

    /// The world of a plan.
    ///
    /// # Errors
    /// If it changes the story of a stage for players who foresee it, or an event that no stage has.
    pub(super) fn world(&mut self, plan: Plan) -> Result<usize, Problem> {
        if plan.apart.is_some() {
            return Err(Problem::new("of a process all players foresee a change, or none does; and only moves and parameters can change")
                .hint("say `foreseen_by = ALL` or `NOBODY`, and use `do`, `forbid`, `rule`, `set`, `shift` or `scale`"));
        }
        if let Some(change) = plan.foreseen_changes.first() {
            let event = change.event().map_or_else(|| "the story".to_owned(), |e| format!("`{e}`"));
            return Err(Problem::new(format!(
                "a foreseen change of {event} would make play hang on how often it came up before, and so not stationary"
            ))
            .hint("let it come as a surprise, change a parameter instead, or put into the state what is to be different"));
        }
        for change in &plan.surprises {
            if !change.conditions().is_empty() {
                return Err(Problem::new("of a process a change of a move cannot hang on a condition")
                    .hint("name the occurrence that it is to change, such as `policy #3`"));
            }
            let event = change.event().filter(|e| !self.keys.names().contains(&e.name));
            if let Some(event) = event {
                let names = self.keys.names().iter().map(String::as_str);
                return Err(Problem::new(format!("no stage has an event `{}`", event.name))
                    .hint(crate::problem::did_you_mean(&event.name, names)));
            }
        }
        if let Some(known) = self.worlds.iter().position(|w| w.plan == plan) {
            return Ok(known);
        }
        let play = self.plays.iter().position(|p| *p == plan.foreseen_parameters).unwrap_or_else(|| {
            self.plays.push(plan.foreseen_parameters.clone());
            self.plays.len() - 1
        });
        self.worlds.push(ProcessWorld { plan, play });
        Ok(self.worlds.len() - 1)
    }

    /// What one draw says.
    ///
    /// # Errors
    /// If play cannot be solved in one of the worlds.
    pub(super) fn draw(
        &self,
        evaluator: &mut ProcessEvaluator,
        index: usize,
        parameters: &[f64],
    ) -> Result<ProcessDraw, NoValue> {
        let key = Key::new(self.seed).with(index as u64);
        let (worlds, residual) = self.solve(evaluator, parameters)?;
        evaluator.load(parameters)?;
        let held = self.held_lucks(key, &worlds[0], evaluator.all_values());
        let fresh = |part: u64| -> Vec<Luck> {
            (0..self.lucks).map(|l| Luck::fresh(key.with(part).with(l as u64))).collect()
        };
        let (anew, free) = (fresh(ANEW), fresh(FREE));
        let replay = |world: usize, held: &[Luck], count: usize| -> Vec<Vec<Step>> {
            let replayed = self.replay_world(world, &worlds[world]);
            (0..count)
                .map(|l| match self.worlds[world].plan.luck {
                    LuckRule::Held => replayed.replay(&held[l], None),
                    LuckRule::RethrownAfter => replayed.replay(&held[l], Some(&anew[l])),
                    LuckRule::Rethrown => replayed.replay(&anew[l], None),
                })
                .collect()
        };
        let factual = replay(0, &held, self.lucks);
        let mut draw = ProcessDraw {
            worlds: Vec::new(),
            series: Vec::new(),
            unchanged: Vec::new(),
            factors: Vec::new(),
            claims: Vec::new(),
            residual,
            solved: self.plays.len(),
        };
        for &world in std::iter::once(&0).chain(&self.questions) {
            let histories = if world == 0 { factual.clone() } else { replay(world, &held, self.lucks) };
            let measured = self.measured(world, &worlds[world].laws, &histories, (&held, &anew));
            draw.unchanged.push(share(histories.iter().zip(&factual).map(|(a, b)| same_way(a, b))));
            draw.worlds.push(self.count(&histories, &measured));
            draw.series.push(self.series(&histories, &measured));
        }
        draw.factors = self.factors(&|w, count| replay(w, &held, count), &|w| replay(w, &free, self.lucks));
        draw.claims = self.test_claims(&draw);
        Ok(draw)
    }

    fn factors(
        &self,
        held: &dyn Fn(usize, usize) -> Vec<Vec<Step>>,
        free: &dyn Fn(usize) -> Vec<Vec<Step>>,
    ) -> Vec<((usize, usize), FactorDraw)> {
        let Some(worlds) = &self.factors else { return Vec::new() };
        // Each world is replayed once, whatever is asked of it.
        let replayed: RefCell<BTreeMap<usize, Vec<Vec<Step>>>> = RefCell::default();
        let free: Vec<_> = worlds
            .all_present()
            .into_iter()
            .chain(worlds.without_one().iter().copied())
            .map(|w| free(w.0))
            .collect();
        let having = |of: (usize, usize), histories: &Vec<Vec<Step>>| -> Vec<bool> {
            histories.iter().map(|h| self.last_stated(h)[of.0] == Some(of.1)).collect()
        };
        let one = |&of: &(usize, usize)| {
            let free: Vec<_> = free.iter().map(|h| having(of, h)).collect();
            let had = |world: WorldId| {
                let mut known = replayed.borrow_mut();
                let histories = known.entry(world.0).or_insert_with(|| held(world.0, self.attribution_lucks));
                having(of, histories)
            };
            // Bounds that hold whatever the luck's mechanism are found of trees only.
            worlds.weigh(&had, &free, Vec::new()).map(|draw| (of, draw))
        };
        self.weighed.iter().filter_map(one).collect()
    }

    fn test_claims(&self, draw: &ProcessDraw) -> Vec<Result<bool, Problem>> {
        let probabilities: Vec<_> = draw.worlds.iter().map(|w| w.probabilities.clone()).collect();
        let means: Vec<_> = draw.worlds.iter().map(WorldDraw::means).collect();
        let answers = NamedAnswers {
            scenario: self.scenario,
            catalogue: &self.catalogue,
            probabilities: &probabilities,
            means: &means,
            factors: &draw.factors,
            queries: &crate::query::QueryDraw::default(),
        };
        self.scenario.claims.iter().map(|claim| claim.test.holds(&answers)).collect()
    }

    /// What is measured in the histories of a world.
    fn measured(
        &self,
        world: usize,
        laws: &LawsAt,
        histories: &[Vec<Step>],
        (held, anew): (&[Luck], &[Luck]),
    ) -> Vec<MeasuredHistory> {
        let before = match self.worlds[world].plan.luck {
            LuckRule::Held | LuckRule::RethrownAfter => held,
            LuckRule::Rethrown => anew,
        };
        let process = self.model.process();
        let lucks = before.iter().zip(anew);
        let along = |(history, (luck, anew)): (&Vec<Step>, (&Luck, &Luck))| {
            self.measures.along(process, laws, history, luck, anew)
        };
        histories.iter().zip(lucks).map(along).collect()
    }

    /// Histories with luck of which nothing is known, under play at the point that was loaded last, and what comes of them.
    pub(super) fn prospect(
        &self,
        evaluator: &ProcessEvaluator,
        odds: &[LogOdds],
        key: Key,
        count: usize,
    ) -> (Vec<Vec<Step>>, WorldDraw) {
        let laws = self.measures.at(evaluator.all_values());
        let solved = Solved { odds: odds.to_vec(), values: evaluator.values().to_vec(), laws };
        let world = self.replay_world(0, &solved);
        let lucks: Vec<Luck> = (0..count).map(|l| Luck::fresh(key.with(l as u64))).collect();
        let histories: Vec<_> = lucks.iter().map(|luck| world.replay(luck, None)).collect();
        let measured = self.measured(0, &solved.laws, &histories, (&lucks, &lucks));
        let counted = self.count(&histories, &measured);
        (histories, counted)
    }

    fn replay_world<'b>(&'b self, world: usize, solved: &'b Solved) -> ReplayWorld<'b> {
        let plan = &self.worlds[world].plan;
        ReplayWorld {
            process: self.model.process(),
            keys: &self.keys,
            odds: &solved.odds,
            surprises: &plan.surprises,
            values: &solved.values,
            horizon: self.scenario.horizon,
            moments: plan.moments().into_iter().map(|m| m.0).collect(),
        }
    }

    /// Solves the play of every world; the worst residual.
    fn solve(
        &self,
        evaluator: &mut ProcessEvaluator,
        parameters: &[f64],
    ) -> Result<(Vec<Solved>, f64), NoValue> {
        // Interventions set parameters in terms of the factual ones.
        evaluator.load(parameters)?;
        let factual = evaluator.values().to_vec();
        let mut plays: Vec<Equilibrium> = Vec::new();
        for acts in &self.plays {
            plays.push(evaluator.solve(&apply(acts, parameters, &factual))?);
        }
        let mut worlds = Vec::with_capacity(self.worlds.len());
        for world in &self.worlds {
            evaluator.load(&apply(&world.plan.all_parameters, parameters, &factual))?;
            let odds = evaluator.odds(&plays[world.play].play);
            let laws = self.measures.at(evaluator.all_values());
            worlds.push(Solved { odds, values: evaluator.values().to_vec(), laws });
        }
        Ok((worlds, plays.iter().map(|p| p.residual).fold(0.0, f64::max)))
    }

    /// Lucks behind ways that agree with the record; free ones after it.
    fn held_lucks(&self, key: Key, factual: &Solved, values: &[Vec<f64>]) -> Vec<Luck> {
        let (process, trail) = (self.model.process(), self.model.trail());
        let mut weights = TrailWeights::default();
        trail.weigh(process, &factual.odds, values, &mut weights);
        let world = self.replay_world(0, factual);
        let luck = |l: usize| {
            let (mut step, own) = (0u64, key.with(HISTORY).with(l as u64));
            let way = trail.draw(process, &weights, || {
                step += 1;
                own.with(step).uniform()
            });
            let mut luck = world.abduct(key.with(HELD).with(l as u64), &way);
            self.measures.know(process, &factual.laws, &self.scenario.record, &way, &mut luck);
            luck
        };
        (0..self.lucks).map(luck).collect()
    }

    /// The outcomes that a step states.
    fn stated(&self, step: Step) -> &[(usize, usize)] {
        let game = &self.model.process().states[step.state].unfolded.game;
        match game.kind(step.end) {
            counterplay_game::tree::Kind::End(end) => &self.stated[step.state][game.end(end).tag as usize],
            counterplay_game::tree::Kind::Chance(_) | counterplay_game::tree::Kind::Decision(_) => &[],
        }
    }

    /// For each outcome the value stated last.
    pub(super) fn last_stated(&self, history: &[Step]) -> Vec<Option<usize>> {
        let mut last = vec![None; self.catalogue.outcomes.len()];
        for &(outcome, value) in history.iter().flat_map(|step| self.stated(*step)) {
            last[outcome] = Some(value);
        }
        last
    }

    /// How often each outcome ends with each value, and what is measured last.
    fn count(&self, histories: &[Vec<Step>], measured: &[MeasuredHistory]) -> WorldDraw {
        let mut probabilities = self.zeros();
        for history in histories {
            for (outcome, value) in self.last_stated(history).into_iter().enumerate() {
                if let Some(value) = value {
                    probabilities[outcome][value] += 1.0;
                }
            }
        }
        for probability in probabilities.iter_mut().flatten() {
            *probability /= histories.len().max(1) as f64;
        }
        WorldDraw { probabilities, measured: self.measures.last(measured), histories: histories.len() }
    }

    fn series(&self, histories: &[Vec<Step>], measured: &[MeasuredHistory]) -> Series {
        let stages = self.scenario.horizon + 1;
        let mut outcomes = vec![self.zeros(); stages];
        for history in histories {
            for (stage, step) in outcomes.iter_mut().zip(history) {
                for &(outcome, value) in self.stated(*step) {
                    stage[outcome][value] += 1.0;
                }
            }
        }
        for share in outcomes.iter_mut().flatten().flatten() {
            *share /= histories.len().max(1) as f64;
        }
        Series {
            outcomes,
            measures: self.measures.by_stage(stages, measured),
            first_true: first::by_stage(&self.truths, stages, histories, |step| self.stated(step)),
        }
    }

    fn zeros(&self) -> Vec<Vec<f64>> {
        self.catalogue.outcomes.iter().map(|o| vec![0.0; o.1.len()]).collect()
    }
}

fn same_way(a: &[Step], b: &[Step]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
}

fn share(of: impl Iterator<Item = bool>) -> f64 {
    let (mut all, mut yes) = (0usize, 0usize);
    for x in of {
        all += 1;
        yes += usize::from(x);
    }
    yes as f64 / all.max(1) as f64
}

/// For each state and ending, the outcomes that are stated, entered into the catalogue.
fn stated(process: &Process, catalogue: &mut Catalogue) -> Vec<Vec<Vec<(usize, usize)>>> {
    let mut all = Vec::with_capacity(process.states.len());
    for told in &process.states {
        let text = |id| told.unfolded.game.text(id);
        let mut of_state = Vec::with_capacity(told.unfolded.endings.len());
        for ending in &told.unfolded.endings {
            of_state.push(ending.outcomes.iter().map(|o| catalogue.intern(text(o.0), text(o.1))).collect());
        }
        all.push(of_state);
    }
    all
}
