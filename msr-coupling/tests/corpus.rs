//! Bad connections, spaces and values, each with what must be said about it.
//!
//! Beside `corpus/<kind>/<name>.json` stands `<name>.txt`. Its first line, `variants: A::B, C::D`, names the variants of
//! errors that the case is about; the rest is the whole message. Kinds:
//!
//! - `connections`: a simulation file whose connections and iterations join the simulators of `toy` and one of this file,
//!   `lonely`;
//! - `simulators`: simulators that do not fit, each with what is odd about it;
//! - `spaces`: spaces and mappings to be joined;
//! - `writes`: values for a setter of `toy`'s cells; `null` is no number.
//!
//! Every variant of every error that can be met before a run has a case. `MSR_WRITE_CORPUS=1 cargo test -p msr-coupling
//! --test all corpus` writes the messages as they are now, to be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display};
use std::fs;
use std::path::{Path, PathBuf};

use msr_config::{Places, SimulationConfig};
use msr_coupling::space_graph::SpaceGraph;
use msr_coupling::{
    Access, Address, Bounds, Composition, Geometry, Mapping, Plan, Port, Quantity, Query, QueryError, Simulator,
    SimulatorError, Snapshot, Space, Unit, Variable, VariableTable,
};
use serde_json::Value;

use crate::toy::{Cells, Parts};

/// Lies partly in the cells: what lies in one of its two elements lies in both cells, and no part lies in the other.
/// Brings a space that nothing is joined to, and getters that give too little or nothing.
struct Lonely {
    name: String,
    ndts: u64,
    base_dt_ms: f64,
    /// Elements of the space `island`.
    islands: u64,
    /// Whether it cannot say where its elements lie.
    is_lost: bool,
    variables: VariableTable,
}

impl Lonely {
    fn new() -> Self {
        Self::of(&Value::Null)
    }

    /// With what a JSON object says.
    fn of(odd: &Value) -> Self {
        let variable = |name: &str, unit: &str, space: &str, get: &str, set: Option<&str>| Variable {
            name: name.to_owned(),
            description: name.to_owned(),
            unit: Unit::of(unit),
            space: space.to_owned(),
            quantity: Quantity::Intensive,
            bounds: Bounds::NONE,
            get: (!get.is_empty()).then(|| Query::new(get)),
            set: set.map(Query::new),
        };
        let variables = VariableTable::new(vec![
            variable("warmth", "K", "regions", "get_warmth", Some("set_warmth")),
            variable("chill", "mM", "regions", "", Some("set_chill")),
            variable("island", "mM", "island", "get_island", None),
            variable("some", "mM", "regions", "get_some", None),
            variable("nothing", "mM", "regions", "get_nothing", None),
        ]);
        Self {
            name: odd["name"].as_str().unwrap_or("lonely").to_owned(),
            ndts: odd["ndts"].as_u64().unwrap_or(1),
            base_dt_ms: odd["base_dt_ms"].as_f64().unwrap_or(0.025),
            islands: odd["islands"].as_u64().unwrap_or(2),
            is_lost: odd["is_lost"].as_bool().unwrap_or(false),
            variables,
        }
    }
}

impl Simulator for Lonely {
    fn name(&self) -> &str {
        &self.name
    }

    fn base_dt_ms(&self) -> f64 {
        self.base_dt_ms
    }

    fn ndts(&self) -> u64 {
        self.ndts
    }

    fn idts(&self) -> u64 {
        0
    }

