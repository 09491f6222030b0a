//! The main loop and the laws of its actions, with two small simulators: parts of cells, and cells.

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, WriteBackMode};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::Orchestrator;
use msr_coupling::{Composition, Plan, Query, Response, RunError, Simulator, conformance};
use proptest::prelude::*;
use serde_json::json;

use crate::toy::{Cells, Parts, connection, merge, part_sizes};

fn orchestrator(
    simulators: Vec<Box<dyn Simulator>>,
    connections: &[msr_config::Connection],
    steps: u64,
) -> Orchestrator {
    let plan = Plan::new(simulators, &[], &Composition::of(connections)).unwrap_or_else(|errors| panic!("{errors}"));
    Orchestrator::new(plan, TimeGrid { dt_ms: 0.025, steps }, None, Box::new(SerialCommunicator))
}

fn composition(connections: &[msr_config::Connection]) -> Composition<'_> {
    Composition { file: "test.json".as_ref(), ..Composition::of(connections) }
}

fn get(orchestrator: &Orchestrator, simulator: usize, query: Query) -> Vec<f64> {
    let mut values = Vec::new();
    orchestrator.simulators()[simulator].get_var(&query, &mut values).unwrap();
    values
}

fn parts_query() -> Query {
    Query::new("get_var").with("var", "level")
}

fn cells_query() -> Query {
    Query::new("get_cell")
}

/// Mean of each cell's parts, weighted by size.
fn means(levels: &[f64]) -> [f64; 2] {
    let sizes = part_sizes();
    let mean = |range: std::ops::Range<usize>| {
        let weight: f64 = sizes[range.clone()].iter().sum();
        range.map(|i| levels[i] * sizes[i]).sum::<f64>() / weight
    };
    [mean(0..3), mean(3..5)]
}

#[test]
fn the_toys_keep_the_promises() {
    conformance::check(&|| Box::new(Parts::new(vec![1.0; 5], vec![0.1; 5]))).unwrap();
    conformance::check(&|| Box::new(Cells::new(4, vec![1.0; 2], vec![0.2; 2]))).unwrap();
}

#[test]
fn set_carries_the_weighted_mean() {
    let parts = Parts::new(vec![1.0, 2.0, 4.0, 3.0, 5.0], vec![0.0; 5]);
    let cells = Cells::new(4, vec![0.0; 2], vec![0.0; 2]);
    let set = connection("parts", json!({"var": "level", "weight": "size"}), "cells", "set_cell", Action::Set);
    let mut run = orchestrator(vec![Box::new(parts), Box::new(cells)], &[set], 4);
    run.run(&mut ()).unwrap();
    // Sizes are 1, 2, 1 and 3, 1.
    assert_eq!(get(&run, 1, cells_query()), [(1.0 + 4.0 + 4.0) / 4.0, (9.0 + 5.0) / 4.0]);
}

proptest! {
    /// What parts consume and cells produce reaches the merged pool exactly, in any sequence.
    #[test]
    fn merge_adds_both_changes(
        consumed in prop::collection::vec(-0.01f64..0.02, 5),
        produced in prop::collection::vec(-0.05f64..0.05, 2),
        windows in 1u64..20,
        ndts in 1u64..5,
    ) {
        let start = [10.0, 12.0, 11.0, 9.0, 8.0];
        let parts = Parts::new(start.to_vec(), consumed.iter().map(|c| -c).collect());
        let cells = Cells::new(ndts, vec![0.0; 2], produced.clone());
        let mut run = orchestrator(vec![Box::new(parts), Box::new(cells)], &[merge()], windows * ndts);
        run.run(&mut ()).unwrap();
        let steps = (windows * ndts) as f64;
        let before = means(&start);
        let drained = means(&consumed);
        let cells = get(&run, 1, cells_query());
        let parts = means(&get(&run, 0, parts_query()));
        for cell in 0..2 {
            let expected = before[cell] - drained[cell] * steps + produced[cell] * steps;
            prop_assert!((cells[cell] - expected).abs() < 1e-11, "{} {expected}", cells[cell]);
            prop_assert!((parts[cell] - expected).abs() < 1e-11, "{} {expected}", parts[cell]);
        }
    }

    /// Whatever steps two simulators have, the run reaches its end and no step is lost.
    #[test]
    fn no_step_is_lost(ndts in 1u64..500, other in 1u64..500, steps in 0u64..5000) {
        let simulators: Vec<Box<dyn Simulator>> = vec![
            Box::new(Parts::new(vec![0.0; 5], vec![1.0; 5])),
            Box::new(Cells::new(ndts, vec![0.0; 2], vec![1.0; 2])),
            Box::new(Cells::named("others", other, vec![0.0; 2], vec![1.0; 2])),
        ];
        let mut run = orchestrator(simulators, &[], steps);
        run.run(&mut ()).unwrap();
        prop_assert_eq!(run.idts(), steps);
        for simulator in run.simulators() {
            prop_assert_eq!(simulator.idts(), steps);
        }
        prop_assert!(get(&run, 0, parts_query()).iter().all(|&level| level == steps as f64));
        prop_assert!(get(&run, 1, cells_query()).iter().all(|&level| level == steps as f64));
    }
}

