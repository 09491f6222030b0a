//! `msr-cli plan`.

use msr_config::TimeGrid;
use msr_config::grid::shortest;
use msr_coupling::{ConnectionOutline, MatrixOutline, Registry, Schedule};
use serde::Serialize;

use crate::arguments::Plan as Arguments;
use crate::assembly::Assembly;
use crate::failure::Failure;
use crate::footprint::{Footprint, bytes};
use crate::log_level::LogLevel;
use crate::mapping_export;
use crate::timetable::{Row, Timetable};
use crate::told::{note, print};

use super::check::ends;

/// Rows of the timetable that are printed; the JSON has all.
const ROWS_SHOWN: usize = 60;

pub fn run(arguments: &Arguments, registry: &Registry, level: LogLevel) -> Result<(), Failure> {
    let assembly = Assembly::preview(&arguments.simulation, registry)?;
    if let Some(directory) = &arguments.export_mappings {
        mapping_export::write(&assembly.plan, directory)?;
    }
    let shown = Shown::of(&assembly);
    if arguments.json {
        return print([serde_json::to_string_pretty(&shown).map_err(Failure::output)?]);
    }
    print(shown.lines(&assembly).iter().filter(|_| level >= LogLevel::Info))?;
    print(shown.notes.iter().map(note).filter(|_| level >= LogLevel::Warning))
}

/// Everything that is shown.
#[derive(Serialize)]
struct Shown {
    dt_ms: f64,
    steps: u64,
    simulators: Vec<ShownSimulator>,
    spaces: Vec<ShownSpace>,
    mappings: Vec<MatrixOutline>,
    connections: Vec<ConnectionOutline>,
    groups: Vec<Vec<String>>,
    reports: Vec<ShownReport>,
    timetable: Timetable,
    bytes: Footprint,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct ShownSimulator {
    name: String,
    ndts: u64,
    dt_ms: f64,
}

#[derive(Serialize)]
struct ShownSpace {
    name: String,
    elements: usize,
}

#[derive(Serialize)]
struct ShownReport {
    name: String,
    columns: usize,
    rows: u64,
    every_ms: f64,
    bytes: u64,
}

impl Shown {
    fn of(assembly: &Assembly) -> Self {
        let Assembly { inputs, plan, recording } = assembly;
        let grid = inputs.grid;
        let window = inputs.simulation.multiscale.as_ref().and_then(|multiscale| multiscale.ndts);
        let schedule: Schedule = plan.schedule(grid).stopping_every(window).stopping_every(recording.periods());
        Self {
            dt_ms: grid.dt_ms,
            steps: grid.steps,
            simulators: plan
                .simulators()
                .iter()
                .map(|it| ShownSimulator { name: it.name().to_owned(), ndts: it.ndts(), dt_ms: it.dt_ms() })
                .collect(),
            spaces: plan
                .spaces()
                .spaces()
                .map(|space| ShownSpace { name: space.name.clone(), elements: space.len() })
                .collect(),
            mappings: plan.mappings().map(|mapping| mapping.outline()).collect(),
            connections: plan.outlines(),
            groups: plan.groups().map(|(names, _)| names.to_vec()).collect(),
            reports: recording
                .reports()
                .iter()
                .map(|report| ShownReport {
                    name: report.name.clone(),
                    columns: report.columns(),
                    rows: report.schedule.rows,
                    every_ms: shortest(grid.time_ms(report.schedule.step)),
                    bytes: report.bytes(),
                })
                .collect(),
            timetable: Timetable::of(plan, recording, &schedule, grid.steps),
            bytes: Footprint::of(plan, recording),
            notes: inputs.notes.iter().cloned().chain(plan.timing_notes(grid)).collect(),
        }
    }

    fn lines(&self, assembly: &Assembly) -> Vec<String> {
        let grid = assembly.inputs.grid;
        let mut lines =
            vec![format!("run          {} ms in {} base steps of {} ms", grid.end_ms(), grid.steps, grid.dt_ms)];
        lines.extend(
            self.simulators
                .iter()
                .map(|it| format!("simulator    {:<12} every {} ms ({} base steps)", it.name, it.dt_ms, it.ndts)),
        );
        lines.extend(self.mappings.iter().map(mapping_line));
        lines.push(String::new());
        let named = assembly.plan.connections().map(|(connection, _, _)| ends(connection));
        for (position, (connection, (source, destination))) in self.connections.iter().zip(named).enumerate() {
            lines.extend(connection_lines(position, connection, &source, &destination, grid));
        }
        for (position, group) in self.groups.iter().enumerate() {
            lines.push(format!("group        g{position:<3} {}", group.join(", ")));
        }
        lines.push(String::new());
        for (position, report) in self.reports.iter().enumerate() {
            let ShownReport { name, columns, rows, every_ms, .. } = report;
            let size = bytes(report.bytes);
            lines.push(format!(
                "report       r{position:<3} {name}: {columns} columns, {rows} rows, every {every_ms} ms, {size}"
            ));
        }
        lines.push(String::new());
        lines.extend(self.timetable_lines(grid));
        lines.push(String::new());
        for (name, size) in &self.bytes.simulators {
            lines.push(format!("memory       {:<12} about {}", name, bytes(*size)));
        }
        lines.push(format!("memory       {:<12} {}", "spaces", bytes(self.bytes.spaces)));
        if let Some(process) = self.bytes.process {
            lines.push(format!("memory       {:<12} {}, with everything built", "this process", bytes(process)));
        }
        let results = assembly.inputs.simulation.output.output_dir.display();
        lines.push(format!("results      {} of reports in {results}", bytes(self.bytes.results)));
        lines
    }

