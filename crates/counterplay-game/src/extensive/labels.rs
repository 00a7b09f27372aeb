//! Labels that tell the information sets of a player apart.

use std::collections::HashSet;

use super::ExtensiveForm;

impl ExtensiveForm {
    /// The same game in which no two information sets of a player share a label, nor two sets of chance: where an earlier
    /// one has it already, the number of the set is put after it, as in `answer (2)`. Empty labels stay empty. Some
    /// readers of game files refuse labels that are not distinct.
    #[must_use]
    pub fn with_distinct_labels(mut self) -> Self {
        let (info_sets, chance_sets) = self.distinct_labels();
        self.info_sets.iter_mut().zip(info_sets).for_each(|(set, label)| set.label = label);
        self.chance_sets.iter_mut().zip(chance_sets).for_each(|(set, label)| set.label = label);
        self
    }

    /// Distinct labels of the information sets and of the sets of chance.
    pub(crate) fn distinct_labels(&self) -> (Vec<String>, Vec<String>) {
        let mut of_sets = Vec::with_capacity(self.info_sets.len());
        for own in self.info_sets.chunk_by(|a, b| a.player == b.player) {
            of_sets.extend(distinct(own.iter().map(|set| (&*set.label, set.number))));
        }
        let of_chance = distinct(self.chance_sets.iter().map(|set| (&*set.label, set.number)));
        (of_sets, of_chance)
    }
}

/// Labels with the numbers of their sets, made distinct. A number does not occur twice, so that one attempt is nearly
/// always enough.
fn distinct<'a>(sets: impl Iterator<Item = (&'a str, u32)> + Clone) -> Vec<String> {
    let stated: HashSet<&str> = sets.clone().map(|(label, _)| label).collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut tell_apart = |label: &str, number: u32| {
        if label.is_empty() || taken.insert(label.to_owned()) {
            return label.to_owned();
        }
        let mut name = format!("{label} ({number})");
        while stated.contains(name.as_str()) || !taken.insert(name.clone()) {
            name.push('\'');
        }
        name
    };
    sets.map(|(label, number)| tell_apart(label, number)).collect()
}

#[cfg(test)]
mod tests {
    use super::distinct;

    #[test]
    fn only_what_is_said_again_is_changed_and_nothing_is_said_twice() {
        let labels = [("a", 1), ("a", 2), ("", 3), ("", 4), ("a (2)", 5), ("a", 6), ("a (2)'", 7)];
        let found = distinct(labels.into_iter());
        assert_eq!(found, ["a", "a (2)''", "", "", "a (2)", "a (6)", "a (2)'"]);
        assert_eq!(distinct(found.iter().map(|label| (&**label, 9))), found);
    }
}
