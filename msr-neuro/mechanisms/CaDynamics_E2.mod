: Calcium below the membrane: inflow by current, removal with one time constant (Destexhe et al. 1994, J. Comput.
: Neurosci. 1:195), as in Hay et al. 2011, PLoS Comput. Biol. 7:e1002107.

NEURON {
    SUFFIX CaDynamics_E2
    USEION ca READ ica WRITE cai
    RANGE gamma, decay, depth, minCai
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    gamma = 0.05          : fraction of calcium that stays free
    decay = 80 (ms)       : time constant of removal
    depth = 0.1 (um)      : thickness of the shell
    minCai = 1e-4 (mM)    : resting level
}

ASSIGNED {
    ica (mA/cm2)
}

STATE { cai (mM) }

BREAKPOINT {
    SOLVE states METHOD cnexp
}

: 1e4 makes mM/ms of mA/cm2 / (C/mol um).
DERIVATIVE states {
    cai' = -1e4*gamma*ica/(2*FARADAY*depth) - (cai - minCai)/decay
}
