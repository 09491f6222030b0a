//! Why a flow cannot be computed.

use super::RESIDUAL_LIMIT;
use super::cholesky::FactorError;

/// Why flows cannot be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FlowError {
    /// The wrong number of values.
    #[error("{what}: expected {expected} values, found {found}")]
    WrongLength {
        /// What the values are.
        what: &'static str,
        /// Number needed.
        expected: usize,
        /// Number given.
        found: usize,
    },
    /// A segment without usable conductance.
    #[error(
        "segment {segment} has conductance {conductance} um3/(s kPa); it must be positive and finite: check its radius and the viscosity"
    )]
    BadConductance {
        /// The segment.
        segment: usize,
        /// Its conductance.
        conductance: f64,
    },
    /// A boundary value that is no number.
    #[error("node {node}: boundary flow or pressure {value}; it must be finite")]
    BadBoundary {
        /// The node.
        node: usize,
        /// The value.
        value: f64,
    },
    /// The pressures are given at other nodes than those that the solver was built for.
    #[error("node {node}: pressures must be given at the nodes that the solver was built for")]
    WrongPressureNode {
        /// The first node that differs.
        node: usize,
    },
    /// More blood enters a component than leaves it.
    #[error(
        "the boundary flows of the component of node {node} do not balance: {inflow_um3_per_s} um3/s enter and \
         {outflow_um3_per_s} um3/s leave; make them equal or give a pressure"
    )]
    Unbalanced {
        /// Smallest node of the component.
        node: usize,
        /// Sum of the flows into it, in um3/s.
        inflow_um3_per_s: f64,
        /// Sum of the flows out of it, in um3/s.
        outflow_um3_per_s: f64,
    },
    /// The linear system cannot be factorised.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// Refinement does not reach the wanted accuracy.
    #[error(
        "mass is not conserved: after refinement {residual:e} of the largest boundary flow is missing at a node (limit \
         {RESIDUAL_LIMIT:e}); the conductances of the vessels span too many orders of magnitude"
    )]
    NotConverged {
        /// Largest net flow at a node relative to the largest boundary flow.
        residual: f64,
    },
}
