//! Several points of one game at once.
//!
//! Posterior draws, what-ifs or rows of data are solved on the same tree, and differ only in its numbers. A [`Batch`] has a
//! point in each of its `L` lanes and sweeps all of them together, which takes much less time than one sweep for each. Every
//! lane is a problem of its own, with its own numbers, precisions, play and state: its result is, bit for bit, what it would be
//! alone, whatever the others hold. When a lane is done, its result is read and the next problem is put in, while the others
//! go on.
//!
//! ```
//! use counterplay_equilibrium::logit::batch::{Batch, Progress};
//! use counterplay_equilibrium::logit::Settings;
//! use counterplay_game::gambit::read_efg;
//!
//! let text = r#"EFG 2 R "Chain store" { "Entrant" "Incumbent" }
//! p "" 1 1 "" { "out" "in" } 0
//! t "" 1 "" { 1 5 }
//! p "" 2 1 "" { "fight" "share" } 0
//! t "" 2 "" { 0 0 }
//! t "" 3 "" { 2 2 }"#;
//! let game = read_efg(text).expect("a game file").game().expect("perfect recall");
//! let numbers = game.at(&game.expressions().evaluate(&[]));
//! let mut batch = Batch::<4>::new(&game, Settings::default());
//! for lane in 0..4 {
//!     batch.load(lane, &numbers);
//!     batch.start(lane, &[lane as f64, 1.0], &[0.0; 4], 0.0, 30);
//! }
//! while batch.step() {}
//! assert!((0..4).all(|lane| matches!(batch.progress(lane), Progress::Reached { .. })));
//! // A precise entrant foresees that the incumbent shares.
//! let play = batch.play(3);
//! assert!(play[1] > 0.7 && batch.play(0)[1] == 0.5);
//! ```

use std::sync::Arc;

use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use super::equilibrium::Gradient;
use super::layout::Layout;
use super::settings::Settings;
use super::sweep::{Adjoint, Sweep, softmax};
use crate::numeric::anderson::Anderson;
use crate::numeric::krylov::{gmres_lanes, hessenberg};
use crate::numeric::lanes::{Lanes, difference, dot_lanes, lanes, lanes_mut};

/// How many differences the accelerated iteration remembers.
const DEPTH: usize = 10;

/// Products behind a gradient at most.
const MAX_PRODUCTS: usize = 200;

/// An iteration fails where its residual is this many times the best so far, after a few sweeps.
const GROWTH: f64 = 1e3;

/// The sweeps before that.
const PATIENCE: usize = 8;

/// Where the iteration in a lane stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// Nothing was started.
    Idle,
    /// It continues.
    Iterating {
        /// Sweeps so far.
        sweeps: usize,
    },
    /// A fixed point was reached, within the tolerance.
    Reached {
        /// Sweeps spent.
        sweeps: usize,
        /// The largest difference between the logits and their response.
        residual: f64,
    },
    /// None was reached: the residual grew, was no number, or the sweeps allowed were spent.
    Failed {
        /// Sweeps spent.
        sweeps: usize,
        /// The last residual.
        residual: f64,
    },
}

/// The iteration in one lane.
#[derive(Clone, Copy, Debug)]
struct Iteration {
    progress: Progress,
    tolerance: f64,
    max_sweeps: usize,
    /// The smallest residual so far.
    best: f64,
}

/// Points of one game, `L` at once; see the [module](self).
#[derive(Clone, Debug)]
pub struct Batch<const L: usize> {
    pub(super) layout: Arc<Layout>,
    pub(super) settings: Settings,
    pub(super) sweep: Sweep<L>,
    anderson: Anderson<L>,
    iterations: [Iteration; L],
    /// Player by player, lane by lane.
    precisions: Vec<f64>,
    /// Action by action, lane by lane.
    logits: Vec<f64>,
    /// The multipliers of the last gradient in each lane.
    multipliers: Vec<f64>,
    leading: Vec<f64>,
    image: Vec<f64>,
}

impl<const L: usize> Batch<L> {
    /// Lanes for `game`.
    pub fn new(game: &Game, settings: Settings) -> Self {
        Self::of(Layout::new(game).into(), settings)
    }

