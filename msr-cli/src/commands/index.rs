//! `msr-cli index`.

use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::registry;
use crate::told::print;

/// Prints the states and parameters that have `name` in theirs.
pub fn run(name: Option<&str>, level: LogLevel) -> Result<(), Failure> {
    let lines = registry::metabolism_index(name);
    if lines.is_empty() {
        let name = name.unwrap_or_default().to_owned();
        return Err(Failure::configuration(NothingNamed { name }));
    }
    if level < LogLevel::Info { Ok(()) } else { print(lines) }
}

#[derive(Debug, thiserror::Error)]
#[error("no state or parameter of the metabolism model has '{name}' in its name; `msr-cli index` lists all")]
struct NothingNamed {
    name: String,
}
