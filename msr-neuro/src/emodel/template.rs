//! What a node's `model_template` names: an e-model in any of the forms that are read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use msr_config::simulation::BmtkCells;
use serde_json::Value;

use super::{Conditions, Emodel, EmodelError, Insertions};
use crate::cell::{Cell, CellBuilder};
use crate::discretisation::{AxonRule, SegmentRule};
use crate::hoc::{AxonStub, CellArguments, Description, DescriptionError, HocTemplate, is_parameter_file, optimised};
use crate::mechanisms::Registry;
use crate::morphology::Morphology;

/// What names the e-model of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateName {
    /// `model_template`
    pub template: String,
    /// `dynamics_params`: the file of parameters, where one is named.
    pub parameters: Option<String>,
    /// `model_processing`: what becomes of the axon.
    pub processing: Option<String>,
}

impl std::fmt::Display for TemplateName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.template)?;
        self.parameters.as_ref().map_or(Ok(()), |file| write!(f, " {file}"))
    }
}

/// An e-model.
#[derive(Debug, Clone)]
pub enum Template {
    /// A JSON file of ours.
    Own(Box<Emodel>),
    /// A template in hoc, or a file of another program that says the same.
    Hoc(Box<HocTemplate>),
}

/// Names of files of optimised values: in the folder, for all of its e-models.
const RESULTS: &str = "final.json";

impl Template {
    /// Reads the e-model from `directory`: `json:NAME` is `NAME.json`, `hoc:NAME` is `NAME.hoc`, `nml:FILE` is `FILE`, and
    /// `ctdb:Biophys1.hoc` the file that `dynamics_params` names; `cells` counts for the latter two.
    ///
    /// A JSON file may be an e-model of ours or a parameter file of BluePyOpt, whose optimised values are in
    /// `NAME_final.json` or `final.json` beside it.
    ///
    /// # Errors
    /// [`EmodelError`] with everything that is wrong with the file.
    pub fn read(directory: &Path, name: &TemplateName, cells: &BmtkCells) -> Result<Self, EmodelError> {
        let (scheme, model) = name.template.split_once(':').unwrap_or(("hoc", &name.template));
        match scheme {
            "hoc" => {
                let model = model.strip_suffix(".hoc").unwrap_or(model);
                let template = HocTemplate::read(&directory.join(format!("{model}.hoc")), model)?;
                Ok(Self::Hoc(Box::new(template)))
            }
            "json" => Self::read_json(directory, model),
            "ctdb" if model == "Biophys1" || model == "Biophys1.hoc" => {
                let Some(file) = &name.parameters else {
                    return Err(EmodelError::NoParameters { template: name.template.clone() });
                };
                let path = directory.join(file);
                let axon = axon(name, "aibs_perisomatic, aibs_allactive, and these with _directed")?;
                let template = HocTemplate::from_fit(&read(&path)?, &path.display().to_string(), axon, cells)?;
                Ok(Self::Hoc(Box::new(template)))
            }
            "nml" => {
                if let Some(parameters) = &name.parameters {
                    let (template, parameters) = (name.template.clone(), parameters.clone());
                    return Err(EmodelError::NeedlessParameters { template, parameters });
                }
                let supported = "aibs_perisomatic, with _directed or without";
                if axon(name, supported)? == Some(AxonStub::AllActive) {
                    return Err(processing(name, supported));
                }
                let path = directory.join(model);
                let template = HocTemplate::from_neuroml(&read(&path)?, &path.display().to_string(), cells)?;
                Ok(Self::Hoc(Box::new(template)))
            }
            _ => Err(EmodelError::Template { template: name.template.clone() }),
        }
    }

    fn read_json(directory: &Path, model: &str) -> Result<Self, EmodelError> {
        let path = directory.join(format!("{model}.json"));
        let file = path.display().to_string();
        let text = read(&path)?;
        let document: Value =
            serde_json::from_str(&text).map_err(|source| EmodelError::Syntax { file: file.clone(), source })?;
        if !is_parameter_file(&document) {
            return Ok(Self::Own(Box::new(Emodel::parse(&text, &file)?)));
        }
        let mut values = BTreeMap::new();
        for results in [directory.join(format!("{model}_final.json")), directory.join(RESULTS)] {
            if !results.is_file() {
                continue;
            }
            let document: Value = serde_json::from_str(&read(&results)?)
                .map_err(|source| EmodelError::Syntax { file: results.display().to_string(), source })?;
            if let Some(found) = optimised(&document, model) {
                values = found;
                break;
            }
        }
        Ok(Self::Hoc(Box::new(HocTemplate::from_parameters(&text, &file, &values)?)))
    }

