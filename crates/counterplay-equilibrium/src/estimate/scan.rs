//! One precision for all players: a scan of the branch, and the refinement of every maximum that it shows.

use counterplay_math::powf;

use super::Settings;
use super::likelihood::{Likelihood, Observed, Unusable};
use super::path::Path;

/// Slopes of the log likelihood by $\ln \lambda$ that are smaller than this, relative to the number of
/// observations, are taken as zero: they are rounding, and a maximum among them would mean nothing.
const FLAT: f64 = 1e-10;

/// A slope by $\ln \lambda$, relative to the number of observations, that shows that a maximum is no stationary
/// point.
const STEEP: f64 = 1e-7;

/// Evaluations at most in the refinement of one maximum.
const REFINEMENTS: usize = 120;

/// The step of the difference that gives the observed information, relative to the precision.
const DIFFERENCE: f64 = 1e-4;

/// Where a maximum lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At a precision where the derivative of the log likelihood is zero.
    Interior,
    /// At precision zero: nothing fits better than play at random.
    Zero,
    /// At the largest precision that was tried, where the likelihood still rises or has levelled off: the data are
    /// at the limit of the branch, and the estimate is infinite as far as they show.
    Limit,
    /// At a precision where the branch folds back and the play found jumps: the likelihood is not continuous there,
    /// and there is no standard error.
    Fold,
    /// Everywhere: the likelihood is the same at all precisions, which are not identified.
    Flat,
}

/// A local maximum of the log likelihood.
#[derive(Clone, Debug, PartialEq)]
pub struct Maximum {
    /// The precision $\hat\lambda$, in one over payoff units.
    pub precision: f64,
    /// Where it lies.
    pub place: Place,
    /// $\ell(\hat\lambda)$.
    pub log_likelihood: f64,
    /// The derivative of the log likelihood there.
    pub slope: f64,
    /// The observed information $-\ell''(\hat\lambda)$; only at an interior maximum.
    pub information: Option<f64>,
    /// One over the square root of the information.
    pub standard_error: Option<f64>,
    /// Play there in each observed game: a probability for each action.
    pub play: Vec<Vec<f64>>,
}

/// The maxima of the log likelihood over one precision for all players.
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionEstimate {
    /// All local maxima found, the best first; of equal ones that with the smaller precision. There is at least one.
    pub maxima: Vec<Maximum>,
    /// The log likelihood of play at random.
    pub random_log_likelihood: f64,
    /// The log likelihood of the observed frequencies, which no play exceeds.
    pub frequencies_log_likelihood: f64,
    /// The smallest precision at which another branch crosses that of an observed game, if one was found: from there
    /// on which branch is the principal one is a matter of convention, and play is that of a branch that goes straight
    /// on, such as the symmetric one of a symmetric game.
    pub crossed_at: Option<f64>,
    /// The largest precision at which the likelihood is known.
    pub searched_to: f64,
    /// The precisions of the scan at which the equilibrium could not be followed to, so that nothing is known.
    pub unsolved: Vec<f64>,
}

impl PrecisionEstimate {
    /// The best of the maxima.
    pub fn best(&self) -> &Maximum {
        &self.maxima[0]
    }
}

/// A point of the scan.
#[derive(Clone, Debug)]
struct Scanned {
    precision: f64,
    log_likelihood: f64,
    slope: f64,
    play: Vec<Vec<f64>>,
}

impl Scanned {
    /// The slope by $\ln \lambda$; at zero, that by the precision in units of `scale`.
    fn relative_slope(&self, scale: f64) -> f64 {
        self.slope * if self.precision > 0.0 { self.precision } else { scale }
    }
}

