//! Models and settings from users' files, and what is refused.

use crate::fixtures::{get, mesh, model, settings, species};
use msr_config::multiscale::{Compartment, DiffusionBoundary, SpeciesWithin};
use msr_coupling::Simulator;
use msr_steps::{Model, ModelError, Reaction, Settings, Solver, Species, StepsError, StepsSimulator};

#[test]
fn impossible_models_are_refused() {
    let new = |species, reactions| Model::new("extra", species, reactions);
    assert_eq!(new(vec![], vec![]), Err(ModelError::NoSpecies));
    assert!(matches!(
        new(vec![species("A", 1, 1e-9), species("A", 1, 1e-9)], vec![]),
        Err(ModelError::DoubledSpecies { .. })
    ));
    assert!(matches!(new(vec![species("A", 1, -1e-9)], vec![]), Err(ModelError::BadValue { .. })));
    let reaction = |name, rate| vec![Reaction::new(&[(name, 1)], &[], rate)];
    assert!(matches!(new(vec![species("A", 1, 1e-9)], reaction("B", 1.0)), Err(ModelError::UnknownSpecies { .. })));
    assert!(matches!(new(vec![species("A", 1, 1e-9)], reaction("A", f64::NAN)), Err(ModelError::BadRate { .. })));

    let build =
        |model: &Model, settings, ndts| StepsSimulator::new(mesh(), model, settings, 0, ndts, 0.025).err().unwrap();
    assert!(matches!(build(&model(), settings(Solver::OperatorSplitting), 0), StepsError::Step { .. }));
    assert!(matches!(
        build(&model(), Settings { conc_factor: 0.0, ..Settings::default() }, 1),
        StepsError::ConcFactor { .. }
    ));
    assert!(matches!(
        build(&model(), Settings { tolerance: 2.0, ..Settings::default() }, 1),
        StepsError::Tolerance { .. }
    ));
    let crowded = new(vec![Species { initial_concentration_mm: 1e12, ..species("A", 1, 1e-9) }], vec![]).unwrap();
    assert!(matches!(build(&crowded, settings(Solver::OperatorSplitting), 1), StepsError::TooManyMolecules { .. }));
    assert!("determinist".parse::<Solver>().unwrap_err().to_string().contains("did you mean 'deterministic'?"));
}

