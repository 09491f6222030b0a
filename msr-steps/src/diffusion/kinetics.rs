//! Volume reactions by Gillespie's direct method (Gillespie 1977, J. Phys. Chem. 81).

use super::Variates;
use crate::constants::Constants;
use crate::model::Model;

/// The reactions of a model, with species as positions.
#[derive(Debug, Clone)]
pub struct Kinetics {
    channels: Vec<Channel>,
    species: usize,
    /// Whether reactions change a species.
    changed: Vec<bool>,
    molecules_per_um3_at_1_molar: f64,
}

#[derive(Debug, Clone)]
struct Channel {
    reactants: Vec<(usize, u64)>,
    changes: Vec<(usize, i64)>,
    rate_constant: f64,
    order: i32,
}

impl Kinetics {
    /// Of the reactions in `model`.
    pub fn new(model: &Model, constants: &Constants) -> Self {
        let species = model.species().len();
        let mut changed = vec![false; species];
        let mut channels = Vec::new();
        for reaction in model.reactions() {
            let count = |side: &[(String, u32)]| {
                let mut counts = vec![0u64; species];
                for (name, count) in side {
                    if let Some(position) = model.position(name) {
                        counts[position] += u64::from(*count);
                    }
                }
                counts
            };
            let [reactants, products] = [count(&reaction.reactants), count(&reaction.products)];
            let change = |one: usize| products[one] as i64 - reactants[one] as i64;
            let changes: Vec<(usize, i64)> =
                (0..species).map(|one| (one, change(one))).filter(|(_, change)| *change != 0).collect();
            changes.iter().for_each(|&(one, _)| changed[one] = true);
            let reactants = reactants.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
            channels.push(Channel {
                reactants,
                changes,
                rate_constant: reaction.rate_constant,
                order: reaction.order() as i32,
            });
        }
        Self { channels, species, changed, molecules_per_um3_at_1_molar: constants.molecules_per_um3_at_1_molar() }
    }

    /// Whether there are no reactions.
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// Whether reactions change this species.
    pub fn changes(&self, species: usize) -> bool {
        self.changed[species]
    }

    /// Whether something can happen without any molecule.
    pub(super) fn has_sources(&self) -> bool {
        self.channels.iter().any(|channel| channel.order == 0 && channel.rate_constant > 0.0)
    }

    /// Reacts for `dt_s` in a well-mixed volume. `counts` are the molecules of each species; `mean_counts` becomes their
    /// average over that time. `propensities` is memory for one value a reaction.
    pub fn react(
        &self,
        counts: &mut [u64],
        mean_counts: &mut [f64],
        propensities: &mut Vec<f64>,
        volume_um3: f64,
        dt_s: f64,
        variates: &mut Variates,
    ) {
        debug_assert_eq!(counts.len(), self.species);
        let molecules_at_1_molar = volume_um3 * self.molecules_per_um3_at_1_molar;
        mean_counts.fill(0.0);
        let mut time_s = 0.0;
        loop {
            propensities.clear();
            propensities.extend(self.channels.iter().map(|channel| channel.propensity(counts, molecules_at_1_molar)));
            let total: f64 = propensities.iter().sum();
            let next_s = if total > 0.0 { time_s + variates.exponential() / total } else { f64::INFINITY };
            let until_s = next_s.min(dt_s);
            for (mean, &count) in mean_counts.iter_mut().zip(counts.iter()) {
                *mean += count as f64 * (until_s - time_s) / dt_s;
            }
            if next_s >= dt_s {
                return;
            }
            time_s = next_s;
            let mut threshold = variates.uniform() * total;
            // Rounding may carry the threshold beyond the last: then the last that can happen does.
            let mut chosen = None;
            for (channel, &propensity) in self.channels.iter().zip(propensities.iter()) {
                if propensity > 0.0 {
                    chosen = Some(channel);
                    if threshold < propensity {
                        break;
                    }
                    threshold -= propensity;
                }
            }
            for &(species, change) in chosen.map_or(&[][..], |channel| &channel.changes) {
                counts[species] = counts[species].saturating_add_signed(change);
            }
        }
    }
}

impl Channel {
    /// `k (V N_A)^(1 - n) prod n (n - 1) ...`, in 1/s.
    fn propensity(&self, counts: &[u64], molecules_at_1_molar: f64) -> f64 {
        let mut propensity = self.rate_constant * molecules_at_1_molar.powi(1 - self.order);
        for &(species, multiplicity) in &self.reactants {
            for taken in 0..multiplicity {
                propensity *= counts[species].saturating_sub(taken) as f64;
            }
        }
        propensity
    }
}
