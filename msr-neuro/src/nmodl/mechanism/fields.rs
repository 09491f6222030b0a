//! Fields of the membrane by number.

use crate::ions::Membrane;
use crate::mechanisms::ForeignIon;
use crate::nmodl::lanes::Surroundings;
use crate::nmodl::model::{IonPart, Model};

/// Voltage.
pub(super) const VOLTAGE: u32 = 0;
/// Total current.
pub(super) const CURRENT: u32 = 1;
/// Its slope.
pub(super) const CONDUCTANCE: u32 = 2;
/// Ions that every membrane has: name, part, number.
const OWN: &[(&str, IonPart, u32)] = &[
    ("na", IonPart::Current, 3),
    ("k", IonPart::Current, 4),
    ("ca", IonPart::Current, 5),
    ("cl", IonPart::Current, 6),
    ("na", IonPart::Inside, 7),
    ("na", IonPart::Outside, 8),
    ("k", IonPart::Inside, 9),
    ("k", IonPart::Outside, 10),
    ("ca", IonPart::Inside, 11),
    ("ca", IonPart::Outside, 12),
    ("atp", IonPart::Inside, 13),
    ("adp", IonPart::Inside, 14),
    ("na", IonPart::Reversal, 15),
    ("k", IonPart::Reversal, 16),
    ("ca", IonPart::Reversal, 17),
];
/// Slopes of the currents of these, in the order of [`Membrane::slopes`].
const SLOPES: [(&str, u32); Membrane::OWN_CURRENTS] = [("na", 18), ("k", 19), ("ca", 20), ("cl", 21)];
/// Number of the first field of other ions.
const FOREIGN: u32 = 32;
/// Fields of each: inside, outside, reversal potential, current, slope of the current.
const PARTS: u32 = 5;
/// A mechanism uses no more other ions.
pub(super) const MOST_FOREIGN: usize = 8;

/// Whether each part of an ion that a mechanism uses is a field of every membrane.
pub(super) fn is_own(ion: &str, part: IonPart) -> bool {
    OWN.iter().any(|entry| entry.0 == ion && entry.1 == part)
}

/// The field of a part of an ion.
pub(super) fn field(ion: &str, part: IonPart, foreign: &[ForeignIon]) -> u32 {
    if let Some(entry) = OWN.iter().find(|entry| entry.0 == ion && entry.1 == part) {
        return entry.2;
    }
    let index = foreign.iter().position(|known| known.name == ion).unwrap_or(0) as u32;
    let part = match part {
        IonPart::Inside => 0,
        IonPart::Outside => 1,
        IonPart::Reversal => 2,
        IonPart::Current => 3,
    };
    FOREIGN + PARTS * index + part
}

/// The field of the slope of the current of an ion.
pub(super) fn slope(model: &Model, foreign: &[ForeignIon], ion: usize) -> u32 {
    let name = &model.ions[ion].name;
    match SLOPES.iter().find(|(known, _)| known == name) {
        Some((_, field)) => *field,
        None => field(name, IonPart::Current, foreign) + 1,
    }
}

/// The field of the current of an ion.
pub(super) fn current(model: &Model, foreign: &[ForeignIon], ion: usize) -> u32 {
    field(&model.ions[ion].name, IonPart::Current, foreign)
}

/// Fields that the mechanism replaces, and their slots.
pub(super) fn written<'a>(model: &'a Model, foreign: &'a [ForeignIon]) -> impl Iterator<Item = (u32, u32)> + 'a {
    model.ions.iter().flat_map(move |ion| {
        ion.writes
            .iter()
            .filter(|write| write.0 != IonPart::Current)
            .map(move |&(part, slot)| (field(&ion.name, part, foreign), slot))
    })
}

/// The membrane as fields.
pub(super) struct Around<'a> {
    membrane: &'a mut Membrane,
    /// Position in the membrane of each other ion of the mechanism.
    foreign: [usize; MOST_FOREIGN],
}

impl<'a> Around<'a> {
    pub fn new(membrane: &'a mut Membrane, ions: &[ForeignIon]) -> Self {
        let mut foreign = [0; MOST_FOREIGN];
        for (place, ion) in foreign.iter_mut().zip(ions) {
            *place = membrane.foreign_ion(&ion.name);
        }
        Self { membrane, foreign }
    }
}

impl Surroundings for Around<'_> {
    fn field(&self, field: u32) -> &[f64] {
        let membrane = &*self.membrane;
        match field {
            VOLTAGE => &membrane.v,
            CURRENT => &membrane.current,
            CONDUCTANCE => &membrane.conductance,
            3 => &membrane.ina,
            4 => &membrane.ik,
            5 => &membrane.ica,
            6 => &membrane.icl,
            7 => &membrane.nai,
            8 => &membrane.nao,
            9 => &membrane.ki,
            10 => &membrane.ko,
            11 => &membrane.cai,
            12 => &membrane.cao,
            13 => &membrane.atpi,
            14 => &membrane.adpi,
            15 => &membrane.ena,
            16 => &membrane.ek,
            17 => &membrane.eca,
            own @ 18..FOREIGN => &membrane.slopes[(own - SLOPES[0].1) as usize],
            other => {
                let ion = self.foreign[((other - FOREIGN) / PARTS) as usize];
                let pool = &membrane.foreign[ion];
                match (other - FOREIGN) % PARTS {
                    0 => &pool.inside,
                    1 => &pool.outside,
                    2 => &pool.reversal,
                    3 => &pool.current,
                    _ => &membrane.slopes[Membrane::OWN_CURRENTS + ion],
                }
            }
        }
    }

    fn field_mut(&mut self, field: u32) -> &mut [f64] {
        let membrane = &mut *self.membrane;
        match field {
            VOLTAGE => &mut membrane.v,
            CURRENT => &mut membrane.current,
            CONDUCTANCE => &mut membrane.conductance,
            3 => &mut membrane.ina,
            4 => &mut membrane.ik,
            5 => &mut membrane.ica,
            6 => &mut membrane.icl,
            7 => &mut membrane.nai,
            8 => &mut membrane.nao,
            9 => &mut membrane.ki,
            10 => &mut membrane.ko,
            11 => &mut membrane.cai,
            12 => &mut membrane.cao,
            13 => &mut membrane.atpi,
            14 => &mut membrane.adpi,
            15 => &mut membrane.ena,
            16 => &mut membrane.ek,
            17 => &mut membrane.eca,
            own @ 18..FOREIGN => &mut membrane.slopes[(own - SLOPES[0].1) as usize],
            other => {
                let ion = self.foreign[((other - FOREIGN) / PARTS) as usize];
                let pool = &mut membrane.foreign[ion];
                match (other - FOREIGN) % PARTS {
                    0 => &mut pool.inside,
                    1 => &mut pool.outside,
                    2 => &mut pool.reversal,
                    3 => &mut pool.current,
                    _ => &mut membrane.slopes[Membrane::OWN_CURRENTS + ion],
                }
            }
        }
    }
}
