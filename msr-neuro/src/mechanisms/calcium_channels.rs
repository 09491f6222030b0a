//! Calcium channels of cortical neurons.

use super::kinetics::{linoid, logistic, speed, two_state};
use super::{Carrier, Channel, Gated, Mechanism, Rate};

/// High-voltage activated calcium channel, gates m^2 h (Reuveni et al. 1993, J. Neurosci. 13:4609), as in Hay et al.
/// 2011; no temperature dependence.
struct High;

impl Channel<2, 0> for High {
    #[inline]
    fn rates(&self, v: f64, _cai: f64, _: [f64; 0]) -> [Rate; 2] {
        let m = two_state(0.055 * 3.8 * linoid((v + 27.0) / 3.8), 0.94 * (-(v + 75.0) / 17.0).exp(), 1.0);
        let h = two_state(4.57e-4 * (-(v + 13.0) / 50.0).exp(), 6.5e-3 * logistic((v + 15.0) / 28.0), 1.0);
        [m, h]
    }

    #[inline]
    fn open(&self, [m, h]: [f64; 2]) -> f64 {
        m * m * h
    }
}

/// The high-voltage activated channel.
pub(super) fn high(_celsius: f64) -> Box<dyn Mechanism> {
    Box::new(Gated::<_, 2, 0, 4>::new("Ca_HVA", Carrier::Calcium, "gCa_HVAbar", ["m", "h"], [], High))
}

/// Low-voltage activated calcium channel, gates m^2 h (Avery & Johnston 1996, J. Neurosci. 16:5567; time constants of
/// Randall & Tsien 1997), as in Hay et al. 2011: 21 C, Q10 2.3, junction potential 10 mV.
struct Low {
    speed: f64,
}

impl Channel<2, 0> for Low {
    #[inline]
    fn rates(&self, v: f64, _cai: f64, _: [f64; 0]) -> [Rate; 2] {
        const JUNCTION_MV: f64 = 10.0;
        let v = v + JUNCTION_MV;
        [
            Rate {
                steady: logistic((v + 30.0) / 6.0),
                tau_ms: (5.0 + 20.0 * logistic(-(v + 25.0) / 5.0)) / self.speed,
            },
            Rate {
                steady: logistic(-(v + 80.0) / 6.4),
                tau_ms: (20.0 + 50.0 * logistic(-(v + 40.0) / 7.0)) / self.speed,
            },
        ]
    }

    #[inline]
    fn open(&self, [m, h]: [f64; 2]) -> f64 {
        m * m * h
    }
}

/// The low-voltage activated channel at `celsius`.
pub(super) fn low(celsius: f64) -> Box<dyn Mechanism> {
    let channel = Low { speed: speed(2.3, celsius, 21.0) };
    Box::new(Gated::<_, 2, 0, 4>::new("Ca_LVAst", Carrier::Calcium, "gCa_LVAstbar", ["m", "h"], [], channel))
}
