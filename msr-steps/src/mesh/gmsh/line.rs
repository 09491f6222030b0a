//! Lines of a mesh file, with their numbers.

use std::str::{FromStr, SplitAsciiWhitespace};

use super::GmshError;

/// The lines that are not empty.
pub(super) struct Lines<'a> {
    lines: std::str::Lines<'a>,
    line: usize,
}

/// The beginning of a section.
pub(super) struct Header<'a> {
    pub(super) name: &'a str,
    pub(super) line: usize,
}

/// The fields of one line.
pub(super) struct Fields<'a> {
    text: &'a str,
    parts: SplitAsciiWhitespace<'a>,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { lines: text.lines(), line: 0 }
    }

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let text = self.lines.next()?.trim();
            self.line += 1;
            if !text.is_empty() {
                return Some(text);
            }
        }
    }

    /// The next line; `expected` says what should stand there.
    pub(super) fn fields(&mut self, expected: &'static str) -> Result<Fields<'a>, GmshError> {
        let text = self.next().ok_or(GmshError::Ended { line: self.line, expected })?;
        if text.starts_with("$End") {
            return Err(GmshError::Unexpected { line: self.line, expected, found: text.to_owned() });
        }
        Ok(Fields { text, parts: text.split_ascii_whitespace(), line: self.line })
    }

    /// The next `$Name`.
    pub(super) fn section(&mut self) -> Result<Option<Header<'a>>, GmshError> {
        match self.next() {
            None => Ok(None),
            Some(text) => match text.strip_prefix('$') {
                Some(name) => Ok(Some(Header { name, line: self.line })),
                None => Err(GmshError::Unexpected {
                    line: self.line,
                    expected: "a section such as $MeshFormat",
                    found: text.chars().take(40).collect(),
                }),
            },
        }
    }

    fn is_end(text: &str, header: &Header<'_>) -> bool {
        text.strip_prefix("$End") == Some(header.name)
    }

    /// The line that ends a section.
    pub(super) fn end(&mut self, header: &Header<'_>) -> Result<(), GmshError> {
        match self.next() {
            None => Err(GmshError::Unclosed { line: header.line, section: header.name.to_owned() }),
            Some(text) if Self::is_end(text, header) => Ok(()),
            Some(text) => {
                Err(GmshError::Overfull { line: self.line, section: header.name.to_owned(), found: text.to_owned() })
            }
        }
    }

    /// Passes over a section.
    pub(super) fn skip_to_end(&mut self, header: &Header<'_>) -> Result<(), GmshError> {
        while let Some(text) = self.next() {
            if Self::is_end(text, header) {
                return Ok(());
            }
        }
        Err(GmshError::Unclosed { line: header.line, section: header.name.to_owned() })
    }
}

impl<'a> Fields<'a> {
    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn word(&mut self, expected: &'static str) -> Result<&'a str, GmshError> {
        let found = || self.text.to_owned();
        self.parts.next().ok_or_else(|| GmshError::Unexpected { line: self.line, expected, found: found() })
    }

    pub(super) fn number<T: FromStr>(&mut self, expected: &'static str) -> Result<T, GmshError> {
        let word = self.word(expected)?;
        let wrong = || GmshError::Unexpected { line: self.line, expected, found: word.to_owned() };
        word.parse().map_err(|_| wrong())
    }

    pub(super) fn numbers<T: FromStr + Copy + Default, const N: usize>(
        &mut self,
        expected: &'static str,
    ) -> Result<[T; N], GmshError> {
        let mut values = [T::default(); N];
        for value in &mut values {
            *value = self.number(expected)?;
        }
        Ok(values)
    }

    /// Passes over a number of fields.
    pub(super) fn skip(&mut self, count: usize, expected: &'static str) -> Result<(), GmshError> {
        (0..count).try_for_each(|_| self.word(expected).map(|_| ()))
    }
}
