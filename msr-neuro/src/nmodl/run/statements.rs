//! Statements.

use super::{Domain, Flow, Stop, Walker};
use crate::nmodl::model::{Binary, Expr, Linear, Math, Method, Place, Stmt, Unary};

impl<'m, D: Domain> Walker<'m, D> {
    pub(super) fn block(&mut self, block: &'m [Stmt]) -> Result<Flow, Stop> {
        for statement in block {
            if self.statement(statement)? == Flow::Return {
                return Ok(Flow::Return);
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &'m Stmt) -> Result<Flow, Stop> {
        match statement {
            Stmt::Assign(place, value) => {
                let value = self.expression(value)?;
                let slot = self.slot(place)?;
                self.write(slot, value);
            }
            Stmt::Evaluate(expression) => {
                self.expression(expression)?;
            }
            Stmt::If(condition, then, otherwise) => return self.conditional(condition, then, otherwise),
            Stmt::While(condition, body) => loop {
                let condition = self.expression(condition)?;
                if self.domain.known(condition).ok_or(Stop::Unknown)? == 0.0 {
                    break;
                }
                self.spend()?;
                if self.block(body)? == Flow::Return {
                    return Ok(Flow::Return);
                }
            },
            Stmt::Count(counter, first, last, step, body) => return self.count(counter, [first, last, step], body),
            Stmt::Relax(place, linear) => self.relax(place, linear)?,
            Stmt::Slope(place, value) => {
                let value = self.expression(value)?;
                let slot = self.slot(place)?;
                self.equations.set_slope(slot, value);
            }
            Stmt::Reaction(left, right, forward, backward) => self.reaction(left, right, forward, backward)?,
            Stmt::Influx(place, rate) => self.influx(place, rate)?,
            Stmt::Equation(expression) => self.equation(expression)?,
            Stmt::Conserve(terms, total) => self.conserve(terms, total)?,
            Stmt::Compartment(counter, size, slots) => {
                self.for_each_state(|equations| &mut equations.sizes, counter.as_ref(), size, slots)?;
            }
            Stmt::Diffuse(counter, coefficient, slots) => {
                self.for_each_state(|equations| &mut equations.coefficients, counter.as_ref(), coefficient, slots)?;
            }
            Stmt::Solve(system, method) => self.solve(*system, *method)?,
            Stmt::Watch(watch, flag) => {
                let flag = self.expression(flag)?;
                let model = self.model;
                let excess = self.excess(&model.watches[*watch])?;
                self.domain.watch(*watch, flag, excess)?;
            }
            Stmt::Return => return Ok(Flow::Return),
        }
        Ok(Flow::Next)
    }

    /// By how much a condition holds; what is no comparison holds by 1.
    pub(super) fn excess(&mut self, condition: &'m Expr) -> Result<D::Value, Stop> {
        let (more, less) = match condition {
            Expr::Binary(Binary::Greater | Binary::GreaterEqual, left, right) => (left, right),
            Expr::Binary(Binary::Less | Binary::LessEqual, left, right) => (right, left),
            other => {
                let holds = self.expression(other)?;
                let (yes, no) = (self.domain.number(1.0), self.domain.number(-1.0));
                return Ok(self.domain.select(holds, yes, no));
            }
        };
        let more = self.expression(more)?;
        let less = self.expression(less)?;
        Ok(self.subtract(more, less))
    }

    fn spend(&mut self) -> Result<(), Stop> {
        self.left = self.left.checked_sub(1).ok_or(Stop::Endless)?;
        Ok(())
    }

    fn conditional(&mut self, condition: &'m Expr, then: &'m [Stmt], otherwise: &'m [Stmt]) -> Result<Flow, Stop> {
        let condition = self.expression(condition)?;
        match self.domain.known(condition) {
            Some(value) if value != 0.0 => return self.block(then),
            Some(_) => return self.block(otherwise),
            None => {}
        }
        // The equations of a system cannot be chosen from like variables.
        if fills_equations(then) || fills_equations(otherwise) {
            return Err(Stop::Unknown);
        }
        // Both ways are gone; each variable takes the value of the one that an instance takes.
        let before = (self.variables.clone(), self.frames.clone());
        let flow = self.block(then)?;
        let after_then =
            (std::mem::replace(&mut self.variables, before.0), std::mem::replace(&mut self.frames, before.1));
        if flow != self.block(otherwise)? || flow == Flow::Return {
            return Err(Stop::Unknown);
        }
        for (value, then) in self.variables.iter_mut().zip(after_then.0) {
            *value = self.domain.select(condition, then, *value);
        }
        for (value, then) in self.frames.iter_mut().zip(after_then.1) {
            *value = self.domain.select(condition, then, *value);
        }
        Ok(Flow::Next)
    }

    fn count(
        &mut self,
        counter: &'m Place,
        [first, last, step]: [&'m Expr; 3],
        body: &'m [Stmt],
    ) -> Result<Flow, Stop> {
        let mut bounds = [0.0; 3];
        for (bound, expression) in bounds.iter_mut().zip([first, last, step]) {
            let value = self.expression(expression)?;
            // Counters are whole numbers in C.
            *bound = self.domain.known(value).ok_or(Stop::Unknown)?.trunc();
        }
        let [mut at, last, step] = bounds;
        if step == 0.0 || step.is_nan() {
            return Err(Stop::Endless);
        }
        while if step > 0.0 { at <= last } else { at >= last } {
            self.spend()?;
            let slot = self.slot(counter)?;
            let value = self.domain.number(at);
            self.write(slot, value);
            if self.block(body)? == Flow::Return {
                return Ok(Flow::Return);
            }
            at += step;
        }
        Ok(Flow::Next)
    }

    /// `x += (1 - exp(dt slope)) (steady - x)` with `steady = -constant / slope`: exact for constant coefficients.
    fn relax(&mut self, place: &'m Place, linear: &'m Linear) -> Result<(), Stop> {
        let constant = match &linear.constant {
            Some(constant) => self.expression(constant)?,
            None => self.domain.number(0.0),
        };
        let divisor = match &linear.divisor {
            Some(divisor) => Some(self.expression(divisor)?),
            None => None,
        };
        let slope = match &linear.slope {
            Some(slope) => Some(self.expression(slope)?),
            None => None,
        };
        let slot = self.slot(place)?;
        let (x, dt) = (self.read(slot), self.variables[self.dt]);
        let domain = &mut self.domain;
        let over = |domain: &mut D, value| match divisor {
            Some(divisor) => domain.binary(Binary::Divide, value, divisor),
            None => value,
        };
        let change = match slope {
            None => {
                let rate = over(domain, constant);
                domain.binary(Binary::Multiply, dt, rate)
            }
            Some(slope) => {
                let steady = match domain.known(slope) {
                    Some(-1.0) => constant,
                    _ => {
                        let quotient = domain.binary(Binary::Divide, constant, slope);
                        domain.unary(Unary::Minus, quotient)
                    }
                };
                let rate = over(domain, slope);
                let exponent = domain.binary(Binary::Multiply, dt, rate);
                let kept = domain.math(Math::Exp, &[exponent]);
                let one = domain.number(1.0);
                let part = domain.binary(Binary::Subtract, one, kept);
                let distance = domain.binary(Binary::Subtract, steady, x);
                domain.binary(Binary::Multiply, part, distance)
            }
        };
        let value = domain.binary(Binary::Add, x, change);
        self.write(slot, value);
        Ok(())
    }

    fn solve(&mut self, system: usize, method: Method) -> Result<(), Stop> {
        if std::mem::replace(&mut self.solving, true) {
            return Err(Stop::Nested);
        }
        let model = self.model;
        match method {
            Method::Run => self.in_frame(model.systems[system].routine.frame, |walker| {
                walker.block(&model.systems[system].routine.body).map(|_| ())
            }),
            Method::Euler => self.euler(system),
            Method::Implicit => self.implicit(system),
            Method::Steady => self.steady(system),
            Method::Equations => self.linear_equations(system),
        }?;
        self.solving = false;
        Ok(())
    }

    /// Runs with a new frame.
    pub(super) fn in_frame(
        &mut self,
        size: u32,
        inner: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let zero = self.domain.number(0.0);
        let base = self.frames.len();
        self.frames.resize(base + size as usize, zero);
        let before = std::mem::replace(&mut self.base, base);
        let result = inner(self);
        self.base = before;
        self.frames.truncate(base);
        result
    }
}

/// Whether a block adds to the system that is being solved.
fn fills_equations(block: &[Stmt]) -> bool {
    block.iter().any(|statement| match statement {
        Stmt::Slope(..)
        | Stmt::Reaction(..)
        | Stmt::Influx(..)
        | Stmt::Equation(_)
        | Stmt::Conserve(..)
        | Stmt::Compartment(..)
        | Stmt::Diffuse(..) => true,
        Stmt::If(_, then, otherwise) => fills_equations(then) || fills_equations(otherwise),
        Stmt::While(_, body) | Stmt::Count(_, _, _, _, body) => fills_equations(body),
        _ => false,
    })
}
