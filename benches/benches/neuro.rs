//! Neurons: 12 pyramidal cells of some 400 segments in a ring, 10 ms of activity.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use msr_coupling::Simulator;
use msr_neuro::emodel::{BUNDLED, Conditions, Emodel};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{Attachment, Morphology, Placement, Point, Section, SectionKind};
use msr_neuro::random123::Random123;
use msr_neuro::simulator::{Connection, NeuroSimulator, PlacedCell, Receiver};
use msr_neuro::stimuli::{Stimulus, Waveform};
use msr_neuro::synapses::{Plasticity, Synapse, Transmitter};

const CELLS: u64 = 12;
/// 10 ms of 0.025 ms.
const WINDOW: u64 = 400;

/// A soma with a binary basal and a binary apical tree of sections of 100 um (5 segments each).
fn morphology() -> Morphology {
    /// Levels of each tree: 1 + 2 + 4 + 8 + 16 sections, and half of 32 more of the apical one.
    const LEVELS: u32 = 5;
    let section = |kind, parent, level: u32, length_um: f64, diameter_um: f64| {
        let point = |x: f64| Point { position: [x, f64::from(level), 0.0], diameter_um };
        let start = f64::from(level) * 100.0;
        Section { kind, parent, points: vec![point(start), point(start + length_um)] }
    };
    let mut sections = vec![section(SectionKind::Soma, None, 0, 20.0, 20.0)];
    for kind in [SectionKind::Dend, SectionKind::Apic] {
        let first = sections.len();
        let depth = if kind == SectionKind::Apic { LEVELS + 1 } else { LEVELS };
        for position in 0..(1_usize << depth) - 1 {
            let level = usize::ilog2(position + 1);
            let parent = match position {
                0 => (0, Attachment::Middle),
                _ => (first + (position - 1) / 2, Attachment::End),
            };
            let diameter_um = 2.0 * 0.8_f64.powi(level as i32);
            sections.push(section(kind, Some(parent), level + 1, 100.0, diameter_um));
        }
    }
    Morphology::new(sections).expect("the tree is a morphology")
}

fn simulator() -> NeuroSimulator {
    let (morphology, conditions) = (morphology(), Conditions::default());
    let emodel = Emodel::parse(BUNDLED[0].1, BUNDLED[0].0).expect("bundled e-models are valid");
    let plasticity = Plasticity {
        utilisation: 0.5,
        depression_ms: 600.0,
        facilitation_ms: 20.0,
        vesicles: 3,
        initial_utilisation: 0.0,
    };
    let receptors = Arc::new(Transmitter::Glutamate.receptors());
    let mut connections = Vec::new();
    let cells = (0..CELLS)
        .map(|node| {
            let mut cell = emodel.build(&morphology, &Registry::default(), &conditions).expect("it builds");
            let soma = cell.node(cell.discretisation().soma_segment()) as u32;
            cell.add_stimulus(Stimulus { node: soma, waveform: Waveform::step(0.0, 1e9, 1.0) });
            let synapse = cell.add_synapse(Synapse {
                node: soma + 20,
                transmitter: Transmitter::Glutamate,
                conductance_us: 2e-3,
                slow_ratio: 0.7,
                decay_ms: 1.7,
                plasticity,
                receptors: receptors.clone(),
                stream: Random123 { seed: 1, ids: [node as u32, 0, 0] },
            });
            connections.push(Connection {
                source: (node + 1) % CELLS,
                target: node,
                receiver: Receiver::Synapse(synapse),
                delay_steps: 40,
                rest_ms: 0.0,
            });
            PlacedCell { node, cell, placement: Placement::default() }
        })
        .collect();
    NeuroSimulator::new("ring", cells, &connections, conditions.dt_ms).expect("the ring is sound")
}

fn neurons(criterion: &mut Criterion) {
    let mut simulator = simulator();
    let segments: usize = simulator.cells().iter().map(|cell| cell.discretisation().segments.len()).sum();
    let mut group = criterion.benchmark_group("neuro");
    group.sample_size(10);
    // Elements are segment steps.
    group.throughput(Throughput::Elements(segments as u64 * WINDOW));
    group.bench_function("12 pyramidal cells, 10 ms", |bencher| {
        bencher.iter(|| {
            let until = simulator.idts() + WINDOW;
            simulator.advance(black_box(until)).expect("cells stay finite");
        });
    });
    group.finish();
}

criterion_group!(benches, neurons);
criterion_main!(benches);
