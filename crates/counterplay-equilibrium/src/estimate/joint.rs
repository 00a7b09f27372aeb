//! Several unknowns at once: a precision for each player, and the parameters of the payoffs.

use super::Settings;
use super::ascent::{Bounds, Ended, Summit, ascend, presses, steepest};
use super::likelihood::{Likelihood, Observed, Unusable};
use super::matrix::{Matrix, inverse};
use super::scan::{Place, Scan};

/// The slope at which an ascent ends, for each observation.
const LEVEL: f64 = 1e-9;

/// The step of the differences of the gradient, relative to a coordinate, and the smallest coordinate it is taken of.
const DIFFERENCE: f64 = 1e-4;
const SMALLEST: f64 = 0.1;

/// Newton's steps at most at the end of an ascent.
const POLISHINGS: usize = 6;

/// Maxima that are nearer than this, in coordinates of the order of one, are the same.
const SAME: f64 = 1e-5;

/// Which precisions there are.
#[derive(Clone, Debug, PartialEq)]
pub enum Precisions {
    /// They are known: one for each player.
    Fixed(Vec<f64>),
    /// One, to be estimated, for all players.
    Common,
    /// One for each player, to be estimated; players of several games are identified by their position.
    PerPlayer,
}

/// What is to be estimated.
#[derive(Clone, Debug)]
pub struct Unknowns<'a> {
    /// Values of the estimated parameters to start from. These are the first of the games' parameters; those after
    /// them are [`Observed::known`].
    pub starts: &'a [Vec<f64>],
    /// The lower and upper bound of each estimated parameter, which may be infinite.
    pub bounds: &'a [(f64, f64)],
    /// The precisions.
    pub precisions: Precisions,
}

/// An estimated number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimated {
    /// The estimate.
    pub value: f64,
    /// Whether it is at a bound.
    pub bound: Bound,
    /// The square root of its entry in the inverse of the observed information of all estimates that are not at a
    /// bound, where that is positive definite.
    pub standard_error: Option<f64>,
}

/// Whether an estimate is at a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It is not.
    Free,
    /// At the lower one; a precision is then zero.
    Lower,
    /// At the upper one; a precision is then infinite as far as the data show.
    Upper,
}

/// A local maximum of the log likelihood over several unknowns.
#[derive(Clone, Debug, PartialEq)]
pub struct JointMaximum {
    /// The estimated parameters.
    pub parameters: Vec<Estimated>,
    /// The estimated precisions: none, one, or one for each player.
    pub precisions: Vec<Estimated>,
    /// The log likelihood.
    pub log_likelihood: f64,
    /// Its gradient, by parameters and then by precisions.
    pub gradient: Vec<f64>,
    /// The inverse of the observed information, by parameters and then by precisions, with zeros for those at a bound;
    /// `None` where the information is not positive definite, so that not all unknowns are identified.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// How the ascent ended.
    pub ended: Ended,
    /// From how many of the starts it was reached.
    pub reached_from: usize,
    /// Play there in each observed game.
    pub play: Vec<Vec<f64>>,
}

/// The maxima of the log likelihood over several unknowns.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// The local maxima found, the best first. There is at least one.
    pub maxima: Vec<JointMaximum>,
    /// From how many points it was searched.
    pub starts: usize,
    /// The log likelihood of play at random.
    pub random_log_likelihood: f64,
    /// The log likelihood of the observed frequencies, which no play exceeds.
    pub frequencies_log_likelihood: f64,
}

impl Joint {
    /// The best of the maxima.
    pub fn best(&self) -> &JointMaximum {
        &self.maxima[0]
    }
}

