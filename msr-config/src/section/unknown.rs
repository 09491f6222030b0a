//! Keys that nobody asked for.

use super::Section;
use crate::json::{Member, Position};
use crate::name::{listed, misspelling, nearest};

/// What becomes of keys that nobody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// A note, except for what looks like a misspelt key, which is a problem.
    Noted,
    /// A problem.
    Refused,
}

impl<'a> Section<'a> {
    /// Members that nobody asked for.
    pub fn unread(&self) -> Vec<&'a Member> {
        let known = self.known.borrow();
        self.members.iter().filter(|member| !known.contains(&member.name.as_str())).collect()
    }

    /// Whether a key looks like a misspelt form of one that was asked for.
    pub fn resembles_known(&self, name: &str) -> bool {
        self.known.borrow().iter().any(|known| misspelling(name, known))
    }

    /// Judges the keys that nobody asked for; call it when every known key has been asked for.
    pub fn finish(&self, unknown: Unknown) {
        for member in self.unread() {
            self.judge(member, unknown);
        }
    }

    /// Judges one key that nobody asked for.
    pub fn judge(&self, member: &Member, unknown: Unknown) {
        let mut known = self.known.borrow().clone();
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
