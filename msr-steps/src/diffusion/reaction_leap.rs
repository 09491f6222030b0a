//! Reactions of molecules in one tetrahedron, by the method that their number calls for.
//!
//! Few events are drawn one by one (Gillespie 1977); many at once by tau-leaping, with the step of Cao, Gillespie and Petzold
//! 2006 (J. Chem. Phys. 124:044109, equations 32 and 33) and the propensities of its expected middle (Gillespie 2001, J. Chem.
//! Phys. 115:1716, section V), without which means are off by the order of a leap; and where every reactant is so plentiful that its fluctuations are
//! invisible, rate equations give the extents, which are rounded to whole events.

use super::kinetics::Channel;
use super::rate_equations::Workspace;
use super::{Kinetics, RateEquations, Variates};

/// The relative change of propensities that a leap may make (epsilon of Cao et al. 2006, their value).
const EPSILON: f64 = 0.03;

/// A leap must be worth this many events, else they are drawn one by one (section V of Cao et al. 2006).
const LEAST_EVENTS: f64 = 10.0;

/// Events drawn one by one before a leap is tried again (ibid.).
const EVENTS_ONE_BY_ONE: usize = 100;

/// Relative error of a step of the rate equations: below the fluctuations of the counts for which they are used.
const RATE_TOLERANCE: f64 = 1e-6;

/// The reactions of one compartment.
#[derive(Debug, Clone)]
pub struct ReactionLeap {
    kinetics: Kinetics,
    equations: RateEquations,
    /// For each species, the highest order of a reaction that consumes it, and its multiplicity there.
    highest: Vec<(i32, u64)>,
    deterministic_from: f64,
}

/// Memory used again from tetrahedron to tetrahedron.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    propensities: Vec<f64>,
    firings: Vec<u64>,
    drift: Vec<f64>,
    variance: Vec<f64>,
    densities: Vec<f64>,
    middle: Vec<f64>,
    changed: Vec<i64>,
    workspace: Workspace,
}

impl ReactionLeap {
    /// Of these reactions. From `deterministic_from` molecules of each reactant on, rate equations are used.
    pub fn new(kinetics: Kinetics, deterministic_from: f64) -> Self {
        let mut highest = vec![(0, 0); kinetics.species()];
        for channel in kinetics.channels() {
            for &(species, multiplicity) in &channel.reactants {
                highest[species] = highest[species].max((channel.order, multiplicity));
            }
        }
        let equations = RateEquations::new(&kinetics, RATE_TOLERANCE);
        Self { kinetics, equations, highest, deterministic_from }
    }

    /// The reactions.
    pub fn kinetics(&self) -> &Kinetics {
        &self.kinetics
    }

    /// The largest rate, in 1/s, at which one molecule is consumed.
    pub fn largest_rate_per_s(&self, counts: &[u64], volume_um3: f64) -> f64 {
        let mut largest: f64 = 0.0;
        for channel in self.kinetics.channels() {
            let propensity = channel.propensity(counts, volume_um3);
            for &(species, multiplicity) in channel.reactants.iter().filter(|_| propensity > 0.0) {
                largest = largest.max(propensity * multiplicity as f64 / counts[species] as f64);
            }
        }
        largest
    }

    /// Reacts for `dt_s` in a well-mixed volume. `counts` are the molecules of each species.
    pub fn react(
        &self,
        counts: &mut [u64],
        volume_um3: f64,
        dt_s: f64,
        variates: &mut impl FnMut() -> Variates,
        scratch: &mut Scratch,
    ) {
        let channels = self.kinetics.channels();
        let mut drawn: Option<Variates> = None;
        let mut left_s = dt_s;
        while left_s > 0.0 {
            let total = propensities(channels, counts, volume_um3, &mut scratch.propensities);
            if total <= 0.0 {
                return;
            }
            let variates = drawn.get_or_insert_with(&mut *variates);
            let expected = total * left_s;
            if expected > LEAST_EVENTS && self.is_plentiful(counts, &scratch.propensities) {
                left_s -= self.follow_rates(counts, volume_um3, left_s, variates, scratch);
                continue;
            }
            let leap_s = if expected > LEAST_EVENTS { self.leap_s(counts, scratch).min(left_s) } else { 0.0 };
            if leap_s * total < LEAST_EVENTS {
                left_s = one_by_one(channels, counts, volume_um3, left_s, variates, &mut scratch.propensities);
            } else {
                left_s -= leap(channels, counts, [volume_um3, leap_s], variates, scratch);
            }
        }
    }

    /// Whether every reactant of what can happen is plentiful.
    fn is_plentiful(&self, counts: &[u64], propensities: &[f64]) -> bool {
        let happening = self.kinetics.channels().iter().zip(propensities).filter(|(_, propensity)| **propensity > 0.0);
        let mut reactants = happening.flat_map(|(channel, _)| &channel.reactants);
        reactants.all(|&(species, _)| counts[species] as f64 >= self.deterministic_from)
    }

