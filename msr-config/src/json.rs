//! JSON text as a tree whose every value and key knows its place in the text.

use std::path::Path;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions};
use serde_json::{Map, Number, Value};

use crate::problem::Problem;
use crate::source::Origin;

/// A place in a text: line and column, both from 1, the column in characters; both 0 on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub origin: Origin,
    pub line: usize,
    pub column: usize,
}

impl Position {
    /// The command line.
    pub const COMMAND_LINE: Self = Self { origin: Origin::CommandLine, line: 0, column: 0 };
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub position: Position,
    pub content: Content,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// One key of an object with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub name: String,
    pub position: Position,
    pub value: Node,
}

impl Node {
    /// What the value is, for messages: `the text "x"`, `an object`.
    pub fn describe(&self) -> String {
        match &self.content {
            Content::Null => "null".to_owned(),
            Content::Bool(flag) => flag.to_string(),
            Content::Number(number) => format!("the number {number}"),
            Content::Text(text) => format!("the text \"{text}\""),
            Content::Array(_) => "a list".to_owned(),
            Content::Object(_) => "an object".to_owned(),
        }
    }

    /// Whether the value is an object with this key.
    pub fn has_member(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// The value of a key; `None` where there is no such key or the value is no object.
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Content::Object(members) = &self.content else { return None };
        members.iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// As [`Node::member`], to be changed.
    pub fn member_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Content::Object(members) = &mut self.content else { return None };
        members.iter_mut().find(|member| member.name == name).map(|member| &mut member.value)
    }

    /// Takes a key out of the object.
    pub fn take_member(&mut self, name: &str) -> Option<Member> {
        let Content::Object(members) = &mut self.content else { return None };
        let index = members.iter().position(|member| member.name == name)?;
        Some(members.remove(index))
    }

    /// Whether both values are of one kind: numbers, texts, lists, ...
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(&self.content) == std::mem::discriminant(&other.content)
    }

    /// A value that stands nowhere but at one place.
    pub fn of_value(value: &Value, position: Position) -> Self {
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(flag) => Content::Bool(*flag),
            Value::Number(number) => Content::Number(number.clone()),
            Value::String(text) => Content::Text(text.clone()),
            Value::Array(items) => Content::Array(items.iter().map(|item| Self::of_value(item, position)).collect()),
            Value::Object(map) => {
                let member = |(name, value): (&String, &Value)| Member {
                    name: name.clone(),
                    position,
                    value: Self::of_value(value, position),
                };
                Content::Object(map.iter().map(member).collect())
            }
        };
        Self { position, content }
    }

    /// The same value without places.
    pub fn to_value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(flag) => Value::Bool(*flag),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::Array(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            Content::Object(members) => Value::Object(to_map(members)),
        }
    }
}

/// The members of an object without places.
pub(crate) fn to_map(members: &[Member]) -> Map<String, Value> {
    members.iter().map(|member| (member.name.clone(), member.value.to_value())).collect()
}

/// The path of a member: `run.tstop`, or `tstop` at the top.
pub(crate) fn key_path(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

/// A parsed text and the keys that stand twice in one object, of which the tree keeps the last.
pub(crate) struct Parsed {
    pub root: Node,
    pub duplicates: Vec<Duplicate>,
}

/// A key that stands twice in one object.
pub(crate) struct Duplicate {
    pub position: Position,
    pub key: String,
    pub message: String,
}

/// Nothing beyond JSON itself (RFC 8259).
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Parses strict JSON.
///
/// # Errors
/// One problem, the first place where the text is no JSON.
pub(crate) fn parse(text: &str, file: &Path, origin: Origin) -> Result<Parsed, Problem> {
    // Some editors begin UTF-8 files with a mark, which RFC 8259 lets a reader ignore.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // serde_json decides what is JSON and says where it is not; the second parser only finds the places.
    serde_json::from_str::<Value>(text).map_err(|error| syntax_problem(file, &error))?;
    let unplaced = || Problem {
        file: file.to_owned(),
        line: 0,
        column: 0,
        key: String::new(),
        message: "not readable as JSON".to_owned(),
    };
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &STRICT)
        .map_err(|error| Problem { message: format!("no valid JSON: {}", error.kind()), ..unplaced() })?;
    let value = parsed.value.ok_or_else(unplaced)?;
    let mut places = Places { text, origin, line_starts: line_starts(text), duplicates: Vec::new() };
    let root = places.node(&value, "").ok_or_else(unplaced)?;
    Ok(Parsed { root, duplicates: places.duplicates })
}

fn syntax_problem(file: &Path, error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let hint = match message {
        "trailing comma" => "; remove the comma after the last entry",
        "key must be a string" => "; keys stand in double quotes, and JSON has no comments",
        "expected value" => "; JSON has no comments, NaN or single quotes",
        "EOF while parsing a value" => "; the file ends where a value is expected",
        "EOF while parsing an object" => "; the file ends and a '}' is missing",
        "EOF while parsing a list" => "; the file ends and a ']' is missing",
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            "; a text ends on its line: a '\"' is missing, or write \\n for a new line"
        }
        "EOF while parsing a string" => "; the file ends and a '\"' is missing",
        "invalid number" => "; write 0.5 and not .5, 5 and not 05 or +5",
        "expected `,` or `}`" | "expected `,` or `]`" => "; a comma is missing before this place",
        _ => "",
    };
    Problem {
        file: file.to_owned(),
        line: error.line(),
        column: error.column().max(1),
        key: String::new(),
        message: format!("no valid JSON: {message}{hint}"),
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect()
}

