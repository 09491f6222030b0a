//! What instances keep besides their variables: random streams and conditions that are watched, in the last columns of a
//! block, so that they are part of a cell's state like everything else.
//!
//! Streams are NEURON's ([`Random123`]).

use crate::mechanisms::{Column, Role};
use crate::nmodl::model::Model;
use crate::nmodl::run::Host;
use crate::random123::Random123;

/// Columns of a stream: the seed, the numbers that name it, how many words were drawn.
const STREAM: [&str; 5] = ["seed", "id1", "id2", "id3", "drawn"];
/// Place of `drawn` among them.
const DRAWN: usize = 4;
/// Columns of a watch: its state, and the flag of the event that it sends.
const WATCH: [&str; 2] = ["watch", "flag"];

/// States of a watch: not set (0, as at the beginning), set while its condition did not hold, set while it held.
const OFF: f64 = 0.0;
const BELOW: f64 = 1.0;
const ABOVE: f64 = 2.0;
/// A condition that is this close to holding when it is set holds (NEURON's).
const CLOSE: f64 = 1e-11;

/// The columns that a model needs.
pub(super) fn columns(model: &Model) -> impl Iterator<Item = Column> + '_ {
    let column = |name: String, role| Column { name: name.into(), unit: "".into(), role, default: 0.0 };
    let streams = model
        .streams
        .iter()
        .flat_map(move |stream| STREAM.map(|part| column(format!("{stream}.{part}"), Role::Stream)));
    let watches = (0..model.watches.len())
        .flat_map(move |watch| WATCH.map(|part| column(format!("{part}.{watch}"), Role::Watch)));
    streams.chain(watches)
}

/// The host of the instances of a block: streams and watches are the block's, events somebody else's.
pub(super) struct Reach<'a> {
    pub host: &'a mut dyn Host,
    /// The columns.
    pub kept: &'a mut [f64],
    /// Number of instances.
    pub count: usize,
    /// The instance whose statements run.
    pub index: usize,
    /// Number of streams.
    pub streams: usize,
    /// Whether this event has set watches already.
    pub watching: bool,
}

impl Reach<'_> {
    fn at(&mut self, column: usize) -> &mut f64 {
        &mut self.kept[column * self.count + self.index]
    }

    fn watches(&self) -> usize {
        match self.count {
            0 => 0,
            count => (self.kept.len() / count - self.streams * STREAM.len()) / WATCH.len(),
        }
    }

    fn watch_column(&self, watch: usize) -> usize {
        self.streams * STREAM.len() + watch * WATCH.len()
    }

    /// INITIAL: the streams of all instances begin anew, nothing is watched.
    pub fn begin(&mut self) {
        let drawn = (0..self.streams).map(|stream| stream * STREAM.len() + DRAWN);
        let first_watch = self.streams * STREAM.len();
        let watches = (0..self.watches()).map(|watch| first_watch + watch * WATCH.len());
        for column in drawn.chain(watches) {
            self.kept[column * self.count..(column + 1) * self.count].fill(OFF);
        }
    }

    /// Whether a watch is set.
    pub fn is_set(&mut self, watch: usize) -> bool {
        let column = self.watch_column(watch);
        *self.at(column) != OFF
    }

    /// Takes note of how much the condition of a watch that is set holds; the flag of its event where it did not before.
    pub fn note(&mut self, watch: usize, excess: f64) -> Option<f64> {
        let column = self.watch_column(watch);
        let before = std::mem::replace(self.at(column), if excess > 0.0 { ABOVE } else { BELOW });
        (excess > 0.0 && before == BELOW).then(|| *self.at(column + 1))
    }
}

impl Host for Reach<'_> {
    fn instance(&mut self, index: usize) {
        self.index = index;
        self.host.instance(index);
    }

    fn send(&mut self, delay_ms: f64, flag: f64) {
        self.host.send(delay_ms, flag);
    }

    fn emit(&mut self, time_ms: f64) {
        self.host.emit(time_ms);
    }

    fn move_event(&mut self, time_ms: f64) {
        self.host.move_event(time_ms);
    }

    fn uniform(&mut self, stream: u32) -> f64 {
        let first = stream as usize * STREAM.len();
        // Whole numbers below 2^53 are exact.
        let [seed, one, two, three] = [0, 1, 2, 3].map(|part| *self.at(first + part) as u32);
        let mut drawn = *self.at(first + DRAWN) as u64;
        let value = Random123 { seed, ids: [one, two, three] }.uniform(&mut drawn);
        *self.at(first + DRAWN) = drawn as f64;
        value
    }

    fn restart(&mut self, stream: u32) {
        self.seek(stream, 0.0);
    }

    fn seek(&mut self, stream: u32, drawn: f64) {
        *self.at(stream as usize * STREAM.len() + DRAWN) = drawn.max(0.0).floor();
    }

    fn name(&mut self, stream: u32, ids: [f64; 3]) {
        let first = stream as usize * STREAM.len();
        for (part, id) in (1..).zip(ids) {
            *self.at(first + part) = f64::from(id as u32);
        }
        self.restart(stream);
    }

    fn vector(&self, vector: u32) -> &[f64] {
        self.host.vector(vector)
    }

    fn watch(&mut self, watch: usize, flag: f64, excess: f64) {
        if !std::mem::replace(&mut self.watching, true) {
            for other in 0..self.watches() {
                let column = self.watch_column(other);
                *self.at(column) = OFF;
            }
        }
        let column = self.watch_column(watch);
        *self.at(column) = if excess >= -CLOSE { ABOVE } else { BELOW };
        *self.at(column + 1) = flag;
    }
}
