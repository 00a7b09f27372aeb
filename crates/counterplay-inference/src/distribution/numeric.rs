//! Probabilities, quantiles and moments of distributions whose arguments are numbers.

use counterplay_math::{
    erf, erfc, exp, exp_m1, ln, ln_1p, normal_quantile, normal_quantile_near_half, normal_tails,
};

use super::special::{beta_logit_quantile, beta_tails, gamma_log_quantile, gamma_tails, logistic, normal_at};
use super::{Concrete, Rank};

impl Concrete {
    /// The probability of a value not above `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.tails(x).0
    }

    /// The probability of a value above `x`, precise where it is small.
    ///
    /// Of an exponential distribution $e^{-\text{rate}\\,x}$, far beyond where [`cdf`](Self::cdf) rounds to one:
    ///
    /// ```
    /// use counterplay_inference::distribution::Concrete;
    /// let wait = Concrete::Exponential { rate: 2.0 };
    /// assert_eq!(wait.cdf(50.0), 1.0);
    /// assert!((wait.survival(50.0) / (-100.0_f64).exp() - 1.0).abs() < 1e-14);
    /// ```
    pub fn survival(&self, x: f64) -> f64 {
        self.tails(x).1
    }

    /// The probability of a value below `x`. It differs from [`cdf`](Self::cdf) by the probability of `x`
    /// itself, so only where [`is_discrete`](Self::is_discrete).
    pub fn cdf_below(&self, x: f64) -> f64 {
        self.tails_just_below(x).0
    }

    /// The smallest value with at least probability `u` at or below it, for `u` in \[0, 1\].
    pub fn quantile(&self, u: f64) -> f64 {
        self.value_at(Rank::from_below(u))
    }

    /// The rank of an observed value `x`. A value that has a probability of its own occupies a whole
    /// interval of ranks; `share`, in (0, 1\] and drawn uniformly, says how far up in it. For a continuous
    /// distribution `share` makes no difference.
    ///
    /// [`value_at`](Self::value_at) of the result is `x` again.
    pub fn rank_of(&self, x: f64, share: f64) -> Rank {
        let at = Rank::from_tails(self.tails(x));
        if self.is_discrete() { Rank::from_tails(self.tails_just_below(x)).towards(at, share) } else { at }
    }

    /// The value of the given rank: the [`quantile`](Self::quantile), precise at both ends.
    pub fn value_at(&self, rank: Rank) -> f64 {
        if self.check().is_err() {
            return f64::NAN;
        }
        match *self {
            Self::Normal { mean, sd } => mean + sd * normal_at(rank),
            Self::Lognormal { mu, sigma } => exp(mu + sigma * normal_at(rank)),
            Self::LogitNormal { mu, sigma } => logistic(mu + sigma * normal_at(rank)),
            Self::Beta { alpha, beta } => logistic(beta_logit_quantile(alpha, beta, rank)),
            Self::Gamma { shape, rate } => exp(gamma_log_quantile(shape, rank)) / rate,
            Self::Exponential { rate } => minus_log_above(rank) / rate,
            Self::Uniform { low, high } if rank.is_low() => low + (high - low) * rank.below(),
            Self::Uniform { low, high } => high - (high - low) * rank.above(),
            Self::HalfNormal { sd } => sd * half_normal_at(rank),
            Self::Point(x) => x,
            Self::Poisson { .. } | Self::NegBinomial { .. } | Self::Bernoulli { .. } => self.count_at(rank),
        }
    }

    /// The probabilities at or below `x` and above it.
    fn tails(&self, x: f64) -> (f64, f64) {
        if x.is_nan() || self.check().is_err() {
            return (f64::NAN, f64::NAN);
        }
        match *self {
            Self::Normal { mean, sd } => normal_tails((x - mean) / sd),
            Self::Lognormal { mu, sigma } => normal_tails((positive_log(x) - mu) / sigma),
            Self::LogitNormal { mu, sigma } => normal_tails((logit(x) - mu) / sigma),
            Self::Beta { alpha, beta } => within(logit(x), |t| beta_tails(alpha, beta, t)),
            Self::Gamma { shape, rate } => within(positive_log(rate * x), |t| gamma_tails(shape, t)),
            Self::Exponential { rate } => (-exp_m1(-rate * x.max(0.0)), exp(-rate * x.max(0.0))),
            Self::Uniform { low, high } => {
                let share = |y: f64| (y / (high - low)).clamp(0.0, 1.0);
                (share(x - low), share(high - x))
            }
            Self::HalfNormal { sd } => half_normal_tails(x.max(0.0) / sd),
            Self::Point(at) => step(x >= at),
            Self::Poisson { rate } => count(x, |k| poisson_tails(rate, k)),
            Self::NegBinomial { mean, dispersion } => count(x, |k| neg_binomial_tails(mean, dispersion, k)),
            Self::Bernoulli { p } => count(x, |k| if k >= 1.0 { (1.0, 0.0) } else { (1.0 - p, p) }),
        }
    }

    /// The probabilities below `x` and at or above it.
    fn tails_just_below(&self, x: f64) -> (f64, f64) {
        match *self {
            Self::Point(at) => step(x > at),
            Self::Poisson { .. } | Self::NegBinomial { .. } | Self::Bernoulli { .. } => {
                self.tails(x.ceil() - 1.0)
            }
            _ => self.tails(x),
        }
    }

    /// The smallest whole number that reaches the rank: doubled until it does, then bisected.
    fn count_at(&self, rank: Rank) -> f64 {
        // A rank of zero is that of the smallest value that can occur.
        let reached = |k: f64| {
            let (below, above) = self.tails(k);
            if rank.is_low() { below >= rank.below().max(f64::MIN_POSITIVE) } else { above <= rank.above() }
        };
        let mut high = self.mean().ceil().max(1.0);
        while !reached(high) {
            if high > 1e300 || rank.above() == 0.0 {
                return f64::INFINITY;
            }
            high *= 2.0;
        }
        let mut low = -1.0;
        while high - low > 1.0 {
            let middle = (0.5 * (low + high)).floor();
            if middle <= low || middle >= high {
                break;
            }
            if reached(middle) { high = middle } else { low = middle }
        }
        high
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Normal { mean, .. } | Self::NegBinomial { mean, .. } => mean,
            Self::Lognormal { mu, sigma } => exp(mu + 0.5 * sigma * sigma),
            Self::LogitNormal { mu, sigma } => logit_normal_moments(mu, sigma).0,
            Self::Beta { alpha, beta } => alpha / (alpha + beta),
            Self::Gamma { shape, rate } => shape / rate,
            Self::Exponential { rate } => 1.0 / rate,
            Self::Uniform { low, high } => 0.5 * (low + high),
            Self::HalfNormal { sd } => sd * (2.0 / std::f64::consts::PI).sqrt(),
            Self::Point(x) | Self::Poisson { rate: x } | Self::Bernoulli { p: x } => x,
        }
    }

    /// The standard deviation.
    ///
    /// ```
    /// use counterplay_inference::distribution::Concrete;
    /// // The variances are ab / ((a + b)^2 (a + b + 1)) = 3/80 and m + m^2 / phi = 9.
    /// let share = Concrete::Beta { alpha: 1.0, beta: 3.0 };
    /// assert!((share.sd().powi(2) - 3.0 / 80.0).abs() < 1e-15);
    /// assert_eq!(Concrete::NegBinomial { mean: 6.0, dispersion: 12.0 }.sd(), 3.0);
    /// ```
    pub fn sd(&self) -> f64 {
        match *self {
            Self::Normal { sd, .. } => sd,
            Self::Lognormal { sigma, .. } => self.mean() * exp_m1(sigma * sigma).sqrt(),
            Self::LogitNormal { mu, sigma } => logit_normal_moments(mu, sigma).1,
            Self::Beta { alpha, beta } => {
                let total = alpha + beta;
                (alpha * beta / (total + 1.0)).sqrt() / total
            }
            Self::Gamma { shape, rate } => shape.sqrt() / rate,
            Self::Exponential { rate } => 1.0 / rate,
            Self::Uniform { low, high } => (high - low) / 12.0_f64.sqrt(),
            Self::HalfNormal { sd } => sd * (1.0 - 2.0 / std::f64::consts::PI).sqrt(),
            Self::Point(_) => 0.0,
            Self::Poisson { rate } => rate.sqrt(),
            Self::NegBinomial { mean, dispersion } => (mean + mean * mean / dispersion).sqrt(),
            Self::Bernoulli { p } => (p * (1.0 - p)).sqrt(),
        }
    }
}

