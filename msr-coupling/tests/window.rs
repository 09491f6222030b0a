//! What connections take of the time since they were last made.

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Connection, WindowOperator};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::{Moment, Observer, Orchestrator, Times};
use msr_coupling::{Composition, Plan, Query, Response, Simulator};
use proptest::prelude::*;
use serde_json::json;

use crate::toy::{Cells, Parts, connection, merge};

const DT_MS: f64 = 0.025;

/// Records the level of the first of the second simulator's cells whenever connections have been made.
#[derive(Default)]
struct Received(Vec<f64>);

impl Observer for Received {
    fn look(
        &mut self,
        moment: Moment,
        _idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if moment == Moment::Exchanged {
            let mut values = Vec::new();
            simulators[1].get_var(&Query::new("get_cell"), &mut values)?;
            self.0.push(values[0]);
        }
        Ok(())
    }
}

fn windowed(window: WindowOperator) -> Connection {
    let set = connection("parts", json!({"var": "level", "weight": "size"}), "cells", "set_cell", Action::Set);
    Connection { window, ..set }
}

fn run(simulators: Vec<Box<dyn Simulator>>, connections: &[Connection], steps: u64) -> (Orchestrator, Vec<f64>) {
    let plan = Plan::new(simulators, &[], &Composition::of(connections)).unwrap_or_else(|errors| panic!("{errors}"));
    let mut run = Orchestrator::new(plan, TimeGrid { dt_ms: DT_MS, steps }, None, Box::new(SerialCommunicator));
    let mut received = Received::default();
    run.run(&mut received).unwrap_or_else(|error| panic!("{error}"));
    (run, received.0)
}

/// Levels that rise by 1 in each step from 10, read every fourth step.
fn rising(window: WindowOperator) -> Vec<f64> {
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(vec![10.0; 5], vec![1.0; 5])), Box::new(Cells::new(4, vec![0.0; 2], vec![0.0; 2]))];
    run(simulators, &[windowed(window)], 8).1
}

#[test]
fn operators_see_every_step_at_its_end() {
    // Before the first step there is only the present.
    assert_eq!(rising(WindowOperator::Last), [10.0, 14.0, 18.0]);
    assert_eq!(rising(WindowOperator::Mean), [10.0, 12.5, 16.5]);
    assert_eq!(rising(WindowOperator::Minimum), [10.0, 11.0, 15.0]);
    assert_eq!(rising(WindowOperator::Maximum), [10.0, 14.0, 18.0]);
}

#[test]
fn an_integral_is_in_units_times_ms_and_starts_at_zero() {
    let simulators = || -> Vec<Box<dyn Simulator>> {
        vec![Box::new(Parts::new(vec![10.0; 5], vec![1.0; 5])), Box::new(Cells::new(4, vec![0.0; 2], vec![0.0; 2]))]
    };
    let integral = windowed(WindowOperator::Integral);
    let refused = Plan::new(simulators(), &[], &Composition::of(std::slice::from_ref(&integral))).err().unwrap();
    assert!(refused.to_string().contains("mM*um3*ms"), "{refused}");
    let rate = Connection { transform_expression: Some("vals / 0.1".to_owned()), ..integral };
    let (_, received) = run(simulators(), &[rate], 8);
    for (found, expected) in received.iter().zip([0.0, 50.0 * DT_MS / 0.1, 66.0 * DT_MS / 0.1]) {
        assert!((found - expected).abs() < 1e-12, "{received:?}");
    }
}

#[test]
fn transforms_see_the_window_and_not_the_other_way_round() {
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(vec![10.0; 5], vec![1.0; 5])), Box::new(Cells::new(4, vec![0.0; 2], vec![0.0; 2]))];
    let squared =
        Connection { transform_expression: Some("1 * vals ** 2".to_owned()), ..windowed(WindowOperator::Mean) };
    assert_eq!(run(simulators, &[squared], 4).1[1], 12.5 * 12.5);
}

#[test]
fn a_merge_takes_the_present_only() {
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])), Box::new(Cells::new(1, vec![0.0; 2], vec![0.0; 2]))];
    let connections = [Connection { window: WindowOperator::Mean, ..merge() }];
    let error = Plan::new(simulators, &[], &Composition::of(&connections)).err().unwrap().to_string();
    assert!(error.contains("takes its present value, not the mean"), "{error}");
}

