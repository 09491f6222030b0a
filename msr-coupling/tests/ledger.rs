//! What is told of what went over connections.

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Connection};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::Orchestrator;
use msr_coupling::{Composition, Ledger, Plan, Response, RunError, Simulator};
use serde_json::json;

use crate::toy::{Cells, Parts, connection};

fn orchestrator(simulators: Vec<Box<dyn Simulator>>, connections: &[Connection], steps: u64) -> Orchestrator {
    let plan = Plan::new(simulators, &[], &Composition::of(connections)).unwrap_or_else(|errors| panic!("{errors}"));
    Orchestrator::new(plan, TimeGrid { dt_ms: 0.025, steps }, None, Box::new(SerialCommunicator))
}

fn sum() -> Connection {
    connection("parts", json!({"var": "level", "weight": "size"}), "cells", "add_cell", Action::Sum)
}

#[test]
fn what_excluded_neurons_would_have_sent_is_told_apart() {
    // Parts of sizes 1, 2, 1 and 3, 1 with levels that stay.
    let mut failing = Cells::named("failing", 2, vec![0.0; 2], vec![1.0, 0.0]);
    failing.limit = Some((5.0, Response::ExcludeNeuron));
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![1.0, 1.0, 1.0, 2.0, 2.0], vec![0.0; 5])),
        Box::new(Cells::new(2, vec![0.0; 2], vec![0.0; 2])),
        Box::new(failing),
    ];
    let mut run = orchestrator(simulators, &[sum()], 10);
    run.run(&mut ()).unwrap();
    let entry = run.ledger().next().unwrap();
    // Five windows; the first cell fails after the third exchange.
    let Ledger { count, sent, received, outside, excluded, .. } = entry.ledger;
    assert_eq!((count, sent, received, outside, excluded), (5, 5.0 * 12.0, 3.0 * 12.0 + 2.0 * 8.0, 0.0, 2.0 * 4.0));
}

#[test]
fn an_entry_can_be_read_by_others() {
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![1.0; 5], vec![0.5; 5])),
        Box::new(Cells::new(2, vec![0.0; 2], vec![0.0; 2])),
        Box::new(Cells::named("others", 2, vec![0.0; 2], vec![0.0; 2])),
    ];
    let level = connection("parts", json!({"var": "level", "weight": "size"}), "others", "set_cell", Action::Set);
    let mut run = orchestrator(simulators, &[sum(), level], 4);
    let before: Vec<_> = run.ledger().collect();
    assert!(serde_json::to_value(&before[0]).unwrap()["minimum"].is_null(), "nothing has arrived");
    run.run(&mut ()).unwrap();
    let entries: Vec<_> = run.ledger().collect();
    assert_eq!(
        serde_json::to_value(&entries[0]).unwrap(),
        json!({
            "connection": "c", "source": r#"parts get_var {"var":"level","weight":"size"}"#, "destination": "cells add_cell",
            "action": "sum", "window": "last", "period_ms": 0.05, "unit": "mM*um3", "amount_unit": "mM*um3",
            "count": 2, "minimum": 8.0, "maximum": 12.0, "non_finite": 0,
            "sent": 40.0, "received": 40.0, "outside": 0.0, "excluded": 0.0
        })
    );
    assert_eq!(entries[1].amount_unit, None, "levels are no amounts");
    assert_eq!((entries[1].ledger.count, entries[1].ledger.sent), (3, 0.0));
}

#[test]
fn what_is_no_number_is_counted() {
    let pole = Connection {
        transform_expression: Some("1 / (vals - 2)".to_owned()),
        ..connection("parts", json!({"var": "level", "weight": "size"}), "cells", "set_cell", Action::Set)
    };
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(vec![1.0; 5], vec![0.5; 5])), Box::new(Cells::new(2, vec![0.0; 2], vec![0.0; 2]))];
    let mut run = orchestrator(simulators, &[pole], 4);
    let error = run.run(&mut ()).unwrap_err();
    assert!(matches!(error, RunError::NotFinite { .. }), "{error}");
    let ledger = run.ledger().next().unwrap().ledger;
    assert_eq!((ledger.count, ledger.non_finite, ledger.maximum), (1, 2, -1.0));
}

#[test]
fn an_amount_that_cannot_be_accounted_for_stops_the_run() {
    // Each cell gets a number; both together are none.
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![0.3e308, 0.3e308, 0.3e308, 0.4e308, 0.0], vec![0.0; 5])),
        Box::new(Cells::new(2, vec![0.0; 2], vec![0.0; 2])),
    ];
    let error = orchestrator(simulators, &[sum()], 2).run(&mut ()).unwrap_err();
    assert!(matches!(error, RunError::NotConserved { .. }), "{error}");
    assert!(error.to_string().starts_with("at 0.05 ms: c sent inf mM*um3, and"), "{error}");
}
