//! SONATA element reports: `/report/<population>/{data, mapping}`.

use std::path::Path;

use hdf5::{Dataset, Group, H5Type};
use ndarray::ArrayView2;

use crate::result_file::{ResultFile, indexed, write_units};
use crate::{Layout, ReportError, Schedule};

/// A report file that grows row by row.
///
/// For each population: `data` float32 (rows, columns), `mapping/node_ids` uint64 (n), `mapping/index_pointers` uint64
/// (n + 1), `mapping/element_ids` uint32 (columns), `mapping/time` float64 (start, end, step), with `units` on `data`
/// and `time`; chunked, never compressed. The file has its final name as soon as it can be read. Rows are kept in memory up to
/// [`BLOCK_BYTES`] and then written; the first row is written at once, for libsonata refuses a report without rows.
/// `time` never claims a row that is not there: its end is that of the rows written, and the configured one after the
/// last. Dropping an unfinished report loses what was not yet flushed, no more.
pub struct ElementReport {
    file: ResultFile,
    schedule: Schedule,
    groups: Vec<PopulationGroup>,
    /// Rows of a full block, which is one chunk of each `data`.
    block_rows: u64,
    /// Rows in the file.
    written: u64,
    /// Rows in memory.
    buffered: u64,
}

/// Size of a block of rows of all populations. A block is at least one row.
pub const BLOCK_BYTES: u64 = 256 * 1024;

struct PopulationGroup {
    data: Dataset,
    time: Dataset,
    columns: usize,
    buffer: Vec<f32>,
}

impl ElementReport {
    /// Creates the file with its mappings and no rows.
    ///
    /// # Errors
    /// [`ReportError`] naming the file.
    pub fn create<'a>(
        path: &Path,
        units: &str,
        layouts: impl IntoIterator<Item = &'a Layout> + Clone,
        schedule: &Schedule,
    ) -> Result<Self, ReportError> {
        let mut file = ResultFile::create(path)?;
        file.take_room(layouts.clone().into_iter().map(mapping_bytes).sum())?;
        let block_rows = block_rows(layouts.clone(), schedule);
        let groups = layouts
            .into_iter()
            .map(|layout| PopulationGroup::create(file.hdf5(), units, layout, schedule, block_rows))
            .collect::<hdf5::Result<_>>()
            .map_err(ReportError::hdf5(path, "create the datasets"))?;
        file.publish()?;
        Ok(Self { file, schedule: schedule.clone(), groups, block_rows, written: 0, buffered: 0 })
    }

    /// Goes on with a file that was left with at least `rows` rows; later ones are cut off.
    ///
    /// # Errors
    /// [`ReportError::CannotContinue`] where the file is absent or of another report, else as [`ElementReport::create`].
    pub fn resume<'a>(
        path: &Path,
        layouts: impl IntoIterator<Item = &'a Layout> + Clone,
        schedule: &Schedule,
        rows: u64,
    ) -> Result<Self, ReportError> {
        let mut file = ResultFile::reopen(path)?;
        let cannot = |reason: String| ReportError::CannotContinue { path: path.to_owned(), reason };
        let mut groups = Vec::new();
        for layout in layouts.clone() {
            let group = PopulationGroup::open(file.hdf5(), layout)
                .map_err(|error| cannot(format!("population '{}': {error}", layout.population())))?;
            let (shape, columns) = (group.data.shape(), layout.columns());
            if shape.len() != 2 || shape[1] != columns || (shape[0] as u64) < rows {
                let found = format!("data of '{}' has the shape {shape:?}", layout.population());
                return Err(cannot(format!("{found} instead of at least {rows} rows of {columns} columns")));
            }
            groups.push(group);
        }
        for group in &groups {
            group.write_time(schedule, rows).map_err(ReportError::hdf5(path, "write the time"))?;
        }
        file.flush()?;
        for group in &groups {
            group.data.resize([rows as usize, group.columns]).map_err(ReportError::hdf5(path, "cut off rows"))?;
        }
        file.flush()?;
        // Another end of the run does not change the chunks that the file has.
        let chunk = groups.first().and_then(|group| group.data.chunk());
        let block_rows = chunk.map_or_else(|| block_rows(layouts, schedule), |chunk| chunk[0] as u64);
        Ok(Self { file, schedule: schedule.clone(), groups, block_rows, written: rows, buffered: 0 })
    }

    /// Adds a row: one slice for each layout, one value for each of its columns.
    ///
    /// # Errors
    /// [`ReportError`] naming the file, where a block is written and cannot be.
    ///
    /// # Panics
    /// Where the slices do not fit the layouts, or the report has all its rows.
    pub fn append(&mut self, row: &[Vec<f32>]) -> Result<(), ReportError> {
        assert!(self.next_step().is_some(), "the report has all its rows");
        assert_eq!(row.len(), self.groups.len(), "one slice for each population");
        for (group, values) in self.groups.iter_mut().zip(row) {
            assert_eq!(values.len(), group.columns, "one value for each column");
            group.buffer.extend_from_slice(values);
        }
        self.buffered += 1;
        let rows = self.rows();
        if rows == 1 || rows.is_multiple_of(self.block_rows) { self.flush() } else { Ok(()) }
    }

    /// Rows added so far, in the file or in memory.
    pub fn rows(&self) -> u64 {
        self.written + self.buffered
    }

    /// When the rows are.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Base step of the next row; `None` after the last.
    pub fn next_step(&self) -> Option<u64> {
        self.schedule.step_of(self.rows())
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Brings all rows to the file.
    ///
    /// # Errors
    /// [`ReportError`] naming the file, which has then the rows of the last successful flush.
    pub fn flush(&mut self) -> Result<(), ReportError> {
        if self.buffered == 0 {
            return Ok(());
        }
        let rows = self.rows();
        self.file.take_room(self.new_chunks() * self.chunk_bytes())?;
        let path = self.file.path().to_owned();
        for group in &mut self.groups {
            group.write_rows(self.written as usize..rows as usize).map_err(ReportError::hdf5(&path, "write rows"))?;
        }
        // The rows are safe before `time` speaks of them.
        self.file.flush()?;
        for group in &mut self.groups {
            group.write_time(&self.schedule, rows).map_err(ReportError::hdf5(&path, "write the time"))?;
            group.buffer.clear();
        }
        (self.written, self.buffered) = (rows, 0);
        self.file.flush()
    }

    /// Brings all rows to the disk itself.
    pub(crate) fn sync(&mut self) -> Result<(), ReportError> {
        self.flush()?;
        self.file.sync()
    }

    /// Brings what is in memory to the disk and closes the file.
    ///
    /// # Errors
    /// As [`ElementReport::flush`].
    pub fn finish(mut self) -> Result<(), ReportError> {
        self.sync()
    }

    /// Chunks of each `data` that the rows in memory need and the file does not have.
    fn new_chunks(&self) -> u64 {
        self.rows().div_ceil(self.block_rows) - self.written.div_ceil(self.block_rows)
    }

    fn chunk_bytes(&self) -> u64 {
        self.block_rows * self.groups.iter().map(|group| row_bytes(group.columns)).sum::<u64>()
    }
}

