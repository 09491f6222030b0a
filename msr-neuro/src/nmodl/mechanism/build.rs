//! From a model to code: graphs of the three blocks, columns for what must be kept between them.

use std::collections::BTreeSet;

use super::fields::{self, CONDUCTANCE, CURRENT, VOLTAGE};
use super::newton::Iteration;
use super::reach;
use super::usable::{Unusable, check, foreign_ions};
use super::{Code, DENSITY_PER_NANOAMPERE, DensityMechanism, Entry, PlainSource, Sharing};
use crate::mechanisms::{Column, ForeignIon, Role as ColumnRole};
use crate::nmodl::lanes::{Graph, Id, Node, Program, Sink, Slopes, Source};
use crate::nmodl::model::{Binary, IonPart, Kind, Model, Role, Surrounding, Unary, Variable};
use crate::nmodl::run::{Domain, Walker};

/// More operations than this are not worth their memory. Numbers of registers and shared values fit into 16 bits, too.
const MOST_NODES: usize = 20_000;
/// GLOBAL of every mechanism with a TABLE, in NEURON followed by the mechanism's name: whether tables are used.
pub(super) const USE_TABLES: &str = "usetable";
/// Like a GLOBAL of every mechanism with variables that NEURON has once: whether instances share them.
pub(super) const SHARED_VARIABLES: &str = "shared_variables";
/// Like a GLOBAL of every mechanism with currents: whether their slope is a difference.
pub(super) const NUMERIC_CONDUCTANCE: &str = "numeric_conductance";
/// Voltage change for a numeric slope, in mV.
const NUDGE_MV: f64 = 0.001;

/// What holds for all instances.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// Values of GLOBAL parameters by name, where they differ from the file.
    pub globals: Vec<(String, f64)>,
    /// Looks routines with a TABLE up in it, as NEURON does by default, instead of computing them exactly. Such blocks run
    /// instance by instance. The GLOBAL `usetable` says it for one mechanism.
    pub tables: bool,
    /// Takes the slope of currents by a second evaluation at 0.001 mV more, as NEURON does, instead of the derivative.
    /// `numeric_conductance`, set like a GLOBAL, says it for one mechanism.
    pub numeric_conductance: bool,
    /// Keeps variables that are LOCAL outside of all blocks, or GLOBAL and assigned to, once for all instances of a cell, as
    /// NEURON does: each instance sees what the one before made of them, in NEURON's order, and the next block what the last
    /// one made. Else each instance has its own. `shared_variables`, set like a GLOBAL, says it for one mechanism.
    pub shared_variables: bool,
}

impl Options {
    /// What a name that is set like a GLOBAL says, where it is set.
    fn switch(&self, name: &str) -> Option<bool> {
        self.globals.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value != 0.0)
    }
}

impl DensityMechanism {
    /// The mechanism of a model at a temperature (degrees Celsius).
    ///
    /// # Errors
    /// [`Unusable`]
    pub fn new(model: Model, celsius: f64, options: &Options) -> Result<Self, Unusable> {
        Self::of_kind(model, Kind::Density, celsius, options, false)
    }

    /// A density mechanism, or the blocks of a point process, that gives the slope of the current of each ion besides that of
    /// all currents where `ion_slopes` says so; the membrane must keep them then.
    pub(crate) fn of_kind(
        model: Model,
        kind: Kind,
        celsius: f64,
        options: &Options,
        ion_slopes: bool,
    ) -> Result<Self, Unusable> {
        Self::with_limit(model, kind, celsius, options, MOST_NODES, ion_slopes)
    }

