//! Every pair of simulators: what of one can be connected with what of the other, by which action, and why not. What can be
//! connected keeps the laws of its action.
//!
//! `pairs.txt` has a line for each variable read, variable written and action; `MSR_WRITE_PAIRS=1 cargo test -p msr-cli
//! --test all pairs` writes it as things are now, to be read.

use std::collections::BTreeMap;
use std::fs;

use msr_config::multiscale::{Action, Call, Connection, WindowOperator};
use msr_coupling::plan::PlanError;
use msr_coupling::{Composition, Plan, Query, laws};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pairs.txt");

/// One variable of each kind that a simulator offers, by name; `*` and a weight, where it is read as an amount.
const READ: &[(&str, &str)] = &[
    ("neurodamus", "v"),
    ("neurodamus", "ina*area"),
    ("neurodamus", "atpi*volume"),
    ("neurodamus", "IClamp"),
    ("neurodamus", "get_vasc_radii"),
    ("bloodflow", "get_flows"),
    ("bloodflow", "get_vols"),
    ("bloodflow", "get_node_pressures"),
    ("steps", "KK"),
    ("steps", "KK.count"),
    ("metabolism", "ATP_n"),
    ("metabolism", "notBigg_vV_b_b"),
];

const WRITTEN: &[(&str, &str)] = &[
    ("neurodamus", "v"),
    ("neurodamus", "atpi"),
    ("bloodflow", "get_radii"),
    ("steps", "KK"),
    ("steps", "KK.count"),
    ("steps", "KK.current"),
    ("metabolism", "ATP_n"),
    ("metabolism", "ina_density"),
    ("metabolism", "notBigg_vV_b_b"),
];

fn call(query: &Query) -> Call {
    Call { function: query.function.clone(), kwargs: query.args.clone() }
}

/// The getter and the setter of a variable.
fn calls(plan: &Plan, simulator: &str, variable: &str) -> (Option<Call>, Option<Call>) {
    let (name, weight) = variable.split_once('*').map_or((variable, None), |(name, weight)| (name, Some(weight)));
    let simulator = plan.simulators().iter().find(|one| one.name() == simulator).expect("all four take part");
    let variable = simulator.variables().iter().find(|one| one.name == name);
    let variable = variable.unwrap_or_else(|| panic!("{} has no {name}", simulator.name()));
    let get = variable.get.clone().map(|get| match weight {
        Some(weight) => get.with("weight", weight),
        None => get,
    });
    (get.as_ref().map(call), variable.set.as_ref().map(call))
}

#[test]
fn each_pair_is_connected_or_refused_with_a_reason() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    crate::bundled::init(&path);
    let known = crate::bundled::plan(&path).0;
    let mut connections = Vec::new();
    for (source, read) in READ {
        for (destination, written) in WRITTEN {
            for action in [Action::Set, Action::Sum, Action::Merge] {
                let ((get, back), (_, set)) = (calls(&known, source, read), calls(&known, destination, written));
                connections.push(Connection {
                    src_simulator: (*source).to_owned(),
                    src_get: get.expect("it can be read"),
                    src_set: back.filter(|_| action == Action::Merge),
                    dest_simulator: (*destination).to_owned(),
                    dest_get: None,
                    dest_set: set.expect("it can be written"),
                    transform_expression: None,
                    transform_unit: None,
                    window: WindowOperator::Last,
                    action,
                    ndts: None,
                    event: None,
                    key: format!("{source} {read} -> {destination} {written}: {action}"),
                    line: 0,
                    column: 0,
                });
            }
        }
    }
    let (simulators, geographies) = crate::bundled::simulators(&path);
    let errors = Plan::new(simulators, &geographies, &Composition::of(&connections)).err().expect("some are refused");
    let mut refused = BTreeMap::new();
    for error in errors.errors {
        let PlanError::Connection { place, source } = error else { panic!("{error}") };
        assert!(!source.to_string().is_empty(), "{place}");
        let entry = source.entry().map(|entry| format!(".{entry}")).unwrap_or_default();
        let key = place.key.strip_suffix(&entry).unwrap_or_else(|| panic!("{place} ends with {entry}"));
        refused.insert(key.to_owned(), source.to_string());
    }
    let line = |connection: &Connection| {
        let outcome = refused.get(&connection.key).map_or("connected".to_owned(), |why| format!("refused: {why}"));
        format!("{}: {outcome}\n", connection.key)
    };
    let table: String = connections.iter().map(line).collect();
    // Whatever is connected in the bundled circuit is among them; most of the rest makes no sense.
    for expected in [
        "neurodamus ina*area -> metabolism ina_density: set: connected",
        "neurodamus atpi*volume -> metabolism ATP_n: merge: connected",
        "steps KK -> metabolism ATP_n: set: connected",
    ] {
        assert!(table.contains(expected), "{expected}");
    }
    if std::env::var_os("MSR_WRITE_PAIRS").is_some() {
        fs::write(TABLE, &table).unwrap();
    }
    let expected = fs::read_to_string(TABLE).unwrap_or_default();
    for (found, expected) in table.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(table.lines().count(), expected.lines().count());

    // The potassium of the mesh, 3 mM, is more than a neuron can have of ATP: the value is refused when it is due.
    let beyond_bounds = "steps KK -> metabolism ATP_n: set";
    connections.retain(|connection| !refused.contains_key(&connection.key) && connection.key != beyond_bounds);
    assert!(connections.len() > 20, "{}", connections.len());
    let (simulators, geographies) = crate::bundled::simulators(&path);
    let laws = laws::check(simulators, &geographies, &Composition::of(&connections));
    laws.unwrap_or_else(|violations| panic!("{violations}"));
}
