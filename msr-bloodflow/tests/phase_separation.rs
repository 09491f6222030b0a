//! Red cells at divisions, and flow together with haematocrit.

use msr_bloodflow::phase_separation::{Division, FixedPoint, PhaseSeparationError, distribute};
use msr_bloodflow::{Axis, Boundary, EntryRule, FlowSolver, NodeTable, SegmentTable, Settings, Vasculature, Viscosity};
use proptest::prelude::*;

fn division(branch_diameters_um: [f64; 2]) -> Division {
    Division { feeding_diameter_um: 10.0, branch_diameters_um, hematocrit: 0.4 }
}

#[test]
fn equal_branches_share_cells_as_blood_and_all_cells_go_somewhere() {
    let equal = division([7.0, 7.0]);
    assert!((equal.cell_share(0.5) - 0.5).abs() < 1e-15);
    let uneven = division([6.0, 9.0]);
    for share in [0.01, 0.06, 0.2, 0.5, 0.7, 0.9, 0.97] {
        let other = division([9.0, 6.0]).cell_share(1.0 - share);
        assert!((uneven.cell_share(share) + other - 1.0).abs() < 1e-14, "{share}");
        let flows = [share * 500.0, (1.0 - share) * 500.0];
        let [a, b] = uneven.branch_hematocrits(flows);
        assert!((a * flows[0] + b * flows[1] - 0.4 * 500.0).abs() < 1e-10 && a.min(b) >= 0.0 && a.max(b) <= 0.95);
    }
}

#[test]
fn the_law_at_a_worked_point() {
    // D = 10 um, H = 0.4: (1-H)/D = 0.06. X0 = 0.964 * 0.06 = 0.05784, B = 1 + 6.98 * 0.06 = 1.4188. Equal branches, share
    // 0.25: logit((0.25 - 0.05784) / (1 - 2 * 0.05784)) = ln(0.19216 / 0.69216) = -1.281489, times B = -1.818176, share
    // 1 / (1 + exp(1.818176)) = 0.139653.
    assert!((division([7.0, 7.0]).cell_share(0.25) - 0.139_653).abs() < 1e-6);
    // Below the threshold no cell, above its mirror all.
    assert_eq!(division([7.0, 7.0]).cell_share(0.057), 0.0);
    assert_eq!(division([7.0, 7.0]).cell_share(0.943), 1.0);
    // The wider branch of two with the same flow gets fewer.
    assert!(division([9.0, 6.0]).cell_share(0.5) < 0.5);
}

/// Haematocrits from almost none to almost all, among them the one above which a branch takes no more.
fn any_hematocrit() -> impl Strategy<Value = f64> {
    prop_oneof![1e-6..1.0f64, Just(0.95), 0.94..0.96f64]
}

proptest! {
    #[test]
    fn every_division_conserves_cells_and_overfills_no_branch(
        hematocrit in any_hematocrit(),
        feeding_diameter_um in 2.0..40.0f64,
        branches in prop::array::uniform2(2.0..40.0f64),
        share in prop_oneof![1e-9..1.0f64, Just(0.5), 0.999..1.0f64],
        blood in 1e-3..1e7f64,
    ) {
        let division = Division { feeding_diameter_um, branch_diameters_um: branches, hematocrit };
        let flows = [share * blood, (1.0 - share) * blood];
        let [a, b] = division.branch_hematocrits(flows);
        let cells = hematocrit * blood;
        prop_assert!((a * flows[0] + b * flows[1] - cells).abs() <= 1e-12 * cells);
        // What the blood that comes is denser than this may be, too.
        let most = f64::max(0.95, hematocrit);
        for (hematocrit, flow) in [(a, flows[0]), (b, flows[1])] {
            // Rounding of all cells counts for much in a branch with little blood.
            let rounding = 1e-14 * cells / flow;
            prop_assert!(hematocrit >= -rounding && hematocrit <= most + rounding, "{hematocrit} in {flow} of {blood}");
        }
    }
}

