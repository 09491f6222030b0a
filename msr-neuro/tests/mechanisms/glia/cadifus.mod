TITLE Calcium that comes in where glutamate is heard, diffuses along the cell and goes out

NEURON {
    SUFFIX cadifus
    POINTER glu2
    NONSPECIFIC_CURRENT i
    RANGE cai, opened
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    PI = (pi) (1)
}

PARAMETER {
    g = 2e-5 (S/cm2)
    e = -80 (mV)
    rest = 1e-4 (mM)
    decay = 0.05 (/ms)
    inflow = 2e-4 (mM/ms)
    spread = 0.3 (um2/ms)
    pull = 4e-4 (mA/cm2)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    diam (um)
    glu2
    opened
}

STATE { cai (mM) }

INITIAL {
    cai = rest
    opened = 0
}

BREAKPOINT {
    SOLVE flow METHOD sparse
    if (nrn_pointing(glu2) && glu2 > 0) {
        opened = opened + glu2
        glu2 = 0
    }
    i = g*(v - e) - pull*opened
}

KINETIC flow {
    COMPARTMENT PI*diam*diam/4 {cai}
    LONGITUDINAL_DIFFUSION spread*PI*diam*diam/4 {cai}
    ~ cai << ((inflow*opened - decay*(cai - rest))*PI*diam*diam/4)
}
