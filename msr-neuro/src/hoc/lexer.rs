//! Text to tokens.

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Word(String),
    Number(f64),
    Text(String),
    /// `$1`, `$s1`, `$o1`
    Argument(usize),
    Symbol(&'static str),
    Newline,
    Other(char),
    End,
}

/// The longest first.
const SYMBOLS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "(", ")", "{", "}", "[", "]", ",", ";", ":", ".", "=",
    "<", ">", "!", "+", "-", "*", "/", "^", "%", "&",
];

/// Tokens with their lines (from 1), closed by [`Token::End`]; comments are left out.
pub fn tokens(text: &str) -> Vec<(Token, usize)> {
    let bytes = text.as_bytes();
    let (mut at, mut line) = (0, 1);
    let mut found = Vec::new();
    while at < bytes.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            line += rest[..end].matches('\n').count();
            at += end;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(end) = ["\\\n", "\\\r\n"].iter().find(|end| rest.starts_with(**end)) {
            line += 1;
            at += end.len();
        } else if bytes[at] == b'\n' {
            found.push((Token::Newline, line));
            line += 1;
            at += 1;
        } else if bytes[at].is_ascii_whitespace() {
            at += 1;
        } else if bytes[at] == b'"' {
            let (string, length) = string(&rest[1..]);
            found.push((Token::Text(string), line));
            line += rest[..(1 + length).min(rest.len())].matches('\n').count();
            at += 1 + length;
        } else if bytes[at] == b'$' {
            let kind = usize::from(matches!(bytes.get(at + 1), Some(b's' | b'o')));
            let digits = rest[1 + kind..].bytes().take_while(u8::is_ascii_digit).count();
            match rest[1 + kind..1 + kind + digits].parse() {
                Ok(number) => found.push((Token::Argument(number), line)),
                Err(_) => found.push((Token::Other('$'), line)),
            }
            at += 1 + if digits == 0 { 0 } else { kind + digits };
        } else if let Some((number, length)) = number(rest) {
            found.push((Token::Number(number), line));
            at += length;
        } else if bytes[at].is_ascii_alphabetic() || bytes[at] == b'_' {
            let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            found.push((Token::Word(rest[..length].to_owned()), line));
            at += length;
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            found.push((Token::Symbol(symbol), line));
            at += symbol.len();
        } else {
            let character = rest.chars().next().unwrap_or(' ');
            found.push((Token::Other(character), line));
            at += character.len_utf8();
        }
    }
    found.push((Token::End, line));
    found
}

/// Content of a string whose opening quote was read, and its length with the closing one.
fn string(rest: &str) -> (String, usize) {
    let mut content = String::new();
    let mut characters = rest.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (content, at + 1),
            '\\' => match characters.next() {
                Some((_, 'n')) => content.push('\n'),
                Some((_, 't')) => content.push('\t'),
                Some((_, other)) => content.push(other),
                None => {}
            },
            other => content.push(other),
        }
    }
    (content, rest.len())
}

/// A number and its length.
fn number(rest: &str) -> Option<(f64, usize)> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let mut length = whole;
    if bytes.get(length) == Some(&b'.') {
        let fraction = digits(length + 1);
        if whole + fraction == 0 {
            return None;
        }
        length += 1 + fraction;
    }
    if length == 0 {
        return None;
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(length + 1 + sign..).map_or(0, |_| digits(length + 1 + sign));
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    rest[..length].parse().ok().map(|number| (number, length))
}
