//! One connection, compiled: who gives what to whom, how often, and what was exchanged so far.

mod error;
mod outline;
mod state;

use msr_config::multiscale::{Action, Call, Connection, WindowOperator, WriteBackMode};
use serde_json::Value;
use sprs::CsMat;

use crate::breach::Breach;
use crate::ledger::{Ledger, LedgerEntry};
use crate::query::Query;
use crate::route::{Route, Transform};
use crate::samples::{Samples, UNIT_OF_TIME};
use crate::simulator::{Simulator, SimulatorError};
use crate::space_graph::SpaceGraph;
use crate::unit::Unit;
use crate::variable::{Access, Bounds, Port, Quantity};
use crate::write_back::WriteBack;

pub use error::ConnectionError;
pub use outline::ConnectionOutline;
pub(crate) use state::ExchangeState;

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
    to: Port,
    route: Route,
    /// What happened since the last exchange; `None` where only the present counts.
    pub(crate) samples: Option<Samples>,
    /// The way from the destination's own values to the space of its setter, for `merge`.
    own: Option<Route>,
    /// What the last `merge` left.
    previous: Option<Vec<f64>>,
    write_back: Option<WriteBack>,
    /// Reads what the destination holds where nothing arrives.
    read_back: Option<Query>,
    /// Elements, not excluded, that nothing reaches.
    uncovered: usize,
    held: Vec<f64>,
    /// What was handed over last; elements that nothing reaches keep it.
    values: Vec<f64>,
    pub(crate) ledger: Ledger,
}

/// What connections are compiled with.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) config: Value,
    pub(crate) write_back: WriteBackMode,
}

