//! One vessel segment as a straight tube.

use std::f64::consts::PI;

/// Cross-section of a tube, in um2.
pub fn cross_section_um2(radius_um: f64) -> f64 {
    PI * radius_um * radius_um
}

/// Volume of a cylinder with the segment's (mean) radius, in um3.
pub fn volume_um3(length_um: f64, radius_um: f64) -> f64 {
    length_um * cross_section_um2(radius_um)
}

/// Mean velocity of the blood, in um/s, positive from start to end.
pub fn velocity_um_per_s(flow_um3_per_s: f64, radius_um: f64) -> f64 {
    flow_um3_per_s / cross_section_um2(radius_um)
}

/// Hydraulic resistance per length of a tube in laminar flow, 8 mu / (pi r^4) (Poiseuille 1846), in kPa s um-4, with
/// the viscosity in kPa s.
pub fn resistance_per_length(viscosity_kpa_s: f64, radius_um: f64) -> f64 {
    8.0 * viscosity_kpa_s / (PI * radius_um.powi(4))
}

/// Conductance of a tube in laminar flow, pi r^4 / (8 mu L) (Poiseuille 1846), in um3/(s kPa).
pub fn conductance(viscosity_kpa_s: f64, length_um: f64, radius_um: f64) -> f64 {
    1.0 / (length_um * resistance_per_length(viscosity_kpa_s, radius_um))
}

/// Time in which blood passes a segment, in s; infinite where it stands still (a simulator tells a day at most).
pub fn transit_time_s(flow_um3_per_s: f64, length_um: f64, radius_um: f64) -> f64 {
    volume_um3(length_um, radius_um) / flow_um3_per_s.abs()
}

/// Shear stress at the wall in laminar flow, 4 mu |Q| / (pi r^3), in kPa, with the viscosity in kPa s.
pub fn wall_shear_stress_kpa(flow_um3_per_s: f64, viscosity_kpa_s: f64, radius_um: f64) -> f64 {
    4.0 * viscosity_kpa_s * flow_um3_per_s.abs() / (PI * radius_um.powi(3))
}
