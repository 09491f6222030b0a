//! Point processes of mechanism files on cells: against NEURON 9.0.2 (`benches/compare/neuron_reference.py`,
//! `benches/compare/features_reference.py`), against what
//! the crate has without them, and as part of a simulator.

use crate::cells::{builder, cylinder};
use msr_coupling::Simulator;
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::{BuildError, CellBuilder, Holder, Quantity};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{Attachment::*, Placement, SectionKind::*};
use msr_neuro::nmodl::Options;
use msr_neuro::simulator::{Connection, NeuroError, NeuroSimulator, PlacedCell, PointConnection, Receiver};
use msr_neuro::stimuli::{Stimulus, Waveform};

const DT_MS: f64 = 0.025;
const FILES: [(&str, &str); 8] = [
    ("relay.mod", include_str!("mechanisms/relay.mod")),
    ("watcher.mod", include_str!("mechanisms/watcher.mod")),
    ("dice.mod", include_str!("mechanisms/dice.mod")),
    ("hiss.mod", include_str!("mechanisms/hiss.mod")),
    ("follow.mod", include_str!("mechanisms/follow.mod")),
    ("tally.mod", include_str!("mechanisms/tally.mod")),
    ("chain.mod", include_str!("mechanisms/chain.mod")),
    ("fold.mod", include_str!("mechanisms/fold.mod")),
];

fn registry() -> Registry {
    let mut registry = Registry::default();
    for (file, text) in FILES {
        registry.register_file(text, file, &Options::default()).unwrap();
    }
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
            rest_ms: 0.0,
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
    registry.register_file(text, "pulse.mod", &Options::default()).unwrap();
    let error = registry.build_point("Pulse", 34.0).err().unwrap().to_string();
    assert!(error.contains("unknown point process 'Pulse'"), "{error}");
    let cell = passive(&registry).build().unwrap();
    let cells = vec![PlacedCell { node: 4, cell, placement: Placement::at([0.0; 3]) }];
    let receiver = Receiver::Point(msr_neuro::cell::ConnectionId(2));
    let connection = Connection { source: 4, target: 4, receiver, delay_steps: 1, rest_ms: 0.0 };
    let result = NeuroSimulator::new("cells", cells, &[connection], DT_MS);
    assert!(matches!(
        result.err(),
        Some(NeuroError::UnknownPointConnection { node: 4, connection: 2, connections: 0 })
    ));
}

/// Compares values at times with those of NEURON; of those that are NaN there, nothing is asked.
fn compare<const N: usize>(
    cell: &mut msr_neuro::cell::Cell,
    table: &[(f64, [f64; N])],
    tolerance: f64,
    read: impl Fn(&msr_neuro::cell::Cell) -> [f64; N],
) {
    for (time_ms, expected) in table {
        cell.advance((time_ms / DT_MS).round() as u64, &mut Vec::new());
        for (index, (found, expected)) in read(cell).into_iter().zip(expected).enumerate() {
            let scale = expected.abs().max(1.0);
            assert!((found - expected).abs() < tolerance * scale, "{time_ms} ms, {index}: {found}, NEURON {expected}");
        }
    }
    assert_eq!(cell.failure(), None);
}

fn pulse(cell: &mut msr_neuro::cell::Cell, [from_ms, duration_ms, current_na]: [f64; 3]) {
    let node = cell.node(0) as u32;
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(from_ms, duration_ms, current_na) });
}

/// Time, voltage of segments 0 and 8, g, rises, falls, last.
const WATCHER: &[(f64, [f64; 6])] = &[
    (1.0, [-65.0, -65.0, 0.0, 0.0, 0.0, -1.0]),
    (4.0, [-55.850634023459655, -70.62644194077038, 0.018096748360719183, 1.0, 1.0, 3.77500000000002]),
    (5.0, [-59.69102353283401, -73.67945032714718, 0.014093761794374242, 1.0, 1.0, 3.77500000000002]),
    (6.0, [-61.895001497373244, -73.88731615064565, 0.010976232721880497, 1.0, 1.0, 3.77500000000002]),
    (8.0, [-62.2024063698934, -71.76070732870977, 0.006657421673961558, 1.0, 1.0, 3.77500000000002]),
    (12.0, [-56.17106375759237, -63.41115137268259, 0.0024491285650596133, 1.0, 1.0, 3.77500000000002]),
    (18.0, [-62.0220282143968, -63.3229116090204, 0.0011530051086584736, 1.0, 1.0, 3.77500000000002]),
    (26.0, [-77.78813837682907, -74.82712916131804, 0.00015604227295355454, 1.0, 2.0, 23.199999999999218]),
    (29.0, [-83.27258724518181, -80.23619489266169, 7.370915055694278e-05, 1.0, 2.0, 23.199999999999218]),
    (33.0, [-83.90589996316953, -83.45923567386662, 2.7116081116109688e-05, 1.0, 2.0, 23.199999999999218]),
    (36.0, [-64.12496707069991, -70.12114231958523, 1.2808729760662406e-05, 1.0, 2.0, 23.199999999999218]),
    (38.0, [-52.11228656436808, -58.255452206268316, 7.76888731181539e-06, 1.0, 2.0, 23.199999999999218]),
    (42.0, [-56.960789492703334, -69.36522774684406, 0.007452993911823024, 2.0, 2.0, 38.05000000000009]),
    (50.0, [-72.53999460894994, -73.24571480591473, 0.0010086530420173093, 2.0, 2.0, 38.05000000000009]),
];

