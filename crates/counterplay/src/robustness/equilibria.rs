//! Other equilibria: looked for in each world that is asked about, and each answer on each of them.
//!
//! At the posterior mean and at some posterior draws, each play that answers depend on is searched from many starting points,
//! at the draws first from what was found at the mean. Equilibria of different draws are taken for the same where they lead to
//! about the same histories: the distance is that of total variation between the distributions over the ends of the game.
//! The work is bounded in sweeps over the trees, which are shared out before it begins, so that the result does not depend on the
//! threads that do it.

mod answers;
mod grouped;
mod off_branch;
mod warned;

use counterplay_equilibrium::logit::search::SearchSettings;
use rayon::prelude::*;

pub(crate) use self::answers::{NamedWorld, names};
use self::grouped::Group;
pub(crate) use self::off_branch::{OffBranchDraws, off_branch};
pub(crate) use self::warned::which_equilibrium;
use crate::answer::prior_prediction::Foreseen;
use crate::answer::replays::{Bench, Task};
use crate::model::NoValue;
use crate::model::play::Play;
use crate::watch::Watch;
use crate::world::inquiry::Inquiry;
use counterplay_analysis::{OtherEquilibria, WorldName};
use counterplay_inference::key::Key;

/// Draws that are searched, if time allows.
const DRAWS: usize = 20;
/// Sweeps times nodes that each starting point is worth, over all searches: about 5% of the work of an analysis of a game of
/// ten thousand histories.
const WORK_PER_START: usize = 16_000_000;
/// Fewer sweeps than this are no search: at the posterior mean, where all begins with nothing, and at a draw.
const LEAST_AT_CENTRE: usize = 150;
const LEAST_AT_DRAW: usize = 40;

/// What is searched, and for whom.
pub(crate) struct Searching<'a> {
    pub(crate) task: &'a Task<'a>,
    /// The worlds that are asked for.
    pub(crate) names: &'a [NamedWorld],
    /// What is foreseen of the outcome that the case is about.
    pub(crate) foreseen: Foreseen<'a>,
    /// Starting points of each search.
    pub(crate) starts: usize,
}

/// What was found at one point: for each play that was searched, the one that is used, and others.
struct AtPoint {
    plays: Vec<Option<Play>>,
    others: Vec<Vec<Play>>,
    proved: Vec<bool>,
    starts: usize,
}

/// How the work is shared out.
struct SearchEffort {
    /// The plays that are searched, in the order of the inquiry.
    searched: Vec<usize>,
    left_out: usize,
    /// Sweeps of each search, and draws.
    at_centre: usize,
    at_draw: usize,
    draws: usize,
}

