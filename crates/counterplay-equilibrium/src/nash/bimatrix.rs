//! Two-player games in normal form, as their solvers read them.

use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use num_bigint::BigInt;
use num_traits::One;

/// A probability for each strategy of each player.
pub type MixedProfile = Vec<Vec<Rational>>;

/// A game in normal form with two players. Payoffs are scaled to positive whole numbers, player by player, which
/// changes neither best replies nor equilibria.
#[derive(Clone, Debug)]
pub struct Bimatrix {
    /// For each player: its payoff by its own strategy and then by the other's.
    payoffs: [Vec<Vec<BigInt>>; 2],
}

/// The game has not two players.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTwoPlayers {
    /// How many it has.
    pub players: usize,
}

impl Bimatrix {
    /// The two-player game.
    ///
    /// # Errors
    /// If the game has not two players.
    pub fn of(game: &NormalForm) -> Result<Self, NotTwoPlayers> {
        if game.players.len() != 2 {
            return Err(NotTwoPlayers { players: game.players.len() });
        }
        let counts = [game.strategies[0].len(), game.strategies[1].len()];
        let payoffs = [0, 1].map(|player| {
            let scale =
                common_denominator((0..game.profile_count()).map(|k| game.payoff(&game.profile(k), player)));
            let entry = |own, other| {
                let profile = if player == 0 { [own, other] } else { [other, own] };
                scaled(game.payoff(&profile, player), &scale)
            };
            let row = |own| (0..counts[1 - player]).map(|other| entry(own, other)).collect();
            positive((0..counts[player]).map(row).collect())
        });
        Ok(Self { payoffs })
    }

    /// The number of strategies of a player.
    pub fn strategy_count(&self, player: usize) -> usize {
        self.payoffs[player].len()
    }

    /// A player's payoffs as positive whole numbers, by its own strategy and then by the other's.
    pub(crate) fn payoffs(&self, player: usize) -> &[Vec<BigInt>] {
        &self.payoffs[player]
    }
}

/// The least common multiple of the denominators.
pub(crate) fn common_denominator<'a>(numbers: impl Iterator<Item = &'a Rational>) -> BigInt {
    numbers.fold(BigInt::one(), |scale, x| {
        let rest = x * Rational::from_integer(scale.clone());
        scale * rest.denom()
    })
}

/// A number times a multiple of its denominator.
pub(crate) fn scaled(number: &Rational, scale: &BigInt) -> BigInt {
    number.numer() * (scale / number.denom())
}

/// The matrix shifted so that its least entry is one.
fn positive(mut matrix: Vec<Vec<BigInt>>) -> Vec<Vec<BigInt>> {
    let shift = BigInt::one() - matrix.iter().flatten().min().cloned().unwrap_or_default();
    matrix.iter_mut().flatten().for_each(|x| *x += &shift);
    matrix
}
