//! What can be read of astrocytes: of each, of their segments and of their endfeet.

use msr_coupling::space::{ASTROCYTES, ENDFEET, WRAPPED_VESSEL_SEGMENTS};
use msr_coupling::{Bounds, Quantity, Query, Unit, Variable};

use super::host::Host;
use super::variables::Reader;
use crate::astrocytes::Astrocytes;

/// What either model of astrocytes has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum AstrocyteValue {
    Calcium,
    EndfootRadius,
    VesselRadius,
}

impl AstrocyteValue {
    /// What can be read of these.
    pub fn of(astrocytes: &Astrocytes) -> &'static [Self] {
        let all = &[Self::Calcium, Self::EndfootRadius, Self::VesselRadius];
        if astrocytes.endfeet().is_empty() { &all[..1] } else { all }
    }

    pub fn variable(self) -> Variable {
        let (name, description, unit, space) = match self {
            Self::Calcium => ("get_astrocyte_calcium", "calcium in the cytosol of each astrocyte", "uM", ASTROCYTES),
            Self::EndfootRadius => {
                ("get_endfoot_radii", "radius that each endfoot alone would give its vessel segment", "um", ENDFEET)
            }
            Self::VesselRadius => {
                let description = "radius of each vessel segment that has endfeet, as these make it together";
                ("get_vasc_radii", description, "um", WRAPPED_VESSEL_SEGMENTS)
            }
        };
        Variable {
            name: name.to_owned(),
            description: description.to_owned(),
            unit: Unit::of(unit),
            space: space.to_owned(),
            quantity: Quantity::Intensive,
            bounds: if self == Self::Calcium { Bounds::NOT_NEGATIVE } else { Bounds::POSITIVE },
            get: Some(Query::new(name)),
            set: None,
        }
    }

    fn read(self, astrocytes: &Astrocytes, values: &mut Vec<f64>) {
        match self {
            Self::Calcium => astrocytes.read_calcium_um(values),
            Self::EndfootRadius => astrocytes.read_endfoot_radii_um(values),
            Self::VesselRadius => astrocytes.vessel_radii_um(values),
        }
    }
}

/// Reads the values of one query about astrocytes.
pub(super) enum AstrocyteReader {
    Whole(AstrocyteValue),
    /// Segments or endfeet of those that are cells.
    Segments(Host, Reader),
}

impl AstrocyteReader {
    /// Adds the values at the end of `values`.
    pub fn read(&self, astrocytes: &Astrocytes, values: &mut Vec<f64>) {
        let (host, reader) = match self {
            Self::Whole(value) => return value.read(astrocytes, values),
            Self::Segments(host, reader) => (*host, reader),
        };
        let cells = astrocytes.cells().expect("only cells have segments");
        if host == Host::Endfeet {
            let (mut all, mut starts) = (Vec::new(), Vec::with_capacity(cells.list().len()));
            for cell in cells.list() {
                starts.push(all.len());
                reader.read(cell, &mut all);
            }
            // The nodes of segments stand first, in their order.
            values.extend(cells.feet().iter().map(|&(astrocyte, node)| all[starts[astrocyte] + node as usize]));
            return;
        }
        for cell in cells.list() {
            let first = values.len();
            reader.read(cell, values);
            values.truncate(first + host.segments(cell).len());
        }
    }
}
