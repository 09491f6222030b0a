//! Two conducting layers outside the membrane (NEURON's `extracellular`), whose potentials are solved for with the cell's own.

use super::{Column, Columns, IonUse, Mechanism};
use crate::ions::Membrane;

/// Its name.
pub const EXTRACELLULAR: &str = "extracellular";
/// Layers outside of the membrane.
pub const LAYERS: usize = 2;

/// Layers of a segment. Between the membrane and the ground lie, layer by layer, `xc` beside `xg`; along the cable the layers
/// conduct by `xraxial`; the potential of the ground is `e`. Without settings they are grounded (NEURON's defaults).
struct Extracellular;

/// Positions of the columns.
pub(crate) mod column {
    pub const AXIAL: [usize; 2] = [0, 1];
    pub const CONDUCTANCE: [usize; 2] = [2, 3];
    pub const CAPACITANCE: [usize; 2] = [4, 5];
    pub const GROUND: usize = 6;
    pub const POTENTIAL: [usize; 2] = [7, 8];
    pub const MEMBRANE_CURRENT: usize = 9;
}

static COLUMNS: [Column; 10] = [
    Column::parameter("xraxial[0]", "megohm/cm", 1e9),
    Column::parameter("xraxial[1]", "megohm/cm", 1e9),
    Column::parameter("xg[0]", "S/cm2", 1e9),
    Column::parameter("xg[1]", "S/cm2", 1e9),
    Column::parameter("xc[0]", "uF/cm2", 0.0),
    Column::parameter("xc[1]", "uF/cm2", 0.0),
    Column::parameter("e", "mV", 0.0),
    Column::state("vext[0]", "mV"),
    Column::state("vext[1]", "mV"),
    Column::assigned("i_membrane", "mA/cm2"),
];

impl Mechanism for Extracellular {
    fn name(&self) -> &str {
        EXTRACELLULAR
    }

    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn ions(&self) -> Vec<IonUse> {
        Vec::new()
    }

    fn initialise(&self, block: &mut Columns<'_>, _membrane: &mut Membrane) {
        let (_, columns) = block.split::<10>();
        for (position, column) in columns.into_iter().enumerate() {
            if column::POTENTIAL.contains(&position) || position == column::MEMBRANE_CURRENT {
                column.fill(0.0);
            }
        }
    }

    fn currents(&self, _block: &mut Columns<'_>, _membrane: &mut Membrane) {}

    fn advance(&self, _block: &mut Columns<'_>, _membrane: &mut Membrane, _dt_ms: f64) {}
}

/// The layers.
pub(super) fn extracellular(_celsius: f64) -> Box<dyn Mechanism> {
    Box::new(Extracellular)
}
