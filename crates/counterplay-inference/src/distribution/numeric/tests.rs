#![allow(clippy::unreadable_literal, reason = "printed by scipy")]

use super::super::Distribution::{
    Bernoulli, Beta, Exponential, Gamma, HalfNormal, LogitNormal, Lognormal, NegBinomial, Normal, Point,
    Poisson, Uniform,
};
use super::*;

/// Distribution, value, probability at or below it, probability above it, by scipy 1.17.1.
const TAILS: &[(Concrete, f64, f64, f64)] = &[
    (Normal { mean: 1.0, sd: 2.0 }, -15.0, 6.22096057427174e-16, 0.9999999999999993),
    (Normal { mean: 1.0, sd: 2.0 }, 0.3, 0.3631693488243809, 0.6368306511756191),
    (Normal { mean: 1.0, sd: 2.0 }, 9.0, 0.9999683287581669, 3.167124183311986e-05),
    (Lognormal { mu: 0.2, sigma: 0.7 }, 0.05, 2.493524378395317e-06, 0.9999975064756216),
    (Lognormal { mu: 0.2, sigma: 0.7 }, 1.7, 0.6816529685887711, 0.3183470314112289),
    (Lognormal { mu: 0.2, sigma: 0.7 }, 20.0, 0.999967502803196, 3.249719680395973e-05),
    (Beta { alpha: 2.5, beta: 0.8 }, 1e-05, 2.1931947531572545e-13, 0.9999999999997807),
    (Beta { alpha: 2.5, beta: 0.8 }, 0.4, 0.0751900095722835, 0.9248099904277165),
    (Beta { alpha: 2.5, beta: 0.8 }, 0.999, 0.9913774242204502, 0.008622575779549764),
    (Beta { alpha: 0.02, beta: 0.03 }, 1e-10, 0.37893508370984347, 0.6210649162901565),
    (Beta { alpha: 0.02, beta: 0.03 }, 0.4, 0.5953852302199133, 0.4046147697800873),
    (Beta { alpha: 0.02, beta: 0.03 }, 0.999, 0.6745487382102552, 0.32545126178974476),
    (Beta { alpha: 4000.0, beta: 9000.0 }, 0.29, 4.998329875824535e-06, 0.9999950016701242),
    (Beta { alpha: 4000.0, beta: 9000.0 }, 0.307, 0.43303287717923333, 0.5669671228207642),
    (Beta { alpha: 4000.0, beta: 9000.0 }, 0.33, 0.999999973942474, 2.6057526075175192e-08),
    (Gamma { shape: 3.2, rate: 1.5 }, 0.001, 1.183911667219886e-10, 0.9999999998816088),
    (Gamma { shape: 3.2, rate: 1.5 }, 2.2, 0.5957616257632214, 0.4042383742367786),
    (Gamma { shape: 3.2, rate: 1.5 }, 30.0, 1.0, 5.3772560867223406e-17),
    (Gamma { shape: 0.05, rate: 2.0 }, 1e-20, 0.10634415897940595, 0.893655841020594),
    (Gamma { shape: 0.05, rate: 2.0 }, 0.01, 0.8439212861136913, 0.15607871388630842),
    (Gamma { shape: 0.05, rate: 2.0 }, 5.0, 0.9999997594224413, 2.405775586872206e-07),
    (Gamma { shape: 50000.0, rate: 10.0 }, 4900.0, 3.3847542280794866e-06, 0.9999966152457719),
    (Gamma { shape: 50000.0, rate: 10.0 }, 5001.0, 0.5184281918466345, 0.48157180815336553),
    (Gamma { shape: 50000.0, rate: 10.0 }, 5100.0, 0.9999955880607448, 4.41193925512029e-06),
    (Exponential { rate: 0.6 }, 1e-12, 5.999999999998199e-13, 0.9999999999994),
    (Exponential { rate: 0.6 }, 2.0, 0.6988057880877978, 0.3011942119122021),
    (Exponential { rate: 0.6 }, 60.0, 0.9999999999999998, 2.319522830243569e-16),
    (Uniform { low: -1.0, high: 3.0 }, -0.9, 0.024999999999999994, 0.975),
    (Uniform { low: -1.0, high: 3.0 }, 0.5, 0.375, 0.625),
    (Uniform { low: -1.0, high: 3.0 }, 2.9, 0.975, 0.025000000000000022),
    (HalfNormal { sd: 1.4 }, 1e-06, 5.699175434305697e-07, 0.9999994300824566),
    (HalfNormal { sd: 1.4 }, 0.9, 0.47968319949263327, 0.5203168005073666),
    (HalfNormal { sd: 1.4 }, 9.0, 0.9999999998711913, 1.288087235026728e-10),
    (Poisson { rate: 4.5 }, 0.0, 0.011108996538242308, 0.9888910034617577),
    (Poisson { rate: 4.5 }, 4.0, 0.5321035763747151, 0.4678964236252849),
    (Poisson { rate: 4.5 }, 30.0, 0.9999999999999997, 2.790699673592293e-16),
    (Poisson { rate: 1e-3 }, 0.0, 0.999000499833375, 0.0009995001666250082),
    (Poisson { rate: 1e-3 }, 1.0, 0.9999995003332084, 4.996667916333409e-07),
    (Poisson { rate: 1e-3 }, 3.0, 0.9999999999999584, 4.163334721825486e-14),
    (Poisson { rate: 20000.0 }, 19500.0, 0.00019580667816907927, 0.9998041933218309),
    (Poisson { rate: 20000.0 }, 20010.0, 0.5300589835124845, 0.46994101648751546),
    (Poisson { rate: 20000.0 }, 20600.0, 0.9999881250009905, 1.1874999009491217e-05),
    (NegBinomial { mean: 4.5, dispersion: 1.8 }, 0.0, 0.10487633935701547, 0.8951236606429845),
    (NegBinomial { mean: 4.5, dispersion: 1.8 }, 7.0, 0.8137388106656676, 0.18626118933433267),
    (NegBinomial { mean: 4.5, dispersion: 1.8 }, 60.0, 0.9999999865461733, 1.3453826671309223e-08),
    (Bernoulli { p: 0.3 }, 0.0, 0.7, 0.3),
    (Bernoulli { p: 0.3 }, 0.5, 0.7, 0.3),
    (Bernoulli { p: 0.3 }, 1.0, 1.0, 0.0),
];