    /// Blocks whose graphs have more nodes than `most_nodes` run instance by instance.
    pub(super) fn with_limit(
        mut model: Model,
        kind: Kind,
        celsius: f64,
        options: &Options,
        most_nodes: usize,
        ion_slopes: bool,
    ) -> Result<Self, Unusable> {
        model.tabulates = options.switch(USE_TABLES).unwrap_or(options.tables);
        let shares = options.switch(SHARED_VARIABLES).unwrap_or(options.shared_variables) && kind != Kind::Artificial;
        let is_shared = |variable: &&Variable| shares && variable.is_shared;
        let shared = model.variables.iter().filter(is_shared);
        let shared = shared.flat_map(|variable| variable.slot..variable.slot + variable.size).collect();
        let ions = foreign_ions(&model);
        check(&model, kind, options, &ions)?;
        let slots = model.slots as usize;
        let mut builder = Builder {
            model: &model,
            celsius,
            options,
            ions: &ions,
            most_nodes,
            ion_slopes,
            shared,
            columns: vec![None; slots],
            fixed: vec![None; slots],
        };
        if kind == Kind::Density {
            builder.find_fixed();
        }
        let graphs = [Entry::Initial, Entry::Currents, Entry::Advance].map(|entry| builder.graph(entry));
        let iteration = if graphs[2].is_none() && kind == Kind::Density { builder.iteration() } else { None };
        let mut columns = builder.columns(&graphs, iteration.as_ref());
        let shared = builder.shared.iter().filter_map(|&slot| Some((slot, builder.columns[slot as usize]?))).collect();
        let turns = (!builder.shared.is_empty()).then(|| {
            columns.push(Column { name: "turns".into(), unit: "".into(), role: ColumnRole::Turn, default: 0.0 });
            columns.len() - 1
        });
        let sharing = turns.map(|turns| Sharing { turns, variables: shared });
        let variables = columns.len();
        columns.extend(reach::columns(&model));
        let [initial, currents, mut advance] = graphs.map(|lowered| builder.code(lowered));
        if let Some(iteration) = iteration {
            advance = Code::Newton(Box::new(builder.newton(iteration)));
        }
        let sources = builder.sources();
        Ok(Self {
            columns,
            variables,
            sources,
            initial,
            currents,
            advance,
            ions: ions.clone(),
            model,
            ion_slopes,
            sharing,
        })
    }
}

/// A block as a graph with its outputs: slots that it changes, and currents.
struct Lowered {
    graph: Graph,
    changed: Vec<(u32, u32)>,
    added: Vec<(u32, u32)>,
}

pub(super) struct Builder<'m> {
    pub(super) model: &'m Model,
    celsius: f64,
    options: &'m Options,
    ions: &'m [ForeignIon],
    pub(super) most_nodes: usize,
    ion_slopes: bool,
    /// Slots that all instances share.
    pub(super) shared: BTreeSet<u32>,
    /// Values of slots that INITIAL sets to the same number in all instances (factors of temperature) and nothing changes.
    fixed: Vec<Option<f64>>,
    /// Column of each slot that is kept.
    columns: Vec<Option<u32>>,
}

