: Gap junction: a conductance to the voltage of another place (Bennett 1966, Ann. N. Y. Acad. Sci. 137:509). Let vgap be that
: voltage.

NEURON {
    POINT_PROCESS Gap
    NONSPECIFIC_CURRENT i
    RANGE g, i, vgap, synapseID, selected_for_report
}

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (nS) = (nanosiemens)
}

PARAMETER {
    g = 1 (nS)
    vgap = 0 (mV)
    microsiemens = 1e-3       : for 1 nS
    synapseID = 0             : for programs that name synapses; no effect, like the following
    selected_for_report = 0
}

ASSIGNED {
    v (mV)
    i (nA)
}

BREAKPOINT {
    i = (v - vgap)*g*microsiemens
}
