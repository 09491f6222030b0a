//! Structure of the factor: columns of the same pattern together are a front (a supernode), and every front sends what its
//! elimination leaves to one parent (multifrontal method; Liu: SIAM Review 34, 82, 1992).

use std::ops::Range;

use super::dense::update_length;
use super::order::{Lists, Ordered, ROOT};

/// Columns that are eliminated together, and the rows below them.
#[derive(Debug, Clone)]
pub(super) struct Front {
    pub first: usize,
    pub columns: usize,
    /// Where its rows below the columns stand in [`Structure::rows`].
    pub rows: Range<usize>,
    /// Where its values begin: a matrix of [`Front::height`] by `columns`, column by column, the upper triangle unused.
    pub values: usize,
    /// Where its update matrix is made, and where it is kept for the parent.
    pub workplace: usize,
    pub place: usize,
    pub children: Range<usize>,
}

impl Front {
    pub(super) fn below(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn height(&self) -> usize {
        self.columns + self.rows.len()
    }

    pub(super) fn end(&self) -> usize {
        self.first + self.columns
    }

    /// Multiplications that its elimination takes, about.
    fn work(&self) -> f64 {
        let [columns, height] = [self.columns, self.height()].map(|number| number as f64);
        columns * (height * height - height * columns + columns * columns / 3.0)
    }
}

/// A subtree that is eliminated by one thread.
#[derive(Debug, Clone)]
pub(super) struct Subtree {
    /// Its fronts, in their order of elimination.
    pub fronts: Vec<u32>,
    pub values: Range<usize>,
    pub updates: Range<usize>,
}

/// All fronts, each behind its descendants.
#[derive(Debug)]
pub(super) struct Structure {
    pub fronts: Vec<Front>,
    /// Rows of all fronts, ascending in each.
    pub rows: Vec<u32>,
    /// Beside each of `rows`: which row of the parent it is.
    pub rows_in_parent: Vec<u32>,
    pub children: Vec<u32>,
    /// Subtrees that do not depend on each other.
    pub subtrees: Vec<Subtree>,
    /// The fronts above them, in their order of elimination.
    pub above: Vec<u32>,
    pub values: usize,
    /// Room for update matrices.
    pub updates: usize,
    front_of: Vec<u32>,
}

/// Subtrees of less than this part of all work are not divided further; the second, that is no division, where the first takes
/// too much room for update matrices side by side. What is large is shared within its fronts, too.
const SUBTREE_PARTS: [f64; 2] = [1.0 / 4.0, 1.0];
/// Room for update matrices, as a part of that for the factor, and how much is never too much, in numbers.
const MOST_ROOM: f64 = 0.4;
const SMALL_ROOM: usize = 4 << 20;
/// Nor are those of fewer multiplications than this: to share them takes longer than to do them.
const SUBTREE_LEAST_WORK: f64 = 2e5;

/// A front joins its parent if together they have at most so many columns, with at most this part of zeros stored.
const RELAXATION: [(usize, f64); 4] = [(4, 1.0), (16, 0.5), (48, 0.1), (usize::MAX, 0.05)];

impl Structure {
    pub(super) fn new(ordered: &Ordered) -> Self {
        let unknowns = ordered.positions.len();
        let (groups, rows) = columns_of_one_pattern(unknowns, &ordered.below);
        let groups = relax(groups, &rows);
        let mut front_of = vec![0; unknowns];
        let mut fronts: Vec<Front> = Vec::with_capacity(groups.len());
        let mut values = 0;
        for group in groups {
            front_of[group.first..group.first + group.columns].fill(fronts.len() as u32);
            let front = Front {
                first: group.first,
                columns: group.columns,
                rows: group.rows,
                values,
                workplace: 0,
                place: 0,
                children: 0..0,
            };
            values += front.height() * front.columns;
            fronts.push(front);
        }
        let parents: Vec<u32> = fronts
            .iter()
            .map(|front| rows[front.rows.clone()].first().map_or(ROOT, |&row| front_of[row as usize]))
            .collect();
        let mut rows_in_parent = vec![0; rows.len()];
        for (front, &parent) in fronts.iter().zip(&parents).filter(|(_, parent)| **parent != ROOT) {
            let parent = &fronts[parent as usize];
            let mut place = 0;
            for at in front.rows.clone() {
                let row = rows[at] as usize;
                rows_in_parent[at] = if row < parent.end() {
                    row - parent.first
                } else {
                    while rows[parent.rows.start + place] as usize != row {
                        place += 1;
                    }
                    parent.columns + place
                } as u32;
            }
        }
        let links = parents.iter().enumerate().filter(|(_, parent)| **parent != ROOT);
        let lists = Lists::new(fronts.len(), links.map(|(front, &parent)| (parent, front as u32)));
        let mut children = Vec::with_capacity(fronts.len());
        for (number, front) in fronts.iter_mut().enumerate() {
            let first = children.len();
            children.extend_from_slice(lists.of(number));
            front.children = first..children.len();
        }
        let mut structure = Self {
            fronts,
            rows,
            rows_in_parent,
            children,
            subtrees: Vec::new(),
            above: Vec::new(),
            values,
            updates: 0,
            front_of,
        };
        structure.sort_children();
        for part in SUBTREE_PARTS {
            structure.divide(&parents, part);
            structure.place_updates();
            if structure.updates <= (structure.values as f64 * MOST_ROOM) as usize || structure.updates <= SMALL_ROOM {
                break;
            }
        }
        structure
    }

