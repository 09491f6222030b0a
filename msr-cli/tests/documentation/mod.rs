//! What the README and the book say is so: their commands run, their links lead somewhere, their reference is that of the code,
//! and crates depend on one another as they draw it.

mod architecture;
mod commands;
mod links;
mod reference;

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the repository.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The README, those of the crates, and the chapters of the book, in order.
fn pages() -> Vec<PathBuf> {
    let book = repository().join("docs/src");
    let crates = repository().read_dir().unwrap().map(|entry| entry.unwrap().path().join("README.md"));
    let chapters = book.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md") && path.is_file();
    let mut pages: Vec<PathBuf> =
        crates.chain(chapters).chain([repository().join("README.md")]).filter(is_page).collect();
    pages.sort();
    assert!(pages.len() > 20, "{pages:?}");
    pages
}

fn text(page: &Path) -> String {
    fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}
