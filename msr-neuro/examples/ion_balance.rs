//! Sodium, potassium and ATP of a driven cell: `ion_balance <e-model.json> <part of rheobase> <ms> <file.swc>...` injects
//! a steady current with ATP kept up as metabolism would, and prints levels of each part as time goes by and the sodium
//! of a spike.

use msr_neuro::cell::{Cell, Excitability};
use msr_neuro::emodel::{Conditions, Emodel};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{SectionKind, read_swc};
use msr_neuro::stimuli::{Stimulus, Waveform};

/// Steps in a millisecond.
const STEPS_PER_MS: u64 = 40;
const PARTS: [SectionKind; 4] = [SectionKind::Soma, SectionKind::Axon, SectionKind::Dend, SectionKind::Apic];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [emodel, part_of_rheobase, duration, files @ ..] = arguments.as_slice() else {
        return Err("usage: ion_balance <e-model.json> <part of rheobase> <ms> <file.swc>...".into());
    };
    let (part_of_rheobase, duration_ms): (f64, u64) = (part_of_rheobase.parse()?, duration.parse()?);
    let emodel = Emodel::parse(&std::fs::read_to_string(emodel)?, emodel)?;
    for file in files {
        let conditions = Conditions { v_init_mv: emodel.rest_mv.unwrap_or(-75.0), ..Conditions::default() };
        let mut cell = emodel.build(&read_swc(file.as_ref())?, &Registry::default(), &conditions)?;
        let (atp, adp) = (emodel.concentrations.atpi, emodel.concentrations.adpi);
        let protocol = Excitability { accuracy_na: 0.002, v_init_mv: conditions.v_init_mv, ..Excitability::default() };
        let rheobase_na = protocol.threshold_current_na(&mut cell, 0.0)?;
        let amplitude_na = part_of_rheobase * rheobase_na;
        println!(
            "{file}: rheobase {rheobase_na:.3} nA, ATP use at rest {:.4} mM/s",
            1e3 * mean(&cell, None, &atp_use(&cell))
        );
        let node = cell.node(cell.discretisation().soma_segment()) as u32;
        cell.add_stimulus(Stimulus { node, waveform: Waveform::step(0.0, duration_ms as f64, amplitude_na) });
        let mut spikes = Vec::new();
        let parts: Vec<_> = PARTS.into_iter().filter(|&part| segments(&cell, Some(part)).next().is_some()).collect();
        // Sodium that channels let in, in mM.
        let mut entered = vec![0.0; cell.cable().len()];
        for ms in 1..=duration_ms {
            for step in (ms - 1) * STEPS_PER_MS..ms * STEPS_PER_MS {
                cell.advance(step + 1, &mut spikes);
                let used = atp_use(&cell);
                let membrane = &cell.state().membrane;
                for (node, entered) in entered.iter_mut().enumerate() {
                    let sodium = -membrane.ina[node] * membrane.accumulation[node] + 3.0 * used[node];
                    *entered += sodium / STEPS_PER_MS as f64;
                }
            }
            if ms % (duration_ms / 5).max(1) == 0 {
                let membrane = &cell.state().membrane;
                print!("  {ms} ms, {} spikes, nai mean {:.2};", spikes.len(), mean(&cell, None, &membrane.nai));
                for part in parts.iter().copied() {
                    let sodium = mean(&cell, Some(part), &membrane.nai);
                    let (low, high) = extremes(&cell, part, &membrane.nai);
                    print!(" {} {sodium:.2} ({low:.1} to {high:.1})", part.name());
                }
                println!(
                    "; least ki {:.1}; ATP use {:.3} mM/s",
                    membrane.ki.iter().copied().fold(f64::INFINITY, f64::min),
                    1e3 * mean(&cell, None, &atp_use(&cell))
                );
            }
            let segments = cell.discretisation().segments.len();
            cell.write(|membrane| &mut membrane.atpi, &vec![atp; segments]);
            cell.write(|membrane| &mut membrane.adpi, &vec![adp; segments]);
        }
        if !spikes.is_empty() {
            let count = spikes.len() as f64;
            print!("  sodium of a spike: mean {:.4} mM", mean(&cell, None, &entered) / count);
            for part in parts.iter().copied() {
                // A spike of 100 mV on 1 uF/cm2 needs 0.1 uC/cm2 = 0.1 mA ms/cm2 at least.
                let least = 0.1 * mean(&cell, Some(part), &cell.state().membrane.accumulation);
                let sodium = mean(&cell, Some(part), &entered) / count;
                print!(", {} {sodium:.4} mM ({:.1} times the least)", part.name(), sodium / least);
            }
            println!();
        }
    }
    Ok(())
}

/// ATP that the pump uses, by node, in mM/ms.
fn atp_use(cell: &Cell) -> Vec<f64> {
    let mut rates = vec![0.0; cell.cable().len()];
    if let Some((nodes, currents)) = cell.mechanism_values("NaKPump", "i") {
        for (&node, current) in nodes.iter().zip(currents) {
            rates[node as usize] = current * cell.state().membrane.accumulation[node as usize];
        }
    }
    rates
}

/// Segments of a part of the cell (of all without one): node and volume.
fn segments(cell: &Cell, part: Option<SectionKind>) -> impl Iterator<Item = (usize, f64)> {
    let shape = cell.discretisation();
    shape.segments.iter().enumerate().filter_map(move |(index, segment)| {
        let is_part = part.is_none_or(|part| shape.sections[segment.section].kind == part);
        is_part.then(|| (cell.node(index), segment.volume_um3))
    })
}

/// Mean over the volume.
fn mean(cell: &Cell, part: Option<SectionKind>, values: &[f64]) -> f64 {
    let (sum, volume) =
        segments(cell, part).fold((0.0, 0.0), |(sum, all), (node, volume)| (sum + values[node] * volume, all + volume));
    sum / volume
}

fn extremes(cell: &Cell, part: SectionKind, values: &[f64]) -> (f64, f64) {
    segments(cell, Some(part)).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (node, _)| {
        (low.min(values[node]), high.max(values[node]))
    })
}
