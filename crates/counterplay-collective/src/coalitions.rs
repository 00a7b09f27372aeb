//! All coalitions of a few voters, one bit each: which win, and who is critical in them.
//!
//! A coalition is a number whose bits are its members. Sixty-four coalitions, which differ in the first six voters, lie in one word, so
//! that each step goes through all of them at once.

use num_bigint::BigUint;
use rayon::prelude::*;

use crate::power::{Criticality, Shares};

/// The most voters: 2²⁸ coalitions take 32 MiB.
pub(crate) const MOST_VOTERS: usize = 28;

/// The voters whose presence tells the coalitions of one word apart.
const WITHIN: usize = 6;

/// For each of these voters, the coalitions of a word in which it is.
const MEMBERS: [u64; WITHIN] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

/// Numbers below 2⁵ are counted, bit by bit.
const PLANES: usize = 5;

/// Which coalitions win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Coalitions {
    voters: usize,
    winning: Vec<u64>,
}

/// The counts for one voter, as of [`Shares`].
#[derive(Clone)]
struct Counts {
    swings: Vec<u64>,
    minimal: Vec<u64>,
    shared: Vec<u64>,
}

/// The coalitions of a word that win, and what is critical in them.
struct Word {
    winning: u64,
    /// For each voter, the coalitions in which it is critical.
    critical: Vec<u64>,
    /// Those in which all members are.
    minimal: u64,
}

impl Coalitions {
    /// The coalitions that win of at most [`MOST_VOTERS`] voters and at least one; `None` if that of nobody wins, that of all loses, or
    /// one loses by gaining a member.
    pub(crate) fn new(voters: usize, wins: impl Fn(u32) -> bool + Sync) -> Option<Self> {
        let words = 1usize << voters.saturating_sub(WITHIN);
        let within = 1u32 << voters.min(WITHIN);
        let word = |at: usize| {
            let of = |k: u32| u64::from(wins((at as u32) << WITHIN | k)) << k;
            (0..within).map(of).fold(0, |word, bit| word | bit)
        };
        let winning: Vec<u64> = (0..words).into_par_iter().map(word).collect();
        let found = Self { voters, winning };
        let proper = !found.wins(0) && found.wins((1u64 << voters) as usize - 1);
        (proper && (0..words).into_par_iter().all(|at| found.is_monotone(at))).then_some(found)
    }

    fn wins(&self, coalition: usize) -> bool {
        self.winning[coalition >> WITHIN] >> (coalition % (1 << WITHIN)) & 1 == 1
    }

    /// Whether no coalition of a word that wins has a larger one that loses.
    fn is_monotone(&self, at: usize) -> bool {
        (0..self.voters).all(|voter| {
            let with = match voter.checked_sub(WITHIN) {
                None => self.winning[at] << (1u32 << voter) & MEMBERS[voter] & !self.winning[at],
                Some(bit) => self.winning[at] & !self.winning[at | 1 << bit],
            };
            // Beyond the last coalition of a word that is not full there is none.
            let all = if self.voters < WITHIN { (1u64 << (1 << self.voters)) - 1 } else { u64::MAX };
            with & all == 0
        })
    }

    /// The coalitions of a word in which a voter is.
    fn members(at: usize, voter: usize) -> u64 {
        match voter.checked_sub(WITHIN) {
            None => MEMBERS[voter],
            Some(bit) if at >> bit & 1 == 1 => u64::MAX,
            Some(_) => 0,
        }
    }

    fn word(&self, at: usize) -> Word {
        let winning = self.winning[at];
        let critical = |voter: usize| {
            let without = match voter.checked_sub(WITHIN) {
                None => winning << (1u32 << voter),
                Some(bit) => self.winning[at & !(1 << bit)],
            };
            winning & Self::members(at, voter) & !without
        };
        let critical: Vec<u64> = (0..self.voters).map(critical).collect();
        let idle = |(voter, critical): (usize, &u64)| winning & Self::members(at, voter) & !critical;
        let some_idle = critical.iter().enumerate().map(idle).fold(0, |any, idle| any | idle);
        Word { winning, critical, minimal: winning & !some_idle }
    }

    /// The counts from which all indices of power follow.
    pub(crate) fn criticality(&self) -> Criticality {
        let none = Counts {
            swings: vec![0; self.voters],
            minimal: vec![0; self.voters],
            shared: vec![0; self.voters],
        };
        let nothing = || (vec![none.clone(); self.voters], 0u64);
        let (counts, winning) = (0..self.winning.len())
            .into_par_iter()
            .fold(nothing, |(mut counts, winning), at| {
                let word = self.word(at);
                word.count(at, &mut counts);
                (counts, winning + u64::from(word.winning.count_ones()))
            })
            .reduce(nothing, |(mut one, some), (other, more)| {
                for (one, other) in one.iter_mut().zip(&other) {
                    one.add(other);
                }
                (one, some + more)
            });
        let shares = |of: Counts| Shares {
            voters: 1,
            swings: of.swings.into_iter().map(BigUint::from).collect(),
            minimal: of.minimal.into_iter().map(BigUint::from).collect(),
            shared: of.shared.into_iter().map(BigUint::from).collect(),
        };
        Criticality {
            of_voter: (0..self.voters).map(Some).collect(),
            shares: counts.into_iter().map(shares).collect(),
            winning: winning.into(),
        }
    }

