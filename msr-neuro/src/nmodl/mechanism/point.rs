//! A point process of a mechanism file, which stands at a place and receives events.

use super::fields::Around;
use super::{DensityMechanism, Entry, Options, Unusable};
use crate::ions::Membrane;
use crate::mechanisms::{Column, Columns, ForeignIon};
use crate::nmodl::model::{Model, Routine};
use crate::nmodl::run::{Host, Plain, Silent, Stop, Walker};

/// A point process of a mechanism file at one temperature. Its blocks are those of a density mechanism whose currents (nA)
/// are divided by the area of the segment.
pub struct PointMechanism(DensityMechanism);

/// An event that reaches one instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrival {
    /// Number of the instance in its block.
    pub index: usize,
    /// When, in ms.
    pub time_ms: f64,
    /// 0, or what the instance sent to itself.
    pub flag: f64,
}

impl PointMechanism {
    /// The point process of a model at a temperature (degrees Celsius).
    ///
    /// # Errors
    /// [`Unusable`]
    pub fn new(model: Model, celsius: f64, options: &Options) -> Result<Self, Unusable> {
        DensityMechanism::of_point(model, celsius, options).map(Self)
    }

    /// Name.
    pub fn name(&self) -> &str {
        &self.0.model.name
    }

    /// Parameters, states and assigned values, in the order of a block's columns.
    pub fn columns(&self) -> &[Column] {
        &self.0.columns
    }

    /// Ions that it uses besides those that every membrane has.
    pub fn foreign_ions(&self) -> &[ForeignIon] {
        &self.0.ions
    }

    /// Whether its currents and steps run as code for many instances.
    pub fn is_vectorised(&self) -> bool {
        self.0.is_vectorised()
    }

    /// Names of the values of a connection, its weight first; `None` where it receives no events.
    pub fn arguments(&self) -> Option<&[String]> {
        self.0.model.receive.as_ref().map(|receive| receive.arguments.as_slice())
    }

    /// INITIAL.
    pub fn initialise(&self, block: &mut Columns<'_>, membrane: &mut Membrane, host: &mut dyn Host) {
        let dt_ms = membrane.step_ms;
        self.0.enter(Entry::Initial, block, membrane, dt_ms, host);
    }

    /// Adds current densities and slope conductances to the membrane.
    pub fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let dt_ms = membrane.step_ms;
        self.0.enter(Entry::Currents, block, membrane, dt_ms, &mut Silent);
    }

    /// Advances the states by `dt_ms`.
    pub fn advance(&self, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64) {
        self.0.enter(Entry::Advance, block, membrane, dt_ms, &mut Silent);
    }

    /// The values of a connection before its first event: INITIAL of NET_RECEIVE.
    pub fn connect(
        &self,
        block: &mut Columns<'_>,
        membrane: &mut Membrane,
        to: Arrival,
        connection: &mut [f64],
        host: &mut dyn Host,
    ) {
        if let Some(initial) = self.0.model.receive.as_ref().and_then(|receive| receive.initial.as_ref()) {
            self.run(initial, block, membrane, to, connection, host);
        }
    }

    /// An event arrives (NET_RECEIVE) over a connection of as many values as [`PointMechanism::arguments`].
    pub fn receive(
        &self,
        block: &mut Columns<'_>,
        membrane: &mut Membrane,
        arrival: Arrival,
        connection: &mut [f64],
        host: &mut dyn Host,
    ) {
        if let Some(receive) = &self.0.model.receive {
            self.run(&receive.event, block, membrane, arrival, connection, host);
        }
    }

    fn run(
        &self,
        routine: &Routine,
        block: &mut Columns<'_>,
        membrane: &mut Membrane,
        arrival: Arrival,
        connection: &mut [f64],
        host: &mut dyn Host,
    ) {
        let Self(code) = self;
        let given = [membrane.step_ms, arrival.time_ms];
        let mut arguments = Vec::with_capacity(connection.len() + 1);
        arguments.extend_from_slice(connection);
        arguments.push(arrival.flag);
        let mut around = Around::new(membrane, &code.ions);
        let mut walker = Walker::new(&code.model, Plain { host }, vec![0.0; code.sources.len()]);
        code.load(&mut walker.variables, block, arrival.index, &around, given);
        let result: Result<f64, Stop> = walker.run(routine, &mut arguments);
        match result {
            Ok(_) => {
                code.store(&walker.variables, block, arrival.index, &mut around);
                connection.copy_from_slice(&arguments[..connection.len()]);
            }
            Err(stop) => membrane.fail(self.name(), block.nodes[arrival.index], stop),
        }
    }
}
