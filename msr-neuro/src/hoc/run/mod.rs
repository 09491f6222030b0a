//! Carrying out the statements of a template for one morphology.

mod calls;
mod expressions;
mod methods;
mod names;
mod ranges;
mod statements;
mod values;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::error::HocProblem;
use super::sections::{SectionId, Sections};
use super::tree::{DEEPEST, Procedure};
use super::{Source, TemplateArgument};
use crate::mechanisms::Registry;
use crate::morphology::Morphology;
use values::{Class, Value};

/// Statements that a template may carry out: far more than any cell needs, so that a loop without end ends.
const MOST_STATEMENTS: u64 = 20_000_000;
/// Procedures that may have called one another.
const DEEPEST_CALL: usize = 100;

/// Numbers that the simulation sets, not the template.
const OF_SIMULATION: [&str; 3] = ["celsius", "v_init", "PI"];

/// What went wrong, without its place.
type Fault = String;
type Outcome<T> = Result<T, Fault>;

/// How a statement ends.
enum Flow {
    On,
    Break,
    Continue,
    Return(Value),
}

/// What of a template took effect, for its description.
#[derive(Debug, Default, Clone)]
pub struct Facts {
    /// Section lists of each mechanism.
    pub inserted: BTreeMap<String, BTreeSet<String>>,
    /// Section lists of each value that was assigned.
    pub assigned: BTreeMap<String, BTreeSet<String>>,
    /// Section lists of each value that was assigned by a formula of the place.
    pub distributed: BTreeMap<String, BTreeSet<String>>,
    /// Where the number of segments of each section was set last: file and line.
    pub segments: BTreeMap<SectionId, (usize, usize)>,
    /// What is without effect.
    pub notes: BTreeSet<String>,
}

/// Concentrations at the beginning (`nai0_na_ion`), inside and outside, where they were set.
pub type Initial = BTreeMap<String, [Option<f64>; 2]>;

/// The cell after a template was carried out.
pub struct Finished {
    pub sections: Sections,
    pub initial: Initial,
    pub facts: Facts,
    /// What the template's `pointcell` is, where it is an artificial cell.
    pub artificial: Option<ArtificialModel>,
}

/// An artificial cell: its mechanism, and the parameters that were set.
#[derive(Debug, Clone, PartialEq)]
pub struct ArtificialModel {
    /// Name of the mechanism.
    pub mechanism: String,
    /// Parameters that were set.
    pub parameters: BTreeMap<String, f64>,
}

/// Variable of a template with its artificial cell (neurodamus').
const ARTIFICIAL: &str = "pointcell";

/// An object of a template.
#[derive(Default)]
struct Instance {
    template: usize,
    variables: HashMap<String, Value>,
    groups: HashMap<String, Rc<[SectionId]>>,
    /// Names of what is outside of the template (`external`).
    external: BTreeSet<String>,
}

/// A procedure that is being carried out.
#[derive(Default)]
struct Frame {
    /// The object that it belongs to; none outside of templates.
    instance: Option<usize>,
    arguments: Vec<Value>,
    locals: Vec<(String, Value)>,
}

/// The state of an execution.
pub struct Run<'a> {
    source: &'a Source,
    registry: &'a Registry,
    /// None of a cell without membrane.
    morphology: Option<&'a Morphology>,
    celsius: f64,
    sections: Sections,
    initial: Initial,
    facts: Facts,
    instances: Vec<Instance>,
    globals: HashMap<String, Value>,
    /// Numbers of the files whose statements were carried out.
    loaded: BTreeSet<usize>,
    frames: Vec<Frame>,
    /// The section that statements work on is the last.
    current: Vec<SectionId>,
    /// Section lists that loops go through.
    lists: Vec<String>,
    /// Whether a string is being executed.
    executing: usize,
    statements: u64,
    /// How many statements and expressions stand around this one, through all calls.
    depth: usize,
    /// File and line of the statement.
    place: (usize, usize),
    names_of_mechanisms: Vec<String>,
    /// Parameters of inserted mechanisms by their names with suffix.
    parameters: HashMap<String, Option<(usize, usize)>>,
}

impl<'a> Run<'a> {
    pub fn new(source: &'a Source, registry: &'a Registry, morphology: Option<&'a Morphology>, celsius: f64) -> Self {
        Self {
            source,
            registry,
            morphology,
            celsius,
            sections: Sections::new(),
            initial: BTreeMap::new(),
            facts: Facts::default(),
            instances: Vec::new(),
            globals: HashMap::new(),
            loaded: BTreeSet::new(),
            frames: Vec::new(),
            current: Vec::new(),
            lists: Vec::new(),
            executing: 0,
            statements: 0,
            depth: 0,
            place: (0, 1),
            names_of_mechanisms: registry.names(),
            parameters: HashMap::new(),
        }
    }

