//! What one posterior draw answers: play solved in every world, and the story replayed many times.

use crate::answer::bounds::{MechanismFree, SolvedWorld};
use crate::answer::causes::CausesDraw;
use crate::answer::timeline::{Timeline, TimelineDraw, given_record};
use crate::causality::causation::{Causation, Range};
use crate::model::centre::Centre;
use crate::model::consistent::Weights;
use crate::model::odds::LogOdds;
use crate::model::play::{MODEL_SETTINGS, Play};
use crate::model::{Evaluator, NoValue};
use crate::scenario::Luck as LuckRule;
use crate::scenario::plan::apply;
use crate::world::catalogue::OutcomeIndex;
use crate::world::history::Replayed;
use crate::world::inquiry::{Inquiry, World, WorldId, point};
use crate::world::luck::Luck;
use crate::world::replay::LuckOf;
use crate::world::replay::replay;
use crate::world::scene::LuckKey;
use counterplay_inference::key::Key;

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
        parameters: &[f64],
        factual: &[f64],
        kept: Option<&Play>,
    ) -> Result<Play, NoValue> {
        let changed = apply(&inquiry.plays[play].parameters, parameters, factual);
        self.evaluator(inquiry, play).solve(&point(&changed, parameters, kept))
    }

    /// A play solved at several draws together; as [`solve`](Self::solve) at each.
    fn solve_all(
        &mut self,
        inquiry: &Inquiry<'_>,
        play: usize,
        draws: &[(&[f64], &[f64], Option<&Play>)],
    ) -> Vec<Result<Play, NoValue>> {
        let acts = &inquiry.plays[play].parameters;
        let at = |&(parameters, factual, kept): &(&[f64], &[f64], Option<&Play>)| {
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
        parameters: &[f64],
        factual: &[f64],
        kept: Option<&Play>,
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
        parameters: &[f64],
        factual: &[f64],
        play: &Play,
        kept: Option<&Play>,
    ) -> Result<Solved, NoValue> {
        let changed = apply(&world.plan.all_parameters, parameters, factual);
        let evaluator = self.evaluator(inquiry, world.play);
        evaluator.load(&point(&changed, parameters, kept))?;
        Ok(Solved { odds: evaluator.odds(play), values: evaluator.all_values().to_vec() })
    }
}

/// A world at one draw: for each state, the log probabilities of its branches and the values of its expressions.
pub(crate) struct Solved {
    pub(crate) odds: Vec<LogOdds>,
    pub(crate) values: Vec<Vec<f64>>,
}

/// How good the equilibria behind one draw's answers were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certified {
    /// How many the referee has certified.
    pub(crate) count: usize,
    pub(crate) residual: f64,
    /// `None` where it is not measured.
    pub(crate) belief_error: Option<f64>,
    /// The plays that are not on the principal branch, by their numbers in the inquiry.
    pub(crate) off_branch: Vec<usize>,
    /// Whether another branch crosses that of some play on the way to it.
    pub(crate) crossed: bool,
}

impl Certified {
    fn certify(&mut self, play: usize, evaluator: &Evaluator, found: &Play) {
        if let Some(certificate) = evaluator.certify(found) {
            self.count += 1;
            self.residual = self.residual.max(certificate.residual);
            self.belief_error = largest(self.belief_error, certificate.belief_error);
        }
        if !found.on_branch() {
            self.off_branch.push(play);
        }
        self.crossed |= !found.crossings().is_empty();
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.residual = self.residual.max(other.residual);
        self.belief_error = largest(self.belief_error, other.belief_error);
        self.crossed |= other.crossed;
    }
}

/// The larger of two numbers, of which some may not be measured.
fn largest(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.map_or(b, |a| Some(b.map_or(a, |b| a.max(b))))
}

/// A world that has no play at a draw.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unsolved {
    pub(crate) world: WorldId,
    pub(crate) why: NoValue,
}

/// What is measured along a history, stage by stage: number and value.
pub(crate) type MeasuredHistory = Vec<Vec<(usize, f64)>>;

