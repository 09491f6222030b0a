//! The laws of the actions, checked for connections of simulators of any kind. Call [`check`] from a test of your own
//! simulator, with the connections that you expect of it:
//!
//! ```text
//! #[test]
//! fn its_connections_keep_the_laws() {
//!     let composition = Composition { config: &document, ..Composition::of(&connections) };
//!     msr_coupling::laws::check(vec![Box::new(Neurons::new()), Box::new(MySimulator::new())], &[], &composition).unwrap();
//! }
//! ```
//!
//! The simulators do not advance: what changes between two exchanges is what is written into them. Of each connection by
//! itself, by its action:
//!
//! * `set`: what is written is the source, mapped and in the destination's unit; the destination then has it; setting again
//!   changes nothing;
//! * `sum`: several connections are handed over together, once; in any order they give the same, and each counts once;
//! * `merge`: the first one sets; at rest nothing changes; what both sides changed is added; both ends then agree.
//!
//! Whether a transform computes what it says is not looked at: where there is one, the value that arrives first is taken as it
//! is. A window other than `last` is left out.

mod still;

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Call, Connection, WindowOperator};

use crate::communicator::SerialCommunicator;
use crate::conformance::{Violation, Violations};
use crate::exchange;
use crate::orchestrator::{Orchestrator, RunError};
use crate::plan::{Composition, Geography, Plan, PlanErrors};
use crate::query::Query;
use crate::simulator::{Simulator, SimulatorError, Snapshot};
use crate::space_graph::{SpaceError, SpaceGraph};
use crate::variable::{Access, Port, Quantity};
use still::Observed;

/// Rounding that values on their way may have, relative to the largest of them.
const ROUNDING: f64 = 1e-11;

/// By what levels are multiplied to see whether a merge keeps the change: of its source, and of its destination.
const SOURCE_GROWS: f64 = 1.001;
const DESTINATION_GROWS: f64 = 1.002;

/// Why the laws of a connection could not be tried.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Plan(#[from] PlanErrors),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Space(#[from] SpaceError),
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
}

/// Checks each connection of `composition` by itself. The simulators are in the state in which they were given afterwards.
///
/// # Errors
/// [`Violations`] that lists every law not kept, with the key of the connection, and what could not be tried.
pub fn check(
    simulators: Vec<Box<dyn Simulator>>,
    geographies: &[Box<dyn Geography>],
    composition: &Composition<'_>,
) -> Result<(), Violations> {
    let snapshots = simulators.iter().map(|simulator| simulator.snapshot()).collect::<Result<Vec<_>, _>>();
    let snapshots = snapshots
        .map_err(|error| Violations(vec![Violation { promise: "snapshot succeeds", found: error.to_string() }]))?;
    let observed = simulators.into_iter().map(Observed::new).collect();
    let mut trial = Trial { observed, snapshots, geographies, composition, key: "", violations: Vec::new() };
    for connection in composition.connections {
        trial.key = &connection.key;
        let connection = Connection { window: WindowOperator::Last, ..connection.clone() };
        let outcome = match connection.action {
            Action::Set => trial.set(&connection),
            Action::Sum => trial.sum(&connection),
            Action::Merge => trial.merge(&connection),
        };
        if let Err(trouble) = outcome.and_then(|()| trial.reset()) {
            trial.expect(false, "a connection can be made", || trouble.to_string());
        }
    }
    if trial.violations.is_empty() { Ok(()) } else { Err(Violations(trial.violations)) }
}

struct Trial<'a> {
    observed: Vec<Observed>,
    snapshots: Vec<Snapshot>,
    geographies: &'a [Box<dyn Geography>],
    composition: &'a Composition<'a>,
    /// The connection that is looked at.
    key: &'a str,
    violations: Vec<Violation>,
}

/// One end of a connection.
struct End {
    simulator: usize,
    query: Query,
    port: Port,
}

/// Values at an element that anything reaches.
type Reached = Vec<(usize, f64)>;

