//! Node sets: named selections of nodes (`node_sets.json`).

mod expression;
mod resolution;

pub(crate) use expression::NODE_SETS;

pub use expression::{Clause, Comparison, NodeSet, Test};
pub use resolution::NodeSetError;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::circuit::{CircuitConfig, EdgeKind, EdgePopulation};
use crate::document::{self, Duplicates};
use crate::findings::{Files, Findings};
use crate::json::Content;
use crate::multiscale::NodeSetPreparation;
use crate::name::nearest;
use crate::path::directory_of;
use crate::problem::{Problem, Problems, present_instead};
use crate::section::Section;
use crate::simulation::SimulationConfig;

/// Nodes selected: population name, ids ascending without repeats. Populations without a selected node are absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection(pub BTreeMap<String, Vec<u64>>);

impl Selection {
    /// The selected ids of a population, ascending; empty where none.
    pub fn ids(&self, population: &str) -> &[u64] {
        self.0.get(population).map_or(&[], Vec::as_slice)
    }

    /// Number of nodes selected.
    pub fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Whether no node is selected.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(Vec::is_empty)
    }
}

/// Node sets of one or several files.
#[derive(Debug, Clone, Default)]
pub struct NodeSets {
    /// The sets, by name.
    pub sets: BTreeMap<String, NodeSet>,
    /// The files that they come from.
    pub files: Vec<PathBuf>,
    /// Warnings: empty rules that were dropped, sets that override others.
    pub notes: Vec<Problem>,
}

impl NodeSets {
    /// Reads a node sets file.
    ///
    /// # Errors
    /// All mistakes of the file: no JSON, rules that are no expression, names of sets that do not exist.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Problems> {
        let path = path.as_ref();
        Self::from_text(&document::text_of(path)?, path)
    }

    /// As [`NodeSets::load`] with the text given; `path` is the file that it stands for.
    ///
    /// # Errors
    /// As [`NodeSets::load`].
    pub fn from_text(text: &str, path: impl AsRef<Path>) -> Result<Self, Problems> {
        let path = path.as_ref();
        let findings = Findings::new(path, &directory_of(path), Files::Unchecked);
        let root = document::parse(text, &findings, Duplicates::Noted)?;
        let sets = Section::named(&findings, "", &root, &NODE_SETS).map_or_else(BTreeMap::new, |top| Self::read(&top));
        Ok(Self { sets, files: vec![path.to_owned()], notes: findings.finish()? })
    }

    fn read(top: &Section<'_>) -> BTreeMap<String, NodeSet> {
        let (mut sets, mut invalid) = (BTreeMap::new(), BTreeSet::new());
        for member in top.members {
            let key = top.path_of(&member.name);
            if matches!(&member.value.content, Content::Object(rules) if rules.is_empty()) {
                top.note(&member.name, "is empty and dropped: a set without rules selects nothing, not everything");
            } else if let Some(set) = NodeSet::read(top.findings, &key, &member.value) {
                sets.insert(member.name.clone(), set);
            } else {
                invalid.insert(&member.name);
            }
        }
        let names: Vec<_> = sets.keys().collect();
        for member in top.members {
            let Some(NodeSet::Compound(parts)) = sets.get(&member.name) else { continue };
            for part in parts.iter().filter(|part| !sets.contains_key(*part) && !invalid.contains(part)) {
                let message = format!("there is no node set '{part}'{}", nearest(part, &names));
                top.problem(&member.name, message);
            }
        }
        sets
    }

    /// The node sets of a simulation: those of the circuit's file, and those of the simulation's own, which win. A file that
    /// both name is read once. A file of the simulation that is not there yet counts as empty where `multiscale_run.preprocessor.node_sets` is to make it
    /// (see [`NodeSets::prepared`]).
    ///
    /// # Errors
    /// All mistakes of both files.
    pub fn for_simulation(simulation: &SimulationConfig, circuit: &CircuitConfig) -> Result<Self, Problems> {
        let is_made = simulation.multiscale.as_ref().is_some_and(|run| run.preprocessor.node_sets.is_some());
        let own_file = simulation.node_sets_file.as_ref().filter(|file| !is_made || file.is_file());
        let is_own = |file: &&PathBuf| simulation.node_sets_file.as_ref().is_some_and(|own| same_file(own, file));
        let circuit_file = circuit.node_sets_file.as_ref().filter(|file| !is_own(file));
        let sources = [(circuit_file, &circuit.places), (own_file, &simulation.places)];
        let mut problems = Vec::new();
        let mut sets = Self::default();
        for (file, places) in sources {
            match file {
                None => {}
                Some(file) if !file.is_file() => {
                    let message = format!("file not found: {}{}", file.display(), present_instead(file));
                    problems.push(places.problem("node_sets_file", message));
                }
                Some(file) => match Self::load(file) {
                    Ok(more) => sets = sets.merged_with(more),
                    Err(more) => problems.extend(more.0),
                },
            }
        }
        if problems.is_empty() { Ok(sets) } else { Err(Problems(problems)) }
    }

    /// These sets and `others`, which win on equal names.
    #[must_use]
    pub fn merged_with(mut self, others: Self) -> Self {
        self.notes.extend(others.notes);
        for (name, set) in others.sets {
            let overridden = self.sets.get(&name).is_some_and(|earlier| *earlier != set);
            if let (true, Some(file)) = (overridden, others.files.first()) {
                self.notes.push(Problem {
                    key: name.clone(),
                    ..document::unplaced(file, "replaces the node set of the same name of the circuit")
                });
            }
            self.sets.insert(name, set);
        }
        self.files.extend(others.files);
        self
    }

    /// The node sets that `multiscale_run.preprocessor.node_sets` describes: `Neurons`, `Astrocytes` (where a population is
    /// named) and `All`. With `filter_neuron`, `Neurons` are those that an astrocyte has a synapse of (targets of the
    /// `synapse_astrocyte` edges).
    pub fn prepared(preparation: &NodeSetPreparation, edges: &[EdgePopulation]) -> Self {
        let neurons = &preparation.neuron_population_name;
        let mut clauses = vec![Clause::Population(vec![neurons.clone()])];
        if preparation.filter_neuron {
            let glial = edges
                .iter()
                .filter(|edges| edges.kind == EdgeKind::SynapseAstrocyte && edges.target_population == *neurons);
            let connected: BTreeSet<u64> = glial.flat_map(|edges| edges.target_ids.iter().copied()).collect();
            clauses.push(Clause::NodeId(connected));
        }
        let mut sets = BTreeMap::from([("Neurons".to_owned(), NodeSet::Rules(clauses))]);
        if let Some(astrocytes) = &preparation.astrocyte_population_name {
            let clause = Clause::Population(vec![astrocytes.clone()]);
            sets.insert("Astrocytes".to_owned(), NodeSet::Rules(vec![clause]));
        }
        let all = sets.keys().cloned().collect();
        sets.insert("All".to_owned(), NodeSet::Compound(all));
        Self { sets, ..Self::default() }
    }
}

/// Whether two paths lead to one file, through whatever links.
fn same_file(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}
