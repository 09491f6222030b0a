//! What mechanism files may say: against analytic solutions, conservation laws and rules of the language.

use msr_neuro::nmodl::{Host, Instance, Silent, Stop, Surrounding, compile};
use proptest::prelude::*;

const DT_MS: f64 = 0.025;

/// A mechanism with these declarations and blocks.
fn mechanism(body: &str) -> msr_neuro::nmodl::Model {
    match compile(&format!("NEURON {{ SUFFIX test }}\n{body}"), "test.mod") {
        Ok((model, _)) => model,
        Err(mistakes) => panic!("{mistakes}"),
    }
}

fn started(model: &msr_neuro::nmodl::Model) -> Instance<'_> {
    let mut instance = Instance::new(model);
    instance.surround(Surrounding::Step, DT_MS);
    instance.surround(Surrounding::Voltage, -65.0);
    instance.surround(Surrounding::Celsius, 6.3);
    instance.surround(Surrounding::Diameter, 1.0);
    instance.initialise(&mut Silent).unwrap();
    instance
}

/// The messages of a file that cannot be used.
fn mistakes(text: &str) -> String {
    compile(text, "wrong.mod").expect_err("the file has mistakes").to_string()
}

/// What is read before it is set is 0, as in the first `finitialize` of NEURON; a later one there would see what the first has made.
#[test]
fn initial_begins_from_nothing() {
    let model = mechanism(
        "PARAMETER { sodium0 = 10 }\nASSIGNED { sodium rate }\nINITIAL { rate = 2*sodium + 1 sodium = sodium0 }\nBREAKPOINT { }",
    );
    let mut instance = started(&model);
    instance.initialise(&mut Silent).unwrap();
    assert_eq!((instance.get("rate"), instance.get("sodium")), (Some(1.0), Some(10.0)));
}

#[test]
fn cnexp_is_exact_for_constant_coefficients() {
    let model = mechanism(
        "PARAMETER { a = 0.3 b = 1.7 tau = 4 }\nSTATE { x y z w }\nINITIAL { x = 0.9 y = 0.2 z = 0.5 w = 1 }\n\
         BREAKPOINT { SOLVE s METHOD cnexp }\n\
         DERIVATIVE s { x' = a*(1 - x) - b*x y' = (0.8 - y)/tau z' = 0.25 w' = -w/tau }",
    );
    let mut instance = started(&model);
    for step in 1..=400 {
        instance.advance(&mut Silent).unwrap();
        let t = f64::from(step) * DT_MS;
        let steady = 0.3 / 2.0;
        let expected = [
            ("x", steady + (0.9 - steady) * (-2.0 * t).exp()),
            ("y", 0.8 + (0.2 - 0.8) * (-t / 4.0).exp()),
            ("z", 0.5 + 0.25 * t),
            ("w", (-t / 4.0).exp()),
        ];
        for (name, expected) in expected {
            let found = instance.get(name).unwrap();
            assert!((found - expected).abs() < 1e-12, "{name} at {t}: {found} {expected}");
        }
    }
}

/// Implicit Euler's steps solved by hand: `drained` loses 1 a ms until nothing is left, `pair` is used up two at a time. In a linear
/// scheme nothing ends at 0.
#[test]
fn amounts_of_nonlinear_schemes_end_at_nothing() {
    let scheme = |reaction: &str| {
        mechanism(&format!(
            "STATE {{ drained pair out }}\nINITIAL {{ drained = 0.11 pair = 1 }}\nBREAKPOINT {{ SOLVE s METHOD sparse }}\n\
             KINETIC s {{ ~ drained << (-1)\n{reaction} }}"
        ))
    };
    let (nonlinear, linear) = (scheme("~ 2 pair <-> out (0.5, 0)"), scheme("~ pair <-> out (1, 0)"));
    let (mut instance, mut unbounded) = (started(&nonlinear), started(&linear));
    let (mut drained, mut pair) = (0.11_f64, 1.0_f64);
    for step in 1..=20 {
        instance.advance(&mut Silent).unwrap();
        unbounded.advance(&mut Silent).unwrap();
        drained = (drained - DT_MS).max(0.0);
        // x + dt x^2 = old.
        pair = ((1.0 + 4.0 * DT_MS * pair).sqrt() - 1.0) / (2.0 * DT_MS);
        for (name, expected) in [("drained", drained), ("pair", pair), ("out", (1.0 - pair) / 2.0)] {
            let found = instance.get(name).unwrap();
            assert!((found - expected).abs() < 1e-12, "{name} at step {step}: {found} {expected}");
        }
        let found = unbounded.get("drained").unwrap();
        assert!((found - (0.11 - f64::from(step) * DT_MS)).abs() < 1e-12, "step {step}: {found}");
    }
}

