//! Volume reactions, and the equations that they are written as.

use serde::{Deserialize, Serialize};

use super::{EquationError, RateConstant};

/// A reaction in the volume, by mass action. Species on both sides are catalysts: they count in the rate and do not
/// change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reaction {
    /// Names of the species consumed, with their multiplicities.
    pub reactants: Vec<(String, u32)>,
    /// Names of the species produced, with their multiplicities.
    pub products: Vec<(String, u32)>,
    /// Rate constant, in M^(1-n)/s for order n (the sum of the reactants' multiplicities). With multiplicity m the
    /// propensity has the factor n (n-1) ... (n-m+1), **not** divided by m!: for `A + A -> 0`, dA/dt = -2 k A^2.
    pub rate_constant: f64,
    /// Names of the compartments in which it takes place; none means all.
    pub compartments: Vec<String>,
}

/// Molecules of one side that are still a reaction; more are a slip of the pen.
const MOST_MOLECULES: u32 = 16;

/// How a side without molecules is written, but for an empty one.
const NOTHING: &str = "0";

impl Reaction {
    /// A reaction from plain names: `Reaction::new(&[("A", 1), ("B", 1)], &[("C", 1)], 1e8)`.
    pub fn new(reactants: &[(&str, u32)], products: &[(&str, u32)], rate_constant: f64) -> Self {
        let owned = |side: &[(&str, u32)]| side.iter().map(|&(name, count)| (name.to_owned(), count)).collect();
        let [reactants, products] = [owned(reactants), owned(products)];
        Self { reactants, products, rate_constant, compartments: Vec::new() }
    }

    /// A one-way reaction from its equation: `"A + 2 B -> C"`, `"0 -> A"`, `"S + E -> P + E"`.
    ///
    /// # Errors
    /// [`EquationError`] where the text is no equation with `->`, or the rate constant is for another order.
    pub fn irreversible(equation: &str, rate: impl Into<RateConstant>) -> Result<Self, EquationError> {
        let Some((left, right)) = equation.split_once("->").filter(|(left, _)| !left.trim_end().ends_with('<')) else {
            return Err(EquationError::Arrow { equation: equation.to_owned(), arrow: "->" });
        };
        Self::from_sides(equation, side(equation, left)?, side(equation, right)?, rate.into())
    }

    /// Both directions of a reversible reaction: `"A + B <-> C"`.
    ///
    /// # Errors
    /// [`EquationError`] where the text is no equation with `<->`, or a rate constant is for another order.
    pub fn reversible(
        equation: &str,
        forward: impl Into<RateConstant>,
        backward: impl Into<RateConstant>,
    ) -> Result<[Self; 2], EquationError> {
        let Some((left, right)) = equation.split_once("<->") else {
            return Err(EquationError::Arrow { equation: equation.to_owned(), arrow: "<->" });
        };
        let [left, right] = [side(equation, left)?, side(equation, right)?];
        Ok([
            Self::from_sides(equation, left.clone(), right.clone(), forward.into())?,
            Self::from_sides(equation, right, left, backward.into())?,
        ])
    }

    /// The same reaction in this compartment (and those named before) only.
    #[must_use]
    pub fn within(mut self, compartment: impl Into<String>) -> Self {
        self.compartments.push(compartment.into());
        self
    }

    /// The sum of the reactants' multiplicities.
    pub fn order(&self) -> u32 {
        self.reactants.iter().map(|(_, count)| count).sum()
    }

    fn from_sides(
        equation: &str,
        reactants: Vec<(String, u32)>,
        products: Vec<(String, u32)>,
        rate: RateConstant,
    ) -> Result<Self, EquationError> {
        let reaction = Self { reactants, products, rate_constant: rate.value, compartments: Vec::new() };
        let order = reaction.order();
        match rate.order.filter(|&given| given != order) {
            Some(given) => Err(EquationError::Order { equation: equation.to_owned(), order, given }),
            None => Ok(reaction),
        }
    }
}

/// `A + 2 B` as names and multiplicities, each name once.
fn side(equation: &str, text: &str) -> Result<Vec<(String, u32)>, EquationError> {
    let mut terms: Vec<(String, u32)> = Vec::new();
    let text = text.trim();
    if text.is_empty() || text == NOTHING {
        return Ok(terms);
    }
    let mut molecules: u32 = 0;
    for term in text.split('+').map(str::trim) {
        let wrong = || EquationError::Term { equation: equation.to_owned(), term: term.to_owned() };
        let mut words = term.split_ascii_whitespace();
        let first = words.next().ok_or_else(wrong)?;
        let (count, name) = match words.next() {
            None => (1, first),
            Some(name) => (first.parse::<u32>().map_err(|_| wrong())?, name),
        };
        let numeric = name.parse::<f64>().is_ok() || name.starts_with(|c: char| c.is_ascii_digit());
        molecules = molecules.saturating_add(count);
        if words.next().is_some() || count == 0 || numeric || name.contains(['<', '>', '=']) {
            return Err(wrong());
        }
        if molecules > MOST_MOLECULES {
            return Err(EquationError::Crowded { equation: equation.to_owned(), most: MOST_MOLECULES });
        }
        match terms.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known += count,
            None => terms.push((name.to_owned(), count)),
        }
    }
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(list: &[(&str, u32)]) -> Vec<(String, u32)> {
        list.iter().map(|&(name, count)| (name.to_owned(), count)).collect()
    }

    #[test]
    fn equations_are_read() {
        let reaction = Reaction::irreversible("A + 2 B->C + A", 1.0).unwrap();
        assert_eq!(
            (reaction.reactants, reaction.products),
            (terms(&[("A", 1), ("B", 2)]), terms(&[("C", 1), ("A", 1)]))
        );
        assert_eq!(Reaction::irreversible("A + A -> 0", 1.0).unwrap(), Reaction::new(&[("A", 2)], &[], 1.0));
        assert_eq!(Reaction::irreversible(" -> A", 1.0).unwrap(), Reaction::new(&[], &[("A", 1)], 1.0));
        let [binding, unbinding] =
            Reaction::reversible("A + B <-> AB", RateConstant::per_micromolar_s(3.0), RateConstant::per_s(2.0))
                .unwrap();
        assert_eq!(binding, Reaction::new(&[("A", 1), ("B", 1)], &[("AB", 1)], 3e6));
        assert_eq!(unbinding, Reaction::new(&[("AB", 1)], &[("A", 1), ("B", 1)], 2.0));
    }

    #[test]
    fn mistakes_are_named() {
        let error = |equation: &str| Reaction::irreversible(equation, 1.0).unwrap_err();
        assert!(matches!(error("A + B"), EquationError::Arrow { arrow: "->", .. }));
        assert!(matches!(error("A <-> B"), EquationError::Arrow { arrow: "->", .. }));
        assert!(matches!(Reaction::reversible("A -> B", 1.0, 1.0), Err(EquationError::Arrow { arrow: "<->", .. })));
        for equation in ["A + -> B", "2 -> B", "A B -> C", "0 A -> C", "A => B -> C", "2 A B -> C", "2A -> B"] {
            assert!(matches!(error(equation), EquationError::Term { .. }), "{equation}");
        }
        assert!(matches!(error("99 A -> B"), EquationError::Crowded { .. }));
        let order = Reaction::irreversible("A + B -> C", RateConstant::per_s(1.0)).unwrap_err();
        assert_eq!(
            order.to_string(),
            "'A + B -> C' is of order 2, but its rate constant is in a unit for order 1 (M^(1-n)/s for order n)"
        );
    }
}
