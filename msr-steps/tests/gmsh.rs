//! Mesh files: geometry against reference values, both versions, what is refused.

mod reference;

use msr_steps::TetMesh;
use msr_steps::mesh::gmsh::{GmshError, Version};
use msr_steps::mesh::{MeshError, OUTSIDE};
use reference::{directory, json, numbers, point};

const UM: f64 = 1e-6;

/// Two tetrahedra on the triangle 7, 3, 20 (sparse, unordered tags), the second with negative orientation, one in each of
/// two named volumes; a triangle and a point to pass over, and a node that nothing uses.
const TWO: &str = r#"$MeshFormat
4.1 0 8
$EndMeshFormat
$Comments
anything
$EndComments
$PhysicalNames
3
2 1 "surface"
3 9 "left side"
3 4 "right"
$EndPhysicalNames
$Entities
1 0 1 2
1 0 0 0 0
1 0 0 0 1 1 0 1 1 0
5 0 0 0 1 1 1 1 9 0
6 0 0 -1 1 1 0 1 -4 0
$EndEntities
$Nodes
2 6 3 99
2 1 1 3
7
3
20
0 0 0 0 0
1 0 0 1 0
0 1 0 0 1
3 5 0 3
99
50
4
0 0 1
0 0 -1
8 8 8
$EndNodes
$Elements
4 4 1 4
0 1 15 1
1 7
2 1 2 1
2 7 3 20
3 6 4 1
3 7 3 20 50
3 5 4 1
4 7 3 20 99
$EndElements
"#;

#[test]
fn sparse_tags_names_and_orientation() {
    let mesh = TetMesh::parse_gmsh(TWO, UM).unwrap();
    assert_eq!(mesh.len(), 2);
    assert_eq!(mesh.vertices_um().len(), 5);
    let parts: Vec<_> =
        mesh.compartments().iter().map(|part| (part.name.as_str(), part.tag, part.tetrahedra.clone())).collect();
    assert_eq!(parts, [("right", 4, vec![0]), ("left side", 9, vec![1])]);
    assert_eq!(mesh.volumes_um3(), [1.0 / 6.0; 2]);
    assert_eq!(mesh.barycentres_um()[0], [0.25, 0.25, -0.25]);
    let faces: Vec<_> = mesh.interior_faces().collect();
    assert_eq!(faces.len(), 1);
    assert_eq!((faces[0].tets, faces[0].area_um2, faces[0].barycentre_distance_um), ([0, 1], 0.5, 0.5));
    assert_eq!(mesh.neighbours()[0].iter().filter(|&&other| other == OUTSIDE).count(), 3);
    // Oriented: each corner sees the opposite face the same way round.
    for tet in 0..2 {
        let [a, b, c, d] = mesh.corners_um(tet);
        let [u, v, w] = [b, c, d].map(|p| [p[0] - a[0], p[1] - a[1], p[2] - a[2]]);
        let determinant = u[0] * (v[1] * w[2] - v[2] * w[1]) - u[1] * (v[0] * w[2] - v[2] * w[0])
            + u[2] * (v[0] * w[1] - v[1] * w[0]);
        assert_eq!(determinant, 1.0);
    }
}

#[test]
fn the_scale_gives_micrometres() {
    let mesh = TetMesh::parse_gmsh(TWO, 1e-3).unwrap();
    assert!((mesh.volume_um3() - 1e9 / 3.0).abs() < 1.0);
    assert!(matches!(TetMesh::parse_gmsh(TWO, 0.0), Err(GmshError::Scale { .. })));
}

#[test]
fn what_is_written_is_read_back() {
    let mesh = TetMesh::parse_gmsh(TWO, UM).unwrap();
    let lattice = TetMesh::box_lattice([-1.0, 0.1, 0.0], [2.0, 1.3, 0.7], 0.4, "extra").unwrap();
    for mesh in [mesh, lattice] {
        for version in [Version::V4_1, Version::V2_2] {
            let mut text = Vec::new();
            mesh.write_gmsh(&mut text, version).unwrap();
            let again = TetMesh::parse_gmsh(std::str::from_utf8(&text).unwrap(), UM).unwrap();
            assert_eq!(again, mesh, "{version:?}");
        }
    }
}

#[track_caller]
fn error_of(from: &str, to: &str) -> GmshError {
    let text = TWO.replacen(from, to, 1);
    assert_ne!(text, TWO, "nothing replaced");
    TetMesh::parse_gmsh(&text, UM).unwrap_err()
}

