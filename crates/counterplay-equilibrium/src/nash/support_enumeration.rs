//! All equilibria of two-player games, by enumerating supports.
//!
//! A profile $(x, y)$ is an equilibrium exactly if every strategy in the support of one is a best reply to the
//! other. For a set of replies $I$ of one player and a support $J$ of the other of the same size, at most one mixed
//! strategy on $J$ makes all of $I$ indifferent, unless the game is degenerate there (Dickhaut and Kaplan 1991).
//! Sets in which a reply is strictly dominated given $J$ are passed over (Porter, Nudelman and Shoham 2008).
//!
//! The two sides of a pair of supports are kept apart. Each side's solutions with $I$ among the best replies are
//! then exactly the vertices of its best-reply polyhedron, and all pairs of vertices that reply to each other are
//! the extreme equilibria (Mangasarian 1964). They are all of them also in degenerate games, where supports of
//! unequal size occur; the set of equilibria is the union of the products of convex hulls of those that can be
//! exchanged for each other (Avis, Rosenberg, Savani and von Stengel 2010).

use counterplay_game::rational::Rational;
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::nash::bimatrix::{Bimatrix, MixedProfile};
use crate::nash::tableau::solve;

/// How much to spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The most systems of equations to solve.
    pub max_systems: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_systems: 10_000_000 }
    }
}

/// How the enumeration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All extreme equilibria are found.
    Complete,
    /// The budget was spent: there may be more, and components that seem separate may be connected.
    OutOfBudget,
}

/// The equilibria of a two-player game.
#[derive(Clone, Debug, PartialEq)]
pub struct Equilibria {
    /// The extreme equilibria, smaller supports first.
    pub extreme: Vec<MixedProfile>,
    /// The connected components of the set of equilibria: which extreme equilibria each of them holds. One that holds
    /// several is a continuum, one that holds a single one is that point.
    pub components: Vec<Vec<usize>>,
    /// Whether some extreme point of a best-reply polyhedron has more best replies than its support has strategies,
    /// where strictly dominated strategies are left out. If not, every component is a point and their number is odd
    /// (Lemke and Howson 1964).
    pub degenerate: bool,
    /// How the enumeration ended.
    pub status: Status,
    /// The systems of equations that were solved.
    pub systems: u64,
}

impl Equilibria {
    /// Whether some equilibria form a continuum.
    pub fn has_continuum(&self) -> bool {
        self.components.iter().any(|component| component.len() > 1)
    }
}

/// A mixed strategy with its support and the other player's best replies to it.
struct Vertex {
    mixed: Vec<Rational>,
    support: Vec<usize>,
    replies: Vec<bool>,
}

/// All equilibria of a two-player game: the extreme ones, and which of them belong together.
///
/// Takes time that grows exponentially with the number of strategies: with $m$ and $n$ of them, at most
/// $2\binom{m+n}{n}$ systems of equations.
pub fn all_equilibria(game: &Bimatrix, settings: &Settings) -> Equilibria {
    let mut budget = settings.max_systems;
    let first = vertices(game.payoffs(1), game.payoffs(0), &mut budget);
    let second = vertices(game.payoffs(0), game.payoffs(1), &mut budget);
    let degenerate = first.iter().chain(&second).any(Vertex::is_degenerate);
    let mut pairs = Vec::new();
    for (i, x) in first.iter().enumerate() {
        pairs.extend(
            (0..second.len()).filter(|&j| x.answers(&second[j]) && second[j].answers(x)).map(|j| (i, j)),
        );
    }
    pairs.sort_by_key(|&(i, j)| (first[i].support.len() + second[j].support.len(), i, j));
    let extreme = pairs.iter().map(|&(i, j)| vec![first[i].mixed.clone(), second[j].mixed.clone()]).collect();
    let status = if budget == 0 { Status::OutOfBudget } else { Status::Complete };
    let systems = settings.max_systems - budget;
    Equilibria { extreme, components: components(&pairs), degenerate, status, systems }
}

impl Vertex {
    fn answers(&self, other: &Self) -> bool {
        self.support.iter().all(|&s| other.replies[s])
    }

    fn is_degenerate(&self) -> bool {
        self.replies.iter().filter(|&&best| best).count() > self.support.len()
    }
}

