//! Averages written back into the parts that they were taken over, so that differences inside an element survive.

use msr_config::multiscale::WriteBackMode;

use crate::breach::Breach;
use crate::query::Query;
use crate::route::RouteError;
use crate::simulator::{Simulator, SimulatorError};
use crate::space_graph::SpaceGraph;
use crate::variable::{Access, Port, Quantity};

/// Writes one value an element of a coarse space into a simulator whose variable lives on a finer one: each part is
/// shifted by what its element's average lacks. Where a shift would turn a part negative and no part nor the new average
/// is, the parts of that element are scaled instead. With [`WriteBackMode::Overwrite`], each part becomes the average.
#[derive(Debug)]
pub(crate) struct WriteBack {
    mode: WriteBackMode,
    get: Query,
    set: Query,
    port: Port,
    /// Element to which each part belongs; `None` for parts that belong to none.
    owners: Vec<Option<usize>>,
    /// Weight of each part, and the sum of weights of each element.
    weights: Vec<f64>,
    weight_sums: Vec<f64>,
    values: Vec<f64>,
    /// From the unit of the averages to that of the parts.
    unit_factor: f64,
    target: Vec<f64>,
    averages: Vec<f64>,
    /// Whether the parts of an element are scaled rather than shifted.
    scaled: Vec<bool>,
}

impl WriteBack {
    /// Writes what arrived at `to` from `from` back through the setter `set` of the source.
    pub(crate) fn compile(
        simulator: &dyn Simulator,
        (set, port): (&Query, &Port),
        from: &Port,
        to: &Port,
        spaces: &SpaceGraph,
        mode: WriteBackMode,
    ) -> Result<Self, RouteError> {
        let coarse = &to.space;
        let weights = from.weights.as_ref().filter(|_| from.space == port.space);
        let units = || RouteError::Units { from: to.unit.clone(), to: port.unit.clone() };
        let unit_factor = to.unit.factor_to(&port.unit).ok_or_else(units)?;
        let get = port.read_back.clone().ok_or_else(|| RouteError::NotReadable { query: set.to_string() })?;
        simulator.resolve(&get, Access::Get).map_err(|error| SimulatorError::query(simulator.name(), error))?;
        let fine = spaces.space(&port.space)?;
        let mut part_weights = Vec::new();
        match weights {
            Some(query) => simulator.get_var(query, &mut part_weights)?,
            None => part_weights.extend_from_slice(&fine.sizes),
        }
        let owners = spaces
            .operator(coarse, &port.space, Quantity::Intensive)?
            .sole_sources()
            .ok_or_else(|| RouteError::SharedParts { coarse: coarse.clone(), fine: port.space.clone() })?;
        let elements = spaces.space(coarse)?.len();
        let mut weight_sums = vec![0.0; elements];
        for (owner, weight) in owners.iter().zip(&part_weights) {
            if let Some(element) = owner {
                weight_sums[*element] += weight;
            }
        }
        Ok(Self {
            mode,
            get,
            set: set.clone(),
            port: port.clone(),
            values: Vec::with_capacity(owners.len()),
            owners,
            weights: part_weights,
            weight_sums,
            unit_factor,
            target: vec![0.0; elements],
            averages: vec![0.0; elements],
            scaled: vec![false; elements],
        })
    }

    /// Finds what makes the average of each element equal to `averages`.
    pub(crate) fn prepare(&mut self, simulator: &dyn Simulator, averages: &[f64]) -> Result<(), SimulatorError> {
        simulator.get_var(&self.get, &mut self.values)?;
        for (target, average) in self.target.iter_mut().zip(averages) {
            *target = average * self.unit_factor;
        }
        match self.mode {
            WriteBackMode::Shift => self.shift(),
            WriteBackMode::Overwrite => {
                for (owner, value) in self.owners.iter().zip(&mut self.values) {
                    *value = owner.map_or(*value, |element| self.target[element]);
                }
            }
        }
        Ok(())
    }

    /// Values that were prepared and cannot be.
    pub(crate) fn breaches(&self) -> impl Iterator<Item = Breach<'_>> {
        let Port { bounds, space, .. } = &self.port;
        let owned = self.owners.iter().zip(&self.values).enumerate().filter(|(_, (owner, _))| owner.is_some());
        owned.filter(|(_, (_, value))| !bounds.allow(**value)).map(|(element, (_, &value))| Breach {
            port: &self.port,
            space,
            element,
            value,
        })
    }

    /// Writes what was prepared.
    pub(crate) fn commit(&self, simulator: &mut dyn Simulator) -> Result<(), SimulatorError> {
        simulator.set_var(&self.set, &self.values)
    }

    fn shift(&mut self) {
        self.averages.fill(0.0);
        for ((owner, value), weight) in self.owners.iter().zip(&self.values).zip(&self.weights) {
            if let Some(element) = owner {
                self.averages[*element] += value * weight;
            }
        }
        for (average, sum) in self.averages.iter_mut().zip(&self.weight_sums) {
            if *sum > 0.0 {
                *average /= sum;
            }
        }
        // Parts are scaled where a shift would make one negative, if all of them and the target can be reached that way.
        self.scaled.fill(false);
        for (owner, &value) in self.owners.iter().zip(&self.values) {
            if let Some(element) = *owner {
                self.scaled[element] |= value + (self.target[element] - self.averages[element]) < 0.0;
            }
        }
        for (owner, &value) in self.owners.iter().zip(&self.values) {
            if let Some(element) = *owner {
                let reachable = value >= 0.0 && self.averages[element] > 0.0 && self.target[element] >= 0.0;
                self.scaled[element] &= reachable;
            }
        }
        for (owner, value) in self.owners.iter().zip(&mut self.values) {
            let Some(element) = *owner else { continue };
            if self.scaled[element] {
                *value *= self.target[element] / self.averages[element];
            } else {
                *value += self.target[element] - self.averages[element];
            }
        }
    }
}
