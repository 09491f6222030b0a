//! Receptors: a conductance that rises and falls exponentially, and the magnesium block of NMDA receptors.

use serde::{Deserialize, Serialize};

/// Conductances below this are closed, in uS: a billionth of a single channel's.
const CLOSED_US: f64 = 1e-15;

/// Time course of a receptor: the difference of two exponentials, scaled to a peak of 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Receptor {
    /// What turns a peak conductance into the jump of both exponentials.
    pub normalisation: f64,
    rise_factor: f64,
    decay_factor: f64,
}

impl Receptor {
    /// From time constants and the step.
    pub fn new(rise_ms: f64, decay_ms: f64, dt_ms: f64) -> Self {
        /// Equal time constants have no difference of exponentials: the rise is made this much shorter.
        const NEARLY_EQUAL: f64 = 0.999;
        let rise_ms = rise_ms.min(NEARLY_EQUAL * decay_ms);
        let peak_ms = rise_ms * decay_ms / (decay_ms - rise_ms) * (decay_ms / rise_ms).ln();
        let peak = (-peak_ms / decay_ms).exp() - (-peak_ms / rise_ms).exp();
        Self {
            normalisation: 1.0 / peak,
            rise_factor: (-dt_ms / rise_ms).exp(),
            decay_factor: (-dt_ms / decay_ms).exp(),
        }
    }
}

/// What the receptors of a synapse are, besides the decay of the fast ones; many synapses have the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Receptors {
    /// Rise of the fast receptors, in ms.
    pub fast_rise_ms: f64,
    /// Reversal potential of the fast receptors, in mV.
    pub fast_reversal_mv: f64,
    /// Rise of the slow receptors, in ms.
    pub slow_rise_ms: f64,
    /// Decay of the slow receptors, in ms.
    pub slow_decay_ms: f64,
    /// Reversal potential of the slow receptors, in mV.
    pub slow_reversal_mv: f64,
    /// What blocks the slow receptors, where something does.
    pub magnesium: Magnesium,
    /// Whether spontaneous events try one vesicle only (`minis_single_vesicle`).
    pub minis_single_vesicle: bool,
    /// Whether all vesicles are missing at the beginning (`init_depleted`).
    pub init_depleted: bool,
}

impl Receptors {
    /// AMPA and NMDA. Rise of AMPA: Hausser & Roth 1997; NMDA: Sarid et al. 2007; reversal: Jonas, Major & Sakmann 1993.
    pub const GLUTAMATE: Self = Self {
        fast_rise_ms: 0.2,
        fast_reversal_mv: 0.0,
        slow_rise_ms: 0.29,
        slow_decay_ms: 43.0,
        slow_reversal_mv: 0.0,
        magnesium: Magnesium::PHYSIOLOGICAL,
        minis_single_vesicle: false,
        init_depleted: false,
    };
    /// GABA-A (chloride) and GABA-B (potassium; Mott et al. 1999).
    pub const GABA: Self = Self {
        fast_rise_ms: 0.2,
        fast_reversal_mv: -80.0,
        slow_rise_ms: 3.5,
        slow_decay_ms: 260.9,
        slow_reversal_mv: -97.0,
        magnesium: Magnesium::PHYSIOLOGICAL,
        minis_single_vesicle: false,
        init_depleted: false,
    };
}

/// The two exponentials of one receptor, in uS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pair {
    rise: f64,
    decay: f64,
}

impl Pair {
    pub fn open(&mut self, jump: f64) {
        self.rise += jump;
        self.decay += jump;
    }

    pub fn conductance(&self) -> f64 {
        self.decay - self.rise
    }

    pub fn decay(&mut self, receptor: &Receptor) {
        if self.decay < CLOSED_US {
            *self = Self::default();
        } else {
            self.rise *= receptor.rise_factor;
            self.decay *= receptor.decay_factor;
        }
    }
}

/// The magnesium block of NMDA receptors: Jahr & Stevens 1990 (J. Neurosci. 10:3178), equation 4a.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Magnesium {
    /// Concentration outside, in mM.
    pub concentration_mm: f64,
    /// Concentration that blocks half at 0 mV, in mM.
    pub affinity_mm: f64,
    /// Dependence on the voltage, in 1/mV.
    pub steepness_per_mv: f64,
}

impl Magnesium {
    /// 1 mM, with the constants of the paper.
    pub const PHYSIOLOGICAL: Self = Self { concentration_mm: 1.0, affinity_mm: 3.57, steepness_per_mv: 0.062 };

    /// Part of the receptors that is open at `v_mv`, and its slope (1/mV).
    pub fn open(&self, v_mv: f64) -> (f64, f64) {
        let Self { concentration_mm, affinity_mm, steepness_per_mv } = self;
        let open = 1.0 / (1.0 + (-steepness_per_mv * v_mv).exp() * (concentration_mm / affinity_mm));
        (open, steepness_per_mv * open * (1.0 - open))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_course_is_the_difference_of_exponentials_with_peak_one() {
        let (rise_ms, decay_ms, dt_ms) = (0.2_f64, 1.7_f64, 0.025);
        let receptor = Receptor::new(rise_ms, decay_ms, dt_ms);
        let mut pair = Pair::default();
        pair.open(receptor.normalisation);
        let mut highest = 0.0_f64;
        for step in 0..400 {
            let t = f64::from(step) * dt_ms;
            let exact = ((-t / decay_ms).exp() - (-t / rise_ms).exp()) * receptor.normalisation;
            assert!((pair.conductance() - exact).abs() < 1e-12, "{t}");
            highest = highest.max(pair.conductance());
            pair.decay(&receptor);
        }
        assert!((highest - 1.0).abs() < 1e-3, "{highest}");
    }

    #[test]
    fn magnesium_blocks_at_rest_and_leaves_at_depolarisation() {
        // 1 / (1 + exp(4.34) / 3.57) and 1 / (1 + 1 / 3.57), by hand.
        assert!(
            (Magnesium::PHYSIOLOGICAL.open(-70.0).0 - 0.044_475).abs() < 1e-4,
            "{}",
            Magnesium::PHYSIOLOGICAL.open(-70.0).0
        );
        assert!((Magnesium::PHYSIOLOGICAL.open(0.0).0 - 0.781_182).abs() < 1e-6);
        let (v, step) = (-35.0, 1e-4);
        let slope =
            (Magnesium::PHYSIOLOGICAL.open(v + step).0 - Magnesium::PHYSIOLOGICAL.open(v - step).0) / (2.0 * step);
        assert!((Magnesium::PHYSIOLOGICAL.open(v).1 - slope).abs() < 1e-9);
    }
}
