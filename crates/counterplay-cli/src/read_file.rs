//! Reading files: regular ones, up to a bound.
//!
//! A pipe may never end, a device never does, and a link may lead to what its owner does not want to show. What has been read
//! is kept in mind, so that [`write_file`](crate::write_file) writes over none of it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;
use crate::output::said;

/// The files that were read, each by its identity.
static READ: Mutex<Vec<Identity>> = Mutex::new(Vec::new());

/// Which file it is, whatever it is called.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    path: PathBuf,
    /// The device and the number of the file there, which all its names share.
    inode: Option<(u64, u64)>,
}

impl Identity {
    /// That of a file, which need not be there yet.
    pub(crate) fn of(path: &Path) -> Self {
        let whole = fs::canonicalize(path).unwrap_or_else(|_| {
            let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
            path.file_name().map_or_else(|| path.to_owned(), |name| folder.join(name))
        });
        Self { inode: inode(path), path: whole }
    }

    /// Whether both are one file.
    pub(crate) fn is(&self, other: &Self) -> bool {
        // The number of a file that is gone is given to another.
        let is_linked =
            || self.inode.is_some() && self.inode == other.inode && inode(&self.path) == self.inode;
        self.path == other.path || is_linked()
    }
}

#[cfg(unix)]
fn inode(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn inode(_: &Path) -> Option<(u64, u64)> {
    None
}

/// Whether this run has read the file.
pub(crate) fn was_read(file: &Identity) -> bool {
    READ.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known.is(file))
}

/// The bytes of a regular file that has at most `most` bytes.
pub(crate) fn bytes_of(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let unreadable = |e: io::Error| Failure::new(format!("`{shown}` cannot be read: {}", said(&e)));
    // Even to open a pipe would wait for someone to write to it.
    refuse_unless_regular(path, &fs::metadata(path).map_err(unreadable)?)?;
    let file = File::open(path).map_err(unreadable)?;
    refuse_unless_regular(path, &file.metadata().map_err(unreadable)?)?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(Failure::new(format!("`{shown}` is larger than {} MiB", most >> 20)));
    }
    READ.lock().unwrap_or_else(PoisonError::into_inner).push(Identity::of(path));
    Ok(bytes)
}

fn refuse_unless_regular(path: &Path, found: &fs::Metadata) -> Result<(), Failure> {
    if found.is_file() {
        return Ok(());
    }
    let what = if found.is_dir() { "a folder" } else { "a pipe or a device" };
    Err(Failure::new(format!("`{}` is {what}, and not a file", path.display())))
}

/// The text of such a file, without the mark that some editors put in front.
pub(crate) fn text_of(path: &Path, most: u64) -> Result<String, Failure> {
    let text = String::from_utf8(bytes_of(path, most)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid].split(|byte| *byte == b'\n').count();
        let shown = path.display();
        Failure::new(format!("`{shown}` is not UTF-8 text: line {line} has bytes that are no letters"))
            .hint("save it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// Refuses a file of a folder that lies elsewhere, behind a link.
pub(crate) fn refuse_outside(path: &Path, folder: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let unreadable = |e: io::Error| Failure::new(format!("`{shown}` cannot be read: {}", said(&e)));
    let (file, folder) =
        (fs::canonicalize(path).map_err(unreadable)?, fs::canonicalize(folder).map_err(unreadable)?);
    if file.starts_with(&folder) {
        return Ok(());
    }
    Err(Failure::new(format!("`{shown}` is a link to a file outside its folder"))
        .hint("a scenario may come from anyone: put a copy of the file there if it is meant"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_up_to_their_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, vec![b'x'; (1 << 20) + 1]).unwrap();
        assert!(bytes_of(&path, (1 << 20) + 1).is_ok());
        assert!(bytes_of(&path, 1 << 20).unwrap_err().to_string().contains("larger than 1 MiB"));
        assert!(bytes_of(folder.path(), 1).unwrap_err().to_string().contains("is a folder"));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_read_and_a_link_out_is_refused() {
        assert!(bytes_of(Path::new("/dev/zero"), 1).unwrap_err().to_string().contains("a pipe or a device"));
        let around = tempfile::tempdir().unwrap();
        let inside = around.path().join("case");
        fs::create_dir(&inside).unwrap();
        fs::write(around.path().join("secret"), "").unwrap();
        fs::write(inside.join("part"), "").unwrap();
        std::os::unix::fs::symlink("../secret", inside.join("out")).unwrap();
        std::os::unix::fs::symlink("part", inside.join("in")).unwrap();
        assert!(refuse_outside(&inside.join("in"), &inside).is_ok());
        assert!(refuse_outside(&inside.join("out"), &inside).is_err());
    }

    #[test]
    fn a_file_is_the_same_by_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "x").unwrap();
        bytes_of(&path, 9).unwrap();
        assert!(was_read(&Identity::of(&folder.path().join(".").join("a"))));
        assert!(!was_read(&Identity::of(&folder.path().join("b"))));
        #[cfg(unix)]
        {
            fs::hard_link(&path, folder.path().join("b")).unwrap();
            assert!(was_read(&Identity::of(&folder.path().join("b"))));
        }
    }
}
