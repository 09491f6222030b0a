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
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    cai (mM)
    z_inf
    z_tau (ms)
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
    z_inf = 1/(1 + (half/cai)^hill)
    z_tau = 1
}
