//! The simulator as others see it.

use std::collections::BTreeMap;

use msr_bloodflow::transport::{Glucose, Oxygen};
use msr_bloodflow::{
    Axis, BloodflowError, BloodflowSimulator, Boundary, EntryRule, FlowSolver, Held, Inflow, Method, NodeTable,
    SegmentTable, Settings, SettingsError, SettingsNote, Vasculature, Viscosity,
};
use msr_config::multiscale::{BloodGlucose, BloodOxygen, Bloodflow, HeldAtEnds, InputV, Kept, PressureSolver};
use msr_coupling::space::{VESSEL_NODES, VESSEL_SEGMENTS};
use msr_coupling::{Access, Geometry, Query, QueryError, Simulator, SimulatorError};

/// An artery that splits in two branches which meet again: 0-1, 1-2-4, 1-3-4, 4-5; blood enters at the top, node 0.
fn vasculature() -> Vasculature {
    let nodes = NodeTable {
        positions_um: vec![
            [0.0, 100.0, 0.0],
            [0.0, 80.0, 0.0],
            [15.0, 60.0, 0.0],
            [-15.0, 60.0, 0.0],
            [0.0, 40.0, 0.0],
            [0.0, 0.0, 0.0],
        ],
        diameters_um: vec![12.0, 12.0, 6.0, 6.0, 12.0, 12.0],
    };
    let mut segments = SegmentTable::from_ends([(0, 1), (1, 2), (2, 4), (1, 3), (3, 4), (4, 5)]);
    segments.endfeet[2] = Some(0);
    Vasculature::new(nodes, segments).unwrap().of_population("vasculature")
}

fn settings() -> Settings {
    let mut settings = Settings::new(1.2e-6, EntryRule { count: 1, depth_ratio: 0.05, axis: Axis::Y }, 35_000.0);
    settings.base_pressure_kpa = 1.33;
    settings
}

fn simulator(settings: &Settings) -> BloodflowSimulator {
    BloodflowSimulator::new(vasculature(), settings, 4000, 0.025).unwrap()
}

fn read(simulator: &BloodflowSimulator, function: &str) -> Vec<f64> {
    let mut values = vec![f64::NAN; 3];
    simulator.get_var(&Query::new(function), &mut values).unwrap();
    values
}

fn dilate(simulator: &mut BloodflowSimulator, segments: &[usize], factor: f64) {
    let mut radii = read(simulator, "get_radii");
    for &segment in segments {
        radii[segment] *= factor;
    }
    simulator.set_var(&Query::new("set_radii"), &radii).unwrap();
}

#[test]
fn keeps_the_promises_of_a_simulator() {
    for held in [Held::Flows, Held::Pressures] {
        let mut settings = settings();
        settings.held = held;
        let violations = msr_coupling::conformance::check(&|| Box::new(simulator(&settings)));
        if let Err(violations) = violations {
            panic!("{violations}");
        }
    }
}

#[test]
fn values_are_there_at_the_start() {
    let simulator = simulator(&settings());
    let inflow = 35_000.0 * std::f64::consts::PI * 36.0;
    for (flow, share) in read(&simulator, "get_flows").iter().zip([1.0, 0.5, 0.5, 0.5, 0.5, 1.0]) {
        assert!((flow / (share * inflow) - 1.0).abs() < 1e-12, "{flow}");
    }
    assert!((read(&simulator, "get_velocities")[0] / 35_000.0 - 1.0).abs() < 1e-12);
    assert!((read(&simulator, "get_vols")[0] / (20.0 * std::f64::consts::PI * 36.0) - 1.0).abs() < 1e-14);
    let nodes = read(&simulator, "get_node_pressures");
    let segments = read(&simulator, "get_pressures");
    assert_eq!(nodes[5], 1.33);
    assert_eq!(segments[5], (nodes[4] + nodes[5]) / 2.0);
    let inflows = read(&simulator, "get_node_inflows");
    assert!((inflows[0] / inflow - 1.0).abs() < 1e-15 && inflows[0] == -inflows[5]);
    assert!(simulator.conservation() <= 1e-12);
    assert_eq!(simulator.entries(), [0]);
}

