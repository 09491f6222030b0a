//! The simulators that msr comes with: the one place that names them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use msr_bloodflow::{BloodflowSimulator, Boundary, Vasculature};
use msr_config::circuit::{EdgeKind, NodeKind};
use msr_config::multiscale::MultiscaleRun;
use msr_config::{Circuit, EdgePopulation, NodePopulation};
use msr_coupling::registry::Built;
use msr_coupling::space::{NEURONS, TETRAHEDRA};
use msr_coupling::{BuildContext, BuildError, Geography, Geometry, Registry};
use msr_metabolism::{MetabolismSimulator, NeuronSite};
use msr_neuro::mechanisms;
use msr_neuro::morphology::Collection;
use msr_neuro::nmodl::Options;
use msr_neuro::simulator::NeuroSimulator;
use msr_steps::mesh::{Surrounding, TetMesh};
use msr_steps::simulator::{Solver, StepsSimulator};
use msr_steps::space::TetrahedralSpace;

use crate::mechanism_folder;
use crate::migration::StateNames;

/// All simulators of msr, in the order in which they are built and advanced: the mesh lies around neurons and vessels, and
/// metabolism has a unit for each neuron.
pub fn standard() -> Registry {
    Registry::new()
        .with("neurodamus", neurodamus)
        .with("bloodflow", bloodflow)
        .with("steps", steps)
        .with("metabolism", metabolism)
}

/// Name and text of each mechanism file (NMODL) that msr comes with.
pub fn mechanism_library() -> &'static [(&'static str, &'static str)] {
    mechanisms::BUNDLED
}

/// Lines that describe the states and parameters of the metabolism model whose names have `part` in them.
pub fn metabolism_index(part: Option<&str>) -> Vec<String> {
    msr_metabolism::index_lines(&msr_metabolism::Model::standard(), part)
}

/// Names of the states and parameters that older configurations number.
pub fn metabolism_names() -> StateNames {
    let model = msr_metabolism::Model::standard();
    let states = model.states().iter().filter_map(|state| Some((state.number_0_8?, state.name.clone()))).collect();
    let parameters = model.parameters().iter().map(|parameter| parameter.name.clone()).collect();
    StateNames { states, parameters }
}

fn neurodamus(context: &BuildContext<'_>) -> Result<Built, BuildError> {
    let mut mechanisms = mechanisms::Registry::default();
    let (circuit, simulation) = (context.circuit, context.simulation);
    let mut notes = match mechanism_folder::of(&simulation.path) {
        Some(folder) => mechanisms.register_folder(&folder, &Options::default())?,
        None => Vec::new(),
    };
    let neurons = NeuroSimulator::from_circuit(circuit, simulation, context.node_sets, &mechanisms)?;
    notes.extend_from_slice(neurons.notes());
    let details = neurons.emodels().iter().map(|line| format!("emodel       {line}")).collect();
    Ok(Built { notes, details, ..Built::simulator(neurons) })
}

/// The files that the morphologies of these nodes are read from.
pub fn morphology_files(population: &NodePopulation, ids: &[u64]) -> BTreeSet<PathBuf> {
    let (Some(collection), Ok(names)) = (Collection::of(&population.paths), population.attributes.text("morphology"))
    else {
        return BTreeSet::new();
    };
    let names: BTreeSet<&String> = ids.iter().filter_map(|&node| names.get(node as usize)).collect();
    names.into_iter().flat_map(|name| collection.files_of(name)).collect()
}

/// What a simulator says of a population of its kind: counts and ranges of the vessels, or why they cannot be used.
pub fn described(population: &NodePopulation) -> Vec<String> {
    if population.kind != NodeKind::Vasculature {
        return Vec::new();
    }
    let text = match Vasculature::from_population(population) {
        Ok(vasculature) => vasculature.report().to_string(),
        Err(error) => format!("error: {error}"),
    };
    text.lines().map(str::to_owned).collect()
}

/// Whether blood can flow in a circuit: it has vessels with all that is asked of them.
pub fn has_vessels(circuit: &Circuit) -> bool {
    let vessels = circuit.nodes.iter().find(|population| population.kind == NodeKind::Vasculature);
    vessels.is_some_and(|vessels| Vasculature::from_population(vessels).is_ok())
}

