//! From glutamate around an astrocyte's processes to its calcium: receptors, IP3, release from the endoplasmic reticulum.
//!
//! The G-ChI model of De Pitta et al. 2009 (J. Biol. Phys. 35:383) in the form and with the numbers of Stimberg et al. 2019
//! (in: Computational Glioscience, Springer, p. 471; doi:10.1101/198366), their figure 2. Calcium shuttles between
//! cytosol and endoplasmic reticulum and does not leave the cell. Concentrations in uM, times in s.

use serde::{Deserialize, Serialize};

use super::runge_kutta;

/// State of one astrocyte.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calcium {
    /// Glutamate around its processes, mean over the synapses covered.
    glutamate_um: f64,
    /// Part of its metabotropic receptors that are active, IP3 (uM), calcium (uM), part of the IP3 receptors that
    /// calcium has not inactivated.
    state: [f64; 4],
}

/// Ratio of the volumes of a synapse's vesicles and of the space into which they are released.
const VESICLE_VOLUME_RATIO: f64 = 0.001;
/// Glutamate in vesicles.
const VESICLE_GLUTAMATE_UM: f64 = 500e3;
/// Rate at which glutamate is cleared.
const CLEARANCE_PER_S: f64 = 40.0;

/// Binding of glutamate to receptors.
const BINDING_PER_UM_S: f64 = 0.3;
/// Inactivation of receptors.
const INACTIVATION_PER_S: f64 = 0.5;
/// Factor by which protein kinase C can speed inactivation up, beyond 1.
const KINASE_C_EFFECT: f64 = 10.0;
/// Calcium at which half of protein kinase C is active.
const KINASE_C_AFFINITY_UM: f64 = 0.5;

/// IP3 made by phospholipase C beta when all receptors are active.
const PLC_BETA_UM_PER_S: f64 = 5.0;
/// IP3 made by phospholipase C delta at most.
const PLC_DELTA_UM_PER_S: f64 = 0.2;
/// IP3 that halves what phospholipase C delta makes.
const PLC_DELTA_INHIBITION_UM: f64 = 1.5;
/// Calcium that half activates phospholipase C delta.
const PLC_DELTA_AFFINITY_UM: f64 = 0.3;
/// Degradation by inositol polyphosphate 5-phosphatase.
const PHOSPHATASE_PER_S: f64 = 0.1;
/// Degradation by IP3 3-kinase, at most.
const KINASE_UM_PER_S: f64 = 4.5;
/// Calcium that half activates the 3-kinase.
const KINASE_CALCIUM_UM: f64 = 0.5;
/// IP3 that half saturates the 3-kinase.
const KINASE_IP3_UM: f64 = 1.0;

/// Uptake of calcium into the reticulum, at most.
const SERCA_UM_PER_S: f64 = 0.9;
/// Calcium at which the uptake is half.
const SERCA_AFFINITY_UM: f64 = 0.1;
/// Free calcium of the cell, in terms of the cytosol's volume.
const TOTAL_UM: f64 = 2.0;
/// Ratio of the volumes of reticulum and cytosol.
const RETICULUM_RATIO: f64 = 0.18;
/// Release through IP3 receptors, at most.
const RELEASE_PER_S: f64 = 6.0;
/// Leak out of the reticulum.
const LEAK_PER_S: f64 = 0.1;

/// Affinities of the IP3 receptor (Li & Rinzel 1994): IP3, inactivating calcium, IP3 when inactivated, activating calcium.
const D1_UM: f64 = 0.13;
const D2_UM: f64 = 1.05;
const D3_UM: f64 = 0.9434;
const D5_UM: f64 = 0.08;
/// Binding of inactivating calcium.
const INACTIVATION_PER_UM_S: f64 = 0.2;

impl Calcium {
    /// A state: glutamate (uM), active part of the glutamate receptors, IP3 (uM), calcium (uM), part of the IP3 receptors
    /// that is not inactivated.
    pub fn new(glutamate_um: f64, receptors: f64, ip3_um: f64, calcium_um: f64, ready: f64) -> Self {
        Self { glutamate_um, state: [receptors, ip3_um, calcium_um, ready] }
    }

