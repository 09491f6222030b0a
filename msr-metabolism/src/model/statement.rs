//! Statements of the language of models (see the module above), before anything is done with them.

use super::constants::ConstantValue;
use super::equation::EquationKind;
use super::error::ModelError;
use super::place::Place;

/// A statement with what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    pub(super) place: Place,
    /// The comment right above.
    pub(super) description: String,
    pub(super) act: Act,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    Base { model: String },
    State { name: String, value: f64, unit: String, compartment: String },
    Parameter { name: String, value: f64, unit: String },
    Constant { group: String, name: String, value: ConstantValue, unit: String },
    Equation { kind: EquationKind, name: String, change: Change, formula: String },
    Set { name: String, value: f64 },
    Limit { state: String, constant: String },
}

/// How an equation relates to one of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// There is none.
    Define,
    Replace,
    Add,
    Multiply,
}

/// All statements of a text.
pub(super) fn statements(file: &str, text: &str) -> Result<Vec<Statement>, ModelError> {
    let mut statements = Vec::new();
    let mut description = String::new();
    let mut lines = text.lines().zip(1..).peekable();
    while let Some((line, number)) = lines.next() {
        if line.trim().is_empty() {
            description.clear();
            continue;
        }
        let mut whole = without_comment(line).to_owned();
        if whole.is_empty() {
            let comment = line.trim_start().trim_start_matches('#').trim();
            let gap = if description.is_empty() || comment.is_empty() { "" } else { " " };
            description = description + gap + comment;
            continue;
        }
        while let Some((next, _)) =
            lines.next_if(|(next, _)| next.starts_with(char::is_whitespace) && !next.trim().is_empty())
        {
            whole.push(' ');
            whole.push_str(without_comment(next));
        }
        let whole = whole.trim_end().to_owned();
        let place = Place { file: file.to_owned(), line: number };
        match act(&whole) {
            Some(act) => statements.push(Statement { place, description: std::mem::take(&mut description), act }),
            None => return Err(ModelError::NoStatement { text: whole }.at(&place)),
        }
    }
    Ok(statements)
}

/// What of a line is not comment.
fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

fn act(line: &str) -> Option<Act> {
    let (keyword, rest) = line.split_once(char::is_whitespace)?;
    if keyword == "base" {
        return Some(Act::Base { model: word(rest)? });
    }
    let (left, right) = rest.split_once('=')?;
    let (left, right) = (left.trim(), right.trim());
    let name = || word(left);
    match keyword {
        "state" => {
            let (right, compartment) = right.split_once(" in ").unwrap_or((right, ""));
            let (value, unit) = value_and_unit(right);
            let compartment = compartment.trim().to_owned();
            Some(Act::State { name: symbol(left)?, value: value.parse().ok()?, unit, compartment })
        }
        "parameter" => {
            let (value, unit) = value_and_unit(right);
            Some(Act::Parameter { name: symbol(left)?, value: value.parse().ok()?, unit })
        }
        "constant" => {
            let (group, name) = left.split_once('.')?;
            let (value, unit) = value_and_unit(right);
            Some(Act::Constant {
                group: symbol(group)?,
                name: symbol(name)?,
                value: ConstantValue::parse(value)?,
                unit,
            })
        }
        "set" => Some(Act::Set { name: name()?, value: right.parse().ok()? }),
        "limit" => Some(Act::Limit { state: name()?, constant: word(right)? }),
        "replace" => {
            let (keyword, left) = left.split_once(char::is_whitespace)?;
            equation(keyword, left.trim(), Change::Replace, right)
        }
        _ => {
            let (left, change) = match (left.strip_suffix('+'), left.strip_suffix('*')) {
                (Some(left), _) => (left.trim(), Change::Add),
                (_, Some(left)) => (left.trim(), Change::Multiply),
                (None, None) => (left, Change::Define),
            };
            equation(keyword, left, change, right)
        }
    }
}

fn equation(keyword: &str, left: &str, change: Change, formula: &str) -> Option<Act> {
    let (kind, name) = match keyword {
        "let" => (EquationKind::Algebraic, left),
        "flux" => (EquationKind::Flux, left),
        "d" => (EquationKind::Balance, left.strip_suffix("/dt")?.trim()),
        _ => return None,
    };
    Some(Act::Equation { kind, name: symbol(name)?, change, formula: formula.to_owned() })
}

