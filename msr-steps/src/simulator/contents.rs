//! What the tetrahedra contain: mean amounts, or single molecules.

use serde::{Deserialize, Serialize};

use super::mean_field::{self, MeanField};
use super::molecules::{self, Molecules};
use crate::diffusion::Failure;

/// Amounts in the order of the jump network, and the solver that advances them.
#[derive(Debug)]
pub(super) enum Contents {
    MeanField(Box<MeanField>),
    Molecules(Molecules),
}

#[derive(Serialize, Deserialize)]
pub(super) enum ContentsState {
    MeanField(mean_field::State),
    Molecules(molecules::State),
}

impl Contents {
    /// Most molecules that a tetrahedron may hold.
    pub(super) fn most_molecules(&self) -> f64 {
        match self {
            Self::MeanField(_) => mean_field::MOST_MOLECULES,
            Self::Molecules(_) => molecules::MOST_MOLECULES,
        }
    }

    pub(super) fn count(&self, species: usize, place: usize) -> f64 {
        match self {
            Self::MeanField(field) => field.count(species, place),
            Self::Molecules(molecules) => molecules.count(species, place) as f64,
        }
    }

    /// Sets the molecules of one species in some places.
    pub(super) fn set_counts(&mut self, species: usize, counts: impl Iterator<Item = (usize, f64)>) {
        match self {
            Self::MeanField(field) => counts.for_each(|(place, count)| field.set_count(species, place, count)),
            Self::Molecules(molecules) => {
                counts.for_each(|(place, count)| molecules.set_count(species, place, count));
                molecules.count_setting();
            }
        }
    }

    /// Adds molecules (takes them where negative) and returns how many were missing.
    pub(super) fn add(&mut self, species: usize, place: usize, molecules: f64) -> f64 {
        match self {
            Self::MeanField(field) => field.add(species, place, molecules),
            Self::Molecules(counts) => counts.add(species, place, molecules),
        }
    }

    /// Advances by as long as each of `windows_s` lasts. Where one fails, everything is as it was before the first.
    pub(super) fn advance(&mut self, mut windows_s: impl Iterator<Item = f64>) -> Result<(), Failure> {
        match self {
            Self::MeanField(field) => {
                field.keep();
                windows_s.try_for_each(|dt_s| field.advance(dt_s)).inspect_err(|_| field.go_back())
            }
            Self::Molecules(molecules) => {
                molecules.keep();
                windows_s.try_for_each(|dt_s| molecules.advance(dt_s)).inspect_err(|_| molecules.go_back())
            }
        }
    }

    pub(super) fn state(&self) -> ContentsState {
        match self {
            Self::MeanField(field) => ContentsState::MeanField(field.state().clone()),
            Self::Molecules(molecules) => ContentsState::Molecules(molecules.state().clone()),
        }
    }

    pub(super) fn restore(&mut self, state: ContentsState) -> Result<(), String> {
        match (self, state) {
            (Self::MeanField(field), ContentsState::MeanField(state)) => field.restore(state),
            (Self::Molecules(molecules), ContentsState::Molecules(state)) => molecules.restore(state),
            _ => Err("it was taken with another solver".to_owned()),
        }
    }
}
