//! What blood carries: how much at which level, and how well it goes through the walls.

use std::f64::consts::PI;

use msr_config::multiscale::{BloodGlucose, BloodOxygen};
use serde::{Deserialize, Serialize};

use crate::settings::SettingsError;

/// Something that blood carries and exchanges with the tissue.
pub trait Solute {
    /// Level of the blood that enters.
    fn inflow_level(&self) -> f64;
    /// Content of blood at this level, in mM: rises with the level, linear in haematocrit.
    fn content_mm(&self, level: f64, hematocrit: f64) -> f64;
    /// What goes through the wall of a segment for each unit of level above the tissue's, in amol/s per level.
    fn exchange(&self, length_um: f64, radius_um: f64) -> f64;
}

/// 1 mmHg in kPa.
const KPA_PER_MMHG: f64 = 0.133_322_387_415;
/// Molar volume of an ideal gas at 0 degrees C and 1 atm, in cm3/mol: solubilities are given as cm3 of gas.
const GAS_CM3_PER_MOL: f64 = 22_414.0;

/// Oxygen; its level is the partial pressure in kPa.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Oxygen {
    /// Partial pressure of the blood that enters, in kPa.
    pub inflow_kpa: f64,
    /// Partial pressure at which half of the haemoglobin is saturated, in kPa.
    pub half_saturation_kpa: f64,
    /// Exponent of Hill's law for the saturation.
    pub hill_exponent: f64,
    /// Oxygen that saturated red cells bind, in mM of their volume.
    pub cell_capacity_mm: f64,
    /// Oxygen dissolved in blood, in mM/kPa.
    pub solubility_mm_per_kpa: f64,
    /// Diffusion coefficient in plasma and wall, in um2/s.
    pub diffusion_um2_per_s: f64,
    /// Sherwood number of the exchange: flux per length over pi solubility diffusion times pressure difference.
    pub sherwood: f64,
}

impl Default for Oxygen {
    /// Arterial 96.2 mmHg, half saturation 26 mmHg, Hill exponent 2.8, solubility 2.6e-5 cm3/(cm3 mmHg), diffusion
    /// 1.8e-5 cm2/s (Mintun et al., PNAS 98, 6859, 2001, table 1); 20.3 mM bound in red cells (4 O2 for each haemoglobin,
    /// 33 g of it with 65 kg/mol in 100 cm3 of cells). The Sherwood number 2.5 is a choice of ours, within the range of the
    /// literature: from 1.2 in vessels of 3.5 um to 4.8 in those of 100 um, 2.5 at 8.1 um (quoted by others from Hellums et
    /// al., Ann Biomed Eng 24, 1, 1996).
    fn default() -> Self {
        const SOLUBILITY_CM3_PER_CM3_MMHG: f64 = 2.6e-5;
        const MM_PER_MOL_PER_CM3: f64 = 1e6;
        Self {
            inflow_kpa: 96.2 * KPA_PER_MMHG,
            half_saturation_kpa: 26.0 * KPA_PER_MMHG,
            hill_exponent: 2.8,
            cell_capacity_mm: 20.3,
            solubility_mm_per_kpa: SOLUBILITY_CM3_PER_CM3_MMHG / GAS_CM3_PER_MOL * MM_PER_MOL_PER_CM3 / KPA_PER_MMHG,
            diffusion_um2_per_s: 1800.0,
            sherwood: 2.5,
        }
    }
}

impl Oxygen {
    /// The default with what the section `oxygen` says otherwise.
    pub fn from_config(config: &BloodOxygen) -> Self {
        let standard = Self::default();
        Self {
            inflow_kpa: config.inflow_kpa.unwrap_or(standard.inflow_kpa),
            half_saturation_kpa: config.half_saturation_kpa.unwrap_or(standard.half_saturation_kpa),
            hill_exponent: config.hill_exponent.unwrap_or(standard.hill_exponent),
            cell_capacity_mm: config.cell_capacity_mm.unwrap_or(standard.cell_capacity_mm),
            solubility_mm_per_kpa: config.solubility_mm_per_kpa.unwrap_or(standard.solubility_mm_per_kpa),
            diffusion_um2_per_s: config.diffusion_um2_per_s.unwrap_or(standard.diffusion_um2_per_s),
            sherwood: config.sherwood.unwrap_or(standard.sherwood),
        }
    }

