//! Maximising a smooth function within bounds, from its value and its exact gradient.
//!
//! A quasi-Newton method (Broyden, Fletcher, Goldfarb and Shanno; Nocedal and Wright 2006, chapter 6) whose steps
//! are projected onto the bounds, the coordinates that press against theirs being left out of the direction
//! (Bertsekas 1982). It is written here because the optimisers in `argmin` know no bounds, which precisions
//! have, and come with some thirty crates.

use super::matrix::{Matrix, identity};

/// How an ascent ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ended {
    /// All slopes are zero, within the tolerance, but for those that press against a bound.
    Converged,
    /// No step led higher.
    Stalled {
        /// The largest slope, by a coordinate in units of itself where that is above one.
        slope: f64,
    },
    /// The budget of steps was spent.
    OutOfBudget {
        /// The largest slope.
        slope: f64,
    },
}

/// Where an ascent ended.
#[derive(Clone, Debug)]
pub(super) struct Summit {
    pub(super) at: Vec<f64>,
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) ended: Ended,
}

/// Lower and upper bounds of each coordinate, which may be infinite.
pub(super) type Bounds = [(f64, f64)];

/// Halvings of a step before it is given up.
const HALVINGS: usize = 50;

/// The share of the rise promised by the gradient that a step must bring.
const SUFFICIENT: f64 = 1e-4;

/// A function with its gradient; `None` where it has no value.
pub(super) type Function<'f> = dyn FnMut(&[f64]) -> Option<(f64, Vec<f64>)> + 'f;

/// Ascends from `start`; `None` if the function has no value there.
pub(super) fn ascend(
    function: &mut Function,
    start: &[f64],
    bounds: &Bounds,
    tolerance: f64,
    max_steps: usize,
) -> Option<Summit> {
    let mut at = clamp(start.to_vec(), bounds);
    let (mut value, mut gradient) = function(&at)?;
    let mut curvature = Curvature::new(at.len());
    for _ in 0..max_steps {
        if steepest(&at, &gradient, bounds) <= tolerance {
            return Some(Summit { at, value, gradient, ended: Ended::Converged });
        }
        let direction = curvature.direction(&at, &gradient, bounds);
        let Some((next, higher, slopes)) = search(function, &at, value, &gradient, &direction, bounds) else {
            if curvature.fresh {
                let slope = steepest(&at, &gradient, bounds);
                return Some(Summit { at, value, gradient, ended: Ended::Stalled { slope } });
            }
            curvature = Curvature::new(at.len());
            continue;
        };
        curvature.learn(&at, &next, &gradient, &slopes);
        (at, value, gradient) = (next, higher, slopes);
    }
    let slope = steepest(&at, &gradient, bounds);
    Some(Summit { at, value, gradient, ended: Ended::OutOfBudget { slope } })
}

/// Whether a coordinate is at a bound and its slope leads out.
pub(super) fn presses(x: f64, slope: f64, bound: (f64, f64)) -> bool {
    (x <= bound.0 && slope <= 0.0) || (x >= bound.1 && slope >= 0.0)
}

/// The largest slope by a coordinate in units of itself where that is above one.
pub(super) fn steepest(at: &[f64], gradient: &[f64], bounds: &Bounds) -> f64 {
    let free = at.iter().zip(gradient).zip(bounds).filter(|((x, g), b)| !presses(**x, **g, **b));
    free.map(|((x, g), _)| g.abs() * x.abs().max(1.0)).fold(0.0, f64::max)
}

fn clamp(mut x: Vec<f64>, bounds: &Bounds) -> Vec<f64> {
    for (x, b) in x.iter_mut().zip(bounds) {
        *x = x.max(b.0).min(b.1);
    }
    x
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// The longest step of its halvings that leads high enough: the point, its value and its gradient.
fn search(
    function: &mut Function,
    at: &[f64],
    value: f64,
    gradient: &[f64],
    direction: &[f64],
    bounds: &Bounds,
) -> Option<(Vec<f64>, f64, Vec<f64>)> {
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let next = clamp(at.iter().zip(direction).map(|(x, d)| x + length * d).collect(), bounds);
        let promised = dot(gradient, &difference(&next, at));
        if let Some((reached, slopes)) = function(&next)
            && reached > value
            && reached >= value + SUFFICIENT * promised
        {
            return Some((next, reached, slopes));
        }
        length /= 2.0;
    }
    None
}

