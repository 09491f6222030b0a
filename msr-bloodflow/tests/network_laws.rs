//! Laws that hold in every network, tried on random ones.

use std::collections::BTreeMap;

use msr_bloodflow::{
    Axis, Boundary, EntryRule, FlowSolver, Method, NodeTable, SegmentTable, Settings, Vasculature, Viscosity,
};
use proptest::prelude::*;

/// A random connected graph: node i > 0 hangs on an earlier one, and some extra segments close loops.
#[derive(Debug, Clone)]
struct Network {
    vasculature: Vasculature,
    conductances: Vec<f64>,
    inflows: Vec<f64>,
}

fn networks() -> impl Strategy<Value = Network> {
    networks_with(0..12)
}

fn trees() -> impl Strategy<Value = Network> {
    networks_with(0..1)
}

fn networks_with(loops: std::ops::Range<usize>) -> impl Strategy<Value = Network> {
    (3usize..40, loops).prop_flat_map(|(nodes, loops)| {
        let parents: Vec<_> = (1..nodes).map(|node| 0..node).collect();
        let extra = prop::collection::vec((0..nodes, 0..nodes), loops);
        // Conductances over six decades.
        let exponents = prop::collection::vec(-3.0..3.0f64, nodes - 1 + loops);
        let inflows = prop::collection::vec(-1.0..1.0f64, nodes);
        (parents, extra, exponents, inflows).prop_map(move |(parents, extra, exponents, mut inflows)| {
            let extra: Vec<_> = extra.into_iter().filter(|(a, b)| a != b).collect();
            let ends: Vec<_> = parents.into_iter().zip(1..nodes).chain(extra).collect();
            let positions_um = (0..nodes).map(|node| [node as f64, (node * node) as f64, 0.0]).collect();
            let table = NodeTable { positions_um, diameters_um: vec![5.0; nodes] };
            let conductances = exponents[..ends.len()].iter().map(|exponent| 10f64.powf(*exponent)).collect();
            let mean = inflows.iter().sum::<f64>() / nodes as f64;
            inflows.iter_mut().for_each(|inflow| *inflow -= mean);
            Network {
                vasculature: Vasculature::new(table, SegmentTable::from_ends(ends)).unwrap(),
                conductances,
                inflows,
            }
        })
    })
}

impl Network {
    fn boundary(&self) -> Boundary {
        Boundary { inflows_um3_per_s: self.inflows.clone(), pressures_kpa: BTreeMap::new() }
    }

    fn solver(&self) -> FlowSolver {
        FlowSolver::new(&self.vasculature, [])
    }

    fn largest_inflow(&self) -> f64 {
        self.inflows.iter().fold(0.0, |largest, inflow| f64::max(largest, inflow.abs()))
    }
}

