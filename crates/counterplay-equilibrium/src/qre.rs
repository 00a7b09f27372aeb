//! Logit quantal response equilibrium on the principal branch.
//!
//! The principal branch starts at uniform play, where all precisions are zero, and is followed while they grow
//! in proportion to their values (McKelvey and Palfrey 1995, 1998; Turocy 2005, 2010). Where it is smooth, each
//! step is predicted along the secant and corrected by an accelerated fixed-point iteration of the response map
//! $H$ (see the sweep); where it turns or the iteration fails, by pseudo-arc-length steps
//! with Newton's method, whose linear systems are solved with products only.

use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use crate::anderson::{Anderson, dot, norm};
use crate::krylov::gmres;
use crate::layout::Layout;
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
    /// The relative residual of the linear system behind a gradient.
    pub gradient_tolerance: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { tolerance: 1e-11, max_sweeps: 20_000, max_corrections: 30, gradient_tolerance: 1e-11 }
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
/// Around a turn, where the branch may come close to itself, they are kept nearer.
const BETWEEN_STEPS: f64 = 1e-2;
const BETWEEN_ARCS: f64 = 1e-4;

/// The first step from uniform play, as a share of the precisions.
const FIRST_STEP: f64 = 0.25;

/// A step of the precisions' share below which the branch is taken to turn.
const SHORTEST_STEP: f64 = 4e-3;

/// The length of the first pseudo-arc-length step, and of the shortest.
const FIRST_ARC: f64 = 0.2;
const SHORTEST_ARC: f64 = 1e-9;

/// The cosine between the tangents at both ends of an arc above which the next may be longer, and below which it
/// is taken again in shorter ones.
const STRAIGHT: f64 = 0.94;
const BENT: f64 = 0.85;

/// The tries of a jump: damped sweeps, and their weight. Each starts where the one before ended: what goes round in
/// a circle under one damping comes nearer under a stronger one.
const JUMPS: [(usize, f64); 5] = [(0, 1.0), (50, 0.5), (200, 0.5), (200, 0.2), (400, 0.1)];

/// Corrections after a jump.
const JUMP_CORRECTIONS: usize = 100;

/// How many corrections a pseudo-arc-length step may take before it is taken shorter.
const MAX_ARC_CORRECTIONS: usize = 4;

/// How many differences the accelerated iteration remembers.
const DEPTH: usize = 10;

/// A solver for one game, to be used at many points.
#[derive(Clone, Debug)]
pub struct Solver {
    layout: std::sync::Arc<Layout>,
    sweep: Sweep,
    settings: Settings,
    sweeps: usize,
    anderson: Anderson,
    /// The logits of the last equilibrium.
    last_logits: Option<Vec<f64>>,
    /// The multipliers of the last gradient.
    last_multipliers: Option<Vec<f64>>,
}

impl Solver {
    /// A solver for `game`.
    pub fn new(game: &Game, settings: Settings) -> Self {
        let layout = Layout::new(game);
        let sweep = Sweep::new(&layout);
        Self {
            layout: layout.into(),
            sweep,
            settings,
            sweeps: 0,
            anderson: Anderson::new(DEPTH),
            last_logits: None,
            last_multipliers: None,
        }
    }

    /// The equilibrium on the principal branch.
    pub fn solve(&mut self, numbers: &Valuation, precisions: &[f64]) -> Equilibrium {
        self.forget();
        self.begin(numbers);
        let mut at = vec![0.0; self.layout.actions];
        let status = self.follow(precisions, &mut at);
        self.equilibrium(precisions, at, status)
    }

    /// The equilibrium that an accelerated iteration reaches from the logits of a nearby one, or, failing that,
    /// the one on the principal branch. What was learnt at earlier points is forgotten first, so that the result
    /// is a function of the arguments.
    pub fn solve_from(&mut self, numbers: &Valuation, precisions: &[f64], logits: &[f64]) -> Equilibrium {
        self.forget();
        self.reach_from(numbers, precisions, logits.to_vec())
    }

    /// The equilibrium near the last one, for a walk through the space of parameters: as
    /// [`solve_from`](Self::solve_from), but what was learnt at earlier points is used, which saves about half
    /// of the sweeps. The last digits hang on the way that was walked.
    pub fn solve_next(&mut self, numbers: &Valuation, precisions: &[f64]) -> Equilibrium {
        match self.last_logits.take() {
            Some(logits) => self.reach_from(numbers, precisions, logits),
            None => self.solve(numbers, precisions),
        }
    }

