//! What happens to oxygen in tissue: diffusion, exchange with blood, consumption.
//!
//! 1 mM in 1 um3 is 1 amol.

use serde::{Deserialize, Serialize};

use crate::grid::Grid;
use crate::settings::Settings;

/// Sherwood number of capillaries: their resistance to oxygen lies inside them (Hellums et al. 1996, Ann. Biomed. Eng.
/// 24:1).
const SHERWOOD: f64 = 2.5;
/// An explicit step may move at most this part of the difference between neighbours, of which a voxel has six.
const LARGEST_EXCHANGE: f64 = 0.15;

/// Oxygen in the voxels of a grid, closed at its ends.
#[derive(Debug, Clone)]
pub struct Tissue {
    faces: Vec<[usize; 2]>,
    volume_um3: f64,
    diffusion_um2_per_ms: f64,
    face_um: f64,
    blood_oxygen_mm: f64,
    transfer_per_ms: f64,
    basal_mm_per_ms: f64,
    changes_mm: Vec<f64>,
    state: TissueState,
}

/// All that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TissueState {
    /// Concentration in each voxel, in mM.
    pub oxygen_mm: Vec<f64>,
    /// Blood in each voxel, in um3.
    pub blood_um3: Vec<f64>,
    /// What cells ask of each voxel, in amol/ms.
    pub demand_amol_per_ms: Vec<f64>,
    /// What they asked for in the last step and did not get, in amol/ms.
    pub unmet_amol_per_ms: Vec<f64>,
    /// Given by blood since the beginning, in amol.
    pub supplied_amol: f64,
    /// Used since the beginning, in amol.
    pub consumed_amol: f64,
}

impl Tissue {
    /// Tissue with the oxygen of blood everywhere, no blood and no demand yet.
    pub fn new(grid: &Grid, settings: &Settings) -> Self {
        let voxels = grid.len();
        let Settings { diffusion_um2_per_ms, blood_oxygen_mm, capillary_radius_um, .. } = *settings;
        Self {
            faces: grid.faces(),
            volume_um3: grid.volume_um3(),
            diffusion_um2_per_ms,
            face_um: grid.voxel_um(),
            blood_oxygen_mm,
            // Oxygen leaves a length L of capillary at pi L D Sh (blood - tissue), and pi r^2 L is its volume.
            transfer_per_ms: SHERWOOD * diffusion_um2_per_ms / capillary_radius_um.powi(2),
            basal_mm_per_ms: settings.basal_consumption_mm_per_s / 1000.0,
            changes_mm: vec![0.0; voxels],
            state: TissueState {
                oxygen_mm: vec![blood_oxygen_mm; voxels],
                blood_um3: vec![0.0; voxels],
                demand_amol_per_ms: vec![0.0; voxels],
                unmet_amol_per_ms: vec![0.0; voxels],
                supplied_amol: 0.0,
                consumed_amol: 0.0,
            },
        }
    }

    /// State.
    pub fn state(&self) -> &TissueState {
        &self.state
    }

    /// State, to write to it.
    pub fn state_mut(&mut self) -> &mut TissueState {
        &mut self.state
    }

    /// Oxygen in all voxels, in amol.
    pub fn amount_amol(&self) -> f64 {
        self.state.oxygen_mm.iter().sum::<f64>() * self.volume_um3
    }

    // ANCHOR: advance
    /// Advances by `dt_ms`, in as many explicit steps as are stable.
    pub fn advance(&mut self, dt_ms: f64) {
        let exchange = self.diffusion_um2_per_ms * dt_ms / self.face_um.powi(2);
        let steps = (exchange / LARGEST_EXCHANGE).ceil().max(1.0);
        self.state.unmet_amol_per_ms.fill(0.0);
        for _ in 0..steps as u64 {
            self.diffuse(exchange / steps);
            self.supply(dt_ms / steps);
            self.consume(dt_ms / steps, steps);
        }
    }
    // ANCHOR_END: advance

    fn diffuse(&mut self, exchange: f64) {
        self.changes_mm.fill(0.0);
        for &[one, other] in &self.faces {
            let moved = exchange * (self.state.oxygen_mm[other] - self.state.oxygen_mm[one]);
            self.changes_mm[one] += moved;
            self.changes_mm[other] -= moved;
        }
        for (oxygen, change) in self.state.oxygen_mm.iter_mut().zip(&self.changes_mm) {
            *oxygen += change;
        }
    }

    /// Tissue approaches blood exponentially, the faster the more blood a voxel has.
    fn supply(&mut self, dt_ms: f64) {
        let TissueState { oxygen_mm, blood_um3, supplied_amol, .. } = &mut self.state;
        for (oxygen, blood) in oxygen_mm.iter_mut().zip(blood_um3) {
            let approach = -(-self.transfer_per_ms * *blood / self.volume_um3 * dt_ms).exp_m1();
            let gained = approach * (self.blood_oxygen_mm - *oxygen);
            *oxygen += gained;
            *supplied_amol += gained * self.volume_um3;
        }
    }

    /// Cells use what they ask for, as long as there is some.
    fn consume(&mut self, dt_ms: f64, steps: f64) {
        let TissueState { oxygen_mm, demand_amol_per_ms, unmet_amol_per_ms, consumed_amol, .. } = &mut self.state;
        for ((oxygen, demand), unmet) in oxygen_mm.iter_mut().zip(demand_amol_per_ms).zip(unmet_amol_per_ms) {
            let asked_mm = (self.basal_mm_per_ms + *demand / self.volume_um3) * dt_ms;
            let used_mm = asked_mm.min(*oxygen);
            *oxygen -= used_mm;
            *consumed_amol += used_mm * self.volume_um3;
            *unmet += (asked_mm - used_mm) * self.volume_um3 / (dt_ms * steps);
        }
    }
}
