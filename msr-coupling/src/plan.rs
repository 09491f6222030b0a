//! From simulators and connections to something that can run, with every mistake found before it does.

mod error;
mod joined;

use std::collections::BTreeSet;
use std::path::Path;

use msr_config::multiscale::{Action, Connection, Iteration, WriteBackMode};
use msr_config::{Places, Problem, TimeGrid};
use serde_json::Value;

use crate::exchange::{ConnectionOutline, Exchange, Surroundings};
use crate::feedback;
use crate::iteration::Group;
use crate::mapping_cache::{MappingCache, MappingInputs, MappingRecord};
use crate::schedule::Schedule;
use crate::simulator::{Simulator, SimulatorError};
use crate::space::{Mapping, Space};
use crate::space_graph::SpaceGraph;
use crate::timing;
use joined::Joined;

pub use error::{PlanError, PlanErrors, PlanPlace};

/// Something that brings a space and mappings to it without being advanced, such as a mesh between two simulators.
pub trait Geography: Send {
    /// Its spaces.
    fn spaces(&self) -> Vec<Space>;

    /// Mappings from others' `spaces` to its own.
    ///
    /// # Errors
    /// [`SimulatorError::Failed`] where geometry does not fit.
    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError>;

    /// As [`Simulator::mapping_inputs`].
    fn mapping_inputs(&self) -> Option<MappingInputs> {
        None
    }
}

/// Simulators, their spaces and compiled connections.
pub struct Plan {
    pub(crate) simulators: Vec<Box<dyn Simulator>>,
    pub(crate) spaces: SpaceGraph,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) surroundings: Surroundings,
    /// Simulators that repeat their windows until they agree.
    pub(crate) groups: Vec<Group>,
    /// Where mappings came from that are worth being kept on disk.
    mapping_records: Vec<MappingRecord>,
    /// What a user should know and what stops nothing.
    pub notes: Vec<String>,
}

/// How simulators are joined.
#[derive(Clone, Copy)]
pub struct Composition<'a> {
    /// The connections, in the order in which they are made.
    pub connections: &'a [Connection],
    /// Groups of simulators that repeat their windows until they agree.
    pub iterations: &'a [Iteration],
    /// Whether there is a simulator of this name that does not take part: connections with it are left out.
    pub is_known: &'a dyn Fn(&str) -> bool,
    /// What transform expressions read as `config`.
    pub config: &'a Value,
    /// The file that the connections are from, for messages.
    pub file: &'a Path,
    /// Where each key of it stands, for messages; without them, connections and iterations say where they stand.
    pub places: Option<&'a Places>,
    /// How averages are written back into their parts.
    pub write_back: WriteBackMode,
    /// Where mappings are kept from run to run, if anywhere.
    pub mapping_cache: Option<&'a MappingCache>,
}

impl<'a> Composition<'a> {
    /// These connections and nothing else.
    pub fn of(connections: &'a [Connection]) -> Self {
        Self {
            connections,
            iterations: &[],
            is_known: &|_| false,
            config: &Value::Null,
            file: Path::new(""),
            places: None,
            write_back: WriteBackMode::default(),
            mapping_cache: None,
        }
    }

    /// Where a key stands; where that is not known, what it belongs to does at `line` and `column`.
    fn place(&self, key: &str, line: usize, column: usize) -> PlanPlace {
        match self.places.map(|places| places.problem(key, "")) {
            Some(Problem { file, line, column, key, .. }) => PlanPlace { file, line, column, key },
            None => PlanPlace { file: self.file.to_owned(), line, column, key: key.to_owned() },
        }
    }
}

impl Plan {
    /// Joins spaces and compiles every connection whose two simulators are there. A connection with a simulator that
    /// is known but does not take part is left out, with a note.
    ///
    /// # Errors
    /// [`PlanErrors`] with every mistake found.
    pub fn new(
        simulators: Vec<Box<dyn Simulator>>,
        geographies: &[Box<dyn Geography>],
        composition: &Composition<'_>,
    ) -> Result<Self, PlanErrors> {
        let Composition { connections, is_known, config, write_back, .. } = *composition;
        let mut errors = clock_errors(&simulators);
        let joined =
            if errors.is_empty() { Joined::of(&simulators, geographies, composition) } else { Ok(Joined::default()) };
        let Joined { spaces, records, notes } = joined.unwrap_or_else(|error| {
            errors.push(error);
            Joined::default()
        });
        let surroundings = Surroundings { config: config.clone(), write_back };
        let mut plan = Self {
            simulators,
            spaces,
            exchanges: Vec::new(),
            surroundings,
            groups: Vec::new(),
            mapping_records: records,
            notes,
        };
        if errors.is_empty() {
            for connection in connections {
                let here = |name: &str| plan.simulators.iter().any(|simulator| simulator.name() == name);
                let left_out = [&connection.src_simulator, &connection.dest_simulator]
                    .into_iter()
                    .find(|name| !here(name) && is_known(name));
                if let Some(name) = left_out {
                    plan.notes.push(format!("{}: left out, '{name}' does not take part in this run", connection.key));
                    continue;
                }
                match Exchange::compile(connection, &plan.simulators, &plan.spaces, &plan.surroundings) {
                    Ok(exchange) => plan.exchanges.push(exchange),
                    Err(source) => errors.push(PlanError::Connection {
                        place: composition.place(&source.key_in(&connection.key), connection.line, connection.column),
                        source: Box::new(source),
                    }),
                }
            }
        }
        if errors.is_empty() {
            errors = plan.add_groups(composition);
        }
        if !errors.is_empty() {
            return Err(PlanErrors { file: composition.file.to_owned(), errors });
        }
        plan.note_overwriting();
        plan.note_uncovered();
        plan.note_unconverted();
        plan.notes.extend(feedback::notes(&plan.simulators, &plan.exchanges, &plan.groups));
        Ok(plan)
    }

