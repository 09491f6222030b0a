//! LU factorisation of matrices of one sparsity pattern, for several cells at once.
//!
//! The pattern is worked out once: pivots stay on the diagonal, in the order of least fill (H. M. Markowitz, The
//! elimination form of the inverse and its application to linear programming, Management Science 3, 1957). There is no
//! pivoting by value, so every pivot is checked.

use std::ops::Range;

use crate::expression::Lanes;
use crate::expression::program::{Operation, Program};
use crate::expression::schedule::{Action, join_sums, schedule};

/// Order in which to eliminate: at each step the diagonal entry with the least product of the other entries of its row
/// and of its column, the first of equals. `entries` are (row, column) pairs; the diagonal counts as present.
pub fn elimination_order(size: usize, entries: &[(usize, usize)]) -> Vec<usize> {
    let mut filled = vec![vec![false; size]; size];
    for &(row, column) in entries {
        filled[row][column] = true;
    }
    let mut left: Vec<usize> = (0..size).collect();
    let mut order = Vec::with_capacity(size);
    while !left.is_empty() {
        let cost = |&pivot: &usize| {
            let row = left.iter().filter(|&&other| other != pivot && filled[pivot][other]).count();
            let column = left.iter().filter(|&&other| other != pivot && filled[other][pivot]).count();
            row * column
        };
        let (place, _) = left.iter().map(cost).enumerate().min_by_key(|&(_, cost)| cost).expect("at least one is left");
        let pivot = left.remove(place);
        let columns: Vec<usize> = left.iter().copied().filter(|&column| filled[pivot][column]).collect();
        for &row in &left {
            if filled[row][pivot] {
                for &column in &columns {
                    filled[row][column] = true;
                }
            }
        }
        order.push(pivot);
    }
    order
}

/// Programs that factorise `J - shift*I` and solve with the factors, in a region of a workspace.
///
/// The region holds the shift, then the entries of the matrix, which become those of the factors (with inverted pivots),
/// then the right-hand side, which becomes the solution.
#[derive(Debug, Clone)]
pub struct FactorisationPlan {
    /// Entries of the matrix given, (row, column).
    entries: Vec<(usize, usize)>,
    /// Slot of each of them.
    entry_slots: Vec<u32>,
    shift: usize,
    /// Slot of the diagonal entry of each row.
    diagonal: Vec<u32>,
    unknowns: Range<usize>,
    factorise: Program,
    /// Substitution with the lower factor, then with the upper one. Two programs, because a row's value after the first
    /// is read by other rows and then replaced in its slot by the second.
    forward: Program,
    backward: Program,
}

impl FactorisationPlan {
    /// The plan for matrices with these entries (row, column), eliminated row by row, in the slots from `first_slot` on.
    pub fn new(size: usize, entries: &[(usize, usize)], first_slot: usize) -> Self {
        let pattern = filled_pattern(size, entries);
        let shift = first_slot;
        let mut end = first_slot + 1;
        let mut place = vec![vec![usize::MAX; size]; size];
        for (row, present) in pattern.iter().enumerate() {
            for (column, _) in present.iter().enumerate().filter(|&(_, &present)| present) {
                place[row][column] = end;
                end += 1;
            }
        }
        let unknowns = end..end + size;
        let given = || entries.iter().map(|&(row, column)| place[row][column]);

        let mut elimination = InPlace::new(unknowns.end, given().chain([shift]));
        for (row, entry) in place.iter().enumerate() {
            elimination.subtract(entry[row], shift);
            for lower in (0..row).filter(|&lower| pattern[row][lower]) {
                elimination.multiply(entry[lower], place[lower][lower]);
                for upper in (lower + 1..size).filter(|&upper| pattern[lower][upper]) {
                    elimination.subtract_product(entry[upper], entry[lower], place[lower][upper]);
                }
            }
            elimination.invert(entry[row]);
        }

        let mut forward = InPlace::new(unknowns.end, 0..unknowns.end);
        let unknown = |row: usize| unknowns.start + row;
        for row in 0..size {
            for lower in (0..row).filter(|&lower| pattern[row][lower]) {
                forward.subtract_product(unknown(row), place[row][lower], unknown(lower));
            }
        }
        let mut backward = InPlace::new(unknowns.end, 0..unknowns.end);
        for row in (0..size).rev() {
            for upper in (row + 1..size).filter(|&upper| pattern[row][upper]) {
                backward.subtract_product(unknown(row), place[row][upper], unknown(upper));
            }
            backward.multiply(unknown(row), place[row][row]);
        }

        let slot = |place: usize| u32::try_from(place).expect("fewer than 2^32 slots");
        Self {
            entries: entries.to_vec(),
            entry_slots: given().map(slot).collect(),
            shift,
            diagonal: (0..size).map(|row| slot(place[row][row])).collect(),
            unknowns,
            factorise: elimination.program(),
            forward: forward.program(),
            backward: backward.program(),
        }
    }

