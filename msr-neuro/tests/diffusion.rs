//! Diffusion along the cytosol against analytic solutions and conservation.

use crate::cells::{builder, cylinder};
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::{Cell, CellBuilder};
use msr_neuro::diffusion::Diffusivities;
use msr_neuro::mechanisms::{BUNDLED, Registry};
use msr_neuro::morphology::{Attachment::*, Section, SectionKind::*};
use msr_neuro::nmodl::Options;
use msr_neuro::stimuli::{Stimulus, Waveform};

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
fn a_mechanism_in_one_half_leaves_diffusion_in_the_other_to_the_cell() {
    let registry = Registry::default();
    let mut builder = builder(&registry, vec![cylinder(Soma, None, 0.0, 601.5, 2.0)], 3.0, CableParameters::default());
    let count = builder.discretisation().segments.len();
    let (middle, length) = (count / 2, 601.5 / count as f64);
    builder.diffusivities = D;
    builder.dt_ms = 0.1;
    // Its coefficient of sodium is that of the cell.
    builder.insert("internal_ions", 0..middle - 2).unwrap();
    let mut cell = builder.build().unwrap();
    let mut levels = vec![10.0; count];
    levels[middle] += 50.0;
    cell.write(|membrane| &mut membrane.nai, &levels);
    cell.advance(10_000, &mut Vec::new());
    let spread = 4.0 * D.nai * 1000.0;
    for away in [0, 5, 10, 20] {
        let x = away as f64 * length;
        let expected = 50.0 * length / (std::f64::consts::PI * spread).sqrt() * (-x * x / spread).exp();
        for segment in [middle - away, middle + away] {
            let found = cell.state().membrane.nai[cell.node(segment)] - 10.0;
            assert!((found / expected - 1.0).abs() < 5e-3, "{x} um: {found} {expected}");
        }
    }
    // ATP is the cell's everywhere: it does not stop where the mechanism ends.
    cell.write(
        |membrane| &mut membrane.atpi,
        &(0..count).map(|segment| if segment < middle { 2.0 } else { 1.0 }).collect::<Vec<_>>(),
    );
    cell.advance(20_000, &mut Vec::new());
    let atp = |segment: usize| cell.state().membrane.atpi[cell.node(segment)];
    assert!((atp(middle) + atp(middle - 1) - 3.0).abs() < 1e-3 && atp(middle) > 1.4, "{}", atp(middle));
}

