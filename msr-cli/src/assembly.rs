//! From a path to everything that a run needs, checked.

use std::collections::BTreeMap;

use msr_config::circuit::{NodeKind, NodePopulation};
use msr_config::multiscale::WriteBackMode;
use msr_config::node_sets::NodeSets;
use msr_config::simulation::{Report, ReportType};
use msr_config::{Circuit, CircuitConfig, Problem, Problems, Selection, SimulationConfig, TimeGrid};
use msr_coupling::space::ASTROCYTE_SEGMENTS;
use msr_coupling::{BuildContext, Composition, Geography, MappingCache, Plan, Registry, Simulator};
use msr_report::{Populations, Request};
use serde_json::Value;

use crate::arguments::Simulation;
use crate::failure::Failure;

/// A simulation, its circuit, and what of it is simulated.
pub struct Inputs {
    pub simulation: SimulationConfig,
    pub circuit: Circuit,
    pub selection: Selection,
    pub node_sets: NodeSets,
    /// Nodes of each report's `cells`, by name of the report.
    pub report_selections: BTreeMap<String, Selection>,
    pub grid: TimeGrid,
    pub notes: Vec<String>,
    /// What was understood of the input, for who asks.
    pub details: Vec<String>,
}

/// A run that is ready to start.
pub struct Assembly {
    pub inputs: Inputs,
    pub plan: Plan,
    pub recording: msr_report::Plan,
}

impl Inputs {
    /// Reads the configuration, the circuit and the node sets.
    pub fn read(asked: &Simulation) -> Result<Self, Failure> {
        let simulation =
            SimulationConfig::load_with(&asked.simulation, &asked.overrides).map_err(Failure::configuration)?;
        let mut notes: Vec<String> = simulation.notes.iter().map(ToString::to_string).collect();
        let circuit_config = CircuitConfig::load(&simulation.network).map_err(Failure::configuration)?;
        notes.extend(circuit_config.notes.iter().map(ToString::to_string));
        let circuit = Circuit::load(&circuit_config).map_err(Failure::input)?;
        notes.extend(circuit.notes.iter().cloned());
        let node_sets = node_sets(&simulation, &circuit)?;
        let everything = || {
            let simulated = circuit.nodes.iter().filter(|population| population.kind != NodeKind::Virtual);
            Selection(simulated.map(|p| (p.name.clone(), (0..p.size as u64).collect())).collect())
        };
        let resolve = |key: String, name: Option<&str>| match name {
            None => Ok(everything()),
            Some(name) => node_sets.resolve(name, &circuit.nodes).map_err(|error| {
                Failure::configuration(Problems::from(simulation.places.problem(&key, error.to_string())))
            }),
        };
        let selection = resolve("node_set".to_owned(), simulation.node_set.as_deref())?;
        let report_selections = simulation
            .reports
            .iter()
            .map(|report| {
                let key = format!("reports.{}.cells", report.name);
                Ok((report.name.clone(), resolve(key, report.cells.as_deref())?))
            })
            .collect::<Result<_, Failure>>()?;
        let grid = simulation.time_grid();
        Ok(Self { circuit, selection, node_sets, report_selections, grid, notes, details: Vec::new(), simulation })
    }
}

/// The node sets of circuit and simulation; where the simulation's file is to be made, what it would hold.
fn node_sets(simulation: &SimulationConfig, circuit: &Circuit) -> Result<NodeSets, Failure> {
    let node_sets = NodeSets::for_simulation(simulation, &circuit.config).map_err(Failure::configuration)?;
    let preparation = simulation.multiscale.as_ref().and_then(|run| run.preprocessor.node_sets.as_ref());
    let missing = simulation.node_sets_file.as_ref().is_some_and(|file| !file.is_file());
    Ok(match preparation.filter(|_| missing) {
        Some(preparation) => node_sets.merged_with(NodeSets::prepared(preparation, &circuit.edges)),
        None => node_sets,
    })
}

impl Assembly {
    /// Builds every simulator that takes part and checks how they fit together, for a look at it: nothing is written.
    pub fn preview(asked: &Simulation, registry: &Registry) -> Result<Self, Failure> {
        Self::build(asked, registry, false, false)
    }

    /// As [`preview`](Self::preview), for a run: where the configuration says so, mappings are kept on disk.
    pub fn for_run(asked: &Simulation, registry: &Registry, after_advance: bool) -> Result<Self, Failure> {
        Self::build(asked, registry, after_advance, true)
    }

