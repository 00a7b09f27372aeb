//! What one posterior draw answers: play solved in every world, and the story replayed with many lucks.

use counterplay_equilibrium::logit::{Equilibrium, Status};
use counterplay_equilibrium::referee::certify::certify;

use crate::agreement::{LogOdds, Weights};
use crate::causation::{Causation, Range};
use crate::causes::CausesDraw;
use crate::hash::Key;
use crate::inquiry::{Inquiry, World, WorldId};
use crate::luck::Luck;
use crate::mechanism_free::{MechanismFree, Solution};
use crate::model::{Evaluator, MODEL_SETTINGS, NoValue};
use crate::question::apply;
use crate::scenario::Luck as LuckRule;
use crate::timeline::{Timeline, TimelineDraw, given_record};
use crate::world::{LuckKey, LuckOf, Replayed, replay};

/// Evaluators of all scenes, to be cloned for each thread.
#[derive(Clone)]
pub(crate) struct Bench {
    evaluators: Vec<Evaluator>,
}

impl Bench {
    /// The values of the factual expressions at these parameter values.
    ///
    /// # Errors
    /// If a number of the game is not what it should be there.
    pub(crate) fn factual_values(&mut self, parameters: &[f64]) -> Result<Vec<f64>, NoValue> {
        self.evaluators[0].load(parameters)?;
        Ok(self.evaluators[0].values().to_vec())
    }

    pub(crate) fn new(inquiry: &Inquiry<'_>) -> Self {
        let settings = MODEL_SETTINGS;
        Self { evaluators: inquiry.scenes.iter().map(|s| s.model().evaluator(settings)).collect() }
    }

    /// The evaluator of the game of a play.
    pub(crate) fn evaluator(&mut self, inquiry: &Inquiry<'_>, play: usize) -> &mut Evaluator {
        &mut self.evaluators[inquiry.plays[play].scene]
    }

    /// A play solved, where `factual` are the values of the factual expressions at the parameters, and `kept` is the play by
    /// whose rules some players go on.
    ///
    /// # Errors
    /// If a number is bad there, or play was not reached.
    pub(crate) fn solve(
        &mut self,
        inquiry: &Inquiry<'_>,
        play: usize,
        (parameters, factual): (&[f64], &[f64]),
        kept: Option<&Equilibrium>,
    ) -> Result<Equilibrium, NoValue> {
        let changed = apply(&inquiry.plays[play].parameters, parameters, factual);
        self.evaluator(inquiry, play).solve(&point(&changed, parameters, kept))
    }

    /// A play solved at several draws together; as [`solve`](Self::solve) at each.
    fn solve_all(
        &mut self,
        inquiry: &Inquiry<'_>,
        play: usize,
        draws: &[(&[f64], &[f64], Option<&Equilibrium>)],
    ) -> Vec<Result<Equilibrium, NoValue>> {
        let acts = &inquiry.plays[play].parameters;
        let at = |&(parameters, factual, kept): &(&[f64], &[f64], Option<&Equilibrium>)| {
            point(&apply(acts, parameters, factual), parameters, kept)
        };
        let points: Vec<Vec<f64>> = draws.iter().map(at).collect();
        let points: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
        self.evaluator(inquiry, play).solve_all(&points)
    }

    /// Puts the numbers of a play into its evaluator; as [`solve`](Self::solve), without solving.
    ///
    /// # Errors
    /// If a number is bad there.
    pub(crate) fn load(
        &mut self,
        inquiry: &Inquiry<'_>,
        play: usize,
        (parameters, factual): (&[f64], &[f64]),
        kept: Option<&Equilibrium>,
    ) -> Result<(), NoValue> {
        let changed = apply(&inquiry.plays[play].parameters, parameters, factual);
        self.evaluator(inquiry, play).load(&point(&changed, parameters, kept))
    }

    /// A world under its play.
    ///
    /// # Errors
    /// If a number is bad there.
    pub(crate) fn world(
        &mut self,
        inquiry: &Inquiry<'_>,
        world: &World,
        (parameters, factual): (&[f64], &[f64]),
        (play, kept): (&Equilibrium, Option<&Equilibrium>),
    ) -> Result<Solved, NoValue> {
        let changed = apply(&world.plan.all_parameters, parameters, factual);
        let evaluator = self.evaluator(inquiry, world.play);
        evaluator.load(&point(&changed, parameters, kept))?;
        let odds = LogOdds::new(evaluator.numbers(), &play.play);
        Ok(Solved { odds, values: evaluator.values().to_vec() })
    }
}

