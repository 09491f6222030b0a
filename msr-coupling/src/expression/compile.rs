//! From text to checked operations.

use ruff_python_ast::{
    CmpOp, Expr, ExprAttribute, ExprBinOp, ExprCompare, ExprIf, ExprUnaryOp, Number, Operator, UnaryOp,
};
use ruff_text_size::{Ranged, TextRange};
use serde_json::Value;

use super::Scope;
use super::error::{ExpressionError, ExpressionProblem};
use super::function::{
    BUILTINS, CONSTANTS, and, exclusive_or, floor_division, is_truth_function, modulo, not, or, truth,
};
use super::measure::Measure;
use super::node::{Arithmetic, Node, Operation, Reduction};
use crate::space_graph::{SpaceGraph, matrix_names};

pub(super) fn compile(text: &str, scope: Scope<'_>) -> Result<Node, ExpressionError> {
    if text.len() > LONGEST || depth(text) > DEEPEST {
        let problem = ExpressionProblem::TooLarge { longest: LONGEST, deepest: DEEPEST };
        return Err(ExpressionError { text: text.chars().take(DEEPEST).collect(), place: 0..0, problem });
    }
    let parsed = ruff_python_parser::parse_expression(text).map_err(|error| ExpressionError {
        text: text.to_owned(),
        place: error.location.into(),
        problem: ExpressionProblem::Syntax(error.error.to_string()),
    })?;
    let compiler = Compiler { text, scope };
    compiler.node(&parsed.syntax().body)
}

/// Longest expression in bytes, and deepest nesting of brackets: larger ones could exhaust the stack of the parser.
const LONGEST: usize = 1000;
const DEEPEST: usize = 50;

