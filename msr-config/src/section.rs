//! Reading one JSON object: each key is asked for once, every mistake is noted, and what nobody asked for is found.
//!
//! A mandatory value that is absent or wrong is replaced by the type's default so that reading goes on and finds the
//! other mistakes; such a value never leaves the crate, because a document with problems is refused as a whole.

mod unknown;

pub(crate) use unknown::Unknown;

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::findings::{Files, Findings, MISSING, present_instead};
use crate::json::{Content, Member, Node, Position, key_path, to_map};
use crate::name::nearest;
use crate::path::joined;

/// Numbers that a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    Any,
    Positive,
    NotNegative,
    Fraction,
}

impl Domain {
    fn contains(self, number: f64) -> bool {
        match self {
            Self::Any => true,
            Self::Positive => number > 0.0,
            Self::NotNegative => number >= 0.0,
            Self::Fraction => (0.0..=1.0).contains(&number),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "a number",
            Self::Positive => "a number greater than 0",
            Self::NotNegative => "a number not less than 0",
            Self::Fraction => "a number from 0 to 1",
        })
    }
}

/// One JSON object that is being read.
pub(crate) struct Section<'a> {
    pub findings: &'a Findings,
    /// Its path in the document, empty at the top.
    pub key: String,
    pub position: Position,
    pub members: &'a [Member],
    known: RefCell<Vec<&'a str>>,
}

impl<'a> Section<'a> {
    /// The object `node`, or `None` with a problem where it is something else.
    pub fn new(findings: &'a Findings, key: impl Into<String>, node: &'a Node) -> Option<Self> {
        let key = key.into();
        match &node.content {
            Content::Object(members) => {
                Some(Self { findings, key, position: node.position, members, known: RefCell::default() })
            }
            _ => {
                findings.problem(node.position, key, format!("must be an object, found {}", node.describe()));
                None
            }
        }
    }

    pub fn path_of(&self, name: &str) -> String {
        key_path(&self.key, name)
    }

