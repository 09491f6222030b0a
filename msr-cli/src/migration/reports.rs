//! Reports by simulator move into the sections of the simulators.

use serde_json::{Map, Value, json};

use super::{Changes, SECTION, StateNames};

pub fn migrate(section: &mut Map<String, Value>, names: &StateNames, changes: &mut Changes) {
    let Some(Value::Object(by_simulator)) = section.shift_remove("reports") else { return };
    for (simulator, mut reports) in by_simulator {
        for (name, report) in reports.as_object_mut().into_iter().flatten() {
            let Some(report) = report.as_object_mut().filter(|_| simulator == "metabolism") else { continue };
            let function = report.get("src_get_func").and_then(Value::as_str).unwrap_or_default().to_owned();
            let key = format!("{SECTION}.reports.{simulator}.{name}.src_get_kwargs");
            if let Some(arguments) = report.get_mut("src_get_kwargs") {
                names.replace(&function, arguments, &key, changes);
            }
        }
        changes.renamed.push(format!("{SECTION}.reports.{simulator}: now {SECTION}.{simulator}.reports"));
        let own = section.entry(simulator).or_insert_with(|| json!({}));
        if let Some(own) = own.as_object_mut() {
            own.insert("reports".to_owned(), reports);
        }
    }
}
