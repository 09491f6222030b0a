//! Entries of `reports`: which segments, and what is made of their values.

use msr_config::Selection;
use msr_config::simulation::{Compartments, Report, ReportType, Scaling, Sections};
use msr_coupling::space::SEGMENTS;
use msr_coupling::{Access, Quantity, Query, Simulator, Space, Unit};

use crate::layout::Grouping;
use crate::source::{Source, Sources, Term};
use crate::{Layout, PlanError, Populations};

/// Point processes whose current enters the cell through an electrode: they are summed with the sign of a membrane
/// current, outward positive.
const ELECTRODES: [&str; 2] = ["IClamp", "SEClamp"];

/// Suffix of the subset of the middle segments.
const CENTER: &str = "center";

/// What an entry of `reports` reads and how its columns are made.
///
/// * `compartment`: the value of each segment.
/// * `summation` of `soma`: the sum over all segments of the cell (not of its soma only), element id 0; of `all`: one
///   sum (over the variables) for each segment; of `axon`, `dend`, `apic`: the sum over the segments of these sections,
///   element id 0.
///
/// Scaling `area` concerns sums only: current densities (mA/cm2) are multiplied by the area of the segment and become
/// nA. Everything else (currents of point processes, voltages, concentrations) is added as it is.
///
/// # Errors
/// All that is wrong with the entry.
pub(crate) fn resolve(
    report: &Report,
    selection: Option<&Selection>,
    populations: &Populations,
    sources: &Sources,
) -> Result<(Source, Vec<Layout>), Vec<PlanError>> {
    let summation = match &report.report_type {
        ReportType::Compartment => false,
        ReportType::Summation => true,
        ReportType::Synapse => return Err(not_available(report, "synapse")),
        ReportType::Lfp { .. } => return Err(not_available(report, "lfp")),
        ReportType::CompartmentSet { .. } => return Err(not_available(report, "compartment_set")),
    };
    let Some((simulator, segments)) = sources.space(SEGMENTS) else {
        let simulators = sources.simulator_names();
        return Err(vec![PlanError::NoSegments { report: key(report), simulators }]);
    };
    let mut errors = Vec::new();
    if report.variables.is_empty() {
        errors.push(PlanError::NoVariable { report: key(report) });
    }
    if !summation && report.variables.len() > 1 {
        errors.push(PlanError::SeveralVariables { report: key(report), variables: report.variables.clone() });
    }
    let mut terms = Vec::new();
    for variable in &report.variables {
        match term(report, variable, summation, simulator) {
            Ok(term) => terms.push(term),
            Err(error) => errors.push(error),
        }
    }
    let layouts = match layouts(report, selection, summation, populations, segments) {
        Ok(layouts) => layouts,
        Err(error) => {
            errors.push(error);
            Vec::new()
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok((Source { simulator: simulator.name().to_owned(), elements: segments.len(), terms }, layouts))
}

/// Key of the report in the file.
fn key(report: &Report) -> String {
    format!("reports.{}", report.name)
}

fn not_available(report: &Report, report_type: &'static str) -> Vec<PlanError> {
    vec![PlanError::TypeNotAvailable { report: key(report), report_type }]
}

fn term(report: &Report, variable: &str, summation: bool, simulator: &dyn Simulator) -> Result<Term, PlanError> {
    let resolve = |query: &Query| {
        simulator.resolve(query, Access::Get).map_err(|source| PlanError::Query {
            report: key(report),
            simulator: simulator.name().to_owned(),
            source: Box::new(source),
        })
    };
    let query = Query::new("get_var").with("var", variable);
    let port = resolve(&query)?;
    if port.space != SEGMENTS {
        return Err(PlanError::NotOnSegments { report: key(report), variable: variable.to_owned(), space: port.space });
    }
    if !summation {
        return Ok(Term { query, factor: 1.0, unit: port.unit });
    }
    let electrode = variable.split('.').next().is_some_and(|mechanism| ELECTRODES.contains(&mechanism));
    let sign = if electrode { -1.0 } else { 1.0 };
    let density = port.quantity == Quantity::Intensive && port.unit.factor_to(&Unit::of("mA/cm2")).is_some();
    if report.scaling == Scaling::None || !density {
        return Ok(Term { query, factor: sign, unit: port.unit });
    }
    let query = query.with("weight", "area");
    let unit = resolve(&query)?.unit;
    let nanoampere = Unit::of("nA");
    let to_na = unit.factor_to(&nanoampere).ok_or_else(|| PlanError::NoCurrent {
        report: key(report),
        variable: variable.to_owned(),
        unit: unit.to_string(),
    })?;
    Ok(Term { query, factor: sign * to_na, unit: nanoampere })
}

fn layouts(
    report: &Report,
    selection: Option<&Selection>,
    summation: bool,
    populations: &Populations,
    segments: &Space,
) -> Result<Vec<Layout>, PlanError> {
    let (sections, grouping) = match (summation, report.sections) {
        (true, Sections::Soma) => (Sections::All, Grouping::Node),
        (true, Sections::Axon | Sections::Dend | Sections::Apic) => (report.sections, Grouping::Node),
        (true, Sections::All) | (false, _) => (report.sections, Grouping::Element),
    };
    let whole_cell = summation && report.sections == Sections::Soma;
    let mut subset = section_name(sections).to_owned();
    if report.compartments == Compartments::Center && !whole_cell {
        subset = format!("{subset}.{CENTER}");
    }
    let positions = segments.subsets.get(&subset).ok_or_else(|| PlanError::UnknownSections {
        report: key(report),
        sections: subset,
        available: segments.subsets.keys().cloned().collect(),
    })?;
    let selected = |position: &usize| {
        selection.is_none_or(|selection| {
            populations
                .of_element(segments, *position)
                .is_some_and(|(population, address)| selection.ids(population).binary_search(&address.node).is_ok())
        })
    };
    let positions: Vec<usize> = positions.iter().copied().filter(selected).collect();
    Ok(Layout::of(segments, populations, &positions, grouping))
}

fn section_name(sections: Sections) -> &'static str {
    match sections {
        Sections::Soma => "soma",
        Sections::Axon => "axon",
        Sections::Dend => "dend",
        Sections::Apic => "apic",
        Sections::All => "all",
    }
}
