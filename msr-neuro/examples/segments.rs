//! The segments of a morphology, as a table: `segments FILE [keep|initial_segment|sampled] [PIECE_UM]`.
//!
//! One line a segment: section kind, id and parent, position, area (um2), diameter (um), volume (um3), axial resistance to
//! the segment before (megohm, at 100 Ohm cm; to the middle or end of the parent where it is the first), from its middle
//! to its end, path from the soma (um).
//!
//! `cargo run -p msr-neuro --release --example segments -- cell.asc`

use std::io::Write;
use std::path::Path;

use msr_neuro::discretisation::{AxonRule, Discretisation, PIECE_UM};
use msr_neuro::morphology::read;

/// 100 Ohm cm in megohm um.
const RESISTIVITY: f64 = 1.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = arguments.first().ok_or("which morphology? segments FILE [keep|initial_segment|sampled] [PIECE_UM]")?;
    let axon = match arguments.get(1).map(String::as_str) {
        None | Some("keep") => AxonRule::Keep,
        Some("initial_segment") => AxonRule::InitialSegment,
        Some("sampled") => AxonRule::Sampled { myelin: true },
        Some(other) => return Err(format!("'{other}' is none of keep, initial_segment, sampled").into()),
    };
    let piece_um = arguments.get(2).map_or(Ok(PIECE_UM), |piece| piece.parse())?;
    let cell = Discretisation::new(&read(Path::new(file))?, axon, piece_um)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "kind\tid\tparent\tx\tarea\tdiameter\tvolume\tri\tri_end\tpath")?;
    for section in &cell.sections {
        let parent = section.parent.map_or(-1, |(parent, _)| i64::from(cell.sections[parent].id));
        let mut passed = 0.0;
        let count = section.segments.len() as f64;
        for (index, segment) in cell.segments[section.segments.clone()].iter().enumerate() {
            let x = (index as f64 + 0.5) / count;
            let ri = RESISTIVITY * (passed + segment.resistance_before);
            passed = segment.resistance_after;
            writeln!(
                out,
                "{}\t{}\t{parent}\t{x:.6}\t{:e}\t{:e}\t{:e}\t{ri:e}\t{:e}\t{:e}",
                section.kind.name(),
                section.id,
                segment.area_um2,
                segment.diameter_um,
                segment.volume_um3,
                RESISTIVITY * passed,
                segment.distance_um
            )?;
        }
    }
    Ok(())
}
