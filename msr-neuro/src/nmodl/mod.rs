//! Mechanisms written in NMODL, the language of NEURON's mechanism files (Hines & Carnevale 2000, Neural Comput. 12:995).
mod diagnostics;
mod model;
mod syntax;

pub use diagnostics::{Diagnostic, Diagnostics, Severity, Span};
pub use model::Model;

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
