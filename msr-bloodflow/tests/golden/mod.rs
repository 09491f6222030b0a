//! Comparison with reference values computed outside of this project: AstroVascPy's equations solved in extended
//! precision. Skipped where the data are not there.

mod case;
mod endfeet;
mod morphology;
mod network;
mod ornstein_uhlenbeck;
mod run;
mod sonata;
