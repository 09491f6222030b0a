//! Synapses, spikes between cells, and the promises of a simulator.

use std::sync::Arc;

use crate::cells::{builder, cylinder};
use msr_config::multiscale::WindowOperator;
use msr_coupling::space::{ASTROCYTES, ENDFEET, NEURONS, SECTIONS, SEGMENTS, VESSEL_SEGMENTS, WRAPPED_VESSEL_SEGMENTS};
use msr_coupling::{Access, Geometry, Quantity, Query, Samples as Sampled, Simulator, SimulatorError, Space, Spike};
use msr_neuro::astrocytes::{Astrocyte, Astrocytes, CoveredSynapse, PlacedEndfoot};
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::Cell;
use msr_neuro::ions::{Reversal, Reversals};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{Attachment::*, Placement, SectionKind::*};
use msr_neuro::random::Draws;
use msr_neuro::random123::Random123;
use msr_neuro::simulator::{Connection, NeuroSimulator, PlacedCell, Receiver};
use msr_neuro::stimuli::{Samples, Stimulus, Waveform, normal_noise};
use msr_neuro::synapses::{Event, Plasticity, Signal, Synapse, Transmitter};

const DT_MS: f64 = 0.025;
/// Certain release of a single vesicle.
const RELIABLE: Plasticity =
    Plasticity { utilisation: 1.0, depression_ms: 0.0, facilitation_ms: 0.0, vesicles: 1, initial_utilisation: 0.0 };

fn cell(mechanisms: &[&str]) -> Cell {
    let registry = Registry::default();
    let sections = vec![cylinder(Soma, None, 0.0, 15.0, 15.0), cylinder(Dend, Some((0, Middle)), 7.5, 200.0, 1.5)];
    let mut builder = builder(&registry, sections, 40.0, CableParameters::default());
    let segments = builder.discretisation().segments.len();
    for mechanism in mechanisms {
        builder.insert(mechanism, 0..segments).unwrap();
    }
    builder.celsius = 6.3;
    builder.v_init_mv = -65.0;
    builder.reversals = Reversals { ena: Reversal::Fixed(50.0), ek: Reversal::Fixed(-77.0), eca: Reversal::Nernst };
    builder.build().unwrap()
}

fn synapse(cell: &Cell, transmitter: Transmitter, conductance_us: f64, plasticity: Plasticity) -> Synapse {
    let (node, decay_ms) = (cell.node(3) as u32, 1.7);
    let (receptors, stream) = (Arc::new(transmitter.receptors()), Random123 { seed: 5, ids: [1, 0, 0] });
    Synapse { node, transmitter, conductance_us, slow_ratio: 0.7, decay_ms, plasticity, receptors, stream }
}

/// A ring: each cell excites the next; the first one is driven by noise.
pub fn ring(count: u64, delay_steps: u64) -> NeuroSimulator {
    ring_of(count, delay_steps, |_, _| ())
}

/// The same of cells to which something is done.
fn ring_of(count: u64, delay_steps: u64, prepare: impl Fn(u64, &mut Cell)) -> NeuroSimulator {
    let plasticity = Plasticity {
        utilisation: 0.6,
        depression_ms: 20.0,
        facilitation_ms: 10.0,
        vesicles: 4,
        initial_utilisation: 0.0,
    };
    let mut cells: Vec<PlacedCell> = (0..count)
        .map(|number| {
            let mut cell = cell(&["hh", "NaKPump"]);
            if number == 0 {
                let values = normal_noise(&mut Draws::new(1, [10, 0, 0]), 0.9, 0.01, [2001, 2001]);
                let noise = Samples { delay_ms: 0.5, duration_ms: 1e3, step_ms: 0.5, values, outside: 0.0 };
                cell.add_stimulus(Stimulus { node: cell.node(0) as u32, waveform: Waveform::Sampled(noise) });
            }
            prepare(number, &mut cell);
            let placement = Placement::at([100.0 * number as f64, 0.0, 0.0]);
            PlacedCell { node: 10 + number, cell, placement }
        })
        .collect();
    let connections: Vec<Connection> = (0..count)
        .map(|source| {
            let target = (source + 1) % count;
            let cell = &mut cells[target as usize].cell;
            let mut synapse = synapse(cell, Transmitter::Glutamate, 0.06, plasticity);
            synapse.stream = Random123 { seed: 9, ids: [source as u32, 0, 0] };
            let synapse = cell.add_synapse(synapse);
            Connection {
                source: 10 + source,
                target: 10 + target,
                receiver: Receiver::Synapse(synapse),
                delay_steps,
                rest_ms: 0.0,
            }
        })
        .collect();
    NeuroSimulator::new("ring", cells, &connections, DT_MS).unwrap()
}

