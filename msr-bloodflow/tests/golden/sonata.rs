//! SONATA populations, rebuilt from the CSV tables, give the same graph.

use msr_bloodflow::Vasculature;
use msr_bloodflow::vasculature::SegmentRows;

use crate::case::Case;

#[test]
fn rows_that_repeat_their_nodes_give_the_graph_back() {
    for case in Case::all() {
        let v = &case.vasculature;
        let (nodes, segments) = (v.nodes(), v.segments());
        let at = |ends: &[usize]| ends.iter().map(|&node| nodes.positions_um[node]).collect::<Vec<_>>();
        let wide = |ends: &[usize]| ends.iter().map(|&node| nodes.diameters_um[node]).collect::<Vec<_>>();
        let ids = |ends: &[usize]| ends.iter().map(|&node| node as u64).collect::<Vec<_>>();
        let rebuilt = Vasculature::from_rows(SegmentRows {
            start_nodes: ids(&segments.start_nodes),
            end_nodes: ids(&segments.end_nodes),
            start_positions_um: at(&segments.start_nodes),
            end_positions_um: at(&segments.end_nodes),
            start_diameters_um: wide(&segments.start_nodes),
            end_diameters_um: wide(&segments.end_nodes),
            types: segments.types.clone(),
            section_ids: segments.section_ids.clone(),
            segment_ids: segments.segment_ids.clone(),
        })
        .unwrap();
        assert_eq!(rebuilt.nodes(), nodes);
        assert_eq!(rebuilt.lengths_um(), v.lengths_um());
        assert_eq!(rebuilt.rest_radii_um(), v.rest_radii_um());
        assert_eq!(rebuilt.notes(), v.notes());
    }
}
