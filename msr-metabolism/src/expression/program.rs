//! Instructions over a workspace of slots, run for several cells at once.
//!
//! The only unsafe code of this crate: slots are read and written without a check of bounds, which would cost as much as
//! the arithmetic. [`Program::push`] checks every position when a program is built, [`Program::run`] the length of the
//! workspace once for all instructions.
#![allow(unsafe_code)]

use std::ops::Range;

use super::elementary;
use super::lanes::Lanes;

/// What an instruction does. `a`, `b`, `c` are its slots, in this order; constants come after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Add,
    Subtract,
    Multiply,
    Power,
    Min,
    Max,
    AtMost,
    Copy,
    Negate,
    Reciprocal,
    Sqrt,
    Exp,
    Ln,
    /// `a + b*c`.
    AddProduct,
    /// `a - b*c`.
    SubtractProduct,
    /// `a + b*c + d*e`.
    AddTwoProducts,
    /// `a - b*c - d*e`.
    SubtractTwoProducts,
    /// `-a*b`.
    NegatedProduct,
    /// `a + constant`.
    AddConstant,
    /// `constant - a`.
    SubtractFrom,
    /// `constant*a`.
    Scale,
    /// `constant*(a*b)`.
    ScaleProduct,
    /// `a ^ constant`.
    PowerConstant,
    /// `a + constant*b`.
    AddScaled,
    /// `a + constant*b + other*c`.
    AddTwoScaled,
    /// `constant + other*a`.
    Affine,
    /// `constant + a*b`.
    AddProductTo,
    /// `constant - a*b`.
    SubtractProductFrom,
    /// The constant itself.
    Load,
}

/// Instructions with the same operation, one after the other: what is to be done is looked up once for all of them.
#[derive(Debug, Clone)]
struct Run {
    operation: Operation,
    /// Part of the code.
    code: Range<usize>,
}

/// Places in a workspace are counted in lanes for this number of lanes, so that for 8 lanes, the usual number, a place is
/// an address without further arithmetic.
const PLACE_LANES: usize = 8;

/// A list of instructions. Lanes never mix, and no operation is contracted or reordered, so that a lane's bits depend
/// neither on `L`, nor on its neighbours, nor on the processor.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// Least length of the workspace; every place in `code` is that of a slot below.
    slots: usize,
    runs: Vec<Run>,
    /// For each instruction the place of its target, those of its slots, the positions of its constants.
    code: Vec<u32>,
    /// Every position of a constant in `code` is below its length.
    constants: Vec<f64>,
    length: usize,
}

impl Operation {
    /// Number of slots and of constants among the operands.
    fn operands(self) -> (usize, usize) {
        match self {
            Self::Add | Self::Subtract | Self::Multiply | Self::Power | Self::Min | Self::Max | Self::AtMost => (2, 0),
            Self::NegatedProduct => (2, 0),
            Self::Copy | Self::Negate | Self::Reciprocal | Self::Sqrt | Self::Exp | Self::Ln => (1, 0),
            Self::AddProduct | Self::SubtractProduct => (3, 0),
            Self::AddTwoProducts | Self::SubtractTwoProducts => (5, 0),
            Self::AddConstant | Self::SubtractFrom | Self::Scale | Self::PowerConstant => (1, 1),
            Self::ScaleProduct | Self::AddScaled | Self::AddProductTo | Self::SubtractProductFrom => (2, 1),
            Self::AddTwoScaled => (3, 2),
            Self::Affine => (1, 2),
            Self::Load => (0, 1),
        }
    }
}

impl Program {
    /// An empty program for a workspace of this length.
    pub(crate) fn new(slots: usize) -> Self {
        assert!(u32::try_from(slots * PLACE_LANES).is_ok(), "fewer than 2^29 slots");
        Self { slots, runs: Vec::new(), code: Vec::new(), constants: Vec::new(), length: 0 }
    }

    /// Appends an instruction.
    pub(crate) fn push(&mut self, operation: Operation, target: u32, slots: &[u32], constants: &[f64]) {
        assert_eq!((slots.len(), constants.len()), operation.operands(), "{operation:?}");
        let first = u32::try_from(self.constants.len()).expect("fewer than 2^32 constants");
        self.constants.extend(constants);
        let start = self.code.len();
        for &slot in [target].iter().chain(slots) {
            assert!((slot as usize) < self.slots, "slot {slot} outside of {}", self.slots);
            self.code.push(slot * PLACE_LANES as u32);
        }
        self.code.extend((first..).take(constants.len()));
        self.length += 1;
        match self.runs.last_mut() {
            Some(run) if run.operation == operation => run.code.end = self.code.len(),
            _ => self.runs.push(Run { operation, code: start..self.code.len() }),
        }
    }

