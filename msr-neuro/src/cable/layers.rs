//! Steps of the cable equation of a cell that has layers outside of its membrane (NEURON's `extracellular`).
//!
//! A node has three potentials: that of its inside (membrane voltage plus that of the first layer) and those of two layers.
//! What leaves the membrane enters the first layer; from there it flows along the layer, into the next one or, from the last,
//! to the ground. Where a neighbour has no layers, a layer ends closed, and what lies outside is ground. The implicit step is
//! a symmetric system of 3 x 3 blocks, eliminated along the tree as [`Solver`](super::Solver) does with numbers.

use super::{Cable, Link, MembraneFlow, NANOAMPERE_PER_DENSITY};
use crate::discretisation::Discretisation;
use crate::mechanisms::{LAYERS, layer_column as column};

/// Megohm/cm times um to megohm.
const CM_PER_UM: f64 = 1e-4;
/// uF/cm2 / ms to S/cm2.
const SIEMENS_PER_MICROFARAD_PER_MS: f64 = 1e-3;
/// Potentials of a node: inside, first layer, second layer.
const POTENTIALS: usize = 1 + LAYERS;
/// In place of a carrier where a node has no layers.
const NONE: u32 = u32::MAX;

type Row = [f64; POTENTIALS];

/// What flows through a membrane with layers, besides [`MembraneFlow`].
pub struct Outside<'a> {
    /// The part of the injected current that comes through the membrane, in nA, by node.
    pub through_membrane_na: &'a [f64],
    /// Nodes, conductances (uS) and voltages against the ground (mV) of electrodes that clamp.
    pub clamps: &'a [(usize, f64, f64)],
}

/// Steps of one length for one cable with layers.
#[derive(Debug, Clone)]
pub struct LayeredSolver {
    links: Vec<Link>,
    /// Conductances of each link, in uS.
    axial_us: Vec<Row>,
    /// Position among the carriers of each node.
    carrier_of: Vec<u32>,
    capacitance_us: Vec<f64>,
    per_density: Vec<f64>,
    dt_ms: f64,
    matrix: Vec<[Row; POTENTIALS]>,
    change: Vec<Row>,
}

impl LayeredSolver {
    /// For steps of `dt_ms` by implicit Euler; `nodes` carry layers whose columns are `values`.
    pub fn new(cable: &Cable, cell: &Discretisation, nodes: &[u32], values: &[f64], dt_ms: f64) -> Self {
        let mut carrier_of = vec![NONE; cable.len()];
        for (carrier, &node) in nodes.iter().enumerate() {
            carrier_of[node as usize] = carrier as u32;
        }
        let segments = cell.segments.len();
        // The end of a section has the layers of the section.
        let mut section_of: Vec<usize> = cell.segments.iter().map(|segment| segment.section).collect();
        section_of.resize(cable.len(), usize::MAX);
        for (number, section) in cell.sections.iter().enumerate() {
            let end = cable.section_end(number);
            section_of[end] = number;
            if end >= segments && carrier_of[section.segments.end - 1] != NONE {
                carrier_of[end] = nodes.len() as u32;
            }
        }
        let has_layers = |node: usize| carrier_of[node] != NONE;
        let half_megohm = |segment: usize, layer: usize| {
            let section = &cell.sections[cell.segments[segment].section];
            let length_um = section.length_um / section.segments.len() as f64;
            values[column::AXIAL[layer] * nodes.len() + carrier_of[segment] as usize] * length_um / 2.0 * CM_PER_UM
        };
        let axial_us = cable.links.iter().map(|link| {
            let (node, parent) = (link.node as usize, link.parent as usize);
            let mut row = [cable.axial_us[node], 0.0, 0.0];
            if has_layers(node) && has_layers(parent) {
                let is_within = section_of[node] == section_of[parent];
                let passed = [(node, true), (parent, is_within)];
                for (layer, conductance_us) in row[1..].iter_mut().enumerate() {
                    let halves = passed.iter().filter(|(node, passes)| *passes && *node < segments);
                    *conductance_us = 1.0 / halves.map(|&(node, _)| half_megohm(node, layer)).sum::<f64>();
                }
            }
            row
        });
        Self {
            axial_us: axial_us.collect(),
            links: cable.links.clone(),
            capacitance_us: cable.capacitance_nf.iter().map(|nf| nf / dt_ms).collect(),
            per_density: cable.area_um2.iter().map(|area_um2| NANOAMPERE_PER_DENSITY * area_um2).collect(),
            dt_ms,
            matrix: vec![[[0.0; POTENTIALS]; POTENTIALS]; cable.len()],
            change: vec![[0.0; POTENTIALS]; cable.len()],
            carrier_of,
        }
    }

