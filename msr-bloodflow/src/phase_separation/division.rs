//! How cells divide where one vessel divides in two.

/// The law logit(cell share) = A + B logit((flow share - X0) / (1 - 2 X0)), with the parameters of Pries and Secomb:
/// Microvascular blood viscosity in vivo and the endothelial surface layer, Am J Physiol Heart Circ Physiol 289, H2657,
/// 2005.
struct Bifurcation;

impl Bifurcation {
    /// A = -13.29 (da^2/db^2 - 1) / (da^2/db^2 + 1) (1 - H) / D, D in um.
    const ASYMMETRY_UM: f64 = 13.29;
    /// B = 1 + 6.98 (1 - H) / D.
    const STEEPNESS_UM: f64 = 6.98;
    /// X0 = 0.964 (1 - H) / D.
    const THRESHOLD_UM: f64 = 0.964;
}

/// No branch gets more cells than fill this part of its blood; the other one gets the rest. A choice of ours: the law of
/// Pries and Secomb sets no limit, and could fill a branch with more cells than it has room for.
const MOST_CELLS: f64 = 0.95;

/// A vessel that divides in two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Division {
    /// Diameter of the feeding vessel, in um.
    pub feeding_diameter_um: f64,
    /// Diameters of the branches, in um.
    pub branch_diameters_um: [f64; 2],
    /// Discharge haematocrit of the feeding vessel.
    pub hematocrit: f64,
}

impl Division {
    /// Part of the cells that go to the first branch, which takes `flow_share` of the blood (0 to 1).
    pub fn cell_share(&self, flow_share: f64) -> f64 {
        let plasma_per_um = (1.0 - self.hematocrit) / self.feeding_diameter_um;
        let threshold = Bifurcation::THRESHOLD_UM * plasma_per_um;
        if flow_share <= threshold.min(0.5) && flow_share < 0.5 {
            return 0.0;
        }
        if flow_share >= 1.0 - threshold.min(0.5) && flow_share > 0.5 {
            return 1.0;
        }
        if flow_share == 0.5 && threshold >= 0.5 {
            return 0.5;
        }
        let [a, b] = self.branch_diameters_um.map(|diameter| diameter * diameter);
        let asymmetry = -Bifurcation::ASYMMETRY_UM * (a - b) / (a + b) * plasma_per_um;
        let steepness = 1.0 + Bifurcation::STEEPNESS_UM * plasma_per_um;
        let logit = asymmetry + steepness * ((flow_share - threshold) / (1.0 - threshold - flow_share)).ln();
        1.0 / (1.0 + (-logit).exp())
    }

    /// Haematocrits of the branches, which take these flows (um3/s, both positive).
    pub fn branch_hematocrits(&self, flows_um3_per_s: [f64; 2]) -> [f64; 2] {
        let [first, second] = flows_um3_per_s;
        let cells = self.hematocrit * (first + second);
        // Cells that the first branch can hold, and those that the second cannot.
        let most = f64::max(MOST_CELLS, self.hematocrit);
        let (room, overflow) = (most * first, f64::max(cells - most * second, 0.0));
        // Where all blood is as dense as it may be, room and overflow are the same but for rounding, in either order.
        let to_first = (cells * self.cell_share(first / (first + second))).max(overflow).min(room);
        [to_first / first, (cells - to_first) / second]
    }
}
