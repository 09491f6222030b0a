//! Readers on broken files: whatever a file holds, it is read or refused, soon and in bounded memory.
//!
//! Inputs are real texts with random edits, and random bytes. Each is a function of (seed, number), so that a failure can be
//! made again. `tests/morphologies.rs` does it for seconds, `examples/fuzz_readers.rs` for as long as one likes.

// The example and the test each use a part.
#![allow(dead_code)]

use std::sync::LazyLock;

use msr_config::simulation::BmtkCells;
use msr_neuro::discretisation::{AxonRule, Discretisation, SegmentRule};
use msr_neuro::emodel::{Conditions, EmodelError};
use msr_neuro::hoc::{CellArguments, HocTemplate};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{H5Tables, Morphology, MorphologyError, parse_asc, parse_swc};
use msr_neuro::nmodl::Options;

/// Memory that a reader may hold at once, in bytes; no input is longer than [`LONGEST`].
pub const MEMORY: u64 = 512 << 20;
/// Length of the longest input, in bytes.
const LONGEST: usize = 1 << 16;

/// What reads an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Mechanism files.
    Nmodl,
    /// Templates.
    Hoc,
    /// Membranes in NeuroML.
    NeuroMl,
    /// SWC.
    Swc,
    /// Neurolucida.
    Asc,
    /// The tables of an H5 morphology.
    H5Tables,
    /// H5 files.
    #[cfg(feature = "hdf5")]
    H5,
}