#[test]
fn a_diffusion_that_would_gather_is_refused() {
    let mut registry = Registry::default();
    registry.set_globals("internal_ions", &[("D_na".to_owned(), -0.6)]).unwrap();
    let mut builder = three_sections(&registry, false);
    builder.insert("internal_ions", 4..9).unwrap();
    let found = builder.build().err().unwrap().to_string();
    for part in ["'internal_ions'", "LONGITUDINAL_DIFFUSION is negative", "conditions.mechanisms", "section 1 at 0.233"]
    {
        assert!(found.contains(part), "{found}");
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

/// Time, and for five segments both shells, the filled buffer and the ion, of NEURON (`benches/compare/features_reference.py`).
const SHELLS: &[(f64, [f64; 20])] = &[
    (
        0.025,
        [
            0.1092153990766681,
            0.10018069409954251,
            0.0007243695568177472,
            0.1092153990766681,
            0.0993452654196552,
            0.09998716206705206,
            0.0006590138913274562,
            0.0993452654196552,
            0.1092153990766681,
            0.10018069409954251,
            0.0007243695568177472,
            0.1092153990766681,
            0.0993452654196552,
            0.09998716206705206,
            0.0006590138913274562,
            0.0993452654196552,
            0.0993452654196552,
            0.09998716206705206,
            0.0006590138913274562,
            0.0993452654196552,
        ],
    ),
    (
        1.0,
        [
            0.40131384059030556,
            0.19947175516933655,
            0.06106111488423506,
            0.40131384059030556,
            0.08249800928375835,
            0.09417111445750706,
            0.02166969540881551,
            0.08249800928375835,
            0.40194147410979647,
            0.19975346901089697,
            0.06111005750881439,
            0.40194147410979647,
            0.0859152785500231,
            0.09570999034165274,
            0.021971858957969454,
            0.0859152785500231,
            0.0807017907987735,
            0.09336110280062623,
            0.021511174935532906,
            0.0807017907987735,
        ],
    ),
    (
        5.0,
        [
            1.3636370118493284,
            1.0395916210023066,
            0.32220485405821425,
            1.3636370118493284,
            0.08412024920736787,
            0.08992743971358251,
            0.06884369022190107,
            0.08412024920736787,
            1.3767636950105133,
            1.0515534952172543,
            0.3228604213141414,
            1.3767636950105133,
            0.13937411905875677,
            0.14428393474511572,
            0.08660529929147245,
            0.13937411905875677,
            0.05437255077820734,
            0.06032165035984285,
            0.058853575142357235,
            0.05437255077820734,
        ],
    ),
    (
        20.0,
        [
            4.76726569383927,
            4.4016760819516385,
            0.38369594091193815,
            4.76726569383927,
            0.44565871191517076,
            0.45219409305819097,
            0.2504514229718134,
            0.44565871191517076,
            4.977731573497571,
            4.610602386864063,
            0.3843556895742593,
            4.977731573497571,
            1.242514044198927,
            1.2368419223209355,
            0.3384705835214669,
            1.242514044198927,
            0.045054470522318646,
            0.04511573830196866,
            0.0732548846283299,
            0.045054470522318646,
        ],
    ),
    (
        100.0,
        [
            14.246466420821287,
            13.879983181869733,
            0.3944590833964111,
            14.246466420821287,
            5.388161133960374,
            5.384129345458228,
            0.3856409505940972,
            5.388161133960374,
            17.109387251067325,
            16.741419080903487,
            0.39537553170306816,
            17.109387251067325,
            11.04132022729794,
            11.029383750014913,
            0.3928741566780667,
            11.04132022729794,
            0.07440406401591768,
            0.07569951656786195,
            0.10082914032545573,
            0.07440406401591768,
        ],
    ),
];

/// Soma (segment 0), dendrite (1 to 15) and a twig of half its diameter (16 to 20), passive.
fn three_sections(registry: &Registry, twig: bool) -> CellBuilder<'_> {
    let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 150.0 };
    let mut sections = vec![cylinder(Soma, None, 0.0, 20.0, 20.0), cylinder(Dend, Some((0, End)), 20.0, 300.0, 2.0)];
    if twig {
        sections.push(cylinder(Dend, Some((1, End)), 320.0, 90.0, 1.0));
    }
    let mut builder = builder(registry, sections, 40.0, cable);
    builder.v_init_mv = -65.0;
    let segments = builder.discretisation().segments.len();
    builder.insert("pas", 0..segments).unwrap();
    builder.set("pas", "g", (0..segments).map(|segment| (segment, 1e-4))).unwrap();
    builder.set("pas", "e", (0..segments).map(|segment| (segment, -65.0))).unwrap();
    builder
}

#[test]
fn states_of_mechanisms_diffuse_like_in_neuron() {
    let mut registry = Registry::default();
    registry.register_file(include_str!("mechanisms/shells.mod"), "shells.mod", &Options::default()).unwrap();
    let mut builder = three_sections(&registry, true);
    builder.celsius = 6.3;
    builder.insert("shells", 1..21).unwrap();
    builder.set("shells", "source", [(8, 0.3), (15, 0.3)]).unwrap();
    let mut cell = builder.build().unwrap();
    for (time_ms, expected) in SHELLS {
        cell.advance((time_ms / 0.025).round() as u64, &mut Vec::new());
        let ion = cell.state().membrane.foreign.iter().find(|ion| ion.name == "xx").unwrap();
        let mut expected = expected.iter();
        for segment in [8, 9, 15, 16, 20] {
            let node = cell.node(segment);
            let place = cell.mechanism_values("shells", "s0").unwrap().0.binary_search(&(node as u32)).unwrap();
            let [s0, s1, kept] =
                ["s0", "s1", "kept"].map(|name| cell.mechanism_values("shells", name).unwrap().1[place]);
            for (found, expected) in [s0, s1, kept, ion.inside[node]].iter().zip(&mut expected) {
                assert!((found - expected).abs() < 1e-9, "{time_ms} ms, segment {segment}: {found}, NEURON {expected}");
            }
        }
    }
}

