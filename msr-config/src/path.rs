//! Paths of configuration files: joined to the file's directory and normalised in text, without a look at the disk.

use std::path::{Component, Path, PathBuf};

/// `path` from `base_dir`, without `.` and `..` where that can be told from the text.
pub(crate) fn joined(base_dir: &Path, path: &str) -> PathBuf {
    normalised(&base_dir.join(path))
}

/// The path without `.` components, and with every `..` cancelled against the component before it.
pub(crate) fn normalised(path: &Path) -> PathBuf {
    let mut kept = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match kept.components().next_back() {
                Some(Component::Normal(_)) => {
                    kept.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => kept.push(component),
            },
            _ => kept.push(component),
        }
    }
    kept
}

/// The directory of a configuration file, absolute where the working directory is known.
pub(crate) fn directory_of(file: &Path) -> PathBuf {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    absolute.parent().map_or_else(PathBuf::new, normalised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_cancelled() {
        let base_dir = Path::new("/base/dir");
        for (path, expected) in [
            ("./RES/../R2", "/base/dir/R2"),
            ("../../../x", "/x"),
            ("/abs/./y", "/abs/y"),
            ("", "/base/dir"),
            ("a//b/", "/base/dir/a/b"),
        ] {
            assert_eq!(joined(base_dir, path), Path::new(expected), "{path}");
        }
        assert_eq!(normalised(Path::new("../a/../../b")), Path::new("../../b"));
    }
}
