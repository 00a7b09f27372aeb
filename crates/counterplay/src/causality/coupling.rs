//! How an event would have turned out with the same luck and other probabilities, in closed form.
//!
//! An event with labels $k$ of probabilities $p_k$ turns out as the label for which $\ln p_k + G_k$ is largest, where the $G_k$ are
//! independent standard Gumbel numbers. Put $E_k = e^{-G_k}$, which is exponential with rate 1: the label is the one whose arrival
//! $E_k / p_k$ comes first, a race of exponential clocks. In another world the same clocks run at the rates $q_k$. Let $A$ be the label
//! in the one world and $A'$ that in the other, $r_k = p_k / q_k$, and
//!
//! $$ D(r) = \sum_k \max(p_k, q_k r). $$
//!
//! Both worlds take $i$ if $E_k \ge E_i \max(p_k / p_i, q_k / q_i)$ for each other $k$, which has the probability
//! $1 / \sum_k \max(p_k / p_i, q_k / q_i)$; so $P(A' = i \mid A = i) = 1 / D(r_i)$. The one takes $i$ and the other $j$ if $i$ arrives first
//! at time $s$ in the one, $j$ at time $s / r$ in the other, and no clock is faster; the integral over $s$ leaves
//!
//! $$ P(A' = j \mid A = i) = q_j \int_{r_j}^{r_i} \frac{dr}{D(r)^2} \quad\text{if } r_j < r_i\text{, and } 0 \text{ if not.} $$
//!
//! Between two neighbours of the sorted $r_k$ the function $D$ is linear, so that the integral over such a stretch from $u$ to $v$ is
//! $(v - u) / (D(u) D(v))$. A label that one world lacks has probability 0 there.
//!
//! Sources: the mechanism is the Gumbel-max structural causal model of Oberst and Sontag (2019), with the noise of Maddison, Tarlow
//! and Minka (2014); the probability that both worlds agree is the probability Jaccard index of Moulton and Jiang (2018), who
//! derive it from the race of exponential clocks; the other cells are derived here in the same way.

/// Distributions of an event in another world, given how it turned out in this one. It keeps its working space from one
/// use to the next.
#[derive(Clone, Debug, Default)]
pub struct Coupling {
    /// For each label that has some probability in this world or the other: $r_k$, $p_k$ and $q_k$.
    labels: Vec<(f64, f64, f64)>,
}

/// An event in two worlds.
#[derive(Clone, Copy, Debug)]
pub struct TwoWorlds<'a> {
    /// The probabilities of the labels that the other world has, as they are in this one; 0 for a label that this one lacks.
    pub here: &'a [f64],
    /// The probabilities of the same labels in the other world.
    pub there: &'a [f64],
    /// The probability, in this world, of labels that the other lacks.
    pub only_here: f64,
}

impl Coupling {
    /// The distribution of the event in the other world, where in this one it turned out as the label at position `taken`; `None`
    /// stands for a label that the other world lacks. Probabilities of no more than rounding are put to 0.
    ///
    /// With the probabilities (1/2, 1/2) here and (3/4, 1/4) there, what turned out as the first label would have done so there too,
    /// and what turned out as the second would have done so in one case of two:
    ///
    /// ```
    /// use counterplay::causality::coupling::{Coupling, TwoWorlds};
    /// let event = TwoWorlds { here: &[0.5, 0.5], there: &[0.75, 0.25], only_here: 0.0 };
    /// let mut coupling = Coupling::default();
    /// assert_eq!(coupling.given(event, Some(0)), [1.0, 0.0]);
    /// let moved = coupling.given(event, Some(1));
    /// assert!((moved[0] - 0.5).abs() < 1e-15 && (moved[1] - 0.5).abs() < 1e-15);
    /// ```
    pub fn given(&mut self, event: TwoWorlds<'_>, taken: Option<usize>) -> Vec<f64> {
        let mut found = Vec::new();
        self.given_into(event, taken, &mut found);
        found
    }