fn spikes(simulator: &mut NeuroSimulator) -> Vec<Spike> {
    let mut spikes = Vec::new();
    simulator.take_spikes(&mut spikes);
    spikes
}

fn values(simulator: &NeuroSimulator, name: &str) -> Vec<f64> {
    let mut values = Vec::new();
    simulator.get_var(&Query::new("get_var").with("var", name), &mut values).unwrap();
    values
}

#[test]
fn promises_of_a_simulator() {
    msr_coupling::conformance::check(&|| Box::new(ring(3, 40))).unwrap();
}

/// `g(t) (v - e)` with the closed form of the conductance; Jahr & Stevens' block at the voltage of the moment.
#[test]
fn synaptic_currents_follow_their_closed_form() {
    for transmitter in [Transmitter::Glutamate, Transmitter::Gaba] {
        let mut cell = cell(&["pas"]);
        let synapse = synapse(&cell, transmitter, 1e-3, RELIABLE);
        let number = cell.add_synapse(synapse);
        cell.post(Event { time_ms: 40.0 * DT_MS, synapse: number, signal: Signal::Spike });
        let (node, area) = (cell.node(3), cell.discretisation().segments[3].area_um2);
        let course = |t: f64, rise: f64, decay: f64| {
            let peak = rise * decay / (decay - rise) * (decay / rise).ln();
            ((-t / decay).exp() - (-t / rise).exp()) / ((-peak / decay).exp() - (-peak / rise).exp())
        };
        for step in 0..2000_u64 {
            let v = cell.state().membrane.v[node];
            cell.advance(step + 1, &mut Vec::new());
            let t = (step as f64 - 40.0) * DT_MS;
            let membrane = &cell.state().membrane;
            // mA/cm2 um2 = 1e-2 nA.
            let found = (membrane.ina[node] + membrane.ik[node] + membrane.icl[node]) * area * 1e-2;
            let exact = match transmitter {
                _ if t < 0.0 => 0.0,
                Transmitter::Glutamate => {
                    let open = 1.0 / (1.0 + (-0.062 * v).exp() / 3.57);
                    1e-3 * (course(t, 0.2, 1.7) + 0.7 * open * course(t, 0.29, 43.0)) * v
                }
                Transmitter::Gaba => {
                    1e-3 * (course(t, 0.2, 1.7) * (v + 80.0) + 0.7 * course(t, 3.5, 260.9) * (v + 97.0))
                }
            };
            assert!((found - exact).abs() < 1e-9, "{transmitter:?}, {t} ms: {found} {exact}");
        }
    }
}

#[test]
fn spikes_go_round_the_ring() {
    let mut ring = ring(3, 40);
    ring.advance(4000).unwrap();
    let spikes = spikes(&mut ring);
    let first = |node| spikes.iter().find(|spike| spike.neuron == node).map(|spike| spike.time_ms);
    let (a, b, c) = (first(10).unwrap(), first(11).unwrap(), first(12).unwrap());
    // 1 ms of delay and at least the rise of the EPSP.
    assert!(b > a + 1.0 && b < a + 8.0 && c > b + 1.0 && c < b + 8.0, "{a} {b} {c}");
    assert!(spikes.windows(2).all(|pair| (pair[0].time_ms, pair[0].neuron) < (pair[1].time_ms, pair[1].neuron)));
    assert!(ring.notes().is_empty());
}

