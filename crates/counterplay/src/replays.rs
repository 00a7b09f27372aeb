//! What one posterior draw answers: play solved in every world, and the story replayed with many lucks.

use counterplay_equilibrium::certify::certify;
use counterplay_equilibrium::qre;
use counterplay_game::id::NodeId;

use crate::agreement::{LogOdds, Weights};
use crate::hash::Key;
use crate::inquiry::{Inquiry, WorldId};
use crate::luck::Luck;
use crate::model::{Evaluator, NoValue};
use crate::question::apply;
use crate::scenario::Luck as LuckRule;
use crate::world::{LuckKey, LuckOf, Replayed, Surprises, replay};

/// Evaluators of all scenes, to be cloned for each thread.
#[derive(Clone)]
pub(crate) struct Bench {
    evaluators: Vec<Evaluator>,
}

impl Bench {
    pub(crate) fn new(inquiry: &Inquiry<'_>) -> Self {
        let settings = qre::Settings::default();
        Self { evaluators: inquiry.scenes.iter().map(|s| s.model().evaluator(settings)).collect() }
    }
}

/// A world at one draw.
struct Solved {
    odds: LogOdds,
    values: Vec<f64>,
}

/// How good the equilibria behind one draw's answers were.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Certified {
    pub(crate) count: usize,
    pub(crate) residual: f64,
    pub(crate) belief_error: f64,
    pub(crate) failed: usize,
}

impl Certified {
    pub(crate) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.failed += other.failed;
        self.residual = self.residual.max(other.residual);
        self.belief_error = self.belief_error.max(other.belief_error);
    }
}

/// The replays of one draw.
pub(crate) struct Replays {
    /// For each world, where each luck that agrees with the record leads; empty if the world could not be solved.
    pub(crate) held: Vec<Vec<Replayed>>,
    /// For each world asked for, where luck of which nothing is known leads.
    pub(crate) free: Vec<Vec<Replayed>>,
    /// For each world and luck that agrees with the record, the measured quantities.
    pub(crate) measures: Vec<Vec<Vec<(usize, f64)>>>,
    pub(crate) certified: Certified,
}

/// What is to be replayed.
pub(crate) struct Task<'a> {
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) seed: u64,
    pub(crate) lucks: usize,
    /// The worlds whose measured quantities are wanted.
    pub(crate) measured: Vec<WorldId>,
    /// The worlds to be replayed with free luck.
    pub(crate) free: Vec<WorldId>,
    /// How many lucks the other worlds get at most.
    pub(crate) attribution_lucks: usize,
}

const HISTORY: u64 = 11;
const HELD: u64 = 12;
const ANEW: u64 = 13;
const FREE: u64 = 14;

