//! Numbers of the factor: every front is put together from conductances and from what its children send, and eliminated.

use super::dense::{self, update_column, update_length};
use super::fronts::{Front, Structure, Subtree};
use super::order::Lists;
use super::{Entry, FactorError};

/// Everything that fronts are made from.
#[derive(Clone, Copy)]
pub(super) struct Assembly<'a> {
    pub structure: &'a Structure,
    pub diagonal: &'a Lists<Entry>,
    pub couplings: &'a Lists<Entry>,
    pub conductances: &'a [f64],
}

impl Assembly<'_> {
    /// Writes the factor; `updates` is room for update matrices.
    ///
    /// # Errors
    /// [`FactorError::NotPositive`].
    pub(super) fn factorise(&self, values: &mut [f64], updates: &mut [f64]) -> Result<(), FactorError> {
        let Structure { subtrees, above, .. } = self.structure;
        self.eliminate_subtrees(subtrees, values, updates, [0, 0])?;
        self.eliminate(above, values, updates, [0, 0])
    }

    /// Eliminates subtrees, on as many threads as there are. The slices begin at `bases` of all values and all updates.
    fn eliminate_subtrees(
        &self,
        subtrees: &[Subtree],
        values: &mut [f64],
        updates: &mut [f64],
        bases: [usize; 2],
    ) -> Result<(), FactorError> {
        match subtrees {
            [] => Ok(()),
            [subtree] => self.eliminate(&subtree.fronts, values, updates, bases),
            _ => {
                let (left, right) = subtrees.split_at(subtrees.len() / 2);
                let middle = [right[0].values.start, right[0].updates.start];
                let (left_values, right_values) = values.split_at_mut(middle[0] - bases[0]);
                let (left_updates, right_updates) = updates.split_at_mut(middle[1] - bases[1]);
                let (one, other) = rayon::join(
                    || self.eliminate_subtrees(left, left_values, left_updates, bases),
                    || self.eliminate_subtrees(right, right_values, right_updates, middle),
                );
                one.and(other)
            }
        }
    }

    /// Eliminates fronts, each behind its descendants, which are among them or done.
    fn eliminate(
        &self,
        fronts: &[u32],
        values: &mut [f64],
        updates: &mut [f64],
        bases: [usize; 2],
    ) -> Result<(), FactorError> {
        for &number in fronts {
            let number = number as usize;
            let front = &self.structure.fronts[number];
            let (height, length) = (front.height(), update_length(front.below()));
            let matrix = &mut values[front.values - bases[0]..][..height * front.columns];
            let workplace = front.workplace - bases[1];
            let (done, rest) = updates.split_at_mut(workplace);
            let update = &mut rest[..length];
            matrix.fill(0.0);
            update.fill(0.0);
            for &[tube, place] in self.diagonal.of(number) {
                matrix[place as usize] += self.conductances[tube as usize];
            }
            for &[tube, place] in self.couplings.of(number) {
                matrix[place as usize] -= self.conductances[tube as usize];
            }
            for &child in &self.structure.children[front.children.clone()] {
                let child = &self.structure.fronts[child as usize];
                let from = &done[child.place - bases[1]..];
                add_update(from, &self.structure.rows_in_parent[child.rows.clone()], front, matrix, update);
            }
            dense::eliminate(matrix, height, front.columns, update)
                .map_err(|pivot| FactorError::NotPositive { pivot: front.first + pivot })?;
            if front.place != front.workplace {
                updates.copy_within(workplace..workplace + length, front.place - bases[1]);
            }
        }
        Ok(())
    }
}

/// Adds a child's update matrix to its parent's columns and update matrix; `rows` are those of the parent.
fn add_update(from: &[f64], rows: &[u32], parent: &Front, matrix: &mut [f64], update: &mut [f64]) {
    for (column, &to) in rows.iter().enumerate() {
        let (below, to) = (&rows[column..], to as usize);
        let values = &from[update_column(rows.len(), column)..][column..rows.len()];
        let (target, skipped) = match to.checked_sub(parent.columns) {
            None => (&mut matrix[to * parent.height()..][..parent.height()], 0),
            Some(to) => (&mut update[update_column(parent.below(), to)..][..parent.below()], parent.columns),
        };
        for (&row, value) in below.iter().zip(values) {
            target[row as usize - skipped] += value;
        }
    }
}
