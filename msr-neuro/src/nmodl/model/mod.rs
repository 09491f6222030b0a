//! A mechanism with all names looked up: what the executors run.
//!
//! Every variable of an instance has a slot (an array has one for each element). Blocks, functions and procedures are
//! routines with a frame of their own: slot 0 is the value of a function, then come its arguments and locals.

mod calls;
mod expressions;
mod linear;
mod names;
mod reach;
mod resolve;
mod statements;
mod systems;
mod table;
mod units;

pub use linear::Linear;
pub use resolve::resolve;
pub use table::{Made, Rows, Table, Tables};

pub use super::syntax::tree::{Binary, Form, Kind, Unary};

/// Where a value lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Variable of the instance.
    Variable(u32),
    /// In the frame of the routine.
    Local(u32),
}

impl Slot {
    /// The slot of an element.
    pub fn offset(self, by: u32) -> Self {
        match self {
            Self::Variable(slot) => Self::Variable(slot + by),
            Self::Local(slot) => Self::Local(slot + by),
        }
    }
}

/// A variable or an element of an array.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its slot, or that of the first element.
    pub slot: Slot,
    /// Number of elements.
    pub size: u32,
    /// Which element.
    pub index: Option<Box<Expr>>,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// A variable.
    Place(Place),
    /// One operand.
    Unary(Unary, Box<Expr>),
    /// Two operands.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// A function of mathematics.
    Math(Math, Vec<Expr>),
    /// A routine of the mechanism.
    Call(usize, Vec<Expr>),
    /// Something outside of the instance.
    Native(Native, Vec<Expr>),
}

/// Functions of mathematics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Math {
    /// e^x
    Exp,
    /// Natural logarithm.
    Log,
    /// Decimal logarithm.
    Log10,
    /// Absolute value.
    Abs,
    /// Square root.
    Sqrt,
    /// Largest integer not above.
    Floor,
    /// Smallest integer not below.
    Ceil,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Tangent.
    Tan,
    /// Arc sine.
    Asin,
    /// Arc cosine.
    Acos,
    /// Arc tangent.
    Atan,
    /// Hyperbolic sine.
    Sinh,
    /// Hyperbolic cosine.
    Cosh,
    /// Hyperbolic tangent.
    Tanh,
    /// Smaller of two.
    Min,
    /// Larger of two.
    Max,
    /// Arc tangent of a quotient.
    Atan2,
    /// Remainder.
    Remainder,
    /// x / (e^x - 1), 1 at 0.
    ExpRel,
}

/// What reaches outside of the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Native {
    /// An event to oneself: delay, flag.
    NetSend,
    /// An event to all targets at a time.
    NetEvent,
    /// Moves the event on its way to oneself to another time.
    NetMove,
    /// Uniform number of a stream (optionally lower and upper end).
    Uniform(u32),
    /// Exponential number of a stream (optionally mean).
    Exponential(u32),
    /// Normal number of a stream (optionally mean and deviation).
    Normal(u32),
    /// The 32 random bits behind a uniform number of a stream.
    Bits(u32),
    /// The stream begins anew.
    Restart(u32),
    /// The stream goes on after its first numbers: how many.
    Seek(u32),
    /// The stream becomes that of three numbers.
    Name(u32),
    /// Number of elements of a vector given from outside.
    VectorSize(u32),
    /// Element of a vector given from outside.
    VectorElement(u32),
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Stmt {
    /// Sets a variable.
    Assign(Place, Expr),
    /// For its effects.
    Evaluate(Expr),
    /// Condition, then, else.
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    /// As long as.
    While(Expr, Vec<Stmt>),
    /// Counter, first, last, step.
    Count(Place, Expr, Expr, Expr, Vec<Stmt>),
    /// `x' = f` where `f` is linear in `x`: exact over the step.
    Relax(Place, Linear),
    /// `x' = f`: state number and f.
    Slope(Place, Expr),
    /// A reaction: sides as (count, place), rates.
    Reaction(Vec<(f64, Place)>, Vec<(f64, Place)>, Expr, Expr),
    /// Inflow into a state.
    Influx(Place, Expr),
    /// A linear equation: left minus right is 0.
    Equation(Expr),
    /// A weighted sum of states is constant.
    Conserve(Vec<(f64, Place)>, Expr),
    /// Size of the compartment of states: counter, size, first slots and numbers of elements.
    Compartment(Option<Place>, Expr, Vec<(Slot, u32)>),
    /// Diffusion coefficient times cross-section of states: counter, coefficient, first slots and numbers of elements.
    Diffuse(Option<Place>, Expr, Vec<(Slot, u32)>),
    /// Solves a system.
    Solve(usize, Method),
    /// Sets a watch.
    Watch(usize, Expr),
    /// Leaves the routine.
    Return,
}

/// How a system is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Runs its statements, which hold all there is to do.
    Run,
    /// Explicit Euler.
    Euler,
    /// Implicit Euler, by Newton's method.
    Implicit,
    /// Implicit Euler with a step so long that nothing changes any more.
    Steady,
    /// Linear equations.
    Equations,
}

