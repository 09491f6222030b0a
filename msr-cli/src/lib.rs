//! The command line of msr, as a library: a program with simulators of its own calls [`run`] with its own registry.

mod arguments;
mod assembly;
mod commands;
mod comparison;
mod execution;
mod failure;
mod footprint;
pub mod init;
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
mod stdout;
mod stopping;
mod summary;
mod timetable;

use std::process::ExitCode;

use clap::Parser;
use msr_coupling::Registry;

use arguments::{Arguments, Command};

/// Parses the command line, does what it says with the simulators of `registry`, and says how it ended.
pub fn run(registry: &Registry) -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(threads) = arguments.threads
        && let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global()
    {
        eprintln!("msr-cli: {error}");
        return ExitCode::from(2);
    }
    let quiet = arguments.quiet;
    let outcome = match arguments.command {
        Command::Init(init) => commands::init::run(&init, registry, quiet),
        Command::Check(simulation) => commands::check::run(&simulation, registry, quiet),
        Command::Plan(plan) => commands::plan::run(&plan, registry),
        Command::Compute(compute) => commands::compute::run(&compute, registry, quiet),
        Command::Resume(resume) => commands::resume::run(&resume, registry, quiet),
        Command::PostProcessing(simulation) => commands::post_processing::run(&simulation, registry, quiet),
        Command::Schema(schema) => commands::schema::run(schema.file, registry),
        Command::Migrate(migrate) => commands::migrate::run(&migrate, quiet),
        Command::Stats(simulation) => commands::stats::run(&simulation),
        Command::Variables(simulation) => commands::variables::run(&simulation, registry),
        Command::EditModFiles(edit) => commands::edit_mod_files::run(&edit.directory, quiet),
        Command::Compare(compare) => commands::compare::run(&compare, quiet),
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Man { directory } => commands::man::run(&directory, quiet),
        Command::Index(index) => commands::index::run(index.name.as_deref()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}
