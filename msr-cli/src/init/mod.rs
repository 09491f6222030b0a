//! `msr-cli init`: a small circuit to begin with.
//!
//! `tiny_CI` is a cortical column in miniature: ten neurons of layers 2 to 6 with grown morphologies and the synapses between
//! them, the vessels around them, and astrocytes that join both. Nothing of it is stored in the program: it is grown from a
//! seed, the same on every machine.

mod astrocytes;
mod capillary_bed;
mod column;
mod configuration;
mod directory;
mod distribution;
mod electrophysiology;
mod geometry;
mod growth;
mod interneuron;
mod locus;
mod morphology;
mod own_circuit;
mod populations;
mod pyramidal;
mod sonata_writer;
mod synapse_physiology;
mod synapses;
mod vasculature;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use directory::{InitError, Summary};
pub use own_circuit::write as write_for_circuit;

/// The seed of the bundled circuit.
const SEED: u64 = 2015;

/// A grown circuit in memory.
struct Circuit {
    neurons: Vec<column::Neuron>,
    electrophysiology: Vec<electrophysiology::Electrophysiology>,
    vessels: vasculature::Vasculature,
    synapses: Vec<synapses::Synapse>,
    astrocytes: Vec<astrocytes::Astrocyte>,
    endfeet: Vec<astrocytes::Endfoot>,
    ensheathments: Vec<astrocytes::Ensheathment>,
}

impl Circuit {
    fn grow(seed: u64) -> Self {
        let neurons = column::grow_neurons(seed);
        let electrophysiology = electrophysiology::of_column();
        let vessels = vasculature::grow_vasculature(seed, &neurons);
        let synapses = synapses::connect(seed, &neurons);
        let (astrocytes, endfeet) = astrocytes::grow_astrocytes(seed, &neurons, &vessels, &synapses);
        let ensheathments = astrocytes::ensheathe(seed, &astrocytes, &synapses);
        Self { neurons, electrophysiology, vessels, synapses, astrocytes, endfeet, ensheathments }
    }
}

/// Makes the circuit `tiny_CI` in `dir`: circuit, node sets and simulation configuration, SONATA populations, morphologies
/// (SWC) and e-models. `dir` is created if it is missing. Either all files are there at the end, or none is.
///
/// `metabolism` is the metabolism model that its configuration names. With `force`, files of an earlier circuit in a non-empty `dir` are replaced; other files there stay.
///
/// # Errors
/// [`InitError::NotEmpty`] if `dir` holds anything but a `.logs` entry and `force` is not given; [`InitError::NotADirectory`];
/// [`InitError::Io`] and [`InitError::Hdf5`] with the file in question.
pub fn write_tiny_ci(dir: &Path, metabolism: &str, force: bool) -> Result<Summary, InitError> {
    let stage = directory::Stage::prepare(dir, force)?;
    let circuit = Circuit::grow(SEED);
    write_circuit(&circuit, &stage)?;
    for (name, text) in configuration::files(metabolism) {
        stage.write_text(name, &text)?;
    }
    let files = stage.publish()?;
    Ok(Summary {
        neurons: circuit.neurons.len(),
        synapses: circuit.synapses.len(),
        astrocytes: circuit.astrocytes.len(),
        endfeet: circuit.endfeet.len(),
        astrocytic_contacts: circuit.ensheathments.len(),
        vessel_segments: circuit.vessels.segments.len(),
        files,
    })
}

fn write_circuit(circuit: &Circuit, stage: &directory::Stage) -> Result<(), InitError> {
    let (neuron_count, astrocyte_count) = (circuit.neurons.len(), circuit.astrocytes.len());
    for population in [
        populations::neuron_population(&circuit.neurons, &circuit.electrophysiology),
        populations::astrocyte_population(&circuit.astrocytes),
        populations::vasculature_population(&circuit.vessels),
    ] {
        let path = PathBuf::from(format!("circuit/networks/nodes/{}/nodes.h5", population.name));
        stage.write_hdf5(&path, |path| sonata_writer::write_nodes(path, &population))?;
    }
    for population in [
        populations::chemical_population(&circuit.synapses, neuron_count),
        populations::neuroglial_population(&circuit.ensheathments, &circuit.synapses, astrocyte_count, neuron_count),
        populations::gliovascular_population(&circuit.endfeet, &circuit.vessels, astrocyte_count),
    ] {
        let path = PathBuf::from(format!("circuit/networks/edges/{}/edges.h5", population.name));
        stage.write_hdf5(&path, |path| sonata_writer::write_edges(path, &population))?;
    }
    for neuron in &circuit.neurons {
        let text = neuron.morphology.to_swc(&format!("{}, grown at random", neuron.blueprint.mtype));
        stage.write_text(format!("circuit/morphologies/neurons/{}.swc", neuron.morphology.name), &text)?;
    }
    for astrocyte in &circuit.astrocytes {
        let text = astrocyte.morphology.to_swc("astrocyte, grown at random; type 2: perivascular processes");
        stage.write_text(format!("circuit/morphologies/astrocytes/{}.swc", astrocyte.morphology.name), &text)?;
    }
    for (name, text) in msr_neuro::emodel::BUNDLED {
        stage.write_text(format!("circuit/emodels/{name}.json"), text)?;
    }
    Ok(())
}
