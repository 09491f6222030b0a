//! Tissue as a simulator that can be coupled.

use msr_coupling::{
    Access, Bounds, Mapping, Port, Quantity, Query, QueryError, Simulator, SimulatorError, Snapshot, Space, Unit,
    Variable, VariableTable,
};
use serde::{Deserialize, Serialize};

use crate::grid::Grid;
use crate::settings::{Settings, SettingsError};
use crate::tissue::{Tissue, TissueState};

/// Name of the simulator in connections and of its section.
pub const NAME: &str = "oxygen";
/// Name of its space.
pub const VOXELS: &str = "oxygen_voxels";

/// Oxygen in tissue.
pub struct Oxygen {
    grid: Grid,
    tissue: Tissue,
    variables: VariableTable,
    base_dt_ms: f64,
    ndts: u64,
    idts: u64,
}

#[derive(Serialize, Deserialize)]
struct State {
    idts: u64,
    tissue: TissueState,
}

// ANCHOR: variables
fn variables() -> VariableTable {
    let variable = |name: &str, description: &str, unit, quantity, get: Option<&str>, set: Option<&str>| Variable {
        name: name.to_owned(),
        description: description.to_owned(),
        unit: Unit::of(unit),
        space: VOXELS.to_owned(),
        quantity,
        bounds: Bounds::NOT_NEGATIVE,
        get: get.map(Query::new),
        set: set.map(Query::new),
    };
    use Quantity::{Extensive, Intensive};
    VariableTable::new(vec![
        variable("O2", "free oxygen", "mM", Intensive, Some("get_oxygen"), Some("set_oxygen")),
        variable("blood", "blood that gives oxygen", "um3", Extensive, Some("get_blood"), Some("set_blood")),
        variable("demand", "use by cells, over one own step", "amol/ms", Extensive, None, Some("set_demand")),
        variable("unmet", "use that was asked for and had no oxygen", "amol/ms", Extensive, Some("get_unmet"), None),
    ])
}
// ANCHOR_END: variables

impl Oxygen {
    /// Oxygen on a grid, in base steps of `base_dt_ms`.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(grid: Grid, settings: &Settings, base_dt_ms: f64) -> Result<Self, SettingsError> {
        settings.check()?;
        let tissue = Tissue::new(&grid, settings);
        Ok(Self { grid, tissue, variables: variables(), base_dt_ms, ndts: settings.ndts, idts: 0 })
    }

    /// What it computes on.
    pub fn tissue(&self) -> &Tissue {
        &self.tissue
    }
}

impl Simulator for Oxygen {
    fn name(&self) -> &str {
        NAME
    }

    fn base_dt_ms(&self) -> f64 {
        self.base_dt_ms
    }

    fn ndts(&self) -> u64 {
        self.ndts
    }

    fn idts(&self) -> u64 {
        self.idts
    }

    // ANCHOR: advance
    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        if until < self.idts {
            return Err(SimulatorError::Backwards { simulator: NAME.to_owned(), idts: self.idts, until });
        }
        while self.idts < until {
            let steps = self.ndts.min(until - self.idts);
            self.tissue.advance(steps as f64 * self.base_dt_ms);
            // A rate lasts for one step.
            self.tissue.state_mut().demand_amol_per_ms.fill(0.0);
            self.idts += steps;
        }
        Ok(())
    }
    // ANCHOR_END: advance

    // ANCHOR: spaces
    fn spaces(&self) -> Vec<Space> {
        vec![self.grid.space(VOXELS)]
    }

    /// From everything that has a place to the voxels.
    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        let others = spaces.iter().filter(|space| space.name != VOXELS);
        let mapping = |space: &Space| {
            let fractions = self.grid.fractions(&space.geometry)?;
            Some(Mapping { from: space.name.clone(), to: VOXELS.to_owned(), fractions })
        };
        Ok(others.filter_map(mapping).collect())
    }
    // ANCHOR_END: spaces

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    // ANCHOR: queries
    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.port(query, access, &[])
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        self.resolve(query, Access::Get).map_err(|error| SimulatorError::query(NAME, error))?;
        let state = self.tissue.state();
        values.clear();
        values.extend_from_slice(match query.function.as_str() {
            "get_oxygen" => &state.oxygen_mm,
            "get_blood" => &state.blood_um3,
            _ => &state.unmet_amol_per_ms,
        });
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let port = self.resolve(query, Access::Set).map_err(|error| SimulatorError::query(NAME, error))?;
        port.check(query, values, self.grid.len()).map_err(|error| SimulatorError::query(NAME, error))?;
        let state = self.tissue.state_mut();
        let target = match query.function.as_str() {
            "set_oxygen" => &mut state.oxygen_mm,
            "set_blood" => &mut state.blood_um3,
            _ => &mut state.demand_amol_per_ms,
        };
        target.copy_from_slice(values);
        Ok(())
    }
    // ANCHOR_END: queries

    /// Voxels belong to no neuron.
    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn summary(&self) -> Vec<String> {
        let state = self.tissue.state();
        let lowest = state.oxygen_mm.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = state.oxygen_mm.iter().copied().fold(0.0, f64::max);
        vec![
            format!("{lowest:.4} to {highest:.4} mM"),
            format!("blood gave {:.4e} amol, cells used {:.4e} amol", state.supplied_amol, state.consumed_amol),
        ]
    }

    // ANCHOR: snapshot
    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode(NAME, &State { idts: self.idts, tissue: self.tissue.state().clone() })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        let State { idts, tissue } = snapshot.decode(NAME)?;
        let voxels = self.grid.len();
        let columns = [&tissue.oxygen_mm, &tissue.blood_um3, &tissue.demand_amol_per_ms, &tissue.unmet_amol_per_ms];
        if columns.iter().any(|column| column.len() != voxels) {
            let reason =
                format!("it is not of {voxels} voxels; restore with the circuit and voxel_um it was taken with");
            return Err(SimulatorError::WrongSnapshot { simulator: NAME.to_owned(), reason });
        }
        *self.tissue.state_mut() = tissue;
        self.idts = idts;
        Ok(())
    }
    // ANCHOR_END: snapshot
}
