//! Mechanism files as mechanisms of segments: code for many instances does what the statements of one instance say.

use msr_neuro::ions::{InitialConcentrations, Membrane, Reversals};
use msr_neuro::mechanisms::{BUNDLED, Block, Columns, Mechanism, Registry, Role};
use msr_neuro::nmodl::{DensityMechanism, Instance, Options, Silent, Surrounding, compile};

const DT_MS: f64 = 0.025;
const CELSIUS: f64 = 34.0;
/// More than a chunk, and no multiple of one.
const SEGMENTS: usize = 83;
const DIAMETER_UM: f64 = 2.0;

fn voltage_mv(segment: usize, step: usize) -> f64 {
    -95.0 + 1.7 * segment as f64 + 9.0 * (0.3 * step as f64).sin()
}

/// Runs both ways through a swing of the voltage and compares what the mechanism shows.
fn compare(text: &str, file: &str, options: &Options, tolerance: f64) {
    let is_vectorised = compare_any(text, file, options, tolerance);
    assert!(is_vectorised, "{file}");
}

/// The same for what may run instance by instance; whether it does not.
fn compare_any(text: &str, file: &str, options: &Options, tolerance: f64) -> bool {
    let (model, _) = compile(text, file).unwrap();
    let mechanism = DensityMechanism::new(model.clone(), CELSIUS, options).unwrap();
    // Every second node carries it: fields are gathered.
    let nodes: Vec<u32> = (0..SEGMENTS as u32).map(|segment| 2 * segment + 1).collect();
    let mut block = Block::new(nodes.clone(), mechanism.columns());
    let mut membrane = Membrane::new(0.0, &InitialConcentrations::default(), vec![0.01; 2 * SEGMENTS]);
    membrane.step_ms = DT_MS;
    for ion in mechanism.foreign_ions() {
        membrane.add_ion(&ion.name, ion.valence, InitialConcentrations::default().of(&ion.name));
    }
    for (index, column) in mechanism.columns().iter().enumerate() {
        if column.role == Role::Geometry {
            block.column_mut(index).fill(DIAMETER_UM);
        }
    }
    membrane.update_reversals(&Reversals::default(), CELSIUS);
    let mut instances: Vec<Instance<'_>> = (0..SEGMENTS).map(|_| Instance::new(&model)).collect();
    // The calcium current is its own, or comes from other channels.
    let has_own = mechanism.columns().iter().any(|column| column.name == "ica");
    let mut worst = 0.0_f64;
    for step in 0..200 {
        for (segment, &node) in nodes.iter().enumerate() {
            membrane.v[node as usize] = voltage_mv(segment, step);
            membrane.ica[node as usize] = -1e-4 * (1.0 + segment as f64);
        }
        for (segment, instance) in instances.iter_mut().enumerate() {
            instance.surround(Surrounding::Step, DT_MS);
            instance.surround(Surrounding::Celsius, CELSIUS);
            instance.surround(Surrounding::Diameter, DIAMETER_UM);
            instance.surround(Surrounding::Area, DIAMETER_UM);
            instance.surround(Surrounding::Voltage, voltage_mv(segment, step));
            let node = nodes[segment] as usize;
            instance.set("ica", membrane.ica[node]);
            for (name, field) in Membrane::FIELDS.iter().filter(|(name, _)| !name.starts_with('i') && *name != "ek") {
                // KdShu2007 has a reversal potential of its own.
                instance.set(name, field(&mut membrane)[node]);
            }
            if text.contains("READ ek") {
                instance.set("ek", membrane.ek[node]);
            }
            for ion in &mut membrane.foreign {
                for (name, part) in ion.part_names().iter().zip(ion.parts_mut()).take(3) {
                    instance.set(name, part[node]);
                }
            }
        }
        let before = membrane.clone();
        let mut columns = Columns { nodes: &nodes, values: &mut block.values };
        if step == 0 {
            mechanism.initialise(&mut columns, &mut membrane);
        }
        mechanism.currents(&mut columns, &mut membrane);
        for (segment, instance) in instances.iter_mut().enumerate() {
            if step == 0 {
                instance.initialise(&mut Silent).unwrap();
            }
            let flow = instance.currents(&mut Silent).unwrap();
            let node = nodes[segment] as usize;
            let current = membrane.current[node] - before.current[node];
            let conductance = membrane.conductance[node] - before.conductance[node];
            assert!((current - flow.current).abs() < 1e-12, "{file}: {current} {flow:?}");
            // The instance takes a difference quotient.
            let error = (conductance - flow.conductance).abs();
            assert!(error < 1e-3 * flow.conductance.abs() + 1e-9, "{file}: {conductance} {flow:?}");
            if !has_own {
                instance.set("ica", before.ica[node]);
            }
            instance.advance(&mut Silent).unwrap();
        }
        membrane.ica.clone_from(&before.ica);
        mechanism.advance(&mut Columns { nodes: &nodes, values: &mut block.values }, &mut membrane, DT_MS);
        let variables = mechanism.columns().iter().enumerate().filter(|(_, column)| column.role.is_variable());
        for (column, declared) in variables {
            for (segment, instance) in instances.iter().enumerate() {
                let expected = instance.get(&declared.name).unwrap();
                let found = block.column(column)[segment];
                worst = worst.max((found - expected).abs() / (1.0 + expected.abs()));
            }
        }
        for (&node, instance) in nodes.iter().zip(&instances) {
            if let Some(cai) = instance.get("cai") {
                worst = worst.max((membrane.cai[node as usize] - cai).abs());
            }
        }
    }
    assert!(worst < tolerance, "{file}: {worst:e}");
    mechanism.is_vectorised()
}

