//! Blood flow as a simulator that can be coupled.

mod delivery;
mod error;
mod setting;
mod spaces;
mod state;
mod variables;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use msr_coupling::space::VESSEL_NODES;
use msr_coupling::{
    Access, Port, Query, QueryError, Simulator, SimulatorError, Snapshot, Space, Variable, VariableTable,
};
use serde_json::Value;

pub use self::error::BloodflowError;
use self::state::State;
use self::variables::Observable;
use crate::boundary::Boundary;
use crate::flow::{Flow, FlowSolver};
use crate::settings::{Held, Settings, SettingsNote};
use crate::transport::{Delivery, Solute};
use crate::vasculature::Vasculature;
use crate::vasodilation::Vasodilation;
use crate::vessel;
use crate::vtp::{self, VtpError};

const S_PER_MS: f64 = 1e-3;

/// Blood that needs longer than a day to pass a segment stands still: this is told in place of any longer time, so that
/// sums and averages stay numbers. A choice of ours.
const LONGEST_TRANSIT_TIME_S: f64 = 86_400.0;

/// Name in configurations.
pub const NAME: &str = "bloodflow";

/// Quasi-static blood flow: flow and pressure always belong to the present radii. `set_radii` solves at once, and fails
/// without any change where there is no solution. `advance` moves the clock, and at each step of it the vessels that dilate
/// on their own.
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
    vasodilation: Option<Vasodilation>,
    /// What the present flow delivers, once it was asked for.
    oxygen: OnceLock<Delivery>,
    glucose: OnceLock<Delivery>,
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
        let entries = settings.entry.select(&vasculature)?;
        let mut few = None;
        if entries.len() < settings.entry.count {
            few = Some(SettingsNote::FewEntries { wanted: settings.entry.count, found: entries.len() });
        }
        let boundary = match settings.held {
            Held::EntryPressure(entry_kpa) => {
                Boundary::entry_and_exit_pressures(&vasculature, &entries, entry_kpa, settings.base_pressure_kpa)?
            }
            Held::Flows | Held::Pressures => {
                let inflows = settings.inflow.flows_um3_per_s(&vasculature, &entries, settings.input_v);
                Boundary::flows_by_area(&vasculature, &entries, &inflows)?
            }
        };
        let mut simulator = Self::with_boundary(vasculature, settings, boundary, ndts, base_dt_ms)?;
        simulator.entries = entries;
        simulator.notes.extend(few);
        if settings.held == Held::Pressures {
            let Self { vasculature, boundary, state, .. } = &mut simulator;
            *boundary = boundary.holding_pressures(vasculature, &state.flow.pressures_kpa);
            let pressure_nodes = boundary.pressures_kpa.keys().copied();
            simulator.solver = FlowSolver::with_method(vasculature, pressure_nodes, settings.method);
            simulator.solve()?;
        }
        Ok(simulator)
    }

    /// As [`BloodflowSimulator::new`], with a flow or a pressure given for every node: the settings of entries and of what is
    /// held at the ends are not looked at. Entries are the nodes with a given inflow, and those with the highest given
    /// pressure.
    ///
    /// # Errors
    /// [`BloodflowError`].
    pub fn with_boundary(
        vasculature: Vasculature,
        settings: &Settings,
        boundary: Boundary,
        ndts: u64,
        base_dt_ms: f64,
    ) -> Result<Self, BloodflowError> {
        settings.check()?;
        if ndts == 0 {
            return Err(BloodflowError::ZeroStep);
        }
        let mut notes = settings.notes().to_vec();
        let pressure_nodes = boundary.pressures_kpa.keys().copied();
        let solver = FlowSolver::with_method(&vasculature, pressure_nodes, settings.method);
        let vasodilation = settings.vasodilation.as_ref().map(|dilation| {
            let dt_s = ndts as f64 * base_dt_ms * S_PER_MS;
            Vasodilation::new(&vasculature, dilation, dt_s, settings.seed)
        });
        let vasodilation = vasodilation.transpose()?;
        if vasodilation.as_ref().is_some_and(|vasodilation| vasodilation.state().segment_count() == 0) {
            notes.push(SettingsNote::NothingDilates);
        }
        let mut simulator = Self {
            ndts,
            base_dt_ms,
            entries: boundary.entries(),
            boundary,
            solver,
            conductances: vec![0.0; vasculature.segment_count()],
            variables: variables::declared(),
            notes,
            state: State::at_rest(&vasculature, settings.discharge_hematocrit),
            vasodilation,
            settings: settings.clone(),
            vasculature,
            oxygen: OnceLock::new(),
            glucose: OnceLock::new(),
        };
        simulator.solve()?;
        Ok(simulator)
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

    /// Discharge haematocrit of each segment.
    pub fn hematocrits(&self) -> &[f64] {
        &self.state.hematocrits
    }

    /// Writes the present state as VTK PolyData: radius, flow, velocity and haematocrit of the segments, pressure at the
    /// nodes.
    ///
    /// # Errors
    /// [`VtpError`].
    pub fn write_vtp(&self, path: &Path) -> Result<(), VtpError> {
        let State { radii_um, flow, hematocrits, .. } = &self.state;
        let velocities: Vec<f64> = flow
            .flows_um3_per_s
            .iter()
            .zip(radii_um)
            .map(|(&flow, &radius)| vessel::velocity_um_per_s(flow, radius))
            .collect();
        let segment_columns: [(&str, &[f64]); 4] = [
            ("radius_um", radii_um),
            ("flow_um3_per_s", &flow.flows_um3_per_s),
            ("velocity_um_per_s", &velocities),
            ("hematocrit", hematocrits),
        ];
        vtp::write(path, &self.vasculature, &[("pressure_kpa", &flow.pressures_kpa)], &segment_columns)
    }

    /// Finds the flow for the present radii, and the haematocrits where they follow it. Nothing changes where there is none.
    fn solve(&mut self) -> Result<(), BloodflowError> {
        let Self { settings, vasculature, state, conductances, solver, boundary, .. } = self;
        if let Some(fixed_point) = settings.phase_separation {
            let mut hematocrits = state.hematocrits.clone();
            let (radii_um, cells) = (&state.radii_um, &mut hematocrits);
            let (flow, _) =
                fixed_point.solve(solver, vasculature, settings, boundary, radii_um, cells, conductances)?;
            (state.flow, state.hematocrits) = (flow, hematocrits);
        } else {
            settings.write_conductances(vasculature, &state.radii_um, conductances)?;
            let base_pressure_kpa = settings.base_pressure_kpa;
            solver.solve_into(vasculature, conductances, boundary, base_pressure_kpa, &mut state.flow)?;
        }
        self.forget_delivery();
        Ok(())
    }

    /// Steps of the vessels that dilate on their own, each with its flow. Where there is none, nothing changes.
    fn dilate(&mut self, steps: u64) -> Result<(), BloodflowError> {
        let Some(before) = self.vasodilation.clone() else { return Ok(()) };
        let state_before = self.state.clone();
        for _ in 0..steps {
            let Some(vasodilation) = &mut self.vasodilation else { break };
            vasodilation.advance(true);
            vasodilation.write_radii(&self.vasculature, &mut self.state.radii_um);
            if let Err(error) = self.solve() {
                (self.vasodilation, self.state) = (Some(before), state_before);
                self.forget_delivery();
                return Err(error);
            }
        }
        Ok(())
    }

    fn value(&self, observable: Observable, element: usize) -> Result<f64, BloodflowError> {
        let State { radii_um, flow, .. } = &self.state;
        let length_um = || self.vasculature.lengths_um()[element];
        Ok(match observable {
            Observable::Flows => flow.flows_um3_per_s[element],
            Observable::Volumes => vessel::volume_um3(length_um(), radii_um[element]),
            Observable::Radii => radii_um[element],
            Observable::Pressures => {
                let [start, end] = self.vasculature.ends(element).map(|node| flow.pressures_kpa[node]);
                (start + end) / 2.0
            }
            Observable::Velocities => vessel::velocity_um_per_s(flow.flows_um3_per_s[element], radii_um[element]),
            Observable::TransitTimes => {
                let time_s = vessel::transit_time_s(flow.flows_um3_per_s[element], length_um(), radii_um[element]);
                time_s.min(LONGEST_TRANSIT_TIME_S)
            }
            Observable::WallShearStresses => {
                let law = self.settings.viscosity.at_hematocrit(self.state.hematocrits[element]);
                let viscosity = self.settings.plasma_viscosity_kpa_s * law.relative(radii_um[element])?;
                vessel::wall_shear_stress_kpa(flow.flows_um3_per_s[element], viscosity, radii_um[element])
            }
            Observable::Hematocrits => self.state.hematocrits[element],
            Observable::OxygenPressures => self.oxygen()?.levels[element],
            Observable::OxygenContents => {
                self.settings.oxygen.content_mm(self.oxygen()?.levels[element], self.state.hematocrits[element])
            }
            Observable::OxygenDeliveries => self.oxygen()?.rates_amol_per_s[element],
            Observable::TissueOxygen => self.state.tissue_oxygen_kpa[element],
            Observable::GlucoseConcentrations => self.glucose()?.levels[element],
            Observable::GlucoseDeliveries => self.glucose()?.rates_amol_per_s[element],
            Observable::TissueGlucose => self.state.tissue_glucose_mm[element],
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
        let steps = until / self.ndts - idts / self.ndts;
        self.dilate(steps).map_err(|error| SimulatorError::failed(NAME, error))?;
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
        let (observable, all) =
            self.values_with(query, values).map_err(|source| SimulatorError::query(NAME, source))?;
        match observable {
            Observable::TissueOxygen => {
                self.state.tissue_oxygen_kpa = all;
                self.oxygen.take();
            }
            Observable::TissueGlucose => {
                self.state.tissue_glucose_mm = all;
                self.glucose.take();
            }
            _ => {
                let (_, selected) =
                    self.port(query, Access::Set).map_err(|source| SimulatorError::query(NAME, source))?;
                let selected: Option<BTreeSet<usize>> = selected.map(|selected| selected.into_iter().collect());
                let is_set = |segment: usize| selected.as_ref().is_none_or(|selected| selected.contains(&segment));
                self.set_radii(all, is_set).map_err(|error| SimulatorError::failed(NAME, error))?;
            }
        }
        Ok(())
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

    fn write_vtk(&self, directory: &Path) -> Result<Option<PathBuf>, SimulatorError> {
        let path = directory.join("vessels.vtp");
        self.write_vtp(&path).map_err(|error| SimulatorError::failed(NAME, error))?;
        Ok(Some(path))
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        self.kept()
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.take_back(snapshot)
    }

    fn memory_bytes(&self) -> u64 {
        (self.state.memory_bytes() + self.solver.memory_bytes() + self.conductances.len() * size_of::<f64>()) as u64
    }
}
