//! Oxygen in tissue, as a simulator that msr does not know: it diffuses between voxels, comes from blood, goes into cells.
//!
//! `docs/src/add-a-simulator.md` walks through this crate. From the outside in: [`registry`] adds [`Oxygen`] to msr's own
//! simulators under the name [`NAME`]; it computes on [`Tissue`], which lies on a [`Grid`].

mod grid;
mod settings;
mod simulator;
mod tissue;

pub use grid::Grid;
pub use settings::{Settings, SettingsError};
pub use simulator::{NAME, Oxygen, VOXELS};
pub use tissue::Tissue;

use msr_coupling::registry::Built;
use msr_coupling::{BuildContext, BuildError, Geometry, Registry};

// ANCHOR: registry
/// msr's simulators and this one, which comes last: its voxels lie around all that the others have.
pub fn registry() -> Registry {
    msr_cli::registry::standard().with(NAME, build)
}

fn build(context: &BuildContext<'_>) -> Result<Built, BuildError> {
    if !context.is_active(NAME) {
        return Ok(Built::default());
    }
    let settings: Settings = context.settings()?;
    let mut points = Vec::new();
    for space in context.spaces {
        match &space.geometry {
            Geometry::Points(own) => points.extend_from_slice(own),
            Geometry::Lines(lines) => points.extend(lines.iter().flatten()),
            Geometry::Abstract => {}
        }
    }
    let grid = Grid::around(&points, settings.voxel_um);
    let note = format!("{} voxels of {} um", grid.len(), settings.voxel_um);
    let oxygen = Oxygen::new(grid, &settings, context.simulation.run.dt_ms)?;
    Ok(Built { notes: vec![note], ..Built::simulator(oxygen) })
}
// ANCHOR_END: registry
