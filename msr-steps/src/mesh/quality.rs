//! How good a mesh is: shapes, sizes, and how far the two-point flux can be trusted on it.

use std::fmt;

use super::{OUTSIDE, TetMesh, cross, difference, dot, length};

/// A summary of a mesh. Its text is fit for the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    /// Number of tetrahedra.
    pub tetrahedra: usize,
    /// Number of vertices.
    pub vertices: usize,
    /// Smallest, mean and largest volume, in um3.
    pub volumes_um3: [f64; 3],
    /// Shortest and longest edge, in um.
    pub edges_um: [f64; 2],
    /// Smallest and mean radius ratio: three times the radius of the sphere inside over that of the one around, 1 for a
    /// regular tetrahedron, 0 for a flat one.
    pub radius_ratios: [f64; 2],
    /// The tetrahedron of the smallest radius ratio.
    pub worst: usize,
    /// Smallest and largest angle between two faces, in degrees.
    pub dihedral_angles_deg: [f64; 2],
    /// Mean and largest angle between a face's normal and the line of barycentres through it, in degrees. Where it is not
    /// 0, the two-point flux is not consistent.
    pub skew_deg: [f64; 2],
    /// Parts of the mesh that share no face.
    pub parts: usize,
    /// Faces on the surface.
    pub surface_faces: usize,
}

/// Mean angle, in degrees, from which a report advises the consistent flux.
const SKEWED_DEG: f64 = 10.0;

impl TetMesh {
    /// Shapes and sizes of the tetrahedra.
    pub fn quality(&self) -> Quality {
        let mut quality = Quality {
            tetrahedra: self.len(),
            vertices: self.vertices_um().len(),
            volumes_um3: [f64::INFINITY, self.volume_um3() / self.len() as f64, 0.0],
            edges_um: [f64::INFINITY, 0.0],
            radius_ratios: [f64::INFINITY, 0.0],
            worst: 0,
            dihedral_angles_deg: [180.0, 0.0],
            skew_deg: [0.0, 0.0],
            parts: self.parts(),
            surface_faces: self.neighbours().iter().flatten().filter(|&&other| other == OUTSIDE).count(),
        };
        let mut inner_faces = 0;
        for tet in 0..self.len() {
            let corners = self.corners_um(tet);
            let volume = self.volumes_um3()[tet];
            quality.volumes_um3[0] = quality.volumes_um3[0].min(volume);
            quality.volumes_um3[2] = quality.volumes_um3[2].max(volume);
            for one in 0..4 {
                for other in one + 1..4 {
                    let edge = length(difference(corners[one], corners[other]));
                    quality.edges_um = [quality.edges_um[0].min(edge), quality.edges_um[1].max(edge)];
                }
            }
            let ratio = radius_ratio(&corners, volume, &self.face_areas_um2()[tet]);
            if ratio < quality.radius_ratios[0] {
                quality.radius_ratios[0] = ratio;
                quality.worst = tet;
            }
            quality.radius_ratios[1] += ratio / self.len() as f64;
            let normals = outward_normals(&corners);
            for one in 0..4 {
                for other in one + 1..4 {
                    let angle = (-dot(normals[one], normals[other])).clamp(-1.0, 1.0).acos().to_degrees();
                    let [least, most] = quality.dihedral_angles_deg;
                    quality.dihedral_angles_deg = [least.min(angle), most.max(angle)];
                }
            }
            for (face, &other) in self.neighbours()[tet].iter().enumerate().filter(|(_, other)| **other != OUTSIDE) {
                let line = difference(self.barycentres_um()[other as usize], self.barycentres_um()[tet]);
                let cosine = dot(line, normals[face]) / length(line);
                let angle = cosine.clamp(-1.0, 1.0).acos().to_degrees();
                quality.skew_deg = [quality.skew_deg[0] + angle, quality.skew_deg[1].max(angle)];
                inner_faces += 1;
            }
        }
        quality.skew_deg[0] /= f64::from(inner_faces.max(1));
        quality
    }

    fn parts(&self) -> usize {
        let mut seen = vec![false; self.len()];
        let mut waiting = Vec::new();
        let mut parts = 0;
        for start in 0..self.len() {
            if seen[start] {
                continue;
            }
            parts += 1;
            seen[start] = true;
            waiting.push(start);
            while let Some(tet) = waiting.pop() {
                for &other in self.neighbours()[tet].iter().filter(|&&other| other != OUTSIDE) {
                    if !seen[other as usize] {
                        seen[other as usize] = true;
                        waiting.push(other as usize);
                    }
                }
            }
        }
        parts
    }
}

