//! A bistable reaction: the switch of Schlögl (1972, Z. Phys. 253) in many tetrahedra. `X` is made from a fixed `A` with itself as a
//! catalyst, and has two stable concentrations. All tetrahedra begin on the ridge between the two. Where diffusion is slow,
//! noise throws each to one side or the other on its own, and both stay; where it is fast, all go the same way together.
//! Prints what part of the tetrahedra is near the low and near the high state, and in between.

use std::sync::Arc;

use msr_coupling::{Query, Simulator};
use msr_steps::{Constants, Model, RateConstant, Reaction, Settings, Solver, Species, StepsSimulator, TetMesh};

/// Molecules of X in a tetrahedron: low, unstable and high stationary state of the rate equation below. So many that noise
/// hardly carries a tetrahedron back over the ridge.
const STATES: [f64; 3] = [100.0, 300.0, 560.0];

/// How fast it all is: a tetrahedron leaves the ridge at `SCALE_PER_S (300 - 100) (560 - 300)` = 6.5 / s.
const SCALE_PER_S: f64 = 1.25e-4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [3.0; 3], 1.0, "extra")?);
    // dn/dt = -c (n - 100) (n - 300) (n - 560): the coefficients of the powers of n are the rates of four reactions.
    let [a, b, d] = STATES;
    let molar_per_molecule = 1.0 / (mesh.volumes_um3()[0] * Constants::default().molecules_per_um3_at_1_molar());
    let rate = |coefficient: f64, order: u32| {
        RateConstant::of_order(order, SCALE_PER_S * coefficient * molar_per_molecule.powi(1 - order as i32))
    };
    let reactions = [
        Reaction::irreversible("0 -> X", rate(a * b * d, 0))?,
        Reaction::irreversible("X -> 0", rate(a * b + a * d + b * d, 1))?,
        Reaction::irreversible("2 X -> 3 X", rate(a + b + d, 2))?,
        Reaction::irreversible("3 X -> 2 X", rate(1.0, 3))?,
    ];
    let mut boxes = Vec::new();
    for diffusion_m2_s in [1e-17, 1e-10] {
        let model = Model::builder("extra")
            .species(Species::new("X").with_diffusion_m2_s(diffusion_m2_s))
            .reactions(reactions.clone())
            .build()?;
        let settings = Settings { solver: Solver::TauLeaping, ..Settings::default() };
        let mut simulator = StepsSimulator::new(mesh.clone(), &model, settings, 1, 1000, 0.1)?;
        simulator.set_var(&Query::new("set_tet_counts").with("species_name", "X"), &vec![b; mesh.len()])?;
        boxes.push(simulator);
    }
    println!("part of {} tetrahedra near {a} molecules, in between, and near {d}", mesh.len());
    println!("{:>6} {:^28}{:^28}", "", "D = 1e-17 m2/s", "D = 1e-10 m2/s");
    println!("{:>6} {:>8}{:>9}{:>8}   {:>8}{:>9}{:>8}", "t (s)", "low", "between", "high", "low", "between", "high");
    // Half way from the ridge to either side.
    let [low, high] = [0.5 * (a + b), 0.5 * (b + d)];
    for row in 0..=10 {
        let mut line = format!("{:6.1}", f64::from(row) * 0.2);
        for simulator in &mut boxes {
            simulator.advance(u64::from(row as u32) * 2000)?;
            let mut counts = Vec::new();
            simulator.get_var(&Query::new("get_tet_counts").with("species_name", "X"), &mut counts)?;
            let part = |of: &dyn Fn(f64) -> bool| {
                counts.iter().filter(|&&count| of(count)).count() as f64 / counts.len() as f64
            };
            let parts = [part(&|n| n < low), part(&|n| (low..=high).contains(&n)), part(&|n| n > high)];
            line += &format!(" {:8.3}{:9.3}{:8.3}  ", parts[0], parts[1], parts[2]);
        }
        println!("{}", line.trim_end());
    }
    Ok(())
}
