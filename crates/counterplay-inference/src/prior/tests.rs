mod sampled;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::distribution::Concrete;
use crate::distribution::Distribution::{
    Beta, Exponential, Gamma, HalfNormal, LogitNormal, Lognormal, Normal, Point, Poisson, Uniform,
};

/// Priors of one parameter with one coordinate, as weighted parts.
fn scalar_priors() -> Vec<Vec<(f64, Concrete)>> {
    let one = |distribution| vec![(1.0, distribution)];
    vec![
        one(Normal { mean: 1.0, sd: 2.5 }),
        one(Lognormal { mu: 0.5, sigma: 0.4 }),
        one(LogitNormal { mu: -0.5, sigma: 1.5 }),
        one(Beta { alpha: 2.0, beta: 5.0 }),
        one(Beta { alpha: 0.5, beta: 0.7 }),
        one(Gamma { shape: 3.0, rate: 0.5 }),
        one(Gamma { shape: 0.6, rate: 2.0 }),
        one(Exponential { rate: 3.0 }),
        one(Uniform { low: -1.0, high: 4.0 }),
        one(HalfNormal { sd: 2.0 }),
        vec![(1.0, Normal { mean: -2.0, sd: 0.8 }), (3.0, Normal { mean: 1.0, sd: 1.5 })],
        vec![(0.5, Gamma { shape: 2.0, rate: 1.0 }), (0.5, Lognormal { mu: 1.0, sigma: 0.3 })],
        vec![(0.2, HalfNormal { sd: 1.0 }), (0.8, Exponential { rate: 0.5 })],
        vec![
            (0.3, Beta { alpha: 2.0, beta: 6.0 }),
            (0.3, LogitNormal { mu: 1.0, sigma: 0.5 }),
            (0.4, Uniform { low: 0.0, high: 1.0 }),
        ],
    ]
}

fn symbolic(e: &mut Expressions, parts: &[(f64, Concrete)]) -> Prior {
    let parts: Vec<_> = parts.iter().map(|(w, part)| (*w, part.map(|x| e.constant(x)))).collect();
    if let [(_, single)] = parts.as_slice() { Prior::Single(*single) } else { Prior::Mixture(parts) }
}

/// The joint prior of parameters with the given priors.
fn joint(priors: &[Vec<(f64, Concrete)>]) -> JointPrior {
    let mut e = Expressions::new();
    let mut joint = JointPrior::new();
    for parts in priors {
        let prior = symbolic(&mut e, parts);
        joint.add(&e, &prior).unwrap();
    }
    joint
}

fn moments(parts: &[(f64, Concrete)]) -> (f64, f64) {
    let total: f64 = parts.iter().map(|(w, _)| w).sum();
    let mean = parts.iter().map(|(w, part)| w * part.mean()).sum::<f64>() / total;
    let square = |part: &Concrete| part.sd().powi(2) + (part.mean() - mean).powi(2);
    let variance = parts.iter().map(|(w, part)| w * square(part)).sum::<f64>() / total;
    (mean, variance.sqrt())
}

fn only_workspace(joint: &JointPrior) -> Workspace {
    joint.workspace(&joint.combinations().next().unwrap())
}

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(20)
}

