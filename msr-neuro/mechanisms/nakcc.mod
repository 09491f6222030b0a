: NKCC1: sodium, potassium and two chloride enter together, at a rate that is proportional to the difference of their chemical
: potentials and rises with potassium outside: Wei, Ullah & Schiff 2014, J. Neurosci. 34:11733.

NEURON {
    SUFFIX nakcc
    USEION na READ nai, nao WRITE ina
    USEION k READ ki, ko WRITE ik
    USEION cl READ cli, clo WRITE icl VALENCE -1
    RANGE u, ina, ik, icl
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    : 0.1 mM/s in a sphere of radius 7 um: 0.1 mol/m3/s * 96485 C/mol * 7 um/3.
    u = 2.25e-3 (mA/cm2)
    half = 16 (mM)      : potassium outside that gives half of the largest rate
    width = 1 (mM)
}

ASSIGNED {
    nai (mM)
    nao (mM)
    ki (mM)
    ko (mM)
    cli (mM)
    clo (mM)
    ina (mA/cm2)
    ik (mA/cm2)
    icl (mA/cm2)
}

BREAKPOINT {
    ina = u/(1 + exp((half - ko)/width))*log(nai*ki*cli^2/(nao*ko*clo^2))
    ik = ina
    icl = -2*ina
}
