//! A run from where it stands to its end, and everything that it leaves behind: results, checkpoints, a summary.

use std::path::PathBuf;
use std::time::Instant;

use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::{CheckpointStore, Identity, Orchestrator, Plan};
use msr_report::Recorder;

use crate::arguments::Simulation;
use crate::assembly::Inputs;
use crate::failure::Failure;
use crate::overview;
use crate::progress::Watch;
use crate::results::{OVERVIEW_FILE, checkpoints, write_ledger};
use crate::saved_run::{self, SavedRun};
use crate::stdout::print;
use crate::stop_signals::StopSignals;
use crate::summary;

/// A run that is ready to begin or to go on.
pub struct Execution {
    inputs: Inputs,
    run: Orchestrator,
    files: Files,
    configuration: Identity,
    store: CheckpointStore,
    after_advance: bool,
    /// Base steps from one checkpoint to the next.
    period: Option<u64>,
    /// Base step at which this part of the run begins.
    begin: u64,
    quiet: bool,
}

/// The files of a recording.
struct Files {
    results: PathBuf,
    spikes: PathBuf,
    /// Name and file.
    reports: Vec<(String, PathBuf)>,
    /// Base steps between rows.
    periods: Vec<u64>,
}

impl Execution {
    /// Prepares a run from its start.
    pub fn new(
        inputs: Inputs,
        plan: Plan,
        recording: &msr_report::Plan,
        after_advance: bool,
        quiet: bool,
    ) -> Result<Self, Failure> {
        let results = inputs.simulation.output.output_dir.clone();
        let files = Files {
            spikes: recording.spikes_path().to_owned(),
            reports: recording.reports().iter().map(|report| (report.name.clone(), report.path.clone())).collect(),
            periods: recording.periods(),
            results,
        };
        let window = inputs.simulation.multiscale.as_ref().and_then(|multiscale| multiscale.ndts);
        let run = Orchestrator::new(plan, inputs.grid, window, Box::new(SerialCommunicator));
        let configuration = saved_run::identity(&inputs)?;
        let store = checkpoints(&files.results);
        Ok(Self { inputs, run, files, configuration, store, after_advance, period: None, begin: 0, quiet })
    }

    /// Asks for a checkpoint every so many ms of simulated time.
    pub fn save_every(&mut self, period_ms: Option<f64>) -> Result<(), Failure> {
        if let Some(period_ms) = period_ms {
            let steps = self.inputs.grid.steps_of(period_ms).map_err(Failure::configuration)?;
            self.period = Some(steps).filter(|&steps| steps > 0);
        }
        Ok(())
    }

    /// Goes on from a checkpoint.
    pub fn restore(&mut self, saved: &SavedRun) -> Result<(), Failure> {
        saved_run::check_configuration(&saved.configuration, &self.configuration)?;
        self.run.restore(&saved.system).map_err(Failure::configuration)?;
        self.begin = self.run.idts();
        self.period = saved.period;
        Ok(())
    }

    /// Runs to the end or until a signal comes, and leaves everything that was recorded readable.
    pub fn complete(mut self, asked: &Simulation, mut watch: Watch) -> Result<(), Failure> {
        let grid = self.inputs.grid;
        if !self.quiet {
            print(self.inputs.notes.iter().chain(&self.run.notes()).map(|note| format!("note: {note}")))?;
        }
        let begun = Instant::now();
        let outcome = self.advance(&mut watch);
        watch.clear();
        let wall = begun.elapsed();

        let signal = watch.signal().filter(|_| self.run.idts() < grid.steps);
        let excluded: Vec<u64> = self.run.excluded().iter().map(|exclusion| exclusion.neuron).collect();
        watch.recorder.exclude(&excluded);
        let stopped = outcome.as_ref().err().map(ToString::to_string).or(signal.map(|signal| signal.name().to_owned()));
        let begin_ms = grid.time_ms(self.begin);
        let mut lines = summary::lines(&self.run, &watch, wall, grid, begin_ms, stopped.as_deref());
        // Whatever happened, what was recorded until then is made readable.
        watch.recorder.finish().map_err(Failure::output)?;
        write_ledger(&self.files.results, &self.run)?;
        let picture = self.files.results.join(OVERVIEW_FILE);
        let drawn = overview::draw(&picture, &self.files.spikes, &self.files.reports);
        lines.push(summary::line("results", self.files.results.display()));
        if drawn.is_ok() {
            lines.push(summary::line("picture", picture.display()));
        }
        if !self.quiet {
            print(&lines)?;
        }
        outcome?;
        if let Some(signal) = signal {
            let command = resume_command(asked, &saved_run::overrides(&self.inputs.simulation));
            return Err(Failure::Interrupted { signal, time_ms: grid.time_ms(self.run.idts()), command });
        }
        drawn.map_err(Failure::output)
    }

    /// Runs from checkpoint to checkpoint. A run that is asked to stop leaves one where it stops; one that comes to its end
    /// leaves those before, from which it goes on when it is given a later end.
    fn advance(&mut self, watch: &mut Watch) -> Result<(), Failure> {
        let end = self.inputs.grid.steps;
        loop {
            let next = self.period.map_or(end, |period| (self.run.idts() / period + 1) * period);
            self.run.run_until(next, watch)?;
            if self.run.idts() >= end {
                return Ok(());
            }
            self.save(watch)?;
            if watch.signal().is_some() {
                return Ok(());
            }
        }
    }

    fn save(&self, watch: &mut Watch) -> Result<(), Failure> {
        let saved = SavedRun {
            configuration: self.configuration.clone(),
            overrides: saved_run::overrides(&self.inputs.simulation),
            after_advance: self.after_advance,
            period: self.period,
            system: self.run.snapshot().map_err(Failure::output)?,
            recorder: watch.recorder.state().map_err(Failure::output)?,
            spikes: watch.spikes.clone(),
        };
        self.store.write(self.run.idts(), &saved).map_err(Failure::output)?;
        Ok(())
    }

    /// Watches the run, beginning with a recorder and the spikes so far.
    pub fn watch(&self, recorder: Recorder) -> Result<Watch, Failure> {
        let signals = StopSignals::watch().map_err(|source| Failure::configuration(NoSignals { source }))?;
        Ok(Watch::new(recorder, self.files.periods.clone(), self.inputs.grid, signals, self.quiet))
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