#[test]
fn a_section_of_a_users_file_builds_the_simulator() {
    let species = |name: &str, charges| msr_config::multiscale::Species {
        name: name.to_owned(),
        concentration_mm: 3.0,
        diffusion_m2_per_s: 2e-9,
        charges,
        clamped: false,
    };
    let section = |charges| msr_config::multiscale::Steps {
        solver: None,
        flux: None,
        shortage: None,
        scaled_counts: false,
        tolerance: None,
        reaction_tolerance: None,
        deterministic_from: None,
        ndts: 1000,
        conc_factor: 1e-9,
        compartment: "extra".to_owned(),
        volume_system: msr_config::multiscale::VolumeSystem {
            name: "extra_volsys".to_owned(),
            species: vec![species("KK", charges)],
            reactions: Vec::new(),
            compartments: Vec::new(),
            boundaries: Vec::new(),
        },
    };
    let simulator = StepsSimulator::from_config(mesh(), &section(1), Solver::default(), 1, 0.025).unwrap();
    assert_eq!((simulator.name(), simulator.ndts(), simulator.dt_ms()), ("steps", 1000, 25.0));
    let concentrations = get(&simulator, "get_tet_concs", "KK");
    assert!(concentrations.iter().all(|c| (c / 3e-12 - 1.0).abs() < 1e-12));
    let error = StepsSimulator::from_config(mesh(), &section(1 << 40), Solver::default(), 1, 0.025).unwrap_err();
    assert!(matches!(error, StepsError::Charge { .. }));

    let mut parted = section(1);
    parted.volume_system.species[0].clamped = true;
    parted.deterministic_from = Some(1e5);
    parted.volume_system.compartments = vec![Compartment {
        name: "glia".to_owned(),
        species: vec![SpeciesWithin {
            name: "KK".to_owned(),
            concentration_mm: Some(100.0),
            diffusion_m2_per_s: None,
            clamped: Some(false),
        }],
    }];
    let boundary = DiffusionBoundary {
        name: "membrane".to_owned(),
        species: "KK".to_owned(),
        between: ["extra".to_owned(), "glia".to_owned()],
        diffusion_m2_per_s: 1e-12,
    };
    parted.volume_system.boundaries = vec![boundary.clone()];
    let model = Model::from_config(&parted).unwrap();
    assert_eq!(model.compartments().collect::<Vec<_>>(), ["extra", "glia"]);
    assert!(model.species_in(0)[0].clamped);
    let inside = &model.species_in(1)[0];
    assert_eq!(
        (inside.initial_concentration_mm, inside.diffusion_coefficient_m2_s, inside.charge_number, inside.clamped),
        (100.0, 2e-9, 1, false)
    );
    assert_eq!(model.boundaries()[0].diffusion_coefficient_m2_s, 1e-12);
    assert_eq!(Settings::from_config(&parted, Solver::TauLeaping).unwrap().deterministic_from, 1e5);
    parted.volume_system.boundaries[0].between[1] = "gila".to_owned();
    let error = Model::from_config(&parted).unwrap_err().to_string();
    assert!(error.contains("'gila'") && error.contains("glia"), "{error}");
    parted.volume_system.boundaries[0] = boundary;
    parted.volume_system.compartments[0].species[0].name = "K".to_owned();
    let error = Model::from_config(&parted).unwrap_err().to_string();
    assert!(error.contains("unknown species 'K'") && error.contains("KK"), "{error}");

    let mut reacting = section(1);
    reacting.volume_system.species.push(species("Cl", -1));
    reacting.volume_system.species.push(species("KCl", 0));
    let reaction = |equation: &str, reverse_rate| msr_config::multiscale::Reaction {
        name: "binding".to_owned(),
        equation: equation.to_owned(),
        rate: 1e3,
        reverse_rate,
    };
    reacting.volume_system.reactions = vec![reaction("KK + Cl <-> KCl", Some(2.0))];
    reacting.solver = Some("tau_leaping".to_owned());
    let built = StepsSimulator::from_config(mesh(), &reacting, Solver::TauLeaping, 1, 0.025).unwrap();
    assert_eq!(
        built.model().reactions(),
        [
            Reaction::new(&[("KK", 1), ("Cl", 1)], &[("KCl", 1)], 1e3),
            Reaction::new(&[("KCl", 1)], &[("KK", 1), ("Cl", 1)], 2.0)
        ]
    );
    let error_of = |section: &msr_config::multiscale::Steps, solver| {
        StepsSimulator::from_config(mesh(), section, solver, 1, 0.025).unwrap_err().to_string()
    };
    reacting.volume_system.reactions = vec![reaction("KK + Cl <-> KCl", None)];
    assert!(error_of(&reacting, Solver::TauLeaping).starts_with("steps.Volsys.reactions.binding: 'KK + Cl <-> KCl'"));
    reacting.volume_system.reactions = vec![reaction("KK + Na -> KCl", None)];
    let unknown = error_of(&reacting, Solver::TauLeaping);
    assert!(
        unknown.starts_with("steps.Volsys.reactions.binding: ") && unknown.contains("unknown species 'Na'"),
        "{unknown}"
    );
    reacting.volume_system.reactions.clear();
    reacting.flux = Some("consistant".to_owned());
    assert!(error_of(&reacting, Solver::Deterministic).contains("did you mean 'consistent'?"));
    reacting.flux = Some("consistent".to_owned());
    assert!(error_of(&reacting, Solver::TauLeaping).contains("set steps.solver to \"deterministic\""));
    reacting.flux = None;
    reacting.shortage = Some("ignore".to_owned());
    assert!(error_of(&reacting, Solver::TauLeaping).contains("available: report, carry, abort"));
}
