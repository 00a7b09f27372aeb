//! What was found before, so that it need not be computed again.
//!
//! The library keeps nothing itself: a caller that wants fits to outlast an analysis gives it a [`Memory`]. What is kept goes by
//! a name that says everything it depends on besides the scenario; the caller keeps scenarios, and versions of the
//! program, apart.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where things that were found are kept, by name.
pub trait Memory: Sync {
    /// What is kept under a name, byte for byte.
    fn recall(&self, name: &str) -> Option<Vec<u8>>;

    /// Keeps something under a name. A memory that cannot keep it forgets it: nothing depends on it but time.
    fn keep(&self, name: &str, found: &[u8]);
}

/// A memory that keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forgetful;

impl Memory for Forgetful {
    fn recall(&self, _name: &str) -> Option<Vec<u8>> {
        None
    }

    fn keep(&self, _name: &str, _found: &[u8]) {}
}

/// What the memory has under a name, or else what is found now, which it then keeps.
///
/// # Errors
/// Those of finding it; nothing is kept then.
pub(crate) fn remembered<T, E>(
    memory: &dyn Memory,
    name: &str,
    find: impl FnOnce() -> Result<T, E>,
) -> Result<T, E>
where
    T: Serialize + DeserializeOwned,
{
    if let Some(known) = recalled(memory, name) {
        return Ok(known);
    }
    let found = find()?;
    keep(memory, name, &found);
    Ok(found)
}

/// What the memory has under a name, if it can be read.
pub(crate) fn recalled<T: DeserializeOwned>(memory: &dyn Memory, name: &str) -> Option<T> {
    memory.recall(name).and_then(|bytes| ciborium::from_reader(bytes.as_slice()).ok())
}

/// Keeps something under a name.
pub(crate) fn keep(memory: &dyn Memory, name: &str, found: &impl Serialize) {
    let mut bytes = Vec::new();
    if ciborium::into_writer(found, &mut bytes).is_ok() {
        memory.keep(name, &bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Shelf(Mutex<BTreeMap<String, Vec<u8>>>);

    impl Memory for Shelf {
        fn recall(&self, name: &str) -> Option<Vec<u8>> {
            self.0.lock().unwrap().get(name).cloned()
        }

        fn keep(&self, name: &str, found: &[u8]) {
            self.0.lock().unwrap().insert(name.to_owned(), found.to_vec());
        }
    }

    #[test]
    fn what_is_known_is_not_found_again_and_has_the_same_bits() {
        let (shelf, number) = (Shelf::default(), [0.1 + 0.2, f64::INFINITY, -0.0, 5e-324]);
        let first: Result<_, ()> = remembered(&shelf, "a", || Ok(number));
        let again: Result<[f64; 4], ()> = remembered(&shelf, "a", || Err(()));
        assert_eq!(first.unwrap().map(f64::to_bits), again.unwrap().map(f64::to_bits));
        assert_eq!(
            remembered(&shelf, "b", || Err::<f64, _>("nothing of this name")),
            Err("nothing of this name")
        );
    }

    #[test]
    fn what_cannot_be_read_is_found_again() {
        let shelf = Shelf::default();
        shelf.keep("a", &[1]);
        assert_eq!(remembered::<f64, ()>(&shelf, "a", || Ok(2.0)), Ok(2.0));
        assert_eq!(remembered::<f64, ()>(&shelf, "a", || Err(())), Ok(2.0));
    }
}
