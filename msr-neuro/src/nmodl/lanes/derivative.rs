//! Derivatives of nodes by the value of a slot.

use std::collections::HashMap;

use super::graph::{Graph, Id, Node};
use crate::nmodl::model::{Binary, Math, Unary};
use crate::nmodl::run::Domain;

/// Derivatives by one slot, each made once.
pub struct Slopes {
    slot: u32,
    known: HashMap<Id, Id>,
}

impl Slopes {
    /// By the value of a slot.
    pub fn by(slot: u32) -> Self {
        Self { slot, known: HashMap::new() }
    }

    /// The derivative of a node. Conditions are taken as they are: within each side the function is smooth.
    pub fn of(&mut self, graph: &mut Graph, id: Id) -> Id {
        if let Some(found) = self.known.get(&id) {
            return *found;
        }
        let result = match graph.nodes[id as usize] {
            Node::Number(_) => graph.number(0.0),
            Node::Slot(slot) => graph.number(if slot == self.slot { 1.0 } else { 0.0 }),
            Node::Unary(Unary::Minus, inner) => {
                let inner = self.of(graph, inner);
                graph.unary(Unary::Minus, inner)
            }
            Node::Unary(Unary::Not, _) => graph.number(0.0),
            Node::Binary(operator, left, right) => self.binary(graph, operator, left, right),
            Node::Math(function, first, second) => self.math(graph, id, function, first, second),
            Node::Select(condition, then, otherwise) => {
                let then = self.of(graph, then);
                let otherwise = self.of(graph, otherwise);
                graph.select(condition, then, otherwise)
            }
        };
        self.known.insert(id, result);
        result
    }

    fn binary(&mut self, graph: &mut Graph, operator: Binary, left: Id, right: Id) -> Id {
        use Binary::{Add, Divide, Multiply, Power, Subtract};
        let (dl, dr) = (self.of(graph, left), self.of(graph, right));
        let (fixed_left, fixed_right) = (graph.value(dl) == Some(0.0), graph.value(dr) == Some(0.0));
        match operator {
            Add | Subtract if fixed_left && fixed_right => dl,
            Add | Subtract => graph.binary(operator, dl, dr),
            Multiply | Divide | Power if fixed_left && fixed_right => dl,
            Multiply => {
                let first = product(graph, dl, right);
                let second = product(graph, left, dr);
                graph.binary(Add, first, second)
            }
            Divide => {
                let quotient = graph.binary(Divide, left, right);
                let change = product(graph, quotient, dr);
                let top = graph.binary(Subtract, dl, change);
                graph.binary(Divide, top, right)
            }
            Power => {
                // a^b log(a) b' + b a^(b-1) a', whose second part is finite at a = 0.
                let one = graph.number(1.0);
                let less = graph.binary(Subtract, right, one);
                let lower = graph.binary(Power, left, less);
                let scaled = product(graph, right, lower);
                let by_base = product(graph, scaled, dl);
                if fixed_right {
                    return by_base;
                }
                let power = graph.binary(Power, left, right);
                let log = graph.math(Math::Log, &[left]);
                let by_power = product(graph, power, log);
                let by_power = product(graph, by_power, dr);
                graph.binary(Add, by_power, by_base)
            }
            _ => graph.number(0.0),
        }
    }

    fn math(&mut self, graph: &mut Graph, id: Id, function: Math, first: Id, second: Id) -> Id {
        use Binary::{Add, Divide, Less, Multiply, Subtract};
        let inner = self.of(graph, first);
        let other = self.of(graph, second);
        if graph.value(inner) == Some(0.0) && graph.value(other) == Some(0.0) {
            return inner;
        }
        let (zero, one) = (graph.number(0.0), graph.number(1.0));
        let outer = match function {
            Math::Exp => id,
            Math::Log => graph.binary(Divide, one, first),
            Math::Log10 => {
                let ten = graph.number(std::f64::consts::LN_10);
                let scaled = graph.binary(Multiply, first, ten);
                graph.binary(Divide, one, scaled)
            }
            Math::Abs => {
                let negative = graph.binary(Less, first, zero);
                let minus = graph.number(-1.0);
                graph.select(negative, minus, one)
            }
            Math::Sqrt => {
                let half = graph.number(0.5);
                graph.binary(Divide, half, id)
            }
            Math::Sin => graph.math(Math::Cos, &[first]),
            Math::Cos => {
                let sin = graph.math(Math::Sin, &[first]);
                graph.unary(Unary::Minus, sin)
            }
            Math::Tan | Math::Tanh => {
                let square = graph.binary(Multiply, id, id);
                graph.binary(if function == Math::Tan { Add } else { Subtract }, one, square)
            }
            Math::Sinh => graph.math(Math::Cosh, &[first]),
            Math::Cosh => graph.math(Math::Sinh, &[first]),
            Math::Atan => {
                let square = graph.binary(Multiply, first, first);
                let sum = graph.binary(Add, one, square);
                graph.binary(Divide, one, sum)
            }
            Math::Asin | Math::Acos => {
                let square = graph.binary(Multiply, first, first);
                let rest = graph.binary(Subtract, one, square);
                let root = graph.math(Math::Sqrt, &[rest]);
                let sign = graph.number(if function == Math::Asin { 1.0 } else { -1.0 });
                graph.binary(Divide, sign, root)
            }
            Math::Min | Math::Max => {
                let less = graph.binary(Less, first, second);
                let (then, otherwise) = if function == Math::Min { (inner, other) } else { (other, inner) };
                return graph.select(less, then, otherwise);
            }
            Math::ExpRel => {
                // y = x / (e^x - 1): y' = (1 - y e^x) / (e^x - 1) = y (1 - y e^x) / x, -1/2 at 0.
                let exp = graph.math(Math::Exp, &[first]);
                let scaled = graph.binary(Multiply, id, exp);
                let rest = graph.binary(Subtract, one, scaled);
                let top = graph.binary(Multiply, id, rest);
                let slope = graph.binary(Divide, top, first);
                let at_zero = graph.binary(Binary::Equal, first, zero);
                let half = graph.number(-0.5);
                graph.select(at_zero, half, slope)
            }
            Math::Floor | Math::Ceil => zero,
            Math::Remainder => one,
            Math::Atan2 => {
                // (x y' - y x') / (x^2 + y^2)
                let a = product(graph, second, inner);
                let b = product(graph, first, other);
                let top = graph.binary(Subtract, a, b);
                let (xx, yy) = (graph.binary(Multiply, second, second), graph.binary(Multiply, first, first));
                let bottom = graph.binary(Add, xx, yy);
                return graph.binary(Divide, top, bottom);
            }
        };
        product(graph, outer, inner)
    }
}

/// A product in which a factor that is always 0 makes 0.
fn product(graph: &mut Graph, left: Id, right: Id) -> Id {
    if graph.value(left) == Some(0.0) || graph.value(right) == Some(0.0) {
        return graph.number(0.0);
    }
    graph.binary(Binary::Multiply, left, right)
}
