//! What a mesh file says, in terms common to all versions of the format.

use std::collections::{BTreeMap, HashMap};

use super::GmshError;
use super::line::Lines;
use crate::mesh::{Compartment, TetMesh};

/// Dimension of a volume.
pub(super) const VOLUME: u32 = 3;

/// The element type of linear tetrahedra.
const TETRAHEDRON: u32 = 4;

#[derive(Default)]
pub(super) struct Draft {
    names: BTreeMap<i64, String>,
    nodes: HashMap<u64, u32>,
    points: Vec<[f64; 3]>,
    tetrahedra: Vec<Tetrahedron>,
    /// Physical tags of each volume (elementary entity).
    volumes: BTreeMap<i64, Vec<i64>>,
}

struct Tetrahedron {
    nodes: [u64; 4],
    volume: i64,
    line: usize,
}

impl Draft {
    /// `$PhysicalNames`: a count, then `dimension tag "name"`.
    pub(super) fn physical_names(&mut self, lines: &mut Lines<'_>) -> Result<(), GmshError> {
        let count: usize = lines.fields("the number of names")?.number("the number of names")?;
        for _ in 0..count {
            let mut fields = lines.fields("a physical name")?;
            let dimension: u32 = fields.number("the dimension of a physical group")?;
            let tag: i64 = fields.number("the tag of a physical group")?;
            let quoted = fields.text().split_once('"').and_then(|(_, rest)| rest.rsplit_once('"'));
            let (name, _) = quoted.ok_or_else(|| GmshError::Unexpected {
                line: fields.line(),
                expected: "a name in double quotes",
                found: fields.text().to_owned(),
            })?;
            if dimension == VOLUME {
                self.names.insert(tag, name.to_owned());
            }
        }
        Ok(())
    }

    pub(super) fn node(&mut self, tag: u64, point: [f64; 3], line: usize) -> Result<(), GmshError> {
        match self.nodes.insert(tag, self.points.len() as u32) {
            Some(_) => Err(GmshError::DoubledNode { line, node: tag }),
            None => {
                self.points.push(point);
                Ok(())
            }
        }
    }

    pub(super) fn volume(&mut self, volume: i64, physical: Vec<i64>) {
        self.volumes.insert(volume, physical);
    }

    pub(super) fn tetrahedron(&mut self, nodes: [u64; 4], volume: i64, line: usize) {
        self.tetrahedra.push(Tetrahedron { nodes, volume, line });
    }

    /// The mesh; coordinates are multiplied by `scale` to give um.
    pub(super) fn into_mesh(self, scale: f64) -> Result<TetMesh, GmshError> {
        // Nodes that no tetrahedron has (of curves, say, or of dropped volumes) are left out.
        const UNUSED: u32 = u32::MAX;
        let mut corners = Vec::with_capacity(self.tetrahedra.len());
        let mut vertex_of = vec![UNUSED; self.points.len()];
        for tetrahedron in &self.tetrahedra {
            let mut points = [0u32; 4];
            for (point, node) in points.iter_mut().zip(tetrahedron.nodes) {
                *point = *self.nodes.get(&node).ok_or(GmshError::UnknownNode { line: tetrahedron.line, node })?;
                vertex_of[*point as usize] = 0;
            }
            corners.push(points);
        }
        let mut vertices = Vec::new();
        for (point, vertex) in self.points.iter().zip(&mut vertex_of) {
            if *vertex != UNUSED {
                *vertex = vertices.len() as u32;
                vertices.push(point.map(|x| x * scale));
            }
        }
        let corners = corners.into_iter().map(|points| points.map(|point| vertex_of[point as usize])).collect();

        // A named volume may be empty: whoever asks for it is told so.
        let mut members: BTreeMap<i64, Vec<u32>> = self.names.keys().map(|&tag| (tag, Vec::new())).collect();
        for (tet, tetrahedron) in self.tetrahedra.iter().enumerate() {
            for &tag in self.volumes.get(&tetrahedron.volume).map_or(&[][..], Vec::as_slice) {
                members.entry(tag).or_default().push(tet as u32);
            }
        }
        let compartments = members
            .into_iter()
            .map(|(tag, tetrahedra)| Compartment {
                name: self.names.get(&tag).cloned().unwrap_or_else(|| tag.to_string()),
                tag,
                tetrahedra,
            })
            .collect();
        TetMesh::new(vertices, corners, compartments).map_err(|source| match source.tetrahedron() {
            Some(tet) => GmshError::Tetrahedron { line: self.tetrahedra[tet].line, source },
            None => GmshError::Mesh(source),
        })
    }
}

/// Nodes of each element of this type, if it is a tetrahedron; `None` for elements of lower dimension, which are not taken.
///
/// # Errors
/// Volume elements of any other kind. Type numbers are those of the Gmsh reference manual, section "MSH file format".
pub(super) fn nodes_of_tetrahedron(element_type: u32, line: usize) -> Result<Option<usize>, GmshError> {
    let other = |element| Err(GmshError::NotTetrahedra { line, element_type, element });
    match element_type {
        // Of any order; the four corners come first.
        TETRAHEDRON | 11 | 29 | 30 | 31 => Ok(nodes_of_element(element_type)),
        71..=75 | 79..=83 => Err(GmshError::HigherOrder { line, element_type }),
        5 | 12 | 17 | 92 | 93 => other("hexahedra"),
        6 | 13 | 18 => other("prisms"),
        7 | 14 | 19 => other("pyramids"),
        _ => Ok(None),
    }
}

/// Nodes of an element of this type (Gmsh reference manual, section "MSH file format").
pub(super) fn nodes_of_element(element_type: u32) -> Option<usize> {
    const NODES: [usize; 31] =
        [2, 3, 4, 4, 8, 6, 5, 3, 6, 9, 10, 27, 18, 14, 1, 8, 20, 15, 13, 9, 10, 12, 15, 15, 21, 4, 5, 6, 20, 35, 56];
    NODES.get((element_type as usize).checked_sub(1)?).copied()
}
