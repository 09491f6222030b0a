//! Rest, rheobase, input resistance and firing rates of the bundled e-models on SWC files given on the command line.

use msr_neuro::cell::{Cell, Excitability};
use msr_neuro::emodel::{BUNDLED, Conditions, Emodel};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::read_swc;
use msr_neuro::stimuli::{Stimulus, Waveform};

/// Current by which the input resistance is probed, nA.
const PROBE_NA: f64 = -0.02;

/// Voltage at the soma after 400 ms under a constant current.
fn steady_mv(cell: &mut Cell, current_na: f64) -> f64 {
    const LONG_MS: f64 = 400.0;
    let soma = cell.discretisation().soma_segment();
    let node = cell.node(soma) as u32;
    cell.clear_stimuli();
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(0.0, LONG_MS, current_na) });
    cell.initialise(Excitability::default().v_init_mv);
    cell.advance((LONG_MS / Conditions::default().dt_ms) as u64 - 1, &mut Vec::new());
    let voltage_mv = cell.voltage_mv(soma);
    cell.clear_stimuli();
    voltage_mv
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<std::path::PathBuf> = std::env::args_os().skip(1).map(Into::into).collect();
    if files.is_empty() {
        return Err("give one or more SWC files".into());
    }
    let protocol = Excitability { accuracy_na: 0.005, ..Excitability::default() };
    for file in files {
        let morphology = read_swc(&file)?;
        for (name, text) in BUNDLED {
            let emodel = Emodel::parse(text, name)?;
            let mut cell = emodel.build(&morphology, &Registry::default(), &Conditions::default())?;
            let segments = cell.discretisation().segments.len();
            let soma = cell.discretisation().soma_segment();
            cell.advance(20_000, &mut Vec::new());
            let (rest_mv, node) = (cell.voltage_mv(soma), cell.node(soma));
            let membrane = &cell.state().membrane;
            let atp_per_second = (1.384_637_414_760_812_5 - membrane.atpi[node]) / 0.5;
            println!(
                "{} {name}: {segments} segments, rest {rest_mv:.2} mV, nai {:.5}, ATP use at rest {atp_per_second:.4} mM/s",
                file.display(),
                membrane.nai[node],
            );
            match protocol.threshold_current_na(&mut cell, 0.0) {
                Err(error) => println!("    {error}"),
                Ok(threshold) => {
                    let rates: Vec<String> = [1.1, 1.5, 2.0, 3.0]
                        .iter()
                        .map(|factor| (factor, protocol.spike_count(&mut cell, 0.0, factor * threshold)))
                        .map(|(factor, spikes)| format!("{:.0} Hz at {factor}", spikes as f64 / protocol.step_ms * 1e3))
                        .collect();
                    let resistance_mohm = (steady_mv(&mut cell, PROBE_NA) - steady_mv(&mut cell, 0.0)) / PROBE_NA;
                    let rates = rates.join(", ");
                    println!("    rheobase {threshold:.4} nA, input resistance {resistance_mohm:.1} MOhm; {rates}");
                }
            }
        }
    }
    Ok(())
}
