//! The chapters of reference are what the program says. `MSR_UPDATE_DOCS=1` in the environment writes them.

use std::env;
use std::fmt::Write;
use std::fs;

use assert_cmd::Command;
use serde_json::Value;

use super::{repository, text};

fn said(arguments: &[&str]) -> String {
    let output = Command::cargo_bin("msr-cli").unwrap().args(arguments).env("NO_COLOR", "1").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Asserts that a chapter is `expected`, or writes it.
fn assert_current(chapter: &str, expected: &str) {
    let expected: String = expected.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let path = repository().join("docs/src").join(chapter);
    if env::var_os("MSR_UPDATE_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let found = text(&path);
    let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
    let again = "MSR_UPDATE_DOCS=1 cargo nextest run -p msr-cli --test all documentation";
    assert!(found == expected, "{chapter} is not current, first at {differs:?}; write it with {again}");
}

const MADE: &str = "_Made by the program; a test keeps it current._";

#[test]
fn commands_are_current() {
    let overall = said(&["--help"]);
    let mut chapter = format!("# Commands\n\n{MADE}\n\n```text\n{}\n```\n", overall.trim_end());
    let listed = overall.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let commands = listed.lines().filter(is_name).filter_map(|line| line.split_whitespace().next());
    for command in commands.filter(|command| *command != "help") {
        let help = without_general_options(&said(&[command, "--help"]));
        write!(chapter, "\n## {command}\n\n```text\n{}\n```\n", help.trim_end()).unwrap();
    }
    assert_current("reference-commands.md", &chapter);
}

/// The options of every command stand at the top of the chapter.
fn without_general_options(help: &str) -> String {
    let (before, general) = help.split_once("Options of every command:").expect("they are there");
    let is_end = |line: &str| !line.is_empty() && !line.starts_with(' ');
    let after: Vec<&str> = general.lines().skip(1).skip_while(|line| !is_end(line)).collect();
    format!("{}\n\n{}", before.trim_end(), after.join("\n"))
}

#[test]
fn configuration_keys_are_current() {
    let mut chapter = format!(
        "# Configuration keys\n\n{MADE}\n\nEverything that may stand in a configuration file, as `msr-cli schema` tells it to editors. \
         Keys in bold must be there. What they do is explained in [configuration](configuration.md).\n"
    );
    let files = [
        ("simulation", "simulation_config.json"),
        ("circuit", "circuit_config.json"),
        ("node-sets", "Node sets"),
        ("compartment-sets", "Compartment sets"),
    ];
    for (name, title) in files {
        let schema: Value = serde_json::from_str(&said(&["schema", name])).unwrap();
        write!(chapter, "\n## {title}\n").unwrap();
        add_object(&mut chapter, &schema);
        for (section, object) in schema["$defs"].as_object().into_iter().flatten() {
            write!(chapter, "\n### {section}\n").unwrap();
            add_object(&mut chapter, object);
        }
    }
    assert_current("reference-configuration.md", &chapter);
}

/// What an object is, and a table of its keys.
fn add_object(chapter: &mut String, object: &Value) {
    if let Some(about) = object["description"].as_str() {
        write!(chapter, "\n{about}\n").unwrap();
    }
    if let Some(others) = object.get("additionalProperties").filter(|others| others.is_object()) {
        write!(chapter, "\nUnder names of your choice: {}.\n", kind(others)).unwrap();
    }
    let Some(keys) = object["properties"].as_object().filter(|keys| !keys.is_empty()) else { return };
    let is_mandatory = |key: &String| object["required"].as_array().is_some_and(|keys| keys.iter().any(|it| it == key));
    chapter.push_str("\n| key | value | meaning |\n|---|---|---|\n");
    for (key, property) in keys {
        let name = if is_mandatory(key) { format!("**`{key}`**") } else { format!("`{key}`") };
        let about = property["description"].as_str().unwrap_or_default();
        writeln!(chapter, "| {name} | {} | {} |", kind(property), cell(about)).unwrap();
    }
}

/// The kind of a value, in words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return format!("[{name}](#{name})");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_str().unwrap())).collect();
        return words.join(", ");
    }
    if let Some(cases) = schema["allOf"].as_array().filter(|_| schema["type"].is_array()) {
        let alternatives = |case: &Value| match case["then"]["anyOf"].as_array() {
            Some(all) => all.iter().map(kind).collect::<Vec<_>>(),
            None => vec![kind(&case["then"])],
        };
        return cases.iter().flat_map(alternatives).collect::<Vec<_>>().join(" or ");
    }
    match schema["type"].as_str() {
        Some("string") => match schema["examples"].as_array() {
            Some(words) => format!(
                "text, for example {}",
                words.iter().map(|it| format!("`{}`", it.as_str().unwrap())).collect::<Vec<_>>().join(", ")
            ),
            None => "text".to_owned(),
        },
        Some("boolean") => "true or false".to_owned(),
        Some("integer") if schema["minimum"] == 1 => "whole number from 1".to_owned(),
        Some("integer") if schema["minimum"] == 0 => "whole number from 0".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("number") if schema["exclusiveMinimum"] == 0 => "number above 0".to_owned(),
        Some("number") if schema["maximum"] == 1 => "number from 0 to 1".to_owned(),
        Some("number") if schema["minimum"] == 0 => "number from 0".to_owned(),
        Some("array") => format!("list: {}", kind(&schema["items"])),
        Some("object") => match schema.get("additionalProperties").filter(|others| others.is_object()) {
            Some(others) => format!("by name: {}", kind(others)),
            None => "object".to_owned(),
        },
        Some(other) => other.to_owned(),
        None if schema.get("not").is_some() => "refused".to_owned(),
        None => "anything".to_owned(),
    }
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<").replace('\n', " ")
}

#[test]
fn variables_are_current() {
    let directory = tempfile::tempdir().unwrap();
    let demo = directory.path().join("demo");
    let demo = demo.to_str().unwrap();
    said(&["init", demo, "--no-check"]);
    let mut chapter = format!(
        "# Variables\n\n{MADE}\n\nWhat connections and reports can read and write in the bundled circuit, as `msr-cli variables` lists \
         it; other circuits may have other mechanisms, species and models. An amount is summed where it is mapped, a level averaged.\n"
    );
    let mut lines = said(&["variables", demo]);
    lines.push('\n');
    let mut before: Option<&str> = None;
    for line in lines.lines() {
        if let Some(calls) = line.strip_prefix("    ") {
            let variable = before.take().expect("a variable comes before what reads it");
            let (name, rest) = variable.split_once(' ').unwrap();
            let (facts, about) = rest.split_once(": ").unwrap();
            writeln!(chapter, "| `{name}` | {} | {} | {} |", cell(facts), cell(about), cell(calls)).unwrap();
        } else if let Some(variable) = line.strip_prefix("  ") {
            before = Some(variable);
        } else if !line.is_empty() {
            write!(
                chapter,
                "\n## {line}\n\n| name | unit, kind, space, bounds | what it is | queries |\n|---|---|---|---|\n"
            )
            .unwrap();
        }
    }
    assert_current("reference-variables.md", &chapter);
}
