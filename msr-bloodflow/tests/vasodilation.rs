//! The Ornstein-Uhlenbeck process and the dilation made of it.

use msr_bloodflow::ornstein_uhlenbeck::{CalibrationError, Floor, OrnsteinUhlenbeck, mean_first_passage};
use msr_bloodflow::vasodilation::DilationSettings;
use msr_bloodflow::{NodeTable, SegmentTable, Vasculature, Vasodilation};
use msr_coupling::random::Stream;

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
