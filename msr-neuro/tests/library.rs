//! The mechanism files of the crate: voltages of NEURON 9.0.2 with the published files of the same mechanisms, printed by
//! `benches/compare/library_reference.py`; synapses, ions and stochastic channels against NEURON and against theory.

use crate::cells::{builder, cylinder};
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::CellBuilder;
use msr_neuro::ions::{InitialConcentrations, Membrane, Reversal, Reversals};
use msr_neuro::mechanisms::{BUNDLED, Block, Columns, Registry, Role};
use msr_neuro::morphology::SectionKind::*;
use msr_neuro::nmodl::Options;
use msr_neuro::stimuli::{Stimulus, Waveform};

const DT_MS: f64 = 0.025;
const CLAMP: &str = include_str!("mechanisms/clamp.mod");

/// The files with NEURON's difference quotient as slope of currents, and a clamp.
fn registry() -> Registry {
    let options = Options { numeric_conductance: true, ..Options::default() };
    let mut registry = Registry::default();
    for (file, text) in BUNDLED.iter().chain(&[("clamp.mod", CLAMP)]) {
        registry.register_file(text, file, &options).unwrap();
    }
    registry
}

/// A compartment of 20 um with a leak.
fn compartment(registry: &Registry) -> CellBuilder<'_> {
    let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: 100.0 };
    let mut builder = builder(registry, vec![cylinder(Soma, None, 0.0, 20.0, 20.0)], 40.0, cable);
    builder.celsius = 34.0;
    builder.v_init_mv = -75.0;
    builder.insert("pas", [0]).unwrap();
    builder.set("pas", "g", [(0, 1e-4)]).unwrap();
    builder.set("pas", "e", [(0, -75.0)]).unwrap();
    builder
}

/// A mechanism with a parameter.
type Part = (&'static str, &'static str, f64);

/// Mechanisms of a case of the reference.
fn case(name: &str) -> Vec<Part> {
    let sodium = ("NaTg", "gNaTgbar", 0.15);
    let potassium = ("SKv3_1", "gSKv3_1bar", 0.2);
    let calcium = [("Ca_HVA2", "gCa_HVAbar", 5e-4), ("Ca_LVAst", "gCa_LVAstbar", 3e-3)];
    let with = |part: Part| vec![sodium, potassium, part];
    match name {
        "NaTg" => vec![sodium, potassium],
        "NaTa_t" => vec![("NaTa_t", "gNaTa_tbar", 0.15), potassium],
        "NaTs2_t" => vec![("NaTs2_t", "gNaTs2_tbar", 0.15), potassium],
        "Nap_Et2" => with(("Nap_Et2", "gNap_Et2bar", 2e-3)),
        "K_Tst" => with(("K_Tst", "gK_Tstbar", 0.05)),
        "K_Pst" => with(("K_Pst", "gK_Pstbar", 0.01)),
        "KdShu2007" => with(("KdShu2007", "gkbar", 2e-3)),
        "Ih" => with(("Ih", "gIhbar", 2e-4)),
        "Ca" => vec![sodium, potassium, calcium[0], calcium[1]],
        "CaDynamics_DC0" => {
            let pool = [("CaDynamics_DC0", "gamma", 0.03), ("SK_E2", "gSK_E2bar", 0.02)];
            vec![sodium, potassium, calcium[0], calcium[1], pool[0], pool[1]]
        }
        "StochKv3" => {
            with(("StochKv3", "gkbar", 2e-3)).into_iter().chain([("StochKv3", "deterministic", 1.0)]).collect()
        }
        "allen_Im" => vec![potassium, ("Im", "gImbar", 1e-3)],
        "allen_Ca" => vec![
            potassium,
            ("Ca_HVA", "gCa_HVAbar", 5e-4),
            ("CaDynamics_E2", "gamma", 5e-3),
            ("CaDynamics_E2", "decay", 100.0),
            ("SK_E2", "gSK_E2bar", 0.02),
        ],
        other => panic!("no case {other}"),
    }
}

const TIMES_MS: [f64; 14] = [0.5, 2.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 18.0, 22.0, 26.0, 30.0];

