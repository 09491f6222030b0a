//! Statements of `section_configure`: assignments in the form of Python, separated by semicolons or lines.

use super::unknown;

/// `name = expression`, or with `+=`, `-=`, `*=`, `/=`.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The attribute.
    pub name: String,
    value: Expression,
}

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Number(f64),
    Attribute(String),
    Negative(Box<Expression>),
    Operation(Operator, Box<[Expression; 2]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Assignment {
    /// The value, from those of attributes.
    pub fn value(&self, attribute: &dyn Fn(&str) -> f64) -> f64 {
        self.value.value(attribute)
    }

    /// All attributes that it names.
    pub fn names(&self) -> Vec<&str> {
        let mut names = vec![self.name.as_str()];
        self.value.names(&mut names);
        names
    }
}

impl Expression {
    fn value(&self, attribute: &dyn Fn(&str) -> f64) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Attribute(name) => attribute(name),
            Self::Negative(inner) => -inner.value(attribute),
            Self::Operation(operator, sides) => {
                let [a, b] = [0, 1].map(|side| sides[side].value(attribute));
                match operator {
                    Operator::Add => a + b,
                    Operator::Subtract => a - b,
                    Operator::Multiply => a * b,
                    Operator::Divide => a / b,
                    Operator::Power => a.powf(b),
                }
            }
        }
    }

    fn names<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::Number(_) => {}
            Self::Attribute(name) => names.push(name),
            Self::Negative(inner) => inner.names(names),
            Self::Operation(_, sides) => sides.iter().for_each(|side| side.names(names)),
        }
    }

    fn is_constant(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Negative(inner) => matches!(**inner, Self::Number(_)),
            Self::Attribute(_) | Self::Operation(..) => false,
        }
    }
}

/// `%s.attribute = expression`; expressions may have numbers, `%s.attribute`, `+ - * / **` and brackets.
pub fn on_wildcard(text: &str) -> Result<Vec<Assignment>, String> {
    const FORM: &str = "'%s.attribute = value'";
    statements(text, FORM, |target| target.strip_prefix("%s.").map(|name| (String::new(), name)), false)
        .map(|statements| statements.into_iter().map(|(_, assignment)| assignment).collect())
}

/// `apical.attribute = number`: the list, the same in all statements, and the assignments.
pub fn on_list(text: &str, lists: &[&str]) -> Result<(String, Vec<Assignment>), String> {
    const FORM: &str = "'apical.attribute = number'";
    let split = |target: &'_ str| target.split_once('.').map(|(list, _)| list.to_owned());
    let statements = statements(
        text,
        FORM,
        |target| {
            split(target).map(|list| {
                let name = &target[list.len() + 1..];
                (list, name)
            })
        },
        true,
    )?;
    let list = same(&statements)?;
    if !lists.contains(&list.as_str()) {
        return Err(unknown("section list", &list, lists));
    }
    Ok((list, statements.into_iter().map(|(_, assignment)| assignment).collect()))
}

/// `apic[10].attribute = number`: type and number of the section, the same in all statements, and the assignments.
pub fn on_section(text: &str, types: &[&str]) -> Result<(String, usize, Vec<Assignment>), String> {
    const FORM: &str = "'apic[10].attribute = number'";
    let statements = statements(
        text,
        FORM,
        |target| {
            let (section, name) = target.split_once('.')?;
            Some((section.to_owned(), name))
        },
        true,
    )?;
    let place = same(&statements)?;
    let parts = place.strip_suffix(']').and_then(|place| place.split_once('['));
    let Some((section, Ok(number))) = parts.map(|(section, number)| (section, number.trim().parse())) else {
        return Err(format!("'{place}' is no section; write {FORM}"));
    };
    if !types.contains(&section) {
        return Err(unknown("section type", section, types));
    }
    Ok((section.to_owned(), number, statements.into_iter().map(|(_, assignment)| assignment).collect()))
}

/// `attribute = number`.
pub fn on_segment(text: &str) -> Result<Vec<Assignment>, String> {
    const FORM: &str = "'attribute = number'";
    statements(text, FORM, |target| Some((String::new(), target)), true)
        .map(|statements| statements.into_iter().map(|(_, assignment)| assignment).collect())
}

/// What all statements are about.
fn same(statements: &[(String, Assignment)]) -> Result<String, String> {
    let first = &statements[0].0;
    match statements.iter().find(|(place, _)| place != first) {
        None => Ok(first.clone()),
        Some((other, _)) => {
            Err(format!("all statements must be about the same sections, found '{first}' and '{other}'"))
        }
    }
}

/// All statements: what `split` makes of the left side, and the assignment.
fn statements(
    text: &str,
    form: &str,
    split: impl Fn(&str) -> Option<(String, &str)>,
    only_constants: bool,
) -> Result<Vec<(String, Assignment)>, String> {
    let mut statements = Vec::new();
    for statement in text.split([';', '\n']).map(str::trim).filter(|statement| !statement.is_empty()) {
        let wrong = |why: &str| format!("'{statement}': {why}; write {form}, several with ';' between them");
        let (left, right) = statement.split_once('=').ok_or_else(|| wrong("it is no assignment"))?;
        let left = left.trim_end();
        let operator = match left.as_bytes().last() {
            Some(b'+') => Some(Operator::Add),
            Some(b'-') => Some(Operator::Subtract),
            Some(b'*') => Some(Operator::Multiply),
            Some(b'/') => Some(Operator::Divide),
            _ => None,
        };
        let target = left[..left.len() - usize::from(operator.is_some())].trim();
        let (place, name) = split(target).ok_or_else(|| wrong("its left side is no attribute"))?;
        let is_word = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.as_bytes()[0].is_ascii_digit();
        if !is_word {
            return Err(wrong("its left side is no attribute"));
        }
        let value = Parser { rest: right }.whole().map_err(|why| wrong(&why))?;
        if only_constants && !value.is_constant() {
            return Err(wrong("its right side must be a number"));
        }
        let value = match operator {
            None => value,
            Some(operator) => {
                Expression::Operation(operator, Box::new([Expression::Attribute(name.to_owned()), value]))
            }
        };
        statements.push((place, Assignment { name: name.to_owned(), value }));
    }
    if statements.is_empty() {
        return Err(format!("section_configure is empty; write {form}"));
    }
    Ok(statements)
}

