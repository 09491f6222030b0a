//! SONATA spikes: `/spikes/<population>/{timestamps, node_ids}`.

use std::path::Path;

use hdf5::{Dataset, Group, H5Type};
use msr_config::simulation::SpikesSortOrder;
use msr_coupling::Spike;

use crate::result_file::{ResultFile, append, indexed, write_units};
use crate::{Populations, ReportError};

/// A spikes file that grows.
///
/// For each population, silent ones too: `timestamps` float64 in ms, `node_ids` uint64 (0-based in the population), and
/// the attribute `sorting`, an enumeration on uint8. While the run goes on the order is by time, then by node, whatever
/// was asked, so that it is readable at any moment; [`SpikesFile::finish`] sorts by node where that was asked.
pub struct SpikesFile {
    file: ResultFile,
    order: SpikesSortOrder,
    populations: Populations,
    groups: Vec<PopulationGroup>,
}

/// Order of the spikes, as the attribute `sorting` says it; the names are those of the SONATA format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, H5Type)]
#[repr(u8)]
#[allow(non_camel_case_types)]
enum Sorting {
    none = 0,
    by_id = 1,
    by_time = 2,
}

impl Sorting {
    fn of(order: SpikesSortOrder) -> Self {
        match order {
            SpikesSortOrder::None => Self::none,
            SpikesSortOrder::ById => Self::by_id,
            SpikesSortOrder::ByTime => Self::by_time,
        }
    }

    /// What the attribute says before the file is finished.
    fn while_running(order: SpikesSortOrder) -> Self {
        match order {
            SpikesSortOrder::None => Self::none,
            SpikesSortOrder::ById | SpikesSortOrder::ByTime => Self::by_time,
        }
    }
}

/// Spikes of a chunk; a chunk of one dataset takes eight times as many bytes.
const CHUNK_SPIKES: usize = 4096;

/// Spikes kept in memory at most before they are written.
const BUFFERED_SPIKES: usize = 65_536;

struct PopulationGroup {
    group: Group,
    timestamps: Dataset,
    node_ids: Dataset,
    /// Spikes of the population in memory: time in ms, node.
    buffer: Vec<(f64, u64)>,
    /// The last one in the file.
    last: Option<(f64, u64)>,
    /// Whether the file is by time, then by node.
    in_order: bool,
}

impl SpikesFile {
    /// Creates the file, with a group for each population and no spikes.
    ///
    /// # Errors
    /// [`ReportError`] naming the file.
    pub fn create(path: &Path, order: SpikesSortOrder, populations: &Populations) -> Result<Self, ReportError> {
        let mut file = ResultFile::create(path)?;
        let groups = populations
            .as_slice()
            .iter()
            .map(|population| PopulationGroup::create(file.hdf5(), &population.name, Sorting::while_running(order)))
            .collect::<hdf5::Result<_>>()
            .map_err(ReportError::hdf5(path, "create the datasets"))?;
        file.publish()?;
        Ok(Self { file, order, populations: populations.clone(), groups })
    }

    /// Goes on with a file that was left with at least `counts` spikes of each population; later ones are cut off.
    ///
    /// # Errors
    /// [`ReportError::CannotContinue`] where the file is absent or has not these spikes, else as [`SpikesFile::create`].
    pub fn resume(
        path: &Path,
        order: SpikesSortOrder,
        populations: &Populations,
        counts: &[u64],
    ) -> Result<Self, ReportError> {
        let cannot = |reason: String| ReportError::CannotContinue { path: path.to_owned(), reason };
        let names: Vec<&str> = populations.as_slice().iter().map(|population| population.name.as_str()).collect();
        if counts.len() != names.len() {
            return Err(cannot(format!("{} populations were saved, {} are simulated", counts.len(), names.len())));
        }
        let file = ResultFile::reopen(path)?;
        let mut kept = Vec::new();
        for (name, &count) in names.iter().zip(counts) {
            let mut spikes =
                read_spikes(file.hdf5(), name).map_err(|error| cannot(format!("population '{name}': {error}")))?;
            // A finished file may be by node; what was saved first is what came first in time.
            if order != SpikesSortOrder::None {
                sort_by_time(&mut spikes);
            }
            let found = spikes.len() as u64;
            if found < count {
                return Err(cannot(format!("population '{name}' has {found} spikes, {count} were saved")));
            }
            spikes.truncate(count as usize);
            kept.push(spikes);
        }
        drop(file);
        replace(path, Sorting::while_running(order), &names, &kept)?;
        let file = ResultFile::reopen(path)?;
        let groups = names
            .iter()
            .zip(&kept)
            .map(|(name, spikes)| PopulationGroup::open(file.hdf5(), name, spikes.last().copied()))
            .collect::<hdf5::Result<_>>()
            .map_err(ReportError::hdf5(path, "open the datasets"))?;
        Ok(Self { file, order, populations: populations.clone(), groups })
    }