/// Case, drive, voltages at these times.
const NEURON: &[(&str, &str, [f64; 14])] = &[
    (
        "NaTg",
        "current",
        [
            -75.06170857322932,
            -59.82461027995108,
            -48.810181675321076,
            -79.21164378182701,
            -74.16790938119162,
            -66.52339101335384,
            -56.40252756841063,
            -76.03044534721359,
            -70.14317130526558,
            -36.57295316341016,
            -65.15654774183146,
            -75.72103798486569,
            -55.24218098868492,
            -52.22492375771408,
        ],
    ),
    (
        "NaTg",
        "voltage",
        [
            -75.00015974997105,
            -49.963095228994035,
            -49.989496684503585,
            -49.99776906455843,
            -50.00155928392231,
            -50.00332105219189,
            -50.004152395082286,
            -10.468318140140584,
            -10.679799296083422,
            16.1445067345966,
            12.866015380666681,
            -94.88676234209812,
            -94.99540511065156,
            -94.99742873627858,
        ],
    ),
    (
        "NaTa_t",
        "current",
        [
            -75.06170857322932,
            -59.82461027995108,
            -48.810181675321076,
            -79.21164378182701,
            -74.16790938119162,
            -66.52339101335384,
            -56.40252756841063,
            -76.03044534721359,
            -70.14317130526558,
            -36.57295316341016,
            -65.15654774183146,
            -75.72103798486569,
            -55.24218098868492,
            -52.22492375771408,
        ],
    ),
    (
        "NaTa_t",
        "voltage",
        [
            -75.00015974997105,
            -49.963095228994035,
            -49.989496684503585,
            -49.99776906455843,
            -50.00155928392231,
            -50.00332105219189,
            -50.004152395082286,
            -10.468318140140584,
            -10.679799296083422,
            16.1445067345966,
            12.866015380666681,
            -94.88676234209812,
            -94.99540511065156,
            -94.99742873627858,
        ],
    ),
    (
        "NaTs2_t",
        "current",
        [
            -75.06190940615494,
            -59.83729198481717,
            -25.718662320114067,
            -80.20588040582179,
            -75.84331047427433,
            -68.91734208889511,
            -59.5592811805143,
            -2.773572723311631,
            -76.1246881376898,
            -48.906919169065254,
            -76.36990606234704,
            11.727904964509271,
            -61.02657556277,
            -76.84206338893772,
        ],
    ),
    (
        "NaTs2_t",
        "voltage",
        [
            -75.00016027578211,
            -50.001260168597746,
            -50.00586540422886,
            -50.00745985097529,
            -50.00836329407295,
            -50.00887725700778,
            -50.009170739670985,
            -10.455843174674683,
            -10.681084348688056,
            16.143235942789637,
            12.865745240829511,
            -94.88676115019923,
            -94.99540508820338,
            -94.99742873589923,
        ],
    ),
    (
        "Nap_Et2",
        "current",
        [
            -75.0616588490146,
            -59.82359400252457,
            -35.44266558432684,
            -77.73742651270624,
            -75.43403047288075,
            -68.41689719834213,
            -58.846440110687595,
            -42.36770843886778,
            -73.36896365930694,
            4.3972045154234785,
            -71.19170354684783,
            -65.52985951335707,
            -31.95791871701033,
            -65.95006661076941,
        ],
    ),
    (
        "Nap_Et2",
        "voltage",
        [
            -75.00015962052228,
            -49.959506347853626,
            -49.94941744899021,
            -49.94473819312944,
            -49.943231184999824,
            -49.943001046921154,
            -49.94311280835732,
            -10.334570324808864,
            -10.548243821569942,
            16.20184402141653,
            12.920759930966677,
            -94.88629059293274,
            -94.99539621197805,
            -94.99742857260094,
        ],
    ),
    (
        "K_Tst",
        "current",
        [
            -75.06182355454877,
            -59.82542235002264,
            -34.19206741750392,
            -78.4063304640768,
            -73.31358142260277,
            -65.35530293352195,
            -54.8636873870182,
            -73.92634798614006,
            -68.09588992509303,
            -53.267522126454466,
            -61.763958359949896,
            -72.9867372661395,
            -76.29990792811824,
            -16.709870125195643,
        ],
    ),
    (
        "K_Tst",
        "voltage",
        [
            -75.00016004918082,
            -49.963154967001586,
            -49.98960011152577,
            -49.99785745118234,
            -50.00163494976803,
            -50.00338645001194,
            -50.004209485583786,
            -10.492155981000822,
            -10.690395605844326,
            16.11284417877131,
            12.861928327811496,
            -94.88681967249725,
            -94.99540618928224,
            -94.99742875194741,
        ],
    ),
    (
        "K_Pst",
        "current",
        [
            -75.06252489049689,
            -59.82891346751097,
            -49.63903220204976,
            -79.320562998041,
            -74.49421275732216,
            -67.3316234705996,
            -58.11804245740543,
            -65.01537922830569,
            -72.3316958737001,
            26.501049707388805,
            -70.92706268060971,
            -78.17137598557798,
            -52.89564886914754,
            -69.47543431666088,
        ],
    ),
    (
        "K_Pst",
        "voltage",
        [
            -75.00016187044602,
            -49.9631068595932,
            -49.989525340879105,
            -49.9978116020655,
            -50.001617083242834,
            -50.00339502972149,
            -50.004243086403044,
            -10.490428501994518,
            -10.73395734086497,
            15.929800175977267,
            12.520458521214714,
            -94.85729777340958,
            -94.98514370901984,
            -94.99414398590145,
        ],
    ),
    (
        "KdShu2007",
        "current",
        [
            -75.38437279368299,
            -61.37672434593101,
            -37.28331627633387,
            -80.36919449810142,
            -74.92566599282229,
            -67.33315456663414,
            -58.6950427881251,
            -20.832200442697225,
            -73.86924561015528,
            -46.52162372635676,
            -72.02932198103659,
            -67.01410762162416,
            -52.70979186657141,
            -67.81524316693312,
        ],
    ),
    (
        "KdShu2007",
        "voltage",
        [
            -75.00100653805929,
            -49.97914104762106,
            -50.01632839366689,
            -50.02525736893855,
            -50.029125596667996,
            -50.03087504568331,
            -50.03168482019148,
            -10.621984825043194,
            -10.832936433918764,
            15.975217860886925,
            12.731905240148961,
            -94.88813476667593,
            -94.99543858422463,
            -94.99744310299855,
        ],
    ),
    (
        "Ih",
        "current",
        [
            -74.97371201545454,
            -59.4573285133784,
            -50.578182550735015,
            -79.12954561841472,
            -74.03118955412664,
            -66.33860114030892,
            -56.17853387672014,
            -76.44496483344354,
            -69.94994171015013,
            -38.549003885708856,
            -64.90316794685981,
            -75.54913647022704,
            -58.741886200486725,
            -51.73233939138809,
        ],
    ),
    (
        "Ih",
        "voltage",
        [
            -74.99993183868186,
            -49.96305783990002,
            -49.98946148875628,
            -49.99773522392507,
            -50.00152673331667,
            -50.003289736531556,
            -50.0041222633127,
            -10.468466626089565,
            -10.679907276909939,
            16.1444211236896,
            12.86599571053111,
            -94.88668190610741,
            -94.99520452654012,
            -94.99711509087176,
        ],
    ),
    (
        "Ca",
        "current",
        [
            -75.06149662620689,
            -59.823656033849744,
            -45.60691608529046,
            -77.47118673499283,
            -73.014760152919,
            -65.48994145127912,
            -55.418148218071316,
            -73.65354390185009,
            -67.55143768215856,
            -55.93060019376459,
            -60.826032884077264,
            -71.11170912043401,
            -75.52895736280819,
            25.458895803818198,
        ],
    ),
    (
        "Ca",
        "voltage",
        [
            -75.00015920128729,
            -49.963087630336105,
            -49.98942899968323,
            -49.99764707577881,
            -50.00138159049046,
            -50.00309101650645,
            -50.00387601785069,
            -10.427959847544424,
            -10.629137160699617,
            16.17692315844023,
            12.891577018399866,
            -94.85484295811372,
            -94.96393998012523,
            -94.97893410430508,
        ],
    ),
    (
        "CaDynamics_DC0",
        "current",
        [
            -75.07261724269522,
            -59.88177835470656,
            -45.06960822166809,
            -77.37312499076775,
            -72.9811053696959,
            -65.50193649855137,
            -55.50318831942151,
            -73.24710510730695,
            -67.59299005766947,
            -52.93691260927092,
            -61.204645775971876,
            -71.50823680552745,
            -74.62684826796709,
            -27.88909670425895,
        ],
    ),
    (
        "CaDynamics_DC0",
        "voltage",
        [
            -75.00018810187314,
            -49.96319000244616,
            -49.98952574500523,
            -49.997739473676425,
            -50.0014698182749,
            -50.003175516392865,
            -50.003957387930704,
            -10.42491473093087,
            -10.627538458494666,
            16.171230798798145,
            12.876970572056685,
            -94.85064453602199,
            -94.9561079124338,
            -94.96723162530678,
        ],
    ),
    (
        "StochKv3",
        "current",
        [
            -75.25950499919792,
            -60.83038890910183,
            -43.22162759110646,
            -79.61478236752342,
            -75.24358986196631,
            -68.98369575654867,
            -61.28026618571369,
            -16.391123260476704,
            -75.3581233225022,
            -53.191688266946514,
            -75.81061129999905,
            9.679768322157937,
            -62.82030240544809,
            -76.12575305211203,
        ],
    ),
    (
        "StochKv3",
        "voltage",
        [
            -75.00067905842506,
            -49.966194642320836,
            -49.995596412669634,
            -50.005232842930525,
            -50.01002043602659,
            -50.01249437999356,
            -50.013815908720666,
            -10.515239804519872,
            -10.724340919673583,
            16.108974471996593,
            12.85126878514551,
            -94.88476563429704,
            -94.99287153998316,
            -94.99463359951451,
        ],
    ),
    (
        "allen_Im",
        "current",
        [
            -75.06354259091978,
            -59.847131197490945,
            -27.3310461096585,
            -34.128520584446115,
            -40.63399540572337,
            -40.889562387796275,
            -39.169077844556,
            -38.17108015334526,
            -38.84783593946402,
            -38.94333317402595,
            -39.15420782225529,
            -39.38094094801398,
            -39.587510772967335,
            -39.771323689055045,
        ],
    ),
    (
        "allen_Im",
        "voltage",
        [
            -75.00016452074838,
            -50.005241286029396,
            -50.00826406156673,
            -50.00933891906794,
            -50.01000799173669,
            -50.01043463314888,
            -50.01071594451092,
            -10.490370165716246,
            -10.711737522362043,
            16.0490283844407,
            12.786044040846312,
            -94.88733543367907,
            -94.99541597668993,
            -94.99742886037772,
        ],
    ),
    (
        "allen_Ca",
        "current",
        [
            -75.14952713527391,
            -60.28823671449007,
            -27.774371328527337,
            -32.68441419372423,
            -38.812878631250996,
            -39.46109410845833,
            -38.277277545919375,
            -37.69111579943868,
            -38.7771275203506,
            -40.56784141421924,
            -42.7661137328446,
            -44.935473915893255,
            -45.62905179740816,
            -45.483016579870174,
        ],
    ),
    (
        "allen_Ca",
        "voltage",
        [
            -75.0003889279734,
            -50.00598213527797,
            -50.00886847189199,
            -50.00985719048513,
            -50.01044405403437,
            -50.010792355643055,
            -50.01099907489489,
            -10.443060240129386,
            -10.894957677311176,
            14.667171586812714,
            11.367893042387541,
            -94.66076754983487,
            -94.7557195402552,
            -94.75843754471573,
        ],
    ),
];

