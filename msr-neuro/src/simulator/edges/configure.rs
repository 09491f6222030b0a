//! `synapse_configure`: assignments to the parameters of synapses.

/// What an assignment does with the value that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Set,
    Multiply,
    Divide,
    Add,
    Subtract,
}

/// `%s.name = value`, with `*=`, `/=`, `+=` and `-=` in the place of `=`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assignment {
    pub name: String,
    operator: Operator,
    value: f64,
}

impl Assignment {
    /// The new value.
    pub fn applied_to(&self, before: f64) -> f64 {
        match self.operator {
            Operator::Set => self.value,
            Operator::Multiply => before * self.value,
            Operator::Divide => before / self.value,
            Operator::Add => before + self.value,
            Operator::Subtract => before - self.value,
        }
    }
}

/// The assignments of a text.
///
/// # Errors
/// The part that is none.
pub(super) fn parse(text: &str) -> Result<Vec<Assignment>, String> {
    let mut assignments = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let statement = rest;
        let refused = || statement.to_owned();
        let (name, after) = rest
            .strip_prefix("%s.")
            .map(|rest| rest.split_at(rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())))
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(refused)?;
        let after = after.trim_start();
        let operators = [
            ("*=", Operator::Multiply),
            ("/=", Operator::Divide),
            ("+=", Operator::Add),
            ("-=", Operator::Subtract),
            ("=", Operator::Set),
        ];
        let (operator, after) = operators
            .iter()
            .find_map(|(sign, operator)| Some((*operator, after.strip_prefix(sign)?)))
            .ok_or_else(refused)?;
        let after = after.trim_start();
        let end = after.find(|c: char| c.is_whitespace() || c == ';' || c == '%').unwrap_or(after.len());
        let value = after[..end].parse().map_err(|_| refused())?;
        assignments.push(Assignment { name: name.to_owned(), operator, value });
        rest = after[end..].trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    }
    Ok(assignments)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn assignments_follow_one_another() {
        let found = parse(" %s.NMDA_ratio = 0.4 %s.Use*=1e-1; %s.mg -= -2").unwrap();
        let applied: Vec<(&str, f64)> = found.iter().map(|one| (one.name.as_str(), one.applied_to(5.0))).collect();
        assert_eq!(applied, [("NMDA_ratio", 0.4), ("Use", 0.5), ("mg", 7.0)]);
    }

    #[test]
    fn what_is_no_assignment_is_told() {
        for text in ["%s.NMDA_ratio = x", "tau = 3", "%s. = 3", "%s.a 3"] {
            assert_eq!(parse(&format!("%s.mg = 1 {text}")).unwrap_err(), text);
        }
    }
}
