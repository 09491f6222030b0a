//! Units: exponents of the SI base units and a scale, parsed from text such as `mA/cm2`.

mod parser;

use std::fmt;

use parser::Parser;

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

/// What units of a program can be relied on for.
const SMALL: &str = "exponents of units are small";

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
    ("N", 1.0, [1, 1, -2, 0, 0, 0]),
    ("W", 1.0, [2, 1, -3, 0, 0, 0]),
    ("min", 60.0, [0, 0, 1, 0, 0, 0]),
    ("%", 1e-2, NONE),
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

    /// Parses products and quotients of powers: `mA/cm2`, `um^3.s^-1`, `g um-1 s-2`, `mol/(L*s)`, `mM ms`, `1/s`; empty text
    /// and `1` are pure numbers. Factors are taken from left to right: `a/b*c` is `(a/b)*c`.
    ///
    /// # Errors
    /// [`UnitError`] naming the part that is not understood.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let (scale, exponents) = Parser::parse(text)?;
        Ok(Self { text: text.trim().to_owned(), scale, exponents })
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
    ///
    /// # Panics
    /// Where an exponent exceeds 127: a mistake in the program, not in its input.
    #[must_use]
    pub fn times(&self, other: &Unit) -> Unit {
        self.checked_times(other).expect(SMALL)
    }

    /// As [`Unit::times`]; `None` where an exponent exceeds 127.
    pub(crate) fn checked_times(&self, other: &Unit) -> Option<Unit> {
        let text = match (self.text.as_str(), other.text.as_str()) {
            ("", text) | (text, "") => text.to_owned(),
            (left, right) if right.starts_with('/') => format!("{left}{right}"),
            (left, right) => format!("{left}*{right}"),
        };
        let exponents = combined(self.exponents, other.exponents, i8::checked_add)?;
        Some(Unit { text, scale: self.scale * other.scale, exponents })
    }

    /// The quotient of two units. What a [product](Unit::times) was made with last cancels.
    ///
    /// # Panics
    /// As [`Unit::times`].
    #[must_use]
    pub fn over(&self, other: &Unit) -> Unit {
        self.checked_over(other).expect(SMALL)
    }

    /// As [`Unit::over`]; `None` where an exponent exceeds 127.
    pub(crate) fn checked_over(&self, other: &Unit) -> Option<Unit> {
        let is_one_factor = other.text.chars().all(|c| c.is_alphanumeric() || c == '^' || c == '-');
        let last = if is_one_factor { self.text.strip_suffix(other.text.as_str()) } else { None };
        let text = match (last.and_then(|rest| rest.strip_suffix('*')), other.text.as_str()) {
            (Some(rest), _) => rest.to_owned(),
            (None, "") => self.text.clone(),
            (None, divisor) => {
                let dividend = if self.text.is_empty() { "1" } else { &self.text };
                if is_one_factor { format!("{dividend}/{divisor}") } else { format!("{dividend}/({divisor})") }
            }
        };
        let exponents = combined(self.exponents, other.exponents, i8::checked_sub)?;
        Some(Unit { text, scale: self.scale / other.scale, exponents })
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

fn combined(
    left: [i8; DIMENSIONS],
    right: [i8; DIMENSIONS],
    combine: impl Fn(i8, i8) -> Option<i8>,
) -> Option<[i8; DIMENSIONS]> {
    let mut exponents = NONE;
    for (i, exponent) in exponents.iter_mut().enumerate() {
        *exponent = combine(left[i], right[i])?;
    }
    Some(exponents)
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
    fn products_of_any_form() {
        let same = |left: &str, right: &str| {
            let factor = Unit::of(left).factor_to(&Unit::of(right));
            assert!(factor.is_some_and(|factor| (factor - 1.0).abs() < 1e-12), "{left} {right} {factor:?}");
        };
        same("mol/(L*s)", "M/s");
        same("mol/L/s", "M s-1");
        same("mM ms", "uM*s");
        same("(um/ms)^2", "mm2/s**2");
        same("/s", "Hz");
        same("1e-3 V", "mV");
        same("mA/cm2*um2", "(mA / cm2) · um2");
        same("", "1");
        same("%", "1e-2");
    }

    #[test]
    fn what_cancels_is_not_written() {
        let density = Unit::of("mA/cm2");
        let current = density.times(&Unit::of("um2"));
        assert_eq!((current.text(), current.over(&Unit::of("um2")).text()), ("mA/cm2*um2", "mA/cm2"));
        assert_eq!(Unit::of("mM").over(&Unit::of("mol/L")).text(), "mM/(mol/L)");
        assert_eq!(Unit::of("").over(&Unit::of("s")).text(), "1/s");
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
        for (text, part) in [
            ("mol/(L*s", "(L*s"),
            ("mol)", ")"),
            ("mV^", "mV^"),
            ("mV*", "mV*"),
            ("mV//s", "/"),
            ("um^x", "um^"),
            ("0 s", "0"),
            ("s^200", "s^200"),
            ("§", "§"),
        ] {
            assert_eq!(Unit::parse(text).unwrap_err().part, part, "{text}");
        }
        assert!(Unit::parse(&"(".repeat(100_000)).is_err());
    }

    proptest::proptest! {
        /// What is printed is read again, whatever units were multiplied and divided.
        #[test]
        fn printed_units_are_read_again(
            first in proptest::sample::select(&WORDS[..]),
            others in proptest::collection::vec((proptest::sample::select(&WORDS[..]), proptest::bool::ANY), 0..6),
        ) {
            let mut unit = Unit::of(first);
            for (word, divides) in others {
                let other = Unit::of(word);
                unit = if divides { unit.over(&other) } else { unit.times(&other) };
            }
            let read = Unit::parse(&unit.to_string()).unwrap();
            proptest::prop_assert_eq!(read.exponents, unit.exponents, "{}", unit);
            proptest::prop_assert!((read.scale / unit.scale - 1.0).abs() < 1e-12, "{}", unit);
            proptest::prop_assert_eq!(read.to_string(), unit.to_string());
        }
    }

    const WORDS: [&str; 12] =
        ["mV", "mA/cm2", "um2", "", "1/s", "mol/(L*s)", "mM ms", "um^3.s^-1", "kPa", "/ms", "%", "(um/ms)^2"];
}
