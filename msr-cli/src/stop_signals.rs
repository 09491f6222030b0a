//! Ctrl-C and SIGTERM: the first one asks the run to stop, the second one ends the process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// What a shell adds to the number of a signal for the exit code of a process that it ended.
const EXIT_CODE_BASE: i32 = 128;

/// A signal that asks to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopSignal(i32);

impl StopSignal {
    /// 130 for SIGINT, 143 for SIGTERM.
    pub fn exit_code(self) -> u8 {
        (EXIT_CODE_BASE + self.0) as u8
    }

    /// As a user knows it.
    pub fn name(self) -> &'static str {
        if self.0 == SIGINT { "Ctrl-C" } else { "SIGTERM" }
    }
}

/// Waits for signals from its making on.
pub struct StopSignals {
    received: Arc<AtomicUsize>,
}

impl StopSignals {
    pub fn watch() -> io::Result<Self> {
        let received = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the shutdown sees whether there was a signal before this one.
            flag::register_conditional_shutdown(signal, EXIT_CODE_BASE + signal, again.clone())?;
            flag::register(signal, again.clone())?;
            flag::register_usize(signal, received.clone(), signal as usize)?;
        }
        Ok(Self { received })
    }

    /// The signal that came, if any.
    pub fn received(&self) -> Option<StopSignal> {
        let signal = self.received.load(Ordering::Relaxed);
        (signal > 0).then_some(StopSignal(signal as i32))
    }
}
