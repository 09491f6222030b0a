//! Solves a vasculature of two CSV files, widens its arterioles, and prints how much blood flows at which depth before and
//! after. Writes the dilated state as `vasculature.vtp`.
//!
//! Run with `cargo run --release -p msr-bloodflow --example solve_csv -- NODES SEGMENTS`, where NODES has the columns
//! `x,y,z,diameter` (um) and SEGMENTS has `start_node,end_node,type,section_id,segment_id`.

use std::error::Error;
use std::path::Path;

use msr_bloodflow::{Axis, BloodflowSimulator, EntryRule, Held, Settings, Vasculature};
use msr_coupling::{Query, Simulator};

/// Vessels from this radius on are taken for arterioles, whatever their type says.
const ARTERIOLE_RADIUS_UM: f64 = 4.0;
const DILATION: f64 = 1.2;
const BINS: usize = 12;
const BAR: usize = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [nodes, segments] = arguments.as_slice() else {
        return Err("two files are needed: NODES SEGMENTS".into());
    };
    let vasculature = Vasculature::from_csv(nodes.as_ref(), segments.as_ref())?;
    print!("{}", vasculature.report());

    let entry = EntryRule { count: 3, depth_ratio: 0.05, axis: Axis::Y };
    let mut settings = Settings::new(1.2e-6, entry, 35_000.0);
    settings.held = Held::Pressures;
    let mut simulator = BloodflowSimulator::new(vasculature, &settings, 1, 1.0)?;
    let rest = flow_by_depth(&simulator);
    let inflow = inflow(&simulator);

    let mut radii = simulator.radii_um().to_vec();
    radii.iter_mut().filter(|radius| **radius >= ARTERIOLE_RADIUS_UM).for_each(|radius| *radius *= DILATION);
    simulator.set_var(&Query::new("set_radii"), &radii)?;
    simulator.summary().iter().for_each(|line| println!("{line}"));

    println!("\ninflow {inflow:.4e} um3/s at rest, {:.4e} um3/s dilated", self::inflow(&simulator));
    println!("depth um      mean flow at rest, dilated (um3/s)");
    let dilated = flow_by_depth(&simulator);
    let largest = dilated.iter().chain(&rest).map(|&(_, flow)| flow).fold(0.0, f64::max);
    for ((depth, rest), (_, dilated)) in rest.iter().zip(&dilated) {
        let bar = |flow: f64| "#".repeat((BAR as f64 * flow / largest).round() as usize);
        println!("{depth:>8.0}  {rest:>10.3e}  {:<BAR$}", bar(*rest));
        println!("          {dilated:>10.3e}  {:<BAR$}", bar(*dilated));
    }
    simulator.write_vtp(Path::new("vasculature.vtp"))?;
    println!("wrote vasculature.vtp");
    Ok(())
}

/// What enters, in um3/s.
fn inflow(simulator: &BloodflowSimulator) -> f64 {
    simulator.flow().inflows_um3_per_s.iter().filter(|inflow| **inflow > 0.0).sum()
}

/// Depth below the top (um) and mean flow in the segments there (um3/s), in equal layers.
fn flow_by_depth(simulator: &BloodflowSimulator) -> Vec<(f64, f64)> {
    let v = simulator.vasculature();
    let heights = || v.nodes().positions_um.iter().map(|position| position[1]);
    let (low, high) = heights().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)));
    let layer_um = f64::max(high - low, f64::MIN_POSITIVE) / BINS as f64;
    let mut layers = [(0.0, 0.0); BINS];
    for (segment, flow) in simulator.flow().flows_um3_per_s.iter().enumerate() {
        let [start, end] = v.ends(segment).map(|node| v.nodes().positions_um[node][1]);
        let layer = ((high - (start + end) / 2.0) / layer_um) as usize;
        let (sum, count) = &mut layers[layer.min(BINS - 1)];
        *sum += flow.abs();
        *count += 1.0;
    }
    let middle = |layer: usize| (layer as f64 + 0.5) * layer_um;
    layers.iter().enumerate().map(|(layer, (sum, count))| (middle(layer), sum / f64::max(*count, 1.0))).collect()
}
