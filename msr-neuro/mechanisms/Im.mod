: Muscarinic (M) potassium channel, gate m (Adams, Brown & Constanti 1982, J. Physiol. 330:537); 21 C, Q10 2.3.

NEURON {
    SUFFIX Im
    USEION k READ ek WRITE ik
    RANGE gImbar, g, ik
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gImbar = 1e-5 (S/cm2)
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
    m_opening (/ms)
    m_closing (/ms)
}

STATE { m }

INITIAL {
    speed = q10^((celsius - measured)/10)
    rates()
    m = m_opening/(m_opening + m_closing)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gImbar*m
    ik = g*(v - ek)
}

DERIVATIVE states {
    rates()
    m' = m_opening*(1 - m) - m_closing*m
}

PROCEDURE rates() {
    m_opening = speed*3.3e-3*exp(0.1*(v + 35))
    m_closing = speed*3.3e-3/exp(0.1*(v + 35))
}
