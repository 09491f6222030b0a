//! Voltages of NEURON 9.0.2, printed by `benches/compare/neuron_reference.py` and `benches/compare/features_reference.py` (and `edges_reference.py`).

mod cells;

use cells::{builder, cylinder};
use msr_config::simulation::IntegrationMethod;
use msr_coupling::Simulator;
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::{Cell, PointPlace};
use msr_neuro::ions::{Reversal, Reversals};
use msr_neuro::mechanisms::{BUNDLED, Registry};
use msr_neuro::morphology::{Attachment::*, Placement, SectionKind::*};
use msr_neuro::nmodl::Options;
use msr_neuro::simulator::{GapJunction, NeuroSimulator, PlacedCell};
use msr_neuro::stimuli::{Stimulus, Waveform};

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
            let (mut before, mut after) = (Vec::new(), Vec::new());
            cell.advance(step - 1, &mut Vec::new());
            cell.membrane_currents_na(&mut before);
            cell.advance(step, &mut Vec::new());
            cell.membrane_currents_na(&mut after);
            assert!(after.iter().sum::<f64>().abs() < 1e-10, "what flows out of a cell flows in elsewhere");
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
