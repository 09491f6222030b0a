//! Two simulators on two spaces, without circuit and configuration files: rooms that lose heat, and a heater for both.
//!
//! `cargo run -p msr-coupling --example rooms`
//!
//! How a simulator joins those of msr in the same JSON file is the example crate `docs/oxygen`.

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Call, Connection, WindowOperator};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::{
    Access, Bounds, Composition, Mapping, Orchestrator, Plan, Port, Quantity, Query, QueryError, Simulator,
    SimulatorError, Snapshot, Space, Unit, Variable, VariableTable, conformance,
};

/// Base step, in ms: a minute.
const MINUTE_MS: f64 = 60_000.0;

/// Values of one space with a rule for a minute; the rooms' temperatures, or the heater's power.
struct Values {
    name: &'static str,
    space: Space,
    variables: VariableTable,
    rule: fn(&mut State),
    state: State,
}

/// Temperatures in K, powers in W.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct State {
    idts: u64,
    temperature: Vec<f64>,
    power: Vec<f64>,
}

impl Values {
    fn new(name: &'static str, space: &str, elements: usize, rule: fn(&mut State)) -> Self {
        let variable = |variable: &str, unit: &str, quantity| Variable {
            name: variable.to_owned(),
            description: variable.to_owned(),
            unit: Unit::of(unit),
            space: space.to_owned(),
            quantity,
            bounds: Bounds::NOT_NEGATIVE,
            get: Some(Query::new(variable)),
            set: Some(Query::new(variable)),
        };
        let variables =
            vec![variable("temperature", "K", Quantity::Intensive), variable("power", "J/s", Quantity::Extensive)];
        Self {
            name,
            space: Space::of_nodes(space, None, (0..elements as u64).collect()),
            variables: VariableTable::new(variables),
            rule,
            state: State { idts: 0, temperature: vec![285.0; elements], power: vec![0.0; elements] },
        }
    }
}

/// A room of 1e5 J/K loses 40 W for each K above 280 K.
fn rooms(state: &mut State) {
    for (temperature, power) in state.temperature.iter_mut().zip(&state.power) {
        *temperature += (power - 40.0 * (*temperature - 280.0)) * MINUTE_MS / 1000.0 / 1e5;
    }
}

/// 2 kW below 293 K.
fn heater(state: &mut State) {
    state.power[0] = if state.temperature[0] < 293.0 { 2000.0 } else { 0.0 };
}

impl Simulator for Values {
    fn name(&self) -> &str {
        self.name
    }

    fn base_dt_ms(&self) -> f64 {
        MINUTE_MS
    }

    fn ndts(&self) -> u64 {
        1
    }

    fn idts(&self) -> u64 {
        self.state.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        if until < self.state.idts {
            return Err(SimulatorError::Backwards { simulator: self.name.to_owned(), idts: self.state.idts, until });
        }
        while self.state.idts < until {
            (self.rule)(&mut self.state);
            self.state.idts += 1;
        }
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        vec![self.space.clone()]
    }

    /// All rooms lie in the one house.
    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        let space = &self.space;
        if space.name == "house" || spaces.iter().all(|other| other.name != "house") {
            return Ok(Vec::new());
        }
        let mut fractions = sprs::TriMat::new((space.len(), 1));
        (0..space.len()).for_each(|room| fractions.add_triplet(room, 0, 1.0));
        Ok(vec![Mapping { from: space.name.clone(), to: "house".to_owned(), fractions: fractions.to_csr() }])
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.port(query, access, &[])
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        self.resolve(query, Access::Get).map_err(|error| SimulatorError::query(self.name, error))?;
        let is_power = query.function == "power";
        values.clear();
        values.extend_from_slice(if is_power { &self.state.power } else { &self.state.temperature });
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let port = self.resolve(query, Access::Set).map_err(|error| SimulatorError::query(self.name, error))?;
        port.check(query, values, self.space.len()).map_err(|error| SimulatorError::query(self.name, error))?;
        let is_power = query.function == "power";
        let target = if is_power { &mut self.state.power } else { &mut self.state.temperature };
        target.copy_from_slice(values);
        Ok(())
    }

    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode(self.name, &self.state)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.state = snapshot.decode(self.name)?;
        Ok(())
    }
}

fn connection(from: &str, to: &str, variable: &str, action: Action) -> Connection {
    let call = || Call { function: variable.to_owned(), kwargs: serde_json::Map::new() };
    Connection {
        src_simulator: from.to_owned(),
        src_get: call(),
        src_set: None,
        dest_simulator: to.to_owned(),
        dest_get: None,
        dest_set: call(),
        transform_expression: None,
        transform_unit: None,
        window: WindowOperator::Last,
        action,
        ndts: None,
        event: None,
        key: format!("{variable} of the {from}"),
        line: 0,
        column: 0,
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let build_rooms = || Box::new(Values::new("rooms", "room", 4, rooms)) as Box<dyn Simulator>;
    let build_heater = || Box::new(Values::new("heater", "house", 1, heater)) as Box<dyn Simulator>;
    conformance::check(&build_rooms)?;
    conformance::check(&build_heater)?;
    // The heater sees the mean temperature, each room gets its share of the power.
    let connections = [
        connection("rooms", "heater", "temperature", Action::Set),
        connection("heater", "rooms", "power", Action::Sum),
    ];
    let plan = Plan::new(vec![build_rooms(), build_heater()], &[], &Composition::of(&connections))?;
    plan.notes.iter().for_each(|note| println!("{note}"));
    let mut run =
        Orchestrator::new(plan, TimeGrid { dt_ms: MINUTE_MS, steps: 600 }, None, Box::new(SerialCommunicator));
    run.run(&mut ())?;
    let mut temperature = Vec::new();
    run.simulators()[0].get_var(&Query::new("temperature"), &mut temperature)?;
    println!("after ten hours: {temperature:.2?} K");
    run.ledger().for_each(|entry| println!("{}: made {} times", entry.connection, entry.ledger.count));
    Ok(())
}