impl Builder<'_> {
    fn global(&self, variable: &Variable) -> f64 {
        let set = self.options.globals.iter().find(|(name, _)| *name == variable.name);
        set.map_or(variable.default, |(_, value)| *value)
    }

    /// The number that a slot has before a block, where all instances share it.
    fn number(&self, variable: &Variable) -> Option<f64> {
        match variable.role {
            Role::Global => Some(self.global(variable)),
            Role::Surrounding(Surrounding::Celsius) => Some(self.celsius),
            _ => None,
        }
    }

    /// Fills [`Builder::fixed`].
    fn find_fixed(&mut self) {
        let Some(initial) = self.graph(Entry::Initial) else { return };
        let Some(currents) = self.graph(Entry::Currents) else { return };
        let advance = self.graph(Entry::Advance);
        let iteration = if advance.is_none() { self.iteration() } else { None };
        if advance.is_none() && iteration.is_none() {
            return;
        }
        for (slot, id) in initial.changed {
            let is_assigned = self.model.variable_of(slot).is_some_and(|variable| variable.role == Role::Assigned);
            let mut in_step = currents.changed.iter().chain(advance.iter().flat_map(|advance| &advance.changed));
            let changes = in_step.any(|changed| changed.0 == slot)
                || iteration.as_ref().is_some_and(|iteration| iteration.changes(slot));
            if is_assigned && !changes {
                self.fixed[slot as usize] = initial.graph.value(id);
            }
        }
    }

    /// The block; `None` where it must be run instance by instance. What is not worth it must be known here: the columns
    /// depend on it.
    fn graph(&self, entry: Entry) -> Option<Lowered> {
        let mut graph = Graph::default();
        let before = self.before(entry, &mut graph);
        let model = self.model;
        let routine = match entry {
            Entry::Initial => &model.initial,
            Entry::Currents => &model.breakpoint,
            Entry::Advance => &model.advance,
        };
        let walk = |graph: Graph, values: Vec<u32>| {
            let mut walker = Walker::new(model, graph, values);
            walker.run(routine, &mut []).ok()?;
            Some((walker.domain, walker.variables))
        };
        let has_currents = entry == Entry::Currents && !model.currents.is_empty();
        let wanted = self.options.switch(NUMERIC_CONDUCTANCE).unwrap_or(self.options.numeric_conductance);
        let is_numeric = has_currents && wanted;
        let voltage = model.surrounding(Surrounding::Voltage) as usize;
        let mut start = before.clone();
        if is_numeric {
            let by = graph.number(NUDGE_MV);
            start[voltage] = graph.binary(Binary::Add, before[voltage], by);
        }
        let (mut graph, mut after) = walk(graph, start)?;
        let mut above: Option<(Id, Vec<Id>)> = None;
        // NEURON goes through it twice, and what counts there counts twice.
        if is_numeric || has_currents && is_cumulative(&graph, &before, &after, voltage) {
            above = is_numeric.then(|| (self.total(&mut graph, &after), after.clone()));
            after[voltage] = before[voltage];
            (graph, after) = walk(graph, after)?;
        }
        let mut added = Vec::new();
        if has_currents {
            let total = self.total(&mut graph, &after);
            let slope_of = |graph: &mut Graph, value: Id, above: Option<Id>| match above {
                Some(above) => {
                    let difference = graph.binary(Binary::Subtract, above, value);
                    let by = graph.number(NUDGE_MV);
                    graph.binary(Binary::Divide, difference, by)
                }
                None => Slopes::by(voltage as u32).of(graph, value),
            };
            let slope = slope_of(&mut graph, total, above.as_ref().map(|above| above.0));
            for current in &model.currents {
                if let Some(ion) = current.ion {
                    let value = after[current.slot as usize];
                    added.push((value, fields::current(model, self.ions, ion)));
                    if self.ion_slopes {
                        let above = above.as_ref().map(|above| above.1[current.slot as usize]);
                        added.push((slope_of(&mut graph, value, above), fields::slope(model, self.ions, ion)));
                    }
                }
            }
            added.push((total, CURRENT));
            added.push((slope, CONDUCTANCE));
            if model.kind == Kind::Point {
                // From nA and uS to mA/cm2 and S/cm2.
                let density = graph.number(DENSITY_PER_NANOAMPERE);
                let per_area =
                    graph.binary(Binary::Divide, density, before[model.surrounding(Surrounding::Area) as usize]);
                for (value, _) in &mut added {
                    *value = graph.binary(Binary::Multiply, *value, per_area);
                }
            }
        }
        if graph.nodes.len() > self.most_nodes {
            return None;
        }
        let changed: Vec<(u32, Id)> = (0..model.slots)
            .filter(|&slot| {
                let (was, is) = (before[slot as usize], after[slot as usize]);
                let kept = !matches!(graph.nodes[was as usize], Node::Slot(found) if found == slot);
                was != is || (entry == Entry::Initial && kept)
            })
            .map(|slot| (slot, after[slot as usize]))
            .collect();
        // What one instance makes of a shared value the next one must not need.
        let mut handed_on = changed.iter().filter(|(slot, _)| self.shared.contains(slot)).peekable();
        if handed_on.peek().is_some() {
            let outputs = changed.iter().map(|&(_, id)| id).chain(added.iter().map(|&(id, _)| id));
            let used = slots_used(&graph, outputs);
            if handed_on.any(|(slot, _)| used.contains(slot)) {
                return None;
            }
        }
        Some(Lowered { graph, changed, added })
    }

    /// The values of all slots before a block.
    pub(super) fn before(&self, entry: Entry, graph: &mut Graph) -> Vec<Id> {
        let mut before = vec![0; self.model.slots as usize];
        for variable in &self.model.variables {
            for slot in variable.slot..variable.slot + variable.size {
                before[slot as usize] = match (self.number(variable), &variable.role) {
                    (Some(value), _) => graph.number(value),
                    (None, _) if entry != Entry::Initial && self.fixed[slot as usize].is_some() => {
                        graph.number(self.fixed[slot as usize].unwrap_or(0.0))
                    }
                    // Before INITIAL they have their defaults, whatever was before.
                    (None, Role::State | Role::Assigned) if entry == Entry::Initial && !self.shared.contains(&slot) => {
                        graph.number(variable.default)
                    }
                    (None, _) => graph.slot(slot),
                };
            }
        }
        if entry == Entry::Initial {
            for variable in self.model.variables.iter().filter(|variable| variable.role == Role::State) {
                if let Some(initial) = variable.initial {
                    let value = before[initial as usize];
                    before[variable.slot as usize..(variable.slot + variable.size) as usize].fill(value);
                }
            }
        }
        before
    }

    fn total(&self, graph: &mut Graph, values: &[u32]) -> u32 {
        let mut total = None;
        for current in &self.model.currents {
            let mut value = values[current.slot as usize];
            if current.electrode {
                value = graph.unary(Unary::Minus, value);
            }
            total = Some(match total {
                Some(total) => graph.binary(Binary::Add, total, value),
                None => value,
            });
        }
        total.unwrap_or_else(|| graph.number(0.0))
    }

    /// The field of a slot, where it is one.
    fn field(&self, variable: &Variable) -> Option<u32> {
        match variable.role {
            Role::Surrounding(Surrounding::Voltage) => Some(VOLTAGE),
            Role::Ion(ion, part) => {
                let used = &self.model.ions[ion];
                let read = used.reads.iter().any(|read| read.1 == variable.slot);
                // A current that is only written is the mechanism's own.
                (part != IonPart::Current || read).then(|| fields::field(&used.name, part, self.ions))
            }
            _ => None,
        }
    }

    /// Adds what sizes and coefficients of diffusion depend on, if that can be told.
    fn needed_by_diffusion(&self, needed: &mut BTreeSet<u32>) -> bool {
        for &(slot, system) in &self.model.diffusing {
            let mut graph = Graph::default();
            let before = self.before(Entry::Advance, &mut graph);
            let mut walker = Walker::new(self.model, graph, before);
            let Ok(found) = walker.diffusion(system, slot) else { return false };
            needed.extend(slots_used(&walker.domain, found.into_iter()));
        }
        true
    }

    /// Gives columns to what must be kept, and lists them.
    fn columns(&mut self, graphs: &[Option<Lowered>; 3], iteration: Option<&Iteration>) -> Vec<Column> {
        // Events run instance by instance. What only INITIAL has is its own.
        let [_, currents, advance] = graphs;
        let is_plain = currents.is_none() || advance.is_none() && iteration.is_none();
        let mut needed = BTreeSet::new();
        let begins_plain = graphs[0].is_none();
        let all = is_plain || self.model.kind != Kind::Density || !self.needed_by_diffusion(&mut needed);
        needed.extend(iteration.iter().flat_map(|iteration| iteration.slots(self.model.slots)));
        for lowered in graphs.iter().flatten() {
            let outputs = lowered.changed.iter().map(|&(_, id)| id).chain(lowered.added.iter().map(|&(id, _)| id));
            needed.extend(slots_used(&lowered.graph, outputs));
        }
        let mut list = Vec::new();
        for variable in &self.model.variables {
            if self.number(variable).is_some() || self.field(variable).is_some() {
                continue;
            }
            if matches!(variable.role, Role::Surrounding(Surrounding::Time | Surrounding::Step)) {
                continue;
            }
            let slots = variable.slot..variable.slot + variable.size;
            let is_needed = slots.clone().any(|slot| needed.contains(&slot));
            let is_shown = variable.is_visible || variable.role == Role::Parameter;
            let is_geometry = matches!(variable.role, Role::Surrounding(_));
            if !(is_needed || is_shown && !is_geometry || is_geometry && begins_plain || all) {
                continue;
            }
            for slot in slots {
                self.columns[slot as usize] = Some(list.len() as u32);
                list.push(column(variable, slot));
            }
        }
        list
    }

    pub(super) fn source(&self, slot: u32) -> Option<Source> {
        let variable = self.model.variable_of(slot)?;
        Some(match variable.role {
            Role::Surrounding(Surrounding::Step) => Source::Shared(0),
            Role::Surrounding(Surrounding::Time) => Source::Shared(1),
            _ => match self.field(variable) {
                Some(field) => Source::Field(field),
                None => Source::Column(self.columns[slot as usize]?),
            },
        })
    }

    /// Where the value of a slot goes after a block.
    pub(super) fn sink(&self, slot: u32) -> Option<Sink> {
        match (&self.model.variable_of(slot)?.role, self.columns[slot as usize]) {
            (&Role::Ion(ion, part), _) if part != IonPart::Current => {
                let ion = &self.model.ions[ion];
                let is_written = ion.writes.iter().any(|write| write.1 == slot);
                is_written.then(|| Sink::Field(fields::field(&ion.name, part, self.ions)))
            }
            (Role::Surrounding(_), _) | (_, None) => None,
            (_, Some(column)) => Some(Sink::Column(column)),
        }
    }

    fn code(&self, lowered: Option<Lowered>) -> Code {
        let Some(Lowered { graph, changed, added }) = lowered else { return Code::Plain };
        let mut outputs = Vec::new();
        for (slot, id) in changed {
            outputs.extend(self.sink(slot).map(|sink| (id, sink)));
        }
        outputs.extend(added.into_iter().map(|(id, field)| (id, Sink::AddTo(field))));
        // Every slot that a graph uses got a source when the columns were chosen.
        Code::Lanes(Box::new(Program::new(&graph, &outputs, |slot| self.source(slot).unwrap_or(Source::Shared(0)))))
    }

    fn sources(&self) -> Vec<PlainSource> {
        (0..self.model.slots)
            .map(|slot| {
                let variable = self.model.variable_of(slot);
                match (variable.and_then(|variable| self.number(variable)), self.source(slot)) {
                    (Some(value), _) => PlainSource::Number(value),
                    (None, Some(source)) => PlainSource::From(source),
                    (None, None) => {
                        let default = variable.map_or(0.0, |variable| variable.default);
                        PlainSource::Number(self.fixed[slot as usize].unwrap_or(default))
                    }
                }
            })
            .collect()
    }
}

