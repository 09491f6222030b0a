//! The variables of the simulator and the space that each lives on.

use msr_coupling::space::{VESSEL_NODES, VESSEL_SEGMENTS};
use msr_coupling::{Bounds, Quantity, Query, Unit, Variable, VariableTable};

/// Which values a query is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Observable {
    Flows,
    Volumes,
    Radii,
    Pressures,
    Velocities,
    WallShearStresses,
    NodePressures,
    NodeInflows,
}

struct Declaration {
    observable: Observable,
    getter: &'static str,
    setter: Option<&'static str>,
    description: &'static str,
    unit: &'static str,
    space: &'static str,
    quantity: Quantity,
}

const DECLARATIONS: [Declaration; 8] = [
    Declaration {
        observable: Observable::Flows,
        getter: "get_flows",
        setter: None,
        description: "flow of blood through each vessel segment, positive from start to end",
        unit: "um3/s",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::Volumes,
        getter: "get_vols",
        setter: None,
        description: "volume of each vessel segment with its present radius",
        unit: "um3",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Extensive,
    },
    Declaration {
        observable: Observable::Radii,
        getter: "get_radii",
        setter: Some("set_radii"),
        description: "present radius of each vessel segment",
        unit: "um",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::Pressures,
        getter: "get_pressures",
        setter: None,
        description: "mean of the pressures at both ends of each vessel segment",
        unit: "kPa",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::Velocities,
        getter: "get_velocities",
        setter: None,
        description: "mean velocity of the blood in each vessel segment, positive from start to end",
        unit: "um/s",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::WallShearStresses,
        getter: "get_wall_shear_stresses",
        setter: None,
        description: "shear stress at the wall of each vessel segment",
        unit: "kPa",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::NodePressures,
        getter: "get_node_pressures",
        setter: None,
        description: "pressure at each node of the vasculature graph",
        unit: "kPa",
        space: VESSEL_NODES,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::NodeInflows,
        getter: "get_node_inflows",
        setter: None,
        description: "flow into the vasculature at each node, negative where blood leaves",
        unit: "um3/s",
        space: VESSEL_NODES,
        quantity: Quantity::Extensive,
    },
];

impl Observable {
    /// The observable that a getter or setter is about.
    pub(super) fn of_function(function: &str) -> Option<Self> {
        DECLARATIONS
            .iter()
            .find(|declared| declared.getter == function || declared.setter == Some(function))
            .map(|declared| declared.observable)
    }
}

/// All variables.
pub(super) fn declared() -> VariableTable {
    let variables = DECLARATIONS.iter().map(|declared| Variable {
        name: declared.getter.to_owned(),
        description: declared.description.to_owned(),
        unit: Unit::of(declared.unit),
        space: declared.space.to_owned(),
        quantity: declared.quantity,
        bounds: match declared.observable {
            Observable::Radii => Bounds::POSITIVE,
            Observable::Volumes => Bounds::NOT_NEGATIVE,
            _ => Bounds::NONE,
        },
        get: Some(Query::new(declared.getter)),
        set: declared.setter.map(Query::new),
    });
    VariableTable::new(variables.collect())
}
