//! What one posterior draw answers: play solved in every world, and all that comes of it, summed over all histories, or where these
//! are too many, replayed many times.

use crate::answer::bounds::{MechanismFree, SolvedWorld};
use crate::answer::causes::{CAUSE_HISTORIES, CausesDraw};
use crate::answer::classes::{Distinctions, HistoryClass};
use crate::answer::having::{having, share};
use crate::answer::query::{Case, Cases, Drawn, MeasuredLaw};
use crate::answer::stage_answers::{FollowedOutcomes, StageAnswers, StageWorld, ToldWorld};
use crate::answer::stage_sums::StageSums;
use crate::answer::stages::summed_query::StageAsk;
use crate::answer::stages::world_query::ReplayedWorld;
use crate::answer::summed::{Sums, TwoOutcomes, Worlds};
use crate::answer::timeline::{Timeline, TimelineDraw, given_record};
use crate::causality::causation::{Causation, Range};
use crate::model::centre::Centre;
use crate::model::consistent::Weights;
use crate::model::play::{MODEL_SETTINGS, Play};
use crate::model::{Evaluator, NoValue};
use crate::scenario::Luck as LuckRule;
use crate::scenario::plan::apply;
use crate::world::catalogue::OutcomeIndex;
use crate::world::history::{MeasuredHistory, Replayed};
use crate::world::inquiry::{Inquiry, World, WorldId, point};
use crate::world::joint::{JointEnd, JointWalk};
use crate::world::luck::Luck;
use crate::world::replay::LuckOf;
use crate::world::replay::replay;
use crate::world::scene::LuckKey;
use crate::world::solution::Solved;
use counterplay_inference::distribution::Concrete;
use counterplay_inference::key::Key;
use counterplay_math::statistics::to_twelve_digits;

/// Evaluators of all scenes, to be cloned for each thread.
#[derive(Clone)]
pub(crate) struct Bench {
    evaluators: Vec<Evaluator>,
    /// What two worlds are walked with together.
    pub(crate) walk: JointWalk,
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
        let evaluators = inquiry.scenes.iter().map(|s| s.model().evaluator(settings)).collect();
        Self { evaluators, walk: JointWalk::default() }
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

/// What comes of all worlds at one draw.
pub(crate) struct Replays {
    /// All histories of all worlds; `None` where they are too many to sum over, or go on from stage to stage.
    pub(crate) sums: Option<Sums>,
    /// For each world without one factor, and each outcome asked about, what holds where nothing is known; `None` where that has to be
    /// replayed.
    pub(crate) unknowing: Vec<Option<Vec<TwoOutcomes>>>,
    /// The same of each factor by itself.
    pub(crate) unknowing_alone: Vec<Option<Vec<TwoOutcomes>>>,
    /// What comes of each world of a story with stages; `None` of those that are replayed.
    pub(crate) stage_worlds: Vec<Option<StageWorld>>,
    /// What the queries of a story with stages say that were to be summed; `None` where they have to be replayed.
    pub(crate) stage_answers: Vec<Option<Drawn>>,
    /// For each world of a story with stages without one factor, and each outcome asked about, how necessary the factor was; `None` where
    /// that has to be replayed.
    pub(crate) stage_necessity: Vec<(WorldId, Option<Vec<f64>>)>,
    /// For each world that is not summed over, where each luck that agrees with the record leads; of the others none.
    pub(crate) held: Vec<Vec<Replayed>>,
    /// For each world asked for, where luck of which nothing is known leads, if it is not summed over.
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
    /// The value of each state to each player, player by player, in the world as it was; none of a story that ends.
    pub(crate) state_values: Vec<f64>,
    /// By how much values that stand for distributions are moved, between 0 and 1: differently at each draw.
    pub(crate) shift: f64,
}

impl Replays {
    /// All that comes of a world, of those histories as they were that count; `None` where it is not summed over.
    pub(crate) fn summed<'a>(
        &'a self,
        inquiry: &'a Inquiry<'_>,
        world: WorldId,
        counts: &dyn Fn(&HistoryClass) -> bool,
    ) -> Option<Cases<'a>> {
        let sums = self.sums.as_ref().filter(|sums| sums.each_end[world.0])?;
        let ends = sums.worlds[world.0].as_ref()?;
        let (scene, values) = (inquiry.scene_of(world), self.solved[world.0].values[0].as_slice());
        // Values of which the rank is known, each found once: many histories measure by the same law.
        let mut values_at: Vec<(MeasuredLaw, MeasuredLaw)> = Vec::new();
        let mut certain = |law: MeasuredLaw| {
            let known = values_at.iter().find(|v| v.0 == law).map(|v| v.1);
            known.unwrap_or_else(|| {
                values_at.push((law, law.simplified()));
                values_at[values_at.len() - 1].1
            })
        };
        let mut case = |end: &JointEnd| {
            let class = &sums.classes.list[end.class];
            let law = |(measure, law): (usize, Concrete)| {
                let known = !end.redrawn && class.ranks.iter().any(|r| r.0 == measure);
                (measure, if known { certain(class.law(measure, law)) } else { MeasuredLaw::free(law) })
            };
            let measured = counts(class).then(|| scene.laws(end.end, values).map(law).collect());
            measured.map(|measures| Case { end: end.end, weight: end.probability, measures })
        };
        Some(Cases { scene, values, list: ends.iter().filter_map(&mut case).collect() })
    }

    /// The replays of a world.
    pub(crate) fn world(&self, world: WorldId) -> ReplayedWorld<'_> {
        ReplayedWorld { replays: &self.held[world.0], measured: &self.measures[world.0] }
    }

    /// The probability of an outcome in a world, with the luck of what happened.
    pub(crate) fn probability(&self, inquiry: &Inquiry<'_>, world: WorldId, outcome: OutcomeIndex) -> f64 {
        if let Some(Some(summed)) = self.stage_worlds.get(world.0) {
            return summed.probabilities[outcome.outcome][outcome.value];
        }
        let ends = self.sums.as_ref().and_then(|sums| sums.worlds[world.0].as_ref());
        let Some(ends) = ends else {
            return share(&having(inquiry, world, &self.held[world.0], outcome));
        };
        let scene = inquiry.scene_of(world);
        let has = |end: &&JointEnd| scene.outcomes(end.end).contains(&outcome);
        to_twelve_digits(ends.iter().filter(has).map(|end| end.probability).sum())
    }

    /// The probability that nothing changes in a world.
    pub(crate) fn unchanged(&self, world: WorldId) -> f64 {
        match (&self.sums, self.told(world)) {
            (_, Some(told)) => told.unchanged,
            (Some(sums), None) if sums.worlds[world.0].is_some() => to_twelve_digits(sums.unchanged[world.0]),
            (Some(_) | None, None) => unchanged(&self.held[world.0], &self.held[0]),
        }
    }

    /// All that is told of a world of a story with stages; `None` where it is replayed.
    pub(crate) fn told(&self, world: WorldId) -> Option<&ToldWorld> {
        self.stage_worlds.get(world.0)?.as_ref()?.told.as_ref()
    }

    /// Whether what comes of a world is summed, and not replayed.
    pub(crate) fn is_summed(&self, world: WorldId) -> bool {
        self.sums.as_ref().is_some_and(|sums| sums.worlds[world.0].is_some())
            || self.stage_worlds.get(world.0).is_some_and(Option::is_some)
    }
}