impl Reader {
    /// All readers of this build.
    pub const ALL: &[Self] = &[
        Self::Nmodl,
        Self::Hoc,
        Self::NeuroMl,
        Self::Swc,
        Self::Asc,
        Self::H5Tables,
        #[cfg(feature = "hdf5")]
        Self::H5,
    ];

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nmodl => "nmodl",
            Self::Hoc => "hoc",
            Self::NeuroMl => "nml",
            Self::Swc => "swc",
            Self::Asc => "asc",
            Self::H5Tables => "h5tables",
            #[cfg(feature = "hdf5")]
            Self::H5 => "h5",
        }
    }

    /// Reads the input and, where that works, goes on to cells. Whether it was accepted.
    pub fn accepts(self, input: &[u8]) -> bool {
        let text = String::from_utf8_lossy(input);
        match self {
            Self::Nmodl => Registry::default().register_file(&text, "fuzz.mod", &Options::default()).is_ok(),
            Self::Hoc => TEMPLATES.iter().any(|(name, _)| makes_a_cell(HocTemplate::parse(&text, "fuzz.hoc", name))),
            Self::NeuroMl => makes_a_cell(HocTemplate::from_neuroml(&text, "fuzz.nml", &BmtkCells::default())),
            Self::Swc => is_cut(parse_swc(&text, "fuzz.swc")),
            Self::Asc => is_cut(parse_asc(&text, "fuzz.asc")),
            Self::H5Tables => is_cut(tables(input).morphology("fuzz.h5")),
            #[cfg(feature = "hdf5")]
            Self::H5 => {
                let mut file = tempfile::Builder::new().suffix(".h5").tempfile().unwrap();
                std::io::Write::write_all(&mut file, input).unwrap();
                is_cut(msr_neuro::morphology::read(file.path()))
            }
        }
    }

    /// Real texts to begin with: those in the repository, and files of the folders with the reader's endings.
    pub fn corpus(self, folders: &[std::path::PathBuf]) -> Vec<Vec<u8>> {
        let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
        let (mut corpus, ending) = match self {
            Self::Nmodl => {
                let bundled = msr_neuro::mechanisms::BUNDLED;
                (texts(&bundled.iter().map(|(_, text)| *text).collect::<Vec<_>>()), "mod")
            }
            Self::Hoc => (TEMPLATES.iter().map(|(_, text)| text.as_bytes().to_vec()).collect(), "hoc"),
            Self::NeuroMl => (texts(&[include_str!("../templates/exported.cell.nml")]), "nml"),
            Self::Swc => (texts(&[include_str!("../morphology_files/cell.swc")]), "swc"),
            Self::Asc => (
                texts(&[include_str!("../morphology_files/cell.asc"), include_str!("../morphology_files/stack.asc")]),
                "asc",
            ),
            Self::H5Tables => (vec![bytes(&small_tables())], "h5tables"),
            #[cfg(feature = "hdf5")]
            Self::H5 => (vec![h5_file()], "h5"),
        };
        let mut open = folders.to_vec();
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|found| found == ending) {
                    corpus.extend(std::fs::read(path));
                }
            }
        }
        corpus
    }

    /// Words that mean something to the reader.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Nmodl => &[
                "NEURON",
                "{",
                "}",
                "(",
                ")",
                "SUFFIX",
                "POINT_PROCESS",
                "USEION",
                "READ",
                "WRITE",
                "RANGE",
                "STATE",
                "PARAMETER",
                "ASSIGNED",
                "BREAKPOINT",
                "SOLVE",
                "METHOD",
                "cnexp",
                "sparse",
                "derivimplicit",
                "KINETIC",
                "~",
                "<->",
                "CONSERVE",
                "COMPARTMENT",
                "INITIAL",
                "DERIVATIVE",
                "'",
                "=",
                "+",
                "-",
                "*",
                "/",
                "^",
                "FUNCTION",
                "PROCEDURE",
                "TABLE",
                "FROM",
                "TO",
                "WITH",
                "LOCAL",
                "VERBATIM",
                "ENDVERBATIM",
                "COMMENT",
                "ENDCOMMENT",
                "UNITSOFF",
                "if",
                "else",
                "while",
                "[",
                "]",
                "[1000000000]",
                "NET_RECEIVE",
                "net_send",
                "LINEAR",
                "NONLINEAR",
                "DISCRETE",
                "INCLUDE",
                "\"",
                ":",
                "?",
                "1e999",
                "0",
                "v",
                "(mV)",
                "DEFINE",
                "N",
                "LONGITUDINAL_DIFFUSION",
                "WATCH",
                "FOR_NETCONS",
                "exp(",
                "pow(",
                "PROTECT",
                "((((((((((((((((((((((((",
            ],
            Self::Hoc => &[
                "{",
                "}",
                "(",
                ")",
                "[",
                "]",
                "\n",
                "forsec",
                "all",
                "soma",
                "axon[0]",
                "dend[1]",
                "insert",
                "pas",
                "create",
                "connect",
                "access",
                "nseg",
                "L",
                "diam",
                "=",
                "+=",
                "1e9",
                "-1",
                "0",
                "0.5",
                "(x)",
                "for (x, 0)",
                "while (1)",
                "if",
                "else",
                "proc again() {",
                "again()",
                "execute(\"",
                "\"",
                "%s",
                "%999999999d",
                "$1",
                "$s2",
                "$o3",
                "new",
                "Vector(1e9)",
                ".resize(",
                ".append()",
                "delete_section()",
                "distance(0.5)",
                "begintemplate",
                "endtemplate",
                "strdef",
                "sprint(s, \"%s%s\", s, s)",
                "((((((((((((((((((((((((",
                "/*",
                "//",
                "^",
                "&",
                "!",
                "\u{e9}",
            ],
            Self::NeuroMl => &[
                "<",
                ">",
                "/>",
                "\"",
                "=",
                "&amp;",
                "&x;",
                "<!DOCTYPE x [<!ENTITY x \"&x;&x;\">]>",
                "<![CDATA[",
                "<!--",
                "<a>",
                "</a>",
                "<channelDensity ",
                "<concentrationModel ",
                "<membraneProperties>",
                "segmentGroup=\"all\"",
                "ionChannel=\"pas\"",
                "id=\"g_pas\"",
                "erev=\"1e308V\"",
                "condDensity=\"-1e308 S_per_cm2\"",
                "nan mV",
                "inf",
                " ",
                "\u{e9}",
            ],
            Self::Swc => &["1", "2", "-1", "0", "1e308", "nan", "inf", "#", "\n", " ", "99999999999", "-0", "1.5"],
            Self::Asc => &[
                "(",
                ")",
                "|",
                "<",
                ">",
                "\"",
                ";",
                ",",
                "(CellBody)",
                "(Axon)",
                "(Dendrite)",
                "(Apical)",
                "\"CellBody\"",
                "(1 2 3 4)",
                "( (Dendrite) (1 2 3 4) (",
                "Set",
                "(Set \"a\"",
                "RGB (1,2,3)",
                "Normal",
                "1e308",
                "-1",
                "0",
                "\n",
                "((((((((((((((((((((((((((((((((",
                "(1 1 1 1) (",
                "\u{e9}",
            ],
            _ => &[],
        }
    }
}