/// A prior of every kind, with parameters that depend on earlier ones.
fn hierarchy() -> JointPrior {
    let mut e = Expressions::new();
    let mut joint = JointPrior::new();
    let [half, one, two, three] = [0.5, 1.0, 2.0, 3.0].map(|x| e.constant(x));
    let mut add = |e: &mut Expressions, prior: &Prior| {
        let id = joint.add(e, prior).unwrap()[0];
        e.parameter(id)
    };
    let centre = add(&mut e, &Prior::Single(Normal { mean: one, sd: two }));
    let spread = add(&mut e, &Prior::Single(HalfNormal { sd: one }));
    let reading = add(&mut e, &Prior::Categorical(vec![(0.0, 1.0), (1.5, 3.0)]));
    let shifted = e.add(centre, reading);
    add(&mut e, &Prior::Single(Normal { mean: shifted, sd: spread }));
    let shape = add(&mut e, &Prior::Single(Gamma { shape: three, rate: two }));
    add(&mut e, &Prior::Single(Gamma { shape, rate: spread }));
    add(&mut e, &Prior::Single(Beta { alpha: shape, beta: two }));
    add(&mut e, &Prior::Single(Lognormal { mu: centre, sigma: half }));
    add(&mut e, &Prior::Single(LogitNormal { mu: centre, sigma: spread }));
    add(&mut e, &Prior::Single(Exponential { rate: shape }));
    let above = e.add(centre, shape);
    add(&mut e, &Prior::Single(Uniform { low: centre, high: above }));
    add(
        &mut e,
        &Prior::Mixture(vec![
            (0.4, Normal { mean: centre, sd: one }),
            (0.6, Normal { mean: two, sd: shape }),
        ]),
    );
    add(&mut e, &Prior::Mixture(vec![(0.4, Gamma { shape, rate: one }), (0.6, HalfNormal { sd: spread })]));
    add(&mut e, &Prior::Dirichlet(vec![one, shape, three, half]));
    add(&mut e, &Prior::Single(Point(shifted)));
    joint
}

#[test]
fn every_density_integrates_to_one_and_has_the_mean_of_its_prior() {
    for parts in scalar_priors() {
        let joint = joint(std::slice::from_ref(&parts));
        let mut workspace = only_workspace(&joint);
        let mut theta = Vec::new();
        let (mut mass, mut mean) = (0.0, 0.0);
        let width = 0.01;
        for step in -9000..=9000 {
            let z = [width * f64::from(step)];
            let weight = width * joint.log_density(&mut workspace, &z).exp();
            joint.constrain(&mut workspace, &z, &mut theta);
            mass += weight;
            mean += if weight > 0.0 { weight * theta[0] } else { 0.0 };
        }
        let expected = moments(&parts).0;
        assert!((mass - 1.0).abs() < 1e-9, "{parts:?}: {mass}");
        assert!((mean - expected).abs() < 1e-8 * (1.0 + expected.abs()), "{parts:?}: {mean} and {expected}");
    }
}

#[test]
fn the_density_of_a_parameter_is_that_of_its_distribution() {
    for parts in scalar_priors() {
        let joint = joint(std::slice::from_ref(&parts));
        let mut workspace = only_workspace(&joint);
        let at = |workspace: &mut Workspace, z: f64| {
            let mut theta = Vec::new();
            joint.constrain(workspace, &[z], &mut theta);
            theta[0]
        };
        let total: f64 = parts.iter().map(|(w, _)| w).sum();
        for z in [-1.7, -0.2, 0.9] {
            let slope = (at(&mut workspace, z + 1e-6) - at(&mut workspace, z - 1e-6)) / 2e-6;
            let x = at(&mut workspace, z);
            let density: f64 = parts.iter().map(|(w, part)| w / total * part.log_density(x).exp()).sum();
            let found = joint.log_density(&mut workspace, &[z]);
            assert!((found - (density * slope).ln()).abs() < 1e-8, "{parts:?} at {z}");
        }
    }
}