/// A routine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Routine {
    /// Its name.
    pub name: String,
    /// Number of arguments.
    pub arguments: u32,
    /// Size of its frame.
    pub frame: u32,
    /// What it does.
    pub body: Vec<Stmt>,
}

/// Slots of `f_flux` and `b_flux`, the fluxes of the reaction before, in the frame of every [`System`].
pub const FLUXES: [u32; 2] = [1, 2];

/// A DERIVATIVE, KINETIC or LINEAR block.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Its form.
    pub form: Form,
    /// Slots of the states that it solves for.
    pub states: Vec<u32>,
    /// Whether the rate of each reaction is proportional to one state at most.
    pub is_linear: bool,
    /// Statements.
    pub routine: Routine,
}

/// What a variable is.
#[derive(Debug, Clone, PartialEq)]
pub enum Role {
    /// Set from outside, one value an instance.
    Parameter,
    /// Set from outside, one value for all.
    Global,
    /// Integrated.
    State,
    /// Computed.
    Assigned,
    /// Given by the surroundings.
    Surrounding(Surrounding),
    /// Belongs to an ion.
    Ion(usize, IonPart),
}

/// What the surroundings give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surrounding {
    /// Voltage, in mV.
    Voltage,
    /// Time, in ms.
    Time,
    /// Step, in ms.
    Step,
    /// Temperature, in degrees Celsius.
    Celsius,
    /// Diameter, in um.
    Diameter,
    /// Area, in um2.
    Area,
}

/// Parts of an ion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IonPart {
    /// Concentration inside, in mM.
    Inside,
    /// Concentration outside, in mM.
    Outside,
    /// Reversal potential, in mV.
    Reversal,
    /// Current, in mA/cm2 or nA.
    Current,
}

/// A variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Unit, as written.
    pub unit: String,
    /// What it is.
    pub role: Role,
    /// Whether it is a STATE (also of an ion).
    pub is_state: bool,
    /// Whether others may see it: RANGE or a state.
    pub is_visible: bool,
    /// Whether NEURON has one for all instances although blocks assign to it: LOCAL outside of blocks, or GLOBAL.
    pub is_shared: bool,
    /// First slot.
    pub slot: u32,
    /// Number of elements.
    pub size: u32,
    /// Value before it is set.
    pub default: f64,
    /// Slot of the variable that holds its initial value.
    pub initial: Option<u32>,
}

/// An ion that the mechanism uses.
#[derive(Debug, Clone, PartialEq)]
pub struct Ion {
    /// Its name.
    pub name: String,
    /// Charge, where the file says it.
    pub valence: Option<f64>,
    /// What it reads: part and slot.
    pub reads: Vec<(IonPart, u32)>,
    /// What it writes: part and slot.
    pub writes: Vec<(IonPart, u32)>,
}

/// A current through the membrane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current {
    /// Its slot.
    pub slot: u32,
    /// The ion that carries it.
    pub ion: Option<usize>,
    /// Whether it is an electrode's, inward positive.
    pub electrode: bool,
}

/// What happens when an event arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct Receive {
    /// Names of the values of a connection; the first is its weight.
    pub arguments: Vec<String>,
    /// Slot of `flag` in both frames; the arguments stand at 1, 2, ...
    pub flag: u32,
    /// Makes the values of a connection, where the file says how.
    pub initial: Option<Routine>,
    /// Handles an event.
    pub event: Routine,
}

/// A mechanism.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Variables.
    pub variables: Vec<Variable>,
    /// Number of slots.
    pub slots: u32,
    /// Ions.
    pub ions: Vec<Ion>,
    /// Currents.
    pub currents: Vec<Current>,
    /// Functions and procedures.
    pub routines: Vec<Routine>,
    /// Systems.
    pub systems: Vec<System>,
    /// INITIAL
    pub initial: Routine,
    /// BEFORE BREAKPOINT, then BREAKPOINT without SOLVE if there are currents.
    pub breakpoint: Routine,
    /// SOLVE of BREAKPOINT; where there are no currents, the rest of it, too.
    pub advance: Routine,
    /// NET_RECEIVE
    pub receive: Option<Receive>,
    /// Conditions of WATCH: evaluated in the frame of an event.
    pub watches: Vec<Expr>,
    /// Names of random streams.
    pub streams: Vec<String>,
    /// Names of vectors given from outside.
    pub vectors: Vec<String>,
    /// What TABLE says of each routine.
    pub tables: Vec<Option<Table>>,
    /// Whether routines with a table are looked up in it, instead of being run.
    pub tabulates: bool,
    /// Names of pointers and their slots.
    pub pointers: Vec<(String, u32)>,
    /// States that diffuse along the cable: their slots, and the systems that say how.
    pub diffusing: Vec<(u32, usize)>,
}

impl Model {
    /// The variable that holds a slot.
    pub fn variable_of(&self, slot: u32) -> Option<&Variable> {
        self.variables.iter().find(|variable| (variable.slot..variable.slot + variable.size).contains(&slot))
    }

    /// The slot of something that the surroundings give.
    pub fn surrounding(&self, wanted: Surrounding) -> u32 {
        self.variables
            .iter()
            .find(|variable| variable.role == Role::Surrounding(wanted))
            .map_or(0, |variable| variable.slot)
    }

    /// The variable of a name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }
}