/// Distribution and its quantiles at [`LEVELS`], by scipy 1.17.1.
const QUANTILES: &[(Concrete, [f64; 5])] = &[
    (
        Normal { mean: 1.0, sd: 2.0 },
        [-8.506848617645797, -2.2897072539029457, 1.0, 4.289707253902945, 10.506848617634175],
    ),
    (
        Lognormal { mu: 0.2, sigma: 0.7 },
        [0.04383174220591805, 0.3862009153420822, 1.2214027581601699, 3.8628202015520023, 34.03525898255943],
    ),
    (
        Beta { alpha: 2.5, beta: 0.8 },
        [
            0.004607388344910677,
            0.3413976436563188,
            0.8120308611813108,
            0.9909408383596561,
            0.9999999879748153,
        ],
    ),
    (
        Beta { alpha: 0.02, beta: 0.03 },
        [1.179666333311602e-289, 1.0477541796941298e-54, 0.00010476497923954933, 1.0, 1.0],
    ),
    (
        Beta { alpha: 4000.0, beta: 9000.0 },
        [
            0.28867105023784084,
            0.3010510872808198,
            0.3076824454871591,
            0.31436716931453307,
            0.32713930795793533,
        ],
    ),
    (
        Gamma { shape: 3.2, rate: 1.5 },
        [0.016965337161384157, 0.6145619012852785, 1.9157007880850447, 4.395536204651708, 13.058362837673927],
    ),
    (
        Gamma { shape: 0.05, rate: 2.0 },
        [
            2.922316028643276e-121,
            2.786937740939412e-27,
            2.786939220373128e-07,
            0.13296615121292046,
            4.348431333946872,
        ],
    ),
    (
        Gamma { shape: 50000.0, rate: 10.0 },
        [4894.4291109218675, 4963.276893908032, 4999.966666706174, 5036.836808865951, 5107.010550323099],
    ),
    (
        Exponential { rate: 0.6 },
        [
            1.6666675000005558e-06,
            0.0854888239792509,
            1.1552453009332422,
            4.992887122589983,
            23.02585092989253,
        ],
    ),
    (Uniform { low: -1.0, high: 3.0 }, [-0.999996, -0.8, 1.0, 2.8, 2.999996]),
    (
        HalfNormal { sd: 1.4 },
        [
            1.7546397920978114e-06,
            0.08778948912049937,
            0.9442856502745143,
            2.7439495783560757,
            6.848293865939519,
        ],
    ),
    (Poisson { rate: 4.5 }, [0.0, 1.0, 4.0, 8.0, 18.0]),
    (Poisson { rate: 1e-3 }, [0.0, 0.0, 0.0, 0.0, 1.0]),
    (Poisson { rate: 20000.0 }, [19331.0, 19768.0, 20000.0, 20233.0, 20676.0]),
    (NegBinomial { mean: 4.5, dispersion: 1.8 }, [0.0, 0.0, 4.0, 12.0, 47.0]),
    (Bernoulli { p: 0.3 }, [0.0, 0.0, 0.0, 1.0, 1.0]),
];

