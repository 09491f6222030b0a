//! How each species of a model jumps, and where it reacts.

use super::{JumpOperator, Kinetics};
use crate::constants::{Constants, UM2_PER_M2};
use crate::mesh::TetMesh;
use crate::model::Model;

/// In place of a compartment: the tetrahedron is in none.
pub const NO_COMPARTMENT: u8 = u8::MAX;

/// Jumps of all species of a model. Species that differ by a factor alone share one operator.
#[derive(Debug, Clone)]
pub struct JumpNetwork {
    operators: Vec<JumpOperator>,
    /// Coefficients of each operator, relative to the largest of the species.
    relative: Vec<Relative>,
    of_species: Vec<usize>,
    diffusion_um2_s: Vec<f64>,
    compartments: Vec<u8>,
}

impl JumpNetwork {
    /// Species that jump alike, with these diffusion coefficients in um2/s.
    pub fn uniform(operator: JumpOperator, diffusion_um2_s: Vec<f64>) -> Self {
        let compartments = operator.inside().iter().map(|&inside| if inside { 0 } else { NO_COMPARTMENT }).collect();
        let of_species = vec![0; diffusion_um2_s.len()];
        Self {
            operators: vec![operator],
            relative: vec![Relative { compartments: 1, coefficients: vec![1.0] }],
            of_species,
            diffusion_um2_s,
            compartments,
        }
    }

    /// The species of `model`; `compartments` says in which of its compartments each tetrahedron of the mesh is.
    pub fn new(mesh: &TetMesh, model: &Model, compartments: Vec<u8>) -> Self {
        let mut network = Self {
            operators: Vec::new(),
            relative: Vec::new(),
            of_species: Vec::new(),
            diffusion_um2_s: Vec::new(),
            compartments,
        };
        let mut patterns: Vec<Pattern> = Vec::new();
        for species in 0..model.species().len() {
            let (pattern, diffusion_um2_s) = Pattern::of(model, species);
            let known = patterns.iter().position(|known| *known == pattern);
            network.of_species.push(known.unwrap_or(patterns.len()));
            network.diffusion_um2_s.push(diffusion_um2_s);
            if known.is_none() {
                network.operators.push(pattern.operator(mesh, &network.compartments));
                network.relative.push(pattern.relative.clone());
                patterns.push(pattern);
            }
        }
        network
    }

    /// The same with the tetrahedra in another order, as [`JumpOperator::reordered`].
    #[must_use]
    pub fn reordered(&self, order: &[u32]) -> Self {
        Self {
            operators: self.operators.iter().map(|operator| operator.reordered(order)).collect(),
            relative: self.relative.clone(),
            of_species: self.of_species.clone(),
            diffusion_um2_s: self.diffusion_um2_s.clone(),
            compartments: order.iter().map(|&old| self.compartments[old as usize]).collect(),
        }
    }

    /// Number of tetrahedra of the mesh.
    pub fn len(&self) -> usize {
        self.compartments.len()
    }

    /// Never: a mesh has at least one tetrahedron.
    pub fn is_empty(&self) -> bool {
        self.compartments.is_empty()
    }

    /// Number of species.
    pub fn species(&self) -> usize {
        self.of_species.len()
    }

    /// How one species jumps, up to its diffusion coefficient.
    pub fn operator(&self, species: usize) -> &JumpOperator {
        &self.operators[self.of_species[species]]
    }

    /// The distinct operators.
    pub fn operators(&self) -> &[JumpOperator] {
        &self.operators
    }

    /// Which of [`JumpNetwork::operators`] is that of a species.
    pub fn operator_of(&self, species: usize) -> usize {
        self.of_species[species]
    }

    /// Diffusion coefficient between two tetrahedra, or within one, for one of [`JumpNetwork::operators`], relative to the
    /// largest; 0 where nothing passes.
    pub fn relative_coefficient(&self, operator: usize, tet: usize, other: usize) -> f64 {
        self.relative[operator].between([self.compartments[tet], self.compartments[other]])
    }

    /// Largest diffusion coefficient of a species, in um2/s; what multiplies the rates of its operator.
    pub fn diffusion_um2_s(&self, species: usize) -> f64 {
        self.diffusion_um2_s[species]
    }

    /// Compartment of each tetrahedron, or [`NO_COMPARTMENT`].
    pub fn compartments(&self) -> &[u8] {
        &self.compartments
    }

    /// Volume of each tetrahedron, in um3.
    pub fn volumes_um3(&self) -> &[f64] {
        self.operators[0].volumes_um3()
    }

    /// The largest rate of leaving of a species, in 1/s.
    pub fn largest_rate_per_s(&self, species: usize) -> f64 {
        self.operator(species).largest_rate_per_um2() * self.diffusion_um2_s[species]
    }
}

/// The reactions of each compartment of a model.
pub fn kinetics(model: &Model, constants: &Constants) -> Vec<Kinetics> {
    (0..model.compartments().len()).map(|compartment| Kinetics::within(model, compartment, constants)).collect()
}

/// Relative diffusion coefficients between and within compartments.
#[derive(Debug, Clone, PartialEq)]
struct Relative {
    compartments: usize,
    /// Row by row: from compartment, to compartment.
    coefficients: Vec<f64>,
}

impl Relative {
    fn between(&self, compartments: [u8; 2]) -> f64 {
        match compartments {
            [NO_COMPARTMENT, _] | [_, NO_COMPARTMENT] => 0.0,
            [one, other] => self.coefficients[usize::from(one) * self.compartments + usize::from(other)],
        }
    }
}

/// Relative diffusion coefficients, and where a species is held.
#[derive(PartialEq)]
struct Pattern {
    relative: Relative,
    held: Vec<bool>,
}

impl Pattern {
    /// The pattern and the coefficient that it is relative to, in um2/s.
    fn of(model: &Model, species: usize) -> (Self, f64) {
        let compartments = model.compartments().len();
        let mut relative = vec![0.0; compartments * compartments];
        let mut held = vec![false; compartments];
        for compartment in 0..compartments {
            let one = &model.species_in(compartment)[species];
            relative[compartment * compartments + compartment] = one.diffusion_coefficient_m2_s;
            held[compartment] = one.clamped;
        }
        for boundary in model.boundaries().iter().filter(|one| model.position(&one.species) == Some(species)) {
            let sides = boundary.compartments.each_ref().map(|name| model.compartment_position(name));
            if let [Some(one), Some(other)] = sides {
                relative[one * compartments + other] = boundary.diffusion_coefficient_m2_s;
                relative[other * compartments + one] = boundary.diffusion_coefficient_m2_s;
            }
        }
        let largest = relative.iter().copied().fold(0.0, f64::max);
        if largest > 0.0 {
            relative.iter_mut().for_each(|value| *value /= largest);
        } else {
            // One that stays in place may share any operator.
            (0..compartments).for_each(|compartment| relative[compartment * compartments + compartment] = 1.0);
        }
        (Self { relative: Relative { compartments, coefficients: relative }, held }, largest * UM2_PER_M2)
    }

    fn operator(&self, mesh: &TetMesh, compartments: &[u8]) -> JumpOperator {
        let held = |&compartment: &u8| compartment != NO_COMPARTMENT && self.held[usize::from(compartment)];
        JumpOperator::with_coefficients(
            mesh,
            |tet, other| self.relative.between([compartments[tet], compartments[other]]),
            compartments.iter().map(|&compartment| compartment != NO_COMPARTMENT).collect(),
            compartments.iter().map(held).collect(),
        )
    }
}
