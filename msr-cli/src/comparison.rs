//! How two results differ: HDF5 files of the same names, every data set and attribute in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hdf5::types::{TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5::{Attribute, Container, Dataset, File, Group};
use ndarray::ArrayD;

/// Values that are read at once.
const CHUNK: usize = 1 << 20;

/// How far two numbers a and b may be apart: `absolute + relative * max(|a|, |b|)`.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    pub absolute: f64,
    pub relative: f64,
}

impl Tolerance {
    /// Numbers that are not a number agree with one another.
    fn allows(self, a: f64, b: f64) -> bool {
        a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= self.absolute + self.relative * a.abs().max(b.abs())
    }
}

/// What was compared, and what differs.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Files that both sides have.
    pub files: usize,
    /// Values of data sets in them.
    pub values: u64,
    /// One line a difference.
    pub differences: Vec<String>,
}

/// A file that cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// There are no results.
    #[error("{} holds no results: no file ends in .h5", .0.display())]
    Nothing(PathBuf),
    /// A directory that cannot be listed.
    #[error("{} cannot be read: {source}", path.display())]
    Directory { path: PathBuf, source: std::io::Error },
    /// A file that cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    File { path: PathBuf, source: hdf5::Error },
}

/// Compares all HDF5 files of two directories, or two files.
///
/// # Errors
/// [`ComparisonError`].
pub fn compare([one, other]: [&Path; 2], tolerance: Tolerance) -> Result<Comparison, ComparisonError> {
    let mut comparison = Comparison::default();
    if !one.is_dir() && !other.is_dir() {
        comparison.compare_files("", [one, other], tolerance)?;
        return Ok(comparison);
    }
    let [in_one, in_other] = [files_of(one)?, files_of(other)?];
    for name in in_one.union(&in_other) {
        match (in_one.contains(name), in_other.contains(name)) {
            (true, true) => {
                comparison.compare_files(&format!("{name}: "), [&one.join(name), &other.join(name)], tolerance)?;
            }
            (true, false) => comparison.differences.push(format!("{name}: only in {}", one.display())),
            _ => comparison.differences.push(format!("{name}: only in {}", other.display())),
        }
    }
    Ok(comparison)
}

fn files_of(directory: &Path) -> Result<BTreeSet<String>, ComparisonError> {
    let unreadable = |source| ComparisonError::Directory { path: directory.to_owned(), source };
    let mut files = BTreeSet::new();
    for entry in directory.read_dir().map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".h5") {
            files.insert(name);
        }
    }
    if files.is_empty() { Err(ComparisonError::Nothing(directory.to_owned())) } else { Ok(files) }
}

impl Comparison {
    fn compare_files(&mut self, label: &str, paths: [&Path; 2], tolerance: Tolerance) -> Result<(), ComparisonError> {
        let mut open = Vec::new();
        for path in paths {
            let unreadable = |source| ComparisonError::File { path: path.to_owned(), source };
            open.push(File::open(path).map_err(unreadable)?);
        }
        self.files += 1;
        self.compare_groups(label, "", [&open[0], &open[1]], tolerance)
            .map_err(|source| ComparisonError::File { path: paths[1].to_owned(), source })
    }

    fn compare_groups(
        &mut self,
        label: &str,
        name: &str,
        groups: [&Group; 2],
        tolerance: Tolerance,
    ) -> hdf5::Result<()> {
        self.compare_attributes(
            &format!("{label}{}", if name.is_empty() { "/" } else { name }),
            groups.map(|group| &**group),
            tolerance,
        )?;
        let members: [BTreeSet<String>; 2] =
            [groups[0].member_names()?.into_iter().collect(), groups[1].member_names()?.into_iter().collect()];
        for member in members[0].union(&members[1]) {
            let place = format!("{name}/{member}");
            if let Some(side) = members.iter().position(|members| !members.contains(member)) {
                self.differences.push(format!("{label}{place}: only in the {}", ["second", "first"][side]));
                continue;
            }
            match groups.map(|group| group.dataset(member)) {
                [Ok(one), Ok(other)] => self.compare_data(&format!("{label}{place}"), [&one, &other], tolerance)?,
                [Err(_), Err(_)] => {
                    let inner = [groups[0].group(member)?, groups[1].group(member)?];
                    self.compare_groups(label, &place, [&inner[0], &inner[1]], tolerance)?;
                }
                _ => self.differences.push(format!("{label}{place}: a group on one side, a data set on the other")),
            }
        }
        Ok(())
    }

