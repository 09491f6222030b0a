//! A run that goes on from a checkpoint does what it did without stopping; another run is refused.

use std::fs;

use msr_config::TimeGrid;
use msr_config::multiscale::Action;
use msr_coupling::checkpoint_store::{Defect, StoreError, VERSION};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::{Moment, Observer, Orchestrator, Times};
use msr_coupling::{
    Checkpoint, CheckpointStore, Composition, Plan, Response, RestoreError, Simulator, SimulatorError, Snapshot,
};
use proptest::prelude::*;
use serde_json::json;

use crate::toy::{Cells, Parts, connection, merge};

/// Stops a run when it comes to a step.
struct StopAt(u64, bool);

impl Observer for StopAt {
    fn look(
        &mut self,
        _moment: Moment,
        idts: u64,
        _simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.1 = idts >= self.0;
        Ok(())
    }

    fn is_stopping(&self) -> bool {
        self.1
    }
}

fn never() -> StopAt {
    StopAt(u64::MAX, false)
}

/// Parts and cells that share a pool, and a second kind of cells that sums what the parts hold; cell 0 fails at `limit`.
fn build(ndts: u64, steps: u64, limit: f64) -> Orchestrator {
    let mut cells = Cells::new(ndts, vec![0.0; 2], vec![0.3, 0.01]);
    cells.limit = Some((limit, Response::ExcludeNeuron));
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![0.01, -0.02, 0.1, 0.003, -0.004])),
        Box::new(cells),
        Box::new(Cells::named("others", 3, vec![0.0; 2], vec![0.0; 2])),
    ];
    let weighted = json!({"var": "level", "weight": "size"});
    let sum = connection("parts", weighted, "others", "add_cell", Action::Sum);
    over(simulators, &[merge(), sum], steps)
}

fn over(simulators: Vec<Box<dyn Simulator>>, connections: &[msr_config::Connection], steps: u64) -> Orchestrator {
    let plan = Plan::new(simulators, &[], &Composition::of(connections)).unwrap_or_else(|errors| panic!("{errors}"));
    Orchestrator::new(plan, TimeGrid { dt_ms: 0.025, steps }, None, Box::new(SerialCommunicator))
}

proptest! {
    /// Wherever a run is cut, and whether or not a neuron was excluded before or is after.
    #[test]
    fn a_run_in_two_parts_does_the_same(ndts in 1u64..7, windows in 2u64..12, cut in 0u64..60, limit in 8.0f64..40.0) {
        let steps = ndts * 3 * windows;
        let mut whole = build(ndts, steps, limit);
        whole.run(&mut never()).unwrap();

        let mut first = build(ndts, steps, limit);
        first.run_until(cut, &mut never()).unwrap();
        let encoded = postcard::to_stdvec(&first.snapshot().unwrap()).unwrap();
        let mut second = build(ndts, steps, limit);
        second.restore(&postcard::from_bytes(&encoded).unwrap()).unwrap();
        prop_assert_eq!(second.idts(), first.idts());
        second.run(&mut never()).unwrap();
        // Everything: simulators, caches of connections, ledgers, exclusions.
        prop_assert_eq!(second.snapshot().unwrap(), whole.snapshot().unwrap());
        prop_assert_eq!(second.excluded(), whole.excluded());
    }
}

#[test]
fn neurons_excluded_before_the_checkpoint_stay_excluded() {
    let mut first = build(2, 120, 8.0);
    first.run_until(60, &mut never()).unwrap();
    assert_eq!(first.excluded().len(), 1);
    let mut second = build(2, 120, 8.0);
    second.restore(&first.snapshot().unwrap()).unwrap();
    assert_eq!(second.excluded(), first.excluded());
    assert!(second.spaces().is_excluded("neurons", 0) && second.spaces().is_excluded("segments", 2));
}

#[test]
fn an_observer_stops_the_run_between_windows() {
    let mut run = build(2, 120, 100.0);
    run.run(&mut StopAt(9, false)).unwrap();
    assert_eq!(run.idts(), 9);
    run.run(&mut never()).unwrap();
    assert_eq!(run.idts(), 120);
}

#[test]
fn a_run_can_be_continued_beyond_its_old_end() {
    let mut short = build(2, 60, 100.0);
    short.run(&mut never()).unwrap();
    let mut longer = build(2, 120, 100.0);
    longer.restore(&short.snapshot().unwrap()).unwrap();
    longer.run(&mut never()).unwrap();
    let mut whole = build(2, 120, 100.0);
    whole.run(&mut never()).unwrap();
    assert_eq!(longer.snapshot().unwrap(), whole.snapshot().unwrap());
}

