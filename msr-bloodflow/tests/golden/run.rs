//! The simulator as the original runs it, and flows along given radii.

use msr_bloodflow::phase_separation::FixedPoint;
use msr_bloodflow::{BloodflowSimulator, Boundary, FlowSolver, Inflow, Keep, Viscosity, combine_radii, vessel};
use msr_coupling::{Query, Simulator};

use super::case::{Case, assert_close, column_of, largest, numbers};

#[test]
fn speed_read_as_flow() {
    for name in ["toy", "synA"] {
        let Some(case) = Case::load(name) else { return };
        let extras = case.json("extras.json")["msr_style"].clone();
        // The reference flows were computed with the radii that the last step of the dilation run had left.
        let last = case.json("ou_expected.json")["steps_stored"].as_array().unwrap().last().unwrap().as_u64().unwrap();
        let dilated: Vec<u64> = column_of(&case.path.join("ou_radii_endfeet_edges.csv"), "edge")
            .into_iter()
            .map(|segment| segment as u64)
            .collect();
        let radii = column_of(&case.path.join("ou_radii_endfeet_edges.csv"), &format!("t{last}"));
        let mut settings = case.settings();
        settings.inflow = Inflow::SpeedReadAsFlow;
        settings.input_v = extras["input_v_used_as_flow"].as_f64().unwrap();
        let mut simulator = BloodflowSimulator::new(case.vasculature, &settings, 4000, 0.025).unwrap();
        let expected_entries: Vec<usize> =
            numbers(&extras["entry_nodes"]).into_iter().map(|node| node as usize).collect();
        assert_eq!(simulator.entries(), expected_entries);
        let mut expected = vec![0.0; simulator.vasculature().node_count()];
        for (node, flow) in extras["boundary_flow_nonzero"].as_object().unwrap() {
            expected[node.parse::<usize>().unwrap()] = flow.as_f64().unwrap();
        }
        let found = &simulator.flow().inflows_um3_per_s;
        assert_close(&format!("{name} boundary flows"), found, &expected, 1e-13, largest(&expected));
        simulator.set_var(&Query::new("set_radii").with("idxs", dilated), &radii).unwrap();
        simulator.advance(4000).unwrap();
        let mut flows = Vec::new();
        simulator.get_var(&Query::new("get_flows"), &mut flows).unwrap();
        let expected = numbers(&extras["flow_first_40_edges"]);
        let scale = largest(&flows);
        assert_close(&format!("{name} first flows"), &flows[..expected.len()], &expected, 1e-9, scale);
        let sum: f64 = flows.iter().map(|flow| flow.abs()).sum();
        assert_close(&format!("{name} sum"), &[sum], &[extras["sum_abs_flow"].as_f64().unwrap()], 1e-11, sum);
    }
}

#[test]
fn radii_of_one_segment_combine_as_root_mean_square() {
    for name in ["toy", "synA"] {
        let Some(case) = Case::load(name) else { return };
        let extras = case.json("extras.json")["set_radii"].clone();
        let segments: Vec<usize> = numbers(&extras["idxs"]).into_iter().map(|index| index as usize).collect();
        let combined = combine_radii(&segments, &numbers(&extras["vals"]), Keep::Volume);
        let expected = extras["rms_code"].as_object().unwrap();
        assert_eq!(combined.len(), expected.len());
        for (segment, radius) in combined {
            let expected = expected[&segment.to_string()].as_f64().unwrap();
            assert!((radius / expected - 1.0).abs() < 1e-14, "{name} {segment}: {radius} for {expected}");
        }
    }
}

#[test]
fn flows_follow_given_radii_and_entry_speeds() {
    for name in ["toy", "synA"] {
        let Some(case) = Case::load(name) else { return };
        let v = &case.vasculature;
        let expected = case.json("ou_expected.json");
        let entries: Vec<usize> = numbers(&expected["entry_nodes"]).into_iter().map(|node| node as usize).collect();
        let settings = case.settings();
        let text = std::fs::read_to_string(case.path.join("ou_speed.csv")).unwrap();
        let speeds: Vec<f64> = text.lines().filter_map(|line| line.trim().parse().ok()).collect();
        let dilated = case.column("ou_radii_endfeet_edges.csv", "edge");
        let mut solver = FlowSolver::new(v, []);
        let mut conductances = vec![0.0; v.segment_count()];
        for step in numbers(&expected["steps_stored"]).into_iter().map(|step| step as usize) {
            let mut radii = v.rest_radii_um().to_vec();
            let given = case.column("ou_radii_endfeet_edges.csv", &format!("t{step}"));
            for (&segment, radius) in dilated.iter().zip(given) {
                radii[segment as usize] = radius;
            }
            let inflows: Vec<f64> = entries
                .iter()
                .map(|&node| speeds[step] * vessel::cross_section_um2(radii[v.adjacency().of(node)[0]]))
                .collect();
            let boundary = Boundary::flows_by_area(v, &entries, &inflows).unwrap();
            settings.write_conductances(v, &radii, &mut conductances).unwrap();
            let flow = solver.solve(v, &conductances, &boundary, settings.base_pressure_kpa).unwrap();
            let expected = column_of(&case.path.join("ou_flows.csv"), &format!("flow_t{step}"));
            let scale = largest(&expected);
            assert_close(&format!("{name} flow at step {step}"), &flow.flows_um3_per_s, &expected, 1e-9, scale);
            let expected = column_of(&case.path.join("ou_pressures.csv"), &format!("pressure_t{step}"));
            let main: Vec<usize> = (0..v.node_count()).filter(|&node| v.is_in_main_component(node)).collect();
            let pick = |values: &[f64]| main.iter().map(|&node| values[node]).collect::<Vec<f64>>();
            let (found, expected) = (pick(&flow.pressures_kpa), pick(&expected));
            assert_close(&format!("{name} pressure at step {step}"), &found, &expected, 1e-9, largest(&expected));
        }
    }
}

#[test]
fn red_cells_find_their_way_through_every_graph() {
    for case in Case::all() {
        for law in ["pries_in_vitro", "pries_in_vivo"] {
            let mut settings = case.settings();
            settings.viscosity = Viscosity::from_name(law, 0.45).unwrap();
            settings.phase_separation = Some(FixedPoint::default());
            let simulator = BloodflowSimulator::new(case.vasculature.clone(), &settings, 400, 0.025)
                .unwrap_or_else(|error| panic!("{} {law}: {error}", case.name));
            let (v, flow) = (&case.vasculature, simulator.flow());
            // Cells are conserved at each inner node.
            let mut balance = vec![0.0; v.node_count()];
            for (segment, &hematocrit) in simulator.hematocrits().iter().enumerate() {
                let [start, end] = v.ends(segment);
                balance[start] -= hematocrit * flow.flows_um3_per_s[segment];
                balance[end] += hematocrit * flow.flows_um3_per_s[segment];
            }
            let scale = largest(&flow.inflows_um3_per_s);
            for (node, balance) in balance.iter().enumerate().filter(|(node, _)| flow.inflows_um3_per_s[*node] == 0.0) {
                assert!(balance.abs() < 1e-5 * scale, "{} {law} node {node}: {balance}", case.name);
            }
        }
    }
}
