//! What is printed for the user to read.

use std::io::{ErrorKind, Write, stdout};

use crate::failure::Failure;

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

#[derive(Debug, thiserror::Error)]
#[error("standard output cannot be written: {0}")]
struct Unprintable(std::io::Error);
