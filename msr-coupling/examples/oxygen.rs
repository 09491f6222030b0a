//! A simulator of one's own: oxygen diffuses along a row of tissue voxels next to a capillary, cells consume it.
//!
//! `cargo run -p msr-coupling --example oxygen`

use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Call, Connection, WindowOperator};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::{Moment, Observer, Orchestrator, Times};
use msr_coupling::{
    Access, Bounds, Composition, Geometry, Mapping, Plan, Port, Quantity, Query, QueryError, Simulator, SimulatorError,
    Snapshot, Space, Unit, Variable, VariableTable, conformance,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Base step of this example, ms.
const BASE_DT_MS: f64 = 1.0;
/// Diffusion coefficient of oxygen in tissue, um2/ms (Krogh 1919: about 1.5e-9 m2/s).
const DIFFUSION_UM2_PER_MS: f64 = 1.5;
/// Edge of a voxel, um.
const VOXEL_UM: f64 = 10.0;
/// Concentration that the capillary at the first voxel keeps up, mM (arterial blood plasma, about 100 mmHg).
const CAPILLARY_MM: f64 = 0.13;
/// Uptake of one cell, amol/ms at saturation (cortex, about 0.03 mM/s over a cell's share of tissue), and its half
/// saturation, mM.
const UPTAKE_AMOL_PER_MS: f64 = 0.03;
const HALF_SATURATION_MM: f64 = 0.001;
/// 1 mM in a cubic micrometre is 1 amol.
const AMOL_PER_MM_UM3: f64 = 1.0;

/// Oxygen in a row of voxels: explicit finite volumes, capillary on the left, closed on the right.
struct Oxygen {
    state: OxygenState,
    variables: VariableTable,
}

#[derive(Clone, Serialize, Deserialize)]
struct OxygenState {
    idts: u64,
    concentrations_mm: Vec<f64>,
}

impl Oxygen {
    fn new(voxels: usize) -> Self {
        let variables = VariableTable::new(vec![
            Variable {
                name: "O2".into(),
                description: "Oxygen concentration of a voxel".into(),
                unit: Unit::of("mM"),
                space: "voxels".into(),
                quantity: Quantity::Intensive,
                bounds: Bounds::NOT_NEGATIVE,
                get: Some(Query::new("get_oxygen")),
                set: Some(Query::new("set_oxygen")),
            },
            Variable {
                name: "uptake".into(),
                description: "Rate at which a voxel is drained, over the step that has passed".into(),
                unit: Unit::of("amol/ms"),
                space: "voxels".into(),
                quantity: Quantity::Extensive,
                bounds: Bounds::NOT_NEGATIVE,
                get: None,
                set: Some(Query::new("take_oxygen")),
            },
        ]);
        Self { state: OxygenState { idts: 0, concentrations_mm: vec![CAPILLARY_MM; voxels] }, variables }
    }
}

impl Simulator for Oxygen {
    fn name(&self) -> &str {
        "oxygen"
    }

    fn base_dt_ms(&self) -> f64 {
        BASE_DT_MS
    }

    fn ndts(&self) -> u64 {
        2
    }

    fn idts(&self) -> u64 {
        self.state.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        if until < self.state.idts {
            return Err(SimulatorError::Backwards { simulator: "oxygen".into(), idts: self.state.idts, until });
        }
        while self.state.idts < until {
            let steps = self.ndts().min(until - self.state.idts);
            let exchange = DIFFUSION_UM2_PER_MS * steps as f64 * BASE_DT_MS / (VOXEL_UM * VOXEL_UM);
            let now = self.state.concentrations_mm.clone();
            for (i, voxel) in self.state.concentrations_mm.iter_mut().enumerate() {
                let left = if i == 0 { CAPILLARY_MM } else { now[i - 1] };
                let right = now.get(i + 1).copied().unwrap_or(now[i]);
                *voxel += exchange * (left - 2.0 * now[i] + right);
            }
            self.state.idts += steps;
        }
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        let voxels = self.state.concentrations_mm.len();
        let mut space = Space::of_nodes("voxels", None, (0..voxels as u64).collect());
        space.sizes = vec![VOXEL_UM.powi(3); voxels];
        space.geometry = Geometry::Points((0..voxels).map(|i| [(i as f64 + 0.5) * VOXEL_UM, 0.0, 0.0]).collect());
        vec![space]
    }

    /// A cell lies in the voxel that holds its position.
    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        let voxels = self.state.concentrations_mm.len();
        let Some(cells) = spaces.iter().find(|space| space.name == "neurons") else { return Ok(Vec::new()) };
        let Geometry::Points(points) = &cells.geometry else { return Ok(Vec::new()) };
        let mut fractions = sprs::TriMat::new((points.len(), voxels));
        for (cell, [x, ..]) in points.iter().enumerate() {
            fractions.add_triplet(cell, ((x / VOXEL_UM) as usize).min(voxels - 1), 1.0);
        }
        Ok(vec![Mapping { from: "neurons".into(), to: "voxels".into(), fractions: fractions.to_csr() }])
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.port(query, access, &[])
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        self.resolve(query, Access::Get).map_err(|error| SimulatorError::query("oxygen", error))?;
        values.clear();
        values.extend_from_slice(&self.state.concentrations_mm);
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let port = self.resolve(query, Access::Set).map_err(|error| SimulatorError::query("oxygen", error))?;
        check_values("oxygen", query, values, self.state.concentrations_mm.len())?;
        let mm_per_rate = self.dt_ms() / (VOXEL_UM.powi(3) * AMOL_PER_MM_UM3);
        for (voxel, value) in self.state.concentrations_mm.iter_mut().zip(values) {
            *voxel = if port.variables == ["O2"] { *value } else { (*voxel - value * mm_per_rate).max(0.0) };
        }
        Ok(())
    }

    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode("oxygen", &self.state)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.state = snapshot.decode("oxygen")?;
        Ok(())
    }
}

