//! Attributes of chemical edges.

use std::borrow::Cow;
use std::sync::Arc;

use msr_config::circuit::EdgePopulation;
use msr_config::simulation::Conditions;

use super::bad;
use crate::random123::Random123;
use crate::simulator::NeuroError;
use crate::synapses::{MOST_VESICLES, Plasticity, Receptors, Synapse, Transmitter};

/// Ratio of NMDA to AMPA conductance where the file gives none (neocortical pyramidal cells, Markram et al. 2015).
const NMDA_RATIO: f64 = 0.71;
/// Ratio of GABA-B to GABA-A conductance where the file gives none.
const GABA_B_RATIO: f64 = 0.0;
/// uS in 1 nS.
pub(super) const MICROSIEMENS: f64 = 1e-3;

/// Attributes of the chemical edges of a population.
pub(super) struct Chemical<'a> {
    utilisation: Cow<'a, [f64]>,
    depression_ms: Cow<'a, [f64]>,
    facilitation_ms: Cow<'a, [f64]>,
    decay_ms: Cow<'a, [f64]>,
    type_id: Cow<'a, [i64]>,
    vesicles: Cow<'a, [i64]>,
    hill: Option<Cow<'a, [f64]>>,
    ratio: Option<Cow<'a, [f64]>>,
}

impl<'a> Chemical<'a> {
    pub fn read(edges: &'a EdgePopulation) -> Result<Self, NeuroError> {
        let table = &edges.attributes;
        Ok(Self {
            utilisation: table.float("u_syn")?,
            depression_ms: table.float("depression_time")?,
            facilitation_ms: table.float("facilitation_time")?,
            decay_ms: table.float("decay_time")?,
            type_id: table.integer("syn_type_id")?,
            vesicles: table.integer("n_rrp_vesicles")?,
            hill: table.optional_float("u_hill_coefficient")?,
            ratio: table.optional_float("conductance_scale_factor")?,
        })
    }

    /// Whether release cannot follow calcium.
    pub fn lacks_hill(&self) -> bool {
        self.hill.is_none()
    }

    /// Number of edges whose release probability is none.
    pub fn above_one(&self) -> usize {
        self.utilisation.iter().filter(|utilisation| utilisation.abs() > 1.0).count()
    }

    /// The ratio of slow to fast receptors, where the file gives one.
    pub fn ratio(&self, edge: usize) -> Option<f64> {
        self.ratio.as_ref().map(|ratio| ratio[edge]).filter(|&ratio| ratio >= 0.0)
    }

    pub fn transmitter(&self, edge: usize) -> Transmitter {
        Transmitter::from_type_id(self.type_id[edge])
    }

    /// The synapse of an edge of this conductance (nS); its node and stream are to be filled in.
    pub fn synapse(
        &self,
        edges: &EdgePopulation,
        edge: usize,
        conductance_ns: f64,
        receptors: &Arc<Receptors>,
        conditions: &Conditions,
    ) -> Result<Synapse, NeuroError> {
        if !self.decay_ms[edge].is_finite() || self.decay_ms[edge] <= 0.0 {
            return Err(bad(edges, edge, "decay_time", self.decay_ms[edge], "must be positive"));
        }
        let numbers = [
            ("u_syn", &self.utilisation),
            ("depression_time", &self.depression_ms),
            ("facilitation_time", &self.facilitation_ms),
        ];
        for (attribute, column) in numbers {
            if !column[edge].is_finite() {
                return Err(bad(edges, edge, attribute, column[edge], "must be a number"));
            }
        }
        // Signs are none: neurodamus takes the absolute values.
        let [utilisation, depression_ms, facilitation_ms] =
            [&self.utilisation, &self.depression_ms, &self.facilitation_ms].map(|column| column[edge].abs());
        if let Some(hill) = self.hill.as_ref().filter(|hill| !hill[edge].is_finite()) {
            return Err(bad(edges, edge, "u_hill_coefficient", hill[edge], "must be a number"));
        }
        let vesicles = u32::try_from(self.vesicles[edge].max(1)).unwrap_or(u32::MAX);
        if vesicles > MOST_VESICLES {
            return Err(bad(edges, edge, "n_rrp_vesicles", f64::from(vesicles), "must be at most 10000"));
        }
        let transmitter = self.transmitter(edge);
        let default_ratio = if transmitter == Transmitter::Glutamate { NMDA_RATIO } else { GABA_B_RATIO };
        Ok(Synapse {
            node: 0,
            transmitter,
            conductance_us: conductance_ns * MICROSIEMENS,
            slow_ratio: self.ratio(edge).unwrap_or(default_ratio),
            decay_ms: self.decay_ms[edge],
            plasticity: Plasticity {
                utilisation: utilisation * self.hill_factor(edge, conditions.extracellular_calcium_mm),
                depression_ms,
                facilitation_ms,
                vesicles,
                initial_utilisation: 0.0,
            },
            receptors: Arc::clone(receptors),
            stream: Random123::default(),
        })
    }

    /// Dependence of release on calcium outside, y: `(K^4 + 16) / 16 * y^4 / (K^4 + y^4)`, which is 1 at the 2 mM of slice
    /// recordings (Markram et al. 2015, Cell 163:456). 1 where the circuit has no K or the simulation no calcium.
    pub fn hill_factor(&self, edge: usize, calcium_mm: Option<f64>) -> f64 {
        match (&self.hill, calcium_mm) {
            (Some(hill), Some(calcium)) => {
                let (k, y) = (hill[edge].powi(4), calcium.powi(4));
                (k + 16.0) / 16.0 * y / (k + y)
            }
            _ => 1.0,
        }
    }
}
