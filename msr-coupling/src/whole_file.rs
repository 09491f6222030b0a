//! Files that are there as a whole or not at all, also after a power cut.
//!
//! What is not finished has another name. When it is whole, it is brought to the disk and gets its own name, which is brought to the
//! disk, too. In any other order a power cut can leave the name of a file and nothing in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What the names of files and directories end with until they are whole.
pub const UNFINISHED: &str = "unfinished";

/// Name of a file or directory until it is whole.
pub fn unfinished(path: &Path) -> PathBuf {
    path.with_added_extension(UNFINISHED)
}

/// Writes a file; what stood at `path` before stays until the new one is whole.
///
/// # Errors
/// Of the system or of `content`; nothing unfinished is left then.
pub fn write(path: &Path, content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    write_as(&unfinished(path), path, content)
}

/// As [`write()`], under the name `unfinished` in the same directory until it is whole.
///
/// # Errors
/// As [`write()`].
pub fn write_as(
    unfinished: &Path,
    path: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let written = File::create(unfinished).and_then(|file| {
        let mut out = BufWriter::new(file);
        content(&mut out)?;
        out.flush()
    });
    let placed = written.and_then(|()| put_in_place(unfinished, path));
    if placed.is_err() {
        // The first error is the one to report; a part of a file would only take room.
        let _ = fs::remove_file(unfinished);
    }
    placed
}

/// Gives a file, or a directory with all that is in it, its name on the same file system.
///
/// # Errors
/// Of the system.
pub fn put_in_place(whole: &Path, path: &Path) -> io::Result<()> {
    sync(whole)?;
    fs::rename(whole, path)?;
    sync_directory_of(path)
}

/// Brings the name of a file to the disk.
///
/// # Errors
/// Of the system.
pub fn sync_directory_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(directory) if directory.as_os_str().is_empty() => sync_directory(Path::new(".")),
        Some(directory) => sync_directory(directory),
        None => Ok(()),
    }
}

fn sync(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        // Some systems only do it to files that are open for writing.
        return OpenOptions::new().write(true).open(path)?.sync_all();
    }
    for entry in path.read_dir()? {
        sync(&entry?.path())?;
    }
    sync_directory(path)
}

/// Brings the names in a directory to the disk, where system and file system can do that.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(directory)?.sync_all() {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            directory.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_when_the_new_one_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        for text in ["one", "two"] {
            write(&path, |out| {
                assert!(names(directory.path()).contains(&"a.json.unfinished".to_owned()));
                assert_eq!(path.exists(), text == "two");
                out.write_all(text.as_bytes())
            })
            .unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(names(directory.path()), ["a.json"]);
        }
    }

    #[test]
    fn what_fails_leaves_what_was_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        fs::write(&path, "one").unwrap();
        let error = write(&path, |out| {
            out.write_all(b"tw")?;
            Err(ErrorKind::StorageFull.into())
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::StorageFull);
        // The place is taken by something that no file replaces.
        let taken = directory.path().join("taken");
        fs::create_dir_all(taken.join("mine")).unwrap();
        assert!(write(&taken, |out| out.write_all(b"two")).is_err());
        assert_eq!(names(directory.path()), ["a.json", "taken"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    }

    #[test]
    fn a_directory_comes_with_all_that_is_in_it() {
        let directory = tempfile::tempdir().unwrap();
        let stage = directory.path().join("folder.unfinished");
        fs::create_dir_all(stage.join("deep/er")).unwrap();
        fs::write(stage.join("deep/er/file"), "text").unwrap();
        put_in_place(&stage, &directory.path().join("folder")).unwrap();
        assert_eq!(names(directory.path()), ["folder"]);
        assert_eq!(fs::read_to_string(directory.path().join("folder/deep/er/file")).unwrap(), "text");
    }
}
