//! Several compartments: closed surfaces, diffusion boundaries, clamped species, reactions in one of them.

use std::sync::Arc;

use msr_coupling::{Query, Simulator};
use msr_steps::mesh::Compartment;
use msr_steps::{
    Flux, Model, ModelBuilder, ModelError, RateConstant, Reaction, Settings, Solver, Species, StepsError,
    StepsSimulator, TetMesh,
};

const SOLVERS: [Solver; 4] = [Solver::Deterministic, Solver::OperatorSplitting, Solver::TauLeaping, Solver::ExactSsa];

/// A bar along x in three parts.
fn mesh() -> Arc<TetMesh> {
    let bar = TetMesh::box_lattice([0.0; 3], [6.0, 1.0, 1.0], 0.5, "extra").unwrap();
    let part = |name: &str, tag, [from, to]: [f64; 2]| Compartment {
        name: name.to_owned(),
        tag,
        tetrahedra: (0..bar.len() as u32)
            .filter(|&tet| (from..to).contains(&bar.barycentres_um()[tet as usize][0]))
            .collect(),
    };
    let parts = vec![part("left", 1, [0.0, 1.0]), part("middle", 2, [1.0, 5.0]), part("right", 3, [5.0, 7.0])];
    Arc::new(TetMesh::new(bar.vertices_um().to_vec(), bar.tetrahedra().to_vec(), parts).unwrap())
}

fn builder() -> ModelBuilder {
    Model::builder("left").compartment("middle").compartment("right")
}

fn simulator(mesh: &Arc<TetMesh>, model: &Model, solver: Solver, flux: Flux) -> StepsSimulator {
    let settings = Settings { solver, flux, ..Settings::default() };
    StepsSimulator::new(mesh.clone(), model, settings, 5, 100, 0.01).unwrap()
}

fn get(simulator: &StepsSimulator, function: &str, name: &str) -> Vec<f64> {
    let mut values = Vec::new();
    simulator.get_var(&Query::new(function).with("species_name", name), &mut values).unwrap();
    values
}

fn in_part(mesh: &TetMesh, part: usize, values: &[f64]) -> f64 {
    mesh.compartments()[part].tetrahedra.iter().map(|&tet| values[tet as usize]).sum()
}

#[test]
fn surfaces_are_closed_but_for_diffusion_boundaries() {
    let mesh = mesh();
    // 0.002 mM in the left: about twelve hundred molecules.
    let model = builder()
        .species(Species::new("K").with_diffusion_m2_s(1e-10))
        .species_within("left", Species::new("K").with_diffusion_m2_s(1e-10).with_concentration_mm(0.002))
        .species(Species::new("Cl").with_diffusion_m2_s(1e-10))
        .species_within("left", Species::new("Cl").with_diffusion_m2_s(1e-10).with_concentration_mm(0.002))
        .diffusion_boundary(["left", "middle"], "K", 1e-10)
        .build()
        .unwrap();
    for (solver, flux) in
        SOLVERS.map(|solver| (solver, Flux::TwoPoint)).into_iter().chain([(Solver::Deterministic, Flux::Consistent)])
    {
        let mut simulator = simulator(&mesh, &model, solver, flux);
        let before = ["K", "Cl"].map(|name| in_part(&mesh, 0, &get(&simulator, "get_tet_counts", name)));
        // 0.2 s: 20 um2 spread over 5 um.
        simulator.advance(20_000).unwrap();
        let [k, cl] = ["K", "Cl"].map(|name| get(&simulator, "get_tet_counts", name));
        let allowed = if solver == Solver::Deterministic { 1e-12 * before[1] } else { 0.0 };
        assert!((in_part(&mesh, 0, &cl) - before[1]).abs() <= allowed, "{solver:?}: closed to chloride");
        assert_eq!(in_part(&mesh, 1, &cl) + in_part(&mesh, 2, &cl) + in_part(&mesh, 2, &k), 0.0, "{solver:?}");
        let [left, middle] = [in_part(&mesh, 0, &k), in_part(&mesh, 1, &k)];
        assert!((left + middle - before[0]).abs() <= allowed, "{solver:?}");
        let part =
            mesh.compartments()[0].tetrahedra.iter().map(|&tet| mesh.volumes_um3()[tet as usize]).sum::<f64>() / 5.0;
        let expected = before[0] * part;
        // Relaxed but for exp(-pi^2 D t / L^2) = 4e-4.
        assert!((left - expected).abs() < 4.0 * expected.sqrt(), "{solver:?}: {left} {expected}");
    }
}

