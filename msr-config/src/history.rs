//! What replaced what before the document was read.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::json::{Content, Node, Position, key_path};
use crate::source::{Origin, Provenance, Source, SourceFiles};

/// Values that were replaced, by key, the earliest first.
#[derive(Debug, Default)]
pub(crate) struct History(BTreeMap<String, Vec<(Value, Position)>>);

impl History {
    /// Remembers a value that another takes the place of.
    pub fn replaced(&mut self, key: &str, value: &Node) {
        self.0.entry(key.to_owned()).or_default().push((value.to_value(), value.position));
    }

    /// Whether something was replaced at this key.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Every value of the tree that is inherited, replaces another, or comes from the command line.
    pub fn provenance(&self, root: &Node, sources: &SourceFiles) -> Vec<Provenance> {
        let mut entries = Vec::new();
        self.collect(root, "", sources, &mut entries);
        entries
    }

    fn collect(&self, node: &Node, key: &str, sources: &SourceFiles, entries: &mut Vec<Provenance>) {
        let replaced = self.0.get(key);
        let is_inherited_leaf = node.position.origin != Origin::OWN_FILE && !matches!(node.content, Content::Object(_));
        if node.position.origin == Origin::CommandLine || replaced.is_some() || is_inherited_leaf {
            let before = replaced.into_iter().flatten().rev();
            entries.push(Provenance {
                key: key.to_owned(),
                value: node.to_value(),
                source: source_of(node.position, sources),
                replaced: before.map(|(value, position)| (value.clone(), source_of(*position, sources))).collect(),
            });
            if node.position.origin == Origin::CommandLine {
                return;
            }
        }
        match &node.content {
            Content::Object(members) => {
                for member in members {
                    self.collect(&member.value, &key_path(key, &member.name), sources, entries);
                }
            }
            Content::Array(items) => {
                // Items of a list that stands in one file say nothing new.
                for (index, item) in items.iter().enumerate().filter(|(_, item)| has_override(item)) {
                    self.collect(item, &format!("{key}[{index}]"), sources, entries);
                }
            }
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => {}
        }
    }
}

fn has_override(node: &Node) -> bool {
    node.position.origin == Origin::CommandLine
        || match &node.content {
            Content::Object(members) => members.iter().any(|member| has_override(&member.value)),
            Content::Array(items) => items.iter().any(has_override),
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => false,
        }
}

fn source_of(position: Position, sources: &SourceFiles) -> Source {
    match position.origin {
        Origin::CommandLine => Source::CommandLine,
        origin @ Origin::File(_) => {
            let path = sources.path(origin).to_owned();
            Source::File { path, line: position.line, column: position.column }
        }
    }
}
