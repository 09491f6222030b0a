//! When the rows of a report are taken, in base steps.

use msr_config::simulation::{Report, Run};
use msr_coupling::Moment;

use crate::PlanError;

/// Rows of a report: row `r` is the state at base step `first + r * step`.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Base step of the first row.
    pub first: u64,
    /// Base steps between two rows.
    pub step: u64,
    /// Number of rows of a whole run.
    pub rows: u64,
    /// When in the base step.
    pub moment: Moment,
    /// Time of the first row, ms.
    pub start_ms: f64,
    /// End written after a whole run, ms; not itself a row.
    pub end_ms: f64,
    /// Time between two rows, ms.
    pub dt_ms: f64,
}

/// A row at `t` belongs to a report that ends at `end` if `t < end - END_TOLERANCE_MS`: the rule of libsonata's reader.
const END_TOLERANCE_MS: f64 = 1e-6;

/// How far the ratio of two steps may be from an integer, to allow for decimal fractions such as 0.1/0.025.
const RATIO_TOLERANCE: f64 = 1e-6;

impl Schedule {
    /// The rows of an entry of `reports`: the state at `start_time`, then every `dt`, up to and without `end_time` or
    /// `tstop`, whichever is earlier. The start is rounded to a multiple of `dt`, as libsonatareport does.
    ///
    /// # Errors
    /// [`PlanError`] where the times do not fit one another or the base step.
    pub fn of_report(report: &Report, run: &Run) -> Result<Self, PlanError> {
        let name = || format!("reports.{}", report.name);
        let (dt_ms, run_dt_ms) = (report.dt_ms, run.dt_ms);
        let ratio = dt_ms / run_dt_ms;
        let step = ratio.round();
        if ratio < 1.0 - RATIO_TOLERANCE {
            return Err(PlanError::DtTooSmall { report: name(), dt_ms, run_dt_ms });
        }
        if (ratio - step).abs() > RATIO_TOLERANCE {
            return Err(PlanError::DtNoMultiple { report: name(), dt_ms, run_dt_ms, nearest_ms: step * run_dt_ms });
        }
        if report.start_time_ms < 0.0 {
            return Err(PlanError::NegativeStart { report: name(), start_ms: report.start_time_ms });
        }
        if report.start_time_ms > report.end_time_ms {
            return Err(PlanError::StartAfterEnd {
                report: name(),
                start_ms: report.start_time_ms,
                end_ms: report.end_time_ms,
            });
        }
        let first_row = (report.start_time_ms / dt_ms).round();
        let (start_ms, end_ms) = (first_row * dt_ms, report.end_time_ms.min(run.tstop_ms));
        Ok(Self {
            first: first_row as u64 * step as u64,
            step: step as u64,
            rows: rows(start_ms, end_ms, dt_ms),
            moment: Moment::Exchanged,
            start_ms,
            end_ms,
            dt_ms,
        })
    }

    /// One row for each step of a simulator: the state from which it takes the step (time `[0, tstop, dt]`), before or
    /// after the exchanges there.
    pub fn before_steps(ndts: u64, moment: Moment, run: &Run) -> Self {
        let dt_ms = ndts as f64 * run.dt_ms;
        let (start_ms, end_ms) = (0.0, run.tstop_ms);
        Self { first: 0, step: ndts, rows: rows(start_ms, end_ms, dt_ms), moment, start_ms, end_ms, dt_ms }
    }

    /// One row for each whole step of a simulator: the state that the step led to, before the exchanges there (time
    /// `[dt, tstop + dt, dt]`).
    pub fn after_steps(ndts: u64, run: &Run) -> Self {
        let dt_ms = ndts as f64 * run.dt_ms;
        let rows = (run.tstop_ms / dt_ms + RATIO_TOLERANCE).floor() as u64;
        Self {
            first: ndts,
            step: ndts,
            rows,
            moment: Moment::Advanced,
            start_ms: dt_ms,
            end_ms: (rows + 1) as f64 * dt_ms,
            dt_ms,
        }
    }

    /// Base step of row `row`, or `None` where the report has no such row.
    pub fn step_of(&self, row: u64) -> Option<u64> {
        (row < self.rows).then(|| self.first + row * self.step)
    }

    /// Whether there is a row at base step `idts` of a whole run.
    pub fn has_row_at(&self, idts: u64) -> bool {
        let since = idts.checked_sub(self.first).filter(|since| since.is_multiple_of(self.step));
        since.is_some_and(|since| since / self.step < self.rows)
    }

    /// Rows of a run that has come to base step `idts`, the row there included.
    pub fn rows_until(&self, idts: u64) -> u64 {
        match idts.checked_sub(self.first) {
            Some(since) => (since / self.step + 1).min(self.rows),
            None => 0,
        }
    }

    /// The end to write once `rows` rows are there, ms: a reader counts exactly these.
    pub fn end_after(&self, rows: u64) -> f64 {
        if rows == self.rows { self.end_ms } else { self.start_ms + rows as f64 * self.dt_ms }
    }
}

fn rows(start_ms: f64, end_ms: f64, dt_ms: f64) -> u64 {
    // A negative count saturates to 0.
    ((end_ms - END_TOLERANCE_MS - start_ms) / dt_ms).ceil() as u64
}
