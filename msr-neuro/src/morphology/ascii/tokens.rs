//! Text of a Neurolucida file to tokens.

use std::iter::Peekable;
use std::str::CharIndices;

/// A word of the language.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `|`, between the branches of a split.
    Bar,
    /// `<`, the beginning of a spine.
    SpineOpen,
    /// `>`, its end.
    SpineClose,
    /// A number.
    Number(f64),
    /// What stands between quotes.
    Text(&'a str),
    /// Any other word.
    Word(&'a str),
    /// The end of the file.
    End,
}

impl Token<'_> {
    /// How messages call it.
    pub fn described(&self) -> String {
        match self {
            Self::Open => "'('".to_owned(),
            Self::Close => "')'".to_owned(),
            Self::Bar => "'|'".to_owned(),
            Self::SpineOpen => "'<'".to_owned(),
            Self::SpineClose => "'>'".to_owned(),
            Self::Number(value) => format!("{value}"),
            Self::Text(text) => format!("\"{text}\""),
            Self::Word(word) => format!("'{word}'"),
            Self::End => "the end of the file".to_owned(),
        }
    }
}

/// Tokens one after the other; white space, commas and comments (`;` to the end of the line) are left out.
pub(super) struct Tokens<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    line: usize,
    next: [(Token<'a>, usize); 2],
}

impl<'a> Tokens<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut tokens =
            Self { text, rest: text.char_indices().peekable(), line: 1, next: [(Token::End, 1), (Token::End, 1)] };
        tokens.take();
        tokens.take();
        tokens
    }

    /// The next token.
    pub fn peek(&self) -> Token<'a> {
        self.next[0].0
    }

    /// The one after it.
    pub fn second(&self) -> Token<'a> {
        self.next[1].0
    }

    /// Line of the next token, from 1.
    pub fn line(&self) -> usize {
        self.next[0].1
    }

    /// Takes the next token.
    pub fn take(&mut self) -> Token<'a> {
        let taken = self.next[0].0;
        let read = self.read();
        self.next = [self.next[1], read];
        taken
    }

    fn read(&mut self) -> (Token<'a>, usize) {
        while let Some((start, letter)) = self.rest.next() {
            let line = self.line;
            let token = match letter {
                '\n' => {
                    self.line += 1;
                    continue;
                }
                ';' => {
                    self.to(|letter| letter == '\n');
                    continue;
                }
                ',' => continue,
                _ if letter.is_whitespace() => continue,
                '(' => Token::Open,
                ')' => Token::Close,
                '|' => Token::Bar,
                '<' => Token::SpineOpen,
                '>' => Token::SpineClose,
                '"' => {
                    // A text without its end ends with its line.
                    let end = self.to(|letter| letter == '"' || letter == '\n');
                    self.rest.next_if(|&(_, letter)| letter == '"');
                    Token::Text(&self.text[start + 1..end])
                }
                _ => {
                    let end = self.to(|letter| letter.is_whitespace() || "()|<>,;\"".contains(letter));
                    let word = &self.text[start..end];
                    let is_number = word.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
                    word.parse().ok().filter(|_| is_number).map_or(Token::Word(word), Token::Number)
                }
            };
            return (token, line);
        }
        (Token::End, self.line)
    }

    /// Goes on to the first letter that ends something, and says where it is.
    fn to(&mut self, ends: impl Fn(char) -> bool) -> usize {
        while self.rest.next_if(|&(_, letter)| !ends(letter)).is_some() {}
        self.rest.peek().map_or(self.text.len(), |&(at, _)| at)
    }
}
