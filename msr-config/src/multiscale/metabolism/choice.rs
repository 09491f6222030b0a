//! Which model of the metabolism, and what of it is corrected.

use std::path::PathBuf;

use crate::json::Content;
use crate::name::nearest;
use crate::section::Section;

/// A model, as a file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName {
    /// As written: a name that the simulator knows, or a path.
    pub name: String,
    /// The path that it is, from the directory of the file.
    pub path: PathBuf,
}

/// `compatibility`: what is corrected of the published model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Compatibility {
    /// `"corrected"`: all that is known to be wrong.
    #[default]
    Corrected,
    /// `"published"`: nothing.
    Published,
    /// A list: these corrections alone; free texts, checked by whoever knows the corrections.
    Only(Vec<String>),
}

pub(super) const CORRECTED: &str = "corrected";
const PUBLISHED: &str = "published";

pub(super) fn compatibility_words() -> Vec<&'static str> {
    vec![CORRECTED, PUBLISHED]
}

/// The model that is named, not the object of 0.8.
pub(super) fn model(section: &Section<'_>) -> Option<ModelName> {
    if matches!(section.find("model")?.content, Content::Object(_)) {
        return None;
    }
    Some(ModelName { name: section.owned_text("model")?, path: section.path("model")? })
}

pub(super) fn compatibility(section: &Section<'_>) -> Compatibility {
    match section.find("compatibility").map(|node| &node.content) {
        None => Compatibility::default(),
        Some(Content::Array(_)) => Compatibility::Only(section.texts("compatibility")),
        Some(_) => match section.text("compatibility") {
            Some(CORRECTED) | None => Compatibility::Corrected,
            Some(PUBLISHED) => Compatibility::Published,
            Some(other) => {
                let words = compatibility_words();
                let message = format!(
                    "unknown value '{other}'{}; valid: {}, or a list of corrections",
                    nearest(other, &words),
                    words.join(", ")
                );
                section.problem("compatibility", message);
                Compatibility::default()
            }
        },
    }
}
