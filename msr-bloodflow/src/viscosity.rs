//! How much more viscous blood is than plasma, as a function of the vessel's width.

use serde::{Deserialize, Serialize};

/// The law for the apparent viscosity of blood relative to plasma.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Viscosity {
    /// Plasma without cells: 1 everywhere.
    Plasma,
    /// The curve of AstroVascPy, fixed in haematocrit: 4 (1 - 0.863 exp(-r/14.3 um) + 27.5 exp(-r/0.351 um)).
    #[default]
    AstroVascPy,
    /// Blood in glass tubes (Pries, Neuhaus, Gaehtgens: Blood viscosity in tube flow: dependence on diameter and
    /// hematocrit; Am J Physiol 263, H1770, 1992).
    PriesInVitro {
        /// Discharge haematocrit, above 0 and below 1.
        discharge_hematocrit: f64,
    },
    /// Blood in living microvessels, with the layer on their walls (Pries, Secomb, Gessner, Sperandio, Gross,
    /// Gaehtgens: Resistance to blood flow in microvessels in vivo; Circ Res 75, 904, 1994).
    PriesInVivo {
        /// Discharge haematocrit, above 0 and below 1.
        discharge_hematocrit: f64,
    },
}

/// Why a viscosity law cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ViscosityError {
    /// No law of this name.
    #[error("there is no viscosity law '{name}'; there are: {}", Viscosity::NAMES.join(", "))]
    UnknownName {
        /// What was given.
        name: String,
    },
    /// No haematocrit.
    #[error("discharge_hematocrit {0} must lie above 0 and below 1 (0.45 is usual)")]
    BadHematocrit(f64),
    /// The in-vivo law has a pole at the thickness of the wall layer.
    #[error(
        "the in-vivo viscosity of Pries et al. (1994) has no value at radius {radius_um} um: vessels must be wider than \
         {} um; use pries_in_vitro or astro_vasc_py",
        PriesInVivo::WALL_LAYER_UM / 2.0
    )]
    TooNarrow {
        /// Radius of the vessel, in um.
        radius_um: f64,
    },
}

/// Constants of AstroVascPy's curve; lengths are radii in um.
struct AstroVascPy;

impl AstroVascPy {
    const LIMIT: f64 = 4.0;
    const WIDE: f64 = 0.863;
    const WIDE_LENGTH_UM: f64 = 14.3;
    const NARROW: f64 = 27.5;
    const NARROW_LENGTH_UM: f64 = 0.351;
}

/// Constants shared by both laws of Pries et al.: haematocrit of the reference curve, and of its large-vessel part
/// 3.2 - 2.44 exp(-0.06 D^0.645), D in um (1992, equation 2; 1994, equation 3).
struct Pries;

impl Pries {
    const REFERENCE_HEMATOCRIT: f64 = 0.45;
    const LIMIT: f64 = 3.2;
    const WIDE: f64 = 2.44;
    const WIDE_RATE: f64 = 0.06;
    const WIDE_POWER: f64 = 0.645;
}

/// Narrow-vessel part of the in-vitro reference curve, 220 exp(-1.3 D) (1992).
struct PriesInVitro;

impl PriesInVitro {
    const NARROW: f64 = 220.0;
    const NARROW_RATE_PER_UM: f64 = 1.3;
}

/// Narrow-vessel part of the in-vivo reference curve, 6 exp(-0.085 D), and twice the thickness of the wall layer (1994).
struct PriesInVivo;

impl PriesInVivo {
    const NARROW: f64 = 6.0;
    const NARROW_RATE_PER_UM: f64 = 0.085;
    const WALL_LAYER_UM: f64 = 1.1;
}

impl Viscosity {
    /// Checks the haematocrit.
    ///
    /// # Errors
    /// [`ViscosityError::BadHematocrit`].
    pub fn check(self) -> Result<Self, ViscosityError> {
        match self {
            Self::PriesInVitro { discharge_hematocrit } | Self::PriesInVivo { discharge_hematocrit }
                if !(discharge_hematocrit > 0.0 && discharge_hematocrit < 1.0) =>
            {
                Err(ViscosityError::BadHematocrit(discharge_hematocrit))
            }
            law => Ok(law),
        }
    }

