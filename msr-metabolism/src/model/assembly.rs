//! From equations to nodes: names are resolved, quantities are built where they are first needed.

use std::collections::{BTreeMap, HashMap};

use super::constants::ConstantValue;
use super::definition::Definition;
use super::equation::{Equation, EquationKind};
use super::error::ModelError;
use crate::expression::{Graph, NodeId};

/// All equations in one graph.
pub(super) struct Assembly {
    pub(super) graph: Graph,
    /// Node of each algebraic quantity and flux, by name.
    pub(super) quantities: HashMap<String, NodeId>,
    /// Node of each balance, by the number of its state.
    pub(super) balances: BTreeMap<usize, NodeId>,
}

impl Assembly {
    pub(super) fn of(definition: &Definition) -> Result<Self, ModelError> {
        let mut builder = Builder::new(definition);
        let balances = builder.build_all()?;
        Ok(Self { graph: builder.graph, quantities: builder.nodes, balances })
    }
}

struct Builder<'a> {
    definition: &'a Definition,
    graph: Graph,
    inputs: HashMap<&'a str, usize>,
    equations: HashMap<&'a str, &'a Equation>,
    nodes: HashMap<String, NodeId>,
}

impl<'a> Builder<'a> {
    fn new(definition: &'a Definition) -> Self {
        let states = definition.states.iter().map(|state| state.symbol.as_str());
        let parameters = definition.parameters.iter().map(|parameter| parameter.symbol.as_str());
        Self {
            definition,
            graph: Graph::default(),
            inputs: states.chain(parameters).enumerate().map(|(input, symbol)| (symbol, input)).collect(),
            equations: definition
                .equations
                .iter()
                .filter(|equation| equation.kind != EquationKind::Balance)
                .map(|equation| (equation.name.as_str(), equation))
                .collect(),
            nodes: HashMap::new(),
        }
    }

    fn build_all(&mut self) -> Result<BTreeMap<usize, NodeId>, ModelError> {
        let definition = self.definition;
        let mut balances = BTreeMap::new();
        for equation in &definition.equations {
            if equation.kind == EquationKind::Balance {
                let state = definition.states.iter().position(|state| state.symbol == equation.name);
                let state = state.ok_or_else(|| {
                    let available = definition.states.iter().map(|state| state.symbol.clone()).collect();
                    ModelError::UnknownState { name: equation.name.clone(), available }.at(&equation.place)
                })?;
                let node = self.formula(equation, &mut Vec::new())?;
                balances.insert(state, node);
            } else {
                self.quantity(equation, &mut Vec::new())?;
            }
        }
        Ok(balances)
    }

    fn quantity(&mut self, equation: &'a Equation, path: &mut Vec<&'a str>) -> Result<NodeId, ModelError> {
        if let Some(&node) = self.nodes.get(&equation.name) {
            return Ok(node);
        }
        if path.contains(&equation.name.as_str()) {
            return Err(ModelError::Loop { name: equation.name.clone() }.at(&equation.place));
        }
        path.push(&equation.name);
        let node = self.formula(equation, path)?;
        path.pop();
        self.nodes.insert(equation.name.clone(), node);
        Ok(node)
    }

    fn formula(&mut self, equation: &'a Equation, path: &mut Vec<&'a str>) -> Result<NodeId, ModelError> {
        let mut names = Vec::new();
        equation.formula.names(&mut |name| names.push(name));
        let mut resolved = HashMap::new();
        for name in names {
            let node = self.name(equation, name, path).map_err(|error| error.at(&equation.place))?;
            resolved.insert(name, node);
        }
        Ok(self.graph.build(&equation.formula, &mut |name| resolved[name]))
    }

    fn name(&mut self, equation: &'a Equation, name: &'a str, path: &mut Vec<&'a str>) -> Result<NodeId, ModelError> {
        if let Some(&input) = self.inputs.get(name) {
            return Ok(self.graph.input(input));
        }
        if let Some(&quantity) = self.equations.get(name) {
            return self.quantity(quantity, path);
        }
        if let Some((group, constant)) = name.split_once('.') {
            return match self.definition.constants.get(group, constant)? {
                ConstantValue::Number(value) => Ok(self.graph.constant(*value)),
                ConstantValue::Layers(_) => {
                    Err(ModelError::ListInFormula { name: equation.name.clone(), constant: name.to_owned() })
                }
            };
        }
        let mut available: Vec<String> =
            self.inputs.keys().chain(self.equations.keys()).map(|&name| name.to_owned()).collect();
        available.sort();
        Err(ModelError::UnknownName { name: equation.name.clone(), unknown: name.to_owned(), available })
    }
}
