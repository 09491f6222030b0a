//! Statements.

use std::rc::Rc;

use super::values::{Class, Value};
use super::{Flow, MOST_STATEMENTS, Outcome, Run};
use crate::hoc::sections::{MOST_SECTIONS, SectionId};
use crate::hoc::tree::{Action, Expression, Reference, Statement};

/// hoc takes numbers for equal that differ by less.
pub(super) const EPSILON: f64 = 1e-11;

impl Run<'_> {
    pub(super) fn all(&mut self, statements: &[Statement]) -> Outcome<Flow> {
        for statement in statements {
            match self.statement(statement)? {
                Flow::On => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::On)
    }

    pub(super) fn statement(&mut self, statement: &Statement) -> Outcome<Flow> {
        self.statements += 1;
        if self.statements > MOST_STATEMENTS {
            return Err(format!("more than {MOST_STATEMENTS} statements were carried out; does a loop never end?"));
        }
        self.place = (statement.file, statement.line);
        self.within(|run| run.act(&statement.action))
    }

    fn act(&mut self, action: &Action) -> Outcome<Flow> {
        match action {
            Action::Block(list) => return self.all(list),
            Action::If(condition, then, otherwise) => {
                return if self.is_true(condition)? {
                    self.statement(then)
                } else if let Some(otherwise) = otherwise {
                    self.statement(otherwise)
                } else {
                    Ok(Flow::On)
                };
            }
            Action::While(condition, body) => return self.repeat(Some(condition), None, body),
            Action::Loop(first, condition, next, body) => {
                if let Some(first) = first {
                    self.value(first)?;
                }
                return self.repeat(condition.as_ref(), next.as_ref(), body);
            }
            Action::Range(variable, first, last, body) => {
                let (mut at, last) = (self.number(first)?, self.number(last)?);
                while at <= last + EPSILON {
                    self.assign(variable, Value::Number(at))?;
                    if let Some(flow) = ends(self.statement(body)?) {
                        return Ok(flow);
                    }
                    let reached = self.refer(variable)?;
                    at = self.as_number(reached)? + 1.0;
                }
            }
            Action::Nodes(name, inside, body) => return self.nodes(name, *inside, body),
            Action::Sections(list, body) => {
                let (sections, name) = self.list(list)?;
                return self.through(sections, name, body);
            }
            Action::All(body) => {
                let owner = self.owner();
                let all = (0..self.sections.list.len()).filter(|&id| {
                    owner.is_none_or(|owner| self.sections.list[id].owner == owner) && self.sections.list[id].exists
                });
                return self.through(all.collect(), "all sections".to_owned(), body);
            }
            Action::Return(value) => {
                let value = value.as_ref().map_or(Ok(Value::Number(0.0)), |value| self.value(value))?;
                return Ok(Flow::Return(value));
            }
            Action::Break => return Ok(Flow::Break),
            Action::Continue => return Ok(Flow::Continue),
            Action::Insert(mechanism) => self.insert(mechanism)?,
            Action::Access(reference) => {
                let section = self.section_of(reference)?;
                match self.current.last_mut() {
                    Some(current) => *current = section,
                    None => self.current.push(section),
                }
            }
            Action::Within(reference, body) => {
                let section = self.section_of(reference)?;
                let depth = self.current.len();
                self.current.push(section);
                let flow = self.statement(body)?;
                self.current.truncate(depth);
                return Ok(flow);
            }
            Action::Connect([child, parent]) => {
                let parent = (self.section_of(&parent.0)?, self.at(&parent.1)?);
                self.connect(child, parent)?;
            }
            Action::ConnectHere(child, at) => {
                let parent = (self.section()?, self.at(at)?);
                self.connect(child, parent)?;
            }
            Action::Create(created) => {
                for (name, size) in created {
                    let size = size.as_ref().map_or(Ok(1.0), |size| self.number(size))?;
                    self.create(name, size)?;
                }
            }
            Action::External(names) => {
                if let Some(owner) = self.owner() {
                    self.instances[owner].external.extend(names.iter().cloned());
                }
            }
            Action::Texts(names) => names.iter().for_each(|name| self.declare(name, Value::Text("".into()))),
            Action::Objects(names) => {
                names.iter().filter(|name| *name != "this").for_each(|name| self.declare(name, Value::Object(None)));
            }
            Action::Locals(names) => {
                let values = names.iter().map(|name| (name.clone(), Value::Number(0.0)));
                self.frame().locals.extend(values);
            }
            Action::LocalObjects(names) => {
                let values = names.iter().map(|name| (name.clone(), Value::Object(None)));
                self.frame().locals.extend(values);
            }
            // What a template says to its reader is nothing to a simulation.
            Action::Print => {}
            Action::Ramp(name, numbers) => self.ramp(name, numbers)?,
            Action::Evaluate(expression) => {
                self.value(expression)?;
            }
        }
        Ok(Flow::On)
    }

    fn repeat(&mut self, condition: Option<&Expression>, next: Option<&Expression>, body: &Statement) -> Outcome<Flow> {
        while condition.map_or(Ok(true), |condition| self.is_true(condition))? {
            if let Some(flow) = ends(self.statement(body)?) {
                return Ok(flow);
            }
            if let Some(next) = next {
                self.value(next)?;
            }
        }
        Ok(Flow::On)
    }

    /// The middles of the segments of the section, with its ends or without.
    fn nodes(&mut self, name: &str, inside: bool, body: &Statement) -> Outcome<Flow> {
        let count = self.sections.list[self.section()?].segments.len();
        let middles = (0..count).map(|segment| crate::cell::fraction(segment, count));
        let ends_of_section = |at: f64| (!inside).then_some(at);
        let places: Vec<f64> = ends_of_section(0.0).into_iter().chain(middles).chain(ends_of_section(1.0)).collect();
        let variable = Reference::word(name);
        for at in places {
            self.assign(&variable, Value::Number(at))?;
            if let Some(flow) = ends(self.statement(body)?) {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    /// The existing sections of a list, and its name.
    fn list(&mut self, reference: &Reference) -> Outcome<(Vec<SectionId>, String)> {
        let value = self.refer(reference)?;
        let Value::Object(Some(object)) = &value else {
            return Err(format!("forsec needs a SectionList, found {}", value.kind()));
        };
        let Class::Sections(sections) = &object.class else {
            return Err(format!("forsec needs a SectionList, found {}", value.kind()));
        };
        // The list may have come here under another name.
        let known = self.instances.iter().flat_map(|instance| &instance.variables);
        let same = |value: &Value| matches!(value, Value::Object(Some(other)) if Rc::ptr_eq(other, object));
        let name = known.filter(|(_, value)| same(value)).map(|(name, _)| name.clone()).min();
        let existing = sections.borrow().iter().copied().filter(|&id| self.sections.list[id].exists).collect();
        Ok((existing, name.unwrap_or_else(|| reference.last().to_owned())))
    }

    fn through(&mut self, sections: Vec<SectionId>, name: String, body: &Statement) -> Outcome<Flow> {
        let depth = self.current.len();
        self.lists.push(name);
        let mut end = Flow::On;
        for section in sections {
            if !self.sections.list[section].exists {
                continue;
            }
            self.current.push(section);
            let flow = self.statement(body)?;
            self.current.truncate(depth);
            if let Some(flow) = ends(flow) {
                end = flow;
                break;
            }
        }
        self.lists.pop();
        Ok(end)
    }

    fn connect(&mut self, child: &(Reference, Expression), parent: (SectionId, f64)) -> Outcome<()> {
        let (section, at) = (self.section_of(&child.0)?, self.number(&child.1)?);
        if at != 0.0 {
            return Err("sections are supported that begin (0) at their parents".to_owned());
        }
        let mut above = Some(parent.0);
        while let Some(id) = above {
            if id == section {
                return Err(format!("{} would spring from itself", self.sections.list[section].name()));
            }
            above = self.sections.list[id].parent.map(|(parent, _)| parent);
        }
        self.sections.list[section].parent = Some(parent);
        Ok(())
    }

    fn create(&mut self, name: &str, size: f64) -> Outcome<()> {
        let Some(owner) = self.owner() else {
            return Err("sections are created within templates".to_owned());
        };
        if !(1.0..=MOST_SECTIONS as f64).contains(&size) {
            return Err(format!("{name}[{size}] must have 1 to {MOST_SECTIONS} sections"));
        }
        self.sections.check_room(size as usize)?;
        if let Some(old) = self.instances[owner].groups.get(name) {
            self.sections.delete(old);
        }
        let ids: Rc<[SectionId]> = (0..size as usize).map(|index| self.sections.create(owner, name, index)).collect();
        self.instances[owner].groups.insert(name.to_owned(), ids);
        Ok(())
    }

    fn declare(&mut self, name: &str, value: Value) {
        match self.owner() {
            // A procedure's own strings and those of the object are told apart by nobody: hoc has only the latter.
            Some(instance) => {
                self.instances[instance].variables.entry(name.to_owned()).or_insert(value);
            }
            None => {
                self.globals.entry(name.to_owned()).or_insert(value);
            }
        }
    }
}

/// How a loop ends by what its body did; `None` where it goes on.
fn ends(flow: Flow) -> Option<Flow> {
    match flow {
        Flow::On | Flow::Continue => None,
        Flow::Break => Some(Flow::On),
        returned => Some(returned),
    }
}
