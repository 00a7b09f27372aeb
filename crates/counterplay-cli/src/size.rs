//! Sizes of memory, as users write them.

use std::fmt;
use std::str::FromStr;

/// A number of bytes: `500MB`, `2GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bytes(pub(crate) u64);

const UNITS: [(&str, u64); 8] = [
    ("gib", 1 << 30),
    ("mib", 1 << 20),
    ("kib", 1 << 10),
    ("gb", 1_000_000_000),
    ("mb", 1_000_000),
    ("kb", 1_000),
    ("g", 1 << 30),
    ("m", 1 << 20),
];

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_lowercase();
        let found = UNITS.iter().find_map(|(unit, bytes)| Some((lower.strip_suffix(unit)?, *bytes)));
        let (number, unit) = found.unwrap_or((lower.trim_end_matches('b'), 1));
        let number: u64 =
            number.trim().parse().map_err(|_| "write a size such as `500MB` or `2GiB`".to_owned())?;
        match number.checked_mul(unit) {
            Some(bytes) if bytes > 0 => Ok(Self(bytes)),
            _ => Err("the size must be above zero, and fit in a machine".to_owned()),
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |bytes: u64| self.0.is_multiple_of(bytes);
        for (name, bytes) in
            [("GiB", 1 << 30), ("MiB", 1 << 20), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)]
        {
            if whole(bytes) {
                return write!(f, "{}{name}", self.0 / bytes);
            }
        }
        write!(f, "{}B", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_told() {
        for (text, bytes, told) in [
            ("2GiB", 2 << 30, "2GiB"),
            ("2 g", 2 << 30, "2GiB"),
            ("500MB", 500_000_000, "500MB"),
            ("1024", 1024, "1024B"),
            ("7b", 7, "7B"),
        ] {
            let size: Bytes = text.parse().expect("a size");
            assert_eq!((size.0, size.to_string().as_str()), (bytes, told), "{text}");
        }
        for text in ["", "GiB", "-1", "0", "1.5GiB", "99999999999999999GiB", "many"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }
}
