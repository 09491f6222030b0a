//! Voltages of NEURON 9.0.2, printed by `benches/compare/neuron_reference.py` and `benches/compare/features_reference.py` (and `edges_reference.py`).

use crate::cells::{builder, cylinder};
use msr_config::simulation::IntegrationMethod;
use msr_coupling::Simulator;
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::{Cell, Imposed, PointPlace};
use msr_neuro::ions::{Reversal, Reversals};
use msr_neuro::mechanisms::{BUNDLED, Registry};
use msr_neuro::morphology::{Attachment::*, Placement, SectionKind::*};
use msr_neuro::nmodl::Options;
use msr_neuro::random::Draws;
use msr_neuro::simulator::{GapJunction, NeuroSimulator, PlacedCell};
use msr_neuro::stimuli::{
    Clamp, ClampCourse, Field, FieldCourse, Origin, OrnsteinUhlenbeck, Samples, Stimulus, Waveform,
};

const DT_MS: f64 = 0.025;
/// NEURON takes the slope of the current from a difference quotient with 0.001 mV.
const TOLERANCE_MV: f64 = 1e-4;
/// With the same quotient all that differs is rounding, which spikes amplify.
const ROUNDING_MV: f64 = 1e-8;

/// The mechanisms of the crate, with the derivative and with NEURON's difference quotient as slope of their currents.
fn both_slopes() -> [(Registry, f64); 2] {
    let mut quotient = Registry::default();
    let options = Options { numeric_conductance: true, ..Options::default() };
    for (file, text) in BUNDLED {
        quotient.register_file(text, file, &options).unwrap();
    }
    [(Registry::default(), TOLERANCE_MV), (quotient, ROUNDING_MV)]
}

/// Steps through the times of the table and compares; returns the steps at which it spiked.
fn compare<const N: usize>(
    cell: &mut Cell,
    segments: [usize; N],
    table: &[(f64, [f64; N])],
    tolerance_mv: f64,
) -> Vec<u64> {
    let mut spikes = Vec::new();
    for (time_ms, expected) in table {
        cell.advance((time_ms / DT_MS).round() as u64, &mut spikes);
        for (segment, expected) in segments.iter().zip(expected) {
            let v = cell.voltage_mv(*segment);
            assert!((v - expected).abs() < tolerance_mv, "{time_ms} ms, segment {segment}: {v}, NEURON {expected}");
        }
    }
    spikes
}

fn squid_reversals() -> Reversals {
    Reversals { ena: Reversal::Fixed(50.0), ek: Reversal::Fixed(-77.0), eca: Reversal::Nernst }
}

#[test]
fn hh_compartment() {
    for (registry, tolerance_mv) in both_slopes() {
        one_compartment(&registry, tolerance_mv);
    }
}

fn one_compartment(registry: &Registry, tolerance_mv: f64) {
    let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 100.0 };
    let mut builder = builder(registry, vec![cylinder(Soma, None, 0.0, 20.0, 20.0)], 40.0, cable);
    builder.celsius = 6.3;
    builder.v_init_mv = -65.0;
    builder.threshold_mv = 0.0;
    builder.reversals = squid_reversals();
    builder.insert("hh", [0]).unwrap();
    let mut cell = builder.build().unwrap();
    cell.add_stimulus(Stimulus { node: 0, waveform: Waveform::step(1.0, 20.0, 0.5) });
    let table = [
        (0.025, [-64.99925452909274]),
        (1.0, [-64.97571297665202]),
        (2.0, [33.40936972759528]),
        (2.5, [30.469160003467103]),
        (3.0, [5.3978396165964275]),
        (4.0, [-39.30310629697809]),
        (6.0, [-69.66091554502376]),
        (10.0, [-55.578081447849264]),
        (15.0, [-70.1053668351408]),
        (20.0, [-51.77215678062002]),
        (25.0, [-75.47927343913747]),
    ];
    let spikes = compare(&mut cell, [0], &table, tolerance_mv);
    // 1.875, 11.975 and 21.425 ms.
    assert_eq!(spikes, [75, 479, 857]);
    for (gate, expected) in [("m", 0.014338253756699601), ("h", 0.2371634174351253), ("n", 0.5673505002810005)] {
        let value = cell.mechanism_values("hh", gate).unwrap().1[0];
        assert!((value - expected).abs() < 1e-6, "{gate}: {value}");
    }
}

#[test]
fn ball_and_stick() {
    for (registry, tolerance_mv) in both_slopes() {
        soma_and_dendrite(&registry, tolerance_mv);
    }
}

fn soma_and_dendrite(registry: &Registry, tolerance_mv: f64) {
    let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 150.0 };
    let sections = vec![cylinder(Soma, None, 0.0, 20.0, 20.0), cylinder(Dend, Some((0, End)), 20.0, 300.0, 2.0)];
    let mut builder = builder(registry, sections, 40.0, cable);
    builder.celsius = 6.3;
    builder.v_init_mv = -65.0;
    builder.threshold_mv = 0.0;
    builder.reversals = squid_reversals();
    builder.insert("hh", [0]).unwrap();
    builder.insert("pas", 1..16).unwrap();
    builder.set("pas", "g", (1..16).map(|segment| (segment, 1e-4))).unwrap();
    builder.set("pas", "e", (1..16).map(|segment| (segment, -65.0))).unwrap();
    let mut cell = builder.build().unwrap();
    let node = cell.node(8) as u32;
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(2.0, 10.0, 0.6) });
    let table = [
        (2.0, [-64.97679748946838, -64.98573249197847, -64.98866488722372]),
        (3.0, [-54.56732636149087, -33.83333889826008, -41.59563155650775]),
        (4.0, [34.93825157247427, 0.04806622970067931, -18.302014442717756]),
        (5.0, [0.1531807858468084, 32.54189203064207, 25.008919161380245]),
        (6.0, [-41.48576380962241, 16.782193331036655, 20.26116452972866]),
        (8.0, [-67.77421081680706, -21.66686383234826, -20.133227704453592]),
        (12.0, [-56.87009595128317, -20.454874721203257, -22.69698959949792]),
        (20.0, [-67.94789675711445, -67.95900906389288, -67.95112481190658]),
    ];
    let spikes = compare(&mut cell, [0, 8, 15], &table, tolerance_mv);
    // 3.825 ms.
    assert_eq!(spikes, [153]);
}

