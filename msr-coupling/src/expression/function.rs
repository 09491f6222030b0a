//! The functions that expressions may call.

/// What a name calls.
#[derive(Debug, Clone, Copy)]
pub(super) enum Function {
    /// One argument, element by element.
    Unary(fn(f64) -> f64),
    /// Two arguments, element by element.
    Binary(fn(f64, f64) -> f64),
    /// All elements to one number; where `pairwise` is given, also two or more arguments element by element.
    Reduction { reduce: fn(&[f64]) -> f64, pairwise: Option<fn(f64, f64) -> f64> },
    /// `condition, if_true, if_false`, element by element.
    Select,
    /// `values, low, high`, element by element.
    Clip,
    /// `x` or `x, digits`.
    Round,
}

use Function::{Binary, Clip, Reduction, Round, Select, Unary};

/// Python's built-in functions.
pub(super) const BUILTINS: &[(&str, Function)] = &[
    ("abs", Unary(f64::abs)),
    ("min", Reduction { reduce: minimum, pairwise: Some(lesser) }),
    ("max", Reduction { reduce: maximum, pairwise: Some(greater) }),
    ("pow", Binary(f64::powf)),
    ("round", Round),
    ("sum", Reduction { reduce: total, pairwise: None }),
];

/// Functions of Python's `math`.
pub(super) const MATH: &[(&str, Function)] = &[
    ("sqrt", Unary(f64::sqrt)),
    ("cbrt", Unary(f64::cbrt)),
    ("exp", Unary(f64::exp)),
    ("expm1", Unary(f64::exp_m1)),
    ("log", Unary(f64::ln)),
    ("log1p", Unary(f64::ln_1p)),
    ("log2", Unary(f64::log2)),
    ("log10", Unary(f64::log10)),
    ("sin", Unary(f64::sin)),
    ("cos", Unary(f64::cos)),
    ("tan", Unary(f64::tan)),
    ("asin", Unary(f64::asin)),
    ("acos", Unary(f64::acos)),
    ("atan", Unary(f64::atan)),
    ("atan2", Binary(f64::atan2)),
    ("sinh", Unary(f64::sinh)),
    ("cosh", Unary(f64::cosh)),
    ("tanh", Unary(f64::tanh)),
    ("floor", Unary(f64::floor)),
    ("ceil", Unary(f64::ceil)),
    ("trunc", Unary(f64::trunc)),
    ("fabs", Unary(f64::abs)),
    ("hypot", Binary(f64::hypot)),
    ("pow", Binary(f64::powf)),
];

/// Functions of numpy that are not already in [`MATH`] under the same name.
pub(super) const NUMPY: &[(&str, Function)] = &[
    ("abs", Unary(f64::abs)),
    ("absolute", Unary(f64::abs)),
    ("sign", Unary(sign)),
    ("square", Unary(|x| x * x)),
    ("reciprocal", Unary(f64::recip)),
    ("negative", Unary(|x| -x)),
    ("arcsin", Unary(f64::asin)),
    ("arccos", Unary(f64::acos)),
    ("arctan", Unary(f64::atan)),
    ("arctan2", Binary(f64::atan2)),
    ("power", Binary(f64::powf)),
    ("minimum", Binary(lesser)),
    ("maximum", Binary(greater)),
    ("add", Binary(|a, b| a + b)),
    ("subtract", Binary(|a, b| a - b)),
    ("multiply", Binary(|a, b| a * b)),
    ("divide", Binary(|a, b| a / b)),
    ("round", Round),
    ("rint", Unary(f64::round_ties_even)),
    ("where", Select),
    ("clip", Clip),
    ("sum", Reduction { reduce: total, pairwise: None }),
    ("mean", Reduction { reduce: mean, pairwise: None }),
    ("min", Reduction { reduce: minimum, pairwise: None }),
    ("max", Reduction { reduce: maximum, pairwise: None }),
    ("prod", Reduction { reduce: product, pairwise: None }),
];

/// Methods of values: `vals.sum()`.
pub(super) const METHODS: &[(&str, Function)] = &[
    ("sum", Reduction { reduce: total, pairwise: None }),
    ("mean", Reduction { reduce: mean, pairwise: None }),
    ("min", Reduction { reduce: minimum, pairwise: None }),
    ("max", Reduction { reduce: maximum, pairwise: None }),
    ("prod", Reduction { reduce: product, pairwise: None }),
    ("clip", Clip),
    ("round", Round),
];

/// Constants of `math` and `np`.
pub(super) const CONSTANTS: &[(&str, f64)] =
    &[("pi", std::f64::consts::PI), ("e", std::f64::consts::E), ("tau", std::f64::consts::TAU), ("inf", f64::INFINITY)];

/// The function of this name in one of the lists.
pub(super) fn find(lists: &[&[(&'static str, Function)]], name: &str) -> Option<Function> {
    lists.iter().flat_map(|list| list.iter()).find(|(known, _)| *known == name).map(|(_, function)| *function)
}

/// numpy's sign: 0 for 0, where `f64::signum` gives 1.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

fn total(values: &[f64]) -> f64 {
    values.iter().sum()
}

fn mean(values: &[f64]) -> f64 {
    total(values) / values.len() as f64
}

fn product(values: &[f64]) -> f64 {
    values.iter().product()
}

fn minimum(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, lesser)
}

fn maximum(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, greater)
}

/// The lesser of two numbers, NaN where one is: what is no number must not get lost.
pub(super) fn lesser(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

/// The greater of two numbers, NaN where one is.
pub(super) fn greater(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Python's `%`: the remainder has the sign of the divisor.
pub(super) fn modulo(a: f64, b: f64) -> f64 {
    let remainder = a % b;
    if remainder != 0.0 && (remainder < 0.0) != (b < 0.0) { remainder + b } else { remainder }
}

/// Python's `//`, from the remainder as CPython does: `1 // 0.1` is 9.
pub(super) fn floor_division(a: f64, b: f64) -> f64 {
    let quotient = (a - modulo(a, b)) / b;
    let floor = quotient.floor();
    // The quotient is a whole number but for rounding.
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}
