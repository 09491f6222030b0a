//! What statements do, written once for every kind of value.
//!
//! [`Walker`] goes through routines. Its values come from a [`Domain`]: numbers of one instance (`plain`), or nodes of
//! a graph from which code for many instances is made (`lanes`). Both therefore read the language the same way.

mod equations;
mod expressions;
mod plain;
mod solvers;
mod statements;

pub use plain::{Host, Plain, Silent, binary as plain_binary, math as plain_math, unary as plain_unary};

use super::model::{Binary, Math, Model, Native, Unary};
use equations::Equations;

/// Values and what can be done with them.
pub trait Domain {
    /// A value.
    type Value: Copy;

    /// A number.
    fn number(&mut self, value: f64) -> Self::Value;
    /// One operand.
    fn unary(&mut self, operator: Unary, value: Self::Value) -> Self::Value;
    /// Two operands; conditions give 1 or 0.
    fn binary(&mut self, operator: Binary, left: Self::Value, right: Self::Value) -> Self::Value;
    /// A function of one or two values.
    fn math(&mut self, function: Math, values: &[Self::Value]) -> Self::Value;
    /// One of two.
    fn select(&mut self, condition: Self::Value, then: Self::Value, otherwise: Self::Value) -> Self::Value;
    /// The number, where it is known now.
    fn known(&self, value: Self::Value) -> Option<f64>;
    /// Something outside of the instance.
    ///
    /// # Errors
    /// [`Stop`] where the domain cannot.
    fn native(&mut self, native: Native, values: &[Self::Value]) -> Result<Self::Value, Stop>;
    /// Sets a watch that sends an event with a flag.
    ///
    /// # Errors
    /// [`Stop`] where the domain cannot.
    fn watch(&mut self, watch: usize, flag: Self::Value) -> Result<(), Stop>;
}

/// Why statements cannot be gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The way depends on values that are not known when code for many instances is made.
    #[error("the order of statements depends on values of the instance")]
    Unknown,
    /// It reaches outside of the instance.
    #[error("it sends events or draws random numbers")]
    Outside,
    /// An element that an array does not have.
    #[error("an index of an array is out of bounds")]
    Index,
    /// A loop without end.
    #[error("a loop does not end")]
    Endless,
    /// Events that are sent while no event is handled.
    #[error("it sends events from BREAKPOINT or SOLVE, which only NET_RECEIVE and INITIAL may")]
    Misplaced,
    /// Events to itself that never end.
    #[error("it sends itself one event after the other without delay")]
    Flood,
    /// A SOLVE that is reached while another is being solved.
    #[error("a block that is solved solves a block")]
    Nested,
    /// More sums than states, or an inflow into a state whose equation is such a sum.
    #[error("a sum that CONSERVE keeps contradicts another, or an inflow (<<)")]
    Overdetermined,
    /// Newton's method does not converge.
    #[error("the equations of a block have no solution that can be found")]
    NoSolution,
}

/// How a routine goes on after a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Return,
}

/// Statements that a loop may take.
const LONGEST: u32 = 10_000_000;

/// Goes through routines of a model with the values of one domain.
pub struct Walker<'m, D: Domain> {
    /// The mechanism.
    pub model: &'m Model,
    /// Makes values.
    pub domain: D,
    /// One value a slot.
    pub variables: Vec<D::Value>,
    /// Frames of the routines that are being gone through.
    frames: Vec<D::Value>,
    base: usize,
    /// The system that is being solved.
    equations: Equations<D::Value>,
    left: u32,
    /// Whether a system is being solved: none is solved within another.
    solving: bool,
    dt: usize,
}

impl<'m, D: Domain> Walker<'m, D> {
    /// A walker whose variables are to be filled.
    pub fn new(model: &'m Model, domain: D, variables: Vec<D::Value>) -> Self {
        let dt = model.surrounding(super::model::Surrounding::Step) as usize;
        Self {
            model,
            domain,
            variables,
            frames: Vec::new(),
            base: 0,
            equations: Equations::default(),
            left: LONGEST,
            solving: false,
            dt,
        }
    }

    /// Runs a routine with arguments and returns its value; `arguments` hold what they are afterwards.
    ///
    /// # Errors
    /// [`Stop`]
    pub fn run(&mut self, routine: &'m super::model::Routine, arguments: &mut [D::Value]) -> Result<D::Value, Stop> {
        self.left = LONGEST;
        let zero = self.domain.number(0.0);
        self.frames.clear();
        self.frames.push(zero);
        self.frames.extend_from_slice(arguments);
        self.frames.resize((routine.frame as usize).max(arguments.len() + 1), zero);
        self.base = 0;
        self.solving = false;
        self.block(&routine.body)?;
        arguments.copy_from_slice(&self.frames[1..=arguments.len()]);
        Ok(self.frames[0])
    }
}
