//! Expressions of node sets.

use std::collections::BTreeSet;

use regex::Regex;

use crate::findings::Findings;
use crate::json::{Content, Member, Node, key_path};
use crate::name::nearest;
use crate::section::exact_integer;
use crate::shape::{Domain, Key, Kind, Shape};

/// One node set.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeSet {
    /// Nodes for which every clause holds.
    Rules(Vec<Clause>),
    /// The union of other sets.
    Compound(Vec<String>),
}

/// One rule of a node set.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// `population`: all nodes of these.
    Population(Vec<String>),
    /// `node_id`: these nodes of every population.
    NodeId(BTreeSet<u64>),
    /// An attribute that passes a test.
    Attribute {
        /// Name of the attribute.
        name: String,
        /// What its value must be.
        test: Test,
    },
}

/// What the value of an attribute must be.
#[derive(Debug, Clone)]
pub enum Test {
    /// One of these texts.
    Texts(Vec<String>),
    /// One of these integers.
    Integers(Vec<i64>),
    /// `$regex`: the text has a part that matches.
    Regex(Regex),
    /// `$gt`, `$lt`, `$gte`, `$lte`: the number compares so with this one.
    Compare(Comparison, f64),
    /// `[]`: no value passes.
    Never,
}

impl PartialEq for Test {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Texts(a), Self::Texts(b)) => a == b,
            (Self::Integers(a), Self::Integers(b)) => a == b,
            (Self::Regex(a), Self::Regex(b)) => a.as_str() == b.as_str(),
            (Self::Compare(a, x), Self::Compare(b, y)) => a == b && x == y,
            (Self::Never, Self::Never) => true,
            _ => false,
        }
    }
}

/// Comparison of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `$gt`.
    Greater,
    /// `$lt`.
    Less,
    /// `$gte`.
    GreaterOrEqual,
    /// `$lte`.
    LessOrEqual,
}

impl Comparison {
    /// Whether `value` compares so with `bound`.
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Greater => value > bound,
            Self::Less => value < bound,
            Self::GreaterOrEqual => value >= bound,
            Self::LessOrEqual => value <= bound,
        }
    }
}

/// Node sets, by name.
pub(crate) static NODE_SETS: Kind = Kind::Either(&[Kind::Section(&RULES), Kind::List(&Kind::Text)]);

static RULES: Shape = Shape::strict(
    "node_set_rules",
    "Nodes for which every rule holds: {\"attribute\": value}.",
    &[&[
        Key::either("population", &[Kind::Text, Kind::List(&Kind::Text)]).about("All nodes of these populations."),
        Key::either("node_id", &[Kind::Count, Kind::List(&Kind::Count)]).about("These nodes of every population."),
    ]],
)
.with_others(Kind::Either(&[
    Kind::Text,
    Kind::Integer,
    Kind::List(&Kind::Text),
    Kind::List(&Kind::Integer),
    Kind::Section(&OPERATION),
]));

static OPERATION: Shape = Shape::strict(
    "node_set_operation",
    "A test of the attribute.",
    &[&[
        Key::text("$regex").about("The text has a part that this regular expression matches."),
        Key::number("$gt", Domain::Any).about("The number is greater."),
        Key::number("$lt", Domain::Any).about("The number is less."),
        Key::number("$gte", Domain::Any).about("The number is greater or equal."),
        Key::number("$lte", Domain::Any).about("The number is less or equal."),
    ]],
)
.with_exactly_one_of(&OPERATORS);

const COMPARISONS: [(&str, Comparison); 4] = [
    ("$gt", Comparison::Greater),
    ("$lt", Comparison::Less),
    ("$gte", Comparison::GreaterOrEqual),
    ("$lte", Comparison::LessOrEqual),
];

const OPERATORS: [&str; 5] = ["$regex", "$gt", "$lt", "$gte", "$lte"];

impl NodeSet {
    pub(super) fn read(findings: &Findings, key: &str, node: &Node) -> Option<Self> {
        match &node.content {
            Content::Object(members) => {
                let clauses = members.iter().map(|member| Clause::read(findings, key, member));
                clauses.collect::<Option<_>>().map(Self::Rules)
            }
            Content::Array(items) => {
                let names = items.iter().enumerate().map(|(index, item)| match &item.content {
                    Content::Text(name) => Some(name.clone()),
                    _ => refuse(findings, item, &format!("{key}[{index}]"), "must be the name of a node set"),
                });
                names.collect::<Option<_>>().map(Self::Compound)
            }
            _ => refuse(findings, node, key, "must be rules {\"attribute\": value} or a list of names of node sets"),
        }
    }
}

