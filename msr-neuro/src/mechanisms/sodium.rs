//! Sodium channels of cortical neurons.

use super::kinetics::{linoid, logistic, speed, two_state};
use super::{Carrier, Channel, Column, Gated, Mechanism, Rate};

/// Recordings at 21 C, Q10 2.3 (Hay et al. 2011, PLoS Comput. Biol. 7:e1002107).
const MEASURED_CELSIUS: f64 = 21.0;
const Q10: f64 = 2.3;

/// Transient sodium channel, gates m^3 h. Kinetics of Colbert & Pan 2002 (Nat. Neurosci. 5:533) as fitted by Hay et al.
/// 2011; the shifts move activation and inactivation (6 mV for both: the somatic and dendritic form of Hay et al.).
struct Transient {
    speed: f64,
}

impl Channel<2, 4> for Transient {
    #[inline]
    fn rates(&self, v: f64, _cai: f64, [shift_m, slope_m, shift_h, slope_h]: [f64; 4]) -> [Rate; 2] {
        /// Middle of activation and of inactivation in the axon, in mV.
        const M_HALF: f64 = -38.0;
        const H_HALF: f64 = -66.0;
        // Rates in 1/(ms mV).
        const M_OPEN: f64 = 0.182;
        const M_CLOSE: f64 = 0.124;
        const H_RATE: f64 = 0.015;
        let x = (v - M_HALF - shift_m) / slope_m;
        let rise = linoid(x);
        let m = two_state(M_OPEN * slope_m * rise, M_CLOSE * slope_m * (rise - x), self.speed);
        let x = (v - H_HALF - shift_h) / slope_h;
        let fall = linoid(x);
        // Inactivation opens below and closes above its middle with the same rate.
        let h = two_state(H_RATE * slope_h * (fall - x), H_RATE * slope_h * fall, self.speed);
        [m, h]
    }

    #[inline]
    fn open(&self, [m, h]: [f64; 2]) -> f64 {
        m * m * m * h
    }
}

/// The transient sodium channel at `celsius`.
pub(super) fn transient(celsius: f64) -> Box<dyn Mechanism> {
    let parameters = [
        Column::parameter("vshiftm", "mV", 0.0),
        Column::parameter("slopem", "mV", 6.0),
        Column::parameter("vshifth", "mV", 0.0),
        Column::parameter("slopeh", "mV", 6.0),
    ];
    let channel = Transient { speed: speed(Q10, celsius, MEASURED_CELSIUS) };
    Box::new(Gated::<_, 2, 4, 8>::new("NaTg", Carrier::Sodium, "gNaTgbar", ["m", "h"], parameters, channel))
}

/// Persistent sodium channel, gates m^3 h (Magistretti & Alonso 1999, J. Gen. Physiol. 114:491), as in Hay et al. 2011.
struct Persistent {
    speed: f64,
}

impl Channel<2, 0> for Persistent {
    #[inline]
    fn rates(&self, v: f64, _cai: f64, _: [f64; 0]) -> [Rate; 2] {
        /// Activation takes the transient channel's time, slowed by this factor.
        const M_SLOWER: f64 = 6.0;
        let x = (v + 38.0) / 6.0;
        let rise = linoid(x);
        let m_tau = M_SLOWER / (6.0 * (0.182 * rise + 0.124 * (rise - x)) * self.speed);
        let opening = 2.88e-6 * 4.63 * linoid(-(v + 17.0) / 4.63);
        let closing = 6.94e-6 * 2.63 * linoid((v + 64.4) / 2.63);
        [
            Rate { steady: logistic((v + 52.6) / 4.6), tau_ms: m_tau },
            Rate { steady: logistic(-(v + 48.8) / 10.0), tau_ms: 1.0 / ((opening + closing) * self.speed) },
        ]
    }

    #[inline]
    fn open(&self, [m, h]: [f64; 2]) -> f64 {
        m * m * m * h
    }
}

/// The persistent sodium channel at `celsius`.
pub(super) fn persistent(celsius: f64) -> Box<dyn Mechanism> {
    let channel = Persistent { speed: speed(Q10, celsius, MEASURED_CELSIUS) };
    Box::new(Gated::<_, 2, 0, 4>::new("Nap_Et2", Carrier::Sodium, "gNap_Et2bar", ["m", "h"], [], channel))
}