#[test]
fn the_force_of_the_pressure_is_the_drag_on_the_wall() {
    // In a steady tube: pressure drop * cross-section = wall shear stress * wall area.
    let simulator = simulator(&settings());
    let (v, radii) = (simulator.vasculature(), simulator.radii_um());
    let (pressures, shear) = (read(&simulator, "get_node_pressures"), read(&simulator, "get_wall_shear_stresses"));
    for segment in 0..v.segment_count() {
        let [start, end] = v.ends(segment).map(|node| pressures[node]);
        let force = (start - end).abs() * std::f64::consts::PI * radii[segment].powi(2);
        let drag = shear[segment] * 2.0 * std::f64::consts::PI * radii[segment] * v.lengths_um()[segment];
        assert!((force / drag - 1.0).abs() < 1e-10, "{segment}: {force} {drag}");
    }
}

#[test]
fn a_dilated_branch_draws_flow_from_the_other() {
    let mut simulator = simulator(&settings());
    let before = (read(&simulator, "get_flows"), read(&simulator, "get_vols"));
    dilate(&mut simulator, &[1, 2], 1.2);
    // Volumes and flows follow at once, and stay so through a step.
    let volumes = read(&simulator, "get_vols");
    assert!((volumes[1] / before.1[1] - 1.44).abs() < 1e-12 && volumes[3] == before.1[3]);
    let after = read(&simulator, "get_flows");
    assert!(after[1] > 1.5 * after[3], "{after:?}");
    assert!((after[1] + after[3] - before.0[0]).abs() < 1e-12 * before.0[0]);
    simulator.advance(4000).unwrap();
    assert_eq!(read(&simulator, "get_flows"), after);
    assert_eq!(simulator.idts(), 4000);
}

#[test]
fn total_flow_responds_to_dilation_where_pressures_are_held() {
    let held_flows = simulator(&settings());
    let mut settings = settings();
    settings.held = Held::Pressures;
    let mut simulator = simulator(&settings);
    let rest = read(&simulator, "get_flows");
    for (held, free) in rest.iter().zip(read(&held_flows, "get_flows")) {
        assert!((held / free - 1.0).abs() < 1e-11);
    }
    dilate(&mut simulator, &[0, 1, 2, 3, 4, 5], 1.1);
    simulator.advance(4000).unwrap();
    let dilated = read(&simulator, "get_flows");
    // Poiseuille alone gives 1.1^4; blood thickens a little in wider vessels.
    let gain = dilated[0] / rest[0];
    assert!(gain > 1.3 && gain < 1.1f64.powi(4), "{gain}");
    assert!(simulator.conservation() <= 1e-12);
    assert!((read(&simulator, "get_node_inflows")[0] / dilated[0] - 1.0).abs() < 1e-14);

    settings.viscosity = Viscosity::Plasma;
    let mut simulator = BloodflowSimulator::new(vasculature(), &settings, 4000, 0.025).unwrap();
    let rest = read(&simulator, "get_flows");
    dilate(&mut simulator, &[0, 1, 2, 3, 4, 5], 1.1);
    simulator.advance(4000).unwrap();
    let gain = read(&simulator, "get_flows")[0] / rest[0];
    assert!((gain / 1.1f64.powi(4) - 1.0).abs() < 1e-10, "{gain}");
}

#[test]
fn positions_select_elements_and_repeated_radii_combine() {
    let mut simulator = simulator(&settings());
    let all = read(&simulator, "get_flows");
    let mut some = Vec::new();
    simulator.get_var(&Query::new("get_flows").with("idxs", vec![5, 1]), &mut some).unwrap();
    assert_eq!(some, [all[5], all[1]]);
    let before = read(&simulator, "get_radii");
    simulator.set_var(&Query::new("set_radii").with("idxs", vec![2, 4, 2]), &[3.0, 5.0, 4.0]).unwrap();
    let after = read(&simulator, "get_radii");
    assert_eq!((after[4], after[0]), (5.0, before[0]));
    assert!((after[2] - 12.5f64.sqrt()).abs() < 1e-15);
}