    /// The same, put into `found`.
    pub(crate) fn given_into(&mut self, event: TwoWorlds<'_>, taken: Option<usize>, found: &mut Vec<f64>) {
        found.clear();
        if event.only_here == 0.0 && event.here == event.there {
            found.extend((0..event.here.len()).map(|k| f64::from(u8::from(Some(k) == taken))));
            return;
        }
        if let (0.0, [_, _], Some(i)) = (event.only_here, event.here, taken) {
            // Of two labels the one stays as far as it can.
            let stays = (event.there[i] / event.here[i]).min(1.0);
            found.extend(if i == 0 { [stays, 1.0 - stays] } else { [1.0 - stays, stays] });
            return;
        }
        let TwoWorlds { here, there, only_here } = event;
        self.labels.clear();
        let ratio = |p: f64, q: f64| if q > 0.0 { p / q } else { f64::INFINITY };
        self.labels.extend(
            here.iter()
                .zip(there)
                .filter(|(p, q)| **p > 0.0 || **q > 0.0)
                .map(|(&p, &q)| (ratio(p, q), p, q)),
        );
        if only_here > 0.0 {
            self.labels.push((f64::INFINITY, only_here, 0.0));
        }
        self.labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        let own = taken.map_or(f64::INFINITY, |i| ratio(here[i], there[i]));
        let (upto_own, denominator) = self.integral(own);
        let of = |(j, (&p, &q)): (usize, (&f64, &f64))| {
            let r = ratio(p, q);
            if Some(j) == taken {
                if own.is_finite() { 1.0 / denominator } else { 0.0 }
            } else if q > 0.0 && r < own {
                q * (upto_own - self.integral(r).0)
            } else {
                0.0
            }
        };
        let some = here.iter().zip(there).enumerate().map(of);
        found.extend(some.map(|x| if x < ROUNDING { 0.0 } else { x }));
    }

    /// $\int_0^r du / D(u)^2$, and $D(r)$.
    fn integral(&self, r: f64) -> (f64, f64) {
        let whole =
            |of: fn(&(f64, f64, f64)) -> f64, some: &[(f64, f64, f64)]| some.iter().map(of).sum::<f64>();
        let (mut from, mut sum) = (0.0, 0.0);
        let mut at_from = whole(|l| l.1, &self.labels);
        for reached in 0..=self.labels.len() {
            let next = self.labels.get(reached).map_or(f64::INFINITY, |l| l.0);
            let upto = next.min(r);
            let (waiting, running) =
                (whole(|l| l.1, &self.labels[reached..]), whole(|l| l.2, &self.labels[..reached]));
            if upto > from {
                if upto.is_infinite() {
                    return (sum + 1.0 / (running * at_from), f64::INFINITY);
                }
                let at_upto = waiting + running * upto;
                sum += (upto - from) / (at_from * at_upto);
                (from, at_from) = (upto, at_upto);
            }
            if next >= r {
                break;
            }
        }
        (sum, at_from)
    }
}

