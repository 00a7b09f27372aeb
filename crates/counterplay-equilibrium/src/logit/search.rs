//! A search for logit equilibria beside the one on the principal branch.
//!
//! Where there are few pure profiles, the response to each is a starting point. More are drawn at random: half of them are
//! responses to pure profiles, a quarter logits of the size of the largest response, a quarter mixed play (uniform over the
//! simplex); every other pair is of several draws the one with the smallest penalised distance,
//! $$ \max_a\, \pi_a\,|H(z)_a - z_a| + P \sum_k \exp\bigl(-\|\pi - \pi_k\|_\infty^2 / r^2\bigr), $$
//! near to being an equilibrium and far from the ones $\pi_k$ found before. Each is polished by the accelerated iteration or
//! by Newton's method (after Bland 2024, who samples with a penalty, polishes and traces both ways).
//!
//! From an equilibrium that play does not return to when it is a little off, iteration leads away, and few starting points
//! lead to it. It lies on the border between what is drawn to two others. So the line between the first equilibrium
//! and each other is halved, again and again, on the side where the two ends are drawn to different ones, and Newton's method
//! goes on from the middle (as edge states are tracked in dynamics; Skufca, Yorke and Eckhardt 2006). Where the branch of
//! what was found leads is told by [`Solver::trace_from`] and [`Solver::trace_down`]. A search finds what it finds: that
//! there is no other equilibrium it does not show, but where [`Findings::only`] says so.

use counterplay_game::valuation::Valuation;
use counterplay_math::{exp, ln};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::logit::newton::Effort;
use crate::logit::sweep::softmax;
use crate::logit::{Equilibrium, Solver, Status};

/// How long to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchSettings {
    /// The seed of the starting points.
    pub seed: u64,
    /// How many starting points.
    pub starts: usize,
    /// No starting point is taken up once this many sweeps over the tree are spent.
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
    /// Whether it is proved that there is no equilibrium but the known one; nothing was searched then.
    pub only: bool,
    /// How many starting points were taken up.
    pub starts: usize,
    /// How many of them led to an equilibrium.
    pub polished: usize,
    /// Sweeps spent on the search.
    pub sweeps: usize,
}

/// Where a starting point is drawn from.
#[derive(Clone, Copy, Debug)]
enum Kind {
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

/// How often a line between two equilibria is halved, and the damped sweeps that tell which of them a point is drawn to.
const HALVINGS: usize = 40;
const DAMPED: usize = 80;

/// Logits at which an action is as good as sure.
const SURE: f64 = 30.0;

impl Solver {
    /// Searches for the logit equilibria at these precisions.
    ///
    /// ```
    /// use counterplay_equilibrium::logit::{Settings, Solver};
    /// use counterplay_equilibrium::logit::search::SearchSettings;
    /// use counterplay_game::gambit::read_nfg;
    ///
    /// // A stag hunt: a stag needs both, a hare is certain.
    /// let text = r#"NFG 1 R "Stag hunt" { "A" "B" } { 2 2 } 4 4 3 0 0 3 3 3"#;
    /// let game = read_nfg(text).expect("a game file").game();
    /// let numbers = game.at(&game.expressions().evaluate(&[]));
    /// let mut solver = Solver::new(&game, Settings::default());
    /// let found = solver.search(&numbers, &[8.0, 8.0], &SearchSettings::default());
    /// // Both hunt the hare on the principal branch; both hunt the stag; and each is indifferent.
    /// assert!(found.principal_first && found.equilibria[0].play[0] < 0.01);
    /// assert_eq!(found.equilibria.len(), 3);
    /// ```
    pub fn search(&mut self, numbers: &Valuation, precisions: &[f64], settings: &SearchSettings) -> Findings {
        let principal = self.solve(numbers, precisions);
        let principal_first = principal.status == Status::Converged;
        let solved = principal_first || matches!(principal.status, Status::Jumped { .. });
        let known = if solved { vec![principal] } else { Vec::new() };
        let found = self.search_beside(numbers, precisions, known, &[], settings);
        Findings { principal_first, ..found }
    }

    /// Searches for logit equilibria beside those that are `known`, first from the logits that others have at a point `near`
    /// by.
    pub fn search_beside(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        known: Vec<Equilibrium>,
        near: &[Vec<f64>],
        settings: &SearchSettings,
    ) -> Findings {
        let principal_first = false;
        let only = !known.is_empty()
            && (self.one_by_structure(precisions) || self.only_equilibrium(numbers, precisions).is_some());
        let mut found =
            Findings { equilibria: known, principal_first, only, starts: 0, polished: 0, sweeps: 0 };
        if only {
            return found;
        }
        for logits in near {
            self.take_up(numbers, precisions, logits.clone(), settings, &mut found);
        }
        let profiles = self.pure_profiles(settings.starts / 2);
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        for start in 0..settings.starts {
            if found.sweeps >= settings.max_sweeps {
                break;
            }
            self.begin(numbers);
            let logits = if start < profiles {
                self.pure(precisions, start)
            } else {
                self.best_start(precisions, &mut rng, start, &found.equilibria)
            };
            found.sweeps += self.sweeps;
            self.take_up(numbers, precisions, logits, settings, &mut found);
        }
        self.look_between(numbers, precisions, settings, &mut found);
        found
    }

