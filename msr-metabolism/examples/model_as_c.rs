//! Writes the standard model as C, for other solvers: `cargo run --release -p msr-metabolism --example model_as_c > model.c`.
//!
//! Constants are numbers in the code. What depends only on values that hold within a window (states without balance and
//! parameters) is computed by `hold`, once a window; `right_hand_side` and `jacobian` take it from there.

use std::fmt::Write;

use msr_metabolism::Model;
use msr_metabolism::expression::{Graph, Node, NodeId};

fn main() {
    print!("{}", source(&Model::standard()));
}

fn source(model: &Model) -> String {
    let graph = model.graph();
    let (dynamic, held) = (model.dynamic_states(), model.held_inputs());
    let place = |numbers: &[usize], input: usize| numbers.iter().position(|&number| number == input);
    let mut varies: Vec<bool> = Vec::new();
    for node in graph.nodes() {
        let id = graph.id(varies.len());
        varies.push(match node {
            Node::Input(input) => place(dynamic, *input as usize).is_some(),
            _ => graph.operands(id).into_iter().flatten().any(|operand| varies[operand.index()]),
        });
    }
    let mut entries: Vec<(usize, usize, NodeId)> = model.jacobian_nodes().collect();
    entries.sort_by_key(|&(row, column, _)| (column, row));
    let slopes: Vec<NodeId> = entries.iter().map(|&(.., node)| node).collect();
    let balances = model.balance_nodes();

    // Held results that the other functions read.
    let is_held = |id: NodeId| !varies[id.index()] && !matches!(graph.node(id), Node::Constant(_) | Node::Input(_));
    let in_balances = needed(graph, balances, &varies);
    let in_slopes = needed(graph, &slopes, &varies);
    let mut shared: Vec<NodeId> = in_balances.iter().chain(&in_slopes).copied().filter(|&id| is_held(id)).collect();
    shared.sort_unstable();
    shared.dedup();
    let input = |input: usize| match place(dynamic, input) {
        Some(place) => format!("y[{place}]"),
        None => format!("p[{}]", place(held, input).expect("an input is dynamic or held")),
    };
    let everything = vec![true; varies.len()];
    let body = |outputs: &[NodeId], target: &str, stop_at_held: bool| {
        let from_outside = |id: NodeId| stop_at_held && is_held(id);
        let name = |id: NodeId| match graph.node(id) {
            Node::Constant(bits) => format!("{:?}", f64::from_bits(bits)),
            Node::Input(number) => input(number as usize),
            _ if from_outside(id) => format!("h[{}]", shared.binary_search(&id).expect("it is shared")),
            _ => format!("t{}", id.index()),
        };
        let mut text = String::new();
        for id in needed(graph, outputs, if stop_at_held { &varies } else { &everything }) {
            if !from_outside(id) && !matches!(graph.node(id), Node::Constant(_) | Node::Input(_)) {
                writeln!(text, "    const double t{} = {};", id.index(), formula(graph.node(id), &name)).unwrap();
            }
        }
        for (place, &output) in outputs.iter().enumerate() {
            writeln!(text, "    {target}[{place}] = {};", name(output)).unwrap();
        }
        text
    };
    let list = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(", ");
    let initial: Vec<f64> = [model.initial_states(), model.default_parameters()].concat();
    let (states, size) = (model.states().len(), dynamic.len());
    let columns = (0..=size)
        .map(|column| entries.iter().filter(|&&(_, c, _)| c < column).count().to_string())
        .collect::<Vec<_>>();
    [
        "#include <math.h>\n".to_owned(),
        format!("enum {{ STATES = {states}, DYNAMIC = {size}, HELD = {}, ENTRIES = {} }};", held.len(), entries.len()),
        format!("enum {{ ATP_N = {} }}; /* number of the state */", model.state_number("ATP_n").unwrap()),
        format!(
            "enum {{ FLOW = {} }}; /* place among the held inputs */",
            place(held, states + model.parameter_number("notBigg_FinDyn_W2017").unwrap()).unwrap()
        ),
        format!("static const int dynamic_number[] = {{{}}};", list(&mut dynamic.iter().map(usize::to_string))),
        format!("static const int held_number[] = {{{}}};", list(&mut held.iter().map(usize::to_string))),
        format!("static const double initial[] = {{{}}};", list(&mut initial.iter().map(|value| format!("{value:?}")))),
        format!("static const int column_start[] = {{{}}};", columns.join(", ")),
        format!("static const int row_of[] = {{{}}};", list(&mut entries.iter().map(|&(row, ..)| row.to_string()))),
        format!("enum {{ SHARED = {} }};", shared.len()),
        format!("static void hold(const double *p, double *h)\n{{\n{}}}", body(&shared, "h", false)),
        format!(
            "static void right_hand_side(const double *y, const double *p, const double *h, double *f)\n{{\n{}}}",
            body(balances, "f", true)
        ),
        format!(
            "static void jacobian(const double *y, const double *p, const double *h, double *values)\n{{\n{}}}\n",
            body(&slopes, "values", true)
        ),
    ]
    .join("\n")
}

/// All nodes that `outputs` are made of, operands first, down to those for which `enter` is false.
fn needed(graph: &Graph, outputs: &[NodeId], enter: &[bool]) -> Vec<NodeId> {
    let mut wanted = vec![false; graph.nodes().len()];
    for output in outputs {
        wanted[output.index()] = true;
    }
    for index in (0..wanted.len()).rev().filter(|&index| enter[index]) {
        if wanted[index] {
            for operand in graph.operands(graph.id(index)).into_iter().flatten() {
                wanted[operand.index()] = true;
            }
        }
    }
    (0..wanted.len()).filter(|&index| wanted[index]).map(|index| graph.id(index)).collect()
}

fn formula(node: Node, name: &dyn Fn(NodeId) -> String) -> String {
    let two = |a, operator: &str, b| format!("{} {operator} {}", name(a), name(b));
    let call = |function: &str, a| format!("{function}({})", name(a));
    let call_two = |function: &str, a, b| format!("{function}({}, {})", name(a), name(b));
    match node {
        Node::Constant(_) | Node::Input(_) => unreachable!("they have names"),
        Node::Add(a, b) => two(a, "+", b),
        Node::Subtract(a, b) => two(a, "-", b),
        Node::Multiply(a, b) => two(a, "*", b),
        Node::Reciprocal(a) => format!("1.0/{}", name(a)),
        Node::Sqrt(a) => call("sqrt", a),
        Node::Exp(a) => call("exp", a),
        Node::Ln(a) => call("log", a),
        Node::Power(a, b) => call_two("pow", a, b),
        Node::Min(a, b) => call_two("fmin", a, b),
        Node::Max(a, b) => call_two("fmax", a, b),
        Node::AtMost(a, b) => format!("({} <= {} ? 1.0 : 0.0)", name(a), name(b)),
    }
}
