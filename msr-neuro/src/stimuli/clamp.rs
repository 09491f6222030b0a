//! Conductances and voltages that are imposed on a segment: a current `(v - target) / resistance`, which the implicit step
//! takes as part of the membrane.

use super::samples::Samples;

/// Resistance of a conductance that is off, in megohm; conductances from 1e-9 to 1e9 uS count (neurodamus).
const OFF_MOHM: f64 = 1e9;
/// Conductances that count, in uS.
const CONDUCTANCES_US: (f64, f64) = (1e-9, 1e9);

/// A clamp in one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Clamp {
    /// Node of the cable.
    pub node: u32,
    /// What is imposed.
    pub course: ClampCourse,
}

/// What a clamp imposes.
#[derive(Debug, Clone, PartialEq)]
pub enum ClampCourse {
    /// A conductance that changes in time; negative values are none. Between samples its inverse goes in straight lines.
    Conductance {
        /// Resistance, in megohm.
        resistance_mohm: Samples,
        /// Reversal potential, in mV.
        reversal_mv: f64,
    },
    /// Voltages that follow one another, from step 0.
    Voltage {
        /// Resistance in series, in megohm.
        series_mohm: f64,
        /// Beginning (ms) and voltage (mV) of each level, ascending; the first begins at 0.
        levels: Vec<(f64, f64)>,
        /// End, in ms.
        end_ms: f64,
    },
}

impl ClampCourse {
    /// A conductance from its samples, in uS.
    pub fn conductance(samples_us: Samples, reversal_mv: f64) -> Self {
        let (least, most) = CONDUCTANCES_US;
        let resistance = |us: f64| if us > least && us < most { 1.0 / us } else { OFF_MOHM };
        let values = samples_us.values.into_iter().map(resistance).collect();
        Self::Conductance { resistance_mohm: Samples { values, outside: OFF_MOHM, ..samples_us }, reversal_mv }
    }

    /// Conductance (uS) and voltage (mV) at a time; `None` after the end.
    pub fn at(&self, time_ms: f64) -> Option<(f64, f64)> {
        match self {
            Self::Conductance { resistance_mohm, reversal_mv } => {
                let is_over = time_ms >= resistance_mohm.delay_ms + resistance_mohm.duration_ms;
                (!is_over).then(|| (1.0 / resistance_mohm.at(time_ms), *reversal_mv))
            }
            Self::Voltage { series_mohm, levels, end_ms } => {
                let begun = levels.partition_point(|(start_ms, _)| *start_ms <= time_ms);
                let (_, voltage_mv) = levels.get(begun.checked_sub(1)?)?;
                (time_ms < *end_ms).then_some((1.0 / series_mohm, *voltage_mv))
            }
        }
    }

    /// Current out of the cell at a time and a voltage, in nA.
    pub fn outward_na(&self, time_ms: f64, v_mv: f64) -> f64 {
        self.at(time_ms).map_or(0.0, |(conductance_us, target_mv)| conductance_us * (v_mv - target_mv))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_one_another() {
        let levels = vec![(0.0, -70.0), (10.0, -20.0), (15.0, 0.0)];
        let clamp = ClampCourse::Voltage { series_mohm: 0.5, levels, end_ms: 20.0 };
        let found = [0.0, 9.9, 10.0, 15.1, 19.9, 20.0].map(|time| clamp.at(time).map(|(_, voltage)| voltage));
        assert_eq!(found, [Some(-70.0), Some(-70.0), Some(-20.0), Some(0.0), Some(0.0), None]);
        assert_eq!(clamp.outward_na(0.0, -60.0), 20.0);
    }

    #[test]
    fn the_inverse_of_a_conductance_goes_in_straight_lines() {
        let values = vec![0.01, 0.02, -0.5];
        let samples = Samples { delay_ms: 1.0, duration_ms: 2.0, step_ms: 1.0, values, outside: 0.0 };
        let clamp = ClampCourse::conductance(samples, -80.0);
        let at = |time| clamp.at(time).map(|(conductance_us, _)| conductance_us);
        assert_eq!([at(0.5), at(1.0), at(1.5), at(3.0)], [Some(1e-9), Some(0.01), Some(1.0 / 75.0), None]);
        assert!(at(2.5).unwrap() < 3e-9, "half way to no conductance");
    }
}
