//! Iterated elimination of dominated strategies.

use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::nash::bimatrix::{common_denominator, scaled};
use crate::nash::tableau::maximise;

/// By how much a dominating strategy must be better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dominance {
    /// Better whatever the others do. The rest does not depend on the order of elimination.
    Strict,
    /// Never worse, and better against something. The rest can depend on the order: here everything that is
    /// dominated goes in the same round.
    Weak,
}

/// What can dominate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dominators {
    /// Pure strategies only.
    Pure,
    /// Mixtures of pure strategies as well, found by an exact linear program for each strategy.
    Mixed,
}

/// A strategy that goes, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Eliminated {
    /// Whose it is.
    pub player: usize,
    /// Which of the player's strategies.
    pub strategy: usize,
    /// A strategy that dominates it: probabilities above zero and the strategies they belong to. All of them are
    /// still there in this round, but can go in the same one.
    pub dominator: Vec<(usize, Rational)>,
}

/// What elimination leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Elimination {
    /// Round by round what goes, by player and strategy.
    pub rounds: Vec<Vec<Eliminated>>,
    /// The strategies of each player that are left.
    pub remaining: Vec<Vec<usize>>,
}

/// Eliminates dominated strategies, all players at once in each round, until none is left that is dominated among
/// those still there (Luce and Raiffa 1957; Pearce 1984 for dominance by mixtures).
///
/// The last strategy pays 1 for certain. Each of the two others pays 3 against one reply and 0 against the other: only a
/// mixture of them is always better.
///
/// ```
/// use counterplay_equilibrium::nash::dominance::{Dominance, Dominators, eliminate};
/// use counterplay_game::gambit::read_nfg;
/// let text = r#"NFG 1 R "" { "A" "B" } { { "t" "m" "b" } { "l" "r" } } 3 0 0 0 1 0 0 0 3 0 1 0"#;
/// let game = read_nfg(text).expect("a game file");
/// assert!(eliminate(&game, Dominance::Strict, Dominators::Pure).rounds.is_empty());
/// let found = eliminate(&game, Dominance::Strict, Dominators::Mixed);
/// assert_eq!(found.remaining, [[0, 1], [0, 1]]);
/// assert_eq!((found.rounds[0][0].player, found.rounds[0][0].strategy), (0, 2));
/// ```
pub fn eliminate(game: &NormalForm, dominance: Dominance, dominators: Dominators) -> Elimination {
    let mut remaining: Vec<Vec<usize>> = game.strategies.iter().map(|own| (0..own.len()).collect()).collect();
    let mut rounds = Vec::new();
    loop {
        let round = dominated(game, &remaining, dominance, dominators);
        if round.is_empty() {
            return Elimination { rounds, remaining };
        }
        for gone in &round {
            remaining[gone.player].retain(|&s| s != gone.strategy);
        }
        rounds.push(round);
    }
}

fn dominated(
    game: &NormalForm,
    remaining: &[Vec<usize>],
    dominance: Dominance,
    dominators: Dominators,
) -> Vec<Eliminated> {
    let mut round = Vec::new();
    for (player, own) in remaining.iter().enumerate() {
        let payoffs = payoffs(game, remaining, player);
        for (index, &strategy) in own.iter().enumerate() {
            let pure = || by_pure(&payoffs, index, dominance);
            let found = match dominators {
                Dominators::Pure => pure(),
                Dominators::Mixed => pure().or_else(|| by_mixture(&payoffs, index, dominance)),
            };
            let named =
                |mixture: Vec<(usize, Rational)>| mixture.into_iter().map(|(k, p)| (own[k], p)).collect();
            round.extend(found.map(|mixture| Eliminated { player, strategy, dominator: named(mixture) }));
        }
    }
    round
}

/// A player's payoffs as whole numbers, by its own remaining strategies and then by the others'.
fn payoffs(game: &NormalForm, remaining: &[Vec<usize>], player: usize) -> Vec<Vec<BigInt>> {
    let mut others = vec![vec![0; remaining.len()]];
    for (other, left) in remaining.iter().enumerate().filter(|(other, _)| *other != player) {
        let with = |profile: &Vec<usize>, s: usize| {
            let mut longer = profile.clone();
            longer[other] = s;
            longer
        };
        others = others.iter().flat_map(|profile| left.iter().map(|&s| with(profile, s))).collect();
    }
    let exact = |own: usize| {
        let of = |profile: &Vec<usize>| {
            let mut profile = profile.clone();
            profile[player] = own;
            game.payoff(&profile, player).clone()
        };
        others.iter().map(of).collect::<Vec<_>>()
    };
    let exact: Vec<_> = remaining[player].iter().map(|&own| exact(own)).collect();
    let scale = common_denominator(exact.iter().flatten());
    exact.iter().map(|row| row.iter().map(|x| scaled(x, &scale)).collect()).collect()
}

fn by_pure(payoffs: &[Vec<BigInt>], strategy: usize, dominance: Dominance) -> Option<Vec<(usize, Rational)>> {
    let own = &payoffs[strategy];
    let dominates = |row: &Vec<BigInt>| match dominance {
        Dominance::Strict => row.iter().zip(own).all(|(x, y)| x > y),
        Dominance::Weak => row.iter().zip(own).all(|(x, y)| x >= y) && row != own,
    };
    payoffs.iter().position(dominates).map(|k| vec![(k, Rational::one())])
}

/// A mixture that dominates. With probabilities $\sigma_k$ for the other strategies, the rest staying with the
/// strategy itself, the largest sure gain $\varepsilon$ (strict) or the largest sum of gains, none of them below
/// zero (weak), is above zero exactly if one does.
fn by_mixture(
    payoffs: &[Vec<BigInt>],
    strategy: usize,
    dominance: Dominance,
) -> Option<Vec<(usize, Rational)>> {
    let others: Vec<usize> = (0..payoffs.len()).filter(|&k| k != strategy).collect();
    let events = 0..payoffs[strategy].len();
    let loss = |k: usize, t: usize| &payoffs[strategy][t] - &payoffs[k][t];
    let sure = match dominance {
        Dominance::Strict => BigInt::one(),
        Dominance::Weak => BigInt::zero(),
    };
    let mut constraints: Vec<Vec<BigInt>> = events
        .clone()
        .map(|t| others.iter().map(|&k| loss(k, t)).chain([sure.clone(), BigInt::zero()]).collect())
        .collect();
    let total = vec![BigInt::one(); others.len()];
    constraints.push(total.into_iter().chain([BigInt::zero(), BigInt::one()]).collect());
    let objective: Vec<BigInt> = match dominance {
        Dominance::Strict => vec![BigInt::zero(); others.len()],
        Dominance::Weak => {
            others.iter().map(|&k| -events.clone().map(|t| loss(k, t)).sum::<BigInt>()).collect()
        }
    };
    let optimum = maximise(&[objective, vec![sure]].concat(), &constraints)?;
    if optimum.value.is_zero() {
        return None;
    }
    // What stays with the strategy itself would dominate as well without it, so it is shared among the others.
    let chosen = &optimum.at[..others.len()];
    let total: Rational = chosen.iter().sum();
    let mixture = others.iter().zip(chosen).filter(|(_, p)| !p.is_zero()).map(|(&k, p)| (k, p / &total));
    Some(mixture.collect())
}
