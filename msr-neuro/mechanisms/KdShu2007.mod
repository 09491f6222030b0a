: Slowly inactivating D-type potassium channel of axons, gates m h (Shu, Yu, Yang & McCormick 2007, PNAS 104:11453);
: 22 C, Q10 2.3.

NEURON {
    SUFFIX KdShu2007
    USEION k READ ek WRITE ik
    RANGE gkbar, g, ik
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gkbar = 1e-5 (S/cm2)
    q10 = 2.3
    measured = 22 (degC)   : temperature of the recordings
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    celsius (degC)
    speed
    m_inf
    m_tau (ms)
    h_inf
    h_tau (ms)
}

STATE { m h }

INITIAL {
    speed = q10^((celsius - measured)/10)
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
    m_tau = 1/speed
    h_inf = logistic(-(v + 67)/7.3)
    h_tau = 1500/speed
}

FUNCTION logistic(x) {
    logistic = 1/(1 + exp(-x))
}
