//! A density mechanism of a mechanism file as a [`Mechanism`] of cells.

mod build;
mod fields;
mod newton;
mod point;
mod reach;
mod usable;

use std::cell::RefCell;

use super::instance;
use super::lanes::{Program, Scratch, Source, Surroundings};
use super::model::{IonPart, Kind, Made, Model, Surrounding};
use super::run::{Host, Memory, Plain, Silent, Stop, Walker};
use crate::cable::NANOAMPERE_PER_DENSITY;
use crate::ions::Membrane;
use crate::mechanisms::{Column, Columns, ForeignIon, IonUse, Mechanism, Per};
pub use build::Options;
use fields::{Around, CONDUCTANCE, CURRENT};
use newton::Newton;
pub use point::{Arrival, PointMechanism};
use reach::Reach;
pub use usable::Unusable;

/// mA/cm2 of 1 nA through 1 um2.
const DENSITY_PER_NANOAMPERE: f64 = 1.0 / NANOAMPERE_PER_DENSITY;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
    static MEMORY: RefCell<Memory<f64>> = RefCell::default();
}

/// How a block is run.
enum Code {
    /// By code for many instances.
    Lanes(Box<Program>),
    /// By such code, again and again.
    Newton(Box<Newton>),
    /// Instance by instance.
    Plain,
}

/// A mechanism of a mechanism file at one temperature.
pub struct DensityMechanism {
    model: Model,
    columns: Vec<Column>,
    /// Number of columns of variables; streams and watches follow.
    variables: usize,
    ions: Vec<ForeignIon>,
    /// What each slot is before a block, for instances that are run one by one.
    sources: Vec<PlainSource>,
    initial: Code,
    currents: Code,
    advance: Code,
    /// Whether it gives the slopes of the currents of ions.
    ion_slopes: bool,
    sharing: Option<Sharing>,
}

/// Variables of which all instances of a block have one.
struct Sharing {
    /// The column whose values are the numbers of the instances in the order in which NEURON goes through them.
    turns: usize,
    /// Slot and column of each; what has no column is not kept.
    variables: Vec<(u32, u32)>,
}

impl Sharing {
    /// The instance whose turn it is. One that runs alone has no other place.
    fn instance(&self, turn: usize, block: &Columns<'_>) -> usize {
        match block.nodes.len() {
            1 => 0,
            count => block.values[self.turns * count + turn] as usize,
        }
    }

    /// Gives what an instance made to another, or to all.
    fn hand_on(&self, from: usize, to: Option<usize>, block: &mut Columns<'_>) {
        let count = block.nodes.len();
        for &(_, column) in &self.variables {
            let values = &mut block.values[column as usize * count..][..count];
            match to {
                Some(to) => values[to] = values[from],
                None => values.fill(values[from]),
            }
        }
    }
}

/// Where a slot of an instance comes from.
#[derive(Debug, Clone, Copy)]
enum PlainSource {
    Number(f64),
    From(Source),
}

/// A block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Initial,
    Currents,
    Advance,
}

/// Host of blocks that may not send events.
#[derive(Default)]
struct NothingToSend {
    sent: bool,
}

impl Host for NothingToSend {
    fn send(&mut self, _delay_ms: f64, _flag: f64) {
        self.sent = true;
    }
    fn emit(&mut self, _time_ms: f64) {
        self.sent = true;
    }
    fn move_event(&mut self, _time_ms: f64) {
        self.sent = true;
    }
    fn uniform(&mut self, _stream: u32) -> f64 {
        unreachable!("a block keeps its streams")
    }
    fn restart(&mut self, _stream: u32) {}
    fn vector(&self, _vector: u32) -> &[f64] {
        &[]
    }
    fn watch(&mut self, _watch: usize, _flag: f64, _excess: f64) {
        self.sent = true;
    }
}

impl DensityMechanism {
    /// Whether all of it runs as code for many instances.
    pub fn is_vectorised(&self) -> bool {
        [&self.initial, &self.currents, &self.advance].iter().all(|code| !matches!(code, Code::Plain))
    }

