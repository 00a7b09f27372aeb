//! Counting swings, minimal winning coalitions and critical members by generating functions, once for each weight.

use std::ops::Range;

use num_bigint::BigUint;
use num_traits::One;
use rayon::prelude::*;

use crate::count::Count;
use crate::table::{Table, sum_within};
use crate::weighted::WeightedGame;

/// Voters of the same weight have the same power.
#[derive(Clone, Debug)]
pub(crate) struct Classes {
    /// The distinct weights, heaviest first.
    weights: Vec<usize>,
    /// How many voters have each.
    sizes: Vec<usize>,
    /// The class of each voter.
    pub(crate) of_voter: Vec<usize>,
}

impl Classes {
    pub(crate) fn of(game: &WeightedGame) -> Self {
        let mut weights = game.weights().to_vec();
        weights.sort_unstable_by(|a, b| b.cmp(a));
        weights.dedup();
        let of_voter: Vec<usize> =
            game.weights().iter().map(|w| weights.partition_point(|other| other > w)).collect();
        let mut sizes = vec![0; weights.len()];
        for &class in &of_voter {
            sizes[class] += 1;
        }
        Self { weights, sizes, of_voter }
    }

    fn len(&self) -> usize {
        self.weights.len()
    }

    /// The weights of all voters of some classes, heaviest first.
    fn voters(&self, classes: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
        classes.flat_map(|class| std::iter::repeat_n(self.weights[class], self.sizes[class]))
    }
}

/// For each class, counts by a number of others.
type ByClass = Vec<Vec<BigUint>>;

/// What [`Criticality`](super::Criticality) holds for each voter, here for each class.
pub(crate) struct Counted {
    pub(crate) swings: ByClass,
    pub(crate) minimal: ByClass,
    pub(crate) shared: ByClass,
    pub(crate) winning: BigUint,
}

/// Counts with numbers that are just wide enough: a count is at most $2^n$.
pub(crate) fn count(game: &WeightedGame, classes: &Classes) -> Counted {
    macro_rules! with_words {
        ($($words:literal)*) => {
            match game.weights().len() / 64 + 1 {
                $($words => count_within::<$words>(game, classes),)*
                _ => count_within::<16>(game, classes),
            }
        };
    }
    with_words!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
}

fn count_within<const L: usize>(game: &WeightedGame, classes: &Classes) -> Counted {
    let (swings, winning) = swings::<L>(game, classes);
    Counted { swings, winning, minimal: minimal::<L>(game, classes), shared: shared::<L>(game, classes) }
}

/// For each class and number of others, the coalitions that a voter of the class makes win; and the number of winning
/// coalitions.
///
/// Losing coalitions are counted in the game itself or in its dual, whose quota is what just blocks: in whichever has the
/// smaller quota. A voter is critical in the dual to the others' complement of the coalitions in which it is critical here.
fn swings<const L: usize>(game: &WeightedGame, classes: &Classes) -> (ByClass, BigUint) {
    let blocking = game.total() - game.quota() + 1;
    let dual = blocking < game.quota();
    let quota = if dual { blocking } else { game.quota() };
    let mut table = Table::<L>::empty(quota);
    classes.voters(0..classes.len()).for_each(|weight| table.add(weight));
    let swings = classes.weights.par_iter().map(|&weight| {
        let mut by_size = big(&table.counts_without(weight, &(quota.saturating_sub(weight)..quota)));
        if dual {
            by_size.reverse();
        }
        by_size
    });
    let losing = table.total(&(0..quota)).to_big();
    let winning = if dual { losing } else { (BigUint::one() << game.weights().len()) - losing };
    (swings.collect(), winning)
}