    fn reach_from(&mut self, numbers: &Valuation, precisions: &[f64], mut at: Vec<f64>) -> Equilibrium {
        self.begin(numbers);
        if self.correct(precisions, &mut at, 0.0, self.settings.max_corrections) {
            return self.equilibrium(precisions, at, Status::Converged);
        }
        self.forget();
        at.fill(0.0);
        let status = self.follow(precisions, &mut at);
        self.equilibrium(precisions, at, status)
    }

    fn forget(&mut self) {
        self.anderson.forget();
        self.last_logits = None;
    }

    fn begin(&mut self, numbers: &Valuation) {
        self.sweeps = 0;
        self.sweep.load(&self.layout, numbers);
    }

    /// Responds to these logits; returns how far the response is from them.
    fn respond(&mut self, precisions: &[f64], at: &[f64]) -> f64 {
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

    fn tolerance(&self, logits: &[f64]) -> f64 {
        self.settings.tolerance * logits.iter().fold(1.0, |m: f64, z| m.max(z.abs()))
    }

    /// Iterates to a fixed point; whether one was reached, to `tolerance` or to that of the
    /// settings, whichever is wider.
    fn correct(&mut self, precisions: &[f64], at: &mut [f64], tolerance: f64, budget: usize) -> bool {
        self.anderson.begin();
        let (mut leading, mut response) = (Vec::new(), Vec::new());
        let mut best = f64::INFINITY;
        for count in 0..budget {
            let residual = self.respond(precisions, at);
            if residual <= tolerance.max(self.tolerance(at)) {
                at.copy_from_slice(&self.sweep.response);
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

    /// Follows the branch from uniform play to the full precisions.
    fn follow(&mut self, precisions: &[f64], at: &mut Vec<f64>) -> Status {
        let mut reached = 0.0;
        let mut before = None;
        while reached < 1.0 {
            reached = self.walk(precisions, at, before, reached);
            if reached >= 1.0 {
                break;
            }
            match self.turn(precisions, at, reached) {
                Turn::Smooth { earlier, share } => (before, reached) = (Some(earlier), share),
                Turn::Crossed => return self.finish(precisions, at),
                Turn::Ended(status) => return self.jump(precisions, at, status),
            }
        }
        Status::Converged
    }

    /// Follows the branch by steps of the share of the precisions, as far as they lead; returns that share.
    fn walk(
        &mut self,
        precisions: &[f64],
        at: &mut Vec<f64>,
        mut before: Option<(f64, Vec<f64>)>,
        mut reached: f64,
    ) -> f64 {
        let mut step = before.as_ref().map_or(FIRST_STEP, |b| 2.0 * (reached - b.0));
        while reached < 1.0 && self.sweeps <= self.settings.max_sweeps {
            let target = f64::min(1.0, reached + step);
            let scaled: Vec<f64> = precisions.iter().map(|l| l * target).collect();
            let mut next = predict(before.as_ref(), reached, at, target);
            let tolerance = if target < 1.0 { BETWEEN_STEPS } else { 0.0 };
            if self.correct(&scaled, &mut next, tolerance, self.settings.max_corrections) {
                before = Some((reached, std::mem::replace(at, next)));
                reached = target;
                step *= 2.0;
            } else {
                // What was learnt on the way to nowhere would mislead.
                self.anderson.forget();
                step /= 4.0;
                if step < SHORTEST_STEP {
                    break;
                }
            }
        }
        reached
    }

    /// Follows the branch by pseudo-arc-length steps from `reached` until it rises smoothly again after a turn,
    /// or crosses the full precisions.
    fn turn(&mut self, precisions: &[f64], at: &mut Vec<f64>, reached: f64) -> Turn {
        let n = self.layout.actions;
        let mut highest = reached;
        let mut arc = Arc { logits: at.clone(), share: reached };
        let Some(mut direction) = self.tangent_at(precisions, &arc, None) else {
            return Turn::Ended(Status::Stuck { reached });
        };
        let mut length = FIRST_ARC;
        let mut turned = false;
        loop {
            if self.sweeps > self.settings.max_sweeps {
                return Turn::Ended(Status::OutOfBudget { reached: arc.share });
            }
            let Some((next, tangent, corrections)) = self.arc_step(precisions, &arc, &direction, length)
            else {
                length /= 4.0;
                if length < SHORTEST_ARC {
                    return Turn::Ended(Status::Stuck { reached: arc.share });
                }
                continue;
            };
            if next.share >= 1.0 {
                let share = (1.0 - arc.share) / (next.share - arc.share);
                *at = arc.logits.iter().zip(&next.logits).map(|(a, b)| a + share * (b - a)).collect();
                return Turn::Crossed;
            }
            turned |= tangent[n] < 0.0;
            let straight = dot(&direction, &tangent) > STRAIGHT;
            if straight && corrections <= 3 {
                length *= 2.0;
            }
            let past = next.share > highest;
            highest = f64::max(highest, next.share);
            if turned && past && straight && tangent[n] > 0.0 && next.share - arc.share > SHORTEST_STEP {
                at.clone_from(&next.logits);
                return Turn::Smooth { earlier: (arc.share, arc.logits), share: next.share };
            }
            (arc, direction) = (next, tangent);
        }
    }

    /// From where the branch could be followed to, an iteration at the full precisions.
    fn jump(&mut self, precisions: &[f64], at: &mut Vec<f64>, ended: Status) -> Status {
        let (Status::OutOfBudget { reached } | Status::Stuck { reached }) = ended else { return ended };
        let mut next = at.clone();
        for (damped, weight) in JUMPS {
            for _ in 0..damped {
                self.respond(precisions, &next);
                for (z, h) in next.iter_mut().zip(&self.sweep.response) {
                    *z += weight * (h - *z);
                }
            }
            self.anderson.forget();
            let mut found = next.clone();
            if self.correct(precisions, &mut found, 0.0, JUMP_CORRECTIONS) {
                *at = found;
                return Status::Jumped { at: reached };
            }
        }
        if self.finish(precisions, &mut next) == Status::Converged {
            *at = next;
            return Status::Jumped { at: reached };
        }
        ended
    }

    /// Newton's method at the full precisions, with steps that are shortened while they lead nowhere better.
    fn finish(&mut self, precisions: &[f64], at: &mut [f64]) -> Status {
        let mut residual = self.respond(precisions, at);
        for _ in 0..20 {
            if residual <= self.tolerance(at) {
                // Not the response to it: where the map stretches, that is further away.
                return Status::Converged;
            }
            let step = self.newton_step(precisions, at);
            let mut length = 1.0;
            loop {
                let next: Vec<f64> = at.iter().zip(&step).map(|(z, d)| z + length * d).collect();
                let reached = self.respond(precisions, &next);
                if reached < residual {
                    at.copy_from_slice(&next);
                    residual = reached;
                    break;
                }
                length /= 4.0;
                if length < 1e-3 {
                    return Status::Stuck { reached: 1.0 };
                }
            }
        }
        Status::Stuck { reached: 1.0 }
    }

    /// The step of Newton's method from the point of the last sweep.
    fn newton_step(&mut self, precisions: &[f64], at: &[f64]) -> Vec<f64> {
        let rhs: Vec<f64> = self.sweep.response.iter().zip(at).map(|(h, z)| h - z).collect();
        let (layout, sweep, sweeps) = (&self.layout, &mut self.sweep, &mut self.sweeps);
        let still = vec![0.0; precisions.len()];
        let product = |x: &[f64], out: &mut [f64]| {
            *sweeps += 2;
            sweep.tangent(layout, precisions, x, &still, out);
            for (out, x) in out.iter_mut().zip(x) {
                *out = x - *out;
            }
        };
        gmres(product, &rhs, 1e-10, 300).0
    }

    /// The product of the bordered Jacobian: $(dz - H_z\,dz - H_t\,dt,\ \tau \cdot (dz, dt))$.
    fn bordered(&mut self, scaled: &[f64], precisions: &[f64], border: &[f64], x: &[f64], out: &mut [f64]) {
        self.sweeps += 2;
        let n = self.layout.actions;
        let d_precisions: Vec<f64> = precisions.iter().map(|l| l * x[n]).collect();
        self.sweep.tangent(&self.layout, scaled, &x[..n], &d_precisions, &mut out[..n]);
        for (out, x) in out[..n].iter_mut().zip(x) {
            *out = x - *out;
        }
        out[n] = border.iter().zip(x).map(|(b, x)| b * x).sum();
    }

    /// The unit tangent of the branch, turned the same way as `before`.
    fn tangent_at(&mut self, precisions: &[f64], at: &Arc, before: Option<&[f64]>) -> Option<Vec<f64>> {
        let n = self.layout.actions;
        let mut upward = vec![0.0; n + 1];
        upward[n] = 1.0;
        let border = before.map_or(upward.clone(), <[f64]>::to_vec);
        let scaled: Vec<f64> = precisions.iter().map(|l| l * at.share).collect();
        self.respond(&scaled, &at.logits);
        let product = |x: &[f64], out: &mut [f64]| self.bordered(&scaled, precisions, &border, x, out);
        let (tangent, residual) = gmres(product, &upward, 1e-3, 400);
        let length = norm(&tangent);
        let good = residual <= 1e-3 && length.is_finite() && length > 0.0;
        good.then(|| tangent.iter().map(|x| x / length).collect())
    }

    /// One pseudo-arc-length step: the point reached, the tangent there, and the Newton corrections that it took.
    /// None where the corrections do not converge, or the branch bends so much that they may have led to another
    /// part of it.
    fn arc_step(
        &mut self,
        precisions: &[f64],
        from: &Arc,
        direction: &[f64],
        length: f64,
    ) -> Option<(Arc, Vec<f64>, usize)> {
        let n = self.layout.actions;
        let start: Vec<f64> =
            from.logits.iter().chain([&from.share]).zip(direction).map(|(x, d)| x + length * d).collect();
        let mut x = start.clone();
        let mut last = f64::INFINITY;
        for correction in 0..MAX_ARC_CORRECTIONS {
            let scaled: Vec<f64> = precisions.iter().map(|l| l * x[n]).collect();
            let residual = self.respond(&scaled, &x[..n]);
            if residual <= self.tolerance(&x[..n]).max(BETWEEN_ARCS) {
                let share = x.pop()?;
                let next = Arc { logits: x, share };
                let tangent = self.tangent_at(precisions, &next, Some(direction))?;
                let followed = next.share > 0.0 && dot(direction, &tangent) > BENT;
                return followed.then_some((next, tangent, correction));
            }
            if !residual.is_finite() || residual > 2.0 * last {
                return None;
            }
            last = residual;
            let mut rhs: Vec<f64> = self.sweep.response.iter().zip(&x).map(|(h, z)| h - z).collect();
            rhs.push(direction.iter().zip(start.iter().zip(&x)).map(|(d, (s, x))| d * (s - x)).sum());
            let product = |v: &[f64], out: &mut [f64]| self.bordered(&scaled, precisions, direction, v, out);
            let (step, _) = gmres(product, &rhs, 1e-2, 400);
            for (x, d) in x.iter_mut().zip(step) {
                *x += d;
            }
        }
        None
    }

    fn equilibrium(&mut self, precisions: &[f64], mut logits: Vec<f64>, status: Status) -> Equilibrium {
        let mut residual = self.respond(precisions, &logits);
        let solved = matches!(status, Status::Converged | Status::Jumped { .. });
        if solved && residual > self.tolerance(&logits) * 10.0 {
            // The response to logits within the tolerance was taken, and the map stretches so much that it is not.
            self.finish(precisions, &mut logits);
            residual = self.respond(precisions, &logits);
        }
        let mut play = vec![0.0; logits.len()];
        softmax(&self.layout, &logits, &mut play);
        let status = match status {
            Status::Converged | Status::Jumped { .. } if residual > 10.0 * self.tolerance(&logits) => {
                Status::Stuck { reached: 1.0 }
            }
            other => other,
        };
        self.last_logits = Some(logits.clone());
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

/// How following the branch around a turn ended.
enum Turn {
    /// Past it: the branch rises again, and this is the point before the last one.
    Smooth { earlier: (f64, Vec<f64>), share: f64 },
    /// At the full precisions, or near.
    Crossed,
    /// Without getting further.
    Ended(Status),
}

/// A point of the branch: logits, and the share of the precisions.
struct Arc {
    logits: Vec<f64>,
    share: f64,
}

fn predict(before: Option<&(f64, Vec<f64>)>, reached: f64, at: &[f64], target: f64) -> Vec<f64> {
    let Some((earlier, logits)) = before else { return at.to_vec() };
    let stretch = (target - reached) / (reached - earlier);
    at.iter().zip(logits).map(|(a, b)| a + stretch * (a - b)).collect()
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