    /// Adds the groups that iterate; those with a simulator that does not take part are left out, with a note.
    fn add_groups(&mut self, composition: &Composition<'_>) -> Vec<PlanError> {
        let Composition { iterations, is_known, .. } = *composition;
        let mut errors = Vec::new();
        let mut taken = BTreeSet::new();
        for iteration in iterations {
            let here = |name: &str| self.simulators.iter().any(|simulator| simulator.name() == name);
            if let Some(name) = iteration.simulators.iter().find(|name| !here(name) && is_known(name)) {
                self.notes.push(format!("{}: left out, '{name}' does not take part in this run", iteration.key));
                continue;
            }
            match Group::compile(iteration, &self.simulators, &self.exchanges, &taken) {
                Ok(group) => {
                    taken.extend(&group.members);
                    self.groups.push(group);
                }
                Err(source) => {
                    let entry = source.entry().map(|entry| format!(".{entry}")).unwrap_or_default();
                    let key = format!("{}{entry}", iteration.key);
                    let place = composition.place(&key, iteration.line, iteration.column);
                    errors.push(PlanError::Iteration { place, source: Box::new(source) });
                }
            }
        }
        errors
    }

    /// The simulators.
    pub fn simulators(&self) -> &[Box<dyn Simulator>] {
        &self.simulators
    }

    /// All spaces and mappings.
    pub fn spaces(&self) -> &SpaceGraph {
        &self.spaces
    }

    /// Where mappings came from that are worth being kept on disk, and how long that took.
    pub fn mapping_records(&self) -> &[MappingRecord] {
        &self.mapping_records
    }

    /// The connections that will be made: the connection, its spaces, and the base steps between two exchanges.
    pub fn connections(&self) -> impl Iterator<Item = (&Connection, (&str, &str), u64)> {
        self.exchanges.iter().map(|exchange| (&exchange.connection, exchange.ends(), exchange.ndts))
    }

    /// The connections that will be made, with their ways and units.
    pub fn outlines(&self) -> Vec<ConnectionOutline> {
        self.exchanges.iter().map(Exchange::outline).collect()
    }

    /// Groups of simulators that repeat their windows until they agree: names, and base steps of the window.
    pub fn groups(&self) -> impl Iterator<Item = (&[String], u64)> {
        self.groups.iter().map(|group| (group.settings.simulators.as_slice(), group.ndts))
    }

    /// When what happens in a run over `grid`.
    pub fn schedule(&self, grid: TimeGrid) -> Schedule {
        let simulators = self.simulators.iter().map(|simulator| simulator.ndts()).collect();
        // Amounts are those of the window that has passed; before the first one there are none.
        let connections = self.exchanges.iter().map(|it| (it.ndts, it.connection.action == Action::Sum)).collect();
        Schedule::new(simulators, connections, grid)
    }

    /// What a user should know of the times of a run over `grid`: simulators whose last step is shorter than the others;
    /// connections whose ends never meet, that are made more rarely than both ends step, or not at the end.
    pub fn timing_notes(&self, grid: TimeGrid) -> Vec<String> {
        timing::notes(&self.simulators, &self.exchanges, grid)
    }

    fn note_overwriting(&mut self) {
        for (later, exchange) in self.exchanges.iter().enumerate() {
            let earlier = self.exchanges[..later].iter().find(|earlier| exchange.overwrites(earlier));
            if let Some(earlier) = earlier {
                self.notes.push(format!(
                    "{} and {} set the same value ({} {}); the later one wins where both are due",
                    earlier.connection.key, exchange.connection.key, exchange.connection.dest_simulator, exchange.set
                ));
            }
        }
    }

    fn note_unconverted(&mut self) {
        for exchange in &self.exchanges {
            if let Some((given, taken)) = exchange.unconverted() {
                self.notes.push(format!(
                    "{}: what the transform gives in '{given}' is taken as '{taken}' as it is; with \"transform_unit\": \
                     \"{given}\" it is converted",
                    exchange.connection.key
                ));
            }
        }
    }

    fn note_uncovered(&mut self) {
        for exchange in &self.exchanges {
            let (uncovered, total) = exchange.uncovered();
            if uncovered > 0 && exchange.connection.action != Action::Sum {
                let (_, space) = exchange.ends();
                self.notes.push(format!(
                    "{}: {uncovered} of {total} elements of '{space}' receive nothing and keep what they have",
                    exchange.connection.key
                ));
            }
        }
    }
}

fn clock_errors(simulators: &[Box<dyn Simulator>]) -> Vec<PlanError> {
    let mut errors = Vec::new();
    for (position, simulator) in simulators.iter().enumerate() {
        let name = simulator.name().to_owned();
        if simulators[..position].iter().any(|earlier| earlier.name() == name) {
            errors.push(PlanError::SameName { name: name.clone() });
        }
        if simulator.ndts() == 0 {
            errors.push(PlanError::NoStep { name: name.clone() });
        }
        let (found_ms, expected_ms) = (simulator.base_dt_ms(), simulators[0].base_dt_ms());
        if found_ms != expected_ms {
            let first = simulators[0].name().to_owned();
            errors.push(PlanError::BaseStep { name, found_ms, first, expected_ms });
        }
    }
    errors
}
