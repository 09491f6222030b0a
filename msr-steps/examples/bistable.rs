//! A bistable reaction: the switch of Schlögl (1972, Z. Phys. 253) in many tetrahedra. `X` is made from a fixed `A` with itself as a
//! catalyst, and has two stable concentrations; noise throws each tetrahedron from one to the other, and diffusion lets
//! neighbours agree. Prints how many tetrahedra are high, for slow and for fast diffusion.

use std::sync::Arc;

use msr_coupling::{Query, Simulator};
use msr_steps::{Constants, Model, RateConstant, Reaction, Settings, Solver, Species, StepsSimulator, TetMesh};

/// Molecules of X in a tetrahedron: low, unstable and high stationary state of the rate equation below.
const STATES: [f64; 3] = [25.0, 75.0, 140.0];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [4.0; 3], 1.0, "extra")?);
    // dn/dt = -c (n - 25) (n - 75) (n - 140): the coefficients of the powers of n are the rates of four reactions.
    let [a, b, d] = STATES;
    let scale_per_s = 2e-4;
    let molar_per_molecule = 1.0 / (mesh.volumes_um3()[0] * Constants::default().molecules_per_um3_at_1_molar());
    let rate = |coefficient: f64, order: u32| {
        RateConstant::of_order(order, scale_per_s * coefficient * molar_per_molecule.powi(1 - order as i32))
    };
    let reactions = [
        Reaction::irreversible("0 -> X", rate(a * b * d, 0))?,
        Reaction::irreversible("X -> 0", rate(a * b + a * d + b * d, 1))?,
        Reaction::irreversible("2 X -> 3 X", rate(a + b + d, 2))?,
        Reaction::irreversible("3 X -> 2 X", rate(1.0, 3))?,
    ];
    println!("{} tetrahedra; part of them above {b} molecules, {a} low and {d} high", mesh.len());
    println!("{:>8} {:>14} {:>14}", "t (s)", "D = 1e-17 m2/s", "D = 1e-12 m2/s");
    let mut boxes = Vec::new();
    for diffusion_m2_s in [1e-17, 1e-12] {
        let model = Model::builder("extra")
            .species(Species::new("X").with_diffusion_m2_s(diffusion_m2_s))
            .reactions(reactions.clone())
            .build()?;
        let settings = Settings { solver: Solver::TauLeaping, ..Settings::default() };
        let mut simulator = StepsSimulator::new(mesh.clone(), &model, settings, 1, 1000, 0.1)?;
        // All begin on the ridge between the two.
        simulator.set_var(&Query::new("set_tet_counts").with("species_name", "X"), &vec![b; mesh.len()])?;
        boxes.push(simulator);
    }
    for tenth in 0..=10 {
        let mut line = format!("{:8.1}", f64::from(tenth) * 0.2);
        for simulator in &mut boxes {
            simulator.advance(u64::from(tenth as u32) * 2000)?;
            let mut counts = Vec::new();
            simulator.get_var(&Query::new("get_tet_counts").with("species_name", "X"), &mut counts)?;
            let high = counts.iter().filter(|&&count| count > b).count();
            line += &format!(" {:14.3}", high as f64 / counts.len() as f64);
        }
        println!("{line}");
    }
    Ok(())
}
