//! msr with oxygen.

use std::process::ExitCode;

// ANCHOR: main
fn main() -> ExitCode {
    msr_cli::run(&msr_oxygen::registry())
}
// ANCHOR_END: main
