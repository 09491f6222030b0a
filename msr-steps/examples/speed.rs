//! How fast the solvers are. Prints lines of `case`, a figure and its unit, separated by tabs.
//!
//! `speed` takes box meshes of its own; `speed mesh.msh` (in um) does the cases of diffusion on that mesh alone. With
//! `RAYON_NUM_THREADS=1` the figures are those of one core.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use msr_coupling::random::Stream;
use msr_coupling::{Query, Simulator};
use msr_steps::diffusion::{JumpNetwork, Molecules, SpatialSsa};
use msr_steps::{
    Constants, Intersector, Model, RateConstant, Reaction, Settings, Solver, Species, StepsSimulator, TetMesh,
};

type Failure = Box<dyn std::error::Error>;

const BOX_UM: f64 = 100.0;
/// What takes less is repeated, for a clock that ticks in hundredths of a second.
const LONG_ENOUGH_S: f64 = 0.2;
const DIFFUSION_M2_S: f64 = 2e-9;
const SOLVERS: [(&str, Solver); 3] = [
    ("deterministic", Solver::Deterministic),
    ("tau_leaping", Solver::TauLeaping),
    ("operator_splitting", Solver::OperatorSplitting),
];

fn main() -> Result<(), Failure> {
    if let Some(path) = std::env::args().nth(1) {
        let start = Watch::start();
        let mesh = Arc::new(TetMesh::read_gmsh(Path::new(&path), 1e-6)?);
        report("read mesh", start.seconds(), "s");
        return potassium(&mesh);
    }
    for edge_um in [24.0, 11.2, 5.0] {
        let start = Watch::start();
        let mut meshes = 0;
        let mesh = loop {
            let mesh = TetMesh::box_lattice([0.0; 3], [BOX_UM; 3], edge_um, "extra")?;
            meshes += 1;
            if start.seconds() >= LONG_ENOUGH_S {
                break Arc::new(mesh);
            }
        };
        report(&format!("box mesh of {}", mesh.len()), start.seconds() / f64::from(meshes), "s");
        potassium(&mesh)?;
    }
    memory()?;
    exact_jumps()?;
    ten_species()?;
    segments()
}

/// Seconds of processor time of all threads, where the system tells them; else by the clock. Another program on the machine
/// then does not count.
struct Watch {
    clock: Instant,
    processor_s: Option<f64>,
}

impl Watch {
    fn start() -> Self {
        Self { clock: Instant::now(), processor_s: processor_s() }
    }

    fn seconds(&self) -> f64 {
        match (self.processor_s, processor_s()) {
            (Some(before), Some(now)) => now - before,
            _ => self.clock.elapsed().as_secs_f64(),
        }
    }
}

/// Linux: the first number of each thread's `schedstat` are nanoseconds on a processor.
fn processor_s() -> Option<f64> {
    let threads = std::fs::read_dir("/proc/self/task").ok()?;
    let of_thread = |thread: std::fs::DirEntry| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().next()?.parse::<f64>().ok()
    };
    threads.map(|thread| thread.ok().and_then(of_thread)).sum::<Option<f64>>().map(|nanoseconds| nanoseconds * 1e-9)
}

fn report(case: &str, figure: f64, unit: &str) {
    println!("{case}\t{figure:.6}\t{unit}");
}

/// 100 ms of 3 mM potassium at true counts, in steps of 25 ms: everywhere, and in one half of the box.
fn potassium(mesh: &Arc<TetMesh>) -> Result<(), Failure> {
    let compartment = mesh.compartments().first().map_or("extra", |part| part.name.as_str());
    let species =
        Species::new("KK").with_concentration_mm(3.0).with_diffusion_m2_s(DIFFUSION_M2_S).with_charge_number(1);
    let model = Model::new(compartment, vec![species], Vec::new())?;
    for (filled, everywhere) in [("uniform", true), ("half", false)] {
        for (name, solver) in SOLVERS {
            if solver == Solver::OperatorSplitting && mesh.len() > 20_000 {
                continue;
            }
            let settings = Settings { solver, ..Settings::default() };
            let mut steps = StepsSimulator::new(mesh.clone(), &model, settings, 1, 1000, 0.025)?;
            let middle = 0.5 * (mesh.bounds().lower_um[0] + mesh.bounds().upper_um[0]);
            // A uniform state would be at rest: it has a ripple of a thousandth.
            let molar = |x: f64| match (everywhere, x < middle) {
                (true, left) => {
                    if left {
                        3.003e-3
                    } else {
                        2.997e-3
                    }
                }
                (false, true) => 3e-3,
                (false, false) => 0.0,
            };
            let front: Vec<f64> = mesh.barycentres_um().iter().map(|x| molar(x[0])).collect();
            steps.set_var(&Query::new("set_tet_concs").with("species_name", "KK"), &front)?;
            let beginning = steps.snapshot()?;
            let start = Watch::start();
            let mut runs = 0;
            while runs == 0 || start.seconds() < LONG_ENOUGH_S {
                steps.restore(&beginning)?;
                steps.advance(4000)?;
                runs += 1;
            }
            report(&format!("K+ {filled} {name} {}", mesh.len()), start.seconds() / f64::from(runs), "s");
        }
    }
    Ok(())
}

