: Persistent potassium channel, gates m^2 h (Korngreen & Sakmann 2000, J. Physiol. 525:621; junction potential 10 mV), as
: in Hay et al. 2011, PLoS Comput. Biol. 7:e1002107 (21 C, Q10 2.3). Two branches fit activation; they meet at -50 mV.

NEURON {
    SUFFIX K_Pst
    USEION k READ ek WRITE ik
    RANGE gK_Pstbar, g, ik
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gK_Pstbar = 1e-5 (S/cm2)
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
    g = gK_Pstbar*m*m*h
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
    m_inf = logistic((u + 1)/12)
    if (u < -50) {
        m_tau = (1.25 + 175.03*exp(0.026*u))/speed
    } else {
        m_tau = (1.25 + 13*exp(-0.026*u))/speed
    }
    h_inf = logistic(-(u + 54)/11)
    h_tau = (360 + (1010 + 24*(u + 55))*bell((u + 75)/48))/speed
}

FUNCTION logistic(x) {
    logistic = 1/(1 + exp(-x))
}

FUNCTION bell(x) {
    bell = exp(-x*x)
}
