//! The command line of msr, as a library: a program with simulators of its own calls [`run`] with its own registry.

mod arguments;
mod assembly;
mod commands;
mod comparison;
mod execution;
mod failure;
mod footprint;
pub mod init;
mod log_level;
mod manifest;
mod mapping_export;
mod mechanism_folder;
mod migration;
mod overview;
mod page;
mod progress;
pub mod registry;
mod results;
mod saved_run;
mod stopping;
mod summary;
mod timetable;
mod told;

use std::process::ExitCode;

use msr_coupling::Registry;

use arguments::{Arguments, Command};

/// Parses the command line, does what it says with the simulators of `registry`, and says how it ended.
pub fn run(registry: &Registry) -> ExitCode {
    let arguments = Arguments::of_process();
    if let Some(threads) = arguments.threads
        && let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global()
    {
        eprintln!("msr-cli: {error}");
        return ExitCode::from(2);
    }
    stopping::outlast_size_limits();
    let level = arguments.level();
    let outcome = match arguments.command {
        Command::Init(init) => commands::init::run(&init, registry, level),
        Command::Check(simulation) => commands::check::run(&simulation, registry, level),
        Command::Plan(plan) => commands::plan::run(&plan, registry, level),
        Command::Compute(compute) => commands::compute::run(&compute, registry, level),
        Command::Resume(resume) => commands::resume::run(&resume, registry, level),
        Command::PostProcessing(simulation) => commands::post_processing::run(&simulation, registry, level),
        Command::Schema(schema) => commands::schema::run(schema.file, registry),
        Command::Migrate(migrate) => commands::migrate::run(&migrate, level),
        Command::Stats(simulation) => commands::stats::run(&simulation, level),
        Command::Variables(simulation) => commands::variables::run(&simulation, registry, level),
        Command::EditModFiles(edit) => commands::edit_mod_files::run(&edit.directory, level),
        Command::Compare(compare) => commands::compare::run(&compare, level),
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Man { directory } => commands::man::run(&directory, level),
        Command::Index(index) => commands::index::run(index.name.as_deref(), level),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            told::fail(&failure);
            failure.exit_code()
        }
    }
}
