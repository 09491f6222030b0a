//! How values get from the source of a connection to the space of its destination.

use serde_json::Value;
use sprs::CsMat;

use crate::balance::{Balance, Reach};
use crate::expression::{Expression, ExpressionError, Scope};
use crate::operator::Operator;
use crate::query::Query;
use crate::simulator::{Simulator, SimulatorError};
use crate::space_graph::{SpaceError, SpaceGraph};
use crate::unit::Unit;
use crate::variable::{Port, Quantity};

/// A compiled way from a source to a destination: read, transform, map, with memory for each stage.
///
/// A source query with a `weight` gives amounts (value times weight): they are summed over what belongs to an element
/// of the destination, divided by the summed weights where the destination is a level (weighted mean), and transformed
/// afterwards. Any other source is transformed first, on its own space or on that of a matrix in the transform, and then
/// mapped.
#[derive(Debug)]
pub(crate) struct Route {
    query: Query,
    source_space: String,
    source_len: usize,
    destination_space: String,
    /// Spaces on the way, both ends included.
    path: Vec<String>,
    /// The space in which the operator begins.
    mapped_from: String,
    before: Option<Expression>,
    operator: Operator,
    /// Sum of weights of each destination element, for a weighted mean.
    weight_sums: Option<Vec<f64>>,
    after: Option<Expression>,
    unit_factor: f64,
    covered: Vec<bool>,
    /// Where amounts are summed: which part of each arrives.
    reach: Option<Reach>,
    /// Part of the source's whole size from which amounts arrive.
    arriving: Option<f64>,
    /// Unit of the amounts that are mapped, and of what arrives.
    mapped_unit: Unit,
    /// Unit of what is read, or of its weighted mean.
    source_unit: Unit,
    unit: Unit,
    /// Unit of what a transform gives, where its values are taken as they are although the destination has another scale.
    unconverted: Option<Unit>,
    read: Vec<f64>,
    mapped: Vec<f64>,
    arrived: Vec<f64>,
}

/// What is done to the values of a source, and the unit of what comes out, where it is said.
#[derive(Debug, Clone)]
pub(crate) struct Transform<'a> {
    pub(crate) text: &'a str,
    pub(crate) unit: Option<Unit>,
}

/// Why no route could be made.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// The transform is wrong.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// The spaces are not joined.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// The units differ in dimension and no transform says what the result is.
    #[error(
        "'{from}' cannot become '{to}': the units differ in dimension; write a transform_expression that gives '{to}'"
    )]
    Units {
        /// Unit of the source.
        from: Unit,
        /// Unit of the destination.
        to: Unit,
    },
    /// What a transform makes of the source's unit has another dimension than the destination.
    #[error(
        "the transform gives '{given}', which cannot become '{to}': the units differ in dimension; write the conversion into the \
         transform, or say in transform_unit what it gives"
    )]
    TransformedUnits {
        /// What the transform gives.
        given: Unit,
        /// Unit of the destination.
        to: Unit,
    },
    /// The unit that a transform declares has another dimension than the destination.
    #[error("'{declared}' cannot become '{to}': the units differ in dimension")]
    TransformUnit {
        /// What the transform gives.
        declared: Unit,
        /// Unit of the destination.
        to: Unit,
    },
    /// An amount was to become a level.
    #[error(
        "{variable} is an amount (summed over elements) and cannot be set as a level; ask for a 'weight' in the \
         source's arguments or write a transform_expression"
    )]
    AmountToLevel {
        /// The source variable.
        variable: String,
    },
    /// A level was to become an amount.
    #[error(
        "{variable} is a level (averaged over elements) and cannot be added as an amount; ask for a 'weight' in the source's arguments"
    )]
    LevelToAmount {
        /// The source variable.
        variable: String,
    },
    /// The transform's result does not lie where the destination needs it.
    #[error("the result of the transform lies in '{found}', the destination needs '{needed}'")]
    ResultSpace {
        /// Space of the result.
        found: String,
        /// Space of the destination.
        needed: String,
    },
    /// A query for some elements only.
    #[error("{query} gives {found} values, '{space}' has {len} elements; a connection needs a value for each")]
    Selection {
        /// The query.
        query: String,
        /// Number of values.
        found: usize,
        /// Space of the source.
        space: String,
        /// Number of its elements.
        len: usize,
    },
    /// A written variable cannot be read, so that an average cannot be written back.
    #[error("{query} writes what cannot be read, so that an average cannot be written into it")]
    NotReadable {
        /// The setter.
        query: String,
    },
    /// Parts that belong to several elements at once.
    #[error("averages over '{coarse}' cannot be written back into '{fine}': its elements belong to several at once")]
    SharedParts {
        /// Space of the averages.
        coarse: String,
        /// Space of the parts.
        fine: String,
    },
    /// The simulator refused to be read.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
}