/// The maximum-likelihood estimates of one precision for each player.
///
/// The ascent starts at each maximum over one precision for all and at each vector whose entries are 1 or 10 over the
/// payoff spread; of more than four players at those two only whose entries are equal.
///
/// Where nobody's payoff depends on the others, each precision is the log odds of the counts over the difference in
/// payoffs, with the standard error $1 / \sqrt{n p (1 - p)}$:
///
/// ```
/// use counterplay_equilibrium::estimate::{Observed, Settings, precisions};
/// use counterplay_game::gambit::read_nfg;
/// let text = r#"NFG 1 R "" { "A" "B" } { { "good" "bad" } { "good" "bad" } } 1 1 0 1 1 0 0 0"#;
/// let game = read_nfg(text).expect("a game file").game();
/// let observed = [Observed { game: &game, known: &[], counts: &[30.0, 10.0, 18.0, 2.0] }];
/// let joint = precisions(&observed, &Settings::default())?;
/// let [a, b] = [joint.best().precisions[0], joint.best().precisions[1]];
/// assert!((a.value - 3.0_f64.ln()).abs() < 1e-6 && (b.value - 9.0_f64.ln()).abs() < 1e-6);
/// assert!((a.standard_error.expect("identified") - 7.5_f64.sqrt().recip()).abs() < 1e-4);
/// # Ok::<(), counterplay_equilibrium::estimate::Unusable>(())
/// ```
///
/// # Errors
/// If the counts do not fit the games, the games have different numbers of players, or nothing could be solved.
pub fn precisions(observed: &[Observed], settings: &Settings) -> Result<Joint, Unusable> {
    let unknowns = Unknowns { starts: &[Vec::new()], bounds: &[], precisions: Precisions::PerPlayer };
    parameters(observed, &unknowns, settings)
}

/// The maximum-likelihood estimates of parameters, and of precisions unless they are fixed.
///
/// From each start a projected quasi-Newton ascent with the exact gradient, and then Newton's method with second
/// derivatives by differences of that gradient. It finds local maxima; several starts show whether there are several.
/// Payoffs are identified only up to what play depends on: fix a precision, or the scale of payoffs. Where the
/// branch folds back the likelihood is not continuous, and an ascent may end there as [`Ended::Stalled`].
///
/// # Errors
/// If the counts do not fit the games, the starts do not fit the bounds, or nothing could be solved.
pub fn parameters(
    observed: &[Observed],
    unknowns: &Unknowns,
    settings: &Settings,
) -> Result<Joint, Unusable> {
    let likelihood = Likelihood::new(observed, settings.solver)?;
    if unknowns.precisions != Precisions::Common && !likelihood.same_players() {
        return Err(Unusable::DifferentPlayers);
    }
    let mut problem = Problem::new(likelihood, unknowns, settings)?;
    let starts = problem.starts();
    let mut maxima: Vec<JointMaximum> = Vec::new();
    for start in &starts {
        let Some(found) = problem.maximum(start) else { continue };
        match maxima.iter_mut().find(|m| problem.same(m, &found)) {
            Some(known) => {
                let reached_from = known.reached_from + 1;
                if found.log_likelihood > known.log_likelihood {
                    *known = found;
                }
                known.reached_from = reached_from;
            }
            None => maxima.push(found),
        }
    }
    if maxima.is_empty() {
        return Err(Unusable::Unsolved);
    }
    maxima.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood));
    Ok(Joint {
        maxima,
        starts: starts.len(),
        random_log_likelihood: problem.likelihood.of_random_play(),
        frequencies_log_likelihood: problem.likelihood.of_frequencies(),
    })
}

/// The likelihood in coordinates: the parameters, then the precisions in units of one over the payoff spread.
struct Problem<'a> {
    likelihood: Likelihood<'a>,
    unknowns: &'a Unknowns<'a>,
    settings: &'a Settings,
    spread: f64,
    bounds: Vec<(f64, f64)>,
}

impl<'a> Problem<'a> {
    fn new(
        likelihood: Likelihood<'a>,
        unknowns: &'a Unknowns<'a>,
        settings: &'a Settings,
    ) -> Result<Self, Unusable> {
        let count = unknowns.bounds.len();
        let fits = |s: &Vec<f64>| s.len() == count && s.iter().all(|x| x.is_finite());
        let ordered = unknowns.bounds.iter().all(|b| b.0 <= b.1);
        let fixed = match &unknowns.precisions {
            Precisions::Fixed(known) => {
                known.len() == likelihood.players && known.iter().all(|l| l.is_finite())
            }
            Precisions::Common | Precisions::PerPlayer => true,
        };
        let Some(first) = unknowns.starts.first() else { return Err(Unusable::BadStart) };
        if !unknowns.starts.iter().all(fits) || !ordered || !fixed {
            return Err(Unusable::BadStart);
        }
        let spread = likelihood.payoff_spread(first);
        let mut bounds = unknowns.bounds.to_vec();
        let precisions = match unknowns.precisions {
            Precisions::Fixed(_) => 0,
            Precisions::Common => 1,
            Precisions::PerPlayer => likelihood.players,
        };
        bounds.extend(vec![(0.0, settings.largest); precisions]);
        Ok(Self { likelihood, unknowns, settings, spread, bounds })
    }

    fn parameter_count(&self) -> usize {
        self.unknowns.bounds.len()
    }

