//! Electrical models in hoc, NEURON's language, read without NEURON.
//!
//! Circuits of the Blue Brain Project carry a template (`NAME.hoc`) for each e-model, most of them written by BluePyOpt. Its
//! procedures are carried out for each cell, by an interpreter ([`HocTemplate::builder`]), on sections that behave as
//! NEURON's do: what `insert`, assignments, `distance`, `nseg` and replacements of the axon do there is what happens here.
//! So nothing depends on how a template is written, as long as it is made of statements that the interpreter knows; others
//! are refused with file, line and statement.
//!
//! Not carried out are random streams of channels (`setRNG_...`): the simulator gives those that neurodamus gives.

mod build;
mod converted;
mod error;
mod lexer;
mod parser;
mod print;
mod run;
mod sections;
mod tree;

pub use build::Description;
pub(crate) use build::default_concentrations;
pub use error::{HocError, HocProblem};
pub use run::ArtificialModel;
pub(crate) use sections::AXIAL_RESISTIVITY_OHM_CM;

pub use converted::{AxonStub, DescriptionError, DescriptionProblem, is_parameter_file, optimised};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::mechanisms::Registry;
use run::Run;
use tree::{Action, Expression, Name, Program, Reference, Statement};

/// Files of NEURON that define nothing that is missed here.
const STANDARD_FILES: &[&str] = &["stdrun.hoc", "import3d.hoc", "nrngui.hoc", "noload.hoc", "stdlib.hoc", "stdgui.hoc"];

/// What `init` of a template is called with.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplateArgument {
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
}

/// The cell that a template is carried out for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CellArguments {
    /// Number of the cell.
    pub gid: u64,
    /// Name of its morphology.
    pub morphology: String,
    /// Values of [`HocTemplate::needed_attributes`], in that order.
    pub attributes: Vec<f64>,
}

/// A template that was read.
#[derive(Debug, Clone)]
pub struct HocTemplate {
    source: Source,
    template: usize,
}

/// Files and what they say.
#[derive(Debug, Clone, Default)]
struct Source {
    program: Program,
    files: Vec<(String, Vec<String>)>,
    /// Where `load_file` looks for files.
    folder: PathBuf,
    /// Numbers of the files that were read from there.
    numbers: BTreeMap<PathBuf, usize>,
    /// Numbers of those that no `load_file` names: they were looked for by a class.
    of_classes: Vec<usize>,
    /// Whether the text was written for a file of another kind, whose lines are others.
    written: bool,
    /// Significant digits of the points of its morphologies, where they are fewer than usual.
    digits: Option<usize>,
}

impl Source {
    fn problem(&self, file: usize, line: usize, message: String) -> HocProblem {
        let (name, lines) = &self.files[file];
        let statement = lines.get(line.wrapping_sub(1)).map_or("", |line| line.trim()).to_owned();
        HocProblem { file: name.clone(), line: if self.written { 0 } else { line }, message, statement }
    }

    /// Number of the file that `load_file` loads, if it was read.
    fn loaded(&self, file: &str) -> Option<usize> {
        self.numbers.get(&self.folder.join(file)).copied()
    }

    fn add(&mut self, text: &str, file: &str, problems: &mut Vec<HocProblem>) {
        let number = self.files.len();
        self.files.push((file.to_owned(), text.lines().map(str::to_owned).collect()));
        let refusals = parser::parse_file(text, number, &mut self.program);
        problems.extend(refusals.into_iter().map(|(line, message)| self.problem(number, line, message)));
    }

