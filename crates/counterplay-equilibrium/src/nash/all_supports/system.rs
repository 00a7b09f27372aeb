//! The polynomials of one choice of supports: their bounds over boxes of probabilities, and their exact values.

use counterplay_game::normal::NormalForm;
use counterplay_game::rational::{Rational, to_f64};
use num_traits::{One, Zero};

use crate::numeric::interval::Interval;

/// All profiles of strategies from the supports; the strategy of one player is left at its first, if one is named.
pub(super) fn profiles(supports: &[Vec<usize>], without: Option<usize>) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for (player, support) in supports.iter().enumerate() {
        let own = if without == Some(player) { &support[..1] } else { &support[..] };
        let with = |profile: &Vec<usize>| {
            own.iter().map(|s| profile.iter().copied().chain([*s]).collect()).collect::<Vec<Vec<usize>>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

/// What one strategy pays a player more than another, by what the others do.
struct Difference {
    player: usize,
    /// For each profile of the others' supports, in their order.
    exact: Vec<Rational>,
    bounds: Vec<Interval>,
}

/// The conditions on the probabilities of one choice of supports.
pub(super) struct System<'a> {
    game: &'a NormalForm,
    pub(super) supports: &'a [Vec<usize>],
    /// What each strategy of a support after its first pays more than the first; zero in equilibrium.
    equal: Vec<Difference>,
    /// What each strategy outside a support pays more than its first; not above zero in equilibrium.
    outside: Vec<Difference>,
}

/// A probability for each strategy of each support, player by player.
pub(super) type Odds = Vec<Vec<Interval>>;

impl<'a> System<'a> {
    pub(super) fn new(game: &'a NormalForm, supports: &'a [Vec<usize>]) -> Self {
        let (mut equal, mut outside) = (Vec::new(), Vec::new());
        for (player, support) in supports.iter().enumerate() {
            for strategy in 0..game.strategies[player].len() {
                if strategy == support[0] {
                    continue;
                }
                let difference = Difference::new(game, supports, player, strategy);
                if support.contains(&strategy) { equal.push(difference) } else { outside.push(difference) }
            }
        }
        Self { game, supports, equal, outside }
    }

    /// The number of unknowns, when the last probability of each player is what the others leave.
    pub(super) fn unknowns(&self) -> usize {
        self.supports.iter().map(|s| s.len() - 1).sum()
    }

    /// The player and the place in its support of each unknown.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.supports.iter().enumerate().flat_map(|(p, s)| (0..s.len() - 1).map(move |k| (p, k)))
    }

    /// Bounds of the polynomials over a box of probabilities that add up to one.
    pub(super) fn values<'s>(&'s self, x: &'s Odds) -> impl Iterator<Item = Interval> + 's {
        self.equal.iter().map(move |d| d.expected(x, None))
    }

    /// Bounds of what each strategy outside the supports pays more than those inside.
    pub(super) fn gains<'s>(&'s self, x: &'s Odds) -> impl Iterator<Item = Interval> + 's {
        self.outside.iter().map(move |d| d.expected(x, None))
    }

    /// Bounds of the derivative of each polynomial by each unknown, polynomial by polynomial.
    pub(super) fn derivatives(&self, x: &Odds) -> Vec<Vec<Interval>> {
        let row = |d: &Difference| {
            let by = |(player, place): (usize, usize)| {
                if player == d.player {
                    return Interval::of(0.0);
                }
                let last = self.supports[player].len() - 1;
                d.expected(x, Some((player, place))) - d.expected(x, Some((player, last)))
            };
            self.places().map(by).collect()
        };
        self.equal.iter().map(row).collect()
    }

    /// Whether exact probabilities are an equilibrium with these supports.
    pub(super) fn holds(&self, x: &[Vec<Rational>]) -> Exactly {
        if !self.equal.iter().all(|d| d.exactly(x).is_zero()) {
            return Exactly::NoSolution;
        }
        let positive = x.iter().flatten().all(|p| *p > Rational::zero());
        let best = self.outside.iter().all(|d| d.exactly(x) <= Rational::zero());
        if positive && best { Exactly::Equilibrium } else { Exactly::NoEquilibrium }
    }

    /// A number for each strategy of the game, zero outside the supports.
    pub(super) fn whole<T: Clone>(&self, x: &[Vec<T>], zero: &T) -> Vec<Vec<T>> {
        let of = |(player, own): (usize, &Vec<T>)| {
            let mut all = vec![zero.clone(); self.game.strategies[player].len()];
            for (&strategy, value) in self.supports[player].iter().zip(own) {
                all[strategy] = value.clone();
            }
            all
        };
        x.iter().enumerate().map(of).collect()
    }
}

/// What exact probabilities are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exactly {
    Equilibrium,
    /// They solve the equations, but a probability is not above zero, or a strategy outside pays more.
    NoEquilibrium,
    NoSolution,
}

impl Difference {
    fn new(game: &NormalForm, supports: &[Vec<usize>], player: usize, strategy: usize) -> Self {
        let more = |profile: &Vec<usize>| {
            let mut other = profile.clone();
            other[player] = strategy;
            game.payoff(&other, player) - game.payoff(profile, player)
        };
        let exact: Vec<Rational> = profiles(supports, Some(player)).iter().map(more).collect();
        let bounds = exact.iter().map(bounds).collect();
        Self { player, exact, bounds }
    }

    /// Bounds of its mean, where one player may have its strategy at one place of its support.
    fn expected(&self, x: &Odds, at: Option<(usize, usize)>) -> Interval {
        let mut values = self.bounds.clone();
        // The last player's strategies vary fastest.
        for (player, odds) in x.iter().enumerate().rev() {
            if player == self.player {
                continue;
            }
            values = match at.filter(|at| at.0 == player) {
                Some((_, place)) => values.chunks_exact(odds.len()).map(|v| v[place]).collect(),
                None => values.chunks_exact(odds.len()).map(|v| mean(v, odds)).collect(),
            };
        }
        values[0]
    }

    fn exactly(&self, x: &[Vec<Rational>]) -> Rational {
        let mut values = self.exact.clone();
        for (player, odds) in x.iter().enumerate().rev() {
            if player != self.player {
                let mean = |v: &[Rational]| v.iter().zip(odds).map(|(v, p)| v * p).sum();
                values = values.chunks_exact(odds.len()).map(mean).collect();
            }
        }
        values.swap_remove(0)
    }
}

/// Bounds of a number; the number itself where floating point has it.
fn bounds(x: &Rational) -> Interval {
    let near = to_f64(x);
    if Rational::from_float(near).as_ref() == Some(x) { Interval::of(near) } else { Interval::around(near) }
}

/// Bounds of a mean of values with odds that add up to one. As $\sum_k p_k v_k = v_j + \sum_k p_k (v_k - v_j)$ for any $j$, that one is
/// taken which gives the least width.
fn mean(values: &[Interval], odds: &[Interval]) -> Interval {
    let about = |j: usize| {
        let terms = values.iter().zip(odds).enumerate().filter(|(k, _)| *k != j);
        terms.fold(values[j], |sum, (_, (v, p))| sum + *p * (*v - values[j]))
    };
    let plain = values.iter().zip(odds).fold(Interval::of(0.0), |sum, (v, p)| sum + *v * *p);
    (0..values.len()).map(about).fold(plain, |best, other| best.intersection(other).unwrap_or(best))
}

/// The last probability of each player, exactly.
pub(super) fn with_last(mut own: Vec<Rational>) -> Vec<Rational> {
    let last = own.iter().fold(Rational::one(), |left, p| left - p);
    own.push(last);
    own
}
