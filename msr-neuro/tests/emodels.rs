//! The bundled e-models rest, fire and use ATP as such cells do; mistakes in e-models are told.

use msr_neuro::cell::{Cell, Excitability, ExcitabilityError};
use msr_neuro::emodel::{BUNDLED, Conditions, Emodel};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{Morphology, parse_swc};
use msr_neuro::stimuli::{Stimulus, Waveform};

fn morphology() -> Morphology {
    let text = "1 1 0 0 0 8 -1\n2 2 0 -8 0 0.6 1\n3 2 0 -90 0 0.5 2\n4 3 8 0 0 1.2 1\n5 3 150 20 0 0.6 4\n\
                6 3 -8 0 0 1.2 1\n7 3 -150 20 0 0.6 6\n8 4 0 8 0 1.8 1\n9 4 0 300 0 1.2 8\n10 4 60 430 0 0.5 9\n\
                11 4 -60 430 0 0.5 9\n";
    parse_swc(text, "cell.swc").unwrap()
}

fn cell(name: &str, v_init_mv: f64) -> Cell {
    let (_, text) = BUNDLED.iter().find(|(known, _)| *known == name).unwrap();
    let conditions = Conditions { v_init_mv, ..Conditions::default() };
    Emodel::parse(text, name).unwrap().build(&morphology(), &Registry::default(), &conditions).unwrap()
}

const PROTOCOL: Excitability =
    Excitability { settle_ms: 100.0, step_ms: 500.0, accuracy_na: 0.004, limit_na: 5.0, v_init_mv: -75.0 };

#[test]
fn they_rest_without_spikes_whatever_the_initial_voltage() {
    for (name, _) in BUNDLED {
        for v_init_mv in [-80.0, -65.0] {
            let mut cell = cell(name, v_init_mv);
            let mut spikes = Vec::new();
            cell.advance(24_000, &mut spikes);
            let v = cell.voltage_mv(cell.discretisation().soma_segment());
            assert!((-76.0..-70.0).contains(&v), "{name} from {v_init_mv}: {v}");
            assert!(spikes.is_empty(), "{name}");
        }
    }
}

#[test]
fn they_fire_at_the_rates_of_their_types() {
    let rate = |name: &str| {
        let mut cell = cell(name, -75.0);
        let rheobase = PROTOCOL.threshold_current_na(&mut cell, 0.0).unwrap();
        assert!((0.01..0.6).contains(&rheobase), "{name}: {rheobase}");
        assert_eq!(PROTOCOL.spike_count(&mut cell, 0.0, rheobase - 2.0 * PROTOCOL.accuracy_na), 0, "{name}");
        PROTOCOL.spike_count(&mut cell, 0.0, 1.5 * rheobase) as f64 / (PROTOCOL.step_ms * 1e-3)
    };
    let (pyramidal, interneuron) = (rate("cADpyr"), rate("cNAC"));
    assert!((5.0..=30.0).contains(&pyramidal), "{pyramidal} Hz");
    assert!(interneuron > 2.0 * pyramidal && interneuron < 250.0, "{interneuron} Hz");
}

#[test]
fn the_pyramidal_cell_adapts_and_the_interneuron_does_not() {
    let slowing = |name: &str, amplitude_na: f64| {
        let mut cell = cell(name, -75.0);
        let node = cell.node(cell.discretisation().soma_segment()) as u32;
        cell.add_stimulus(Stimulus { node, waveform: Waveform::step(50.0, 800.0, amplitude_na) });
        let mut spikes = Vec::new();
        cell.advance(34_000, &mut spikes);
        assert!(spikes.len() > 5, "{name}: {}", spikes.len());
        let intervals: Vec<f64> = spikes.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
        intervals[intervals.len() - 1] / intervals[0]
    };
    let (pyramidal, interneuron) = (slowing("cADpyr", 0.25), slowing("cNAC", 0.4));
    assert!(pyramidal > 1.2, "{pyramidal}");
    assert!((0.8..1.2).contains(&interneuron), "{interneuron}");
}

#[test]
fn spikes_bring_sodium_in_and_cost_atp() {
    let run = |amplitude_na: f64| {
        let mut cell = cell("cADpyr", -75.0);
        let node = cell.node(cell.discretisation().soma_segment());
        cell.add_stimulus(Stimulus { node: node as u32, waveform: Waveform::step(5.0, 90.0, amplitude_na) });
        let mut spikes = Vec::new();
        cell.advance(4000, &mut spikes);
        let membrane = &cell.state().membrane;
        (spikes.len(), membrane.nai[node] - 10.0, 1.3846374147608125 - membrane.atpi[node])
    };
    let (silent, rest_sodium, rest_atp) = run(0.0);
    let (spikes, sodium, atp) = run(0.5);
    assert_eq!(silent, 0);
    assert!(spikes >= 2);
    assert!(rest_sodium.abs() < 1e-3, "{rest_sodium}");
    assert!((1e-3..0.1 * spikes as f64).contains(&sodium), "{sodium} mM by {spikes} spikes");
    assert!(atp > rest_atp && rest_atp > 1e-5 && atp < 0.1, "{rest_atp} {atp}");
}

