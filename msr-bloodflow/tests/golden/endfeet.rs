//! AstroVascPy's depth-first search finds a part of what is within reach, never more.

use crate::case::Case;

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
            assert_eq!(found[0].segment, v.segment_at(number("section"), number("segment")).unwrap());
            assert!(found.iter().skip(1).all(|reached| reached.distance_um < length));
            same += usize::from(found.len() == visited.len());
        }
        println!("{name}: {same} of {} searches find the same", searches.len());
        assert!(same > 0, "{name}");
    }
}
