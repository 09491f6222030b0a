: Slowly inactivating D-type potassium channel of axons, gates m h (Shu, Yu, Yang & McCormick 2007, PNAS 104:11453). As in the
: file that neocortical e-models were fitted with, time constants do not depend on the temperature and the reversal potential
: is the mechanism's own.

NEURON {
    SUFFIX KdShu2007
    USEION k WRITE ik
    RANGE gkbar, g, ik, ek
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
}

PARAMETER {
    gkbar = 1e-5 (S/cm2)
    ek = -100 (mV)
    m_tau = 0.6 (ms)
    h_tau = 1500 (ms)
}

ASSIGNED {
    v (mV)
    ik (mA/cm2)
    g (S/cm2)
    m_inf
    h_inf
}

STATE { m h }

INITIAL {
    rates()
    m = m_inf
    h = h_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gkbar*m*h
    ik = g*(v - ek)
}

DERIVATIVE states {
    rates()
    m' = (m_inf - m)/m_tau
    h' = (h_inf - h)/h_tau
}

PROCEDURE rates() {
    m_inf = logistic((v + 43)/8)
    h_inf = logistic(-(v + 67)/7.3)
}

FUNCTION logistic(x) {
    logistic = 1/(1 + exp(-x))
}
