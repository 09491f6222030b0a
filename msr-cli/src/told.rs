//! What is told to the user. Colours are taken out where nobody sees them: in files and pipes, with NO_COLOR, with `--color never`.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

use anstream::{stderr, stdout};
use anstyle::{AnsiColor, Style};

use crate::failure::Failure;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();
/// What comes at the beginning of a line of a table.
pub const LABEL: Style = Style::new().bold();

/// Prints lines. A reader that has gone away (`msr-cli index | head`) is no failure.
pub fn print<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> Result<(), Failure> {
    let mut out = stdout().lock();
    let write = || -> std::io::Result<()> {
        for line in lines {
            writeln!(out, "{}", line.as_ref())?;
        }
        out.flush()
    };
    match write() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::output(Unprintable(error))),
        _ => Ok(()),
    }
}

/// Tells what is no result, on standard error; where that is closed, nobody.
pub fn tell(text: impl Display) {
    let _ = writeln!(stderr(), "{text}");
}

/// Tells of something that is not as it should be, and of what is done about it.
pub fn warn(text: impl Display) {
    tell(format!("{WARNING}warning:{WARNING:#} {text}"));
}

/// Tells why a command ends; the first line says it, others explain.
pub fn fail(failure: &Failure) {
    let text = failure.to_string();
    let (first, rest) = text.split_once('\n').map_or((text.as_str(), None), |(first, rest)| (first, Some(rest)));
    tell(format!("{ERROR}{first}{ERROR:#}"));
    if let Some(rest) = rest {
        tell(rest);
    }
}

/// A line that says what to know of a run.
pub fn note(text: impl Display) -> String {
    format!("{NOTE}note:{NOTE:#} {text}")
}

#[derive(Debug, thiserror::Error)]
#[error("standard output cannot be written: {0}")]
struct Unprintable(std::io::Error);