#[test]
fn channels_are_the_published_ones() {
    let registry = registry();
    for (name, drive, expected) in NEURON {
        let mut builder = compartment(&registry);
        let parts = case(name);
        let pool = parts.iter().any(|part| part.0.contains("Dynamics"));
        let calcium = if pool { Reversal::Nernst } else { Reversal::Fixed(120.0) };
        builder.reversals = Reversals { ena: Reversal::Fixed(50.0), ek: Reversal::Fixed(-85.0), eca: calcium };
        if *name == "allen_Ca" {
            // bmtk's pool begins at its resting level.
            builder.concentrations.cai = 1e-4;
        }
        for (mechanism, parameter, value) in parts {
            builder.insert(mechanism, [0]).unwrap();
            builder.set(mechanism, parameter, [(0, value)]).unwrap();
        }
        if *drive == "voltage" {
            builder.place("Jumps", 0, &[]).unwrap();
        }
        let mut cell = builder.build().unwrap();
        if *drive == "current" {
            cell.add_stimulus(Stimulus { node: 0, waveform: Waveform::step(2.0, 1000.0, 0.4) });
        }
        for (time_ms, expected) in TIMES_MS.iter().zip(expected) {
            cell.advance((time_ms / DT_MS).round() as u64, &mut Vec::new());
            let v = cell.voltage_mv(0);
            assert!((v - expected).abs() < 1e-6, "{name}, {drive}, {time_ms} ms: {v}, NEURON {expected}");
        }
    }
}

