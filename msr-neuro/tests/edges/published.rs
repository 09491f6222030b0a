//! Circuits of neurodamus' tests, of the SONATA extension and of the Allen Institute. Their templates (hoc, nml) are not there: e-models
//! of the same names stand for them.

use std::path::{Path, PathBuf};

use msr_config::circuit::{Circuit, CircuitConfig, Column};
use msr_config::node_sets::NodeSets;
use msr_config::simulation::SimulationConfig;
use msr_coupling::{Simulator, Spike};
use msr_neuro::emodel::BUNDLED;
use msr_neuro::mechanisms::Registry;
use msr_neuro::simulator::NeuroSimulator;

use super::spikes;

/// A toy cell: squid axon's soma with passive dendrites.
const TEST_CELL: &str = r#"{"name": "TestCell", "axon": "keep", "mechanisms": {"somatic": ["hh"], "basal": ["pas"], "apical": ["pas"],
    "axonal": ["pas"]}, "reversals": {"ena": {"fixed": 50}, "ek": {"fixed": -77}},
    "parameters": [{"sections": "basal", "name": "pas.e", "value": -65}]}"#;

/// A folder below the published circuits, or `None` (said aloud) where they are absent.
fn published(path: &str) -> Option<PathBuf> {
    let circuits = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/circuits"));
    if !circuits.is_dir() {
        println!("skipped: no shared reference data");
        return None;
    }
    Some(circuits.join(path))
}

/// The circuit with e-models of the same names in `folder`.
fn with_own_emodels(mut circuit: Circuit, folder: &Path) -> Circuit {
    for population in circuit.nodes.iter_mut().filter(|population| population.kind.has_cells()) {
        population.paths.biophysical_neuron_models_dir = Some(folder.to_owned());
        let Some(Column::Text(templates)) = population.attributes.columns.get_mut("model_template") else { continue };
        for template in templates {
            let (_, name) = template.rsplit_once(':').unwrap();
            let name = name.trim_end_matches(".cell.nml");
            let text = match name {
                "TestCell" => TEST_CELL.to_owned(),
                point if point.starts_with("IntFire1") => r#"{"mechanism": "IntFire1"}"#.to_owned(),
                inhibitory if inhibitory.contains("NAC") || inhibitory.contains("int") => BUNDLED[1].1.to_owned(),
                _ => BUNDLED[0].1.to_owned(),
            };
            std::fs::write(folder.join(format!("{name}.json")), text).unwrap();
            *template = format!("json:{name}");
        }
    }
    circuit
}

struct Loaded {
    simulator: NeuroSimulator,
    spikes: Vec<Spike>,
}

/// Loads a circuit and runs it: `simulation` is the text of a simulation configuration in the circuit's folder.
fn run(circuit: &Path, simulation: &str, until_ms: f64) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    let config = CircuitConfig::load(circuit).unwrap();
    let circuit_of_files = Circuit::load(&config).unwrap();
    let own = with_own_emodels(circuit_of_files, folder.path());
    let directory = circuit.parent().unwrap();
    let simulation = SimulationConfig::from_text(simulation, directory.join("simulation_config.json")).unwrap();
    let node_sets = NodeSets::for_simulation(&simulation, &config).unwrap();
    let mut simulator = NeuroSimulator::from_circuit(&own, &simulation, &node_sets, &Registry::default())
        .unwrap_or_else(|error| panic!("{}: {error}", circuit.display()));
    simulator.advance((until_ms / simulation.run.dt_ms).round() as u64).unwrap();
    let spikes = spikes(&mut simulator);
    Loaded { simulator, spikes }
}

fn synapses(loaded: &Loaded) -> Vec<usize> {
    loaded.simulator.cells().iter().map(|cell| cell.synapses().len()).collect()
}