#[test]
fn an_exclusion_does_not_empty_the_window_of_the_others() {
    let mut failing = Cells::named("failing", 3, vec![0.0; 2], vec![1.0, 0.0]);
    failing.limit = Some((2.5, Response::ExcludeNeuron));
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![10.0; 5], vec![1.0; 5])),
        Box::new(Cells::new(4, vec![0.0; 2], vec![0.0; 2])),
        Box::new(failing),
    ];
    let (run, _) = run(simulators, &[windowed(WindowOperator::Mean)], 4);
    assert_eq!(run.excluded().len(), 1);
    let mut values = Vec::new();
    run.simulators()[1].get_var(&Query::new("get_cell"), &mut values).unwrap();
    assert_eq!(values, [10.0, 12.5]);
}

#[test]
fn a_checkpoint_holds_what_a_window_has_seen() {
    let build = || {
        let simulators: Vec<Box<dyn Simulator>> = vec![
            Box::new(Parts::new(vec![10.0; 5], vec![0.1; 5])),
            Box::new(Cells::new(8, vec![0.0; 2], vec![0.0; 2])),
            // Makes the run stop between two exchanges.
            Box::new(Cells::named("other", 3, vec![0.0; 2], vec![0.0; 2])),
        ];
        let plan = Plan::new(simulators, &[], &Composition::of(&[windowed(WindowOperator::Mean)])).unwrap();
        Orchestrator::new(plan, TimeGrid { dt_ms: DT_MS, steps: 24 }, None, Box::new(SerialCommunicator))
    };
    let mut whole = build();
    let mut at_once = Received::default();
    whole.run(&mut at_once).unwrap();
    let (mut first, mut second) = (build(), build());
    first.run_until(12, &mut Received::default()).unwrap();
    second.restore(&first.snapshot().unwrap()).unwrap();
    let mut in_parts = Received::default();
    second.run(&mut in_parts).unwrap();
    assert_eq!(in_parts.0.last(), at_once.0.last());
    assert_eq!(whole.snapshot().unwrap(), second.snapshot().unwrap());
}

proptest! {
    /// However the run stops in between, an integral loses no step: all windows together are the integral over the run.
    #[test]
    fn integrals_add_up(
        source_ndts in 1u64..5,
        multiple in 1u64..5,
        other in 1u64..7,
        windows in 1u64..6,
        rate in -2.0f64..2.0,
    ) {
        let ndts = source_ndts * multiple;
        let source = Cells::named("source", source_ndts, vec![3.0; 2], vec![rate; 2]);
        let simulators: Vec<Box<dyn Simulator>> = vec![
            Box::new(Parts::new(vec![0.0; 5], vec![0.0; 5])),
            Box::new(Cells::new(ndts, vec![0.0; 2], vec![0.0; 2])),
            Box::new(source),
            // Makes the run stop at other times.
            Box::new(Cells::named("other", other, vec![0.0; 2], vec![0.0; 2])),
        ];
        let mut integral = connection("source", json!({}), "cells", "set_cell", Action::Set);
        integral.src_get.function = "get_cell".to_owned();
        integral.window = WindowOperator::Integral;
        integral.transform_expression = Some("vals * 1".to_owned());
        integral.ndts = Some(ndts);
        let plan = Plan::new(simulators, &[], &Composition::of(&[integral])).unwrap();
        let grid = TimeGrid { dt_ms: DT_MS, steps: windows * ndts };
        let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
        struct Sum { ndts: u64, total: f64 }
        impl Observer for Sum {
            fn look(&mut self, moment: Moment, idts: u64, simulators: &mut [Box<dyn Simulator>], _times: &Times)
                -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
                if moment == Moment::Exchanged && idts.is_multiple_of(self.ndts) {
                    let mut values = Vec::new();
                    simulators[1].get_var(&Query::new("get_cell"), &mut values)?;
                    self.total += values[1];
                }
                Ok(())
            }
        }
        let mut sum = Sum { ndts, total: 0.0 };
        run.run(&mut sum).unwrap();
        // The level after base step k is 3 + k rate; a step of `source_ndts` counts with the level at its end.
        let (n, steps) = ((windows * multiple) as f64, source_ndts as f64);
        let expected = steps * DT_MS * (3.0 * n + rate * steps * n * (n + 1.0) / 2.0);
        prop_assert!((sum.total - expected).abs() < 1e-12 * (1.0 + expected.abs()), "{} {expected}", sum.total);
    }
}
