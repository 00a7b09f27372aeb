//! Counting swings, minimal winning coalitions and critical members by generating functions, once for each weight.
//!
//! With the weights $v_0 > v_1 > \dots$ of the classes of voters and a quota $q$, all is read off two series that begin with the heaviest
//! class and go on to the lightest: $C_k$, in which the classes up to $k$ count and the others are absent, and $T_k$, in which the
//! others are there without counting. With an excess $e$ over the quota, $v_{k+1} \le e < v_k$, the members of the classes up to $k$
//! are the critical ones: by how many they are, $[t^{q-1}]\\,(t^{-v_k} - t^{-v_{k+1}})\\,T_k$ counts winning coalitions, and with $C_k$
//! those that have no others, the minimal ones. What a voter of class $c$ shares in is the derivative by its factor: its other
//! members are counted by
//! $$ [t^{q-1}]\\; \frac{t^{v_c}}{1 + y\\,t^{v_c}} \sum_{k \ge c} (t^{-v_k} - t^{-v_{k+1}})\\,T_k, $$
//! and division by $1 + y\\,t^{v_c}$ needs only every $v_c$-th power.

use num_bigint::BigUint;
use num_traits::One;
use rayon::prelude::*;

use super::WeightedGame;
use crate::power::{Criticality, Shares};
use crate::residue::{Moduli, difference, sum};
use crate::table::{Table, uncounted};

/// Voters of the same weight have the same power. Those without any weight have none, and are in no class.
#[derive(Clone, Debug)]
struct Classes {
    quota: usize,
    /// The distinct weights, heaviest first.
    weights: Vec<usize>,
    /// How many voters have each.
    members: Vec<usize>,
    /// How many members a losing coalition can have, and one: the number of their sizes.
    sizes: usize,
}

impl Classes {
    fn of(game: &WeightedGame) -> Self {
        // All who win alone are alike.
        let weights = game.weights().iter().map(|&weight| weight.min(game.quota()));
        let mut sorted: Vec<usize> = weights.filter(|&weight| weight > 0).collect();
        sorted.sort_unstable();
        let mut free = game.quota() - 1;
        let losing =
            sorted.iter().take_while(|&&weight| free.checked_sub(weight).map(|f| free = f).is_some());
        let sizes = losing.count() + 1;
        sorted.reverse();
        let same: Vec<&[usize]> = sorted.chunk_by(|a, b| a == b).collect();
        let (weights, members) = same.iter().map(|class| (class[0], class.len())).unzip();
        Self { quota: game.quota(), weights, members, sizes }
    }

    fn voters(&self) -> usize {
        self.members.iter().sum()
    }

    /// The weights of all voters but those of the heaviest class, heaviest first.
    fn lighter(&self) -> impl Iterator<Item = usize> {
        let each = self.weights.iter().zip(&self.members).skip(1);
        each.flat_map(|(&weight, &members)| std::iter::repeat_n(weight, members))
    }
}

/// By class, then by a number of other members.
type ByClass = Vec<Vec<u32>>;

/// The counts modulo one number.
struct Counted {
    swings: ByClass,
    minimal: ByClass,
    shared: ByClass,
    losing: u32,
}

/// While coalitions are counted modulo one number there are this many tables, if one for as large a power of $t$ as the heaviest weight
/// and the quota together is taken for two.
const TABLES: usize = 6;
/// Moduli that together take more than this are taken in turn.
const MOST_BYTES_AT_ONCE: usize = 2 << 30;

/// The memory of one table, in bytes.
pub(super) fn table_bytes(game: &WeightedGame) -> usize {
    Table::bytes(game.quota(), Classes::of(game).sizes)
}