#[test]
fn another_simulation_is_refused_and_what_differs_is_told() {
    let checkpoint = build(2, 120, 100.0).snapshot().unwrap();
    let refused = |mut run: Orchestrator| run.restore(&checkpoint).unwrap_err().to_string();

    let other_step = refused(build(4, 120, 100.0));
    let expected = "the checkpoint is of another simulation:\n  connection 0: merge parts get_var \
                    {\"var\":\"level\",\"weight\":\"size\"} to cells set_cell {} every 2 base steps, written back by \
                    set_var {\"var\":\"level\"} when it was saved, now merge parts get_var \
                    {\"var\":\"level\",\"weight\":\"size\"} to cells set_cell {} every 4 base steps, written back by \
                    set_var {\"var\":\"level\"}\n  step of cells: 2 base steps when it was saved, now 4 base steps";
    assert_eq!(other_step, expected.replace(" {} every", " every"));

    let parts = || Parts::new(vec![1.0; 5], vec![0.0; 5]);
    let micromolar = Cells::new(2, vec![0.0; 2], vec![0.0; 2]).in_micromolar();
    let other_unit = refused(over(vec![Box::new(parts()), Box::new(micromolar)], &[merge()], 120));
    let unit =
        "variable level of cells: intensive, in 'mM', on neurons when it was saved, now intensive, in 'uM', on neurons";
    assert!(other_unit.contains(unit), "{other_unit}");
    let alone = refused(over(vec![Box::new(parts())], &[], 120));
    assert!(alone.contains("connection 0: merge") && alone.contains("not there now"), "{alone}");
    assert!(alone.contains("order of the simulators: parts, cells, others when it was saved, now parts"), "{alone}");

    let plan = Plan::new(vec![], &[], &Composition::of(&[])).unwrap();
    let grid = TimeGrid { dt_ms: 0.05, steps: 60 };
    let coarse = refused(Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator)));
    assert!(coarse.contains("base step: 0.025 ms when it was saved, now 0.05 ms"), "{coarse}");
}

#[test]
fn a_run_that_has_begun_or_ends_before_is_refused() {
    let mut run = build(2, 120, 100.0);
    run.run_until(60, &mut never()).unwrap();
    let checkpoint = run.snapshot().unwrap();
    let begun = run.restore(&checkpoint).unwrap_err();
    assert!(matches!(begun, RestoreError::Begun { idts: 60 }));
    assert_eq!(
        begun.to_string(),
        "the run has advanced to step 60 already; only one that has not begun goes on from a checkpoint"
    );
    let too_short = build(2, 40, 100.0).restore(&checkpoint).unwrap_err();
    assert_eq!(
        too_short.to_string(),
        "the checkpoint is at 1.5 ms, and the run ends at 1 ms; give it a later end (run.tstop)"
    );
}

/// Cells that keep no promise: the first ones refuse their snapshot, the second ones take it and know no query then.
enum Odd {
    Forgetful(Cells),
    Fickle(Cells, bool),
}

impl Odd {
    fn cells(&self) -> &Cells {
        match self {
            Self::Forgetful(cells) | Self::Fickle(cells, _) => cells,
        }
    }

    fn cells_mut(&mut self) -> &mut Cells {
        match self {
            Self::Forgetful(cells) | Self::Fickle(cells, _) => cells,
        }
    }
}

impl Simulator for Odd {
    fn name(&self) -> &str {
        self.cells().name()
    }
    fn base_dt_ms(&self) -> f64 {
        self.cells().base_dt_ms()
    }
    fn ndts(&self) -> u64 {
        self.cells().ndts()
    }
    fn idts(&self) -> u64 {
        self.cells().idts()
    }
    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        self.cells_mut().advance(until)
    }
    fn spaces(&self) -> Vec<msr_coupling::Space> {
        self.cells().spaces()
    }
    fn variables(&self) -> &[msr_coupling::Variable] {
        self.cells().variables()
    }
    fn resolve(
        &self,
        query: &msr_coupling::Query,
        access: msr_coupling::Access,
    ) -> Result<msr_coupling::Port, msr_coupling::QueryError> {
        match self {
            Self::Fickle(_, true) => self.cells().resolve(&msr_coupling::Query::new("forgotten"), access),
            _ => self.cells().resolve(query, access),
        }
    }
    fn get_var(&self, query: &msr_coupling::Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        self.cells().get_var(query, values)
    }
    fn set_var(&mut self, query: &msr_coupling::Query, values: &[f64]) -> Result<(), SimulatorError> {
        self.cells_mut().set_var(query, values)
    }
    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        self.cells_mut().exclude(neurons)
    }
    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        self.cells().snapshot()
    }
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        if let Self::Fickle(cells, is_restored) = self {
            *is_restored = true;
            return cells.restore(snapshot);
        }
        let reason = "it forgets".to_owned();
        Err(SimulatorError::WrongSnapshot { simulator: self.name().to_owned(), reason })
    }
}

#[test]
fn the_refusal_of_a_simulator_is_told() {
    let cells = || Cells::new(2, vec![0.0; 2], vec![0.0; 2]);
    let parts = || Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5]));
    let checkpoint = over(vec![parts(), Box::new(cells())], &[], 10).snapshot().unwrap();
    let error = over(vec![parts(), Box::new(Odd::Forgetful(cells()))], &[], 10).restore(&checkpoint).unwrap_err();
    assert_eq!(error.to_string(), "cells cannot be restored from this snapshot: it forgets");
}

