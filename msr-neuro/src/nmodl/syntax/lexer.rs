//! Text to tokens.

use crate::nmodl::diagnostics::{Diagnostic, Span};

/// Kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A name or keyword.
    Name(String),
    /// A number; whether it was written as an integer.
    Number(f64, bool),
    /// A string without its quotes.
    Text(String),
    /// An operator or bracket.
    Symbol(&'static str),
    /// The text of a VERBATIM block.
    Verbatim(String),
    /// A character that belongs to nothing (it may stand in a unit).
    Other(char),
    /// End of the file.
    End,
}

/// A token and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Lexeme {
    /// What.
    pub token: Token,
    /// Where.
    pub span: Span,
}

/// The longest first.
const SYMBOLS: &[&str] = &[
    "<->", "<<", "->", "<=", ">=", "==", "!=", "&&", "||", "~+", "+", "-", "*", "/", "^", "(", ")", "{", "}", "[", "]",
    ",", "=", "<", ">", "!", "~", "'", "&", "%", ".", ";", "@",
];

/// All tokens of a text, closed by [`Token::End`], with messages about what is not closed.
pub fn tokens(text: &str) -> (Vec<Lexeme>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, at: 0, list: Vec::new(), diagnostics: Vec::new() };
    lexer.run();
    let end = Span::new(text.len()..text.len());
    lexer.list.push(Lexeme { token: Token::End, span: end });
    (lexer.list, lexer.diagnostics)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    list: Vec<Lexeme>,
    diagnostics: Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(character) = self.text[self.at..].chars().next() {
            let start = self.at;
            match character {
                _ if character.is_whitespace() => self.at += character.len_utf8(),
                ':' | '?' => self.skip_line(),
                '"' => self.string(),
                '0'..='9' => self.number(),
                '.' if self.text[start + 1..].starts_with(|next: char| next.is_ascii_digit()) => self.number(),
                _ if character.is_ascii_alphabetic() || character == '_' => self.word(),
                _ => match SYMBOLS.iter().find(|symbol| self.text[start..].starts_with(**symbol)) {
                    Some(symbol) => {
                        self.at += symbol.len();
                        self.push(Token::Symbol(symbol), start);
                    }
                    None => {
                        self.at += character.len_utf8();
                        self.push(Token::Other(character), start);
                    }
                },
            }
        }
    }

    fn push(&mut self, token: Token, start: usize) {
        self.list.push(Lexeme { token, span: Span::new(start..self.at) });
    }

    fn skip_line(&mut self) {
        self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at);
    }

    fn string(&mut self) {
        let start = self.at;
        let body = &self.text[start + 1..];
        let mut escaped = false;
        let close = body.char_indices().find(|&(_, character)| {
            let closes = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            closes || character == '\n'
        });
        match close {
            Some((length, '"')) => {
                self.at = start + length + 2;
                self.push(Token::Text(body[..length].to_owned()), start);
            }
            _ => {
                self.skip_line();
                let span = Span::new(start..self.at);
                self.diagnostics.push(
                    Diagnostic::error(span, "this string is not closed").help("write \" before the end of the line"),
                );
            }
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let mut end = digits(start);
        let mut integer = true;
        if bytes.get(end) == Some(&b'.') {
            end = digits(end + 1);
            integer = false;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                end = digits(end + 1 + sign);
                integer = false;
            }
        }
        self.at = end;
        let value = self.text[start..end].parse().unwrap_or(f64::INFINITY);
        self.push(Token::Number(value, integer), start);
    }

    fn word(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.find(|next: char| !next.is_ascii_alphanumeric() && next != '_').unwrap_or(rest.len());
        let word = &rest[..length];
        self.at += length;
        match word {
            "COMMENT" => {
                self.until("ENDCOMMENT", start);
            }
            "VERBATIM" => {
                if let Some(body) = self.until("ENDVERBATIM", start) {
                    self.push(Token::Verbatim(body), start);
                }
            }
            "TITLE" => self.skip_line(),
            "UNITSON" | "UNITSOFF" => {}
            _ => self.push(Token::Name(word.to_owned()), start),
        }
    }

    /// Skips to the end of a closing word and returns what stands before it.
    fn until(&mut self, word: &str, start: usize) -> Option<String> {
        let body = &self.text[self.at..];
        let Some(length) = body.find(word) else {
            let span = Span::new(start..self.at);
            self.at = self.text.len();
            self.diagnostics
                .push(Diagnostic::error(span, "this block is not closed").help(format!("write {word} where it ends")));
            return None;
        };
        self.at += length + word.len();
        Some(body[..length].to_owned())
    }
}
