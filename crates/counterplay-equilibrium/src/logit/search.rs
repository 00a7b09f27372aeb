//! A search for logit equilibria beside the one on the principal branch.
//!
//! Where there are few pure profiles, the response to each is a starting point. More are drawn at random: half of them are
//! responses to pure profiles, a quarter logits of the size of the largest response, a quarter mixed play (uniform over the
//! simplex); every other pair is of several draws the one with the smallest penalised distance,
//! $$ \max_a\\, \pi_a\\,|H(z)\_a - z_a| + P \sum_k \exp\bigl(-\\|\pi - \pi_k\\|\_\infty^2 / r^2\bigr), $$
//! near to being an equilibrium and far from the ones $\pi_k$ found before. Each is polished by the accelerated iteration or
//! by Newton's method (after Bland 2024, who samples with a penalty, polishes and traces both ways).
//!
//! Iteration leads away from an unstable equilibrium, and few starting points lead to it. It lies on the border between the
//! play that is drawn to two others. So the line between the first equilibrium and each other is halved, again and again, on
//! the side where the two ends are drawn to different ones, and Newton's method continues from the middle (as edge states are
//! tracked in dynamics; Skufca, Yorke and Eckhardt 2006). Where the branch of
//! what was found leads is shown by [`Solver::trace_from`](super::Solver::trace_from) and
//! [`Solver::trace_down`](super::Solver::trace_down). That a search finds no other equilibrium does not prove that there is
//! none, except where [`Findings::only`] says so.

use counterplay_math::{exp, ln};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::corrector::{Corrector, Effort};
use super::elimination::plan_of;
use super::equilibrium::{Equilibrium, Status};
use super::layout::Layout;
use super::point::Point;
use super::sweep::softmax;
use crate::numeric::vector::largest_difference;

/// How long to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchSettings {
    /// The seed of the starting points.
    pub seed: u64,
    /// How many starting points.
    pub starts: usize,
    /// No starting point is tried once this many sweeps over the tree are spent.
    pub max_sweeps: usize,
}

impl Default for SearchSettings {
    fn default() -> Self {
        Self { seed: 1, starts: 100, max_sweeps: 1_000_000 }
    }
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// Distinct equilibria: those known before first, that of the principal branch foremost where it was solved.
    pub equilibria: Vec<Equilibrium>,
    /// Whether the first is that of the principal branch.
    pub principal_first: bool,
    /// Whether it is proved that there is no equilibrium but the known one; then nothing was searched.
    pub only: bool,
    /// How many starting points were tried.
    pub starts: usize,
    /// How many of them led to an equilibrium.
    pub polished: usize,
    /// Sweeps spent on the search.
    pub sweeps: usize,
}

/// Where a starting point is drawn from.
#[derive(Clone, Copy, Debug)]
enum StartKind {
    /// Responses to pure profiles.
    Pure,
    /// Logits between those of the response to uniform play and their negatives.
    Wide,
    /// Mixed play, uniform over the simplex.
    Mixed,
}

/// Play that differs by less than this, in the probability of any action, is the same.
const SAME: f64 = 1e-6;

/// Play that differs by less than this is the same if what lies between solves the equations about as well: near a point where
/// branches part, all play nearby does so.
const NEARLY_SAME: f64 = 0.01;
const ABOUT_AS_WELL: f64 = 10.0;

/// Corrections by the accelerated iteration.
const CORRECTIONS: usize = 200;

/// The draws of which one is polished; the penalty for being where an equilibrium was found, in logits, and within which
/// difference in probabilities it counts.
const DRAWS: usize = 4;
const PENALTY: f64 = 10.0;
const RADIUS: f64 = 0.05;

/// How often a line between two equilibria is halved, and the damped sweeps that show which of them a point is drawn to.
const HALVINGS: usize = 40;
const DAMPED: usize = 80;

/// Logits at which an action is practically certain.
const SURE: f64 = 30.0;

/// Whether the way in which the game is built leaves room for one equilibrium only, so that the response of one sweep is
/// the same wherever it starts: all moves are seen, no decision follows another, or nobody responds to payoffs.
pub(super) fn one_by_structure(layout: &Layout, precisions: &[f64]) -> bool {
    let sets = &layout.sets;
    let all_seen = sets.iter().all(|s| layout.members(s).len() == 1);
    all_seen || sets.iter().all(|s| !s.leads_on) || precisions.iter().all(|l| *l == 0.0)
}

/// A search at one point.
pub(super) struct Search<'a> {
    pub(super) corrector: &'a mut Corrector,
    pub(super) point: Point<'a>,
    pub(super) settings: &'a SearchSettings,
    pub(super) findings: Findings,
}

