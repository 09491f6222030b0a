//! One connection, compiled: who gives what to whom, how often, and what was exchanged so far.

use msr_config::multiscale::{Action, Call, Connection};

use crate::plan::Surroundings;
use crate::query::{Query, QueryError};
use crate::route::{Route, RouteError};
use crate::simulator::{Simulator, SimulatorError};
use crate::space_graph::{SpaceError, SpaceGraph};
use crate::variable::{Access, Port, Quantity};
use crate::write_back::WriteBack;

/// A connection that is ready to be made again and again.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) connection: Connection,
    /// Positions of the two simulators.
    pub(crate) source: usize,
    pub(crate) destination: usize,
    /// Base steps from one exchange to the next.
    pub(crate) ndts: u64,
    pub(crate) set: Query,
    route: Route,
    /// The way from the destination's own values to the space of its setter, for `merge`.
    own: Option<Route>,
    /// What the last `merge` left.
    previous: Option<Vec<f64>>,
    write_back: Option<WriteBack>,
    /// Reads what the destination holds where nothing arrives.
    read_back: Option<Query>,
    held: Vec<f64>,
    values: Vec<f64>,
    pub(crate) ledger: Ledger,
}

/// What went over a connection so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ledger {
    /// Number of exchanges.
    pub count: u64,
    /// Smallest value handed over.
    pub minimum: f64,
    /// Largest value handed over.
    pub maximum: f64,
    /// For amounts: sum of what was to be mapped, over all exchanges.
    pub sent: f64,
    /// For amounts: sum of what the mapping handed on, in the same unit; the rest lay outside.
    pub received: f64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { count: 0, minimum: f64::INFINITY, maximum: f64::NEG_INFINITY, sent: 0.0, received: 0.0 }
    }
}

/// Why a connection cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// No such simulator.
    #[error("unknown simulator '{name}'{}; available: {}", crate::query::nearest(name, available), available.join(", "))]
    UnknownSimulator {
        /// The name.
        name: String,
        /// The simulators there are.
        available: Vec<String>,
    },
    /// A getter or setter that the simulator does not have.
    #[error("{role}: {simulator}: {source}")]
    Query {
        /// Which entry of the connection.
        role: &'static str,
        /// The simulator.
        simulator: String,
        /// What is wrong.
        source: Box<QueryError>,
    },
    /// No way from source to destination.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// `ndts` at which the two simulators never meet.
    #[error(
        "ndts = {ndts} is no common multiple of {source_name} ({source_ndts}) and {destination_name} ({destination_ndts})"
    )]
    NoCommonMultiple {
        /// The connection's.
        ndts: u64,
        /// Name of the source.
        source_name: String,
        /// Its step.
        source_ndts: u64,
        /// Name of the destination.
        destination_name: String,
        /// Its step.
        destination_ndts: u64,
    },
    /// `merge` without a way to read the destination.
    #[error("a merge needs dest_get_func, or a destination variable that can be read")]
    MergeWithoutGetter,
    /// A setter for levels that would be given nothing for some elements.
    #[error(
        "{count} of {total} elements of '{space}' receive nothing (first: {first}) and cannot keep what they have: {setter} cannot be read"
    )]
    Uncovered {
        /// How many.
        count: usize,
        /// Of how many.
        total: usize,
        /// Space of the destination.
        space: String,
        /// Id of the first.
        first: u64,
        /// The setter.
        setter: String,
    },
}

impl From<SpaceError> for ConnectionError {
    fn from(error: SpaceError) -> Self {
        Self::Route(error.into())
    }
}

pub(crate) fn query(call: &Call) -> Query {
    Query { function: call.function.clone(), args: call.kwargs.clone() }
}