/// The maximum-likelihood estimate of one precision for all players of all observed games.
///
/// The log likelihood and its exact derivative are computed at zero and at [`Settings::scan`] precisions in
/// geometric progression. Between two of them a local maximum is known to lie where the derivative changes sign from
/// plus to minus, or where the likelihood falls though both derivatives are positive, or rises though both are
/// negative; each is refined to rounding by secants and bisection on the derivative. A maximum and a minimum nearer
/// to each other than two points of the scan may be missed.
///
/// The branch is followed once by [`Solver::trace`](crate::logit::Solver::trace), and all precisions are looked up on it.
/// Where it folds back there are several points of it at one precision; play is then that of the first along the
/// branch from uniform play, and the parts on which the precision falls are left out. Where another branch crosses, as
/// in games with symmetries, [`PrecisionEstimate::crossed_at`] says so.
///
/// The games' payoffs and probabilities may depend on [`Observed::known`] parameters only.
///
/// ```
/// use counterplay_equilibrium::estimate::{Observed, Settings, precision};
/// use counterplay_game::normal::NormalForm;
/// use counterplay_game::rational::Rational;
/// // Ochs's game of asymmetric matching pennies, with the counts of McKelvey and Palfrey (1995).
/// let tenth_mills = |x: i64| Rational::new(x.into(), 10_000.into());
/// let payoffs = [11_141, 0, 0, 11_141, 0, 11_141, 2_785, 0].map(tenth_mills).to_vec();
/// let names = |a: &str, b: &str| vec![a.to_string(), b.to_string()];
/// let game = NormalForm::new(names("row", "column"), vec![names("1", "2"), names("1", "2")], payoffs).game();
/// let counts = [67.456, 60.544, 46.848, 81.152];
/// let observed = [Observed { game: &game, known: &[], counts: &counts }];
/// let estimate = precision(&observed, &Settings::default())?;
/// assert!((estimate.best().precision - 1.845_61).abs() < 1e-5);
/// # Ok::<(), counterplay_equilibrium::estimate::Unusable>(())
/// ```
///
/// # Errors
/// If the counts do not fit the games, or no equilibrium was found at any precision.
pub fn precision(observed: &[Observed], settings: &Settings) -> Result<PrecisionEstimate, Unusable> {
    let mut likelihood = Likelihood::new(observed, settings.solver)?;
    let spread = likelihood.payoff_spread(&[]);
    Scan::new(&mut likelihood, &[], spread, settings)?.estimate(settings, spread)
}

/// A scan over the precision at fixed parameters.
pub(super) struct Scan<'s, 'a> {
    likelihood: &'s mut Likelihood<'a>,
    parameters: &'s [f64],
    /// The smallest precision.
    scale: f64,
    paths: Vec<Path>,
}

impl<'s, 'a> Scan<'s, 'a> {
    /// Follows the branch of each observed game.
    pub(super) fn new(
        likelihood: &'s mut Likelihood<'a>,
        parameters: &'s [f64],
        spread: f64,
        settings: &Settings,
    ) -> Result<Self, Unusable> {
        // A little further than is scanned, for the differences there.
        let largest = settings.largest / spread * (1.0 + 2.0 * DIFFERENCE);
        let paths = likelihood.paths(parameters, largest).ok_or(Unusable::Unsolved)?;
        Ok(Self { likelihood, parameters, scale: settings.smallest / spread, paths })
    }

    fn at(&mut self, precision: f64) -> Option<Scanned> {
        let point = self.likelihood.on_paths(&self.paths, self.parameters, precision)?;
        let slope = point.by_precisions.iter().sum();
        Some(Scanned { precision, log_likelihood: point.log_likelihood, slope, play: point.play })
    }

