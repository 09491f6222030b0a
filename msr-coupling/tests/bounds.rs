//! Impossible values are not written, and units are what connections say they are.

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Connection};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::Orchestrator;
use msr_coupling::{Bounds, Composition, Plan, Query, RunError, Simulator};
use serde_json::json;

use crate::toy::{Cells, Parts, connection, merge};

fn plan(simulators: Vec<Box<dyn Simulator>>, connections: &[Connection]) -> Result<Orchestrator, String> {
    let plan = Plan::new(simulators, &[], &Composition::of(connections)).map_err(|errors| errors.to_string())?;
    Ok(Orchestrator::new(plan, TimeGrid { dt_ms: 0.025, steps: 10 }, None, Box::new(SerialCommunicator)))
}

fn cells_of(run: &Orchestrator) -> Vec<f64> {
    let mut values = Vec::new();
    run.simulators()[1].get_var(&Query::new("get_cell"), &mut values).unwrap();
    values
}

fn set(expression: &str, unit: Option<&str>) -> Connection {
    Connection {
        transform_expression: Some(expression.to_owned()),
        transform_unit: unit.map(str::to_owned),
        ..connection("parts", json!({"var": "level", "weight": "size"}), "cells", "set_cell", Action::Set)
    }
}

#[test]
fn a_neuron_that_would_get_the_impossible_is_excluded_before_it_does() {
    // The level of the first cell falls by 0.3 a step and would be negative at the fourth.
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![1.0; 5], vec![-0.3, -0.3, -0.3, 0.0, 0.0])),
        Box::new(Cells::new(1, vec![7.0; 2], vec![0.0; 2]).bounded(Bounds::NOT_NEGATIVE)),
    ];
    let mut run = plan(simulators, &[set("vals", None)]).unwrap();
    run.run(&mut ()).unwrap();
    let [exclusion] = run.excluded() else { panic!("{:?}", run.excluded()) };
    assert_eq!((exclusion.neuron, exclusion.time_ms), (0, 4.0 * 0.025));
    assert!(exclusion.message.starts_with("c: level would be set to -0."), "{}", exclusion.message);
    assert!(exclusion.message.ends_with(" mM, and must be at least 0"), "{}", exclusion.message);
    assert_eq!(cells_of(&run)[1], 1.0);
    assert!(cells_of(&run)[0] >= 0.0);
}

/// What is added to an element is looked at wherever it comes from, not only where the first summand comes from.
#[test]
fn a_sum_is_refused_wherever_one_of_its_parts_reaches() {
    let cells = Cells::new(1, vec![0.0; 2], vec![0.0; 2]).bounded(Bounds::NOT_NEGATIVE);
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![0.0; 5], vec![0.0; 5])),
        Box::new(cells),
        Box::new(Cells::inside("first", 0, 1.0)),
        Box::new(Cells::inside("second", 1, -1.0)),
    ];
    let from = |name: &str| {
        let mut sum = connection(name, json!({}), "cells", "add_cell", Action::Sum);
        sum.src_get.function = "get_cell".to_owned();
        Connection { transform_expression: Some("vals * 2".to_owned()), key: name.to_owned(), ..sum }
    };
    let mut run = plan(simulators, &[from("first"), from("second")]).unwrap();
    run.run(&mut ()).unwrap();
    let [exclusion] = run.excluded() else { panic!("{:?}", run.excluded()) };
    assert_eq!((exclusion.neuron, exclusion.time_ms), (1, 0.025));
    assert!(exclusion.message.contains("amount would be set to -2 mM*um3"), "{}", exclusion.message);
    assert_eq!(cells_of(&run), [20.0, 0.0]);
}

#[test]
fn where_no_neuron_is_concerned_the_run_stops() {
    // What is merged back lies in segments, which here belong to no population of neurons.
    let parts = Parts::new(vec![1.0; 5], vec![0.0; 5]).bounded(Bounds { greatest: 2.0, ..Bounds::NOT_NEGATIVE });
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(parts), Box::new(Cells::new(1, vec![0.0; 2], vec![0.5, 0.0]))];
    let error = plan(simulators, &[merge()]).unwrap().run(&mut ()).unwrap_err();
    assert!(matches!(&error, RunError::OutOfBounds { space, element: 0, .. } if space == "segments"), "{error}");
    let message = error.to_string();
    assert!(message.contains("c: element 0 of 'segments': level would be set to 2.5 mM"), "{message}");
    assert!(message.ends_with(" mM, and must be at least 0 and at most 2"), "{message}");
}

#[test]
fn the_unit_of_a_transform_is_converted() {
    let simulators = || -> Vec<Box<dyn Simulator>> {
        vec![Box::new(Parts::new(vec![3.0; 5], vec![0.0; 5])), Box::new(Cells::new(1, vec![0.0; 2], vec![0.0; 2]))]
    };
    let received = |connection: Connection| {
        let mut run = plan(simulators(), &[connection])?;
        run.run(&mut ()).map_err(|error| error.to_string())?;
        Ok::<_, String>(cells_of(&run)[0])
    };
    assert_eq!(received(set("vals * 1000", Some("uM"))).map(|level| (level - 3.0).abs() < 1e-12), Ok(true));
    assert_eq!(received(set("vals * 1000", None)), Ok(3000.0), "without a unit it is that of the destination");
    let error = received(set("vals", Some("mV"))).unwrap_err();
    assert!(error.ends_with("transform_unit: 'mV' cannot become 'mM': the units differ in dimension"), "{error}");
    let error = received(set("vals", Some("mMol"))).unwrap_err();
    assert!(error.contains("transform_unit: 'mMol' is no unit: 'mMol' is not understood"), "{error}");
    // On the way of a level, which is transformed before it is mapped.
    let unweighted = Connection {
        transform_expression: Some("vals * 1000".to_owned()),
        transform_unit: Some("uM".to_owned()),
        ..connection("parts", json!({"var": "level"}), "cells", "set_cell", Action::Set)
    };
    assert_eq!(received(unweighted).map(|level| (level - 3.0).abs() < 1e-12), Ok(true));
}

#[test]
fn bounds_are_said() {
    let said = |bounds: Bounds| bounds.to_string();
    assert_eq!(said(Bounds::NONE), "a number");
    assert_eq!(said(Bounds::POSITIVE), "greater than 0");
    assert_eq!(said(Bounds::FRACTION), "at least 0 and at most 1");
    assert!(!Bounds::POSITIVE.allow(0.0) && Bounds::NOT_NEGATIVE.allow(0.0) && !Bounds::NONE.allow(f64::NAN));
    let cells = Cells::new(1, vec![0.0; 2], vec![0.0; 2]).bounded(Bounds::NOT_NEGATIVE);
    assert_eq!(cells.variables()[0].to_string(), "level [mM] level on neurons, at least 0: level of the toy");
}
