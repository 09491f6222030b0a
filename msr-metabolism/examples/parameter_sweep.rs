//! A thousand cells, each with another blood flow and another use of ATP: which of them can pay?
//!
//! ```sh
//! cargo run --release --example parameter_sweep -p msr-metabolism -- sweep.svg
//! ```

use std::error::Error;
use std::time::Instant;

use msr_coupling::{Query, Simulator};
use msr_metabolism::{MetabolismSimulator, NeuronSite, Settings};
use plotters::prelude::*;

/// Cells along each axis: 32 x 32 = 1024.
const SIDE: usize = 32;
/// Blood flow from a hundredth of that at rest, 0.012 /s, to twice as much.
const FLOWS_PER_S: [f64; 2] = [1.2e-4, 0.024];
/// ATP that is used on top of what the resting cell uses, mM/s.
const DRAINS_MM_S: [f64; 2] = [0.0, 0.2];
const BASE_DT_MS: f64 = 0.025;
/// Windows of 10 ms.
const NDTS: u64 = 400;
const WINDOW_S: f64 = 0.01;
const SECONDS: u64 = 30;
/// Below this the neuron is given up, mM.
const LEAST_ATP_MM: f64 = 0.2;

fn flow_per_s(row: usize) -> f64 {
    let [least, greatest] = FLOWS_PER_S;
    least * (greatest / least).powf(row as f64 / (SIDE - 1) as f64)
}

fn drain_mm_s(column: usize) -> f64 {
    let [least, greatest] = DRAINS_MM_S;
    least + (greatest - least) * column as f64 / (SIDE - 1) as f64
}

/// ATP of each neuron (mM) at the end, flow by flow; 0 where it fell below the least before.
fn sweep() -> Result<Vec<f64>, Box<dyn Error>> {
    let neurons: Vec<NeuronSite> = (0..(SIDE * SIDE) as u64).map(|id| NeuronSite { id, layer: None }).collect();
    let mut units = MetabolismSimulator::new(&neurons, &Settings::default(), NDTS, BASE_DT_MS)?;
    let set_flow = Query::new("set_parameters_idxs").with("idxs", "notBigg_FinDyn_W2017");
    let (get, set) = (Query::new("get_vm_idx").with("idx", "ATP_n"), Query::new("set_vm_idxs").with("idxs", "ATP_n"));
    let flows: Vec<f64> = (0..SIDE * SIDE).map(|cell| flow_per_s(cell / SIDE)).collect();
    units.set_var(&set_flow, &flows)?;
    let mut atp = Vec::new();
    let mut exhausted = vec![false; SIDE * SIDE];
    for window in 1..=SECONDS * 100 {
        units.advance(window * NDTS)?;
        units.get_var(&get, &mut atp)?;
        for (cell, atp) in atp.iter_mut().enumerate() {
            *atp -= drain_mm_s(cell % SIDE) * WINDOW_S;
            if *atp < LEAST_ATP_MM && !exhausted[cell] {
                exhausted[cell] = true;
                units.exclude(&[cell as u64])?;
            }
        }
        units.set_var(&set, &atp)?;
    }
    println!("{}", units.summary().join("\n"));
    Ok(atp.into_iter().zip(exhausted).map(|(atp, exhausted)| if exhausted { 0.0 } else { atp }).collect())
}

fn draw(path: &str, atp: &[f64]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, (700, 600)).into_drawing_area();
    area.fill(&WHITE)?;
    let [low, high] = FLOWS_PER_S;
    let mut chart = ChartBuilder::on(&area)
        .caption(format!("ATP of the neuron after {SECONDS} s (black: exhausted)"), ("sans-serif", 20))
        .margin(15)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(DRAINS_MM_S[0]..DRAINS_MM_S[1], (low..high).log_scale())?;
    chart.configure_mesh().disable_mesh().x_desc("drain (mM/s)").y_desc("blood flow (1/s)").draw()?;
    let greatest = atp.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let (width, height) = ((DRAINS_MM_S[1] - DRAINS_MM_S[0]) / SIDE as f64, (high / low).powf(1.0 / SIDE as f64));
    chart.draw_series(atp.iter().enumerate().map(|(cell, &atp)| {
        let (row, column) = (cell / SIDE, cell % SIDE);
        let (left, bottom) = (DRAINS_MM_S[0] + width * column as f64, low * height.powi(row as i32));
        let share = atp / greatest;
        let shade = |from: f64, to: f64| (from + (to - from) * share) as u8;
        let colour =
            if atp == 0.0 { BLACK } else { RGBColor(shade(180.0, 255.0), shade(30.0, 220.0), shade(60.0, 120.0)) };
        Rectangle::new([(left, bottom), (left + width, bottom * height)], colour.filled())
    }))?;
    area.present()?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let atp = sweep()?;
    println!("{} cells, {SECONDS} s each, in {:.1} s", SIDE * SIDE, start.elapsed().as_secs_f64());
    println!("\nATP of the neuron (mM) by blood flow (down) and drain (across)");
    let columns: Vec<usize> = (0..SIDE).step_by(5).collect();
    println!(
        "{:>10}{}",
        "1/s",
        columns.iter().map(|&c| format!("{:>12}", format!("{:.3} mM/s", drain_mm_s(c)))).collect::<String>()
    );
    for row in (0..SIDE).rev().step_by(4) {
        let cells = columns.iter().map(|column| {
            let atp = atp[row * SIDE + column];
            if atp == 0.0 { format!("{:>12}", "-") } else { format!("{atp:>12.3}") }
        });
        println!("{:>10.5}{}", flow_per_s(row), cells.collect::<String>());
    }
    if let Some(path) = std::env::args().nth(1) {
        draw(&path, &atp)?;
        println!("wrote {path}");
    }
    Ok(())
}