/// Reads an expression; Python's precedence.
struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn whole(mut self) -> Result<Expression, String> {
        let value = self.sum()?;
        match self.rest.trim() {
            "" => Ok(value),
            rest => Err(format!("'{rest}' is not understood")),
        }
    }

    /// Takes a sign where it comes next.
    fn takes(&mut self, sign: &str) -> bool {
        let Some(rest) = self.rest.trim_start().strip_prefix(sign) else { return false };
        self.rest = rest;
        true
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut value = self.product()?;
        loop {
            let operator = match () {
                () if self.takes("+") => Operator::Add,
                () if self.takes("-") => Operator::Subtract,
                () => return Ok(value),
            };
            value = Expression::Operation(operator, Box::new([value, self.product()?]));
        }
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut value = self.signed()?;
        loop {
            let operator = match () {
                () if self.takes("*") => Operator::Multiply,
                () if self.takes("/") => Operator::Divide,
                () => return Ok(value),
            };
            value = Expression::Operation(operator, Box::new([value, self.signed()?]));
        }
    }

    fn signed(&mut self) -> Result<Expression, String> {
        if self.takes("-") {
            return Ok(Expression::Negative(Box::new(self.signed()?)));
        }
        if self.takes("+") {
            return self.signed();
        }
        let base = self.single()?;
        if self.takes("**") {
            return Ok(Expression::Operation(Operator::Power, Box::new([base, self.signed()?])));
        }
        Ok(base)
    }

    fn single(&mut self) -> Result<Expression, String> {
        if self.takes("(") {
            let value = self.sum()?;
            return if self.takes(")") { Ok(value) } else { Err("a ')' is missing".to_owned()) };
        }
        if self.takes("%s.") {
            let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
            let (name, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Ok(Expression::Attribute(name.to_owned()));
        }
        let text = self.rest.trim_start();
        let is_exponent = |at: usize| at > 0 && matches!(text.as_bytes()[at - 1], b'e' | b'E');
        let end = text
            .char_indices()
            .find(|&(at, c)| {
                !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || (matches!(c, '+' | '-') && is_exponent(at)))
            })
            .map_or(text.len(), |(at, _)| at);
        let (number, rest) = text.split_at(end);
        self.rest = rest;
        number.parse().map(Expression::Number).map_err(|_| format!("'{}' is no number", text.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> f64 {
        let assignments = on_wildcard(&format!("%s.x = {text}")).unwrap();
        assignments[0].value(&|name| if name == "a" { 2.0 } else { 3.0 })
    }

    /// Values of Python.
    #[test]
    fn expressions_are_those_of_python() {
        assert_eq!(value("1 + 2 * 3 - 4 / 2"), 5.0);
        assert_eq!(value("-2 ** 2"), -4.0);
        assert_eq!(value("2 ** -1 ** 2"), 0.5);
        assert_eq!(value("(1 + %s.a) * %s.b"), 9.0);
        assert_eq!(value("1e-3 * 2.5E+2 - .5"), -0.25);
        let made = on_wildcard("%s.gbar_X *= 1 + 1; %s.cm -= 0.5").unwrap();
        assert_eq!(made.iter().map(|made| made.value(&|_| 3.0)).collect::<Vec<_>>(), [6.0, 2.5]);
        assert_eq!(made[0].names(), ["gbar_X", "gbar_X"]);
    }

    #[test]
    fn places_are_read() {
        let (list, assignments) = on_list("apical.gbar = -1; apical.cm = 2", &["all", "apical"]).unwrap();
        assert_eq!((list.as_str(), assignments.len()), ("apical", 2));
        let (section, number, _) = on_section("apic[10].gbar /= 2", &["apic"]).unwrap();
        assert_eq!((section.as_str(), number), ("apic", 10));
        assert_eq!(on_segment("gbar = 1").unwrap()[0].name, "gbar");
    }

    #[test]
    fn mistakes_are_told() {
        for (found, expected) in [
            (on_wildcard("gbar = 1").err(), "'gbar = 1': its left side is no attribute; write '%s.attribute = value'"),
            (on_wildcard("%s.a = b").err(), "'b' is no number"),
            (on_wildcard("%s.a = (1").err(), "a ')' is missing"),
            (on_wildcard("print(1)").err(), "it is no assignment"),
            (on_wildcard(" ;").err(), "section_configure is empty"),
            (on_list("apical.a = 1; basal.a = 1", &["apical", "basal"]).err(), "found 'apical' and 'basal'"),
            (
                on_list("apicl.a = 1", &["apical", "basal"]).err(),
                "unknown section list 'apicl' (did you mean 'apical'?); possible: apical, basal",
            ),
            (on_list("apical.a = 2 * 3", &["apical"]).err(), "its right side must be a number"),
            (on_section("apic.a = 1", &["apic"]).err(), "'apic' is no section; write 'apic[10].attribute = number'"),
        ] {
            let found = found.expect("it is a mistake");
            assert!(found.contains(expected), "{found}\nexpected: {expected}");
        }
    }
}
