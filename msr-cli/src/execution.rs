//! A run from where it stands to its end, and everything that it leaves behind: results, checkpoints, a summary.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use msr_config::circuit::NodeKind;
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::{CheckpointStore, Identity, Orchestrator, Plan};
use msr_report::{Populations, Recorder};
use serde_json::json;

use crate::arguments::{Saving, Simulation};
use crate::assembly::Inputs;
use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::manifest::{self, Outcome};
use crate::overview;
use crate::page::{self, Moment, Scene};
use crate::progress::{Telling, Watch};
use crate::results::{OVERVIEW_FILE, checkpoints, write_ledger, write_vtk};
use crate::saved_run::{self, SavedRun};
use crate::stopping::{StopReason, StopRequests};
use crate::summary::{self, Spiked};
use crate::told::{fail, note, print};

/// A run that is ready to begin or to go on.
pub struct Execution {
    inputs: Inputs,
    run: Orchestrator,
    files: Files,
    input_files: Identity,
    configuration: Identity,
    store: CheckpointStore,
    after_advance: bool,
    /// Base steps from one checkpoint to the next.
    period: Option<u64>,
    /// Wall time from one checkpoint to the next.
    wall_period: Option<Duration>,
    /// Wall time after which the run stops.
    stop_after: Option<Duration>,
    /// Base steps of a window: a step of the slowest simulator.
    window: u64,
    /// The state after the last whole window, for a run that fails in the next one.
    good: Option<SavedRun>,
    /// Base step at which this part of the run begins.
    begin: u64,
    vtk: bool,
    page: bool,
    telling: Telling,
}

/// The files of a recording.
struct Files {
    results: PathBuf,
    spikes: PathBuf,
    /// Whose spikes are in it.
    populations: Populations,
    /// Name and file.
    reports: Vec<(String, PathBuf)>,
    /// Base steps between rows.
    periods: Vec<u64>,
}

impl Execution {
    /// Prepares a run from its start.
    pub fn new(inputs: Inputs, plan: Plan, recording: &msr_report::Plan, after_advance: bool) -> Result<Self, Failure> {
        let results = inputs.simulation.output.output_dir.clone();
        let files = Files {
            spikes: recording.spikes_path().to_owned(),
            populations: recording.populations().clone(),
            reports: recording.reports().iter().map(|report| (report.name.clone(), report.path.clone())).collect(),
            periods: recording.periods(),
            results,
        };
        let window = inputs.simulation.multiscale.as_ref().and_then(|multiscale| multiscale.ndts);
        let slowest = plan.simulators().iter().map(|simulator| simulator.ndts()).max();
        let run = Orchestrator::new(plan, inputs.grid, window, Box::new(SerialCommunicator));
        let input_files = saved_run::files(&inputs)?;
        let configuration = saved_run::identity(&inputs).merged_with(input_files.clone());
        let store = checkpoints(&files.results);
        Ok(Self {
            inputs,
            run,
            files,
            input_files,
            configuration,
            store,
            after_advance,
            period: None,
            wall_period: None,
            stop_after: None,
            window: slowest.unwrap_or(1),
            good: None,
            begin: 0,
            vtk: false,
            page: false,
            telling: Telling::Texts(LogLevel::Info),
        })
    }

    /// Says what is to be left besides reports, and when the run is to stop.
    pub fn save(&mut self, saving: &Saving, level: LogLevel) -> Result<(), Failure> {
        self.telling = if saving.json { Telling::Events } else { Telling::Texts(level) };
        self.wall_period = saving.checkpoint_every_wall;
        self.stop_after = saving.stop_after;
        self.vtk = saving.vtk;
        self.page = saving.report;
        if let Some(period_ms) = saving.checkpoint_every {
            let steps = self.inputs.grid.steps_of(period_ms).map_err(Failure::configuration)?;
            self.period = Some(steps).filter(|&steps| steps > 0);
        }
        Ok(())
    }

    /// Writes the manifest of a run that begins.
    pub fn announce(&self) -> Result<(), Failure> {
        manifest::write(&self.files.results, &self.inputs.simulation, &self.input_files, None)
    }

    /// Goes on from a checkpoint.
    pub fn restore(&mut self, saved: &SavedRun) -> Result<(), Failure> {
        let time_ms = self.inputs.grid.time_ms(saved.system.idts);
        let changed = saved_run::check_configuration(&saved.configuration, &self.configuration)?;
        self.inputs.notes.extend(changed.iter().map(|it| format!("from {time_ms} ms on, {it}")));
        self.run.restore(&saved.system).map_err(Failure::configuration)?;
        self.begin = self.run.idts();
        self.period = saved.period;
        Ok(())
    }

