//! Independent draws from the prior, and the way from parameters back to coordinates.

use counterplay_game::expression::ExprId;
use counterplay_math::ln;
use rand::{Rng, RngExt};

use super::transform::offset;
use super::{Block, Combination, JointPrior, Link, Scalar, Simplex, Workspace};
use crate::distribution::{Concrete, Distribution};
use crate::random;

/// A draw from the prior.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorDraw {
    /// The coordinates.
    pub z: Vec<f64>,
    /// The parameter values.
    pub theta: Vec<f64>,
}

/// How often a draw is repeated whose arguments turn out to be out of range.
const TRIES: usize = 1000;

impl JointPrior {
    /// An independent draw, categorical parameters included.
    ///
    /// It is exact: not from a Markov chain. Where an argument that depends on earlier parameters comes out of
    /// its range the whole is drawn again; if that happens a thousand times, the last draw is given, at which
    /// the log density is minus infinity.
    pub fn sample(&self, rng: &mut (impl Rng + ?Sized)) -> PriorDraw {
        self.sample_within(&self.draw_combination(rng), rng)
    }

    /// Values of the categorical parameters drawn from their priors.
    pub fn draw_combination(&self, rng: &mut (impl Rng + ?Sized)) -> Combination {
        let values = self.categorical.iter().map(|categorical| chosen(rng, &categorical.choices)).collect();
        Combination { values, probability: 1.0 }
    }

    /// The same with, half of the time, the value of one categorical parameter drawn again from its prior.
    pub fn redraw(&self, combination: &Combination, rng: &mut (impl Rng + ?Sized)) -> Combination {
        let mut new = combination.clone();
        if !self.categorical.is_empty() && rng.random::<bool>() {
            let one = rng.random_range(0..self.categorical.len());
            new.values[one] = chosen(rng, &self.categorical[one].choices);
        }
        new
    }

    /// An independent draw given the values of the categorical parameters; otherwise as
    /// [`sample`](Self::sample).
    ///
    /// # Panics
    /// If the combination has not a value for each categorical parameter.
    pub fn sample_within(&self, combination: &Combination, rng: &mut (impl Rng + ?Sized)) -> PriorDraw {
        let mut workspace = self.workspace(combination);
        let mut draw = PriorDraw { z: vec![0.0; self.coordinates()], theta: Vec::new() };
        for _ in 0..TRIES {
            self.draw_coordinates(&mut workspace, &mut draw.z, rng);
            if self.log_density(&mut workspace, &draw.z).is_finite() {
                break;
            }
        }
        self.constrain(&mut workspace, &draw.z, &mut draw.theta);
        draw
    }

    /// Draws block by block, since the law of one may depend on the parameters of earlier ones.
    fn draw_coordinates(&self, workspace: &mut Workspace, z: &mut [f64], rng: &mut (impl Rng + ?Sized)) {
        for block in &self.blocks {
            match block {
                Block::Point | Block::Categorical(_) => {}
                Block::Scalar(scalar) => {
                    self.prepare(workspace, z, &scalar.depends_on());
                    z[scalar.coordinate] = scalar.draw(&|id| self.value(workspace, id), rng);
                    z[scalar.coordinate] += self.moved_by(scalar.coordinate);
                }
                Block::Simplex(simplex) => {
                    self.prepare(workspace, z, &simplex.concentrations);
                    simplex.draw(&|id| self.value(workspace, id), z, rng);
                    let (first, count) = (simplex.coordinate, simplex.concentrations.len() - 1);
                    for (k, z) in z.iter_mut().enumerate().skip(first).take(count) {
                        *z += self.moved_by(k);
                    }
                }
            }
        }
    }

    /// Evaluates everything, unless all of `needed` are known numbers.
    pub(super) fn prepare(&self, workspace: &mut Workspace, z: &[f64], needed: &[ExprId]) {
        if needed.iter().any(|&id| self.arena.known(id).is_none()) {
            self.evaluate(workspace, z);
        }
    }

    pub(super) fn value(&self, workspace: &Workspace, id: ExprId) -> f64 {
        self.arena.known(id).unwrap_or_else(|| workspace.values[id.index()])
    }

