//! The suite of laws holds for simulators that keep them, and finds those that do not.

use msr_config::multiscale::{Action, Connection};
use msr_coupling::conformance::Violations;
use msr_coupling::{
    Access, Composition, Mapping, Port, Query, QueryError, Simulator, SimulatorError, Snapshot, Space, Variable, laws,
};
use serde_json::json;

use crate::toy::{Cells, Parts, connection, merge};

fn parts() -> Box<dyn Simulator> {
    Box::new(Parts::new(vec![1.0, 2.0, 3.0, -4.0, 5.0], vec![0.0; 5]))
}

fn cells() -> Cells {
    Cells::new(2, vec![7.0, 8.0], vec![0.0; 2])
}

fn check(second: Box<dyn Simulator>, connections: &[Connection]) -> Result<(), Violations> {
    laws::check(vec![parts(), second], &[], &Composition::of(connections))
}

fn weighted(set: &str, action: Action) -> Connection {
    connection("parts", json!({"var": "level", "weight": "size"}), "cells", set, action)
}

#[test]
fn the_toys_keep_the_laws() {
    let level = connection("parts", json!({"var": "level"}), "cells", "set_cell", Action::Set);
    let transformed = Connection { transform_expression: Some("vals * 2".to_owned()), ..level.clone() };
    let all = [
        level,
        transformed,
        weighted("set_cell", Action::Set),
        weighted("add_cell", Action::Sum),
        merge(),
        Connection { src_set: None, ..merge() },
    ];
    check(Box::new(cells()), &all).unwrap_or_else(|violations| panic!("{violations}"));
    check(Box::new(cells().in_micromolar()), &[merge()]).unwrap_or_else(|violations| panic!("{violations}"));
}

/// Cells that keep a part of what is set, or forget it when they are read.
struct Leaky {
    cells: Cells,
    kept: f64,
}

impl Simulator for Leaky {
    fn name(&self) -> &str {
        self.cells.name()
    }

    fn base_dt_ms(&self) -> f64 {
        self.cells.base_dt_ms()
    }

    fn ndts(&self) -> u64 {
        self.cells.ndts()
    }

    fn idts(&self) -> u64 {
        self.cells.idts()
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        self.cells.advance(until)
    }

    fn spaces(&self) -> Vec<Space> {
        self.cells.spaces()
    }

    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        self.cells.mappings(spaces)
    }

    fn variables(&self) -> &[Variable] {
        self.cells.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.cells.resolve(query, access)
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        self.cells.get_var(query, values)
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let kept: Vec<f64> = values.iter().map(|value| value * self.kept).collect();
        self.cells.set_var(query, &kept)
    }

    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        self.cells.exclude(neurons)
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        self.cells.snapshot()
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.cells.restore(snapshot)
    }
}

#[test]
fn a_simulator_that_loses_what_it_is_given_is_found() {
    let found = |connection: Connection| {
        let violations = check(Box::new(Leaky { cells: cells(), kept: 0.999 }), &[connection]).unwrap_err().0;
        violations.iter().map(|violation| violation.promise).collect::<Vec<_>>()
    };
    assert_eq!(found(weighted("set_cell", Action::Set)), ["the destination has what was set"]);
    let of_merge = found(merge());
    for promise in ["the destination has what was set", "at rest a merge changes nothing", "both ends of a merge agree"]
    {
        assert!(of_merge.contains(&promise), "{of_merge:?}");
    }
}

#[test]
fn a_connection_that_cannot_be_made_is_told() {
    let told = check(Box::new(cells()), &[weighted("set_cell", Action::Sum)]).unwrap_err().to_string();
    assert!(told.starts_with("a connection can be made: c: ") && told.contains("cannot be summed into"), "{told}");
}
