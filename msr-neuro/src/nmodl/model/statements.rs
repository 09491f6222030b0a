//! Names in statements.

use super::linear::Linear;
use super::names::Symbol;
use super::reach::reads;
use super::resolve::{Resolver, Scope};
use super::{Expr, Form, Method, Place, Slot, Stmt};
use crate::nmodl::diagnostics::Span;
use crate::nmodl::syntax::tree::{Block, Expression, ExpressionKind, Name, Statement, StatementKind, Target};

impl Resolver<'_> {
    /// The statements of a block, with names of its own.
    pub fn block(&mut self, block: &Block, scope: &mut Scope) -> Vec<Stmt> {
        scope.enter();
        let mut list = Vec::new();
        for statement in block {
            self.statement(statement, scope, &mut list);
        }
        scope.leave();
        list
    }

    /// Says where a statement belongs, if it is not there.
    fn is_misplaced(&mut self, statement: &Statement, scope: &Scope) -> bool {
        let (form, name) = match statement.kind {
            StatementKind::Reaction(..)
            | StatementKind::Decay(..)
            | StatementKind::Influx(..)
            | StatementKind::Conserve(..)
            | StatementKind::Compartment(..)
            | StatementKind::Diffusion(..) => (Form::Kinetic, "KINETIC"),
            StatementKind::Equation(..) => (Form::Linear, "LINEAR"),
            _ => return false,
        };
        let is_misplaced = scope.system.is_none_or(|system| system.0 != form);
        if is_misplaced {
            self.error(
                statement.span,
                format!("this statement belongs into {name}"),
                format!("move it to a {name} block"),
            );
        }
        is_misplaced
    }

    fn statement(&mut self, statement: &Statement, scope: &mut Scope, list: &mut Vec<Stmt>) {
        if self.is_misplaced(statement, scope) {
            return;
        }
        match &statement.kind {
            StatementKind::Local(names) => {
                for declared in names {
                    let size = declared.size.as_ref().and_then(|size| self.names.constant(size)).unwrap_or(1.0);
                    scope.declare(&declared.name.text, size.clamp(1.0, 10_000.0) as u32);
                }
            }
            StatementKind::Assign(target, value) => self.assignment(target, value, scope, list),
            StatementKind::Call(call) => self.call_statement(call, scope, list),
            StatementKind::If(condition, then, otherwise) => {
                let condition = self.expression(condition, scope);
                let then = self.block(then, scope);
                let otherwise = self.block(otherwise, scope);
                list.push(Stmt::If(condition, then, otherwise));
            }
            StatementKind::While(condition, body) => {
                let condition = self.expression(condition, scope);
                let body = self.block(body, scope);
                list.push(Stmt::While(condition, body));
            }
            StatementKind::From(name, first, last, step, body) => {
                let first = self.expression(first, scope);
                let last = self.expression(last, scope);
                let step = step.as_ref().map_or(Expr::Number(1.0), |step| self.expression(step, scope));
                scope.enter();
                let counter = scope.declare(&name.text, 1);
                let counter = Place { slot: Slot::Local(counter), size: 1, index: None };
                let body = self.block(body, scope);
                scope.leave();
                list.push(Stmt::Count(counter, first, last, step, body));
            }
            StatementKind::Solve(block, method, steady) => {
                let solve = self.solve(block, method.as_ref(), *steady);
                if let Some(solve) = solve {
                    if scope.split { scope.solves.push(solve) } else { list.push(solve) }
                }
            }
            StatementKind::Reaction(left, right, forward, backward) => {
                let left = self.side(left, scope);
                let right = self.side(right, scope);
                let forward = self.expression(forward, scope);
                let backward = self.expression(backward, scope);
                list.push(Stmt::Reaction(left, right, forward, backward));
            }
            StatementKind::Decay(left, rate) => {
                let left = self.side(left, scope);
                let rate = self.expression(rate, scope);
                list.push(Stmt::Reaction(left, Vec::new(), rate, Expr::Number(0.0)));
            }
            StatementKind::Influx(reactant, rate) => {
                let rate = self.expression(rate, scope);
                if let Some((_, place)) = self.species(std::slice::from_ref(reactant), scope).pop() {
                    list.push(Stmt::Influx(place, rate));
                }
            }
            StatementKind::Equation(left, right) => {
                let left = self.expression(left, scope);
                let right = self.expression(right, scope);
                list.push(Stmt::Equation(Expr::Binary(super::Binary::Subtract, Box::new(left), Box::new(right))));
            }
            StatementKind::Conserve(terms, total) => {
                let terms = self.species(terms, scope);
                let total = self.expression(total, scope);
                list.push(Stmt::Conserve(terms, total));
            }
            StatementKind::Compartment(index, size, names) => {
                let (counter, size, slots) = self.each_of(index.as_ref(), size, names, scope);
                list.push(Stmt::Compartment(counter, size, slots));
            }
            StatementKind::Diffusion(index, coefficient, names) => {
                let (counter, coefficient, slots) = self.each_of(index.as_ref(), coefficient, names, scope);
                for &(slot, size) in &slots {
                    if let (Slot::Variable(first), Some((_, system))) = (slot, scope.system) {
                        self.diffusing.extend((first..first + size).map(|slot| (slot, system)));
                    }
                }
                list.push(Stmt::Diffuse(counter, coefficient, slots));
            }
            StatementKind::Table([names, depends], bounds) => {
                self.table(statement.span, [names, depends], bounds, scope);
            }
            StatementKind::Watch(..) if !scope.receives => self.error(
                statement.span,
                "WATCH stands outside NET_RECEIVE",
                "let an event start it: net_send in INITIAL, and WATCH in NET_RECEIVE where the flag is that of the event",
            ),
            StatementKind::Watch(condition, flag) => {
                let condition = self.expression(condition, scope);
                let flag = self.expression(flag, scope);
                self.watches.push(condition);
                list.push(Stmt::Watch(self.watches.len() - 1, flag));
            }
            StatementKind::Initial(_) => self.error(
                statement.span,
                "INITIAL stands within another block",
                "it may stand in NET_RECEIVE or on its own",
            ),
            StatementKind::Return => list.push(Stmt::Return),
            StatementKind::Verbatim => self.error(
                statement.span,
                "this VERBATIM block holds C code that is not known",
                "known are random streams, delayed weights, spike times from vectors, returns and messages; write the \
                 rest in NMODL",
            ),
            StatementKind::Group(body) => {
                let mut inner = self.block(body, scope);
                list.append(&mut inner);
            }
        }
    }

    fn assignment(&mut self, target: &Target, value: &Expression, scope: &mut Scope, list: &mut Vec<Stmt>) {
        let value = self.expression(value, scope);
        let Some(place) = self.target(target, scope) else { return };
        match (target.primes, scope.system) {
            (0, _) => list.push(Stmt::Assign(place, value)),
            (1, Some((Form::Derivative, _))) => {
                if !self.is_state(&place) {
                    self.not_a_state(target.name.span, &target.name.text);
                    return;
                }
                self.add_states(&place, scope);
                if scope.method == "cnexp" {
                    let routines = &self.routines;
                    let depends = |expression: &Expr| reads(expression, &place, routines);
                    match Linear::of(&value, &place, &depends) {
                        Some(linear) => {
                            list.push(Stmt::Relax(place, linear));
                            return;
                        }
                        None => scope.is_exact = false,
                    }
                }
                list.push(Stmt::Slope(place, value));
            }
            (1, _) => self.error(target.name.span, "a derivative stands outside of DERIVATIVE", "move it there"),
            _ => self.error(
                target.name.span,
                "only first derivatives are supported",
                "make the first derivative a state of its own",
            ),
        }
    }

    /// Reports a name that should be a STATE.
    pub fn not_a_state(&mut self, span: Span, name: &str) {
        self.error(span, format!("'{name}' is no STATE"), "declare it in STATE");
    }

    fn call_statement(&mut self, call: &Expression, scope: &mut Scope, list: &mut Vec<Stmt>) {
        if let ExpressionKind::Call(name, arguments) = &call.kind {
            if name == "state_discontinuity" && arguments.len() == 2 {
                let place = self.expression(&arguments[0], scope);
                let value = self.expression(&arguments[1], scope);
                match place {
                    Expr::Place(place) => list.push(Stmt::Assign(place, value)),
                    _ => self.error(arguments[0].span, "state_discontinuity needs a state", "name it first"),
                }
                return;
            }
            if let Some((Symbol::System(index), _)) = self.names.symbols.get(name) {
                let index = *index;
                let method = if self.is_exact(index) { Method::Run } else { Method::Implicit };
                list.push(Stmt::Solve(index, method));
                return;
            }
        }
        match self.expression(call, scope) {
            Expr::Number(_) => {}
            call => list.push(Stmt::Evaluate(call)),
        }
    }

    fn solve(&mut self, block: &Name, method: Option<&Name>, steady: bool) -> Option<Stmt> {
        match self.names.symbols.get(&block.text).map(|symbol| symbol.0) {
            Some(Symbol::System(index)) => {
                let method = self.method(index, method, steady)?;
                Some(Stmt::Solve(index, method))
            }
            Some(Symbol::Routine(index)) => {
                self.function(index);
                Some(Stmt::Evaluate(Expr::Call(index, Vec::new())))
            }
            _ => {
                self.error(
                    block.span,
                    format!("there is no block '{}' to solve", block.text),
                    "write DERIVATIVE, KINETIC, LINEAR or PROCEDURE with this name",
                );
                None
            }
        }
    }

    fn method(&mut self, index: usize, method: Option<&Name>, steady: bool) -> Option<Method> {
        let form = self.file.systems[index].0;
        let name = method.map_or("", |name| name.text.as_str());
        Some(match (form, name, steady) {
            (Form::Linear, ..) => Method::Equations,
            (_, "sparse" | "derivimplicit" | "", true) => Method::Steady,
            (Form::Kinetic, "sparse" | "", false) => Method::Implicit,
            (Form::Derivative, "cnexp", false) if self.is_exact(index) => Method::Run,
            (Form::Derivative, "euler", false) => Method::Euler,
            (Form::Derivative, "cnexp" | "derivimplicit" | "sparse" | "", false) => Method::Implicit,
            _ => {
                let span = method.map_or(Span::default(), |name| name.span);
                let known = if form == Form::Kinetic { "sparse" } else { "cnexp, derivimplicit and euler" };
                self.error(span, format!("the method '{name}' is not supported here"), format!("known are {known}"));
                return None;
            }
        })
    }
}
