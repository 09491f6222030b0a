//! Writes values: checked first, so that nothing is written where one is refused.

use msr_coupling::{Query, QueryError};

use super::table::Function;
use super::{Contents, StepsSimulator};
use crate::constants::{AMPERES_PER_MILLIAMPERE, SECONDS_PER_MILLISECOND};

impl StepsSimulator {
    /// Molecules of one species in each tetrahedron, from the values of a setter.
    fn checked_counts(
        &self,
        query: &Query,
        values: &[f64],
        molecules: impl Fn(usize) -> f64,
    ) -> Result<Vec<f64>, QueryError> {
        let refused = |position: usize, reason| QueryError::BadValue {
            function: query.function.clone(),
            position,
            value: values[position],
            reason,
        };
        values
            .iter()
            .enumerate()
            .map(|(tet, &value)| {
                let count = value * molecules(tet);
                if !value.is_finite() {
                    Err(refused(tet, "it is not finite"))
                } else if value != 0.0 && !self.inside[tet] {
                    Err(refused(tet, "the tetrahedron lies outside the compartment"))
                } else if count.abs() > self.most_molecules() {
                    Err(refused(tet, "there would be too many molecules"))
                } else {
                    Ok(count)
                }
            })
            .collect()
    }

    pub(super) fn write(
        &mut self,
        query: &Query,
        function: Function,
        species: usize,
        values: &[f64],
    ) -> Result<(), QueryError> {
        if values.len() != self.len() {
            return Err(QueryError::WrongLength {
                function: query.function.clone(),
                expected: self.len(),
                found: values.len(),
            });
        }
        if function == Function::Current {
            // n = I dt / (z e)
            let charge_c =
                f64::from(self.model.species()[species].charge_number) * self.settings.constants.elementary_charge_c;
            let dt_s = self.clock.window as f64 * self.base_dt_ms * SECONDS_PER_MILLISECOND;
            let molecules_per_ma = AMPERES_PER_MILLIAMPERE * dt_s / charge_c;
            let added = self.checked_counts(query, values, |_| molecules_per_ma)?;
            if let Some(position) =
                added.iter().enumerate().position(|(tet, add)| self.count(species, tet) + add > self.most_molecules())
            {
                let reason = "there would be too many molecules";
                return Err(QueryError::BadValue {
                    function: query.function.clone(),
                    position,
                    value: values[position],
                    reason,
                });
            }
            for (tet, &molecules) in added.iter().enumerate().filter(|(_, molecules)| **molecules != 0.0) {
                let missing = match &mut self.contents {
                    Contents::MeanField(field) => field.add(species, tet, molecules),
                    Contents::Molecules(counts) => counts.add(species, tet, molecules),
                };
                if missing > 0.0 {
                    *self.shortfalls.entry((species as u32, tet as u32)).or_default() += missing;
                }
            }
            return Ok(());
        }
        if let Some(position) = values.iter().position(|&value| value < 0.0) {
            let reason = "it is negative";
            return Err(QueryError::BadValue {
                function: query.function.clone(),
                position,
                value: values[position],
                reason,
            });
        }
        let conc_factor = self.settings.conc_factor;
        let counts = match function {
            Function::Concentration => {
                self.checked_counts(query, values, |tet| self.molecules_at_1_molar(tet) / conc_factor)?
            }
            _ => self.checked_counts(query, values, |_| 1.0)?,
        };
        self.set_counts(species, &counts);
        Ok(())
    }
}
