//! Energy metabolism of neuron-astrocyte-capillary units: 181 states, 159 fluxes, a stiff solver.