/// What has been learnt of the inverse of the negative second derivatives.
struct Curvature {
    inverse: Matrix,
    fresh: bool,
}

impl Curvature {
    fn new(n: usize) -> Self {
        Self { inverse: identity(n), fresh: true }
    }

    /// The direction of ascent among the coordinates that do not press against a bound.
    fn direction(&self, at: &[f64], gradient: &[f64], bounds: &Bounds) -> Vec<f64> {
        let free: Vec<bool> = (0..at.len()).map(|k| !presses(at[k], gradient[k], bounds[k])).collect();
        let own = |row: &Vec<f64>| (0..at.len()).filter(|&k| free[k]).map(|k| row[k] * gradient[k]).sum();
        let mut direction: Vec<f64> =
            self.inverse.iter().zip(&free).map(|(row, &free)| if free { own(row) } else { 0.0 }).collect();
        if self.fresh {
            // Nothing is known of the scale; a step should not leave the neighbourhood.
            let longest =
                direction.iter().zip(at).map(|(d, x)| d.abs() / x.abs().max(1.0)).fold(0.0, f64::max);
            let shrink = if longest > 1.0 { longest.recip() } else { 1.0 };
            for d in &mut direction {
                *d *= shrink;
            }
        }
        direction
    }

    /// The update of Broyden, Fletcher, Goldfarb and Shanno, where the function is concave along the step.
    fn learn(&mut self, before: &[f64], after: &[f64], gradient: &[f64], slopes: &[f64]) {
        let (step, bend) = (difference(after, before), difference(gradient, slopes));
        let product = dot(&step, &bend);
        if product <= 1e-12 * (dot(&step, &step) * dot(&bend, &bend)).sqrt() {
            return;
        }
        if self.fresh {
            let scale = product / dot(&bend, &bend);
            for x in self.inverse.iter_mut().flatten() {
                *x *= scale;
            }
            self.fresh = false;
        }
        let image: Vec<f64> = self.inverse.iter().map(|row| dot(row, &bend)).collect();
        let weight = (1.0 + dot(&bend, &image) / product) / product;
        for (i, row) in self.inverse.iter_mut().enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                *x += weight * step[i] * step[j] - (image[i] * step[j] + step[i] * image[j]) / product;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The negative of Rosenbrock's function.
    fn valley(x: &[f64]) -> (f64, Vec<f64>) {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        (-(a * a + 100.0 * b * b), vec![2.0 * a + 400.0 * x[0] * b, -200.0 * b])
    }

    #[test]
    fn the_summit_of_a_curved_ridge_is_found() {
        let far = (f64::NEG_INFINITY, f64::INFINITY);
        let summit =
            ascend(&mut |x| Some(valley(x)), &[-1.2, 1.0], &[far, far], 1e-10, 200).expect("it has values");
        assert_eq!(summit.ended, Ended::Converged);
        assert!((summit.at[0] - 1.0).abs() < 1e-8 && (summit.at[1] - 1.0).abs() < 1e-8);
    }

    #[test]
    fn a_bound_is_kept_and_the_best_point_on_it_found() {
        let bounds = [(f64::NEG_INFINITY, 0.5), (f64::NEG_INFINITY, f64::INFINITY)];
        let summit =
            ascend(&mut |x| Some(valley(x)), &[-1.2, 1.0], &bounds, 1e-7, 200).expect("it has values");
        assert_eq!((summit.ended, summit.at[0]), (Ended::Converged, 0.5));
        assert!((summit.at[1] - 0.25).abs() < 1e-8);
    }
}