    fn enter(&self, entry: Entry, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64, host: &mut dyn Host) {
        let code = match entry {
            Entry::Initial => &self.initial,
            Entry::Currents => &self.currents,
            Entry::Advance => &self.advance,
        };
        let given = [dt_ms, membrane.time_ms];
        match code {
            Code::Lanes(program) => SCRATCH.with_borrow_mut(|scratch| {
                let mut around = Around::new(membrane, &self.ions);
                program.run(&given, block.nodes, block.values, &mut around, scratch);
                if let (Some(sharing), Some(last)) = (&self.sharing, block.nodes.len().checked_sub(1)) {
                    let last = sharing.instance(last, block);
                    sharing.hand_on(last, None, block);
                }
                if entry == Entry::Initial {
                    self.reach(block, host).1.begin();
                }
            }),
            Code::Newton(newton) => SCRATCH.with_borrow_mut(|scratch| {
                self.converge(newton, block, membrane, given, scratch);
            }),
            Code::Plain => self.one_by_one(entry, block, membrane, given, host),
        }
    }

    /// A block as variables, and as host of its instances.
    fn reach<'a, 'b>(&self, block: &'a mut Columns<'b>, host: &'a mut dyn Host) -> (Columns<'a>, Reach<'a>)
    where
        'b: 'a,
    {
        let count = block.nodes.len();
        let (values, kept) = block.values.split_at_mut(self.variables * count);
        let streams = self.model.streams.len();
        let reach = Reach { host, kept, count, index: 0, streams, watching: false };
        (Columns { nodes: block.nodes, values }, reach)
    }

    /// A walker in the memory of this thread, whose variables are to be filled.
    fn walker<'a>(&'a self, host: &'a mut dyn Host) -> Walker<'a, Plain<'a>> {
        let mut memory = MEMORY.take();
        memory.variables.resize(self.sources.len(), 0.0);
        Walker::within(&self.model, Plain { host }, memory)
    }

    /// The tables of the cell, for a walker; none where none are looked up.
    fn take_tables(&self, membrane: &mut Membrane) -> Vec<Option<Made>> {
        if self.model.tabulates { membrane.tables.take(&self.model) } else { Vec::new() }
    }

    /// Gives the memory of a walker back to the thread, and the tables to the cell.
    fn give_back(&self, walker: Walker<'_, Plain<'_>>, membrane: &mut Membrane) {
        let mut memory = walker.into_memory();
        if self.model.tabulates {
            membrane.tables.give_back(&self.model, std::mem::take(&mut memory.tables));
        }
        MEMORY.set(memory);
    }

    /// Fills the variables of an instance.
    fn load(&self, values: &mut [f64], block: &Columns<'_>, index: usize, around: &Around<'_>, given: [f64; 2]) {
        let (count, node) = (block.nodes.len(), block.nodes[index] as usize);
        for (value, source) in values.iter_mut().zip(&self.sources) {
            *value = match *source {
                PlainSource::Number(value) => value,
                PlainSource::From(Source::Shared(shared)) => given[shared as usize],
                PlainSource::From(Source::Column(column)) => block.values[column as usize * count + index],
                PlainSource::From(Source::Field(field)) => around.field(field)[node],
                PlainSource::From(Source::Carried(_) | Source::CarriedOn(_)) => {
                    unreachable!("only repeated programs carry values")
                }
            };
        }
    }

    /// Keeps what became of the variables of an instance.
    fn store(&self, values: &[f64], block: &mut Columns<'_>, index: usize, around: &mut Around<'_>) {
        let (count, node) = (block.nodes.len(), block.nodes[index] as usize);
        for (value, source) in values.iter().zip(&self.sources) {
            if let PlainSource::From(Source::Column(column)) = *source {
                block.values[column as usize * count + index] = *value;
            }
        }
        for (field, slot) in fields::written(&self.model, &self.ions) {
            around.field_mut(field)[node] = values[slot as usize];
        }
    }

    /// What makes a density of the current of an instance: 1, unless it is a point process.
    fn per_area(&self, values: &[f64]) -> f64 {
        match self.model.kind {
            Kind::Density | Kind::Artificial => 1.0,
            Kind::Point => DENSITY_PER_NANOAMPERE / values[self.model.surrounding(Surrounding::Area) as usize],
        }
    }

