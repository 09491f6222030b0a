//! Tokens to statements.

mod expressions;

use super::lexer::{Token, tokens};
use super::tree::{Action, DEEPEST, Expression, Name, Part, Procedure, Program, Reference, Statement, TemplateText};

/// Statements of hoc that templates are not made of.
const REFUSED: &[&str] = &[
    "iterator",
    "iterator_statement",
    "uninsert",
    "double",
    "setpointer",
    "depvar",
    "eqn",
    "ifsec",
    "delete",
    "stop",
    "help",
    "read",
    "em",
    "debug",
];
/// What a place is that is not understood: line and message.
pub type Refusal = (usize, String);

/// Adds the content of a file to a program; returns what is not understood.
pub fn parse_file(text: &str, file: usize, program: &mut Program) -> Vec<Refusal> {
    let mut parser = Parser::new(text, file);
    parser.file(program);
    parser.refusals
}

/// Statements of a string that is executed, `depth` deep within others.
pub fn parse_statements(text: &str, file: usize, line: usize, depth: usize) -> Result<Vec<Statement>, String> {
    let mut parser = Parser::new(text, file);
    parser.lines.fill(line);
    parser.depth = depth;
    let mut statements = Vec::new();
    parser.skip_newlines();
    while *parser.peek() != Token::End {
        statements.push(parser.statement().map_err(|(_, message)| message)?);
        parser.skip_newlines();
    }
    Ok(statements)
}

struct Parser {
    tokens: Vec<Token>,
    lines: Vec<usize>,
    at: usize,
    file: usize,
    depth: usize,
    refusals: Vec<Refusal>,
}

type Parsed<T> = Result<T, Refusal>;

