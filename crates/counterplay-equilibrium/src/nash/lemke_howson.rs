//! One equilibrium of a two-player game, by complementary pivoting.
//!
//! The polytopes $P = \\{x \ge 0 : B^\top x \le 1\\}$ and $Q = \\{y \ge 0 : A y \le 1\\}$ hold the mixed strategies up to
//! scale. A point has a label for each own strategy that it does not use and for each best reply of the other
//! player; an equilibrium is a pair of points with all labels. Starting from $(0, 0)$ one label is dropped, and
//! the path of pairs that miss only that one is followed to its other end (Lemke and Howson 1964; von Stengel
//! 2002). Pivots are exact, and ties are broken lexicographically, so the path ends in every game.

use counterplay_game::rational::Rational;
use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::nash::bimatrix::{Bimatrix, MixedProfile};
use crate::nash::tableau::Tableau;

/// How the path ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// At an equilibrium.
    Found,
    /// The budget of pivots was spent before the path ended.
    OutOfBudget,
}

/// Where the path led.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The equilibrium; `None` if none was reached.
    pub equilibrium: Option<MixedProfile>,
    /// How the path ended.
    pub status: Status,
    /// The pivots made.
    pub pivots: u64,
}

/// The equilibrium at the other end of the path that begins by dropping `label`: a strategy of the first player, or,
/// counted on from there, of the second. Different labels can lead to different equilibria, but not always to all.
///
/// Paths can be exponentially long (Savani and von Stengel 2006): at most `max_pivots` pivots are made.
///
/// ```
/// use counterplay_equilibrium::nash::bimatrix::Bimatrix;
/// use counterplay_equilibrium::nash::lemke_howson::lemke_howson;
/// use counterplay_game::gambit::read_nfg;
/// // Matching pennies in which one match pays double: the only equilibrium is at the end of every path.
/// let text = r#"NFG 1 R "Pennies" { "Even" "Odd" } { { "h" "t" } { "h" "t" } } 2 -2 -1 1 -1 1 1 -1"#;
/// let game = Bimatrix::of(&read_nfg(text).expect("a game file")).expect("two players");
/// for label in 0..4 {
///     let found = lemke_howson(&game, label, 100).equilibrium.expect("a short path");
///     let odds: Vec<String> = found.iter().flatten().map(ToString::to_string).collect();
///     assert_eq!(odds, ["2/5", "3/5", "2/5", "3/5"]);
/// }
/// ```
///
/// # Panics
/// If there is no such label.
pub fn lemke_howson(game: &Bimatrix, label: usize, max_pivots: u64) -> Solution {
    let counts = [game.strategy_count(0), game.strategy_count(1)];
    assert!(label < counts[0] + counts[1], "a label is a strategy of one of the players");
    let mut tableaus = [polytope(game, 0), polytope(game, 1)];
    // The tableau of a player has its own strategies as variables, and moves when one of them enters.
    let mut side = usize::from(label >= counts[0]);
    let mut entering = label;
    for pivots in 1..=max_pivots {
        let tableau = &mut tableaus[side];
        let Some(row) = tableau.leaving_row(entering) else {
            unreachable!("the polytopes are bounded, since all payoffs are positive")
        };
        let left = tableau.pivot(row, entering);
        if left == label {
            let equilibrium =
                [0, 1].map(|player| strategy(&tableaus[player], player * counts[0], counts[player]));
            return Solution { equilibrium: Some(equilibrium.to_vec()), status: Status::Found, pivots };
        }
        (entering, side) = (left, 1 - side);
    }
    Solution { equilibrium: None, status: Status::OutOfBudget, pivots: max_pivots }
}

/// The tableau of the polytope of a player's strategies, at zero. Variables are numbered as labels are: strategies
/// of the first player, then of the second; those of the other player are the slacks of its best replies.
fn polytope(game: &Bimatrix, player: usize) -> Tableau {
    let other = 1 - player;
    let (own, replies) = (game.strategy_count(player), game.strategy_count(other));
    let row = |reply: usize| {
        let payoffs = game.payoffs(other)[reply].clone();
        let slacks: Vec<BigInt> = (0..replies).map(|k| BigInt::from(u8::from(k == reply))).collect();
        let variables = if player == 0 { [payoffs, slacks] } else { [slacks, payoffs] };
        [variables.concat(), vec![BigInt::one()]].concat()
    };
    let identity = if player == 0 { own } else { 0 };
    Tableau::new((0..replies).map(row).collect(), (identity..identity + replies).collect(), identity)
}

fn strategy(tableau: &Tableau, first: usize, count: usize) -> Vec<Rational> {
    let weights: Vec<BigInt> = (first..first + count).map(|k| tableau.numerator(k)).collect();
    let total: BigInt = weights.iter().sum();
    debug_assert!(!total.is_zero(), "the path leaves the origin of both polytopes");
    weights.into_iter().map(|w| Rational::new(w, total.clone())).collect()
}
