//! Blood flow as a simulator that can be coupled.

mod variables;

use std::collections::BTreeMap;

use msr_coupling::space::{ENTRY_SUBSET, VESSEL_NODES, VESSEL_SEGMENTS, VESSEL_STARTS};
use msr_coupling::{
    Access, Address, Geometry, Port, Query, QueryError, Simulator, SimulatorError, Snapshot, Space, Variable,
    VariableTable,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::variables::Observable;
use crate::boundary::{Boundary, BoundaryError};
use crate::endfeet::combine_radii;
use crate::entry::EntryError;
use crate::flow::{Flow, FlowError, FlowSolver};
use crate::settings::{Held, Settings, SettingsError, SettingsNote};
use crate::vasculature::Vasculature;
use crate::vessel;
use crate::viscosity::ViscosityError;

/// Name in configurations.
pub const NAME: &str = "bloodflow";

/// Quasi-static blood flow: flow and pressure always belong to the present radii. `set_radii` solves at once, and fails
/// without any change where there is no solution; `advance` moves the clock alone.
#[derive(Debug)]
pub struct BloodflowSimulator {
    vasculature: Vasculature,
    settings: Settings,
    ndts: u64,
    base_dt_ms: f64,
    entries: Vec<usize>,
    boundary: Boundary,
    solver: FlowSolver,
    conductances: Vec<f64>,
    variables: VariableTable,
    notes: Vec<SettingsNote>,
    state: State,
}

/// All that changes during a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    idts: u64,
    radii_um: Vec<f64>,
    flow: Flow,
}