    fn one_by_one(
        &self,
        entry: Entry,
        block: &mut Columns<'_>,
        membrane: &mut Membrane,
        given: [f64; 2],
        host: &mut dyn Host,
    ) {
        let tables = self.take_tables(membrane);
        let mut around = Around::new(membrane, &self.ions);
        let mut failed = None;
        let mut step = NothingToSend::default();
        let host: &mut dyn Host = if entry == Entry::Initial { host } else { &mut step };
        let nodes = block.nodes;
        let (mut block, mut reach) = self.reach(block, host);
        if entry == Entry::Initial {
            reach.begin();
        }
        let mut walker = self.walker(&mut reach);
        walker.tables = tables;
        let mut before = None;
        for turn in 0..nodes.len() {
            let index = self.sharing.as_ref().map_or(turn, |sharing| sharing.instance(turn, &block));
            if let (Some(sharing), Some(before)) = (&self.sharing, before.replace(index)) {
                sharing.hand_on(before, Some(index), &mut block);
            }
            let node = nodes[index] as usize;
            walker.domain.host.instance(index);
            self.load(&mut walker.variables, &block, index, &around, given);
            let result = match entry {
                Entry::Initial => {
                    instance::begin(&self.model, &mut walker.variables);
                    for &(slot, column) in self.sharing.iter().flat_map(|sharing| &sharing.variables) {
                        walker.variables[slot as usize] = block.values[column as usize * nodes.len() + index];
                    }
                    walker.run(&self.model.initial, &mut []).map(|_| None)
                }
                Entry::Currents => instance::currents(&mut walker).map(Some),
                Entry::Advance => walker.run(&self.model.advance, &mut []).map(|_| None),
            };
            match result {
                Ok(Some(flow)) => {
                    let per_area = self.per_area(&walker.variables);
                    around.field_mut(CURRENT)[node] += flow.current * per_area;
                    around.field_mut(CONDUCTANCE)[node] += flow.conductance * per_area;
                    for (current, slope) in self.model.currents.iter().zip(&walker.arguments) {
                        if let Some(ion) = current.ion {
                            let field = fields::current(&self.model, &self.ions, ion);
                            around.field_mut(field)[node] += walker.variables[current.slot as usize] * per_area;
                            if self.ion_slopes {
                                around.field_mut(fields::slope(&self.model, &self.ions, ion))[node] += slope * per_area;
                            }
                        }
                    }
                }
                Ok(None) => {}
                Err(stop) => {
                    failed = failed.or(Some((node as u32, stop)));
                    continue;
                }
            }
            self.store(&walker.variables, &mut block, index, &mut around);
        }
        if let (Some(sharing), Some(last)) = (&self.sharing, before) {
            sharing.hand_on(last, None, &mut block);
        }
        self.give_back(walker, membrane);
        if step.sent && failed.is_none() {
            failed = Some((nodes[0], Stop::Misplaced));
        }
        if let Some((node, stop)) = failed {
            membrane.fail(&self.model.name, node, stop);
        }
    }
}

