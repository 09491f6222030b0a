//! Where red cells go at branching points. A branch that takes a small part of the flow takes an even smaller part of
//! the cells, and none below a threshold (Pries, Ley, Claassen, Gaehtgens: Red cell distribution at microvascular
//! bifurcations, Microvasc Res 38, 81, 1989). Haematocrit changes viscosity and viscosity changes flow, so that both are
//! found together, as a fixed point.

mod division;

use serde::{Deserialize, Serialize};

pub use self::division::Division;
use crate::boundary::Boundary;
use crate::flow::{Flow, FlowError, FlowSolver};
use crate::flow_order::{CirculatingFlow, FlowOrder};
use crate::settings::Settings;
use crate::vasculature::Vasculature;
use crate::viscosity::ViscosityError;

/// Writes the discharge haematocrit of each segment, for blood that enters with `inflow_hematocrit`. Cells are conserved at
/// every node. The law holds where one vessel divides in two; elsewhere all branches get the mixed blood. Segments
/// without flow keep theirs.
///
/// # Errors
/// [`CirculatingFlow`].
pub fn distribute(
    vasculature: &Vasculature,
    flow: &Flow,
    radii_um: &[f64],
    inflow_hematocrit: f64,
    hematocrits: &mut [f64],
) -> Result<(), CirculatingFlow> {
    let order = FlowOrder::new(vasculature, &flow.flows_um3_per_s)?;
    let mut branches = Vec::new();
    for node in order.nodes() {
        branches.clear();
        let entering = f64::max(flow.inflows_um3_per_s[node], 0.0);
        let (mut blood, mut cells) = (entering, entering * inflow_hematocrit);
        let (mut feeders, mut feeder) = (0, 0);
        for &segment in vasculature.adjacency().of(node) {
            let through = flow.flows_um3_per_s[segment];
            match order.direction(vasculature, segment, through) {
                Some([_, to]) if to == node => {
                    blood += through.abs();
                    cells += through.abs() * hematocrits[segment];
                    (feeders, feeder) = (feeders + 1, segment);
                }
                Some(_) => branches.push(segment),
                None => {}
            }
        }
        if blood == 0.0 {
            continue;
        }
        let mixed = cells / blood;
        let is_simple = feeders == 1 && flow.inflows_um3_per_s[node].abs() <= blood * f64::EPSILON;
        match *branches {
            [first, second] if is_simple => {
                let division = Division {
                    feeding_diameter_um: 2.0 * radii_um[feeder],
                    branch_diameters_um: [first, second].map(|branch| 2.0 * radii_um[branch]),
                    hematocrit: mixed,
                };
                let flows = [first, second].map(|branch| flow.flows_um3_per_s[branch].abs());
                [hematocrits[first], hematocrits[second]] = division.branch_hematocrits(flows);
            }
            _ => branches.iter().for_each(|&branch| hematocrits[branch] = mixed),
        }
    }
    Ok(())
}

/// How the fixed point of flow and haematocrit is sought.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FixedPoint {
    /// Largest change of a haematocrit in the last step of an accepted solution.
    pub tolerance: f64,
    /// Part of the first step that is taken, above 0 and at most 1. Each segment has its own from there on: smaller where its
    /// haematocrit goes to and fro, larger again where it goes one way.
    pub relaxation: f64,
    /// Steps at most, each one solution of the flow.
    pub most_steps: usize,
}

impl Default for FixedPoint {
    fn default() -> Self {
        Self { tolerance: 1e-6, relaxation: 0.5, most_steps: 500 }
    }
}

/// Why flow and haematocrit cannot be found together.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PhaseSeparationError {
    /// There is no flow.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// The viscosity law does not hold for a vessel.
    #[error(transparent)]
    Viscosity(#[from] ViscosityError),
    /// The flow is not one that pressures drive.
    #[error(transparent)]
    Circulating(#[from] CirculatingFlow),
    /// A fixed point that cannot be sought.
    #[error("phase separation: relaxation must be above 0 and at most 1, found {relaxation}")]
    BadRelaxation {
        /// What was given.
        relaxation: f64,
    },
    /// The steps do not get small.
    #[error(
        "phase separation: after {steps} steps the haematocrit of segment {segment} still changes by {change:e} (limit \
         {tolerance:e}); lower the relaxation or raise the tolerance"
    )]
    NotConverged {
        /// Steps made.
        steps: usize,
        /// The segment that changes most.
        segment: usize,
        /// How much it changes.
        change: f64,
        /// What is accepted.
        tolerance: f64,
    },
}

impl FixedPoint {
    /// Finds flow and haematocrit together. `hematocrits` (one a segment) is where the search starts, and holds the result;
    /// `conductances` is memory for one value a segment. Gives the flow and the number of solutions that it took.
    ///
    /// # Errors
    /// [`PhaseSeparationError`]; `hematocrits` is then whatever was last tried.
    #[allow(clippy::too_many_arguments)]
    pub fn solve(
        &self,
        solver: &mut FlowSolver,
        vasculature: &Vasculature,
        settings: &Settings,
        boundary: &Boundary,
        radii_um: &[f64],
        hematocrits: &mut [f64],
        conductances: &mut [f64],
    ) -> Result<(Flow, usize), PhaseSeparationError> {
        let relaxation = self.relaxation;
        if !(relaxation > 0.0 && relaxation <= 1.0) {
            return Err(PhaseSeparationError::BadRelaxation { relaxation });
        }
        let mut next = hematocrits.to_vec();
        let mut relaxations = vec![relaxation; hematocrits.len()];
        let mut changes = vec![0.0; hematocrits.len()];
        let (mut segment, mut change) = (0, f64::INFINITY);
        let mut flow = Flow::default();
        for step in 1..=self.most_steps {
            settings.write_conductances_with(vasculature, radii_um, hematocrits, conductances)?;
            solver.solve_into(vasculature, conductances, boundary, settings.base_pressure_kpa, &mut flow)?;
            next.copy_from_slice(hematocrits);
            distribute(vasculature, &flow, radii_um, settings.discharge_hematocrit, &mut next)?;
            (segment, change) = largest_change(hematocrits, &next);
            if change <= self.tolerance {
                hematocrits.copy_from_slice(&next);
                return Ok((flow, step));
            }
            let places = hematocrits.iter_mut().zip(&next).zip(changes.iter_mut().zip(&mut relaxations));
            for ((hematocrit, &next), (change_before, relaxation)) in places {
                let change = next - *hematocrit;
                if change * *change_before < 0.0 {
                    *relaxation = f64::max(*relaxation * TO_AND_FRO, LEAST_RELAXATION);
                } else {
                    *relaxation = f64::min(*relaxation * ONE_WAY, self.relaxation);
                }
                *hematocrit += *relaxation * change;
                *change_before = change;
            }
        }
        let (steps, tolerance) = (self.most_steps, self.tolerance);
        Err(PhaseSeparationError::NotConverged { steps, segment, change, tolerance })
    }
}

/// Relaxation does not get below this.
const LEAST_RELAXATION: f64 = 1e-3;
/// By what it changes where a haematocrit goes to and fro, and where it goes one way.
const TO_AND_FRO: f64 = 0.5;
const ONE_WAY: f64 = 1.1;

/// The segment whose haematocrit changes most, and by how much.
fn largest_change(before: &[f64], after: &[f64]) -> (usize, f64) {
    let changes = before.iter().zip(after).map(|(before, after)| (after - before).abs());
    changes.enumerate().fold((0, 0.0), |most, change| if change.1 > most.1 { change } else { most })
}
