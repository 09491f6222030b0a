//! `parent_config_path`: a file that takes from another what it does not say itself.
//!
//! The key stands at the top (the other file is a whole configuration) or in `multiscale_run` (the other file has such a
//! section, or is one). Objects are merged key by key; of other values the file's own counts, lists as a whole. A chain may
//! be as long as it likes, but not a circle. Relative paths count from the file that has them.

use std::path::{Path, PathBuf};

use crate::document::{self, Duplicates};
use crate::findings::{Files, Findings};
use crate::history::History;
use crate::json::{Content, Member, Node, Position, key_path};
use crate::path::joined;
use crate::problem::present_instead;
use crate::token;

const PARENT: &str = "parent_config_path";
const MULTISCALE_RUN: &str = "multiscale_run";

/// What of the other file is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Document,
    MultiscaleRun,
}

/// Fills `root` with what its parents say; mistakes on the way go to `findings`, what was replaced to `history`.
pub(crate) fn inherit(root: &mut Node, findings: &Findings, history: &mut History) {
    let own = std::path::absolute(&findings.file).unwrap_or_else(|_| findings.file.clone());
    Inheritance { findings, history, open: vec![own] }.inherit(root);
}

struct Inheritance<'f> {
    findings: &'f Findings,
    history: &'f mut History,
    /// The file, its parent, and so on.
    open: Vec<PathBuf>,
}

impl Inheritance<'_> {
    fn inherit(&mut self, root: &mut Node) {
        if let Some(parent) = self.parent(root, "", Part::Document) {
            self.merge(root, parent, "");
        }
        if let Some(parent) = self.parent(root, MULTISCALE_RUN, Part::MultiscaleRun)
            && let Some(section) = root.member_mut(MULTISCALE_RUN)
        {
            self.merge(section, parent, MULTISCALE_RUN);
        }
    }

    /// What the file named at `section` says, its own parents included; the key that names it is taken out.
    fn parent(&mut self, root: &mut Node, section: &str, part: Part) -> Option<Node> {
        let named = match part {
            Part::Document => root.take_member(PARENT)?,
            Part::MultiscaleRun => root.member_mut(MULTISCALE_RUN)?.take_member(PARENT)?,
        };
        let (key, position) = (key_path(section, PARENT), named.value.position);
        let Content::Text(text) = &named.value.content else {
            let message = format!("must be the path of a configuration file, found {}", named.value.describe());
            self.findings.problem(position, key, message);
            return None;
        };
        if self.findings.files == Files::Unchecked {
            self.findings.note(position, key, "is not followed: files are not looked at");
            return None;
        }
        let text = match token::resolved(root, text, self.findings) {
            Ok(text) => text,
            Err(message) => {
                self.findings.problem(position, key, message);
                return None;
            }
        };
        let file = joined(&self.findings.base_dir_of(position), &text);
        if let Some(first) = self.open.iter().position(|earlier| *earlier == file) {
            let chain: Vec<_> =
                self.open[first..].iter().chain([&file]).map(|file| file.display().to_string()).collect();
            let message = format!("files inherit from one another in a circle: {}", chain.join(" -> "));
            self.findings.problem(position, key, message);
            return None;
        }
        let mut parent = self.read(&file, position, &key)?;
        if part == Part::MultiscaleRun && !parent.has_member(MULTISCALE_RUN) {
            let member = Member { name: MULTISCALE_RUN.to_owned(), position: parent.position, value: parent };
            parent = Node { position: member.position, content: Content::Object(vec![member]) };
        }
        self.open.push(file);
        self.inherit(&mut parent);
        self.open.pop();
        match part {
            Part::Document => Some(parent),
            Part::MultiscaleRun => parent.take_member(MULTISCALE_RUN).map(|member| member.value),
        }
    }

    fn read(&self, file: &Path, position: Position, key: &str) -> Option<Node> {
        if !file.is_file() {
            let message = format!("file not found: {}{}", file.display(), present_instead(file));
            self.findings.problem(position, key, message);
            return None;
        }
        let origin = self.findings.sources.borrow_mut().add(file.to_owned());
        let parsed = document::text_of(file)
            .and_then(|text| document::parse_source(&text, file, origin, self.findings, Duplicates::Refused));
        match parsed {
            Ok(node) if matches!(node.content, Content::Object(_)) => Some(node),
            Ok(node) => {
                self.findings.problem(node.position, "", format!("must be an object, found {}", node.describe()));
                None
            }
            Err(problems) => {
                for problem in problems.0 {
                    let place = Position { origin, line: problem.line, column: problem.column };
                    self.findings.problem(place, problem.key, problem.message);
                }
                None
            }
        }
    }

    fn merge(&mut self, own: &mut Node, inherited: Node, key: &str) {
        match (&mut own.content, inherited.content) {
            (Content::Object(members), Content::Object(more)) => {
                for member in more {
                    let key = key_path(key, &member.name);
                    match members.iter_mut().find(|own| own.name == member.name) {
                        Some(own) => self.merge(&mut own.value, member.value, &key),
                        None => members.push(member),
                    }
                }
            }
            (_, content) => {
                let inherited = Node { position: inherited.position, content };
                if !own.is_like(&inherited) {
                    let message = format!(
                        "is {}, but what it replaces is {} ({}:{})",
                        own.describe(),
                        inherited.describe(),
                        self.findings.sources.borrow().path(inherited.position.origin).display(),
                        inherited.position.line
                    );
                    self.findings.problem(own.position, key, message);
                } else if own.to_value() != inherited.to_value() {
                    self.history.replaced(key, &inherited);
                }
            }
        }
    }
}