#[test]
fn windows_of_any_length_and_a_restart_give_the_same_bits() {
    let (mut whole, mut single, mut odd) = (ring(3, 7), ring(3, 7), ring(3, 7));
    whole.advance(2400).unwrap();
    for step in 1..=2400 {
        single.advance(step).unwrap();
    }
    let mut restarted = ring(3, 7);
    for until in [1, 14, 500, 1333, 2400] {
        odd.advance(until).unwrap();
        // The snapshot holds the spikes that were not taken.
        restarted.restore(&odd.snapshot().unwrap()).unwrap();
    }
    let expected = whole.snapshot().unwrap();
    assert!(!spikes(&mut whole).is_empty());
    for other in [&single, &odd, &restarted] {
        assert!(other.snapshot().unwrap() == expected);
    }
}

/// Two astrocytes over the synapses of a ring, with three endfeet on two vessel segments.
fn ring_with_astrocytes(delay_steps: u64) -> NeuroSimulator {
    let covers = |cells: &[u32]| cells.iter().map(|&cell| CoveredSynapse { cell, synapse: 0 }).collect();
    let astrocytes =
        vec![Astrocyte { node: 2, synapses: covers(&[0, 1]) }, Astrocyte { node: 10, synapses: covers(&[1, 2]) }];
    let feet = [(0, 4), (1, 4), (1, 7)];
    let feet = feet.map(|(astrocyte, vessel)| PlacedEndfoot { astrocyte, vessel, rest_radius_um: 3.0 });
    ring(3, delay_steps).with_astrocytes(Astrocytes::new("glia", None, astrocytes, feet.to_vec(), DT_MS))
}

#[test]
fn astrocytes_keep_the_promises() {
    msr_coupling::conformance::check(&|| {
        let mut simulator = ring_with_astrocytes(37);
        // Beyond the first releases, and not at the end of a step of the astrocytes.
        simulator.advance(1013).unwrap();
        Box::new(simulator)
    })
    .unwrap();
}

#[test]
fn astrocytes_hear_the_synapses_that_they_cover() {
    let mut simulator = ring_with_astrocytes(37);
    let calcium = |simulator: &NeuroSimulator| {
        let mut values = Vec::new();
        simulator.get_var(&Query::new("get_astrocyte_calcium"), &mut values).unwrap();
        values
    };
    let rest = calcium(&simulator);
    assert_eq!(rest[0], rest[1]);
    simulator.advance(20_000).unwrap();
    let active = calcium(&simulator);
    assert!(active.iter().all(|&calcium| calcium > 1.05 * rest[0]), "{active:?} {rest:?}");
    let mut silent = ring_with_astrocytes(37);
    silent.exclude(&[10, 11, 12]).unwrap();
    silent.advance(20_000).unwrap();
    assert!(calcium(&silent).iter().all(|calcium| (calcium - rest[0]).abs() < 1e-12), "nothing is released");

    let names: Vec<String> = simulator.spaces().into_iter().map(|space| space.name).collect();
    assert_eq!(names[3..], [ASTROCYTES, ENDFEET, WRAPPED_VESSEL_SEGMENTS]);
    let vessels = Space::of_nodes(VESSEL_SEGMENTS, Some("vessels".to_owned()), (0..9).collect());
    assert_eq!(
        simulator.mappings(&[vessels]).unwrap().len(),
        4,
        "vessels of another population than that of the endfeet"
    );
    let vessels = Space::of_nodes(VESSEL_SEGMENTS, None, (0..9).collect());
    let mappings = simulator.mappings(&[vessels]).unwrap();
    let places: Vec<(usize, usize)> = mappings[4].fractions.iter().map(|(_, place)| place).collect();
    assert_eq!(places, [(0, 4), (1, 7)]);
}