    /// Runs to the end or until it is asked to stop, and leaves everything that was recorded readable.
    pub fn complete(mut self, asked: &Simulation, mut watch: Watch) -> Result<(), Failure> {
        let grid = self.inputs.grid;
        let notes: Vec<String> = self.inputs.notes.iter().cloned().chain(self.run.notes()).collect();
        match self.telling {
            Telling::Texts(level) => {
                print(notes.iter().map(note).filter(|_| level >= LogLevel::Warning))?;
                print(self.inputs.details.iter().filter(|_| level >= LogLevel::Debug))?;
            }
            Telling::Events => {
                let (begin_ms, end_ms) = (grid.time_ms(self.begin), grid.end_ms());
                let event = json!({"event": "begin", "begin_ms": begin_ms, "end_ms": end_ms, "notes": notes});
                print([event.to_string()])?;
            }
        }
        let begun = Instant::now();
        let outcome = self.advance(&mut watch);
        watch.clear();
        let wall = begun.elapsed();

        let stop = watch.stop_reason().filter(|_| self.run.idts() < grid.steps);
        let excluded: Vec<u64> = self.run.excluded().iter().map(|exclusion| exclusion.neuron).collect();
        watch.recorder.exclude(&excluded);
        let saved = if outcome.is_err() { self.save_good(&mut watch) } else { Ok(()) };
        // Whatever happened, everything is tried, and what was recorded until then is made readable. The first failure counts.
        let recorded = watch.recorder.finish().map(drop).map_err(Failure::output);
        let outcome = outcome.and(recorded).and(write_ledger(&self.files.results, &self.run));
        let stopped = outcome.as_ref().err().map(ToString::to_string).or(stop.map(|reason| reason.name().to_owned()));
        let begin_ms = grid.time_ms(self.begin);
        let spiked = Spiked::of(&watch.spikes, |id| self.is_astrocyte(id));
        let mut lines = summary::lines(&self.run, spiked, wall, grid, begin_ms, stopped.as_deref());
        if outcome.is_err() {
            let unsaved = saved.err().map(|error| format!("none of the last whole window: {error}"));
            lines.extend(unsaved.into_iter().chain(self.how_to_go_on(asked)).map(|it| summary::line("checkpoint", it)));
        }
        let ended = Outcome {
            run: &self.run,
            grid,
            begin_ms,
            wall,
            failed: outcome.as_ref().err().map(ToString::to_string),
            stopped: stop.map(StopReason::name),
            notes,
            summary: &lines,
        };
        let told = manifest::write(&self.files.results, &self.inputs.simulation, &self.input_files, Some(&ended));
        if self.telling == Telling::Events {
            let results = &self.files.results;
            print([json!({"event": "end", "results": results, "outcome": ended.described()}).to_string()])?;
        }
        let page = self.page.then(|| {
            let scene = Scene::of(self.run.simulators(), self.run.spaces(), &self.inputs, Moment::End);
            page::write(&self.files.results, &scene, &[])
        });
        let page = page.transpose();
        let picture = self.files.results.join(OVERVIEW_FILE);
        let drawn = overview::draw(&picture, &self.files.spikes, &self.files.reports);
        lines.push(summary::line("results", self.files.results.display()));
        let shown = if self.vtk { write_vtk(&self.files.results, &self.run) } else { Ok(Vec::new()) };
        lines.extend(shown.iter().flatten().map(|path| summary::line("vtk", path.display())));
        if let Ok(Some(page)) = &page {
            lines.push(summary::line("page", page.display()));
        }
        if drawn.is_ok() {
            lines.push(summary::line("picture", picture.display()));
        }
        if self.telling.tells(LogLevel::Info) {
            print(lines.iter().map(ToString::to_string))?;
        }
        outcome.and(told)?;
        let unwritten = drawn.and(page.map(drop)).and(shown.map(drop));
        if let Some(reason) = stop {
            let command = resume_command(asked, &saved_run::overrides(&self.inputs.simulation));
            if let Err(unwritten) = unwritten {
                fail(&unwritten);
            }
            return Err(Failure::Interrupted { reason, time_ms: grid.time_ms(self.run.idts()), command });
        }
        unwritten
    }

