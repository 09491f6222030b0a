//! Two simulators whose behaviour can be said in one line: levels that change at constant rates.

// Every test file uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;

use msr_config::Connection;
use msr_config::multiscale::{Action, Call, WindowOperator};
use msr_coupling::space::{NEURONS, SEGMENTS};
use msr_coupling::{
    Access, Address, Bounds, Geometry, Mapping, NeuronFailure, Port, Quantity, Query, QueryError, Response, Simulator,
    SimulatorError, Snapshot, Space, Unit, Variable, VariableTable,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const BASE_DT_MS: f64 = 0.025;

/// Sizes of the five parts: three of cell 0, two of cell 1.
pub fn part_sizes() -> [f64; 5] {
    [1.0, 2.0, 1.0, 3.0, 1.0]
}

#[derive(Clone, Serialize, Deserialize)]
struct Levels {
    idts: u64,
    levels: Vec<f64>,
    rates: Vec<f64>,
    excluded: Vec<bool>,
}

impl Levels {
    fn advance(&mut self, simulator: &str, until: u64) -> Result<(), SimulatorError> {
        if until < self.idts {
            return Err(SimulatorError::Backwards { simulator: simulator.to_owned(), idts: self.idts, until });
        }
        while self.idts < until {
            for ((level, rate), excluded) in self.levels.iter_mut().zip(&self.rates).zip(&self.excluded) {
                if !excluded {
                    *level += rate;
                }
            }
            self.idts += 1;
        }
        Ok(())
    }

    fn set(&mut self, simulator: &str, query: &Query, values: &[f64], add: bool) -> Result<(), SimulatorError> {
        let function = query.function.clone();
        if values.len() != self.levels.len() {
            let error = QueryError::WrongLength { function, expected: self.levels.len(), found: values.len() };
            return Err(SimulatorError::query(simulator, error));
        }
        if let Some(position) = values.iter().position(|value| !value.is_finite()) {
            let error = QueryError::BadValue { function, position, value: values[position], reason: "not finite" };
            return Err(SimulatorError::query(simulator, error));
        }
        for (level, value) in self.levels.iter_mut().zip(values) {
            *level = if add { *level + value } else { *value };
        }
        Ok(())
    }
}

fn variable(
    name: &str,
    unit: &str,
    space: &str,
    quantity: Quantity,
    get: Option<Query>,
    set: Option<Query>,
) -> Variable {
    let description = format!("{name} of the toy");
    Variable {
        name: name.into(),
        description,
        unit: Unit::of(unit),
        space: space.into(),
        quantity,
        bounds: Bounds::NONE,
        get,
        set,
    }
}

/// Parts of two cells; brings the spaces.
pub struct Parts {
    state: Levels,
    variables: VariableTable,
}

impl Parts {
    pub fn new(levels: Vec<f64>, rates: Vec<f64>) -> Self {
        let get = |name: &str| Some(Query::new("get_var").with("var", name));
        let set = Some(Query::new("set_var").with("var", "level"));
        let variables = VariableTable::new(vec![
            variable("level", "mM", SEGMENTS, Quantity::Intensive, get("level"), set),
            variable("size", "um3", SEGMENTS, Quantity::Extensive, get("size"), None),
            variable("heat", "K", SEGMENTS, Quantity::Intensive, get("heat"), None),
        ]);
        let excluded = vec![false; levels.len()];
        Self { state: Levels { idts: 0, levels, rates, excluded }, variables }
    }
}

impl Parts {
    /// The same, with levels that can only be these.
    pub fn bounded(mut self, bounds: Bounds) -> Self {
        let variables = self.variables.variables().iter().cloned();
        self.variables = VariableTable::new(variables.map(|variable| Variable { bounds, ..variable }).collect());
        self
    }
}

impl Simulator for Parts {
    fn name(&self) -> &str {
        "parts"
    }

    fn base_dt_ms(&self) -> f64 {
        BASE_DT_MS
    }

    fn ndts(&self) -> u64 {
        1
    }

    fn idts(&self) -> u64 {
        self.state.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        self.state.advance("parts", until)
    }

    fn spaces(&self) -> Vec<Space> {
        let addresses = [0, 0, 0, 1, 1].map(|node| Address { node, element: 0 }).to_vec();
        let segments = Space {
            name: SEGMENTS.to_owned(),
            ids: (0..5).collect(),
            sizes: part_sizes().to_vec(),
            geometry: Geometry::Abstract,
            population: None,
            addresses,
            subsets: BTreeMap::new(),
        };
        vec![Space::of_nodes(NEURONS, None, vec![0, 1]), segments]
    }

    fn mappings(&self, _spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        let mut fractions = sprs::TriMat::new((5, 2));
        for (part, cell) in [0, 0, 0, 1, 1].into_iter().enumerate() {
            fractions.add_triplet(part, cell, 1.0);
        }
        Ok(vec![Mapping { from: SEGMENTS.into(), to: NEURONS.into(), fractions: fractions.to_csr() }])
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        let mut port = self.variables.port(query, access, &["weight"])?;
        if query.text("weight")?.is_some() {
            let weights = Query::new("get_var").with("var", "size");
            port.unit = port.unit.times(&Unit::of("um3"));
            port.quantity = Quantity::Extensive;
            port.weights = Some(weights);
        }
        Ok(port)
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        let port = self.resolve(query, Access::Get).map_err(|error| SimulatorError::query("parts", error))?;
        values.clear();
        let size = port.variables == ["size"];
        for (level, part) in self.state.levels.iter().zip(part_sizes()) {
            values.push(if size { part } else { level * if port.weights.is_some() { part } else { 1.0 } });
        }
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        self.resolve(query, Access::Set).map_err(|error| SimulatorError::query("parts", error))?;
        self.state.set("parts", query, values, false)
    }

    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        for (part, cell) in [0, 0, 0, 1, 1].into_iter().enumerate() {
            self.state.excluded[part] |= neurons.contains(&cell);
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode("parts", &self.state)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.state = snapshot.decode("parts")?;
        Ok(())
    }
}

/// Two cells with one level each, on a space that `Parts` brings.
pub struct Cells {
    name: String,
    ndts: u64,
    state: Levels,
    variables: VariableTable,
    /// A level above which a cell fails, and what then happens.
    pub limit: Option<(f64, Response)>,
    /// The one cell in which its own space lies, if it has one.
    place: Option<usize>,
}

impl Cells {
    pub fn new(ndts: u64, levels: Vec<f64>, rates: Vec<f64>) -> Self {
        Self::named("cells", ndts, levels, rates)
    }

    /// The same, with levels in uM.
    pub fn in_micromolar(mut self) -> Self {
        let call = |function: &str| Some(Query::new(function));
        let level = variable("level", "uM", NEURONS, Quantity::Intensive, call("get_cell"), call("set_cell"));
        self.variables = VariableTable::new(vec![level]);
        self
    }

    /// The same, with levels that can only be these.
    pub fn bounded(mut self, bounds: Bounds) -> Self {
        let variables = self.variables.variables().iter().cloned();
        self.variables = VariableTable::new(variables.map(|variable| Variable { bounds, ..variable }).collect());
        self
    }

    pub fn named(name: &str, ndts: u64, levels: Vec<f64>, rates: Vec<f64>) -> Self {
        let call = |function: &str| Some(Query::new(function));
        let variables = VariableTable::new(vec![
            variable("level", "mM", NEURONS, Quantity::Intensive, call("get_cell"), call("set_cell")),
            variable("amount", "mM*um3", NEURONS, Quantity::Extensive, None, call("add_cell")),
            variable("temperature", "K", NEURONS, Quantity::Intensive, None, call("set_temperature")),
        ]);
        let excluded = vec![false; levels.len()];
        Self {
            name: name.to_owned(),
            ndts,
            state: Levels { idts: 0, levels, rates, excluded },
            variables,
            limit: None,
            place: None,
        }
    }

    /// One level on a space of its own, which has the simulator's name and lies in one cell.
    pub fn inside(name: &str, cell: usize, level: f64) -> Self {
        let mut patch = Self::named(name, 1, vec![level], vec![0.0]);
        let variables = patch.variables.variables().iter().cloned();
        patch.variables =
            VariableTable::new(variables.map(|variable| Variable { space: name.into(), ..variable }).collect());
        Self { place: Some(cell), ..patch }
    }
}

impl Simulator for Cells {
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
        self.state.advance("cells", until)
    }

    fn spaces(&self) -> Vec<Space> {
        self.place.iter().map(|_| Space::of_nodes(&self.name, None, vec![0])).collect()
    }

    fn mappings(&self, _spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        let within = |&cell: &usize| {
            let mut fractions = sprs::TriMat::new((1, 2));
            fractions.add_triplet(0, cell, 1.0);
            Mapping { from: self.name.clone(), to: NEURONS.into(), fractions: fractions.to_csr() }
        };
        Ok(self.place.iter().map(within).collect())
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.port(query, access, &[])
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        self.resolve(query, Access::Get).map_err(|error| SimulatorError::query("cells", error))?;
        values.clear();
        values.extend_from_slice(&self.state.levels);
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let port = self.resolve(query, Access::Set).map_err(|error| SimulatorError::query("cells", error))?;
        self.state.set("cells", query, values, port.quantity == Quantity::Extensive)
    }

    fn check(&self) -> Vec<NeuronFailure> {
        let Some((limit, response)) = self.limit else { return Vec::new() };
        let failing = |(&level, &excluded): (&f64, &bool)| level > limit && !excluded;
        (0..)
            .zip(self.state.levels.iter().zip(&self.state.excluded))
            .filter(|(_, cell)| failing(*cell))
            .map(|(neuron, (level, _))| NeuronFailure { neuron, response, message: format!("{level} > {limit}") })
            .collect()
    }

    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        for (neuron, excluded) in (0..).zip(&mut self.state.excluded) {
            *excluded |= neurons.contains(&neuron);
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode("cells", &self.state)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.state = snapshot.decode("cells")?;
        Ok(())
    }
}

fn call(function: &str, kwargs: Value) -> Call {
    Call { function: function.to_owned(), kwargs: kwargs.as_object().cloned().unwrap_or_default() }
}

/// A connection that reads `get_var` of `src`.
pub fn connection(src: &str, kwargs: Value, dest: &str, set: &str, action: Action) -> Connection {
    Connection {
        src_simulator: src.to_owned(),
        src_get: call("get_var", kwargs),
        src_set: None,
        dest_simulator: dest.to_owned(),
        dest_get: None,
        dest_set: call(set, json!({})),
        transform_expression: None,
        transform_unit: None,
        window: WindowOperator::Last,
        action,
        ndts: None,
        event: None,
        key: "c".to_owned(),
        line: 0,
        column: 0,
    }
}

/// Merges the level of the parts with that of the cells.
pub fn merge() -> Connection {
    let mut merge = connection("parts", json!({"var": "level", "weight": "size"}), "cells", "set_cell", Action::Merge);
    merge.src_set = Some(call("set_var", json!({"var": "level"})));
    merge
}