#[test]
fn conditions_are_waited_for_like_in_neuron() {
    let registry = registry();
    let mut builder = passive(&registry);
    let watcher = builder.place("Watcher", 8, &[]).unwrap();
    let connection = builder.connect(watcher, 0.001).unwrap();
    let mut cell = builder.build().unwrap();
    cell.watch_point(watcher);
    cell.send(connection, 16.0);
    for clamp in [[2.0, 12.0, 0.15], [22.0, 10.0, -0.1], [34.0, 8.0, 0.2]] {
        pulse(&mut cell, clamp);
    }
    compare(&mut cell, WATCHER, 1e-9, |cell| {
        let [g, rises, falls, last] =
            ["g", "rises", "falls", "last"].map(|name| cell.point_value(watcher, name).unwrap());
        [cell.voltage_mv(0), cell.voltage_mv(8), g, rises, falls, last]
    });
    let sent: Vec<f64> = cell.take_net_events().map(|event| event.time_ms).collect();
    assert!(sent.len() == 2 && sent.iter().zip([3.775, 23.2]).all(|(a, b)| (a - b).abs() < 1e-9), "{sent:?}");
}

/// Time, voltage of segments 0 and 8, what was drawn.
const DICE: &[(f64, [f64; 7])] = &[
    (0.5, [-65.09333426472736, -65.30499323062776, 0.7580325597063563, 0.0, 0.0, 0.0, 0.0]),
    (
        1.5,
        [
            -65.35333619661894,
            -65.90563562366269,
            0.7499680449836962,
            2.1274322659877525,
            0.8371480550670444,
            0.24052472462610341,
            649988216.0,
        ],
    ),
    (
        2.5,
        [
            -65.68584338676122,
            -65.97215278580418,
            0.5896331808553932,
            3.525431875017138,
            1.183905888542096,
            -0.8632467315289152,
            1713401415.0,
        ],
    ),
    (
        3.5,
        [
            -65.91209642100775,
            -66.09483325242131,
            0.25040599092598864,
            3.295517973300182,
            1.5760919584609798,
            0.6771415243965769,
            2894489175.0,
        ],
    ),
    (
        10.0,
        [
            -66.77998660414686,
            -67.03457757411232,
            0.25040599092598864,
            3.295517973300182,
            1.5760919584609798,
            0.6771415243965769,
            2894489175.0,
        ],
    ),
];

#[test]
fn random_numbers_are_neurons() {
    let registry = registry();
    let mut builder = passive(&registry);
    builder.streams.seed = 7;
    let dice = builder.place("Dice", 8, &[]).unwrap();
    builder.set_stream(dice, [5, 6, 7]).unwrap();
    let connection = builder.connect(dice, 0.0).unwrap();
    let mut cell = builder.build().unwrap();
    for time_ms in [1.01, 2.01, 3.01] {
        cell.send(connection, time_ms);
    }
    compare(&mut cell, DICE, 1e-12, |cell| {
        let [uniform, wide, waiting, bell, word] =
            ["uniform", "wide", "waiting", "bell", "word"].map(|name| cell.point_value(dice, name).unwrap());
        [cell.voltage_mv(0), cell.voltage_mv(8), uniform, wide, waiting, bell, word]
    });
}

/// Time, voltage of segments 0, 8 and 15.
const HISS: &[(f64, [f64; 3])] = &[
    (0.025, [-65.0, -65.0, -65.0]),
    (1.0, [-65.33695191393682, -65.24900881923556, -64.90481777842011]),
    (5.0, [-65.23481140676788, -65.6334929380815, -66.1460984194992]),
    (20.0, [-65.66789769332473, -65.44522405211188, -65.12712107603542]),
];

