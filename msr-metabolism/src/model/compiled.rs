//! A model made ready to run: one graph, one tape, one factorisation plan.

use std::collections::{BTreeMap, HashMap};

use super::assembly::Assembly;
use super::definition::{Definition, Parameter, State};
use super::equation::Equation;
use super::error::ModelError;
use super::gradients::Gradients;
use crate::expression::{Graph, Layout, NodeId, Tape};
use crate::solver::{FactorisationPlan, elimination_order};

/// A model with its constants put in, compiled.
///
/// The states that have a balance are called dynamic; they are kept in the order in which the factorisation eliminates
/// them. All other states and the parameters hold their values within a window.
#[derive(Debug, Clone)]
pub struct Model {
    definition: Definition,
    graph: Graph,
    quantities: HashMap<String, NodeId>,
    dynamic: Vec<usize>,
    held: Vec<usize>,
    /// Node of the balance of each dynamic state, and of each entry of the Jacobian.
    balances: Vec<NodeId>,
    slopes: Vec<NodeId>,
    tape: Tape,
    plan: FactorisationPlan,
}

/// One entry of the Jacobian: the derivative of the balance of `state` with respect to `with_respect_to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JacobianEntry {
    /// Number of the state whose balance it is.
    pub state: usize,
    /// Number of the dynamic state.
    pub with_respect_to: usize,
    /// Value, 1/s times the units' ratio.
    pub value: f64,
}

impl Model {
    /// The standard model with its published constants.
    pub fn standard() -> Self {
        Self::compile(Definition::standard()).expect("the standard model compiles")
    }

    /// Compiles a model.
    ///
    /// # Errors
    /// [`ModelError`] for a name that nothing declares, a loop among quantities, or no balance at all.
    pub fn compile(definition: Definition) -> Result<Self, ModelError> {
        let Assembly { mut graph, quantities, balances } = Assembly::of(&definition)?;
        if balances.is_empty() {
            return Err(ModelError::NoBalance);
        }
        let is_dynamic: Vec<bool> = (0..definition.states.len()).map(|state| balances.contains_key(&state)).collect();
        let mut gradients = Gradients::new(&graph, &is_dynamic, quantities.values().copied());
        let mut rows: BTreeMap<usize, BTreeMap<usize, NodeId>> = BTreeMap::new();
        for (&state, &node) in &balances {
            rows.insert(state, gradients.of(&mut graph, node));
        }

        let unordered: Vec<usize> = balances.keys().copied().collect();
        let position: HashMap<usize, usize> =
            unordered.iter().enumerate().map(|(place, &state)| (state, place)).collect();
        let pattern: Vec<(usize, usize)> = rows
            .iter()
            .flat_map(|(row, columns)| columns.keys().map(|column| (position[row], position[column])))
            .collect();
        let order = elimination_order(unordered.len(), &pattern);
        let dynamic: Vec<usize> = order.iter().map(|&place| unordered[place]).collect();
        let place: HashMap<usize, usize> = dynamic.iter().enumerate().map(|(place, &state)| (state, place)).collect();

        let mut entries = Vec::new();
        let mut slopes = Vec::new();
        for (row, state) in dynamic.iter().enumerate() {
            for (column, &node) in &rows[state] {
                entries.push((row, place[column]));
                slopes.push(node);
            }
        }
        let balances: Vec<NodeId> = dynamic.iter().map(|state| balances[state]).collect();
        let held: Vec<usize> = (0..definition.states.len() + definition.parameters.len())
            .filter(|&input| input >= is_dynamic.len() || !is_dynamic[input])
            .collect();
        let inputs: Vec<usize> = dynamic.iter().chain(&held).copied().collect();
        // One workspace: inputs, the matrix and its unknowns, then what the tape needs.
        let plan = FactorisationPlan::new(dynamic.len(), &entries, inputs.len());
        let layout = Layout { inputs: &inputs, varying: dynamic.len(), reserved: plan.slots().len() };
        let placed: Vec<(NodeId, u32)> = slopes.iter().copied().zip(plan.entry_slots().iter().copied()).collect();
        let tape = Tape::compile(&graph, layout, &balances, &placed);
        Ok(Self { definition, graph, quantities, dynamic, held, balances, slopes, tape, plan })
    }

    /// What the model was made of.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// The states, in the order of their numbers.
    pub fn states(&self) -> &[State] {
        &self.definition.states
    }

    /// The parameters, in the order of their numbers.
    pub fn parameters(&self) -> &[Parameter] {
        &self.definition.parameters
    }

