: KCC2: potassium and chloride leave together (Payne 1997, Am. J. Physiol. 273:C1516), at a rate that is proportional to the
: difference of their chemical potentials: Wei, Ullah & Schiff 2014, J. Neurosci. 34:11733.

NEURON {
    SUFFIX kcc2
    USEION k READ ki, ko WRITE ik
    USEION cl READ cli, clo WRITE icl VALENCE -1
    RANGE u, ik, icl
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    : 0.3 mM/s in a sphere of radius 7 um: 0.3 mol/m3/s * 96485 C/mol * 7 um/3.
    u = 6.75e-3 (mA/cm2)
}

ASSIGNED {
    ki (mM)
    ko (mM)
    cli (mM)
    clo (mM)
    ik (mA/cm2)
    icl (mA/cm2)
}

BREAKPOINT {
    ik = u*log(ki*cli/(ko*clo))
    icl = -ik
}
