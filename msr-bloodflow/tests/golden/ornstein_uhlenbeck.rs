//! Path, calibration and stationary law of the dilation process.

use msr_bloodflow::ornstein_uhlenbeck::{Floor, OrnsteinUhlenbeck};
use msr_coupling::random::Stream;

use super::case::{assert_close, column_of, json, reference};

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

/// Paths of a case, one value a step.
fn paths(case: &serde_json::Value, floor: Floor) -> Vec<Vec<f64>> {
    let number = |key: &str| case[key].as_f64().unwrap();
    let process = OrnsteinUhlenbeck { kappa_per_s: number("kappa"), sigma_um_per_sqrt_s: number("sigma"), floor };
    let recurrence = process.discretise(number("dt"));
    let steps = (number("T") / number("dt")).round() as usize;
    let path = |path: u32| {
        let mut stream = Stream::new(17, path, 0);
        let mut x = 0.0;
        let step = |_| {
            x = recurrence.next_um(x, recurrence.deviation_um * stream.normal());
            x
        };
        (0..steps).map(step).collect()
    };
    (0..number("paths") as u32).map(path).collect()
}

/// Mean and standard error over paths of what `of` makes of each.
fn over_paths(paths: &[Vec<f64>], of: impl Fn(&[f64]) -> f64) -> [f64; 2] {
    let values: Vec<f64> = paths.iter().map(|path| of(path)).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    [mean, (variance / n).sqrt()]
}

#[test]
fn statistics_of_the_clamped_scheme() {
    let Some(directory) = reference() else { return };
    for case in json(&directory.join("ou_stats.json")).as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let [kappa, dt] = [number("kappa"), number("dt")];
        let paths = paths(case, Floor::Clamp);
        let stationary = (8.0 / kappa / dt).ceil() as usize;
        let agree = |what: &str, [found, error]: [f64; 2], expected: f64| {
            // The reference comes from as many paths: the difference has sqrt(2) times the standard error.
            let off = (found - expected) / (2f64.sqrt() * error);
            println!("kappa {kappa}, dt {dt}, {what}: {found:.5} for {expected:.5}, {off:.2} standard errors off");
            assert!(off.abs() < 4.0, "kappa {kappa}, dt {dt}, {what}: {found} +- {error} for {expected}");
        };
        let part = |path: &[f64], is: &dyn Fn(f64) -> bool| {
            let kept = &path[stationary..];
            kept.iter().filter(|x| is(**x)).count() as f64 / kept.len() as f64
        };
        let mean = |path: &[f64]| path[stationary..].iter().sum::<f64>() / (path.len() - stationary) as f64;
        let expected = |key: &str| case["stationary_clamped"][key].as_f64().unwrap();
        agree("mean", over_paths(&paths, mean), expected("mean"));
        let square =
            |path: &[f64]| path[stationary..].iter().map(|x| x * x).sum::<f64>() / (path.len() - stationary) as f64;
        agree("second moment", over_paths(&paths, square), expected("std").powi(2) + expected("mean").powi(2));
        agree("P(0)", over_paths(&paths, |path| part(path, &|x| x == 0.0)), expected("p0"));
        for (quantile, below) in [("q50", 0.5), ("q90", 0.9), ("q99", 0.99)] {
            let limit = expected(quantile);
            agree(quantile, over_paths(&paths, |path| part(path, &|x| x <= limit)), below);
        }
        for (time, expected) in case["mean_at_t"].as_object().unwrap() {
            // The first value of a path is that after one step; the reference counts the start.
            let step = (time.parse::<f64>().unwrap() / dt).round_ties_even() as usize;
            if step > 0 {
                agree(
                    &format!("mean at {time}"),
                    over_paths(&paths, |path| path[step - 1]),
                    expected.as_f64().unwrap(),
                );
            }
        }
    }
}

#[test]
fn statistics_of_the_reflected_process() {
    let Some(directory) = reference() else { return };
    for case in json(&directory.join("ou_stats.json")).as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let stationary = (8.0 / number("kappa") / number("dt")).ceil() as usize;
        let paths = paths(case, Floor::Reflect);
        let scale = number("sigma_st");
        let [mean, deviation] = ["true_reflected_mean_over_sigma_st", "true_reflected_std_over_sigma_st"].map(number);
        for (power, expected) in [(1, mean), (2, deviation.powi(2) + mean.powi(2))] {
            let moment = |path: &[f64]| {
                path[stationary..].iter().map(|x| (x / scale).powi(power)).sum::<f64>()
                    / (path.len() - stationary) as f64
            };
            let [found, error] = over_paths(&paths, moment);
            assert!((found - expected).abs() < 4.0 * error, "moment {power}: {found} +- {error} for {expected}");
        }
    }
}