/// The templates of the tests.
const TEMPLATES: [(&str, &str); 4] = [
    ("sampled", include_str!("../templates/sampled.hoc")),
    ("tapered", include_str!("../templates/tapered.hoc")),
    ("early", include_str!("../templates/early.hoc")),
    ("drawn", include_str!("../templates/drawn.hoc")),
];

static MECHANISMS: LazyLock<Registry> = LazyLock::new(Registry::default);

/// Whether a template was read that makes a cell.
fn makes_a_cell(template: Result<HocTemplate, impl Into<EmodelError>>) -> bool {
    let shape = parse_asc(include_str!("../morphology_files/cell.asc"), "cell.asc").unwrap();
    let cell = CellArguments { gid: 1, morphology: "cell".to_owned(), attributes: vec![1.0] };
    let built = template
        .map_err(Into::into)
        .and_then(|template| Ok(template.builder(&shape, &MECHANISMS, &Conditions::default(), &cell)?.0));
    match built {
        Ok(builder) => builder.build().is_ok(),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

fn is_cut(morphology: Result<Morphology, MorphologyError>) -> bool {
    let morphology = match morphology {
        Ok(morphology) => morphology,
        Err(error) => {
            // Messages are made, too.
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    let tapered = AxonRule::Tapered { strength_um: 2.0, taper_um: 20.0, terminal_um: 0.5, scaler: 1.0 };
    let rules = [AxonRule::Keep, AxonRule::InitialSegment, AxonRule::Sampled { myelin: true }, tapered];
    for axon in rules {
        if let Ok(cell) = Discretisation::new(&morphology, axon, SegmentRule::default()) {
            assert!(cell.segments.iter().all(|segment| segment.area_um2 > 0.0 && segment.area_um2.is_finite()));
            assert_eq!(cell.parents_first().len(), cell.sections.len());
        }
    }
    true
}

/// Soma contour, axon, a dendrite with two branches.
pub fn small_tables() -> H5Tables {
    let points = [
        [5.0, 0.0, 0.0, 0.0],
        [0.0, 4.0, 0.0, 0.0],
        [-5.0, 0.0, 0.0, 0.0],
        [0.0, -4.0, 0.0, 0.0],
        [0.0, -4.0, 0.0, 1.0],
        [0.0, -90.0, 2.0, 0.5],
        [5.0, 0.0, 0.0, 2.0],
        [60.0, 0.0, 0.0, 1.5],
        [60.0, 0.0, 0.0, 1.0],
        [100.0, 40.0, 1.0, 0.75],
        [60.0, 0.0, 0.0, 1.25],
        [100.0, -40.0, 1.0, 0.5],
    ];
    H5Tables { points: points.to_vec(), structure: vec![[0, 1, -1], [4, 2, 0], [6, 3, 0], [8, 3, 2], [10, 3, 2]] }
}

/// Eight bytes a number; the first is the number of points.
fn bytes(tables: &H5Tables) -> Vec<u8> {
    let count = (tables.points.len() as u64).to_le_bytes();
    let points = tables.points.iter().flatten().flat_map(|value| value.to_le_bytes());
    count
        .into_iter()
        .chain(points)
        .chain(tables.structure.iter().flatten().flat_map(|value| value.to_le_bytes()))
        .collect()
}

fn tables(input: &[u8]) -> H5Tables {
    let mut words = input.as_chunks::<8>().0.iter();
    let count = words.next().map_or(0, |word| u64::from_le_bytes(*word) as usize);
    let words: Vec<[u8; 8]> = words.copied().collect();
    let (points, structure) = words.split_at(count.saturating_mul(4).min(words.len()));
    H5Tables {
        points: points.as_chunks().0.iter().map(|row: &[[u8; 8]; 4]| row.map(f64::from_le_bytes)).collect(),
        structure: structure.as_chunks().0.iter().map(|row: &[[u8; 8]; 3]| row.map(i64::from_le_bytes)).collect(),
    }
}

/// The small tables as a file.
#[cfg(feature = "hdf5")]
fn h5_file() -> Vec<u8> {
    let file = tempfile::Builder::new().suffix(".h5").tempfile().unwrap();
    write_h5(file.path(), &[("", &small_tables())]);
    std::fs::read(file.path()).unwrap()
}

/// Writes morphologies, each into a group (the file itself where the name is empty).
#[cfg(feature = "hdf5")]
pub fn write_h5(path: &std::path::Path, morphologies: &[(&str, &H5Tables)]) {
    let file = hdf5::File::create(path).unwrap();
    for (name, tables) in morphologies {
        let group = if name.is_empty() { file.group("/").unwrap() } else { file.create_group(name).unwrap() };
        let points = group.new_dataset::<f64>().shape((tables.points.len(), 4)).create("points").unwrap();
        points.write_raw(tables.points.as_flattened()).unwrap();
        let structure = group.new_dataset::<i32>().shape((tables.structure.len(), 3)).create("structure").unwrap();
        let rows: Vec<i32> = tables.structure.as_flattened().iter().map(|&value| value as i32).collect();
        structure.write_raw(&rows).unwrap();
    }
}

/// Random numbers of one input (SplitMix64: Steele et al. 2014, OOPSLA).
struct Stream(u64);

impl Stream {
    fn new(seed: u64, number: u64) -> Self {
        Self(seed.wrapping_mul(0xA076_1D64_78BD_642F) ^ number.wrapping_mul(0xE703_7ED1_A0B4_28DB))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Input `number` of a run with `seed`.
pub fn input(reader: Reader, corpus: &[Vec<u8>], seed: u64, number: u64) -> Vec<u8> {
    let mut stream = Stream::new(seed, number);
    // One in sixteen is noise, half of it of letters that texts are made of.
    if stream.below(16) == 0 {
        let length = stream.below(400);
        let is_text = stream.below(2) == 0;
        let byte = |stream: &mut Stream| if is_text { b' ' + stream.below(95) as u8 } else { stream.next() as u8 };
        return (0..length).map(|_| byte(&mut stream)).collect();
    }
    let mut text = corpus[stream.below(corpus.len())].clone();
    if text.len() > LONGEST {
        // A part of a long file: most mistakes are in a few lines, and time is for many inputs.
        let first = stream.below(text.len() - LONGEST / 8);
        text = text[first..first + LONGEST / 8].to_vec();
    }
    let most = 1 + stream.below(8);
    for _ in 0..=stream.below(most) {
        edit(&mut text, reader, corpus, &mut stream);
    }
    text.truncate(LONGEST);
    text
}

fn edit(text: &mut Vec<u8>, reader: Reader, corpus: &[Vec<u8>], stream: &mut Stream) {
    let at = stream.below(text.len() + 1);
    let longest = 1 << stream.below(12);
    let end = (at + stream.below(longest)).min(text.len());
    match stream.below(9) {
        0 => {
            text.drain(at..end);
        }
        1 => text.truncate(at),
        2 if at < text.len() => text[at] ^= 1 << stream.below(8),
        3 if at < text.len() => text[at] = stream.next() as u8,
        4 => {
            // The same again, up to a hundred times.
            let piece = text[at..end].to_vec();
            let times = 1 + stream.below(100).min(LONGEST / 4 / piece.len().max(1));
            let repeated: Vec<u8> = piece.iter().copied().cycle().take(piece.len() * times).collect();
            text.splice(at..at, repeated);
        }
        5 | 6 => {
            let words = reader.words();
            if !words.is_empty() {
                let word = words[stream.below(words.len())];
                let word = if stream.below(2) == 0 { format!(" {word} ") } else { word.to_owned() };
                let until = if stream.below(2) == 0 { at } else { end };
                text.splice(at..until, word.into_bytes());
            }
        }
        7 => {
            // A number becomes another one.
            if let Some(first) = (at..text.len()).find(|&index| text[index].is_ascii_digit()) {
                let last = (first..text.len()).find(|&index| !text[index].is_ascii_digit()).unwrap_or(text.len());
                const NUMBERS: [&str; 8] =
                    ["0", "-1", "1e308", "1e-308", "4294967296", "9223372036854775807", "1", "7"];
                text.splice(first..last, NUMBERS[stream.below(NUMBERS.len())].bytes());
            }
        }
        _ => {
            let other = &corpus[stream.below(corpus.len())];
            let from = stream.below(other.len() + 1);
            let to = (from + stream.below(2000)).min(other.len());
            text.splice(at..end, other[from..to].iter().copied());
        }
    }
}
