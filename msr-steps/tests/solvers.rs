//! The stochastic solvers against the exact chain, closed forms and one another.

use crate::reference::{directory, json, numbers};
use msr_coupling::random::Stream;
use msr_steps::diffusion::{
    ChebyshevPropagator, JumpNetwork, JumpOperator, Kinetics, Molecules, ReactionLeap, Scratch, SpatialSsa, TauLeaping,
    Variates,
};
use msr_steps::{Constants, Model, RateConstant, Reaction, Species, TetMesh};
use rayon::prelude::*;

/// um2 in a m2.
const M2: f64 = 1e12;

/// Molecules from which nothing in these tests is deterministic.
const NEVER: f64 = 1e15;

fn network(mesh: &TetMesh, diffusion_um2_s: &[f64]) -> JumpNetwork {
    JumpNetwork::uniform(JumpOperator::new(mesh, vec![true; mesh.len()]), diffusion_um2_s.to_vec())
}

fn model(species: &[&str], reactions: Vec<Reaction>) -> Model {
    Model::new("extra", species.iter().map(|name| Species::new(*name)).collect(), reactions).unwrap()
}

fn kinetics(model: &Model) -> Vec<Kinetics> {
    msr_steps::diffusion::kinetics(model, &Constants::CODATA_2006)
}

/// Final counts of independent runs.
fn runs<S: Molecules + Clone>(solver: &S, start: &[u64], dt_s: f64, runs: u64) -> Vec<Vec<u64>> {
    let run = |solver: &mut S, seed| {
        let mut counts = start.to_vec();
        solver.advance(&mut counts, dt_s, seed, &mut 0).unwrap();
        counts
    };
    (0..runs).into_par_iter().map_init(|| solver.clone(), run).collect()
}

/// Means and variances of the columns of `all` against those expected, within four standard errors; only where the counts are
/// large enough for the normal distribution to hold.
#[track_caller]
fn check_moments(label: &str, all: &[Vec<u64>], mean: &[f64], variance: &[f64]) {
    let runs = all.len() as f64;
    let columns: Vec<usize> = (0..mean.len()).filter(|&column| variance[column] * runs > 20.0).collect();
    assert!(!columns.is_empty(), "{label}: nothing to compare");
    let [mut squares, mut largest, mut ratios, mut ratio_variance] = [0.0, 0.0f64, 0.0, 0.0];
    for &column in &columns {
        let deviations: Vec<f64> = all.iter().map(|counts| counts[column] as f64 - mean[column]).collect();
        let z = deviations.iter().sum::<f64>() / (runs * variance[column]).sqrt();
        squares += z * z;
        largest = largest.max(z.abs());
        ratios += deviations.iter().map(|d| d * d).sum::<f64>() / (runs * variance[column]);
        ratio_variance += (2.0 + 1.0 / variance[column]) / runs;
    }
    let n = columns.len() as f64;
    let rms = (squares / n).sqrt();
    let ratio = ratios / n;
    let ratio_error = ratio_variance.sqrt() / n;
    println!(
        "{label}: {n} columns, rms z {rms:.3}, largest {largest:.2}, variance ratio {ratio:.4} +- {ratio_error:.4}"
    );
    assert!((rms - 1.0).abs() < 4.0 / (2.0 * n).sqrt(), "{label}: rms z {rms} over {n}");
    // Four standard errors of one; of a thousand, the largest is below 4.8 but in one case of a thousand.
    assert!(largest < if n > 30.0 { 4.8 } else { 4.0 }, "{label}: {largest}");
    // Columns are not independent: the sum is fixed.
    assert!(
        (ratio - 1.0).abs() < 4.0 * ratio_error + 1.0 / (n * runs).sqrt(),
        "{label}: variance ratio {ratio} +- {ratio_error}"
    );
}

#[test]
fn exact_ssa_has_the_moments_of_the_chain() {
    let Some(golden) = json("diffusion_fv.json") else { return };
    for (name, case) in golden["cases"].as_object().unwrap() {
        let mesh = TetMesh::read_gmsh(&directory().unwrap().join(case["mesh"].as_str().unwrap()), 1e-6).unwrap();
        let start: Vec<u64> = numbers(&case["n0"]).into_iter().map(|n| n as u64).collect();
        let solver =
            SpatialSsa::new(network(&mesh, &[case["D_m2_s"].as_f64().unwrap() * M2]), kinetics(&model(&["K"], vec![])));
        for exact in case["exact"].as_array().unwrap().iter().take(2) {
            let t = exact["t"].as_f64().unwrap();
            let all = runs(&solver, &start, t, if t > 0.005 { 10 } else { 40 });
            assert!(all.iter().all(|counts| counts.iter().sum::<u64>() == case["N"].as_u64().unwrap()));
            check_moments(&format!("{name} t = {t}"), &all, &numbers(&exact["mean"]), &numbers(&exact["var"]));
        }
    }
}