#[test]
fn each_segment_has_the_stream_that_e_model_templates_give_it() {
    let registry = registry();
    let mut builder = passive(&registry);
    builder.streams = msr_neuro::cell::StreamKeys { seed: 7, gid: 42, channel_seed: 3, synapse_seed: 0 };
    builder.insert("hiss", 1..16).unwrap();
    let mut cell = builder.build().unwrap();
    let start = cell.state().clone();
    let read = |cell: &msr_neuro::cell::Cell| [0, 8, 15].map(|segment| cell.voltage_mv(segment));
    compare(&mut cell, HISS, 1e-12, read);
    // What was drawn is part of the state.
    let end = read(&cell);
    cell.state_mut().assign(&start);
    cell.advance(800, &mut Vec::new());
    assert_eq!(read(&cell), end);
}

/// Time, voltage of segments 0 and 15, tally, current.
const FOLLOW: &[(f64, [f64; 4])] = &[
    (1.0, [-65.0, -65.0, 0.0, 0.0]),
    (4.0, [-42.71372981965241, -53.637447676457086, 69.0, -0.01091231972136479]),
    (7.0, [-21.755128208687818, -32.857231520492974, 189.0, -0.011102568939139797]),
    (12.0, [-41.97855782451623, -41.80204079766589, 389.0, 0.00017602627817809235]),
    (20.0, [-56.03911480185831, -55.714943931256734, 709.0, 0.00032370870281010154]),
];

#[test]
fn pointers_read_and_write_what_they_point_to() {
    let registry = registry();
    let mut builder = passive(&registry);
    builder.insert("tally", [0]).unwrap();
    let follow = builder.place("Follow", 15, &[]).unwrap();
    builder.point_to(Holder::Point(follow), "there", Quantity::Membrane("v", 0)).unwrap();
    builder.point_to(Holder::Point(follow), "count", Quantity::Mechanism("tally", "total", 0)).unwrap();
    let mut cell = builder.build().unwrap();
    pulse(&mut cell, [2.0, 5.0, 0.3]);
    compare(&mut cell, FOLLOW, 1e-9, |cell| {
        let total = cell.mechanism_values("tally", "total").unwrap().1[0];
        [cell.voltage_mv(0), cell.voltage_mv(15), total, cell.point_value(follow, "i").unwrap()]
    });
}

/// A soma with two branches in the middle, the first of which splits, three segments each; a tally in the first two.
fn branches(registry: &Registry) -> CellBuilder<'_> {
    let branch = |parent, start_um| cylinder(Dend, Some(parent), start_um, 20.0, 2.0);
    let sections = vec![
        cylinder(Soma, None, 0.0, 20.0, 2.0),
        branch((0, Middle), 10.0),
        branch((0, Middle), 10.0),
        branch((1, End), 30.0),
        branch((1, End), 30.0),
        branch((2, End), 30.0),
    ];
    let mut builder = builder(registry, sections, 15.0, CableParameters::default());
    assert_eq!(builder.discretisation().segments.len(), 18);
    builder.v_init_mv = -65.0;
    builder.insert("tally", [0, 1]).unwrap();
    builder
}

/// Time and both tallies of NEURON, into which segments and point processes fold their numbers.
const CHAIN: &[(f64, [f64; 2])] = &[
    (0.025, [240.3007289879315, 1333.2147862211511]),
    (0.05, [240.30072899142834, 1333.876523227482]),
    (0.25, [240.30072899142834, 1333.8917746942925]),
];
const FOLD: &[(f64, [f64; 2])] = &[
    (0.025, [40.293216705322266, 233.71351405558232]),
    (0.05, [40.276510359719396, 236.7935461505335]),
    (0.25, [40.29325513196481, 237.21983261277208]),
];

