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
    m_opening (/ms)
    m_closing (/ms)
    h_opening (/ms)
    h_closing (/ms)
    n_opening (/ms)
    n_closing (/ms)
}

STATE { m h n }

INITIAL {
    speed = 3^((celsius - 6.3)/10)
    rates()
    m = m_opening/(m_opening + m_closing)
    h = h_opening/(h_opening + h_closing)
    n = n_opening/(n_opening + n_closing)
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
    m' = m_opening*(1 - m) - m_closing*m
    h' = h_opening*(1 - h) - h_closing*h
    n' = n_opening*(1 - n) - n_closing*n
}

PROCEDURE rates() {
    m_opening = speed*linoid((v + 40)/10)
    m_closing = speed*4*exp(-(v + 65)/18)
    h_opening = speed*0.07*exp(-(v + 65)/20)
    h_closing = speed*1/(1 + exp(-(v + 35)/10))
    n_opening = speed*0.1*linoid((v + 55)/10)
    n_closing = speed*0.125*exp(-(v + 65)/80)
}

: x / (1 - exp(-x)), continued through 0 (Hodgkin & Huxley 1952): a rate that rises linearly with the voltage.
FUNCTION linoid(x) {
    if (fabs(x) < 1e-7) {
        linoid = 1 + 0.5*x
    } else {
        linoid = x/(1 - exp(-x))
    }
}