fn bloodflow(context: &BuildContext<'_>) -> Result<Built, BuildError> {
    let Some((_, section)) = active(context, "bloodflow", |run| run.bloodflow.as_ref()) else {
        return Ok(Built::default());
    };
    let vessels = context.circuit.nodes.iter().find(|population| population.kind == NodeKind::Vasculature);
    let vessels = vessels.ok_or(NoVasculature)?;
    let mut vasculature = Vasculature::from_population(vessels)?;
    let settings = msr_bloodflow::Settings::from_config(section)?.with_seed(context.simulation.run.random_seed as u64);
    let mut ignored = Vec::new();
    let are_endfeet =
        |edges: &&EdgePopulation| edges.kind == EdgeKind::Endfoot && edges.source_population == vessels.name;
    if settings.vasodilation.is_some()
        && let Some(endfeet) = context.circuit.edges.iter().find(are_endfeet)
    {
        let others = context.circuit.edges.iter().filter(are_endfeet).skip(1);
        ignored
            .extend(others.map(|other| format!("edges {}: vessels dilate under {} alone", other.name, endfeet.name)));
        vasculature = vasculature.with_endfeet(endfeet)?;
    }
    let oddities = vasculature.notes().iter().map(|note| format!("vasculature {}: {note}", vessels.name));
    let mut notes: Vec<String> = oddities.collect();
    let others = context.circuit.nodes.iter().filter(|other| other.kind == NodeKind::Vasculature).skip(1);
    notes.extend(others.map(|other| format!("vasculature {}: blood flows through {} alone", other.name, vessels.name)));
    let (ndts, dt_ms) = (section.ndts, context.simulation.run.dt_ms);
    let blood = match &section.boundary {
        Some(path) => {
            let boundary = Boundary::read(path, vasculature.node_count())?;
            BloodflowSimulator::with_boundary(vasculature, &settings, boundary, ndts, dt_ms)?
        }
        None => BloodflowSimulator::new(vasculature, &settings, ndts, dt_ms)?,
    };
    notes.extend(ignored);
    notes.extend(blood.notes().iter().map(ToString::to_string));
    Ok(Built { notes, ..Built::simulator(blood) })
}

/// The mesh is wanted by the diffusion on it, and by blood flow and metabolism, which meet on it.
fn steps(context: &BuildContext<'_>) -> Result<Built, BuildError> {
    let Some(multiscale) = &context.simulation.multiscale else { return Ok(Built::default()) };
    let mediates = multiscale.is_active("bloodflow") && multiscale.is_active("metabolism");
    let diffusion = active(context, "steps", |run| run.steps.as_ref());
    if diffusion.is_none() && !mediates {
        return Ok(Built::default());
    }
    let compartment = multiscale.steps.as_ref().map_or(TETRAHEDRA, |steps| &steps.compartment);
    let (mesh, mut notes) = mesh(context, multiscale, compartment)?;
    let geography = TetrahedralSpace::new(Arc::new(mesh));
    let Some((_, section)) = diffusion else {
        return Ok(Built { geography: Some(Box::new(geography) as Box<dyn Geography>), notes, ..Built::default() });
    };
    let run = &context.simulation.run;
    let solver: Solver = section.solver.as_deref().map_or(Ok(Solver::default()), str::parse)?;
    let seed = run.random_seed as u64;
    let diffusion = StepsSimulator::from_config(geography.mesh().clone(), section, solver, seed, run.dt_ms)?;
    notes.extend(diffusion.notes());
    Ok(Built { notes, ..Built::simulator(diffusion) })
}

fn metabolism(context: &BuildContext<'_>) -> Result<Built, BuildError> {
    let Some((multiscale, section)) = active(context, "metabolism", |run| run.metabolism.as_ref()) else {
        return Ok(Built::default());
    };
    let neurons = context.spaces.iter().find(|space| space.name == NEURONS).ok_or("there are no neurons to feed")?;
    let layers = layers(context, neurons.population.as_deref())?;
    let sites: Vec<NeuronSite> =
        neurons.ids.iter().map(|&id| NeuronSite { id, layer: layers.get(&id).copied() }).collect();
    let settings = msr_metabolism::Settings::from_config(multiscale, section)?;
    let metabolism = MetabolismSimulator::new(&sites, &settings, section.ndts, context.simulation.run.dt_ms)?;
    let notes = metabolism.notes();
    Ok(Built { notes, ..Built::simulator(metabolism) })
}

