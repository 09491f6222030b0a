//! Writes SONATA spikes and reports of anything that implements [`Simulator`](msr_coupling::Simulator).
//!
//! [`Plan::new`] checks all reports of a configuration before the run and says what they cost; [`Recorder`] writes them.
//! [`SpikesFile`] and [`ElementReport`] are the two file formats, usable alone.
//!
//! Every file has its final name from its creation and is readable at any moment: while the run goes on, after the
//! writer was killed, and after the disk was full.

mod electrodes;
mod element_report;
mod error;
mod layout;
mod multiscale;
mod plan;
mod plan_error;
mod population;
mod recorder;
mod result_file;
mod schedule;
mod selection;
mod source;
mod spikes;
mod unlocked;

pub use element_report::{BLOCK_BYTES, ElementReport};
pub use error::ReportError;
pub use layout::Layout;
pub use plan::{Notice, Plan, PlannedReport, Request};
pub use plan_error::{PlanError, PlanErrors};
pub use population::{Population, Populations};
pub use recorder::{Recorder, RecorderState, ReportSummary, Summary};
pub use schedule::Schedule;
pub use spikes::SpikesFile;
