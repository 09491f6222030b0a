//! What a Neurolucida file draws: contours of the soma and branches of neurites.

use super::super::error::{LARGEST_COORDINATE_UM, LARGEST_DIAMETER_UM};
use super::super::{MorphologyError, Point, SectionKind};
use super::tokens::{Token, Tokens};

/// Names of the contours that are a soma.
const SOMA_NAMES: [&str; 3] = ["CellBody", "Cell Body", "Soma"];
/// Numbers of a point of a neurite: x, y, z, diameter.
const NUMBERS: usize = 4;
/// Numbers that a point of a contour must have: x, y.
const LEAST_NUMBERS: usize = 2;

/// A contour of a soma.
#[derive(Debug)]
pub(super) struct Contour {
    /// Line where it begins.
    pub line: usize,
    /// Its points, with a diameter of 0 where they have none.
    pub points: Vec<Point>,
}

/// An unbranched piece of a neurite.
#[derive(Debug)]
pub(super) struct Branch {
    /// Line where it begins.
    pub line: usize,
    /// Part of the cell.
    pub kind: SectionKind,
    /// Position of the branch that it begins on, which comes before it.
    pub parent: Option<usize>,
    /// Its points, at least one.
    pub points: Vec<Point>,
}

/// Everything that a file draws and that belongs to a cell.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    pub contours: Vec<Contour>,
    /// In depth-first order of the file.
    pub branches: Vec<Branch>,
}

impl Drawing {
    pub fn parse(text: &str, file: &str) -> Result<Self, MorphologyError> {
        let mut reader = Reader { tokens: Tokens::new(text), file, drawing: Self::default() };
        reader.objects()?;
        Ok(reader.drawing)
    }
}

/// What a list of points is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    Soma,
    Neurite(SectionKind),
}

impl Meaning {
    fn of_property(word: &str) -> Option<Self> {
        match word {
            "CellBody" => Some(Self::Soma),
            "Axon" => Some(Self::Neurite(SectionKind::Axon)),
            "Dendrite" => Some(Self::Neurite(SectionKind::Dend)),
            "Apical" => Some(Self::Neurite(SectionKind::Apic)),
            _ => None,
        }
    }
}

/// A branch that is being read.
struct Started {
    line: usize,
    parent: Option<usize>,
    points: Vec<Point>,
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    file: &'a str,
    drawing: Drawing,
}