    fn build(asked: &Simulation, registry: &Registry, after_advance: bool, for_run: bool) -> Result<Self, Failure> {
        let mut inputs = Inputs::read(asked)?;
        let multiscale = inputs.simulation.multiscale.as_ref();
        let mut simulators: Vec<Box<dyn Simulator>> = Vec::new();
        let mut geographies: Vec<Box<dyn Geography>> = Vec::new();
        let mut spaces = Vec::new();
        for (name, factory) in registry.factories() {
            let section = multiscale.and_then(|multiscale| multiscale.sections.get(name)).unwrap_or(&Value::Null);
            let context = BuildContext {
                simulation: &inputs.simulation,
                circuit: &inputs.circuit,
                selection: &inputs.selection,
                node_sets: &inputs.node_sets,
                section,
                spaces: &spaces,
            };
            let built = factory(&context).map_err(|error| unbuildable(&inputs.simulation, name, &error.to_string()))?;
            inputs.notes.extend(built.notes.into_iter().map(|note| format!("{name}: {note}")));
            inputs.details.extend(built.details);
            spaces.extend(built.simulator.iter().flat_map(|simulator| simulator.spaces()));
            spaces.extend(built.geography.iter().flat_map(|geography| geography.spaces()));
            simulators.extend(built.simulator);
            geographies.extend(built.geography);
        }
        let simulation = &inputs.simulation;
        let mapping_cache = multiscale.map(|multiscale| MappingCache {
            directory: multiscale.cache_path.clone(),
            loads: multiscale.cache_load,
            saves: multiscale.cache_save && for_run,
        });
        let composition = Composition {
            connections: multiscale.map_or(&[][..], |multiscale| &multiscale.connections),
            iterations: multiscale.map_or(&[][..], |multiscale| &multiscale.iterations),
            is_known: &|name| registry.knows(name),
            config: &simulation.document,
            file: &simulation.path,
            places: Some(&simulation.places),
            write_back: multiscale.map_or(WriteBackMode::default(), |multiscale| multiscale.write_back),
            mapping_cache: mapping_cache.as_ref(),
        };
        let plan = Plan::new(simulators, &geographies, &composition).map_err(Failure::configuration)?;
        inputs.notes.extend(plan.notes.iter().cloned());

        let populations = populations(&inputs, &plan);
        let seen: Vec<&dyn Simulator> = plan.simulators().iter().map(AsRef::as_ref).collect();
        let request = Request { after_advance, ..Request::of(simulation) };
        let recording = msr_report::Plan::new(&request, &inputs.report_selections, &populations, &seen)
            .map_err(|errors| misplaced(simulation, &errors))?;
        inputs.notes.extend(recording.notices().iter().map(ToString::to_string));
        let without_segments = without_segments(&inputs, &plan);
        inputs.notes.extend(without_segments);
        Ok(Self { inputs, plan, recording })
    }
}

/// A simulator that cannot be built, told at its section of the configuration if it has one.
fn unbuildable(simulation: &SimulationConfig, simulator: &str, message: &str) -> Failure {
    let has_section = simulation.multiscale.as_ref().is_some_and(|run| run.sections.contains_key(simulator));
    let problem = if has_section {
        simulation.places.problem(&format!("multiscale_run.{simulator}"), message)
    } else {
        let (file, key) = (simulation.path.clone(), simulator.to_owned());
        Problem { file, line: 0, column: 0, key, message: message.to_owned() }
    };
    Failure::configuration(Problems::from(problem))
}

/// Mistakes in reports, with their places in the file.
fn misplaced(simulation: &SimulationConfig, errors: &msr_report::PlanErrors) -> Failure {
    let problem = |error: &msr_report::PlanError| simulation.places.problem(error.key(), error.to_string());
    Failure::configuration(Problems(errors.0.iter().map(problem).collect()))
}

/// Notes for reports whose `cells` name astrocytes that have no segments.
fn without_segments(inputs: &Inputs, plan: &Plan) -> Vec<String> {
    if plan.spaces().space(ASTROCYTE_SEGMENTS).is_ok() {
        return Vec::new();
    }
    let astrocytes = || inputs.circuit.nodes.iter().filter(|population| population.kind == NodeKind::Astrocyte);
    let is_of_segments = |report: &&Report| {
        matches!(report.report_type, ReportType::Compartment | ReportType::Summation)
            && report.enabled
            && report.cells.is_some()
    };
    let notes = inputs.simulation.reports.iter().filter(is_of_segments).flat_map(|report| {
        let selection = &inputs.report_selections[&report.name];
        let simulated = |population: &&NodePopulation| {
            let ids = inputs.selection.ids(&population.name);
            selection.ids(&population.name).iter().any(|id| ids.binary_search(id).is_ok())
        };
        let note = |population: &NodePopulation| {
            let (report, population) = (&report.name, &population.name);
            format!("reports.{report}: '{population}' is left out, astrocytes of this model have no segments")
        };
        astrocytes().filter(simulated).map(note)
    });
    notes.collect()
}

/// The populations of cells that spike: neurons, and astrocytes that are cells.
fn populations(inputs: &Inputs, plan: &Plan) -> Populations {
    let astrocytes = plan.spaces().space(ASTROCYTE_SEGMENTS).ok().and_then(|space| space.population.as_deref());
    let is_selected = |population: &&NodePopulation| !inputs.selection.ids(&population.name).is_empty();
    let neurons = inputs.circuit.nodes.iter().filter(|population| population.kind.has_cells());
    let spiking = neurons.filter(is_selected).chain(astrocytes.and_then(|name| inputs.circuit.node_population(name)));
    Populations::following(spiking.map(|population| (population.name.clone(), population.size as u64)))
}