/// $\ln(x / (1 - x))$, minus or plus infinity outside of (0, 1).
fn logit(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    ln(x) - ln_1p(-x)
}

/// $\ln x$, minus infinity for a negative `x`.
fn positive_log(x: f64) -> f64 {
    ln(x.max(0.0))
}

/// `tails` at a finite `t`, and their limits at the ends.
fn within(t: f64, tails: impl Fn(f64) -> (f64, f64)) -> (f64, f64) {
    if t.is_finite() { tails(t) } else { step(t > 0.0) }
}

fn step(reached: bool) -> (f64, f64) {
    if reached { (1.0, 0.0) } else { (0.0, 1.0) }
}

/// `tails` at the whole number that `x` has reached.
fn count(x: f64, tails: impl Fn(f64) -> (f64, f64)) -> (f64, f64) {
    if x < 0.0 || x.is_infinite() { step(x > 0.0) } else { tails(x.floor()) }
}

fn poisson_tails(rate: f64, k: f64) -> (f64, f64) {
    if rate == 0.0 {
        return (1.0, 0.0);
    }
    // At most k events by time `rate` means that event k + 1 comes later.
    let (earlier, later) = gamma_tails(k + 1.0, ln(rate));
    (later, earlier)
}

fn neg_binomial_tails(mean: f64, dispersion: f64, k: f64) -> (f64, f64) {
    if mean == 0.0 {
        return (1.0, 0.0);
    }
    beta_tails(dispersion, k + 1.0, ln(dispersion) - ln(mean))
}