    /// Number of rows.
    pub fn size(&self) -> usize {
        self.diagonal.len()
    }

    /// Entries of the matrix, (row, column), in the order in which they were given.
    pub fn entries(&self) -> &[(usize, usize)] {
        &self.entries
    }

    /// Slot of each entry.
    pub fn entry_slots(&self) -> &[u32] {
        &self.entry_slots
    }

    /// Number of entries of the factors.
    pub fn factor_entries(&self) -> usize {
        self.unknowns.start - self.shift - 1
    }

    /// Slots of the plan.
    pub fn slots(&self) -> Range<usize> {
        self.shift..self.unknowns.end
    }

    /// Slot of the shift.
    pub fn shift(&self) -> usize {
        self.shift
    }

    /// Slots of the right-hand side and of the solution.
    pub fn unknowns(&self) -> Range<usize> {
        self.unknowns.clone()
    }

    /// Factorises `J - shift*I` in place. A lane whose pivots are not all finite and nonzero gets `false`.
    #[inline(always)]
    pub fn factorise<const L: usize>(&self, workspace: &mut [Lanes<L>]) -> [bool; L] {
        self.factorise.run(workspace);
        let mut sound = [true; L];
        for &diagonal in &self.diagonal {
            let inverse = &workspace[diagonal as usize];
            for lane in 0..L {
                sound[lane] &= inverse[lane].is_finite() & (inverse[lane] != 0.0);
            }
        }
        sound
    }

    /// Solves for the right-hand side in place, after [`FactorisationPlan::factorise`].
    #[inline(always)]
    pub fn solve<const L: usize>(&self, workspace: &mut [Lanes<L>]) {
        self.forward.run(workspace);
        self.backward.run(workspace);
    }
}

/// The pattern of both factors.
fn filled_pattern(size: usize, entries: &[(usize, usize)]) -> Vec<Vec<bool>> {
    let mut pattern = vec![vec![false; size]; size];
    for &(row, column) in entries {
        pattern[row][column] = true;
    }
    for pivot in 0..size {
        pattern[pivot][pivot] = true;
        let upper: Vec<usize> = (pivot + 1..size).filter(|&column| pattern[pivot][column]).collect();
        for row in pattern.iter_mut().skip(pivot + 1).filter(|row| row[pivot]) {
            for &column in &upper {
                row[column] = true;
            }
        }
    }
    pattern
}

/// Operations that change slots one after the other, as actions on the values that the slots take.
struct InPlace {
    actions: Vec<Action>,
    /// Present value of each slot.
    value: Vec<usize>,
    /// Slot of each value.
    slot: Vec<usize>,
    /// Whether each slot has a value other than zero.
    present: Vec<bool>,
}

impl InPlace {
    fn new(slots: usize, present: impl IntoIterator<Item = usize>) -> Self {
        let mut this = Self {
            actions: Vec::new(),
            value: (0..slots).collect(),
            slot: (0..slots).collect(),
            present: vec![false; slots],
        };
        present.into_iter().for_each(|slot| this.present[slot] = true);
        this
    }

    fn act(&mut self, operation: Operation, target: usize, operands: &[usize]) {
        let operands = operands.iter().map(|&slot| self.value[slot]).collect();
        let result = self.slot.len();
        self.slot.push(target);
        self.value[target] = result;
        self.present[target] = true;
        self.actions.push(Action { operation, result, operands, constants: Vec::new() });
    }

    fn subtract(&mut self, target: usize, other: usize) {
        if self.present[target] {
            self.act(Operation::Subtract, target, &[target, other]);
        } else {
            self.act(Operation::Negate, target, &[other]);
        }
    }

    fn subtract_product(&mut self, target: usize, a: usize, b: usize) {
        if self.present[target] {
            self.act(Operation::SubtractProduct, target, &[target, a, b]);
        } else {
            self.act(Operation::NegatedProduct, target, &[a, b]);
        }
    }

    fn multiply(&mut self, target: usize, other: usize) {
        self.act(Operation::Multiply, target, &[target, other]);
    }

    fn invert(&mut self, target: usize) {
        self.act(Operation::Reciprocal, target, &[target]);
    }