#[test]
fn a_merge_is_at_rest_when_nothing_moves_and_keeps_differences_inside_a_cell() {
    let start = vec![10.0, 12.0, 11.0, 9.0, 8.0];
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(start.clone(), vec![0.0; 5])), Box::new(Cells::new(2, vec![5.0; 2], vec![0.0; 2]))];
    let mut run = orchestrator(simulators, &[merge()], 10);
    run.run(&mut ()).unwrap();
    for (level, start) in get(&run, 0, parts_query()).iter().zip(&start) {
        assert!((level - start).abs() < 1e-13);
    }
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(start, vec![0.0; 5])), Box::new(Cells::new(2, vec![5.0; 2], vec![0.5, -0.5]))];
    let mut run = orchestrator(simulators, &[merge()], 10);
    run.run(&mut ()).unwrap();
    let levels = get(&run, 0, parts_query());
    assert!((levels[1] - levels[0] - 2.0).abs() < 1e-12 && (levels[3] - levels[4] - 1.0).abs() < 1e-12, "{levels:?}");
}

#[test]
fn a_part_is_never_pushed_below_zero() {
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![0.1, 4.0, 4.0, 1.0, 1.0], vec![0.0; 5])),
        Box::new(Cells::new(1, vec![0.0; 2], vec![-1.0, 0.0])),
    ];
    let mut run = orchestrator(simulators, &[merge()], 2);
    run.run(&mut ()).unwrap();
    let levels = get(&run, 0, parts_query());
    assert!(levels.iter().all(|&level| level >= 0.0), "{levels:?}");
    assert!((means(&levels)[0] - (means(&[0.1, 4.0, 4.0, 1.0, 1.0])[0] - 2.0)).abs() < 1e-12);
}

#[test]
fn sums_are_added_before_they_are_handed_over() {
    let sum = |weight: &str| {
        let kwargs = json!({"var": "level", "weight": weight});
        connection("parts", kwargs, "cells", "add_cell", Action::Sum)
    };
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![1.0, 1.0, 1.0, 2.0, 2.0], vec![0.0; 5])),
        Box::new(Cells::new(2, vec![0.0; 2], vec![0.0; 2])),
    ];
    let mut run = orchestrator(simulators, &[sum("size"), sum("size")], 6);
    run.run(&mut ()).unwrap();
    // Three windows, two contributions of 4 * 1 and 4 * 2; nothing before the first window.
    assert_eq!(get(&run, 1, cells_query()), [24.0, 48.0]);
    let ledger = run.ledger().next().unwrap().ledger;
    assert_eq!((ledger.count, ledger.sent, ledger.received), (3, 36.0, 36.0));
}

#[test]
fn the_later_of_two_sets_wins_and_is_noted() {
    let set = |expression: &str| msr_config::Connection {
        transform_expression: Some(expression.to_owned()),
        ..connection("parts", json!({"var": "level", "weight": "size"}), "cells", "set_cell", Action::Set)
    };
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])), Box::new(Cells::new(1, vec![0.0; 2], vec![0.0; 2]))];
    let connections = [set("vals * 2"), set("vals * 3")];
    let plan = Plan::new(simulators, &[], &composition(&connections)).unwrap();
    assert!(plan.notes[0].contains("the later one wins"), "{:?}", plan.notes);
    let grid = TimeGrid { dt_ms: 0.025, steps: 1 };
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run(&mut ()).unwrap();
    assert_eq!(get(&run, 1, cells_query()), [3.0, 3.0]);
}

#[test]
fn a_failing_neuron_is_excluded_everywhere_or_stops_the_run() {
    let build = |response| -> Vec<Box<dyn Simulator>> {
        let mut cells = Cells::new(2, vec![0.0; 2], vec![1.0, 0.1]);
        cells.limit = Some((5.0, response));
        vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])), Box::new(cells)]
    };
    let mut run = orchestrator(build(Response::ExcludeNeuron), &[merge()], 40);
    run.run(&mut ()).unwrap();
    assert_eq!(run.excluded().len(), 1);
    assert_eq!(run.excluded()[0].neuron, 0);
    assert!((run.excluded()[0].time_ms - 6.0 * 0.025).abs() < 1e-12, "{:?}", run.excluded());
    // The other cell is carried on.
    assert!((get(&run, 1, cells_query())[1] - (1.0 + 40.0 * 0.1)).abs() < 1e-12);
    let error = orchestrator(build(Response::AbortSimulation), &[merge()], 40).run(&mut ()).unwrap_err();
    assert!(matches!(&error, RunError::Aborted { failures, .. } if failures[0].neuron == 0), "{error}");
}

