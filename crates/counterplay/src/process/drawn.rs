//! What one posterior draw says of a process: play solved in every world, and the process replayed with many lucks.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::StateTold;
use super::asked::{Asked, Work};
use super::asker::Asker;
use super::counted::Series;
use super::course::Course;
use super::cuts::{CutDraw, Cuts};
use super::histories::{Histories, Lucks};
use super::model::ProcessEvaluator;
use super::replay::Step;
use super::solved::{Behind, Solved};
use crate::answer::attribution::FactorDraw;
use crate::answer::causes::CausesDraw;
use crate::answer::claims::NamedAnswers;
use crate::answer::gather::DrawGathered;
use crate::answer::query::OutlookDraw;
use crate::answer::replays::Certified;
use crate::model::NoValue;
use crate::posterior::{NoPosterior, Posterior, fit_process};
use crate::problem::Problem;
use crate::robustness::averaged::{Answered, Effort};
use crate::robustness::sensitivity::Fitting;
use crate::watch::{Stage, Watch};
use crate::world::inquiry::WorldId;
use crate::world::luck::Luck;
use crate::world::tally::WorldDraw;
use counterplay_inference::key::Key;
use counterplay_inference::prior::JointPrior;
use counterplay_inference::sampler::SamplerSettings;

/// What one draw says.
pub(super) struct ProcessDraw {
    /// What it says as of any story.
    pub(super) said: DrawGathered,
    /// The factual world and then each what-if, stage by stage.
    pub(super) series: Vec<Series>,
    /// The probability of what the case is about after 0, 1, 2, ... items of the record.
    pub(super) path: Vec<f64>,
    /// The log likelihood of the first 0, 1, 2, ... items of the record.
    pub(super) known: Vec<f64>,
    /// What is known of the play behind it.
    pub(super) behind: Behind,
}

/// What is to be gathered from each draw.
#[derive(Clone, Copy)]
pub(super) struct Gathering<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) cuts: &'a Cuts,
    pub(super) asker: &'a Asker,
    /// The course of the probability of what the case is about; `None` if nobody asks.
    pub(super) course: Option<&'a Course>,
    pub(super) work: Work,
}

/// So much more work it is to follow the branch of a process than to solve a tree of as many nodes near its last play.
const FOLLOWED: usize = 20;

/// The part of a draw's key of the luck of which nothing is known.
const FREE: u64 = 14;

impl Fitting for Gathering<'_> {
    fn work(&self) -> usize {
        let nodes = |told: &StateTold| told.unfolded.game.node_count();
        FOLLOWED * self.asked.model.process().states.iter().map(nodes).sum::<usize>()
    }

    fn fit(
        &self,
        prior: &Arc<JointPrior>,
        settings: &SamplerSettings,
        watch: &dyn Watch,
    ) -> Result<Posterior, NoPosterior> {
        fit_process(self.asked.model, prior, settings, watch)
    }

    fn answers(&self, draws: &[&[f64]], watch: &dyn Watch) -> Option<Vec<DrawGathered>> {
        let found = Self { course: None, ..*self }.run(draws, watch)?;
        Some(found.into_iter().filter_map(|d| Some(d.ok()?.said)).collect())
    }
}

