//! Electrical models that are JSON or XML files of other programs, as templates: what their statements do is what these programs do.

mod allen;
mod bluepyopt;
mod error;
mod neuroml;

pub use allen::AxonStub;
pub use bluepyopt::{is_parameter_file, optimised};
pub use error::{DescriptionError, DescriptionProblem};

use std::fmt::Write as _;

use serde::Deserialize;

use super::{HocError, HocTemplate, Source};

/// The name of such templates.
const NAME: &str = "Cell";

/// Statements of `init` before and after those that the file leads to.
const BEGINNING: &str = "begintemplate Cell
create soma[1], dend[1], apic[1], axon[1], myelin[1]
objref this, all, somatic, axonal, basal, apical, myelinated
proc init() { localobj reader, import
all = new SectionList()
somatic = new SectionList()
axonal = new SectionList()
basal = new SectionList()
apical = new SectionList()
myelinated = new SectionList()
forall delete_section()
reader = new Import3d_SWC_read()
reader.input($s2)
import = new Import3d_GUI(reader, 0)
import.instantiate(this)
cut()
replace_axon()
insert_all()
set_all()
}
";

/// Two sections of 30 um as thick as the axon was in its ten first segments, whose sections are cut into 1 + 2 int(L / 12).
const SAMPLED_AXON: &str = "proc replace_axon() { local count, i localobj diameters
count = 0
forsec axonal { count += 1 }
if (count < 3) { execerror(\"the axon has fewer than 3 sections\") }
diameters = new Vector()
forsec axonal {
nseg = 1 + 2*int(L/12)
for (x, 0) { if (diameters.size() < 10) { diameters.append(diam(x)) } }
}
if (diameters.size() < 10) { execerror(\"the axon has fewer than 10 segments\") }
forsec axonal { delete_section() }
create axon[2]
count = 0
for i = 0, 1 {
access axon[i]
L = 30
nseg = 5
for (x, 0) {
diam(x) = diameters.x[count]
count += 1
}
all.append()
axonal.append()
}
connect axon[0](0), soma[0](1)
connect axon[1](0), axon[0](1)
";

/// Myelin as thick as the last of them.
const MYELIN: &str = "create myelin[1]
access myelin[0]
L = 1000
nseg = 5
diam = diameters.x[9]
all.append()
myelinated.append()
connect myelin[0](0), axon[1](1)
";

/// The text of a template.
struct Writer(String);

impl Writer {
    fn new() -> Self {
        Self(BEGINNING.to_owned())
    }

    fn line(&mut self, line: &str) {
        writeln!(self.0, "{line}").expect("a string takes everything");
    }

    fn open(&mut self, procedure: &str) {
        self.line(&format!("proc {procedure}() {{"));
    }

    fn close(&mut self) {
        self.line("}");
    }

    /// Bytes written so far.
    fn length(&self) -> usize {
        self.0.len()
    }

    /// A template; messages name the file and the statement.
    fn template(mut self, file: &str) -> Result<HocTemplate, HocError> {
        self.line("endtemplate Cell");
        let (mut source, mut problems) = (Source::default(), Vec::new());
        source.written = true;
        source.add(&self.0, file, &mut problems);
        HocTemplate::of(source, NAME, problems)
    }
}

/// A number; older files write it as a string.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Number {
    Number(f64),
    Text(String),
}

/// What is wrong with a file.
struct Findings {
    file: String,
    list: Vec<DescriptionProblem>,
}

impl Findings {
    fn new(file: &str) -> Self {
        Self { file: file.to_owned(), list: Vec::new() }
    }

    fn add(&mut self, key: &str, message: &str) {
        self.list.push(DescriptionProblem {
            file: self.file.clone(),
            key: key.to_owned(),
            message: message.to_owned(),
        });
    }

    /// A number, as hoc reads it to the same value.
    fn number(&mut self, key: &str, number: &Number) -> String {
        let value = match number {
            Number::Number(value) => Some(*value),
            Number::Text(text) => text.trim().parse().ok(),
        };
        match value.filter(|value: &f64| value.is_finite()) {
            Some(value) => format!("{value:?}"),
            None => {
                self.add(key, "is no number");
                "0".to_owned()
            }
        }
    }

    /// Whether a name can be that of a mechanism or parameter.
    fn name(&mut self, key: &str, name: &str) {
        let mut characters = name.chars();
        let is_name = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && characters.all(|character| character.is_ascii_alphanumeric() || character == '_');
        if !is_name {
            self.add(key, &format!("'{name}' is no name"));
        }
    }

    fn end(self) -> Result<(), DescriptionError> {
        if self.list.is_empty() { Ok(()) } else { Err(DescriptionError::Problems(self.list)) }
    }
}
