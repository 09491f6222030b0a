//! What is to be simulated, as plain data: SONATA simulation and circuit configuration, node sets, node and edge populations.
