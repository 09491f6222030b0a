//! Neurons, sections and segments as spaces, and how they contain one another; astrocytes, endfeet and their vessels.

use std::collections::BTreeMap;

use msr_coupling::space::{
    ASTROCYTE_SEGMENTS, ASTROCYTES, ENDFEET, NEURONS, SECTIONS, SEGMENTS, VESSEL_SEGMENTS, WRAPPED_VESSEL_SEGMENTS,
};
use msr_coupling::{Address, Geometry, Mapping, Space};
use sprs::{CsMat, TriMat};

use super::host::Host;
use crate::astrocytes::Astrocytes;
use crate::cell::Cell;
use crate::discretisation::{DiscreteSection, Discretisation};
use crate::morphology::{Placement, SectionKind};

/// The three spaces, of one population or (without a name) of several that are told apart by id; segments have lines from their beginning to their end in the circuit's coordinates.
pub(super) fn spaces(population: Option<&str>, ids: &[u64], cells: &[Cell], placements: &[Placement]) -> Vec<Space> {
    let mut neurons = Space::of_nodes(NEURONS, population.map(str::to_owned), ids.to_vec());
    let mut sections = empty(SECTIONS, population);
    let mut segments = empty(SEGMENTS, population);
    let mut lines = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        let shape = cell.discretisation();
        neurons.sizes[index] = shape.segments.iter().map(|segment| segment.volume_um3).sum();
        for section in &shape.sections {
            let address = Address { node: ids[index], element: section.id };
            let kind = section.kind.name();
            add(&mut sections.subsets, kind, sections.addresses.len());
            sections.sizes.push(shape.segments[section.segments.clone()].iter().map(|s| s.volume_um3).sum());
            sections.addresses.push(address);
            add_segments(&mut segments, shape, section, address);
            let segments = &shape.segments[section.segments.clone()];
            lines.extend(segments.iter().map(|segment| segment.ends_um.map(|end| placements[index].global(end))));
        }
    }
    number(&mut sections);
    number(&mut segments);
    segments.geometry = Geometry::Lines(lines);
    vec![neurons, sections, segments]
}

/// Segments in sections, segments in neurons, sections in neurons: each lies wholly in one.
pub(super) fn mappings(cells: &[Cell]) -> Vec<Mapping> {
    let (mut segment_section, mut segment_neuron, mut section_neuron) = (Vec::new(), Vec::new(), Vec::new());
    for (neuron, cell) in cells.iter().enumerate() {
        for section in &cell.discretisation().sections {
            let position = section_neuron.len();
            section_neuron.push(neuron);
            for _ in section.segments.clone() {
                segment_section.push(position);
                segment_neuron.push(neuron);
            }
        }
    }
    let sections = section_neuron.len();
    vec![
        whole(SEGMENTS, SECTIONS, segment_section, sections),
        whole(SEGMENTS, NEURONS, segment_neuron, cells.len()),
        whole(SECTIONS, NEURONS, section_neuron, cells.len()),
    ]
}

/// Adds the segments of a section, which all have its address.
fn add_segments(space: &mut Space, shape: &Discretisation, section: &DiscreteSection, address: Address) {
    let kind = section.kind.name();
    let middle = space.addresses.len() + section.segments.len() / 2;
    add(&mut space.subsets, &format!("{kind}.center"), middle);
    add(&mut space.subsets, "all.center", middle);
    for segment in &shape.segments[section.segments.clone()] {
        add(&mut space.subsets, kind, space.addresses.len());
        space.sizes.push(segment.volume_um3);
        space.addresses.push(address);
    }
}

/// Numbers the elements of a space to which all were added.
fn number(space: &mut Space) {
    space.ids = (0..space.addresses.len() as u64).collect();
    space.subsets.insert("all".to_owned(), (0..space.addresses.len()).collect());
}

/// The segments of the morphologies of astrocytes.
fn segments_of_astrocytes(astrocytes: &Astrocytes, cells: &[Cell]) -> Space {
    let mut segments = empty(ASTROCYTE_SEGMENTS, Some(astrocytes.population()));
    for (astrocyte, cell) in astrocytes.list().iter().zip(cells) {
        let shape = cell.discretisation();
        for section in &shape.sections[Host::Astrocytes.segments(cell)] {
            let address = Address { node: astrocyte.node, element: section.id };
            add_segments(&mut segments, shape, section, address);
        }
    }
    number(&mut segments);
    segments
}

