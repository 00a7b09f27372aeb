//! The name that was probably meant.

/// A hint for a name that is not there: the nearest of those that are, or all of them.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let near = |k: &&str| {
        let distance = strsim::damerau_levenshtein(&name.to_lowercase(), &k.to_lowercase());
        (distance <= k.chars().count().max(3) / 3).then_some(distance)
    };
    let nearest = known.clone().filter_map(|k| Some((near(&k)?, k))).min();
    if let Some((_, nearest)) = nearest {
        return format!("did you mean `{nearest}`?");
    }
    let all: Vec<String> = known.map(|k| format!("`{k}`")).collect();
    if all.is_empty() { "there are none".to_owned() } else { format!("there are {}", all.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_proposed_and_else_all() {
        let known = ["patience", "hearing"];
        assert_eq!(did_you_mean("Patince", known.into_iter()), "did you mean `patience`?");
        assert_eq!(did_you_mean("war", known.into_iter()), "there are `patience`, `hearing`");
        assert_eq!(did_you_mean("war", [].into_iter()), "there are none");
    }
}