    /// Names by which configurations choose a law.
    pub const NAMES: [&str; 4] = ["plasma", "astro_vasc_py", "pries_in_vitro", "pries_in_vivo"];

    /// The law of this name ([`Viscosity::NAMES`]), for blood of this haematocrit where the law depends on it.
    ///
    /// # Errors
    /// [`ViscosityError::UnknownName`], [`ViscosityError::BadHematocrit`].
    pub fn from_name(name: &str, discharge_hematocrit: f64) -> Result<Self, ViscosityError> {
        let law = match name {
            "plasma" => Self::Plasma,
            "astro_vasc_py" => Self::AstroVascPy,
            "pries_in_vitro" => Self::PriesInVitro { discharge_hematocrit },
            "pries_in_vivo" => Self::PriesInVivo { discharge_hematocrit },
            _ => return Err(ViscosityError::UnknownName { name: name.to_owned() }),
        };
        law.check()
    }

    /// Whether the law depends on haematocrit.
    pub fn depends_on_hematocrit(self) -> bool {
        matches!(self, Self::PriesInVitro { .. } | Self::PriesInVivo { .. })
    }

    /// The same law for blood with other cells (0 for plasma alone).
    #[must_use]
    pub fn at_hematocrit(self, discharge_hematocrit: f64) -> Self {
        match self {
            Self::PriesInVitro { .. } => Self::PriesInVitro { discharge_hematocrit },
            Self::PriesInVivo { .. } => Self::PriesInVivo { discharge_hematocrit },
            law => law,
        }
    }

    /// Apparent viscosity relative to plasma in a vessel of this radius.
    ///
    /// # Errors
    /// [`ViscosityError::TooNarrow`] for the in-vivo law in vessels narrower than the layer on their wall.
    pub fn relative(self, radius_um: f64) -> Result<f64, ViscosityError> {
        let diameter_um = 2.0 * radius_um;
        match self {
            Self::Plasma => Ok(1.0),
            Self::AstroVascPy => {
                let wide = AstroVascPy::WIDE * (-radius_um / AstroVascPy::WIDE_LENGTH_UM).exp();
                let narrow = AstroVascPy::NARROW * (-radius_um / AstroVascPy::NARROW_LENGTH_UM).exp();
                Ok(AstroVascPy::LIMIT * (1.0 - wide + narrow))
            }
            Self::PriesInVitro { discharge_hematocrit } => {
                let narrow = PriesInVitro::NARROW * (-PriesInVitro::NARROW_RATE_PER_UM * diameter_um).exp();
                let reference = narrow + wide_vessels(diameter_um);
                Ok(1.0 + (reference - 1.0) * hematocrit_factor(diameter_um, discharge_hematocrit))
            }
            Self::PriesInVivo { discharge_hematocrit } => {
                if diameter_um <= PriesInVivo::WALL_LAYER_UM {
                    return Err(ViscosityError::TooNarrow { radius_um });
                }
                let narrow = PriesInVivo::NARROW * (-PriesInVivo::NARROW_RATE_PER_UM * diameter_um).exp();
                let reference = narrow + wide_vessels(diameter_um);
                let layer = (diameter_um / (diameter_um - PriesInVivo::WALL_LAYER_UM)).powi(2);
                let cells = (reference - 1.0) * hematocrit_factor(diameter_um, discharge_hematocrit);
                Ok((1.0 + cells * layer) * layer)
            }
        }
    }
}

fn wide_vessels(diameter_um: f64) -> f64 {
    Pries::LIMIT - Pries::WIDE * (-Pries::WIDE_RATE * diameter_um.powf(Pries::WIDE_POWER)).exp()
}

