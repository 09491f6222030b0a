//! `msr-cli schema`.

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
