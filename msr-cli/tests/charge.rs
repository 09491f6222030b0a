//! Potassium that leaves the neurons arrives in the extracellular space, to the last ion.

use std::error::Error;

use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::{Observer, Times};
use msr_coupling::space::{SEGMENTS, TETRAHEDRA};
use msr_coupling::{Moment, Orchestrator, Query, Simulator};
use serde_json::Value;

/// SI 2019.
const ELEMENTARY_CHARGE_C: f64 = 1.602176634e-19;
/// (mA/cm2) um2 in A.
const AMPERES_PER_UNIT: f64 = 1e-11;
const SECONDS_PER_MS: f64 = 1e-3;
/// The neurons fire in this time.
const END_MS: f64 = 40.0;

/// Adds up the potassium that leaves the neurons after each step, and that of the mesh at start and end.
struct Balance {
    neurons: usize,
    steps: usize,
    dt_ms: f64,
    /// Part of each segment that lies in the mesh.
    inside: Vec<f64>,
    left_neurons: f64,
    in_mesh: Vec<f64>,
    /// Base steps between two exchanges, and the largest difference after one of them.
    window: u64,
    worst: f64,
    seen: u64,
}

impl Balance {
    fn arrived(&self) -> f64 {
        self.in_mesh.last().unwrap() - self.in_mesh[0]
    }
}

impl Observer for Balance {
    fn periods(&self) -> Vec<u64> {
        vec![1]
    }

    fn look(
        &mut self,
        moment: Moment,
        idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut values = Vec::new();
        if moment == Moment::Advanced {
            assert_eq!(idts, self.seen + 1, "no step is missed");
            self.seen = idts;
            let current = Query::new("get_var").with("var", "ik").with("weight", "area");
            simulators[self.neurons].get_var(&current, &mut values)?;
            let current_a = AMPERES_PER_UNIT * values.iter().zip(&self.inside).map(|(i, part)| i * part).sum::<f64>();
            self.left_neurons += current_a * self.dt_ms * SECONDS_PER_MS / ELEMENTARY_CHARGE_C;
        } else {
            let count = Query::new("get_tet_counts").with("species_name", "KK");
            simulators[self.steps].get_var(&count, &mut values)?;
            self.in_mesh.push(values.iter().sum());
            if idts.is_multiple_of(self.window) {
                self.worst = self.worst.max((self.arrived() - self.left_neurons).abs());
            }
        }
        Ok(())
    }
}

/// Ions that left the neurons, those that arrived in the mesh, and by how many they ever differed after an exchange, with this
/// window operator.
fn ions(window: &str) -> [f64; 3] {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    crate::bundled::init(&path);
    crate::bundled::edit(&path, "simulation_config.json", &|simulation: &mut Value| {
        simulation["run"]["tstop"] = END_MS.into();
        for simulator in ["with_metabolism", "with_bloodflow"] {
            simulation["multiscale_run"][simulator] = false.into();
        }
        let connections = simulation["multiscale_run"]["connections"].as_array_mut().unwrap();
        let into_mesh = connections.iter_mut().find(|connection| connection["dest_set_func"] == "add_curr_to_conc");
        into_mesh.expect("potassium goes into the mesh")["window"] = window.into();
    });
    let (plan, grid) = crate::bundled::plan(&path);
    let position = |name: &str| plan.simulators().iter().position(|simulator| simulator.name() == name).unwrap();
    let placed = plan.spaces().mapping(SEGMENTS, TETRAHEDRA).expect("the mesh lies around the neurons");
    let mut balance = Balance {
        neurons: position("neurodamus"),
        steps: position("steps"),
        dt_ms: grid.dt_ms,
        inside: placed.outer_iterator().map(|row| row.data().iter().sum()).collect(),
        left_neurons: 0.0,
        in_mesh: Vec::new(),
        window: plan.simulators()[position("steps")].ndts(),
        worst: 0.0,
        seen: 0,
    };
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run(&mut balance).unwrap_or_else(|error| panic!("{error}"));
    [balance.left_neurons, balance.arrived(), balance.worst]
}

#[test]
fn the_mean_current_carries_every_ion_and_the_last_one_does_not() {
    let [left, arrived, worst] = ions("mean");
    println!("mean: {left:.6e} ions left, {arrived:.6e} arrived, {:e} of them", arrived / left - 1.0);
    let [left_too, sampled, missed] = ions("last");
    println!("last: {left_too:.6e} ions left, {sampled:.6e} arrived");
    assert!(left > 0.0);
    // The mesh holds 1e5 times as many ions, which limits the difference of two counts.
    assert!((arrived - left).abs() < 1e-8 * left, "{left:e} left, {arrived:e} arrived");
    assert!(worst < 1e-8 * left, "{worst:e} of {left:e} were missing meanwhile");
    assert!(missed > 0.01 * left_too, "{missed:e} of {left_too:e}");
}
