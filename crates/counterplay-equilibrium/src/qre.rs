//! Logit quantal response equilibrium on the principal branch.
//!
//! The principal branch starts at uniform play, where all precisions are zero, and is followed while they grow
//! in proportion to their values (McKelvey and Palfrey 1995, 1998; Turocy 2005, 2010). Where it is smooth, each
//! step is predicted along the secant and corrected by an accelerated fixed-point iteration of the response map
//! $H$ (see the sweep); where it turns or the iteration fails, by pseudo-arc-length steps
//! with Newton's method.

use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use crate::anderson::{Anderson, norm};
use crate::branch::{Course, Spot};
use crate::elimination::Factors;
use crate::krylov::gmres;
use crate::layout::Layout;
use crate::newton::Effort;
use crate::sweep::{Adjoint, Sweep, softmax};

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The residual to reach: the largest difference between the logits and their response, relative to the
    /// largest logit where that is above one.
    pub tolerance: f64,
    /// How many sweeps to spend at most.
    pub max_sweeps: usize,
    /// Corrections of one step before it is taken shorter.
    pub max_corrections: usize,
    /// The largest difference between an action's probability and its prediction that a step along the branch may
    /// bring; a step that brings more is taken again shorter. The iteration that corrects a step may end at another
    /// equilibrium than that of the branch, and does so now and then where this is one, which turns the check off and tries
    /// the full precisions at once.
    pub max_surprise: f64,
    /// The relative residual of the linear system behind a gradient.
    pub gradient_tolerance: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tolerance: 1e-11,
            max_sweeps: 20_000,
            max_corrections: 30,
            max_surprise: 0.05,
            gradient_tolerance: 1e-11,
        }
    }
}

/// How solving ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    /// The residual is within the tolerance, on the principal branch.
    Converged,
    /// The residual is within the tolerance, but the principal branch was not followed all the way: it turned, and
    /// from the turn the iteration went on at the full precisions to another part of it or to another branch.
    Jumped {
        /// Where it left the branch, as a share of the precisions.
        at: f64,
    },
    /// The budget of sweeps was spent.
    OutOfBudget {
        /// How far along the branch it got, as a share of the precisions.
        reached: f64,
    },
    /// Newton's method failed on the branch, as at a bifurcation.
    Stuck {
        /// How far along the branch it got, as a share of the precisions.
        reached: f64,
    },
}

/// Play at a logit equilibrium, or as near as it was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Equilibrium {
    /// For each action, $\lambda$ times its expected payoff, centred in its information set.
    pub logits: Vec<f64>,
    /// For each action, its probability where its information set is reached.
    pub play: Vec<f64>,
    /// How solving ended.
    pub status: Status,
    /// The largest difference between the logits and their response.
    pub residual: f64,
    /// Sweeps spent.
    pub sweeps: usize,
}

/// The derivatives of a function of an equilibrium with respect to the game's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// With respect to probabilities and payoffs.
    pub numbers: Valuation,
    /// With respect to the precision of each player.
    pub precisions: Vec<f64>,
    /// The relative residual of the linear system behind it.
    pub residual: f64,
}

/// How near to the branch the points on the way are kept, in logits: nearer than the prediction of the next is.
const BETWEEN_STEPS: f64 = 1e-2;

/// Where any surprise will do, the corrections that uniform play is worth at the full precisions before the branch is
/// followed. What so few reach is on the branch but for rare exceptions: of 2,216 points that the analysis of the Hanoi
/// summit solves, 2 were elsewhere, against 1 where every branch was followed from uniform play on.
const SHORTCUT: usize = 15;

/// How many differences the accelerated iteration remembers.
const DEPTH: usize = 10;

/// A solver for one game, to be used at many points.
#[derive(Clone, Debug)]
pub struct Solver {
    pub(crate) layout: std::sync::Arc<Layout>,
    pub(crate) sweep: Sweep,
    pub(crate) settings: Settings,
    pub(crate) sweeps: usize,
    pub(crate) anderson: Anderson,
    /// The largest correction of the last run of Newton's method, in logits.
    pub(crate) first_correction: f64,
    pub(crate) factors: Factors,
    /// The derivative of the logits by the share of the precisions at the point of the factors.
    pub(crate) slope: Vec<f64>,
    /// The share of the precisions at which logits are about one, for the metric of arcs.
    pub(crate) least_share: f64,
    /// The multipliers of the last gradient.
    last_multipliers: Option<Vec<f64>>,
}

impl Solver {
    /// A solver for `game`.
    pub fn new(game: &Game, settings: Settings) -> Self {
        Self::of(Layout::new(game).into(), settings)
    }