    /// The coordinates at which the parameters have the values `theta`; `None` if there are none, or if they
    /// are too far out for a number. Parameters with a point prior are not looked at.
    ///
    /// For a lognormal prior $z = (\ln \theta - \mu) / \sigma$, so that $e^2$ has the coordinate 2 where $\mu = 1$ and
    /// $\sigma = 1/2$:
    ///
    /// ```
    /// use counterplay_game::expression::Expressions;
    /// use counterplay_inference::distribution::Distribution;
    /// use counterplay_inference::prior::{JointPrior, Prior};
    /// let (mut e, mut joint) = (Expressions::new(), JointPrior::new());
    /// let (mu, sigma) = (e.constant(1.0), e.constant(0.5));
    /// joint.add(&e, &Prior::Single(Distribution::Lognormal { mu, sigma }))?;
    /// let z = joint.unconstrain(&[2.0_f64.exp()]).expect("a positive number");
    /// assert!((z[0] - 2.0).abs() < 1e-15);
    /// assert_eq!(joint.unconstrain(&[0.0]), None);
    /// # Ok::<(), counterplay_inference::prior::PriorError>(())
    /// ```
    ///
    /// # Panics
    /// If `theta` has not [`parameters`](Self::parameters) entries.
    pub fn unconstrain(&self, theta: &[f64]) -> Option<Vec<f64>> {
        assert_eq!(theta.len(), self.parameters(), "a value for each parameter");
        let values =
            self.categorical.iter().map(|categorical| theta[categorical.parameter.index()]).collect();
        let mut workspace = self.workspace(&Combination { values, probability: 1.0 });
        let mut z = vec![0.0; self.coordinates()];
        let mut rest = theta;
        for block in &self.blocks {
            self.evaluate(&mut workspace, &z);
            let value = |id: ExprId| self.value(&workspace, id);
            let taken = match block {
                Block::Point => 1,
                Block::Categorical(index) => {
                    self.categorical[*index].choices.iter().find(|(value, _)| *value == rest[0])?;
                    1
                }
                Block::Scalar(scalar) => {
                    z[scalar.coordinate] = scalar.coordinate_at(&value, rest[0])?;
                    1
                }
                Block::Simplex(simplex) => {
                    simplex.coordinates_at(rest, &mut z)?;
                    simplex.concentrations.len()
                }
            };
            rest = &rest[taken..];
        }
        Some(z)
    }
}

impl Scalar {
    /// What a draw of the coordinate depends on.
    pub(super) fn depends_on(&self) -> Vec<ExprId> {
        let mut needed: Vec<ExprId> = self.parts.iter().flat_map(|part| part.standard.arguments()).collect();
        // The coordinate of a single part is standardised: where it is and how wide does not matter.
        if self.parts.len() > 1 {
            needed.extend(self.parts.iter().flat_map(|part| [part.location, part.scale]));
            needed.extend([self.location, self.scale]);
        }
        needed
    }

    fn draw(&self, value: &impl Fn(ExprId) -> f64, rng: &mut (impl Rng + ?Sized)) -> f64 {
        if let [part] = self.parts.as_slice() {
            return standard_draw(&part.standard.map(value), rng);
        }
        let weights: Vec<(usize, f64)> = self.parts.iter().map(|part| part.weight).enumerate().collect();
        let part = &self.parts[chosen(rng, &weights)];
        let standard = standard_draw(&part.standard.map(value), rng);
        let t = value(part.location) + value(part.scale) * standard;
        (t - value(self.location)) / value(self.scale)
    }

    fn coordinate_at(&self, value: &impl Fn(ExprId) -> f64, theta: f64) -> Option<f64> {
        let t = match self.link {
            Link::Identity => theta,
            Link::Exp => ln(theta),
            Link::Logistic { low, high } => ln(theta - value(low)) - ln(value(high) - theta),
        };
        Some((t - value(self.location)) / value(self.scale)).filter(|z| z.is_finite())
    }
}

impl Simplex {
    fn draw(&self, value: &impl Fn(ExprId) -> f64, z: &mut [f64], rng: &mut (impl Rng + ?Sized)) {
        let concentrations: Vec<f64> = self.concentrations.iter().map(|&id| value(id)).collect();
        for k in 0..concentrations.len() - 1 {
            let rest = concentrations[k + 1..].iter().sum();
            let log_odds = random::log_gamma(concentrations[k], rng) - random::log_gamma(rest, rng);
            z[self.coordinate + k] = log_odds + offset(k, concentrations.len());
        }
    }

    fn coordinates_at(&self, theta: &[f64], z: &mut [f64]) -> Option<()> {
        let shares = &theta[..self.concentrations.len()];
        for k in 0..shares.len() - 1 {
            let rest: f64 = shares[k + 1..].iter().sum();
            let log_odds = ln(shares[k]) - ln(rest);
            z[self.coordinate + k] = Some(log_odds + offset(k, shares.len())).filter(|z| z.is_finite())?;
        }
        Some(())
    }
}

/// One of the choices, by their probabilities, which add up to one.
fn chosen<T: Copy>(rng: &mut (impl Rng + ?Sized), choices: &[(T, f64)]) -> T {
    let mut left = rng.random::<f64>();
    for &(value, probability) in choices {
        left -= probability;
        if left < 0.0 {
            return value;
        }
    }
    choices[choices.len() - 1].0
}

/// A draw on the natural scale from a standardised distribution; NaN if its shape is out of range.
fn standard_draw(standard: &Concrete, rng: &mut (impl Rng + ?Sized)) -> f64 {
    match *standard {
        Distribution::Gamma { shape, .. } => random::log_gamma(shape, rng),
        Distribution::Exponential { .. } => ln(random::exponential(rng)),
        Distribution::HalfNormal { .. } => ln(random::normal(rng).abs()),
        Distribution::Beta { alpha, beta } => random::log_gamma(alpha, rng) - random::log_gamma(beta, rng),
        Distribution::Uniform { .. } => ln(random::exponential(rng)) - ln(random::exponential(rng)),
        Distribution::Normal { .. }
        | Distribution::Lognormal { .. }
        | Distribution::LogitNormal { .. }
        | Distribution::Point(_)
        | Distribution::Poisson { .. }
        | Distribution::NegBinomial { .. }
        | Distribution::Bernoulli { .. } => random::normal(rng),
    }
}
