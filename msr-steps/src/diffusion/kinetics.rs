//! Volume reactions by Gillespie's direct method (Gillespie 1977, J. Phys. Chem. 81).

use super::reaction_leap::check_events;
use super::{Failure, Variates};
use crate::constants::Constants;
use crate::model::Model;

/// The reactions of a model in one compartment, with species as positions.
#[derive(Debug, Clone)]
pub struct Kinetics {
    channels: Vec<Channel>,
    species: usize,
    /// Whether reactions change a species.
    changed: Vec<bool>,
}

#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub(super) reactants: Vec<(usize, u64)>,
    pub(super) changes: Vec<(usize, i64)>,
    /// `k N_A^(1 - n)`: with volumes in um3 and molecules.
    pub(super) rate: f64,
    pub(super) order: i32,
}

impl Kinetics {
    /// Of the reactions in the first compartment of `model`.
    pub fn new(model: &Model, constants: &Constants) -> Self {
        Self::within(model, 0, constants)
    }

    /// Of the reactions in one compartment of `model`, counted from 0. Clamped species react and do not change.
    ///
    /// # Panics
    /// Where there is no such compartment.
    pub fn within(model: &Model, compartment: usize, constants: &Constants) -> Self {
        let species = model.species().len();
        let mut changed = vec![false; species];
        let mut channels = Vec::new();
        for reaction in model.reactions().iter().filter(|reaction| model.takes_place(reaction, compartment)) {
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
            let held = |one: usize| model.species_in(compartment)[one].clamped;
            let change = |one: usize| if held(one) { 0 } else { products[one] as i64 - reactants[one] as i64 };
            let changes: Vec<(usize, i64)> =
                (0..species).map(|one| (one, change(one))).filter(|(_, change)| *change != 0).collect();
            changes.iter().for_each(|&(one, _)| changed[one] = true);
            let reactants = reactants.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
            let order = reaction.order() as i32;
            let rate = reaction.rate_constant * constants.molecules_per_um3_at_1_molar().powi(1 - order);
            channels.push(Channel { reactants, changes, rate, order });
        }
        Self { channels, species, changed }
    }

    pub(super) fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Number of species.
    pub fn species(&self) -> usize {
        self.species
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
        self.channels.iter().any(|channel| channel.order == 0 && channel.rate > 0.0)
    }

    /// Reacts for `dt_s` in a well-mixed volume. `counts` are the molecules of each species; `mean_counts` becomes their
    /// average over that time. `propensities` is memory for one value a reaction.
    ///
    /// # Errors
    /// [`Cause::Events`](super::Cause::Events) where more happens than could ever be drawn.
    pub fn react(
        &self,
        counts: &mut [u64],
        mean_counts: &mut [f64],
        propensities: &mut Vec<f64>,
        volume_um3: f64,
        dt_s: f64,
        variates: &mut Variates,
    ) -> Result<(), Failure> {
        debug_assert_eq!(counts.len(), self.species);
        mean_counts.fill(0.0);
        let mut time_s = 0.0;
        loop {
            propensities.clear();
            propensities.extend(self.channels.iter().map(|channel| channel.propensity(counts, volume_um3)));
            let total: f64 = propensities.iter().sum();
            if total <= 0.0 && time_s == 0.0 {
                mean_counts.iter_mut().zip(counts.iter()).for_each(|(mean, &count)| *mean = count as f64);
                return Ok(());
            }
            check_events(&self.channels, propensities, dt_s - time_s)?;
            let next_s = if total > 0.0 { time_s + variates.exponential() / total } else { f64::INFINITY };
            let until_s = next_s.min(dt_s);
            for (mean, &count) in mean_counts.iter_mut().zip(counts.iter()) {
                *mean += count as f64 * (until_s - time_s) / dt_s;
            }
            if next_s >= dt_s {
                return Ok(());
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
    pub(super) fn propensity(&self, counts: &[u64], volume_um3: f64) -> f64 {
        let mut propensity = self.rate;
        for &(species, multiplicity) in &self.reactants {
            for taken in 0..multiplicity {
                propensity *= counts[species].saturating_sub(taken) as f64;
            }
        }
        self.scaled(propensity, volume_um3)
    }

    /// The same for expected numbers of molecules.
    pub(super) fn expected_propensity(&self, counts: &[f64], volume_um3: f64) -> f64 {
        let mut propensity = self.rate;
        for &(species, multiplicity) in &self.reactants {
            for taken in 0..multiplicity {
                propensity *= (counts[species] - taken as f64).max(0.0);
            }
        }
        self.scaled(propensity, volume_um3)
    }

    fn scaled(&self, propensity: f64, volume_um3: f64) -> f64 {
        if self.order == 1 || propensity == 0.0 { propensity } else { propensity * volume_um3.powi(1 - self.order) }
    }
}