/// The mixed strategies of a player that are the only ones on their support to make their best replies equally
/// good. `replies` holds the other player's payoffs by its reply and then by the strategy mixed; `own` those of the
/// player who mixes.
fn vertices(replies: &[Vec<BigInt>], own: &[Vec<BigInt>], budget: &mut u64) -> Vec<Vertex> {
    let all: Vec<usize> = (0..replies.len()).collect();
    // A strategy that is strictly dominated is in no equilibrium.
    let useful = undominated(own, &all);
    let mut found: Vec<Vertex> = Vec::new();
    for size in 1..=useful.len().min(replies.len()) {
        for support in subsets(&useful, size) {
            let before = found.len();
            for chosen in subsets(&undominated(replies, &support), size) {
                if *budget == 0 {
                    return found;
                }
                *budget -= 1;
                let vertex = vertex(replies, &chosen, &support);
                // In degenerate games several sets of replies lead to the same point.
                found.extend(vertex.filter(|v| found[before..].iter().all(|w| w.mixed != v.mixed)));
            }
        }
    }
    found
}

/// The replies to which none is strictly better against each strategy of `support`.
fn undominated(replies: &[Vec<BigInt>], support: &[usize]) -> Vec<usize> {
    let better = |a: &[BigInt], b: &[BigInt]| support.iter().all(|&j| a[j] > b[j]);
    (0..replies.len()).filter(|&i| !replies.iter().any(|row| better(row, &replies[i]))).collect()
}

/// The mixed strategy with exactly this support to which all `chosen` replies are best, if there is exactly one that
/// makes them equally good.
fn vertex(replies: &[Vec<BigInt>], chosen: &[usize], support: &[usize]) -> Option<Vertex> {
    let difference = |i: usize, j: usize| &replies[i][j] - &replies[chosen[0]][j];
    let mut rows: Vec<Vec<BigInt>> = chosen[1..]
        .iter()
        .map(|&i| support.iter().map(|&j| difference(i, j)).chain([BigInt::zero()]).collect())
        .collect();
    rows.push(vec![BigInt::one(); support.len() + 1]);
    let (mut weights, denominator) = solve(rows)?;
    if denominator.is_negative() {
        weights = weights.iter().map(|w| -w).collect();
    }
    if !weights.iter().all(Signed::is_positive) {
        return None;
    }
    let payoff = |row: &Vec<BigInt>| support.iter().zip(&weights).map(|(&j, w)| &row[j] * w).sum::<BigInt>();
    let payoffs: Vec<_> = replies.iter().map(payoff).collect();
    let best = payoffs.iter().max()?;
    if payoffs[chosen[0]] != *best {
        return None;
    }
    let mut mixed = vec![Rational::zero(); replies[0].len()];
    for (&j, weight) in support.iter().zip(&weights) {
        mixed[j] = Rational::new(weight.clone(), denominator.abs());
    }
    Some(Vertex { mixed, support: support.to_vec(), replies: payoffs.iter().map(|w| w == best).collect() })
}

/// The subsets of `items` of one size, in lexicographic order.
fn subsets(items: &[usize], size: usize) -> impl Iterator<Item = Vec<usize>> + use<'_> {
    let mut next: Option<Vec<usize>> = (size <= items.len()).then(|| (0..size).collect());
    std::iter::from_fn(move || {
        let now = next.take()?;
        next = (0..size).rev().find(|&k| now[k] < items.len() - size + k).map(|k| {
            let mut later = now.clone();
            (k..size).for_each(|l| later[l] = now[k] + 1 + l - k);
            later
        });
        Some(now.iter().map(|&k| items[k]).collect())
    })
}

/// Groups pairs that are connected by a shared first or second member, in the order of their first pairs.
fn components(pairs: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut group: Vec<Option<usize>> = vec![None; pairs.len()];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for start in 0..pairs.len() {
        if group[start].is_some() {
            continue;
        }
        let mut reached = vec![start];
        group[start] = Some(groups.len());
        let mut at = 0;
        while at < reached.len() {
            let (i, j) = pairs[reached[at]];
            for (k, pair) in pairs.iter().enumerate() {
                if group[k].is_none() && (pair.0 == i || pair.1 == j) {
                    group[k] = Some(groups.len());
                    reached.push(k);
                }
            }
            at += 1;
        }
        reached.sort_unstable();
        groups.push(reached);
    }
    groups
}