impl RouteError {
    /// The entry of a connection that has the mistake; `None` where it lies between several.
    pub(crate) fn entry(&self) -> Option<&'static str> {
        match self {
            Self::Expression(_) | Self::ResultSpace { .. } | Self::TransformedUnits { .. } => {
                Some("transform_expression")
            }
            Self::TransformUnit { .. } => Some("transform_unit"),
            Self::Selection { .. } => Some("src_get_kwargs"),
            Self::Simulator(_) => Some("src_get_func"),
            Self::NotReadable { .. } | Self::SharedParts { .. } => Some("src_set_func"),
            Self::Space(_) | Self::Units { .. } | Self::AmountToLevel { .. } | Self::LevelToAmount { .. } => None,
        }
    }
}

impl Route {
    pub(crate) fn compile(
        source: &dyn Simulator,
        query: &Query,
        from: &Port,
        to: &Port,
        transform: Option<Transform<'_>>,
        spaces: &SpaceGraph,
        config: &Value,
    ) -> Result<Self, RouteError> {
        let weighted = from.weights.is_some();
        let source_len = spaces.space(&from.space)?.len();
        let mut read = Vec::with_capacity(source_len);
        source.get_var(query, &mut read)?;
        if read.len() != source_len {
            let space = from.space.clone();
            return Err(RouteError::Selection { query: query.to_string(), found: read.len(), space, len: source_len });
        }
        let takes_part: Vec<bool> = (0..source_len).map(|i| !spaces.is_excluded(&from.space, i)).collect();
        let counted = Some(takes_part.as_slice());
        let scope = Scope { space: &from.space, len: source_len, unit: &from.unit, counted, spaces, config };
        let before = match &transform {
            Some(Transform { text, .. }) if !weighted => Some(Expression::compile(text, scope)?),
            _ => None,
        };
        // A single number stands for itself in every element of the source.
        let mapped_from = before.as_ref().and_then(Expression::space).unwrap_or(&from.space).to_owned();

        let quantity = if before.is_some() { to.quantity } else { from.quantity };
        let variable = || from.variables.join(", ");
        match (quantity, to.quantity) {
            (Quantity::Extensive, Quantity::Intensive) if !weighted => {
                return Err(RouteError::AmountToLevel { variable: variable() });
            }
            (Quantity::Intensive, Quantity::Extensive) => {
                return Err(RouteError::LevelToAmount { variable: variable() });
            }
            _ => {}
        }
        let operator = spaces.operator(&mapped_from, &to.space, quantity)?;
        let mut path = spaces.path_names(&mapped_from, &to.space)?;
        if mapped_from != from.space {
            path.insert(0, from.space.clone());
        }

        let mut mapped_unit = if before.is_some() { to.unit.clone() } else { from.unit.clone() };
        let mut unit = from.unit.clone();
        let mut weight_sums = None;
        if let Some(weights) = from.weights.as_ref().filter(|_| to.quantity == Quantity::Intensive) {
            let mut values = Vec::new();
            source.get_var(weights, &mut values)?;
            let mut sums = vec![0.0; operator.rows()];
            operator.apply(&values, &mut sums);
            weight_sums = Some(sums);
            let port = source
                .resolve(weights, crate::variable::Access::Get)
                .map_err(|error| SimulatorError::query(source.name(), error))?;
            unit = unit.over(&port.unit);
        }

        let after = match &transform {
            Some(Transform { text, .. }) if weighted => {
                let covered = operator.covered();
                let (len, counted) = (operator.rows(), Some(covered.as_slice()));
                let scope = Scope { space: &to.space, len, unit: &unit, counted, ..scope };
                let expression = Expression::compile(text, scope)?;
                if let Some(found) = expression.space().filter(|space| *space != to.space) {
                    let found = found.to_owned();
                    return Err(RouteError::ResultSpace { found, needed: to.space.clone() });
                }
                Some(expression)
            }
            _ => None,
        };
        let given = before.as_ref().or(after.as_ref()).and_then(Expression::unit).cloned();
        let mut unconverted = None;
        // Without a unit of its own, a transform gives that of the destination, as far as can be told.
        let unit_factor = match transform.map(|transform| transform.unit) {
            None => {
                let units = || RouteError::Units { from: unit.clone(), to: to.unit.clone() };
                unit.factor_to(&to.unit).ok_or_else(units)?
            }
            Some(None) => match given {
                None => 1.0,
                Some(given) => {
                    let units = || RouteError::TransformedUnits { given: given.clone(), to: to.unit.clone() };
                    let factor = given.factor_to(&to.unit).ok_or_else(units)?;
                    unconverted = (factor != 1.0).then_some(given);
                    1.0
                }
            },
            Some(Some(declared)) => {
                let units = || RouteError::TransformUnit { declared: declared.clone(), to: to.unit.clone() };
                let factor = declared.factor_to(&to.unit).ok_or_else(units)?;
                if before.is_some() {
                    mapped_unit = declared;
                }
                factor
            }
        };
        let reach = (quantity == Quantity::Extensive && weight_sums.is_none()).then(|| Reach::of(&operator));
        let sizes = &spaces.space(&mapped_from)?.sizes;
        Ok(Self {
            query: query.clone(),
            source_space: from.space.clone(),
            source_len,
            destination_space: to.space.clone(),
            path,
            mapped_from,
            source_unit: unit.clone(),
            mapped_unit,
            before,
            after,
            unit_factor,
            covered: operator.covered(),
            arriving: reach.as_ref().map(|reach| reach.part_of(sizes)),
            reach,
            unit: to.unit.clone(),
            unconverted,
            weight_sums,
            read,
            mapped: vec![0.0; operator.rows()],
            arrived: vec![0.0; operator.rows()],
            operator,
        })
    }

