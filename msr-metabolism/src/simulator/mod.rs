//! The energy metabolism of many neurons as a [`Simulator`].

mod checks;
mod demand;
mod error;
mod names;
mod population;
mod ports;
mod settings;
mod start;

use std::collections::HashMap;

use msr_config::multiscale::Generation;
use msr_coupling::space::NEURONS;
use msr_coupling::{
    Access, Digest, Identity, NeuronFailure, Port, Query, QueryError, Response, Simulator, SimulatorError, Snapshot,
    Space, Variable,
};

pub use error::SettingsError;
pub use settings::{ModelChoice, Settings};

use crate::model::{Definition, Model};
use crate::solver::{SolverOptions, StepFailure, Work};
use checks::CheckList;
use population::{Engine, FailedCell, Population, Span};
use ports::Address;

/// Name by which connections refer to this simulator.
pub const NAME: &str = "metabolism";

/// A neuron that gets a metabolism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeuronSite {
    /// Id in the space `neurons`.
    pub id: u64,
    /// Cortical layer, from 1, if it is known.
    pub layer: Option<u32>,
}

/// The state whose range the summary of a run tells.
const SUMMED_UP: &str = "ATP_n";

/// One neuron-astrocyte-capillary unit for each neuron.
///
/// Between two windows, coupling reads and writes states (`get_vm_idx {idx}`, `set_vm_idxs {idxs}`) and parameters
/// (`get_parameters_idx {idx}`, `set_parameters_idxs {idxs}`); `idx` is a name or a number, `idxs` also a list of these.
/// `alive_gids` reads 1 for neurons that take part. Nothing is clipped: a state that turns negative is told by
/// [`MetabolismSimulator::notes`].
#[derive(Debug)]
pub struct MetabolismSimulator {
    model: Model,
    /// Where the model is from, for the summary.
    origin: String,
    generation: Generation,
    owns_neurons: bool,
    ids: Vec<u64>,
    places: HashMap<u64, usize>,
    variables: Vec<Variable>,
    checks: CheckList,
    /// What the user should know from the start.
    start_notes: Vec<String>,
    population: Population,
    engine: Engine,
    ndts: u64,
    base_dt_ms: f64,
}

impl MetabolismSimulator {
    /// The model of the settings for these neurons (ascending ids); a step is `ndts` base steps of `base_dt_ms`.
    ///
    /// # Errors
    /// [`SettingsError`] for the first mistake in the model or the settings.
    pub fn new(neurons: &[NeuronSite], settings: &Settings, ndts: u64, base_dt_ms: f64) -> Result<Self, SettingsError> {
        let mut simulator = Self::with_model(settings.definition()?, neurons, settings, ndts, base_dt_ms)?;
        simulator.origin = match &settings.model {
            ModelChoice::Bundled(variant) => format!("{variant} model, {}", settings.corrections),
            ModelChoice::Files(path) => format!("model of {}", path.display()),
        };
        Ok(simulator)
    }

