//! Bad files, each with what must be said about it.
//!
//! Beside `corpus/<kind>/<name>.json` stands `<name>.txt`, beside `corpus/disk/<case>/simulation_config.json` stands
//! `expected.txt` (and `set.txt` with values of the command line, one a line). A line of it begins with
//!
//! - `schema`: the reader says so, and the JSON Schema finds a mistake there, too;
//! - `reader`: only the reader can say so;
//! - `note`: no mistake.
//!
//! `MSR_WRITE_CORPUS=1 cargo test -p msr-config --test all corpus` writes the files as things are now, to be read.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jsonschema::Validator;
use msr_config::compartment_sets::CompartmentSets;
use msr_config::{CircuitConfig, NodeSets, Override, Problem, Problems, SimulationConfig, schema};
use serde_json::Value;

fn corpus() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"))
}

/// What is said about a file: problems, or else notes.
type Told = Result<Vec<Problem>, Problems>;

struct Case {
    file: PathBuf,
    expected: PathBuf,
    told: Told,
    schema: Rc<Validator>,
}

fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("the corpus is there").flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

fn kind(name: &str, read: fn(&str, &Path) -> Told, schema: &Rc<Validator>) -> Vec<Case> {
    let case = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("the file is readable");
        let name = PathBuf::from(file.file_name().expect("a file has a name"));
        Case { told: read(&text, &name), expected: file.with_extension("txt"), file, schema: schema.clone() }
    };
    files(&corpus().join(name), "json").into_iter().map(case).collect()
}

fn validator(schema: &Value) -> Rc<Validator> {
    Rc::new(jsonschema::draft202012::new(schema).expect("the schema is valid"))
}

fn cases() -> Vec<Case> {
    // As of a program with a simulator of its own.
    let simulation = validator(&schema::simulation(&["oxygen"]));
    let mut cases = kind(
        "simulation",
        |text, path| SimulationConfig::from_text(text, path).map(|config| config.notes),
        &simulation,
    );
    cases.extend(kind(
        "circuit",
        |text, path| CircuitConfig::from_text(text, path).map(|config| config.notes),
        &validator(&schema::circuit()),
    ));
    cases.extend(kind(
        "node_sets",
        |text, path| NodeSets::from_text(text, path).map(|sets| sets.notes),
        &validator(&schema::node_sets()),
    ));
    cases.extend(kind(
        "compartment_sets",
        |text, path| CompartmentSets::from_text(text, path).map(|sets| sets.notes),
        &validator(&schema::compartment_sets()),
    ));
    let mut directories: Vec<_> =
        fs::read_dir(corpus().join("disk")).expect("the corpus is there").flatten().map(|entry| entry.path()).collect();
    directories.sort();
    cases.extend(directories.into_iter().map(|directory| {
        let set = fs::read_to_string(directory.join("set.txt")).unwrap_or_default();
        let overrides: Vec<Override> = set.lines().map(|line| line.parse().expect("an override")).collect();
        Case {
            told: SimulationConfig::load_with(&directory, &overrides).map(|config| config.notes),
            file: directory.join("simulation_config.json"),
            expected: directory.join("expected.txt"),
            schema: simulation.clone(),
        }
    }));
    cases
}

/// Keys, in the form of the reader, at which the schema finds a mistake.
fn schema_mistakes(validator: &Validator, document: &Value) -> Vec<String> {
    let key = |pointer: &str| {
        pointer.split('/').skip(1).fold(String::new(), |key, part| match (part.parse::<usize>(), key.is_empty()) {
            (Ok(position), _) if pointer_is_list(document, pointer, part) => format!("{key}[{position}]"),
            (_, true) => part.to_owned(),
            (_, false) => format!("{key}.{part}"),
        })
    };
    validator.iter_errors(document).map(|error| key(error.instance_path().as_str())).collect()
}

