: Transient sodium channel, gates m^3 h. Kinetics: Colbert & Pan 2002, Nat. Neurosci. 5:533, as fitted by Hay et al.
: 2011, PLoS Comput. Biol. 7:e1002107 (recordings at 21 C, Q10 2.3). Shifts and slopes of both gates are free.

NEURON {
    SUFFIX NaTg
    USEION na READ ena WRITE ina
    RANGE gNaTgbar, g, ina, vshiftm, slopem, vshifth, slopeh
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gNaTgbar = 1e-5 (S/cm2)
    vshiftm = 0 (mV)
    slopem = 6 (mV)
    vshifth = 0 (mV)
    slopeh = 6 (mV)
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
    g = gNaTgbar*m*m*m*h
    ina = g*(v - ena)
}

DERIVATIVE states {
    rates()
    m' = m_opening*(1 - m) - m_closing*m
    h' = h_opening*(1 - h) - h_closing*h
}

PROCEDURE rates() {
    LOCAL x, rise
    x = (v - (-38 + vshiftm))/slopem
    rise = linoid(x)
    m_opening = speed*0.182*slopem*rise
    m_closing = speed*0.124*slopem*(rise - x)
    x = (v - (-66 + vshifth))/slopeh
    rise = linoid(x)
    h_opening = speed*0.015*slopeh*(rise - x)
    h_closing = speed*0.015*slopeh*rise
}

: x / (1 - exp(-x)), continued through 0 (Hodgkin & Huxley 1952): a rate that rises linearly with the voltage.
FUNCTION linoid(x) {
    if (fabs(x) < 1e-7) {
        linoid = 1 + 0.5*x
    } else {
        linoid = x/(1 - exp(-x))
    }
}
