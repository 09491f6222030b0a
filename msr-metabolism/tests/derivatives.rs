//! Right-hand side and Jacobian against the published values and against each other.

mod golden;

use msr_metabolism::Model;

/// A correct program rounds differently; the error is therefore measured against the size of the terms that cancel.
const CONDITIONED_ERROR: f64 = 1e-12;

#[test]
fn derivatives_at_the_published_points() {
    let Some((header, rows)) = golden::table("du_points.csv") else { return };
    let model = Model::standard();
    let mut worst = (0.0, String::new());
    for (point, row) in rows.iter().enumerate() {
        let states = golden::numbers(&header, row, "u:");
        let parameters = golden::numbers(&header, row, "p:");
        let expected = golden::numbers(&header, row, "du:");
        let found = model.derivatives(&states, &parameters);
        let mut size = vec![0.0; states.len()];
        for entry in model.jacobian(&states, &parameters) {
            size[entry.state] += (entry.value * states[entry.with_respect_to]).abs();
        }
        for (state, (found, expected)) in found.iter().zip(&expected).enumerate() {
            if model.dynamic_states().contains(&state) {
                let error = (found - expected).abs() / size[state];
                if error > worst.0 {
                    worst = (error, format!("{} at point {point}", model.states()[state].name));
                }
            } else {
                assert_eq!(*found, 0.0);
            }
        }
    }
    println!("largest conditioned error {:.1e}, {}", worst.0, worst.1);
    assert!(rows.len() == 50 && worst.0 > 0.0 && worst.0 <= CONDITIONED_ERROR, "{worst:?}");
}
