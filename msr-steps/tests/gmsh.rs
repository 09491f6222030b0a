//! Mesh files: geometry against reference values, both versions, what is refused.

use crate::reference::{directory, json, numbers, point};
use msr_steps::TetMesh;
use msr_steps::mesh::gmsh::{GmshError, Version};
use msr_steps::mesh::{MeshError, OUTSIDE};

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
        error_of("3 6 4 1\n3 7 3 20 50", "3 6 71 1\n3 1 2 3 4 5 6 7 8 9 10"),
        GmshError::HigherOrder { line: 43, element_type: 71 }
    ));
    // Of the ten nodes of a second-order tetrahedron, one is missing.
    assert!(matches!(
        error_of("3 6 4 1\n3 7 3 20 50", "3 6 11 1\n3 7 3 20 50 1 2 3 4 5"),
        GmshError::Unexpected { line: 44, expected: "the nodes between the corners of a tetrahedron", .. }
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
fn corners_of_higher_orders_are_taken() {
    let linear = TetMesh::parse_gmsh(TWO, UM).unwrap();
    for (element_type, nodes) in [(11, 10), (29, 20), (30, 35), (31, 56)] {
        let inner: String = (0..nodes - 4).map(|node| format!(" {}", 1000 + node)).collect();
        let text = TWO
            .replace("3 6 4 1\n3 7 3 20 50", &format!("3 6 {element_type} 1\n3 7 3 20 50{inner}"))
            .replace("3 5 4 1\n4 7 3 20 99", &format!("3 5 {element_type} 1\n4 7 3 20 99{inner}"));
        assert_eq!(TetMesh::parse_gmsh(&text, UM).unwrap(), linear, "{element_type}");
        for version in ["4.1", "2.2"] {
            let file = binary_tetrahedra(version, false, element_type, nodes);
            assert_eq!(TetMesh::parse_gmsh_bytes(&file, UM).unwrap(), linear, "{version} {element_type}");
        }
    }
    let two = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$Nodes\n5\n1 0 0 0\n2 1 0 0\n3 0 1 0\n4 0 0 1\n5 0.5 0 0\n$EndNodes\n\
               $Elements\n1\n1 11 2 5 5 1 2 3 4 5 5 5 5 5 5\n$EndElements\n";
    let mesh = TetMesh::parse_gmsh(two, UM).unwrap();
    assert_eq!((mesh.len(), mesh.vertices_um().len(), mesh.volumes_um3()[0]), (1, 4, 1.0 / 6.0));
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

/// The two tetrahedra of `TWO` in binary.
fn binary_two(version: &str, big_endian: bool) -> Vec<u8> {
    binary_tetrahedra(version, big_endian, 4, 4)
}

/// The same as elements of some type, with so many nodes.
fn binary_tetrahedra(version: &str, big_endian: bool, element_type: i32, nodes_of_each: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let ordered =
        |bytes: &[u8]| -> Vec<u8> { if big_endian { bytes.iter().rev().copied().collect() } else { bytes.to_vec() } };
    let integer = |file: &mut Vec<u8>, value: i32| file.extend(ordered(&value.to_le_bytes()));
    let size = |file: &mut Vec<u8>, value: u64| file.extend(ordered(&value.to_le_bytes()));
    let double = |file: &mut Vec<u8>, value: f64| file.extend(ordered(&value.to_le_bytes()));
    file.extend(format!("$MeshFormat\n{version} 1 8\n").bytes());
    integer(&mut file, 1);
    file.extend(b"\n$EndMeshFormat\n$PhysicalNames\n2\n3 9 \"left side\"\n3 4 \"right\"\n$EndPhysicalNames\n");
    let points = [
        (7, [0.0, 0.0, 0.0]),
        (3, [1.0, 0.0, 0.0]),
        (20, [0.0, 1.0, 0.0]),
        (99, [0.0, 0.0, 1.0]),
        (50, [0.0, 0.0, -1.0]),
    ];
    let tetrahedra = [(6, 4, [7, 3, 20, 50]), (5, 9, [7, 3, 20, 99])];
    if version == "4.1" {
        file.extend(b"$Entities\n");
        [0, 0, 1, 2].into_iter().for_each(|count| size(&mut file, count));
        // A surface, then the volumes with the physical tags 9 and -4.
        for (entity, physical) in [(1, vec![]), (5, vec![9]), (6, vec![-4])] {
            integer(&mut file, entity);
            (0..6).for_each(|_| double(&mut file, 0.5));
            size(&mut file, physical.len() as u64);
            physical.iter().for_each(|&tag| integer(&mut file, tag));
            size(&mut file, 1);
            integer(&mut file, 1);
        }
        file.extend(b"\n$EndEntities\n$Nodes\n");
        [2, 5, 3, 99].into_iter().for_each(|count| size(&mut file, count));
        for (dimension, block) in [(2, &points[..3]), (3, &points[3..])] {
            // The nodes of the surface have two parametric coordinates.
            [dimension, 1, i32::from(dimension == 2)].into_iter().for_each(|value| integer(&mut file, value));
            size(&mut file, block.len() as u64);
            block.iter().for_each(|&(tag, _)| size(&mut file, tag));
            for (_, point) in block {
                point.iter().for_each(|&x| double(&mut file, x));
                (0..2).filter(|_| dimension == 2).for_each(|_| double(&mut file, 0.25));
            }
        }
        file.extend(b"\n$EndNodes\n$Elements\n");
        [3, 3, 1, 3].into_iter().for_each(|count| size(&mut file, count));
        [2, 1, 2].into_iter().for_each(|value| integer(&mut file, value));
        [1, 2, 7, 3, 20].into_iter().for_each(|value| size(&mut file, value));
        for (entity, _, nodes) in tetrahedra {
            [3, entity, element_type].into_iter().for_each(|value| integer(&mut file, value));
            [1, 3].into_iter().chain(nodes).for_each(|value| size(&mut file, value));
            (4..nodes_of_each).for_each(|node| size(&mut file, 1000 + node as u64));
        }
    } else {
        file.extend(b"$Nodes\n5\n");
        for (tag, point) in points {
            integer(&mut file, tag as i32);
            point.iter().for_each(|&x| double(&mut file, x));
        }
        file.extend(b"\n$EndNodes\n$Elements\n3\n");
        [2, 1, 2, 1, 0, 1, 7, 3, 20].into_iter().for_each(|value| integer(&mut file, value));
        [element_type, 2, 2].into_iter().for_each(|value| integer(&mut file, value));
        for (entity, physical, nodes) in tetrahedra {
            [2, physical, entity].into_iter().for_each(|value| integer(&mut file, value));
            nodes.into_iter().for_each(|node| integer(&mut file, node as i32));
            (4..nodes_of_each).for_each(|node| integer(&mut file, 1000 + node as i32));
        }
    }
    file.extend(b"\n$EndElements\n");
    file
}

#[test]
fn binary_files_are_read_in_either_order_of_bytes() {
    let text = TetMesh::parse_gmsh(TWO, UM).unwrap();
    for version in ["4.1", "2.2"] {
        for big_endian in [false, true] {
            let mesh = TetMesh::parse_gmsh_bytes(&binary_two(version, big_endian), UM).unwrap();
            assert_eq!(mesh, text, "{version} {big_endian}");
        }
    }
    assert_eq!(TetMesh::parse_gmsh_bytes(TWO.as_bytes(), UM).unwrap(), text);
}

#[test]
fn damaged_binary_files_are_refused() {
    for version in ["4.1", "2.2"] {
        let file = binary_two(version, false);
        // Wherever it is cut, it is an error and no panic.
        for length in 30..file.len() - 15 {
            let error = TetMesh::parse_gmsh_bytes(&file[..length], UM).unwrap_err();
            assert!(matches!(error, GmshError::InBinary { .. }), "{version} {length}: {error}");
        }
    }
    let mut file = binary_two("4.1", false);
    let place = file.windows(9).position(|window| window == b"$Entities").unwrap() + 10 + 24;
    file[place + 7] = 0x7f;
    let error = TetMesh::parse_gmsh_bytes(&file, UM).unwrap_err();
    assert!(error.to_string().contains("the file is too short for it"), "{error}");
    let mut file = binary_two("2.2", false);
    file["$MeshFormat\n2.2 1 8\n".len()] = 7;
    let error = TetMesh::parse_gmsh_bytes(&file, UM).unwrap_err();
    assert!(error.to_string().contains("the integer 1 should follow"), "{error}");
}

#[test]
fn vtu_files_hold_all_numbers() {
    let mesh = TetMesh::parse_gmsh(TWO, UM).unwrap();
    let mut file = Vec::new();
    let data = [msr_steps::mesh::CellData { name: "K+ (mM) <a>", values: &[3.5, 4.25] }];
    mesh.write_vtu(&mut file, &data).unwrap();
    let start = file.windows(2).position(|window| window == b"\n_").unwrap() + 2;
    let head = std::str::from_utf8(&file[..start]).unwrap();
    assert!(head.contains("NumberOfPoints=\"5\" NumberOfCells=\"2\"") && head.contains("K+ (mM) &lt;a&gt;"), "{head}");
    let offset = |name: &str| -> usize {
        let line = head.split("<DataArray").find(|line| line.contains(&format!("Name=\"{name}"))).unwrap();
        line.split("offset=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    let at = |place: usize| u64::from_le_bytes(file[start + place..start + place + 8].try_into().unwrap());
    assert_eq!(at(offset("positions_um")), 5 * 24);
    assert_eq!([at(offset("offsets")), at(offset("offsets") + 8), at(offset("offsets") + 16)], [16, 4, 8]);
    let values = offset("K+");
    assert_eq!([at(values), at(values + 8), at(values + 16)], [16, 3.5f64.to_bits(), 4.25f64.to_bits()]);
    // Compartments by position: `right` is the first, `left side` the second.
    assert_eq!(at(offset("compartment") + 8), 1 << 32);
    let wrong = [msr_steps::mesh::CellData { name: "K", values: &[1.0] }];
    assert!(mesh.write_vtu(&mut Vec::new(), &wrong).unwrap_err().to_string().contains("'K' has 1 values for 2"));
}
