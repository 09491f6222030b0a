//! Numbers and texts as C's `printf` writes them: distances in templates have the digits of these.

/// Something to print.
pub enum Printed<'a> {
    Number(f64),
    Text(&'a str),
}

/// `format` with its conversions (`%d %f %e %g %s %c %%`, with flags `-` and `0`, width and precision) replaced; what is left
/// over is ignored.
///
/// # Errors
/// Where values are missing, of the wrong kind, or a conversion is none of these.
pub fn formatted(format: &str, values: &[Printed<'_>]) -> Result<String, String> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest
            .find(|character: char| {
                !(character.is_ascii_digit() || matches!(character, '.' | '-' | '+' | '0' | 'l' | ' '))
            })
            .ok_or_else(|| format!("'%{rest}' is no conversion"))?;
        let options = &rest[..end];
        let conversion = rest[end..].chars().next().unwrap_or('%');
        rest = &rest[end + conversion.len_utf8()..];
        if conversion == '%' {
            out.push('%');
            continue;
        }
        let value = values.next().ok_or_else(|| format!("no value for '%{options}{conversion}'"))?;
        let (width, precision) = options.trim_end_matches('l').split_once('.').map_or_else(
            || (options.trim_end_matches('l'), None),
            |(width, precision)| (width, Some(precision.parse::<usize>().unwrap_or(0).min(WIDEST))),
        );
        let (text, is_number) = match (conversion, value) {
            ('s', Printed::Text(text)) => {
                (precision.map_or((*text).to_owned(), |count| text.chars().take(count).collect()), false)
            }
            ('d' | 'i' | 'u', Printed::Number(number)) => (format!("{}", number.trunc() as i64), true),
            ('c', Printed::Number(number)) => (char::from(*number as u8).to_string(), false),
            ('f', Printed::Number(number)) => (format!("{number:.*}", precision.unwrap_or(DIGITS)), true),
            ('e', Printed::Number(number)) => (scientific(*number, precision.unwrap_or(DIGITS)), true),
            ('g', Printed::Number(number)) => (general(*number, precision.unwrap_or(DIGITS)), true),
            ('s', _) => return Err(format!("'%{options}s' needs a string")),
            ('d' | 'i' | 'u' | 'c' | 'f' | 'e' | 'g', _) => {
                return Err(format!("'%{options}{conversion}' needs a number"));
            }
            _ => return Err(format!("'%{options}{conversion}' is no conversion")),
        };
        let sign = if options.contains('+') && is_number && !text.starts_with('-') { "+" } else { "" };
        let text = format!("{sign}{text}");
        let digits = width.trim_start_matches(['-', '+', ' ']);
        let width = digits.parse().unwrap_or(0_usize).min(WIDEST);
        if options.starts_with('-') {
            out.push_str(&format!("{text:<width$}"));
        } else if digits.starts_with('0') && is_number {
            let (minus, number) = text.split_at(usize::from(text.starts_with(['-', '+'])));
            let width = width.saturating_sub(minus.len());
            out.push_str(&format!("{minus}{number:0>width$}"));
        } else {
            out.push_str(&format!("{text:>width$}"));
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Nothing is written wider or with more digits.
const WIDEST: usize = 1000;
/// Digits where no precision is given.
const DIGITS: usize = 6;

/// `%e`: an exponent of at least two digits.
fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    match text.split_once('e') {
        None => text,
        Some((digits, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
            format!("{digits}e{sign}{exponent:0>2}")
        }
    }
}

/// `%g`: that many significant digits, without trailing zeros.
fn general(number: f64, precision: usize) -> String {
    let precision = precision.max(1);
    if !number.is_finite() {
        return format!("{number}").to_lowercase();
    }
    let rounded = format!("{number:.*e}", precision - 1);
    let exponent: i32 = rounded.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    /// Numbers below have an exponent.
    const LEAST_EXPONENT: i32 = -4;
    let trimmed = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
    };
    if (LEAST_EXPONENT..precision as i32).contains(&exponent) {
        return trimmed(&format!("{number:.*}", (precision as i32 - 1 - exponent) as usize));
    }
    let text = scientific(number, precision - 1);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
    format!("{}e{exponent}", trimmed(digits))
}

#[cfg(test)]
mod tests {
    use super::Printed::{Number, Text};
    use super::*;

    /// What glibc's printf writes.
    #[test]
    fn as_in_c() {
        let cases = [
            ("%g", 123_456.789, "123457"),
            ("%g", 1_234_567.0, "1.23457e+06"),
            ("%g", 0.000_012_345, "1.2345e-05"),
            ("%g", 0.000_123_45, "0.00012345"),
            ("%g", 100.0, "100"),
            ("%.17g", 0.1, "0.10000000000000001"),
            ("%.17g", 12.5, "12.5"),
            ("%.19g", 1.0 / 3.0, "0.3333333333333333148"),
            ("%f", 0.071_428_571_428_571_42, "0.071429"),
            ("%.2f", 2.675, "2.67"),
            ("%5.1f|", -3.25, " -3.2|"),
            ("%05d", -42.0, "-0042"),
            ("%-4d|", 7.0, "7   |"),
            ("%e", 1234.5, "1.234500e+03"),
            ("%lf", 1.0, "1.000000"),
            ("%g", 0.0, "0"),
        ];
        for (format, number, expected) in cases {
            assert_eq!(formatted(format, &[Number(number)]).unwrap(), expected, "{format} of {number}");
        }
        assert_eq!(formatted("%%s %s(%%f) = %s", &[Text("g_pas"), Text("%g*2")]).unwrap(), "%s g_pas(%f) = %g*2");
        assert!(formatted("%d", &[]).is_err());
        assert!(formatted("%s", &[Number(1.0)]).is_err());
    }
}