#[test]
fn branched() {
    let registry = Registry::default();
    let cable = CableParameters { capacitance_uf_per_cm2: 0.9, axial_resistivity_ohm_cm: 123.0 };
    let sections = vec![
        cylinder(Soma, None, 0.0, 20.0, 20.0),
        cylinder(Dend, Some((0, Middle)), 10.0, 100.0, 3.0),
        cylinder(Dend, Some((1, End)), 110.0, 150.0, 1.5),
        cylinder(Dend, Some((1, End)), 110.0, 80.0, 1.0),
    ];
    let mut builder = builder(&registry, sections, 40.0, cable);
    builder.v_init_mv = -70.0;
    let segments = builder.discretisation().segments.len();
    assert_eq!(segments, 1 + 5 + 7 + 5);
    builder.insert("pas", 0..segments).unwrap();
    builder.set("pas", "g", (0..segments).map(|segment| (segment, 5e-5))).unwrap();
    let mut cell = builder.build().unwrap();
    let node = cell.node(12) as u32;
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(1.0, 30.0, 0.1) });
    let table = [
        (2.0, [-67.89852347222671, -67.51613050439586, -58.74636781818884, -67.49292594163748]),
        (5.0, [-58.74594470614734, -58.34598399266283, -49.38726281832268, -58.30502987327529]),
        (10.0, [-46.449380098494984, -46.049419078435164, -37.09069462247507, -46.008464635549515]),
        (31.0, [-19.993428002729846, -19.593466982670023, -10.63474252670989, -19.552512539784367]),
        (50.0, [-52.111224869903424, -52.111224869903424, -52.111224869903424, -52.111224869903424]),
    ];
    // A linear membrane: the difference quotient is exact up to rounding.
    compare(&mut cell, [0, 3, 12, 17], &table, 1e-8);
}

/// Time, voltage of the soma, gate, voltage of the dendrite's end; with tables.
const TABLED: &[(f64, [f64; 3])] = &[
    (1.0, [-65.03812523255266, 0.0551072866170365, -65.00898226315009]),
    (3.0, [-51.917443498781765, 0.07514513050926548, -61.9432064484501]),
    (6.0, [-35.71796620975649, 0.38174998804490357, -43.17387402936355]),
    (10.0, [-45.188307807216994, 0.537474180792842, -45.44633395592607]),
    (14.0, [-59.724234175111995, 0.39574722977792065, -55.78025830310959]),
    (25.0, [-64.89629964546675, 0.07339206807517473, -64.8263745151811]),
];
/// The same without.
const EXACT: &[(f64, [f64; 3])] = &[
    (1.0, [-65.03660200230014, 0.05427130818983351, -65.00862377478096]),
    (3.0, [-51.91475582522145, 0.07425203426456391, -61.941411581122786]),
    (6.0, [-35.73195573711092, 0.38123630795211816, -43.18507331326102]),
    (10.0, [-45.734112656894794, 0.5313682193125876, -45.8034591576566]),
    (14.0, [-59.79861051961732, 0.3880308584090767, -55.945423317363094]),
    (25.0, [-64.87233451633325, 0.07257610028144729, -64.80435699735521]),
];

#[test]
fn tables_are_looked_up_on_request() {
    for (tables, expected) in [(true, TABLED), (false, EXACT)] {
        let options = Options { numeric_conductance: true, tables, ..Options::default() };
        let mut registry = Registry::default();
        registry.register_file(include_str!("mechanisms/tabled.mod"), "tabled.mod", &options).unwrap();
        let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 150.0 };
        let sections = vec![cylinder(Soma, None, 0.0, 20.0, 20.0), cylinder(Dend, Some((0, End)), 20.0, 300.0, 2.0)];
        let mut builder = builder(&registry, sections, 40.0, cable);
        builder.celsius = 6.3;
        builder.v_init_mv = -65.0;
        builder.reversals = squid_reversals();
        builder.insert("tabled", [0]).unwrap();
        builder.insert("pas", 0..16).unwrap();
        builder.set("pas", "g", (0..16).map(|segment| (segment, 1e-4))).unwrap();
        builder.set("pas", "e", (0..16).map(|segment| (segment, -65.0))).unwrap();
        let mut cell = builder.build().unwrap();
        cell.add_stimulus(Stimulus { node: cell.node(0) as u32, waveform: Waveform::step(2.0, 10.0, 0.3) });
        for (time_ms, expected) in expected {
            cell.advance((time_ms / DT_MS).round() as u64, &mut Vec::new());
            let gate = cell.mechanism_values("tabled", "n").unwrap().1[0];
            for (found, expected) in [cell.voltage_mv(0), gate, cell.voltage_mv(15)].iter().zip(expected) {
                assert!((found - expected).abs() < ROUNDING_MV, "{tables}, {time_ms} ms: {found}, NEURON {expected}");
            }
        }
    }
}

/// Two cells joined in their dendrites, one of them driven: `benches/compare/edges_reference.py`.
#[test]
fn gap_junction() {
    let table = [
        (1.0, [-64.97652535465464, -64.97629885047144]),
        (2.0, [31.947833203715525, -59.38597165479757]),
        (3.0, [5.7620688649507175, 38.57730361694666]),
        (4.0, [-37.19806488600933, -8.479049344214706]),
        (5.0, [-69.19822399891876, -60.14352598774038]),
        (7.0, [-64.86965683568663, -75.29068677845098]),
        (10.0, [-55.42305142210091, -70.85597477795004]),
        (12.0, [-43.835635625144846, -66.40702662642079]),
        (15.0, [-56.04466655241278, -6.676434747659679]),
        (18.0, [-62.598471039546624, -75.11845008104184]),
        (20.0, [-56.58687430494873, -72.31725806351598]),
        (22.0, [-71.05383800668454, -70.3799423702683]),
        (25.0, [-69.96449458437606, -69.31903417601578]),
    ];
    for (registry, tolerance_mv) in both_slopes() {
        let placed: Vec<(PlacedCell, PointPlace)> = [3, 6]
            .into_iter()
            .zip(0..)
            .map(|(segment, node)| {
                let sections =
                    vec![cylinder(Soma, None, 0.0, 15.0, 15.0), cylinder(Dend, Some((0, Middle)), 7.5, 200.0, 1.5)];
                let mut builder = builder(&registry, sections, 40.0, CableParameters::default());
                builder.celsius = 6.3;
                builder.v_init_mv = -65.0;
                builder.reversals = squid_reversals();
                builder.insert("hh", 0..12).unwrap();
                let junction = builder.place("Gap", 1 + segment, &[("g", 30.0)]).unwrap();
                let mut cell = builder.build().unwrap();
                if node == 0 {
                    let soma = cell.node(0) as u32;
                    cell.add_stimulus(Stimulus { node: soma, waveform: Waveform::step(1.0, 20.0, 0.6) });
                }
                let voltage = cell.point_place(junction, "vgap").unwrap();
                (PlacedCell { node, cell, placement: Placement::at([0.0; 3]) }, voltage)
            })
            .collect();
        let gaps = [
            GapJunction { cell: 0, voltage: placed[0].1, other: 1, segment: 7 },
            GapJunction { cell: 1, voltage: placed[1].1, other: 0, segment: 4 },
        ];
        let cells = placed.into_iter().map(|(cell, _)| cell).collect();
        let mut simulator = NeuroSimulator::new("pair", cells, &[], DT_MS).unwrap().with_gap_junctions(&gaps).unwrap();
        for (time_ms, expected) in &table {
            simulator.advance((time_ms / DT_MS).round() as u64).unwrap();
            for (cell, expected) in simulator.cells().iter().zip(expected) {
                let v = cell.voltage_mv(0);
                assert!((v - expected).abs() < 20.0 * tolerance_mv, "{time_ms} ms: {v}, NEURON {expected}");
            }
        }
    }
}