#[test]
fn bundled_files_give_what_their_statements_say() {
    // What draws random numbers runs instance by instance.
    let others = ["POINT_PROCESS", "ARTIFICIAL_CELL", "RANDOM"];
    let is_compared = |text: &str| !others.iter().any(|word| text.contains(word));
    for (file, text) in BUNDLED.iter().filter(|(_, text)| is_compared(text)) {
        compare(text, file, &Options::default(), 1e-13);
    }
}

#[test]
fn conditions_arrays_loops_and_reactions_do_too() {
    let text = "NEURON { SUFFIX mixed NONSPECIFIC_CURRENT i RANGE gbar, high }\n\
                PARAMETER { gbar = 1e-3 (S/cm2) e = -70 k = 0.4 }\nASSIGNED { v i high rate[3] }\nSTATE { c o d x[3] }\n\
                INITIAL { c = 1 o = 0 d = 0 FROM n = 0 TO 2 { x[n] = n + 1 } rates() }\n\
                BREAKPOINT { SOLVE channel METHOD sparse SOLVE chain METHOD cnexp SOLVE count\n\
                if (v > -40) { i = gbar*o*(v - e)^2/100 high = 1 } else { i = gbar*o*(v - e) + 1e-5*log(1 + exp(v/30)) high = 0 } }\n\
                PROCEDURE rates() { LOCAL n FROM n = 0 TO 2 { rate[n] = (n + 1)*k*exp((v + 50)/40) }\n\
                if (v < -60 && v > -80 || v > 0) { rate[1] = 2*rate[1] } }\n\
                PROCEDURE count() { if (x[0] < 0.5) { d = d + fabs(x[0]) } else { d = d + 0.5 } }\n\
                KINETIC channel { rates() ~ c <-> o (rate[0], rate[1]) CONSERVE c + o = 1 }\n\
                DERIVATIVE chain { rates() x[0]' = -rate[0]*x[0] x[1]' = rate[0]*x[0] - x[1] x[2]' = x[1] - x[2]/3 }";
    compare(text, "mixed.mod", &Options::default(), 1e-12);
    compare(text, "mixed.mod", &Options { numeric_conductance: true, ..Options::default() }, 1e-12);
}

#[test]
fn nonlinear_reactions_converge_for_many_instances_as_for_one() {
    // Two buffers that bind more than one ion, in two shells; what a block assigns follows from the states.
    let text = "NEURON { SUFFIX bound USEION ca READ ica, cai WRITE cai RANGE occupied }\n\
                PARAMETER { k = 0.3 }\nASSIGNED { v ica cai diam occupied }\nSTATE { x[2] a ax axx b bx }\n\
                INITIAL { x[0] = 1e-3 x[1] = 2e-3 a = 0.5 ax = 0 axx = 0 b = 0.2 bx = 0 cai = x[0] }\n\
                BREAKPOINT { SOLVE calcium METHOD sparse }\n\
                KINETIC calcium { LOCAL n COMPARTMENT n, (n + 1)*diam { x }\n\
                ~ x[0] << (-ica*1e3) ~ x[0] <-> x[1] (k, k) ~ x[0] + a <-> ax (30, 0.01) ~ 2 x[0] + ax <-> axx (4e3, 0.5)\n\
                ~ x[1] + b <-> bx (20*exp(v/50), 0.1) CONSERVE a + ax + axx = 0.5 occupied = ax + 2*axx cai = x[0] }";
    let text = &text.replace("LOCAL n COMPARTMENT n,", "COMPARTMENT n,");
    compare(text, "bound.mod", &Options::default(), 1e-12);
    // With statements around the scheme.
    let around = text
        .replace("BREAKPOINT {", "BREAKPOINT { if (v > -40) { k = 0.3 } else { k = 0.2 + a }")
        .replace("sparse }", "sparse occupied = occupied + k }");
    compare(&around, "around.mod", &Options::default(), 1e-12);
}