    fn advance(&mut self, _until: u64) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        vec![Space::of_nodes("island", None, (0..self.islands).collect()), Space::of_nodes("regions", None, vec![0, 1])]
    }

    fn mappings(&self, _spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        if self.is_lost {
            return Err(SimulatorError::failed(&self.name, "the regions lie outside the cells"));
        }
        let mut fractions = sprs::TriMat::new((2, 2));
        fractions.add_triplet(0, 0, 0.5);
        fractions.add_triplet(0, 1, 0.5);
        Ok(vec![Mapping { from: "regions".into(), to: "neurons".into(), fractions: fractions.to_csr() }])
    }

    fn variables(&self) -> &[Variable] {
        self.variables.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.variables.port(query, access, &[])
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        values.clear();
        match query.function.as_str() {
            "get_nothing" => return Err(SimulatorError::failed("lonely", "nothing is known yet")),
            "get_some" => values.push(1.0),
            _ => values.extend([1.0, 2.0]),
        }
        Ok(())
    }

    fn set_var(&mut self, _query: &Query, _values: &[f64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn exclude(&mut self, _neurons: &[u64]) -> Result<(), SimulatorError> {
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode("lonely", &())
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        snapshot.decode("lonely")
    }
}

/// The message of an error, and how it is built.
fn told(error: &(impl Display + Debug)) -> (String, String) {
    (error.to_string(), format!("{error:?}"))
}

fn connections(text: &str, name: &Path) -> (String, String) {
    let simulation = SimulationConfig::from_text(text, name).unwrap_or_else(|problems| panic!("{problems}"));
    let simulators: Vec<Box<dyn Simulator>> = vec![
        Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5])),
        Box::new(Cells::new(2, vec![0.0; 2], vec![0.0; 2])),
        Box::new(Lonely::new()),
    ];
    let multiscale = simulation.multiscale.as_ref().expect("there are connections");
    let composition = Composition {
        iterations: &multiscale.iterations,
        config: &simulation.document,
        file: name,
        places: Some(&simulation.places),
        ..Composition::of(&multiscale.connections)
    };
    match Plan::new(simulators, &[], &composition) {
        Ok(_) => panic!("{}: nothing is wrong", name.display()),
        Err(errors) => told(&errors),
    }
}

fn simulators(text: &str, name: &Path) -> (String, String) {
    let document: Value = serde_json::from_str(text).unwrap();
    let places = Places::of_text(text, name).unwrap();
    let mut simulators: Vec<Box<dyn Simulator>> = vec![Box::new(Parts::new(vec![1.0; 5], vec![0.0; 5]))];
    let sections = document["multiscale_run"].as_object().unwrap().values();
    simulators.extend(sections.map(|odd| -> Box<dyn Simulator> { Box::new(Lonely::of(odd)) }));
    let composition = Composition { file: name, places: Some(&places), ..Composition::of(&[]) };
    match Plan::new(simulators, &[], &composition) {
        Ok(_) => panic!("{}: nothing is wrong", name.display()),
        Err(errors) => told(&errors),
    }
}

fn spaces(text: &str, name: &Path) -> (String, String) {
    let document: Value = serde_json::from_str(text).unwrap();
    let mut graph = SpaceGraph::default();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let numbers = |value: &Value| -> Vec<f64> { list(value).iter().map(|x| x.as_f64().unwrap()).collect() };
    for space in list(&document["spaces"]) {
        let ids: Vec<u64> = numbers(&space["ids"]).iter().map(|&id| id as u64).collect();
        let addresses = ids.iter().map(|&node| Address { node, element: 0 }).collect();
        let sizes = numbers(&space["sizes"]);
        let space = Space {
            name: space["name"].as_str().unwrap().to_owned(),
            ids,
            sizes,
            geometry: Geometry::Abstract,
            population: None,
            addresses,
            subsets: BTreeMap::new(),
        };
        if let Err(error) = graph.add_space(space) {
            return told(&error);
        }
    }
    for mapping in list(&document["mappings"]) {
        let shape = numbers(&mapping["shape"]);
        let mut fractions = sprs::TriMat::new((shape[0] as usize, shape[1] as usize));
        for entry in list(&mapping["entries"]) {
            let entry = numbers(&entry);
            fractions.add_triplet(entry[0] as usize, entry[1] as usize, entry[2]);
        }
        let end = |key: &str| mapping[key].as_str().unwrap().to_owned();
        if let Err(error) =
            graph.add_mapping(Mapping { from: end("from"), to: end("to"), fractions: fractions.to_csr() })
        {
            return told(&error);
        }
    }
    panic!("{}: nothing is wrong", name.display())
}

