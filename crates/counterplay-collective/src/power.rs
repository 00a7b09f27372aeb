//! Indices of power: how much a vote matters.
//!
//! All are exact fractions. For weighted games they are read off generating functions (Mann and Shapley 1962; Brams and
//! Affuso 1976; Bilbao et al. 2000) in a time that grows as the cube of the voters times the quota, and not with the number of coalitions.

use num_bigint::BigUint;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// An exact fraction.
pub type Fraction = BigRational;

/// The power of each voter, in the order of the voters.
///
/// A voter is *critical* in a winning coalition that loses without it. A winning coalition in which all members are critical is
/// *minimal*.
///
/// Of the council of 1958, $[12; 4, 4, 4, 2, 2, 1]$, with the published indices of its three large, two middle and one
/// small member (Brams and Affuso 1976):
///
/// ```
/// use counterplay_collective::weighted::WeightedGame;
/// let power = WeightedGame::new(12, &[4, 4, 4, 2, 2, 1])?.power_indices();
/// let of = |index: &[counterplay_collective::power::Fraction]| [0, 3, 5].map(|voter| index[voter].to_string());
/// assert_eq!(of(&power.shapley_shubik), ["7/30", "3/20", "0"]);
/// assert_eq!(of(&power.banzhaf_normalised), ["5/21", "1/7", "0"]);
/// assert_eq!(power.power_to_act().to_string(), "7/32"); // 14 of 64 coalitions win
/// # Ok::<(), counterplay_collective::weighted::NotAGame>(())
/// ```
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

    /// The share of all divisions of the voters into yes and no in which the voter is on the side that prevails, $(1 + \beta_i) / 2$ with the
    /// absolute Banzhaf index $\beta_i$ (Rae 1969; Dubey and Shapley 1979).
    pub fn rae(&self) -> Vec<Fraction> {
        let two = Fraction::from_integer(2.into());
        self.banzhaf_absolute.iter().map(|swings| (Fraction::one() + swings) / &two).collect()
    }

    /// Whether nothing passes against this voter: it is critical in every winning coalition.
    ///
    /// # Panics
    /// If there is no such voter.
    pub fn has_veto(&self, voter: usize) -> bool {
        self.banzhaf_swings[voter] == self.winning_coalitions
    }

    /// Whether this voter never matters: it is critical nowhere.
    ///
    /// # Panics
    /// If there is no such voter.
    pub fn is_dummy(&self, voter: usize) -> bool {
        self.banzhaf_swings[voter].is_zero()
    }
}

/// The raw counts from which all indices follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Criticality {
    /// For each voter the shares it has part in; none if it never matters.
    pub(crate) of_voter: Vec<Option<usize>>,
    /// The counts, each once for all voters who have the same.
    pub(crate) shares: Vec<Shares>,
    /// The winning coalitions of all voters who are not `None`.
    pub(crate) winning: BigUint,
}

/// The counts of voters who have the same power. Voters who never matter are left out of all coalitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// How many voters they are.
    pub(crate) voters: usize,
    /// By the number of others: in how many coalitions of this many others and the voter it is critical.
    pub(crate) swings: Vec<BigUint>,
    /// By the number of others: in how many minimal winning coalitions the voter is.
    pub(crate) minimal: Vec<BigUint>,
    /// By the number of other critical members: in how many winning coalitions it is critical.
    pub(crate) shared: Vec<BigUint>,
}

impl Criticality {
    pub(crate) fn indices(&self) -> PowerIndices {
        let matter = self.of_voter.iter().flatten().count();
        let idle = self.of_voter.len() - matter;
        // Equal parts of up to so many voters are whole numbers of this unit.
        let unit = (1..=matter).fold(BigUint::one(), |unit, size| unit.lcm(&BigUint::from(size)));
        let swings: Vec<BigUint> = self.shares.iter().map(|of| of.swings.iter().sum()).collect();
        let members: Vec<BigUint> = self.shares.iter().map(|of| of.minimal.iter().sum()).collect();
        let minimal: Vec<BigUint> = self.shares.iter().map(|of| split(&of.minimal, &unit)).collect();
        let shared: Vec<BigUint> = self.shares.iter().map(|of| split(&of.shared, &unit)).collect();
        let pivots = pivots(matter, &unit);
        let shapley_shubik = self.shares.iter().map(|of| {
            let pivotal = of.swings.iter().zip(&pivots).map(|(count, each)| count * each).sum();
            fraction(pivotal, unit.clone())
        });
        let absolute = swings.iter().map(|swings| fraction(swings.clone(), BigUint::one() << (matter - 1)));
        let with_idle = |counts: &BigUint| counts << idle;
        PowerIndices {
            shapley_shubik: self.by_voter(&shapley_shubik.collect::<Vec<_>>(), &Fraction::zero()),
            banzhaf_absolute: self.by_voter(&absolute.collect::<Vec<_>>(), &Fraction::zero()),
            banzhaf_normalised: self.shared_out(&swings),
            banzhaf_swings: self.by_voter(&swings.iter().map(with_idle).collect::<Vec<_>>(), &BigUint::ZERO),
            deegan_packel: self.shared_out(&minimal),
            holler: self.shared_out(&members),
            johnston: self.shared_out(&shared),
            winning_coalitions: with_idle(&self.winning),
            minimal_winning_coalitions: self.total(&minimal) / unit,
        }
    }

    fn by_voter<T: Clone>(&self, each: &[T], none: &T) -> Vec<T> {
        self.of_voter.iter().map(|at| at.map_or_else(|| none.clone(), |at| each[at].clone())).collect()
    }

    /// The sum over all voters.
    fn total(&self, each: &[BigUint]) -> BigUint {
        self.shares.iter().zip(each).map(|(of, value)| value * of.voters).sum()
    }

    /// Each voter's part of the sum.
    fn shared_out(&self, each: &[BigUint]) -> Vec<Fraction> {
        let total = self.total(each);
        let parts: Vec<Fraction> = each.iter().map(|value| fraction(value.clone(), total.clone())).collect();
        self.by_voter(&parts, &Fraction::zero())
    }
}

/// By the number $s$ of others before a voter, the share $s!\\,(n-1-s)!/n!$ of the orders of $n$ voters in which these come before it,
/// in units of which each is a whole number: $\frac{1}{n \binom{n-1}{s}}$ is one of $\operatorname{lcm}(1, \dots, n)$.
fn pivots(voters: usize, unit: &BigUint) -> Vec<BigUint> {
    let mut share = unit / voters;
    let mut shares = Vec::with_capacity(voters);
    for others in 0..voters {
        shares.push(share.clone());
        if others + 1 < voters {
            share = share * (others + 1) / (voters - 1 - others);
        }
    }
    shares
}

/// One unit for each coalition, split equally among its members: the voter itself and this many others.
fn split(by_others: &[BigUint], unit: &BigUint) -> BigUint {
    by_others.iter().enumerate().map(|(others, count)| count * (unit / (others + 1))).sum()
}

fn fraction(above: BigUint, below: BigUint) -> Fraction {
    Fraction::new(above.into(), below.into())
}
