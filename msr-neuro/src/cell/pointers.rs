//! POINTER variables: values of mechanisms that are values of something else on the same cell.
//!
//! A pointer is a column like others. Before a block runs it takes what it points to; what the block makes of it goes back.
//! Where several instances may share a place, and one of them assigns to it, they run one after the other in NEURON's order,
//! so that each sees what those before it made.

use std::ops::Range;

use super::{BuildError, CellBuilder, PointId};
use crate::ions::Membrane;
use crate::mechanisms::Columns;

/// Who has a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'a> {
    /// A mechanism in a segment.
    Mechanism(&'a str, usize),
    /// A point process.
    Point(PointId),
}

/// A value of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity<'a> {
    /// Of the membrane of a segment: `v`, `cai`, `ena`, `ica` and others of that kind, of any ion that the cell has.
    Membrane(&'a str, usize),
    /// A parameter, state or assigned variable of a mechanism in a segment.
    Mechanism(&'a str, &'a str, usize),
    /// A parameter, state or assigned variable of a point process.
    Point(PointId, &'a str),
}

/// A quantity whose names were not looked up yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wish {
    pub holder: Keeper,
    pub segment: usize,
    pub variable: String,
    pub to: Wanted,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    Membrane(String, usize),
    Mechanism(usize, String, usize),
    Point(u32, String),
}

/// The block of a pointer: that of a mechanism, of a kind of point process, or (before kinds are known) of a point process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keeper {
    Mechanism(usize),
    Points(usize),
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Field of the membrane, in the order of [`Membrane::FIELDS`], and node.
    Membrane(usize, usize),
    /// Other ion, part of it, and node.
    Ion(usize, usize, usize),
    /// Block and position in it.
    Mechanism(usize, usize),
    /// Kind of point process and position in its block.
    Points(usize, usize),
}

/// A pointer of one instance.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub keeper: Keeper,
    /// Number of the instance in its block.
    pub instance: usize,
    /// Position in its block.
    pub at: usize,
    pub to: Place,
    /// Whether what its block assigns goes there.
    pub is_assigned: bool,
    loaded: f64,
}

impl Link {
    pub fn new(keeper: Keeper, [instance, at]: [usize; 2], to: Place, is_assigned: bool) -> Self {
        Self { keeper, instance, at, to, is_assigned, loaded: 0.0 }
    }

    /// Whether the value is in the block of the pointer.
    fn is_within(&self) -> bool {
        match (self.keeper, self.to) {
            (Keeper::Mechanism(own), Place::Mechanism(block, _)) | (Keeper::Points(own), Place::Points(block, _)) => {
                own == block
            }
            _ => false,
        }
    }
}

/// The pointers of one block.
#[derive(Debug, Clone, Default)]
struct Links {
    /// In the order of the instances.
    list: Vec<Link>,
    /// The instances in the order in which they run, where one may see what another makes; none where they run at once.
    turns: Vec<u32>,
}

impl Links {
    /// `order` gives the order of instances by their numbers.
    fn new(mut list: Vec<Link>, order: &[u32]) -> Self {
        list.sort_by_key(|link| link.instance);
        let mut places: Vec<Place> = list.iter().map(|link| link.to).collect();
        places.sort_unstable();
        let is_shared = |place: Place| {
            let first = places.partition_point(|other| *other < place);
            places.get(first + 1) == Some(&place)
        };
        let is_seen = |link: &Link| {
            let of_all = matches!(link.to, Place::Membrane(..) | Place::Ion(..));
            link.is_within() || link.is_assigned && (of_all || is_shared(link.to))
        };
        let turns = if order.len() > 1 && list.iter().any(is_seen) { order.to_vec() } else { Vec::new() };
        Self { list, turns }
    }

    /// The pointers of one instance.
    fn of(&mut self, instance: usize) -> &mut [Link] {
        let first = self.list.partition_point(|link| link.instance < instance);
        let behind = self.list.partition_point(|link| link.instance <= instance);
        &mut self.list[first..behind]
    }
}

/// All pointers of a cell.
#[derive(Debug, Clone)]
pub(crate) struct Pointers {
    of_mechanisms: Vec<Links>,
    of_points: Vec<Links>,
    /// The columns of one instance.
    instance: Vec<f64>,
}

/// Everything that pointers may lead to.
pub(crate) struct Values<'a> {
    pub membrane: &'a mut Membrane,
    /// Columns of mechanisms.
    pub blocks: &'a mut [Vec<f64>],
    /// Columns of kinds of point processes.
    pub points: &'a mut [Vec<f64>],
}

impl Values<'_> {
    fn own(&mut self, keeper: Keeper) -> &mut Vec<f64> {
        match keeper {
            Keeper::Mechanism(block) => &mut self.blocks[block],
            Keeper::Points(block) => &mut self.points[block],
        }
    }

    fn at(&mut self, place: Place) -> &mut f64 {
        match place {
            Place::Membrane(field, node) => &mut (Membrane::FIELDS[field].1)(self.membrane)[node],
            Place::Ion(ion, part, node) => &mut self.membrane.foreign[ion].parts_mut()[part][node],
            Place::Mechanism(block, at) => &mut self.blocks[block][at],
            Place::Points(block, at) => &mut self.points[block][at],
        }
    }

    /// Lets pointers be what they point to.
    fn load(&mut self, links: &mut [Link]) {
        for link in links {
            link.loaded = *self.at(link.to);
            self.own(link.keeper)[link.at] = link.loaded;
        }
    }

    /// Gives back what a block has changed.
    fn store(&mut self, links: &[Link]) {
        for link in links.iter().filter(|link| link.is_assigned) {
            let now = self.own(link.keeper)[link.at];
            if now.to_bits() != link.loaded.to_bits() {
                *self.at(link.to) = now;
            }
        }
    }
}

