//! What a measured quantity must be.

/// What a number must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    Equal(f64),
    Above(f64),
    Below(f64),
}

impl Bound {
    /// The number that it is compared with.
    pub(crate) fn at(self) -> f64 {
        match self {
            Bound::Equal(x) | Bound::Above(x) | Bound::Below(x) => x,
        }
    }

    /// Whether a value is so.
    pub(crate) fn holds(self, value: f64) -> bool {
        match self {
            Bound::Equal(x) => value == x,
            Bound::Above(x) => value > x,
            Bound::Below(x) => value < x,
        }
    }
}