/// The number (or list of numbers) and what follows it.
fn value_and_unit(text: &str) -> (&str, String) {
    let (value, unit) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
    (value, unit.trim().to_owned())
}

/// A name that may stand in formulas.
fn symbol(text: &str) -> Option<String> {
    let mut characters = text.chars();
    let is_name = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_');
    is_name.then(|| text.to_owned())
}

/// Any one word.
fn word(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && !text.contains(char::is_whitespace)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Statement {
        let mut all = statements("a.eqn", text).unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn continued_lines_and_descriptions() {
        let text = "# A file.\n\n# first order decay\nflux J = k.d\n    *x\nd x/dt = -J\n";
        let all = statements("decay.eqn", text).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].description.as_str(), all[0].place.line), ("first order decay", 4));
        let decay = |kind, name: &str, formula: &str| Act::Equation {
            kind,
            name: name.to_owned(),
            change: Change::Define,
            formula: formula.to_owned(),
        };
        assert_eq!(all[0].act, decay(EquationKind::Flux, "J", "k.d *x"));
        assert_eq!(all[1].act, decay(EquationKind::Balance, "x", "-J"));
        assert_eq!(all[1].description, "");
    }

    #[test]
    fn comments_stand_anywhere() {
        let text =
            "# rate of\n# decay\nstate x = 1 mM # at rest\nd x/dt = -x # first order\n    # of two parts\n    - k.d\n";
        let all = statements("decay.eqn", text).unwrap();
        assert_eq!(all[0].description, "rate of decay");
        assert!(matches!(&all[0].act, Act::State { unit, .. } if unit == "mM"), "{:?}", all[0].act);
        let Act::Equation { formula, .. } = &all[1].act else { panic!("{:?}", all[1].act) };
        assert_eq!(formula, "-x  - k.d");
    }

    #[test]
    fn declarations() {
        let state = |unit: &str, compartment: &str| Act::State {
            name: "x".to_owned(),
            value: 0.5,
            unit: unit.to_owned(),
            compartment: compartment.to_owned(),
        };
        assert_eq!(only("state x = 0.5").act, state("", ""));
        assert_eq!(only("state x = 0.5 mM in neuron cytosol").act, state("mM", "neuron cytosol"));
        assert_eq!(only("state x = 5e-1 in cytosol").act, state("", "cytosol"));
        let layers = ConstantValue::Layers(vec![1.0, 2.0]);
        let constant = Act::Constant { group: "G".into(), name: "k".into(), value: layers, unit: "1/s".into() };
        assert_eq!(only("constant G.k = 1;2 1/s").act, constant);
        assert_eq!(only("base young").act, Act::Base { model: "young".to_owned() });
        assert_eq!(only("set G.k = 2").act, Act::Set { name: "G.k".to_owned(), value: 2.0 });
    }

    #[test]
    fn changes_of_equations() {
        let change = |text: &str| match only(text).act {
            Act::Equation { name, change, .. } => (name, change),
            other => panic!("{other:?}"),
        };
        assert_eq!(change("replace flux J = 2"), ("J".to_owned(), Change::Replace));
        assert_eq!(change("flux J *= 2"), ("J".to_owned(), Change::Multiply));
        assert_eq!(change("d x/dt += J"), ("x".to_owned(), Change::Add));
        assert_eq!(change("replace d x/dt = J"), ("x".to_owned(), Change::Replace));
    }

    #[test]
    fn mistakes_name_file_and_line() {
        for text in [
            "rate x = 1",
            "state x",
            "state x = one mM",
            "state 2x = 1",
            "constant k = 1",
            "constant G.k = a;b",
            "d x = 1",
            "set x = 1 mM",
            "limit x =",
            "replace J = 2",
            "base",
            "flux J + K = 1",
        ] {
            let error = statements("a.eqn", &format!("\n{text}\n")).unwrap_err().to_string();
            assert!(error.starts_with("a.eqn, line 2: expected one of"), "{text}: {error}");
            assert!(error.contains(&format!("found '{text}'")), "{text}: {error}");
        }
    }
}