#[test]
fn the_initial_value_of_a_state_need_not_be_declared() {
    let model = mechanism(
        "STATE { m n }\nASSIGNED { twice }\nINITIAL { twice = 2*m0 }\nBREAKPOINT { SOLVE s METHOD cnexp }\n\
         DERIVATIVE s { m' = -m n' = -n }",
    );
    let mut instance = Instance::new(&model);
    assert!(instance.set("m0", 0.3));
    instance.initialise(&mut Silent).unwrap();
    assert_eq!(["m", "n", "twice"].map(|name| instance.get(name).unwrap()), [0.3, 0.0, 0.6]);
}

#[test]
fn nonlinear_equations_converge_to_the_solution_with_the_step() {
    // Logistic growth, x' = x (1 - x): x = 1 / (1 + (1/x0 - 1) e^-t).
    for method in ["derivimplicit", "cnexp", "euler"] {
        let model = mechanism(&format!(
            "STATE {{ x }}\nINITIAL {{ x = 0.1 }}\nBREAKPOINT {{ SOLVE s METHOD {method} }}\n\
             DERIVATIVE s {{ x' = x*(1 - x) }}"
        ));
        let error = |dt: f64| {
            let mut instance = started(&model);
            instance.surround(Surrounding::Step, dt);
            for _ in 0..(3.0 / dt).round() as u32 {
                instance.advance(&mut Silent).unwrap();
            }
            instance.get("x").unwrap() - 1.0 / (1.0 + 9.0 * (-3.0_f64).exp())
        };
        let (coarse, fine) = (error(0.02), error(0.01));
        // First order: half the step, half the error.
        assert!((coarse / fine - 2.0).abs() < 0.05, "{method}: {coarse} {fine}");
        assert!(fine.abs() < 2e-3, "{method}: {fine}");
    }
}

#[test]
fn reactions_conserve_and_reach_equilibrium() {
    // ca + 2 b <-> c with K = kf/kb: at equilibrium c = K ca b^2.
    let model = mechanism(
        "PARAMETER { kf = 2 kb = 0.5 }\nSTATE { ca b c }\nINITIAL { ca = 1 b = 1.5 c = 0.1 }\n\
         BREAKPOINT { SOLVE s METHOD sparse }\nKINETIC s { ~ ca + 2 b <-> c (kf, kb) }",
    );
    let mut instance = started(&model);
    let totals = |instance: &Instance<'_>| {
        let [ca, b, c] = ["ca", "b", "c"].map(|name| instance.get(name).unwrap());
        [ca + c, b + 2.0 * c]
    };
    let before = totals(&instance);
    for _ in 0..4000 {
        instance.advance(&mut Silent).unwrap();
        for (now, before) in totals(&instance).iter().zip(before) {
            assert!((now - before).abs() < 1e-9, "{now} {before}");
        }
    }
    let [ca, b, c] = ["ca", "b", "c"].map(|name| instance.get(name).unwrap());
    assert!((c / (ca * b * b) - 4.0).abs() < 1e-5, "{}", c / (ca * b * b));
}

