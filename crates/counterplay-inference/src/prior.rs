//! The joint prior of all parameters, over coordinates without bounds.
//!
//! A [`JointPrior`] maps a point $z$ of $\mathbb{R}^d$ to parameter values $\theta$, and has the log density of
//! $z$ (with the Jacobian of the map) and its exact gradient. The coordinates are chosen so that a sampler meets
//! no funnel: a parameter with location and scale is these plus and times a standardised coordinate, even where
//! they depend on earlier parameters (the non-centred form; Betancourt and Girolami 2015).
//!
//! | prior | parameter | coordinate |
//! |---|---|---|
//! | `normal` | $\text{mean} + \text{sd}\\,z$ | standard normal |
//! | `lognormal` | $\exp(\mu + \sigma z)$ | standard normal |
//! | `logit_normal` | $\operatorname{logistic}(\mu + \sigma z)$ | standard normal |
//! | `exponential`, `gamma` | $e^z / \text{rate}$ | logarithm of one with rate 1 |
//! | `half_normal` | $\text{sd}\\,e^z$ | logarithm of one with sd 1 |
//! | `beta` | $\operatorname{logistic}(z)$ | its log odds |
//! | `uniform` | $\text{lo} + (\text{hi} - \text{lo}) \operatorname{logistic}(z)$ | standard logistic |
//! | `mixture` | by the support: $\bar m + \bar s z$ with the mixture's mean and sd; $e^z$; $\operatorname{logistic}(z)$ | the mixture's |
//! | `dirichlet` | stick-breaking, each break a $\operatorname{logistic}$ | log odds of independent betas |
//! | `point` | the expression itself | none |
//! | categorical | one of finitely many values | none: see [`Combination`] |
//!
//! ```
//! use counterplay_inference::distribution::Distribution;
//! use counterplay_inference::prior::{JointPrior, Prior};
//! use counterplay_game::expression::Expressions;
//! let mut e = Expressions::new();
//! let (one, two) = (e.constant(1.0), e.constant(2.0));
//! let mut joint = JointPrior::new();
//! let scale = joint.add(&e, &Prior::Single(Distribution::HalfNormal { sd: two }))?[0];
//! let scale = e.parameter(scale);
//! joint.add(&e, &Prior::Single(Distribution::Normal { mean: one, sd: scale }))?;
//! let mut workspace = joint.workspace(&joint.combinations().next().expect("there is always one"));
//! let mut theta = Vec::new();
//! joint.constrain(&mut workspace, &[0.0, 0.5], &mut theta);
//! assert_eq!(theta, [2.0, 2.0]);
//! # Ok::<(), counterplay_inference::prior::PriorError>(())
//! ```

mod check;
mod combine;
mod coordinates;
mod draw;
mod transform;

use counterplay_game::expression::{ExprId, Expressions, ParameterId};

use crate::distribution::Distribution;
pub use check::PriorError;
use combine::Categorical;
pub use combine::Combination;
pub use coordinates::PriorPoint;
pub use draw::PriorDraw;
use transform::{Link, Scalar, Simplex};

/// What is believed of one parameter, or of the shares of a whole, before the record is looked at.
///
/// Arguments are expressions in the scenario's arena; they may depend on earlier parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum Prior {
    /// A continuous distribution, or a point.
    Single(Distribution),
    /// One of several continuous distributions with the same support, each with a weight. Weights are scaled
    /// to add up to one. If all are points at known numbers this is [`Categorical`](Prior::Categorical).
    Mixture(Vec<(f64, Distribution)>),
    /// One of finitely many values, each with a probability. Probabilities are scaled to add up to one.
    Categorical(Vec<(f64, f64)>),
    /// Shares that add up to one, one parameter for each concentration, with density proportional to
    /// $\prod_k x_k^{\alpha_k - 1}$.
    Dirichlet(Vec<ExprId>),
}

impl Prior {
    /// How many parameters it is the prior of.
    pub fn parameters(&self) -> usize {
        match self {
            Self::Single(_) | Self::Mixture(_) | Self::Categorical(_) => 1,
            Self::Dirichlet(concentrations) => concentrations.len(),
        }
    }

    /// The expressions that it depends on.
    pub fn arguments(&self) -> Vec<ExprId> {
        match self {
            Self::Single(distribution) => distribution.arguments(),
            Self::Mixture(parts) => parts.iter().flat_map(|(_, part)| part.arguments()).collect(),
            Self::Categorical(_) => Vec::new(),
            Self::Dirichlet(concentrations) => concentrations.clone(),
        }
    }
}

