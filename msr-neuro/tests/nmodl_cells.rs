//! Cells whose channels are read from the bundled mechanism files behave as those whose channels are written in Rust.

use msr_neuro::cell::Cell;
use msr_neuro::emodel::{BUNDLED as EMODELS, Conditions, Emodel};
use msr_neuro::mechanisms::{BUNDLED, Registry};
use msr_neuro::morphology::parse_swc;
use msr_neuro::nmodl::Options;
use msr_neuro::stimuli::{Stimulus, Waveform};

const MORPHOLOGY: &str = "1 1 0 0 0 8 -1\n2 2 0 -8 0 0.6 1\n3 2 0 -90 0 0.5 2\n4 3 8 0 0 1.2 1\n5 3 150 20 0 0.6 4\n\
                          6 4 0 8 0 1.8 1\n7 4 0 300 0 1.2 6\n8 4 60 430 0 0.5 7\n9 4 -60 430 0 0.5 7\n";

fn from_files() -> Registry {
    let mut registry = Registry::default();
    for (name, text) in BUNDLED {
        registry.register_file(text, name, &Options::default()).unwrap();
    }
    registry
}

fn cell(emodel: &str, registry: &Registry) -> Cell {
    let morphology = parse_swc(MORPHOLOGY, "cell.swc").unwrap();
    let conditions = Conditions { v_init_mv: -75.0, ..Conditions::default() };
    let mut cell = Emodel::parse(emodel, "emodel").unwrap().build(&morphology, registry, &conditions).unwrap();
    let node = cell.node(cell.discretisation().soma_segment()) as u32;
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(5.0, 80.0, 0.4) });
    cell
}

#[test]
fn voltages_agree_at_every_step() {
    /// Through 100 ms with spikes, which amplify what the last bits differ by.
    const STEPS: u64 = 4000;
    for (name, emodel) in EMODELS {
        let (mut hand, mut file) = (cell(emodel, &Registry::default()), cell(emodel, &from_files()));
        let (mut spikes, mut spikes_of_file) = (Vec::new(), Vec::new());
        let mut worst = 0.0_f64;
        for step in 1..=STEPS {
            hand.advance(step, &mut spikes);
            file.advance(step, &mut spikes_of_file);
            for (a, b) in hand.state().membrane.v.iter().zip(&file.state().membrane.v) {
                worst = worst.max((a - b).abs());
            }
        }
        assert!(spikes.len() > 2, "{name} fires {} times", spikes.len());
        assert_eq!(spikes, spikes_of_file, "{name}");
        assert!(worst < 1e-9, "{name}: {worst:e} mV");
        println!("{name}: largest difference {worst:e} mV over {} spikes", spikes.len());
    }
}

#[test]
fn all_of_them_run_as_code_for_many_instances() {
    use msr_neuro::nmodl::{DensityMechanism, compile};
    for (name, text) in BUNDLED {
        let (model, notes) = compile(text, name).unwrap();
        assert!(notes.list.is_empty(), "{notes}");
        assert!(DensityMechanism::new(model, 34.0, &Options::default()).unwrap().is_vectorised(), "{name}");
    }
}