    fn compare_attributes(
        &mut self,
        label: &str,
        locations: [&hdf5::Location; 2],
        tolerance: Tolerance,
    ) -> hdf5::Result<()> {
        let names: [BTreeSet<String>; 2] =
            [locations[0].attr_names()?.into_iter().collect(), locations[1].attr_names()?.into_iter().collect()];
        for name in names[0].union(&names[1]) {
            if let Some(side) = names.iter().position(|names| !names.contains(name)) {
                self.differences.push(format!("{label}@{name}: only in the {}", ["second", "first"][side]));
                continue;
            }
            let attributes: [Attribute; 2] = [locations[0].attr(name)?, locations[1].attr(name)?];
            let values = [Values::read(&attributes[0], None)?, Values::read(&attributes[1], None)?];
            if let Some(difference) = Differing::between(&values, 0, tolerance).told() {
                self.differences.push(format!("{label}@{name}: {difference}"));
            }
        }
        Ok(())
    }

    fn compare_data(&mut self, label: &str, data: [&Dataset; 2], tolerance: Tolerance) -> hdf5::Result<()> {
        self.compare_attributes(label, data.map(|data| &***data), tolerance)?;
        let shapes = data.map(|data| data.shape());
        if shapes[0] != shapes[1] {
            self.differences.push(format!("{label}: shape {:?}, in the second {:?}", shapes[0], shapes[1]));
            return Ok(());
        }
        let rows = shapes[0].first().copied();
        let columns: usize = shapes[0].iter().skip(1).product();
        let mut differing = Differing::default();
        let mut first = 0;
        loop {
            let end = rows.map(|rows| rows.min(first + (CHUNK / columns.max(1)).max(1)));
            let range = end.map(|end| first..end);
            let values = [Values::read(data[0], range.clone())?, Values::read(data[1], range)?];
            self.values += values[0].len() as u64;
            differing.join(Differing::between(&values, first * columns, tolerance));
            match (end, rows) {
                (Some(end), Some(rows)) if end < rows => first = end,
                _ => break,
            }
        }
        if let Some(difference) = differing.told() {
            let place = if columns > 1 {
                format!(", at row {}, column {}", differing.largest_at / columns, differing.largest_at % columns)
            } else {
                format!(", at {}", differing.largest_at)
            };
            self.differences.push(format!("{label}: {difference}{place}"));
        }
        Ok(())
    }
}

/// Values of a data set or attribute.
enum Values {
    Unsigned(Vec<u64>),
    Signed(Vec<i64>),
    Real(Vec<f64>),
    Text(Vec<String>),
    /// Of a type that results do not have.
    Other(TypeDescriptor),
}