/// The published plastic synapse (EModelRunner 1.2.5) with its stream, on a passive soma, with time constants of efficacy a hundred times
/// shorter than its own: voltage, calcium, what of it counts, efficacy, release probability, conductance. Ten spikes and a pulse:
/// `benches/compare/edges_reference.py`.
#[test]
fn plastic_synapse() {
    let table = [
        (
            5.0,
            [
                -61.15317851031121,
                0.0011188143812686142,
                0.0008639797690517473,
                0.1995200489332817,
                0.5970225862554656,
                1.203297578118056,
            ],
        ),
        (
            10.0,
            [
                -59.46394427768664,
                0.004305250487522931,
                0.014568752845751834,
                0.1990401980067372,
                0.5940896237557581,
                1.206524790841325,
            ],
        ),
        (
            20.0,
            [
                -64.14441404496941,
                0.006300244345624964,
                0.06916954932352411,
                0.599850979834156,
                0.5889056762236202,
                1.2146112539283023,
            ],
        ),
        (
            30.0,
            [
                -66.55102399987368,
                0.00587067195701472,
                0.12657983796074992,
                0.6804915901032276,
                0.5925755585397493,
                1.251378911406942,
            ],
        ),
        (
            45.0,
            [
                -48.80758204858654,
                0.0058811394572545524,
                0.19736581765850175,
                0.6806397917572854,
                0.5982229213499513,
                1.3055057200455387,
            ],
        ),
        (
            55.0,
            [
                -24.106229796888382,
                0.020144763211340268,
                0.288709919436635,
                0.6806398033801188,
                0.6018342792032259,
                1.3401166867420353,
            ],
        ),
        (
            65.0,
            [
                -13.820809762743002,
                0.060669023089383885,
                0.6963352616119287,
                0.6806398034014394,
                0.6053272475501089,
                1.3735930175948254,
            ],
        ),
        (
            80.0,
            [
                -42.584703570955796,
                0.05640013674750689,
                1.63277968208267,
                0.680639803401475,
                0.6103531747041606,
                1.4217611037439928,
            ],
        ),
        (
            95.0,
            [
                -57.779497699803585,
                0.025304377125947804,
                2.1082752990438984,
                0.680639803401475,
                0.6151339944579686,
                1.4675801000618036,
            ],
        ),
        (
            112.0,
            [
                -62.452955696401546,
                0.01178733490171797,
                2.268601828909528,
                0.680639803401475,
                0.6202710172375205,
                1.516812917850676,
            ],
        ),
        (
            130.0,
            [
                -64.60109247797294,
                0.010180401486520147,
                2.3258038678072763,
                0.680639803401475,
                0.6254021035739105,
                1.5659888412403984,
            ],
        ),
        (
            150.0,
            [
                -67.46871875027563,
                0.006499946157426398,
                2.3209978320703537,
                0.680639803401475,
                0.630753633027382,
                1.6172774739331286,
            ],
        ),
    ];
    for (mut registry, tolerance) in both_slopes() {
        let globals = [("tau_ind_GB", 0.5), ("tau_exp_GB", 0.3)].map(|(name, value)| (name.to_owned(), value));
        registry.set_globals("GluSynapse", &globals).unwrap();
        let sections = vec![cylinder(Soma, None, 0.0, 20.0, 20.0)];
        let mut builder = builder(&registry, sections, 40.0, CableParameters::default());
        builder.celsius = 34.0;
        builder.v_init_mv = -70.0;
        builder.streams.seed = 11;
        builder.insert("pas", [0]).unwrap();
        builder.set("pas", "g", [(0, 1e-4)]).unwrap();
        builder.set("pas", "e", [(0, -70.0)]).unwrap();
        let parameters = [
            ("Use", 0.6),
            ("Use_d", 0.3),
            ("Use_p", 0.9),
            ("Dep", 60.0),
            ("Fac", 20.0),
            ("Nrrp", 4.0),
            ("gmax0_AMPA", 1.2),
            ("gmax_d_AMPA", 1.0),
            ("gmax_p_AMPA", 3.0),
            ("gmax_NMDA", 2.5),
            ("tau_d_AMPA", 1.9),
            ("volume_CR", 0.1),
            ("theta_d_GB", 0.02),
            ("theta_p_GB", 0.05),
            ("rho0_GB", 0.2),
        ];
        let synapse = builder.place("GluSynapse", 0, &parameters).unwrap();
        builder.set_stream(synapse, [5, 100_007, 203]).unwrap();
        let connection = builder.connect(synapse, 1.0).unwrap();
        let mut cell = builder.build().unwrap();
        cell.add_stimulus(Stimulus { node: 0, waveform: Waveform::step(40.0, 30.0, 0.06) });
        let times = (0..8).map(|k| 2.0 + 12.5 * f64::from(k)).chain([110.0, 112.0]);
        for time_ms in times {
            cell.send(connection, time_ms + 1.0);
        }
        for (time_ms, expected) in table {
            cell.advance((time_ms / DT_MS).round() as u64, &mut Vec::new());
            let state = |name| cell.point_value(synapse, name).unwrap();
            let states = ["cai_CR", "effcai_GB", "rho_GB", "Use_GB", "gmax_AMPA"].map(state);
            assert!((cell.voltage_mv(0) - expected[0]).abs() < tolerance, "{time_ms} ms: {}", cell.voltage_mv(0));
            for (found, expected) in states.iter().zip(&expected[1..]) {
                assert!((found / expected - 1.0).abs() < tolerance, "{time_ms} ms: {found}, NEURON {expected}");
            }
        }
    }
}

/// A soma and a dendrite of 15 segments, passive, from -65 mV to its rest at -70 mV.
fn passive_stick(registry: &Registry) -> Cell {
    let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 150.0 };
    let sections = vec![cylinder(Soma, None, 0.0, 20.0, 20.0), cylinder(Dend, Some((0, End)), 20.0, 300.0, 2.0)];
    let mut builder = builder(registry, sections, 40.0, cable);
    builder.v_init_mv = -65.0;
    builder.insert("pas", 0..16).unwrap();
    builder.set("pas", "g", (0..16).map(|segment| (segment, 1e-4))).unwrap();
    builder.set("pas", "e", (0..16).map(|segment| (segment, -70.0))).unwrap();
    builder.build().unwrap()
}

