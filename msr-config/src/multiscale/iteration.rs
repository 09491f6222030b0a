//! Iterations: simulators that repeat their common window until they agree.

use crate::section::Section;
use crate::shape::{Domain, Key, Kind, Shape};

/// One entry of `multiscale_run.iterations`.
#[derive(Debug, Clone, PartialEq)]
pub struct Iteration {
    /// `simulators`: those that repeat their window; checked by whoever knows the simulators.
    pub simulators: Vec<String>,
    /// `tolerance`: change of exchanged values from one repetition to the next, relative to the largest of a connection,
    /// at which they agree; default 1e-6.
    pub tolerance: f64,
    /// `max_iterations`: repetitions of a window after which the run gives up; default 20.
    pub max_iterations: u64,
    /// `relaxation`: share of the difference that is taken over after the first repetition; default 0.5.
    pub relaxation: f64,
    /// Where it stands in the file, for example `multiscale_run.iterations[0]`.
    pub key: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// Column in the file, from 1.
    pub column: usize,
}

/// `tolerance` where absent.
const TOLERANCE: f64 = 1e-6;

/// `max_iterations` where absent.
const MAX_ITERATIONS: u32 = 20;

/// `relaxation` where absent.
const RELAXATION: f64 = 0.5;

pub(super) static ITERATION: Shape = Shape::strict(
    "iteration",
    "Simulators that repeat their common window until what they hand over to one another agrees.",
    &[&[
        Key::list("simulators", &Kind::Text).mandatory().about(
            "The simulators, for example [\"neurodamus\", \"bloodflow\"]; connections must lead around among them.",
        ),
        Key::number("tolerance", Domain::Positive).or_number(TOLERANCE).about(
            "Change of the values that a connection hands over, relative to the largest of them, at which they agree.",
        ),
        Key::count("max_iterations")
            .or_number(MAX_ITERATIONS as f64)
            .about("Repetitions of a window after which the run ends as a failure."),
        Key::number("relaxation", Domain::Positive).or_number(RELAXATION).about(
            "Share of the difference that is taken over after the first repetition; Aitken's rule sets the later ones.",
        ),
    ]],
);

impl Iteration {
    pub(super) fn read(entry: &Section<'_>) -> Self {
        let max_iterations = entry.count("max_iterations").unwrap_or(MAX_ITERATIONS);
        if max_iterations == 0 {
            entry.problem("max_iterations", "must be at least 1");
        }
        let iteration = Self {
            simulators: entry.texts("simulators"),
            tolerance: entry.number_or_standard("tolerance"),
            max_iterations: u64::from(max_iterations),
            relaxation: entry.number_or_standard("relaxation"),
            key: entry.key.clone(),
            line: entry.position.line,
            column: entry.position.column,
        };
        entry.finish();
        iteration
    }
}
