//! Units: exponents of the SI base units and a scale, parsed from text such as `mA/cm2`.

use std::fmt;

/// A unit. Two units are compatible when their exponents agree; values convert by the ratio of scales.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    text: String,
    scale: f64,
    exponents: [i8; DIMENSIONS],
}

/// Base dimensions, in order: metre, kilogram, second, ampere, kelvin, mole.
const DIMENSIONS: usize = 6;

const NONE: [i8; DIMENSIONS] = [0, 0, 0, 0, 0, 0];

/// Symbol, scale to SI, exponents. The litre stands for volume, M for mol/L.
const SYMBOLS: &[(&str, f64, [i8; DIMENSIONS])] = &[
    ("m", 1.0, [1, 0, 0, 0, 0, 0]),
    ("g", 1e-3, [0, 1, 0, 0, 0, 0]),
    ("s", 1.0, [0, 0, 1, 0, 0, 0]),
    ("A", 1.0, [0, 0, 0, 1, 0, 0]),
    ("K", 1.0, [0, 0, 0, 0, 1, 0]),
    ("mol", 1.0, [0, 0, 0, 0, 0, 1]),
    ("M", 1e3, [-3, 0, 0, 0, 0, 1]),
    ("L", 1e-3, [3, 0, 0, 0, 0, 0]),
    ("l", 1e-3, [3, 0, 0, 0, 0, 0]),
    ("V", 1.0, [2, 1, -3, -1, 0, 0]),
    ("S", 1.0, [-2, -1, 3, 2, 0, 0]),
    ("F", 1.0, [-2, -1, 4, 2, 0, 0]),
    ("Ohm", 1.0, [2, 1, -3, -2, 0, 0]),
    ("C", 1.0, [0, 0, 1, 1, 0, 0]),
    ("Pa", 1.0, [-1, 1, -2, 0, 0, 0]),
    ("J", 1.0, [2, 1, -2, 0, 0, 0]),
    ("Hz", 1.0, [0, 0, -1, 0, 0, 0]),
];

/// SI prefixes in use.
const PREFIXES: &[(&str, f64)] = &[
    ("a", 1e-18),
    ("f", 1e-15),
    ("p", 1e-12),
    ("n", 1e-9),
    ("u", 1e-6),
    ("µ", 1e-6),
    ("μ", 1e-6),
    ("m", 1e-3),
    ("c", 1e-2),
    ("d", 1e-1),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
];

/// Text that is no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{text}' is no unit: '{part}' is not understood; write for example mA/cm2, um3/s, mM, 1/s or an empty text for a pure number"
)]
pub struct UnitError {
    /// The whole text.
    pub text: String,
    /// The part that is not understood.
    pub part: String,
}

impl Unit {
    /// The unit of pure numbers.
    pub fn dimensionless() -> Self {
        Self { text: String::new(), scale: 1.0, exponents: NONE }
    }

