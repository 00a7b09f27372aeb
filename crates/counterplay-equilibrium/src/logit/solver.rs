//! The door: a solver for one game.

use std::sync::Arc;

use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use super::batch::Batch;
use super::branch::Follower;
use super::corrector::{Corrector, Effort};
use super::enclosure::Enclosure;
use super::equilibrium::{Equilibrium, Gradient, Status};
use super::jump::jump;
use super::large::finish_walk;
use super::layout::Layout;
use super::path::{Direction, PathOptions, PathPoint};
use super::point::Point;
use super::search::{Findings, Search, SearchSettings, one_by_structure};
use super::settings::Settings;
use super::trace::{BranchPoint, Trace, TraceSettings, Tracer};
use super::walk::{WalkResult, Walker};

/// How many points are solved at once.
pub const LANES: usize = 4;

/// The largest game, in actions, whose branch is followed by arcs alone.
const SMALL_GAME: usize = 200;

/// A solver for one game, to be used at many points.
#[derive(Clone, Debug)]
pub struct Solver {
    corrector: Corrector,
    enclosure: Enclosure,
    /// Lanes for several points at once, made when first needed.
    batch: Option<Box<Batch<LANES>>>,
}

impl Solver {
    /// A solver for `game`.
    pub fn new(game: &Game, settings: Settings) -> Self {
        Self::of(Layout::new(game).into(), settings)
    }

    /// A solver for the game of a layout.
    pub(crate) fn of(layout: Arc<Layout>, settings: Settings) -> Self {
        Self { corrector: Corrector::new(layout, settings), enclosure: Enclosure::default(), batch: None }
    }

    /// The equilibrium on the principal branch, with a precision from 0 on for each player, in one over its payoff
    /// units. [`Equilibrium::status`] says whether it was reached.
    pub fn solve(&mut self, numbers: &Valuation, precisions: &[f64]) -> Equilibrium {
        let point = Point { numbers, precisions };
        if self.is_large() {
            let walked = Walker::new(&mut self.corrector.response.lane).walk(&[point]).pop();
            return self.finish(&point, walked);
        }
        match self.only_equilibrium(numbers, precisions) {
            Some(only) => only,
            None => self.finish(&point, None),
        }
    }

