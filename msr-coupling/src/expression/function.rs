//! The functions that expressions may call.

/// What a name calls.
#[derive(Debug, Clone, Copy)]
pub(super) enum Function {
    /// One argument, element by element.
    Unary(fn(f64) -> f64),
    /// Two arguments, element by element.
    Binary(fn(f64, f64) -> f64),
    /// All elements to one number; where `pairwise` is given, also two or more arguments element by element.
    Reduction { reduce: fn(&mut [f64]) -> f64, pairwise: Option<fn(f64, f64) -> f64> },
    /// `condition, if_true, if_false`, element by element.
    Select,
    /// `values, low, high`, element by element.
    Clip,
    /// `x` or `x, digits`.
    Round,
    /// `x` or `x, base`.
    Logarithm,
}

use Function::{Binary, Clip, Logarithm, Reduction, Round, Select, Unary};

/// A function of all elements.
const fn of_all(reduce: fn(&mut [f64]) -> f64) -> Function {
    Reduction { reduce, pairwise: None }
}

/// Python's built-in functions.
pub(super) const BUILTINS: &[(&str, Function)] = &[
    ("abs", Unary(f64::abs)),
    ("min", Reduction { reduce: minimum, pairwise: Some(lesser) }),
    ("max", Reduction { reduce: maximum, pairwise: Some(greater) }),
    ("pow", Binary(f64::powf)),
    ("round", Round),
    ("sum", of_all(total)),
];

/// Functions of Python's `math` that numpy does not have, or not as the same.
pub(super) const MATH_ALONE: &[(&str, Function)] = &[
    ("remainder", Binary(libm::remainder)),
    ("erf", Unary(libm::erf)),
    ("erfc", Unary(libm::erfc)),
    ("gamma", Unary(libm::tgamma)),
    ("lgamma", Unary(libm::lgamma)),
];

/// Functions of Python's `math`.
pub(super) const MATH: &[(&str, Function)] = &[
    ("sqrt", Unary(f64::sqrt)),
    ("cbrt", Unary(f64::cbrt)),
    ("exp", Unary(f64::exp)),
    ("expm1", Unary(f64::exp_m1)),
    ("exp2", Unary(f64::exp2)),
    ("log", Logarithm),
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
    ("asinh", Unary(f64::asinh)),
    ("acosh", Unary(f64::acosh)),
    ("atanh", Unary(f64::atanh)),
    ("degrees", Unary(f64::to_degrees)),
    ("radians", Unary(f64::to_radians)),
    ("copysign", Binary(f64::copysign)),
    ("fmod", Binary(|a, b| a % b)),
    ("isfinite", Unary(|x| truth(x.is_finite()))),
    ("isinf", Unary(|x| truth(x.is_infinite()))),
    ("isnan", Unary(|x| truth(x.is_nan()))),
    ("floor", Unary(f64::floor)),
    ("ceil", Unary(f64::ceil)),
    ("trunc", Unary(f64::trunc)),
    ("fabs", Unary(f64::abs)),
    ("hypot", Binary(f64::hypot)),
    ("pow", Binary(f64::powf)),
];

/// Functions of numpy that are not already in [`MATH`] under the same name.
pub(super) const NUMPY: &[(&str, Function)] = &[
    ("log", Unary(f64::ln)),
    ("abs", Unary(f64::abs)),
    ("absolute", Unary(f64::abs)),
    ("sign", Unary(sign)),
    ("square", Unary(|x| x * x)),
    ("reciprocal", Unary(f64::recip)),
    ("negative", Unary(|x| -x)),
    ("positive", Unary(|x| x)),
    ("arcsin", Unary(f64::asin)),
    ("arccos", Unary(f64::acos)),
    ("arctan", Unary(f64::atan)),
    ("arctan2", Binary(f64::atan2)),
    ("arcsinh", Unary(f64::asinh)),
    ("arccosh", Unary(f64::acosh)),
    ("arctanh", Unary(f64::atanh)),
    ("deg2rad", Unary(f64::to_radians)),
    ("rad2deg", Unary(f64::to_degrees)),
    ("power", Binary(f64::powf)),
    ("float_power", Binary(f64::powf)),
    ("minimum", Binary(lesser)),
    ("maximum", Binary(greater)),
    ("fmin", Binary(f64::min)),
    ("fmax", Binary(f64::max)),
    ("add", Binary(|a, b| a + b)),
    ("subtract", Binary(|a, b| a - b)),
    ("multiply", Binary(|a, b| a * b)),
    ("divide", Binary(|a, b| a / b)),
    ("true_divide", Binary(|a, b| a / b)),
    ("floor_divide", Binary(floor_division)),
    ("mod", Binary(modulo)),
    ("remainder", Binary(modulo)),
    ("heaviside", Binary(heaviside)),
    ("less", Binary(|a, b| truth(a < b))),
    ("less_equal", Binary(|a, b| truth(a <= b))),
    ("greater", Binary(|a, b| truth(a > b))),
    ("greater_equal", Binary(|a, b| truth(a >= b))),
    ("equal", Binary(|a, b| truth(a == b))),
    ("not_equal", Binary(|a, b| truth(a != b))),
    ("logical_and", Binary(and)),
    ("logical_or", Binary(or)),
    ("logical_xor", Binary(exclusive_or)),
    ("logical_not", Unary(not)),
    ("round", Round),
    ("around", Round),
    ("rint", Unary(f64::round_ties_even)),
    ("where", Select),
    ("clip", Clip),
    ("sum", of_all(total)),
    ("mean", of_all(mean)),
    ("average", of_all(mean)),
    ("median", of_all(median)),
    ("min", of_all(minimum)),
    ("max", of_all(maximum)),
    ("amin", of_all(minimum)),
    ("amax", of_all(maximum)),
    ("ptp", of_all(range)),
    ("prod", of_all(product)),
    ("std", of_all(deviation)),
    ("var", of_all(variance)),
    ("any", of_all(any)),
    ("all", of_all(all)),
    ("count_nonzero", of_all(count)),
];