/// Cells that consume oxygen with Michaelis-Menten kinetics.
struct Cells {
    state: CellState,
    positions_um: Vec<[f64; 3]>,
    variables: VariableTable,
}

#[derive(Clone, Serialize, Deserialize)]
struct CellState {
    idts: u64,
    oxygen_mm: Vec<f64>,
    uptake_amol_per_ms: Vec<f64>,
}

impl Cells {
    fn new(positions_um: Vec<[f64; 3]>) -> Self {
        let variables = VariableTable::new(vec![
            Variable {
                name: "oxygen".into(),
                description: "Oxygen at the cell".into(),
                unit: Unit::of("mM"),
                space: "neurons".into(),
                quantity: Quantity::Intensive,
                bounds: Bounds::NOT_NEGATIVE,
                get: Some(Query::new("get_cell").with("var", "oxygen")),
                set: Some(Query::new("set_cell").with("var", "oxygen")),
            },
            Variable {
                name: "uptake".into(),
                description: "Rate of oxygen consumption".into(),
                unit: Unit::of("amol/ms"),
                space: "neurons".into(),
                quantity: Quantity::Extensive,
                bounds: Bounds::NOT_NEGATIVE,
                get: Some(Query::new("get_cell").with("var", "uptake")),
                set: None,
            },
        ]);
        let cells = positions_um.len();
        let state = CellState { idts: 0, oxygen_mm: vec![CAPILLARY_MM; cells], uptake_amol_per_ms: vec![0.0; cells] };
        Self { state, positions_um, variables }
    }
}

