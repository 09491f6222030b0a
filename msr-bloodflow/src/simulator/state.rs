//! What changes during a run, and how it is kept and taken back.

use msr_coupling::{Simulator, SimulatorError, Snapshot};
use serde::{Deserialize, Serialize};

use super::{BloodflowSimulator, NAME};
use crate::flow::Flow;
use crate::vasculature::Vasculature;
use crate::vasodilation::DilationState;

/// All that changes during a run, but for the dilation of vessels.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    pub idts: u64,
    pub radii_um: Vec<f64>,
    pub flow: Flow,
    /// Discharge haematocrit of each segment.
    pub hematocrits: Vec<f64>,
    /// Partial pressure of oxygen in the tissue around each segment.
    pub tissue_oxygen_kpa: Vec<f64>,
    /// Concentration of glucose in the tissue around each segment.
    pub tissue_glucose_mm: Vec<f64>,
}

/// Levels in the tissue until they are set: 25 mmHg of oxygen, within what is measured in cortex (Ndubuizu, LaManna,
/// Antioxid Redox Signal 9, 1207, 2007), and 1.2 mM of glucose, about what there is at 5 mM in plasma (Gruetter, Ugurbil,
/// Seaquist, J Neurochem 70, 397, 1998).
const TISSUE_OXYGEN_KPA: f64 = 3.3;
const TISSUE_GLUCOSE_MM: f64 = 1.2;

impl State {
    /// Vessels at rest, before any flow.
    pub(super) fn at_rest(vasculature: &Vasculature, hematocrit: f64) -> Self {
        let (segments, nodes) = (vasculature.segment_count(), vasculature.node_count());
        let flow = Flow {
            pressures_kpa: vec![0.0; nodes],
            flows_um3_per_s: vec![0.0; segments],
            inflows_um3_per_s: vec![0.0; nodes],
        };
        Self {
            idts: 0,
            radii_um: vasculature.rest_radii_um().to_vec(),
            flow,
            hematocrits: vec![hematocrit; segments],
            tissue_oxygen_kpa: vec![TISSUE_OXYGEN_KPA; segments],
            tissue_glucose_mm: vec![TISSUE_GLUCOSE_MM; segments],
        }
    }

    /// Its columns by what they have one value for: segments, then nodes.
    fn columns(&self) -> [(&'static str, &Vec<f64>); 7] {
        [
            ("segments", &self.radii_um),
            ("segments", &self.flow.flows_um3_per_s),
            ("segments", &self.hematocrits),
            ("segments", &self.tissue_oxygen_kpa),
            ("segments", &self.tissue_glucose_mm),
            ("nodes", &self.flow.pressures_kpa),
            ("nodes", &self.flow.inflows_um3_per_s),
        ]
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.columns().iter().map(|(_, column)| size_of_val(column.as_slice())).sum()
    }
}

impl BloodflowSimulator {
    pub(super) fn kept(&self) -> Result<Snapshot, SimulatorError> {
        let dilation = self.vasodilation.as_ref().map(|vasodilation| vasodilation.state());
        Snapshot::encode(NAME, &(&self.state, dilation))
    }

    pub(super) fn take_back(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        let (state, dilation): (State, Option<DilationState>) = snapshot.decode(self.name())?;
        let other = |reason| SimulatorError::WrongSnapshot { simulator: NAME.to_owned(), reason };
        let columns = state.columns().into_iter().zip(self.state.columns());
        let counts = columns.map(|((what, there), (_, here))| (what, there.len(), here.len()));
        let dilated = |state: Option<&DilationState>| state.map_or(0, DilationState::segment_count);
        let present = self.vasodilation.as_ref().map(|vasodilation| vasodilation.state());
        let dilated = ("segments that dilate", dilated(dilation.as_ref()), dilated(present));
        if let Some((what, there, here)) = counts.chain([dilated]).find(|(_, there, here)| there != here) {
            return Err(other(format!("it has {there} {what}, this vasculature {here}")));
        }
        if let (Some(vasodilation), Some(dilation)) = (&mut self.vasodilation, dilation) {
            vasodilation.restore(dilation);
        }
        self.state = state;
        self.forget_delivery();
        Ok(())
    }
}
