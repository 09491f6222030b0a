//! Statistics of the circuit.
