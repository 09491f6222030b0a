//! The promises of [`Simulator`], checked. Call [`check`] from a test of your own simulator:
//!
//! ```text
//! #[test]
//! fn keeps_the_promises() {
//!     msr_coupling::conformance::check(&|| Box::new(MySimulator::new(/* ... */))).unwrap();
//! }
//! ```

use std::fmt;

use msr_config::multiscale::WindowOperator;

use crate::query::Query;
use crate::samples::Samples;
use crate::simulator::{Simulator, SimulatorError, Snapshot};
use crate::space::NEURONS;
use crate::space_graph::SpaceGraph;
use crate::variable::Access;

/// Promises that were not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations(pub Vec<Violation>);

/// One promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The promise.
    pub promise: &'static str,
    /// What happened instead.
    pub found: String,
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.0 {
            writeln!(f, "{}: {}", violation.promise, violation.found)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// Number of own steps that the suite advances by.
const STEPS: u64 = 6;

/// Builds the simulator several times and checks every promise. `build` must give equal simulators.
///
/// # Errors
/// [`Violations`] that lists every promise not kept.
pub fn check(build: &(dyn Fn() -> Box<dyn Simulator> + Sync)) -> Result<(), Violations> {
    let mut suite = Suite { build, violations: Vec::new() };
    suite.clock();
    suite.variables();
    suite.refusals();
    suite.split_advance();
    suite.samples();
    suite.snapshots();
    suite.exclusions();
    suite.threads();
    if suite.violations.is_empty() { Ok(()) } else { Err(Violations(suite.violations)) }
}

struct Suite<'a> {
    build: &'a (dyn Fn() -> Box<dyn Simulator> + Sync),
    violations: Vec<Violation>,
}

/// Everything that can be seen of a simulator, as bits.
#[derive(PartialEq)]
struct View {
    values: Vec<(String, Vec<u64>)>,
    snapshot: Snapshot,
}