/// Time, and for two segments calcium, `bound`, `shown` and `steps`, of NEURON (`benches/compare/features_reference.py`).
const POOL: &[(f64, [f64; 8])] = &[
    (
        0.025,
        [
            0.0011786951271020427,
            0.010162738821610031,
            1.597745146735876,
            1.0,
            9.189932910683577e-05,
            0.010008091051200492,
            1.009183862904929,
            1.0,
        ],
    ),
    (
        1.0,
        [
            0.00951683199687731,
            0.04697754863656883,
            5.686834267354367,
            40.0,
            3.6806646340072846e-05,
            0.010068416434334173,
            1.008194539839934,
            40.0,
        ],
    ),
    (
        2.0,
        [
            0.02855123605183436,
            0.1163054069657456,
            12.629315466259571,
            80.0,
            3.872094340978561e-05,
            0.010081662037364113,
            1.0096632706254143,
            80.0,
        ],
    ),
    (
        5.0,
        [
            0.13247339251935078,
            0.19879421212412102,
            20.879364233003567,
            200.0,
            5.2400325347644665e-05,
            0.010235681279091368,
            1.0263064032653682,
            200.0,
        ],
    ),
    (
        20.0,
        [
            0.19936770912573692,
            0.1993334360253802,
            20.93331844434547,
            800.0,
            7.030879907080406e-05,
            0.012355733864328875,
            1.240492397378928,
            800.0,
        ],
    ),
];

#[test]
fn a_scheme_among_other_statements_is_solved_first_like_in_neuron() {
    let mut registry = Registry::default();
    registry.register_file(include_str!("mechanisms/pool.mod"), "pool.mod", &Options::default()).unwrap();
    let mut builder = three_sections(&registry, true);
    builder.celsius = 6.3;
    builder.insert("pool", 1..16).unwrap();
    builder.set("pool", "source", [(8, 0.05)]).unwrap();
    let mut cell = builder.build().unwrap();
    for (time_ms, expected) in POOL {
        cell.advance((time_ms / 0.025).round() as u64, &mut Vec::new());
        let mut expected = expected.iter();
        for segment in [8, 9] {
            let node = cell.node(segment);
            let place = cell.mechanism_values("pool", "bound").unwrap().0.binary_search(&(node as u32)).unwrap();
            let [bound, shown, steps] =
                ["bound", "shown", "steps"].map(|name| cell.mechanism_values("pool", name).unwrap().1[place]);
            for (found, expected) in [cell.state().membrane.cai[node], bound, shown, steps].iter().zip(&mut expected) {
                let close = (found - expected).abs() < 1e-9 * expected.max(1.0);
                assert!(close, "{time_ms} ms, segment {segment}: {found}, NEURON {expected}");
            }
        }
    }
}