    /// Gathers items that belong to entries (item, row, column), front by front, each with the entry's place in the front.
    pub(super) fn entries(&self, items: impl Iterator<Item = (u32, usize, usize)> + Clone) -> Lists<[u32; 2]> {
        let columns = items.clone().map(|(_, _, column)| self.front_of[column]);
        Lists::with(self.fronts.len(), columns, items.map(|(item, row, column)| [item, self.place(row, column)]))
    }

    /// Memory that the structure itself takes, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let orders = self.above.len() + self.subtrees.iter().map(|subtree| subtree.fronts.len()).sum::<usize>();
        let numbers = self.rows.len() + self.rows_in_parent.len() + self.children.len() + self.front_of.len() + orders;
        self.fronts.len() * size_of::<Front>() + numbers * size_of::<u32>()
    }

    /// Where in its front the entry at a row and a column stands.
    fn place(&self, row: usize, column: usize) -> u32 {
        let front = &self.fronts[self.front_of[column] as usize];
        let local = if row < front.end() {
            row - front.first
        } else {
            let below = &self.rows[front.rows.clone()];
            front.columns + below.binary_search(&(row as u32)).expect("the pattern holds every entry")
        };
        let place = (column - front.first) * front.height() + local;
        u32::try_from(place).expect("a front holds fewer than 2^32 numbers: 32 GiB")
    }

    /// Sorts the children of each front so that the stack of update matrices stays low: those first whose elimination takes most
    /// room beyond what they leave (Liu: ACM Trans Math Softw 12, 249, 1986).
    fn sort_children(&mut self) {
        let mut peaks = vec![0; self.fronts.len()];
        let sizes: Vec<usize> = self.fronts.iter().map(|front| update_length(front.below())).collect();
        for (number, front) in self.fronts.iter().enumerate() {
            let children = &mut self.children[front.children.clone()];
            children.sort_by_key(|&child| std::cmp::Reverse(peaks[child as usize] - sizes[child as usize]));
            let (mut kept, mut peak) = (0, 0);
            for &child in children.iter() {
                peak = peak.max(kept + peaks[child as usize]);
                kept += sizes[child as usize];
            }
            peaks[number] = peak.max(kept + sizes[number]);
        }
    }

    /// Finds the subtrees that are eliminated by one thread, and the order in which they and those above are.
    fn divide(&mut self, parents: &[u32], part: f64) {
        self.subtrees.clear();
        let mut work: Vec<f64> = self.fronts.iter().map(Front::work).collect();
        let mut firsts: Vec<usize> = (0..self.fronts.len()).collect();
        let limit = (work.iter().sum::<f64>() * part).max(SUBTREE_LEAST_WORK);
        for (front, &parent) in parents.iter().enumerate().filter(|(_, parent)| **parent != ROOT) {
            let parent = parent as usize;
            work[parent] += work[front];
            firsts[parent] = firsts[parent].min(firsts[front]);
        }
        for (front, &parent) in parents.iter().enumerate() {
            if work[front] <= limit && (parent == ROOT || work[parent as usize] > limit) {
                let end = self.fronts.get(front + 1).map_or(self.values, |front| front.values);
                let values = self.fronts[firsts[front]].values..end;
                let fronts = self.descending(front, |_| true);
                self.subtrees.push(Subtree { fronts, values, updates: 0..0 });
            }
        }
        let roots = (0..self.fronts.len()).filter(|&front| parents[front] == ROOT);
        self.above = roots.flat_map(|root| self.descending(root, |front| work[front] > limit)).collect();
    }

    /// A front behind its descendants, child by child; only those that are wanted, of which all ancestors are.
    fn descending(&self, root: usize, is_wanted: impl Fn(usize) -> bool) -> Vec<u32> {
        let mut order = Vec::new();
        let mut waiting: Vec<u32> = [root as u32].into_iter().filter(|_| is_wanted(root)).collect();
        // Backwards: every front before its descendants, the last child first.
        while let Some(front) = waiting.pop() {
            order.push(front);
            let children = &self.children[self.fronts[front as usize].children.clone()];
            waiting.extend(children.iter().filter(|&&child| is_wanted(child as usize)));
        }
        order.reverse();
        order
    }