impl Parser {
    fn new(text: &str, file: usize) -> Self {
        let (tokens, lines) = tokens(text).into_iter().unzip();
        Self { tokens, lines, at: 0, file, depth: 0, refusals: Vec::new() }
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.at]
    }

    fn line(&self) -> usize {
        self.lines[self.at]
    }

    fn next(&mut self) -> Token {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if found == word)
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Parsed<()> {
        if self.take(symbol) { Ok(()) } else { Err(self.unexpected(&format!("'{symbol}'"))) }
    }

    fn word(&mut self) -> Parsed<String> {
        match self.peek().clone() {
            Token::Word(word) => {
                self.next();
                Ok(word)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    fn unexpected(&self, wanted: &str) -> Refusal {
        let found = match self.peek() {
            Token::Word(word) => format!("'{word}'"),
            Token::Number(number) => number.to_string(),
            Token::Text(text) => format!("\"{text}\""),
            Token::Argument(number) => format!("argument {number}"),
            Token::Symbol(symbol) => format!("'{symbol}'"),
            Token::Newline => "the end of the line".to_owned(),
            Token::Other(character) => format!("'{character}'"),
            Token::End => "the end of the text".to_owned(),
        };
        (self.line(), format!("expected {wanted}, found {found}"))
    }

    fn skip_newlines(&mut self) {
        while matches!(self.peek(), Token::Newline | Token::Symbol(";")) {
            self.next();
        }
    }

    /// Notes what is not understood and goes on after its line.
    fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
        let mut depth = 0_i32;
        loop {
            match self.peek() {
                Token::End => return,
                Token::Newline if depth <= 0 => return,
                Token::Symbol("{") => depth += 1,
                Token::Symbol("}") if depth <= 0 => return,
                Token::Symbol("}") => depth -= 1,
                _ => {}
            }
            self.next();
        }
    }

    fn file(&mut self, program: &mut Program) {
        let mut statements = Vec::new();
        loop {
            self.skip_newlines();
            match self.peek().clone() {
                Token::End => break,
                Token::Word(word) if word == "begintemplate" => {
                    self.next();
                    match self.template() {
                        Ok(template) => program.templates.push(template),
                        Err(refusal) => self.refuse(refusal),
                    }
                }
                _ => self.member(&mut program.procedures, &mut statements),
            }
        }
        program.files.push(statements);
    }

    fn template(&mut self) -> Parsed<TemplateText> {
        let name = self.word()?;
        let (mut procedures, mut statements) = (Vec::new(), Vec::new());
        loop {
            self.skip_newlines();
            if *self.peek() == Token::End {
                return Err((self.line(), format!("template '{name}' has no endtemplate")));
            }
            if self.is_word("endtemplate") {
                self.next();
                self.word()?;
                return Ok(TemplateText { name, file: self.file, procedures, statements });
            }
            self.member(&mut procedures, &mut statements);
        }
    }

    /// A procedure or statement.
    fn member(&mut self, procedures: &mut Vec<Procedure>, statements: &mut Vec<Statement>) {
        let before = self.at;
        if ["proc", "func", "obfunc"].iter().any(|word| self.is_word(word)) {
            self.next();
            match self.procedure() {
                Ok(procedure) => procedures.push(procedure),
                Err(refusal) => self.refuse(refusal),
            }
        } else {
            match self.statement() {
                Ok(statement) => statements.push(statement),
                Err(refusal) => self.refuse(refusal),
            }
        }
        if self.at == before {
            self.next();
        }
    }

    fn procedure(&mut self) -> Parsed<Procedure> {
        let name = self.word()?;
        self.expect("(")?;
        self.expect(")")?;
        self.skip_newlines();
        self.expect("{")?;
        let body = self.block()?;
        Ok(Procedure { name, body })
    }

    /// Statements up to a closing brace.
    fn block(&mut self) -> Parsed<Vec<Statement>> {
        let opened = self.line();
        let mut statements = Vec::new();
        loop {
            self.skip_newlines();
            if self.take("}") {
                return Ok(statements);
            }
            if *self.peek() == Token::End || self.is_word("endtemplate") {
                return Err((opened, "this block is not closed".to_owned()));
            }
            let before = self.at;
            match self.statement() {
                Ok(statement) => statements.push(statement),
                Err(refusal) => self.refuse(refusal),
            }
            if self.at == before && !self.is("}") {
                self.next();
            }
        }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let (file, line) = (self.file, self.line());
        if self.depth >= DEEPEST {
            return Err((line, "blocks are nested too deeply".to_owned()));
        }
        self.depth += 1;
        let action = self.action();
        self.depth -= 1;
        Ok(Statement { file, line, action: action? })
    }

    fn boxed(&mut self) -> Parsed<Box<Statement>> {
        self.skip_newlines();
        self.statement().map(Box::new)
    }

    fn action(&mut self) -> Parsed<Action> {
        if self.take("{") {
            return self.block().map(Action::Block);
        }
        let Token::Word(word) = self.peek().clone() else { return self.simple() };
        if REFUSED.contains(&word.as_str()) {
            return Err((self.line(), format!("'{word}' is not supported in templates")));
        }
        let action: fn(&mut Self) -> Parsed<Action> = match word.as_str() {
            "if" => Self::condition,
            "while" => |parser| {
                parser.expect("(")?;
                let condition = parser.expression()?;
                parser.expect(")")?;
                Ok(Action::While(condition, parser.boxed()?))
            },
            "for" => Self::repetition,
            "forsec" => |parser| Ok(Action::Sections(parser.reference()?, parser.boxed()?)),
            "forall" => |parser| Ok(Action::All(parser.boxed()?)),
            "return" => |parser| {
                let is_bare = matches!(parser.peek(), Token::Newline | Token::End | Token::Symbol("}" | ";"));
                Ok(Action::Return(if is_bare { None } else { Some(parser.expression()?) }))
            },
            "break" => |_| Ok(Action::Break),
            "continue" => |_| Ok(Action::Continue),
            "insert" => |parser| Ok(Action::Insert(parser.word()?)),
            "access" => |parser| Ok(Action::Access(parser.reference()?)),
            "connect" => |parser| {
                let child = parser.end()?;
                parser.expect(",")?;
                let parent = parser.expression()?;
                match parent {
                    Expression::Refer(reference) if reference.0.last().is_some_and(|part| part.call.is_some()) => {
                        Ok(Action::Connect([
                            child,
                            split_end(reference).ok_or((parser.line(), "no place".to_owned()))?,
                        ]))
                    }
                    at => Ok(Action::ConnectHere(child, at)),
                }
            },
            "create" => |parser| {
                let mut created = Vec::new();
                loop {
                    let name = parser.word()?;
                    let mut size = None;
                    if parser.take("[") {
                        size = Some(parser.expression()?);
                        parser.expect("]")?;
                    }
                    created.push((name, size));
                    if !parser.take(",") {
                        return Ok(Action::Create(created));
                    }
                }
            },
            "strdef" => |parser| Ok(Action::Texts(parser.names()?)),
            "objref" | "objectvar" => |parser| Ok(Action::Objects(parser.names()?)),
            "local" => |parser| Ok(Action::Locals(parser.names()?)),
            "localobj" => |parser| Ok(Action::LocalObjects(parser.names()?)),
            "external" => |parser| Ok(Action::External(parser.names()?)),
            "public" => |parser| {
                parser.names()?;
                Ok(Action::Block(Vec::new()))
            },
            "print" => |parser| {
                while !matches!(parser.peek(), Token::Newline | Token::End | Token::Symbol("}" | ";")) {
                    parser.expression()?;
                    parser.take(",");
                }
                Ok(Action::Print)
            },
            _ => return self.simple(),
        };
        self.next();
        action(self)
    }

    fn names(&mut self) -> Parsed<Vec<String>> {
        let mut names = vec![self.word()?];
        loop {
            if self.take("[") {
                return Err((self.line(), "arrays of objects and strings are not supported".to_owned()));
            }
            if !self.take(",") {
                return Ok(names);
            }
            names.push(self.word()?);
        }
    }

    fn condition(&mut self) -> Parsed<Action> {
        self.expect("(")?;
        let condition = self.expression()?;
        self.expect(")")?;
        let then = self.boxed()?;
        let before = self.at;
        self.skip_newlines();
        if self.is_word("else") {
            self.next();
            return Ok(Action::If(condition, then, Some(self.boxed()?)));
        }
        self.at = before;
        Ok(Action::If(condition, then, None))
    }

    fn repetition(&mut self) -> Parsed<Action> {
        if !self.take("(") {
            let variable = self.reference()?;
            self.expect("=")?;
            let first = self.expression()?;
            self.expect(",")?;
            let last = self.expression()?;
            return Ok(Action::Range(variable, first, last, self.boxed()?));
        }
        if let Token::Word(name) = self.peek()
            && let Some(Token::Symbol(")" | ",")) = self.tokens.get(self.at + 1)
        {
            let name = name.clone();
            self.next();
            let inside = self.take(",");
            if inside {
                let ends = self.expression()?;
                if !matches!(ends, Expression::Number(0.0)) {
                    return Err((self.line(), "for (x, 0) is meant".to_owned()));
                }
            }
            self.expect(")")?;
            return Ok(Action::Nodes(name, inside, self.boxed()?));
        }
        let mut parts = [None, None, None];
        for (number, part) in parts.iter_mut().enumerate() {
            let end = if number == 2 { ")" } else { ";" };
            if !self.is(end) {
                *part = Some(self.expression()?);
            }
            self.expect(end)?;
        }
        let [first, condition, next] = parts;
        Ok(Action::Loop(first, condition, next, self.boxed()?))
    }

    /// An expression, an assignment, or a section with a statement.
    fn simple(&mut self) -> Parsed<Action> {
        let before = self.at;
        if matches!(self.peek(), Token::Word(_) | Token::Argument(_)) {
            let reference = self.reference()?;
            let is_section = reference.0.last().is_some_and(|part| part.call.is_none());
            if is_section && matches!(self.peek(), Token::Word(_) | Token::Argument(_) | Token::Symbol("{")) {
                return Ok(Action::Within(reference, self.boxed()?));
            }
            if let [Part { name: Name::Word(name), call: None, .. }] = reference.0.as_slice()
                && self.is("(")
            {
                return self.ramp(name.clone());
            }
            self.at = before;
        }
        self.expression().map(Action::Evaluate)
    }

    /// `name(x0:x1) = a:b`
    fn ramp(&mut self, name: String) -> Parsed<Action> {
        self.expect("(")?;
        let from = self.expression()?;
        self.expect(":")?;
        let to = self.expression()?;
        self.expect(")")?;
        self.expect("=")?;
        let first = self.expression()?;
        self.expect(":")?;
        let last = self.expression()?;
        Ok(Action::Ramp(name, [from, to, first, last]))
    }

    /// `section(x)`
    fn end(&mut self) -> Parsed<(Reference, Expression)> {
        let reference = self.reference()?;
        split_end(reference).ok_or_else(|| self.unexpected("a place on a section, as in soma(0.5)"))
    }
}

/// `section(x)` into section and x.
fn split_end(mut reference: Reference) -> Option<(Reference, Expression)> {
    let at = reference.0.last_mut()?.call.take()?;
    let [at] = <[Expression; 1]>::try_from(at).ok()?;
    Some((reference, at))
}