    /// Makes an object of a template with these arguments.
    pub fn cell(
        mut self,
        template: usize,
        arguments: &[TemplateArgument],
        v_init_mv: f64,
    ) -> Result<Finished, HocProblem> {
        let numbers = [self.celsius, v_init_mv, std::f64::consts::PI].map(Value::Number);
        self.globals.extend(OF_SIMULATION.map(str::to_owned).into_iter().zip(numbers));
        let arguments = arguments.iter().map(|argument| match argument {
            TemplateArgument::Number(number) => Value::Number(*number),
            TemplateArgument::Text(text) => Value::Text(text.as_str().into()),
        });
        let arguments = arguments.collect();
        match self.whole(template, arguments) {
            Ok(artificial) => {
                Ok(Finished { sections: self.sections, initial: self.initial, facts: self.facts, artificial })
            }
            Err(message) => Err(self.source.problem(self.place.0, self.place.1, message)),
        }
    }

    fn whole(&mut self, template: usize, arguments: Vec<Value>) -> Outcome<Option<ArtificialModel>> {
        const MAIN: usize = 0;
        self.frames.push(Frame::default());
        for &file in self.source.of_classes.iter().chain([&MAIN]) {
            self.load(file, false)?;
        }
        let cell = self.instance(template, arguments)?;
        Ok(self.artificial_of(&cell))
    }

    /// What the `pointcell` of an object is, where it is an artificial cell.
    fn artificial_of(&self, cell: &Value) -> Option<ArtificialModel> {
        let Value::Object(Some(object)) = cell else { return None };
        let Class::Instance(instance) = object.class else { return None };
        let Value::Object(Some(object)) = self.instances[instance].variables.get(ARTIFICIAL)? else { return None };
        let Class::Artificial(mechanism) = &object.class else { return None };
        let fields = object.fields.borrow();
        let numbers = fields.iter().filter_map(|(name, value)| match value {
            Value::Number(number) => Some((name.clone(), *number)),
            _ => None,
        });
        Some(ArtificialModel { mechanism: mechanism.clone(), parameters: numbers.collect() })
    }

    /// Carries out the statements of a file, where that has not been done or `again`.
    fn load(&mut self, file: usize, again: bool) -> Outcome<()> {
        if self.loaded.insert(file) || again {
            let (source, place) = (self.source, self.place);
            self.enter(Frame::default(), |run| run.all(&source.program.files[file]))?;
            self.place = place;
        }
        Ok(())
    }

    /// An object of a template: its declarations, then its `init`.
    fn instance(&mut self, template: usize, arguments: Vec<Value>) -> Outcome<Value> {
        let number = self.instances.len();
        let object = Value::object(Class::Instance(number));
        let variables = HashMap::from([("this".to_owned(), object.clone())]);
        self.instances.push(Instance { template, variables, ..Instance::default() });
        let text = &self.source.program.templates[template];
        self.enter(Frame { instance: Some(number), ..Frame::default() }, |run| run.all(&text.statements))?;
        if let Some(init) = text.procedures.iter().find(|procedure| procedure.name == "init") {
            self.call(Some(number), init, arguments)?;
        }
        Ok(object)
    }

    /// Runs something one level deeper.
    fn within<T>(&mut self, run: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth >= DEEPEST {
            return Err(format!(
                "statements, expressions and calls stand too deeply within one another; at most {DEEPEST} are possible"
            ));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// Runs something in a frame of its own.
    fn enter<T>(&mut self, frame: Frame, run: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.frames.len() >= DEEPEST_CALL {
            return Err("procedures call one another too deeply".to_owned());
        }
        self.frames.push(frame);
        let result = run(self)?;
        self.frames.pop();
        Ok(result)
    }

    fn call(&mut self, instance: Option<usize>, procedure: &Procedure, arguments: Vec<Value>) -> Outcome<Value> {
        let place = self.place;
        let value = self.enter(Frame { instance, arguments, locals: Vec::new() }, |run| {
            for statement in &procedure.body {
                match run.statement(statement)? {
                    Flow::Return(value) => return Ok(value),
                    Flow::On => {}
                    Flow::Break | Flow::Continue => break,
                }
            }
            Ok(Value::Number(0.0))
        })?;
        self.place = place;
        Ok(value)
    }

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("there is a frame around everything")
    }

    /// The object that statements belong to.
    fn owner(&self) -> Option<usize> {
        self.frames.last().and_then(|frame| frame.instance)
    }

    /// The section that statements work on.
    fn section(&self) -> Outcome<SectionId> {
        let id = *self.current.last().ok_or("no section is accessed here")?;
        if self.sections.list[id].exists {
            Ok(id)
        } else {
            Err(format!("section {} was deleted", self.sections.list[id].name()))
        }
    }

    /// A procedure of the object, or outside of templates.
    fn procedure(&self, instance: Option<usize>, name: &str) -> Option<(Option<usize>, &'a Procedure)> {
        let program = &self.source.program;
        let of_template = instance.and_then(|instance| {
            let procedures = &program.templates[self.instances[instance].template].procedures;
            procedures.iter().find(|procedure| procedure.name == name).map(|found| (Some(instance), found))
        });
        let outside = || program.procedures.iter().find(|procedure| procedure.name == name).map(|found| (None, found));
        of_template.or_else(outside)
    }
}
