//! Writes values: checked first, so that nothing is written where one is refused.

use msr_coupling::{Query, QueryError};

use super::table::Function;
use super::{Shortage, StepsSimulator};
use crate::constants::{AMPERES_PER_MILLIAMPERE, MOLAR_PER_MILLIMOLAR, SECONDS_PER_MILLISECOND};
use crate::diffusion::NO_COMPARTMENT;

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
                } else if value != 0.0 && self.compartments[tet] == NO_COMPARTMENT {
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
            return self.add_current(query, species, values);
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
        // Concentrations of queries are scaled, whether those inside are or not.
        let conc_factor = self.settings.conc_factor;
        let counts = match function {
            Function::Concentration => {
                self.checked_counts(query, values, |tet| self.molecules_at_1_molar(tet) / conc_factor)?
            }
            _ => self.checked_counts(query, values, |_| 1.0)?,
        };
        self.set_counts(species, counts.into_iter().enumerate());
        Ok(())
    }

    /// `n = I dt / (z e)` molecules for each tetrahedron, `values` being the currents in mA.
    fn add_current(&mut self, query: &Query, species: usize, values: &[f64]) -> Result<(), QueryError> {
        let charge_c =
            f64::from(self.model.species()[species].charge_number) * self.settings.constants.elementary_charge_c;
        let dt_s = self.clock.window as f64 * self.base_dt_ms * SECONDS_PER_MILLISECOND;
        let molecules_per_ma = AMPERES_PER_MILLIAMPERE * dt_s / charge_c * self.count_factor();
        let added = self.checked_counts(query, values, |_| molecules_per_ma)?;
        for (tet, add) in added.iter().enumerate() {
            let sum = self.count(species, tet) + add;
            let reason = if sum > self.most_molecules() {
                "there would be too many molecules"
            } else if self.settings.shortage == Shortage::Abort && sum < 0.0 && !self.is_clamped(species, tet) {
                "the tetrahedron does not hold so many ions; set steps.shortage to \"report\" or \"carry\" to go on, or take a \
                 coarser mesh or a shorter steps.ndts"
            } else {
                continue;
            };
            let function = query.function.clone();
            return Err(QueryError::BadValue { function, position: tet, value: values[tet], reason });
        }
        for (tet, &added) in added.iter().enumerate() {
            let key = (species as u32, tet as u32);
            let owed = match self.settings.shortage {
                Shortage::Carry if !self.shortfalls.is_empty() => self.shortfalls.remove(&key).unwrap_or(0.0),
                _ => 0.0,
            };
            let molecules = added - owed;
            // An outside supply holds what is clamped.
            if molecules == 0.0 || self.is_clamped(species, tet) {
                continue;
            }
            let place = self.place(tet);
            let missing = self.contents.add(species, place, molecules);
            if missing > 0.0 {
                *self.shortfalls.entry(key).or_default() += missing;
            }
        }
        Ok(())
    }

    fn is_clamped(&self, species: usize, tet: usize) -> bool {
        let compartment = self.compartments[tet];
        compartment != NO_COMPARTMENT && self.model.species_in(usize::from(compartment))[species].clamped
    }

    /// Sets the concentration of one species in some tetrahedra, in true mM (whatever `conc_factor` is).
    ///
    /// # Errors
    /// [`QueryError`] where the species is unknown, a tetrahedron is not in the model, or a concentration is negative or
    /// not finite; then nothing is written.
    pub fn set_concentration_mm(&mut self, species: &str, tets: &[usize], mm: f64) -> Result<(), QueryError> {
        let query = Query::new("set_concentration_mm").with("species_name", species);
        let names = self.model.species().iter().map(|one| one.name.as_str());
        let position =
            self.model.position(species).ok_or_else(|| query.unknown_name("species_name", species, names))?;
        let refused = |position, reason| {
            Err(QueryError::BadValue { function: query.function.clone(), position, value: mm, reason })
        };
        if !(mm.is_finite() && mm >= 0.0) {
            return refused(0, "it is negative or not finite");
        }
        let mut counts = Vec::with_capacity(tets.len());
        for (entry, &tet) in tets.iter().enumerate() {
            if self.compartments.get(tet).is_none_or(|&compartment| compartment == NO_COMPARTMENT) {
                return refused(entry, "the tetrahedron lies outside the compartment");
            }
            let count = mm * MOLAR_PER_MILLIMOLAR * self.molecules_at_1_molar(tet);
            if count > self.most_molecules() {
                return refused(entry, "there would be too many molecules");
            }
            counts.push((tet, count));
        }
        self.set_counts(position, counts.into_iter());
        Ok(())
    }
}
