//! The exact spatial method: every jump of a molecule and every reaction is an event of one Markov chain.
//!
//! Events are drawn by composition and rejection (Slepoy, Thompson and Plimpton 2008, J. Chem. Phys. 128): processes stand in
//! groups whose propensities lie between two powers of two. A group is found by its sum, a member by a fair draw that
//! accepts at least every second time. The cost of an event does not depend on the size of the mesh.

use msr_coupling::random::Stream;

use super::failure::{MOST_EVENTS, largest};
use super::network::NO_COMPARTMENT;
use super::{Cause, Failure, JumpNetwork, Kinetics, Molecules, Variates};

/// The entity of this method's random streams: no tetrahedron has this number.
const EVENTS: u32 = u32::MAX;

/// Events drawn from one stream, after which the sums, too, are freed of their rounding.
const EVENTS_PER_STREAM: u32 = 1 << 20;

/// Exponents that a floating-point number can have.
const EXPONENTS: usize = 2048;

/// The exact method for given jumps and reactions.
#[derive(Debug, Clone)]
pub struct SpatialSsa {
    network: JumpNetwork,
    kinetics: Vec<Kinetics>,
    /// Channels of the compartment that has most.
    most_channels: usize,
    groups: Groups,
    events: u64,
}

impl SpatialSsa {
    /// For these jumps and the reactions of each compartment.
    pub fn new(network: JumpNetwork, kinetics: Vec<Kinetics>) -> Self {
        let most_channels = kinetics.iter().map(|kinetics| kinetics.channels().len()).max().unwrap_or(0);
        let processes = network.len() * (network.species() + most_channels);
        Self { network, kinetics, most_channels, groups: Groups::new(processes), events: 0 }
    }

    /// Jumps and reactions so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// First process of a tetrahedron: its species' jumps, then its reactions.
    fn first_process(&self, tet: usize) -> usize {
        tet * (self.network.species() + self.most_channels)
    }

    fn set_jumps(&mut self, tet: usize, species: usize, count: u64) {
        let rate = self.network.operator(species).total_rates_per_um2()[tet] * self.network.diffusion_um2_s(species);
        self.groups.set(self.first_process(tet) + species, rate * count as f64);
    }

    /// Brings the reactions of a tetrahedron up to date; those in which `species` takes part, where one is given.
    fn set_reactions(&mut self, tet: usize, species: Option<usize>, counts: &[u64]) {
        let compartment = self.network.compartments()[tet];
        if self.most_channels == 0 || compartment == NO_COMPARTMENT {
            return;
        }
        let first = self.first_process(tet) + self.network.species();
        let counts = &counts[tet * self.network.species()..][..self.network.species()];
        for (position, channel) in self.kinetics[usize::from(compartment)].channels().iter().enumerate() {
            if species.is_none_or(|species| channel.reactants.iter().any(|&(one, _)| one == species)) {
                self.groups.set(first + position, channel.propensity(counts, self.network.volumes_um3()[tet]));
            }
        }
    }

    fn change(&mut self, counts: &mut [u64], tet: usize, species: usize, change: i64) {
        let count = &mut counts[tet * self.network.species() + species];
        *count = count.saturating_add_signed(change);
        let count = *count;
        self.set_jumps(tet, species, count);
        self.set_reactions(tet, Some(species), counts);
    }

    fn jump(&mut self, counts: &mut [u64], tet: usize, species: usize, variates: &mut Variates) {
        let operator = self.network.operator(species);
        let rates = &operator.rates_per_um2()[tet];
        let mut threshold = variates.uniform() * operator.total_rates_per_um2()[tet];
        let last = rates.iter().rposition(|&rate| rate > 0.0).unwrap_or(0);
        let mut face = 0;
        while face < last && threshold >= rates[face] {
            threshold -= rates[face];
            face += 1;
        }
        let to = operator.neighbours()[tet][face] as usize;
        let held = [tet, to].map(|tet| operator.held()[tet]);
        if !held[0] {
            self.change(counts, tet, species, -1);
        }
        if !held[1] {
            self.change(counts, to, species, 1);
        }
    }

    /// The fastest process is to blame.
    fn too_fast(&self, events: f64, dt_s: f64) -> Failure {
        let (process, _) = largest(self.groups.propensities.iter().copied());
        let processes_per_tet = self.network.species() + self.most_channels;
        let [tet, which] = [process / processes_per_tet, process % processes_per_tet];
        let species = match which.checked_sub(self.network.species()) {
            None => which,
            Some(channel) => {
                let kinetics = &self.kinetics[usize::from(self.network.compartments()[tet])];
                kinetics.channels()[channel].changes.first().map_or(0, |&(species, _)| species)
            }
        };
        Failure { species, tet, cause: Cause::Events { events, dt_s } }
    }

    fn react(&mut self, counts: &mut [u64], tet: usize, channel: usize) {
        let compartment = usize::from(self.network.compartments()[tet]);
        for position in 0..self.kinetics[compartment].channels()[channel].changes.len() {
            let (species, change) = self.kinetics[compartment].channels()[channel].changes[position];
            self.change(counts, tet, species, change);
        }
    }
}

