//! From the syntax tree to the model: blocks to routines.

use std::collections::HashMap;

use super::names::{Names, Symbol};
use super::{Expr, Kind, Model, Place, Receive, Role, Routine, Slot, Stmt, System, Table};
use crate::nmodl::diagnostics::{Diagnostic, Span};
use crate::nmodl::syntax::tree::{Block, File, Form, Name, Statement, StatementKind};

/// Looks up all names. The model is whole where no message is an error.
pub fn resolve(file: &File) -> (Model, Vec<Diagnostic>) {
    let names = Names::new(file);
    let mut resolver = Resolver {
        file,
        routines: vec![None; file.functions.len()],
        tables: vec![None; file.functions.len()],
        systems: Vec::new(),
        watches: Vec::new(),
        streams: file.interface.random.iter().map(|name| name.text.clone()).collect(),
        vectors: Vec::new(),
        diffusing: Vec::new(),
        diagnostics: Vec::new(),
        calls: Vec::new(),
        names,
    };
    let model = resolver.model();
    let mut diagnostics = resolver.names.diagnostics;
    diagnostics.append(&mut resolver.diagnostics);
    (model, diagnostics)
}

pub(super) struct Resolver<'f> {
    pub file: &'f File,
    pub names: Names,
    pub routines: Vec<Option<Routine>>,
    pub tables: Vec<Option<Table>>,
    pub systems: Vec<System>,
    pub watches: Vec<Expr>,
    pub streams: Vec<String>,
    pub vectors: Vec<String>,
    pub diffusing: Vec<(u32, usize)>,
    pub diagnostics: Vec<Diagnostic>,
    /// Functions that are being resolved, to find those that call themselves.
    pub calls: Vec<usize>,
}

/// Names within a routine.
#[derive(Default)]
pub(super) struct Scope {
    /// Slot and size by name, the innermost block last.
    locals: Vec<HashMap<String, (u32, u32)>>,
    /// Size of the frame.
    pub frame: u32,
    /// Form of the system whose statements these are, and its number.
    pub system: Option<(Form, usize)>,
    /// States of the system in order of their equations, filled while its statements are read.
    pub states: Vec<u32>,
    /// How its SOLVE asks to solve it.
    pub method: String,
    /// Whether all its equations can be relaxed exactly.
    pub is_exact: bool,
    /// Whether each reaction has one state at most on a side.
    pub is_linear: bool,
    /// Solve statements are kept for [`Model::advance`] instead of staying where they stand.
    pub split: bool,
    /// Solve statements taken out.
    pub solves: Vec<Stmt>,
    /// Whether an event is received: only there is something to wait for.
    pub receives: bool,
}

impl Scope {
    /// A scope whose frame has a slot for the value of a function.
    pub fn new() -> Self {
        Self { locals: vec![HashMap::new()], frame: 1, is_exact: true, is_linear: true, ..Self::default() }
    }

    /// Adds a local to the innermost block.
    pub fn declare(&mut self, name: &str, size: u32) -> u32 {
        let slot = self.frame;
        self.frame += size;
        if let Some(block) = self.locals.last_mut() {
            block.insert(name.to_owned(), (slot, size));
        }
        slot
    }

    /// Names the value of a function.
    pub fn declare_value(&mut self, name: &str) {
        if let Some(block) = self.locals.last_mut() {
            block.insert(name.to_owned(), (0, 1));
        }
    }

    /// Slot and size of a local.
    pub fn find(&self, name: &str) -> Option<(u32, u32)> {
        self.locals.iter().rev().find_map(|block| block.get(name).copied())
    }

    /// Runs with a new innermost block.
    pub fn enter(&mut self) {
        self.locals.push(HashMap::new());
    }

    /// Leaves the innermost block.
    pub fn leave(&mut self) {
        self.locals.pop();
    }
}