/// A world at one draw.
pub(crate) struct Solved {
    pub(crate) odds: LogOdds,
    pub(crate) values: Vec<f64>,
}

/// How good the equilibria behind one draw's answers were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certified {
    pub(crate) count: usize,
    pub(crate) residual: f64,
    pub(crate) belief_error: f64,
    /// The plays that are not on the principal branch, by their numbers in the inquiry.
    pub(crate) off_branch: Vec<usize>,
}

impl Certified {
    fn certify(&mut self, play: usize, evaluator: &Evaluator, found: &Equilibrium) {
        let game = evaluator.model().game();
        let certificate = certify(game, evaluator.numbers(), evaluator.precisions(), &found.play);
        self.count += 1;
        self.residual = self.residual.max(certificate.residual);
        self.belief_error = self.belief_error.max(certificate.belief_error);
        if found.status != Status::Converged {
            self.off_branch.push(play);
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.residual = self.residual.max(other.residual);
        self.belief_error = self.belief_error.max(other.belief_error);
    }
}

/// A world that has no play at a draw.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unsolved {
    pub(crate) world: WorldId,
    pub(crate) why: NoValue,
}

/// The replays of one draw.
pub(crate) struct Replays {
    /// For each world, where each luck that agrees with the record leads.
    pub(crate) held: Vec<Vec<Replayed>>,
    /// For each world asked for, where luck of which nothing is known leads.
    pub(crate) free: Vec<Vec<Replayed>>,
    /// For each world and luck that agrees with the record, the measured quantities.
    pub(crate) measures: Vec<Vec<Vec<(usize, f64)>>>,
    /// Every world at the draw.
    pub(crate) solved: Vec<Solved>,
    /// How probability spreads over the histories that agree with the record.
    pub(crate) weights: Weights,
    /// What the draw says of each step of what happened.
    pub(crate) timeline: Option<TimelineDraw>,
    /// The log likelihood of the record.
    pub(crate) log_likelihood: f64,
    /// For each outcome asked about and each factor, what holds whatever the mechanism of luck.
    pub(crate) bounds: Vec<Vec<Causation<Range>>>,
    /// What was an actual cause of the outcome that the case is about.
    pub(crate) causes: CausesDraw,
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
    /// The steps of what happened, to be weighed at each draw.
    pub(crate) timeline: Option<&'a Timeline>,
    /// Where the worlds without a factor part from the factual one; `None` without factors.
    pub(crate) mechanism_free: Option<MechanismFree>,
    /// The outcome whose actual causes are looked for; `None` if nobody asks.
    pub(crate) about: Option<(usize, usize)>,
}

const HISTORY: u64 = 11;
const HELD: u64 = 12;
pub(crate) const ANEW: u64 = 13;
const FREE: u64 = 14;