/// Bytes a tetrahedron of mesh, mappings and simulator with one species, for each solver. Linux: resident pages.
fn memory() -> Result<(), Failure> {
    const PAGE_BYTES: f64 = 4096.0;
    let resident = || -> Result<f64, Failure> {
        let text = std::fs::read_to_string("/proc/self/statm")?;
        Ok(PAGE_BYTES * text.split_ascii_whitespace().nth(1).unwrap_or("0").parse::<f64>()?)
    };
    let mut kept = Vec::new();
    for (name, solver) in SOLVERS {
        let before = resident()?;
        // Finer than any mesh before, so that no memory is taken from what is free already.
        let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [BOX_UM; 3], 3.0, "extra")?);
        let species = Species::new("K").with_concentration_mm(3.0).with_diffusion_m2_s(DIFFUSION_M2_S);
        let model = Model::new("extra", vec![species], Vec::new())?;
        let settings = Settings { solver, ..Settings::default() };
        let steps = StepsSimulator::new(mesh.clone(), &model, settings, 1, 1000, 0.025)?;
        report(&format!("memory a tetrahedron, {name}"), (resident()? - before) / mesh.len() as f64, "B");
        kept.push(steps);
    }
    Ok(())
}

/// Microseconds a jump of the exact method, ten thousand molecules on ten thousand tetrahedra.
fn exact_jumps() -> Result<(), Failure> {
    let mesh = TetMesh::box_lattice([0.0; 3], [BOX_UM; 3], 11.2, "extra")?;
    let species = Species::new("K").with_diffusion_m2_s(DIFFUSION_M2_S);
    let model = Model::new("extra", vec![species], Vec::new())?;
    let network = JumpNetwork::new(&mesh, &model, vec![0; mesh.len()]);
    let mut exact = SpatialSsa::new(network, msr_steps::diffusion::kinetics(&model, &Constants::default()));
    let mut counts = vec![1; mesh.len()];
    let start = Watch::start();
    exact.advance(&mut counts, 0.2, 1, &mut 0)?;
    report("exact SSA a jump", 1e6 * start.seconds() / exact.events() as f64, "us");
    Ok(())
}

/// 100 ms of ten species and four reversible bindings in a box of (10 um)^3.
fn ten_species() -> Result<(), Failure> {
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [10.0; 3], 1.12, "extra")?);
    let names = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
    let mut builder = Model::builder("extra");
    for (rank, name) in (0u32..).zip(names) {
        builder = builder.species(Species::new(name).with_diffusion_m2_s(f64::from(100 - 10 * rank) * 1e-12));
    }
    for (equation, on, off) in
        [("A + B <-> C", 1e9, 100.0), ("C + D <-> E", 1e8, 10.0), ("F + G <-> H", 1e7, 1.0), ("H + I <-> J", 1e6, 1.0)]
    {
        let rates = [RateConstant::per_molar_s(on), RateConstant::per_s(off)];
        builder = builder.reactions(Reaction::reversible(equation, rates[0], rates[1])?);
    }
    let model = builder.build()?;
    let stochastic = [SOLVERS[1], SOLVERS[2], ("exact_ssa", Solver::ExactSsa), SOLVERS[0]];
    for (name, solver) in stochastic {
        let settings = Settings { solver, ..Settings::default() };
        let mut steps = StepsSimulator::new(mesh.clone(), &model, settings, 1, 1000, 0.025)?;
        for (rank, name) in (0u32..).zip(names) {
            let mut counts = vec![0.0; mesh.len()];
            for molecule in 0..1000 * (rank + 1) {
                let place = Stream::new(5, rank, u64::from(molecule)).uniform();
                counts[(place * mesh.len() as f64) as usize] += 1.0;
            }
            steps.set_var(&Query::new("set_tet_counts").with("species_name", name), &counts)?;
        }
        let start = Watch::start();
        steps.advance(4000)?;
        report(&format!("ten species {name} {}", mesh.len()), start.seconds(), "s");
        let mut counts = Vec::new();
        steps.get_var(&Query::new("get_tet_counts").with("species_name", "C"), &mut counts)?;
        report(&format!("ten species {name}: molecules of C"), counts.iter().sum(), "");
    }
    Ok(())
}

/// Segments a second in a mesh of a hundred thousand tetrahedra.
fn segments() -> Result<(), Failure> {
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [BOX_UM; 3], 5.0, "extra")?);
    let start = Watch::start();
    let intersector = Intersector::new(mesh);
    report("intersector of 100k", start.seconds(), "s");
    for length_um in [1.0, 10.0] {
        let segments: Vec<[[f64; 3]; 2]> = (0..100_000)
            .map(|segment| {
                let mut stream = Stream::new(1, segment, 0);
                let start: [f64; 3] = std::array::from_fn(|_| 10.0 + 80.0 * stream.uniform());
                let direction: [f64; 3] = std::array::from_fn(|_| stream.normal());
                let scale = length_um / direction.iter().map(|x| x * x).sum::<f64>().sqrt();
                [start, std::array::from_fn(|axis| start[axis] + scale * direction[axis])]
            })
            .collect();
        let start = Watch::start();
        let pieces = intersector.intersect_all(&segments);
        let seconds = start.seconds();
        let found: usize = pieces.iter().map(|one| one.pieces.len()).sum();
        report(&format!("segments of {length_um} um"), segments.len() as f64 / seconds, "1/s");
        report(&format!("pieces of {length_um} um"), found as f64 / segments.len() as f64, "");
    }
    Ok(())
}