#[test]
fn exact_ssa_agrees_with_the_means_of_tetexact() {
    let (Some(golden), Some(fv)) = (json("steps_results.json"), json("diffusion_fv.json")) else { return };
    for (name, case) in golden["diffusion"].as_object().unwrap() {
        let ours = &fv["cases"][name];
        let mesh = TetMesh::read_gmsh(&directory().unwrap().join(ours["mesh"].as_str().unwrap()), 1e-6).unwrap();
        let start: Vec<u64> = numbers(&ours["n0"]).into_iter().map(|n| n as u64).collect();
        let solver =
            SpatialSsa::new(network(&mesh, &[ours["D_m2_s"].as_f64().unwrap() * M2]), kinetics(&model(&["K"], vec![])));
        let result = &case["result"][0];
        let exact = ours["exact"].as_array().unwrap().iter().find(|one| one["t"] == result["t"]).unwrap();
        let [theirs, variance] = [numbers(&result["mean"]), numbers(&exact["var"])];
        let steps_runs = case["runs"].as_f64().unwrap();
        let all = runs(&solver, &start, result["t"].as_f64().unwrap(), 25);
        let z: Vec<f64> = (0..mesh.len())
            .filter(|&tet| variance[tet] * steps_runs > 20.0)
            .map(|tet| {
                let mean = all.iter().map(|counts| counts[tet] as f64).sum::<f64>() / 25.0;
                (mean - theirs[tet]) / (variance[tet] * (1.0 / 25.0 + 1.0 / steps_runs)).sqrt()
            })
            .collect();
        let rms = (z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64).sqrt();
        println!("{name}: rms z {rms:.3} over {}", z.len());
        assert!((rms - 1.0).abs() < 4.0 / (2.0 * z.len() as f64).sqrt(), "{name}: {rms}");
        assert!(z.iter().all(|z| z.abs() < 4.8), "{name}");
    }
}

#[test]
fn leaps_of_few_molecules_have_the_moments_of_the_chain() {
    let Some(golden) = json("diffusion_fv.json") else { return };
    let case = &golden["cases"]["half_box"];
    let mesh = TetMesh::read_gmsh(&directory().unwrap().join(case["mesh"].as_str().unwrap()), 1e-6).unwrap();
    let start: Vec<u64> = numbers(&case["n0"]).into_iter().map(|n| n as u64).collect();
    let solver = TauLeaping::new(
        network(&mesh, &[case["D_m2_s"].as_f64().unwrap() * M2]),
        kinetics(&model(&["K"], vec![])),
        NEVER,
    );
    // From 285 steps on, the error of the steps is far below that of so many runs.
    for exact in case["exact"].as_array().unwrap().iter().skip(1) {
        let t = exact["t"].as_f64().unwrap();
        let all = runs(&solver, &start, t, 16);
        assert!(all.iter().all(|counts| counts.iter().sum::<u64>() == case["N"].as_u64().unwrap()));
        check_moments(&format!("t = {t}"), &all, &numbers(&exact["mean"]), &numbers(&exact["var"]));
    }
}

/// Independent molecules: the mean is `P n` and the covariance `diag(P n) - P diag(n) P^T` with `P = exp(t L)`.
struct Independent {
    /// Column by column: where the molecules of one tetrahedron go.
    columns: Vec<Vec<f64>>,
    start: Vec<u64>,
}

impl Independent {
    fn new(mesh: &TetMesh, start: &[u64], diffusion_um2_s: f64, dt_s: f64) -> Self {
        let operator = JumpOperator::new(mesh, vec![true; mesh.len()]);
        let mut propagator = ChebyshevPropagator::new(&operator, 1e-12);
        let volumes = mesh.volumes_um3();
        let column = |from: usize| {
            let mut c = vec![0.0; mesh.len()];
            c[from] = 1.0 / volumes[from];
            propagator.advance(&mut c, diffusion_um2_s, dt_s);
            c.iter().zip(volumes).map(|(c, v)| c * v).collect()
        };
        Self { columns: (0..mesh.len()).map(column).collect(), start: start.to_vec() }
    }