    /// Equation 33 of Cao et al. 2006, with the bounds `max(epsilon x / g, 1)` of equation 27.
    fn leap_s(&self, counts: &[u64], scratch: &mut Scratch) -> f64 {
        let Scratch { propensities, drift, variance, .. } = scratch;
        drift.clear();
        drift.resize(counts.len(), 0.0);
        variance.clear();
        variance.resize(counts.len(), 0.0);
        for (channel, propensity) in self.kinetics.channels().iter().zip(propensities.iter()) {
            for &(species, change) in &channel.changes {
                drift[species] += change as f64 * propensity;
                variance[species] += (change * change) as f64 * propensity;
            }
        }
        let mut leap_s = f64::INFINITY;
        for (species, &(order, multiplicity)) in self.highest.iter().enumerate().filter(|(_, (order, _))| *order > 0) {
            let count = counts[species] as f64;
            let bound = (EPSILON * count / order_factor(order, multiplicity, count)).max(1.0);
            if variance[species] > 0.0 {
                leap_s = leap_s.min(bound / drift[species].abs()).min(bound * bound / variance[species]);
            }
        }
        leap_s
    }

    /// Advances by rate equations and whole events; returns how far.
    fn follow_rates(
        &self,
        counts: &mut [u64],
        volume_um3: f64,
        left_s: f64,
        variates: &mut Variates,
        scratch: &mut Scratch,
    ) -> f64 {
        let mut dt_s = left_s;
        loop {
            scratch.densities.clear();
            scratch.densities.extend(counts.iter().map(|&count| count as f64 / volume_um3));
            self.equations.advance(&mut scratch.densities, dt_s, &mut scratch.workspace);
            scratch.firings.clear();
            let events = scratch.workspace.extents().iter().map(|extent| (extent * volume_um3).max(0.0));
            scratch.firings.extend(events.map(|events| variates.round(events)));
            if fire(self.kinetics.channels(), counts, &scratch.firings, &mut scratch.changed) {
                return dt_s;
            }
            dt_s *= 0.5;
        }
    }
}

/// `g` of Cao et al. 2006, equation 27 and the list below it, continued to any order.
fn order_factor(order: i32, multiplicity: u64, count: f64) -> f64 {
    let order = f64::from(order);
    let repeated: f64 = (1..multiplicity).map(|taken| taken as f64 / (count - taken as f64).max(1.0)).sum();
    order + repeated * order / (multiplicity.max(1) as f64)
}

fn propensities(channels: &[Channel], counts: &[u64], volume_um3: f64, propensities: &mut Vec<f64>) -> f64 {
    propensities.clear();
    propensities.extend(channels.iter().map(|channel| channel.propensity(counts, volume_um3)));
    propensities.iter().sum()
}

/// Draws some events one by one; returns the time that is left.
fn one_by_one(
    channels: &[Channel],
    counts: &mut [u64],
    volume_um3: f64,
    mut left_s: f64,
    variates: &mut Variates,
    memory: &mut Vec<f64>,
) -> f64 {
    for _ in 0..EVENTS_ONE_BY_ONE {
        let total = propensities(channels, counts, volume_um3, memory);
        if total <= 0.0 {
            return 0.0;
        }
        left_s -= variates.exponential() / total;
        if left_s <= 0.0 {
            return 0.0;
        }
        let mut threshold = variates.uniform() * total;
        // Rounding may carry the threshold beyond the last: then the last that can happen does.
        let mut chosen = None;
        for (channel, &propensity) in channels.iter().zip(memory.iter()).filter(|(_, propensity)| **propensity > 0.0) {
            chosen = Some(channel);
            if threshold < propensity {
                break;
            }
            threshold -= propensity;
        }
        for &(species, change) in chosen.map_or(&[][..], |channel| &channel.changes) {
            counts[species] = counts[species].saturating_add_signed(change);
        }
    }
    left_s
}

/// Leaps by `leap_s`, or less where that would leave a count below zero; returns how far.
fn leap(
    channels: &[Channel],
    counts: &mut [u64],
    [volume_um3, mut leap_s]: [f64; 2],
    variates: &mut Variates,
    scratch: &mut Scratch,
) -> f64 {
    loop {
        scratch.middle.clear();
        scratch.middle.extend(counts.iter().map(|&count| count as f64));
        for (channel, propensity) in channels.iter().zip(&scratch.propensities) {
            for &(species, change) in &channel.changes {
                scratch.middle[species] += 0.5 * leap_s * propensity * change as f64;
            }
        }
        scratch.firings.clear();
        let propensities = channels.iter().map(|channel| channel.expected_propensity(&scratch.middle, volume_um3));
        scratch.firings.extend(propensities.map(|propensity| variates.poisson(propensity * leap_s)));
        if fire(channels, counts, &scratch.firings, &mut scratch.changed) {
            return leap_s;
        }
        leap_s *= 0.5;
    }
}

/// Lets each channel happen so many times, unless a count would fall below zero.
fn fire(channels: &[Channel], counts: &mut [u64], firings: &[u64], changed: &mut Vec<i64>) -> bool {
    changed.clear();
    changed.extend(counts.iter().map(|&count| count as i64));
    for (channel, &times) in channels.iter().zip(firings) {
        for &(species, change) in &channel.changes {
            changed[species] += change * times as i64;
        }
    }
    if changed.iter().any(|&count| count < 0) {
        return false;
    }
    counts.iter_mut().zip(changed.iter()).for_each(|(count, &changed)| *count = changed as u64);
    true
}