    /// Attributes of nodes (`dynamics_params`) that it needs.
    pub fn needed_attributes(&self) -> Vec<String> {
        match self {
            Self::Own(_) => Vec::new(),
            Self::Hoc(template) => template.needed_attributes(),
        }
    }

    /// A builder of a cell, to which more can be added, and what took effect, in lines for the user.
    ///
    /// # Errors
    /// [`EmodelError`] with what cannot be.
    pub fn builder<'a>(
        &self,
        morphology: &Morphology,
        registry: &'a Registry,
        conditions: &Conditions,
        cell: &CellArguments,
    ) -> Result<(CellBuilder<'a>, Description), EmodelError> {
        match self {
            Self::Own(emodel) => Ok((emodel.builder(morphology, registry, conditions)?, described(emodel))),
            Self::Hoc(template) => Ok(template.builder(morphology, registry, conditions, cell)?),
        }
    }

    /// The cell of a builder.
    ///
    /// # Errors
    /// [`EmodelError::Build`] names the e-model.
    pub fn finish(&self, builder: CellBuilder<'_>) -> Result<Cell, EmodelError> {
        match self {
            Self::Own(emodel) => emodel.finish(builder),
            Self::Hoc(template) => {
                let failed = |source| EmodelError::Build { emodel: template.file().to_owned(), source };
                builder.build().map_err(failed)
            }
        }
    }
}

/// What becomes of the axon of a node.
fn axon(name: &TemplateName, supported: &'static str) -> Result<Option<AxonStub>, EmodelError> {
    match name.processing.as_deref().map(|processing| processing.trim_end_matches("_directed")) {
        None | Some("") => Ok(None),
        Some("aibs_perisomatic") => Ok(Some(AxonStub::Perisomatic)),
        Some("aibs_allactive") => Ok(Some(AxonStub::AllActive)),
        Some(_) => Err(processing(name, supported)),
    }
}

fn processing(name: &TemplateName, supported: &'static str) -> EmodelError {
    let processing = name.processing.clone().unwrap_or_default();
    EmodelError::Processing { template: name.template.clone(), processing, supported }
}

fn read(path: &PathBuf) -> Result<String, EmodelError> {
    std::fs::read_to_string(path).map_err(|source| EmodelError::Unreadable { path: path.clone(), source })
}

/// What an e-model of ours says, in lines.
fn described(emodel: &Emodel) -> Description {
    let Insertions { all, somatic, axonal, basal, apical, myelinated } = &emodel.mechanisms;
    let lists = [
        ("all", all),
        ("somatic", somatic),
        ("axonal", axonal),
        ("basal", basal),
        ("apical", apical),
        ("myelinated", myelinated),
    ];
    let inserted = lists.iter().filter(|(_, mechanisms)| !mechanisms.is_empty());
    let inserted: Vec<String> =
        inserted.map(|(list, mechanisms)| format!("{} ({list})", mechanisms.join(" "))).collect();
    let by_distance =
        emodel.parameters.iter().filter(|parameter| parameter.distribution != super::Distribution::Uniform);
    let by_distance: Vec<&str> = by_distance.map(|parameter| parameter.name.as_str()).collect();
    let axon = match emodel.axon {
        AxonRule::Keep => "that of the morphology".to_owned(),
        AxonRule::InitialSegment => "replaced by two cylinders of 30 um, of one segment each".to_owned(),
        AxonRule::Sampled { myelin } => {
            let myelin = if myelin { ", and myelin" } else { "" };
            format!("replaced by two cylinders of 30 um, of five segments as thick as it was{myelin}")
        }
        AxonRule::Tapered { .. } => {
            "replaced by two cylinders of 30 um, of five segments that taper, and myelin".to_owned()
        }
    };
    let segments = match emodel.segments {
        SegmentRule::PieceUm(piece_um) => format!("1 + 2 floor(L / {piece_um} um) in a section"),
        SegmentRule::LengthConstant { fraction, frequency_hz, .. } => {
            format!("no longer than {fraction} of the length constant at {frequency_hz} Hz")
        }
        SegmentRule::Count(count) => format!("{count} in a section"),
    };
    let mut lines = vec![
        format!("segments: {segments}"),
        format!("axon: {axon}"),
        format!("mechanisms: {}", inserted.join(", ")),
        format!("assigned: {} values", emodel.parameters.len()),
    ];
    if !by_distance.is_empty() {
        lines.push(format!("by distance: {}", by_distance.join(", ")));
    }
    lines
}

impl From<DescriptionError> for EmodelError {
    fn from(error: DescriptionError) -> Self {
        match error {
            DescriptionError::Hoc(error) => Self::Hoc(error),
            other => Self::Description(other),
        }
    }
}