#[test]
fn steadystate_conserve_and_linear_find_the_same_equilibrium() {
    // Two states of a channel, open = kf / (kf + kb).
    let model = mechanism(
        "PARAMETER { kf = 3 kb = 1 }\nSTATE { c o }\nASSIGNED { direct }\n\
         INITIAL { SOLVE eq direct = o SOLVE k STEADYSTATE sparse }\nBREAKPOINT { SOLVE k METHOD sparse }\n\
         KINETIC k { ~ c <-> o (kf, kb) CONSERVE c + o = 1 }\n\
         LINEAR eq { ~ kf*c - kb*o = 0 ~ c + o = 1 }",
    );
    let mut instance = started(&model);
    assert!((instance.get("direct").unwrap() - 0.75).abs() < 1e-14);
    assert!((instance.get("o").unwrap() - 0.75).abs() < 1e-9);
    instance.advance(&mut Silent).unwrap();
    assert!((instance.get("o").unwrap() - 0.75).abs() < 1e-9);
}

#[test]
fn sums_are_kept_wherever_conserve_stands() {
    // ca + b <-> c keeps ca + c and b + c, which both end in c; each order gives what no CONSERVE gives.
    let reaction = "~ ca + b <-> c (3, 1)";
    let (first, second) = ("CONSERVE ca + c = 1.1", "CONSERVE b + c = 1.6");
    let blocks = [
        reaction.to_owned(),
        format!("{reaction} {first}"),
        format!("{first} {reaction}"),
        format!("{first} {reaction} {second}"),
        format!("{first} {second} {reaction}"),
        format!("{reaction} {second} {first}"),
    ];
    let mut found = Vec::new();
    for block in &blocks {
        let model = mechanism(&format!(
            "STATE {{ ca b c }}\nINITIAL {{ ca = 1 b = 1.5 c = 0.1 }}\nBREAKPOINT {{ SOLVE k METHOD sparse }}\n\
             KINETIC k {{ {block} }}"
        ));
        let mut instance = started(&model);
        for _ in 0..20 {
            instance.advance(&mut Silent).unwrap();
        }
        let values = ["ca", "b", "c"].map(|name| instance.get(name).unwrap());
        assert!((values[0] + values[2] - 1.1).abs() < 1e-9 && (values[1] + values[2] - 1.6).abs() < 1e-9, "{block}");
        found.push(values);
    }
    for (values, block) in found.iter().zip(&blocks) {
        assert!(values.iter().zip(found[0]).all(|(one, other)| (one - other).abs() < 1e-8), "{block}: {found:?}");
    }
}

#[test]
fn what_does_not_settle_is_no_steady_state() {
    let model = mechanism(
        "STATE { x }\nASSIGNED { length }\nINITIAL { x = 0 SOLVE s STEADYSTATE sparse }\n\
         BREAKPOINT { SOLVE s METHOD sparse length = dt }\nKINETIC s { ~ x << (1) }",
    );
    let mut instance = Instance::new(&model);
    instance.surround(Surrounding::Step, DT_MS);
    assert_eq!(instance.initialise(&mut Silent), Err(Stop::NoSolution));
    // The long step is forgotten.
    instance.advance(&mut Silent).unwrap();
    assert_eq!(instance.get("length"), Some(DT_MS));
}

#[test]
fn amounts_are_conserved_between_compartments_of_different_size() {
    let model = mechanism(
        "DEFINE N 4\nSTATE { x[N] }\nASSIGNED { size[N] total }\n\
         INITIAL { FROM i = 0 TO N-1 { size[i] = 1 + i x[i] = 0 } x[0] = 8 measure() }\n\
         BREAKPOINT { SOLVE d METHOD sparse measure() }\n\
         PROCEDURE measure() { total = 0 FROM i = 0 TO N-1 { total = total + size[i]*x[i] } }\n\
         KINETIC d { COMPARTMENT i, size[i] {x} FROM i = 0 TO N-2 { ~ x[i] <-> x[i+1] (2, 2) } }",
    );
    let mut instance = started(&model);
    for _ in 0..4000 {
        instance.advance(&mut Silent).unwrap();
        instance.currents(&mut Silent).unwrap();
        assert!((instance.get("total").unwrap() - 8.0).abs() < 1e-9);
    }
    // Evenly spread: 8 over sizes 1 + 2 + 3 + 4.
    assert!((instance.get("x").unwrap() - 0.8).abs() < 1e-9);
}

