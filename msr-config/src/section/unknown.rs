//! Keys that the shape does not list.

use super::{Form, Section};
use crate::json::{Member, Position};
use crate::name::{listed, misspelling, nearest};
use crate::shape::{Effect, Kind};

/// What becomes of keys that a shape does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// A note, except for what looks like a misspelt key, which is a problem.
    Noted,
    /// A problem.
    Refused,
}

impl<'a> Section<'a> {
    /// Members that the shape does not list.
    pub fn unlisted(&self) -> Vec<&'a Member> {
        self.members.iter().filter(|member| !self.keys().any(|key| key.name == member.name)).collect()
    }

    /// Whether a key looks like a misspelt form of a listed one.
    pub fn resembles_known(&self, name: &str) -> bool {
        self.keys().any(|key| misspelling(name, key.name))
    }

    /// The case of the shape that a deciding key tells.
    pub(super) fn decide(&self, name: &str, value: &str) {
        if let Form::Shape(shape) = self.form
            && shape.cases.as_ref().is_some_and(|cases| cases.by == name)
        {
            self.case.set(shape.case(value));
        }
    }

    /// Judges what the shape does not list or refuses; call it when every key has been read.
    pub fn finish(&self) {
        let Form::Shape(shape) = self.form else { return };
        self.refuse();
        for member in self.unlisted() {
            self.judge(member, shape.unknown);
        }
    }

    /// Problems of the keys that must not be there. In development: every listed key has been read.
    pub fn refuse(&self) {
        for key in self.keys() {
            if let Kind::Refused(message) = key.kind {
                if self.has(key.name) {
                    self.problem(key.name, message);
                }
            } else if key.effect == Effect::Read {
                debug_assert!(self.asked.borrow().contains(&key.name), "'{}.{}' is never read", self.key, key.name);
            }
        }
    }

    /// Judges one key that the shape does not list.
    pub fn judge(&self, member: &Member, unknown: Unknown) {
        let mut known: Vec<&str> =
            self.keys().filter(|key| !matches!(key.kind, Kind::Refused(_))).map(|key| key.name).collect();
        known.sort_unstable();
        known.dedup();
        let name = member.name.as_str();
        if unknown == Unknown::Noted && self.findings.is_token(name) {
            return;
        }
        // A file may carry notes of its writer; who types a key wants an effect.
        let unknown = if member.position == Position::COMMAND_LINE { Unknown::Refused } else { unknown };
        let path = self.path_of(name);
        let meant = known.iter().find(|known| misspelling(name, known));
        match (unknown, meant) {
            (_, Some(meant)) => {
                let message = format!("unknown key '{name}' (did you mean '{meant}'?)");
                self.findings.problem(member.position, path, message);
                self.findings.forget_missing(&self.path_of(meant));
            }
            (Unknown::Refused, None) => {
                let message = format!("unknown key '{name}'{}; available: {}", nearest(name, &known), listed(&known));
                self.findings.problem(member.position, path, message);
            }
            (Unknown::Noted, None) => {
                self.findings.note(member.position, path, format!("unknown key '{name}' has no effect"));
            }
        }
    }
}
