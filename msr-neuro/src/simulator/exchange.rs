//! What cells exchange between two windows: spikes, those that are played, voltages through gap junctions, and what astrocytes hear.

use std::ops::Range;

use msr_coupling::Spike;

use super::network::Place;
use super::sampling::Sampled;
use super::{ArtificialCells, NeuroSimulator};
use crate::astrocytes::CoveredSynapse;
use crate::cell::{Cell, PointId};
use crate::synapses::Signal;

/// Everything that events can reach.
struct Reached<'a> {
    cells: &'a mut [Cell],
    artificial: &'a mut Option<ArtificialCells>,
    excluded: &'a [bool],
}

impl Reached<'_> {
    /// An event that will arrive at a time; excluded cells hear nothing.
    fn send(&mut self, place: Place, time_ms: f64, signal: Signal) {
        match place {
            Place::Cell(cell, receiver) => {
                if !self.excluded[cell as usize] {
                    self.cells[cell as usize].reach(receiver, time_ms, signal);
                }
            }
            Place::Artificial(connection) => {
                self.artificial.as_mut().expect("a target is there").send(connection, time_ms);
            }
        }
    }
}

impl NeuroSimulator {
    /// Shows both sides of gap junctions the voltages of the moment.
    pub(super) fn transfer_voltages(&mut self) {
        for gap in &self.network.gaps {
            let v = self.cells[gap.other].state().membrane.v[gap.node];
            self.cells[gap.cell].set_point_value(gap.voltage, v);
        }
    }

    /// Plays the spikes before `until_ms` that were not played before `from_ms`.
    pub(super) fn play(&mut self, from_ms: f64, until_ms: f64) {
        let Self { cells, artificial, excluded, network, .. } = self;
        let mut reached = Reached { cells, artificial, excluded };
        for train in &network.trains {
            let [first, end] = [from_ms, until_ms].map(|end_ms| train.times_ms.partition_point(|&time| time < end_ms));
            for time_ms in &train.times_ms[first..end] {
                for &(place, delay_ms) in &train.targets {
                    reached.send(place, time_ms + delay_ms, Signal::Replay);
                }
            }
        }
    }

    /// Sends the spikes of a window to where they are going.
    pub(super) fn exchange_spikes(&mut self) {
        let Self { cells, artificial, excluded, network, ids, window_spikes, point_events, spikes, .. } = self;
        let dt_ms = self.dt_ms;
        let mut reached = Reached { cells, artificial, excluded };
        for source in 0..ids.len() {
            for &step in &window_spikes[source] {
                spikes.push(Spike { time_ms: step as f64 * dt_ms, neuron: ids[source] });
                for target in network.targets(source) {
                    reached.send(target.place, target.after_step(step, dt_ms), Signal::Spike);
                }
            }
            point_events.clear();
            point_events.extend(reached.cells[source].take_net_events());
            for event in point_events.iter() {
                for target in network.point_targets(source, PointId(event.point)) {
                    reached.send(target.place, target.after(event.time_ms, dt_ms), Signal::Spike);
                }
            }
        }
        point_events.clear();
        if let Some(artificial) = reached.artificial.as_mut() {
            point_events.extend(artificial.take_spikes());
            spikes.extend(point_events.iter().map(|event| {
                let neuron = artificial.ids()[event.point as usize];
                Spike { time_ms: event.time_ms, neuron }
            }));
        }
        for event in point_events.iter() {
            for target in network.artificial_targets(event.point as usize) {
                reached.send(target.place, target.after(event.time_ms, dt_ms), Signal::Spike);
            }
        }
    }

    /// Lets astrocytes hear what was released in these steps and make them, too; the node and the failure of one that cannot go on.
    pub(super) fn advance_astrocytes(&mut self, steps: Range<u64>, sampled: &mut Sampled<'_>) -> Option<(u64, String)> {
        let astrocytes = self.astrocytes.as_mut()?;
        for (position, cell) in (0..).zip(&mut self.cells) {
            for release in cell.take_releases() {
                let covered = CoveredSynapse { cell: position, synapse: release.synapse };
                astrocytes.receive(release.step, covered, release.fraction);
            }
        }
        sampled.of_astrocytes().advance(astrocytes, steps);
        let told = |(neuron, step)| Spike { time_ms: step as f64 * self.dt_ms, neuron };
        self.spikes.extend(astrocytes.take_spikes().map(told));
        let (node, failure) = astrocytes.failure()?;
        Some((astrocytes.spike_id(node), format!("astrocyte {node} of '{}': {failure}", astrocytes.population())))
    }
}
