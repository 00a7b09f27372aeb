//! Coordinates one by one: whose they are, how far each varies, and the prior with one of them moved.

use counterplay_game::expression::{ExprId, ParameterId};
use counterplay_math::{digamma, exp, ln, ln_1p};

use super::transform::{Part, offset};
use super::{Block, Combination, JointPrior, PriorDraw, Scalar, Simplex, Workspace};
use crate::distribution::{Concrete, Distribution, Rank};

/// How often an interval is halved that holds a mixture's quantile.
const HALVINGS: usize = 80;

/// A point in the coordinates of a prior.
#[derive(Clone, Debug)]
pub struct PriorPoint {
    z: Vec<f64>,
    workspace: Workspace,
}

impl JointPrior {
    /// The prior of no parameter yet, in which the coordinate `coordinate` will have its distribution moved up by
    /// `by`: its density at $z$ will be what it would have been at $z - \text{by}$.
    pub fn moving(coordinate: usize, by: f64) -> Self {
        Self { moved: Some((coordinate, by)), ..Self::default() }
    }

    /// By how much the distribution of a coordinate is moved.
    pub(super) fn moved_by(&self, coordinate: usize) -> f64 {
        self.moved.filter(|moved| moved.0 == coordinate).map_or(0.0, |moved| moved.1)
    }

    /// For each block, in the order in which they were added, its number of parameters and of coordinates.
    fn sizes(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.blocks.iter().map(|block| match block {
            Block::Point | Block::Categorical(_) => (1, 0),
            Block::Scalar(_) => (1, 1),
            Block::Simplex(simplex) => (simplex.concentrations.len(), simplex.concentrations.len() - 1),
        })
    }

