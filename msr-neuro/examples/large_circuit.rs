//! Writes a SONATA circuit of many cells and synapses into a folder, loads it, and prints how long that took and how much
//! memory it needs:
//!
//!     cargo run --release -p msr-neuro --features hdf5 --example large_circuit -- FOLDER [CELLS] [SYNAPSES] [MS]
//!
//! Each cell has the bundled e-model of a pyramidal cell on a tree of 60 dendrites. Synapses come from random cells.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use hdf5::File;
use hdf5::types::VarLenUnicode;
use msr_config::node_sets::NodeSets;
use msr_config::{Circuit, CircuitConfig, SimulationConfig};
use msr_coupling::Simulator;
use msr_coupling::random::Stream;
use msr_neuro::emodel::BUNDLED;
use msr_neuro::mechanisms::Registry;
use msr_neuro::simulator::NeuroSimulator;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(arguments.first().ok_or("give a folder")?);
    let number = |place: usize, usual: usize| arguments.get(place).map_or(Ok(usual), |text| text.parse());
    let (cells, synapses, milliseconds) = (number(1, 1000)?, number(2, 1_000_000)?, number(3, 0)?);
    std::fs::create_dir_all(folder)?;
    let started = Instant::now();
    write(folder, cells, synapses)?;
    println!("written      {:.1} s: {cells} cells, {synapses} synapses", started.elapsed().as_secs_f64());

    let started = Instant::now();
    let simulation = SimulationConfig::load(folder)?;
    let config = CircuitConfig::load(&simulation.network)?;
    let circuit = Circuit::load(&config)?;
    println!("read         {:.1} s, {:.2} GiB", started.elapsed().as_secs_f64(), memory_gib("VmHWM"));
    let node_sets = NodeSets::for_simulation(&simulation, &config)?;
    let mut simulator = NeuroSimulator::from_circuit(&circuit, &simulation, &node_sets, &Registry::default())?;
    drop(circuit);
    let segments: usize = simulator.cells().iter().map(|cell| cell.discretisation().segments.len()).sum();
    println!(
        "loaded       {:.1} s, {:.2} GiB at most, {:.2} GiB now: {segments} segments",
        started.elapsed().as_secs_f64(),
        memory_gib("VmHWM"),
        memory_gib("VmRSS")
    );
    if milliseconds > 0 {
        let started = Instant::now();
        simulator.advance((milliseconds as f64 / simulation.run.dt_ms) as u64)?;
        let mut spikes = Vec::new();
        simulator.take_spikes(&mut spikes);
        println!("{milliseconds} ms run in {:.1} s: {} spikes", started.elapsed().as_secs_f64(), spikes.len());
    }
    Ok(())
}

/// A value of this process that Linux tells.
fn memory_gib(key: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(key));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / f64::from(1 << 20)
}