struct Places<'t> {
    text: &'t str,
    origin: Origin,
    line_starts: Vec<usize>,
    duplicates: Vec<Duplicate>,
}

impl Places<'_> {
    fn position(&self, byte: usize) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let column = self.text[self.line_starts[line - 1]..byte].chars().count() + 1;
        Position { origin: self.origin, line, column }
    }

    /// `None` only for a number that serde_json does not take, which it has refused before.
    fn node(&mut self, value: &ast::Value<'_>, key: &str) -> Option<Node> {
        let content = match value {
            ast::Value::NullKeyword(_) => Content::Null,
            ast::Value::BooleanLit(literal) => Content::Bool(literal.value),
            ast::Value::NumberLit(literal) => Content::Number(literal.value.parse().ok()?),
            ast::Value::StringLit(literal) => Content::Text(literal.value.to_string()),
            ast::Value::Array(array) => Content::Array(
                array
                    .elements
                    .iter()
                    .enumerate()
                    .map(|(index, element)| self.node(element, &format!("{key}[{index}]")))
                    .collect::<Option<_>>()?,
            ),
            ast::Value::Object(object) => Content::Object(self.members(object, key)?),
        };
        Some(Node { position: self.position(value.start()), content })
    }

    fn members(&mut self, object: &ast::Object<'_>, key: &str) -> Option<Vec<Member>> {
        let mut members: Vec<Member> = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            let name = property.name.as_str().to_owned();
            let path = key_path(key, &name);
            let position = self.position(property.start());
            let value = self.node(&property.value, &path)?;
            let member = Member { name, position, value };
            match members.iter_mut().find(|earlier| earlier.name == member.name) {
                None => members.push(member),
                Some(earlier) => {
                    let place = if key.is_empty() { String::new() } else { format!(" in '{key}'") };
                    self.duplicates.push(Duplicate {
                        position,
                        key: path,
                        message: format!(
                            "duplicate key '{}'{place}, first on line {}",
                            member.name, earlier.position.line
                        ),
                    });
                    *earlier = member;
                }
            }
        }
        Some(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Parsed, String> {
        parse(text, Path::new("f.json"), Origin::OWN_FILE).map_err(|problem| problem.to_string())
    }

    fn place(line: usize, column: usize) -> Position {
        Position { origin: Origin::OWN_FILE, line, column }
    }

    #[test]
    fn places_count_characters_from_one() {
        let root = parsed("{\n  \"ä\": {\"b\": [1,\n 2.5e0]}}").unwrap().root;
        let Content::Object(members) = &root.content else { panic!("object") };
        assert_eq!(members[0].position, place(2, 3));
        let Content::Object(inner) = &members[0].value.content else { panic!("object") };
        assert_eq!(inner[0].position, place(2, 9));
        let Content::Array(items) = &inner[0].value.content else { panic!("list") };
        assert_eq!(items[1].position, place(3, 2));
        assert_eq!(root.to_value(), serde_json::json!({"ä": {"b": [1, 2.5]}}));
    }

    #[test]
    fn texts_are_unescaped() {
        let root = parsed(r#"{"a\nb": "\u00e9\"\\"}"#).unwrap().root;
        assert_eq!(root.to_value(), serde_json::json!({"a\nb": "é\"\\"}));
    }

    #[test]
    fn duplicates_are_told_and_the_last_one_stays() {
        let parsed = parsed("{\"run\": {\"tstop\": 1,\n\"tstop\": 2}}").unwrap();
        assert_eq!(parsed.root.to_value(), serde_json::json!({"run": {"tstop": 2}}));
        let [duplicate] = &parsed.duplicates[..] else { panic!("one duplicate") };
        assert_eq!(duplicate.message, "duplicate key 'tstop' in 'run', first on line 1");
        assert_eq!((duplicate.key.as_str(), duplicate.position), ("run.tstop", place(2, 1)));
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for (text, message) in [
            ("{\"a\": 1,}", "f.json:1:9: no valid JSON: trailing comma; remove the comma after the last entry"),
            (
                "{\n// why\n\"a\": 1}",
                "f.json:2:1: no valid JSON: key must be a string; keys stand in double quotes, and JSON has no comments",
            ),
            ("{\"a\": NaN}", "f.json:1:7: no valid JSON: expected value; JSON has no comments, NaN or single quotes"),
            ("{\"a\": 01}", "f.json:1:8: no valid JSON: invalid number; write 0.5 and not .5, 5 and not 05 or +5"),
            ("{\"a\": 1e999}", "f.json:1:11: no valid JSON: number out of range"),
            ("", "f.json:1:1: no valid JSON: EOF while parsing a value; the file ends where a value is expected"),
            ("{} {}", "f.json:1:4: no valid JSON: trailing characters"),
        ] {
            assert_eq!(parsed(text).err().as_deref(), Some(message));
        }
    }
}
