//! Statements.

use super::lexer::Token;
use super::parser::{Parsed, Parser};
use super::tree::{Block, Expression, ExpressionKind, Form, Reactant, Statement, StatementKind, Target};

impl Parser<'_> {
    /// `{ ... }`; reactions and equations are read according to the form of the block.
    pub fn braces(&mut self, form: Option<Form>) -> Parsed<Block> {
        self.expect("{", "at the beginning of the block")?;
        let mut block = Vec::new();
        while !self.accept("}") {
            let start = self.span();
            if let Some(kind) = self.deeper(|parser| parser.statement(form))? {
                block.push(Statement { kind, span: self.since(start) });
            }
        }
        Ok(block)
    }

    fn statement(&mut self, form: Option<Form>) -> Parsed<Option<StatementKind>> {
        let word = match self.peek() {
            Token::Name(word) => word.as_str(),
            Token::Verbatim(_) => {
                self.advance();
                return Ok(Some(StatementKind::Verbatim));
            }
            Token::Symbol("{") => return Ok(Some(StatementKind::Group(self.braces(form)?))),
            Token::Symbol("~" | "~+") => {
                self.advance();
                return self.tilde(form).map(Some);
            }
            Token::Symbol(";") => {
                self.advance();
                return Ok(None);
            }
            _ => return self.refuse("expected a statement or '}'"),
        };
        Ok(Some(match word {
            "LOCAL" => {
                self.advance();
                StatementKind::Local(self.declared_list()?)
            }
            "if" | "IF" => self.conditional(form)?,
            "while" | "WHILE" => {
                self.advance();
                let condition = self.bracketed("after while")?;
                StatementKind::While(condition, self.braces(form)?)
            }
            "FROM" => self.counted(form)?,
            "SOLVE" => self.solve()?,
            "CONSERVE" => {
                self.advance();
                let terms = self.reactants()?;
                self.expect("=", "after the sum that is conserved")?;
                StatementKind::Conserve(terms, self.expression()?)
            }
            "COMPARTMENT" | "LONGITUDINAL_DIFFUSION" => self.volumes(word == "COMPARTMENT")?,
            "TABLE" => self.table()?,
            "WATCH" => {
                self.advance();
                let condition = self.bracketed("after WATCH")?;
                StatementKind::Watch(condition, self.expression()?)
            }
            "INITIAL" => {
                self.advance();
                StatementKind::Initial(self.braces(None)?)
            }
            "return" => {
                self.advance();
                StatementKind::Return
            }
            // Hints to other programs: which conductance a current has, where threads must wait.
            "CONDUCTANCE" => {
                self.advance();
                self.name("a conductance")?;
                if self.accept_word("USEION") {
                    self.name("an ion")?;
                }
                return Ok(None);
            }
            "PROTECT" | "MUTEXLOCK" | "MUTEXUNLOCK" => {
                self.advance();
                return Ok(None);
            }
            _ => self.assignment()?,
        }))
    }

    fn assignment(&mut self) -> Parsed<StatementKind> {
        if matches!(self.peek_second(), Token::Symbol("(")) {
            return Ok(StatementKind::Call(self.expression()?));
        }
        let target = self.target("a variable")?;
        self.expect("=", "after the variable")?;
        Ok(StatementKind::Assign(target, self.expression()?))
    }

    fn target(&mut self, what: &str) -> Parsed<Target> {
        let name = self.name(what)?;
        let mut target = Target { name, index: None, primes: 0 };
        while self.accept("'") {
            target.primes += 1;
        }
        if self.accept("[") {
            target.index = Some(self.expression()?);
            self.expect("]", "after the index")?;
        }
        while self.accept("'") {
            target.primes += 1;
        }
        Ok(target)
    }

    fn conditional(&mut self, form: Option<Form>) -> Parsed<StatementKind> {
        self.advance();
        let condition = self.bracketed("after if")?;
        let then = self.braces(form)?;
        let mut otherwise = Vec::new();
        if self.accept_word("else") || self.accept_word("ELSE") {
            if self.is_word("if") || self.is_word("IF") {
                let start = self.span();
                let kind = self.deeper(|parser| parser.conditional(form))?;
                otherwise.push(Statement { kind, span: self.since(start) });
            } else {
                otherwise = self.braces(form)?;
            }
        }
        Ok(StatementKind::If(condition, then, otherwise))
    }

    fn counted(&mut self, form: Option<Form>) -> Parsed<StatementKind> {
        self.advance();
        let variable = self.name("the counter")?;
        self.expect("=", "after the counter")?;
        let first = self.expression()?;
        if !self.accept_word("TO") {
            return self.refuse("expected TO");
        }
        let last = self.expression()?;
        let step = if self.accept_word("BY") { Some(self.expression()?) } else { None };
        Ok(StatementKind::From(variable, first, last, step, self.braces(form)?))
    }

    fn solve(&mut self) -> Parsed<StatementKind> {
        self.advance();
        let block = self.name("the block to solve")?;
        let mut steady = false;
        let mut method = None;
        if self.accept_word("STEADYSTATE") {
            steady = true;
            method = Some(self.name("sparse or derivimplicit")?);
        } else if self.accept_word("METHOD") {
            method = Some(self.name("the method (cnexp, sparse, derivimplicit, euler, ...)")?);
        }
        if self.accept_word("IFERROR") {
            self.braces(None)?;
        }
        Ok(StatementKind::Solve(block, method, steady))
    }

    fn volumes(&mut self, compartment: bool) -> Parsed<StatementKind> {
        self.advance();
        let mut index = None;
        if matches!(self.peek(), Token::Name(_)) && matches!(self.peek_second(), Token::Symbol(",")) {
            index = Some(self.name("the counter")?);
            self.advance();
        }
        let size = self.expression()?;
        self.expect("{", "before the names")?;
        let mut names = Vec::new();
        while !self.accept("}") {
            names.push(self.name("a state")?);
            self.accept(",");
        }
        Ok(if compartment {
            StatementKind::Compartment(index, size, names)
        } else {
            StatementKind::Diffusion(index, size, names)
        })
    }

    fn table(&mut self) -> Parsed<StatementKind> {
        self.advance();
        let (mut names, mut depends) = (Vec::new(), Vec::new());
        if !self.is_word("DEPEND") && !self.is_word("FROM") {
            names = self.names("what is tabulated")?;
        }
        if self.accept_word("DEPEND") {
            depends = self.names("a variable")?;
        }
        if !self.accept_word("FROM") {
            return self.refuse("expected FROM");
        }
        let first = self.expression()?;
        if !self.accept_word("TO") {
            return self.refuse("expected TO");
        }
        let last = self.expression()?;
        if !self.accept_word("WITH") {
            return self.refuse("expected WITH");
        }
        let intervals = self.expression()?;
        Ok(StatementKind::Table([names, depends], Box::new([first, last, intervals])))
    }

    /// `2 a + b`
    fn reactants(&mut self) -> Parsed<Vec<Reactant>> {
        let mut list = vec![self.reactant()?];
        loop {
            if self.accept("+") {
                list.push(self.reactant()?);
            } else if self.accept("-") {
                let mut reactant = self.reactant()?;
                reactant.count = -reactant.count;
                list.push(reactant);
            } else {
                return Ok(list);
            }
        }
    }

    fn reactant(&mut self) -> Parsed<Reactant> {
        let mut count = 1.0;
        if let Token::Number(value, _) = self.peek() {
            self.advance();
            count = *value;
            self.accept("*");
        }
        Ok(Reactant { count, target: self.target("a state")? })
    }

    /// What follows `~`.
    fn tilde(&mut self, form: Option<Form>) -> Parsed<StatementKind> {
        if form == Some(Form::Linear) {
            let left = self.expression()?;
            self.expect("=", "in the equation")?;
            return Ok(StatementKind::Equation(left, self.expression()?));
        }
        let mut left = self.reactants()?;
        if self.accept("<<") {
            let rate = self.bracketed("before the rate")?;
            let reactant = left.pop();
            return match (reactant, left.is_empty()) {
                (Some(reactant), true) => Ok(StatementKind::Influx(reactant, rate)),
                _ => self.refuse("expected one state before '<<'"),
            };
        }
        if self.accept("->") {
            return Ok(StatementKind::Decay(left, self.bracketed("before the rate")?));
        }
        self.expect("<->", "between the two sides of the reaction")?;
        let right = self.reactants()?;
        self.expect("(", "before the rates")?;
        let forward = self.expression()?;
        self.expect(",", "between the rates")?;
        let backward = self.expression()?;
        self.expect(")", "after the rates")?;
        Ok(StatementKind::Reaction(left, right, forward, backward))
    }
}

impl Expression {
    /// The name, where it is a plain variable.
    pub fn as_name(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::Name(name) => Some(name),
            _ => None,
        }
    }
}