/// Time, and for three segments voltage, nai, ki, cli, ko, atpi, adpi and pi, of NEURON with the files of the crate.
const IONS: &[(f64, [f64; 24])] = &[
    (
        0.025,
        [
            -65.00915382706118,
            10.000001131166144,
            139.999998159555,
            5.999999528352205,
            5.000030658071684,
            1.3846373708473314,
            0.057741452884717555,
            2.180000043913481,
            -65.00370899592865,
            10.000010894445357,
            139.99998593758758,
            5.999995292345885,
            5.000023494299937,
            1.3846369756260026,
            0.05774184810604648,
            2.18000043913481,
            -64.99276379953713,
            10.000010912933874,
            139.99998589901443,
            5.999995284324248,
            5.000023494299937,
            1.3846369756260026,
            0.05774184810604648,
            2.18000043913481,
        ],
    ),
    (
        5.0,
        [
            -65.14893576820326,
            10.000229280905723,
            139.99962822281304,
            5.99990397236192,
            5.005724921657032,
            1.3846286276612734,
            0.05775019607077664,
            2.18000878709954,
            -65.12395636618932,
            10.001856171786992,
            139.99782075296685,
            5.999197544608756,
            5.00440215000955,
            1.3845495390506184,
            0.0578292846814325,
            2.1800878757102002,
            -64.87962844228939,
            10.002180405131273,
            139.99717869590341,
            5.999066407712181,
            5.004420059076142,
            1.3845495369880112,
            0.057829286744038005,
            2.180087877772804,
        ],
    ),
    (
        7.0,
        [
            -75.34519707029065,
            10.018521614031265,
            139.97967656524213,
            5.9999445267399505,
            5.331957690779466,
            1.384625035909434,
            0.05775378782261683,
            2.1800123788513797,
            -72.54935422415751,
            10.003430698334528,
            139.99478272130816,
            5.999599753329927,
            5.007147967066092,
            1.3845143592583102,
            0.05786446447374003,
            2.1801230555025084,
            -45.38856190685454,
            10.002907249202423,
            139.99563781227363,
            5.999109971643304,
            5.006715351594714,
            1.3845143573980303,
            0.05786446633401962,
            2.180123057362786,
        ],
    ),
    (
        10.0,
        [
            -61.708368155090035,
            10.018630911936114,
            139.97631502035324,
            5.999895311996833,
            5.362425777664365,
            1.3846194480529301,
            0.057759375679121934,
            2.180017966707888,
            -62.12124706062288,
            10.007722709104323,
            139.98813153881338,
            5.999008421189318,
            5.009046573993991,
            1.3844615351570544,
            0.057917288574996784,
            2.180175879603769,
            -65.53964267643467,
            10.004205148714366,
            139.99392278565784,
            5.998583963227899,
            5.0089791175927045,
            1.3844615567162033,
            0.05791726701584579,
            2.180175858044612,
        ],
    ),
    (
        20.0,
        [
            -68.15021175662372,
            10.053414427644972,
            139.9317372071092,
            6.000004361684817,
            5.939001412242602,
            1.3845998669321449,
            0.05777895679990538,
            2.1800375478286673,
            -68.08526962100822,
            10.027597146162,
            139.95596536226859,
            5.999016267273134,
            5.017062448379067,
            1.384284915612001,
            0.058093908120050615,
            2.1803524991488232,
            -66.35965954050745,
            10.008198256864393,
            139.98727660645284,
            5.9977966401377065,
            5.016788354224055,
            1.3842853161469857,
            0.05809350758506444,
            2.180352098613832,
        ],
    ),
    (
        50.0,
        [
            -73.0737683414545,
            10.132410730155756,
            139.82894164767828,
            6.0007675651270125,
            6.607584357342621,
            1.3845349066434818,
            0.05784391708856541,
            2.180102508117324,
            -72.98654368322744,
            10.10707539575446,
            139.84623261142139,
            5.999006903081958,
            5.030737931183875,
            1.3837487678845102,
            0.058630055847538595,
            2.180888646876304,
            -72.04213261922744,
            10.020350492115538,
            139.96799187597867,
            5.995033928559387,
            5.030331834774111,
            1.3837547657935627,
            0.058624057938488225,
            2.1808826489672604,
        ],
    ),
];

/// Time and free calcium of NEURON in segments 0, 1, 2, 4 and 8.
const CALCIUM: &[(f64, [f64; 5])] = &[
    (0.025, [5.0000000037039845e-05, 5.000000000000129e-05, 5e-05, 5e-05, 5e-05]),
    (10.0, [9.230321107561708e-05, 5.007005256435583e-05, 5.000000157042811e-05, 5e-05, 5e-05]),
    (20.0, [0.0001314210991534092, 5.102177027058977e-05, 5.0000138654462866e-05, 5e-05, 5e-05]),
    (50.0, [0.0001240802018032283, 5.280826200271759e-05, 5.000155849111391e-05, 5.000000000015251e-05, 5e-05]),
    (100.0, [0.0005051258729783651, 6.686944118053788e-05, 5.001025390122158e-05, 5.000000000271403e-05, 5e-05]),
];

#[test]
fn calcium_that_flows_into_the_soma_spreads_as_in_neuron() {
    let options = Options { numeric_conductance: true, ..Options::default() };
    let mut registry = Registry::default();
    for (file, text) in BUNDLED {
        registry.register_file(text, file, &options).unwrap();
    }
    let mut builder = three_sections(&registry, false);
    builder.celsius = 34.0;
    builder.insert("internal_ions", 0..16).unwrap();
    builder.insert("Ca_HVA2", [0]).unwrap();
    builder.set("Ca_HVA2", "gCa_HVAbar", [(0, 1e-3)]).unwrap();
    let mut cell = builder.build().unwrap();
    cell.add_stimulus(Stimulus { node: cell.node(0) as u32, waveform: Waveform::step(5.0, 40.0, 0.6) });
    for (time_ms, expected) in CALCIUM {
        cell.advance((time_ms / 0.025).round() as u64, &mut Vec::new());
        for (segment, expected) in [0, 1, 2, 4, 8].into_iter().zip(expected) {
            let found = cell.state().membrane.cai[cell.node(segment)];
            assert!(
                (found / expected - 1.0).abs() < 1e-9,
                "{time_ms} ms, segment {segment}: {found}, NEURON {expected}"
            );
        }
    }
}