    /// Whether a block is a number, so that nothing about it is uncertain.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn is_point(&self, block: usize) -> bool {
        matches!(self.blocks[block], Block::Point)
    }

    /// The block that each coordinate belongs to, and its parameter. Of shares that add up to one each has a
    /// coordinate of its own, against the shares after it, but the last.
    pub fn owners(&self) -> Vec<(usize, ParameterId)> {
        let mut parameter = 0;
        let mut owners = Vec::with_capacity(self.coordinates());
        for (block, (parameters, coordinates)) in self.sizes().enumerate() {
            owners.extend((0..coordinates).map(|k| (block, ParameterId::new(parameter + k))));
            parameter += parameters;
        }
        owners
    }

    /// The values of the categorical parameters among `theta`.
    fn values_within(&self, theta: &[f64]) -> Combination {
        let values = self.categorical.iter().map(|c| theta[c.parameter.index()]).collect();
        Combination { values, probability: 1.0 }
    }

    /// The log density of every block at parameter values `theta`, in the order in which they were added, with respect
    /// to the coordinates: that of a point is 0, that of finitely many values the log probability of the value.
    ///
    /// `None` if there are no such coordinates.
    ///
    /// # Panics
    /// If `theta` has not [`parameters`](Self::parameters) entries.
    pub fn block_log_densities(&self, theta: &[f64]) -> Option<Vec<f64>> {
        let z = self.unconstrain(theta)?;
        let mut workspace = self.workspace(&self.values_within(theta));
        self.evaluate(&mut workspace, &z);
        let mut densities = self.log_densities.iter().map(|id| workspace.values[id.index()]);
        let of = |block: &Block| match block {
            Block::Point => Some(0.0),
            Block::Categorical(index) => self.log_probability(*index, theta),
            Block::Scalar(_) | Block::Simplex(_) => densities.next(),
        };
        self.blocks.iter().map(of).collect()
    }

    fn log_probability(&self, index: usize, theta: &[f64]) -> Option<f64> {
        let categorical = &self.categorical[index];
        let value = theta[categorical.parameter.index()];
        categorical.choices.iter().find(|choice| choice.0 == value).map(|choice| ln(choice.1))
    }

    /// The coordinates of parameter values `theta`, ready for [`log_density_moved`](Self::log_density_moved).
    ///
    /// `None` if there are none.
    ///
    /// # Panics
    /// If `theta` has not [`parameters`](Self::parameters) entries.
    pub fn locate(&self, theta: &[f64]) -> Option<PriorPoint> {
        let z = self.unconstrain(theta)?;
        Some(PriorPoint { workspace: self.workspace(&self.values_within(theta)), z })
    }

    /// The log density, at a point, of the block that a coordinate belongs to, with the coordinate's distribution
    /// moved up by `by`: $\ln p(z_i - \text{by} \mid \text{the other coordinates})$.
    ///
    /// # Panics
    /// If there is no such coordinate.
    pub fn log_density_moved(&self, at: &mut PriorPoint, coordinate: usize, by: f64) -> f64 {
        let (block, _) = self.owners()[coordinate];
        let density = self.log_densities[self.sizes().take(block).filter(|s| s.1 > 0).count()];
        let here = at.z[coordinate];
        at.z[coordinate] = here - by;
        self.evaluate(&mut at.workspace, &at.z);
        at.z[coordinate] = here;
        at.workspace.values[density.index()]
    }

    /// The parameter values of a draw with one coordinate moved up by `by`.
    pub fn moved_parameters(&self, draw: &PriorDraw, coordinate: usize, by: f64) -> Vec<f64> {
        let mut workspace = self.workspace(&self.values_within(&draw.theta));
        let (mut z, mut theta) = (draw.z.clone(), Vec::new());
        z[coordinate] += by;
        self.constrain(&mut workspace, &z, &mut theta);
        theta
    }

    /// The prior standard deviation of each coordinate, in closed form; where a distribution's shape depends on
    /// earlier parameters, with these at their medians.
    ///
    /// It is 1 for `normal`, `lognormal` and `logit_normal`, $\pi/\sqrt 3$ for `uniform`,
    /// $\sqrt{\psi_1(\alpha) + \psi_1(\beta)}$ for `beta`, with the trigamma function $\psi_1$.
    pub fn coordinate_sds(&self) -> Vec<f64> {
        let middle = self.at_uniforms(&vec![0.5; self.uniforms()]);
        let mut workspace = self.workspace(&self.values_within(&middle.theta));
        self.evaluate(&mut workspace, &middle.z);
        let value = |id: ExprId| self.value(&workspace, id);
        let of = |block: &Block| match block {
            Block::Point | Block::Categorical(_) => Vec::new(),
            Block::Scalar(scalar) => vec![scalar.coordinate_sd(&value)],
            Block::Simplex(simplex) => simplex.coordinate_sds(&value),
        };
        self.blocks.iter().flat_map(of).collect()
    }

    /// How many numbers [`at_uniforms`](Self::at_uniforms) takes: one for each coordinate and each parameter with
    /// finitely many values.
    pub fn uniforms(&self) -> usize {
        self.coordinates() + self.categorical.len()
    }

    /// The draw that independent uniform numbers stand for, each a quantile: those of the coordinates first, then
    /// those of the parameters with finitely many values.
    ///
    /// Uniform numbers give draws from the prior; evenly spread ones, of a quasi-random sequence, evenly spread draws.
    ///
    /// # Panics
    /// If there are not [`uniforms`](Self::uniforms) numbers.
    pub fn at_uniforms(&self, uniforms: &[f64]) -> PriorDraw {
        assert_eq!(uniforms.len(), self.uniforms(), "a number for each coordinate and categorical parameter");
        let (continuous, discrete) = uniforms.split_at(self.coordinates());
        let choose = |(categorical, &u): (&super::Categorical, &f64)| {
            let mut below = 0.0;
            let reached = categorical.choices.iter().find(|choice| {
                below += choice.1;
                u < below
            });
            reached.or(categorical.choices.last()).map_or(f64::NAN, |choice| choice.0)
        };
        let values = self.categorical.iter().zip(discrete).map(choose).collect();
        let mut workspace = self.workspace(&Combination { values, probability: 1.0 });
        let mut draw = PriorDraw { z: vec![0.0; self.coordinates()], theta: Vec::new() };
        self.place_coordinates(&mut workspace, &mut draw.z, continuous);
        self.constrain(&mut workspace, &draw.z, &mut draw.theta);
        draw
    }

    fn place_coordinates(&self, workspace: &mut Workspace, z: &mut [f64], uniforms: &[f64]) {
        for block in &self.blocks {
            match block {
                Block::Point | Block::Categorical(_) => {}
                Block::Scalar(scalar) => {
                    self.prepare(workspace, z, &scalar.depends_on());
                    let at = scalar.coordinate;
                    let rank = Rank::from_below(uniforms[at]);
                    z[at] = scalar.quantile(&|id| self.value(workspace, id), rank) + self.moved_by(at);
                }
                Block::Simplex(simplex) => {
                    self.prepare(workspace, z, &simplex.concentrations);
                    let first = simplex.coordinate;
                    for k in 0..simplex.concentrations.len() - 1 {
                        let beta = simplex.break_law(&|id| self.value(workspace, id), k);
                        let rank = Rank::from_below(uniforms[first + k]);
                        z[first + k] = natural_quantile(&beta, rank)
                            + offset(k, simplex.concentrations.len())
                            + self.moved_by(first + k);
                    }
                }
            }
        }
    }
}