/// For each class and number of others, the minimal winning coalitions with a given voter of the class.
///
/// A minimal winning coalition has $t \ge 1$ members of some lightest class, of weight $w$, and heavier ones that lack more
/// than $(t-1)w$ and at most $tw$ of the quota; which ones of the lightest class they are is free.
fn minimal<const L: usize>(game: &WeightedGame, classes: &Classes) -> ByClass {
    let mut heavier = Table::<L>::empty(game.quota());
    let mut tables = Vec::with_capacity(classes.len());
    for class in 0..classes.len() {
        tables.push(heavier.clone());
        classes.voters(class..class + 1).for_each(|weight| heavier.add(weight));
    }
    let by_lightest = tables.par_iter().enumerate().map(|(lightest, heavier)| {
        let with_heavier = |class: usize| {
            let mut ways = Completions::new(game, classes, lightest, classes.weights[class], 0);
            heavier.visit_without(classes.weights[class], |size, row| ways.complete(size, row));
            ways.counts
        };
        let mut with_lightest = Completions::new(game, classes, lightest, 0, 1);
        heavier.visit(|size, row| with_lightest.complete(size, row));
        (0..lightest).map(with_heavier).chain([with_lightest.counts]).collect()
    });
    summed(by_lightest.collect(), game, classes)
}

/// Counts the coalitions that members of the lightest class complete to minimal winning ones.
struct Completions {
    /// For each number of them, the weight of what they complete, and the ways to choose them.
    choices: Vec<(Range<usize>, BigUint)>,
    /// Whether the voter whose coalitions are counted is among them, as a number.
    own: usize,
    /// By the number of others.
    counts: Vec<BigUint>,
}

impl Completions {
    /// A voter of weight `apart` is in all coalitions, and not in what is completed; or, if `own` is 1, it is one of the
    /// lightest.
    fn new(game: &WeightedGame, classes: &Classes, lightest: usize, apart: usize, own: usize) -> Self {
        let (weight, members) = (classes.weights[lightest], classes.sizes[lightest]);
        let lacking = |members: usize| game.quota().saturating_sub(members * weight + apart);
        let choice = |t: usize| (lacking(t)..lacking(t - 1), binomial(members - own, t - own));
        let choices = (1..=members).map(choice).collect();
        Self { choices, own, counts: vec![BigUint::ZERO; game.weights().len()] }
    }

    fn complete<const L: usize>(&mut self, size: usize, row: &[Count<L>]) {
        for (t, (weights, ways)) in self.choices.iter().enumerate() {
            let count = sum_within(row, weights);
            if count != Count::ZERO {
                self.counts[size + t + 1 - self.own] += ways * count.to_big();
            }
        }
    }
}

/// For each class and number of other critical members, the winning coalitions in which a given voter of the class is critical.
///
/// With an excess of $e$ over the quota, the members heavier than $e$ are critical. So for each stretch of excesses between
/// two neighbouring weights, the heavy voters are counted by number and the light ones are not.
fn shared<const L: usize>(game: &WeightedGame, classes: &Classes) -> ByClass {
    let mut table = Table::<L>::empty(game.quota());
    classes.voters(0..classes.len()).for_each(|weight| table.add_uncounted(weight));
    let stretch = |lightest: usize| {
        for weight in classes.voters(lightest..lightest + 1) {
            table.remove_uncounted(weight);
            table.add(weight);
        }
        let least = classes.weights.get(lightest + 1).copied().unwrap_or(0);
        let excesses = least..classes.weights[lightest];
        let one = |&own: &usize| {
            let lacking = |excess: usize| (game.quota() + excess).saturating_sub(own);
            big(&table.counts_without(own, &(lacking(excesses.start)..lacking(excesses.end))))
        };
        classes.weights[..=lightest].par_iter().map(one).collect()
    };
    summed((0..classes.len()).map(stretch).collect(), game, classes)
}

fn summed(parts: Vec<ByClass>, game: &WeightedGame, classes: &Classes) -> ByClass {
    let mut total = vec![vec![BigUint::ZERO; game.weights().len()]; classes.len()];
    for (class, counts) in parts.into_iter().flat_map(|part| part.into_iter().enumerate()) {
        for (sum, count) in total[class].iter_mut().zip(counts) {
            *sum += count;
        }
    }
    total
}

fn binomial(from: usize, choose: usize) -> BigUint {
    num_integer::binomial(BigUint::from(from), BigUint::from(choose))
}

fn big<const L: usize>(counts: &[Count<L>]) -> Vec<BigUint> {
    counts.iter().map(|count| count.to_big()).collect()
}
