//! One picture of all results of a run: spikes, and every report over time.

use std::error::Error;
use std::ops::Range;
use std::path::{Path, PathBuf};

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::failure::Failure;
use crate::results::write_whole;

/// Size of one panel, pixels.
const PANEL: (u32, u32) = (420, 240);
/// Panels side by side.
const COLUMNS: usize = 3;
/// Traces drawn in a panel; more elements are represented by evenly spaced ones and the mean.
const TRACES: usize = 12;
/// Points drawn of a trace.
const POINTS: usize = 600;

/// A picture that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be drawn: {source}", path.display())]
pub struct OverviewError {
    path: PathBuf,
    source: Box<dyn Error + Send + Sync>,
}

/// One report as it is drawn.
struct Series {
    title: String,
    times_ms: Vec<f64>,
    /// Values of the drawn elements over time.
    traces: Vec<Vec<f64>>,
    mean: Option<Vec<f64>>,
}

/// Draws the spikes file and the reports (name, file) into an SVG at `path`.
pub fn draw(path: &Path, spikes_file: &Path, reports: &[(String, PathBuf)]) -> Result<(), Failure> {
    let picture = picture(path, spikes_file, reports).map_err(Failure::output)?;
    write_whole(path, &picture)
}

fn picture(path: &Path, spikes_file: &Path, reports: &[(String, PathBuf)]) -> Result<String, OverviewError> {
    let wrap = |source: Box<dyn Error>| OverviewError { path: path.to_owned(), source: source.to_string().into() };
    let spikes = spikes(spikes_file).map_err(|error| wrap(error.into()))?;
    let mut series = Vec::new();
    for (name, file) in reports {
        series.extend(read(name, file).map_err(|error| wrap(error.into()))?);
    }
    paint(&spikes, &series).map_err(wrap)
}

/// Times in ms and node ids of all spikes.
fn spikes(file: &Path) -> Result<Vec<(f64, f64)>, hdf5::Error> {
    let file = hdf5::File::open(file)?;
    let mut points = Vec::new();
    for population in file.group("spikes")?.groups()? {
        let times = population.dataset("timestamps")?.read_1d::<f64>()?;
        let ids = population.dataset("node_ids")?.read_1d::<u64>()?;
        points.extend(times.iter().zip(&ids).map(|(&time, &id)| (time, id as f64)));
    }
    Ok(points)
}

fn read(name: &str, file: &Path) -> Result<Vec<Series>, hdf5::Error> {
    let file = hdf5::File::open(file)?;
    let mut all = Vec::new();
    for population in file.group("report")?.groups()? {
        let dataset = population.dataset("data")?;
        let data = dataset.read_2d::<f32>()?;
        let unit: hdf5::types::VarLenUnicode = dataset.attr("units")?.read_scalar()?;
        let time = population.dataset("mapping/time")?.read_1d::<f64>()?;
        let (rows, columns) = data.dim();
        if rows == 0 || columns == 0 {
            continue;
        }
        let every = rows.div_ceil(POINTS);
        let drawn: Vec<usize> = (0..rows).step_by(every).collect();
        let trace = |column: usize| drawn.iter().map(|&row| f64::from(data[[row, column]])).collect();
        let shown = columns.min(TRACES);
        let traces = (0..shown).map(|i| trace(i * columns / shown)).collect();
        let mean = (columns > TRACES).then(|| {
            let mean = |&row: &usize| data.row(row).iter().map(|&x| f64::from(x)).sum::<f64>() / columns as f64;
            drawn.iter().map(mean).collect()
        });
        let short = name.rsplit('.').next().unwrap_or(name);
        let of = if columns > TRACES { format!(", {columns} elements, mean in black") } else { String::new() };
        all.push(Series {
            title: format!("{short} ({}){of}", if unit.is_empty() { "1" } else { unit.as_str() }),
            times_ms: drawn.iter().map(|&row| time[0] + time[2] * row as f64).collect(),
            traces,
            mean,
        });
    }
    Ok(all)
}

