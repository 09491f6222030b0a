//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use msr_config::Override;

use crate::log_level::LogLevel;

/// Heading of the options that every command takes.
const EVERYWHERE: &str = "Options of every command";

/// Simulates brain tissue across scales: neurons, extracellular ions, energy metabolism and blood flow on one clock,
/// from a SONATA circuit and a simulation_config.json.
#[derive(Debug, Parser)]
#[command(
    name = "msr-cli",
    version,
    arg_required_else_help = true,
    after_help = "A first run:\n  msr-cli init demo       make a small circuit with everything in it\n  \
                  msr-cli compute demo    simulate it; results are in demo/RESULTS\n\nExit codes: 0 done; 1 the simulation failed, or results differ; 2 usage or configuration, missing files included; \
                  3 a file of the circuit cannot be read; 4 an output cannot be written; 5 stopped by --stop-after; 130 or 143 stopped by \
                  Ctrl-C or SIGTERM."
)]
pub struct Arguments {
    /// Threads for the simulation; results do not depend on it [default: one for each core]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,

    /// How much to tell; documents (--json, schema, completions, migrate) and differences are printed in any case
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "LEVEL", value_enum, default_value_t = LogLevel::Info)]
    pub log_level: LogLevel,

    /// Print nothing but errors, as with --log-level error
    #[arg(short, long, global = true, help_heading = EVERYWHERE, conflicts_with = "log_level")]
    pub quiet: bool,

    /// Whether to use colours; `auto`: on a terminal, unless the environment has NO_COLOR
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// Parses the command line of the process. Colours are those that it asks for from the first message on.
    pub fn of_process() -> Self {
        match asked_color(std::env::args_os().map(|word| word.to_string_lossy().into_owned())) {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        Self::parse()
    }

    /// How much to tell.
    pub fn level(&self) -> LogLevel {
        if self.quiet { LogLevel::Error } else { self.log_level }
    }
}

