//! The pump of a neuron and its metabolism, coupled: ATP falls while sodium comes in, and recovers as it is pumped out.

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
const END_MS: f64 = 4000.0;

/// Records ATP at the steps of metabolism.
struct Record {
    window: u64,
    atp_mm: Vec<f64>,
}

impl Observer for Record {
    fn periods(&self) -> Vec<u64> {
        vec![self.window]
    }

    fn look(
        &mut self,
        moment: Moment,
        _idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        if moment == Moment::Advanced {
            return Ok(());
        }
        let mut values = Vec::new();
        simulators[1].get_var(&Query::new("get_vm_idx").with("idx", "ATP_n"), &mut values)?;
        self.atp_mm.push(values[0]);
        Ok(())
    }
}

/// ATP of the neuron at each step of metabolism, with inputs that last for `driven_ms`.
fn atp_mm(directory: &Path, driven_ms: f64) -> Vec<f64> {
    crate::bundled::edit(directory, "node_sets.json", &|sets| {
        sets["One"] = json!({"population": "neocortex_neurons", "node_id": [NEURON]})
    });
    crate::bundled::edit(directory, "simulation_config.json", &|simulation| {
        simulation["node_set"] = "One".into();
        simulation["run"]["tstop"] = END_MS.into();
        simulation["multiscale_run"]["with_steps"] = false.into();
        simulation["multiscale_run"]["with_bloodflow"] = false.into();
        for input in simulation["inputs"].as_object_mut().unwrap().values_mut() {
            input["duration"] = driven_ms.into();
        }
    });
    let (plan, grid) = crate::bundled::plan(directory);
    let window = plan.simulators()[1].ndts();
    let mut record = Record { window, atp_mm: Vec::new() };
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run(&mut record).unwrap_or_else(|error| panic!("{error}"));
    record.atp_mm
}

#[test]
fn atp_falls_while_the_pump_works_and_recovers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    crate::bundled::init(&path);
    let driven = atp_mm(&path, DRIVEN_MS);
    let at_rest = atp_mm(&path, 0.0);
    let lacking: Vec<f64> = driven.iter().zip(&at_rest).map(|(driven, at_rest)| at_rest - driven).collect();
    let (deepest, turn) =
        lacking.iter().zip(0..).fold(
            (0.0, 0),
            |(deepest, turn), (&lacking, window)| {
                if lacking > deepest { (lacking, window) } else { (deepest, turn) }
            },
        );
    // While much sodium is pumped, ATP falls and falls.
    assert!(deepest > 5e-3, "ATP falls by {deepest} mM");
    assert!(lacking[..turn].windows(10).all(|part| part[9] >= part[0]), "{:?}", &lacking[..turn]);
    // Then metabolism makes it up, with nobody's help.
    assert!(lacking[turn..].windows(10).all(|part| part[9] <= part[0]), "{:?}", &lacking[turn..]);
    let last = lacking[lacking.len() - 1];
    assert!(last < 0.8 * deepest, "of {deepest} mM, {last} mM are still lacking");
}
