//! Electric fields outside of a cell that are the same everywhere: the potential at a segment is the scalar product of the
//! field and the distance from the soma.
//!
//! Only differences of potential between neighbours matter. What drives current through the membrane is `v` against the
//! potential outside; with the voltage across the membrane as variable, a field is a current between neighbouring nodes: the axial
//! conductance times the difference of the potentials outside (Rattay 1986, IEEE Trans. Biomed. Eng. 33:974).

use std::f64::consts::TAU;

use crate::cable::Cable;

/// One field on one cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Current into each node at the peak, in nA.
    currents_na: Vec<f64>,
    course: FieldCourse,
}

/// How the strength of a field goes in time: a cosine that rises and falls in straight lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldCourse {
    /// Beginning of the rise, in ms.
    pub delay_ms: f64,
    /// Time at full strength, in ms.
    pub duration_ms: f64,
    /// Length of the rise, before it, in ms.
    pub ramp_up_ms: f64,
    /// Length of the fall, after it, in ms.
    pub ramp_down_ms: f64,
    /// Frequency, in Hz.
    pub frequency_hz: f64,
    /// Phase at the beginning of the rise, in rad.
    pub phase_rad: f64,
}

const MS_PER_S: f64 = 1000.0;

impl FieldCourse {
    /// The part of the peak that there is at a time.
    pub fn strength(&self, time_ms: f64) -> f64 {
        let elapsed = time_ms - self.delay_ms;
        let fall = self.ramp_up_ms + self.duration_ms;
        if elapsed <= 0.0 || elapsed >= fall + self.ramp_down_ms {
            return 0.0;
        }
        let ramp = if elapsed < self.ramp_up_ms {
            elapsed / self.ramp_up_ms
        } else if elapsed > fall {
            1.0 - (elapsed - fall) / self.ramp_down_ms
        } else {
            1.0
        };
        ramp * (TAU * self.frequency_hz / MS_PER_S * elapsed + self.phase_rad).cos()
    }
}

impl Field {
    /// From the potential (mV) outside of each segment at the peak. Ends of sections have no membrane, so that a potential there
    /// moves nothing.
    pub fn new(cable: &Cable, potentials_mv: &[f64], course: FieldCourse) -> Self {
        let mut of_nodes = vec![0.0; cable.len()];
        for (&node, &potential) in cable.segment_nodes().iter().zip(potentials_mv) {
            of_nodes[node as usize] = potential;
        }
        let mut currents_na = vec![0.0; cable.len()];
        cable.add_axial_currents(&of_nodes, &mut currents_na);
        Self { currents_na, course }
    }

    /// Adds the currents of a time.
    pub fn add(&self, time_ms: f64, injected_na: &mut [f64]) {
        let strength = self.course.strength(time_ms);
        if strength != 0.0 {
            injected_na.iter_mut().zip(&self.currents_na).for_each(|(sum, current)| *sum += strength * current);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_rise_stay_and_fall() {
        let course = FieldCourse {
            delay_ms: 10.0,
            duration_ms: 20.0,
            ramp_up_ms: 5.0,
            ramp_down_ms: 10.0,
            frequency_hz: 0.0,
            phase_rad: 0.0,
        };
        let found = [9.0, 11.0, 14.0, 15.0, 35.0, 40.0, 45.0].map(|time| course.strength(time));
        assert_eq!(found, [0.0, 0.2, 0.8, 1.0, 1.0, 0.5, 0.0]);
        let wave = FieldCourse { frequency_hz: 100.0, phase_rad: 1.0, ..course };
        // 7 ms after the beginning: 2 pi 0.1 7 + 1.
        assert!((wave.strength(17.0) - (TAU * 0.7 + 1.0).cos()).abs() < 1e-12);
    }
}
