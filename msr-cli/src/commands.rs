//! One module a command.

pub mod check;
pub mod compare;
pub mod completions;
pub mod compute;
pub mod edit_mod_files;
pub mod index;
pub mod init;
pub mod man;
pub mod migrate;
pub mod plan;
pub mod post_processing;
pub mod resume;
pub mod schema;
pub mod stats;
pub mod variables;