impl Resolver<'_> {
    fn model(&mut self) -> Model {
        let file = self.file;
        let (kind, name) = match &file.interface.kind {
            Some((kind, name)) => (*kind, name.text.clone()),
            None => (Kind::Density, String::new()),
        };
        self.systems =
            vec![
                System { form: Form::Derivative, states: Vec::new(), is_linear: true, routine: Routine::default() };
                file.systems.len()
            ];
        for (index, (form, ..)) in file.systems.iter().enumerate() {
            self.systems[index].form = *form;
        }
        self.resolve_systems();
        let empty = Vec::new();
        let block = |block: &Option<(Block, Span)>| block.as_ref().map_or(empty.clone(), |(block, _)| block.clone());
        let initial = self.routine("INITIAL", &[], &block(&file.initial), false).0;
        let mut breakpoint = self.routine("BEFORE BREAKPOINT", &[], &file.before_breakpoint, false).0;
        let (rest, solves) = self.routine("BREAKPOINT", &[], &block(&file.breakpoint), true);
        let mut advance = Routine { name: "SOLVE".to_owned(), arguments: 0, frame: 1, body: solves };
        // Without currents the block belongs to the end of a step, and what is solved comes first; what is BEFORE it stays with
        // the currents of others (NEURON's rules).
        let of_block = if self.names.currents.is_empty() { &mut advance } else { &mut breakpoint };
        of_block.frame = of_block.frame.max(rest.frame);
        of_block.body.extend(rest.body);
        let receive = file.receive.as_ref().map(|(arguments, body, _)| self.receive(arguments, body));
        self.other_functions();
        for (event, span) in &file.other_times {
            self.diagnostics.push(
                Diagnostic::error(*span, format!("{event} is not supported"))
                    .help("BEFORE BREAKPOINT is; write what must happen at the end of a step into a SOLVE"),
            );
        }
        let mut pointers = Vec::new();
        for name in &file.interface.pointer {
            if let Some((Symbol::Variable(slot, 1), _)) = self.names.symbols.get(&name.text) {
                pointers.push((name.text.clone(), *slot));
            }
        }
        let model = Model {
            name,
            kind,
            variables: std::mem::take(&mut self.names.variables),
            slots: self.names.slots,
            ions: std::mem::take(&mut self.names.ions),
            currents: std::mem::take(&mut self.names.currents),
            routines: self.routines.iter().map(|routine| routine.clone().unwrap_or_default()).collect(),
            systems: std::mem::take(&mut self.systems),
            initial,
            breakpoint,
            advance,
            receive,
            watches: std::mem::take(&mut self.watches),
            streams: std::mem::take(&mut self.streams),
            vectors: std::mem::take(&mut self.vectors),
            tables: std::mem::take(&mut self.tables),
            tabulates: false,
            pointers,
            diffusing: std::mem::take(&mut self.diffusing),
        };
        self.check_pools(&model);
        model
    }

    /// Ions whose concentration a mechanism declares as state must be written.
    fn check_pools(&mut self, model: &Model) {
        for variable in model.variables.iter().filter(|variable| variable.is_state) {
            if let Role::Ion(ion, _) = variable.role
                && !model.ions[ion].writes.iter().any(|write| write.1 == variable.slot)
            {
                let span = self.names.symbols.get(&variable.name).map_or(Span::default(), |symbol| symbol.1);
                self.diagnostics.push(
                    Diagnostic::error(span, format!("the state '{}' is not written", variable.name))
                        .help(format!("add WRITE {} to USEION {}", variable.name, model.ions[ion].name)),
                );
            }
        }
    }

    /// A routine of a block, and the SOLVE statements that were taken out of it.
    pub fn routine(&mut self, name: &str, arguments: &[Name], body: &Block, split: bool) -> (Routine, Vec<Stmt>) {
        let mut scope = Scope::new();
        scope.split = split;
        for argument in arguments {
            scope.declare(&argument.text, 1);
        }
        let body = self.block(body, &mut scope);
        let routine = Routine { name: name.to_owned(), arguments: arguments.len() as u32, frame: scope.frame, body };
        (routine, scope.solves)
    }

    /// The routine of a function, resolved when it is first called.
    pub fn function(&mut self, index: usize) {
        if self.routines[index].is_some() {
            return;
        }
        self.calls.push(index);
        let function = &self.file.functions[index];
        let mut scope = Scope::new();
        scope.declare_value(&function.name.text);
        for argument in &function.arguments {
            scope.declare(&argument.text, 1);
        }
        let body = self.block(&function.body, &mut scope);
        self.calls.pop();
        self.routines[index] = Some(Routine {
            name: function.name.text.clone(),
            arguments: function.arguments.len() as u32,
            frame: scope.frame,
            body,
        });
    }

    /// Functions that nothing calls: checked like others, unless they are interfaces to another program.
    fn other_functions(&mut self) {
        for index in 0..self.file.functions.len() {
            if self.routines[index].is_some() {
                continue;
            }
            let function = &self.file.functions[index];
            let before = self.diagnostics.len();
            if holds_c(&function.body) || {
                self.function(index);
                self.diagnostics[before..].iter().any(|diagnostic| diagnostic.message.contains("VERBATIM"))
            } {
                self.diagnostics.truncate(before);
                self.diagnostics.push(
                    Diagnostic::note(
                        function.name.span,
                        format!("'{}' holds C code and nothing calls it: it is left out", function.name.text),
                    )
                    .help("random streams and vectors are set from outside"),
                );
                self.routines[index] = Some(Routine::default());
            }
        }
    }

    fn receive(&mut self, arguments: &[Name], body: &Block) -> Receive {
        let mut result = Receive {
            arguments: arguments.iter().map(|name| name.text.clone()).collect(),
            flag: arguments.len() as u32 + 1,
            initial: None,
            event: Routine::default(),
        };
        let mut initial_block = None;
        let mut event_block: Vec<Statement> = Vec::new();
        for statement in body {
            match &statement.kind {
                StatementKind::Initial(block) => initial_block = Some(block),
                _ => event_block.push(statement.clone()),
            }
        }
        let with_flag = |resolver: &mut Self, name: &str, block: &Block| {
            let mut scope = Scope::new();
            for argument in arguments {
                scope.declare(&argument.text, 1);
            }
            scope.declare("flag", 1);
            scope.receives = true;
            let body = resolver.block(block, &mut scope);
            Routine { name: name.to_owned(), arguments: arguments.len() as u32, frame: scope.frame, body }
        };
        result.event = with_flag(self, "NET_RECEIVE", &event_block);
        result.initial = initial_block.map(|block| with_flag(self, "INITIAL of NET_RECEIVE", block));
        result
    }

    /// A variable or local by name.
    pub fn find(&self, name: &str, scope: &Scope) -> Option<Found> {
        if let Some((slot, size)) = scope.find(name) {
            return Some(Found::Place(Place { slot: Slot::Local(slot), size, index: None }));
        }
        match self.names.symbols.get(name)?.0 {
            Symbol::Number(value) => Some(Found::Number(value)),
            Symbol::Variable(slot, size) => Some(Found::Place(Place { slot: Slot::Variable(slot), size, index: None })),
            Symbol::Routine(_) | Symbol::System(_) => Some(Found::Block),
            Symbol::Opaque => None,
        }
    }
}

/// What a name was found to be.
pub(super) enum Found {
    Number(f64),
    Place(Place),
    Block,
}

/// Whether a block holds a VERBATIM block that is not known.
fn holds_c(block: &Block) -> bool {
    block.iter().any(|statement| match &statement.kind {
        StatementKind::Verbatim => true,
        StatementKind::If(_, then, otherwise) => holds_c(then) || holds_c(otherwise),
        StatementKind::While(_, body)
        | StatementKind::From(_, _, _, _, body)
        | StatementKind::Group(body)
        | StatementKind::Initial(body) => holds_c(body),
        _ => false,
    })
}
