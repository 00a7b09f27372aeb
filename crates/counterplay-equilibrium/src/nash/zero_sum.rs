//! Two-player games in extensive form whose payoffs have a constant sum, by linear programming on the sequence form.
//!
//! The first player's best plan $x$ and the values $q$ that it leaves to the second at its information sets solve
//! $\max q_\emptyset$ subject to $E x = e$, $x \ge 0$, $F^\top q \le A^\top x$, and the second player's likewise
//! (Koller, Megiddo and von Stengel 1996; von Stengel 1996). The programs are as large as the tree, where those of
//! the normal form are exponential in it.

use counterplay_game::id::EndId;
use counterplay_game::recall::ImperfectRecall;
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOptions, Variable};

use crate::nash::sequence_form::{Payoffs, SequenceForm};

/// A game of two players with perfect recall whose payoffs have the same sum at all ends, at given numbers.
///
/// Matching pennies in which a match on heads pays 2. If both take heads with probability $p = 2/5$, either is indifferent,
/// $2p - (1 - p) = -p + (1 - p)$, and the value is 1/5:
///
/// ```
/// use counterplay_equilibrium::nash::zero_sum::{Status, ZeroSum};
/// use counterplay_game::gambit::read_nfg;
/// let text = r#"NFG 1 R "Pennies" { "Even" "Odd" } { { "h" "t" } { "h" "t" } } 2 -2 -1 1 -1 1 1 -1"#;
/// let game = read_nfg(text).expect("a game file").game();
/// let numbers = game.at(&game.expressions().evaluate(&[]));
/// let found = ZeroSum::of(&game, &numbers).expect("what one wins the other loses").solve();
/// assert_eq!(found.status, Status::Solved);
/// assert!((found.value() - 0.2).abs() < 1e-9 && (found.play[0] - 0.4).abs() < 1e-9);
/// ```
#[derive(Clone, Debug)]
pub struct ZeroSum<'a> {
    game: &'a Game,
    form: SequenceForm,
    payoffs: Payoffs<f64>,
    sum: f64,
    scale: f64,
}

/// Why a game is none of constant sum for two players with perfect recall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotZeroSum {
    /// It has another number of players.
    Players(usize),
    /// A player does not remember what it knew or did.
    ImperfectRecall(ImperfectRecall),
    /// The payoffs at these two ends have different sums.
    VaryingSum([EndId; 2]),
    /// A payoff or probability is infinite or not a number.
    NotFinite,
}

/// How solving ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// The strategies are optimal within the tolerance.
    Solved,
    /// The strategies are a profile of the game, but what they secure falls short of the sum by more than the
    /// tolerance.
    Imprecise,
    /// The linear program was not solved, for this reason. Play is even.
    Failed(String),
}

/// Strategies for both players, and what they secure.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// For each action of the game its probability. Where a player's own plan does not lead, it is even.
    pub play: Vec<f64>,
    /// What each player's strategy secures it whatever the other does, computed from the strategies by backward
    /// induction on the other's information sets and not taken from the linear program.
    pub secured: [f64; 2],
    /// The duality gap: how much less than the sum of payoffs both secure. An upper bound on either's regret, and the
    /// exploitability.
    pub gap: f64,
    /// How solving ended.
    pub status: Status,
}

impl Solution {
    /// The value of the game to the first player, which is within half the gap of this.
    pub fn value(&self) -> f64 {
        self.secured[0] + self.gap / 2.0
    }
}

/// The largest gap, relative to the largest payoff, with which a pair of strategies counts as solved.
const TOLERANCE: f64 = 1e-7;

/// By how much constraints of the linear program may be missed: the least that the library offers, since plans that
/// are off by its usual 1e-7 would leave a gap of that size.
const FEASIBILITY: f64 = 1e-10;

/// The largest difference of sums of payoffs, relative to the largest payoff, that counts as rounding.
const ROUNDING: f64 = 1e-12;

