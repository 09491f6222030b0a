//! The spaces that its variables live on.

use std::collections::BTreeMap;

use msr_coupling::space::{ENTRY_SUBSET, VESSEL_NODES, VESSEL_SEGMENTS, VESSEL_STARTS};
use msr_coupling::{Address, Geometry, Space};

use super::BloodflowSimulator;

impl BloodflowSimulator {
    pub(super) fn segment_space(&self) -> Space {
        let count = self.vasculature.segment_count();
        let positions = &self.vasculature.nodes().positions_um;
        let is_entry = |segment: &usize| self.vasculature.ends(*segment).iter().any(|node| self.entries.contains(node));
        Space {
            name: VESSEL_SEGMENTS.to_owned(),
            ids: (0..count as u64).collect(),
            sizes: self.vasculature.volumes_um3(self.vasculature.rest_radii_um()).collect(),
            geometry: Geometry::Lines(
                (0..count).map(|segment| self.vasculature.ends(segment).map(|node| positions[node])).collect(),
            ),
            population: self.vasculature.population().map(str::to_owned),
            addresses: (0..count as u64).map(|node| Address { node, element: 0 }).collect(),
            subsets: BTreeMap::from([(ENTRY_SUBSET.to_owned(), (0..count).filter(is_entry).collect())]),
        }
    }

    /// Where each vessel segment starts.
    pub(super) fn start_space(&self) -> Space {
        let positions = &self.vasculature.nodes().positions_um;
        let count = self.vasculature.segment_count();
        let mut space = Space::of_nodes(VESSEL_STARTS, None, (0..count as u64).collect());
        space.geometry =
            Geometry::Points((0..count).map(|segment| positions[self.vasculature.ends(segment)[0]]).collect());
        space
    }

    pub(super) fn node_space(&self) -> Space {
        let mut space = Space::of_nodes(VESSEL_NODES, None, (0..self.vasculature.node_count() as u64).collect());
        space.geometry = Geometry::Points(self.vasculature.nodes().positions_um.clone());
        space
    }
}
