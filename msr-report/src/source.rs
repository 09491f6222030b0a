//! Where the values of a report come from.

use msr_coupling::{Query, Simulator, Space, Unit};

use crate::{Layout, ReportError};

/// What of a report is read from one source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub source: Source,
    /// Its columns, for each population.
    pub layouts: Vec<Layout>,
}

/// Values on the elements of one space of one simulator: the weighted sum of what its queries give.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Source {
    /// Name of the simulator.
    pub simulator: String,
    /// Number of elements of the space.
    pub elements: usize,
    /// What is added up; at least one.
    pub terms: Vec<Term>,
}

/// One query, the factor of its values, and the unit that they have then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Term {
    pub query: Query,
    pub factor: f64,
    pub unit: Unit,
}

impl Source {
    /// Reads all terms into `values`; `part` is room for one of them.
    pub(crate) fn read(
        &self,
        report: &str,
        simulators: &[&dyn Simulator],
        values: &mut Vec<f64>,
        part: &mut Vec<f64>,
    ) -> Result<(), ReportError> {
        let simulator = find(simulators, &self.simulator).ok_or_else(|| ReportError::SimulatorAbsent {
            report: report.to_owned(),
            simulator: self.simulator.clone(),
            given: names(simulators),
        })?;
        values.clear();
        values.resize(self.elements, 0.0);
        for term in &self.terms {
            simulator
                .get_var(&term.query, part)
                .map_err(|source| ReportError::Simulator { report: report.to_owned(), source: Box::new(source) })?;
            if part.len() != self.elements {
                return Err(ReportError::WrongLength {
                    report: report.to_owned(),
                    simulator: self.simulator.clone(),
                    expected: self.elements,
                    found: part.len(),
                });
            }
            for (sum, value) in values.iter_mut().zip(part.iter()) {
                *sum += term.factor * value;
            }
        }
        Ok(())
    }
}

/// The simulators of a plan with the spaces that they bring.
pub(crate) struct Sources<'a> {
    pub simulators: &'a [&'a dyn Simulator],
    /// Spaces of each simulator.
    pub spaces: Vec<Vec<Space>>,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(simulators: &'a [&'a dyn Simulator]) -> Self {
        Self { simulators, spaces: simulators.iter().map(|simulator| simulator.spaces()).collect() }
    }

    /// The simulator of a name.
    pub(crate) fn simulator(&self, name: &str) -> Option<&'a dyn Simulator> {
        find(self.simulators, name)
    }

    /// A space, and the simulator that brings it.
    pub(crate) fn space(&self, name: &str) -> Option<(&'a dyn Simulator, &Space)> {
        self.simulators.iter().zip(&self.spaces).find_map(|(simulator, spaces)| {
            spaces.iter().find(|space| space.name == name).map(|space| (*simulator, space))
        })
    }

    pub(crate) fn simulator_names(&self) -> Vec<String> {
        names(self.simulators)
    }

    pub(crate) fn space_names(&self) -> Vec<String> {
        self.spaces.iter().flatten().map(|space| space.name.clone()).collect()
    }
}

fn find<'a>(simulators: &[&'a dyn Simulator], name: &str) -> Option<&'a dyn Simulator> {
    simulators.iter().copied().find(|simulator| simulator.name() == name)
}

fn names(simulators: &[&dyn Simulator]) -> Vec<String> {
    simulators.iter().map(|simulator| simulator.name().to_owned()).collect()
}
