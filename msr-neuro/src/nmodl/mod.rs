//! Mechanisms written in NMODL, the language of NEURON's mechanism files (Hines & Carnevale 2000, Neural Comput. 12:995).
mod diagnostics;
mod instance;
mod lanes;
mod mechanism;
mod model;
mod run;
mod syntax;

pub use diagnostics::{Diagnostic, Diagnostics, Severity, Span};
pub use instance::{Flow, Instance};
pub use mechanism::{DensityMechanism, Options, Unusable};
pub use model::{Kind, Model, Surrounding};
pub use run::{Host, Silent, Stop};

/// Reads a mechanism file.
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