/// Each step of implicit Euler of `a + b <-> c` is the root of a quadratic, however the voltage drives the rates; jumps of the
/// state between steps are no step of it.
#[test]
fn steps_of_a_reaction_are_roots_of_a_quadratic() {
    let text = "NEURON { SUFFIX pair RANGE kf, kb }\nPARAMETER { kb = 0.5 }\nASSIGNED { v kf }\nSTATE { a b c }\n\
                INITIAL { a = 1 b = 1.5 c = 0 }\nBREAKPOINT { SOLVE s METHOD sparse }\n\
                KINETIC s { kf = 2*exp(v/25) ~ a + b <-> c (kf, kb) }";
    let (model, _) = compile(text, "pair.mod").unwrap();
    let mechanism = DensityMechanism::new(model, CELSIUS, &Options::default()).unwrap();
    assert!(mechanism.is_vectorised());
    let nodes: Vec<u32> = (0..SEGMENTS as u32).collect();
    let mut block = Block::new(nodes.clone(), mechanism.columns());
    let mut membrane = Membrane::new(0.0, &InitialConcentrations::default(), vec![0.01; SEGMENTS]);
    membrane.step_ms = DT_MS;
    mechanism.initialise(&mut Columns { nodes: &nodes, values: &mut block.values }, &mut membrane);
    let column = |name: &str| mechanism.columns().iter().position(|column| column.name == name).unwrap();
    let [a, b, c] = ["a", "b", "c"].map(column);
    for step in 0..400 {
        for segment in 0..SEGMENTS {
            membrane.v[segment] = voltage_mv(segment, step);
        }
        if step == 200 {
            block.column_mut(a).iter_mut().for_each(|a| *a += 0.7);
        }
        let before = block.clone();
        mechanism.advance(&mut Columns { nodes: &nodes, values: &mut block.values }, &mut membrane, DT_MS);
        for segment in 0..SEGMENTS {
            let [a_old, b_old, c_old] = [a, b, c].map(|column| before.column(column)[segment]);
            let (kf, kb) = (DT_MS * 2.0 * (voltage_mv(segment, step) / 25.0).exp(), DT_MS * 0.5);
            // x = c - c_old: x = kf (a_old - x)(b_old - x) - kb (c_old + x)
            let (linear, constant) = (1.0 + kb + kf * (a_old + b_old), kf * a_old * b_old - kb * c_old);
            let x = 2.0 * constant / (linear + (linear * linear - 4.0 * kf * constant).sqrt());
            for (column, expected) in [(a, a_old - x), (b, b_old - x), (c, c_old + x)] {
                let found = block.column(column)[segment];
                assert!((found - expected).abs() < 1e-12, "step {step}, segment {segment}: {found} {expected}");
            }
        }
    }
}

#[test]
fn each_instance_has_the_equations_of_its_own_branch() {
    let declared = "NEURON { SUFFIX branched NONSPECIFIC_CURRENT i }\nASSIGNED { v i }\nSTATE { c o x }\n\
                    INITIAL { c = 1 o = 0 x = 0 }\n";
    let kinetic = "BREAKPOINT { SOLVE k METHOD sparse i = o*v }\n\
                   KINETIC k { if (v > -50) { ~ c <-> o (2, 1) } else { ~ c <-> o (0.1, 3) } }";
    let euler = "BREAKPOINT { SOLVE k METHOD euler i = x*v }\n\
                 DERIVATIVE k { if (v > -50) { x' = 1 - x } else { x' = -2*x } }";
    for blocks in [kinetic, euler] {
        let is_vectorised = compare_any(&format!("{declared}{blocks}"), "branched.mod", &Options::default(), 1e-12);
        assert!(!is_vectorised, "{blocks}");
    }
}