/// Voltages of the soma, the middle and the end of the dendrite, and the current that is imposed (nA, inward), with neurodamus'
/// own sources in NEURON.
fn compare_imposed(cell: &mut Cell, node: u32, imposed: Imposed, table: &[(f64, [f64; 4])]) {
    for &(time_ms, [soma, middle, end, current_na]) in table {
        compare(cell, [0, 8, 15], &[(time_ms, [soma, middle, end])], ROUNDING_MV);
        let mut sums = vec![0.0; cell.cable().len()];
        cell.add_imposed_na(imposed, &mut sums);
        let found = sums[node as usize];
        assert!((found - current_na).abs() < 1e-9, "{time_ms} ms: {found} nA, NEURON {current_na}");
    }
}

/// neurodamus' stream of an Ornstein-Uhlenbeck input: first block, stimulus_seed 7, node 1, random_seed 3.
fn ornstein_uhlenbeck(mean: f64, sigma: f64) -> Samples {
    let mut random = Draws::new(3, [2997, 291_204 + 7, 125]);
    let values = OrnsteinUhlenbeck { tau_ms: 3.0, mean, sigma }.samples(&mut random, 41, 0.25);
    Samples { delay_ms: 2.0, duration_ms: 10.1, step_ms: 0.25, values, outside: 0.0 }
}

#[test]
fn noise_is_injected_as_by_neurodamus() {
    let registry = &both_slopes()[1].0;
    let mut cell = passive_stick(registry);
    let node = cell.node(8) as u32;
    cell.add_membrane_current(Stimulus { node, waveform: Waveform::Sampled(ornstein_uhlenbeck(0.05, 0.02)) });
    let table = [
        (1.0, [-65.47524829198, -65.47524829198001, -65.47524829198001, -0.0]),
        (2.0, [-65.905324396154, -65.905324396154, -65.905324396154, -0.0]),
        (2.025, [-65.91503783881652, -65.59173617854778, -65.91137175336031, -0.049792127094303466]),
        (3.5, [-64.85465315972512, -62.84580820083663, -63.49291190853863, -0.05303120675757954]),
        (6.0, [-61.31195801831794, -58.17657087573132, -59.2437331675118, -0.08832391898692157]),
        (11.9, [-59.011960995162134, -57.451736360356925, -57.93089129868975, -0.04215551447062383]),
        (12.075, [-58.98692497426781, -57.647991728846854, -57.901099124556545, -0.016008697439960775]),
        (14.0, [-60.46686434068033, -60.4394436760271, -60.425285463482304, 0.0]),
    ];
    compare_imposed(&mut cell, node, Imposed::Current(Origin::Membrane), &table.map(inward));
    let table = [
        (1.0, [-65.47524729991456, -65.47524540401614, -65.47524613073354, -5.5475245404016135e-08]),
        (2.0, [-65.90532197759234, -65.9053198948156, -65.90532053864418, -5.590531989481561e-08]),
        (2.025, [-65.91499674733527, -65.56659536083806, -65.9110446252124, -0.05187523753399664]),
        (3.5, [-64.44169037034636, -61.621975469565, -62.46236554935797, -0.06563861668432154]),
        (6.0, [-56.53165618983914, -49.8796302413306, -52.30153400591211, -0.19309155096083971]),
        (11.9, [-57.360098332540225, -57.123956748664526, -57.23156194068144, -0.009630969619933129]),
        (12.075, [-57.54706798606552, -57.37098741251364, -57.39682167516835, -6.316123827935338e-08]),
        (14.0, [-59.66239035660402, -59.65859399990772, -59.656633813214384, 0.0]),
    ];
    for (origin, table) in [(Origin::Membrane, table.map(inward)), (Origin::Electrode, table.map(inward))] {
        let mut cell = passive_stick(registry);
        let course = ClampCourse::conductance(ornstein_uhlenbeck(0.001, 0.002), -10.0);
        cell.add_clamp(origin, Clamp { node, course });
        compare_imposed(&mut cell, node, Imposed::Clamp(origin), &table);
    }
}

/// The current of a membrane mechanism is positive where it leaves the cell.
fn inward((time_ms, [soma, middle, end, outward]): (f64, [f64; 4])) -> (f64, [f64; 4]) {
    (time_ms, [soma, middle, end, -outward])
}

#[test]
fn voltages_are_clamped_as_by_neurodamus() {
    let mut cell = passive_stick(&both_slopes()[1].0);
    let levels = vec![(0.0, -60.0), (2.0, -20.0), (5.0, -80.0)];
    let course = ClampCourse::Voltage { series_mohm: 0.5, levels, end_ms: 13.0 };
    cell.add_clamp(Origin::Electrode, Clamp { node: 0, course });
    let table = [
        (1.0, [-60.02537201970064, -62.278946643161866, -63.12305468055332, 0.05074403940128036]),
        (2.0, [-60.01878024664622, -61.42942958302479, -61.929388958172936, 0.03756049329244604]),
        (2.025, [-28.918342725590254, -61.23926836957075, -61.90986584729099, 17.836685451180507]),
        (3.5, [-20.13254676912961, -32.13853585439243, -36.67462782410413, 0.2650935382592223]),
        (6.0, [-79.84892903603257, -61.50630498055266, -54.073569584856685, -0.30214192793485495]),
        (11.9, [-79.98469575278715, -79.01955647041653, -78.70280805640554, -0.030608494425706567]),
        (12.075, [-79.98475745383162, -79.02752625809512, -78.71402998081969, -0.030485092336761]),
        (14.0, [-78.6618422448394, -78.52386064107792, -78.45266735915354, 0.0]),
    ];
    compare_imposed(&mut cell, 0, Imposed::Clamp(Origin::Electrode), &table);
}

/// Two fields along the dendrite; NEURON has the mechanism `extracellular`, whose outside is 1e-9 away from the field.
#[test]
fn electric_fields_act_as_in_neuron() {
    let mut cell = passive_stick(&both_slopes()[1].0);
    // 200 and 150 V/m; the middle of the soma is the origin.
    for (v_per_m, course) in [
        (200.0, FieldCourse { delay_ms: 1.0, duration_ms: 5.0, ramp_up_ms: 2.0, ramp_down_ms: 1.0, ..CONSTANT }),
        (150.0, FieldCourse { delay_ms: 3.0, duration_ms: 8.0, frequency_hz: 100.0, phase_rad: 0.5, ..CONSTANT }),
    ] {
        let mut potentials_mv = vec![0.0];
        potentials_mv.extend((0..15).map(|segment| v_per_m * (10.0 + 20.0 * f64::from(segment)) * 1e-3));
        let field = Field::new(cell.cable(), &potentials_mv, course);
        cell.add_field(field);
    }
    let table = [
        (1.0, [-65.47524829198, -65.47524829198001, -65.47524829198001]),
        (2.0, [-61.421919443414474, -68.36278959102823, -77.58743650502676]),
        (2.025, [-61.25479446661735, -68.48432074659864, -78.01313501894758]),
        (3.5, [-45.62436774188768, -79.37201531677941, -115.8753382310918]),
        (6.0, [-55.79119630619807, -75.30702154359469, -91.41577321096874]),
        (11.9, [-67.30526613622393, -69.43449902109495, -70.53592698981791]),
        (12.075, [-67.64931374518494, -69.20138093575524, -70.00323901269037]),
        (14.0, [-68.7385889921066, -68.78635213091387, -68.8110139771907]),
    ];
    compare(&mut cell, [0, 8, 15], &table, 1e-5);
}