impl Molecules for SpatialSsa {
    fn advance(&mut self, counts: &mut [u64], dt_s: f64, seed: u64, step: &mut u64) -> Result<(), Failure> {
        let species = self.network.species();
        self.groups.clear();
        for tet in 0..self.network.len() {
            for one in 0..species {
                self.set_jumps(tet, one, counts[tet * species + one]);
            }
            self.set_reactions(tet, None, counts);
        }
        let processes_per_tet = species + self.most_channels;
        let mut time_s = 0.0;
        loop {
            let mut variates = Variates::new(Stream::new(seed, EVENTS, *step));
            *step += 1;
            self.groups.sum_again();
            for _ in 0..EVENTS_PER_STREAM {
                let total = self.groups.total();
                if total <= 0.0 {
                    return Ok(());
                }
                let events = total * (dt_s - time_s);
                if events > MOST_EVENTS {
                    return Err(self.too_fast(events, dt_s - time_s));
                }
                time_s += variates.exponential() / total;
                if time_s >= dt_s {
                    return Ok(());
                }
                let Some(process) = self.groups.draw(total, &mut variates) else { break };
                self.events += 1;
                let [tet, which] = [process / processes_per_tet, process % processes_per_tet];
                if which < species {
                    self.jump(counts, tet, which, &mut variates);
                } else {
                    self.react(counts, tet, which - species);
                }
            }
        }
    }
}

/// Processes by the power of two below their propensity.
#[derive(Debug, Clone)]
struct Groups {
    propensities: Vec<f64>,
    /// Where each process stands in its group.
    places: Vec<u32>,
    groups: Vec<Group>,
    /// Groups that have had members, the largest propensities first.
    active: Vec<u16>,
}

#[derive(Debug, Clone, Default)]
struct Group {
    members: Vec<u32>,
    sum: f64,
    active: bool,
}

/// Number of the group of a positive propensity: its biased exponent.
fn group_of(propensity: f64) -> usize {
    (propensity.to_bits() >> 52) as usize
}

impl Groups {
    fn new(processes: usize) -> Self {
        Self {
            propensities: vec![0.0; processes],
            places: vec![0; processes],
            groups: vec![Group::default(); EXPONENTS],
            active: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.propensities.fill(0.0);
        for &group in &self.active {
            let group = &mut self.groups[usize::from(group)];
            group.members.clear();
            group.sum = 0.0;
        }
    }

    fn set(&mut self, process: usize, propensity: f64) {
        let old = self.propensities[process];
        if old == propensity {
            return;
        }
        self.propensities[process] = propensity;
        if old > 0.0 && propensity > 0.0 && group_of(old) == group_of(propensity) {
            self.groups[group_of(old)].sum += propensity - old;
            return;
        }
        if old > 0.0 {
            let group = &mut self.groups[group_of(old)];
            let place = self.places[process];
            group.members.swap_remove(place as usize);
            if let Some(&moved) = group.members.get(place as usize) {
                self.places[moved as usize] = place;
            }
            group.sum = if group.members.is_empty() { 0.0 } else { group.sum - old };
        }
        if propensity > 0.0 {
            let number = group_of(propensity);
            let group = &mut self.groups[number];
            self.places[process] = group.members.len() as u32;
            group.members.push(process as u32);
            group.sum += propensity;
            if !group.active {
                group.active = true;
                self.active.push(number as u16);
                self.active.sort_unstable_by(|a, b| b.cmp(a));
            }
        }
    }

    /// Takes the sums anew from their members.
    fn sum_again(&mut self) {
        for &group in &self.active {
            let group = &mut self.groups[usize::from(group)];
            group.sum = group.members.iter().map(|&process| self.propensities[process as usize]).sum();
        }
    }

    fn total(&self) -> f64 {
        self.active.iter().map(|&group| self.groups[usize::from(group)].sum).sum()
    }

    /// A process, in proportion to its propensity; `None` where there is none.
    fn draw(&self, total: f64, variates: &mut Variates) -> Option<usize> {
        let mut threshold = variates.uniform() * total;
        // Rounding may carry the threshold beyond the last: then it is the last that has members.
        let mut chosen = None;
        for &number in &self.active {
            let group = &self.groups[usize::from(number)];
            if !group.members.is_empty() {
                chosen = Some(number);
                if threshold < group.sum {
                    break;
                }
                threshold -= group.sum;
            }
        }
        let number = chosen?;
        let members = &self.groups[usize::from(number)].members;
        let above = f64::from_bits((u64::from(number) + 1) << 52);
        loop {
            // The integer part chooses a member, the rest accepts it.
            let draw = variates.uniform() * members.len() as f64;
            let place = draw as usize;
            let process = members[place] as usize;
            if (draw - place as f64) * above < self.propensities[process] {
                return Some(process);
            }
        }
    }
}