/// Two well-mixed parts that exchange over a membrane: the difference of their concentrations decays at the rate
/// `P (1/V1 + 1/V2)`, where `P = sum D A / d` over the faces of the boundary.
#[test]
fn a_boundary_of_low_conductance_is_a_membrane() {
    let mesh = mesh();
    // Well mixed: diffusion over the 4 um of the middle takes a hundredth of the exchange's time.
    let [within, between] = [1e-9, 1e-12];
    let species = || Species::new("K").with_diffusion_m2_s(within);
    let model = builder()
        .species(species())
        .species_within("left", species().with_concentration_mm(1.0))
        .diffusion_boundary(["left", "middle"], "K", between)
        .build()
        .unwrap();
    let part = |tet: u32| mesh.compartments().iter().position(|part| part.tetrahedra.contains(&tet)).unwrap();
    let permeance_um3_s: f64 = mesh
        .interior_faces()
        .filter(|face| face.tets.iter().map(|&tet| part(tet)).sum::<usize>() == 1)
        .map(|face| between * 1e12 * face.area_um2 / face.barycentre_distance_um)
        .sum();
    let volume = |part: usize| -> f64 {
        mesh.compartments()[part].tetrahedra.iter().map(|&tet| mesh.volumes_um3()[tet as usize]).sum()
    };
    let [left, middle] = [volume(0), volume(1)];
    let rate_per_s = permeance_um3_s * (1.0 / left + 1.0 / middle);
    let t_s = 0.2;
    assert!((0.5..3.0).contains(&(rate_per_s * t_s)), "{rate_per_s}");
    let expected = left / (left + middle) + middle / (left + middle) * f64::exp(-rate_per_s * t_s);
    for flux in [Flux::TwoPoint, Flux::Consistent] {
        let mut simulator = simulator(&mesh, &model, Solver::Deterministic, flux);
        let before = in_part(&mesh, 0, &get(&simulator, "get_tet_counts", "K"));
        simulator.advance(20_000).unwrap();
        let counts = get(&simulator, "get_tet_counts", "K");
        let found = in_part(&mesh, 0, &counts) / before;
        assert!((found - expected).abs() < 0.01, "{flux:?}: {found} {expected}");
        let total = found + in_part(&mesh, 1, &counts) / before;
        assert!((total - 1.0).abs() < 1e-12, "{flux:?}: {total}");
    }
}

#[test]
fn boundaries_that_conduct_better_than_their_sides_are_two_point_alone() {
    let mesh = mesh();
    for (within, allowed) in [(1e-10, 1e-10), (0.0, 0.0)] {
        let model = builder()
            .species(Species::new("K").with_diffusion_m2_s(within).with_concentration_mm(0.1))
            .diffusion_boundary(["left", "middle"], "K", 2e-10)
            .build()
            .unwrap();
        let settings = Settings { flux: Flux::Consistent, ..Settings::default() };
        let error = StepsSimulator::new(mesh.clone(), &model, settings, 5, 100, 0.01).unwrap_err();
        assert!(
            matches!(&error, StepsError::Membrane { most_m2_s, species, .. } if *most_m2_s == allowed && species == "K"),
            "{error}"
        );
        assert!(StepsSimulator::new(mesh.clone(), &model, Settings::default(), 5, 100, 0.01).is_ok());
    }
}

#[test]
fn clamped_ends_make_a_straight_profile() {
    // 100 ms are six time constants. Held at 0.002 mM on the left and at nothing on the right: in between a straight line.
    let mesh = mesh();
    let potassium = || Species::new("K").with_diffusion_m2_s(1e-10);
    let model = builder()
        .species(potassium())
        .species_within("left", potassium().with_concentration_mm(0.002).clamped())
        .species_within("right", potassium().clamped())
        .diffusion_boundary(["left", "middle"], "K", 1e-10)
        .diffusion_boundary(["middle", "right"], "K", 1e-10)
        .build()
        .unwrap();
    for (solver, flux) in
        SOLVERS.map(|solver| (solver, Flux::TwoPoint)).into_iter().chain([(Solver::Deterministic, Flux::Consistent)])
    {
        let mut simulator = simulator(&mesh, &model, solver, flux);
        let held = in_part(&mesh, 0, &get(&simulator, "get_tet_counts", "K"));
        let mut mean = vec![0.0; mesh.len()];
        let windows = if solver == Solver::Deterministic { 1 } else { 20 };
        simulator.advance(10_000).unwrap();
        for window in 1..=windows {
            simulator.advance(10_000 + 1000 * window).unwrap();
            let molar = get(&simulator, "get_tet_concs", "K");
            mean.iter_mut().zip(molar).for_each(|(mean, molar)| *mean += 1e3 * molar / windows as f64);
        }
        assert_eq!(in_part(&mesh, 0, &get(&simulator, "get_tet_counts", "K")), held, "{solver:?}");
        assert_eq!(in_part(&mesh, 2, &get(&simulator, "get_tet_counts", "K")), 0.0, "{solver:?}");
        for bin in 0..4 {
            let [from, to] = [1.0 + f64::from(bin), 2.0 + f64::from(bin)];
            let inside: Vec<usize> =
                (0..mesh.len()).filter(|&tet| (from..to).contains(&mesh.barycentres_um()[tet][0])).collect();
            let volume: f64 = inside.iter().map(|&tet| mesh.volumes_um3()[tet]).sum();
            let found = inside.iter().map(|&tet| mean[tet] * mesh.volumes_um3()[tet]).sum::<f64>() / volume;
            // From the last barycentres of one end to the first of the other, about 1 and 5 um.
            let expected = 0.002 * (5.0 - 0.5 * (from + to)) / 4.0;
            assert!((found - expected).abs() < 0.08 * 0.002, "{solver:?} {flux:?} bin {bin}: {found} {expected}");
        }
    }
}

