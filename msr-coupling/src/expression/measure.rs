//! What is known of the unit of a result before the run.
//!
//! `vals` have the unit of the source; numbers that are written in an expression may stand for quantities of any unit. So
//! the unit of a result is known only where no such number could have changed it: `abs(vals)`, `vals + 2 * vals` (what is
//! added to `vals` is of their dimension), `max(vals, 0)`, but neither `vals * 1e-8` nor `vals + 3`.

use crate::unit::Unit;

/// What is known of the unit of values.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Measure {
    /// Of 0 and infinity, which are the same in every unit.
    Every,
    /// Of a number in the expression or the configuration, and of truths.
    Number,
    Known(Unit),
    Unknown,
}

use Measure::{Every, Known, Number, Unknown};

impl Measure {
    /// Of a number that is written.
    pub(super) fn of_number(value: f64) -> Self {
        if value == 0.0 || value.is_infinite() { Every } else { Number }
    }

    /// Of a pure number whose unit is known to be none.
    pub(super) fn dimensionless() -> Self {
        Known(Unit::dimensionless())
    }

    /// Of a sum or a choice: its operands have one dimension, that of those which are known.
    pub(super) fn of_alike<'a>(operands: impl IntoIterator<Item = &'a Self>) -> Self {
        operands.into_iter().fold(Every, |all, operand| match (all, operand) {
            (Every, other) => other.clone(),
            (all, Every) => all,
            (Number, Number) => Number,
            (Number, _) | (_, Number) => Unknown,
            (Known(one), Known(other)) if one.factor_to(other).is_none() => Unknown,
            (Known(unit), _) => Known(unit),
            (Unknown, Known(unit)) => Known(unit.clone()),
            (Unknown, Unknown) => Unknown,
        })
    }

    /// Of a product.
    pub(super) fn times(&self, other: &Self) -> Self {
        match (self, other) {
            (Every, _) | (_, Every) => Every,
            (Number, Number) => Number,
            (Known(one), Known(other)) => one.checked_times(other).map_or(Unknown, Known),
            _ => Unknown,
        }
    }

    /// Of a quotient.
    pub(super) fn over(&self, other: &Self) -> Self {
        match (self, other) {
            (Number, Number) => Number,
            (Known(one), Known(other)) => one.checked_over(other).map_or(Unknown, Known),
            _ => Unknown,
        }
    }

    /// Of a power with this exponent, where it is one number that is known.
    pub(super) fn power(&self, exponent: Option<f64>) -> Self {
        match (self, exponent) {
            (Number, Some(_)) => Number,
            (Known(_), Some(exponent)) if [1.0, 2.0, 3.0, 4.0].contains(&exponent) => {
                (1..exponent as usize).fold(self.clone(), |power, _| power.times(self))
            }
            _ => Unknown,
        }
    }

    /// Of a function of that name.
    pub(super) fn of_function(name: &str, operands: &[Self]) -> Self {
        match (name, operands) {
            (
                "abs" | "fabs" | "absolute" | "negative" | "positive" | "min" | "max" | "minimum" | "maximum" | "fmin"
                | "fmax" | "amin" | "amax" | "add" | "subtract" | "sum" | "mean" | "average" | "median" | "ptp" | "std"
                | "clip" | "mod" | "remainder" | "fmod" | "hypot",
                _,
            ) => Self::of_alike(operands),
            ("where", [_, choices @ ..]) => Self::of_alike(choices),
            ("round" | "around" | "rint" | "floor" | "ceil" | "trunc" | "copysign", [values, ..]) => values.clone(),
            ("multiply", [left, right]) => left.times(right),
            ("divide" | "true_divide", [left, right]) => left.over(right),
            ("square" | "var", [values]) => values.times(values),
            ("reciprocal", [values]) => Self::dimensionless().over(values),
            ("any" | "all" | "count_nonzero" | "sign", _) => Number,
            _ if super::function::is_truth_function(name) => Number,
            _ if operands.iter().all(|operand| matches!(operand, Number | Every)) => Number,
            _ => Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::expression::{Expression, Scope};
    use crate::space::Mapping;
    use crate::space::{NEURONS, SEGMENTS, Space};
    use crate::space_graph::SpaceGraph;
    use crate::unit::Unit;

    /// The unit of what an expression makes of values in mV, where it is known.
    fn unit(text: &str) -> Option<String> {
        let mut spaces = SpaceGraph::default();
        spaces.add_space(Space::of_nodes(SEGMENTS, None, vec![0, 1])).unwrap();
        spaces.add_space(Space::of_nodes(NEURONS, None, vec![0])).unwrap();
        let mut owners = sprs::TriMat::new((2, 1));
        owners.add_triplet(0, 0, 1.0);
        owners.add_triplet(1, 0, 1.0);
        spaces.add_mapping(Mapping { from: SEGMENTS.into(), to: NEURONS.into(), fractions: owners.to_csr() }).unwrap();
        let config = json!({"factor": 2});
        let unit = Unit::of("mV");
        let scope = Scope { space: SEGMENTS, len: 2, unit: &unit, counted: None, spaces: &spaces, config: &config };
        let expression = Expression::compile(text, scope).unwrap_or_else(|error| panic!("{error}"));
        expression.unit().map(ToString::to_string)
    }

    #[test]
    fn units_are_known_where_no_number_could_have_changed_them() {
        for text in [
            "vals",
            "-vals",
            "abs(vals)",
            "vals + 2 * vals",
            "vals - vals.mean()",
            "max(vals, 0)",
            "np.clip(vals, 0, np.inf)",
            "np.where(vals > 3, vals, 0)",
            "vals if config.factor > 1 else -vals",
            "round(vals, 2)",
            "np.std(vals)",
            "nXnsegMatBool @ vals",
            "-nXnsegMatBool.dot(vals)",
            "nXnsegMatBool.T @ (nXnsegMatBool @ vals)",
            "vals % vals",
            "vals * vals / vals",
        ] {
            let known = unit(text).map(|text| Unit::of(&text).factor_to(&Unit::of("mV")));
            assert_eq!(known, Some(Some(1.0)), "{text}");
        }
        for text in
            ["vals * vals", "vals ** 2", "np.square(vals)", "vals.var()", "vals @ vals", "np.multiply(vals, vals)"]
        {
            assert_eq!(unit(text).as_deref(), Some("mV*mV"), "{text}");
        }
        assert_eq!(unit("np.reciprocal(vals)").as_deref(), Some("1/mV"));
        let ratio = unit("vals / vals.max()").map(|text| Unit::of(&text).factor_to(&Unit::dimensionless()));
        assert_eq!(ratio, Some(Some(1.0)));
    }

    #[test]
    fn a_number_that_is_written_may_have_any_unit() {
        for text in [
            "vals * 1e-8",
            "vals + 3",
            "vals * config.factor",
            "1 / vals",
            "(2 * nXnsegMatBool) @ vals",
            "nXnsegMatBool / 3 @ vals",
            "np.where(vals > 3, 1, 0)",
            "vals > 3",
            "np.exp(vals)",
            "np.sqrt(vals * vals)",
            "vals ** 0.5",
            "max(vals, 3)",
            "7",
            "0 * vals",
            // Coefficients of 1 are not written.
            "vals + vals ** 2",
        ] {
            assert_eq!(unit(text), None, "{text}");
        }
        // A unit of this power cannot be told.
        let high = "vals*".repeat(190) + "vals";
        assert_eq!(unit(&high), None);
    }
}
