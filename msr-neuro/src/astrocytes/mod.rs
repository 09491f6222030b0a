//! Astrocytes between synapses and vessels: glutamate released at the synapses that an astrocyte covers changes the radii of
//! the vessels under its endfeet. They are of one of two models: [`lumped`], this crate's own, or [`cells`] with the mechanism
//! files that neurodamus runs.

pub mod calcium;
pub mod cells;
pub mod endfoot;
pub mod lumped;
mod runge_kutta;

use serde::{Deserialize, Serialize};

use crate::cell::{CellFailure, CellState};
use cells::AstrocyteCells;
use lumped::{Lumped, LumpedState};

/// One astrocyte of a circuit.
#[derive(Debug, Clone, PartialEq)]
pub struct Astrocyte {
    /// SONATA node id.
    pub node: u64,
    /// The glutamatergic synapses that it covers.
    pub synapses: Vec<CoveredSynapse>,
}

/// A synapse under an astrocyte's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoveredSynapse {
    /// Position of the cell that carries it.
    pub cell: u32,
    /// Its number in the cell; point processes follow the other synapses.
    pub synapse: u32,
}

/// A foot of an astrocyte on a vessel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedEndfoot {
    /// Position of its astrocyte.
    pub astrocyte: usize,
    /// The vessel segment: node id in the vasculature population.
    pub vessel: u64,
    /// Radius of that segment at rest, in um.
    pub rest_radius_um: f64,
}

/// All that changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum AstrocytesState {
    /// Of this crate's own model.
    Lumped(LumpedState),
    /// Of cells.
    Cells(Vec<CellState>),
}

impl AstrocytesState {
    /// Whether both can be states of the same astrocytes.
    pub fn same_shape(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Lumped(state), Self::Lumped(other)) => state.same_shape(other),
            (Self::Cells(state), Self::Cells(other)) => {
                state.len() == other.len() && state.iter().zip(other).all(|(state, other)| state.same_shape(other))
            }
            _ => false,
        }
    }
}

enum Model {
    Lumped(Lumped),
    Cells(AstrocyteCells),
}

/// The astrocytes of one population with their endfeet.
pub struct Astrocytes {
    population: String,
    vasculature: Option<String>,
    astrocytes: Vec<Astrocyte>,
    endfeet: Vec<PlacedEndfoot>,
    /// Wrapped vessel segments, ascending, and the position of each endfoot's segment among them.
    vessels: Vec<u64>,
    vessel_of: Vec<usize>,
    /// Endfeet on each wrapped vessel segment.
    feet: Vec<f64>,
    /// For each cell: covered synapses, and positions of their astrocytes and among what these cover, ascending.
    covers: Vec<Vec<(u32, u32, u32)>>,
    /// Id of node 0 where spikes are told.
    first_id: Option<u64>,
    model: Model,
}

impl Astrocytes {
    /// Of the [`lumped`] model, at rest at step 0, among cells with base steps of `dt_ms`; `vasculature` is the population of the
    /// endfeet's vessels.
    pub fn new(
        population: impl Into<String>,
        vasculature: Option<String>,
        astrocytes: Vec<Astrocyte>,
        endfeet: Vec<PlacedEndfoot>,
        dt_ms: f64,
    ) -> Self {
        let covered = astrocytes.iter().map(|astrocyte| astrocyte.synapses.len()).collect();
        let model = Model::Lumped(Lumped::new(covered, &endfeet, dt_ms));
        Self::with(population.into(), vasculature, astrocytes, endfeet, model)
    }

    /// Astrocytes that are cells, at step 0.
    ///
    /// # Panics
    /// Where there is not one cell for each astrocyte.
    pub fn of_cells(
        population: impl Into<String>,
        vasculature: Option<String>,
        astrocytes: Vec<Astrocyte>,
        endfeet: Vec<PlacedEndfoot>,
        cells: AstrocyteCells,
    ) -> Self {
        assert_eq!(astrocytes.len(), cells.list().len(), "each astrocyte has a cell");
        Self::with(population.into(), vasculature, astrocytes, endfeet, Model::Cells(cells))
    }

