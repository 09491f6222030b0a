//! Equation files: `let NAME = formula`, `flux NAME = formula` (mM/s), `d STATE/dt = formula`.
//!
//! A line that starts with a space continues the one before; `#` starts a comment; the comment right above an equation
//! describes it.

use super::error::ModelError;
use crate::expression::Expression;

/// What an equation defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EquationKind {
    /// A quantity that follows from the states at once.
    Algebraic,
    /// The rate of a reaction or transport.
    Flux,
    /// The time derivative of a state, 1/s times its unit.
    Balance,
}

/// An equation.
#[derive(Debug, Clone, PartialEq)]
pub struct Equation {
    /// What it defines.
    pub kind: EquationKind,
    /// The quantity, the flux, or the state (by its symbol) whose balance it is.
    pub name: String,
    /// One line that explains it; empty for most balances.
    pub description: String,
    /// The formula.
    pub formula: Expression,
    /// The formula as text.
    pub text: String,
}

impl Equation {
    /// Reads all equations of a file.
    ///
    /// # Errors
    /// [`ModelError::NoEquation`], [`ModelError::Formula`].
    pub fn parse_all(file: &str, text: &str) -> Result<Vec<Self>, ModelError> {
        let mut equations = Vec::new();
        let mut description = String::new();
        let mut lines = text.lines().enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            if line.trim().is_empty() {
                description.clear();
                continue;
            }
            if let Some(comment) = line.trim_start().strip_prefix('#') {
                comment.trim().clone_into(&mut description);
                continue;
            }
            let mut whole = line.trim().to_owned();
            while let Some((_, next)) =
                lines.next_if(|(_, next)| next.starts_with(char::is_whitespace) && !next.trim().is_empty())
            {
                whole.push(' ');
                whole.push_str(next.trim());
            }
            let (kind, name, formula_text) = split(&whole).ok_or_else(|| ModelError::NoEquation {
                file: file.to_owned(),
                line: number + 1,
                text: whole.clone(),
            })?;
            let formula = Expression::parse(formula_text).map_err(|source| ModelError::Formula {
                file: file.to_owned(),
                line: number + 1,
                name: name.to_owned(),
                source,
            })?;
            equations.push(Self {
                kind,
                name: name.to_owned(),
                description: std::mem::take(&mut description),
                formula,
                text: formula_text.to_owned(),
            });
        }
        Ok(equations)
    }
}

fn split(line: &str) -> Option<(EquationKind, &str, &str)> {
    let (left, formula) = line.split_once('=')?;
    let (keyword, name) = left.trim().split_once(char::is_whitespace)?;
    let name = name.trim();
    let (kind, name) = match keyword {
        "let" => (EquationKind::Algebraic, name),
        "flux" => (EquationKind::Flux, name),
        "d" => (EquationKind::Balance, name.strip_suffix("/dt")?.trim()),
        _ => return None,
    };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some((kind, name, formula.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continued_lines_and_descriptions() {
        let text = "# A file.\n\n# first order decay\nflux J = k.d\n    *x\nd x/dt = -J\n";
        let equations = Equation::parse_all("decay.eqn", text).unwrap();
        assert_eq!(equations.len(), 2);
        assert_eq!(equations[0].description, "first order decay");
        assert_eq!(equations[0].text, "k.d *x");
        assert_eq!((equations[1].kind, equations[1].name.as_str()), (EquationKind::Balance, "x"));
        assert_eq!(equations[1].description, "");
    }

    #[test]
    fn mistakes_name_file_and_line() {
        let error = Equation::parse_all("a.eqn", "\nrate x = 1\n").unwrap_err();
        assert!(matches!(error, ModelError::NoEquation { line: 2, .. }), "{error}");
        let error = Equation::parse_all("a.eqn", "let x = 1 +\n").unwrap_err();
        assert_eq!(error.to_string(), "a.eqn, line 1, formula of 'x': expected a number, a name or '(' at position 3");
    }
}
