//! Looking up states and parameters by a part of their name, or by number.

use crate::model::Model;

/// One line for each parameter, then each state, that `part` means, or for all without a part:
/// `PIdx.name (number): description #old` and `UIdx.name (number): description #old`. The old number is that of
/// configurations of the 0.8 series; states that are new since have none.
///
/// `part` is found in names and descriptions, whatever the case. A whole number means what has that number, old or
/// new. `UIdx.` or `PIdx.` before it leaves states or parameters alone.
pub fn index_lines(model: &Model, part: Option<&str>) -> Vec<String> {
    let part = part.unwrap_or_default().to_lowercase();
    let parameters = model.parameters().iter().enumerate().map(|(number, parameter)| Entry {
        prefix: PARAMETERS,
        number,
        // Parameters kept their numbers.
        number_0_8: Some(number),
        name: &parameter.name,
        description: &parameter.description,
    });
    let states = model.states().iter().enumerate().map(|(number, state)| Entry {
        prefix: STATES,
        number,
        number_0_8: state.number_0_8,
        name: &state.name,
        description: &state.description,
    });
    parameters.chain(states).filter(|entry| entry.is_meant_by(&part)).map(|entry| entry.line()).collect()
}

const PARAMETERS: &str = "PIdx";
const STATES: &str = "UIdx";

/// A state or parameter.
struct Entry<'a> {
    prefix: &'static str,
    number: usize,
    number_0_8: Option<usize>,
    name: &'a str,
    description: &'a str,
}

impl Entry<'_> {
    /// Whether `part`, in lower case, means this one.
    fn is_meant_by(&self, part: &str) -> bool {
        let part = match [PARAMETERS, STATES].map(|prefix| part.strip_prefix(&format!("{}.", prefix.to_lowercase()))) {
            [Some(rest), _] if self.prefix == PARAMETERS => rest,
            [_, Some(rest)] if self.prefix == STATES => rest,
            [None, None] => part,
            _ => return false,
        };
        match part.parse() {
            Ok(number) => self.number == number || self.number_0_8 == Some(number),
            Err(_) => self.name.to_lowercase().contains(part) || self.description.to_lowercase().contains(part),
        }
    }

    fn line(&self) -> String {
        let old = self.number_0_8.map_or_else(String::new, |number| format!(" #{number}"));
        format!("{}.{} ({}): {}{old}", self.prefix, self.name, self.number, self.description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(part: &str) -> Vec<String> {
        index_lines(&Model::standard(), Some(part))
    }

    #[test]
    fn partial_names_in_both_tables() {
        assert_eq!(lines("atp_n"), ["UIdx.ATP_n (22): ATP in neuronal cytosol #22"]);
        assert_eq!(lines("FinDyn"), ["PIdx.notBigg_FinDyn_W2017 (3): Blood inflow per unit volume of tissue #3"]);
        assert_eq!(index_lines(&Model::standard(), None).len(), 187);
        assert!(lines("no such thing").is_empty());
    }

    #[test]
    fn numbers_old_and_new_and_prefixes() {
        // K_out is number 95 of the 0.8 series and 94 now.
        let found = lines("95");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("UIdx.K_out (94): ") && found[0].ends_with(" #95"), "{found:?}");
        assert!(found[1].contains(" (95): "), "{found:?}");
        let found = lines("3");
        assert!(found[0].starts_with("PIdx.notBigg_FinDyn_W2017 (3)") && found[1].starts_with("UIdx.NADHmito_n (3)"));
        assert_eq!(lines("UIdx.3"), found[1..]);
        assert_eq!(lines("pidx.3"), found[..1]);
        assert_eq!((lines("PIdx.").len(), lines("UIdx.").len()), (6, 181));
        assert!(lines("PIdx.ATP_n").is_empty() && lines("1000").is_empty());
    }
}