#[test]
fn a_snapshot_with_astrocytes_is_not_one_without() {
    let with = ring_with_astrocytes(40).snapshot().unwrap();
    let error = ring(3, 40).restore(&with).unwrap_err();
    assert!(matches!(error, SimulatorError::WrongSnapshot { .. }), "{error}");
}

#[test]
fn an_excluded_cell_stands_still_and_hears_nothing() {
    let mut simulator = ring(3, 40);
    // Before the first spike of node 10 has arrived.
    simulator.advance(40).unwrap();
    simulator.exclude(&[11, 99]).unwrap();
    let (before, segments) = (values(&simulator, "v"), simulator.cells()[0].discretisation().segments.len());
    simulator.advance(4000).unwrap();
    let after = values(&simulator, "v");
    assert_eq!(before[segments..2 * segments], after[segments..2 * segments]);
    assert_ne!(before[..segments], after[..segments]);
    let spikes = spikes(&mut simulator);
    assert!(spikes.iter().all(|spike| spike.neuron == 10), "{spikes:?}");
}

#[test]
fn a_cell_that_blows_up_is_named_and_nothing_moves() {
    let mut simulator = ring(2, 40);
    simulator.advance(50).unwrap();
    let mut voltage = values(&simulator, "v");
    // Their difference overflows.
    let last = voltage.len() - 1;
    (voltage[last - 1], voltage[last]) = (f64::MAX, -f64::MAX);
    simulator.set_var(&Query::new("set_var").with("var", "v"), &voltage).unwrap();
    let before = simulator.snapshot().unwrap();
    match simulator.advance(500) {
        Err(SimulatorError::Neurons { failures, .. }) => assert_eq!(failures[0].neuron, 11),
        other => panic!("{other:?}"),
    }
    assert_eq!(simulator.idts(), 50);
    assert!(simulator.snapshot().unwrap() == before);
    simulator.exclude(&[11]).unwrap();
    simulator.advance(500).unwrap();
}

/// The state at the beginning of the advance that fails is not at hand: the advances before it are made again.
#[test]
fn a_cell_that_blows_up_late_is_named_and_nothing_moves() {
    let overflow = Samples { delay_ms: 5.0, duration_ms: 1.0, step_ms: 1.0, values: vec![f64::MAX], outside: 0.0 };
    let build = || {
        ring_of(3, 40, |number, cell| {
            if number == 2 {
                let waveform = Waveform::Sampled(overflow.clone());
                cell.add_stimulus(Stimulus { node: cell.node(0) as u32, waveform });
            }
        })
    };
    let (mut whole, mut parts) = (build(), build());
    let query = Query::new("get_var").with("var", "v");
    let mut samples = [Sampled::new(query.clone(), WindowOperator::Mean, values(&whole, "v").len())];
    whole.advance(190).unwrap();
    let mut early = Vec::new();
    for until in [17, 60, 130, 150, 190] {
        parts.advance_sampled(until, &mut samples).unwrap();
        parts.take_spikes(&mut early);
    }
    assert!(!early.is_empty(), "spikes are on their way");
    let (before, sampled) = (parts.snapshot().unwrap(), samples.clone());
    match parts.advance_sampled(500, &mut samples) {
        Err(SimulatorError::Neurons { failures, .. }) => assert_eq!(failures[0].neuron, 12),
        other => panic!("{other:?}"),
    }
    assert_eq!((parts.idts(), &samples), (190, &sampled));
    assert!(parts.snapshot().unwrap() == before);
    for simulator in [&mut whole, &mut parts] {
        simulator.exclude(&[12]).unwrap();
        simulator.advance(500).unwrap();
    }
    early.extend(spikes(&mut parts));
    assert_eq!(early, spikes(&mut whole));
    assert!(parts.snapshot().unwrap() == whole.snapshot().unwrap());
}

