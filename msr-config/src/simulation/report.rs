//! The `reports` section: what is recorded from the neurons.

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::section::Section;
use crate::shape::{Case, Domain, Key, Shape, Word};

/// One entry of `reports`.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its key in `reports`.
    pub name: String,
    /// `type`, with the parameters that only it has.
    pub report_type: ReportType,
    /// `cells`: node set; default the simulation's `node_set`, `None` for everything.
    pub cells: Option<String>,
    /// `sections`; default `soma`.
    pub sections: Sections,
    /// `compartments`; default `center` for soma, else `all`.
    pub compartments: Compartments,
    /// `variable_name`, split at its commas (`ina, ik`); empty for `lfp`.
    pub variables: Vec<String>,
    /// `unit`, written as it is; default `mV`.
    pub unit: String,
    /// `scaling`; default `area`.
    pub scaling: Scaling,
    /// `dt`, ms.
    pub dt_ms: f64,
    /// `start_time`, ms.
    pub start_time_ms: f64,
    /// `end_time`, ms.
    pub end_time_ms: f64,
    /// The file written: the last component of `file_name` (default the report's key) with `.h5`, in the output directory.
    pub file_name: PathBuf,
    /// `enabled`; default true.
    pub enabled: bool,
}

/// `reports.X.type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportType {
    /// `compartment`: one value per segment.
    Compartment,
    /// `summation`: sums over segments.
    Summation,
    /// `synapse`: one value per synapse.
    Synapse,
    /// `lfp`: extracellular potential at electrodes.
    Lfp {
        /// `electrodes_file` with the scaling factors.
        electrodes_file: PathBuf,
    },
    /// `compartment_set`: the locations of a compartment set.
    CompartmentSet {
        /// Name of the set.
        compartment_set: String,
    },
}

/// `reports.X.sections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sections {
    /// `soma`.
    #[default]
    Soma,
    /// `axon`.
    Axon,
    /// `dend`.
    Dend,
    /// `apic`.
    Apic,
    /// `all`.
    All,
}

/// `reports.X.compartments`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compartments {
    /// `center`: the middle segment of each section.
    Center,
    /// `all`: every segment.
    All,
}

/// `reports.X.scaling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scaling {
    /// `none`.
    None,
    /// `area`: densities are multiplied by the segment's area.
    #[default]
    Area,
}

/// Extension of reports.
const EXTENSION: &str = "h5";

/// A report's file name: the last component of what the user wrote, with `.h5` where it does not end so.
pub(crate) fn report_file_name(name: &str) -> String {
    let last = Path::new(name).file_name().unwrap_or_default().to_string_lossy();
    if Path::new(name).extension().is_some_and(|extension| extension == EXTENSION) {
        last.into_owned()
    } else {
        format!("{last}.{EXTENSION}")
    }
}

/// Notes a file name with directories, which are dropped as by the reference implementation; `file` is what remains.
pub(crate) fn note_directories(section: &Section<'_>, key: &str, file: impl AsRef<Path>) {
    let Some(name) = section.text(key) else { return };
    let has_directory = |path: &Path| path.components().any(|component| component != Component::CurDir);
    if Path::new(name).parent().is_some_and(has_directory) {
        let file = file.as_ref().display();
        section.note(key, format!("directories are dropped: the file is '{file}' in output.output_dir"));
    }
}

/// One name (`v`, `Mechanism.variable`) or several with commas between them.
static VARIABLE_NAMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\w+(?:\.?\w+)?(?:\s*,\s*\w+(?:\.?\w+)?)*$").expect("the pattern of variable names is valid")
});

impl Word for Sections {
    const WORDS: &'static [(&'static str, Self)] =
        &[("soma", Self::Soma), ("axon", Self::Axon), ("dend", Self::Dend), ("apic", Self::Apic), ("all", Self::All)];
}

impl Word for Compartments {
    const WORDS: &'static [(&'static str, Self)] = &[("center", Self::Center), ("all", Self::All)];
}

impl Word for Scaling {
    const WORDS: &'static [(&'static str, Self)] = &[("none", Self::None), ("area", Self::Area)];
}

impl Word for TypeName {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("compartment", Self::Compartment),
        ("summation", Self::Summation),
        ("synapse", Self::Synapse),
        ("lfp", Self::Lfp),
        ("compartment_set", Self::CompartmentSet),
    ];
}

pub(super) static REPORT: Shape = Shape::tolerant(
    "report",
    "What is recorded from the neurons, into a file of its own.",
    &[&[
        Key::word::<TypeName>("type").mandatory().about("What is recorded."),
        Key::text("cells").or("the simulation's node_set").about("Name of the node set that is recorded."),
        Key::word::<Compartments>("compartments")
            .or("center for soma, else all")
            .about("The middle segment of each section, or every segment."),
        Key::text("unit").or_text("mV").about("Unit, written into the file as it is; values are not converted."),
        Key::word::<Scaling>("scaling")
            .or_text("area")
            .about("Whether densities are multiplied by the segment's area."),
        Key::number("dt", Domain::Positive).mandatory().unit("ms").about("Time between two rows."),
        Key::number("start_time", Domain::NotNegative).mandatory().unit("ms").about("Time of the first row."),
        Key::number("end_time", Domain::NotNegative)
            .mandatory()
            .unit("ms")
            .about("End of the recording, at most that of the run; there is no row at this time."),
        Key::text("file_name").or("the report's key").about("Name of the file in output_dir; '.h5' is added."),
        Key::flag("enabled").or_flag(true).about("Whether the report is written."),
    ]],
)
.with_cases(
    "type",
    &[
        Case::new("compartment", "One value for each segment.", &[&[SECTIONS, VARIABLE, NO_ELECTRODES, NO_SET]]),
        Case::new("summation", "Sums over segments.", &[&[SECTIONS, VARIABLE, NO_ELECTRODES, NO_SET]]),
        Case::new("synapse", "One value for each synapse.", &[&[SECTIONS, VARIABLE, NO_ELECTRODES, NO_SET]]),
        Case::new(
            "lfp",
            "The extracellular potential at electrodes.",
            &[&[
                SECTIONS,
                Key::path("electrodes_file").mandatory().about("File with the factors of each electrode."),
                Key::refused("variable_name", "a report of type lfp has no variable; remove this key"),
                NO_SET,
            ]],
        ),
        Case::new(
            "compartment_set",
            "The locations of a compartment set.",
            &[&[
                Key::text("compartment_set").mandatory().about("Name of the compartment set."),
                VARIABLE,
                Key::refused(
                    "sections",
                    "a report of type compartment_set takes its sections from the set; remove this key",
                ),
                NO_ELECTRODES,
            ]],
        ),
    ],
);