fn paint(spikes: &[(f64, f64)], series: &[Series]) -> Result<String, Box<dyn Error>> {
    let rows = (1 + series.len()).div_ceil(COLUMNS);
    let size = (PANEL.0 * COLUMNS as u32, PANEL.1 * rows as u32);
    let mut picture = String::new();
    {
        let root = SVGBackend::with_string(&mut picture, size).into_drawing_area();
        root.fill(&WHITE)?;
        let panels = root.split_evenly((rows, COLUMNS));
        let end = series.iter().flat_map(|series| series.times_ms.last()).copied().fold(1.0, f64::max);
        raster(&panels[0], spikes, end)?;
        for (panel, series) in panels[1..].iter().zip(series) {
            lines(panel, series)?;
        }
        root.present()?;
    }
    Ok(picture)
}

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn raster(panel: &Panel<'_>, spikes: &[(f64, f64)], end: f64) -> Result<(), Box<dyn Error>> {
    let cells = spikes.iter().map(|(_, id)| *id).fold(0.0, f64::max);
    let mut chart = ChartBuilder::on(panel)
        .caption("spikes (node id)", ("sans-serif", 14))
        .margin(8)
        .x_label_area_size(30)
        .y_label_area_size(75)
        .build_cartesian_2d(0.0..end, -0.5..cells + 0.5)?;
    let whole = |value: &f64| format!("{value:.0}");
    let mut mesh = chart.configure_mesh();
    mesh.disable_mesh().x_desc("ms").x_labels(TICKS).y_labels(TICKS);
    mesh.x_label_formatter(&whole).y_label_formatter(&whole).draw()?;
    chart.draw_series(spikes.iter().map(|&(time, id)| Circle::new((time, id), 2, BLACK.filled())))?;
    Ok(())
}

fn lines(panel: &Panel<'_>, series: &Series) -> Result<(), Box<dyn Error>> {
    let range = padded(series.traces.iter().chain(&series.mean).flatten().copied());
    let start = series.times_ms.first().copied().unwrap_or(0.0);
    let end = series.times_ms.last().copied().unwrap_or(0.0).max(start + f64::EPSILON);
    let mut chart = ChartBuilder::on(panel)
        .caption(&series.title, ("sans-serif", 14))
        .margin(8)
        .x_label_area_size(30)
        .y_label_area_size(75)
        .build_cartesian_2d(start..end, range.clone())?;
    let y_label = |value: &f64| label(*value, &range);
    let x_label = |value: &f64| label(*value, &(start..end));
    let mut mesh = chart.configure_mesh();
    mesh.disable_mesh().x_desc("ms").x_labels(TICKS).y_labels(TICKS);
    mesh.x_label_formatter(&x_label).y_label_formatter(&y_label).draw()?;
    let points = |values: &[f64]| series.times_ms.iter().copied().zip(values.iter().copied()).collect::<Vec<_>>();
    for (i, trace) in series.traces.iter().enumerate() {
        chart.draw_series(LineSeries::new(points(trace), Palette99::pick(i).mix(0.8)))?;
    }
    if let Some(mean) = &series.mean {
        chart.draw_series(LineSeries::new(points(mean), BLACK.stroke_width(2)))?;
    }
    Ok(())
}

/// The range of values with a margin, never empty.
fn padded(values: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    if low > high {
        return 0.0..1.0;
    }
    let margin = 0.05 * (high - low);
    let margin = if margin > 0.0 { margin } else { low.abs().max(f64::MIN_POSITIVE) * 0.01 };
    low - margin..high + margin
}

/// A tick label: as many digits as tell ticks of `range` apart.
fn label(value: f64, range: &Range<f64>) -> String {
    let step = (range.end - range.start) / TICKS as f64;
    let largest = range.start.abs().max(range.end.abs());
    if !(SMALLEST_PLAIN..LARGEST_PLAIN).contains(&largest) {
        let digits = (largest / step).log10().ceil().clamp(0.0, 6.0) as usize;
        return format!("{value:.digits$e}");
    }
    let digits = (-step.log10()).ceil().clamp(0.0, 9.0) as usize;
    format!("{value:.digits$}")
}

/// Labels on an axis.
const TICKS: usize = 5;
/// Magnitudes that are written without an exponent.
const SMALLEST_PLAIN: f64 = 1e-3;
const LARGEST_PLAIN: f64 = 1e5;
