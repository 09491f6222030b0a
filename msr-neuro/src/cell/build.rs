//! Building a cell: what sits where, and the ionic balance at rest.

use msr_coupling::query::nearest;

use super::{Cell, CellFailure, CellState};
use crate::cable::{Cable, CableParameters, Solver};
use crate::diffusion::{Diffusion, Diffusivities};
use crate::discretisation::Discretisation;
use crate::ions::{InitialConcentrations, Membrane, Reversals, accumulation};
use crate::mechanisms::{ATPASE, Block, ION_LEAK, Mechanism, Registry, Role, UnknownMechanism};
use crate::points::{Placed, Points, Site};
use crate::synapses::{EventQueue, Synapses};

/// Unit of conductances, which are never negative.
const CONDUCTANCE: &str = "S/cm2";

/// Why a cell cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BuildError {
    /// A mechanism that does not exist.
    #[error(transparent)]
    Mechanism(#[from] UnknownMechanism),
    /// A parameter that the mechanism does not have.
    #[error(
        "mechanism '{mechanism}' has no parameter '{parameter}'{}; available: {}",
        nearest(parameter, available),
        available.join(", ")
    )]
    UnknownParameter {
        /// The mechanism.
        mechanism: String,
        /// The parameter asked for.
        parameter: String,
        /// Its parameters.
        available: Vec<String>,
    },
    /// A conductance below 0, or a parameter that is no number.
    #[error("{mechanism}.{parameter} = {value} {reason}")]
    BadParameter {
        /// The mechanism.
        mechanism: String,
        /// The parameter.
        parameter: String,
        /// Its value in a segment.
        value: f64,
        /// What it must be.
        reason: &'static str,
    },
    /// A parameter of a mechanism that no segment of the cell carries.
    #[error("'{mechanism}.{parameter}' is set, but '{mechanism}' is inserted nowhere; inserted: {}", inserted.join(", "))]
    NotInserted {
        /// The mechanism.
        mechanism: String,
        /// The parameter.
        parameter: String,
        /// What is inserted.
        inserted: Vec<String>,
    },
    /// A resting potential at which leaks cannot balance the pump.
    #[error(
        "resting potential {rest_mv} mV must lie between ek = {ek_mv} mV and ena = {ena_mv} mV: leaks balance the pump there"
    )]
    RestOutsideReversals {
        /// The resting potential.
        rest_mv: f64,
        /// Reversal potential of potassium.
        ek_mv: f64,
        /// Reversal potential of sodium.
        ena_mv: f64,
    },
    /// A place that does not exist.
    #[error("'{mechanism}' is placed in segment {segment}; the cell has segments 0 to {}", segments - 1)]
    UnknownSegment {
        /// The point process.
        mechanism: String,
        /// The segment asked for.
        segment: usize,
        /// Number of segments.
        segments: usize,
    },
    /// A connection to what was not placed.
    #[error("a connection names point process {point}, of {points} that are placed")]
    UnknownPoint {
        /// Number of the point process.
        point: u32,
        /// How many there are.
        points: usize,
    },
    /// A connection to what has no NET_RECEIVE.
    #[error("'{mechanism}' receives no events: it has no NET_RECEIVE block")]
    ReceivesNothing {
        /// The point process.
        mechanism: String,
    },
    /// A cell that cannot even begin.
    #[error("at the beginning: {0}")]
    Initial(CellFailure),
}

/// Collects what a cell is made of.
pub struct CellBuilder<'a> {
    pub(super) registry: &'a Registry,
    discretisation: Discretisation,
    cable: Vec<CableParameters>,
    insertions: Vec<Insertion>,
    pub(super) points: Vec<Placed>,
    /// Point process and weight of each connection.
    pub(super) connections: Vec<(u32, f64)>,
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
}

/// A mechanism, whether each segment carries it, and values of its parameters in the order given.
struct Insertion {
    mechanism: Box<dyn Mechanism>,
    carries: Vec<bool>,
    settings: Vec<Setting>,
}