#[test]
fn the_dirichlet_density_is_the_textbook_one() {
    let alphas = [0.7, 2.0, 3.5];
    let mut e = Expressions::new();
    let mut joint = JointPrior::new();
    let concentrations = alphas.iter().map(|&a| e.constant(a)).collect();
    assert_eq!(joint.add(&e, &Prior::Dirichlet(concentrations)).unwrap().len(), 3);
    let mut workspace = only_workspace(&joint);
    let (mut mass, mut means) = (0.0, [0.0; 3]);
    let mut theta = Vec::new();
    let width = 0.1;
    for i in -400..=300 {
        for j in -300..=300 {
            let z = [width * f64::from(i), width * f64::from(j)];
            let weight = width * width * joint.log_density(&mut workspace, &z).exp();
            joint.constrain(&mut workspace, &z, &mut theta);
            assert!((theta.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            mass += weight;
            means.iter_mut().zip(&theta).for_each(|(mean, x)| *mean += weight * x);
        }
    }
    assert!((mass - 1.0).abs() < 1e-9, "{mass}");
    for (mean, alpha) in means.iter().zip(alphas) {
        assert!((mean - alpha / 6.2).abs() < 1e-9, "{means:?}");
    }
    // At z = 0 all shares are equal, and the density at two points compares as the textbook says.
    joint.constrain(&mut workspace, &[0.0, 0.0], &mut theta);
    assert!(theta.iter().all(|x| (x - 1.0 / 3.0).abs() < 1e-12));
    let kernel = |x: &[f64]| -> f64 { x.iter().zip(alphas).map(|(x, a)| a * x.ln()).sum() };
    let at_zero = kernel(&theta) - joint.log_density(&mut workspace, &[0.0, 0.0]);
    joint.constrain(&mut workspace, &[0.8, -0.4], &mut theta);
    // The Jacobian of stick-breaking is the product of all shares.
    let elsewhere = kernel(&theta) - joint.log_density(&mut workspace, &[0.8, -0.4]);
    assert!((at_zero - elsewhere).abs() < 1e-10);
}

#[test]
fn every_gradient_agrees_with_finite_differences() {
    let mut rng = rng();
    for joint in [joint(&scalar_priors()), hierarchy()] {
        for combination in joint.combinations() {
            let draw = joint.sample_within(&combination, &mut rng);
            let mut workspace = joint.workspace(&combination);
            let adjoint: Vec<f64> = (0..joint.parameters()).map(|k| 0.3 + 0.1 * k as f64).collect();
            let mut exact = vec![1.0; joint.coordinates()];
            let log_density = joint.gradient(&mut workspace, &draw.z, &adjoint, &mut exact);
            assert_eq!(log_density, joint.log_density(&mut workspace, &draw.z));
            let mut objective = |z: &[f64]| {
                let mut theta = Vec::new();
                joint.constrain(&mut workspace, z, &mut theta);
                let linear: f64 = theta.iter().zip(&adjoint).map(|(x, a)| x * a).sum();
                joint.log_density(&mut workspace, z) + linear
            };
            for (k, exact) in exact.iter().enumerate() {
                let mut shifted = |h: f64| {
                    let mut z = draw.z.clone();
                    z[k] += h;
                    objective(&z)
                };
                let numeric = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
                let error = (exact - 1.0 - numeric).abs();
                assert!(error < 1e-6 * (1.0 + numeric.abs()), "coordinate {k}: {exact} and {numeric}");
            }
        }
    }
}

#[test]
fn parameters_lead_back_to_their_coordinates() {
    let mut rng = rng();
    for joint in [joint(&scalar_priors()), hierarchy()] {
        for _ in 0..20 {
            let draw = joint.sample(&mut rng);
            let z = joint.unconstrain(&draw.theta).unwrap();
            for (found, expected) in z.iter().zip(&draw.z) {
                assert!((found - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{found} and {expected}");
            }
        }
    }
    let shares = joint(&[vec![(1.0, Beta { alpha: 1.0, beta: 1.0 })]]);
    assert_eq!(shares.unconstrain(&[1.5]), None);
    assert_eq!(shares.unconstrain(&[0.5]), Some(vec![0.0]));
}

#[test]
fn combinations_are_all_ways_to_choose_with_their_probabilities() {
    let e = Expressions::new();
    let mut joint = JointPrior::new();
    assert_eq!(joint.combinations().collect::<Vec<_>>(), [Combination { values: vec![], probability: 1.0 }]);
    joint.add(&e, &Prior::Categorical(vec![(1.0, 1.0), (2.0, 3.0)])).unwrap();
    joint.add(&e, &Prior::Categorical(vec![(5.0, 0.5), (6.0, 0.0), (7.0, 0.5)])).unwrap();
    assert_eq!((joint.parameters(), joint.coordinates(), joint.combination_count()), (2, 0, 4));
    let found: Vec<_> = joint.combinations().map(|c| (c.values, c.probability)).collect();
    let expected = [([1.0, 5.0], 0.125), ([1.0, 7.0], 0.125), ([2.0, 5.0], 0.375), ([2.0, 7.0], 0.375)];
    assert_eq!(found, expected.map(|(values, probability)| (values.to_vec(), probability)));
    let mut theta = Vec::new();
    let combination = joint.combinations().nth(2).unwrap();
    joint.constrain(&mut joint.workspace(&combination), &[], &mut theta);
    assert_eq!(theta, [2.0, 5.0]);
}

#[test]
fn a_mixture_of_points_is_categorical_and_a_prior_at_a_point_has_no_coordinate() {
    let mut e = Expressions::new();
    let [low, high] = [0.2, 0.7].map(|x| e.constant(x));
    let mut joint = JointPrior::new();
    let first = joint.add(&e, &Prior::Mixture(vec![(1.0, Point(low)), (1.0, Point(high))])).unwrap()[0];
    let first = e.parameter(first);
    let sum = e.add(first, high);
    joint.add(&e, &Prior::Single(Point(sum))).unwrap();
    assert_eq!((joint.parameters(), joint.coordinates(), joint.combination_count()), (2, 0, 2));
    let mut theta = Vec::new();
    let combination = joint.combinations().next().unwrap();
    let mut workspace = joint.workspace(&combination);
    joint.constrain(&mut workspace, &[], &mut theta);
    assert_eq!(theta, [0.2, 0.2 + 0.7]);
    assert_eq!(joint.log_density(&mut workspace, &[]), 0.0);
}

#[test]
fn what_is_not_a_prior_is_refused_in_words() {
    let mut e = Expressions::new();
    let [zero, one, two] = [0.0, 1.0, 2.0].map(|x| e.constant(x));
    let later = e.parameter(ParameterId::new(0));
    let normal = Normal { mean: zero, sd: one };
    let cases = [
        (Prior::Single(Normal { mean: zero, sd: zero }), "`sd` of `normal` must be above zero"),
        (Prior::Single(Normal { mean: later, sd: one }), "a prior can depend only on parameters"),
        (Prior::Single(Poisson { rate: one }), "`poisson` cannot be the prior of a parameter"),
        (Prior::Mixture(vec![]), "a mixture needs at least one part"),
        (Prior::Mixture(vec![(-1.0, normal), (2.0, normal)]), "weights must not be negative"),
        (Prior::Mixture(vec![(0.0, normal)]), "weights must not be negative, and at least one"),
        (Prior::Mixture(vec![(1.0, normal), (1.0, Point(one))]), "a mixture has either only points"),
        (
            Prior::Mixture(vec![(1.0, normal), (1.0, Exponential { rate: one })]),
            "the parts of a mixture must range over the same numbers, but `normal` and `exponential` do not",
        ),
        (
            Prior::Mixture(vec![
                (1.0, Uniform { low: zero, high: one }),
                (1.0, Uniform { low: zero, high: two }),
            ]),
            "the parts of a mixture must range",
        ),
        (Prior::Categorical(vec![(f64::NAN, 1.0)]), "a parameter must have a finite value"),
        (Prior::Dirichlet(vec![one]), "`dirichlet` needs at least two concentrations"),
        (Prior::Dirichlet(vec![one, zero]), "the concentrations of `dirichlet` must be above zero"),
    ];
    for (prior, message) in cases {
        let mut joint = JointPrior::new();
        let error = joint.add(&e, &prior).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
        assert_eq!((joint.parameters(), joint.coordinates()), (0, 0));
    }
}

#[test]
fn where_an_uncertain_argument_is_out_of_range_there_is_no_density_and_no_draw() {
    let mut e = Expressions::new();
    let [zero, one] = [0.0, 1.0].map(|x| e.constant(x));
    let mut joint = JointPrior::new();
    let sd = joint.add(&e, &Prior::Single(Normal { mean: zero, sd: one })).unwrap()[0];
    let sd = e.parameter(sd);
    joint.add(&e, &Prior::Single(Normal { mean: zero, sd })).unwrap();
    let mut workspace = only_workspace(&joint);
    assert_eq!(joint.log_density(&mut workspace, &[-0.5, 0.3]), f64::NEG_INFINITY);
    assert!(joint.log_density(&mut workspace, &[0.5, 0.3]).is_finite());
    let mut rng = rng();
    assert!((0..200).all(|_| joint.sample(&mut rng).theta[0] > 0.0));
}
