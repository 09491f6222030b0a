//! Nearest names for messages.

/// Jaro-Winkler similarity from which a name is offered as what may have been meant.
const OFFERED_SIMILARITY: f64 = 0.75;

/// ` (did you mean 'x'?)` for the most similar of `available`, or nothing.
pub(crate) fn nearest<S: AsRef<str>>(found: &str, available: &[S]) -> String {
    available
        .iter()
        .map(|name| (strsim::jaro_winkler(found, name.as_ref()), name.as_ref()))
        .filter(|(similarity, _)| *similarity >= OFFERED_SIMILARITY)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or_else(String::new, |(_, name)| format!(" (did you mean '{name}'?)"))
}