/// The segments of astrocytes in these, where they are cells.
pub(super) fn mapping_of_astrocytes(astrocytes: &Astrocytes) -> Option<Mapping> {
    let cells = astrocytes.cells()?.list();
    let of = |(astrocyte, cell)| std::iter::repeat_n(astrocyte, Host::Astrocytes.segments(cell).len());
    Some(whole(ASTROCYTE_SEGMENTS, ASTROCYTES, cells.iter().enumerate().flat_map(of).collect(), cells.len()))
}

/// Astrocytes, their segments where they are cells, their endfeet (by position in the circuit's edges), and the vessel segments that these
/// are on.
pub(super) fn of_astrocytes(astrocytes: &Astrocytes) -> Vec<Space> {
    let population = Some(astrocytes.population().to_owned());
    let nodes = astrocytes.list().iter().map(|astrocyte| astrocyte.node).collect();
    let mut spaces = vec![Space::of_nodes(ASTROCYTES, population.clone(), nodes)];
    spaces.extend(astrocytes.cells().map(|cells| segments_of_astrocytes(astrocytes, cells.list())));
    if !astrocytes.endfeet().is_empty() {
        let mut endfeet = Space::of_nodes(ENDFEET, population, (0..astrocytes.endfeet().len() as u64).collect());
        let mut feet = vec![0; astrocytes.list().len()];
        for (address, endfoot) in endfeet.addresses.iter_mut().zip(astrocytes.endfeet()) {
            let element = feet[endfoot.astrocyte];
            feet[endfoot.astrocyte] += 1;
            *address = Address { node: astrocytes.list()[endfoot.astrocyte].node, element };
        }
        spaces.push(endfeet);
        let vasculature = astrocytes.vasculature().map(str::to_owned);
        spaces.push(Space::of_nodes(WRAPPED_VESSEL_SEGMENTS, vasculature, astrocytes.vessels().to_vec()));
    }
    spaces
}

/// Endfeet on their vessel segments, and these among all vessel segments where there are such.
pub(super) fn mappings_of_endfeet(astrocytes: &Astrocytes, spaces: &[Space]) -> Vec<Mapping> {
    let vessels = astrocytes.vessels();
    if vessels.is_empty() {
        return Vec::new();
    }
    let on_vessels = astrocytes.vessel_of_endfoot().to_vec();
    let mut mappings = vec![whole(ENDFEET, WRAPPED_VESSEL_SEGMENTS, on_vessels, vessels.len())];
    let is_same = |space: &&Space| {
        let same_population = space.population.is_none() || space.population.as_deref() == astrocytes.vasculature();
        space.name == VESSEL_SEGMENTS && same_population
    };
    if let Some(all) = spaces.iter().find(is_same) {
        let mut places = TriMat::new((vessels.len(), all.len()));
        for (row, vessel) in vessels.iter().enumerate() {
            if let Ok(column) = all.ids.binary_search(vessel) {
                places.add_triplet(row, column, 1.0);
            }
        }
        let (from, to) = (WRAPPED_VESSEL_SEGMENTS.to_owned(), VESSEL_SEGMENTS.to_owned());
        mappings.push(Mapping { from, to, fractions: places.to_csr() });
    }
    mappings
}

fn empty(name: &str, population: Option<&str>) -> Space {
    let subsets = SectionKind::ALL
        .iter()
        .map(|kind| kind.name())
        .flat_map(|kind| {
            if name != SECTIONS { vec![kind.to_owned(), format!("{kind}.center")] } else { vec![kind.to_owned()] }
        })
        .map(|subset| (subset, Vec::new()))
        .collect();
    Space {
        name: name.to_owned(),
        ids: Vec::new(),
        sizes: Vec::new(),
        geometry: Geometry::Abstract,
        population: population.map(str::to_owned),
        addresses: Vec::new(),
        subsets,
    }
}

fn add(subsets: &mut BTreeMap<String, Vec<usize>>, name: &str, position: usize) {
    subsets.entry(name.to_owned()).or_default().push(position);
}

/// Row `i` lies wholly in column `column[i]`.
fn whole(from: &str, to: &str, column: Vec<usize>, columns: usize) -> Mapping {
    let rows = column.len();
    let fractions = CsMat::new((rows, columns), (0..=rows).collect(), column, vec![1.0; rows]);
    Mapping { from: from.to_owned(), to: to.to_owned(), fractions }
}
