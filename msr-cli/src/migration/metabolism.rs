//! The metabolism section: numbers become names, program text goes, constants find their groups.

use serde_json::{Map, Value, json};

use super::{Changes, SECTION, StateNames};

/// Flat constants and the group and field that they are.
const CONSTANTS: [(&str, &str, &str); 3] = [
    ("ATDPtot_n", "ATDMP", "ATDPtot_n"),
    ("glycogen_au", "Glycogen", "au"),
    ("mito_volume_fraction", GENERAL, "mito_volume_fraction"),
];

/// The group of constants that belong to no pathway.
const GENERAL: &str = "GeneralConstants";

/// Options of the Julia solver and their names today.
const SOLVER_OPTIONS: [(&str, &str); 2] = [("reltol", "rtol"), ("abstol", "atol")];

pub fn migrate(section: &mut Map<String, Value>, names: &StateNames, changes: &mut Changes) {
    let Some(metabolism) = section.get_mut("metabolism").and_then(Value::as_object_mut) else { return };
    take_out_program(metabolism, changes);
    group_constants(metabolism, changes);
    name_parameters(metabolism, names, changes);
    rename_solver_options(metabolism, changes);
    name_checks(metabolism, names, changes);
    if !metabolism.contains_key("compatibility") {
        changes.meaning.push(format!(
            "{SECTION}.metabolism.compatibility: absent, so that mistakes of the original's equations are corrected; \"published\" \
             brings them back"
        ));
    }
}

fn take_out_program(metabolism: &mut Map<String, Value>, changes: &mut Changes) {
    for key in ["julia_code_path", "model"] {
        // A text names a model of ours.
        if key == "model" && metabolism.get(key).is_some_and(Value::is_string) {
            continue;
        }
        let Some(taken) = metabolism.shift_remove(key) else { continue };
        changes.meaning.push(format!("{SECTION}.metabolism.{key}: taken out, the equations are built in"));
        if let Some(Value::Object(constants)) = taken.get("constants") {
            changes.renamed.push(format!("{SECTION}.metabolism.model.constants: now in constants.{GENERAL}"));
            for (name, value) in constants {
                insert(metabolism, GENERAL, name, value.clone());
            }
        }
    }
    let is_bundled =
        |path: &Value| path.as_str().is_some_and(|path| path.contains("pkg_path") || path.contains("pkg_data_path"));
    if metabolism.get("u0_path").is_some_and(is_bundled) {
        metabolism.shift_remove("u0_path");
        changes.meaning.push(format!(
            "{SECTION}.metabolism.u0_path: taken out, the built-in initial values count; put others into metabolism.u0, by name"
        ));
    }
}

fn insert(metabolism: &mut Map<String, Value>, group: &str, field: &str, value: Value) {
    let constants = metabolism.entry("constants").or_insert_with(|| json!({}));
    if let Some(constants) = constants.as_object_mut()
        && let Some(fields) = constants.entry(group).or_insert_with(|| json!({})).as_object_mut()
    {
        fields.insert(field.to_owned(), value);
    }
}

fn group_constants(metabolism: &mut Map<String, Value>, changes: &mut Changes) {
    for (name, group, field) in CONSTANTS {
        let constants = metabolism.get_mut("constants").and_then(Value::as_object_mut);
        let Some(value) = constants.and_then(|constants| constants.shift_remove(name)) else { continue };
        changes.renamed.push(format!("{SECTION}.metabolism.constants.{name}: now {group}.{field}"));
        insert(metabolism, group, field, value);
    }
}

fn name_parameters(metabolism: &mut Map<String, Value>, names: &StateNames, changes: &mut Changes) {
    let Some(Value::Array(values)) = metabolism.get("parameters") else { return };
    let mut named = Map::new();
    for (number, value) in values.iter().enumerate().filter(|(_, value)| !value.is_null()) {
        let key = format!("{SECTION}.metabolism.parameters[{number}]");
        match names.parameters.get(number) {
            Some(name) => {
                changes.renamed.push(format!("{key}: '{name}'"));
                named.insert(name.clone(), value.clone());
            }
            None => changes.impossible.push((key, format!("the metabolism model has no parameter {number}"))),
        }
    }
    metabolism.insert("parameters".to_owned(), named.into());
}

fn rename_solver_options(metabolism: &mut Map<String, Value>, changes: &mut Changes) {
    let Some(options) = metabolism.get_mut("solver_kwargs").and_then(Value::as_object_mut) else { return };
    for (old, new) in SOLVER_OPTIONS {
        if let Some(value) = options.shift_remove(old) {
            changes.renamed.push(format!("{SECTION}.metabolism.solver_kwargs.{old}: now '{new}'"));
            options.insert(new.to_owned(), value);
        }
    }
    if options.shift_remove("saveat").is_some() {
        changes
            .meaning
            .push(format!("{SECTION}.metabolism.solver_kwargs.saveat: taken out, only the end of a step is kept"));
    }
    changes.meaning.push(format!(
        "{SECTION}.metabolism.solver_kwargs: the Rosenbrock method of another program; Rodas3 takes its place, with these \
         tolerances"
    ));
}

fn name_checks(metabolism: &mut Map<String, Value>, names: &StateNames, changes: &mut Changes) {
    let Some(checks) = metabolism.get_mut("checks").and_then(Value::as_object_mut) else { return };
    for (kind, what) in [("parameters", "parameter"), ("vm", "state")] {
        let Some(Value::Object(numbered)) = checks.get(kind) else { continue };
        let mut named = Map::new();
        for (number, check) in numbered {
            let mut check = check.clone();
            let key = format!("{SECTION}.metabolism.checks.{kind}.{number}");
            let name = match (number.parse::<usize>(), kind) {
                (Ok(number), "vm") => names.states.get(&number),
                (Ok(number), _) => names.parameters.get(number),
                (Err(_), _) => Some(number),
            };
            let Some(name) = name else {
                changes.impossible.push((key, format!("the metabolism model has no {what} {number}")));
                continue;
            };
            if name != number {
                changes.renamed.push(format!("{key}: '{name}'"));
                if let Some(check) = check.as_object_mut() {
                    check.shift_remove("name");
                }
            }
            named.insert(name.clone(), check);
        }
        checks.insert(kind.to_owned(), named.into());
    }
}
