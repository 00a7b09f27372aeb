//! How far Markov chains can be trusted: R-hat, effective sample sizes and Monte Carlo errors.
//!
//! All are those of Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), "Rank-normalization, folding, and
//! localization: an improved R-hat for assessing convergence of MCMC", Bayesian Analysis 16(2), and agree with
//! `ArviZ` 0.23:
//!
//! - every chain is split into halves (a middle draw of an odd number is left out);
//! - *rank-normalised* means that each value is replaced by the standard normal quantile of
//!   $(r - 3/8) / (S + 1/4)$, for its average rank $r$ among all $S$ values;
//! - autocorrelations are summed by Geyer's initial monotone sequence, and an effective sample size is at most
//!   $S \log_{10} S$;
//! - empirical quantiles interpolate linearly between order statistics (type 7 of Hyndman and Fan 1996).
//!
//! Where these are undefined they are given a value, so that a status never holds NaN: chains that are all
//! constant at the same value have an R-hat of 1 and as many effective draws as draws. Chains with fewer than
//! four draws each, or with a draw that is not finite, say nothing: an R-hat of infinity, no effective draws,
//! and an infinite error. A draw left over in a longer chain than the others is ignored.
//!
//! ```
//! use counterplay_inference::diagnostics::{Diagnostics, rhat};
//! use counterplay_inference::key::Key;
//! // Independent uniform draws: their mean has the standard error 1 / sqrt(12 n).
//! let chain = |seed, from| (0..1000).map(|n| from + Key::new(seed).with(n).uniform()).collect::<Vec<f64>>();
//! let found = Diagnostics::of(&[chain(1, 0.0), chain(2, 0.0)]);
//! assert!(found.rhat < 1.01 && found.ess_bulk > 1500.0);
//! assert!((found.mcse_mean * (12.0_f64 * 2000.0).sqrt() - 1.0).abs() < 0.15);
//! assert!(rhat(&[chain(1, 0.0), chain(2, 1.0)]) > 1.5); // each at a place of its own
//! ```

mod ess;
mod ranks;

use serde::{Deserialize, Serialize};

use crate::distribution::{Concrete, Rank};
use ess::effective_draws;
use ranks::{mean, normal_scores, quantile_of_sorted, sorted, variance};

/// What the chains of one quantity say about it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// The mean over all chains.
    pub mean: f64,
    /// The standard deviation over all chains.
    pub sd: f64,
    /// [`rhat`]
    pub rhat: f64,
    /// [`ess_bulk`]
    pub ess_bulk: f64,
    /// [`ess_tail`]
    pub ess_tail: f64,
    /// [`mcse_mean`]
    pub mcse_mean: f64,
}

impl Diagnostics {
    /// Everything about the chains of one quantity.
    pub fn of(chains: &[Vec<f64>]) -> Self {
        let all = pooled(chains);
        Self {
            mean: mean(&all),
            sd: variance(&all).sqrt(),
            rhat: rhat(chains),
            ess_bulk: ess_bulk(chains),
            ess_tail: ess_tail(chains),
            mcse_mean: mcse_mean(chains),
        }
    }
}

/// $\hat R$: how much wider all chains together are than each alone, at least nearly 1. Above 1.01 the chains
/// have not yet mixed.
///
/// The larger of the rank-normalised split $\hat R$ of the values (do the chains agree on the location?) and
/// of their distances from the median (on the scale?). A single chain is compared with itself, half with half.
pub fn rhat(chains: &[Vec<f64>]) -> f64 {
    let Some(halves) = usable_halves(chains) else {
        return f64::INFINITY;
    };
    let middle = quantile_of_sorted(&sorted(&halves.concat()), 0.5);
    let folded: Vec<Vec<f64>> =
        halves.iter().map(|half| half.iter().map(|x| (x - middle).abs()).collect()).collect();
    plain_rhat(&normal_scores(&halves)).max(plain_rhat(&normal_scores(&folded)))
}

/// $\sqrt{(B / W + n - 1) / n}$, with the between-chain variance $B$ and the within-chain variance $W$ of
/// chains of $n$ draws.
fn plain_rhat(chains: &[Vec<f64>]) -> f64 {
    let n = chains[0].len() as f64;
    let means: Vec<f64> = chains.iter().map(|chain| mean(chain)).collect();
    let between = n * variance(&means);
    let within = chains.iter().map(|chain| variance(chain)).sum::<f64>() / chains.len() as f64;
    match (between == 0.0, within == 0.0) {
        (true, true) => 1.0,
        (false, true) => f64::INFINITY,
        (_, false) => ((between / within + n - 1.0) / n).sqrt(),
    }
}

