//! Equilibria in pure strategies of games in normal form.

use counterplay_game::normal::NormalForm;

/// All equilibria in pure strategies, in the order of the profiles: those in which no player gains by another
/// strategy, $u_i(s) \ge u_i(t, s_{-i})$ for every player $i$ and every strategy $t$ of it (Nash 1951).
///
/// Takes time in proportion to the number of profiles and of strategies.
///
/// ```
/// use counterplay_equilibrium::nash::pure::pure_equilibria;
/// use counterplay_game::normal::NormalForm;
/// use counterplay_game::rational::Rational;
///
/// // Chicken: each gives way to the other, or does not.
/// let labels = vec![vec!["swerve".into(), "stay".into()]; 2];
/// let payoffs = [3, 3, 4, 1, 1, 4, 0, 0].map(|x: i32| Rational::from_integer(x.into()));
/// let game = NormalForm::new(vec!["A".into(), "B".into()], labels, payoffs.to_vec());
/// assert_eq!(pure_equilibria(&game), [vec![1, 0], vec![0, 1]]);
/// ```
pub fn pure_equilibria(game: &NormalForm) -> Vec<Vec<usize>> {
    (0..game.profile_count())
        .map(|k| game.profile(k))
        .filter(|profile| is_equilibrium(game, profile))
        .collect()
}

/// Whether no player gains by leaving `profile` alone.
fn is_equilibrium(game: &NormalForm, profile: &[usize]) -> bool {
    let mut other = profile.to_vec();
    (0..profile.len()).all(|player| {
        let own = game.payoff(profile, player);
        let best = (0..game.strategies[player].len()).all(|strategy| {
            other[player] = strategy;
            game.payoff(&other, player) <= own
        });
        other[player] = profile[player];
        best
    })
}