impl Gathering<'_> {
    /// What all draws say, in order; `None` if cancelled.
    pub(super) fn run(
        &self,
        draws: &[&[f64]],
        watch: &dyn Watch,
    ) -> Option<Vec<Result<ProcessDraw, NoValue>>> {
        let (evaluator, done) = (self.asked.model.evaluator(), AtomicUsize::new(0));
        let one = |evaluator: &mut ProcessEvaluator, (index, draw): (usize, &&[f64])| {
            if watch.cancelled() {
                return None;
            }
            let found = self.draw(evaluator, index, draw);
            watch.advance(Stage::Answer, done.fetch_add(1, Ordering::Relaxed) + 1, Some(draws.len()));
            Some(found)
        };
        draws.par_iter().enumerate().map_init(|| evaluator.clone(), one).collect()
    }

    /// The answers at some draws with another effort, and no course; `None` if cancelled.
    pub(super) fn answered(&self, draws: &[&[f64]], effort: Effort, watch: &dyn Watch) -> Option<Answered> {
        let work = Work { seed: effort.seed, lucks: effort.lucks, attribution_lucks: effort.lucks };
        let found = Self { course: None, work, ..*self }.run(draws, watch)?;
        let total = found.len();
        let found = found.into_iter().filter_map(|d| Some(d.ok()?.said)).collect();
        Some(Answered::new(draws, found, total))
    }

    /// What one draw says.
    ///
    /// # Errors
    /// If play cannot be solved in one of the worlds.
    fn draw(
        &self,
        evaluator: &mut ProcessEvaluator,
        index: usize,
        parameters: &[f64],
    ) -> Result<ProcessDraw, NoValue> {
        let (asked, work) = (self.asked, self.work);
        let key = Key::new(work.seed).with(index as u64);
        let (worlds, behind) = asked.solve(evaluator, parameters)?;
        evaluator.load(parameters)?;
        let (lucks, log_likelihood) = asked.lucks(key, (&worlds[0], evaluator.all_values()), work.lucks);
        let of_questions: Vec<Histories> = std::iter::once(&0)
            .chain(&asked.questions)
            .map(|&world| asked.histories(world, &worlds[world], &lucks))
            .collect();
        let factual = &of_questions[0].steps;
        let unchanged = |h: &Histories| share(h.steps.iter().zip(factual).map(|(a, b)| same_way(a, b)));
        let factors = self.factors(&worlds, &lucks, key);
        let tallies: Vec<WorldDraw> =
            of_questions.iter().map(|h| asked.count(&h.steps, &h.measured)).collect();
        let cuts = self.of_the_record(&worlds[0], parameters);
        let process = asked.model.process();
        let queries = self.asker.draw(process, &worlds[0].odds, &cuts, &of_questions);
        let certified = Certified {
            count: asked.plays.len(),
            residual: behind.residual,
            off_branch: behind.off_branch.clone(),
            ..Certified::default()
        };
        let said = DrawGathered {
            point: parameters.to_vec(),
            log_likelihood,
            unchanged: of_questions.iter().map(unchanged).collect(),
            claims: self.test_claims(&tallies, &factors, &queries),
            worlds: tallies,
            factors,
            timeline: None,
            queries,
            outlook: OutlookDraw::default(),
            causes: CausesDraw::default(),
            certified,
        };
        Ok(ProcessDraw {
            said,
            series: of_questions.iter().map(|h| asked.series(&h.steps, &h.measured)).collect(),
            path: self.course.map_or_else(Vec::new, |c| c.path(process, &worlds[0].odds, &cuts)),
            known: cuts.iter().map(|cut| cut.log_likelihood).collect(),
            behind,
        })
    }

    /// What the draw says of each cut of the record, if anything hangs on it.
    fn of_the_record(&self, factual: &Solved, parameters: &[f64]) -> Vec<CutDraw> {
        if self.course.is_none() && !self.asker.needs_cuts() {
            return Vec::new();
        }
        self.cuts.weigh(self.asked.model.process(), &factual.odds, parameters)
    }

    fn factors(&self, solved: &[Solved], lucks: &Lucks, key: Key) -> Vec<((usize, usize), FactorDraw)> {
        let Some(worlds) = &self.asked.factors else { return Vec::new() };
        // Each world is replayed once, whatever is asked of it.
        let replayed: RefCell<BTreeMap<usize, Vec<Vec<Step>>>> = RefCell::default();
        let replay = |w: usize, held: &[Luck]| self.asked.replays(w, &solved[w], (held, &lucks.anew));
        let free: Vec<Luck> =
            (0..self.work.lucks).map(|l| Luck::fresh(key.with(FREE).with(l as u64))).collect();
        let free: Vec<_> = worlds
            .all_present()
            .into_iter()
            .chain(worlds.without_one().iter().copied())
            .map(|w| replay(w.0, &free))
            .collect();
        let having = |of: (usize, usize), histories: &Vec<Vec<Step>>| -> Vec<bool> {
            histories.iter().map(|h| self.asked.last_stated(h)[of.0] == Some(of.1)).collect()
        };
        let one = |&of: &(usize, usize)| {
            let free: Vec<_> = free.iter().map(|h| having(of, h)).collect();
            let had = |world: WorldId| {
                let mut known = replayed.borrow_mut();
                let held = &lucks.held[..self.work.attribution_lucks.min(lucks.held.len())];
                let histories = known.entry(world.0).or_insert_with(|| replay(world.0, held));
                having(of, histories)
            };
            // Bounds that hold whatever the luck's mechanism are found of trees only.
            worlds.weigh(&had, &free, Vec::new()).map(|draw| (of, draw))
        };
        self.asked.weighed.iter().filter_map(one).collect()
    }

    fn test_claims(
        &self,
        worlds: &[WorldDraw],
        factors: &[((usize, usize), FactorDraw)],
        queries: &crate::answer::query::QueryDraw,
    ) -> Vec<Result<bool, Problem>> {
        let probabilities: Vec<_> = worlds.iter().map(|w| w.probabilities.clone()).collect();
        let means: Vec<_> = worlds.iter().map(WorldDraw::means).collect();
        let answers = NamedAnswers {
            scenario: self.asked.scenario,
            catalogue: &self.asked.catalogue,
            probabilities: &probabilities,
            means: &means,
            factors,
            queries,
        };
        self.asked.scenario.claims.iter().map(|claim| claim.test.holds(&answers)).collect()
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
