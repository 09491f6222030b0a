//! What the names of a file stand for.

use std::collections::{HashMap, HashSet};

use super::{Current, Ion, IonPart, Role, Surrounding, Variable, units};
use crate::nmodl::diagnostics::{Diagnostic, Span};
use crate::nmodl::syntax::tree::{
    Block, Declaration, Declared, Expression, ExpressionKind, File, Kind, Name, StatementKind,
};

/// Arrays have no more elements than this.
const LARGEST: f64 = 10_000.0;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Symbol {
    Number(f64),
    Variable(u32, u32),
    Routine(usize),
    System(usize),
    /// A random stream or vector of another program.
    Opaque,
}

/// Names, variables, ions and currents.
pub(super) struct Names {
    pub symbols: HashMap<String, (Symbol, Span)>,
    pub variables: Vec<Variable>,
    pub slots: u32,
    pub ions: Vec<Ion>,
    pub currents: Vec<Current>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Names with a meaning of their own.
const SURROUNDINGS: &[(&str, Surrounding, &str)] = &[
    ("v", Surrounding::Voltage, "mV"),
    ("t", Surrounding::Time, "ms"),
    ("dt", Surrounding::Step, "ms"),
    ("celsius", Surrounding::Celsius, "degC"),
    ("diam", Surrounding::Diameter, "um"),
    ("area", Surrounding::Area, "um2"),
];

impl Names {
    /// Collects all declarations.
    pub fn new(file: &File) -> Self {
        let mut names = Self {
            symbols: HashMap::new(),
            variables: Vec::new(),
            slots: 0,
            ions: Vec::new(),
            currents: Vec::new(),
            diagnostics: Vec::new(),
        };
        for (name, what, unit) in SURROUNDINGS {
            names.add(name, unit, Role::Surrounding(*what), 1, 0.0, Span::default());
        }
        names.numbers(file);
        names.ions(file);
        names.declarations(file);
        names.currents(file);
        for (index, function) in file.functions.iter().enumerate() {
            names.define(&function.name, Symbol::Routine(index));
        }
        for (index, (_, name, _)) in file.systems.iter().enumerate() {
            names.define(name, Symbol::System(index));
        }
        for name in file.interface.opaque.iter().chain(&file.interface.random) {
            if !matches!(names.symbols.get(&name.text), Some((Symbol::Variable(..), _))) {
                names.define(name, Symbol::Opaque);
            }
        }
        names.interface(file);
        names
    }

    fn add(&mut self, name: &str, unit: &str, role: Role, size: u32, default: f64, span: Span) -> u32 {
        let slot = self.slots;
        self.slots += size;
        self.variables.push(Variable {
            name: name.to_owned(),
            unit: unit.to_owned(),
            role,
            is_state: false,
            is_visible: false,
            is_shared: false,
            slot,
            size,
            default,
            initial: None,
        });
        self.symbols.insert(name.to_owned(), (Symbol::Variable(slot, size), span));
        slot
    }

    fn define(&mut self, name: &Name, symbol: Symbol) {
        if let Some((known, _)) = self.symbols.insert(name.text.clone(), (symbol, name.span))
            && !matches!((known, symbol), (Symbol::Number(_), Symbol::Number(_)))
        {
            self.diagnostics.push(
                Diagnostic::error(name.span, format!("'{}' is declared twice", name.text))
                    .help("give one of them another name"),
            );
        }
    }

    fn numbers(&mut self, file: &File) {
        for (name, value) in &file.defines {
            // Numbers defined in C are found again in the blocks that share them.
            self.symbols.insert(name.text.clone(), (Symbol::Number(*value), name.span));
        }
        for (name, value) in &file.unit_numbers {
            self.define(name, Symbol::Number(*value));
        }
        for constant in &file.constants {
            self.define(&constant.declared.name, Symbol::Number(constant.value.unwrap_or(0.0)));
        }
        for (name, unit, asked) in &file.unit_constants {
            match units::constant(unit, asked) {
                Ok(value) => self.define(name, Symbol::Number(value)),
                Err(error) => self.diagnostics.push(
                    Diagnostic::error(name.span, format!("'{}' has no value: {error}", name.text))
                        .help("known are faraday, k-mole, pi, e, mole and SI units with their prefixes"),
                ),
            }
        }
    }

