//! Values between the operations of a program, and loops over them.

/// Instances that are worked on together: their registers stay in the first cache.
pub(super) const CHUNK: usize = 128;

/// One value for each instance of a chunk.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Register(pub [f64; CHUNK]);

/// The registers of a program.
#[expect(clippy::vec_box, reason = "registers change places by their pointers")]
pub(super) struct Registers {
    list: Vec<Box<Register>>,
}

impl Default for Registers {
    fn default() -> Self {
        Self { list: vec![Self::empty()] }
    }
}

impl Registers {
    fn empty() -> Box<Register> {
        Box::new(Register([0.0; CHUNK]))
    }

    /// Makes at least so many.
    pub fn reserve(&mut self, count: usize) {
        // The first is where results are written, so that they may take the place of operands.
        self.list.resize_with((count + 1).max(self.list.len()), Self::empty);
    }

    /// A register.
    #[inline(always)]
    pub fn get(&self, index: u16) -> &Register {
        &self.list[index as usize + 1]
    }

    /// Where the next result is written, and what it is made of.
    #[inline(always)]
    pub fn open(&mut self) -> (&mut Register, Operands<'_>) {
        let (spare, rest) = self.list.split_at_mut(1);
        (&mut spare[0], Operands(rest))
    }

    /// The result becomes a register.
    #[inline(always)]
    pub fn close(&mut self, index: u16) {
        self.list.swap(0, index as usize + 1);
    }
}

/// Registers to read while one is filled.
#[derive(Clone, Copy)]
pub(super) struct Operands<'a>(&'a [Box<Register>]);

impl<'a> Operands<'a> {
    /// A register.
    #[inline(always)]
    pub fn get(self, index: u16) -> &'a Register {
        &self.0[index as usize]
    }
}

/// A value for each instance, or one for all.
pub(super) trait Lane: Copy {
    /// That of an instance.
    fn at(self, lane: usize) -> f64;
}

impl Lane for &Register {
    #[inline(always)]
    fn at(self, lane: usize) -> f64 {
        self.0[lane]
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
pub(super) fn one<const LANES: usize>(to: &mut Register, a: impl Lane, f: impl Fn(f64) -> f64) {
    for lane in 0..LANES {
        to.0[lane] = f(a.at(lane));
    }
}

/// `f` of two values each.
#[inline(always)]
pub(super) fn two<const LANES: usize>(to: &mut Register, a: impl Lane, b: impl Lane, f: impl Fn(f64, f64) -> f64) {
    for lane in 0..LANES {
        to.0[lane] = f(a.at(lane), b.at(lane));
    }
}

/// `f` of three values each.
#[inline(always)]
pub(super) fn three<const LANES: usize>(
    to: &mut Register,
    a: impl Lane,
    b: impl Lane,
    c: impl Lane,
    f: impl Fn(f64, f64, f64) -> f64,
) {
    for lane in 0..LANES {
        to.0[lane] = f(a.at(lane), b.at(lane), c.at(lane));
    }
}
