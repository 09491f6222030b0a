//! Whole trajectories against those of an independent solver at tight tolerance.

use msr_metabolism::Model;
use msr_metabolism::solver::{Cell, Integrator, Method, SolverOptions};

/// Accuracy asked of a trajectory: relative, with a floor in mM.
const TOLERANCE: f64 = 1e-6;
const FLOOR_MM: f64 = 1e-6;

fn largest_error(method: Method, relative_tolerance: f64, absolute_tolerance: f64) -> Option<(f64, String)> {
    let (header, rows) = crate::golden::table("trajectories.csv")?;
    let (_, cases) = crate::golden::table("trajectories_index.csv")?;
    let model = Model::standard();
    let options = SolverOptions { method, relative_tolerance, absolute_tolerance, most_steps: 10_000_000 };
    let mut worst = (0.0, String::new());
    for case in &cases {
        let number = |column: usize| case[column].parse::<f64>().unwrap();
        let mut parameters = model.default_parameters();
        (parameters[3], parameters[4], parameters[5]) = (number(1), number(1), number(2));
        (parameters[0], parameters[1]) = (number(3), number(4));
        let rows: Vec<_> = rows.iter().filter(|row| row[0] == case[0]).collect();
        let values = |row: &[String]| -> Vec<f64> { row[2..].iter().map(|text| text.parse().unwrap()).collect() };
        let mut states = values(rows[0]);
        let mut integrator = Integrator::<1>::new(&model, &options);
        let (mut time_s, mut step_s) = (0.0, 0.0);
        for row in &rows[1..] {
            let until_s: f64 = row[1].parse().unwrap();
            let mut failure = None;
            let cell =
                Cell { states: &mut states, parameters: &parameters, step_s: &mut step_s, failure: &mut failure };
            integrator.advance(&model, &options, until_s - time_s, std::iter::once(cell));
            assert_eq!(failure, None, "{} before {until_s} s", case[0]);
            time_s = until_s;
            for (name, (found, expected)) in header[2..].iter().zip(states.iter().zip(values(row))) {
                let error = (found - expected).abs() / expected.abs().max(FLOOR_MM);
                if error > worst.0 || error.is_nan() {
                    worst = (error, format!("{name} in {} at {until_s} s", case[0]));
                }
            }
        }
        println!("{}: {:?}", case[0], integrator.take_work());
    }
    println!("{method:?} {relative_tolerance:e} {absolute_tolerance:e}: largest error {:.1e}, {}", worst.0, worst.1);
    Some(worst)
}

#[test]
fn golden_trajectories_at_tight_tolerance() {
    if let Some(worst) = largest_error(Method::Rodas4, 1e-9, 1e-13) {
        assert!(worst.0 <= TOLERANCE, "{worst:?}");
    }
}

/// What the default tolerances are good for; the worst state is AMP between the mitochondrial membranes, which starts at 0.
#[test]
fn golden_trajectories_at_default_tolerance() {
    let options = SolverOptions::default();
    let worst = largest_error(options.method, options.relative_tolerance, options.absolute_tolerance);
    if let Some(worst) = worst {
        assert!(worst.0 <= 5e-3, "{worst:?}");
    }
}
