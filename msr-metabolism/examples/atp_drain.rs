//! One neuron-astrocyte-capillary unit at rest, whose neuron suddenly uses more ATP: how long does the supply last?
//!
//! ```sh
//! cargo run --release --example atp_drain -p msr-metabolism -- atp_drain.svg
//! ```

use std::error::Error;

use msr_coupling::{Query, Simulator};
use msr_metabolism::{MetabolismSimulator, NeuronSite, Settings};
use plotters::prelude::*;

/// Drains on top of what the neuron's pump uses at rest, mM/s.
const DRAINS_MM_S: [f64; 5] = [0.0, 0.05, 0.1, 0.2, 0.4];
const BASE_DT_MS: f64 = 0.025;
/// Windows of 10 ms.
const NDTS: u64 = 400;
const WINDOWS_PER_SECOND: u64 = 100;
const SECONDS: u64 = 30;
/// Below this the neuron is given up, mM.
const LEAST_ATP_MM: f64 = 0.2;

/// ATP of the neuron (mM) at every second, until it falls below the least.
fn atp_under_drain(drain_mm_s: f64) -> Result<Vec<(f64, f64)>, Box<dyn Error>> {
    let neuron = NeuronSite { id: 0, layer: None };
    let mut unit = MetabolismSimulator::new(&[neuron], &Settings::default(), NDTS, BASE_DT_MS)?;

    let (get, set) = (Query::new("get_vm_idx").with("idx", "ATP_n"), Query::new("set_vm_idxs").with("idxs", "ATP_n"));
    let mut atp = Vec::new();
    unit.get_var(&get, &mut atp)?;
    let mut curve = vec![(0.0, atp[0])];
    for window in 1..=SECONDS * WINDOWS_PER_SECOND {
        unit.advance(window * NDTS)?;
        unit.get_var(&get, &mut atp)?;
        atp[0] -= drain_mm_s / WINDOWS_PER_SECOND as f64;
        unit.set_var(&set, &atp)?;
        let exhausted = atp[0] < LEAST_ATP_MM;
        if exhausted || window % WINDOWS_PER_SECOND == 0 {
            curve.push((window as f64 / WINDOWS_PER_SECOND as f64, atp[0]));
        }
        if exhausted {
            break;
        }
    }
    Ok(curve)
}

fn draw(path: &str, curves: &[Vec<(f64, f64)>]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, (800, 500)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("ATP of the neuron under a drain", ("sans-serif", 20))
        .margin(15)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(0.0..SECONDS as f64, 0.0..1.5)?;
    chart.configure_mesh().x_desc("time (s)").y_desc("ATP (mM)").draw()?;
    for (number, (drain, curve)) in DRAINS_MM_S.iter().zip(curves).enumerate() {
        let colour = Palette99::pick(number).to_rgba();
        chart
            .draw_series(LineSeries::new(curve.iter().copied(), colour.stroke_width(2)))?
            .label(format!("{drain} mM/s"))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour));
    }
    chart.configure_series_labels().border_style(BLACK).background_style(WHITE).draw()?;
    area.present()?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let curves = DRAINS_MM_S.iter().map(|&drain| atp_under_drain(drain)).collect::<Result<Vec<_>, _>>()?;
    println!("ATP of the neuron (mM) under a drain on top of its use at rest");
    println!("{:>8}{}", "t (s)", DRAINS_MM_S.map(|drain| format!("{:>12}", format!("{drain} mM/s"))).concat());
    for second in (0..=SECONDS).step_by(3) {
        let cells = curves.iter().map(|curve| {
            let at = curve.iter().find(|(time, _)| *time == second as f64);
            at.map_or_else(|| format!("{:>12}", "-"), |(_, atp)| format!("{atp:>12.4}"))
        });
        println!("{second:>8}{}", cells.collect::<String>());
    }
    for (drain, curve) in DRAINS_MM_S.iter().zip(&curves) {
        if let Some((time, _)) = curve.last().filter(|(_, atp)| *atp < LEAST_ATP_MM) {
            println!("{drain} mM/s: below {LEAST_ATP_MM} mM after {time} s");
        }
    }
    if let Some(path) = std::env::args().nth(1) {
        draw(&path, &curves)?;
        println!("wrote {path}");
    }
    Ok(())
}