    /// The minimal winning coalitions, the smallest first and those of earlier voters before others: at most `most`, and whether these
    /// are all.
    pub(crate) fn minimal(&self, most: usize) -> (Vec<Vec<usize>>, bool) {
        let of = |at: usize| {
            let minimal = self.word(at).minimal;
            (0..64).filter(move |k| minimal >> k & 1 == 1).map(move |k| at << WITHIN | k)
        };
        let mut all: Vec<usize> = (0..self.winning.len()).into_par_iter().flat_map_iter(of).collect();
        all.sort_by_key(|coalition| (coalition.count_ones(), coalition.reverse_bits()));
        let complete = all.len() <= most;
        let members = |coalition: usize| (0..self.voters).filter(|v| coalition >> v & 1 == 1).collect();
        (all.into_iter().take(most).map(members).collect(), complete)
    }
}

impl Word {
    fn count(&self, at: usize, counts: &mut [Counts]) {
        if self.winning == 0 {
            return;
        }
        let before = at.count_ones() as usize;
        let alike = by_number_critical(&self.critical);
        for (voter, (critical, counts)) in self.critical.iter().zip(counts).enumerate() {
            let minimal = self.minimal & Coalitions::members(at, voter);
            for (within, of_size) in SIZES.iter().enumerate() {
                // The voter itself is one of them.
                let Some(others) = (before + within).checked_sub(1) else { continue };
                if let Some(swings) = counts.swings.get_mut(others) {
                    *swings += u64::from((critical & of_size).count_ones());
                    counts.minimal[others] += u64::from((minimal & of_size).count_ones());
                }
            }
            if *critical > 0 {
                for (number, of_number) in &alike {
                    counts.shared[number - 1] += u64::from((critical & of_number).count_ones());
                }
            }
        }
    }
}

/// For each number of members, the coalitions of a word that have it.
const SIZES: [u64; WITHIN + 1] = {
    let mut sizes = [0; WITHIN + 1];
    let mut coalition = 0u32;
    while coalition < 64 {
        sizes[coalition.count_ones() as usize] |= 1 << coalition;
        coalition += 1;
    }
    sizes
};

/// The coalitions of a word by how many of their members are critical, where any is.
fn by_number_critical(critical: &[u64]) -> Vec<(usize, u64)> {
    let mut planes = [0u64; PLANES];
    for &own in critical {
        let mut carry = own;
        for plane in &mut planes {
            (*plane, carry) = (*plane ^ carry, *plane & carry);
        }
    }
    let has = |number: usize| {
        let of = |(bit, plane): (usize, &u64)| if number >> bit & 1 == 1 { *plane } else { !plane };
        planes.iter().enumerate().map(of).fold(u64::MAX, |all, one| all & one)
    };
    (1..=critical.len()).map(|number| (number, has(number))).filter(|(_, some)| *some > 0).collect()
}

impl Counts {
    fn add(&mut self, other: &Self) {
        let all = |counts: &mut Vec<u64>, more: &[u64]| {
            for (count, more) in counts.iter_mut().zip(more) {
                *count += more;
            }
        };
        all(&mut self.swings, &other.swings);
        all(&mut self.minimal, &other.minimal);
        all(&mut self.shared, &other.shared);
    }
}

/// Weights and a quota, with the weight of each coalition of the first voters and of each of the others looked up.
pub(crate) struct Tallied {
    quota: usize,
    low: Vec<usize>,
    high: Vec<usize>,
}

/// The voters whose coalitions are looked up together.
const HALF: usize = 14;

impl Tallied {
    pub(crate) fn new(quota: usize, weights: &[usize]) -> Self {
        let (low, high) = weights.split_at(HALF.min(weights.len()));
        Self { quota, low: tallies(low), high: tallies(high) }
    }

    pub(crate) fn wins(&self, coalition: u32) -> bool {
        let low = self.low[(coalition & ((1 << HALF) - 1)) as usize];
        low + self.high[(coalition >> HALF) as usize] >= self.quota
    }
}

/// The weight of each coalition.
fn tallies(weights: &[usize]) -> Vec<usize> {
    let mut sums = vec![0; 1 << weights.len()];
    for coalition in 1..sums.len() {
        let first = coalition.trailing_zeros() as usize;
        sums[coalition] = sums[coalition & (coalition - 1)] + weights[first];
    }
    sums
}
