//! What names stand for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::hoc::sections::SectionId;

/// A number, string, object or section.
#[derive(Debug, Clone)]
pub enum Value {
    Number(f64),
    Text(Rc<str>),
    /// `None` is the object that nothing was assigned to.
    Object(Option<Rc<Object>>),
    Section(SectionId),
    /// Sections of one name (`axon`).
    Group(Rc<[SectionId]>),
}

/// An object of a class of NEURON, or of a template.
#[derive(Debug)]
pub struct Object {
    pub class: Class,
    /// Fields that statements have set.
    pub fields: RefCell<BTreeMap<String, Value>>,
}

#[derive(Debug)]
pub enum Class {
    /// Of a template: number of the instance.
    Instance(usize),
    Sections(RefCell<Vec<SectionId>>),
    Vector(RefCell<Vec<f64>>),
    List(RefCell<Vec<Value>>),
    Text(RefCell<Rc<str>>),
    /// `StringFunctions`
    Strings,
    /// `Import3d_Neurolucida3`, `Import3d_SWC_read`
    Reader,
    /// `Import3d_GUI`
    Import,
    /// An artificial cell, by the name of its mechanism.
    Artificial(String),
    /// Objects that have no part in the cell (`NetCon`, `Random`).
    Other(&'static str),
}

impl Value {
    pub fn object(class: Class) -> Self {
        Self::Object(Some(Rc::new(Object { class, fields: RefCell::default() })))
    }

    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Object(None) => "an object that nothing was assigned to",
            Self::Object(Some(object)) => object.class.name(),
            Self::Section(_) => "a section",
            Self::Group(_) => "sections",
        }
    }
}

impl Class {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Instance(_) => "an object of a template",
            Self::Sections(_) => "a SectionList",
            Self::Vector(_) => "a Vector",
            Self::List(_) => "a List",
            Self::Text(_) => "a String",
            Self::Strings => "StringFunctions",
            Self::Reader => "a reader of morphologies",
            Self::Import => "an Import3d_GUI",
            Self::Artificial(_) => "an artificial cell",
            Self::Other(name) => name,
        }
    }
}
