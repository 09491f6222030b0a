//! Inputs of the module `spatially_uniform_e_field`: the potential at each segment of a cell.

use msr_config::simulation::{ElectricField, Input};

use super::PlacedCell;
use crate::discretisation::Discretisation;
use crate::morphology::{Placement, SectionKind};
use crate::stimuli::{Field, FieldCourse};

/// V/m times um to mV.
const MV_PER_V_PER_M_UM: f64 = 1e-3;
/// Length of each of the two sections that replace an axon, in um.
const CYLINDER_UM: f64 = 30.0;
/// Length of the axon's replacement, behind which its myelin begins, and of that myelin, in um.
const MYELIN_UM: (f64, f64) = (60.0, 1000.0);

/// Adds the fields of an input to a cell.
pub(super) fn add(
    placed: &mut PlacedCell,
    input: &Input,
    fields: &[ElectricField],
    [ramp_up_ms, ramp_down_ms]: [f64; 2],
) {
    let distances = distances_um(placed.cell.discretisation(), &placed.placement);
    for field in fields {
        let [x, y, z] = field.amplitude_v_per_m;
        let potential = |[dx, dy, dz]: &[f64; 3]| (x * dx + y * dy + z * dz) * MV_PER_V_PER_M_UM;
        let potentials_mv: Vec<f64> = distances.iter().map(potential).collect();
        let course = FieldCourse {
            delay_ms: input.delay_ms,
            duration_ms: input.duration_ms,
            ramp_up_ms,
            ramp_down_ms,
            frequency_hz: field.frequency_hz,
            phase_rad: field.phase_rad,
        };
        let field = Field::new(placed.cell.cable(), &potentials_mv, course);
        placed.cell.add_field(field);
    }
}

/// From the middle of the soma to each segment, in the coordinates of the circuit, as neurodamus takes it: to the beginning
/// of a segment of the morphology file, and straight down the file's y axis where the axon was replaced.
fn distances_um(cell: &Discretisation, placement: &Placement) -> Vec<[f64; 3]> {
    let soma = &cell.segments[cell.sections[0].segments.clone()];
    let points: Vec<[f64; 3]> = std::iter::once(soma[0].ends_um[0]).chain(soma.iter().map(|s| s.ends_um[1])).collect();
    let centre: [f64; 3] =
        std::array::from_fn(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64);
    let origin = placement.global(centre);
    let mut axons = 0;
    let mut distances = Vec::with_capacity(cell.segments.len());
    for section in &cell.sections {
        for (number, segment) in cell.segments[section.segments.clone()].iter().enumerate() {
            let along = (number as f64 + 0.5) / section.segments.len() as f64;
            let down = |um: f64| [centre[0], centre[1] - um, centre[2]];
            let local = match section.kind {
                SectionKind::Soma => centre,
                SectionKind::Myelin if !section.from_file => down(MYELIN_UM.0 + MYELIN_UM.1 * along),
                _ if !section.from_file => down(CYLINDER_UM * (f64::from(axons) + along)),
                _ => segment.ends_um[0],
            };
            let point = placement.global(local);
            distances.push(std::array::from_fn(|axis| point[axis] - origin[axis]));
        }
        axons += u32::from(section.kind == SectionKind::Axon);
    }
    distances
}
