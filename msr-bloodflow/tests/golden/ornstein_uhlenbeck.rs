//! Path, calibration and stationary law of the dilation process.

use msr_bloodflow::ornstein_uhlenbeck::{Floor, OrnsteinUhlenbeck};
use msr_coupling::random::Stream;

use crate::case::{assert_close, column_of, json, reference};

#[test]
fn clamped_path_with_given_increments() {
    for file in ["ou_path_seed1.csv", "ou_path_seed1234.csv"] {
        let Some(directory) = reference() else { return };
        let path = directory.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let header = |key: &str| -> f64 {
            let line = text.lines().next().unwrap();
            let word = line.split_whitespace().find_map(|word| word.strip_prefix(&format!("{key}=")));
            word.unwrap().parse().unwrap()
        };
        let process = OrnsteinUhlenbeck {
            kappa_per_s: header("kappa"),
            sigma_um_per_sqrt_s: header("sigma"),
            floor: Floor::Clamp,
        };
        let recurrence = process.discretise(header("dt"));
        assert!((recurrence.deviation_um / header("alpha") - 1.0).abs() < 1e-13);
        let (expected, increments) = (column_of(&path, "X"), column_of(&path, "epsilon_used_to_reach_next"));
        let mut x = 0.0;
        let mut found = vec![x];
        for &increment in &increments[..expected.len() - 1] {
            x = recurrence.next_um(x, increment);
            found.push(x);
        }
        assert_close(file, &found, &expected, 1e-13, 1.0);
    }
}

#[test]
fn calibration_in_closed_form() {
    let Some(directory) = reference() else { return };
    let path = directory.join("ou_calibration.csv");
    let column = |name: &str| column_of(&path, name);
    let inputs = column("time").into_iter().zip(column("x_max")).zip(column("c"));
    for (row, ((time, x_max), spread)) in inputs.enumerate() {
        let process = OrnsteinUhlenbeck::calibrate(time, x_max, spread, Floor::Reflect).unwrap();
        let agree = |found: f64, name: &str, tolerance: f64| {
            let expected = column(name)[row];
            assert!((found / expected - 1.0).abs() < tolerance, "{name} {row}: {found} for {expected}");
        };
        agree(process.kappa_per_s, "kappa_closed_form", 1e-10);
        agree(process.sigma_um_per_sqrt_s, "sigma_closed_form", 1e-10);
        agree(process.kappa_per_s, "kappa_avp", 1e-3);
        agree(process.sigma_um_per_sqrt_s, "sigma_avp", 1e-3);
    }
}

#[test]
fn stationary_law_of_the_clamped_scheme() {
    let Some(directory) = reference() else { return };
    for case in json(&directory.join("ou_stats.json")).as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let process = OrnsteinUhlenbeck {
            kappa_per_s: number("kappa"),
            sigma_um_per_sqrt_s: number("sigma"),
            floor: Floor::Clamp,
        };
        let recurrence = process.discretise(number("dt"));
        let (paths, steps) = (number("paths") as u32, (number("T") / number("dt")).round() as usize);
        let dropped = (8.0 / number("kappa") / number("dt")).ceil() as usize;
        let means: Vec<f64> = (0..paths)
            .map(|path| {
                let mut stream = Stream::new(17, path, 0);
                let mut x = 0.0;
                let mut sum = 0.0;
                for step in 0..steps {
                    x = recurrence.next_um(x, recurrence.deviation_um * stream.normal());
                    if step >= dropped {
                        sum += x;
                    }
                }
                sum / (steps - dropped) as f64
            })
            .collect();
        let mean = means.iter().sum::<f64>() / f64::from(paths);
        let expected = &case["stationary_clamped"];
        // Both means have about the same standard error; their difference has sqrt(2) times that.
        let error = 2f64.sqrt() * expected["sem_of_mean"].as_f64().unwrap();
        let deviation = (mean - expected["mean"].as_f64().unwrap()) / error;
        println!("kappa {}: mean {mean}, {deviation} standard errors off", process.kappa_per_s);
        assert!(deviation.abs() < 4.0, "{deviation}");
    }
}