impl Task<'_> {
    /// Answers for draw number `draw`, at these parameter values.
    ///
    /// # Errors
    /// If the factual play cannot be solved there.
    pub(crate) fn replay(&self, bench: &mut Bench, draw: usize, parameters: &[f64]) -> Result<Replays, NoValue> {
        let mut certified = Certified::default();
        let worlds = self.solve(bench, parameters, &mut certified)?;
        let key = Key::new(self.seed).with(draw as u64);
        let factual = worlds[0].as_ref().map_err(Clone::clone)?;
        let lucks = self.held_lucks(key, factual);
        let anew: Vec<Luck> = (0..self.lucks).map(|l| Luck::fresh(key.with(ANEW).with(l as u64))).collect();
        let free: Vec<Luck> = (0..self.lucks).map(|l| Luck::fresh(key.with(FREE).with(l as u64))).collect();
        let mut replays =
            Replays { held: Vec::new(), free: Vec::new(), measures: Vec::new(), certified };
        for (index, solved) in worlds.iter().enumerate() {
            let Ok(solved) = solved else {
                replays.held.push(Vec::new());
                replays.measures.push(Vec::new());
                continue;
            };
            let measured = self.measured.contains(&WorldId(index));
            let count = if measured { self.lucks } else { self.attribution_lucks.min(self.lucks) };
            let ends: Vec<Replayed> =
                (0..count).map(|l| self.replay_one(index, solved, &lucks[l], &anew[l])).collect();
            let measures = if measured {
                ends.iter().enumerate().map(|(l, end)| self.measure(index, solved, end.end, &lucks[l], &anew[l])).collect()
            } else {
                Vec::new()
            };
            replays.held.push(ends);
            replays.measures.push(measures);
        }
        for world in &self.free {
            let ends = match &worlds[world.0] {
                Ok(solved) => free.iter().map(|luck| self.replay_one(world.0, solved, luck, luck)).collect(),
                Err(_) => Vec::new(),
            };
            replays.free.push(ends);
        }
        Ok(replays)
    }

    /// Lucks behind histories that agree with the record.
    fn held_lucks(&self, key: Key, factual: &Solved) -> Vec<Luck> {
        let scene = self.inquiry.factual();
        let agreement = scene.model().agreement().expect("the factual model has its record");
        let mut weights = Weights::default();
        agreement.weigh(scene.model().game(), &factual.odds, &factual.values, &mut weights);
        let luck = |l: usize| {
            let (mut step, own) = (0u64, key.with(HISTORY).with(l as u64));
            let end = agreement.draw(&weights, || {
                step += 1;
                own.with(step).uniform()
            });
            let luck_key = LuckKey(key.with(HELD).with(l as u64));
            let recorded = &self.inquiry.scenario().record.measured;
            scene.abduct(luck_key, &factual.odds, &factual.values, end, recorded, &self.inquiry.catalogue)
        };
        (0..self.lucks).map(luck).collect()
    }

    fn replay_one(&self, world: usize, solved: &Solved, luck: &Luck, anew: &Luck) -> Replayed {
        let world = &self.inquiry.worlds[world];
        let scene = &self.inquiry.scenes[self.inquiry.plays[world.play].scene];
        let luck = self.luck_of(&world.plan.luck, luck, anew);
        replay(scene, &solved.odds, &solved.values, &world.surprises, luck)
    }

    #[allow(clippy::unused_self)]
    fn luck_of<'l>(&self, rule: &LuckRule, luck: &'l Luck, anew: &'l Luck) -> LuckOf<'l> {
        match rule {
            LuckRule::Held => LuckOf { before: luck, after: None },
            LuckRule::RethrownAfter => LuckOf { before: luck, after: Some(anew) },
            LuckRule::Rethrown => LuckOf { before: anew, after: None },
        }
    }

    fn measure(&self, world: usize, solved: &Solved, end: NodeId, luck: &Luck, anew: &Luck) -> Vec<(usize, f64)> {
        let world = &self.inquiry.worlds[world];
        let scene = &self.inquiry.scenes[self.inquiry.plays[world.play].scene];
        // Measured quantities are drawn at the end, so after any moment.
        let luck = match world.plan.luck {
            LuckRule::Held => luck,
            LuckRule::RethrownAfter | LuckRule::Rethrown => anew,
        };
        scene.measures(end, &solved.values, luck).collect()
    }

    /// Solves the play of every world.
    fn solve(
        &self,
        bench: &mut Bench,
        parameters: &[f64],
        certified: &mut Certified,
    ) -> Result<Vec<Result<Solved, NoValue>>, NoValue> {
        let mut plays: Vec<Result<Vec<f64>, NoValue>> = Vec::new();
        let mut near: Option<Vec<f64>> = None;
        // Interventions set parameters in terms of the factual ones.
        bench.evaluators[0].load(parameters)?;
        let factual_values = bench.evaluators[0].values().to_vec();
        for play in &self.inquiry.plays {
            let evaluator = &mut bench.evaluators[play.scene];
            evaluator.start_afresh();
            if let (0, Some(near)) = (play.scene, &near) {
                evaluator.start_from(near);
            }
            let changed = apply(&play.parameters, parameters, &factual_values);
            let found = evaluator.solve(&changed);
            if let Ok(found) = &found {
                let game = evaluator.model().game();
                let check = certify(game, evaluator.numbers(), evaluator.precisions(), &found.play);
                certified.add(&Certified {
                    count: 1,
                    residual: check.residual,
                    belief_error: check.belief_error,
                    failed: 0,
                });
            } else {
                certified.failed += 1;
            }
            if near.is_none() {
                near = found.as_ref().ok().map(|f| f.logits.clone());
            }
            plays.push(found.map(|f| f.play));
        }
        let world = |world: &crate::inquiry::World| {
            let play = plays[world.play].as_ref().map_err(Clone::clone)?;
            let evaluator = &mut bench.evaluators[self.inquiry.plays[world.play].scene];
            evaluator.load(&apply(&world.plan.all_parameters, parameters, &factual_values))?;
            let odds = LogOdds::new(evaluator.numbers(), play);
            Ok(Solved { odds, values: evaluator.values().to_vec() })
        };
        Ok(self.inquiry.worlds.iter().map(world).collect())
    }
}

/// The share of replays that end like the factual one in every event.
pub(crate) fn unchanged(held: &[Replayed], factual: &[Replayed]) -> f64 {
    let same = held.iter().zip(factual).filter(|(a, b)| a.signature == b.signature).count();
    same as f64 / held.len().max(1) as f64
}

/// A replay of the story as it was, for tests of what no intervention may change.
pub(crate) fn nothing_surprising() -> Surprises {
    Surprises::default()
}
