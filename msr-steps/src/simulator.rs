//! Reaction-diffusion as a simulator that can be coupled.

mod compartments;
mod contents;
mod coupled;
mod error;
mod mean_field;
mod molecules;
mod setter;
mod settings;
mod table;
mod unsolved;

use std::collections::BTreeMap;
use std::sync::Arc;

use msr_coupling::{Coverage, Mapping, Space, VariableTable};
use serde::{Deserialize, Serialize};

pub use error::StepsError;
pub use settings::{Flux, Settings, Shortage, Solver, UnknownWord};
pub use unsolved::Unsolved;

use crate::constants::MOLAR_PER_MILLIMOLAR;
use crate::diffusion::{self, JumpNetwork, NO_COMPARTMENT, OperatorSplitting, SpatialSsa, TauLeaping};
use crate::mesh::{Bounds, TetMesh};
use crate::model::Model;
use crate::space::{SegmentsOutside, TetrahedralSpace};
use compartments::{check_membranes, compartments};
use contents::Contents;
use mean_field::MeanField;
use molecules::Molecules;

/// Name by which connections refer to the simulator.
pub const NAME: &str = "steps";

/// Ions on a tetrahedral mesh.
///
/// The simulator holds true amounts. `conc_factor`, by which users' files scale concentrations down, is a matter of the
/// queries alone: see [`StepsSimulator::notes`].
#[derive(Debug)]
pub struct StepsSimulator {
    space: TetrahedralSpace,
    model: Model,
    settings: Settings,
    /// Compartment of the model in which each tetrahedron is, or [`NO_COMPARTMENT`].
    compartments: Vec<u8>,
    /// Where each tetrahedron of the mesh stands inside.
    places: Vec<u32>,
    table: VariableTable,
    base_dt_ms: f64,
    ndts: u64,
    clock: Clock,
    contents: Contents,
    /// Molecules that a current asked for and that were not there, by species and tetrahedron.
    shortfalls: BTreeMap<(u32, u32), f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Clock {
    idts: u64,
    /// Length of the last window, in base steps: what a current lasts.
    window: u64,
}

/// Molecules that a current would have taken out of a tetrahedron that did not have them.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortfall {
    /// The species.
    pub species: String,
    /// The tetrahedron.
    pub tet: usize,
    /// How many, in all since the start.
    pub molecules: f64,
}

impl StepsSimulator {
    /// A simulator of `model` on `mesh`, with steps of `ndts` base steps of `base_dt_ms`. `seed` names the random streams of
    /// the stochastic solver.
    ///
    /// The model's compartments are those of the same names in the mesh; where the mesh names none, the first is all of it.
    ///
    /// # Errors
    /// [`StepsError`] where a compartment is unknown or empty, compartments overlap, or a number is out of range.
    pub fn new(
        mesh: Arc<TetMesh>,
        model: &Model,
        settings: Settings,
        seed: u64,
        ndts: u64,
        base_dt_ms: f64,
    ) -> Result<Self, StepsError> {
        settings.check()?;
        if ndts == 0 || !(base_dt_ms.is_finite() && base_dt_ms > 0.0) {
            return Err(StepsError::Step { ndts, base_dt_ms });
        }
        let compartments = compartments(&mesh, model)?;
        if settings.flux == Flux::Consistent {
            check_membranes(model)?;
        }
        let order = mesh.curve_order();
        let mut places = vec![0; order.len()];
        order.iter().zip(0..).for_each(|(&tet, place)| places[tet as usize] = place);
        let network = JumpNetwork::new(&mesh, model, compartments.clone()).reordered(&order);
        let kinetics = diffusion::kinetics(model, &settings.constants);
        let [species, tets] = [model.species().len(), mesh.len()];
        let molecules = |solver| Contents::Molecules(Molecules::new(solver, species, tets, seed));
        let contents = match settings.solver {
            Solver::Deterministic => {
                let tolerances = [settings.tolerance, settings.reaction_tolerance];
                let corners: Option<Vec<_>> = (settings.flux == Flux::Consistent)
                    .then(|| order.iter().map(|&tet| mesh.corners_um(tet as usize)).collect());
                Contents::MeanField(Box::new(MeanField::new(network, &kinetics, corners.as_deref(), tolerances)))
            }
            Solver::OperatorSplitting => molecules(Box::new(OperatorSplitting::new(network, kinetics))),
            Solver::TauLeaping => molecules(Box::new(TauLeaping::new(network, kinetics, settings.deterministic_from))),
            Solver::ExactSsa => molecules(Box::new(SpatialSsa::new(network, kinetics))),
        };
        let mut simulator = Self {
            table: table::variables(model),
            space: TetrahedralSpace::new(mesh),
            model: model.clone(),
            settings,
            compartments,
            places,
            base_dt_ms,
            ndts,
            clock: Clock { idts: 0, window: ndts },
            contents,
            shortfalls: BTreeMap::new(),
        };
        for species in 0..model.species().len() {
            let counts: Vec<f64> = (0..simulator.len()).map(|tet| simulator.initial_count(species, tet)).collect();
            if let Some(tet) = counts.iter().position(|&count| count > simulator.most_molecules()) {
                let species = model.species()[species].name.clone();
                return Err(StepsError::TooManyMolecules { species, tet, molecules: counts[tet] });
            }
            simulator.set_counts(species, counts.into_iter().enumerate());
        }
        Ok(simulator)
    }

