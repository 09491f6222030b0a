//! Two simulators that only hold values: parts of cells, and cells. Neither allocates once it is built.

// Every file that has it uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;

use msr_config::Connection;
use msr_config::multiscale::{Action, Call, WindowOperator};
use msr_coupling::space::{NEURONS, SEGMENTS};
use msr_coupling::{
    Access, Address, Bounds, Geometry, Mapping, Port, Quantity, Query, QueryError, Simulator, SimulatorError, Snapshot,
    Space, Unit, Variable, VariableTable,
};
use serde_json::json;

/// Holds one value an element.
pub struct Plain {
    name: &'static str,
    values: Vec<f64>,
    idts: u64,
    variables: VariableTable,
    spaces: Vec<Space>,
    fractions: Option<sprs::CsMat<f64>>,
    sizes: Vec<f64>,
}

impl Plain {
    /// `parts` in all, of `cells` cells, in order.
    pub fn parts(parts: usize, cells: usize) -> Self {
        let owner = |part: usize| part * cells / parts;
        let sizes: Vec<f64> = (0..parts).map(|part| 1.0 + (part % 7) as f64).collect();
        let segments = Space {
            name: SEGMENTS.to_owned(),
            ids: (0..parts as u64).collect(),
            sizes: sizes.clone(),
            geometry: Geometry::Abstract,
            population: None,
            addresses: (0..parts).map(|part| Address { node: owner(part) as u64, element: 0 }).collect(),
            subsets: BTreeMap::new(),
        };
        let mut fractions = sprs::TriMat::new((parts, cells));
        for part in 0..parts {
            fractions.add_triplet(part, owner(part), 1.0);
        }
        let neurons = Space::of_nodes(NEURONS, None, (0..cells as u64).collect());
        Self {
            values: (0..parts).map(|part| (part as f64 * 0.37).sin()).collect(),
            spaces: vec![neurons, segments],
            fractions: Some(fractions.to_csr()),
            sizes,
            ..Self::new("parts", SEGMENTS)
        }
    }

    /// The cells.
    pub fn cells(cells: usize) -> Self {
        Self { values: vec![0.0; cells], ..Self::new("cells", NEURONS) }
    }

    fn new(name: &'static str, space: &str) -> Self {
        let variable = |name: &str, unit: &str, quantity, get: &str, set: Option<&str>| Variable {
            name: name.to_owned(),
            description: name.to_owned(),
            unit: Unit::of(unit),
            space: space.to_owned(),
            quantity,
            bounds: Bounds::NONE,
            get: Some(Query::new(get)),
            set: set.map(Query::new),
        };
        let variables = VariableTable::new(vec![
            variable("level", "mM", Quantity::Intensive, "level", Some("set_level")),
            variable("amount", "mM*um3", Quantity::Extensive, "amount", Some("add_amount")),
            variable("size", "um3", Quantity::Extensive, "size", None),
        ]);
        let (values, sizes) = (Vec::new(), Vec::new());
        Self { name, values, idts: 0, variables, spaces: Vec::new(), fractions: None, sizes }
    }
}

impl Simulator for Plain {
    fn name(&self) -> &str {
        self.name
    }

    fn base_dt_ms(&self) -> f64 {
        0.025
    }

    fn ndts(&self) -> u64 {
        1
    }

    fn idts(&self) -> u64 {
        self.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        self.idts = until;
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        self.spaces.clone()
    }

    fn mappings(&self, _spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        let of = |fractions: &sprs::CsMat<f64>| Mapping {
            from: SEGMENTS.to_owned(),
            to: NEURONS.to_owned(),
            fractions: fractions.clone(),
        };
        Ok(self.fractions.iter().map(of).collect())
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        let mut port = self.variables.port(query, access, &[])?;
        if query.function == "amount" {
            port.weights = Some(Query::new("size"));
        }
        Ok(port)
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        values.clear();
        match query.function.as_str() {
            "size" => values.extend_from_slice(&self.sizes),
            "amount" => values.extend(self.values.iter().zip(&self.sizes).map(|(value, size)| value * size)),
            _ => values.extend_from_slice(&self.values),
        }
        Ok(())
    }

    fn set_var(&mut self, _query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        self.values.copy_from_slice(values);
        Ok(())
    }

    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode(self.name, &self.values)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.values = snapshot.decode(self.name)?;
        Ok(())
    }
}

/// From the parts to the cells: what is read, written, and done to it.
pub fn connection(get: &str, set: &str, action: Action, expression: Option<&str>) -> Connection {
    let call = |function: &str| Call {
        function: function.to_owned(),
        kwargs: json!({}).as_object().cloned().unwrap_or_default(),
    };
    Connection {
        src_simulator: "parts".to_owned(),
        src_get: call(get),
        src_set: None,
        dest_simulator: "cells".to_owned(),
        dest_get: None,
        dest_set: call(set),
        transform_expression: expression.map(str::to_owned),
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
