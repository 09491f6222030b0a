//! Writes meshes for Gmsh.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::mesh::TetMesh;

/// Version of the MSH format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 4.1, the current one.
    V4_1,
    /// 2.2, the one that most programs read.
    V2_2,
}

impl TetMesh {
    /// Writes the mesh as text, coordinates in um (`mesh_scale` 1e-6), every number so that it is read back exactly.
    /// Tetrahedra keep their order. Where a tetrahedron is in several compartments, version 2.2 keeps the first.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_gmsh(&self, out: &mut impl Write, version: Version) -> io::Result<()> {
        let (number, groups) = match version {
            Version::V4_1 => ("4.1", self.groups(usize::MAX)),
            Version::V2_2 => ("2.2", self.groups(1)),
        };
        writeln!(out, "$MeshFormat\n{number} 0 8\n$EndMeshFormat")?;
        if !self.compartments().is_empty() {
            writeln!(out, "$PhysicalNames\n{}", self.compartments().len())?;
            for compartment in self.compartments() {
                writeln!(out, "3 {} \"{}\"", compartment.tag, compartment.name)?;
            }
            writeln!(out, "$EndPhysicalNames")?;
        }
        match version {
            Version::V4_1 => self.write_4_1(out, &groups),
            Version::V2_2 => self.write_2_2(out, &groups),
        }
    }

    /// The physical tags (at most `limit`) of each tetrahedron.
    fn groups(&self, limit: usize) -> Vec<Vec<i64>> {
        let mut groups = vec![Vec::new(); self.len()];
        for compartment in self.compartments() {
            for &tet in &compartment.tetrahedra {
                let tags: &mut Vec<i64> = &mut groups[tet as usize];
                if tags.len() < limit {
                    tags.push(compartment.tag);
                }
            }
        }
        groups
    }

    fn write_2_2(&self, out: &mut impl Write, groups: &[Vec<i64>]) -> io::Result<()> {
        writeln!(out, "$Nodes\n{}", self.vertices_um().len())?;
        for (vertex, [x, y, z]) in self.vertices_um().iter().enumerate() {
            writeln!(out, "{} {x} {y} {z}", vertex + 1)?;
        }
        writeln!(out, "$EndNodes\n$Elements\n{}", self.len())?;
        for (tet, ([a, b, c, d], tags)) in self.tetrahedra().iter().zip(groups).enumerate() {
            let physical = tags.first().copied().unwrap_or(0);
            writeln!(out, "{} 4 2 {physical} {physical} {} {} {} {}", tet + 1, a + 1, b + 1, c + 1, d + 1)?;
        }
        writeln!(out, "$EndElements")
    }

    /// One volume for each set of physical tags that occurs; one block of elements for each run of tetrahedra in the
    /// same volume, which keeps the order.
    fn write_4_1(&self, out: &mut impl Write, groups: &[Vec<i64>]) -> io::Result<()> {
        let mut volumes: BTreeMap<&[i64], usize> = BTreeMap::new();
        for tags in groups {
            let next = volumes.len() + 1;
            volumes.entry(tags).or_insert(next);
        }
        let [[a, b, c], [d, e, f]] = [self.bounds().lower_um, self.bounds().upper_um];
        writeln!(out, "$Entities\n0 0 0 {}", volumes.len())?;
        for (tags, volume) in &volumes {
            write!(out, "{volume} {a} {b} {c} {d} {e} {f} {}", tags.len())?;
            for tag in *tags {
                write!(out, " {tag}")?;
            }
            writeln!(out, " 0")?;
        }
        let vertices = self.vertices_um().len();
        writeln!(out, "$EndEntities\n$Nodes\n1 {vertices} 1 {vertices}\n3 1 0 {vertices}")?;
        for tag in 1..=vertices {
            writeln!(out, "{tag}")?;
        }
        for [x, y, z] in self.vertices_um() {
            writeln!(out, "{x} {y} {z}")?;
        }
        let runs: Vec<&[Vec<i64>]> = groups.chunk_by(|a, b| a == b).collect();
        writeln!(out, "$EndNodes\n$Elements\n{} {} 1 {}", runs.len(), self.len(), self.len())?;
        let mut tetrahedra = self.tetrahedra().iter().enumerate();
        for run in runs {
            writeln!(out, "3 {} 4 {}", volumes[run[0].as_slice()], run.len())?;
            for (tet, [a, b, c, d]) in tetrahedra.by_ref().take(run.len()) {
                writeln!(out, "{} {} {} {} {}", tet + 1, a + 1, b + 1, c + 1, d + 1)?;
            }
        }
        writeln!(out, "$EndElements")
    }
}