#[test]
fn wrong_queries_are_refused_and_change_nothing() {
    let mut simulator = simulator(&settings());
    let before = simulator.snapshot().unwrap();
    let error = |result: Result<(), SimulatorError>| match result.unwrap_err() {
        SimulatorError::Query { source, .. } => source,
        other => panic!("{other}"),
    };
    let mut radii = read(&simulator, "get_radii");
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        radii[3] = bad;
        let error = error(simulator.set_var(&Query::new("set_radii"), &radii));
        assert!(matches!(error, QueryError::BadValue { position: 3, .. }), "{error}");
    }
    let short = error(simulator.set_var(&Query::new("set_radii"), &[1.0]));
    assert_eq!(short, QueryError::WrongLength { function: "set_radii".to_owned(), expected: 6, found: 1 });
    let mut values = Vec::new();
    let unknown = error(simulator.get_var(&Query::new("get_flow"), &mut values));
    assert!(unknown.to_string().contains("did you mean 'get_flows'"), "{unknown}");
    let outside = error(simulator.get_var(&Query::new("get_flows").with("idxs", 6), &mut values));
    assert!(matches!(outside, QueryError::UnknownName { .. }), "{outside}");
    let text = error(simulator.get_var(&Query::new("get_flows").with("idxs", "all"), &mut values));
    assert!(matches!(text, QueryError::WrongType { .. }), "{text}");
    let argument = error(simulator.get_var(&Query::new("get_flows").with("index", 1), &mut values));
    assert!(matches!(argument, QueryError::UnknownArgument { .. }), "{argument}");
    assert!(matches!(
        simulator.resolve(&Query::new("set_flows"), Access::Set),
        Err(QueryError::UnknownFunction { .. })
    ));
    assert_eq!(simulator.snapshot().unwrap(), before);
}

#[test]
fn radii_without_a_flow_leave_the_state_as_it_was() {
    let mut simulator = simulator(&settings());
    dilate(&mut simulator, &[1, 2], 1.2);
    let before = simulator.snapshot().unwrap();
    let flows = read(&simulator, "get_flows");
    let mut radii = read(&simulator, "get_radii");
    radii[5] = 1e-90;
    let refused = simulator.set_var(&Query::new("set_radii"), &radii);
    assert!(matches!(refused, Err(SimulatorError::Failed { .. })), "{refused:?}");
    assert_eq!(simulator.snapshot().unwrap(), before);
    // The solver, too, is as good as before.
    dilate(&mut simulator, &[1, 2], 1.1);
    dilate(&mut simulator, &[1, 2], 1.0 / 1.1);
    for (again, flow) in read(&simulator, "get_flows").iter().zip(&flows) {
        assert!((again / flow - 1.0).abs() < 1e-12, "{again} {flow}");
    }
    simulator.advance(4000).unwrap();
    assert!(matches!(simulator.advance(1), Err(SimulatorError::Backwards { idts: 4000, until: 1, .. })));
}

#[test]
fn snapshots_of_another_vasculature_are_refused() {
    let two = NodeTable { positions_um: vec![[0.0; 3], [0.0, 10.0, 0.0]], diameters_um: vec![5.0; 2] };
    let small = Vasculature::new(two, SegmentTable::from_ends([(0, 1)])).unwrap();
    let small = BloodflowSimulator::new(small, &settings(), 1, 0.025).unwrap();
    let mut simulator = simulator(&settings());
    let error = simulator.restore(&small.snapshot().unwrap()).unwrap_err();
    assert!(matches!(error, SimulatorError::WrongSnapshot { .. }), "{error}");
}

#[test]
fn spaces_carry_geometry_and_the_segments_at_entries() {
    let simulator = simulator(&settings());
    let spaces = simulator.spaces();
    let segments = spaces.iter().find(|space| space.name == VESSEL_SEGMENTS).unwrap();
    assert_eq!(segments.population.as_deref(), Some("vasculature"));
    assert_eq!(segments.sizes, read(&simulator, "get_vols"));
    assert_eq!(segments.subsets["entry"], [0]);
    let Geometry::Lines(lines) = &segments.geometry else { panic!("no lines") };
    assert_eq!(lines[5], [[0.0, 40.0, 0.0], [0.0, 0.0, 0.0]]);
    assert_eq!(segments.addresses[5].node, 5);
    let nodes = spaces.iter().find(|space| space.name == VESSEL_NODES).unwrap();
    assert_eq!(nodes.len(), 6);
    for variable in simulator.variables() {
        let expected = spaces.iter().find(|space| space.name == variable.space).unwrap().len();
        assert_eq!(read(&simulator, &variable.name).len(), expected, "{}", variable.name);
    }
}

