: Fast potassium channel Kv3.1, gate m (Rettig et al. 1992, EMBO J. 11:2473), as in Hay et al. 2011, PLoS Comput. Biol.
: 7:e1002107; no temperature dependence.

NEURON {
    SUFFIX SKv3_1
    USEION k READ ek WRITE ik
    RANGE gSKv3_1bar, g, ik
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gSKv3_1bar = 1e-5 (S/cm2)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    m_inf
    m_tau (ms)
}

STATE { m }

INITIAL {
    rates()
    m = m_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gSKv3_1bar*m
    ik = g*(v - ek)
}

DERIVATIVE states {
    rates()
    m' = (m_inf - m)/m_tau
}

PROCEDURE rates() {
    m_inf = logistic((v - 18.7)/9.7)
    m_tau = 4*logistic((v + 46.56)/44.14)
}

FUNCTION logistic(x) {
    logistic = 1/(1 + exp(-x))
}
