//! What asks a run to stop before its end: Ctrl-C, SIGTERM, or a time that is up. The run then finishes its window and leaves a
//! checkpoint; a second signal ends the process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// What a shell adds to the number of a signal for the exit code of a process that it ended.
const EXIT_CODE_BASE: i32 = 128;
/// Exit code of a run that its own time limit stopped.
const TIME_IS_UP: u8 = 5;

/// Why a run is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// This signal came.
    Signal(i32),
    /// The time of `--stop-after` is up.
    TimeIsUp,
}

impl StopReason {
    /// 130 for SIGINT, 143 for SIGTERM, 5 where the time is up.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Signal(signal) => (EXIT_CODE_BASE + signal) as u8,
            Self::TimeIsUp => TIME_IS_UP,
        }
    }

    /// As a user knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signal(SIGINT) => "Ctrl-C",
            Self::Signal(_) => "SIGTERM",
            Self::TimeIsUp => "--stop-after",
        }
    }
}

/// Lets a file that reaches the limit of `ulimit -f` be a write that fails, which is told as any other, and not the end of the process.
pub fn outlast_size_limits() {
    // Where no signal can be received, the system ends the process, as it would any other.
    #[cfg(unix)]
    let _ = flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

/// Waits for a reason to stop from its making on.
pub struct StopRequests {
    received: Arc<AtomicUsize>,
    deadline: Option<Instant>,
}

impl StopRequests {
    /// Watches signals, and the time that the process may take from now on.
    ///
    /// # Errors
    /// Where the system lets no signal be received.
    pub fn watch(stop_after: Option<Duration>) -> io::Result<Self> {
        let received = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the shutdown sees whether there was a signal before this one.
            flag::register_conditional_shutdown(signal, EXIT_CODE_BASE + signal, again.clone())?;
            flag::register(signal, again.clone())?;
            flag::register_usize(signal, received.clone(), signal as usize)?;
        }
        Ok(Self { received, deadline: stop_after.and_then(|time| Instant::now().checked_add(time)) })
    }

    /// The reason to stop, if there is one.
    pub fn received(&self) -> Option<StopReason> {
        let signal = self.received.load(Ordering::Relaxed);
        if signal > 0 {
            return Some(StopReason::Signal(signal as i32));
        }
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some(StopReason::TimeIsUp)
    }
}
