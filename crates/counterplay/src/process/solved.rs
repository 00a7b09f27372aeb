//! The worlds of a process solved at one draw, and replayed from there.

use counterplay_equilibrium::markov::{Equilibrium, Status};

use super::asked::Asked;
use super::measured::{LawsAt, MeasuredHistory};
use super::model::ProcessEvaluator;
use super::replay::{ReplayWorld, Step};
use super::trail::TrailWeights;
use crate::model::NoValue;
use crate::model::agreement::LogOdds;
use crate::scenario::Luck as LuckRule;
use crate::scenario::plan::apply;
use crate::world::luck::Luck;
use crate::world::tally::WorldDraw;
use counterplay_inference::key::Key;

/// A world solved at a draw.
pub(super) struct Solved {
    pub(super) odds: Vec<LogOdds>,
    values: Vec<f64>,
    pub(super) laws: LawsAt,
}

/// What is known of the play behind all worlds at a draw.
#[derive(Clone, Debug, Default)]
pub(super) struct Behind {
    /// The worst residual.
    pub(super) residual: f64,
    /// The plays that are equilibria off the branch from uniform play.
    pub(super) off_branch: Vec<usize>,
    /// Whether another branch crosses that of some play on the way to it.
    pub(super) crossed: bool,
}

impl Behind {
    fn all(plays: &[Equilibrium]) -> Self {
        Self {
            residual: plays.iter().map(|p| p.residual).fold(0.0, f64::max),
            off_branch: (0..plays.len()).filter(|&p| plays[p].status != Status::Converged).collect(),
            crossed: plays.iter().any(|p| !p.crossings.is_empty()),
        }
    }
}

const HISTORY: u64 = 11;
const HELD: u64 = 12;

impl Asked<'_> {
    /// Solves the play of every world, each from uniform play; and what is known of that play.
    pub(super) fn solve(
        &self,
        evaluator: &mut ProcessEvaluator,
        parameters: &[f64],
    ) -> Result<(Vec<Solved>, Behind), NoValue> {
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
        Ok((worlds, Behind::all(&plays)))
    }

    /// Lucks behind ways that agree with the record, free ones after it; and the log likelihood of the record.
    pub(super) fn held_lucks(
        &self,
        key: Key,
        (factual, values): (&Solved, &[Vec<f64>]),
        lucks: usize,
    ) -> (Vec<Luck>, f64) {
        let (process, trail) = (self.model.process(), self.model.trail());
        let mut weights = TrailWeights::default();
        let log_likelihood = trail.weigh(process, &factual.odds, values, &mut weights);
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
        ((0..lucks).map(luck).collect(), log_likelihood)
    }

    pub(super) fn replay_world<'b>(&'b self, world: usize, solved: &'b Solved) -> ReplayWorld<'b> {
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

    /// What is measured in the histories of a world.
    pub(super) fn measured(
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
}