    /// The sum over all molecules of what each adds to a cumulant of tetrahedron `tet`, from its probability to be there.
    fn cumulant(&self, tet: usize, of_one: impl Fn(f64) -> f64) -> f64 {
        self.columns.iter().zip(&self.start).map(|(p, &n)| n as f64 * of_one(p[tet])).sum()
    }

    fn means(&self) -> Vec<f64> {
        (0..self.start.len()).map(|tet| self.cumulant(tet, |p| p)).collect()
    }

    fn variances(&self) -> Vec<f64> {
        (0..self.start.len()).map(|tet| self.cumulant(tet, |p| p * (1.0 - p))).collect()
    }

    /// Between different tetrahedra.
    fn covariance(&self, i: usize, j: usize) -> f64 {
        -self.columns.iter().zip(&self.start).map(|(p, &n)| n as f64 * p[i] * p[j]).sum::<f64>()
    }

    /// Of the number of molecules in those tetrahedra that are `chosen`.
    fn variance_of_sum(&self, chosen: &[bool]) -> f64 {
        let inside = |p: &[f64]| p.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(p, _)| p).sum::<f64>();
        let columns = self.columns.iter().zip(&self.start);
        columns.map(|(column, &n)| (inside(column), n as f64)).map(|(p, n)| n * p * (1.0 - p)).sum()
    }
}

#[test]
fn leaps_of_many_molecules_have_the_covariance_of_independent_ones() {
    const RUNS: u64 = 4000;
    let mesh = TetMesh::box_lattice([0.0; 3], [3.0, 2.0, 2.0], 1.0, "extra").unwrap();
    let solver = TauLeaping::new(network(&mesh, &[100.0]), kinetics(&model(&["K"], vec![])), NEVER);
    // With a hundred molecules, it is not the normal distribution any more.
    for (scale, dt_s) in [(1000, 0.02), (1000, 0.2), (1, 0.02)] {
        let start: Vec<u64> =
            mesh.barycentres_um().iter().map(|x| scale * (100 + (50.0 * (x[0] - 1.5)) as u64 % 100)).collect();
        let independent = Independent::new(&mesh, &start, 100.0, dt_s);
        let [mean, variance] = [independent.means(), independent.variances()];
        let all = runs(&solver, &start, dt_s, RUNS);
        let total: u64 = start.iter().sum();
        assert!(all.iter().all(|counts| counts.iter().sum::<u64>() == total));
        // It is one leap, not many steps: of its mean nothing but the tolerance is wrong.
        check_moments(&format!("t = {dt_s}"), &all, &mean, &variance);
        let mut worst: f64 = 0.0;
        for face in mesh.interior_faces() {
            let [i, j] = face.tets.map(|tet| tet as usize);
            let exact = independent.covariance(i, j);
            let found =
                all.iter().map(|n| (n[i] as f64 - mean[i]) * (n[j] as f64 - mean[j])).sum::<f64>() / RUNS as f64;
            let error = ((variance[i] * variance[j] + exact.powi(2)) / RUNS as f64).sqrt();
            worst = worst.max((found - exact).abs() / error);
        }
        println!("t = {dt_s}: covariances of neighbours within {worst:.2} standard errors");
        assert!(worst < 4.8, "{dt_s}: {worst}");
        let skewness = |tet: usize| {
            let third = all.iter().map(|n| (n[tet] as f64 - mean[tet]).powi(3)).sum::<f64>() / RUNS as f64;
            let exact = independent.cumulant(tet, |p| p * (1.0 - p) * (1.0 - 2.0 * p));
            (third - exact) / variance[tet].powf(1.5)
        };
        let off = (0..mesh.len()).map(skewness).sum::<f64>() / mesh.len() as f64;
        // The skewness of normal numbers has the variance 6 / runs.
        let error = (6.0 / (RUNS * mesh.len() as u64) as f64).sqrt();
        println!("scale {scale}, t = {dt_s}: skewness {off:.5} off, standard error {error:.5}");
        assert!(off.abs() < 4.0 * error, "scale {scale}, t = {dt_s}: skewness {off} off");
    }
}

