//! Node sets applied to node populations.

use std::collections::BTreeSet;

use super::{Clause, NodeSet, NodeSets, Selection, Test};
use crate::circuit::{AttributeError, Column, NodePopulation};
use crate::name::{listed, nearest};

/// How deep sets of sets may be nested.
const NESTING_DEPTH: usize = 10;

/// Why a node set cannot be resolved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NodeSetError {
    /// There is neither a set nor a population of this name.
    #[error(
        "there is no node set '{name}'{}; node sets: {}; populations: {}",
        nearest(name, &[&sets[..], &populations[..]].concat()),
        listed(sets),
        listed(populations)
    )]
    Unknown {
        /// What was asked.
        name: String,
        /// The sets that exist.
        sets: Vec<String>,
        /// The populations that exist.
        populations: Vec<String>,
    },
    /// Sets of sets are nested too deep, or refer to themselves.
    #[error("node set '{name}': sets of sets are nested deeper than {NESTING_DEPTH}; does one of them contain itself?")]
    TooDeep {
        /// The set that was asked for.
        name: String,
    },
    /// A rule asks for an attribute that no population of the set can be tested for.
    #[error("node set '{name}': {source}")]
    Attribute {
        /// The set.
        name: String,
        /// What is wrong with the attribute.
        source: Box<AttributeError>,
    },
}

impl NodeSets {
    /// The nodes of a set. Every population is tested; one that cannot be tested (it lacks an attribute, or the attribute is
    /// of another type) contributes nothing. A name that is no set but a population means all its nodes.
    ///
    /// # Errors
    /// [`NodeSetError::Unknown`], [`NodeSetError::TooDeep`], and [`NodeSetError::Attribute`] where no population at all can be
    /// tested.
    pub fn resolve(&self, name: &str, populations: &[NodePopulation]) -> Result<Selection, NodeSetError> {
        let mut selection = Selection::default();
        self.add(name, name, populations, 0, &mut selection)?;
        for ids in selection.0.values_mut() {
            ids.sort_unstable();
            ids.dedup();
        }
        selection.0.retain(|_, ids| !ids.is_empty());
        Ok(selection)
    }

    fn add(
        &self,
        asked: &str,
        name: &str,
        populations: &[NodePopulation],
        depth: usize,
        selection: &mut Selection,
    ) -> Result<(), NodeSetError> {
        if depth > NESTING_DEPTH {
            return Err(NodeSetError::TooDeep { name: asked.to_owned() });
        }
        match self.sets.get(name) {
            Some(NodeSet::Compound(parts)) => {
                parts.iter().try_for_each(|part| self.add(asked, part, populations, depth + 1, selection))
            }
            Some(NodeSet::Rules(clauses)) => add_matching(name, clauses, populations, selection),
            None => {
                let population = populations.iter().find(|population| population.name == name);
                let population = population.ok_or_else(|| NodeSetError::Unknown {
                    name: name.to_owned(),
                    sets: self.sets.keys().cloned().collect(),
                    populations: populations.iter().map(|population| population.name.clone()).collect(),
                })?;
                selection.0.entry(name.to_owned()).or_default().extend(0..population.size as u64);
                Ok(())
            }
        }
    }
}

fn add_matching(
    name: &str,
    clauses: &[Clause],
    populations: &[NodePopulation],
    selection: &mut Selection,
) -> Result<(), NodeSetError> {
    let is_candidate = |population: &&NodePopulation| {
        let excludes =
            |clause: &Clause| matches!(clause, Clause::Population(names) if !names.contains(&population.name));
        !clauses.iter().any(excludes)
    };
    let (mut is_tested, mut errors) = (false, Vec::new());
    for population in populations.iter().filter(is_candidate) {
        match matching(clauses, population) {
            Ok(ids) => {
                is_tested = true;
                selection.0.entry(population.name.clone()).or_default().extend(ids);
            }
            Err(error) => errors.push(error),
        }
    }
    // An attribute of the wrong type says more than one that other populations do not have.
    let telling = errors.iter().position(|error| !matches!(error, AttributeError::Missing { .. })).unwrap_or(0);
    match errors.into_iter().nth(telling) {
        Some(source) if !is_tested => Err(NodeSetError::Attribute { name: name.to_owned(), source: Box::new(source) }),
        _ => Ok(()),
    }
}

fn matching(clauses: &[Clause], population: &NodePopulation) -> Result<Vec<u64>, AttributeError> {
    let mut selected: BTreeSet<u64> = (0..population.size as u64).collect();
    for clause in clauses {
        match clause {
            Clause::Population(names) => {
                if !names.contains(&population.name) {
                    selected.clear();
                }
            }
            Clause::NodeId(ids) => selected.retain(|id| ids.contains(id)),
            Clause::Attribute { name, test } => {
                let passes = passes(test, name, population)?;
                selected.retain(|id| passes[*id as usize]);
            }
        }
    }
    Ok(selected.into_iter().collect())
}

/// Whether each node passes.
fn passes(test: &Test, attribute: &str, population: &NodePopulation) -> Result<Vec<bool>, AttributeError> {
    let table = &population.attributes;
    match test {
        Test::Texts(texts) => Ok(table.text(attribute)?.iter().map(|value| texts.contains(value)).collect()),
        Test::Regex(regex) => Ok(table.text(attribute)?.iter().map(|value| regex.is_match(value)).collect()),
        Test::Compare(comparison, bound) => {
            Ok(table.float(attribute)?.iter().map(|value| comparison.holds(*value, *bound)).collect())
        }
        Test::Integers(integers) => match table.column(attribute)? {
            Column::Integer(values) => Ok(values.iter().map(|value| integers.contains(value)).collect()),
            other => Err(table.wrong_type(attribute, "integer", other.type_name())),
        },
        Test::Never => table.column(attribute).map(|column| vec![false; column.len()]),
    }
}
