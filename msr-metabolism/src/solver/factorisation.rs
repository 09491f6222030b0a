//! LU factorisation of matrices of one sparsity pattern, for several cells at once.
//!
//! The pattern is worked out once: pivots stay on the diagonal, in the order of least fill (H. M. Markowitz, The
//! elimination form of the inverse and its application to linear programming, Management Science 3, 1957). There is no
//! pivoting by value, so every pivot is checked.

use crate::expression::tape::Lanes;

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

/// Where each entry of the matrix goes and which operations factorise it.
#[derive(Debug, Clone)]
pub struct FactorisationPlan {
    size: usize,
    /// Entries of the matrix given, (row, column).
    entries: Vec<(usize, usize)>,
    /// For each entry of the factors, the entry of the matrix that it starts from.
    origin: Vec<Option<u32>>,
    /// Column of each entry of the factors, row by row, ascending.
    columns: Vec<u32>,
    /// Start of each row; one more than rows.
    rows: Vec<u32>,
    /// Position of the diagonal entry of each row.
    diagonal: Vec<u32>,
    /// For each entry below the diagonal, in order, and for each entry right of the diagonal in the row of its column:
    /// the entry that their product is taken from.
    targets: Vec<u32>,
}

impl FactorisationPlan {
    /// The plan for matrices with these entries (row, column), in this order of elimination.
    pub fn new(size: usize, entries: &[(usize, usize)]) -> Self {
        const ABSENT: u32 = u32::MAX;
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
        let (mut columns, mut rows, mut diagonal) = (Vec::new(), vec![0], Vec::new());
        let mut position = vec![vec![ABSENT; size]; size];
        for (row, present) in pattern.iter().enumerate() {
            for (column, _) in present.iter().enumerate().filter(|&(_, &present)| present) {
                position[row][column] = columns.len() as u32;
                if row == column {
                    diagonal.push(columns.len() as u32);
                }
                columns.push(column as u32);
            }
            rows.push(columns.len() as u32);
        }
        let mut origin = vec![None; columns.len()];
        for (entry, &(row, column)) in entries.iter().enumerate() {
            origin[position[row][column] as usize] = Some(entry as u32);
        }
        let mut targets = Vec::new();
        for row in 0..size {
            for lower in (0..row).filter(|&lower| pattern[row][lower]) {
                targets
                    .extend((lower + 1..size).filter(|&upper| pattern[lower][upper]).map(|upper| position[row][upper]));
            }
        }
        Self { size, entries: entries.to_vec(), origin, columns, rows, diagonal, targets }
    }

    /// Number of rows.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Entries of the matrix, (row, column), in the order in which their values are given.
    pub fn entries(&self) -> &[(usize, usize)] {
        &self.entries
    }

    /// Number of entries of the factors.
    pub fn factor_entries(&self) -> usize {
        self.columns.len()
    }

    /// Factorises `shift*I - J`, where `J` has the values `slots[slope_slots[entry]]`. `factors` gets the factors,
    /// with inverted pivots. A lane whose pivots are not all finite and nonzero gets `false` in `sound`.
    #[inline(always)]
    pub fn factorise<const L: usize>(
        &self,
        shift: &Lanes<L>,
        slots: &[Lanes<L>],
        slope_slots: &[u32],
        factors: &mut [Lanes<L>],
        sound: &mut [bool; L],
    ) {
        for (factor, origin) in factors.iter_mut().zip(&self.origin) {
            *factor = match origin {
                Some(entry) => slots[slope_slots[*entry as usize] as usize].map(|value| -value),
                None => [0.0; L],
            };
        }
        for &diagonal in &self.diagonal {
            let entry = &mut factors[diagonal as usize];
            *entry = std::array::from_fn(|lane| entry[lane] + shift[lane]);
        }
        *sound = [true; L];
        let mut targets = self.targets.iter();
        for row in 0..self.size {
            let diagonal = self.diagonal[row] as usize;
            for entry in self.rows[row] as usize..diagonal {
                let lower = self.columns[entry] as usize;
                let pivot_inverse = factors[self.diagonal[lower] as usize];
                let multiplier: Lanes<L> = std::array::from_fn(|lane| factors[entry][lane] * pivot_inverse[lane]);
                factors[entry] = multiplier;
                let upper = self.diagonal[lower] as usize + 1..self.rows[lower + 1] as usize;
                for (upper, &target) in upper.zip(&mut targets) {
                    let above = factors[upper];
                    let changed = &mut factors[target as usize];
                    *changed = std::array::from_fn(|lane| changed[lane] - multiplier[lane] * above[lane]);
                }
            }
            let inverse = factors[diagonal].map(|pivot| 1.0 / pivot);
            factors[diagonal] = inverse;
            for lane in 0..L {
                sound[lane] &= inverse[lane].is_finite() && inverse[lane] != 0.0;
            }
        }
    }

