//! What can be wrong with a vasculature (errors) and what is odd about it (notes).

use std::fmt;
#[cfg(feature = "hdf5")]
use std::path::PathBuf;

use crate::csv_table::CsvError;

/// Why a vasculature cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum VasculatureError {
    /// A CSV file that cannot be read.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// A column of the population is absent or of another type.
    #[error(transparent)]
    Attribute(#[from] msr_config::circuit::AttributeError),
    /// An id that cannot be one.
    #[error("{table}, segment {row}: {value} is no valid '{column}'")]
    BadInteger {
        /// The file.
        table: String,
        /// Position of the segment.
        row: usize,
        /// The column.
        column: &'static str,
        /// What is stored there.
        value: i64,
    },
    /// Columns of one table differ in length.
    #[error("column '{column}' has {found} rows where {expected} are needed")]
    UnevenColumns {
        /// The column.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The length of the first column.
        expected: usize,
    },
    /// A morphology file that cannot be read.
    #[cfg(feature = "hdf5")]
    #[error("cannot read the morphology {}: {source}", path.display())]
    Morphology {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: hdf5::Error,
    },
    /// A data set of a morphology file with another number of columns.
    #[error("data set '{data_set}' has shape {found:?}; it must have {columns} columns")]
    BadShape {
        /// Its name.
        data_set: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// Columns needed.
        columns: usize,
    },
    /// A section that begins before the one before it, or beyond the last point.
    #[error("section {section} begins at point {offset}; offsets must not descend, and there are {points} points")]
    BadOffset {
        /// The section.
        section: usize,
        /// Its first point.
        offset: u64,
        /// Number of points.
        points: usize,
    },
    /// There is no segment at all.
    #[error("the vasculature has no segment: is this the right file and population?")]
    Empty,
    /// Node ids of the segments leave a gap.
    #[error(
        "no segment touches node {missing}, though nodes go up to {largest}: the ids of start_node and end_node must be \
         exactly 0 to n-1; renumber them"
    )]
    NodeIdGap {
        /// First id that no segment has.
        missing: u64,
        /// Largest id.
        largest: u64,
    },
    /// Nodes or segments that no blood can flow through.
    #[error("{}", list_defects(defects))]
    Defects {
        /// All of them, nodes first.
        defects: Vec<Defect>,
    },
    /// A segment is asked for that does not exist.
    #[error("there is no vessel segment {segment} in section {section}{}", segments_of_section(*in_section))]
    UnknownAddress {
        /// `section_id` asked for.
        section: u32,
        /// `segment_id` asked for.
        segment: u32,
        /// Number of segments of this section.
        in_section: usize,
    },
    /// A length that cannot be one.
    #[error("the length of an endfoot along the vessel must be a number of um, at least 0; found {length_um}")]
    BadLength {
        /// What was given, in um.
        length_um: f64,
    },
    /// An endfoot on a vessel segment that is not there.
    #[error("endfoot edge {edge} begins at vessel segment {segment}, but there are {segments} (counted from 0)")]
    EndfootNowhere {
        /// The edge.
        edge: usize,
        /// Its vessel segment.
        segment: u64,
        /// Number of segments.
        segments: usize,
    },
}

fn segments_of_section(count: usize) -> String {
    match count {
        0 => " (there is no such section)".to_owned(),
        count => format!(" (the section has {count} segments)"),
    }
}

