//! Potassium channels of cortical neurons.

use super::kinetics::{bell, logistic, speed, two_state};
use super::{Carrier, Channel, Gated, Mechanism, Rate};

/// Recordings at 21 C, Q10 2.3 (Hay et al. 2011, PLoS Comput. Biol. 7:e1002107).
const MEASURED_CELSIUS: f64 = 21.0;
const Q10: f64 = 2.3;
/// Liquid junction potential of Korngreen & Sakmann's recordings, in mV.
const JUNCTION_MV: f64 = 10.0;

/// Transient potassium channel, gates m^4 h (Korngreen & Sakmann 2000, J. Physiol. 525:621).
struct Transient {
    speed: f64,
}

impl Channel<2, 0> for Transient {
    #[inline]
    fn rates(&self, v: f64, _cai: f64, _: [f64; 0]) -> [Rate; 2] {
        let v = v + JUNCTION_MV;
        [
            Rate { steady: logistic(v / 19.0), tau_ms: (0.34 + 0.92 * bell((v + 71.0) / 59.0)) / self.speed },
            Rate { steady: logistic(-(v + 66.0) / 10.0), tau_ms: (8.0 + 49.0 * bell((v + 73.0) / 23.0)) / self.speed },
        ]
    }

    #[inline]
    fn open(&self, [m, h]: [f64; 2]) -> f64 {
        m * m * m * m * h
    }
}

/// The transient potassium channel at `celsius`.
pub(super) fn transient(celsius: f64) -> Box<dyn Mechanism> {
    let channel = Transient { speed: speed(Q10, celsius, MEASURED_CELSIUS) };
    Box::new(Gated::<_, 2, 0, 4>::new("K_Tst", Carrier::Potassium, "gK_Tstbar", ["m", "h"], [], channel))
}

/// Persistent potassium channel, gates m^2 h (Korngreen & Sakmann 2000).
struct Persistent {
    speed: f64,
}

impl Channel<2, 0> for Persistent {
    #[inline]
    fn rates(&self, v: f64, _cai: f64, _: [f64; 0]) -> [Rate; 2] {
        /// Activation is fitted by two branches that meet here, in mV.
        const BRANCH_MV: f64 = -50.0;
        let v = v + JUNCTION_MV;
        let m_tau = if v < BRANCH_MV { 1.25 + 175.03 * (0.026 * v).exp() } else { 1.25 + 13.0 * (-0.026 * v).exp() };
        let h_tau = 360.0 + (1010.0 + 24.0 * (v + 55.0)) * bell((v + 75.0) / 48.0);
        [
            Rate { steady: logistic((v + 1.0) / 12.0), tau_ms: m_tau / self.speed },
            Rate { steady: logistic(-(v + 54.0) / 11.0), tau_ms: h_tau / self.speed },
        ]
    }

    #[inline]
    fn open(&self, [m, h]: [f64; 2]) -> f64 {
        m * m * h
    }
}

/// The persistent potassium channel at `celsius`.
pub(super) fn persistent(celsius: f64) -> Box<dyn Mechanism> {
    let channel = Persistent { speed: speed(Q10, celsius, MEASURED_CELSIUS) };
    Box::new(Gated::<_, 2, 0, 4>::new("K_Pst", Carrier::Potassium, "gK_Pstbar", ["m", "h"], [], channel))
}

/// Fast potassium channel Kv3.1, gate m (Rettig et al. 1992, EMBO J. 11:2473), as in Hay et al. 2011; no temperature
/// dependence.
struct Kv31;

impl Channel<1, 0> for Kv31 {
    #[inline]
    fn rates(&self, v: f64, _cai: f64, _: [f64; 0]) -> [Rate; 1] {
        [Rate { steady: logistic((v - 18.7) / 9.7), tau_ms: 4.0 * logistic((v + 46.56) / 44.14) }]
    }

    #[inline]
    fn open(&self, [m]: [f64; 1]) -> f64 {
        m
    }
}

/// Kv3.1.
pub(super) fn kv31(_celsius: f64) -> Box<dyn Mechanism> {
    Box::new(Gated::<_, 1, 0, 3>::new("SKv3_1", Carrier::Potassium, "gSKv3_1bar", ["m"], [], Kv31))
}

/// Potassium channel of small conductance that calcium opens, gate z (Kohler et al. 1996, Science 273:1709).
struct Sk;

impl Channel<1, 0> for Sk {
    #[inline]
    fn rates(&self, _v: f64, cai: f64, _: [f64; 0]) -> [Rate; 1] {
        /// Calcium that opens half of the channels, in mM, and Hill exponent.
        const HALF_MM: f64 = 4.3e-4;
        const EXPONENT: f64 = 4.8;
        [Rate { steady: 1.0 / (1.0 + (HALF_MM / cai).powf(EXPONENT)), tau_ms: 1.0 }]
    }

    #[inline]
    fn open(&self, [z]: [f64; 1]) -> f64 {
        z
    }
}

/// The calcium-dependent potassium channel.
pub(super) fn sk(_celsius: f64) -> Box<dyn Mechanism> {
    Box::new(Gated::<_, 1, 0, 3>::new("SK_E2", Carrier::Potassium, "gSK_E2bar", ["z"], [], Sk))
}

/// Muscarinic (M) potassium channel, gate m (Adams, Brown & Constanti 1982, J. Physiol. 330:537).
struct M {
    speed: f64,
}

impl Channel<1, 0> for M {
    #[inline]
    fn rates(&self, v: f64, _cai: f64, _: [f64; 0]) -> [Rate; 1] {
        let opening = (0.1 * (v + 35.0)).exp();
        [two_state(3.3e-3 * opening, 3.3e-3 / opening, self.speed)]
    }

    #[inline]
    fn open(&self, [m]: [f64; 1]) -> f64 {
        m
    }
}

/// The M channel at `celsius`.
pub(super) fn m(celsius: f64) -> Box<dyn Mechanism> {
    let channel = M { speed: speed(Q10, celsius, MEASURED_CELSIUS) };
    Box::new(Gated::<_, 1, 0, 3>::new("Im", Carrier::Potassium, "gImbar", ["m"], [], channel))
}

/// Slowly inactivating D-type potassium channel of axons, gates m h (Shu et al. 2007, J. Neurophysiol. 97:746).
struct D {
    speed: f64,
}

impl Channel<2, 0> for D {
    #[inline]
    fn rates(&self, v: f64, _cai: f64, _: [f64; 0]) -> [Rate; 2] {
        [
            Rate { steady: logistic((v + 43.0) / 8.0), tau_ms: 1.0 / self.speed },
            Rate { steady: logistic(-(v + 67.0) / 7.3), tau_ms: 1500.0 / self.speed },
        ]
    }

    #[inline]
    fn open(&self, [m, h]: [f64; 2]) -> f64 {
        m * h
    }
}

/// The D-type channel at `celsius`; recordings at 22 C.
pub(super) fn d(celsius: f64) -> Box<dyn Mechanism> {
    let channel = D { speed: speed(Q10, celsius, 22.0) };
    Box::new(Gated::<_, 2, 0, 4>::new("KdShu2007", Carrier::Potassium, "gkbar", ["m", "h"], [], channel))
}