#[test]
fn mistakes_come_with_their_line() {
    assert!(matches!(error_of("4.1 0 8", "4.1 1 8"), GmshError::Binary { line: 2 }));
    assert!(matches!(error_of("4.1 0 8", "4.0 0 8"), GmshError::UnknownVersion { line: 2, .. }));
    assert!(matches!(
        error_of("3 6 4 1\n3 7 3 20 50", "3 6 11 1\n3 1 2 3 4 5 6 7 8 9 10"),
        GmshError::HigherOrder { line: 43, nodes: 10, .. }
    ));
    assert!(matches!(error_of("3 6 4 1", "3 6 5 1"), GmshError::NotTetrahedra { line: 43, element: "hexahedra", .. }));
    assert!(matches!(
        error_of("$Comments\nanything\n$EndComments", "$PartitionedEntities\n1\n$EndPartitionedEntities"),
        GmshError::Partitioned { line: 4 }
    ));
    assert!(matches!(error_of("3 7 3 20 50", "3 7 3 20 51"), GmshError::UnknownNode { line: 44, node: 51 }));
    assert!(matches!(error_of("99\n50\n4", "99\n7\n4"), GmshError::DoubledNode { line: 31, node: 7 }));
    assert!(matches!(error_of("4\n0 0 1\n", "4\n0 zero 1\n"), GmshError::Unexpected { line: 33, .. }));
    assert!(matches!(
        error_of("0 0 -1\n", "0.5 0.5 0\n"),
        GmshError::Tetrahedron { line: 44, source: MeshError::Degenerate { tet: 0, .. } }
    ));
    assert!(matches!(error_of("0 0 -1\n", "0 0 inf\n"), GmshError::Mesh(MeshError::NotFinite { .. })));
    assert!(matches!(error_of("3 5 4 1", "3 5 4 2"), GmshError::Unexpected { line: 47, .. }));
    assert!(matches!(
        error_of("3 5 4 1\n4 7 3 20 99", "3 5 4 1\n4 7 3 20 99\n5 7 3 20 99"),
        GmshError::Overfull { line: 47, .. }
    ));
    assert!(matches!(error_of("$EndElements\n", ""), GmshError::Unclosed { line: 37, .. }));
    assert!(matches!(error_of("$MeshFormat\n4.1 0 8\n$EndMeshFormat\n", ""), GmshError::NoFormat { .. }));
    assert!(matches!(
        error_of("3 5 4 1\n4 7 3 20 99", "3 5 4 2\n4 7 3 20 99\n5 7 3 20 4"),
        GmshError::Tetrahedron { line: 47, source: MeshError::CrowdedFace { .. } }
    ));
    let surface = TWO.replace("3 6 4 1\n3 7 3 20 50\n3 5 4 1\n4 7 3 20 99\n", "").replace("4 4 1 4", "2 2 1 2");
    assert!(matches!(TetMesh::parse_gmsh(&surface, UM), Err(GmshError::Mesh(MeshError::Empty))));
    assert!(matches!(TetMesh::parse_gmsh("", UM), Err(GmshError::Mesh(MeshError::Empty))));
    assert!(matches!(TetMesh::parse_gmsh("solid box", UM), Err(GmshError::Unexpected { line: 1, .. })));
    let missing = TetMesh::read_gmsh(std::path::Path::new("no such mesh.msh"), UM).unwrap_err();
    assert!(missing.to_string().starts_with("no such mesh.msh: cannot read the mesh"), "{missing}");
}

#[test]
fn partitions_of_msh_2_are_refused() {
    let text = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$Nodes\n4\n1 0 0 0\n2 1 0 0\n3 0 1 0\n4 0 0 1\n$EndNodes\n$Elements\n1\n1 4 TAGS 1 2 3 4\n$EndElements\n";
    let parse = |tags: &str| TetMesh::parse_gmsh(&text.replace("TAGS", tags), UM);
    assert!(matches!(parse("4 1 1 1 1"), Err(GmshError::Partitioned { line: 13 })));
    assert!(parse("0").unwrap().compartments().is_empty());
    assert!(parse("2 0 5").unwrap().compartments().is_empty());
    assert_eq!(parse("2 5 5").unwrap().compartments()[0].name, "5");
}

#[test]
fn geometry_of_the_reference_meshes() {
    let Some(golden) = json("geometry.json") else { return };
    for (file, expected) in golden["meshes"].as_object().unwrap() {
        let mesh = TetMesh::read_gmsh(&directory().unwrap().join(file), UM).unwrap();
        assert_eq!(mesh.len() as u64, expected["n_tets"], "{file}");
        assert_eq!(mesh.vertices_um().len() as u64, expected["n_nodes"], "{file}");
        assert_eq!(mesh.interior_faces().count() as u64, expected["n_internal_faces"], "{file}");
        close(mesh.volume_um3() * 1e-18, expected["volume_m3"].as_f64().unwrap());
        for (found, expected) in
            [(mesh.bounds().lower_um, &expected["bbox_min"]), (mesh.bounds().upper_um, &expected["bbox_max"])]
        {
            found.iter().zip(point(expected)).for_each(|(found, expected)| close(found * 1e-6, expected));
        }
        for (part, (name, expected)) in
            mesh.compartments().iter().zip(expected["physical_volumes"].as_object().unwrap())
        {
            assert_eq!((&part.name, part.tag), (name, expected["tag"].as_i64().unwrap()));
            assert_eq!(part.tetrahedra.len() as u64, expected["n_tets"]);
            let volume: f64 = part.tetrahedra.iter().map(|&tet| mesh.volumes_um3()[tet as usize]).sum();
            close(volume * 1e-18, expected["volume_m3"].as_f64().unwrap());
        }
        if let Some(volumes) = expected["tet_volume_m3"].as_array() {
            for (found, expected) in mesh.volumes_um3().iter().zip(volumes) {
                close(found * 1e-18, expected.as_f64().unwrap());
            }
        }
        for (found, expected) in
            mesh.barycentres_um().iter().zip(expected["tet_barycenter_first5_m"].as_array().unwrap())
        {
            found.iter().zip(point(expected)).for_each(|(found, expected)| close(found * 1e-6, expected));
        }
        if let Some(faces) = expected["faces_ij_area_dist"].as_array() {
            let mut faces: Vec<Vec<f64>> = faces.iter().map(numbers).collect();
            faces.iter_mut().for_each(|face| face[..2].sort_by(f64::total_cmp));
            faces.sort_by(|a, b| a[..2].partial_cmp(&b[..2]).unwrap());
            let mut found: Vec<_> = mesh.interior_faces().collect();
            found.sort_by_key(|face| face.tets);
            for (found, expected) in found.iter().zip(&faces) {
                assert_eq!(found.tets.map(f64::from), expected[..2]);
                close(found.area_um2 * 1e-12, expected[2]);
                close(found.barycentre_distance_um * 1e-6, expected[3]);
            }
        }
    }
}

/// Reference values have ten digits.
#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs() + 1e-18, "{found} {expected}");
}
