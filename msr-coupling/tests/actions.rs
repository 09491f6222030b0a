//! The laws of the actions, for any sequence of what simulators do.

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Connection, WriteBackMode};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::{Moment, Observer, Orchestrator, Times};
use msr_coupling::{Composition, Plan, Query, Simulator};
use proptest::prelude::*;
use serde_json::json;

use crate::toy::{Cells, Parts, connection, merge, part_sizes};

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Changes the levels of parts and cells between exchanges, by a script: amounts that are made in each part and cell.
struct Script {
    parts: Vec<[f64; 5]>,
    cells: Vec<[f64; 2]>,
    window: usize,
}

impl Observer for Script {
    fn look(&mut self, moment: Moment, _idts: u64, simulators: &mut [Box<dyn Simulator>], _times: &Times) -> Outcome {
        if moment == Moment::Advanced {
            let mut values = Vec::new();
            let parts = Query::new("get_var").with("var", "level");
            simulators[0].get_var(&parts, &mut values)?;
            values.iter_mut().zip(&self.parts[self.window]).for_each(|(value, change)| *value += change);
            simulators[0].set_var(&Query::new("set_var").with("var", "level"), &values)?;
            simulators[1].get_var(&Query::new("get_cell"), &mut values)?;
            values.iter_mut().zip(&self.cells[self.window]).for_each(|(value, change)| *value += change);
            simulators[1].set_var(&Query::new("set_cell"), &values)?;
            self.window += 1;
        }
        Ok(())
    }
}

fn still(levels: [f64; 5]) -> Vec<Box<dyn Simulator>> {
    vec![Box::new(Parts::new(levels.to_vec(), vec![0.0; 5])), Box::new(Cells::new(1, vec![0.0; 2], vec![0.0; 2]))]
}

fn run(simulators: Vec<Box<dyn Simulator>>, composition: &Composition<'_>, script: &mut Script) -> Orchestrator {
    let plan = Plan::new(simulators, &[], composition).unwrap_or_else(|errors| panic!("{errors}"));
    let grid = TimeGrid { dt_ms: 0.025, steps: script.parts.len() as u64 };
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run(script).unwrap_or_else(|error| panic!("{error}"));
    run
}

fn quiet(windows: usize) -> Script {
    Script { parts: vec![[0.0; 5]; windows], cells: vec![[0.0; 2]; windows], window: 0 }
}

fn levels(run: &Orchestrator) -> (Vec<f64>, Vec<f64>) {
    let (mut parts, mut cells) = (Vec::new(), Vec::new());
    run.simulators()[0].get_var(&Query::new("get_var").with("var", "level"), &mut parts).unwrap();
    run.simulators()[1].get_var(&Query::new("get_cell"), &mut cells).unwrap();
    (parts, cells)
}

fn means(levels: &[f64]) -> [f64; 2] {
    let sizes = part_sizes();
    [0..3, 3..5].map(|parts: std::ops::Range<usize>| {
        let amount: f64 = parts.clone().map(|part| levels[part] * sizes[part]).sum();
        amount / sizes[parts].iter().sum::<f64>()
    })
}

fn transformed(action: Action, set: &str, expression: &str) -> Connection {
    Connection {
        transform_expression: Some(expression.to_owned()),
        ..connection("parts", json!({"var": "level", "weight": "size"}), "cells", set, action)
    }
}