    /// Checks the ranges of all values.
    ///
    /// # Errors
    /// [`SettingsError::BadSolute`].
    pub fn check(&self) -> Result<(), SettingsError> {
        let solute = "oxygen";
        check_positive(
            solute,
            &[
                ("half_saturation", self.half_saturation_kpa),
                ("hill_exponent", self.hill_exponent),
                ("solubility", self.solubility_mm_per_kpa),
            ],
        )?;
        check_not_negative(
            solute,
            &[
                ("inflow", self.inflow_kpa),
                ("cell_capacity", self.cell_capacity_mm),
                ("diffusion", self.diffusion_um2_per_s),
                ("sherwood", self.sherwood),
            ],
        )
    }

    /// Part of the haemoglobin that has bound oxygen (Hill 1910).
    pub fn saturation(&self, level_kpa: f64) -> f64 {
        // This way round, what overflows becomes 0.
        1.0 / (1.0 + (self.half_saturation_kpa / f64::max(level_kpa, 0.0)).powf(self.hill_exponent))
    }
}

impl Solute for Oxygen {
    fn inflow_level(&self) -> f64 {
        self.inflow_kpa
    }

    fn content_mm(&self, level: f64, hematocrit: f64) -> f64 {
        hematocrit * self.cell_capacity_mm * self.saturation(level) + self.solubility_mm_per_kpa * level
    }

    /// Independent of the radius, by the definition of the Sherwood number: what is further from the wall has a larger wall.
    fn exchange(&self, length_um: f64, _radius_um: f64) -> f64 {
        PI * self.sherwood * self.solubility_mm_per_kpa * self.diffusion_um2_per_s * length_um
    }
}

/// Glucose; its level is the concentration in mM, the same in plasma and cells.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Glucose {
    /// Concentration in the blood that enters, in mM.
    pub inflow_mm: f64,
    /// Permeability of the walls, in um/s.
    pub permeability_um_per_s: f64,
}

impl Default for Glucose {
    /// 5 mM, and the permeability that takes 28 % out of it in one passage (Crone: Facilitated transfer of glucose from
    /// blood into brain tissue, J Physiol 181, 103, 1965): -ln(1 - 0.28) times a flow of 0.5 cm3/(g min) over 100 cm2/g of
    /// wall.
    fn default() -> Self {
        const EXTRACTED: f64 = 0.28;
        const FLOW_CM3_PER_G_S: f64 = 0.5 / 60.0;
        const WALL_CM2_PER_G: f64 = 100.0;
        const UM_PER_CM: f64 = 1e4;
        Self {
            inflow_mm: 5.0,
            permeability_um_per_s: -(1.0 - EXTRACTED).ln() * FLOW_CM3_PER_G_S / WALL_CM2_PER_G * UM_PER_CM,
        }
    }
}

impl Glucose {
    /// The default with what the section `glucose` says otherwise.
    pub fn from_config(config: &BloodGlucose) -> Self {
        let standard = Self::default();
        Self {
            inflow_mm: config.inflow_mm.unwrap_or(standard.inflow_mm),
            permeability_um_per_s: config.permeability_um_per_s.unwrap_or(standard.permeability_um_per_s),
        }
    }

    /// Checks the ranges of all values.
    ///
    /// # Errors
    /// [`SettingsError::BadSolute`].
    pub fn check(&self) -> Result<(), SettingsError> {
        check_not_negative("glucose", &[("inflow", self.inflow_mm), ("permeability", self.permeability_um_per_s)])
    }
}

impl Solute for Glucose {
    fn inflow_level(&self) -> f64 {
        self.inflow_mm
    }

    fn content_mm(&self, level: f64, _hematocrit: f64) -> f64 {
        level
    }

    fn exchange(&self, length_um: f64, radius_um: f64) -> f64 {
        self.permeability_um_per_s * 2.0 * PI * radius_um * length_um
    }
}

fn check_positive(solute: &'static str, values: &[(&'static str, f64)]) -> Result<(), SettingsError> {
    check(solute, values, "a number above 0", |value| value > 0.0)
}

fn check_not_negative(solute: &'static str, values: &[(&'static str, f64)]) -> Result<(), SettingsError> {
    check(solute, values, "a number of at least 0", |value| value >= 0.0)
}

fn check(
    solute: &'static str,
    values: &[(&'static str, f64)],
    domain: &'static str,
    allows: fn(f64) -> bool,
) -> Result<(), SettingsError> {
    match values.iter().find(|&&(_, value)| !(value.is_finite() && allows(value))) {
        Some(&(key, found)) => Err(SettingsError::BadSolute { solute, key, domain, found }),
        None => Ok(()),
    }
}
