//! The JSON files of the circuit, and the script of a batch job.

/// Name of the file that a run begins with; it is put in place last.
pub const SIMULATION_CONFIG: &str = "simulation_config.json";
/// Name of the script for SLURM.
pub const BATCH_SCRIPT: &str = "simulation.sbatch";
/// The script for SLURM.
pub const BATCH_SCRIPT_TEXT: &str = include_str!("templates/simulation.sbatch");
/// Stands for this program's version in the bundled text.
const VERSION_MARK: &str = "@MSR_VERSION@";
/// Stands for the metabolism model in the bundled text.
const METABOLISM_MARK: &str = "@METABOLISM_MODEL@";

/// Names and texts of the configuration files: all four simulators are active, with every connection and report; and of the
/// script for SLURM.
pub fn files(metabolism: &str) -> [(&'static str, String); 4] {
    [
        ("circuit_config.json", include_str!("templates/circuit_config.json").to_owned()),
        ("node_sets.json", include_str!("templates/node_sets.json").to_owned()),
        (BATCH_SCRIPT, BATCH_SCRIPT_TEXT.to_owned()),
        (SIMULATION_CONFIG, simulation_text(metabolism)),
    ]
}

/// The bundled simulation as a document.
pub fn simulation(metabolism: &str) -> serde_json::Value {
    serde_json::from_str(&simulation_text(metabolism)).expect("the bundled configuration is JSON")
}

fn simulation_text(metabolism: &str) -> String {
    let text = include_str!("templates/simulation_config.json").replace(METABOLISM_MARK, metabolism);
    text.replace(VERSION_MARK, env!("CARGO_PKG_VERSION"))
}