/// A front between many molecules and few: leaps for the many, Poisson numbers where they had not been, single steps for the
/// few; or between two densities that leap one after the other.
#[test]
fn leaps_across_a_front_have_the_moments_of_independent_molecules() {
    const RUNS: u64 = 1000;
    let mesh = TetMesh::box_lattice([0.0; 3], [10.0, 2.0, 2.0], 1.0, "extra").unwrap();
    let solver = TauLeaping::new(network(&mesh, &[100.0]), kinetics(&model(&["K"], vec![])), NEVER);
    let dt_s = 0.008;
    for [many, few] in [[100_000, 5], [1_000_000_000, 0], [30_000_000, 150]] {
        let start: Vec<u64> = mesh.barycentres_um().iter().map(|x| if x[0] < 4.0 { many } else { few }).collect();
        let independent = Independent::new(&mesh, &start, 100.0, dt_s);
        let [mean, variance] = [independent.means(), independent.variances()];
        let all = runs(&solver, &start, dt_s, RUNS);
        let total: u64 = start.iter().sum();
        assert!(all.iter().all(|counts| counts.iter().sum::<u64>() == total));
        let average = |of: &dyn Fn(&[u64]) -> f64| all.iter().map(|counts| of(counts)).sum::<f64>() / RUNS as f64;
        for tet in 0..mesh.len() {
            let off = average(&|counts| counts[tet] as f64) - mean[tet];
            // The correction of the skewness may move the mean by a sixth of a molecule.
            let error = (variance[tet] / RUNS as f64).sqrt();
            assert!(off.abs() < 1.0 / 6.0 + 4.8 * error, "{many} : {few}, {tet}: {off} off {}", mean[tet]);
            let ratio = average(&|counts| (counts[tet] as f64 - mean[tet]).powi(2)) / variance[tet];
            let error = ((2.0 + 1.0 / variance[tet]) / RUNS as f64).sqrt();
            assert!(
                (ratio - 1.0).abs() < 0.1 + 4.8 * error,
                "{many} : {few}, {tet}: variance {ratio} times {}",
                variance[tet]
            );
        }
        for beyond_um in [4.0, 5.0, 6.0, 7.0, 8.0, 9.0] {
            let chosen: Vec<bool> = mesh.barycentres_um().iter().map(|x| x[0] > beyond_um).collect();
            let number = |counts: &[u64]| -> f64 {
                counts.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(count, _)| *count as f64).sum()
            };
            let expected = number_of(&mean, &chosen);
            let exact = independent.variance_of_sum(&chosen);
            let ratio = average(&|counts| (number(counts) - expected).powi(2)) / exact;
            println!(
                "{many} : {few} beyond {beyond_um} um: variance of the number of molecules {ratio:.3} of {exact:.0}"
            );
            assert!(
                (ratio - 1.0).abs() < 0.5 + 4.0 * (2.0 / RUNS as f64).sqrt(),
                "{many} : {few}, {beyond_um}: {ratio}"
            );
        }
    }
}

