//! Expressions, by precedence climbing.

use super::lexer::Token;
use super::parser::{Parsed, Parser};
use super::tree::{Binary, Expression, ExpressionKind, Unary};
use crate::nmodl::diagnostics::Span;

/// How tight `-a` and `!a` bind: less than `^`.
const PREFIX: u8 = 6;

impl Parser<'_> {
    /// An expression.
    pub fn expression(&mut self) -> Parsed<Expression> {
        self.deeper(|parser| parser.climb(0))
    }

    /// An expression in brackets.
    pub fn bracketed(&mut self, why: &str) -> Parsed<Expression> {
        self.expect("(", why)?;
        let expression = self.expression()?;
        self.expect(")", "to close the bracket")?;
        Ok(expression)
    }

    fn climb(&mut self, least: u8) -> Parsed<Expression> {
        let mut left = self.prefix()?;
        while let Some((operator, power)) = self.operator() {
            if power < least {
                break;
            }
            self.advance();
            // `^` is taken from the right.
            let next = if operator == Binary::Power { power } else { power + 1 };
            let right = self.deeper(|parser| parser.climb(next))?;
            let span = left.span.to(right.span);
            left = Expression { kind: ExpressionKind::Binary(operator, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    fn operator(&self) -> Option<(Binary, u8)> {
        let Token::Symbol(symbol) = self.peek() else { return None };
        Some(match *symbol {
            "||" => (Binary::Or, 1),
            "&&" => (Binary::And, 2),
            "<" => (Binary::Less, 3),
            "<=" => (Binary::LessEqual, 3),
            ">" => (Binary::Greater, 3),
            ">=" => (Binary::GreaterEqual, 3),
            "==" => (Binary::Equal, 3),
            "!=" => (Binary::NotEqual, 3),
            "+" => (Binary::Add, 4),
            "-" => (Binary::Subtract, 4),
            "*" => (Binary::Multiply, 5),
            "/" => (Binary::Divide, 5),
            "^" => (Binary::Power, 7),
            _ => return None,
        })
    }

    fn prefix(&mut self) -> Parsed<Expression> {
        let start = self.span();
        let operator = match self.peek() {
            Token::Symbol("-") => Unary::Minus,
            Token::Symbol("!") => Unary::Not,
            Token::Symbol("+") => {
                self.advance();
                return self.deeper(Self::prefix);
            }
            _ => return self.primary(),
        };
        self.advance();
        let operand = self.deeper(|parser| parser.climb(PREFIX))?;
        let span = start.to(operand.span);
        Ok(Expression { kind: ExpressionKind::Unary(operator, Box::new(operand)), span })
    }

    fn primary(&mut self) -> Parsed<Expression> {
        let start = self.span();
        let kind = match self.peek() {
            Token::Number(value, _) => {
                self.advance();
                // A bracket after a number holds its unit.
                self.unit()?;
                ExpressionKind::Number(*value)
            }
            Token::Text(text) => {
                self.advance();
                ExpressionKind::Text(text.clone())
            }
            Token::Symbol("(") => return self.bracketed("before an expression"),
            Token::Name(name) => {
                self.advance();
                if self.accept("[") {
                    let index = self.expression()?;
                    self.expect("]", "after the index")?;
                    ExpressionKind::Element(name.clone(), Box::new(index))
                } else if self.accept("(") {
                    let mut arguments = Vec::new();
                    while !self.accept(")") {
                        if !arguments.is_empty() {
                            self.expect(",", "between the arguments")?;
                        }
                        arguments.push(self.expression()?);
                    }
                    ExpressionKind::Call(name.clone(), arguments)
                } else {
                    ExpressionKind::Name(name.clone())
                }
            }
            _ => return self.refuse("expected an expression"),
        };
        Ok(Expression { kind, span: self.since(start) })
    }

    /// From a place to the token before.
    pub fn since(&self, start: Span) -> Span {
        start.to(self.last_span())
    }
}