#[test]
fn buffered_calcium_spreads_as_a_gaussian_of_the_free_part() {
    const GAMMA: f64 = 0.05;
    const D_UM2_PER_MS: f64 = 0.22;
    const DT_MS: f64 = 0.5;
    const TIME_MS: f64 = 2000.0;
    let registry = Registry::default();
    let sections = vec![cylinder(Soma, None, 0.0, 201.0, 2.0)];
    let mut builder = builder(&registry, sections, 2.0, CableParameters::default());
    let count = builder.discretisation().segments.len();
    let (middle, length) = (count / 2, 201.0 / count as f64);
    builder.dt_ms = DT_MS;
    builder.insert("internal_ions", 0..count).unwrap();
    builder.set("internal_ions", "decay", (0..count).map(|segment| (segment, 1e12))).unwrap();
    let mut cell = builder.build().unwrap();
    let mut levels = vec![5e-5; count];
    levels[middle] += 1e-3;
    cell.write(|membrane| &mut membrane.cai, &levels);
    cell.advance((TIME_MS / DT_MS) as u64, &mut Vec::new());
    let spread = 4.0 * GAMMA * D_UM2_PER_MS * TIME_MS;
    for away in [0, 3, 6] {
        let x = away as f64 * length;
        let expected = 1e-3 * length / (std::f64::consts::PI * spread).sqrt() * (-x * x / spread).exp();
        let found = cell.state().membrane.cai[cell.node(middle + away)] - 5e-5;
        assert!((found / expected - 1.0).abs() < 2e-2, "{x} um: {found} {expected}");
    }
}

#[test]
fn the_metabolic_mechanisms_are_the_same_in_neuron() {
    let options = Options { numeric_conductance: true, ..Options::default() };
    let mut registry = Registry::default();
    for (file, text) in BUNDLED {
        registry.register_file(text, file, &options).unwrap();
    }
    let mut builder = three_sections(&registry, false);
    builder.celsius = 34.0;
    for name in ["internal_ions", "external_ions", "nakpump", "kcc2", "nakcc", "leak"] {
        builder.insert(name, 0..16).unwrap();
    }
    for (name, parameter, value) in [("NaTg", "gNaTgbar", 0.3), ("SKv3_1", "gSKv3_1bar", 0.2)] {
        builder.insert(name, [0]).unwrap();
        builder.set(name, parameter, [(0, value)]).unwrap();
    }
    // ATP and ADP diffuse in the crate's cells by themselves.
    builder.diffusivities.atpi = 0.0;
    builder.diffusivities.adpi = 0.0;
    let mut cell = builder.build().unwrap();
    cell.add_stimulus(Stimulus { node: cell.node(0) as u32, waveform: Waveform::step(5.0, 40.0, 0.6) });
    for (time_ms, expected) in IONS {
        cell.advance((time_ms / 0.025).round() as u64, &mut Vec::new());
        let membrane = &cell.state().membrane;
        let ion = |name: &str| &membrane.foreign.iter().find(|ion| ion.name == name).unwrap().inside;
        let mut expected = expected.iter();
        for segment in [0, 1, 8] {
            let node = cell.node(segment);
            let concentrations =
                [&membrane.nai, &membrane.ki, ion("cl"), &membrane.ko, &membrane.atpi, &membrane.adpi, ion("p")];
            let found = [membrane.v[node]].into_iter().chain(concentrations.map(|values| values[node]));
            for (index, (found, expected)) in found.zip(&mut expected).enumerate() {
                let tolerance = if index == 0 { 1e-6 } else { 1e-9 };
                assert!(
                    (found - expected).abs() < tolerance,
                    "{time_ms} ms, segment {segment}, {index}: {found}, NEURON {expected}"
                );
            }
        }
    }
}
