//! A list of instructions over slots that computes chosen nodes of a graph, for several cells at once.
//!
//! Each slot holds one value for each of `L` lanes; a lane is a cell. What depends only on held inputs is computed by
//! [`Tape::run_held`], once for each change of these; [`Tape::run_values`] computes the values (the right-hand side),
//! [`Tape::run_slopes`] what is wanted in addition (the Jacobian), from what `run_values` left. Lanes never mix, and no
//! operation is contracted or reordered, so that a lane's bits do not depend on `L` or on its neighbours.

use std::ops::Range;

use super::graph::{Graph, NodeId};

mod compiler;

use compiler::Compiler;

/// One value for each lane.
pub type Lanes<const L: usize> = [f64; L];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    // Operands are slots.
    Add,
    Subtract,
    Multiply,
    Power,
    Min,
    Max,
    AtMost,
    Reciprocal,
    Sqrt,
    Exp,
    Ln,
    /// `a + b*c`.
    AddProduct,
    /// `a - b*c`.
    SubtractProduct,
    // The last operand is a constant.
    /// `a + constant`.
    AddConstant,
    /// `constant - a`.
    SubtractFrom,
    /// `constant * a`.
    Scale,
    /// `a ^ constant`.
    PowerConstant,
    /// `a + constant*b`.
    AddScaled,
    /// The constant itself.
    Load,
}

/// An operation, the slot of its result, and its operands: slots, or last the position of a constant.
#[derive(Debug, Clone, Copy)]
struct Instruction {
    operation: Operation,
    target: u32,
    operands: [u32; 3],
}

/// A compiled set of expressions.
#[derive(Debug, Clone)]
pub struct Tape {
    instructions: Vec<Instruction>,
    constants: Vec<f64>,
    slots: usize,
    held: Range<usize>,
    values: Range<usize>,
    slopes: Range<usize>,
    value_slots: Vec<u32>,
    slope_slots: Vec<u32>,
}

impl Tape {
    /// Compiles `values` and `slopes`. Slot `i` is that of input `inputs[i]`; the first `varying` of these are states
    /// that change within a window, the others are held.
    pub fn compile(graph: &Graph, inputs: &[usize], varying: usize, values: &[NodeId], slopes: &[NodeId]) -> Self {
        Compiler::new(graph, inputs, varying).compile(values, slopes)
    }

    /// Number of slots that a run needs.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Number of instructions: of held quantities, of values, of slopes.
    pub fn lengths(&self) -> [usize; 3] {
        [self.held.len(), self.values.len(), self.slopes.len()]
    }

    /// Slot of each value.
    pub fn value_slots(&self) -> &[u32] {
        &self.value_slots
    }

    /// Slot of each slope.
    pub fn slope_slots(&self) -> &[u32] {
        &self.slope_slots
    }

    /// Computes what depends on held inputs only.
    #[inline(always)]
    pub fn run_held<const L: usize>(&self, slots: &mut [Lanes<L>]) {
        self.run(self.held.clone(), slots);
    }

    /// Computes the values from the inputs, after `run_held`.
    #[inline(always)]
    pub fn run_values<const L: usize>(&self, slots: &mut [Lanes<L>]) {
        self.run(self.values.clone(), slots);
    }

    /// Computes the slopes, after `run_values` at the same inputs.
    #[inline(always)]
    pub fn run_slopes<const L: usize>(&self, slots: &mut [Lanes<L>]) {
        self.run(self.slopes.clone(), slots);
    }

    #[inline(always)]
    fn run<const L: usize>(&self, range: Range<usize>, slots: &mut [Lanes<L>]) {
        assert_eq!(slots.len(), self.slots, "the workspace belongs to another tape");
        for &Instruction { operation, target, operands: [a, b, c] } in &self.instructions[range] {
            let slot = |index: u32| &slots[index as usize];
            let constant = |index: u32| self.constants[index as usize];
            slots[target as usize] = match operation {
                Operation::Add => both(slot(a), slot(b), |a, b| a + b),
                Operation::Subtract => both(slot(a), slot(b), |a, b| a - b),
                Operation::Multiply => both(slot(a), slot(b), |a, b| a * b),
                Operation::Power => both(slot(a), slot(b), f64::powf),
                Operation::Min => both(slot(a), slot(b), f64::min),
                Operation::Max => both(slot(a), slot(b), f64::max),
                Operation::AtMost => both(slot(a), slot(b), |a, b| if a <= b { 1.0 } else { 0.0 }),
                Operation::Reciprocal => each(slot(a), |a| 1.0 / a),
                Operation::Sqrt => each(slot(a), f64::sqrt),
                Operation::Exp => each(slot(a), f64::exp),
                Operation::Ln => each(slot(a), f64::ln),
                Operation::AddProduct => three(slot(a), slot(b), slot(c), |a, b, c| a + b * c),
                Operation::SubtractProduct => three(slot(a), slot(b), slot(c), |a, b, c| a - b * c),
                Operation::AddConstant => {
                    let constant = constant(b);
                    each(slot(a), |a| a + constant)
                }
                Operation::SubtractFrom => {
                    let constant = constant(b);
                    each(slot(a), |a| constant - a)
                }
                Operation::Scale => {
                    let constant = constant(b);
                    each(slot(a), |a| constant * a)
                }
                Operation::PowerConstant => {
                    let constant = constant(b);
                    each(slot(a), |a| a.powf(constant))
                }
                Operation::AddScaled => {
                    let constant = constant(c);
                    both(slot(a), slot(b), |a, b| a + constant * b)
                }
                Operation::Load => [constant(a); L],
            };
        }
    }
}

#[inline(always)]
fn each<const L: usize>(a: &Lanes<L>, f: impl Fn(f64) -> f64) -> Lanes<L> {
    std::array::from_fn(|lane| f(a[lane]))
}

#[inline(always)]
fn both<const L: usize>(a: &Lanes<L>, b: &Lanes<L>, f: impl Fn(f64, f64) -> f64) -> Lanes<L> {
    std::array::from_fn(|lane| f(a[lane], b[lane]))
}

#[inline(always)]
fn three<const L: usize>(
    a: &Lanes<L>,
    b: &Lanes<L>,
    c: &Lanes<L>,
    f: impl Fn(f64, f64, f64) -> f64,
) -> Lanes<L> {
    std::array::from_fn(|lane| f(a[lane], b[lane], c[lane]))
}
