//! What can be read from and written to the segments, and read from astrocytes and endfeet.

use msr_coupling::{Access, Bounds, Port, Quantity, Query, QueryError, Unit, Variable, VariableTable};

use super::astrocyte_values::{AstrocyteReader, AstrocyteValue};
use super::host::Host;
use super::synapse_values;
use crate::astrocytes::Astrocytes;
use crate::cell::{Cell, Imposed};
use crate::ions::Membrane;
use crate::stimuli::Origin;

const SET: &str = "set_var";
const VAR: &str = "var";
const WEIGHT: &str = "weight";

/// One column of the membrane, to read and to write.
type Field = (fn(&Membrane) -> &Vec<f64>, fn(&mut Membrane) -> &mut Vec<f64>);

/// Where the values of a variable are.
#[derive(Clone)]
enum Source {
    Membrane(Field),
    Area,
    Volume,
    /// Imposed from outside, and the sign of a current into the cell.
    Imposed(Imposed, f64),
    MembraneCurrent,
    Mechanism(String, String),
    /// Mechanism and name of a value of each synapse.
    Synapse(String, String),
    /// Sum of the currents of the synapses of a mechanism.
    SynapticCurrent(String),
}

/// What a variable is read of.
enum Target {
    /// Segments or synapses of cells.
    Cells(Host, Source),
    /// Astrocytes as wholes.
    Astrocytes(AstrocyteValue),
}

macro_rules! field {
    ($name:ident) => {
        Source::Membrane((|membrane| &membrane.$name, |membrane| &mut membrane.$name))
    };
}

/// The variables of a population and where their values are.
pub(super) struct Variables {
    table: VariableTable,
    targets: Vec<Target>,
}

/// Variables that are being declared.
#[derive(Default)]
struct Declared {
    variables: Vec<Variable>,
    targets: Vec<Target>,
}

impl Declared {
    fn add(&mut self, variable: Variable, target: Target) {
        self.variables.push(variable);
        self.targets.push(target);
    }

