//! Writes a small vasculature as CSV files, reads it back, and shows how dilation of one branch moves blood.
//!
//! Run with `cargo run -p msr-bloodflow --example dilation`.

use std::error::Error;
use std::fmt::Write;

use msr_bloodflow::{Axis, BloodflowSimulator, EntryRule, Held, Settings, Vasculature};
use msr_coupling::{Query, Simulator};

/// Penetrating artery, a ladder of capillaries, ascending vein: `rungs` capillaries join the two, 50 um apart.
fn ladder(rungs: usize) -> (String, String) {
    let mut nodes = String::from("x,y,z,diameter\n");
    let mut segments = String::from("start_node,end_node,type,section_id,segment_id\n");
    let top = 50.0 * rungs as f64;
    for level in 0..=rungs {
        let y = top - 50.0 * level as f64;
        let width = 14.0 - 6.0 * level as f64 / rungs as f64;
        writeln!(nodes, "0,{y},0,{width}").unwrap();
        writeln!(nodes, "80,{},0,{}", y - 10.0, width + 1.0).unwrap();
        writeln!(nodes, "40,{y},{},5", 10 + 5 * level).unwrap();
    }
    let mut section = 0;
    let mut add = |kind: usize, path: &[usize]| {
        for (segment, ends) in path.windows(2).enumerate() {
            writeln!(segments, "{},{},{kind},{section},{segment}", ends[0], ends[1]).unwrap();
        }
        section += 1;
    };
    let (artery, vein, capillary) = (|level| 3 * level, |level| 3 * level + 1, |level| 3 * level + 2);
    for level in 0..rungs {
        add(0, &[artery(level), artery(level + 1)]);
        add(1, &[vein(level + 1), vein(level)]);
    }
    for level in 1..=rungs {
        add(2, &[artery(level), capillary(level), vein(level)]);
    }
    // The unused capillary node of the top level becomes the tip of a side branch.
    add(2, &[artery(1), capillary(0)]);
    (nodes, segments)
}

fn read(simulator: &BloodflowSimulator, getter: &str) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut values = Vec::new();
    simulator.get_var(&Query::new(getter), &mut values)?;
    Ok(values)
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::temp_dir().join("msr-bloodflow-dilation");
    std::fs::create_dir_all(&directory)?;
    let (nodes, segments) = (directory.join("nodes.csv"), directory.join("segments.csv"));
    let (node_text, segment_text) = ladder(6);
    std::fs::write(&nodes, node_text)?;
    std::fs::write(&segments, segment_text)?;

    let vasculature = Vasculature::from_csv(&nodes, &segments)?;
    vasculature.notes().iter().for_each(|note| println!("note: {note}"));
    let entry = EntryRule { count: 1, depth_ratio: 0.01, axis: Axis::Y };
    for held in [Held::Flows, Held::Pressures] {
        let mut settings = Settings::new(1.2e-6, entry, 10_000.0);
        settings.held = held;
        let mut simulator = BloodflowSimulator::new(vasculature.clone(), &settings, 1, 1.0)?;
        let (rest, pressures) = (read(&simulator, "get_flows")?, read(&simulator, "get_pressures")?);

        // The third capillary widens by a quarter.
        let mut radii = read(&simulator, "get_radii")?;
        for half in 0..2 {
            radii[vasculature.segment_at(14, half)?] *= 1.25;
        }
        simulator.set_var(&Query::new("set_radii"), &radii)?;
        simulator.advance(1)?;
        let flows = read(&simulator, "get_flows")?;

        println!("\nheld at the ends: {held:?}; blood is conserved to {:.1e}", simulator.conservation());
        println!("capillary  radius um  pressure Pa  flow at rest  dilated (um3/s)  change");
        for level in 0..6 {
            let segment = vasculature.segment_at(12 + level, 0)?;
            println!(
                "{level:>9}  {:>9.3}  {:>11.2}  {:>12.0}  {:>15.0}  {:>+5.1} %",
                radii[segment],
                1e3 * pressures[segment],
                rest[segment],
                flows[segment],
                100.0 * (flows[segment] / rest[segment] - 1.0)
            );
        }
        let entry = vasculature.adjacency().of(simulator.entries()[0])[0];
        println!("into the artery {:.0}, dilated {:.0} um3/s", rest[entry].abs(), flows[entry].abs());
    }
    Ok(())
}