fn section() -> Bloodflow {
    Bloodflow {
        ndts: 4000,
        blood_viscosity: 1.2e-6,
        depth_ratio: 0.05,
        max_nb_inputs: 3,
        min_subgraph_size: 100,
        max_capillaries_diameter_um: 7.0,
        edge_scale: 2.0,
        node_scale: 20.0,
        input_v_um_per_s: 3.5e4,
        vasc_axis: 1,
        base_pressure: 1.33e-3,
        input_v_is: InputV::Speed,
        held: HeldAtEnds::Flows,
        entry_pressure: None,
        boundary: None,
        viscosity: None,
        discharge_hematocrit: None,
        phase_separation: false,
        repeated_radii_keep: Kept::Volume,
        solver: PressureSolver::Automatic,
        vasodilation: None,
        oxygen: BloodOxygen::default(),
        glucose: BloodGlucose::default(),
    }
}

#[test]
fn a_configuration_chooses_boundary_law_and_mean() {
    let settings = Settings::from_config(&Bloodflow {
        input_v_is: InputV::SpeedReadAsFlow,
        held: HeldAtEnds::Pressures,
        viscosity: Some("pries_in_vivo".to_owned()),
        discharge_hematocrit: Some(0.3),
        phase_separation: true,
        repeated_radii_keep: Kept::Resistance,
        solver: PressureSolver::Iterative,
        ..section()
    })
    .unwrap();
    assert_eq!(settings.method, Method::Iterative);
    assert_eq!((settings.inflow, settings.held), (Inflow::SpeedReadAsFlow, Held::Pressures));
    assert_eq!(settings.viscosity, Viscosity::PriesInVivo { discharge_hematocrit: 0.3 });
    assert!(settings.phase_separation.is_some());
    let mut simulator = BloodflowSimulator::new(vasculature(), &settings, 4000, 0.025).unwrap();
    assert_eq!(read(&simulator, "get_hematocrits")[0], 0.3);
    // Two equal pieces in series, one twice as wide: 2 / (1/3^4 + 1/6^4) to the quarter.
    simulator.set_var(&Query::new("set_radii").with("idxs", vec![2, 2]), &[3.0, 6.0]).unwrap();
    let expected = (2.0 / (1.0 / 81.0 + 1.0 / 1296.0f64)).powf(0.25);
    assert!((read(&simulator, "get_radii")[2] / expected - 1.0).abs() < 1e-14);

    let unknown = Settings::from_config(&Bloodflow { viscosity: Some("pries".to_owned()), ..section() }).unwrap_err();
    assert!(unknown.to_string().contains("pries_in_vitro"), "{unknown}");
    let pointless = Settings::from_config(&Bloodflow { phase_separation: true, ..section() }).unwrap_err();
    assert_eq!(pointless, SettingsError::PhaseSeparationWithoutHematocrit);
    let full = Settings::from_config(&Bloodflow { discharge_hematocrit: Some(1.0), ..section() }).unwrap_err();
    assert_eq!(full, SettingsError::BadHematocrit { found: 1.0 });
}

/// A flow at one end and pressures at others, node by node: what the solver alone gives for them.
#[test]
fn any_boundary_can_be_coupled() {
    let vessels = vasculature();
    let ends = vessels.boundary_nodes();
    let mut boundary = Boundary { inflows_um3_per_s: vec![0.0; vessels.node_count()], pressures_kpa: BTreeMap::new() };
    boundary.inflows_um3_per_s[ends[0]] = 5e3;
    boundary.pressures_kpa.extend(ends[1..].iter().zip([2.0, 3.0]).map(|(&node, pressure)| (node, pressure)));
    let settings = Settings::from_config(&section()).unwrap();
    let simulator = BloodflowSimulator::with_boundary(vasculature(), &settings, boundary.clone(), 4000, 0.025).unwrap();
    let mut conductances = vec![0.0; vessels.segment_count()];
    settings.write_conductances(&vessels, vessels.rest_radii_um(), &mut conductances).unwrap();
    let mut solver = FlowSolver::new(&vessels, boundary.pressures_kpa.keys().copied());
    let flow = solver.solve(&vessels, &conductances, &boundary, 0.0).unwrap();
    assert_eq!(simulator.flow(), &flow);
    assert!(simulator.entries().contains(&ends[0]));
    let inflow: f64 = read(&simulator, "get_node_inflows").iter().sum();
    assert!(inflow.abs() < 1e-9 * 5e3);
}