    /// What can be read of the segments that hosts are, and written where they are neurons'.
    fn segments(&mut self, host: Host, cells: &[Cell]) {
        let mut declare = |name: &str, description: &str, unit: Unit, quantity, writable, source| {
            // Sodium, potassium and calcium are in every neuron; elsewhere, as in NEURON, where a mechanism uses them.
            if host != Host::Neurons && ion_of(name).is_some_and(|ion| !host.uses_ion(cells, ion)) {
                return;
            }
            let variable = Variable {
                name: host.name(name),
                description: host.description(description),
                unit,
                space: host.space().to_owned(),
                quantity,
                bounds: match name {
                    "atpi" | "adpi" | "area" | "volume" => Bounds::NOT_NEGATIVE,
                    // Reversal potentials take the logarithm.
                    "nai" | "nao" | "ki" | "ko" | "cai" | "cao" => Bounds::POSITIVE,
                    _ => Bounds::NONE,
                },
                get: Some(Query::new(host.getter()).with(VAR, name)),
                set: (writable && host == Host::Neurons).then(|| Query::new(SET).with(VAR, name)),
            };
            self.add(variable, Target::Cells(host, source));
        };
        let (mv, mm, density) = (|| Unit::of("mV"), || Unit::of("mM"), || Unit::of("mA/cm2"));
        use Quantity::{Extensive, Intensive};
        declare("v", "membrane voltage", mv(), Intensive, true, field!(v));
        declare("ina", "sodium current, pump included, outward", density(), Intensive, false, field!(ina));
        declare("ik", "potassium current, pump included, outward", density(), Intensive, false, field!(ik));
        declare("ica", "calcium current, outward", density(), Intensive, false, field!(ica));
        declare("icl", "chloride current, outward", density(), Intensive, false, field!(icl));
        declare("nai", "sodium inside", mm(), Intensive, true, field!(nai));
        declare("nao", "sodium outside", mm(), Intensive, true, field!(nao));
        declare("ki", "potassium inside", mm(), Intensive, true, field!(ki));
        declare("ko", "potassium outside", mm(), Intensive, true, field!(ko));
        declare("cai", "calcium inside", mm(), Intensive, true, field!(cai));
        declare("cao", "calcium outside", mm(), Intensive, true, field!(cao));
        declare("atpi", "ATP inside", mm(), Intensive, true, field!(atpi));
        declare("adpi", "ADP inside", mm(), Intensive, true, field!(adpi));
        declare("ena", "reversal potential of sodium", mv(), Intensive, false, field!(ena));
        declare("ek", "reversal potential of potassium", mv(), Intensive, false, field!(ek));
        declare("eca", "reversal potential of calcium", mv(), Intensive, false, field!(eca));
        declare("area", "membrane area", Unit::of("um2"), Extensive, false, Source::Area);
        declare("volume", "volume", Unit::of("um3"), Extensive, false, Source::Volume);
        let of_membrane = "net current through the membrane, capacitive current included, electrodes not, outward";
        declare("i_membrane", of_membrane, Unit::of("nA"), Extensive, false, Source::MembraneCurrent);
        let imposed = [
            ("IClamp", "current into the cell through electrodes", Imposed::Current(Origin::Electrode), 1.0),
            ("SEClamp", "current into the cell from clamping electrodes", Imposed::Clamp(Origin::Electrode), 1.0),
            ("MembraneCurrentSource", "injected current, outward", Imposed::Current(Origin::Membrane), -1.0),
            ("ConductanceSource", "current of injected conductances, outward", Imposed::Clamp(Origin::Membrane), -1.0),
        ];
        for (name, description, imposed, sign) in imposed {
            declare(name, description, Unit::of("nA"), Extensive, false, Source::Imposed(imposed, sign));
        }
        let mut seen: Vec<String> = Vec::new();
        for cell in cells {
            for (mechanism, nodes) in cell.mechanisms() {
                if seen.iter().any(|name| name == mechanism.name()) || !host.is_among(cell, nodes) {
                    continue;
                }
                seen.push(mechanism.name().to_owned());
                for column in mechanism.columns().iter().filter(|column| column.role.is_variable()) {
                    let name = format!("{}.{}", mechanism.name(), column.name);
                    let unit = Unit::parse(&column.unit).unwrap_or_else(|_| Unit::dimensionless());
                    let source = Source::Mechanism(mechanism.name().to_owned(), column.name.clone().into_owned());
                    let description = format!("{} of {}, 0 where it is not inserted", column.name, mechanism.name());
                    declare(&name, &description, unit, Intensive, false, source);
                }
            }
        }
    }

    /// What can be read of the synapses of neurons.
    fn synapses(&mut self, cells: &[Cell]) {
        let synapses = synapse_values::mechanisms(cells);
        for (mechanism, _) in synapses.iter().filter(|(_, values)| synapse_values::has_current(values)) {
            let name = format!("{mechanism}.i");
            let variable = Variable {
                description: format!("current of all {mechanism} synapses of a segment, outward"),
                unit: Unit::of("nA"),
                space: Host::Neurons.space().to_owned(),
                quantity: Quantity::Extensive,
                bounds: Bounds::NONE,
                get: Some(Query::new(Host::Neurons.getter()).with(VAR, name.as_str())),
                set: None,
                name,
            };
            self.add(variable, Target::Cells(Host::Neurons, Source::SynapticCurrent(mechanism.clone())));
        }
        for (mechanism, values) in &synapses {
            for value in values {
                let source = Source::Synapse(mechanism.clone(), value.0.clone());
                self.add(synapse_values::variable(mechanism, value), Target::Cells(Host::Neurons, source));
            }
        }
    }

    /// What can be read of astrocytes.
    fn astrocytes(&mut self, astrocytes: &Astrocytes) {
        for value in AstrocyteValue::of(astrocytes) {
            self.add(value.variable(), Target::Astrocytes(*value));
        }
        if let Some(cells) = astrocytes.cells() {
            self.segments(Host::Astrocytes, cells.list());
            if !astrocytes.endfeet().is_empty() {
                self.segments(Host::Endfeet, cells.list());
            }
        }
    }
}

