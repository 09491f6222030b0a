//! Constants that a mechanism takes from the table of units: `FARADAY = (faraday) (coulomb)`.

/// Powers of metre, kilogram, second, coulomb and kelvin.
type Dimension = [i32; 5];

/// A name, its value in SI units, and its dimension. Constants of nature: CODATA 2018, exact.
const TABLE: &[(&str, f64, Dimension)] = &[
    ("m", 1.0, [1, 0, 0, 0, 0]),
    ("meter", 1.0, [1, 0, 0, 0, 0]),
    ("micron", 1e-6, [1, 0, 0, 0, 0]),
    ("liter", 1e-3, [3, 0, 0, 0, 0]),
    ("l", 1e-3, [3, 0, 0, 0, 0]),
    ("g", 1e-3, [0, 1, 0, 0, 0]),
    ("gram", 1e-3, [0, 1, 0, 0, 0]),
    ("s", 1.0, [0, 0, 1, 0, 0]),
    ("sec", 1.0, [0, 0, 1, 0, 0]),
    ("second", 1.0, [0, 0, 1, 0, 0]),
    ("hz", 1.0, [0, 0, -1, 0, 0]),
    ("coul", 1.0, [0, 0, 0, 1, 0]),
    ("coulomb", 1.0, [0, 0, 0, 1, 0]),
    ("C", 1.0, [0, 0, 0, 1, 0]),
    ("amp", 1.0, [0, 0, -1, 1, 0]),
    ("A", 1.0, [0, 0, -1, 1, 0]),
    ("volt", 1.0, [2, 1, -2, -1, 0]),
    ("V", 1.0, [2, 1, -2, -1, 0]),
    ("ohm", 1.0, [2, 1, -1, -2, 0]),
    ("mho", 1.0, [-2, -1, 1, 2, 0]),
    ("siemens", 1.0, [-2, -1, 1, 2, 0]),
    ("S", 1.0, [-2, -1, 1, 2, 0]),
    ("farad", 1.0, [-2, -1, 2, 2, 0]),
    ("joule", 1.0, [2, 1, -2, 0, 0]),
    ("J", 1.0, [2, 1, -2, 0, 0]),
    ("newton", 1.0, [1, 1, -2, 0, 0]),
    ("K", 1.0, [0, 0, 0, 0, 1]),
    ("kelvin", 1.0, [0, 0, 0, 0, 1]),
    ("degC", 1.0, [0, 0, 0, 0, 1]),
    ("degK", 1.0, [0, 0, 0, 0, 1]),
    ("mole", 6.022_140_76e23, [0; 5]),
    ("mol", 6.022_140_76e23, [0; 5]),
    ("molar", 6.022_140_76e26, [-3, 0, 0, 0, 0]),
    ("M", 6.022_140_76e26, [-3, 0, 0, 0, 0]),
    ("e", 1.602_176_634e-19, [0, 0, 0, 1, 0]),
    ("faraday", 1.602_176_634e-19 * 6.022_140_76e23, [0, 0, 0, 1, 0]),
    ("k", 1.380_649e-23, [2, 1, -2, 0, -1]),
    ("boltzmann", 1.380_649e-23, [2, 1, -2, 0, -1]),
    ("pi", std::f64::consts::PI, [0; 5]),
];

/// Names and letters of powers of ten.
const PREFIXES: &[(&str, f64)] = &[
    ("pico", 1e-12),
    ("nano", 1e-9),
    ("micro", 1e-6),
    ("milli", 1e-3),
    ("centi", 1e-2),
    ("kilo", 1e3),
    ("mega", 1e6),
    ("giga", 1e9),
    ("p", 1e-12),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("c", 1e-2),
    ("d", 1e-1),
    ("k", 1e3),
];

/// Names are written in the plural from this length.
const SHORTEST_PLURAL: usize = 2;

