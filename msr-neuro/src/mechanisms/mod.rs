//! Mechanisms: what the membrane does besides storing charge.
//!
//! A [`Mechanism`] is code without state. It works on a [`Block`]: the segments that carry it and its parameters,
//! states and assigned values in columns, one value a segment (structure of arrays). It reads voltage and
//! concentrations from the cell's [`Membrane`] and adds its currents there.
//!
//! Channels and calcium dynamics are mechanism files (`mechanisms/*.mod`, [`BUNDLED`]), read by [`crate::nmodl`]; the pump
//! and the leak that balances it, which change ATP, are written here.

mod block;
mod bundled;
mod extracellular;
mod failure;
mod folder;
mod leak;
mod pump;
mod registry;

pub use block::{Block, Column, Columns, Role};
pub use bundled::BUNDLED;
pub(crate) use extracellular::column as layer_column;
pub use extracellular::{EXTRACELLULAR, LAYERS};
pub use failure::MechanismFailure;
pub use folder::MechanismFolderError;
pub use leak::{ATPASE, ION_LEAK};
pub use registry::{GlobalError, MechanismFileError, Registry, UnknownMechanism};

use std::sync::Arc;

use crate::ions::Membrane;

/// Faraday constant, in C/mol (CODATA 2018, exact).
pub const FARADAY: f64 = 96_485.332_123_310_02;
/// Gas constant, in J/(mol K) (CODATA 2018, exact).
pub const GAS_CONSTANT: f64 = 8.314_462_618_153_24;
/// 0 degrees Celsius, in K.
pub const ZERO_CELSIUS: f64 = 273.15;

/// An ion that not every membrane has.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignIon {
    /// Its name.
    pub name: String,
    /// Charges.
    pub valence: f64,
}

/// How a mechanism uses an ion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IonUse {
    /// The ion.
    pub name: String,
    /// Whether it reads or writes a concentration.
    pub concentrations: bool,
    /// Whether it writes a concentration.
    pub writes: bool,
    /// Whether it reads or writes the reversal potential.
    pub reversal: bool,
}

/// What values are one for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// A node of the cable.
    Node,
    /// An instance of the mechanism.
    Instance,
}

/// Code of one kind of channel, pump or pool.
///
/// The order of calls in a step: [`currents`](Mechanism::currents) at the old voltage, the solution for the new
/// voltage, then [`advance`](Mechanism::advance) with the new voltage. What cannot go on says so by [`Membrane::fail`].
pub trait Mechanism: Send + Sync {
    /// Name, as in e-models and reports (`NaTg`).
    fn name(&self) -> &str;

    /// Parameters, states and assigned values, in the order of a block's columns.
    fn columns(&self) -> &[Column];

    /// Ions that it uses besides those that every membrane has.
    fn foreign_ions(&self) -> &[ForeignIon] {
        &[]
    }

    /// How it uses ions: sodium, potassium and calcium in every way where it does not say.
    fn ions(&self) -> Vec<IonUse> {
        let every = |name: &str| IonUse { name: name.to_owned(), concentrations: true, writes: false, reversal: true };
        ["na", "k", "ca"].map(every).to_vec()
    }

    /// Whether it keeps a concentration (`nai`, `ki`) itself, so that currents must not change it besides.
    fn keeps(&self, _concentration: &str) -> bool {
        false
    }

    /// Whether it writes the concentration of any ion.
    fn writes_concentrations(&self) -> bool {
        false
    }

    /// Whether it lets a concentration diffuse along the cable.
    fn spreads(&self, _concentration: &str) -> bool {
        false
    }

    /// Names (and slots) of its POINTER variables.
    fn pointers(&self) -> &[(String, u32)] {
        &[]
    }

    /// Whether it assigns to one of its variables.
    fn assigns(&self, _variable: &str) -> bool {
        false
    }

    /// Sets the states to their steady values at the membrane's voltage and concentrations.
    fn initialise(&self, block: &mut Columns<'_>, membrane: &mut Membrane);

    /// Number of states that diffuse along the cable.
    fn diffusing(&self) -> usize {
        0
    }

    /// How one of them diffuses: for each instance the size of its compartment for a length (um2) and the coefficient of
    /// diffusion times the cross-section (um4/ms), in two columns.
    fn diffusion(&self, _state: usize, _block: &mut Columns<'_>, _membrane: &mut Membrane, _sizes: [&mut [f64]; 2]) {}

    /// Hands over the values of one of them: all of the membrane, one a node, or those of the block, one an instance.
    fn with_diffusing(
        &self,
        _state: usize,
        _block: &mut Columns<'_>,
        _membrane: &mut Membrane,
        _run: &mut dyn FnMut(&mut [f64], Per),
    ) {
    }

    /// Adds current densities (mA/cm2, outward positive) and slope conductances (S/cm2) to the membrane.
    fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane);

    /// Advances the states by `dt_ms`.
    fn advance(&self, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64);
}

/// One mechanism that many cells share.
impl<M: Mechanism> Mechanism for Arc<M> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn columns(&self) -> &[Column] {
        (**self).columns()
    }

    fn foreign_ions(&self) -> &[ForeignIon] {
        (**self).foreign_ions()
    }

    fn ions(&self) -> Vec<IonUse> {
        (**self).ions()
    }

    fn keeps(&self, concentration: &str) -> bool {
        (**self).keeps(concentration)
    }

    fn writes_concentrations(&self) -> bool {
        (**self).writes_concentrations()
    }

    fn spreads(&self, concentration: &str) -> bool {
        (**self).spreads(concentration)
    }

    fn pointers(&self) -> &[(String, u32)] {
        (**self).pointers()
    }

    fn assigns(&self, variable: &str) -> bool {
        (**self).assigns(variable)
    }

    fn initialise(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        (**self).initialise(block, membrane);
    }

    fn diffusing(&self) -> usize {
        (**self).diffusing()
    }

    fn diffusion(&self, state: usize, block: &mut Columns<'_>, membrane: &mut Membrane, sizes: [&mut [f64]; 2]) {
        (**self).diffusion(state, block, membrane, sizes);
    }

    fn with_diffusing(
        &self,
        state: usize,
        block: &mut Columns<'_>,
        membrane: &mut Membrane,
        run: &mut dyn FnMut(&mut [f64], Per),
    ) {
        (**self).with_diffusing(state, block, membrane, run);
    }

    fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        (**self).currents(block, membrane);
    }

    fn advance(&self, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64) {
        (**self).advance(block, membrane, dt_ms);
    }
}
