//! What setters make of the values that they get.

use std::collections::BTreeMap;

use msr_coupling::{Access, Query, QueryError};

use super::variables::Observable;
use super::{BloodflowError, BloodflowSimulator};
use crate::endfeet::combine_radii;

impl BloodflowSimulator {
    /// What a call of a setter makes of all present values.
    pub(super) fn values_with(&self, query: &Query, values: &[f64]) -> Result<(Observable, Vec<f64>), QueryError> {
        let (port, selected) = self.port(query, Access::Set)?;
        let observable = Observable::of_function(&query.function).expect("the port was just found");
        let expected = selected.as_ref().map_or_else(|| self.element_count(&port.space), Vec::len);
        let function = || query.function.clone();
        if values.len() != expected {
            return Err(QueryError::WrongLength { function: function(), expected, found: values.len() });
        }
        for (position, &value) in values.iter().enumerate() {
            let bad = |reason| QueryError::BadValue { function: function(), position, value, reason };
            if observable != Observable::Radii {
                if !(value >= 0.0 && value.is_finite()) {
                    return Err(bad("a level in the tissue must be a number of at least 0"));
                }
            } else if !(value > 0.0 && value.is_finite()) {
                return Err(bad("a radius must be positive and finite"));
            } else if self.settings.viscosity.relative(value).is_err() {
                return Err(bad("the viscosity law has no value for a vessel this narrow"));
            }
        }
        let Some(selected) = selected else { return Ok((observable, values.to_vec())) };
        let (present, combined) = match observable {
            Observable::TissueOxygen => (&self.state.tissue_oxygen_kpa, mean_by_segment(&selected, values)),
            Observable::TissueGlucose => (&self.state.tissue_glucose_mm, mean_by_segment(&selected, values)),
            _ => (&self.state.radii_um, combine_radii(&selected, values, self.settings.repeated_radii)),
        };
        let mut all = present.clone();
        for (segment, value) in combined {
            all[segment] = value;
        }
        Ok((observable, all))
    }

    /// Takes new radii, one a segment. Those that dilate on their own do so above what is set, where `is_set`.
    pub(super) fn set_radii(
        &mut self,
        radii_um: Vec<f64>,
        is_set: impl Fn(usize) -> bool,
    ) -> Result<(), BloodflowError> {
        let radii_before = std::mem::replace(&mut self.state.radii_um, radii_um);
        let dilation_before = self.vasodilation.clone();
        if let Some(vasodilation) = &mut self.vasodilation {
            vasodilation.take_radii(&self.state.radii_um, is_set);
            vasodilation.write_radii(&self.vasculature, &mut self.state.radii_um);
        }
        if self.state.radii_um == radii_before {
            return Ok(());
        }
        if let Err(error) = self.solve() {
            (self.state.radii_um, self.vasodilation) = (radii_before, dilation_before);
            return Err(error);
        }
        Ok(())
    }
}

/// The mean of the values given for each segment, by ascending segment.
fn mean_by_segment(segments: &[usize], values: &[f64]) -> Vec<(usize, f64)> {
    let mut sums: BTreeMap<usize, (f64, u32)> = BTreeMap::new();
    for (&segment, &value) in segments.iter().zip(values) {
        let (sum, count) = sums.entry(segment).or_default();
        *sum += value;
        *count += 1;
    }
    sums.into_iter().map(|(segment, (sum, count))| (segment, sum / f64::from(count))).collect()
}