impl Scalar {
    fn coordinate_sd(&self, value: &impl Fn(ExprId) -> f64) -> f64 {
        if let [part] = self.parts.as_slice() {
            return natural_moments(&part.standard.map(value)).1.sqrt();
        }
        let moments = |part: &Part| {
            let (mean, variance) = natural_moments(&part.standard.map(value));
            let (location, scale) = (value(part.location), value(part.scale));
            (part.weight, location + scale * mean, scale * scale * variance)
        };
        let parts: Vec<(f64, f64, f64)> = self.parts.iter().map(moments).collect();
        let mean: f64 = parts.iter().map(|(w, m, _)| w * m).sum();
        let variance: f64 = parts.iter().map(|(w, m, v)| w * (v + (m - mean).powi(2))).sum();
        variance.sqrt() / value(self.scale)
    }

    /// The coordinate of a rank, before any move.
    fn quantile(&self, value: &impl Fn(ExprId) -> f64, rank: Rank) -> f64 {
        if let [part] = self.parts.as_slice() {
            return natural_quantile(&part.standard.map(value), rank);
        }
        let laws: Vec<(f64, Concrete, f64, f64)> = self
            .parts
            .iter()
            .map(|p| (p.weight, p.standard.map(value), value(p.location), value(p.scale)))
            .collect();
        // A mixture's quantile lies between those of its parts.
        let ends =
            laws.iter().map(|(_, law, location, scale)| location + scale * natural_quantile(law, rank));
        let (mut low, mut high) =
            ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), t| (l.min(t), h.max(t)));
        let below = |t: f64| {
            let part = |(w, law, location, scale): &(f64, Concrete, f64, f64)| {
                w * natural_cdf(law, (t - location) / scale)
            };
            laws.iter().map(part).sum::<f64>()
        };
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if below(middle) < rank.below() { low = middle } else { high = middle }
        }
        (0.5 * (low + high) - value(self.location)) / value(self.scale)
    }
}

impl Simplex {
    /// The law of break `k`, a share of what is left.
    fn break_law(&self, value: &impl Fn(ExprId) -> f64, k: usize) -> Concrete {
        let rest = self.concentrations[k + 1..].iter().map(|&id| value(id)).sum();
        Distribution::Beta { alpha: value(self.concentrations[k]), beta: rest }
    }

    fn coordinate_sds(&self, value: &impl Fn(ExprId) -> f64) -> Vec<f64> {
        let breaks = 0..self.concentrations.len() - 1;
        breaks.map(|k| natural_moments(&self.break_law(value, k)).1.sqrt()).collect()
    }
}

/// The quantile of a standardised distribution, on the natural scale.
fn natural_quantile(standard: &Concrete, rank: Rank) -> f64 {
    match *standard {
        Distribution::Gamma { .. } | Distribution::Exponential { .. } | Distribution::HalfNormal { .. } => {
            ln(standard.value_at(rank))
        }
        Distribution::Beta { .. } => {
            let share = standard.value_at(rank);
            ln(share) - ln_1p(-share)
        }
        Distribution::Uniform { .. } => ln(rank.below()) - ln(rank.above()),
        _ => STANDARD_NORMAL.value_at(rank),
    }
}

