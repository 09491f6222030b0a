//! Oxygen and glucose along the network: what enters is carried with the blood, mixes at nodes, and leaves through the
//! walls to the tissue. Quasi-static as the flow itself.
//!
//! In each segment Q dc/dx = -(k/L) (p - p_tissue), with the content c of the blood, the level p that drives exchange
//! (partial pressure or concentration) and the exchange coefficient k of its wall. Segments are solved one after the other
//! in the order of flow (upwind), each by Q (c_in - c_out) = k times the logarithmic mean of the level differences at both
//! ends, which is the exact solution where content is proportional to level. What leaves the blood is what the tissue gets.

mod solutes;

pub use self::solutes::{Glucose, Oxygen, Solute};
use crate::flow::Flow;
use crate::flow_order::{CirculatingFlow, FlowOrder};
use crate::vasculature::Vasculature;

/// What the blood carries and delivers.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Mean level in each segment: kPa for oxygen, mM for glucose. Where blood stands still, the tissue's.
    pub levels: Vec<f64>,
    /// What leaves each segment to the tissue, in amol/s (um3/s times mM); negative where the blood takes it up.
    pub rates_amol_per_s: Vec<f64>,
    /// Level at each node; that of the inflow where none flows.
    pub node_levels: Vec<f64>,
}

/// The blood and the vessels that it flows through.
#[derive(Debug, Clone, Copy)]
pub struct Stream<'a> {
    /// The graph.
    pub vasculature: &'a Vasculature,
    /// Flow through it.
    pub flow: &'a Flow,
    /// Present radius of each segment, in um.
    pub radii_um: &'a [f64],
    /// Discharge haematocrit of each segment.
    pub hematocrits: &'a [f64],
    /// Discharge haematocrit of the blood that enters.
    pub inflow_hematocrit: f64,
}

impl Stream<'_> {
    /// Carries a solute from the inflows to the outflows. `tissue_levels` has one value a segment.
    ///
    /// # Errors
    /// [`CirculatingFlow`].
    ///
    /// # Panics
    /// Where a slice does not have one value a segment.
    pub fn deliver(&self, solute: &impl Solute, tissue_levels: &[f64]) -> Result<Delivery, CirculatingFlow> {
        let Self { vasculature, flow, .. } = *self;
        assert_eq!(tissue_levels.len(), vasculature.segment_count(), "one level for each segment");
        let order = FlowOrder::new(vasculature, &flow.flows_um3_per_s)?;
        let mut delivery = Delivery {
            levels: tissue_levels.to_vec(),
            rates_amol_per_s: vec![0.0; vasculature.segment_count()],
            node_levels: vec![solute.inflow_level(); vasculature.node_count()],
        };
        // Level at the downstream end of each segment.
        let mut outlet_levels = tissue_levels.to_vec();
        for node in order.nodes() {
            let level = self.mixed_level(solute, &order, node, &outlet_levels);
            delivery.node_levels[node] = level;
            for &segment in vasculature.adjacency().of(node) {
                let through = flow.flows_um3_per_s[segment];
                if order.direction(vasculature, segment, through).is_none_or(|[from, _]| from != node) {
                    continue;
                }
                let passage = Passage {
                    flow_um3_per_s: through.abs(),
                    hematocrit: self.hematocrits[segment],
                    exchange: solute.exchange(vasculature.lengths_um()[segment], self.radii_um[segment]),
                    tissue_level: tissue_levels[segment],
                };
                let outlet = passage.outlet_level(solute, level);
                outlet_levels[segment] = outlet;
                delivery.rates_amol_per_s[segment] = passage.lost(solute, level, outlet);
                let mean = mean_difference(level - passage.tissue_level, outlet - passage.tissue_level);
                delivery.levels[segment] =
                    (passage.tissue_level + mean).clamp(f64::min(level, outlet), f64::max(level, outlet));
            }
        }
        Ok(delivery)
    }

    /// Level of the blood that comes together at a node. Its branches may get other parts of the cells than of the blood,
    /// at the same level: the content is linear in haematocrit, so that nothing is lost.
    fn mixed_level(&self, solute: &impl Solute, order: &FlowOrder, node: usize, outlet_levels: &[f64]) -> f64 {
        let Self { vasculature, flow, .. } = *self;
        let entering = f64::max(flow.inflows_um3_per_s[node], 0.0);
        let mut sources = 0;
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut blood, mut cells, mut carried) = (0.0, 0.0, 0.0);
        let mut add = |flow: f64, hematocrit: f64, level: f64| {
            sources += 1;
            (lowest, highest) = (lowest.min(level), highest.max(level));
            blood += flow;
            cells += flow * hematocrit;
            carried += flow * solute.content_mm(level, hematocrit);
        };
        if entering > 0.0 {
            add(entering, self.inflow_hematocrit, solute.inflow_level());
        }
        for &segment in vasculature.adjacency().of(node) {
            let through = flow.flows_um3_per_s[segment];
            if order.direction(vasculature, segment, through).is_some_and(|[_, to]| to == node) {
                add(through.abs(), self.hematocrits[segment], outlet_levels[segment]);
            }
        }
        match sources {
            0 => solute.inflow_level(),
            1 => lowest,
            // Mixed, the blood holds no less than all of it at the lowest level would, and no more than at the highest.
            _ => {
                let (content_mm, hematocrit) = (carried / blood, cells / blood);
                root_between(lowest, highest, |level| solute.content_mm(level, hematocrit) - content_mm)
            }
        }
    }
}