#[test]
fn values_weights_and_writes() {
    let mut simulator = ring(2, 40);
    simulator.advance(200).unwrap();
    let query = Query::new("get_var").with("var", "ina").with("weight", "area");
    let port = simulator.resolve(&query, Access::Get).unwrap();
    assert_eq!((port.quantity, port.space.as_str()), (Quantity::Extensive, SEGMENTS));
    assert_eq!(port.weights, Some(Query::new("get_var").with("var", "area")));
    let mut weighted = Vec::new();
    simulator.get_var(&query, &mut weighted).unwrap();
    for ((weighted, ina), area) in weighted.iter().zip(values(&simulator, "ina")).zip(values(&simulator, "area")) {
        assert_eq!(*weighted, ina * area);
    }
    let written: Vec<f64> = values(&simulator, "atpi").iter().enumerate().map(|(k, _)| 1.0 + k as f64).collect();
    let set = Query::new("set_var").with("var", "atpi");
    let port = simulator.resolve(&set, Access::Set).unwrap();
    assert_eq!(port.read_back, Some(Query::new("get_var").with("var", "atpi")));
    simulator.set_var(&set, &written).unwrap();
    assert_eq!(values(&simulator, "atpi"), written);
    for (name, value, refused) in [("nai", 0.0, true), ("atpi", 0.0, false), ("atpi", -1.0, true), ("v", -90.0, false)]
    {
        let result = simulator.set_var(&Query::new("set_var").with("var", name), &vec![value; written.len()]);
        assert_eq!(result.is_err(), refused, "{name} = {value}");
    }
    assert!(values(&simulator, "IClamp").iter().sum::<f64>() > 0.5);
    assert!(values(&simulator, "hh.m").iter().all(|m| (0.0..=1.0).contains(m)));
    let messages = [
        (Query::new("get_vasc_radii"), "unknown function 'get_vasc_radii'"),
        (Query::new("get_var").with("var", "atp"), "unknown var 'atp' (did you mean 'atpi'?)"),
        (Query::new("get_var").with("var", "v").with("weight", "mass"), "unknown weight 'mass'"),
        (Query::new("get_var").with("var", "v").with("wait", "area"), "takes no argument 'wait'"),
    ];
    for (query, message) in messages {
        let error = simulator.get_var(&query, &mut weighted).unwrap_err().to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    }
}

#[test]
fn spaces_and_mappings_fit() {
    let simulator = ring(2, 40);
    let spaces = simulator.spaces();
    let find = |name: &str| spaces.iter().find(|space| space.name == name).unwrap();
    let (neurons, sections, segments) = (find(NEURONS), find(SECTIONS), find(SEGMENTS));
    assert_eq!(neurons.ids, [10, 11]);
    assert_eq!((sections.len(), segments.len()), (4, 2 * 12));
    assert_eq!(segments.subsets["soma"], [0, 12]);
    assert_eq!(segments.subsets["dend.center"], [6, 18]);
    assert_eq!(segments.subsets["all.center"], [0, 6, 12, 18]);
    assert_eq!((segments.addresses[13].node, segments.addresses[13].element), (11, 1));
    let Geometry::Lines(lines) = &segments.geometry else { panic!("segments are lines") };
    // The second cell stands 100 um further along x; its dendrite begins at the middle of the soma.
    assert_eq!(lines[13][0], [107.5, 0.0, 0.0]);
    let whole: f64 = segments.sizes.iter().sum();
    assert!((neurons.sizes.iter().sum::<f64>() / whole - 1.0).abs() < 1e-12);
    for mapping in simulator.mappings(&spaces).unwrap() {
        let (from, to) = (find(&mapping.from), find(&mapping.to));
        assert_eq!(mapping.fractions.shape(), (from.len(), to.len()));
        assert!(mapping.fractions.outer_iterator().all(|row| row.nnz() == 1 && row.data() == [1.0]));
    }
}
