//! Mechanisms written in NMODL, the language of NEURON's mechanism files (Hines & Carnevale 2000, Neural Comput. 12:995).
//!
//! | folder | what it does |
//! |---|---|
//! | `syntax` | text to tokens to a tree; C code of known forms to NMODL |
//! | `model` | names to slots: the mechanism as its executors see it |
//! | `run` | what statements do, for values of any kind: numbers, or nodes of a graph |
//! | `lanes` | the graph to code for many instances at once |
//! | `mechanism` | density mechanisms and point processes of cells |
//! | `instance.rs` | one instance on plain numbers, for any host |
//! | `diagnostics.rs` | messages with file, line, column and what to do |
//!
//! ```
//! use msr_neuro::mechanisms::Registry;
//! use msr_neuro::nmodl::Options;
//!
//! let leak = "NEURON { SUFFIX leak NONSPECIFIC_CURRENT i RANGE g }
//!     PARAMETER { g = 1e-4 (S/cm2) e = -70 (mV) }
//!     ASSIGNED { v (mV) i (mA/cm2) }
//!     BREAKPOINT { i = g*(v - e) }";
//! let mut registry = Registry::default();
//! registry.register_file(leak, "leak.mod", &Options::default())?;
//! assert!(registry.names().contains(&"leak".to_owned()));
//!
//! let wrong = registry.register_file(&leak.replace("v - e", "v - ee"), "leak.mod", &Options::default());
//! assert!(wrong.unwrap_err().to_string().contains("leak.mod:4:29: error: 'ee' is not declared"));
//! # Ok::<(), msr_neuro::mechanisms::MechanismFileError>(())
//! ```

mod diagnostics;
mod instance;
mod lanes;
mod mechanism;
mod model;
mod run;
mod syntax;

pub use diagnostics::{Diagnostic, Diagnostics, Severity, Span};
pub use instance::{Flow, Instance};
pub use mechanism::{Arrival, DensityMechanism, Options, PointMechanism, Unusable};
pub(crate) use model::Tables;
pub use model::{Kind, Model, Surrounding};
pub use run::{Host, Silent, Stop};

/// The name of the mechanism of a file, also of one with mistakes, if it says one.
pub(crate) fn name_of(text: &str) -> Option<String> {
    syntax::parse(text).0.interface.kind.map(|(_, name)| name.text)
}

/// Reads a mechanism file, and says what of it has no effect.
///
/// # Errors
/// [`Diagnostics`] with all mistakes, their places and what to do.
pub fn compile(text: &str, file: &str) -> Result<(Model, Diagnostics), Diagnostics> {
    let (tree, mut list) = syntax::parse(text);
    // Names of a file of which a part could not be read would only be called unknown.
    if list.is_empty() {
        let (model, mut found) = model::resolve(&tree);
        list.append(&mut found);
        let diagnostics = Diagnostics::new(file, text, list);
        return if diagnostics.has_errors() { Err(diagnostics) } else { Ok((model, diagnostics)) };
    }
    Err(Diagnostics::new(file, text, list))
}
