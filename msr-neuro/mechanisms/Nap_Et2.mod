: Persistent sodium channel, gates m^3 h (Magistretti & Alonso 1999, J. Gen. Physiol. 114:491), as in Hay et al. 2011,
: PLoS Comput. Biol. 7:e1002107: activation takes six times as long as that of the transient channel.

NEURON {
    SUFFIX Nap_Et2
    USEION na READ ena WRITE ina
    RANGE gNap_Et2bar, g, ina
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gNap_Et2bar = 1e-5 (S/cm2)
    q10 = 2.3
    measured = 21 (degC)   : temperature of the recordings
}

ASSIGNED {
    v (mV)
    ena (mV)
    ina (mA/cm2)
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
    g = gNap_Et2bar*m*m*m*h
    ina = g*(v - ena)
}

DERIVATIVE states {
    rates()
    m' = (m_inf - m)/m_tau
    h' = (h_inf - h)/h_tau
}

PROCEDURE rates() {
    LOCAL x, rise, opening, closing
    x = (v + 38)/6
    rise = linoid(x)
    m_inf = logistic((v + 52.6)/4.6)
    m_tau = 6/(6*(0.182*rise + 0.124*(rise - x))*speed)
    opening = 2.88e-6*4.63*linoid(-(v + 17)/4.63)
    closing = 6.94e-6*2.63*linoid((v + 64.4)/2.63)
    h_inf = logistic(-(v + 48.8)/10)
    h_tau = 1/((opening + closing)*speed)
}

: x / (1 - exp(-x)), continued through 0 (Hodgkin & Huxley 1952): a rate that rises linearly with the voltage.
FUNCTION linoid(x) {
    if (fabs(x) < 1e-7) {
        linoid = 1 + 0.5*x
    } else {
        linoid = x/(1 - exp(-x))
    }
}

FUNCTION logistic(x) {
    logistic = 1/(1 + exp(-x))
}
