//! Errors of what is asked of data that has been read, word for word.

use std::collections::BTreeMap;

use msr_config::compartment_sets::CompartmentSets;
use msr_config::grid::{GridError, TimeGrid};
use msr_config::{Column, NodeSets, Override, Table};

#[test]
fn time_grids() {
    let told = |error: GridError| error.to_string();
    assert_eq!(told(TimeGrid::new(1.0, 0.0).unwrap_err()), "dt must be a positive number of milliseconds, found 0");
    assert_eq!(told(TimeGrid::new(-1.0, 0.1).unwrap_err()), "a time span must be finite and not negative, found -1 ms");
    assert_eq!(
        told(TimeGrid::new(1e300, 0.1).unwrap_err()),
        "1e300 ms in steps of 0.1 ms are more than 2^53 steps, the most that are counted"
    );
    assert_eq!(
        told(TimeGrid::new(1.0, 0.025).unwrap().steps_of(0.03).unwrap_err()),
        "0.03 ms is no multiple of dt = 0.025 ms; the nearest multiples are 0.025 and 0.05 ms"
    );
}

#[test]
fn attributes() {
    let mut table = Table::new("n.h5", "P");
    table.columns = BTreeMap::from([
        ("layer".to_owned(), Column::Integer(vec![1 << 60])),
        ("x".to_owned(), Column::Float(vec![0.5])),
        ("mtype".to_owned(), Column::Text(vec!["L5".to_owned()])),
    ]);
    table.unreadable =
        BTreeMap::from([("etype".to_owned(), "its shape is [2], but the population has 1 rows".to_owned())]);
    let told = |error: msr_config::circuit::AttributeError| error.to_string();
    assert_eq!(
        told(table.text("mtyp").unwrap_err()),
        "n.h5: population 'P' has no attribute 'mtyp' (did you mean 'mtype'?); available: layer, mtype, x"
    );
    assert_eq!(
        told(table.text("etype").unwrap_err()),
        "n.h5: population 'P': attribute 'etype' cannot be read: its shape is [2], but the population has 1 rows"
    );
    assert_eq!(told(table.text("x").unwrap_err()), "n.h5: population 'P': attribute 'x' must be text, found float");
    assert_eq!(
        told(table.float("layer").unwrap_err()),
        "n.h5: population 'P': attribute 'layer' must be float, found the integer 1152921504606846976, which has no exact float"
    );
    assert_eq!(
        told(table.integer("x").unwrap_err()),
        "n.h5: population 'P': attribute 'x' must be integer, found the float 0.5"
    );
}

#[test]
fn sets() {
    let sets = CompartmentSets::from_text(r#"{"Dendrites": {"population": "P", "compartment_set": []}}"#, "c").unwrap();
    assert_eq!(
        sets.get("Dendrite").unwrap_err().to_string(),
        "there is no compartment set 'Dendrite' (did you mean 'Dendrites'?); available: Dendrites"
    );
    let rules: Vec<String> = (10..50).map(|number| format!("\"S{number}\": {{\"layer\": {number}}}")).collect();
    let sets = NodeSets::from_text(&format!("{{{}}}", rules.join(", ")), "n").unwrap();
    let told = sets.resolve("Q", &[]).unwrap_err().to_string();
    assert!(told.starts_with("there is no node set 'Q'; node sets: S10, S11"), "{told}");
    assert!(told.ends_with("S39, ... (40 in all); populations: none"), "{told}");
    let circle = NodeSets::from_text(r#"{"A": ["A"]}"#, "n").unwrap();
    assert_eq!(
        circle.resolve("A", &[]).unwrap_err().to_string(),
        "node set 'A': sets of sets are nested deeper than 10; does one of them contain itself?"
    );
}

#[test]
fn overrides() {
    let told = |text: &str| text.parse::<Override>().unwrap_err().to_string();
    assert_eq!(told("run.tstop"), "'run.tstop' has no '='; write KEY=VALUE, for example run.tstop=100");
    assert_eq!(
        told("run..dt=1"),
        "'run..dt' is no key; write names with dots between them, for example multiscale_run.connections[0].ndts"
    );
}
