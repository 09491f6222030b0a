//! Runs cells that a case file describes and prints one line of JSON: time of the processor (of the thread that it worked
//! for longest) and of the clock for a compartment-step, memory, spikes. `benches/compare/neuron.py` writes the cases and runs the same in other programs.
//!
//! `neuron_timing CASE THREADS [TRACE]` with a JSON file (see [`Case`]); where TRACE is given, the voltage of the first
//! cell's soma after every step is written there (64-bit numbers, little-endian) and the time means nothing.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use msr_coupling::Simulator;
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::{Cell, CellBuilder};
use msr_neuro::diffusion::Diffusivities;
use msr_neuro::discretisation::{DiscreteSection, Discretisation, Segment};
use msr_neuro::ions::{InitialConcentrations, Reversals};
use msr_neuro::mechanisms::{BUNDLED, Registry};
use msr_neuro::morphology::{Attachment, Placement, SectionKind};
use msr_neuro::nmodl::Options;
use msr_neuro::simulator::{Connection, NeuroSimulator, PlacedCell, Receiver};
use msr_neuro::stimuli::{Stimulus, Waveform};
use serde::Deserialize;

/// Cells that are all alike, in rings or alone.
#[derive(Deserialize)]
struct Case {
    dt_ms: f64,
    steps: u64,
    celsius: f64,
    v_init_mv: f64,
    threshold_mv: f64,
    reversals: Reversals,
    concentrations: InitialConcentrations,
    /// Slopes of currents by a second evaluation, as NEURON does.
    numeric_conductance: bool,
    /// Variables of which NEURON has one are shared by all segments.
    shared_variables: bool,
    /// Mechanism files besides the bundled ones, or instead of those of the same name.
    files: Vec<PathBuf>,
    sections: Vec<SectionOfCase>,
    mechanisms: Vec<MechanismOfCase>,
    stimuli: Vec<StimulusOfCase>,
    cells: u64,
    ring: Option<Ring>,
    /// What of the soma is traced.
    observed: Observed,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Observed {
    V,
    Nai,
    Ki,
    Cai,
    Atpi,
    /// A variable of a mechanism: their names.
    Mechanism(String, String),
}

impl Observed {
    fn of(&self, cell: &Cell) -> Option<f64> {
        let node = cell.node(cell.discretisation().soma_segment());
        let membrane = &cell.state().membrane;
        Some(match self {
            Self::V => membrane.v[node],
            Self::Nai => membrane.nai[node],
            Self::Ki => membrane.ki[node],
            Self::Cai => membrane.cai[node],
            Self::Atpi => membrane.atpi[node],
            Self::Mechanism(mechanism, variable) => {
                let (nodes, values) = cell.mechanism_values(mechanism, variable)?;
                values[nodes.binary_search(&(node as u32)).ok()?]
            }
        })
    }
}

/// A row of cylinders, one a segment.
#[derive(Deserialize)]
struct SectionOfCase {
    kind: SectionKind,
    /// Position of the parent and whether this section begins at its end, else at its middle.
    parent: Option<(usize, bool)>,
    length_um: f64,
    diameters_um: Vec<f64>,
    capacitance_uf_per_cm2: f64,
    axial_resistivity_ohm_cm: f64,
}

#[derive(Deserialize)]
struct MechanismOfCase {
    name: String,
    segments: Vec<usize>,
    /// Name and one value for each of the segments.
    parameters: Vec<(String, Vec<f64>)>,
}

#[derive(Deserialize)]
struct StimulusOfCase {
    segment: usize,
    delay_ms: f64,
    duration_ms: f64,
    amplitude_na: f64,
}

/// Rings of cells, each of which reaches an ExpSyn of the next; an event starts the first of each ring.
#[derive(Deserialize)]
struct Ring {
    cells: u64,
    segment: usize,
    tau_ms: f64,
    reversal_mv: f64,
    weight_us: f64,
    delay_ms: f64,
    start_ms: f64,
}

fn discretisation(sections: &[SectionOfCase]) -> Discretisation {
    let mut cell = Discretisation { sections: Vec::new(), segments: Vec::new() };
    let mut starts_um: Vec<f64> = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        let start_um = match section.parent {
            None => -section.length_um / 2.0,
            Some((parent, at_end)) => starts_um[parent] + sections[parent].length_um * if at_end { 1.0 } else { 0.5 },
        };
        starts_um.push(start_um);
        let first = cell.segments.len();
        let step_um = section.length_um / section.diameters_um.len() as f64;
        for (number, diameter_um) in section.diameters_um.iter().enumerate() {
            let circle_um2 = std::f64::consts::PI * diameter_um * diameter_um / 4.0;
            let from_um = start_um + number as f64 * step_um;
            cell.segments.push(Segment {
                section: index,
                area_um2: std::f64::consts::PI * diameter_um * step_um,
                volume_um3: circle_um2 * step_um,
                diameter_um: *diameter_um,
                resistance_before: step_um / 2.0 / circle_um2,
                resistance_after: step_um / 2.0 / circle_um2,
                ends_um: [[from_um, 0.0, 0.0], [from_um + step_um, 0.0, 0.0]],
                distance_um: (from_um + step_um / 2.0).abs(),
            });
        }
        let place = |at_end| if at_end { Attachment::End } else { Attachment::Middle };
        cell.sections.push(DiscreteSection {
            kind: section.kind,
            id: index as u32,
            parent: section.parent.map(|(parent, at_end)| (parent, place(at_end))),
            segments: first..cell.segments.len(),
            length_um: section.length_um,
            from_file: true,
        });
    }
    cell
}