    /// Parses `mA/cm2`, `um^3.s^-1`, `g um-1 s-2`, `1/s`, `mM`; empty text and `1` are pure numbers.
    ///
    /// # Errors
    /// [`UnitError`] naming the part that is not understood.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let mut unit = Self { text: text.to_owned(), ..Self::dimensionless() };
        let mut sign = 1;
        let spaced = text.replace('/', " / ");
        for part in spaced.split([' ', '.', '*']).filter(|part| !part.is_empty()) {
            match part {
                "/" => sign = -1,
                "1" => {}
                _ => {
                    let (scale, exponents) =
                        factor(part).ok_or_else(|| UnitError { text: text.to_owned(), part: part.to_owned() })?;
                    unit.scale *= scale.powi(sign);
                    for (total, exponent) in unit.exponents.iter_mut().zip(exponents) {
                        let signed = if sign < 0 { exponent.checked_neg() } else { Some(exponent) };
                        *total = signed
                            .and_then(|exponent| total.checked_add(exponent))
                            .ok_or_else(|| UnitError { text: text.to_owned(), part: part.to_owned() })?;
                    }
                    sign = 1;
                }
            }
        }
        Ok(unit)
    }

    /// A unit known to be well-formed, for declarations in code.
    ///
    /// # Panics
    /// Where the text is no unit: a mistake in the program, not in its input.
    pub fn of(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The factor that turns values of this unit into values of `target`, or `None` where the dimensions differ.
    pub fn factor_to(&self, target: &Unit) -> Option<f64> {
        (self.exponents == target.exponents).then(|| {
            // Equal scales must give exactly 1.
            if self.scale == target.scale { 1.0 } else { self.scale / target.scale }
        })
    }

    /// The product of two units.
    #[must_use]
    pub fn times(&self, other: &Unit) -> Unit {
        let mut exponents = self.exponents;
        for (total, exponent) in exponents.iter_mut().zip(other.exponents) {
            *total += exponent;
        }
        let text = [self.text.as_str(), other.text.as_str()]
            .iter()
            .filter(|t| !t.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("*");
        Unit { text, scale: self.scale * other.scale, exponents }
    }

    /// The quotient of two units.
    #[must_use]
    pub fn over(&self, other: &Unit) -> Unit {
        let mut exponents = self.exponents;
        for (total, exponent) in exponents.iter_mut().zip(other.exponents) {
            *total -= exponent;
        }
        let text = format!("({})/({})", self.text, other.text);
        Unit { text, scale: self.scale / other.scale, exponents }
    }

    /// The unit as it was written, or as it came from others.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text.is_empty() { "1" } else { &self.text })
    }
}

/// Scale and exponents of one factor such as `cm2`, `s^-1`, `um3`.
fn factor(part: &str) -> Option<(f64, [i8; DIMENSIONS])> {
    let split = part.find(|c: char| c.is_ascii_digit() || c == '^' || c == '-').unwrap_or(part.len());
    let (symbol, power) = part.split_at(split);
    let power = power.trim_start_matches('^');
    let power: i8 = if power.is_empty() { 1 } else { power.parse().ok()? };
    let (scale, exponents) = symbol_value(symbol)?;
    let mut raised = NONE;
    for (raised, exponent) in raised.iter_mut().zip(exponents) {
        *raised = exponent.checked_mul(power)?;
    }
    Some((scale.powi(i32::from(power)), raised))
}

fn symbol_value(symbol: &str) -> Option<(f64, [i8; DIMENSIONS])> {
    let plain = |name: &str| SYMBOLS.iter().find(|(known, _, _)| *known == name);
    if let Some((_, scale, exponents)) = plain(symbol) {
        return Some((*scale, *exponents));
    }
    PREFIXES.iter().find_map(|(prefix, prefix_scale)| {
        let (_, scale, exponents) = plain(symbol.strip_prefix(prefix)?)?;
        Some((prefix_scale * scale, *exponents))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn current_density_in_si() {
        let unit = Unit::of("mA/cm2");
        assert!((unit.factor_to(&Unit::of("A/m2")).unwrap() - 10.0).abs() < 1e-12);
        assert!((unit.times(&Unit::of("um2")).factor_to(&Unit::of("mA")).unwrap() - 1e-8).abs() < 1e-22);
    }

    #[test]
    fn the_same_unit_written_differently() {
        for text in ["um3/s", "um^3.s^-1", "um3 s-1", "µm3/s"] {
            assert_eq!(
                Unit::of(text).factor_to(&Unit::of("um3/s")).map(|f| (f - 1.0).abs() < 1e-12),
                Some(true),
                "{text}"
            );
        }
        assert!((Unit::of("mM").factor_to(&Unit::of("mol/m3")).unwrap() - 1.0).abs() < 1e-12);
        assert!((Unit::of("g um-1 s-2").factor_to(&Unit::of("kPa")).unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn different_dimensions_do_not_convert() {
        assert_eq!(Unit::of("mV").factor_to(&Unit::of("mM")), None);
        assert_eq!(Unit::of("").factor_to(&Unit::of("s")), None);
    }

    #[test]
    fn nonsense_is_refused_with_its_part() {
        let error = Unit::parse("mA/furlong2").unwrap_err();
        assert_eq!(error.part, "furlong2");
        assert_eq!(Unit::parse("V^-100").unwrap_err().part, "V^-100");
    }
}