/// Whether the part of a pointer is a position in a list.
fn pointer_is_list(document: &Value, pointer: &str, part: &str) -> bool {
    let end = pointer.find(&format!("/{part}")).unwrap_or_default();
    document.pointer(&pointer[..end]).is_some_and(Value::is_array)
}

/// Whether a mistake of the schema is that of the reader: at the same key, or at the object for a key that is missing or
/// unknown.
fn is_same(problem: &Problem, mistakes: &[String]) -> bool {
    let of_parent = ["mandatory", "unknown", "no variable name", "either"];
    let parent = problem.key.rfind(['.', '[']).map_or("", |end| &problem.key[..end]);
    let parent = of_parent.iter().any(|word| problem.message.contains(word)).then_some(parent);
    mistakes.iter().any(|mistake| *mistake == problem.key || Some(mistake.as_str()) == parent)
}

fn lines(case: &Case) -> String {
    let directory = case.file.parent().expect("a file lies somewhere").display().to_string();
    let shown = |problem: &Problem| problem.to_string().replace(&format!("{directory}/"), "").replace(&directory, ".");
    let document = fs::read_to_string(&case.file).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let mistakes = document.map_or_else(Vec::new, |document| schema_mistakes(&case.schema, &document));
    let lines: Vec<String> = match &case.told {
        Ok(notes) => notes.iter().map(|note| format!("note   {}", shown(note))).collect(),
        Err(problems) => problems
            .0
            .iter()
            .map(|problem| {
                let is_own = problem.file.file_name() == case.file.file_name();
                let by = if is_own && is_same(problem, &mistakes) { "schema" } else { "reader" };
                format!("{by} {}", shown(problem))
            })
            .collect(),
    };
    lines.join("\n") + "\n"
}