const LEVELS: [f64; 5] = [1e-6, 0.05, 0.5, 0.95, 0.999999];

/// Distribution, mean and standard deviation, by scipy 1.17.1 (the logit-normal ones by adaptive quadrature).
const MOMENTS: &[(Concrete, f64, f64)] = &[
    (Normal { mean: 1.0, sd: 2.0 }, 1.0, 2.0),
    (Lognormal { mu: 0.2, sigma: 0.7 }, 1.5604901958326667, 1.2408754877927413),
    (Beta { alpha: 2.5, beta: 0.8 }, 0.7575757575757576, 0.20666495135468896),
    (Beta { alpha: 0.02, beta: 0.03 }, 0.39999999999999997, 0.4780914437337574),
    (Beta { alpha: 4000.0, beta: 9000.0 }, 0.3076923076923077, 0.004047804407318292),
    (Gamma { shape: 3.2, rate: 1.5 }, 2.1333333333333333, 1.1925695879998877),
    (Gamma { shape: 0.05, rate: 2.0 }, 0.025, 0.11180339887498948),
    (Gamma { shape: 50000.0, rate: 10.0 }, 5000.0, 22.360679774997898),
    (Exponential { rate: 0.6 }, 1.6666666666666667, 1.6666666666666667),
    (Uniform { low: -1.0, high: 3.0 }, 1.0, 1.1547005383792515),
    (HalfNormal { sd: 1.4 }, 1.1170383851240115, 0.8439343849847216),
    (Poisson { rate: 4.5 }, 4.5, 2.1213203435596424),
    (Poisson { rate: 1e-3 }, 0.001, 0.03162277660168379),
    (Poisson { rate: 20000.0 }, 20000.0, 141.4213562373095),
    (NegBinomial { mean: 4.5, dispersion: 1.8 }, 4.499999999999999, 3.968626966596885),
    (Bernoulli { p: 0.3 }, 0.3, 0.458257569495584),
    (LogitNormal { mu: -0.4, sigma: 1.2 }, 0.42283141243870187, 0.23192537926609827),
    (LogitNormal { mu: 2.0, sigma: 6.0 }, 0.6252793553988165, 0.41685747446953203),
];

fn assert_near(found: f64, expected: f64, relative: f64, what: &str) {
    let error = (found - expected).abs();
    assert!(error <= relative * expected.abs() || error < 1e-300, "{what}: {found} and {expected}");
}

#[test]
fn tail_probabilities_agree_with_scipy_to_their_last_digits() {
    for &(distribution, x, below, above) in TAILS {
        let what = format!("{distribution:?} at {x}");
        assert_near(distribution.cdf(x), below, 1e-9, &what);
        assert_near(distribution.survival(x), above, 1e-9, &what);
    }
}

#[test]
fn quantiles_agree_with_scipy() {
    for &(distribution, expected) in QUANTILES {
        for (level, expected) in LEVELS.into_iter().zip(expected) {
            assert_near(
                distribution.quantile(level),
                expected,
                1e-9,
                &format!("{distribution:?} at {level}"),
            );
        }
    }
}

#[test]
fn moments_agree_with_scipy() {
    for &(distribution, mean, sd) in MOMENTS {
        assert_near(distribution.mean(), mean, 1e-12, &format!("{distribution:?}"));
        assert_near(distribution.sd(), sd, 1e-11, &format!("{distribution:?}"));
    }
}