    /// A solver for the game of a layout.
    pub(crate) fn of(layout: std::sync::Arc<Layout>, settings: Settings) -> Self {
        let sweep = Sweep::new(&layout);
        Self {
            layout,
            sweep,
            settings,
            sweeps: 0,
            anderson: Anderson::new(DEPTH),
            first_correction: 0.0,
            factors: Factors::default(),
            slope: Vec::new(),
            least_share: 1.0,
            last_multipliers: None,
        }
    }

    /// The equilibrium on the principal branch.
    pub fn solve(&mut self, numbers: &Valuation, precisions: &[f64]) -> Equilibrium {
        self.forget();
        self.begin(numbers);
        self.along_principal_branch(precisions)
    }

    /// The equilibrium that an accelerated iteration reaches from the logits of a nearby one, or, failing that,
    /// the one on the principal branch. What was learnt at earlier points is forgotten first, so that the result
    /// is a function of the arguments.
    pub fn solve_from(&mut self, numbers: &Valuation, precisions: &[f64], logits: &[f64]) -> Equilibrium {
        self.forget();
        self.reach_from(numbers, precisions, logits.to_vec())
    }

    /// The equilibrium that Newton's method reaches, which stays nearer to these logits than the accelerated iteration does;
    /// where that fails, as [`solve_from`](Self::solve_from).
    pub(crate) fn solve_near(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        logits: &[f64],
    ) -> Equilibrium {
        self.forget();
        self.begin(numbers);
        let mut at = logits.to_vec();
        if self.newton(precisions, &mut at, 0.0, Effort::FULL) {
            return self.equilibrium(precisions, at, Status::Converged);
        }
        self.solve_from(numbers, precisions, logits)
    }

    fn reach_from(&mut self, numbers: &Valuation, precisions: &[f64], mut at: Vec<f64>) -> Equilibrium {
        self.begin(numbers);
        if self.correct(precisions, &mut at, 0.0, self.settings.max_corrections) {
            return self.equilibrium(precisions, at, Status::Converged);
        }
        self.forget();
        self.along_principal_branch(precisions)
    }

    /// Along the principal branch, or where it cannot be followed to its end, by a jump from there.
    fn along_principal_branch(&mut self, precisions: &[f64]) -> Equilibrium {
        let mut at = Spot { logits: vec![0.0; self.layout.actions], share: 0.0 };
        if self.settings.max_surprise >= 1.0 {
            if self.correct(precisions, &mut at.logits, 0.0, SHORTCUT) {
                return self.equilibrium(precisions, at.logits, Status::Converged);
            }
            self.anderson.forget();
            at.logits.fill(0.0);
        }
        let mut course = Course {
            precisions,
            until: 1.0,
            between: BETWEEN_STEPS,
            newton: false,
            max_growth: f64::INFINITY,
            max_surprise: self.settings.max_surprise,
            visit: &mut |_, _, _| Some(f64::INFINITY),
        };
        let followed = self.follow(&mut course, &mut at);
        let status = self.jump(precisions, &mut at, followed);
        self.equilibrium(precisions, at.logits, status)
    }

    pub(crate) fn forget(&mut self) {
        self.anderson.forget();
    }

    pub(crate) fn begin(&mut self, numbers: &Valuation) {
        self.sweeps = 0;
        self.factors.forget();
        self.sweep.load(&self.layout, numbers);
    }

    /// Responds to these logits; returns how far the response is from them.
    pub(crate) fn respond(&mut self, precisions: &[f64], at: &[f64]) -> f64 {
        self.sweeps += 1;
        self.sweep.respond(&self.layout, precisions, at);
        distance(&self.sweep.response, at)
    }

    /// The logits of the information sets that lead on. The others are a function of these.
    fn leading(&self, logits: &[f64], leading: &mut Vec<f64>) {
        leading.clear();
        for set in self.layout.sets.iter().filter(|s| s.leads_on) {
            leading.extend_from_slice(&logits[set.actions()]);
        }
    }

    /// Puts the logits of the information sets that lead on back in their places.
    fn put_leading(&self, leading: &[f64], logits: &mut [f64]) {
        let mut from = leading;
        for set in self.layout.sets.iter().filter(|s| s.leads_on) {
            let (own, rest) = from.split_at(set.count);
            logits[set.actions()].copy_from_slice(own);
            from = rest;
        }
    }

    /// Ends an iteration: the logits that follow from the others take their values. The others stay, since where the
    /// response is steep it is further from the fixed point than they are.
    pub(crate) fn settle(&self, at: &mut [f64]) {
        for set in self.layout.sets.iter().filter(|s| !s.leads_on) {
            at[set.actions()].copy_from_slice(&self.sweep.response[set.actions()]);
        }
    }

    pub(crate) fn tolerance(&self, logits: &[f64]) -> f64 {
        self.settings.tolerance * logits.iter().fold(1.0, |m: f64, z| m.max(z.abs()))
    }

