//! The Ornstein-Uhlenbeck process and the dilation made of it.

use msr_bloodflow::ornstein_uhlenbeck::{CalibrationError, Floor, OrnsteinUhlenbeck, mean_first_passage};
use msr_bloodflow::vasodilation::{DilationClass, DilationSettings};
use msr_bloodflow::{
    Axis, BloodflowError, BloodflowSimulator, EntryRule, Held, NodeTable, SegmentTable, Settings, SettingsNote,
    Vasculature, VasculatureError, Vasodilation,
};
use msr_config::circuit::{Components, EdgeKind};
use msr_config::multiscale::{self, DilationFloor, DilationOfClass};
use msr_config::{Column, EdgePopulation, Table};
use msr_coupling::random::Stream;
use msr_coupling::{Query, Simulator};

#[test]
fn mean_first_passage_of_small_and_usual_spreads() {
    // Near 0 the process is Brownian: c^2/2. At 2.8 by quadrature of the defining integral.
    assert!((mean_first_passage(1e-4) / 0.5e-8 - 1.0).abs() < 1e-8);
    assert!((mean_first_passage(2.8) - 25.572549).abs() < 1e-6);
}

#[test]
fn impossible_calibrations_are_refused() {
    let calibrate = |time, x_max, spread| OrnsteinUhlenbeck::calibrate(time, x_max, spread, Floor::Reflect);
    assert_eq!(calibrate(0.0, 1.0, 2.8), Err(CalibrationError::BadTime { time_s: 0.0 }));
    assert_eq!(calibrate(1.0, -1.0, 2.8), Err(CalibrationError::BadMaximum { x_max_um: -1.0 }));
    assert!(matches!(calibrate(1.0, 1.0, f64::NAN), Err(CalibrationError::BadSpread { .. })));
    assert_eq!(calibrate(1.0, 1.0, 31.0), Err(CalibrationError::BadSpread { spread: 31.0 }));
}

/// Mean of the process at the end of `steps` steps of `dt_s`, over independent paths.
fn mean_at_end(process: &OrnsteinUhlenbeck, dt_s: f64, steps: usize, paths: u32) -> f64 {
    let recurrence = process.discretise(dt_s);
    let sum: f64 = (0..paths)
        .map(|path| {
            let mut stream = Stream::new(3, path, 0);
            (0..steps).fold(0.0, |x, _| recurrence.next_um(x, recurrence.deviation_um * stream.normal()))
        })
        .sum();
    sum / f64::from(paths)
}

#[test]
fn the_reflected_process_has_the_same_law_for_any_time_step() {
    // Stationary: half-normal, mean sqrt(2/pi) and standard deviation sqrt(1 - 2/pi) of the free deviation.
    let process = OrnsteinUhlenbeck { kappa_per_s: 4.0, sigma_um_per_sqrt_s: 2.0, floor: Floor::Reflect };
    let free = process.stationary_deviation_um();
    let paths = 20_000;
    let error = free * (1.0 - std::f64::consts::FRAC_2_PI).sqrt() / f64::from(paths).sqrt();
    for (dt_s, steps) in [(0.01, 300), (0.1, 30), (1.5, 2)] {
        let mean = mean_at_end(&process, dt_s, steps, paths);
        let expected = free * std::f64::consts::FRAC_2_PI.sqrt();
        assert!((mean - expected).abs() < 4.0 * error, "dt {dt_s}: {mean} for {expected} +- {error}");
    }
    // The clamped scheme does not: its mean lies below the true one, and the more so the coarser the step.
    let clamped = OrnsteinUhlenbeck { floor: Floor::Clamp, ..process };
    let mean = mean_at_end(&clamped, 0.1, 30, paths);
    assert!(mean < free * std::f64::consts::FRAC_2_PI.sqrt() - 10.0 * error, "{mean}");
}

#[test]
fn the_calibrated_process_reaches_its_maximum_on_time() {
    let process = OrnsteinUhlenbeck::calibrate(2.7, 0.5, 1.5, Floor::Reflect).unwrap();
    let dt_s = 2.5e-4;
    let recurrence = process.discretise(dt_s);
    let paths = 2000;
    let times: Vec<f64> = (0..paths)
        .map(|path| {
            let mut stream = Stream::new(5, path, 0);
            let (mut x, mut steps) = (0.0, 0);
            while x < 0.5 {
                x = recurrence.next_um(x, recurrence.deviation_um * stream.normal());
                steps += 1;
            }
            f64::from(steps) * dt_s
        })
        .collect();
    let mean = times.iter().sum::<f64>() / f64::from(paths);
    let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / f64::from(paths - 1);
    // Watching at discrete times sees a passage late: as if the maximum were 0.5826 standard deviations of an increment
    // higher (Broadie, Glasserman, Kou 1997).
    let seen = 1.5 * (1.0 + 0.5826 * recurrence.deviation_um / 0.5);
    let expected = mean_first_passage(seen) / process.kappa_per_s;
    let error = (variance / f64::from(paths)).sqrt();
    assert!((mean - expected).abs() < 4.0 * error, "{mean} for {expected} +- {error}");
}