/// One thing that makes a graph unusable.
#[derive(Debug, Clone, PartialEq)]
pub enum Defect {
    /// A diameter that is zero, negative or no number.
    BadDiameter {
        /// The node.
        node: usize,
        /// Its diameter, in um.
        diameter_um: f64,
    },
    /// A coordinate that is no finite number.
    BadPosition {
        /// The node.
        node: usize,
        /// Its position, in um.
        position_um: [f64; 3],
    },
    /// A segment ends at a node that does not exist.
    UnknownNode {
        /// The segment.
        segment: usize,
        /// The node named.
        node: usize,
        /// Number of nodes.
        nodes: usize,
    },
    /// A segment starts and ends at the same node.
    SelfLoop {
        /// The segment.
        segment: usize,
        /// The node.
        node: usize,
    },
    /// The two ends of a segment lie at the same place.
    ZeroLength {
        /// The segment.
        segment: usize,
        /// Its nodes.
        nodes: [usize; 2],
    },
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadDiameter { node, diameter_um } => {
                write!(f, "node {node}: diameter {diameter_um} um; it must be positive")
            }
            Self::BadPosition { node, position_um: [x, y, z] } => {
                write!(f, "node {node}: position ({x}, {y}, {z}) um; coordinates must be finite")
            }
            Self::UnknownNode { segment, node, nodes } => {
                write!(f, "segment {segment}: node {node} does not exist; ids go from 0 to {}", nodes.saturating_sub(1))
            }
            Self::SelfLoop { segment, node } => {
                write!(f, "segment {segment}: starts and ends at node {node}; remove it")
            }
            Self::ZeroLength { segment, nodes: [start, end] } => {
                write!(f, "segment {segment}: length 0 between nodes {start} and {end}; merge the nodes")
            }
        }
    }
}

/// How many defects a message lists before it only counts.
const DEFECTS_SHOWN: usize = 10;

fn list_defects(defects: &[Defect]) -> String {
    let mut text = format!("the vasculature has {} defect(s):", defects.len());
    for defect in defects.iter().take(DEFECTS_SHOWN) {
        text.push_str(&format!("\n  {defect}"));
    }
    if defects.len() > DEFECTS_SHOWN {
        text.push_str(&format!("\n  and {} more", defects.len() - DEFECTS_SHOWN));
    }
    text
}

/// Something odd that does not prevent a simulation.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// Several segments join the same two nodes: they conduct in parallel.
    ParallelSegments {
        /// Segments beyond the first of each pair of nodes.
        count: usize,
        /// One such pair of segments.
        example: [usize; 2],
    },
    /// Several segments have the same section and segment id; searches find the first one.
    RepeatedAddress {
        /// Segments beyond the first of each address.
        count: usize,
        /// One such pair of segments.
        example: [usize; 2],
    },
    /// Rows or points disagree about the diameter of a node. In populations the last row that ends there wins, else the last that
    /// starts there; in morphologies the first point.
    InconsistentDiameters {
        /// Number of nodes.
        nodes: usize,
        /// One of them.
        example: usize,
        /// Its smallest and largest diameter, in um.
        range_um: [f64; 2],
        /// The one that is taken, in um.
        taken_um: f64,
    },
    /// Rows disagree about the position of a node; the same row wins.
    InconsistentPositions {
        /// Number of nodes.
        nodes: usize,
        /// One of them.
        example: usize,
    },
    /// Nodes that no segment touches.
    IsolatedNodes {
        /// How many.
        count: usize,
    },
    /// The graph falls apart: boundary flows enter the largest component alone.
    SeveralComponents {
        /// Number of components.
        count: usize,
        /// Nodes of the largest.
        main_nodes: usize,
        /// Nodes of all others.
        other_nodes: usize,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ParallelSegments { count, example: [a, b] } => {
                write!(f, "{count} segment(s) run parallel to another, for example {a} and {b}")
            }
            Self::RepeatedAddress { count, example: [a, b] } => write!(
                f,
                "{count} segment(s) repeat the section and segment id of another, for example {a} and {b}; searches find the first"
            ),
            Self::InconsistentDiameters { nodes, example, range_um: [low, high], taken_um } => write!(
                f,
                "rows disagree about the diameter of {nodes} node(s), for example node {example}: {low} to {high} um; {taken_um} um is taken"
            ),
            Self::InconsistentPositions { nodes, example } => write!(
                f,
                "rows disagree about the position of {nodes} node(s), for example node {example}; the last row wins"
            ),
            Self::IsolatedNodes { count } => write!(f, "{count} node(s) are touched by no segment"),
            Self::SeveralComponents { count, main_nodes, other_nodes } => write!(
                f,
                "{count} components: boundary flows enter the largest ({main_nodes} nodes), the other {other_nodes} nodes carry none"
            ),
        }
    }
}
