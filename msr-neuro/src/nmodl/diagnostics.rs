//! Messages about a mechanism file: where, what, and what to do.

use std::fmt;
use std::ops::Range;

/// A part of the source, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl Span {
    /// From a range of bytes.
    pub fn new(range: Range<usize>) -> Self {
        Self { start: range.start as u32, end: range.end as u32 }
    }

    /// From the beginning of one to the end of another.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end.max(self.start) }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file works; something of it has no effect here.
    Note,
    /// The file cannot be used.
    Error,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do, empty where the message says it.
    pub help: String,
}

impl Diagnostic {
    /// An error.
    pub fn error(span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, span, message: message.into(), help: String::new() }
    }

    /// A note.
    pub fn note(span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, span, message: message.into(), help: String::new() }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// All messages about one file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics {
    /// Name of the file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The messages.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Sorts by place.
    pub(super) fn new(file: &str, text: &str, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        list.dedup();
        Self { file: file.to_owned(), text: text.to_owned(), list }
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Line and column (both from 1, columns in characters) of a byte.
    pub fn place(&self, byte: u32) -> (usize, usize) {
        let (line_start, number) = self.line(byte);
        (number, self.text[line_start..floor(&self.text, byte as usize)].chars().count() + 1)
    }

    /// Beginning and number of the line of a byte.
    fn line(&self, byte: u32) -> (usize, usize) {
        let before = &self.text[..floor(&self.text, byte as usize)];
        (before.rfind('\n').map_or(0, |at| at + 1), before.matches('\n').count() + 1)
    }
}

/// The last boundary of a character at or before a byte.
fn floor(text: &str, byte: usize) -> usize {
    let mut at = byte.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.list.iter().enumerate() {
            let (line_start, number) = self.line(diagnostic.span.start);
            let (_, column) = self.place(diagnostic.span.start);
            let line = self.text[line_start..].lines().next().unwrap_or("");
            let kind = if diagnostic.severity == Severity::Error { "error" } else { "note" };
            if index > 0 {
                writeln!(formatter)?;
            }
            writeln!(formatter, "{}:{number}:{column}: {kind}: {}", self.file, diagnostic.message)?;
            let margin = " ".repeat(number.to_string().len());
            writeln!(formatter, "{margin} |")?;
            writeln!(formatter, "{number} | {}", line.replace('\t', " "))?;
            let length = (diagnostic.span.end.saturating_sub(diagnostic.span.start) as usize)
                .clamp(1, line.chars().count().saturating_sub(column - 1).max(1));
            write!(formatter, "{margin} | {}{}", " ".repeat(column - 1), "^".repeat(length))?;
            if !diagnostic.help.is_empty() {
                write!(formatter, "\n{margin} = help: {}", diagnostic.help)?;
            }
        }
        Ok(())
    }
}
