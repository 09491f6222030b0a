//! Mappings kept on disk are those that would be computed, bit for bit, or are computed anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::toy::Parts;
use msr_coupling::mapping_cache::MappingSource;
use msr_coupling::space::SEGMENTS;
use msr_coupling::{
    Composition, Geography, Geometry, Mapping, MappingCache, MappingInputs, Plan, Quantity, Simulator, SimulatorError,
    Space,
};

/// Two boxes around the five parts, and how often somebody asked where the parts lie in them.
#[derive(Clone)]
struct Boxes {
    version: u32,
    border: f64,
    space: Space,
    asked: Arc<AtomicUsize>,
}

impl Boxes {
    fn new() -> Self {
        Self { version: 1, border: 0.3, space: Space::of_nodes("boxes", None, vec![0, 1]), asked: Arc::default() }
    }
}

impl Geography for Boxes {
    fn spaces(&self) -> Vec<Space> {
        vec![self.space.clone()]
    }

    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let parts = spaces.iter().find(|space| space.name == SEGMENTS).expect("there are parts");
        let mut fractions = sprs::TriMat::new((parts.len(), 2));
        for part in 0..parts.len() {
            // Numbers whose every bit counts.
            let here = self.border / (part as f64 + 3.0);
            fractions.add_triplet(part, 0, here);
            fractions.add_triplet(part, 1, 1.0 - here);
        }
        Ok(vec![Mapping { from: SEGMENTS.into(), to: "boxes".into(), fractions: fractions.to_csr() }])
    }

    fn mapping_inputs(&self) -> Option<MappingInputs> {
        let mut inputs = MappingInputs::new("boxes", self.version);
        inputs.digest().number(self.border);
        Some(inputs)
    }
}

fn plan(boxes: &Boxes, cache: Option<&MappingCache>) -> Plan {
    let simulators: Vec<Box<dyn Simulator>> = vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5]))];
    let geographies: Vec<Box<dyn Geography>> = vec![Box::new(boxes.clone())];
    let composition = Composition { mapping_cache: cache, ..Composition::of(&[]) };
    Plan::new(simulators, &geographies, &composition).unwrap_or_else(|errors| panic!("{errors}"))
}

fn cache(directory: &Path) -> MappingCache {
    MappingCache { directory: directory.join("a/cache"), loads: true, saves: true }
}

fn files(cache: &MappingCache) -> Vec<PathBuf> {
    let entries = cache.directory.read_dir().into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// All entries of the mapping, bit by bit.
fn bits(plan: &Plan) -> Vec<(usize, usize, u64)> {
    let mapping = plan.spaces().mapping(SEGMENTS, "boxes").unwrap();
    mapping.iter().map(|(value, (row, column))| (row, column, value.to_bits())).collect()
}

#[test]
fn what_was_kept_is_what_would_be_computed() {
    let folder = tempfile::tempdir().unwrap();
    let (boxes, cache) = (Boxes::new(), cache(folder.path()));
    let without = plan(&boxes, None);
    assert!(without.mapping_records().is_empty());
    let first = plan(&boxes, Some(&cache));
    let [record] = first.mapping_records() else { panic!("{:?}", first.mapping_records()) };
    let MappingSource::Kept { path, bytes } = &record.source else { panic!("{record}") };
    assert_eq!((record.maker.as_str(), record.entries), ("boxes", 10));
    assert_eq!((files(&cache), fs::metadata(path).unwrap().len()), (vec![path.clone()], *bytes));
    assert_eq!(boxes.asked.load(Ordering::Relaxed), 2);

    let second = plan(&boxes, Some(&cache));
    assert!(matches!(second.mapping_records()[0].source, MappingSource::Loaded { .. }));
    assert_eq!(boxes.asked.load(Ordering::Relaxed), 2);
    assert!(second.notes.is_empty());
    let value: Vec<f64> = (1..=5).map(|part| 0.1 * f64::from(part)).collect();
    for other in [&first, &second] {
        assert_eq!(bits(&without), bits(other));
        for quantity in [Quantity::Extensive, Quantity::Intensive] {
            let arrived = |plan: &Plan| {
                let mut arrived = vec![0.0; 2];
                plan.spaces().operator(SEGMENTS, "boxes", quantity).unwrap().apply(&value, &mut arrived);
                arrived.into_iter().map(f64::to_bits).collect::<Vec<_>>()
            };
            assert_eq!(arrived(&without), arrived(other));
        }
    }
}

/// Everything that a mapping could be computed from, each in turn, is another entry.
#[test]
fn another_geometry_is_another_entry() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(folder.path());
    let changes: [fn(&mut Boxes); 11] = [
        |_| {},
        |boxes| boxes.version = 2,
        |boxes| boxes.border = 0.3_f64.next_up(),
        |boxes| boxes.space.ids[1] = 2,
        |boxes| boxes.space.sizes[0] = 2.0,
        |boxes| boxes.space.geometry = Geometry::Points(vec![[0.0; 3]; 2]),
        |boxes| boxes.space.geometry = Geometry::Points(vec![[0.0; 3], [0.0, 0.0, 1e-12]]),
        |boxes| boxes.space.geometry = Geometry::Lines(vec![[[0.0; 3]; 2]; 2]),
        |boxes| boxes.space.population = Some("neurons".to_owned()),
        |boxes| boxes.space.addresses[0].element = 1,
        |boxes| {
            boxes.space.subsets.insert("first".to_owned(), vec![0]);
        },
    ];
    for (position, change) in changes.iter().enumerate() {
        let mut boxes = Boxes::new();
        change(&mut boxes);
        plan(&boxes, Some(&cache));
        assert_eq!((boxes.asked.load(Ordering::Relaxed), files(&cache).len()), (1, position + 1), "change {position}");
        plan(&boxes, Some(&cache));
        assert_eq!(boxes.asked.load(Ordering::Relaxed), 1, "change {position}");
    }
}

