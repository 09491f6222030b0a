//! `msr-cli stats`.

use std::collections::BTreeMap;

use msr_config::NodePopulation;

use crate::arguments::Simulation;
use crate::assembly::Inputs;
use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::registry;
use crate::told::print;

/// Attributes that cells are counted by.
const ATTRIBUTES: [&str; 5] = ["layer", "mtype", "etype", "morph_class", "synapse_class"];

pub fn run(asked: &Simulation, level: LogLevel) -> Result<(), Failure> {
    let inputs = Inputs::read(asked)?;
    let mut lines = Vec::new();
    for population in &inputs.circuit.nodes {
        let selected = inputs.selection.ids(&population.name);
        lines.push(format!(
            "{} ({}): {} selected of {}",
            population.name,
            population.kind.name(),
            selected.len(),
            population.size
        ));
        for attribute in ATTRIBUTES {
            let Some(counts) = counted(population, attribute, selected) else { continue };
            lines.push(format!("  {attribute}"));
            for (value, ids) in counts {
                let percent = 100.0 * ids.len() as f64 / selected.len().max(1) as f64;
                lines.push(format!("    {value:<12} {:>5}  {percent:5.1}%  ids {}", ids.len(), listed(&ids)));
            }
        }
        lines.extend(registry::described(population).into_iter().map(|line| format!("  {line}")));
        if let Ok(templates) = population.attributes.text("model_template") {
            let mut used: Vec<&str> = selected.iter().map(|&id| templates[id as usize].as_str()).collect();
            used.sort_unstable();
            used.dedup();
            if !used.is_empty() {
                lines.push(format!("  emodels\n    {}", used.join(", ")));
            }
        }
    }
    for edges in &inputs.circuit.edges {
        lines.push(format!(
            "{} ({}): {} edges, {} -> {}",
            edges.name,
            edges.kind.name(),
            edges.size(),
            edges.source_population,
            edges.target_population
        ));
    }
    if level < LogLevel::Info { Ok(()) } else { print(lines) }
}

/// Selected nodes by value of an attribute; `None` where the population does not have it.
fn counted(population: &NodePopulation, attribute: &str, selected: &[u64]) -> Option<BTreeMap<String, Vec<u64>>> {
    let texts: Vec<String> = match population.attributes.text(attribute) {
        Ok(texts) => texts.to_vec(),
        Err(_) => population.attributes.integer(attribute).ok()?.iter().map(ToString::to_string).collect(),
    };
    let mut counts: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for &id in selected {
        counts.entry(texts[id as usize].clone()).or_default().push(id);
    }
    Some(counts)
}

/// Ids shown before a list is cut.
const IDS_SHOWN: usize = 12;

fn listed(ids: &[u64]) -> String {
    let shown: Vec<String> = ids.iter().take(IDS_SHOWN).map(ToString::to_string).collect();
    let more = if ids.len() > IDS_SHOWN { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}