    fn program(self) -> Program {
        let slot = |value: usize| self.slot[value] as u32;
        let mut program = Program::new(self.value.len());
        // What a slot holds in the end is wanted; what it holds before has one user, the action that replaces it.
        let is_wanted = |value: usize| self.value[self.slot[value]] == value;
        let mut held: Vec<usize> = (0..self.value.len()).collect();
        for action in schedule(join_sums(self.actions, is_wanted)) {
            for &operand in &action.operands {
                assert_eq!(held[self.slot[operand]], operand, "a value is replaced before its last use");
            }
            held[self.slot[action.result]] = action.result;
            let operands: Vec<u32> = action.operands.iter().map(|&operand| slot(operand)).collect();
            program.push(action.operation, slot(action.result), &operands, &[]);
        }
        program
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix with an arrow: the last row and column are full. Eliminating from the tip of the arrow fills nothing.
    #[test]
    fn an_arrow_fills_nothing_in_markowitz_order() {
        let size = 6;
        let arrow: Vec<(usize, usize)> = (1..size).flat_map(|i| [(0, i), (i, 0), (i, i)]).chain([(0, 0)]).collect();
        let order = elimination_order(size, &arrow);
        let mut place = vec![0; size];
        for (position, &pivot) in order.iter().enumerate() {
            place[pivot] = position;
        }
        let permuted: Vec<(usize, usize)> = arrow.iter().map(|&(row, column)| (place[row], place[column])).collect();
        assert_eq!(FactorisationPlan::new(size, &permuted, 0).factor_entries(), arrow.len());
        assert_eq!(FactorisationPlan::new(size, &arrow, 0).factor_entries(), size * size);
    }

    #[test]
    fn solves_each_lane_with_its_own_matrix() {
        // J has fill at (2, 1); the lanes differ by the shift.
        let entries = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 2)];
        let slopes = [-2.0, 1.0, 0.5, -3.0, 4.0, -1.0];
        // Slots before those of the plan belong to others.
        let plan = FactorisationPlan::new(3, &entries, 2);
        let shift = [1.0, 10.0];
        let mut workspace = vec![[f64::NAN; 2]; plan.slots().end];
        workspace[plan.shift()] = shift;
        for (&slot, slope) in plan.entry_slots().iter().zip(slopes) {
            workspace[slot as usize] = [slope; 2];
        }
        assert_eq!(plan.factorise(&mut workspace), [true, true]);
        let solution = [[1.0, 2.0], [-1.0, 0.5], [3.0, -4.0]];
        let mut x: Vec<[f64; 2]> =
            (0..3).map(|row| std::array::from_fn(|lane| -shift[lane] * solution[row][lane])).collect();
        for (&(row, column), slope) in entries.iter().zip(slopes) {
            for lane in 0..2 {
                x[row][lane] += slope * solution[column][lane];
            }
        }
        workspace[plan.unknowns()].copy_from_slice(&x);
        plan.solve(&mut workspace);
        for (found, expected) in workspace[plan.unknowns()].iter().flatten().zip(solution.iter().flatten()) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
        assert!(workspace[..2].iter().flatten().all(|value| value.is_nan()));
    }

    proptest::proptest! {
        /// Any pattern, in the order of least fill: the solution found satisfies the equations.
        #[test]
        fn solves_matrices_of_any_pattern(
            size in 1_usize..9,
            numbers in proptest::collection::vec((proptest::bool::weighted(0.3), -1.0..1.0_f64), 64),
            right in proptest::collection::vec(-1.0..1.0_f64, 8),
        ) {
            let slope = |row: usize, column: usize| numbers[8 * row + column];
            let cells = || (0..size).flat_map(|row| (0..size).map(move |column| (row, column)));
            let given: Vec<(usize, usize)> = cells().filter(|&(row, column)| slope(row, column).0).collect();
            let order = elimination_order(size, &given);
            let place = |index: usize| order.iter().position(|&pivot| pivot == index).unwrap();
            let entries: Vec<(usize, usize)> = given.iter().map(|&(row, column)| (place(row), place(column))).collect();
            let plan = FactorisationPlan::new(size, &entries, 0);
            // Larger than the sum of any row, so that no pivoting is needed.
            let shift = 10.0;
            let mut workspace = vec![[0.0]; plan.slots().end];
            workspace[plan.shift()] = [shift];
            for (&slot, &(row, column)) in plan.entry_slots().iter().zip(&given) {
                workspace[slot as usize] = [slope(row, column).1];
            }
            proptest::prop_assert_eq!(plan.factorise(&mut workspace), [true]);
            let unknowns = plan.unknowns();
            for (row, &value) in right[..size].iter().enumerate() {
                workspace[unknowns.start + place(row)] = [value];
            }
            plan.solve(&mut workspace);
            let found = |index: usize| workspace[unknowns.start + place(index)][0];
            for (row, right) in right[..size].iter().enumerate() {
                let product: f64 = given.iter().filter(|entry| entry.0 == row)
                    .map(|&(row, column)| slope(row, column).1 * found(column)).sum();
                let residual = product - shift * found(row) - right;
                proptest::prop_assert!(residual.abs() < 1e-14, "row {}: {}", row, residual);
            }
        }
    }

    #[test]
    fn a_zero_pivot_is_seen_in_its_lane_only() {
        let plan = FactorisationPlan::new(1, &[(0, 0)], 0);
        let mut workspace = vec![[0.0; 2]; plan.slots().end];
        workspace[plan.shift()] = [1.0, 2.0];
        workspace[plan.entry_slots()[0] as usize] = [1.0, 1.0];
        assert_eq!(plan.factorise(&mut workspace), [false, true]);
    }
}
