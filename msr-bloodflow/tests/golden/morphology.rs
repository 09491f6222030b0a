//! Sections of morphology files, against what vascpy 0.1.2 makes of the same files (`SectionVasculature.load(...)
//! .as_point_graph()`).

use msr_bloodflow::Vasculature;
use msr_bloodflow::vasculature::SectionTables;

use super::case::circuit_file;

fn sections(path: &std::path::Path) -> SectionTables {
    let file = hdf5::File::open(path).unwrap();
    let points = file.dataset("points").unwrap().read_raw::<f64>().unwrap();
    let structure = file.dataset("structure").unwrap().read_raw::<i64>().unwrap();
    SectionTables {
        points: points.chunks(4).map(|point| [point[0], point[1], point[2], point[3]]).collect(),
        structure: structure.chunks(2).map(|pair| (pair[0] as u64, pair[1] as i32)).collect(),
    }
}

#[test]
fn sections_meet_where_their_points_are_the_same() {
    // File, nodes, segments, ends, components, sum of lengths (um), sum of node diameters (um).
    let cases = [
        ("h5/capillary_with_loops.h5", 114, 116, 9, 1, 122.02047059011575, 173.58836215734482),
        ("h5/fork_diameters_section_spec.h5", 4, 3, 3, 1, 2.191691980211574, 15.568400144577026),
        ("vtk/one_loop(1).h5", 162, 159, 13, 3, 164.21526628307817, 308.56338012218475),
        (
            "vtk/penetrating_artery_diameters_on_points_sections.h5",
            1274,
            1273,
            2,
            1,
            1255.2555529707079,
            29302.68165588379,
        ),
    ];
    for (name, nodes, segments, ends, components, length, diameter) in cases {
        let Some(file) = circuit_file(&format!("vascpy_vasculature/{name}")) else { return };
        let v = Vasculature::from_sections(&sections(&file)).unwrap();
        assert_eq!((v.node_count(), v.segment_count()), (nodes, segments), "{name}");
        let found_ends = v.degrees().iter().filter(|&&degree| degree == 1).count();
        assert_eq!((found_ends, v.components().count()), (ends, components), "{name}");
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        assert!((sum(v.lengths_um()) / length - 1.0).abs() < 1e-6, "{name}");
        assert!((sum(&v.nodes().diameters_um) / diameter - 1.0).abs() < 1e-6, "{name}");
        #[cfg(feature = "hdf5")]
        assert_eq!(Vasculature::from_morphology(&file).unwrap().segments(), v.segments());
    }
}