/// What the indices of a game follow from.
pub(super) fn count(game: &WeightedGame) -> Criticality {
    let classes = Classes::of(game);
    // No count is larger than the number of coalitions.
    let moduli = Moduli::for_bits(classes.voters() + 1);
    let at_once = (MOST_BYTES_AT_ONCE / (TABLES * table_bytes(game))).max(1);
    let some = moduli.list().chunks(at_once);
    let counted: Vec<Counted> = some.flat_map(|some| classes.counted_modulo_each(some)).collect();
    let numbers = |class: usize, of: fn(&Counted) -> &ByClass| -> Vec<BigUint> {
        let number = |others: usize| moduli.number(counted.iter().map(|counted| of(counted)[class][others]));
        (0..classes.sizes).map(number).collect()
    };
    let shares = (0..classes.weights.len()).into_par_iter().map(|class| Shares {
        voters: classes.members[class],
        swings: numbers(class, |counted| &counted.swings),
        minimal: numbers(class, |counted| &counted.minimal),
        shared: numbers(class, |counted| &counted.shared),
    });
    let class_of = |&weight: &usize| match weight.min(game.quota()) {
        0 => None,
        weight => Some(classes.weights.partition_point(|&other| other > weight)),
    };
    let losing = moduli.number(counted.iter().map(|counted| counted.losing));
    Criticality {
        of_voter: game.weights().iter().map(class_of).collect(),
        winning: (BigUint::one() << classes.voters()) - losing,
        shares: shares.collect(),
    }
}

impl Classes {
    fn counted_modulo_each(&self, moduli: &[u32]) -> Vec<Counted> {
        moduli.par_iter().map(|&modulus| self.counted(modulus)).collect()
    }

    fn counted(&self, modulus: u32) -> Counted {
        let (shared, (minimal, (swings, losing))) = rayon::join(
            || {
                let others = uncounted(modulus, self.quota, self.lighter());
                self.critical(modulus, &others, Table::let_count).0
            },
            || {
                let (minimal, table) = self.critical(modulus, &vec![1; self.quota], Table::add);
                (minimal, self.swings(modulus, &table))
            },
        );
        Counted { swings, minimal, shared, losing }
    }

    /// By class and number of other critical members, the coalitions in which a voter of the class is critical: all winning ones if
    /// the lighter voters are there at first and `step` lets one of them count, the minimal ones if they are not and it adds one.
    /// And the series in which all voters count.
    fn critical(&self, modulus: u32, others: &[u32], step: fn(&mut Table, usize, usize)) -> (ByClass, Table) {
        let (heaviest, members) = (self.weights[0], self.members[0]);
        let mut table = Table::of_class(modulus, self.sizes, others, heaviest, members);
        // Powers of t from that of the heaviest weight below zero on, which division by the factor of a voter brings up.
        let mut between = Table::zero(modulus, self.quota + heaviest, self.sizes);
        let last = self.quota - 1 + heaviest;
        let mut heavier = Vec::with_capacity(self.weights.len());
        for (class, &weight) in self.weights.iter().enumerate() {
            if class > 0 {
                step(&mut table, weight, self.members[class]);
            }
            heavier.push(between.leaving(weight, last));
            let next = self.weights.get(class + 1).copied().unwrap_or(0);
            between.add_between(&table, heaviest - weight, weight - next);
        }
        let own = |(&weight, heavier): (&usize, Vec<u32>)| {
            let all = between.leaving(weight, last);
            all.iter().zip(heavier).map(|(&all, heavier)| difference(all, heavier, modulus)).collect()
        };
        (self.weights.iter().zip(heavier).map(own).collect(), table)
    }

    /// By class and number of others, the coalitions that a voter of the class makes win, from the series in which all count; and the
    /// number of losing coalitions. Without the voter, a weight below $q$ is one of at most $q - 1$, less those with the voter.
    fn swings(&self, modulus: u32, table: &Table) -> (ByClass, u32) {
        let of_class = |&weight: &usize| {
            let lighter = table.leaving(weight, self.quota - 1);
            // Those that lose without the voter, less those that lose with it.
            let with = std::iter::once(0).chain(lighter.iter().copied());
            let lose = table.last().iter().zip(with).map(|(&all, with)| difference(all, with, modulus));
            lose.zip(&lighter).map(|(lose, &still)| difference(lose, still, modulus)).collect()
        };
        let losing = table.last().iter().fold(0, |total, &count| sum(total, count, modulus));
        (self.weights.iter().map(of_class).collect(), losing)
    }
}