fn writes(text: &str, name: &Path) -> (String, String) {
    let document: Value = serde_json::from_str(text).unwrap();
    let values: Vec<f64> =
        document["values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect();
    let query = Query::new(document["function"].as_str().unwrap());
    match Cells::new(1, vec![0.0; 2], vec![0.0; 2]).set_var(&query, &values) {
        Ok(()) => panic!("{}: nothing is wrong", name.display()),
        Err(error) => told(&error),
    }
}

type Kind = (&'static str, fn(&str, &Path) -> (String, String));
const KINDS: [Kind; 4] =
    [("connections", connections), ("simulators", simulators), ("spaces", spaces), ("writes", writes)];

/// All cases: the file of the expectation, its variants, and what is told.
fn cases() -> Vec<(PathBuf, BTreeSet<String>, (String, String))> {
    let corpus = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"));
    let mut cases = Vec::new();
    for (kind, read) in KINDS {
        let entries = fs::read_dir(corpus.join(kind)).expect("the corpus is there").flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let expected = file.with_extension("txt");
            let header = fs::read_to_string(&expected).unwrap_or_else(|error| panic!("{expected:?}: {error}"));
            let header = header.lines().next().and_then(|line| line.strip_prefix("variants: ")).expect("a header");
            let variants = header.split(", ").map(str::to_owned).collect();
            let name = PathBuf::from(file.file_name().unwrap());
            cases.push((expected, variants, read(&text, &name)));
        }
    }
    cases
}

#[test]
fn each_case_is_told_what_is_wrong_with_it() {
    for (expected, variants, (message, built)) in cases() {
        let names: Vec<&String> = variants.iter().collect();
        let text =
            format!("variants: {}\n{message}\n", names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", "));
        if std::env::var_os("MSR_WRITE_CORPUS").is_some() {
            fs::write(&expected, &text).unwrap();
        }
        for variant in names {
            let short = variant.split("::").nth(1).expect("a variant is written as Enum::Variant");
            let words = built.split(|c: char| !c.is_alphanumeric());
            assert!(words.into_iter().any(|word| word == short), "{expected:?} is not about {variant}: {built}");
        }
        assert_eq!(text, fs::read_to_string(&expected).unwrap(), "{expected:?}");
    }
}

/// The variants of an enum in a source text.
fn variants(source: &str, name: &str) -> Vec<String> {
    let start = source.find(&format!("pub enum {name} {{")).unwrap_or_else(|| panic!("no {name}"));
    let body = &source[start..start + source[start..].find("\n}").expect("an enum ends")];
    let names = body.lines().filter_map(|line| {
        let line = line.strip_prefix("    ").filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))?;
        let end = line.find(|c: char| !c.is_alphanumeric()).unwrap_or(line.len());
        Some(format!("{name}::{}", &line[..end]))
    });
    names.collect()
}

#[test]
fn every_variant_has_a_case() {
    let covered: BTreeSet<String> = cases().into_iter().flat_map(|(_, variants, _)| variants).collect();
    let sources = [
        (include_str!("../src/plan/error.rs"), "PlanError"),
        (include_str!("../src/iteration.rs"), "IterationError"),
        (include_str!("../src/exchange/error.rs"), "ConnectionError"),
        (include_str!("../src/route.rs"), "RouteError"),
        (include_str!("../src/expression/error.rs"), "ExpressionProblem"),
        (include_str!("../src/query.rs"), "QueryError"),
        (include_str!("../src/space_graph/error.rs"), "SpaceError"),
    ];
    for (source, name) in sources {
        let all = variants(source, name);
        assert!(all.len() > 5, "{all:?}");
        let missing: Vec<String> = all.into_iter().filter(|variant| !covered.contains(variant)).collect();
        assert!(missing.is_empty(), "no case for {missing:?}");
    }
}
