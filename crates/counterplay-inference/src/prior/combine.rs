//! Parameters with finitely many values.

use counterplay_game::expression::ParameterId;

use super::JointPrior;

/// A parameter with finitely many values.
#[derive(Clone, Debug)]
pub(super) struct Categorical {
    /// Its place among the inputs.
    pub(super) input: ParameterId,
    pub(super) parameter: ParameterId,
    /// Its values, each with its probability.
    pub(super) choices: Vec<(f64, f64)>,
}

/// One value for each categorical parameter.
///
/// A posterior over categorical parameters is a sum over their combinations: each is sampled on its own, and
/// weighed by its probability times its marginal likelihood.
#[derive(Clone, Debug, PartialEq)]
pub struct Combination {
    /// The values, in the order of [`JointPrior::categorical_parameters`].
    pub values: Vec<f64>,
    /// The prior probability of these values.
    pub probability: f64,
}

impl JointPrior {
    /// The categorical parameters, in order.
    pub fn categorical_parameters(&self) -> Vec<ParameterId> {
        self.categorical.iter().map(|categorical| categorical.parameter).collect()
    }

    /// How many combinations there are, at most [`usize::MAX`].
    pub fn combination_count(&self) -> usize {
        self.categorical.iter().fold(1, |count, categorical| count.saturating_mul(categorical.choices.len()))
    }

    /// All combinations of values of the categorical parameters, the first parameter varying slowest; their
    /// probabilities add up to one. Without categorical parameters this is one, of no values.
    ///
    /// ```
    /// use counterplay_game::expression::Expressions;
    /// use counterplay_inference::prior::{JointPrior, Prior};
    /// let mut joint = JointPrior::new();
    /// for choices in [vec![(1.0, 0.25), (2.0, 0.75)], vec![(-1.0, 1.0), (1.0, 1.0)]] {
    ///     joint.add(&Expressions::new(), &Prior::Categorical(choices))?; // weights are scaled to sum to one
    /// }
    /// let all: Vec<_> = joint.combinations().map(|one| (one.values, one.probability)).collect();
    /// assert_eq!(all.len(), 4);
    /// assert_eq!(all[1], (vec![1.0, 1.0], 0.125));
    /// assert_eq!(all[2], (vec![2.0, -1.0], 0.375));
    /// # Ok::<(), counterplay_inference::prior::PriorError>(())
    /// ```
    pub fn combinations(&self) -> impl Iterator<Item = Combination> {
        (0..self.combination_count()).map(|index| self.combination(index))
    }

    fn combination(&self, mut index: usize) -> Combination {
        let mut combination = Combination { values: vec![0.0; self.categorical.len()], probability: 1.0 };
        for (slot, categorical) in combination.values.iter_mut().zip(&self.categorical).rev() {
            let (value, probability) = categorical.choices[index % categorical.choices.len()];
            index /= categorical.choices.len();
            *slot = value;
            combination.probability *= probability;
        }
        combination
    }
}
