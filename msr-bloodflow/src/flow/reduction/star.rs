//! Exact removal of a node with three neighbours: its star of tubes becomes a triangle between them. Between neighbours i and
//! j it conducts g_i g_j / (g_1 + g_2 + g_3), beside what joins them already. (Rosen: A new network theorem, J Inst Electr Eng
//! 62, 916, 1924, for any number of neighbours; with two it is the law of tubes in series.)

use super::NONE;

/// The pairs of neighbours, so that each of three tubes can be led on to become the tube between one of them.
pub(super) const PAIRS: [[usize; 2]; 3] = [[0, 1], [1, 2], [2, 0]];

/// Removal of one node with at most three tubes; what is missing is `NONE`, its neighbour the node itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Star {
    pub node: u32,
    pub neighbours: [u32; 3],
    pub tubes: [u32; 3],
    /// The tube that conducts between each of [`PAIRS`]: the first one's own, or one parallel to it.
    pub into: [u32; 3],
}

/// Share of a removed node's inflow that goes to each neighbour, and the pressure that its own inflow causes per flow.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct StarShares {
    neighbours: [f64; 3],
    resistance: f64,
}

impl Star {
    /// Gives the conductances of its tubes to those that take their place.
    pub(super) fn join(&self, tubes: &mut [f64]) -> StarShares {
        let conductances = self.tubes.map(|tube| if tube == NONE { 0.0 } else { tubes[tube as usize] });
        let resistance = 1.0 / (conductances[0] + conductances[1] + conductances[2]);
        let neighbours = conductances.map(|conductance| conductance * resistance);
        for ([first, second], into) in PAIRS.into_iter().zip(self.into) {
            let joint = conductances[first] * neighbours[second];
            if into == NONE {
            } else if into == self.tubes[first] {
                tubes[into as usize] = joint;
            } else {
                tubes[into as usize] += joint;
            }
        }
        StarShares { neighbours, resistance }
    }

    /// Moves the node's inflow to its neighbours.
    pub(super) fn gather(&self, shares: &StarShares, inflows: &mut [f64]) {
        let inflow = inflows[self.node as usize];
        for (&neighbour, share) in self.neighbours.iter().zip(shares.neighbours).filter(|(_, share)| *share != 0.0) {
            inflows[neighbour as usize] += share * inflow;
        }
    }

    /// The node's pressure from its neighbours' and its gathered inflow, which stands in its place.
    pub(super) fn spread(&self, shares: &StarShares, values: &mut [f64]) {
        let mut pressure = shares.resistance * values[self.node as usize];
        for (&neighbour, share) in self.neighbours.iter().zip(shares.neighbours).filter(|(_, share)| *share != 0.0) {
            pressure += share * values[neighbour as usize];
        }
        values[self.node as usize] = pressure;
    }
}
