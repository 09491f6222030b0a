//! The variables, and what queries mean.

use msr_coupling::space::TETRAHEDRA;
use msr_coupling::{Access, Bounds, Port, Quantity, Query, QueryError, Unit, Variable, VariableTable};

use crate::model::{Model, Species};

/// The argument that names the species.
const SPECIES: &str = "species_name";

const CURRENT_UNIT: &str = "mA";

/// What a query reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Concentration,
    Count,
    Current,
    Volume,
}

/// Getters and setters by name.
const FUNCTIONS: [(&str, Function); 6] = [
    ("get_tet_concs", Function::Concentration),
    ("set_tet_concs", Function::Concentration),
    ("get_tet_counts", Function::Count),
    ("set_tet_counts", Function::Count),
    ("add_curr_to_conc", Function::Current),
    ("tet_vols", Function::Volume),
];

pub(super) fn variables(model: &Model) -> VariableTable {
    let mut variables: Vec<Variable> = model.species().iter().flat_map(of_species).collect();
    variables.push(Variable {
        name: "tet_vols".to_owned(),
        description: "volume of each tetrahedron".to_owned(),
        unit: Unit::of("um3"),
        space: TETRAHEDRA.to_owned(),
        quantity: Quantity::Extensive,
        bounds: Bounds::NOT_NEGATIVE,
        get: Some(Query::new("tet_vols")),
        set: None,
    });
    VariableTable::new(variables)
}

fn of_species(species: &Species) -> Vec<Variable> {
    let name = species.name.as_str();
    let call = |function: &str| Some(Query::new(function).with(SPECIES, name));
    let variable = |name: String, description: String, unit: &str, quantity, get, set| Variable {
        name,
        description,
        unit: Unit::of(unit),
        space: TETRAHEDRA.to_owned(),
        quantity,
        // A current may flow either way.
        bounds: if unit == CURRENT_UNIT { Bounds::NONE } else { Bounds::NOT_NEGATIVE },
        get,
        set,
    };
    let mut variables = vec![
        variable(
            name.to_owned(),
            format!("concentration of {name}, times conc_factor"),
            "M",
            Quantity::Intensive,
            call("get_tet_concs"),
            call("set_tet_concs"),
        ),
        variable(
            format!("{name}.count"),
            format!("molecules of {name}"),
            "",
            Quantity::Extensive,
            call("get_tet_counts"),
            call("set_tet_counts"),
        ),
    ];
    if species.charge_number != 0 {
        variables.push(variable(
            format!("{name}.current"),
            format!("current that carries {name} out of cells into the tetrahedra, for one step"),
            CURRENT_UNIT,
            Quantity::Extensive,
            None,
            call("add_curr_to_conc"),
        ));
    }
    variables
}

/// Function, species (0 where the function takes none) and port of a query.
pub(super) fn resolve(
    table: &VariableTable,
    model: &Model,
    query: &Query,
    access: Access,
) -> Result<(Function, usize, Port), QueryError> {
    let function = FUNCTIONS.iter().find(|(name, _)| *name == query.function).map(|(_, function)| *function);
    match function {
        Some(Function::Volume) => query.only(&[])?,
        Some(_) => query.only(&[SPECIES])?,
        None => {}
    }
    let mut species = 0;
    if let Some(function) = function.filter(|function| *function != Function::Volume) {
        let asked = query.required_text(SPECIES)?;
        let carries = |one: &&Species| function != Function::Current || one.charge_number != 0;
        let available = model.species().iter().filter(carries).map(|one| one.name.as_str());
        species = model
            .position(asked)
            .filter(|&position| carries(&&model.species()[position]))
            .ok_or_else(|| query.unknown_name(SPECIES, asked, available))?;
    }
    let port = table.port(query, access, &[])?;
    // The table knows no function that is absent from the list above.
    Ok((function.unwrap_or(Function::Volume), species, port))
}
