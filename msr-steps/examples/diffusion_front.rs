//! A front of potassium spreads in a box: both solvers against the continuum. Prints a table and writes `diffusion_front.svg`.

use std::fmt::Write;
use std::sync::Arc;

use msr_coupling::{Query, Simulator};
use msr_steps::{Model, Settings, Solver, Species, StepsSimulator, TetMesh};

const LENGTH_UM: f64 = 40.0;
const WIDTH_UM: f64 = 10.0;
const D_M2_S: f64 = 2e-9;
const TIMES_MS: [f64; 3] = [5.0, 25.0, 100.0];
const BINS: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [LENGTH_UM, WIDTH_UM, WIDTH_UM], 2.0, "extra")?);
    let potassium = Species::new("KK").with_diffusion_m2_s(D_M2_S).with_charge_number(1);
    let model = Model::new("extra", vec![potassium], Vec::new())?;
    println!("{} tetrahedra; 3 mM at the left, nothing at the right", mesh.len());

    let mut curves = String::new();
    for (solver, colour) in [(Solver::Deterministic, "#1f6fb4"), (Solver::TauLeaping, "#d1495b")] {
        let settings = Settings { solver, ..Settings::default() };
        let mut steps = StepsSimulator::new(mesh.clone(), &model, settings, 1, 100, 0.025)?;
        let front: Vec<f64> =
            mesh.barycentres_um().iter().map(|x| if x[0] < 0.5 * LENGTH_UM { 3e-3 } else { 0.0 }).collect();
        steps.set_var(&Query::new("set_tet_concs").with("species_name", "KK"), &front)?;
        println!("\n{solver:?}: mM (continuum)\n  x um  {}", TIMES_MS.map(|t| format!("{t:>17} ms")).concat());
        let mut profiles = Vec::new();
        for t_ms in TIMES_MS {
            steps.advance((t_ms / 0.025).round() as u64)?;
            profiles.push(profile(&steps, &mesh)?);
        }
        for bin in 0..BINS {
            let x_um = (bin as f64 + 0.5) * LENGTH_UM / BINS as f64;
            let cells = TIMES_MS
                .iter()
                .zip(&profiles)
                .map(|(t_ms, profile)| format!("{:>11.5} ({:.4})", profile[bin], continuum(x_um, t_ms * 1e-3)));
            println!("{x_um:6.1}  {}", cells.collect::<String>());
        }
        for profile in &profiles {
            let points: Vec<String> = profile
                .iter()
                .enumerate()
                .map(|(bin, mm)| {
                    format!("{:.1},{:.1}", 40.0 + (bin as f64 + 0.5) * 560.0 / BINS as f64, 260.0 - mm * 80.0)
                })
                .collect();
            writeln!(curves, r#"<polyline fill="none" stroke="{colour}" points="{}"/>"#, points.join(" "))?;
        }
    }
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 300" font-family="sans-serif" font-size="12">
<rect width="640" height="300" fill="white"/><path d="M40 20V260H600" fill="none" stroke="black"/>
<text x="300" y="285">x, 0 to 40 um</text><text x="45" y="18">K+, 0 to 3 mM (blue: mean, red: molecules)</text>
{curves}</svg>"#
    );
    std::fs::write("diffusion_front.svg", svg)?;
    println!("\nwrote diffusion_front.svg");
    Ok(())
}

/// Mean concentration in slices across x, in mM.
fn profile(steps: &StepsSimulator, mesh: &TetMesh) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let mut molar = Vec::new();
    steps.get_var(&Query::new("get_tet_concs").with("species_name", "KK"), &mut molar)?;
    let [mut amount, mut volume] = [vec![0.0; BINS], vec![0.0; BINS]];
    for ((x, v), c) in mesh.barycentres_um().iter().zip(mesh.volumes_um3()).zip(&molar) {
        let bin = ((x[0] / LENGTH_UM * BINS as f64) as usize).min(BINS - 1);
        amount[bin] += v * c;
        volume[bin] += v;
    }
    Ok(amount.iter().zip(&volume).map(|(amount, volume)| 1e3 * amount / volume).collect())
}

/// Series solution for a box whose left half is filled to 3 mM.
fn continuum(x_um: f64, t_s: f64) -> f64 {
    let terms = (1..200).map(|n| {
        let k = f64::from(n) * std::f64::consts::PI / LENGTH_UM;
        let wave = (0.5 * k * LENGTH_UM).sin() * (k * x_um).cos();
        2.0 / (k * LENGTH_UM) * wave * (-D_M2_S * 1e12 * k * k * t_s).exp()
    });
    3.0 * (0.5 + terms.sum::<f64>())
}