    /// Lanes for the game of a layout.
    pub(super) fn of(layout: Arc<Layout>, settings: Settings) -> Self {
        let idle = Iteration { progress: Progress::Idle, tolerance: 0.0, max_sweeps: 0, best: f64::INFINITY };
        Self {
            sweep: Sweep::new(&layout),
            settings,
            anderson: Anderson::new(DEPTH),
            iterations: [idle; L],
            precisions: vec![0.0; layout.players * L],
            logits: vec![0.0; layout.actions * L],
            multipliers: vec![0.0; layout.actions * L],
            leading: Vec::new(),
            image: Vec::new(),
            layout,
        }
    }

    /// The columns of the upper Hessenberg matrix of the Jacobian $I - H_z$ at the point of the last sweep, projected to the Krylov
    /// space from `start`, in each lane (Arnoldi 1951): of this dimension, or where it ends in a lane, filled up with the identity.
    pub(super) fn arnoldi(&mut self, start: &[f64], dimension: usize) -> Vec<Vec<Lanes<L>>> {
        let (layout, sweep, precisions) = (&*self.layout, &mut self.sweep, &self.precisions);
        let fixed = vec![0.0; precisions.len()];
        let product = |x: &[f64], out: &mut [f64]| {
            sweep.tangent(layout, precisions, x, &fixed, out);
            for (out, x) in out.iter_mut().zip(x) {
                *out = x - *out;
            }
        };
        hessenberg::<L>(product, start, dimension)
    }

    /// Puts a point's probabilities and payoffs into a lane.
    pub fn load(&mut self, lane: usize, numbers: &Valuation) {
        self.sweep.load_lane(&self.layout, lane, numbers);
    }

    /// Forgets what was learnt at earlier points of a lane, so that its results are a function of what is put in.
    pub fn forget(&mut self, lane: usize) {
        self.forget_iteration(lane);
        for multiplier in lanes_mut::<L>(&mut self.multipliers) {
            multiplier[lane] = 0.0;
        }
    }

    /// Forgets what the iteration in a lane learnt of the response map. The multipliers of its last gradient stay.
    pub(super) fn forget_iteration(&mut self, lane: usize) {
        self.anderson.forget_lane(lane);
    }

    /// Starts an iteration to a fixed point in a lane, from these logits: to `tolerance` or to that of the settings,
    /// whichever is wider, in `max_sweeps` sweeps at most.
    pub fn start(
        &mut self,
        lane: usize,
        precisions: &[f64],
        logits: &[f64],
        tolerance: f64,
        max_sweeps: usize,
    ) {
        self.put(lane, precisions, logits);
        self.anderson.begin_lane(lane);
        let progress = if max_sweeps > 0 {
            Progress::Iterating { sweeps: 0 }
        } else {
            Progress::Failed { sweeps: 0, residual: f64::INFINITY }
        };
        self.iterations[lane] = Iteration { progress, tolerance, max_sweeps, best: f64::INFINITY };
    }

    /// Puts precisions and logits into a lane, without an iteration.
    pub fn put(&mut self, lane: usize, precisions: &[f64], logits: &[f64]) {
        self.put_precisions(lane, precisions);
        for (to, from) in lanes_mut::<L>(&mut self.logits).iter_mut().zip(logits) {
            to[lane] = *from;
        }
    }

    /// Puts precisions into a lane.
    pub(super) fn put_precisions(&mut self, lane: usize, precisions: &[f64]) {
        for (to, from) in lanes_mut::<L>(&mut self.precisions).iter_mut().zip(precisions) {
            to[lane] = *from;
        }
    }

    /// Where the iteration in a lane stands.
    pub fn progress(&self, lane: usize) -> Progress {
        self.iterations[lane].progress
    }

    /// The logits in a lane.
    pub fn logits(&self, lane: usize) -> Vec<f64> {
        lanes::<L>(&self.logits).iter().map(|z| z[lane]).collect()
    }

    /// The play in a lane.
    pub fn play(&self, lane: usize) -> Vec<f64> {
        softmax(&self.layout, &self.logits(lane))
    }

    /// One sweep for all lanes; whether an iteration continues in any.
    pub fn step(&mut self) -> bool {
        let residuals = self.respond();
        let sizes = sizes(lanes::<L>(&self.logits));
        let mut moves = [false; L];
        for lane in 0..L {
            moves[lane] = self.advance(lane, residuals[lane], sizes[lane]);
        }
        if moves == [false; L] {
            return false;
        }
        self.accelerate(moves);
        (0..L).any(|lane| matches!(self.progress(lane), Progress::Iterating { .. }))
    }

