//! Order of instructions: as long as possible runs of the same operation.

use std::collections::{BTreeMap, HashMap};

use super::program::Operation;

/// An instruction before places are given: values in place of slots. A value is made by one action and never changes.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    pub(crate) operation: Operation,
    pub(crate) result: usize,
    pub(crate) operands: Vec<usize>,
    pub(crate) constants: Vec<f64>,
}

/// Joins sums with their only operand where that is a sum of the same kind: `(a + b*c) + d*e` becomes one action. Results
/// for which `is_wanted` holds are left as they are.
pub(crate) fn join_sums(actions: Vec<Action>, is_wanted: impl Fn(usize) -> bool) -> Vec<Action> {
    let mut uses: HashMap<usize, usize> = HashMap::new();
    for operand in actions.iter().flat_map(|action| &action.operands) {
        *uses.entry(*operand).or_default() += 1;
    }
    let mut joined: Vec<Option<Action>> = Vec::with_capacity(actions.len());
    let mut place: HashMap<usize, usize> = HashMap::new();
    for mut action in actions {
        let both = match action.operation {
            Operation::AddProduct => Operation::AddTwoProducts,
            Operation::SubtractProduct => Operation::SubtractTwoProducts,
            Operation::AddScaled => Operation::AddTwoScaled,
            other => other,
        };
        if both != action.operation
            && let first = action.operands[0]
            && uses[&first] == 1
            && !is_wanted(first)
            && let Some(&at) = place.get(&first)
            && joined[at].as_ref().is_some_and(|sum| sum.operation == action.operation)
            && let Some(mut sum) = joined[at].take()
        {
            sum.operands.extend(&action.operands[1..]);
            sum.constants.append(&mut action.constants);
            action = Action { operation: both, operands: sum.operands, constants: sum.constants, ..action };
        }
        place.insert(action.result, joined.len());
        joined.push(Some(action));
    }
    joined.into_iter().flatten().collect()
}

/// Sorts so that operands stay before results and equal operations stand together: of the operations that have something
/// ready, the one with most is taken and done until nothing of it is ready.
pub(crate) fn schedule(actions: Vec<Action>) -> Vec<Action> {
    let producer: HashMap<usize, usize> =
        actions.iter().enumerate().map(|(place, action)| (action.result, place)).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); actions.len()];
    let mut missing = vec![0usize; actions.len()];
    for (place, action) in actions.iter().enumerate() {
        for operand in &action.operands {
            if let Some(&of) = producer.get(operand) {
                users[of].push(place);
                missing[place] += 1;
            }
        }
    }
    let mut ready: BTreeMap<Operation, Vec<usize>> = BTreeMap::new();
    for (place, action) in actions.iter().enumerate().filter(|&(place, _)| missing[place] == 0) {
        ready.entry(action.operation).or_default().push(place);
    }
    let mut order = Vec::with_capacity(actions.len());
    while let Some(operation) =
        ready.iter().filter(|(_, places)| !places.is_empty()).max_by_key(|(_, places)| places.len()).map(|(o, _)| *o)
    {
        let mut next = 0;
        while next < ready[&operation].len() {
            let place = ready[&operation][next];
            next += 1;
            order.push(place);
            for &user in &users[place] {
                missing[user] -= 1;
                if missing[user] == 0 {
                    ready.entry(actions[user].operation).or_default().push(user);
                }
            }
        }
        ready.insert(operation, Vec::new());
    }
    let mut actions: Vec<Option<Action>> = actions.into_iter().map(Some).collect();
    order.into_iter().map(|place| actions[place].take().expect("each place once")).collect()
}