/// What is summed of a story with stages.
#[derive(Default)]
struct StageFound {
    worlds: Vec<Option<StageWorld>>,
    answers: Vec<Option<Drawn>>,
    necessity: Vec<(WorldId, Option<Vec<f64>>)>,
    unknowing: Vec<Option<Vec<TwoOutcomes>>>,
    unknowing_alone: Vec<Option<Vec<TwoOutcomes>>>,
}

impl StageFound {
    /// Whether nothing of the factors is left to be replayed.
    fn knows_factors(&self) -> bool {
        self.necessity.iter().all(|n| n.1.is_some()) && self.unknowing.iter().all(Option::is_some)
    }
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
    /// For each factor, the worlds in which it is present, and absent, and the others are left as they come.
    pub(crate) alone: Vec<(WorldId, WorldId)>,
    /// How many replays the other worlds get at most.
    pub(crate) attribution_replays: usize,
    /// The steps of what happened, to be weighed at each draw.
    pub(crate) timeline: Option<&'a Timeline>,
    /// Where the worlds without a factor part from the factual one; `None` without factors.
    pub(crate) mechanism_free: Option<MechanismFree>,
    /// The outcome whose actual causes are looked for; `None` if nobody asks.
    pub(crate) about: Option<OutcomeIndex>,
    /// What tells histories as they were apart.
    pub(crate) distinctions: Distinctions,
    /// The queries of a story with stages that are summed over pairs of states.
    pub(crate) asks: Vec<StageAsk<'a>>,
    /// The outcomes whose factors are weighed in a story with stages; `None` if there are none, or too many to follow.
    pub(crate) followed_outcomes: Option<FollowedOutcomes>,
}

const HISTORY: u64 = 11;

const HELD: u64 = 12;

pub(crate) const REDRAWN: u64 = 13;

