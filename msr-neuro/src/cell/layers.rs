//! Layers outside of a cell's membrane (the mechanism `extracellular`).

use super::{BuildError, CellState};
use crate::cable::{Cable, LayeredSolver, MembraneFlow, Order, Outside};
use crate::discretisation::Discretisation;
use crate::ions::Membrane;
use crate::mechanisms::{EXTRACELLULAR, LAYERS, layer_column as column};
use crate::stimuli::{Origin, Stimuli};

/// The mechanism among those of a cell.
pub(super) struct LayerBlock<'a> {
    /// Its number.
    pub mechanism: usize,
    pub nodes: &'a [u32],
    pub values: &'a [f64],
}

/// Solver of a cell with layers, and what it is given.
pub(super) struct Layers {
    solver: LayeredSolver,
    /// Number of the mechanism.
    mechanism: usize,
    nodes: Vec<u32>,
    /// Current that is injected through the membrane, by node, in nA.
    through_membrane_na: Vec<f64>,
    clamps: Vec<(usize, f64, f64)>,
}

impl Layers {
    pub(super) fn new(
        cable: &Cable,
        cell: &Discretisation,
        block: &LayerBlock<'_>,
        dt_ms: f64,
        order: Order,
    ) -> Result<Self, BuildError> {
        if order != Order::First {
            return Err(BuildError::LayersNeedEuler);
        }
        let check = |columns: [usize; LAYERS], name: &str, allowed: fn(f64) -> bool, reason: &'static str| {
            for (layer, column) in columns.into_iter().enumerate() {
                let values = &block.values[column * block.nodes.len()..][..block.nodes.len()];
                if let Some(&value) = values.iter().find(|value| !allowed(**value)) {
                    let (mechanism, parameter) = (EXTRACELLULAR.to_owned(), format!("{name}[{layer}]"));
                    return Err(BuildError::BadParameter { mechanism, parameter, value, reason });
                }
            }
            Ok(())
        };
        check(column::AXIAL, "xraxial", |value| value > 0.0, "must be above 0: it is a resistance")?;
        check(column::CONDUCTANCE, "xg", |value| value >= 0.0, "must not be negative: it is a conductance")?;
        check(column::CAPACITANCE, "xc", |value| value >= 0.0, "must not be negative: it is a capacitance")?;
        Ok(Self {
            solver: LayeredSolver::new(cable, cell, block.nodes, block.values, dt_ms),
            mechanism: block.mechanism,
            nodes: block.nodes.to_vec(),
            through_membrane_na: vec![0.0; cable.len()],
            clamps: Vec::new(),
        })
    }

    /// Advances the potentials by one step, with what is imposed at a time.
    pub(super) fn advance(&mut self, state: &mut CellState, stimuli: &Stimuli, time_ms: f64, areas_um2: &[f64]) {
        stimuli.clamp(Some(Origin::Membrane), time_ms, &mut state.membrane, areas_um2);
        self.through_membrane_na.fill(0.0);
        stimuli.add_currents(Origin::Membrane, time_ms, &mut self.through_membrane_na);
        self.clamps.clear();
        let by_electrodes = stimuli.clamps_at(time_ms).filter(|(origin, ..)| *origin == Origin::Electrode);
        self.clamps.extend(by_electrodes.map(|(_, node, conductance_us, target_mv)| (node, conductance_us, target_mv)));
        let Membrane { v, current, conductance, .. } = &mut state.membrane;
        self.solver.advance(
            v,
            &mut state.blocks[self.mechanism],
            &mut state.layer_ends_mv,
            &MembraneFlow { current, conductance, injected_na: &state.injected_na },
            &Outside { through_membrane_na: &self.through_membrane_na, clamps: &self.clamps },
        );
    }

    /// Potential just outside of the membrane of a node, in mV.
    pub(super) fn outside_mv(&self, state: &CellState, node: usize) -> f64 {
        match self.nodes.binary_search(&(node as u32)) {
            Ok(carrier) => state.blocks[self.mechanism][column::POTENTIAL[0] * self.nodes.len() + carrier],
            Err(_) => state.layer_ends_mv[node][0],
        }
    }

    /// Adds to each node the axial current inside (nA) that potentials outside of the membrane drive.
    pub(super) fn add_axial_currents(&self, cable: &Cable, state: &CellState, sums_na: &mut [f64]) {
        cable.add_axial_currents_at(|node| self.outside_mv(state, node), sums_na);
    }
}