fn write(folder: &Path, cells: usize, synapses: usize) -> Outcome {
    std::fs::write(folder.join("tree.swc"), tree()?)?;
    let (_, emodel) = BUNDLED.iter().find(|(name, _)| *name == "cADpyr").ok_or("the e-model is bundled")?;
    std::fs::write(folder.join("cADpyr.json"), emodel)?;
    std::fs::write(
        folder.join("circuit_config.json"),
        r#"{"networks": {"nodes": [{"nodes_file": "nodes.h5", "populations": {"cells": {"type": "biophysical",
            "morphologies_dir": ".", "biophysical_neuron_models_dir": "."}}}],
            "edges": [{"edges_file": "edges.h5", "populations": {"cells__cells__chemical": {"type": "chemical"}}}]}}"#,
    )?;
    std::fs::write(
        folder.join("simulation_config.json"),
        r#"{"run": {"tstop": 10, "dt": 0.025, "random_seed": 1}, "network": "circuit_config.json",
            "connection_overrides": [{"name": "all", "source": "All", "target": "All", "spont_minis": 0.1}],
            "node_sets_file": "node_sets.json"}"#,
    )?;
    std::fs::write(folder.join("node_sets.json"), r#"{"All": {"population": "cells"}}"#)?;

    let nodes = File::create(folder.join("nodes.h5"))?.create_group("nodes/cells")?;
    nodes.new_dataset_builder().with_data(&vec![0_i64; cells]).create("node_type_id")?;
    let group = nodes.create_group("0")?;
    let place = |axis: usize| (0..cells).map(|cell| ((cell * (axis + 3)) % 500) as f64).collect::<Vec<f64>>();
    for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
        group.new_dataset_builder().with_data(&place(axis)).create(name)?;
    }
    for (name, text) in [("morphology", "tree"), ("model_template", "json:cADpyr")] {
        let texts: Vec<VarLenUnicode> = vec![text.parse()?; cells];
        group.new_dataset_builder().with_data(&texts).create(name)?;
    }

    let edges = File::create(folder.join("edges.h5"))?.create_group("edges/cells__cells__chemical")?;
    edges.new_dataset_builder().with_data(&vec![0_i64; synapses]).create("edge_type_id")?;
    let mut stream = Stream::new(1, 0, 0);
    let mut below = |limit: usize| (stream.uniform() * limit as f64) as usize;
    let sources: Vec<u64> = (0..synapses).map(|_| below(cells) as u64).collect();
    let targets: Vec<u64> = (0..synapses).map(|edge| (edge * cells / synapses) as u64).collect();
    for (name, ids) in [("source_node_id", &sources), ("target_node_id", &targets)] {
        let dataset = edges.new_dataset_builder().with_data(ids).create(name)?;
        let population: VarLenUnicode = "cells".parse()?;
        dataset.new_attr::<VarLenUnicode>().create("node_population")?.write_scalar(&population)?;
    }
    let group = edges.create_group("0")?;
    let sections: Vec<i64> = (0..synapses).map(|_| 2 + below(DENDRITES) as i64).collect();
    group.new_dataset_builder().with_data(&sections).create("afferent_section_id")?;
    let places: Vec<f32> = (0..synapses).map(|_| below(1000) as f32 / 1000.0).collect();
    group.new_dataset_builder().with_data(&places).create("afferent_section_pos")?;
    let types: Vec<i64> = (0..synapses).map(|_| if below(5) == 0 { 10 } else { 110 }).collect();
    group.new_dataset_builder().with_data(&types).create("syn_type_id")?;
    group.new_dataset_builder().with_data(&vec![2_i64; synapses]).create("n_rrp_vesicles")?;
    let numbers = [
        ("delay", 1.5),
        ("conductance", 0.3),
        ("u_syn", 0.5),
        ("depression_time", 670.0),
        ("facilitation_time", 17.0),
        ("decay_time", 1.7),
        ("u_hill_coefficient", 2.8),
        ("conductance_scale_factor", 0.7),
    ];
    for (name, value) in numbers {
        group.new_dataset_builder().with_data(&vec![value as f32; synapses]).create(name)?;
    }
    Ok(())
}

const DENDRITES: usize = 60;

/// Soma, a piece of axon, and a binary tree of dendrites of 80 um.
fn tree() -> Outcome<String> {
    let mut swc = "1 1 0 0 0 8 -1\n2 2 0 -8 0 0.6 1\n3 2 0 -90 0 0.5 2\n".to_owned();
    let mut ends = Vec::new();
    for dendrite in 0..DENDRITES {
        let (first, parent, [x, y, z]) = match dendrite.checked_sub(4) {
            None => (4 + 3 * dendrite, 1, [8.0 * f64::from(dendrite as u32), 8.0, 0.0]),
            Some(child) => {
                let (end, place): (usize, [f64; 3]) = ends[child / 2];
                (4 + 3 * dendrite, end, place)
            }
        };
        let (dx, dz) = (20.0 * ((dendrite % 5) as f64 - 2.0), 15.0 * ((dendrite % 3) as f64 - 1.0));
        for piece in 0..3 {
            let along = f64::from(piece) + if parent == 1 { 0.0 } else { 1.0 / 3.0 };
            let parent = if piece == 0 { parent } else { first + piece as usize - 1 };
            let (x, y, z) = (x + dx * along / 3.0, y + 80.0 * along / 3.0, z + dz * along / 3.0);
            writeln!(swc, "{} 3 {x} {y} {z} 0.6 {parent}", first + piece as usize)?;
            if piece == 2 {
                ends.push((first + 2, [x, y, z]));
            }
        }
    }
    Ok(swc)
}
