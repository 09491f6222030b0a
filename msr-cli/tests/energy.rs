//! The pump of a neuron and its metabolism, coupled: ATP falls while sodium is pumped, and recovers when it is out.

mod bundled;

use std::error::Error;
use std::path::Path;

use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::{Observer, Times};
use msr_coupling::{Moment, Orchestrator, Query, Simulator};
use serde_json::json;

/// Interneuron of the bundled circuit that is simulated alone.
const NEURON: u64 = 2;
/// Drive by noise and pulses.
const DRIVEN_MS: f64 = 300.0;
/// When sodium and potassium are put back to where they were: the pump's work is over.
const RELIEF_MS: f64 = 1000.0;
const END_MS: f64 = 3000.0;
/// Concentrations at rest, mM.
const SODIUM_MM: f64 = 10.0;
const POTASSIUM_MM: f64 = 140.0;

/// Records ATP at the steps of metabolism, and relieves the pump at `RELIEF_MS`.
struct Protocol {
    relief: u64,
    window: u64,
    atp_mm: Vec<f64>,
}

impl Observer for Protocol {
    fn periods(&self) -> Vec<u64> {
        vec![self.window]
    }

    fn look(
        &mut self,
        moment: Moment,
        idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        if moment == Moment::Advanced {
            return Ok(());
        }
        let mut values = Vec::new();
        simulators[1].get_var(&Query::new("get_vm_idx").with("idx", "ATP_n"), &mut values)?;
        self.atp_mm.push(values[0]);
        if idts == self.relief {
            for (ion, rest_mm) in [("nai", SODIUM_MM), ("ki", POTASSIUM_MM)] {
                simulators[0].get_var(&Query::new("get_var").with("var", ion), &mut values)?;
                values.fill(rest_mm);
                simulators[0].set_var(&Query::new("set_var").with("var", ion), &values)?;
            }
        }
        Ok(())
    }
}

/// ATP of the neuron at each step of metabolism, with inputs that last for `driven_ms`.
fn atp_mm(directory: &Path, driven_ms: f64) -> Vec<f64> {
    bundled::edit(directory, "node_sets.json", &|sets| {
        sets["One"] = json!({"population": "neocortex_neurons", "node_id": [NEURON]})
    });
    bundled::edit(directory, "simulation_config.json", &|simulation| {
        simulation["node_set"] = "One".into();
        simulation["run"]["tstop"] = END_MS.into();
        simulation["multiscale_run"]["with_steps"] = false.into();
        simulation["multiscale_run"]["with_bloodflow"] = false.into();
        // The perfusion at which the metabolism model is at rest (its constant BfInput.F_0).
        simulation["multiscale_run"]["metabolism"]["parameters"]["notBigg_FinDyn_W2017"] = 0.012.into();
        for input in simulation["inputs"].as_object_mut().unwrap().values_mut() {
            input["duration"] = driven_ms.into();
        }
    });
    let (plan, grid) = bundled::plan(directory);
    let window = plan.simulators()[1].ndts();
    let mut protocol = Protocol { relief: (RELIEF_MS / grid.dt_ms) as u64, window, atp_mm: Vec::new() };
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run(&mut protocol).unwrap_or_else(|error| panic!("{error}"));
    protocol.atp_mm
}

#[test]
fn atp_falls_while_the_pump_works_and_recovers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    bundled::init(&path);
    let driven = atp_mm(&path, DRIVEN_MS);
    let at_rest = atp_mm(&path, 0.0);
    let lacking: Vec<f64> = driven.iter().zip(&at_rest).map(|(driven, at_rest)| at_rest - driven).collect();
    let relief = lacking.len() * RELIEF_MS as usize / END_MS as usize;
    // While sodium is pumped, ATP falls and falls.
    assert!(lacking[relief] > 5e-3, "ATP falls by {} mM", lacking[relief]);
    assert!(lacking[..relief].windows(10).all(|part| part[9] >= part[0]), "{:?}", &lacking[..relief]);
    // Then metabolism makes it up.
    let (deepest, last) = (lacking.iter().copied().fold(0.0, f64::max), *lacking.last().unwrap());
    assert!(last < 0.5 * deepest, "of {deepest} mM, {last} mM are still lacking");
}
