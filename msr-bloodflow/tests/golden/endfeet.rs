//! Searches along the vessels are exact; AstroVascPy's depth-first search finds a part of what is within reach, never more.

use msr_bloodflow::Vasculature;

use super::case::Case;

#[test]
fn exact_search_finds_all_that_depth_first_search_finds() {
    for name in ["toy", "synA"] {
        let Some(case) = Case::load(name) else { return };
        let v = &case.vasculature;
        let mut same = 0;
        let searches = case.json("extras.json")["get_closest_edges"].as_array().unwrap().clone();
        for search in &searches {
            let number = |key: &str| search[key].as_u64().unwrap() as u32;
            let length = search["endfeet_length"].as_f64().unwrap();
            let found = v.segments_within(number("section"), number("segment"), length).unwrap();
            let visited = search["edges_in_visit_order"].as_array().unwrap();
            for address in visited {
                let [section, segment] = [0, 1].map(|i| address[i].as_u64().unwrap() as u32);
                let edge = v.segment_at(section, segment).unwrap();
                assert!(found.iter().any(|reached| reached.segment == edge), "{name}: {address} not found");
            }
            let first = v.segment_at(number("section"), number("segment")).unwrap();
            assert_eq!(found[0].segment, first);
            let distances = distances_um(v, first);
            let mut reached: Vec<usize> = found.iter().map(|reached| reached.segment).collect();
            reached.sort_unstable();
            let within: Vec<usize> =
                (0..v.segment_count()).filter(|&segment| segment == first || distances[segment] < length).collect();
            assert_eq!(reached, within, "{name}: {search}");
            same += usize::from(found.len() == visited.len());
        }
        println!("{name}: {same} of {} searches find the same", searches.len());
        assert!(same > 0, "{name}");
    }
}

/// Length of the vessels on the shortest way from the beginning of a segment's neighbours to each segment, by relaxing all
/// pairs of neighbours until nothing changes (Bellman 1958).
fn distances_um(v: &Vasculature, first: usize) -> Vec<f64> {
    let mut distances = vec![f64::INFINITY; v.segment_count()];
    distances[first] = 0.0;
    loop {
        let before = distances.clone();
        for node in 0..v.node_count() {
            let meeting = v.adjacency().of(node);
            for &from in meeting {
                for &to in meeting {
                    distances[to] = distances[to].min(distances[from] + v.lengths_um()[from]);
                }
            }
        }
        distances[first] = 0.0;
        if distances == before {
            return distances;
        }
    }
}
