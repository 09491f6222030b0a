//! The configuration of a simulation of a circuit that is there already: that of the bundled circuit, of which remains what the
//! circuit has populations for, with comments. JSON has none, so they are keys that begin with a sign, which readers leave alone.

use std::path::{Path, PathBuf};

use msr_config::circuit::NodeKind;
use msr_config::{Circuit, NodePopulation};
use serde_json::{Map, Value, json};

use super::configuration::{self, SIMULATION_CONFIG};
use super::directory::{InitError, Stage};

/// Not `node_sets.json`, which is often a file of the circuit.
const NODE_SETS: &str = "simulation_node_sets.json";
/// Length of the edges of the mesh along the extent of the circuit, at most as many; um for small ones.
const MESH_EDGES_ALONG: f64 = 20.0;
const FINEST_MESH_UM: f64 = 15.0;
/// How far neurites reach beyond the somata on each side, about, um.
const NEURITES_UM: f64 = 200.0;

/// Writes `simulation_config.json`, node sets and a batch script for `circuit` into `dir`; gives their names.
///
/// `has_vessels` says whether blood can flow in the circuit, `metabolism` is the metabolism model.
///
/// # Errors
/// [`InitError`], as where a circuit is made; [`InitError::NoCells`].
pub fn write(
    dir: &Path,
    circuit: &Circuit,
    has_vessels: bool,
    metabolism: &str,
    force: bool,
) -> Result<Vec<PathBuf>, InitError> {
    let content = Content::of(circuit, has_vessels)?;
    let stage = Stage::prepare(dir, force)?;
    stage.write_text(
        SIMULATION_CONFIG,
        &pretty(&content.configuration(&place(dir, &circuit.config.path), metabolism)),
    )?;
    stage.write_text(NODE_SETS, &pretty(&content.node_sets()))?;
    stage.write_text(configuration::BATCH_SCRIPT, configuration::BATCH_SCRIPT_TEXT)?;
    stage.publish()
}

/// Where the circuit is, seen from the directory if it lies there.
fn place(dir: &Path, circuit: &Path) -> String {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (dir, circuit) = (whole(dir), whole(circuit));
    circuit.strip_prefix(&dir).unwrap_or(&circuit).display().to_string()
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// What a circuit has that matters for its configuration.
struct Content<'a> {
    name: String,
    cells: Vec<&'a NodePopulation>,
    astrocytes: Vec<&'a NodePopulation>,
    virtuals: Vec<&'a NodePopulation>,
    has_vessels: bool,
}

impl<'a> Content<'a> {
    fn of(circuit: &'a Circuit, has_vessels: bool) -> Result<Self, InitError> {
        let of = |is: fn(&NodeKind) -> bool| circuit.nodes.iter().filter(|nodes| is(&nodes.kind)).collect::<Vec<_>>();
        let content = Self {
            name: circuit.config.path.display().to_string(),
            cells: of(NodeKind::has_cells),
            astrocytes: of(|kind| *kind == NodeKind::Astrocyte),
            virtuals: of(|kind| *kind == NodeKind::Virtual),
            has_vessels,
        };
        if content.cells.is_empty() {
            let found = circuit.nodes.iter().map(|nodes| format!("{} ({})", nodes.name, nodes.kind.name())).collect();
            return Err(InitError::NoCells { circuit: circuit.config.path.clone(), found });
        }
        Ok(content)
    }

    /// Whether cells have membranes, through which ions flow.
    fn has_membranes(&self) -> bool {
        self.with_membranes().next().is_some()
    }

    fn with_membranes(&self) -> impl Iterator<Item = &NodePopulation> {
        self.cells.iter().copied().filter(|cells| !cells.kind.is_point())
    }

    fn has_threshold(&self) -> bool {
        self.with_membranes().all(|cells| cells.dynamics.contains("threshold_current"))
    }

    fn has_layers(&self) -> bool {
        self.with_membranes().all(|cells| cells.attributes.contains("layer"))
    }

    fn node_sets(&self) -> Value {
        let names = |populations: &[&NodePopulation]| populations.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        let mut sets = Map::new();
        sets.insert("Neurons".to_owned(), json!({"population": names(&self.cells)}));
        if !self.astrocytes.is_empty() {
            sets.insert("Astrocytes".to_owned(), json!({"population": names(&self.astrocytes)}));
        }
        let all: Vec<&String> = sets.keys().collect();
        let all = json!(all);
        sets.insert("All".to_owned(), all);
        sets.into()
    }

    fn configuration(&self, circuit: &str, metabolism: &str) -> Value {
        let mut configuration = configuration::simulation(metabolism);
        let top = members(&mut configuration);
        top["network"] = circuit.into();
        top["node_sets_file"] = NODE_SETS.into();
        top["inputs"] = self.inputs();
        if !self.has_membranes() {
            top["reports"] = json!({});
        }
        self.change_multiscale(members(&mut top["multiscale_run"]));
        for (key, text) in [
            ("network", "The circuit (SONATA)."),
            ("node_sets_file", "Groups of cells; those of the circuit's own file can be named, too."),
            ("node_set", "What is simulated: a node set."),
            ("run", "Times in ms; tstop is the end, dt the step of the neurons. Other seeds make other noise."),
            (
                "output",
                "Where the results are written to; an existing directory with results is never overwritten without --force.",
            ),
            ("conditions", "v_init in mV."),
            ("inputs", &self.about_inputs()),
            (
                "reports",
                "Recorded variables of neurons, times in ms. `msr-cli variables` lists what can be recorded, `type` is compartment or summation.",
            ),
            ("multiscale_run", "Simulators besides the neurons, and what is exchanged."),
        ] {
            comment(top, key, text);
        }
        let about = format!(
            "A simulation of {}. Keys that begin with a sign, as this one, are comments. `msr-cli check` finds mistakes, `msr-cli plan` \
             shows what a run would do and how large its results are.",
            self.name
        );
        top.shift_insert(0, "_about".to_owned(), about.into());
        configuration
    }

