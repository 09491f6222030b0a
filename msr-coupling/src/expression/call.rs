//! Calls of functions and methods.

use ruff_python_ast::{Expr, ExprAttribute, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::compile::{Compiled, Compiler, unary_node};
use super::error::{ExpressionError, ExpressionProblem};
use super::function::{BUILTINS, Function, MATH, MATH_ALONE, METHODS, NUMPY, find, greater, lesser};
use super::measure::Measure;
use super::node::Node;

impl Compiler<'_> {
    pub(super) fn call(&self, call: &ExprCall) -> Compiled<Node> {
        if let Some(keyword) = call.arguments.keywords.first() {
            let problem = ExpressionProblem::NotAllowed { what: "a keyword argument" };
            return Err(self.error(keyword.range, problem));
        }
        let arguments = &*call.arguments.args;
        match &*call.func {
            Expr::Name(name) => {
                let function = find(&[BUILTINS], name.id.as_str());
                let available = BUILTINS.iter().map(|(name, _)| *name);
                let function = function.ok_or_else(|| self.unknown_name(name.range, name.id.as_str(), available))?;
                self.function(call.range, name.id.as_str(), function, self.arguments(arguments)?)
            }
            Expr::Attribute(method) => {
                let name = method.attr.as_str();
                match &*method.value {
                    Expr::Name(module) if module.id.as_str() == "math" => {
                        self.module_call(call.range, method, &[MATH, MATH_ALONE], arguments)
                    }
                    Expr::Name(module) if module.id.as_str() == "np" => {
                        if let ("dot" | "matmul", [left, right]) = (name, arguments) {
                            return self.product(call.range, left, right);
                        }
                        self.module_call(call.range, method, &[NUMPY, MATH], arguments)
                    }
                    value => {
                        match (name, arguments) {
                            ("dot", [other]) => return self.product(call.range, value, other),
                            ("dot", _) => return Err(self.arguments_error(call.range, "dot", "1 argument", arguments)),
                            _ => {}
                        }
                        if self.matrix(value)?.is_some() {
                            if name == "transpose" {
                                return Err(self.error(call.range, ExpressionProblem::BareMatrix));
                            }
                            return Err(self.unknown_name(method.attr.range(), name, ["dot", "transpose", "T"]));
                        }
                        let available = METHODS.iter().map(|(name, _)| *name);
                        let function = find(&[METHODS], name)
                            .ok_or_else(|| self.unknown_name(method.attr.range(), name, available))?;
                        let mut operands = vec![self.node(value)?];
                        operands.extend(self.arguments(arguments)?);
                        self.function(call.range, name, function, operands)
                    }
                }
            }
            other => self.not_allowed(other, "a call of this"),
        }
    }

    fn module_call(
        &self,
        place: TextRange,
        method: &ExprAttribute,
        lists: &[&[(&'static str, Function)]],
        arguments: &[Expr],
    ) -> Compiled<Node> {
        let name = method.attr.as_str();
        let available = lists.iter().flat_map(|list| list.iter()).map(|(name, _)| *name);
        let function = find(lists, name).ok_or_else(|| self.unknown_name(method.attr.range(), name, available))?;
        self.function(place, name, function, self.arguments(arguments)?)
    }

    fn arguments(&self, arguments: &[Expr]) -> Compiled<Vec<Node>> {
        arguments.iter().map(|argument| self.node(argument)).collect()
    }

    fn function(&self, place: TextRange, name: &str, function: Function, operands: Vec<Node>) -> Compiled<Node> {
        let measures: Vec<Measure> = operands.iter().map(|operand| operand.measure().clone()).collect();
        Ok(self.operation(place, name, function, operands)?.measured(Measure::of_function(name, &measures)))
    }

    fn operation(&self, place: TextRange, name: &str, function: Function, mut operands: Vec<Node>) -> Compiled<Node> {
        let wrong = |expected: &'static str, found: usize| {
            Err(self.error(place, ExpressionProblem::Arguments { function: name.to_owned(), expected, found }))
        };
        match (function, operands.len()) {
            (Function::Unary(function), 1) => Ok(unary_node(function, operands.remove(0))),
            (Function::Unary(_), found) => wrong("1 argument", found),
            (Function::Binary(function), 2) => {
                let right = operands.remove(1);
                self.binary(place, function, operands.remove(0), right)
            }
            (Function::Binary(_), found) => wrong("2 arguments", found),
            (Function::Reduction { reduce, .. }, 1) => {
                if operands[0].space().is_none() {
                    return Err(self.error(place, ExpressionProblem::ValuesNeeded));
                }
                Ok(self.reduction(reduce, operands.remove(0)))
            }
            (Function::Reduction { pairwise: Some(pairwise), .. }, found) if found >= 2 => {
                let mut operands = operands.into_iter();
                let mut node = operands.next().expect("there are at least two");
                for operand in operands {
                    node = self.binary(place, pairwise, node, operand)?;
                }
                Ok(node)
            }
            (Function::Reduction { .. }, found) => wrong("1 argument", found),
            (Function::Select, 3) => {
                let no = operands.remove(2);
                let yes = operands.remove(1);
                self.select(place, operands.remove(0), yes, no)
            }
            (Function::Select | Function::Clip, found) if found != 3 => wrong("3 arguments", found),
            (Function::Clip | Function::Select, _) => {
                let high = operands.remove(2);
                let low = operands.remove(1);
                let raised = self.binary(place, greater, operands.remove(0), low)?;
                self.binary(place, lesser, raised, high)
            }
            (Function::Round, 1) => Ok(unary_node(f64::round_ties_even, operands.remove(0))),
            (Function::Round, 2) => {
                let digits = operands.remove(1);
                self.binary(
                    place,
                    |x, digits| {
                        let scale = 10f64.powf(digits);
                        (x * scale).round_ties_even() / scale
                    },
                    operands.remove(0),
                    digits,
                )
            }
            (Function::Round, found) => wrong("1 or 2 arguments", found),
            (Function::Logarithm, 1) => Ok(unary_node(f64::ln, operands.remove(0))),
            (Function::Logarithm, 2) => {
                let base = operands.remove(1);
                self.binary(place, |x, base| x.ln() / base.ln(), operands.remove(0), base)
            }
            (Function::Logarithm, found) => wrong("1 or 2 arguments", found),
        }
    }

    fn arguments_error(
        &self,
        place: TextRange,
        function: &str,
        expected: &'static str,
        found: &[Expr],
    ) -> ExpressionError {
        let problem = ExpressionProblem::Arguments { function: function.to_owned(), expected, found: found.len() };
        self.error(place, problem)
    }
}