    /// Whether the way in which the game is built leaves room for one equilibrium only, so that the response of one sweep is
    /// the same wherever it starts: all moves are seen, no decision follows another, or nobody responds to payoffs.
    fn one_by_structure(&self, precisions: &[f64]) -> bool {
        let sets = &self.layout.sets;
        let all_seen = sets.iter().all(|s| self.layout.members(s).len() == 1);
        all_seen || sets.iter().all(|s| !s.leads_on) || precisions.iter().all(|l| *l == 0.0)
    }

    /// Polishes a starting point, and adds what it leads to.
    fn take_up(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        logits: Vec<f64>,
        settings: &SearchSettings,
        found: &mut Findings,
    ) {
        let left = settings.max_sweeps.saturating_sub(found.sweeps);
        let polished = self.polish(numbers, precisions, logits, left);
        found.starts += 1;
        found.sweeps += self.sweeps;
        found.polished += usize::from(polished.is_some());
        self.add(precisions, polished, found);
    }

    /// Adds an equilibrium that was not found before.
    fn add(&mut self, precisions: &[f64], polished: Option<Equilibrium>, to: &mut Findings) {
        let Some(found) = polished.filter(|e| e.status == Status::Converged) else { return };
        if to.equilibria.iter().all(|known| !self.same(precisions, known, &found)) {
            to.equilibria.push(found);
        }
    }

    /// Whether two equilibria are one.
    fn same(&mut self, precisions: &[f64], a: &Equilibrium, b: &Equilibrium) -> bool {
        let apart = apart(&a.play, &b.play);
        if apart <= SAME || apart > NEARLY_SAME {
            return apart <= SAME;
        }
        let between: Vec<f64> = a.logits.iter().zip(&b.logits).map(|(x, y)| f64::midpoint(*x, *y)).collect();
        let allowed = a.residual.max(b.residual).max(self.tolerance(&between));
        self.respond(precisions, &between) <= ABOUT_AS_WELL * allowed
    }

    /// How many pure profiles there are of the information sets that lead on, if at most `most`; else none.
    fn pure_profiles(&self, most: usize) -> usize {
        let counts = self.layout.sets.iter().filter(|s| s.leads_on).map(|s| s.count);
        let all = counts.fold(1, |all: usize, count| all.saturating_mul(count));
        if all <= most { all } else { 0 }
    }

    /// The response to a pure profile, by its number.
    fn pure(&mut self, precisions: &[f64], mut number: usize) -> Vec<f64> {
        let mut logits = vec![0.0; self.layout.actions];
        for set in self.layout.sets.iter().filter(|s| s.leads_on) {
            logits[set.first + number % set.count] = SURE;
            number /= set.count;
        }
        self.respond(precisions, &logits);
        self.sweep.response.clone()
    }

    /// The draw with the smallest penalised distance.
    fn best_start(
        &mut self,
        precisions: &[f64],
        rng: &mut ChaCha8Rng,
        start: usize,
        found: &[Equilibrium],
    ) -> Vec<f64> {
        let kind = match start % 4 {
            0 | 2 => Kind::Pure,
            1 => Kind::Wide,
            _ => Kind::Mixed,
        };
        // What is nearly an equilibrium is often nearly pure; plain draws reach mixed ones.
        let draws = if start % 8 < 4 { 1 } else { DRAWS };
        let mut best = (f64::INFINITY, Vec::new());
        for _ in 0..draws {
            let logits = self.start(precisions, rng, kind);
            let distance = self.penalised_distance(precisions, &logits, found);
            if distance < best.0 || best.1.is_empty() {
                best = (distance, logits);
            }
        }
        best.1
    }

    /// How far logits are from an equilibrium, with a penalty for those near play that was found.
    fn penalised_distance(&mut self, precisions: &[f64], logits: &[f64], found: &[Equilibrium]) -> f64 {
        self.respond(precisions, logits);
        let mut play = vec![0.0; logits.len()];
        softmax(&self.layout, logits, &mut play);
        let missing = self.sweep.response.iter().zip(logits).map(|(h, z)| (h - z).abs());
        let missed = missing.zip(&play).map(|(d, p)| p * d).fold(0.0, f64::max);
        let near = |e: &Equilibrium| exp(-(apart(&e.play, &play) / RADIUS).powi(2));
        missed + PENALTY * found.iter().map(near).sum::<f64>()
    }