const SECTIONS: Key = Key::word::<Sections>("sections").or_text("soma").about("The sections that are recorded.");
const VARIABLE: Key = Key::text("variable_name")
    .mandatory()
    .about("What is recorded: 'v', 'i_membrane', 'ina', 'Mechanism.variable', or several with commas between them.");
const NO_ELECTRODES: Key = Key::refused("electrodes_file", "only a report of type lfp has this key");
const NO_SET: Key = Key::refused("compartment_set", "only a report of type compartment_set has this key");

#[derive(Clone, Copy, PartialEq, Eq)]
enum TypeName {
    Compartment,
    Summation,
    Synapse,
    Lfp,
    CompartmentSet,
}

impl Report {
    pub(super) fn read_all(
        reports: &Section<'_>,
        node_set: Option<&str>,
        output_dir: &Path,
        run_dt_ms: f64,
    ) -> Vec<Self> {
        let entries = reports.entries();
        entries
            .iter()
            .filter_map(|(member, entry)| Self::read(&member.name, entry, node_set, output_dir, run_dt_ms))
            .collect()
    }

    fn read(
        name: &str,
        entry: &Section<'_>,
        node_set: Option<&str>,
        output_dir: &Path,
        run_dt_ms: f64,
    ) -> Option<Self> {
        let type_name = entry.word("type")?;
        let is_set = type_name == TypeName::CompartmentSet;
        let sections = if is_set { Sections::default() } else { entry.word_or_standard("sections") };
        let standard = if sections == Sections::Soma { Compartments::Center } else { Compartments::All };
        let report = Self {
            name: name.to_owned(),
            report_type: report_type(entry, type_name),
            cells: entry.owned_text("cells").or_else(|| node_set.map(str::to_owned)),
            sections,
            compartments: entry.word("compartments").unwrap_or(standard),
            variables: variables(entry, type_name),
            unit: entry.text_or_standard("unit").to_owned(),
            scaling: entry.word_or_standard("scaling"),
            dt_ms: entry.required_number("dt"),
            start_time_ms: entry.required_number("start_time"),
            end_time_ms: entry.required_number("end_time"),
            file_name: output_dir.join(report_file_name(entry.text("file_name").unwrap_or(name))),
            enabled: entry.flag_or_standard("enabled"),
        };
        report.check_times(entry, run_dt_ms);
        note_directories(entry, "file_name", report.file_name.file_name().unwrap_or_default());
        entry.finish();
        Some(report)
    }

    fn check_times(&self, entry: &Section<'_>, run_dt_ms: f64) {
        if entry.has("start_time") && entry.has("end_time") && self.start_time_ms > self.end_time_ms {
            let message = format!("{} ms is after end_time = {} ms", self.start_time_ms, self.end_time_ms);
            entry.problem("start_time", message);
        }
        if self.dt_ms > 0.0 && self.dt_ms < run_dt_ms {
            entry.problem("dt", format!("{} ms is less than run.dt = {run_dt_ms} ms", self.dt_ms));
        }
    }
}

fn report_type(entry: &Section<'_>, type_name: TypeName) -> ReportType {
    match type_name {
        TypeName::Compartment => ReportType::Compartment,
        TypeName::Summation => ReportType::Summation,
        TypeName::Synapse => ReportType::Synapse,
        TypeName::Lfp => ReportType::Lfp { electrodes_file: entry.required_file("electrodes_file") },
        TypeName::CompartmentSet => {
            ReportType::CompartmentSet { compartment_set: entry.required_text("compartment_set") }
        }
    }
}

fn variables(entry: &Section<'_>, type_name: TypeName) -> Vec<String> {
    if type_name == TypeName::Lfp {
        return Vec::new();
    }
    let Some(names) = entry.text("variable_name") else { return Vec::new() };
    if !VARIABLE_NAMES.is_match(names) {
        let message =
            format!("'{names}' is no list of variables; write one (v, Mechanism.variable) or several (ina, ik)");
        entry.problem("variable_name", message);
    }
    names.split(',').map(|name| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_end_in_h5() {
        for (name, file_name) in [("v", "v.h5"), ("x.txt", "x.txt.h5"), ("a/b/v.h5", "v.h5"), ("v.H5", "v.H5.h5")] {
            assert_eq!(report_file_name(name), file_name);
        }
    }

    #[test]
    fn variable_names() {
        for good in ["v", "ina, ik", "AdEx.V_M,v", "i_membrane , IClamp"] {
            assert!(VARIABLE_NAMES.is_match(good), "{good}");
        }
        for bad in ["a.b.c", "a b", " v", "v,", ""] {
            assert!(!VARIABLE_NAMES.is_match(bad), "{bad}");
        }
    }
}
