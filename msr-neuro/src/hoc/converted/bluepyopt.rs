//! Parameter files of BluePyOpt's e-models (`mechanisms`, `distributions`, `parameters`) with their optimised values.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{DescriptionError, Findings, MYELIN, Number, SAMPLED_AXON, Writer};
use crate::hoc::HocTemplate;

#[derive(Deserialize)]
struct File {
    /// In the order of the file.
    mechanisms: Map<String, Value>,
    #[serde(default)]
    distributions: BTreeMap<String, Distribution>,
    /// In the order of the file.
    parameters: Map<String, Value>,
}

#[derive(Deserialize)]
struct Mechanisms {
    mech: Vec<String>,
}

#[derive(Deserialize)]
struct Distribution {
    /// In Python, of `{distance}`, `{value}` and its parameters.
    fun: String,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    val: Bounds,
    dist: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Bounds {
    Value(Number),
    /// What is optimised lies between them.
    #[expect(dead_code, reason = "the optimised value counts")]
    Range(Vec<Number>),
}

/// Places of parameters that are several section lists.
const PLACES: &[(&str, &[&str])] = &[
    ("all", &["all"]),
    ("somatic", &["somatic"]),
    ("axonal", &["axonal"]),
    ("basal", &["basal"]),
    ("apical", &["apical"]),
    ("myelinated", &["myelinated"]),
    ("alldend", &["apical", "basal"]),
    ("somadend", &["apical", "basal", "somatic"]),
    ("allnoaxon", &["apical", "basal", "somatic"]),
    ("somaxon", &["axonal", "somatic"]),
    ("allact", &["apical", "basal", "somatic", "axonal"]),
];
/// What the names of lists of parameters of distributions begin with.
const OF_DISTRIBUTION: &str = "distribution_";
const UNIFORM: &str = "uniform";
const COMMENT: &str = "__comment";

/// Whether a JSON text is such a file: its `parameters` are an object, its `mechanisms` have lists called `mech`.
pub fn is_parameter_file(document: &Value) -> bool {
    let has_lists = |mechanisms: &Value| {
        mechanisms.as_object().is_some_and(|lists| lists.values().any(|list| list.get("mech").is_some()))
    };
    document.get("parameters").is_some_and(Value::is_object) && document.get("mechanisms").is_some_and(has_lists)
}

/// The optimised values (`name.place`) of an e-model in a file of results: `{emodel: {"params": {...}}}`.
pub fn optimised(document: &Value, emodel: &str) -> Option<BTreeMap<String, f64>> {
    let models = document.as_object()?;
    let of_model = models.get(emodel).or_else(|| models.values().next().filter(|_| models.len() == 1))?;
    let values = of_model.get("params").or_else(|| of_model.get("parameters")).unwrap_or(of_model).as_object()?;
    Some(values.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect())
}

impl HocTemplate {
    /// A template of a parameter file. `optimised` are values of those parameters that the file gives only bounds for, by
    /// `name.place`. Sections are cut into `1 + 2 int(L / 40 um)` segments; the axon becomes two sections of 30 um as thick as
    /// it was, with myelin where parameters are given for it: what EModelRunner does.
    ///
    /// Parameters are assigned in the order of the file. Distances are those from the middle of the soma.
    ///
    /// # Errors
    /// [`DescriptionError`] with everything that is wrong.
    pub fn from_parameters(
        text: &str,
        file: &str,
        optimised: &BTreeMap<String, f64>,
    ) -> Result<Self, DescriptionError> {
        let content: File =
            serde_json::from_str(text).map_err(|source| DescriptionError::Syntax { file: file.to_owned(), source })?;
        let mut findings = Findings::new(file);
        let mut out = Writer::new();
        out.open("cut");
        out.line("forsec all { nseg = 1 + 2*int(L/40) }");
        out.close();
        out.line(SAMPLED_AXON);
        if content.parameters.contains_key("myelinated") || content.mechanisms.contains_key("myelinated") {
            out.line(MYELIN);
        }
        out.close();
        out.open("insert_all");
        for (place, mechanisms) in content.mechanisms.iter().filter(|(place, _)| *place != COMMENT) {
            let mechanisms: Mechanisms = match serde_json::from_value(mechanisms.clone()) {
                Ok(mechanisms) => mechanisms,
                Err(error) => {
                    findings.add(&format!("mechanisms.{place}"), &error.to_string());
                    continue;
                }
            };
            for list in lists(&mut findings, &format!("mechanisms.{place}"), place) {
                for mechanism in &mechanisms.mech {
                    findings.name(&format!("mechanisms.{place}"), mechanism);
                    out.line(&format!("forsec {list} {{ insert {mechanism} }}"));
                }
            }
        }
        out.close();
        let mut constants = BTreeMap::<&str, Vec<(String, String)>>::new();
        let mut assigned = Vec::new();
        for (place, list) in content.parameters.iter().filter(|(place, _)| *place != COMMENT) {
            let key = format!("parameters.{place}");
            let parameters: Vec<Parameter> = match serde_json::from_value(list.clone()) {
                Ok(parameters) => parameters,
                Err(error) => {
                    findings.add(&key, &error.to_string());
                    continue;
                }
            };
            for parameter in parameters {
                let key = format!("{key}.{}", parameter.name);
                findings.name(&key, &parameter.name);
                let value = match &parameter.val {
                    Bounds::Value(number) => findings.number(&key, number),
                    Bounds::Range(_) => match optimised.get(&format!("{}.{place}", parameter.name)) {
                        Some(value) => findings.number(&key, &Number::Number(*value)),
                        None => {
                            findings.add(&key, "has bounds, and there is no optimised value for it");
                            continue;
                        }
                    },
                };
                match place.strip_prefix(OF_DISTRIBUTION) {
                    Some(distribution) => constants.entry(distribution).or_default().push((parameter.name, value)),
                    None => assigned.push((place, parameter, value)),
                }
            }
        }
        out.open("set_all");
        out.line("soma[0] distance(0, 0.5)");
        for (place, parameter, value) in assigned {
            let key = format!("parameters.{place}.{}", parameter.name);
            let name = &parameter.name;
            if place == "global" {
                out.line(&format!("{name} = {value}"));
                continue;
            }
            let distribution = parameter.dist.as_deref().filter(|distribution| *distribution != UNIFORM);
            let formula = match distribution {
                None => None,
                Some(distribution) => match content.distributions.get(distribution) {
                    Some(known) => {
                        let of = constants.get(distribution).map_or(&[][..], Vec::as_slice);
                        Some(formula(&known.fun, &value, of))
                    }
                    None => {
                        let known: Vec<&str> = content.distributions.keys().map(String::as_str).collect();
                        findings
                            .add(&key, &format!("no distribution '{distribution}'; there are: {}", known.join(", ")));
                        continue;
                    }
                },
            };
            for list in lists(&mut findings, &key, place) {
                match &formula {
                    None => out.line(&format!("forsec {list} {{ {name} = {value} }}")),
                    Some(formula) => out.line(&format!("forsec {list} {{ for (x, 0) {{ {name}(x) = {formula} }} }}")),
                }
            }
        }
        out.close();
        findings.end()?;
        Ok(out.template(file)?)
    }
}

fn lists(findings: &mut Findings, key: &str, place: &str) -> &'static [&'static str] {
    PLACES.iter().find(|(known, _)| *known == place).map_or_else(
        || {
            let known: Vec<&str> = PLACES.iter().map(|(known, _)| *known).collect();
            findings.add(key, &format!("'{place}' is no place; there are: {}", known.join(", ")));
            &[][..]
        },
        |(_, lists)| lists,
    )
}

/// A formula in Python as hoc writes it.
fn formula(python: &str, value: &str, constants: &[(String, String)]) -> String {
    let mut formula = python.replace("{distance}", "distance(x)").replace("{value}", &format!("({value})"));
    for (name, constant) in constants {
        formula = formula.replace(&format!("{{{name}}}"), &format!("({constant})"));
    }
    for prefix in ["math.", "numpy.", "np."] {
        formula = formula.replace(prefix, "");
    }
    formula.replace("**", "^")
}