impl Case {
    fn registry(&self) -> Result<Registry, Box<dyn Error>> {
        let &Self { numeric_conductance, shared_variables, .. } = self;
        let options = Options { numeric_conductance, shared_variables, ..Options::default() };
        let mut registry = Registry::default();
        for (file, text) in BUNDLED {
            registry.register_file(text, file, &options)?;
        }
        for path in &self.files {
            registry.register_file(&std::fs::read_to_string(path)?, &path.display().to_string(), &options)?;
        }
        Ok(registry)
    }

    fn cell(&self, registry: &Registry, gid: u64, connections: &mut Vec<Connection>) -> Result<Cell, Box<dyn Error>> {
        let mut builder = CellBuilder::new(discretisation(&self.sections), registry);
        builder.celsius = self.celsius;
        builder.dt_ms = self.dt_ms;
        builder.v_init_mv = self.v_init_mv;
        builder.threshold_mv = self.threshold_mv;
        builder.reversals = self.reversals;
        builder.concentrations = self.concentrations;
        // As in the other programs.
        builder.diffusivities = Diffusivities::NONE;
        for (section, of_case) in builder.discretisation().sections.clone().into_iter().zip(&self.sections) {
            for segment in section.segments {
                *builder.cable_mut(segment) = CableParameters {
                    capacitance_uf_per_cm2: of_case.capacitance_uf_per_cm2,
                    axial_resistivity_ohm_cm: of_case.axial_resistivity_ohm_cm,
                };
            }
        }
        for mechanism in &self.mechanisms {
            builder.insert(&mechanism.name, mechanism.segments.iter().copied())?;
            for (name, values) in &mechanism.parameters {
                let values = mechanism.segments.iter().copied().zip(values.iter().copied());
                builder.set(&mechanism.name, name, values)?;
            }
        }
        let mut start = None;
        if let Some(ring) = &self.ring {
            let parameters = [("tau", ring.tau_ms), ("e", ring.reversal_mv)];
            let synapse = builder.place("ExpSyn", ring.segment, &parameters)?;
            let connection = builder.connect(synapse, ring.weight_us)?;
            let first = gid - gid % ring.cells;
            connections.push(Connection {
                source: first + (gid + ring.cells - 1) % ring.cells,
                target: gid,
                receiver: Receiver::Point(connection),
                delay_steps: (ring.delay_ms / self.dt_ms).round() as u64,
                rest_ms: 0.0,
            });
            start = (gid == first).then_some((connection, ring.start_ms));
        }
        let mut cell = builder.build()?;
        if let Some((connection, time_ms)) = start {
            cell.send(connection, time_ms);
        }
        for stimulus in &self.stimuli {
            let waveform = Waveform::step(stimulus.delay_ms, stimulus.duration_ms, stimulus.amplitude_na);
            let node = cell.node(stimulus.segment) as u32;
            cell.add_stimulus(Stimulus { node, waveform });
        }
        Ok(cell)
    }