fn vessels() -> Vasculature {
    let positions_um = (0..5).map(|node| [10.0 * f64::from(node), 0.0, 0.0]).collect();
    let mut segments = SegmentTable::from_ends([(0, 1), (1, 2), (2, 3), (3, 4)]);
    segments.endfeet = vec![Some(0), Some(0), None, Some(1)];
    let nodes = NodeTable { positions_um, diameters_um: vec![4.0, 4.0, 4.0, 10.0, 10.0] };
    Vasculature::new(nodes, segments).unwrap()
}

#[test]
fn endfeet_dilate_their_vessels_together() {
    let v = vessels();
    let mut dilation = Vasodilation::new(&v, &DilationSettings::default(), 0.01, 42).unwrap();
    let mut radii = v.rest_radii_um().to_vec();
    dilation.write_radii(&v, &mut radii);
    assert_eq!(radii, v.rest_radii_um());
    let mut moved = [false; 4];
    for _ in 0..200 {
        dilation.advance(true);
        dilation.write_radii(&v, &mut radii);
        for (moved, (radius, rest)) in moved.iter_mut().zip(radii.iter().zip(v.rest_radii_um())) {
            assert!(radius >= rest);
            *moved |= radius > rest;
        }
        // One endfoot, equal vessels: equal dilation.
        assert_eq!(radii[0], radii[1]);
    }
    assert_eq!(moved, [true, true, false, true]);
    let largest = radii[0] - 2.0;
    for _ in 0..200 {
        dilation.advance(false);
    }
    dilation.write_radii(&v, &mut radii);
    assert!(radii[0] - 2.0 <= largest * 1e-6);
}

#[test]
fn the_seed_names_the_path() {
    let v = vessels();
    let path = |seed| {
        let mut dilation = Vasodilation::new(&v, &DilationSettings::default(), 0.01, seed).unwrap();
        let mut radii = v.rest_radii_um().to_vec();
        (0..20).for_each(|_| dilation.advance(true));
        dilation.write_radii(&v, &mut radii);
        radii
    };
    assert_eq!(path(1), path(1));
    assert_ne!(path(1), path(2));
}

/// Blood that enters at the last node and leaves at the first, through vessels that dilate.
fn simulator(seed: u64) -> BloodflowSimulator {
    let mut settings = Settings::new(1.2e-6, EntryRule { count: 1, depth_ratio: 0.1, axis: Axis::X }, 1000.0);
    settings.vasodilation = Some(DilationSettings::default());
    settings.held = Held::Pressures;
    BloodflowSimulator::new(vessels(), &settings.with_seed(seed), 400, 0.025).unwrap()
}

fn read(simulator: &BloodflowSimulator, function: &str) -> Vec<f64> {
    let mut values = Vec::new();
    simulator.get_var(&Query::new(function), &mut values).unwrap();
    values
}

#[test]
fn a_simulator_dilates_its_vessels_by_the_same_process() {
    let violations = msr_coupling::conformance::check(&|| Box::new(simulator(7)));
    if let Err(violations) = violations {
        panic!("{violations}");
    }
    let mut simulator = simulator(7);
    let rest = read(&simulator, "get_flows");
    let v = vessels();
    // Its step is 400 base steps of 0.025 ms.
    let mut alone = Vasodilation::new(&v, &DilationSettings::default(), 0.01, 7).unwrap();
    let mut radii = v.rest_radii_um().to_vec();
    for step in 1..=50 {
        simulator.advance(400 * step).unwrap();
        alone.advance(true);
        alone.write_radii(&v, &mut radii);
        assert_eq!(read(&simulator, "get_radii"), radii);
    }
    assert!(read(&simulator, "get_flows")[0].abs() > rest[0].abs(), "wider vessels, same pressures: more blood");
}