/// The value of `--color`, also where the rest of the command line is no good; that of the last one.
fn asked_color(arguments: impl Iterator<Item = String>) -> ColorChoice {
    let mut words = arguments.take_while(|word| word != "--");
    let mut asked = ColorChoice::Auto;
    while let Some(word) = words.next() {
        let value = if word == "--color" { words.next() } else { word.strip_prefix("--color=").map(str::to_owned) };
        asked = value.and_then(|value| value.parse().ok()).unwrap_or(asked);
    }
    asked
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new simulation: a circuit, its configuration, everything that `compute` needs
    #[command(
        after_help = "Examples:\n  msr-cli init demo\n  msr-cli init mine --circuit path/to/circuit_config.json\n\nThe first makes a \
                      circuit and all its files, the second the configuration for a circuit that you have.\nA directory that holds \
                      anything is refused unless --force is given."
    )]
    Init(Init),

    /// Check a configuration and everything that it names, without running
    #[command(
        after_help = "Example:\n  msr-cli check demo\n\nFinds all mistakes at once: misspelt keys, wrong types, missing files, unknown node sets,\n\
                            variables and units of connections, reports, a mesh that does not hold the neurons."
    )]
    Check(Simulation),

    /// Show what a run would do: the order of one period, connections with their ways and units, memory, size of the results
    #[command(
        after_help = "Example:\n  msr-cli plan demo\n\nWithin a period everything happens once in its order; then the order repeats. \
                            Nothing is simulated or written,\nunless --export-mappings names a directory."
    )]
    Plan(Plan),

    /// Simulate, and write the results as SONATA files
    #[command(
        visible_alias = "run",
        after_help = "Examples:\n  msr-cli compute demo\n  msr-cli compute demo --set run.tstop=20 --set output.output_dir=SHORT\n  \
                      msr-cli compute demo --force --checkpoint-every 10 --report\n\nResults are in the directory that output.output_dir \
                      names (of init: RESULTS): spikes in out.h5, a file for each report,\na picture, and manifest.json, which says what \
                      was run. Ctrl-C stops with a checkpoint, `msr-cli resume` goes on."
    )]
    Compute(Compute),

    /// Continue a run from its newest checkpoint
    #[command(
        after_help = "Example:\n  msr-cli resume demo\n\nThe results are those of a run that never stopped. A run that \
                            has ended goes on from its last\ncheckpoint when run.tstop is later now: \
                            msr-cli resume demo --set run.tstop=200"
    )]
    Resume(Resume),

    /// Make one HTML page of the results: spikes, voltages, ions, ATP, vessels, coupling, time and memory
    #[command(
        after_help = "Example:\n  msr-cli post-processing demo\n\nThe page is RESULTS/report.html, one file that needs nothing else. It is \
                            made of what is there,\nalso where the run failed, stopped or was killed."
    )]
    PostProcessing(Simulation),

    /// Print the JSON Schema of a configuration file, by which an editor checks and explains it
    #[command(
        after_help = "Example:\n  msr-cli schema simulation > simulation.schema.json\n\nThen write \"$schema\": \"simulation.schema.json\" \
                            into the configuration."
    )]
    Schema(Schema),

    /// Write a configuration of an older series in the form of today, and list what that changes
    #[command(
        after_help = "Example:\n  msr-cli migrate old --output new/simulation_config.json\n\nNumbers become names, connections keyed by event \
                            become one list, reports move to their\nsimulators. The old file stays as it is."
    )]
    Migrate(Migrate),

    /// Count the cells of a simulation by type
    #[command(after_help = "Example:\n  msr-cli stats demo")]
    Stats(Simulation),

    /// List what connections and reports can read and write: unit, amount or level, space, bounds, and how
    #[command(
        after_help = "Example:\n  msr-cli variables demo\n\nAn amount is summed where several elements become one, a level averaged."
    )]
    Variables(Simulation),

    /// Write the bundled mechanism files (NMODL) into the folder `mod` of a simulation, to edit them
    #[command(
        after_help = "Example:\n  msr-cli edit-mod-files demo\n\nThe files of DIR/mod replace bundled mechanisms of the same names, \
                      and add others: no compiler is\nneeded, check and compute read them. A mod that exists is refused."
    )]
    EditModFiles(EditModFiles),

    /// Compare two results, number by number: exit code 1 if any differ
    #[command(
        after_help = "Example:\n  msr-cli compare demo/RESULTS other/RESULTS --relative 1e-6\n\nNumbers a and b agree where \
                      |a - b| <= absolute + relative * max(|a|, |b|); ids, texts and the\nnumbers of rows must be equal."
    )]
    Compare(Compare),

    /// Print a script that completes commands and options in a shell
    #[command(after_help = "Example:\n  msr-cli completions bash > ~/.local/share/bash-completion/completions/msr-cli")]
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: Shell,
    },

    /// Write manual pages into a directory: msr-cli.1 and one for each command
    #[command(after_help = "Example:\n  msr-cli man ~/.local/share/man/man1\n  man msr-cli")]
    Man {
        /// Directory; made if it does not exist
        directory: PathBuf,
    },

    /// Look up states and parameters of the metabolism model
    #[command(after_help = "Example:\n  msr-cli index ATP")]
    Index(Index),
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Directory to fill; made if it does not exist
    #[arg(default_value = ".")]
    pub directory: PathBuf,

    /// `tiny_CI`, which is made, or the circuit_config.json of a circuit of yours, for which a commented configuration is written
    #[arg(long, value_name = "NAME or FILE", default_value = TINY_CI, value_parser = circuit)]
    pub circuit: Circuit,

    /// Which metabolism model
    #[arg(long, value_name = "MODEL", value_enum, default_value_t = MetabolismModel::Standard)]
    pub metabolism: MetabolismModel,

    /// Fill a directory that is not empty, replacing files of the same names
    #[arg(short, long)]
    pub force: bool,

    /// Do not check the new simulation
    #[arg(long)]
    pub no_check: bool,
}

