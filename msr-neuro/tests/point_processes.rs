//! Point processes of mechanism files on cells: against NEURON 9.0.2 (`benches/compare/neuron_reference.py`), against what
//! the crate has without them, and as part of a simulator.

mod cells;

use cells::{builder, cylinder};
use msr_coupling::Simulator;
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::{BuildError, CellBuilder};
use msr_neuro::mechanisms::{MechanismFileError, Registry};
use msr_neuro::morphology::{Attachment::*, Placement, SectionKind::*};
use msr_neuro::nmodl::Options;
use msr_neuro::simulator::{Connection, NeuroError, NeuroSimulator, PlacedCell, Receiver};
use msr_neuro::stimuli::{Stimulus, Waveform};

const DT_MS: f64 = 0.025;
const RELAY: &str = include_str!("mechanisms/relay.mod");

fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.register_file(RELAY, "relay.mod", &Options::default()).unwrap();
    registry
}

/// A passive soma and dendrite (segments 1 to 15).
fn passive(registry: &Registry) -> CellBuilder<'_> {
    let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 150.0 };
    let sections = vec![cylinder(Soma, None, 0.0, 20.0, 20.0), cylinder(Dend, Some((0, End)), 20.0, 300.0, 2.0)];
    let mut builder = builder(registry, sections, 40.0, cable);
    builder.celsius = 6.3;
    builder.v_init_mv = -65.0;
    builder.insert("pas", 0..16).unwrap();
    builder.set("pas", "g", (0..16).map(|segment| (segment, 1e-4))).unwrap();
    builder.set("pas", "e", (0..16).map(|segment| (segment, -65.0))).unwrap();
    builder
}

/// Time, voltage of segments 0, 8 and 15, and g of the three point processes with the counters of the last.
type Row = (f64, [f64; 3], [f64; 5]);

/// NEURON shows events of the second half of a step at its end; in such rows only voltages are compared.
const LATER: [f64; 5] = [f64::NAN; 5];

const NEURON: &[Row] = &[
    (0.025, [-65.0, -65.0, -65.0], [0.0; 5]),
    (1.0, [-65.0, -65.0, -65.0], [0.0; 5]),
    (1.025, [-64.99808809383894, -63.75617623948678, -64.98400541024449], LATER),
    (
        1.05,
        [-64.99155740034314, -63.09683482454649, -64.88341730571905],
        [0.002925929736084998, 0.0, 9.91701292638876e-05, 0.0, 0.0],
    ),
    (
        3.0,
        [-59.304091913374954, -55.490752253467846, -54.48684922149961],
        [0.0011036383235143276, 0.0, 0.0006249963956220883, 1.0, 0.0],
    ),
    (
        4.5,
        [-65.10763765085734, -58.460468760535335, -55.793536598061195],
        [0.0005213218303513367, 0.00993333547444355, 0.0007158619907660659, 1.0, 1.0],
    ),
    (4.525, [-65.1847414558154, -57.42278319708992, -55.83408036411557], LATER),
    (
        7.0,
        [-61.36376982542089, -51.901334545296244, -50.03515161458125],
        [0.0018792013463751302, 0.006475379022118808, 0.0005887319217024872, 2.0, 1.0],
    ),
    (7.025, [-61.35340092501456, -51.95841796812071, -50.09410241862035], LATER),
    (
        7.05,
        [-61.34364314061148, -52.013145487609094, -49.8364497549787],
        [0.0018328036998166526, 0.006411379175542776, 0.0013895331622758862, 4.0, 1.0],
    ),
    (
        8.0,
        [-61.07454171387342, -53.2195032082506, -50.1149780525692],
        [0.0011397932323497775, 0.005305050537104509, 0.0011006995424608487, 4.0, 2.0],
    ),
    (9.325, [-61.13984201643125, -55.633176999488214, -53.19294190167441], LATER),
    (
        14.325,
        [-62.301952797586296, -60.28297723722006, -58.63387717557824],
        [4.8235832118027886e-05, 0.00149748703812706, 0.0006016489048837765, 5.0, 5.0],
    ),
    (
        20.0,
        [-63.05661546117204, -62.481136690027085, -62.01393745130142],
        [2.825264955636618e-06, 0.00048132546117166634, 0.0001175435514044627, 5.0, 5.0],
    ),
    (
        30.0,
        [-64.47319120266182, -64.42772041873185, -64.4020038379192],
        [1.903648552945317e-08, 6.514031761666432e-05, 4.193247870815233e-06, 5.0, 5.0],
    ),
];

