//! One cell: cable, mechanisms, synapses, point processes and electrodes, and its state.
//!
//! A step from `t` to `t + dt` (implicit Euler or Crank-Nicolson, NEURON's staggered scheme): events due at `t` reach their synapses;
//! currents are computed at `v(t)` with electrodes at `t + dt/2`; the cable equation gives `v(t + dt)`; then
//! concentrations, gates and synapses advance with the new voltage; every 0.1 ms ions and ATP diffuse along the cable.

mod along;
mod arrivals;
mod build;
mod excitability;
mod failure;
mod imposed;
mod layers;
mod modifying;
mod named;
mod order;
mod placing;
mod pointers;
mod streams;

pub use arrivals::{Receiver, Spontaneous};
pub(crate) use build::CONDUCTANCE;
pub use build::{BuildError, CellBuilder};
pub use excitability::{Excitability, ExcitabilityError};
pub use failure::CellFailure;
pub use imposed::Imposed;
pub use named::{NamedSynapse, SynapsePlace};
pub use placing::{ConnectionId, PointId, PointPlace};
pub use pointers::{Holder, Quantity};
pub use streams::StreamKeys;

use serde::{Deserialize, Serialize};

use crate::cable::{Cable, MembraneFlow, Solver};
use crate::diffusion::Diffusion;
use crate::discretisation::Discretisation;
use crate::ions::{FixedReversals, Membrane, Reversals};
use crate::mechanisms::{Columns, LAYERS, Mechanism};
use crate::points::{Around, Heeded, Points, PointsState};
use crate::stimuli::{Clamp, Field, Origin, Stimuli, Stimulus};
use crate::synapses::{EventQueue, Synapse, SynapseState, Synapses};
use along::Along;
use arrivals::{LateWeight, SpontaneousState};
use layers::Layers;
pub(crate) use pointers::{Keeper, Pointers, Values};
pub(crate) use streams::{fill as fill_streams, fraction};

/// Everything about a cell that changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CellState {
    /// Steps done.
    pub step: u64,
    /// Voltage, concentrations, currents.
    pub membrane: Membrane,
    /// Columns of each mechanism.
    blocks: Vec<Vec<f64>>,
    synapses: Vec<SynapseState>,
    points: PointsState,
    events: EventQueue,
    spontaneous: SpontaneousState,
    /// Current that electrodes injected in the last step, by node, in nA.
    injected_na: Vec<f64>,
    /// Potentials of the layers at the ends of sections, by node, where there are layers.
    layer_ends_mv: Vec<[f64; LAYERS]>,
    above_threshold: bool,
}

impl CellState {
    /// Takes over the values of another state of the same cell in the memory at hand.
    pub fn assign(&mut self, other: &Self) {
        self.step = other.step;
        self.membrane.assign(&other.membrane);
        self.blocks.clone_from(&other.blocks);
        self.synapses.clone_from(&other.synapses);
        self.points.assign(&other.points);
        self.events.clone_from(&other.events);
        self.spontaneous.assign(&other.spontaneous);
        self.injected_na.clone_from(&other.injected_na);
        self.layer_ends_mv.clone_from(&other.layer_ends_mv);
        self.above_threshold = other.above_threshold;
    }

    /// Whether both can be states of one cell.
    pub fn same_shape(&self, other: &Self) -> bool {
        self.membrane.v.len() == other.membrane.v.len()
            && self.synapses.len() == other.synapses.len()
            && self.points.same_shape(&other.points)
            && self.spontaneous.same_shape(&other.spontaneous)
            && self.layer_ends_mv.len() == other.layer_ends_mv.len()
            && self.blocks.len() == other.blocks.len()
            && self.blocks.iter().zip(&other.blocks).all(|(a, b)| a.len() == b.len())
    }
}

/// Vesicles released at a watched synapse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Release {
    /// The step in which it happened.
    pub step: u64,
    /// Number of the synapse; point processes follow the other synapses.
    pub synapse: u32,
    /// Part of its vesicles: of point processes what they release on average (their `Use`), or all.
    pub fraction: f64,
}

