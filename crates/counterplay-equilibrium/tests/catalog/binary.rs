//! All equilibria of games of three players with two strategies each in which what a player gains by the first
//! strategy is a product of a factor for each of the others, as in McKelvey and McLennan (1997).

use std::collections::BTreeSet;

use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use num_traits::{One, Zero};

use crate::tree::Play;

/// Whether a player takes its first strategy, its second, or mixes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Second,
    Both,
}

/// What a player gains by its first strategy, $a + b q + c r + d q r$, if the next player takes its first strategy with
/// probability $q$ and the one after with $r$.
struct Gain {
    constant: Rational,
    next: Rational,
    after: Rational,
    both: Rational,
}

impl Gain {
    fn of(game: &NormalForm, player: usize) -> Self {
        let at = |q: usize, r: usize| {
            let profile = |own: usize| {
                let mut profile = [own; 3];
                (profile[(player + 1) % 3], profile[(player + 2) % 3]) = (q, r);
                profile
            };
            game.payoff(&profile(0), player) - game.payoff(&profile(1), player)
        };
        // The second strategy, with index 1, is probability nought of the first.
        let (constant, next, after) = (at(1, 1), at(0, 1) - at(1, 1), at(1, 0) - at(1, 1));
        let both = at(0, 0) - at(0, 1) - at(1, 0) + at(1, 1);
        Self { constant, next, after, both }
    }

    fn at(&self, q: &Rational, r: &Rational) -> Rational {
        &self.constant + &self.next * q + &self.after * r + &self.both * q * r
    }

    /// The probabilities of the next player and of the one after at which each factor vanishes.
    fn zeros(&self) -> Result<[Rational; 2], String> {
        if self.both.is_zero() || &self.constant * &self.both != &self.next * &self.after {
            return Err("all equilibria of three players are found only where gains are products".to_owned());
        }
        Ok([-&self.after / &self.both, -&self.next / &self.both])
    }
}

/// All equilibria. An error if they are not finitely many, or gains are no products.
pub(crate) fn all_equilibria(game: &NormalForm) -> Result<BTreeSet<Play>, String> {
    if game.strategies.iter().map(Vec::len).ne([2, 2, 2]) {
        return Err("equilibria of three players are listed only with two strategies each".to_owned());
    }
    let gains: Vec<Gain> = (0..3).map(|player| Gain::of(game, player)).collect();
    let mut found = BTreeSet::new();
    let parts = [Part::First, Part::Second, Part::Both];
    for index in 0..27 {
        let support = [parts[index % 3], parts[index / 3 % 3], parts[index / 9]];
        for odds in candidates(&gains, support)? {
            if is_equilibrium(&gains, support, &odds) {
                found.insert(odds.iter().map(|p| vec![p.clone(), Rational::one() - p]).collect());
            }
        }
    }
    Ok(found)
}

/// The probabilities of first strategies that make everyone indifferent who mixes: for each of them, one of the two
/// factors of its gain is zero.
fn candidates(gains: &[Gain], support: [Part; 3]) -> Result<Vec<[Rational; 3]>, String> {
    let mut found = Vec::new();
    for factors in 0..8 {
        let mut odds: [Option<Rational>; 3] = support.map(|part| match part {
            Part::First => Some(Rational::one()),
            Part::Second => Some(Rational::zero()),
            Part::Both => None,
        });
        let mut fits = true;
        for player in (0..3).filter(|&p| support[p] == Part::Both) {
            let factor = factors >> player & 1;
            let zero = gains[player].zeros()?[factor].clone();
            let other = &mut odds[(player + 1 + factor) % 3];
            fits &= other.as_ref().is_none_or(|p| *p == zero);
            *other = Some(zero);
        }
        match odds {
            [Some(p), Some(q), Some(r)] if fits => found.push([p, q, r]),
            _ if fits => return Err("the equilibria may form a continuum".to_owned()),
            _ => {}
        }
    }
    Ok(found)
}

fn is_equilibrium(gains: &[Gain], support: [Part; 3], odds: &[Rational; 3]) -> bool {
    (0..3).all(|player| {
        let gain = gains[player].at(&odds[(player + 1) % 3], &odds[(player + 2) % 3]);
        match support[player] {
            Part::First => gain >= Rational::zero(),
            Part::Second => gain <= Rational::zero(),
            Part::Both => gain.is_zero() && odds[player] > Rational::zero() && odds[player] < Rational::one(),
        }
    })
}
