: Low-voltage activated calcium channel, gates m^2 h (Avery & Johnston 1996, J. Neurosci. 16:5567; time constants of
: Randall & Tsien 1997, Neuropharmacology 36:879), as in Hay et al. 2011, PLoS Comput. Biol. 7:e1002107: 21 C, Q10 2.3, junction potential 10 mV.

NEURON {
    SUFFIX Ca_LVAst
    USEION ca READ eca WRITE ica
    RANGE gCa_LVAstbar, g, ica
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    gCa_LVAstbar = 1e-5 (S/cm2)
    junction = 10 (mV)
    q10 = 2.3
    measured = 21 (degC)   : temperature of the recordings
}

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
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
    g = gCa_LVAstbar*m*m*h
    ica = g*(v - eca)
}

DERIVATIVE states {
    rates()
    m' = (m_inf - m)/m_tau
    h' = (h_inf - h)/h_tau
}

PROCEDURE rates() {
    LOCAL u
    u = v + junction
    m_inf = logistic((u + 30)/6)
    m_tau = (5 + 20*logistic(-(u + 25)/5))/speed
    h_inf = logistic(-(u + 80)/6.4)
    h_tau = (20 + 50*logistic(-(u + 40)/7))/speed
}

FUNCTION logistic(x) {
    logistic = 1/(1 + exp(-x))
}