#[test]
fn slopes_of_powers_are_finite_at_zero() {
    // d/dv (1e-3 (v + 60)^1.5) is 0 at -60 mV, d/dv (v + 60)^2 too, and 1.5e-3 sqrt(4) 4 mV higher.
    let text = "NEURON { SUFFIX power NONSPECIFIC_CURRENT i }\nPARAMETER { b = 1.5 }\nASSIGNED { v i }\n\
                BREAKPOINT { i = 1e-3*(v + 60)^b }";
    for (text, above) in [(text.to_owned(), 3e-3), (text.replace("b = 1.5", "b = 2"), 8e-3)] {
        let (model, _) = compile(&text, "power.mod").unwrap();
        let mechanism = DensityMechanism::new(model, CELSIUS, &Options::default()).unwrap();
        let mut membrane = Membrane::new(-60.0, &InitialConcentrations::default(), vec![0.0; 2]);
        membrane.v[1] = -56.0;
        let mut block = Block::new(vec![0, 1], mechanism.columns());
        mechanism.currents(&mut Columns { nodes: &[0, 1], values: &mut block.values }, &mut membrane);
        assert_eq!(membrane.conductance[0], 0.0);
        assert!((membrane.conductance[1] - above).abs() < 1e-15, "{}", membrane.conductance[1]);
    }
}

#[test]
fn calcium_gates_the_sk_channel_down_to_nothing() {
    // 1 / (1 + (4.3e-4 / ca)^4.8), with 1e-7 mM more below 1e-7 mM, by hand.
    let registry = Registry::default();
    let mechanism = registry.build("SK_E2", CELSIUS).unwrap();
    let levels = [4.3e-4, 1e-3, 1e-7, 9e-8, 0.0, -5e-8];
    let seen = [4.3e-4, 1e-3, 1e-7, 1.9e-7, 1e-7, 5e-8];
    let mut membrane = Membrane::new(-60.0, &InitialConcentrations::default(), vec![0.0; 6]);
    membrane.cai.copy_from_slice(&levels);
    let mut block = Block::new((0..6).collect(), mechanism.columns());
    let nodes: Vec<u32> = (0..6).collect();
    mechanism.initialise(&mut Columns { nodes: &nodes, values: &mut block.values }, &mut membrane);
    let z = mechanism.columns().iter().position(|column| column.name == "z").unwrap();
    for (found, ca) in block.column(z).iter().zip(seen) {
        let expected = 1.0 / (1.0 + (4.3e-4_f64 / ca).powf(4.8));
        assert!((found / expected - 1.0).abs() < 1e-12, "{found:e} {expected:e}");
    }
}

#[test]
fn an_ion_of_any_name_switches_a_channel() {
    let switch = "NEURON { SUFFIX switch USEION ttx WRITE ttxo VALENCE 1 RANGE level }\nPARAMETER { level = 0 }\n\
                  ASSIGNED { ttxo }\nINITIAL { ttxo = level }\nBREAKPOINT { ttxo = level }";
    let channel = "NEURON { SUFFIX channel USEION ttx READ ttxo VALENCE 1 NONSPECIFIC_CURRENT i RANGE g }\n\
                   ASSIGNED { v i ttxo g }\nBREAKPOINT { if (ttxo > 0) { g = 0 } else { g = 1 } i = g*v }";
    let mut registry = Registry::default();
    registry.register_file(switch, "switch.mod", &Options::default()).unwrap();
    registry.register_file(channel, "channel.mod", &Options::default()).unwrap();
    let mechanisms = ["switch", "channel"].map(|name| registry.build(name, CELSIUS).unwrap());
    let mut membrane = Membrane::new(-60.0, &InitialConcentrations::default(), vec![0.0; 2]);
    let mut blocks = Vec::new();
    for mechanism in &mechanisms {
        for ion in mechanism.foreign_ions() {
            membrane.add_ion(&ion.name, ion.valence, [1.0, 1.0]);
        }
        blocks.push(Block::new(vec![0, 1], mechanism.columns()));
    }
    blocks[0].column_mut(0)[1] = 1e-3;
    for (mechanism, block) in mechanisms.iter().zip(&mut blocks) {
        mechanism.initialise(&mut Columns { nodes: &[0, 1], values: &mut block.values }, &mut membrane);
    }
    for (mechanism, block) in mechanisms.iter().zip(&mut blocks) {
        mechanism.currents(&mut Columns { nodes: &[0, 1], values: &mut block.values }, &mut membrane);
    }
    assert_eq!(membrane.current, [-60.0, 0.0]);
    assert_eq!(membrane.conductance, [1.0, 0.0]);
}
