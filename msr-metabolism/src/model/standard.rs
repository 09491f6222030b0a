//! The standard model of the neuron-glia-vasculature unit.
//!
//! P. Shichkova, J. S. Coggan, L. Kanari, E. Boci, C. Favreau, S. A. Antonel, D. Keller, H. Markram: Breakdown and repair of
//! metabolism in the aging brain, Frontiers in Science 3:1441297, 2025 (bioRxiv 2023.08.30.555341).

use super::definition::Definition;
use super::error::ModelError;

macro_rules! equation_files {
    ($($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("../../model/standard/", $file)))),*]
    };
}

const STATES: &str = include_str!("../../model/standard/states.csv");
const PARAMETERS: &str = include_str!("../../model/standard/parameters.csv");
const CONSTANTS: &str = include_str!("../../model/standard/constants.csv");
const EQUATIONS: &[(&str, &str)] = equation_files![
    "pathways/algebraic_relations.eqn",
    "pathways/glycolysis.eqn",
    "pathways/glycogen.eqn",
    "pathways/pentose_phosphate.eqn",
    "pathways/glutathione.eqn",
    "pathways/lactate.eqn",
    "pathways/pyruvate_entry.eqn",
    "pathways/tca_cycle.eqn",
    "pathways/nadh_shuttles.eqn",
    "pathways/ketone_bodies.eqn",
    "pathways/glutamate_glutamine.eqn",
    "pathways/oxidative_phosphorylation.eqn",
    "pathways/mitochondrial_redox.eqn",
    "pathways/creatine.eqn",
    "pathways/camp.eqn",
    "pathways/atp_use.eqn",
    "pathways/glucose_transport.eqn",
    "pathways/blood.eqn",
    "balances/neuron.eqn",
    "balances/astrocyte.eqn",
    "balances/extracellular.eqn",
    "balances/capillary.eqn",
];

impl Definition {
    /// The standard model as published: 181 states of a neuron, an astrocyte and the capillary between them, 6 parameters.
    pub fn standard() -> Self {
        let read: Result<Self, ModelError> = Self::parse(STATES, PARAMETERS, CONSTANTS, EQUATIONS);
        read.expect("the standard model is well-formed")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn parameters_that_no_equation_reads_say_so() {
        let definition = Definition::standard();
        let mut read = HashSet::new();
        for equation in &definition.equations {
            equation.formula.names(&mut |name| {
                read.insert(name);
            });
        }
        let silent = definition.parameters.iter().filter(|parameter| !read.contains(parameter.symbol.as_str()));
        let silent: Vec<&str> = silent.map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(silent, ["ina_density", "ik_density", "mito_scale", "notBigg_Fout_W2017"]);
        for parameter in &definition.parameters {
            let says_so = parameter.description.contains("read by no equation");
            assert_eq!(says_so, silent.contains(&parameter.name.as_str()), "{}", parameter.name);
        }
    }
}