const CONSTANT: FieldCourse = FieldCourse {
    delay_ms: 0.0,
    duration_ms: 0.0,
    ramp_up_ms: 0.0,
    ramp_down_ms: 0.0,
    frequency_hz: 0.0,
    phase_rad: 0.0,
};

/// A passive soma and dendrite with an IClamp from 0.05 ms on and an SEClamp: `i_membrane_` of all segments.
#[test]
fn membrane_currents_are_neurons() {
    let registry = &both_slopes()[1].0;
    let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 35.4 };
    let sections = vec![cylinder(Soma, None, 0.0, 20.0, 20.0), cylinder(Dend, Some((0, End)), 20.0, 200.0, 2.0)];
    let mut builder = builder(registry, sections, 150.0, cable);
    builder.v_init_mv = -65.0;
    builder.insert("pas", 0..4).unwrap();
    builder.set("pas", "g", (0..4).map(|segment| (segment, 1e-4))).unwrap();
    builder.set("pas", "e", (0..4).map(|segment| (segment, -70.0))).unwrap();
    let mut cell = builder.build().unwrap();
    cell.add_stimulus(Stimulus { node: 0, waveform: Waveform::step(0.05, 100.0, 0.1) });
    let course = ClampCourse::Voltage { series_mohm: 5.0, levels: vec![(0.0, -50.0)], end_ms: 100.0 };
    cell.add_clamp(Origin::Electrode, Clamp { node: 2, course });
    let table = [
        (1, [0.27192831578796317, 0.2627188433772482, 0.9373437574407133, 0.41442135990033385]),
        (3, [0.551766579590124, 0.20530668180159695, 0.21351044453242451, 0.31701254786754185]),
        (5, [0.5266952333273368, 0.1627615536245533, 0.11473647424262998, 0.1852612107176259]),
        (40, [0.04804914848212372, 0.014605458698022664, 0.011113146566936533, 0.011443296064091913]),
    ];
    for (step, expected) in table {
        cell.advance(step, &mut Vec::new());
        let mut found = vec![0.0; cell.cable().len()];
        cell.add_membrane_na(&mut found);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{step}: {found}, NEURON {expected}");
        }
    }
}

/// Whether tables are used, and time and what both routines gave in segments 0, 8 and 15.
const SHEETS: &[(f64, f64, [f64; 6])] = &[
    (1.0, 0.025, [4256.3, 8500.0, 38256.3, 8500.0, 68006.3, 8500.0]),
    (
        1.0,
        5.0,
        [
            1283.426656941089,
            2554.253313882178,
            18097.790576231957,
            4020.3312391626573,
            36433.06962863301,
            4553.346203579127,
        ],
    ),
    (
        1.0,
        14.0,
        [
            270.6929951905566,
            528.7859903811132,
            2446.0812651613387,
            542.1736144802974,
            4398.988997157987,
            549.0861246447483,
        ],
    ),
    (0.0, 0.025, [4231.3, 8450.0, 38031.3, 42250.0, 67606.3, 71825.0]),
    (
        0.0,
        5.0,
        [
            1258.5768315363541,
            2504.5536630727083,
            17874.55366274678,
            19853.615180829758,
            36134.56235964517,
            38386.27875712299,
        ],
    ),
    (
        0.0,
        14.0,
        [
            245.9231710911739,
            479.2463421823478,
            2225.5277995571755,
            2465.808666174639,
            4009.6976533030543,
            4253.610006634495,
        ],
    ),
];

/// A passive soma and dendrite with tables whose routines read parameters of the instance, `scale` times larger ones.
fn with_sheets(registry: &Registry, scale: f64) -> Cell {
    let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 150.0 };
    let sections = vec![cylinder(Soma, None, 0.0, 20.0, 20.0), cylinder(Dend, Some((0, End)), 20.0, 300.0, 2.0)];
    let mut builder = builder(registry, sections, 40.0, cable);
    builder.celsius = 6.3;
    builder.v_init_mv = -65.0;
    let all = |value: fn(usize) -> f64| (0..16).map(move |segment| (segment, value(segment)));
    builder.insert("pas", 0..16).unwrap();
    builder.set("pas", "g", all(|_| 1e-4)).unwrap();
    builder.set("pas", "e", all(|_| -65.0)).unwrap();
    builder.insert("sheets", 0..16).unwrap();
    builder.set("sheets", "p", all(|segment| 1.0 + segment as f64)).unwrap();
    builder.set("sheets", "q", (0..16).map(|segment| (segment, scale * (2.0 + segment as f64)))).unwrap();
    let mut cell = builder.build().unwrap();
    cell.add_stimulus(Stimulus { node: cell.node(0) as u32, waveform: Waveform::step(2.0, 10.0, 0.3) });
    cell
}

#[test]
fn tables_are_made_anew_where_they_depend_on_the_instance() {
    let mut registry = Registry::default();
    registry.register_file(include_str!("mechanisms/sheets.mod"), "sheets.mod", &Options::default()).unwrap();
    for tables in [1.0, 0.0] {
        registry.set_globals("sheets", &[("usetable".to_owned(), tables)]).unwrap();
        let mut cell = with_sheets(&registry, 1.0);
        for (_, time_ms, expected) in SHEETS.iter().filter(|row| row.0 == tables) {
            cell.advance((time_ms / DT_MS).round() as u64, &mut Vec::new());
            for (segment, expected) in [0, 8, 15].into_iter().zip(expected.chunks(2)) {
                for (name, expected) in ["of_f", "of_g"].into_iter().zip(expected) {
                    let found = cell.mechanism_values("sheets", name).unwrap().1[segment];
                    assert!(
                        (found / expected - 1.0).abs() < 1e-9,
                        "{tables}, {time_ms} ms: {found}, NEURON {expected}"
                    );
                }
            }
        }
    }
    // A cell has tables of its own, whichever is built or runs first.
    registry.set_globals("sheets", &[("usetable".to_owned(), 1.0)]).unwrap();
    let of_g = |cell: &Cell| cell.mechanism_values("sheets", "of_g").unwrap().1[3];
    let [first, second] = [(); 2].map(|()| [1.0, 3.0].map(|scale| of_g(&with_sheets(&registry, scale))));
    let backwards = [3.0, 1.0].map(|scale| of_g(&with_sheets(&registry, scale)));
    assert_eq!(first, second);
    assert_eq!(first, [backwards[1], backwards[0]]);
    assert!((first[1] / first[0] - 3.0).abs() < 1e-12);
    let refused = registry.set_globals("pas", &[("usetable".to_owned(), 1.0)]).unwrap_err().to_string();
    assert!(refused.contains("'pas' has no global parameter 'usetable'"), "{refused}");
}

