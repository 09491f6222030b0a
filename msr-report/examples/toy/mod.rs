//! A small simulator: five neurons of two populations, each with a soma, a dendrite of three segments and, every other
//! one, an apical dendrite; a vessel of two segments; values that are formulas of place and time.

use std::collections::{BTreeMap, BTreeSet};

use msr_coupling::space::{ASTROCYTE_SEGMENTS, ENDFEET, NEURONS, SEGMENTS, VESSEL_SEGMENTS};
use msr_coupling::{
    Access, Address, Bounds, Geometry, Port, Quantity, Query, QueryError, Simulator, SimulatorError, Snapshot, Space,
    Spike, Unit, Variable, VariableTable,
};
use msr_report::Populations;

/// Base step, ms.
pub const DT_MS: f64 = 0.125;

/// Three neurons of `A`, then two of `B`.
pub fn populations() -> Populations {
    Populations::following([("A", 3), ("B", 2)])
}

/// The simulator.
pub struct Toy {
    name: String,
    ndts: u64,
    idts: u64,
    segments: Vec<Segment>,
    /// Whether there are two astrocytes of two sections each.
    astrocytes: bool,
    /// Last step of neurons that were taken out.
    excluded: BTreeMap<u64, u64>,
    /// A neuron whose voltage is no number.
    spoilt: Option<u64>,
    spikes: Vec<Spike>,
    table: VariableTable,
}

/// A segment, by its place in the cell.
#[derive(Clone, Copy)]
struct Segment {
    neuron: u64,
    section: u32,
    /// Position in the cell.
    index: usize,
}

/// Space of three synapses.
const SYNAPSES: &str = "synapses";

const SOMA: u32 = 0;
const DEND: u32 = 1;
const APIC: u32 = 2;

impl Toy {
    /// A simulator at time 0.
    pub fn new(name: &str, ndts: u64) -> Self {
        let mut segments = Vec::new();
        for neuron in 0..5 {
            let sections: &[u32] =
                if neuron % 2 == 0 { &[SOMA, DEND, DEND, DEND, APIC] } else { &[SOMA, DEND, DEND, DEND] };
            segments.extend(sections.iter().enumerate().map(|(index, &section)| Segment { neuron, section, index }));
        }
        let of_segment = |name: &str| Query::new("get_var").with("var", name);
        let table = VariableTable::new(vec![
            variable("v", "mV", SEGMENTS, Quantity::Intensive, of_segment("v")),
            variable("ina", "mA/cm2", SEGMENTS, Quantity::Intensive, of_segment("ina")),
            variable("ik", "mA/cm2", SEGMENTS, Quantity::Intensive, of_segment("ik")),
            variable("IClamp", "nA", SEGMENTS, Quantity::Extensive, of_segment("IClamp")),
            variable("i_membrane", "nA", SEGMENTS, Quantity::Extensive, of_segment("i_membrane")),
            variable("pas.i", "mA/cm2", SEGMENTS, Quantity::Intensive, of_segment("pas.i")),
            variable("Syn.g", "uS", SYNAPSES, Quantity::Intensive, Query::new("get_synapse_var").with("var", "Syn.g")),
            variable("get_atp", "mM", NEURONS, Quantity::Intensive, Query::new("get_atp")),
            variable("get_flows", "um3/s", VESSEL_SEGMENTS, Quantity::Extensive, Query::new("get_flows")),
        ]);
        let (name, excluded) = (name.to_owned(), BTreeMap::new());
        Self { astrocytes: false, name, ndts, idts: 0, segments, excluded, spoilt: None, spikes: Vec::new(), table }
    }

    /// With astrocytes.
    #[allow(dead_code, reason = "not every user of this module has astrocytes")]
    pub fn with_astrocytes(self) -> Self {
        let mut variables = self.table.variables().to_vec();
        let of_astrocytes = |name: &str| Query::new("get_astrocyte_var").with("var", name);
        for (name, unit) in [("v", "mV"), ("i_membrane", "nA"), ("cadifus.cai", "mM")] {
            let full = format!("astrocyte {name}");
            variables.push(variable(&full, unit, ASTROCYTE_SEGMENTS, Quantity::Intensive, of_astrocytes(name)));
        }
        let of_endfeet = Query::new("get_endfoot_var").with("var", "vascouplingB.Rad");
        variables.push(variable("endfoot vascouplingB.Rad", "um", ENDFEET, Quantity::Intensive, of_endfeet));
        Self { astrocytes: true, table: VariableTable::new(variables), ..self }
    }

    /// Makes the voltage of a neuron no number.
    #[allow(dead_code, reason = "not every user of this module has an error to show")]
    pub fn spoil(&mut self, neuron: u64) {
        self.spoilt = Some(neuron);
    }

    fn time_ms(&self, neuron: u64) -> f64 {
        self.excluded.get(&neuron).copied().unwrap_or(self.idts) as f64 * DT_MS
    }

    fn value(&self, variable: &str, segment: Segment) -> f64 {
        let Segment { neuron, section, index } = segment;
        let place = index as f64;
        match variable {
            "v" if self.spoilt == Some(neuron) => f64::NAN,
            "v" => -65.0 + 8.0 * neuron as f64 + 0.5 * place + self.time_ms(neuron),
            "ina" => -0.25 * (place + 1.0),
            "i_membrane" => 2.0 * place + neuron as f64,
            "pas.i" => 0.0625,
            "ik" => 0.125 * (neuron as f64 + 1.0),
            _ if section == SOMA => 0.5,
            _ => 0.0,
        }
    }
}

