//! What `msr-cli` generates from its own code: schemas of files, completions, manual pages.

use assert_cmd::Command;
use serde_json::Value;

fn schema(file: &str) -> Value {
    let output = Command::cargo_bin("msr-cli").unwrap().args(["schema", file]).output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

#[test]
fn every_file_has_a_schema() {
    let simulation = schema("simulation");
    assert_eq!(simulation["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(simulation["required"], serde_json::json!(["run"]));
    // The sections of the standard simulators are not taken for those of a simulator of one's own.
    let sections = &simulation["$defs"]["multiscale_run"]["properties"];
    assert_eq!(sections["metabolism"]["$ref"], "#/$defs/metabolism");
    assert_eq!(schema("circuit")["required"], serde_json::json!(["networks"]));
    for file in ["node-sets", "compartment-sets"] {
        assert_eq!(schema(file)["type"], "object", "{file}");
    }
}

#[test]
fn every_command_is_completed_and_has_a_page() {
    let help = Command::cargo_bin("msr-cli").unwrap().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let commands: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.contains(&"compute") && commands.contains(&"compare"), "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = Command::cargo_bin("msr-cli").unwrap().args(["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        for command in &commands {
            assert!(script.contains(command), "{shell} does not complete {command}");
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let pages = directory.path().join("man1");
    Command::cargo_bin("msr-cli").unwrap().arg("man").arg(&pages).assert().success();
    for command in commands.iter().filter(|command| **command != "help") {
        let page = std::fs::read_to_string(pages.join(format!("msr-cli-{command}.1"))).unwrap();
        assert!(page.contains(".TH") && page.contains(command), "{command}");
    }
    assert!(std::fs::read_to_string(pages.join("msr-cli.1")).unwrap().contains("Exit codes"));
}