#[test]
fn instances_that_share_a_place_write_in_the_order_of_neuron() {
    let registry = registry();
    let point = |builder: &mut CellBuilder<'_>, holder| {
        builder.point_to(holder, "place", Quantity::Mechanism("tally", "total", 0)).unwrap();
        builder.point_to(holder, "drain", Quantity::Mechanism("tally", "total", 1)).unwrap();
    };
    let tallies = |cell: &msr_neuro::cell::Cell| {
        let (_, totals) = cell.mechanism_values("tally", "total").unwrap();
        [totals[0], totals[1]]
    };
    let mut builder = branches(&registry);
    builder.insert("chain", 0..18).unwrap();
    builder.set("chain", "number", (0..18).map(|segment| (segment, (1 + segment * segment) as f64))).unwrap();
    for segment in 0..18 {
        point(&mut builder, Holder::Mechanism("chain", segment));
    }
    compare(&mut builder.build().unwrap(), CHAIN, 1e-11, tallies);
    let mut builder = branches(&registry);
    let mut connections = Vec::new();
    for (index, segment) in [5, 0, 17, 5, 12, 9, 3, 0, 8, 5].into_iter().enumerate() {
        let fold = builder.place("Fold", segment, &[("number", (1 + index * index) as f64)]).unwrap();
        point(&mut builder, Holder::Point(fold));
        if [2, 7].contains(&index) {
            connections.push(builder.connect(fold, if index == 2 { 3.0 } else { 5.0 }).unwrap());
        }
    }
    let mut cell = builder.build().unwrap();
    cell.send(connections[0], 0.03);
    cell.send(connections[1], 0.105);
    compare(&mut cell, FOLD, 1e-11, tallies);
}

/// Time, and of NEURON `seen` of segments 0, 7 and 17, `x` of segment 3, the voltage of segment 0, and `highest`.
const SHARE: &[(f64, [f64; 6])] = &[
    (0.025, [0.9540450450450451, 94.93403096846848, 1625.5555413455445, 1.0350450450450452, -65.0, 2959.736825410956]),
    (
        0.05,
        [
            254.00729982329358,
            104.41557222994685,
            1484.7987075673934,
            0.9765855855855857,
            -64.94461970001798,
            2961.2058815650103,
        ],
    ),
    (
        0.25,
        [
            140.4229435771579,
            64.84829180341679,
            762.6192069893566,
            0.6769343741550451,
            -64.59344192728067,
            2961.2397398213293,
        ],
    ),
    (
        2.0,
        [
            54.62602848805552,
            34.961034758967855,
            217.11978536846834,
            0.45059236046385664,
            -63.761566567323754,
            2961.2397398213293,
        ],
    ),
];
/// Time, and of NEURON `seen` of five point processes.
const BATON: &[(f64, [f64; 5])] = &[
    (0.025, [8.625, 10.5, 9.3125, 15.25, 21.65625]),
    (0.05, [9.20703125, 12.828125, 9.603515625, 16.4140625, 21.8017578125]),
    (0.25, [9.225806451612886, 12.903225806451545, 9.612903225806443, 16.451612903225772, 21.80645161290322]),
];

#[test]
fn variables_of_which_there_is_one_go_from_instance_to_instance() {
    let files = [
        ("tally.mod", include_str!("mechanisms/tally.mod")),
        ("share.mod", include_str!("mechanisms/share.mod")),
        ("baton.mod", include_str!("mechanisms/baton.mod")),
    ];
    let registry = |shared_variables| {
        let options = Options { numeric_conductance: true, shared_variables, ..Options::default() };
        let mut registry = Registry::default();
        for (file, text) in files {
            registry.register_file(text, file, &options).unwrap();
        }
        registry
    };
    let shared = |cell: &msr_neuro::cell::Cell| {
        let of = |name: &str, segment: usize| cell.mechanism_values("share", name).unwrap().1[cell.node(segment)];
        [of("seen", 0), of("seen", 7), of("seen", 17), of("x", 3), cell.voltage_mv(0), of("highest", 11)]
    };
    let build = |registry: &Registry| {
        let mut builder = branches(registry);
        for segment in 0..18 {
            // NEURON's.
            *builder.cable_mut(segment) =
                CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 35.4 };
        }
        builder.insert("share", 0..18).unwrap();
        builder.set("share", "number", (0..18).map(|segment| (segment, (1 + segment * segment) as f64))).unwrap();
        let seats = [5, 0, 17, 5, 12].into_iter().enumerate();
        let batons: Vec<_> = seats
            .map(|(index, segment)| builder.place("Baton", segment, &[("number", (1 + index * index) as f64)]).unwrap())
            .collect();
        (builder.build().unwrap(), batons)
    };
    let mut of_both = registry(false);
    for name in ["share", "Baton"] {
        of_both.set_globals(name, &[("shared_variables".to_owned(), 1.0)]).unwrap();
    }
    for registry in [registry(true), of_both] {
        compare(&mut build(&registry).0, SHARE, 1e-9, shared);
        let (mut cell, batons) = build(&registry);
        let seen = |cell: &msr_neuro::cell::Cell| {
            std::array::from_fn(|index| cell.point_value(batons[index], "seen").unwrap())
        };
        compare(&mut cell, BATON, 1e-9, seen);
    }
    // Else each has its own: number 1 folded with itself, and x with the scale of its own segment.
    let (mut cell, batons) = build(&registry(false));
    cell.advance(80, &mut Vec::new());
    let own = |index: usize| (1 + index * index) as f64 * 2.0;
    for (index, &baton) in batons.iter().enumerate() {
        let seen = cell.point_value(baton, "seen").unwrap();
        assert!((seen / own(index) - 1.0).abs() < 1e-9, "{index}: {seen}");
    }
    let refused = of_no_use(&registry(false));
    assert!(refused.contains("'tally' has no global parameter 'shared_variables'"), "{refused}");
}

