//! Writes SONATA spikes and reports of anything that implements Simulator.
