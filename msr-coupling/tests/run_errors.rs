//! Why runs stop: every variant of the error has a test that names it, here or beside what it is about.

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Connection};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::{Moment, Observer, Orchestrator, Times};
use msr_coupling::{
    Access, Composition, Mapping, NeuronFailure, Plan, Port, Query, QueryError, Response, RunError, Simulator,
    SimulatorError, Snapshot, Space, Variable,
};
use serde_json::json;

use crate::toy::{Cells, Parts, connection};

/// What goes wrong with [`Faulty`] cells.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    /// Every advance fails for a neuron that there is not.
    Unknown,
    /// Every advance fails as a whole.
    Whole,
    /// Cells cannot be read once one was excluded; the first one fails at once.
    Unreadable,
}

struct Faulty {
    cells: Cells,
    fault: Fault,
    is_excluded: bool,
}

impl Faulty {
    fn boxed(fault: Fault) -> Box<dyn Simulator> {
        Box::new(Self { cells: Cells::named("faulty", 1, vec![0.0; 2], vec![0.0; 2]), fault, is_excluded: false })
    }
}

impl Simulator for Faulty {
    fn name(&self) -> &str {
        "faulty"
    }

    fn base_dt_ms(&self) -> f64 {
        self.cells.base_dt_ms()
    }

    fn ndts(&self) -> u64 {
        1
    }

    fn idts(&self) -> u64 {
        self.cells.idts()
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        let neuron = match self.fault {
            Fault::Whole => return Err(SimulatorError::failed("faulty", "the matrix is singular")),
            Fault::Unknown => 77,
            Fault::Unreadable if self.is_excluded => return self.cells.advance(until),
            Fault::Unreadable => 0,
        };
        let failure =
            NeuronFailure { neuron, response: Response::ExcludeNeuron, message: "no step is left".to_owned() };
        Err(SimulatorError::Neurons { simulator: "faulty".to_owned(), failures: vec![failure] })
    }

    fn spaces(&self) -> Vec<Space> {
        Vec::new()
    }

    fn mappings(&self, _spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        Ok(Vec::new())
    }

    fn variables(&self) -> &[Variable] {
        self.cells.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.cells.resolve(query, access)
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        if self.is_excluded {
            return Err(SimulatorError::failed("faulty", "there is nothing left to read"));
        }
        self.cells.get_var(query, values)
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        self.cells.set_var(query, values)
    }

    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        self.is_excluded |= !neurons.is_empty();
        self.cells.exclude(neurons)
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        self.cells.snapshot()
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.cells.restore(snapshot)
    }
}

fn stopped(second: Box<dyn Simulator>, connections: &[Connection], observer: &mut dyn Observer) -> RunError {
    let simulators = vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])) as Box<dyn Simulator>, second];
    let plan = Plan::new(simulators, &[], &Composition::of(connections)).unwrap_or_else(|errors| panic!("{errors}"));
    let grid = TimeGrid { dt_ms: 0.025, steps: 4 };
    Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator)).run(observer).unwrap_err()
}

#[test]
fn a_simulator_that_fails_as_a_whole() {
    let error = stopped(Faulty::boxed(Fault::Whole), &[], &mut ());
    assert!(matches!(error, RunError::Simulator { .. }));
    assert_eq!(error.to_string(), "at 0 ms: faulty: the matrix is singular");
}

#[test]
fn a_simulator_that_fails_for_a_neuron_that_there_is_not() {
    let error = stopped(Faulty::boxed(Fault::Unknown), &[], &mut ());
    assert!(matches!(error, RunError::Stuck { .. }));
    assert_eq!(error.to_string(), "at 0 ms: faulty goes on failing for neurons that are excluded or unknown");
}

#[test]
fn a_connection_that_cannot_be_made_without_those_who_left() {
    let mut from = connection("faulty", json!({}), "parts", "set_var", Action::Set);
    from.src_get.function = "get_cell".to_owned();
    from.dest_set.kwargs = json!({"var": "level"}).as_object().cloned().unwrap();
    let error = stopped(Faulty::boxed(Fault::Unreadable), &[from], &mut ());
    assert!(matches!(error, RunError::Connection { .. }));
    assert_eq!(
        error.to_string(),
        "at 0 ms, after neurons were excluded: c.src_get_func: faulty: there is nothing left to read"
    );
}

#[test]
fn nobody_is_left() {
    let mut cells = Cells::new(1, vec![0.0; 2], vec![3.0, 4.0]);
    cells.limit = Some((5.0, Response::ExcludeNeuron));
    let error = stopped(Box::new(cells), &[], &mut ());
    assert!(matches!(error, RunError::NoneLeft { .. }));
    assert_eq!(error.to_string(), "at 0.1 ms: no neuron is left; the last: neuron 1: 16 > 5");
}

struct Blind;

impl Observer for Blind {
    fn look(
        &mut self,
        _moment: Moment,
        _idts: u64,
        _simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err("the disk is full".into())
    }
}

#[test]
fn an_observer_that_fails() {
    let error = stopped(Box::new(Cells::new(1, vec![0.0; 2], vec![0.0; 2])), &[], &mut Blind);
    assert!(matches!(error, RunError::Observer { .. }));
    assert_eq!(error.to_string(), "at 0 ms: the disk is full");
}

#[test]
fn every_reason_has_a_test() {
    let tests = [
        include_str!("run_errors.rs"),
        include_str!("bounds.rs"),
        include_str!("iteration.rs"),
        include_str!("ledger.rs"),
        include_str!("orchestrator.rs"),
    ];
    let source = include_str!("../src/orchestrator/error.rs");
    let body = source.split_once("pub enum RunError {").and_then(|(_, rest)| rest.split_once("\n}")).unwrap().0;
    let variants: Vec<&str> = body
        .lines()
        .filter_map(|line| line.strip_prefix("    ").filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase())))
        .map(|line| line.trim_end_matches(" {"))
        .collect();
    assert!(variants.len() > 9, "{variants:?}");
    for variant in variants {
        let name = format!("RunError::{variant} ");
        assert!(tests.iter().any(|text| text.contains(&name)), "no test names {name}");
    }
}