/// One cell.
pub struct Cell {
    discretisation: Discretisation,
    cable: Cable,
    diffusion: Diffusion,
    keeping: Keeping,
    mechanisms: Vec<Box<dyn Mechanism>>,
    /// Nodes of each mechanism.
    nodes: Vec<Vec<u32>>,
    synapses: Synapses,
    spontaneous: Vec<Spontaneous>,
    /// Ordered by step.
    late_weights: Vec<LateWeight>,
    named: Vec<NamedSynapse>,
    points: Points,
    pointers: Pointers,
    along: Vec<Along>,
    /// Whether releases of a synapse are noted; shorter than the synapses where the last are not.
    watched: Vec<bool>,
    releases: Vec<Release>,
    stimuli: Stimuli,
    reversals: Reversals,
    fixed: FixedReversals,
    /// Whether currents of ions are brought to the middle of the step.
    ion_slopes: bool,
    celsius: f64,
    dt_ms: f64,
    threshold_mv: f64,
    /// Node whose voltage makes spikes.
    spike_node: usize,
    state: CellState,
    solver: Solver,
    layers: Option<Layers>,
    /// One value a node, for diffusion.
    scratch: Vec<f64>,
}

impl Cell {
    /// Sections and segments.
    pub fn discretisation(&self) -> &Discretisation {
        &self.discretisation
    }

    /// Cable.
    pub fn cable(&self) -> &Cable {
        &self.cable
    }

    /// Whether it has layers outside of its membrane (the mechanism `extracellular`).
    pub fn has_layers(&self) -> bool {
        self.layers.is_some()
    }

    /// State.
    pub fn state(&self) -> &CellState {
        &self.state
    }

    /// State, to write concentrations.
    pub fn state_mut(&mut self) -> &mut CellState {
        &mut self.state
    }

    /// Its mechanisms with the nodes that carry them.
    pub fn mechanisms(&self) -> impl Iterator<Item = (&dyn Mechanism, &[u32])> {
        self.mechanisms.iter().map(|mechanism| &**mechanism).zip(self.nodes.iter().map(Vec::as_slice))
    }

    /// Values of one column of a mechanism, one for each node that carries it.
    pub fn mechanism_values(&self, mechanism: &str, column: &str) -> Option<(&[u32], &[f64])> {
        let index = self.mechanisms.iter().position(|known| known.name() == mechanism)?;
        let column = self.mechanisms[index].columns().iter().position(|known| known.name == column)?;
        let count = self.nodes[index].len();
        Some((&self.nodes[index], &self.state.blocks[index][column * count..(column + 1) * count]))
    }

    /// Voltage of a segment, in mV.
    pub fn voltage_mv(&self, segment: usize) -> f64 {
        self.state.membrane.v[self.node(segment)]
    }

    /// Node of a segment.
    pub fn node(&self, segment: usize) -> usize {
        self.cable.segment_nodes()[segment] as usize
    }

    /// Writes one value a segment into a column of the membrane.
    pub fn write(&mut self, column: fn(&mut Membrane) -> &mut Vec<f64>, values: &[f64]) {
        let column = column(&mut self.state.membrane);
        for (&node, value) in self.cable.segment_nodes().iter().zip(values) {
            column[node as usize] = *value;
        }
    }

    /// Lets spikes be detected in this segment; it is the middle of the soma before.
    pub fn detect_spikes_in(&mut self, segment: usize) {
        self.detect_spikes_at(self.node(segment));
    }

    /// Lets spikes be detected at the end of a section.
    pub fn detect_spikes_at_end_of(&mut self, section: usize) {
        self.detect_spikes_at(self.cable.section_end(section));
    }

    fn detect_spikes_at(&mut self, node: usize) {
        self.spike_node = node;
        self.state.above_threshold = self.state.membrane.v[node] >= self.threshold_mv;
    }

    /// Adds an electrode that injects current.
    pub fn add_stimulus(&mut self, stimulus: Stimulus) {
        self.stimuli.add_current(Origin::Electrode, stimulus);
    }

    /// Adds a current through the membrane; positive values of its time course depolarise.
    pub fn add_membrane_current(&mut self, stimulus: Stimulus) {
        self.stimuli.add_current(Origin::Membrane, stimulus);
    }

    /// Adds a clamp: by an electrode, or a conductance of the membrane.
    pub fn add_clamp(&mut self, origin: Origin, clamp: Clamp) {
        self.stimuli.add_clamp(origin, clamp);
    }

    /// Adds an electric field.
    pub fn add_field(&mut self, field: Field) {
        self.stimuli.add_field(field);
    }

    /// Takes all that is imposed away.
    pub fn clear_stimuli(&mut self) {
        self.stimuli = Stimuli::default();
        self.state.injected_na.fill(0.0);
    }

