//! What references refer to, and assignments to them.

use std::rc::Rc;

use super::ranges::is_of_layers;
use super::values::{Class, Value};
use super::{Outcome, Run};
use crate::hoc::tree::{Name, Part, Reference};

impl Reference {
    /// A name alone.
    pub(super) fn word(name: &str) -> Self {
        Self(vec![Part { name: Name::Word(name.to_owned()), index: Vec::new(), call: None }])
    }
}

impl Run<'_> {
    pub(super) fn refer(&mut self, reference: &Reference) -> Outcome<Value> {
        self.follow(&reference.0)
    }

    fn follow(&mut self, parts: &[Part]) -> Outcome<Value> {
        let Some((first, rest)) = parts.split_first() else { return Err("a name is missing".to_owned()) };
        let mut value = self.first(first)?;
        for part in rest {
            value = self.member(value, part)?;
        }
        Ok(value)
    }

    fn first(&mut self, part: &Part) -> Outcome<Value> {
        let name = match &part.name {
            Name::Argument(number) => {
                let given = self.frame().arguments.get(number.wrapping_sub(1)).cloned();
                return given.ok_or_else(|| format!("argument {number} is not given"));
            }
            Name::Word(name) => name,
        };
        let of_layer = self.of_layer(name, part)?;
        let name = of_layer.as_ref().unwrap_or(name);
        if let Some(arguments) = &part.call {
            return self.call_by_name(name, arguments);
        }
        if let Some((_, value)) = self.frame().locals.iter().rev().find(|(known, _)| known == name) {
            let value = value.clone();
            return self.indexed(value, part);
        }
        let owner = self.owner();
        if let Some(value) = owner.and_then(|owner| self.of_instance(owner, name)) {
            return self.indexed(value, part);
        }
        if let Some(range) = self.range(name)? {
            let section = self.section()?;
            return self.get_range(section, &range, MIDDLE).map(Value::Number);
        }
        if let Some(value) = self.globals.get(name) {
            let value = value.clone();
            return self.indexed(value, part);
        }
        // An object by the name of its template: secname() gives such names.
        if let [index] = part.index.as_slice()
            && let Some(template) = self.source.program.templates.iter().position(|text| text.name == *name)
        {
            let number = self.number(index)? as usize;
            let mut of_template = (0..self.instances.len()).filter(|&at| self.instances[at].template == template);
            let found = of_template.nth(number).map(|at| self.instances[at].variables["this"].clone());
            return found.ok_or_else(|| format!("there is no object {name}[{number}]"));
        }
        if let Some(outcome) = self.call_plain(name) {
            return outcome;
        }
        Err(format!("'{name}' is not defined"))
    }

    /// A variable or section of an object of a template.
    fn of_instance(&self, instance: usize, name: &str) -> Option<Value> {
        let instance = &self.instances[instance];
        let group = || instance.groups.get(name).map(|ids| Value::Group(Rc::clone(ids)));
        instance.variables.get(name).cloned().or_else(group)
    }

    fn indexed(&mut self, value: Value, part: &Part) -> Outcome<Value> {
        let Some(index) = part.index.first() else { return Ok(value) };
        let index = self.number(index)?;
        match &value {
            Value::Group(ids) => {
                ids.get(index as usize).filter(|_| index >= 0.0).map(|&id| Value::Section(id)).ok_or_else(|| {
                    let group = &self.sections.list[ids[0]].group;
                    format!("there is no section {group}[{index}]: {group} has {} sections", ids.len())
                })
            }
            other => Err(format!("{} has no element [{index}]", other.kind())),
        }
    }

    /// The whole name of `xg[1]` and other parameters of the layers outside of the membrane.
    fn of_layer(&mut self, name: &str, part: &Part) -> Outcome<Option<String>> {
        match part.index.as_slice() {
            [layer] if is_of_layers(name) => Ok(Some(format!("{name}[{}]", self.number(layer)?))),
            _ => Ok(None),
        }
    }

    /// What follows a dot.
    fn member(&mut self, value: Value, part: &Part) -> Outcome<Value> {
        let Name::Word(name) = &part.name else { return Err("a name is missing after '.'".to_owned()) };
        match value {
            Value::Group(ids) => self.of_section(ids[0], part),
            Value::Section(id) => self.of_section(id, part),
            Value::Object(Some(object)) => {
                if let Class::Instance(number) = object.class {
                    if let Some(value) = self.of_instance(number, name).filter(|_| part.call.is_none()) {
                        return self.indexed(value, part);
                    }
                    let Some((of, procedure)) = self.procedure(Some(number), name).filter(|(of, _)| of.is_some())
                    else {
                        return Err(format!("the object has no '{name}'"));
                    };
                    let arguments = self.values(part.call.as_deref().unwrap_or_default())?;
                    return self.call(of, procedure, arguments);
                }
                self.of_object(&object, name, part)
            }
            other => Err(format!("{} has no '{name}'", other.kind())),
        }
    }

    /// `section.name`: the name with that section accessed.
    fn of_section(&mut self, section: usize, part: &Part) -> Outcome<Value> {
        let depth = self.current.len();
        self.current.push(section);
        let value = self.first(part)?;
        self.current.truncate(depth);
        Ok(value)
    }

    /// Gives a name a value.
    pub(super) fn assign(&mut self, reference: &Reference, value: Value) -> Outcome<()> {
        let Some((last, before)) = reference.0.split_last() else { return Err("a name is missing".to_owned()) };
        let name = match &last.name {
            Name::Argument(number) => {
                let number = *number;
                let argument = number.checked_sub(1).and_then(|at| self.frame().arguments.get_mut(at));
                *argument.ok_or_else(|| format!("argument {number} is not given"))? = value;
                return Ok(());
            }
            Name::Word(name) => name,
        };
        if before.is_empty() {
            return self.assign_first(name, last, value);
        }
        match self.follow(before)? {
            Value::Group(ids) => self.assign_range_of(ids[0], name, last, value),
            Value::Section(id) => self.assign_range_of(id, name, last, value),
            Value::Object(Some(object)) => match &object.class {
                Class::Instance(number) => {
                    self.instances[*number].variables.insert(name.clone(), value);
                    Ok(())
                }
                Class::Vector(elements) if name == "x" => {
                    let index = last.index.first().ok_or("an element x[i] is meant")?;
                    let (index, value) = (self.number(index)?, self.as_number(value)?);
                    let mut elements = elements.borrow_mut();
                    let count = elements.len();
                    let element = elements.get_mut(index as usize).filter(|_| index >= 0.0);
                    *element.ok_or_else(|| format!("x[{index}] of a Vector of {count} elements"))? = value;
                    Ok(())
                }
                Class::Text(text) if name == "s" => match value {
                    Value::Text(new) => {
                        *text.borrow_mut() = new;
                        Ok(())
                    }
                    other => Err(format!("a string is needed, found {}", other.kind())),
                },
                Class::Reader | Class::Import | Class::Artificial(_) | Class::Other(_) => {
                    object.fields.borrow_mut().insert(name.clone(), value);
                    Ok(())
                }
                class => Err(format!("{} has no '{name}' that can be set", class.name())),
            },
            other => Err(format!("{} has no '{name}'", other.kind())),
        }
    }

    fn assign_range_of(&mut self, section: usize, name: &str, last: &Part, value: Value) -> Outcome<()> {
        let depth = self.current.len();
        self.current.push(section);
        self.assign_first(name, last, value)?;
        self.current.truncate(depth);
        Ok(())
    }

    fn assign_first(&mut self, name: &str, part: &Part, value: Value) -> Outcome<()> {
        let of_layer = self.of_layer(name, part)?;
        let name = of_layer.as_deref().unwrap_or(name);
        if let Some(arguments) = &part.call {
            let [at] = arguments.as_slice() else { return Err(format!("{name}(x) is meant")) };
            let at = self.at(at)?;
            let range = self.range(name)?.ok_or_else(|| format!("'{name}' is nothing that differs along a section"))?;
            let value = self.as_number(value)?;
            return self.set_range(name, &range, Some(at), value);
        }
        if !part.index.is_empty() && of_layer.is_none() {
            return Err(format!("'{name}[...]' cannot be set"));
        }
        if let Some((_, known)) = self.frame().locals.iter_mut().rev().find(|(known, _)| known == name) {
            *known = value;
            return Ok(());
        }
        let owner = self.owner();
        if let Some(known) = owner.and_then(|owner| self.instances[owner].variables.get_mut(name)) {
            let fits = matches!(
                (&*known, &value),
                (Value::Number(_), Value::Number(_))
                    | (Value::Text(_), Value::Text(_))
                    | (Value::Object(_), Value::Object(_))
            );
            if !fits {
                return Err(format!("'{name}' is {}, and cannot become {}", known.kind(), value.kind()));
            }
            *known = value;
            return Ok(());
        }
        if owner.is_some_and(|owner| self.instances[owner].groups.contains_key(name)) {
            return Err(format!("'{name}' is a section"));
        }
        if let Value::Number(number) = value {
            if let Some(range) = self.range(name)? {
                return self.set_range(name, &range, None, number);
            }
            if self.set_global(name, number)? {
                return Ok(());
            }
        }
        match owner.filter(|&owner| !self.instances[owner].external.contains(name)) {
            Some(owner) => self.instances[owner].variables.insert(name.to_owned(), value),
            None => self.globals.insert(name.to_owned(), value),
        };
        Ok(())
    }
}

/// Where along a section values are read that are given without a place.
const MIDDLE: f64 = 0.5;