/// Name of the circuit that `init` makes.
const TINY_CI: &str = "tiny_CI";

/// Circuits that `init` makes a simulation of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Circuit {
    /// Ten neurons of layers 2 to 6 with synapses, astrocytes and vessels, which it makes, too.
    TinyCi,
    /// One that is there: its circuit configuration.
    Own(PathBuf),
}

fn circuit(text: &str) -> Result<Circuit, String> {
    if text == TINY_CI {
        return Ok(Circuit::TinyCi);
    }
    let path = PathBuf::from(text);
    let file = if path.is_dir() { path.join("circuit_config.json") } else { path };
    if file.is_file() {
        return Ok(Circuit::Own(file));
    }
    Err(format!("neither {TINY_CI}, the one circuit that is made here, nor a circuit configuration that exists"))
}

/// Metabolism models that `init` can configure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MetabolismModel {
    /// A healthy adult
    Standard,
    /// The same, with mitochondria by cortical layer
    Young,
    /// With the enzymes and the NAD of the old brain
    Aged,
}

impl MetabolismModel {
    /// Its name in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Young => "young",
            Self::Aged => "aged",
        }
    }
}

/// A simulation to read.
#[derive(Debug, Args)]
pub struct Simulation {
    /// Directory with a simulation_config.json, or such a file
    #[arg(default_value = ".")]
    pub simulation: PathBuf,

    /// Replace a value of the configuration, for example run.tstop=50 or
    /// multiscale_run.connections[0].ndts=400; the value is JSON or a text. Repeat it for more values
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub overrides: Vec<Override>,
}

impl Simulation {
    /// The simulation of a directory, as its file says.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { simulation: directory.into(), overrides: Vec::new() }
    }
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// What to plan
    #[command(flatten)]
    pub simulation: Simulation,

    /// Print all of it as JSON
    #[arg(long)]
    pub json: bool,

    /// Write every mapping between spaces, the matrices that transforms can name, and what each connection multiplies with
    /// into files (Matrix Market, which scipy.io.mmread reads), with a table of their sums and gaps
    #[arg(long, value_name = "DIR")]
    pub export_mappings: Option<PathBuf>,
}

/// Arguments of `compute`.
#[derive(Debug, Args)]
pub struct Compute {
    /// What to simulate
    #[command(flatten)]
    pub simulation: Simulation,

    /// Replace the results of an earlier run
    #[arg(short, long)]
    pub force: bool,

    /// Also write the states right after each step of a coupled simulator, into files ending in _after_adv.h5
    #[arg(long)]
    pub after_advance: bool,

    /// What to leave besides reports, and when to stop
    #[command(flatten)]
    pub saving: Saving,
}

/// What a run leaves besides its reports, and when it stops.
#[derive(Debug, Args)]
pub struct Saving {
    /// Write a checkpoint every MS of simulated time, from which `msr-cli resume` continues; where this is absent, `resume` writes them
    /// as the run before it did
    #[arg(long, value_name = "MS", value_parser = positive_ms)]
    pub checkpoint_every: Option<f64>,

    /// Write a checkpoint whenever so much time has passed since the last one, for example 30m or "1h 15m"
    #[arg(long, value_name = "TIME", value_parser = positive_time)]
    pub checkpoint_every_wall: Option<Duration>,

    /// After so much time finish the window, write a checkpoint and stop with exit code 5: for queues with a time limit
    #[arg(long, value_name = "TIME", value_parser = positive_time)]
    pub stop_after: Option<Duration>,

    /// Where it ends or stops, write the state of vessels and mesh for ParaView (VTK) into the directory vtk of the results
    #[arg(long)]
    pub vtk: bool,

    /// Where it ends or stops, also write report.html, as `msr-cli post-processing` does
    #[arg(long)]
    pub report: bool,

    /// Tell what happens as JSON, one event a line on standard output, in place of texts for people
    #[arg(long, conflicts_with = "quiet")]
    pub json: bool,
}