#[test]
fn a_pressure_at_the_entries_drives_the_flow() {
    let config = Bloodflow { entry_pressure: Some(6.0), base_pressure: 2.0, ..section() };
    let settings = Settings::from_config(&config).unwrap();
    let mut simulator = BloodflowSimulator::new(vasculature(), &settings, 4000, 0.025).unwrap();
    let pressures = read(&simulator, "get_node_pressures");
    assert_eq!((pressures[0], pressures[5]), (6.0, 2.0));
    let before = read(&simulator, "get_flows")[0];
    dilate(&mut simulator, &[0, 1], 1.2);
    assert!(read(&simulator, "get_flows")[0] > 1.01 * before);
    // What the pressure takes the place of is told, and a pressure that drives nothing in is refused.
    let note = simulator
        .notes()
        .iter()
        .find(|note| matches!(note, SettingsNote::Governs { key: "entry_pressure", .. }))
        .unwrap();
    assert!(note.to_string().contains("input_v, input_v_is, held have no effect"), "{note}");
    for entry_pressure in [2.0, 1.5] {
        let config = Bloodflow { entry_pressure: Some(entry_pressure), ..config.clone() };
        let error = Settings::from_config(&config).unwrap_err();
        assert_eq!(error, SettingsError::EntryNotAboveBase { entry_kpa: entry_pressure, base_kpa: 2.0 });
    }
}

/// The vessels of [`vasculature`] and, apart from them, a short one in which nothing flows.
fn with_a_vessel_apart() -> Vasculature {
    let joined = vasculature();
    let (mut nodes, mut ends) = (joined.nodes().clone(), Vec::new());
    nodes.positions_um.extend([[300.0, 0.0, 0.0], [310.0, 0.0, 0.0]]);
    nodes.diameters_um.extend([5.0, 5.0]);
    ends.extend((0..joined.segment_count()).map(|segment| (joined.ends(segment)[0], joined.ends(segment)[1])));
    ends.push((6, 7));
    Vasculature::new(nodes, SegmentTable::from_ends(ends)).unwrap()
}

#[test]
fn where_blood_stands_still_all_values_are_numbers() {
    let simulator = || BloodflowSimulator::new(with_a_vessel_apart(), &settings(), 4000, 0.025).unwrap();
    if let Err(violations) = msr_coupling::conformance::check(&|| Box::new(simulator())) {
        panic!("{violations}");
    }
    let simulator = simulator();
    assert_eq!((read(&simulator, "get_flows")[6], read(&simulator, "get_velocities")[6]), (0.0, 0.0));
    let times = read(&simulator, "get_transit_times");
    assert_eq!(times[6], 86_400.0);
    assert!(times[..6].iter().all(|time| *time < 1.0), "{times:?}");
}

#[test]
fn what_blood_carries_is_configured() {
    let deliveries = |config: &Bloodflow, getter: &str| -> f64 {
        let settings = Settings::from_config(config).unwrap();
        let simulator = BloodflowSimulator::new(vasculature(), &settings, 4000, 0.025).unwrap();
        read(&simulator, getter).iter().sum()
    };
    let usual = Settings::from_config(&section()).unwrap();
    assert_eq!((usual.oxygen, usual.glucose), (Oxygen::default(), Glucose::default()));
    // As rich as the tissue: nothing goes.
    let oxygen = BloodOxygen { inflow_kpa: Some(3.3), ..BloodOxygen::default() };
    assert!(deliveries(&Bloodflow { oxygen, ..section() }, "get_oxygen_deliveries").abs() < 1e-9);
    // Blood that hardly changes on its way gives twice as much through walls twice as permeable.
    let glucose = |permeability_um_per_s| BloodGlucose { inflow_mm: Some(4.0), permeability_um_per_s };
    let give = |permeability| {
        deliveries(&Bloodflow { glucose: glucose(Some(permeability)), ..section() }, "get_glucose_deliveries")
    };
    assert!((give(2e-3) / give(1e-3) - 2.0).abs() < 1e-3);
    for (key, oxygen) in [
        ("solubility", BloodOxygen { solubility_mm_per_kpa: Some(0.0), ..BloodOxygen::default() }),
        ("sherwood", BloodOxygen { sherwood: Some(f64::NAN), ..BloodOxygen::default() }),
    ] {
        let error = Settings::from_config(&Bloodflow { oxygen, ..section() }).unwrap_err();
        assert!(matches!(error, SettingsError::BadSolute { solute: "oxygen", key: k, .. } if k == key), "{error}");
    }
}

