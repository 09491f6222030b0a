//! Which models can be mechanisms of segments.

use msr_coupling::query::nearest;

use super::build::{NUMERIC_CONDUCTANCE, Options, SHARED_VARIABLES, USE_TABLES};
use super::fields::{self, MOST_FOREIGN};
use crate::mechanisms::ForeignIon;
use crate::nmodl::model::{Kind, Model, Role};

/// Why a model cannot be a mechanism of segments.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is a point process.
    #[error("'{name}' is a point process; only density mechanisms (SUFFIX) go into segments")]
    NotDensity {
        /// The mechanism.
        name: String,
    },
    /// It is something else.
    #[error("'{name}' is no point process; POINT_PROCESS is what can be placed")]
    NotPoint {
        /// The mechanism.
        name: String,
    },
    /// It is no part of a cell.
    #[error("'{name}' is an artificial cell, which is no part of a cell; SUFFIX and POINT_PROCESS can be")]
    Artificial {
        /// The mechanism.
        name: String,
    },
    /// What diffuses must be in segments.
    #[error(
        "'{name}' lets '{state}' diffuse along the cable (LONGITUDINAL_DIFFUSION), which only density mechanisms can"
    )]
    Diffusion {
        /// The mechanism.
        name: String,
        /// The state.
        state: String,
    },
    /// More ions than a mechanism may use.
    #[error(
        "'{name}' uses {count} ions besides na, k, ca, atp, adp and the current of cl; at most {MOST_FOREIGN} are possible"
    )]
    ManyIons {
        /// The mechanism.
        name: String,
        /// Number of other ions.
        count: usize,
    },
    /// A global that it does not have.
    #[error("'{name}' has no global parameter '{global}'{}", nearest(global, available))]
    UnknownGlobal {
        /// The mechanism.
        name: String,
        /// The parameter.
        global: String,
        /// What it has.
        available: Vec<String>,
    },
}

/// Ions that not every membrane has.
pub(super) fn foreign_ions(model: &Model) -> Vec<ForeignIon> {
    model
        .ions
        .iter()
        .filter(|ion| ion.reads.iter().chain(&ion.writes).any(|&(part, _)| !fields::is_own(&ion.name, part)))
        .map(|ion| ForeignIon {
            name: ion.name.clone(),
            valence: ion.valence.unwrap_or(if ion.name == "cl" { -1.0 } else { 1.0 }),
        })
        .collect()
}

/// Says why a model cannot be a mechanism of segments, or placed.
pub(super) fn check(model: &Model, wanted: Kind, options: &Options, ions: &[ForeignIon]) -> Result<(), Unusable> {
    let name = model.name.clone();
    match (wanted, model.kind) {
        (Kind::Density, Kind::Artificial) => return Err(Unusable::Artificial { name }),
        (Kind::Density, Kind::Point) => return Err(Unusable::NotDensity { name }),
        (Kind::Point | Kind::Artificial, Kind::Density) => return Err(Unusable::NotPoint { name }),
        _ => {}
    }
    if let (Kind::Point, Some(&(slot, _))) = (model.kind, model.diffusing.first()) {
        let state = model.variable_of(slot).map_or(String::new(), |variable| variable.name.clone());
        return Err(Unusable::Diffusion { name, state });
    }
    if ions.len() > MOST_FOREIGN {
        return Err(Unusable::ManyIons { name, count: ions.len() });
    }
    let globals = model.variables.iter().filter(|variable| variable.role == Role::Global);
    let mut available: Vec<String> = globals.map(|variable| variable.name.clone()).collect();
    if model.tables.iter().any(Option::is_some) {
        available.push(USE_TABLES.to_owned());
    }
    if model.variables.iter().any(|variable| variable.is_shared) {
        available.push(SHARED_VARIABLES.to_owned());
    }
    if !model.currents.is_empty() {
        available.push(NUMERIC_CONDUCTANCE.to_owned());
    }
    if let Some((global, _)) = options.globals.iter().find(|(global, _)| !available.contains(global)) {
        return Err(Unusable::UnknownGlobal { name, global: global.clone(), available });
    }
    Ok(())
}
