//! Indices of power of bodies with many voters of few weights: all coalitions are gone through by how many of each weight they have,
//! in code that shares nothing with the generating functions.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterplay_collective::weighted::WeightedGame;
use num_bigint::BigInt;
use num_rational::BigRational;

/// Voters of one weight.
struct Class {
    weight: u64,
    members: u64,
}

/// $\prod_{k=1}^{c} (n - c + k) / k$, each partial product being whole.
fn binomial(from: u64, choose: u64) -> BigInt {
    (1..=choose).fold(BigInt::from(1), |ways, k| ways * (from - choose + k) / k)
}

fn whole(number: BigInt) -> BigRational {
    BigRational::from_integer(number)
}

fn over(above: impl Into<BigInt>, below: impl Into<BigInt>) -> BigRational {
    BigRational::new(above.into(), below.into())
}

/// What the voters of one class have, summed over coalitions; not yet divided by the totals.
#[derive(Clone)]
struct Sums {
    shapley_shubik: BigRational,
    swings: BigInt,
    deegan_packel: BigRational,
    memberships: BigInt,
    johnston: BigRational,
}

/// By the definitions: a coalition is told by how many of each class it has, and stands for all that have as many.
fn by_definition(quota: u64, classes: &[Class]) -> Vec<Sums> {
    let voters: u64 = classes.iter().map(|class| class.members).sum();
    let none = || over(0, 1);
    let zero = Sums {
        shapley_shubik: none(),
        swings: 0.into(),
        deegan_packel: none(),
        memberships: 0.into(),
        johnston: none(),
    };
    let mut sums = vec![zero; classes.len()];
    let mut taken = vec![0; classes.len()];
    loop {
        let weight: u64 = classes.iter().zip(&taken).map(|(class, taken)| class.weight * taken).sum();
        let size: u64 = taken.iter().sum();
        let critical = |class: &Class| weight >= quota && weight < quota + class.weight;
        let criticals: u64 =
            classes.iter().zip(&taken).filter(|(class, _)| critical(class)).map(|(_, t)| t).sum();
        for (at, _) in classes.iter().enumerate().filter(|(at, class)| taken[*at] > 0 && critical(class)) {
            let with_one = |(other, (class, taken)): (usize, (&Class, &u64))| {
                let own = u64::from(other == at);
                binomial(class.members - own, taken - own)
            };
            let ways: BigInt = classes.iter().zip(&taken).enumerate().map(with_one).product();
            let sums = &mut sums[at];
            // The share of orders in which a set of this many comes just before the voter.
            sums.shapley_shubik += over(ways.clone(), voters * binomial(voters - 1, size - 1));
            sums.johnston += over(ways.clone(), criticals);
            if criticals == size {
                sums.deegan_packel += over(ways.clone(), size);
                sums.memberships += &ways;
            }
            sums.swings += ways;
        }
        let Some(next) = (0..classes.len()).find(|&at| taken[at] < classes[at].members) else { return sums };
        taken[next] += 1;
        taken[..next].fill(0);
    }
}

fn agrees(quota: u64, classes: &[Class]) {
    let weights: Vec<u64> =
        classes.iter().flat_map(|c| std::iter::repeat_n(c.weight, c.members as usize)).collect();
    let power = WeightedGame::new(quota, &weights).unwrap().power_indices();
    let sums = by_definition(quota, classes);
    let members = || classes.iter().map(|class| BigInt::from(class.members));
    let swings: BigInt = sums.iter().zip(members()).map(|(of, members)| &of.swings * members).sum();
    let memberships: BigInt = sums.iter().zip(members()).map(|(of, members)| &of.memberships * members).sum();
    let total = |of: fn(&Sums) -> &BigRational| -> BigRational {
        sums.iter().zip(members()).map(|(sums, members)| of(sums) * members).sum()
    };
    let (minimal, johnston) = (total(|s| &s.deegan_packel), total(|s| &s.johnston));
    assert_eq!(whole(BigInt::from(power.minimal_winning_coalitions.clone())), minimal);
    let mut voter = 0;
    for (sums, class) in sums.iter().zip(classes) {
        for _ in 0..class.members {
            let what = format!("quota {quota}, weight {}", class.weight);
            assert_eq!(power.shapley_shubik[voter], sums.shapley_shubik, "{what}");
            assert_eq!(BigInt::from(power.banzhaf_swings[voter].clone()), sums.swings, "{what}");
            assert_eq!(power.banzhaf_normalised[voter], over(sums.swings.clone(), swings.clone()), "{what}");
            assert_eq!(power.holler[voter], over(sums.memberships.clone(), memberships.clone()), "{what}");
            assert_eq!(power.deegan_packel[voter], &sums.deegan_packel / &minimal, "{what}");
            assert_eq!(power.johnston[voter], &sums.johnston / &johnston, "{what}");
            voter += 1;
        }
    }
}

#[test]
fn ninety_voters_of_three_weights_have_the_power_of_the_definitions() {
    let classes = || [(7, 20), (3, 30), (2, 40)].map(|(weight, members)| Class { weight, members });
    // Majority, two thirds, less than half, unanimity.
    for quota in [156, 207, 40, 310] {
        agrees(quota, &classes());
    }
}

#[test]
fn one_large_voter_among_many_small_ones_has_the_power_of_the_definitions() {
    let classes = || [(120, 1), (5, 3), (1, 150)].map(|(weight, members)| Class { weight, members });
    for quota in [143, 121, 100, 240] {
        agrees(quota, &classes());
    }
}
