//! Morphologically detailed neurons: branched cable equation, ion channels, pumps, ion and ATP concentrations, synapses,
//! spikes.
//!
//! From the outside in: [`simulator::NeuroSimulator`] couples a population of [`cell::Cell`]s with other simulators; an
//! [`emodel::Template`] (a JSON file, or a template in [`hoc`]) says which [`mechanisms`] a cell of a given [`morphology`] carries; the [`discretisation`] cuts it
//! into segments, which the [`cable`] equation and [`diffusion`] join. What synapses release reaches the [`astrocytes`]
//! and, through their endfeet, the vessels.

pub mod astrocytes;
pub mod cable;
pub mod cell;
pub mod diffusion;
pub mod discretisation;
pub mod emodel;
pub mod hoc;
pub mod ions;
pub mod mechanisms;
pub mod morphology;
mod nernst;
pub mod nmodl;
pub mod points;
pub mod random;
pub mod random123;
pub mod simulator;
pub mod stimuli;
pub mod synapses;
