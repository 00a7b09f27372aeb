//! One equilibrium of a two-player game in extensive form, by complementary pivoting on the sequence form.
//!
//! With realisation plans $x$, $y$ that satisfy $E x = e$, $F y = f$, payoffs $A$, $B$ by pairs of sequences, and
//! values $p$, $q$ of the information sets, the equilibria are the solutions of
//!
//! $$x \ge 0, \quad E^\top p - A y \ge 0, \quad x^\top (E^\top p - A y) = 0,$$
//! $$y \ge 0, \quad F^\top q - B^\top x \ge 0, \quad y^\top (F^\top q - B^\top x) = 0,$$
//!
//! a linear complementarity problem $w = M z + b$, $w, z \ge 0$, $w^\top z = 0$, as large as the tree. Lemke's
//! algorithm (1965) solves it if no payoff is above zero, which a constant can see to (Koller, Megiddo and von
//! Stengel 1996). Pivots are exact, and ties are broken lexicographically.

use std::iter::once;

use counterplay_game::rational::Rational;
use counterplay_game::recall::ImperfectRecall;
use counterplay_game::tree::Game;
use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::nash::bimatrix::{common_denominator, scaled};
use crate::nash::exact::ExactNumbers;
use crate::nash::sequence_form::{Payoffs, SequenceForm, Side};
use crate::nash::tableau::Tableau;

/// A game of two players with perfect recall, at exact numbers.
#[derive(Clone, Debug)]
pub struct TwoPlayers<'a> {
    game: &'a Game,
    form: SequenceForm,
    /// Whole numbers not above zero, which leave best replies as they are.
    payoffs: Payoffs<BigInt>,
}

/// Why a game is none for two players with perfect recall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It has another number of players.
    Players(usize),
    /// A player does not remember what it knew or did.
    ImperfectRecall(ImperfectRecall),
}

/// How the path ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// At an equilibrium.
    Found,
    /// The budget of pivots was spent before the path ended.
    OutOfBudget,
    /// On a ray without end. This does not happen if the probabilities of chance are not below zero.
    Ray,
}

/// Where the path led.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The equilibrium, as a probability for each action of the game; `None` if none was reached. Where a player's own
    /// earlier actions do not lead, all actions are equally likely: this need not be subgame-perfect.
    pub play: Option<Vec<Rational>>,
    /// How the path ended.
    pub status: Status,
    /// The pivots made.
    pub pivots: u64,
}

impl<'a> TwoPlayers<'a> {
    /// The game with these numbers.
    ///
    /// # Errors
    /// If there are not two players, or one of them does not have perfect recall.
    pub fn of(game: &'a Game, numbers: &ExactNumbers) -> Result<Self, Unfit> {
        let players = game.players().len();
        if players != 2 {
            return Err(Unfit::Players(players));
        }
        let form = SequenceForm::of(game).map_err(Unfit::ImperfectRecall)?;
        let shifted = shifted(&numbers.payoffs);
        let exact = form.payoffs(game, &numbers.chance, &shifted);
        let scales = [0, 1].map(|player| common_denominator(exact.values().map(|pair| &pair[player])));
        let whole = |pair: &[Rational; 2]| [0, 1].map(|player| scaled(&pair[player], &scales[player]));
        let payoffs = exact.iter().map(|(&at, pair)| (at, whole(pair))).collect();
        Ok(Self { game, form, payoffs })
    }

    /// The equilibrium at the end of Lemke's path, if at most `max_pivots` pivots lead there.
    pub fn lemke(&self, max_pivots: u64) -> Solution {
        let problem = self.problem();
        let count = problem.constants.len();
        let artificial = 2 * count;
        let mut tableau = problem.tableau();
        let mut entering = start(&mut tableau, artificial);
        for pivots in 1..=max_pivots {
            let Some(row) = tableau.leaving_row(entering) else {
                return Solution { play: None, status: Status::Ray, pivots };
            };
            let left = tableau.pivot(row, entering);
            if left == artificial {
                let plan: Vec<BigInt> = (count..artificial).map(|k| tableau.numerator(k)).collect();
                return Solution { play: Some(self.play(&plan)), status: Status::Found, pivots };
            }
            entering = if left < count { left + count } else { left - count };
        }
        Solution { play: None, status: Status::OutOfBudget, pivots: max_pivots }
    }