/// Synapse, whether it is depleted at the beginning and hears spontaneous events, voltages and full release sites at
/// these times, of NEURON with the published files and the stream 251, 107, 301 of seed 7.
const SYNAPSES: &[(&str, bool, [f64; 12], [f64; 12])] = &[
    (
        "ProbAMPANMDA_EMS",
        false,
        [
            -71.82625472751248,
            -63.14658065490972,
            -67.80439105406035,
            -68.48359168920648,
            -69.53736795999276,
            -71.42003051029197,
            -71.78403293477284,
            -73.16381796845391,
            -74.10449071384647,
            -74.3030358003489,
            -72.88952870781108,
            -74.13492601700842,
        ],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0],
    ),
    (
        "ProbAMPANMDA_EMS",
        true,
        [
            -75.0,
            -75.0,
            -75.0,
            -75.0,
            -73.2044760713092,
            -73.31785721291308,
            -73.54140826953483,
            -74.30884401385104,
            -74.71542209985867,
            -74.78396727361967,
            -73.10830652972133,
            -74.25551703302509,
        ],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0],
    ),
    (
        "ProbGABAAB_EMS",
        false,
        [
            -75.07764916386897,
            -77.22077210697586,
            -80.76190448681483,
            -81.18880584725076,
            -82.45978573618852,
            -83.99461147809407,
            -84.07264526774605,
            -84.19066318024178,
            -83.89054042299469,
            -83.7189854759971,
            -83.11246013611887,
            -82.55706205567728,
        ],
        [2.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    ),
    (
        "ProbGABAAB_EMS",
        true,
        [
            -75.0,
            -75.0,
            -75.0,
            -75.0,
            -75.20972122714753,
            -78.27718460067291,
            -78.76365772663837,
            -80.64242337207745,
            -80.91660678240883,
            -80.804402687591,
            -80.33165474950094,
            -79.89897174711618,
        ],
        [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0],
    ),
];
const SYNAPSE_TIMES_MS: [f64; 12] = [5.5, 13.0, 20.5, 22.0, 31.0, 46.0, 48.0, 60.0, 81.0, 90.0, 121.0, 150.0];