/// The ion that a value of the membrane is about.
fn ion_of(name: &str) -> Option<&str> {
    match name {
        "ina" | "nai" | "nao" | "ena" => Some("na"),
        "ik" | "ki" | "ko" | "ek" => Some("k"),
        "ica" | "cai" | "cao" | "eca" => Some("ca"),
        "icl" => Some("cl"),
        "atpi" => Some("atp"),
        "adpi" => Some("adp"),
        _ => None,
    }
}

impl Variables {
    pub fn new(cells: &[Cell], astrocytes: Option<&Astrocytes>) -> Self {
        let mut declared = Declared::default();
        declared.segments(Host::Neurons, cells);
        declared.synapses(cells);
        if let Some(astrocytes) = astrocytes {
            declared.astrocytes(astrocytes);
        }
        Self { table: VariableTable::new(declared.variables), targets: declared.targets }
    }

    pub fn list(&self) -> &[Variable] {
        self.table.variables()
    }

    pub fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        let weighted = match (access, self.target(query, access)) {
            (Access::Get, Ok(Target::Cells(host, source))) if !matches!(source, Source::Synapse(..)) => Some(*host),
            _ => None,
        };
        let Some(host) = weighted else { return self.table.port(query, access, &[]) };
        let mut port = self.table.port(query, access, &[WEIGHT])?;
        port.read_back = None;
        if let Some(weight) = weight(query)? {
            let weights = Query::new(host.getter()).with(VAR, weight);
            port.unit = port.unit.times(&self.table.find(&weights, Access::Get)?.unit);
            port.quantity = Quantity::Extensive;
            port.weights = Some(weights);
        }
        Ok(port)
    }

    pub fn get(
        &self,
        query: &Query,
        cells: &[Cell],
        astrocytes: Option<&Astrocytes>,
        values: &mut Vec<f64>,
    ) -> Result<(), QueryError> {
        if let (Some(astrocytes), Some(reader)) = (astrocytes, self.astrocyte_reader(query)?) {
            values.clear();
            reader.read(astrocytes, values);
            return Ok(());
        }
        let reader = self.reader(query)?;
        values.clear();
        for cell in cells {
            reader.read(cell, values);
        }
        Ok(())
    }

    /// What reads the values of a query about astrocytes; `None` where it is about neurons.
    pub fn astrocyte_reader(&self, query: &Query) -> Result<Option<AstrocyteReader>, QueryError> {
        match self.target(query, Access::Get)? {
            Target::Cells(Host::Neurons, _) => Ok(None),
            Target::Cells(host, _) => Ok(Some(AstrocyteReader::Segments(*host, self.reader(query)?))),
            Target::Astrocytes(value) => {
                query.only(&[])?;
                Ok(Some(AstrocyteReader::Whole(*value)))
            }
        }
    }

    /// What reads the values of a query about cells.
    pub fn reader(&self, query: &Query) -> Result<Reader, QueryError> {
        query.only(&[VAR, WEIGHT])?;
        let weight = match weight(query)? {
            None => None,
            Some("area") => Some(Weight::Area),
            Some(_) => Some(Weight::Volume),
        };
        let Target::Cells(_, source) = self.target(query, Access::Get)? else {
            unreachable!("what astrocytes have as wholes is not read cell by cell")
        };
        Ok(Reader { source: source.clone(), weight })
    }

    pub fn set(&self, query: &Query, cells: &mut [Cell], excluded: &[bool], values: &[f64]) -> Result<(), QueryError> {
        query.only(&[VAR])?;
        let Target::Cells(_, Source::Membrane((_, write))) = self.target(query, Access::Set)? else {
            unreachable!("only values of the membrane are declared writable")
        };
        let write = *write;
        let function = || query.function.clone();
        let expected = cells.iter().map(|cell| cell.discretisation().segments.len()).sum();
        if values.len() != expected {
            return Err(QueryError::WrongLength { function: function(), expected, found: values.len() });
        }
        let bounds = self.table.find(query, Access::Set)?.bounds;
        let mut position = 0;
        for (cell, &excluded) in cells.iter().zip(excluded) {
            for _ in 0..cell.discretisation().segments.len() {
                let value = values[position];
                let reason = match value {
                    _ if excluded => None,
                    value if !value.is_finite() => Some("it is not finite"),
                    value if bounds.allow(value) => None,
                    _ if bounds.is_above_least => Some("the concentration of an ion must be positive"),
                    _ => Some("a concentration must not be negative"),
                };
                if let Some(reason) = reason {
                    return Err(QueryError::BadValue { function: function(), position, value, reason });
                }
                position += 1;
            }
        }
        let mut rest = values;
        for (cell, &excluded) in cells.iter_mut().zip(excluded) {
            let (mine, others) = rest.split_at(cell.discretisation().segments.len());
            rest = others;
            if !excluded {
                cell.write(write, mine);
            }
        }
        Ok(())
    }

    fn target(&self, query: &Query, access: Access) -> Result<&Target, QueryError> {
        let found = self.table.find(query, access)?;
        let position = self.list().iter().position(|variable| variable.name == found.name);
        Ok(&self.targets[position.expect("a variable that was found is in the list")])
    }
}

