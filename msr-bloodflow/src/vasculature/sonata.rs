//! Vasculature from a SONATA node population, where every node of the population is one vessel segment that repeats
//! place and diameter of both its ends.

use msr_config::{NodePopulation, Table};

use super::error::{Note, VasculatureError};
use super::tables::{NodeTable, SegmentTable};
use super::{Vasculature, is_diameter, is_position};

/// Columns of the SONATA population, one entry a segment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SegmentRows {
    /// `start_node`.
    pub start_nodes: Vec<u64>,
    /// `end_node`.
    pub end_nodes: Vec<u64>,
    /// `start_x`, `start_y`, `start_z`, in um.
    pub start_positions_um: Vec<[f64; 3]>,
    /// `end_x`, `end_y`, `end_z`, in um.
    pub end_positions_um: Vec<[f64; 3]>,
    /// `start_diameter`, in um.
    pub start_diameters_um: Vec<f64>,
    /// `end_diameter`, in um.
    pub end_diameters_um: Vec<f64>,
    /// `type`.
    pub types: Vec<i32>,
    /// `section_id`.
    pub section_ids: Vec<u32>,
    /// `segment_id`.
    pub segment_ids: Vec<u32>,
}

/// Rows that differ by less than this part of the larger value agree: values are stored in single precision.
const AGREEMENT: f64 = 1e-6;

impl SegmentRows {
    fn check_lengths(&self) -> Result<(), VasculatureError> {
        let expected = self.start_nodes.len();
        let lengths = [
            ("end_node", self.end_nodes.len()),
            ("start_x", self.start_positions_um.len()),
            ("end_x", self.end_positions_um.len()),
            ("start_diameter", self.start_diameters_um.len()),
            ("end_diameter", self.end_diameters_um.len()),
        ];
        match lengths.into_iter().find(|&(_, found)| found != expected) {
            Some((column, found)) => Err(VasculatureError::UnevenColumns { column, found, expected }),
            None if expected == 0 => Err(VasculatureError::Empty),
            None => Ok(()),
        }
    }

    /// Number of nodes, after a check that their ids are exactly 0 to n-1.
    fn count_nodes(&self) -> Result<usize, VasculatureError> {
        let mut ids: Vec<u64> = self.start_nodes.iter().chain(&self.end_nodes).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let largest = ids.last().copied().unwrap_or(0);
        match (0..).zip(&ids).find(|(expected, id)| expected != *id) {
            Some((missing, _)) => Err(VasculatureError::NodeIdGap { missing, largest }),
            None => Ok(ids.len()),
        }
    }

    /// What each row says about its nodes: all starts, then all ends.
    fn sightings(&self) -> impl Iterator<Item = (usize, [f64; 3], f64)> + '_ {
        let starts = self.start_nodes.iter().zip(&self.start_positions_um).zip(&self.start_diameters_um);
        let ends = self.end_nodes.iter().zip(&self.end_positions_um).zip(&self.end_diameters_um);
        starts.chain(ends).map(|((&node, &position), &diameter)| (node as usize, position, diameter))
    }
}

impl SegmentRows {
    /// Reads the columns of a population's attributes. The older names `start_node_id` and `end_node_id` stand for
    /// `start_node` and `end_node`.
    ///
    /// # Errors
    /// [`VasculatureError::Attribute`] where a column is absent or of another type, [`VasculatureError::BadInteger`]
    /// where an id is negative or too large.
    pub fn from_table(table: &Table) -> Result<Self, VasculatureError> {
        let current_or_legacy = |current: &'static str, legacy: &'static str| {
            if !table.contains(current) && table.contains(legacy) { legacy } else { current }
        };
        let positions = |names: [&str; 3]| -> Result<Vec<[f64; 3]>, VasculatureError> {
            let [x, y, z] = [table.float(names[0])?, table.float(names[1])?, table.float(names[2])?];
            Ok(x.iter().zip(y.iter()).zip(z.iter()).map(|((&x, &y), &z)| [x, y, z]).collect())
        };
        Ok(Self {
            start_nodes: whole_numbers(table, current_or_legacy("start_node", "start_node_id"))?,
            end_nodes: whole_numbers(table, current_or_legacy("end_node", "end_node_id"))?,
            start_positions_um: positions(["start_x", "start_y", "start_z"])?,
            end_positions_um: positions(["end_x", "end_y", "end_z"])?,
            start_diameters_um: table.float("start_diameter")?.into_owned(),
            end_diameters_um: table.float("end_diameter")?.into_owned(),
            types: whole_numbers(table, "type")?,
            section_ids: whole_numbers(table, "section_id")?,
            segment_ids: whole_numbers(table, "segment_id")?,
        })
    }
}