    /// Advances membrane voltages and potentials of the layers (mV) by one step; `ends_mv` are those of the layers at the ends
    /// of sections, by node.
    pub fn advance(
        &mut self,
        v_mv: &mut [f64],
        layers: &mut [f64],
        ends_mv: &mut [[f64; LAYERS]],
        flow: &MembraneFlow<'_>,
        outside: &Outside<'_>,
    ) {
        let carriers = layers.len() / (column::MEMBRANE_CURRENT + 1);
        let value = |layers: &[f64], column: usize, carrier: u32| layers[column * carriers + carrier as usize];
        let potentials = |layers: &[f64], ends_mv: &[[f64; LAYERS]], node: usize| match self.carrier_of[node] {
            NONE => [0.0; LAYERS],
            carrier if (carrier as usize) < carriers => column::POTENTIAL.map(|at| value(layers, at, carrier)),
            _ => ends_mv[node],
        };
        for node in 0..v_mv.len() {
            let (per_density, carrier) = (self.per_density[node], self.carrier_of[node]);
            let membrane_us = self.capacitance_us[node] + per_density * flow.conductance[node];
            let through_na = outside.through_membrane_na[node];
            let outward_na = per_density * flow.current[node] - through_na;
            let matrix = &mut self.matrix[node];
            *matrix = [[0.0; POTENTIALS]; POTENTIALS];
            matrix[0][0] = membrane_us;
            self.change[node] = [flow.injected_na[node] - through_na - outward_na, 0.0, 0.0];
            if carrier == NONE {
                (matrix[1][1], matrix[2][2]) = (1.0, 1.0);
                continue;
            }
            (matrix[0][1], matrix[1][0]) = (-membrane_us, -membrane_us);
            matrix[1][1] = membrane_us;
            if carrier as usize == carriers {
                continue;
            }
            let own = column::POTENTIAL.map(|at| value(layers, at, carrier));
            let beyond = [own[1], value(layers, column::GROUND, carrier)];
            let mut outflow_na = [0.0; LAYERS];
            for layer in 0..LAYERS {
                let conductance = value(layers, column::CONDUCTANCE[layer], carrier);
                let capacitance = value(layers, column::CAPACITANCE[layer], carrier);
                let step_us = per_density * (conductance + SIEMENS_PER_MICROFARAD_PER_MS * capacitance / self.dt_ms);
                outflow_na[layer] = per_density * conductance * (own[layer] - beyond[layer]);
                let row = layer + 1;
                matrix[row][row] += step_us;
                if row < LAYERS {
                    matrix[row + 1][row + 1] += step_us;
                    matrix[row][row + 1] -= step_us;
                    matrix[row + 1][row] -= step_us;
                }
            }
            self.change[node][1] = outward_na - outflow_na[0];
            self.change[node][2] = outflow_na[0] - outflow_na[1];
        }
        for &(node, conductance_us, target_mv) in outside.clamps {
            let inside_mv = v_mv[node] + potentials(layers, ends_mv, node)[0];
            self.matrix[node][0][0] += conductance_us;
            self.change[node][0] += conductance_us * (target_mv - inside_mv);
        }
        for (link, axial_us) in self.links.iter().zip(&self.axial_us) {
            let ends = [link.node, link.parent].map(|node| node as usize);
            let [own, above] = ends.map(|node| {
                let [first, second] = potentials(layers, ends_mv, node);
                [v_mv[node] + first, first, second]
            });
            for potential in 0..POTENTIALS {
                let inflow_na = axial_us[potential] * (above[potential] - own[potential]);
                self.change[ends[0]][potential] += inflow_na;
                self.change[ends[1]][potential] -= inflow_na;
                for node in ends {
                    self.matrix[node][potential][potential] += axial_us[potential];
                }
            }
        }
        self.solve();
        for (node, v_mv) in v_mv.iter_mut().enumerate() {
            let [inside, first, second] = self.change[node];
            let change_mv = inside - first;
            *v_mv += change_mv;
            match self.carrier_of[node] {
                NONE => {}
                carrier if (carrier as usize) < carriers => {
                    for (at, change) in column::POTENTIAL.into_iter().zip([first, second]) {
                        layers[at * carriers + carrier as usize] += change;
                    }
                    let per_density = self.per_density[node];
                    let capacitive = self.capacitance_us[node] / per_density;
                    let through = outside.through_membrane_na[node] / per_density;
                    layers[column::MEMBRANE_CURRENT * carriers + carrier as usize] =
                        flow.current[node] + (flow.conductance[node] + capacitive) * change_mv - through;
                }
                _ => {
                    ends_mv[node][0] += first;
                    ends_mv[node][1] += second;
                }
            }
        }
    }