/// Arguments of `resume`.
#[derive(Debug, Args)]
pub struct Resume {
    /// What to continue; values that `compute` was given with --set hold
    #[command(flatten)]
    pub simulation: Simulation,

    /// What to leave besides reports, and when to stop
    #[command(flatten)]
    pub saving: Saving,
}

/// Wall time, as people write it.
fn positive_time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if time.is_zero() => Err("a time longer than nothing is needed".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(format!("{error}; write it as 90s, 55m, 2h or \"1h 30m\"")),
    }
}

/// A time that is something and has an end.
fn positive_ms(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(time_ms) if time_ms > 0.0 && time_ms.is_finite() => Ok(time_ms),
        _ => Err("a positive number of milliseconds is needed".to_owned()),
    }
}

/// Arguments of `migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Directory with a simulation_config.json, or such a file
    #[arg(default_value = ".")]
    pub simulation: PathBuf,

    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(short, long)]
    pub force: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Directory of results or of a simulation, or one HDF5 file
    pub first: PathBuf,

    /// The other
    pub second: PathBuf,

    /// How far two numbers may be apart, as a part of the larger one
    #[arg(long, value_name = "PART", default_value_t = 0.0, value_parser = tolerance)]
    pub relative: f64,

    /// How far two numbers may be apart, in the unit of each report
    #[arg(long, value_name = "NUMBER", default_value_t = 0.0, value_parser = tolerance)]
    pub absolute: f64,
}

/// A number that is not negative.
fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number >= 0.0 && number.is_finite() => Ok(number),
        _ => Err("a number that is not negative is needed".to_owned()),
    }
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Which file
    #[arg(value_enum, default_value_t = ConfigurationFile::Simulation)]
    pub file: ConfigurationFile,
}

/// Files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigurationFile {
    /// simulation_config.json
    Simulation,
    /// circuit_config.json
    Circuit,
    /// Node sets
    NodeSets,
    /// Compartment sets
    CompartmentSets,
}

/// Arguments of `edit-mod-files`.
#[derive(Debug, Args)]
pub struct EditModFiles {
    /// Directory of the simulation; made if it does not exist
    #[arg(default_value = ".")]
    pub directory: PathBuf,
}

/// Arguments of `index`.
#[derive(Debug, Args)]
pub struct Index {
    /// Part of a name; all where absent
    pub name: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;
    use pulldown_cmark::{Event, Parser as Markdown};

    use super::*;

    #[test]
    fn colours_are_asked_for() {
        let asked = |words: &str| asked_color(words.split(' ').map(str::to_owned));
        assert_eq!(asked("msr-cli check --color never"), ColorChoice::Never);
        assert_eq!(asked("msr-cli --color=always check --nonsense"), ColorChoice::Always);
        assert_eq!(asked("msr-cli check demo"), ColorChoice::Auto);
        assert_eq!(asked("msr-cli --color red"), ColorChoice::Auto);
        assert_eq!(asked("msr-cli check -- --color never"), ColorChoice::Auto);
    }

    /// Commands in the running text have the names and options that there are.
    #[test]
    fn commands_in_texts_exist() {
        let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let chapters = repository.join("docs/src").read_dir().unwrap().map(|entry| entry.unwrap().path());
        let mut checked = 0;
        for page in chapters.chain([repository.join("README.md")]).filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&page).unwrap();
            for event in Markdown::new(&text) {
                let Event::Code(code) = event else { continue };
                if !code.starts_with("msr-cli ") {
                    continue;
                }
                let words = code.split_whitespace().filter(|word| !word.starts_with('['));
                if let Err(error) = Arguments::command().try_get_matches_from(words) {
                    let exists = ![ErrorKind::InvalidSubcommand, ErrorKind::UnknownArgument].contains(&error.kind());
                    assert!(exists, "{}: `{code}`: {error}", page.display());
                }
                checked += 1;
            }
        }
        assert!(checked > 20, "{checked} commands");
    }
}
