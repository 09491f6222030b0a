//! Connections keyed by event become one list.

use serde_json::{Map, Value};

use super::{Changes, SECTION, StateNames};

/// Events with what the original did at them, in the order of its main loop.
const EVENTS: [(&str, &str); 3] = [
    ("after_steps_advance", "after each step of the ions, and not at the beginning"),
    ("before_bloodflow_advance", "before each step of the blood flow, which saw the new values"),
    ("after_metabolism_advance", "after each step of the metabolism"),
];

/// Ends of a connection: the simulator, its getter and its setter.
const ENDS: [(&str, [(&str, &str); 2]); 2] = [
    ("src_simulator", [("src_get_func", "src_get_kwargs"), ("src_set_func", "src_set_kwargs")]),
    ("dest_simulator", [("dest_get_func", "dest_get_kwargs"), ("dest_set_func", "dest_set_kwargs")]),
];

pub fn migrate(section: &mut Map<String, Value>, names: &StateNames, changes: &mut Changes) {
    let Some(Value::Object(events)) = section.get_mut("connections") else { return };
    let mut list = Vec::new();
    for (event, moment) in EVENTS {
        let mut connections = match events.shift_remove(event) {
            Some(Value::Array(connections)) => connections,
            Some(other) => {
                events.insert(event.to_owned(), other);
                continue;
            }
            None => continue,
        };
        for (index, connection) in connections.iter_mut().enumerate() {
            let key = format!("{SECTION}.connections.{event}[{index}]");
            name_states(connection, names, &key, changes);
        }
        if !connections.is_empty() {
            changes.meaning.push(format!(
                "{SECTION}.connections.{event}: the original made these {moment}; now they are made at the beginning and \
                 whenever the steps of both ends meet"
            ));
        }
        list.append(&mut connections);
    }
    // A key that begins with a sign puts a value aside.
    let left = events.iter().filter(|(event, _)| event.starts_with(char::is_alphanumeric));
    for (event, value) in left {
        let why = if EVENTS.iter().any(|(known, _)| known == event) {
            format!("{value} is no list of connections")
        } else {
            format!("no event of series 0.8; its events are {}", EVENTS.map(|(event, _)| event).join(", "))
        };
        changes.impossible.push((format!("{SECTION}.connections.{event}"), why));
    }
    changes.renamed.push(format!(
        "{SECTION}.connections: one list of {}, in the order of the main loop: {}",
        list.len(),
        EVENTS.map(|(event, _)| event).join(", ")
    ));
    section.insert("connections".to_owned(), list.into());
}

fn name_states(connection: &mut Value, names: &StateNames, key: &str, changes: &mut Changes) {
    let Some(connection) = connection.as_object_mut() else { return };
    for (simulator, calls) in ENDS {
        if connection.get(simulator).and_then(Value::as_str) != Some("metabolism") {
            continue;
        }
        for (function, arguments) in calls {
            let Some(function) = connection.get(function).and_then(Value::as_str).map(str::to_owned) else { continue };
            let key = format!("{key}.{arguments}");
            if let Some(arguments) = connection.get_mut(arguments) {
                names.replace(&function, arguments, &key, changes);
            }
        }
    }
}