/// A reservoir whose tetrahedra are held, what it feeds, and a part of the mesh that nothing leaves. Molecules of the reservoir
/// are Poisson numbers, those that were free are binomial: `var_i = mean_i - sum of n_k P_ki^2` over the free ones.
#[test]
fn leaps_beside_a_reservoir_and_in_a_closed_part() {
    const RUNS: u64 = 1000;
    let mesh = TetMesh::box_lattice([0.0; 3], [8.0, 2.0, 2.0], 1.0, "extra").unwrap();
    let x: Vec<f64> = mesh.barycentres_um().iter().map(|x| x[0]).collect();
    let (held, is_fed): (Vec<bool>, Vec<bool>) = x.iter().map(|&x| (x < 1.0, x < 5.0)).unzip();
    let joins = |one: usize, other: usize| f64::from(u8::from(is_fed[one] == is_fed[other]));
    let operator = JumpOperator::with_coefficients(&mesh, joins, vec![true; mesh.len()], held.clone());
    let (volumes, dt_s, diffusion) = (mesh.volumes_um3().to_vec(), 0.01, 100.0);
    let largest_um3 = volumes.iter().copied().fold(0.0, f64::max);
    let density = |tet: usize| match (held[tet], is_fed[tet]) {
        (true, _) => 300_000.0,
        (false, true) => 20_000.0,
        (false, false) => 1000.0 * x[tet],
    };
    let start: Vec<u64> = (0..mesh.len()).map(|tet| (density(tet) * volumes[tet] / largest_um3) as u64).collect();
    let spread = |amounts: &[f64]| -> Vec<f64> {
        let mut c: Vec<f64> = amounts.iter().zip(&volumes).map(|(amount, volume)| amount / volume).collect();
        ChebyshevPropagator::new(&operator, 1e-12).advance(&mut c, diffusion, dt_s);
        c.iter().zip(&volumes).map(|(c, volume)| c * volume).collect()
    };
    let mean = spread(&start.iter().map(|&n| n as f64).collect::<Vec<_>>());
    let mut variance = mean.clone();
    for from in (0..mesh.len()).filter(|&tet| !held[tet]) {
        let mut one = vec![0.0; mesh.len()];
        one[from] = 1.0;
        let squares = spread(&one).into_iter().map(|p| p * p);
        variance.iter_mut().zip(squares).for_each(|(variance, square)| *variance -= start[from] as f64 * square);
    }
    let solver =
        TauLeaping::new(JumpNetwork::uniform(operator, vec![diffusion]), kinetics(&model(&["K"], vec![])), NEVER);
    let all = runs(&solver, &start, dt_s, RUNS);
    let in_closed_part =
        |counts: &[u64]| -> u64 { (0..mesh.len()).filter(|&tet| !is_fed[tet]).map(|tet| counts[tet]).sum() };
    for counts in &all {
        assert!((0..mesh.len()).filter(|&tet| held[tet]).all(|tet| counts[tet] == start[tet]), "the reservoir is held");
        assert_eq!(in_closed_part(counts), in_closed_part(&start));
    }
    let average = |of: &dyn Fn(&[u64]) -> f64| all.iter().map(|counts| of(counts)).sum::<f64>() / RUNS as f64;
    for tet in (0..mesh.len()).filter(|&tet| !held[tet]) {
        let off = average(&|counts| counts[tet] as f64) - mean[tet];
        assert!(off.abs() < 1.0 / 6.0 + 4.8 * (variance[tet] / RUNS as f64).sqrt(), "{tet}: {off} off {}", mean[tet]);
        let ratio = average(&|counts| (counts[tet] as f64 - mean[tet]).powi(2)) / variance[tet];
        let error = (2.0 / RUNS as f64).sqrt();
        assert!((ratio - 1.0).abs() < 0.1 + 4.8 * error, "{tet}: variance {ratio} times {}", variance[tet]);
    }
}

/// Many leaps in which few molecules of most tetrahedra change place: none gains at the cost of others.
#[test]
fn equilibrium_of_unequal_tetrahedra_stays() {
    const RUNS: u64 = 40;
    const LEAPS: u64 = 150;
    let mesh = unequal_mesh();
    let operator = JumpOperator::new(&mesh, vec![true; mesh.len()]);
    let solver = TauLeaping::new(network(&mesh, &[1.0]), kinetics(&model(&["K"], vec![])), NEVER);
    let smallest_um3 = mesh.volumes_um3().iter().copied().fold(f64::INFINITY, f64::min);
    let start: Vec<u64> = mesh.volumes_um3().iter().map(|volume| (110.0 * volume / smallest_um3) as u64).collect();
    let dt_s = 8.0 / operator.largest_rate_per_um2();
    let run = |solver: &mut TauLeaping, seed| {
        let mut counts = start.clone();
        let mut step = 0;
        (0..LEAPS).for_each(|_| solver.advance(&mut counts, dt_s, seed, &mut step).unwrap());
        counts
    };
    let all: Vec<Vec<u64>> = (0..RUNS).into_par_iter().map_init(|| solver.clone(), run).collect();
    let mut by_volume: Vec<usize> = (0..mesh.len()).collect();
    by_volume.sort_by(|&a, &b| mesh.volumes_um3()[a].total_cmp(&mesh.volumes_um3()[b]));
    let total: f64 = start.iter().sum::<u64>() as f64;
    for (label, part) in by_volume.chunks(mesh.len().div_ceil(4)).enumerate() {
        let expected = total * part.iter().map(|&tet| mesh.volumes_um3()[tet]).sum::<f64>() / mesh.volume_um3();
        let found = all.iter().map(|counts| part.iter().map(|&tet| counts[tet]).sum::<u64>() as f64).sum::<f64>();
        let off = found / RUNS as f64 / expected - 1.0;
        let error = (1.0 / (expected * RUNS as f64)).sqrt();
        println!("quarter {label} by volume: {expected:.0} molecules, {off:.5} off, standard error {error:.5}");
        // Whole numbers to begin with are up to half a molecule off.
        assert!(off.abs() < 4.0 * error + 0.002, "quarter {label}: {off}");
    }
}

