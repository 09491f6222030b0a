//! Gives broken files to all readers for as long as one likes:
//! `fuzz_readers [--minutes 60] [--seed 1] [--readers nmodl,hoc,nml,swc,asc,h5tables,h5] [--from NUMBER] [FOLDER ...]`.
//!
//! Inputs are the texts of the repository (and files of the folders) with random edits. Each must be read or refused within
//! 10 s and 512 MB. What panics, lasts longer or takes more is written to `fuzz_<reader>_<seed>_<number>`, and the program
//! ends with a failure; with `--from NUMBER` that input comes first.
//!
//! `cargo run -p msr-neuro --release --features hdf5 --example fuzz_readers -- --minutes 60`

#[path = "../tests/fuzzing/mod.rs"]
mod fuzzing;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fuzzing::{MEMORY, Reader, input};

/// An input that lasts longer hangs: in naps of the watch, so that a program that was stopped for a while is not taken for one.
const PATIENCE: Duration = Duration::from_secs(10);
const NAP: Duration = Duration::from_millis(200);
/// Stack of the threads of Rust programs: deep nesting must not overflow it.
const STACK: usize = 2 << 20;
/// Inputs of a reader before the next one has its turn.
const TURN: u64 = 500;

struct Settings {
    minutes: f64,
    seed: u64,
    from: u64,
    readers: Vec<Reader>,
    folders: Vec<PathBuf>,
}

fn settings() -> Result<Settings, Box<dyn std::error::Error>> {
    let mut settings = Settings { minutes: 60.0, seed: 1, from: 0, readers: Reader::ALL.to_vec(), folders: Vec::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--minutes" => settings.minutes = value()?.parse()?,
            "--seed" => settings.seed = value()?.parse()?,
            "--from" => settings.from = value()?.parse()?,
            "--readers" => {
                let names = value()?;
                let find = |name: &str| Reader::ALL.iter().copied().find(|reader| reader.name() == name);
                settings.readers = names
                    .split(',')
                    .map(|name| find(name).ok_or(format!("no reader '{name}' in this build")))
                    .collect::<Result<_, _>>()?;
            }
            folder => settings.folders.push(folder.into()),
        }
    }
    Ok(settings)
}

/// The input that is being read, for the watch.
static CURRENT: Mutex<Option<(String, Vec<u8>)>> = Mutex::new(None);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = settings()?;
    std::thread::spawn(|| {
        let (mut reading, mut naps) = (String::new(), 0);
        loop {
            std::thread::sleep(NAP);
            let current = CURRENT.lock().unwrap();
            let Some((name, text)) = &*current else { continue };
            naps = if reading == *name { naps + 1 } else { 0 };
            reading.clone_from(name);
            if naps * NAP > PATIENCE {
                std::fs::write(name, text).expect("the input that hangs can be written");
                eprintln!("{name}: not read within {PATIENCE:?}");
                std::process::exit(2);
            }
        }
    });
    let failures = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK);
        worker.spawn_scoped(scope, || failures.store(run(&settings), Ordering::Relaxed)).map(drop)
    })?;
    match failures.into_inner() {
        0 => Ok(()),
        count => Err(format!("{count} inputs failed").into()),
    }
}

/// Number of failures.
fn run(settings: &Settings) -> u64 {
    let corpora: Vec<Vec<Vec<u8>>> = settings.readers.iter().map(|reader| reader.corpus(&settings.folders)).collect();
    let (start, end) = (Instant::now(), Duration::from_secs_f64(60.0 * settings.minutes));
    let mut accepted = vec![0_u64; settings.readers.len()];
    let (mut failures, mut most_memory, mut longest) = (0, 0, Duration::ZERO);
    let (mut number, mut told) = (settings.from, Instant::now());
    while start.elapsed() < end {
        for ((&reader, corpus), accepted) in settings.readers.iter().zip(&corpora).zip(&mut accepted) {
            for number in number..number + TURN {
                let text = input(reader, corpus, settings.seed, number);
                let name = format!("fuzz_{}_{}_{number}", reader.name(), settings.seed);
                let begin = Instant::now();
                *CURRENT.lock().unwrap() = Some((name.clone(), text.clone()));
                let mut result = Ok(false);
                let counted = allocation_counter::measure(|| {
                    result = catch_unwind(AssertUnwindSafe(|| reader.accepts(&text)));
                });
                *CURRENT.lock().unwrap() = None;
                longest = longest.max(begin.elapsed());
                most_memory = most_memory.max(counted.bytes_max);
                *accepted += u64::from(matches!(result, Ok(true)));
                if result.is_err() || counted.bytes_max > MEMORY {
                    failures += 1;
                    eprintln!("{name}: panicked: {}, {} bytes", result.is_err(), counted.bytes_max);
                    std::fs::write(&name, &text).expect("the input that fails can be written");
                }
            }
        }
        number += TURN;
        if told.elapsed() > Duration::from_secs(60) || start.elapsed() >= end {
            told = Instant::now();
            let counts: Vec<String> = settings
                .readers
                .iter()
                .zip(&accepted)
                .map(|(reader, count)| format!("{} {count}", reader.name()))
                .collect();
            println!(
                "{:.1} min: {} inputs each, accepted: {}; longest {longest:.1?}, most memory {:.1} MB, {failures} failures",
                start.elapsed().as_secs_f64() / 60.0,
                number - settings.from,
                counts.join(", "),
                most_memory as f64 / 1e6
            );
        }
    }
    failures
}