    /// Solves for one right-hand side in place, with the factors of [`FactorisationPlan::factorise`].
    #[inline(always)]
    pub fn solve<const L: usize>(&self, factors: &[Lanes<L>], x: &mut [Lanes<L>]) {
        let reduce = |value: &mut Lanes<L>, entries: std::ops::Range<usize>, x: &[Lanes<L>]| {
            for entry in entries {
                let (factor, known) = (&factors[entry], &x[self.columns[entry] as usize]);
                *value = std::array::from_fn(|lane| value[lane] - factor[lane] * known[lane]);
            }
        };
        for row in 0..self.size {
            let mut value = x[row];
            reduce(&mut value, self.rows[row] as usize..self.diagonal[row] as usize, x);
            x[row] = value;
        }
        for row in (0..self.size).rev() {
            let diagonal = self.diagonal[row] as usize;
            let mut value = x[row];
            reduce(&mut value, diagonal + 1..self.rows[row + 1] as usize, x);
            let inverse = &factors[diagonal];
            x[row] = std::array::from_fn(|lane| value[lane] * inverse[lane]);
        }
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
        assert_eq!(FactorisationPlan::new(size, &permuted).factor_entries(), arrow.len());
        assert_eq!(FactorisationPlan::new(size, &arrow).factor_entries(), size * size);
    }

    #[test]
    fn solves_each_lane_with_its_own_matrix() {
        // J has fill at (2, 1); the lanes differ by the shift.
        let entries = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 2)];
        let slopes = [-2.0, 1.0, 0.5, -3.0, 4.0, -1.0];
        let plan = FactorisationPlan::new(3, &entries);
        let slots: Vec<[f64; 2]> = slopes.iter().map(|&slope| [slope, slope]).collect();
        let shift = [1.0, 10.0];
        let mut factors = vec![[0.0; 2]; plan.factor_entries()];
        let mut sound = [false; 2];
        plan.factorise(&shift, &slots, &[0, 1, 2, 3, 4, 5], &mut factors, &mut sound);
        assert_eq!(sound, [true, true]);
        let solution = [[1.0, 2.0], [-1.0, 0.5], [3.0, -4.0]];
        let mut x: Vec<[f64; 2]> =
            (0..3).map(|row| std::array::from_fn(|lane| shift[lane] * solution[row][lane])).collect();
        for (&(row, column), slope) in entries.iter().zip(slopes) {
            for lane in 0..2 {
                x[row][lane] -= slope * solution[column][lane];
            }
        }
        plan.solve(&factors, &mut x);
        for (found, expected) in x.iter().flatten().zip(solution.iter().flatten()) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
    }

    #[test]
    fn a_zero_pivot_is_seen_in_its_lane_only() {
        let plan = FactorisationPlan::new(1, &[(0, 0)]);
        let mut sound = [true; 2];
        plan.factorise(&[1.0, 2.0], &[[1.0, 1.0]], &[0], &mut [[0.0; 2]], &mut sound);
        assert_eq!(sound, [false, true]);
    }
}
