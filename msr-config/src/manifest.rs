//! The SONATA `manifest`: variables that stand for parts of texts, mostly directories.
//!
//! Variables are replaced as plain text in every text of the document, longest name first, all occurrences. A text that
//! was changed is normalised as a path. What names no variable stays as it is.

use std::path::Path;

use crate::findings::Findings;
use crate::json::{Content, Member, Node};
use crate::path::normalised;
use crate::section::Section;
use crate::shape::Kind;

/// Passes in which variables of the manifest may refer to one another.
const EXPANSION_PASSES: usize = 10;

const MANIFEST: &str = "manifest";

/// Replaces the variables of the document's own manifest everywhere in the document.
pub(crate) fn substitute(root: &mut Node, findings: &Findings) {
    let variables = expanded(variables(root, findings), root, findings);
    if !variables.is_empty() {
        replace_in(root, &variables);
    }
}

fn variables(root: &Node, findings: &Findings) -> Vec<(String, String)> {
    let Content::Object(members) = &root.content else { return Vec::new() };
    let Some(manifest) = members.iter().find(|member| member.name == MANIFEST) else { return Vec::new() };
    let Some(section) = Section::named(findings, MANIFEST, &manifest.value, &Kind::Text) else { return Vec::new() };
    let mut variables = Vec::new();
    for Member { name, position, value } in section.members {
        let key = section.path_of(name);
        if !is_variable(name) {
            let message = format!(
                "'{name}' is no variable name: it must be '$' followed by letters, digits and underscores, for example '${}'",
                name.chars().filter(|sign| is_name_sign(*sign)).collect::<String>()
            );
            findings.problem(*position, key, message);
        } else if let Content::Text(text) = &value.content {
            findings.define_variable(name);
            variables.push((name.clone(), text.clone()));
        } else {
            findings.problem(value.position, key, format!("must be a text, found {}", value.describe()));
        }
    }
    // Longest first, so that $OUT does not take the beginning of $OUTPUT.
    variables.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    variables
}

/// The first `$name` in a text.
pub(crate) fn variable_in(text: &str) -> Option<&str> {
    let start =
        text.match_indices('$').map(|(start, _)| start).find(|start| text[start + 1..].starts_with(is_name_sign))?;
    let rest = &text[start + 1..];
    let length = rest.find(|sign| !is_name_sign(sign)).unwrap_or(rest.len());
    Some(&text[start..start + 1 + length])
}

fn is_name_sign(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_'
}

fn is_variable(name: &str) -> bool {
    name.strip_prefix('$').is_some_and(|rest| rest.chars().all(is_name_sign))
}

fn expanded(mut variables: Vec<(String, String)>, root: &Node, findings: &Findings) -> Vec<(String, String)> {
    for _ in 0..EXPANSION_PASSES {
        let before = variables.clone();
        for (_, value) in &mut variables {
            if let Some(replaced) = replaced(value, &before) {
                *value = replaced;
            }
        }
        if variables == before {
            return variables;
        }
    }
    let names: Vec<_> = variables
        .iter()
        .filter(|(_, value)| variables.iter().any(|(name, _)| value.contains(name.as_str())))
        .map(|(name, _)| name.as_str())
        .collect();
    let message = format!("variables refer to themselves or to one another in a circle: {}", names.join(", "));
    findings.problem(root.position, MANIFEST, message);
    Vec::new()
}

fn replaced(text: &str, variables: &[(String, String)]) -> Option<String> {
    if !text.contains('$') {
        return None;
    }
    let mut result = text.to_owned();
    for (name, value) in variables {
        if result.contains(name.as_str()) {
            result = result.replace(name.as_str(), value);
        }
    }
    (result != text).then_some(result)
}

fn replace_in(node: &mut Node, variables: &[(String, String)]) {
    match &mut node.content {
        Content::Text(text) => {
            if let Some(replaced) = replaced(text, variables) {
                let path = normalised(Path::new(&replaced));
                *text = if path.as_os_str().is_empty() { ".".to_owned() } else { path.to_string_lossy().into_owned() };
            }
        }
        Content::Array(items) => items.iter_mut().for_each(|item| replace_in(item, variables)),
        Content::Object(members) => members.iter_mut().for_each(|member| replace_in(&mut member.value, variables)),
        Content::Null | Content::Bool(_) | Content::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
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
    fn variables_are_replaced_everywhere() {
        let document = json!({
            "manifest": {"$A": ".", "$OUT": "$A/x", "$OUTX": "/abs"},
            "o": {"dir": "$OUT/r/../s", "list": ["$OUTX/y", "$B/z", "plain ./x"]}, "here": "$A"
        });
        assert_eq!(
            substituted(&document).unwrap(),
            json!({
                "manifest": {"$A": ".", "$OUT": "x", "$OUTX": "/abs"},
                "o": {"dir": "x/s", "list": ["/abs/y", "$B/z", "plain ./x"]}, "here": "."
            })
        );
    }

    #[test]
    fn bad_manifests_are_refused() {
        for (manifest, message) in [
            (
                json!({"${OUT}": "x"}),
                "f.json:1:14: manifest.${OUT}: '${OUT}' is no variable name: it must be '$' followed by letters, digits \
                 and underscores, for example '$OUT'",
            ),
            (json!({"$A": 1}), "f.json:1:19: manifest.$A: must be a text, found the number 1"),
            (json!([]), "f.json:1:13: manifest: must be an object, found a list"),
            (
                json!({"$A": "$B", "$B": "x/$A"}),
                "f.json:1:1: manifest: variables refer to themselves or to one another in a circle: $A, $B",
            ),
        ] {
            assert_eq!(substituted(&json!({ "manifest": manifest })).unwrap_err(), message);
        }
    }
}
