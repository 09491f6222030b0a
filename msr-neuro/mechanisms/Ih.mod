: Hyperpolarisation-activated cation current, gate m (Kole, Hallermann & Stuart 2006, J. Neurosci. 26:1677). Sodium and
: potassium carry it in the constant proportion that gives the reversal potential ehcn at the first concentrations.

NEURON {
    SUFFIX Ih
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    RANGE gIhbar, ehcn, g, i, sodium_fraction
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
}

PARAMETER {
    gIhbar = 1e-5 (S/cm2)
    ehcn = -45 (mV)
}

ASSIGNED {
    v (mV)
    ena (mV)
    ek (mV)
    ina (mA/cm2)
    ik (mA/cm2)
    i (mA/cm2)
    g (S/cm2)
    sodium_fraction
    m_opening (/ms)
    m_closing (/ms)
}

STATE { m }

INITIAL {
    sodium_fraction = (ehcn - ek)/(ena - ek)
    rates()
    m = m_opening/(m_opening + m_closing)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gIhbar*m
    ina = g*sodium_fraction*(v - ena)
    ik = g*(1 - sodium_fraction)*(v - ek)
    i = ina + ik
}

DERIVATIVE states {
    rates()
    m' = m_opening*(1 - m) - m_closing*m
}

PROCEDURE rates() {
    m_opening = 6.43e-3*11.9*linoid(-(v + 154.9)/11.9)
    m_closing = 0.193*exp(v/33.1)
}

: x / (1 - exp(-x)), continued through 0 (Hodgkin & Huxley 1952): a rate that rises linearly with the voltage.
FUNCTION linoid(x) {
    if (fabs(x) < 1e-7) {
        linoid = 1 + 0.5*x
    } else {
        linoid = x/(1 - exp(-x))
    }
}