/// What sums of a few probabilities can be off by.
const ROUNDING: f64 = 1e-15;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Probabilities that sum to one; some of them are 0, 1 or tiny.
    fn distribution(labels: usize) -> impl Strategy<Value = Vec<f64>> {
        let one = prop_oneof![4 => 0.01..1.0f64, 1 => Just(0.0), 1 => 1e-12..1e-9f64, 1 => Just(1e-40)];
        proptest::collection::vec(one, labels).prop_filter_map("some probability", |weights| {
            let sum: f64 = weights.iter().sum();
            (sum > 1e-13).then(|| weights.iter().map(|w| w / sum).collect::<Vec<f64>>())
        })
    }

    fn event<'a>(here: &'a [f64], there: &'a [f64]) -> TwoWorlds<'a> {
        TwoWorlds { here, there, only_here: 0.0 }
    }

    /// How often each label comes up in the other world with exponential clocks, where the first takes `taken`.
    fn raced(here: &[f64], there: &[f64], taken: usize, count: u64) -> (Vec<f64>, f64) {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        };
        let (mut found, mut all) = (vec![0.0; here.len()], 0.0);
        for _ in 0..count {
            let clocks: Vec<f64> = here.iter().map(|_| -uniform().ln()).collect();
            let first = |rates: &[f64]| {
                let arrival = |k: usize| if rates[k] > 0.0 { clocks[k] / rates[k] } else { f64::INFINITY };
                (0..rates.len()).min_by(|&a, &b| arrival(a).total_cmp(&arrival(b))).unwrap_or(0)
            };
            if first(here) == taken {
                all += 1.0;
                found[first(there)] += 1.0;
            }
        }
        (found.iter().map(|n| n / all).collect(), all)
    }

    proptest! {
        /// Over all labels of this world, those of the other are as likely as they are there; and each row is a distribution.
        #[test]
        fn rows_and_margins_are_right((here, there) in (2usize..7).prop_flat_map(|k| (distribution(k), distribution(k)))) {
            let mut margin = vec![0.0; here.len()];
            for (taken, p) in here.iter().enumerate().filter(|(_, p)| **p > 0.0) {
                let row = Coupling::default().given(event(&here, &there), Some(taken));
                prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{here:?} {there:?} {taken} {row:?}");
                for (sum, x) in margin.iter_mut().zip(row) {
                    *sum += p * x;
                }
            }
            for (sum, q) in margin.iter().zip(&there) {
                prop_assert!((sum - q).abs() < 1e-13, "{here:?} {there:?} {margin:?}");
            }
        }

        /// What became likelier against all others stays (counterfactual stability: Oberst and Sontag 2019, definition 1).
        #[test]
        fn what_became_relatively_likelier_stays(here in distribution(4), factor in 1.0..50.0f64, taken in 0usize..4) {
            prop_assume!(here[taken] > 0.0);
            let mut there = here.clone();
            there[taken] *= factor;
            let sum: f64 = there.iter().sum();
            for q in &mut there {
                *q /= sum;
            }
            let row = Coupling::default().given(event(&here, &there), Some(taken));
            prop_assert!((row[taken] - 1.0).abs() < 1e-12, "{row:?}");
        }

        /// Labels that the other world lacks are as good as labels of no probability there.
        #[test]
        fn a_label_that_is_lacking_has_no_probability(here in distribution(4), there in distribution(3), taken in 0usize..4) {
            prop_assume!(here[taken] > 0.0);
            let mut padded = there.clone();
            padded.push(0.0);
            let whole = Coupling::default().given(event(&here, &padded), Some(taken));
            let lacking = TwoWorlds { here: &here[..3], there: &there, only_here: here[3] };
            let part = Coupling::default().given(lacking, (taken < 3).then_some(taken));
            for (a, b) in whole.iter().zip(&part) {
                prop_assert!((a - b).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn cells_are_those_of_exponential_clocks() {
        let cases: [(&[f64], &[f64]); 4] = [
            (&[0.3, 0.7], &[0.6, 0.4]),
            (&[0.2, 0.5, 0.3], &[0.5, 0.1, 0.4]),
            (&[0.05, 0.25, 0.1, 0.4, 0.2], &[0.3, 0.05, 0.35, 0.1, 0.2]),
            (&[0.5, 0.0, 0.5], &[0.2, 0.5, 0.3]),
        ];
        for (here, there) in cases {
            for taken in (0..here.len()).filter(|k| here[*k] > 0.0) {
                let exact = Coupling::default().given(event(here, there), Some(taken));
                let (found, count) = raced(here, there, taken, 400_000);
                for (f, e) in found.iter().zip(&exact) {
                    let error = (e * (1.0 - e) / count).sqrt();
                    assert!(
                        (f - e).abs() <= 4.5 * error + 1e-12,
                        "{here:?} {there:?} {taken}: {f} is not {e}"
                    );
                }
            }
        }
    }
}