/// Unit normals; face k lies opposite to corner k.
fn outward_normals(corners: &[[f64; 3]; 4]) -> [[f64; 3]; 4] {
    std::array::from_fn(|face| {
        let [a, b, c] = [1, 2, 3].map(|offset| corners[(face + offset) % 4]);
        let normal = cross(difference(b, a), difference(c, a));
        let outward = -dot(normal, difference(corners[face], a)).signum();
        normal.map(|x| outward * x / length(normal))
    })
}

/// The radius inside is `3 V / S`; the one around is `sqrt((s - p) (s - q) (s - r) s) / 6 V`, where p, q and r are the products
/// of opposite edges and s is half their sum (Crelle 1821).
fn radius_ratio(corners: &[[f64; 3]; 4], volume: f64, areas: &[f64; 4]) -> f64 {
    let edge = |one: usize, other: usize| length(difference(corners[one], corners[other]));
    let [p, q, r] = [edge(0, 1) * edge(2, 3), edge(0, 2) * edge(1, 3), edge(0, 3) * edge(1, 2)];
    let s = 0.5 * (p + q + r);
    let around = ((s - p) * (s - q) * (s - r) * s).max(0.0).sqrt() / (6.0 * volume);
    let inside = 3.0 * volume / areas.iter().sum::<f64>();
    3.0 * inside / around
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [least, mean, most] = self.volumes_um3;
        writeln!(
            f,
            "{} tetrahedra, {} vertices, {} faces on the surface",
            self.tetrahedra, self.vertices, self.surface_faces
        )?;
        writeln!(
            f,
            "volumes {least:.4e} to {most:.4e} um3, mean {mean:.4e}; edges {:.4} to {:.4} um",
            self.edges_um[0], self.edges_um[1]
        )?;
        writeln!(
            f,
            "radius ratios from {:.3} (tetrahedron {}), mean {:.3}; angles between faces {:.1} to {:.1} degrees",
            self.radius_ratios[0],
            self.worst,
            self.radius_ratios[1],
            self.dihedral_angles_deg[0],
            self.dihedral_angles_deg[1]
        )?;
        write!(
            f,
            "lines of barycentres {:.1} degrees off the faces' normals, {:.1} at most",
            self.skew_deg[0], self.skew_deg[1]
        )?;
        if self.skew_deg[0] > SKEWED_DEG {
            write!(f, ": take steps.flux \"consistent\", or a lattice, where the continuum matters")?;
        }
        if self.parts > 1 {
            write!(f, "\n{} parts share no face: nothing diffuses from one to another", self.parts)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_tetrahedron_is_as_good_as_can_be() {
        let corners = vec![[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]];
        let quality = TetMesh::new(corners, vec![[0, 1, 2, 3]], Vec::new()).unwrap().quality();
        assert!((quality.radius_ratios[0] - 1.0).abs() < 1e-14, "{quality:?}");
        assert!(
            quality.dihedral_angles_deg.iter().all(|angle| (angle - (1.0f64 / 3.0).acos().to_degrees()).abs() < 1e-12)
        );
        assert_eq!((quality.parts, quality.surface_faces, quality.skew_deg), (1, 4, [0.0, 0.0]));
    }

    #[test]
    fn a_corner_of_a_cube_has_known_radii() {
        let corners = vec![[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let quality = TetMesh::new(corners, vec![[0, 1, 2, 3]], Vec::new()).unwrap().quality();
        // Inside 1 / (3 + sqrt 3), around sqrt(3) / 2.
        let expected = 3.0 / (3.0 + 3f64.sqrt()) / (0.5 * 3f64.sqrt());
        assert!((quality.radius_ratios[0] - expected).abs() < 1e-14);
        assert!((quality.dihedral_angles_deg[1] - 90.0).abs() < 1e-12);
    }

    #[test]
    fn lattices_are_orthogonal_inside_and_parts_are_counted() {
        let lattice = TetMesh::box_lattice([0.0; 3], [8.0; 3], 1.0, "extra").unwrap();
        let quality = lattice.quality();
        assert!(quality.skew_deg[0] < 10.0 && quality.parts == 1, "{quality}");
        assert!((quality.edges_um[0] - 0.75f64.sqrt()).abs() < 1e-12);
        let ends: Vec<[u32; 4]> = (0..lattice.len())
            .filter(|&tet| !(2.0..6.0).contains(&lattice.barycentres_um()[tet][0]))
            .map(|tet| lattice.tetrahedra()[tet])
            .collect();
        let parted = TetMesh::new(lattice.vertices_um().to_vec(), ends, Vec::new()).unwrap().quality();
        assert_eq!(parted.parts, 2);
        assert!(parted.to_string().contains("2 parts share no face"));
    }
}