/// What is said where a mechanism has nothing to share.
fn of_no_use(registry: &Registry) -> String {
    let mut registry = registry.clone();
    registry.set_globals("tally", &[("shared_variables".to_owned(), 1.0)]).unwrap_err().to_string()
}

#[test]
fn pointers_to_nothing_are_told() {
    let registry = registry();
    let built = |wishes: &[(&str, Quantity<'_>)]| {
        let mut builder = passive(&registry);
        let follow = builder.place("Follow", 15, &[]).unwrap();
        for (pointer, to) in wishes {
            builder.point_to(Holder::Point(follow), pointer, *to)?;
        }
        builder.build().map(drop)
    };
    let message = |wishes: &[(&str, Quantity<'_>)]| built(wishes).unwrap_err().to_string();
    let v = ("there", Quantity::Membrane("v", 0));
    let found = message(&[v]);
    assert!(found.contains("POINTER 'count' of 'Follow' is set nowhere"), "{found}");
    let found = message(&[("their", v.1)]);
    assert!(found.contains("'Follow' has no variable 'their' (did you mean 'there'?)"), "{found}");
    let found = message(&[v, ("count", Quantity::Membrane("w", 0))]);
    assert!(found.contains("'membrane' has no variable 'w'"), "{found}");
    let found = message(&[v, ("count", Quantity::Mechanism("pas", "gg", 0))]);
    assert!(found.contains("'pas' has no variable 'gg'"), "{found}");
    let found = message(&[v, ("count", Quantity::Mechanism("hh", "m", 0))]);
    assert!(found.contains("segment 0, which does not carry 'hh'"), "{found}");
}

#[test]
fn a_gap_junction_is_a_conductance_between_two_places() {
    // Two electrically separate halves would share the current; here a loop in parallel with the dendrite draws the ends together.
    let registry = registry();
    let run = |g: f64| {
        let mut builder = passive(&registry);
        let [here, there] = [0, 15].map(|segment| builder.place("Gap", segment, &[("g", g)]).unwrap());
        builder.point_to(Holder::Point(here), "vgap", Quantity::Membrane("v", 15)).unwrap();
        builder.point_to(Holder::Point(there), "vgap", Quantity::Membrane("v", 0)).unwrap();
        let mut cell = builder.build().unwrap();
        pulse(&mut cell, [0.0, 1e3, 0.05]);
        cell.advance(16_000, &mut Vec::new());
        let currents = [here, there].map(|point| cell.point_value(point, "i").unwrap());
        (cell.voltage_mv(0) - cell.voltage_mv(15), currents)
    };
    let (apart, none) = run(0.0);
    let (closer, [into, out]) = run(2.0);
    assert_eq!(none, [0.0, 0.0]);
    assert!(closer < 0.9 * apart && closer > 0.0, "{apart} {closer}");
    // 2 nS: what leaves one place arrives at the other.
    assert!((into - 2e-3 * closer).abs() < 1e-9 && (into + out).abs() < 1e-9, "{into} {out} {closer}");
}

#[test]
fn what_a_point_process_sends_reaches_other_cells_after_the_delay() {
    let make = || {
        let registry = registry();
        let cells: Vec<PlacedCell> = [3, 8]
            .map(|node| {
                let mut builder = passive(&registry);
                if node == 3 {
                    // An event to itself at 1.02 ms, then every 5.01 ms: four in all; each event of a cell is echoed.
                    let relay = builder.place("Relay", 0, &[("wait", 1.3)]).unwrap();
                    builder.connect(relay, 0.0).unwrap();
                }
                let synapse = builder.place("ExpSyn", 4, &[("tau", 2.0)]).unwrap();
                builder.connect(synapse, 0.01).unwrap();
                let mut cell = builder.build().unwrap();
                if node == 3 {
                    cell.send(msr_neuro::cell::ConnectionId(0), 2.007);
                }
                PlacedCell { node, cell, placement: Placement::at([0.0; 3]) }
            })
            .into();
        let connection = PointConnection {
            source: 3,
            point: msr_neuro::cell::PointId(0),
            target: 8,
            receiver: Receiver::Point(msr_neuro::cell::ConnectionId(0)),
            delay_steps: 30,
        };
        NeuroSimulator::new("cells", cells, &[], DT_MS).unwrap().with_point_connections(&[connection])
    };
    let mut simulator = make().unwrap();
    let synapse = msr_neuro::cell::PointId(0);
    // The echo leaves at 2.007 + 1.3 ms and arrives 0.75 ms later: at 4.057 ms, in the step that begins at 4.05 ms.
    simulator.advance(162).unwrap();
    assert_eq!(simulator.cells()[1].point_value(synapse, "g"), Some(0.0));
    simulator.advance(163).unwrap();
    let g = simulator.cells()[1].point_value(synapse, "g").unwrap();
    assert!((g - 0.01 * (-DT_MS / 2.0_f64).exp()).abs() < 1e-12, "{g}");
    msr_coupling::conformance::check(&|| Box::new(make().unwrap())).unwrap();
    let cell = || {
        vec![PlacedCell { node: 1, cell: passive(&registry()).build().unwrap(), placement: Placement::at([0.0; 3]) }]
    };
    let wrong = PointConnection {
        source: 1,
        point: msr_neuro::cell::PointId(0),
        target: 1,
        receiver: Receiver::Synapse(0),
        delay_steps: 1,
    };
    let result = NeuroSimulator::new("cells", cell(), &[], DT_MS).unwrap().with_point_connections(&[wrong]);
    assert!(matches!(result.err(), Some(NeuroError::UnknownPoint { node: 1, point: 0, points: 0 })));
}

#[test]
fn steps_and_events_allocate_nothing() {
    let registry = registry();
    let mut builder = passive(&registry);
    builder.insert("hiss", 0..16).unwrap();
    let points = ["ProbAMPANMDA_EMS", "Relay", "Watcher", "Dice"].map(|name| builder.place(name, 8, &[]).unwrap());
    let connections = points.map(|point| builder.connect(point, 0.002).unwrap());
    let mut cell = builder.build().unwrap();
    let mut spikes = Vec::new();
    for event in 0..200 {
        cell.send(connections[event % 4], 0.1 * event as f64);
    }
    // Buffers grow to their size.
    cell.advance(400, &mut spikes);
    assert_eq!(allocation_counter::measure(|| cell.advance(800, &mut spikes)).count_total, 0);
    assert!(cell.point_value(points[1], "heard").unwrap() > 40.0, "events did arrive");
}

/// A synapse of which each event releases half as much as the one before.
const TIRING: &str = "NEURON { POINT_PROCESS Tiring RANGE Use, i NONSPECIFIC_CURRENT i }\n\
    PARAMETER { Use = 0.8 }\nASSIGNED { v (mV) i (nA) }\nBREAKPOINT { i = 0 }\n\
    NET_RECEIVE (w, nc_type) { Use = Use/2 }\n";

#[test]
fn what_an_event_releases_is_noted_when_it_arrives() {
    let mut registry = Registry::default();
    registry.register_file(TIRING, "Tiring.mod", &Options::default()).unwrap();
    let noted = |windows: &[u64]| {
        let mut builder = passive(&registry);
        let point = builder.place("Tiring", 3, &[]).unwrap();
        let connection = builder.connect(point, 1.0).unwrap();
        let mut cell = builder.build().unwrap();
        // Point processes are numbered behind the built-in synapses, of which there are none.
        cell.watch(0);
        for time_ms in [1.0, 3.0, 4.0] {
            cell.send(connection, time_ms);
        }
        let mut noted = Vec::new();
        for &until in windows {
            cell.advance(until, &mut Vec::new());
            noted.extend(cell.take_releases().map(|release| (release.step, release.synapse, release.fraction)));
        }
        noted
    };
    let whole = noted(&[200]);
    assert_eq!(whole, [(40, 0, 0.8), (120, 0, 0.4), (160, 0, 0.2)]);
    assert_eq!(whole, noted(&[50, 130, 131, 200]), "however an advance is split");
}
