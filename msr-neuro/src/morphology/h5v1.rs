//! H5 morphologies, version 1: `points` (x, y, z, diameter of each point, in um) and `structure` (first point, type and
//! parent of each section; the soma is the first).
//!
//! Conventions of MorphIO's reader, by which neurodamus reads these files: the soma is a sphere (one point) or a contour
//! (three and more), neurites begin with their own first point at the middle of the soma, branches with the copy of their
//! parent's last point that the file has. Several morphologies may be in one file, each in a group of its name.

use super::error::{H5Mistake, LARGEST_COORDINATE_UM, LARGEST_DIAMETER_UM};
use super::{
    Attachment, Morphology, MorphologyError, Point, Section, SectionKind, in_sonata_order, parents_first, rearranged,
    soma,
};

/// The two tables of a morphology.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct H5Tables {
    /// `points`: x, y, z, diameter, in um.
    pub points: Vec<[f64; 4]>,
    /// `structure`: first point, type, parent (row of this table; -1 for the soma).
    pub structure: Vec<[i64; 3]>,
}

impl H5Tables {
    /// The morphology that the tables describe; `file` is the name used in messages.
    ///
    /// # Errors
    /// [`MorphologyError`] with file, table and row.
    pub fn morphology(&self, file: &str) -> Result<Morphology, MorphologyError> {
        let mistake = |dataset, row, what| MorphologyError::H5Row { file: file.to_owned(), dataset, row, what };
        if let Some((row, what)) = self.points.iter().enumerate().find_map(|(row, point)| Some((row, wrong(point)?))) {
            return Err(mistake("points", row, what));
        }
        if self.structure.first().is_none_or(|&[_, kind, parent]| kind != SOMA || parent != -1) {
            return Err(MorphologyError::H5NoSoma { file: file.to_owned() });
        }
        let mut sections = Vec::with_capacity(self.structure.len());
        for row in 0..self.structure.len() {
            sections.push(self.section(row).map_err(|what| mistake("structure", row, what))?);
        }
        Morphology::new(in_sonata_order(depth_first(sections)))
    }

    fn section(&self, row: usize) -> Result<Section, H5Mistake> {
        let [_, kind, parent] = self.structure[row];
        let points = self.points_of(row)?;
        if row == 0 {
            return Ok(Section { kind: SectionKind::Soma, parent: None, points: soma_of(points)? });
        }
        let kind = match kind {
            SOMA => return Err(H5Mistake::SecondSoma),
            2 => SectionKind::Axon,
            3 => SectionKind::Dend,
            4 => SectionKind::Apic,
            other => return Err(H5Mistake::Type(other)),
        };
        let start = match usize::try_from(parent) {
            Ok(0) => (0, Attachment::Middle),
            Ok(before) if before < row => (before, Attachment::End),
            Err(_) if parent == -1 => (0, Attachment::Middle),
            _ => return Err(H5Mistake::Parent(parent)),
        };
        if points.len() < 2 {
            return Err(H5Mistake::TooFewPoints(points.len()));
        }
        let points: Vec<Point> = points.iter().map(|&[x, y, z, diameter]| Point::single([x, y, z], diameter)).collect();
        if points.windows(2).all(|pair| pair[0].distance_um(&pair[1]) == 0.0) {
            return Err(H5Mistake::NoLength);
        }
        if let Some(point) = points.iter().find(|point| point.diameter_um <= 0.0) {
            return Err(H5Mistake::Diameter(point.diameter_um));
        }
        Ok(Section { kind, parent: Some(start), points })
    }

    fn points_of(&self, row: usize) -> Result<&[[f64; 4]], H5Mistake> {
        let first = self.structure[row][0];
        let end = self.structure.get(row + 1).map_or(self.points.len() as i64, |next| next[0]);
        let range = usize::try_from(first).ok().zip(usize::try_from(end).ok());
        let inside = range.filter(|&(first, _)| row > 0 || first == 0);
        inside.and_then(|(first, end)| self.points.get(first..end)).ok_or(H5Mistake::Offset {
            first,
            end,
            points: self.points.len(),
        })
    }
}

/// Type of the soma.
const SOMA: i64 = 1;