fn variable(name: &str, unit: &str, space: &str, quantity: Quantity, get: Query) -> Variable {
    Variable {
        name: name.to_owned(),
        description: String::new(),
        unit: Unit::of(unit),
        space: space.to_owned(),
        quantity,
        bounds: Bounds::NONE,
        get: Some(get),
        set: None,
    }
}

/// Soma and one process of each of two astrocytes.
fn astrocyte_segments() -> Space {
    let pairs = [("soma", vec![0, 2]), ("axon", vec![1, 3]), ("all", vec![0, 1, 2, 3])];
    let subsets = pairs.into_iter().flat_map(|(name, positions)| {
        [name.to_owned(), format!("{name}.center")].map(|name| (name, positions.clone()))
    });
    Space {
        name: ASTROCYTE_SEGMENTS.to_owned(),
        ids: (0..4).collect(),
        sizes: vec![1.0; 4],
        geometry: Geometry::Abstract,
        population: Some("glia".to_owned()),
        addresses: [(4, 0), (4, 1), (7, 0), (7, 1)].map(|(node, element)| Address { node, element }).to_vec(),
        subsets: subsets.collect(),
    }
}

/// Area of a segment, um2.
fn area_um2(segment: Segment) -> f64 {
    100.0 * (segment.index as f64 + 1.0)
}

impl Simulator for Toy {
    fn name(&self) -> &str {
        &self.name
    }

    fn base_dt_ms(&self) -> f64 {
        DT_MS
    }

    fn ndts(&self) -> u64 {
        self.ndts
    }

    fn idts(&self) -> u64 {
        self.idts
    }

    /// Neuron `n` fires at every multiple of `n + 1` ms.
    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        for step in self.idts + 1..=until {
            let time_ms = step as f64 * DT_MS;
            let fires = |neuron: &u64| !self.excluded.contains_key(neuron) && time_ms % (neuron + 1) as f64 == 0.0;
            self.spikes.extend((0..5).filter(fires).map(|neuron| Spike { time_ms, neuron }));
        }
        self.idts = until;
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        let mut subsets: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (position, segment) in self.segments.iter().enumerate() {
            let section = ["soma", "dend", "apic"][segment.section as usize];
            for subset in [section, "all"] {
                subsets.entry(subset.to_owned()).or_default().push(position);
                if segment.index != 1 && segment.index != 3 {
                    subsets.entry(format!("{subset}.center")).or_default().push(position);
                }
            }
        }
        let segments = Space {
            name: SEGMENTS.to_owned(),
            ids: (0..self.segments.len() as u64).collect(),
            sizes: self.segments.iter().map(|&segment| area_um2(segment)).collect(),
            geometry: Geometry::Abstract,
            population: None,
            addresses: self
                .segments
                .iter()
                .map(|segment| Address { node: segment.neuron, element: segment.section })
                .collect(),
            subsets,
        };
        let vessels = Space::of_nodes(VESSEL_SEGMENTS, Some("vasculature".to_owned()), vec![10, 20]);
        let synapses = Space {
            name: SYNAPSES.to_owned(),
            ids: (0..3).collect(),
            sizes: vec![1.0; 3],
            geometry: Geometry::Abstract,
            population: Some("A".to_owned()),
            addresses: [(0, 7), (0, 4), (2, 0)].map(|(node, element)| Address { node, element }).to_vec(),
            subsets: BTreeMap::from([("all".to_owned(), vec![0, 1, 2]), ("soma".to_owned(), vec![1])]),
        };
        let mut spaces = vec![Space::of_nodes(NEURONS, None, (0..5).collect()), segments, vessels, synapses];
        spaces.extend(self.astrocytes.then(astrocyte_segments));
        spaces
    }

    fn variables(&self) -> &[Variable] {
        self.table.variables()
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        let mut port = self.table.port(query, access, &["weight"])?;
        if query.text("weight")? == Some("area") {
            port.unit = port.unit.times(&Unit::of("um2"));
            port.quantity = Quantity::Extensive;
        }
        Ok(port)
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        let port = self.resolve(query, Access::Get).map_err(|error| SimulatorError::query(&self.name, error))?;
        values.clear();
        match port.space.as_str() {
            NEURONS => values.extend((0..5).map(|neuron| 1.5 + 0.25 * self.time_ms(neuron))),
            ASTROCYTE_SEGMENTS => values.extend([0.25, 0.5, 0.75, 1.0].map(|place| place + self.idts as f64)),
            SYNAPSES => values.extend([0.5, 0.25, 0.125 + self.time_ms(2)]),
            VESSEL_SEGMENTS => values.extend([100.0 + self.idts as f64, 200.0]),
            _ => {
                let weighted = query.args.contains_key("weight");
                let weight = |segment| if weighted { area_um2(segment) } else { 1.0 };
                let value = |&segment: &Segment| self.value(&port.variables[0], segment) * weight(segment);
                values.extend(self.segments.iter().map(value));
            }
        }
        Ok(())
    }

    fn set_var(&mut self, query: &Query, _values: &[f64]) -> Result<(), SimulatorError> {
        let error = QueryError::UnknownFunction { function: query.function.clone(), available: Vec::new() };
        Err(SimulatorError::query(&self.name, error))
    }

    fn take_spikes(&mut self, spikes: &mut Vec<Spike>) {
        spikes.append(&mut self.spikes);
    }

    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        let known: BTreeSet<u64> = neurons.iter().copied().filter(|neuron| *neuron < 5).collect();
        for neuron in known {
            self.excluded.entry(neuron).or_insert(self.idts);
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        Snapshot::encode(&self.name, &(self.idts, &self.excluded, &self.spikes))
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        (self.idts, self.excluded, self.spikes) = snapshot.decode(&self.name)?;
        Ok(())
    }
}