#[test]
fn a_damaged_entry_is_computed_anew_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let (boxes, cache) = (Boxes::new(), cache(folder.path()));
    let expected = bits(&plan(&boxes, Some(&cache)));
    let [file] = &files(&cache)[..] else { panic!("one file") };
    let whole = fs::read(file).unwrap();
    let flipped = |position: usize| {
        let mut bytes = whole.clone();
        bytes[position] ^= 0x10;
        bytes
    };
    let damages = [
        (Vec::new(), "it does not begin as such a file does"),
        (flipped(0), "it does not begin as such a file does"),
        (flipped(9), "its content is not what such a file holds"),
        (flipped(whole.len() / 2), "its checksum does not fit"),
        (whole[..whole.len() - 3].to_vec(), "bytes follow its header instead of"),
    ];
    for (bytes, reason) in damages {
        fs::write(file, bytes).unwrap();
        let asked = boxes.asked.load(Ordering::Relaxed);
        let mended = plan(&boxes, Some(&cache));
        let [note] = &mended.notes[..] else { panic!("{:?}", mended.notes) };
        assert!(note.starts_with(&format!("{} is damaged: ", file.display())) && note.contains(reason), "{note}");
        assert!(note.ends_with("; its mappings are computed anew"), "{note}");
        assert_eq!((bits(&mended), boxes.asked.load(Ordering::Relaxed)), (expected.clone(), asked + 1));
        assert_eq!(fs::read(file).unwrap(), whole);
    }
    // An entry under the name of another one.
    let other = Boxes { border: 0.2, ..boxes.clone() };
    plan(&other, Some(&cache));
    let other_file = files(&cache).into_iter().find(|path| path != file).unwrap();
    fs::copy(other_file, file).unwrap();
    let mended = plan(&boxes, Some(&cache));
    assert!(mended.notes[0].contains("its content is not what such a file holds"), "{:?}", mended.notes);
    assert_eq!(bits(&mended), expected);
}

#[test]
fn what_is_not_asked_for_is_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let (boxes, asked) = (Boxes::new(), cache(folder.path()));
    for (loads, saves, kept, computed) in
        [(false, false, 0, 1), (true, false, 0, 2), (false, true, 1, 3), (false, true, 1, 4), (true, false, 1, 4)]
    {
        plan(&boxes, Some(&MappingCache { loads, saves, ..asked.clone() }));
        assert_eq!((files(&asked).len(), boxes.asked.load(Ordering::Relaxed)), (kept, computed), "{loads} {saves}");
    }
}

#[test]
fn a_place_that_cannot_be_written_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "a file where a directory would have to be").unwrap();
    let (boxes, cache) = (Boxes::new(), cache(folder.path()));
    let plan = plan(&boxes, Some(&cache));
    let [note] = &plan.notes[..] else { panic!("{:?}", plan.notes) };
    assert!(
        note.starts_with("mappings cannot be kept in ") && note.ends_with("; the next run computes them anew"),
        "{note}"
    );
    assert_eq!(plan.mapping_records()[0].source, MappingSource::Computed);
}