    /// A key that is read elsewhere or has no effect.
    pub fn ignore(&self, names: &[&'a str]) {
        self.known.borrow_mut().extend_from_slice(names);
    }

    /// Whether the key is there; it counts as known then and after.
    pub fn has(&self, name: &'a str) -> bool {
        self.find(name).is_some()
    }

    pub fn find(&self, name: &'a str) -> Option<&'a Node> {
        self.known.borrow_mut().push(name);
        self.members.iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// As [`Section::find`], with a problem where it is absent.
    pub fn required(&self, name: &'a str) -> Option<&'a Node> {
        let node = self.find(name);
        if node.is_none() {
            self.findings.problem(self.position, self.path_of(name), MISSING);
        }
        node
    }

    /// A problem at a key, or at the object where the key is absent.
    pub fn problem(&self, name: &str, message: impl Into<String>) {
        self.findings.problem(self.place(name), self.path_of(name), message);
    }

    /// A note at a key, or at the object where the key is absent.
    pub fn note(&self, name: &str, message: impl Into<String>) {
        self.findings.note(self.place(name), self.path_of(name), message);
    }

    /// A problem of the object itself.
    pub fn own_problem(&self, message: impl Into<String>) {
        self.findings.problem(self.position, self.key.clone(), message);
    }

    fn place(&self, name: &str) -> Position {
        self.members.iter().find(|member| member.name == name).map_or(self.position, |member| member.value.position)
    }

    fn wrong(&self, name: &str, expected: impl fmt::Display, node: &Node) {
        let message = format!("must be {expected}, found {}", node.describe());
        self.findings.problem(node.position, self.path_of(name), message);
    }

    fn number_of(&self, name: &str, node: &Node, domain: Domain) -> Option<f64> {
        let number = match &node.content {
            Content::Number(number) => number.as_f64().filter(|number| domain.contains(*number)),
            _ => None,
        };
        if number.is_none() {
            self.wrong(name, domain, node);
        }
        number
    }

    pub fn number(&self, name: &'a str, domain: Domain) -> Option<f64> {
        self.find(name).and_then(|node| self.number_of(name, node, domain))
    }

    /// As [`Section::number`], where `null` counts as absent.
    pub fn nullable_number(&self, name: &'a str, domain: Domain) -> Option<f64> {
        self.find(name).filter(|node| node.content != Content::Null).and_then(|node| self.number_of(name, node, domain))
    }

    pub fn required_number(&self, name: &'a str, domain: Domain) -> f64 {
        self.required(name).and_then(|node| self.number_of(name, node, domain)).unwrap_or_default()
    }

    fn integer_of<T: TryFrom<i64>>(&self, name: &str, node: &Node, expected: &str) -> Option<T> {
        let integer = match &node.content {
            Content::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(exact_integer)),
            _ => None,
        };
        let fitting = integer.and_then(|integer| T::try_from(integer).ok());
        if fitting.is_none() {
            self.wrong(name, expected, node);
        }
        fitting
    }

    /// A seed: what fits in 32 bits, negative too.
    pub fn seed(&self, name: &'a str) -> Option<i32> {
        self.find(name).and_then(|node| self.integer_of(name, node, SEED))
    }

    pub fn required_seed(&self, name: &'a str) -> i32 {
        self.required(name).and_then(|node| self.integer_of(name, node, SEED)).unwrap_or_default()
    }

    pub fn integer(&self, name: &'a str) -> Option<i64> {
        self.find(name).and_then(|node| self.integer_of(name, node, "an integer"))
    }

    pub fn required_integer(&self, name: &'a str) -> i64 {
        self.required(name).and_then(|node| self.integer_of(name, node, "an integer")).unwrap_or_default()
    }

    pub fn count(&self, name: &'a str) -> Option<u32> {
        self.find(name).and_then(|node| self.integer_of(name, node, COUNT))
    }

    pub fn required_count(&self, name: &'a str) -> u32 {
        self.required(name).and_then(|node| self.integer_of(name, node, COUNT)).unwrap_or_default()
    }

    fn steps_of(&self, name: &str, node: &Node) -> Option<u64> {
        let steps = self.integer_of::<u32>(name, node, STEPS)?;
        if steps == 0 {
            self.wrong(name, STEPS, node);
        }
        Some(u64::from(steps))
    }

    /// A step in base steps: 1 or more.
    pub fn steps(&self, name: &'a str) -> Option<u64> {
        self.find(name).and_then(|node| self.steps_of(name, node))
    }

    pub fn required_steps(&self, name: &'a str) -> u64 {
        self.required(name).and_then(|node| self.steps_of(name, node)).unwrap_or_default()
    }

    pub fn flag(&self, name: &'a str) -> Option<bool> {
        let node = self.find(name)?;
        self.flag_of(name, node)
    }

    pub fn required_flag(&self, name: &'a str) -> bool {
        self.required(name).and_then(|node| self.flag_of(name, node)).unwrap_or_default()
    }

    fn flag_of(&self, name: &str, node: &Node) -> Option<bool> {
        match node.content {
            Content::Bool(flag) => Some(flag),
            _ => {
                self.wrong(name, "true or false", node);
                None
            }
        }
    }

    fn text_of(&self, name: &str, node: &'a Node) -> Option<&'a str> {
        match &node.content {
            Content::Text(text) => Some(text),
            _ => {
                self.wrong(name, "a text", node);
                None
            }
        }
    }

    pub fn text(&self, name: &'a str) -> Option<&'a str> {
        self.find(name).and_then(|node| self.text_of(name, node))
    }

    pub fn owned_text(&self, name: &'a str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub fn required_text(&self, name: &'a str) -> String {
        self.mandatory_text(name).unwrap_or_default().to_owned()
    }

    /// As [`Section::required_text`], `None` where it is absent or wrong (a problem then).
    pub fn mandatory_text(&self, name: &'a str) -> Option<&'a str> {
        self.required(name).and_then(|node| self.text_of(name, node))
    }

    /// A path, joined to the file's directory and normalised.
    pub fn path(&self, name: &'a str) -> Option<PathBuf> {
        let node = self.find(name)?;
        self.text_of(name, node).map(|text| joined(&self.findings.base_dir_of(node.position), text))
    }

    /// As [`Section::path`], with a problem where a variable in it is not defined.
    pub fn defined_path(&self, name: &'a str) -> Option<PathBuf> {
        if let Some(message) = self.text(name).and_then(|text| self.findings.undefined_variable(text)) {
            self.problem(name, message);
        }
        self.path(name)
    }

    /// A path of a file that must be there where files are looked for.
    pub fn file(&self, name: &'a str) -> Option<PathBuf> {
        let path = self.path(name)?;
        self.must_exist(name, &path);
        Some(path)
    }

    pub fn required_file(&self, name: &'a str) -> PathBuf {
        self.required(name);
        self.file(name).unwrap_or_default()
    }

    /// A problem at the key where files are looked for and this one is absent.
    pub fn must_exist(&self, name: &str, path: &Path) {
        if self.findings.files == Files::Checked && !path.is_file() {
            let undefined = self.findings.undefined_variable(&path.to_string_lossy());
            let absent = || format!("file not found: {}{}", path.display(), present_instead(path));
            self.problem(name, undefined.unwrap_or_else(absent));
        }
    }

    fn choice_of<T: Clone>(&self, name: &str, node: &'a Node, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text_of(name, node)?;
        let choice = choices.iter().find(|(valid, _)| *valid == text).map(|(_, choice)| choice.clone());
        if choice.is_none() {
            let valid: Vec<_> = choices.iter().map(|(valid, _)| *valid).collect();
            let message = format!("unknown value '{text}'{}; valid: {}", nearest(text, &valid), valid.join(", "));
            self.findings.problem(node.position, self.path_of(name), message);
        }
        choice
    }

    /// One of the texts given, exactly as written there.
    pub fn choice<T: Clone>(&self, name: &'a str, choices: &[(&str, T)]) -> Option<T> {
        self.find(name).and_then(|node| self.choice_of(name, node, choices))
    }

    pub fn required_choice<T: Clone>(&self, name: &'a str, choices: &[(&str, T)]) -> Option<T> {
        self.required(name).and_then(|node| self.choice_of(name, node, choices))
    }

    pub fn object(&self, name: &'a str) -> Option<Section<'a>> {
        let node = self.find(name)?;
        Section::new(self.findings, self.path_of(name), node)
    }

    pub fn required_object(&self, name: &'a str) -> Option<Section<'a>> {
        let node = self.required(name)?;
        Section::new(self.findings, self.path_of(name), node)
    }

    /// The items of a list with their paths; empty where the key is absent or no list (a problem then).
    pub fn list(&self, name: &'a str) -> Vec<(String, &'a Node)> {
        match self.find(name) {
            None => Vec::new(),
            Some(node) => self.items_of(name, node),
        }
    }

    pub fn required_list(&self, name: &'a str) -> Vec<(String, &'a Node)> {
        match self.required(name) {
            None => Vec::new(),
            Some(node) => self.items_of(name, node),
        }
    }

    fn items_of(&self, name: &str, node: &'a Node) -> Vec<(String, &'a Node)> {
        match &node.content {
            Content::Array(items) => {
                let path = self.path_of(name);
                items.iter().enumerate().map(|(index, item)| (format!("{path}[{index}]"), item)).collect()
            }
            _ => {
                self.wrong(name, "a list", node);
                Vec::new()
            }
        }
    }

    /// A list of numbers; empty where absent.
    pub fn numbers(&self, name: &'a str, domain: Domain) -> Vec<f64> {
        let number = |(path, node): (String, &Node)| match &node.content {
            Content::Number(number) => number.as_f64().filter(|number| domain.contains(*number)).or_else(|| {
                let message = format!("must be {domain}, found {}", node.describe());
                self.findings.problem(node.position, path, message);
                None
            }),
            _ => {
                self.findings.problem(node.position, path, format!("must be {domain}, found {}", node.describe()));
                None
            }
        };
        self.list(name).into_iter().filter_map(number).collect()
    }

    /// An object as it is; empty where absent.
    pub fn raw_map(&self, name: &'a str) -> Map<String, Value> {
        self.object(name).map_or_else(Map::new, |section| to_map(section.members))
    }

    /// Every member as an object, for sections whose keys are names; what is no object is a problem.
    pub fn entries(&self) -> Vec<(&'a Member, Section<'a>)> {
        self.members
            .iter()
            .filter_map(|member| {
                let section = Section::new(self.findings, self.path_of(&member.name), &member.value)?;
                Some((member, section))
            })
            .collect()
    }
}

const SEED: &str = "an integer from -2147483648 to 2147483647";
const COUNT: &str = "an integer from 0 to 4294967295";
const STEPS: &str = "an integer from 1 to 4294967295 (base steps of run.dt)";

/// The integer that a number such as `1e6` or `5.0` is, or `None` for one with a fraction or beyond exactness.
pub(crate) fn exact_integer(number: f64) -> Option<i64> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}