/// Whether what a block makes of a variable depends on what the variable was.
fn is_cumulative(graph: &Graph, before: &[u32], after: &[u32], voltage: usize) -> bool {
    let changed = || (0..before.len()).filter(|&slot| slot != voltage && before[slot] != after[slot]);
    let used = slots_used(graph, changed().map(|slot| after[slot]));
    changed().any(|slot| used.contains(&(slot as u32)))
}

/// Slots that outputs depend on.
pub(super) fn slots_used(graph: &Graph, outputs: impl Iterator<Item = u32>) -> BTreeSet<u32> {
    let mut seen = vec![false; graph.nodes.len()];
    let mut stack: Vec<u32> = outputs.collect();
    let mut slots = BTreeSet::new();
    while let Some(id) = stack.pop() {
        if std::mem::replace(&mut seen[id as usize], true) {
            continue;
        }
        match graph.nodes[id as usize] {
            Node::Slot(slot) => {
                slots.insert(slot);
            }
            Node::Number(_) => {}
            Node::Unary(_, inner) => stack.push(inner),
            Node::Binary(_, left, right) | Node::Math(_, left, right) => stack.extend([left, right]),
            Node::Select(condition, then, otherwise) => stack.extend([condition, then, otherwise]),
        }
    }
    slots
}

fn column(variable: &Variable, slot: u32) -> Column {
    let name =
        if variable.size == 1 { variable.name.clone() } else { format!("{}[{}]", variable.name, slot - variable.slot) };
    let role = match variable.role {
        Role::Parameter => ColumnRole::Parameter,
        Role::State => ColumnRole::State,
        Role::Surrounding(_) => ColumnRole::Geometry,
        _ => ColumnRole::Assigned,
    };
    let unit = match variable.unit.as_str() {
        "mho/cm2" | "siemens/cm2" => "S/cm2".to_owned(),
        unit => unit.to_owned(),
    };
    Column { name: name.into(), unit: unit.into(), role, default: variable.default }
}
