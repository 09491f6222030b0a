//! Electrical properties of a segment's membrane and cytoplasm.

/// Capacitance and axial resistivity of a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CableParameters {
    /// Specific membrane capacitance, in uF/cm2.
    pub capacitance_uf_per_cm2: f64,
    /// Specific resistivity of the cytoplasm, in ohm cm.
    pub axial_resistivity_ohm_cm: f64,
}

impl Default for CableParameters {
    /// 1 uF/cm2 and 100 ohm cm, usual for mammalian neurons.
    fn default() -> Self {
        Self { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 100.0 }
    }
}