impl Suite<'_> {
    fn expect(&mut self, kept: bool, promise: &'static str, found: impl Into<String>) {
        if !kept {
            self.violations.push(Violation { promise, found: found.into() });
        }
    }

    fn view(&mut self, simulator: &dyn Simulator) -> Option<View> {
        let snapshot = match simulator.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => {
                self.expect(false, "snapshot succeeds", error.to_string());
                return None;
            }
        };
        let mut values = Vec::new();
        let mut read = Vec::new();
        for variable in simulator.variables() {
            if let Some(query) = &variable.get
                && simulator.get_var(query, &mut read).is_ok()
            {
                values.push((query.to_string(), read.iter().map(|x| x.to_bits()).collect()));
            }
        }
        Some(View { values, snapshot })
    }

    fn same(&mut self, promise: &'static str, left: &dyn Simulator, right: &dyn Simulator) {
        let (Some(left), Some(right)) = (self.view(left), self.view(right)) else { return };
        let differing = left.values.iter().zip(&right.values).find(|(l, r)| l != r).map(|(l, _)| l.0.clone());
        self.expect(differing.is_none(), promise, format!("'{}' differs", differing.clone().unwrap_or_default()));
        if differing.is_none() {
            self.expect(left.snapshot == right.snapshot, promise, "the snapshots differ");
        }
    }

    fn advanced(&mut self, simulator: &mut dyn Simulator, until: u64) {
        if let Err(error) = simulator.advance(until) {
            self.expect(false, "advance succeeds in a fresh simulator", error.to_string());
        }
    }

    fn clock(&mut self) {
        let mut simulator = (self.build)();
        let (ndts, start) = (simulator.ndts(), simulator.idts());
        self.expect(!simulator.name().is_empty(), "a simulator has a name", "the name is empty");
        self.expect(ndts >= 1, "ndts is at least 1", ndts.to_string());
        let own_dt = ndts as f64 * simulator.base_dt_ms();
        self.expect(simulator.dt_ms() == own_dt, "dt = ndts * base dt", format!("{} ms", simulator.dt_ms()));
        let target = start + 2 * ndts;
        self.advanced(&mut *simulator, target);
        self.expect(simulator.idts() == target, "advance lands exactly on its target", simulator.idts().to_string());
        let before = self.view(&*simulator);
        self.expect(simulator.advance(target).is_ok(), "advance to where it stands does nothing", "it fails");
        let backwards = simulator.advance(start);
        self.expect(
            matches!(backwards, Err(SimulatorError::Backwards { .. })),
            "going backwards is an error",
            format!("{backwards:?}"),
        );
        let after = self.view(&*simulator);
        self.expect(before == after, "a refused or empty advance changes nothing", "the state changed");
        if ndts > 1 {
            self.advanced(&mut *simulator, target + 1);
            let landed = simulator.idts();
            self.expect(landed == target + 1, "a shorter last window is reached exactly", landed.to_string());
        }
    }

    fn variables(&mut self) {
        let simulator = (self.build)();
        let spaces = simulator.spaces();
        let mut graph = SpaceGraph::default();
        for space in spaces.clone() {
            if let Err(error) = graph.add_space(space) {
                self.expect(false, "spaces are well-formed", error.to_string());
            }
        }
        match simulator.mappings(&spaces) {
            Ok(mappings) => {
                for mapping in mappings {
                    if let Err(error) = graph.add_mapping(mapping) {
                        self.expect(false, "mappings are fractions between spaces", error.to_string());
                    }
                }
            }
            Err(error) => self.expect(false, "mappings between its own spaces can be made", error.to_string()),
        }
        let before = self.view(&*simulator);
        let mut values = Vec::new();
        for variable in simulator.variables().to_vec() {
            let name = &variable.name;
            self.expect(variable.get.is_some() || variable.set.is_some(), "a variable is readable or writable", name);
            for (query, access) in [(&variable.get, Access::Get), (&variable.set, Access::Set)] {
                let Some(query) = query else { continue };
                match simulator.resolve(query, access) {
                    Ok(port) => {
                        let space = &variable.space;
                        self.expect(port.space == *space, "a query resolves to its variable", format!("{query}"));
                    }
                    Err(error) => self.expect(false, "a declared query resolves", format!("{query}: {error}")),
                }
            }
            let Some(query) = &variable.get else { continue };
            if let Err(error) = simulator.get_var(query, &mut values) {
                self.expect(false, "a declared getter works", format!("{query}: {error}"));
                continue;
            }
            if let Some(space) = spaces.iter().find(|space| space.name == variable.space) {
                let found = format!("{query}: {} for {}", values.len(), space.len());
                self.expect(values.len() == space.len(), "a getter gives one value an element", found);
            }
            let bad = values.iter().position(|x| !x.is_finite());
            self.expect(bad.is_none(), "values are finite", format!("{query}: element {bad:?}"));
        }
        let after = self.view(&*simulator);
        self.expect(before == after, "get_var has no side effect", "the state changed");
    }

    fn refusals(&mut self) {
        let mut simulator = (self.build)();
        let before = self.view(&*simulator);
        let unknown = Query::new("no_such_function");
        self.expect(simulator.resolve(&unknown, Access::Get).is_err(), "unknown getters are refused", "resolved");
        self.expect(simulator.resolve(&unknown, Access::Set).is_err(), "unknown setters are refused", "resolved");
        self.expect(simulator.get_var(&unknown, &mut Vec::new()).is_err(), "unknown getters are refused", "read");
        self.expect(simulator.set_var(&unknown, &[]).is_err(), "unknown setters are refused", "written");
        let mut values = Vec::new();
        for variable in simulator.variables().to_vec() {
            let (Some(get), Some(set)) = (&variable.get, &variable.set) else { continue };
            if simulator.get_var(get, &mut values).is_err() || values.is_empty() {
                continue;
            }
            let longer: Vec<f64> = values.iter().copied().chain([0.0]).collect();
            self.expect(
                simulator.set_var(set, &longer).is_err(),
                "a wrong number of values is refused",
                format!("{set}"),
            );
            let mut damaged = values.clone();
            *damaged.last_mut().expect("there are values") = f64::NAN;
            self.expect(
                simulator.set_var(set, &damaged).is_err(),
                "values that are no numbers are refused",
                format!("{set}"),
            );
        }
        if let Err(error) = simulator.exclude(&[u64::MAX]) {
            self.expect(false, "excluding a neuron that it does not know is no error", error.to_string());
        }
        let after = self.view(&*simulator);
        self.expect(before == after, "a refused call changes nothing", "the state changed");
    }

    fn split_advance(&mut self) {
        let (mut whole, mut split) = ((self.build)(), (self.build)());
        let (start, ndts) = (whole.idts(), whole.ndts());
        self.advanced(&mut *whole, start + STEPS * ndts);
        for step in 1..=STEPS {
            self.advanced(&mut *split, start + step * ndts);
        }
        self.same("splitting an advance gives the same bits", &*whole, &*split);
    }

    fn samples(&mut self) {
        let (mut sampled, mut stepped) = ((self.build)(), (self.build)());
        let (start, ndts) = (sampled.idts(), sampled.ndts());
        let operators = [WindowOperator::Mean, WindowOperator::Minimum];
        let mut values = Vec::new();
        let mut expected = Vec::new();
        for query in sampled.variables().iter().filter_map(|variable| variable.get.clone()) {
            if sampled.get_var(&query, &mut values).is_ok() {
                expected.extend(operators.map(|operator| Samples::new(query.clone(), operator, values.len())));
            }
        }
        let mut found = expected.clone();
        if let Err(error) = sampled.advance_sampled(start + STEPS * ndts, &mut found) {
            return self.expect(false, "advance succeeds in a fresh simulator", error.to_string());
        }
        for step in 1..=STEPS {
            self.advanced(&mut *stepped, start + step * ndts);
            for samples in &mut expected {
                if stepped.get_var(samples.query(), &mut values).is_ok() {
                    samples.add(&values, ndts);
                }
            }
        }
        let differing = expected.iter().zip(&found).find(|(expected, found)| expected != found);
        let differing = differing.map(|(expected, _)| format!("'{}' differs", expected.query())).unwrap_or_default();
        self.expect(differing.is_empty(), "samples are what can be read after each step", differing.clone());
        self.same("sampling changes nothing", &*sampled, &*stepped);
    }

    fn snapshots(&mut self) {
        let (mut original, mut restored) = ((self.build)(), (self.build)());
        let (start, ndts) = (original.idts(), original.ndts());
        self.advanced(&mut *original, start + STEPS / 2 * ndts);
        let snapshot = match original.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => return self.expect(false, "snapshot succeeds", error.to_string()),
        };
        if let Err(error) = restored.restore(&snapshot) {
            return self.expect(false, "restore takes its own snapshot", error.to_string());
        }
        self.expect(restored.idts() == original.idts(), "restore sets the clock", restored.idts().to_string());
        self.advanced(&mut *original, start + STEPS * ndts);
        self.advanced(&mut *restored, start + STEPS * ndts);
        self.same("snapshot, restore, advance gives the same bits as advance", &*original, &*restored);

        let before = self.view(&*restored);
        let foreign = Snapshot { simulator: "another simulator".to_owned(), bytes: snapshot.bytes.clone() };
        self.expect(restored.restore(&foreign).is_err(), "another simulator's snapshot is refused", "it was taken");
        let cut = Snapshot {
            simulator: snapshot.simulator.clone(),
            bytes: snapshot.bytes[..snapshot.bytes.len() / 2].to_vec(),
        };
        self.expect(restored.restore(&cut).is_err(), "a damaged snapshot is refused", "it was taken");
        let after = self.view(&*restored);
        self.expect(before == after, "a refused snapshot changes nothing", "the state changed");
    }

    fn exclusions(&mut self) {
        let mut simulator = (self.build)();
        let spaces = simulator.spaces();
        let Some(&neuron) = spaces.iter().find(|space| space.name == NEURONS).and_then(|space| space.ids.first())
        else {
            return;
        };
        let target = simulator.idts() + simulator.ndts();
        self.advanced(&mut *simulator, target);
        if let Err(error) = simulator.exclude(&[neuron]) {
            return self.expect(false, "a neuron can be excluded", error.to_string());
        }
        let once = self.view(&*simulator);
        let again = simulator.exclude(&[neuron]);
        self.expect(again.is_ok(), "excluding a neuron twice is no error", format!("{again:?}"));
        let twice = self.view(&*simulator);
        self.expect(once == twice, "excluding a neuron twice is excluding it once", "the state changed");
        let mut restored = (self.build)();
        let snapshot = simulator.snapshot();
        self.expect(
            snapshot.is_ok_and(|snapshot| restored.restore(&snapshot).is_ok()),
            "restore takes the snapshot of a simulator without some neurons",
            "it was refused",
        );
        let target = target + simulator.ndts();
        self.advanced(&mut *simulator, target);
        self.advanced(&mut *restored, target);
        self.same("snapshot, restore, advance gives the same bits without some neurons, too", &*simulator, &*restored);
    }

    fn threads(&mut self) {
        let mut runs = Vec::new();
        for threads in [1, 2] {
            let pool = match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
                Ok(pool) => pool,
                Err(error) => return self.expect(false, "threads can be started", error.to_string()),
            };
            let build = self.build;
            // Built there too, since a simulator may share its work out when it is built.
            let (simulator, outcome) = pool.install(|| {
                let mut simulator = build();
                let until = simulator.idts() + STEPS * simulator.ndts();
                let outcome = simulator.advance(until);
                (simulator, outcome)
            });
            if let Err(error) = outcome {
                self.expect(false, "advance succeeds in a fresh simulator", error.to_string());
            }
            runs.push(simulator);
        }
        self.same("results do not depend on the number of threads", &*runs[0], &*runs[1]);
    }
}