/// A binary tree of four generations that comes together again in one vein, with unequal branches.
fn network() -> Vasculature {
    let (mut positions_um, mut diameters_um, mut ends) = (vec![[0.0, 500.0, 0.0]], vec![12.0], Vec::new());
    let mut node = |x: f64, y: f64, diameter: f64| {
        positions_um.push([x, y, 0.0]);
        diameters_um.push(diameter);
        positions_um.len() - 1
    };
    let mut generation = vec![(node(0.0, 400.0, 11.0), 0.0)];
    ends.push((0, generation[0].0));
    for level in 1..4 {
        let mut next = Vec::new();
        for &(parent, x) in &generation {
            for side in [-1.0, 1.0] {
                let x = x + side * 80.0 / f64::from(level);
                let diameter = 11.0 - 1.5 * f64::from(level) + side;
                let child = node(x, 400.0 - 50.0 * f64::from(level), diameter);
                ends.push((parent, child));
                next.push((child, x));
            }
        }
        generation = next;
    }
    let collector = node(0.0, 100.0, 14.0);
    ends.extend(generation.iter().map(|&(child, _)| (child, collector)));
    let end = node(0.0, 0.0, 14.0);
    ends.push((collector, end));
    Vasculature::new(NodeTable { positions_um, diameters_um }, SegmentTable::from_ends(ends)).unwrap()
}

fn settings() -> Settings {
    let mut settings = Settings::new(1.2e-6, EntryRule { count: 1, depth_ratio: 0.01, axis: Axis::Y }, 5000.0);
    settings.discharge_hematocrit = 0.42;
    settings.viscosity = Viscosity::PriesInVivo { discharge_hematocrit: 0.42 };
    settings
}

#[test]
fn flow_and_haematocrit_agree_at_the_fixed_point() {
    let (v, settings) = (network(), settings());
    let boundary = Boundary::flows_by_area(&v, &[0], &[5e5]).unwrap();
    let mut solver = FlowSolver::new(&v, []);
    let mut hematocrits = vec![settings.discharge_hematocrit; v.segment_count()];
    let mut conductances = vec![0.0; v.segment_count()];
    let radii = v.rest_radii_um();
    let fixed_point = FixedPoint { tolerance: 1e-10, ..FixedPoint::default() };
    let (flow, steps) =
        fixed_point.solve(&mut solver, &v, &settings, &boundary, radii, &mut hematocrits, &mut conductances).unwrap();
    assert!(steps > 3);
    assert!(hematocrits.iter().any(|h| (h - 0.42).abs() > 0.02), "{hematocrits:?}");
    // Cells are conserved at every node, and what enters leaves.
    for node in 0..v.node_count() {
        let mut net = f64::max(flow.inflows_um3_per_s[node], 0.0) * 0.42;
        for &segment in v.adjacency().of(node) {
            let sign = if v.ends(segment)[0] == node { -1.0 } else { 1.0 };
            net += sign * flow.flows_um3_per_s[segment] * hematocrits[segment];
        }
        let leaves = f64::min(flow.inflows_um3_per_s[node], 0.0);
        if leaves < 0.0 {
            net += leaves * 0.42;
        }
        assert!(net.abs() < 1e-8 * 5e5, "{node}: {net}");
    }
    // Solved again with these haematocrits, the flow is the same and so are they.
    settings.write_conductances_with(&v, radii, &hematocrits, &mut conductances).unwrap();
    let again = solver.solve(&v, &conductances, &boundary, 0.0).unwrap();
    let mut cells = hematocrits.clone();
    distribute(&v, &again, radii, 0.42, &mut cells).unwrap();
    for (cells, hematocrit) in cells.iter().zip(&hematocrits) {
        assert!((cells - hematocrit).abs() < 1e-8);
    }
}

#[test]
fn what_does_not_converge_says_where() {
    let (v, settings) = (network(), settings());
    let boundary = Boundary::flows_by_area(&v, &[0], &[5e5]).unwrap();
    let mut solver = FlowSolver::new(&v, []);
    let mut conductances = vec![0.0; v.segment_count()];
    let mut solve = |fixed_point: FixedPoint| {
        let mut hematocrits = vec![0.42; v.segment_count()];
        let radii = v.rest_radii_um();
        fixed_point.solve(&mut solver, &v, &settings, &boundary, radii, &mut hematocrits, &mut conductances)
    };
    let error = solve(FixedPoint { most_steps: 2, ..FixedPoint::default() }).unwrap_err();
    assert!(matches!(error, PhaseSeparationError::NotConverged { steps: 2, .. }), "{error}");
    let error = solve(FixedPoint { relaxation: 0.0, ..FixedPoint::default() }).unwrap_err();
    assert_eq!(error, PhaseSeparationError::BadRelaxation { relaxation: 0.0 });
}
