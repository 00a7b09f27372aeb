//! Weighted voting: a coalition wins if its weights reach the quota.

mod counting;

use std::fmt;

use crate::coalitions::{self, Coalitions, Tallied};
use crate::power::PowerIndices;

/// Why weights and a quota are no voting game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAGame {
    /// There are no voters.
    NoVoters,
    /// There are more voters than [`WeightedGame::MOST_VOTERS`].
    TooManyVoters(usize),
    /// The quota is zero, so that nobody's vote is needed.
    NoQuota,
    /// Not even all together reach the quota.
    OutOfReach {
        /// The quota.
        quota: u64,
        /// The sum of all weights.
        total: u64,
    },
    /// The weights sum to more than [`WeightedGame::MOST_WEIGHT`].
    TooHeavy,
    /// There are so many voters, and so large a quota, that the coalitions' sizes and weights fill more than
    /// [`WeightedGame::MOST_BYTES`]. In units of this weight they fill far less.
    TooLarge(u64),
}

impl fmt::Display for NotAGame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVoters => f.write_str("there are no voters"),
            Self::TooManyVoters(count) => {
                write!(f, "{count} voters are more than the {} that are allowed", WeightedGame::MOST_VOTERS)
            }
            Self::NoQuota => f.write_str("the quota is 0, so that even nobody's vote would win"),
            Self::OutOfReach { quota, total } => {
                write!(f, "the quota is {quota}, but all weights together are {total}")
            }
            Self::TooHeavy => write!(f, "the weights sum to more than {}", WeightedGame::MOST_WEIGHT),
            Self::TooLarge(_) => {
                f.write_str("the indices of these voters at this quota need too much memory")
            }
        }
    }
}

impl std::error::Error for NotAGame {}

/// Weights that have to be rounded are rounded so that a table takes no more, and is made in less than a minute.
const QUICK_BYTES: usize = WeightedGame::MOST_BYTES / 4;

/// A table of coalitions by size and weight that takes more is not made for a few voters.
const FEW_BYTES: usize = 4 << 20;

/// The next number from a unit on that is 1, 2 or 5 times a power of ten.
fn rounded_up(unit: usize) -> usize {
    let tens = (0..).map(|power| 10usize.pow(power));
    tens.flat_map(|ten| [ten, 2 * ten, 5 * ten]).find(|round| *round >= unit).unwrap_or(unit)
}

/// A weighted voting game $[q; w_1, \dots, w_n]$: a coalition $S$ wins if and only if $\sum_{i \in S} w_i \ge q$.
///
/// It may be that two disjoint coalitions win (a quota of half or less); the indices are defined all the same.
///
/// The council of the European Economic Community of 1958: with 12 of 17 votes needed, Luxembourg's single vote never
/// mattered.
///
/// ```
/// use counterplay_collective::weighted::WeightedGame;
/// let council = WeightedGame::new(12, &[4, 4, 4, 2, 2, 1])?;
/// assert!(council.wins(&[0, 1, 2]) && !council.wins(&[0, 1, 3, 5]));
/// assert!(council.is_dummy(5) && !council.is_dummy(4) && !council.has_veto(0));
/// assert_eq!(WeightedGame::simple_majority(&[4, 4, 4, 2, 2, 1])?.quota(), 9);
/// # Ok::<(), counterplay_collective::weighted::NotAGame>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightedGame {
    quota: usize,
    weights: Vec<usize>,
}

impl WeightedGame {
    /// The most voters.
    pub const MOST_VOTERS: usize = 1000;

    /// The most memory that a table of coalitions may take, in bytes; a few of them are worked on at once.
    pub const MOST_BYTES: usize = 256 << 20;

    /// The largest sum of the weights of more voters than have their coalitions gone through one by one.
    pub const MOST_WEIGHT: u64 = 1 << 28;

    /// The game with this quota and these weights.
    ///
    /// # Errors
    /// If there is nobody or too many, or the quota is zero or out of reach.
    pub fn new(quota: u64, weights: &[u64]) -> Result<Self, NotAGame> {
        let total = weights.iter().try_fold(0u64, |sum, &weight| sum.checked_add(weight));
        let most = if weights.len() <= coalitions::MOST_VOTERS { u64::MAX } else { Self::MOST_WEIGHT };
        let total = total.filter(|&t| t <= most).ok_or(NotAGame::TooHeavy)?;
        match weights.len() {
            0 => Err(NotAGame::NoVoters),
            count if count > Self::MOST_VOTERS => Err(NotAGame::TooManyVoters(count)),
            _ if quota == 0 => Err(NotAGame::NoQuota),
            _ if quota > total => Err(NotAGame::OutOfReach { quota, total }),
            _ => Ok(Self {
                quota: quota as usize,
                weights: weights.iter().map(|&weight| weight as usize).collect(),
            }),
        }
    }

    /// Whether the indices of power can be counted: the coalitions of a few voters are gone through, and those of many by their sizes and
    /// weights.
    ///
    /// # Errors
    /// If they are too many.
    pub fn countable(&self) -> Result<(), NotAGame> {
        if self.is_few() || self.table_bytes(1) <= Self::MOST_BYTES {
            return Ok(());
        }
        let most =
            (1..usize::BITS).map(|power| 1usize << power).find(|unit| self.table_bytes(*unit) <= QUICK_BYTES);
        Err(NotAGame::TooLarge(rounded_up(most.unwrap_or(1)) as u64))
    }

    /// Whether all coalitions can be gone through.
    fn is_few(&self) -> bool {
        self.weights.len() <= coalitions::MOST_VOTERS
    }