fn refuse<T>(findings: &Findings, node: &Node, key: &str, expected: &str) -> Option<T> {
    findings.problem(node.position, key, format!("{expected}, found {}", node.describe()));
    None
}

/// The items of a list, or the one value alone.
fn one_or_more(node: &Node) -> &[Node] {
    match &node.content {
        Content::Array(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// As [`one_or_more`], with the keys.
fn keyed<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = (String, &'n Node)> {
    let is_list = matches!(node.content, Content::Array(_));
    let key_of = move |index: usize| if is_list { format!("{key}[{index}]") } else { key.to_owned() };
    one_or_more(node).iter().enumerate().map(move |(index, item)| (key_of(index), item))
}

impl Clause {
    fn read(findings: &Findings, set: &str, member: &Member) -> Option<Self> {
        let (key, node) = (key_path(set, &member.name), &member.value);
        match member.name.as_str() {
            "population" => {
                let names = keyed(node, &key).map(|(key, item)| match &item.content {
                    Content::Text(name) => Some(name.clone()),
                    _ => refuse(findings, item, &key, "must be the name of a population or a list of names"),
                });
                names.collect::<Option<_>>().map(Self::Population)
            }
            "node_id" => {
                let ids = keyed(node, &key).map(|(key, item)| match integer(item).map(u64::try_from) {
                    Some(Ok(id)) => Some(id),
                    _ => refuse(findings, item, &key, "must be a node id from 0 or a list of ids"),
                });
                ids.collect::<Option<_>>().map(Self::NodeId)
            }
            name => Some(Self::Attribute { name: name.to_owned(), test: Test::read(findings, &key, node)? }),
        }
    }
}

fn integer(node: &Node) -> Option<i64> {
    match &node.content {
        Content::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(exact_integer)),
        _ => None,
    }
}

impl Test {
    fn read(findings: &Findings, key: &str, node: &Node) -> Option<Self> {
        if let Content::Object(members) = &node.content {
            return match &members[..] {
                [operation] => Self::operation(findings, key, operation),
                _ => refuse(findings, node, key, "must have exactly one of $regex, $gt, $lt, $gte, $lte"),
            };
        }
        let items = one_or_more(node);
        let texts = items.iter().map(|item| match &item.content {
            Content::Text(text) => Some(text.clone()),
            _ => None,
        });
        match items.first().map(|first| &first.content) {
            None => Some(Self::Never),
            Some(Content::Text(_)) => match texts.collect::<Option<_>>() {
                Some(texts) => Some(Self::Texts(texts)),
                None => refuse(findings, node, key, "must be texts alone or integers alone"),
            },
            Some(_) => match items.iter().map(strict_integer).collect::<Option<_>>() {
                Some(integers) => Some(Self::Integers(integers)),
                None => refuse(findings, node, key, "must be a text, an integer, a list of either, or an operation"),
            },
        }
    }

    fn operation(findings: &Findings, key: &str, operation: &Member) -> Option<Self> {
        let (name, node) = (operation.name.as_str(), &operation.value);
        let key = key_path(key, name);
        if name == "$regex" {
            let Content::Text(pattern) = &node.content else { return refuse(findings, node, &key, "must be a text") };
            return Regex::new(pattern)
                .map(Self::Regex)
                .map_err(|error| {
                    let reason = error.to_string();
                    let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                    findings.problem(node.position, key, format!("no valid regular expression '{pattern}': {reason}"));
                })
                .ok();
        }
        let Some((_, comparison)) = COMPARISONS.iter().find(|(known, _)| *known == name) else {
            let message =
                format!("unknown operation '{name}'{}; valid: {}", nearest(name, &OPERATORS), OPERATORS.join(", "));
            findings.problem(operation.position, key, message);
            return None;
        };
        match &node.content {
            Content::Number(number) => number.as_f64().map(|bound| Self::Compare(*comparison, bound)),
            _ => refuse(findings, node, &key, "must be a number"),
        }
    }
}

/// An integer written without fraction or exponent.
fn strict_integer(node: &Node) -> Option<i64> {
    match &node.content {
        Content::Number(number) => number.as_i64(),
        _ => None,
    }
}
