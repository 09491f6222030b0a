//! The capillary bed as a graph: junctions that fill the column, joined to near ones until each joins three vessels. First
//! a spanning tree (so that all is connected), then loops; short cycles are avoided, since capillary loops of the cortex
//! comprise several vessels (Blinder et al. 2013, Nat. Neurosci. 16:889).

use msr_coupling::random::Stream;

use super::column::{COLUMN_RADIUS_UM, PIA_UM};
use super::distribution::uniform_between;
use super::geometry::{Vector, distance, nearest_on_segment};

/// Which side of the circulation a larger vessel belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    Arterial,
    Venous,
}

/// A place where vessels may meet: a capillary junction, or a node of a larger vessel.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    pub position_um: Vector,
    /// The node, for sites on larger vessels.
    pub node: Option<usize>,
    pub wall: Option<Wall>,
    /// How many more vessels may join here.
    pub capacity: usize,
    /// The larger vessel that the site is on; its sites are already connected to one another.
    pub tree: Option<usize>,
}

/// A capillary between two sites. If one of them is on a larger vessel, it is `from`.
#[derive(Debug, Clone, Copy)]
pub struct Branch {
    pub from: usize,
    pub to: usize,
    pub wall: Option<Wall>,
}

/// Sites and capillaries.
pub struct CapillaryBed {
    pub sites: Vec<Site>,
    pub branches: Vec<Branch>,
}

/// Capillary junctions in the column, beside those that are set next to somas.
const JUNCTIONS: usize = 160;
/// The lowest junction lies this far above the white matter.
const FLOOR_UM: f64 = 15.0;
/// No junction is nearer to the pia than this: blood flow takes the degree-1 nodes at the top for entries, and the first
/// layer's capillaries lie below the surface.
const CEILING_UM: f64 = 40.0;
/// Candidates tried for each junction; the one farthest from all others is taken (Mitchell 1991, SIGGRAPH: best-candidate).
const CANDIDATES: usize = 12;
/// Distance of a junction from a soma's centre: at least this far from all, and one this near to each.
const SOMA_CLEARANCE_UM: f64 = 18.0;
const SOMA_SUPPLY_UM: f64 = 24.0;
/// A new capillary must not close a cycle of fewer branches.
const SHORTEST_CYCLE: usize = 5;
/// Loops are closed by capillaries up to this length (between junctions; mean 60 to 70 um, Blinder et al. 2013).
const LONGEST_UM: f64 = 140.0;
/// Vessels that meet at a capillary junction.
const JUNCTION_DEGREE: usize = 3;

/// Grows the bed between the sites on larger vessels.
pub fn grow(stream: &mut Stream, mut sites: Vec<Site>, somas_um: &[Vector]) -> CapillaryBed {
    place_junctions(stream, &mut sites, somas_um);
    let mut bed = Growth::new(sites, somas_um);
    bed.span();
    bed.close_loops();
    CapillaryBed { sites: bed.sites, branches: bed.branches }
}

fn place_junctions(stream: &mut Stream, sites: &mut Vec<Site>, somas_um: &[Vector]) {
    let push = |sites: &mut Vec<Site>, position_um| {
        sites.push(Site { position_um, node: None, wall: None, capacity: JUNCTION_DEGREE, tree: None });
    };
    let clear = |candidate| somas_um.iter().all(|&soma| distance(soma, candidate) > SOMA_CLEARANCE_UM);
    for &soma in somas_um {
        let position_um = loop {
            let azimuth = uniform_between(stream, 0.0, std::f64::consts::TAU);
            let candidate = [
                soma[0] + SOMA_SUPPLY_UM * azimuth.cos(),
                soma[1] + uniform_between(stream, -8.0, 8.0),
                soma[2] + SOMA_SUPPLY_UM * azimuth.sin(),
            ];
            if clear(candidate) {
                break candidate;
            }
        };
        push(sites, position_um);
    }
    for _ in 0..JUNCTIONS {
        let mut best: Option<(f64, Vector)> = None;
        while best.is_none() {
            for _ in 0..CANDIDATES {
                let candidate = [
                    uniform_between(stream, -COLUMN_RADIUS_UM, COLUMN_RADIUS_UM),
                    uniform_between(stream, FLOOR_UM, PIA_UM - CEILING_UM),
                    uniform_between(stream, -COLUMN_RADIUS_UM, COLUMN_RADIUS_UM),
                ];
                let room = sites.iter().map(|site| distance(site.position_um, candidate)).fold(f64::INFINITY, f64::min);
                if clear(candidate) && best.is_none_or(|(most, _)| room > most) {
                    best = Some((room, candidate));
                }
            }
        }
        push(sites, best.expect("the loop ends with one").1);
    }
}

