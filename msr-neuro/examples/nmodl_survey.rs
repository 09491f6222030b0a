//! Reads all mechanism files under folders and prints how many compile, run and are refused, and with which message.
//!
//! ```text
//! cargo run -p msr-neuro --example nmodl_survey -- folder ...
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use msr_neuro::nmodl::{
    DensityMechanism, Host, Instance, Kind, Model, Options, PointMechanism, Severity, Stop, Surrounding, compile,
};

/// Streams that are the same number, vectors of three numbers, events that are counted.
#[derive(Default)]
struct Counting {
    sent: usize,
    draws: u32,
}

impl Host for Counting {
    fn send(&mut self, _delay_ms: f64, _flag: f64) {
        self.sent += 1;
    }
    fn emit(&mut self, _time_ms: f64) {}
    fn move_event(&mut self, _time_ms: f64) {}
    fn uniform(&mut self, _stream: u32) -> f64 {
        // Multiples of the golden ratio fill the interval evenly.
        self.draws += 1;
        (f64::from(self.draws) * 0.618_033_988_749_894_8).fract().max(f64::MIN_POSITIVE)
    }
    fn restart(&mut self, _stream: u32) {}
    fn vector(&self, _vector: u32) -> &[f64] {
        &[1.0, 2.0, 3.0]
    }
    fn watch(&mut self, _watch: usize, _flag: f64, _excess: f64) {}
}

/// Initialises an instance, runs it for 100 steps with a swing of the voltage, lets an event arrive.
fn run(model: &Model) -> Result<(), Stop> {
    const STEPS: u32 = 100;
    const DT_MS: f64 = 0.025;
    let mut host = Counting::default();
    let mut instance = Instance::new(model);
    instance.surround(Surrounding::Step, DT_MS);
    instance.surround(Surrounding::Celsius, 34.0);
    instance.surround(Surrounding::Diameter, 2.0);
    instance.surround(Surrounding::Area, 100.0);
    for (name, value) in [
        ("nai", 10.0),
        ("nao", 140.0),
        ("ki", 140.0),
        ("ko", 5.0),
        ("cai", 5e-5),
        ("cao", 2.0),
        ("ena", 50.0),
        ("ek", -77.0),
        ("eca", 130.0),
        ("ttxi", 1.0),
        ("ttxo", 1.0),
    ] {
        instance.set(name, value);
    }
    // Weight 1, as of a presynaptic cell.
    let mut connection = vec![1.0, 0.0, 0.0, 0.0, 0.0];
    instance.surround(Surrounding::Voltage, -65.0);
    instance.initialise(&mut host)?;
    instance.connect(&mut connection, &mut host)?;
    for step in 0..STEPS {
        let time_ms = f64::from(step) * DT_MS;
        instance.surround(Surrounding::Time, time_ms);
        instance.surround(Surrounding::Voltage, -65.0 + 40.0 * (0.1 * f64::from(step)).sin());
        if step == STEPS / 2 {
            instance.receive(&mut connection, 0.0, &mut host)?;
            instance.receive(&mut connection, 1.0, &mut host)?;
        }
        instance.currents(&mut host)?;
        instance.advance(&mut host)?;
    }
    Ok(())
}

fn files(folder: &Path, list: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, list);
        } else if path.extension().is_some_and(|extension| extension == "mod") {
            list.push(path);
        }
    }
}

fn main() {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut list = Vec::new();
    for folder in std::env::args().skip(1) {
        files(Path::new(&folder), &mut list);
    }
    list.sort();
    let mut notes = 0;
    for path in &list {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let row = match compile(&text, &path.display().to_string()) {
            Err(diagnostics) => {
                let first = diagnostics.list.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
                format!("refused: {}", first.map_or("", |diagnostic| diagnostic.message.as_str()))
            }
            Ok((model, found)) => {
                notes += found.list.len();
                match run(&model) {
                    Err(stop) => format!("stops: {stop}"),
                    Ok(()) if model.kind == Kind::Artificial => "runs, artificial cell".to_owned(),
                    Ok(()) if model.kind == Kind::Point => {
                        match PointMechanism::new(model, 34.0, &Options::default()) {
                            Ok(_) => "runs on cells, point process".to_owned(),
                            Err(unusable) => format!("runs, not on cells: {unusable}"),
                        }
                    }
                    Ok(()) => match DensityMechanism::new(model, 34.0, &Options::default()) {
                        Ok(mechanism) if mechanism.is_vectorised() => {
                            "runs in cells, many instances at once".to_owned()
                        }
                        Ok(_) => "runs in cells, one by one".to_owned(),
                        Err(unusable) => format!("runs, not in cells: {unusable}"),
                    },
                }
            }
        };
        rows.entry(row).or_default().push(name);
    }
    println!("{} files, {notes} notes", list.len());
    for (row, mut names) in rows {
        let count = names.len();
        names.sort();
        names.dedup();
        println!("{count:5}  {row}\n       {}", names.join(" "));
    }
}