    /// The same with a model that is given; what the settings say of model and corrections is left alone.
    ///
    /// # Errors
    /// [`SettingsError`] for the first mistake in the model or the settings.
    pub fn with_model(
        mut definition: Definition,
        neurons: &[NeuronSite],
        settings: &Settings,
        ndts: u64,
        base_dt_ms: f64,
    ) -> Result<Self, SettingsError> {
        if ndts == 0 || !(base_dt_ms > 0.0 && base_dt_ms.is_finite()) {
            return Err(SettingsError::NoStep { ndts, base_dt_ms });
        }
        if let Some(pair) = neurons.windows(2).find(|pair| pair[0].id >= pair[1].id) {
            return Err(SettingsError::NeuronOrder { first: pair[0].id, second: pair[1].id });
        }
        let pump_note = start::override_constants(&mut definition.constants, settings)?;
        let model = Model::compile(definition)?;
        let (options, solver_notes) = SolverOptions::from_kwargs(&settings.solver_kwargs)?;
        let start_notes = solver_notes.into_iter().chain(pump_note).collect();
        let population = Population {
            idts: 0,
            states: start::states(&model, settings)?.repeat(neurons.len()),
            parameters: start::parameters(&model, settings, neurons)?,
            step_s: vec![0.0; neurons.len()],
            alive: vec![true; neurons.len()],
            negative: vec![None; neurons.len()],
            work: Work::default(),
        };
        Ok(Self {
            origin: "model of the caller".to_owned(),
            generation: settings.generation,
            owns_neurons: settings.owns_neurons,
            ids: neurons.iter().map(|neuron| neuron.id).collect(),
            places: neurons.iter().enumerate().map(|(place, neuron)| (neuron.id, place)).collect(),
            variables: ports::variables(&model)?,
            checks: CheckList::new(&model, settings)?,
            start_notes,
            engine: Engine::new(&model, options, &population),
            model,
            population,
            ndts,
            base_dt_ms,
        })
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Method and tolerances in use.
    pub fn solver_options(&self) -> &SolverOptions {
        self.engine.options()
    }

    /// Steps of the solver so far, over all cells.
    pub fn work(&self) -> Work {
        self.population.work
    }

    /// What the user should know: options that are replaced, a pump that stands still, and for each neuron the first state that turned negative.
    pub fn notes(&self) -> Vec<String> {
        self.start_notes.iter().cloned().chain(self.negative_notes()).collect()
    }

    fn negative_notes(&self) -> Vec<String> {
        let negatives = self.ids.iter().zip(&self.population.negative).filter_map(|(id, negative)| {
            let negative = negative.as_ref()?;
            let state = &self.model.states()[negative.state as usize];
            let time_ms = negative.idts as f64 * self.base_dt_ms;
            Some(format!(
                "neuron {id}: {} ({}) is negative, {:.3e} {}, first seen at {time_ms} ms; the model has left its range of validity",
                state.name, state.description, negative.value, state.unit
            ))
        });
        negatives.collect()
    }

    /// All states of a neuron, by number, or `None` where there is no such neuron.
    pub fn states_of(&self, neuron: u64) -> Option<&[f64]> {
        let place = *self.places.get(&neuron)?;
        self.population.states.chunks_exact(self.model.states().len()).nth(place)
    }

    /// All parameters of a neuron, by number, or `None` where there is no such neuron.
    pub fn parameters_of(&self, neuron: u64) -> Option<&[f64]> {
        let place = *self.places.get(&neuron)?;
        self.population.parameters.chunks_exact(self.model.parameters().len()).nth(place)
    }

    fn time_ms(&self) -> f64 {
        self.population.idts as f64 * self.base_dt_ms
    }

    fn address(&self, query: &Query, access: Access) -> Result<Address, QueryError> {
        ports::address(&self.model, self.generation, query, access)
    }

    fn neuron_failure(&self, failed: &FailedCell) -> NeuronFailure {
        let FailedCell { cell, idts, failure } = failed;
        let time_ms = *idts as f64 * self.base_dt_ms + failure.time_s * 1e3;
        let state = &self.model.states()[failure.state];
        let options = self.engine.options();
        let reason = match failure.reason {
            StepFailure::StepTooSmall => "no step is small enough for the tolerances".to_owned(),
            StepFailure::TooManySteps => format!("{} steps did not reach the end of the window", options.most_steps),
        };
        NeuronFailure {
            neuron: self.ids[*cell],
            response: Response::ExcludeNeuron,
            message: format!(
                "the solver {} stopped at {time_ms} ms: {reason}; the state that fails is {}, {} {}",
                options.method.name(),
                state.name,
                failure.value,
                state.unit
            ),
        }
    }

    fn check_values(&self, query: &Query, values: &[f64]) -> Result<(), QueryError> {
        if values.len() != self.ids.len() {
            return Err(QueryError::WrongLength {
                function: query.function.clone(),
                expected: self.ids.len(),
                found: values.len(),
            });
        }
        let bad = values.iter().zip(&self.population.alive).position(|(value, &alive)| alive && !value.is_finite());
        bad.map_or(Ok(()), |position| {
            Err(QueryError::BadValue {
                function: query.function.clone(),
                position,
                value: values[position],
                reason: "it is not a finite number",
            })
        })
    }
}

impl Simulator for MetabolismSimulator {
    fn name(&self) -> &str {
        NAME
    }

    fn base_dt_ms(&self) -> f64 {
        self.base_dt_ms
    }

    fn ndts(&self) -> u64 {
        self.ndts
    }

    fn idts(&self) -> u64 {
        self.population.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        let idts = self.population.idts;
        if until < idts {
            return Err(SimulatorError::Backwards { simulator: NAME.to_owned(), idts, until });
        }
        if until == idts {
            return Ok(());
        }
        let span = Span { until, ndts: self.ndts, base_dt_ms: self.base_dt_ms };
        let failed = self.engine.advance(&self.model, &mut self.population, span);
        if failed.is_empty() {
            return Ok(());
        }
        let failures = failed.iter().map(|failed| self.neuron_failure(failed)).collect();
        Err(SimulatorError::Neurons { simulator: NAME.to_owned(), failures })
    }