impl Mechanism for DensityMechanism {
    fn name(&self) -> &str {
        &self.model.name
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn foreign_ions(&self) -> &[ForeignIon] {
        &self.ions
    }

    fn ions(&self) -> Vec<IonUse> {
        const CONCENTRATIONS: &[IonPart] = &[IonPart::Inside, IonPart::Outside];
        let uses = |ion: &super::model::Ion, parts: &[IonPart]| {
            ion.reads.iter().chain(&ion.writes).any(|(part, _)| parts.contains(part))
        };
        let ions = self.model.ions.iter().map(|ion| IonUse {
            name: ion.name.clone(),
            concentrations: uses(ion, CONCENTRATIONS),
            writes: ion.writes.iter().any(|(part, _)| CONCENTRATIONS.contains(part)),
            reversal: uses(ion, &[IonPart::Reversal]),
        });
        ions.collect()
    }

    fn keeps(&self, concentration: &str) -> bool {
        let slot = self.model.variable(concentration).map(|variable| variable.slot);
        self.model.ions.iter().flat_map(|ion| &ion.writes).any(|&(_, written)| Some(written) == slot)
    }

    fn writes_concentrations(&self) -> bool {
        let mut writes = self.model.ions.iter().flat_map(|ion| &ion.writes);
        writes.any(|(part, _)| matches!(part, IonPart::Inside | IonPart::Outside))
    }

    fn spreads(&self, concentration: &str) -> bool {
        let slot = self.model.variable(concentration).map(|variable| variable.slot);
        self.model.diffusing.iter().any(|&(diffusing, _)| Some(diffusing) == slot)
    }

    fn pointers(&self) -> &[(String, u32)] {
        &self.model.pointers
    }

    fn assigns(&self, variable: &str) -> bool {
        self.model.assigns(variable)
    }

    fn diffusing(&self) -> usize {
        self.model.diffusing.len()
    }

    fn diffusion(&self, state: usize, block: &mut Columns<'_>, membrane: &mut Membrane, sizes: [&mut [f64]; 2]) {
        let (slot, system) = self.model.diffusing[state];
        let given = [membrane.step_ms, membrane.time_ms];
        let tables = self.take_tables(membrane);
        let around = Around::new(membrane, &self.ions);
        let mut host = NothingToSend::default();
        let mut walker = self.walker(&mut host);
        walker.tables = tables;
        let [size, coefficient] = sizes;
        let mut failed = None;
        for (index, (size, coefficient)) in size.iter_mut().zip(coefficient).enumerate() {
            self.load(&mut walker.variables, block, index, &around, given);
            match walker.diffusion(system, slot) {
                Ok(found) => [*size, *coefficient] = found,
                Err(stop) => failed = failed.or(Some((block.nodes[index], stop))),
            }
        }
        self.give_back(walker, membrane);
        if let Some((node, stop)) = failed {
            membrane.fail(&self.model.name, node, stop);
        }
    }

    fn with_diffusing(
        &self,
        state: usize,
        block: &mut Columns<'_>,
        membrane: &mut Membrane,
        run: &mut dyn FnMut(&mut [f64], Per),
    ) {
        let count = block.nodes.len();
        match self.sources[self.model.diffusing[state].0 as usize] {
            PlainSource::From(Source::Column(column)) => {
                let first = column as usize * count;
                run(&mut block.values[first..first + count], Per::Instance);
            }
            PlainSource::From(Source::Field(field)) => {
                run(Around::new(membrane, &self.ions).field_mut(field), Per::Node);
            }
            _ => {}
        }
    }

    fn initialise(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let dt_ms = membrane.step_ms;
        self.enter(Entry::Initial, block, membrane, dt_ms, &mut Silent);
    }

    fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let dt_ms = membrane.step_ms;
        self.enter(Entry::Currents, block, membrane, dt_ms, &mut Silent);
    }

    fn advance(&self, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64) {
        self.enter(Entry::Advance, block, membrane, dt_ms, &mut Silent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ions::InitialConcentrations;
    use crate::mechanisms::Block;
    use crate::nmodl::compile;

    #[test]
    fn blocks_that_are_too_long_keep_their_factors_of_temperature() {
        let text = "NEURON { SUFFIX warm NONSPECIFIC_CURRENT i }\nASSIGNED { v i celsius speed }\nSTATE { x }\n\
                    INITIAL { speed = 3^((celsius - 22)/10) x = 0 }\nBREAKPOINT { SOLVE s METHOD cnexp i = x*speed }\n\
                    DERIVATIVE s { x' = speed*(1 - x)/(1 + exp(-v/10)) }";
        // Nothing, the longest block, and all of them run instance by instance.
        let run = |most_nodes: usize| {
            let (model, _) = compile(text, "warm.mod").unwrap();
            let mechanism =
                DensityMechanism::with_limit(model, Kind::Density, 32.0, &Options::default(), most_nodes, false)
                    .unwrap();
            let mut membrane = Membrane::new(-60.0, &InitialConcentrations::default(), vec![0.0]);
            membrane.step_ms = 0.1;
            let mut block = Block::new(vec![0], mechanism.columns());
            let mut columns = Columns { nodes: &[0], values: &mut block.values };
            mechanism.initialise(&mut columns, &mut membrane);
            mechanism.advance(&mut columns, &mut membrane, 0.1);
            mechanism.currents(&mut columns, &mut membrane);
            (mechanism.is_vectorised(), membrane.current[0])
        };
        let expected = 3.0 * (1.0 - (-0.3 / (1.0 + 6.0_f64.exp())).exp());
        for (limit, vectorised) in [(20_000, true), (10, false), (0, false)] {
            let (is_vectorised, current) = run(limit);
            assert_eq!(is_vectorised, vectorised, "{limit}");
            assert!((current / expected - 1.0).abs() < 1e-12, "{limit}: {current} {expected}");
        }
    }
}