proptest! {
    /// Elimination is exact: what rounding leaves is gone after a correction or two, whatever stars become triangles.
    #[test]
    fn removed_nodes_leave_nothing_to_be_found_by_refinement(network in networks_with(20..80)) {
        let mut solver = network.solver();
        let flow = solver.solve(&network.vasculature, &network.conductances, &network.boundary(), 0.0).unwrap();
        prop_assert!(solver.refinements() <= 4, "{} refinements", solver.refinements());
        prop_assert!(flow.conservation(&network.vasculature) <= 1e-12);
    }

    #[test]
    fn blood_is_conserved_at_each_node(network in networks()) {
        let v = &network.vasculature;
        let flow = network.solver().solve(v, &network.conductances, &network.boundary(), 0.0).unwrap();
        for node in 0..v.node_count() {
            let mut net = network.inflows[node];
            for &segment in v.adjacency().of(node) {
                let sign = if v.ends(segment)[0] == node { 1.0 } else { -1.0 };
                net -= sign * flow.flows_um3_per_s[segment];
            }
            prop_assert!(net.abs() <= 1e-12 * network.largest_inflow(), "node {}: {}", node, net);
        }
    }

    #[test]
    fn flow_runs_down_the_pressure(network in networks()) {
        let v = &network.vasculature;
        let flow = network.solver().solve(v, &network.conductances, &network.boundary(), 0.0).unwrap();
        let span = flow.pressures_kpa.iter().fold(0.0, |span, p| f64::max(span, p.abs()));
        for segment in 0..v.segment_count() {
            let [start, end] = v.ends(segment).map(|node| flow.pressures_kpa[node]);
            let drop = flow.flows_um3_per_s[segment] / network.conductances[segment];
            prop_assert!((start - end - drop).abs() <= 1e-14 * span);
        }
    }

    #[test]
    fn drawing_a_segment_the_other_way_turns_its_sign(network in networks(), turned in any::<prop::sample::Index>()) {
        let v = &network.vasculature;
        let turned = turned.index(v.segment_count());
        let mut segments = v.segments().clone();
        let [start, end] = v.ends(turned);
        (segments.start_nodes[turned], segments.end_nodes[turned]) = (end, start);
        let other = Vasculature::new(v.nodes().clone(), segments).unwrap();
        let mut expected = network.solver().solve(v, &network.conductances, &network.boundary(), 0.0).unwrap();
        expected.flows_um3_per_s[turned] = -expected.flows_um3_per_s[turned];
        let mut solver = FlowSolver::new(&other, []);
        let found = solver.solve(&other, &network.conductances, &network.boundary(), 0.0).unwrap();
        for (found, expected) in found.flows_um3_per_s.iter().zip(&expected.flows_um3_per_s) {
            prop_assert!((found - expected).abs() <= 1e-10 * network.largest_inflow());
        }
    }

    #[test]
    fn blood_twice_as_thick_needs_twice_the_pressure(network in networks(), factor in 0.1..10.0f64) {
        let v = &network.vasculature;
        let mut solver = network.solver();
        let thin = solver.solve(v, &network.conductances, &network.boundary(), 0.0).unwrap();
        let thick: Vec<f64> = network.conductances.iter().map(|g| g / factor).collect();
        let thick = solver.solve(v, &thick, &network.boundary(), 0.0).unwrap();
        let span = thin.pressures_kpa.iter().fold(0.0, |span, p| f64::max(span, p.abs()));
        for (thin, thick) in thin.pressures_kpa.iter().zip(&thick.pressures_kpa) {
            prop_assert!((thick - factor * thin).abs() <= 1e-9 * factor * span);
        }
        for (thin, thick) in thin.flows_um3_per_s.iter().zip(&thick.flows_um3_per_s) {
            prop_assert!((thick - thin).abs() <= 1e-9 * network.largest_inflow());
        }
    }

    #[test]
    fn in_a_tree_the_boundary_flows_determine_all_flows(network in trees()) {
        let v = &network.vasculature;
        let flow = network.solver().solve(v, &network.conductances, &network.boundary(), 0.0).unwrap();
        // Segment i - 1 leads from an earlier node to node i: it carries what the nodes behind it do not supply.
        let mut behind = network.inflows.clone();
        for node in (1..v.node_count()).rev() {
            let needed = -behind[node];
            prop_assert!((flow.flows_um3_per_s[node - 1] - needed).abs() <= 1e-11 * network.largest_inflow());
            let parent = v.ends(node - 1)[0];
            behind[parent] += behind[node];
        }
    }

    #[test]
    fn a_node_within_a_vessel_changes_nothing(
        network in networks(), which in any::<prop::sample::Index>(), part in 0.05..0.95f64,
    ) {
        let v = &network.vasculature;
        let cut = which.index(v.segment_count());
        let [start, end] = v.ends(cut);
        let mut nodes = v.nodes().clone();
        let between = |axis: usize| (1.0 - part) * nodes.positions_um[start][axis] + part * nodes.positions_um[end][axis];
        let middle = [0, 1, 2].map(between);
        nodes.positions_um.push(middle);
        nodes.diameters_um.push(5.0);
        let mut ends: Vec<(usize, usize)> = (0..v.segment_count()).map(|s| v.ends(s).into()).collect();
        ends[cut].1 = v.node_count();
        ends.push((v.node_count(), end));
        let longer = Vasculature::new(nodes, SegmentTable::from_ends(ends)).unwrap();
        let mut conductances = network.conductances.clone();
        conductances.push(conductances[cut] / (1.0 - part));
        conductances[cut] /= part;
        let mut boundary = network.boundary();
        boundary.inflows_um3_per_s.push(0.0);
        let expected = network.solver().solve(v, &network.conductances, &network.boundary(), 0.0).unwrap();
        let found = FlowSolver::new(&longer, []).solve(&longer, &conductances, &boundary, 0.0).unwrap();
        for (found, expected) in found.flows_um3_per_s.iter().zip(&expected.flows_um3_per_s) {
            prop_assert!((found - expected).abs() <= 1e-10 * network.largest_inflow());
        }
        let added = found.flows_um3_per_s[v.segment_count()];
        prop_assert!((added - found.flows_um3_per_s[cut]).abs() <= 1e-12 * network.largest_inflow());
    }

    #[test]
    fn radii_twice_as_wide_need_a_sixteenth_of_the_pressure(network in networks(), factor in 0.5..2.0f64) {
        let v = &network.vasculature;
        let mut settings = Settings::new(1.2e-6, EntryRule { count: 1, depth_ratio: 1.0, axis: Axis::X }, 1.0);
        settings.viscosity = Viscosity::Plasma;
        let mut conductances = vec![0.0; v.segment_count()];
        let mut solve = |factor: f64| {
            let radii: Vec<f64> = v.rest_radii_um().iter().map(|radius| factor * radius).collect();
            settings.write_conductances(v, &radii, &mut conductances).unwrap();
            network.solver().solve(v, &conductances, &network.boundary(), 0.0).unwrap()
        };
        let (rest, wide) = (solve(1.0), solve(factor));
        let span = rest.pressures_kpa.iter().fold(0.0, |span, p| f64::max(span, p.abs()));
        for (rest, wide) in rest.pressures_kpa.iter().zip(&wide.pressures_kpa) {
            prop_assert!((wide * factor.powi(4) - rest).abs() <= 1e-11 * span);
        }
        for (rest, wide) in rest.flows_um3_per_s.iter().zip(&wide.flows_um3_per_s) {
            prop_assert!((wide - rest).abs() <= 1e-11 * network.largest_inflow());
        }
    }

    #[test]
    fn many_boundaries_at_once_are_solved_as_one_by_one(network in networks()) {
        let v = &network.vasculature;
        let mut doubled = network.boundary();
        doubled.inflows_um3_per_s.iter_mut().for_each(|inflow| *inflow *= -2.0);
        let nothing = Boundary { inflows_um3_per_s: vec![0.0; v.node_count()], pressures_kpa: BTreeMap::new() };
        let all = [network.boundary(), nothing, doubled];
        let mut solver = network.solver();
        let together = solver.solve_many(v, &network.conductances, &all, 1.0).unwrap();
        for (boundary, found) in all.iter().zip(&together) {
            let alone = network.solver().solve(v, &network.conductances, boundary, 1.0).unwrap();
            for (found, alone) in found.flows_um3_per_s.iter().zip(&alone.flows_um3_per_s) {
                prop_assert!((found - alone).abs() <= 1e-11 * network.largest_inflow());
            }
        }
        prop_assert!(together[1].flows_um3_per_s.iter().all(|&flow| flow == 0.0));
    }

    #[test]
    fn iteration_finds_what_the_factor_finds(network in networks()) {
        let v = &network.vasculature;
        let expected = network.solver().solve(v, &network.conductances, &network.boundary(), 0.0).unwrap();
        let mut solver = FlowSolver::with_method(v, [], Method::Iterative);
        let found = solver.solve(v, &network.conductances, &network.boundary(), 0.0).unwrap();
        for (found, expected) in found.flows_um3_per_s.iter().zip(&expected.flows_um3_per_s) {
            prop_assert!((found - expected).abs() <= 1e-10 * network.largest_inflow());
        }
    }

    #[test]
    fn pressures_found_drive_the_same_flows_when_given(network in networks()) {
        let v = &network.vasculature;
        let expected = network.solver().solve(v, &network.conductances, &network.boundary(), 1.0).unwrap();
        let held: Vec<usize> = (0..v.node_count()).step_by(2).collect();
        let mut boundary = network.boundary();
        boundary.pressures_kpa = held.iter().map(|&node| (node, expected.pressures_kpa[node])).collect();
        let mut solver = FlowSolver::new(v, held);
        let found = solver.solve(v, &network.conductances, &boundary, 0.0).unwrap();
        // A pressure is known to one rounding; a segment turns this into its conductance times as much flow.
        let span = expected.pressures_kpa.iter().fold(0.0, |span, p| f64::max(span, p.abs()));
        let widest = network.conductances.iter().fold(0.0, |widest, g| f64::max(widest, *g));
        for (found, expected) in found.flows_um3_per_s.iter().zip(&expected.flows_um3_per_s) {
            prop_assert!((found - expected).abs() <= 1e-14 * span * widest + 1e-10 * network.largest_inflow());
        }
    }

    #[test]
    fn endfeet_reach_what_relaxation_reaches(network in networks(), from in any::<prop::sample::Index>(), length in 0.0..300.0f64) {
        let v = &network.vasculature;
        let first = from.index(v.segment_count());
        // Bellman and Ford: relax every pair of touching segments until nothing changes.
        let mut distance = vec![f64::INFINITY; v.segment_count()];
        distance[first] = 0.0;
        let mut changed = true;
        while changed {
            changed = false;
            for node in 0..v.node_count() {
                for &a in v.adjacency().of(node) {
                    for &b in v.adjacency().of(node) {
                        let through = distance[a] + v.lengths_um()[a];
                        if through < distance[b] {
                            distance[b] = through;
                            changed = true;
                        }
                    }
                }
            }
        }
        let found = v.segments_within(first as u32, 0, length).unwrap();
        let expected = distance.iter().enumerate().filter(|&(segment, &d)| segment == first || d < length).count();
        prop_assert_eq!(found.len(), expected);
        for reached in found {
            prop_assert!((reached.distance_um - distance[reached.segment]).abs() <= 1e-12 * length.max(1.0));
        }
    }
}
