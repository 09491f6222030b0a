: Leaks of sodium, potassium and chloride: Cressman et al. 2009, J. Comput. Neurosci. 26:159 (table 1).

NEURON {
    SUFFIX leak
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    USEION cl READ ecl WRITE icl VALENCE -1
    RANGE gna, gk, gcl, ina, ik, icl
}

UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
}

PARAMETER {
    gna = 1.75e-5 (S/cm2)
    gk = 5e-5 (S/cm2)
    gcl = 5e-5 (S/cm2)
}

ASSIGNED {
    v (mV)
    ena (mV)
    ek (mV)
    ecl (mV)
    ina (mA/cm2)
    ik (mA/cm2)
    icl (mA/cm2)
}

BREAKPOINT {
    ina = gna*(v - ena)
    ik = gk*(v - ek)
    icl = gcl*(v - ecl)
}
