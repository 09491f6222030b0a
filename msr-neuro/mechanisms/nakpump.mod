: Na+/K+-ATPase: three sodium out, two potassium in for each ATP, which becomes ADP and phosphate. Saturation by the ions:
: Kager, Wadman & Somjen 2000, J. Neurophysiol. 84:495; by ATP: Heinrich & Schuster 1996, The Regulation of Cellular Systems,
: with the constant of Jolivet et al. 2015, PLoS Comput. Biol. 11:e1004036.

NEURON {
    SUFFIX nakpump
    USEION na READ nai WRITE ina
    USEION k READ ko WRITE ik
    USEION atp READ atpi WRITE atpi VALENCE -3
    USEION adp READ adpi WRITE adpi VALENCE -2
    USEION p READ pi WRITE pi VALENCE -3
    RANGE imax, kmnai, kmko, kmatp, i, ina, ik
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    imax = 9e-3 (mA/cm2)   : 8.5e-5 mA/cm2 at the concentrations of rest
    kmnai = 20 (mM)
    kmko = 3.5 (mM)
    kmatp = 0.5 (mM)
}

ASSIGNED {
    nai (mM)
    ko (mM)
    ina (mA/cm2)
    ik (mA/cm2)
    i (mA/cm2)             : net: one charge in a cycle
    diam (um)
    surface (/um)          : surface of a volume
}

STATE {
    atpi (mM)
    adpi (mM)
    pi (mM)
}

INITIAL {
    surface = 4/diam
}

BREAKPOINT {
    SOLVE use METHOD cnexp
    i = imax*(nai/(nai + kmnai))^3*(ko/(ko + kmko))^2*of_atp(atpi)
    ina = 3*i
    ik = -2*i
}

: 1e4 makes mM/ms of mA/cm2 / (C/mol um).
DERIVATIVE use {
    atpi' = -1e4*surface*i/FARADAY
    adpi' = 1e4*surface*i/FARADAY
    pi' = 1e4*surface*i/FARADAY
}

: Nothing is pumped without ATP.
FUNCTION of_atp(x (mM)) {
    of_atp = 0
    if (x > 0) { of_atp = x/(x + kmatp) }
}
