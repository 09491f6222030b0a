//! A simulation configuration of an older form in the form of today.
//!
//! The document is changed as text stands in it: tokens and manifest variables stay. Nothing that this program reads from
//! the old form is lost; what the original did otherwise is listed.

mod connections;
mod metabolism;
mod reports;
mod sonata;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Names of what the series 0.8 numbers.
pub struct StateNames {
    /// States of the metabolism model, by their number in series 0.8.
    pub states: BTreeMap<usize, String>,
    /// Parameters of the metabolism model, by number.
    pub parameters: Vec<String>,
}

/// What became of a document.
#[derive(Debug, Default)]
pub struct Changes {
    /// Another form of the same.
    pub renamed: Vec<String>,
    /// What no longer does what it did in the original.
    pub meaning: Vec<String>,
    /// What cannot be said in the new form: keys of the old document, and why.
    pub impossible: Vec<(String, String)>,
}

/// The section that coupling is described in.
const SECTION: &str = "multiscale_run";

/// Names a file that a configuration builds on.
const PARENT: &str = "parent_config_path";

/// Changes a document in place.
pub fn migrate(document: &mut Value, names: &StateNames) -> Changes {
    let mut changes = Changes::default();
    let Some(top) = document.as_object_mut() else { return changes };
    sonata::migrate(top, &mut changes);
    tell_parents(top, &mut changes);
    if let Some(section) = top.get_mut(SECTION).and_then(Value::as_object_mut) {
        // What numbers mean is told by the form of the connections.
        if section.get("connections").is_some_and(Value::is_object) {
            tell_cut_steps(section, &mut changes);
            connections::migrate(section, names, &mut changes);
            metabolism::migrate(section, names, &mut changes);
            reports::migrate(section, names, &mut changes);
        }
        if !changes.is_empty() {
            section.insert("msr_version".to_owned(), env!("CARGO_PKG_VERSION").into());
        }
    }
    changes
}

impl Changes {
    /// Whether the document is as it was.
    pub fn is_empty(&self) -> bool {
        self.renamed.is_empty() && self.meaning.is_empty() && self.impossible.is_empty()
    }
}

/// Parents are files of their own.
fn tell_parents(top: &Map<String, Value>, changes: &mut Changes) {
    let in_section = top.get(SECTION).and_then(|section| section.get(PARENT));
    for (key, parent) in [(PARENT.to_owned(), top.get(PARENT)), (format!("{SECTION}.{PARENT}"), in_section)] {
        if let Some(parent) = parent {
            changes.meaning.push(format!(
                "{key}: the original passed it over since series 0.7; {parent} counts now, and is to be migrated by itself"
            ));
        }
    }
}

/// The original cut the steps of two simulators down to that of the metabolism.
fn tell_cut_steps(section: &Map<String, Value>, changes: &mut Changes) {
    let ndts = |simulator: &str| section.get(simulator)?.get("ndts")?.as_u64();
    let Some(metabolism) = ndts("metabolism") else { return };
    for simulator in ["steps", "bloodflow"] {
        if let Some(ndts) = ndts(simulator).filter(|ndts| *ndts > metabolism) {
            changes.meaning.push(format!(
                "{SECTION}.{simulator}.ndts: the original cut {ndts} down to metabolism's {metabolism}; {ndts} counts now"
            ));
        }
    }
}

impl StateNames {
    /// The names of the numbers in the arguments of a call of the metabolism, in their places.
    fn replace(&self, function: &str, arguments: &mut Value, key: &str, changes: &mut Changes) {
        let Some(arguments) = arguments.as_object_mut() else { return };
        for (argument, value) in
            arguments.iter_mut().filter(|(argument, _)| matches!(argument.as_str(), "idx" | "idxs"))
        {
            let key = format!("{key}.{argument}");
            match value {
                Value::Array(items) => {
                    for (index, item) in items.iter_mut().enumerate() {
                        self.replace_one(function, item, &format!("{key}[{index}]"), changes);
                    }
                }
                single => self.replace_one(function, single, &key, changes),
            }
        }
    }

    fn replace_one(&self, function: &str, value: &mut Value, key: &str, changes: &mut Changes) {
        let Some(number) = value.as_u64().and_then(|number| usize::try_from(number).ok()) else { return };
        let (what, name) = match function {
            "get_vm_idx" | "set_vm_idxs" => ("state", self.states.get(&number)),
            "get_parameters_idx" | "set_parameters_idxs" => ("parameter", self.parameters.get(number)),
            _ => return,
        };
        match name {
            Some(name) => {
                changes.renamed.push(format!("{key}: {number} is '{name}'"));
                *value = name.clone().into();
            }
            None => changes.impossible.push((key.to_owned(), format!("the metabolism model has no {what} {number}"))),
        }
    }
}
