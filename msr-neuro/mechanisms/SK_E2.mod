: Potassium channel of small conductance that calcium opens, gate z (Kohler et al. 1996, Science 273:1709).

NEURON {
    SUFFIX SK_E2
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gSK_E2bar, g, ik
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gSK_E2bar = 1e-5 (S/cm2)
    half = 4.3e-4 (mM)   : calcium that opens half of the channels
    hill = 4.8
    least = 1e-7 (mM)    : calcium below is raised by this much
    z_tau = 1 (ms)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    cai (mM)
    z_inf
}

STATE { z }

INITIAL {
    rates()
    z = z_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gSK_E2bar*z
    ik = g*(v - ek)
}

DERIVATIVE states {
    rates()
    z' = (z_inf - z)/z_tau
}

PROCEDURE rates() {
    LOCAL ca
    ca = cai
    if (ca < least) { ca = ca + least }
    z_inf = 1/(1 + (half/ca)^hill)
}
