//! `connection_overrides` for the edges of one population, as neurodamus applies them.
//!
//! Where no override meets the population, all its synapses are made. Where any does, only those of overrides without a
//! `delay` are; each later one that matches replaces weight, `spont_minis` and `synapse_delay_override` by its own or their
//! defaults, and adds to the rest. Overrides with a `delay` change the weight at that time.

use super::configure::{Assignment, parse};
use crate::simulator::NeuroError;
use crate::simulator::circuit::{Source, selection};

/// The overrides that meet an edge population.
#[derive(Default)]
pub(super) struct Overrides {
    list: Vec<Override>,
    /// The only override has the weight 0.
    pub nothing: bool,
}

struct Override {
    name: String,
    sources: Vec<bool>,
    targets: Vec<bool>,
    weight: f64,
    minis_hz: Option<f64>,
    delay_ms: Option<f64>,
    late_ms: f64,
    mechanism: Option<String>,
    assignments: Vec<Assignment>,
    strength: Option<f64>,
    decay_ms: Option<f64>,
}

/// What overrides make of the synapses between two cells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting<'a> {
    pub weight: f64,
    pub minis_hz: Option<f64>,
    pub delay_ms: Option<f64>,
    pub mechanism: Option<&'a str>,
    /// Names of overrides and their assignments.
    pub assignments: Vec<(&'a str, &'a [Assignment])>,
    /// Times (ms) and weights.
    pub late: Vec<(f64, f64)>,
    pub strength: Option<f64>,
    pub decay_ms: Option<f64>,
}

impl Default for Setting<'_> {
    fn default() -> Self {
        Self {
            weight: 1.0,
            minis_hz: None,
            delay_ms: None,
            mechanism: None,
            assignments: Vec::new(),
            late: Vec::new(),
            strength: None,
            decay_ms: None,
        }
    }
}

impl Overrides {
    /// Those between nodes of `from` and the simulated nodes of the source's population.
    pub fn read(source: &Source<'_>, from: &str, simulated: &[u64], problems: &mut Vec<NeuroError>) -> Self {
        /// A weight this small is 0.
        const NO_WEIGHT: f64 = 1e-8;
        let into = &source.population.name;
        let size = |name: &str| source.circuit.node_population(name).map_or(0, |population| population.size);
        let mut overrides = Self::default();
        for entry in &source.simulation.connection_overrides {
            let mut ids = |end: &str, name: &str, population: &str| {
                let key = format!("connection_overrides.{}.{end}", entry.name);
                selection(source.circuit, source.node_sets, &key, name)
                    .map(|selection| selection.ids(population).to_vec())
                    .map_err(|error| problems.push(error))
                    .ok()
            };
            let (Some(sources), Some(targets)) =
                (ids("source", &entry.source, from), ids("target", &entry.target, into))
            else {
                continue;
            };
            if sources.is_empty() || !targets.iter().any(|id| simulated.binary_search(id).is_ok()) {
                continue;
            }
            let assignments = entry.synapse_configure.as_deref().map_or(Ok(Vec::new()), parse);
            let assignments = assignments.unwrap_or_else(|part| {
                problems.push(NeuroError::SynapseConfigure { name: entry.name.clone(), part });
                Vec::new()
            });
            overrides.list.push(Override {
                name: entry.name.clone(),
                sources: mask(&sources, size(from)),
                targets: mask(&targets, size(into)),
                weight: entry.weight.unwrap_or(1.0),
                minis_hz: entry.spont_minis_hz,
                // A delay of 0 counts as none.
                delay_ms: entry.synapse_delay_override_ms.filter(|&delay| delay > 0.0),
                late_ms: entry.delay_ms,
                mechanism: entry.modoverride.clone(),
                assignments,
                strength: entry.neuromodulation_strength,
                decay_ms: entry.neuromodulation_dtc_ms,
            });
        }
        overrides.nothing = matches!(&overrides.list[..], [only] if only.weight.abs() <= NO_WEIGHT);
        overrides
    }

    /// Overrides with keys that only synapses on membranes can follow.
    pub fn of_synapses_alone(&self) -> Vec<String> {
        let described = |change: &Override| {
            let keys: Vec<&str> = [
                ("spont_minis", change.minis_hz.is_some()),
                ("synapse_configure", !change.assignments.is_empty()),
                ("modoverride", change.mechanism.is_some()),
                ("delay", change.late_ms > 0.0),
                ("neuromodulation_strength", change.strength.is_some()),
                ("neuromodulation_dtc", change.decay_ms.is_some()),
            ]
            .into_iter()
            .filter_map(|(key, is_set)| is_set.then_some(key))
            .collect();
            (!keys.is_empty()).then(|| format!("'{}' ({})", change.name, keys.join(", ")))
        };
        self.list.iter().filter_map(described).collect()
    }

    /// What holds between two nodes; `None` where their synapses are not made.
    pub fn between(&self, source: u64, target: u64) -> Option<Setting<'_>> {
        let mut setting = Setting::default();
        if self.list.is_empty() {
            return Some(setting);
        }
        if self.nothing {
            return None;
        }
        let mut is_made = false;
        for change in self.list.iter().filter(|change| change.applies(source, target)) {
            if change.late_ms > 0.0 {
                setting.late.push((change.late_ms, change.weight));
                continue;
            }
            is_made = true;
            setting.weight = change.weight;
            setting.minis_hz = change.minis_hz;
            setting.delay_ms = change.delay_ms;
            setting.mechanism = change.mechanism.as_deref().or(setting.mechanism);
            setting.strength = change.strength.or(setting.strength);
            setting.decay_ms = change.decay_ms.or(setting.decay_ms);
            if !change.assignments.is_empty() {
                setting.assignments.push((&change.name, &change.assignments));
            }
        }
        is_made.then_some(setting)
    }
}

impl Setting<'_> {
    /// All assignments, each with the name of its override.
    pub fn assignments(&self) -> impl Iterator<Item = (&str, &Assignment)> {
        self.assignments.iter().flat_map(|&(name, list)| list.iter().map(move |assignment| (name, assignment)))
    }
}

impl Override {
    fn applies(&self, source: u64, target: u64) -> bool {
        let holds = |mask: &[bool], id: u64| mask.get(id as usize) == Some(&true);
        holds(&self.sources, source) && holds(&self.targets, target)
    }
}

pub(super) fn mask(ids: &[u64], size: usize) -> Vec<bool> {
    let mut mask = vec![false; size];
    for &id in ids {
        if let Some(place) = mask.get_mut(id as usize) {
            *place = true;
        }
    }
    mask
}