/// Time, and of NEURON with `secondorder` 0, 1 and 2: voltages of segments 0 and 8, and of segment 0 sodium and calcium
/// currents and concentrations; the net membrane current of segment 8.
const ORDERS: [&[(f64, [f64; 7])]; 3] = [
    &[
        (
            0.025,
            [
                -65.01652278748745,
                -65.0000945245185,
                -7.658593712686339e-05,
                -2.8590425176092786e-09,
                10.000000039687116,
                5.0000000037039845e-05,
                -4.7631988276606786e-06,
            ],
        ),
        (
            3.0,
            [
                -64.04369911700023,
                -60.85158117897592,
                -0.00011046775436696059,
                -2.6268380555528566e-09,
                10.000004250240096,
                5.000000395689697e-05,
                -0.0725937040272491,
            ],
        ),
        (
            6.0,
            [
                1.1507335567011374,
                -24.34859169118052,
                -0.9775772696663743,
                -0.027908906504510677,
                10.009501398657784,
                5.243116914588933e-05,
                0.02683231154535937,
            ],
        ),
        (
            8.0,
            [
                -74.29646229185403,
                -63.97063358140128,
                -7.14447512608801e-07,
                -0.004133620268731902,
                10.0169012574891,
                7.796725355797915e-05,
                -0.01769798670575668,
            ],
        ),
        (
            20.0,
            [
                -71.72292185150091,
                -68.29970139484746,
                -2.8029960320607023e-06,
                -0.001232000905498477,
                10.052351502199112,
                0.00012880908106642847,
                -0.0035967070819277205,
            ],
        ),
        (
            50.0,
            [
                -68.64081315569396,
                -68.1008515909788,
                -1.6094238737499854e-05,
                -4.263567024475164e-07,
                10.12332524431491,
                0.0001920648983213894,
                -0.0006519415056496672,
            ],
        ),
    ],
    &[
        (
            0.025,
            [
                -65.01722568793542,
                -65.00001287896238,
                -7.658593712686339e-05,
                -2.8590425176092786e-09,
                10.000000039687116,
                5.0000000037039845e-05,
                -6.481764664480977e-07,
            ],
        ),
        (
            3.0,
            [
                -64.04429192753175,
                -60.84848513349546,
                -0.0001103789288393355,
                -2.621133018461164e-09,
                10.00000424330566,
                5.000000395404689e-05,
                -0.07261734735271508,
            ],
        ),
        (
            6.0,
            [
                -0.9859354633642936,
                -24.1057799961265,
                -1.001643555693312,
                -0.028674051767675714,
                10.0093946168028,
                5.265180450333009e-05,
                0.02045417369922948,
            ],
        ),
        (
            8.0,
            [
                -73.93901890230951,
                -63.91682094261016,
                -8.426358256820008e-07,
                -0.004162606821876628,
                10.016748988973756,
                7.801046663647847e-05,
                -0.017494798610302044,
            ],
        ),
        (
            20.0,
            [
                -70.76885285335652,
                -68.34511358546129,
                -4.396711024296509e-06,
                -0.0010958913288361908,
                10.051730278456043,
                0.000128814165740393,
                -0.0025195513171234175,
            ],
        ),
        (
            50.0,
            [
                -81.79927878164628,
                -79.82945375193084,
                -3.817068042459051e-08,
                -8.843473869559254e-07,
                10.139380992206735,
                0.00021335276457190103,
                -0.002352220134531344,
            ],
        ),
    ],
    &[
        (
            0.025,
            [
                -65.01722568793542,
                -65.00001287896238,
                -7.659082862219564e-05,
                -2.859164766335234e-09,
                10.000000039689649,
                5.000000003704143e-05,
                -6.481764664480977e-07,
            ],
        ),
        (
            3.0,
            [
                -64.04429192754573,
                -60.848485133512526,
                -0.00011035854321766577,
                -2.620809657319213e-09,
                10.000004243144458,
                5.000000395397785e-05,
                -0.07261734735273005,
            ],
        ),
        (
            6.0,
            [
                -0.9861435391534128,
                -24.105582261574117,
                -1.0264767482138377,
                -0.02903105492814952,
                10.009187688831998,
                5.270428598298908e-05,
                0.020453498323260277,
            ],
        ),
        (
            8.0,
            [
                -73.9392635600764,
                -63.917180691116386,
                -8.422884406660516e-07,
                -0.004160837977931173,
                10.016636957325334,
                7.81661890741005e-05,
                -0.017494677321108792,
            ],
        ),
        (
            20.0,
            [
                -70.76911129026374,
                -68.34561331284223,
                -4.393973495479944e-06,
                -0.001095027257320479,
                10.051402319243058,
                0.00012923819270409034,
                -0.0025192514189316456,
            ],
        ),
        (
            50.0,
            [
                -81.79979374151632,
                -79.82996507297287,
                -3.815881315197252e-08,
                -8.836508048185595e-07,
                10.138514446878677,
                0.00021427324397853498,
                -0.0023522242870350585,
            ],
        ),
    ],
];

