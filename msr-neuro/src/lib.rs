//! Morphologically detailed neurons: branched cable equation, ion channels, pumps, ion and ATP concentrations, synapses, spikes.