    pub(super) fn estimate(
        mut self,
        settings: &Settings,
        spread: f64,
    ) -> Result<PrecisionEstimate, Unusable> {
        let (mut points, mut unsolved) = (Vec::new(), Vec::new());
        for precision in scanned_precisions(settings, spread) {
            match self.at(precision) {
                Some(point) => points.push(point),
                None => unsolved.push(precision),
            }
        }
        let Some(searched_to) = points.last().map(|p| p.precision) else { return Err(Unusable::Unsolved) };
        let mut maxima = self.maxima(&points);
        maxima.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood));
        Ok(PrecisionEstimate {
            maxima,
            random_log_likelihood: self.likelihood.of_random_play(),
            frequencies_log_likelihood: self.likelihood.of_frequencies(),
            crossed_at: self.paths.iter().filter_map(|p| p.crossed_at).reduce(f64::min),
            searched_to,
            unsolved,
        })
    }

    fn sign(&self, point: &Scanned) -> i8 {
        let slope = point.relative_slope(self.scale);
        if slope.abs() <= FLAT * self.likelihood.total { 0 } else { slope.signum() as i8 }
    }

    /// All local maxima that the scan shows.
    fn maxima(&mut self, points: &[Scanned]) -> Vec<Maximum> {
        let tolerance = FLAT * self.likelihood.total;
        let steep: Vec<usize> = (0..points.len()).filter(|&k| self.sign(&points[k]) != 0).collect();
        let falls = |a: &Scanned, b: &Scanned| a.log_likelihood - b.log_likelihood > tolerance;
        let (Some(&first), Some(&last)) = (steep.first(), steep.last()) else {
            return vec![at_point(&points[0], Place::Flat)];
        };
        let mut maxima = Vec::new();
        if self.sign(&points[first]) < 0 {
            maxima.push(at_point(&points[0], Place::Zero));
        }
        for pair in steep.windows(2) {
            let (a, b) = (&points[pair[0]], &points[pair[1]]);
            match (self.sign(a), self.sign(b)) {
                (1, -1) => maxima.push(self.refine(a, b)),
                (1, 1) if falls(a, b) => maxima.push(self.refine(a, b)),
                (-1, -1) if falls(b, a) => maxima.push(self.refine(b, a)),
                _ => {}
            }
        }
        if self.sign(&points[last]) > 0 {
            maxima.push(at_point(&points[points.len() - 1], Place::Limit));
        }
        maxima
    }

    /// The maximum between `near`, from which the likelihood rises towards `far`, and `far`, which is beyond it.
    fn refine(&mut self, near: &Scanned, far: &Scanned) -> Maximum {
        let direction = (far.precision - near.precision).signum();
        let (mut near, mut far) = (near.clone(), far.clone());
        let enough = 1e-2 * FLAT * self.likelihood.total;
        for count in 0..REFINEMENTS {
            let width = (far.precision - near.precision).abs();
            if width <= 4.0 * f64::EPSILON * near.precision.max(far.precision) {
                break;
            }
            let crosses = far.slope * direction < 0.0 && count % 3 != 2;
            let share = if crosses { near.slope / (near.slope - far.slope) } else { 0.5 };
            let Some(next) = self.at(near.precision + share * (far.precision - near.precision)) else {
                break;
            };
            let done = next.relative_slope(self.scale).abs() <= enough;
            let rises = next.slope * direction > 0.0;
            if done || (rises && next.log_likelihood >= near.log_likelihood - enough) {
                near = next;
            } else {
                far = next;
            }
            if done {
                break;
            }
        }
        let better = if far.log_likelihood > near.log_likelihood { far } else { near };
        self.interior(&better)
    }

    fn interior(&mut self, point: &Scanned) -> Maximum {
        if point.relative_slope(self.scale).abs() > STEEP * self.likelihood.total {
            return at_point(point, Place::Fold);
        }
        let step = DIFFERENCE * point.precision;
        let above = self.at(point.precision + step);
        let below = self.at(point.precision - step);
        let information =
            above.zip(below).map(|(a, b)| (b.slope - a.slope) / (2.0 * step)).filter(|i| *i > 0.0);
        let standard_error = information.map(|i| i.sqrt().recip());
        Maximum { information, standard_error, ..at_point(point, Place::Interior) }
    }
}

/// Zero, and precisions in geometric progression from the smallest to the largest.
fn scanned_precisions(settings: &Settings, spread: f64) -> Vec<f64> {
    let steps = settings.scan.max(2) - 1;
    let ratio = powf(settings.largest / settings.smallest, 1.0 / steps as f64);
    let power = |k: usize| settings.smallest * powf(ratio, k as f64) / spread;
    std::iter::once(0.0).chain((0..=steps).map(power)).collect()
}

fn at_point(point: &Scanned, place: Place) -> Maximum {
    Maximum {
        precision: point.precision,
        place,
        log_likelihood: point.log_likelihood,
        slope: point.slope,
        information: None,
        standard_error: None,
        play: point.play.clone(),
    }
}
