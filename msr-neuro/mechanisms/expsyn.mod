: Synapse whose conductance jumps by the weight (uS) of each event and falls exponentially (Rall 1967, J. Neurophysiol.
: 30:1138, in the limit of an immediate rise).

NEURON {
    POINT_PROCESS ExpSyn
    NONSPECIFIC_CURRENT i
    RANGE tau, e, i
}

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (uS) = (microsiemens)
}

PARAMETER {
    tau = 0.1 (ms)
    e = 0 (mV)
}

ASSIGNED {
    v (mV)
    i (nA)
}

STATE { g (uS) }

INITIAL { g = 0 }

BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = g*(v - e)
}

DERIVATIVE decay { g' = -g/tau }

NET_RECEIVE(weight (uS)) { g = g + weight }
