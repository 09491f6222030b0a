//! Forms that SONATA had before version 2.4.

use serde_json::{Map, Value};

use super::Changes;

/// `integration_method` by number.
const INTEGRATION_METHODS: [&str; 3] = ["euler", "crank_nicolson", "crank_nicolson_ion"];

pub fn migrate(top: &mut Map<String, Value>, changes: &mut Changes) {
    name_integration_method(top, changes);
    move_electrodes(top, changes);
    list_of_named(top, "connection_overrides", "connection_overrides", changes);
    if let Some(conditions) = top.get_mut("conditions").and_then(Value::as_object_mut) {
        list_of_named(conditions, "modifications", "conditions.modifications", changes);
    }
}

fn name_integration_method(top: &mut Map<String, Value>, changes: &mut Changes) {
    let Some(method) = top.get_mut("run").and_then(|run| run.get_mut("integration_method")) else { return };
    let number = method.as_u64().or_else(|| method.as_str()?.parse().ok());
    let name = number.and_then(|number| INTEGRATION_METHODS.get(usize::try_from(number).ok()?));
    if let (Some(number), Some(name)) = (number, name) {
        changes.renamed.push(format!("run.integration_method: {number} is '{name}'"));
        *method = (*name).into();
    }
}

/// The file of electrodes stood in `run`; each report of type lfp names its own now.
fn move_electrodes(top: &mut Map<String, Value>, changes: &mut Changes) {
    let run = top.get_mut("run").and_then(Value::as_object_mut);
    let Some(file) = run.and_then(|run| run.shift_remove("electrodes_file")) else { return };
    let reports = top.get_mut("reports").and_then(Value::as_object_mut);
    let mut taken_by = Vec::new();
    for (name, report) in reports.into_iter().flatten() {
        if let Some(report) =
            report.as_object_mut().filter(|report| report.get("type").is_some_and(|kind| kind == "lfp"))
        {
            report.entry("electrodes_file").or_insert_with(|| file.clone());
            taken_by.push(format!("reports.{name}"));
        }
    }
    let target = if taken_by.is_empty() { "no report of type lfp needs it".to_owned() } else { taken_by.join(", ") };
    changes.renamed.push(format!("run.electrodes_file: now in {target}"));
}

/// An object {name: entry} becomes a list of entries with names.
fn list_of_named(parent: &mut Map<String, Value>, name: &str, key: &str, changes: &mut Changes) {
    let Some(Value::Object(named)) = parent.get(name) else { return };
    let list: Vec<Value> = named
        .iter()
        .map(|(name, entry)| {
            let mut listed = Map::from_iter([("name".to_owned(), name.clone().into())]);
            listed.extend(entry.as_object().cloned().unwrap_or_default());
            listed.into()
        })
        .collect();
    changes.renamed.push(format!("{key}: a list, in the order of the file"));
    parent.insert(name.to_owned(), list.into());
}
