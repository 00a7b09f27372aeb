//! Simple games in general: which coalitions win is told one by one.

use num_rational::BigRational;
use num_traits::Zero;

use crate::coalitions::{self, Coalitions};
use crate::power::PowerIndices;

/// The most voters of a game whose coalitions are gone through one by one.
pub const MOST_VOTERS: usize = coalitions::MOST_VOTERS;

/// The most players of whose coalitions each has a worth.
const MOST_PLAYERS: usize = 20;

/// The indices of power by their definitions, for a game of at most [`MOST_VOTERS`] voters: `wins` tells of a coalition, voter
/// $i$ being in it if bit $i$ is set, whether it wins. `None` if there are more voters or none, if the empty coalition
/// wins, the grand one loses, or a coalition loses by gaining a member.
///
/// ```
/// // The Security Council of five with vetoes and ten without: nine votes, all five among them.
/// let power = counterplay_collective::simple::power_indices(15, |s| s & 31 == 31 && s.count_ones() >= 9).unwrap();
/// assert_eq!(power.shapley_shubik[0].to_string(), "421/2145");
/// ```
pub fn power_indices(voters: usize, wins: impl Fn(u32) -> bool + Sync) -> Option<PowerIndices> {
    if voters == 0 || voters > MOST_VOTERS {
        return None;
    }
    Coalitions::new(voters, wins).map(|coalitions| coalitions.criticality().indices())
}

/// The Shapley value of a game in which every coalition has a worth (Shapley 1953): player $i$'s is
/// $\sum_{S \not\ni i} \frac{|S|!\\,(n-1-|S|)!}{n!} \bigl(v(S \cup i) - v(S)\bigr)$.
///
/// `worths` holds the worth of each coalition, at the position whose bits are its members; the first is the empty one's. `None` if
/// their number is not $2^n$ with $1 \le n \le 20$.
///
/// The glove game: the first of three players has a left glove, the two others have a right one each, and a pair is worth 1.
/// The owner of the scarce glove gets 2/3 of it:
///
/// ```
/// use num_rational::BigRational;
/// let pair = |members: u32| members & 1 == 1 && members != 1;
/// let worths: Vec<_> = (0..8).map(|s| BigRational::from_integer(i32::from(pair(s)).into())).collect();
/// let value = counterplay_collective::simple::shapley_value(&worths).unwrap();
/// assert_eq!(value.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2/3", "1/6", "1/6"]);
/// ```
pub fn shapley_value(worths: &[BigRational]) -> Option<Vec<BigRational>> {
    let players = worths.len().trailing_zeros() as usize;
    if !worths.len().is_power_of_two() || !(1..=MOST_PLAYERS).contains(&players) {
        return None;
    }
    // 1 / (n * binomial(n - 1, s)), for each number s of others.
    let mut weight = BigRational::new(1.into(), players.into());
    let mut weights = Vec::with_capacity(players);
    for others in 0..players {
        weights.push(weight.clone());
        weight *= BigRational::new((others + 1).into(), (players - 1 - others).max(1).into());
    }
    let value = |player: usize| {
        let without = (0..worths.len()).filter(|coalition| coalition >> player & 1 == 0);
        let gains = without.map(|coalition| {
            &weights[coalition.count_ones() as usize]
                * (&worths[coalition | 1 << player] - &worths[coalition])
        });
        gains.fold(BigRational::zero(), |sum, gain| sum + gain)
    };
    Some((0..players).map(value).collect())
}