    /// Runs from window to window and from checkpoint to checkpoint, of which the first is that of the start. A run that is asked
    /// to stop leaves one where it stops; one that comes to its end leaves those before, from which it goes on when it is given a
    /// later end.
    fn advance(&mut self, watch: &mut Watch) -> Result<(), Failure> {
        let end = self.inputs.grid.steps;
        let after = |idts: u64, period: u64| (idts / period + 1) * period;
        if self.run.idts() == 0 && (self.period.is_some() || self.wall_period.is_some()) {
            self.run.run_until(0, watch)?;
            self.write_checkpoint(watch)?;
        }
        let mut next_saved = self.period.map(|period| after(self.run.idts(), period));
        let mut saved = Instant::now();
        loop {
            let next_good = after(self.run.idts(), self.window);
            self.run.run_until(next_saved.unwrap_or(next_good).min(next_good), watch)?;
            let idts = self.run.idts();
            if idts >= end {
                return Ok(());
            }
            let is_stopping = watch.stop_reason().is_some();
            let is_due = next_saved.is_some_and(|next| idts >= next)
                || self.wall_period.is_some_and(|period| saved.elapsed() >= period);
            if is_due || is_stopping {
                self.write_checkpoint(watch)?;
                next_saved = self.period.map(|period| after(idts, period));
                self.good = None;
                saved = Instant::now();
            } else if idts >= next_good {
                self.good = Some(self.state(watch)?);
            }
            if is_stopping {
                return Ok(());
            }
        }
    }

    /// Whether a spike of this id is of an astrocyte.
    fn is_astrocyte(&self, id: u64) -> bool {
        let Some((position, _)) = self.files.populations.locate(id) else { return false };
        let name = &self.files.populations.as_slice()[position].name;
        self.inputs.circuit.node_population(name).is_some_and(|population| population.kind == NodeKind::Astrocyte)
    }

    /// The state of the run and of everything that it writes.
    fn state(&self, watch: &Watch) -> Result<SavedRun, Failure> {
        Ok(SavedRun {
            configuration: self.configuration.clone(),
            overrides: saved_run::overrides(&self.inputs.simulation),
            after_advance: self.after_advance,
            period: self.period,
            system: self.run.snapshot().map_err(Failure::output)?,
            recorder: watch.recorder.position(),
            spikes: watch.spikes.clone(),
        })
    }

    /// Brings all results to the disk, then the state that goes on from them.
    fn write_checkpoint(&self, watch: &mut Watch) -> Result<(), Failure> {
        watch.recorder.state().map_err(Failure::output)?;
        let path = self.store.write(self.run.idts(), &self.state(watch)?).map_err(Failure::output)?;
        if self.telling.tells(LogLevel::Debug) {
            print([format!("checkpoint   at {} ms in {}", self.inputs.grid.time_ms(self.run.idts()), path.display())])?;
        }
        Ok(())
    }

    /// Writes what a failed run was before the window in which it failed.
    fn save_good(&self, watch: &mut Watch) -> Result<(), Failure> {
        let Some(good) = &self.good else { return Ok(()) };
        watch.recorder.state().map_err(Failure::output)?;
        self.store.write(good.system.idts, good).map_err(Failure::output).map(drop)
    }

    /// Says how to go on from the newest checkpoint, where there is one.
    fn how_to_go_on(&self, asked: &Simulation) -> Option<String> {
        let newest = self.store.newest::<SavedRun>().ok()?;
        let time_ms = self.inputs.grid.time_ms(newest.state.system.idts);
        let command = resume_command(asked, &saved_run::overrides(&self.inputs.simulation));
        Some(format!("at {time_ms} ms; once the cause is removed, `{command}` goes on from there"))
    }

    /// Watches the run, beginning with a recorder and the spikes so far.
    pub fn watch(&self, recorder: Recorder) -> Result<Watch, Failure> {
        let requests =
            StopRequests::watch(self.stop_after).map_err(|source| Failure::configuration(NoSignals { source }))?;
        Ok(Watch::new(recorder, self.files.periods.clone(), self.inputs.grid, requests, self.telling))
    }
}

/// What to type to continue. Of the values of the command line only the place of the results must be given again.
fn resume_command(asked: &Simulation, overrides: &[String]) -> String {
    let simulation = shell_word(&asked.simulation.display().to_string());
    let place = overrides.iter().filter(|value| value.starts_with("output."));
    let sets: String = place.map(|value| format!(" --set {}", shell_word(value))).collect();
    format!("msr-cli resume {simulation}{sets}")
}

/// A text as one word of a shell's command line.
fn shell_word(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-=,:+@%".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("signals cannot be received: {source}")]
struct NoSignals {
    source: std::io::Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_can_be_typed() {
        let overrides = ["run.tstop=5".to_owned(), "output.output_dir=\"R 2\"".to_owned()];
        let command = |path: &str| resume_command(&Simulation::at(path), &overrides);
        assert_eq!(command("demo/a_1"), "msr-cli resume demo/a_1 --set 'output.output_dir=\"R 2\"'");
        assert_eq!(resume_command(&Simulation::at("it's here"), &[]), "msr-cli resume 'it'\\''s here'");
    }
}
