//! The syntax of formulas: numbers, names, `+ - * / ^`, parentheses and functions.

use super::token::{Token, tokens};

/// A formula as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// A state, parameter, algebraic quantity, flux, or a constant `Group.name`.
    Name(String),
    /// `-x`.
    Negative(Box<Expression>),
    /// Two operands.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// A function of its arguments.
    Call(Function, Vec<Expression>),
}

/// An operator between two operands. `^` binds tightest and from the right, and tighter than a minus before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// A function that formulas may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Square root.
    Sqrt,
    /// Exponential.
    Exp,
    /// Natural logarithm.
    Ln,
    /// The smaller of two.
    Min,
    /// The larger of two.
    Max,
}

const FUNCTIONS: [(&str, Function, usize); 5] = [
    ("sqrt", Function::Sqrt, 1),
    ("exp", Function::Exp, 1),
    ("ln", Function::Ln, 1),
    ("min", Function::Min, 2),
    ("max", Function::Max, 2),
];

/// What is wrong with a formula. Positions count characters from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExpressionError {
    /// A character that formulas do not have.
    #[error("'{character}' at position {position} has no meaning in a formula; use + - * / ^ ( ) , names and numbers")]
    UnexpectedCharacter {
        /// Where.
        position: usize,
        /// The character.
        character: char,
    },
    /// Digits that are no number.
    #[error("'{text}' at position {position} is no number")]
    BadNumber {
        /// Where.
        position: usize,
        /// The digits.
        text: String,
    },
    /// Something else was expected.
    #[error("expected {expected} at position {position}")]
    Expected {
        /// Where; the length of the formula where it ends too early.
        position: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// No such function.
    #[error("unknown function '{name}' at position {position}; available: sqrt, exp, ln, min, max")]
    UnknownFunction {
        /// Where.
        position: usize,
        /// The name.
        name: String,
    },
    /// A function with the wrong number of arguments.
    #[error("{name} at position {position} takes {expected} argument(s), found {found}")]
    WrongArguments {
        /// Where.
        position: usize,
        /// The function.
        name: String,
        /// How many it takes.
        expected: usize,
        /// How many were given.
        found: usize,
    },
}

impl Expression {
    /// Reads a formula.
    ///
    /// # Errors
    /// [`ExpressionError`] with the position of the mistake.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut reader = Reader { tokens: tokens(text)?, at: 0, end: text.chars().count() };
        let expression = reader.sum()?;
        match reader.tokens.get(reader.at) {
            None => Ok(expression),
            Some(&(position, _)) => {
                Err(ExpressionError::Expected { position, expected: "an operator or the end of the formula" })
            }
        }
    }

    /// Calls `visit` for every name, in the order of the text.
    pub fn names<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        match self {
            Self::Number(_) => {}
            Self::Name(name) => visit(name),
            Self::Negative(inner) => inner.names(visit),
            Self::Binary(_, left, right) => {
                left.names(visit);
                right.names(visit);
            }
            Self::Call(_, arguments) => arguments.iter().for_each(|argument| argument.names(visit)),
        }
    }
}

/// Recursive descent over the tokens.
struct Reader {
    tokens: Vec<(usize, Token)>,
    at: usize,
    end: usize,
}

