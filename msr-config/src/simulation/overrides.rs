//! The `connection_overrides` section: changes of synapses between two node sets.

/// One entry of `connection_overrides`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionOverride {
    /// `name`, unique.
    pub name: String,
    /// `source` node set.
    pub source: String,
    /// `target` node set.
    pub target: String,
    /// `weight`, multiplies the conductance; `None` where absent (1).
    pub weight: Option<f64>,
    /// `spont_minis`: rate of spontaneous release, Hz.
    pub spont_minis_hz: Option<f64>,
    /// `synapse_configure`: assignments, `%s` standing for the synapse.
    pub synapse_configure: Option<String>,
    /// `modoverride`: the synapse model used instead.
    pub modoverride: Option<String>,
    /// `synapse_delay_override`, ms.
    pub synapse_delay_override_ms: Option<f64>,
    /// `delay`: time at which the new weight holds, ms; default 0.
    pub delay_ms: f64,
    /// `neuromodulation_dtc`: decay time constant, ms.
    pub neuromodulation_dtc_ms: Option<f64>,
    /// `neuromodulation_strength`.
    pub neuromodulation_strength: Option<f64>,
}
