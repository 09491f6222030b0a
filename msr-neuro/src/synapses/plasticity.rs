//! Short-term plasticity with release of single vesicles: Tsodyks & Markram 1997 (PNAS 94:719) as a stochastic process
//! (Fuhrmann et al. 2002, J. Neurophysiol. 87:140) on several release sites (Barros-Zulaica et al. 2019).

use serde::{Deserialize, Serialize};

/// Constants of release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plasticity {
    /// Release probability of a vesicle at a rested synapse (`u_syn`).
    pub utilisation: f64,
    /// Time constant of recovery of a vesicle, in ms (`depression_time`).
    pub depression_ms: f64,
    /// Time constant in which the release probability returns, in ms (`facilitation_time`); 0: none.
    pub facilitation_ms: f64,
    /// Vesicles ready for release at rest (`n_rrp_vesicles`), at least 1.
    pub vesicles: u32,
    /// Release probability that is left of earlier events at the beginning (`u0`).
    pub initial_utilisation: f64,
}

/// Vesicles of one synapse.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Vesicles {
    ready: u32,
    utilisation: f64,
    last_event_ms: f64,
}

impl Vesicles {
    /// No event yet; all ready, or none where the synapse begins `depleted`.
    pub fn new(plasticity: &Plasticity, depleted: bool) -> Self {
        let ready = if depleted { 0 } else { plasticity.vesicles };
        Self { ready, utilisation: plasticity.initial_utilisation, last_event_ms: 0.0 }
    }

    /// An event at `time_ms`: the part of all vesicles that is released. Each missing vesicle has stayed away with
    /// probability `exp(-interval / depression)`, each of those ready (of the first `at_most`) is released with the running
    /// probability. Numbers are drawn in this order.
    pub fn release(
        &mut self,
        plasticity: &Plasticity,
        time_ms: f64,
        at_most: u32,
        mut uniform: impl FnMut() -> f64,
    ) -> f64 {
        let interval = time_ms - self.last_event_ms;
        self.last_event_ms = time_ms;
        let kept = if plasticity.facilitation_ms > 0.0 { (-interval / plasticity.facilitation_ms).exp() } else { 0.0 };
        let before = self.utilisation * kept;
        self.utilisation = before + plasticity.utilisation * (1.0 - before);
        let away = if plasticity.depression_ms > 0.0 { (-interval / plasticity.depression_ms).exp() } else { 0.0 };
        let missing = plasticity.vesicles - self.ready;
        self.ready += (0..missing).filter(|_| uniform() > away).count() as u32;
        let released = (0..self.ready.min(at_most)).filter(|_| uniform() < self.utilisation).count() as u32;
        self.ready -= released;
        f64::from(released) / f64::from(plasticity.vesicles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random123::Random123;

    /// The mean over many synapses follows Tsodyks & Markram's difference equations.
    #[test]
    fn mean_release_of_a_train_follows_the_deterministic_model() {
        let plasticity = Plasticity {
            utilisation: 0.4,
            depression_ms: 300.0,
            facilitation_ms: 120.0,
            vesicles: 3,
            initial_utilisation: 0.0,
        };
        let (synapses, spikes, interval) = (40_000_u32, 8, 25.0);
        let mut mean = vec![0.0; spikes];
        for synapse in 0..synapses {
            let mut vesicles = Vesicles::new(&plasticity, false);
            let (stream, mut drawn) = (Random123 { seed: 11, ids: [synapse, 0, 0] }, 0);
            for (event, mean) in mean.iter_mut().enumerate() {
                let time_ms = event as f64 * interval;
                let released = vesicles.release(&plasticity, time_ms, u32::MAX, || stream.uniform(&mut drawn));
                *mean += released / f64::from(synapses);
            }
        }
        let (mut resources, mut utilisation) = (1.0, 0.0);
        for (spike, mean) in mean.iter().enumerate() {
            if spike > 0 {
                resources = 1.0 - (1.0 - resources) * (-interval / plasticity.depression_ms).exp();
                utilisation *= (-interval / plasticity.facilitation_ms).exp();
            }
            utilisation += plasticity.utilisation * (1.0 - utilisation);
            let expected = resources * utilisation;
            resources -= expected;
            // Standard error of 120000 vesicles is at most 0.0015.
            assert!((mean - expected).abs() < 0.006, "spike {spike}: {mean} {expected}");
        }
    }
}
