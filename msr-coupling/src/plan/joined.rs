//! The spaces of all simulators and the mappings between them, joined.

use crate::coverage::Coverage;
use crate::mapping_cache::{Fetched, MappingInputs, MappingRecord};
use crate::simulator::{Simulator, SimulatorError};
use crate::space::{Mapping, Space};
use crate::space_graph::SpaceGraph;

use super::{Composition, Geography, PlanError};

/// Spaces and mappings, and what is to be told of them.
#[derive(Default)]
pub(super) struct Joined {
    pub spaces: SpaceGraph,
    pub records: Vec<MappingRecord>,
    pub notes: Vec<String>,
}

impl Joined {
    pub fn of(
        simulators: &[Box<dyn Simulator>],
        geographies: &[Box<dyn Geography>],
        composition: &Composition<'_>,
    ) -> Result<Self, PlanError> {
        let mut joined = Self::default();
        for space in simulators.iter().flat_map(|simulator| simulator.spaces()) {
            joined.spaces.add_space(space)?;
        }
        for space in geographies.iter().flat_map(|geography| geography.spaces()) {
            joined.spaces.add_space(space)?;
        }
        let all: Vec<Space> = joined.spaces.spaces().cloned().collect();
        for simulator in simulators {
            joined.add(simulator.mapping_inputs(), &all, composition, || simulator.mappings(&all))?;
        }
        for geography in geographies {
            joined.add(geography.mapping_inputs(), &all, composition, || geography.mappings(&all))?;
        }
        Ok(joined)
    }

    fn add(
        &mut self,
        inputs: Option<MappingInputs>,
        all: &[Space],
        composition: &Composition<'_>,
        compute: impl FnOnce() -> Result<Vec<Mapping>, SimulatorError>,
    ) -> Result<(), PlanError> {
        let failed = |error| PlanError::of_simulator(error, composition);
        let mappings = match (inputs, composition.mapping_cache) {
            (Some(inputs), Some(cache)) => {
                let Fetched { mappings, record, troubles } = cache.fetch(&inputs, all, compute).map_err(failed)?;
                self.records.push(record);
                self.notes.extend(troubles.iter().map(ToString::to_string));
                mappings
            }
            _ => compute().map_err(failed)?,
        };
        for mapping in mappings {
            let coverage = Coverage::of(&mapping, self.spaces.space(&mapping.from)?);
            self.spaces.add_mapping(mapping)?;
            if !coverage.is_complete() {
                self.notes.push(coverage.to_string());
            }
        }
        Ok(())
    }
}
