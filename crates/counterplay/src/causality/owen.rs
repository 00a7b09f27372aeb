//! Owen values: shares of factors that come in groups, and of the groups themselves (Owen 1977).
//!
//! In the Shapley value a factor enters in any order. Where factors belong together, as all that one player could have done
//! otherwise, only those orders count in which each group's members enter one after the other. The share of a group is then
//! its Shapley value in the game that the groups play, and its members share it out:
//!
//! $$ \phi_f = \sum_{H \not\ni g} \sum_{S \subseteq g \setminus f} w_{|H|,m}\\, w_{|S|,|g|}\\,
//!    \bigl(v(Q_H \cup S \cup f) - v(Q_H \cup S)\bigr), \qquad w_{s,k} = \frac{s!\\,(k - s - 1)!}{k!}, $$
//!
//! for a factor $f$ of group $g$, one of $m$ groups, where $Q_H$ are the factors of the groups in $H$. So the shares of the members sum
//! to that of their group, and to split a factor in two that only do anything together gives its group no more than it had. Source:
//! G. Owen, Values of games with a priori unions, in *Mathematical Economics and Game Theory*, Springer 1977, pages 76-88.

use crate::causality::shapley::set_weights;

/// The groups of factors: each is the set of its members' bits, and every factor is in one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups(Vec<u64>);

impl Groups {
    /// Groups by the names of each factor's group; a factor without one is a group of its own.
    ///
    /// ```
    /// use counterplay::causality::owen::Groups;
    /// let groups = Groups::new(&[Some("president"), None, Some("president")]);
    /// assert_eq!(groups.members(0).collect::<Vec<_>>(), [0, 2]);
    /// assert_eq!(groups.count(), 2);
    /// ```
    pub fn new(names: &[Option<&str>]) -> Self {
        let mut groups: Vec<(Option<&str>, u64)> = Vec::new();
        for (factor, name) in names.iter().enumerate() {
            match groups.iter_mut().find(|g| name.is_some() && g.0 == *name) {
                Some(known) => known.1 |= 1 << factor,
                None => groups.push((*name, 1 << factor)),
            }
        }
        Self(groups.into_iter().map(|g| g.1).collect())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The factors of a group.
    pub fn members(&self, group: usize) -> impl Iterator<Item = usize> + use<> {
        let set = self.0[group];
        (0..64).filter(move |factor| set >> factor & 1 == 1)
    }

    /// The group of a factor.
    fn of(&self, factor: usize) -> usize {
        self.0.iter().position(|set| set >> factor & 1 == 1).unwrap_or(0)
    }

    /// The factors of the groups whose bits are set.
    fn union(&self, groups: usize) -> usize {
        let some = self.0.iter().enumerate().filter(|(g, _)| groups >> g & 1 == 1);
        some.fold(0, |all, (_, set)| all | *set as usize)
    }

    /// The Shapley value of each group, where `worth[s]` is the worth of the set of factors whose bits are set in `s`.
    ///
    /// # Panics
    /// If `worth` does not have an entry for every set of factors.
    pub fn shares(&self, worth: &[f64]) -> Vec<f64> {
        let of_groups: Vec<f64> =
            (0..1usize << self.count()).map(|groups| worth[self.union(groups)]).collect();
        crate::causality::shapley::shapley(self.count(), &of_groups)
    }

    /// The Owen value of each of `factors` factors.
    ///
    /// Two gloves of one player and a third of another make a pair from any left and right: the first two are worth no more for
    /// being two.
    ///
    /// ```
    /// use counterplay::causality::owen::Groups;
    /// let pair = |s: usize| f64::from(u8::from(s & 0b011 != 0 && s & 0b100 != 0));
    /// let worth: Vec<f64> = (0..8).map(pair).collect();
    /// let groups = Groups::new(&[Some("Ann"), Some("Ann"), None]);
    /// assert_eq!(groups.shares(&worth), [0.5, 0.5]);
    /// assert_eq!(groups.values(3, &worth), [0.25, 0.25, 0.5]);
    /// ```
    ///
    /// # Panics
    /// If `worth` does not have an entry for every set of factors.
    pub fn values(&self, factors: usize, worth: &[f64]) -> Vec<f64> {
        let between = set_weights(self.count());
        let value = |factor: usize| {
            let group = self.of(factor);
            let (own, bit) = (self.0[group] as usize, 1usize << factor);
            let within = set_weights(self.members(group).count());
            let mut sum = 0.0;
            for others in (0..1usize << self.count()).filter(|h| h >> group & 1 == 0) {
                let before = self.union(others);
                for set in (0..worth.len()).filter(|s| s & !own == 0 && s & bit == 0) {
                    let weight = between[others.count_ones() as usize] * within[set.count_ones() as usize];
                    sum += weight * (worth[before | set | bit] - worth[before | set]);
                }
            }
            sum
        };
        (0..factors).map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causality::shapley::shapley;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn members_share_out_what_their_group_gets(
            worth in proptest::collection::vec(-1.0..1.0f64, 32),
            named in proptest::collection::vec(0usize..4, 5),
        ) {
            let names: Vec<Option<&str>> = named.iter().map(|n| [None, Some("a"), Some("b"), Some("c")][*n]).collect();
            let groups = Groups::new(&names);
            let (values, shares) = (groups.values(5, &worth), groups.shares(&worth));
            for (group, share) in shares.iter().enumerate() {
                let sum: f64 = groups.members(group).map(|f| values[f]).sum();
                prop_assert!((sum - share).abs() < 1e-12);
            }
            prop_assert!((values.iter().sum::<f64>() - (worth[31] - worth[0])).abs() < 1e-12);
        }

        /// With every factor by itself, and with all in one group, Owen's value is Shapley's.
        #[test]
        fn without_groups_the_values_are_those_of_shapley(worth in proptest::collection::vec(-1.0..1.0f64, 16)) {
            for name in [None, Some("all")] {
                let values = Groups::new(&[name; 4]).values(4, &worth);
                for (a, b) in values.iter().zip(shapley(4, &worth)) {
                    prop_assert!((a - b).abs() < 1e-12);
                }
            }
        }
    }
}
