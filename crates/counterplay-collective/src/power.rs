//! Indices of power: how much a vote matters.
//!
//! All are exact fractions. For weighted games they are read off generating functions (Mann and Shapley 1962; Brams and
//! Affuso 1976; Bilbao et al. 2000) in time and memory that grow with voters and quota and not with the number of coalitions.

mod counting;

use num_bigint::BigUint;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::One;

use crate::weighted::WeightedGame;
use counting::{Classes, Counted};

/// An exact fraction.
pub type Fraction = BigRational;

/// The power of each voter, in the order of the voters.
///
/// A voter is *critical* in a winning coalition that loses without it. A winning coalition in which all members are critical is
/// *minimal*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PowerIndices {
    /// The share of the orders of all voters in which this voter turns the coalition of those before it into a winning
    /// one; sums to 1 (Shapley and Shubik 1954).
    pub shapley_shubik: Vec<Fraction>,
    /// In how many winning coalitions the voter is critical (Banzhaf 1965).
    pub banzhaf_swings: Vec<BigUint>,
    /// The share of all coalitions of the others that the voter turns into winning ones: swings over $2^{n-1}$ (Penrose 1946).
    pub banzhaf_absolute: Vec<Fraction>,
    /// The voter's share of all swings; sums to 1.
    pub banzhaf_normalised: Vec<Fraction>,
    /// Minimal winning coalitions are equally likely, and their members share equally; sums to 1 (Deegan and Packel 1978).
    pub deegan_packel: Vec<Fraction>,
    /// The voter's share of all memberships in minimal winning coalitions: the public good index; sums to 1 (Holler 1982).
    pub holler: Vec<Fraction>,
    /// Winning coalitions with critical members are equally likely, and these share equally; sums to 1 (Johnston 1978).
    pub johnston: Vec<Fraction>,
    /// The number of winning coalitions.
    pub winning_coalitions: BigUint,
    /// The number of minimal winning coalitions.
    pub minimal_winning_coalitions: BigUint,
}

impl PowerIndices {
    /// The share of all coalitions that win: how easily the body acts (Coleman 1971).
    pub fn power_to_act(&self) -> Fraction {
        let coalitions = BigUint::one() << self.shapley_shubik.len();
        fraction(self.winning_coalitions.clone(), coalitions)
    }
}

/// The raw counts from which all indices follow, voter by voter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Criticality {
    /// By the number of others: in how many coalitions of so many others and the voter it is critical.
    pub(crate) swings: Vec<Vec<BigUint>>,
    /// By the number of others: in how many minimal winning coalitions the voter is.
    pub(crate) minimal: Vec<Vec<BigUint>>,
    /// By the number of other critical members: in how many winning coalitions it is critical.
    pub(crate) shared: Vec<Vec<BigUint>>,
    pub(crate) winning: BigUint,
}

impl Criticality {
    pub(crate) fn indices(&self) -> PowerIndices {
        let voters = self.swings.len();
        let swings: Vec<BigUint> = self.swings.iter().map(|by_size| by_size.iter().sum()).collect();
        let orders = factorial(voters);
        let arrangements = |others: usize| factorial(others) * factorial(voters - 1 - others);
        let shapley_shubik = self.swings.iter().map(|by_size| {
            let pivotal =
                by_size.iter().enumerate().map(|(others, count)| count * arrangements(others)).sum();
            fraction(pivotal, orders.clone())
        });
        let memberships: Vec<BigUint> = self.minimal.iter().map(|by_size| by_size.iter().sum()).collect();
        // Equal parts of up to so many voters are whole numbers of this unit.
        let unit = (1..=voters).fold(BigUint::one(), |unit, size| unit.lcm(&BigUint::from(size)));
        let minimal: Vec<BigUint> = self.minimal.iter().map(|by_size| split(by_size, &unit)).collect();
        PowerIndices {
            shapley_shubik: shapley_shubik.collect(),
            banzhaf_absolute: swings
                .iter()
                .map(|s| fraction(s.clone(), BigUint::one() << (voters - 1)))
                .collect(),
            banzhaf_normalised: shares(&swings),
            banzhaf_swings: swings,
            deegan_packel: shares(&minimal),
            holler: shares(&memberships),
            johnston: shares(&self.shared.iter().map(|by_size| split(by_size, &unit)).collect::<Vec<_>>()),
            winning_coalitions: self.winning.clone(),
            minimal_winning_coalitions: minimal.iter().sum::<BigUint>() / unit,
        }
    }
}

/// One unit for each coalition, split equally among its members: the voter itself and so many others.
fn split(by_others: &[BigUint], unit: &BigUint) -> BigUint {
    by_others.iter().enumerate().map(|(others, count)| count * (unit / (others + 1))).sum()
}

fn shares(values: &[BigUint]) -> Vec<Fraction> {
    let total: BigUint = values.iter().sum();
    values.iter().map(|value| fraction(value.clone(), total.clone())).collect()
}

fn fraction(above: BigUint, below: BigUint) -> Fraction {
    Fraction::new(above.into(), below.into())
}

fn factorial(number: usize) -> BigUint {
    (2..=number).fold(BigUint::one(), |product, factor| product * factor)
}

/// The indices of a weighted game.
pub(crate) fn of_weighted(game: &WeightedGame) -> PowerIndices {
    let classes = Classes::of(game);
    let counted = counting::count(game, &classes);
    let Counted { swings, minimal, shared, winning } = counted;
    let each = |of: &[Vec<BigUint>]| classes.of_voter.iter().map(|&class| of[class].clone()).collect();
    Criticality { swings: each(&swings), minimal: each(&minimal), shared: each(&shared), winning }.indices()
}