    /// Solves for the changes: from the tips to the root and back.
    fn solve(&mut self) {
        for (link, axial_us) in self.links.iter().zip(&self.axial_us) {
            let (node, parent) = (link.node as usize, link.parent as usize);
            factorise(&mut self.matrix[node]);
            let passed = solved(&self.matrix[node], self.change[node]);
            for column in 0..POTENTIALS {
                self.change[parent][column] += axial_us[column] * passed[column];
                if axial_us[column] == 0.0 {
                    continue;
                }
                let mut unit = [0.0; POTENTIALS];
                unit[column] = axial_us[column];
                let factor = solved(&self.matrix[node], unit);
                for row in 0..POTENTIALS {
                    self.matrix[parent][row][column] -= axial_us[row] * factor[row];
                }
            }
        }
        factorise(&mut self.matrix[0]);
        self.change[0] = solved(&self.matrix[0], self.change[0]);
        for (link, axial_us) in self.links.iter().zip(&self.axial_us).rev() {
            let (node, parent) = (link.node as usize, link.parent as usize);
            let above = self.change[parent];
            for potential in 0..POTENTIALS {
                self.change[node][potential] += axial_us[potential] * above[potential];
            }
            self.change[node] = solved(&self.matrix[node], self.change[node]);
        }
    }
}

/// L D L^T of a symmetric positive matrix, in its lower triangle and diagonal. The last potential is eliminated first: it is
/// tied to the ground most firmly.
fn factorise(matrix: &mut [Row; POTENTIALS]) {
    for pivot in (0..POTENTIALS).rev() {
        let (above, own) = matrix.split_at_mut(pivot);
        let own = &mut own[0];
        let per_pivot = 1.0 / own[pivot];
        for (row, values) in above.iter_mut().enumerate() {
            let factor = own[row] * per_pivot;
            values.iter_mut().zip(&own[..=row]).for_each(|(value, own)| *value -= factor * own);
        }
        own[..pivot].iter_mut().for_each(|value| *value *= per_pivot);
    }
}

/// Solution of a factorised system.
fn solved(matrix: &[Row; POTENTIALS], mut right: Row) -> Row {
    for (pivot, factors) in matrix.iter().enumerate().rev() {
        let (above, own) = right.split_at_mut(pivot);
        above.iter_mut().zip(factors).for_each(|(right, factor)| *right -= factor * own[0]);
    }
    for (pivot, factors) in matrix.iter().enumerate() {
        let (above, own) = right.split_at_mut(pivot);
        let known: f64 = above.iter().zip(factors).map(|(right, factor)| factor * right).sum();
        own[0] = own[0] / factors[pivot] - known;
    }
    right
}