    fn inputs(&self) -> Value {
        if !self.has_membranes() {
            return json!({});
        }
        let (module, strength) = if self.has_threshold() {
            ("noise", json!({"mean_percent": 120.0, "variance": 4.0}))
        } else {
            ("pulse", json!({"amp_start": 0.1, "frequency": 20.0, "width": 5.0}))
        };
        let mut drive = json!({
            "node_set": "Neurons", "input_type": "current_clamp", "module": module, "delay": 0.0, "duration": 30000.0
        });
        members(&mut drive).extend(members(&mut strength.clone()).clone());
        json!({"Drive": drive})
    }

    fn about_inputs(&self) -> String {
        let drive = match (self.has_membranes(), self.has_threshold()) {
            (false, _) => "None yet.",
            (true, true) => "A noisy current into each soma, in percent of the cell's threshold_current.",
            (true, false) => "Pulses of 0.1 nA of 5 ms at 20 Hz into each soma: choose what suits the cells.",
        };
        let names: Vec<&str> = self.virtuals.iter().map(|population| population.name.as_str()).collect();
        if names.is_empty() {
            return drive.to_owned();
        }
        format!(
            "{drive} Spikes of {} come from a file: \"Spikes\": {{\"module\": \"synapse_replay\", \"input_type\": \"spikes\", \
             \"spike_file\": \"spikes.h5\", \"node_set\": \"Neurons\", \"delay\": 0, \"duration\": 30000}}.",
            names.join(", ")
        )
    }

    fn change_multiscale(&self, multiscale: &mut Map<String, Value>) {
        let with_membranes = self.has_membranes();
        let active = |simulator: &str| match simulator {
            "neurodamus" => true,
            "bloodflow" => self.has_vessels && with_membranes,
            _ => with_membranes,
        };
        for simulator in ["steps", "bloodflow", "metabolism"] {
            multiscale[&format!("with_{simulator}")] = active(simulator).into();
            if !active(simulator) {
                multiscale.shift_remove(simulator);
            }
        }
        if let Some(connections) = multiscale["connections"].as_array_mut() {
            let takes_part = |connection: &Value, end: &str| connection[end].as_str().is_some_and(active);
            connections.retain(|it| takes_part(it, "src_simulator") && takes_part(it, "dest_simulator"));
        }
        multiscale["preprocessor"] = json!({
            "mesh": {"explode_factor": 1.001, "base_length": self.mesh_um(), "refinement_steps": 1}
        });
        if let Some(metabolism) = multiscale.get_mut("metabolism")
            && !self.has_layers()
        {
            metabolism["parameters"]["mito_scale"] = 1.0.into();
        }
        let vessels = match self.has_vessels {
            true => "needs the vessels of the circuit",
            false => {
                "false: the circuit has no vessels with positions and diameters; blood flow is the constant in metabolism.parameters"
            }
        };
        let metabolism = match self.has_layers() {
            true => {
                "ndts: base steps between two steps. checks: bounds beyond which a neuron is excluded or the run stops."
            }
            false => {
                "ndts: base steps between two steps. checks: bounds beyond which a neuron is excluded or the run stops. \
                 parameters.mito_scale stands for the share of mitochondria, which neurons with a layer take from it."
            }
        };
        for (key, text) in [
            ("with_steps", "Ions in the extracellular space."),
            ("with_bloodflow", vessels),
            ("with_metabolism", "ATP and the other states of metabolism, one unit a neuron."),
            (
                "mesh_path",
                "A mesh of Gmsh; where there is no such file, a mesh is made around neurons and vessels as preprocessor.mesh says.",
            ),
            (
                "preprocessor",
                "base_length in um: half of it is the length of the mesh's edges after one refinement step.",
            ),
            (
                "connections",
                "What goes from one simulator to another. Factors of blood flow (3.5e-7) and volume (1.2e-4) are those of the circuit tiny_CI: \
                 choose them so that notBigg_FinDyn_W2017 is about 0.012 /s and notBigg_vV_b_b about 0.023 on average.",
            ),
            ("metabolism", metabolism),
            ("steps", "conc_0 in mM, diffcst in m^2/s."),
            ("bloodflow", "Viscosity, pressures and speeds are explained in the chapter on blood flow."),
        ] {
            comment(multiscale, key, text);
        }
    }

    /// Fine for small circuits, no more tetrahedra than a run can bear for large ones, um.
    fn mesh_um(&self) -> f64 {
        let range = |axis: &str| {
            let columns = self.cells.iter().filter_map(|cells| cells.attributes.float(axis).ok());
            let ends = columns.flat_map(|column| column.into_owned());
            let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
            if low <= high { high - low } else { 0.0 }
        };
        let extent_um = ["x", "y", "z"].map(range).into_iter().fold(0.0, f64::max) + 2.0 * NEURITES_UM;
        (extent_um / MESH_EDGES_ALONG).ceil().max(FINEST_MESH_UM)
    }
}

/// The members of what the bundled configuration has as an object.
fn members(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().expect("the bundled configuration has an object here")
}

/// Puts a comment before a key, where the key is there.
fn comment(object: &mut Map<String, Value>, key: &str, text: &str) {
    if let Some(position) = object.keys().position(|name| name == key) {
        object.shift_insert(position, format!("_{key}"), text.into());
    }
}
