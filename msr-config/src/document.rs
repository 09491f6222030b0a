//! A configuration file as a checked and resolved tree.

use std::collections::BTreeMap;
use std::path::Path;

use crate::findings::{Files, Findings};
use crate::json::{self, Content, Node, Position, key_path};
use crate::problem::{Places, Problem, Problems};
use crate::source::Origin;

/// What a key that stands twice in one object means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duplicates {
    /// A problem (simulation configurations).
    Refused,
    /// A note; the last one counts (circuit configurations and node sets).
    Noted,
}

/// The text of a file.
///
/// # Errors
/// One problem where it cannot be read as UTF-8 text.
pub(crate) fn text_of(file: &Path) -> Result<String, Problems> {
    std::fs::read_to_string(file).map_err(|error| Problems::from(unplaced(file, format!("cannot be read: {error}"))))
}

/// A problem of a whole file.
pub(crate) fn unplaced(file: &Path, message: impl Into<String>) -> Problem {
    Problem { file: file.to_owned(), line: 0, column: 0, key: String::new(), message: message.into() }
}

/// Parses a text; duplicate keys are found here.
///
/// # Errors
/// One problem where the text is no JSON.
pub(crate) fn parse(text: &str, findings: &Findings, duplicates: Duplicates) -> Result<Node, Problems> {
    parse_source(text, &findings.file, Origin::OWN_FILE, findings, duplicates)
}

/// As [`parse`], for a file that the document inherits from.
///
/// # Errors
/// One problem where the text is no JSON.
pub(crate) fn parse_source(
    text: &str,
    file: &Path,
    origin: Origin,
    findings: &Findings,
    duplicates: Duplicates,
) -> Result<Node, Problems> {
    let parsed = json::parse(text, file, origin)?;
    for duplicate in parsed.duplicates {
        match duplicates {
            Duplicates::Refused => findings.problem(duplicate.position, duplicate.key, duplicate.message),
            Duplicates::Noted => {
                findings.note(duplicate.position, duplicate.key, format!("{}; the last one counts", duplicate.message));
            }
        }
    }
    Ok(parsed.root)
}

/// Where every value of a text stands.
///
/// # Errors
/// One problem where the text is no JSON.
pub(crate) fn places_of(text: &str, file: &Path) -> Result<Places, Problems> {
    let findings = Findings::new(file, Path::new(""), Files::Unchecked);
    let root = parse(text, &findings, Duplicates::Noted)?;
    Ok(places(&root, &findings))
}

/// Where every value of a tree stands.
pub(crate) fn places(root: &Node, findings: &Findings) -> Places {
    let mut by_key = BTreeMap::new();
    place(root, String::new(), &mut by_key);
    Places::new(findings.sources.borrow().clone(), by_key)
}

fn place(node: &Node, key: String, by_key: &mut BTreeMap<String, Position>) {
    match &node.content {
        Content::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                place(item, format!("{key}[{index}]"), by_key);
            }
        }
        Content::Object(members) => {
            for member in members {
                place(&member.value, key_path(&key, &member.name), by_key);
            }
        }
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => {}
    }
    by_key.insert(key, node.position);
}
