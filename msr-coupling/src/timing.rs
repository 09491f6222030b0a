//! What a user should know of when connections are made.

use msr_config::TimeGrid;
use msr_config::grid::shortest;
use msr_config::multiscale::{Action, WindowOperator};

use crate::exchange::Exchange;
use crate::simulator::Simulator;

/// Simulators whose last step is shorter than the others; connections whose ends meet rarely, never, or not at the end.
pub(crate) fn notes(simulators: &[Box<dyn Simulator>], exchanges: &[Exchange], grid: TimeGrid) -> Vec<String> {
    let end_ms = shortest(grid.end_ms());
    let ends_between = |ndts: u64| !grid.steps.is_multiple_of(ndts);
    let shorter = simulators.iter().filter(|simulator| ends_between(simulator.ndts())).map(|simulator| {
        format!("{}: the run ends at {end_ms} ms, between two of its steps; its last one is shorter", simulator.name())
    });
    let mut notes: Vec<String> = shorter.collect();
    for exchange in exchanges {
        let (key, period_ms) = (&exchange.connection.key, shortest(grid.time_ms(exchange.ndts)));
        let (source, destination) = (&*simulators[exchange.source], &*simulators[exchange.destination]);
        let steps = format!(
            "{} steps every {} ms, {} every {} ms",
            source.name(),
            shortest(source.dt_ms()),
            destination.name(),
            shortest(destination.dt_ms())
        );
        if exchange.ndts > grid.steps {
            let made = match exchange.connection.action {
                Action::Sum => "never made",
                Action::Set | Action::Merge => "made once, at the start",
            };
            notes.push(format!(
                "{key}: {made}: it is due every {period_ms} ms ({steps}), and the run ends at {end_ms} ms"
            ));
            continue;
        }
        if exchange.ndts > source.ndts() && exchange.ndts > destination.ndts() {
            let between = match exchange.connection.window {
                WindowOperator::Last => {
                    "; what happens between is not seen (a window of mean or integral would see it)"
                }
                _ => "",
            };
            notes.push(format!(
                "{key}: made every {period_ms} ms, more rarely than both its ends step ({steps}){between}"
            ));
        }
        if ends_between(exchange.ndts) {
            notes.push(format!("{key}: made every {period_ms} ms, and not at the end of the run at {end_ms} ms"));
        }
    }
    notes
}
