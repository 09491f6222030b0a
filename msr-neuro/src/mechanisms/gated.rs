//! Ohmic channels with gates: `i = gbar open(gates) (v - e)`, each gate relaxing to its steady value.

use super::kinetics::relaxed;
use super::{Column, Columns, Mechanism};
use crate::ions::Membrane;

/// The ion that flows through a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// Sodium: reversal `ena`, counted in `ina`.
    Sodium,
    /// Potassium: reversal `ek`, counted in `ik`.
    Potassium,
    /// Calcium: reversal `eca`, counted in `ica`.
    Calcium,
}

/// Steady value and time constant of a gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Value that it relaxes to.
    pub steady: f64,
    /// Time constant, in ms.
    pub tau_ms: f64,
}

/// Kinetics of a channel with `G` gates and `P` parameters besides its density.
pub trait Channel<const G: usize, const P: usize>: Send + Sync {
    /// Rates of the gates at a voltage (mV) and a calcium concentration inside (mM).
    fn rates(&self, v: f64, cai: f64, parameters: [f64; P]) -> [Rate; G];

    /// Open fraction.
    fn open(&self, gates: [f64; G]) -> f64;
}

/// A channel as a mechanism. Columns: density `gbar` (S/cm2), current density `i`, gates, parameters: `N = 2 + G + P`.
pub struct Gated<C, const G: usize, const P: usize, const N: usize> {
    name: &'static str,
    carrier: Carrier,
    columns: Vec<Column>,
    channel: C,
}

impl<C: Channel<G, P>, const G: usize, const P: usize, const N: usize> Gated<C, G, P, N> {
    /// A channel whose density is called `gbar_name`.
    pub fn new(
        name: &'static str,
        carrier: Carrier,
        gbar_name: &'static str,
        gates: [&'static str; G],
        parameters: [Column; P],
        channel: C,
    ) -> Self {
        const { assert!(N == 2 + G + P) };
        let mut columns = vec![Column::parameter(gbar_name, "S/cm2", DEFAULT_DENSITY), Column::assigned("i", "mA/cm2")];
        columns.extend(gates.map(|gate| Column::state(gate, "")));
        columns.extend(parameters);
        Self { name, carrier, columns, channel }
    }
}

/// Density of a channel that was inserted without one, in S/cm2: as good as none.
const DEFAULT_DENSITY: f64 = 1e-5;

impl<C: Channel<G, P>, const G: usize, const P: usize, const N: usize> Mechanism for Gated<C, G, P, N> {
    fn name(&self) -> &str {
        self.name
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn initialise(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let (nodes, columns) = block.split::<N>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let parameters = std::array::from_fn(|p| columns[2 + G + p][index]);
            let rates = self.channel.rates(membrane.v[node], membrane.cai[node], parameters);
            for gate in 0..G {
                columns[2 + gate][index] = rates[gate].steady;
            }
        }
    }

    fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let (nodes, columns) = block.split::<N>();
        let (reversal, ion) = match self.carrier {
            Carrier::Sodium => (&membrane.ena, &mut membrane.ina),
            Carrier::Potassium => (&membrane.ek, &mut membrane.ik),
            Carrier::Calcium => (&membrane.eca, &mut membrane.ica),
        };
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let conductance =
                columns[0][index] * self.channel.open(std::array::from_fn(|gate| columns[2 + gate][index]));
            let current = conductance * (membrane.v[node] - reversal[node]);
            columns[1][index] = current;
            ion[node] += current;
            membrane.current[node] += current;
            membrane.conductance[node] += conductance;
        }
    }

    fn advance(&self, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64) {
        let (nodes, columns) = block.split::<N>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let parameters = std::array::from_fn(|p| columns[2 + G + p][index]);
            let rates = self.channel.rates(membrane.v[node], membrane.cai[node], parameters);
            for gate in 0..G {
                columns[2 + gate][index] = relaxed(columns[2 + gate][index], rates[gate], dt_ms);
            }
        }
    }
}