impl Values {
    /// Those of some rows, or all.
    fn read(container: &Container, rows: Option<std::ops::Range<usize>>) -> hdf5::Result<Self> {
        fn all<T: hdf5::H5Type>(container: &Container, rows: Option<std::ops::Range<usize>>) -> hdf5::Result<Vec<T>> {
            match rows {
                Some(rows) if container.ndim() > 0 => {
                    let selection: Vec<hdf5::SliceOrIndex> =
                        std::iter::once(rows.into()).chain((1..container.ndim()).map(|_| (..).into())).collect();
                    let values: ArrayD<T> = container.read_slice(hdf5::Hyperslab::from(selection))?;
                    Ok(values.into_raw_vec_and_offset().0)
                }
                _ => container.read_raw(),
            }
        }
        Ok(match container.dtype()?.to_descriptor()? {
            TypeDescriptor::Unsigned(_) => Self::Unsigned(all(container, rows)?),
            TypeDescriptor::Integer(_) => Self::Signed(all(container, rows)?),
            TypeDescriptor::Float(_) => Self::Real(all(container, rows)?),
            TypeDescriptor::VarLenUnicode | TypeDescriptor::FixedUnicode(_) => {
                Self::Text(all::<VarLenUnicode>(container, rows)?.iter().map(ToString::to_string).collect())
            }
            TypeDescriptor::VarLenAscii | TypeDescriptor::FixedAscii(_) => {
                Self::Text(all::<VarLenAscii>(container, rows)?.iter().map(ToString::to_string).collect())
            }
            other => Self::Other(other),
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::Unsigned(values) => values.len(),
            Self::Signed(values) => values.len(),
            Self::Real(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Other(_) => 0,
        }
    }
}

/// Which of two lists of values differ.
#[derive(Debug, Default)]
struct Differing {
    count: u64,
    of: u64,
    largest: f64,
    largest_at: usize,
    /// What stands there, or what makes a comparison impossible.
    example: String,
}

impl Differing {
    /// `first` is the position of the first value.
    fn between(values: &[Values; 2], first: usize, tolerance: Tolerance) -> Self {
        match values {
            [Values::Unsigned(one), Values::Unsigned(other)] => {
                Self::of_exact(one, other, first, |a, b| a.abs_diff(*b) as f64)
            }
            [Values::Signed(one), Values::Signed(other)] => {
                Self::of_exact(one, other, first, |a, b| a.abs_diff(*b) as f64)
            }
            [Values::Text(one), Values::Text(other)] => Self::of_exact(one, other, first, |_, _| 1.0),
            [Values::Real(one), Values::Real(other)] => {
                Self::of(one, other, first, |a, b| !tolerance.allows(*a, *b), |a, b| (a - b).abs())
            }
            [Values::Other(one), Values::Other(other)] if one == other => Self::default(),
            [one, other] => Self {
                count: 1,
                example: format!("{} in the first, {} in the second", one.kind(), other.kind()),
                ..Self::default()
            },
        }
    }

    fn of_exact<T: PartialEq + std::fmt::Debug>(
        one: &[T],
        other: &[T],
        first: usize,
        distance: impl Fn(&T, &T) -> f64,
    ) -> Self {
        Self::of(one, other, first, |a, b| a != b, distance)
    }

    fn of<T: std::fmt::Debug>(
        one: &[T],
        other: &[T],
        first: usize,
        differ: impl Fn(&T, &T) -> bool,
        distance: impl Fn(&T, &T) -> f64,
    ) -> Self {
        let mut differing = Self { of: one.len() as u64, ..Self::default() };
        if one.len() != other.len() {
            let example = format!("{} values in the first, {} in the second", one.len(), other.len());
            return Self { count: 1, example, ..Self::default() };
        }
        for (position, (a, b)) in one.iter().zip(other).enumerate().filter(|(_, (a, b))| differ(a, b)) {
            let distance = distance(a, b);
            if differing.count == 0 || distance > differing.largest || distance.is_nan() {
                differing.largest = distance;
                differing.largest_at = first + position;
                differing.example = format!("{a:?} and {b:?}");
            }
            differing.count += 1;
        }
        differing
    }

    fn join(&mut self, other: Self) {
        let is_larger = other.count > 0 && (self.count == 0 || other.largest > self.largest || other.largest.is_nan());
        *self = if is_larger {
            Self { count: self.count + other.count, of: self.of + other.of, ..other }
        } else {
            Self {
                count: self.count + other.count,
                of: self.of + other.of,
                example: std::mem::take(&mut self.example),
                ..*self
            }
        };
    }

    /// `None` where nothing differs.
    fn told(&self) -> Option<String> {
        match (self.count, self.of) {
            (0, _) => None,
            (_, 0 | 1) => Some(self.example.clone()),
            (count, of) => Some(format!("{count} of {of} values differ; most apart are {}", self.example)),
        }
    }
}

impl Values {
    fn kind(&self) -> String {
        match self {
            Self::Unsigned(_) => "unsigned integers".to_owned(),
            Self::Signed(_) => "integers".to_owned(),
            Self::Real(_) => "numbers".to_owned(),
            Self::Text(_) => "text".to_owned(),
            Self::Other(descriptor) => descriptor.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: Tolerance = Tolerance { absolute: 0.0, relative: 0.0 };

    /// A report of 3 rows and 2 columns with a change at one place, and spikes.
    fn write(path: &Path, change: f32, units: &str, spikes: &[u64]) {
        let file = File::create(path).unwrap();
        let report = file.create_group("report").unwrap();
        let mut rows = ndarray::arr2(&[[1.0f32, 2.0], [3.0, f32::NAN], [5.0, 6.0]]);
        rows[[2, 1]] += change;
        let data = report.new_dataset_builder().with_data(&rows).create("data").unwrap();
        let units: VarLenUnicode = units.parse().unwrap();
        data.new_attr::<VarLenUnicode>().create("units").unwrap().write_scalar(&units).unwrap();
        report.new_dataset_builder().with_data(spikes).create("node_ids").unwrap();
    }

    fn differences(changes: [(f32, &str, &[u64]); 2], tolerance: Tolerance) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        let paths = ["a.h5", "b.h5"].map(|name| directory.path().join(name));
        for (path, (change, units, spikes)) in paths.iter().zip(changes) {
            write(path, change, units, spikes);
        }
        compare([&paths[0], &paths[1]], tolerance).unwrap().differences
    }

    #[test]
    fn equal_files_do_not_differ() {
        assert_eq!(differences([(0.0, "mV", &[1, 2]); 2], EXACT), Vec::<String>::new());
    }

    #[test]
    fn numbers_may_be_apart_by_the_tolerance() {
        let changed: [(f32, &str, &[u64]); 2] = [(0.0, "mV", &[1]), (0.5, "mV", &[1])];
        let told = "/report/data: 1 of 6 values differ; most apart are 6.0 and 6.5, at row 2, column 1";
        assert_eq!(differences(changed, EXACT), [told]);
        assert_eq!(differences(changed, Tolerance { absolute: 0.4, relative: 0.0 }), [told]);
        assert_eq!(differences(changed, Tolerance { absolute: 0.5, relative: 0.0 }).len(), 0);
        assert_eq!(differences(changed, Tolerance { absolute: 0.0, relative: 0.08 }).len(), 0);
    }

    #[test]
    fn ids_texts_and_lengths_must_be_equal() {
        let loose = Tolerance { absolute: 10.0, relative: 1.0 };
        assert_eq!(
            differences([(0.0, "mV", &[1, 2]), (0.0, "mM", &[1, 3])], loose),
            [
                "/report/data@units: \"mV\" and \"mM\"",
                "/report/node_ids: 1 of 2 values differ; most apart are 2 and 3, at 1",
            ]
        );
        let shapes = differences([(0.0, "mV", &[1, 2]), (0.0, "mV", &[1])], loose);
        assert_eq!(shapes, ["/report/node_ids: shape [2], in the second [1]"]);
    }

    #[test]
    fn what_only_one_side_has_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let sides = ["one", "two"].map(|name| directory.path().join(name));
        for side in &sides {
            std::fs::create_dir(side).unwrap();
            write(&side.join("both.h5"), 0.0, "mV", &[]);
        }
        File::append(sides[0].join("both.h5")).unwrap().create_group("spikes").unwrap();
        write(&sides[1].join("more.h5"), 0.0, "mV", &[]);
        let compared = compare([&sides[0], &sides[1]], EXACT).unwrap();
        assert_eq!(
            compared.differences,
            ["both.h5: /spikes: only in the first".to_owned(), format!("more.h5: only in {}", sides[1].display())]
        );
        std::fs::remove_file(sides[1].join("both.h5")).unwrap();
        std::fs::remove_file(sides[1].join("more.h5")).unwrap();
        let nothing = compare([&sides[0], &sides[1]], EXACT).unwrap_err();
        assert!(nothing.to_string().ends_with("holds no results: no file ends in .h5"), "{nothing}");
    }
}