    /// Reads the source.
    pub(crate) fn read(&mut self, source: &dyn Simulator) -> Result<(), SimulatorError> {
        source.get_var(&self.query, &mut self.read)
    }

    /// The values that [`Route::carry`] begins with, on the source's space, to be filled by other means than reading.
    pub(crate) fn source_values(&mut self) -> &mut Vec<f64> {
        &mut self.read
    }

    /// Carries what was read to the destination's space. Elements that nothing reaches hold 0. Second, which elements
    /// anything reaches. The balance is that of the mapping alone, for amounts.
    pub(crate) fn carry(&mut self) -> (&[f64], &[bool], Balance) {
        let values = match &mut self.before {
            None => &self.read,
            // A single number stands for itself in every element.
            Some(expression) if expression.space().is_none() => {
                let number = expression.evaluate(&self.read)[0];
                self.read.fill(number);
                &self.read
            }
            Some(expression) => expression.evaluate(&self.read),
        };
        self.operator.apply(values, &mut self.mapped);
        let balance = self.reach.as_ref().map(|reach| reach.balance(values, &self.mapped)).unwrap_or_default();
        if let Some(sums) = &self.weight_sums {
            for (value, &sum) in self.mapped.iter_mut().zip(sums) {
                *value = if sum > 0.0 { *value / sum } else { 0.0 };
            }
        }
        let transformed = match &mut self.after {
            None => &self.mapped,
            Some(expression) => expression.evaluate(&self.mapped),
        };
        match transformed {
            [number] => self.arrived.fill(number * self.unit_factor),
            values => {
                for (arrived, value) in self.arrived.iter_mut().zip(values) {
                    *arrived = value * self.unit_factor;
                }
            }
        }
        (&self.arrived, &self.covered, balance)
    }

    /// Tells what is lost because neurons were excluded from what lies outside, by the route before they were.
    pub(crate) fn replaces(&mut self, earlier: &mut Self) {
        if let (Some(reach), Some(earlier)) = (&mut self.reach, earlier.reach.take()) {
            reach.at_first_as(earlier);
        }
    }

    /// Spaces that values pass, both ends included; the first step may be that of a matrix in the transform.
    pub(crate) fn path(&self) -> &[String] {
        &self.path
    }

    /// The space from which values are mapped, and the matrix that does it.
    pub(crate) fn mapped(&self) -> (&str, &CsMat<f64>) {
        (&self.mapped_from, self.operator.matrix())
    }

    /// Unit of what is read, before any transform; after a weighted source, of the mean.
    pub(crate) fn source_unit(&self) -> &Unit {
        &self.source_unit
    }

    /// Unit of what arrives.
    pub(crate) fn unit(&self) -> &Unit {
        &self.unit
    }

    /// Numbers in the transform.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        self.before.iter().chain(&self.after).flat_map(Expression::numbers).collect()
    }

    /// Unit that a transform gives for certain and whose values are not converted to that of the destination.
    pub(crate) fn unconverted(&self) -> Option<&Unit> {
        self.unconverted.as_ref()
    }

    /// Unit of the amounts that are mapped; `None` for levels.
    pub(crate) fn amount_unit(&self) -> Option<&Unit> {
        self.reach.as_ref().map(|_| &self.mapped_unit)
    }

    /// For amounts, the part that arrives of what lies evenly in the space that they are mapped from.
    pub(crate) fn arriving(&self) -> Option<f64> {
        self.arriving
    }

    /// Elements of the destination that values reach.
    pub(crate) fn covered(&self) -> &[bool] {
        &self.covered
    }

    /// Number of values that are read.
    pub(crate) fn source_len(&self) -> usize {
        self.source_len
    }

    /// Names of the two spaces.
    pub(crate) fn ends(&self) -> (&str, &str) {
        (&self.source_space, &self.destination_space)
    }
}
