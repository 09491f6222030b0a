//! Splits a formula into tokens.

use super::syntax::ExpressionError;

/// A token of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    /// A name; a constant is written `Group.name`.
    Name(String),
    /// One of `+ - * / ^ ( ) ,`.
    Symbol(char),
}

/// Splits `text` into tokens, each with its position (in characters from 0).
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExpressionError> {
    let characters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let start = at;
        match characters[at] {
            c if c.is_whitespace() => at += 1,
            c if c.is_ascii_digit() || c == '.' => {
                at = end_of_number(&characters, at);
                let digits: String = characters[start..at].iter().collect();
                let value =
                    digits.parse().map_err(|_| ExpressionError::BadNumber { position: start, text: digits.clone() })?;
                found.push((start, Token::Number(value)));
            }
            c if c.is_alphabetic() || c == '_' => {
                while at < characters.len() && is_name_part(characters[at]) {
                    at += 1;
                }
                found.push((start, Token::Name(characters[start..at].iter().collect())));
            }
            c @ ('+' | '-' | '*' | '/' | '^' | '(' | ')' | ',') => {
                at += 1;
                found.push((start, Token::Symbol(c)));
            }
            character => return Err(ExpressionError::UnexpectedCharacter { position: start, character }),
        }
    }
    Ok(found)
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// End of the number that starts at `at`: digits, point, and an exponent if digits follow it.
fn end_of_number(characters: &[char], mut at: usize) -> usize {
    let digits = |mut at: usize| {
        while at < characters.len() && (characters[at].is_ascii_digit() || characters[at] == '.') {
            at += 1;
        }
        at
    };
    at = digits(at);
    if at < characters.len() && matches!(characters[at], 'e' | 'E') {
        let signed = matches!(characters.get(at + 1), Some('+' | '-'));
        let exponent = at + 1 + usize::from(signed);
        if characters.get(exponent).is_some_and(char::is_ascii_digit) {
            at = digits(exponent);
        }
    }
    at
}
