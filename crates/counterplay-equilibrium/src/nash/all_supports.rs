//! All equilibria of games with any number of players, support by support, each proved.
//!
//! In an equilibrium with the support $S_i$ of each player $i$ all strategies of a support pay the same: with
//! $u_i(s, x_{-i})$ the payoff to $i$ of $s$ against the others' mixed strategies,
//!
//! $$u_i(s, x_{-i}) = u_i(t, x_{-i}) \text{ for } s, t \in S_i, \qquad \sum_{s \in S_i} x_i(s) = 1, \qquad x_i(s) > 0,$$
//!
//! and no strategy outside pays more (McKelvey and McLennan 1996). These are as many polynomials as unknowns, and multilinear. The box of all
//! probabilities is divided until each part is proved to hold no solution, because some polynomial has no zero there, or exactly one, by
//! the operator of Krawczyk (1969; Neumaier 1990): if
//!
//! $$K(X) = m - Y f(m) + (I - Y f'(X)) (X - m)$$
//!
//! lies inside the box $X$ with middle $m$, there is exactly one solution in $X$, and it lies in $K(X)$. Interval arithmetic is rounded
//! outwards, so that this is a proof. A solution that is a simple fraction is checked as one, with exact numbers; ties are decided so as
//! well. What cannot be decided, as in games with a continuum of equilibria, is counted and said.

mod krawczyk;
mod system;

use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use num_traits::{One, Zero};

use self::krawczyk::{Found, Search};
use self::system::System;

/// How much to spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The most boxes to look at.
    pub max_boxes: u64,
    /// The most boxes to look at for one choice of supports: a continuum of solutions takes as many as it is given.
    pub max_boxes_each: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_boxes: 2_000_000, max_boxes_each: 20_000 }
    }
}

/// How the search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All equilibria are found, and each is isolated.
    Complete,
    /// With this number of choices of supports some part could not be decided: there is a continuum of equilibria, or a tie that is no simple
    /// fraction.
    Undecided {
        /// How many choices of supports.
        supports: u64,
    },
    /// The budget was spent: there may be more.
    OutOfBudget,
}

/// An equilibrium that was proved to be one, and the only one around.
#[derive(Clone, Debug, PartialEq)]
pub struct Proved {
    /// A probability for each strategy of each player.
    pub play: Vec<Vec<f64>>,
    /// The same exactly, where these are simple fractions.
    pub exact: Option<Vec<Vec<Rational>>>,
    /// The largest width of the bounds on a probability.
    pub width: f64,
}

/// There are more choices of supports than can be gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManySupports {
    /// The most that are gone through.
    pub allowed: usize,
}

/// The most choices of supports.
const MAX_SUPPORTS: usize = 1 << 18;

/// The equilibria of a game.
#[derive(Clone, Debug, PartialEq)]
pub struct Equilibria {
    /// Those that were proved, smaller supports first.
    pub found: Vec<Proved>,
    /// How the search ended.
    pub status: Status,
    /// The boxes that were looked at.
    pub boxes: u64,
}