#[test]
fn mistakes_are_found_together_before_the_run() {
    let mut misspelt = connection("parts", json!({"var": "levle", "weight": "size"}), "cells", "set_cell", Action::Set);
    misspelt.line = 7;
    let unknown = connection("part", json!({}), "cells", "set_cell", Action::Set);
    let mut units =
        connection("parts", json!({"var": "level", "weight": "size"}), "cells", "set_temperature", Action::Set);
    units.line = 12;
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])), Box::new(Cells::new(1, vec![0.0; 2], vec![0.0; 2]))];
    let connections = [misspelt, unknown, units];
    let error = Plan::new(simulators, &[], &composition(&connections)).err().unwrap();
    let message = error.to_string();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines.len(), 3, "{message}");
    assert_eq!(
        lines[0],
        "test.json:7:0: c.src_get_kwargs.var: parts: get_var: unknown var 'levle' (did you mean 'level'?); available: level, size, heat"
    );
    assert_eq!(
        lines[1],
        "test.json: c.src_simulator: unknown simulator 'part' (did you mean 'parts'?); available: parts, cells"
    );
    assert!(lines[2].contains("cannot become 'K': the units differ in dimension"), "{message}");
}

#[test]
fn merged_means_overwrite_on_request() {
    let start = vec![10.0, 12.0, 11.0, 9.0, 8.0];
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(start, vec![0.0; 5])), Box::new(Cells::new(2, vec![5.0; 2], vec![0.5, -0.5]))];
    let connections = [merge()];
    let composition = Composition { write_back: WriteBackMode::Overwrite, ..composition(&connections) };
    let plan = Plan::new(simulators, &[], &composition).unwrap();
    let grid = TimeGrid { dt_ms: 0.025, steps: 4 };
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run(&mut ()).unwrap();
    let levels = get(&run, 0, parts_query());
    let mean = means(&[10.0, 12.0, 11.0, 9.0, 8.0])[0] + 4.0 * 0.5;
    assert!(levels[..3].iter().all(|level| (level - mean).abs() < 1e-12), "{levels:?}");
}

/// The ADP of the shipped configurations: no number where ATP is 0.
const POLE: &str = "1.0 / vals";

#[test]
fn the_others_go_on_when_a_neuron_is_excluded() {
    let mut cells = Cells::new(2, vec![0.0; 2], vec![1.0, 0.1]);
    cells.limit = Some((5.0, Response::ExcludeNeuron));
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])),
        Box::new(cells),
        Box::new(Cells::named("others", 2, vec![0.0; 2], vec![0.0; 2])),
    ];
    let with_pole = msr_config::Connection {
        transform_expression: Some(POLE.to_owned()),
        ..connection("parts", json!({"var": "level", "weight": "size"}), "others", "set_cell", Action::Set)
    };
    let unreadable = msr_config::Connection {
        transform_expression: Some("vals * 300".to_owned()),
        ..connection("parts", json!({"var": "level", "weight": "size"}), "others", "set_temperature", Action::Set)
    };
    let mut run = orchestrator(simulators, &[merge(), unreadable, with_pole], 40);
    run.run(&mut ()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(run.excluded().len(), 1);
    // The excluded cell keeps what it got last; the other one follows.
    let others = get(&run, 2, cells_query());
    let cells = get(&run, 1, cells_query());
    assert!(others[0].is_finite() && (others[1] * cells[1] - 1.0).abs() < 1e-9, "{others:?} {cells:?}");
}

#[test]
fn units_are_converted_on_the_way_back() {
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])),
        Box::new(Cells::new(1, vec![0.0; 2], vec![0.0; 2]).in_micromolar()),
    ];
    let mut run = orchestrator(simulators, &[merge()], 6);
    run.run(&mut ()).unwrap();
    assert!(get(&run, 0, parts_query()).iter().all(|level| (level - 1.0).abs() < 1e-12));
    assert!(get(&run, 1, cells_query()).iter().all(|level| (level - 1000.0).abs() < 1e-9));
}

#[test]
fn actions_that_make_no_sense_are_refused() {
    let refused = |connection: msr_config::Connection| {
        let simulators: Vec<Box<dyn Simulator>> =
            vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])), Box::new(Cells::new(1, vec![0.0; 2], vec![0.0; 2]))];
        Plan::new(simulators, &[], &Composition::of(&[connection])).err().map(|error| error.to_string())
    };
    let weighted = json!({"var": "level", "weight": "size"});
    let sum = refused(connection("parts", weighted.clone(), "cells", "set_cell", Action::Sum));
    assert!(sum.is_some_and(|message| message.contains("level is a level and cannot be summed into")));
    let merged = refused(connection("parts", weighted, "cells", "add_cell", Action::Merge));
    assert!(merged.is_some_and(|message| message.contains("amount is an amount and cannot be merged")));
    let transformed = refused(msr_config::Connection { transform_expression: Some("vals * 2".to_owned()), ..merge() });
    assert!(transformed.is_some_and(|message| message.contains("cannot be undone")));
    let misspelt =
        refused(connection("parts", json!({"var": "level", "wieght": "size"}), "cells", "set_cell", Action::Set));
    assert!(misspelt.is_some_and(|message| message.contains("no argument 'wieght' (did you mean 'weight'?)")));
}

#[test]
fn a_short_last_window_is_told() {
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])), Box::new(Cells::new(4, vec![0.0; 2], vec![0.0; 2]))];
    let notes = orchestrator(simulators, &[merge()], 10).notes();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].starts_with("cells: the run ends at 0.25 ms, between two of its steps"));
}
