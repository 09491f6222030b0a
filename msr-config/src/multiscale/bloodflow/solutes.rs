//! `oxygen` and `glucose`: what the blood carries. What is not given is the simulator's standard.

use crate::section::Section;
use crate::shape::{Domain, Key, Shape};

/// `oxygen` (ours): how much the blood brings, and how well it goes through the walls.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BloodOxygen {
    /// `inflow`: partial pressure of the blood that enters, kPa.
    pub inflow_kpa: Option<f64>,
    /// `half_saturation`: partial pressure at which half of the haemoglobin is saturated, kPa.
    pub half_saturation_kpa: Option<f64>,
    /// `hill_exponent`: exponent of the saturation.
    pub hill_exponent: Option<f64>,
    /// `cell_capacity`: what saturated red cells bind, mM of their volume.
    pub cell_capacity_mm: Option<f64>,
    /// `solubility`: what is dissolved in blood, mM/kPa.
    pub solubility_mm_per_kpa: Option<f64>,
    /// `diffusion`: diffusion coefficient in plasma and wall, um^2/s.
    pub diffusion_um2_per_s: Option<f64>,
    /// `sherwood`: Sherwood number of the exchange with the tissue.
    pub sherwood: Option<f64>,
}

/// `glucose` (ours): how much the blood brings, and how well it goes through the walls.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BloodGlucose {
    /// `inflow`: concentration in the blood that enters, mM.
    pub inflow_mm: Option<f64>,
    /// `permeability`: of the walls, um/s.
    pub permeability_um_per_s: Option<f64>,
}

pub(super) static OXYGEN: Shape = Shape::strict(
    "blood_oxygen",
    "Oxygen that the blood carries.",
    &[&[
        Key::number("inflow", Domain::NotNegative)
            .unit("kPa")
            .or("12.83 (96.2 mmHg)")
            .about("Partial pressure of the blood that enters."),
        Key::number("half_saturation", Domain::Positive)
            .unit("kPa")
            .or("3.47 (26 mmHg)")
            .about("Partial pressure at which half of the haemoglobin is saturated."),
        Key::number("hill_exponent", Domain::Positive).or("2.8").about("Exponent of the saturation."),
        Key::number("cell_capacity", Domain::NotNegative)
            .unit("mM")
            .or("20.3")
            .about("What saturated red cells bind in their volume."),
        Key::number("solubility", Domain::Positive).unit("mM/kPa").or("0.0087").about("What is dissolved in blood."),
        Key::number("diffusion", Domain::NotNegative)
            .unit("um^2/s")
            .or("1800")
            .about("Diffusion coefficient in plasma and wall."),
        Key::number("sherwood", Domain::NotNegative)
            .or("2.5")
            .about("Sherwood number of the exchange with the tissue."),
    ]],
);

pub(super) static GLUCOSE: Shape = Shape::strict(
    "blood_glucose",
    "Glucose that the blood carries.",
    &[&[
        Key::number("inflow", Domain::NotNegative).unit("mM").or("5").about("Concentration in the blood that enters."),
        Key::number("permeability", Domain::NotNegative).unit("um/s").or("0.274").about("Permeability of the walls."),
    ]],
);

impl BloodOxygen {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let oxygen = Self {
            inflow_kpa: section.number("inflow"),
            half_saturation_kpa: section.number("half_saturation"),
            hill_exponent: section.number("hill_exponent"),
            cell_capacity_mm: section.number("cell_capacity"),
            solubility_mm_per_kpa: section.number("solubility"),
            diffusion_um2_per_s: section.number("diffusion"),
            sherwood: section.number("sherwood"),
        };
        section.finish();
        oxygen
    }
}

impl BloodGlucose {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let glucose =
            Self { inflow_mm: section.number("inflow"), permeability_um_per_s: section.number("permeability") };
        section.finish();
        glucose
    }
}
