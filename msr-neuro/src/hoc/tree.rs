//! What a template says, as a tree.

/// What files say: their templates, procedures and statements outside of templates.
#[derive(Debug, Clone, Default)]
pub struct Program {
    pub templates: Vec<TemplateText>,
    pub procedures: Vec<Procedure>,
    /// Statements outside of templates, file by file.
    pub files: Vec<Vec<Statement>>,
}

/// Between `begintemplate` and `endtemplate`.
#[derive(Debug, Clone)]
pub struct TemplateText {
    pub name: String,
    /// Number of its file.
    pub file: usize,
    pub procedures: Vec<Procedure>,
    pub statements: Vec<Statement>,
}

/// `proc`, `func` or `obfunc`.
#[derive(Debug, Clone)]
pub struct Procedure {
    pub name: String,
    pub body: Vec<Statement>,
}

/// A statement and where it stands.
#[derive(Debug, Clone)]
pub struct Statement {
    pub file: usize,
    pub line: usize,
    pub action: Action,
}

/// Statements, expressions and calls that may stand within one another, as they are read and as they are carried out: so
/// many fit into the stack of a thread.
pub const DEEPEST: usize = 300;

#[derive(Debug, Clone)]
pub enum Action {
    Block(Vec<Statement>),
    If(Expression, Box<Statement>, Option<Box<Statement>>),
    While(Expression, Box<Statement>),
    /// `for i = a, b`
    Range(Reference, Expression, Expression, Box<Statement>),
    /// `for (first; condition; next)`
    Loop(Option<Expression>, Option<Expression>, Option<Expression>, Box<Statement>),
    /// `for (x)`, and whether without the ends of the section (`for (x, 0)`).
    Nodes(String, bool, Box<Statement>),
    /// `forsec`
    Sections(Reference, Box<Statement>),
    /// `forall`
    All(Box<Statement>),
    Return(Option<Expression>),
    Break,
    Continue,
    Insert(String),
    Access(Reference),
    /// A section before a statement.
    Within(Reference, Box<Statement>),
    /// `connect child(at), parent(at)`
    Connect([(Reference, Expression); 2]),
    /// `parent connect child(at), at`
    ConnectHere((Reference, Expression), Expression),
    Create(Vec<(String, Option<Expression>)>),
    /// `external`
    External(Vec<String>),
    /// `strdef`
    Texts(Vec<String>),
    /// `objref`
    Objects(Vec<String>),
    /// `local`
    Locals(Vec<String>),
    /// `localobj`
    LocalObjects(Vec<String>),
    Print,
    /// `name(x0:x1) = a:b`
    Ramp(String, [Expression; 4]),
    Evaluate(Expression),
}

#[derive(Debug, Clone)]
pub enum Expression {
    Number(f64),
    Text(String),
    Refer(Reference),
    /// `&`
    Address(Reference),
    New(String, Vec<Expression>),
    Negative(Box<Expression>),
    Not(Box<Expression>),
    /// The first, then operators of one level with what follows each, from left to right.
    Chain(Box<Expression>, Vec<(&'static str, Expression)>),
    /// Operator before `=`, if any.
    Assign(Reference, Option<&'static str>, Box<Expression>),
}

/// `a.b[i].c(x)`; the first name may be an argument: `$1`, `$s2`, `$o3`.
#[derive(Debug, Clone)]
pub struct Reference(pub Vec<Part>);

#[derive(Debug, Clone)]
pub struct Part {
    pub name: Name,
    pub index: Vec<Expression>,
    pub call: Option<Vec<Expression>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    Word(String),
    /// Number of an argument, from 1.
    Argument(usize),
}

impl Reference {
    /// The name, where it is nothing else.
    pub fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part { name: Name::Word(name), index, call: None }] if index.is_empty() => Some(name),
            _ => None,
        }
    }

    /// Its last name.
    pub fn last(&self) -> &str {
        match self.0.last().map(|part| &part.name) {
            Some(Name::Word(name)) => name,
            _ => "",
        }
    }
}

impl Statement {
    /// Runs something on this statement and all within.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Statement)) {
        see(self);
        match &self.action {
            Action::Block(list) => list.iter().for_each(|statement| statement.visit(see)),
            Action::If(_, then, otherwise) => {
                then.visit(see);
                if let Some(otherwise) = otherwise {
                    otherwise.visit(see);
                }
            }
            Action::While(_, body)
            | Action::Range(_, _, _, body)
            | Action::Loop(_, _, _, body)
            | Action::Nodes(_, _, body)
            | Action::Sections(_, body)
            | Action::All(body)
            | Action::Within(_, body) => body.visit(see),
            _ => {}
        }
    }
}
