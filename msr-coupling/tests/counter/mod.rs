//! Simulators that count their steps, hold what they are given, and write down what is done to them.

// Every file that has it uses a part of it.
#![allow(dead_code)]

use std::sync::{Arc, Mutex};

use msr_config::Connection;
use msr_config::multiscale::{Action, Call, WindowOperator};
use msr_coupling::{
    Access, Bounds, Port, Quantity, Query, QueryError, Simulator, SimulatorError, Snapshot, Space, Unit, Variable,
    VariableTable,
};

/// Values that each simulator holds besides its count.
pub const SLOTS: usize = 3;

/// What was done to a simulator.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It was advanced to this base step.
    Advanced { simulator: String, until: u64 },
    /// A slot was written, or added to.
    Written { simulator: String, query: String, value: f64 },
}

/// What was done to all simulators, in order.
pub type Log = Arc<Mutex<Vec<Event>>>;

/// Counts base steps times its rate.
pub struct Counter {
    name: String,
    dt_ms: f64,
    ndts: u64,
    rate: f64,
    idts: u64,
    slots: [f64; SLOTS],
    variables: VariableTable,
    log: Log,
}

impl Counter {
    pub fn new(position: usize, dt_ms: f64, ndts: u64, log: &Log) -> Self {
        let variable = |name: String, quantity, get: Option<Query>, set: Option<Query>| Variable {
            description: name.clone(),
            name,
            unit: Unit::dimensionless(),
            space: "counters".to_owned(),
            quantity,
            bounds: Bounds::NONE,
            get,
            set,
        };
        let mut variables =
            vec![variable("count".into(), Quantity::Intensive, Some(Query::new("get").with("var", "count")), None)];
        variables.push(variable("amount".into(), Quantity::Extensive, Some(Query::new("get_amount")), None));
        for slot in 0..SLOTS {
            let name = format!("slot{slot}");
            let call = |function: &str| Some(Query::new(function).with("var", name.as_str()));
            variables.push(variable(name.clone(), Quantity::Intensive, call("get"), call("set")));
            variables.push(variable(name.clone(), Quantity::Extensive, None, call("add")));
        }
        Self {
            name: format!("s{position}"),
            dt_ms,
            ndts,
            rate: (position + 1) as f64,
            idts: 0,
            slots: [0.0; SLOTS],
            variables: VariableTable::new(variables),
            log: log.clone(),
        }
    }

    fn slot(query: &Query) -> Option<usize> {
        query.args.get("var")?.as_str()?.strip_prefix("slot")?.parse().ok()
    }
}

impl Simulator for Counter {
    fn name(&self) -> &str {
        &self.name
    }

    fn base_dt_ms(&self) -> f64 {
        self.dt_ms
    }

    fn ndts(&self) -> u64 {
        self.ndts
    }

    fn idts(&self) -> u64 {
        self.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        assert!(until >= self.idts);
        self.idts = until;
        self.log.lock().unwrap().push(Event::Advanced { simulator: self.name.clone(), until });
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        vec![Space::of_nodes("counters", None, vec![0])]
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.port(query, access, &[])
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        values.clear();
        values.push(Self::slot(query).map_or(self.idts as f64 * self.rate, |slot| self.slots[slot]));
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let slot = Self::slot(query).expect("only slots can be written");
        self.slots[slot] = if query.function == "add" { self.slots[slot] + values[0] } else { values[0] };
        let (simulator, query) = (self.name.clone(), query.to_string());
        self.log.lock().unwrap().push(Event::Written { simulator, query, value: values[0] });
        Ok(())
    }

    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode(&self.name, &(self.idts, self.slots))
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        (self.idts, self.slots) = snapshot.decode(&self.name)?;
        Ok(())
    }
}

/// From `get` of one counter to slot `slot` of another.
pub fn connection(
    key: usize,
    (source, get): (usize, Query),
    (destination, slot): (usize, usize),
    action: Action,
    ndts: Option<u64>,
) -> Connection {
    let set = if action == Action::Sum { "add" } else { "set" };
    let set = Query::new(set).with("var", format!("slot{slot}"));
    let call = |query: Query| Call { function: query.function, kwargs: query.args };
    Connection {
        src_simulator: format!("s{source}"),
        src_get: call(get),
        src_set: None,
        dest_simulator: format!("s{destination}"),
        dest_get: None,
        dest_set: call(set),
        transform_expression: None,
        transform_unit: None,
        window: WindowOperator::Last,
        action,
        ndts,
        event: None,
        key: format!("connections[{key}]"),
        line: 0,
        column: 0,
    }
}
