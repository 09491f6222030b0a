//! JSON Schemas (draft 2020-12) of the files, made of the tables that the readers go by: for editors, and for checks
//! without this program.
//!
//! A schema is stricter than the reader in one thing: it refuses every unknown key, so that an editor underlines it, while
//! the reader refuses those that look like a slip and notes the others. Both leave alone keys that begin with a sign
//! (`_tstop`). Texts at the top and in `multiscale_run` under keys that end in `_path` or `_dir` are tokens to both.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::circuit::CIRCUIT;
use crate::compartment_sets::COMPARTMENT_SETS;
use crate::multiscale::{CUSTOM, MULTISCALE_RUN};
use crate::node_sets::NODE_SETS;
use crate::section::Unknown;
use crate::shape::{Domain, Effect, Key, Kind, Shape, Standard};
use crate::simulation::SIMULATION;

/// Name of the dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Keys that are put aside: they begin with a sign.
const ASIDE: &str = "^[^A-Za-z0-9]";

/// Keys of texts that other values may refer to.
const TOKEN: &str = "_(path|dir)$";

/// Names of manifest variables.
const VARIABLE: &str = "^\\$[A-Za-z0-9_]*$";

/// The schema of `simulation_config.json`. `multiscale_run` may have sections of the standard simulators and of `simulators`.
pub fn simulation(simulators: &[&str]) -> Value {
    Definitions { simulators, ..Definitions::default() }.schema(&Kind::Section(&SIMULATION), SIMULATION.about)
}

/// The schema of `circuit_config.json`.
pub fn circuit() -> Value {
    Definitions::default().schema(&Kind::Section(&CIRCUIT), CIRCUIT.about)
}

/// The schema of node sets files.
pub fn node_sets() -> Value {
    Definitions::default().schema(&Kind::Named(&NODE_SETS), "Node sets: selections of nodes, by name.")
}

/// The schema of compartment sets files.
pub fn compartment_sets() -> Value {
    Definitions::default().schema(&Kind::Named(&COMPARTMENT_SETS), "Compartment sets: locations on cells, by name.")
}

/// Shapes that a schema refers to.
#[derive(Default)]
struct Definitions<'s> {
    simulators: &'s [&'s str],
    done: BTreeSet<&'static str>,
    by_name: Map<String, Value>,
}

