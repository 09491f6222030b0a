//! One instance run on plain numbers: what point processes are, and what code for many instances is compared with.

use super::model::{Made, Model, Role, Surrounding};
use super::run::{Host, Plain, Stop, Walker};

/// A voltage change for the slope of a current, in mV: that of NEURON.
const NUDGE_MV: f64 = 0.001;

/// Current and slope conductance of an instance: mA/cm2 and S/cm2, of a point process nA and uS; outward positive.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Flow {
    /// Current.
    pub current: f64,
    /// Its slope by the voltage.
    pub conductance: f64,
}

/// The values of one instance and what it can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance<'m> {
    model: &'m Model,
    values: Vec<f64>,
    tables: Vec<Option<Made>>,
}

impl<'m> Instance<'m> {
    /// An instance whose variables have their defaults.
    pub fn new(model: &'m Model) -> Self {
        let mut values = vec![0.0; model.slots as usize];
        for variable in &model.variables {
            values[variable.slot as usize..(variable.slot + variable.size) as usize].fill(variable.default);
        }
        Self { model, values, tables: Vec::new() }
    }

    /// A variable; `name[2]` is an element of an array, its name alone the first.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.slots(name).next().map(|slot| self.values[slot])
    }

    /// Sets a variable, an element of an array or all of them; whether it exists.
    pub fn set(&mut self, name: &str, value: f64) -> bool {
        let slots = self.slots(name);
        let exists = !slots.is_empty();
        self.values[slots].fill(value);
        exists
    }

    fn slots(&self, name: &str) -> std::ops::Range<usize> {
        let (name, element) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((name, element)) => (name, element.parse::<u32>().ok()),
            None => (name, None),
        };
        match (self.model.variable(name), element) {
            (Some(variable), None) => variable.slot as usize..(variable.slot + variable.size) as usize,
            (Some(variable), Some(element)) if element < variable.size => {
                (variable.slot + element) as usize..(variable.slot + element) as usize + 1
            }
            _ => 0..0,
        }
    }

    /// Sets what the surroundings give.
    pub fn surround(&mut self, surrounding: Surrounding, value: f64) {
        self.values[self.model.surrounding(surrounding) as usize] = value;
    }

    /// INITIAL.
    ///
    /// # Errors
    /// [`Stop`]
    pub fn initialise(&mut self, host: &mut dyn Host) -> Result<(), Stop> {
        begin(self.model, &mut self.values);
        self.walk(host, |walker| walker.run(&walker.model.initial, &mut []).map(|_| ()))
    }

    /// Currents at the voltage of the moment (BREAKPOINT).
    ///
    /// # Errors
    /// [`Stop`]
    pub fn currents(&mut self, host: &mut dyn Host) -> Result<Flow, Stop> {
        let mut flow = Flow::default();
        self.walk(host, |walker| {
            flow = currents(walker)?;
            Ok(())
        })?;
        Ok(flow)
    }

    /// SOLVE: the states at the end of a step of `dt`.
    ///
    /// # Errors
    /// [`Stop`]
    pub fn advance(&mut self, host: &mut dyn Host) -> Result<(), Stop> {
        self.walk(host, |walker| walker.run(&walker.model.advance, &mut []).map(|_| ()))
    }

    /// The values of a connection (its weight first) before its first event.
    ///
    /// # Errors
    /// [`Stop`]
    pub fn connect(&mut self, connection: &mut [f64], host: &mut dyn Host) -> Result<(), Stop> {
        let Some(receive) = &self.model.receive else { return Ok(()) };
        let Some(initial) = &receive.initial else { return Ok(()) };
        self.walk(host, |walker| walker.run(initial, connection).map(|_| ()))
    }

    /// An event arrives over a connection, or from the instance itself with a flag that is not 0.
    ///
    /// # Errors
    /// [`Stop`]
    pub fn receive(&mut self, connection: &mut [f64], flag: f64, host: &mut dyn Host) -> Result<(), Stop> {
        let Some(receive) = &self.model.receive else { return Ok(()) };
        let mut arguments: Vec<f64> = connection.to_vec();
        arguments.resize(receive.arguments.len(), 0.0);
        arguments.push(flag);
        self.walk(host, |walker| walker.run(&receive.event, &mut arguments).map(|_| ()))?;
        for (value, after) in connection.iter_mut().zip(arguments) {
            *value = after;
        }
        Ok(())
    }

    fn walk(
        &mut self,
        host: &mut dyn Host,
        inner: impl FnOnce(&mut Walker<'m, Plain<'_>>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let voltage = self.model.surrounding(Surrounding::Voltage) as usize;
        let v = self.values[voltage];
        let mut walker = Walker::new(self.model, Plain { host }, std::mem::take(&mut self.values));
        walker.tables = std::mem::take(&mut self.tables);
        let result = inner(&mut walker);
        self.values = walker.variables;
        self.tables = walker.tables;
        // What a block makes of the voltage is its own.
        self.values[voltage] = v;
        result
    }
}

/// States and assigned values as they are before INITIAL.
pub(super) fn begin(model: &Model, values: &mut [f64]) {
    for variable in &model.variables {
        let initial = match variable.role {
            Role::State => variable.initial.map_or(variable.default, |slot| values[slot as usize]),
            Role::Assigned => variable.default,
            _ => continue,
        };
        values[variable.slot as usize..(variable.slot + variable.size) as usize].fill(initial);
    }
}

/// Currents, and their slope by an evaluation at a slightly higher voltage. That comes first, and what it makes of other
/// variables stays, as in NEURON: what BREAKPOINT counts is counted twice. The slopes of the single currents are left in
/// [`Walker::arguments`].
pub(super) fn currents(walker: &mut Walker<'_, Plain<'_>>) -> Result<Flow, Stop> {
    let model = walker.model;
    let voltage = model.surrounding(Surrounding::Voltage) as usize;
    let v = walker.variables[voltage];
    walker.variables[voltage] = v + NUDGE_MV;
    walker.run(&model.breakpoint, &mut [])?;
    let above = total(model, &walker.variables);
    walker.arguments.clear();
    walker.arguments.extend(model.currents.iter().map(|current| walker.variables[current.slot as usize]));
    walker.variables[voltage] = v;
    walker.run(&model.breakpoint, &mut [])?;
    let current = total(model, &walker.variables);
    walker.variables[voltage] = v;
    for (above, of) in walker.arguments.iter_mut().zip(&model.currents) {
        *above = (*above - walker.variables[of.slot as usize]) / NUDGE_MV;
    }
    Ok(Flow { current, conductance: (above - current) / NUDGE_MV })
}

/// The sum of all currents, outward positive.
fn total(model: &Model, values: &[f64]) -> f64 {
    model
        .currents
        .iter()
        .map(|current| if current.electrode { -values[current.slot as usize] } else { values[current.slot as usize] })
        .sum()
}