/// The replays of one draw.
pub(crate) struct Replays {
    /// For each world, where each luck that agrees with the record leads.
    pub(crate) held: Vec<Vec<Replayed>>,
    /// For each world asked for, where luck of which nothing is known leads.
    pub(crate) free: Vec<Vec<Replayed>>,
    /// For each world and luck that agrees with the record, the measured quantities.
    pub(crate) measures: Vec<Vec<MeasuredHistory>>,
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
    pub(crate) replays: usize,
    /// The worlds whose measured quantities are wanted.
    pub(crate) measured: Vec<WorldId>,
    /// The worlds to be replayed with free luck.
    pub(crate) free: Vec<WorldId>,
    /// How many replays the other worlds get at most.
    pub(crate) attribution_replays: usize,
    /// The steps of what happened, to be weighed at each draw.
    pub(crate) timeline: Option<&'a Timeline>,
    /// Where the worlds without a factor part from the factual one; `None` without factors.
    pub(crate) mechanism_free: Option<MechanismFree>,
    /// The outcome whose actual causes are looked for; `None` if nobody asks.
    pub(crate) about: Option<OutcomeIndex>,
}

const HISTORY: u64 = 11;

const HELD: u64 = 12;

pub(crate) const REDRAWN: u64 = 13;

const FREE: u64 = 14;

impl<'a> Task<'a> {
    /// Nothing but this many replays, and what is measured in some worlds.
    pub(crate) fn plain(inquiry: &'a Inquiry<'a>, seed: u64, replays: usize, measured: Vec<WorldId>) -> Self {
        Self {
            inquiry,
            seed,
            replays,
            measured,
            free: Vec::new(),
            attribution_replays: replays,
            timeline: None,
            mechanism_free: None,
            about: None,
        }
    }
}