    /// Iterates to a fixed point; whether one was reached, to `tolerance` or to that of the
    /// settings, whichever is wider.
    pub(crate) fn correct(
        &mut self,
        precisions: &[f64],
        at: &mut [f64],
        tolerance: f64,
        budget: usize,
    ) -> bool {
        self.anderson.begin();
        let (mut leading, mut response) = (Vec::new(), Vec::new());
        let mut best = f64::INFINITY;
        for count in 0..budget {
            let residual = self.respond(precisions, at);
            if residual <= tolerance.max(self.tolerance(at)) {
                self.settle(at);
                return true;
            }
            if !residual.is_finite() || (count > 8 && residual > 1e3 * best) {
                return false;
            }
            best = best.min(residual);
            self.leading(at, &mut leading);
            self.leading(&self.sweep.response, &mut response);
            self.anderson.step(&mut leading, &response);
            at.copy_from_slice(&self.sweep.response);
            self.put_leading(&leading, at);
        }
        false
    }

    pub(crate) fn equilibrium(
        &mut self,
        precisions: &[f64],
        logits: Vec<f64>,
        status: Status,
    ) -> Equilibrium {
        let residual = self.respond(precisions, &logits);
        let mut play = vec![0.0; logits.len()];
        softmax(&self.layout, &logits, &mut play);
        let status = match status {
            Status::Converged | Status::Jumped { .. } if residual > 10.0 * self.tolerance(&logits) => {
                Status::Stuck { reached: 1.0 }
            }
            other => other,
        };
        Equilibrium { logits, play, status, residual, sweeps: self.sweeps }
    }

    /// The derivatives through the equilibrium of a function whose derivatives with respect to the logits are
    /// `weights` (implicit function theorem, one adjoint solve). To be called right after solving at these
    /// numbers; derivatives by other ways than the play are the caller's to add.
    pub fn gradient(&mut self, precisions: &[f64], weights: &[f64]) -> Gradient {
        let mut adjoint = Adjoint::zero(&self.layout);
        let (layout, sweep) = (&self.layout, &mut self.sweep);
        let mut product = |x: &[f64], out: &mut [f64]| {
            sweep.adjoint(layout, precisions, x, &mut adjoint);
            for ((out, x), d) in out.iter_mut().zip(x).zip(&adjoint.logits) {
                *out = x - d;
            }
        };
        // The multipliers at the last point are near; only their difference is left to be found.
        let multipliers = self.last_multipliers.take().filter(|m| m.iter().all(|x| x.is_finite()));
        let mut multipliers = multipliers.unwrap_or_else(|| vec![0.0; weights.len()]);
        let mut left = vec![0.0; weights.len()];
        product(&multipliers, &mut left);
        for (left, w) in left.iter_mut().zip(weights) {
            *left = w - *left;
        }
        let (whole, missing) = (norm(weights), norm(&left));
        let tolerance = if missing > 0.0 { self.settings.gradient_tolerance * whole / missing } else { 1.0 };
        let (step, relative) = gmres(&mut product, &left, tolerance, 200);
        for (m, s) in multipliers.iter_mut().zip(step) {
            *m += s;
        }
        sweep.adjoint(layout, precisions, &multipliers, &mut adjoint);
        let residual = if whole > 0.0 { relative * missing / whole } else { 0.0 };
        self.last_multipliers = Some(multipliers);
        Gradient { numbers: adjoint.numbers, precisions: adjoint.precisions, residual }
    }

    /// The expected payoff of each player at each node of the game under the last play solved: node by node,
    /// player by player.
    ///
    /// # Panics
    /// If `game` is not the solver's.
    pub fn node_values(&self, game: &Game) -> Vec<f64> {
        let (values, players) = (self.sweep.values(), self.layout.players);
        let place = |node| self.layout.place(game, node);
        game.nodes().map(place).flat_map(|p| &values[p * players..(p + 1) * players]).copied().collect()
    }

    /// The expected payoff of each action to its player under the last play solved.
    pub fn action_values(&self) -> &[f64] {
        &self.sweep.action_values
    }
}

/// The largest difference, or NaN if there is one among the differences.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let (mut largest, mut sum) = ([0.0; 4], [0.0; 4]);
    for (a, b) in a.chunks(4).zip(b.chunks(4)) {
        for ((largest, sum), (a, b)) in largest.iter_mut().zip(&mut sum).zip(a.iter().zip(b)) {
            let d = (a - b).abs();
            *largest = f64::max(*largest, d);
            *sum += d;
        }
    }
    // `f64::max` drops a NaN, which must not pass for a small residual.
    if sum.iter().any(|s| s.is_nan()) { f64::NAN } else { largest.into_iter().fold(0.0, f64::max) }
}