#[test]
fn rings_of_two_populations() {
    let Some(folder) = published("ringtest") else { return };
    let simulation = |circuit: &str, set: &str, more: &str| {
        format!(
            r#"{{"network": "{circuit}", "node_sets_file": "nodesets.json", "node_set": "{set}",
                "run": {{"tstop": 50, "dt": 0.1, "random_seed": 1122}},
                "conditions": {{"celsius": 35, "v_init": -65, "randomize_gaba_rise_time": true}}{more}}}"#
        )
    };
    let pulse = r#", "inputs": {"kick": {"module": "pulse", "input_type": "current_clamp", "delay": 5, "duration": 50,
        "amp_start": 10, "width": 1, "frequency": 50, "node_set": "RingA_Cell0"}}"#;
    let rings = run(&folder.join("circuit_config.json"), &simulation("circuit_config.json", "Mosaic", pulse), 50.0);
    assert_eq!(rings.simulator.spaces()[0].ids, [0, 1, 2, 3, 4]);
    assert_eq!(synapses(&rings).iter().sum::<usize>(), 6);
    assert!(rings.spikes.iter().any(|spike| spike.neuron == 0 && spike.time_ms < 7.0), "{:?}", rings.spikes);

    let played = r#", "inputs": {"play": {"module": "synapse_replay", "input_type": "spikes", "delay": 0, "duration": 50,
        "spike_file": "input_spikes.h5", "node_set": "Mosaic"}}"#;
    let voltages = |more: &str| -> (Loaded, Vec<f64>) {
        let loaded = run(&folder.join("circuit_config.json"), &simulation("circuit_config.json", "Mosaic", more), 50.0);
        let voltages = loaded.simulator.cells().iter().map(|cell| cell.voltage_mv(0)).collect();
        (loaded, voltages)
    };
    // Excitatory and inhibitory synapses alike move the voltage; the file has spikes of RingA, which lead to all cells but the last.
    let ((played, voltages), (_, still)) = (voltages(played), voltages(""));
    let moved: Vec<bool> = voltages.iter().zip(&still).map(|(one, still)| (one - still).abs() > 1e-6).collect();
    assert_eq!(moved, [true, true, true, true, false], "{voltages:?} {still:?}");
    assert!(
        !played.simulator.notes().iter().any(|note| note.contains("plays nothing")),
        "{:?}",
        played.simulator.notes()
    );

    let gaps = run(&folder.join("circuit_config_gj.json"), &simulation("circuit_config_gj.json", "Ring:C", ""), 10.0);
    assert_eq!(gaps.simulator.cells().iter().map(|cell| cell.points()).sum::<usize>(), 2);

    let modulated = simulation("circuit_config_neuromodulation.json", "Mosaic", "");
    let modulated = run(&folder.join("circuit_config_neuromodulation.json"), &modulated, 10.0);
    let notes = modulated.simulator.notes().join("\n");
    assert!(notes.contains("'virtual_neurons__RingB__neuromodulatory': 3 synapses find no synapse"), "{notes}");
}

