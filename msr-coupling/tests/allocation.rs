//! Once a run has begun, connections need no more memory.

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Call, Connection, WindowOperator, WriteBackMode};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::Orchestrator;
use msr_coupling::{Composition, Plan, Simulator};

use crate::plain::{Plain, connection};

/// Allocations of windows 3 to 10 of a run.
fn allocations(connection: Connection) -> u64 {
    allocations_writing_back(connection, WriteBackMode::Shift)
}

fn allocations_writing_back(connection: Connection, write_back: WriteBackMode) -> u64 {
    let simulators: Vec<Box<dyn Simulator>> = vec![Box::new(Plain::parts(1000, 100)), Box::new(Plain::cells(100))];
    let connections = [connection];
    let composition = Composition { write_back, ..Composition::of(&connections) };
    let plan = Plan::new(simulators, &[], &composition).unwrap_or_else(|errors| panic!("{errors}"));
    let grid = TimeGrid { dt_ms: 0.025, steps: 100 };
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run_until(2, &mut ()).unwrap_or_else(|error| panic!("{error}"));
    // A call of `run_until` itself makes its list of periods.
    let mut of = |until: u64| {
        let counted = allocation_counter::measure(|| {
            run.run_until(until, &mut ()).unwrap_or_else(|error| panic!("{error}"));
        });
        counted.count_total
    };
    let (one_window, nine_windows) = (of(3), of(12));
    nine_windows - one_window
}

#[test]
fn no_connection_allocates() {
    let expression = Some("np.where(vals > np.mean(vals), vals, 0.5 * vals) + abs(vals) ** 2 / (1 + np.std(vals))");
    let matrix = Some("nXnsegMatBool @ (vals * 2 - vals / 3)");
    for (what, connection) in [
        ("a weighted mean", connection("amount", "set_level", Action::Set, None)),
        ("a transformed mean", connection("amount", "set_level", Action::Set, expression)),
        ("a transformed level", connection("level", "set_level", Action::Set, expression)),
        ("a level by a matrix", connection("level", "set_level", Action::Set, matrix)),
        ("a sum", connection("amount", "add_amount", Action::Sum, Some("vals * 1e-8"))),
    ] {
        assert_eq!(allocations(connection), 0, "{what}");
    }
}

#[test]
fn no_merge_allocates() {
    let back = Call { function: "set_level".to_owned(), kwargs: Default::default() };
    let merge = Connection { src_set: Some(back), ..connection("amount", "set_level", Action::Merge, None) };
    for mode in [WriteBackMode::Shift, WriteBackMode::Overwrite] {
        assert_eq!(allocations_writing_back(merge.clone(), mode), 0, "{mode:?}");
    }
}

#[test]
fn an_advance_that_is_sampled_allocates_what_it_reads_into_and_no_more() {
    for window in [WindowOperator::Mean, WindowOperator::Maximum] {
        let connection = Connection { window, ..connection("amount", "add_amount", Action::Sum, None) };
        assert_eq!(allocations(connection), 8, "one for each of eight windows");
    }
}