impl Reader<'_> {
    fn objects(&mut self) -> Result<(), MorphologyError> {
        // Lines of the sets that are open.
        let mut sets: Vec<usize> = Vec::new();
        loop {
            let line = self.tokens.line();
            match (self.tokens.peek(), self.tokens.second()) {
                (Token::Open, Token::Word(word)) if word.eq_ignore_ascii_case("set") => {
                    self.tokens.take();
                    self.tokens.take();
                    if let Token::Text(_) = self.tokens.peek() {
                        self.tokens.take();
                    }
                    sets.push(line);
                }
                (Token::Open, Token::Text(name)) => {
                    let meaning = SOMA_NAMES.contains(&name).then_some(Meaning::Soma);
                    self.tokens.take();
                    self.tokens.take();
                    self.list(line, meaning, false)?;
                }
                (Token::Open, Token::Open) => {
                    self.tokens.take();
                    self.list(line, None, true)?;
                }
                (Token::Open, _) => self.skip_list()?,
                (Token::Close, _) if sets.pop().is_some() => {
                    self.tokens.take();
                }
                (Token::End, _) => {
                    return match sets.pop() {
                        None => Ok(()),
                        Some(line) => Err(MorphologyError::AscUnclosed { file: self.file.to_owned(), line }),
                    };
                }
                _ => return Err(self.unexpected("'(' of a contour, tree or property")),
            }
        }
    }

    /// The rest of a contour or tree that began on `line`; a tree must say what it is, a contour need not.
    /// One with a name is a tree if it says that it is a neurite.
    fn list(&mut self, line: usize, meaning: Option<Meaning>, is_tree: bool) -> Result<(), MorphologyError> {
        let (mut meaning, mut is_tree) = (meaning, is_tree);
        // The branch that is read; none behind the split that ends it.
        let mut open = Some(Started { line, parent: None, points: Vec::new() });
        // The parent of the branches of each open split, and the line where that began.
        let mut splits: Vec<(usize, usize)> = Vec::new();
        let mut is_text = false;
        loop {
            let here = self.tokens.line();
            match (self.tokens.peek(), self.tokens.second()) {
                (Token::Open, Token::Number(_)) => {
                    let point = self.point(matches!(meaning, Some(Meaning::Neurite(_))) || !splits.is_empty())?;
                    let Some(branch) = &mut open else {
                        let expected = "'|' or ')' behind the branches of a split";
                        return Err(self.syntax(here, expected, "another point"));
                    };
                    if branch.points.is_empty() {
                        branch.line = here;
                    }
                    branch.points.push(point);
                }
                (Token::Open, Token::Word(word)) => {
                    let is_at_start = splits.is_empty() && open.as_ref().is_some_and(|branch| branch.points.is_empty());
                    if is_at_start && let Some(found) = Meaning::of_property(word) {
                        meaning = Some(found);
                        is_tree |= found != Meaning::Soma;
                    }
                    self.skip_list()?;
                }
                (Token::Open, Token::Open | Token::Bar | Token::Close) if is_tree => {
                    self.tokens.take();
                    let parent = self.finish(&mut open, meaning, here, line)?;
                    splits.push((parent, here));
                    open = Some(Started { line: here, parent: Some(parent), points: Vec::new() });
                }
                (Token::Open, _) => self.skip_list()?,
                (Token::Bar, _) => {
                    let Some(&(parent, _)) = splits.last() else {
                        return Err(self.unexpected("a point, a split or ')'"));
                    };
                    self.tokens.take();
                    if open.is_some() {
                        self.finish(&mut open, meaning, here, line)?;
                    }
                    open = Some(Started { line: here, parent: Some(parent), points: Vec::new() });
                }
                (Token::Close, _) => {
                    self.tokens.take();
                    if splits.is_empty() {
                        break;
                    }
                    if open.is_some() {
                        self.finish(&mut open, meaning, here, line)?;
                    }
                    splits.pop();
                }
                (Token::SpineOpen, _) => self.skip_spine()?,
                (Token::End, _) => {
                    let line = splits.last().map_or(line, |split| split.1);
                    return Err(MorphologyError::AscUnclosed { file: self.file.to_owned(), line });
                }
                (Token::SpineClose, _) => return Err(self.unexpected("a point, a split, '|' or ')'")),
                (token, second) => {
                    // A text is drawn as a tree of one point, with what it says at its end.
                    is_text = matches!(token, Token::Text(_))
                        && second == Token::Close
                        && splits.is_empty()
                        && open.as_ref().is_some_and(|branch| branch.points.len() == 1);
                    self.tokens.take();
                }
            }
        }
        match (meaning, open) {
            (Some(Meaning::Soma), Some(Started { points, .. })) if !points.is_empty() => {
                self.drawing.contours.push(Contour { line, points });
                Ok(())
            }
            (_, Some(branch)) if is_tree && !is_text && (meaning.is_some() || !branch.points.is_empty()) => {
                self.finish(&mut Some(branch), meaning, line, line).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Ends the open branch, on line `here` of the tree that began on `tree`; its position.
    fn finish(
        &mut self,
        open: &mut Option<Started>,
        meaning: Option<Meaning>,
        here: usize,
        tree: usize,
    ) -> Result<usize, MorphologyError> {
        let file = || self.file.to_owned();
        let Some(Started { line, parent, points }) = open.take().filter(|branch| !branch.points.is_empty()) else {
            return Err(self.syntax(here, "a point '(x y z diameter)' in each branch", "a branch without points"));
        };
        let Some(Meaning::Neurite(kind)) = meaning else {
            return Err(MorphologyError::AscNoKind { file: file(), line: tree });
        };
        if let Some(point) = points.iter().find(|point| point.diameter_um <= 0.0) {
            return Err(MorphologyError::AscDiameter { file: file(), line, diameter_um: point.diameter_um });
        }
        self.drawing.branches.push(Branch { line, kind, parent, points });
        Ok(self.drawing.branches.len() - 1)
    }

    /// `(x y z diameter ...)`; z and diameter may be missing where no diameter is needed.
    fn point(&mut self, needs_diameter: bool) -> Result<Point, MorphologyError> {
        let line = self.tokens.line();
        self.tokens.take();
        let mut numbers = [0.0; NUMBERS];
        let mut found = 0;
        while let Token::Number(value) = self.tokens.peek() {
            if let Some(number) = numbers.get_mut(found) {
                *number = value;
            }
            found += 1;
            self.tokens.take();
        }
        if found < if needs_diameter { NUMBERS } else { LEAST_NUMBERS } {
            return Err(self.unexpected("a point '(x y z diameter)'"));
        }
        self.skip_to_close(line)?;
        let [x, y, z, diameter_um] = numbers;
        if let Some(&value) = [x, y, z].iter().find(|value| value.is_nan() || value.abs() > LARGEST_COORDINATE_UM) {
            return Err(MorphologyError::AscCoordinate { file: self.file.to_owned(), line, value });
        }
        if !(0.0..=LARGEST_DIAMETER_UM).contains(&diameter_um) || (needs_diameter && diameter_um == 0.0) {
            return Err(MorphologyError::AscDiameter { file: self.file.to_owned(), line, diameter_um });
        }
        Ok(Point { position: [x, y, z], diameter_um })
    }

    /// Skips `( ... )`, which may hold points, of a marker for example, but not those of a neurite.
    fn skip_list(&mut self) -> Result<(), MorphologyError> {
        let line = self.tokens.line();
        let (mut depth, mut names_neurite, mut has_points, mut is_colour) = (0_usize, false, false, false);
        loop {
            match (self.tokens.take(), self.tokens.peek()) {
                (Token::Open, next) => {
                    depth += 1;
                    match next {
                        Token::Word(word) => {
                            names_neurite |= matches!(Meaning::of_property(word), Some(Meaning::Neurite(_)));
                        }
                        Token::Number(_) => has_points |= !is_colour,
                        _ => {}
                    }
                }
                (Token::Close, _) => depth -= 1,
                (Token::Word(word), _) => {
                    // `(RGB (255, 0, 0))`
                    is_colour = word == "RGB";
                    continue;
                }
                (Token::End, _) => return Err(MorphologyError::AscUnclosed { file: self.file.to_owned(), line }),
                _ => {}
            }
            is_colour = false;
            if depth == 0 {
                break;
            }
        }
        if names_neurite && has_points {
            return Err(MorphologyError::AscHidden { file: self.file.to_owned(), line });
        }
        Ok(())
    }

    /// Skips to the `)` of a list that began on `line`.
    fn skip_to_close(&mut self, line: usize) -> Result<(), MorphologyError> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.tokens.take() {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                Token::End => return Err(MorphologyError::AscUnclosed { file: self.file.to_owned(), line }),
                _ => {}
            }
        }
        Ok(())
    }

    /// Skips `< ... >`.
    fn skip_spine(&mut self) -> Result<(), MorphologyError> {
        let line = self.tokens.line();
        loop {
            match self.tokens.take() {
                Token::SpineClose => return Ok(()),
                Token::End => return Err(MorphologyError::AscUnclosed { file: self.file.to_owned(), line }),
                _ => {}
            }
        }
    }

    fn unexpected(&self, expected: &'static str) -> MorphologyError {
        self.syntax(self.tokens.line(), expected, &self.tokens.peek().described())
    }

    fn syntax(&self, line: usize, expected: &'static str, found: &str) -> MorphologyError {
        MorphologyError::AscSyntax { file: self.file.to_owned(), line, expected, found: found.to_owned() }
    }
}
