//! Names that resemble one another, for messages.

/// Jaro-Winkler similarity from which a name is offered as what may have been meant.
const OFFERED_SIMILARITY: f64 = 0.75;

/// Names listed in a message before the list is cut.
const NAMES_LISTED: usize = 30;

/// ` (did you mean 'x'?)` for the most similar of `available`, or nothing.
pub(crate) fn nearest<S: AsRef<str>>(found: &str, available: &[S]) -> String {
    available
        .iter()
        .map(|name| (strsim::jaro_winkler(found, name.as_ref()), name.as_ref()))
        .filter(|(similarity, _)| *similarity >= OFFERED_SIMILARITY)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or_else(String::new, |(_, name)| format!(" (did you mean '{name}'?)"))
}

/// Names separated by commas; long lists are cut, empty ones are `none`.
pub(crate) fn listed<S: AsRef<str>>(available: &[S]) -> String {
    let names: Vec<&str> = available.iter().map(AsRef::as_ref).collect();
    match names.len() {
        0 => "none".to_owned(),
        count if count > NAMES_LISTED => format!("{}, ... ({count} in all)", names[..NAMES_LISTED].join(", ")),
        _ => names.join(", "),
    }
}

/// Whether `found` looks like a slip of the pen for `known`: the same but for case and separators, one slip (a character
/// added, lost, changed, or two swapped) in four characters or more, two slips in eight or more. A key that begins with
/// a sign (`_tstop`, `//tstop`) is taken for one that was put aside on purpose.
pub(crate) fn misspelling(found: &str, known: &str) -> bool {
    if !found.starts_with(|first: char| first.is_alphanumeric()) || found == known {
        return false;
    }
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' ', '.'], "");
    let (found, known) = (plain(found), plain(known));
    let slips = match found.chars().count().min(known.chars().count()) {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    strsim::osa_distance(&found, &known) <= slips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_words() {
        for (found, known) in [
            ("tstopp", "tstop"),
            ("metabolims", "metabolism"),
            ("Celsius", "celsius"),
            ("v-init", "v_init"),
            ("with_metabolims", "with_metabolism"),
            ("randomseed", "random_seed"),
            ("DT", "dt"),
        ] {
            assert!(misspelling(found, known), "{found} {known}");
        }
        for (found, known) in
            [("tstart", "tstop"), ("dL", "dt"), ("_tstop", "tstop"), ("source", "node_set"), ("tstop", "tstop")]
        {
            assert!(!misspelling(found, known), "{found} {known}");
        }
    }

    #[test]
    fn lists_are_cut() {
        assert_eq!(listed::<&str>(&[]), "none");
        assert_eq!(listed(&["a", "b"]), "a, b");
        let many: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        assert!(listed(&many).ends_with("29, ... (40 in all)"));
    }

    #[test]
    fn the_nearest_name_is_offered() {
        assert_eq!(nearest("Neurns", &["Neurons", "Astrocytes"]), " (did you mean 'Neurons'?)");
        assert_eq!(nearest("xyz", &["Neurons"]), "");
    }
}
