//! Where everything is: what the drawings of the page are made of.

use std::collections::BTreeMap;

use msr_config::Circuit;
use msr_coupling::space::{NEURONS, SEGMENTS, TETRAHEDRA, VESSEL_SEGMENTS};
use msr_coupling::space_graph::SpaceGraph;
use msr_coupling::{Geometry, Simulator, Space};
use serde::Serialize;

use crate::assembly::Inputs;

/// Lines of neurites and vessels that are drawn at most, each.
const LINES: usize = 20_000;
/// Squares along each side of the slice through the mesh.
const SQUARES: usize = 90;

/// Positions in um, and what the simulators can say of the vessels now.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Scene {
    /// Axis of depth: 0, 1 or 2 for x, y, z.
    pub depth_axis: usize,
    /// Number of simulated cells of each population.
    pub cells: BTreeMap<String, usize>,
    pub neurons: Vec<Neuron>,
    /// Both ends of pieces of neurites, projected: across, depth axis.
    pub neurites: Vec<[f64; 4]>,
    pub vessels: Vessels,
    pub slice: Slice,
    /// Layer of each node of a population, where it has layers.
    #[serde(skip)]
    pub layers: BTreeMap<String, Vec<String>>,
    /// Name and size that reports of the tetrahedra have.
    #[serde(skip)]
    pub tetrahedra: (String, usize),
    /// Positions of the drawn vessel segments among all.
    #[serde(skip)]
    pub drawn_vessels: Vec<usize>,
    /// Name and size that reports of the vessels have.
    #[serde(skip)]
    pub vessel_segments: (String, usize),
}

/// One neuron.
#[derive(Debug, Clone, Serialize)]
pub struct Neuron {
    pub id: u64,
    pub position: [f64; 3],
}

/// When the values of simulators are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum Moment {
    /// At the end of the run.
    #[serde(rename = "at the end of the run")]
    End,
    /// Before a run: what was recorded counts.
    #[default]
    #[serde(rename = "as last recorded, else at rest")]
    Rest,
}

/// Vessel segments.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Vessels {
    /// When the columns are those of.
    pub moment: Moment,
    /// Both ends, projected: across, depth axis.
    pub lines: Vec<[f64; 4]>,
    /// Below the uppermost point.
    pub depths: Vec<f64>,
    pub columns: Vec<Column>,
}

/// A value of each drawn vessel segment.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// The function that reads it.
    #[serde(skip)]
    pub getter: String,
    pub name: String,
    pub unit: String,
    pub values: Vec<f64>,
}

/// A plane through the mesh, in squares; each shows the tetrahedron whose centre is nearest.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Slice {
    pub columns: usize,
    pub rows: usize,
    /// Least and greatest coordinate across, then along the axis of depth.
    pub extent: [f64; 4],
    /// Position among [`Slice::tetrahedra`] for each square, row by row from the lowest; `None` outside.
    pub squares: Vec<Option<usize>>,
    /// The tetrahedra that are seen.
    pub tetrahedra: Vec<usize>,
}

impl Scene {
    /// Of everything that is there, with the simulators' values of a moment; the vessels' axis (y where none is said) is that of
    /// depth.
    pub fn of(simulators: &[Box<dyn Simulator>], spaces: &SpaceGraph, inputs: &Inputs, moment: Moment) -> Self {
        let blood = inputs.simulation.multiscale.as_ref().and_then(|multiscale| multiscale.bloodflow.as_ref());
        let depth_axis = blood.map_or(1, |blood| blood.vasc_axis);
        let across = usize::from(depth_axis == 0);
        let mut scene = Self { depth_axis, layers: layers(&inputs.circuit), ..Self::default() };
        let populations = inputs.circuit.nodes.iter().filter(|population| population.kind.has_cells());
        let counted =
            populations.map(|population| (population.name.clone(), inputs.selection.ids(&population.name).len()));
        scene.cells = counted.filter(|(_, count)| *count > 0).collect();
        let space = |name: &str| spaces.space(name).ok();
        let reported = |space: &Space| (space.population.clone().unwrap_or_else(|| space.name.clone()), space.len());
        if let Some((segments, lines)) = space(SEGMENTS).and_then(lines_of) {
            let mut first = BTreeMap::new();
            for (address, [start, _]) in segments.addresses.iter().zip(lines) {
                first.entry(address.node).or_insert(*start);
            }
            let simulated = space(NEURONS).map_or(&[][..], |neurons| &neurons.ids);
            let neuron = |&id: &u64| first.get(&id).map(|&position| Neuron { id, position });
            scene.neurons = simulated.iter().filter_map(neuron).collect();
            scene.neurites = thinned(lines.len()).map(|at| projected(&lines[at], across, depth_axis)).collect();
        }
        if let Some((vessels, lines)) = space(VESSEL_SEGMENTS).and_then(lines_of) {
            scene.drawn_vessels = thinned(lines.len()).collect();
            scene.vessel_segments = reported(vessels);
            let drawn = || scene.drawn_vessels.iter().map(|&at| &lines[at]);
            let top = lines.iter().flatten().map(|point| point[depth_axis]).fold(f64::NEG_INFINITY, f64::max);
            scene.vessels = Vessels {
                moment,
                lines: drawn().map(|line| projected(line, across, depth_axis)).collect(),
                depths: drawn().map(|[a, b]| top - (a[depth_axis] + b[depth_axis]) / 2.0).collect(),
                columns: columns(simulators, vessels, &scene.drawn_vessels),
            };
        }
        if let Some(mesh) = space(TETRAHEDRA)
            && let Geometry::Points(centres) = &mesh.geometry
        {
            scene.tetrahedra = reported(mesh);
            scene.slice = Slice::of(centres, across, depth_axis, &scene.neurons);
        }
        scene
    }
}