#[test]
fn blood_needs_its_volume_over_its_flow_to_pass() {
    let mut simulator = simulator(&settings());
    dilate(&mut simulator, &[0], 1.5);
    let (flows, volumes) = (read(&simulator, "get_flows"), read(&simulator, "get_vols"));
    let (times, velocities) = (read(&simulator, "get_transit_times"), read(&simulator, "get_velocities"));
    for segment in 0..6 {
        assert!((times[segment] * flows[segment].abs() / volumes[segment] - 1.0).abs() < 1e-14);
        let length = simulator.vasculature().lengths_um()[segment];
        assert!((times[segment] * velocities[segment].abs() / length - 1.0).abs() < 1e-14);
    }
}

#[test]
fn oxygen_answers_to_tissue_and_flow() {
    let mut simulator = simulator(&settings());
    let sum = |simulator: &BloodflowSimulator, getter: &str| read(simulator, getter).iter().sum::<f64>();
    let rest = sum(&simulator, "get_oxygen_deliveries");
    assert!(rest > 0.0);
    let snapshot = simulator.snapshot().unwrap();
    simulator.set_var(&Query::new("set_tissue_oxygen").with("idxs", vec![1, 2]), &[0.0, 0.0]).unwrap();
    assert!(sum(&simulator, "get_oxygen_deliveries") > rest);
    simulator.set_var(&Query::new("set_tissue_glucose"), &[5.0; 6]).unwrap();
    // The tissue has as much as the blood: nothing goes.
    assert!(sum(&simulator, "get_glucose_deliveries").abs() < 1e-9);
    simulator.restore(&snapshot).unwrap();
    assert_eq!(sum(&simulator, "get_oxygen_deliveries"), rest);
    let refused = simulator.set_var(&Query::new("set_tissue_oxygen"), &[-1.0; 6]);
    assert!(matches!(refused, Err(SimulatorError::Query { source: QueryError::BadValue { position: 0, .. }, .. })));
}

#[test]
fn settings_of_a_configuration() {
    let settings = Settings::from_config(&section()).unwrap();
    assert_eq!(settings.entry, EntryRule { count: 3, depth_ratio: 0.05, axis: Axis::Y });
    assert_eq!((settings.input_v, settings.base_pressure_kpa), (3.5e4, 1.33e-3));
    let simulator = BloodflowSimulator::new(vasculature(), &settings, 4000, 0.025).unwrap();
    let notes = simulator.notes();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert_eq!(
        notes[0].to_string(),
        "min_subgraph_size, max_capillaries_diameter, edge_scale, node_scale have no effect on the flow"
    );
    assert!(notes.contains(&SettingsNote::FewEntries { wanted: 3, found: 1 }));

    let deep = Settings::from_config(&Bloodflow { depth_ratio: 1.5, ..section() }).unwrap();
    assert!(deep.notes().contains(&SettingsNote::DepthRatioClamped { given: 1.5 }));
}

#[test]
fn impossible_settings_are_refused() {
    let refused = |section: Bloodflow| Settings::from_config(&section).unwrap_err();
    for viscosity in [0.0, -1.0, 1.0, f64::NAN] {
        let error = refused(Bloodflow { blood_viscosity: viscosity, ..section() });
        assert!(matches!(error, SettingsError::BadViscosity { .. }), "{error}");
    }
    assert_eq!(refused(Bloodflow { vasc_axis: 3, ..section() }), SettingsError::BadAxis { found: 3 });
    assert_eq!(refused(Bloodflow { max_nb_inputs: 0, ..section() }), SettingsError::NoInputs);
    let error = refused(Bloodflow { input_v_um_per_s: f64::INFINITY, ..section() });
    assert_eq!(error, SettingsError::NotFinite { key: "input_v", found: f64::INFINITY });
    assert!(matches!(BloodflowSimulator::new(vasculature(), &settings(), 0, 0.025), Err(BloodflowError::ZeroStep)));
}