/// The probability at or below `t` on the natural scale.
fn natural_cdf(standard: &Concrete, t: f64) -> f64 {
    match *standard {
        Distribution::Gamma { .. } | Distribution::Exponential { .. } | Distribution::HalfNormal { .. } => {
            standard.cdf(exp(t))
        }
        Distribution::Beta { .. } | Distribution::Uniform { .. } => standard.cdf(1.0 / (1.0 + exp(-t))),
        _ => STANDARD_NORMAL.cdf(t),
    }
}

const STANDARD_NORMAL: Concrete = Distribution::Normal { mean: 0.0, sd: 1.0 };

/// Mean and variance of a standardised distribution on the natural scale.
fn natural_moments(standard: &Concrete) -> (f64, f64) {
    match *standard {
        Distribution::Gamma { shape, .. } => (digamma(shape), trigamma(shape)),
        Distribution::Exponential { .. } => (digamma(1.0), trigamma(1.0)),
        Distribution::HalfNormal { .. } => {
            (0.5 * (digamma(0.5) + std::f64::consts::LN_2), 0.25 * trigamma(0.5))
        }
        Distribution::Beta { alpha, beta } => {
            (digamma(alpha) - digamma(beta), trigamma(alpha) + trigamma(beta))
        }
        Distribution::Uniform { .. } => (0.0, 2.0 * trigamma(1.0)),
        _ => (0.0, 1.0),
    }
}

