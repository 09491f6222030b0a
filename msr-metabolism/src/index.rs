//! Looking up states and parameters by a part of their name.

use crate::model::Model;

/// One line for each parameter, then each state, whose name or description contains `part` (whatever the case), or for
/// all without a part: `PIdx.name (number): description` and `UIdx.name (number): description`.
pub fn index_lines(model: &Model, part: Option<&str>) -> Vec<String> {
    let part = part.unwrap_or_default().to_lowercase();
    let line = |prefix: &str, number: usize, name: &str, description: &str| {
        let found = name.to_lowercase().contains(&part) || description.to_lowercase().contains(&part);
        found.then(|| format!("{prefix}.{name} ({number}): {description}"))
    };
    let parameters = model.parameters().iter().enumerate();
    let states = model.states().iter().enumerate();
    parameters
        .filter_map(|(number, parameter)| line("PIdx", number, &parameter.name, &parameter.description))
        .chain(states.filter_map(|(number, state)| line("UIdx", number, &state.name, &state.description)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_names_in_both_tables() {
        let model = Model::standard();
        let lines = index_lines(&model, Some("atp_n"));
        assert_eq!(lines, ["UIdx.ATP_n (22): ATP in neuronal cytosol"]);
        let lines = index_lines(&model, Some("FinDyn"));
        assert_eq!(lines, ["PIdx.notBigg_FinDyn_W2017 (3): Blood inflow per unit volume of tissue"]);
        assert_eq!(index_lines(&model, None).len(), 187);
        assert!(index_lines(&model, Some("no such thing")).is_empty());
    }
}