#[test]
fn reactions_take_place_where_they_are_said_to() {
    let mesh = mesh();
    let model = builder()
        .species(Species::new("A").with_concentration_mm(0.01))
        .species(Species::new("E").with_concentration_mm(0.01).clamped())
        .reaction(Reaction::irreversible("A + E -> 0", RateConstant::per_molar_s(1e7)).unwrap().within("middle"))
        .build()
        .unwrap();
    for solver in SOLVERS {
        let mut simulator = simulator(&mesh, &model, solver, Flux::TwoPoint);
        let before = ["A", "E"].map(|name| get(&simulator, "get_tet_counts", name));
        // E is held at 1e-5 M: A decays at 100 / s.
        simulator.advance(1000).unwrap();
        let after = ["A", "E"].map(|name| get(&simulator, "get_tet_counts", name));
        assert_eq!(after[1], before[1], "{solver:?}");
        assert_eq!(
            [0, 2].map(|part| in_part(&mesh, part, &after[0])),
            [0, 2].map(|part| in_part(&mesh, part, &before[0]))
        );
        let [n, left] = [&before[0], &after[0]].map(|counts| in_part(&mesh, 1, counts));
        let p = f64::exp(-1.0);
        let allowed =
            if solver == Solver::Deterministic { 1e-4 * n } else { 4.0 * (n * p * (1.0 - p)).sqrt() + 0.03 * n * p };
        assert!((left - n * p).abs() < allowed, "{solver:?}: {left} of {n}");
    }
}

#[test]
fn impossible_compartments_are_refused() {
    let species = || Species::new("K").with_diffusion_m2_s(1e-10);
    let refused = |builder: ModelBuilder| builder.species(species()).build().unwrap_err();
    assert!(matches!(refused(builder().compartment("left")), ModelError::DoubledCompartment { .. }));
    assert!(matches!(refused(builder().species_within("lift", species())), ModelError::UnknownCompartment { .. }));
    assert!(matches!(
        refused(builder().species_within("left", species().with_charge_number(2))),
        ModelError::Charges { first: 0, other: 2, .. }
    ));
    assert!(matches!(
        refused(builder().diffusion_boundary(["left", "left"], "K", 1e-9)),
        ModelError::OneSidedBoundary { .. }
    ));
    assert!(matches!(
        refused(builder().diffusion_boundary(["left", "right"], "Na", 1e-9)),
        ModelError::UnknownSpeciesIn { .. }
    ));
    assert!(matches!(refused(builder().diffusion_boundary(["left", "right"], "K", -1.0)), ModelError::BadValue { .. }));
    let elsewhere = Reaction::irreversible("K -> 0", 1.0).unwrap().within("intra");
    assert!(refused(builder().reaction(elsewhere)).to_string().contains("unknown compartment 'intra'"));

    let bar = mesh();
    let part = |name: &str, tag, tetrahedra: Vec<u32>| Compartment { name: name.to_owned(), tag, tetrahedra };
    let build = |parts| {
        let mesh = TetMesh::new(bar.vertices_um().to_vec(), bar.tetrahedra().to_vec(), parts).unwrap();
        let model = Model::builder("left").compartment("right").species(species()).build().unwrap();
        StepsSimulator::new(Arc::new(mesh), &model, Settings::default(), 1, 1, 0.1).unwrap_err()
    };
    let error = build(vec![part("left", 1, vec![0, 1, 2]), part("right", 2, vec![2, 3])]);
    assert!(matches!(error, StepsError::Overlap { tet: 2, .. }), "{error}");
    let error = build(vec![part("left", 1, vec![0, 1]), part("right", 2, vec![])]);
    assert!(matches!(error, StepsError::EmptyCompartment { .. }), "{error}");
}