#[test]
fn stochastic_synapses_release_what_the_published_ones_do() {
    for (name, depleted, voltages, sites) in SYNAPSES {
        let mut registry = registry();
        if *depleted {
            let globals = ["init_depleted", "minis_single_vesicle"].map(|global| (global.to_owned(), 1.0));
            registry.set_globals(name, &globals).unwrap();
        }
        let mut builder = compartment(&registry);
        builder.streams.seed = 7;
        let parameters: &[(&str, f64)] = match *name {
            "ProbAMPANMDA_EMS" => {
                &[("Use", 0.5), ("Dep", 50.0), ("Fac", 20.0), ("Nrrp", 4.0), ("tau_d_AMPA", 1.74), ("NMDA_ratio", 0.8)]
            }
            _ => {
                &[("Use", 0.3), ("Dep", 80.0), ("Fac", 0.0), ("Nrrp", 3.0), ("tau_d_GABAA", 9.0), ("GABAB_ratio", 0.5)]
            }
        };
        let synapse = builder.place(name, 0, parameters).unwrap();
        builder.set_stream(synapse, [251, 107, 301]).unwrap();
        let connection = builder.connect(synapse, 1.5).unwrap();
        builder.set_argument(connection, "nc_type", f64::from(u8::from(*depleted))).unwrap();
        let mut cell = builder.build().unwrap();
        for time_ms in [5.0, 12.513, 20.0, 21.0, 30.0, 45.0, 46.0, 47.0, 80.0, 120.0] {
            cell.send(connection, time_ms);
        }
        for ((time_ms, v), sites) in SYNAPSE_TIMES_MS.iter().zip(voltages).zip(sites) {
            cell.advance((time_ms / DT_MS).round() as u64, &mut Vec::new());
            let found = cell.voltage_mv(0);
            assert!((found - v).abs() < 1e-8, "{name} at {time_ms} ms: {found}, NEURON {v}");
            assert_eq!(cell.point_value(synapse, "occupied"), Some(*sites), "{name} at {time_ms} ms");
        }
    }
}