struct Setting {
    column: usize,
    segment: usize,
    value: f64,
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
            celsius: 34.0,
            dt_ms: 0.025,
            v_init_mv: -80.0,
            threshold_mv: -30.0,
            concentrations: InitialConcentrations::default(),
            diffusivities: Diffusivities::default(),
            reversals: Reversals::default(),
            rest_mv: None,
        }
    }

    /// The sections and segments.
    pub fn discretisation(&self) -> &Discretisation {
        &self.discretisation
    }

    /// Capacitance and resistivity of a segment, to change.
    pub fn cable_mut(&mut self, segment: usize) -> &mut CableParameters {
        &mut self.cable[segment]
    }

    /// Puts a mechanism into segments (again is no harm).
    ///
    /// # Errors
    /// [`BuildError::Mechanism`].
    pub fn insert(&mut self, mechanism: &str, segments: impl IntoIterator<Item = usize>) -> Result<(), BuildError> {
        let index = match self.insertions.iter().position(|known| known.mechanism.name() == mechanism) {
            Some(index) => index,
            None => {
                let mechanism = self.registry.build(mechanism, self.celsius)?;
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
                value if value < 0.0 && declared.unit == CONDUCTANCE => "must not be negative: it is a conductance",
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

    /// The cell, initialised.
    ///
    /// # Errors
    /// [`BuildError::RestOutsideReversals`], [`BuildError::Initial`].
    pub fn build(self) -> Result<Cell, BuildError> {
        let cable = Cable::new(&self.discretisation, &self.cable);
        let segment_nodes = cable.segment_nodes();
        let mut per_node = vec![0.0; cable.len()];
        let mut volumes_um3 = vec![0.0; cable.len()];
        for (segment, &node) in self.discretisation.segments.iter().zip(segment_nodes) {
            per_node[node as usize] = accumulation(segment.area_um2, segment.volume_um3);
            volumes_um3[node as usize] = segment.volume_um3;
        }
        let mut membrane = Membrane::new(self.v_init_mv, &self.concentrations, per_node);
        membrane.step_ms = self.dt_ms;
        let mut mechanisms = Vec::new();
        let mut nodes = Vec::new();
        let mut blocks = Vec::new();
        for Insertion { mechanism, carries, settings } in self.insertions {
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
                membrane.add_ion(&ion.name, ion.valence);
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
        let placed = self.points.into_iter().map(|placed| {
            for ion in placed.mechanism.foreign_ions() {
                membrane.add_ion(&ion.name, ion.valence);
            }
            let segment = &self.discretisation.segments[placed.segment];
            let node = segment_nodes[placed.segment];
            let site = Site { node, area_um2: segment.area_um2, diameter_um: segment.diameter_um };
            (placed, site)
        });
        let (points, points_state) = Points::new(placed.collect(), &self.connections, self.dt_ms);
        let count = cable.len();
        let diffusion = Diffusion::new(&cable, &volumes_um3, &self.diffusivities, self.dt_ms);
        let solver = Solver::new(&cable, self.dt_ms);
        let mut cell = Cell {
            spike_segment: self.discretisation.soma_segment(),
            discretisation: self.discretisation,
            cable,
            diffusion,
            mechanisms,
            nodes,
            synapses: Synapses::new(self.dt_ms),
            points,
            watched: Vec::new(),
            releases: Vec::new(),
            stimuli: Vec::new(),
            reversals: self.reversals,
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
                injected_na: vec![0.0; count],
                above_threshold: false,
            },
            solver,
            scratch: vec![0.0; count],
        };
        if let Some(rest_mv) = self.rest_mv {
            balance(&mut cell, rest_mv)?;
        }
        cell.initialise(self.v_init_mv);
        cell.failure().map_or(Ok(cell), |failure| Err(BuildError::Initial(failure)))
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

/// Sets pump and leaks of each segment so that no net sodium and potassium flows at `rest_mv`.
///
/// With the channels' steady currents `ina`, `ik` and the pump's net current `i` (3 sodium out, 2 potassium in):
/// `gna (rest - ena) = -(ina + 3 i)` and `gk (rest - ek) = 2 i - ik`. Where channels alone let in more sodium or let out
/// more potassium than the pump carries, the pump is made as much stronger as makes the smaller leak zero.
fn balance(cell: &mut Cell, rest_mv: f64) -> Result<(), BuildError> {
    let position = |name: &str| cell.mechanisms.iter().position(|mechanism| mechanism.name() == name);
    let (Some(pump), Some(leak)) = (position(ATPASE), position(ION_LEAK)) else { return Ok(()) };
    let column = |mechanism: usize, name: &str| {
        let columns = cell.mechanisms[mechanism].columns();
        columns.iter().position(|column| column.name == name).expect("pump and leak have their columns")
    };
    let (imax, current) = (column(pump, "imax"), column(pump, "i"));
    let (gna, gk) = (column(leak, "gna"), column(leak, "gk"));
    let (pumps, leaks) = (cell.nodes[pump].len(), cell.nodes[leak].len());
    for conductance in [gna, gk] {
        cell.state.blocks[leak][conductance * leaks..(conductance + 1) * leaks].fill(0.0);
    }
    cell.initialise(rest_mv);
    if let Some(failure) = cell.failure() {
        return Err(BuildError::Initial(failure));
    }
    for place in 0..pumps {
        let node = cell.nodes[pump][place];
        let Ok(leak_place) = cell.nodes[leak].binary_search(&node) else { continue };
        let membrane = &cell.state.membrane;
        let node = node as usize;
        let (ena_mv, ek_mv) = (membrane.ena[node], membrane.ek[node]);
        if !(ek_mv < rest_mv && rest_mv < ena_mv) {
            return Err(BuildError::RestOutsideReversals { rest_mv, ek_mv, ena_mv });
        }
        let pumped = cell.state.blocks[pump][current * pumps + place];
        let (ina, ik) = (membrane.ina[node] - 3.0 * pumped, membrane.ik[node] + 2.0 * pumped);
        let needed = pumped.max(-ina / 3.0).max(ik / 2.0);
        if pumped > 0.0 {
            cell.state.blocks[pump][imax * pumps + place] *= needed / pumped;
        }
        let needed = if pumped > 0.0 { needed } else { 0.0 };
        cell.state.blocks[leak][gna * leaks + leak_place] = ((ina + 3.0 * needed) / (ena_mv - rest_mv)).max(0.0);
        cell.state.blocks[leak][gk * leaks + leak_place] = ((2.0 * needed - ik) / (rest_mv - ek_mv)).max(0.0);
    }
    Ok(())
}