/// Spikes that are played reach cells without membrane (weight 500, delay 3 ms), and those their rings.
#[test]
fn a_ring_with_cells_without_membrane() {
    let Some(folder) = published("ringtest_allen_v1") else { return };
    let text = std::fs::read_to_string(folder.join("simulation_config.json")).unwrap();
    let loaded = run(&folder.join("circuit_config.json"), &text, 50.0);
    let artificial = loaded.simulator.artificial().unwrap();
    assert_eq!(artificial.ids(), [3, 4, 5]);
    assert_eq!(loaded.simulator.cells().iter().map(|cell| cell.points()).sum::<usize>(), 6);
    assert!(loaded.spikes.iter().any(|spike| spike.neuron >= 3), "{:?}", loaded.spikes);
    let text = text.replace(r#""node_set": "Mosaic""#, r#""node_set": "RingB""#);
    let alone = run(&folder.join("circuit_config.json"), &text, 50.0);
    assert!(alone.simulator.cells().is_empty());
    assert_eq!(alone.simulator.artificial().unwrap().ids(), [0, 1, 2]);
}

#[test]
fn five_cortical_cells_with_projections() {
    let Some(folder) = published("v5_mini5") else { return };
    let text = std::fs::read_to_string(folder.join("simulation_config_mini.json")).unwrap();
    let circuit = folder.join("sub_mini5/circuit_config.json");
    let directory = tempfile::tempdir().unwrap();
    let config = CircuitConfig::load(&circuit).unwrap();
    let own = with_own_emodels(Circuit::load(&config).unwrap(), directory.path());
    let simulation = SimulationConfig::from_text(&text, folder.join("simulation_config_mini.json")).unwrap();
    let node_sets = NodeSets::for_simulation(&simulation, &config).unwrap();
    let mut simulator = NeuroSimulator::from_circuit(&own, &simulation, &node_sets, &Registry::default()).unwrap();
    assert_eq!(simulator.cells().len(), 5);
    let made: usize = simulator.cells().iter().map(|cell| cell.synapses().len()).sum();
    // 24 and 2180, but for those on axons that were cut off, which are told.
    assert!(made <= 2204 && made > 2000, "{made}: {:?}", simulator.notes());
    simulator.advance(400).unwrap();
    assert!(simulator.cells().iter().all(|cell| cell.is_finite()));
}

#[test]
fn neurons_astrocytes_and_vessels() {
    let Some(folder) = published("ngv") else { return };
    let text = std::fs::read_to_string(folder.join("simulation_config.json")).unwrap();
    let loaded = run(&folder.join("circuit_config.json"), &text, 10.0);
    assert_eq!(loaded.simulator.cells().len(), 7);
    let astrocytes = loaded.simulator.astrocytes().unwrap();
    assert_eq!((astrocytes.list().len(), astrocytes.endfeet().len()), (5, 5));
    // A pulse of 10 nA at 2 ms fires all seven at once.
    let first: Vec<u64> = loaded.spikes.iter().filter(|spike| spike.time_ms < 2.5).map(|spike| spike.neuron).collect();
    assert_eq!(first, [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn use_cases_of_the_specification() {
    let Some(folder) = published("sonata_usecases_1_2") else { return };
    for (case, made) in [("usecase1", 4), ("usecase2", 8)] {
        let circuit = folder.join(case).join("circuit_sonata.json");
        let simulation = r#"{"network": "circuit_sonata.json", "run": {"tstop": 1, "dt": 0.1, "random_seed": 0}}"#;
        let loaded = run(&circuit, simulation, 1.0);
        assert_eq!(loaded.simulator.cells().len(), 2);
        let removed = loaded.simulator.notes().iter().any(|note| note.contains("cut off"));
        let found: usize = synapses(&loaded).iter().sum();
        assert!(found == made || (removed && found < made), "{case}: {found} {:?}", loaded.simulator.notes());
    }
}

/// Node types in a CSV file, cells that stand nowhere.
#[test]
fn cells_of_the_allen_institute() {
    let Some(folder) = published("allen_5_cells_iclamp/5_cells_iclamp") else { return };
    let text = std::fs::read_to_string(folder.join("circuit_config.json")).unwrap();
    // Without these the extension's readers find no population.
    let text = text.replace(
        r#""node_types_file": "$NETWORK_DIR/biophysical_node_types.csv""#,
        r#""node_types_file": "$NETWORK_DIR/biophysical_node_types.csv", "populations": {"biophysical": {"type": "biophysical"}}"#,
    );
    let text = text.replace(r#""nodes": ["#, r#""edges": [], "nodes": ["#);
    let config = CircuitConfig::from_text(&text, folder.join("circuit_config.json")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let own = with_own_emodels(Circuit::load(&config).unwrap(), directory.path());
    let simulation = r#"{"node_sets_file": "node_sets.json", "node_set": "biophys_cells",
        "run": {"tstop": 10, "dt": 0.1, "random_seed": 0, "spike_threshold": -15}, "conditions": {"celsius": 34, "v_init": -80}}"#;
    let simulation = SimulationConfig::from_text(simulation, folder.join("simulation_config.json")).unwrap();
    let node_sets = NodeSets::for_simulation(&simulation, &config).unwrap();
    let mut simulator = NeuroSimulator::from_circuit(&own, &simulation, &node_sets, &Registry::default()).unwrap();
    assert_eq!(simulator.cells().len(), 5);
    simulator.advance(100).unwrap();
    assert!(simulator.cells().iter().all(|cell| cell.is_finite()));
}