/// Why blood flow cannot be simulated.
#[derive(Debug, thiserror::Error)]
pub enum BloodflowError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is no entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// There are no boundary flows.
    #[error(transparent)]
    Boundary(#[from] BoundaryError),
    /// The viscosity law does not hold for a vessel.
    #[error(transparent)]
    Viscosity(#[from] ViscosityError),
    /// The flow cannot be computed.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// No time step.
    #[error("bloodflow.ndts must be at least 1")]
    ZeroStep,
}

impl BloodflowSimulator {
    /// Builds the simulator and computes the flow at rest. Flow is quasi-static: it answers at once to radii that are set,
    /// and nothing happens between two settings. `ndts` is its step in base steps of `base_dt_ms`.
    ///
    /// # Errors
    /// [`BloodflowError`].
    pub fn new(
        vasculature: Vasculature,
        settings: &Settings,
        ndts: u64,
        base_dt_ms: f64,
    ) -> Result<Self, BloodflowError> {
        settings.check()?;
        if ndts == 0 {
            return Err(BloodflowError::ZeroStep);
        }
        let entries = settings.entry.select(&vasculature)?;
        let mut notes = settings.notes().to_vec();
        if entries.len() < settings.entry.count {
            notes.push(SettingsNote::FewEntries { wanted: settings.entry.count, found: entries.len() });
        }
        let inflows = settings.inflow.flows_um3_per_s(&vasculature, &entries, settings.input_v);
        let mut boundary = Boundary::flows_by_area(&vasculature, &entries, &inflows)?;
        let mut solver = FlowSolver::new(&vasculature, [])?;
        let mut conductances = vec![0.0; vasculature.segment_count()];
        let radii_um = vasculature.rest_radii_um().to_vec();
        settings.write_conductances(&vasculature, &radii_um, &mut conductances)?;
        let mut flow = solver.solve(&vasculature, &conductances, &boundary, settings.base_pressure_kpa)?;
        if settings.held == Held::Pressures {
            boundary = boundary.holding_pressures(&vasculature, &flow.pressures_kpa);
            solver = FlowSolver::new(&vasculature, boundary.pressures_kpa.keys().copied())?;
            flow = solver.solve(&vasculature, &conductances, &boundary, settings.base_pressure_kpa)?;
        }
        Ok(Self {
            settings: settings.clone(),
            ndts,
            base_dt_ms,
            entries,
            boundary,
            solver,
            conductances,
            variables: variables::declared(),
            notes,
            state: State { idts: 0, radii_um, flow },
            vasculature,
        })
    }

    /// The vasculature at rest.
    pub fn vasculature(&self) -> &Vasculature {
        &self.vasculature
    }

    /// Nodes through which blood enters, by ascending diameter.
    pub fn entries(&self) -> &[usize] {
        &self.entries
    }

    /// Present radius of each segment, in um.
    pub fn radii_um(&self) -> &[f64] {
        &self.state.radii_um
    }

    /// Flow and pressure as last computed.
    pub fn flow(&self) -> &Flow {
        &self.state.flow
    }

    /// How well blood is conserved, see [`Flow::conservation`].
    pub fn conservation(&self) -> f64 {
        self.state.flow.conservation(&self.vasculature)
    }

    /// What in the settings does not act as its author may expect.
    pub fn notes(&self) -> &[SettingsNote] {
        &self.notes
    }

    fn solve(&mut self) -> Result<Flow, BloodflowError> {
        self.settings.write_conductances(&self.vasculature, &self.state.radii_um, &mut self.conductances)?;
        let base = self.settings.base_pressure_kpa;
        Ok(self.solver.solve(&self.vasculature, &self.conductances, &self.boundary, base)?)
    }

    fn value(&self, observable: Observable, element: usize) -> Result<f64, ViscosityError> {
        let State { radii_um, flow, .. } = &self.state;
        Ok(match observable {
            Observable::Flows => flow.flows_um3_per_s[element],
            Observable::Volumes => vessel::volume_um3(self.vasculature.lengths_um()[element], radii_um[element]),
            Observable::Radii => radii_um[element],
            Observable::Pressures => {
                let [start, end] = self.vasculature.ends(element).map(|node| flow.pressures_kpa[node]);
                (start + end) / 2.0
            }
            Observable::Velocities => vessel::velocity_um_per_s(flow.flows_um3_per_s[element], radii_um[element]),
            Observable::WallShearStresses => {
                let viscosity = self.settings.viscosity_kpa_s(radii_um[element])?;
                vessel::wall_shear_stress_kpa(flow.flows_um3_per_s[element], viscosity, radii_um[element])
            }
            Observable::NodePressures => flow.pressures_kpa[element],
            Observable::NodeInflows => flow.inflows_um3_per_s[element],
        })
    }

    /// Elements that the argument `idxs` selects, or `None` where it is absent: then all.
    fn selected(&self, query: &Query, space: &str) -> Result<Option<Vec<usize>>, QueryError> {
        if matches!(query.args.get("idxs"), None | Some(Value::Null)) {
            return Ok(None);
        }
        let count = self.element_count(space);
        let selected = query.list("idxs").iter().map(|item| {
            let index = item.as_u64().ok_or_else(|| query.wrong_type("idxs", "positions, counted from 0", item))?;
            usize::try_from(index)
                .ok()
                .filter(|&index| index < count)
                .ok_or_else(|| query.unknown_name("idxs", &index.to_string(), [format!("0 to {}", count - 1)]))
        });
        selected.collect::<Result<_, _>>().map(Some)
    }

    fn element_count(&self, space: &str) -> usize {
        if space == VESSEL_NODES { self.vasculature.node_count() } else { self.vasculature.segment_count() }
    }

    fn port(&self, query: &Query, access: Access) -> Result<(Port, Option<Vec<usize>>), QueryError> {
        let port = self.variables.port(query, access, &["idxs"])?;
        let selected = self.selected(query, &port.space)?;
        Ok((port, selected))
    }

    /// The new radii that a call of `set_radii` makes.
    fn radii_with(&self, query: &Query, values: &[f64]) -> Result<Vec<f64>, QueryError> {
        let (port, selected) = self.port(query, Access::Set)?;
        let expected = selected.as_ref().map_or_else(|| self.element_count(&port.space), Vec::len);
        let function = || query.function.clone();
        if values.len() != expected {
            return Err(QueryError::WrongLength { function: function(), expected, found: values.len() });
        }
        for (position, &value) in values.iter().enumerate() {
            let bad = |reason| QueryError::BadValue { function: function(), position, value, reason };
            if !(value > 0.0 && value.is_finite()) {
                return Err(bad("a radius must be positive and finite"));
            }
            if self.settings.viscosity.relative(value).is_err() {
                return Err(bad("the viscosity law has no value for a vessel this narrow"));
            }
        }
        let Some(selected) = selected else { return Ok(values.to_vec()) };
        let mut radii_um = self.state.radii_um.clone();
        for (segment, radius_um) in combine_radii(&selected, values) {
            radii_um[segment] = radius_um;
        }
        Ok(radii_um)
    }

    fn segment_space(&self) -> Space {
        let count = self.vasculature.segment_count();
        let positions = &self.vasculature.nodes().positions_um;
        let is_entry = |segment: &usize| self.vasculature.ends(*segment).iter().any(|node| self.entries.contains(node));
        Space {
            name: VESSEL_SEGMENTS.to_owned(),
            ids: (0..count as u64).collect(),
            sizes: self.vasculature.volumes_um3(self.vasculature.rest_radii_um()).collect(),
            geometry: Geometry::Lines(
                (0..count).map(|segment| self.vasculature.ends(segment).map(|node| positions[node])).collect(),
            ),
            population: self.vasculature.population().map(str::to_owned),
            addresses: (0..count as u64).map(|node| Address { node, element: 0 }).collect(),
            subsets: BTreeMap::from([(ENTRY_SUBSET.to_owned(), (0..count).filter(is_entry).collect())]),
        }
    }

    /// Where each vessel segment starts.
    fn start_space(&self) -> Space {
        let positions = &self.vasculature.nodes().positions_um;
        let count = self.vasculature.segment_count();
        let mut space = Space::of_nodes(VESSEL_STARTS, None, (0..count as u64).collect());
        space.geometry =
            Geometry::Points((0..count).map(|segment| positions[self.vasculature.ends(segment)[0]]).collect());
        space
    }

    fn node_space(&self) -> Space {
        let mut space = Space::of_nodes(VESSEL_NODES, None, (0..self.vasculature.node_count() as u64).collect());
        space.geometry = Geometry::Points(self.vasculature.nodes().positions_um.clone());
        space
    }
}

impl Simulator for BloodflowSimulator {
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
        self.state.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        let idts = self.state.idts;
        if until < idts {
            return Err(SimulatorError::Backwards { simulator: NAME.to_owned(), idts, until });
        }
        self.state.idts = until;
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        vec![self.segment_space(), self.start_space(), self.node_space()]
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.port(query, access).map(|(port, _)| port)
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        let (port, selected) = self.port(query, Access::Get).map_err(|source| SimulatorError::query(NAME, source))?;
        let observable = Observable::of_function(&query.function).expect("the port was just found");
        values.clear();
        let read = |element| self.value(observable, element).map_err(|error| SimulatorError::failed(NAME, error));
        match selected {
            None => {
                for element in 0..self.element_count(&port.space) {
                    values.push(read(element)?);
                }
            }
            Some(elements) => {
                for element in elements {
                    values.push(read(element)?);
                }
            }
        }
        Ok(())
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let radii_um = self.radii_with(query, values).map_err(|source| SimulatorError::query(NAME, source))?;
        if radii_um == self.state.radii_um {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.state.radii_um, radii_um);
        match self.solve() {
            Ok(flow) => {
                self.state.flow = flow;
                Ok(())
            }
            Err(error) => {
                self.state.radii_um = before;
                Err(SimulatorError::failed(NAME, error))
            }
        }
    }

    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn summary(&self) -> Vec<String> {
        let flow = &self.state.flow;
        let inflow: f64 = flow.inflows_um3_per_s.iter().filter(|inflow| **inflow > 0.0).sum();
        let pressures = || flow.pressures_kpa.iter().copied();
        let drop = pressures().fold(f64::NEG_INFINITY, f64::max) - pressures().fold(f64::INFINITY, f64::min);
        vec![
            format!("inflow {inflow:.4e} um3/s through {} entries, pressure drop {drop:.4} kPa", self.entries.len()),
            format!("flow is conserved at every node to {:.1e} of the largest inflow", self.conservation()),
        ]
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode(NAME, &self.state)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        let state: State = snapshot.decode(NAME)?;
        let (segments, nodes) = (self.vasculature.segment_count(), self.vasculature.node_count());
        let shapes = [
            ("segments", segments, state.radii_um.len()),
            ("segments", segments, state.flow.flows_um3_per_s.len()),
            ("nodes", nodes, state.flow.pressures_kpa.len()),
            ("nodes", nodes, state.flow.inflows_um3_per_s.len()),
        ];
        if let Some((what, here, there)) = shapes.into_iter().find(|(_, here, there)| here != there) {
            let reason = format!("it has {there} {what}, this vasculature {here}");
            return Err(SimulatorError::WrongSnapshot { simulator: NAME.to_owned(), reason });
        }
        self.state = state;
        Ok(())
    }
}
