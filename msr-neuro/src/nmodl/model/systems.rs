//! Names in systems of equations, and the order of their states.

use super::resolve::{Found, Resolver, Scope};
use super::{Expr, FLUXES, Form, Place, Role, Slot, Stmt, System};
use crate::nmodl::syntax::tree::{Block, Expression, Name, Reactant, StatementKind};

impl Resolver<'_> {
    /// All systems of the file.
    pub fn resolve_systems(&mut self) {
        for index in 0..self.file.systems.len() {
            let (form, name, body) = &self.file.systems[index];
            let method = self.method_of(&name.text).unwrap_or("").to_owned();
            let before = (self.diagnostics.len(), self.diffusing.len());
            let mut scope = self.system(index, *form, body, &method);
            if method == "cnexp" && !scope.1.is_exact {
                // NEURON solves such a system by Newton's method, too.
                self.diagnostics.truncate(before.0);
                self.diffusing.truncate(before.1);
                scope = self.system(index, *form, body, "derivimplicit");
            }
            let (mut system, scope) = scope;
            system.states = scope.states;
            system.is_linear = scope.is_linear;
            system.routine.name.clone_from(&name.text);
            self.systems[index] = system;
        }
    }

    fn system(&mut self, index: usize, form: Form, body: &Block, method: &str) -> (System, Scope) {
        let mut scope = Scope::new();
        let fluxes = ["f_flux", "b_flux"].map(|name| scope.declare(name, 1));
        assert_eq!(fluxes, FLUXES, "a frame begins with the fluxes");
        scope.system = Some((form, index));
        method.clone_into(&mut scope.method);
        if form == Form::Linear {
            self.states_of_equations(body, &mut scope);
        }
        let body = self.block(body, &mut scope);
        let mut system = System {
            form,
            states: Vec::new(),
            is_linear: true,
            routine: super::Routine { name: String::new(), arguments: 0, frame: scope.frame, body },
        };
        system.routine.frame = scope.frame;
        (system, scope)
    }

    /// Whether a system is solved by running its statements.
    pub fn is_exact(&self, index: usize) -> bool {
        fn none_left(block: &[Stmt]) -> bool {
            block.iter().all(|statement| match statement {
                Stmt::Slope(..) => false,
                Stmt::If(_, then, otherwise) => none_left(then) && none_left(otherwise),
                Stmt::While(_, body) | Stmt::Count(_, _, _, _, body) => none_left(body),
                _ => true,
            })
        }
        none_left(&self.systems[index].routine.body)
    }

    /// The method of the SOLVE statement of a system.
    fn method_of(&self, system: &str) -> Option<&str> {
        fn within<'f>(block: &'f Block, system: &str) -> Option<&'f str> {
            block.iter().find_map(|statement| match &statement.kind {
                StatementKind::Solve(name, method, false) if name.text == system => {
                    Some(method.as_ref().map_or("", |method| method.text.as_str()))
                }
                StatementKind::If(_, then, otherwise) => within(then, system).or_else(|| within(otherwise, system)),
                _ => None,
            })
        }
        let (block, _) = self.file.breakpoint.as_ref()?;
        within(block, system)
    }

    /// Whether a place is a state.
    pub fn is_state(&self, place: &Place) -> bool {
        let Slot::Variable(slot) = place.slot else { return false };
        self.names.variables.iter().any(|variable| variable.slot == slot && variable.is_state)
    }

    /// Adds the states of a place to those of the system.
    pub fn add_states(&self, place: &Place, scope: &mut Scope) {
        let Slot::Variable(first) = place.slot else { return };
        let elements = match place.index.as_deref() {
            Some(Expr::Number(index)) if (0.0..f64::from(place.size)).contains(index) => {
                first + *index as u32..first + *index as u32 + 1
            }
            _ => first..first + place.size,
        };
        for slot in elements {
            if !scope.states.contains(&slot) {
                scope.states.push(slot);
            }
        }
    }

    /// One side of a reaction: with more than one state it makes the system nonlinear.
    pub fn side(&mut self, reactants: &[Reactant], scope: &mut Scope) -> Vec<(f64, Place)> {
        let list = self.species(reactants, scope);
        let order: f64 = list.iter().filter(|(_, place)| self.is_state(place)).map(|(count, _)| count.abs()).sum();
        scope.is_linear &= order <= 1.0;
        list
    }

    /// What takes part in a reaction or sum.
    pub fn species(&mut self, reactants: &[Reactant], scope: &mut Scope) -> Vec<(f64, Place)> {
        let mut list = Vec::new();
        for reactant in reactants {
            let Some(place) = self.target(&reactant.target, scope) else { continue };
            if self.is_state(&place) {
                self.add_states(&place, scope);
            }
            list.push((reactant.count, place));
        }
        list
    }

    /// `i, size {a b}` after COMPARTMENT or LONGITUDINAL_DIFFUSION: counter, size, states.
    pub fn each_of(
        &mut self,
        index: Option<&Name>,
        size: &Expression,
        names: &[Name],
        scope: &mut Scope,
    ) -> (Option<Place>, Expr, Vec<(Slot, u32)>) {
        scope.enter();
        let counter = index.map(|name| Place { slot: Slot::Local(scope.declare(&name.text, 1)), size: 1, index: None });
        let size = self.expression(size, scope);
        scope.leave();
        let mut slots = Vec::new();
        for name in names {
            match self.find(&name.text, scope) {
                Some(Found::Place(place)) => slots.push((place.slot, place.size)),
                Some(_) => self.not_a_state(name.span, &name.text),
                None => self.unknown(name.span, &name.text),
            }
        }
        (counter, size, slots)
    }

    /// All states that the equations of a LINEAR block name, in the order of STATE.
    fn states_of_equations(&mut self, body: &Block, scope: &mut Scope) {
        let mut found = Vec::new();
        for statement in body {
            if let StatementKind::Equation(left, right) = &statement.kind {
                names_in(left, &mut found);
                names_in(right, &mut found);
            }
        }
        for variable in &self.names.variables {
            if variable.role == Role::State && found.contains(&variable.name) {
                scope.states.extend(variable.slot..variable.slot + variable.size);
            }
        }
    }
}

fn names_in(expression: &Expression, found: &mut Vec<String>) {
    use crate::nmodl::syntax::tree::ExpressionKind as Kind;
    match &expression.kind {
        Kind::Name(name) => found.push(name.clone()),
        Kind::Element(name, index) => {
            found.push(name.clone());
            names_in(index, found);
        }
        Kind::Unary(_, inner) => names_in(inner, found),
        Kind::Binary(_, left, right) => {
            names_in(left, found);
            names_in(right, found);
        }
        Kind::Call(_, arguments) => arguments.iter().for_each(|argument| names_in(argument, found)),
        Kind::Number(_) | Kind::Text(_) => {}
    }
}