/// The prior of all parameters together; see the [module](self).
#[derive(Clone, Debug, Default)]
pub struct JointPrior {
    /// Expressions over the inputs: the coordinates and the categorical parameters, as they were added.
    arena: Expressions,
    inputs: usize,
    /// Each parameter as an expression over the inputs.
    parameters: Vec<ExprId>,
    /// The log density of each block of coordinates.
    log_densities: Vec<ExprId>,
    blocks: Vec<Block>,
    /// The input of each coordinate.
    coordinates: Vec<ParameterId>,
    categorical: Vec<Categorical>,
    /// A coordinate whose distribution is moved up, and by how much.
    moved: Option<(usize, f64)>,
}

/// How one prior's parameters come about.
#[derive(Clone, Debug)]
enum Block {
    Point,
    /// The index among the categorical parameters.
    Categorical(usize),
    Scalar(Scalar),
    Simplex(Simplex),
}

/// Memory for evaluations, and the values of the categorical parameters at which they take place.
#[derive(Clone, Debug)]
pub struct Workspace {
    inputs: Vec<f64>,
    values: Vec<f64>,
    adjoints: Vec<f64>,
    gradient: Vec<f64>,
}

impl JointPrior {
    /// The prior of no parameter.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the prior of the next parameter, or parameters, and gives their ids, which are consecutive.
    ///
    /// # Errors
    /// If an argument is out of its range or depends on a parameter that has not been added yet, if a
    /// distribution of counts is used, or if a mixture's parts differ in their supports.
    pub fn add(&mut self, scenario: &Expressions, prior: &Prior) -> Result<Vec<ParameterId>, PriorError> {
        let prior = check::checked(scenario, prior, self.parameters())?;
        let first = self.parameters();
        match &prior {
            Prior::Single(Distribution::Point(x)) => {
                let x = self.rebuilt(scenario, *x);
                self.parameters.push(x);
                self.blocks.push(Block::Point);
            }
            Prior::Single(distribution) => self.add_scalar(scenario, &[(1.0, *distribution)])?,
            Prior::Mixture(parts) => self.add_scalar(scenario, parts)?,
            Prior::Categorical(choices) => self.add_categorical(choices),
            Prior::Dirichlet(concentrations) => self.add_simplex(scenario, concentrations),
        }
        Ok((first..self.parameters()).map(ParameterId::new).collect())
    }

    /// An expression of the scenario over the inputs.
    fn rebuilt(&mut self, scenario: &Expressions, id: ExprId) -> ExprId {
        let parameters = &self.parameters;
        scenario.rebuild_into(id, &mut self.arena, |_, parameter| parameters[parameter.index()])
    }

    fn next_input(&mut self) -> (ParameterId, ExprId) {
        let input = ParameterId::new(self.inputs);
        self.inputs += 1;
        (input, self.arena.parameter(input))
    }

    fn next_coordinate(&mut self) -> ExprId {
        let (input, z) = self.next_input();
        self.coordinates.push(input);
        z
    }

    fn add_scalar(
        &mut self,
        scenario: &Expressions,
        parts: &[(f64, Distribution)],
    ) -> Result<(), PriorError> {
        let parts: Vec<(f64, Distribution)> =
            parts.iter().map(|(weight, part)| (*weight, part.map(|id| self.rebuilt(scenario, id)))).collect();
        let coordinate = self.coordinates();
        let scalar = Scalar::new(&mut self.arena, &parts, coordinate)?;
        let z = self.next_coordinate();
        let (parameter, log_density) = scalar.place(&mut self.arena, z);
        let log_density = match self.moved_by(coordinate) {
            0.0 => log_density,
            by => {
                let by = self.arena.constant(by);
                let back = self.arena.subtract(z, by);
                scalar.place(&mut self.arena, back).1
            }
        };
        let log_density =
            parts.iter().fold(log_density, |density, (_, part)| part.where_valid(&mut self.arena, density));
        self.parameters.push(parameter);
        self.log_densities.push(log_density);
        self.blocks.push(Block::Scalar(scalar));
        Ok(())
    }

    fn add_categorical(&mut self, choices: &[(f64, f64)]) {
        let (input, value) = self.next_input();
        let parameter = ParameterId::new(self.parameters());
        self.parameters.push(value);
        self.blocks.push(Block::Categorical(self.categorical.len()));
        self.categorical.push(Categorical { input, parameter, choices: choices.to_vec() });
    }