impl<'a> ZeroSum<'a> {
    /// The game with these numbers, if the sum of payoffs is constant up to rounding.
    ///
    /// # Errors
    /// If there are not two players, one of them does not have perfect recall, sums differ, or a number is not finite.
    pub fn of(game: &'a Game, numbers: &'a Valuation) -> Result<Self, NotZeroSum> {
        let players = game.players().len();
        if players != 2 {
            return Err(NotZeroSum::Players(players));
        }
        if !numbers.chance.iter().chain(&numbers.payoffs).all(|x| x.is_finite()) {
            return Err(NotZeroSum::NotFinite);
        }
        let scale = numbers.payoffs.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let sums: Vec<f64> = numbers.payoffs.chunks(2).map(|pair| pair.iter().sum()).collect();
        let sum = sums.first().copied().unwrap_or(0.0);
        if let Some(other) = sums.iter().position(|x| (x - sum).abs() > ROUNDING * scale) {
            return Err(NotZeroSum::VaryingSum([EndId::new(0), EndId::new(other)]));
        }
        let form = SequenceForm::of(game).map_err(NotZeroSum::ImperfectRecall)?;
        let payoffs = form.payoffs(game, &numbers.chance, &numbers.payoffs);
        Ok(Self { game, form, payoffs, sum, scale })
    }

    /// Optimal strategies of both players, which are an equilibrium, and the value of the game (von Neumann 1928).
    pub fn solve(&self) -> Solution {
        let mut failure = None;
        let mut play = vec![0.0; self.game.action_count()];
        let plans = [0, 1].map(|player| {
            let plan = self.optimal_plan(player).unwrap_or_else(|error| {
                failure = Some(error.to_string());
                vec![0.0; self.form.sides[player].count]
            });
            self.form.sides[player].behave(self.game, &plan, &mut play)
        });
        let secured = [0, 1].map(|player| self.sum - self.best_against(1 - player, &plans[player]));
        let gap = self.sum - secured[0] - secured[1];
        let status = match failure {
            Some(reason) => Status::Failed(reason),
            None if gap <= TOLERANCE * self.scale => Status::Solved,
            None => Status::Imprecise,
        };
        Solution { play, secured, gap, status }
    }

    /// The most that `player` can get if the other follows this plan.
    fn best_against(&self, player: usize, plan: &[f64]) -> f64 {
        let side = &self.form.sides[player];
        let mut of_sequences = vec![0.0; side.count];
        for (&(first, second), payoffs) in &self.payoffs {
            let (own, other) = if player == 0 { (first, second) } else { (second, first) };
            of_sequences[own] += plan[other] * payoffs[player];
        }
        side.best(&of_sequences)
    }

    /// The realisation plan that secures a player most, by linear programming.
    fn optimal_plan(&self, player: usize) -> Result<Vec<f64>, microlp::Error> {
        let (own, other) = (&self.form.sides[player], &self.form.sides[1 - player]);
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let plan: Vec<Variable> = (0..own.count)
            .map(|s| problem.add_var(0.0, if s == 0 { (1.0, 1.0) } else { (0.0, 1.0) }))
            .collect();
        for (&before, after) in own.before.iter().zip(&own.after) {
            let mut sum = LinearExpr::empty();
            sum.add(plan[before], -1.0);
            after.clone().for_each(|s| sum.add(plan[s], 1.0));
            problem.add_constraint(sum, ComparisonOp::Eq, 0.0);
        }
        let free = (f64::NEG_INFINITY, f64::INFINITY);
        let root = problem.add_var(1.0, free);
        let values: Vec<Variable> = other.sets.iter().map(|_| problem.add_var(0.0, free)).collect();
        // For each sequence of the other player: the value where it moved is at most what the sequence leaves.
        let mut rows: Vec<LinearExpr> = (0..other.count).map(|_| LinearExpr::empty()).collect();
        rows[0].add(root, 1.0);
        for ((&value, &before), after) in values.iter().zip(&other.before).zip(&other.after) {
            rows[before].add(value, -1.0);
            after.clone().for_each(|t| rows[t].add(value, 1.0));
        }
        for (&(first, second), payoffs) in &self.payoffs {
            let (s, t) = if player == 0 { (first, second) } else { (second, first) };
            rows[t].add(plan[s], -payoffs[player]);
        }
        for row in rows {
            problem.add_constraint(row, ComparisonOp::Le, 0.0);
        }
        let mut options = SolveOptions::default();
        options.tolerances.feasibility = FEASIBILITY;
        // Without a limit of time, solving ends with an optimum or an error.
        match problem.solve_with(options)?.into_solution() {
            Ok(solution) => Ok(plan.into_iter().map(|x| solution.var_value(x)).collect()),
            Err(_) => Err(microlp::Error::InternalError("solving was interrupted".into())),
        }
    }
}
