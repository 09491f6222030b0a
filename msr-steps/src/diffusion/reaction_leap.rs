//! Reactions of molecules in one tetrahedron, by the method that their number calls for.
//!
//! Few events are drawn one by one (Gillespie 1977); many at once by tau-leaping, with the step of Cao, Gillespie and Petzold
//! 2006 (J. Chem. Phys. 124:044109, equations 32 and 33), their critical reactions (section III: those near the last molecule
//! of a reactant, of which one at most happens in a leap) and the propensities of its expected middle (Gillespie 2001, J. Chem.
//! Phys. 115:1716, section V), without which means are off by the order of a leap; and where every reactant is so plentiful that its fluctuations are
//! invisible, rate equations give the extents, which are rounded to whole events.

use super::failure::{MOST_EVENTS, MOST_MOLECULES, largest};
use super::kinetics::Channel;
use super::rate_equations::Workspace;
use super::{Cause, Failure, Kinetics, RateEquations, Variates};

/// The relative change of propensities that a leap may make (epsilon of Cao et al. 2006, their value).
const EPSILON: f64 = 0.03;

/// A leap must be worth this many events, else they are drawn one by one (section V of Cao et al. 2006).
const LEAST_EVENTS: f64 = 10.0;

/// A reaction that can happen fewer times than this before a reactant is used up is critical (section III of Cao et al. 2006,
/// their n_c).
const CRITICAL_EVENTS: u64 = 10;

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
    /// Whether each reaction is critical.
    critical: Vec<bool>,
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
    ///
    /// # Errors
    /// [`Failure`] where numbers grow beyond all bounds.
    pub fn react(
        &self,
        counts: &mut [u64],
        volume_um3: f64,
        dt_s: f64,
        variates: &mut impl FnMut() -> Variates,
        scratch: &mut Scratch,
    ) -> Result<(), Failure> {
        let channels = self.kinetics.channels();
        let mut drawn: Option<Variates> = None;
        let mut left_s = dt_s;
        while left_s > 0.0 {
            let total = propensities(channels, counts, volume_um3, &mut scratch.propensities);
            if total <= 0.0 {
                return Ok(());
            }
            let variates = drawn.get_or_insert_with(&mut *variates);
            let expected = total * left_s;
            if expected > LEAST_EVENTS && self.is_plentiful(counts, &scratch.propensities) {
                left_s -= self.follow_rates(counts, volume_um3, left_s, variates, scratch)?;
                continue;
            }
            let leap_s = if expected > LEAST_EVENTS { self.leap_s(counts, scratch).min(left_s) } else { 0.0 };
            if leap_s * total < LEAST_EVENTS {
                left_s = one_by_one(channels, counts, volume_um3, left_s, variates, &mut scratch.propensities)?;
            } else {
                left_s -= leap(channels, counts, [volume_um3, leap_s], variates, scratch)?;
            }
        }
        Ok(())
    }

    /// Whether every reactant of what can happen is plentiful.
    fn is_plentiful(&self, counts: &[u64], propensities: &[f64]) -> bool {
        let happening = self.kinetics.channels().iter().zip(propensities).filter(|(_, propensity)| **propensity > 0.0);
        let mut reactants = happening.flat_map(|(channel, _)| &channel.reactants);
        reactants.all(|&(species, _)| counts[species] as f64 >= self.deterministic_from)
    }

    /// Marks the critical reactions, and gives the step that the others allow: equation 33 of Cao et al. 2006, with the bounds
    /// `max(epsilon x / g, 1)` of equation 27.
    fn leap_s(&self, counts: &[u64], scratch: &mut Scratch) -> f64 {
        let Scratch { propensities, critical, drift, variance, .. } = scratch;
        critical.clear();
        critical.extend(self.kinetics.channels().iter().map(|channel| is_critical(channel, counts)));
        drift.clear();
        drift.resize(counts.len(), 0.0);
        variance.clear();
        variance.resize(counts.len(), 0.0);
        let followed = self.kinetics.channels().iter().zip(propensities.iter()).zip(critical.iter());
        for ((channel, propensity), _) in followed.filter(|(_, critical)| !**critical) {
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
    ) -> Result<f64, Failure> {
        let mut dt_s = left_s;
        loop {
            scratch.densities.clear();
            scratch.densities.extend(counts.iter().map(|&count| count as f64 / volume_um3));
            self.equations.advance(&mut scratch.densities, dt_s, &mut scratch.workspace)?;
            scratch.firings.clear();
            let events = scratch.workspace.extents().iter().map(|extent| (extent * volume_um3).max(0.0));
            scratch.firings.extend(events.map(|events| variates.round(events)));
            if fire(self.kinetics.channels(), counts, &scratch.firings, &mut scratch.changed)? {
                return Ok(dt_s);
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

/// Whether so few molecules of something that it consumes are left that a reaction could use them up.
fn is_critical(channel: &Channel, counts: &[u64]) -> bool {
    let consumed = channel.changes.iter().filter(|(_, change)| *change < 0);
    consumed.into_iter().any(|&(species, change)| counts[species] / change.unsigned_abs() < CRITICAL_EVENTS)
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
) -> Result<f64, Failure> {
    for _ in 0..EVENTS_ONE_BY_ONE {
        let total = propensities(channels, counts, volume_um3, memory);
        if total <= 0.0 {
            return Ok(0.0);
        }
        check_events(channels, memory, left_s)?;
        left_s -= variates.exponential() / total;
        if left_s <= 0.0 {
            return Ok(0.0);
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
    Ok(left_s)
}

/// Refuses to draw more events one by one than could ever be done.
pub(super) fn check_events(channels: &[Channel], propensities: &[f64], dt_s: f64) -> Result<(), Failure> {
    let events = propensities.iter().sum::<f64>() * dt_s;
    if events <= MOST_EVENTS {
        return Ok(());
    }
    let (fastest, _) = largest(propensities.iter().copied());
    let species = channels[fastest].changes.first().map_or(0, |&(species, _)| species);
    Err(Failure { species, tet: 0, cause: Cause::Events { events, dt_s } })
}

/// Leaps by `leap_s`, to the first critical reaction if that comes sooner, or less where a count would fall below zero; returns
/// how far.
fn leap(
    channels: &[Channel],
    counts: &mut [u64],
    [volume_um3, mut leap_s]: [f64; 2],
    variates: &mut Variates,
    scratch: &mut Scratch,
) -> Result<f64, Failure> {
    let Scratch { propensities, critical, middle, firings, changed, .. } = scratch;
    let rare: f64 = propensities.iter().zip(critical.iter()).filter(|(_, critical)| **critical).map(|(a, _)| a).sum();
    loop {
        // Infinite where nothing is critical.
        let wait_s = if rare > 0.0 { variates.exponential() / rare } else { f64::INFINITY };
        let span_s = leap_s.min(wait_s);
        middle.clear();
        middle.extend(counts.iter().map(|&count| count as f64));
        for ((channel, propensity), _) in
            channels.iter().zip(&*propensities).zip(&*critical).filter(|(_, rare)| !**rare)
        {
            for &(species, change) in &channel.changes {
                middle[species] += 0.5 * span_s * propensity * change as f64;
            }
        }
        firings.clear();
        for (channel, critical) in channels.iter().zip(&*critical) {
            let expected = channel.expected_propensity(middle, volume_um3) * span_s;
            firings.push(if *critical { 0 } else { variates.poisson(expected) });
        }
        if wait_s <= leap_s {
            let mut threshold = variates.uniform() * rare;
            let mut chosen = None;
            let candidates = (0..channels.len()).filter(|&channel| critical[channel] && propensities[channel] > 0.0);
            for channel in candidates {
                chosen = Some(channel);
                if threshold < propensities[channel] {
                    break;
                }
                threshold -= propensities[channel];
            }
            chosen.into_iter().for_each(|channel| firings[channel] = 1);
        }
        if fire(channels, counts, firings, changed)? {
            return Ok(span_s);
        }
        leap_s *= 0.5;
    }
}

/// Lets each channel happen so many times, unless a count would fall below zero.
fn fire(channels: &[Channel], counts: &mut [u64], firings: &[u64], changed: &mut Vec<i64>) -> Result<bool, Failure> {
    changed.clear();
    changed.extend(counts.iter().map(|&count| count as i64));
    for (channel, &times) in channels.iter().zip(firings) {
        for &(species, change) in &channel.changes {
            let times = i64::try_from(times).unwrap_or(i64::MAX);
            changed[species] = changed[species].saturating_add(change.saturating_mul(times));
        }
    }
    if changed.iter().any(|&count| count < 0) {
        return Ok(false);
    }
    if let Some(species) = changed.iter().position(|&count| count as u64 > MOST_MOLECULES) {
        return Err(Failure { species, tet: 0, cause: Cause::Uncountable });
    }
    counts.iter_mut().zip(changed.iter()).for_each(|(count, &changed)| *count = changed as u64);
    Ok(true)
}
