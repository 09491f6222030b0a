//! Edges whose synapses are point processes of mechanism files.

use std::collections::BTreeMap;

use msr_config::circuit::{Column, EdgePopulation};

use super::configure::Assignment;
use crate::cell::{CellBuilder, ConnectionId, PointId};
use crate::mechanisms::{Registry, Role};
use crate::nmodl::PointMechanism;
use crate::simulator::NeuroError;

/// Kind of a connection, by which published synapses tell presynaptic cells, spontaneous release, files of spikes and
/// neuromodulators apart: the value of the argument `nc_type` of NET_RECEIVE (neurodamus').
#[derive(Debug, Clone, Copy)]
pub(super) enum ConnectionKind {
    Presynaptic = 0,
    Mini = 1,
    Replay = 2,
    Modulator = 10,
}

/// Argument of NET_RECEIVE with the kind of a connection.
const KIND: &str = "nc_type";

/// Names that mechanisms give to attributes of edges.
const ALIASES: [(&str, &str); 11] = [
    ("tau_d_AMPA", "decay_time"),
    ("tau_d_GABAA", "decay_time"),
    ("Use", "u_syn"),
    ("Dep", "depression_time"),
    ("Fac", "facilitation_time"),
    ("Nrrp", "n_rrp_vesicles"),
    ("e", "erev"),
    ("Use_d", "Use_d_TM"),
    ("Use_p", "Use_p_TM"),
    ("theta_d_GB", "theta_d"),
    ("theta_p_GB", "theta_p"),
];

/// Efficacy above which a plastic synapse begins potentiated: the unstable point between its two stable states (Graupner & Brunel
/// 2012, PNAS 109:3991).
const POTENTIATED: f64 = 0.5;

/// Values that a synapse keeps for other programs, or that are somebody else's to set.
const NOT_FROM_EDGES: [&str; 3] = ["conductance", "synapseID", "v"];

/// A point process to be placed.
pub(super) struct PointSynapse {
    mechanism: String,
    parameters: BTreeMap<String, f64>,
}

impl PointSynapse {
    /// One of this name with those parameters that the edge has: under their own names among the attributes or
    /// `dynamics_params`, or under SONATA's.
    pub fn new(
        mechanism: &str,
        edges: &EdgePopulation,
        edge: usize,
        builder: &CellBuilder<'_>,
    ) -> Result<Self, NeuroError> {
        let built = builder.point_mechanism(mechanism).map_err(|error| NeuroError::Synapse {
            population: edges.name.clone(),
            edge,
            reason: error.to_string(),
        })?;
        let mut parameters = BTreeMap::new();
        for name in parameter_names(&built) {
            let alias = ALIASES.iter().find(|(known, _)| *known == name).map(|(_, attribute)| *attribute);
            let value = [Some(name), alias].into_iter().flatten().find_map(|attribute| {
                let column =
                    edges.attributes.columns.get(attribute).or_else(|| edges.dynamics.columns.get(attribute))?;
                Some(match column {
                    Column::Float(values) => values[edge],
                    Column::Integer(values) => values[edge] as f64,
                    Column::Text(_) => return None,
                })
            });
            if let Some(value) = value.filter(|_| !NOT_FROM_EDGES.contains(&name)) {
                let unset = name == "Nrrp" && value < 0.0;
                if !unset {
                    let unsigned = matches!(name, "Use" | "Dep" | "Fac");
                    parameters.insert(name.to_owned(), if unsigned { value.abs() } else { value });
                }
            }
        }
        Ok(Self { mechanism: mechanism.to_owned(), parameters })
    }

    /// The beginning of a plastic synapse (Chindemi et al. 2022, Nat. Commun. 13:3038): release probability and conductances are those
    /// of the state, depressed or potentiated, that its efficacy `rho0_GB` lies in; `ratio` is that of NMDA to AMPA receptors.
    pub fn begin_plastic(&mut self, builder: &CellBuilder<'_>, ratio: f64) {
        let is_potentiated = self.parameters.get("rho0_GB").is_some_and(|&rho| rho > POTENTIATED);
        let (release, conductance) = if is_potentiated { ("Use_p", "gmax_p_AMPA") } else { ("Use_d", "gmax_d_AMPA") };
        if let Some(&value) = self.parameters.get(release) {
            self.set_known(builder, "Use", value);
        }
        if let Some(&value) = self.parameters.get(conductance) {
            self.set_known(builder, "gmax0_AMPA", value);
            self.set_known(builder, "gmax_NMDA", value * ratio);
        }
    }

    /// Multiplies a parameter, where the synapse has it.
    pub fn scale(&mut self, name: &str, factor: f64) {
        if let Some(value) = self.parameters.get_mut(name) {
            *value *= factor;
        }
    }

    /// Sets a parameter, where the mechanism has it.
    pub fn set_known(&mut self, builder: &CellBuilder<'_>, name: &str, value: f64) {
        if builder
            .point_mechanism(&self.mechanism)
            .is_ok_and(|built| parameter_names(&built).any(|known| known == name))
        {
            self.parameters.insert(name.to_owned(), value);
        }
    }

    /// Applies an assignment: the new value; the names that there are where this is none of them.
    pub fn assign(&mut self, builder: &CellBuilder<'_>, assignment: &Assignment) -> Result<f64, Vec<String>> {
        let built = builder.point_mechanism(&self.mechanism).map_err(|_| Vec::new())?;
        let column = built
            .columns()
            .iter()
            .find(|column| column.role == Role::Parameter && column.name == assignment.name.as_str());
        let Some(column) = column else {
            return Err(parameter_names(&built).map(str::to_owned).collect());
        };
        let before = self.parameters.get(&assignment.name).copied().unwrap_or(column.default);
        let value = assignment.applied_to(before);
        self.parameters.insert(assignment.name.clone(), value);
        Ok(value)
    }

    pub fn place(&self, builder: &mut CellBuilder<'_>, segment: usize) -> Result<PointId, crate::cell::BuildError> {
        let parameters: Vec<(&str, f64)> =
            self.parameters.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        builder.place(&self.mechanism, segment, &parameters)
    }
}

/// A connection of a kind to a point process.
pub(super) fn connect(
    builder: &mut CellBuilder<'_>,
    point: PointId,
    weight: f64,
    kind: ConnectionKind,
) -> Result<ConnectionId, crate::cell::BuildError> {
    let connection = builder.connect(point, weight)?;
    if builder.arguments(connection).iter().any(|argument| argument == KIND) {
        builder.set_argument(connection, KIND, f64::from(kind as u8))?;
    }
    Ok(connection)
}

fn parameter_names(mechanism: &PointMechanism) -> impl Iterator<Item = &str> {
    mechanism.columns().iter().filter(|column| column.role == Role::Parameter).map(|column| &*column.name)
}

/// The mechanism that an edge names in `model_template` (`nrn:Exp2Syn`, or `exp2syn` as bmtk writes it).
pub(super) fn named(registry: &Registry, template: &str) -> String {
    let name = template.strip_prefix("nrn:").unwrap_or(template);
    registry.point_names().into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or_else(|| name.to_owned())
}