pub(super) fn whole_numbers<T: TryFrom<i64>>(table: &Table, column: &'static str) -> Result<Vec<T>, VasculatureError> {
    let values = table.integer(column)?;
    let numbers = values.iter().enumerate().map(|(row, &value)| {
        T::try_from(value).map_err(|_| VasculatureError::BadInteger {
            table: table.file.display().to_string(),
            row,
            column,
            value,
        })
    });
    numbers.collect()
}

impl Vasculature {
    /// Builds a graph from a vasculature population of a circuit.
    ///
    /// # Errors
    /// As [`SegmentRows::from_table`] and [`Vasculature::from_rows`].
    pub fn from_population(population: &NodePopulation) -> Result<Self, VasculatureError> {
        let rows = SegmentRows::from_table(&population.attributes)?;
        Ok(Self::from_rows(rows)?.of_population(&population.name))
    }

    /// Builds a graph from the rows of a SONATA population. Where rows disagree about a node, the last row that ends
    /// there wins, else the last that starts there, and a note says so.
    ///
    /// # Errors
    /// [`VasculatureError::NodeIdGap`] where the node ids are not exactly 0 to n-1, and as [`Vasculature::new`].
    pub fn from_rows(rows: SegmentRows) -> Result<Self, VasculatureError> {
        rows.check_lengths()?;
        let count = rows.count_nodes()?;
        let mut nodes = NodeTable { positions_um: vec![[f64::NAN; 3]; count], diameters_um: vec![f64::NAN; count] };
        let mut ranges_um = vec![[f64::INFINITY, f64::NEG_INFINITY]; count];
        let mut moved = vec![false; count];
        for (node, position, diameter) in rows.sightings() {
            let before = nodes.positions_um[node];
            moved[node] |= (0..3).any(|axis| differ(before[axis], position[axis]));
            let [low, high] = ranges_um[node];
            // What is impossible in one row stays, to be found among the defects.
            let is_first = low > high;
            if is_first || is_position(before) {
                nodes.positions_um[node] = position;
            }
            if is_first || is_diameter(nodes.diameters_um[node]) {
                nodes.diameters_um[node] = diameter;
            }
            ranges_um[node] = if is_first { [diameter; 2] } else { [low.min(diameter), high.max(diameter)] };
        }
        let endfeet = vec![None; rows.start_nodes.len()];
        let as_positions = |ids: Vec<u64>| ids.into_iter().map(|id| id as usize).collect();
        let segments = SegmentTable {
            start_nodes: as_positions(rows.start_nodes),
            end_nodes: as_positions(rows.end_nodes),
            types: rows.types,
            section_ids: rows.section_ids,
            segment_ids: rows.segment_ids,
            endfeet,
        };
        let mut vasculature = Self::new(nodes, segments)?;
        let uneven: Vec<usize> = (0..count).filter(|&node| differ(ranges_um[node][0], ranges_um[node][1])).collect();
        if let Some(&example) = uneven.first() {
            let (range_um, taken_um) = (ranges_um[example], vasculature.nodes().diameters_um[example]);
            vasculature.notes.push(Note::InconsistentDiameters { nodes: uneven.len(), example, range_um, taken_um });
        }
        if let Some(example) = moved.iter().position(|&moved| moved) {
            let nodes = moved.iter().filter(|&&moved| moved).count();
            vasculature.notes.push(Note::InconsistentPositions { nodes, example });
        }
        Ok(vasculature)
    }
}

/// Whether two values of one quantity disagree; a value not yet known (NaN) agrees with any.
pub(super) fn differ(a: f64, b: f64) -> bool {
    (a - b).abs() > AGREEMENT * a.abs().max(b.abs())
}
