//! Order in which unknowns are eliminated: approximate minimum degree, then along the elimination tree, so that whatever is
//! eliminated into a column stands right before it.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::amd;

/// In place of a parent where there is none.
pub(super) const ROOT: u32 = u32::MAX;

/// Lists of items, one list an owner.
#[derive(Debug)]
pub(super) struct Lists<T = u32> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy + Default> Lists<T> {
    /// Gathers (owner, item) pairs; the items of an owner stay in their order.
    pub(super) fn new(owners: usize, pairs: impl Iterator<Item = (u32, T)> + Clone) -> Self {
        Self::with(owners, pairs.clone().map(|(owner, _)| owner), pairs.map(|(_, item)| item))
    }

    /// Gathers items, the owner of each beside it.
    pub(super) fn with(
        owners: usize,
        owner_of_each: impl Iterator<Item = u32> + Clone,
        items: impl Iterator<Item = T>,
    ) -> Self {
        let mut starts = vec![0; owners + 1];
        owner_of_each.clone().for_each(|owner| starts[owner as usize + 1] += 1);
        for owner in 0..owners {
            starts[owner + 1] += starts[owner];
        }
        let mut gathered = vec![T::default(); starts[owners] as usize];
        let mut ends = starts.clone();
        for (owner, item) in owner_of_each.zip(items) {
            let end = &mut ends[owner as usize];
            gathered[*end as usize] = item;
            *end += 1;
        }
        Self { starts, items: gathered }
    }

    /// Number of items.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn of(&self, owner: usize) -> &[T] {
        &self.items[self.starts[owner] as usize..self.starts[owner + 1] as usize]
    }
}

/// The lower triangle of a symmetric matrix in the order of elimination.
#[derive(Debug)]
pub(super) struct Ordered {
    /// Column of each unknown.
    pub positions: Vec<u32>,
    /// Rows below the diagonal of each column, in no order.
    pub below: Lists,
}

/// Orders `unknowns` that are coupled in these pairs, each pair once.
pub(super) fn order(unknowns: usize, couplings: &[[u32; 2]]) -> Ordered {
    let by_degree = minimum_degree(unknowns, couplings);
    let placed = |positions: &[u32], [a, b]: [u32; 2]| {
        let [a, b] = [positions[a as usize], positions[b as usize]];
        (a.min(b), a.max(b))
    };
    let upper = couplings.iter().map(|&pair| {
        let (column, row) = placed(&by_degree, pair);
        (row, column)
    });
    let ranks = depth_first(&elimination_tree(&Lists::new(unknowns, upper)));
    let positions: Vec<u32> = by_degree.iter().map(|&column| ranks[column as usize]).collect();
    let below = Lists::new(unknowns, couplings.iter().map(|&pair| placed(&positions, pair)));
    Ordered { positions, below }
}

/// Position of each unknown by approximate minimum degree (Amestoy, Davis, Duff: SIAM J Matrix Anal Appl 17, 886, 1996).
fn minimum_degree(unknowns: usize, couplings: &[[u32; 2]]) -> Vec<u32> {
    let columns = Lists::new(unknowns, couplings.iter().map(|&[a, b]| (a.min(b), a.max(b))));
    let pattern =
        SymbolicSparseColMatRef::new_unsorted_checked(unknowns, unknowns, &columns.starts, None, &columns.items);
    let (mut order, mut positions) = (vec![0; unknowns], vec![0; unknowns]);
    let mut memory = MemBuffer::new(amd::order_maybe_unsorted_scratch::<u32>(unknowns, couplings.len()));
    amd::order_maybe_unsorted(&mut order, &mut positions, pattern, amd::Control::default(), MemStack::new(&mut memory))
        .expect("numbers of two ends of each tube fit into 32 bits");
    positions
}

/// Parent of each column: the first one that it is eliminated into (Liu: SIAM J Matrix Anal Appl 11, 134, 1990, 5.2), from
/// the columns left of the diagonal in each row.
fn elimination_tree(left: &Lists) -> Vec<u32> {
    let unknowns = left.starts.len() - 1;
    let (mut parents, mut ancestors) = (vec![ROOT; unknowns], vec![ROOT; unknowns]);
    for row in 0..unknowns as u32 {
        for &column in left.of(row as usize) {
            let mut at = column;
            while at != row {
                let ancestor = std::mem::replace(&mut ancestors[at as usize], row);
                if ancestor == ROOT {
                    parents[at as usize] = row;
                    break;
                }
                at = ancestor;
            }
        }
    }
    parents
}

/// Rank of each node of a forest in which parents have higher numbers, every node right behind its descendants, the child
/// with most of them last.
fn depth_first(parents: &[u32]) -> Vec<u32> {
    let nodes = parents.len();
    let mut sizes = vec![1_u32; nodes];
    for (node, &parent) in parents.iter().enumerate() {
        if parent != ROOT {
            sizes[parent as usize] += sizes[node];
        }
    }
    let mut largest = vec![ROOT; nodes];
    for (node, &parent) in parents.iter().enumerate().filter(|(_, parent)| **parent != ROOT) {
        let known = &mut largest[parent as usize];
        if *known == ROOT || sizes[node] > sizes[*known as usize] {
            *known = node as u32;
        }
    }
    // Descendants of a node get the ranks before its own, child by child from below.
    let mut free = vec![0; nodes];
    let mut ranks = vec![0; nodes];
    let mut free_of_roots = 0;
    for node in (0..nodes).rev() {
        let first = match parents[node] {
            parent if parent != ROOT && largest[parent as usize] == node as u32 => ranks[parent as usize] - sizes[node],
            parent => {
                let free = if parent == ROOT { &mut free_of_roots } else { &mut free[parent as usize] };
                *free += sizes[node];
                *free - sizes[node]
            }
        };
        ranks[node] = first + sizes[node] - 1;
        free[node] = first;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_stands_right_behind_its_descendants() {
        // 0 and 1 below 3; 3 and 2 below 5; 4 alone.
        let ranks = depth_first(&[3, 3, 5, 5, ROOT, ROOT]);
        let expected = [2, 1, 0, 3, 5, 4];
        assert_eq!(ranks, expected);
    }
}
