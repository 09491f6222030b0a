//! Building a cell: what sits where.

mod balance;
mod error;
mod links;

use std::collections::BTreeMap;

use msr_config::simulation::IntegrationMethod;

use self::balance::balance;
pub use self::error::BuildError;
use self::links::link;
use super::layers::{LayerBlock, Layers};
use super::modifying::Change;
use super::order::turns;
use super::pointers::{Keeper, Pointers, Wanted, Wish};
use super::streams::{StreamKeys, fill};
use super::{Cell, CellState, Keeping};
use crate::cable::{Cable, CableParameters, Order, Solver};
use crate::diffusion::{Diffusion, Diffusivities};
use crate::discretisation::Discretisation;
use crate::ions::{FixedReversals, InitialConcentrations, Membrane, Reversal, Reversals, accumulation};
use crate::mechanisms::{Block, Column, EXTRACELLULAR, LAYERS, Mechanism, Registry, Role};
use crate::points::{Placed, Points, Site};
use crate::stimuli::Stimuli;
use crate::synapses::{EventQueue, Synapses};

/// Unit of conductances, which are never negative.
pub(crate) const CONDUCTANCE: &str = "S/cm2";

/// Collects what a cell is made of.
pub struct CellBuilder<'a> {
    pub(super) registry: &'a Registry,
    discretisation: Discretisation,
    cable: Vec<CableParameters>,
    pub(super) insertions: Vec<Insertion>,
    pub(super) points: Vec<Placed>,
    /// Point process and first values (the weight) of each connection.
    pub(super) connections: Vec<(u32, Vec<f64>)>,
    pub(super) wishes: Vec<Wish>,
    pub(super) changes: Vec<Change>,
    integration: IntegrationMethod,
    /// Random streams of mechanisms and point processes.
    pub streams: StreamKeys,
    /// Temperature, in degrees Celsius.
    pub celsius: f64,
    /// Step, in ms.
    pub dt_ms: f64,
    /// Voltage everywhere at the beginning, in mV.
    pub v_init_mv: f64,
    /// Voltage at the middle of the soma that makes a spike, in mV.
    pub threshold_mv: f64,
    /// Concentrations at the beginning.
    pub concentrations: InitialConcentrations,
    /// Diffusion coefficients in the cytosol.
    pub diffusivities: Diffusivities,
    /// Reversal potentials.
    pub reversals: Reversals,
    /// Potential at which, in every segment with pump and ion leak, the net sodium and potassium currents vanish.
    pub rest_mv: Option<f64>,
    /// Whether sodium and potassium inside stay where no mechanism changes them: currents alone do not, as in NEURON.
    pub holds_concentrations: bool,
    /// Whether conductances below 0 are taken as they are, as in NEURON.
    pub allows_negative_conductances: bool,
    /// Reversal potentials that follow nothing: segments and values by ion.
    fixed: BTreeMap<String, Vec<(usize, f64)>>,
    /// Concentrations at the beginning, inside and outside, of ions that not every membrane has.
    foreign: BTreeMap<String, [Option<f64>; 2]>,
}

/// A mechanism, whether each segment carries it, and values of its parameters in the order given.
pub(super) struct Insertion {
    pub mechanism: Box<dyn Mechanism>,
    pub carries: Vec<bool>,
    pub settings: Vec<Setting>,
}

pub(super) struct Setting {
    pub column: usize,
    pub segment: usize,
    pub value: f64,
}

impl<'a> CellBuilder<'a> {
    /// A cell without mechanisms: 34 C, steps of 0.025 ms, -80 mV, threshold -30 mV (SONATA's defaults).
    pub fn new(discretisation: Discretisation, registry: &'a Registry) -> Self {
        Self {
            registry,
            cable: vec![CableParameters::default(); discretisation.segments.len()],
            discretisation,
            insertions: Vec::new(),
            points: Vec::new(),
            connections: Vec::new(),
            wishes: Vec::new(),
            changes: Vec::new(),
            integration: IntegrationMethod::Euler,
            streams: StreamKeys::default(),
            celsius: 34.0,
            dt_ms: 0.025,
            v_init_mv: -80.0,
            threshold_mv: -30.0,
            concentrations: InitialConcentrations::default(),
            diffusivities: Diffusivities::default(),
            reversals: Reversals::default(),
            rest_mv: None,
            holds_concentrations: false,
            allows_negative_conductances: false,
            fixed: BTreeMap::new(),
            foreign: BTreeMap::new(),
        }
    }

