: Ions in the cytosol: currents change their concentrations, which diffuse along the cable (Qian & Sejnowski 1989, Biol.
: Cybern. 62:1). Calcium is bound but for a fraction gamma, and removed with one time constant (Destexhe et al. 1994, J.
: Comput. Neurosci. 1:195); only the free part diffuses, so that it spreads gamma times as fast as without buffer (Wagner &
: Keizer 1994, Biophys. J. 67:447). Diffusion coefficients: sodium and potassium Kushmerick & Podolsky 1969, Science
: 166:1297; chloride and free calcium as sodium and as Allbritton, Meyer & Stryer 1992, Science 258:1812.

NEURON {
    SUFFIX internal_ions
    USEION na READ nai, ina WRITE nai
    USEION k READ ki, ik WRITE ki
    USEION ca READ cai, ica WRITE cai
    USEION cl READ cli, icl WRITE cli VALENCE -1
    RANGE gamma, decay, cai_rest
    GLOBAL D_na, D_k, D_ca, D_cl
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
    PI = (pi) (1)
}

PARAMETER {
    gamma = 0.05            : fraction of calcium that stays free
    decay = 80 (ms)         : time constant of removal of calcium
    cai_rest = 5e-5 (mM)
    D_na = 0.6 (um2/ms)
    D_k = 1 (um2/ms)
    D_ca = 0.22 (um2/ms)    : of free calcium
    D_cl = 0.6 (um2/ms)
}

ASSIGNED {
    ina (mA/cm2)
    ik (mA/cm2)
    ica (mA/cm2)
    icl (mA/cm2)
    diam (um)
    section (um2)           : of the segment, across
    girth (um)              : around it, with 1e4 that makes um2 mM/ms of mA/cm2 um / (C/mol)
}

STATE {
    nai (mM)
    ki (mM)
    cai (mM)
    cli (mM)
}

INITIAL {
    section = PI*diam*diam/4
    girth = 1e4*PI*diam
}

BREAKPOINT {
    SOLVE ions METHOD sparse
}

KINETIC ions {
    COMPARTMENT section {nai ki cai cli}
    LONGITUDINAL_DIFFUSION D_na*section {nai}
    LONGITUDINAL_DIFFUSION D_k*section {ki}
    LONGITUDINAL_DIFFUSION gamma*D_ca*section {cai}
    LONGITUDINAL_DIFFUSION D_cl*section {cli}
    ~ nai << (-ina*girth/FARADAY)
    ~ ki << (-ik*girth/FARADAY)
    ~ cli << (icl*girth/FARADAY)
    ~ cai << (-gamma*ica*girth/(2*FARADAY) - section*(cai - cai_rest)/decay)
}
