//! Reading one JSON object: each key of its [`Shape`] is asked for, every mistake is noted, and what the shape does not
//! list is found.
//!
//! A mandatory value that is absent or wrong is replaced by the type's default so that reading goes on and finds the
//! other mistakes; such a value never leaves the crate, because a document with problems is refused as a whole.

mod unknown;
mod values;

pub(crate) use unknown::Unknown;
pub(crate) use values::exact_integer;

use std::cell::{Cell, RefCell};
use std::fmt;

use crate::findings::{Findings, MISSING};
use crate::json::{Content, Member, Node, Position, key_path};
use crate::shape::{Case, Key, Kind, Shape};

/// One JSON object that is being read.
pub(crate) struct Section<'a> {
    pub findings: &'a Findings,
    /// Its path in the document, empty at the top.
    pub key: String,
    pub position: Position,
    pub members: &'a [Member],
    form: Form,
    /// The case that the deciding key has told.
    case: Cell<Option<&'static Case>>,
    asked: RefCell<Vec<&'static str>>,
}

/// What an object holds.
#[derive(Clone, Copy)]
enum Form {
    Shape(&'static Shape),
    /// Names that the user chooses, each with a value of one kind.
    Named(&'static Kind),
}

impl Form {
    fn of(kind: &'static Kind) -> Option<Self> {
        match kind {
            Kind::Section(shape) => Some(Self::Shape(shape)),
            Kind::Named(entry) => Some(Self::Named(entry)),
            Kind::Either(kinds) => kinds.iter().find_map(Self::of),
            _ => None,
        }
    }
}

impl<'a> Section<'a> {
    /// The object `node`, or `None` with a problem where it is something else.
    pub fn new(findings: &'a Findings, key: impl Into<String>, node: &'a Node, shape: &'static Shape) -> Option<Self> {
        Self::of_form(findings, key.into(), node, Form::Shape(shape))
    }

    /// As [`Section::new`], for an object whose keys are names that the user chooses.
    pub fn named(findings: &'a Findings, key: &str, node: &'a Node, entry: &'static Kind) -> Option<Self> {
        Self::of_form(findings, key.to_owned(), node, Form::Named(entry))
    }

    fn of_form(findings: &'a Findings, key: String, node: &'a Node, form: Form) -> Option<Self> {
        match &node.content {
            Content::Object(members) => {
                let (case, asked) = (Cell::default(), RefCell::default());
                Some(Self { findings, key, position: node.position, members, form, case, asked })
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

    /// The keys that the object may have.
    fn keys(&self) -> impl Iterator<Item = &'static Key> {
        let shape = match self.form {
            Form::Shape(shape) => Some(shape),
            Form::Named(_) => None,
        };
        let common = shape.into_iter().flat_map(Shape::common_keys);
        common.chain(self.case.get().into_iter().flat_map(Case::own_keys))
    }

    /// The table's entry for a key that is being read.
    fn entry(&self, name: &str) -> &'static Key {
        let key = self.keys().find(|key| key.name == name);
        let key = key.unwrap_or_else(|| panic!("the key '{name}' is read in '{}' and no shape lists it", self.key));
        self.asked.borrow_mut().push(key.name);
        key
    }

    /// Whether the key is there.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The value of a key, as it is.
    pub fn find(&self, name: &str) -> Option<&'a Node> {
        self.entry(name);
        self.members.iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// The value of a key and its entry in the table, with a problem where it is mandatory and absent.
    fn value(&self, name: &str) -> (&'static Key, Option<&'a Node>) {
        let (key, node) = (self.entry(name), self.find(name));
        if key.is_mandatory && node.is_none() {
            self.missing(name);
        }
        (key, node)
    }

    /// A problem: this key must be there.
    pub fn missing(&self, name: &str) {
        self.findings.problem(self.position, self.path_of(name), MISSING);
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

    /// An object inside this one.
    pub fn object(&self, name: &str) -> Option<Section<'a>> {
        let (key, node) = self.value(name);
        let form = Form::of(&key.kind).expect("the key takes an object");
        Self::of_form(self.findings, self.path_of(name), node?, form)
    }

    /// The items of a list with their paths; empty where the key is absent or no list (a problem then).
    pub fn list(&self, name: &str) -> Vec<(String, &'a Node)> {
        let (_, node) = self.value(name);
        let Some(node) = node else { return Vec::new() };
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

    /// The objects of a list; what is no object is a problem.
    pub fn sections(&self, name: &str) -> Vec<Section<'a>> {
        let form = self.entry(name).kind.items().and_then(Form::of).expect("the key takes a list of objects");
        let items = self.list(name).into_iter();
        items.filter_map(|(path, node)| Self::of_form(self.findings, path, node, form)).collect()
    }

    /// Every member as an object, for sections whose keys are names; what is no object is a problem.
    pub fn entries(&self) -> Vec<(&'a Member, Section<'a>)> {
        let Form::Named(entry) = self.form else { panic!("'{}' has keys of its own", self.key) };
        let form = Form::of(entry).expect("the entries are objects");
        let section = |member: &'a Member| {
            let section = Self::of_form(self.findings, self.path_of(&member.name), &member.value, form)?;
            Some((member, section))
        };
        self.members.iter().filter_map(section).collect()
    }
}