    /// Gives the reversal potential of an ion in a segment a value (mV) that it keeps; the last counts.
    pub fn fix_reversal(&mut self, ion: &str, segment: usize, value_mv: f64) {
        self.fixed.entry(ion.to_owned()).or_default().push((segment, value_mv));
    }

    /// The reversal potential of an ion in a segment (mV), where a mechanism there uses it, and it is a number and does not follow
    /// concentrations.
    pub fn fixed_reversal(&self, ion: &str, segment: usize) -> Option<f64> {
        let uses = |insertion: &Insertion| {
            insertion.carries[segment]
                && insertion.mechanism.ions().iter().any(|used| used.name == ion && used.reversal)
        };
        if !self.insertions.iter().any(uses) {
            return None;
        }
        let of_all = match ion {
            "na" => self.reversals.ena,
            "k" => self.reversals.ek,
            "ca" => self.reversals.eca,
            _ => Reversal::Nernst,
        };
        let fixed = self.fixed.get(ion).and_then(|values| values.iter().rev().find(|(known, _)| *known == segment));
        match (fixed, of_all) {
            (Some(&(_, value_mv)), _) | (None, Reversal::Fixed(value_mv)) => Some(value_mv),
            (None, Reversal::Nernst) => None,
        }
    }

    /// Lets an ion begin with these concentrations inside and outside (mM), where they are given.
    pub fn start_with(&mut self, ion: &str, values: [Option<f64>; 2]) {
        for (side, value) in values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            match self.concentrations.of_membrane(ion, side) {
                Some(known) => *known = value,
                None => self.foreign.entry(ion.to_owned()).or_default()[side] = Some(value),
            }
        }
    }

    /// Concentrations at the beginning of an ion that not every membrane has.
    fn foreign_start(&self, ion: &str) -> [f64; 2] {
        let [inside, outside] = self.concentrations.of(ion);
        let [own_inside, own_outside] = self.foreign.get(ion).copied().unwrap_or_default();
        [own_inside.unwrap_or(inside), own_outside.unwrap_or(outside)]
    }

    /// How the cable equation is advanced; implicit Euler before. Crank-Nicolson is NEURON's `secondorder` 1, and 2 where the
    /// currents of ions are those of the middle of a step, too.
    ///
    /// # Panics
    /// Where something was inserted or placed before.
    pub fn integrate_by(&mut self, integration: IntegrationMethod) {
        let is_empty = self.insertions.is_empty() && self.points.is_empty();
        assert!(is_empty, "how a cell is integrated must be said before mechanisms are inserted");
        self.integration = integration;
    }

    /// Whether mechanisms must give the slopes of the currents of ions.
    pub(super) fn ion_slopes(&self) -> bool {
        self.integration == IntegrationMethod::CrankNicolsonIon
    }

    /// The sections and segments.
    pub fn discretisation(&self) -> &Discretisation {
        &self.discretisation
    }

    /// Capacitance and resistivity of a segment, to change.
    pub fn cable_mut(&mut self, segment: usize) -> &mut CableParameters {
        &mut self.cable[segment]
    }

    /// Capacitance and resistivity of a segment.
    pub fn cable(&self, segment: usize) -> CableParameters {
        self.cable[segment]
    }

    /// Puts a mechanism into segments (again is no harm).
    ///
    /// # Errors
    /// [`BuildError::Mechanism`].
    pub fn insert(&mut self, mechanism: &str, segments: impl IntoIterator<Item = usize>) -> Result<(), BuildError> {
        let index = match self.insertions.iter().position(|known| known.mechanism.name() == mechanism) {
            Some(index) => index,
            None => {
                let mechanism = self.registry.build_with(mechanism, self.celsius, self.ion_slopes())?;
                let carries = vec![false; self.discretisation.segments.len()];
                self.insertions.push(Insertion { mechanism, carries, settings: Vec::new() });
                self.insertions.len() - 1
            }
        };
        for segment in segments {
            self.insertions[index].carries[segment] = true;
        }
        Ok(())
    }

    /// Position of a mechanism that a segment carries.
    pub(super) fn insertion(&self, mechanism: &str, variable: &str, segment: usize) -> Result<usize, BuildError> {
        self.check_segment(mechanism, segment)?;
        let found = self.insertions.iter().position(|known| known.mechanism.name() == mechanism);
        found.filter(|&index| self.insertions[index].carries[segment]).ok_or_else(|| BuildError::NotCarried {
            mechanism: mechanism.to_owned(),
            variable: variable.to_owned(),
            segment,
        })
    }

    pub(super) fn check_segment(&self, mechanism: &str, segment: usize) -> Result<(), BuildError> {
        let segments = self.discretisation.segments.len();
        if segment < segments {
            return Ok(());
        }
        Err(BuildError::UnknownSegment { mechanism: mechanism.to_owned(), segment, segments })
    }

    /// Sets a parameter of a mechanism where segments carry it; the last value counts.
    ///
    /// # Errors
    /// [`BuildError::UnknownParameter`], [`BuildError::BadParameter`], [`BuildError::NotInserted`],
    /// [`BuildError::Mechanism`].
    pub fn set(
        &mut self,
        mechanism: &str,
        parameter: &str,
        values: impl IntoIterator<Item = (usize, f64)>,
    ) -> Result<(), BuildError> {
        let Some(index) = self.insertions.iter().position(|known| known.mechanism.name() == mechanism) else {
            self.registry.build(mechanism, self.celsius)?;
            return Err(BuildError::NotInserted {
                mechanism: mechanism.to_owned(),
                parameter: parameter.to_owned(),
                inserted: self.insertions.iter().map(|known| known.mechanism.name().to_owned()).collect(),
            });
        };
        let Insertion { mechanism: built, settings, .. } = &mut self.insertions[index];
        let parameters = built.columns().iter().enumerate().filter(|(_, column)| column.role == Role::Parameter);
        let Some((column, declared)) = parameters.clone().find(|(_, column)| column.name == parameter) else {
            return Err(BuildError::UnknownParameter {
                mechanism: mechanism.to_owned(),
                parameter: parameter.to_owned(),
                available: parameters.map(|(_, column)| column.name.clone().into_owned()).collect(),
            });
        };
        for (segment, value) in values {
            let reason = match value {
                value if !value.is_finite() => "must be a number",
                value if value < 0.0 && declared.unit == CONDUCTANCE && !self.allows_negative_conductances => {
                    "must not be negative: it is a conductance"
                }
                _ => {
                    settings.push(Setting { column, segment, value });
                    continue;
                }
            };
            let (mechanism, parameter) = (mechanism.to_owned(), parameter.to_owned());
            return Err(BuildError::BadParameter { mechanism, parameter, value, reason });
        }
        Ok(())
    }

    /// Puts mechanisms in the order in which NEURON goes through them, so that what reads a concentration sees it as there:
    /// those that write concentrations first, the last of their files (by name) before others, then the rest as inserted.
    fn order_mechanisms(&mut self) {
        let key = |insertion: &Insertion| {
            let writes = insertion.mechanism.writes_concentrations();
            std::cmp::Reverse(writes.then(|| insertion.mechanism.name().to_owned()))
        };
        let mut order: Vec<usize> = (0..self.insertions.len()).collect();
        order.sort_by_key(|&index| key(&self.insertions[index]));
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| place[old] = new);
        let mut insertions: Vec<Option<Insertion>> = self.insertions.drain(..).map(Some).collect();
        self.insertions = order.iter().filter_map(|&old| insertions[old].take()).collect();
        for wish in &mut self.wishes {
            if let Keeper::Mechanism(index) = &mut wish.holder {
                *index = place[*index];
            }
            if let Wanted::Mechanism(index, ..) = &mut wish.to {
                *index = place[*index];
            }
        }
    }

    /// The cell, initialised.
    ///
    /// # Errors
    /// [`BuildError::RestOutsideReversals`], [`BuildError::Initial`].
    pub fn build(mut self) -> Result<Cell, BuildError> {
        self.order_mechanisms();
        let cable = Cable::new(&self.discretisation, &self.cable);
        let ion_slopes = self.ion_slopes();
        let segment_nodes = cable.segment_nodes();
        let mut per_node = vec![0.0; cable.len()];
        let mut volumes_um3 = vec![0.0; cable.len()];
        for (segment, &node) in self.discretisation.segments.iter().zip(segment_nodes) {
            per_node[node as usize] = accumulation(segment.area_um2, segment.volume_um3);
            volumes_um3[node as usize] = segment.volume_um3;
        }
        let mut membrane = Membrane::new(self.v_init_mv, &self.concentrations, per_node);
        membrane.step_ms = self.dt_ms;
        let mut keeping = Keeping::default();
        if self.holds_concentrations {
            let all = || (0..cable.len()).map(|node| (node, 0.0));
            keeping.sodium.extend(all());
            keeping.potassium.extend(all());
        }
        let mut mechanisms = Vec::new();
        let mut nodes = Vec::new();
        let mut blocks = Vec::new();
        for Insertion { mechanism, carries, settings } in std::mem::take(&mut self.insertions) {
            let mut carriers: Vec<u32> =
                segment_nodes.iter().zip(&carries).filter(|(_, carries)| **carries).map(|(&node, _)| node).collect();
            carriers.sort_unstable();
            let mut block = Block::new(carriers, mechanism.columns());
            for (index, column) in mechanism.columns().iter().enumerate() {
                if column.role == Role::Geometry {
                    fill_geometry(&mut block, index, &column.name, segment_nodes, &self.discretisation);
                }
            }
            for ion in mechanism.foreign_ions() {
                membrane.add_ion(&ion.name, ion.valence, self.foreign_start(&ion.name));
            }
            for (name, kept) in [("nai", &mut keeping.sodium), ("ki", &mut keeping.potassium)] {
                if mechanism.keeps(name) {
                    kept.extend(block.nodes.iter().map(|&node| (node as usize, 0.0)));
                }
            }
            let draws = mechanism.columns().iter().any(|column| column.role == Role::Stream);
            for (segment, node) in segment_nodes.iter().enumerate().filter(|_| draws) {
                if let Ok(place) = block.nodes.binary_search(node) {
                    let ids = self.streams.of_segment(&self.discretisation, segment);
                    fill(mechanism.columns(), self.streams.seed, ids, |column, value| {
                        block.column_mut(column)[place] = value;
                    });
                }
            }
            for setting in settings {
                if let Ok(place) = block.nodes.binary_search(&segment_nodes[setting.segment]) {
                    block.column_mut(setting.column)[place] = setting.value;
                }
            }
            mechanisms.push(mechanism);
            nodes.push(block.nodes);
            blocks.push(block.values);
        }
        let placed = (0..).zip(std::mem::take(&mut self.points)).map(|(number, mut placed)| {
            placed.streams.get_or_insert_with(|| self.streams.of_point(number));
            for ion in placed.mechanism.foreign_ions() {
                membrane.add_ion(&ion.name, ion.valence, self.foreign_start(&ion.name));
            }
            let segment = &self.discretisation.segments[placed.segment];
            let node = segment_nodes[placed.segment];
            let site = Site { node, area_um2: segment.area_um2, diameter_um: segment.diameter_um };
            (placed, site)
        });
        let (points, mut points_state) =
            Points::new(placed.collect(), &self.connections, self.streams.seed, self.dt_ms);
        let links = link(&self.wishes, &mechanisms, &nodes, segment_nodes, &points, &membrane)?;
        let turns_of_mechanisms = turns(&self.discretisation, nodes.iter().map(Vec::as_slice));
        let turns_of_points = turns(&self.discretisation, points.nodes());
        for ((mechanism, turns), values) in mechanisms.iter().zip(&turns_of_mechanisms).zip(&mut blocks) {
            fill_turns(mechanism.columns(), turns, values);
        }
        for ((mechanism, turns), values) in points.mechanisms().zip(&turns_of_points).zip(points_state.columns()) {
            fill_turns(mechanism.columns(), turns, values);
        }
        let pointers = Pointers::new(links, &turns_of_mechanisms, &turns_of_points);
        let fixed = FixedReversals::new(&self.fixed, segment_nodes, &membrane);
        let count = cable.len();
        let spreading = mechanisms.iter().zip(&nodes).flat_map(|(mechanism, nodes)| {
            let species = self.diffusivities.named().into_iter().map(|(name, _)| name);
            species.filter(|name| mechanism.spreads(name)).map(|name| (name, nodes.as_slice()))
        });
        let spreading: Vec<(&str, &[u32])> = spreading.collect();
        let diffusion = Diffusion::new(&cable, &volumes_um3, &self.diffusivities, &spreading, self.dt_ms);
        let order = if self.integration == IntegrationMethod::Euler { Order::First } else { Order::Second };
        let solver = Solver::new(&cable, self.dt_ms, order);
        let with_layers = mechanisms.iter().position(|mechanism| mechanism.name() == EXTRACELLULAR);
        let layers = with_layers.map(|number| {
            let block = LayerBlock { mechanism: number, nodes: &nodes[number], values: &blocks[number] };
            Layers::new(&cable, &self.discretisation, &block, self.dt_ms, order)
        });
        let layers = layers.transpose()?;
        if ion_slopes {
            membrane.keep_slopes();
        }
        let mut cell = Cell {
            spike_node: segment_nodes[self.discretisation.soma_segment()] as usize,
            discretisation: self.discretisation,
            cable,
            diffusion,
            keeping,
            mechanisms,
            nodes,
            synapses: Synapses::new(self.dt_ms),
            spontaneous: Vec::new(),
            late_weights: Vec::new(),
            named: Vec::new(),
            points,
            pointers,
            along: Vec::new(),
            watched: Vec::new(),
            releases: Vec::new(),
            stimuli: Stimuli::default(),
            reversals: self.reversals,
            fixed,
            ion_slopes,
            celsius: self.celsius,
            dt_ms: self.dt_ms,
            threshold_mv: self.threshold_mv,
            state: CellState {
                step: 0,
                membrane,
                blocks,
                synapses: Vec::new(),
                points: points_state,
                events: EventQueue::default(),
                spontaneous: Default::default(),
                injected_na: vec![0.0; count],
                layer_ends_mv: vec![[0.0; LAYERS]; if layers.is_some() { count } else { 0 }],
                above_threshold: false,
            },
            solver,
            layers,
            scratch: vec![0.0; count],
        };
        if let Some(rest_mv) = self.rest_mv {
            balance(&mut cell, rest_mv)?;
        }
        cell.change(&self.changes);
        cell.initialise(self.v_init_mv);
        cell.failure().map_or(Ok(cell), |failure| Err(BuildError::Initial(failure)))
    }
}

/// Fills the column of the order of instances, where there is one.
fn fill_turns(columns: &[Column], turns: &[u32], values: &mut [f64]) {
    if let Some(column) = columns.iter().position(|column| column.role == Role::Turn) {
        let first = column * turns.len();
        for (value, &turn) in values[first..first + turns.len()].iter_mut().zip(turns) {
            *value = f64::from(turn);
        }
    }
}

/// Fills a column with the diameter or the area of each segment.
fn fill_geometry(block: &mut Block, column: usize, name: &str, segment_nodes: &[u32], cell: &Discretisation) {
    for (segment, node) in cell.segments.iter().zip(segment_nodes) {
        if let Ok(place) = block.nodes.binary_search(node) {
            block.column_mut(column)[place] = if name == "area" { segment.area_um2 } else { segment.diameter_um };
        }
    }
}