const FREE: u64 = 14;

const SHIFT: u64 = 15;

impl<'a> Task<'a> {
    /// Nothing but this many replays, and what is measured in some worlds.
    pub(crate) fn plain(inquiry: &'a Inquiry<'a>, seed: u64, replays: usize, measured: Vec<WorldId>) -> Self {
        Self {
            inquiry,
            seed,
            replays,
            measured,
            free: Vec::new(),
            alone: Vec::new(),
            attribution_replays: replays,
            timeline: None,
            mechanism_free: None,
            about: None,
            distinctions: Distinctions {
                measured: !inquiry.record.measured.is_empty(),
                ..Distinctions::default()
            },
            asks: Vec::new(),
            followed_outcomes: None,
        }
    }
}

impl Task<'_> {
    /// Histories of the world as it was with luck that explains the record, under play at one point.
    pub(crate) fn histories_at(&self, centre: &Centre) -> Vec<Replayed> {
        let values = centre.evaluator.all_values().to_vec();
        let solved = Solved { odds: centre.odds.clone(), values };
        let key = Key::new(self.seed).with(Key::of_text("centre"));
        let noise = self.held_noise(key, &solved, &centre.weights, self.replays);
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
        let shift = key.with(SHIFT).uniform();
        let sums = self.sums(bench, &worlds, &weights);
        let stages = self.stages(bench, &worlds, &weights, shift);
        let unknowing = if stages.is_none() { self.unknowing(bench, &worlds) } else { Vec::new() };
        let unknowing_alone =
            if stages.is_none() { self.unknowing_alone(bench, &worlds) } else { Vec::new() };
        let stages = stages.unwrap_or(StageFound { unknowing, unknowing_alone, ..StageFound::default() });
        let replayed = self.to_replay(sums.as_ref(), &stages);
        let wanted = if replayed.contains(&true) { self.replays } else { CAUSE_HISTORIES.min(self.replays) };
        let wanted = if self.about.is_some() || replayed.contains(&true) { wanted } else { 0 };
        let noise = self.held_noise(key, &worlds[0], &weights, wanted);
        let timeline = self.timeline.map(|t| t.weigh(scene, &worlds[0].odds[0], &weights));
        let mut replays = Replays {
            free: self.free_replays(key, &worlds, &stages.unknowing),
            stage_worlds: stages.worlds,
            stage_answers: stages.answers,
            stage_necessity: stages.necessity,
            unknowing: stages.unknowing,
            unknowing_alone: stages.unknowing_alone,
            sums,
            held: Vec::new(),
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
            state_values: plays[0].stationary().map_or_else(Vec::new, |found| found.values.clone()),
            shift,
        };
        for (index, solved) in worlds.iter().enumerate() {
            let (ends, measures) = if replayed[index] {
                self.held_replays(key, index, solved, &noise)
            } else {
                Default::default()
            };
            replays.held.push(ends);
            replays.measures.push(measures);
        }
        replays.solved = worlds;
        Ok(replays)
    }

    /// All histories of all worlds, unless they are too many or the story goes on from stage to stage.
    fn sums(&self, bench: &mut Bench, worlds: &[Solved], weights: &Weights) -> Option<Sums> {
        if self.inquiry.has_stages() {
            return None;
        }
        let passing = given_record(self.inquiry.factual(), weights);
        let worlds = Worlds { inquiry: self.inquiry, solved: worlds };
        worlds.sums(&mut bench.walk, &passing, &self.distinctions, &self.measured, &self.free)
    }

    /// All that is summed of a story with stages; `None` of one that ends.
    fn stages(
        &self,
        bench: &mut Bench,
        worlds: &[Solved],
        weights: &Weights,
        shift: f64,
    ) -> Option<StageFound> {
        if !self.inquiry.has_stages() {
            return None;
        }
        let sums = StageSums::new(self.inquiry, worlds, weights);
        let mut summing = StageAnswers { inquiry: self.inquiry, sums, walk: &mut bench.walk, shift };
        let asked = self.followed_outcomes.as_ref();
        let two = |summing: &mut StageAnswers<'_, '_>, present, without| {
            asked.and_then(|asked| summing.of_two(present, without, asked))
        };
        let mut found = StageFound {
            worlds: (0..worlds.len())
                .map(|world| summing.world(WorldId(world), self.measured.contains(&WorldId(world))))
                .collect(),
            answers: self.asks.iter().map(|ask| summing.answer(*ask)).collect(),
            unknowing_alone: self.alone.iter().map(|pair| two(&mut summing, pair.0, pair.1)).collect(),
            ..StageFound::default()
        };
        let Some((&present, without)) = self.free.split_first() else { return Some(found) };
        found.unknowing = without.iter().map(|world| two(&mut summing, present, *world)).collect();
        if present == WorldId::FACTUAL {
            let lost = |world: &WorldId| (*world, asked.and_then(|asked| summing.necessity(*world, asked)));
            found.necessity = without.iter().map(lost).collect();
        }
        Some(found)
    }

    /// What holds of the worlds without each factor where nothing is known.
    fn unknowing(&self, bench: &mut Bench, worlds: &[Solved]) -> Vec<Option<Vec<TwoOutcomes>>> {
        let Some((&present, without)) = self.free.split_first() else { return Vec::new() };
        let worlds = Worlds { inquiry: self.inquiry, solved: worlds };
        worlds.unknowing(&mut bench.walk, present, without, &self.distinctions.outcomes)
    }

    /// What holds of each factor by itself where nothing is known.
    fn unknowing_alone(&self, bench: &mut Bench, solved: &[Solved]) -> Vec<Option<Vec<TwoOutcomes>>> {
        let worlds = Worlds { inquiry: self.inquiry, solved };
        let outcomes = &self.distinctions.outcomes;
        let one = |&(present, absent): &(WorldId, WorldId)| {
            worlds.unknowing(&mut bench.walk, present, &[absent], outcomes).swap_remove(0)
        };
        self.alone.iter().map(one).collect()
    }

    /// Which worlds are to be replayed: those that are not summed over, with the world as it was beside them, and where to be present is
    /// itself an intervention, so that three worlds share their luck, those of the factors. Of a story with stages all, if a world or a
    /// query has to be replayed; those of the factors, if only what holds in two of them has.
    fn to_replay(&self, sums: Option<&Sums>, stages: &StageFound) -> Vec<bool> {
        let three = self.free.first().is_some_and(|present| *present != WorldId::FACTUAL);
        let not_summed = |world: usize| sums.is_none_or(|sums| sums.worlds[world].is_none());
        let missing = stages.worlds.iter().any(Option::is_none) || stages.answers.iter().any(Option::is_none);
        let left = |world: usize| if self.inquiry.has_stages() { missing } else { not_summed(world) };
        let factors = three || self.inquiry.has_stages() && !stages.knows_factors();
        let one = |world: usize| left(world) || factors && self.free.contains(&WorldId(world));
        let mut all: Vec<bool> = (0..self.inquiry.worlds.len()).map(one).collect();
        all[0] |= all.contains(&true);
        all
    }

    /// Where free luck leads in the worlds asked for, if some of these are not summed over.
    fn free_replays(
        &self,
        key: Key,
        worlds: &[Solved],
        unknowing: &[Option<Vec<TwoOutcomes>>],
    ) -> Vec<Vec<Replayed>> {
        if unknowing.iter().all(Option::is_some) {
            return Vec::new();
        }
        let free: Vec<Luck> = (0..self.replays).map(|l| Luck::fresh(key.with(FREE).with(l as u64))).collect();
        let of = |world: &WorldId| {
            let solved = &worlds[world.0];
            free.iter().map(|luck| self.replay_one(world.0, solved, luck, luck)).collect()
        };
        self.free.iter().map(of).collect()
    }

    /// Where each luck that agrees with the record leads in a world, and what is measured there, if that is wanted.
    fn held_replays(
        &self,
        key: Key,
        index: usize,
        solved: &Solved,
        noise: &[Luck],
    ) -> (Vec<Replayed>, Vec<MeasuredHistory>) {
        let measured = self.measured.contains(&WorldId(index));
        let count = if measured { self.replays } else { self.attribution_replays.min(self.replays) };
        let redrawn: Vec<Luck> = (0..count).map(|l| Luck::fresh(key.with(REDRAWN).with(l as u64))).collect();
        let ends: Vec<Replayed> =
            (0..count).map(|l| self.replay_one(index, solved, &noise[l], &redrawn[l])).collect();
        let measure = |(l, end): (usize, &Replayed)| self.measure(index, solved, end, &noise[l], &redrawn[l]);
        let measures = if measured { ends.iter().enumerate().map(measure).collect() } else { Vec::new() };
        (ends, measures)
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
    pub(crate) fn held_noise(
        &self,
        key: Key,
        factual: &Solved,
        weights: &Weights,
        count: usize,
    ) -> Vec<Luck> {
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
        (0..count).map(luck).collect()
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
fn unchanged(held: &[Replayed], factual: &[Replayed]) -> f64 {
    let same = held.iter().zip(factual).filter(|(a, b)| a.signature == b.signature).count();
    same as f64 / held.len().max(1) as f64
}