proptest! {
    /// The pool changes by exactly what both sides made and used, whatever they did when; nothing is lost, nothing is
    /// counted twice, and differences inside a cell stay as its parts made them.
    #[test]
    fn a_merged_pool_changes_by_the_sum_of_all_changes(
        start in prop::array::uniform5(20.0f64..30.0),
        parts in prop::collection::vec(prop::array::uniform5(-0.5f64..0.5), 1..12),
        cells_seed in prop::collection::vec(prop::array::uniform2(-0.5f64..0.5), 12),
        overwrite in any::<bool>(),
    ) {
        let cells = cells_seed[..parts.len()].to_vec();
        let connections = [merge()];
        let write_back = if overwrite { WriteBackMode::Overwrite } else { WriteBackMode::Shift };
        let composition = Composition { write_back, ..Composition::of(&connections) };
        let mut script = Script { parts: parts.clone(), cells: cells.clone(), window: 0 };
        let run = run(still(start), &composition, &mut script);
        let (found_parts, found_cells) = levels(&run);
        let mut expected = means(&start);
        for (parts, cells) in parts.iter().zip(&cells) {
            for (cell, expected) in expected.iter_mut().enumerate() {
                *expected += means(parts)[cell] + cells[cell];
            }
        }
        for cell in 0..2 {
            prop_assert!((found_cells[cell] - expected[cell]).abs() < 1e-12 * 30.0, "{:?} {:?}", found_cells, expected);
            prop_assert!((means(&found_parts)[cell] - expected[cell]).abs() < 1e-12 * 30.0);
        }
        // A part lies as far from the first of its cell as its own changes took it, or, overwritten, nowhere else.
        for (part, first) in [(1, 0), (2, 0), (4, 3)] {
            let own: f64 = parts.iter().map(|changes| changes[part] - changes[first]).sum();
            let apart = if overwrite { 0.0 } else { start[part] - start[first] + own };
            prop_assert!((found_parts[part] - found_parts[first] - apart).abs() < 1e-12 * 30.0, "{:?}", found_parts);
        }
    }

    /// Two merges into the same pool, of two sources, keep both sources' changes.
    #[test]
    fn a_merge_of_several_writers_loses_no_change(
        made in prop::collection::vec(prop::array::uniform2(-0.5f64..0.5), 1..10),
        rate in -0.3f64..0.3,
    ) {
        let mut second = merge();
        second.src_simulator = "others".to_owned();
        second.src_get = msr_config::multiscale::Call { function: "get_cell".to_owned(), kwargs: Default::default() };
        second.src_set = Some(msr_config::multiscale::Call { function: "set_cell".to_owned(), kwargs: Default::default() });
        let simulators = |rate: f64| -> Vec<Box<dyn Simulator>> {
            let mut simulators = still([20.0; 5]);
            simulators.push(Box::new(Cells::named("others", 1, vec![20.0; 2], vec![rate; 2])));
            simulators
        };
        let connections = [merge(), second];
        let mut script = Script { parts: vec![[0.0; 5]; made.len()], cells: made.clone(), window: 0 };
        let run = run(simulators(rate), &Composition::of(&connections), &mut script);
        let (parts, cells) = levels(&run);
        let mut others = Vec::new();
        run.simulators()[2].get_var(&Query::new("get_cell"), &mut others).unwrap();
        for cell in 0..2 {
            let expected = 20.0 + made.iter().map(|made| made[cell]).sum::<f64>() + rate * made.len() as f64;
            prop_assert!((cells[cell] - expected).abs() < 1e-11, "{:?} {}", cells, expected);
            prop_assert!((others[cell] - expected).abs() < 1e-11, "{:?} {}", others, expected);
            // The first merge sees what the second one brought at its next turn.
            let behind = rate;
            prop_assert!((parts[3 * cell] - (expected - behind)).abs() < 1e-11, "{:?} {}", parts, expected);
        }
    }

    /// Sums do not depend on the order of their connections, and every contribution counts once.
    #[test]
    fn sums_commute(
        levels_of in prop::array::uniform5(-4.0f64..4.0),
        factors in prop::collection::vec(-3i32..4, 1..6),
        windows in 1usize..5,
    ) {
        let sum = |order: &[i32]| {
            let connections: Vec<Connection> =
                order.iter().map(|factor| transformed(Action::Sum, "add_cell", &format!("vals * {factor}"))).collect();
            levels(&run(still(levels_of), &Composition::of(&connections), &mut quiet(windows))).1
        };
        let reversed: Vec<i32> = factors.iter().rev().copied().collect();
        let (one, other) = (sum(&factors), sum(&reversed));
        let sizes = part_sizes();
        for (cell, parts) in [0..3, 3..5].into_iter().enumerate() {
            let amount: f64 = parts.map(|part| levels_of[part] * sizes[part]).sum();
            let expected = amount * f64::from(factors.iter().sum::<i32>()) * windows as f64;
            prop_assert!((one[cell] - expected).abs() < 1e-9, "{} {}", one[cell], expected);
            prop_assert!((one[cell] - other[cell]).abs() < 1e-9, "{} {}", one[cell], other[cell]);
        }
    }

    /// Of several sets of the same value the last in the list holds, to the bit, and each overwriting is told.
    #[test]
    fn the_last_set_wins(offsets in prop::collection::vec(-5i32..5, 1..6), level in -2.0f64..2.0) {
        let connections: Vec<Connection> =
            offsets.iter().map(|offset| transformed(Action::Set, "set_cell", &format!("vals + {offset}"))).collect();
        let composition = Composition::of(&connections);
        let plan = Plan::new(still([level; 5]), &[], &composition).unwrap();
        let told = plan.notes.iter().filter(|note| note.contains("the later one wins")).count();
        prop_assert_eq!(told, offsets.len() - 1, "{:?}", plan.notes);
        let all = levels(&run(still([level; 5]), &composition, &mut quiet(2))).1;
        let only_last = Composition::of(&connections[connections.len() - 1..]);
        prop_assert_eq!(all, levels(&run(still([level; 5]), &only_last, &mut quiet(2))).1);
    }

    /// Setting again what was set changes nothing.
    #[test]
    fn a_set_is_at_rest(level in prop::array::uniform5(-2.0f64..2.0), windows in 1usize..6) {
        let connections = [transformed(Action::Set, "set_cell", "vals * 2")];
        let once = levels(&run(still(level), &Composition::of(&connections), &mut quiet(1)));
        prop_assert_eq!(once, levels(&run(still(level), &Composition::of(&connections), &mut quiet(windows))));
    }
}