fn depth(text: &str) -> usize {
    let mut open: usize = 0;
    let mut deepest = 0;
    for character in text.chars() {
        match character {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

pub(super) struct Compiler<'a> {
    text: &'a str,
    pub(super) scope: Scope<'a>,
}

pub(super) type Compiled<T> = Result<T, ExpressionError>;

impl Compiler<'_> {
    pub(super) fn error(&self, place: TextRange, problem: ExpressionProblem) -> ExpressionError {
        ExpressionError { text: self.text.to_owned(), place: place.into(), problem }
    }

    pub(super) fn not_allowed<T>(&self, expr: &Expr, what: &'static str) -> Compiled<T> {
        Err(self.error(expr.range(), ExpressionProblem::NotAllowed { what }))
    }

    pub(super) fn node(&self, expr: &Expr) -> Compiled<Node> {
        match expr {
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(value) => match value.as_u64() {
                    Some(value) => Ok(constant(value as f64)),
                    None => self.not_allowed(expr, "an integer of more than 64 bits"),
                },
                Number::Float(value) => Ok(constant(*value)),
                Number::Complex { .. } => self.not_allowed(expr, "a complex number"),
            },
            Expr::Name(name) if name.id.as_str() == "vals" => {
                let space = (self.scope.space.to_owned(), self.scope.len);
                let unit = Measure::Known(self.scope.unit.clone());
                Ok(Node::new(Operation::Values, Vec::new(), Some(space)).measured(unit))
            }
            Expr::Name(name) if SpaceGraph::matrix_spaces(name.id.as_str()).is_some() => {
                Err(self.error(expr.range(), ExpressionProblem::BareMatrix))
            }
            Expr::Name(name) => Err(self.unknown_name(expr.range(), name.id.as_str(), names())),
            Expr::UnaryOp(unary) => self.sign(unary),
            Expr::BinOp(binary) => self.operator(binary),
            Expr::Compare(compare) => self.comparison(compare),
            Expr::If(choice) => self.choice(choice),
            Expr::Attribute(attribute) => self.attribute(attribute),
            Expr::Call(call) => self.call(call),
            Expr::StringLiteral(_) | Expr::FString(_) | Expr::BytesLiteral(_) => self.not_allowed(expr, "text"),
            Expr::Lambda(_) => self.not_allowed(expr, "lambda"),
            Expr::List(_) | Expr::Tuple(_) | Expr::Dict(_) | Expr::Set(_) => self.not_allowed(expr, "a collection"),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.not_allowed(expr, "a comprehension")
            }
            Expr::Subscript(_) | Expr::Slice(_) => self.not_allowed(expr, "indexing"),
            Expr::BoolOp(_) => self.not_allowed(expr, "`and` and `or`"),
            _ => self.not_allowed(expr, "this construct"),
        }
    }

    // What an expression needs of the stack a level is what these need: apart from one another they need less.

    #[inline(never)]
    fn sign(&self, unary: &ExprUnaryOp) -> Compiled<Node> {
        if unary.op == UnaryOp::Invert {
            self.truth_needed(&unary.operand)?;
        }
        let operand = self.node(&unary.operand)?;
        let own = operand.measure().clone();
        let (function, measure): (fn(f64) -> f64, _) = match unary.op {
            UnaryOp::UAdd => (|x| x, own),
            UnaryOp::USub => (|x| -x, own),
            UnaryOp::Not | UnaryOp::Invert => (not, Measure::Number),
        };
        Ok(unary_node(function, operand).measured(measure))
    }

    #[inline(never)]
    fn operator(&self, binary: &ExprBinOp) -> Compiled<Node> {
        let place = binary.range;
        let (left, right) = (&*binary.left, &*binary.right);
        let has_matrix = || Ok(self.matrix(left)?.is_some() || self.matrix(right)?.is_some());
        if binary.op == Operator::MatMult || (binary.op == Operator::Mult && has_matrix()?) {
            return self.product(place, left, right);
        }
        let arithmetic = match binary.op {
            Operator::Add => Some(Arithmetic::Add),
            Operator::Sub => Some(Arithmetic::Subtract),
            Operator::Mult => Some(Arithmetic::Multiply),
            Operator::Div => Some(Arithmetic::Divide),
            _ => None,
        };
        if let Some(arithmetic) = arithmetic {
            return self.arithmetic(place, arithmetic, self.node(left)?, self.node(right)?);
        }
        let function: fn(f64, f64) -> f64 = match binary.op {
            Operator::Pow => f64::powf,
            Operator::FloorDiv => floor_division,
            Operator::Mod => modulo,
            Operator::BitAnd => and,
            Operator::BitOr => or,
            Operator::BitXor => exclusive_or,
            _ => return Err(self.error(place, ExpressionProblem::NotAllowed { what: "this operator" })),
        };
        if matches!(binary.op, Operator::BitAnd | Operator::BitOr | Operator::BitXor) {
            self.truth_needed(left)?;
            self.truth_needed(right)?;
        }
        let (left, right) = (self.node(left)?, self.node(right)?);
        let measure = match binary.op {
            Operator::Pow => left.measure().power(right.constant()),
            Operator::Mod => Measure::of_alike([left.measure(), right.measure()]),
            Operator::FloorDiv => left.measure().over(right.measure()),
            _ => Measure::Number,
        };
        Ok(self.binary(place, function, left, right)?.measured(measure))
    }

    #[inline(never)]
    fn comparison(&self, compare: &ExprCompare) -> Compiled<Node> {
        let refused = |what| Err(self.error(compare.range, ExpressionProblem::NotAllowed { what }));
        let ([op], [right]) = (&*compare.ops, &*compare.comparators) else {
            return refused("a chain of comparisons");
        };
        let function: fn(f64, f64) -> f64 = match op {
            CmpOp::Lt => |a, b| truth(a < b),
            CmpOp::LtE => |a, b| truth(a <= b),
            CmpOp::Gt => |a, b| truth(a > b),
            CmpOp::GtE => |a, b| truth(a >= b),
            CmpOp::Eq => |a, b| truth(a == b),
            CmpOp::NotEq => |a, b| truth(a != b),
            _ => return refused("`is` and `in`"),
        };
        let truths = self.binary(compare.range, function, self.node(&compare.left)?, self.node(right)?)?;
        Ok(truths.measured(Measure::Number))
    }

    #[inline(never)]
    fn choice(&self, choice: &ExprIf) -> Compiled<Node> {
        let condition = self.node(&choice.test)?;
        if let Some(space) = condition.space() {
            let problem = ExpressionProblem::ScalarNeeded { space: space.to_owned() };
            return Err(self.error(choice.test.range(), problem));
        }
        let (yes, no) = (self.node(&choice.body)?, self.node(&choice.orelse)?);
        let measure = Measure::of_alike([yes.measure(), no.measure()]);
        Ok(self.select(choice.range, condition, yes, no)?.measured(measure))
    }

    /// `&`, `|` and `~` join comparisons, as in numpy; with numbers Python would take their bits.
    fn truth_needed(&self, expr: &Expr) -> Compiled<()> {
        let is_truth = match expr {
            Expr::Compare(_) => true,
            Expr::UnaryOp(unary) => matches!(unary.op, UnaryOp::Invert | UnaryOp::Not),
            Expr::BinOp(binary) => matches!(binary.op, Operator::BitAnd | Operator::BitOr | Operator::BitXor),
            Expr::Call(call) => {
                matches!(&*call.func, Expr::Attribute(method) if is_truth_function(method.attr.as_str()))
            }
            _ => false,
        };
        if is_truth { Ok(()) } else { Err(self.error(expr.range(), ExpressionProblem::ComparisonNeeded)) }
    }

    fn attribute(&self, attribute: &ExprAttribute) -> Compiled<Node> {
        let name = attribute.attr.as_str();
        if name == "T" && self.matrix(&attribute.value)?.is_some() {
            return Err(self.error(attribute.range, ExpressionProblem::BareMatrix));
        }
        match &*attribute.value {
            Expr::Name(module) if ["math", "np"].contains(&module.id.as_str()) => {
                let value = CONSTANTS.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
                let available = CONSTANTS.iter().map(|(name, _)| *name);
                value.map(constant).ok_or_else(|| self.unknown_name(attribute.attr.range(), name, available))
            }
            _ => self.configured(attribute),
        }
    }

    /// `config.a.b.c`: a number of the configuration, looked up now.
    fn configured(&self, attribute: &ExprAttribute) -> Compiled<Node> {
        let mut path = vec![&attribute.attr];
        let mut inner = &*attribute.value;
        while let Expr::Attribute(outer) = inner {
            path.push(&outer.attr);
            inner = &outer.value;
        }
        match inner {
            Expr::Name(name) if name.id.as_str() == "config" => {}
            Expr::Name(name) if name.id.as_str() != "vals" && SpaceGraph::matrix_spaces(&name.id).is_none() => {
                return Err(self.unknown_name(name.range, name.id.as_str(), names()));
            }
            _ => return Err(self.error(attribute.range, ExpressionProblem::NotAllowed { what: "this attribute" })),
        }
        let mut value = self.scope.config;
        let mut written = "config".to_owned();
        for key in path.iter().rev() {
            let Some(next) = value.get(key.as_str()) else {
                let available = value.as_object().map(|o| o.keys().cloned().collect()).unwrap_or_default();
                let problem = ExpressionProblem::UnknownName { name: format!("{written}.{}", key.as_str()), available };
                return Err(self.error(key.range(), problem));
            };
            written = format!("{written}.{}", key.as_str());
            value = next;
        }
        match value {
            Value::Number(number) => Ok(constant(number.as_f64().unwrap_or(f64::NAN))),
            other => {
                let found = match other {
                    Value::Object(_) => "an object".to_owned(),
                    Value::Array(_) => "a list".to_owned(),
                    simple => simple.to_string(),
                };
                Err(self.error(attribute.range, ExpressionProblem::NotANumber { path: written, found }))
            }
        }
    }

    /// Elements of `vals` that nothing reaches, and what lies in the same space, do not count.
    pub(super) fn reduction(&self, reduce: fn(&mut [f64]) -> f64, operand: Node) -> Node {
        let is_own = operand.space() == Some(self.scope.space);
        let counts = |element: usize| !is_own || self.scope.counted.is_none_or(|counted| counted[element]);
        let reduction = Reduction::new(reduce, operand.len(), counts);
        let measure = operand.measure().clone();
        Node::new(Operation::Reduction(reduction), vec![operand], None).measured(measure)
    }

    pub(super) fn arithmetic(
        &self,
        place: TextRange,
        arithmetic: Arithmetic,
        left: Node,
        right: Node,
    ) -> Compiled<Node> {
        if let (Some(left), Some(right)) = (left.constant(), right.constant()) {
            return Ok(constant(arithmetic.of(left, right)));
        }
        let space = self.common(place, &[&left, &right])?;
        let measure = match arithmetic {
            Arithmetic::Add | Arithmetic::Subtract => Measure::of_alike([left.measure(), right.measure()]),
            Arithmetic::Multiply => left.measure().times(right.measure()),
            Arithmetic::Divide => left.measure().over(right.measure()),
        };
        Ok(Node::new(Operation::Arithmetic(arithmetic), vec![left, right], space).measured(measure))
    }

    pub(super) fn binary(
        &self,
        place: TextRange,
        function: fn(f64, f64) -> f64,
        left: Node,
        right: Node,
    ) -> Compiled<Node> {
        if let (Some(left), Some(right)) = (left.constant(), right.constant()) {
            return Ok(constant(function(left, right)));
        }
        let space = self.common(place, &[&left, &right])?;
        Ok(Node::new(Operation::Binary(function), vec![left, right], space))
    }

    pub(super) fn select(&self, place: TextRange, condition: Node, yes: Node, no: Node) -> Compiled<Node> {
        let space = self.common(place, &[&condition, &yes, &no])?;
        Ok(Node::new(Operation::Select, vec![condition, yes, no], space))
    }

    /// The one space in which operands that are no single numbers lie.
    fn common(&self, place: TextRange, operands: &[&Node]) -> Compiled<Option<(String, usize)>> {
        let mut found: Option<(&str, usize)> = None;
        for operand in operands {
            let Some(space) = operand.space() else { continue };
            match found {
                Some(left) if left.0 != space => return Err(self.shapes(place, left, (space, operand.len()))),
                _ => found = Some((space, operand.len())),
            }
        }
        Ok(found.map(|(space, len)| (space.to_owned(), len)))
    }

    pub(super) fn shapes(&self, place: TextRange, left: (&str, usize), right: (&str, usize)) -> ExpressionError {
        let problem = ExpressionProblem::Shapes {
            left: left.0.to_owned(),
            left_len: left.1,
            right: right.0.to_owned(),
            right_len: right.1,
        };
        self.error(place, problem)
    }

    pub(super) fn unknown_name<I, S>(&self, place: TextRange, name: &str, available: I) -> ExpressionError
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        let available = available.into_iter().map(Into::into).collect();
        self.error(place, ExpressionProblem::UnknownName { name: name.to_owned(), available })
    }
}

fn constant(value: f64) -> Node {
    Node::new(Operation::Constant(value), Vec::new(), None)
}

pub(super) fn unary_node(function: fn(f64) -> f64, operand: Node) -> Node {
    if let Some(value) = operand.constant() {
        return constant(function(value));
    }
    let space = operand.space().map(|space| (space.to_owned(), operand.len()));
    Node::new(Operation::Unary(function), vec![operand], space)
}

/// Names that stand for something by themselves.
fn names() -> impl Iterator<Item = &'static str> {
    ["vals", "config", "math", "np"].into_iter().chain(matrix_names()).chain(BUILTINS.iter().map(|(name, _)| *name))
}
