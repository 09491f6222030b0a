//! Pools that decay and are driven: what they do under a constant drive can be written down.

use msr_config::Connection;
use msr_config::multiscale::{Action, Call, WindowOperator};
use msr_coupling::space::NEURONS;
use msr_coupling::{
    Access, NeuronFailure, Port, Quantity, Query, QueryError, Response, Simulator, SimulatorError, Snapshot, Space,
    Unit, Variable, VariableTable,
};
use serde::{Deserialize, Serialize};

pub const BASE_DT_MS: f64 = 0.025;

/// Two cells with one pool each: level' = -decay level + gain drive, solved exactly for a drive that holds.
pub struct Pool {
    name: String,
    ndts: u64,
    decay_per_ms: f64,
    gains: Vec<f64>,
    /// A level that a step must not pass.
    limit: f64,
    state: State,
    variables: VariableTable,
}

#[derive(Clone, Serialize, Deserialize)]
struct State {
    idts: u64,
    levels: Vec<f64>,
    drives: Vec<f64>,
    excluded: Vec<bool>,
}

impl Pool {
    pub fn new(name: &str, ndts: u64, decay_per_ms: f64, levels: Vec<f64>) -> Self {
        let variable = |name: &str, unit: &str| Variable {
            name: name.to_owned(),
            description: format!("{name} of the pool"),
            unit: Unit::of(unit),
            space: NEURONS.to_owned(),
            quantity: Quantity::Intensive,
            bounds: msr_coupling::Bounds::NONE,
            get: Some(Query::new(format!("get_{name}"))),
            set: Some(Query::new(format!("set_{name}"))),
        };
        let variables = VariableTable::new(vec![variable("level", "mM"), variable("drive", "mM/ms")]);
        let cells = levels.len();
        let state = State { idts: 0, levels, drives: vec![0.0; cells], excluded: vec![false; cells] };
        let gains = vec![1.0; cells];
        Self { name: name.to_owned(), ndts, decay_per_ms, gains, limit: f64::INFINITY, state, variables }
    }

    pub fn with_gains(self, gains: Vec<f64>) -> Self {
        Self { gains, ..self }
    }

    pub fn that_fails_above(self, limit: f64) -> Self {
        Self { limit, ..self }
    }

    fn advanced(&self, base_steps: u64) -> Vec<f64> {
        let kept = (-self.decay_per_ms * base_steps as f64 * BASE_DT_MS).exp();
        let state = &self.state;
        (0..state.levels.len())
            .map(|cell| {
                let driven = self.gains[cell] * state.drives[cell] * (1.0 - kept) / self.decay_per_ms;
                if state.excluded[cell] { state.levels[cell] } else { kept * state.levels[cell] + driven }
            })
            .collect()
    }
}

impl Simulator for Pool {
    fn name(&self) -> &str {
        &self.name
    }

    fn base_dt_ms(&self) -> f64 {
        BASE_DT_MS
    }

    fn ndts(&self) -> u64 {
        self.ndts
    }

    fn idts(&self) -> u64 {
        self.state.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        let before = self.state.clone();
        if until < before.idts {
            return Err(SimulatorError::Backwards { simulator: self.name.clone(), idts: before.idts, until });
        }
        while self.state.idts < until {
            let base_steps = self.ndts.min(until - self.state.idts);
            let levels = self.advanced(base_steps);
            let failing = levels.iter().zip(&before.excluded).position(|(level, out)| *level > self.limit && !out);
            if let Some(neuron) = failing {
                self.state = before;
                let message = format!("{} > {}", levels[neuron], self.limit);
                let failure = NeuronFailure { neuron: neuron as u64, response: Response::ExcludeNeuron, message };
                return Err(SimulatorError::Neurons { simulator: self.name.clone(), failures: vec![failure] });
            }
            self.state.levels = levels;
            self.state.idts += base_steps;
        }
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        vec![Space::of_nodes(NEURONS, None, (0..self.state.levels.len() as u64).collect())]
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.port(query, access, &[])
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        let port = self.resolve(query, Access::Get).map_err(|error| SimulatorError::query(&self.name, error))?;
        values.clear();
        let is_level = port.variables == ["level"];
        values.extend_from_slice(if is_level { &self.state.levels } else { &self.state.drives });
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let refused = |error| SimulatorError::query(&self.name, error);
        let port = self.resolve(query, Access::Set).map_err(refused)?;
        let function = query.function.clone();
        let expected = self.state.levels.len();
        if values.len() != expected {
            return Err(refused(QueryError::WrongLength { function, expected, found: values.len() }));
        }
        if let Some(position) = values.iter().position(|value| !value.is_finite()) {
            let value = values[position];
            return Err(refused(QueryError::BadValue { function, position, value, reason: "not finite" }));
        }
        let is_level = port.variables == ["level"];
        let target = if is_level { &mut self.state.levels } else { &mut self.state.drives };
        target.copy_from_slice(values);
        Ok(())
    }

    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        for (neuron, excluded) in (0..).zip(&mut self.state.excluded) {
            *excluded |= neurons.contains(&neuron);
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode(&self.name, &self.state)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.state = snapshot.decode(&self.name)?;
        Ok(())
    }
}

/// Sets the drive of `to` from the level of `from`.
pub fn connection(from: &str, to: &str, transform: &str, ndts: u64) -> Connection {
    let call = |function: &str| Call { function: function.to_owned(), kwargs: Default::default() };
    Connection {
        src_simulator: from.to_owned(),
        src_get: call("get_level"),
        src_set: None,
        dest_simulator: to.to_owned(),
        dest_get: None,
        dest_set: call("set_drive"),
        transform_expression: Some(transform.to_owned()),
        transform_unit: Some("mM/ms".to_owned()),
        window: WindowOperator::Last,
        action: Action::Set,
        ndts: Some(ndts),
        event: None,
        key: format!("c: {from} -> {to}"),
        line: 0,
        column: 0,
    }
}
