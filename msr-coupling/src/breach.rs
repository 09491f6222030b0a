//! Values that a connection would set and that cannot be.

use std::fmt;

use crate::space::NEURONS;
use crate::space_graph::SpaceGraph;
use crate::variable::Port;

/// A value that is physically impossible for the variable that it would be set to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Breach<'a> {
    pub(crate) port: &'a Port,
    pub(crate) space: &'a str,
    pub(crate) element: usize,
    pub(crate) value: f64,
}

impl Breach<'_> {
    /// Id of the element.
    pub(crate) fn id(&self, spaces: &SpaceGraph) -> u64 {
        spaces.space(self.space).map_or(self.element as u64, |space| space.ids[self.element])
    }

    /// The neuron that the element is or belongs to.
    pub(crate) fn neuron(&self, spaces: &SpaceGraph) -> Option<u64> {
        let (space, neurons) = (spaces.space(self.space).ok()?, spaces.space(NEURONS).ok()?);
        if self.space == NEURONS {
            return Some(space.ids[self.element]);
        }
        let belongs = space.population.is_some() && space.population == neurons.population;
        belongs.then(|| space.addresses[self.element].node)
    }
}

impl fmt::Display for Breach<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Port { variables, unit, bounds, .. } = self.port;
        write!(f, "{} would be set to {} {unit}, and must be {bounds}", variables.join(", "), self.value)
    }
}
