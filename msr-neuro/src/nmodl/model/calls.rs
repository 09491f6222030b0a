//! Calls: of functions of mathematics, of the mechanism's own, and of the simulator.

use msr_coupling::query::nearest;

use super::resolve::{Resolver, Scope};
use super::{Binary, Expr, Math, Native};
use crate::nmodl::diagnostics::Span;
use crate::nmodl::model::names::Symbol;
use crate::nmodl::syntax::tree::{Expression, ExpressionKind};

/// Name, function, number of arguments.
const MATH: &[(&str, Math, usize)] = &[
    ("exp", Math::Exp, 1),
    ("log", Math::Log, 1),
    ("log10", Math::Log10, 1),
    ("fabs", Math::Abs, 1),
    ("abs", Math::Abs, 1),
    ("sqrt", Math::Sqrt, 1),
    ("floor", Math::Floor, 1),
    ("ceil", Math::Ceil, 1),
    ("sin", Math::Sin, 1),
    ("cos", Math::Cos, 1),
    ("tan", Math::Tan, 1),
    ("asin", Math::Asin, 1),
    ("acos", Math::Acos, 1),
    ("atan", Math::Atan, 1),
    ("sinh", Math::Sinh, 1),
    ("cosh", Math::Cosh, 1),
    ("tanh", Math::Tanh, 1),
    ("fmin", Math::Min, 2),
    ("fmax", Math::Max, 2),
    ("atan2", Math::Atan2, 2),
    ("fmod", Math::Remainder, 2),
    ("exprelr", Math::ExpRel, 1),
];

/// Functions of the simulator: the least and the largest number of arguments.
const NATIVE: &[(&str, usize, usize)] = &[
    ("net_send", 2, 2),
    ("net_event", 1, 1),
    ("net_move", 1, 1),
    ("random_uniform", 1, 3),
    ("random_exponential", 1, 2),
    ("random_negexp", 1, 2),
    ("random_normal", 1, 3),
    ("random_restart", 1, 1),
    ("random_setseq", 2, 2),
    ("random_setids", 4, 4),
    ("random_ipick", 1, 1),
    ("random_dpick", 1, 1),
    ("vector_size", 1, 1),
    ("vector_element", 2, 2),
];

/// What has no effect here: messages, marks for variable steps.
const SILENT: &[&str] = &["printf", "fprintf", "print", "prterr", "at_time", "hoc_execerror", "printf_s"];

impl Resolver<'_> {
    /// A call.
    pub fn call(&mut self, span: Span, name: &str, arguments: &[Expression], scope: &mut Scope) -> Expr {
        if let Some((Symbol::Routine(index), _)) = self.names.symbols.get(name) {
            return self.routine_call(span, *index, arguments, scope);
        }
        if SILENT.contains(&name) {
            return Expr::Number(0.0);
        }
        if let Some(&(_, math, count)) = MATH.iter().find(|entry| entry.0 == name) {
            self.count(span, name, arguments, count, count);
            let mut list: Vec<Expr> = arguments.iter().map(|argument| self.expression(argument, scope)).collect();
            list.resize(count, Expr::Number(0.0));
            return Expr::Math(math, list);
        }
        if name == "pow" && arguments.len() == 2 {
            let base = self.expression(&arguments[0], scope);
            let exponent = self.expression(&arguments[1], scope);
            return Expr::Binary(Binary::Power, Box::new(base), Box::new(exponent));
        }
        // Whether a POINTER is set: it is, from outside, or reads 0.
        if name == "nrn_pointing" {
            return Expr::Number(1.0);
        }
        if let Some(&(_, least, most)) = NATIVE.iter().find(|entry| entry.0 == name) {
            self.count(span, name, arguments, least, most);
            return self.native(span, name, arguments, scope);
        }
        let mut known = self.names.known();
        known.extend(MATH.iter().map(|entry| entry.0));
        known.extend(NATIVE.iter().map(|entry| entry.0));
        let near = nearest(name, &known);
        self.error(
            span,
            format!("there is no function '{name}'{near}"),
            "write it as FUNCTION or PROCEDURE; functions of a VERBATIM block are not read",
        );
        Expr::Number(0.0)
    }

    fn count(&mut self, span: Span, name: &str, arguments: &[Expression], least: usize, most: usize) {
        if !(least..=most).contains(&arguments.len()) {
            let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
            self.error(
                span,
                format!("'{name}' takes {wanted} arguments, not {}", arguments.len()),
                "count the commas between the brackets",
            );
        }
    }

    fn routine_call(&mut self, span: Span, index: usize, arguments: &[Expression], scope: &mut Scope) -> Expr {
        let function = &self.file.functions[index];
        let wanted = function.arguments.len();
        // Surplus arguments are dropped, as NEURON's translator does, missing ones are not made up.
        if arguments.len() < wanted {
            self.count(span, &function.name.text, arguments, wanted, wanted);
        }
        let list = arguments.iter().take(wanted).map(|argument| self.expression(argument, scope)).collect();
        if self.calls.contains(&index) {
            self.error(
                span,
                format!("'{}' calls itself", function.name.text),
                "write a loop: routines are put where they are called",
            );
            return Expr::Number(0.0);
        }
        self.function(index);
        Expr::Call(index, list)
    }

    fn native(&mut self, span: Span, name: &str, arguments: &[Expression], scope: &mut Scope) -> Expr {
        let outside = |list: &mut Vec<String>, name: &str| match list.iter().position(|known| known == name) {
            Some(index) => index as u32,
            None => {
                list.push(name.to_owned());
                list.len() as u32 - 1
            }
        };
        let native = match name {
            "net_send" => Native::NetSend,
            "net_event" => Native::NetEvent,
            "net_move" => Native::NetMove,
            _ => {
                let Some(ExpressionKind::Name(first)) = arguments.first().map(|argument| &argument.kind) else {
                    self.error(span, format!("'{name}' needs the name of a stream or vector"), "name it first");
                    return Expr::Number(0.0);
                };
                if !self.names.symbols.contains_key(first) {
                    self.unknown(span, first);
                }
                match name {
                    "vector_size" => Native::VectorSize(outside(&mut self.vectors, first)),
                    "vector_element" => Native::VectorElement(outside(&mut self.vectors, first)),
                    "random_uniform" | "random_dpick" => Native::Uniform(outside(&mut self.streams, first)),
                    "random_ipick" => Native::Bits(outside(&mut self.streams, first)),
                    "random_normal" => Native::Normal(outside(&mut self.streams, first)),
                    "random_restart" => Native::Restart(outside(&mut self.streams, first)),
                    "random_setseq" => Native::Seek(outside(&mut self.streams, first)),
                    "random_setids" => Native::Name(outside(&mut self.streams, first)),
                    _ => Native::Exponential(outside(&mut self.streams, first)),
                }
            }
        };
        let own = matches!(native, Native::NetSend | Native::NetEvent | Native::NetMove);
        let list = arguments.iter().skip(usize::from(!own));
        let list = list.map(|argument| self.expression(argument, scope)).collect();
        Expr::Native(native, list)
    }
}
