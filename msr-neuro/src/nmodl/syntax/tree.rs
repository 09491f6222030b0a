//! The syntax tree: what stands in a mechanism file, before any name is looked up.

use crate::nmodl::diagnostics::Span;

/// A name and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// An expression and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What.
    pub kind: ExpressionKind,
    /// Where.
    pub span: Span,
}

/// Kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// A number; its unit is not kept.
    Number(f64),
    /// A variable.
    Name(String),
    /// An element of an array.
    Element(String, Box<Expression>),
    /// `-a` or `!a`.
    Unary(Unary, Box<Expression>),
    /// `a + b` and the like.
    Binary(Binary, Box<Expression>, Box<Expression>),
    /// A function.
    Call(String, Vec<Expression>),
    /// A string, as argument of `printf`.
    Text(String),
}

/// Operators with one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unary {
    /// `-`
    Minus,
    /// `!`
    Not,
}

/// Operators with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// What an assignment or reaction names.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The variable.
    pub name: Name,
    /// Element of an array.
    pub index: Option<Expression>,
    /// Number of primes.
    pub primes: u32,
}

/// One term of a side of a reaction: `2 ca`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reactant {
    /// How many.
    pub count: f64,
    /// Of what.
    pub target: Target,
}

/// A name declared with an optional array size.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// The name.
    pub name: Name,
    /// Number of elements, where it is an array.
    pub size: Option<Expression>,
}

/// A statement and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What.
    pub kind: StatementKind,
    /// Where.
    pub span: Span,
}

/// Statements in braces.
pub type Block = Vec<Statement>;

/// Kinds of statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `LOCAL a, b[3]`
    Local(Vec<Declared>),
    /// `a = b`, also `a' = b`.
    Assign(Target, Expression),
    /// A procedure or function whose value is not used.
    Call(Expression),
    /// `if (a) { } else { }`
    If(Expression, Block, Block),
    /// `while (a) { }`
    While(Expression, Block),
    /// `FROM i = a TO b BY c { }`
    From(Name, Expression, Expression, Option<Expression>, Block),
    /// `SOLVE block METHOD method`; whether STEADYSTATE.
    Solve(Name, Option<Name>, bool),
    /// `~ a + b <-> c (forward, backward)`
    Reaction(Vec<Reactant>, Vec<Reactant>, Expression, Expression),
    /// `~ a << (rate)`
    Influx(Reactant, Expression),
    /// `~ a -> (rate)`
    Decay(Vec<Reactant>, Expression),
    /// `~ a = b`
    Equation(Expression, Expression),
    /// `CONSERVE a + b = c`
    Conserve(Vec<Reactant>, Expression),
    /// `COMPARTMENT i, size {a b}`
    Compartment(Option<Name>, Expression, Vec<Name>),
    /// `LONGITUDINAL_DIFFUSION i, coefficient {a b}`
    Diffusion(Option<Name>, Expression, Vec<Name>),
    /// `TABLE a, b DEPEND c FROM x TO y WITH n`: what is tabulated, what that depends on, first and last argument, number of
    /// intervals.
    Table([Vec<Name>; 2], Box<[Expression; 3]>),
    /// `WATCH (a > b) flag`
    Watch(Expression, Expression),
    /// `INITIAL { }` within NET_RECEIVE.
    Initial(Block),
    /// Return from the procedure, function or block.
    Return,
    /// A VERBATIM block that is not known.
    Verbatim,
    /// Statements in braces of their own.
    Group(Block),
}

/// A value declared in PARAMETER, ASSIGNED, STATE or CONSTANT.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// Name and size.
    pub declared: Declared,
    /// Value, where one is given.
    pub value: Option<f64>,
    /// Unit, as written.
    pub unit: String,
}

/// A USEION line.
#[derive(Debug, Clone, PartialEq)]
pub struct UseIon {
    /// The ion.
    pub ion: Name,
    /// What is read.
    pub read: Vec<Name>,
    /// What is written.
    pub write: Vec<Name>,
    /// VALENCE.
    pub valence: Option<f64>,
}

/// What kind of mechanism it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SUFFIX: in every segment that it is inserted in.
    Density,
    /// POINT_PROCESS: at a place.
    Point,
    /// ARTIFICIAL_CELL: nowhere.
    Artificial,
}

/// The NEURON block.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Interface {
    /// SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL.
    pub kind: Option<(Kind, Name)>,
    /// USEION lines.
    pub ions: Vec<UseIon>,
    /// NONSPECIFIC_CURRENT
    pub nonspecific: Vec<Name>,
    /// ELECTRODE_CURRENT
    pub electrode: Vec<Name>,
    /// RANGE
    pub range: Vec<Name>,
    /// GLOBAL
    pub global: Vec<Name>,
    /// POINTER
    pub pointer: Vec<Name>,
    /// BBCOREPOINTER
    pub opaque: Vec<Name>,
    /// RANDOM
    pub random: Vec<Name>,
}

/// FUNCTION or PROCEDURE.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Name.
    pub name: Name,
    /// Arguments.
    pub arguments: Vec<Name>,
    /// What it does.
    pub body: Block,
}

/// A block that describes states: DERIVATIVE, KINETIC or LINEAR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Differential equations.
    Derivative,
    /// Reactions.
    Kinetic,
    /// Linear equations.
    Linear,
}

/// A whole file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// NEURON
    pub interface: Interface,
    /// UNITS: constants taken from the table of units, with what they are and the unit asked for.
    pub unit_constants: Vec<(Name, String, String)>,
    /// UNITS: constants given as a number.
    pub unit_numbers: Vec<(Name, f64)>,
    /// DEFINE
    pub defines: Vec<(Name, f64)>,
    /// PARAMETER
    pub parameters: Vec<Declaration>,
    /// CONSTANT
    pub constants: Vec<Declaration>,
    /// ASSIGNED
    pub assigned: Vec<Declaration>,
    /// STATE
    pub states: Vec<Declaration>,
    /// LOCAL outside of any block.
    pub locals: Vec<Declared>,
    /// FUNCTION and PROCEDURE
    pub functions: Vec<Function>,
    /// DERIVATIVE, KINETIC, LINEAR
    pub systems: Vec<(Form, Name, Block)>,
    /// INITIAL
    pub initial: Option<(Block, Span)>,
    /// BREAKPOINT
    pub breakpoint: Option<(Block, Span)>,
    /// BEFORE BREAKPOINT
    pub before_breakpoint: Block,
    /// BEFORE STEP, AFTER SOLVE and the like: event and place.
    pub other_times: Vec<(String, Span)>,
    /// NET_RECEIVE: arguments and body.
    pub receive: Option<(Vec<Name>, Block, Span)>,
}
