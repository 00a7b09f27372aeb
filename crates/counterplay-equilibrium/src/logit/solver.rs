//! Logit quantal response equilibrium on the principal branch.
//!
//! The principal branch starts at uniform play, where all precisions are zero, and is followed while they grow
//! in proportion to their values (McKelvey and Palfrey 1995, 1998; Turocy 2005, 2010). Where it is smooth, each
//! step is predicted along the secant and corrected by an accelerated fixed-point iteration of the response map
//! $H$ (see the sweep); where it turns or the iteration fails, by pseudo-arc-length steps
//! with Newton's method.

use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use crate::logit::batch::Batch;
use crate::logit::branch::{Course, Spot};
use crate::logit::elimination::Factors;
use crate::logit::enclosure::Enclosure;
use crate::logit::layout::Layout;
use crate::logit::newton::{Effort, largest};
use crate::logit::sweep::{Adjoint, Sweep, softmax};
use crate::logit::walk::{Point, Walked};
use crate::numeric::anderson::{Anderson, norm};
use crate::numeric::dense;
use crate::numeric::krylov::gmres;

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
    /// bring; a step that brings more is taken again shorter.
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
    /// On the principal branch, with a residual within the tolerance, or as near to the fixed point as rounding allows.
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
    /// The shares of the precisions at which other branches cross the principal one, in the order in which it meets them: there
    /// it was followed straight on, as it is in symmetric games.
    pub crossings: Vec<f64>,
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

/// The residual that rounding may leave, over the precision times the range of payoffs: where that is very high, the response is
/// so steep that it is further from the fixed point than the logits are.
const ROUNDING: f64 = 1e-11;

/// Logits count as nearly solved if Newton's step from there is below this, and as solved to rounding if the last is below this share of
/// the largest; and how many steps are taken for that at most.
const ALREADY_NEAR: f64 = 1e-4;
const AT_ROUNDING: f64 = 1e-9;
const POLISHING_STEPS: usize = 6;

/// How many points are solved at once.
pub const LANES: usize = 4;

