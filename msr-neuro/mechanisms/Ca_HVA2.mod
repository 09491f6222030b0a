: High-voltage activated calcium channel, gates m^2 h (Reuveni et al. 1993, J. Neurosci. 13:4609), with inactivation shifted
: as in the thalamic and neocortical e-models of Iavarone et al. 2023, Cell Rep. 42:112200, and Reva et al. 2023, Patterns
: 4:100855; no temperature dependence.

NEURON {
    SUFFIX Ca_HVA2
    USEION ca READ eca WRITE ica
    RANGE gCa_HVAbar, gCa_HVA, ica
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gCa_HVAbar = 1e-5 (S/cm2)
    shift_h = -12.3 (mV)   : of inactivation
}

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    gCa_HVA (S/cm2)
    m_opening (/ms)
    m_closing (/ms)
    h_opening (/ms)
    h_closing (/ms)
}

STATE { m h }

INITIAL {
    rates()
    m = m_opening/(m_opening + m_closing)
    h = h_opening/(h_opening + h_closing)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gCa_HVA = gCa_HVAbar*m*m*h
    ica = gCa_HVA*(v - eca)
}

DERIVATIVE states {
    rates()
    m' = m_opening*(1 - m) - m_closing*m
    h' = h_opening*(1 - h) - h_closing*h
}

PROCEDURE rates() {
    m_opening = 0.055*3.8*linoid((v + 27)/3.8)
    m_closing = 0.94*exp(-(v + 75)/17)
    h_opening = 4.57e-4*exp(-(v - shift_h + 13)/50)
    h_closing = 6.5e-3*logistic((v - shift_h + 15)/28)
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
