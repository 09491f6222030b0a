//! How much is told.

use clap::ValueEnum;

/// How much is told, from little to much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LogLevel {
    /// Only what goes wrong
    Error,
    /// Also warnings and notes
    Warning,
    /// Also progress, summary, and the tables of check, plan, stats, variables and index
    Info,
    /// Also what was understood of the input, and each checkpoint
    Debug,
}