    /// The memory of a table of coalitions in units of some weight.
    fn table_bytes(&self, unit: usize) -> usize {
        let game = self.in_largest_units();
        let weights = game.weights.iter().map(|weight| weight.div_ceil(unit)).collect();
        counting::table_bytes(&Self { quota: game.quota.div_ceil(unit), weights })
    }

    /// The same game, with weights divided by their greatest common divisor.
    pub(crate) fn in_largest_units(&self) -> Self {
        let unit = self.weights.iter().fold(0, |unit, weight| num_integer::gcd(unit, *weight));
        Self {
            quota: self.quota.div_ceil(unit),
            weights: self.weights.iter().map(|weight| weight / unit).collect(),
        }
    }

    /// The game with the smallest quota that is more than half of all weights.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn simple_majority(weights: &[u64]) -> Result<Self, NotAGame> {
        let total = weights.iter().fold(0u64, |sum, &weight| sum.saturating_add(weight));
        Self::new(total / 2 + 1, weights)
    }

    /// The quota.
    pub fn quota(&self) -> usize {
        self.quota
    }

    /// The weights, voter by voter.
    pub fn weights(&self) -> &[usize] {
        &self.weights
    }

    /// The sum of all weights.
    pub fn total(&self) -> usize {
        self.weights.iter().sum()
    }

    /// Whether a coalition wins.
    ///
    /// # Panics
    /// If it names a voter that does not exist.
    pub fn wins(&self, coalition: &[usize]) -> bool {
        coalition.iter().map(|&voter| self.weights[voter]).sum::<usize>() >= self.quota
    }

    /// Whether nothing passes against this voter: it is in every winning coalition.
    ///
    /// # Panics
    /// If there is no such voter.
    pub fn has_veto(&self, voter: usize) -> bool {
        self.total() - self.weights[voter] < self.quota
    }

    /// Whether this voter never matters: no losing coalition wins by its joining.
    ///
    /// # Panics
    /// If there is no such voter.
    pub fn is_dummy(&self, voter: usize) -> bool {
        if self.is_few() {
            return self.power_indices().is_dummy(voter);
        }
        // It matters if the weights of some others sum to at least q - w, and to less than q.
        let mut reachable = vec![false; self.quota];
        reachable[0] = true;
        for (_, &weight) in self.weights.iter().enumerate().filter(|(other, _)| *other != voter) {
            for at in (weight..self.quota).rev() {
                reachable[at] |= reachable[at - weight];
            }
        }
        !reachable[self.quota.saturating_sub(self.weights[voter])..].contains(&true)
    }

    /// The minimal winning coalitions, those that lose by losing any member: at most `most` of them, the heaviest voters
    /// first, each in the order of weights; and whether these are all.
    ///
    /// ```
    /// use counterplay_collective::weighted::WeightedGame;
    /// let council = WeightedGame::new(12, &[4, 4, 4, 2, 2, 1])?;
    /// let (coalitions, complete) = council.minimal_winning_coalitions(100);
    /// assert_eq!(coalitions, [vec![0, 1, 2], vec![0, 1, 3, 4], vec![0, 2, 3, 4], vec![1, 2, 3, 4]]);
    /// assert!(complete && !council.minimal_winning_coalitions(2).1);
    /// # Ok::<(), counterplay_collective::weighted::NotAGame>(())
    /// ```
    pub fn minimal_winning_coalitions(&self, most: usize) -> (Vec<Vec<usize>>, bool) {
        let mut order: Vec<usize> = (0..self.weights.len()).collect();
        order.sort_by_key(|&voter| (std::cmp::Reverse(self.weights[voter]), voter));
        let mut rest: Vec<usize> = vec![0; order.len() + 1];
        for at in (0..order.len()).rev() {
            rest[at] = rest[at + 1] + self.weights[order[at]];
        }
        let mut search = Search { game: self, order, rest, most, found: Vec::new(), complete: true };
        search.extend(0, 0, &mut Vec::new());
        (search.found, search.complete)
    }

    /// The indices of power.
    ///
    /// # Panics
    /// If the game is not [`countable`](Self::countable).
    pub fn power_indices(&self) -> PowerIndices {
        self.countable().expect("such a game has too many coalitions");
        // A large table takes longer than all coalitions of a few voters do.
        if self.is_few() && self.table_bytes(1) > FEW_BYTES {
            let tallied = Tallied::new(self.quota, &self.weights);
            let listed = Coalitions::new(self.weights.len(), |coalition| tallied.wins(coalition));
            return listed.expect("the quota is above nothing and within reach").criticality().indices();
        }
        counting::count(&self.in_largest_units()).indices()
    }
}

/// A search for minimal winning coalitions that adds voters from the heaviest to the lightest: the last one added is the
/// lightest, and if the coalition lost without that one, it would lose without any.
struct Search<'a> {
    game: &'a WeightedGame,
    order: Vec<usize>,
    /// The weight of all voters from a position of the order on.
    rest: Vec<usize>,
    most: usize,
    found: Vec<Vec<usize>>,
    complete: bool,
}

impl Search<'_> {
    fn extend(&mut self, from: usize, weight: usize, members: &mut Vec<usize>) {
        for at in from..self.order.len() {
            if !self.complete || weight + self.rest[at] < self.game.quota {
                return;
            }
            let voter = self.order[at];
            members.push(voter);
            let joined = weight + self.game.weights[voter];
            if joined < self.game.quota {
                self.extend(at + 1, joined, members);
            } else if self.found.len() < self.most {
                self.found.push(members.clone());
            } else {
                self.complete = false;
            }
            members.pop();
        }
    }
}
