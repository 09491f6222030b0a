//! The book shows parts of this crate: that they are there.

use std::fs;
use std::path::Path;

#[test]
fn everything_that_the_book_includes_exists() {
    let book = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../src"));
    let mut included = 0;
    for page in book.read_dir().unwrap().flatten().map(|entry| entry.path()) {
        if page.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&page).unwrap();
        for part in text.split("{{#include ").skip(1) {
            let place = part.split_once("}}").expect("an include ends").0;
            let (file, anchor) = place.split_once(':').map_or((place, None), |(file, anchor)| (file, Some(anchor)));
            let source = fs::read_to_string(book.join(file)).unwrap_or_else(|error| panic!("{place}: {error}"));
            let lines: Vec<&str> = source.lines().map(str::trim).collect();
            if let Some(anchor) = anchor {
                let start = lines.iter().position(|line| *line == format!("// ANCHOR: {anchor}"));
                let end = lines.iter().position(|line| *line == format!("// ANCHOR_END: {anchor}"));
                let is_there = start.zip(end).is_some_and(|(start, end)| end > start + 1);
                assert!(is_there, "{}: {place} has no such anchor", page.display());
            }
            included += 1;
        }
    }
    assert!(included > 10, "the walk through this crate is in the book");
}