/// The largest game, in actions, whose branch is followed by arcs alone.
const SMALL_GAME: usize = 200;

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
    pub(crate) factors: Factors,
    /// The Jacobian as a matrix, where it cannot be eliminated along the tree.
    pub(crate) matrix: Option<dense::Factors>,
    /// The derivative of the logits by the share of the precisions at the point of the factors.
    pub(crate) slope: Vec<f64>,
    /// The share of the precisions at which logits are about one, for the metric of arcs.
    pub(crate) least_share: f64,
    /// How far rounding keeps points from the branch, in logits.
    pub(crate) noise: f64,
    /// About the direction in which the Jacobian is nearest to singular.
    pub(crate) probe: Vec<f64>,
    pub(crate) enclosure: Enclosure,
    /// Lanes for several points at once, and for one.
    batch: Option<Box<Batch<LANES>>>,
    one: Option<Box<Batch<1>>>,
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
            factors: Factors::default(),
            matrix: None,
            slope: Vec::new(),
            least_share: 1.0,
            noise: 0.0,
            probe: Vec::new(),
            enclosure: Enclosure::default(),
            batch: None,
            one: None,
            last_multipliers: None,
        }
    }

    /// The equilibrium on the principal branch.
    pub fn solve(&mut self, numbers: &Valuation, precisions: &[f64]) -> Equilibrium {
        if !self.walks()
            && let Some(only) = self.only_equilibrium(numbers, precisions)
        {
            return only;
        }
        let point = Point { numbers, precisions };
        let walked = if self.walks() { self.with_one(|one| one.walk(&[point])).pop() } else { None };
        self.ended_at(&point, walked)
    }

    /// The equilibria at several points, as many at once as there are lanes: each is, bit for bit, what [`solve`](Self::solve)
    /// finds there.
    pub fn solve_all(&mut self, points: &[Point<'_>]) -> Vec<Equilibrium> {
        if !self.walks() {
            return points.iter().map(|p| self.solve(p.numbers, p.precisions)).collect();
        }
        let mut batch =
            self.batch.take().unwrap_or_else(|| Batch::of(self.layout.clone(), self.settings).into());
        let walked = batch.walk(points);
        let found = walked
            .into_iter()
            .zip(points)
            .map(|(walked, point)| self.ended_at(point, Some(walked)))
            .collect();
        self.batch = Some(batch);
        found
    }

    /// The equilibrium on the principal branch by arcs alone, whatever the size of the game: slow in large ones, and what the other
    /// ways are compared with.
    pub fn arcs(&mut self, numbers: &Valuation, precisions: &[f64]) -> Equilibrium {
        self.ended_at(&Point { numbers, precisions }, None)
    }

    /// Whether the game is so large that its branch is walked along, and followed by arcs only where that is in doubt.
    fn walks(&self) -> bool {
        self.layout.actions > SMALL_GAME
    }

    /// What one lane does.
    pub(crate) fn with_one<T>(&mut self, work: impl FnOnce(&mut Batch<1>) -> T) -> T {
        let fresh = || Batch::of(self.layout.clone(), self.settings).into();
        let mut one = self.one.take().unwrap_or_else(fresh);
        let done = work(&mut one);
        self.one = Some(one);
        done
    }

    /// The equilibrium where a walk leads, or, where none did, by arcs from uniform play.
    fn ended_at(&mut self, point: &Point<'_>, walked: Option<Walked>) -> Equilibrium {
        self.forget();
        self.begin(point.numbers);
        self.set_least_share(point.numbers, point.precisions);
        let found = walked.and_then(|walked| self.where_a_walk_leads(point, walked));
        found.unwrap_or_else(|| self.along_principal_branch(point.precisions, self.uniform()))
    }

    fn uniform(&self) -> Spot {
        Spot { logits: vec![0.0; self.layout.actions], share: 0.0 }
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
        self.along_principal_branch(precisions, self.uniform())
    }

    /// Along the principal branch from a point of it, or where it cannot be followed to its end, by a jump from there.
    fn along_principal_branch(&mut self, precisions: &[f64], mut at: Spot) -> Equilibrium {
        if self.layout.actions == 0 {
            self.respond(precisions, &at.logits);
            return self.equilibrium(precisions, at.logits, Status::Converged);
        }
        let mut course = Course {
            precisions,
            until: 1.0,
            max_growth: f64::INFINITY,
            max_surprise: self.settings.max_surprise,
            visit: &mut |_, _| Some(f64::INFINITY),
        };
        let followed = self.follow(&mut course, &mut at, true);
        let status = self.jump(precisions, &mut at, followed.status);
        let mut found = self.equilibrium(precisions, at.logits, status);
        found.crossings = followed.crossings;
        found
    }

    /// The share of the precisions below which they make little difference.
    pub(crate) fn set_least_share(&mut self, numbers: &Valuation, precisions: &[f64]) {
        let most = (0..precisions.len()).map(|p| precisions[p] * payoff_range(numbers, precisions.len(), p));
        self.least_share = 1.0 / most.fold(1.0, f64::max);
    }

    pub(crate) fn forget(&mut self) {
        self.anderson.forget();
    }

    pub(crate) fn begin(&mut self, numbers: &Valuation) {
        self.sweeps = 0;
        self.factors.forget();
        self.matrix = None;
        self.probe.clear();
        self.noise = 0.0;
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
        let mut logits = logits;
        let mut residual = self.respond(precisions, &logits);
        let solved = matches!(status, Status::Converged | Status::Jumped { .. });
        let mut status = status;
        if solved && (residual.is_nan() || residual > self.attainable(&logits)) {
            if !self.polish_to_rounding(precisions, &mut logits) {
                status = Status::Stuck { reached: 1.0 };
            }
            residual = self.respond(precisions, &logits);
        }
        let mut play = vec![0.0; logits.len()];
        softmax(&self.layout, &logits, &mut play);
        Equilibrium { logits, play, status, residual, sweeps: self.sweeps, crossings: Vec::new() }
    }

    /// Moves nearly solved logits to where Newton's steps become no shorter; whether that is as near to the fixed point as rounding
    /// allows. Where many players mix at a high precision the response is so steep that the residual says little.
    pub(crate) fn polish_to_rounding(&mut self, precisions: &[f64], logits: &mut [f64]) -> bool {
        let mut last = ALREADY_NEAR;
        for _ in 0..POLISHING_STEPS {
            if !self.has_factors() {
                return false;
            }
            let (missing, _) = self.missing_at_once(precisions, logits);
            if self.linearise(precisions, logits).is_none() {
                return false;
            }
            let step = self.solve_linear(&missing);
            let size = largest(&step);
            if size > last {
                break;
            }
            logits.iter_mut().zip(&step).for_each(|(z, d)| *z += d);
            last = 0.5 * size;
        }
        let scale = largest(logits).max(1.0);
        last <= AT_ROUNDING * scale
    }

    /// The residual of an equilibrium that rounding may leave.
    fn attainable(&self, logits: &[f64]) -> f64 {
        f64::max(10.0 * self.tolerance(logits), ROUNDING / self.least_share)
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

/// The difference between the largest and the smallest payoff of a player.
pub(crate) fn payoff_range(numbers: &Valuation, players: usize, player: usize) -> f64 {
    let own = numbers.payoffs.iter().skip(player).step_by(players.max(1));
    let (low, high) = own.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &x| (l.min(x), h.max(x)));
    if high > low { high - low } else { 0.0 }
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
