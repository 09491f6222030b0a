//! Blocks of a file. A mistake in a block is reported and the next block is read.

use super::lexer::{Lexeme, Token};
use super::tree::{File, Form, Function, Name};
use crate::nmodl::diagnostics::{Diagnostic, Span};

/// A mistake was reported; the block cannot be read on.
pub(super) struct Refused;

/// What a piece of the grammar gives.
pub(super) type Parsed<T> = Result<T, Refused>;

/// Expressions and statements may be nested this deep.
const DEEPEST: u32 = 100;

pub(super) struct Parser<'a> {
    pub text: &'a str,
    lexemes: &'a [Lexeme],
    at: usize,
    depth: u32,
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    /// A parser at the beginning.
    pub fn new(text: &'a str, lexemes: &'a [Lexeme]) -> Self {
        Self { text, lexemes, at: 0, depth: 0, diagnostics: Vec::new() }
    }

    /// The token to come.
    pub fn peek(&self) -> &'a Token {
        &self.lexemes[self.at].token
    }

    /// The token after the one to come.
    pub fn peek_second(&self) -> &'a Token {
        &self.lexemes[(self.at + 1).min(self.lexemes.len() - 1)].token
    }

    /// Its place.
    pub fn span(&self) -> Span {
        self.lexemes[self.at].span
    }

    /// Place of the token before.
    pub fn last_span(&self) -> Span {
        self.lexemes[self.at.saturating_sub(1)].span
    }

    /// Takes a token.
    pub fn advance(&mut self) -> &'a Token {
        let token = self.peek();
        if self.at + 1 < self.lexemes.len() {
            self.at += 1;
        }
        token
    }

    /// Whether a symbol comes; takes it.
    pub fn accept(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    /// Whether a symbol comes.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    /// Whether a word comes.
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(found) if found == word)
    }

    /// Whether a word comes; takes it.
    pub fn accept_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    /// A symbol that must come.
    pub fn expect(&mut self, symbol: &str, why: &str) -> Parsed<()> {
        if self.accept(symbol) { Ok(()) } else { self.refuse(format!("expected '{symbol}' {why}")) }
    }

    /// A name that must come.
    pub fn name(&mut self, what: &str) -> Parsed<Name> {
        let span = self.span();
        match self.peek() {
            Token::Name(text) => {
                self.advance();
                Ok(Name { text: text.clone(), span })
            }
            _ => self.refuse(format!("expected {what}")),
        }
    }

    /// Names with commas between.
    pub fn names(&mut self, what: &str) -> Parsed<Vec<Name>> {
        let mut names = vec![self.name(what)?];
        while self.accept(",") {
            names.push(self.name(what)?);
        }
        Ok(names)
    }

    /// Reports what was expected instead of the token to come.
    pub fn refuse<T>(&mut self, expected: impl Into<String>) -> Parsed<T> {
        let found = match self.peek() {
            Token::Name(name) => format!("'{name}'"),
            Token::Number(value, _) => format!("the number {value}"),
            Token::Text(_) => "a string".to_owned(),
            Token::Symbol(symbol) => format!("'{symbol}'"),
            Token::Verbatim(_) => "a VERBATIM block".to_owned(),
            Token::Other(character) => format!("'{character}'"),
            Token::End => "the end of the file".to_owned(),
        };
        let message = format!("{}, found {found}", expected.into());
        self.diagnostics.push(Diagnostic::error(self.span(), message));
        Err(Refused)
    }

    /// Goes one level deeper; text that is nested too deep is refused.
    pub fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEEPEST {
            self.diagnostics.push(
                Diagnostic::error(self.span(), format!("nested more than {DEEPEST} levels deep"))
                    .help("compute a part of it in a statement before"),
            );
            return Err(Refused);
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Skips a unit in brackets, where one stands, and returns it without the brackets.
    pub fn unit(&mut self) -> Parsed<String> {
        let open = self.span();
        if !self.accept("(") {
            return Ok(String::new());
        }
        loop {
            match self.peek() {
                Token::Symbol(")") => break,
                Token::End | Token::Symbol("{" | "}" | "=") => return self.refuse("expected ')' after the unit"),
                _ => self.advance(),
            };
        }
        let close = self.span();
        self.advance();
        // Tokens that replace C code stand for other places of the text.
        let inside = self.text.get(open.end as usize..close.start as usize);
        Ok(inside.unwrap_or_default().trim().to_owned())
    }

    /// The whole file.
    pub fn file(&mut self) -> File {
        let mut file = File::default();
        while *self.peek() != Token::End {
            let start = self.at;
            if self.block(&mut file).is_err() {
                self.recover(start);
            }
        }
        file
    }

    /// Skips to the end of the block that began at a token.
    fn recover(&mut self, start: usize) {
        self.depth = 0;
        let mut open = 0_i32;
        let mut at = start;
        while at + 1 < self.lexemes.len() {
            match &self.lexemes[at].token {
                Token::Symbol("{") => open += 1,
                Token::Symbol("}") => open -= 1,
                Token::Name(word) if at > start && open <= 0 && begins_block(word) => break,
                _ => {}
            }
            at += 1;
            if open <= 0 && at > self.at && matches!(self.lexemes[at - 1].token, Token::Symbol("}")) {
                break;
            }
        }
        self.at = at.max(start + 1).min(self.lexemes.len() - 1);
    }

    fn block(&mut self, file: &mut File) -> Parsed<()> {
        let keyword = self.name("a block (NEURON, PARAMETER, STATE, BREAKPOINT, ...)")?;
        match keyword.text.as_str() {
            "NEURON" => self.interface(&mut file.interface),
            "UNITS" => self.units(file),
            "DEFINE" => {
                let name = self.name("the name of the constant")?;
                let value = self.signed_number()?;
                file.defines.push((name, value));
                Ok(())
            }
            "PARAMETER" => self.declarations(&mut file.parameters),
            "CONSTANT" => self.declarations(&mut file.constants),
            "ASSIGNED" => self.declarations(&mut file.assigned),
            "STATE" => self.declarations(&mut file.states),
            "LOCAL" => {
                let mut locals = self.declared_list()?;
                file.locals.append(&mut locals);
                Ok(())
            }
            "FUNCTION" | "PROCEDURE" => {
                let function = self.function()?;
                file.functions.push(function);
                Ok(())
            }
            "DERIVATIVE" | "KINETIC" | "LINEAR" => {
                let form = match keyword.text.as_str() {
                    "DERIVATIVE" => Form::Derivative,
                    "KINETIC" => Form::Kinetic,
                    _ => Form::Linear,
                };
                let name = self.name("the name of the block")?;
                if self.accept_word("SOLVEFOR") {
                    self.names("a state")?;
                }
                let body = self.braces(Some(form))?;
                file.systems.push((form, name, body));
                Ok(())
            }
            "INITIAL" => {
                file.initial = Some((self.braces(None)?, keyword.span));
                Ok(())
            }
            "BREAKPOINT" => {
                file.breakpoint = Some((self.braces(None)?, keyword.span));
                Ok(())
            }
            "NET_RECEIVE" => {
                let arguments = self.arguments()?;
                let body = self.braces(None)?;
                file.receive = Some((arguments, body, keyword.span));
                Ok(())
            }
            "BEFORE" | "AFTER" => {
                let event = self.name("BREAKPOINT, SOLVE, INITIAL or STEP")?;
                let mut body = self.braces(None)?;
                if keyword.text == "BEFORE" && event.text == "BREAKPOINT" {
                    file.before_breakpoint.append(&mut body);
                } else {
                    file.other_times.push((format!("{} {}", keyword.text, event.text), keyword.span));
                }
                Ok(())
            }
            // What they describe is not simulated: plots, the independent variable, memory of NEURON's own.
            "INDEPENDENT" | "CONSTRUCTOR" | "DESTRUCTOR" | "PLOT" => self.skip_braces(),
            "FUNCTION_TABLE" | "NONLINEAR" | "DISCRETE" | "PARTIAL" | "INCLUDE" | "MATCH" | "TERMINAL" | "SENS" => {
                self.diagnostics.push(
                    Diagnostic::error(keyword.span, format!("{} is not supported", keyword.text))
                        .help("write it as PROCEDURE, DERIVATIVE, KINETIC or LINEAR"),
                );
                Err(Refused)
            }
            other => {
                self.diagnostics.push(
                    Diagnostic::error(
                        keyword.span,
                        format!("'{other}' begins no block{}", msr_coupling::query::nearest(other, BLOCKS)),
                    )
                    .help(format!("blocks are {}", BLOCKS.join(", "))),
                );
                Err(Refused)
            }
        }
    }

    fn skip_braces(&mut self) -> Parsed<()> {
        self.expect("{", "here")?;
        let mut open = 1;
        while open > 0 {
            match self.advance() {
                Token::Symbol("{") => open += 1,
                Token::Symbol("}") => open -= 1,
                Token::End => return self.refuse("expected '}'"),
                _ => {}
            }
        }
        Ok(())
    }

    /// `(a (mV), b)`
    pub fn arguments(&mut self) -> Parsed<Vec<Name>> {
        self.expect("(", "before the arguments")?;
        let mut arguments = Vec::new();
        while !self.accept(")") {
            if !arguments.is_empty() {
                self.expect(",", "between the arguments")?;
            }
            arguments.push(self.name("an argument")?);
            self.unit()?;
        }
        Ok(arguments)
    }

    fn function(&mut self) -> Parsed<Function> {
        let name = self.name("its name")?;
        let arguments = self.arguments()?;
        self.unit()?;
        let body = self.braces(None)?;
        Ok(Function { name, arguments, body })
    }
}

/// Words that begin a block.
const BLOCKS: &[&str] = &[
    "NEURON",
    "UNITS",
    "DEFINE",
    "PARAMETER",
    "CONSTANT",
    "ASSIGNED",
    "STATE",
    "LOCAL",
    "FUNCTION",
    "PROCEDURE",
    "DERIVATIVE",
    "KINETIC",
    "LINEAR",
    "INITIAL",
    "BREAKPOINT",
    "NET_RECEIVE",
    "BEFORE",
    "AFTER",
    "INDEPENDENT",
    "CONSTRUCTOR",
    "DESTRUCTOR",
];

fn begins_block(word: &str) -> bool {
    BLOCKS.contains(&word) && !matches!(word, "LOCAL" | "INITIAL")
}