impl PopulationGroup {
    fn create(file: &Group, units: &str, layout: &Layout, schedule: &Schedule, block_rows: u64) -> hdf5::Result<Self> {
        let columns = layout.columns();
        let group = match file.group("report") {
            Ok(report) => report,
            Err(_) => file.create_group("report")?,
        }
        .create_group(layout.population())?;
        let data = indexed(&group)
            .empty::<f32>()
            .chunk((block_rows as usize, columns))
            .shape((0.., columns))
            .create("data")?;
        write_units(&data, units)?;
        let mapping = group.create_group("mapping")?;
        write_array(&mapping, "node_ids", layout.node_ids())?;
        write_array(&mapping, "index_pointers", layout.index_pointers())?;
        write_array(&mapping, "element_ids", layout.element_ids())?;
        let time = write_array(&mapping, "time", &[schedule.start_ms, schedule.start_ms, schedule.dt_ms])?;
        write_units(&time, "ms")?;
        Ok(Self { data, time, columns, buffer: Vec::new() })
    }

    fn open(file: &Group, layout: &Layout) -> hdf5::Result<Self> {
        let group = file.group("report")?.group(layout.population())?;
        let (data, time) = (group.dataset("data")?, group.dataset("mapping/time")?);
        Ok(Self { data, time, columns: layout.columns(), buffer: Vec::new() })
    }

    fn write_rows(&self, rows: std::ops::Range<usize>) -> hdf5::Result<()> {
        self.data.resize([rows.end, self.columns])?;
        let block = ArrayView2::from_shape((rows.len(), self.columns), &self.buffer)?;
        self.data.write_slice(block, (rows, ..))
    }

    fn write_time(&self, schedule: &Schedule, rows: u64) -> hdf5::Result<()> {
        self.time.write_raw(&[schedule.start_ms, schedule.end_after(rows), schedule.dt_ms])
    }
}

fn write_array<T: H5Type>(group: &Group, name: &str, values: &[T]) -> hdf5::Result<Dataset> {
    group.new_dataset_builder().with_data(values).create(name)
}

/// Rows of a chunk: about [`BLOCK_BYTES`], not more than the report will have.
fn block_rows<'a>(layouts: impl IntoIterator<Item = &'a Layout>, schedule: &Schedule) -> u64 {
    let row: u64 = layouts.into_iter().map(|layout| row_bytes(layout.columns())).sum();
    (BLOCK_BYTES / row.max(1)).min(schedule.rows).max(1)
}

fn row_bytes(columns: usize) -> u64 {
    (columns * size_of::<f32>()) as u64
}

fn mapping_bytes(layout: &Layout) -> u64 {
    let (nodes, columns) = (layout.node_ids().len(), layout.columns());
    ((2 * nodes + 1) * size_of::<u64>() + columns * size_of::<u32>() + 3 * size_of::<f64>()) as u64
}

/// Bytes of the values and mappings of a whole report, without the headers of the format.
pub fn bytes<'a>(layouts: impl IntoIterator<Item = &'a Layout>, schedule: &Schedule) -> u64 {
    layouts.into_iter().map(|layout| mapping_bytes(layout) + schedule.rows * row_bytes(layout.columns())).sum()
}