    /// The precision of each player at these coordinates.
    fn all_precisions(&self, at: &[f64]) -> Vec<f64> {
        let own = &at[self.parameter_count()..];
        match &self.unknowns.precisions {
            Precisions::Fixed(known) => known.clone(),
            Precisions::Common => vec![own[0] / self.spread; self.likelihood.players],
            Precisions::PerPlayer => own.iter().map(|x| x / self.spread).collect(),
        }
    }

    /// The log likelihood, its gradient by coordinates, and play.
    fn at(&mut self, at: &[f64]) -> Option<(f64, Vec<f64>, Vec<Vec<f64>>)> {
        let precisions = self.all_precisions(at);
        let point = self.likelihood.at(&at[..self.parameter_count()], &precisions)?;
        let mut gradient = point.by_parameters;
        match self.unknowns.precisions {
            Precisions::Fixed(_) => {}
            Precisions::Common => gradient.push(point.by_precisions.iter().sum::<f64>() / self.spread),
            Precisions::PerPlayer => gradient.extend(point.by_precisions.iter().map(|g| g / self.spread)),
        }
        gradient.iter().all(|g| g.is_finite()).then_some((point.log_likelihood, gradient, point.play))
    }

    /// The coordinates to start from.
    fn starts(&mut self) -> Vec<Vec<f64>> {
        let mut starts = Vec::new();
        for parameters in self.unknowns.starts {
            let count = self.bounds.len() - parameters.len();
            if count == 0 {
                starts.push(parameters.clone());
                continue;
            }
            let with = |own: Vec<f64>| [&parameters[..], &own].concat();
            starts.extend(self.common_maxima(parameters).into_iter().map(|x| with(vec![x; count])));
            if count <= 4 {
                let entry = |mask: usize, k: usize| if mask >> k & 1 == 1 { 10.0 } else { 1.0 };
                let mask = |m: usize| with((0..count).map(|k| entry(m, k)).collect());
                starts.extend((0..1usize << count).map(mask));
            } else {
                starts.extend([1.0, 10.0].map(|x| with(vec![x; count])));
            }
        }
        starts
    }

    /// The maxima over one precision at these parameters, by a coarse scan.
    fn common_maxima(&mut self, parameters: &[f64]) -> Vec<f64> {
        let coarse = Settings { scan: self.settings.scan.div_ceil(4), ..*self.settings };
        let scan = Scan::new(&mut self.likelihood, parameters, self.spread, &coarse);
        let Ok(found) = scan.and_then(|s| s.estimate(&coarse, self.spread)) else { return Vec::new() };
        let inside = |place: Place| matches!(place, Place::Interior | Place::Fold);
        found.maxima.iter().filter(|m| inside(m.place)).map(|m| m.precision * self.spread).collect()
    }

    /// The maximum that is reached from a start.
    fn maximum(&mut self, start: &[f64]) -> Option<JointMaximum> {
        let tolerance = LEVEL * self.likelihood.total;
        let (bounds, max_steps) = (self.bounds.clone(), self.settings.max_steps);
        let mut function = |x: &[f64]| self.at(x).map(|(value, gradient, _)| (value, gradient));
        let mut summit = ascend(&mut function, start, &bounds, tolerance, max_steps)?;
        self.send_to_limit(&mut summit);
        self.polish(&mut summit, &bounds);
        if steepest(&summit.at, &summit.gradient, &bounds) <= tolerance {
            summit.ended = Ended::Converged;
        }
        let free = free_coordinates(&summit, &bounds);
        let covariance = self.information(&summit.at, &free).and_then(|i| inverse(&i));
        self.report(&summit, &free, covariance)
    }

    /// Puts at its upper bound each precision whose growth up to there does not lower the likelihood.
    fn send_to_limit(&mut self, summit: &mut Summit) {
        for k in self.parameter_count()..self.bounds.len() {
            let mut at = summit.at.clone();
            at[k] = self.bounds[k].1;
            if let Some((value, gradient, _)) = self.at(&at)
                && value >= summit.value - LEVEL * self.likelihood.total
            {
                // Beyond rounding the slope there is zero or outward: the likelihood has levelled off.
                (summit.at, summit.value, summit.gradient) = (at, value, gradient);
                summit.gradient[k] = summit.gradient[k].max(0.0);
            }
        }
    }

