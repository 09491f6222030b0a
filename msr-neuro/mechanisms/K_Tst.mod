: Transient potassium channel, gates m^4 h (Korngreen & Sakmann 2000, J. Physiol. 525:621; junction potential 10 mV), as
: in Hay et al. 2011, PLoS Comput. Biol. 7:e1002107 (21 C, Q10 2.3).

NEURON {
    SUFFIX K_Tst
    USEION k READ ek WRITE ik
    RANGE gK_Tstbar, g, ik
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gK_Tstbar = 1e-5 (S/cm2)
    junction = 10 (mV)
    q10 = 2.3
    measured = 21 (degC)   : temperature of the recordings
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
    g = gK_Tstbar*m*m*m*m*h
    ik = g*(v - ek)
}

DERIVATIVE states {
    rates()
    m' = (m_inf - m)/m_tau
    h' = (h_inf - h)/h_tau
}

PROCEDURE rates() {
    LOCAL u
    u = v + junction
    m_inf = logistic(u/19)
    m_tau = (0.34 + 0.92*bell((u + 71)/59))/speed
    h_inf = logistic(-(u + 66)/10)
    h_tau = (8 + 49*bell((u + 73)/23))/speed
}

FUNCTION logistic(x) {
    logistic = 1/(1 + exp(-x))
}

FUNCTION bell(x) {
    bell = exp(-x*x)
}
