//! The command line of msr.

use std::process::ExitCode;

fn main() -> ExitCode {
    msr_cli::run(&msr_cli::registry::standard())
}
