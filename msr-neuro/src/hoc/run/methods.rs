//! Classes of NEURON that templates use, as far as they use them.

use std::cell::RefCell;
use std::rc::Rc;

use super::values::{Class, Object, Value};
use super::{Outcome, Run};
use crate::hoc::print::Printed;
use crate::hoc::tree::{Expression, Part, Reference};

/// Classes whose objects have no part in the cell.
const OTHERS: &[&str] = &["NetCon", "Random"];

impl Run<'_> {
    /// A new object.
    pub(super) fn make(&mut self, class: &str, arguments: Vec<Value>) -> Outcome<Value> {
        if let Some(template) = self.source.program.templates.iter().position(|text| text.name == class) {
            return self.instance(template, arguments);
        }
        let class = match class {
            "SectionList" => Class::Sections(RefCell::default()),
            "Vector" => {
                let size = match arguments.first() {
                    Some(Value::Number(size)) => size_of(*size)?,
                    _ => 0,
                };
                let filling = match arguments.get(1) {
                    Some(Value::Number(filling)) => *filling,
                    _ => 0.0,
                };
                Class::Vector(RefCell::new(vec![filling; size]))
            }
            "List" => Class::List(RefCell::default()),
            "String" => match arguments.into_iter().next() {
                Some(Value::Text(text)) => Class::Text(RefCell::new(text)),
                _ => Class::Text(RefCell::new("".into())),
            },
            "StringFunctions" => Class::Strings,
            "Import3d_Neurolucida3" | "Import3d_SWC_read" => Class::Reader,
            "Import3d_GUI" => Class::Import,
            other => match OTHERS.iter().find(|known| **known == other) {
                Some(known) => Class::Other(known),
                None if self.registry.build_artificial(other, self.celsius).is_ok() => {
                    Class::Artificial(other.to_owned())
                }
                None => {
                    return Err(format!(
                        "class '{class}' is not supported; supported: SectionList, Vector, List, String, StringFunctions, \
                         Import3d_Neurolucida3, Import3d_SWC_read, Import3d_GUI, {}, artificial cells, and templates of this file and \
                         of those that it loads",
                        OTHERS.join(", ")
                    ));
                }
            },
        };
        Ok(Value::object(class))
    }

    /// A field or method of an object that is of no template.
    pub(super) fn of_object(&mut self, object: &Rc<Object>, name: &str, part: &Part) -> Outcome<Value> {
        let number = |number: f64| Ok(Value::Number(number));
        let arguments = part.call.as_deref().unwrap_or_default();
        match (&object.class, name, arguments) {
            (Class::Sections(list), "append", []) => {
                let section = self.section()?;
                list.borrow_mut().push(section);
                number(1.0)
            }
            (Class::Sections(list), "remove", []) => {
                let section = self.section()?;
                list.borrow_mut().retain(|&known| known != section);
                number(1.0)
            }
            (Class::Sections(list), "subtree" | "wholetree" | "children", []) => {
                let mut section = self.section()?;
                if name == "wholetree" {
                    while let Some((parent, _)) = self.sections.list[section].parent {
                        section = parent;
                    }
                }
                if name != "children" {
                    list.borrow_mut().push(section);
                }
                let mut open = vec![section];
                while let Some(parent) = open.pop() {
                    let springs = |&id: &usize| {
                        let of = &self.sections.list[id];
                        of.exists && of.parent.is_some_and(|(from, _)| from == parent)
                    };
                    for child in (0..self.sections.list.len()).filter(springs) {
                        list.borrow_mut().push(child);
                        if name != "children" {
                            open.push(child);
                        }
                    }
                }
                number(1.0)
            }
            (Class::Vector(elements), "x", []) => {
                let index = part.index.first().ok_or("an element x[i] is meant")?;
                let index = self.number(index)?;
                let elements = elements.borrow();
                let element = elements.get(index as usize).filter(|_| index >= 0.0);
                element.map_or_else(
                    || Err(format!("x[{index}] of a Vector of {} elements", elements.len())),
                    |&x| number(x),
                )
            }
            (Class::Vector(elements), "resize", [size]) => {
                let size = size_of(self.number(size)?)?;
                elements.borrow_mut().resize(size, 0.0);
                Ok(Value::Object(Some(Rc::clone(object))))
            }
            (Class::Vector(elements), "size", []) => number(elements.borrow().len() as f64),
            (Class::Vector(elements), "append", values) => {
                for value in values {
                    let value = self.number(value)?;
                    elements.borrow_mut().push(value);
                }
                Ok(Value::Object(Some(Rc::clone(object))))
            }
            (Class::Vector(elements), "fill", [value]) => {
                let value = self.number(value)?;
                elements.borrow_mut().fill(value);
                Ok(Value::Object(Some(Rc::clone(object))))
            }
            (Class::Vector(elements), "sum" | "mean" | "min" | "max", []) => {
                let elements = elements.borrow();
                let sum: f64 = elements.iter().sum();
                number(match name {
                    "sum" => sum,
                    "mean" => sum / elements.len() as f64,
                    "min" => elements.iter().copied().fold(f64::INFINITY, f64::min),
                    _ => elements.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                })
            }
            (Class::List(list), "append", [value]) => {
                let value = self.value(value)?;
                list.borrow_mut().push(value);
                number(1.0)
            }
            (Class::List(list), "count", []) => number(list.borrow().len() as f64),
            (Class::List(list), "remove_all", []) => {
                list.borrow_mut().clear();
                number(0.0)
            }
            (Class::List(list), "o" | "object", [index]) => {
                let index = self.number(index)?;
                let list = list.borrow();
                let element = list.get(index as usize).filter(|_| index >= 0.0).cloned();
                element.ok_or_else(|| format!("o({index}) of a List of {} objects", list.len()))
            }
            (Class::Text(text), "s", []) => Ok(Value::Text(Rc::clone(&text.borrow()))),
            (Class::Strings, _, arguments) => self.string_function(name, arguments),
            (Class::Reader, "input", [path]) => {
                self.text(path)?;
                number(1.0)
            }
            (Class::Import, "instantiate", [of]) => {
                let of = self.value(of)?;
                self.instantiate(of)
            }
            (Class::Artificial(mechanism), _, []) => {
                let set = object.fields.borrow().get(name).cloned();
                set.map_or_else(|| number(self.artificial_default(mechanism, name)?), Ok)
            }
            (Class::Reader | Class::Import | Class::Other(_), _, _) => {
                self.values(arguments)?;
                let field = object.fields.borrow().get(name).cloned();
                Ok(field.unwrap_or(Value::Number(0.0)))
            }
            (class, _, _) => {
                Err(format!("'{name}' with {} arguments of {} is not supported", arguments.len(), class.name()))
            }
        }
    }

    /// A parameter of an artificial cell that no statement has set.
    fn artificial_default(&self, mechanism: &str, name: &str) -> Outcome<f64> {
        let built = self.registry.build_artificial(mechanism, self.celsius).map_err(|error| error.to_string())?;
        let column = built.columns().iter().find(|column| column.name == name);
        column.map(|column| column.default).ok_or_else(|| format!("'{mechanism}' has no '{name}'"))
    }

    /// The morphology as sections of an object, and in its lists.
    fn instantiate(&mut self, of: Value) -> Outcome<Value> {
        let object = self.object(of)?;
        let Class::Instance(owner) = object.class else {
            return Err(format!("instantiate needs an object of a template, found {}", object.class.name()));
        };
        let morphology = self.morphology.ok_or("a cell without membrane has no morphology")?;
        self.sections.check_room(morphology.sections.len())?;
        let ids = self.sections.instantiate(owner, morphology);
        let lists = [("soma", "somatic"), ("axon", "axonal"), ("dend", "basal"), ("apic", "apical")];
        for (group, list) in lists {
            let of_group = ids.iter().copied().filter(|&id| self.sections.list[id].group == group);
            let members: Rc<[usize]> = of_group.collect();
            self.append(owner, list, &members);
            if !members.is_empty() {
                self.instances[owner].groups.insert(group.to_owned(), members);
            }
        }
        self.append(owner, "all", &ids);
        if self.current.is_empty() {
            self.current.push(ids[0]);
        }
        Ok(Value::Number(0.0))
    }

    fn append(&mut self, owner: usize, list: &str, ids: &[usize]) {
        if let Some(Value::Object(Some(object))) = self.instances[owner].variables.get(list)
            && let Class::Sections(list) = &object.class
        {
            list.borrow_mut().extend_from_slice(ids);
        }
    }

    /// `StringFunctions`: `len`, and what changes the string that it is given.
    fn string_function(&mut self, name: &str, arguments: &[Expression]) -> Outcome<Value> {
        let [first, rest @ ..] = arguments else { return Err(format!("StringFunctions.{name} needs a string")) };
        let text = self.text(first)?;
        let place = |expression: &Expression| match expression {
            Expression::Refer(reference) => Ok(reference.clone()),
            _ => Err(format!("StringFunctions.{name} needs a string that it can change")),
        };
        let count = text.chars().count();
        match (name, rest) {
            ("len", []) => Ok(Value::Number(count as f64)),
            ("left" | "right", [number]) => {
                let number = (self.number(number)?.max(0.0) as usize).min(count);
                let kept: String = if name == "left" {
                    text.chars().take(number).collect()
                } else {
                    text.chars().skip(number).collect()
                };
                self.set_text(&place(first)?, &kept)?;
                Ok(Value::Number(1.0))
            }
            ("substr", [part]) => {
                let part = self.text(part)?;
                let at = text.find(&*part).map_or(-1.0, |at| text[..at].chars().count() as f64);
                Ok(Value::Number(at))
            }
            ("head" | "tail", [pattern, to]) => {
                let pattern = literal(&self.text(pattern)?)?;
                let Some(at) = text.find(&pattern) else {
                    self.set_text(&place(to)?, "")?;
                    return Ok(Value::Number(-1.0));
                };
                let kept = if name == "head" { &text[..at] } else { &text[at + pattern.len()..] };
                let kept = kept.to_owned();
                self.set_text(&place(to)?, &kept)?;
                Ok(Value::Number(if name == "head" { at } else { at + pattern.len() } as f64))
            }
            _ => Err(format!(
                "StringFunctions.{name} with {} arguments is not supported; supported: len, left, right, head, tail, substr",
                arguments.len()
            )),
        }
    }

    fn set_text(&mut self, place: &Reference, text: &str) -> Outcome<()> {
        self.assign(place, Value::Text(text.into()))
    }
}

/// A regular expression that is plain text, its escapes taken away.
fn literal(pattern: &str) -> Outcome<String> {
    let mut text = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '.' | '*' | '[' | ']' | '^' | '$' | '+' | '?' | '<' | '>' | '(' | ')' => {
                return Err(format!("the regular expression \"{pattern}\" is not supported; supported: plain text"));
            }
            other => text.push(other),
        }
    }
    Ok(text)
}

fn size_of(size: f64) -> Outcome<usize> {
    const MOST: f64 = 1e7;
    if (0.0..=MOST).contains(&size) { Ok(size as usize) } else { Err(format!("a Vector of {size} elements")) }
}

/// Values to print.
pub(super) fn printed(values: &[Value]) -> Outcome<Vec<Printed<'_>>> {
    let printed = values.iter().map(|value| match value {
        Value::Number(number) => Ok(Printed::Number(*number)),
        Value::Text(text) => Ok(Printed::Text(text)),
        other => Err(format!("{} cannot be printed", other.kind())),
    });
    printed.collect()
}
