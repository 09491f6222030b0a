//! `msr-cli compare`.

use std::path::{Path, PathBuf};

use msr_config::SimulationConfig;

use crate::arguments::Compare;
use crate::comparison::{self, Comparison, Tolerance};
use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::told::print;

/// Differences that are printed; all are counted.
const PRINTED: usize = 100;

pub fn run(arguments: &Compare, level: LogLevel) -> Result<(), Failure> {
    let [first, second] = [results(&arguments.first)?, results(&arguments.second)?];
    let tolerance = Tolerance { absolute: arguments.absolute, relative: arguments.relative };
    let Comparison { files, values, differences } =
        comparison::compare([&first, &second], tolerance).map_err(Failure::input)?;
    if differences.is_empty() {
        return if level < LogLevel::Info {
            Ok(())
        } else {
            print([format!("no difference: {values} values in {files} files")])
        };
    }
    print(differences.iter().take(PRINTED))?;
    if differences.len() > PRINTED {
        print([format!("and {} more", differences.len() - PRINTED)])?;
    }
    Err(Failure::Different { differences: differences.len() })
}

/// Where results are: a file or directory of them, or of the simulation whose configuration is there.
fn results(place: &Path) -> Result<PathBuf, Failure> {
    if !place.join("simulation_config.json").is_file() {
        return Ok(place.to_owned());
    }
    let configuration = SimulationConfig::load(place).map_err(Failure::configuration)?;
    Ok(configuration.output.output_dir)
}