#[test]
fn crank_nicolson_is_that_of_neuron() {
    let options = Options { numeric_conductance: true, ..Options::default() };
    let mut registry = Registry::default();
    for (file, text) in BUNDLED {
        registry.register_file(text, file, &options).unwrap();
    }
    let methods = [IntegrationMethod::Euler, IntegrationMethod::CrankNicolson, IntegrationMethod::CrankNicolsonIon];
    for (method, table) in methods.into_iter().zip(ORDERS) {
        let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 150.0 };
        let sections = vec![cylinder(Soma, None, 0.0, 20.0, 20.0), cylinder(Dend, Some((0, End)), 20.0, 300.0, 2.0)];
        let mut builder = builder(&registry, sections, 40.0, cable);
        builder.integrate_by(method);
        builder.v_init_mv = -65.0;
        let all = |value: f64| (0..16).map(move |segment| (segment, value));
        builder.insert("pas", 0..16).unwrap();
        builder.set("pas", "g", all(1e-4)).unwrap();
        builder.set("pas", "e", all(-65.0)).unwrap();
        builder.insert("internal_ions", 0..16).unwrap();
        for (name, parameter, value) in
            [("Ca_HVA2", "gCa_HVAbar", 1e-3), ("NaTg", "gNaTgbar", 0.3), ("SKv3_1", "gSKv3_1bar", 0.2)]
        {
            builder.insert(name, [0]).unwrap();
            builder.set(name, parameter, [(0, value)]).unwrap();
        }
        let synapse = builder.place("ExpSyn", 8, &[("tau", 2.0), ("e", 0.0)]).unwrap();
        let connection = builder.connect(synapse, 0.002).unwrap();
        let mut cell = builder.build().unwrap();
        cell.send(connection, 2.0);
        cell.add_stimulus(Stimulus { node: cell.node(0) as u32, waveform: Waveform::step(5.0, 40.0, 0.6) });
        for (time_ms, expected) in table {
            let step = (time_ms / DT_MS).round() as u64;
            let net = |cell: &Cell| {
                let mut sums = vec![0.0; cell.cable().len()];
                cell.add_membrane_na(&mut sums);
                sums
            };
            cell.advance(step - 1, &mut Vec::new());
            let before = net(&cell);
            cell.advance(step, &mut Vec::new());
            let after = net(&cell);
            let mut injected = vec![0.0; cell.cable().len()];
            cell.add_imposed_na(Imposed::Current(Origin::Electrode), &mut injected);
            let missing = after.iter().sum::<f64>() - injected.iter().sum::<f64>();
            assert!(missing.abs() < 1e-10, "what flows out of a cell flows in elsewhere: {missing} nA");
            // With Crank-Nicolson, NEURON's is that of the middle of the step.
            let net = if method == IntegrationMethod::Euler { after[8] } else { (before[8] + after[8]) / 2.0 };
            let membrane = &cell.state().membrane;
            let node = cell.node(0);
            let found = [
                cell.voltage_mv(0),
                cell.voltage_mv(8),
                membrane.ina[node],
                membrane.ica[node],
                membrane.nai[node],
                membrane.cai[node],
                net,
            ];
            for (index, (found, expected)) in found.into_iter().zip(expected).enumerate() {
                let tolerance = 1e-7 * expected.abs().max(if index < 2 { 1.0 } else { 0.0 }) + 1e-12;
                assert!(
                    (found - expected).abs() < tolerance,
                    "{method:?}, {time_ms} ms, {index}: {found}, NEURON {expected}"
                );
            }
        }
    }
}

/// A mechanism without current: what is BEFORE BREAKPOINT sees the voltage at the beginning of a step, all else that at its end.
#[test]
fn what_is_before_breakpoint_runs_with_the_currents_of_others() {
    let mut registry = Registry::default();
    registry.register_file(include_str!("mechanisms/early.mod"), "early.mod", &Options::default()).unwrap();
    let soma = cylinder(Soma, None, 0.0, 20.0, 20.0);
    let mut builder = builder(&registry, vec![soma], 40.0, CableParameters::default());
    builder.v_init_mv = -65.0;
    builder.insert("pas", [0]).unwrap();
    builder.set("pas", "g", [(0, 1e-4)]).unwrap();
    builder.set("pas", "e", [(0, -65.0)]).unwrap();
    builder.insert("early", [0]).unwrap();
    let mut cell = builder.build().unwrap();
    cell.add_stimulus(Stimulus { node: 0, waveform: Waveform::step(0.5, 10.0, 0.1) });
    let table = [
        (0.025, [-65.0, 0.9975031223974601, 0.09975031223974601, 0.1]),
        (1.0, [-61.12368422002097, 0.888186618968499, 0.15431466035073702, 0.17374125781128213]),
        (2.0, [-53.9283152242832, 0.6924970167672495, 0.22021987258366615, 0.3180084061758244]),
        (4.0, [-41.52432321612006, 0.28264889280907673, 0.1601795147903509, 0.5667084459394954]),
    ];
    for (time_ms, expected) in table {
        cell.advance((time_ms / DT_MS).round() as u64, &mut Vec::new());
        let value = |name: &str| cell.mechanism_values("early", name).unwrap().1[0];
        for (found, expected) in [cell.voltage_mv(0), value("x"), value("y"), value("k")].into_iter().zip(expected) {
            assert!((found - expected).abs() < ROUNDING_MV, "{time_ms} ms: {found}, NEURON {expected}");
        }
    }
}

/// A table without DEPEND stays as it was made, also in a cell that goes on from a state that was stored.
#[test]
fn tables_go_on_with_a_stored_state() {
    let text = "NEURON { SUFFIX held NONSPECIFIC_CURRENT i }\nASSIGNED { v (mV) i (mA/cm2) }\nSTATE { n }\nINITIAL { n = 1 }\n\
        BREAKPOINT { SOLVE decay METHOD cnexp i = 1e-5*shape(v)*(v + 40) }\nDERIVATIVE decay { n' = -n/2 }\n\
        FUNCTION shape(x (mV)) { TABLE FROM -100 TO 50 WITH 10\n shape = n*(1 + x*x*1e-3) }\n";
    let mut registry = Registry::default();
    let options = Options { tables: true, ..Options::default() };
    registry.register_file(text, "held.mod", &options).unwrap();
    let cell = || {
        let soma = cylinder(Soma, None, 0.0, 20.0, 20.0);
        let mut builder = builder(&registry, vec![soma], 40.0, CableParameters::default());
        builder.insert("held", [0]).unwrap();
        builder.build().unwrap()
    };
    let mut straight = cell();
    straight.advance(40, &mut Vec::new());
    let stored = serde_json::to_string(straight.state()).unwrap();
    let mut resumed = cell();
    *resumed.state_mut() = serde_json::from_str(&stored).unwrap();
    for cell in [&mut straight, &mut resumed] {
        cell.advance(80, &mut Vec::new());
    }
    assert_eq!(straight.voltage_mv(0).to_bits(), resumed.voltage_mv(0).to_bits());
}

/// Soma with hh, dendrite and its passive tip, 0.5 nA into the dendrite from 1 to 4 ms, layers outside of some of them.
fn with_layers(registry: &Registry, carriers: [bool; 3], ground_mv: f64) -> Cell {
    let sections = vec![
        cylinder(Soma, None, 0.0, 20.0, 20.0),
        cylinder(Dend, Some((0, Middle)), 10.0, 200.0, 2.0),
        cylinder(Dend, Some((1, End)), 210.0, 100.0, 1.0),
    ];
    let mut builder = builder(registry, sections, 100.0, CableParameters::default());
    builder.celsius = 6.3;
    builder.v_init_mv = -65.0;
    builder.reversals = squid_reversals();
    builder.insert("hh", [0]).unwrap();
    builder.insert("pas", 1..9).unwrap();
    builder.set("pas", "g", (1..9).map(|segment| (segment, 1e-4))).unwrap();
    builder.set("pas", "e", (1..9).map(|segment| (segment, -65.0))).unwrap();
    let segments: Vec<usize> =
        [0..1, 1..6, 6..9].into_iter().zip(carriers).filter(|(_, carries)| *carries).flat_map(|part| part.0).collect();
    builder.insert("extracellular", segments.iter().copied()).unwrap();
    let values = [("xraxial", [50.0, 20.0]), ("xg", [1e-3, 2e-3]), ("xc", [0.5, 0.25])];
    for (name, of_layers) in values {
        for (layer, value) in of_layers.into_iter().enumerate() {
            let name = format!("{name}[{layer}]");
            builder.set("extracellular", &name, segments.iter().map(|&segment| (segment, value))).unwrap();
        }
    }
    builder.set("extracellular", "e", segments.iter().map(|&segment| (segment, ground_mv))).unwrap();
    let mut cell = builder.build().unwrap();
    cell.add_stimulus(Stimulus { node: 3, waveform: Waveform::step(1.0, 3.0, 0.5) });
    cell
}