    /// A random starting point.
    fn start(&mut self, precisions: &[f64], rng: &mut ChaCha8Rng, kind: Kind) -> Vec<f64> {
        let mut logits = vec![0.0; self.layout.actions];
        match kind {
            Kind::Pure => {
                for set in &self.layout.sets {
                    logits[set.first + rng.random_range(0..set.count)] = SURE;
                }
                self.respond(precisions, &logits);
                self.sweep.response.clone()
            }
            Kind::Wide => {
                self.respond(precisions, &logits);
                let size = self.sweep.response.iter().fold(1.0, |m: f64, z| m.max(z.abs()));
                for z in &mut logits {
                    *z = size * (2.0 * rng.random::<f64>() - 1.0);
                }
                logits
            }
            Kind::Mixed => {
                // Shares of exponential variables are uniform over the simplex.
                for z in &mut logits {
                    *z = ln((-ln(1.0 - rng.random::<f64>())).max(f64::MIN_POSITIVE));
                }
                logits
            }
        }
    }

    /// The equilibrium that a starting point leads to, for about as many sweeps as are `left`.
    fn polish(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        start: Vec<f64>,
        left: usize,
    ) -> Option<Equilibrium> {
        self.forget();
        self.begin(numbers);
        let mut at = start.clone();
        let mut found = self.correct(precisions, &mut at, 0.0, CORRECTIONS.min(left));
        if !found && self.cost_of_newton() <= left.saturating_sub(self.sweeps) {
            at = start;
            found = self.newton(precisions, &mut at, 0.0, Effort::FULL)
                || self.polish_to_rounding(precisions, &mut at);
        }
        let equilibrium = found.then(|| self.equilibrium(precisions, at, Status::Converged))?;
        (equilibrium.status == Status::Converged).then_some(equilibrium)
    }

    /// Looks for equilibria on the borders between the first and each of the others that were found.
    fn look_between(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        settings: &SearchSettings,
        found: &mut Findings,
    ) {
        let ends = found.equilibria.clone();
        let Some((first, others)) = ends.split_first() else { return };
        for other in others {
            let left = settings.max_sweeps.saturating_sub(found.sweeps);
            if left < self.cost_of_newton() + HALVINGS * DAMPED {
                return;
            }
            self.begin(numbers);
            let border = self.border(precisions, (first, other));
            found.sweeps += self.sweeps;
            let Some(logits) = border else { continue };
            self.begin(numbers);
            let mut at = logits;
            self.respond(precisions, &at);
            self.settle(&mut at);
            let reached = self.newton(precisions, &mut at, 0.0, Effort::FULL)
                || self.polish_to_rounding(precisions, &mut at);
            let equilibrium = reached.then(|| self.equilibrium(precisions, at, Status::Converged));
            found.sweeps += self.sweeps;
            self.add(precisions, equilibrium, found);
        }
    }

    /// A point near the border between what damped play is drawn to the one and to the other end; none if it is drawn to a
    /// third.
    fn border(
        &mut self,
        precisions: &[f64],
        (first, other): (&Equilibrium, &Equilibrium),
    ) -> Option<Vec<f64>> {
        let at = |share: f64| -> Vec<f64> {
            first.logits.iter().zip(&other.logits).map(|(a, b)| a + share * (b - a)).collect()
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            match self.drawn_to(precisions, at(middle), (first, other)) {
                Some(true) => low = middle,
                Some(false) => high = middle,
                None => return None,
            }
        }
        Some(at(f64::midpoint(low, high)))
    }

    /// Whether damped play from here is drawn to the first; none where it is drawn to neither.
    fn drawn_to(
        &mut self,
        precisions: &[f64],
        mut logits: Vec<f64>,
        (first, other): (&Equilibrium, &Equilibrium),
    ) -> Option<bool> {
        let mut play = vec![0.0; logits.len()];
        for _ in 0..DAMPED {
            softmax(&self.layout, &logits, &mut play);
            for (equilibrium, is_first) in [(first, true), (other, false)] {
                if apart(&equilibrium.play, &play) < RADIUS {
                    return Some(is_first);
                }
            }
            self.respond(precisions, &logits);
            for (z, h) in logits.iter_mut().zip(&self.sweep.response) {
                *z += 0.5 * (h - *z);
            }
        }
        None
    }

    /// The most sweeps that Newton's method takes from one starting point, about.
    fn cost_of_newton(&self) -> usize {
        /// With the factors of elimination along the tree, at each step.
        const BY_ELIMINATION: usize = 40;
        let a_step = if self.layout.plan().is_some() { BY_ELIMINATION } else { 2 * self.layout.actions };
        Effort::FULL.steps * a_step
    }
}

/// The largest difference between the probabilities of an action.
fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