impl Reader {
    fn position(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(position, _)| *position)
    }

    fn take(&mut self, symbols: &[char]) -> Option<char> {
        match self.tokens.get(self.at) {
            Some((_, Token::Symbol(symbol))) if symbols.contains(symbol) => {
                self.at += 1;
                Some(*symbol)
            }
            _ => None,
        }
    }

    fn sum(&mut self) -> Result<Expression, ExpressionError> {
        let mut left = self.product()?;
        while let Some(symbol) = self.take(&['+', '-']) {
            let operator = if symbol == '+' { Operator::Add } else { Operator::Subtract };
            left = Expression::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, ExpressionError> {
        let mut left = self.signed()?;
        while let Some(symbol) = self.take(&['*', '/']) {
            let operator = if symbol == '*' { Operator::Multiply } else { Operator::Divide };
            left = Expression::Binary(operator, Box::new(left), Box::new(self.signed()?));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expression, ExpressionError> {
        match self.take(&['-', '+']) {
            Some('-') => Ok(Expression::Negative(Box::new(self.signed()?))),
            Some(_) => self.signed(),
            None => self.power(),
        }
    }

    fn power(&mut self) -> Result<Expression, ExpressionError> {
        let base = self.operand()?;
        if self.take(&['^']).is_none() {
            return Ok(base);
        }
        Ok(Expression::Binary(Operator::Power, Box::new(base), Box::new(self.signed()?)))
    }

    fn operand(&mut self) -> Result<Expression, ExpressionError> {
        let position = self.position();
        let expected = ExpressionError::Expected { position, expected: "a number, a name or '('" };
        let Some((_, token)) = self.tokens.get(self.at).cloned() else { return Err(expected) };
        self.at += 1;
        match token {
            Token::Number(value) => Ok(Expression::Number(value)),
            Token::Name(name) if self.take(&['(']).is_some() => self.call(position, name),
            Token::Name(name) => Ok(Expression::Name(name)),
            Token::Symbol('(') => {
                let inner = self.sum()?;
                self.close()?;
                Ok(inner)
            }
            Token::Symbol(_) => Err(expected),
        }
    }

    fn close(&mut self) -> Result<(), ExpressionError> {
        let position = self.position();
        self.take(&[')']).map(|_| ()).ok_or(ExpressionError::Expected { position, expected: "')'" })
    }

    fn call(&mut self, position: usize, name: String) -> Result<Expression, ExpressionError> {
        let Some(&(_, function, expected)) = FUNCTIONS.iter().find(|(known, _, _)| *known == name) else {
            return Err(ExpressionError::UnknownFunction { position, name });
        };
        let mut arguments = vec![self.sum()?];
        while self.take(&[',']).is_some() {
            arguments.push(self.sum()?);
        }
        self.close()?;
        if arguments.len() != expected {
            return Err(ExpressionError::WrongArguments { position, name, expected, found: arguments.len() });
        }
        Ok(Expression::Call(function, arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Graph;

    fn value(text: &str) -> f64 {
        let mut graph = Graph::default();
        let expression = Expression::parse(text).unwrap();
        let node = graph.build(&expression, &mut |_| panic!("no names here"));
        graph.constant_value(node).unwrap()
    }

    #[test]
    fn precedence_is_that_of_mathematics() {
        assert_eq!(value("1 - 2 - 3"), -4.0);
        assert_eq!(value("2*3^2"), 18.0);
        assert_eq!(value("-2^2"), -4.0);
        assert_eq!(value("2^3^2"), 512.0);
        assert_eq!(value("8/2/2"), 2.0);
        assert_eq!(value("2^-1"), 0.5);
        assert_eq!(value("1e-3 + 2.5E+1"), 25.001);
        assert_eq!(value("min(3, max(1, 2)) + sqrt(9) + ln(exp(1))"), 6.0);
    }

    #[test]
    fn mistakes_have_their_position() {
        assert_eq!(
            Expression::parse("a + "),
            Err(ExpressionError::Expected { position: 4, expected: "a number, a name or '('" })
        );
        assert_eq!(Expression::parse("(a"), Err(ExpressionError::Expected { position: 2, expected: "')'" }));
        assert_eq!(
            Expression::parse("a $ b"),
            Err(ExpressionError::UnexpectedCharacter { position: 2, character: '$' })
        );
        assert!(matches!(Expression::parse("log(2)"), Err(ExpressionError::UnknownFunction { position: 0, .. })));
        assert!(matches!(Expression::parse("min(2)"), Err(ExpressionError::WrongArguments { found: 1, .. })));
        assert!(matches!(Expression::parse("a b"), Err(ExpressionError::Expected { position: 2, .. })));
    }
}