/// Voltages of the middles of the three sections, then potentials just outside of the membrane and membrane currents
/// (mA/cm2) of some of them.
fn compare_layers<const N: usize>(cell: &mut Cell, carriers: &[usize], table: &[(f64, [f64; N])]) {
    let mut spikes = Vec::new();
    for (time_ms, expected) in table {
        cell.advance((time_ms / DT_MS).round() as u64, &mut spikes);
        let of_layers = |column: &str| {
            let (nodes, values) = cell.mechanism_values("extracellular", column).unwrap();
            let at = |segment: &usize| values[nodes.iter().position(|&node| node as usize == *segment).unwrap()];
            carriers.iter().map(at).collect::<Vec<f64>>()
        };
        let voltages = [0, 3, 7].map(|segment| cell.voltage_mv(segment)).to_vec();
        let found = [voltages, of_layers("vext[0]"), of_layers("i_membrane")].concat();
        for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!((found - expected).abs() < ROUNDING_MV, "{time_ms} ms, {place}: {found}, NEURON {expected}");
        }
    }
}

#[test]
fn layers_outside_of_the_membrane_are_neurons() {
    let registry = &both_slopes()[1].0;
    let mut everywhere = with_layers(registry, [true; 3], 7.0);
    #[rustfmt::skip]
    compare_layers(&mut everywhere, &[0, 3, 7], &[
        (1.0, [-64.9856954417384, -64.9902172281163, -64.99395114747186, 6.995196924939097, 6.995266579563053, 6.995305513797246, -1.3938387167838313e-05, 1.1335490761820997e-05, 1.032475882133687e-05]),
        (2.0, [-50.45669002844763, -42.38663662414446, -48.855359980856754, 31.002153480670515, 31.01284732409873, 31.01578386756795, 0.014953585439623926, 0.020105454905478503, 0.0181628744128758]),
        (3.0, [35.66922158180027, 22.283560082190252, -8.229024299636919, 32.9608412043011, 33.30414379618471, 33.554469578745476, -0.03729552221565513, 0.06371878377048477, 0.0877836799614877]),
        (5.0, [-53.767260895838305, -36.61848690379864, -22.545650993289154, 9.663798266841077, 9.399761731493086, 9.253552788240563, 0.053562156638583436, -0.04303812444084034, -0.03908579825190205]),
    ]);
    let mut dendrite = with_layers(registry, [false, true, false], 0.0);
    #[rustfmt::skip]
    compare_layers(&mut dendrite, &[3], &[
        (1.0, [-64.98251140518263, -64.99487764057648, -64.98994268616146, 0.008893643422061068, 7.250644498315264e-06]),
        (3.0, [22.66574809203505, -15.176428809897237, 21.126110701643988, 44.290715407022915, 0.02250628782680816]),
        (5.0, [-71.1238994121055, -36.5145841485227, -49.02771295465965, -24.613582923036706, -0.019541432064657378]),
    ]);
    let mut clamped = with_layers(registry, [true, true, false], 0.0);
    let levels = vec![(0.0, -65.0), (1.0, -30.0), (3.0, -65.0)];
    let course = ClampCourse::Voltage { series_mohm: 1.0, levels, end_ms: 4.0 };
    clamped.add_clamp(Origin::Electrode, Clamp { node: 0, course });
    #[rustfmt::skip]
    compare_layers(&mut clamped, &[0, 3], &[
        (1.0, [-64.99096765668342, -64.9930479445586, -65.00245236588546, -0.008848638693134384, -0.008782266928405235, -2.120818972910526e-05, 6.667090584317388e-06]),
        (2.0, [-43.00372677662383, -36.849230933339186, -28.203002703966348, 13.423761152329439, 13.551573184486314, -0.025295270698648398, 0.028625407577807415]),
        (4.0, [-20.019843278361623, 4.933409812415747, -38.662781456546185, -44.031345391184594, -44.09588831857629, -0.004494562770571794, -0.03301150759305376]),
        (5.0, [-62.76300900923294, -47.86407622403675, -42.043837126600025, -2.758667439762203, -2.9694885655575542, 0.047541014847681036, -0.04273837815604904]),
    ]);
}

/// What leaves the cell through its membrane came from electrodes, with layers as without.
#[test]
fn membrane_currents_of_a_cell_with_layers_sum_to_those_of_its_electrodes() {
    let mut cell = with_layers(&Registry::default(), [true, true, false], 0.0);
    let course = ClampCourse::Voltage { series_mohm: 1.0, levels: vec![(0.0, -40.0)], end_ms: 100.0 };
    cell.add_clamp(Origin::Electrode, Clamp { node: 0, course });
    cell.advance(80, &mut Vec::new());
    let mut membrane_na = vec![0.0; cell.cable().len()];
    cell.add_membrane_na(&mut membrane_na);
    let mut electrodes_na = vec![0.0; cell.cable().len()];
    cell.add_imposed_na(Imposed::Current(Origin::Electrode), &mut electrodes_na);
    cell.add_imposed_na(Imposed::Clamp(Origin::Electrode), &mut electrodes_na);
    let [membrane_na, electrodes_na]: [f64; 2] = [membrane_na.iter().sum(), electrodes_na.iter().sum()];
    assert!(electrodes_na.abs() > 0.5 && (membrane_na - electrodes_na).abs() < 1e-12, "{membrane_na} {electrodes_na}");
}

#[test]
fn impossible_layers_are_refused() {
    let registry = Registry::default();
    let refused = |name: &str, value: f64, method: IntegrationMethod| {
        let soma = cylinder(Soma, None, 0.0, 20.0, 20.0);
        let mut builder = builder(&registry, vec![soma], 40.0, CableParameters::default());
        builder.integrate_by(method);
        builder.insert("extracellular", [0]).unwrap();
        let set = builder.set("extracellular", name, [(0, value)]);
        set.and_then(|()| builder.build().map(|_| ())).unwrap_err().to_string()
    };
    let euler = IntegrationMethod::Euler;
    assert_eq!(refused("xraxial[1]", 0.0, euler), "extracellular.xraxial[1] = 0 must be above 0: it is a resistance");
    assert!(refused("xc[0]", -1.0, euler).contains("extracellular.xc[0] = -1 must not be negative"));
    assert!(refused("xg[2]", 1.0, euler).contains("has no parameter 'xg[2]'"));
    assert!(refused("e", 0.0, IntegrationMethod::CrankNicolson).contains("implicit Euler only"));
}