    fn spaces(&self) -> Vec<Space> {
        if self.owns_neurons { vec![Space::of_nodes(NEURONS, None, self.ids.clone())] } else { Vec::new() }
    }

    fn identify(&self, identity: &mut Identity) {
        let Definition { states, parameters, constants, equations } = self.model.definition();
        let mut digest = Digest::default();
        digest.text(&format!("{states:?} {parameters:?} {constants:?}"));
        for equation in equations {
            digest.text(&format!("{:?} {} {:?}", equation.kind, equation.name, equation.formula));
        }
        identity.insert(format!("equations of {NAME}"), format!("{} ({digest})", equations.len()));
    }

    fn variables(&self) -> &[Variable] {
        &self.variables
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        let address = self.address(query, access)?;
        Ok(ports::port(&self.model, &self.variables, &address))
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        let address = self.address(query, Access::Get).map_err(|error| SimulatorError::query(NAME, error))?;
        values.clear();
        let population = &self.population;
        match address {
            Address::States(numbers) => {
                values.extend(population.states.chunks_exact(self.model.states().len()).map(|cell| cell[numbers[0]]));
            }
            Address::Parameters(numbers) => values
                .extend(population.parameters.chunks_exact(self.model.parameters().len()).map(|cell| cell[numbers[0]])),
            Address::Alive => values.extend(population.alive.iter().map(|&alive| f64::from(u8::from(alive)))),
        }
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let address = self
            .address(query, Access::Set)
            .and_then(|address| self.check_values(query, values).map(|()| address))
            .map_err(|error| SimulatorError::query(NAME, error))?;
        let (all, width, numbers) = match &address {
            Address::States(numbers) => (&mut self.population.states, self.model.states().len(), numbers),
            Address::Parameters(numbers) => (&mut self.population.parameters, self.model.parameters().len(), numbers),
            Address::Alive => unreachable!("no setter addresses alive_gids"),
        };
        let mut changed = vec![false; values.len()];
        for (place, (cell, &value)) in all.chunks_exact_mut(width).zip(values).enumerate() {
            if self.population.alive[place] {
                for &number in numbers {
                    changed[place] |= cell[number] != value;
                    cell[number] = value;
                }
            }
        }
        for (cell, _) in changed.iter().enumerate().filter(|(_, changed)| **changed) {
            self.population.restart(cell);
        }
        Ok(())
    }

    fn check(&self) -> Vec<NeuronFailure> {
        let population = &self.population;
        let states = population.states.chunks_exact(self.model.states().len());
        let parameters = population.parameters.chunks_exact(self.model.parameters().len());
        let cells = self.ids.iter().zip(&population.alive).zip(states.zip(parameters));
        cells
            .filter(|((_, alive), _)| **alive)
            .filter_map(|((&neuron, _), (states, parameters))| {
                let (response, message) = self.checks.failure(&self.model, states, parameters)?;
                Some(NeuronFailure { neuron, response, message: format!("{message} (at {} ms)", self.time_ms()) })
            })
            .collect()
    }

    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        for place in neurons.iter().filter_map(|neuron| self.places.get(neuron)) {
            self.population.alive[*place] = false;
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode(NAME, &self.population)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        let population: Population = snapshot.decode(NAME)?;
        if !self.population.fits(&population) {
            let size = |population: &Population| {
                let values = (population.states.len() + population.parameters.len()) / population.cells().max(1);
                format!("{} neurons with {values} states and parameters", population.cells())
            };
            let reason = format!("it has {}, this run has {}", size(&population), size(&self.population));
            return Err(SimulatorError::WrongSnapshot { simulator: NAME.to_owned(), reason });
        }
        self.population = population;
        Ok(())
    }

    fn summary(&self) -> Vec<String> {
        let options = self.engine.options();
        let mut lines = vec![self.origin.clone()];
        if let Some(state) = self.model.states().iter().position(|state| state.name == SUMMED_UP) {
            let count = self.model.states().len();
            let values = self.population.states.chunks_exact(count).zip(&self.population.alive);
            let (low, high) = values
                .filter(|(_, alive)| **alive)
                .map(|(states, _)| states[state])
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
            if low <= high {
                lines.push(format!("{SUMMED_UP}: {low:.6} to {high:.6} {}", self.model.states()[state].unit));
            }
        }
        lines.push(format!(
            "{} of {} neurons fed to the end by {} in {} steps, {} more were rejected",
            self.population.alive.iter().filter(|alive| **alive).count(),
            self.ids.len(),
            options.method.name(),
            self.population.work.accepted,
            self.population.work.rejected,
        ));
        lines.extend(self.negative_notes());
        lines
    }
}
