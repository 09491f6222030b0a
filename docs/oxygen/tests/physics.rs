//! Oxygen against analytic solutions, and what it must not lose.

use std::f64::consts::PI;

use msr_oxygen::{Grid, Oxygen, Settings, Tissue};

fn settings() -> Settings {
    Settings {
        ndts: 4,
        voxel_um: 2.0,
        diffusion_um2_per_ms: 1.5,
        blood_oxygen_mm: 0.06,
        capillary_radius_um: 3.0,
        basal_consumption_mm_per_s: 0.0,
    }
}

// ANCHOR: conformance
#[test]
fn keeps_the_promises() {
    let build = || {
        let mut oxygen = Oxygen::new(Grid::of([4, 3, 2], 10.0), &settings(), 0.025).unwrap();
        let blood: Vec<f64> = (0..24).map(f64::from).collect();
        let set = |function: &str| msr_coupling::Query::new(function);
        msr_coupling::Simulator::set_var(&mut oxygen, &set("set_blood"), &blood).unwrap();
        msr_coupling::Simulator::set_var(&mut oxygen, &set("set_demand"), &blood).unwrap();
        Box::new(oxygen) as Box<dyn msr_coupling::Simulator>
    };
    msr_coupling::conformance::check(&build).unwrap();
}
// ANCHOR_END: conformance

/// `cos(pi x / L)` fits into a closed slab and decays with `D (pi / L)^2`.
#[test]
fn a_wave_decays_as_diffusion_says() {
    let (voxels, length_um, time_ms) = (50, 100.0, 200.0);
    let mut tissue = Tissue::new(&Grid::of([voxels, 1, 1], 2.0), &settings());
    let wave = |voxel: usize| (PI * (voxel as f64 + 0.5) / voxels as f64).cos();
    for (voxel, oxygen) in tissue.state_mut().oxygen_mm.iter_mut().enumerate() {
        *oxygen = 0.05 + 0.02 * wave(voxel);
    }
    tissue.advance(time_ms);
    let left = (-1.5 * (PI / length_um).powi(2) * time_ms).exp();
    for (voxel, oxygen) in tissue.state().oxygen_mm.iter().enumerate() {
        let expected = 0.05 + 0.02 * left * wave(voxel);
        assert!((oxygen - expected).abs() < 2e-6, "voxel {voxel}: {oxygen} {expected}");
    }
}

/// Krogh's slab: blood at one end, uniform use `m`, closed at the other end: `C(x) = C(0) - m / D (L x - x^2 / 2)`.
#[test]
fn the_steady_profile_is_a_parabola() {
    let (voxels, edge_um) = (20, 2.0);
    let uses_mm_per_s = 0.03;
    let settings = Settings { basal_consumption_mm_per_s: uses_mm_per_s, ..settings() };
    let mut tissue = Tissue::new(&Grid::of([voxels, 1, 1], edge_um), &settings);
    // So much blood that its voxel has the oxygen of blood.
    tissue.state_mut().blood_um3[0] = 1e4;
    tissue.advance(20_000.0);
    let oxygen = &tissue.state().oxygen_mm;
    let (m, d) = (uses_mm_per_s / 1000.0, settings.diffusion_um2_per_ms);
    // Only the flow between voxels obeys the diffusion equation: the slab begins behind the voxel with the blood.
    let length_um = (voxels - 1) as f64 * edge_um;
    let fallen = |x_um: f64| m / d * (length_um * x_um - x_um * x_um / 2.0);
    let first = oxygen[1] + fallen(0.5 * edge_um);
    for (voxel, &found) in oxygen.iter().enumerate().skip(1) {
        let expected = first - fallen((voxel as f64 - 0.5) * edge_um);
        assert!((found - expected).abs() < 1e-8, "voxel {voxel}: {found} {expected}");
    }
    assert!((oxygen[0] - 0.06).abs() < 1e-4 && oxygen[voxels - 1] < 0.99 * oxygen[0]);
}

/// Krogh 1919: round a capillary that feeds a cylinder of tissue of radius `R`,
/// `C(r) = C(a) - m / (4 D) (a^2 - r^2 + 2 R^2 ln(r / a))`. A square column has nearly the profile of the cylinder of its area.
#[test]
fn oxygen_falls_off_from_a_capillary_as_krogh_says() {
    let (side, edge_um) = (41, 1.0);
    let uses_mm_per_s = 0.04;
    let settings = Settings { voxel_um: edge_um, basal_consumption_mm_per_s: uses_mm_per_s, ..settings() };
    let mut tissue = Tissue::new(&Grid::of([side, side, 1], edge_um), &settings);
    let centre = side / 2;
    tissue.state_mut().blood_um3[centre * side + centre] = 1e4;
    tissue.advance(4000.0);
    let oxygen = |away: usize| tissue.state().oxygen_mm[centre * side + centre + away];
    let (m, d) = (uses_mm_per_s / 1000.0, settings.diffusion_um2_per_ms);
    let radius_um = (side as f64 * edge_um) / PI.sqrt();
    let inner_um = 3.0;
    for away in [5_usize, 8, 12, 15] {
        let r = away as f64 * edge_um;
        let krogh = m / (4.0 * d) * (inner_um * inner_um - r * r + 2.0 * radius_um.powi(2) * (r / inner_um).ln());
        let found = oxygen(3) - oxygen(away);
        assert!((found / krogh - 1.0).abs() < 0.03, "{r} um: {found} {krogh}");
    }
}

#[test]
fn nothing_is_lost_or_made() {
    let mut tissue = Tissue::new(&Grid::of([6, 5, 4], 8.0), &settings());
    let start = tissue.amount_amol();
    for (voxel, oxygen) in tissue.state_mut().oxygen_mm.iter_mut().enumerate() {
        *oxygen *= 0.5 + (voxel % 7) as f64 / 6.0;
    }
    let uneven = tissue.amount_amol();
    assert!(uneven != start);
    tissue.advance(500.0);
    assert!((tissue.amount_amol() / uneven - 1.0).abs() < 1e-13, "closed tissue keeps its oxygen");

    let state = tissue.state_mut();
    state.blood_um3[17] = 40.0;
    state.demand_amol_per_ms[90] = 3.0;
    for _ in 0..50 {
        tissue.advance(10.0);
    }
    let state = tissue.state();
    let expected = uneven + state.supplied_amol - state.consumed_amol;
    assert!(state.supplied_amol != 0.0 && state.consumed_amol > 0.0);
    assert!((tissue.amount_amol() / expected - 1.0).abs() < 1e-12);
}

#[test]
fn what_is_not_there_is_not_used() {
    let mut tissue = Tissue::new(&Grid::of([1, 1, 1], 10.0), &settings());
    let held = tissue.amount_amol();
    tissue.state_mut().demand_amol_per_ms[0] = 2.0 * held / 10.0;
    tissue.advance(10.0);
    let state = tissue.state();
    assert_eq!(state.oxygen_mm, [0.0]);
    assert!((state.consumed_amol / held - 1.0).abs() < 1e-12);
    assert!((state.unmet_amol_per_ms[0] / (held / 10.0) - 1.0).abs() < 1e-12);
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let refused = |settings: Settings| Oxygen::new(Grid::of([1; 3], 1.0), &settings, 0.1).err().unwrap().to_string();
    assert_eq!(refused(Settings { voxel_um: 0.0, ..settings() }), "voxel_um = 0 must be a positive number");
    let negative = Settings { blood_oxygen_mm: -1.0, ..settings() };
    assert_eq!(refused(negative), "blood_oxygen_mM = -1 must be a number of at least 0");
}
