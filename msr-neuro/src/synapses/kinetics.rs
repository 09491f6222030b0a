//! Receptors: a conductance that rises and falls exponentially, and the magnesium block of NMDA receptors.

use serde::{Deserialize, Serialize};

/// Reversal potential of AMPA and NMDA receptors, in mV (Jonas, Major & Sakmann 1993).
pub(super) const CATION_REVERSAL_MV: f64 = 0.0;
/// Reversal potential of GABA-A receptors, in mV (chloride).
pub(super) const GABA_A_REVERSAL_MV: f64 = -80.0;
/// Reversal potential of GABA-B receptors, in mV (potassium).
pub(super) const GABA_B_REVERSAL_MV: f64 = -97.0;
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

    /// AMPA: rise 0.2 ms (Hausser & Roth 1997).
    pub fn ampa(decay_ms: f64, dt_ms: f64) -> Self {
        Self::new(0.2, decay_ms, dt_ms)
    }

    /// NMDA: rise 0.29 ms, decay 43 ms (Sarid et al. 2007).
    pub fn nmda(dt_ms: f64) -> Self {
        Self::new(0.29, 43.0, dt_ms)
    }

    /// GABA-A: rise 0.2 ms.
    pub fn gaba_a(decay_ms: f64, dt_ms: f64) -> Self {
        Self::new(0.2, decay_ms, dt_ms)
    }

    /// GABA-B: rise 3.5 ms, decay 260.9 ms (Mott et al. 1999).
    pub fn gaba_b(dt_ms: f64) -> Self {
        Self::new(3.5, 260.9, dt_ms)
    }
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

/// Part of NMDA receptors that 1 mM magnesium leaves open at `v_mv`, and its slope (1/mV): Jahr & Stevens 1990
/// (J. Neurosci. 10:3178), equation 4a.
pub fn magnesium_block(v_mv: f64) -> (f64, f64) {
    const MAGNESIUM_MM: f64 = 1.0;
    const AFFINITY_MM: f64 = 3.57;
    const STEEPNESS: f64 = 0.062;
    let open = 1.0 / (1.0 + (-STEEPNESS * v_mv).exp() * MAGNESIUM_MM / AFFINITY_MM);
    (open, STEEPNESS * open * (1.0 - open))
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
        assert!((magnesium_block(-70.0).0 - 0.044_475).abs() < 1e-4, "{}", magnesium_block(-70.0).0);
        assert!((magnesium_block(0.0).0 - 0.781_182).abs() < 1e-6);
        let (v, step) = (-35.0, 1e-4);
        let slope = (magnesium_block(v + step).0 - magnesium_block(v - step).0) / (2.0 * step);
        assert!((magnesium_block(v).1 - slope).abs() < 1e-9);
    }
}