    fn timetable_lines(&self, grid: TimeGrid) -> Vec<String> {
        let Timetable { period, rows, cut_after } = &self.timetable;
        let mut lines = vec![match period {
            Some(period) if *period <= grid.steps => {
                let times = grid.steps as f64 / *period as f64;
                format!(
                    "period       {} ms ({period} base steps), {times} times in this run",
                    shortest(grid.time_ms(*period))
                )
            }
            Some(period) => format!(
                "period       {} ms ({period} base steps), longer than the run; the run, stop by stop:",
                shortest(grid.time_ms(*period))
            ),
            None => "period       more base steps than can be counted; the run, stop by stop:".to_owned(),
        }];
        lines.push(format!("  {:>22}  {:>22}  what", "base steps", "ms"));
        lines.extend(rows.iter().take(ROWS_SHOWN).map(|row| row_line(row, grid)));
        if let Some(row) = rows.get(ROWS_SHOWN) {
            let left = rows.len() - ROWS_SHOWN;
            lines.push(format!("  and {left} more rows from base step {} on; --json has all", row.first));
        }
        if let Some(step) = cut_after {
            lines.push(format!("  the listing ends after base step {step}"));
        }
        lines
    }
}

fn mapping_line(mapping: &MatrixOutline) -> String {
    let MatrixOutline { rows, columns, shape, entries, row_sums, uncovered_fraction, .. } = mapping;
    let inside = percent(1.0 - uncovered_fraction.unwrap_or(0.0));
    format!(
        "mapping      {rows} > {columns}: {} x {}, {entries} entries, rows sum to {:.6} .. {:.6}, {inside} lies inside",
        shape.0, shape.1, row_sums.0, row_sums.1
    )
}

fn connection_lines(
    position: usize,
    connection: &ConnectionOutline,
    source: &str,
    destination: &str,
    grid: TimeGrid,
) -> Vec<String> {
    let ConnectionOutline { key, action, window, source_unit, destination_unit, path, .. } = connection;
    let every_ms = shortest(grid.time_ms(connection.ndts));
    let unit = |unit: &str| if unit.is_empty() { "1".to_owned() } else { unit.to_owned() };
    let mut way = format!("{} [{}] to [{}]", path.join(" > "), unit(source_unit), unit(destination_unit));
    if let Some(transform) = &connection.transform {
        way += &format!(" by {transform}");
    }
    let mut covered = format!("reaches {} of {} elements", percent(connection.covered_fraction), connection.elements);
    if let Some(arriving) = connection.arriving_fraction {
        covered += &format!(", {} of the amount arrives", percent(arriving));
    }
    let window = if window == "last" { String::new() } else { format!("{window} of ") };
    vec![
        format!(
            "connection   #{position:<3} {action:<5} {window}{source} -> {destination}, every {every_ms} ms  ({key})"
        ),
        format!("{:18}{way}", ""),
        format!("{:18}{covered}", ""),
    ]
}

/// A fraction in percent; only the whole is 100 %.
fn percent(fraction: f64) -> String {
    const SHORT_OF_ALL: f64 = 99.999;
    let percent = 100.0 * fraction;
    if (fraction - 1.0).abs() < 1e-12 { "100 %".to_owned() } else { format!("{:.3} %", percent.min(SHORT_OF_ALL)) }
}

fn row_line(row: &Row, grid: TimeGrid) -> String {
    let span = |text: &dyn Fn(u64) -> String| {
        if row.count == 1 { text(row.first) } else { format!("{} .. {}", text(row.first), text(row.last())) }
    };
    let steps = span(&|idts| idts.to_string());
    let times = span(&|idts| shortest(grid.time_ms(idts)).to_string());
    let content = &row.content;
    let list = |verb: &str, mark: &str, positions: &[usize]| {
        (!positions.is_empty()).then(|| format!("{verb} {}", marked(mark, positions)))
    };
    let parts = [
        (!content.advance.is_empty()).then(|| format!("advance {}", content.advance.join(", "))),
        list("record", "r", &content.record_before),
        list("sync", "#", &content.sync),
        list("iterate", "g", &content.iterate),
        list("record", "r", &content.record),
    ];
    let what: Vec<String> = parts.into_iter().flatten().collect();
    let often = if row.count == 1 { String::new() } else { format!("{} times, every {}: ", row.count, row.every) };
    format!("  {steps:>22}  {times:>22}  {often}{}", what.join("; "))
}

/// Positions, ascending, with runs of three and more told by their ends: `r0-r3 r7`.
fn marked(mark: &str, positions: &[usize]) -> String {
    let runs = positions.chunk_by(|first, second| first + 1 == *second);
    let told: Vec<String> = runs
        .flat_map(|run| match run {
            [first, _, .., last] => vec![format!("{mark}{first}-{mark}{last}")],
            _ => run.iter().map(|position| format!("{mark}{position}")).collect(),
        })
        .collect();
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_told_by_their_ends() {
        assert_eq!(marked("r", &[0, 1, 2, 3, 7, 9, 10]), "r0-r3 r7 r9 r10");
        assert_eq!(marked("#", &[4]), "#4");
    }

    #[test]
    fn only_the_whole_is_all() {
        assert_eq!(
            (percent(1.0), percent(0.999_999_9), percent(0.5)),
            ("100 %".into(), "99.999 %".into(), "50.000 %".into())
        );
    }
}
