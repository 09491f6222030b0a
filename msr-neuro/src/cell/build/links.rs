//! From the wishes for pointers to where they lead.

use std::collections::BTreeMap;

use super::BuildError;
use crate::cell::pointers::{Keeper, Link, Place, Wanted, Wish};
use crate::ions::Membrane;
use crate::mechanisms::{Column, Mechanism, Role};
use crate::points::Points;

/// Looks up what pointers are and what they point to; all of them must be set.
pub(super) fn link(
    wishes: &[Wish],
    mechanisms: &[Box<dyn Mechanism>],
    nodes: &[Vec<u32>],
    segment_nodes: &[u32],
    points: &Points,
    membrane: &Membrane,
) -> Result<Vec<Link>, BuildError> {
    let known = |owner: &str, columns: &[Column], variable: &str, is_own: bool| {
        // Who has a pointer can have it in parameters only: others are its own results.
        let may_be = |column: &&Column| !is_own || column.role == Role::Parameter;
        if columns.iter().filter(may_be).any(|column| column.name == variable) {
            return Ok(());
        }
        Err(BuildError::UnknownVariable {
            owner: owner.to_owned(),
            variable: variable.to_owned(),
            available: columns.iter().filter(may_be).map(|column| column.name.clone().into_owned()).collect(),
        })
    };
    let in_mechanism = |index: usize, variable: &str, segment: usize, is_own: bool| {
        let columns = mechanisms[index].columns();
        known(mechanisms[index].name(), columns, variable, is_own)?;
        let place = nodes[index].binary_search(&segment_nodes[segment]).expect("checked when it was asked for");
        let column = columns.iter().position(|column| column.name == variable).expect("it is known");
        Ok::<_, BuildError>([place, column * nodes[index].len() + place])
    };
    let in_point = |point: u32, variable: &str, is_own: bool| {
        known(points.mechanism(point).name(), points.mechanism(point).columns(), variable, is_own)?;
        Ok::<_, BuildError>(points.position(point, variable).expect("it is known"))
    };
    let mut links = BTreeMap::new();
    for Wish { holder, segment, variable, to } in wishes {
        let (keeper, at, is_assigned) = match *holder {
            Keeper::Mechanism(index) => {
                let mechanism = &mechanisms[index];
                let is_pointer = mechanism.pointers().iter().any(|(pointer, _)| pointer == variable);
                let at = in_mechanism(index, variable, *segment, true)?;
                (*holder, at, is_pointer && mechanism.assigns(variable))
            }
            Keeper::Points(point) => {
                let mechanism = points.mechanism(point as u32);
                let is_pointer = mechanism.pointers().any(|pointer| pointer == variable);
                let (group, at) = in_point(point as u32, variable, true)?;
                let instance = points.place(point as u32).1;
                (Keeper::Points(group), [instance, at], is_pointer && mechanism.assigns(variable))
            }
        };
        let to = match to {
            Wanted::Membrane(name, segment) => membrane_place(membrane, name, segment_nodes[*segment] as usize)?,
            Wanted::Mechanism(index, name, segment) => {
                Place::Mechanism(*index, in_mechanism(*index, name, *segment, false)?[1])
            }
            Wanted::Point(point, name) => {
                let (group, at) = in_point(*point, name, false)?;
                Place::Points(group, at)
            }
        };
        // The last wish counts.
        links.insert((keeper, at[1]), Link::new(keeper, at, to, is_assigned));
    }
    let is_set = |keeper, at| links.contains_key(&(keeper, at));
    for (index, mechanism) in mechanisms.iter().enumerate() {
        for (pointer, _) in mechanism.pointers() {
            let Some(column) = mechanism.columns().iter().position(|column| column.name == *pointer) else { continue };
            let count = nodes[index].len();
            if !(column * count..(column + 1) * count).all(|at| is_set(Keeper::Mechanism(index), at)) {
                let (mechanism, pointer) = (mechanism.name().to_owned(), pointer.clone());
                return Err(BuildError::UnsetPointer { mechanism, pointer });
            }
        }
    }
    for point in 0..points.len() as u32 {
        for pointer in points.mechanism(point).pointers() {
            let (group, at) = in_point(point, pointer, true)?;
            if !is_set(Keeper::Points(group), at) {
                let (mechanism, pointer) = (points.mechanism(point).name().to_owned(), pointer.to_owned());
                return Err(BuildError::UnsetPointer { mechanism, pointer });
            }
        }
    }
    Ok(links.into_values().collect())
}

fn membrane_place(membrane: &Membrane, name: &str, node: usize) -> Result<Place, BuildError> {
    if let Some(field) = Membrane::FIELDS.iter().position(|(known, _)| *known == name) {
        return Ok(Place::Membrane(field, node));
    }
    let of_ion = membrane.foreign.iter().enumerate().find_map(|(ion, pool)| {
        let part = pool.part_names().iter().position(|part| part == name)?;
        Some(Place::Ion(ion, part, node))
    });
    of_ion.ok_or_else(|| BuildError::UnknownVariable {
        owner: "membrane".to_owned(),
        variable: name.to_owned(),
        available: Membrane::FIELDS
            .iter()
            .map(|(known, _)| (*known).to_owned())
            .chain(membrane.foreign.iter().flat_map(|pool| pool.part_names()))
            .collect(),
    })
}
