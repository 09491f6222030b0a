//! The circuit against the literature's ranges, and its files against what they hold.

mod excitability;
mod files;
mod graph;
mod shapes;

use super::{Circuit, SEED};

fn circuit() -> &'static Circuit {
    static CIRCUIT: std::sync::OnceLock<Circuit> = std::sync::OnceLock::new();
    CIRCUIT.get_or_init(|| Circuit::grow(SEED))
}
