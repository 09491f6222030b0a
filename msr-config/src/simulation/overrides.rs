//! The `connection_overrides` section: changes of synapses between two node sets.

use crate::section::{Domain, Section, Unknown};

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

impl ConnectionOverride {
    pub(super) fn read_all(top: &Section<'_>) -> Vec<Self> {
        let mut overrides: Vec<Self> = Vec::new();
        for (path, node) in top.list("connection_overrides") {
            let Some(entry) = Section::new(top.findings, path, node) else { continue };
            let read = Self::read(&entry);
            if overrides.iter().any(|earlier| earlier.name == read.name) {
                entry.problem("name", format!("'{}' is the name of an earlier override", read.name));
            }
            overrides.push(read);
        }
        overrides
    }

    fn read(entry: &Section<'_>) -> Self {
        let read = Self {
            name: entry.required_text("name"),
            source: entry.required_text("source"),
            target: entry.required_text("target"),
            weight: entry.number("weight", Domain::Any),
            spont_minis_hz: entry.number("spont_minis", Domain::NotNegative),
            synapse_configure: entry.owned_text("synapse_configure"),
            modoverride: entry.owned_text("modoverride"),
            synapse_delay_override_ms: entry.number("synapse_delay_override", Domain::NotNegative),
            delay_ms: entry.number("delay", Domain::NotNegative).unwrap_or(0.0),
            neuromodulation_dtc_ms: entry.number("neuromodulation_dtc", Domain::Any),
            neuromodulation_strength: entry.number("neuromodulation_strength", Domain::Any),
        };
        entry.finish(Unknown::Noted);
        read
    }
}
