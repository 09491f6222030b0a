//! What may stand in a file: the tables that readers go by and that the JSON Schema is made of.
//!
//! A [`Shape`] lists the keys of one object. Readers ask for keys by name and get type, domain and standard value from the
//! table; a key that is read and not listed, or listed and not read, is a bug that panics in development.

mod key;
mod kind;

pub(crate) use key::{Effect, Key, Standard};
pub(crate) use kind::{Domain, Kind, Word};

use crate::section::Unknown;

/// The keys of one kind of object.
pub(crate) struct Shape {
    /// Its name in the JSON Schema.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Its keys, in groups that shapes share.
    pub keys: &'static [&'static [Key]],
    /// Keys that depend on the value of another.
    pub cases: Option<Cases>,
    /// What stands under keys that the user chooses, if such keys may be there.
    pub others: Option<Kind>,
    /// What becomes of keys that are not listed.
    pub unknown: Unknown,
    /// Keys of which exactly one must be there.
    pub exactly_one_of: &'static [&'static str],
}

/// Keys that depend on the value of another.
pub(crate) struct Cases {
    /// The key that decides.
    pub by: &'static str,
    /// One for each of its values.
    pub of: &'static [Case],
}

/// The keys that an object has besides the common ones where the deciding key has this value.
pub(crate) struct Case {
    pub name: &'static str,
    pub about: &'static str,
    pub keys: &'static [&'static [Key]],
}

impl Shape {
    /// An object in which unknown keys are noted.
    pub const fn tolerant(name: &'static str, about: &'static str, keys: &'static [&'static [Key]]) -> Self {
        Self { name, about, keys, cases: None, others: None, unknown: Unknown::Noted, exactly_one_of: &[] }
    }

    /// An object in which unknown keys are problems.
    pub const fn strict(name: &'static str, about: &'static str, keys: &'static [&'static [Key]]) -> Self {
        Self { unknown: Unknown::Refused, ..Self::tolerant(name, about, keys) }
    }

    pub const fn with_cases(self, by: &'static str, of: &'static [Case]) -> Self {
        Self { cases: Some(Cases { by, of }), ..self }
    }

    pub const fn with_others(self, kind: Kind) -> Self {
        Self { others: Some(kind), ..self }
    }

    pub const fn with_exactly_one_of(self, keys: &'static [&'static str]) -> Self {
        Self { exactly_one_of: keys, ..self }
    }

    /// The keys that every object of this shape may have.
    pub fn common_keys(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().copied().flatten()
    }

    /// The case of this name.
    pub fn case(&self, name: &str) -> Option<&'static Case> {
        self.cases.as_ref()?.of.iter().find(|case| case.name == name)
    }
}

impl Case {
    pub const fn new(name: &'static str, about: &'static str, keys: &'static [&'static [Key]]) -> Self {
        Self { name, about, keys }
    }

    pub fn own_keys(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().copied().flatten()
    }
}
