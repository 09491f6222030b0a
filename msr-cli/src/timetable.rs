//! The order of one period, stop by stop, with equal stops in equal distances told once.

use msr_coupling::{Moment, Plan, Schedule, Stop};
use serde::Serialize;

/// Stops that are listed; a longer period is told by its first ones.
const STOPS_LISTED: usize = 100_000;

/// What happens from the start of a run until everything has happened once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Timetable {
    /// Base steps after which the order repeats; `None` where there are more than can be counted.
    pub period: Option<u64>,
    /// The stops: the start, and one period, or as much of it as there is in the run.
    pub rows: Vec<Row>,
    /// Base step after the last row, where the period is not listed to its end because it has too many stops.
    pub cut_after: Option<u64>,
}

/// One stop, or several in equal distances at which the same happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Base step of the first of them.
    pub first: u64,
    /// Base steps from one to the next; 0 for a single one.
    pub every: u64,
    /// How many.
    pub count: u64,
    /// What happens, in this order.
    #[serde(flatten)]
    pub content: Content,
}

/// What happens at a stop, in the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Content {
    /// Simulators that are advanced, by name.
    pub advance: Vec<String>,
    /// Reports of the state before the connections are made, by position.
    pub record_before: Vec<usize>,
    /// Connections that are made, by position.
    pub sync: Vec<usize>,
    /// Groups that look for agreement over their next window, by position.
    pub iterate: Vec<usize>,
    /// Reports of the state after that, by position.
    pub record: Vec<usize>,
}

impl Row {
    /// Base step of the last stop.
    pub fn last(&self) -> u64 {
        self.first + self.every * (self.count - 1)
    }
}

impl Timetable {
    /// Of a plan and what it records, with stops as `schedule` has them, up to base step `end`.
    pub fn of(plan: &Plan, recording: &msr_report::Plan, schedule: &Schedule, end: u64) -> Self {
        let period = Some(schedule.period()).filter(|&period| period < u64::MAX);
        let until = period.unwrap_or(end).min(end);
        let mut rows: Vec<Row> = Vec::new();
        let mut cut_after = None;
        for (position, stop) in schedule.stops().take_while(|stop| stop.idts <= until).enumerate() {
            if position == STOPS_LISTED {
                cut_after = rows.last().map(Row::last);
                break;
            }
            add(&mut rows, stop.idts, content(plan, recording, &stop, end));
        }
        Self { period, rows, cut_after }
    }
}

fn content(plan: &Plan, recording: &msr_report::Plan, stop: &Stop, end: u64) -> Content {
    let names = stop.advances.iter().map(|&(simulator, _)| plan.simulators()[simulator].name().to_owned());
    let recorded = |moment| {
        let reports = recording.reports().iter().enumerate();
        let due =
            reports.filter(|(_, report)| report.schedule.moment == moment && report.schedule.has_row_at(stop.idts));
        due.map(|(position, _)| position).collect()
    };
    let begin = |ndts: u64| stop.idts < end && stop.idts.is_multiple_of(ndts);
    Content {
        advance: names.collect(),
        record_before: recorded(Moment::Advanced),
        sync: stop.connections.clone(),
        iterate: plan.groups().enumerate().filter(|(_, (_, ndts))| begin(*ndts)).map(|(i, _)| i).collect(),
        record: recorded(Moment::Exchanged),
    }
}

/// Adds a stop to the last row where it continues it.
fn add(rows: &mut Vec<Row>, idts: u64, content: Content) {
    if let Some(last) = rows.last_mut().filter(|last| last.content == content) {
        let distance = idts - last.last();
        if last.count == 1 || last.every == distance {
            last.every = distance;
            last.count += 1;
            return;
        }
    }
    rows.push(Row { first: idts, every: 0, count: 1, content });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_stops_in_equal_distances_are_one_row() {
        let advance = |name: &str| Content { advance: vec![name.to_owned()], ..Content::default() };
        let mut rows = Vec::new();
        for (idts, name) in [(0, ""), (2, "a"), (4, "a"), (6, "a"), (7, "a"), (8, "b"), (10, "a"), (12, "a")] {
            add(&mut rows, idts, advance(name));
        }
        let told: Vec<(u64, u64, u64)> = rows.iter().map(|row| (row.first, row.every, row.last())).collect();
        assert_eq!(told, [(0, 0, 0), (2, 2, 6), (7, 0, 7), (8, 0, 8), (10, 2, 12)]);
    }
}
