//! The effective sample size of split chains.

use counterplay_math::log10;

use super::ranks::{mean, variance};

/// $S / \hat\tau$ for chains of equal length with $S$ values in all, where $\hat\tau$ is the integrated
/// autocorrelation time.
///
/// Autocorrelations are combined over the chains, $\hat\rho_t = 1 - (W - \bar c_t) / \hat\sigma^2$ with the
/// mean autocovariance $\bar c_t$, and summed by Geyer's (1992) initial monotone sequence.
pub(super) fn effective_draws(chains: &[Vec<f64>]) -> f64 {
    let size = chains.iter().map(Vec::len).sum::<usize>() as f64;
    let (low, high) = range(chains);
    if low == high {
        return size;
    }
    let correlations = Autocorrelation::of(chains);
    size / integrated_time(&correlations).max(1.0 / log10(size))
}

fn range(chains: &[Vec<f64>]) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    chains.iter().flatten().fold(start, |(low, high), &x| (low.min(x), high.max(x)))
}

/// Autocorrelations of centred chains, computed lag by lag as they are asked for.
struct Autocorrelation {
    centred: Vec<Vec<f64>>,
    within: f64,
    total: f64,
}

impl Autocorrelation {
    fn of(chains: &[Vec<f64>]) -> Self {
        let n = chains[0].len() as f64;
        let means: Vec<f64> = chains.iter().map(|chain| mean(chain)).collect();
        let centre = |(chain, mean): (&Vec<f64>, &f64)| chain.iter().map(|x| x - mean).collect();
        let centred: Vec<Vec<f64>> = chains.iter().zip(&means).map(centre).collect();
        let mut result = Self { centred, within: 0.0, total: 0.0 };
        let zero_lag = result.mean_autocovariance(0);
        result.within = zero_lag * n / (n - 1.0);
        result.total = zero_lag + variance(&means);
        result
    }

    fn mean_autocovariance(&self, lag: usize) -> f64 {
        let of_chain = |chain: &Vec<f64>| {
            let products = chain.iter().zip(&chain[lag..]).map(|(x, y)| x * y);
            products.sum::<f64>() / chain.len() as f64
        };
        self.centred.iter().map(of_chain).sum::<f64>() / self.centred.len() as f64
    }

    fn at(&self, lag: usize) -> f64 {
        1.0 - (self.within - self.mean_autocovariance(lag)) / self.total
    }
}

/// Pairs $(\hat\rho_{2k}, \hat\rho_{2k+1})$ while their sums are positive; the last pair is the one that ended
/// the sequence, or the last that the length allows.
fn positive_pairs(correlations: &Autocorrelation) -> Vec<(f64, f64)> {
    let draws = correlations.centred[0].len();
    let mut pairs = vec![(1.0, correlations.at(1))];
    while let Some(&(even, odd)) = pairs.last() {
        let next = 2 * pairs.len();
        if next + 2 >= draws || even + odd <= 0.0 {
            break;
        }
        pairs.push((correlations.at(next), correlations.at(next + 1)));
    }
    pairs
}

/// $-1 + 2 \sum_t \hat\rho_t$ over the initial monotone sequence. Of the last pair only the first member
/// counts, and only once: an improvement for antithetic chains.
fn integrated_time(correlations: &Autocorrelation) -> f64 {
    let mut pairs = positive_pairs(correlations);
    let (last_even, last_odd) = pairs.pop().unwrap_or((1.0, 0.0));
    let rest = if last_even > 0.0 || last_even + last_odd >= 0.0 { last_even } else { 0.0 };
    let mut sum = 0.0;
    let mut previous = f64::INFINITY;
    for (even, odd) in pairs {
        previous = previous.min(even + odd);
        sum += previous;
    }
    -1.0 + 2.0 * sum + rest
}
