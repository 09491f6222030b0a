//! Single values of a section.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::Section;
use crate::findings::Files;
use crate::json::{Content, Node, to_map};
use crate::name::nearest;
use crate::path::joined;
use crate::problem::present_instead;
use crate::shape::{Domain, Kind, Standard, Word};

pub(crate) const SEED: &str = "an integer from -2147483648 to 2147483647";
pub(crate) const COUNT: &str = "an integer from 0 to 4294967295";
pub(crate) const STEPS: &str = "an integer from 1 to 4294967295 (base steps of run.dt)";

impl<'a> Section<'a> {
    /// A number of the key's domain; `null` counts as absent where the key takes it.
    pub fn number(&self, name: &str) -> Option<f64> {
        let (key, node) = self.value(name);
        let domain = key.kind.domain().expect("the key takes a number");
        let node = node.filter(|node| !(key.kind.takes_null() && node.content == Content::Null))?;
        self.number_of(&self.path_of(name), node, domain)
    }

    fn number_of(&self, path: &str, node: &Node, domain: Domain) -> Option<f64> {
        let number = match &node.content {
            Content::Number(number) => number.as_f64().filter(|number| domain.contains(*number)),
            _ => None,
        };
        if number.is_none() {
            let message = format!("must be {domain}, found {}", node.describe());
            self.findings.problem(node.position, path, message);
        }
        number
    }

    /// A number, or the standard one.
    pub fn number_or_standard(&self, name: &str) -> f64 {
        let number = self.number(name);
        let Standard::Number(standard) = self.entry(name).standard else { panic!("'{name}' has a standard number") };
        number.unwrap_or(standard)
    }

    pub fn required_number(&self, name: &str) -> f64 {
        self.number(name).unwrap_or_default()
    }

    /// A list of numbers; empty where absent.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        let items = self.entry(name).kind.items().and_then(Kind::domain);
        let domain = items.expect("the key takes a list of numbers");
        self.list(name).into_iter().filter_map(|(path, node)| self.number_of(&path, node, domain)).collect()
    }

    /// A list of texts; empty where absent.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let text = |(path, node): (String, &Node)| match &node.content {
            Content::Text(text) => Some(text.clone()),
            _ => {
                self.findings.problem(node.position, &path, format!("must be a text, found {}", node.describe()));
                None
            }
        };
        self.list(name).into_iter().filter_map(text).collect()
    }

    fn integer_of<T: TryFrom<i64>>(&self, name: &str, expected: &str) -> Option<T> {
        let node = self.value(name).1?;
        let integer = match &node.content {
            Content::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(exact_integer)),
            _ => None,
        };
        let fitting = integer.and_then(|integer| T::try_from(integer).ok());
        if fitting.is_none() {
            self.wrong(name, expected, node);
        }
        fitting
    }

    /// A seed; 0 where absent.
    pub fn seed_or_standard(&self, name: &str) -> i32 {
        self.seed(name).unwrap_or_default()
    }

    pub fn seed(&self, name: &str) -> Option<i32> {
        self.integer_of(name, SEED)
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        self.integer_of(name, "an integer")
    }

    pub fn required_integer(&self, name: &str) -> i64 {
        self.integer(name).unwrap_or_default()
    }

    pub fn count(&self, name: &str) -> Option<u32> {
        self.integer_of(name, COUNT)
    }

    pub fn required_count(&self, name: &str) -> u32 {
        self.count(name).unwrap_or_default()
    }

    /// A step in base steps: 1 or more.
    pub fn steps(&self, name: &str) -> Option<u64> {
        let steps = self.integer_of::<u32>(name, STEPS)?;
        if steps == 0
            && let Some(node) = self.find(name)
        {
            self.wrong(name, STEPS, node);
        }
        Some(u64::from(steps))
    }

    pub fn required_steps(&self, name: &str) -> u64 {
        self.steps(name).unwrap_or_default()
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        let node = self.value(name).1?;
        match node.content {
            Content::Bool(flag) => Some(flag),
            _ => {
                self.wrong(name, "true or false", node);
                None
            }
        }
    }

    /// A flag, or the standard one.
    pub fn flag_or_standard(&self, name: &str) -> bool {
        let flag = self.flag(name);
        let Standard::Flag(standard) = self.entry(name).standard else { panic!("'{name}' has a standard flag") };
        flag.unwrap_or(standard)
    }

    pub fn required_flag(&self, name: &str) -> bool {
        self.flag(name).unwrap_or_default()
    }

    pub fn text(&self, name: &str) -> Option<&'a str> {
        let node = self.value(name).1?;
        match &node.content {
            Content::Text(text) => Some(text),
            _ => {
                self.wrong(name, "a text", node);
                None
            }
        }
    }

    /// A text, or the standard one.
    pub fn text_or_standard(&self, name: &str) -> &'a str {
        let text = self.text(name);
        let Standard::Text(standard) = self.entry(name).standard else { panic!("'{name}' has a standard text") };
        text.unwrap_or(standard)
    }

    pub fn owned_text(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub fn required_text(&self, name: &str) -> String {
        self.text(name).unwrap_or_default().to_owned()
    }

    /// A path, joined to the file's directory and normalised.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let text = self.text(name)?;
        let base_dir = self.findings.base_dir_of(self.place(name));
        Some(joined(&base_dir, text))
    }

    /// As [`Section::path`], with a problem where a variable in it is not defined.
    pub fn defined_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.path(name)?;
        if let Some(message) = self.text(name).and_then(|text| self.findings.undefined_variable(text)) {
            self.problem(name, message);
        }
        Some(path)
    }

    /// A path of a file that must be there where files are looked for.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        let path = self.path(name)?;
        self.must_exist(name, &path);
        Some(path)
    }

    pub fn required_file(&self, name: &str) -> PathBuf {
        self.file(name).unwrap_or_default()
    }

    /// A problem at the key where files are looked for and this one is absent.
    pub fn must_exist(&self, name: &str, path: &Path) {
        let is_told = self.findings.has_problem(&self.path_of(name));
        if self.findings.files == Files::Checked && !is_told && !path.is_file() {
            let undefined = self.findings.undefined_variable(&path.to_string_lossy());
            let absent = || format!("file not found: {}{}", path.display(), present_instead(path));
            self.problem(name, undefined.unwrap_or_else(absent));
        }
    }

    /// One of a few words, exactly as written there. Where the shape has cases by this key, they are told now.
    pub fn word<T: Word>(&self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        let word = T::WORDS.iter().find(|(valid, _)| *valid == text).map(|(_, word)| *word);
        if word.is_none() {
            let valid = T::words();
            let message = format!("unknown value '{text}'{}; valid: {}", nearest(text, &valid), valid.join(", "));
            self.problem(name, message);
        }
        self.decide(name, text);
        word
    }

    /// One of a few words, or the standard one.
    pub fn word_or_standard<T: Word>(&self, name: &str) -> T {
        let word = self.word(name);
        let Standard::Text(standard) = self.entry(name).standard else { panic!("'{name}' has a standard word") };
        let standard = || T::WORDS.iter().find(|(valid, _)| *valid == standard).map(|(_, word)| *word);
        word.or_else(standard).expect("the standard is one of the words")
    }

    /// An object as it is; empty where absent.
    pub fn raw_map(&self, name: &str) -> Map<String, Value> {
        self.object(name).map_or_else(Map::new, |section| to_map(section.members))
    }
}

/// The integer that a number such as `1e6` or `5.0` is, or `None` for one with a fraction or beyond exactness.
pub(crate) fn exact_integer(number: f64) -> Option<i64> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}