    /// The equations.
    pub fn equations(&self) -> &[Equation] {
        &self.definition.equations
    }

    /// Numbers of the states that have a balance, in the order of elimination.
    pub fn dynamic_states(&self) -> &[usize] {
        &self.dynamic
    }

    /// Numbers of what holds within a window: states without balance, then parameters (counted on after the states).
    pub fn held_inputs(&self) -> &[usize] {
        &self.held
    }

    pub(crate) fn tape(&self) -> &Tape {
        &self.tape
    }

    /// The formulas as one graph; its inputs are the states, then the parameters, by their numbers.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Node of the balance of each of the [dynamic states](Model::dynamic_states).
    pub fn balance_nodes(&self) -> &[NodeId] {
        &self.balances
    }

    /// Row and column (places among the dynamic states) and node of each entry of the Jacobian.
    pub fn jacobian_nodes(&self) -> impl Iterator<Item = (usize, usize, NodeId)> {
        self.plan.entries().iter().zip(&self.slopes).map(|(&(row, column), &node)| (row, column, node))
    }

    pub(crate) fn plan(&self) -> &FactorisationPlan {
        &self.plan
    }

    /// Initial values of all states.
    pub fn initial_states(&self) -> Vec<f64> {
        self.states().iter().map(|state| state.initial_value).collect()
    }

    /// Default values of all parameters.
    pub fn default_parameters(&self) -> Vec<f64> {
        self.parameters().iter().map(|parameter| parameter.default).collect()
    }

    /// Number of the state with this name (or symbol).
    pub fn state_number(&self, name: &str) -> Option<usize> {
        let states = self.states();
        let by = |found: fn(&State) -> &String| states.iter().position(|state| found(state) == name);
        by(|state| &state.name).or_else(|| by(|state| &state.symbol))
    }

    /// Number of the parameter with this name (or symbol).
    pub fn parameter_number(&self, name: &str) -> Option<usize> {
        let parameters = self.parameters();
        let by = |found: fn(&Parameter) -> &String| parameters.iter().position(|parameter| found(parameter) == name);
        by(|parameter| &parameter.name).or_else(|| by(|parameter| &parameter.symbol))
    }

    /// Time derivatives (1/s times the unit) of all states; 0 for those without balance.
    ///
    /// # Panics
    /// Where the numbers of `states` and `parameters` are not those of the model.
    pub fn derivatives(&self, states: &[f64], parameters: &[f64]) -> Vec<f64> {
        let slots = self.run(states, parameters);
        let mut derivatives = vec![0.0; states.len()];
        for (&state, &slot) in self.dynamic.iter().zip(self.tape.value_slots()) {
            derivatives[state] = slots[slot as usize][0];
        }
        derivatives
    }

    /// The nonzero pattern and values of the Jacobian of the balances with respect to the dynamic states.
    ///
    /// # Panics
    /// As [`Model::derivatives`].
    pub fn jacobian(&self, states: &[f64], parameters: &[f64]) -> Vec<JacobianEntry> {
        let slots = self.run(states, parameters);
        let slopes = self.plan.entry_slots().iter().map(|&slot| slots[slot as usize][0]);
        self.plan
            .entries()
            .iter()
            .zip(slopes)
            .map(|(&(row, column), value)| JacobianEntry {
                state: self.dynamic[row],
                with_respect_to: self.dynamic[column],
                value,
            })
            .collect()
    }

    /// Value of an algebraic quantity or a flux, or `None` where there is none of this name.
    ///
    /// # Panics
    /// As [`Model::derivatives`].
    pub fn quantity(&self, name: &str, states: &[f64], parameters: &[f64]) -> Option<f64> {
        let node = *self.quantities.get(name)?;
        Some(self.graph.evaluate(&self.inputs(states, parameters))[node.index()])
    }

    fn inputs(&self, states: &[f64], parameters: &[f64]) -> Vec<f64> {
        assert_eq!(states.len(), self.states().len(), "one value for each state");
        assert_eq!(parameters.len(), self.parameters().len(), "one value for each parameter");
        [states, parameters].concat()
    }

    fn run(&self, states: &[f64], parameters: &[f64]) -> Vec<[f64; 1]> {
        let inputs = self.inputs(states, parameters);
        let mut slots = vec![[0.0]; self.tape.slots()];
        for (slot, &input) in slots.iter_mut().zip(self.dynamic.iter().chain(&self.held)) {
            *slot = [inputs[input]];
        }
        self.tape.run_held(&mut slots);
        self.tape.run_values(&mut slots);
        self.tape.run_slopes(&mut slots);
        slots
    }
}