impl Exchange {
    pub(crate) fn compile(
        connection: &Connection,
        simulators: &[Box<dyn Simulator>],
        spaces: &SpaceGraph,
        surroundings: &Surroundings,
    ) -> Result<Self, ConnectionError> {
        let config = &surroundings.config;
        let position = |name: &str| {
            simulators.iter().position(|simulator| simulator.name() == name).ok_or_else(|| {
                let available = simulators.iter().map(|simulator| simulator.name().to_owned()).collect();
                ConnectionError::UnknownSimulator { name: name.to_owned(), available }
            })
        };
        let (source, destination) = (position(&connection.src_simulator)?, position(&connection.dest_simulator)?);
        let (giver, taker) = (&*simulators[source], &*simulators[destination]);
        let resolve =
            |simulator: &dyn Simulator, role, call: &Call, access| -> Result<(Query, Port), ConnectionError> {
                let query = query(call);
                let port = simulator.resolve(&query, access).map_err(|source| ConnectionError::Query {
                    role,
                    simulator: simulator.name().to_owned(),
                    source: Box::new(source),
                })?;
                Ok((query, port))
            };
        let (get, from) = resolve(giver, "src_get_func", &connection.src_get, Access::Get)?;
        let (set, to) = resolve(taker, "dest_set_func", &connection.dest_set, Access::Set)?;
        let transform = connection.transform_expression.as_deref();
        let route = Route::compile(giver, &get, &from, &to, transform, spaces, config)?;

        let ndts = common_step(connection, giver, taker)?;
        let read_back = match &connection.dest_get {
            Some(call) => Some(resolve(taker, "dest_get_func", call, Access::Get)?.0),
            None => to.read_back.clone(),
        };
        let own = if connection.action == Action::Merge {
            let query = read_back.as_ref().ok_or(ConnectionError::MergeWithoutGetter)?;
            let port = taker.resolve(query, Access::Get).map_err(|source| ConnectionError::Query {
                role: "dest_get_func",
                simulator: taker.name().to_owned(),
                source: Box::new(source),
            })?;
            Some(Route::compile(taker, query, &port, &to, None, spaces, config)?)
        } else {
            None
        };
        let write_back = match &connection.src_set {
            Some(call) => {
                let (set, port) = resolve(giver, "src_set_func", call, Access::Set)?;
                let weights = from.weights.as_ref();
                Some(WriteBack::compile(giver, &set, &port, weights, &to.space, spaces, surroundings.write_back)?)
            }
            None => None,
        };
        let elements = spaces.space(&to.space)?;
        let uncovered = route.covered().iter().filter(|covered| !**covered).count();
        if uncovered > 0 && to.quantity == Quantity::Intensive && read_back.is_none() {
            let first = route.covered().iter().position(|covered| !covered).unwrap_or_default();
            return Err(ConnectionError::Uncovered {
                count: uncovered,
                total: elements.len(),
                space: to.space.clone(),
                first: elements.ids[first],
                setter: set.to_string(),
            });
        }
        Ok(Self {
            connection: connection.clone(),
            source,
            destination,
            ndts,
            set,
            route,
            own,
            previous: None,
            write_back,
            read_back: read_back.filter(|_| uncovered > 0 && to.quantity == Quantity::Intensive),
            held: Vec::new(),
            values: vec![0.0; elements.len()],
            ledger: Ledger::default(),
        })
    }

    /// Compiles again after the spaces changed, keeping the history.
    pub(crate) fn refresh(
        &mut self,
        simulators: &[Box<dyn Simulator>],
        spaces: &SpaceGraph,
        surroundings: &Surroundings,
    ) -> Result<(), ConnectionError> {
        let mut fresh = Self::compile(&self.connection, simulators, spaces, surroundings)?;
        fresh.previous = self.previous.take();
        fresh.ledger = self.ledger;
        *self = fresh;
        Ok(())
    }

    /// Elements of the destination that receive nothing, and the number of all.
    pub(crate) fn uncovered(&self) -> (usize, usize) {
        let covered = self.route.covered();
        (covered.iter().filter(|covered| !**covered).count(), covered.len())
    }

    /// Names of the two spaces.
    pub(crate) fn ends(&self) -> (&str, &str) {
        self.route.ends()
    }

    /// Reads the source and maps its values to the destination.
    pub(crate) fn gather(&mut self, simulators: &[Box<dyn Simulator>]) -> Result<&[f64], SimulatorError> {
        let (values, balance) = self.route.carry(&*simulators[self.source])?;
        self.values.copy_from_slice(values);
        self.ledger.count += 1;
        for &value in &self.values {
            self.ledger.minimum = self.ledger.minimum.min(value);
            self.ledger.maximum = self.ledger.maximum.max(value);
        }
        self.ledger.sent += balance.sent;
        self.ledger.received += balance.received;
        Ok(&self.values)
    }

    /// `set` and `merge`, with the values gathered before.
    pub(crate) fn hand_over(&mut self, simulators: &mut [Box<dyn Simulator>]) -> Result<(), SimulatorError> {
        let merging = self.connection.action == Action::Merge;
        let first = merging && self.previous.is_none();
        if let (Some(own), Some(previous)) = (&mut self.own, &self.previous) {
            let (own, _) = own.carry(&*simulators[self.destination])?;
            for ((value, own), previous) in self.values.iter_mut().zip(own).zip(previous) {
                *value += own - previous;
            }
        }
        if let Some(query) = &self.read_back {
            simulators[self.destination].get_var(query, &mut self.held)?;
            for ((value, &held), &covered) in self.values.iter_mut().zip(&self.held).zip(self.route.covered()) {
                if !covered {
                    *value = held;
                }
            }
        }
        simulators[self.destination].set_var(&self.set, &self.values)?;
        // The first merge takes the source as it is: there is nothing to write back.
        if let Some(write_back) = &mut self.write_back
            && !first
        {
            write_back.write(&mut *simulators[self.source], &self.values)?;
        }
        if merging {
            match &mut self.previous {
                Some(previous) => previous.copy_from_slice(&self.values),
                None => self.previous = Some(self.values.clone()),
            }
        }
        Ok(())
    }

    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }
}

fn common_step(connection: &Connection, giver: &dyn Simulator, taker: &dyn Simulator) -> Result<u64, ConnectionError> {
    let common = msr_config::grid::lcm(giver.ndts(), taker.ndts());
    match connection.ndts {
        None => Ok(common),
        Some(ndts) if ndts > 0 && ndts % common == 0 => Ok(ndts),
        Some(ndts) => Err(ConnectionError::NoCommonMultiple {
            ndts,
            source_name: giver.name().to_owned(),
            source_ndts: giver.ndts(),
            destination_name: taker.name().to_owned(),
            destination_ndts: taker.ndts(),
        }),
    }
}
