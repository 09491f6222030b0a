//! Where variables live (spaces) and how spaces overlap (mappings).

use std::collections::BTreeMap;

use sprs::CsMat;

/// An ordered set of elements that a variable has one value for each: neurons, segments, tetrahedra, ...
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    /// Name, unique in a run: one of the constants of this module or a custom simulator's own.
    pub name: String,
    /// Id of each element, unique and ascending (SONATA node id for neurons, position in the mesh file for tetrahedra).
    pub ids: Vec<u64>,
    /// Size of each element (um3), used as weight when an intensive value is averaged over several elements.
    pub sizes: Vec<f64>,
    /// Where the elements are, if they are anywhere.
    pub geometry: Geometry,
    /// Circuit population whose nodes the elements are or belong to, if there is one.
    pub population: Option<String>,
    /// How each element is addressed in a SONATA report.
    pub addresses: Vec<Address>,
    /// Named parts of the space: positions of their elements, ascending. Segments have `soma`, `axon`, `dend`, `apic`
    /// and `all`, and the middle segment of each such section as `soma.center` and so on.
    pub subsets: BTreeMap<String, Vec<usize>>,
}

/// Address of an element in a SONATA report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// Node that the element is or belongs to.
    pub node: u64,
    /// Element within the node (section id of a segment; 0 where a node has one element).
    pub element: u32,
}

impl Space {
    /// A space without geometry whose elements are nodes, all of size 1.
    pub fn of_nodes(name: impl Into<String>, population: Option<String>, ids: Vec<u64>) -> Self {
        Self {
            name: name.into(),
            sizes: vec![1.0; ids.len()],
            geometry: Geometry::Abstract,
            population,
            addresses: ids.iter().map(|&node| Address { node, element: 0 }).collect(),
            subsets: BTreeMap::new(),
            ids,
        }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// What does not fit in this space, if anything.
    pub(crate) fn defect(&self) -> Option<&'static str> {
        let placed = match &self.geometry {
            Geometry::Abstract => self.len(),
            Geometry::Points(points) => points.len(),
            Geometry::Lines(lines) => lines.len(),
        };
        if self.sizes.len() != self.len() || self.addresses.len() != self.len() || placed != self.len() {
            Some("ids, sizes, addresses and geometry must have one entry an element")
        } else if self.ids.windows(2).any(|pair| pair[0] >= pair[1]) {
            Some("ids must ascend")
        } else if self.sizes.iter().any(|size| !(size.is_finite() && *size >= 0.0)) {
            Some("sizes must be finite and not negative")
        } else if self.subsets.values().flatten().any(|&position| position >= self.len()) {
            Some("a subset has positions beyond the last element")
        } else {
            None
        }
    }

    /// Length of each element in um, where the elements are lines.
    pub fn lengths(&self) -> Option<Vec<f64>> {
        let Geometry::Lines(lines) = &self.geometry else { return None };
        let length =
            |[from, to]: &[[f64; 3]; 2]| (0..3).map(|axis| (to[axis] - from[axis]).powi(2)).sum::<f64>().sqrt();
        Some(lines.iter().map(length).collect())
    }

    /// Memory that the space holds, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        let coordinates = match self.geometry {
            Geometry::Abstract => 0,
            Geometry::Points(_) => size_of::<[f64; 3]>(),
            Geometry::Lines(_) => size_of::<[[f64; 3]; 2]>(),
        };
        let an_element = size_of::<u64>() + size_of::<f64>() + size_of::<Address>() + coordinates;
        let positions: usize = self.subsets.values().map(Vec::len).sum();
        (self.len() * an_element + positions * size_of::<usize>()) as u64
    }

    /// Whether there is no element at all.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// Neurons, one element a cell; ids are SONATA node ids.
pub const NEURONS: &str = "neurons";
/// Sections of all neurons.
pub const SECTIONS: &str = "sections";
/// Segments (compartments) of all neurons, cell by cell, section by section.
pub const SEGMENTS: &str = "segments";
/// Tetrahedra of the mesh, in the order of the mesh file.
pub const TETRAHEDRA: &str = "tetrahedra";
/// Vessel segments (edges of the vasculature graph), in the order of the SONATA nodes.
pub const VESSEL_SEGMENTS: &str = "vessel_segments";
/// Starting points of vessel segments, one for each: what tells where blood enters a tetrahedron.
pub const VESSEL_STARTS: &str = "vessel_starts";
/// Subset of [`VESSEL_SEGMENTS`]: those that touch an entry of the network.
pub const ENTRY_SUBSET: &str = "entry";
/// Nodes of the vasculature graph.
pub const VESSEL_NODES: &str = "vessel_nodes";
/// Astrocytes, one element a cell; ids are SONATA node ids.
pub const ASTROCYTES: &str = "astrocytes";
/// Segments of the morphologies of astrocytes that are cells, cell by cell, section by section; with the subsets of [`SEGMENTS`].
pub const ASTROCYTE_SEGMENTS: &str = "astrocyte_segments";
/// Astrocyte endfeet.
pub const ENDFEET: &str = "endfeet";
/// Those vessel segments that have an endfoot, in the order of the SONATA nodes.
pub const WRAPPED_VESSEL_SEGMENTS: &str = "wrapped_vessel_segments";

/// Place of a space's elements, in um.
#[derive(Debug, Clone, PartialEq)]
pub enum Geometry {
    /// The elements are nowhere in particular.
    Abstract,
    /// One point an element.
    Points(Vec<[f64; 3]>),
    /// One straight line an element, from its first to its second point.
    Lines(Vec<[[f64; 3]; 2]>),
}

/// How the elements of one space lie in those of another.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Name of the space whose elements are the rows.
    pub from: String,
    /// Name of the space whose elements are the columns.
    pub to: String,
    /// CSR matrix, shape (len of `from`, len of `to`): the fraction (0 to 1) of a `from` element that lies in a `to`
    /// element. A row sums to at most 1; less where the element lies partly outside.
    pub fractions: CsMat<f64>,
}