impl Task<'_> {
    /// Answers for draw number `draw`, at these parameter values.
    ///
    /// # Errors
    /// If play cannot be solved there in one of the worlds.
    pub(crate) fn replay(
        &self,
        bench: &mut Bench,
        draw: usize,
        parameters: &[f64],
    ) -> Result<Replays, Unsolved> {
        let plays = self.plays(bench, &[parameters]).swap_remove(0)?;
        self.replay_with(bench, draw, parameters, &plays)
    }

    /// The same with the plays of all worlds already solved.
    ///
    /// # Errors
    /// If a number is bad in one of the worlds.
    pub(crate) fn replay_with(
        &self,
        bench: &mut Bench,
        draw: usize,
        parameters: &[f64],
        plays: &[Equilibrium],
    ) -> Result<Replays, Unsolved> {
        let mut certified = Certified::default();
        let worlds = self.worlds(bench, parameters, plays, &mut certified)?;
        let key = Key::new(self.seed).with(draw as u64);
        let scene = self.inquiry.factual();
        let mut weights = Weights::default();
        let log_likelihood = scene.model().agreement().map_or(0.0, |agreement| {
            agreement.weigh(scene.model().game(), &worlds[0].odds, &worlds[0].values, &mut weights)
        });
        let lucks = self.held_lucks(key, &worlds[0], &weights);
        let anew: Vec<Luck> = (0..self.lucks).map(|l| Luck::fresh(key.with(ANEW).with(l as u64))).collect();
        let free: Vec<Luck> = (0..self.lucks).map(|l| Luck::fresh(key.with(FREE).with(l as u64))).collect();
        let timeline = self.timeline.map(|t| t.weigh(scene, &worlds[0].odds, &weights));
        let mut replays = Replays {
            held: Vec::new(),
            free: Vec::new(),
            measures: Vec::new(),
            log_likelihood,
            solved: Vec::new(),
            bounds: self.bounds(&worlds, &weights),
            causes: self.about.map_or_else(CausesDraw::default, |about| {
                CausesDraw::of(scene, &worlds[0].odds, &lucks, about)
            }),
            weights,
            timeline,
            certified,
        };
        for (index, solved) in worlds.iter().enumerate() {
            let measured = self.measured.contains(&WorldId(index));
            let count = if measured { self.lucks } else { self.attribution_lucks.min(self.lucks) };
            let ends: Vec<Replayed> =
                (0..count).map(|l| self.replay_one(index, solved, &lucks[l], &anew[l])).collect();
            let measures = if measured {
                ends.iter()
                    .enumerate()
                    .map(|(l, &replayed)| self.measure(index, solved, replayed, &lucks[l], &anew[l]))
                    .collect()
            } else {
                Vec::new()
            };
            replays.held.push(ends);
            replays.measures.push(measures);
        }
        for world in &self.free {
            let solved = &worlds[world.0];
            replays.free.push(free.iter().map(|luck| self.replay_one(world.0, solved, luck, luck)).collect());
        }
        replays.solved = worlds;
        Ok(replays)
    }

    /// Where one luck leads in each world, at these parameter values: nothing is known to have happened.
    ///
    /// # Errors
    /// If play cannot be solved there in one of the worlds.
    pub(crate) fn replay_luck(
        &self,
        bench: &mut Bench,
        parameters: &[f64],
        luck: &Luck,
    ) -> Result<Vec<Replayed>, Unsolved> {
        let plays = self.plays(bench, &[parameters]).swap_remove(0)?;
        let worlds = self.worlds(bench, parameters, &plays, &mut Certified::default())?;
        let anew = Luck::fresh(Key::new(self.seed).with(ANEW));
        Ok(worlds
            .iter()
            .enumerate()
            .map(|(world, solved)| self.replay_one(world, solved, luck, &anew))
            .collect())
    }

    /// What holds of the factors whatever the mechanism of luck.
    fn bounds(&self, worlds: &[Solved], weights: &Weights) -> Vec<Vec<Causation<Range>>> {
        let Some(mechanism_free) = &self.mechanism_free else { return Vec::new() };
        let solutions: Vec<Solution<'_>> =
            worlds.iter().map(|w| Solution { odds: &w.odds, values: &w.values }).collect();
        mechanism_free.weigh(self.inquiry, &solutions, &given_record(self.inquiry.factual(), weights))
    }

    /// Lucks behind histories that agree with the record.
    pub(crate) fn held_lucks(&self, key: Key, factual: &Solved, weights: &Weights) -> Vec<Luck> {
        let scene = self.inquiry.factual();
        let agreement = scene.model().agreement().expect("the factual model has its record");
        let luck = |l: usize| {
            let (mut step, own) = (0u64, key.with(HISTORY).with(l as u64));
            let end = agreement.draw(weights, || {
                step += 1;
                own.with(step).uniform()
            });
            let luck_key = LuckKey(key.with(HELD).with(l as u64));
            let recorded = &self.inquiry.record.measured;
            scene.abduct(luck_key, &factual.odds, &factual.values, end, recorded, &self.inquiry.catalogue)
        };
        (0..self.lucks).map(luck).collect()
    }

    pub(crate) fn replay_one(&self, world: usize, solved: &Solved, luck: &Luck, anew: &Luck) -> Replayed {
        let world = &self.inquiry.worlds[world];
        let scene = &self.inquiry.scenes[self.inquiry.plays[world.play].scene];
        let luck = match world.plan.luck {
            LuckRule::Held => LuckOf { before: luck, after: None },
            LuckRule::RethrownAfter => LuckOf { before: luck, after: Some(anew) },
            LuckRule::Rethrown => LuckOf { before: anew, after: None },
        };
        replay(scene, &solved.odds, &solved.values, &world.surprises, luck)
    }

    fn measure(
        &self,
        world: usize,
        solved: &Solved,
        replayed: Replayed,
        luck: &Luck,
        anew: &Luck,
    ) -> Vec<(usize, f64)> {
        let world = &self.inquiry.worlds[world];
        let scene = &self.inquiry.scenes[self.inquiry.plays[world.play].scene];
        // Measured quantities are drawn at the end, so after the moment of the intervention, if it came up.
        let luck = match world.plan.luck {
            LuckRule::Rethrown => anew,
            LuckRule::RethrownAfter if replayed.thrown_anew => anew,
            LuckRule::Held | LuckRule::RethrownAfter => luck,
        };
        scene.measures(replayed.end, &solved.values, luck).collect()
    }

    /// The plays of all worlds at some draws, each from uniform play; the draws are solved together, play by play.
    pub(crate) fn plays(
        &self,
        bench: &mut Bench,
        draws: &[&[f64]],
    ) -> Vec<Result<Vec<Equilibrium>, Unsolved>> {
        // Interventions set parameters in terms of the factual ones.
        let at_factual = |why| Unsolved { world: WorldId::FACTUAL, why };
        let factual: Vec<Result<Vec<f64>, Unsolved>> =
            draws.iter().map(|draw| bench.factual_values(draw).map_err(at_factual)).collect();
        let mut plays: Vec<Result<Vec<Equilibrium>, Unsolved>> =
            factual.iter().map(|f| f.as_ref().map(|_| Vec::new()).map_err(Clone::clone)).collect();
        for (index, play) in self.inquiry.plays.iter().enumerate() {
            let open = draws.iter().zip(&factual).zip(&plays).filter_map(|((draw, factual), plays)| {
                let (factual, plays) = (factual.as_ref().ok()?, plays.as_ref().ok()?);
                Some((*draw, factual.as_slice(), play.kept.map(|k| &plays[k])))
            });
            let mut found = bench.solve_all(self.inquiry, index, &open.collect::<Vec<_>>()).into_iter();
            for plays in &mut plays {
                let Ok(known) = plays else { continue };
                match found.next().expect("every open draw is solved") {
                    Ok(play) => known.push(play),
                    Err(why) => *plays = Err(Unsolved { world: self.first_world_of(index), why }),
                }
            }
        }
        plays
    }

    /// Every world at a draw, its play certified.
    fn worlds(
        &self,
        bench: &mut Bench,
        parameters: &[f64],
        plays: &[Equilibrium],
        certified: &mut Certified,
    ) -> Result<Vec<Solved>, Unsolved> {
        let at_factual = |why| Unsolved { world: WorldId::FACTUAL, why };
        let factual = bench.factual_values(parameters).map_err(at_factual)?;
        for (index, play) in self.inquiry.plays.iter().enumerate() {
            let unsolved = |why| Unsolved { world: self.first_world_of(index), why };
            let kept = play.kept.map(|k| &plays[k]);
            bench.load(self.inquiry, index, (parameters, &factual), kept).map_err(unsolved)?;
            certified.certify(index, bench.evaluator(self.inquiry, index), &plays[index]);
        }
        let world = |(index, world): (usize, &World)| {
            let kept = self.inquiry.plays[world.play].kept.map(|k| &plays[k]);
            let solved = bench.world(self.inquiry, world, (parameters, &factual), (&plays[world.play], kept));
            solved.map_err(|why| Unsolved { world: WorldId(index), why })
        };
        self.inquiry.worlds.iter().enumerate().map(world).collect()
    }

    fn first_world_of(&self, play: usize) -> WorldId {
        WorldId(self.inquiry.worlds.iter().position(|w| w.play == play).unwrap_or(0))
    }
}

/// All that the expressions of a changed story can speak of: its parameters, the parameters as they were, and the
/// probabilities by which those players move who do not foresee the changes.
pub(crate) fn point(changed: &[f64], factual: &[f64], kept: Option<&Equilibrium>) -> Vec<f64> {
    let mut point = changed.to_vec();
    point.extend_from_slice(factual);
    point.extend(kept.into_iter().flat_map(|kept| &kept.play));
    point
}

/// The share of replays that end like the factual one in every event.
pub(crate) fn unchanged(held: &[Replayed], factual: &[Replayed]) -> f64 {
    let same = held.iter().zip(factual).filter(|(a, b)| a.signature == b.signature).count();
    same as f64 / held.len().max(1) as f64
}
