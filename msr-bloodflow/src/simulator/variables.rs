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
    TransitTimes,
    WallShearStresses,
    Hematocrits,
    OxygenPressures,
    OxygenContents,
    OxygenDeliveries,
    TissueOxygen,
    GlucoseConcentrations,
    GlucoseDeliveries,
    TissueGlucose,
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

const DECLARATIONS: [Declaration; 17] = [
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
        observable: Observable::TransitTimes,
        getter: "get_transit_times",
        setter: None,
        description: "time in which blood passes each vessel segment, a day (86400 s) where it stands still",
        unit: "s",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::Hematocrits,
        getter: "get_hematocrits",
        setter: None,
        description: "discharge haematocrit of each vessel segment",
        unit: "",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::OxygenPressures,
        getter: "get_oxygen_pressures",
        setter: None,
        description: "mean partial pressure of oxygen in the blood of each vessel segment",
        unit: "kPa",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::OxygenContents,
        getter: "get_oxygen_contents",
        setter: None,
        description: "oxygen in the blood of each vessel segment at its mean partial pressure, bound and dissolved",
        unit: "mM",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::OxygenDeliveries,
        getter: "get_oxygen_deliveries",
        setter: None,
        description: "oxygen that goes from each vessel segment to the tissue",
        unit: "amol/s",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Extensive,
    },
    Declaration {
        observable: Observable::TissueOxygen,
        getter: "get_tissue_oxygen",
        setter: Some("set_tissue_oxygen"),
        description: "partial pressure of oxygen in the tissue around each vessel segment",
        unit: "kPa",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::GlucoseConcentrations,
        getter: "get_glucose_concentrations",
        setter: None,
        description: "mean concentration of glucose in the blood of each vessel segment",
        unit: "mM",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Intensive,
    },
    Declaration {
        observable: Observable::GlucoseDeliveries,
        getter: "get_glucose_deliveries",
        setter: None,
        description: "glucose that goes from each vessel segment to the tissue",
        unit: "amol/s",
        space: VESSEL_SEGMENTS,
        quantity: Quantity::Extensive,
    },
    Declaration {
        observable: Observable::TissueGlucose,
        getter: "get_tissue_glucose",
        setter: Some("set_tissue_glucose"),
        description: "concentration of glucose in the tissue around each vessel segment",
        unit: "mM",
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
            Observable::Volumes | Observable::TissueOxygen | Observable::TissueGlucose => Bounds::NOT_NEGATIVE,
            _ => Bounds::NONE,
        },
        get: Some(Query::new(declared.getter)),
        set: declared.setter.map(Query::new),
    });
    VariableTable::new(variables.collect())
}
