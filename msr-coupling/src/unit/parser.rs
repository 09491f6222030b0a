//! The grammar of units: products and quotients of powers, from left to right, with brackets.
//!
//! ```text
//! unit   = factor { ["*" | "." | "·" | " "] factor | "/" factor }
//! factor = ( symbol | number | "(" unit ")" ) [ power ]
//! power  = [ "^" | "**" ] ["-"] digits            the sign only, or the mark first: cm2, s-1, s^-1, (um s)^2
//! ```

use super::{DIMENSIONS, NONE, UnitError, symbol_value};

/// Scale and exponents.
pub(super) type Value = (f64, [i8; DIMENSIONS]);

pub(super) struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
}

/// Brackets in brackets.
const DEEPEST: usize = 20;

impl<'a> Parser<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Value, UnitError> {
        let mut parser = Self { text, position: 0, depth: 0 };
        parser.skip_spaces();
        if parser.rest().is_empty() {
            return Ok((1.0, NONE));
        }
        let value = parser.unit()?;
        if parser.rest().is_empty() { Ok(value) } else { Err(parser.error(parser.rest())) }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn error(&self, part: &str) -> UnitError {
        UnitError { text: self.text.to_owned(), part: part.to_owned() }
    }

    fn take(&mut self, mark: &str) -> bool {
        let is_there = self.rest().starts_with(mark);
        if is_there {
            self.position += mark.len();
        }
        is_there
    }

    fn skip_spaces(&mut self) {
        self.position = self.text.len() - self.rest().trim_start().len();
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.position += end;
        &rest[..end]
    }

    fn unit(&mut self) -> Result<Value, UnitError> {
        // Files write `/s`, too.
        let mut value = (1.0, NONE);
        let mut is_first = true;
        loop {
            self.skip_spaces();
            let divides = self.take("/");
            let multiplies = !divides && !is_first && ["*", ".", "·"].iter().any(|mark| self.take(mark));
            self.skip_spaces();
            let ends = self.rest().is_empty() || self.rest().starts_with(')');
            if ends && !divides && !multiplies && !is_first {
                return Ok(value);
            }
            let start = self.position;
            let (scale, exponents) = self.factor()?;
            let sign = if divides { -1 } else { 1 };
            value.0 *= scale.powi(sign);
            for (total, exponent) in value.1.iter_mut().zip(exponents) {
                let sum = exponent.checked_mul(sign as i8).and_then(|exponent| total.checked_add(exponent));
                *total = sum.ok_or_else(|| self.error(&self.text[start..self.position]))?;
            }
            is_first = false;
        }
    }

    fn factor(&mut self) -> Result<Value, UnitError> {
        let start = self.position;
        let (scale, exponents) = if self.take("(") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.error(&self.text[start..]));
            }
            let inner = self.unit()?;
            self.depth -= 1;
            if !self.take(")") {
                return Err(self.error(&self.text[start..]));
            }
            inner
        } else if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            let number = self.number();
            let value: f64 = number.parse().map_err(|_| self.error(number))?;
            if value <= 0.0 || !value.is_finite() {
                return Err(self.error(number));
            }
            (value, NONE)
        } else {
            let symbol = self.take_while(|c| c.is_alphabetic() || c == '%' || c == '°');
            match symbol_value(symbol) {
                Some(value) => value,
                None => {
                    self.take_while(|c| !c.is_whitespace() && !"/*.·()".contains(c));
                    let sign = self.rest().chars().next().map_or(0, char::len_utf8);
                    let end = if self.position > start { self.position } else { start + sign };
                    return Err(self.error(if end > start { &self.text[start..end] } else { self.text }));
                }
            }
        };
        let power = self.power(start)?;
        let mut raised = NONE;
        for (raised, exponent) in raised.iter_mut().zip(exponents) {
            *raised = exponent.checked_mul(power).ok_or_else(|| self.error(&self.text[start..self.position]))?;
        }
        Ok((scale.powi(i32::from(power)), raised))
    }

    /// Digits with a point and an exponent such as `1e-3`.
    fn number(&mut self) -> &'a str {
        let start = self.position;
        self.take_while(|c| c.is_ascii_digit());
        if self.rest().starts_with('.') && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) {
            self.position += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let exponent = self.rest().strip_prefix(['e', 'E']).map(|rest| rest.trim_start_matches(['-', '+']));
        if exponent.is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit())) {
            self.position += 1;
            self.take_while(|c| c == '-' || c == '+');
            self.take_while(|c| c.is_ascii_digit());
        }
        &self.text[start..self.position]
    }

    fn power(&mut self, factor: usize) -> Result<i8, UnitError> {
        let is_marked = self.take("^") || self.take("**");
        let start = self.position;
        self.take("-");
        let digits = self.take_while(|c| c.is_ascii_digit());
        if self.position == start && !is_marked {
            return Ok(1);
        }
        let power = self.text[start..self.position].parse();
        if digits.is_empty() { None } else { power.ok() }.ok_or_else(|| self.error(&self.text[factor..self.position]))
    }
}
