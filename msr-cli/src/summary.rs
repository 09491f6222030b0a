//! What is said at the end of a run.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use msr_coupling::Orchestrator;
use msr_coupling::space::NEURONS;

use crate::progress::Watch;

/// The summary of a finished run, or of one that stopped.
pub fn text(run: &Orchestrator, watch: &Watch, wall: Duration, simulated_ms: f64, results: &Path) -> String {
    let mut text = String::new();
    let cells = run.spaces().space(NEURONS).map_or(0, |space| space.len());
    let alive = cells - run.excluded().len();
    let spikes: u64 = watch.spikes.values().sum();
    let spiking = watch.spikes.len();
    let mut line = |label: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {label:<12} {value}");
    };
    line("simulated", format!("{simulated_ms} ms in {:.1} s", wall.as_secs_f64()));
    line("cells", format!("{alive} of {cells} alive"));
    for exclusion in run.excluded() {
        line("", format!("neuron {} excluded at {} ms: {}", exclusion.neuron, exclusion.time_ms, exclusion.message));
    }
    let rate = 1e3 * spikes as f64 / (cells.max(1) as f64 * simulated_ms.max(f64::MIN_POSITIVE));
    line("spikes", format!("{spikes} from {spiking} cells, {rate:.1} Hz on average"));
    for simulator in run.simulators() {
        for fact in simulator.summary() {
            line(simulator.name(), fact);
        }
    }
    let times = run.times();
    let spent: Duration =
        times.simulators.iter().map(|(_, time)| *time).sum::<Duration>() + times.exchanges + times.observer;
    let share = |time: Duration| {
        let percent = 100.0 * time.as_secs_f64() / spent.as_secs_f64().max(f64::MIN_POSITIVE);
        format!("{:.2} s ({percent:.1}%)", time.as_secs_f64())
    };
    for (name, time) in &times.simulators {
        line("time", format!("{name:<12} {}", share(*time)));
    }
    line("time", format!("{:<12} {}", "exchanges", share(times.exchanges)));
    line("time", format!("{:<12} {}", "reports", share(times.observer)));
    let outside: Vec<String> = run
        .ledger()
        .filter(|(_, ledger)| ledger.sent != 0.0)
        .map(|(key, ledger)| (key, 1.0 - ledger.received / ledger.sent))
        .filter(|(_, lost)| lost.abs() > LOST_WORTH_SAYING)
        .map(|(key, lost)| format!("{key}: {:.3}% lay outside", 100.0 * lost))
        .collect();
    for lost in outside {
        line("lost", lost);
    }
    line("results", results.display().to_string());
    text
}

/// Share of an amount that may get lost in a mapping by rounding alone.
const LOST_WORTH_SAYING: f64 = 1e-9;
