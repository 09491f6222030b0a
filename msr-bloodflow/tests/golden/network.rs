//! Geometry, entries, boundary flows, static solutions.

use msr_bloodflow::{Boundary, FlowSolver, Viscosity, vessel};

use super::case::{Case, assert_close, largest, numbers};

#[test]
fn geometry_and_degrees() {
    for case in Case::all() {
        let v = &case.vasculature;
        let length = case.column("edges_expected.csv", "length");
        let radius = case.column("edges_expected.csv", "radius");
        let volume = case.column("edges_expected.csv", "volume");
        let volumes: Vec<f64> = v.volumes_um3(v.rest_radii_um()).collect();
        assert_close(&format!("{} length", case.name), v.lengths_um(), &length, 1e-14, largest(&length));
        assert_close(&format!("{} radius", case.name), v.rest_radii_um(), &radius, 1e-15, largest(&radius));
        assert_close(&format!("{} volume", case.name), &volumes, &volume, 1e-14, largest(&volume));
        let degrees: Vec<f64> = v.degrees().iter().map(|&degree| f64::from(degree)).collect();
        assert_eq!(degrees, case.column("nodes_expected.csv", "degree"), "{}", case.name);
        let main: Vec<f64> =
            (0..v.node_count()).map(|node| f64::from(u8::from(v.is_in_main_component(node)))).collect();
        assert_eq!(main, case.column("nodes_expected.csv", "cc"), "{}", case.name);
        assert_eq!(v.boundary_nodes().len() as u64, case.expected["n_boundary"].as_u64().unwrap());
    }
}

#[test]
fn resistances_per_length() {
    for case in Case::all() {
        let settings = case.settings();
        for (law, column) in [(Viscosity::AstroVascPy, "res_per_len_hct"), (Viscosity::Plasma, "res_per_len_plasma")] {
            let expected = case.column("edges_expected.csv", column);
            for (&radius, expected) in case.vasculature.rest_radii_um().iter().zip(expected) {
                let viscosity = settings.plasma_viscosity_kpa_s * law.relative(radius).unwrap();
                let found = vessel::resistance_per_length(viscosity, radius);
                assert!((found / expected - 1.0).abs() < 1e-13, "{} {column}: {found} for {expected}", case.name);
            }
        }
    }
}

#[test]
fn entry_nodes_and_boundary_flows() {
    for case in Case::all() {
        let settings = case.settings();
        let entries = settings.entry.select(&case.vasculature).unwrap();
        assert_eq!(entries, case.entry_nodes(), "{}", case.name);
        let inflows = settings.inflow.flows_um3_per_s(&case.vasculature, &entries, settings.input_v);
        let expected = numbers(&case.expected["input_flows"]);
        assert_close(&format!("{} input flows", case.name), &inflows, &expected, 1e-15, largest(&expected));
        let boundary = Boundary::flows_by_area(&case.vasculature, &entries, &inflows).unwrap();
        let expected = case.column("nodes_expected.csv", "boundary_flow");
        let found = &boundary.inflows_um3_per_s;
        assert_close(&format!("{} boundary flows", case.name), found, &expected, 1e-14, largest(&expected));
    }
}

#[test]
fn static_flows_and_pressures() {
    for case in Case::all() {
        let v = &case.vasculature;
        let boundary = Boundary {
            inflows_um3_per_s: case.column("nodes_expected.csv", "boundary_flow"),
            pressures_kpa: Default::default(),
        };
        let mut solver = FlowSolver::new(v, []);
        for (solve, law, scale) in [
            ("hct", Viscosity::AstroVascPy, 1.0),
            ("plasma", Viscosity::Plasma, 1.0),
            ("dil", Viscosity::AstroVascPy, 1.2),
        ] {
            let mut settings = case.settings();
            settings.viscosity = law;
            let radii: Vec<f64> = v
                .rest_radii_um()
                .iter()
                .zip(&v.segments().endfeet)
                .map(|(&radius, endfoot)| if endfoot.is_some() { scale * radius } else { radius })
                .collect();
            let mut conductances = vec![0.0; v.segment_count()];
            settings.write_conductances(v, &radii, &mut conductances).unwrap();
            let flow = solver.solve(v, &conductances, &boundary, settings.base_pressure_kpa).unwrap();
            let what = format!("{} {solve}", case.name);

            let expected = case.column("edges_expected.csv", &format!("flow_{solve}_ref"));
            assert_close(&format!("{what} flow"), &flow.flows_um3_per_s, &expected, 1e-9, largest(&expected));

            // Any constant will do off the main component: only differences mean something, and there are none.
            let expected = case.column("nodes_expected.csv", &format!("pressure_{solve}_ref"));
            let span = case.expected[solve]["pressure_span_cc"].as_f64().unwrap();
            let main: Vec<usize> = (0..v.node_count()).filter(|&node| v.is_in_main_component(node)).collect();
            let pick = |values: &[f64]| main.iter().map(|&node| values[node]).collect::<Vec<f64>>();
            assert_close(&format!("{what} pressure"), &pick(&flow.pressures_kpa), &pick(&expected), 1e-9, span);

            let residual = flow.conservation(v);
            println!("{what} mass residual {residual:e}, {} refinements", solver.refinements());
            assert!(residual <= 1e-12, "{what}: {residual:e}");
        }
    }
}