impl Search<'_> {
    /// Searches, first from the logits of equilibria at a point nearby.
    pub(super) fn run(mut self, nearby: &[Vec<f64>]) -> Findings {
        for logits in nearby {
            self.try_start(logits.clone());
        }
        let profiles = self.pure_profiles(self.settings.starts / 2);
        let mut rng = ChaCha8Rng::seed_from_u64(self.settings.seed);
        for start in 0..self.settings.starts {
            if self.findings.sweeps >= self.settings.max_sweeps {
                break;
            }
            self.corrector.begin(self.point.numbers);
            let logits = if start < profiles { self.pure(start) } else { self.best_start(&mut rng, start) };
            self.findings.sweeps += self.corrector.response.sweeps;
            self.try_start(logits);
        }
        self.look_between();
        self.findings
    }

    fn respond(&mut self, logits: &[f64]) -> f64 {
        self.corrector.response.respond(self.point.precisions, logits)
    }

    /// The logits of the last response.
    fn response(&self) -> &[f64] {
        self.corrector.response.logits()
    }

    fn sweeps_left(&self) -> usize {
        self.settings.max_sweeps.saturating_sub(self.findings.sweeps)
    }

    /// Polishes a starting point, and adds the equilibrium to which it leads.
    fn try_start(&mut self, logits: Vec<f64>) {
        let polished = self.polish(logits, self.sweeps_left());
        self.findings.starts += 1;
        self.findings.sweeps += self.corrector.response.sweeps;
        self.findings.polished += usize::from(polished.is_some());
        self.add(polished);
    }

    /// Adds an equilibrium that was not found before.
    fn add(&mut self, polished: Option<Equilibrium>) {
        let Some(found) = polished.filter(|e| e.status == Status::Converged) else { return };
        let known = std::mem::take(&mut self.findings.equilibria);
        let is_new = known.iter().all(|known| !self.same(known, &found));
        self.findings.equilibria = known;
        if is_new {
            self.findings.equilibria.push(found);
        }
    }

    /// Whether two equilibria are one.
    fn same(&mut self, a: &Equilibrium, b: &Equilibrium) -> bool {
        let apart = largest_difference(&a.play, &b.play);
        if apart <= SAME || apart > NEARLY_SAME {
            return apart <= SAME;
        }
        let between: Vec<f64> = a.logits.iter().zip(&b.logits).map(|(x, y)| f64::midpoint(*x, *y)).collect();
        let allowed = a.residual.max(b.residual).max(self.corrector.response.tolerance(&between));
        self.respond(&between) <= ABOUT_AS_WELL * allowed
    }

    /// How many pure profiles there are of the information sets that lead on, if at most `most`; else none.
    fn pure_profiles(&self, most: usize) -> usize {
        let counts = self.corrector.layout().sets.iter().filter(|s| s.leads_on).map(|s| s.count);
        let all = counts.fold(1, |all: usize, count| all.saturating_mul(count));
        if all <= most { all } else { 0 }
    }

    /// The response to a pure profile, by its number.
    fn pure(&mut self, mut number: usize) -> Vec<f64> {
        let layout = self.corrector.layout();
        let mut logits = vec![0.0; layout.actions];
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            logits[set.first + number % set.count] = SURE;
            number /= set.count;
        }
        self.respond(&logits);
        self.response().to_vec()
    }

    /// The draw with the smallest penalised distance.
    fn best_start(&mut self, rng: &mut ChaCha8Rng, start: usize) -> Vec<f64> {
        let kind = match start % 4 {
            0 | 2 => StartKind::Pure,
            1 => StartKind::Wide,
            _ => StartKind::Mixed,
        };
        // What is nearly an equilibrium is often nearly pure; plain draws reach mixed ones.
        let draws = if start % 8 < 4 { 1 } else { DRAWS };
        let mut best = (f64::INFINITY, Vec::new());
        for _ in 0..draws {
            let logits = self.start(rng, kind);
            let distance = self.penalised_distance(&logits);
            if distance < best.0 || best.1.is_empty() {
                best = (distance, logits);
            }
        }
        best.1
    }

    /// How far logits are from an equilibrium, with a penalty for those near play that was found.
    fn penalised_distance(&mut self, logits: &[f64]) -> f64 {
        self.respond(logits);
        let play = softmax(self.corrector.layout(), logits);
        let residuals = self.response().iter().zip(logits).map(|(h, z)| (h - z).abs());
        let distance = residuals.zip(&play).map(|(d, p)| p * d).fold(0.0, f64::max);
        let near = |e: &Equilibrium| exp(-(largest_difference(&e.play, &play) / RADIUS).powi(2));
        distance + PENALTY * self.findings.equilibria.iter().map(near).sum::<f64>()
    }

    /// A random starting point.
    fn start(&mut self, rng: &mut ChaCha8Rng, kind: StartKind) -> Vec<f64> {
        let layout = self.corrector.layout();
        let mut logits = vec![0.0; layout.actions];
        match kind {
            StartKind::Pure => {
                for set in &layout.sets {
                    logits[set.first + rng.random_range(0..set.count)] = SURE;
                }
                self.respond(&logits);
                self.response().to_vec()
            }
            StartKind::Wide => {
                self.respond(&logits);
                let size = self.response().iter().fold(1.0, |m: f64, z| m.max(z.abs()));
                for z in &mut logits {
                    *z = size * (2.0 * rng.random::<f64>() - 1.0);
                }
                logits
            }
            StartKind::Mixed => {
                // Shares of exponential variables are uniform over the simplex.
                for z in &mut logits {
                    *z = ln((-ln(1.0 - rng.random::<f64>())).max(f64::MIN_POSITIVE));
                }
                logits
            }
        }
    }

    /// The equilibrium that a starting point leads to, for about as many sweeps as are `left`.
    fn polish(&mut self, start: Vec<f64>, left: usize) -> Option<Equilibrium> {
        let precisions = self.point.precisions;
        self.corrector.response.forget();
        self.corrector.begin(self.point.numbers);
        let mut at = start.clone();
        let mut found = self.corrector.response.iterate(precisions, &mut at, 0.0, CORRECTIONS.min(left));
        if !found && self.cost_of_newton() <= left.saturating_sub(self.corrector.response.sweeps) {
            at = start;
            found = self.solve_from(&mut at);
        }
        let equilibrium = found.then(|| self.corrector.equilibrium(precisions, at, Status::Converged))?;
        (equilibrium.status == Status::Converged).then_some(equilibrium)
    }

    /// Newton's method from these logits, or as near to an equilibrium as rounding allows; whether it reached one.
    fn solve_from(&mut self, at: &mut [f64]) -> bool {
        self.corrector.newton(self.point.precisions, at, 0.0, Effort::FULL)
            || self.corrector.polish_to_rounding(self.point.precisions, at)
    }

    /// Looks for equilibria on the borders between the first and each of the others that were found.
    fn look_between(&mut self) {
        let ends = self.findings.equilibria.clone();
        let Some((first, others)) = ends.split_first() else { return };
        for other in others {
            if self.sweeps_left() < self.cost_of_newton() + HALVINGS * DAMPED {
                return;
            }
            self.corrector.begin(self.point.numbers);
            let border = self.border(first, other);
            self.findings.sweeps += self.corrector.response.sweeps;
            let Some(mut at) = border else { continue };
            self.corrector.begin(self.point.numbers);
            self.respond(&at);
            self.corrector.response.settle(&mut at);
            let reached = self.solve_from(&mut at);
            let equilibrium =
                reached.then(|| self.corrector.equilibrium(self.point.precisions, at, Status::Converged));
            self.findings.sweeps += self.corrector.response.sweeps;
            self.add(equilibrium);
        }
    }

    /// A point near the border between what damped play is drawn to the one and to the other end; none if it is drawn to a
    /// third.
    fn border(&mut self, first: &Equilibrium, other: &Equilibrium) -> Option<Vec<f64>> {
        let at = |share: f64| -> Vec<f64> {
            first.logits.iter().zip(&other.logits).map(|(a, b)| a + share * (b - a)).collect()
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            match self.drawn_to(at(middle), first, other) {
                Some(true) => low = middle,
                Some(false) => high = middle,
                None => return None,
            }
        }
        Some(at(f64::midpoint(low, high)))
    }

    /// Whether damped play from here is drawn to the first; none where it is drawn to neither.
    fn drawn_to(&mut self, mut logits: Vec<f64>, first: &Equilibrium, other: &Equilibrium) -> Option<bool> {
        for _ in 0..DAMPED {
            let play = softmax(self.corrector.layout(), &logits);
            for (equilibrium, is_first) in [(first, true), (other, false)] {
                if largest_difference(&equilibrium.play, &play) < RADIUS {
                    return Some(is_first);
                }
            }
            self.respond(&logits);
            for (z, h) in logits.iter_mut().zip(self.response()) {
                *z += 0.5 * (h - *z);
            }
        }
        None
    }

    /// The most sweeps that Newton's method takes from one starting point, about.
    fn cost_of_newton(&self) -> usize {
        /// With the factors of elimination along the tree, at each step.
        const BY_ELIMINATION: usize = 40;
        let layout = self.corrector.layout();
        let a_step = if plan_of(layout).is_some() { BY_ELIMINATION } else { 2 * layout.actions };
        Effort::FULL.steps * a_step
    }
}