    /// Newton's method, as long as it makes the slopes smaller.
    fn polish(&mut self, summit: &mut Summit, bounds: &Bounds) {
        for _ in 0..POLISHINGS {
            let free = free_coordinates(summit, bounds);
            let Some(covariance) = self.information(&summit.at, &free).and_then(|i| inverse(&i)) else {
                return;
            };
            let mut next = summit.at.clone();
            for (row, &k) in covariance.iter().zip(&free) {
                let step: f64 = row.iter().zip(&free).map(|(c, &j)| c * summit.gradient[j]).sum();
                next[k] = (next[k] + step).max(bounds[k].0).min(bounds[k].1);
            }
            let Some((value, gradient, _)) = self.at(&next) else { return };
            let before = steepest(&summit.at, &summit.gradient, bounds);
            let within = value >= summit.value - LEVEL * self.likelihood.total;
            if !within || steepest(&next, &gradient, bounds) >= before {
                return;
            }
            (summit.at, summit.value, summit.gradient) = (next, value, gradient);
        }
    }

    /// The negative second derivatives by the free coordinates, by differences of the gradient, made symmetric.
    fn information(&mut self, at: &[f64], free: &[usize]) -> Option<Matrix> {
        let mut rows: Matrix = Vec::with_capacity(free.len());
        for &k in free {
            let step = DIFFERENCE * at[k].abs().max(SMALLEST);
            let (mut above, mut below) = (at.to_vec(), at.to_vec());
            above[k] = (at[k] + step).min(self.bounds[k].1);
            below[k] = (at[k] - step).max(self.bounds[k].0);
            let (higher, lower) = (self.at(&above)?.1, self.at(&below)?.1);
            let width = above[k] - below[k];
            rows.push(free.iter().map(|&j| (lower[j] - higher[j]) / width).collect());
        }
        let n = free.len();
        Some((0..n).map(|i| (0..n).map(|j| 0.5 * (rows[i][j] + rows[j][i])).collect()).collect())
    }

    /// A maximum in the units of the caller.
    fn report(
        &mut self,
        summit: &Summit,
        free: &[usize],
        covariance: Option<Matrix>,
    ) -> Option<JointMaximum> {
        let (_, _, play) = self.at(&summit.at)?;
        let n = self.bounds.len();
        let unit = |k: usize| if k < self.parameter_count() { 1.0 } else { self.spread.recip() };
        let covariance = covariance.map(|small| {
            let mut whole = vec![vec![0.0; n]; n];
            for (row, &i) in small.iter().zip(free) {
                for (c, &j) in row.iter().zip(free) {
                    whole[i][j] = c * unit(i) * unit(j);
                }
            }
            whole
        });
        let estimated = |k: usize| {
            let bound = match free.contains(&k) {
                true => Bound::Free,
                false if summit.at[k] <= self.bounds[k].0 => Bound::Lower,
                false => Bound::Upper,
            };
            let variance = covariance.as_ref().filter(|_| bound == Bound::Free).map(|c| c[k][k]);
            Estimated { value: summit.at[k] * unit(k), bound, standard_error: variance.map(f64::sqrt) }
        };
        Some(JointMaximum {
            parameters: (0..self.parameter_count()).map(estimated).collect(),
            precisions: (self.parameter_count()..n).map(estimated).collect(),
            log_likelihood: summit.value,
            gradient: summit.gradient.iter().enumerate().map(|(k, g)| g / unit(k)).collect(),
            covariance,
            ended: summit.ended,
            reached_from: 1,
            play,
        })
    }

    /// Whether two maxima are the same, or points of one ridge along which the unknowns are not identified.
    fn same(&self, a: &JointMaximum, b: &JointMaximum) -> bool {
        let level =
            (a.log_likelihood - b.log_likelihood).abs() <= LEVEL.sqrt() * SAME * self.likelihood.total;
        let ridge = a.covariance.is_none() && b.covariance.is_none();
        let near = |a: &[Estimated], b: &[Estimated], unit: f64| {
            a.iter()
                .zip(b)
                .all(|(a, b)| (a.value - b.value).abs() * unit <= SAME * (a.value * unit).abs().max(1.0))
        };
        let close =
            near(&a.parameters, &b.parameters, 1.0) && near(&a.precisions, &b.precisions, self.spread);
        close || (level && ridge)
    }
}

/// The coordinates that do not press against a bound.
fn free_coordinates(summit: &Summit, bounds: &Bounds) -> Vec<usize> {
    (0..bounds.len()).filter(|&k| !presses(summit.at[k], summit.gradient[k], bounds[k])).collect()
}