    /// Adds a synapse to a cell that has not started, and returns its number.
    pub fn add_synapse(&mut self, synapse: Synapse) -> u32 {
        let number = self.synapses.push(synapse);
        self.state.synapses.extend(self.synapses.initial_states(&self.state.membrane, number as usize));
        number
    }

    /// Its synapses.
    pub fn synapses(&self) -> &[Synapse] {
        self.synapses.list()
    }

    /// Number of what something reaches: that of a synapse, or of a point process, which follow them.
    ///
    /// # Panics
    /// Where it is another cell's.
    pub fn synapse_number(&self, receiver: Receiver) -> u32 {
        match receiver {
            Receiver::Synapse(synapse) => synapse,
            Receiver::Point(connection) => self.synapses().len() as u32 + self.points.of_connection(connection.0),
        }
    }

    /// Notes what a synapse releases from now on, or what reaches a point process, for
    /// [`take_releases`](Self::take_releases).
    pub fn watch(&mut self, synapse: u32) {
        let index = synapse as usize;
        if let Some(point) = index.checked_sub(self.synapses().len()) {
            self.points.hear(point as u32);
            return;
        }
        self.watched.resize(self.watched.len().max(index + 1), false);
        self.watched[index] = true;
    }

    /// The same for a synapse that tells by its `Ustate` whether what it released has recovered: noted is then, with all of its
    /// vesicles, the step before one that begins with a `Ustate` above 0 and whose predecessor did not, as NEURON's threshold
    /// detector finds it.
    pub fn watch_threshold(&mut self, synapse: u32) {
        let point = (synapse as usize).checked_sub(self.synapses().len());
        if !point.is_some_and(|point| self.points.sense(&mut self.state.points, point as u32)) {
            self.watch(synapse);
        }
    }

    /// What watched synapses have released since this was last called, each kind in the order of time.
    pub fn take_releases(&mut self) -> impl Iterator<Item = Release> {
        let first = self.synapses().len() as u32;
        let of_points = self.points.take_arrivals();
        self.releases.extend(of_points.map(|Heeded { step, point, fraction }| Release {
            step,
            synapse: first + point,
            fraction,
        }));
        self.releases.drain(..)
    }

    /// Starts anew at step 0 with `v_init_mv` everywhere and gates at their steady values; concentrations stay.
    pub fn initialise(&mut self, v_init_mv: f64) {
        let state = &mut self.state;
        state.step = 0;
        state.membrane.time_ms = 0.0;
        state.membrane.failure = None;
        state.membrane.v.fill(v_init_mv);
        state.events = EventQueue::default();
        state.spontaneous.begin(&self.spontaneous);
        state.injected_na.fill(0.0);
        state.layer_ends_mv.fill([0.0; LAYERS]);
        state.above_threshold = v_init_mv >= self.threshold_mv;
        state.membrane.update_reversals(&self.reversals, self.celsius);
        self.fixed.apply(&mut state.membrane);
        self.for_mechanisms(|mechanism, block, membrane| mechanism.initialise(block, membrane));
        let state = &mut self.state;
        state.synapses.clear();
        state.synapses.extend(self.synapses.initial_states(&state.membrane, 0));
        let (points, mut around) = around(state, &mut self.pointers);
        self.points.initialise(points, &mut around);
        self.measure_along();
        self.compute_currents();
    }

    /// Advances to the end of step `until`; the ends of steps at which the soma crossed the threshold from below are
    /// appended to `spikes`.
    pub fn advance(&mut self, until: u64, spikes: &mut Vec<u64>) {
        let detector = self.spike_node;
        while self.state.step < until {
            self.step();
            let above = self.state.membrane.v[detector] >= self.threshold_mv;
            if above && !self.state.above_threshold {
                spikes.push(self.state.step);
            }
            self.state.above_threshold = above;
        }
    }

    /// Whether all voltages and concentrations are finite.
    pub fn is_finite(&self) -> bool {
        let membrane = &self.state.membrane;
        [&membrane.v, &membrane.nai, &membrane.ki, &membrane.cai, &membrane.atpi, &membrane.adpi]
            .iter()
            .all(|values| values.iter().all(|value| value.is_finite()))
    }