#[test]
fn a_connection_that_cannot_be_made_without_the_excluded_is_told() {
    let build = |limit: f64, wrap: &dyn Fn(Cells) -> Box<dyn Simulator>| {
        let mut cells = Cells::new(2, vec![0.0; 2], vec![1.0, 0.0]);
        cells.limit = Some((limit, Response::ExcludeNeuron));
        over(vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])), wrap(cells)], &[merge()], 40)
    };
    let mut run = build(5.0, &|cells| Box::new(cells));
    run.run(&mut never()).unwrap();
    let mut fickle = build(5.0, &|cells| Box::new(Odd::Fickle(cells, false)));
    let error = fickle.restore(&run.snapshot().unwrap()).unwrap_err().to_string();
    let expected = "without the neurons that are excluded in the checkpoint: c.dest_set_func: cells: unknown function \
                    'forgotten'";
    assert!(error.starts_with(expected), "{error}");
}

fn numbers(name: &str) -> Vec<u64> {
    name.bytes().map(u64::from).collect()
}

#[test]
fn the_newest_whole_checkpoint_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = CheckpointStore::new(folder.path().join("checkpoints"));
    let nothing = store.newest::<Vec<u64>>().unwrap_err();
    assert_eq!(nothing.to_string(), format!("there is no checkpoint in {}", store.directory().display()));

    for (idts, name) in [(400, "first"), (800, "second"), (1200, "third")] {
        store.write(idts, &numbers(name)).unwrap();
    }
    // The newest and the one before it are kept.
    assert_eq!(store.files().unwrap().len(), 2);
    let found = store.newest::<Vec<u64>>().unwrap();
    assert_eq!((found.state, found.skipped.len()), (numbers("third"), 0));

    let newest = found.path;
    let whole = fs::read(&newest).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(&newest, bytes).unwrap();
        let found = store.newest::<Vec<u64>>().unwrap();
        assert_eq!(found.state, numbers("second"), "the one before it is used");
        let message = found.skipped[0].to_string();
        (found.skipped.into_iter().next().unwrap(), message.replace(&newest.display().to_string(), "FILE"))
    };
    // Every byte counts, wherever it stands.
    for position in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[position] ^= 0x10;
        refused(&damaged);
    }
    for length in 0..whole.len() {
        refused(&whole[..length]);
    }
    assert_eq!(refused(b"").1, "FILE is damaged: it does not begin as such a file does");
    let cut = format!("FILE is damaged: 3 bytes follow its header instead of {}", whole.len() - 28);
    assert_eq!(refused(&whole[..31]).1, cut);
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let (reason, message) = refused(&damaged);
    assert!(matches!(reason, StoreError::Damaged { defect: Defect::Checksum, .. }));
    assert_eq!(message, "FILE is damaged: its checksum does not fit");
    let mut later = whole.clone();
    later[8] = 9;
    assert_eq!(
        refused(&later).1,
        format!(
            "FILE has version 9 of the checkpoint format, this program reads version {VERSION}; continue with the program \
             that wrote it, or start anew"
        )
    );

    fs::write(&newest, &whole).unwrap();
    let other = store.newest::<Checkpoint>().unwrap_err().to_string();
    assert!(other.starts_with("no checkpoint in ") && other.contains("can be read:\n  "), "{other}");
    assert!(other.ends_with("is damaged: its content is not what such a file holds"), "{other}");
}

#[test]
fn writing_earlier_again_drops_what_came_after() {
    let folder = tempfile::tempdir().unwrap();
    let store = CheckpointStore::new(folder.path());
    for idts in [100, 200, 150] {
        store.write(idts, &idts).unwrap();
    }
    assert_eq!(store.newest::<u64>().unwrap().state, 150);
    assert_eq!(store.files().unwrap().len(), 2);
}

#[test]
fn a_place_that_cannot_be_written_or_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "a file where a directory should be").unwrap();
    let error = CheckpointStore::new(file.join("checkpoints")).write(0, &0_u64).unwrap_err();
    assert!(matches!(&error, StoreError::Write { .. }), "{error}");
    assert!(error.to_string().contains("step_00000000000000000000.checkpoint cannot be written: "), "{error}");

    let store = CheckpointStore::new(folder.path());
    fs::create_dir(folder.path().join("step_1.checkpoint")).unwrap();
    let error = store.newest::<u64>().unwrap_err();
    assert!(error.to_string().contains("step_1.checkpoint cannot be read: "), "{error}");
}

#[test]
fn a_state_that_cannot_be_encoded_is_told() {
    struct Unknown;
    impl serde::Serialize for Unknown {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            // Of a sequence, postcard must know the length beforehand.
            serde::ser::Serializer::serialize_seq(serializer, None).map(|_| unreachable!())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let error = CheckpointStore::new(folder.path()).write(0, &Unknown).unwrap_err();
    assert!(error.to_string().contains(".checkpoint cannot be encoded: "), "{error}");
}
