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
pub use solvers::{CONVERGED, MOST_ITERATIONS, assigns};

use super::model::{Binary, Made, Math, Model, Native, Unary};
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
    /// Whether its values are numbers, so that a routine can be looked up in its table.
    fn has_tables(&self) -> bool {
        false
    }
    /// The number, where it is known now.
    fn known(&self, value: Self::Value) -> Option<f64>;
    /// Something outside of the instance.
    ///
    /// # Errors
    /// [`Stop`] where the domain cannot.
    fn native(&mut self, native: Native, values: &[Self::Value]) -> Result<Self::Value, Stop>;
    /// Sets a watch that sends an event with a flag; by how much its condition holds now.
    ///
    /// # Errors
    /// [`Stop`] where the domain cannot.
    fn watch(&mut self, watch: usize, flag: Self::Value, excess: Self::Value) -> Result<(), Stop>;
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
    /// A diffusion that would gather what is spread, or spread it in no space.
    #[error(
        "the coefficient of a LONGITUDINAL_DIFFUSION is negative or the size of its COMPARTMENT not positive: correct the \
         parameters that they are made of (GLOBAL ones may be set in conditions.mechanisms)"
    )]
    Diffusion,
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

/// What a walker works in, kept from one to the next so that none allocates.
pub struct Memory<V> {
    /// One value a slot.
    pub variables: Vec<V>,
    /// Arguments of an event.
    pub arguments: Vec<V>,
    /// Tables of the routines, of the mechanism and cell that are run.
    pub tables: Vec<Option<Made>>,
    frames: Vec<V>,
    equations: Equations<V>,
}

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Self {
            variables: Vec::new(),
            arguments: Vec::new(),
            tables: Vec::new(),
            frames: Vec::new(),
            equations: Equations::default(),
        }
    }
}

/// Goes through routines of a model with the values of one domain.
pub struct Walker<'m, D: Domain> {
    /// The mechanism.
    pub model: &'m Model,
    /// Makes values.
    pub domain: D,
    /// One value a slot.
    pub variables: Vec<D::Value>,
    /// Arguments of an event, for who handles one.
    pub arguments: Vec<D::Value>,
    /// Tables of the routines, where they are looked up.
    pub tables: Vec<Option<Made>>,
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
        Self::within(model, domain, Memory { variables, ..Memory::default() })
    }

    /// A walker that works in the memory of another.
    pub fn within(model: &'m Model, domain: D, memory: Memory<D::Value>) -> Self {
        let dt = model.surrounding(super::model::Surrounding::Step) as usize;
        let Memory { variables, arguments, tables, frames, equations } = memory;
        Self {
            model,
            domain,
            variables,
            arguments,
            tables,
            frames,
            base: 0,
            equations,
            left: LONGEST,
            solving: false,
            dt,
        }
    }

    /// The memory, for the next.
    pub fn into_memory(self) -> Memory<D::Value> {
        let Self { variables, arguments, tables, frames, equations, .. } = self;
        Memory { variables, arguments, tables, frames, equations }
    }

    /// Runs statements that stand in no routine of their own and declare nothing.
    ///
    /// # Errors
    /// [`Stop`]
    pub fn statements(&mut self, block: &'m [super::model::Stmt]) -> Result<(), Stop> {
        let zero = self.domain.number(0.0);
        self.frames.clear();
        self.frames.push(zero);
        self.base = 0;
        match self.block(block)? {
            Flow::Next => Ok(()),
            Flow::Return => Err(Stop::Unknown),
        }
    }

    /// Size of the compartment of a state, and the coefficient of its diffusion, as a system says; 0 where nothing does.
    ///
    /// # Errors
    /// [`Stop`]
    pub fn diffusion(&mut self, system: usize, slot: u32) -> Result<[D::Value; 2], Stop> {
        self.frames.clear();
        self.base = 0;
        self.collect(system)?;
        let (one, zero) = (self.domain.number(1.0), self.domain.number(0.0));
        let position = self.equations.states.iter().position(|state| *state == slot);
        Ok(position.map_or([one, zero], |position| {
            [self.equations.sizes[position].unwrap_or(one), self.equations.coefficients[position].unwrap_or(zero)]
        }))
    }

    /// By how much the condition of a WATCH holds: the difference of the sides of a comparison. It stands in NET_RECEIVE.
    ///
    /// # Errors
    /// [`Stop`]
    pub fn watched(&mut self, watch: usize) -> Result<D::Value, Stop> {
        let model = self.model;
        let frame = model.receive.as_ref().map_or(1, |receive| receive.event.frame);
        let zero = self.domain.number(0.0);
        self.frames.clear();
        self.frames.resize(frame as usize, zero);
        self.base = 0;
        self.excess(&model.watches[watch])
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
