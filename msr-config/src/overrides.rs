//! Values from the command line: `--set multiscale_run.metabolism.ndts=200`.

use std::str::FromStr;

use serde_json::Value;

use crate::findings::Findings;
use crate::history::History;
use crate::json::{Content, Member, Node, Position, key_path};

/// One value that replaces what the file says, or adds to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// Keys and list positions from the top of the document, for example `["connections", "0", "ndts"]`.
    path: Vec<String>,
    value: Value,
}

/// What is wrong with the text of an override.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// There is no `=`.
    #[error("'{text}' has no '='; write KEY=VALUE, for example run.tstop=100")]
    NoValue {
        /// The text found.
        text: String,
    },
    /// The key is empty or has an empty part.
    #[error("'{key}' is no key; write names with dots between them, for example multiscale_run.connections[0].ndts")]
    BadKey {
        /// The key found.
        key: String,
    },
}

impl FromStr for Override {
    type Err = OverrideError;

    /// Reads `KEY=VALUE`. Parts of the key stand between dots, positions in lists also in brackets; the value is JSON, or a
    /// text where it is none.
    fn from_str(text: &str) -> Result<Self, OverrideError> {
        let (key, value) = text.split_once('=').ok_or_else(|| OverrideError::NoValue { text: text.to_owned() })?;
        let bad = || OverrideError::BadKey { key: key.to_owned() };
        let mut path = Vec::new();
        for part in key.trim().split('.') {
            let (name, positions) = part.split_once('[').map_or((part, None), |(name, rest)| (name, Some(rest)));
            if name.is_empty() {
                return Err(bad());
            }
            path.push(name.to_owned());
            if let Some(positions) = positions {
                let inner = positions.strip_suffix(']').ok_or_else(bad)?;
                for position in inner.split("][") {
                    position.parse::<usize>().map_err(|_| bad())?;
                    path.push(position.to_owned());
                }
            }
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        Ok(Self { path, value })
    }
}

impl Override {
    /// Puts the value into the document; what it replaces goes to `history`.
    pub(crate) fn apply(&self, root: &mut Node, findings: &Findings, history: &mut History) {
        let (mut node, mut key) = (root, String::new());
        for part in &self.path {
            let inside = part_key(node, &key, part);
            match part_of(node, &key, part) {
                Ok(part) => node = part,
                Err(message) => return findings.problem(Position::COMMAND_LINE, inside, message),
            }
            key = inside;
        }
        if node.position != Position::COMMAND_LINE || history.has(&key) {
            history.replaced(&key, node);
        }
        *node = Node::of_value(&self.value, Position::COMMAND_LINE);
    }
}

fn part_key(node: &Node, key: &str, part: &str) -> String {
    match &node.content {
        Content::Array(_) => format!("{key}[{part}]"),
        _ => key_path(key, part),
    }
}

/// The part of an object or list; a key that an object does not have is added to it.
fn part_of<'n>(node: &'n mut Node, key: &str, part: &str) -> Result<&'n mut Node, String> {
    let found = node.describe();
    match &mut node.content {
        Content::Object(members) => {
            let position = members.iter().position(|member| member.name == part).unwrap_or_else(|| {
                let value = Node { position: Position::COMMAND_LINE, content: Content::Object(Vec::new()) };
                members.push(Member { name: part.to_owned(), position: Position::COMMAND_LINE, value });
                members.len() - 1
            });
            Ok(&mut members[position].value)
        }
        Content::Array(items) => {
            let count = items.len();
            part.parse::<usize>().ok().and_then(|position| items.get_mut(position)).ok_or_else(|| match count {
                0 => format!("'{key}' is an empty list"),
                1 => format!("'{key}' is a list of one item, '{key}[0]'"),
                _ => format!("'{key}' is a list of {count} items, '{key}[0]' to '{key}[{}]'", count - 1),
            })
        }
        _ => Err(format!("'{key}' is {found} and has no key '{part}'")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_are_told_apart() {
        let parsed = |text: &str| text.parse::<Override>().map(|parsed| (parsed.path.join("/"), parsed.value));
        assert_eq!(parsed("run.tstop=1e2").unwrap(), ("run/tstop".into(), 100.0.into()));
        assert_eq!(parsed("a[0].b.1=x=y").unwrap(), ("a/0/b/1".into(), "x=y".into()));
        assert_eq!(parsed("a[0][1]=[1, \"b\"]").unwrap(), ("a/0/1".into(), serde_json::json!([1, "b"])));
        assert_eq!(parsed("a=").unwrap().1, "");
        for (text, message) in [
            ("run.tstop", "'run.tstop' has no '='; write KEY=VALUE, for example run.tstop=100"),
            ("run..x=1", "'run..x' is no key"),
            ("a[x]=1", "'a[x]' is no key"),
            ("a[1=1", "'a[1' is no key"),
            ("=1", "'' is no key"),
        ] {
            assert!(parsed(text).unwrap_err().to_string().starts_with(message), "{text}");
        }
    }
}