impl Pointers {
    /// From the pointers of all blocks, and the order of their instances: of mechanisms, and of kinds of point processes.
    pub fn new(links: Vec<Link>, mechanisms: &[Vec<u32>], points: &[Vec<u32>]) -> Self {
        let mut of_mechanisms = vec![Vec::new(); mechanisms.len()];
        let mut of_points = vec![Vec::new(); points.len()];
        for link in links {
            match link.keeper {
                Keeper::Mechanism(block) => of_mechanisms[block].push(link),
                Keeper::Points(block) => of_points[block].push(link),
            }
        }
        let each = |lists: Vec<Vec<Link>>, orders: &[Vec<u32>]| {
            lists.into_iter().zip(orders).map(|(list, order)| Links::new(list, order)).collect()
        };
        Self {
            of_mechanisms: each(of_mechanisms, mechanisms),
            of_points: each(of_points, points),
            instance: Vec::new(),
        }
    }

    /// No pointers, for so many mechanisms and kinds of point processes.
    pub fn none(mechanisms: usize, points: usize) -> Self {
        Self::new(Vec::new(), &vec![Vec::new(); mechanisms], &vec![Vec::new(); points])
    }

    fn links(&mut self, keeper: Keeper) -> &mut Links {
        match keeper {
            Keeper::Mechanism(block) => &mut self.of_mechanisms[block],
            Keeper::Points(block) => &mut self.of_points[block],
        }
    }

    /// Runs something on a block with its pointers set: for all instances at once, or for one after the other where what one
    /// assigns is what another reads. It gets the numbers of the instances and their columns.
    pub fn run(
        &mut self,
        keeper: Keeper,
        nodes: &[u32],
        values: &mut Values<'_>,
        mut run: impl FnMut(Range<usize>, &mut Columns<'_>, &mut Membrane),
    ) {
        let mut instance = std::mem::take(&mut self.instance);
        let links = self.links(keeper);
        if links.turns.is_empty() {
            values.load(&mut links.list);
            // A block is taken out while it runs: what runs it has the membrane, too.
            let mut block = std::mem::take(values.own(keeper));
            run(0..nodes.len(), &mut Columns { nodes, values: &mut block }, values.membrane);
            *values.own(keeper) = block;
            values.store(&links.list);
        }
        for turn in 0..links.turns.len() {
            let index = links.turns[turn] as usize;
            let own = links.of(index);
            values.load(own);
            instance.clear();
            instance.extend(values.own(keeper)[index..].iter().step_by(nodes.len()));
            let mut columns = Columns { nodes: &nodes[index..=index], values: &mut instance };
            run(index..index + 1, &mut columns, values.membrane);
            for (value, now) in values.own(keeper)[index..].iter_mut().step_by(nodes.len()).zip(&instance) {
                *value = *now;
            }
            values.store(own);
        }
        self.instance = instance;
    }

    /// Runs something on one instance of a block with its pointers set; it gets the whole block.
    pub fn run_one(
        &mut self,
        keeper: Keeper,
        instance: usize,
        values: &mut Values<'_>,
        run: impl FnOnce(&mut [f64], &mut Membrane),
    ) {
        let links = self.links(keeper).of(instance);
        values.load(links);
        let mut block = std::mem::take(values.own(keeper));
        run(&mut block, values.membrane);
        *values.own(keeper) = block;
        values.store(links);
    }
}

impl CellBuilder<'_> {
    /// Lets a POINTER of a mechanism or point process, or another of its parameters, be a value of the same cell: before each
    /// of its blocks runs it has the value of that moment. What a block assigns to a POINTER goes there.
    ///
    /// # Errors
    /// Names that do not exist are told by [`CellBuilder::build`], when all mechanisms and ions are known;
    /// [`BuildError::UnknownPoint`], [`BuildError::NotInserted`] at once.
    pub fn point_to(&mut self, holder: Holder<'_>, variable: &str, to: Quantity<'_>) -> Result<(), BuildError> {
        let (holder, segment) = match holder {
            Holder::Mechanism(mechanism, segment) => {
                (Keeper::Mechanism(self.insertion(mechanism, variable, segment)?), segment)
            }
            Holder::Point(point) => (Keeper::Points(self.known_point(point)?), 0),
        };
        let to = match to {
            Quantity::Membrane(name, segment) => {
                self.check_segment(name, segment)?;
                Wanted::Membrane(name.to_owned(), segment)
            }
            Quantity::Mechanism(mechanism, name, segment) => {
                Wanted::Mechanism(self.insertion(mechanism, name, segment)?, name.to_owned(), segment)
            }
            Quantity::Point(point, name) => Wanted::Point(self.known_point(point)? as u32, name.to_owned()),
        };
        self.wishes.push(Wish { holder, segment, variable: variable.to_owned(), to });
        Ok(())
    }

    fn known_point(&self, point: PointId) -> Result<usize, BuildError> {
        let (index, points) = (point.0 as usize, self.points.len());
        if index < points { Ok(index) } else { Err(BuildError::UnknownPoint { point: point.0, points }) }
    }
}
