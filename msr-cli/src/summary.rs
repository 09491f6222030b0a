//! What is said at the end of a run.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::time::Duration;

use msr_config::TimeGrid;
use msr_coupling::space::NEURONS;
use msr_coupling::{LedgerEntry, Orchestrator};
use serde::Serialize;

use crate::told::LABEL;

/// One line of the summary.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    label: String,
    text: String,
}

impl Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {LABEL}{:<12}{LABEL:#} {}", self.label, self.text)
    }
}

/// One line of the summary.
pub fn line(label: &str, value: impl Display) -> Line {
    Line { label: label.to_owned(), text: value.to_string() }
}

/// Numbers of cells that have spiked, and of their spikes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spiked {
    pub cells: u64,
    pub spikes: u64,
}

impl Spiked {
    /// Of neurons and of astrocytes, from the spikes by id.
    pub fn of(spikes: &BTreeMap<u64, u64>, is_astrocyte: impl Fn(u64) -> bool) -> [Self; 2] {
        let mut found = [Self::default(); 2];
        for (&id, &spikes) in spikes {
            let kind = &mut found[usize::from(is_astrocyte(id))];
            *kind = Self { cells: kind.cells + 1, spikes: kind.spikes + spikes };
        }
        found
    }
}

/// The summary of a finished run, or of one that stopped, of which this part began at `begin_ms`; with spikes of neurons and of astrocytes so
/// far.
pub fn lines(
    run: &Orchestrator,
    [neurons, astrocytes]: [Spiked; 2],
    wall: Duration,
    grid: TimeGrid,
    begin_ms: f64,
    stopped: Option<&str>,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut say = |label: &str, value: String| lines.push(line(label, value));
    if let Some(reason) = stopped {
        say("STOPPED", reason.to_owned());
    }
    let simulated_ms = grid.time_ms(run.idts());
    let from = if begin_ms > 0.0 { format!(", from {begin_ms} ms") } else { String::new() };
    say("simulated", format!("{simulated_ms} of {} ms{from} in {:.1} s", grid.end_ms(), wall.as_secs_f64()));
    let cells = run.spaces().space(NEURONS).map_or(0, |space| space.len());
    say("cells", format!("{} of {cells} alive", cells - run.excluded().len()));
    for exclusion in run.excluded().iter().take(EXCLUDED_SHOWN) {
        say("", format!("neuron {} excluded at {} ms: {}", exclusion.neuron, exclusion.time_ms, exclusion.message));
    }
    if run.excluded().len() > EXCLUDED_SHOWN {
        say("", format!("and {} more", run.excluded().len() - EXCLUDED_SHOWN));
    }
    let Spiked { cells: spiked, spikes } = neurons;
    let rate = 1e3 * spikes as f64 / (cells.max(1) as f64 * simulated_ms.max(f64::MIN_POSITIVE));
    say("spikes", format!("{spikes} from {spiked} cells, {rate:.1} Hz on average"));
    if astrocytes.cells > 0 {
        say("", format!("{} from {} astrocytes", astrocytes.spikes, astrocytes.cells));
    }
    for record in run.mapping_records() {
        say("mappings", record.to_string());
    }
    for simulator in run.simulators() {
        for fact in simulator.summary() {
            say(simulator.name(), fact);
        }
    }
    for (simulators, record) in run.iterations().filter(|(_, record)| record.windows > 0) {
        let mean = record.repetitions as f64 / record.windows as f64;
        let repetitions = format!("{mean:.1} repetitions a window, at most {}", record.most);
        say("iterated", format!("{}: {repetitions}", simulators.join(", ")));
    }
    for entry in run.ledger() {
        let LedgerEntry { connection, ledger, amount_unit, .. } = entry;
        let share = |part: f64| 100.0 * part / ledger.sent;
        if ledger.outside.abs() > LOST_WORTH_SAYING * ledger.sent.abs() {
            say("lost", format!("{connection}: {:.3}% lay outside", share(ledger.outside)));
        }
        if ledger.excluded != 0.0 {
            say("lost", format!("{connection}: {:.3}% belonged to excluded neurons", share(ledger.excluded)));
        }
        if amount_unit.is_some() && ledger.count > 0 {
            let accounted = ledger.received + ledger.outside + ledger.excluded;
            let residual = (1.0 - accounted / ledger.sent).abs();
            if residual.is_finite() {
                say("conserved", format!("{connection}: what was sent is accounted for to {residual:.1e}"));
            }
        }
    }
    let parts = seconds(run);
    let spent: f64 = parts.iter().map(|(_, seconds)| seconds).sum();
    for (name, seconds) in parts {
        let percent = 100.0 * seconds / spent.max(f64::MIN_POSITIVE);
        say("time", format!("{name:<12} {seconds:.2} s ({percent:.1}%)"));
    }
    lines
}

/// Seconds of wall time that each part of a run has taken so far.
pub fn seconds(run: &Orchestrator) -> Vec<(&str, f64)> {
    let times = run.times();
    let parts = times.simulators.iter().map(|(name, time)| (name.as_str(), time.as_secs_f64()));
    parts.chain([("exchanges", times.exchanges.as_secs_f64()), ("reports", times.observer.as_secs_f64())]).collect()
}

/// Excluded neurons that are named one by one.
const EXCLUDED_SHOWN: usize = 10;

/// Share of an amount that may get lost in a mapping by rounding alone.
const LOST_WORTH_SAYING: f64 = 1e-9;
