: Transient sodium channel of soma and dendrites, gates m^3 h: 6 mV above that of axons. Kinetics: Colbert & Pan 2002, Nat.
: Neurosci. 5:533, as fitted by Hay et al. 2011, PLoS Comput. Biol. 7:e1002107 (recordings at 21 C, Q10 2.3).

NEURON {
    SUFFIX NaTs2_t
    USEION na READ ena WRITE ina
    RANGE gNaTs2_tbar, gNaTs2_t, ina
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gNaTs2_tbar = 1e-5 (S/cm2)
    half_m = -32 (mV)
    half_h = -60 (mV)
    slope = 6 (mV)
    q10 = 2.3
    measured = 21 (degC)   : temperature of the recordings
}

ASSIGNED {
    v (mV)
    ena (mV)
    ina (mA/cm2)
    gNaTs2_t (S/cm2)
    celsius (degC)
    speed
    m_opening (/ms)
    m_closing (/ms)
    h_opening (/ms)
    h_closing (/ms)
}

STATE { m h }

INITIAL {
    speed = q10^((celsius - measured)/10)
    rates()
    m = m_opening/(m_opening + m_closing)
    h = h_opening/(h_opening + h_closing)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gNaTs2_t = gNaTs2_tbar*m*m*m*h
    ina = gNaTs2_t*(v - ena)
}

DERIVATIVE states {
    rates()
    m' = m_opening*(1 - m) - m_closing*m
    h' = h_opening*(1 - h) - h_closing*h
}

PROCEDURE rates() {
    LOCAL x, rise
    x = (v - half_m)/slope
    rise = linoid(x)
    m_opening = speed*0.182*slope*rise
    m_closing = speed*0.124*slope*(rise - x)
    x = (v - half_h)/slope
    rise = linoid(x)
    h_opening = speed*0.015*slope*(rise - x)
    h_closing = speed*0.015*slope*rise
}

: x / (1 - exp(-x)), continued through 0 (Hodgkin & Huxley 1952): a rate that rises linearly with the voltage.
FUNCTION linoid(x) {
    if (fabs(x) < 1e-7) {
        linoid = 1 + 0.5*x
    } else {
        linoid = x/(1 - exp(-x))
    }
}