/// $\psi_1(x)$ for $x > 0$: upwards by $\psi_1(x) = \psi_1(x + 1) + 1/x^2$, then by its asymptotic series (Abramowitz
/// and Stegun 1964, 6.4.12).
fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 12.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = square * (1.0 / 6.0 + square * (-1.0 / 30.0 + square * (1.0 / 42.0 - square / 30.0)));
    sum + 1.0 / x + 0.5 * square + series / x
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use counterplay_game::expression::Expressions;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::prior::Prior;

    fn near(found: f64, wanted: f64, tolerance: f64) {
        assert!((found - wanted).abs() <= tolerance, "{found} is not {wanted}");
    }

    /// A prior of every kind, one of them with a shape that depends on another.
    fn every_kind(mut joint: JointPrior) -> JointPrior {
        let mut e = Expressions::new();
        let [half, one, two, five] = [0.5, 1.0, 2.0, 5.0].map(|x| e.constant(x));
        let scale = e.parameter(ParameterId::new(0));
        let kinds = [
            Prior::Single(Distribution::Gamma { shape: five, rate: two }),
            Prior::Single(Distribution::Beta { alpha: scale, beta: two }),
            Prior::Categorical(vec![(1.0, 0.25), (2.0, 0.75)]),
            Prior::Single(Distribution::Lognormal { mu: half, sigma: scale }),
            Prior::Single(Distribution::Uniform { low: one, high: five }),
            Prior::Single(Distribution::Exponential { rate: two }),
            Prior::Single(Distribution::HalfNormal { sd: two }),
            Prior::Mixture(vec![
                (0.3, Distribution::Normal { mean: one, sd: half }),
                (0.7, Distribution::Normal { mean: five, sd: one }),
            ]),
            Prior::Dirichlet(vec![two, one, five]),
            Prior::Single(Distribution::Point(two)),
        ];
        for prior in &kinds {
            joint.add(&e, prior).unwrap();
        }
        joint
    }

    #[test]
    fn the_trigamma_function_has_its_known_values() {
        near(trigamma(1.0), PI * PI / 6.0, 1e-13);
        near(trigamma(0.5), PI * PI / 2.0, 1e-12);
        near(trigamma(0.1), 101.433_299_150_792_75, 1e-9);
    }

    #[test]
    fn draws_at_random_quantiles_are_distributed_as_draws_are() {
        let joint = every_kind(JointPrior::new());
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let count = 4000;
        let key = crate::key::Key::new(9);
        let drawn: Vec<Vec<f64>> = (0..count).map(|_| joint.sample(&mut rng).theta).collect();
        let placed: Vec<Vec<f64>> = (0..count)
            .map(|n| {
                let u = |i: usize| key.with(n).with(i as u64).uniform();
                joint.at_uniforms(&(0..joint.uniforms()).map(u).collect::<Vec<_>>()).theta
            })
            .collect();
        for p in 0..joint.parameters() {
            let column = |of: &[Vec<f64>]| of.iter().map(|d| d[p]).collect::<Vec<f64>>();
            let (mut a, mut b) = (column(&drawn), column(&placed));
            a.sort_by(f64::total_cmp);
            b.sort_by(f64::total_cmp);
            let below = |of: &[f64], x: f64| of.partition_point(|y| *y <= x) as f64 / count as f64;
            let gap = a.iter().map(|&x| (below(&a, x) - below(&b, x)).abs()).fold(0.0, f64::max);
            // The two-sample Kolmogorov-Smirnov distance exceeded with probability 1e-4.
            assert!(gap < 2.226 * (2.0 / count as f64).sqrt(), "parameter {p}: {gap}");
        }
    }

    #[test]
    fn every_coordinate_has_its_owner_and_its_standard_deviation() {
        let joint = every_kind(JointPrior::new());
        let owners: Vec<usize> = joint.owners().iter().map(|o| o.1.index()).collect();
        assert_eq!(owners, [0, 1, 3, 4, 5, 6, 7, 8, 9]);
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let draws: Vec<Vec<f64>> = (0..20_000).map(|_| joint.sample(&mut rng).z).collect();
        for (i, sd) in joint.coordinate_sds().into_iter().enumerate() {
            let column: Vec<f64> = draws.iter().map(|z| z[i]).collect();
            // The law of the second depends on the first, and is given at its median.
            if i == 1 {
                let median = Concrete::Gamma { shape: 5.0, rate: 2.0 }.quantile(0.5);
                near(sd * sd, trigamma(median) + trigamma(2.0), 1e-6);
            } else {
                near(counterplay_math::statistics::moments(&column).1 / sd, 1.0, 0.05);
            }
        }
        assert_eq!(joint.coordinate_sds()[2], 1.0);
        near(joint.coordinate_sds()[3], PI / 3.0_f64.sqrt(), 1e-12);
    }

    /// Moving a coordinate's distribution changes that density alone, and draws by as much.
    #[test]
    fn a_moved_prior_has_the_density_that_the_log_ratios_say() {
        let joint = every_kind(JointPrior::new());
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for coordinate in 0..joint.coordinates() {
            let moved = every_kind(JointPrior::moving(coordinate, 0.7));
            let draw = joint.sample(&mut rng);
            let mut at = joint.locate(&draw.theta).unwrap();
            let ratio = joint.log_density_moved(&mut at, coordinate, 0.7)
                - joint.log_density_moved(&mut at, coordinate, 0.0);
            let of = |joint: &JointPrior| joint.block_log_densities(&draw.theta).unwrap().iter().sum::<f64>();
            near(ratio, of(&moved) - of(&joint), 1e-9);
            let up = joint.moved_parameters(&draw, coordinate, 0.7);
            near(joint.unconstrain(&up).unwrap()[coordinate], draw.z[coordinate] + 0.7, 1e-6);
            let uniforms = vec![0.4; joint.uniforms()];
            let shift =
                moved.at_uniforms(&uniforms).z[coordinate] - joint.at_uniforms(&uniforms).z[coordinate];
            near(shift, 0.7, 1e-9);
        }
    }

    #[test]
    fn a_block_has_the_log_density_of_its_own() {
        let joint = every_kind(JointPrior::new());
        let draw = joint.at_uniforms(&vec![0.3; joint.uniforms()]);
        let blocks = joint.block_log_densities(&draw.theta).unwrap();
        assert_eq!(blocks.len(), 10);
        near(blocks[2], 0.75_f64.ln(), 1e-12);
        near(blocks[3], STANDARD_NORMAL.log_density(draw.z[2]), 1e-9);
        assert_eq!(blocks[9], 0.0);
    }
}
