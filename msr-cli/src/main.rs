//! The command line of msr.

fn main() {}