/// Why a constant has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnitError {
    /// A unit that is not known.
    #[error("the unit '{0}' is not known")]
    Unknown(String),
    /// Two units that do not measure the same.
    #[error("({unit}) cannot be expressed in ({asked}): they measure different things")]
    Different {
        /// The constant.
        unit: String,
        /// What it is asked in.
        asked: String,
    },
}

/// Value of a unit, in the unit that it is asked in; `(1)` asks for the number itself.
pub(super) fn constant(unit: &str, asked: &str) -> Result<f64, UnitError> {
    let (value, dimension) = measure(unit)?;
    if asked.trim().is_empty() || asked.trim() == "1" {
        return Ok(value);
    }
    let (scale, found) = measure(asked)?;
    if found != dimension {
        return Err(UnitError::Different { unit: unit.to_owned(), asked: asked.to_owned() });
    }
    Ok(value / scale)
}

/// `k-mole`, `mA/cm2`, `10 um2`: factors to the first `/`, divisors after it.
fn measure(text: &str) -> Result<(f64, Dimension), UnitError> {
    let mut value = 1.0;
    let mut dimension = [0; 5];
    let mut divide = false;
    for (index, part) in text.split('/').enumerate() {
        divide |= index > 0;
        for factor in part.split(|c: char| c.is_whitespace() || c == '-' || c == '*').filter(|f| !f.is_empty()) {
            if let Ok(number) = factor.parse::<f64>() {
                value = if divide { value / number } else { value * number };
                continue;
            }
            let letters = factor.trim_end_matches(|c: char| c.is_ascii_digit());
            let unknown = || UnitError::Unknown(factor.to_owned());
            let digits = &factor[letters.len()..];
            let power: i32 = if digits.is_empty() { 1 } else { digits.parse().map_err(|_| unknown())? };
            let (unit, found) = named(letters).ok_or_else(unknown)?;
            let sign = if divide { -power } else { power };
            value *= unit.powi(sign);
            for (sum, exponent) in dimension.iter_mut().zip(found) {
                *sum += sign * exponent;
            }
        }
    }
    Ok((value, dimension))
}

fn named(name: &str) -> Option<(f64, Dimension)> {
    // A letter and an s is a prefix with a second: `ms` is no plural of the metre.
    let plural = || name.strip_suffix('s').filter(|singular| singular.len() >= SHORTEST_PLURAL).and_then(singular);
    singular(name).or_else(plural)
}

fn singular(name: &str) -> Option<(f64, Dimension)> {
    let exact = |name: &str| TABLE.iter().find(|entry| entry.0 == name).map(|entry| (entry.1, entry.2));
    exact(name).or_else(|| {
        PREFIXES.iter().find_map(|(prefix, scale)| {
            let (value, dimension) = exact(name.strip_prefix(prefix)?)?;
            Some((value * scale, dimension))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_of_nature_in_the_units_asked() {
        let close = |found: Result<f64, UnitError>, expected: f64| (found.unwrap() / expected - 1.0).abs() < 1e-12;
        assert!(close(constant("faraday", "coulomb"), 96_485.332_123_310_02));
        assert!(close(constant("faraday", "kilocoulombs"), 96.485_332_123_310_02));
        assert!(close(constant("k-mole", "joule/degC"), 8.314_462_618_153_24));
        assert!(close(constant("mole k", "mV-coulomb/degC"), 8_314.462_618_153_24));
        assert!(close(constant("pi", "1"), std::f64::consts::PI));
        assert!(close(constant("faraday", "mA-ms"), 96_485.332_123_310_02e6));
        assert!(close(constant("faraday", "coulombs"), 96_485.332_123_310_02));
    }

    #[test]
    fn a_mistake_names_the_unit_that_is_wrong() {
        let message = |unit, asked| constant(unit, asked).unwrap_err().to_string();
        assert_eq!(message("faraday", "mA-fortnight"), "the unit 'fortnight' is not known");
        assert_eq!(message("farraday", "coulomb"), "the unit 'farraday' is not known");
        assert_eq!(message("faraday", "ohm"), "(faraday) cannot be expressed in (ohm): they measure different things");
    }
}
