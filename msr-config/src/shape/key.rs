//! One key.

use super::{Domain, Kind, Shape, Word};

/// One key of an object.
pub(crate) struct Key {
    pub name: &'static str,
    pub kind: Kind,
    /// What it means, for people.
    pub about: &'static str,
    /// Unit of its numbers, empty where there is none.
    pub unit: &'static str,
    /// What counts where it is absent.
    pub standard: Standard,
    pub is_mandatory: bool,
    pub effect: Effect,
}

/// What counts where a key is absent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Standard {
    Nothing,
    Number(f64),
    Flag(bool),
    Text(&'static str),
    /// Something that is no value of its own, in words.
    Said(&'static str),
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The reader of the object asks for it.
    Read,
    /// It is seen to before the object is read, or has no effect.
    Elsewhere,
}

impl Key {
    const fn new(name: &'static str, kind: Kind) -> Self {
        let (about, unit, standard) = ("", "", Standard::Nothing);
        Self { name, kind, about, unit, standard, is_mandatory: false, effect: Effect::Read }
    }

    pub const fn number(name: &'static str, domain: Domain) -> Self {
        Self::new(name, Kind::Number(domain))
    }

    pub const fn seed(name: &'static str) -> Self {
        Self::new(name, Kind::Seed)
    }

    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Kind::Integer)
    }

    pub const fn count(name: &'static str) -> Self {
        Self::new(name, Kind::Count)
    }

    pub const fn steps(name: &'static str) -> Self {
        Self::new(name, Kind::Steps)
    }

    pub const fn flag(name: &'static str) -> Self {
        Self::new(name, Kind::Flag)
    }

    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    pub const fn path(name: &'static str) -> Self {
        Self::new(name, Kind::Path)
    }

    pub const fn word<T: Word>(name: &'static str) -> Self {
        Self::new(name, Kind::Word(T::words))
    }

    pub const fn section(name: &'static str, shape: &'static Shape) -> Self {
        Self::new(name, Kind::Section(shape)).about(shape.about)
    }

    /// An object whose keys are names that the user chooses.
    pub const fn named(name: &'static str, entry: &'static Kind) -> Self {
        Self::new(name, Kind::Named(entry))
    }

    pub const fn list(name: &'static str, item: &'static Kind) -> Self {
        Self::new(name, Kind::List(item))
    }

    pub const fn either(name: &'static str, kinds: &'static [Kind]) -> Self {
        Self::new(name, Kind::Either(kinds))
    }

    pub const fn of_kind(name: &'static str, kind: Kind) -> Self {
        Self::new(name, kind)
    }

    /// A key that must not be there.
    pub const fn refused(name: &'static str, message: &'static str) -> Self {
        Self::new(name, Kind::Refused(message)).about(message)
    }

    /// A key of other programs that changes nothing here.
    pub const fn inert(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Anything).about(about).elsewhere()
    }

    pub const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    pub const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    pub const fn mandatory(self) -> Self {
        Self { is_mandatory: true, ..self }
    }

    pub const fn elsewhere(self) -> Self {
        Self { effect: Effect::Elsewhere, ..self }
    }

    pub const fn or_number(self, number: f64) -> Self {
        Self { standard: Standard::Number(number), ..self }
    }

    pub const fn or_flag(self, flag: bool) -> Self {
        Self { standard: Standard::Flag(flag), ..self }
    }

    pub const fn or_text(self, text: &'static str) -> Self {
        Self { standard: Standard::Text(text), ..self }
    }

    /// What counts where the key is absent, in words.
    pub const fn or(self, said: &'static str) -> Self {
        Self { standard: Standard::Said(said), ..self }
    }
}