impl Simulator for Cells {
    fn name(&self) -> &str {
        "cells"
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
        if until < self.state.idts {
            return Err(SimulatorError::Backwards { simulator: "cells".into(), idts: self.state.idts, until });
        }
        while self.state.idts < until {
            for (uptake, oxygen) in self.state.uptake_amol_per_ms.iter_mut().zip(&self.state.oxygen_mm) {
                *uptake = UPTAKE_AMOL_PER_MS * oxygen / (oxygen + HALF_SATURATION_MM);
            }
            self.state.idts += 1;
        }
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        let mut space = Space::of_nodes("neurons", None, (0..self.positions_um.len() as u64).collect());
        space.geometry = Geometry::Points(self.positions_um.clone());
        vec![space]
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.port(query, access, &[])
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        let port = self.resolve(query, Access::Get).map_err(|error| SimulatorError::query("cells", error))?;
        values.clear();
        let source = if port.variables == ["oxygen"] { &self.state.oxygen_mm } else { &self.state.uptake_amol_per_ms };
        values.extend_from_slice(source);
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        self.resolve(query, Access::Set).map_err(|error| SimulatorError::query("cells", error))?;
        check_values("cells", query, values, self.state.oxygen_mm.len())?;
        self.state.oxygen_mm.copy_from_slice(values);
        Ok(())
    }

    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
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

/// A setter takes one finite, non-negative value an element.
fn check_values(simulator: &str, query: &Query, values: &[f64], expected: usize) -> Result<(), SimulatorError> {
    let function = query.function.clone();
    let error = if values.len() != expected {
        Some(QueryError::WrongLength { function, expected, found: values.len() })
    } else {
        values.iter().position(|value| !value.is_finite() || *value < 0.0).map(|position| QueryError::BadValue {
            function,
            position,
            value: values[position],
            reason: "it must be finite and not negative",
        })
    };
    error.map_or(Ok(()), |error| Err(SimulatorError::query(simulator, error)))
}

/// Prints the oxygen profile now and then.
struct Table;

impl Observer for Table {
    fn periods(&self) -> Vec<u64> {
        vec![500]
    }

    fn look(
        &mut self,
        moment: Moment,
        idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if moment == Moment::Exchanged && idts.is_multiple_of(500) {
            let mut oxygen = Vec::new();
            simulators[0].get_var(&Query::new("get_oxygen"), &mut oxygen)?;
            let row: Vec<String> = oxygen.iter().map(|value| format!("{:6.2}", value * 1e3)).collect();
            println!("{idts:6} ms  {}", row.join(" "));
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let build_oxygen = || Box::new(Oxygen::new(8)) as Box<dyn Simulator>;
    let build_cells = || Box::new(Cells::new((0..16).map(|i| [f64::from(i) * 5.0, 0.0, 0.0]).collect())) as Box<_>;
    conformance::check(&build_oxygen)?;
    conformance::check(&build_cells)?;

    let call = |function: &str, kwargs: serde_json::Value| Call {
        function: function.to_owned(),
        kwargs: kwargs.as_object().cloned().unwrap_or_default(),
    };
    let connection = |key: &str, src: &str, get: Call, dest: &str, set: Call, action: Action| Connection {
        src_simulator: src.to_owned(),
        src_get: get,
        src_set: None,
        dest_simulator: dest.to_owned(),
        dest_get: None,
        dest_set: set,
        transform_expression: None,
        transform_unit: None,
        window: WindowOperator::Last,
        action,
        ndts: None,
        event: None,
        key: key.to_owned(),
        line: 0,
        column: 0,
    };
    let connections = [
        connection(
            "supply",
            "oxygen",
            call("get_oxygen", json!({})),
            "cells",
            call("set_cell", json!({"var": "oxygen"})),
            Action::Set,
        ),
        connection(
            "demand",
            "cells",
            call("get_cell", json!({"var": "uptake"})),
            "oxygen",
            call("take_oxygen", json!({})),
            Action::Sum,
        ),
    ];
    let simulators = vec![build_oxygen(), build_cells()];
    let plan = Plan::new(simulators, &[], &Composition::of(&connections))?;
    println!("oxygen (uM) in voxels of {VOXEL_UM} um from the capillary:");
    let grid = TimeGrid { dt_ms: BASE_DT_MS, steps: 3000 };
    let mut orchestrator = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    orchestrator.run(&mut Table)?;
    Ok(())
}
