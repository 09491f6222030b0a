//! References and expressions.

use super::{Parsed, Parser};
use crate::hoc::lexer::Token;
use crate::hoc::tree::{DEEPEST, Expression, Name, Part, Reference};

impl Parser {
    pub(super) fn reference(&mut self) -> Parsed<Reference> {
        let mut parts = Vec::new();
        loop {
            let name = match self.peek().clone() {
                Token::Word(word) => Name::Word(word),
                Token::Argument(number) if parts.is_empty() => Name::Argument(number),
                _ => return Err(self.unexpected("a name")),
            };
            self.next();
            let mut index = Vec::new();
            while self.take("[") {
                index.push(self.expression()?);
                self.expect("]")?;
            }
            let mut call = None;
            if self.is("(") && !self.is_ramp() {
                self.next();
                let mut arguments = Vec::new();
                while !self.take(")") {
                    arguments.push(self.expression()?);
                    if !self.is(")") {
                        self.expect(",")?;
                    }
                }
                call = Some(arguments);
            }
            parts.push(Part { name, index, call });
            if !self.take(".") {
                return Ok(Reference(parts));
            }
        }
    }

    /// Whether the bracket that opens here holds a range `a:b`.
    fn is_ramp(&self) -> bool {
        let mut depth = 0;
        for token in &self.tokens[self.at..] {
            match token {
                Token::Symbol("(" | "[") => depth += 1,
                Token::Symbol(")" | "]") => depth -= 1,
                Token::Symbol(":") if depth == 1 => return true,
                Token::Newline | Token::End => return false,
                _ => {}
            }
            if depth == 0 {
                return false;
            }
        }
        false
    }

    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        if self.depth >= DEEPEST {
            return Err((self.line(), "the expression is nested too deeply".to_owned()));
        }
        self.depth += 1;
        let expression = self.assignment();
        self.depth -= 1;
        expression
    }

    fn assignment(&mut self) -> Parsed<Expression> {
        let left = self.binary(0)?;
        let Token::Symbol(symbol) = *self.peek() else { return Ok(left) };
        let operator = match symbol {
            "=" => None,
            "+=" => Some("+"),
            "-=" => Some("-"),
            "*=" => Some("*"),
            "/=" => Some("/"),
            _ => return Ok(left),
        };
        let Expression::Refer(reference) = left else { return Err(self.unexpected("a name before '='")) };
        self.next();
        Ok(Expression::Assign(reference, operator, Box::new(self.expression()?)))
    }

    /// Operators from the weakest level on.
    fn binary(&mut self, level: usize) -> Parsed<Expression> {
        const LEVELS: [&[&str]; 5] =
            [&["||"], &["&&"], &["==", "!=", "<", ">", "<=", ">="], &["+", "-"], &["*", "/", "%"]];
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let first = self.binary(level + 1)?;
        let mut rest = Vec::new();
        while let Token::Symbol(symbol) = *self.peek()
            && operators.contains(&symbol)
        {
            self.next();
            rest.push((symbol, self.binary(level + 1)?));
        }
        Ok(if rest.is_empty() { first } else { Expression::Chain(Box::new(first), rest) })
    }

    fn unary(&mut self) -> Parsed<Expression> {
        if self.take("-") {
            return Ok(Expression::Negative(Box::new(self.unary_within()?)));
        }
        if self.take("+") {
            return self.unary_within();
        }
        if self.take("!") {
            return Ok(Expression::Not(Box::new(self.unary_within()?)));
        }
        if self.take("&") {
            return Ok(Expression::Address(self.reference()?));
        }
        self.power()
    }

    fn unary_within(&mut self) -> Parsed<Expression> {
        if self.depth >= DEEPEST {
            return Err((self.line(), "the expression is nested too deeply".to_owned()));
        }
        self.depth += 1;
        let expression = self.unary();
        self.depth -= 1;
        expression
    }

    fn power(&mut self) -> Parsed<Expression> {
        let base = self.primary()?;
        if self.take("^") {
            return Ok(Expression::Chain(Box::new(base), vec![("^", self.unary_within()?)]));
        }
        Ok(base)
    }

    fn primary(&mut self) -> Parsed<Expression> {
        match self.peek().clone() {
            Token::Number(number) => {
                self.next();
                Ok(Expression::Number(number))
            }
            Token::Text(text) => {
                self.next();
                Ok(Expression::Text(text))
            }
            Token::Symbol("(") => {
                self.next();
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Word(word) if word == "new" => {
                self.next();
                let class = self.word()?;
                let mut arguments = Vec::new();
                if self.take("(") {
                    while !self.take(")") {
                        arguments.push(self.expression()?);
                        if !self.is(")") {
                            self.expect(",")?;
                        }
                    }
                }
                Ok(Expression::New(class, arguments))
            }
            Token::Word(_) | Token::Argument(_) => Ok(Expression::Refer(self.reference()?)),
            _ => Err(self.unexpected("an expression")),
        }
    }
}