#[test]
fn synapses_follow_neuron() {
    let registry = registry();
    let mut builder = passive(&registry);
    let fast = builder.place("ExpSyn", 8, &[("tau", 2.0), ("e", 0.0)]).unwrap();
    let slow = builder.place("Exp2Syn", 0, &[("tau1", 0.5), ("tau2", 5.0), ("e", -80.0)]).unwrap();
    let relay = builder.place("Relay", 15, &[("wait", 2.3)]).unwrap();
    let to_fast = builder.connect(fast, 0.003).unwrap();
    let to_slow = builder.connect(slow, 0.01).unwrap();
    let (first, second) = (builder.connect(relay, 0.002).unwrap(), builder.connect(relay, 0.001).unwrap());
    let mut cell = builder.build().unwrap();
    cell.watch_point(relay);
    for (connection, times) in
        [(to_fast, &[1.0, 4.51, 4.52][..]), (to_slow, &[3.0]), (first, &[2.0, 7.013, 12.0]), (second, &[5.0, 7.013])]
    {
        times.iter().for_each(|&time_ms| cell.send(connection, time_ms));
    }
    for (time_ms, voltages, values) in NEURON {
        cell.advance((time_ms / DT_MS).round() as u64, &mut Vec::new());
        for (segment, expected) in [0, 8, 15].into_iter().zip(voltages) {
            let v = cell.voltage_mv(segment);
            // The membrane is linear: all that differs is rounding.
            assert!((v - expected).abs() < 1e-9, "{time_ms} ms, segment {segment}: {v}, NEURON {expected}");
        }
        let found = [(fast, "g"), (slow, "g"), (relay, "g"), (relay, "heard"), (relay, "echoes")]
            .map(|(point, name)| cell.point_value(point, name).unwrap());
        for (found, expected) in found.iter().zip(values).filter(|(_, expected)| !expected.is_nan()) {
            assert!((found - expected).abs() < 1e-14, "{time_ms} ms: {found}, NEURON {expected}");
        }
    }
    let sent: Vec<f64> = cell.take_net_events().map(|event| event.time_ms).collect();
    let expected = [4.3, 7.3, 9.313, 9.313, 14.3];
    assert!(sent.len() == 5 && sent.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{sent:?}");
    assert_eq!(cell.failure(), None);
}

/// Conductances of NEURON's Exp2Syn 0.5, 2, 5 and 19 ms after an event of 0.01 uS.
#[test]
fn time_constants_that_are_equal_or_zero_are_neurons() {
    let table = [
        ((5.0, 5.0), [0.0023484415984569296, 0.007233665051046501, 0.009999877071166452, 0.002318985357920411]),
        ((7.0, 5.0), [0.0023484415984569296, 0.007233665051046501, 0.009999877071166452, 0.002318985357920411]),
        ((0.0, 5.0), [0.009093729542227817, 0.006736800538833986, 0.003697234525756603, 0.00022482906305137772]),
        ((0.2, 1.7), [0.00999847686326489, 0.004716944678672413, 0.0008078489367175855, 2.1418416802406612e-07]),
    ];
    let registry = registry();
    for ((tau1, tau2), expected) in table {
        let mut builder = passive(&registry);
        let point = builder.place("Exp2Syn", 0, &[("tau1", tau1), ("tau2", tau2)]).unwrap();
        let connection = builder.connect(point, 0.01).unwrap();
        let mut cell = builder.build().unwrap();
        cell.send(connection, 1.0);
        for (step, expected) in [60, 120, 240, 800].into_iter().zip(expected) {
            cell.advance(step, &mut Vec::new());
            let g = cell.point_value(point, "g").unwrap();
            // Time constants that are almost equal lose four digits in their difference.
            assert!((g - expected).abs() < 1e-11, "{tau1} {tau2} at {step}: {g} {expected}");
        }
    }
}

#[test]
fn many_at_one_place_are_one_with_the_sum_of_their_weights() {
    let registry = registry();
    let run = |weights: &[f64]| {
        let mut builder = passive(&registry);
        let connections: Vec<_> = weights
            .iter()
            .map(|&weight| {
                let point = builder.place("ExpSyn", 3, &[("tau", 2.0)]).unwrap();
                builder.connect(point, weight).unwrap()
            })
            .collect();
        // Another place, so that nodes do not follow one another.
        builder.place("ExpSyn", 2, &[]).unwrap();
        let mut cell = builder.build().unwrap();
        connections.iter().for_each(|&connection| cell.send(connection, 1.0));
        cell.advance(400, &mut Vec::new());
        cell.state().membrane.v.clone()
    };
    // More than one chunk of instances.
    let weights: Vec<f64> = (0..100).map(|index| 1e-5 * f64::from(index)).collect();
    let (many, one) = (run(&weights), run(&[weights.iter().sum()]));
    assert!(many[3] > -64.0 && many.iter().zip(&one).all(|(a, b)| (a - b).abs() < 1e-10), "{many:?} {one:?}");
}

#[test]
fn what_runs_instance_by_instance_gives_the_same() {
    // A loop to a value of the instance is not unrolled.
    let text = "NEURON { POINT_PROCESS Rounds NONSPECIFIC_CURRENT i RANGE tau, rounds }\n\
                PARAMETER { tau = 2 rounds = 4 }\nASSIGNED { v i }\nSTATE { g }\nINITIAL { g = 0 }\n\
                BREAKPOINT { SOLVE s METHOD cnexp i = 0 FROM n = 1 TO rounds { i = i + g*v/rounds } }\n\
                DERIVATIVE s { g' = -g/tau }\nNET_RECEIVE(w) { g = g + w }";
    let mut registry = registry();
    registry.register_file(text, "rounds.mod", &Options::default()).unwrap();
    assert!(!registry.build_point("Rounds", 6.3).unwrap().is_vectorised());
    let [one_by_one, many] = ["Rounds", "ExpSyn"].map(|name| {
        let mut builder = passive(&registry);
        let point = builder.place(name, 4, &[("tau", 2.0)]).unwrap();
        let connection = builder.connect(point, 0.002).unwrap();
        let mut cell = builder.build().unwrap();
        cell.send(connection, 1.0);
        cell.advance(200, &mut Vec::new());
        cell.state().membrane.v.clone()
    });
    assert!(many[4] > -62.0 && one_by_one.iter().zip(&many).all(|(a, b)| (a - b).abs() < 1e-9), "{one_by_one:?}");
}

#[test]
fn an_electrode_is_an_electrode() {
    let clamp = "NEURON { POINT_PROCESS Clamp ELECTRODE_CURRENT i RANGE from, amp }\nPARAMETER { from = 0 amp = 0 }\n\
                 ASSIGNED { i }\nBREAKPOINT { if (t >= from) { i = amp } else { i = 0 } }";
    let mut registry = registry();
    registry.register_file(clamp, "clamp.mod", &Options::default()).unwrap();
    let mut with_file = passive(&registry);
    with_file.place("Clamp", 8, &[("from", 2.0), ("amp", 0.3)]).unwrap();
    let mut with_file = with_file.build().unwrap();
    let mut built_in = passive(&registry).build().unwrap();
    let node = built_in.node(8) as u32;
    built_in.add_stimulus(Stimulus { node, waveform: Waveform::step(2.0, 100.0, 0.3) });
    for cell in [&mut with_file, &mut built_in] {
        cell.advance(400, &mut Vec::new());
    }
    let (found, expected) = (&with_file.state().membrane.v, &built_in.state().membrane.v);
    assert!(expected[8] > -60.0 && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
}

#[test]
fn an_event_can_be_moved_and_an_endless_shower_is_a_failure() {
    let text = "NEURON { POINT_PROCESS Mover RANGE count, at }\nASSIGNED { count at }\n\
                INITIAL { count = 0 at = 0 net_send(1, 1) }\n\
                NET_RECEIVE(w) { if (flag == 0) { net_move(t + 5) } else { count = count + 1 at = t } }";
    let shower = text.replace("net_move(t + 5)", "net_send(0, 0)").replace("Mover", "Shower");
    let mut registry = registry();
    registry.register_file(text, "mover.mod", &Options::default()).unwrap();
    registry.register_file(&shower, "shower.mod", &Options::default()).unwrap();
    let started = |name: &str| {
        let mut builder = passive(&registry);
        let point = builder.place(name, 0, &[]).unwrap();
        let connection = builder.connect(point, 0.0).unwrap();
        let mut cell = builder.build().unwrap();
        cell.send(connection, 0.5);
        cell.advance(400, &mut Vec::new());
        (cell.point_value(point, "count"), cell.point_value(point, "at"), cell.failure())
    };
    assert_eq!(started("Mover"), (Some(1.0), Some(5.5), None));
    let failure = started("Shower").2.expect("it never ends").to_string();
    assert!(failure.contains("'Shower'") && failure.contains("without delay"), "{failure}");
}

#[test]
fn events_that_nothing_asked_for_are_a_failure() {
    let text = "NEURON { POINT_PROCESS Loud }\nASSIGNED { v }\nBREAKPOINT { if (v > -60) { net_event(t) } }\n\
                NET_RECEIVE(w) { v = v }";
    let mut registry = registry();
    registry.register_file(text, "loud.mod", &Options::default()).unwrap();
    let mut builder = passive(&registry);
    builder.place("Loud", 0, &[]).unwrap();
    let mut cell = builder.build().unwrap();
    cell.advance(40, &mut Vec::new());
    assert_eq!(cell.failure(), None);
    let node = cell.node(0) as u32;
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(1.0, 100.0, 0.5) });
    cell.advance(400, &mut Vec::new());
    let failure = cell.failure().expect("it speaks out of turn").to_string();
    assert!(failure.contains("'Loud'") && failure.contains("from BREAKPOINT"), "{failure}");
}