/// ((1-H)^C - 1) / ((1-0.45)^C - 1) with C = (0.8 + exp(-0.075 D)) (1/(1 + 1e-11 D^12) - 1) + 1/(1 + 1e-11 D^12)
/// (1992, equations 1 and 3).
fn hematocrit_factor(diameter_um: f64, hematocrit: f64) -> f64 {
    const OFFSET: f64 = 0.8;
    const RATE_PER_UM: f64 = 0.075;
    const SWITCH: f64 = 1e-11;
    const SWITCH_POWER: i32 = 12;
    let switch = 1.0 / (1.0 + SWITCH * diameter_um.powi(SWITCH_POWER));
    let shape = (OFFSET + (-RATE_PER_UM * diameter_um).exp()) * (switch - 1.0) + switch;
    // (1-H)^C - 1 without cancellation near C = 0, where the ratio tends to ln(1-H) / ln(1-0.45).
    let power = |hematocrit: f64| (shape * (-hematocrit).ln_1p()).exp_m1();
    if shape == 0.0 {
        (-hematocrit).ln_1p() / (-Pries::REFERENCE_HEMATOCRIT).ln_1p()
    } else {
        power(hematocrit) / power(Pries::REFERENCE_HEMATOCRIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_at_six_diameters() {
        // Diameter (um), AstroVascPy, Pries 1992 in vitro, Pries 1994 in vivo; haematocrit 0.45. One unit of the last
        // digit is allowed.
        let table = [
            (4.0, 1.37, 2.31, 17.7),
            (6.0, 1.22, 1.27, 10.0),
            (10.0, 1.57, 1.33, 5.9),
            (20.0, 2.28, 1.59, 3.2),
            (40.0, 3.15, 1.92, 2.3),
            (100.0, 3.89, 2.44, 2.5),
        ];
        let in_vitro = Viscosity::PriesInVitro { discharge_hematocrit: 0.45 };
        let in_vivo = Viscosity::PriesInVivo { discharge_hematocrit: 0.45 };
        for (diameter, astrovascpy, vitro, vivo) in table {
            let close = |law: Viscosity, expected: f64, unit: f64| {
                let value = law.relative(diameter / 2.0).unwrap();
                assert!((value - expected).abs() < unit, "{law:?} at {diameter}: {value} for {expected}");
            };
            close(Viscosity::AstroVascPy, astrovascpy, 0.01);
            close(in_vitro, vitro, 0.01);
            close(in_vivo, vivo, 0.1);
        }
    }

    /// Limits of Pries, Neuhaus, Gaehtgens 1992 in closed form: in narrow tubes the exponent of the haematocrit is 1, so that
    /// viscosity rises in proportion; in wide ones it is -0.8, and the viscosity at 45 % is 3.2.
    #[test]
    fn haematocrit_acts_in_proportion_in_narrow_tubes_and_with_a_power_in_wide_ones() {
        let relative = |diameter: f64, hematocrit: f64| {
            Viscosity::PriesInVitro { discharge_hematocrit: hematocrit }.relative(diameter / 2.0).unwrap()
        };
        for hematocrit in [0.2, 0.3, 0.6] {
            let proportional = 1.0 + (relative(3.0, 0.45) - 1.0) * hematocrit / 0.45;
            assert!((relative(3.0, hematocrit) - proportional).abs() < 1e-4, "{hematocrit}");
        }
        // 1 + 2.2 (0.4^-0.8 - 1) / (0.55^-0.8 - 1), and for 0.2: 1 + 2.2 (0.8^-0.8 - 1) / (0.55^-0.8 - 1).
        for (hematocrit, expected) in [(0.6, 4.8792), (0.45, 3.2), (0.2, 1.7011)] {
            let found = relative(1e5, hematocrit);
            assert!((found - expected).abs() < 1e-3, "{hematocrit}: {found} for {expected}");
        }
    }

    #[test]
    fn more_cells_make_blood_thicker_and_none_leave_plasma() {
        for diameter in [3.0, 6.0, 8.5, 12.0, 50.0, 300.0] {
            let mut last = 1.0;
            for hematocrit in [1e-9, 0.1, 0.3, 0.45, 0.6] {
                let law = Viscosity::PriesInVitro { discharge_hematocrit: hematocrit };
                let value = law.relative(diameter / 2.0).unwrap();
                assert!(value > last - 1e-12, "{diameter} {hematocrit} {value} {last}");
                last = value;
                if hematocrit == 1e-9 {
                    assert!((value - 1.0).abs() < 1e-7);
                }
            }
        }
    }

    #[test]
    fn narrow_vessels_and_impossible_haematocrits_are_refused() {
        let law = Viscosity::PriesInVivo { discharge_hematocrit: 0.45 };
        assert_eq!(law.relative(0.5), Err(ViscosityError::TooNarrow { radius_um: 0.5 }));
        for hematocrit in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(Viscosity::PriesInVitro { discharge_hematocrit: hematocrit }.check().is_err());
        }
    }
}