/// $-\ln$ of the probability above.
fn minus_log_above(rank: Rank) -> f64 {
    if rank.is_low() { -ln_1p(-rank.below()) } else { -ln(rank.above()) }
}

fn half_normal_tails(score: f64) -> (f64, f64) {
    let scaled = score / std::f64::consts::SQRT_2;
    (erf(scaled), erfc(scaled))
}

fn half_normal_at(rank: Rank) -> f64 {
    if rank.is_low() {
        normal_quantile_near_half(0.5 * rank.below())
    } else {
        -normal_quantile(0.5 * rank.above())
    }
}

/// Mean and standard deviation of a logit-normal quantity, by the trapezoidal rule over the normal score, which
/// converges exponentially in the number of points (Trefethen and Weideman 2014).
fn logit_normal_moments(mu: f64, sigma: f64) -> (f64, f64) {
    if !sigma.is_finite() {
        return (f64::NAN, f64::NAN);
    }
    let points = (40.0 * sigma).clamp(400.0, 40_000.0) as i32;
    let width = 9.0 / f64::from(points);
    let average = |f: &dyn Fn(f64) -> f64| {
        let term = |i: i32| {
            let score = f64::from(i) * width;
            exp(-0.5 * score * score) * f(logistic(mu + sigma * score))
        };
        let total: f64 = (-points..=points).map(term).sum();
        total * width / (2.0 * std::f64::consts::PI).sqrt()
    };
    let mean = average(&|x| x);
    (mean, average(&|x| (x - mean).powi(2)).sqrt())
}

#[cfg(test)]
mod tests;
