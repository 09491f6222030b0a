TITLE A vessel that widens with the voltage of the endfoot

NEURON {
    SUFFIX vascouplingB
    RANGE Rad, R0pas
}

UNITS { (mV) = (millivolt) }

PARAMETER {
    R0pas = 20 (um)
    widening = 0.02 (/mV)
    rest = -65 (mV)
    tau = 30 (ms)
}

ASSIGNED { v (mV) }

STATE { Rad (um) }

INITIAL { Rad = R0pas }

BREAKPOINT { SOLVE relax METHOD cnexp }

DERIVATIVE relax { Rad' = (R0pas*(1 + widening*(v - rest)) - Rad)/tau }