    fn ions(&mut self, file: &File) {
        for used in &file.interface.ions {
            let ion = used.ion.text.as_str();
            let index = self.ions.len();
            let (mut reads, mut writes) = (Vec::new(), Vec::new());
            for (names, list) in [(&used.read, &mut reads), (&used.write, &mut writes)] {
                for name in names {
                    let part = match name.text.as_str() {
                        text if text.strip_suffix('i') == Some(ion) => IonPart::Inside,
                        text if text.strip_suffix('o') == Some(ion) => IonPart::Outside,
                        text if text.strip_prefix('e') == Some(ion) => IonPart::Reversal,
                        text if text.strip_prefix('i') == Some(ion) => IonPart::Current,
                        text => {
                            self.diagnostics.push(
                                Diagnostic::error(name.span, format!("'{text}' is not part of the ion '{ion}'"))
                                    .help(format!("its parts are {ion}i, {ion}o, e{ion} and i{ion}")),
                            );
                            continue;
                        }
                    };
                    let unit = match part {
                        IonPart::Inside | IonPart::Outside => "mM",
                        IonPart::Reversal => "mV",
                        IonPart::Current => "mA/cm2",
                    };
                    let slot = match self.symbols.get(&name.text) {
                        Some((Symbol::Variable(slot, _), _)) => *slot,
                        _ => self.add(&name.text, unit, Role::Ion(index, part), 1, 0.0, name.span),
                    };
                    list.push((part, slot));
                }
            }
            self.ions.push(Ion { name: ion.to_owned(), valence: used.valence, reads, writes });
        }
    }

    fn declarations(&mut self, file: &File) {
        let ranged: HashSet<&str> = file.interface.range.iter().map(|name| name.text.as_str()).collect();
        let assigned = assigned_names(file);
        for declaration in &file.parameters {
            let name = declaration.declared.name.text.as_str();
            let role = match (ranged.contains(name), assigned.contains(name)) {
                (true, _) => Role::Parameter,
                (false, true) => Role::Assigned,
                (false, false) => Role::Global,
            };
            let known = self.variables.len();
            self.declaration(declaration, role.clone(), false);
            if let Some(variable) = self.variables.get_mut(known) {
                variable.is_shared = role == Role::Assigned;
            }
        }
        for declaration in &file.states {
            self.declaration(declaration, Role::State, true);
        }
        for declaration in &file.assigned {
            self.declaration(declaration, Role::Assigned, false);
        }
        for declared in &file.locals {
            let size = self.size(declared);
            // A variable that is LOCAL to the file besides is one variable.
            if matches!(self.symbols.get(&declared.name.text), Some((Symbol::Variable(_, known), _)) if *known == size)
            {
                continue;
            }
            if !self.is_taken(&declared.name) {
                self.add(&declared.name.text, "", Role::Assigned, size, 0.0, declared.name.span);
                self.variables.last_mut().expect("it was added").is_shared = true;
            }
        }
        // A parameter x0 is the initial value of the state x. It is there without being declared, too.
        for index in 0..self.variables.len() {
            if self.variables[index].is_state {
                let initial = format!("{}0", self.variables[index].name);
                let is_own = assigned.contains(initial.as_str()) || ranged.contains(initial.as_str());
                let is_of_ion = matches!(self.variables[index].role, Role::Ion(..));
                if (is_own || !is_of_ion) && !self.symbols.contains_key(&initial) {
                    let role = if is_own { Role::Parameter } else { Role::Global };
                    let unit = self.variables[index].unit.clone();
                    self.add(&initial, &unit, role, 1, 0.0, Span::default());
                }
                if let Some((Symbol::Variable(slot, 1), _)) = self.symbols.get(&initial) {
                    self.variables[index].initial = Some(*slot);
                }
            }
        }
    }

