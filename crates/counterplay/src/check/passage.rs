//! Whether two citations name the same passage of a source.

use std::ops::RangeInclusive;

/// Whether two places in one source share a passage: they are written alike, or their numbers meet and are counted in the
/// same unit. A place that is not given is the whole source.
pub(super) fn meet(a: &str, b: &str) -> bool {
    let (a, b) = (plain(a), plain(b));
    if a.is_empty() || b.is_empty() || a == b {
        return true;
    }
    let ((unit, numbers), (other_unit, others)) = (counted(&a), counted(&b));
    let shared =
        |n: &RangeInclusive<u64>| others.iter().any(|o| n.start() <= o.end() && o.start() <= n.end());
    unit == other_unit && numbers.iter().any(shared)
}

/// In lower case, with a hyphen for every dash and one space for several.
fn plain(place: &str) -> String {
    let place = place.to_lowercase().replace(['\u{2013}', '\u{2014}'], "-");
    place.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The unit in which a place counts, and its numbers: `paras. 5, 15-19` gives `para` with 5 and 15 to 19.
fn counted(place: &str) -> (String, Vec<RangeInclusive<u64>>) {
    let words = place.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty() && *w != "and");
    let unit: Vec<&str> = words.map(singular).collect();
    let stretches = place.split(|c: char| !c.is_ascii_digit() && c != '-');
    let numbers = stretches.filter_map(|stretch| {
        let (first, last) = stretch.split_once('-').unwrap_or((stretch, stretch));
        Some(first.parse().ok()?..=last.parse().ok()?)
    });
    let numbers = numbers.collect();
    (unit.join(" "), numbers)
}

/// A unit's name for one: `paras` is `para`, and `pp` is `p`.
fn singular(unit: &str) -> &str {
    if unit == "pp" { "p" } else { unit.strip_suffix('s').filter(|rest| !rest.is_empty()).unwrap_or(unit) }
}

#[cfg(test)]
mod tests {
    use super::meet;

    #[test]
    fn passages_meet_where_their_numbers_do() {
        assert!(meet("paras. 15-19", "para. 17"));
        assert!(meet("paras. 3, 5", "para. 5"));
        assert!(meet("pp. 3\u{2013}4", "p. 4"));
        assert!(meet("ch. 11", "Ch.  11"));
        assert!(!meet("paras. 15-19", "para. 20"));
        assert!(!meet("para. 7", "p. 7"));
        assert!(!meet("ch. 1, p. 7", "p. 7"));
    }

    #[test]
    fn a_source_without_a_place_is_all_of_it() {
        assert!(meet("", "para. 3") && meet("p. 3", " ") && meet("", ""));
    }

    #[test]
    fn places_in_words_meet_where_they_are_the_same() {
        assert!(meet("on North Korea", "on North Korea"));
        assert!(!meet("on North Korea", "on Iran"));
        assert!(!meet("99999999999999999999", "9999"));
    }
}