impl Definitions<'_> {
    fn schema(mut self, root: &Kind, about: &str) -> Value {
        let mut schema = json!({"$schema": DIALECT, "description": about});
        let body = match root {
            Kind::Section(shape) => self.object(shape),
            kind => self.value(kind),
        };
        extend(&mut schema, body);
        extend(&mut schema, json!({ "$defs": self.by_name }));
        schema
    }

    fn value(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Number(domain) => number(*domain),
            Kind::Seed => json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}),
            Kind::Integer => json!({"type": "integer"}),
            Kind::Count => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
            Kind::Steps => json!({"type": "integer", "minimum": 1, "maximum": u32::MAX}),
            Kind::Flag => json!({"type": "boolean"}),
            Kind::Text | Kind::Path => json!({"type": "string"}),
            Kind::Word(words) => json!({"type": "string", "enum": words()}),
            Kind::WordOrText(words) => json!({"type": "string", "examples": words()}),
            Kind::Section(shape) => self.reference(shape),
            Kind::Named(entry) => json!({"type": "object", "additionalProperties": self.value(entry)}),
            Kind::List(item) => json!({"type": "array", "items": self.value(item)}),
            Kind::Either(kinds) => {
                let alternatives: Vec<Value> = kinds.iter().map(|kind| self.value(kind)).collect();
                told_by_type(&alternatives)
            }
            Kind::Null => json!({"type": "null"}),
            Kind::Anything => json!({}),
            Kind::Refused(_) => json!({"not": {}}),
        }
    }

    fn reference(&mut self, shape: &'static Shape) -> Value {
        if self.done.insert(shape.name) {
            let object = self.object(shape);
            self.by_name.insert(shape.name.to_owned(), object);
        }
        json!({"$ref": format!("#/$defs/{}", shape.name)})
    }

    fn object(&mut self, shape: &'static Shape) -> Value {
        let mut object = json!({"type": "object", "description": shape.about});
        let common: Vec<&'static Key> = shape.common_keys().collect();
        let Some(cases) = &shape.cases else {
            extend(&mut object, self.members(shape, &common));
            return object;
        };
        // The cases are complete objects, so that each refuses the keys of the others.
        let mut conditions = Vec::new();
        for case in cases.of {
            let name = format!("{}_{}", shape.name, case.name);
            let keys: Vec<_> = common.iter().copied().chain(case.own_keys()).collect();
            let mut definition = json!({"description": case.about});
            extend(&mut definition, self.members(shape, &keys));
            self.by_name.insert(name.clone(), definition);
            conditions.push(json!({
                "if": {"properties": {(cases.by): {"const": case.name}}, "required": [cases.by]},
                "then": {"$ref": format!("#/$defs/{name}")},
            }));
        }
        let mut properties = self.properties(&common);
        if let Some(by) = properties.get_mut(cases.by).and_then(Value::as_object_mut) {
            // Read by Visual Studio Code; other programs pass it over.
            let abouts: Vec<_> = cases.of.iter().map(|case| case.about).collect();
            by.insert("enumDescriptions".to_owned(), json!(abouts));
        }
        extend(&mut object, json!({"properties": properties, "required": mandatory(&common), "allOf": conditions}));
        object
    }

    /// `properties`, `required` and what becomes of other keys.
    fn members(&mut self, shape: &'static Shape, keys: &[&'static Key]) -> Value {
        let mut properties = self.properties(keys);
        let mut members = Map::new();
        if shape.name == MULTISCALE_RUN.name {
            let is_custom = |name: &&&str| !keys.iter().any(|key| key.name == **name);
            for simulator in self.simulators.iter().filter(is_custom) {
                properties.insert((*simulator).to_owned(), self.reference(&CUSTOM));
                let about = format!("Whether {simulator} takes part.");
                properties.insert(format!("with_{simulator}"), json!({"type": "boolean", "description": about}));
            }
        }
        members.insert("properties".to_owned(), properties.into());
        members.insert("required".to_owned(), json!(mandatory(keys)));
        if let Some(others) = &shape.others {
            members.insert("additionalProperties".to_owned(), self.value(others));
        } else {
            members.insert("additionalProperties".to_owned(), json!(false));
            if shape.unknown == Unknown::Noted {
                let mut patterns = json!({(ASIDE): {}});
                if [SIMULATION.name, MULTISCALE_RUN.name].contains(&shape.name) {
                    extend(&mut patterns, json!({(TOKEN): {"type": "string"}}));
                }
                members.insert("patternProperties".to_owned(), patterns);
            }
        }
        if !shape.exactly_one_of.is_empty() {
            let one: Vec<_> = shape.exactly_one_of.iter().map(|key| json!({"required": [key]})).collect();
            members.insert("oneOf".to_owned(), json!(one));
        }
        Value::Object(members)
    }

    fn properties(&mut self, keys: &[&'static Key]) -> Map<String, Value> {
        keys.iter().map(|key| (key.name.to_owned(), self.property(key))).collect()
    }

    fn property(&mut self, key: &'static Key) -> Value {
        let mut property = self.value(&key.kind);
        if key.name == "manifest" && key.effect == Effect::Elsewhere {
            extend(&mut property, json!({"propertyNames": {"pattern": VARIABLE}}));
        }
        let mut description = key.about.to_owned();
        if !key.unit.is_empty() {
            description.push_str(&format!(" Unit: {}.", key.unit));
        }
        match key.standard {
            Standard::Nothing => {}
            Standard::Number(number) => extend(&mut property, json!({ "default": shortest(number) })),
            Standard::Flag(flag) => extend(&mut property, json!({ "default": flag })),
            Standard::Text(text) => extend(&mut property, json!({ "default": text })),
            Standard::Said(said) => description.push_str(&format!(" Default: {said}.")),
        }
        if let Some(standard) = property.get("default") {
            description.push_str(&format!(" Default: {standard}."));
        }
        extend(&mut property, json!({ "description": description }));
        property
    }
}

/// Alternatives by type, so that a mistake in one is not taken for the choice of another.
fn told_by_type(alternatives: &[Value]) -> Value {
    let mut by_type: Vec<(&str, Vec<&Value>)> = Vec::new();
    for alternative in alternatives {
        // What is referred to is an object.
        let of_type = alternative["type"].as_str().unwrap_or("object");
        match by_type.iter_mut().find(|(known, _)| *known == of_type) {
            Some((_, same)) => same.push(alternative),
            None => by_type.push((of_type, vec![alternative])),
        }
    }
    let cases = by_type.iter().map(|(of_type, same)| {
        let then = if let [only] = &same[..] { json!(only) } else { json!({ "anyOf": same }) };
        json!({"if": {"type": of_type}, "then": then})
    });
    let types: Vec<&str> = by_type.iter().map(|(of_type, _)| *of_type).collect();
    json!({"type": types, "allOf": cases.collect::<Vec<_>>()})
}

fn number(domain: Domain) -> Value {
    match domain {
        Domain::Any => json!({"type": "number"}),
        Domain::Positive => json!({"type": "number", "exclusiveMinimum": 0}),
        Domain::NotNegative => json!({"type": "number", "minimum": 0}),
        Domain::Fraction => json!({"type": "number", "minimum": 0, "maximum": 1}),
    }
}

/// A whole number without its fraction: 34 and not 34.0.
fn shortest(number: f64) -> Value {
    crate::section::exact_integer(number).map_or_else(|| json!(number), |integer| json!(integer))
}

fn mandatory(keys: &[&'static Key]) -> Vec<&'static str> {
    keys.iter().filter(|key| key.is_mandatory).map(|key| key.name).collect()
}

/// Adds the members of `more` to an object.
fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}
