//! Compartment sets: named lists of locations on cells (`compartment_sets_file`).

use std::collections::BTreeMap;
use std::path::Path;

use crate::document::{self, Duplicates};
use crate::findings::{Files, Findings};
use crate::json::{Content, Node};
use crate::name::{listed, nearest};
use crate::path::directory_of;
use crate::problem::{Problem, Problems};
use crate::section::{Section, exact_integer};
use crate::shape::{Key, Kind, Shape};

/// A location on a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compartment {
    /// Node in the set's population.
    pub node_id: u64,
    /// Section of the cell: 0 is the soma, then axon, dendrites, apical dendrites.
    pub section_id: u64,
    /// Place along the section, 0 to 1.
    pub offset: f64,
}

/// Locations on the cells of one population.
#[derive(Debug, Clone, PartialEq)]
pub struct CompartmentSet {
    /// `population`.
    pub population: String,
    /// `compartment_set`, ascending by node, section and offset.
    pub compartments: Vec<Compartment>,
}

/// The sets of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CompartmentSets {
    /// The sets, by name.
    pub sets: BTreeMap<String, CompartmentSet>,
    /// Warnings: keys that nobody reads.
    pub notes: Vec<Problem>,
}

/// There is no compartment set of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no compartment set '{name}'{}; available: {}", nearest(name, available), listed(available))]
pub struct UnknownCompartmentSet {
    /// What was asked.
    pub name: String,
    /// The sets that exist.
    pub available: Vec<String>,
}

/// Compartment sets, by name.
pub(crate) static COMPARTMENT_SETS: Kind = Kind::Section(&COMPARTMENT_SET);

static COMPARTMENT_SET: Shape = Shape::tolerant(
    "compartment_set",
    "Locations on the cells of one population.",
    &[&[
        Key::text("population").mandatory().about("The population."),
        Key::list("compartment_set", &Kind::Anything).mandatory().about("Locations [node_id, section_id, offset]."),
    ]],
);

impl CompartmentSets {
    /// Reads a compartment sets file.
    ///
    /// # Errors
    /// All mistakes of the file: no JSON, missing keys, entries that are no `[node_id, section_id, offset]`, entries out of
    /// order or twice.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Problems> {
        let path = path.as_ref();
        Self::from_text(&document::text_of(path)?, path)
    }

    /// As [`CompartmentSets::load`] with the text given; `path` is the file that it stands for.
    ///
    /// # Errors
    /// As [`CompartmentSets::load`].
    pub fn from_text(text: &str, path: impl AsRef<Path>) -> Result<Self, Problems> {
        let path = path.as_ref();
        let findings = Findings::new(path, &directory_of(path), Files::Unchecked);
        let root = document::parse(text, &findings, Duplicates::Noted)?;
        let entries =
            Section::named(&findings, "", &root, &COMPARTMENT_SETS).map_or_else(Vec::new, |top| top.entries());
        let sets = entries.iter().map(|(member, entry)| (member.name.clone(), CompartmentSet::read(entry))).collect();
        Ok(Self { sets, notes: findings.finish()? })
    }

    /// The set of this name.
    ///
    /// # Errors
    /// [`UnknownCompartmentSet`].
    pub fn get(&self, name: &str) -> Result<&CompartmentSet, UnknownCompartmentSet> {
        self.sets.get(name).ok_or_else(|| UnknownCompartmentSet {
            name: name.to_owned(),
            available: self.sets.keys().cloned().collect(),
        })
    }
}

impl CompartmentSet {
    fn read(entry: &Section<'_>) -> Self {
        let mut compartments: Vec<Compartment> = Vec::new();
        for (path, node) in entry.list("compartment_set") {
            let Some(compartment) = Compartment::read(node) else {
                let message = format!(
                    "must be [node_id, section_id, offset] with ids from 0 and an offset from 0 to 1, found {}",
                    node.to_value()
                );
                entry.findings.problem(node.position, path, message);
                continue;
            };
            if compartments.last().is_some_and(|earlier| earlier.place() >= compartment.place()) {
                let message = "must come after the entry before it: entries ascend by node, section and offset";
                entry.findings.problem(node.position, path, message);
            }
            compartments.push(compartment);
        }
        let set = Self { population: entry.required_text("population"), compartments };
        entry.finish();
        set
    }
}

impl Compartment {
    fn read(node: &Node) -> Option<Self> {
        let Content::Array(items) = &node.content else { return None };
        let [node_id, section_id, offset] = &items[..] else { return None };
        let number = |node: &Node| match &node.content {
            Content::Number(number) => number.as_f64(),
            _ => None,
        };
        let id = |node| number(node).and_then(exact_integer).and_then(|id| u64::try_from(id).ok());
        let offset = number(offset).filter(|offset| (0.0..=1.0).contains(offset))?;
        Some(Self { node_id: id(node_id)?, section_id: id(section_id)?, offset })
    }

    fn place(&self) -> (u64, u64, f64) {
        (self.node_id, self.section_id, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_read() {
        let text = r#"{"A": {"population": "P", "compartment_set": [[1, 0, 0.4], [1, 2.0, 0.25], [1, 2, 0.5]]},
                       "B": {"population": "Q", "compartment_set": []}}"#;
        let sets = CompartmentSets::from_text(text, "c").unwrap();
        let set = sets.get("A").unwrap();
        assert_eq!((set.population.as_str(), set.compartments.len()), ("P", 3));
        assert_eq!(set.compartments[1], Compartment { node_id: 1, section_id: 2, offset: 0.25 });
        assert!(sets.get("B").unwrap().compartments.is_empty());
        assert_eq!(sets.get("C").unwrap_err().to_string(), "there is no compartment set 'C'; available: A, B");
    }

    #[test]
    fn mistakes_are_told() {
        let text = "{\"A\": {\"compartment_set\": [[0, 1, 0.5],\n [0, 1, 0.5],\n [0, 2],\n [0, 2, 1.5],\n [0.5, 2, 1],\n [1, 0, 0]]}}";
        let problems = CompartmentSets::from_text(text, "c").unwrap_err().to_string();
        let expected = "must be [node_id, section_id, offset] with ids from 0 and an offset from 0 to 1, found";
        assert_eq!(
            problems.lines().collect::<Vec<_>>(),
            [
                "c:1:7: A.population: mandatory key is missing",
                "c:2:2: A.compartment_set[1]: must come after the entry before it: entries ascend by node, section and offset",
                &format!("c:3:2: A.compartment_set[2]: {expected} [0,2]"),
                &format!("c:4:2: A.compartment_set[3]: {expected} [0,2,1.5]"),
                &format!("c:5:2: A.compartment_set[4]: {expected} [0.5,2,1]"),
            ]
        );
    }
}