    fn simulator(&self, registry: &Registry) -> Result<NeuroSimulator, Box<dyn Error>> {
        let (mut cells, mut connections) = (Vec::new(), Vec::new());
        for node in 0..self.cells {
            let cell = self.cell(registry, node, &mut connections)?;
            cells.push(PlacedCell { node, cell, placement: Placement::default() });
        }
        Ok(NeuroSimulator::new("cells", cells, &connections, self.dt_ms)?)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [case, threads, trace @ ..] = arguments.as_slice() else {
        return Err("arguments: CASE THREADS [TRACE]".into());
    };
    let case: Case = serde_json::from_str(&std::fs::read_to_string(case)?)?;
    let begin = Instant::now();
    let registry = case.registry()?;
    let load_s = begin.elapsed().as_secs_f64();
    let before_kib = resident_kib();
    let mut simulator = case.simulator(&registry)?;
    let resident_bytes = 1024.0 * (resident_kib() - before_kib);
    let compartments: usize = simulator.cells().iter().map(|cell| cell.discretisation().segments.len()).sum();
    let mut observed = Vec::new();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?;
    let (clock_s, busy_s) = pool.install(|| {
        let (begin, busy) = (Instant::now(), busy_s());
        let longest = |busy: Vec<f64>, before: &[f64]| {
            busy.iter().zip(before).map(|(after, before)| after - before).fold(0.0, f64::max)
        };
        if trace.is_empty() {
            simulator.advance(case.steps)?;
        }
        for step in simulator.idts()..case.steps {
            simulator.advance(step + 1)?;
            observed.push(case.observed.of(&simulator.cells()[0]).unwrap_or(f64::NAN));
        }
        Ok::<_, msr_coupling::SimulatorError>((begin.elapsed().as_secs_f64(), longest(busy_s(), &busy)))
    })?;
    if let [path, ..] = trace {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        for value in observed {
            file.write_all(&f64::to_le_bytes(value))?;
        }
        file.flush()?;
    }
    let mut spikes = Vec::new();
    simulator.take_spikes(&mut spikes);
    let spikes: Vec<(u64, u64)> =
        spikes.iter().map(|spike| (spike.neuron, (spike.time_ms / case.dt_ms).round() as u64)).collect();
    let steps = compartments as f64 * case.steps as f64;
    println!(
        "{}",
        serde_json::json!({
            "compartments": compartments,
            "load_s": load_s,
            "clock_ns": 1e9 * clock_s / steps,
            "busy_ns": 1e9 * busy_s / steps,
            "bytes_per_compartment": resident_bytes / compartments as f64,
            "spikes": spikes,
        })
    );
    Ok(())
}

/// Time that the processor was at the work of each thread of this process, in s; none where the system does not tell.
fn busy_s() -> Vec<f64> {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    let mut paths: Vec<PathBuf> = threads.flatten().map(|thread| thread.path()).collect();
    paths.sort_unstable();
    let told = |path: PathBuf| std::fs::read_to_string(path.join("schedstat")).ok();
    let busy = paths.into_iter().filter_map(told);
    busy.map(|told| told.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or(0.0) * 1e-9).collect()
}

/// Resident memory of this process; 0 where the system does not tell.
fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0.0)
}
