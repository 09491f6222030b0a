//! Values between the operations of a program, and loops over them.

use super::program::Operand;

/// One value for each instance of a chunk.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Register<const LANES: usize>(pub [f64; LANES]);

/// The registers of a program, which change places by their pointers. Each is as long as a chunk and no longer, so that many small ones stay in the first cache.
pub(super) struct Registers<const LANES: usize> {
    list: Vec<Box<Register<LANES>>>,
}

impl<const LANES: usize> Default for Registers<LANES> {
    fn default() -> Self {
        Self { list: vec![Self::empty()] }
    }
}

impl<const LANES: usize> Registers<LANES> {
    fn empty() -> Box<Register<LANES>> {
        Box::new(Register([0.0; LANES]))
    }

    /// Makes at least so many.
    pub fn reserve(&mut self, count: usize) {
        // The first is where results are written, so that they may take the place of operands.
        self.list.resize_with((count + 1).max(self.list.len()), Self::empty);
    }

    /// Where the next result is written, and the registers that it is made of.
    #[inline(always)]
    pub fn open(&mut self) -> (&mut [f64; LANES], &[Box<Register<LANES>>]) {
        let (spare, rest) = self.list.split_at_mut(1);
        (&mut spare[0].0, rest)
    }

    /// The registers.
    #[inline(always)]
    pub fn all(&self) -> &[Box<Register<LANES>>] {
        &self.list[1..]
    }

    /// The result becomes a register.
    #[inline(always)]
    pub fn close(&mut self, index: u16) {
        self.list.swap(0, index as usize + 1);
    }
}

/// What operations on a chunk read.
#[derive(Clone, Copy)]
pub(super) struct Operands<'a, const LANES: usize> {
    pub registers: &'a [Box<Register<LANES>>],
    pub shared: &'a [f64],
    pub columns: &'a [f64],
    /// First instance of the chunk, and number of instances of the block.
    pub first: usize,
    pub count: usize,
    /// Whether the chunk is full: columns are read where they are. Else registers have what there is of them.
    pub is_full: bool,
}

/// A value for each instance, or one for all.
#[derive(Clone, Copy)]
pub(super) enum Value<'a, const LANES: usize> {
    Many(&'a [f64; LANES]),
    One(f64),
}

impl<'a, const LANES: usize> Operands<'a, LANES> {
    /// A register.
    #[inline(always)]
    pub fn register(self, index: u16) -> &'a [f64; LANES] {
        &self.registers[index as usize].0
    }

    /// The values of an operand.
    #[inline(always)]
    pub fn get(self, operand: Operand) -> Value<'a, LANES> {
        match operand {
            Operand::Register(register) => Value::Many(self.register(register)),
            Operand::Shared(shared) => Value::One(self.shared[shared as usize]),
            Operand::Column(register, column) => {
                let start = column as usize * self.count + self.first;
                match self.columns[start..].first_chunk::<LANES>() {
                    Some(values) if self.is_full => Value::Many(values),
                    _ => Value::Many(self.register(register)),
                }
            }
        }
    }

    /// The values of an operand, each.
    pub fn copied(self, operand: Operand) -> [f64; LANES] {
        match self.get(operand) {
            Value::Many(values) => *values,
            Value::One(value) => [value; LANES],
        }
    }
}

/// A value for each instance, or one for all.
pub(super) trait Lane: Copy {
    /// That of an instance.
    fn at(self, lane: usize) -> f64;
}

impl<const LANES: usize> Lane for &[f64; LANES] {
    #[inline(always)]
    fn at(self, lane: usize) -> f64 {
        self[lane]
    }
}

impl Lane for f64 {
    #[inline(always)]
    fn at(self, _lane: usize) -> f64 {
        self
    }
}

/// `f` of each value.
#[inline(always)]
pub(super) fn one<const LANES: usize>(to: &mut [f64; LANES], a: impl Lane, f: impl Fn(f64) -> f64) {
    for (lane, to) in to.iter_mut().enumerate() {
        *to = f(a.at(lane));
    }
}

/// `f` of two values each.
#[inline(always)]
pub(super) fn two<const LANES: usize>(
    to: &mut [f64; LANES],
    a: Value<'_, LANES>,
    b: Value<'_, LANES>,
    f: impl Fn(f64, f64) -> f64,
) {
    match (a, b) {
        (Value::Many(a), Value::Many(b)) => each_of_two(to, a, b, f),
        (Value::Many(a), Value::One(b)) => each_of_two(to, a, b, f),
        (Value::One(a), Value::Many(b)) => each_of_two(to, a, b, f),
        (Value::One(a), Value::One(b)) => each_of_two(to, a, b, f),
    }
}

#[inline(always)]
fn each_of_two<const LANES: usize>(to: &mut [f64; LANES], a: impl Lane, b: impl Lane, f: impl Fn(f64, f64) -> f64) {
    for (lane, to) in to.iter_mut().enumerate() {
        *to = f(a.at(lane), b.at(lane));
    }
}

/// `f` of three values each.
#[inline(always)]
pub(super) fn three<const LANES: usize>(
    to: &mut [f64; LANES],
    [a, b, c]: [Value<'_, LANES>; 3],
    f: impl Fn(f64, f64, f64) -> f64,
) {
    match a {
        Value::Many(a) => last_two(to, a, b, c, f),
        Value::One(a) => last_two(to, a, b, c, f),
    }
}

#[inline(always)]
fn last_two<const LANES: usize>(
    to: &mut [f64; LANES],
    a: impl Lane,
    b: Value<'_, LANES>,
    c: Value<'_, LANES>,
    f: impl Fn(f64, f64, f64) -> f64,
) {
    match (b, c) {
        (Value::Many(b), Value::Many(c)) => each_of_three(to, a, b, c, f),
        (Value::Many(b), Value::One(c)) => each_of_three(to, a, b, c, f),
        (Value::One(b), Value::Many(c)) => each_of_three(to, a, b, c, f),
        (Value::One(b), Value::One(c)) => each_of_three(to, a, b, c, f),
    }
}

#[inline(always)]
fn each_of_three<const LANES: usize>(
    to: &mut [f64; LANES],
    a: impl Lane,
    b: impl Lane,
    c: impl Lane,
    f: impl Fn(f64, f64, f64) -> f64,
) {
    for (lane, to) in to.iter_mut().enumerate() {
        *to = f(a.at(lane), b.at(lane), c.at(lane));
    }
}
