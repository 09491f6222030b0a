//! Ornstein-Uhlenbeck process that stays at or above 0: how far a vessel's radius is above rest.
//!
//! dX = -kappa X dt + sigma dW, reflected at 0. Between two times the free process is Gaussian with mean
//! X exp(-kappa dt) and variance sigma^2 (1 - exp(-2 kappa dt)) / (2 kappa) (Uhlenbeck and Ornstein 1930); the reflected
//! one has the law of its absolute value.

use serde::{Deserialize, Serialize};

/// What happens at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Floor {
    /// Reflection, exact for any time step.
    #[default]
    Reflect,
    /// AstroVascPy's rule: what would fall below 0 is set to 0. The mean then depends on the time step.
    Clamp,
}

/// The process.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OrnsteinUhlenbeck {
    /// Rate of return, in 1/s.
    pub kappa_per_s: f64,
    /// Strength of the noise, in um / sqrt(s).
    pub sigma_um_per_sqrt_s: f64,
    /// What happens at 0.
    pub floor: Floor,
}

/// A calibration that is impossible.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    /// No positive time.
    #[error("the mean time to the largest dilation must be positive; found {time_s} s")]
    BadTime {
        /// The time, in s.
        time_s: f64,
    },
    /// No positive width.
    #[error("the largest dilation must be positive; found {x_max_um} um")]
    BadMaximum {
        /// The dilation, in um.
        x_max_um: f64,
    },
    /// The number of standard deviations is out of range.
    #[error(
        "the largest dilation must be more than 0 and at most {LARGEST_SPREAD} standard deviations; found {spread}"
    )]
    BadSpread {
        /// Number of standard deviations.
        spread: f64,
    },
}

/// Beyond this many standard deviations the first passage takes longer than numbers can tell.
const LARGEST_SPREAD: f64 = 30.0;

impl OrnsteinUhlenbeck {
    /// The reflected process that first reaches `x_max_um` from 0 after `time_s` on average, where `x_max_um` is `spread`
    /// standard deviations of the free stationary process: kappa = g(spread) / time (see [`mean_first_passage`]) and
    /// sigma = x_max sqrt(2 kappa) / spread.
    ///
    /// # Errors
    /// [`CalibrationError`].
    pub fn calibrate(time_s: f64, x_max_um: f64, spread: f64, floor: Floor) -> Result<Self, CalibrationError> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if !positive(time_s) {
            return Err(CalibrationError::BadTime { time_s });
        }
        if !positive(x_max_um) {
            return Err(CalibrationError::BadMaximum { x_max_um });
        }
        if !(positive(spread) && spread <= LARGEST_SPREAD) {
            return Err(CalibrationError::BadSpread { spread });
        }
        let kappa_per_s = mean_first_passage(spread) / time_s;
        Ok(Self { kappa_per_s, sigma_um_per_sqrt_s: x_max_um * (2.0 * kappa_per_s).sqrt() / spread, floor })
    }

    /// Standard deviation of the free stationary process, in um.
    pub fn stationary_deviation_um(&self) -> f64 {
        self.sigma_um_per_sqrt_s / (2.0 * self.kappa_per_s).sqrt()
    }

    /// The exact discrete process for steps of `dt_s`.
    pub fn discretise(&self, dt_s: f64) -> Recurrence {
        Recurrence {
            decay: (-self.kappa_per_s * dt_s).exp(),
            deviation_um: self.stationary_deviation_um() * (-(-2.0 * self.kappa_per_s * dt_s).exp_m1()).sqrt(),
            floor: self.floor,
        }
    }
}

/// One step after another: X' = floor(X decay + increment).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recurrence {
    /// exp(-kappa dt).
    pub decay: f64,
    /// Standard deviation of the increments, in um.
    pub deviation_um: f64,
    /// What happens at 0.
    pub floor: Floor,
}

impl Recurrence {
    /// The next value from the present one and a Gaussian increment with standard deviation
    /// [`Recurrence::deviation_um`], all in um.
    pub fn next_um(&self, x_um: f64, increment_um: f64) -> f64 {
        let free = x_um * self.decay + increment_um;
        match self.floor {
            Floor::Reflect => free.abs(),
            Floor::Clamp => free.max(0.0),
        }
    }
}

/// Mean time, in units of 1/kappa, in which the reflected process first gets from 0 to `spread` stationary standard
/// deviations: g(c) = int_0^c exp(s^2/2) sqrt(pi/2) erf(s/sqrt 2) ds. The integrand is the series of
/// s^(2n+1) / (1 3 5 ... (2n+1)) (Abramowitz and Stegun 26.2.11), all terms positive, integrated term by term.
pub fn mean_first_passage(spread: f64) -> f64 {
    let square = spread * spread;
    let mut term = square;
    let mut sum = 0.0;
    let mut odd = 1.0;
    // term = c^(2n+2) / (1 3 5 ... (2n+1)); its integral divides by 2n+2.
    loop {
        let next = sum + term / (odd + 1.0);
        // Also ends where the sum is no number.
        if next <= sum || next.is_nan() {
            return sum;
        }
        sum = next;
        odd += 2.0;
        term *= square / odd;
    }
}