/// What is wrong with values that were gathered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Defect {
    /// A value is no number.
    NotFinite { element: usize, value: f64 },
    /// The mapping lost or made some of an amount.
    NotConserved { sent: f64, accounted: f64 },
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
        let position = |entry, name: &str| {
            simulators.iter().position(|simulator| simulator.name() == name).ok_or_else(|| {
                let available = simulators.iter().map(|simulator| simulator.name().to_owned()).collect();
                ConnectionError::UnknownSimulator { entry, name: name.to_owned(), available }
            })
        };
        let source = position("src_simulator", &connection.src_simulator)?;
        let destination = position("dest_simulator", &connection.dest_simulator)?;
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
        let (get, mut from) = resolve(giver, "src_get", &connection.src_get, Access::Get)?;
        if connection.window == WindowOperator::Integral {
            from.unit = from.unit.times(&Unit::of(UNIT_OF_TIME));
        }
        let (set, to) = resolve(taker, "dest_set", &connection.dest_set, Access::Set)?;
        let unit = connection.transform_unit.as_deref().map(Unit::parse).transpose()?;
        let transform = connection.transform_expression.as_deref().map(|text| Transform { text, unit });
        let route = Route::compile(giver, &get, &from, &to, transform, spaces, config)?;

        check_action(connection, &to)?;
        let ndts = common_step(connection, giver, taker)?;
        // A setter of several variables has no one getter.
        let read_back = to.read_back.clone().filter(|_| to.variables.len() == 1);
        let own = if connection.action == Action::Merge {
            let (query, port) = match (&connection.dest_get, &read_back) {
                (Some(call), _) => resolve(taker, "dest_get", call, Access::Get)?,
                (None, Some(query)) => {
                    let call = Call { function: query.function.clone(), kwargs: query.args.clone() };
                    resolve(taker, "dest_get", &call, Access::Get)?
                }
                (None, None) => return Err(ConnectionError::MergeWithoutGetter),
            };
            Some(Route::compile(taker, &query, &port, &to, None, spaces, config)?)
        } else {
            None
        };
        let write_back = match &connection.src_set {
            Some(call) => {
                let (set, port) = resolve(giver, "src_set", call, Access::Set)?;
                let write_back = WriteBack::compile(giver, (&set, &port), &from, &to, spaces, surroundings.write_back);
                Some(write_back.map_err(ConnectionError::WriteBack)?)
            }
            None => None,
        };
        let elements = spaces.space(&to.space)?;
        let without: Vec<usize> =
            (0..elements.len()).filter(|&i| !route.covered()[i] && !spaces.is_excluded(&to.space, i)).collect();
        let keeps = to.quantity == Quantity::Intensive && !without.is_empty();
        if keeps && read_back.is_none() {
            return Err(ConnectionError::Uncovered {
                count: without.len(),
                total: elements.len(),
                space: to.space.clone(),
                first: elements.ids[without[0]],
                setter: set.to_string(),
            });
        }
        Ok(Self {
            connection: connection.clone(),
            source,
            destination,
            ndts,
            set,
            to,
            samples: (connection.window != WindowOperator::Last)
                .then(|| Samples::new(get, connection.window, route.source_len())),
            route,
            own,
            previous: None,
            write_back,
            read_back: read_back.filter(|_| keeps),
            uncovered: without.len(),
            held: Vec::with_capacity(elements.len()),
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
        fresh.route.replaces(&mut self.route);
        fresh.samples = self.samples.take();
        fresh.previous = self.previous.take();
        fresh.values = std::mem::take(&mut self.values);
        if fresh.connection.action == Action::Sum {
            // What is added must not be added for ever.
            for (value, covered) in fresh.values.iter_mut().zip(fresh.route.covered()) {
                *value = if *covered { *value } else { 0.0 };
            }
        }
        fresh.ledger = self.ledger;
        *self = fresh;
        Ok(())
    }

    /// Elements of the destination that receive nothing, and the number of all.
    pub(crate) fn uncovered(&self) -> (usize, usize) {
        (self.uncovered, self.values.len())
    }

    /// What a transform gives and what it is taken for without being converted, where the two differ in scale.
    pub(crate) fn unconverted(&self) -> Option<(&Unit, &Unit)> {
        self.route.unconverted().map(|given| (given, self.route.unit()))
    }

    /// Numbers in the transform, those of the configuration among them, as they were folded.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        self.route.numbers()
    }

    /// Names of the two spaces.
    pub(crate) fn ends(&self) -> (&str, &str) {
        self.route.ends()
    }

    /// The space from which values are mapped, after a transform that stands before, and the matrix that does it.
    pub(crate) fn mapped(&self) -> (&str, &CsMat<f64>) {
        self.route.mapped()
    }

    /// Reads the source, or takes what its samples hold, and maps it to the destination. Nothing is kept where there is
    /// a defect.
    pub(crate) fn gather(&mut self, simulators: &[Box<dyn Simulator>]) -> Result<Option<Defect>, SimulatorError> {
        let source = &*simulators[self.source];
        match &mut self.samples {
            Some(samples) if samples.has_value() => samples.close(source.base_dt_ms(), self.route.source_values()),
            _ => self.route.read(source)?,
        }
        let (mapped, covered, balance) = self.route.carry();
        let arriving = || mapped.iter().zip(covered).enumerate().filter(|(_, (_, covered))| **covered);
        if let Some((element, (&value, _))) = arriving().find(|(_, (value, _))| !value.is_finite()) {
            self.ledger.non_finite += arriving().filter(|(_, (value, _))| !value.is_finite()).count() as u64;
            return Ok(Some(Defect::NotFinite { element, value }));
        }
        if !balance.is_even() {
            return Ok(Some(Defect::NotConserved { sent: balance.sent, accounted: balance.accounted() }));
        }
        for (element, (&value, _)) in arriving() {
            self.values[element] = value;
            self.ledger.see(value);
        }
        self.ledger.add(&balance);
        Ok(None)
    }

    /// What went over the connection, in base steps of `base_dt_ms`.
    pub(crate) fn entry(&self, base_dt_ms: f64) -> LedgerEntry {
        let Connection { src_simulator, src_get, dest_simulator, .. } = &self.connection;
        LedgerEntry {
            connection: self.connection.key.clone(),
            source: format!("{src_simulator} {}", query(src_get)),
            destination: format!("{dest_simulator} {}", self.set),
            action: self.connection.action.to_string(),
            window: self.connection.window.to_string(),
            period_ms: self.ndts as f64 * base_dt_ms,
            unit: self.route.unit().to_string(),
            amount_unit: self.route.amount_unit().map(ToString::to_string),
            ledger: self.ledger,
        }
    }

    /// `set` and `merge`: what is to be handed over, from the values gathered before.
    pub(crate) fn combine(&mut self, simulators: &[Box<dyn Simulator>]) -> Result<(), SimulatorError> {
        if let (Some(own), Some(previous)) = (&mut self.own, &self.previous) {
            own.read(&*simulators[self.destination])?;
            let (own, _, _) = own.carry();
            for (element, value) in self.values.iter_mut().enumerate() {
                if self.route.covered()[element] {
                    *value += own[element] - previous[element];
                }
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
        Ok(())
    }

    /// Whether the source gets back what both ends then hold. The first merge takes the source as it is.
    fn writes_back(&self) -> bool {
        self.connection.action != Action::Merge || self.previous.is_some()
    }

    /// Finds what is written back into the source, if anything is.
    pub(crate) fn prepare_write_back(&mut self, simulators: &[Box<dyn Simulator>]) -> Result<(), SimulatorError> {
        let writes_back = self.writes_back();
        match self.write_back.as_mut().filter(|_| writes_back) {
            Some(write_back) => write_back.prepare(&*simulators[self.source], &self.values),
            None => Ok(()),
        }
    }

    /// Values that would be handed over and cannot be: those that the destination gets, and those that the source gets back.
    pub(crate) fn breaches(&self) -> impl Iterator<Item = Breach<'_>> {
        let back = self.write_back.iter().filter(|_| self.writes_back()).flat_map(WriteBack::breaches);
        self.breaches_of(&self.values, self.covered()).chain(back)
    }

    /// Those of `values`, one for each element of the destination, that something reaches and that the destination cannot
    /// have.
    pub(crate) fn breaches_of<'a>(
        &'a self,
        values: &'a [f64],
        reached: &'a [bool],
    ) -> impl Iterator<Item = Breach<'a>> {
        let Port { bounds, space, .. } = &self.to;
        let arriving = values.iter().zip(reached).enumerate().filter(|(_, (_, reached))| **reached);
        arriving.filter(|(_, (value, _))| !bounds.allow(**value)).map(|(element, (&value, _))| Breach {
            port: &self.to,
            space,
            element,
            value,
        })
    }

    /// Moves values to the nearest ones that can be: those of neurons that were excluded for them.
    pub(crate) fn hold(&self, values: &mut [f64]) {
        let Bounds { least, greatest, .. } = self.to.bounds;
        for value in values.iter_mut().filter(|value| !self.to.bounds.allow(**value)) {
            *value = value.clamp(least, greatest);
        }
    }

    /// As [`hold`](Self::hold), for what is to be handed over.
    pub(crate) fn hold_own(&mut self) {
        let mut values = std::mem::take(&mut self.values);
        self.hold(&mut values);
        self.values = values;
    }

    /// Writes what was combined.
    pub(crate) fn commit(&mut self, simulators: &mut [Box<dyn Simulator>]) -> Result<(), SimulatorError> {
        simulators[self.destination].set_var(&self.set, &self.values)?;
        let writes_back = self.writes_back();
        if let Some(write_back) = self.write_back.as_ref().filter(|_| writes_back) {
            write_back.commit(&mut *simulators[self.source])?;
        }
        if self.connection.action == Action::Merge {
            match &mut self.previous {
                Some(previous) => previous.copy_from_slice(&self.values),
                None => self.previous = Some(self.values.clone()),
            }
        }
        Ok(())
    }

    /// Whether both are sums for the same setter.
    pub(crate) fn adds_to(&self, other: &Self) -> bool {
        let both_sum = [self, other].iter().all(|exchange| exchange.connection.action == Action::Sum);
        both_sum && self.destination == other.destination && self.set == other.set
    }

    /// Whether both set the same value: by the same setter, or by setters that have a variable in common.
    pub(crate) fn overwrites(&self, other: &Self) -> bool {
        let neither_sums = [self, other].iter().all(|exchange| exchange.connection.action != Action::Sum);
        let shares = || self.to.variables.iter().any(|variable| other.to.variables.contains(variable));
        neither_sums && self.destination == other.destination && (self.set == other.set || shares())
    }

    /// Puts other values in the place of those that were gathered.
    pub(crate) fn assume(&mut self, values: &[f64]) {
        self.values.copy_from_slice(values);
    }

    /// Elements of the destination that anything reaches.
    pub(crate) fn covered(&self) -> &[bool] {
        self.route.covered()
    }

    /// What was gathered or handed over last.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }
}

/// Amounts are added and levels are merged; a sum is not written back.
fn check_action(connection: &Connection, to: &Port) -> Result<(), ConnectionError> {
    let variable = || to.variables.join(", ");
    match (connection.action, to.quantity) {
        (Action::Sum, Quantity::Intensive) => Err(ConnectionError::SumOfLevels { variable: variable() }),
        (Action::Merge, Quantity::Extensive) => Err(ConnectionError::MergeOfAmounts { variable: variable() }),
        (Action::Merge, _) if connection.window != WindowOperator::Last => {
            Err(ConnectionError::WindowedMerge { window: connection.window })
        }
        _ if connection.action == Action::Sum && connection.src_set.is_some() => Err(ConnectionError::SumWrittenBack),
        _ if connection.action == Action::Merge
            && connection.src_set.is_some()
            && connection.transform_expression.is_some() =>
        {
            Err(ConnectionError::TransformedMerge)
        }
        _ => Ok(()),
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