#[test]
fn dilation_goes_on_above_radii_that_are_set() {
    let (mut one, mut other) = (simulator(3), simulator(3));
    let rest = one.vasculature().rest_radii_um().to_vec();
    let doubled: Vec<f64> = rest.iter().map(|radius| 2.0 * radius).collect();
    // Set anew at every step, as a connection does it.
    for step in 1..=8 {
        for it in [&mut one, &mut other] {
            it.advance(1000 * step).unwrap();
        }
        one.set_var(&Query::new("set_radii"), &doubled).unwrap();
        for (wide, radius) in read(&one, "get_radii").iter().zip(read(&other, "get_radii")) {
            assert!((wide / (2.0 * radius) - 1.0).abs() < 1e-12, "step {step}: {wide} for twice {radius}");
        }
    }
    assert!(read(&one, "get_radii").iter().zip(&doubled).any(|(radius, doubled)| radius > doubled));
    // One segment alone: the others stay where they are.
    let before = read(&one, "get_radii");
    one.set_var(&Query::new("set_radii").with("idxs", vec![0]), &[rest[0]]).unwrap();
    let after = read(&one, "get_radii");
    assert!((2.0 * after[0] / before[0] - 1.0).abs() < 1e-12 && after[1..] == before[1..]);
}

#[test]
fn a_dilation_is_configured() {
    let given = multiscale::Vasodilation {
        floor: DilationFloor::Clamp,
        arteries: DilationOfClass { time_to_max_s: Some(0.5), ..DilationOfClass::default() },
        ..multiscale::Vasodilation::default()
    };
    let settings = DilationSettings::from_config(&given);
    let standard = DilationSettings::default();
    assert_eq!((settings.floor, settings.capillaries), (Floor::Clamp, standard.capillaries));
    assert_eq!(settings.arteries, DilationClass { time_to_max_s: 0.5, ..standard.arteries });

    let mut settings = Settings::new(1.2e-6, EntryRule { count: 1, depth_ratio: 0.1, axis: Axis::X }, 1000.0);
    settings.vasodilation = Some(standard);
    let mut bare = vessels().segments().clone();
    bare.endfeet = vec![None; 4];
    let bare = Vasculature::new(vessels().nodes().clone(), bare).unwrap();
    let simulator = BloodflowSimulator::new(bare, &settings, 400, 0.025).unwrap();
    assert!(simulator.notes().contains(&SettingsNote::NothingDilates));
    let class = DilationClass { max_relative_radius: 0.9, ..standard.arteries };
    settings.vasodilation = Some(DilationSettings { arteries: class, ..standard });
    let error = BloodflowSimulator::new(vessels(), &settings, 400, 0.025).unwrap_err();
    assert!(matches!(error, BloodflowError::Vasodilation(CalibrationError::BadMaximum { .. })), "{error}");
}

#[test]
fn endfeet_of_a_circuit_cover_what_lies_near() {
    // Four vessels of 10 um in a row; endfoot 5 at the first reaches 15 um, endfoot 6 at the last covers it alone.
    let edges = |segments: [u64; 2], lengths: [f64; 2]| {
        let mut attributes = Table::new("edges.h5", "gliovascular");
        attributes.columns.insert("endfoot_id".to_owned(), Column::Integer(vec![5, 6]));
        attributes.columns.insert("endfoot_compartment_length".to_owned(), Column::Float(lengths.to_vec()));
        EdgePopulation {
            name: "gliovascular".to_owned(),
            kind: EdgeKind::Endfoot,
            source_population: "vasculature".to_owned(),
            target_population: "astrocytes".to_owned(),
            source_ids: segments.to_vec(),
            target_ids: vec![0, 0],
            attributes,
            dynamics: Table::new("edges.h5", "gliovascular"),
            synapse_population: None,
            paths: Components::default(),
            file: "edges.h5".into(),
        }
    };
    let v = vessels().with_endfeet(&edges([0, 3], [15.0, 0.0])).unwrap();
    assert_eq!(v.segments().endfeet, [Some(5), Some(5), None, Some(6)]);
    // Both reach all: each segment has the nearer one, and of equally near ones the first.
    let v = vessels().with_endfeet(&edges([0, 2], [100.0, 100.0])).unwrap();
    assert_eq!(v.segments().endfeet, [Some(5), Some(5), Some(6), Some(6)]);
    let error = vessels().with_endfeet(&edges([0, 4], [1.0, 1.0])).unwrap_err();
    assert!(matches!(error, VasculatureError::EndfootNowhere { edge: 1, segment: 4, segments: 4 }), "{error}");
}