    /// Adds spikes. Those of one call are sorted; calls follow in time.
    ///
    /// # Errors
    /// [`ReportError::SpikeOfNobody`]: none of the spikes is added then; others naming the file.
    pub fn append(&mut self, spikes: &[Spike]) -> Result<(), ReportError> {
        let located = spikes
            .iter()
            .map(|spike| {
                self.populations.locate(spike.neuron).ok_or_else(|| ReportError::SpikeOfNobody {
                    neuron: spike.neuron,
                    time_ms: spike.time_ms,
                    populations: self.populations.descriptions(),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        for (spike, (population, node)) in spikes.iter().zip(located) {
            self.groups[population].buffer.push((spike.time_ms, node));
        }
        if self.groups.iter().map(|group| group.buffer.len()).sum::<usize>() >= BUFFERED_SPIKES {
            self.flush()?;
        }
        Ok(())
    }

    /// Spikes of each population, in the file and in memory.
    pub fn counts(&self) -> Vec<u64> {
        self.groups.iter().map(|group| (group.timestamps.size() + group.buffer.len()) as u64).collect()
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Brings all spikes to the file.
    ///
    /// # Errors
    /// [`ReportError`] naming the file, which has then the spikes of the last successful flush.
    pub fn flush(&mut self) -> Result<(), ReportError> {
        if self.groups.iter().all(|group| group.buffer.is_empty()) {
            return Ok(());
        }
        self.file.take_room(self.groups.iter().map(PopulationGroup::new_bytes).sum())?;
        let path = self.file.path().to_owned();
        for group in &mut self.groups {
            group.write(self.order).map_err(ReportError::hdf5(&path, "write spikes"))?;
        }
        self.file.flush()
    }

    /// Brings all spikes to the disk itself.
    pub(crate) fn sync(&mut self) -> Result<(), ReportError> {
        self.flush()?;
        self.file.sync()
    }

    /// Brings what is in memory to the disk, in the order asked for, and closes the file.
    ///
    /// # Errors
    /// [`ReportError`] naming the file; it is readable then, in the order that its attributes say.
    pub fn finish(mut self) -> Result<(), ReportError> {
        self.flush()?;
        let sorted = match self.order {
            SpikesSortOrder::None => true,
            SpikesSortOrder::ByTime => self.groups.iter().all(|group| group.in_order),
            SpikesSortOrder::ById => false,
        };
        if sorted {
            return self.file.sync();
        }
        let path = self.file.path().to_owned();
        let names: Vec<&str> = self.populations.as_slice().iter().map(|p| p.name.as_str()).collect();
        let mut spikes = names
            .iter()
            .map(|name| read_spikes(self.file.hdf5(), name))
            .collect::<hdf5::Result<Vec<_>>>()
            .map_err(ReportError::hdf5(&path, "read spikes to sort them"))?;
        for spikes in &mut spikes {
            match self.order {
                SpikesSortOrder::ById => spikes.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.total_cmp(&b.0))),
                SpikesSortOrder::None | SpikesSortOrder::ByTime => sort_by_time(spikes),
            }
        }
        replace(&path, Sorting::of(self.order), &names, &spikes)
    }
}

impl PopulationGroup {
    fn create(file: &Group, population: &str, sorting: Sorting) -> hdf5::Result<Self> {
        let spikes = match file.group("spikes") {
            Ok(spikes) => spikes,
            Err(_) => file.create_group("spikes")?,
        };
        let group = spikes.create_group(population)?;
        group.new_attr::<Sorting>().create("sorting")?.write_scalar(&sorting)?;
        let timestamps = indexed(&group).empty::<f64>().chunk(CHUNK_SPIKES).shape(0..).create("timestamps")?;
        write_units(&timestamps, "ms")?;
        let node_ids = indexed(&group).empty::<u64>().chunk(CHUNK_SPIKES).shape(0..).create("node_ids")?;
        Ok(Self { group, timestamps, node_ids, buffer: Vec::new(), last: None, in_order: true })
    }

    fn open(file: &Group, population: &str, last: Option<(f64, u64)>) -> hdf5::Result<Self> {
        let group = file.group("spikes")?.group(population)?;
        let (timestamps, node_ids) = (group.dataset("timestamps")?, group.dataset("node_ids")?);
        Ok(Self { group, timestamps, node_ids, buffer: Vec::new(), last, in_order: true })
    }

    /// Bytes of the chunks that the spikes in memory need and the file does not have, both datasets together.
    fn new_bytes(&self) -> u64 {
        let written = self.timestamps.size();
        let chunks = (written + self.buffer.len()).div_ceil(CHUNK_SPIKES) - written.div_ceil(CHUNK_SPIKES);
        (chunks * CHUNK_SPIKES * (size_of::<f64>() + size_of::<u64>())) as u64
    }

    fn write(&mut self, order: SpikesSortOrder) -> hdf5::Result<()> {
        if order != SpikesSortOrder::None {
            sort_by_time(&mut self.buffer);
        }
        let (Some(&first), Some(&last)) = (self.buffer.first(), self.buffer.last()) else {
            return Ok(());
        };
        if self.in_order && self.last.is_some_and(|before| is_later(before, first)) {
            // An earlier spike came late: readers must not search by bisection until the file is sorted again.
            self.in_order = false;
            self.group.attr("sorting")?.write_scalar(&Sorting::none)?;
        }
        let (times, nodes): (Vec<f64>, Vec<u64>) = self.buffer.iter().copied().unzip();
        append(&self.timestamps, &times)?;
        append(&self.node_ids, &nodes)?;
        self.last = Some(last);
        self.buffer.clear();
        Ok(())
    }
}

fn is_later(a: (f64, u64), b: (f64, u64)) -> bool {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).is_gt()
}

fn sort_by_time(spikes: &mut [(f64, u64)]) {
    spikes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
}

fn read_spikes(file: &Group, population: &str) -> hdf5::Result<Vec<(f64, u64)>> {
    let group = file.group("spikes")?.group(population)?;
    let times: Vec<f64> = group.dataset("timestamps")?.read_raw()?;
    let nodes: Vec<u64> = group.dataset("node_ids")?.read_raw()?;
    Ok(times.into_iter().zip(nodes).collect())
}

/// Puts a new file in the place of `path` in one go: until then the old one is readable, afterwards the new one.
fn replace(path: &Path, sorting: Sorting, names: &[&str], spikes: &[Vec<(f64, u64)>]) -> Result<(), ReportError> {
    let mut file = ResultFile::create(path)?;
    let mut groups = Vec::new();
    for (name, spikes) in names.iter().zip(spikes) {
        let mut group = PopulationGroup::create(file.hdf5(), name, sorting)
            .map_err(ReportError::hdf5(path, "create the datasets"))?;
        group.buffer.clone_from(spikes);
        groups.push(group);
    }
    file.take_room(groups.iter().map(PopulationGroup::new_bytes).sum())?;
    for group in &mut groups {
        group.write(SpikesSortOrder::None).map_err(ReportError::hdf5(path, "write spikes"))?;
    }
    file.publish_results()
}
