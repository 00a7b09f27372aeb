//! Whether a mixed profile is an equilibrium of a game in normal form, by the definition and in exact numbers; and
//! games to try. Shares nothing with the solvers.
#![allow(dead_code, missing_docs, unreachable_pub)]

use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use num_traits::{One, Signed, Zero};

pub type Profile = Vec<Vec<Rational>>;

pub fn whole(x: i64) -> Rational {
    Rational::from_integer(x.into())
}

pub fn fraction(a: i64, b: i64) -> Rational {
    Rational::new(a.into(), b.into())
}

/// What a player expects from each of its strategies when the others play `profile`.
pub fn expected(game: &NormalForm, profile: &Profile, player: usize) -> Vec<Rational> {
    let mut sums = vec![Rational::zero(); game.strategies[player].len()];
    for index in 0..game.profile_count() {
        let pure = game.profile(index);
        let others = (0..pure.len()).filter(|&k| k != player);
        let odds = others.fold(Rational::one(), |odds, k| odds * &profile[k][pure[k]]);
        sums[pure[player]] += odds * game.payoff(&pure, player);
    }
    sums
}

/// The largest gain that any player could have by leaving `profile` alone; panics if it is no profile of the game.
pub fn regret(game: &NormalForm, profile: &Profile) -> Rational {
    assert_eq!(profile.len(), game.players.len());
    let mut worst = Rational::zero();
    for (player, mixed) in profile.iter().enumerate() {
        assert_eq!(mixed.len(), game.strategies[player].len());
        assert!(mixed.iter().all(|p| !p.is_negative()), "no probability is below zero: {mixed:?}");
        assert!(mixed.iter().sum::<Rational>().is_one(), "probabilities sum to one: {mixed:?}");
        let payoffs = expected(game, profile, player);
        let own: Rational = mixed.iter().zip(&payoffs).map(|(p, u)| p * u).sum();
        let best = payoffs.into_iter().max().expect("every player has a strategy");
        worst = worst.max(best - own);
    }
    worst
}

pub fn is_equilibrium(game: &NormalForm, profile: &Profile) -> bool {
    regret(game, profile).is_zero()
}

/// The profile in which everyone plays one strategy for sure.
pub fn pure_profile(game: &NormalForm, pure: &[usize]) -> Profile {
    let indicator = |n: usize, s: usize| (0..n).map(|k| whole(i64::from(k == s))).collect();
    game.strategies.iter().zip(pure).map(|(own, &s)| indicator(own.len(), s)).collect()
}

pub fn labels(n: usize) -> Vec<String> {
    (1..=n).map(|k| k.to_string()).collect()
}

/// A game from the players' payoffs, profile by profile, the first player's strategy varying fastest.
pub fn game(counts: &[usize], payoffs: &[i64]) -> NormalForm {
    let players = (1..=counts.len()).map(|k| format!("player {k}")).collect();
    let strategies = counts.iter().map(|&n| labels(n)).collect();
    NormalForm::new(players, strategies, payoffs.iter().map(|&x| whole(x)).collect())
}

/// A two-player game from the matrices of payoffs, one row for each strategy of the first player.
pub fn bimatrix(first: &[Vec<i64>], second: &[Vec<i64>]) -> NormalForm {
    let (m, n) = (first.len(), first[0].len());
    let cells = (0..n).flat_map(|j| (0..m).map(move |i| (i, j)));
    let payoffs: Vec<i64> = cells.flat_map(|(i, j)| [first[i][j], second[i][j]]).collect();
    game(&[m, n], &payoffs)
}

/// The same game with every payoff changed by a function of the player and the payoff.
pub fn with_payoffs(old: &NormalForm, change: impl Fn(usize, &Rational) -> Rational) -> NormalForm {
    let payoffs = (0..old.profile_count())
        .flat_map(|k| (0..old.players.len()).map(move |player| (k, player)))
        .map(|(k, player)| change(player, old.payoff(&old.profile(k), player)))
        .collect();
    NormalForm::new(old.players.clone(), old.strategies.clone(), payoffs)
}

/// The same game with each player's strategies renumbered: new strategy `s` is the old `orders[player][s]`.
pub fn renumbered(old: &NormalForm, orders: &[Vec<usize>]) -> NormalForm {
    let payoffs = (0..old.profile_count())
        .flat_map(|k| (0..old.players.len()).map(move |player| (k, player)))
        .map(|(k, player)| {
            let before: Vec<usize> = old.profile(k).iter().zip(orders).map(|(&s, order)| order[s]).collect();
            old.payoff(&before, player).clone()
        })
        .collect();
    let strategies =
        old.strategies.iter().zip(orders).map(|(own, order)| order.iter().map(|&s| own[s].clone()).collect());
    NormalForm::new(old.players.clone(), strategies.collect(), payoffs)
}