/// A box whose tetrahedra differ by a factor of some hundreds in volume: vertices of the lattice lie closer towards one corner.
fn unequal_mesh() -> TetMesh {
    let even = TetMesh::box_lattice([0.0; 3], [6.0; 3], 2.0, "extra").unwrap();
    let vertices = even.vertices_um().iter().map(|x| x.map(|x| x * (0.3 + x / 8.0))).collect();
    TetMesh::new(vertices, even.tetrahedra().to_vec(), Vec::new()).unwrap()
}

fn number_of(amounts: &[f64], chosen: &[bool]) -> f64 {
    amounts.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(amount, _)| amount).sum()
}

#[test]
fn equilibrium_of_leaps_is_that_of_poisson_counts() {
    // Detailed balance: in equilibrium a multinomial of probabilities V / sum V, whatever the step.
    let mesh = TetMesh::box_lattice([0.0; 3], [2.0; 3], 1.0, "extra").unwrap();
    let solver = TauLeaping::new(network(&mesh, &[100.0]), kinetics(&model(&["K"], vec![])), NEVER);
    let start = vec![20_000u64; mesh.len()];
    let total = 20_000.0 * mesh.len() as f64;
    let p: Vec<f64> = mesh.volumes_um3().iter().map(|v| v / mesh.volume_um3()).collect();
    let all = runs(&solver, &start, 2.0, 2000);
    let mean: Vec<f64> = p.iter().map(|p| total * p).collect();
    let variance: Vec<f64> = p.iter().map(|p| total * p * (1.0 - p)).collect();
    check_moments("equilibrium", &all, &mean, &variance);
}

#[test]
fn binomial_jumps_of_many_molecules_leave_as_a_multinomial() {
    // One step only, from one tetrahedron: exactly a multinomial. Its covariance is known.
    const RUNS: u64 = 4000;
    let mesh = TetMesh::box_lattice([0.0; 3], [3.0; 3], 1.0, "extra").unwrap();
    let operator = JumpOperator::new(&mesh, vec![true; mesh.len()]);
    let solver = TauLeaping::new(network(&mesh, &[100.0]), kinetics(&model(&["K"], vec![])), NEVER);
    let from =
        (0..mesh.len()).find(|&tet| operator.neighbours()[tet].iter().all(|&other| other as usize != tet)).unwrap();
    let dt_s = 0.6 / (100.0 * operator.largest_rate_per_um2());
    for molecules in [7u64, 400, 3_000_000] {
        let mut start = vec![0; mesh.len()];
        start[from] = molecules;
        let all = runs(&solver, &start, dt_s, RUNS);
        let p = operator.rates_per_um2()[from].map(|rate| rate * 100.0 * dt_s);
        let columns: Vec<Vec<u64>> =
            all.iter().map(|counts| operator.neighbours()[from].map(|tet| counts[tet as usize]).to_vec()).collect();
        let n = molecules as f64;
        check_moments(&format!("{molecules}"), &columns, &p.map(|p| n * p), &p.map(|p| n * p * (1.0 - p)));
        let covariance =
            columns.iter().map(|leaving| (leaving[0] as f64 - n * p[0]) * (leaving[1] as f64 - n * p[1])).sum::<f64>()
                / RUNS as f64;
        let expected = -n * p[0] * p[1];
        let error = (n * p[0] * (1.0 - p[0]) * n * p[1] * (1.0 - p[1]) / RUNS as f64).sqrt();
        assert!((covariance - expected).abs() < 4.0 * error, "{molecules}: {covariance} {expected} +- {error}");
    }
}

/// `runs` final counts of reactions alone, from `start`.
fn reacted(
    reactions: &[Reaction],
    names: &[&str],
    start: &[u64],
    [volume_um3, dt_s]: [f64; 2],
    runs: u64,
    from: f64,
) -> Vec<Vec<u64>> {
    let kinetics = kinetics(&model(names, reactions.to_vec())).remove(0);
    let leap = ReactionLeap::new(kinetics, from);
    let run = |run: u64| {
        let mut counts = start.to_vec();
        let mut variates = || Variates::new(Stream::new(31, run as u32, 0));
        leap.react(&mut counts, volume_um3, dt_s, &mut variates, &mut Scratch::default()).unwrap();
        counts
    };
    (0..runs).into_par_iter().map(run).collect()
}

