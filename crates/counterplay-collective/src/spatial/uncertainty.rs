//! What uncertain inputs leave open: the same model with capabilities, positions and saliences drawn around what is stated.

use counterplay_math::{exp, normal_quantile};
use rand::distr::Open01;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{Actor, Actors};

/// How far the inputs may be from what is stated; each in \[0, 1\], and 0 for exactly as stated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The standard deviation of positions, as a share of the width of the scale (the range of the positions as stated, if there is no
    /// scale). Normal, within the scale.
    pub position: f64,
    /// The standard deviation of saliences, as shares. Normal, within \[0, 1\]; a sum above 1 is scaled down to 1 where it was stated
    /// to be no more.
    pub salience: f64,
    /// The standard deviation of the logarithm of capabilities. The median is what is stated.
    pub capability: f64,
}

/// Draws inputs around what is stated.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    stated: Actors,
    spread: Spread,
    /// The ends of each dimension, within which positions stay, and the width that spreads are shares of.
    bounds: Vec<(f64, f64)>,
    width: Vec<f64>,
}

impl Inputs {
    /// Inputs around these, on a scale if positions have one.
    pub fn around(stated: &Actors, spread: Spread, scale: Option<(f64, f64)>) -> Self {
        let range = |d: usize| {
            let all = stated.list().iter().map(|actor| actor.position[d]);
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
        };
        let free = (f64::NEG_INFINITY, f64::INFINITY);
        let bounds = vec![scale.unwrap_or(free); stated.dimensions()];
        let width = (0..stated.dimensions()).map(|d| scale.unwrap_or_else(|| range(d)));
        let width = width.map(|(low, high)| high - low).collect();
        Self { stated: stated.clone(), spread, bounds, width }
    }

    /// One draw.
    pub fn draw(&self, luck: &mut impl Rng) -> Actors {
        // With a weight too small for a number nobody would have any, so that such a draw is thrown again.
        const TRIES: usize = 100;
        let draw = |luck: &mut _| {
            let list = self.stated.list().iter().map(|actor| self.actor(actor, luck)).collect();
            Actors::new(list).ok()
        };
        (0..TRIES).find_map(|_| draw(luck)).unwrap_or_else(|| self.stated.clone())
    }

    fn actor<R: Rng>(&self, stated: &Actor, luck: &mut R) -> Actor {
        let mut normal = |sd: f64| sd * normal_quantile(luck.sample(Open01));
        let capability = stated.capability * exp(normal(self.spread.capability));
        let place = |(d, x): (usize, &f64)| {
            within(self.bounds[d], *x, || normal(self.spread.position * self.width[d]))
        };
        let position = stated.position.iter().enumerate().map(place).collect();
        let attention = |s: &f64| within((0.0, 1.0), *s, || normal(self.spread.salience));
        let mut salience: Vec<f64> = stated.salience.iter().map(attention).collect();
        let (before, after): (f64, f64) = (stated.salience.iter().sum(), salience.iter().sum());
        if before <= 1.0 && after > 1.0 {
            for share in &mut salience {
                *share /= after;
            }
        }
        Actor { capability, position, salience }
    }
}

/// The stated number with noise, thrown again until it is within the bounds.
fn within((low, high): (f64, f64), stated: f64, mut noise: impl FnMut() -> f64) -> f64 {
    // From within the bounds, with a deviation of no more than their width, one throw in three is within them.
    const TRIES: usize = 1000;
    let mut throws = (0..TRIES).map(|_| stated + noise());
    throws.find(|x| (low..=high).contains(x)).unwrap_or(stated)
}

/// The source of all luck.
pub type Luck = ChaCha8Rng;

/// The results of this many runs, each with luck of its own from the seed: the same on any number of threads.
///
/// Capabilities drawn around 2, with a standard deviation of 0.3 of the logarithm: their median is 2, and 15.9% are more
/// than one standard deviation below it, that is below $2 e^{-0.3}$.
///
/// ```
/// use counterplay_collective::spatial::uncertainty::{Inputs, Spread, quantiles, runs};
/// use counterplay_collective::spatial::{Actor, Actors};
/// let actor = || Actor { capability: 2.0, position: vec![5.0], salience: vec![1.0] };
/// let spread = Spread { position: 0.0, salience: 0.0, capability: 0.3 };
/// let inputs = Inputs::around(&Actors::new(vec![actor(), actor()])?, spread, None);
/// let drawn = runs(4000, 7, |luck| inputs.draw(luck).list()[0].capability);
/// let found = quantiles(drawn, &[0.158_655, 0.5]).expect("4000 numbers");
/// assert!((found[0] / (2.0 * (-0.3_f64).exp()) - 1.0).abs() < 0.05 && (found[1] / 2.0 - 1.0).abs() < 0.05);
/// # Ok::<(), counterplay_collective::spatial::NotActors>(())
/// ```
pub fn runs<T: Send>(count: usize, seed: u64, run: impl Fn(&mut Luck) -> T + Sync) -> Vec<T> {
    (0..count as u64).into_par_iter().map(|at| run(&mut luck(seed, at))).collect()
}

/// The luck of one run. Run 0 has the luck of a single run with this seed.
pub fn luck(seed: u64, run: u64) -> Luck {
    let mut luck = Luck::seed_from_u64(seed);
    luck.set_stream(run);
    luck
}

/// The quantiles of numbers at these levels, interpolated between the ordered numbers at $(n - 1) p$; of no numbers there are none.
pub fn quantiles(mut values: Vec<f64>, levels: &[f64]) -> Option<Vec<f64>> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |level: &f64| {
        let place = level * last as f64;
        let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
        below + (place - place.floor()) * (above - below)
    };
    Some(levels.iter().map(at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_ordered_numbers() {
        let five = vec![5.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!(quantiles(five, &[0.0, 0.5, 0.625, 1.0]), Some(vec![1.0, 3.0, 3.5, 5.0]));
        assert_eq!(quantiles(Vec::new(), &[0.5]), None);
    }
}
