//! `msr-cli schema`.

use msr_config::schema;
use msr_coupling::Registry;

use crate::arguments::ConfigurationFile;
use crate::failure::Failure;
use crate::told::print;

/// Prints the JSON Schema of a file; that of simulations knows the simulators of `registry`.
pub fn run(file: ConfigurationFile, registry: &Registry) -> Result<(), Failure> {
    let schema = match file {
        ConfigurationFile::Simulation => {
            let simulators: Vec<&str> = registry.factories().map(|(name, _)| name).collect();
            schema::simulation(&simulators)
        }
        ConfigurationFile::Circuit => schema::circuit(),
        ConfigurationFile::NodeSets => schema::node_sets(),
        ConfigurationFile::CompartmentSets => schema::compartment_sets(),
    };
    print([format!("{schema:#}")])
}
