//! How the compartments of a model lie in a mesh, and what may pass between them.

use super::StepsError;
use crate::diffusion::NO_COMPARTMENT;
use crate::mesh::TetMesh;
use crate::model::Model;

/// The compartment of the model in which each tetrahedron is.
pub(super) fn compartments(mesh: &TetMesh, model: &Model) -> Result<Vec<u8>, StepsError> {
    if mesh.compartments().is_empty() {
        return Ok(vec![0; mesh.len()]);
    }
    let names: Vec<&str> = model.compartments().collect();
    let mut compartments = vec![NO_COMPARTMENT; mesh.len()];
    for (number, name) in names.iter().enumerate() {
        let mut parts = mesh.compartments().iter().filter(|part| part.name == *name).peekable();
        if parts.peek().is_none() {
            return Err(StepsError::UnknownCompartment {
                found: (*name).to_owned(),
                available: mesh.compartments().iter().map(|part| part.name.clone()).collect(),
            });
        }
        let mut members = parts.flat_map(|part| &part.tetrahedra).peekable();
        if members.peek().is_none() {
            return Err(StepsError::EmptyCompartment { compartment: (*name).to_owned() });
        }
        for &tet in members {
            let known = &mut compartments[tet as usize];
            if *known != NO_COMPARTMENT && usize::from(*known) != number {
                let both = [names[usize::from(*known)], *name].map(str::to_owned);
                return Err(StepsError::Overlap { tet: tet as usize, compartments: both });
            }
            *known = number as u8;
        }
    }
    Ok(compartments)
}

/// The consistent flux takes a diffusion boundary as a membrane, a resistance between its sides: it cannot conduct better than
/// they do.
pub(super) fn check_membranes(model: &Model) -> Result<(), StepsError> {
    for boundary in model.boundaries() {
        let Some(species) = model.position(&boundary.species) else { continue };
        let sides = boundary.compartments.each_ref().map(|name| {
            let compartment = model.compartment_position(name);
            compartment.map_or(0.0, |one| model.species_in(one)[species].diffusion_coefficient_m2_s)
        });
        // Two half ways in series.
        let most_m2_s = if sides.contains(&0.0) { 0.0 } else { 2.0 / (1.0 / sides[0] + 1.0 / sides[1]) };
        let found_m2_s = boundary.diffusion_coefficient_m2_s;
        if found_m2_s > most_m2_s * (1.0 + ROUNDING) {
            return Err(StepsError::Membrane {
                species: boundary.species.clone(),
                compartments: boundary.compartments.clone(),
                found_m2_s,
                most_m2_s,
            });
        }
    }
    Ok(())
}

/// A coefficient above the harmonic mean by this part of it is that mean.
const ROUNDING: f64 = 1e-9;