    fn add_simplex(&mut self, scenario: &Expressions, concentrations: &[ExprId]) {
        let concentrations = concentrations.iter().map(|&id| self.rebuilt(scenario, id)).collect();
        let simplex = Simplex { concentrations, coordinate: self.coordinates() };
        let z: Vec<ExprId> = (1..simplex.concentrations.len()).map(|_| self.next_coordinate()).collect();
        let (shares, log_density) = simplex.place(&mut self.arena, &z);
        let log_density = if z.iter().enumerate().any(|(k, _)| self.moved_by(simplex.coordinate + k) != 0.0) {
            let back = |(k, &z): (usize, &ExprId)| {
                let by = self.arena.constant(self.moved_by(simplex.coordinate + k));
                self.arena.subtract(z, by)
            };
            let back: Vec<ExprId> = z.iter().enumerate().map(back).collect();
            simplex.place(&mut self.arena, &back).1
        } else {
            log_density
        };
        self.parameters.extend(shares);
        self.log_densities.push(log_density);
        self.blocks.push(Block::Simplex(simplex));
    }

    /// The number of coordinates.
    pub fn coordinates(&self) -> usize {
        self.coordinates.len()
    }

    /// The number of parameters.
    pub fn parameters(&self) -> usize {
        self.parameters.len()
    }

    /// Memory for evaluations at the given values of the categorical parameters.
    ///
    /// # Panics
    /// If the combination has not a value for each categorical parameter.
    pub fn workspace(&self, combination: &Combination) -> Workspace {
        assert_eq!(
            combination.values.len(),
            self.categorical.len(),
            "a value for each categorical parameter"
        );
        let mut inputs = vec![0.0; self.inputs];
        for (categorical, &value) in self.categorical.iter().zip(&combination.values) {
            inputs[categorical.input.index()] = value;
        }
        let (values, adjoints) = (Vec::with_capacity(self.arena.len()), Vec::with_capacity(self.arena.len()));
        Workspace { inputs, values, adjoints, gradient: vec![0.0; self.inputs] }
    }

    /// Writes the parameter values at the point `z` into `theta`, which is cleared first.
    ///
    /// # Panics
    /// If `z` has not [`coordinates`](Self::coordinates) entries, or the workspace is another prior's.
    pub fn constrain(&self, workspace: &mut Workspace, z: &[f64], theta: &mut Vec<f64>) {
        self.evaluate(workspace, z);
        self.read_parameters(workspace, theta);
    }

    fn read_parameters(&self, workspace: &Workspace, theta: &mut Vec<f64>) {
        theta.clear();
        theta.extend(self.parameters.iter().map(|id| workspace.values[id.index()]));
    }

    /// The log density of `z`, Jacobian included: it integrates to one over all `z`, for each combination of
    /// the categorical parameters. It is minus infinity where an argument that depends on earlier parameters is
    /// out of its range; what is left then integrates to less than one.
    ///
    /// # Panics
    /// As [`constrain`](Self::constrain).
    pub fn log_density(&self, workspace: &mut Workspace, z: &[f64]) -> f64 {
        self.evaluate(workspace, z);
        self.read_log_density(workspace)
    }

    fn read_log_density(&self, workspace: &Workspace) -> f64 {
        self.log_densities.iter().map(|id| workspace.values[id.index()]).sum()
    }

    /// The log density at `z`; adds to `gradient_z` the derivative by $z$ of
    /// $\ln p(z) + \sum_k a_k \theta_k(z)$, where `theta_adjoint` holds $a_k$: the derivative of the log
    /// likelihood by each parameter.
    ///
    /// # Panics
    /// As [`constrain`](Self::constrain), or if an adjoint vector has the wrong length.
    pub fn gradient(
        &self,
        workspace: &mut Workspace,
        z: &[f64],
        theta_adjoint: &[f64],
        gradient_z: &mut [f64],
    ) -> f64 {
        assert_eq!(theta_adjoint.len(), self.parameters(), "an adjoint for each parameter");
        assert_eq!(gradient_z.len(), self.coordinates(), "a derivative by each coordinate");
        self.evaluate(workspace, z);
        let Workspace { values, adjoints, gradient, .. } = workspace;
        adjoints.clear();
        adjoints.resize(self.arena.len(), 0.0);
        gradient.fill(0.0);
        for id in &self.log_densities {
            adjoints[id.index()] += 1.0;
        }
        for (id, adjoint) in self.parameters.iter().zip(theta_adjoint) {
            adjoints[id.index()] += adjoint;
        }
        self.arena.back_propagate(values, adjoints, gradient);
        for (total, input) in gradient_z.iter_mut().zip(&self.coordinates) {
            *total += gradient[input.index()];
        }
        self.read_log_density(workspace)
    }

    fn evaluate(&self, workspace: &mut Workspace, z: &[f64]) {
        assert_eq!(z.len(), self.coordinates(), "a value for each coordinate");
        for (input, &value) in self.coordinates.iter().zip(z) {
            workspace.inputs[input.index()] = value;
        }
        self.arena.evaluate_into(&workspace.inputs, &mut workspace.values);
    }
}

#[cfg(test)]
mod tests;
