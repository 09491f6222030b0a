//! The linear form of a right-hand side: `f = (constant + slope x) / divisor`.

use super::{Binary, Expr, Place, Unary};

/// A right-hand side that is linear in its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// Part without the state; absent where it is 0.
    pub constant: Option<Expr>,
    /// Factor of the state; absent where it is 0.
    pub slope: Option<Expr>,
    /// What both are divided by; absent where it is 1.
    pub divisor: Option<Expr>,
}

impl Linear {
    /// The form of `f` in the state `x`; `None` where it is not linear. `depends` says whether an expression depends on
    /// the state.
    pub(super) fn of(f: &Expr, x: &Place, depends: &dyn Fn(&Expr) -> bool) -> Option<Self> {
        if !depends(f) {
            return Some(Self { constant: Some(f.clone()), slope: None, divisor: None });
        }
        match f {
            Expr::Place(place) if place == x => {
                Some(Self { constant: None, slope: Some(Expr::Number(1.0)), divisor: None })
            }
            Expr::Unary(Unary::Minus, inner) => {
                let inner = Self::of(inner, x, depends)?;
                Some(Self { constant: inner.constant.map(negative), slope: inner.slope.map(negative), ..inner })
            }
            Expr::Binary(operator @ (Binary::Add | Binary::Subtract), left, right) => {
                let left = Self::of(left, x, depends)?.distributed();
                let right = Self::of(right, x, depends)?.distributed();
                Some(Self {
                    constant: sum(*operator, left.constant, right.constant),
                    slope: sum(*operator, left.slope, right.slope),
                    divisor: None,
                })
            }
            Expr::Binary(Binary::Multiply, left, right) => {
                let (factor, inner) = if depends(left) { (right, left) } else { (left, right) };
                if depends(factor) {
                    return None;
                }
                let inner = Self::of(inner, x, depends)?;
                let scale = |part: Expr| product(factor.as_ref().clone(), part);
                Some(Self { constant: inner.constant.map(scale), slope: inner.slope.map(scale), ..inner })
            }
            Expr::Binary(Binary::Divide, inner, divisor) if !depends(divisor) => {
                let inner = Self::of(inner, x, depends)?;
                let divisor = divisor.as_ref().clone();
                let divisor = match inner.divisor {
                    Some(before) => product(before, divisor),
                    None => divisor,
                };
                Some(Self { divisor: Some(divisor), ..inner })
            }
            _ => None,
        }
    }

    /// The same without a divisor.
    fn distributed(self) -> Self {
        let Some(divisor) = self.divisor else { return self };
        let divide = |part: Expr| Expr::Binary(Binary::Divide, Box::new(part), Box::new(divisor.clone()));
        Self { constant: self.constant.map(divide), slope: self.slope.map(divide), divisor: None }
    }
}

fn negative(part: Expr) -> Expr {
    match part {
        Expr::Number(value) => Expr::Number(-value),
        Expr::Unary(Unary::Minus, inner) => *inner,
        other => Expr::Unary(Unary::Minus, Box::new(other)),
    }
}

fn product(left: Expr, right: Expr) -> Expr {
    match (left, right) {
        (left, Expr::Number(1.0)) => left,
        (Expr::Number(1.0), right) => right,
        (left, Expr::Number(-1.0)) => negative(left),
        (left, right) => Expr::Binary(Binary::Multiply, Box::new(left), Box::new(right)),
    }
}

fn sum(operator: Binary, left: Option<Expr>, right: Option<Expr>) -> Option<Expr> {
    match (left, right) {
        (left, None) => left,
        (None, Some(right)) if operator == Binary::Subtract => Some(negative(right)),
        (None, right) => right,
        (Some(left), Some(right)) => Some(Expr::Binary(operator, Box::new(left), Box::new(right))),
    }
}
