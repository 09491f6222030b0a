: The squid axon of Hodgkin & Huxley 1952 (J. Physiol. 117:500), with the voltage in today's sign and a rest at -65 mV:
: sodium (m^3 h), potassium (n^4) and leak current; rates at 6.3 C, Q10 3.

NEURON {
    SUFFIX hh
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT il
    RANGE gnabar, gkbar, gl, el, gna, gk
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
}

PARAMETER {
    gnabar = 0.12 (S/cm2)
    gkbar = 0.036 (S/cm2)
    gl = 0.0003 (S/cm2)
    el = -54.3 (mV)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ek (mV)
    ina (mA/cm2)
    ik (mA/cm2)
    il (mA/cm2)
    gna (S/cm2)
    gk (S/cm2)
    speed
    m_inf
    m_tau (ms)
    h_inf
    h_tau (ms)
    n_inf
    n_tau (ms)
}

STATE { m h n }

INITIAL {
    speed = 3^((celsius - 6.3)/10)
    rates()
    m = m_inf
    h = h_inf
    n = n_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gna = gnabar*m*m*m*h
    ina = gna*(v - ena)
    gk = gkbar*n*n*n*n
    ik = gk*(v - ek)
    il = gl*(v - el)
}

DERIVATIVE states {
    rates()
    m' = (m_inf - m)/m_tau
    h' = (h_inf - h)/h_tau
    n' = (n_inf - n)/n_tau
}

PROCEDURE rates() {
    LOCAL opening, closing
    opening = linoid((v + 40)/10)
    closing = 4*exp(-(v + 65)/18)
    m_inf = opening/(opening + closing)
    m_tau = 1/((opening + closing)*speed)
    opening = 0.07*exp(-(v + 65)/20)
    closing = 1/(1 + exp(-(v + 35)/10))
    h_inf = opening/(opening + closing)
    h_tau = 1/((opening + closing)*speed)
    opening = 0.1*linoid((v + 55)/10)
    closing = 0.125*exp(-(v + 65)/80)
    n_inf = opening/(opening + closing)
    n_tau = 1/((opening + closing)*speed)
}

: x / (1 - exp(-x)), continued through 0 (Hodgkin & Huxley 1952): a rate that rises linearly with the voltage.
FUNCTION linoid(x) {
    if (fabs(x) < 1e-7) {
        linoid = 1 + 0.5*x
    } else {
        linoid = x/(1 - exp(-x))
    }
}