fn lines_of(space: &Space) -> Option<(&Space, &[[[f64; 3]; 2]])> {
    match &space.geometry {
        Geometry::Lines(lines) => Some((space, lines)),
        _ => None,
    }
}

/// Evenly spaced positions, no more than can be drawn.
fn thinned(count: usize) -> impl Iterator<Item = usize> {
    (0..count).step_by(count.div_ceil(LINES).max(1))
}

fn projected([a, b]: &[[f64; 3]; 2], across: usize, depth: usize) -> [f64; 4] {
    [a[across], a[depth], b[across], b[depth]].map(rounded)
}

/// To a hundredth of a um.
fn rounded(um: f64) -> f64 {
    (100.0 * um).round() / 100.0
}

/// Everything that simulators can tell of vessel segments.
fn columns(simulators: &[Box<dyn Simulator>], vessels: &Space, drawn: &[usize]) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for simulator in simulators {
        for variable in simulator.variables().iter().filter(|variable| variable.space == vessels.name) {
            let Some(query) = &variable.get else { continue };
            if simulator.get_var(query, &mut values).is_ok() && values.len() == vessels.len() {
                columns.push(Column {
                    getter: query.function.clone(),
                    name: variable.name.trim_start_matches("get_").replace('_', " "),
                    unit: variable.unit.to_string(),
                    values: drawn.iter().map(|&at| values[at]).collect(),
                });
            }
        }
    }
    columns
}

/// Layer of each node, by population.
fn layers(circuit: &Circuit) -> BTreeMap<String, Vec<String>> {
    let layered = circuit.nodes.iter().filter_map(|population| {
        let table = &population.attributes;
        let layers = match table.text("layer") {
            Ok(texts) => texts.to_vec(),
            Err(_) => table.integer("layer").ok()?.iter().map(ToString::to_string).collect(),
        };
        Some((population.name.clone(), layers))
    });
    layered.collect()
}

impl Slice {
    /// The plane through the middle of the neurons (of the mesh where there are none), across and along depth.
    fn of(centres: &[[f64; 3]], across: usize, depth: usize, neurons: &[Neuron]) -> Self {
        let normal = 3 - across - depth;
        let range = |axis: usize| {
            let axis = centres.iter().map(|centre| centre[axis]);
            axis.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)])
        };
        let [left, right] = range(across);
        let [low, high] = range(depth);
        let [near, far] = range(normal);
        let plane = match neurons.len() {
            0 => (near + far) / 2.0,
            count => neurons.iter().map(|neuron| neuron.position[normal]).sum::<f64>() / count as f64,
        };
        let side = (right - left).max(high - low) / SQUARES as f64;
        let usable = side > 0.0 && side.is_finite();
        if !usable {
            return Self::default();
        }
        // Mean distance of centres, were they evenly spread in the box.
        let spread = ((right - left) * (high - low) * (far - near) / centres.len() as f64).cbrt();
        let close: Vec<usize> =
            (0..centres.len()).filter(|&tet| (centres[tet][normal] - plane).abs() <= 2.0 * spread).collect();
        let (columns, rows) = (((right - left) / side).ceil() as usize, ((high - low) / side).ceil() as usize);
        let mut seen = BTreeMap::new();
        let mut squares = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let [x, y] = [left + (column as f64 + 0.5) * side, low + (row as f64 + 0.5) * side];
                let distance = |tet: usize| {
                    let centre = &centres[tet];
                    (centre[across] - x).powi(2) + (centre[depth] - y).powi(2) + (centre[normal] - plane).powi(2)
                };
                let nearest = close.iter().map(|&tet| (distance(tet), tet)).min_by(|a, b| a.0.total_cmp(&b.0));
                let inside = nearest.filter(|(distance, _)| *distance <= (2.0 * spread).powi(2));
                squares.push(inside.map(|(_, tet)| {
                    let next = seen.len();
                    *seen.entry(tet).or_insert(next)
                }));
            }
        }
        let mut tetrahedra = vec![0; seen.len()];
        seen.into_iter().for_each(|(tet, place)| tetrahedra[place] = tet);
        Self { columns, rows, extent: [left, right, low, high], squares, tetrahedra }
    }
}
