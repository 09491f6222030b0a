//! What a mechanism declares: NEURON, UNITS, PARAMETER, ASSIGNED, STATE.

use super::lexer::Token;
use super::parser::{Parsed, Parser};
use super::tree::{Declaration, Declared, File, Interface, Kind, UseIon};
use crate::nmodl::diagnostics::Diagnostic;

impl Parser<'_> {
    /// `NEURON { ... }` after its keyword.
    pub fn interface(&mut self, interface: &mut Interface) -> Parsed<()> {
        self.expect("{", "after NEURON")?;
        while !self.accept("}") {
            let keyword = self.name("SUFFIX, USEION, RANGE, ... or '}'")?;
            match keyword.text.as_str() {
                "SUFFIX" => interface.kind = Some((Kind::Density, self.name("the name of the mechanism")?)),
                "POINT_PROCESS" => interface.kind = Some((Kind::Point, self.name("the name of the mechanism")?)),
                "ARTIFICIAL_CELL" => {
                    interface.kind = Some((Kind::Artificial, self.name("the name of the mechanism")?));
                }
                "USEION" => {
                    let ion = self.use_ion()?;
                    interface.ions.push(ion);
                }
                "NONSPECIFIC_CURRENT" => interface.nonspecific.append(&mut self.names("a current")?),
                "ELECTRODE_CURRENT" => interface.electrode.append(&mut self.names("a current")?),
                "RANGE" => interface.range.append(&mut self.names("a variable")?),
                "GLOBAL" => interface.global.append(&mut self.names("a variable")?),
                "POINTER" => interface.pointer.append(&mut self.names("a pointer")?),
                "BBCOREPOINTER" => interface.opaque.append(&mut self.names("a pointer")?),
                "RANDOM" => interface.random.append(&mut self.names("a stream")?),
                "EXTERNAL" => {
                    self.names("a variable")?;
                }
                "THREADSAFE" => {
                    // Names may follow, on the same line only by custom.
                    if matches!(self.peek_second(), Token::Symbol(",")) {
                        self.names("a variable")?;
                    }
                }
                "REPRESENTS" => {
                    // An entry of an ontology; the colon in it begins a comment for the lexer.
                    while self.accept("[") || self.accept("]") {}
                    self.advance();
                    self.accept("]");
                }
                other => {
                    self.diagnostics.push(
                        Diagnostic::error(keyword.span, format!("'{other}' is no statement of NEURON")).help(
                            "known are SUFFIX, POINT_PROCESS, ARTIFICIAL_CELL, USEION, NONSPECIFIC_CURRENT, \
                             ELECTRODE_CURRENT, RANGE, GLOBAL, POINTER, BBCOREPOINTER, RANDOM, THREADSAFE",
                        ),
                    );
                    return Err(super::parser::Refused);
                }
            }
        }
        Ok(())
    }

    fn use_ion(&mut self) -> Parsed<UseIon> {
        let mut ion = UseIon { ion: self.name("the ion")?, read: Vec::new(), write: Vec::new(), valence: None };
        loop {
            if self.accept_word("READ") {
                ion.read.append(&mut self.names("what is read")?);
            } else if self.accept_word("WRITE") {
                ion.write.append(&mut self.names("what is written")?);
            } else if self.accept_word("VALENCE") {
                ion.valence = Some(self.signed_number()?);
            } else if self.accept_word("REPRESENTS") {
                self.advance();
            } else {
                return Ok(ion);
            }
        }
    }

    /// A number with an optional sign.
    pub fn signed_number(&mut self) -> Parsed<f64> {
        let sign = if self.accept("-") { -1.0 } else { 1.0 };
        self.accept("+");
        match self.peek() {
            Token::Number(value, _) => {
                self.advance();
                Ok(sign * value)
            }
            _ => self.refuse("expected a number"),
        }
    }

    /// `UNITS { ... }` after its keyword.
    pub fn units(&mut self, file: &mut File) -> Parsed<()> {
        self.expect("{", "after UNITS")?;
        while !self.accept("}") {
            if self.is_symbol("(") {
                self.unit()?;
                self.expect("=", "after the unit")?;
                self.unit()?;
                continue;
            }
            let name = self.name("a unit in brackets or the name of a constant")?;
            self.expect("=", "after the constant")?;
            if self.is_symbol("(") {
                let unit = self.unit()?;
                let asked = self.unit()?;
                file.unit_constants.push((name, unit, asked));
            } else {
                let value = self.signed_number()?;
                self.unit()?;
                file.unit_numbers.push((name, value));
            }
        }
        Ok(())
    }

    /// `a, b[3], c`
    pub fn declared_list(&mut self) -> Parsed<Vec<Declared>> {
        let mut list = vec![self.declared()?];
        while self.accept(",") {
            list.push(self.declared()?);
        }
        Ok(list)
    }

    fn declared(&mut self) -> Parsed<Declared> {
        let name = self.name("a variable")?;
        let size = if self.accept("[") {
            let size = self.expression()?;
            self.expect("]", "after the size of the array")?;
            Some(size)
        } else {
            None
        };
        Ok(Declared { name, size })
    }

    /// The body of PARAMETER, ASSIGNED, STATE or CONSTANT.
    pub fn declarations(&mut self, list: &mut Vec<Declaration>) -> Parsed<()> {
        self.expect("{", "at the beginning of the block")?;
        while !self.accept("}") {
            let declared = self.declared()?;
            let mut value = None;
            if self.accept("=") {
                value = Some(self.signed_number()?);
            }
            let mut unit = self.unit()?;
            if self.accept_word("FROM") {
                self.signed_number()?;
                if self.accept_word("TO") {
                    self.signed_number()?;
                }
            }
            if self.accept_word("START") {
                value = Some(self.signed_number()?);
            }
            if unit.is_empty() {
                unit = self.unit()?;
            }
            if self.accept("<") {
                self.signed_number()?;
                if self.accept(",") {
                    self.signed_number()?;
                }
                self.expect(">", "after the limits")?;
            }
            list.push(Declaration { declared, value, unit });
        }
        Ok(())
    }
}