#[test]
fn a_quantile_undoes_a_probability_in_both_tails() {
    let shapes = [0.01, 0.3, 1.0, 2.5, 80.0, 1e5];
    let gammas = shapes.map(|shape| Gamma { shape, rate: 1.7 });
    let betas = shapes.map(|alpha| Beta { alpha, beta: 3.1 });
    let others =
        [Normal { mean: -3.0, sd: 0.2 }, Lognormal { mu: 1.0, sigma: 2.0 }, Exponential { rate: 4.0 }];
    for distribution in gammas.into_iter().chain(betas).chain(others) {
        for exponent in 1..=25 {
            let tail = 10.0_f64.powi(-exponent);
            let low = distribution.value_at(Rank::from_below(tail));
            // Far down a quantity may be too small for a number at all.
            if low.abs() > 1e-300 {
                assert_near(distribution.cdf(low), tail, 1e-9, &format!("{distribution:?} below {low}"));
            }
            let high = distribution.value_at(Rank::from_above(tail));
            // A share next to one has no digits left to tell its distance from one.
            if !matches!(distribution, Beta { .. }) || high < 0.9999 {
                assert_near(
                    distribution.survival(high),
                    tail,
                    1e-8,
                    &format!("{distribution:?} above {high}"),
                );
            }
        }
    }
}

#[test]
fn an_observed_count_comes_back_from_any_rank_within_its_jump() {
    let counts = [0.0, 1.0, 2.0, 7.0, 40.0, 150.0];
    let laws = [
        Poisson { rate: 3.0 },
        Poisson { rate: 1e-4 },
        Poisson { rate: 120.0 },
        NegBinomial { mean: 5.0, dispersion: 0.4 },
        NegBinomial { mean: 30.0, dispersion: 900.0 },
    ];
    let twice = [Bernoulli { p: 0.2 }, Bernoulli { p: 0.999 }];
    let cases = laws.iter().flat_map(|law| counts.map(|k| (law, k)));
    for (law, k) in cases.chain(twice.iter().flat_map(|law| [(law, 0.0), (law, 1.0)])) {
        for share in [1e-6, 0.3, 0.5, 0.9, 1.0 - 1e-6] {
            let rank = law.rank_of(k, share);
            assert!(rank.above() >= 0.0 && rank.below() >= 0.0);
            if law.log_density(k) > -600.0 {
                assert_eq!(law.value_at(rank), k, "{law:?} {k} {share} {rank:?}");
            }
        }
        let jump = law.cdf(k) - law.cdf_below(k);
        assert!((jump - law.log_density(k).exp()).abs() < 1e-12, "{law:?} {k}");
    }
}

#[test]
fn certain_things_stay_certain() {
    assert_eq!(Point(2.0).value_at(Point(2.0).rank_of(2.0, 0.4)), 2.0);
    assert_eq!(Point(2.0).rank_of(2.0, 0.4).below(), 0.4);
    assert_eq!(Poisson { rate: 0.0 }.quantile(0.7), 0.0);
    assert_eq!(NegBinomial { mean: 0.0, dispersion: 1.0 }.quantile(0.7), 0.0);
    assert_eq!(Bernoulli { p: 1.0 }.quantile(0.0), 1.0);
    assert_eq!(Bernoulli { p: 0.0 }.quantile(0.999), 0.0);
}

#[test]
fn the_ends_of_the_probabilities_give_the_ends_of_the_support() {
    for distribution in [Gamma { shape: 2.0, rate: 1.0 }, Exponential { rate: 1.0 }, HalfNormal { sd: 1.0 }] {
        assert_eq!(distribution.quantile(0.0), 0.0, "{distribution:?}");
        assert_eq!(distribution.quantile(1.0), f64::INFINITY, "{distribution:?}");
        assert_eq!(distribution.cdf(-1.0), 0.0);
        assert_eq!(distribution.cdf(f64::INFINITY), 1.0);
    }
    assert_eq!(Beta { alpha: 2.0, beta: 2.0 }.quantile(0.0), 0.0);
    assert_eq!(Beta { alpha: 2.0, beta: 2.0 }.quantile(1.0), 1.0);
    assert_eq!(Beta { alpha: 2.0, beta: 2.0 }.cdf(1.5), 1.0);
    assert_eq!(Uniform { low: -1.0, high: 2.0 }.quantile(1.0), 2.0);
    assert_eq!(Poisson { rate: 2.0 }.quantile(1.0), f64::INFINITY);
    assert_eq!(Normal { mean: 0.0, sd: 1.0 }.quantile(0.0), f64::NEG_INFINITY);
}

#[test]
fn arguments_out_of_range_give_no_number() {
    for distribution in
        [Normal { mean: 0.0, sd: -1.0 }, Gamma { shape: -2.0, rate: 1.0 }, Bernoulli { p: 2.0 }]
    {
        assert!(distribution.cdf(0.5).is_nan(), "{distribution:?}");
        assert!(distribution.quantile(0.5).is_nan(), "{distribution:?}");
    }
}
