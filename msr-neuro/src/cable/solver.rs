//! Steps of the cable equation.

use super::{Cable, Link, NANOAMPERE_PER_DENSITY};

/// What the membrane does at the voltages of the moment, one value a node.
pub struct MembraneFlow<'a> {
    /// Current density, in mA/cm2, outward positive.
    pub current: &'a [f64],
    /// Its slope, in S/cm2.
    pub conductance: &'a [f64],
    /// Current from electrodes, in nA, depolarising.
    pub injected_na: &'a [f64],
}

/// How a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Implicit Euler.
    First,
    /// Crank-Nicolson: implicit Euler to the middle of the step, and as far again.
    Second,
}

/// Steps of one length for one cable.
#[derive(Debug, Clone)]
pub struct Solver {
    links: Vec<Link>,
    /// Axial conductance of each link, in uS.
    axial_us: Vec<f64>,
    /// What the diagonal holds always: axial conductances and capacitance by step, in uS.
    fixed_us: Vec<f64>,
    /// nA of 1 mA/cm2, uS of 1 S/cm2.
    per_density: Vec<f64>,
    /// The step, in those that are solved for.
    parts: f64,
    diagonal_us: Vec<f64>,
    /// Current and then change of voltage.
    change: Vec<f64>,
}

impl Solver {
    /// For steps of `dt_ms`.
    pub fn new(cable: &Cable, dt_ms: f64, order: Order) -> Self {
        let parts = if order == Order::First { 1.0 } else { 2.0 };
        let fixed = cable.axial_sum_us.iter().zip(&cable.capacitance_nf);
        Self {
            links: cable.links.clone(),
            axial_us: cable.links.iter().map(|link| cable.axial_us[link.node as usize]).collect(),
            fixed_us: fixed.map(|(axial_us, capacitance_nf)| axial_us + capacitance_nf / (dt_ms / parts)).collect(),
            parts,
            per_density: cable.area_um2.iter().map(|area_um2| NANOAMPERE_PER_DENSITY * area_um2).collect(),
            diagonal_us: vec![0.0; cable.len()],
            change: vec![0.0; cable.len()],
        }
    }

    /// Advances the voltages (mV) by one step.
    pub fn advance(&mut self, v_mv: &mut [f64], flow: &MembraneFlow<'_>) {
        let count = self.fixed_us.len();
        let (diagonal, change, v_mv) = (&mut self.diagonal_us[..count], &mut self.change[..count], &mut v_mv[..count]);
        let (per_density, fixed_us) = (&self.per_density[..count], &self.fixed_us[..count]);
        let (current, conductance) = (&flow.current[..count], &flow.conductance[..count]);
        let injected_na = &flow.injected_na[..count];
        for node in 0..count {
            diagonal[node] = fixed_us[node] + per_density[node] * conductance[node];
            change[node] = injected_na[node] - per_density[node] * current[node];
        }
        for (link, &axial_us) in self.links.iter().zip(&self.axial_us) {
            let (node, above) = (link.node as usize, link.parent as usize);
            let inflow = axial_us * (v_mv[above] - v_mv[node]);
            let per_pivot = 1.0 / diagonal[node];
            let factor = axial_us * per_pivot;
            let own = change[node] + inflow;
            diagonal[above] -= factor * axial_us;
            change[above] += factor * own - inflow;
            // What is left for the way back.
            diagonal[node] = factor;
            change[node] = own * per_pivot;
        }
        change[0] /= diagonal[0];
        for link in self.links.iter().rev() {
            let (node, above) = (link.node as usize, link.parent as usize);
            change[node] += diagonal[node] * change[above];
        }
        for (v_mv, change) in v_mv.iter_mut().zip(change) {
            *v_mv += self.parts * *change;
        }
    }

    /// By how much voltages changed in the last step, with [`Order::Second`] up to its middle, in mV.
    pub fn change_mv(&self) -> &[f64] {
        &self.change
    }
}