struct Growth {
    sites: Vec<Site>,
    neighbours: Vec<Vec<usize>>,
    component: Vec<usize>,
    branches: Vec<Branch>,
    /// All pairs that may be joined, shortest first.
    pairs: Vec<(usize, usize)>,
}

impl Growth {
    fn new(sites: Vec<Site>, somas_um: &[Vector]) -> Self {
        let mut pairs = Vec::new();
        for a in 0..sites.len() {
            for b in a + 1..sites.len() {
                let both_large = sites[a].wall.is_some() && sites[b].wall.is_some();
                let (pa, pb) = (sites[a].position_um, sites[b].position_um);
                let through_soma =
                    somas_um.iter().any(|&soma| nearest_on_segment(soma, pa, pb).1 < SOMA_CLEARANCE_UM - 2.0);
                if !both_large && !through_soma {
                    pairs.push((distance(pa, pb), a, b));
                }
            }
        }
        pairs.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        let component = (0..sites.len())
            .map(|index| {
                sites[index].tree.map_or(index, |tree| {
                    sites.iter().position(|site| site.tree == Some(tree)).expect("the site itself is one")
                })
            })
            .collect();
        Self {
            neighbours: vec![Vec::new(); sites.len()],
            component,
            branches: Vec::new(),
            pairs: pairs.into_iter().map(|(_, a, b)| (a, b)).collect(),
            sites,
        }
    }

    /// Kruskal's minimum spanning tree with the capacities as bounds of the degree.
    fn span(&mut self) {
        for pair in 0..self.pairs.len() {
            let (a, b) = self.pairs[pair];
            if self.component[a] != self.component[b] && self.may_join(a, b) {
                self.join(a, b);
            }
        }
    }

    /// Adds the shortest capillaries that close no short cycle until the capacities are used, then joins what still is a dead
    /// end to its nearest neighbour whatever the cycle.
    fn close_loops(&mut self) {
        for pair in 0..self.pairs.len() {
            let (a, b) = self.pairs[pair];
            let near = distance(self.sites[a].position_um, self.sites[b].position_um) < LONGEST_UM;
            if near && self.may_join(a, b) && self.steps_between(a, b, SHORTEST_CYCLE - 2).is_none() {
                self.join(a, b);
            }
        }
        for pair in 0..self.pairs.len() {
            let (a, b) = self.pairs[pair];
            let dead_end = |site: usize| self.sites[site].node.is_none() && self.neighbours[site].len() < 2;
            let capillaries = self.sites[a].wall.is_none() && self.sites[b].wall.is_none();
            if (dead_end(a) || dead_end(b)) && capillaries && !self.neighbours[a].contains(&b) {
                self.join(a, b);
            }
        }
    }

    /// Both ends have room, and no junction is next to an arteriole and a venule at once.
    fn may_join(&self, a: usize, b: usize) -> bool {
        let walls = |site: usize| self.neighbours[site].iter().filter_map(|&other| self.sites[other].wall);
        let shunts = |large: usize, small: usize| {
            self.sites[large].wall.is_some_and(|wall| walls(small).any(|present| present != wall))
        };
        self.sites[a].capacity > 0 && self.sites[b].capacity > 0 && !shunts(a, b) && !shunts(b, a)
    }

    fn join(&mut self, a: usize, b: usize) {
        let (from, to) = if self.sites[b].wall.is_some() { (b, a) } else { (a, b) };
        self.branches.push(Branch { from, to, wall: self.sites[from].wall });
        self.neighbours[a].push(b);
        self.neighbours[b].push(a);
        for site in [a, b] {
            self.sites[site].capacity = self.sites[site].capacity.saturating_sub(1);
        }
        let (old, new) = (self.component[a], self.component[b]);
        for component in &mut self.component {
            if *component == old {
                *component = new;
            }
        }
    }

    /// Number of branches between two sites, if at most `limit` (breadth-first).
    fn steps_between(&self, a: usize, b: usize, limit: usize) -> Option<usize> {
        let mut seen = vec![a];
        let mut front = vec![a];
        for step in 1..=limit {
            let mut next = Vec::new();
            for &other in front.iter().flat_map(|&site| &self.neighbours[site]) {
                if other == b {
                    return Some(step);
                }
                if !seen.contains(&other) {
                    seen.push(other);
                    next.push(other);
                }
            }
            front = next;
        }
        None
    }
}