    /// All statements.
    fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Statement)) {
        let program = &self.program;
        let procedures = program.procedures.iter().chain(program.templates.iter().flat_map(|text| &text.procedures));
        let bodies = procedures.map(|procedure| &procedure.body).chain(&program.files);
        bodies.chain(program.templates.iter().map(|text| &text.statements)).flatten().for_each(|of| of.visit(see));
    }

    /// Names of files that are loaded and of classes that objects are made of, with their places.
    fn wanted(&self) -> (Vec<(String, usize, usize)>, BTreeSet<String>) {
        let (mut files, mut classes) = (Vec::new(), BTreeSet::new());
        self.visit(&mut |statement| match &statement.action {
            Action::Evaluate(Expression::Refer(Reference(parts))) => {
                if let [part] = parts.as_slice()
                    && part.name == Name::Word("load_file".to_owned())
                    && let Some([.., Expression::Text(file)]) = part.call.as_deref()
                {
                    files.push((file.clone(), statement.file, statement.line));
                }
            }
            Action::Evaluate(Expression::Assign(_, None, value)) => {
                if let Expression::New(class, _) = &**value {
                    classes.insert(class.clone());
                }
            }
            _ => {}
        });
        (files, classes)
    }
}

impl HocTemplate {
    /// Reads the template `name` from a file, and with it the files that it loads from the same folder. A class that is
    /// neither of NEURON nor in these files is looked for as `CLASS.hoc` there.
    ///
    /// # Errors
    /// [`HocError`] with everything that is not understood.
    pub fn read(path: &Path, name: &str) -> Result<Self, HocError> {
        let read = |path: &Path| {
            std::fs::read(path)
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .map_err(|source| HocError::Unreadable { path: path.to_owned(), source })
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let (mut source, mut problems) = (Source { folder: folder.to_owned(), ..Source::default() }, Vec::new());
        source.add(&read(path)?, &path.display().to_string(), &mut problems);
        source.numbers.insert(path.to_owned(), 0);
        let mut absent = BTreeSet::new();
        loop {
            let (files, classes) = source.wanted();
            let mut next: Option<PathBuf> = None;
            for (file, of, line) in files {
                let beside = folder.join(&file);
                let is_known = source.numbers.contains_key(&beside) || absent.contains(&beside);
                if STANDARD_FILES.contains(&file.as_str()) || is_known {
                    continue;
                }
                if !beside.is_file() {
                    problems.push(source.problem(of, line, format!("{} does not exist", beside.display())));
                    absent.insert(beside);
                    continue;
                }
                next.get_or_insert(beside);
            }
            let known = |class: &String| source.program.templates.iter().any(|text| text.name == *class);
            let missing = classes.iter().filter(|class| !known(class)).map(|class| folder.join(format!("{class}.hoc")));
            let number = source.files.len();
            let next = match next {
                Some(next) => next,
                None => {
                    let mut missing = missing.into_iter();
                    let found = missing.find(|file| !source.numbers.contains_key(file) && file.is_file());
                    let Some(found) = found else { break };
                    source.of_classes.push(number);
                    found
                }
            };
            source.add(&read(&next)?, &next.display().to_string(), &mut problems);
            source.numbers.insert(next, number);
        }
        Self::of(source, name, problems)
    }

    /// Parses the text of a file; `file` is the name used in messages.
    ///
    /// # Errors
    /// [`HocError`] with everything that is not understood.
    pub fn parse(text: &str, file: &str, name: &str) -> Result<Self, HocError> {
        let (mut source, mut problems) = (Source::default(), Vec::new());
        source.add(text, file, &mut problems);
        Self::of(source, name, problems)
    }

    fn of(source: Source, name: &str, problems: Vec<HocProblem>) -> Result<Self, HocError> {
        if !problems.is_empty() {
            return Err(HocError::Problems(problems));
        }
        let templates = &source.program.templates;
        match templates.iter().position(|text| text.name == name) {
            Some(template) => Ok(Self { source, template }),
            None => Err(HocError::NoTemplate {
                file: source.files[0].0.clone(),
                name: name.to_owned(),
                available: templates.iter().map(|text| text.name.clone()).collect(),
            }),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.source.program.templates[self.template].name
    }

    /// The file that it was read from.
    pub fn file(&self) -> &str {
        &self.source.files[0].0
    }

    /// Attributes of nodes (`dynamics_params`) that `init` takes after gid and morphology: those that
    /// `NAME_NeededAttributes` lists, separated by `;`.
    pub fn needed_attributes(&self) -> Vec<String> {
        let variable = format!("{}_NeededAttributes", self.name());
        let mut needed = Vec::new();
        for statement in self.source.program.files.iter().flatten() {
            statement.visit(&mut |statement| {
                if let Action::Evaluate(Expression::Assign(reference, None, value)) = &statement.action
                    && reference.plain() == Some(&variable)
                    && let Expression::Text(names) = &**value
                {
                    needed = names.split([';', ',']).map(|name| name.trim().to_owned()).collect();
                    needed.retain(|name| !name.is_empty());
                }
            });
        }
        needed
    }

    /// Places at which mechanisms are inserted that there are not.
    pub fn unknown_mechanisms(&self, registry: &Registry) -> Vec<HocProblem> {
        let mut problems = Vec::new();
        self.source.visit(&mut |statement| {
            if let Action::Insert(name) = &statement.action
                && let Err(error) = registry.build(name, TEMPERATURE)
            {
                problems.push(self.source.problem(statement.file, statement.line, error.to_string()));
            }
        });
        problems
    }

    /// What `init` is called with: gid, folder and file of the morphology, attributes. Templates of BluePyOpt itself take no
    /// gid, those of EModelRunner folder and file as one: how many of its first arguments `init` takes for strings tells.
    fn arguments(&self, cell: &CellArguments) -> Vec<TemplateArgument> {
        const FOLDER: &str = ".";
        let takes = |argument: &str| self.init_names(argument);
        let ending = Path::new(&cell.morphology)
            .extension()
            .is_some_and(|ending| ["asc", "swc", "h5"].iter().any(|known| ending.eq_ignore_ascii_case(known)));
        let file = if ending { cell.morphology.clone() } else { format!("{}.asc", cell.morphology) };
        let (gid, folder, text) =
            (TemplateArgument::Number(cell.gid as f64), FOLDER.to_owned(), TemplateArgument::Text);
        let first = if takes("$s1") {
            vec![text(folder), text(file)]
        } else if takes("$s2") && !takes("$s3") {
            vec![gid, text(format!("{folder}/{file}"))]
        } else {
            vec![gid, text(folder), text(file)]
        };
        first.into_iter().chain(cell.attributes.iter().map(|&value| TemplateArgument::Number(value))).collect()
    }

    /// The cell without membrane that the template makes for a gid: the `pointcell` that its `init` leaves.
    ///
    /// # Errors
    /// [`HocError::Problems`] with file, line and statement of what cannot be carried out, or where there is no such cell.
    pub fn artificial(&self, registry: &Registry, celsius: f64, gid: u64) -> Result<ArtificialModel, HocError> {
        let failed = |problem: HocProblem| HocError::Problems(vec![problem]);
        let run = Run::new(&self.source, registry, None, celsius);
        let finished = run.cell(self.template, &[TemplateArgument::Number(gid as f64)], 0.0).map_err(failed)?;
        finished.artificial.ok_or_else(|| {
            let line = self.source.program.templates[self.template].statements.first().map_or(1, |first| first.line);
            let known = registry.artificial_names().join(", ");
            let message =
                format!("template '{}' leaves no artificial cell in 'pointcell'; there are: {known}", self.name());
            let file = self.file().to_owned();
            failed(HocProblem { file, line, message, statement: String::new() })
        })
    }

    /// Whether the lines of `init` have this in them.
    fn init_names(&self, argument: &str) -> bool {
        let template = &self.source.program.templates[self.template];
        let lines = &self.source.files[template.file].1;
        let init = template.procedures.iter().find(|known| known.name == "init");
        let mut found = false;
        for statement in init.iter().flat_map(|init| &init.body) {
            statement.visit(&mut |statement| {
                let line = lines.get(statement.line.wrapping_sub(1)).map_or("", String::as_str);
                found |= line.split("//").next().is_some_and(|code| code.contains(argument));
            });
        }
        found
    }
}

/// Any temperature will do to ask whether a mechanism exists.
const TEMPERATURE: f64 = 34.0;
