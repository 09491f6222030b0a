//! A point process of a mechanism file, which stands at a place and receives events.

use super::fields::Around;
use super::{DensityMechanism, Entry, Options, Unusable};
use crate::ions::Membrane;
use crate::mechanisms::{Column, Columns, ForeignIon};
use crate::nmodl::model::{Kind, Model, Routine};
use crate::nmodl::run::{Host, Silent, Stop};

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
        Self::with_slopes(model, celsius, options, false)
    }

    /// One that gives the slope of the current of each ion, too, where `ion_slopes` says so.
    pub(crate) fn with_slopes(
        model: Model,
        celsius: f64,
        options: &Options,
        ion_slopes: bool,
    ) -> Result<Self, Unusable> {
        let kind = if model.kind == Kind::Artificial { Kind::Artificial } else { Kind::Point };
        DensityMechanism::of_kind(model, kind, celsius, options, ion_slopes).map(Self)
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

    /// Names of its POINTER variables.
    pub fn pointers(&self) -> impl Iterator<Item = &str> {
        self.0.model.pointers.iter().map(|(name, _)| name.as_str())
    }

    /// Whether it assigns to a variable.
    pub fn assigns(&self, variable: &str) -> bool {
        self.0.model.assigns(variable)
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
        let tables = code.take_tables(membrane);
        let mut around = Around::new(membrane, &code.ions);
        let (mut block, mut reach) = code.reach(block, host);
        reach.index = arrival.index;
        let mut walker = code.walker(&mut reach);
        walker.tables = tables;
        code.load(&mut walker.variables, &block, arrival.index, &around, given);
        let mut arguments = std::mem::take(&mut walker.arguments);
        arguments.clear();
        arguments.extend_from_slice(connection);
        arguments.push(arrival.flag);
        let result: Result<f64, Stop> = walker.run(routine, &mut arguments);
        if result.is_ok() {
            code.store(&walker.variables, &mut block, arrival.index, &mut around);
            if let Some(sharing) = &code.sharing {
                sharing.hand_on(arrival.index, None, &mut block);
            }
            connection.copy_from_slice(&arguments[..connection.len()]);
        }
        walker.arguments = arguments;
        code.give_back(walker, membrane);
        if let Err(stop) = result {
            membrane.fail(self.name(), block.nodes[arrival.index], stop);
        }
    }

    /// Whether its instances can wait for conditions (WATCH).
    pub fn watches(&self) -> bool {
        !self.0.model.watches.is_empty()
    }

    /// Looks at all conditions that are waited for; `send` gets instance and flag of each that has begun to hold.
    pub fn check_watches(&self, block: &mut Columns<'_>, membrane: &mut Membrane, mut send: impl FnMut(usize, f64)) {
        let Self(code) = self;
        let given = [membrane.step_ms, membrane.time_ms];
        let tables = code.take_tables(membrane);
        let around = Around::new(membrane, &code.ions);
        let (mut host, mut nothing) = (Silent, Silent);
        let (block, mut reach) = code.reach(block, &mut host);
        let mut failed = None;
        let mut walker = code.walker(&mut nothing);
        walker.tables = tables;
        for index in 0..block.nodes.len() {
            reach.index = index;
            for watch in 0..code.model.watches.len() {
                if !reach.is_set(watch) {
                    continue;
                }
                code.load(&mut walker.variables, &block, index, &around, given);
                match walker.watched(watch) {
                    Ok(excess) => {
                        if let Some(flag) = reach.note(watch, excess) {
                            send(index, flag);
                        }
                    }
                    Err(stop) => failed = failed.or(Some((block.nodes[index], stop))),
                }
            }
        }
        code.give_back(walker, membrane);
        if let Some((node, stop)) = failed {
            membrane.fail(self.name(), node, stop);
        }
    }
}