    fn declaration(&mut self, declaration: &Declaration, role: Role, is_state: bool) {
        let name = &declaration.declared.name;
        let size = self.size(&declaration.declared);
        if let Some((Symbol::Variable(slot, _), _)) = self.symbols.get(&name.text) {
            // The surroundings, an ion, or a pointer in two blocks: one variable.
            let slot = *slot;
            if let Some(known) = self.variables.iter_mut().find(|variable| variable.slot == slot) {
                known.is_state |= is_state;
                if is_state && !matches!(known.role, Role::Ion(..) | Role::Surrounding(_)) {
                    known.role = Role::State;
                }
                if known.unit.is_empty() {
                    known.unit.clone_from(&declaration.unit);
                }
            }
            return;
        }
        if self.is_taken(name) {
            return;
        }
        let default = declaration.value.unwrap_or(0.0);
        self.add(&name.text, &declaration.unit, role, size, default, name.span);
        if let Some(variable) = self.variables.last_mut() {
            variable.is_state = is_state;
            variable.is_visible = is_state;
        }
    }

    /// Whether a name stands for something else than a variable already; says so.
    fn is_taken(&mut self, name: &Name) -> bool {
        let taken = self.symbols.contains_key(&name.text);
        if taken {
            self.diagnostics.push(
                Diagnostic::error(name.span, format!("'{}' is declared twice", name.text))
                    .help("give one of them another name"),
            );
        }
        taken
    }

    fn size(&mut self, declared: &Declared) -> u32 {
        let Some(size) = &declared.size else { return 1 };
        match self.constant(size) {
            Some(value) if (1.0..=LARGEST).contains(&value) && value.fract() == 0.0 => value as u32,
            _ => {
                self.diagnostics.push(
                    Diagnostic::error(size.span, "the size of an array must be a whole number from 1 to 10000")
                        .help("write a number or a name from DEFINE"),
                );
                1
            }
        }
    }