/// Two cells that excite one another through relays and exponential synapses; a pacemaker in the first.
fn pair() -> NeuroSimulator {
    let registry = registry();
    let cells: Vec<PlacedCell> = [1, 2]
        .map(|node| {
            let mut builder = passive(&registry);
            builder.insert("hh", [0]).unwrap();
            builder.threshold_mv = -20.0;
            let relay = builder.place("Relay", 5, &[("wait", 1.3)]).unwrap();
            let fast = builder.place("ExpSyn", 9, &[("tau", 2.0)]).unwrap();
            builder.connect(relay, 0.04).unwrap();
            builder.connect(fast, 0.02).unwrap();
            let mut cell = builder.build().unwrap();
            if node == 1 {
                let node = cell.node(0) as u32;
                cell.add_stimulus(Stimulus { node, waveform: Waveform::step(0.5, 30.0, 0.7) });
            }
            PlacedCell { node, cell, placement: Placement::at([0.0; 3]) }
        })
        .into();
    let connections: Vec<Connection> = [(1, 2, 0, 40), (1, 2, 1, 60), (2, 1, 0, 50), (2, 1, 1, 45)]
        .map(|(source, target, connection, delay_steps)| Connection {
            source,
            target,
            receiver: Receiver::Point(msr_neuro::cell::ConnectionId(connection)),
            delay_steps,
        })
        .into();
    NeuroSimulator::new("pair", cells, &connections, DT_MS).unwrap()
}