    /// Number of instructions.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Runs all instructions on a workspace.
    #[inline(always)]
    pub(crate) fn run<const L: usize>(&self, workspace: &mut [Lanes<L>]) {
        assert!(workspace.len() >= self.slots, "the workspace belongs to another program");
        for run in &self.runs {
            let operation = run.operation;
            let mut step =
                Step { operation, code: &self.code[run.code.clone()], constants: &self.constants, workspace };
            match operation {
                Operation::Add => step.each(|[a, b], []| a + b),
                Operation::Subtract => step.each(|[a, b], []| a - b),
                Operation::Multiply => step.each(|[a, b], []| a * b),
                Operation::Power => step.each(|[a, b], []| a.powf(b)),
                Operation::Min => step.each(|[a, b], []| a.min(b)),
                Operation::Max => step.each(|[a, b], []| a.max(b)),
                Operation::AtMost => step.each(|[a, b], []| if a <= b { 1.0 } else { 0.0 }),
                Operation::Copy => step.each(|[a], []| a),
                Operation::Negate => step.each(|[a], []| -a),
                Operation::Reciprocal => step.each(|[a], []| 1.0 / a),
                Operation::Sqrt => step.each(|[a], []| a.sqrt()),
                Operation::Exp => step.each(|[a], []| elementary::exp(a)),
                Operation::Ln => step.each(|[a], []| elementary::ln(a)),
                Operation::AddProduct => step.each(|[a, b, c], []| a + b * c),
                Operation::SubtractProduct => step.each(|[a, b, c], []| a - b * c),
                Operation::AddTwoProducts => step.each(|[a, b, c, d, e], []| a + b * c + d * e),
                Operation::SubtractTwoProducts => step.each(|[a, b, c, d, e], []| a - b * c - d * e),
                Operation::NegatedProduct => step.each(|[a, b], []| -(a * b)),
                Operation::AddConstant => step.each(|[a], [constant]| a + constant),
                Operation::SubtractFrom => step.each(|[a], [constant]| constant - a),
                Operation::Scale => step.each(|[a], [constant]| constant * a),
                Operation::ScaleProduct => step.each(|[a, b], [constant]| constant * (a * b)),
                Operation::PowerConstant => step.each(|[a], [constant]| a.powf(constant)),
                Operation::AddScaled => step.each(|[a, b], [constant]| a + constant * b),
                Operation::AddTwoScaled => step.each(|[a, b, c], [constant, other]| a + constant * b + other * c),
                Operation::Affine => step.each(|[a], [constant, other]| constant + other * a),
                Operation::AddProductTo => step.each(|[a, b], [constant]| constant + a * b),
                Operation::SubtractProductFrom => step.each(|[a, b], [constant]| constant - a * b),
                Operation::Load => step.each(|[], [constant]| constant),
            }
        }
    }
}

/// One run on a workspace; made by [`Program::run`] only.
struct Step<'a, const L: usize> {
    operation: Operation,
    code: &'a [u32],
    constants: &'a [f64],
    workspace: &'a mut [Lanes<L>],
}

impl<const L: usize> Step<'_, L> {
    /// For each instruction and lane: `f` of `S` slots and `C` constants.
    #[inline(always)]
    fn each<const S: usize, const C: usize>(&mut self, f: impl Fn([f64; S], [f64; C]) -> f64) {
        assert_eq!((S, C), self.operation.operands(), "{:?}", self.operation);
        let lanes = self.workspace.as_mut_ptr().cast::<f64>();
        for instruction in self.code.chunks_exact(1 + S + C) {
            // SAFETY: the assertion above says that an instruction has the form in which `Program::push` wrote it. `push`
            // has checked every position of a constant against the table, which only grows, and every place against
            // `slots`; `Program::run` that the workspace has that many. What is read from it is copied before anything is
            // written.
            unsafe {
                let slot = |i: usize| {
                    let place = u64::from(*instruction.get_unchecked(i)) * L as u64 / PLACE_LANES as u64;
                    lanes.add(place as usize).cast::<Lanes<L>>()
                };
                let constants: [f64; C] = std::array::from_fn(|i| {
                    *self.constants.get_unchecked(*instruction.get_unchecked(1 + S + i) as usize)
                });
                let slots: [*mut Lanes<L>; S] = std::array::from_fn(|i| slot(1 + i));
                let mut result = [0.0; L];
                for (lane, result) in result.iter_mut().enumerate() {
                    *result = f(slots.map(|slot| (*slot)[lane]), constants);
                }
                *slot(0) = result;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_may_overwrite_its_operands() {
        let mut program = Program::new(3);
        program.push(Operation::AddTwoScaled, 1, &[0, 1, 1], &[2.0, -0.5]);
        program.push(Operation::SubtractTwoProducts, 2, &[1, 0, 1, 2, 2], &[]);
        assert_eq!(program.len(), 2);
        fn check<const L: usize>(program: &Program) {
            let mut workspace = [[3.0; L], [4.0; L], [0.5; L]];
            program.run(&mut workspace);
            assert_eq!(workspace, [[3.0; L], [9.0; L], [9.0 - 27.0 - 0.25; L]]);
        }
        check::<1>(&program);
        check::<4>(&program);
        check::<8>(&program);
        check::<16>(&program);
    }

    #[test]
    #[should_panic = "slot 2 outside of 2"]
    fn a_slot_outside_is_refused() {
        Program::new(2).push(Operation::Add, 0, &[1, 2], &[]);
    }

    #[test]
    #[should_panic = "another program"]
    fn a_workspace_that_is_too_small_is_refused() {
        Program::new(2).run(&mut [[0.0; 4]]);
    }
}