    /// Value of an expression of numbers.
    pub fn constant(&self, expression: &Expression) -> Option<f64> {
        use crate::nmodl::syntax::tree::{Binary, Unary};
        match &expression.kind {
            ExpressionKind::Number(value) => Some(*value),
            ExpressionKind::Name(name) => match self.symbols.get(name) {
                Some((Symbol::Number(value), _)) => Some(*value),
                _ => None,
            },
            ExpressionKind::Unary(Unary::Minus, inner) => self.constant(inner).map(|value| -value),
            ExpressionKind::Binary(operator, left, right) => {
                let (left, right) = (self.constant(left)?, self.constant(right)?);
                match operator {
                    Binary::Add => Some(left + right),
                    Binary::Subtract => Some(left - right),
                    Binary::Multiply => Some(left * right),
                    Binary::Divide => Some(left / right),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn currents(&mut self, file: &File) {
        for index in 0..self.ions.len() {
            let current = self.ions[index].writes.iter().find(|write| write.0 == IonPart::Current);
            if let Some(&(_, slot)) = current {
                self.currents.push(Current { slot, ion: Some(index), electrode: false });
            }
        }
        let lists = [(&file.interface.nonspecific, false), (&file.interface.electrode, true)];
        for (names, electrode) in lists {
            for name in names {
                let slot = match self.symbols.get(&name.text) {
                    Some((Symbol::Variable(slot, _), _)) => *slot,
                    Some(_) => continue,
                    None => self.add(&name.text, "mA/cm2", Role::Assigned, 1, 0.0, name.span),
                };
                self.currents.push(Current { slot, ion: None, electrode });
                if let Some(variable) = self.variables.iter_mut().find(|variable| variable.slot == slot) {
                    variable.is_visible = true;
                }
            }
        }
    }

    /// RANGE, GLOBAL and POINTER must name something.
    fn interface(&mut self, file: &File) {
        let opaque: Vec<&str> = file.interface.opaque.iter().map(|name| name.text.as_str()).collect();
        for name in file.interface.range.iter().chain(&file.interface.global).chain(&file.interface.pointer) {
            match self.symbols.get(&name.text) {
                Some((Symbol::Variable(slot, _), _)) => {
                    let slot = *slot;
                    let ranged = file.interface.range.contains(name);
                    let is_global = file.interface.global.contains(name);
                    if let Some(variable) = self.variables.iter_mut().find(|variable| variable.slot == slot) {
                        variable.is_visible |= ranged;
                        variable.is_shared |= is_global && !ranged && variable.role == Role::Assigned;
                    }
                }
                Some((Symbol::Number(_), _)) => {}
                Some(_) if opaque.contains(&name.text.as_str()) => {}
                _ => self.diagnostics.push(
                    Diagnostic::note(name.span, format!("'{}' is declared nowhere else", name.text))
                        .help("declare it in PARAMETER, ASSIGNED or STATE, or take it out of NEURON"),
                ),
            }
        }
        for pointer in &file.interface.pointer {
            // Its value is given from outside and stays through INITIAL.
            if let Some(variable) = self.variables.iter_mut().find(|variable| variable.name == pointer.text)
                && variable.role == Role::Assigned
            {
                variable.role = Role::Parameter;
                variable.is_shared = false;
            }
        }
        match &file.interface.kind {
            None => self.diagnostics.push(
                Diagnostic::error(Span::default(), "the mechanism has no name")
                    .help("write NEURON { SUFFIX name }, POINT_PROCESS or ARTIFICIAL_CELL"),
            ),
            Some((Kind::Density, name)) => {
                for electrode in &file.interface.electrode {
                    self.diagnostics.push(
                        Diagnostic::error(electrode.span, format!("'{}' is no point process", name.text))
                            .help("an ELECTRODE_CURRENT belongs to a POINT_PROCESS; write NONSPECIFIC_CURRENT here"),
                    );
                }
            }
            Some(_) => {}
        }
    }

    /// All names that could stand somewhere, for proposals.
    pub fn known(&self) -> Vec<&str> {
        let mut known: Vec<&str> = self.symbols.keys().map(String::as_str).collect();
        known.sort_unstable();
        known
    }
}

/// Names to which a block assigns.
fn assigned_names(file: &File) -> HashSet<&str> {
    let mut names = HashSet::new();
    let blocks =
        file.functions.iter().map(|function| &function.body).chain(file.systems.iter().map(|system| &system.2));
    let single = file.initial.iter().chain(&file.breakpoint).map(|(block, _)| block);
    let receive = file.receive.iter().map(|(_, block, _)| block);
    for block in blocks.chain(single).chain(receive).chain([&file.before_breakpoint]) {
        collect(block, &mut names);
    }
    names
}

fn collect<'f>(block: &'f Block, names: &mut HashSet<&'f str>) {
    for statement in block {
        match &statement.kind {
            StatementKind::Assign(target, _) => {
                names.insert(&target.name.text);
            }
            StatementKind::Call(expression) => {
                if let ExpressionKind::Call(name, arguments) = &expression.kind
                    && name == "state_discontinuity"
                {
                    names.extend(arguments.first().and_then(Expression::as_name));
                }
            }
            StatementKind::From(name, _, _, _, body) => {
                names.insert(&name.text);
                collect(body, names);
            }
            StatementKind::If(_, then, otherwise) => {
                collect(then, names);
                collect(otherwise, names);
            }
            StatementKind::While(_, body) | StatementKind::Initial(body) | StatementKind::Group(body) => {
                collect(body, names);
            }
            _ => {}
        }
    }
}