#[test]
fn the_holding_current_holds() {
    let mut cell = cell("cADpyr", -75.0);
    let protocol = Excitability { accuracy_na: 1e-4, ..PROTOCOL };
    let holding = protocol.holding_current_na(&mut cell, -80.0).unwrap();
    assert!(holding < 0.0);
    let soma = cell.discretisation().soma_segment();
    let node = cell.node(soma) as u32;
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(0.0, 1e9, holding) });
    cell.advance(24_000, &mut Vec::new());
    assert!((cell.voltage_mv(soma) + 80.0).abs() < 0.1, "{}", cell.voltage_mv(soma));
}

#[test]
fn a_cell_without_sodium_channels_has_no_rheobase() {
    let text = r#"{"name": "leaky", "mechanisms": {"all": ["pas"]}, "parameters": []}"#;
    let emodel = Emodel::parse(text, "leaky.json").unwrap();
    let mut cell = emodel.build(&morphology(), &Registry::default(), &Conditions::default()).unwrap();
    let protocol = Excitability { limit_na: 0.5, ..PROTOCOL };
    assert_eq!(protocol.threshold_current_na(&mut cell, 0.0), Err(ExcitabilityError::Silent { limit_na: 0.5 }));
}

#[test]
fn mistakes_are_told_with_what_exists() {
    let build = |text: &str| {
        let emodel = Emodel::parse(text, "m.json").map_err(|error| error.to_string())?;
        emodel
            .build(&morphology(), &Registry::default(), &Conditions::default())
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let cases = [
        (
            r#"{"name": "m", "mechanisms": {"all": ["NaTG"]}, "parameters": []}"#,
            "unknown mechanism 'NaTG' (did you mean 'NaTg'?)",
        ),
        (
            r#"{"name": "m", "mechanisms": {"all": ["pas"]}, "parameters": [{"sections": "all", "name": "pas.gg", "value": 1}]}"#,
            "mechanism 'pas' has no parameter 'gg'",
        ),
        (
            r#"{"name": "m", "mechanisms": {"all": ["pas"]}, "parameters": [{"sections": "all", "name": "Ih.gIhbar", "value": 1}]}"#,
            "'Ih' is inserted nowhere; inserted: pas",
        ),
        (
            r#"{"name": "m", "mechanisms": {}, "parameters": [{"sections": "all", "name": "cm", "value": 0}]}"#,
            "cm = 0 must be positive",
        ),
        (
            r#"{"name": "m", "mechanisms": {}, "parameters": [{"sections": "all", "name": "g_pas", "value": 1}]}"#,
            "parameter 'g_pas' is neither cm, Ra nor Mechanism.parameter",
        ),
        (
            r#"{"name": "m", "mechanisms": {"all": ["NaTg"]}, "parameters": [{"sections": "all", "name": "NaTg.gNaTgbar", "value": -0.1}]}"#,
            "m.json: NaTg.gNaTgbar = -0.1 must not be negative",
        ),
        (
            r#"{"name": "m", "concentrations": {"ko": 0}, "mechanisms": {}, "parameters": []}"#,
            "m.json: concentrations.ko = 0 must be positive",
        ),
        (
            r#"{"name": "m", "diffusion": {"nai": -1}, "mechanisms": {}, "parameters": []}"#,
            "m.json: diffusion.nai = -1 must not be negative",
        ),
        ("{\n  \"nam\": \"m\"\n}", "m.json:2:"),
        (
            r#"{"name": "m", "rest_mv": -95, "mechanisms": {"all": ["NaKPump", "IonLeak"]}, "parameters": []}"#,
            "resting potential -95 mV must lie between",
        ),
    ];
    for (text, message) in cases {
        let error = build(text).unwrap_err();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    }
}

#[test]
fn axon_and_segments_are_as_the_file_says() {
    let axon = r#"{ "sampled": { "myelin": true } }, "segments": { "piece_um": 20 }"#;
    let text = BUNDLED[0].1.replace(r#""initial_segment""#, axon);
    let text = text.replace(r#""axonal": ["#, r#""myelinated": ["pas"], "axonal": ["#);
    let emodel = Emodel::parse(&text, "sampled.json").unwrap();
    let build = |morphology| emodel.build(&morphology, &Registry::default(), &Conditions::default());
    let cell = build(morphology()).unwrap();
    let sections = &cell.discretisation().sections;
    assert_eq!(sections.last().unwrap().kind.name(), "myelin");
    assert_eq!(sections.last().unwrap().segments.len(), 5);
    // 143 um of dendrite in pieces of 20 um.
    assert_eq!(sections[1].segments.len(), 15);
    let bare = parse_swc("1 1 0 0 0 8 -1\n2 3 8 0 0 1.2 1\n3 3 150 20 0 0.6 2\n", "bare.swc").unwrap();
    let error = build(bare).err().unwrap().to_string();
    assert!(error.starts_with("sampled.json: the axon of 0 sections, 0 um long, has 0 segments of 12 um"), "{error}");
}