    /// Responds to the logits in all lanes; how far the responses are from them.
    pub fn respond(&mut self) -> [f64; L] {
        self.sweep.respond(&self.layout, &self.precisions, &self.logits);
        distances(lanes(&self.sweep.response), lanes(&self.logits))
    }

    /// Counts a sweep in a lane; whether its logits are to move.
    fn advance(&mut self, lane: usize, residual: f64, size: f64) -> bool {
        let iteration = &mut self.iterations[lane];
        let Progress::Iterating { sweeps: before } = iteration.progress else { return false };
        let sweeps = before + 1;
        if residual <= iteration.tolerance.max(self.settings.tolerance * size) {
            iteration.progress = Progress::Reached { sweeps, residual };
            self.settle(lane);
            return false;
        }
        if !residual.is_finite() || (before > PATIENCE && residual > GROWTH * iteration.best) {
            iteration.progress = Progress::Failed { sweeps, residual };
            return false;
        }
        iteration.best = iteration.best.min(residual);
        iteration.progress = if sweeps < iteration.max_sweeps {
            Progress::Iterating { sweeps }
        } else {
            Progress::Failed { sweeps, residual }
        };
        true
    }

    /// Ends an iteration: the logits that follow from the others take their values.
    fn settle(&mut self, lane: usize) {
        let (at, response) = (lanes_mut::<L>(&mut self.logits), lanes::<L>(&self.sweep.response));
        for set in self.layout.sets.iter().filter(|s| !s.leads_on) {
            for (z, h) in at[set.actions()].iter_mut().zip(&response[set.actions()]) {
                z[lane] = h[lane];
            }
        }
    }

    /// The next logits in the lanes that move.
    fn accelerate(&mut self, moves: [bool; L]) {
        let leading = |logits: &[f64], to: &mut Vec<f64>| {
            to.clear();
            for set in self.layout.sets.iter().filter(|s| s.leads_on) {
                to.extend_from_slice(&logits[set.first * L..(set.first + set.count) * L]);
            }
        };
        leading(&self.logits, &mut self.leading);
        leading(&self.sweep.response, &mut self.image);
        self.anderson.step_lanes(&mut self.leading, &self.image, moves);
        let (at, response) = (lanes_mut::<L>(&mut self.logits), lanes::<L>(&self.sweep.response));
        let mut next = lanes::<L>(&self.leading);
        for set in &self.layout.sets {
            let mut from = &response[set.actions()];
            if set.leads_on {
                (from, next) = next.split_at(set.count);
            }
            put(&mut at[set.actions()], from, moves);
        }
    }

    /// The derivatives through the equilibria of a function of each whose derivatives with respect to the logits are the
    /// weights (implicit function theorem, one adjoint solve for all lanes): as
    /// [`Solver::gradient`](super::Solver::gradient) at the logits in each lane. None in the lanes without weights.
    pub fn gradients(&mut self, weights: &[Option<&[f64]>; L]) -> [Option<Gradient>; L] {
        self.respond();
        self.gradients_here(weights)
    }

    /// The same at the point of the last sweep.
    pub(super) fn gradients_here(&mut self, weights: &[Option<&[f64]>; L]) -> [Option<Gradient>; L] {
        let target = self.target(weights);
        let mut multipliers = self.usable_multipliers(weights);
        let (layout, sweep, precisions) = (&*self.layout, &mut self.sweep, &self.precisions);
        let mut adjoint = Adjoint::zero(layout);
        let mut product = |x: &[f64], out: &mut [f64]| {
            sweep.adjoint(layout, precisions, x, &mut adjoint);
            subtract(x, &adjoint.logits, out);
        };
        // The multipliers at the last points are near; only their differences are left to be found.
        let (mut reached, mut left) = (vec![0.0; target.len()], vec![0.0; target.len()]);
        product(&multipliers, &mut reached);
        subtract(&target, &reached, &mut left);
        let (whole, residual) = (norms::<L>(&target), norms::<L>(&left));
        let mut tolerances = [1.0; L];
        for lane in (0..L).filter(|&lane| residual[lane] > 0.0) {
            tolerances[lane] = self.settings.gradient_tolerance * whole[lane] / residual[lane];
        }
        let (step, relative) = gmres_lanes(&mut product, &left, tolerances, MAX_PRODUCTS);
        for (m, s) in multipliers.iter_mut().zip(step) {
            *m += s;
        }
        sweep.adjoint(layout, precisions, &multipliers, &mut adjoint);
        let weighted = weights.map(|w| w.is_some());
        put(lanes_mut(&mut self.multipliers), lanes(&multipliers), weighted);
        std::array::from_fn(|lane| {
            let part = relative[lane] * residual[lane];
            let residual = if whole[lane] > 0.0 { part / whole[lane] } else { 0.0 };
            weighted[lane].then(|| gradient(&adjoint, lane, residual))
        })
    }