/// Channels that open one by one are open as often, and with as much variance, as independent channels are: N p and
/// N p (1 - p), where p is the steady value of their gates.
#[test]
fn stochastic_channels_are_independent_ones() {
    const INSTANCES: usize = 200;
    const AREA_UM2: f64 = 60.0;
    let registry = Registry::default();
    for (name, open, v) in [("StochKv", "N1", 25.0), ("StochKv", "N1", -20.0), ("StochKv3", "N1L1", -20.0)] {
        let mechanism = registry.build(name, 34.0).unwrap();
        let nodes: Vec<u32> = (0..INSTANCES as u32).collect();
        let run = |deterministic: f64, instances: usize| {
            let nodes = &nodes[..instances];
            let mut block = Block::new(nodes.to_vec(), mechanism.columns());
            let column = |wanted: &str| mechanism.columns().iter().position(|column| column.name == wanted).unwrap();
            for (index, declared) in mechanism.columns().iter().enumerate() {
                if declared.role == Role::Geometry {
                    block.column_mut(index).fill(AREA_UM2);
                }
            }
            block.column_mut(column("gkbar")).fill(0.02);
            block.column_mut(column("deterministic")).fill(deterministic);
            for (index, id) in block.column_mut(column("rng.id1")).iter_mut().enumerate() {
                *id = index as f64;
            }
            let mut membrane = Membrane::new(-60.0, &InitialConcentrations::default(), vec![0.0; instances]);
            membrane.step_ms = DT_MS;
            let mut columns = Columns { nodes, values: &mut block.values };
            mechanism.initialise(&mut columns, &mut membrane);
            membrane.v.fill(v);
            // Long beside all time constants.
            for _ in 0..2000 {
                mechanism.advance(&mut columns, &mut membrane, DT_MS);
            }
            assert_eq!(membrane.failure, None);
            (block.column(column("N"))[0], block.column(column(open)).to_vec())
        };
        let (channels, expected) = run(1.0, 1);
        let mean = expected[0];
        assert_eq!(channels, 0.02e4 / 50.0 * AREA_UM2);
        let (_, counts) = run(0.0, INSTANCES);
        assert!(counts.iter().all(|count| count.fract() == 0.0 && (0.0..=channels).contains(count)), "{name}");
        let found = counts.iter().sum::<f64>() / INSTANCES as f64;
        let variance = counts.iter().map(|count| (count - found).powi(2)).sum::<f64>() / INSTANCES as f64;
        let binomial = mean * (1.0 - mean / channels);
        // Four standard errors of the mean and of the variance.
        let root = (INSTANCES as f64).sqrt();
        assert!((found - mean).abs() < 4.0 * binomial.sqrt() / root, "{name}: {found} {mean}");
        assert!((variance / binomial - 1.0).abs() < 4.0 * 2.0_f64.sqrt() / root, "{name}: {variance} {binomial}");
    }
}
