//! What transforms make of units.

use msr_config::multiscale::{Action, Connection};
use msr_coupling::{Composition, Plan, Simulator};
use serde_json::json;

use crate::toy::{Cells, Parts, connection};

/// Levels of parts in mM, transformed, to cells in uM.
fn plan(transform: &str, unit: Option<&str>) -> Plan {
    let connection = Connection {
        transform_expression: Some(transform.to_owned()),
        transform_unit: unit.map(str::to_owned),
        ..connection("parts", json!({"var": "level", "weight": "size"}), "cells", "set_cell", Action::Set)
    };
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])),
        Box::new(Cells::new(1, vec![0.0; 2], vec![0.0; 2]).in_micromolar()),
    ];
    Plan::new(simulators, &[], &Composition::of(&[connection])).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn a_scale_that_a_transform_leaves_as_it_is_is_told() {
    let told = "c: what the transform gives in 'mM' is taken as 'uM' as it is; with \"transform_unit\": \"mM\" it is converted";
    assert_eq!(plan("abs(vals)", None).notes, [told]);
    for (transform, unit) in [("abs(vals)", Some("mM")), ("abs(vals)", Some("uM")), ("vals * 1e3", None)] {
        assert!(plan(transform, unit).notes.is_empty(), "{transform} {unit:?}");
    }
}