impl Task<'_> {
    /// Histories of the world as it was with luck that explains the record, under play at one point.
    pub(crate) fn histories_at(&self, centre: &Centre) -> Vec<Replayed> {
        let values = centre.evaluator.all_values().to_vec();
        let solved = Solved { odds: centre.odds.clone(), values };
        let key = Key::new(self.seed).with(Key::of_text("centre"));
        let noise = self.held_noise(key, &solved, &centre.weights);
        noise.iter().map(|luck| self.replay_one(0, &solved, luck, luck)).collect()
    }

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
        plays: &[Play],
    ) -> Result<Replays, Unsolved> {
        let mut certified = Certified::default();
        let worlds = self.worlds(bench, parameters, plays, &mut certified)?;
        let key = Key::new(self.seed).with(draw as u64);
        let scene = self.inquiry.factual();
        let mut weights = Weights::default();
        let unfolded = scene.model().unfolded();
        let log_likelihood = scene.model().consistent().map_or(0.0, |consistent| {
            consistent.weigh(unfolded, &worlds[0].odds, &worlds[0].values, &mut weights)
        });
        let noise = self.held_noise(key, &worlds[0], &weights);
        let redrawn: Vec<Luck> =
            (0..self.replays).map(|l| Luck::fresh(key.with(REDRAWN).with(l as u64))).collect();
        let free: Vec<Luck> = (0..self.replays).map(|l| Luck::fresh(key.with(FREE).with(l as u64))).collect();
        let timeline = self.timeline.map(|t| t.weigh(scene, &worlds[0].odds[0], &weights));
        let mut replays = Replays {
            held: Vec::new(),
            free: Vec::new(),
            measures: Vec::new(),
            log_likelihood,
            solved: Vec::new(),
            bounds: self.bounds(&worlds, &weights),
            causes: self.about.map_or_else(CausesDraw::default, |about| {
                CausesDraw::of(scene, &worlds[0].odds[0], &noise, about)
            }),
            weights,
            timeline,
            certified,
        };
        for (index, solved) in worlds.iter().enumerate() {
            let measured = self.measured.contains(&WorldId(index));
            let count = if measured { self.replays } else { self.attribution_replays.min(self.replays) };
            let ends: Vec<Replayed> =
                (0..count).map(|l| self.replay_one(index, solved, &noise[l], &redrawn[l])).collect();
            let measures = if measured {
                ends.iter()
                    .enumerate()
                    .map(|(l, replayed)| self.measure(index, solved, replayed, &noise[l], &redrawn[l]))
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
        let redrawn = Luck::fresh(Key::new(self.seed).with(REDRAWN));
        Ok(worlds
            .iter()
            .enumerate()
            .map(|(world, solved)| self.replay_one(world, solved, luck, &redrawn))
            .collect())
    }

    /// What holds of the factors whatever the mechanism of luck.
    fn bounds(&self, worlds: &[Solved], weights: &Weights) -> Vec<Vec<Causation<Range>>> {
        let Some(mechanism_free) = &self.mechanism_free else { return Vec::new() };
        let solutions: Vec<SolvedWorld<'_>> =
            worlds.iter().map(|w| SolvedWorld { odds: &w.odds[0], values: &w.values[0] }).collect();
        mechanism_free.weigh(self.inquiry, &solutions, &given_record(self.inquiry.factual(), weights))
    }

    /// The luck behind histories that agree with the record.
    pub(crate) fn held_noise(&self, key: Key, factual: &Solved, weights: &Weights) -> Vec<Luck> {
        let scene = self.inquiry.factual();
        let consistent = scene.model().consistent().expect("the factual model has its record");
        let recorded = self.inquiry.recorded_measures();
        let luck = |l: usize| {
            let (mut step, own) = (0u64, key.with(HISTORY).with(l as u64));
            let history = consistent.draw(weights, || {
                step += 1;
                own.with(step).uniform()
            });
            let luck_key = LuckKey(key.with(HELD).with(l as u64));
            scene.abduct(
                luck_key,
                &factual.odds,
                &factual.values,
                &history,
                &recorded,
                &self.inquiry.catalogue,
            )
        };
        (0..self.replays).map(luck).collect()
    }

    pub(crate) fn replay_one(&self, world: usize, solved: &Solved, luck: &Luck, redrawn: &Luck) -> Replayed {
        let world = &self.inquiry.worlds[world];
        let scene = &self.inquiry.scenes[self.inquiry.plays[world.play].scene];
        let luck = match world.plan.luck {
            LuckRule::Held => LuckOf { before: luck, after: None },
            LuckRule::RedrawnAfter => LuckOf { before: luck, after: Some(redrawn) },
            LuckRule::Redrawn => LuckOf { before: redrawn, after: None },
        };
        replay(scene, &solved.odds, &solved.values[0], &world.surprises, luck, self.inquiry.horizon())
    }

    fn measure(
        &self,
        world: usize,
        solved: &Solved,
        replayed: &Replayed,
        luck: &Luck,
        redrawn: &Luck,
    ) -> MeasuredHistory {
        let world = &self.inquiry.worlds[world];
        let scene = &self.inquiry.scenes[self.inquiry.plays[world.play].scene];
        let before = match world.plan.luck {
            LuckRule::Redrawn => redrawn,
            LuckRule::Held | LuckRule::RedrawnAfter => luck,
        };
        scene.measured(&self.inquiry.catalogue, &replayed.steps, &solved.values, before, redrawn)
    }

    /// The plays of all worlds at some draws, each from uniform play; the draws are solved together, play by play.
    pub(crate) fn plays(&self, bench: &mut Bench, draws: &[&[f64]]) -> Vec<Result<Vec<Play>, Unsolved>> {
        // Interventions set parameters in terms of the factual ones.
        let at_factual = |why| Unsolved { world: WorldId::FACTUAL, why };
        let factual: Vec<Result<Vec<f64>, Unsolved>> =
            draws.iter().map(|draw| bench.factual_values(draw).map_err(at_factual)).collect();
        let mut plays: Vec<Result<Vec<Play>, Unsolved>> =
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
        plays: &[Play],
        certified: &mut Certified,
    ) -> Result<Vec<Solved>, Unsolved> {
        let at_factual = |why| Unsolved { world: WorldId::FACTUAL, why };
        let factual = bench.factual_values(parameters).map_err(at_factual)?;
        for (index, play) in self.inquiry.plays.iter().enumerate() {
            let unsolved = |why| Unsolved { world: self.first_world_of(index), why };
            let kept = play.kept.map(|k| &plays[k]);
            bench.load(self.inquiry, index, parameters, &factual, kept).map_err(unsolved)?;
            certified.certify(index, bench.evaluator(self.inquiry, index), &plays[index]);
        }
        let world = |(index, world): (usize, &World)| {
            let kept = self.inquiry.plays[world.play].kept.map(|k| &plays[k]);
            let solved = bench.world(self.inquiry, world, parameters, &factual, &plays[world.play], kept);
            solved.map_err(|why| Unsolved { world: WorldId(index), why })
        };
        self.inquiry.worlds.iter().enumerate().map(world).collect()
    }

    fn first_world_of(&self, play: usize) -> WorldId {
        WorldId(self.inquiry.worlds.iter().position(|w| w.play == play).unwrap_or(0))
    }
}

/// The share of replays that end like the factual one in every event.
pub(crate) fn unchanged(held: &[Replayed], factual: &[Replayed]) -> f64 {
    let same = held.iter().zip(factual).filter(|(a, b)| a.signature == b.signature).count();
    same as f64 / held.len().max(1) as f64
}