#[test]
fn each_bad_file_is_told_what_is_wrong_with_it() {
    // Mistakes that a schema can find, it must find, too.
    const OF_SCHEMA: [&str; 10] = [
        "unknown key",
        "mandatory key",
        "unknown value",
        "unknown operation",
        "must be a number",
        "must be an integer",
        "must be true or false",
        "must be a text",
        "must be an object",
        "must be a list",
    ];
    let mut wrong = Vec::new();
    for case in cases() {
        let told = lines(&case);
        let name = case.file.file_name().expect("a file has a name").to_string_lossy().into_owned();
        for line in told.lines().filter(|line| line.starts_with(&format!("reader {name}:"))) {
            assert!(!OF_SCHEMA.iter().any(|mistake| line.contains(mistake)), "the schema does not refuse:\n{line}");
        }
        if std::env::var_os("MSR_WRITE_CORPUS").is_some() {
            fs::write(&case.expected, &told).expect("the corpus can be written");
        }
        let expected = fs::read_to_string(&case.expected).unwrap_or_default();
        if told != expected {
            wrong.push(format!("{}\nexpected:\n{expected}\ntold:\n{told}", case.file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// String literals of a source that are messages: two words or more, in no comment, no test, no call whose texts are not for
/// the reader of a problem (tables of keys, our own bugs).
fn messages(source: &str) -> Vec<String> {
    const NO_MESSAGES: [&str; 21] = [
        "about",
        "or",
        "unit",
        "tolerant",
        "strict",
        "new",
        "inert",
        "expect",
        "panic!",
        "assert!",
        "debug_assert!",
        "json!",
        "number",
        "flag",
        "text",
        "path",
        "named",
        "list",
        "either",
        "word",
        "section",
    ];
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let text: Vec<char> = source.chars().collect();
    let (mut messages, mut calls, mut word, mut at) = (Vec::new(), Vec::new(), String::new(), 0);
    while at < text.len() {
        let rest = |length: usize| text[at..].iter().take(length).collect::<String>();
        match text[at] {
            '/' if rest(2) == "//" => at += text[at..].iter().position(|sign| *sign == '\n').unwrap_or(text.len() - at),
            '\'' if rest(4).chars().nth(2) == Some('\'') || rest(2) == "'\\" => {
                at += if text[at + 1] == '\\' { 4 } else { 3 };
                continue;
            }
            '"' => {
                let (mut literal, mut end) = (String::new(), at + 1);
                while text[end] != '"' {
                    if text[end] == '\\' {
                        end += 1;
                        match text[end] {
                            '\n' => end += text[end..].iter().take_while(|sign| sign.is_whitespace()).count() - 1,
                            'n' => literal.push('\n'),
                            sign => literal.push(sign),
                        }
                    } else {
                        literal.push(text[end]);
                    }
                    end += 1;
                }
                at = end;
                let call = calls.last().map_or("", String::as_str);
                let plain: String = without_holes(&literal).join(" ");
                let words =
                    plain.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
                if !NO_MESSAGES.contains(&call) && words.count() >= 2 {
                    messages.push(literal);
                }
            }
            '(' => calls.push(std::mem::take(&mut word)),
            ')' => drop(calls.pop()),
            _ => {}
        }
        match text.get(at) {
            Some(sign) if sign.is_alphanumeric() || matches!(sign, '_' | '!') => word.push(*sign),
            _ => word.clear(),
        }
        at += 1;
    }
    messages
}

/// The parts of a message between its holes `{...}`.
fn without_holes(message: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    let signs: Vec<char> = message.chars().collect();
    let mut at = 0;
    while at < signs.len() {
        let doubled = signs.get(at + 1) == Some(&signs[at]);
        match signs[at] {
            brace @ ('{' | '}') if doubled && depth == 0 => {
                parts.last_mut().expect("there is a part").push(brace);
                at += 1;
            }
            '{' => depth += 1,
            '}' if depth > 0 => {
                depth -= 1;
                parts.push(String::new());
            }
            sign if depth == 0 => parts.last_mut().expect("there is a part").push(sign),
            _ => {}
        }
        at += 1;
    }
    parts
}

/// Whether the parts of a message stand in a text in their order.
fn stands_in(message: &str, text: &str) -> bool {
    let mut rest = text;
    without_holes(message).iter().all(|part| match rest.find(part.as_str()) {
        Some(start) => {
            rest = &rest[start + part.len()..];
            true
        }
        None => false,
    })
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("the sources are there").flatten().map(|entry| entry.path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .collect()
}

/// Every message that stands in the sources is told of some file of the corpus, or by a test named here.
#[test]
fn the_corpus_has_every_message() {
    let mut told: Vec<String> =
        cases().iter().map(lines).flat_map(|lines| lines.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    // Messages of populations, of sets that are asked for, and of the command line have tests of their own.
    for test in ["hdf5_files.rs", "node_sets.rs", "mistakes.rs", "inheritance.rs", "circuits.rs", "errors.rs"] {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(test);
        let text = fs::read_to_string(&file).unwrap_or_default();
        let joined = text.replace("\\\n", "\u{0}");
        let joined = joined.split('\u{0}').map(str::trim_start).collect::<String>();
        told.extend(joined.lines().map(|line| line.replace("\\\"", "\"")));
    }
    // What speaks to editors, what is no message, and failures of libraries that no file brings about.
    const EXEMPT: [&str; 5] = [
        "Of the original; no effect: mappings are made anew for each run.",
        " at line ",
        "not readable as JSON",
        "cannot be listed: {error}",
        "this build reads no HDF5 files (feature sonata)",
    ];
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut untold = Vec::new();
    for source in sources(&root).into_iter().filter(|source| !source.ends_with("schema.rs")) {
        let text = fs::read_to_string(&source).expect("the source is readable");
        for message in messages(&text) {
            if !EXEMPT.contains(&message.as_str()) && !told.iter().any(|told| stands_in(&message, told)) {
                untold.push(format!("{}: {message}", source.strip_prefix(&root).expect("it is a source").display()));
            }
        }
    }
    assert!(untold.is_empty(), "no file of the corpus is told:\n{}", untold.join("\n"));
}
