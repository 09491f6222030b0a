: Calcium in all of a segment: inflow by current through the surface, removal with one time constant (Destexhe et al. 1994, J.
: Comput. Neurosci. 1:195). Free fraction and time constant of removal: Helmchen, Imoto & Sakmann 1996, Biophys. J. 70:1069;
: resting level: Sabatini, Oertner & Svoboda 2002, Neuron 33:439.

NEURON {
    SUFFIX CaDynamics_DC0
    USEION ca READ ica WRITE cai
    RANGE decay, gamma
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    gamma = 0.01            : fraction of calcium that stays free
    decay = 70 (ms)         : time constant of removal
    minCai = 6.5e-5 (mM)    : resting level
}

ASSIGNED {
    ica (mA/cm2)
    diam (um)
    surface (/um)           : surface of a volume
}

STATE { cai (mM) }

INITIAL {
    surface = 4/diam
    cai = minCai
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

: 1e4 makes mM/ms of mA/cm2 / (C/mol um).
DERIVATIVE states {
    cai' = -1e4*gamma*surface*ica/(2*FARADAY) - (cai - minCai)/decay
}