    fn with(
        population: String,
        vasculature: Option<String>,
        astrocytes: Vec<Astrocyte>,
        endfeet: Vec<PlacedEndfoot>,
        model: Model,
    ) -> Self {
        let mut vessels: Vec<u64> = endfeet.iter().map(|endfoot| endfoot.vessel).collect();
        vessels.sort_unstable();
        vessels.dedup();
        let place = |endfoot: &PlacedEndfoot| vessels.partition_point(|&vessel| vessel < endfoot.vessel);
        let vessel_of: Vec<usize> = endfeet.iter().map(place).collect();
        let mut feet = vec![0.0; vessels.len()];
        vessel_of.iter().for_each(|&vessel| feet[vessel] += 1.0);
        let all = || astrocytes.iter().flat_map(|astrocyte| &astrocyte.synapses);
        let mut covers = vec![Vec::new(); all().map(|synapse| synapse.cell as usize + 1).max().unwrap_or(0)];
        for (number, astrocyte) in (0..).zip(&astrocytes) {
            for (place, covered) in (0..).zip(&astrocyte.synapses) {
                covers[covered.cell as usize].push((covered.synapse, number, place));
            }
        }
        covers.iter_mut().for_each(|covers| covers.sort_unstable());
        Self { population, vasculature, astrocytes, endfeet, vessels, vessel_of, feet, covers, first_id: None, model }
    }

    /// Tells spikes of those that are cells: each has the id of its node and `first_id` together, which must be greater than those of
    /// neurons. Without, none are told.
    #[must_use]
    pub fn spiking_from(mut self, first_id: u64) -> Self {
        self.first_id = Some(first_id);
        self
    }

    /// Ids of the astrocytes that have spiked and the steps at whose ends they did, since they were last taken.
    pub fn take_spikes(&mut self) -> impl Iterator<Item = (u64, u64)> {
        let Self { astrocytes, model, first_id, .. } = self;
        let spikes = match model {
            Model::Lumped(_) => None,
            Model::Cells(cells) => Some(cells.take_spikes()),
        };
        let first_id = *first_id;
        spikes
            .into_iter()
            .flatten()
            .filter_map(move |(astrocyte, step)| Some((first_id? + astrocytes[astrocyte].node, step)))
    }

    /// Name of the population.
    pub fn population(&self) -> &str {
        &self.population
    }

    /// Name of the population of the vessels.
    pub fn vasculature(&self) -> Option<&str> {
        self.vasculature.as_deref()
    }

    /// The astrocytes.
    pub fn list(&self) -> &[Astrocyte] {
        &self.astrocytes
    }

    /// All endfeet.
    pub fn endfeet(&self) -> &[PlacedEndfoot] {
        &self.endfeet
    }

    /// The vessel segments that have an endfoot, ascending.
    pub fn vessels(&self) -> &[u64] {
        &self.vessels
    }

    /// Position of each endfoot's vessel segment among [`vessels`](Self::vessels).
    pub fn vessel_of_endfoot(&self) -> &[usize] {
        &self.vessel_of
    }

    /// Their cells, where they are cells.
    pub fn cells(&self) -> Option<&AstrocyteCells> {
        match &self.model {
            Model::Lumped(_) => None,
            Model::Cells(cells) => Some(cells),
        }
    }

    /// A copy of the state.
    pub fn state(&self) -> AstrocytesState {
        match &self.model {
            Model::Lumped(lumped) => AstrocytesState::Lumped(lumped.state().clone()),
            Model::Cells(cells) => {
                AstrocytesState::Cells(cells.list().iter().map(|cell| cell.state().clone()).collect())
            }
        }
    }

    /// Writes the state over another of the same astrocytes in the memory at hand.
    ///
    /// # Panics
    /// Where the state is of others.
    pub fn save(&self, into: &mut AstrocytesState) {
        match (&self.model, into) {
            (Model::Lumped(lumped), AstrocytesState::Lumped(into)) => into.assign(lumped.state()),
            (Model::Cells(cells), AstrocytesState::Cells(into)) => {
                into.iter_mut().zip(cells.list()).for_each(|(into, cell)| into.assign(cell.state()));
            }
            _ => panic!("the state is of astrocytes of another model"),
        }
    }