/// The number of independent draws that would locate the bulk of the distribution as well: that of the
/// rank-normalised values.
pub fn ess_bulk(chains: &[Vec<f64>]) -> f64 {
    usable_halves(chains).map_or(0.0, |halves| effective_draws(&normal_scores(&halves)))
}

/// The number of independent draws that would give the tails as well: the smaller of [`ess_quantile`] at 5%
/// and at 95%.
pub fn ess_tail(chains: &[Vec<f64>]) -> f64 {
    ess_quantile(chains, 0.05).min(ess_quantile(chains, 0.95))
}

/// The number of independent draws that would give the mean as well.
pub fn ess_mean(chains: &[Vec<f64>]) -> f64 {
    usable_halves(chains).map_or(0.0, |halves| effective_draws(&halves))
}

/// The number of independent draws that would give the quantile at `probability` as well: that of the
/// indicator of the values up to it.
pub fn ess_quantile(chains: &[Vec<f64>], probability: f64) -> f64 {
    let Some(halves) = usable_halves(chains) else {
        return 0.0;
    };
    let limit = quantile_of_sorted(&sorted(&pooled(chains)), probability);
    let indicator = |half: &Vec<f64>| half.iter().map(|&x| f64::from(u8::from(x <= limit))).collect();
    let indicators: Vec<Vec<f64>> = halves.iter().map(indicator).collect();
    effective_draws(&indicators)
}

/// The Monte Carlo standard error of the mean: $\text{sd} / \sqrt{\text{ESS}}$ with [`ess_mean`].
pub fn mcse_mean(chains: &[Vec<f64>]) -> f64 {
    let effective = ess_mean(chains);
    if effective == 0.0 { f64::INFINITY } else { (variance(&pooled(chains)) / effective).sqrt() }
}

/// The Monte Carlo standard error of the empirical quantile at `probability`.
///
/// Half the distance between the order statistics at the central 68% of a beta distribution with parameters
/// $S_p\\,p + 1$ and $S_p (1 - p) + 1$, where $S_p$ is [`ess_quantile`].
pub fn mcse_quantile(chains: &[Vec<f64>], probability: f64) -> f64 {
    let effective = ess_quantile(chains, probability);
    if effective == 0.0 {
        return f64::INFINITY;
    }
    let all = sorted(&pooled(chains));
    let place =
        Concrete::Beta { alpha: effective * probability + 1.0, beta: effective * (1.0 - probability) + 1.0 };
    let last = all.len() as f64 - 1.0;
    let position = |rank: Rank| place.value_at(rank) * all.len() as f64 - 1.0;
    // One standard deviation of a normal quantity to each side, rounded as in ArviZ.
    let low = position(Rank::from_below(0.158_655_3)).floor().max(0.0);
    let high = position(Rank::from_below(0.841_344_7)).ceil().min(last);
    0.5 * (all[high as usize] - all[low as usize])
}

/// The empirical quantile at `probability` over all chains; NaN if there are no draws.
pub fn quantile(chains: &[Vec<f64>], probability: f64) -> f64 {
    quantile_of_sorted(&sorted(&pooled(chains)), probability)
}

/// All draws that count: as many of each chain as the shortest has.
fn pooled(chains: &[Vec<f64>]) -> Vec<f64> {
    let length = shortest(chains);
    chains.iter().flat_map(|chain| &chain[..length]).copied().collect()
}

fn shortest(chains: &[Vec<f64>]) -> usize {
    chains.iter().map(Vec::len).min().unwrap_or(0)
}

/// Both halves of every chain, or `None` if nothing can be said from them.
fn usable_halves(chains: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let length = shortest(chains);
    if length < 4 || !pooled(chains).iter().all(|x| x.is_finite()) {
        return None;
    }
    let half = length / 2;
    let halves = |chain: &Vec<f64>| [chain[..half].to_vec(), chain[length - half..length].to_vec()];
    Some(chains.iter().flat_map(halves).collect())
}

#[cfg(test)]
mod tests;