    /// Plans where update matrices stand: on a stack for each subtree and, behind all of these, one for the fronts above.
    fn place_updates(&mut self) {
        let mut begin = 0;
        for number in 0..self.subtrees.len() {
            let fronts = std::mem::take(&mut self.subtrees[number].fronts);
            let end = self.stack(&fronts, begin);
            self.subtrees[number].fronts = fronts;
            self.subtrees[number].updates = begin..end;
            begin = end;
        }
        let above = std::mem::take(&mut self.above);
        self.updates = self.stack(&above, begin);
        self.above = above;
    }

    /// Stacks the update matrices of fronts from `begin` on; gives the end of the room that they take.
    fn stack(&mut self, fronts: &[u32], begin: usize) -> usize {
        let (mut top, mut end) = (begin, begin);
        for &number in fronts {
            let number = number as usize;
            let children = &self.children[self.fronts[number].children.clone()];
            let on_stack = children.iter().map(|&child| self.fronts[child as usize].place).filter(|&at| at >= begin);
            let place = on_stack.min().unwrap_or(top);
            let front = &mut self.fronts[number];
            let size = update_length(front.below());
            (front.workplace, front.place) = (top, place);
            end = end.max(top + size);
            top = place + size;
        }
        end
    }
}

/// Neighbouring columns whose rows below the last of them are the same.
#[derive(Debug)]
struct Group {
    first: usize,
    columns: usize,
    rows: Range<usize>,
    zeros: f64,
}

/// Groups of columns that are chains in the elimination tree, and their rows, ascending in each group.
fn columns_of_one_pattern(unknowns: usize, below: &Lists) -> (Vec<Group>, Vec<u32>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut rows: Vec<u32> = Vec::new();
    // Group whose rows a row was last found in.
    let mut seen_by = vec![u32::MAX; unknowns];
    // Groups that a column is the first row of, as linked lists.
    let mut last_child = vec![ROOT; unknowns];
    let mut sibling: Vec<u32> = Vec::new();
    for column in 0..unknowns {
        if let Some(group) = groups.last_mut() {
            let number = sibling.len() as u32;
            let is_next = rows.get(group.rows.start).is_some_and(|&row| row as usize == column);
            if is_next
                && last_child[column] == ROOT
                && below.of(column).iter().all(|&row| seen_by[row as usize] == number)
            {
                group.columns += 1;
                group.rows.start += 1;
                continue;
            }
            let parent = rows[group.rows.clone()].first().copied();
            sibling.push(parent.map_or(ROOT, |parent| std::mem::replace(&mut last_child[parent as usize], number)));
        }
        let number = groups.len() as u32;
        seen_by[column] = number;
        let start = rows.len();
        let mut add = |rows: &mut Vec<u32>, row: u32| {
            if std::mem::replace(&mut seen_by[row as usize], number) != number {
                rows.push(row);
            }
        };
        below.of(column).iter().for_each(|&row| add(&mut rows, row));
        let mut child = last_child[column];
        while child != ROOT {
            for at in groups[child as usize].rows.clone() {
                let row = rows[at];
                add(&mut rows, row);
            }
            child = sibling[child as usize];
        }
        rows[start..].sort_unstable();
        groups.push(Group { first: column, columns: 1, rows: start..rows.len(), zeros: 0.0 });
    }
    (groups, rows)
}

/// Joins groups with their parents where few zeros are stored for it: larger fronts take less time for an entry.
fn relax(groups: Vec<Group>, rows: &[u32]) -> Vec<Group> {
    let mut relaxed: Vec<Group> = Vec::with_capacity(groups.len());
    for mut group in groups {
        while let Some(child) = relaxed.last() {
            let end = group.first + group.columns;
            if rows[child.rows.clone()].first().is_none_or(|&row| row as usize >= end) {
                break;
            }
            let columns = child.columns + group.columns;
            let missing = child.columns * (group.columns + group.rows.len() - child.rows.len());
            let zeros = child.zeros + group.zeros + missing as f64;
            let stored = (columns * (columns + 1) / 2 + columns * group.rows.len()) as f64;
            let is_worth_it = |&(most, part): &(usize, f64)| columns <= most && zeros <= part * stored;
            if !RELAXATION.iter().any(is_worth_it) {
                break;
            }
            group = Group { first: child.first, columns, rows: group.rows, zeros };
            relaxed.pop();
        }
        relaxed.push(group);
    }
    relaxed
}
