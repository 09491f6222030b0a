//! From e-model and morphology to a cell.

use msr_config::simulation::{IntegrationMethod, SimulationConfig};

use super::{Emodel, EmodelError, SectionList};
use crate::cell::{Cell, CellBuilder};
use crate::discretisation::Discretisation;
use crate::mechanisms::Registry;
use crate::morphology::Morphology;

/// Conditions of a simulation that cells share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// Temperature, in degrees Celsius.
    pub celsius: f64,
    /// Voltage at the beginning, in mV.
    pub v_init_mv: f64,
    /// Step, in ms.
    pub dt_ms: f64,
    /// Voltage of the soma that makes a spike, in mV.
    pub spike_threshold_mv: f64,
    /// How the cable equation is advanced.
    pub integration: IntegrationMethod,
}

impl Conditions {
    /// Those of a simulation.
    pub fn of(simulation: &SimulationConfig) -> Self {
        let SimulationConfig { run, conditions, .. } = simulation;
        Self {
            celsius: conditions.celsius,
            v_init_mv: conditions.v_init_mv,
            dt_ms: run.dt_ms,
            spike_threshold_mv: run.spike_threshold_mv,
            integration: run.integration_method,
        }
    }
}

impl Default for Conditions {
    /// SONATA's defaults with a step of 0.025 ms.
    fn default() -> Self {
        Self {
            celsius: 34.0,
            v_init_mv: -80.0,
            dt_ms: 0.025,
            spike_threshold_mv: -30.0,
            integration: IntegrationMethod::Euler,
        }
    }
}

impl Emodel {
    /// Parses JSON text; `file` is the name used in messages.
    ///
    /// # Errors
    /// [`EmodelError::Syntax`] with line and column.
    pub fn parse(text: &str, file: &str) -> Result<Self, EmodelError> {
        let emodel: Self =
            serde_json::from_str(text).map_err(|source| EmodelError::Syntax { file: file.to_owned(), source })?;
        Ok(Self { file: file.to_owned(), ..emodel })
    }

    /// A cell of this e-model and a morphology.
    ///
    /// # Errors
    /// [`EmodelError`] for unknown mechanisms and parameters and for values that cannot be.
    pub fn build(
        &self,
        morphology: &Morphology,
        registry: &Registry,
        conditions: &Conditions,
    ) -> Result<Cell, EmodelError> {
        self.finish(self.builder(morphology, registry, conditions)?)
    }

    /// A builder of such a cell, to which more can be added; [`finish`](Self::finish) builds it.
    ///
    /// # Errors
    /// Those of [`build`](Self::build).
    pub fn builder<'a>(
        &self,
        morphology: &Morphology,
        registry: &'a Registry,
        conditions: &Conditions,
    ) -> Result<CellBuilder<'a>, EmodelError> {
        self.check_levels()?;
        let discretisation = Discretisation::new(morphology, self.axon, self.segments)
            .map_err(|source| EmodelError::Discretisation { emodel: self.label(), source })?;
        let failed = |source| EmodelError::Build { emodel: self.label(), source };
        let mut builder = CellBuilder::new(discretisation, registry);
        builder.integrate_by(conditions.integration);
        builder.celsius = conditions.celsius;
        builder.dt_ms = conditions.dt_ms;
        builder.v_init_mv = conditions.v_init_mv;
        builder.threshold_mv = conditions.spike_threshold_mv;
        builder.concentrations = self.concentrations;
        builder.diffusivities = self.diffusion;
        builder.reversals = self.reversals;
        builder.rest_mv = self.rest_mv;
        let lists = [
            (SectionList::All, &self.mechanisms.all),
            (SectionList::Somatic, &self.mechanisms.somatic),
            (SectionList::Axonal, &self.mechanisms.axonal),
            (SectionList::Basal, &self.mechanisms.basal),
            (SectionList::Apical, &self.mechanisms.apical),
            (SectionList::Myelinated, &self.mechanisms.myelinated),
        ];
        for (list, mechanisms) in lists {
            let segments = segments(builder.discretisation(), list);
            for mechanism in mechanisms {
                builder.insert(mechanism, segments.iter().map(|segment| segment.0)).map_err(failed)?;
            }
        }
        for parameter in &self.parameters {
            let values = segments(builder.discretisation(), parameter.sections)
                .into_iter()
                .map(|(segment, distance)| (segment, parameter.value * parameter.distribution.factor(distance)));
            match (parameter.name.as_str(), parameter.name.split_once('.')) {
                ("cm" | "Ra", _) => {
                    for (segment, value) in values {
                        self.check_positive(&parameter.name, value)?;
                        let cable = builder.cable_mut(segment);
                        if parameter.name == "cm" {
                            cable.capacitance_uf_per_cm2 = value;
                        } else {
                            cable.axial_resistivity_ohm_cm = value;
                        }
                    }
                }
                (_, Some((mechanism, name))) => builder.set(mechanism, name, values).map_err(failed)?,
                _ => {
                    return Err(EmodelError::ParameterName { emodel: self.label(), name: parameter.name.clone() });
                }
            }
        }
        Ok(builder)
    }

    /// The cell of a builder.
    ///
    /// # Errors
    /// [`EmodelError::Build`] names the e-model.
    pub fn finish(&self, builder: CellBuilder<'_>) -> Result<Cell, EmodelError> {
        builder.build().map_err(|source| EmodelError::Build { emodel: self.label(), source })
    }

    /// How messages call it.
    fn label(&self) -> String {
        if self.file.is_empty() { format!("e-model '{}'", self.name) } else { self.file.clone() }
    }

    fn check_levels(&self) -> Result<(), EmodelError> {
        let levels = &self.concentrations;
        let ions = [
            ("nai", levels.nai),
            ("nao", levels.nao),
            ("ki", levels.ki),
            ("ko", levels.ko),
            ("cai", levels.cai),
            ("cao", levels.cao),
            ("cli", levels.cli),
            ("clo", levels.clo),
            ("pi", levels.pi),
        ];
        for (name, value) in ions {
            self.check_positive(&format!("concentrations.{name}"), value)?;
        }
        let nucleotides = [("atpi", levels.atpi), ("adpi", levels.adpi)].map(|entry| ("concentrations", entry));
        let coefficients = self.diffusion.named().map(|entry| ("diffusion", entry));
        for (group, (name, value)) in nucleotides.into_iter().chain(coefficients) {
            if !value.is_finite() || value < 0.0 {
                return Err(EmodelError::Negative { emodel: self.label(), name: format!("{group}.{name}"), value });
            }
        }
        Ok(())
    }

    fn check_positive(&self, name: &str, value: f64) -> Result<(), EmodelError> {
        if value > 0.0 && value.is_finite() {
            Ok(())
        } else {
            Err(EmodelError::NotPositive { emodel: self.label(), name: name.to_owned(), value })
        }
    }
}

/// Segments of a section list with their distance from the soma.
fn segments(cell: &Discretisation, list: SectionList) -> Vec<(usize, f64)> {
    cell.sections
        .iter()
        .filter(|section| list.contains(section.kind))
        .flat_map(|section| section.segments.clone())
        .map(|segment| (segment, cell.segments[segment].distance_um))
        .collect()
}