    /// Takes over the values of another state of the same astrocytes in the memory at hand.
    ///
    /// # Panics
    /// Where the state is of others.
    pub fn assign(&mut self, state: &AstrocytesState) {
        match (&mut self.model, state) {
            (Model::Lumped(lumped), AstrocytesState::Lumped(state)) => lumped.assign(state),
            (Model::Cells(cells), AstrocytesState::Cells(states)) => cells.assign(states),
            _ => panic!("the state is of astrocytes of another model"),
        }
    }

    /// The `fraction` of a synapse's vesicles was released in a base step.
    pub fn receive(&mut self, step: u64, covered: CoveredSynapse, fraction: f64) {
        let CoveredSynapse { cell, synapse } = covered;
        let Some(covers) = self.covers.get(cell as usize) else { return };
        let first = covers.partition_point(|&(known, ..)| known < synapse);
        for &(_, astrocyte, place) in covers[first..].iter().take_while(|&&(known, ..)| known == synapse) {
            match &mut self.model {
                Model::Lumped(lumped) => lumped.receive(step, covered, astrocyte, fraction),
                Model::Cells(cells) => cells.receive(step, astrocyte as usize, place as usize),
            }
        }
    }

    /// Advances to base step `idts`.
    pub fn advance(&mut self, idts: u64) {
        match &mut self.model {
            Model::Lumped(lumped) => lumped.advance(idts),
            Model::Cells(cells) => cells.advance(idts),
        }
    }

    /// The id that spikes of a node have.
    pub fn spike_id(&self, node: u64) -> u64 {
        self.first_id.unwrap_or(0) + node
    }

    /// The node of the first astrocyte that cannot go on, and why.
    pub fn failure(&self) -> Option<(u64, CellFailure)> {
        let cells = self.cells()?.list();
        self.astrocytes.iter().zip(cells).find_map(|(astrocyte, cell)| Some((astrocyte.node, cell.failure()?)))
    }

    /// Adds the calcium of each astrocyte, in uM, at the end of `values`; of a cell that in its soma.
    pub fn read_calcium_um(&self, values: &mut Vec<f64>) {
        match &self.model {
            Model::Lumped(lumped) => values.extend(lumped.calcium_um()),
            Model::Cells(cells) => values.extend(cells.calcium_um()),
        }
    }

    /// Glutamate around the processes of each astrocyte of the lumped model, in uM.
    pub fn glutamate_um(&self) -> impl Iterator<Item = f64> {
        let lumped = match &self.model {
            Model::Lumped(lumped) => Some(lumped),
            Model::Cells(_) => None,
        };
        lumped.into_iter().flat_map(Lumped::glutamate_um)
    }

    /// Adds the radius of the vessel under each endfoot, in um, as the endfoot alone would have it, at the end of `radii`.
    pub fn read_endfoot_radii_um(&self, radii: &mut Vec<f64>) {
        match &self.model {
            Model::Lumped(lumped) => radii.extend(lumped.endfoot_radii_um()),
            Model::Cells(cells) => radii.extend(cells.endfoot_radii_um()),
        }
    }

    /// Adds the radius of each wrapped vessel segment, in um, at the end of `radii`. Endfeet on one segment share it in
    /// equal parts: the segment has the volume that the parts have together, so its radius is the root of their mean square.
    pub fn vessel_radii_um(&self, radii: &mut Vec<f64>) {
        match &self.model {
            Model::Lumped(lumped) => self.share(lumped.endfoot_radii_um(), radii),
            Model::Cells(cells) => self.share(cells.endfoot_radii_um(), radii),
        }
    }

    fn share(&self, of_endfeet: impl Iterator<Item = f64>, radii: &mut Vec<f64>) {
        let first = radii.len();
        radii.resize(first + self.vessels.len(), 0.0);
        let squares = &mut radii[first..];
        for (radius_um, &vessel) in of_endfeet.zip(&self.vessel_of) {
            squares[vessel] += radius_um * radius_um;
        }
        for (square, feet) in squares.iter_mut().zip(&self.feet) {
            *square = (*square / feet).sqrt();
        }
    }
}
