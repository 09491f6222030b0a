//! Mechanisms that cannot go on: their neuron is excluded and the message names them.

use crate::cells::{builder, cylinder};
use msr_coupling::{Simulator, SimulatorError};
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::{BuildError, Cell};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{Attachment::*, Placement, SectionKind::*};
use msr_neuro::nmodl::{Options, Stop};
use msr_neuro::simulator::{NeuroSimulator, PlacedCell};

const DT_MS: f64 = 0.025;
/// `x - dt k (1 + x^2) = 0` has a solution up to `k = 1 / (2 dt)` = 20/ms only.
const ROOTLESS: &str = "NEURON { SUFFIX rootless RANGE k }\nPARAMETER { k = 0 (/ms) }\nSTATE { x }\nINITIAL { x = 0 }\n\
                        BREAKPOINT { SOLVE s METHOD derivimplicit }\nDERIVATIVE s { x' = k*(1 + x*x) }";

fn built(text: &str, name: &str, k: f64) -> Result<Cell, BuildError> {
    let mut registry = Registry::default();
    registry.register_file(text, "test.mod", &Options::default()).unwrap();
    let sections = vec![cylinder(Soma, None, 0.0, 15.0, 15.0), cylinder(Dend, Some((0, Middle)), 7.5, 200.0, 1.5)];
    let mut builder = builder(&registry, sections, 40.0, CableParameters::default());
    builder.insert("pas", 0..5).unwrap();
    builder.insert(name, [0, 5]).unwrap();
    builder.set(name, "k", [(5, k)]).unwrap();
    builder.build()
}

#[test]
fn equations_without_solution_exclude_their_neuron() {
    let cells = [(3, 5.0), (7, 1e3)].map(|(node, k)| PlacedCell {
        node,
        cell: built(ROOTLESS, "rootless", k).unwrap(),
        placement: Placement::at([0.0; 3]),
    });
    let mut simulator = NeuroSimulator::new("cells", cells.into(), &[], DT_MS).unwrap();
    let Err(SimulatorError::Neurons { failures, .. }) = simulator.advance(1) else { panic!("no neuron fails") };
    assert_eq!(failures.iter().map(|failure| failure.neuron).collect::<Vec<_>>(), [7]);
    // Segment 5 is the third of the dendrite's eleven.
    let message = &failures[0].message;
    assert!(message.contains("by 0.025 ms: mechanism 'rootless' cannot go on in section 1 at 0.409"), "{message}");
    assert!(message.contains("no solution"), "{message}");
    assert_eq!(simulator.cells()[1].mechanism_values("rootless", "x").unwrap().1, [0.0, 0.0]);
    simulator.exclude(&[7]).unwrap();
    simulator.advance(4).unwrap();
    // Two segments of the other cell: k is 0, and implicit Euler's x = (1 - sqrt(1 - 4 dt k (x_old + dt k))) / (2 dt k).
    let expected = (0..4).fold(0.0, |x: f64, _| {
        let step = 0.025 * 5.0;
        (1.0 - (1.0 - 4.0 * step * (x + step)).sqrt()) / (2.0 * step)
    });
    let found = simulator.cells()[0].mechanism_values("rootless", "x").unwrap().1;
    assert!(found[0] == 0.0 && (found[1] - expected).abs() < 1e-6, "{found:?} {expected}");
}

#[test]
fn instances_without_solution_keep_what_stands_around_it() {
    // The same as reactions: x << k, and k x^2 more of it.
    let text = "NEURON { SUFFIX rootless RANGE k, begun, ended }\nPARAMETER { k = 0 }\nASSIGNED { begun ended }\nSTATE { x }\n\
                INITIAL { x = 0 begun = 0 ended = 0 }\n\
                BREAKPOINT { begun = begun + 1 SOLVE s METHOD sparse ended = ended + 1 }\n\
                KINETIC s { ~ x << (k) ~ 2 x <-> 3 x (k, 0) }";
    let mut cell = built(text, "rootless", 1e3).unwrap();
    cell.advance(1, &mut Vec::new());
    assert!(cell.failure().is_some_and(|failure| failure.to_string().contains(&Stop::NoSolution.to_string())));
    for name in ["begun", "ended"] {
        assert_eq!(cell.mechanism_values("rootless", name).unwrap().1, [1.0, 0.0], "{name}");
    }
}

#[test]
fn an_equilibrium_that_does_not_exist_is_a_mistake_of_the_cell() {
    let text = ROOTLESS.replace("INITIAL { x = 0 }", "INITIAL { SOLVE s STEADYSTATE derivimplicit }");
    let error = built(&text, "rootless", 1.0).err().expect("nothing is at rest").to_string();
    assert!(error.contains("at the beginning: mechanism 'rootless' cannot go on in section 1"), "{error}");
    assert!(built(&text, "rootless", 0.0).is_ok());
}

#[test]
fn an_inflow_into_a_sum_that_is_kept_is_refused() {
    let text = "NEURON { SUFFIX fed RANGE k }\nPARAMETER { k = 0 }\nSTATE { x }\nINITIAL { x = 1 }\n\
                BREAKPOINT { SOLVE s METHOD sparse }\nKINETIC s { CONSERVE x = 1 ~ x << (k) }";
    let mut cell = built(text, "fed", 1.0).unwrap();
    cell.advance(1, &mut Vec::new());
    let failure = cell.failure().expect("it contradicts itself");
    assert!(failure.to_string().contains(&Stop::Overdetermined.to_string()), "{failure}");
}
