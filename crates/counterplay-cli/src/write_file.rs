//! Writing files: whole or not at all, never over what was read, and never two results to one file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;
use crate::output::said;
use crate::read_file::{Identity, was_read};

/// The files that are to be written.
static DESTINATIONS: Mutex<Vec<Identity>> = Mutex::new(Vec::new());

/// The path of a file that is to be written later, once it is known that it can be there.
pub(crate) fn destination(path: PathBuf) -> Result<PathBuf, Failure> {
    let shown = path.display();
    if path.is_dir() {
        return Err(Failure::new(format!("`{shown}` is a folder, and a file is to be written there")));
    }
    let folder = folder_of(&path);
    if !folder.is_dir() {
        return Err(Failure::new(format!("there is no folder `{}` to write to", folder.display()))
            .hint(format!("make it first: `mkdir -p {}`", folder.display())));
    }
    if !is_stream(&path) {
        let file = Identity::of(&path);
        refuse_input(&path, &file)?;
        let mut known = DESTINATIONS.lock().unwrap_or_else(PoisonError::into_inner);
        if known.iter().any(|other| other.is(&file)) {
            return Err(Failure::new(format!("two results are to be written to `{shown}`"))
                .hint("give each a file of its own"));
        }
        known.push(file);
    }
    Ok(path)
}

fn refuse_input(path: &Path, file: &Identity) -> Result<(), Failure> {
    if !was_read(file) {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` is read here, and would be written over", path.display()))
        .hint("choose another file for the result"))
}

/// Writes a text to a file, whole or not at all.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_whole(path, text.as_bytes())
}

/// Writes a file whole: beside its place, and then moved there, so that what was there before stays until then.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed =
        |e: io::Error| Failure::new(format!("`{}` could not be written: {}", path.display(), said(&e)));
    if is_stream(path) {
        return fs::write(path, bytes).map_err(failed);
    }
    refuse_input(path, &Identity::of(path))?;
    replace(path, bytes).map_err(failed)
}

/// Puts a file with these bytes at the path.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays, and what it leads to is replaced.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Some(name) = place.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no name for a file"));
    };
    let folder = folder_of(&place);
    remove_stale(folder, |whose| whose == name);
    let unfinished = folder.join(unfinished_name(&name, std::process::id()));
    let written = write_through(&unfinished, bytes)
        .and_then(|()| keep_permissions(&place, &unfinished))
        .and_then(|()| fs::rename(&unfinished, &place));
    if written.is_err() {
        // If even that fails, the next run removes it.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Some file systems tell that they are full only when the bytes are brought to the disk.
fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn keep_permissions(from: &Path, to: &Path) -> io::Result<()> {
    match fs::metadata(from) {
        Ok(found) => fs::set_permissions(to, found.permissions()),
        Err(_) => Ok(()),
    }
}

/// What a file is called while the process of this number writes it.
fn unfinished_name(name: &str, process: u32) -> String {
    format!(".{name}.{process}.part")
}

/// Removes what processes left behind that were ended while they wrote one of these files.
pub(crate) fn remove_stale(folder: &Path, is_one: impl Fn(&str) -> bool) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let found = entry.file_name();
        let Some((name, process)) = found.to_str().and_then(unfinished) else { continue };
        if is_one(name) && is_gone(process, &entry) {
            // What cannot be removed costs a little room and nothing else.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The file that is written under this name, and the number of the process that does.
fn unfinished(found: &str) -> Option<(&str, u32)> {
    let (name, process) = found.strip_prefix('.')?.strip_suffix(".part")?.rsplit_once('.')?;
    Some((name, process.parse().ok()?))
}

fn is_gone(process: u32, entry: &fs::DirEntry) -> bool {
    const HOUR: std::time::Duration = std::time::Duration::from_hours(1);
    let processes = Path::new("/proc");
    if processes.join("self").exists() {
        return !processes.join(process.to_string()).exists();
    }
    let age = entry.metadata().and_then(|found| found.modified()).map(|time| time.elapsed());
    age.is_ok_and(|age| age.is_ok_and(|age| age > HOUR))
}

/// Whether a path leads to something that cannot be replaced, such as a terminal or the standard output.
fn is_stream(path: &Path) -> bool {
    let is_special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    is_special || path.starts_with("/dev") || path.starts_with("/proc")
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_file::bytes_of;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.html");
        // A process of this number cannot be.
        fs::write(folder.path().join(".a.html.4294967295.part"), "half").unwrap();
        fs::write(folder.path().join(".a.html.mine.part"), "not ours").unwrap();
        fs::write(&path, "old").unwrap();
        write_whole(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        if Path::new("/proc/self").exists() {
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        }
    }

    #[test]
    fn what_was_read_is_not_written_over_and_nothing_is_written_twice() {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("input"), folder.path().join("output"));
        fs::write(&input, "x").unwrap();
        bytes_of(&input, 9).unwrap();
        assert!(destination(input.clone()).unwrap_err().to_string().contains("would be written over"));
        assert!(write_whole(&input, b"y").is_err());
        assert_eq!(fs::read(&input).unwrap(), b"x");
        assert!(destination(output.clone()).is_ok());
        let again = folder.path().join(".").join("output");
        assert!(destination(again).unwrap_err().to_string().contains("two results"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_the_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_to_as_it_is() {
        write_whole(Path::new("/dev/null"), b"gone").unwrap();
        assert!(write_whole(Path::new("/dev/full"), b"no room").is_err());
    }
}
