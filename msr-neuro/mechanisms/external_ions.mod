: Ions in a thin space around the membrane: currents change their concentrations, which return to those of the bath with one
: time constant (Frankenhaeuser & Hodgkin 1956, J. Physiol. 131:341).

NEURON {
    SUFFIX external_ions
    USEION na READ nao, ina WRITE nao
    USEION k READ ko, ik WRITE ko
    USEION cl READ clo, icl WRITE clo VALENCE -1
    RANGE thickness, exchange, na_bath, k_bath, cl_bath
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    thickness = 0.3 (um)
    exchange = 40 (ms)
    na_bath = 140 (mM)
    k_bath = 5 (mM)
    cl_bath = 130 (mM)
}

ASSIGNED {
    ina (mA/cm2)
    ik (mA/cm2)
    icl (mA/cm2)
}

STATE {
    nao (mM)
    ko (mM)
    clo (mM)
}

BREAKPOINT {
    SOLVE space METHOD cnexp
}

: 1e4 makes mM/ms of mA/cm2 / (C/mol um).
DERIVATIVE space {
    nao' = 1e4*ina/(FARADAY*thickness) - (nao - na_bath)/exchange
    ko' = 1e4*ik/(FARADAY*thickness) - (ko - k_bath)/exchange
    clo' = -1e4*icl/(FARADAY*thickness) - (clo - cl_bath)/exchange
}
