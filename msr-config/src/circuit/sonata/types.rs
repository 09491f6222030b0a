//! Tables of node and edge types: attributes that all nodes or edges of a type have in common, in a CSV file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::circuit::{Column, Table};
use crate::problem::Problem;

/// What stands for nothing.
const NOTHING: [&str; 4] = ["", "NULL", "NONE", "None"];

/// A table that was read: names of its columns, and the fields of each type.
struct Types {
    names: Vec<String>,
    rows: BTreeMap<i64, Vec<String>>,
}

/// Adds to a table what the types of its rows say; attributes that the table has are its own.
///
/// # Errors
/// A file that cannot be read or is no table, a type that it does not have.
pub(super) fn add(
    table: &mut Table,
    file: &Path,
    key: &str,
    types: &[i64],
    synaptic_models: Option<&Path>,
    dynamics: &mut Table,
) -> Result<(), Problem> {
    let problem =
        |line: usize, message: String| Problem { file: file.to_owned(), line, column: 0, key: key.to_owned(), message };
    let text = std::fs::read_to_string(file).map_err(|error| problem(0, format!("cannot be read: {error}")))?;
    let read = Types::parse(&text, key).map_err(|(line, message)| problem(line, message))?;
    let rows: Vec<&[String]> = types
        .iter()
        .map(|id| {
            let row = read.rows.get(id).map(Vec::as_slice);
            row.ok_or_else(|| problem(0, format!("has no type {id}, which {} has", table.file.display())))
        })
        .collect::<Result<_, _>>()?;
    for (place, name) in read.names.iter().enumerate() {
        if name != key && !table.contains(name) {
            let fields: Vec<&str> = rows.iter().map(|row| row[place].as_str()).collect();
            table.columns.insert(name.clone(), column(&fields));
        }
    }
    if let (Some(folder), Some(Column::Text(files))) = (synaptic_models, table.columns.get("dynamics_params")) {
        read_dynamics(folder, files, dynamics).map_err(|(name, message)| problem(0, format!("{name}: {message}")))?;
    }
    Ok(())
}

impl Types {
    fn parse(text: &str, key: &str) -> Result<Self, (usize, String)> {
        let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let (_, header) = lines.next().ok_or_else(|| (0, "is empty".to_owned()))?;
        let separator = if header.contains(',') { ',' } else { ' ' };
        let names = fields(header, separator);
        let id = names.iter().position(|name| name == key);
        let id = id.ok_or_else(|| (1, format!("has no column '{key}'")))?;
        let mut rows = BTreeMap::new();
        for (number, line) in lines {
            let row = fields(line, separator);
            if row.len() != names.len() {
                return Err((number, format!("has {} fields, and the first line {}", row.len(), names.len())));
            }
            let Ok(found) = row[id].parse() else {
                return Err((number, format!("{key} '{}' is no integer", row[id])));
            };
            rows.insert(found, row);
        }
        Ok(Self { names, rows })
    }
}

/// Fields of a line, which may be quoted; several blanks are one.
fn fields(line: &str, separator: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quote = None;
    for character in line.trim().chars() {
        match quote {
            Some(open) if character == open => quote = None,
            None if character == '"' => quote = Some(character),
            None if character == separator || (separator == ' ' && character == '\t') => {
                let is_blank = separator == ' ' && fields.last().is_some_and(String::is_empty);
                if !is_blank {
                    fields.push(String::new());
                }
            }
            _ => fields.last_mut().expect("there is one").push(character),
        }
    }
    fields.into_iter().map(|field| field.trim().to_owned()).collect()
}

/// Integers where all fields are such, else numbers where all are such or nothing, else texts.
fn column(fields: &[&str]) -> Column {
    let parsed: Option<Vec<i64>> = fields.iter().map(|field| field.parse().ok()).collect();
    if let Some(integers) = parsed {
        return Column::Integer(integers);
    }
    let is_nothing = |field: &&str| NOTHING.contains(field);
    let number = |field: &&str| if is_nothing(field) { Some(f64::NAN) } else { field.parse().ok() };
    match fields.iter().map(number).collect::<Option<Vec<f64>>>() {
        Some(numbers) if !fields.iter().all(is_nothing) => Column::Float(numbers),
        _ => {
            let text = |field: &&str| if is_nothing(field) { String::new() } else { (*field).to_owned() };
            Column::Text(fields.iter().map(text).collect())
        }
    }
}

/// The numbers of the JSON files that rows name.
fn read_dynamics(folder: &Path, files: &[String], dynamics: &mut Table) -> Result<(), (String, String)> {
    let names: BTreeSet<&String> = files.iter().filter(|name| !name.is_empty()).collect();
    let mut models: BTreeMap<&String, serde_json::Map<String, serde_json::Value>> = BTreeMap::new();
    for name in names {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).map_err(|error| (path.display().to_string(), error.to_string()))?;
        let model = serde_json::from_str(&text).map_err(|error| (path.display().to_string(), error.to_string()))?;
        models.insert(name, model);
    }
    let keys: BTreeSet<&String> = models
        .values()
        .flat_map(|model| model.iter().filter(|(_, value)| value.is_number()).map(|(key, _)| key))
        .collect();
    for key in keys {
        let value = |file: &String| models.get(file)?.get(key)?.as_f64();
        let values = files.iter().map(|file| value(file).unwrap_or(f64::NAN)).collect();
        dynamics.columns.entry(key.clone()).or_insert(Column::Float(values));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{column, fields};
    use crate::circuit::Column;

    #[test]
    fn fields_may_be_quoted_and_apart() {
        assert_eq!(fields("a  \"b c\"\td ", ' '), ["a", "b c", "d"]);
        assert_eq!(fields("a,,\"b, c\"", ','), ["a", "", "b, c"]);
    }

    #[test]
    fn columns_are_what_their_fields_are() {
        assert_eq!(column(&["1", "-2"]), Column::Integer(vec![1, -2]));
        assert_eq!(column(&["1", "2.5"]), Column::Float(vec![1.0, 2.5]));
        assert!(matches!(column(&["NULL", "2.5"]), Column::Float(values) if values[0].is_nan() && values[1] == 2.5));
        assert_eq!(column(&["NONE", "x"]), Column::Text(vec![String::new(), "x".to_owned()]));
    }
}