fn wrong(&[x, y, z, diameter]: &[f64; 4]) -> Option<H5Mistake> {
    let is_far = |value: &&f64| value.is_nan() || value.abs() > LARGEST_COORDINATE_UM;
    if let Some(&value) = [x, y, z].iter().find(is_far) {
        return Some(H5Mistake::Coordinate(value));
    }
    // Points of a contour have no diameter.
    (!(0.0..=LARGEST_DIAMETER_UM).contains(&diameter)).then_some(H5Mistake::Diameter(diameter))
}

fn soma_of(points: &[[f64; 4]]) -> Result<Vec<Point>, H5Mistake> {
    match points {
        &[[x, y, z, diameter]] if diameter > 0.0 => Ok(soma::from_sphere([x, y, z], diameter / 2.0)),
        &[[.., diameter]] => Err(H5Mistake::Diameter(diameter)),
        [] | [_, _] => Err(H5Mistake::Soma(points.len())),
        _ => {
            let contour: Vec<[f64; 3]> = points.iter().map(|&[x, y, z, _]| [x, y, z]).collect();
            soma::from_contour(&contour).ok_or(H5Mistake::Soma(points.len()))
        }
    }
}

/// Sections depth first, children in the order in which they were, parents renumbered. Parents come before their children.
fn depth_first(sections: Vec<Section>) -> Vec<Section> {
    let order = parents_first(sections.iter().map(|section| section.parent.map(|(parent, _)| parent)));
    rearranged(sections, &order)
}

#[cfg(feature = "hdf5")]
pub use file::{read_h5, read_h5_container};

#[cfg(feature = "hdf5")]
mod file {
    use std::path::Path;

    use hdf5::{File, Group};

    use super::super::error::MOST_POINTS;
    use super::super::{Morphology, MorphologyError};
    use super::H5Tables;

    /// Reads an H5 file of one morphology.
    ///
    /// # Errors
    /// [`MorphologyError`] with file, data set and row.
    pub fn read_h5(path: &Path) -> Result<Morphology, MorphologyError> {
        let (file, name) = open(path)?;
        tables(&file, &name, "the file")?.morphology(&name)
    }

    /// Reads the morphology `name` of an H5 file of several, in which each is a group.
    ///
    /// # Errors
    /// [`MorphologyError`] with file, group, data set and row.
    pub fn read_h5_container(path: &Path, name: &str) -> Result<Morphology, MorphologyError> {
        let (file, container) = open(path)?;
        let group = file.group(name).map_err(|_| MorphologyError::H5Absent {
            file: container.clone(),
            name: name.to_owned(),
            available: file.member_names().unwrap_or_default(),
        })?;
        let label = format!("{container}: {name}");
        tables(&group, &label, "the group")?.morphology(&label)
    }

    fn open(path: &Path) -> Result<(File, String), MorphologyError> {
        // The library prints its own reasons for a missing file, not the system's.
        std::fs::metadata(path).map_err(|source| MorphologyError::Unreadable { path: path.to_owned(), source })?;
        let name = path.display().to_string();
        let failed = |source| MorphologyError::H5Unreadable { file: name.clone(), object: "it".to_owned(), source };
        File::open(path).map_err(failed).map(|file| (file, name.clone()))
    }

    fn tables(group: &Group, file: &str, label: &str) -> Result<H5Tables, MorphologyError> {
        let points: Vec<f64> = table(group, file, label, "points", 4)?;
        let structure: Vec<i64> = table(group, file, label, "structure", 3)?;
        Ok(H5Tables { points: points.as_chunks().0.to_vec(), structure: structure.as_chunks().0.to_vec() })
    }

    fn table<T: hdf5::H5Type>(
        group: &Group,
        file: &str,
        label: &str,
        dataset: &'static str,
        columns: usize,
    ) -> Result<Vec<T>, MorphologyError> {
        let data = group.dataset(dataset).map_err(|_| MorphologyError::H5NoDataset {
            file: file.to_owned(),
            group: label.to_owned(),
            dataset,
            available: group.member_names().unwrap_or_default(),
        })?;
        let found = data.shape();
        if found.len() != 2 || found[1] != columns {
            return Err(MorphologyError::H5Shape {
                file: file.to_owned(),
                dataset: dataset.to_owned(),
                found,
                columns,
            });
        }
        if found[0] > MOST_POINTS {
            return Err(MorphologyError::H5TooLong {
                file: file.to_owned(),
                dataset: dataset.to_owned(),
                found: found[0],
            });
        }
        data.read_raw().map_err(|source| MorphologyError::H5Unreadable {
            file: file.to_owned(),
            object: dataset.to_owned(),
            source,
        })
    }
}
