//! Looks at a run while it goes on: records the reports, shows the progress.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use msr_config::TimeGrid;
use msr_coupling::orchestrator::{Moment, Observer, Times};
use msr_coupling::{Simulator, Spike};
use msr_report::Recorder;
use serde_json::{Map, Value, json};

use crate::log_level::LogLevel;
use crate::stopping::{StopReason, StopRequests};
use crate::told::tell;

/// Between two lines of a log.
const LOG_INTERVAL: Duration = Duration::from_secs(10);
/// Between two events of a run's progress.
const EVENT_INTERVAL: Duration = Duration::from_secs(1);
/// Between two flushes of the results: what may be lost when the process is killed.
const FLUSH_INTERVAL: Duration = Duration::from_secs(2);

/// How a run tells what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// In texts for people, as many as the level says.
    Texts(LogLevel),
    /// As JSON, one event a line.
    Events,
}

impl Telling {
    /// Whether texts of this level are told.
    pub fn tells(self, level: LogLevel) -> bool {
        matches!(self, Self::Texts(most) if most >= level)
    }
}

/// Records and shows.
pub struct Watch {
    pub recorder: Recorder,
    pub spikes: BTreeMap<u64, u64>,
    recording_periods: Vec<u64>,
    grid: TimeGrid,
    requests: StopRequests,
    display: Display,
    taken: Vec<Spike>,
    flushed: Instant,
}

enum Display {
    Bar(ProgressBar),
    Lines { next: Instant },
    Events { next: Instant },
    Silent,
}

impl Watch {
    pub fn new(
        recorder: Recorder,
        recording_periods: Vec<u64>,
        grid: TimeGrid,
        requests: StopRequests,
        telling: Telling,
    ) -> Self {
        let display = if telling == Telling::Events {
            Display::Events { next: Instant::now() + EVENT_INTERVAL }
        } else if !telling.tells(LogLevel::Info) {
            Display::Silent
        } else if stderr().is_terminal() {
            let bar = ProgressBar::new(grid.steps);
            let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}  eta {eta}");
            bar.set_style(style.expect("the template is well-formed"));
            Display::Bar(bar)
        } else {
            Display::Lines { next: Instant::now() + LOG_INTERVAL }
        };
        Self {
            recorder,
            spikes: BTreeMap::new(),
            recording_periods,
            grid,
            requests,
            display,
            taken: Vec::new(),
            flushed: Instant::now(),
        }
    }

    /// Why the run is to stop, if it is.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.requests.received()
    }

    /// Takes the progress bar away.
    pub fn clear(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }

    fn show(&mut self, idts: u64, times: &Times) {
        let message = || {
            let simulated = format!("{:8.2} of {} ms", self.grid.time_ms(idts), self.grid.time_ms(self.grid.steps));
            format!("{simulated}  {}", shares(times))
        };
        match &mut self.display {
            Display::Bar(bar) => {
                bar.set_position(idts);
                bar.set_message(message());
            }
            Display::Lines { next } => {
                if Instant::now() >= *next {
                    tell(message());
                    *next = Instant::now() + LOG_INTERVAL;
                }
            }
            Display::Events { next } => {
                if Instant::now() >= *next {
                    let seconds: Map<String, Value> =
                        times.simulators.iter().map(|(name, time)| (name.clone(), time.as_secs_f64().into())).collect();
                    let (now, end) = (self.grid.time_ms(idts), self.grid.end_ms());
                    // A reader that has gone away does not stop the run.
                    let event = json!({"event": "progress", "simulated_ms": now, "end_ms": end, "seconds": seconds});
                    let _ = writeln!(stdout(), "{event}");
                    *next = Instant::now() + EVENT_INTERVAL;
                }
            }
            Display::Silent => {}
        }
    }
}

/// Share of each part in the time spent so far.
fn shares(times: &Times) -> String {
    let parts = || times.simulators.iter().map(|(name, time)| (name.as_str(), *time));
    let all: Duration = parts().map(|(_, time)| time).sum::<Duration>() + times.exchanges + times.observer;
    let share = |time: Duration| 100.0 * time.as_secs_f64() / all.as_secs_f64().max(f64::MIN_POSITIVE);
    let shown: Vec<String> = parts().map(|(name, time)| format!("{name} {:.0}%", share(time))).collect();
    shown.join("  ")
}

impl Observer for Watch {
    fn periods(&self) -> Vec<u64> {
        self.recording_periods.clone()
    }

    fn look(
        &mut self,
        moment: Moment,
        idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        times: &Times,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        if moment == Moment::Advanced {
            self.taken.clear();
            for simulator in &mut *simulators {
                simulator.take_spikes(&mut self.taken);
            }
            for spike in &self.taken {
                *self.spikes.entry(spike.neuron).or_default() += 1;
            }
            self.recorder.record_spikes(&self.taken)?;
        }
        let seen: Vec<&dyn Simulator> = simulators.iter().map(AsRef::as_ref).collect();
        if idts == 0 {
            self.recorder.record(idts, Moment::Advanced, &seen)?;
        }
        self.recorder.record(idts, moment, &seen)?;
        if self.flushed.elapsed() >= FLUSH_INTERVAL {
            self.recorder.flush()?;
            self.flushed = Instant::now();
        }
        self.show(idts, times);
        Ok(())
    }

    fn is_stopping(&self) -> bool {
        self.stop_reason().is_some()
    }
}