    /// The steady state without glutamate.
    pub fn rest() -> Self {
        let balanced = |calcium_um| {
            let ip3_um = root([0.0, PLC_DELTA_INHIBITION_UM], |ip3_um| ip3_slope(0.0, ip3_um, calcium_um));
            let ready = ready_at_rest(ip3_um, calcium_um);
            (ip3_um, ready, calcium_slope(ip3_um, calcium_um, ready))
        };
        let calcium_um = root([0.0, TOTAL_UM / (1.0 + RETICULUM_RATIO)], |calcium_um| balanced(calcium_um).2);
        let (ip3_um, ready, _) = balanced(calcium_um);
        Self::new(0.0, 0.0, ip3_um, calcium_um, ready)
    }

    /// Glutamate around the processes, mean over the synapses covered, in uM.
    pub fn glutamate_um(&self) -> f64 {
        self.glutamate_um
    }

    /// Active part of the glutamate receptors.
    pub fn receptors(&self) -> f64 {
        self.state[0]
    }

    /// IP3, in uM.
    pub fn ip3_um(&self) -> f64 {
        self.state[1]
    }

    /// Calcium in the cytosol, in uM.
    pub fn calcium_um(&self) -> f64 {
        self.state[2]
    }

    /// Part of the IP3 receptors that calcium has not inactivated.
    pub fn ready(&self) -> f64 {
        self.state[3]
    }

    /// The `fraction` of the vesicles of all synapses covered is released.
    pub fn release(&mut self, fraction: f64) {
        self.glutamate_um += VESICLE_VOLUME_RATIO * VESICLE_GLUTAMATE_UM * fraction;
    }

    /// Advances by `dt_s`, which should not exceed a few ms.
    pub fn advance(&mut self, dt_s: f64) {
        let glutamate_um = self.glutamate_um;
        self.state = runge_kutta::step(self.state, dt_s, |time_s, &[receptors, ip3_um, calcium_um, ready]| {
            let glutamate_um = glutamate_um * (-CLEARANCE_PER_S * time_s).exp();
            let kinase_c = calcium_um / (calcium_um + KINASE_C_AFFINITY_UM);
            [
                BINDING_PER_UM_S * glutamate_um * (1.0 - receptors)
                    - INACTIVATION_PER_S * (1.0 + KINASE_C_EFFECT * kinase_c) * receptors,
                ip3_slope(receptors, ip3_um, calcium_um),
                calcium_slope(ip3_um, calcium_um, ready),
                INACTIVATION_PER_UM_S
                    * (inactivation_affinity_um(ip3_um) + calcium_um)
                    * (ready_at_rest(ip3_um, calcium_um) - ready),
            ]
        });
        self.glutamate_um *= (-CLEARANCE_PER_S * dt_s).exp();
    }
}

fn ip3_slope(receptors: f64, ip3_um: f64, calcium_um: f64) -> f64 {
    let delta =
        PLC_DELTA_UM_PER_S / (1.0 + ip3_um / PLC_DELTA_INHIBITION_UM) * hill(calcium_um, PLC_DELTA_AFFINITY_UM, 2);
    let kinase = KINASE_UM_PER_S * hill(calcium_um, KINASE_CALCIUM_UM, 4) * hill(ip3_um, KINASE_IP3_UM, 1);
    PLC_BETA_UM_PER_S * receptors + delta - kinase - PHOSPHATASE_PER_S * ip3_um
}

fn calcium_slope(ip3_um: f64, calcium_um: f64, ready: f64) -> f64 {
    let open = hill(ip3_um, D1_UM, 1) * hill(calcium_um, D5_UM, 1) * ready;
    let gradient_um = TOTAL_UM - (1.0 + RETICULUM_RATIO) * calcium_um;
    (RELEASE_PER_S * open.powi(3) + LEAK_PER_S) * gradient_um - SERCA_UM_PER_S * hill(calcium_um, SERCA_AFFINITY_UM, 2)
}

fn inactivation_affinity_um(ip3_um: f64) -> f64 {
    D2_UM * (ip3_um + D1_UM) / (ip3_um + D3_UM)
}

fn ready_at_rest(ip3_um: f64, calcium_um: f64) -> f64 {
    let affinity_um = inactivation_affinity_um(ip3_um);
    affinity_um / (affinity_um + calcium_um)
}

fn hill(concentration: f64, half: f64, exponent: i32) -> f64 {
    let raised = concentration.powi(exponent);
    raised / (raised + half.powi(exponent))
}

/// Where a falling function crosses 0, by bisection down to neighbouring numbers.
fn root([mut low, mut high]: [f64; 2], function: impl Fn(f64) -> f64) -> f64 {
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if function(middle) > 0.0 { low = middle } else { high = middle }
    }
}
