//! Kinds of values.

use std::fmt;

use super::Shape;

/// What a key takes.
pub(crate) enum Kind {
    Number(Domain),
    /// An integer that fits in 32 bits, negative too.
    Seed,
    Integer,
    /// An integer from 0 that fits in 32 bits.
    Count,
    /// An integer from 1: base steps.
    Steps,
    Flag,
    Text,
    /// A path, from the directory of the file that has it.
    Path,
    /// One of a few words.
    Word(fn() -> Vec<&'static str>),
    /// One of a few words, or a word of the user's own.
    WordOrText(fn() -> Vec<&'static str>),
    Section(&'static Shape),
    /// An object whose keys are names that the user chooses.
    Named(&'static Kind),
    List(&'static Kind),
    Either(&'static [Kind]),
    Null,
    Anything,
    /// Nothing: the key is refused with this message.
    Refused(&'static str),
}

/// Numbers that a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    Any,
    Positive,
    NotNegative,
    Fraction,
}

impl Domain {
    pub fn contains(self, number: f64) -> bool {
        match self {
            Self::Any => true,
            Self::Positive => number > 0.0,
            Self::NotNegative => number >= 0.0,
            Self::Fraction => (0.0..=1.0).contains(&number),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "a number",
            Self::Positive => "a number greater than 0",
            Self::NotNegative => "a number not less than 0",
            Self::Fraction => "a number from 0 to 1",
        })
    }
}

/// A value that is written as one of a few words.
pub(crate) trait Word: Copy + 'static {
    /// The words and what they mean.
    const WORDS: &'static [(&'static str, Self)];

    fn words() -> Vec<&'static str> {
        Self::WORDS.iter().map(|(word, _)| *word).collect()
    }
}

impl Kind {
    /// The domain of the numbers that this kind takes.
    pub fn domain(&self) -> Option<Domain> {
        match self {
            Self::Number(domain) => Some(*domain),
            Self::Either(kinds) => kinds.iter().find_map(Self::domain),
            _ => None,
        }
    }

    /// Whether `null` counts as absent.
    pub fn takes_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Either(kinds) => kinds.iter().any(Self::takes_null),
            _ => false,
        }
    }

    /// What the items of a list are.
    pub fn items(&'static self) -> Option<&'static Self> {
        match self {
            Self::List(items) => Some(items),
            Self::Either(kinds) => kinds.iter().find_map(Self::items),
            _ => None,
        }
    }
}
