//! First solution (structure and numbers) and solution with new radii, on a generated vasculature of about 10^4 segments.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use msr_bloodflow::{Axis, Boundary, EntryRule, FlowSolver, NodeTable, SegmentTable, Settings, Vasculature};

/// Lattice constant, in um.
const SPACING_UM: f64 = 40.0;
const SEED: u64 = 1;
/// Part of the lattice edges that are vessels.
const DENSITY: f64 = 0.45;
/// Largest number of segments of a section.
const MOST_SEGMENTS: f64 = 5.0;

/// Random number in [0, 1) named by `tag` and `index`: splitmix64 (Steele, Lea, Flood 2014).
fn uniform(tag: u64, index: u64) -> f64 {
    let mut z = SEED.wrapping_add(tag << 48).wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// A node as (position, diameter), in um.
type Node = ([f64; 3], f64);

/// Random lattice of `n` cubed vertices with trunks along y and subdivided sections.
fn lattice(n: u64) -> Vasculature {
    let id = |[i, j, k]: [u64; 3]| (i * n + j) * n + k;
    let is_trunk = |[i, _, k]: [u64; 3]| i % 4 == 1 && k % 4 == 1;
    let vertex = |place: [u64; 3]| -> Node {
        let v = id(place);
        let jitter = |axis: usize| 0.3 * SPACING_UM * (uniform(1 + axis as u64, v) - 0.5);
        let position = [0, 1, 2].map(|axis| SPACING_UM * place[axis] as f64 + jitter(axis));
        let depth = place[1] as f64 / (n - 1) as f64;
        let trunk = 2.0 * (6.0 + 6.0 * uniform(4, place[0] * n + place[2])) * (0.6 + 0.4 * depth);
        (position, if is_trunk(place) { trunk } else { 4.0 + 3.0 * uniform(5, v) })
    };
    let places = || (0..n).flat_map(|i| (0..n).flat_map(move |j| (0..n).map(move |k| [i, j, k])));

    // Sections between keys: lattice vertices, then one stub above each trunk.
    let mut known: BTreeMap<u64, Node> = BTreeMap::new();
    let mut sections = Vec::new();
    for place in places() {
        for axis in 0..3 {
            let mut next = place;
            next[axis] += 1;
            let kept = uniform(6, 3 * id(place) + axis as u64) < DENSITY || (axis == 1 && is_trunk(place));
            if next[axis] < n && kept {
                sections.push((id(place), id(next)));
                known.insert(id(place), vertex(place));
                known.insert(id(next), vertex(next));
            }
        }
    }
    for (stub, place) in places().filter(|&place| is_trunk(place) && place[1] == n - 1).enumerate() {
        let (mut position, diameter) = vertex(place);
        position[1] += SPACING_UM;
        sections.push((id(place), n * n * n + stub as u64));
        known.insert(n * n * n + stub as u64, (position, 1.05 * diameter));
    }

    let number: BTreeMap<u64, usize> = known.keys().copied().zip(0..).collect();
    let mut nodes: Vec<Node> = known.values().copied().collect();
    let mut ends = Vec::new();
    for (section, (from, to)) in sections.into_iter().enumerate() {
        let (a, b) = (known[&from], known[&to]);
        let count = 1 + (uniform(7, section as u64) * MOST_SEGMENTS) as u64;
        let mut last = number[&from];
        for step in 1..count {
            let (t, key) = (step as f64 / count as f64, 16 * section as u64 + step);
            let between = |axis: usize| {
                let jitter = 0.05 * SPACING_UM * (uniform(8 + axis as u64, key) - 0.5);
                a.0[axis] * (1.0 - t) + b.0[axis] * t + jitter
            };
            let width = (a.1 * (1.0 - t) + b.1 * t) * (1.0 + 0.2 * (uniform(11, key) - 0.5));
            nodes.push(([0, 1, 2].map(between), width));
            ends.push((last, nodes.len() - 1));
            last = nodes.len() - 1;
        }
        ends.push((last, number[&to]));
    }
    let (positions_um, diameters_um) = nodes.into_iter().unzip();
    let table = NodeTable { positions_um, diameters_um };
    Vasculature::new(table, SegmentTable::from_ends(ends)).expect("the lattice is sound")
}

fn benchmark(c: &mut Criterion) {
    let vasculature = lattice(13);
    assert_eq!(vasculature.segment_count(), 8582, "the generator has this many segments for 13 vertices a side");
    let rule = EntryRule { count: 3, depth_ratio: 0.05, axis: Axis::Y };
    let settings = Settings::new(1.2e-6, rule, 35_000.0);
    let entries = rule.select(&vasculature).expect("trunks end in stubs");
    let inflows = settings.inflow.flows_um3_per_s(&vasculature, &entries, settings.input_v);
    let boundary = Boundary::flows_by_area(&vasculature, &entries, &inflows).expect("there are outlets");
    let conductances = |factor: f64| {
        let radii: Vec<f64> = vasculature.rest_radii_um().iter().map(|radius| factor * radius).collect();
        let mut conductances = vec![0.0; radii.len()];
        settings.write_conductances(&vasculature, &radii, &mut conductances).expect("radii are positive");
        conductances
    };
    let (rest, dilated) = (conductances(1.0), conductances(1.1));
    let solve = |solver: &mut FlowSolver, conductances: &[f64]| {
        solver.solve(&vasculature, conductances, &boundary, 0.0).expect("the flow exists")
    };

    c.bench_function("bloodflow first solution", |b| {
        b.iter(|| {
            let mut solver = FlowSolver::new(&vasculature, []);
            black_box(solve(&mut solver, &rest))
        });
    });
    c.bench_function("bloodflow new radii", |b| {
        let mut solver = FlowSolver::new(&vasculature, []);
        let mut turn = false;
        b.iter(|| {
            turn = !turn;
            black_box(solve(&mut solver, if turn { &dilated } else { &rest }))
        });
    });
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