    /// The linear complementarity problem. Its variables are both players' plans, and then, for each player, the
    /// values of its information sets, above zero and below.
    fn problem(&self) -> Complementarity {
        let [first, second] = &self.form.sides;
        let equations = [first, second].map(|side| side.sets.len() + 1);
        let plans = [0, first.count];
        let sequences = first.count + second.count;
        let values = [sequences, sequences + 2 * equations[0]];
        let mut problem = Complementarity::new(sequences + 2 * (equations[0] + equations[1]));
        for (&(s, t), [to_first, to_second]) in &self.payoffs {
            problem.matrix[plans[0] + s][plans[1] + t] = -to_first;
            problem.matrix[plans[1] + t][plans[0] + s] = -to_second;
        }
        for (player, side) in [first, second].into_iter().enumerate() {
            for (equation, sequence, weight) in equations_of(side) {
                let plan = plans[player] + sequence;
                for (half, sign) in [(0, weight), (equations[player], -weight)] {
                    let value = values[player] + half + equation;
                    problem.matrix[plan][value] = sign.into();
                    problem.matrix[value][plan] = (-sign).into();
                }
            }
            problem.constants[values[player]] = BigInt::one();
            problem.constants[values[player] + equations[player]] = -BigInt::one();
        }
        problem
    }

    /// The behaviour strategies of both players' plans, which stand one after the other.
    fn play(&self, plans: &[BigInt]) -> Vec<Rational> {
        let mut play = vec![Rational::zero(); self.game.action_count()];
        let starts = [0, self.form.sides[0].count];
        for (side, start) in self.form.sides.iter().zip(starts) {
            for (&set, after) in side.sets.iter().zip(&side.after) {
                let weights = &plans[start + after.start..start + after.end];
                let total: BigInt = weights.iter().sum();
                let even = Rational::new(BigInt::one(), weights.len().into());
                let share = |weight: &BigInt| Rational::new(weight.clone(), total.clone());
                for (action, weight) in self.game.actions(set).zip(weights) {
                    play[action] = if total.is_zero() { even.clone() } else { share(weight) };
                }
            }
        }
        play
    }
}

/// Both players' payoffs, shifted and scaled to lie in $[-1, 0]$ and to touch both ends, so that positive affine
/// changes of them change nothing at all.
fn shifted(payoffs: &[Rational]) -> Vec<Rational> {
    let own = |player| payoffs.iter().skip(player).step_by(2);
    let ends = [0, 1].map(|player| (own(player).min(), own(player).max()));
    let shift = |(k, x): (usize, &Rational)| match ends[k % 2] {
        (Some(least), Some(most)) if least < most => (x - most) / (most - least),
        (Some(_) | None, _) => Rational::zero(),
    };
    payoffs.iter().enumerate().map(shift).collect()
}

/// The equations of a player's plans, as entries by equation, sequence and weight: the empty sequence has one, and the
/// sequences after an information set have together what the one before it has.
fn equations_of(side: &Side) -> impl Iterator<Item = (usize, usize, i8)> + '_ {
    let of_set = |(k, (&before, after)): (usize, (&usize, &std::ops::Range<usize>))| {
        once((k + 1, before, -1)).chain(after.clone().map(move |sequence| (k + 1, sequence, 1)))
    };
    once((0, 0, 1)).chain(side.before.iter().zip(&side.after).enumerate().flat_map(of_set))
}

/// Find $z \ge 0$ with $w = M z + b \ge 0$ and $w^\top z = 0$.
struct Complementarity {
    matrix: Vec<Vec<BigInt>>,
    constants: Vec<BigInt>,
}

impl Complementarity {
    fn new(count: usize) -> Self {
        Self { matrix: vec![vec![BigInt::zero(); count]; count], constants: vec![BigInt::zero(); count] }
    }

    /// $w - M z - z_0 = b$ as a tableau with the columns $w$, $z$, $z_0$ and $b$.
    fn tableau(&self) -> Tableau {
        let count = self.constants.len();
        let row = |(k, (entries, constant)): (usize, (&Vec<BigInt>, &BigInt))| {
            let slacks = (0..count).map(|j| BigInt::from(u8::from(j == k)));
            slacks.chain(entries.iter().map(|x| -x)).chain([-BigInt::one(), constant.clone()]).collect()
        };
        let rows = self.matrix.iter().zip(&self.constants).enumerate().map(row).collect();
        Tableau::new(rows, (0..count).collect(), 0)
    }
}

/// Brings in the artificial variable, so that the right-hand sides are not below zero, and returns the complement of
/// the variable that left, which enters next.
fn start(tableau: &mut Tableau, artificial: usize) -> usize {
    // The last of the least, which is the lexicographically least row since the slacks are the identity.
    let least = |a: &usize, b: &usize| tableau.rows[*a].last().cmp(&tableau.rows[*b].last()).then(b.cmp(a));
    let row = (0..tableau.basis.len()).min_by(least).unwrap_or_default();
    for entry in &mut tableau.rows[row] {
        *entry = -&*entry;
    }
    tableau.pivot(row, artificial) + artificial / 2
}
