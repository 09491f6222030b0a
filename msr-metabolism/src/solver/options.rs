//! Options of the solver, from users' `solver_kwargs`.

use msr_coupling::query::nearest;
use serde_json::{Map, Value};

use super::method::Method;

/// Method and tolerances.
#[derive(Debug, Clone, PartialEq)]
pub struct SolverOptions {
    /// Method.
    pub method: Method,
    /// Error accepted in one step, relative to the state.
    pub relative_tolerance: f64,
    /// Error accepted in one step, in the unit of the state (mM), in addition.
    pub absolute_tolerance: f64,
    /// Steps that one cell may try in one window.
    pub most_steps: u32,
}

impl Default for SolverOptions {
    fn default() -> Self {
        Self { method: Method::Rodas3, relative_tolerance: 1e-3, absolute_tolerance: 1e-8, most_steps: 100_000 }
    }
}

/// A mistake in `solver_kwargs`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OptionsError {
    /// An option that does not exist.
    #[error("solver_kwargs: unknown option '{option}'{}; available: {}", nearest(option, &OPTIONS), OPTIONS.join(", "))]
    UnknownOption {
        /// The option.
        option: String,
    },
    /// A method that is not known.
    #[error("solver_kwargs: unknown method {method}; available: {}, and as other names of Rodas3: {}", methods(), OTHER_METHODS.join(", "))]
    UnknownMethod {
        /// The method.
        method: String,
    },
    /// A value that is no positive number.
    #[error("solver_kwargs: {option} must be a positive finite number, found {value}")]
    NotPositive {
        /// The option.
        option: String,
        /// The value.
        value: String,
    },
    /// A number of steps that is none.
    #[error("solver_kwargs: maxiters must be a number of at least 1, found {value}")]
    NoSteps {
        /// The value.
        value: String,
    },
}

const OPTIONS: [&str; 10] =
    ["method", "rtol", "atol", "reltol", "abstol", "maxiters", "saveat", "first_step", "max_step", "dense_output"];

/// Methods of the solvers that configurations name; all are replaced.
const OTHER_METHODS: [&str; 7] = ["Radau", "BDF", "LSODA", "RK45", "RK23", "DOP853", "Rosenbrock23"];

/// Options of those solvers that mean nothing to this one.
const WITHOUT_EFFECT: [&str; 4] = ["saveat", "first_step", "max_step", "dense_output"];

impl SolverOptions {
    /// Reads `solver_kwargs` of either generation: `method`, `rtol`, `atol` (scipy) or `reltol`, `abstol`, `maxiters`
    /// (Julia). The second value tells what is done differently from what was asked, one sentence each.
    ///
    /// # Errors
    /// [`OptionsError`].
    pub fn from_kwargs(kwargs: &Map<String, Value>) -> Result<(Self, Vec<String>), OptionsError> {
        let mut options = Self::default();
        let mut notes = Vec::new();
        for (option, value) in kwargs {
            let positive = || match value.as_f64() {
                Some(number) if number > 0.0 && number.is_finite() => Ok(number),
                _ => Err(OptionsError::NotPositive { option: option.clone(), value: value.to_string() }),
            };
            match option.as_str() {
                "method" => options.method = method(value, &mut notes)?,
                "rtol" | "reltol" => options.relative_tolerance = positive()?,
                "atol" | "abstol" => options.absolute_tolerance = positive()?,
                "maxiters" => match positive()? {
                    steps if steps < 1.0 => return Err(OptionsError::NoSteps { value: value.to_string() }),
                    steps => options.most_steps = steps.min(f64::from(u32::MAX)) as u32,
                },
                ignored if WITHOUT_EFFECT.contains(&ignored) => {
                    notes.push(format!("solver_kwargs.{ignored} has no effect: steps follow from the tolerances"));
                }
                _ => return Err(OptionsError::UnknownOption { option: option.clone() }),
            }
        }
        Ok((options, notes))
    }
}

fn methods() -> String {
    Method::ALL.iter().map(|method| method.name()).collect::<Vec<_>>().join(", ")
}

fn method(value: &Value, notes: &mut Vec<String>) -> Result<Method, OptionsError> {
    let unknown = || OptionsError::UnknownMethod { method: value.to_string() };
    let name = value.as_str().ok_or_else(unknown)?;
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    if let Some(method) = Method::ALL.iter().copied().find(|method| is(method.name())) {
        return Ok(method);
    }
    if !OTHER_METHODS.iter().any(|known| is(known)) {
        return Err(unknown());
    }
    notes.push(format!(
        "solver_kwargs.method {name} is replaced by Rodas3, a stiff method with the same kind of tolerances"
    ));
    Ok(Method::Rodas3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(SolverOptions, Vec<String>), OptionsError> {
        SolverOptions::from_kwargs(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn both_generations() {
        let (options, notes) = read(r#"{"method": "Radau", "rtol": 1e-6, "atol": 1e-9}"#).unwrap();
        assert_eq!(
            (options.method, options.relative_tolerance, options.absolute_tolerance),
            (Method::Rodas3, 1e-6, 1e-9)
        );
        assert!(notes[0].contains("Radau"), "{notes:?}");
        let (options, _) = read(r#"{"reltol": 1e-8, "abstol": 1e-8, "saveat": 1, "maxiters": 1e6}"#).unwrap();
        assert_eq!((options.relative_tolerance, options.most_steps), (1e-8, 1_000_000));
        assert_eq!(read(r#"{"method": "rodas4"}"#).unwrap().0.method, Method::Rodas4);
    }

    #[test]
    fn mistakes() {
        assert!(read(r#"{"rtoll": 1}"#).unwrap_err().to_string().contains("did you mean 'rtol'"));
        assert!(matches!(read(r#"{"rtol": 0}"#), Err(OptionsError::NotPositive { .. })));
        assert!(read(r#"{"maxiters": 0.5}"#).unwrap_err().to_string().contains("at least 1"));
        assert!(matches!(read(r#"{"method": "Euler"}"#), Err(OptionsError::UnknownMethod { .. })));
    }
}