#[test]
fn what_a_procedure_makes_of_the_voltage_stays_there() {
    let model = mechanism(
        "ASSIGNED { v seen again }\nINITIAL { shift() again = v }\nPROCEDURE shift() { v = v + 0.5 seen = v }",
    );
    let instance = started(&model);
    assert_eq!(instance.get("seen"), Some(-64.5));
    assert_eq!(instance.get("again"), Some(-64.5));
    assert_eq!(instance.get("v"), Some(-65.0));
}

/// Records what an instance does.
#[derive(Default)]
struct Record {
    sent: Vec<(f64, f64)>,
    emitted: Vec<f64>,
    watched: Vec<f64>,
}

impl Host for Record {
    fn send(&mut self, delay_ms: f64, flag: f64) {
        self.sent.push((delay_ms, flag));
    }
    fn emit(&mut self, time_ms: f64) {
        self.emitted.push(time_ms);
    }
    fn move_event(&mut self, _time_ms: f64) {}
    fn uniform(&mut self, _stream: u32) -> f64 {
        0.25
    }
    fn restart(&mut self, _stream: u32) {}
    fn vector(&self, _vector: u32) -> &[f64] {
        &[]
    }
    fn watch(&mut self, _watch: usize, flag: f64, _excess: f64) {
        self.watched.push(flag);
    }
}

#[test]
fn events_change_states_connections_and_send_others() {
    let text = "NEURON { POINT_PROCESS Syn NONSPECIFIC_CURRENT i BBCOREPOINTER rng }\n\
                PARAMETER { tau = 2 e = 0 }\nASSIGNED { v i rng usingR123 }\nSTATE { g }\n\
                INITIAL { g = 0 net_send(3, 1) }\nBREAKPOINT { SOLVE s METHOD cnexp i = g*(v - e) }\n\
                DERIVATIVE s { g' = -g/tau }\n\
                NET_RECEIVE (w, count) { INITIAL { count = 10 }\n\
                if (flag == 1) { WATCH (g > 0.5) 2 VERBATIM return; ENDVERBATIM }\n\
                count = count + 1 g = g + w*urand() net_event(t) }\n\
                FUNCTION urand() { VERBATIM double value; if (usingR123) { value = nrnran123_dblpick(\
                (nrnran123_State*)_p_rng); } else if (_p_rng) { value = nrn_random_pick(RANDCAST _p_rng); }\
                else { value = 0.5; } _lurand = value; ENDVERBATIM }";
    let (model, _) = compile(text, "syn.mod").unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let mut host = Record::default();
    let mut instance = Instance::new(&model);
    instance.surround(Surrounding::Step, DT_MS);
    instance.initialise(&mut host).unwrap();
    assert_eq!(host.sent, [(3.0, 1.0)]);
    let mut connection = [0.8, 0.0];
    instance.connect(&mut connection, &mut host).unwrap();
    assert_eq!(connection, [0.8, 10.0]);
    instance.surround(Surrounding::Time, 1.5);
    instance.receive(&mut connection, 0.0, &mut host).unwrap();
    assert_eq!(connection, [0.8, 11.0]);
    assert_eq!(host.emitted, [1.5]);
    assert!((instance.get("g").unwrap() - 0.2).abs() < 1e-15);
    instance.receive(&mut connection, 1.0, &mut host).unwrap();
    assert_eq!((host.watched.as_slice(), connection[1]), (&[2.0][..], 11.0));
    instance.surround(Surrounding::Voltage, -70.0);
    let flow = instance.currents(&mut host).unwrap();
    assert!((flow.current + 14.0).abs() < 1e-12 && (flow.conductance - 0.2).abs() < 1e-9, "{flow:?}");
}