    fn step(&mut self) {
        let time_ms = self.state.step as f64 * self.dt_ms;
        self.take_arrivals();
        let until_ms = (self.state.step as f64 + 0.5) * self.dt_ms;
        while let Some(event) = self.state.events.pop_if(|event| event.time_ms <= until_ms) {
            let fraction = self.synapses.receive(&mut self.state.synapses, &event);
            if fraction > 0.0 && self.watched.get(event.synapse as usize) == Some(&true) {
                self.releases.push(Release { step: self.state.step, synapse: event.synapse, fraction });
            }
        }
        self.state.membrane.time_ms = time_ms;
        let step = self.state.step;
        let (points, mut reached) = around(&mut self.state, &mut self.pointers);
        self.points.deliver(points, &mut reached, step);
        self.state.membrane.time_ms = (self.state.step as f64 + 0.5) * self.dt_ms;
        let middle_ms = self.state.membrane.time_ms;
        self.stimuli.inject(middle_ms, &mut self.state.injected_na);
        self.compute_currents();
        let state = &mut self.state;
        if let Some(layers) = &mut self.layers {
            layers.advance(state, &self.stimuli, middle_ms, self.cable.areas_um2());
        } else {
            self.stimuli.clamp(None, middle_ms, &mut state.membrane, self.cable.areas_um2());
            let Membrane { v, current, conductance, .. } = &mut state.membrane;
            self.solver.advance(v, &MembraneFlow { current, conductance, injected_na: &state.injected_na });
        }
        if self.ion_slopes {
            state.membrane.shift_currents(self.solver.change_mv());
        }
        state.membrane.time_ms = (state.step + 1) as f64 * self.dt_ms;
        self.keeping.hold(&state.membrane);
        state.membrane.accumulate(self.dt_ms);
        self.keeping.give_back(&mut state.membrane);
        let dt_ms = self.dt_ms;
        self.for_mechanisms(|mechanism, block, membrane| mechanism.advance(block, membrane, dt_ms));
        let state = &mut self.state;
        self.synapses.advance(&mut state.synapses);
        let (points, mut reached) = around(state, &mut self.pointers);
        self.points.advance(points, &mut reached);
        self.diffuse_along();
        let state = &mut self.state;
        state.step += 1;
        self.diffusion.advance(state.step, self.cable.links(), &mut state.membrane, &mut self.scratch);
    }

    fn compute_currents(&mut self) {
        let state = &mut self.state;
        state.membrane.update_reversals(&self.reversals, self.celsius);
        self.fixed.apply(&mut state.membrane);
        state.membrane.clear_currents();
        self.for_mechanisms(|mechanism, block, membrane| mechanism.currents(block, membrane));
        let state = &mut self.state;
        self.synapses.currents(&state.synapses, &mut state.membrane, self.cable.areas_um2());
        let (points, mut reached) = around(state, &mut self.pointers);
        self.points.currents(points, &mut reached);
    }

    /// Runs something on the block of each mechanism, with its pointers set.
    fn for_mechanisms(&mut self, mut run: impl FnMut(&dyn Mechanism, &mut Columns<'_>, &mut Membrane)) {
        let (points, mut around) = around(&mut self.state, &mut self.pointers);
        for (index, (mechanism, nodes)) in self.mechanisms.iter().zip(&self.nodes).enumerate() {
            let (pointers, mut values) = around.with(points.blocks_mut());
            pointers.run(Keeper::Mechanism(index), nodes, &mut values, |_, block, membrane| {
                run(&**mechanism, block, membrane);
            });
        }
    }
}

/// Concentrations that mechanisms keep themselves: currents leave them alone there.
#[derive(Debug, Clone, Default)]
struct Keeping {
    sodium: Vec<(usize, f64)>,
    potassium: Vec<(usize, f64)>,
}

impl Keeping {
    fn hold(&mut self, membrane: &Membrane) {
        self.sodium.iter_mut().for_each(|(node, value)| *value = membrane.nai[*node]);
        self.potassium.iter_mut().for_each(|(node, value)| *value = membrane.ki[*node]);
    }

    fn give_back(&self, membrane: &mut Membrane) {
        self.sodium.iter().for_each(|&(node, value)| membrane.nai[node] = value);
        self.potassium.iter().for_each(|&(node, value)| membrane.ki[node] = value);
    }
}

/// The point processes of a cell and what they reach.
fn around<'a>(state: &'a mut CellState, pointers: &'a mut Pointers) -> (&'a mut PointsState, Around<'a>) {
    let CellState { membrane, blocks, points, .. } = state;
    (points, Around { membrane, blocks, pointers })
}
