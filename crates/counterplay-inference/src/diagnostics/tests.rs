#![allow(clippy::unreadable_literal, reason = "printed by ArviZ")]

use super::*;

/// An autoregressive series $x_t = \phi x_{t-1} + e_t$, each $e_t$ the sum of four centred uniform numbers of
/// Knuth's linear congruential generator.
fn series(phi: f64, seed: u64, length: usize, shift: f64) -> Vec<f64> {
    let mut state = seed;
    let mut x = 0.0;
    let mut uniform = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let mut next = || {
        let noise: f64 = (0..4).map(|_| uniform()).sum();
        x = phi * x + noise;
        x + shift
    };
    (0..length).map(|_| next()).collect()
}

fn chains(phi: f64, first_seed: u64, count: u64, length: usize) -> Vec<Vec<f64>> {
    (first_seed..first_seed + count).map(|seed| series(phi, seed, length, 0.0)).collect()
}

fn rounded(mut chains: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    chains.iter_mut().flatten().for_each(|x| *x = (2.0 * *x).floor());
    chains
}

fn all(chains: &[Vec<f64>]) -> [f64; 8] {
    [
        rhat(chains),
        ess_bulk(chains),
        ess_tail(chains),
        ess_mean(chains),
        mcse_mean(chains),
        ess_quantile(chains, 0.5),
        mcse_quantile(chains, 0.9),
        mcse_quantile(chains, 0.05),
    ]
}

/// ArviZ 0.23.4, in the order of `all`.
const ARVIZ: [[f64; 8]; 6] = [
    [
        1.0021764344907618,
        340.6973856966049,
        426.6350521247609,
        340.56905605809476,
        0.03711989505612117,
        448.05331677162684,
        0.030157631453177236,
        0.07277243582943171,
    ],
    [
        1.1684636078341213,
        21.8732459667887,
        51.550876281562346,
        21.364632697920687,
        0.32105688086276474,
        36.73160956668584,
        0.5447636256908913,
        0.44084615604899435,
    ],
    [
        0.9945232949474703,
        743.1363764158988,
        293.0856346848252,
        743.1363764158988,
        0.026667970888597382,
        743.1363764158988,
        0.0793849252493064,
        0.07579262736235814,
    ],
    [
        1.3599564425387598,
        5.204135251798241,
        85.27317207319732,
        4.973693966106115,
        0.3550220962327895,
        6.059166259220083,
        0.23537520026227177,
        0.17849576564075975,
    ],
    [
        0.9865179656762256,
        15.481538897262686,
        21.631029338637493,
        15.184831716980797,
        0.19435995649021434,
        14.646246443096999,
        0.30329217634331834,
        0.10588394739769325,
    ],
    [
        1.009238137914169,
        236.31730791320624,
        450.9077196104121,
        237.19131036239807,
        0.08642422251196027,
        330.0089420267431,
        0.0,
        0.5,
    ],
];

#[test]
fn all_agree_with_arviz() {
    let cases = [
        chains(0.5, 1, 4, 250),
        chains(0.95, 11, 4, 200),
        chains(-0.6, 21, 3, 101),
        vec![series(0.3, 31, 100, 0.0), series(0.3, 32, 100, 1.0)],
        chains(0.7, 41, 1, 60),
        rounded(chains(0.4, 51, 4, 150)),
    ];
    for (case, (chains, expected)) in cases.iter().zip(ARVIZ).enumerate() {
        for (k, (found, expected)) in all(chains).into_iter().zip(expected).enumerate() {
            let error = (found - expected).abs();
            assert!(error <= 1e-8 * expected.max(1e-3), "case {case}, number {k}: {found} and {expected}");
        }
    }
}

#[test]
fn constant_chains_have_converged() {
    let chains = vec![vec![0.1; 50]; 4];
    let found = Diagnostics::of(&chains);
    assert_eq!((found.rhat, found.ess_bulk, found.ess_tail), (1.0, 200.0, 200.0));
    assert_eq!((found.sd, found.mcse_mean, mcse_quantile(&chains, 0.5)), (0.0, 0.0, 0.0));
    assert!((found.mean - 0.1).abs() < 1e-15);
}

#[test]
fn constant_chains_that_disagree_have_not_converged() {
    let chains = vec![vec![0.0; 50], vec![1.0; 50]];
    assert_eq!(rhat(&chains), f64::INFINITY);
    assert!(ess_bulk(&chains) < 10.0);
}

#[test]
fn two_values_at_equal_distance_from_the_median_are_not_a_number_out_of_nothing() {
    let chains: Vec<Vec<f64>> =
        (0..4).map(|c| (0..40).map(|i| if (i / 2 + c) % 2 == 0 { 1.0 } else { -1.0 }).collect()).collect();
    assert!(all(&chains).iter().all(|x| x.is_finite()));
}

#[test]
fn too_few_or_broken_draws_say_nothing() {
    for chains in [vec![], vec![vec![]], vec![vec![1.0, 2.0, 3.0]], vec![vec![1.0, f64::NAN, 2.0, 3.0, 4.0]]]
    {
        assert_eq!((rhat(&chains), ess_bulk(&chains), ess_tail(&chains)), (f64::INFINITY, 0.0, 0.0));
        assert_eq!((mcse_mean(&chains), mcse_quantile(&chains, 0.5)), (f64::INFINITY, f64::INFINITY));
    }
}

#[test]
fn the_error_of_the_mean_covers_the_truth() {
    // The true mean is zero: about 95 of 100 means must lie within two errors of it.
    let inside = (0..100)
        .filter(|&i| {
            let found = Diagnostics::of(&chains(0.6, 1000 + 4 * i, 4, 200));
            found.mean.abs() < 2.0 * found.mcse_mean
        })
        .count();
    assert!((88..=100).contains(&inside), "{inside}");
}