impl Searching<'_> {
    fn inquiry(&self) -> &Inquiry<'_> {
        self.task.inquiry
    }

    /// Searches at the posterior mean and at some of the draws; `None` if cancelled, or nothing can be solved at the mean.
    pub(crate) fn run(&self, centre: &[f64], draws: &[&[f64]], watch: &dyn Watch) -> Option<OtherEquilibria> {
        let bench = Bench::new(self.inquiry());
        let effort = self.effort();
        let no_others = vec![Vec::new(); self.inquiry().plays.len()];
        let at_centre =
            self.search(&mut bench.clone(), centre, &effort, effort.at_centre, &no_others).ok()?;
        let chosen = spread(draws, effort.draws);
        // Where all is known the draws are one point, which is searched once.
        let points = distinct(&chosen);
        let one = |bench: &mut Bench, point: &&[f64]| {
            (!watch.cancelled())
                .then(|| self.search(bench, point, &effort, effort.at_draw, &at_centre.others).ok())
        };
        let at_points: Option<Vec<Option<AtPoint>>> =
            points.par_iter().map_init(|| bench.clone(), one).collect();
        let at_points = at_points?;
        let at_draw = |draw: &[f64]| at_points[points.iter().position(|p| same(p, draw))?].as_ref();
        let draws: Vec<(usize, &[f64], &AtPoint)> =
            chosen.iter().filter_map(|&(index, draw)| Some((index, draw, at_draw(draw)?))).collect();
        let found = |&play: &usize| self.of_play(&bench, play, centre, &at_centre, &draws);
        Some(OtherEquilibria {
            draws: draws.len(),
            plays: effort.searched.len(),
            proved: effort.searched.iter().filter(|&&p| at_centre.proved[p]).count(),
            left_out: effort.left_out,
            starts: at_centre.starts + at_points.iter().flatten().map(|p| p.starts).sum::<usize>(),
            found: effort.searched.iter().filter_map(found).collect(),
        })
    }

    /// Shares the work out: at the mean every play that is named, as far as the work reaches; at the draws what is left.
    fn effort(&self) -> SearchEffort {
        let inquiry = self.inquiry();
        let nodes = |play: usize| {
            let states = &inquiry.scenes[inquiry.plays[play].scene].model().unfolded().states;
            states.iter().map(|s| s.game.node_count()).sum::<usize>().max(1)
        };
        let half = self.starts.saturating_mul(WORK_PER_START) / 2;
        let (mut searched, mut sum, mut left_out) = (Vec::new(), 0_usize, 0);
        for play in self.by_importance() {
            // The world as it was is always searched.
            if searched.is_empty() || (sum + nodes(play)).saturating_mul(LEAST_AT_CENTRE) <= half {
                sum += nodes(play);
                searched.push(play);
            } else {
                left_out += 1;
            }
        }
        searched.sort_unstable();
        let draws = (half / (sum * LEAST_AT_DRAW)).clamp(1, DRAWS);
        let at_centre = (half / sum).max(LEAST_AT_CENTRE);
        SearchEffort {
            searched,
            left_out,
            at_centre,
            at_draw: (half / (sum * draws)).max(LEAST_AT_DRAW),
            draws,
        }
    }

    /// The plays: those of worlds that are named first, then those of other sets of factors.
    fn by_importance(&self) -> Vec<usize> {
        let inquiry = self.inquiry();
        let named = self.names.iter().map(|n| inquiry.worlds[n.world.0].play);
        let mut order: Vec<usize> = Vec::new();
        for play in named.chain(inquiry.worlds.iter().map(|w| w.play)) {
            if !order.contains(&play) {
                order.push(play);
            }
        }
        order
    }

    /// Solves and searches all plays at a point.
    ///
    /// # Errors
    /// If one of them cannot be solved there.
    fn search(
        &self,
        bench: &mut Bench,
        point: &[f64],
        effort: &SearchEffort,
        max_sweeps: usize,
        near: &[Vec<Play>],
    ) -> Result<AtPoint, NoValue> {
        let inquiry = self.inquiry();
        let count = inquiry.plays.len();
        let factual = bench.factual_values(point)?;
        let mut at = AtPoint {
            plays: vec![None; count],
            others: vec![Vec::new(); count],
            proved: vec![false; count],
            starts: 0,
        };
        for (play, near) in near.iter().enumerate().take(count) {
            let searched = effort.searched.contains(&play);
            // Others go on by the rules of a play that is not asked about itself.
            let needed = searched || effort.searched.iter().any(|&p| depends(inquiry, p, play));
            if !needed {
                continue;
            }
            let kept = inquiry.plays[play].kept.and_then(|k| at.plays[k].as_ref());
            let used = bench.solve(inquiry, play, point, &factual, kept)?;
            if searched {
                let seed = Key::new(self.task.seed).with(Key::of_text("equilibria")).with(play as u64).bits();
                let settings = SearchSettings { seed, starts: self.starts, max_sweeps };
                let found = bench.evaluator(inquiry, play).others(&used, near, &settings);
                at.starts += found.starts;
                at.proved[play] = found.only;
                at.others[play] = found.plays;
            }
            at.plays[play] = Some(used);
        }
        Ok(at)
    }

    /// What was found of one play, over all points; nothing if it has no others.
    fn of_play(
        &self,
        bench: &Bench,
        play: usize,
        centre: &[f64],
        at_centre: &AtPoint,
        draws: &[(usize, &[f64], &AtPoint)],
    ) -> Option<counterplay_analysis::PlayEquilibria> {
        let counts = draws.iter().map(|d| d.2.others[play].len());
        let most = counts.clone().chain([at_centre.others[play].len()]).max().unwrap_or(0);
        if most == 0 {
            return None;
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut bench = bench.clone();
        // A luck of its own stands behind the answers at the mean.
        let points = std::iter::once((usize::MAX, centre, at_centre)).chain(draws.iter().copied());
        for (index, point, at) in points.filter(|p| !p.2.others[play].is_empty()) {
            let found = self.members(&mut bench, play, index, point, at);
            grouped::join(&mut groups, found);
        }
        let worlds = self.worlds_of(play);
        Some(grouped::summarise(
            groups,
            worlds,
            counts.filter(|&n| n > 0).count(),
            at_centre.others[play].len(),
            most,
        ))
    }

    /// The worlds that are played so, by their names.
    fn worlds_of(&self, play: usize) -> Vec<WorldName> {
        let inquiry = self.inquiry();
        let named: Vec<WorldName> = self
            .names
            .iter()
            .filter(|n| inquiry.worlds[n.world.0].play == play && n.name != WorldName::Foreseen)
            .map(|n| n.name.clone())
            .collect();
        if named.is_empty() { vec![WorldName::OtherFactors] } else { named }
    }
}

/// Whether a play is another, or players in it go on by the rules of that other.
fn depends(inquiry: &Inquiry<'_>, play: usize, on: usize) -> bool {
    play == on || inquiry.plays[play].kept.is_some_and(|kept| depends(inquiry, kept, on))
}

/// Draws spread evenly, with their places.
fn spread<'a>(draws: &[&'a [f64]], most: usize) -> Vec<(usize, &'a [f64])> {
    let count = most.min(draws.len());
    let place = |k: usize| (2 * k + 1) * draws.len() / (2 * count);
    (0..count).map(|k| (place(k), draws[place(k)])).collect()
}

/// Each point once, in order.
fn distinct<'a>(draws: &[(usize, &'a [f64])]) -> Vec<&'a [f64]> {
    let mut all: Vec<&[f64]> = Vec::new();
    for &(_, draw) in draws {
        if !all.iter().any(|known| same(known, draw)) {
            all.push(draw);
        }
    }
    all
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}
