//! The JSON files of the circuit, and the script of a batch job.

/// Name of the file that a run begins with; it is put in place last.
pub const SIMULATION_CONFIG: &str = "simulation_config.json";
/// Stands for this program's version in the bundled text.
const VERSION_MARK: &str = "@MSR_VERSION@";
/// Stands for the metabolism model in the bundled text.
const METABOLISM_MARK: &str = "@METABOLISM_MODEL@";

/// Names and texts of the configuration files: all four simulators are active, with every connection and report; and of the
/// script for SLURM.
pub fn files(metabolism: &str) -> [(&'static str, String); 4] {
    let simulation = include_str!("templates/simulation_config.json");
    let simulation = simulation.replace(METABOLISM_MARK, metabolism);
    [
        ("circuit_config.json", include_str!("templates/circuit_config.json").to_owned()),
        ("node_sets.json", include_str!("templates/node_sets.json").to_owned()),
        ("simulation.sbatch", include_str!("templates/simulation.sbatch").to_owned()),
        (SIMULATION_CONFIG, simulation.replace(VERSION_MARK, env!("CARGO_PKG_VERSION"))),
    ]
}
