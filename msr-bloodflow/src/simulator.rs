//! Blood flow as a simulator that can be coupled.

mod setting;
mod spaces;
mod variables;

use std::path::Path;
use std::sync::OnceLock;

use msr_coupling::space::VESSEL_NODES;
use msr_coupling::{
    Access, Port, Query, QueryError, Simulator, SimulatorError, Snapshot, Space, Variable, VariableTable,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::variables::Observable;
use crate::boundary::{Boundary, BoundaryError};
use crate::entry::EntryError;
use crate::flow::{Flow, FlowError, FlowSolver};
use crate::flow_order::CirculatingFlow;
use crate::phase_separation::PhaseSeparationError;
use crate::settings::{Held, Settings, SettingsError, SettingsNote};
use crate::transport::{Delivery, Stream};
use crate::vasculature::Vasculature;
use crate::vessel;
use crate::viscosity::ViscosityError;
use crate::vtp::{self, VtpError};

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
    /// What the present flow delivers, once it was asked for.
    oxygen: OnceLock<Delivery>,
    glucose: OnceLock<Delivery>,
}

/// All that changes during a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    idts: u64,
    radii_um: Vec<f64>,
    flow: Flow,
    /// Discharge haematocrit of each segment.
    hematocrits: Vec<f64>,
    /// Partial pressure of oxygen in the tissue around each segment.
    tissue_oxygen_kpa: Vec<f64>,
    /// Concentration of glucose in the tissue around each segment.
    tissue_glucose_mm: Vec<f64>,
}

/// Levels in the tissue until they are set: 25 mmHg of oxygen, within what is measured in cortex (Ndubuizu, LaManna,
/// Antioxid Redox Signal 9, 1207, 2007), and 1.2 mM of glucose, about what there is at 5 mM in plasma (Gruetter, Ugurbil,
/// Seaquist, J Neurochem 70, 397, 1998).
const TISSUE_OXYGEN_KPA: f64 = 3.3;
const TISSUE_GLUCOSE_MM: f64 = 1.2;

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
    /// Flow and haematocrit cannot be found together.
    #[error(transparent)]
    PhaseSeparation(#[from] PhaseSeparationError),
    /// The flow is not one that pressures drive.
    #[error(transparent)]
    Circulating(#[from] CirculatingFlow),
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
        let boundary = match settings.held {
            Held::EntryPressure(entry_kpa) => {
                Boundary::entry_and_exit_pressures(&vasculature, &entries, entry_kpa, settings.base_pressure_kpa)?
            }
            Held::Flows | Held::Pressures => {
                let inflows = settings.inflow.flows_um3_per_s(&vasculature, &entries, settings.input_v);
                Boundary::flows_by_area(&vasculature, &entries, &inflows)?
            }
        };
        let solver = FlowSolver::new(&vasculature, boundary.pressures_kpa.keys().copied())?;
        let (segments, nodes) = (vasculature.segment_count(), vasculature.node_count());
        let nowhere = Flow {
            pressures_kpa: vec![0.0; nodes],
            flows_um3_per_s: vec![0.0; segments],
            inflows_um3_per_s: vec![0.0; nodes],
        };
        let mut simulator = Self {
            ndts,
            base_dt_ms,
            entries,
            boundary,
            solver,
            conductances: vec![0.0; segments],
            variables: variables::declared(),
            notes,
            state: State {
                idts: 0,
                radii_um: vasculature.rest_radii_um().to_vec(),
                flow: nowhere,
                hematocrits: vec![settings.discharge_hematocrit; segments],
                tissue_oxygen_kpa: vec![TISSUE_OXYGEN_KPA; segments],
                tissue_glucose_mm: vec![TISSUE_GLUCOSE_MM; segments],
            },
            settings: settings.clone(),
            vasculature,
            oxygen: OnceLock::new(),
            glucose: OnceLock::new(),
        };
        simulator.solve()?;
        if settings.held == Held::Pressures {
            let Self { vasculature, boundary, state, .. } = &mut simulator;
            *boundary = boundary.holding_pressures(vasculature, &state.flow.pressures_kpa);
            simulator.solver = FlowSolver::new(vasculature, boundary.pressures_kpa.keys().copied())?;
            simulator.solve()?;
        }
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
            state.flow = solver.solve(vasculature, conductances, boundary, settings.base_pressure_kpa)?;
        }
        self.forget_delivery();
        Ok(())
    }

    fn forget_delivery(&mut self) {
        self.oxygen.take();
        self.glucose.take();
    }

    fn stream(&self) -> Stream<'_> {
        Stream {
            vasculature: &self.vasculature,
            flow: &self.state.flow,
            radii_um: &self.state.radii_um,
            hematocrits: &self.state.hematocrits,
            inflow_hematocrit: self.settings.discharge_hematocrit,
        }
    }

    /// Oxygen along the network with the present flow.
    ///
    /// # Errors
    /// [`CirculatingFlow`].
    pub fn oxygen(&self) -> Result<&Delivery, CirculatingFlow> {
        if let Some(known) = self.oxygen.get() {
            return Ok(known);
        }
        let delivery = self.stream().deliver(&self.settings.oxygen, &self.state.tissue_oxygen_kpa)?;
        Ok(self.oxygen.get_or_init(|| delivery))
    }

    /// Glucose along the network with the present flow.
    ///
    /// # Errors
    /// [`CirculatingFlow`].
    pub fn glucose(&self) -> Result<&Delivery, CirculatingFlow> {
        if let Some(known) = self.glucose.get() {
            return Ok(known);
        }
        let delivery = self.stream().deliver(&self.settings.glucose, &self.state.tissue_glucose_mm)?;
        Ok(self.glucose.get_or_init(|| delivery))
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
                vessel::transit_time_s(flow.flows_um3_per_s[element], length_um(), radii_um[element])
            }
            Observable::WallShearStresses => {
                let law = self.settings.viscosity.at_hematocrit(self.state.hematocrits[element]);
                let viscosity = self.settings.plasma_viscosity_kpa_s * law.relative(radii_um[element])?;
                vessel::wall_shear_stress_kpa(flow.flows_um3_per_s[element], viscosity, radii_um[element])
            }
            Observable::Hematocrits => self.state.hematocrits[element],
            Observable::OxygenPressures => self.oxygen()?.levels[element],
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
            _ => self.set_radii(all).map_err(|error| SimulatorError::failed(NAME, error))?,
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
            ("segments", segments, state.hematocrits.len()),
            ("segments", segments, state.tissue_oxygen_kpa.len()),
            ("segments", segments, state.tissue_glucose_mm.len()),
        ];
        if let Some((what, here, there)) = shapes.into_iter().find(|(_, here, there)| here != there) {
            let reason = format!("it has {there} {what}, this vasculature {here}");
            return Err(SimulatorError::WrongSnapshot { simulator: NAME.to_owned(), reason });
        }
        self.state = state;
        self.forget_delivery();
        Ok(())
    }

    fn memory_bytes(&self) -> u64 {
        let state = self.snapshot().map_or(0, |snapshot| snapshot.bytes.len());
        (state + self.solver.memory_bytes() + self.conductances.len() * size_of::<f64>()) as u64
    }
}