#[test]
fn isomers_keep_mean_and_variance_in_every_regime() {
    let reactions = Reaction::reversible("A <-> B", 8.0, 5.0).unwrap();
    let t = 0.1;
    let p = 5.0 / 13.0 + 8.0 / 13.0 * f64::exp(-13.0 * t);
    for molecules in [50u64, 5_000, 1_000_000] {
        let all = reacted(&reactions, &["A", "B"], &[molecules, 0], [1.0, t], 4000, NEVER);
        assert!(all.iter().all(|counts| counts[0] + counts[1] == molecules));
        let n = molecules as f64;
        let mean = all.iter().map(|counts| counts[0] as f64).sum::<f64>() / 4000.0;
        let variance =
            all.iter().map(|counts| (counts[0] as f64 - n * p).powi(2)).sum::<f64>() / 4000.0 / (n * p * (1.0 - p));
        let z = (mean - n * p) / (n * p * (1.0 - p) / 4000.0).sqrt();
        println!("{molecules}: z {z:.2}, relative error {:.2e}, variance ratio {variance:.3}", mean / (n * p) - 1.0);
        if molecules < 10_000 {
            assert!(z.abs() < 4.0, "{molecules}: {z}");
        }
        // A leap is of second order in its mean, about epsilon^2 / 6, and of first order, epsilon, in its variance.
        assert!(
            (mean / (n * p) - 1.0).abs() < 2e-4 + 4.0 * ((1.0 - p) / (n * p) / 4000.0).sqrt(),
            "{molecules}: {mean}"
        );
        assert!((variance - 1.0).abs() < 4.0 * (2.0f64 / 4000.0).sqrt() + 0.05, "{molecules}: {variance}");
    }
    // Where reactants are plentiful, the rate equations and whole molecules.
    let all = reacted(&reactions, &["A", "B"], &[100_000_000, 100_000_000], [1.0, t], 40, 1e6);
    let expected = 1e8 * (p + 5.0 / 13.0 * (1.0 - f64::exp(-13.0 * t)));
    assert!(all.iter().all(|counts| counts[0] + counts[1] == 200_000_000));
    assert!(all.iter().all(|counts| (counts[0] as f64 / expected - 1.0).abs() < 1e-4), "{:?} {expected}", all[0]);
}

/// Few molecules beside a fast reaction of many: each of the few decays on its own.
#[test]
fn rare_reactants_survive_as_long_as_they_should() {
    const RUNS: u64 = 20_000;
    let mut reactions = Reaction::reversible("A <-> B", 5.0, 5.0).unwrap().to_vec();
    reactions.push(Reaction::irreversible("X -> 0", RateConstant::per_s(10.0)).unwrap());
    let t = 0.1;
    let survival = f64::exp(-10.0 * t);
    for few in [1u64, 3, 30] {
        let start = [1_000_000, 1_000_000, few];
        let all = reacted(&reactions, &["A", "B", "X"], &start, [1.0, t], RUNS, NEVER);
        let columns: Vec<Vec<u64>> = all.iter().map(|counts| vec![counts[2]]).collect();
        let n = few as f64;
        let mean = columns.iter().map(|counts| counts[0] as f64).sum::<f64>() / RUNS as f64;
        let binomial = n * survival * (1.0 - survival);
        let z = (mean - n * survival) / (binomial / RUNS as f64).sqrt();
        assert!(z.abs() < 4.0, "{few}: {mean} is {z} standard errors from {}", n * survival);
        if few == 3 {
            // All four probabilities of the binomial.
            for (left, ways) in [(0, 1.0), (1, 3.0), (2, 3.0), (3, 1.0)] {
                let p = ways * survival.powi(left) * (1.0 - survival).powi(3 - left);
                let found = columns.iter().filter(|counts| counts[0] == left as u64).count() as f64 / RUNS as f64;
                assert!((found - p).abs() < 4.0 * (p * (1.0 - p) / RUNS as f64).sqrt(), "{left}: {found} {p}");
            }
        }
    }
}