/// Methods of values: `vals.sum()`.
pub(super) const METHODS: &[(&str, Function)] = &[
    ("sum", of_all(total)),
    ("mean", of_all(mean)),
    ("min", of_all(minimum)),
    ("max", of_all(maximum)),
    ("prod", of_all(product)),
    ("std", of_all(deviation)),
    ("var", of_all(variance)),
    ("any", of_all(any)),
    ("all", of_all(all)),
    ("clip", Clip),
    ("round", Round),
];

/// Constants of `math` and `np`.
pub(super) const CONSTANTS: &[(&str, f64)] = &[
    ("pi", std::f64::consts::PI),
    ("e", std::f64::consts::E),
    ("tau", std::f64::consts::TAU),
    ("inf", f64::INFINITY),
    ("nan", f64::NAN),
];

/// The function of this name in one of the lists.
pub(super) fn find(lists: &[&[(&'static str, Function)]], name: &str) -> Option<Function> {
    lists.iter().flat_map(|list| list.iter()).find(|(known, _)| *known == name).map(|(_, function)| *function)
}

/// numpy's sign: 0 for 0, where `f64::signum` gives 1.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// 1 for what is true, as numpy counts.
pub(super) fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

pub(super) fn not(x: f64) -> f64 {
    truth(x == 0.0)
}

pub(super) fn and(a: f64, b: f64) -> f64 {
    truth(a != 0.0 && b != 0.0)
}

pub(super) fn or(a: f64, b: f64) -> f64 {
    truth(a != 0.0 || b != 0.0)
}

pub(super) fn exclusive_or(a: f64, b: f64) -> f64 {
    truth((a != 0.0) != (b != 0.0))
}

/// Whether a function of numpy gives truths.
pub(super) fn is_truth_function(name: &str) -> bool {
    const COMPARING: [&str; 6] = ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"];
    COMPARING.contains(&name) || name.starts_with("logical_") || ["isfinite", "isinf", "isnan"].contains(&name)
}

/// numpy's step: `at_zero` where `x` is 0.
fn heaviside(x: f64, at_zero: f64) -> f64 {
    if x == 0.0 {
        at_zero
    } else if x.is_nan() {
        x
    } else {
        truth(x > 0.0)
    }
}

pub(super) fn total(values: &mut [f64]) -> f64 {
    values.iter().sum()
}

fn mean(values: &mut [f64]) -> f64 {
    total(values) / values.len() as f64
}

fn product(values: &mut [f64]) -> f64 {
    values.iter().product()
}

fn minimum(values: &mut [f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, lesser)
}

fn maximum(values: &mut [f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, greater)
}

fn range(values: &mut [f64]) -> f64 {
    maximum(values) - minimum(values)
}

/// numpy's variance: over the number of values.
fn variance(values: &mut [f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64
}

fn deviation(values: &mut [f64]) -> f64 {
    variance(values).sqrt()
}

/// NaN where there is nothing, or where a value is.
fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}

fn any(values: &mut [f64]) -> f64 {
    truth(values.iter().any(|&value| value != 0.0))
}

fn all(values: &mut [f64]) -> f64 {
    truth(values.iter().all(|&value| value != 0.0))
}

fn count(values: &mut [f64]) -> f64 {
    values.iter().filter(|&&value| value != 0.0).count() as f64
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
