//! Tokens of documents with a `multiscale_run` section: `$name` and `${name}` stand for the text under the key `name`,
//! wherever in the document that key is.
//!
//! Keys inside lists are not seen; of equal keys the deeper one counts, else the later one. `pkg_path` names the package
//! directory of the original program; texts with it stay as they are, because what that directory holds is built in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::findings::Findings;
use crate::json::{Content, Node, key_path};
use crate::name::nearest;

/// Names of the original's package directory, in files of all series.
const PACKAGE_TOKENS: [&str; 2] = ["pkg_path", "pkg_data_path"];

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\$(?:\{(\w+)\}|(\w+))").expect("the token pattern is valid"));

/// Whether a text points into the original's package directory.
pub(crate) fn is_in_package(text: &str) -> bool {
    TOKEN.captures_iter(text).any(|token| PACKAGE_TOKENS.contains(&name_of(&token)))
}

/// Replaces tokens everywhere in the document.
pub(crate) fn substitute(root: &mut Node, findings: &Findings) {
    let mut table = BTreeMap::new();
    collect(root, &mut table);
    Substitution { table, findings }.replace_in(root, "", false);
}

/// The text with the tokens of a document replaced, or what is wrong with it.
pub(crate) fn resolved(root: &Node, text: &str, findings: &Findings) -> Result<String, String> {
    let mut table = BTreeMap::new();
    collect(root, &mut table);
    Substitution { table, findings }.resolved(text, &mut Vec::new())
}

/// Notes texts with `$name` that nothing has replaced, for documents without tokens.
pub(crate) fn note_unknown(root: &Node, findings: &Findings) {
    visit_texts(root, "", &mut |node, key, text| {
        for token in TOKEN.captures_iter(text) {
            let message = format!("'{}' names no variable of the manifest and stays as it is", &token[0]);
            findings.note(node.position, key, message);
        }
    });
}

fn visit_texts(node: &Node, key: &str, visit: &mut impl FnMut(&Node, &str, &str)) {
    match &node.content {
        Content::Text(text) => visit(node, key, text),
        Content::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit_texts(item, &format!("{key}[{index}]"), visit);
            }
        }
        Content::Object(members) => {
            for member in members {
                visit_texts(&member.value, &key_path(key, &member.name), visit);
            }
        }
        Content::Null | Content::Bool(_) | Content::Number(_) => {}
    }
}

fn name_of<'t>(token: &Captures<'t>) -> &'t str {
    token.get(1).or_else(|| token.get(2)).map_or("", |name| name.as_str())
}

fn collect(node: &Node, table: &mut BTreeMap<String, String>) {
    let Content::Object(members) = &node.content else { return };
    for member in members {
        if let Content::Text(text) = &member.value.content {
            let name = member.name.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
            table.insert(name.to_owned(), text.clone());
        }
    }
    for member in members {
        collect(&member.value, table);
    }
}

struct Substitution<'f> {
    table: BTreeMap<String, String>,
    findings: &'f Findings,
}

impl Substitution<'_> {
    fn replace_in(&self, node: &mut Node, key: &str, in_list: bool) {
        match &mut node.content {
            Content::Text(text) => match self.resolved(text, &mut Vec::new()) {
                Ok(resolved) => *text = resolved,
                Err(message) if in_list => {
                    self.findings.note(node.position, key, format!("{message}; it stays as it is"))
                }
                Err(message) => self.findings.problem(node.position, key, message),
            },
            Content::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.replace_in(item, &format!("{key}[{index}]"), true);
                }
            }
            Content::Object(members) => {
                for member in members {
                    let path = key_path(key, &member.name);
                    self.replace_in(&mut member.value, &path, false);
                }
            }
            Content::Null | Content::Bool(_) | Content::Number(_) => {}
        }
    }

    /// The text without tokens, or what is wrong with it; `open` are the tokens being resolved.
    fn resolved(&self, text: &str, open: &mut Vec<String>) -> Result<String, String> {
        let mut resolved = String::new();
        let mut rest = 0;
        for token in TOKEN.captures_iter(text) {
            let (whole, name) = (token.get_match(), name_of(&token));
            resolved.push_str(&text[rest..whole.start()]);
            rest = whole.end();
            if PACKAGE_TOKENS.contains(&name) {
                resolved.push_str(whole.as_str());
                continue;
            }
            if open.iter().any(|earlier| earlier == name) {
                return Err(format!("tokens refer to one another in a circle: {} -> {name}", open.join(" -> ")));
            }
            let Some(value) = self.table.get(name) else {
                let names: Vec<_> = self.table.keys().collect();
                return Err(format!(
                    "unknown token '{}'{}: no key with a text has this name",
                    whole.as_str(),
                    nearest(name, &names)
                ));
            };
            self.findings.use_token(name);
            open.push(name.to_owned());
            resolved.push_str(&self.resolved(value, open)?);
            open.pop();
        }
        resolved.push_str(&text[rest..]);
        Ok(resolved)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::findings::Files;
    use crate::json::parse;
    use crate::source::Origin;

    fn substituted(document: &Value) -> Result<Value, String> {
        let file = Path::new("f.json");
        let mut root = parse(&document.to_string(), file, Origin::OWN_FILE).unwrap().root;
        let findings = Findings::new(file, Path::new("/base"), Files::Unchecked);
        substitute(&mut root, &findings);
        findings.finish().map(|_| root.to_value()).map_err(|problems| problems.to_string())
    }

    #[test]
    fn tokens_are_resolved_through_one_another() {
        let document = json!({
            "foo_path": "RESULTS", "bau_path": "$foo_path/bbb",
            "a": {"miao_path": "$bau_path/${foo_path}/hola", "list": ["$foo_path", {"inner": "unseen"}, "$inner"]},
            "price": "5 $", "pkg": "${pkg_path}/data"
        });
        assert_eq!(
            substituted(&document).unwrap(),
            json!({
                "foo_path": "RESULTS", "bau_path": "RESULTS/bbb",
                "a": {"miao_path": "RESULTS/bbb/RESULTS/hola", "list": ["RESULTS", {"inner": "unseen"}, "$inner"]},
                "price": "5 $", "pkg": "${pkg_path}/data"
            })
        );
    }

    #[test]
    fn deeper_keys_win_and_manifest_keys_count() {
        let document = json!({"a": {"x": "deep"}, "x": "top", "${y}": "braces", "t": "$x $y"});
        assert_eq!(substituted(&document).unwrap()["t"], "deep braces");
    }

    #[test]
    fn unknown_tokens_are_refused() {
        assert_eq!(
            substituted(&json!({"mesh": "x", "to": "$mehs/y"})).unwrap_err(),
            "f.json:1:18: to: unknown token '$mehs' (did you mean 'mesh'?): no key with a text has this name"
        );
    }

    #[test]
    fn circles_are_refused() {
        assert_eq!(
            substituted(&json!({"a": "$b", "b": "${a}"})).unwrap_err(),
            "f.json:1:6: a: tokens refer to one another in a circle: b -> a -> b\n\
             f.json:1:15: b: tokens refer to one another in a circle: a -> b -> a"
        );
    }
}
