//! Biophysical models of the Allen Cell Types Database (`NNN_fit.json`), as bmtk carries them out.

use msr_config::simulation::BmtkCells;
use serde::Deserialize;

use super::{DescriptionError, Findings, Number, Writer};
use crate::hoc::HocTemplate;

/// What bmtk's `model_processing` makes of the axon: two sections of 30 um.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxonStub {
    /// `aibs_perisomatic`: 1 um thick, at the middle of the soma.
    Perisomatic,
    /// `aibs_allactive`: as thick as the first and the last section of the axon, at the end of the soma.
    AllActive,
}

#[derive(Deserialize)]
struct Fit {
    passive: Vec<Passive>,
    #[serde(default)]
    conditions: Vec<Conditions>,
    #[serde(default)]
    genome: Vec<Gene>,
}

#[derive(Deserialize)]
struct Passive {
    ra: Option<Number>,
    #[serde(default)]
    cm: Vec<Capacitance>,
    e_pas: Option<Number>,
}

#[derive(Deserialize)]
struct Capacitance {
    section: String,
    cm: Number,
}

#[derive(Deserialize)]
struct Conditions {
    celsius: Option<Number>,
    #[serde(default)]
    erev: Vec<Reversal>,
}

#[derive(Deserialize)]
struct Reversal {
    section: String,
    ena: Option<Number>,
    ek: Option<Number>,
}

#[derive(Deserialize)]
struct Gene {
    section: String,
    name: String,
    value: Number,
    #[serde(default)]
    mechanism: String,
}

/// Sections by name, and the lists that they are.
pub(super) const SECTIONS: [(&str, &str); 4] =
    [("soma", "somatic"), ("axon", "axonal"), ("dend", "basal"), ("apic", "apical")];
/// Digits in which the old `Import3d` of bmtk wrote points to the interpreter (`%g`).
const OLD_DIGITS: usize = 6;
/// Values that are for no section, in old files.
const GLOBAL: &str = "glob";

impl HocTemplate {
    /// A template of a `*_fit.json` file. The axon becomes what `axon` says; without it, it is perisomatic where the file gives
    /// capacitances, as those files do, else all-active.
    ///
    /// # Errors
    /// [`DescriptionError`] with everything that is wrong.
    pub fn from_fit(
        text: &str,
        file: &str,
        axon: Option<AxonStub>,
        cells: &BmtkCells,
    ) -> Result<Self, DescriptionError> {
        let fit: Fit =
            serde_json::from_str(text).map_err(|source| DescriptionError::Syntax { file: file.to_owned(), source })?;
        let mut findings = Findings::new(file);
        let Some(passive) = fit.passive.first() else {
            findings.add("passive", "is empty");
            return Err(DescriptionError::Problems(findings.list));
        };
        let axon = axon.unwrap_or(if passive.cm.is_empty() { AxonStub::AllActive } else { AxonStub::Perisomatic });
        let mut out = Writer::new();
        axon.write(&mut out, cells);
        out.open("insert_all");
        out.line("forsec all { insert pas }");
        out.close();
        out.open("set_all");
        for (name, key, value) in [("Ra", "passive.ra", &passive.ra), ("e_pas", "passive.e_pas", &passive.e_pas)] {
            if let Some(value) = value {
                out.line(&format!("forsec all {{ {name} = {} }}", findings.number(key, value)));
            }
        }
        for (index, capacitance) in passive.cm.iter().enumerate() {
            let key = format!("passive.cm[{index}]");
            let (list, cm) = (list(&mut findings, &key, &capacitance.section), findings.number(&key, &capacitance.cm));
            out.line(&format!("forsec {list} {{ cm = {cm} }}"));
        }
        for (index, gene) in fit.genome.iter().enumerate().filter(|(_, gene)| gene.section != GLOBAL) {
            let key = format!("genome[{index}]");
            let (list, value) = (list(&mut findings, &key, &gene.section), findings.number(&key, &gene.value));
            findings.name(&key, &gene.name);
            out.line(&format!("forsec {list} {{"));
            if !gene.mechanism.is_empty() {
                findings.name(&key, &gene.mechanism);
                out.line(&format!("insert {}", gene.mechanism));
            }
            out.line(&format!("{} = {value}", gene.name));
            out.line("}");
        }
        for condition in &fit.conditions {
            if let Some(celsius) = &condition.celsius {
                out.line(&format!("celsius = {}", findings.number("conditions.celsius", celsius)));
            }
            for reversal in &condition.erev {
                let list = list(&mut findings, "conditions.erev", &reversal.section);
                for (ion, value) in [("na", &reversal.ena), ("k", &reversal.ek)] {
                    if let Some(value) = value {
                        let value = findings.number("conditions.erev", value);
                        out.line(&format!("forsec {list} {{ if (ismembrane(\"{ion}_ion\")) {{ e{ion} = {value} }} }}"));
                    }
                }
            }
        }
        out.close();
        findings.end()?;
        Ok(out.template(file)?.of_bmtk(cells))
    }

    /// What of the simulation counts besides what was written.
    pub(super) fn of_bmtk(mut self, cells: &BmtkCells) -> Self {
        self.source.digits = cells.is_import_old.then_some(OLD_DIGITS);
        self
    }
}

impl AxonStub {
    /// The procedures that cut sections and replace the axon. bmtk cuts last, sections of the axon too.
    pub(super) fn write(self, out: &mut Writer, cells: &BmtkCells) {
        out.line("proc cut() {}");
        out.line(self.procedure());
        out.line(&format!("forsec all {{ nseg = 1 + 2*int(L/(2*{:?})) }}", cells.dl_um));
        out.close();
    }

    /// The beginning of the procedure that replaces the axon.
    fn procedure(self) -> &'static str {
        match self {
            Self::Perisomatic => {
                "proc replace_axon() { local i
forsec axonal { delete_section() }
create axon[2]
for i = 0, 1 {
access axon[i]
L = 30
diam = 1
all.append()
axonal.append()
}
connect axon[0](0), soma[0](0.5)
connect axon[1](0), axon[0](1)"
            }
            Self::AllActive => {
                "proc replace_axon() { local i, first, last
first = 1
last = 1
forsec axonal { last = diam }
access axon[0]
first = diam
forsec axonal { delete_section() }
create axon[2]
for i = 0, 1 {
access axon[i]
L = 30
diam = first
if (i == 1) { diam = last }
all.append()
axonal.append()
}
connect axon[0](0), soma[0](1)
connect axon[1](0), axon[0](1)"
            }
        }
    }
}

/// The list of the sections that a file calls so.
fn list(findings: &mut Findings, key: &str, section: &str) -> &'static str {
    let known = SECTIONS.iter().find(|(known, _)| *known == section).map(|(_, list)| *list);
    known.unwrap_or_else(|| {
        findings.add(key, &format!("section '{section}' must be one of: soma, axon, dend, apic"));
        "all"
    })
}