#[test]
fn all_mistakes_are_told_with_their_places() {
    let text = "NEURON {\n  SUFFIX wrong\n  USEION na READ ena WRITE ina\n  RANGE gbar\n}\nPARAMETER { gbar = 1 }\n\
                STATE { m }\nBREAKPOINT {\n  SOLVE states METHOD runge\n  ina = gbra*m*(v - ena)\n}\n\
                DERIVATIVE states { m' = expp(v) }\n";
    let found = mistakes(text);
    for expected in [
        "wrong.mod:9:23: error: the method 'runge' is not supported here",
        "wrong.mod:10:9: error: 'gbra' is not declared (did you mean 'gbar'?)",
        "wrong.mod:12:26: error: there is no function 'expp' (did you mean 'exp'?)",
        "10 |   ina = gbra*m*(v - ena)\n   |         ^^^^",
        "= help: ",
    ] {
        assert!(found.contains(expected), "{expected}\nis missing in\n{found}");
    }
}

#[test]
fn c_code_that_is_reached_is_refused_with_its_place() {
    let found = mistakes("NEURON { SUFFIX c }\nINITIAL {\nVERBATIM\n  launch_rockets();\nENDVERBATIM\n}\n");
    assert!(found.contains("wrong.mod:3:1: error: this VERBATIM block holds C code that is not known"), "{found}");
}

#[test]
fn watch_is_refused_where_no_event_starts_it() {
    let outside = [
        "NEURON { SUFFIX c }\nBREAKPOINT { WATCH (v > -20) 2 }\nASSIGNED { v }\n",
        "NEURON { POINT_PROCESS c }\nASSIGNED { v }\nPROCEDURE w() { LOCAL e\ne = -20\nWATCH (v > e) 2 }\nNET_RECEIVE(x) { w() }\n",
    ];
    for text in outside {
        let found = mistakes(text);
        assert!(found.contains("WATCH stands outside NET_RECEIVE"), "{found}");
    }
}

/// Pieces of the language, to be mixed.
const PIECES: &[&str] = &[
    "NEURON",
    "{",
    "}",
    "(",
    ")",
    "SUFFIX x",
    "USEION ca READ cai WRITE ica",
    "STATE { m }",
    "PARAMETER { a = 1 (mV) <0,1> }",
    "BREAKPOINT",
    "SOLVE s METHOD cnexp",
    "DERIVATIVE s",
    "KINETIC s",
    "~ m <-> n (1, 2)",
    "~",
    "m' = -m/a",
    "if",
    "else",
    "while (1)",
    "FROM i = 0 TO 3",
    "LOCAL x, y[3]",
    "FUNCTION f(x)",
    "f = f(x)",
    "VERBATIM",
    "ENDVERBATIM",
    "return;",
    "TABLE a DEPEND b FROM 0 TO 1 WITH 2",
    "^",
    "*",
    "-",
    "1e",
    "1e400",
    "\"",
    "'",
    "[",
    "]",
    "[1e9]",
    ":",
    "?",
    "COMMENT",
    "µ",
    "NET_RECEIVE (w)",
    "WATCH (m > 1) 2",
    "CONSERVE m + m = 1",
    "INITIAL",
    "DEFINE N 5",
    "x[N]",
    "ca[99999999]",
    "\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let _ = compile(&pieces.join(" "), "mixed.mod").map_err(|mistakes| mistakes.to_string());
    }

    #[test]
    fn no_damage_to_a_file_makes_it_panic(
        file in 0..msr_neuro::mechanisms::BUNDLED.len(),
        cuts in prop::collection::vec((0.0..1.0_f64, 0..40_usize, prop::sample::select(PIECES)), 1..6),
    ) {
        let mut text = msr_neuro::mechanisms::BUNDLED[file].1.to_owned();
        for (place, length, piece) in cuts {
            let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let start = floor((place * text.len() as f64) as usize);
            let end = floor(start + length).max(start);
            text.replace_range(start..end, piece);
        }
        if let Ok((model, _)) = compile(&text, "damaged.mod") {
            let _ = msr_neuro::nmodl::DensityMechanism::new(model, 34.0, &Default::default());
        }
    }
}
