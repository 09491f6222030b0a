//! From text to syntax tree.

mod declarations;
mod expressions;
mod lexer;
mod parser;
mod statements;
pub mod tree;
mod verbatim;

use super::diagnostics::Diagnostic;

/// Parses a file; the tree holds what could be read, the messages say what could not.
pub fn parse(text: &str) -> (tree::File, Vec<Diagnostic>) {
    let (lexemes, mut diagnostics) = lexer::tokens(text);
    let lexemes = verbatim::translate(lexemes);
    let mut parser = parser::Parser::new(text, &lexemes);
    let file = parser.file();
    diagnostics.append(&mut parser.diagnostics);
    (file, diagnostics)
}
