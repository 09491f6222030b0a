//! What sections and segments have: geometry, cable, mechanisms and their parameters.

use std::borrow::Cow;

use msr_coupling::query::nearest;

use super::{OF_SIMULATION, Outcome, Run};
use crate::discretisation::MOST_SEGMENTS;
use crate::hoc::sections::SectionId;
use crate::hoc::tree::Expression;
use crate::mechanisms::{EXTRACELLULAR, Role};

/// A variable of sections or segments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Range {
    Length,
    Segments,
    Diameter,
    AxialResistivity,
    Capacitance,
    Voltage,
    /// Number of the ion.
    Reversal(usize),
    /// Mechanism and column.
    Parameter(usize, usize),
}

impl Run<'_> {
    /// What a name is on the section that is accessed.
    pub(super) fn range(&mut self, name: &str) -> Outcome<Option<Range>> {
        let known = match name {
            "L" => Range::Length,
            "nseg" => Range::Segments,
            "diam" => Range::Diameter,
            "Ra" => Range::AxialResistivity,
            "cm" => Range::Capacitance,
            "v" => Range::Voltage,
            _ => {
                if let Some(ion) = name.strip_prefix('e').and_then(|ion| self.ion(ion)) {
                    return Ok(Some(Range::Reversal(ion)));
                }
                return Ok(self.parameter(name)?.map(|(mechanism, column)| Range::Parameter(mechanism, column)));
            }
        };
        Ok(Some(known))
    }

    /// Number of an ion that some mechanism uses; sodium, potassium and calcium always have one.
    fn ion(&self, name: &str) -> Option<usize> {
        self.sections.ions.iter().position(|known| known == name)
    }

    /// Mechanism and column of a parameter with its suffix, as in `g_pas`.
    fn parameter(&mut self, name: &str) -> Outcome<Option<(usize, usize)>> {
        if !name.contains('_') && own_name(name, EXTRACELLULAR).is_none() {
            return Ok(None);
        }
        if let Some(known) = self.parameters.get(name) {
            return Ok(*known);
        }
        let mut available = None;
        for (number, mechanism) in self.sections.mechanisms.iter().enumerate() {
            let Some(parameter) = own_name(name, mechanism.name()) else { continue };
            let columns = mechanism.columns();
            let settable = || columns.iter().filter(|column| column.role == Role::Parameter);
            if let Some(column) =
                columns.iter().position(|column| column.role == Role::Parameter && column.name == *parameter)
            {
                self.parameters.insert(name.to_owned(), Some((number, column)));
                return Ok(Some((number, column)));
            }
            let names: Vec<String> = settable().map(|column| column.name.clone().into_owned()).collect();
            available.get_or_insert((mechanism.name().to_owned(), parameter.into_owned(), names));
        }
        if let Some((mechanism, parameter, names)) = available {
            return Err(format!(
                "mechanism '{mechanism}' has no RANGE parameter '{parameter}'{}; available: {} (what is GLOBAL is set by \
                 conditions.mechanisms)",
                nearest(&parameter, &names),
                names.join(", ")
            ));
        }
        if let Some(mechanism) = self.names_of_mechanisms.iter().find(|known| own_name(name, known).is_some()) {
            return Err(format!("'{name}': mechanism '{mechanism}' is inserted nowhere"));
        }
        self.parameters.insert(name.to_owned(), None);
        Ok(None)
    }

    pub(super) fn insert(&mut self, name: &str) -> Outcome<()> {
        let id = self.section()?;
        let mechanism = self.sections.mechanism(name, self.registry, self.celsius)?;
        for ion in self.sections.mechanisms[mechanism].ions() {
            if self.ion(&ion.name).is_none() {
                self.sections.ions.push(ion.name);
            }
        }
        let section = &mut self.sections.list[id];
        if !section.carries.contains(&mechanism) {
            section.carries.push(mechanism);
        }
        self.parameters.retain(|_, known| known.is_some());
        let list = self.lists.last().cloned().unwrap_or_else(|| self.sections.list[id].group.clone());
        self.facts.inserted.entry(name.to_owned()).or_default().insert(list);
        Ok(())
    }

    pub(super) fn get_range(&mut self, id: SectionId, range: &Range, at: f64) -> Outcome<f64> {
        self.check_carried(id, range)?;
        let section = &self.sections.list[id];
        let segment = &section.segments[section.segment(at)];
        Ok(match *range {
            Range::Length => section.length_um,
            Range::Segments => section.segments.len() as f64,
            Range::Diameter => segment.diameter_um,
            Range::AxialResistivity => section.axial_resistivity_ohm_cm,
            Range::Capacitance => segment.capacitance_uf_per_cm2,
            Range::Voltage => segment.v_mv,
            Range::Reversal(ion) => {
                let set = segment.reversals.iter().find(|known| known.0 == ion);
                set.map_or_else(|| crate::hoc::build::default_reversal_mv(&self.sections.ions[ion]), |known| known.1)
            }
            Range::Parameter(mechanism, column) => segment
                .get(mechanism, column)
                .unwrap_or_else(|| self.sections.mechanisms[mechanism].columns()[column].default),
        })
    }

    /// Sets a variable in one segment, or in all without a place.
    pub(super) fn set_range(&mut self, name: &str, range: &Range, at: Option<f64>, value: f64) -> Outcome<()> {
        let id = self.section()?;
        if !value.is_finite() {
            return Err(format!("{name} = {value} must be a number"));
        }
        self.check_carried(id, range)?;
        if self.sections.list[id].is_drawn() && matches!(range, Range::Length | Range::Diameter) {
            return Err(format!(
                "{name} of {}, which has 3-D points, cannot be changed; supported: sections that were created",
                self.sections.list[id].name()
            ));
        }
        let positive = matches!(range, Range::Length | Range::Diameter | Range::AxialResistivity | Range::Capacitance);
        if positive && value <= 0.0 {
            return Err(format!("{name} = {value} must be positive"));
        }
        let section = &mut self.sections.list[id];
        match *range {
            Range::Length => section.length_um = value,
            Range::AxialResistivity => section.axial_resistivity_ohm_cm = value,
            Range::Segments => {
                section.cut(value)?;
                let all: usize = self.sections.list.iter().map(|section| section.segments.len()).sum();
                if all > MOST_SEGMENTS {
                    return Err(format!("the cell has {all} segments; at most {MOST_SEGMENTS} are possible"));
                }
                self.facts.segments.insert(id, self.place);
            }
            _ => {
                let only = at.map(|at| section.segment(at));
                let segments = section.segments.iter_mut().enumerate();
                for (_, segment) in segments.filter(|(number, _)| only.is_none_or(|only| only == *number)) {
                    match *range {
                        Range::Diameter => segment.diameter_um = value,
                        Range::Capacitance => segment.capacitance_uf_per_cm2 = value,
                        Range::Voltage => segment.v_mv = value,
                        Range::Reversal(ion) => segment.set_reversal(ion, value),
                        Range::Parameter(mechanism, column) => segment.set(mechanism, column, value),
                        _ => {}
                    }
                }
            }
        }
        if !matches!(range, Range::Voltage | Range::Segments | Range::Length | Range::Diameter) {
            let list = self.lists.last().cloned().unwrap_or_else(|| self.sections.list[id].group.clone());
            let facts =
                if self.executing > 0 || at.is_some() { &mut self.facts.distributed } else { &mut self.facts.assigned };
            if !facts.get(name).is_some_and(|lists| lists.contains(&list)) {
                facts.entry(name.to_owned()).or_default().insert(list);
            }
        }
        Ok(())
    }

    /// `name(x0:x1) = a:b`: in a straight line between, in the middles of segments.
    pub(super) fn ramp(&mut self, name: &str, numbers: &[Expression; 4]) -> Outcome<()> {
        let mut given = [0.0; 4];
        for (given, number) in given.iter_mut().zip(numbers) {
            *given = self.number(number)?;
        }
        let [from, to, first, last] = given;
        if !(0.0 <= from && from < to && to <= 1.0) {
            return Err(format!("{name}({from}:{to}) must be a piece of the section from 0 to 1"));
        }
        let range = self.range(name)?.ok_or_else(|| format!("'{name}' is nothing that differs along a section"))?;
        let id = self.section()?;
        let count = self.sections.list[id].segments.len();
        for segment in 0..count {
            let middle = (segment as f64 + 0.5) / count as f64;
            if (from..=to).contains(&middle) {
                let value = first + (last - first) * (middle - from) / (to - from);
                self.set_range(name, &range, Some(middle), value)?;
            }
        }
        Ok(())
    }

    fn check_carried(&self, id: SectionId, range: &Range) -> Outcome<()> {
        let section = &self.sections.list[id];
        let carried = || section.carries.iter().map(|&number| &self.sections.mechanisms[number]);
        let told = || {
            let names: Vec<&str> = carried().map(|mechanism| mechanism.name()).collect();
            if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
        };
        match *range {
            Range::Parameter(mechanism, _) if !section.carries.contains(&mechanism) => {
                let mechanism = self.sections.mechanisms[mechanism].name();
                Err(format!("mechanism '{mechanism}' is not inserted in {}, which has {}", section.name(), told()))
            }
            Range::Reversal(ion) => {
                let ion = &self.sections.ions[ion];
                if carried().any(|mechanism| mechanism.ions().iter().any(|used| used.name == *ion)) {
                    return Ok(());
                }
                Err(format!("no mechanism in {} uses the ion '{ion}'; it has {}", section.name(), told()))
            }
            _ => Ok(()),
        }
    }

    /// Sets what is the same for all cells. Concentrations at the beginning count; what the simulation itself sets is kept.
    pub(super) fn set_global(&mut self, name: &str, value: f64) -> Outcome<bool> {
        let concentration = name.strip_suffix("_ion").and_then(|name| name.split_once("0_"));
        if let Some((part, ion)) = concentration
            && let Some(side) =
                part.strip_prefix(ion).and_then(|side| ["i", "o"].iter().position(|known| *known == side))
        {
            if value < 0.0 {
                return Err(format!("{name} = {value} must not be negative"));
            }
            self.initial.entry(ion.to_owned()).or_default()[side] = Some(value);
            return Ok(true);
        }
        if !OF_SIMULATION.contains(&name) {
            return Ok(false);
        }
        let Some(super::Value::Number(of_simulation)) = self.globals.get(name) else { return Ok(false) };
        if *of_simulation != value {
            self.facts
                .notes
                .insert(format!("sets {name} to {value}, which is {of_simulation} by the simulation's conditions"));
        }
        Ok(true)
    }
}

/// The name of a parameter without the suffix of its mechanism.
fn own_name<'n>(name: &'n str, mechanism: &str) -> Option<Cow<'n, str>> {
    if mechanism == EXTRACELLULAR
        && let Some(of_layer) = LAYER_ARRAYS.iter().find_map(|array| name.strip_prefix(array))
    {
        // Without a number the first layer is meant.
        return match of_layer {
            "" => Some(Cow::Owned(format!("{name}[0]"))),
            of_layer => of_layer.starts_with('[').then_some(Cow::Borrowed(name)),
        };
    }
    name.strip_suffix(mechanism)?.strip_suffix('_').filter(|own| !own.is_empty()).map(Cow::Borrowed)
}

/// Parameters of `extracellular` that have no suffix and a value for each layer.
const LAYER_ARRAYS: [&str; 3] = ["xraxial", "xg", "xc"];

/// Whether a name has a value for each layer outside of the membrane.
pub(super) fn is_of_layers(name: &str) -> bool {
    LAYER_ARRAYS.contains(&name)
}
