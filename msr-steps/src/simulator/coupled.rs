//! The contract of a simulator that can be coupled.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use msr_coupling::{
    Access, Mapping, MappingInputs, Port, Query, QueryError, Simulator, SimulatorError, Snapshot, Space, Variable,
};
use serde::{Deserialize, Serialize};

use super::contents::ContentsState;
use super::table::{self, Function};
use super::{Clock, NAME, StepsSimulator};
use crate::constants::SECONDS_PER_MILLISECOND;
use crate::mesh::CellData;

/// Everything that changes.
#[derive(Serialize, Deserialize)]
struct State {
    clock: Clock,
    contents: ContentsState,
    shortfalls: BTreeMap<(u32, u32), f64>,
}

impl Simulator for StepsSimulator {
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
        self.clock.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        if until < self.clock.idts {
            return Err(SimulatorError::Backwards { simulator: NAME.to_owned(), idts: self.clock.idts, until });
        }
        let [from, ndts] = [self.clock.idts, self.ndts];
        let windows = (from..until).step_by(ndts as usize).map(|start| ndts.min(until - start));
        let seconds = self.base_dt_ms * SECONDS_PER_MILLISECOND;
        let advanced = self.contents.advance(windows.clone().map(|window| window as f64 * seconds));
        advanced.map_err(|failure| SimulatorError::failed(NAME, self.unsolved(failure)))?;
        self.clock = Clock { idts: until, window: windows.last().unwrap_or(self.clock.window) };
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        vec![self.space.space()]
    }

    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        let (mappings, _) = self.place_all(spaces).map_err(|error| SimulatorError::failed(NAME, error))?;
        Ok(mappings)
    }

    fn mapping_inputs(&self) -> Option<MappingInputs> {
        Some(self.space.inputs())
    }

    fn variables(&self) -> &[Variable] {
        self.table.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        table::resolve(&self.table, &self.model, query, access).map(|(_, _, port)| port)
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        let (function, species, _) = table::resolve(&self.table, &self.model, query, Access::Get)
            .map_err(|source| SimulatorError::query(NAME, source))?;
        values.clear();
        let tets = 0..self.len();
        match function {
            Function::Volume => values.extend_from_slice(self.mesh().volumes_um3()),
            Function::Concentration => values.extend(
                tets.map(|tet| self.count(species, tet) / self.molecules_at_1_molar(tet) * self.settings.conc_factor),
            ),
            Function::Count | Function::Current => values.extend(tets.map(|tet| self.count(species, tet))),
        }
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        table::resolve(&self.table, &self.model, query, Access::Set)
            .and_then(|(function, species, _)| self.write(query, function, species, values))
            .map_err(|source| SimulatorError::query(NAME, source))
    }

    /// Nothing lives on the mesh that belongs to a neuron: what remains keeps diffusing.
    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn summary(&self) -> Vec<String> {
        let mut lines: Vec<String> = (0..self.model.species().len()).map(|species| self.range(species)).collect();
        if !self.shortfalls.is_empty() {
            let molecules: f64 = self.shortfalls.values().sum();
            lines.push(format!(
                "currents asked for {molecules:.3e} molecules more than {} tetrahedra held; those were emptied",
                self.shortfalls.len()
            ));
        }
        lines
    }

    fn write_vtk(&self, directory: &Path) -> Result<Option<PathBuf>, SimulatorError> {
        let path = directory.join("mesh.vtu");
        let species = self.model.species();
        let names: Vec<String> = species.iter().map(|species| format!("{} (mM)", species.name)).collect();
        let values: Vec<Vec<f64>> = (0..species.len())
            .map(|species| (0..self.len()).map(|tet| self.millimolar(species, tet)).collect())
            .collect();
        let data: Vec<CellData<'_>> =
            names.iter().zip(&values).map(|(name, values)| CellData { name, values }).collect();
        let written = File::create(&path).and_then(|file| {
            let mut out = BufWriter::new(file);
            self.mesh().write_vtu(&mut out, &data)?;
            out.flush()
        });
        written.map_err(|error| SimulatorError::failed(NAME, Unwritable { path: path.clone(), error }))?;
        Ok(Some(path))
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        let contents = self.contents.state();
        Snapshot::encode(NAME, &State { clock: self.clock, contents, shortfalls: self.shortfalls.clone() })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        let State { clock, contents, shortfalls } = snapshot.decode(NAME)?;
        let restored = self.contents.restore(contents);
        restored.map_err(|reason| SimulatorError::WrongSnapshot { simulator: NAME.to_owned(), reason })?;
        self.clock = clock;
        self.shortfalls = shortfalls;
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {error}", path.display())]
struct Unwritable {
    path: PathBuf,
    error: std::io::Error,
}