    fn initial_count(&self, species: usize, tet: usize) -> f64 {
        match self.compartments[tet] {
            NO_COMPARTMENT => 0.0,
            compartment => {
                let one = &self.model.species_in(usize::from(compartment))[species];
                one.initial_concentration_mm * MOLAR_PER_MILLIMOLAR * self.molecules_at_1_molar(tet)
            }
        }
    }

    /// A simulator from the `steps` section of a configuration; as [`StepsSimulator::new`].
    ///
    /// # Errors
    /// As [`StepsSimulator::new`] and [`Model::from_config`].
    pub fn from_config(
        mesh: Arc<TetMesh>,
        section: &msr_config::multiscale::Steps,
        solver: Solver,
        seed: u64,
        base_dt_ms: f64,
    ) -> Result<Self, StepsError> {
        let settings = Settings::from_config(section, solver)?;
        Self::new(mesh, &Model::from_config(section)?, settings, seed, section.ndts, base_dt_ms)
    }

    /// The mesh.
    pub fn mesh(&self) -> &Arc<TetMesh> {
        self.space.mesh()
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The box around the mesh.
    pub fn bounds(&self) -> &Bounds {
        self.mesh().bounds()
    }

    /// What a user should know about the numbers of the queries.
    pub fn notes(&self) -> Vec<String> {
        let factor = self.settings.conc_factor;
        if factor == 1.0 {
            return Vec::new();
        }
        if self.settings.scaled_counts {
            return vec![format!(
                "steps.scaled_counts: only a fraction {factor:e} of all molecules is simulated, {:.3e} in all, as the original \
                 does; what is random is the larger for it. Without steps.scaled_counts, amounts are true.",
                (0..self.model.species().len()).map(|species| self.total_count(species)).sum::<f64>()
            )];
        }
        vec![format!(
            "steps.conc_factor is {factor:e}, and not needed: the simulator holds true amounts. get_tet_concs gives (and \
             set_tet_concs takes) true mol/L times conc_factor, so that `vals * (1.0 / (1.0e-3 * conc_factor))` is true mM; \
             get_tet_counts, set_tet_counts and add_curr_to_conc are in true molecules and true mA."
        )]
    }

    /// Molecules of a species in all tetrahedra.
    fn total_count(&self, species: usize) -> f64 {
        (0..self.len()).map(|tet| self.count(species, tet)).sum()
    }

    /// Where currents asked for molecules that were not there. A tetrahedron is emptied, not made negative. With
    /// [`Shortage::Carry`], what is still owed.
    pub fn shortfalls(&self) -> impl Iterator<Item = Shortfall> + '_ {
        self.shortfalls.iter().map(|(&(species, tet), &molecules)| Shortfall {
            species: self.model.species()[species as usize].name.clone(),
            tet: tet as usize,
            molecules,
        })
    }

    /// The mappings of all `spaces` that have a place, and how far the mesh covers each.
    ///
    /// # Errors
    /// [`SegmentsOutside`] where the mesh does not contain the neurons.
    pub fn place_all(&self, spaces: &[Space]) -> Result<(Vec<Mapping>, Vec<Coverage>), Box<SegmentsOutside>> {
        self.space.place_all(spaces)
    }

    /// Range and mean of a species' concentration, in words.
    fn range(&self, species: usize) -> String {
        let [mut least, mut most, mut molecules, mut molecules_at_1_molar] =
            [f64::INFINITY, f64::NEG_INFINITY, 0.0, 0.0];
        for tet in (0..self.len()).filter(|&tet| self.compartments[tet] != NO_COMPARTMENT) {
            let millimolar = self.millimolar(species, tet);
            [least, most] = [least.min(millimolar), most.max(millimolar)];
            molecules += self.count(species, tet);
            molecules_at_1_molar += self.molecules_at_1_molar(tet);
        }
        let mean = molecules / molecules_at_1_molar / MOLAR_PER_MILLIMOLAR;
        let name = &self.model.species()[species].name;
        format!("{name}: {least:.6} to {most:.6} mM, mean {mean:.6} mM, {molecules:.6e} molecules")
    }

    fn len(&self) -> usize {
        self.compartments.len()
    }

    /// True concentration, in mM.
    fn millimolar(&self, species: usize, tet: usize) -> f64 {
        self.count(species, tet) / self.molecules_at_1_molar(tet) / MOLAR_PER_MILLIMOLAR
    }

    /// Molecules inside for 1 mol/L.
    fn molecules_at_1_molar(&self, tet: usize) -> f64 {
        let true_molecules = self.mesh().volumes_um3()[tet] * self.settings.constants.molecules_per_um3_at_1_molar();
        true_molecules * self.count_factor()
    }

    /// Molecules inside for each true one.
    fn count_factor(&self) -> f64 {
        if self.settings.scaled_counts { self.settings.conc_factor } else { 1.0 }
    }

    /// Places of the counts that a species has in the tetrahedra of the mesh.
    fn place(&self, tet: usize) -> usize {
        self.places[tet] as usize
    }

    fn most_molecules(&self) -> f64 {
        self.contents.most_molecules()
    }

    fn count(&self, species: usize, tet: usize) -> f64 {
        self.contents.count(species, self.place(tet))
    }

    fn set_counts(&mut self, species: usize, counts: impl Iterator<Item = (usize, f64)>) {
        let places = &self.places;
        self.contents.set_counts(species, counts.map(|(tet, count)| (places[tet] as usize, count)));
    }
}