    /// The equilibria at several points, as many at once as there are lanes: each is, bit for bit, what [`solve`](Self::solve)
    /// finds there.
    pub fn solve_all(&mut self, points: &[Point<'_>]) -> Vec<Equilibrium> {
        if !self.is_large() {
            return points.iter().map(|p| self.solve(p.numbers, p.precisions)).collect();
        }
        let response = &self.corrector.response;
        let batch = self
            .batch
            .get_or_insert_with(|| Batch::of(response.lane.layout.clone(), *response.settings()).into());
        let walked = Walker::new(batch).walk(points);
        walked.into_iter().zip(points).map(|(walked, point)| self.finish(point, Some(walked))).collect()
    }

    /// The equilibrium on the principal branch by arcs alone, whatever the size of the game: slow in large ones, and what the other
    /// ways are compared with.
    pub fn arcs(&mut self, numbers: &Valuation, precisions: &[f64]) -> Equilibrium {
        self.finish(&Point { numbers, precisions }, None)
    }

    /// The equilibrium that an accelerated iteration reaches from the logits of a nearby one, or, failing that,
    /// the one on the principal branch. What was learnt at earlier points is forgotten first, so that the result
    /// is a function of the arguments.
    pub fn solve_from(&mut self, numbers: &Valuation, precisions: &[f64], logits: &[f64]) -> Equilibrium {
        let response = &mut self.corrector.response;
        response.forget();
        self.corrector.begin(numbers);
        let mut at = logits.to_vec();
        let response = &mut self.corrector.response;
        if response.iterate(precisions, &mut at, 0.0, response.settings().max_corrections) {
            return self.corrector.equilibrium(precisions, at, Status::Converged);
        }
        self.corrector.response.forget();
        along_principal_branch(Follower::new(&mut self.corrector), precisions)
    }

    /// The equilibrium that Newton's method reaches, which stays nearer to these logits than the accelerated iteration does;
    /// where that fails, as [`solve_from`](Self::solve_from).
    pub(crate) fn solve_near(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        logits: &[f64],
    ) -> Equilibrium {
        self.corrector.response.forget();
        self.corrector.begin(numbers);
        let mut at = logits.to_vec();
        if self.corrector.newton(precisions, &mut at, 0.0, Effort::FULL) {
            return self.corrector.equilibrium(precisions, at, Status::Converged);
        }
        self.solve_from(numbers, precisions, logits)
    }

    /// The only logit equilibrium at these numbers and precisions; none where there may be others. It is on the principal
    /// branch. The check costs some tens of sweeps.
    pub fn only_equilibrium(&mut self, numbers: &Valuation, precisions: &[f64]) -> Option<Equilibrium> {
        self.enclosure.only_equilibrium(&mut self.corrector, numbers, precisions)
    }

    /// Follows the principal branch while the precisions grow in proportion to those given, and shows `visit` every
    /// point on the way; it returns whether to end there.
    pub fn trace(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        settings: &TraceSettings,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> Trace {
        let uniform = vec![0.0; self.corrector.layout().actions];
        self.trace_from(numbers, precisions, (0.0, &uniform), settings, visit)
    }

    /// The same from a point of any branch: a precision, and the logits of an equilibrium there.
    pub fn trace_from(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        from: (f64, &[f64]),
        settings: &TraceSettings,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> Trace {
        Tracer::new(&mut self.corrector, numbers, precisions, settings, Direction::Up)
            .trace(from.0, from.1, visit)
    }

    /// The same the other way: down to where the branch folds, and up its other arm from there; or, from a point of the
    /// principal branch, to uniform play. Together with the trace upwards that is the whole branch.
    pub fn trace_down(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        from: (f64, &[f64]),
        settings: &TraceSettings,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> Trace {
        Tracer::new(&mut self.corrector, numbers, precisions, settings, Direction::Down)
            .trace(from.0, from.1, visit)
    }

    /// Searches for the logit equilibria at these precisions; see [`search`](super::search).
    ///
    /// ```
    /// use counterplay_equilibrium::logit::search::SearchSettings;
    /// use counterplay_equilibrium::logit::{Settings, Solver};
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

    /// Searches for logit equilibria beside those that are `known`, first from the logits in `near`, those of
    /// equilibria at a point nearby.
    pub fn search_beside(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        known: Vec<Equilibrium>,
        near: &[Vec<f64>],
        settings: &SearchSettings,
    ) -> Findings {
        let only = !known.is_empty()
            && (one_by_structure(self.corrector.layout(), precisions)
                || self.only_equilibrium(numbers, precisions).is_some());
        let findings =
            Findings { equilibria: known, principal_first: false, only, starts: 0, polished: 0, sweeps: 0 };
        if only {
            return findings;
        }
        let point = Point { numbers, precisions };
        Search { corrector: &mut self.corrector, point, settings, findings }.run(near)
    }

    /// The derivatives through the equilibrium of a function whose derivatives with respect to the logits are
    /// `weights` (implicit function theorem, one adjoint solve). To be called right after solving at these
    /// numbers; the caller adds derivatives that do not go through play.
    pub fn gradient(&mut self, precisions: &[f64], weights: &[f64]) -> Gradient {
        self.corrector.response.gradient(precisions, weights)
    }

    /// The expected payoff of each player at each node of the game under the last play solved: node by node,
    /// player by player.
    ///
    /// # Panics
    /// If `game` is not the solver's.
    pub fn node_values(&self, game: &Game) -> Vec<f64> {
        let layout = self.corrector.layout();
        let (values, players) = (self.corrector.response.lane.sweep.values(), layout.players);
        let place = |node| layout.place(game, node);
        game.nodes().map(place).flat_map(|p| &values[p * players..(p + 1) * players]).copied().collect()
    }

    /// The expected payoff of each action to its player under the last play solved.
    pub fn action_values(&self) -> &[f64] {
        self.corrector.response.action_values()
    }

    /// Whether the game is so large that its branch is walked along, and followed by arcs only where that is in doubt.
    fn is_large(&self) -> bool {
        self.corrector.layout().actions > SMALL_GAME
    }

    /// The equilibrium where a walk leads, or, where none did, by arcs from uniform play.
    fn finish(&mut self, point: &Point<'_>, walked: Option<WalkResult>) -> Equilibrium {
        self.corrector.response.forget();
        self.corrector.begin(point.numbers);
        self.corrector.set_least_share(point.numbers, point.precisions);
        let mut follower = Follower::new(&mut self.corrector);
        let found = walked.and_then(|walked| finish_walk(&mut follower, point, walked));
        found.unwrap_or_else(|| along_principal_branch(follower, point.precisions))
    }
}

/// Along the principal branch from uniform play, or where it cannot be followed to its end, by a jump from there.
fn along_principal_branch(mut follower: Follower<'_>, precisions: &[f64]) -> Equilibrium {
    let actions = follower.corrector().layout().actions;
    let mut at = PathPoint::uniform(actions);
    if actions == 0 {
        follower.corrector().response.respond(precisions, &at.logits);
        return follower.corrector().equilibrium(precisions, at.logits, Status::Converged);
    }
    let options = PathOptions {
        precisions,
        until: 1.0,
        max_growth: f64::INFINITY,
        max_prediction_error: follower.corrector().response.settings().max_prediction_error,
    };
    let mut visit = |_: &mut Corrector, _: &_| Some(f64::INFINITY);
    let followed = follower.follow(&options, &mut at, Direction::Up, &mut visit);
    let status = jump(follower.corrector(), precisions, &mut at, followed.status);
    let mut found = follower.corrector().equilibrium(precisions, at.logits, status);
    found.crossings = followed.crossings;
    found
}
