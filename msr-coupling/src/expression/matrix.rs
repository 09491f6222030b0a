//! Matrices in expressions: by name, transposed, multiplied with one another and with numbers, all when compiled.

use ruff_python_ast::helpers::any_over_expr;
use ruff_python_ast::{Expr, ExprCall, Operator, UnaryOp};
use ruff_text_size::{Ranged, TextRange};
use sprs::CsMat;

use super::compile::{Compiled, Compiler};
use super::error::ExpressionProblem;
use super::measure::Measure;
use super::node::{Arithmetic, Node, Operation};
use crate::space_graph::SpaceGraph;

/// A matrix and the spaces that it joins.
pub(super) struct Matrix {
    entries: CsMat<f64>,
    rows: &'static str,
    columns: &'static str,
    /// What is known of the unit of its entries.
    measure: Measure,
}

impl Matrix {
    fn transposed(self) -> Self {
        let entries = self.entries.transpose_into().to_csr();
        Self { entries, rows: self.columns, columns: self.rows, measure: self.measure }
    }

    fn negative(self) -> Self {
        Self { entries: self.entries.map(|entry| -entry), ..self }
    }

    fn scaled(self, factor: f64) -> Self {
        let measure = self.measure.times(&Measure::Number);
        Self { entries: self.entries.map(|entry| entry * factor), measure, ..self }
    }
}

impl Compiler<'_> {
    /// A matrix, if the expression is one: a name, `.T` or `.transpose()`, a product with another or with a number.
    pub(super) fn matrix(&self, expr: &Expr) -> Compiled<Option<Matrix>> {
        // Both are looked for first: to find out by compiling the parts of every part would take twice as long a level.
        if mentions_values(expr) || !mentions_matrix(expr) {
            return Ok(None);
        }
        match expr {
            Expr::Name(name) => {
                let Some((rows, columns)) = SpaceGraph::matrix_spaces(name.id.as_str()) else { return Ok(None) };
                let entries = self.scope.spaces.matrix(name.id.as_str()).ok_or_else(|| {
                    let problem = ExpressionProblem::MissingMatrix { name: name.id.to_string(), rows, columns };
                    self.error(name.range, problem)
                })?;
                Ok(Some(Matrix { entries, rows, columns, measure: Measure::dimensionless() }))
            }
            Expr::Attribute(attribute) if attribute.attr.as_str() == "T" => {
                Ok(self.matrix(&attribute.value)?.map(Matrix::transposed))
            }
            Expr::Call(call) => self.matrix_call(call),
            Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => Ok(self.matrix(&unary.operand)?.map(Matrix::negative)),
            Expr::BinOp(binary) => {
                let (left, right) = (self.matrix(&binary.left)?, self.matrix(&binary.right)?);
                match (binary.op, left, right) {
                    // scipy's sparse matrices multiply with both.
                    (Operator::MatMult | Operator::Mult, Some(left), Some(right)) => {
                        self.matrix_product(binary.range, &left, &right).map(Some)
                    }
                    (Operator::Mult, Some(matrix), None) => {
                        Ok(self.number(&binary.right)?.map(|factor| matrix.scaled(factor)))
                    }
                    (Operator::Mult, None, Some(matrix)) => {
                        Ok(self.number(&binary.left)?.map(|factor| matrix.scaled(factor)))
                    }
                    (Operator::Div, Some(matrix), None) => {
                        Ok(self.number(&binary.right)?.map(|divisor| matrix.scaled(1.0 / divisor)))
                    }
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn matrix_call(&self, call: &ExprCall) -> Compiled<Option<Matrix>> {
        let Expr::Attribute(method) = &*call.func else { return Ok(None) };
        if !call.arguments.keywords.is_empty() {
            return Ok(None);
        }
        match (method.attr.as_str(), &*call.arguments.args) {
            ("transpose", []) => Ok(self.matrix(&method.value)?.map(Matrix::transposed)),
            ("dot", [other]) => match (self.matrix(&method.value)?, self.matrix(other)?) {
                (Some(left), Some(right)) => self.matrix_product(call.range, &left, &right).map(Some),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// The value of an expression that is one number, known now.
    fn number(&self, expr: &Expr) -> Compiled<Option<f64>> {
        if mentions_values(expr) || mentions_matrix(expr) {
            return Ok(None);
        }
        Ok(self.node(expr)?.constant())
    }

    fn matrix_product(&self, place: TextRange, left: &Matrix, right: &Matrix) -> Compiled<Matrix> {
        if left.columns != right.rows {
            return Err(self.shapes(place, (left.columns, left.entries.cols()), (right.rows, right.entries.rows())));
        }
        let entries = (&left.entries * &right.entries).to_csr();
        let measure = left.measure.times(&right.measure);
        Ok(Matrix { entries, rows: left.rows, columns: right.columns, measure })
    }

    /// `left @ right`, where at most one is a matrix: two lists of values give the sum of their products.
    pub(super) fn product(&self, place: TextRange, left: &Expr, right: &Expr) -> Compiled<Node> {
        match (self.matrix(left)?, self.matrix(right)?) {
            (Some(left), Some(right)) => {
                self.matrix_product(place, &left, &right)?;
                Err(self.error(place, ExpressionProblem::BareMatrix))
            }
            (Some(matrix), None) => self.apply(place, matrix, self.node(right)?),
            (None, Some(matrix)) => self.apply(place, matrix.transposed(), self.node(left)?),
            (None, None) => {
                let (left_node, right_node) = (self.node(left)?, self.node(right)?);
                for (node, expr) in [(&left_node, left), (&right_node, right)] {
                    if node.space().is_none() {
                        return Err(self.error(expr.range(), ExpressionProblem::ValuesNeeded));
                    }
                }
                let products = self.arithmetic(place, Arithmetic::Multiply, left_node, right_node)?;
                Ok(self.reduction(super::function::total, products))
            }
        }
    }

    fn apply(&self, place: TextRange, matrix: Matrix, vector: Node) -> Compiled<Node> {
        if vector.space() != Some(matrix.columns) {
            let found = (vector.space().unwrap_or("a single number"), vector.len());
            return Err(self.shapes(place, (matrix.columns, matrix.entries.cols()), found));
        }
        let space = (matrix.rows.to_owned(), matrix.entries.rows());
        let measure = matrix.measure.times(vector.measure());
        Ok(Node::new(Operation::Apply(matrix.entries), vec![vector], Some(space)).measured(measure))
    }
}

fn mentions_values(expr: &Expr) -> bool {
    any_over_expr(expr, &|part| matches!(part, Expr::Name(name) if name.id.as_str() == "vals"))
}

fn mentions_matrix(expr: &Expr) -> bool {
    let is_matrix = |part: &Expr| match part {
        Expr::Name(name) => SpaceGraph::matrix_spaces(name.id.as_str()).is_some(),
        _ => false,
    };
    any_over_expr(expr, &is_matrix)
}