#[test]
fn master_equations_hold_for_leaps() {
    // Small numbers, where the choice must fall on single events.
    let Some(golden) = json("reactions.json") else { return };
    let case = &golden["cases"]["AB_rev"];
    let reactions = Reaction::reversible(
        "A + B <-> C",
        RateConstant::per_molar_s(case["kf_per_M_s"].as_f64().unwrap()),
        RateConstant::per_s(case["kb_per_s"].as_f64().unwrap()),
    )
    .unwrap();
    for result in case["result"].as_array().unwrap() {
        let volume_um3 = case["volume_m3"].as_f64().unwrap() * 1e18;
        let all = reacted(
            &reactions,
            &["A", "B", "C"],
            &[30, 22, 0],
            [volume_um3, result["t"].as_f64().unwrap()],
            4000,
            NEVER,
        );
        let columns: Vec<Vec<u64>> = all.iter().map(|counts| vec![counts[2]]).collect();
        let [mean, variance] = [numbers(&result["mean"])[0], numbers(&result["var"])[0]];
        let found = columns.iter().map(|c| c[0] as f64).sum::<f64>() / 4000.0;
        let spread = columns.iter().map(|c| (c[0] as f64 - mean).powi(2)).sum::<f64>() / 4000.0;
        assert!((found - mean).abs() < 4.0 * (variance / 4000.0).sqrt(), "{}: {found} {mean}", result["t"]);
        assert!(
            (spread / variance - 1.0).abs() < 4.0 * (3.0f64 / 4000.0).sqrt(),
            "{}: {spread} {variance}",
            result["t"]
        );
    }
}

/// A + B <-> C while all diffuse: the three stochastic solvers must find the same equilibrium, that of one well-mixed volume, however slow diffusion is.
#[test]
fn solvers_agree_on_a_bimolecular_equilibrium() {
    let mesh = TetMesh::box_lattice([0.0; 3], [1.0; 3], 0.5, "extra").unwrap();
    let reactions =
        Reaction::reversible("A + B <-> C", RateConstant::per_molar_s(2e8), RateConstant::per_s(40.0)).unwrap();
    let model = model(&["A", "B", "C"], reactions.to_vec());
    let network = network(&mesh, &[10.0, 10.0, 10.0]);
    // 30 A and 22 B in one um3, spread at random; the golden well-mixed case has 3.934 C and a variance of 2.888.
    let mut start = vec![0u64; 3 * mesh.len()];
    for molecule in 0..52u32 {
        let tet = (Stream::new(2, molecule, 0).uniform() * mesh.len() as f64) as usize;
        start[3 * tet + usize::from(molecule >= 30)] += 1;
    }
    let of_c = |all: &[Vec<u64>]| -> Vec<f64> {
        all.iter().map(|counts| counts.iter().skip(2).step_by(3).sum::<u64>() as f64).collect()
    };
    let exact = of_c(&runs(&SpatialSsa::new(network.clone(), kinetics(&model)), &start, 0.1, 300));
    let leaping = of_c(&runs(&TauLeaping::new(network.clone(), kinetics(&model), NEVER), &start, 0.1, 300));
    let splitting =
        of_c(&runs(&msr_steps::diffusion::OperatorSplitting::new(network, kinetics(&model)), &start, 0.1, 300));
    for (name, found) in [("exact", exact), ("leaping", leaping), ("splitting", splitting)] {
        let mean = found.iter().sum::<f64>() / 300.0;
        let variance = found.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / 299.0;
        println!("{name}: mean {mean:.3}, variance {variance:.3}");
        assert!((mean - 3.933_842).abs() < 4.0 * (2.887_747f64 / 300.0).sqrt(), "{name}: {mean}");
        assert!((variance / 2.887_747 - 1.0).abs() < 4.0 * (2.5f64 / 300.0).sqrt(), "{name}: {variance}");
    }
}

#[test]
fn threads_do_not_matter() {
    let mesh = TetMesh::box_lattice([0.0; 3], [8.0; 3], 0.8, "extra").unwrap();
    assert!(mesh.len() > 8192, "the mesh must be large enough for several tasks");
    let reactions = Reaction::reversible("A <-> B", 800.0, 500.0).unwrap();
    let model = model(&["A", "B"], reactions.to_vec());
    let network = network(&mesh, &[200.0, 20.0]);
    // Few in one half, many in the other; then many everywhere.
    for low in [3, 5000] {
        let start: Vec<u64> = (0..2 * mesh.len() as u64)
            .map(|place| if place < mesh.len() as u64 { low } else { 20_000 + place % 77 })
            .collect();
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut counts = start.clone();
                TauLeaping::new(network.clone(), kinetics(&model), 1e4).advance(&mut counts, 2e-3, 9, &mut 0).unwrap();
                counts
            })
        };
        let one = run(1);
        assert_eq!(one.iter().sum::<u64>(), start.iter().sum::<u64>());
        assert_eq!(one, run(2));
        assert_eq!(one, run(3));
    }
}