    /// The weights, lane by lane; zero where there are none.
    fn target(&self, weights: &[Option<&[f64]>; L]) -> Vec<f64> {
        let weight = |action: usize, lane: usize| weights[lane].map_or(0.0, |w| w[action]);
        (0..self.layout.actions).flat_map(|action| (0..L).map(move |lane| weight(action, lane))).collect()
    }

    /// The multipliers of the last gradients; zero in lanes without weights, and in those where they are no numbers.
    fn usable_multipliers(&self, weights: &[Option<&[f64]>; L]) -> Vec<f64> {
        let mut usable = weights.map(|w| w.is_some());
        for multiplier in lanes::<L>(&self.multipliers) {
            for (usable, multiplier) in usable.iter_mut().zip(multiplier) {
                *usable &= multiplier.is_finite();
            }
        }
        let mut multipliers = vec![0.0; self.multipliers.len()];
        put(lanes_mut(&mut multipliers), lanes(&self.multipliers), usable);
        multipliers
    }
}

/// The derivatives in one lane.
fn gradient<const L: usize>(adjoint: &Adjoint<L>, lane: usize, residual: f64) -> Gradient {
    let of = |flat: &[f64]| lanes::<L>(flat).iter().map(|x| x[lane]).collect();
    let numbers = Valuation { chance: of(&adjoint.numbers.chance), payoffs: of(&adjoint.numbers.payoffs) };
    Gradient { numbers, precisions: of(&adjoint.precisions), residual }
}

fn subtract(a: &[f64], b: &[f64], out: &mut [f64]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = a - b;
    }
}

fn norms<const L: usize>(x: &[f64]) -> Lanes<L> {
    dot_lanes(lanes(x), lanes(x)).map(f64::sqrt)
}

/// The largest logit of each lane in absolute value, or one where that is larger.
fn sizes<const L: usize>(logits: &[Lanes<L>]) -> Lanes<L> {
    let mut sizes = [1.0; L];
    for z in logits {
        for (size, z) in sizes.iter_mut().zip(z) {
            *size = f64::max(*size, z.abs());
        }
    }
    sizes
}

/// The largest difference in each lane, or NaN if there is one among the differences. In four running ones, so that none need
/// wait for the one before.
fn distances<const L: usize>(a: &[Lanes<L>], b: &[Lanes<L>]) -> Lanes<L> {
    let (mut largest, mut sums) = ([[0.0; L]; 4], [[0.0; L]; 4]);
    for (a, b) in a.chunks(4).zip(b.chunks(4)) {
        for ((largest, sum), (a, b)) in largest.iter_mut().zip(&mut sums).zip(a.iter().zip(b)) {
            for ((largest, sum), d) in largest.iter_mut().zip(sum).zip(difference(a, b)) {
                *largest = f64::max(*largest, d.abs());
                *sum += d.abs();
            }
        }
    }
    std::array::from_fn(|lane| {
        // `f64::max` drops a NaN, which must not pass for a small residual.
        let is_number = sums.iter().all(|sum| !sum[lane].is_nan());
        if is_number { largest.iter().map(|x| x[lane]).fold(0.0, f64::max) } else { f64::NAN }
    })
}

/// Copies in some lanes.
fn put<const L: usize>(to: &mut [Lanes<L>], from: &[Lanes<L>], here: [bool; L]) {
    for (to, from) in to.iter_mut().zip(from) {
        for ((to, from), here) in to.iter_mut().zip(from).zip(here) {
            *to = if here { *from } else { *to };
        }
    }
}