/// All equilibria of a game in normal form that are isolated, each with a proof, and whether there can be others.
///
/// Takes time that grows exponentially with the number of strategies. For two players
/// [`all_equilibria`](crate::nash::support_enumeration::all_equilibria) is exact, and tells continua as well.
///
/// ```
/// use counterplay_equilibrium::nash::all_supports::{Settings, Status, all_supports};
/// use counterplay_game::gambit::read_nfg;
///
/// // Three players who each want to be alone on one of two sides.
/// let text = r#"NFG 1 R "" { "A" "B" "C" } { 2 2 2 } 0 0 0 1 0 0 0 1 0 0 0 1 0 0 1 0 1 0 1 0 0 0 0 0"#;
/// let found = all_supports(&read_nfg(text)?, &Settings::default()).expect("there are 27 choices of supports");
/// assert!(found.found.iter().any(|e| e.play.iter().flatten().all(|p| (p - 0.5).abs() < 1e-12)));
/// # assert_ne!(found.status, Status::OutOfBudget);
/// # Ok::<(), counterplay_game::gambit::ParseError>(())
/// ```
///
/// # Errors
/// If there are too many choices of supports: more than $2^{18}$.
pub fn all_supports(game: &NormalForm, settings: &Settings) -> Result<Equilibria, TooManySupports> {
    let strategies: usize = game.strategies.iter().map(Vec::len).sum();
    if strategies > MAX_SUPPORTS.ilog2() as usize {
        return Err(TooManySupports { allowed: MAX_SUPPORTS });
    }
    let counts: Vec<usize> = game.strategies.iter().map(Vec::len).collect();
    let (mut found, mut undecided, mut boxes) = (Vec::<Proved>::new(), 0, 0);
    for supports in by_size(&counts) {
        if dominated(game, &supports) {
            continue;
        }
        if supports.iter().all(|support| support.len() == 1) {
            found.extend(pure(game, &supports));
            continue;
        }
        let left = settings.max_boxes.saturating_sub(boxes).min(settings.max_boxes_each);
        if left == 0 {
            return Ok(Equilibria { found, status: Status::OutOfBudget, boxes });
        }
        let system = System::new(game, &supports);
        let Found { solutions, decided, boxes: used } = Search::new(&system, left).run();
        boxes += used;
        undecided += u64::from(!decided);
        found.extend(solutions);
    }
    let status = if undecided == 0 { Status::Complete } else { Status::Undecided { supports: undecided } };
    Ok(Equilibria { found, status, boxes })
}

/// All choices of a support for each player, those with fewer strategies first.
fn by_size(counts: &[usize]) -> Vec<Vec<Vec<usize>>> {
    let subsets = |count: &usize| -> Vec<Vec<usize>> {
        (1u64..1 << count).map(|set| (0..*count).filter(|s| set >> s & 1 == 1).collect()).collect()
    };
    let mut all: Vec<Vec<Vec<usize>>> = vec![Vec::new()];
    for own in counts.iter().map(subsets) {
        let with = |chosen: &Vec<Vec<usize>>| {
            own.iter().map(|s| chosen.iter().cloned().chain([s.clone()]).collect()).collect::<Vec<Vec<_>>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all.sort_by_key(|supports| supports.iter().map(Vec::len).sum::<usize>());
    all
}

/// Whether some strategy of a support is worse than another of its player against all that the others can do: then nobody mixes so.
fn dominated(game: &NormalForm, supports: &[Vec<usize>]) -> bool {
    (0..supports.len()).any(|player| {
        let others = system::profiles(supports, Some(player));
        let better = |a: usize, b: usize| {
            others.iter().all(|profile| {
                let with = |strategy: usize| {
                    let mut profile = profile.clone();
                    profile[player] = strategy;
                    game.payoff(&profile, player)
                };
                with(a) > with(b)
            })
        };
        let all = game.strategies[player].len();
        supports[player].iter().any(|&own| (0..all).any(|other| other != own && better(other, own)))
    })
}

/// A profile of pure strategies, if it is an equilibrium.
fn pure(game: &NormalForm, supports: &[Vec<usize>]) -> Option<Proved> {
    let profile: Vec<usize> = supports.iter().map(|s| s[0]).collect();
    let gains = (0..profile.len()).any(|player| {
        let mut other = profile.clone();
        (0..game.strategies[player].len()).any(|strategy| {
            other[player] = strategy;
            game.payoff(&other, player) > game.payoff(&profile, player)
        })
    });
    if gains {
        return None;
    }
    let sure = |(player, &chosen): (usize, &usize)| -> Vec<Rational> {
        let count = game.strategies[player].len();
        (0..count).map(|s| if s == chosen { Rational::one() } else { Rational::zero() }).collect()
    };
    let exact: Vec<Vec<Rational>> = profile.iter().enumerate().map(sure).collect();
    let play = exact.iter().map(|p| p.iter().map(|x| f64::from(u8::from(x.is_one()))).collect()).collect();
    Some(Proved { play, exact: Some(exact), width: 0.0 })
}