/// The section of a simulator that takes part.
fn active<'a, S>(
    context: &BuildContext<'a>,
    name: &str,
    section: impl Fn(&'a MultiscaleRun) -> Option<&'a S>,
) -> Option<(&'a MultiscaleRun, &'a S)> {
    let multiscale = context.simulation.multiscale.as_ref().filter(|multiscale| multiscale.is_active(name))?;
    Some((multiscale, section(multiscale)?))
}

/// The mesh of the file that the configuration names, or one around all neurons and vessels where it does not exist.
fn mesh(
    context: &BuildContext<'_>,
    multiscale: &MultiscaleRun,
    compartment: &str,
) -> Result<(TetMesh, Vec<String>), BuildError> {
    if let Some(path) = multiscale.mesh_path.as_deref().filter(|path| path.is_file()) {
        return Ok((TetMesh::read_gmsh(path, multiscale.mesh_scale)?, Vec::new()));
    }
    let preparation = &multiscale.preprocessor.mesh;
    let surrounding = Surrounding {
        explode_factor: preparation.explode_factor,
        base_length_um: preparation.base_length_um.ok_or(NoMeshSize)?,
        refinement_steps: preparation.refinement_steps,
    };
    let points: Vec<[f64; 3]> = context
        .spaces
        .iter()
        .flat_map(|space| match &space.geometry {
            Geometry::Lines(lines) => lines.iter().flatten().copied().collect(),
            Geometry::Points(points) => points.clone(),
            Geometry::Abstract => Vec::new(),
        })
        .filter(|point| point.iter().all(|x| x.is_finite()))
        .collect();
    let mesh = TetMesh::around(&points, &surrounding, compartment)?;
    let absent = |path: &Path| format!("{} does not exist: ", path.display());
    let reason = multiscale.mesh_path.as_deref().map(absent).unwrap_or_default();
    let note = format!("{reason}made a mesh of {} tetrahedra around neurons and vessels", mesh.len());
    Ok((mesh, vec![note]))
}

/// Layer of each neuron that has one, by id.
fn layers(context: &BuildContext<'_>, population: Option<&str>) -> Result<BTreeMap<u64, u32>, BuildError> {
    let mut layers = BTreeMap::new();
    for (population, first_id) in populations(context, population)? {
        let table = &population.attributes;
        if !table.contains("layer") {
            continue;
        }
        let layer = |(id, text): (u64, &str)| {
            let bad = || BadLayer { file: population.file.display().to_string(), node: id, found: text.to_owned() };
            Ok::<_, BuildError>((first_id + id, text.parse::<u32>().map_err(|_| bad())?))
        };
        match table.text("layer") {
            Ok(texts) => {
                for row in (0..).zip(texts.iter().map(String::as_str)) {
                    let (id, layer) = layer(row)?;
                    layers.insert(id, layer);
                }
            }
            Err(_) => layers.extend((first_id..).zip(table.integer("layer")?.iter().map(|&layer| layer as u32))),
        }
    }
    Ok(layers)
}

/// The populations of the neurons with the id of their first nodes: the one that the space names, or those with selected cells
/// one after the other.
fn populations<'a>(
    context: &BuildContext<'a>,
    named: Option<&str>,
) -> Result<Vec<(&'a NodePopulation, u64)>, BuildError> {
    if let Some(name) = named {
        return Ok(context.circuit.node_population(name).map(|population| (population, 0)).into_iter().collect());
    }
    let chosen = match &context.simulation.node_set {
        Some(name) => Some(context.node_sets.resolve(name, &context.circuit.nodes)?),
        None => None,
    };
    let is_chosen = |population: &&NodePopulation| {
        population.kind.has_cells()
            && chosen.as_ref().is_none_or(|selection| !selection.ids(&population.name).is_empty())
    };
    let mut first_id = 0;
    let placed = context.circuit.nodes.iter().filter(is_chosen).map(|population| {
        let first = first_id;
        first_id += population.size as u64;
        (population, first)
    });
    Ok(placed.collect())
}

#[derive(Debug, thiserror::Error)]
#[error("with_bloodflow is true, and the circuit has no node population of type 'vasculature'")]
struct NoVasculature;

#[derive(Debug, thiserror::Error)]
#[error(
    "a mesh is to be made, and multiscale_run.preprocessor.mesh.base_length (um) does not say how fine; \
     or let multiscale_run.mesh_path name a mesh"
)]
struct NoMeshSize;

#[derive(Debug, thiserror::Error)]
#[error("{file}: node {node}: layer '{found}' is no whole number from 1")]
struct BadLayer {
    file: String,
    node: u64,
    found: String,
}
