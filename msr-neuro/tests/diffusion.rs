//! Diffusion along the cytosol against analytic solutions and conservation.

mod cells;

use cells::{builder, cylinder};
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::Cell;
use msr_neuro::diffusion::Diffusivities;
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{Attachment::*, Section, SectionKind::*};

const D: Diffusivities = Diffusivities { nai: 0.6, ki: 1.0, atpi: 0.2, adpi: 0.2 };

fn cell(sections: Vec<Section>, piece_um: f64, dt_ms: f64) -> Cell {
    let registry = Registry::default();
    let mut builder = builder(&registry, sections, piece_um, CableParameters::default());
    builder.diffusivities = D;
    builder.dt_ms = dt_ms;
    builder.build().unwrap()
}

fn tree() -> Vec<Section> {
    vec![
        cylinder(Soma, None, 0.0, 15.0, 15.0),
        cylinder(Dend, Some((0, Middle)), 7.5, 150.0, 2.0),
        cylinder(Dend, Some((1, End)), 157.5, 90.0, 1.2),
        cylinder(Dend, Some((1, End)), 157.5, 60.0, 0.8),
    ]
}

/// Different levels in each segment, of sodium from 5 mM.
fn uneven(cell: &mut Cell) {
    let count = cell.discretisation().segments.len();
    let levels = |scale: f64| (0..count).map(|k| scale * (1.0 + (7 * k % 5) as f64)).collect::<Vec<_>>();
    cell.write(|membrane| &mut membrane.nai, &levels(5.0));
    cell.write(|membrane| &mut membrane.ki, &levels(30.0));
    cell.write(|membrane| &mut membrane.atpi, &levels(0.4));
    cell.write(|membrane| &mut membrane.adpi, &levels(0.02));
}

/// Amounts of the four species, in mM um3.
fn amounts(cell: &Cell) -> [f64; 4] {
    let membrane = &cell.state().membrane;
    [&membrane.nai, &membrane.ki, &membrane.atpi, &membrane.adpi].map(|values| {
        let segments = cell.discretisation().segments.iter().enumerate();
        segments.map(|(index, segment)| segment.volume_um3 * values[cell.node(index)]).sum()
    })
}

#[test]
fn amounts_stay_while_levels_even_out() {
    let mut cell = cell(tree(), 40.0, 0.025);
    uneven(&mut cell);
    let before = amounts(&cell);
    cell.advance(40_000, &mut Vec::new());
    for (before, after) in before.iter().zip(amounts(&cell)) {
        assert!((after / before - 1.0).abs() < 1e-12, "{before} {after}");
    }
    let membrane = &cell.state().membrane;
    let range = |values: &[f64]| {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        values.iter().copied().fold(0.0, f64::max) / low
    };
    // Five times as much in some as in others at the beginning; potassium is fastest, ATP slowest.
    assert!(range(&membrane.ki) < range(&membrane.nai) && range(&membrane.nai) < range(&membrane.atpi));
    assert!(range(&membrane.atpi) < 4.5 && range(&membrane.ki) < 3.5, "{}", range(&membrane.ki));
}

#[test]
fn even_levels_stay_to_the_last_bit() {
    let mut cell = cell(tree(), 40.0, 0.025);
    let before = cell.state().membrane.clone();
    cell.advance(400, &mut Vec::new());
    assert_eq!(before.nai, cell.state().membrane.nai);
    assert_eq!(before.atpi, cell.state().membrane.atpi);
}

#[test]
fn two_compartments_approach_each_other_exponentially() {
    let sections = vec![cylinder(Soma, None, 0.0, 10.0, 4.0), cylinder(Dend, Some((0, End)), 10.0, 12.0, 2.0)];
    let mut cell = cell(sections, 40.0, 0.025);
    cell.write(|membrane| &mut membrane.nai, &[10.0, 30.0]);
    cell.advance(4000, &mut Vec::new());
    let (wide, thin) = (std::f64::consts::PI * 4.0, std::f64::consts::PI);
    // Half of each cylinder in series: L / (D A).
    let conductance = D.nai / (5.0 / wide + 6.0 / thin);
    let rate = conductance * (1.0 / (10.0 * wide) + 1.0 / (12.0 * thin));
    let sodium = &cell.state().membrane.nai;
    let difference = sodium[cell.node(1)] - sodium[cell.node(0)];
    // Implicit Euler in intervals of 0.1 ms, and what it stands for.
    assert!((difference / (20.0 * (1.0 + 0.1 * rate).powi(-1000)) - 1.0).abs() < 1e-10, "{difference}");
    assert!((difference / (20.0 * (-100.0 * rate).exp()) - 1.0).abs() < 1e-3, "{difference}");
}

#[test]
fn a_drop_spreads_as_a_gaussian() {
    let mut cell = cell(vec![cylinder(Soma, None, 0.0, 601.5, 2.0)], 3.0, 0.1);
    let count = cell.discretisation().segments.len();
    let (middle, length) = (count / 2, 601.5 / count as f64);
    let mut levels = vec![10.0; count];
    levels[middle] += 50.0;
    cell.write(|membrane| &mut membrane.nai, &levels);
    cell.advance(10_000, &mut Vec::new());
    let spread = 4.0 * D.nai * 1000.0;
    for away in [0, 5, 10, 20, 40] {
        let x = away as f64 * length;
        let expected = 50.0 * length / (std::f64::consts::PI * spread).sqrt() * (-x * x / spread).exp();
        for segment in [middle - away, middle + away] {
            let found = cell.state().membrane.nai[cell.node(segment)] - 10.0;
            assert!((found / expected - 1.0).abs() < 5e-3, "{x} um: {found} {expected}");
        }
    }
}

#[test]
fn how_a_run_is_divided_does_not_matter() {
    let run = |ends: &[u64]| {
        let mut cell = cell(tree(), 40.0, 0.025);
        uneven(&mut cell);
        for &end in ends {
            cell.advance(end, &mut Vec::new());
        }
        cell.state().membrane.nai.clone()
    };
    assert_eq!(run(&[100]), run(&[1, 3, 6, 7, 31, 90, 100]));
}
