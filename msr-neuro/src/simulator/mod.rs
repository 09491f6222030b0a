//! The neurons of a circuit as a simulator that can be coupled; its name is `neurodamus`.

mod artificial;
mod astrocyte_values;
mod circuit;
mod compartments;
mod edges;
mod electric_field;
mod error;
mod exchange;
mod fallback;
mod glia;
mod host;
mod inputs;
mod modifications;
mod network;
mod poisson;
mod populations;
mod sampling;
mod spaces;
mod synapse_values;
mod variables;
mod wiring;

pub use crate::cell::Receiver;
pub use artificial::{ArtificialCells, ArtificialCellsBuilder, ArtificialError, ArtificialState};
pub use error::{Entity, NeuroError};
pub use network::{ArtificialConnection, Connection, GapJunction, PlacedCell, PointConnection, Train};

use msr_coupling::{
    Access, Mapping, NeuronFailure, Port, Query, QueryError, Response, Samples, Simulator, SimulatorError, Snapshot,
    Space, Spike, Variable,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::astrocytes::{Astrocytes, AstrocytesState};
use crate::cell::{Cell, CellState};
use crate::points::NetEvent;
use fallback::{Advancing, Fallback};
use network::{Ids, Network};
use sampling::Sampled;
use variables::Variables;

/// Name by which connections refer to the neurons.
pub const NAME: &str = "neurodamus";

/// Cells, their connections and the spikes between them.
pub struct NeuroSimulator {
    /// The population of the cells, where they are of one.
    population: Option<String>,
    ids: Vec<u64>,
    cells: Vec<Cell>,
    placements: Vec<crate::morphology::Placement>,
    network: Network,
    artificial: Option<ArtificialCells>,
    astrocytes: Option<Astrocytes>,
    variables: Variables,
    notes: Vec<String>,
    emodels: Vec<String>,
    dt_ms: f64,
    idts: u64,
    excluded: Vec<bool>,
    /// Spikes not taken yet.
    spikes: Vec<Spike>,
    fallback: Fallback,
    /// Spikes of each cell in a window.
    window_spikes: Vec<Vec<u64>>,
    /// What is read of each cell after a step.
    readings: Vec<Vec<f64>>,
    /// What the point processes of a cell have sent in a window.
    point_events: Vec<NetEvent>,
}

/// All that changes.
#[derive(Serialize, Deserialize)]
struct State {
    idts: u64,
    cells: Vec<CellState>,
    excluded: Vec<bool>,
    spikes: Vec<Spike>,
    astrocytes: Option<AstrocytesState>,
    artificial: Option<ArtificialState>,
}

/// Concentrations whose range the summary of a run tells.
const SUMMED_UP: [&str; 3] = ["nai", "ki", "atpi"];

impl NeuroSimulator {
    /// A simulator of these cells; node ids must be unique. All cells stand at step 0 and were built for steps of `dt_ms`.
    ///
    /// # Errors
    /// [`NeuroError::NoCells`], [`NeuroError::DuplicateNode`], [`NeuroError::UnknownCell`] where a connection names a
    /// cell or synapse that does not exist.
    pub fn new(
        population: impl Into<String>,
        cells: Vec<PlacedCell>,
        connections: &[Connection],
        dt_ms: f64,
    ) -> Result<Self, NeuroError> {
        if cells.is_empty() {
            return Err(NeuroError::NoCells { population: population.into() });
        }
        Self::of(population, cells, connections, dt_ms)
    }

    /// The same for any number of cells, also none where artificial cells follow.
    fn of(
        population: impl Into<String>,
        mut cells: Vec<PlacedCell>,
        connections: &[Connection],
        dt_ms: f64,
    ) -> Result<Self, NeuroError> {
        let population = population.into();
        cells.sort_by_key(|placed| placed.node);
        if let Some(pair) = cells.windows(2).find(|pair| pair[0].node == pair[1].node) {
            return Err(NeuroError::DuplicateNode { population, node: pair[0].node });
        }
        let mut network = Network::new(cells.len());
        let ids: Vec<u64> = cells.iter().map(|placed| placed.node).collect();
        let placements = cells.iter().map(|placed| placed.placement).collect();
        let cells: Vec<Cell> = cells.into_iter().map(|placed| placed.cell).collect();
        for connection in connections {
            network.add(Ids { cells: &ids, artificial: &[] }, &cells, connection)?;
        }
        Ok(Self {
            variables: Variables::new(&cells, None),
            artificial: None,
            astrocytes: None,
            fallback: Fallback::default(),
            window_spikes: vec![Vec::new(); cells.len()],
            readings: vec![Vec::new(); cells.len()],
            point_events: Vec::new(),
            excluded: vec![false; cells.len()],
            population: Some(population),
            ids,
            cells,
            placements,
            network,
            notes: Vec::new(),
            emodels: Vec::new(),
            dt_ms,
            idts: 0,
            spikes: Vec::new(),
        })
    }

    /// With connections that start at point processes: each `net_event` reaches the receiver after the delay, as a spike does.
    ///
    /// # Errors
    /// [`NeuroError::UnknownCell`], [`NeuroError::UnknownPoint`], [`NeuroError::UnknownSynapse`],
    /// [`NeuroError::UnknownPointConnection`].
    pub fn with_point_connections(mut self, connections: &[PointConnection]) -> Result<Self, NeuroError> {
        for connection in connections {
            let ids = Ids { cells: &self.ids, artificial: &[] };
            self.network.add_point(ids, &self.cells, connection)?;
            let source = self.ids.binary_search(&connection.source).expect("it was found");
            self.cells[source].watch_point(connection.point);
        }
        Ok(self)
    }

    /// With artificial cells, the connections that start at them and those that end there.
    ///
    /// # Errors
    /// [`NeuroError::DuplicateNode`] where one has the id of another cell; as for [`NeuroSimulator::new`].
    pub fn with_artificial(
        mut self,
        artificial: ArtificialCells,
        from: &[Connection],
        into: &[ArtificialConnection],
    ) -> Result<Self, NeuroError> {
        if let Some(&node) = artificial.ids().iter().find(|id| self.ids.binary_search(id).is_ok()) {
            return Err(NeuroError::DuplicateNode { population: "artificial cells".to_owned(), node });
        }
        self.network.with_artificial(artificial.ids().len());
        let ids = Ids { cells: &self.ids, artificial: artificial.ids() };
        for connection in from {
            self.network.add(ids, &self.cells, connection)?;
        }
        for connection in into {
            self.network.add_artificial(ids, connection)?;
        }
        self.artificial = Some(artificial);
        Ok(self)
    }

    /// With spikes that are played.
    ///
    /// # Errors
    /// [`NeuroError::UnknownCell`], [`NeuroError::UnknownSynapse`], [`NeuroError::UnknownPointConnection`].
    pub fn with_trains(mut self, trains: impl IntoIterator<Item = Train>) -> Result<Self, NeuroError> {
        for train in trains {
            self.network.add_train(Ids { cells: &self.ids, artificial: &[] }, &self.cells, train)?;
        }
        Ok(self)
    }

    /// With gap junctions. The point process of each side sees the voltage that the other has when a step begins, as NEURON's
    /// `ParallelTransfer` hands it over.
    ///
    /// # Errors
    /// [`NeuroError::UnknownCell`].
    pub fn with_gap_junctions(mut self, gaps: &[GapJunction]) -> Result<Self, NeuroError> {
        for gap in gaps {
            self.network.add_gap(Ids { cells: &self.ids, artificial: &[] }, &self.cells, gap)?;
        }
        self.transfer_voltages();
        Ok(self)
    }

    /// The artificial cells, if there are any.
    pub fn artificial(&self) -> Option<&ArtificialCells> {
        self.artificial.as_ref()
    }

    /// With astrocytes, whose synapses are those of these cells and which stand at step 0 like them.
    ///
    /// # Panics
    /// Where a covered synapse is of a cell that does not exist.
    #[must_use]
    pub fn with_astrocytes(mut self, astrocytes: Astrocytes) -> Self {
        let watch = if astrocytes.cells().is_some() { Cell::watch_threshold } else { Cell::watch };
        for covered in astrocytes.list().iter().flat_map(|astrocyte| &astrocyte.synapses) {
            watch(&mut self.cells[covered.cell as usize], covered.synapse);
        }
        self.variables = Variables::new(&self.cells, Some(&astrocytes));
        self.astrocytes = Some(astrocytes);
        self
    }

    /// The astrocytes, if there are any.
    pub fn astrocytes(&self) -> Option<&Astrocytes> {
        self.astrocytes.as_ref()
    }

    /// The cells, in the order of their node ids.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// What was left out while the circuit was built, for the user to read.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What was understood of each e-model of a circuit, in lines.
    pub fn emodels(&self) -> &[String] {
        &self.emodels
    }

    /// Advances all cells to `until`, which is not beyond the shortest delay, and hands over their spikes.
    fn advance_window(&mut self, until: u64, sampled: &mut Sampled<'_>) -> Result<(), Vec<NeuronFailure>> {
        let from_ms = if self.idts == 0 { f64::NEG_INFINITY } else { self.idts as f64 * self.dt_ms };
        self.play(from_ms, until as f64 * self.dt_ms);
        self.transfer_voltages();
        let from = self.idts;
        let of_cells = sampled.of_cells(&self.cells);
        self.cells
            .par_iter_mut()
            .zip(&mut self.window_spikes)
            .zip(&self.excluded)
            .zip(&mut self.readings)
            .zip(of_cells)
            .for_each(|((((cell, spikes), &excluded), reading), samples)| {
                spikes.clear();
                samples.advance(cell, from..until, excluded, spikes, reading);
            });
        if let Some(artificial) = &mut self.artificial {
            artificial.advance(from..until);
        }
        let until_ms = until as f64 * self.dt_ms;
        let failed = |neuron: u64, response: Response, failure: String| NeuronFailure {
            neuron,
            response,
            message: format!("by {until_ms} ms: {failure}"),
        };
        let mut failures: Vec<NeuronFailure> = self
            .cells
            .iter()
            .zip(&self.ids)
            .zip(&self.excluded)
            .filter(|(_, excluded)| !**excluded)
            .filter_map(|((cell, &neuron), _)| {
                Some(failed(neuron, Response::ExcludeNeuron, cell.failure()?.to_string()))
            })
            .collect();
        if let Some((neuron, failure)) = self.artificial.as_ref().and_then(ArtificialCells::failure) {
            // It is no neuron of the spaces, so that nothing could be taken out.
            failures.push(failed(neuron, Response::AbortSimulation, failure));
        }
        if !failures.is_empty() {
            return Err(failures);
        }
        self.exchange_spikes();
        if let Some((node, failure)) = self.advance_astrocytes(from..until, sampled) {
            return Err(vec![failed(node, Response::AbortSimulation, failure)]);
        }
        Ok(())
    }

    /// Everything that advances, and the way back.
    fn with_fallback(&mut self) -> (&mut Fallback, Advancing<'_>) {
        let Self { cells, astrocytes, artificial, fallback, .. } = self;
        (fallback, Advancing { cells, astrocytes: astrocytes.as_mut(), artificial: artificial.as_mut() })
    }

    /// Goes back to a step at which an advance has begun, when so many spikes were there.
    fn roll_back(&mut self, idts: u64, spikes: usize) {
        let (fallback, state) = self.with_fallback();
        self.idts = fallback.restore(state);
        let mut unsampled = Sampled::nothing();
        while self.idts < idts {
            let window = self.window(idts);
            self.advance_window(window, &mut unsampled).expect("steps that went well go well again");
            self.idts = window;
        }
        self.spikes.truncate(spikes);
    }

    /// End of the next steps that all cells can make without hearing of one another, on the way to `until`.
    fn window(&self, until: u64) -> u64 {
        self.idts.saturating_add(self.network.shortest_delay()).min(until)
    }
}

impl Simulator for NeuroSimulator {
    fn name(&self) -> &str {
        NAME
    }

    fn base_dt_ms(&self) -> f64 {
        self.dt_ms
    }

    fn ndts(&self) -> u64 {
        1
    }

    fn idts(&self) -> u64 {
        self.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        self.advance_sampled(until, &mut [])
    }

    /// Each cell is read by itself, so that the cells need not wait for one another after each step.
    fn advance_sampled(&mut self, until: u64, samples: &mut [Samples]) -> Result<(), SimulatorError> {
        if until < self.idts {
            return Err(SimulatorError::Backwards { simulator: NAME.to_owned(), idts: self.idts, until });
        }
        let idts = self.idts;
        let (fallback, state) = self.with_fallback();
        fallback.keep(idts, state);
        let mut sampled = Sampled::new(&self.variables, samples).map_err(|error| SimulatorError::query(NAME, error))?;
        let (start, spikes) = (self.idts, self.spikes.len());
        while self.idts < until {
            let window = self.window(until);
            if let Err(failures) = self.advance_window(window, &mut sampled) {
                self.roll_back(start, spikes);
                sampled.roll_back();
                return Err(SimulatorError::Neurons { simulator: NAME.to_owned(), failures });
            }
            sampled.passed(window - self.idts);
            self.idts = window;
        }
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        let mut spaces = spaces::spaces(self.population.as_deref(), &self.ids, &self.cells, &self.placements);
        spaces.extend(synapse_values::spaces(self.population.as_deref(), &self.ids, &self.cells));
        spaces.extend(self.astrocytes.iter().flat_map(spaces::of_astrocytes));
        spaces
    }

    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        let mut mappings = spaces::mappings(&self.cells);
        mappings.extend(self.astrocytes.as_ref().and_then(spaces::mapping_of_astrocytes));
        mappings.extend(self.astrocytes.iter().flat_map(|astrocytes| spaces::mappings_of_endfeet(astrocytes, spaces)));
        Ok(mappings)
    }

    fn variables(&self) -> &[Variable] {
        self.variables.list()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.resolve(query, access)
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        self.variables
            .get(query, &self.cells, self.astrocytes.as_ref(), values)
            .map_err(|error| SimulatorError::query(NAME, error))
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        self.fallback.forget();
        self.variables
            .set(query, &mut self.cells, &self.excluded, values)
            .map_err(|error| SimulatorError::query(NAME, error))
    }

    fn summary(&self) -> Vec<String> {
        let mut values = Vec::new();
        let range = |name: &&str| {
            self.get_var(&Query::new("get_var").with("var", *name), &mut values).ok()?;
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            Some(format!("{name} {low:.4} to {high:.4} mM"))
        };
        let ranges: Vec<String> = SUMMED_UP.iter().filter_map(range).collect();
        let mut lines = vec![format!("over all segments: {}", ranges.join(", "))];
        if let Some(astrocytes) = &self.astrocytes {
            values.clear();
            astrocytes.read_calcium_um(&mut values);
            let highest = values.iter().copied().fold(0.0, f64::max);
            lines.push(format!("astrocytes: calcium up to {highest:.4} uM"));
        }
        lines
    }

    fn take_spikes(&mut self, spikes: &mut Vec<Spike>) {
        self.spikes.sort_unstable_by(|a, b| a.time_ms.total_cmp(&b.time_ms).then(a.neuron.cmp(&b.neuron)));
        spikes.append(&mut self.spikes);
    }

    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        self.fallback.forget();
        for neuron in neurons {
            if let Ok(cell) = self.ids.binary_search(neuron) {
                self.excluded[cell] = true;
            }
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        let state = State {
            idts: self.idts,
            cells: self.cells.iter().map(|cell| cell.state().clone()).collect(),
            excluded: self.excluded.clone(),
            spikes: self.spikes.clone(),
            astrocytes: self.astrocytes.as_ref().map(Astrocytes::state),
            artificial: self.artificial.as_ref().map(|artificial| artificial.state().clone()),
        };
        Snapshot::encode(NAME, &state)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        let state: State = snapshot.decode(NAME)?;
        let same_astrocytes = match (&state.astrocytes, &self.astrocytes) {
            (Some(state), Some(astrocytes)) => state.same_shape(&astrocytes.state()),
            (None, None) => true,
            _ => false,
        };
        let same_artificial = match (&state.artificial, &self.artificial) {
            (Some(state), Some(artificial)) => state.same_shape(artificial.state()),
            (None, None) => true,
            _ => false,
        };
        let fits = same_astrocytes
            && same_artificial
            && state.cells.len() == self.cells.len()
            && state.excluded.len() == self.cells.len()
            && state.cells.iter().zip(&self.cells).all(|(state, cell)| state.same_shape(cell.state()));
        if !fits {
            let reason = format!(
                "it holds {} cells, with astrocytes and artificial cells, of another number or shape than the {} cells{}; \
                 restore with the circuit, node set and e-models that it was taken with",
                state.cells.len(),
                self.cells.len(),
                self.population.as_ref().map_or_else(String::new, |name| format!(" of population '{name}'"))
            );
            return Err(SimulatorError::WrongSnapshot { simulator: NAME.to_owned(), reason });
        }
        self.fallback.forget();
        for (cell, state) in self.cells.iter_mut().zip(&state.cells) {
            cell.state_mut().assign(state);
        }
        if let (Some(astrocytes), Some(state)) = (&mut self.astrocytes, &state.astrocytes) {
            astrocytes.assign(state);
        }
        if let (Some(artificial), Some(state)) = (&mut self.artificial, &state.artificial) {
            artificial.assign(state);
        }
        self.idts = state.idts;
        self.excluded = state.excluded;
        self.spikes = state.spikes;
        Ok(())
    }
}