/// Reads the values of one query, cell by cell.
pub(super) struct Reader {
    source: Source,
    weight: Option<Weight>,
}

/// What values are multiplied with.
#[derive(Clone, Copy)]
enum Weight {
    Area,
    Volume,
}

impl Reader {
    /// Number of values of a cell.
    pub fn len(&self, cell: &Cell) -> usize {
        match &self.source {
            Source::Synapse(mechanism, _) => synapse_values::count(cell, mechanism),
            _ => cell.discretisation().segments.len(),
        }
    }

    /// Adds one value for each segment (or synapse) of the cell at the end of `values`.
    pub fn read(&self, cell: &Cell, values: &mut Vec<f64>) {
        let first = values.len();
        read(&self.source, cell, values);
        let weighted = values[first..].iter_mut().zip(&cell.discretisation().segments);
        match self.weight {
            None => {}
            Some(Weight::Area) => weighted.for_each(|(value, segment)| *value *= segment.area_um2),
            Some(Weight::Volume) => weighted.for_each(|(value, segment)| *value *= segment.volume_um3),
        }
    }
}

fn weight(query: &Query) -> Result<Option<&str>, QueryError> {
    match query.text(WEIGHT)? {
        None => Ok(None),
        Some(known @ ("area" | "volume")) => Ok(Some(known)),
        Some(other) => Err(query.unknown_name(WEIGHT, other, ["area", "volume"])),
    }
}

fn read(source: &Source, cell: &Cell, values: &mut Vec<f64>) {
    let shape = cell.discretisation();
    let nodes = cell.cable().segment_nodes().iter().map(|&node| node as usize);
    match source {
        Source::Membrane((field, _)) => {
            let column = field(&cell.state().membrane);
            values.extend(nodes.map(|node| column[node]));
        }
        Source::Area => values.extend(shape.segments.iter().map(|segment| segment.area_um2)),
        Source::Volume => values.extend(shape.segments.iter().map(|segment| segment.volume_um3)),
        Source::MembraneCurrent => {
            let first = values.len();
            values.resize(first + cell.cable().len(), 0.0);
            cell.add_membrane_na(&mut values[first..]);
            // No membrane is at the ends of sections.
            values.truncate(first + shape.segments.len());
        }
        Source::Imposed(imposed, sign) => {
            // The nodes of segments stand first, in their order.
            let first = values.len();
            values.resize(first + shape.segments.len(), 0.0);
            cell.add_imposed_na(*imposed, &mut values[first..]);
            values[first..].iter_mut().for_each(|value| *value *= sign);
        }
        Source::Synapse(mechanism, name) => synapse_values::read(cell, mechanism, name, values),
        Source::SynapticCurrent(mechanism) => synapse_values::sum_currents(cell, mechanism, values),
        Source::Mechanism(mechanism, column) => match cell.mechanism_values(mechanism, column) {
            None => values.extend(std::iter::repeat_n(0.0, shape.segments.len())),
            Some((carriers, column)) => values
                .extend(nodes.map(|node| carriers.binary_search(&(node as u32)).map_or(0.0, |place| column[place]))),
        },
    }
}