#[test]
fn a_simulator_with_point_processes_keeps_its_promises() {
    let mut simulator = pair();
    simulator.advance(1200).unwrap();
    let mut spikes = Vec::new();
    simulator.take_spikes(&mut spikes);
    assert!(spikes.iter().any(|spike| spike.neuron == 2), "the events arrive: {spikes:?}");
    msr_coupling::conformance::check(&|| Box::new(pair())).unwrap();
}

#[test]
fn mistakes_name_what_there_is() {
    let registry = registry();
    let mut builder = passive(&registry);
    let message = |result: Result<(), BuildError>| result.unwrap_err().to_string();
    let found = message(builder.place("ExpSin", 0, &[]).map(drop));
    assert!(found.contains("unknown point process 'ExpSin' (did you mean 'ExpSyn'?)"), "{found}");
    let found = message(builder.place("ExpSyn", 16, &[]).map(drop));
    assert!(found.contains("segment 16; the cell has segments 0 to 15"), "{found}");
    let found = message(builder.place("ExpSyn", 0, &[("tua", 1.0)]).map(drop));
    assert!(found.contains("no parameter 'tua'; available: tau, e"), "{found}");
    let found = message(builder.insert("ExpSyn", [0]));
    assert!(found.contains("'ExpSyn' is a point process"), "{found}");
    let found = message(builder.connect(msr_neuro::cell::PointId(0), 1.0).map(drop));
    assert!(found.contains("point process 0, of 0 that are placed"), "{found}");
    let mut registry = Registry::default();
    let text = "NEURON { ARTIFICIAL_CELL Pulse }\nINITIAL { net_send(1, 1) }\nNET_RECEIVE(w) { net_event(t) }";
    let error = registry.register_file(text, "pulse.mod", &Options::default()).unwrap_err();
    assert!(matches!(error, MechanismFileError::Unusable { .. }), "{error}");
    let cell = passive(&registry).build().unwrap();
    let cells = vec![PlacedCell { node: 4, cell, placement: Placement::at([0.0; 3]) }];
    let receiver = Receiver::Point(msr_neuro::cell::ConnectionId(2));
    let connection = Connection { source: 4, target: 4, receiver, delay_steps: 1 };
    let result = NeuroSimulator::new("cells", cells, &[connection], DT_MS);
    assert!(matches!(
        result.err(),
        Some(NeuroError::UnknownPointConnection { node: 4, connection: 2, connections: 0 })
    ));
}
