//! Names in expressions.

use msr_coupling::query::nearest;

use super::resolve::{Found, Resolver, Scope};
use super::{Expr, Place, Unary};
use crate::nmodl::diagnostics::{Diagnostic, Span};
use crate::nmodl::syntax::tree::{Expression, ExpressionKind, Target};

impl Resolver<'_> {
    /// An expression; what cannot be resolved is reported and reads 0.
    pub fn expression(&mut self, expression: &Expression, scope: &mut Scope) -> Expr {
        match &expression.kind {
            ExpressionKind::Number(value) => Expr::Number(*value),
            ExpressionKind::Name(name) => match self.find(name, scope) {
                Some(Found::Number(value)) => Expr::Number(value),
                Some(Found::Place(place)) if place.size > 1 => {
                    self.error(expression.span, format!("'{name}' is an array"), format!("write {name}[index]"));
                    Expr::Number(0.0)
                }
                Some(Found::Place(place)) => Expr::Place(place),
                Some(Found::Block) => {
                    self.error(
                        expression.span,
                        format!("'{name}' is a block"),
                        format!("write {name}(...) to call it"),
                    );
                    Expr::Number(0.0)
                }
                None => {
                    self.unknown(expression.span, name);
                    Expr::Number(0.0)
                }
            },
            ExpressionKind::Element(name, index) => match self.element(expression.span, name, index, scope) {
                Some(place) => Expr::Place(place),
                None => Expr::Number(0.0),
            },
            ExpressionKind::Unary(operator, operand) => match (operator, self.expression(operand, scope)) {
                (Unary::Minus, Expr::Number(value)) => Expr::Number(-value),
                (_, operand) => Expr::Unary(*operator, Box::new(operand)),
            },
            ExpressionKind::Binary(operator, left, right) => {
                let left = self.expression(left, scope);
                let right = self.expression(right, scope);
                Expr::Binary(*operator, Box::new(left), Box::new(right))
            }
            ExpressionKind::Call(name, arguments) => self.call(expression.span, name, arguments, scope),
            ExpressionKind::Text(_) => {
                self.error(expression.span, "a string is no number", "strings are for printf only");
                Expr::Number(0.0)
            }
        }
    }

    fn element(&mut self, span: Span, name: &str, index: &Expression, scope: &mut Scope) -> Option<Place> {
        let index = self.expression(index, scope);
        match self.find(name, scope) {
            Some(Found::Place(place)) if place.size > 1 || index == Expr::Number(0.0) => {
                Some(Place { index: Some(Box::new(index)), ..place })
            }
            Some(Found::Place(_) | Found::Number(_)) => {
                self.error(span, format!("'{name}' is no array"), format!("declare it as {name}[size]"));
                None
            }
            Some(Found::Block) | None => {
                self.unknown(span, name);
                None
            }
        }
    }

    /// What an assignment sets or a reaction names.
    pub fn target(&mut self, target: &Target, scope: &mut Scope) -> Option<Place> {
        let name = target.name.text.as_str();
        if let Some(index) = &target.index {
            return self.element(target.name.span, name, index, scope);
        }
        match self.find(name, scope) {
            Some(Found::Place(place)) if place.size == 1 => Some(place),
            Some(Found::Place(_)) => {
                self.error(target.name.span, format!("'{name}' is an array"), format!("write {name}[index]"));
                None
            }
            Some(Found::Number(_)) => {
                self.error(
                    target.name.span,
                    format!("'{name}' is a constant"),
                    "declare it in PARAMETER or ASSIGNED instead of UNITS, DEFINE or CONSTANT",
                );
                None
            }
            Some(Found::Block) => {
                self.error(target.name.span, format!("'{name}' is a block"), "assign to a variable");
                None
            }
            None => {
                self.unknown(target.name.span, name);
                None
            }
        }
    }

    /// Reports a mistake with what to do.
    pub fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(span, message).help(help));
    }

    /// Reports a name that nothing declares.
    pub fn unknown(&mut self, span: Span, name: &str) {
        let near = nearest(name, &self.names.known());
        self.error(
            span,
            format!("'{name}' is not declared{near}"),
            "declare it in PARAMETER, ASSIGNED, STATE or LOCAL",
        );
    }
}