impl Trial<'_> {
    fn expect(&mut self, kept: bool, promise: &'static str, found: impl FnOnce() -> String) {
        if !kept {
            self.violations.push(Violation { promise, found: format!("{}: {}", self.key, found()) });
        }
    }

    /// Expects values to be equal but for rounding.
    fn equal(&mut self, promise: &'static str, found: &[f64], expected: &Reached) {
        let largest = expected.iter().fold(0.0, |largest: f64, (_, value)| largest.max(value.abs()));
        let differs = |&&(element, value): &&(usize, f64)| {
            // What is no number is near nothing.
            let near = |found: &f64| (found - value).abs() <= ROUNDING * largest;
            !found.get(element).is_some_and(near)
        };
        let wrong = expected.iter().find(differs);
        self.expect(wrong.is_none(), promise, || {
            let (element, value) = wrong.copied().unwrap_or_default();
            format!("element {element} has {:?} and should have {value}", found.get(element))
        });
    }

    fn reset(&self) -> Result<(), Trouble> {
        for (observed, snapshot) in self.observed.iter().zip(&self.snapshots) {
            let mut watched = observed.lock();
            watched.simulator.restore(snapshot)?;
            watched.written.clear();
        }
        Ok(())
    }

    /// A run of these connections from the state at first, and the base steps from one exchange to the next.
    fn run(&self, connections: &[Connection]) -> Result<(Orchestrator, u64), Trouble> {
        self.reset()?;
        let simulators: Vec<Box<dyn Simulator>> =
            self.observed.iter().map(|observed| -> Box<dyn Simulator> { Box::new(observed.still()) }).collect();
        let dt_ms = simulators.first().map_or(1.0, |simulator| simulator.base_dt_ms());
        let composition = Composition { connections, iterations: &[], ..*self.composition };
        let plan = Plan::new(simulators, self.geographies, &composition)?;
        let ndts = plan.connections().next().map_or(1, |(_, _, ndts)| ndts);
        let grid = TimeGrid { dt_ms, steps: 3 * ndts };
        Ok((Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator)), ndts))
    }

    fn end(&self, simulator: &str, query: Query, access: Access) -> Result<End, Trouble> {
        let is_it = |observed: &Observed| observed.lock().simulator.name() == simulator;
        // A plan has been made of the same connection.
        let position = self.observed.iter().position(is_it).expect("a connection that was planned has its simulators");
        let port = self.observed[position].lock().simulator.resolve(&query, access);
        let port = port.map_err(|error| SimulatorError::query(simulator, error))?;
        Ok(End { simulator: position, query, port })
    }

    fn ends(&self, connection: &Connection) -> Result<(End, End), Trouble> {
        let of = |call: &Call| exchange::query(call);
        let source = self.end(&connection.src_simulator, of(&connection.src_get), Access::Get)?;
        let destination = self.end(&connection.dest_simulator, of(&connection.dest_set), Access::Set)?;
        Ok((source, destination))
    }

    /// How what a connection sets can be read, if it can.
    fn holds(&self, connection: &Connection, destination: &End) -> Result<Option<End>, Trouble> {
        let read_back = destination.port.read_back.clone().filter(|_| destination.port.variables.len() == 1);
        let query = connection.dest_get.as_ref().map(exchange::query).or(read_back);
        query.map(|query| self.end(&connection.dest_simulator, query, Access::Get)).transpose()
    }

    fn read(&self, end: &End, query: &Query) -> Result<Vec<f64>, Trouble> {
        let mut values = Vec::new();
        self.observed[end.simulator].lock().simulator.get_var(query, &mut values)?;
        Ok(values)
    }

    /// What the values of `from` are at the elements of `to` that they reach: sums of amounts, means of levels.
    fn carried(&self, spaces: &SpaceGraph, from: &End, to: &Port) -> Result<Reached, Trouble> {
        let operator = spaces.operator(&from.port.space, &to.space, from.port.quantity)?;
        let applied = |values: &[f64]| {
            let mut carried = vec![0.0; operator.rows()];
            operator.apply(values, &mut carried);
            carried
        };
        let mut carried = applied(&self.read(from, &from.query)?);
        let mut unit = from.port.unit.clone();
        if let Some(weights) = from.port.weights.as_ref().filter(|_| to.quantity == Quantity::Intensive) {
            let sums = applied(&self.read(from, weights)?);
            for (value, sum) in carried.iter_mut().zip(sums) {
                *value = if sum > 0.0 { *value / sum } else { 0.0 };
            }
            let watched = self.observed[from.simulator].lock();
            let port = watched.simulator.resolve(weights, Access::Get);
            unit = unit.over(&port.map_err(|error| SimulatorError::query(watched.simulator.name(), error))?.unit);
        }
        let factor = unit.factor_to(&to.unit).unwrap_or(f64::NAN);
        let reached = carried.into_iter().zip(operator.covered()).enumerate().filter(|(_, (_, covered))| *covered);
        Ok(reached.map(|(element, (value, _))| (element, value * factor)).collect())
    }

    /// What was written last by a setter, and how often it was.
    fn written(&self, end: &End) -> (Vec<f64>, usize) {
        let watched = self.observed[end.simulator].lock();
        let calls = watched.written.iter().filter(|(query, _)| *query == end.query);
        (calls.clone().next_back().map(|(_, values)| values.clone()).unwrap_or_default(), calls.count())
    }

    /// The first exchange of a `set` or `merge`. Gives what the destination holds then, where that can be read.
    fn first(&mut self, run: &mut Orchestrator, connection: &Connection) -> Result<Option<(End, Vec<f64>)>, Trouble> {
        let (source, destination) = self.ends(connection)?;
        let expected = self.carried(run.spaces(), &source, &destination.port);
        run.run_until(0, &mut ())?;
        let (handed, count) = self.written(&destination);
        self.expect(count > 0, "a connection is made at the start", || "nothing was written".to_owned());
        if connection.transform_expression.is_none() {
            self.equal("what is set is the mapped source", &handed, &expected?);
        }
        let Some(holds) = self.holds(connection, &destination)? else { return Ok(None) };
        let held = self.read(&holds, &holds.query)?;
        if holds.port.space == destination.port.space && holds.port.quantity == destination.port.quantity {
            let factor = destination.port.unit.factor_to(&holds.port.unit).unwrap_or(f64::NAN);
            let handed = handed.iter().map(|value| value * factor).enumerate().collect();
            self.equal("the destination has what was set", &held, &handed);
        }
        Ok(Some((holds, held)))
    }

    fn set(&mut self, connection: &Connection) -> Result<(), Trouble> {
        let (mut run, ndts) = self.run(std::slice::from_ref(connection))?;
        let held = self.first(&mut run, connection)?;
        run.run_until(ndts, &mut ())?;
        if let Some((holds, held)) = held {
            let again = self.read(&holds, &holds.query)?;
            self.equal("setting again changes nothing", &again, &held.into_iter().enumerate().collect());
        }
        Ok(())
    }

    fn sum(&mut self, connection: &Connection) -> Result<(), Trouble> {
        let (_, destination) = self.ends(connection)?;
        let handed = |trial: &mut Self, factors: &[f64]| -> Result<Vec<f64>, Trouble> {
            let text = connection.transform_expression.as_deref().unwrap_or("vals");
            // A factor that is written hides the unit, so that all are taken alike.
            let scaled = |factor: &f64| Connection {
                transform_expression: Some(format!("({text}) * {factor}")),
                ..connection.clone()
            };
            let connections: Vec<Connection> = factors.iter().map(scaled).collect();
            let (mut run, ndts) = trial.run(&connections)?;
            run.run_until(ndts, &mut ())?;
            let (values, count) = trial.written(&destination);
            trial.expect(count == 1, "contributions are handed over together", || format!("{count} times"));
            Ok(values)
        };
        let whole: Reached = handed(self, &[6.0])?.into_iter().enumerate().collect();
        for factors in [[1.0, 2.0, 3.0], [3.0, 1.0, 2.0], [2.0, 3.0, 1.0]] {
            let parts = handed(self, &factors)?;
            self.equal("in any order every contribution counts once", &parts, &whole);
        }
        Ok(())
    }

    fn merge(&mut self, connection: &Connection) -> Result<(), Trouble> {
        let (mut run, ndts) = self.run(std::slice::from_ref(connection))?;
        let (source, destination) = self.ends(connection)?;
        // Without one, the plan is refused.
        let Some((holds, held)) = self.first(&mut run, connection)? else { return Ok(()) };
        let values = self.read(&source, &source.query)?;
        run.run_until(ndts, &mut ())?;
        let again = self.read(&holds, &holds.query)?;
        self.equal("at rest a merge changes nothing", &again, &held.into_iter().enumerate().collect());
        let again = self.read(&source, &source.query)?;
        self.equal("at rest a merge changes nothing", &again, &values.into_iter().enumerate().collect());

        let previous = self.carried(run.spaces(), &holds, &destination.port)?;
        self.grow(&destination, &holds.query, DESTINATION_GROWS)?;
        let back = connection.src_set.as_ref().map(exchange::query);
        let back = back.map(|query| self.end(&connection.src_simulator, query, Access::Set)).transpose()?;
        if let Some(back) = &back
            && let Some(query) = &back.port.read_back
        {
            self.grow(back, query, SOURCE_GROWS)?;
        }
        let own = self.carried(run.spaces(), &holds, &destination.port)?;
        let theirs = self.carried(run.spaces(), &source, &destination.port);
        run.run_until(2 * ndts, &mut ())?;
        if connection.transform_expression.is_some() {
            return Ok(());
        }
        let theirs = theirs?;
        let at = |values: &Reached, element: usize| {
            values.iter().find(|(other, _)| *other == element).map_or(f64::NAN, |(_, value)| *value)
        };
        let expected: Reached = theirs
            .iter()
            .map(|&(element, theirs)| (element, theirs + at(&own, element) - at(&previous, element)))
            .collect();
        self.equal("a merge adds what both sides changed", &self.written(&destination).0, &expected);
        if back.is_some() {
            let there = self.carried(run.spaces(), &source, &destination.port)?;
            let here = self.carried(run.spaces(), &holds, &destination.port)?;
            let mut values = vec![f64::NAN; self.written(&destination).0.len()];
            here.iter().for_each(|&(element, value)| values[element] = value);
            self.equal("both ends of a merge agree", &values, &there);
        }
        Ok(())
    }

    /// Multiplies what a setter writes.
    fn grow(&self, setter: &End, getter: &Query, factor: f64) -> Result<(), Trouble> {
        let mut values = self.read(setter, getter)?;
        values.iter_mut().for_each(|value| *value *= factor);
        Ok(self.observed[setter.simulator].lock().simulator.set_var(&setter.query, &values)?)
    }
}
