//! The `connection_overrides` section: changes of synapses between two node sets.

use crate::section::Section;
use crate::shape::{Domain, Key, Shape};

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

pub(super) static CONNECTION_OVERRIDE: Shape = Shape::tolerant(
    "connection_override",
    "A change of the synapses between two node sets. Where any override meets an edge population, only the synapses of \
     overrides are made.",
    &[&[
        Key::text("name").mandatory().about("Its name, unique."),
        Key::text("source").mandatory().about("Name of the node set of the presynaptic cells."),
        Key::text("target").mandatory().about("Name of the node set of the postsynaptic cells."),
        Key::number("weight", Domain::Any).or("1").about("Multiplies the conductance."),
        Key::number("spont_minis", Domain::NotNegative).unit("Hz").about("Rate of spontaneous release."),
        Key::text("synapse_configure").about("Assignments to each synapse, which is written '%s'."),
        Key::text("modoverride").about("The synapse model used instead of the standard one."),
        Key::number("synapse_delay_override", Domain::NotNegative).unit("ms").about("Delay of all these synapses."),
        Key::number("delay", Domain::NotNegative).unit("ms").or_number(0.0).about("Time from which the weight holds."),
        Key::number("neuromodulation_dtc", Domain::Any).unit("ms").about("Decay time constant of neuromodulation."),
        Key::number("neuromodulation_strength", Domain::Any).about("Strength of neuromodulation."),
    ]],
);

impl ConnectionOverride {
    pub(super) fn read_all(top: &Section<'_>) -> Vec<Self> {
        let mut overrides: Vec<Self> = Vec::new();
        for entry in top.sections("connection_overrides") {
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
            weight: entry.number("weight"),
            spont_minis_hz: entry.number("spont_minis"),
            synapse_configure: entry.owned_text("synapse_configure"),
            modoverride: entry.owned_text("modoverride"),
            synapse_delay_override_ms: entry.number("synapse_delay_override"),
            delay_ms: entry.number_or_standard("delay"),
            neuromodulation_dtc_ms: entry.number("neuromodulation_dtc"),
            neuromodulation_strength: entry.number("neuromodulation_strength"),
        };
        entry.finish();
        read
    }
}
