//! Special functions and quantiles against closed forms, each other and published values.

use counterplay_math::{
    digamma, erf, erfc, exp, gamma_tails, ln, ln_gamma, normal_quantile, normal_quantile_near_half,
    normal_tails,
};

fn near(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found:e} {expected:e}");
}

#[test]
fn quantiles_of_the_normal_have_the_published_values() {
    // Wichura (1988), page 484; and Abramowitz and Stegun (1964), table 26.5.
    near(normal_quantile(0.25), -0.674_489_750_196_081_7, 1e-15);
    near(normal_quantile(0.001), -3.090_232_306_167_813_5, 1e-15);
    near(normal_quantile(1e-20), -9.262_340_089_798_408, 1e-15);
    near(normal_quantile(0.975), 1.959_963_984_540_054, 1e-15);
    near(normal_quantile(0.95), 1.644_853_626_951_472_2, 1e-15);
}

#[test]
fn a_quantile_has_its_probability_below_it() {
    // The relative error of a probability is about that of the quantile times its square.
    let inverts = |below: f64| {
        let z = normal_quantile(below);
        near(normal_tails(z).0, below, 15e-16 * (2.0 + z * z));
    };
    for k in 1..4000 {
        let below = f64::from(k) / 4000.0;
        inverts(below);
        near(normal_quantile(1.0 - below), -normal_quantile(below), 1e-12);
    }
    for k in 1..300 {
        inverts(exp(-f64::from(k) * 2.3));
    }
}

#[test]
fn the_ends_of_the_normal_are_infinite() {
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    assert!(normal_quantile(f64::from_bits(1)) < -38.0);
    assert!([-0.1, 1.1, f64::NAN].iter().all(|&p| normal_quantile(p).is_nan()));
    assert_eq!(normal_tails(f64::INFINITY), (1.0, 0.0));
}

#[test]
fn about_the_middle_no_digits_are_lost() {
    for k in 1..300 {
        let q = exp(-f64::from(k) * 2.3);
        near(0.5 * erf(normal_quantile_near_half(q) / std::f64::consts::SQRT_2), q, 1e-15);
        near(normal_quantile_near_half(-q), -normal_quantile_near_half(q), 0.0);
    }
}

#[test]
fn tails_of_the_gamma_with_a_whole_shape_are_those_of_the_poisson() {
    for shape in [1_u32, 2, 5, 20, 60] {
        for x in [0.01, 0.5, 1.0, 4.0, 19.0, 61.0, 150.0] {
            let (mut term, mut above) = (exp(-x), exp(-x));
            for k in 1..shape {
                term *= x / f64::from(k);
                above += term;
            }
            let found = gamma_tails(f64::from(shape), x);
            near(found.1, above, 2e-13);
            near(found.0 + found.1, 1.0, 1e-14);
        }
    }
}

#[test]
fn tails_of_the_gamma_with_a_shape_of_one_half_are_those_of_a_squared_normal() {
    for x in [1e-12, 0.001, 0.3, 0.49, 0.51, 1.0, 1.01, 5.0, 40.0] {
        let found = gamma_tails(0.5, x);
        near(found.0, erf(x.sqrt()), 1e-14);
        near(found.1, erfc(x.sqrt()), 1e-13);
    }
}

#[test]
fn tails_of_the_gamma_with_a_large_shape_approach_the_normal() {
    let shape: f64 = 1e8;
    for z in [-3.0, -0.5, 0.5, 3.0] {
        let (below, above) = gamma_tails(shape, shape + z * shape.sqrt());
        let normal = normal_tails(z);
        assert!((below - normal.0).abs() < 1e-4 && (above - normal.1).abs() < 1e-4, "{z}: {below} {above}");
    }
}

#[test]
fn the_ends_of_the_gamma_are_certain_and_bad_arguments_have_no_tails() {
    assert_eq!(gamma_tails(2.0, 0.0), (0.0, 1.0));
    assert_eq!(gamma_tails(2.0, f64::INFINITY), (1.0, 0.0));
    for (shape, x) in
        [(0.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0), (1.0, -1.0), (1.0, f64::NAN)]
    {
        assert!(gamma_tails(shape, x).0.is_nan() && gamma_tails(shape, x).1.is_nan());
    }
}

#[test]
fn the_logarithm_of_the_gamma_function_and_its_slope_are_those_of_factorials() {
    let (mut log_factorial, mut harmonic) = (0.0, 0.0);
    for n in 1..150 {
        let n = f64::from(n);
        // ln Gamma(n) = ln (n - 1)!, psi(n) = H(n - 1) - gamma
        assert!((ln_gamma(n) - log_factorial).abs() <= 1e-13 * (1.0 + log_factorial), "{n}");
        assert!((digamma(n) - (harmonic - 0.577_215_664_901_532_9)).abs() < 4e-15, "{n}");
        log_factorial += ln(n);
        harmonic += 1.0 / n;
    }
    near(ln_gamma(0.5), 0.572_364_942_924_700_1, 1e-15);
    near(digamma(0.5), -1.963_510_026_021_423_5, 1e-15);
    near(digamma(1e-300), -1e300, 1e-15);
    near(digamma(1e300), ln(1e300), 1e-15);
    assert!(digamma(0.0).is_nan() && digamma(-0.5).is_nan() && digamma(f64::NAN).is_nan());
}

#[test]
fn the_error_functions_add_up_to_one() {
    for k in -50..=50 {
        let x = f64::from(k) / 10.0;
        near(erf(x) + erfc(x), 1.0, 1e-15);
    }
    near(erfc(10.0), 2.088_487_583_762_545e-45, 1e-14);
}
