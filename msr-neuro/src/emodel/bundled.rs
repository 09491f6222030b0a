//! E-models that come with the crate.

/// Name and JSON text: `cADpyr`, a continuously adapting neocortical pyramidal cell, and `cNAC`, a non-adapting
/// fast-spiking interneuron.
pub const BUNDLED: &[(&str, &str)] =
    &[("cADpyr", include_str!("../../emodels/cADpyr.json")), ("cNAC", include_str!("../../emodels/cNAC.json"))];
