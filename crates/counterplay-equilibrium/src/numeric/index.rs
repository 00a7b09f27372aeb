//! Positions in arrays, stored in half the space.

/// A position as 32 bits.
///
/// # Panics
/// If it is too large; no game in memory has that many parts.
pub(crate) fn narrow(x: usize) -> u32 {
    u32::try_from(x).expect("fewer than 2^32 items")
}