/// Blood on its way through one segment.
struct Passage {
    flow_um3_per_s: f64,
    hematocrit: f64,
    exchange: f64,
    tissue_level: f64,
}

impl Passage {
    /// What the blood loses between two levels, in amol/s.
    fn lost(&self, solute: &impl Solute, inlet: f64, outlet: f64) -> f64 {
        self.flow_um3_per_s * (solute.content_mm(inlet, self.hematocrit) - solute.content_mm(outlet, self.hematocrit))
    }

    /// Level at the downstream end: between that of the inlet and that of the tissue, where the blood has lost what went
    /// through the wall.
    fn outlet_level(&self, solute: &impl Solute, inlet: f64) -> f64 {
        let excess = |outlet: f64| {
            let through_wall = self.exchange * mean_difference(inlet - self.tissue_level, outlet - self.tissue_level);
            self.lost(solute, inlet, outlet) - through_wall
        };
        // With the outlet at the tissue's level nothing can have been lost beyond that, at the inlet's nothing is lost.
        root_between(self.tissue_level, inlet, excess)
    }
}

/// Logarithmic mean of two differences of one sign.
fn mean_difference(a: f64, b: f64) -> f64 {
    /// Below this relative difference the mean is the arithmetic one to rounding.
    const CLOSE: f64 = 1e-5;
    let larger = f64::max(a.abs(), b.abs());
    if a * b <= 0.0 {
        0.0
    } else if (a - b).abs() <= CLOSE * larger {
        // ln(a/b) / (a-b) = 1/m (1 + d^2/12 + ...) with m the arithmetic mean and d = (a-b)/m.
        let mean = (a + b) / 2.0;
        let relative = (a - b) / mean;
        mean / (1.0 + relative * relative / 12.0)
    } else {
        (a - b) / (a / b).ln()
    }
}

/// Where a monotonic function between `a` and `b` changes sign, to rounding: regula falsi of the Illinois kind (Dowell,
/// Jarratt 1971), with a bisection wherever it gains little. One of the ends where the sign does not change.
fn root_between(a: f64, b: f64, function: impl Fn(f64) -> f64) -> f64 {
    const MOST_STEPS: usize = 200;
    let (mut a, mut b) = (a, b);
    let (mut at_a, mut at_b) = (function(a), function(b));
    if at_a == 0.0 || a == b {
        return a;
    }
    if at_b == 0.0 {
        return b;
    }
    if (at_a > 0.0) == (at_b > 0.0) {
        return if at_a.abs() < at_b.abs() { a } else { b };
    }
    for step in 0..MOST_STEPS {
        let width = (b - a).abs();
        if width <= 2.0 * f64::EPSILON * f64::max(a.abs(), b.abs()) {
            break;
        }
        let secant = (a * at_b - b * at_a) / (at_b - at_a);
        let inside = (secant - a) * (secant - b) < 0.0;
        let middle = if inside && step % 3 != 2 { secant } else { f64::midpoint(a, b) };
        let value = function(middle);
        if value == 0.0 {
            return middle;
        }
        if (value > 0.0) == (at_b > 0.0) {
            (b, at_b) = (middle, value);
            at_a /= 2.0;
        } else {
            (a, at_a) = (middle, value);
            at_b /= 2.0;
        }
    }
    if at_a.abs() < at_b.abs() { a } else { b }
}
