//! Numbers of one instance.

use super::{Domain, Stop};
use crate::nmodl::model::{Binary, Math, Native, Unary};
use crate::random123::UNIFORM_PER_BIT;

/// What an instance reaches outside of itself.
pub trait Host {
    /// Names the instance whose statements follow, where many are gone through.
    fn instance(&mut self, _index: usize) {}
    /// Sends an event to the instance itself after a delay (ms).
    fn send(&mut self, delay_ms: f64, flag: f64);
    /// Sends an event to all targets at a time (ms).
    fn emit(&mut self, time_ms: f64);
    /// Moves the event on its way to the instance itself to another time (ms).
    fn move_event(&mut self, time_ms: f64);
    /// A uniform number in (0, 1) of a stream.
    fn uniform(&mut self, stream: u32) -> f64;
    /// Lets a stream begin anew.
    fn restart(&mut self, stream: u32);
    /// Lets a stream go on after its first `drawn` numbers.
    fn seek(&mut self, _stream: u32, _drawn: f64) {}
    /// Makes a stream that of three numbers.
    fn name(&mut self, _stream: u32, _ids: [f64; 3]) {}
    /// A vector given from outside.
    fn vector(&self, vector: u32) -> &[f64];
    /// Sets a watch, which sends an event with a flag when its condition becomes true; the first of an event takes all others
    /// away. By how much the condition holds now.
    fn watch(&mut self, watch: usize, flag: f64, excess: f64);
}

/// A host for mechanisms that reach nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Host for Silent {
    fn send(&mut self, _delay_ms: f64, _flag: f64) {}
    fn emit(&mut self, _time_ms: f64) {}
    fn move_event(&mut self, _time_ms: f64) {}
    fn uniform(&mut self, _stream: u32) -> f64 {
        0.5
    }
    fn restart(&mut self, _stream: u32) {}
    fn vector(&self, _vector: u32) -> &[f64] {
        &[]
    }
    fn watch(&mut self, _watch: usize, _flag: f64, _excess: f64) {}
}

/// The domain of plain numbers.
pub struct Plain<'h> {
    /// What it reaches.
    pub host: &'h mut dyn Host,
}

/// The 32 random bits behind a uniform number.
fn bits(uniform: f64) -> f64 {
    (uniform / UNIFORM_PER_BIT).round() - 1.0
}

/// 1 for what holds, 0 for what does not.
fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// An operator with one side.
pub fn unary(operator: Unary, value: f64) -> f64 {
    match operator {
        Unary::Minus => -value,
        Unary::Not => truth(value == 0.0),
    }
}

/// An operator with two sides.
pub fn binary(operator: Binary, left: f64, right: f64) -> f64 {
    match operator {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        Binary::Power => left.powf(right),
        Binary::Less => truth(left < right),
        Binary::LessEqual => truth(left <= right),
        Binary::Greater => truth(left > right),
        Binary::GreaterEqual => truth(left >= right),
        Binary::Equal => truth(left == right),
        Binary::NotEqual => truth(left != right),
        Binary::And => truth(left != 0.0 && right != 0.0),
        Binary::Or => truth(left != 0.0 || right != 0.0),
    }
}

/// A function of one or two values.
pub fn math(function: Math, first: f64, second: f64) -> f64 {
    match function {
        Math::Exp => first.exp(),
        Math::Log => first.ln(),
        Math::Log10 => first.log10(),
        Math::Abs => first.abs(),
        Math::Sqrt => first.sqrt(),
        Math::Floor => first.floor(),
        Math::Ceil => first.ceil(),
        Math::Sin => first.sin(),
        Math::Cos => first.cos(),
        Math::Tan => first.tan(),
        Math::Asin => first.asin(),
        Math::Acos => first.acos(),
        Math::Atan => first.atan(),
        Math::Sinh => first.sinh(),
        Math::Cosh => first.cosh(),
        Math::Tanh => first.tanh(),
        Math::Min => first.min(second),
        Math::Max => first.max(second),
        Math::Atan2 => first.atan2(second),
        Math::Remainder => first % second,
        Math::ExpRel => {
            if first == 0.0 {
                1.0
            } else {
                first / first.exp_m1()
            }
        }
    }
}

impl Domain for Plain<'_> {
    type Value = f64;

    fn number(&mut self, value: f64) -> f64 {
        value
    }

    fn unary(&mut self, operator: Unary, value: f64) -> f64 {
        unary(operator, value)
    }

    fn binary(&mut self, operator: Binary, left: f64, right: f64) -> f64 {
        binary(operator, left, right)
    }

    fn math(&mut self, function: Math, values: &[f64]) -> f64 {
        math(function, values[0], values.get(1).copied().unwrap_or(0.0))
    }

    fn select(&mut self, condition: f64, then: f64, otherwise: f64) -> f64 {
        if condition != 0.0 { then } else { otherwise }
    }

    fn has_tables(&self) -> bool {
        true
    }

    fn known(&self, value: f64) -> Option<f64> {
        Some(value)
    }

    fn native(&mut self, native: Native, values: &[f64]) -> Result<f64, Stop> {
        let value = |index: usize, default: f64| values.get(index).copied().unwrap_or(default);
        Ok(match native {
            Native::NetSend => {
                self.host.send(value(0, 0.0), value(1, 0.0));
                0.0
            }
            Native::NetEvent => {
                self.host.emit(value(0, 0.0));
                0.0
            }
            Native::NetMove => {
                self.host.move_event(value(0, 0.0));
                0.0
            }
            Native::Uniform(stream) => {
                let (low, high) = if values.len() >= 2 { (value(0, 0.0), value(1, 1.0)) } else { (0.0, 1.0) };
                low + (high - low) * self.host.uniform(stream)
            }
            Native::Exponential(stream) => -value(0, 1.0) * self.host.uniform(stream).ln(),
            Native::Normal(stream) => {
                // Marsaglia & Bray 1964 (SIAM Rev. 6:260), of whose two numbers the first is taken.
                let (first, square) = loop {
                    let [first, second] = [(); 2].map(|()| 2.0 * self.host.uniform(stream) - 1.0);
                    let square = first * first + second * second;
                    if square <= 1.0 {
                        break (first, square);
                    }
                };
                value(0, 0.0) + value(1, 1.0) * first * (-2.0 * square.ln() / square).sqrt()
            }
            Native::Bits(stream) => bits(self.host.uniform(stream)),
            Native::Restart(stream) => {
                self.host.restart(stream);
                0.0
            }
            Native::Seek(stream) => {
                self.host.seek(stream, value(0, 0.0));
                0.0
            }
            Native::Name(stream) => {
                self.host.name(stream, [value(0, 0.0), value(1, 0.0), value(2, 0.0)]);
                0.0
            }
            Native::VectorSize(vector) => self.host.vector(vector).len() as f64,
            Native::VectorElement(vector) => {
                let index = value(0, -1.0);
                let vector = self.host.vector(vector);
                if index > -1.0 && index < vector.len() as f64 {
                    vector[index as usize]
                } else {
                    return Err(Stop::Index);
                }
            }
        })
    }

    fn watch(&mut self, watch: usize, flag: f64, excess: f64) -> Result<(), Stop> {
        self.host.watch(watch, flag, excess);
        Ok(())
    }
}
